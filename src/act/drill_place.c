/* act/drill_place.c - where a drill restores: always a database of its own making, named
 * goodgo_verify_<time>, on the direct server or in a cluster that lives as long as the drill. The
 * production database is never a target: no name but that one is ever created or dropped here. */
#include "drill_priv.h"

#include <dirent.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/child.h"
#include "io/file.h"
#include "io/pgsession.h"

#define CONNECT_MS            10000
#define QUERY_MS              60000
#define CREATE_MS             120000
#define TOOL_MS               120000
#define COMMENT               "goodgo drill"
#define CLUSTER_PREFIX        "goodgo-scratch-"
#define CLUSTER_USER          "goodgo_drill"
#define CLUSTER_BYTES         (INT64_C(72) << 20) /* of an empty one, with its first WAL */
#define SERVER_TOOL_ARGUMENTS 10
#define ROWS_AND_INDEXES      3 /* what a row takes there, against its text */

/* ---- what dead drills left ---- */

static const char leftovers_sql[] =
    /* One that takes no connections and says nothing was made by place_create() and not yet marked:
     * nobody was ever in it. */
    "SELECT d.datname AS name, CASE WHEN d.datallowconn"
    " THEN coalesce(shobj_description(d.oid, 'pg_database'), '') ELSE '" COMMENT "' END AS comment,"
    " (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid) AS sessions"
    " FROM pg_database d WHERE d.datname ~ '^goodgo_verify_[0-9]{8}_[0-9]{6}$' ORDER BY 1 LIMIT 64";

static void take_leftover(struct leftovers *l, const struct pg_rows *rows, uint32_t i,
                          struct arena *a) {
    int64_t sessions;
    const char *name = pg_cell(rows, i, "name"), *comment = pg_cell(rows, i, "comment");
    if (!name || !comment || !pg_cell_i64(rows, i, "sessions", &sessions) || sessions)
        return; /* somebody works in it */
    bool ours = str_starts(comment, COMMENT);
    if (ours && l->n_dead < ARRAY_LEN(l->dead))
        l->dead[l->n_dead++] = arena_strdup(a, name);
    else if (!ours && l->n_foreign < ARRAY_LEN(l->foreign))
        l->foreign[l->n_foreign++] = arena_strdup(a, name);
}

static const char *scratch_parent(void) {
    const char *dir = getenv("TMPDIR");
    return dir && *dir == '/' ? dir : "/tmp";
}

/* A cluster belongs to the job whose runner lock is in it. */
static void find_clusters(struct leftovers *l, struct arena *a) {
    struct dirent *d;
    DIR *dir = opendir(scratch_parent());
    while (dir && (d = readdir(dir)) && l->n_clusters < ARRAY_LEN(l->clusters)) {
        if (!str_starts(d->d_name, CLUSTER_PREFIX))
            continue;
        const char *path = arena_printf(a, "%s/%s", scratch_parent(), d->d_name);
        const char *lock = arena_printf(a, "%s/drill.lock", path);
        struct stat st;
        if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode))
            continue;
        bool bare = st.st_uid == geteuid() && st.st_nlink <= 2; /* its drill died at once */
        bool locked = lstat(lock, &st) == 0;
        if (locked ? st.st_uid == geteuid() && !file_is_locked(lock) : bare)
            l->clusters[l->n_clusters++] = path;
    }
    if (dir)
        closedir(dir);
}

bool place_leftovers(const struct settings *settings, struct arena *a, struct leftovers *ret,
                     struct err *err) {
    struct pgsession *s = NULL;
    struct pg_rows rows;
    *ret = (struct leftovers){.n_dead = 0};
    find_clusters(ret, a);
    if (!settings->has_postgres)
        return true;
    bool ok = pgsession_open(&settings->postgres, COMMENT, CONNECT_MS, -1, &s, err) &&
              pgsession_rows(s, leftovers_sql, QUERY_MS, a, &rows, err);
    for (uint32_t i = 0; ok && i < rows.n_rows; i++)
        take_leftover(ret, &rows, i, a);
    pgsession_close(s);
    return ok;
}

