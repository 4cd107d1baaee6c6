/* act/verify.c - the restore drill: proves that a backup restores, by restoring it and holding all
 * of it against what was dumped. Exit codes are the runbook's (R103): 0 pass, 1 a check failed, 2
 * it could not be set up. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "act/act.h"
#include "act/backups.h"
#include "base/clock.h"
#include "base/shell.h"
#include "drill_priv.h"
#include "io/pgsession.h"
#include "io/worker.h"

#define CONNECT_MS     10000
#define QUERY_MS       60000
#define SOURCE_SCANS   1
#define SETUP_FAILED   2
#define CLOCK_DOUBT_MS ((int64_t)10 * 60000)
#define ZONE_DOUBT_MS  ((int64_t)26 * 3600000) /* from one end of the world to the other */
#define UNPACKED       8 /* bytes of rows in one of an archive, at most as a rule */
#define DISK_WAITERS   1 /* while one process waits for the disk, another has its core */

/* ---- plan ---- */

/* Of all rows, as the manifest has it, or as much as an archive is guessed to hold. */
static int64_t text_bytes(const struct act_input *in, const char *path,
                          const struct archive_head *head) {
    struct manifest m;
    struct err ignored;
    int64_t bytes = 0;
    if (!manifest_read(manifest_path(in->arena, path), in->arena, &m, &ignored))
        return head->size_bytes * UNPACKED;
    for (uint32_t i = 0; i < m.content.n; i++)
        bytes += (int64_t)m.content.tables[i].sum.bytes;
    return bytes;
}

static bool plan_archive(const struct act_input *in, struct plan *p, const char *path,
                         struct archive_head *head, struct err *err) {
    struct stat st;
    char size[32];
    if (!archive_head(path, head, err))
        return false;
    if (head->kind != ARCHIVE_CUSTOM && head->kind != ARCHIVE_DIRECTORY &&
        head->kind != ARCHIVE_TAR)
        return err_set(err, E_WRONG_THING, "verify.plan", path,
                       "is not an archive of pg_dump: pg_restore cannot read it");
    if (stat(path, &st) != 0)
        return err_set(err, E_IO, "verify.plan", path, "is gone");
    value_format(value_int(head->size_bytes), UNIT_BYTES, 0, size, sizeof size);
    bool manifest = access(manifest_path(in->arena, path), R_OK) == 0;
    if (act_argument(in, "scratch"))
        place_plan_room(in, p, text_bytes(in, path, head));
    backup_warn_future(p, path, in->now_wall_ms / 1000);
    plan_fact(p, "file", "%s", path);
    plan_fact(p, "bytes", "%lld", (long long)head->size_bytes);
    plan_fact(p, "changed", "%lld", (long long)st.st_mtime);
    plan_fact(p, "against", manifest ? "manifest" : "live source");
    plan_change(p, "restores %s (%s) in full and checks every table, definition and sum", path,
                size);
    if (!manifest)
        plan_warning(p, "there is no manifest beside it: it is compared with the live database, and"
                        " what was written since the dump must be told from damage");
    return true;
}

static bool plan_place(const struct act_input *in, struct plan *p, struct err *err) {
    struct leftovers l;
    bool scratch = act_argument(in, "scratch") != NULL;
    if (!scratch && !in->settings->has_postgres)
        return err_set(err, E_CONFIG, "verify.plan", "postgres",
                       "this context has no database: use --scratch");
    plan_fact(p, "place", scratch ? "scratch cluster" : "direct server");
    if (scratch)
        plan_change(p, "in a cluster of its own in a temporary directory, which costs the platform"
                       " nothing and is removed afterwards");
    else
        plan_change(p,
                    "in a new database goodgo_verify_YYYYMMDD_HHMMSS on %s:%u, dropped afterwards;"
                    " never in %s itself",
                    in->settings->postgres.host, in->settings->postgres.port,
                    in->settings->postgres.dbname);
    if (!place_leftovers(in->settings, in->arena, &l, err))
        return scratch; /* a drill that needs no server does not fail for one */
    for (uint32_t i = 0; i < l.n_dead; i++)
        plan_change(p, "first drops %s, left by a drill that died", l.dead[i]);
    for (uint32_t i = 0; i < l.n_clusters; i++)
        plan_change(p, "first removes the cluster %s, left by a drill that died", l.clusters[i]);
    bool drop = act_argument(in, "drop-stale") != NULL;
    for (uint32_t i = 0; i < l.n_foreign; i++) {
        if (drop)
            plan_change(p, "drops %s, left by another tool", l.foreign[i]);
        else
            plan_warning(p, "%s was left by another tool: --drop-stale drops it", l.foreign[i]);
    }
    return true;
}

