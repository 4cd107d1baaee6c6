/* act/restore.c - restores an archive into a database. A new one is the default. It never works
 * under the final name: the archive is restored and checked in a database beside it, which gets the
 * name in one transaction at the end; over an existing one a safety dump of that is taken first,
 * and it changes its name in the same transaction. So nothing is ever half restored, whoever is
 * killed, and the old database is still there to go back to. */
#include <unistd.h>

#include "act/act.h"
#include "act/backups.h"
#include "backup_priv.h"
#include "base/clock.h"
#include "drill_priv.h"
#include "io/pgsession.h"
#include "restore_priv.h"

#define CONNECT_MS 10000

/* Connected to a database that is neither the old nor the new one: neither may be renamed from
 * inside. */
static bool open_admin(struct restoring *r, struct pgsession **ret, struct err *err) {
    static const char *const names[] = {"postgres", "template1"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        r->admin.dbname = names[i];
        if (pgsession_open(&r->admin, "goodgo restore", CONNECT_MS, job_cancel_fd(r->job), ret,
                           err))
            return true;
    }
    return false;
}

static bool create(struct restoring *r, struct err *err) {
    struct place place = {.job = r->job,
                          .arena = r->arena,
                          .admin = r->settings->postgres,
                          .target = r->target,
                          .name = r->fresh,
                          .same_space = r->replace && !r->no_owner,
                          .comment = RESTORE_COMMENT};
    struct pg_target source = r->settings->postgres;
    if (r->replace)
        source.dbname = r->into;
    if (!place_create(&place, &source, err)) {
        r->made = place.made;
        return false;
    }
    r->made = true;
    pgsession_close(place.keeper);
    return true;
}

/* Rows without the rights on them are a copy to look at, but nothing that the platform can work
 * with: then the old one stays in its place. */
static bool tell_rights(struct restoring *r, const struct restore_errors *errors, struct err *err) {
    if (r->no_owner)
        job_result(r->job, "rights", "left out, as asked: all belongs to %s",
                   r->target.user ? r->target.user : "the console's user");
    else if (!errors->n_rights)
        job_result(r->job, "rights", "owners and grants as in the archive");
    else if (!r->replace)
        job_result(r->job, "rights", "%u owners or grants could not be given, first: %s",
                   errors->n_rights, errors->right);
    else
        return err_set(err, E_AUTH, "restore.rights", r->into,
                       "%u owners or grants could not be given, first: %s", errors->n_rights,
                       errors->right);
    return true;
}

/* A planner without statistics reads whole tables: nobody should find that out in the morning. */
static bool analyze(struct restoring *r, struct err *err) {
    struct pgsession *s = NULL;
    job_stage(r->job, "analyze", UNIT_NONE, 0);
    bool ok =
        pgsession_open(&r->target, "goodgo restore", CONNECT_MS, job_cancel_fd(r->job), &s, err) &&
        pgsession_run(s, "ANALYZE", 0, err);
    pgsession_close(s);
    return ok;
}

static bool fill(struct restoring *r, struct err *err) {
    struct pgsession *s = NULL;
    struct restore_errors errors = {.n = 0};
    int64_t took_ms = 0;
    struct restore_spec spec = {.job = r->job,
                                .pg_restore = r->pg_restore,
                                .archive = r->path,
                                .target = &r->target,
                                .with_rights = !r->no_owner,
                                .n_jobs = parallel_jobs()};
    if (archive_toc_has(&r->toc, "EXTENSION", "postgis")) {
        bool ok = pgsession_open(&r->target, "goodgo restore", CONNECT_MS, job_cancel_fd(r->job),
                                 &s, err) &&
                  restore_statement(s, "CREATE EXTENSION IF NOT EXISTS postgis", err);
        pgsession_close(s);
        if (!ok) {
            place_name_rights(err);
            return false;
        }
    }
    job_stage(r->job, "restore", UNIT_COUNT, r->toc.n);
    if (!restore_archive(&spec, &errors, &took_ms, err))
        return false;
    job_result(r->job, "restore", "%lld ms, %s", (long long)took_ms, COUNTED(errors.n, "error"));
    if (errors.n) {
        err_set(err, E_PROTOCOL, "restore.run", r->path, "pg_restore made %s, first: %s",
                COUNTED(errors.n, "error"), errors.of_server ? errors.of_server : errors.lines[0]);
        if (errors.of_server)
            err->todo = restore_todo(&errors);
        return false;
    }
    return tell_rights(r, &errors, err);
}