static bool run_tool(const char *const *argv, const char *what, struct err *err) {
    struct child_result result;
    struct child_spec spec = {.argv = argv,
                              .env = {"LC_ALL=C"},
                              .stdout_fd = -1,
                              .timeout_ms = TOOL_MS,
                              .cancel_fd = -1}; /* clean-up must not be cancelled */
    if (!child_run(&spec, &result, err))
        return false;
    return result.exit_code == 0 ||
           err_set(err, E_IO, "drill.scratch", what, "%s", result.last_line);
}

/* PostgreSQL refuses root: then the package's own user runs it. `arguments` end with NULL. */
static bool run_server_tool(const struct place *p, const char *tool, const char *const *arguments,
                            struct err *err) {
    const char *argv[SERVER_TOOL_ARGUMENTS + 6];
    size_t n = 0;
    if (geteuid() == 0) {
        argv[n++] = "/usr/sbin/runuser";
        argv[n++] = "-u";
        argv[n++] = "postgres";
        argv[n++] = "--";
    }
    argv[n++] = arena_printf(p->arena, "%s/%s", p->bin_dir, tool);
    while (*arguments && n < ARRAY_LEN(argv) - 1)
        argv[n++] = *arguments++;
    argv[n] = NULL;
    return run_tool(argv, tool, err);
}

static void remove_cluster(struct place *p) {
    struct err err;
    const char *data = arena_printf(p->arena, "%s/data", p->dir);
    const char *pid_file = arena_printf(p->arena, "%s/postmaster.pid", data);
    const char *stop[] = {"-D", data, "-m", "immediate", "-w", "stop", NULL};
    const char *rm[] = {"/bin/rm", "-rf", "--", p->dir, NULL};
    if (p->bin_dir && access(pid_file, F_OK) == 0 && !run_server_tool(p, "pg_ctl", stop, &err))
        job_log(p->job, "the scratch cluster in %s did not stop: %s", p->dir, err.why);
    if (!run_tool(rm, "rm", &err))
        job_log(p->job, "%s could not be removed: %s", p->dir, err.why);
}

/* Autovacuum's session only a superuser may end, and FORCE fails for it; without FORCE the server
 * has it leave. */
bool place_drop(struct pgsession *s, struct arena *a, const char *name, bool force,
                struct err *err) {
    const char *sql = arena_printf(a, "DROP DATABASE IF EXISTS %s", pg_quote_name(a, name));
    return (force && pgsession_run(s, arena_printf(a, "%s WITH (FORCE)", sql), CREATE_MS, err)) ||
           pgsession_run(s, sql, CREATE_MS, err);
}

static void drop_database(struct job *j, struct pgsession *s, const char *name, bool force) {
    struct err err;
    if (!str_starts(name, DRILL_PREFIX))
        abort(); /* our own bug, and the worst one there could be */
    if (place_drop(s, job_arena(j), name, force, &err))
        job_log(j, "dropped database %s", name);
    else
        job_log(j, "database %s could not be dropped: %s", name, err.why);
}

void place_clear_leftovers(struct job *j, const struct leftovers *l, bool foreign_too) {
    struct pgsession *s = NULL;
    struct err err;
    const char *tool;
    int version;
    struct arena *a = job_arena(j);
    for (uint32_t i = 0; i < l->n_clusters; i++) {
        /* A bare one is removed as long as it is bare: its drill may have lived after all. */
        const char *lock = arena_printf(a, "%s/drill.lock", l->clusters[i]);
        if (rmdir(l->clusters[i]) == 0 || access(lock, F_OK) != 0 || file_is_locked(lock))
            continue;
        bool found = pg_tool_find("pg_ctl", 0, a, &tool, &version, &err);
        char *slash = found ? strrchr(tool, '/') : NULL;
        const char *bin = slash ? arena_strndup(a, tool, (size_t)(slash - tool)) : NULL;
        remove_cluster(
            &(struct place){.job = j, .arena = a, .dir = l->clusters[i], .bin_dir = bin});
    }
    if (!l->n_dead && !(foreign_too && l->n_foreign))
        return;
    if (!pgsession_open(&job_settings(j)->postgres, COMMENT, CONNECT_MS, -1, &s, &err)) {
        job_log(j, "left-over databases stay: %s", err.why);
        return;
    }
    for (uint32_t i = 0; i < l->n_dead; i++)
        drop_database(j, s, l->dead[i], false);
    for (uint32_t i = 0; foreign_too && i < l->n_foreign; i++)
        drop_database(j, s, l->foreign[i], false);
    pgsession_close(s);
}

