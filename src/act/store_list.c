/* act/store_list.c - what copies are in the bucket, and whether a directory's is whole. */
#include "store_priv.h"

#include <stdlib.h>
#include <string.h>

#include "archive_priv.h"
#include "base/str.h"

#define PAGES_MAX 1000 /* of a thousand objects each */

/* ---- objects ---- */

/* Every object whose key begins with `prefix`. */
static bool store_walk(struct store *st, struct arena *a, const char *prefix,
                       void (*on_object)(void *ctx, const struct store_object *o), void *ctx,
                       struct err *err) {
    struct http_reply r;
    const char *token = "",
               *list = arena_printf(a, "list-type=2&prefix=%s", store_encode(a, prefix));
    for (int page = 0; page < PAGES_MAX; page++) {
        struct arena of_page;
        struct store_call c = {.method = "GET", .query = list};
        arena_init(&of_page);
        if (*token)
            c.query = arena_printf(&of_page, "continuation-token=%s&%s",
                                   store_encode(&of_page, token), list);
        bool ok = store_send(st, &of_page, &c, &r, err);
        bool none = ok && r.status == 404; /* the bucket is made by the first upload */
        ok = ok && (none || store_accepted(st, "store.list", &r, err));
        token = NULL;
        if (ok && !none && !store_page_read(r.body, r.body_len, a, on_object, ctx, &token))
            ok = err_set(err, E_WRONG_THING, "store.list", store_bucket(st),
                         "the answer is no list of S3: is MINIO_PORT the API's port?");
        arena_done(&of_page);
        if (!ok || !token)
            return ok;
    }
    return err_set(err, E_TOO_BIG, "store.list", store_bucket(st),
                   "holds more than %d objects of backups", PAGES_MAX * 1000);
}

/* ---- copies ---- */

struct gathering {
    struct store_copies all;
    struct arena *arena;
};

static void gather(void *ctx, const struct store_object *o) {
    struct gathering *g = ctx;
    store_copies_add(&g->all, g->arena, o);
}

static int64_t header_number(const struct http_reply *r, const char *name) {
    int64_t n;
    const char *text = http_reply_header(r, name);
    return str_to_i64(text, 0, INT64_MAX, &n) ? n : -1;
}

/* One object, or a directory's last one: what was told when it was put there. */
static bool look_told(struct store *st, struct arena *a, struct store_copy *c, struct err *err) {
    struct http_reply r;
    bool directory = backup_is_directory(c->name);
    struct store_call call = {
        .method = "HEAD", .key = directory ? arena_printf(a, "%s" BACKUP_INDEX, c->name) : c->name};
    if (!store_send(st, a, &call, &r, err))
        return false;
    if (r.status == 404) /* gone since it was listed */
        c->whole = c->indexed = false;
    else if (!store_accepted(st, "store.look", &r, err))
        return false;
    const char *etag = http_reply_header(&r, "etag"), *told = http_reply_header(&r, META_SHA256);
    c->etag = etag ? etag : "";
    c->sha256 = told ? told : "";
    if (directory)
        c->whole = c->indexed && header_number(&r, META_FILES) == (int64_t)c->n_files &&
                   header_number(&r, META_BYTES) == c->size_bytes;
    return true;
}

static int newest_first(const void *x, const void *y) {
    return strcmp(((const struct store_copy *)y)->name, ((const struct store_copy *)x)->name);
}

/* A manifest alone is no copy. */
static bool is_copy(const struct store_copy *c) {
    return c->whole || c->indexed || c->n_files;
}

static bool read_copies(struct store *st, struct arena *a, const char *prefix,
                        struct store_copies *ret, struct err *err) {
    struct gathering g = {.arena = a};
    g.all.at = arena_alloc(a, STORE_COPIES_MAX * sizeof *g.all.at);
    if (!store_walk(st, a, prefix, gather, &g, err))
        return false;
    if (g.all.full)
        return err_set(err, E_TOO_BIG, "store.list", store_bucket(st),
                       "holds copies of more than %u backups", STORE_COPIES_MAX);
    *ret = (struct store_copies){.at = g.all.at};
    for (uint32_t i = 0; i < g.all.n; i++)
        if (is_copy(&g.all.at[i]))
            ret->at[ret->n++] = g.all.at[i];
    for (uint32_t i = 0; i < ret->n; i++)
        if (ret->at[i].indexed && !look_told(st, a, &ret->at[i], err))
            return false;
    return true;
}

