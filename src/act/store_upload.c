/* act/store_upload.c - a backup into the bucket: one file as one object, a directory file by file
 * with the list of them last. Afterwards size and sum of every object are held against our own. */
#include "store_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/archive.h"
#include "archive_priv.h"
#include "base/jsonw.h"
#include "base/str.h"
#include "io/file.h"
#include "wire/digest.h"

struct upload {
    struct store *store;
    struct job *job;
    struct arena *arena;
    const char *path, *name, *sha256, *record;
    const char *key, *id; /* of an upload in parts that is not complete; NULL = none */
    int fd, record_fd;
    size_t record_len;
    int64_t sent_bytes;
    unsigned n_parts;
    bool begun; /* something of it may be in the bucket under its final keys */
};

/* ---- the bucket ---- */

static bool make_bucket(struct upload *u, struct err *err) {
    struct http_reply r;
    struct store_call c = {.method = "HEAD"};
    if (!store_send(u->store, u->arena, &c, &r, err))
        return false;
    if (r.status != 404)
        return store_accepted(u->store, "store.bucket", &r, err);
    c = (struct store_call){.method = "PUT", .body = "", .body_len = 0};
    if (!store_send(u->store, u->arena, &c, &r, err) ||
        !store_accepted(u->store, "store.make_bucket", &r, err))
        return false;
    job_result(u->job, "bucket", "%s, made for it", store_bucket(u->store));
    return true;
}

/* ---- the record, by which a later run finds what one that died had put there ---- */

/* In one write, and never shorter than the one before: a kill leaves either of them. */
static bool write_record(struct upload *u, struct err *err) {
    struct str json;
    struct jsonw w;
    str_init(&json, UPLOAD_RECORD_MAX);
    jsonw_init(&w, &json, JSONW_LINE);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "bucket", store_bucket(u->store));
    if (u->id) {
        jsonw_put_string(&w, "key", u->key);
        jsonw_put_string(&w, "uploadId", u->id);
    }
    jsonw_close(&w, '}');
    while (json.len < u->record_len)
        str_putc(&json, ' ');
    u->record_len = json.len;
    bool ok = pwrite(u->record_fd, str_get(&json), json.len, 0) == (ssize_t)json.len &&
              fsync(u->record_fd) == 0;
    str_done(&json);
    return ok || err_set(err, E_IO, "store.record", u->record, "%s", strerror(errno));
}

static bool open_record(struct upload *u, struct err *err) {
    if (!file_lock(u->record, &u->record_fd, err))
        return false;
    return u->record_fd >= 0 ||
           err_set(err, E_IO, "store.upload", u->record, "another upload of it is running");
}

static bool on_id(void *ctx, const char *key, const char *id, struct err *err) {
    struct upload *u = ctx;
    u->key = id ? key : NULL;
    u->id = id;
    return !id && !u->begun ? true : write_record(u, err);
}

static void on_sent(void *ctx, int64_t bytes) {
    struct upload *u = ctx;
    u->sent_bytes += bytes;
    job_progress(u->job, u->sent_bytes, NULL);
}

/* Small and whole in one request; behind what it tells of. */
static bool send_manifest(struct upload *u, struct err *err) {
    struct file_content f;
    struct http_reply r;
    const char *path = arena_printf(u->arena, "%s" BACKUP_MANIFEST, u->path);
    if (access(path, F_OK) != 0)
        return true;
    if (!readfile(u->arena, path, BACKUP_NOTE_MAX, &f, err))
        return false;
    struct store_call c = {.method = "PUT",
                           .key = arena_printf(u->arena, "%s" BACKUP_MANIFEST, u->name),
                           .body = f.bytes,
                           .body_len = f.len};
    return store_send(u->store, u->arena, &c, &r, err) &&
           store_accepted(u->store, "store.manifest", &r, err);
}

static bool is_there(const char *key, int64_t there_bytes, const char *there_etag, int64_t bytes,
                     const char *etag, struct err *err) {
    if (there_bytes != bytes)
        return err_set(err, E_PROTOCOL, "store.verify", key, "the store holds %lld bytes of %lld",
                       (long long)there_bytes, (long long)bytes);
    return store_etag_is(there_etag, etag) ||
           err_set(err, E_PROTOCOL, "store.verify", key, "the store's sum is %s, ours is %s",
                   there_etag, etag);
}

static bool keeps_digest(struct upload *u, const struct store_copy *c, struct err *err) {
    return strcmp(c->sha256, u->sha256) == 0 ||
           err_set(err, E_PROTOCOL, "store.verify", u->name,
                   "the store did not keep the digest that was sent with it");
}

/* ---- one file ---- */

