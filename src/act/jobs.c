/* act/jobs.c - everybody's side of job directories: make, list, read, cancel. Trusts nothing in
 * them: another operator's program may have been killed in the middle of a line. */
#include "job_priv.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "act/audit.h"
#include "base/clock.h"
#include "base/jsonw.h"
#include "io/file.h"
#include "remains_priv.h"

#define EVENTS_MAX   ((size_t)64 << 20)
#define PLAN_MAX     ((size_t)1 << 20)
#define HISTORY_MAX  ((size_t)8 << 20)
#define LINE_MAX     65536
#define IDS_FIRST    256u
#define START_MS     10000
#define LOOK_NS      10000000
#define BEGUN_MAX    100
#define HALF_PREFIX  ".new-"
#define HALF_AGE_S   60
#define SECOND_CHARS 15 /* "20261125-201500" */

const char *job_path(struct arena *a, const char *state_dir, const char *id, const char *file) {
    return arena_printf(a, "%s/jobs/%s%s%s", state_dir, id, *file ? "/" : "", file);
}

/* ---- making one ---- */

static void make_id(char id[JOB_ID_SIZE], const char *action, int64_t now_wall_ms) {
    char time[40];
    unsigned char random[2] = {0};
    clock_iso8601(now_wall_ms / 1000 * 1000, time, sizeof time); /* 2026-11-25T20:15:00Z */
    if (getentropy(random, sizeof random) != 0)
        random[0] = (unsigned char)getpid();
    snprintf(id, JOB_ID_SIZE, "%.4s%.2s%.2s-%.2s%.2s%.2s-%.24s-%02x%02x", time, time + 5, time + 8,
             time + 11, time + 14, time + 17, action, random[0], random[1]);
}

static bool write_first_files(struct arena *a, const char *dir, const struct plan *p,
                              const char *who, int64_t now_wall_ms, struct err *err) {
    struct str plan, event;
    struct jsonw w;
    str_init(&plan, PLAN_MAX);
    plan_write(p, &plan);
    str_init(&event, LINE_MAX);
    jsonw_init(&w, &event, JSONW_LINE);
    jsonw_open(&w, '{');
    jsonw_put_int(&w, "t", now_wall_ms);
    jsonw_put_string(&w, "state", job_state_name(JOB_PLANNED));
    jsonw_put_string(&w, "who", who);
    jsonw_close(&w, '}');
    str_putc(&event, '\n');
    bool ok = !plan.toobig || err_set(err, E_TOO_BIG, "job.create", p->action,
                                      "the plan is over %zu bytes", PLAN_MAX);
    ok = ok && writefile(arena_printf(a, "%s/plan.json", dir), str_get(&plan), plan.len, err) &&
         writefile(arena_printf(a, "%s/events.jsonl", dir), str_get(&event), event.len, err);
    str_done(&plan);
    str_done(&event);
    return ok;
}

static void remove_half(struct arena *a, const char *dir) {
    unlink(arena_printf(a, "%s/plan.json", dir));
    unlink(arena_printf(a, "%s/events.jsonl", dir));
    rmdir(dir);
}

/* Of makers that were killed: a job gets its name with all its files, or never. */
static void sweep_half(struct arena *a, const char *state_dir) {
    const struct dirent *d;
    struct stat st;
    DIR *dir = opendir(job_path(a, state_dir, "", ""));
    while (dir && (d = readdir(dir))) {
        const char *path = job_path(a, state_dir, d->d_name, "");
        if (str_starts(d->d_name, HALF_PREFIX) && lstat(path, &st) == 0 &&
            clock_wall_ms() / 1000 - st.st_mtime > HALF_AGE_S)
            remove_half(a, path);
    }
    if (dir)
        closedir(dir);
}

bool job_create(const char *state_dir, const struct plan *p, const char *who, int64_t now_wall_ms,
                char ret_id[JOB_ID_SIZE], struct err *err) {
    struct arena a;
    arena_init(&a);
    make_id(ret_id, p->action, now_wall_ms);
    const char *half = arena_printf(&a, "%s/jobs/" HALF_PREFIX "%s", state_dir, ret_id);
    sweep_half(&a, state_dir);
    bool ok = dir_make(half, err) && write_first_files(&a, half, p, who, now_wall_ms, err) &&
              file_publish(half, job_path(&a, state_dir, ret_id, ""), PUBLISH_NEW, err);
    if (!ok)
        remove_half(&a, half);
    arena_done(&a);
    return ok;
}

