/* act/restore.c - restores an archive into a database. A new one is the default. It never works
 * under the final name: the archive is restored and checked in a database beside it, which gets the
 * name in one transaction at the end; over an existing one a safety dump of that is taken first,
 * and it changes its name in the same transaction. So nothing is ever half restored, whoever is
 * killed, and the old database is still there to go back to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/act.h"
#include "act/backups.h"
#include "backup_priv.h"
#include "base/clock.h"
#include "drill_priv.h"
#include "io/pgsession.h"

#define CONNECT_MS 10000
#define QUERY_MS   60000
#define CREATE_MS  120000
#define NAME_MAX_  63 /* PostgreSQL cuts longer names silently */
#define COMMENT    "goodgo restore, not finished"
#define SWAP_TRIES 3

/* ---- plan ---- */

static bool good_name(const char *name) {
    size_t n = strlen(name);
    return n > 0 && n <= NAME_MAX_ - 24 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == n;
}

struct existing {
    bool exists;
    int64_t sessions, size_bytes;
    const char *who; /* of the sessions, a few */
};

static const char existing_sql[] =
    "SELECT pg_database_size(d.oid) AS size,"
    " (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid AND a.pid <> pg_backend_pid()"
    " AND a.backend_type = 'client backend')"
    " AS sessions, (SELECT string_agg(w, ', ') FROM (SELECT a.usename || ' (' ||"
    " coalesce(nullif(a.application_name, ''), '?') || ')' AS w FROM pg_stat_activity a"
    " WHERE a.datid = d.oid AND a.pid <> pg_backend_pid() AND a.usename IS NOT NULL LIMIT 5) x) AS "
    "who"
    " FROM pg_database d WHERE d.datname = $1";

static bool look_at(const struct settings *settings, struct arena *a, const char *name,
                    struct existing *ret, struct err *err) {
    struct pgsession *s = NULL;
    struct pg_rows rows;
    *ret = (struct existing){.exists = false};
    bool ok = pgsession_open(&settings->postgres, "goodgo restore", CONNECT_MS, -1, &s, err) &&
              pgsession_exec(s, existing_sql, &name, 1, 1, QUERY_MS, a, &rows, err);
    if (ok && rows.n_rows) {
        ret->exists = true;
        ok = pg_cell_i64(&rows, 0, "size", &ret->size_bytes) &&
             pg_cell_i64(&rows, 0, "sessions", &ret->sessions);
        ret->who = pg_cell(&rows, 0, "who");
        if (!ok)
            err_set(err, E_PROTOCOL, "restore.plan", name, "the server does not say its size");
    }
    pgsession_close(s);
    return ok;
}

/* What restores into that name left that were killed. */
static const char dead_sql[] =
    "SELECT d.datname AS name FROM pg_database d WHERE left(d.datname, length($1) + 5) ="
    " $1 || '_new_' AND substr(d.datname, length($1) + 6) ~ '^[0-9]{8}_[0-9]{6}$' AND (NOT"
    " d.datallowconn OR shobj_description(d.oid, 'pg_database') = '" COMMENT "') AND NOT EXISTS"
    " (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid) ORDER BY 1 LIMIT 16";

static bool find_dead(struct pgsession *s, struct arena *a, const char *into, struct pg_rows *ret,
                      struct err *err) {
    return pgsession_exec(s, dead_sql, &into, 1, 16, QUERY_MS, a, ret, err);
}

static bool plan_dead(const struct act_input *in, struct plan *p, const char *into,
                      struct err *err) {
    struct pgsession *s = NULL;
    struct pg_rows rows;
    bool ok = pgsession_open(&in->settings->postgres, "goodgo restore", CONNECT_MS, -1, &s, err) &&
              find_dead(s, in->arena, into, &rows, err);
    for (uint32_t i = 0; ok && i < rows.n_rows; i++)
        plan_change(p, "first drops %s, left by a restore that died", pg_cell(&rows, i, "name"));
    pgsession_close(s);
    return ok;
}

static bool plan_over(const struct act_input *in, struct plan *p, const char *into,
                      const struct existing *e, struct err *err) {
    char size[32];
    value_format(value_int(e->size_bytes), UNIT_BYTES, 0, size, sizeof size);
    if (!act_argument(in, "replace"))
        return err_set(err, E_CONFIG, "restore.plan", into,
                       "exists (%s): name a new database, or say --replace", size);
    if (!in->settings->backup_dir)
        return err_set(err, E_CONFIG, "restore.plan", "BACKUP_DIR",
                       "is not set: the safety dump has no place");
    if (e->sessions && !act_argument(in, "end-sessions"))
        return err_set(err, E_CONFIG, "restore.plan", into,
                       "has %lld sessions (%s): stop them, or say --end-sessions",
                       (long long)e->sessions, e->who ? e->who : "of other users");
    p->tier = TIER_DESTROYS;
    plan_fact(p, "replaces", "%s", into);
    plan_change(p, "takes a safety dump of %s (%s) into %s", into, size, in->settings->backup_dir);
    plan_change(p, "restores into a new database beside it and checks it");
    if (e->sessions)
        plan_change(p, "ends the %lld sessions of %s: %s", (long long)e->sessions, into,
                    e->who ? e->who : "of other users");
    plan_change(p,
                "renames %s to %s_before_TIME, and the new one to %s: what was written since the"
                " backup is no longer seen",
                into, into, into);
    plan_warning(p, "to undo: rename the two back; drop %s_before_TIME only when you are sure",
                 into);
    return true;
}