/* Against the manifest, where the archive has one. */
static bool check(struct restoring *r, struct err *err) {
    struct manifest m;
    struct expectation e;
    struct drill_report report = {.arena = r->arena, .started_wall_ms = clock_wall_ms()};
    if (access(manifest_path(r->arena, r->path), F_OK) != 0) {
        job_result(r->job, "checked", "no: the archive has no manifest");
        return true;
    }
    if (!manifest_read(manifest_path(r->arena, r->path), r->arena, &m, err))
        return false;
    e = (struct expectation){.content = m.content,
                             .catalog = m.catalog,
                             .money = m.money,
                             .server_version = m.server_version,
                             .taken_wall_ms = m.taken_wall_ms};
    struct checks *c = checks_begin(r->job, &r->target, &e, &report, err);
    if (!c || !checks_finish(c, err))
        return false;
    job_result(r->job, "checked", "%u of %u checks passed", report_count(&report, CHECK_PASS),
               report.n);
    for (uint32_t i = 0; i < report.n; i++)
        if (report.checks[i].status == CHECK_FAIL)
            return err_set(err, E_PROTOCOL, "restore.check", report.checks[i].check, "%s",
                           report.checks[i].detail);
    return true;
}

static bool replace(struct restoring *r, struct err *err) {
    struct pgsession *s = NULL;
    job_stage(r->job, "change names", UNIT_NONE, 0);
    if (r->replace)
        job_in_hand(r->job, "before", r->before);
    bool ok = open_admin(r, &s, err) && restore_change_names(r, s, err);
    pgsession_close(s);
    if (ok && r->replace)
        job_result(r->job, "old database", "%s: drop it when you are sure", r->before);
    if (ok)
        r->made = false; /* it is the live one now */
    return ok;
}

static bool safety_dump(struct restoring *r, struct err *err) {
    struct backup_taken taken;
    struct pg_target old = r->settings->postgres;
    old.dbname = r->into;
    const char *prefix = arena_printf(r->arena, BACKUP_SAFETY_PREFIX "%s_", r->into);
    if (!backup_take(r->job, &old, r->settings->backup_dir, prefix, &backup_form_runbook, &taken,
                     err)) {
        if (err->code != E_CANCELLED)
            err->todo = "where the old database cannot be dumped any more: restore into a new one,"
                        " without --replace, and ALTER DATABASE both names by hand";
        return false;
    }
    job_result(r->job, "safety dump", "%s", taken.path);
    return true;
}

static void drop_fresh(struct restoring *r) {
    struct pgsession *s = NULL;
    struct err err;
    struct pg_target admin = r->settings->postgres;
    bool ok = pgsession_open(&admin, "goodgo restore", CONNECT_MS, -1, &s, &err) &&
              place_drop(s, r->arena, r->fresh, true, &err);
    pgsession_close(s);
    if (ok)
        job_log(r->job, "dropped the incomplete %s", r->fresh);
    else
        job_log(r->job, "the incomplete %s could not be dropped: %s", r->fresh, err.why);
}

static bool drop_dead(struct restoring *r, struct err *err) {
    struct pgsession *s = NULL;
    struct pg_rows rows;
    bool ok = open_admin(r, &s, err) && restore_find_dead(s, r->arena, r->into, &rows, err);
    for (uint32_t i = 0; ok && i < rows.n_rows; i++) {
        const char *name = pg_cell(&rows, i, "name");
        ok = place_drop(s, r->arena, name, false, err);
        if (ok)
            job_result(r->job, "dropped", "%s, left by a restore that died", name);
    }
    pgsession_close(s);
    return ok;
}

