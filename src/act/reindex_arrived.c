/* act/reindex_arrived.c - a batch went out and no answer came back: what of it is in the index?
 * Waits until the server has nothing queued and two looks in a row find the same: while it still
 * writes, sending again would only add to its work. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "reindex_priv.h"

struct arrival {
    const char *id, *line;
    size_t n;
    bool there;
};

struct arrivals {
    struct arena *arena;
    struct arrival *at;
    uint32_t n, n_there;
};

static int by_id(const void *a, const void *b) {
    return strcmp(((const struct arrival *)a)->id, ((const struct arrival *)b)->id);
}

static bool on_arrived(void *ctx, const char *line, size_t n) {
    struct arrivals *all = ctx;
    struct arrival key = {0};
    char ignored[64];
    if (!doc_line_id(line, n, all->arena, &key.id))
        return true;
    struct arrival *a = bsearch(&key, all->at, all->n, sizeof *a, by_id);
    if (a && !a->there && !doc_difference(a->line, a->n, line, n, ignored, sizeof ignored)) {
        a->there = true;
        all->n_there++;
    }
    return true;
}

static void list_batch(const struct batch *b, struct arena *a, struct arrivals *all) {
    const char *line = str_get(&b->lines), *end = line + b->lines.len;
    *all = (struct arrivals){.arena = a};
    all->at = arena_alloc(a, (b->n + 1) * sizeof *all->at);
    while (line < end && all->n < b->n) {
        size_t n = doc_line_length(line, end);
        struct arrival *one = &all->at[all->n];
        *one = (struct arrival){.line = line, .n = n};
        all->n += doc_line_id(line, n, a, &one->id);
        line += n;
    }
    qsort(all->at, all->n, sizeof *all->at, by_id);
}

/* The batch becomes what did not arrive. */
static void keep_missing(struct job *j, struct batch *b, const struct arrivals *all) {
    struct str rest;
    str_init(&rest, b->lines.max);
    uint32_t n = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        if (all->at[i].there)
            continue;
        str_add(&rest, all->at[i].line, all->at[i].n);
        n++;
    }
    job_log(j, "of %s whose answer was lost %s arrived; sent again: %s", COUNTED(b->n, "document"),
            GROUPED(all->n_there), GROUPED(n));
    str_done(&b->lines);
    b->lines = rest;
    b->n = n;
}

/* One look at those that were not found yet. */
static bool look_again(struct index *x, const char *collection, struct arrivals *all,
                       int64_t *ret_queued, struct err *err) {
    const char **ids = arena_alloc(all->arena, (all->n + 1) * sizeof *ids);
    uint32_t n = 0;
    for (uint32_t i = 0; i < all->n; i++)
        if (!all->at[i].there)
            ids[n++] = all->at[i].id;
    return index_queued(x, ret_queued, err) &&
           index_fetch(x, collection, ids, n, on_arrived, all, err);
}

bool batch_find_missing(struct job *j, struct index *x, const char *collection, struct batch *b,
                        const char *why, struct err *err) {
    struct arrivals all;
    struct arena a;
    int64_t start = clock_mono_ms(), queued = 0;
    uint32_t attempt = 0, before = UINT32_MAX;
    bool ok = true, known = false;
    job_log(j, "a batch of %s was not answered (%s): looking what arrived",
            COUNTED(b->n, "document"), why);
    arena_init(&a);
    list_batch(b, &a, &all);
    while (ok && !known) {
        ok = index_back_off(x, &attempt, start, "for what is still being written", err);
        if (!ok && err->code != E_CANCELLED)
            err_set(err, E_TIMEOUT, "search", x->url, "it still wrote when the patience was over");
        ok = ok && look_again(x, collection, &all, &queued, err);
        known = all.n_there == all.n || (queued == 0 && all.n_there == before);
        before = all.n_there;
    }
    if (ok)
        keep_missing(j, b, &all);
    arena_done(&a);
    return ok;
}
