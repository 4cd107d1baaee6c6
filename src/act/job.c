/* act/job.c - the runner's side of a job directory: events are appended, one line each; a reader
 * that sees half a line waits for the rest. */
#define _GNU_SOURCE /* pipe2 */
#include "job_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/mem.h"
#include "base/text.h"
#include "io/cancel.h"
#include "io/file.h"

#define PROGRESS_GAP_MS 500
#define STAGES_MAX      32
#define STATE_PAUSE_MS  50
#define STATE_TRIES     4 /* with a growing pause: some disks are full for a moment only */
#define EVENT_MAX       16384

struct stage_record {
    const char *name;
    int64_t total, took_ms;
};

struct job {
    const struct settings *settings;
    const char *state_dir, *id, *dir;
    struct arena arena;
    int events_fd, runner_fd, cancel_read_fd, cancel_write_fd;
    enum job_state state;
    int64_t opened_mono_ms;
    struct stage_record stages[STAGES_MAX];
    uint32_t n_stages;
    int64_t stage_mono_ms, done, total, told_mono_ms;
    struct pairs results;
    int exit_code; /* -1 = as the state says */
    bool torn;     /* the last event was written in part: the next one begins a line of its own */
    bool told_lost;
};

static const char *const state_names[JOB_STATE_COUNT] = {
    "planned", "waiting", "running", "done", "failed", "refused", "cancelled", "unknown"};

/* The allowed arrows. */
static const unsigned arrows[JOB_STATE_COUNT] = {
    [JOB_PLANNED] = BIT(JOB_WAITING) | BIT(JOB_REFUSED) | BIT(JOB_FAILED) | BIT(JOB_CANCELLED),
    [JOB_WAITING] = BIT(JOB_RUNNING) | BIT(JOB_REFUSED) | BIT(JOB_FAILED) | BIT(JOB_CANCELLED),
    [JOB_RUNNING] = BIT(JOB_DONE) | BIT(JOB_FAILED) | BIT(JOB_CANCELLED),
};

const char *job_state_name(enum job_state s) {
    return s < JOB_STATE_COUNT ? state_names[s] : "unknown";
}

bool job_state_parse(const char *name, enum job_state *ret_state) {
    int i = str_index(state_names, JOB_STATE_COUNT, name);
    if (i >= 0)
        *ret_state = (enum job_state)i;
    return i >= 0;
}

bool job_state_is_end(enum job_state s) {
    return s != JOB_PLANNED && s != JOB_WAITING && s != JOB_RUNNING;
}

const struct settings *job_settings(const struct job *j) {
    return j->settings;
}
struct arena *job_arena(struct job *j) {
    return &j->arena;
}
const char *job_state_dir(const struct job *j) {
    return j->state_dir;
}
const char *job_dir(const struct job *j) {
    return j->dir;
}
int job_cancel_fd(const struct job *j) {
    return j->cancel_read_fd;
}
const struct pairs *job_results(const struct job *j) {
    return &j->results;
}
void job_exit_code(struct job *j, int code) {
    j->exit_code = code;
}
int64_t job_elapsed_ms(const struct job *j) {
    return clock_mono_ms() - j->opened_mono_ms;
}

/* ---- events ---- */

static void event_open(const struct job *j, struct str *line, struct jsonw *w) {
    str_init(line, EVENT_MAX);
    if (j && j->torn)
        str_putc(line, '\n');
    jsonw_init(w, line, JSONW_LINE);
    jsonw_open(w, '{');
    jsonw_put_int(w, "t", clock_wall_ms());
}

static bool event_write(struct job *j, struct str *line, struct jsonw *w, bool sync) {
    jsonw_close(w, '}');
    str_putc(line, '\n');
    ssize_t n = write(j->events_fd, str_get(line), line->len);
    bool whole = n == (ssize_t)line->len;
    if (n > 0)
        j->torn = !whole;
    if (n >= 0 && !whole)
        errno = ENOSPC;
    str_done(line);
    return whole && (!sync || fsync(j->events_fd) == 0);
}

/* A full disk must not stop a job that is nearly done: what is lost is progress, not the outcome,
 * which the audit trail holds too. */
static void event_close(struct job *j, struct str *line, struct jsonw *w, bool sync) {
    if (!event_write(j, line, w, sync) && !j->told_lost) {
        j->told_lost = true;
        job_log(j, "events.jsonl cannot be written, progress is lost: %s", strerror(errno));
    }
}

