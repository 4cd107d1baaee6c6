/* act/store_prune.c - what may go of the bucket: copies that are too old, and uploads in parts that
 * nobody completed. Only what has a name of ours. */
#include "act/backups.h"
#include "archive_priv.h"
#include "base/clock.h"
#include "store_priv.h"

#include <string.h>

/* ---- copies ---- */

static const struct backup_file *find_file(const struct store_retention *r, const char *name) {
    for (uint32_t i = 0; i < r->n_files; i++)
        if (strcmp(r->files[i].name, name) == 0)
            return &r->files[i];
    return NULL;
}

uint32_t store_to_prune(const struct store_retention *r, struct arena *a, uint32_t *ret_indices) {
    struct backup_file *there = arena_alloc(a, (r->n + 1) * sizeof *there);
    uint32_t *old = arena_alloc(a, (r->n + 1) * sizeof *old), n_mine = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        const struct store_copy *copy = &r->copies[i];
        const struct backup_file *here = find_file(r, copy->name);
        there[i] =
            here ? *here
                 : (struct backup_file){.name = copy->name, .state.size_bytes = copy->size_bytes};
        there[i].grade = copy->whole ? 'B' : 'F';
        if (!backup_time_of_name(copy->name, &there[i].taken_wall_s))
            there[i].taken_wall_s = r->now_wall_s;
    }
    uint32_t n_old = r->days ? backups_to_prune(there, r->n, r->now_wall_s, r->days, old) : 0;
    for (uint32_t i = 0; i < n_old; i++)
        if (r->copies[old[i]].whole && r->copies[old[i]].manifest)
            ret_indices[n_mine++] = old[i];
    return n_mine;
}

/* ---- uploads in parts ---- */

struct cuts {
    struct store_cuts *ret;
    int64_t before_wall_s;
};

static void take_cut(void *ctx, const char *key, const char *id) {
    struct cuts *c = ctx;
    char name[BACKUP_NAME_SIZE];
    int64_t taken_wall_s;
    enum copy_part part = backup_copy_part(key, name);
    bool mine =
        part == COPY_ARCHIVE || (part == COPY_MEMBER && member_name_fits(key + strlen(name) + 1));
    if (!mine || !backup_time_of_name(name, &taken_wall_s) || taken_wall_s >= c->before_wall_s ||
        c->ret->n == STORE_CUTS_MAX)
        return;
    c->ret->at[c->ret->n].key = key;
    c->ret->at[c->ret->n++].id = id;
}

bool store_cuts(struct store *st, const struct store_retention *r, struct arena *a,
                struct store_cuts *ret, struct err *err) {
    struct http_reply reply;
    struct store_call call = {.method = "GET", .query = "uploads="};
    struct cuts c = {.ret = ret, .before_wall_s = r->now_wall_s - (int64_t)r->days * DAY_S};
    int64_t newest_wall_s = INT64_MIN;
    for (uint32_t i = r->n; i-- > 0;)
        if (r->copies[i].whole)
            (void)backup_time_of_name(r->copies[i].name, &newest_wall_s);
    if (newest_wall_s < c.before_wall_s) /* one behind it may be running still */
        c.before_wall_s = newest_wall_s;
    ret->n = 0;
    if (!store_send(st, a, &call, &reply, err))
        return false;
    if (reply.status == 404) /* no bucket yet */
        return true;
    return store_accepted(st, "store.uploads", &reply, err) &&
           (store_uploads_read(reply.body, reply.body_len, a, take_cut, &c) ||
            err_set(err, E_WRONG_THING, "store.uploads", store_bucket(st),
                    "the answer is no list of uploads"));
}

bool store_abort(struct store *st, struct arena *a, const char *key, const char *id,
                 struct err *err) {
    struct http_reply r;
    struct store_call c = {.method = "DELETE",
                           .key = key,
                           .query = arena_printf(a, "uploadId=%s", store_encode(a, id))};
    return store_send(st, a, &c, &r, err) &&
           (r.status == 404 || store_accepted(st, "store.abort", &r, err));
}
