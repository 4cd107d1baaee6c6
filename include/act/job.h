/* act/job.h - a job is a directory STATE/jobs/<id>/, written by one runner process and read by
 * anybody:
 *   plan.json     the plan that was agreed to
 *   events.jsonl  one line per change: state, stage, progress, result; only ever appended
 *   log           output of the runner and of the programs it runs; locked with flock from before
 *                 the runner is started, so a job that is planned still is one that begins soon
 *   runner        held with flock while the runner lives: a job without end and without holder has
 *                 the outcome that the audit trail holds; where that has none either it is
 *                 "unknown", and what was in flight must be checked by hand
 * Ids sort by time: 20261125-201500-backup-3fa9. */
#ifndef GOODGO_ACT_JOB_H
#define GOODGO_ACT_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "act/plan.h"
#include "base/arena.h"
#include "base/err.h"
#include "codec/settings.h"
#include "model/reading.h"

#define JOB_ID_SIZE 64

enum job_state {
    JOB_PLANNED,
    JOB_WAITING, /* for a second person, for the lock of its target */
    JOB_RUNNING,
    JOB_DONE,
    JOB_FAILED,
    JOB_REFUSED, /* the plan no longer holds, or the lock is another's: nothing was changed */
    JOB_CANCELLED,
    JOB_UNKNOWN, /* read only: its runner died */
    JOB_STATE_COUNT
};
const char *job_state_name(enum job_state s);
bool job_state_parse(const char *name, enum job_state *ret_state);
bool job_state_is_end(enum job_state s);

/* ---- the runner's side: one job, one thread at a time ---- */

struct job;
const struct settings *job_settings(const struct job *j);
struct arena *job_arena(struct job *j); /* lives as long as the job */
const char *job_state_dir(const struct job *j);
const char *job_dir(const struct job *j);
int job_cancel_fd(const struct job *j); /* readable once a cancel was asked for; hand it to waits */
bool job_cancelled(const struct job *j);
/* Begins a stage ("dump", "restore"); total 0 = not known. Ends the one before, noting its time. */
void job_stage(struct job *j, const char *stage, enum unit unit, int64_t total);
/* Of the present stage; written at most twice a second. note: "public.Listing", or NULL. */
void job_progress(struct job *j, int64_t done, const char *note);
void job_log(struct job *j, const char *fmt, ...) PRINTF_LIKE(2, 3); /* one cleaned line, timed */
/* One fact of the outcome, in order: "file", "sha256", "rows" ...; part of the audit record. */
void job_result(struct job *j, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* What is being made or asked for under that name ("part", "database", "order"), told before it is
 * begun, so that a runner that dies leaves word of it; NULL = no longer. See act/act.h, remains. */
void job_in_hand(struct job *j, const char *name, const char *value);
void job_exit_code(struct job *j, int code); /* other than 0 done, 1 failed: verify's 2 */
int64_t job_elapsed_ms(const struct job *j);

/* ---- everybody's side ---- */

struct job_info {
    const char *id, *action, *context, *target, *who, *note, *plan_id;
    enum job_state state;
    int64_t created_wall_ms, started_wall_ms, ended_wall_ms; /* 0 = not yet */
    int64_t changed_wall_ms;                                 /* of the last event */
    const char *stage;                                       /* "" before the first */
    enum unit unit;
    int64_t done, total;       /* of the stage; total 0 = not known */
    double rate_per_s;         /* of the stage, recent; < 0 = not known */
    double eta_s, eta_error_s; /* to the end of the job; < 0 = not known. See act/eta.h */
    int exit_code;             /* -1 = not known */
    long runner_pid;           /* 0 = none */
    /* It has no end of its own: the state is unknown, or the outcome that the audit trail has. */
    bool runner_died;
    const char *why; /* of a failure: one sentence */
    struct pairs result;
    struct pairs hand;    /* what it was making or asking for last */
    struct lines by_hand; /* runner_died: what may be left, and what to check, a sentence each */
};

/* Makes the directory with plan.json and the first event. */
bool job_create(const char *state_dir, const struct plan *p, const char *who, int64_t now_wall_ms,
                char ret_id[JOB_ID_SIZE], struct err *err) MUST_CHECK;
/* Newest first, at most max; none where the state directory has none. A job that cannot be read is
 * listed as unknown, with why; where the jobs cannot be looked for at all, that is an error. */
bool job_list(const char *state_dir, struct arena *a, uint32_t max, struct job_info **ret,
              uint32_t *ret_n, struct err *err) MUST_CHECK;
/* Changes whenever the list may have, 0 where it cannot be read: sizes and times of the newest max
 * jobs' events, and whether the runners of those that have not ended live. Far cheaper than reading
 * them. */
uint64_t job_list_mark(const char *state_dir, uint32_t max);
/* `id` may be a unique prefix or "last". */
bool job_read(const char *state_dir, const char *id, struct arena *a, struct job_info *ret,
              struct err *err) MUST_CHECK;
/* The same, but of a job that was started a moment ago its runner is waited for, 10 s at most: who
 * cancels it as soon as he has its id means it. */
bool job_read_started(const char *state_dir, const char *id, struct arena *a, struct job_info *ret,
                      struct err *err) MUST_CHECK;
bool job_read_plan(const char *state_dir, const char *id, struct plan *p, struct arena *a,
                   struct err *err) MUST_CHECK;
/* Whether there is anything to stop of it. */
bool job_may_cancel(const struct job_info *j, struct err *err) MUST_CHECK;
/* SIGTERM to the runner. It stops its children cleanly; kills them after 5 s. */
bool job_cancel(const char *state_dir, const char *id, struct err *err) MUST_CHECK;
const char *job_path(struct arena *a, const char *state_dir, const char *id, const char *file);

#endif
