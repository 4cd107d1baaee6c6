/* act/restore_plan.c - what a restore will do: which archive, over what, and what is in the way. */
#include <string.h>
#include <unistd.h>

#include "act/backups.h"
#include "act/manifest.h"
#include "base/clock.h"
#include "base/shell.h"
#include "drill_priv.h"
#include "restore_priv.h"

#define CONNECT_MS 10000
#define QUERY_MS   60000
#define NAME_MAX_  63 /* PostgreSQL cuts longer names silently */

static bool check_name(const char *name, struct err *err) {
    static const char *const of_server[] = {"postgres", "template0", "template1"};
    size_t n = strlen(name);
    if (!n || n > NAME_MAX_ - 24 ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != n)
        return err_set(err, E_CONFIG, "restore.plan", name,
                       "is no database name: letters, digits, _ and -, at most %d", NAME_MAX_ - 24);
    for (size_t i = 0; i < ARRAY_LEN(of_server); i++)
        if (strcmp(name, of_server[i]) == 0)
            return err_set(err, E_CONFIG, "restore.plan", name,
                           "is the server's own database: others need it as it is");
    return !str_starts(name, DRILL_PREFIX) ||
           err_set(err, E_CONFIG, "restore.plan", name,
                   "is named like a drill's database, which the next drill may drop");
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
    const struct pg_statement st = {
        .sql = existing_sql, .params = &name, .n_params = 1, .timeout_ms = QUERY_MS};
    bool ok = pgsession_open(&settings->postgres, "goodgo restore", CONNECT_MS, -1, &s, err) &&
              pgsession_exec(s, &st, a, &rows, err);
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
    " d.datallowconn OR shobj_description(d.oid, 'pg_database') = '" RESTORE_COMMENT
    "') AND NOT EXISTS"
    " (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid) ORDER BY 1 LIMIT 16";

bool restore_find_dead(struct pgsession *s, struct arena *a, const char *into, struct pg_rows *ret,
                       struct err *err) {
    const struct pg_statement st = {
        .sql = dead_sql, .params = &into, .n_params = 1, .max_rows = 16, .timeout_ms = QUERY_MS};
    return pgsession_exec(s, &st, a, ret, err);
}

static bool plan_dead(const struct act_input *in, struct plan *p, const char *into,
                      struct err *err) {
    struct pgsession *s = NULL;
    struct pg_rows rows;
    bool ok = pgsession_open(&in->settings->postgres, "goodgo restore", CONNECT_MS, -1, &s, err) &&
              restore_find_dead(s, in->arena, into, &rows, err);
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
                       "has %s (%s): stop them, or say --end-sessions",
                       COUNTED(e->sessions, "session"), e->who ? e->who : "of other users");
    p->tier = TIER_DESTROYS;
    plan_fact(p, "replaces", "%s", into);
    plan_change(p, "restores into a new database beside %s and checks it", into);
    plan_change(p,
                "takes a safety dump of %s (%s) into %s, as " BACKUP_SAFETY_PREFIX
                "%s_TIME" BACKUP_SUFFIX ": it stays there until you delete it",
                into, size, in->settings->backup_dir, into);
    if (!act_argument(in, "no-owner"))
        plan_change(
            p, "gives it the owner, tablespace, rights, settings and connection limit of %s", into);
    if (e->sessions)
        plan_change(p, "ends %s of %s: %s", COUNTED(e->sessions, "session"), into,
                    e->who ? e->who : "of other users");
    plan_change(p,
                "renames %s to %s_before_TIME, and the new one to %s: what was written since the"
                " backup is no longer seen",
                into, into, into);
    plan_warning(p, "to undo: rename the two back; drop %s_before_TIME only when you are sure",
                 into);
    return true;
}

/* Which data that is, as far as anything says so: "latest" alone does not. */
static bool plan_archive(const struct act_input *in, struct plan *p, const char *path,
                         const char *into, struct err *err) {
    struct manifest m;
    char taken[40];
    const char *beside = manifest_path(in->arena, path);
    if (access(beside, F_OK) != 0) {
        plan_warning(p, "the archive has no manifest: no row and no definition can be checked");
        return true;
    }
    if (!manifest_read(beside, in->arena, &m, err))
        return false;
    clock_iso8601(m.taken_wall_ms / 1000 * 1000, taken, sizeof taken);
    plan_change(p, "the archive was taken %s of database %s", taken, m.database);
    if (act_argument(in, "replace") && strcmp(m.database, into) != 0)
        plan_warning(p, "it is an archive of %s, not of %s", m.database, into);
    return true;
}

bool restore_plan(const struct act_input *in, struct plan *p, struct err *err) {
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
    if (!check_name(into, err) ||
        !backup_find(in->settings->backup_dir, file, in->arena, &path, err) ||
        !archive_head(path, &head, err) ||
        !pg_tool_find("pg_restore", 0, in->arena, &tool, &version, err) ||
        !pg_tool_reads(tool, path, head.minor, err) ||
        !look_at(in->settings, in->arena, into, &e, err) || !plan_dead(in, p, into, err))
        return false;
    if (head.kind != ARCHIVE_CUSTOM && head.kind != ARCHIVE_DIRECTORY && head.kind != ARCHIVE_TAR)
        return err_set(err, E_WRONG_THING, "restore.plan", path,
                       "is not an archive of pg_dump: pg_restore cannot read it");
    value_format(value_int(head.size_bytes), UNIT_BYTES, 0, size, sizeof size);
    p->target = arena_printf(in->arena, "database %s", into);
    backup_warn_future(p, path, in->now_wall_ms / 1000);
    plan_fact(p, "file", "%s", path);
    plan_fact(p, "bytes", "%lld", (long long)head.size_bytes);
    plan_fact(p, "server", "%s:%u", in->settings->postgres.host, in->settings->postgres.port);
    plan_fact(p, "exists", "%s", e.exists ? "yes" : "no");
    if (!e.exists)
        plan_change(p, "creates database %s on %s:%u and restores %s (%s) into it", into,
                    in->settings->postgres.host, in->settings->postgres.port, path, size);
    plan_command(p, "createdb NEW && psql -d NEW -c 'CREATE EXTENSION postgis' && %s%s -d NEW %s",
                 shell_word(p->arena, tool),
                 act_argument(in, "no-owner") ? " --no-owner --no-privileges" : "",
                 shell_word(p->arena, path));
    if (!plan_archive(in, p, path, into, err))
        return false;
    return !e.exists || plan_over(in, p, into, &e, err);
}
