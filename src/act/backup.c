/* act/backup.c - the runbook's backup (R85-R91) with what the script lacks: a manifest taken in the
 * dump's own snapshot, and the archive read back in full before it gets its name. Whatever stops
 * it, no file under a final name is less than whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "act/act.h"
#include "act/archive.h"
#include "act/backups.h"
#include "act/manifest.h"
#include "base/clock.h"
#include "drill_priv.h"
#include "io/child.h"
#include "io/file.h"
#include "io/pgsession.h"

#define CONNECT_MS   10000
#define QUERY_MS     60000
#define SCAN_WORKERS 1 /* pg_dump keeps one core busy; the sums take the other */
#define ENV_SIZE     1100
#define KEEP_DAYS    7
#define DELETE       "delete " /* facts of the plan: what may be pruned */
#define DELETE_MAX   40
#define LOG_PATH     "/var/log/pg-backup.log"

/* ---- plan ---- */

struct source {
    const char *database, *system_identifier, *version_text;
    int version;
    int64_t size_bytes;
};

static const char source_sql[] =
    "SELECT current_database() AS database, pg_database_size(current_database()) AS size,"
    " (SELECT system_identifier::text FROM pg_control_system()) AS system,"
    " current_setting('server_version') AS version";

static bool read_source(struct pgsession *s, struct arena *a, struct source *ret, struct err *err) {
    struct pg_rows rows;
    if (!pgsession_exec(s, source_sql, NULL, 0, 1, QUERY_MS, a, &rows, err))
        return false;
    if (rows.n_rows != 1 || !pg_cell_i64(&rows, 0, "size", &ret->size_bytes))
        return err_set(err, E_PROTOCOL, "backup.plan", "", "the server does not say its size");
    ret->database = pg_cell(&rows, 0, "database");
    ret->system_identifier = pg_cell(&rows, 0, "system");
    ret->version_text = pg_cell(&rows, 0, "version");
    ret->version = pgsession_version(s);
    return true;
}

static const char *directory(const struct settings *settings, const char *argument) {
    return argument ? argument : settings->backup_dir;
}

static uint32_t keep_days(const struct settings *settings) {
    return settings->backup_retention_days ? settings->backup_retention_days : KEEP_DAYS;
}

/* A dump needs about what the last one took; the first is guessed from the database. */
static bool plan_space(struct plan *p, const char *dir, const struct source *source,
                       const struct backup_file *files, uint32_t n, struct err *err) {
    struct statvfs fs;
    char need_text[32], free_text[32];
    if (access(dir, W_OK | X_OK) != 0 || statvfs(dir, &fs) != 0)
        return err_set(err, E_IO, "backup.plan", dir, "%s", strerror(errno));
    int64_t need = n ? files[0].size_bytes : source->size_bytes / 4;
    int64_t room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    value_format(value_int(need), UNIT_BYTES, 0, need_text, sizeof need_text);
    value_format(value_int(room), UNIT_BYTES, 0, free_text, sizeof free_text);
    if (room < need + need / 10)
        return err_set(err, E_IO, "backup.plan", dir, "%s free, and the dump needs about %s",
                       free_text, need_text);
    if (room < 3 * need)
        plan_warning(p, "only %s free in %s: room for fewer than three dumps of %s", free_text, dir,
                     need_text);
    plan_change(p,
                "writes one archive of database %s (about %s) and its manifest into %s, as"
                " goodgo_YYYYMMDD_HHMMSS.sql.gz of the moment it starts",
                source->database, need_text, dir);
    plan_change(p, "reads it back in full and holds every table against the manifest");
    return true;
}

