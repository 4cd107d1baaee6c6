/* io/loop.c - the event loop over libuv: timers, deferred calls, signals, descriptors, and the
 * 50 ms watchdog. Handles live in heap objects that their close callback frees; nothing else does.
 */
#include "io/loop.h"

#include <stdlib.h>

#include "base/mem.h"
#include "loop_priv.h"

#define SLOW_TURN_NS 50000000u

struct deferred {
    struct deferred *next;
    void (*fn)(void *ctx);
    void *ctx;
};

struct loop {
    uv_loop_t uv;
    uv_timer_t until;
    uv_idle_t hurry; /* active: the poll does not sleep; something is deferred, a timer fired */
    struct deferred *first, *last;
    bool stop, timed_out, closing;
    uint64_t wakeups;
    uint32_t slow_turns;
    const char *mark, *slow_name;
};

struct loop_timer {
    uv_timer_t uv;
    struct loop *loop;
    void (*fn)(void *ctx);
    void *ctx;
};

struct loop_poll {
    uv_poll_t uv;
    struct loop *loop;
    void (*fn)(void *ctx);
    void *ctx;
};

struct loop_signal {
    uv_signal_t uv;
    struct loop *loop;
    void (*fn)(void *ctx, int signum);
    void *ctx;
};

struct watch_handle {
    uv_poll_t uv;
    struct watch *owner; /* NULL once the watch has let go of it */
};

struct watch {
    struct loop *loop;
    const char *name;
    watch_fn fn;
    void *ctx;
    struct watch_handle *handle;
    int fd, events; /* what it waits for; 0 = it is stopped */
};

static void handle_free(uv_handle_t *h) {
    free(h);
}

uv_loop_t *loop_uv(struct loop *l) {
    return &l->uv;
}

void loop_mark(struct loop *l, const char *name) {
    l->mark = name;
}

/* --- turns --- */

/* Only what is queued now: what these add waits for the next turn, so a turn always ends. */
static void loop_run_deferred(struct loop *l) {
    struct deferred *d = l->first;
    l->first = l->last = NULL;
    uv_idle_stop(&l->hurry);
    while (d) {
        struct deferred *next = d->next;
        d->fn(d->ctx);
        free(d);
        d = next;
    }
}