bool store_list(struct store *st, struct arena *a, struct store_copy **ret, uint32_t *ret_n,
                struct err *err) {
    struct store_copies all;
    if (!read_copies(st, a, BACKUP_PREFIX, &all, err))
        return false;
    if (all.n)
        qsort(all.at, all.n, sizeof *all.at, newest_first);
    *ret = all.at;
    *ret_n = all.n;
    return true;
}

bool store_look(struct store *st, struct arena *a, const char *name, struct store_copy *ret,
                struct err *err) {
    struct store_copies all;
    int64_t ignored_s;
    if (!backup_time_of_name(name, &ignored_s))
        return err_set(err, E_CONFIG, "store.look", name, "is no name of a backup");
    if (!read_copies(st, a, name, &all, err))
        return false;
    if (!all.n)
        return err_set(err, E_IO, "store.look", store_bucket(st), "holds no %s", name);
    *ret = all.at[0];
    return ret->indexed || backup_is_directory(name) || look_told(st, a, ret, err);
}

/* ---- the files of a directory's copy ---- */

struct looking {
    struct store_files *files;
    struct arena *arena;
    size_t prefix_len;
    const char *foreign;
};

static void look_at(void *ctx, const struct store_object *o) {
    struct looking *l = ctx;
    struct store_file *f = store_files_find(l->files, o->key + l->prefix_len);
    if (!f) {
        l->foreign = o->key;
        return;
    }
    f->there_bytes = o->size_bytes;
    f->there_etag = o->etag;
}

bool store_files_look(struct store *st, struct arena *a, const char *name, struct store_files *f,
                      struct err *err) {
    const char *prefix = arena_printf(a, "%s/", name);
    struct looking l = {f, a, strlen(prefix), NULL};
    if (!store_walk(st, a, prefix, look_at, &l, err))
        return false;
    if (l.foreign)
        return err_set(err, E_PROTOCOL, "store.files", l.foreign,
                       "is no part of the backup: something else was put there");
    for (uint32_t i = 0; i < f->n; i++)
        if (!f->at[i].there_etag)
            return err_set(err, E_PROTOCOL, "store.files",
                           arena_printf(a, "%s%s", prefix, f->at[i].name),
                           "is missing in the store: the copy is not whole");
    return true;
}

/* ---- away with it ---- */

static bool delete_object(struct store *st, const char *key, struct err *err) {
    struct arena a;
    struct http_reply r;
    struct store_call c = {.method = "DELETE", .key = key};
    arena_init(&a);
    bool ok = store_send(st, &a, &c, &r, err) &&
              (r.status == 404 || store_accepted(st, "store.delete", &r, err));
    arena_done(&a);
    return ok;
}

struct keys {
    struct arena *arena;
    const char **at;
    uint32_t n, max;
};

static void keep_key(void *ctx, const struct store_object *o) {
    struct keys *k = ctx;
    char name[BACKUP_NAME_SIZE];
    if (k->n < k->max && backup_copy_part(o->key, name) == COPY_MEMBER &&
        member_name_fits(o->key + strlen(name) + 1))
        k->at[k->n++] = o->key;
}

/* Only what has a name of ours: another was not put there by an upload. */
static bool delete_files(struct store *st, struct arena *a, const char *name, struct err *err) {
    struct keys k = {.arena = a, .max = STORE_FILES_MAX};
    k.at = arena_alloc(a, k.max * sizeof *k.at);
    if (!store_walk(st, a, arena_printf(a, "%s/", name), keep_key, &k, err))
        return false;
    for (uint32_t i = 0; i < k.n; i++)
        if (!delete_object(st, k.at[i], err))
            return false;
    return true;
}

bool store_remove(struct store *st, struct arena *a, const char *name, struct err *err) {
    bool directory = backup_is_directory(name);
    const char *first = directory ? arena_printf(a, "%s" BACKUP_INDEX, name) : name;
    return delete_object(st, first, err) && (!directory || delete_files(st, a, name, err)) &&
           delete_object(st, arena_printf(a, "%s" BACKUP_MANIFEST, name), err);
}
