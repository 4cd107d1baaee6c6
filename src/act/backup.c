/* act/backup.c - the runbook's backup (R85-R91) with what the script lacks: a manifest taken in the
 * dump's own snapshot, and the archive read back in full before it gets its name. Whatever stops
 * it, no file under a final name is less than whole. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "act/act.h"
#include "act/archive.h"
#include "act/backups.h"
#include "act/store.h"
#include "backup_priv.h"
#include "base/clock.h"
#include "base/shell.h"
#include "io/file.h"
#include "io/pgsession.h"
#include "model/value.h"

#define CONNECT_MS  10000
#define KEEP_DAYS   7
#define CLOCK_MAX_S 3600
#define DELETE      "delete " /* facts of the plan: what may be pruned */
#define DELETE_MAX  40
#define LOG_PATH    "/var/log/pg-backup.log"

/* ---- plan ---- */

static const char *directory(const struct settings *settings, const char *argument) {
    return argument ? argument : settings->backup_dir;
}

static uint32_t keep_days(const struct settings *settings) {
    return settings->backup_retention_days ? settings->backup_retention_days : KEEP_DAYS;
}

/* About what the last one took; the first, and one that is not compressed, is guessed from the
 * database. */
static int64_t space_needed(const struct backup_form *form, const struct backup_source *source,
                            const struct backup_file *files, uint32_t n) {
    if (form->method == COMPRESS_NONE)
        return source->size_bytes;
    return n ? files[0].state.size_bytes : source->size_bytes / 4;
}

static void plan_form(struct plan *p, const char *dir, const struct backup_form *form,
                      const char *database, const char *size) {
    if (form->directory)
        plan_change(p,
                    "writes one archive of database %s (about %s) and its manifest into %s, as a "
                    "directory goodgo_YYYYMMDD_HHMMSS" BACKUP_DIR
                    " of the moment it starts, by %u processes",
                    database, size, dir, form->n_jobs);
    else
        plan_change(p,
                    "writes one archive of database %s (about %s) and its manifest into %s, as"
                    " goodgo_YYYYMMDD_HHMMSS" BACKUP_SUFFIX " of the moment it starts",
                    database, size, dir);
    plan_change(p, "reads it back in full and holds every table against the manifest");
}

static bool plan_space(struct plan *p, const char *dir, const struct backup_form *form,
                       const struct backup_source *source, const struct backup_file *files,
                       uint32_t n, struct err *err) {
    struct statvfs fs;
    char need_text[32], free_text[32];
    if (access(dir, W_OK | X_OK) != 0 || statvfs(dir, &fs) != 0)
        return err_set(err, E_IO, "backup.plan", dir, "%s", strerror(errno));
    int64_t need = space_needed(form, source, files, n);
    int64_t room = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    value_format(value_int(need), UNIT_BYTES, 0, need_text, sizeof need_text);
    value_format(value_int(room), UNIT_BYTES, 0, free_text, sizeof free_text);
    if (room < need + need / 10)
        return err_set(err, E_IO, "backup.plan", dir, "%s free, and the dump needs about %s",
                       free_text, need_text);
    if (room < 3 * need)
        plan_warning(p, "only %s free in %s: room for fewer than three dumps of %s", free_text, dir,
                     need_text);
    plan_form(p, dir, form, source->database, need_text);
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
    for (uint32_t i = n; i-- > 0;)
        if (in->now_wall_ms / 1000 - files[i].taken_wall_s > (int64_t)days * DAY_S &&
            backups_held_back(files, n, i))
            plan_warning(p,
                         "%s stays, though older than %u days: it holds more than twice of what"
                         " the newest does. Was data lost? If that was meant, delete it by hand",
                         files[i].name, days);
}