static bool put_file(struct upload *u, struct err *err) {
    struct stat st;
    struct store_copy c;
    u->fd = open(u->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (u->fd < 0 || fstat(u->fd, &st) != 0)
        return err_set(err, E_IO, "store.upload", u->path, "%s", strerror(errno));
    if (!st.st_size)
        return err_set(err, E_IO, "store.upload", u->path, "is empty");
    struct store_put p = {.store = u->store,
                          .arena = u->arena,
                          .key = u->name,
                          .path = u->path,
                          .fd = u->fd,
                          .size_bytes = st.st_size,
                          .in_parts = true,
                          .meta = {META_SHA256, u->sha256},
                          .on_id = on_id,
                          .on_sent = on_sent,
                          .ctx = u};
    job_stage(u->job, "upload", UNIT_BYTES, st.st_size);
    if (!store_put(&p, err))
        return false;
    u->begun = true;
    if (!store_look(u->store, u->arena, u->name, &c, err) ||
        !is_there(u->name, c.size_bytes, c.etag, p.size_bytes, p.etag, err) ||
        !keeps_digest(u, &c, err) || !send_manifest(u, err))
        return false;
    job_result(u->job, "copy", "%s/%s in %u parts, size and sum verified", store_bucket(u->store),
               u->name, p.n_parts);
    return true;
}

/* ---- a directory ---- */

struct sent { /* of each file, as it was sent */
    const char *key, *etag;
    int64_t size_bytes;
};

static bool put_member(struct upload *u, const struct member *m, struct store_file *file,
                       struct sent *ret, struct err *err) {
    struct stat st;
    int fd = member_open(u->fd, u->path, m->name, &st, err);
    if (fd < 0)
        return false;
    struct store_put p = {.store = u->store,
                          .arena = u->arena,
                          .key = arena_printf(u->arena, "%s/%s", u->name, m->name),
                          .path = m->name,
                          .fd = fd,
                          .size_bytes = st.st_size,
                          .on_id = on_id,
                          .on_sent = on_sent,
                          .ctx = u};
    bool ok = store_put(&p, err);
    close(fd);
    *file = (struct store_file){.name = m->name, .sha256 = arena_strdup(u->arena, p.sha256)};
    *ret = (struct sent){p.key, p.etag, p.size_bytes};
    return ok;
}

/* Its digest is the backup's, so what was sent is what was read back. */
static bool make_index(struct upload *u, const struct store_files *f, struct str *index,
                       struct err *err) {
    char hex[DIGEST_HEX_SIZE];
    for (uint32_t i = 0; i < f->n; i++)
        str_printf(index, "%s  %s\n", f->at[i].sha256, f->at[i].name);
    digest_sha256_hex(str_get(index), index->len, hex);
    return strcmp(hex, u->sha256) == 0 ||
           err_set(err, E_IO, "store.upload", u->path,
                   "what was sent has SHA-256 %.12s..., and the backup %.12s...: it was changed "
                   "meanwhile",
                   hex, u->sha256);
}

static bool put_index(struct upload *u, const struct store_files *f, const struct str *index,
                      struct err *err) {
    struct http_reply r;
    struct store_copy c;
    char etag[33];
    struct store_call call = {
        .method = "PUT",
        .key = arena_printf(u->arena, "%s" BACKUP_INDEX, u->name),
        .body = str_get(index),
        .body_len = index->len,
        .meta = {{META_SHA256, u->sha256},
                 {META_FILES, arena_printf(u->arena, "%u", f->n)},
                 {META_BYTES, arena_printf(u->arena, "%lld", (long long)u->sent_bytes)}}};
    store_md5_hex(str_get(index), index->len, etag);
    if (!store_send(u->store, u->arena, &call, &r, err) ||
        !store_accepted(u->store, "store.index", &r, err) ||
        !store_look(u->store, u->arena, u->name, &c, err) || !keeps_digest(u, &c, err))
        return false;
    if (!c.whole || !store_etag_is(c.etag, etag))
        return err_set(err, E_PROTOCOL, "store.verify", call.key,
                       "the store shows %u files of %u, %lld bytes of %lld, or another list",
                       c.n_files, f->n, (long long)c.size_bytes, (long long)u->sent_bytes);
    return true;
}

static bool put_members(struct upload *u, const struct members *m, struct str *index,
                        struct err *err) {
    struct store_files f = {.at = arena_alloc(u->arena, (m->n + 1) * sizeof *f.at), .n = m->n};
    struct sent *sent = arena_alloc(u->arena, (m->n + 1) * sizeof *sent);
    for (uint32_t i = 0; i < m->n; i++)
        if (!put_member(u, &m->at[i], &f.at[i], &sent[i], err))
            return false;
    if (!make_index(u, &f, index, err) || !store_files_look(u->store, u->arena, u->name, &f, err))
        return false;
    for (uint32_t i = 0; i < m->n; i++)
        if (!is_there(sent[i].key, f.at[i].there_bytes, f.at[i].there_etag, sent[i].size_bytes,
                      sent[i].etag, err))
            return false;
    return send_manifest(u, err) && put_index(u, &f, index, err);
}

static bool put_directory(struct upload *u, struct err *err) {
    struct members m;
    struct str index;
    u->fd = open(u->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (u->fd < 0)
        return err_set(err, E_IO, "store.upload", u->path, "%s", strerror(errno));
    if (!members_read(u->fd, u->path, u->arena, &m, err))
        return false;
    if (m.n > STORE_FILES_MAX)
        return err_set(err, E_TOO_BIG, "store.upload", u->path,
                       "has %u files, and a copy at most %u: take the backup as one file", m.n,
                       STORE_FILES_MAX);
    job_stage(u->job, "upload", UNIT_BYTES, members_size(u->fd));
    u->begun = true;
    str_init(&index, BACKUP_NOTE_MAX);
    bool ok = write_record(u, err) && put_members(u, &m, &index, err);
    str_done(&index);
    if (ok)
        job_result(u->job, "copy", "%s/%s/ of %u files, size and sum of each verified",
                   store_bucket(u->store), u->name, m.n);
    return ok;
}

/* ---- what is left behind ---- */

/* On a connection of its own: a cancelled job's sends nothing more. True where nothing is left. */
static bool clear(const struct settings *s, struct arena *a, const char *key, const char *id,
                  const char *name, struct err *err) {
    struct store *st = NULL;
    bool ok = store_open(s, -1, &st, err) && (!id || store_abort(st, a, key, id, err)) &&
              (!name || store_remove(st, a, name, err));
    store_close(st);
    return ok;
}

/* One that stays makes the next upload look into the store once more, no worse. */
static bool forget(struct job *j, const char *record) {
    struct err err;
    bool ok = file_remove(record, &err);
    if (!ok)
        job_log(j, "%s stays until the next upload: %s", record, err.why);
    return ok;
}

static void give_up(struct upload *u) {
    struct err why;
    if (u->record_fd < 0)
        return;
    if (clear(store_settings(u->store), u->arena, u->key, u->id, u->begun ? u->name : NULL, &why))
        forget(u->job, u->record);
    else
        job_log(u->job, "what was put there of %s stays until the next upload: %s", u->name,
                why.why);
}

uint32_t store_leftovers(const char *dir, struct arena *a, const char **names, uint32_t max) {
    const char **all;
    uint32_t n = 0, n_all = readnames(a, dir, UPLOAD_RECORD, &all);
    int64_t ignored_s;
    for (uint32_t i = 0; i < n_all && n < max; i++)
        if (backup_time_of_name(all[i], &ignored_s) &&
            !file_is_locked(arena_printf(a, "%s/%s" UPLOAD_RECORD, dir, all[i])))
            names[n++] = all[i];
    return n;
}

/* A directory's copy that has its last object is whole, whenever its runner died then. */
static bool is_half(const struct settings *s, struct arena *a, const char *name, bool *ret,
                    struct err *err) {
    struct store *st = NULL;
    struct store_copy *all;
    uint32_t n;
    bool ok = store_open(s, -1, &st, err) && store_list(st, a, &all, &n, err);
    *ret = true;
    for (uint32_t i = 0; ok && i < n; i++)
        if (strcmp(all[i].name, name) == 0 && all[i].indexed)
            *ret = false;
    store_close(st);
    return ok;
}

/* One whose upload was not begun yet has an empty record. */
static bool clear_one(struct job *j, const char *path, const char *name, struct err *err) {
    struct file_content f;
    struct arena *a = job_arena(j);
    const char *key, *id;
    bool half = false;
    if (!readfile(a, path, UPLOAD_RECORD_MAX, &f, err) ||
        !store_record_read(f.bytes, f.len, a, &key, &id, err))
        return false;
    if (f.len && backup_is_directory(name) && !is_half(job_settings(j), a, name, &half, err))
        return false;
    return (!id && !half) || clear(job_settings(j), a, key, id, half ? name : NULL, err);
}

void store_clear_leftovers(struct job *j, const char *dir) {
    const char *names[64];
    struct err err;
    uint32_t n = store_leftovers(dir, job_arena(j), names, ARRAY_LEN(names));
    for (uint32_t i = 0; i < n; i++) {
        const char *path = arena_printf(job_arena(j), "%s/%s" UPLOAD_RECORD, dir, names[i]);
        if (!clear_one(j, path, names[i], &err))
            job_log(j, "what was put there of %s stays in the store: %s", names[i], err.why);
        else if (forget(j, path))
            job_result(j, "aborted", "the upload of %s, left by one that died", names[i]);
    }
}

/* ---- all of it ---- */

bool store_upload(struct store *st, struct job *j, const char *path, const char *sha256,
                  struct err *err) {
    struct upload u = {.store = st,
                       .job = j,
                       .arena = job_arena(j),
                       .path = path,
                       .name = path_name(path),
                       .sha256 = sha256,
                       .record = arena_printf(job_arena(j), "%s" UPLOAD_RECORD, path),
                       .fd = -1,
                       .record_fd = -1};
    bool ok = make_bucket(&u, err) && open_record(&u, err) &&
              (backup_is_directory(u.name) ? put_directory(&u, err) : put_file(&u, err));
    if (ok)
        forget(j, u.record);
    else
        give_up(&u);
    if (u.fd >= 0)
        close(u.fd);
    if (u.record_fd >= 0)
        close(u.record_fd);
    return ok;
}
