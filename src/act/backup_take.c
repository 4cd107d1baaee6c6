/* act/backup_take.c - takes one backup of one database: dump and sums in one snapshot, read back in
 * full, manifest, and only then its name. */
#include "backup_priv.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "act/backups.h"
#include "base/clock.h"
#include "drill_priv.h"
#include "io/child.h"
#include "io/file.h"
#include "io/pgsession.h"

#define CONNECT_MS   10000
#define QUERY_MS     60000
#define SCAN_WORKERS 1 /* pg_dump keeps one core busy; the sums take the other */
#define ENV_SIZE     1100
#define LOOK_SHARE   20 /* a directory of a million large objects takes seconds to add up */

static const char source_sql[] =
    "SELECT current_database() AS database, pg_database_size(current_database()) AS size,"
    " (SELECT system_identifier::text FROM pg_control_system()) AS system,"
    " current_setting('server_version') AS version,"
    " extract(epoch FROM clock_timestamp())::bigint AS clock";

bool backup_source(struct pgsession *s, struct arena *a, struct backup_source *ret,
                   struct err *err) {
    struct pg_rows rows;
    if (!pgsession_rows(s, source_sql, QUERY_MS, a, &rows, err))
        return false;
    if (rows.n_rows != 1 || !pg_cell_i64(&rows, 0, "size", &ret->size_bytes) ||
        !pg_cell_i64(&rows, 0, "clock", &ret->clock_wall_s))
        return err_set(err, E_PROTOCOL, "backup.plan", "", "the server does not say its size");
    ret->database = pg_cell(&rows, 0, "database");
    ret->system_identifier = pg_cell(&rows, 0, "system");
    ret->version_text = pg_cell(&rows, 0, "version");
    ret->version = pgsession_version(s);
    return true;
}

struct backup {
    struct job *job;
    struct arena *arena;
    const struct pg_target *target;
    const struct backup_form *form;
    const char *dir, *prefix, *name, *path, *part;
    const char *pg_dump, *pg_restore;
    int tool_version;         /* of pg_dump */
    struct pgsession *keeper; /* holds the snapshot that dump and manifest share */
    const char *snapshot;
    struct content_scan *scan;
    struct manifest manifest;
    struct backup_source source;
    int64_t started_wall_ms;
    const char *table; /* being dumped */
    /* The first that pg_dump told: of a worker it is the cause, and the last only says that it
     * died. */
    const char *failure;
    int64_t look_mono_ms; /* not before: when the size is next looked at */
    int part_fd;          /* locked: tells a living writer from a dead one */
};

static bool remove_parts(struct backup *b, struct err *err) {
    const char **parts;
    uint32_t n;
    if (!backups_stale_parts(b->dir, b->arena, &parts, &n, err))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct err why;
        if (backups_remove_part(parts[i], &why))
            job_result(b->job, "removed", "%s, left by a writer that died", parts[i]);
        else
            job_log(b->job, "%s stays: %s", parts[i], why.why);
    }
    return true;
}