static void plan_prune(const struct act_input *in, struct plan *p, const struct backup_file *files,
                       uint32_t n) {
    uint32_t *old = arena_alloc(in->arena, (n + 1) * sizeof *old);
    uint32_t days = keep_days(in->settings);
    uint32_t n_old = backups_to_prune(files, n, in->now_wall_ms / 1000, days, old);
    for (uint32_t i = 0; i < n_old && i < DELETE_MAX; i++) { /* the rest goes with the next one */
        char name[32];
        snprintf(name, sizeof name, DELETE "%u", i + 1);
        plan_change(p, "then deletes %s: older than %u days", files[old[i]].name, days);
        plan_fact(p, arena_strdup(p->arena, name), "%s", files[old[i]].name);
    }
}

static bool plan_parts(const struct act_input *in, struct plan *p, const char *dir,
                       struct err *err) {
    const char **parts;
    uint32_t n;
    if (!backups_stale_parts(dir, in->arena, &parts, &n, err))
        return false;
    for (uint32_t i = 0; i < n; i++)
        plan_change(p, "first removes %s: its writer died", parts[i]);
    return true;
}

static bool backup_plan(const struct act_input *in, struct plan *p, struct err *err) {
    struct pgsession *s = NULL;
    struct source source;
    struct backup_file *files;
    uint32_t n;
    int tool_version;
    const char *tool, *dir = directory(in->settings, act_argument(in, "dir"));
    p->tier = TIER_HARMLESS;
    if (!in->settings->has_postgres)
        return err_set(err, E_CONFIG, "backup.plan", "postgres", "this context has no database");
    if (!dir)
        return err_set(err, E_CONFIG, "backup.plan", "BACKUP_DIR",
                       "is not set: name a directory with --dir");
    if (!pgsession_open(&in->settings->postgres, "goodgo backup", CONNECT_MS, -1, &s, err))
        return false;
    bool ok = read_source(s, in->arena, &source, err);
    pgsession_close(s);
    if (!ok || !pg_tool_find("pg_dump", source.version, in->arena, &tool, &tool_version, err) ||
        !backups_list(dir, in->arena, in->now_wall_ms / 1000, 0, &files, &n, err) ||
        !plan_parts(in, p, dir, err) || !plan_space(p, dir, &source, files, n, err))
        return false;
    p->target = arena_printf(in->arena, "database %s", source.database);
    plan_fact(p, "server", "%s:%u, PostgreSQL %s", in->settings->postgres.host,
              in->settings->postgres.port, source.version_text);
    plan_fact(p, "directory", "%s", dir);
    plan_fact(p, "pg_dump", "%s", tool);
    plan_prune(in, p, files, n);
    plan_command(p, "%s --format=custom --compress=6 --file=FILE \"${DATABASE_URL_DIRECT}\"", tool);
    plan_command(p, "pg_restore -f /dev/null FILE && sha256sum FILE");
    return true;
}

/* ---- run ---- */

struct backup {
    struct job *job;
    struct arena *arena;
    const struct settings *settings;
    const char *dir, *name, *path, *part;
    const char *pg_dump, *pg_restore;
    struct pgsession *keeper; /* holds the snapshot that dump and manifest share */
    const char *snapshot;
    struct content_scan *scan;
    struct manifest manifest;
    struct source source;
    int64_t started_wall_ms;
    const char *table; /* being dumped */
    int part_fd;       /* locked: tells a living writer from a dead one */
};

static bool remove_parts(struct backup *b, struct err *err) {
    const char **parts;
    uint32_t n;
    if (!backups_stale_parts(b->dir, b->arena, &parts, &n, err))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (unlink(parts[i]) == 0)
            job_result(b->job, "removed", "%s, left by a writer that died", parts[i]);
    return true;
}

static bool keep_snapshot(struct backup *b, struct err *err) {
    struct pg_rows rows;
    if (!pgsession_open(&b->settings->postgres, "goodgo backup", CONNECT_MS, job_cancel_fd(b->job),
                        &b->keeper, err) ||
        !pgsession_exec(b->keeper, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, 0, 0,
                        QUERY_MS, b->arena, NULL, err) ||
        !pgsession_exec(b->keeper, "SELECT pg_export_snapshot() AS id", NULL, 0, 1, QUERY_MS,
                        b->arena, &rows, err))
        return false;
    b->snapshot = pg_cell(&rows, 0, "id");
    return b->snapshot ||
           err_set(err, E_PROTOCOL, "backup.snapshot", "", "the server exported none");
}

