/* act/reindex_modes.c - upsert in place, and recreate: a new collection beside the old one, proved,
 * then put in its place. The API makes an empty `listings` wherever it misses one, and such a
 * collection hides an alias of the name: every swap looks again at what it got. */
#include <string.h>

#include "base/clock.h"
#include "io/file.h"
#include "model/listings.h"
#include "reindex_priv.h"

#define SAMPLE_DOCS    200u
#define SAMPLE_TRIES   3u
#define CONFLICT_TRIES 5u
#define FEW_DOCUMENTS  1000 /* what the API may have put into a collection of its own making */

/* ---- shared ---- */

static void compare_progress(void *ctx, uint64_t done) {
    struct reindex *r = ctx;
    job_progress(r->job, (int64_t)done, NULL);
}

/* A collection that a killed run left. Only what the checkpoint names: a name that merely looks
 * like ours may be somebody's. */
static const char *leftover(struct reindex *r) {
    struct checkpoint old;
    if (!checkpoint_read(r->checkpoint_path, r->arena, &old) || !old.staging)
        return NULL;
    for (uint32_t i = 0; i < r->look.n_leftovers; i++)
        if (strcmp(r->look.leftovers[i], old.staging) == 0)
            return old.staging;
    return NULL;
}

/* It may hold the only copy of synonyms and overrides, when the run died in its swap. */
static bool drop_leftover(struct reindex *r, const char *left, const char *into, struct err *err) {
    if (!left)
        return true;
    if (!r->look.n_synonyms && !r->look.n_overrides && into &&
        !index_copy_extras(&r->x, left, into, err))
        return false;
    if (!index_drop(&r->x, left, err))
        return false;
    job_result(r->job, "dropped", "%s, left by a run that was killed", left);
    return true;
}

static bool refused_ones(const struct reindex *r, const char *collection, struct err *err) {
    if (!r->n_refused)
        return true;
    err_set(err, E_PROTOCOL, "reindex", collection,
            "%s refused by the index: the job's failed.jsonl tells which and why",
            COUNTED(r->n_refused, "document"));
    err->todo = "mend the listings or the schema that the reasons name, then reindex again";
    return false;
}

/* ---- upsert ---- */

/* Before the first write: a wrong database shows as documents that have no listing. */
static bool find_surplus(struct reindex *r, const char *collection, struct id_list *surplus,
                         struct err *err) {
    struct comparison c;
    const struct compare_request ids = {.index = &r->x,
                                        .collection = collection,
                                        .source = &r->source,
                                        .dir = job_state_dir(r->job),
                                        .surplus = surplus,
                                        .progress = compare_progress,
                                        .ctx = r};
    job_stage(r->job, "compare", UNIT_COUNT, 0);
    if (!source_begin(&r->source, NULL, err) || !compare_whole(&ids, &c, err) ||
        !source_end(&r->source, err))
        return false;
    job_log(r->job, "%s, %s: %s missing, %s surplus", COUNTED(c.database, "listing"),
            COUNTED(c.index, "document"), GROUPED(c.missing), GROUPED(c.surplus));
    job_result(r->job, "missing_before", "%llu", (unsigned long long)c.missing);
    job_result(r->job, "surplus_before", "%llu", (unsigned long long)c.surplus);
    if (reindex_share_ok(r, c.surplus, c.index, err))
        return true;
    job_exit_code(r->job, 3); /* nothing was changed */
    return false;
}

/* All is done, or all is taken back. The next run would go on from one that stays, and leave out
 * what is in already. */
static void forget_checkpoint(struct reindex *r) {
    struct err err;
    if (!file_remove(r->checkpoint_path, &err))
        job_result(r->job, "not deleted", "%s: %s; remove it, or the next run goes on from there",
                   r->checkpoint_path, err.why);
}

static bool upsert_into(struct reindex *r, const char *collection, bool fresh, struct err *err) {
    struct id_list surplus;
    id_list_init(&surplus);
    bool ok = (fresh || find_surplus(r, collection, &surplus, err)) &&
              reindex_fill(r, collection, "upsert", err) &&
              reindex_remove(r, collection, &surplus, err) && reindex_settle(r, collection, err) &&
              refused_ones(r, collection, err);
    id_list_done(&surplus);
    if (ok)
        forget_checkpoint(r);
    return ok;
}

bool reindex_upsert(struct reindex *r, struct err *err) {
    bool fresh = r->look.kind == INDEX_MISSING;
    const char *collection = r->look.real, *left = leftover(r);
    if (fresh) {
        collection = r->look.dangling ? r->look.dangling : LISTINGS_COLLECTION;
        if ((left && !index_look_closer(&r->x, left, r->arena, &r->look, err)) ||
            !index_create(&r->x, collection, &r->look, err))
            return false;
        r->look.n_synonyms = r->look.n_overrides = 0; /* of the new one */
        job_result(r->job, "created", "%s", collection);
    } else if (!r->look.counts_statuses) {
        job_exit_code(r->job, 3);
        return err_set(err, E_CONFIG, "reindex.schema", collection,
                       "status is no facet there: the result could not be checked. Use --mode "
                       "recreate");
    }
    return drop_leftover(r, left, collection, err) && upsert_into(r, collection, fresh, err);
}

