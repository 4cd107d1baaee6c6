/* app/own_readings_priv.h - sections of the console's own (model/snapshot.h, enum own) from job
 * directories, trail and proposals. The caller gets the reference. */
#ifndef GOODGO_APP_OWN_READINGS_PRIV_H
#define GOODGO_APP_OWN_READINGS_PRIV_H

#include "act/audit.h"
#include "act/job.h"
#include "act/recon_out.h"
#include "io/peer.h"
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

struct own_proposals {
    const struct proposal *list;
    uint32_t n;
    const struct proposal_versions *versions; /* NULL = the database has not told */
    const struct err *why_not;                /* then: why not; NULL = it was not asked yet */
    const struct person *me;                  /* who looks */
};
struct section *own_proposals(const struct own_proposals *o, int64_t now_mono_ms,
                              int64_t now_wall_ms);

/* One with a reading to fill, taken now. */
struct section *own_section(int64_t now_mono_ms, int64_t now_wall_ms);

#endif