/* What the manifest needs of the snapshot besides the sums, which are taken beside the dump. */
static bool begin_manifest(struct backup *b, struct err *err) {
    return read_source(b->keeper, b->arena, &b->source, err) &&
           content_tables(b->keeper, b->arena, &b->manifest.content, err) &&
           catalog_read(b->keeper, b->arena, &b->manifest.catalog, err) &&
           money_read(b->keeper, b->arena, &b->manifest.content, &b->manifest.money, err);
}

static void on_dump_line(void *ctx, const char *line) {
    static const char mark[] = "dumping contents of table \"";
    struct backup *b = ctx;
    const char *at = strstr(line, mark);
    fprintf(stderr, "%s\n", line);
    if (!at)
        return;
    const char *name = at + strlen(mark), *end = strrchr(name, '"');
    b->table = arena_strndup(b->arena, name, end ? (size_t)(end - name) : strlen(name));
}

static bool on_dump_tick(void *ctx) {
    struct backup *b = ctx;
    struct stat st;
    job_progress(b->job, stat(b->part, &st) == 0 ? st.st_size : 0, b->table);
    return true;
}

static bool dump(struct backup *b, struct err *err) {
    char password[ENV_SIZE];
    struct child_result result;
    const struct pg_target *t = &b->settings->postgres;
    const char *port = arena_printf(b->arena, "--port=%u", t->port);
    const char *argv[] = {b->pg_dump,
                          "--format=custom",
                          "--compress=6",
                          "--verbose",
                          "--no-password",
                          arena_printf(b->arena, "--snapshot=%s", b->snapshot),
                          arena_printf(b->arena, "--file=%s", b->part),
                          arena_printf(b->arena, "--host=%s", t->host),
                          port,
                          arena_printf(b->arena, "--username=%s", t->user ? t->user : ""),
                          arena_printf(b->arena, "--dbname=%s", t->dbname),
                          NULL};
    struct child_spec spec = {
        .argv = argv,
        .env = {password, "LC_ALL=C", "PGTZ=UTC", "PGAPPNAME=pg_dump", "PGCONNECT_TIMEOUT=10"},
        .stdout_fd = -1,
        .on_stderr = on_dump_line,
        .tick = on_dump_tick,
        .ctx = b,
        .cancel_fd = job_cancel_fd(b->job)};
    snprintf(password, sizeof password, "PGPASSWORD=%s", t->password ? t->password : "");
    bool ran = child_run(&spec, &result, err);
    explicit_bzero(password, sizeof password);
    if (ran && result.exit_code != 0)
        return err_set(err, E_IO, "backup.dump", b->name, "pg_dump: %s", result.last_line);
    return ran;
}

/* The scan must be waited for whether the dump succeeded or not. */
static bool dump_and_sum(struct backup *b, const struct backup_file *last, struct err *err) {
    struct err ignored;
    job_stage(b->job, "dump", UNIT_BYTES, last ? last->size_bytes : 0);
    b->scan = content_scan_start(&b->settings->postgres, b->snapshot, SCAN_WORKERS,
                                 job_cancel_fd(b->job), &b->manifest.content);
    bool ok = dump(b, err);
    if (ok)
        job_stage(b->job, "sums", UNIT_COUNT, b->manifest.content.n);
    bool summed = content_scan_finish(b->scan, ok ? err : &ignored);
    b->scan = NULL;
    return ok && summed;
}

static bool on_read_back(void *ctx, uint64_t bytes, const char *table) {
    struct backup *b = ctx;
    job_progress(b->job, (int64_t)bytes, table);
    return !job_cancelled(b->job);
}

static const struct content_table *find_table(const struct content *c,
                                              const struct content_table *t) {
    for (uint32_t i = 0; i < c->n; i++)
        if (strcmp(c->tables[i].schema, t->schema) == 0 && strcmp(c->tables[i].name, t->name) == 0)
            return &c->tables[i];
    return NULL;
}