/* ---- a cluster of its own ---- */

void place_plan_room(const struct act_input *in, struct plan *p, int64_t text_bytes) {
    struct statvfs fs;
    char need_text[32], free_text[32];
    int64_t need = CLUSTER_BYTES + text_bytes * ROWS_AND_INDEXES;
    if (statvfs(scratch_parent(), &fs) != 0)
        return; /* the run says why */
    int64_t room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    value_format(value_int(need), UNIT_BYTES, 0, need_text, sizeof need_text);
    value_format(value_int(room), UNIT_BYTES, 0, free_text, sizeof free_text);
    if (room < need)
        plan_warning(p, "only %s free in %s, and the cluster needs about %s: TMPDIR names another",
                     free_text, scratch_parent(), need_text);
}

/* PostgreSQL refuses root: then the package's own user runs it. */
static bool give_to_user(const char *dir, struct err *err) {
    const struct passwd *pw = getpwnam("postgres");
    if (geteuid() != 0)
        return true;
    if (!pw)
        return err_set(err, E_CONFIG, "drill.scratch", "postgres",
                       "root cannot run a cluster, and there is no user of that name");
    return chown(dir, pw->pw_uid, pw->pw_gid) == 0 ||
           err_set(err, E_IO, "drill.scratch", dir, "%s", strerror(errno));
}

/* Collation C orders as C.UTF-8 does, but sorts by memcmp: a quarter less for the whole. */
static bool cluster_make(struct place *p, const char *data, struct err *err) {
    const char *arguments[] = {"--pgdata",
                               data,
                               "--no-sync",
                               "--auth=trust",
                               "--encoding=UTF8",
                               ("--username=" CLUSTER_USER),
                               "--locale=C.UTF-8",
                               "--lc-collate=C",
                               NULL};
    return run_server_tool(p, "initdb", arguments, err);
}

/* No crash has to be survived, and nobody else uses it. */
static bool cluster_start(struct place *p, const char *data, struct err *err) {
    const char *options =
        arena_printf(p->arena,
                     "-c listen_addresses='' -c unix_socket_directories='%s' -c port=5432"
                     " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
                     " -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off"
                     " -c shared_buffers=256MB -c max_wal_size=16GB -c logging_collector=off",
                     p->dir);
    const char *log = arena_printf(p->arena, "%s/server.log", p->dir);
    const char *arguments[] = {"-D", data, "-w", "-o", options, "-l", log, "start", NULL};
    return run_server_tool(p, "pg_ctl", arguments, err);
}

static bool open_scratch(struct place *p, int min_version, struct err *err) {
    const char *tool;
    int version, lock;
    struct arena *a = p->arena;
    if (!pg_tool_find("initdb", min_version, a, &tool, &version, err))
        return false;
    p->bin_dir = arena_strndup(a, tool, (size_t)(strrchr(tool, '/') - tool));
    char *dir = arena_printf(a, "%s/" CLUSTER_PREFIX "XXXXXX", scratch_parent());
    if (!mkdtemp(dir))
        return err_set(err, E_IO, "drill.scratch", dir, "%s", strerror(errno));
    p->dir = dir;
    const char *data = arena_printf(a, "%s/data", dir);
    job_in_hand(p->job, "cluster", dir);
    if (!file_lock(arena_printf(a, "%s/drill.lock", dir), &lock, err) || !give_to_user(dir, err) ||
        !cluster_make(p, data, err) || !cluster_start(p, data, err))
        return false;
    (void)lock; /* held until this process ends: that is its meaning */
    p->admin = (struct pg_target){.host = dir,
                                  .port = 5432,
                                  .dbname = "postgres",
                                  .user = CLUSTER_USER,
                                  .sslmode = "disable"};
    return true;
}

