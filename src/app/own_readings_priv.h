/* app/own_readings_priv.h - sections of the console's own (model/snapshot.h, enum own) from job
 * directories and trail. The caller gets the reference. */
#ifndef GOODGO_APP_OWN_READINGS_PRIV_H
#define GOODGO_APP_OWN_READINGS_PRIV_H

#include "act/audit.h"
#include "act/job.h"
#include "model/section.h"

struct section *own_jobs(const struct job_info *jobs, uint32_t n, const char *state_dir,
                         int64_t now_mono_ms, int64_t now_wall_ms);
/* The end of a job's log, as it was read; `cut` when there is more before it. */
struct job_log {
    const char *id, *bytes;
    size_t n;
    bool cut;
};
struct section *own_log(const struct job_log *log, int64_t now_mono_ms, int64_t now_wall_ms);
/* The report that a job left, as it was read. One that is damaged is a failed section. */
struct recon_job {
    const char *id, *command; /* what makes the same, in a shell; NULL = not known */
    int64_t ended_wall_ms;
    const char *bytes;
    size_t n;
};
struct section *own_reconciliation(const struct recon_job *job, int64_t now_mono_ms,
                                   int64_t now_wall_ms);
/* One of which there is nothing but why. */
struct section *own_failed(const struct err *err, int64_t now_mono_ms);
struct section *own_audit(const struct audit_record *records, uint32_t n,
                          const struct audit_verdict *verdict, int64_t now_mono_ms,
                          int64_t now_wall_ms);

#endif