static bool verify_plan(const struct act_input *in, struct plan *p, struct err *err) {
    struct archive_head head;
    const char *path, *tool, *file = act_argument(in, "file");
    int version;
    p->tier = TIER_HARMLESS;
    p->target = "restore drill";
    if (!backup_find(in->settings->backup_dir, file ? file : "latest", in->arena, &path, err) ||
        !plan_archive(in, p, path, &head, err) ||
        !pg_tool_find("pg_restore", 0, in->arena, &tool, &version, err) ||
        !pg_tool_reads(tool, path, head.minor, err) || !plan_place(in, p, err))
        return false;
    plan_fact(p, "pg_restore", "%s", tool);
    if (act_argument(in, "scratch"))
        plan_command(p, "initdb -D DIR/data && pg_ctl -D DIR/data -o \"-k DIR -c"
                        " listen_addresses=''\" -w start && export PGHOST=DIR");
    plan_command(
        p, "createdb goodgo_verify_TIME && %s --no-owner --jobs=%u -d goodgo_verify_TIME %s",
        shell_word(p->arena, tool), restore_jobs(head.kind, parallel_jobs() + DISK_WAITERS),
        shell_word(p->arena, path));
    return true;
}

/* ---- run ---- */

struct drill {
    struct job *job;
    struct arena *arena;
    const struct settings *settings;
    const char *path, *pg_restore;
    struct archive_toc toc;
    struct place place;
    struct expectation expected;
    struct manifest manifest;
    struct content_scan *source_scan; /* of the live source, beside the restore */
    struct pgsession *source;         /* holds its snapshot */
    struct checks *checks;            /* begun while the last part of the restore runs */
    struct drill_report report;
    bool keep;
};

/* From the manifest: what was dumped. */
static bool expect_manifest(struct drill *d, struct err *err) {
    struct expectation *e = &d->expected;
    struct manifest *m = &d->manifest;
    if (!manifest_read(manifest_path(d->arena, d->path), d->arena, m, err))
        return false;
    e->content = m->content;
    e->catalog = m->catalog;
    e->money = m->money;
    e->server_version = m->server_version;
    e->taken_wall_ms = m->taken_wall_ms;
    const char *hex = d->report.sha256;
    if (strcmp(hex, m->sha256) == 0)
        report_add(&d->report, CHECK_PASS, "File checksum", "SHA-256 %.12s... as in the manifest",
                   hex);
    else
        report_add(&d->report, CHECK_FAIL, "File checksum",
                   "SHA-256 %.12s..., the manifest has %.12s...: the file is not the one that was"
                   " written",
                   hex, m->sha256);
    return true;
}

/* Its name says it in UTC, which leaves the doubt of two clocks and of a transaction that was open
 * then. A file of another name has the archive's own time, which pg_dump wrote in its machine's
 * zone and pg_restore prints as one of this machine's; a copy's time of change says nothing. */
static void expect_time(const struct drill *d, struct expectation *e) {
    int64_t s;
    struct tm tm = {.tm_isdst = -1};
    bool named = backup_time_of_name(path_name(d->path), &s);
    if (!named)
        s = d->toc.created && strptime(d->toc.created, "%Y-%m-%d %H:%M:%S", &tm) ? mktime(&tm) : 0;
    e->taken_wall_ms = s * 1000;
    e->doubt_ms = named ? CLOCK_DOUBT_MS : ZONE_DOUBT_MS;
}