static bool loop_turn(struct loop *l, bool wait) {
    uint64_t idle = uv_metrics_idle_time(&l->uv);
    uint64_t start = uv_hrtime();
    l->mark = "deferred";
    int alive = uv_run(&l->uv, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    loop_run_deferred(l);
    uint64_t took = uv_hrtime() - start;
    uint64_t slept = uv_metrics_idle_time(&l->uv) - idle;
    l->wakeups++;
    if (took > slept && took - slept > SLOW_TURN_NS) {
        l->slow_turns++;
        l->slow_name = l->mark;
    }
    return alive || l->first;
}

static void hurry_fired(uv_idle_t *idle) {
    /* its being there is enough */
}

/* A timer that was due before its turn began fires first, and the poll behind it would sleep until
 * something else happens, which may be never: whoever waits for the timer has to look first. */
static void no_sleep(struct loop *l) {
    if (!l->closing)
        uv_idle_start(&l->hurry, hurry_fired);
}

static void until_fired(uv_timer_t *t) {
    struct loop *l = t->data;
    l->timed_out = true;
    no_sleep(l);
}

/* --- public: loop --- */

struct loop *loop_new(void) {
    struct loop *l = mem_zeroed(sizeof *l);
    if (uv_loop_init(&l->uv) != 0)
        end_program(
            "goodgo: out of descriptors: raise `ulimit -n`, it needs fewer than a hundred\n");
    uv_loop_configure(&l->uv, UV_METRICS_IDLE_TIME);
    uv_timer_init(&l->uv, &l->until);
    uv_idle_init(&l->uv, &l->hurry);
    l->until.data = l;
    l->uv.data = l;
    return l;
}

void loop_free(struct loop *l) {
    if (!l)
        return;
    while (l->first)
        loop_turn(l, false);
    l->closing = true;
    uv_close((uv_handle_t *)&l->until, NULL);
    uv_close((uv_handle_t *)&l->hurry, NULL);
    loop_turn(l, false);
    /* A handle that somebody forgot must not hang the exit: bounded, then the memory is left. */
    bool closed = uv_loop_close(&l->uv) == 0;
    for (int i = 0; i < 100 && !closed; i++) {
        loop_turn(l, false);
        closed = uv_loop_close(&l->uv) == 0;
    }
    if (closed)
        free(l);
}

void loop_run(struct loop *l) {
    l->stop = false;
    while (!l->stop && loop_turn(l, true)) {
    }
}

bool loop_run_until(struct loop *l, bool (*done)(void *ctx), void *ctx, uint32_t timeout_ms) {
    l->stop = l->timed_out = false;
    uv_update_time(&l->uv);
    uv_timer_start(&l->until, until_fired, timeout_ms, 0);
    bool finished = done(ctx);
    while (!finished && !l->timed_out && !l->stop) {
        loop_turn(l, true);
        finished = done(ctx);
    }
    uv_timer_stop(&l->until);
    return finished;
}

void loop_pump(struct loop *l) {
    loop_turn(l, false);
}

void loop_stop(struct loop *l) {
    l->stop = true;
}

uint64_t loop_wakeups(const struct loop *l) {
    return l->wakeups;
}

uint32_t loop_slow_turns(const struct loop *l) {
    return l->slow_turns;
}

const char *loop_slow_name(const struct loop *l) {
    return l->slow_name;
}

void loop_defer(struct loop *l, void (*fn)(void *ctx), void *ctx) {
    struct deferred *d = mem_zeroed(sizeof *d);
    d->fn = fn;
    d->ctx = ctx;
    if (!l->closing)
        uv_idle_start(&l->hurry, hurry_fired); /* a timer's turn would sleep before it ends */
    if (l->last)
        l->last->next = d;
    else
        l->first = d;
    l->last = d;
}

/* --- public: timers --- */

static void timer_fired(uv_timer_t *uv) {
    struct loop_timer *t = (struct loop_timer *)uv;
    loop_mark(t->loop, "timer");
    no_sleep(t->loop);
    t->fn(t->ctx);
}

struct loop_timer *loop_timer_new(struct loop *l, void (*fn)(void *ctx), void *ctx) {
    struct loop_timer *t = mem_zeroed(sizeof *t);
    t->loop = l;
    t->fn = fn;
    t->ctx = ctx;
    uv_timer_init(&l->uv, &t->uv);
    return t;
}

struct loop_timer *loop_timer_start(struct loop *l, uint32_t delay_ms, uint32_t repeat_ms,
                                    void (*fn)(void *ctx), void *ctx) {
    struct loop_timer *t = loop_timer_new(l, fn, ctx);
    loop_timer_again(t, delay_ms, repeat_ms);
    return t;
}

void loop_timer_again(struct loop_timer *t, uint32_t delay_ms, uint32_t repeat_ms) {
    uv_update_time(&t->loop->uv); /* a long callback must not shorten the delay */
    uv_timer_start(&t->uv, timer_fired, delay_ms, repeat_ms);
}

void loop_timer_stop(struct loop_timer *t) {
    uv_timer_stop(&t->uv);
}

void loop_timer_close(struct loop_timer *t) {
    if (t && !uv_is_closing((uv_handle_t *)&t->uv))
        uv_close((uv_handle_t *)&t->uv, handle_free);
}

/* --- public: descriptors, signals --- */

static void poll_fired(uv_poll_t *uv, int status, int events) {
    struct loop_poll *p = (struct loop_poll *)uv;
    loop_mark(p->loop, "poll");
    p->fn(p->ctx);
}

struct loop_poll *loop_poll_start(struct loop *l, int fd, void (*fn)(void *ctx), void *ctx) {
    struct loop_poll *p = mem_zeroed(sizeof *p);
    p->loop = l;
    p->fn = fn;
    p->ctx = ctx;
    if (uv_poll_init(&l->uv, &p->uv, fd) != 0) {
        free(p); /* a regular file, for example, is never polled */
        return NULL;
    }
    uv_poll_start(&p->uv, UV_READABLE | UV_DISCONNECT, poll_fired);
    return p;
}

void loop_poll_close(struct loop_poll *p) {
    if (p && !uv_is_closing((uv_handle_t *)&p->uv))
        uv_close((uv_handle_t *)&p->uv, handle_free);
}

static void signal_fired(uv_signal_t *uv, int signum) {
    struct loop_signal *s = (struct loop_signal *)uv;
    loop_mark(s->loop, "signal");
    s->fn(s->ctx, signum);
}

struct loop_signal *loop_signal_start(struct loop *l, int signum, void (*fn)(void *ctx, int signum),
                                      void *ctx) {
    struct loop_signal *s = mem_zeroed(sizeof *s);
    s->loop = l;
    s->fn = fn;
    s->ctx = ctx;
    uv_signal_init(&l->uv, &s->uv);
    uv_signal_start(&s->uv, signal_fired, signum);
    uv_unref((uv_handle_t *)&s->uv);
    return s;
}

void loop_signal_close(struct loop_signal *s) {
    if (s && !uv_is_closing((uv_handle_t *)&s->uv))
        uv_close((uv_handle_t *)&s->uv, handle_free);
}

/* --- private: watches --- */

static void watch_fired(uv_poll_t *uv, int status, int events) {
    struct watch_handle *h = (struct watch_handle *)uv;
    struct watch *w = h->owner;
    if (!w)
        return;
    loop_mark(w->loop, w->name);
    if (status < 0) {
        w->events = 0; /* uv has stopped it */
        w->fn(w->ctx, WATCH_ERROR);
        return;
    }
    int seen = (events & UV_READABLE ? WATCH_READ : 0) | (events & UV_WRITABLE ? WATCH_WRITE : 0);
    w->fn(w->ctx, seen);
}

static void watch_drop_handle(struct watch *w) {
    if (!w->handle)
        return;
    w->handle->owner = NULL;
    uv_close((uv_handle_t *)&w->handle->uv, handle_free);
    w->handle = NULL;
    w->fd = -1;
    w->events = 0;
}

struct watch *watch_new(struct loop *l, const char *name, watch_fn fn, void *ctx) {
    struct watch *w = mem_zeroed(sizeof *w);
    w->loop = l;
    w->name = name;
    w->fn = fn;
    w->ctx = ctx;
    w->fd = -1;
    return w;
}

void watch_set(struct watch *w, int fd, int events) {
    if (events == 0 || fd < 0) {
        if (w->handle)
            uv_poll_stop(&w->handle->uv);
        w->events = 0;
        return;
    }
    if (fd == w->fd && events == w->events)
        return; /* uv would take it out of epoll and put it in again */
    if (fd != w->fd)
        watch_drop_handle(w);
    if (!w->handle) {
        struct watch_handle *h = mem_zeroed(sizeof *h);
        h->owner = w;
        if (uv_poll_init(&w->loop->uv, &h->uv, fd) != 0) {
            free(h); /* the deadline ends the exchange */
            return;
        }
        w->handle = h;
        w->fd = fd;
    }
    int uv_events =
        (events & WATCH_READ ? UV_READABLE : 0) | (events & WATCH_WRITE ? UV_WRITABLE : 0);
    uv_poll_start(&w->handle->uv, uv_events, watch_fired);
    w->events = events;
}

void watch_close(struct watch *w) {
    if (!w)
        return;
    watch_drop_handle(w);
    free(w);
}
