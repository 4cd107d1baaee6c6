/* io/offload.c - blocking calls on a thread that may be left behind. The thread tells its end by
 * closing a pipe, so the wait can look at a cancel descriptor too. */
#define _GNU_SOURCE /* pipe2 */
#include "offload_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/worker.h"

enum { CALL_RUNNING, CALL_ENDED, CALL_LEFT };

struct call {
    void (*work)(void *job);
    void (*free_job)(void *job);
    void *job;
    int end_fd;
    _Atomic int state; /* whoever comes second frees */
};

static void *call_thread(void *arg) {
    struct call *c = arg;
    int end_fd = c->end_fd;
    c->work(c->job);
    if (atomic_exchange(&c->state, CALL_ENDED) == CALL_LEFT) {
        c->free_job(c->job);
        free(c);
    }
    close(end_fd);
    return NULL;
}

static enum wait_end unstarted(struct call *c, int number) {
    c->free_job(c->job);
    free(c);
    errno = number;
    return WAIT_UNSTARTED;
}

enum wait_end offload(void (*work)(void *job), void (*free_job)(void *job), void *job,
                      int64_t until_mono_ms, int cancel_fd) {
    int ends[2];
    struct call *c = mem_zeroed(sizeof *c);
    *c = (struct call){.work = work, .free_job = free_job, .job = job};
    if (pipe2(ends, O_CLOEXEC) < 0)
        return unstarted(c, errno);
    c->end_fd = ends[1];
    if (!thread_detach(call_thread, c)) {
        close(ends[0]);
        close(ends[1]);
        return unstarted(c, EAGAIN);
    }
    enum wait_end end = wait_for(ends[0], POLLIN, until_mono_ms, cancel_fd);
    close(ends[0]);
    /* After an end too: the exchange, not the pipe, is what makes the thread's writes ours. */
    if (atomic_exchange(&c->state, CALL_LEFT) == CALL_RUNNING)
        return end; /* c is the thread's now */
    free(c);
    return WAIT_DONE;
}