int job_state_code(enum job_state state) {
    return state == JOB_DONE ? 0 : state == JOB_REFUSED ? 3 : state == JOB_CANCELLED ? 130 : 1;
}

int job_final_code(const struct job *j) {
    bool own = j->exit_code >= 0 && (j->state == JOB_DONE || j->state == JOB_FAILED);
    return own ? j->exit_code : job_state_code(j->state);
}

static void stage_end(struct job *j) {
    if (j->n_stages) {
        struct stage_record *s = &j->stages[j->n_stages - 1];
        s->total = j->total > j->done ? j->total : j->done;
        s->took_ms = clock_mono_ms() - j->stage_mono_ms;
    }
}

static bool write_state(struct job *j, enum job_state state, const char *why) {
    struct str line;
    struct jsonw w;
    event_open(j, &line, &w);
    jsonw_put_string(&w, "state", job_state_name(state));
    if (state == JOB_RUNNING || state == JOB_WAITING)
        jsonw_put_int(&w, "pid", getpid());
    if (job_state_is_end(state)) {
        jsonw_put_int(&w, "exit", job_final_code(j));
    }
    if (why)
        jsonw_put_string(&w, "why", why);
    return event_write(j, &line, &w, true);
}

bool job_set_state(struct job *j, enum job_state state, const char *why, struct err *err) {
    if (!(arrows[j->state] & BIT(state)))
        abort(); /* our own bug: a job must never tell a false story */
    enum job_state was = j->state;
    j->state = state;
    if (job_state_is_end(state))
        stage_end(j);
    for (int i = 0; i < STATE_TRIES; i++) {
        if (write_state(j, state, why))
            return true;
        err_set(err, E_IO, "job.state", j->id, "events.jsonl cannot be written: %s",
                strerror(errno));
        job_log(j, "%s: %s", state_names[state], err->why);
        poll(NULL, 0, STATE_PAUSE_MS << i);
    }
    j->state = job_state_is_end(state) ? state : was;
    return false;
}

void job_stage(struct job *j, const char *stage, enum unit unit, int64_t total) {
    struct str line;
    struct jsonw w;
    stage_end(j);
    if (j->n_stages < STAGES_MAX)
        j->stages[j->n_stages++].name = arena_strdup(&j->arena, stage);
    j->stage_mono_ms = clock_mono_ms();
    j->done = 0;
    j->total = total;
    j->told_mono_ms = 0;
    event_open(j, &line, &w);
    jsonw_put_string(&w, "stage", stage);
    jsonw_put_string(&w, "unit", unit_name(unit));
    jsonw_put_int(&w, "total", total);
    event_close(j, &line, &w, false);
}

void job_progress(struct job *j, int64_t done, const char *note) {
    struct str line;
    struct jsonw w;
    int64_t now = clock_mono_ms();
    j->done = done;
    if (now - j->told_mono_ms < PROGRESS_GAP_MS && !(j->total && done >= j->total))
        return;
    j->told_mono_ms = now;
    event_open(j, &line, &w);
    jsonw_put_int(&w, "done", done);
    jsonw_put_int(&w, "total", j->total);
    if (note)
        jsonw_put_string(&w, "note", note);
    event_close(j, &line, &w, false);
}

/* "deleted", "deleted 2", ...: the outcome is a JSON object, and its keys are unique. */
static const char *unique_name(struct job *j, const char *name) {
    uint32_t n = 1;
    size_t len = strlen(name);
    for (uint32_t i = 0; i < j->results.n; i++) {
        const char *other = j->results.at[i].name;
        n += strncmp(other, name, len) == 0 && (other[len] == 0 || other[len] == ' ');
    }
    return n == 1 ? arena_strdup(&j->arena, name) : arena_printf(&j->arena, "%s %u", name, n);
}

void job_result(struct job *j, const char *name, const char *fmt, ...) {
    char buf[1024];
    struct str line;
    struct jsonw w;
    va_list args;
    va_start(args, fmt);
    vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    const char *value = text_cleanz(&j->arena, buf).s;
    name = unique_name(j, name);
    if (j->results.n < PLAN_MAX_PAIRS)
        j->results.at[j->results.n++] = (struct pair){name, value};
    event_open(j, &line, &w);
    jsonw_key(&w, "result");
    jsonw_open(&w, '{');
    jsonw_put_string(&w, name, value);
    jsonw_close(&w, '}');
    event_close(j, &line, &w, false);
}

