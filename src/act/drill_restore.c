/* act/drill_restore.c - pg_restore, watched: progress from its words, its errors by object. Its
 * exit code alone says nothing: 1 stands for a broken archive and for one missing comment alike. */
#include "drill_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/text.h"
#include "io/child.h"
#include "io/file.h"
#include "io/pgsession.h"

#define ENV_SIZE 1100
#define LIST_MAX (64u * 1024u * 1024u)
#define REFUSED  "permission denied for "

struct watch {
    struct job *job;
    struct restore_errors *errors;
    const struct content_scan *beside;
    char object[200]; /* of the "from TOC entry" line before an error */
    uint32_t begun;
    uint32_t n_ignored; /* errors as pg_restore counts them at its end; 0 = it did not */
    /* An error of a statement, until the statement itself is told: whether it gives an owner or a
     * right. */
    const char *pending;
    uint32_t n_moot; /* that change nothing of what is restored */
};

/* "pg_restore: from TOC entry 4321; 1259 16501 INDEX Property_location_idx goodgo" */
static void take_object(struct watch *w, const char *entry) {
    const char *at = strchr(entry, ';');
    for (int i = 0; at && i < 3; i++)
        at = strchr(at + 1, ' ');
    text_clean_into(w->object, sizeof w->object, at ? at + 1 : "", at ? strlen(at + 1) : 0);
}

static bool is_of_server(const char *text) {
    static const char *const words[] = {
        "No space left on device",       "Disk quota exceeded",
        "terminating connection",        "canceling statement due to",
        "server closed the conn",        "connection to server",
        "no connection to the server",   "the database system is ",
        "too many clients already",      "remaining connection slots",
        "out of shared memory",          "could not extend file",
        "could not receive data from s", REFUSED};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(text, words[i]))
            return true;
    return false;
}

static void count_error(struct watch *w, const char *text) {
    struct restore_errors *e = w->errors;
    if (!e->of_server && is_of_server(text))
        e->of_server = text;
    if (e->n < ARRAY_LEN(e->lines))
        e->lines[e->n] = text;
    e->n++;
}

static void count_right(struct watch *w, const char *text) {
    if (!w->errors->n_rights++)
        w->errors->right = text;
}

/* What is pending is an error of an object, for nothing said that it is less. */
static void settle(struct watch *w) {
    if (w->pending)
        count_error(w, w->pending);
    w->pending = NULL;
}

static void take_error(struct watch *w, const char *line) {
    struct arena *a = job_arena(w->job);
    settle(w);
    w->pending = *w->object ? arena_printf(a, "%s: %s", w->object, text_cleanz(a, line).s)
                            : text_cleanz(a, line).s;
}

/* pg_restore 17 and later begin each session with it, whatever the server: one older than 17 knows
 * no such setting, and has no such limit either. */
static bool is_moot(const char *command) {
    return str_starts(command, "SET transaction_timeout = 0");
}

/* "Command was: ALTER TABLE public."User" OWNER TO goodgo;", and entries of type ACL. */
static void take_command(struct watch *w, const char *command) {
    bool right = str_starts(w->object, "ACL ") || str_starts(w->object, "DEFAULT ACL ") ||
                 (str_starts(command, "ALTER ") && strstr(command, " OWNER TO "));
    if (w->pending && is_moot(command)) {
        w->n_moot++;
        w->pending = NULL;
    } else if (w->pending && right) {
        count_right(w, w->pending);
        w->pending = NULL;
    }
    settle(w);
}

/* A line for each entry; those of workers mix in the middle, so they are only counted. */
static bool begins_entry(const char *line) {
    return strstr(line, "pg_restore: creating ") || strstr(line, "pg_restore: executing ") ||
           strstr(line, "processing data for table ");
}

/* An exit code without an error that was told is one. Of the moot ones of its workers pg_restore
 * counts none: one is its first session's, with workers another that of the session behind them. So
 * a line that workers wrote into one another's, and that was missed, still counts. */
static void explain_exit(struct watch *w, uint32_t jobs, uint32_t n_before, const char *last_line) {
    uint32_t most = !w->n_moot ? 0 : jobs > 1 ? 2 : 1;
    bool told = w->errors->n + w->errors->n_rights > n_before;
    if (!told && (!w->n_ignored || w->n_ignored > most))
        count_error(w, arena_strdup(job_arena(w->job), last_line));
}

static void on_line(void *ctx, const char *line) {
    static const char error[] = "pg_restore: error: ", entry[] = "from TOC entry ",
                      command[] = "Command was: ", ignored[] = "errors ignored on restore: ";
    struct watch *w = ctx;
    const char *at;
    w->begun += begins_entry(line);
    if ((at = strstr(line, ignored)))
        w->n_ignored = (uint32_t)strtoul(at + strlen(ignored), NULL, 10);
    if ((at = strstr(line, error)))
        take_error(w, at + strlen(error));
    else if ((at = strstr(line, entry)))
        take_object(w, at + strlen(entry));
    else if (str_starts(line, command))
        take_command(w, line + strlen(command));
    else
        return;
    fprintf(stderr, "%s\n", line);
}

static bool on_tick(void *ctx) {
    struct watch *w = ctx;
    uint64_t bytes = 0;
    uint32_t tables;
    if (w->beside)
        content_scan_progress(w->beside, &bytes, &tables);
    job_progress(w->job, w->beside ? (int64_t)bytes : w->begun, NULL);
    return true;
}

uint32_t parallel_jobs(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 2 ? 1 : cores > 4 ? 4 : (uint32_t)cores;
}

