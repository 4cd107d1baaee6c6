/* io/worker.h - blocking calls (getaddrinfo, readdir) on detached threads. Not uv's pool:
 * libuv joins its threads at exit(), so one hung resolver would hang the exit of the console. */
#ifndef GOODGO_IO_WORKER_H
#define GOODGO_IO_WORKER_H

#include <pthread.h>
#include <stdbool.h>

#include "io/loop.h"

#define WORKERS_MAX 16

/* A thread that nobody joins. It takes no signals: those belong to the main one. */
bool thread_detach(void *(*run)(void *arg), void *arg);

/* Work beside one's own, that is waited for. Where no thread can be had it is done at once. */
struct side_work {
    pthread_t thread;
    bool running;
};
void side_work_begin(struct side_work *w, void *(*run)(void *arg), void *arg);
void side_work_end(struct side_work *w); /* what it wrote is there; none begun: nothing */

struct workers;
struct workers *workers_new(struct loop *l);
/* Does not wait: a job still running frees itself (free_job) when it ends. */
void workers_free(struct workers *p);
/* Runs work(job) on a thread, then done(ctx, job) in a loop turn, which then owns job. False when
 * too many threads hang or none can be made; the job stays the caller's. */
bool workers_start(struct workers *p, void (*work)(void *job), void (*done)(void *ctx, void *job),
                   void (*free_job)(void *job), void *ctx, void *job);

#endif