/* On disk before it is begun, as far as it lies with us: a job that cannot tell goes on. */
void job_in_hand(struct job *j, const char *name, const char *value) {
    struct str line;
    struct jsonw w;
    event_open(j, &line, &w);
    jsonw_put_string(&w, "hand", name);
    jsonw_put_string(&w, "value", value);
    event_close(j, &line, &w, true);
}

/* The runner's standard error is the job's log. */
void job_log(struct job *j, const char *fmt, ...) {
    char buf[1024], time[40], clean[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    clock_iso8601(clock_wall_ms() / 1000 * 1000, time, sizeof time);
    text_clean_into(clean, sizeof clean, buf, strlen(buf));
    fprintf(stderr, "%s %s\n", time, clean);
}

void job_ask_cancel(struct job *j) {
    ssize_t ignored = write(j->cancel_write_fd, "x", 1); /* never read: it stays readable */
    (void)ignored;
}

bool job_cancelled(const struct job *j) {
    return cancel_asked(j->cancel_read_fd);
}

/* ---- open, close ---- */

static bool open_pipe(struct job *j) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) /* a full pipe never blocks the handler */
        return false;
    j->cancel_read_fd = fds[0];
    j->cancel_write_fd = fds[1];
    return true;
}

static bool open_files(struct job *j, struct err *err) {
    const char *events = job_path(&j->arena, j->state_dir, j->id, "events.jsonl");
    const char *runner = job_path(&j->arena, j->state_dir, j->id, "runner");
    if (!file_lock(runner, &j->runner_fd, err))
        return false;
    if (j->runner_fd < 0)
        return err_set(err, E_CONFIG, "job.open", j->id, "another runner has this job");
    j->events_fd = open(events, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    return (j->events_fd >= 0 && open_pipe(j)) ||
           err_set(err, E_IO, "job.open", j->id, "%s", strerror(errno));
}

bool job_open(const struct settings *settings, const char *state_dir, const char *id,
              struct job **ret, struct err *err) {
    struct job_info info;
    struct job *j = mem_zeroed(sizeof *j);
    arena_init(&j->arena);
    *j = (struct job){.settings = settings,
                      .arena = j->arena,
                      .events_fd = -1,
                      .runner_fd = -1,
                      .cancel_read_fd = -1,
                      .cancel_write_fd = -1,
                      .exit_code = -1,
                      .opened_mono_ms = clock_mono_ms()};
    j->state_dir = arena_strdup(&j->arena, state_dir);
    bool ok = job_read(state_dir, id, &j->arena, &info, err);
    if (ok && info.state != JOB_PLANNED)
        ok = err_set(err, E_CONFIG, "job.open", id, "is %s already: a job runs once",
                     job_state_name(info.state));
    if (ok) {
        j->id = info.id;
        j->dir = job_path(&j->arena, state_dir, info.id, "");
        ok = open_files(j, err);
    }
    if (!ok) {
        job_close(j);
        return false;
    }
    *ret = j;
    return true;
}

static void close_fd(int fd) {
    if (fd >= 0)
        close(fd);
}

void job_close(struct job *j) {
    if (!j)
        return;
    close_fd(j->events_fd);
    close_fd(j->cancel_read_fd);
    close_fd(j->cancel_write_fd);
    close_fd(j->runner_fd); /* last: from now on the job has no runner */
    arena_done(&j->arena);
    free(j);
}

void job_remember(struct job *j, const struct plan *p) {
    struct err err;
    struct str line;
    struct jsonw w;
    event_open(NULL, &line, &w);
    jsonw_put_string(&w, "action", p->action);
    jsonw_put_string(&w, "target", p->target);
    jsonw_key(&w, "stages");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < j->n_stages; i++) {
        jsonw_open(&w, '{');
        jsonw_put_string(&w, "stage", j->stages[i].name);
        jsonw_put_int(&w, "total", j->stages[i].total);
        jsonw_put_int(&w, "ms", j->stages[i].took_ms);
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
    str_putc(&line, '\n');
    const char *path = arena_printf(&j->arena, "%s/history.jsonl", j->state_dir);
    /* An estimate less is no reason to fail a job that succeeded. */
    if (!file_append(path, str_get(&line), line.len, &err))
        job_log(j, "later estimates will miss this run: history.jsonl: %s", err.why);
    str_done(&line);
}
