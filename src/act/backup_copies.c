/* act/backup_copies.c - the copy of a backup in the object storage, as a part of its plan and of
 * its run; and which old ones go with it (R88): never without a new one, never what the plan has
 * not named. */

#include "act/backups.h"
#include "act/store.h"
#include "backup_priv.h"
#include "base/clock.h"

#define DROP     "drop copy " /* facts of the plan: what may be deleted, and aborted */
#define ABORT    "abort upload "
#define DROP_MAX 12 /* the rest goes with the next one */
#define LEFT_MAX 64

static void add_fact(struct plan *p, const char *prefix, uint32_t i, const char *value) {
    plan_fact(p, arena_printf(p->arena, "%s%u", prefix, i + 1), "%s", value);
}

/* ---- plan ---- */

static void plan_leftovers(const struct act_input *in, struct plan *p, const char *dir) {
    const char *left[LEFT_MAX];
    uint32_t n = store_leftovers(dir, in->arena, left, ARRAY_LEN(left));
    for (uint32_t i = 0; i < n; i++)
        plan_change(p, "first aborts the upload of %s, left by one that died", left[i]);
}

/* A key that may not list uploads is no reason to take no backup. */
static void plan_cuts(const struct act_input *in, struct plan *p, struct store *st,
                      const struct store_retention *r) {
    struct store_cuts cuts;
    struct err err;
    if (!store_cuts(st, r, in->arena, &cuts, &err)) {
        plan_warning(p, "uploads that were cut off cannot be listed: %s", err.why);
        return;
    }
    for (uint32_t i = 0; i < cuts.n; i++) {
        plan_change(p, "then aborts an upload of %s that nobody completed: older than %u days",
                    cuts.at[i].key, r->days);
        add_fact(p, ABORT, i, cuts.at[i].key);
    }
}

static void plan_old(const struct act_input *in, struct plan *p, struct store *st,
                     const struct store_retention *r) {
    uint32_t *old = arena_alloc(in->arena, (r->n + 1) * sizeof *old);
    uint32_t n_old = store_to_prune(r, in->arena, old);
    for (uint32_t i = 0; i < n_old && i < DROP_MAX; i++) {
        plan_change(p, "then deletes the copy of %s in bucket %s: older than %u days",
                    r->copies[old[i]].name, store_bucket(st), r->days);
        add_fact(p, DROP, i, r->copies[old[i]].name);
    }
    if (r->days)
        plan_cuts(in, p, st, r);
}

bool backup_copies_plan(const struct act_input *in, struct plan *p, const char *dir,
                        const struct backup_form *form, const struct backup_file *files, uint32_t n,
                        bool may_prune, struct err *err) {
    struct store *st = NULL;
    struct store_copy *copies;
    uint32_t n_copies;
    if (!act_argument(in, "upload"))
        return true;
    if (!store_open(in->settings, -1, &st, err))
        return false;
    bool ok = store_list(st, in->arena, &copies, &n_copies, err);
    if (ok) {
        plan_fact(p, "bucket", "%s/%s", in->settings->minio_url, store_bucket(st));
        plan_change(p,
                    "then puts a copy of it and its manifest into bucket %s, and holds size and "
                    "sum against %s",
                    store_bucket(st),
                    form->directory ? "each file; the list of them goes last" : "the archive");
        plan_leftovers(in, p, dir);
        if (may_prune)
            plan_old(in, p, st,
                     &(struct store_retention){in->settings->backup_copies_keep_days,
                                               in->now_wall_ms / 1000, copies, n_copies, files, n});
    }
    store_close(st);
    return ok;
}

/* ---- run ---- */

static void abort_cuts(struct job *j, const struct plan *p, struct store *st,
                       const struct store_retention *r) {
    struct store_cuts cuts;
    struct err err;
    struct arena *a = job_arena(j);
    if (!store_cuts(st, r, a, &cuts, &err)) {
        job_log(j, "uploads that were cut off were not listed: %s", err.why);
        return;
    }
    for (uint32_t i = 0; i < cuts.n; i++)
        if (!backup_agreed(p, ABORT, cuts.at[i].key))
            continue;
        else if (store_abort(st, a, cuts.at[i].key, cuts.at[i].id, &err))
            job_result(j, "aborted", "an upload of %s that nobody completed", cuts.at[i].key);
        else
            job_log(j, "the upload of %s was not aborted: %s", cuts.at[i].key, err.why);
}

/* Whatever of it fails: the new copy is there, and the next one tries again. */
static void prune(struct job *j, const struct plan *p, struct store *st, const char *dir) {
    struct store_copy *copies;
    struct backup_file *files;
    struct err err;
    struct arena *a = job_arena(j);
    struct store_retention r = {.days = job_settings(j)->backup_copies_keep_days,
                                .now_wall_s = clock_wall_ms() / 1000};
    if (!r.days)
        return;
    if (!backups_list(dir, a, r.now_wall_s, 0, &files, &r.n_files, &err) ||
        !store_list(st, a, &copies, &r.n, &err)) {
        job_log(j, "no copy was pruned: %s", err.why);
        return;
    }
    r.copies = copies;
    r.files = files;
    uint32_t *old = arena_alloc(a, (r.n + 1) * sizeof *old);
    uint32_t n_old = store_to_prune(&r, a, old);
    for (uint32_t i = 0; i < n_old; i++) {
        const char *name = copies[old[i]].name;
        if (!backup_agreed(p, DROP, name))
            continue;
        if (store_remove(st, a, name, &err))
            job_result(j, "deleted copy", "%s/%s", store_bucket(st), name);
        else
            job_result(j, "not deleted", "the copy of %s: %s", name, err.why);
    }
    abort_cuts(j, p, st, &r);
}

bool backup_copies_run(struct job *j, const struct plan *p, const char *dir,
                       const struct backup_taken *taken, struct err *err) {
    struct store *st = NULL;
    if (!plan_argument(p, "upload"))
        return true;
    bool ok = store_open(job_settings(j), job_cancel_fd(j), &st, err) &&
              store_upload(st, j, taken->path, taken->sha256, err);
    if (ok)
        prune(j, p, st, dir);
    else
        job_result(j, "copy", "none: only the archive on this machine is there");
    store_close(st);
    return ok;
}