/* ---- recreate: the new collection ---- */

/* The one a killed run was filling, when it can be gone on with; else a new one. */
static const char *choose_staging(struct reindex *r, bool *ret_new) {
    struct checkpoint old;
    int64_t s = clock_wall_ms() / 1000;
    char time[40], name[64], *to = name;
    *ret_new = false;
    const char *left = leftover(r);
    if (left && checkpoint_read(r->checkpoint_path, r->arena, &old) &&
        strcmp(old.mode, "recreate") == 0 && strcmp(old.collection, left) == 0)
        return left;
    *ret_new = true;
    clock_iso8601(s * 1000, time, sizeof time);
    for (const char *c = time; *c && to < name + 14; c++)
        if (char_is_digit(*c))
            *to++ = *c;
    *to = '\0';
    return arena_printf(r->arena, LISTINGS_COLLECTION "_%s", name);
}

static bool make_staging(struct reindex *r, const char **ret_name, struct err *err) {
    bool is_new;
    const char *name = choose_staging(r, &is_new), *left = leftover(r);
    *ret_name = r->at.staging = name;
    job_in_hand(r->job, "staging", name);
    if (!is_new)
        return true;
    if (!drop_leftover(r, left, r->look.real, err))
        return false;
    /* Its name is on disk before it exists: whatever happens now, the next run knows whose it is.
     */
    struct checkpoint c = {.collection = name,
                           .staging = name,
                           .mode = "recreate",
                           .identity = r->source.identity,
                           .file = r->source.file,
                           .wall_ms = clock_wall_ms()};
    if (!checkpoint_write(r->checkpoint_path, &c, err) || !index_create(&r->x, name, &r->look, err))
        return false;
    job_log(r->job, "made collection %s", name);
    return !r->look.real || index_copy_extras(&r->x, r->look.real, name, err);
}

/* Field by field; what changed in between is caught up with and looked at again. */
static bool prove_sample(struct reindex *r, const char *collection, struct err *err) {
    struct comparison c;
    for (uint32_t i = 0; i < SAMPLE_TRIES; i++) {
        struct status_counts counts;
        const char *xmin = r->source.xmin;
        if (!source_begin(&r->source, &counts, err))
            return false;
        c = (struct comparison){.database = (uint64_t)counts.total};
        if (!compare_sample(&r->x, collection, &r->source, SAMPLE_DOCS, &c, err) ||
            !source_end(&r->source, err))
            return false;
        r->source.xmin = xmin;
        if (!c.missing && !c.stale) {
            job_result(r->job, "sample", "%s equal field by field", COUNTED(c.sample, "document"));
            return true;
        }
        if (!reindex_settle(r, collection, err))
            return false;
    }
    return err_set(err, E_PROTOCOL, "reindex.verify", collection,
                   "a document differs from its listing: %.120s", c.first);
}

static bool fill_staging(struct reindex *r, const char *name, struct err *err) {
    return reindex_fill(r, name, "recreate", err) && refused_ones(r, name, err) &&
           reindex_settle(r, name, err) && prove_sample(r, name, err);
}

/* ---- recreate: the swap ---- */

/* The world may have moved during a long import. */
static bool still_as_planned(struct reindex *r, struct err *err) {
    struct index_look now;
    if (!index_look(&r->x, r->arena, &now, err))
        return false;
    bool same = now.kind == r->look.kind && now.created_s == r->look.created_s &&
                (!now.real) == (!r->look.real) &&
                (!now.real || strcmp(now.real, r->look.real) == 0);
    return same || err_set(err, E_NOT_READY, "reindex.swap", LISTINGS_COLLECTION,
                           "somebody changed the collection or alias while this ran: not swapped");
}

static bool look_for_alias(struct reindex *r, const char *name, struct index_look *ret,
                           bool *ret_is, struct err *err) {
    if (!index_look(&r->x, r->arena, ret, err))
        return false;
    *ret_is = ret->kind == INDEX_ALIAS && strcmp(ret->real, name) == 0;
    return true;
}

static bool drop_old(struct reindex *r, const char *old, struct err *err) {
    if (r->keep_old || r->look.other_alias) {
        job_result(r->job, "kept", "%s%s%s", old, r->look.other_alias ? ", needed by alias " : "",
                   r->look.other_alias ? r->look.other_alias : "");
        return true;
    }
    if (!index_drop(&r->x, old, err))
        return false;
    job_result(r->job, "dropped", "%s", old);
    return true;
}

static bool swap_alias(struct reindex *r, const char *name, struct err *err) {
    struct index_look now;
    bool leads;
    if (!index_point_alias(&r->x, name, err) || !look_for_alias(r, name, &now, &leads, err))
        return false;
    if (!leads)
        return err_set(err, E_PROTOCOL, "reindex.swap", LISTINGS_COLLECTION,
                       "the alias does not lead to %.60s", name);
    job_result(r->job, "alias", "%s -> %s", LISTINGS_COLLECTION, name);
    /* What the API wrote into the old one until a moment ago. */
    return reindex_settle(r, name, err) && (!r->look.real || drop_old(r, r->look.real, err));
}