/* ---- both ---- */

bool place_open(struct place *p, struct job *j, bool scratch, int64_t now_wall_ms, int min_version,
                struct err *err) {
    char t[40];
    *p = (struct place){
        .job = j, .arena = job_arena(j), .scratch = scratch, .passing = true, .comment = COMMENT};
    clock_iso8601(now_wall_ms / 1000 * 1000, t, sizeof t);
    p->name = arena_printf(p->arena, DRILL_PREFIX "%.4s%.2s%.2s_%.2s%.2s%.2s", t, t + 5, t + 8,
                           t + 11, t + 14, t + 17);
    p->admin = job_settings(j)->postgres;
    if (scratch && !open_scratch(p, min_version, err))
        return false;
    p->target = p->admin;
    p->target.dbname = p->name;
    return true;
}

static const char locale_sql[] =
    /* A new database is where template0 is, for which no right is needed. The columns of the
     * provider came with 15, one with 16, and one has another name since 17. */
    "SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS collate, datctype AS ctype,"
    " j ->> 'datlocprovider' AS provider, j ->> 'daticurules' AS rules,"
    " coalesce(j ->> 'datlocale', j ->> 'daticulocale') AS locale,"
    " (SELECT spcname FROM pg_tablespace s WHERE s.oid = dattablespace AND s.oid <> (SELECT"
    " dattablespace FROM pg_database WHERE datname = 'template0')) AS space"
    " FROM pg_database d, LATERAL to_jsonb(d) j WHERE datname = current_database()";

/* C orders as C.UTF-8 does, byte by byte, but only of C does PostgreSQL know that memcmp will do.
 * What is to stay has the locale by the source's name. */
static const char *collate_of(const struct place *p, const char *source) {
    bool by_bytes = !strcasecmp(source, "C.UTF-8") || !strcasecmp(source, "C.utf8");
    return p->passing && by_bytes ? "C" : source;
}

/* Said also where it is libc: template0 may have another. "" where the server knows of none. */
static const char *provider_of(const struct place *p, const struct pg_rows *rows) {
    const char *provider = pg_cell(rows, 0, "provider"), *locale = pg_cell(rows, 0, "locale");
    const char *rules = pg_cell(rows, 0, "rules");
    if (!provider || !strchr("ibc", *provider))
        return "";
    if (*provider == 'c' || !locale)
        return " LOCALE_PROVIDER libc";
    locale = pg_quote_text(p->arena, locale);
    if (*provider == 'b')
        return arena_printf(p->arena, " LOCALE_PROVIDER builtin BUILTIN_LOCALE %s", locale);
    return arena_printf(p->arena, " LOCALE_PROVIDER icu ICU_LOCALE %s%s%s", locale,
                        rules ? " ICU_RULES " : "", rules ? pg_quote_text(p->arena, rules) : "");
}

/* " TABLESPACE fast", or "". */
static const char *space_of(const struct place *p, const char *source) {
    return p->same_space && source
               ? arena_printf(p->arena, " TABLESPACE %s", pg_quote_name(p->arena, source))
               : "";
}

