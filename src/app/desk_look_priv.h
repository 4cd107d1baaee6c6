/* app/desk_look_priv.h - one look of the desk at the state directory: jobs, trail, the log of a
 * job, and the report of the last day that was closed. Done by a thread, so files may be slow. */
#ifndef GOODGO_APP_DESK_LOOK_PRIV_H
#define GOODGO_APP_DESK_LOOK_PRIV_H

#include "act/audit.h"
#include "act/job.h"
#include "engine/probes.h"
#include "io/file.h"
#include "model/section.h"
#include "ui/state.h"

#define LOOK_LOG_BYTES ((size_t)64 << 10) /* the end of a job's log */

/* What a thread reads; the arena goes with it. */
struct look {
    const char *state_dir;
    bool unchanged, failed;
    uint64_t mark;
    bool log_wanted, log_unchanged;
    char job[JOB_ID_SIZE]; /* "" = the newest; then its id */
    uint64_t log_mark;
    struct file_content log;
    struct arena arena;
    struct job_info *jobs;
    struct audit_record *records;
    struct audit_verdict verdict;
    uint32_t n_jobs, n_records;
    char reported[JOB_ID_SIZE];     /* whose report is shown; then whose it is to be; "" = none */
    struct rows_asked asked, shown; /* which of its rows are wanted; are there, and then also */
    struct section *reconciliation; /* where any of that is another one */
};
struct look *look_new(const char *state_dir);
void look_work(void *look);
/* What was read becomes the engine's sections; true where any is another one than before. */
bool look_publish(struct look *k, struct engine *engine);
void look_free(void *look);

#endif