static bool compare_content(const struct content *expected, const struct content *found,
                            struct err *err) {
    if (expected->n != found->n)
        return err_set(err, E_PROTOCOL, "backup.read_back", "", "the archive has %u tables, not %u",
                       found->n, expected->n);
    for (uint32_t i = 0; i < expected->n; i++) {
        const struct content_table *e = &expected->tables[i], *f = find_table(found, e);
        if (!f || !content_equal(&e->sum, &f->sum))
            return err_set(err, E_PROTOCOL, "backup.read_back", e->name,
                           "the archive does not hold what the database held: %llu rows, not %llu,"
                           " or other values",
                           (unsigned long long)(f ? f->sum.rows : 0),
                           (unsigned long long)e->sum.rows);
    }
    return true;
}

static bool read_back(struct backup *b, struct err *err) {
    struct content found;
    int64_t bytes = 0;
    for (uint32_t i = 0; i < b->manifest.content.n; i++)
        bytes += (int64_t)b->manifest.content.tables[i].sum.bytes;
    job_stage(b->job, "read back", UNIT_BYTES, bytes);
    return archive_content(b->part, b->pg_restore, job_cancel_fd(b->job), b->arena, on_read_back, b,
                           &found, err) &&
           compare_content(&b->manifest.content, &found, err);
}

/* The manifest first: an archive under its final name always has one. */
static bool publish(struct backup *b, struct err *err) {
    char hex[65];
    struct stat st;
    struct manifest *m = &b->manifest;
    job_stage(b->job, "publish", UNIT_NONE, 0);
    if (stat(b->part, &st) != 0)
        return err_set(err, E_IO, "backup.publish", b->part, "%s", strerror(errno));
    if (!archive_sha256(b->part, job_cancel_fd(b->job), hex, err))
        return false;
    m->file = b->name;
    m->sha256 = arena_strdup(b->arena, hex);
    m->size_bytes = st.st_size;
    m->taken_wall_ms = b->started_wall_ms;
    m->took_ms = job_elapsed_ms(b->job);
    m->database = b->source.database;
    m->system_identifier = b->source.system_identifier;
    m->server_version = b->source.version;
    m->server_version_text = b->source.version_text;
    m->compression = "gzip:6";
    return manifest_write(manifest_path(b->arena, b->path), m, err) &&
           file_publish(b->part, b->path, false, err);
}

static void delete_backup(struct backup *b, const struct backup_file *f) {
    static const char *const beside[] = {"", ".manifest.json", ".proof.json"};
    for (size_t i = 0; i < ARRAY_LEN(beside); i++)
        unlink(arena_printf(b->arena, "%s%s", f->path, beside[i]));
    job_result(b->job, "deleted", "%s", f->name);
}

static bool was_agreed(const struct plan *p, const char *name) {
    for (uint32_t i = 0; i < p->facts.n; i++)
        if (str_starts(p->facts.at[i].name, DELETE) && strcmp(p->facts.at[i].value, name) == 0)
            return true;
    return false;
}

/* Only after the new one is whole, and only what the plan named and still may go. */
static void prune(struct backup *b, const struct plan *p) {
    struct backup_file *files;
    struct err err;
    uint32_t n;
    int64_t now_s = b->started_wall_ms / 1000;
    if (!backups_list(b->dir, b->arena, now_s, 0, &files, &n, &err)) {
        job_log(b->job, "nothing was pruned: %s", err.why);
        return;
    }
    uint32_t *old = arena_alloc(b->arena, (n + 1) * sizeof *old);
    uint32_t n_old = backups_to_prune(files, n, now_s, keep_days(b->settings), old);
    for (uint32_t i = 0; i < n_old; i++)
        if (was_agreed(p, files[old[i]].name))
            delete_backup(b, &files[old[i]]);
}

