/* act/job_priv.h - what the runner does with a job beyond what an action may: open, change state,
 * close; and the lines of a job as facts. */
#ifndef GOODGO_ACT_JOB_PRIV_H
#define GOODGO_ACT_JOB_PRIV_H

#include "act/eta.h"
#include "act/job.h"

/* Opens the job for writing; takes its `runner` lock. False where another runner has it. */
bool job_open(const struct settings *settings, const char *state_dir, const char *id,
              struct job **ret, struct err *err) MUST_CHECK;
void job_close(struct job *j);
void job_ask_cancel(struct job *j); /* safe in a signal handler */
/* The only place that changes a state; refuses an arrow that is not in the table. An end carries
 * the exit code and, for all but done, why. False when it is not on disk: then nothing may begin,
 * or those who read would call it a job that never started. */
bool job_set_state(struct job *j, enum job_state state, const char *why,
                   struct err *err) MUST_CHECK;
int job_final_code(const struct job *j);
int job_state_code(enum job_state state); /* the exit code of an end that has none of its own */
const struct pairs *job_results(const struct job *j);
/* The stages of a successful run join STATE/history.jsonl, for later estimates. */
void job_remember(struct job *j, const struct plan *p);

/* As job_read() of a whole id, for those who read many: the trail is theirs. */
struct audit_trail;
bool job_look(const char *state_dir, const char *id, struct audit_trail *trail, struct arena *a,
              struct job_info *ret, struct err *err) MUST_CHECK;

/* Of the newest jobs one that has begun, so that the trail must have its intent; NULL = none. */
const char *job_begun(const char *state_dir, struct arena *a);

/* ---- what others wrote: job_events.c ---- */

struct job_recent { /* two points of the present stage, for the rate */
    int64_t stage_wall_ms, wall_ms;
    bool any;
};
/* Adds the lines of an events.jsonl to what is known of the job; a line that is none, and a last
 * one without its end, are passed over. Texts are cleaned, in the arena. */
void job_events_read(const char *bytes, size_t n, struct arena *a, struct job_info *r,
                     struct job_recent *recent);

/* What earlier runs of the same act on the same target say: the rate of this stage, and how long
 * those behind it took. */
struct job_lore {
    const struct job_info *job;
    struct eta_history stage;
    double later_s;
    bool has_later;
};
void job_history_learn(struct job_lore *l, const char *bytes, size_t n);

#endif