/* A real `listings` that the API made in the gap: empty, or nearly. */
static bool drop_intruder(struct reindex *r, const struct index_look *now, struct err *err) {
    if (now->kind != INDEX_COLLECTION)
        return true;
    if (now->documents > FEW_DOCUMENTS)
        return err_set(err, E_NOT_READY, "reindex.swap", LISTINGS_COLLECTION,
                       "somebody made it again with %s", COUNTED(now->documents, "document"));
    job_log(r->job, "the API made %s again, with %s documents: dropped", LISTINGS_COLLECTION,
            GROUPED(now->documents));
    return index_drop(&r->x, LISTINGS_COLLECTION, err);
}

static bool swap_to_alias(struct reindex *r, const char *name, struct err *err) {
    struct index_look now = {0};
    if (!index_drop(&r->x, LISTINGS_COLLECTION, err))
        return false;
    for (uint32_t i = 0; i < CONFLICT_TRIES; i++) {
        bool leads;
        /* 500 = the name is a collection's again */
        if ((!index_point_alias(&r->x, name, err) && r->x.status != 500) ||
            !look_for_alias(r, name, &now, &leads, err))
            return false;
        if (leads) {
            job_result(r->job, "alias", "%s -> %s, was a collection", LISTINGS_COLLECTION, name);
            return reindex_settle(r, name, err);
        }
        if (!drop_intruder(r, &now, err))
            return false;
    }
    return err_set(err, E_NOT_READY, "reindex.swap", LISTINGS_COLLECTION,
                   "is made again each time it is dropped: stop the API, then point the alias");
}

/* Under its own name again. A 409 means that the API was faster: then its empty one goes. */
static bool create_in_place(struct reindex *r, struct err *err) {
    for (uint32_t i = 0; i < CONFLICT_TRIES; i++) {
        struct index_look now;
        if (index_create(&r->x, LISTINGS_COLLECTION, &r->look, err))
            return true;
        if (r->x.status != 409 || !index_look(&r->x, r->arena, &now, err) ||
            !drop_intruder(r, &now, err))
            return false;
    }
    return false;
}

static bool swap_in_place(struct reindex *r, const char *name, struct err *err) {
    if (!index_drop(&r->x, LISTINGS_COLLECTION, err) || !create_in_place(r, err) ||
        !index_copy_extras(&r->x, name, LISTINGS_COLLECTION, err))
        return false;
    job_log(r->job, "%s is made anew; it is filled while searches already read it",
            LISTINGS_COLLECTION);
    if (!reindex_fill(r, LISTINGS_COLLECTION, "upsert", err) ||
        !refused_ones(r, LISTINGS_COLLECTION, err) ||
        !reindex_settle(r, LISTINGS_COLLECTION, err) || !prove_sample(r, LISTINGS_COLLECTION, err))
        return false;
    job_result(r->job, "recreated", "%s", LISTINGS_COLLECTION);
    return index_drop(&r->x, name, err);
}

static bool swap(struct reindex *r, const char *name, struct err *err) {
    job_stage(r->job, "swap", UNIT_COUNT, 0);
    job_in_hand(r->job, "swapping", name);
    if (r->look.kind != INDEX_COLLECTION)
        return swap_alias(r, name, err);
    return r->to_alias ? swap_to_alias(r, name, err) : swap_in_place(r, name, err);
}

/* Before the swap the old one still serves: what was begun is taken back, unless the next run can
 * go on with it. The job's own connection may be cancelled by now. */
static void give_up(struct reindex *r, const char *name, const struct err *why) {
    struct index x;
    struct err err;
    bool resumable = r->x.status != 422 && (why->code == E_NOT_READY || why->code == E_TIMEOUT ||
                                            why->code == E_CLOSED || index_is_away(why->code));
    if (resumable) {
        job_log(r->job, "%s stays: the next run goes on with it", name);
        return;
    }
    if (!index_open(&x, r->settings, -1, &err))
        return;
    x.reply_timeout_ms = r->x.reply_timeout_ms;
    if (index_drop(&x, name, &err)) {
        forget_checkpoint(r);
        job_log(r->job, "%s is dropped again; %s is as it was", name, LISTINGS_COLLECTION);
    } else {
        job_log(r->job, "%s could not be dropped (%s): the next run does it", name, err.why);
    }
    index_close(&x);
}

bool reindex_recreate(struct reindex *r, struct err *err) {
    const char *name;
    if (r->look.kind == INDEX_MISSING && !r->look.dangling)
        return reindex_upsert(r, err); /* nothing to put aside: it is simply made */
    if (!make_staging(r, &name, err))
        return false;
    if (!fill_staging(r, name, err) || !still_as_planned(r, err)) {
        struct err why = *err;
        give_up(r, name, &why);
        return false;
    }
    if (!swap(r, name, err)) {
        job_log(r->job, "%s is whole; the next run goes on from here", name);
        return false;
    }
    forget_checkpoint(r);
    return true;
}