/* ---- reading one ---- */

static void estimate(const char *state_dir, struct arena *a, struct job_info *r,
                     const struct job_recent *recent) {
    struct err ignored;
    struct file_content f;
    struct job_lore l = {.job = r};
    const char *path = arena_printf(a, "%s/history.jsonl", state_dir);
    int64_t elapsed_ms = recent->wall_ms - recent->stage_wall_ms;
    r->rate_per_s = eta_rate_per_s(r->done, r->total, elapsed_ms);
    if (access(path, F_OK) == 0 && readfile(a, path, HISTORY_MAX, &f, &ignored))
        job_history_learn(&l, f.bytes, f.len);
    eta_estimate(&l.stage, r->done, r->total, elapsed_ms, &r->eta_s, &r->eta_error_s);
    if (r->eta_s >= 0 && l.has_later) {
        r->eta_s += l.later_s;
        r->eta_error_s += l.later_s / 4;
    }
}

/* The trail is told before the job: an outcome that stands there is one, although the job's own end
 * is missing. A failure may have had an exit code of its own, which only that end holds. */
static bool end_by_trail(struct audit_trail *trail, struct arena *a, const struct plan *p,
                         struct job_info *r) {
    struct audit_record end;
    enum job_state state;
    if (!audit_end_of(trail, r->id, a, &end) || !end.outcome ||
        !job_state_parse(end.outcome, &state) || !job_state_is_end(state))
        return false;
    r->state = state;
    r->ended_wall_ms = end.wall_ms;
    r->exit_code = state == JOB_FAILED ? -1 : job_state_code(state);
    r->why = arena_printf(a,
                          "%s%sthe audit trail has this outcome; its runner died, or could not"
                          " write its end, after it had recorded that",
                          end.why ? end.why : "", end.why ? "; " : "");
    if (state != JOB_REFUSED && p->tier != TIER_READ)
        r->by_hand.at[r->by_hand.n++] = "AdminAuditLog may lack the row of this act";
    return true;
}

/* A runner is started with the job's log locked, on a busy machine long before it holds the job. */
static bool is_alive(const char *state_dir, struct arena *a, const struct job_info *r) {
    return file_is_locked(job_path(a, state_dir, r->id, "runner")) ||
           (r->state == JOB_PLANNED && file_is_locked(job_path(a, state_dir, r->id, "log")));
}

/* Before its runner there is its maker, who has a moment. */
static bool is_fresh(const struct job_info *r) {
    return r->state == JOB_PLANNED && clock_wall_ms() - r->created_wall_ms < START_MS;
}

/* No runner holds the job. */
static void judge_orphan(struct audit_trail *trail, struct arena *a, const struct plan *p,
                         struct job_info *r) {
    const struct act *act = act_find(p->action);
    r->runner_died = true;
    if (end_by_trail(trail, a, p, r))
        return;
    if (r->state == JOB_RUNNING && act)
        remains_tell(act->remains, p, r, a, &r->by_hand);
    r->why = r->state == JOB_PLANNED || r->state == JOB_WAITING
                 ? "its runner never got to the first step: nothing was changed"
                 : arena_printf(a,
                                "its runner died%s%s, or could not write its end: check by hand "
                                "what it was doing",
                                *r->stage ? " in stage " : "", r->stage);
    r->state = JOB_UNKNOWN;
}

static bool read_files(const char *state_dir, const char *id, struct arena *a, struct job_info *r,
                       struct plan *plan, struct job_recent *recent, struct err *err) {
    struct file_content f;
    *recent = (struct job_recent){0, 0, false};
    *r = (struct job_info){.id = id,
                           .action = "?",
                           .context = "",
                           .target = "",
                           .who = "",
                           .plan_id = "",
                           .stage = "",
                           .state = JOB_UNKNOWN,
                           .rate_per_s = -1,
                           .eta_s = -1,
                           .eta_error_s = -1};
    if (!job_read_plan(state_dir, id, plan, a, err) ||
        !readfile(a, job_path(a, state_dir, id, "events.jsonl"), EVENTS_MAX, &f, err))
        return false;
    r->action = plan->action;
    r->context = plan->context;
    r->target = plan->target;
    r->plan_id = arena_strdup(a, plan->id);
    job_events_read(f.bytes, f.len, a, r, recent);
    return true;
}

