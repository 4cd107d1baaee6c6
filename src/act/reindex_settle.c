/* act/reindex_settle.c - until both sides say the same while the platform goes on writing: what
 * changed is sent again, counts per status are compared, and what counts cannot tell is looked for
 * by id. */
#include <stdlib.h>

#include "base/mem.h"
#include "reindex_priv.h"

#define ROUNDS     8u
#define HEAL_ROUND 3u     /* of four */
#define MANY       20000u /* ids in one statement */

/* ---- catching up ---- */

static bool on_id(void *ctx, const char *line, size_t n) {
    struct id_list *list = ctx;
    struct str id;
    str_init(&id, IDS_MAX_BYTES);
    doc_copy_text(line, n, &id);
    id_list_add(list, str_get(&id), id.len);
    str_done(&id);
    return true;
}

static bool import_list(struct reindex *r, const char *collection, const char *column,
                        const struct id_list *list, uint64_t *ret_rows, struct err *err) {
    const char **ids = mem_alloc(MANY * sizeof *ids);
    size_t at = 0;
    bool ok = true;
    for (uint32_t n; ok && (n = id_list_next(list, &at, ids, MANY));) {
        uint64_t rows = 0;
        struct arena a;
        arena_init(&a);
        ok = reindex_stream(r, collection, source_in(&a, column, ids, n), false, &rows, err);
        arena_done(&a);
        *ret_rows += rows;
    }
    free(ids);
    return ok;
}

/* What changed since the last snapshot. Few rows mostly: two scans find them, and they are joined
 * by their ids; a join of everything takes a minute at five million. */
static bool import_changed(struct reindex *r, const char *collection, const char *xmin,
                           uint64_t *ret_rows, struct err *err) {
    struct id_list listings, properties;
    id_list_init(&listings);
    id_list_init(&properties);
    bool ok = source_changed_ids(&r->source, "Listing", xmin, on_id, &listings, err) &&
              source_changed_ids(&r->source, "Property", xmin, on_id, &properties, err);
    if (ok && listings.n + properties.n <= MANY)
        ok = import_list(r, collection, "l.\"id\"", &listings, ret_rows, err) &&
             import_list(r, collection, "l.\"propertyId\"", &properties, ret_rows, err);
    else if (ok)
        ok = reindex_stream(r, collection, source_changed_since(r->arena, xmin), false, ret_rows,
                            err);
    id_list_done(&listings);
    id_list_done(&properties);
    return ok;
}

static bool catch_up(struct reindex *r, const char *collection, struct status_counts *ret_counts,
                     struct err *err) {
    uint64_t n = 0;
    const char *xmin = r->source.xmin;
    if (!source_begin(&r->source, ret_counts, err) ||
        !import_changed(r, collection, xmin, &n, err) || !source_end(&r->source, err))
        return false;
    if (n)
        job_log(r->job, "%s listings changed meanwhile and were sent again", GROUPED(n));
    return true;
}

/* ---- settling ---- */

/* Finds by id what counts only hint at, and mends it. */
static bool heal(struct reindex *r, const char *collection, struct err *err) {
    struct comparison c;
    struct id_list surplus, wrong;
    const struct compare_request all = {.index = &r->x,
                                        .collection = collection,
                                        .source = &r->source,
                                        .dir = job_state_dir(r->job),
                                        .content = true,
                                        .surplus = &surplus,
                                        .wrong = &wrong};
    uint64_t sent = 0;
    id_list_init(&surplus);
    id_list_init(&wrong);
    bool ok = source_begin(&r->source, NULL, err) && compare_whole(&all, &c, err);
    if (ok)
        job_log(r->job, "compared by id: %s missing, %s stale, %s surplus", GROUPED(c.missing),
                GROUPED(c.stale), GROUPED(c.surplus));
    ok = ok && import_list(r, collection, "l.\"id\"", &wrong, &sent, err) &&
         source_end(&r->source, err) && reindex_share_ok(r, c.surplus, c.index, err) &&
         reindex_remove(r, collection, &surplus, err);
    id_list_done(&surplus);
    id_list_done(&wrong);
    return ok;
}

static bool count_now(struct reindex *r, struct status_counts *ret, struct err *err) {
    return source_begin(&r->source, ret, err) && source_end(&r->source, err);
}

static bool between(const struct status_counts *found, const struct status_counts *before,
                    const struct status_counts *after) {
    const struct status_counts *const all[] = {found, before, after};
    for (size_t k = 0; k < ARRAY_LEN(all); k++)
        for (uint32_t i = 0; i < all[k]->n; i++) {
            const char *status = all[k]->at[i].status;
            int64_t x = status_counts_of(before, status), y = status_counts_of(after, status);
            int64_t n = status_counts_of(found, status);
            if (n < (x < y ? x : y) || n > (x < y ? y : x))
                return false;
        }
    return true;
}

static bool settle_round(struct reindex *r, const char *collection, uint32_t round, bool *ret_equal,
                         struct str *difference, struct err *err) {
    struct status_counts before, found, after;
    const char *xmin;
    if ((round % 4 == HEAL_ROUND && !heal(r, collection, err)) ||
        !catch_up(r, collection, &before, err) || !index_counts(&r->x, collection, &found, err))
        return false;
    xmin = r->source.xmin; /* what the catch-up has seen: a mere count must not move it on */
    if (!count_now(r, &after, err))
        return false;
    r->source.xmin = xmin;
    *ret_equal = between(&found, &before, &after);
    str_clear(difference);
    status_counts_text(&found, *ret_equal ? NULL : &after, difference);
    return true;
}

bool reindex_settle(struct reindex *r, const char *collection, struct err *err) {
    struct str words;
    bool equal = false, ok = true;
    str_init(&words, 2000);
    job_stage(r->job, "verify", UNIT_COUNT, 0);
    for (uint32_t round = 0; ok && !equal && round < ROUNDS; round++) {
        ok = settle_round(r, collection, round, &equal, &words, err);
        if (ok && !equal && r->n_refused)
            break; /* they cannot be equal: the refused ones are said by the caller */
        if (ok && !equal) {
            job_log(r->job, "counts differ (index against database): %s", str_get(&words));
            ok = ask_pause(r->x.ask, 300u << (round % 4), err);
        }
    }
    if (ok && equal)
        job_result(r->job, "documents", "%s", str_get(&words));
    else if (ok && !r->n_refused)
        ok = err_set(err, E_PROTOCOL, "reindex.verify", collection,
                     "counts differ (index against database): %.120s", str_get(&words));
    str_done(&words);
    return ok;
}