static bool restore_plan(const struct act_input *in, struct plan *p, struct err *err) {
    struct existing e;
    struct archive_head head;
    char size[32];
    const char *path, *tool, *file = act_argument(in, "file"), *into = act_argument(in, "into");
    int version;
    p->tier = TIER_CHANGES;
    if (!in->settings->has_postgres)
        return err_set(err, E_CONFIG, "restore.plan", "postgres", "this context has no database");
    if (!file || !into)
        return err_set(err, E_CONFIG, "restore.plan", "restore", "takes FILE --into DATABASE");
    if (!good_name(into))
        return err_set(err, E_CONFIG, "restore.plan", into,
                       "is no database name: letters, digits, _ and -, at most %d", NAME_MAX_ - 24);
    if (!backup_find(in->settings->backup_dir, file, in->arena, &path, err) ||
        !archive_head(path, &head, err) ||
        !pg_tool_find("pg_restore", 0, in->arena, &tool, &version, err) ||
        !look_at(in->settings, in->arena, into, &e, err) || !plan_dead(in, p, into, err))
        return false;
    if (head.kind != ARCHIVE_CUSTOM && head.kind != ARCHIVE_DIRECTORY && head.kind != ARCHIVE_TAR)
        return err_set(err, E_WRONG_THING, "restore.plan", path,
                       "is not an archive of pg_dump: pg_restore cannot read it");
    value_format(value_int(head.size_bytes), UNIT_BYTES, 0, size, sizeof size);
    p->target = arena_printf(in->arena, "database %s", into);
    plan_fact(p, "file", "%s", path);
    plan_fact(p, "bytes", "%lld", (long long)head.size_bytes);
    plan_fact(p, "server", "%s:%u", in->settings->postgres.host, in->settings->postgres.port);
    plan_fact(p, "exists", "%s", e.exists ? "yes" : "no");
    if (!e.exists)
        plan_change(p, "creates database %s on %s:%u and restores %s (%s) into it", into,
                    in->settings->postgres.host, in->settings->postgres.port, path, size);
    plan_command(p, "createdb NEW && psql -d NEW -c 'CREATE EXTENSION postgis' && %s -d NEW %s",
                 tool, path);
    return !e.exists || plan_over(in, p, into, &e, err);
}

/* ---- run ---- */

struct restoring {
    struct job *job;
    struct arena *arena;
    const struct settings *settings;
    const char *path, *pg_restore, *into, *fresh, *before;
    struct archive_toc toc;
    struct pg_target admin, target; /* target: the new database */
    bool replace, end_sessions, made;
};

static bool on_server(struct restoring *r, struct pgsession *s, const char *sql, struct err *err) {
    return pgsession_exec(s, sql, NULL, 0, 0, CREATE_MS, r->arena, NULL, err);
}

/* Connected to a database that is neither the old nor the new one: neither may be renamed from
 * inside. */
