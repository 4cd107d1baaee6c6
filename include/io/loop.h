/* io/loop.h - the one event loop: timers, deferred frees, signals, readable descriptors, and a
 * watchdog that names any callback that held the loop for more than 50 ms. libuv is behind it;
 * nobody above io can name a uv_ type. */
#ifndef GOODGO_IO_LOOP_H
#define GOODGO_IO_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct loop;
struct loop_timer;

struct loop *loop_new(void);
void loop_free(struct loop *l); /* everything must be closed; runs the last close callbacks */
void loop_run(struct loop *l);  /* until loop_stop() */
/* For tests and sub-commands: until done() says so after a turn; false when the time was up, or
 * loop_stop() came, first. */
bool loop_run_until(struct loop *l, bool (*done)(void *ctx), void *ctx, uint32_t timeout_ms);
void loop_pump(struct loop *l); /* one turn that never waits, for code that is busy otherwise */
void loop_stop(struct loop *l);
uint64_t loop_wakeups(const struct loop *l);
uint32_t loop_slow_turns(const struct loop *l); /* turns longer than 50 ms so far */

const char *loop_slow_name(const struct loop *l); /* the last callback of the newest one; or NULL */

/* A timer that is not running yet. */
struct loop_timer *loop_timer_new(struct loop *l, void (*fn)(void *ctx), void *ctx);
/* A timer calls fn after delay_ms, then each repeat_ms (0 = once). Freed by loop_timer_close, also
 * inside fn. */
struct loop_timer *loop_timer_start(struct loop *l, uint32_t delay_ms, uint32_t repeat_ms,
                                    void (*fn)(void *ctx), void *ctx);
void loop_timer_again(struct loop_timer *t, uint32_t delay_ms, uint32_t repeat_ms);
void loop_timer_stop(struct loop_timer *t);  /* silent until loop_timer_again */
void loop_timer_close(struct loop_timer *t); /* NULL is fine */

/* Calls fn at the end of this turn: the only place where objects free themselves. */
void loop_defer(struct loop *l, void (*fn)(void *ctx), void *ctx);

/* Calls fn whenever fd is readable (or in error). NULL when the descriptor cannot be polled. */
struct loop_poll;
struct loop_poll *loop_poll_start(struct loop *l, int fd, void (*fn)(void *ctx), void *ctx);
void loop_poll_close(struct loop_poll *p);
/* Signals: fn in a normal loop turn. */
struct loop_signal;
struct loop_signal *loop_signal_start(struct loop *l, int signum, void (*fn)(void *ctx, int signum),
                                      void *ctx);
void loop_signal_close(struct loop_signal *s);

#endif
