/* app/desk_look.c - see desk_look_priv.h. */
#include "desk_look_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "codec/reconreport.h"
#include "own_readings_priv.h"

#define JOBS_MAX    100
#define RECORDS_MAX 500

struct look *look_new(const char *state_dir) {
    struct look *k = mem_zeroed(sizeof *k);
    arena_init(&k->arena);
    k->state_dir = arena_strdup(&k->arena, state_dir);
    return k;
}

void look_free(void *arg) {
    struct look *k = arg;
    section_unref(k->reconciliation);
    arena_done(&k->arena);
    free(k);
}

static uint64_t mark_of(uint64_t mark, const char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        mark = (mark ^ (unsigned char)bytes[i]) * 1099511628211u; /* FNV-1a */
    return mark;
}

/* The end of the log of the job that is looked at. */
static void look_at_log(struct look *k) {
    struct job_info j;
    struct err ignored;
    if (!*k->job && job_read(k->state_dir, "last", &k->arena, &j, &ignored))
        str_copy(k->job, sizeof k->job, j.id);
    if (!readfile_end(&k->arena, job_path(&k->arena, k->state_dir, k->job, "log"), LOOK_LOG_BYTES,
                      &k->log, &ignored))
        k->log = (struct file_content){"", 0, 0, false}; /* one that is planned has none yet */
    uint64_t mark = mark_of(1469598103934665603u, k->job, strlen(k->job) + 1);
    mark = mark_of(mark, k->log.bytes, k->log.len);
    k->log_unchanged = mark == k->log_mark;
    k->log_mark = mark;
}

static const struct job_info *newest_report(const struct look *k) {
    for (uint32_t i = 0; i < k->n_jobs; i++)
        if (k->jobs[i].state == JOB_DONE && strcmp(k->jobs[i].action, "reconcile") == 0)
            return &k->jobs[i];
    return NULL;
}

/* --- the report, and a page of its rows --- */

static bool on_part(void *ctx, const char *bytes, size_t n, struct err *err) {
    struct recon_page *page = ctx;
    *err = (struct err){.code = E_NONE};
    return recon_page_part(page, bytes, n, err) && !recon_page_is_full(page);
}

/* What cannot be read is said in its place; the report stands without it. */
static void add_page(const struct look *k, const char *path, struct reading *out) {
    struct err err;
    struct recon_page *page = recon_page_new(k->asked.of, k->asked.page, out);
    bool ok = readfile_parts(path, on_part, page, &err) || err.code == E_NONE;
    recon_page_free(page);
    reading_int(out, "page", UNIT_COUNT, k->asked.page);
    if (!ok)
        reading_textz(out, "page_missing", err.why);
}

static struct section *read_report(struct look *k, const struct job_info *j) {
    struct file_content f;
    struct plan plan;
    struct err err;
    int64_t now = clock_mono_ms();
    const char *path = job_path(&k->arena, k->state_dir, j->id, RECON_REPORT_FILE);
    if (!readfile(&k->arena, path, RECON_REPORT_BYTES, &f, &err))
        return own_failed(&err, now);
    struct recon_job job = {
        .id = j->id, .ended_wall_ms = j->ended_wall_ms, .bytes = f.bytes, .n = f.len};
    if (job_read_plan(k->state_dir, j->id, &plan, &k->arena, &err) && plan.commands.n)
        job.command = plan.commands.at[0];
    struct section *sec = own_reconciliation(&job, now, clock_wall_ms());
    if (sec->has_reading)
        add_page(k, job_path(&k->arena, k->state_dir, j->id, RECON_ROWS_FILE), &sec->reading);
    return sec;
}

static bool same_rows(const struct rows_asked *a, const struct rows_asked *b) {
    return a->page == b->page && strcmp(a->of, b->of) == 0;
}

/* Reports are up to some MB: one is read once, and again for other rows of it. */
static void look_at_report(struct look *k, const struct job_info *j) {
    const char *id = j ? j->id : "";
    if (strcmp(id, k->reported) == 0 && (!j || same_rows(&k->asked, &k->shown)))
        return;
    k->reconciliation = j ? read_report(k, j) : section_new(SERVICE_COUNT);
    str_copy(k->reported, sizeof k->reported, id);
    k->shown = k->asked;
}

/* Nothing has happened, but other rows may be wanted of the report that is shown. */
static void look_at_rows(struct look *k) {
    struct job_info j;
    struct err ignored;
    if (!*k->reported || same_rows(&k->asked, &k->shown))
        return;
    if (job_read(k->state_dir, k->reported, &k->arena, &j, &ignored))
        look_at_report(k, &j);
    k->shown = k->asked; /* a job that is gone is not asked again and again */
}

void look_work(void *arg) {
    struct look *k = arg;
    struct err ignored;
    if (k->log_wanted)
        look_at_log(k);
    uint64_t mark = job_list_mark(k->state_dir, JOBS_MAX);
    k->unchanged = k->mark && mark == k->mark;
    k->mark = mark;
    if (k->unchanged) {
        look_at_rows(k);
        return;
    }
    k->failed =
        !job_list(k->state_dir, &k->arena, JOBS_MAX, &k->jobs, &k->n_jobs, &ignored) ||
        !audit_list(k->state_dir, &k->arena, RECORDS_MAX, &k->records, &k->n_records, &ignored) ||
        !audit_verify(k->state_dir, &k->verdict, &ignored);
    if (k->failed)
        return;
    audit_tell_dead(k->state_dir, &k->arena, k->records, k->n_records);
    look_at_report(k, newest_report(k));
}

static void publish_jobs(struct look *k, struct engine *engine, int64_t now, int64_t wall) {
    engine_set_own(engine, OWN_JOBS, own_jobs(k->jobs, k->n_jobs, k->state_dir, now, wall));
    engine_set_own(engine, OWN_AUDIT, own_audit(k->records, k->n_records, &k->verdict, now, wall));
}

bool look_publish(struct look *k, struct engine *engine) {
    struct job_log log = {k->job, k->log.bytes, k->log.len, k->log.len == LOOK_LOG_BYTES};
    int64_t now = clock_mono_ms(), wall = clock_wall_ms();
    bool log_changed = k->log_wanted && !k->log_unchanged;
    bool jobs_changed = !k->unchanged && !k->failed;
    bool report_changed = k->reconciliation != NULL;
    if (log_changed)
        engine_set_own(engine, OWN_LOG, own_log(&log, now, wall));
    if (jobs_changed)
        publish_jobs(k, engine, now, wall);
    if (report_changed)
        engine_set_own(engine, OWN_RECONCILIATION, k->reconciliation);
    k->reconciliation = NULL;
    return log_changed || jobs_changed || report_changed;
}