/* From the live source, in one snapshot; the sums are taken while the restore runs. */
static bool expect_live(struct drill *d, struct err *err) {
    struct pg_rows rows;
    struct expectation *e = &d->expected;
    e->live = true;
    e->source = &d->settings->postgres;
    expect_time(d, e);
    if (!d->settings->has_postgres)
        return err_set(err, E_CONFIG, "verify.run", d->path,
                       "has no manifest, and there is no live database to compare it with");
    if (!pgsession_open(e->source, "goodgo drill", CONNECT_MS, job_cancel_fd(d->job), &d->source,
                        err) ||
        !pgsession_run(d->source, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", QUERY_MS,
                       err) ||
        !pgsession_rows(d->source, "SELECT pg_export_snapshot() AS id", QUERY_MS, d->arena, &rows,
                        err) ||
        !content_tables(d->source, d->arena, &e->content, err) ||
        !catalog_read(d->source, d->arena, &e->catalog, err) ||
        !money_read(d->source, d->arena, &e->content, &e->money, err) ||
        !rows_date_writers(d->source, d->arena, e, err))
        return false;
    e->server_version = pgsession_version(d->source);
    d->source_scan = content_scan_start(e->source, pg_cell(&rows, 0, "id"), SOURCE_SCANS,
                                        job_cancel_fd(d->job), &e->content);
    return true;
}

static bool create(struct drill *d, struct err *err) {
    struct pgsession *s = NULL;
    const struct pg_target *source = d->settings->has_postgres ? &d->settings->postgres : NULL;
    if (!place_create(&d->place, source, err))
        return false;
    if (!archive_toc_has(&d->toc, "EXTENSION", "postgis"))
        return true;
    bool ok = pgsession_open(&d->place.target, "goodgo drill", CONNECT_MS, job_cancel_fd(d->job),
                             &s, err) &&
              pgsession_run(s, "CREATE EXTENSION IF NOT EXISTS postgis", QUERY_MS, err);
    pgsession_close(s);
    if (!ok)
        place_name_rights(err);
    return ok;
}

static void say_created(struct drill *d) {
    report_add(&d->report, CHECK_PASS, "Database creation", "Test database created");
    if (archive_toc_has(&d->toc, "EXTENSION", "postgis"))
        report_add(&d->report, CHECK_PASS, "PostGIS extension", "PostGIS enabled");
}

static void say_restored(struct drill *d, const struct restore_errors *errors) {
    if (!errors->n)
        report_add(&d->report, CHECK_PASS, "Restore", "pg_restore completed cleanly in %llds",
                   (long long)((d->report.restore_ms + 500) / 1000));
    else
        report_add(&d->report, CHECK_FAIL, "Restore", "pg_restore made %s, first: %s",
                   COUNTED(errors->n, "error"), errors->lines[0]);
    for (uint32_t i = 1; i < errors->n && i < ARRAY_LEN(errors->lines); i++)
        report_add(&d->report, CHECK_FAIL, "Restore error", "%s", errors->lines[i]);
}

/* What the server could not do is no damage of the archive: then there is no verdict. */
static bool server_held(const struct restore_errors *errors, struct err *err) {
    if (!errors->of_server)
        return true;
    err_set(err, E_NOT_READY, "drill.place", "the restore's place",
            "failed, which says nothing of the archive: %s", errors->of_server);
    err->todo = restore_todo(errors);
    return false;
}

/* Foreign keys are checked one after another where they point to the same table: the rows are
 * already read on the core that this leaves idle. */
static bool restore(struct drill *d, struct err *err) {
    struct restore_errors errors = {.n = 0};
    bool keys = restore_has_keys(&d->toc);
    struct restore_spec spec = {.job = d->job,
                                .pg_restore = d->pg_restore,
                                .archive = d->path,
                                .target = &d->place.target,
                                .part = keys ? RESTORE_ALL_BUT_KEYS : RESTORE_ALL,
                                .toc = &d->toc,
                                .n_jobs = parallel_jobs() + DISK_WAITERS};
    job_stage(d->job, "restore", UNIT_COUNT, d->toc.n);
    if (!restore_archive(&spec, &errors, &d->report.restore_ms, err) ||
        !server_held(&errors, err) ||
        !(d->checks = checks_begin(d->job, &d->place.target, &d->expected, &d->report, err)))
        return false;
    spec.part = RESTORE_KEYS;
    spec.beside = checks_scan(d->checks);
    if (keys && !errors.gave_up &&
        (!restore_archive(&spec, &errors, &d->report.restore_ms, err) ||
         !server_held(&errors, err)))
        return false;
    say_restored(d, &errors);
    check_large_objects(&d->report, &d->expected, &d->toc);
    return true;
}