/* The age of a backup is what this clock makes of it: one that is wrong would delete them all. */
static bool clocks_agree(const struct act_input *in, struct plan *p,
                         const struct backup_source *source) {
    int64_t off_s = in->now_wall_ms / 1000 - source->clock_wall_s;
    if (off_s <= CLOCK_MAX_S && off_s >= -CLOCK_MAX_S)
        return true;
    plan_warning(p,
                 "the clock here is %s %s the database server's: nothing old is deleted, and"
                 " the backup's name may be of a wrong time",
                 DURATION(off_s < 0 ? -off_s : off_s), off_s < 0 ? "behind" : "ahead of");
    return false;
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

/* The sum is that of the manifest. */
static void plan_commands(const struct act_input *in, struct plan *p, const char *tool,
                          const struct backup_form *form) {
    const char *option = backup_form_option(form, in->arena), *dump = shell_word(in->arena, tool);
    if (form->directory) {
        plan_command(p, "%s --format=directory --jobs=%u %s --file=DIR " PLAN_DATABASE, dump,
                     form->n_jobs, option);
        plan_command(p, "pg_restore -f /dev/null DIR && cd DIR && sha256sum * | LC_ALL=C sort -k2 |"
                        " sha256sum");
        return;
    }
    plan_command(p, "%s --format=custom %s --file=FILE " PLAN_DATABASE, dump, option);
    plan_command(p, "pg_restore -f /dev/null FILE && sha256sum FILE");
}

static bool backup_plan(const struct act_input *in, struct plan *p, struct err *err) {
    struct pgsession *s = NULL;
    struct backup_source source;
    struct backup_form form;
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
    if (!backup_form_read(p, &form, err) ||
        !pgsession_open(&in->settings->postgres, "goodgo backup", CONNECT_MS, -1, &s, err))
        return false;
    bool ok = backup_source(s, in->arena, &source, err);
    pgsession_close(s);
    bool may_prune = ok && clocks_agree(in, p, &source);
    if (!ok || !backup_form_tool(&form, source.version, in->arena, &tool, &tool_version, err) ||
        !backups_list(dir, in->arena, in->now_wall_ms / 1000, 0, &files, &n, err) ||
        !plan_parts(in, p, dir, err) || !plan_space(p, dir, &form, &source, files, n, err) ||
        !backup_copies_plan(in, p, dir, &form, files, n, may_prune, err))
        return false;
    if (n)
        backup_warn_future(p, files[0].path, in->now_wall_ms / 1000);
    p->target = arena_printf(in->arena, "database %s", source.database);
    plan_fact(p, "server", "%s:%u, PostgreSQL %s", in->settings->postgres.host,
              in->settings->postgres.port, source.version_text);
    plan_fact(p, "directory", "%s", dir);
    plan_fact(p, "pg_dump", "%s", tool);
    if (may_prune)
        plan_prune(in, p, files, n);
    plan_commands(in, p, tool, &form);
    return true;
}

/* ---- run ---- */

static void delete_backup(struct job *j, const struct backup_file *f) {
    struct err err;
    if (backups_remove(f, job_arena(j), &err))
        job_result(j, "deleted", "%s", f->name);
    else
        job_result(j, "not deleted", "%s: %s", err.target, err.why);
}

bool backup_agreed(const struct plan *p, const char *prefix, const char *value) {
    for (uint32_t i = 0; i < p->facts.n; i++)
        if (str_starts(p->facts.at[i].name, prefix) && strcmp(p->facts.at[i].value, value) == 0)
            return true;
    return false;
}

/* Only after the new one is whole, and only what the plan named and still may go. */
static void prune(struct job *j, const struct plan *p) {
    struct backup_file *files;
    struct err err;
    uint32_t n;
    const char *dir = directory(job_settings(j), plan_argument(p, "dir"));
    int64_t now_s = clock_wall_ms() / 1000;
    if (!backups_list(dir, job_arena(j), now_s, 0, &files, &n, &err)) {
        job_log(j, "nothing was pruned: %s", err.why);
        return;
    }
    uint32_t *old = arena_alloc(job_arena(j), (n + 1) * sizeof *old);
    uint32_t n_old = backups_to_prune(files, n, now_s, keep_days(job_settings(j)), old);
    for (uint32_t i = 0; i < n_old; i++)
        if (backup_agreed(p, DELETE, files[old[i]].name))
            delete_backup(j, &files[old[i]]);
}

/* The runbook's own log (R89), where it may be written: other tools read it. */
static void tell_log(struct job *j, const char *outcome, const struct backup_taken *taken) {
    char time[40];
    struct err ignored;
    clock_iso8601(clock_wall_ms() / 1000 * 1000, time, sizeof time);
    const char *line = arena_printf(
        job_arena(j), "[%s] goodgo backup %s: %s (%lld bytes, %lld s)\n", time, outcome,
        taken->path, (long long)taken->size_bytes, (long long)(job_elapsed_ms(j) / 1000));
    if (!file_append(LOG_PATH, line, strlen(line), &ignored))
        job_log(j, "no line in %s: %s", LOG_PATH, ignored.why);
}

static void report(struct job *j, const struct backup_taken *t) {
    job_result(j, "file", "%s", t->path);
    job_result(j, "bytes", "%lld", (long long)t->size_bytes);
    job_result(j, "sha256", "%s", t->sha256);
    job_result(j, "tables", "%u", t->tables);
    job_result(j, "rows", "%llu", (unsigned long long)t->rows);
    job_result(j, "proof", "read back in full, every table equals the source's snapshot");
}

static bool backup_run(struct job *j, const struct plan *p, struct err *err) {
    const char *dir = directory(job_settings(j), plan_argument(p, "dir"));
    struct backup_taken taken = {.path = dir};
    struct backup_form form;
    if (plan_argument(p, "upload"))
        store_clear_leftovers(j, dir);
    bool ok = backup_form_read(p, &form, err) &&
              backup_take(j, &job_settings(j)->postgres, dir, BACKUP_PREFIX, &form, &taken, err);
    if (ok) {
        report(j, &taken);
        ok = backup_copies_run(j, p, dir, &taken, err);
        if (ok)
            prune(j, p);
    }
    tell_log(j, ok ? "done" : "FAILED", &taken);
    return ok;
}

static const struct act_option backup_options[] = {
    {"dir", "DIR", "where to (default BACKUP_DIR)"},
    {"format", "custom|directory", "the runbook's file (default), or a directory"},
    {"jobs", "N", "processes for a directory (default: cores, to 4)"},
    {"compress", "gzip|lz4|zstd|none", "with :LEVEL, zstd:9 (default gzip:6)"},
    {"upload", NULL, "and put a verified copy into GOODGO_BACKUP_BUCKET of MinIO"},
    {NULL, NULL, NULL},
};

static const struct act_remains backup_remains[] = {
    {NULL, "{target} was only read, nothing there has to be undone; run goodgo backup again"},
    {"snapshot|dump|sums|read back",
     "{part}: if it is there, it is no whole dump and has no final name; "
     "the next goodgo backup into {directory} removes it"},
    {"publish",
     "{archive}: if it is there, it is whole (goodgo verify --quick {archive}); if {part} "
     "is there instead, the next goodgo backup removes that"},
    {"publish|upload",
     "{file} is whole and read back; of the old backups that the plan deletes some "
     "may be gone: goodgo backups"},
    {"upload", "of the copy in {bucket} only a part may be there: the next goodgo backup --upload "
               "clears it away, goodgo backups --remote shows what is whole"},
    {NULL, NULL},
};

const struct act act_backup = {
    .id = "backup",
    .title = "Back up the database",
    .help = "pg_dump with a manifest, read back in full before it gets its name",
    .about =
        "The runbook's backup: pg_dump in its custom format, with a manifest of counts and sums "
        "beside it. It is read back in full, held against the manifest and synced before it "
        "gets its name; old ones that the plan named go afterwards. A directory is written by "
        "several processes and restored by several; every other command takes it as it takes a "
        "file.",
    .example = "goodgo backup\ngoodgo backup --reason 'before the upgrade' --detach\n"
               "goodgo backup --format directory --jobs 4",
    .options = backup_options,
    .view = "pg-backup",
    .remains = backup_remains,
    .plan = backup_plan,
    .run = backup_run,
};