uint32_t restore_jobs(enum archive_kind kind, uint32_t most) {
    return kind == ARCHIVE_TAR ? 1 : most;
}

/* ---- parts ---- */

/* What pg_restore makes last, or what speaks of it. */
static bool is_key(const struct archive_entry *e) {
    if (!strcmp(e->type, "COMMENT") || !strcmp(e->type, "SECURITY LABEL"))
        return str_starts(e->name, "CONSTRAINT ") || str_starts(e->name, "EVENT TRIGGER ");
    return !strcmp(e->type, "FK CONSTRAINT") || !strcmp(e->type, "EVENT TRIGGER") ||
           !strcmp(e->type, "MATERIALIZED VIEW DATA");
}

bool restore_has_keys(const struct archive_toc *toc) {
    for (uint32_t i = 0; i < toc->n; i++)
        if (is_key(&toc->entries[i]))
            return true;
    return false;
}

/* For --use-list: the numbers of the entries, in the order of the table of contents. */
static bool list_write(const struct restore_spec *spec, const char *path, struct err *err) {
    struct str list;
    str_init(&list, LIST_MAX);
    for (uint32_t i = 0; i < spec->toc->n; i++)
        if (is_key(&spec->toc->entries[i]) == (spec->part == RESTORE_KEYS))
            str_printf(&list, "%d;\n", spec->toc->entries[i].id);
    bool ok = list.toobig ? err_set(err, E_TOO_BIG, "restore.list", spec->archive,
                                    "the list of its %u entries is too long", spec->toc->n)
                          : writefile(path, str_get(&list), list.len, err);
    str_done(&list);
    return ok;
}

/* ---- the run ---- */

#define ARGUMENTS_MAX 14

/* pg_restore's own, with a NULL behind the last; `list` is its --use-list where not NULL. */
static void make_arguments(const struct restore_spec *spec, uint32_t jobs, const char *list,
                           const char *argv[ARGUMENTS_MAX]) {
    struct arena *a = job_arena(spec->job);
    const struct pg_target *t = spec->target;
    size_t n = 0;
    argv[n++] = spec->pg_restore;
    argv[n++] = "--verbose";
    argv[n++] = "--no-password";
    argv[n++] = arena_printf(a, "--jobs=%u", jobs);
    argv[n++] = arena_printf(a, "--host=%s", t->host);
    argv[n++] = arena_printf(a, "--port=%u", t->port);
    argv[n++] = arena_printf(a, "--username=%s", t->user ? t->user : "");
    argv[n++] = arena_printf(a, "--dbname=%s", t->dbname);
    if (!spec->with_rights) {
        argv[n++] = "--no-owner";
        argv[n++] = "--no-privileges";
    }
    if (list)
        argv[n++] = arena_printf(a, "--use-list=%s", list);
    argv[n++] = "--";
    argv[n++] = spec->archive;
    argv[n] = NULL;
}

bool restore_archive(const struct restore_spec *spec, struct restore_errors *errors,
                     int64_t *took_ms, struct err *err) {
    char password[ENV_SIZE];
    const char *argv[ARGUMENTS_MAX];
    struct arena *a = job_arena(spec->job);
    const struct pg_target *t = spec->target;
    struct watch w = {.job = spec->job, .errors = errors, .beside = spec->beside};
    struct child_result result;
    struct archive_head head;
    struct err ignored;
    uint32_t n_before = errors->n + errors->n_rights;
    const char *list = arena_printf(a, "%s/restore.list", job_dir(spec->job));
    bool all = spec->part == RESTORE_ALL;
    if (!archive_head(spec->archive, &head, err) || (!all && !list_write(spec, list, err)))
        return false;
    uint32_t jobs = restore_jobs(head.kind, spec->n_jobs);
    make_arguments(spec, jobs, all ? NULL : list, argv);
    /* Nothing of a drill must survive a crash, so it need not wait for the disk. */
    const char *options = "PGOPTIONS=-c synchronous_commit=off -c maintenance_work_mem=256MB"
                          " -c max_parallel_maintenance_workers=0";
    struct child_spec child = {.argv = argv,
                               .env = {password, "LC_ALL=C", "PGTZ=UTC", "PGAPPNAME=pg_restore",
                                       "PGCONNECT_TIMEOUT=10", options},
                               .stdout_fd = -1,
                               .on_stderr = on_line,
                               .tick = on_tick,
                               .ctx = &w,
                               .cancel_fd = job_cancel_fd(spec->job)};
    pg_tls_env(a, t, child.env);
    snprintf(password, sizeof password, "PGPASSWORD=%s", t->password ? t->password : "");
    int64_t before = clock_mono_ms();
    bool ran = child_run(&child, &result, err);
    explicit_bzero(password, sizeof password);
    *took_ms += clock_mono_ms() - before;
    if (!all && !file_remove(list, &ignored)) /* it stays in the job's directory */
        job_log(spec->job, "%s stays: %s", list, ignored.why);
    settle(&w);
    errors->gave_up = ran && result.exit_code != 0 && !w.n_ignored;
    if (ran && result.exit_code != 0)
        explain_exit(&w, jobs, n_before, result.last_line);
    return ran;
}

const char *restore_todo(const struct restore_errors *errors) {
    return strstr(errors->of_server, REFUSED)
               ? "the role has to be a superuser, or to own what PostGIS made; a drill with "
                 "--scratch "
                 "needs neither"
               : "make room there or mend the server, then run it again";
}
