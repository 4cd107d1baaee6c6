/* io/worker.c - detached threads for the calls that cannot be made non-blocking, at most
 * WORKERS_MAX at a time. One that is done waits for the next task, which often follows at once. The
 * part threads touch is counted by reference, so it outlives the loop. */
#include "io/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/mem.h"
#include "loop_priv.h"

struct task {
    struct task *next;
    struct shared *shared;
    void (*work)(void *job);
    void (*done)(void *ctx, void *job);
    void (*free_job)(void *job);
    void *ctx, *job;
};

struct shared {
    pthread_mutex_t lock;
    uint32_t refs;
    bool closed;
    uv_async_t *wake; /* valid while !closed */
    struct task *finished;
    pthread_cond_t handed; /* to the thread that waits, or closed */
    bool idle;             /* a thread waits, and nothing was handed to it */
    struct task *next;     /* what was */
};

struct workers {
    uv_async_t wake; /* first: the close callback frees by it */
    struct loop *loop;
    struct shared *shared;
    uint32_t n_running;
};

static void shared_unref_locked(struct shared *s) {
    uint32_t left = --s->refs;
    pthread_mutex_unlock(&s->lock);
    if (left)
        return;
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->handed);
    free(s);
}

static void task_finished_locked(struct shared *s, struct task *t) {
    if (s->closed) {
        t->free_job(t->job);
        free(t);
        return;
    }
    t->next = s->finished;
    s->finished = t;
    uv_async_send(s->wake);
}

/* NULL: this thread is not needed. */
static struct task *task_await_locked(struct shared *s) {
    if (s->idle || s->next || s->closed)
        return NULL;
    s->idle = true;
    while (!s->next && !s->closed)
        pthread_cond_wait(&s->handed, &s->lock);
    struct task *t = s->next;
    s->next = NULL;
    s->idle = false;
    return t;
}

static void *task_thread(void *arg) {
    struct task *t = arg;
    struct shared *s = t->shared;
    while (t) {
        t->work(t->job);
        pthread_mutex_lock(&s->lock);
        task_finished_locked(s, t);
        t = task_await_locked(s);
        if (t)
            pthread_mutex_unlock(&s->lock);
    }
    shared_unref_locked(s);
    return NULL;
}

static void workers_woken(uv_async_t *wake) {
    struct workers *p = (struct workers *)wake;
    loop_mark(p->loop, "worker");
    pthread_mutex_lock(&p->shared->lock);
    struct task *t = p->shared->finished;
    p->shared->finished = NULL;
    pthread_mutex_unlock(&p->shared->lock);
    while (t) {
        struct task *next = t->next;
        if (--p->n_running == 0)
            uv_unref((uv_handle_t *)&p->wake);
        t->done(t->ctx, t->job);
        free(t);
        t = next;
    }
}

struct workers *workers_new(struct loop *l) {
    struct workers *p = mem_zeroed(sizeof *p);
    struct shared *s = mem_zeroed(sizeof *s);
    if (uv_async_init(loop_uv(l), &p->wake, workers_woken) != 0)
        abort();
    uv_unref((uv_handle_t *)&p->wake);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->handed, NULL);
    s->refs = 1;
    s->wake = &p->wake;
    p->loop = l;
    p->shared = s;
    return p;
}

static void workers_closed(uv_handle_t *h) {
    free(h);
}

static void tasks_drop(struct task *t) {
    while (t) {
        struct task *next = t->next;
        t->free_job(t->job);
        free(t);
        t = next;
    }
}

void workers_free(struct workers *p) {
    if (!p)
        return;
    struct shared *s = p->shared;
    pthread_mutex_lock(&s->lock);
    s->closed = true;
    tasks_drop(s->finished);
    tasks_drop(s->next);
    s->finished = s->next = NULL;
    pthread_cond_broadcast(&s->handed);
    shared_unref_locked(s);
    uv_close((uv_handle_t *)&p->wake, workers_closed);
}

/* Signals belong to the main thread. */
static bool thread_make(pthread_t *ret, bool detached, void *(*run)(void *arg), void *arg) {
    sigset_t all, old;
    pthread_attr_t attr;
    sigfillset(&all);
    pthread_attr_init(&attr);
    if (detached)
        pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = pthread_create(ret, &attr, run, arg);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    return rc == 0;
}

bool thread_detach(void *(*run)(void *arg), void *arg) {
    pthread_t id;
    return thread_make(&id, true, run, arg);
}

void side_work_begin(struct side_work *w, void *(*run)(void *arg), void *arg) {
    w->running = thread_make(&w->thread, false, run, arg);
    if (!w->running)
        run(arg);
}

void side_work_end(struct side_work *w) {
    if (w->running)
        pthread_join(w->thread, NULL);
    w->running = false;
}

/* To the thread that waits, else to a new one. */
static bool task_hand(struct shared *s, struct task *t) {
    pthread_mutex_lock(&s->lock);
    bool waits = s->idle;
    if (waits) {
        s->idle = false;
        s->next = t;
        pthread_cond_signal(&s->handed);
    }
    s->refs += !waits;
    pthread_mutex_unlock(&s->lock);
    if (waits || thread_detach(task_thread, t))
        return true;
    pthread_mutex_lock(&s->lock);
    shared_unref_locked(s);
    return false;
}

bool workers_start(struct workers *p, void (*work)(void *job), void (*done)(void *ctx, void *job),
                   void (*free_job)(void *job), void *ctx, void *job) {
    if (p->n_running >= WORKERS_MAX)
        return false;
    struct task *t = mem_zeroed(sizeof *t);
    *t = (struct task){NULL, p->shared, work, done, free_job, ctx, job};
    if (!task_hand(p->shared, t)) {
        free(t);
        return false;
    }
    if (p->n_running++ == 0)
        uv_ref((uv_handle_t *)&p->wake);
    return true;
}