/* The scan of the live source is waited for whatever became of the restore. */
static bool restore_beside_scan(struct drill *d, struct err *err) {
    struct err ignored;
    bool ok = restore(d, err), scanned = true;
    if (d->source_scan)
        scanned = content_scan_finish(d->source_scan, ok ? err : &ignored);
    d->source_scan = NULL;
    pgsession_close(d->source);
    d->source = NULL;
    return ok && scanned;
}

/* "16.4 (Debian 16.4-1)" as 160000; 0 where it says nothing. */
static int server_version(const char *text) {
    long major = text ? strtol(text, NULL, 10) : 0;
    return major > 0 && major < 1000 ? (int)major * 10000 : 0;
}

/* ---- the checksum, taken while the place is made: that keeps one core alone busy ---- */

struct digest_run {
    const char *path;
    int cancel_fd;
    struct side_work work;
    bool ok;
    char hex[DIGEST_HEX_SIZE];
    struct err err;
};

static void *digest_work(void *arg) {
    struct digest_run *r = arg;
    r->ok = archive_sha256(r->path, r->cancel_fd, r->hex, &r->err);
    return NULL;
}

/* Of the bytes that are restored: the proof is of them and of no others. */
static bool digest_finish(struct digest_run *r, struct drill *d, struct err *err) {
    side_work_end(&r->work);
    if (r->ok)
        d->report.sha256 = arena_strdup(d->arena, r->hex);
    else
        *err = r->err;
    return r->ok;
}

/* What was wrong with the file, or with what it is held against, is said before what was wrong with
 * the place. */
static bool make_place(struct drill *d, bool scratch, bool manifest, struct err *err) {
    struct digest_run run = {.path = d->path, .cancel_fd = job_cancel_fd(d->job)};
    struct err why;
    int oldest = server_version(d->toc.dumped_from);
    job_stage(d->job, "place", UNIT_NONE, 0);
    side_work_begin(&run.work, digest_work, &run);
    bool made = place_open(&d->place, d->job, scratch, d->report.started_wall_ms, oldest, &why) &&
                create(d, &why);
    if (!digest_finish(&run, d, err) || !(manifest ? expect_manifest(d, err) : expect_live(d, err)))
        return false;
    if (!made)
        *err = why;
    else
        say_created(d);
    return made;
}

static bool prepare(struct drill *d, const struct plan *p, struct err *err) {
    struct archive_head head;
    struct leftovers l;
    int version;
    const char *file = plan_argument(p, "file");
    bool scratch = plan_argument(p, "scratch") != NULL;
    job_stage(d->job, "prepare", UNIT_NONE, 0);
    if (place_leftovers(d->settings, d->arena, &l, err))
        place_clear_leftovers(d->job, &l, plan_argument(p, "drop-stale") != NULL);
    if (!backup_find(d->settings->backup_dir, file ? file : "latest", d->arena, &d->path, err))
        return false;
    d->report.backup_file = d->path;
    if (!archive_head(d->path, &head, err) ||
        !pg_tool_find("pg_restore", 0, d->arena, &d->pg_restore, &version, err) ||
        !archive_toc(d->path, d->pg_restore, job_cancel_fd(d->job), d->arena, &d->toc, err))
        return false;
    d->report.size_bytes = head.size_bytes;
    bool manifest = access(manifest_path(d->arena, d->path), F_OK) == 0;
    /* Where no digest tells: pg_restore sees nothing of what was appended. */
    if (!manifest && !archive_extent(d->path, job_cancel_fd(d->job), d->arena, err))
        return false;
    d->report.against = manifest ? "manifest" : "live source";
    d->report.place = scratch ? "scratch cluster"
                              : arena_printf(d->arena, "%s:%u", d->settings->postgres.host,
                                             d->settings->postgres.port);
    return make_place(d, scratch, manifest, err);
}