static bool find(struct restoring *r, const struct plan *p, struct err *err) {
    char t[40];
    int version;
    clock_iso8601(clock_wall_ms() / 1000 * 1000, t, sizeof t);
    const char *stamp = arena_printf(r->arena, "%.4s%.2s%.2s_%.2s%.2s%.2s", t, t + 5, t + 8, t + 11,
                                     t + 14, t + 17);
    r->fresh = arena_printf(r->arena, "%s_new_%s", r->into, stamp);
    r->before = arena_printf(r->arena, "%s_before_%s", r->into, stamp);
    r->target = r->settings->postgres;
    r->target.dbname = r->fresh;
    r->admin = r->settings->postgres;
    return backup_find(r->settings->backup_dir, plan_argument(p, "file"), r->arena, &r->path,
                       err) &&
           pg_tool_find("pg_restore", 0, r->arena, &r->pg_restore, &version, err) &&
           archive_toc(r->path, r->pg_restore, job_cancel_fd(r->job), r->arena, &r->toc, err);
}

static bool restore_run(struct job *j, const struct plan *p, struct err *err) {
    struct restoring r = {.job = j,
                          .arena = job_arena(j),
                          .settings = job_settings(j),
                          .into = plan_argument(p, "into"),
                          .replace = p->tier == TIER_DESTROYS,
                          .end_sessions = plan_argument(p, "end-sessions") != NULL,
                          .no_owner = plan_argument(p, "no-owner") != NULL};
    job_stage(j, "prepare", UNIT_NONE, 0);
    bool ok = find(&r, p, err) && drop_dead(&r, err) && create(&r, err) && fill(&r, err) &&
              check(&r, err) && analyze(&r, err) && (!r.replace || safety_dump(&r, err)) &&
              replace(&r, err);
    if (!ok && r.made)
        drop_fresh(&r);
    if (ok)
        job_result(j, "database", "%s", r.into);
    return ok;
}

static const struct act_option restore_options[] = {
    {"into", "DATABASE", "a new database, or with --replace an existing one"},
    {"replace", NULL, "take the place of the existing database, which is kept by another name"},
    {"end-sessions", NULL, "with --replace: end the sessions of the existing database"},
    {"no-owner", NULL, "leave out owners, rights and settings: all is the console's user's"},
    {NULL, NULL, NULL},
};

#define BEFORE_THE_SWAP "prepare|restore|compare|analyze|snapshot|dump|sums|read back|publish"

static const struct act_remains restore_remains[] = {
    {BEFORE_THE_SWAP, "{target} is as it was: nothing is restored under a final name"},
    {"prepare|restore",
     "database {database} may be there, half restored and used by nobody: the next "
     "restore into {into} drops it; by hand: \\l, then DROP DATABASE "
     "\"{database}\""},
    {"compare|analyze|snapshot|dump|sums|read back|publish",
     "database {database} is restored and its check was not over: the next restore into {into} "
     "drops "
     "it"},
    {"snapshot|dump|sums|read back|publish", "{part}: if it is there, it is no whole safety dump "
                                             "and has no final name; the next goodgo backup "
                                             "removes it"},
    {"change names",
     "the names change in one transaction; \\l tells: while {database} is there it was "
     "not made, and the next restore drops that; else {into} is the restored one"},
    {"change names", "if {before} is there, it is what {into} was: drop it when you are sure"},
    {NULL, "the safety dump {safety dump} is whole: goodgo verify --quick {safety dump}"},
    {NULL, "run goodgo restore again when {target} is not what you want"},
    {NULL, NULL},
};

const struct act act_restore = {
    .id = "restore",
    .title = "Restore a backup into a database",
    .help = "restore FILE into a new database; over an existing one with --replace",
    .about =
        "Restores a backup into a new database and holds it against its manifest. With "
        "--replace it is restored and checked beside the existing one, a dump of that is taken, "
        "and the two change names.",
    .example = "goodgo restore latest --into goodgo_copy --dry-run",
    .operand = "file",
    .options = restore_options,
    .view = "pg-backup",
    .remains = restore_remains,
    .plan = restore_plan,
    .run = restore_run,
};