/* The runbook's own log (R89), where it may be written: other tools read it. */
static void tell_log(struct backup *b, const char *outcome) {
    char time[40];
    struct err ignored;
    clock_iso8601(clock_wall_ms() / 1000 * 1000, time, sizeof time);
    const char *line = arena_printf(b->arena, "[%s] goodgo backup %s: %s (%lld bytes, %lld s)\n",
                                    time, outcome, b->path, (long long)b->manifest.size_bytes,
                                    (long long)(job_elapsed_ms(b->job) / 1000));
    if (!file_append(LOG_PATH, line, strlen(line), &ignored))
        job_log(b->job, "no line in %s: %s", LOG_PATH, ignored.why);
}

static void report(struct backup *b) {
    uint64_t rows = 0;
    for (uint32_t i = 0; i < b->manifest.content.n; i++)
        rows += b->manifest.content.tables[i].sum.rows;
    job_result(b->job, "file", "%s", b->path);
    job_result(b->job, "bytes", "%lld", (long long)b->manifest.size_bytes);
    job_result(b->job, "sha256", "%s", b->manifest.sha256);
    job_result(b->job, "tables", "%u", b->manifest.content.n);
    job_result(b->job, "rows", "%llu", (unsigned long long)rows);
    job_result(b->job, "proof", "read back in full, every table equals the source's snapshot");
}

/* Locked while we live, so that nobody takes it for one whose writer died. */
static bool open_part(struct backup *b, struct err *err) {
    return file_lock(b->part, &b->part_fd, err) &&
           (b->part_fd >= 0 ||
            err_set(err, E_IO, "backup.run", b->part, "another backup is writing it"));
}

static bool prepare(struct backup *b, const struct plan *p, struct err *err) {
    char name[64];
    int version;
    b->dir = directory(b->settings, plan_argument(p, "dir"));
    b->started_wall_ms = clock_wall_ms();
    backup_name(b->started_wall_ms / 1000, name, sizeof name);
    b->name = arena_strdup(b->arena, name);
    b->path = arena_printf(b->arena, "%s/%s", b->dir, name);
    b->part = arena_printf(b->arena, "%s.part", b->path);
    job_stage(b->job, "snapshot", UNIT_NONE, 0);
    return remove_parts(b, err) && keep_snapshot(b, err) && begin_manifest(b, err) &&
           pg_tool_find("pg_dump", b->source.version, b->arena, &b->pg_dump, &version, err) &&
           pg_tool_find("pg_restore", b->source.version, b->arena, &b->pg_restore, &version, err) &&
           open_part(b, err);
}

static bool work(struct backup *b, struct err *err) {
    struct backup_file *files;
    uint32_t n;
    if (!backups_list(b->dir, b->arena, b->started_wall_ms / 1000, 0, &files, &n, err) ||
        !dump_and_sum(b, n ? &files[0] : NULL, err))
        return false;
    pgsession_close(b->keeper); /* the snapshot holds back vacuum: let go as early as possible */
    b->keeper = NULL;
    return read_back(b, err) && publish(b, err);
}

static bool backup_run(struct job *j, const struct plan *p, struct err *err) {
    struct backup b = {.job = j, .arena = job_arena(j), .settings = job_settings(j), .part_fd = -1};
    bool ok = prepare(&b, p, err) && work(&b, err);
    pgsession_close(b.keeper);
    if (!ok && b.part_fd >= 0)
        unlink(b.part);
    if (b.part_fd >= 0)
        close(b.part_fd);
    if (ok) {
        report(&b);
        prune(&b, p);
    }
    tell_log(&b, ok ? "done" : "FAILED");
    return ok;
}

static const struct act_option backup_options[] = {
    {"dir", "D", "where to (default BACKUP_DIR)"},
    {NULL, NULL, NULL},
};

const struct act act_backup = {
    .id = "backup",
    .title = "Back up the database",
    .help = "pg_dump with a manifest, read back in full before it gets its name",
    .options = backup_options,
    .view = "pg-backup",
    .plan = backup_plan,
    .run = backup_run,
};
