/* act/runner.h - `goodgo job-run ID`: the process that does a job, and outlives every screen.
 * Locks, plans again, writes the intent, runs, writes the result. */
#ifndef GOODGO_ACT_RUNNER_H
#define GOODGO_ACT_RUNNER_H

#include "base/err.h"
#include "codec/settings.h"

/* Returns the exit code of the job. */
int runner_main(const struct settings *settings, const char *state_dir, const char *job_id);

/* Starts `program job-run ID` detached; under the user's systemd where one answers, since logging
 * out may kill what belongs to the session. `options` are passed on (--env-file F ...). */
bool runner_start(const char *program, const char *const *options, const char *state_dir,
                  const char *job_id, struct err *err) MUST_CHECK;

#endif