static void say_result(struct drill *d) {
    const struct drill_report *r = &d->report;
    job_result(d->job, "result", "%s", report_passed(r) ? "pass" : "fail");
    job_result(d->job, "file", "%s", d->path);
    job_result(d->job, "checks", "%u passed, %u failed, %s", report_count(r, CHECK_PASS),
               report_count(r, CHECK_FAIL), COUNTED(report_count(r, CHECK_WARNING), "warning"));
    job_result(d->job, "against", d->expected.live ? "live source" : "manifest");
    job_result(d->job, "restore", "%lld ms", (long long)r->restore_ms);
    job_result(d->job, "recovery", "%lld ms", (long long)r->total_ms);
    for (uint32_t i = 0; i < r->n; i++)
        if (r->checks[i].status != CHECK_PASS)
            job_result(d->job, r->checks[i].status == CHECK_FAIL ? "FAIL" : "warning", "%s: %s",
                       r->checks[i].check, r->checks[i].detail);
    job_result(d->job, "report", "%s",
               d->settings->report_file ? d->settings->report_file : "report.json of the job");
}

static bool verify_run(struct job *j, const struct plan *p, struct err *err) {
    struct drill d = {.job = j, .arena = job_arena(j), .settings = job_settings(j)};
    const char *skip = plan_argument(p, "skip-cleanup");
    d.keep = skip || d.settings->skip_cleanup;
    d.report = (struct drill_report){.arena = d.arena, .started_wall_ms = clock_wall_ms()};
    bool ran = prepare(&d, p, err);
    if (ran)
        d.report.test_database = d.place.name;
    ran = ran && restore_beside_scan(&d, err);
    if (!ran)
        checks_drop(d.checks);
    if (ran) {
        ran = checks_finish(d.checks, err);
        d.report.total_ms = job_elapsed_ms(j);
    }
    struct err ignored;
    if (d.source_scan && !content_scan_finish(d.source_scan, &ignored))
        job_log(j, "the scan of the source ended: %s", ignored.why);
    pgsession_close(d.source);
    job_stage(j, "clean up", UNIT_NONE, 0);
    if (d.place.job)
        place_close(&d.place, d.keep);
    if (!ran)
        proof_write_unfit(j, &d.report, err);
    if (!ran || !proof_write(j, &d.report, err)) {
        job_exit_code(j, SETUP_FAILED);
        return false;
    }
    say_result(&d);
    return report_passed(&d.report) ||
           err_set(err, E_PROTOCOL, "verify", d.path, "%u of %s failed: see the report",
                   report_count(&d.report, CHECK_FAIL), COUNTED(d.report.n, "check"));
}

static const struct act_option verify_options[] = {
    {"quick", NULL, "no restore: read the archive in full and hold it against its manifest"},
    {"scratch", NULL, "in a throw-away cluster of its own instead of the direct server"},
    {"skip-cleanup", NULL, "keep the test database (as SKIP_CLEANUP=1)"},
    {"drop-stale", NULL, "drop goodgo_verify_* databases that other tools left"},
    {NULL, NULL, NULL},
};

static const struct act_remains verify_remains[] = {
    {NULL, "the backup and the live database were only read; whether this drill left a proof says "
           "goodgo backups"},
    {NULL, "database {database} may be there, half restored and used by nobody: the next goodgo "
           "verify drops it; by hand: \\l, then DROP DATABASE \"{database}\""},
    {NULL,
     "the cluster in {cluster} may still run: the next goodgo verify stops and removes it; by "
     "hand, as its user (for root that is postgres): pg_ctl -D {cluster}/data -m immediate stop; "
     "rm -r {cluster}"},
    {NULL, NULL},
};

const struct act act_verify = {
    .id = "verify",
    .title = "Prove that a backup restores",
    .help = "restore drill of FILE or the latest; exit 0 pass, 1 failed, 2 set-up",
    .operand = "file",
    .options = verify_options,
    .view = "pg-backup",
    .remains = verify_remains,
    .plan = verify_plan,
    .run = verify_run,
};
