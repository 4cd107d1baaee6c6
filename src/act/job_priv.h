/* act/job_priv.h - what the runner does with a job beyond what an action may: open, change state,
 * close. */
#ifndef GOODGO_ACT_JOB_PRIV_H
#define GOODGO_ACT_JOB_PRIV_H

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
const struct pairs *job_results(const struct job *j);
/* The stages of a successful run join STATE/history.jsonl, for later estimates. */
void job_remember(struct job *j, const struct plan *p);

#endif