static bool keep_snapshot(struct backup *b, struct err *err) {
    struct pg_rows rows;
    if (!pgsession_open(b->target, "goodgo backup", CONNECT_MS, job_cancel_fd(b->job), &b->keeper,
                        err) ||
        !pgsession_run(b->keeper,
                       "SET idle_in_transaction_session_timeout = 0;"
                       " BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                       QUERY_MS, err) ||
        !pgsession_rows(b->keeper, "SELECT pg_export_snapshot() AS id", QUERY_MS, b->arena, &rows,
                        err))
        return false;
    b->snapshot = pg_cell(&rows, 0, "id");
    return b->snapshot ||
           err_set(err, E_PROTOCOL, "backup.snapshot", "", "the server exported none");
}

/* What the manifest needs of the snapshot besides the sums, which are taken beside the dump. */
static bool begin_manifest(struct backup *b, struct err *err) {
    return backup_source(b->keeper, b->arena, &b->source, err) &&
           content_tables(b->keeper, b->arena, &b->manifest.content, err) &&
           catalog_read(b->keeper, b->arena, &b->manifest.catalog, err) &&
           money_read(b->keeper, b->arena, &b->manifest.content, &b->manifest.money, err);
}

static void on_dump_line(void *ctx, const char *line) {
    static const char mark[] = "dumping contents of table \"";
    struct backup *b = ctx;
    const char *at = strstr(line, mark);
    fprintf(stderr, "%s\n", line);
    if (!b->failure && str_starts(line, "pg_dump: error: "))
        b->failure = arena_strdup(b->arena, line);
    if (!at)
        return;
    const char *name = at + strlen(mark), *end = strrchr(name, '"');
    b->table = arena_strndup(b->arena, name, end ? (size_t)(end - name) : strlen(name));
}

static bool on_dump_tick(void *ctx) {
    struct backup *b = ctx;
    int64_t before = clock_mono_ms();
    if (before < b->look_mono_ms)
        return true;
    int64_t size = archive_size(b->part);
    b->look_mono_ms = before + LOOK_SHARE * (clock_mono_ms() - before);
    job_progress(b->job, size > 0 ? size : 0, b->table);
    return true;
}

/* What pg_read_all_data does not give: large objects, and tables under row security. */
static bool dump_failed(const struct backup *b, const char *why, struct err *err) {
    bool refused = strstr(why, "permission denied for ") || strstr(why, "row-level security");
    err_set(err, refused ? E_AUTH : E_IO, "backup.dump", b->name, "%s%s",
            str_starts(why, "pg_dump: ") ? "" : "pg_dump: ", why);
    if (refused)
        err->todo =
            "the role lacks a right on it: a large object wants GRANT SELECT ON LARGE OBJECT, "
            "row security BYPASSRLS; a superuser has both";
    return false;
}

static bool dump(struct backup *b, struct err *err) {
    char password[ENV_SIZE];
    struct child_result result;
    const struct pg_target *t = b->target;
    const char *port = arena_printf(b->arena, "--port=%u", t->port);
    const char *argv[] = {b->pg_dump,
                          b->form->directory ? "--format=directory" : "--format=custom",
                          arena_printf(b->arena, "--jobs=%u", b->form->n_jobs),
                          backup_form_option(b->form, b->arena),
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
        .env = {password, "LC_ALL=C", "PGTZ=UTC", "PGAPPNAME=pg_dump", "PGCONNECT_TIMEOUT=10",
                /* A database may say otherwise for itself; sums and readers know hex. */
                "PGOPTIONS=-c bytea_output=hex"},
        .stdout_fd = -1,
        .on_stderr = on_dump_line,
        .tick = on_dump_tick,
        .ctx = b,
        .cancel_fd = job_cancel_fd(b->job)};
    pg_tls_env(b->arena, t, spec.env);
    snprintf(password, sizeof password, "PGPASSWORD=%s", t->password ? t->password : "");
    bool ran = child_run(&spec, &result, err);
    explicit_bzero(password, sizeof password);
    if (ran && result.exit_code != 0)
        return dump_failed(b, b->failure ? b->failure : result.last_line, err);
    return ran;
}

/* The scan must be waited for whether the dump succeeded or not. */
static bool dump_and_sum(struct backup *b, const struct backup_file *last, struct err *err) {
    struct err ignored;
    job_stage(b->job, "dump", UNIT_BYTES, last ? last->state.size_bytes : 0);
    b->scan = content_scan_start(b->target, b->snapshot, SCAN_WORKERS, job_cancel_fd(b->job),
                                 &b->manifest.content);
    content_scan_be_gentle(b->scan);
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

static bool compare_content(const struct content *expected, const struct content *found,
                            struct err *err) {
    if (expected->n != found->n)
        return err_set(err, E_PROTOCOL, "backup.read_back", "", "the archive has %u tables, not %u",
                       found->n, expected->n);
    for (uint32_t i = 0; i < expected->n; i++) {
        const struct content_table *e = &expected->tables[i],
                                   *f = content_find(found, e->schema, e->name);
        if (!f || !content_equal(&e->sum, &f->sum))
            return err_set(err, E_PROTOCOL, "backup.read_back", e->name,
                           "the archive does not hold what the database held: %s rows, not %s,"
                           " or other values",
                           GROUPED(f ? f->sum.rows : 0), GROUPED(e->sum.rows));
    }
    return true;
}

static bool read_back(struct backup *b, struct err *err) {
    struct content found;
    int64_t bytes = 0;
    for (uint32_t i = 0; i < b->manifest.content.n; i++)
        bytes += (int64_t)b->manifest.content.tables[i].sum.bytes;
    job_stage(b->job, "read back", UNIT_BYTES, bytes);
    const struct archive_reading r = {b->part, b->pg_restore, job_cancel_fd(b->job), on_read_back,
                                      b};
    return archive_content(&r, b->arena, &found, err) &&
           compare_content(&b->manifest.content, &found, err);
}

/* The manifest first: an archive under its final name always has one. */
static bool publish(struct backup *b, struct err *err) {
    char hex[DIGEST_HEX_SIZE];
    struct manifest *m = &b->manifest;
    job_stage(b->job, "publish", UNIT_NONE, 0);
    if (!archive_sha256(b->part, job_cancel_fd(b->job), hex, err))
        return false;
    m->file = b->name;
    m->sha256 = arena_strdup(b->arena, hex);
    m->size_bytes = archive_size(b->part);
    m->taken_wall_ms = b->started_wall_ms;
    m->took_ms = job_elapsed_ms(b->job);
    m->database = b->source.database;
    m->system_identifier = b->source.system_identifier;
    m->server_version = b->source.version;
    m->server_version_text = b->source.version_text;
    m->tool_version =
        arena_printf(b->arena, "%d.%d", b->tool_version / 10000, b->tool_version % 10000);
    m->compression = backup_form_words(b->form, b->arena);
    const char *manifest = manifest_path(b->arena, b->path);
    if (manifest_write(manifest, m, err) && file_publish(b->part, b->path, PUBLISH_NEW, err))
        return true;
    unlink(manifest);
    return false;
}

/* Locked while we live, so that nobody takes it for one whose writer died. */
static bool open_part(struct backup *b, struct err *err) {
    job_in_hand(b->job, "part", b->part);
    job_in_hand(b->job, "archive", b->path);
    bool ok = b->form->directory ? dir_lock(b->part, &b->part_fd, err)
                                 : file_lock(b->part, &b->part_fd, err);
    return ok && (b->part_fd >= 0 ||
                  err_set(err, E_IO, "backup.run", b->part, "another backup is writing it"));
}

static bool is_taken(struct backup *b, const char *name) {
    const char *path = arena_printf(b->arena, "%s/%s", b->dir, name);
    return access(path, F_OK) == 0 || access(arena_printf(b->arena, "%s.part", path), F_OK) == 0;
}

static const char *name_of(const struct backup *b, int64_t wall_s, bool directory) {
    char name[64];
    backup_name(wall_s, directory, name, sizeof name);
    return arena_printf(b->arena, "%s%s", b->prefix, name + strlen(BACKUP_PREFIX));
}

/* Of the second it begins in, or the next that no other backup has, of either kind: one that is
 * found to be taken only after the dump is a dump for nothing. */
static void choose_name(struct backup *b) {
    for (int64_t s = b->started_wall_ms / 1000, tries = 0; tries < 60; s++, tries++) {
        b->name = name_of(b, s, b->form->directory);
        if (!is_taken(b, b->name) && !is_taken(b, name_of(b, s, !b->form->directory)))
            break;
    }
    b->path = arena_printf(b->arena, "%s/%s", b->dir, b->name);
    b->part = arena_printf(b->arena, "%s.part", b->path);
}

static bool find_tools(struct backup *b, struct err *err) {
    int ignored_version;
    return backup_form_tool(b->form, b->source.version, b->arena, &b->pg_dump, &b->tool_version,
                            err) &&
           pg_tool_find("pg_restore", b->tool_version, b->arena, &b->pg_restore, &ignored_version,
                        err);
}

static bool prepare(struct backup *b, struct err *err) {
    b->started_wall_ms = clock_wall_ms();
    job_stage(b->job, "snapshot", UNIT_NONE, 0);
    if (!remove_parts(b, err))
        return false;
    choose_name(b);
    return keep_snapshot(b, err) && begin_manifest(b, err) && find_tools(b, err) &&
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

static void tell(const struct backup *b, struct backup_taken *ret) {
    *ret = (struct backup_taken){.path = b->path,
                                 .sha256 = b->manifest.sha256,
                                 .size_bytes = b->manifest.size_bytes,
                                 .tables = b->manifest.content.n};
    for (uint32_t i = 0; i < b->manifest.content.n; i++)
        ret->rows += b->manifest.content.tables[i].sum.rows;
}

bool backup_take(struct job *j, const struct pg_target *target, const char *dir, const char *prefix,
                 const struct backup_form *form, struct backup_taken *ret, struct err *err) {
    struct backup b = {.job = j,
                       .arena = job_arena(j),
                       .target = target,
                       .form = form,
                       .dir = dir,
                       .prefix = prefix,
                       .part_fd = -1};
    bool ok = prepare(&b, err) && work(&b, err);
    pgsession_close(b.keeper);
    if (!ok && b.part_fd >= 0)
        backups_drop_part(b.part, j);
    if (b.part_fd >= 0)
        close(b.part_fd);
    if (ok)
        tell(&b, ret);
    return ok;
}