static bool open_admin(struct restoring *r, struct pgsession **ret, struct err *err) {
    static const char *const names[] = {"postgres", "template1"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        r->admin.dbname = names[i];
        if (strcmp(names[i], r->into) != 0 &&
            pgsession_open(&r->admin, "goodgo restore", CONNECT_MS, job_cancel_fd(r->job), ret,
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
                          .comment = COMMENT};
    if (!place_create(&place, &r->settings->postgres, err)) {
        r->made = place.made;
        return false;
    }
    r->made = true;
    pgsession_close(place.keeper);
    return true;
}

static bool fill(struct restoring *r, struct err *err) {
    struct pgsession *s = NULL;
    struct restore_errors errors = {.n = 0};
    int64_t took_ms = 0;
    struct restore_spec spec = {.job = r->job,
                                .pg_restore = r->pg_restore,
                                .archive = r->path,
                                .target = &r->target,
                                .n_jobs = parallel_jobs()};
    if (archive_toc_has(&r->toc, "EXTENSION", "postgis")) {
        bool ok = pgsession_open(&r->target, "goodgo restore", CONNECT_MS, job_cancel_fd(r->job),
                                 &s, err) &&
                  on_server(r, s, "CREATE EXTENSION IF NOT EXISTS postgis", err);
        pgsession_close(s);
        if (!ok)
            return false;
    }
    job_stage(r->job, "restore", UNIT_COUNT, r->toc.n);
    if (!restore_archive(&spec, &errors, &took_ms, err))
        return false;
    job_result(r->job, "restore", "%lld ms, %u errors", (long long)took_ms, errors.n);
    return !errors.n || err_set(err, E_PROTOCOL, "restore.run", r->path,
                                "pg_restore made %u errors, first: %s", errors.n, errors.lines[0]);
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

static const char end_sql[] =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
    " AND pid <> pg_backend_pid()";

/* One transaction: whoever is killed, the name is always that of a whole database. A rename waits
 * for sessions of the old database to leave and keeps new ones out; one that came in between is
 * ended again, where that was asked for. */
static bool change_names(struct restoring *r, struct pgsession *s, struct err *err) {
    struct arena *a = r->arena;
    const char *into = pg_quote_name(a, r->into), *fresh = pg_quote_name(a, r->fresh);
    const char *away =
        arena_printf(a, "ALTER DATABASE %s RENAME TO %s;", into, pg_quote_name(a, r->before));
    const char *sql =
        arena_printf(a,
                     PG_BEGIN_DURABLE
                     "%s ALTER DATABASE %s RENAME TO %s; COMMENT ON DATABASE %s IS NULL; COMMIT",
                     r->replace ? away : "", fresh, into, into);
    bool ok = false;
    for (int i = 0; i < SWAP_TRIES && !ok && !job_cancelled(r->job); i++) {
        struct err ignored;
        if (r->end_sessions && !pgsession_exec(s, end_sql, &r->into, 1, 0, QUERY_MS, a, NULL, err))
            return false;
        ok = on_server(r, s, sql, err);
        if (!ok && !on_server(r, s, "ROLLBACK", &ignored))
            return false; /* the server is gone: err says so */
    }
    if (!ok && job_cancelled(r->job)) /* before the first try nothing has said so */
        return err_set(err, E_CANCELLED, "restore.swap", r->into, "stopped as asked");
    return ok;
}

static bool replace(struct restoring *r, struct err *err) {
    struct pgsession *s = NULL;
    job_stage(r->job, "change names", UNIT_NONE, 0);
    if (r->replace)
        job_in_hand(r->job, "before", r->before);
    bool ok = open_admin(r, &s, err) && change_names(r, s, err);
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
    if (!backup_take(r->job, &old, r->settings->backup_dir, &backup_form_runbook, &taken, err))
        return false;
    job_result(r->job, "safety dump", "%s", taken.path);
    return true;
}

static void drop_fresh(struct restoring *r) {
    struct pgsession *s = NULL;
    struct err err;
    struct pg_target admin = r->settings->postgres;
    bool ok = pgsession_open(&admin, "goodgo restore", CONNECT_MS, -1, &s, &err) &&
              on_server(r, s,
                        arena_printf(r->arena, "DROP DATABASE IF EXISTS %s WITH (FORCE)",
                                     pg_quote_name(r->arena, r->fresh)),
                        &err);
    pgsession_close(s);
    job_log(r->job, ok ? "dropped the incomplete %s" : "the incomplete %s could not be dropped",
            r->fresh);
}

static bool drop_dead(struct restoring *r, struct err *err) {
    struct pgsession *s = NULL;
    struct pg_rows rows;
    bool ok = open_admin(r, &s, err) && find_dead(s, r->arena, r->into, &rows, err);
    for (uint32_t i = 0; ok && i < rows.n_rows; i++) {
        const char *name = pg_cell(&rows, i, "name");
        ok = on_server(
            r, s,
            arena_printf(r->arena, "DROP DATABASE IF EXISTS %s", pg_quote_name(r->arena, name)),
            err);
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
                          .end_sessions = plan_argument(p, "end-sessions") != NULL};
    job_stage(j, "prepare", UNIT_NONE, 0);
    bool ok = find(&r, p, err) && drop_dead(&r, err) && create(&r, err) && fill(&r, err) &&
              check(&r, err) && (!r.replace || safety_dump(&r, err)) && replace(&r, err);
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
    {NULL, NULL, NULL},
};

#define BEFORE_THE_SWAP "prepare|restore|compare|snapshot|dump|sums|read back|publish"

static const struct act_remains restore_remains[] = {
    {BEFORE_THE_SWAP, "{target} is as it was: nothing is restored under a final name"},
    {"prepare|restore",
     "database {database} may be there, half restored and used by nobody: the next "
     "restore into {into} drops it; by hand: \\l, then DROP DATABASE "
     "\"{database}\""},
    {"compare|snapshot|dump|sums|read back|publish",
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
