/* io/offload_priv.h - a deadline for calls that have none (getaddrinfo, PQcancel), in code that may
 * itself wait; io/worker.h is the same for the loop. */
#ifndef GOODGO_IO_OFFLOAD_PRIV_H
#define GOODGO_IO_OFFLOAD_PRIV_H

#include "wait_priv.h"

/* Runs work(job) on a thread. WAIT_DONE: the job is the caller's again. Otherwise the thread goes
 * on alone and frees the job when it ends. WAIT_UNSTARTED: no thread or no pipe was to be had
 * (errno says why), and the job is freed. */
enum wait_end offload(void (*work)(void *job), void (*free_job)(void *job), void *job,
                      int64_t until_mono_ms, int cancel_fd);

#endif