static bool read_found(const char *state_dir, const char *id, struct audit_trail *trail,
                       struct arena *a, struct job_info *r, struct err *err) {
    struct plan plan;
    struct job_recent recent;
    if (!read_files(state_dir, id, a, r, &plan, &recent, err))
        return false;
    bool alive = is_alive(state_dir, a, r);
    /* A runner may have ended between the two looks. Now that it is gone, its events are all there
     * will be: they say so. */
    if (!alive && !job_state_is_end(r->state) &&
        !read_files(state_dir, id, a, r, &plan, &recent, err))
        return false;
    if (!alive && !job_state_is_end(r->state) && !is_fresh(r))
        judge_orphan(trail, a, &plan, r);
    if (r->state == JOB_RUNNING && recent.any)
        estimate(state_dir, a, r, &recent);
    return true;
}

bool job_read_plan(const char *state_dir, const char *id, struct plan *p, struct arena *a,
                   struct err *err) {
    struct file_content f;
    return readfile(a, job_path(a, state_dir, id, "plan.json"), PLAN_MAX, &f, err) &&
           plan_read(p, a, f.bytes, f.len, err);
}

/* ---- the list ---- */

static int newest_first(const void *a, const void *b) {
    return strcmp(*(const char *const *)b, *(const char *const *)a);
}

static bool plain_id(const char *name) {
    size_t n = strlen(name);
    return n > 10 && n < JOB_ID_SIZE && char_is_digit(name[0]) &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

/* A state directory without jobs has none; one that may not be read is an error, or its jobs would
 * seem to be gone. */
static bool list_ids(const char *state_dir, struct arena *a, const char ***ret, uint32_t *ret_n,
                     struct err *err) {
    const char *path = job_path(a, state_dir, "", ""), **ids = NULL;
    uint32_t n = 0, cap = 0;
    struct dirent *d;
    DIR *dir = opendir(path);
    if (!dir && errno != ENOENT)
        return err_set(err, E_IO, "job.list", path, "%s", strerror(errno));
    while (dir && (d = readdir(dir)))
        if (plain_id(d->d_name)) {
            ids = arena_grow(a, ids, n, &cap, IDS_FIRST, sizeof *ids);
            ids[n++] = arena_strdup(a, d->d_name);
        }
    if (dir)
        closedir(dir);
    if (n)
        qsort(ids, n, sizeof *ids, newest_first);
    *ret = ids;
    *ret_n = n;
    return true;
}

bool job_list(const char *state_dir, struct arena *a, uint32_t max, struct job_info **ret,
              uint32_t *ret_n, struct err *err) {
    struct err one;
    const char **ids;
    uint32_t n;
    if (!list_ids(state_dir, a, &ids, &n, err))
        return false;
    n = n < max ? n : max;
    *ret = arena_alloc(a, (n + 1) * sizeof **ret);
    *ret_n = n;
    struct audit_trail *trail = audit_trail_new(state_dir);
    for (uint32_t i = 0; i < n; i++)
        if (!read_found(state_dir, ids[i], trail, a, &(*ret)[i], &one))
            (*ret)[i].why = arena_strdup(a, one.why);
    audit_trail_free(trail);
    return true;
}

uint64_t job_list_mark(const char *state_dir, uint32_t max) {
    struct arena a;
    struct err ignored;
    struct stat st;
    const char **ids;
    uint32_t n = 0;
    uint64_t mark = 1469598103934665603u; /* FNV-1a, over numbers */
    arena_init(&a);
    if (!list_ids(state_dir, &a, &ids, &n, &ignored))
        mark = 0;
    for (uint32_t i = 0; i < n && i < max; i++) {
        if (stat(job_path(&a, state_dir, ids[i], "events.jsonl"), &st) != 0)
            continue;
        bool alive = file_is_locked(job_path(&a, state_dir, ids[i], "runner"));
        uint64_t parts[] = {(uint64_t)st.st_size, (uint64_t)st.st_mtim.tv_nsec, alive};
        for (size_t k = 0; k < ARRAY_LEN(parts); k++)
            mark = (mark ^ parts[k]) * 1099511628211u;
    }
    arena_done(&a);
    return mark;
}

/* An id knows the second only: of several that began in the newest one, their files tell. */
static const char *newest_id(const char *state_dir, const char *const *ids, uint32_t n,
                             struct audit_trail *trail, struct arena *a) {
    const char *newest = ids[0];
    int64_t newest_ms = -1;
    if (n < 2 || strncmp(ids[1], ids[0], SECOND_CHARS) != 0)
        return newest;
    for (uint32_t i = 0; i < n && strncmp(ids[i], ids[0], SECOND_CHARS) == 0; i++) {
        struct job_info info;
        struct err ignored;
        if (read_found(state_dir, ids[i], trail, a, &info, &ignored) &&
            info.created_wall_ms > newest_ms) {
            newest = ids[i];
            newest_ms = info.created_wall_ms;
        }
    }
    return newest;
}

static const char *find_id(const char *state_dir, const char *id, struct audit_trail *trail,
                           struct arena *a, struct err *err) {
    const char **ids = NULL, *found = NULL;
    uint32_t n = 0, n_found = 0;
    if (!list_ids(state_dir, a, &ids, &n, err))
        return NULL;
    if (n && strcmp(id, "last") == 0)
        return newest_id(state_dir, ids, n, trail, a);
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(ids[i], id) == 0)
            return ids[i];
        if (*id && str_starts(ids[i], id)) {
            found = ids[i];
            n_found++;
        }
    }
    if (n_found == 1)
        return found;
    if (n_found)
        err_set(err, E_CONFIG, "job.read", id, "names %u jobs: give more of the id", n_found);
    else
        err_set(err, E_CONFIG, "job.read", id, "is no job here");
    if (!n_found && strcmp(id, "last") == 0) {
        err_set(err, E_CONFIG, "job.read", id, "no job was made here yet");
        err->todo = "`goodgo backup` makes one; another --state-dir has others";
    }
    return NULL;
}