/* The source's encoding and locale where there is a source to ask; else the cluster's. */
static const char *create_sql(struct place *p, const struct pg_target *source) {
    struct pgsession *s = NULL;
    struct pg_rows rows;
    struct err ignored;
    struct arena *a = p->arena;
    const char *name = pg_quote_name(a, p->name), *sql = NULL;
    if (source && !p->scratch &&
        pgsession_open(source, COMMENT, CONNECT_MS, job_cancel_fd(p->job), &s, &ignored) &&
        pgsession_rows(s, locale_sql, QUERY_MS, a, &rows, &ignored) && rows.n_rows == 1)
        sql = arena_printf(
            a,
            "CREATE DATABASE %s TEMPLATE template0 ENCODING %s LC_COLLATE %s LC_CTYPE %s"
            "%s%s ALLOW_CONNECTIONS false",
            name, pg_quote_text(a, pg_cell(&rows, 0, "encoding")),
            pg_quote_text(a, collate_of(p, pg_cell(&rows, 0, "collate"))),
            pg_quote_text(a, pg_cell(&rows, 0, "ctype")), provider_of(p, &rows),
            space_of(p, pg_cell(&rows, 0, "space")));
    pgsession_close(s);
    return sql ? sql
               : arena_printf(a, "CREATE DATABASE %s TEMPLATE template0 ALLOW_CONNECTIONS false",
                              name);
}

/* Uncounted rows do not call autovacuum, which would read beside the restore what nobody asks
 * twice. Only a superuser may say so; without it the drill takes longer. */
static void count_rows(struct place *p, struct pgsession *s, bool count) {
    struct err err;
    const char *sql =
        arena_printf(p->arena, "ALTER DATABASE %s %s", pg_quote_name(p->arena, p->name),
                     count ? "RESET track_counts" : "SET track_counts = off");
    if (!pgsession_run(s, sql, QUERY_MS, &err))
        job_log(p->job, "autovacuum may look at %s: %s", p->name, err.why);
}

void place_name_rights(struct err *err) {
    if (err->code == E_AUTH)
        err->todo =
            "the role needs CREATEDB, and for PostGIS it has to be a superuser; a drill with"
            " --scratch needs neither";
}

bool place_create(struct place *p, const struct pg_target *source, struct err *err) {
    struct pgsession *s = NULL;
    struct arena *a = p->arena;
    if (!pgsession_open(&p->admin, COMMENT, CONNECT_MS, job_cancel_fd(p->job), &s, err))
        return false;
    if (!p->scratch) /* there it goes with the cluster */
        job_in_hand(p->job, "database", p->name);
    bool ok = pgsession_run(s, create_sql(p, source), CREATE_MS, err);
    if (!ok)
        place_name_rights(err);
    p->made = ok;
    const char *name = pg_quote_name(a, p->name);
    /* One transaction: a database that may be entered says whose it is. */
    const char *mark =
        arena_printf(a, "COMMENT ON DATABASE %s IS %s; ALTER DATABASE %s ALLOW_CONNECTIONS true",
                     name, pg_quote_text(a, p->comment), name);
    ok = ok && pgsession_run(s, mark, QUERY_MS, err);
    if (ok && p->passing)
        count_rows(p, s, false);
    pgsession_close(s);
    return ok &&
           pgsession_open(&p->target, COMMENT, CONNECT_MS, job_cancel_fd(p->job), &p->keeper, err);
}

/* From now on it is a database as any other. */
static void keep_place(struct place *p) {
    struct pgsession *s = NULL;
    struct err err;
    if (p->made && pgsession_open(&p->admin, COMMENT, CONNECT_MS, -1, &s, &err))
        count_rows(p, s, true);
    pgsession_close(s);
    job_log(p->job, "kept: database %s%s%s", p->name, p->dir ? " in " : "", p->dir ? p->dir : "");
}

void place_close(struct place *p, bool keep) {
    struct pgsession *s = NULL;
    struct err err;
    pgsession_close(p->keeper);
    p->keeper = NULL;
    if (keep) {
        keep_place(p);
        return;
    }
    if (p->dir) {
        remove_cluster(p);
    } else if (p->made) {
        if (pgsession_open(&p->admin, COMMENT, CONNECT_MS, -1, &s, &err))
            drop_database(p->job, s, p->name, true);
        else
            job_log(p->job, "database %s stays until the next drill: %s", p->name, err.why);
        pgsession_close(s);
    }
    p->made = false;
}