bool job_read(const char *state_dir, const char *id, struct arena *a, struct job_info *ret,
              struct err *err) {
    struct audit_trail *trail = audit_trail_new(state_dir);
    const char *found = find_id(state_dir, id, trail, a, err);
    bool ok = found && read_found(state_dir, found, trail, a, ret, err);
    audit_trail_free(trail);
    return ok;
}

bool job_look(const char *state_dir, const char *id, struct audit_trail *trail, struct arena *a,
              struct job_info *ret, struct err *err) {
    if (!plain_id(id))
        return err_set(err, E_CONFIG, "job.read", id, "is no id of a job");
    return read_found(state_dir, arena_strdup(a, id), trail, a, ret, err);
}

const char *job_begun(const char *state_dir, struct arena *a) {
    struct job_info *jobs;
    struct err ignored;
    uint32_t n = 0;
    if (!job_list(state_dir, a, BEGUN_MAX, &jobs, &n, &ignored))
        return NULL;
    for (uint32_t i = 0; i < n; i++)
        if (jobs[i].started_wall_ms)
            return jobs[i].id;
    return NULL;
}

/* Its runner is on its way: there is nobody yet to send a signal to. */
static bool is_being_started(const char *state_dir, const char *id) {
    struct arena a;
    struct job_info info;
    struct err ignored;
    arena_init(&a);
    bool is = job_read(state_dir, id, &a, &info, &ignored) && info.state == JOB_PLANNED;
    arena_done(&a);
    return is;
}

bool job_read_started(const char *state_dir, const char *id, struct arena *a, struct job_info *ret,
                      struct err *err) {
    int64_t until_mono_ms = clock_mono_ms() + START_MS;
    while (is_being_started(state_dir, id) && clock_mono_ms() < until_mono_ms)
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
    return job_read(state_dir, id, a, ret, err);
}

bool job_may_cancel(const struct job_info *j, struct err *err) {
    if (j->state == JOB_PLANNED)
        return err_set(err, E_CONFIG, "job.cancel", j->id, "its runner is still being started");
    return j->state == JOB_RUNNING || j->state == JOB_WAITING ||
           err_set(err, E_CONFIG, "job.cancel", j->id, "is %s: there is nothing to cancel",
                   job_state_name(j->state));
}

bool job_cancel(const char *state_dir, const char *id, struct err *err) {
    struct arena a;
    struct job_info info;
    arena_init(&a);
    bool ok = job_read(state_dir, id, &a, &info, err) && job_may_cancel(&info, err);
    /* The lock says that a runner lives; its pid is what that runner wrote. */
    if (ok && (info.runner_pid < 2 || kill((pid_t)info.runner_pid, SIGTERM) != 0))
        ok = err_set(err, E_IO, "job.cancel", info.id, "%s",
                     info.runner_pid < 2 ? "its runner has not said its pid" : strerror(errno));
    arena_done(&a);
    return ok;
}
