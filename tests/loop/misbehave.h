/* tests/loop/misbehave.h - a loop that drives one link through one exchange against a server of
 * bad_server.h. Include once per test file. */
#ifndef GOODGO_TESTS_MISBEHAVE_H
#define GOODGO_TESTS_MISBEHAVE_H

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "io/link.h"
#include "io/pgsession.h"
#include "loop/bad_server.h"

struct drive {
    struct loop *loop;
    struct link_hub *hub;
    struct link *link;
    struct arena arena;
    struct reply reply;
    int n_done;
    bool inside_send;
    int64_t took_ms;
};

static inline void drive_init(struct drive *d) {
    memset(d, 0, sizeof *d);
    pg_env_forget();
    d->loop = loop_new();
    d->hub = link_hub_new(d->loop);
    d->link = link_new(d->hub, "goodgo-test");
    arena_init(&d->arena);
}

static inline bool drive_finished(void *ctx) {
    return ((struct drive *)ctx)->n_done > 0;
}

static inline bool drive_never(void *ctx) {
    return false;
}

static inline void drive_done(void *ctx, const struct reply *reply) {
    struct drive *d = ctx;
    CU_ASSERT_FALSE(d->inside_send);
    d->reply = *reply;
    d->n_done++;
}

static inline void drive_send(struct drive *d, const struct exchange *ex, uint32_t timeout_ms) {
    int64_t start = clock_mono_ms();
    d->n_done = 0;
    d->inside_send = true;
    link_send(d->link, ex, &d->arena, timeout_ms, drive_done, d);
    d->inside_send = false;
    CU_ASSERT_TRUE(loop_run_until(d->loop, drive_finished, d, timeout_ms + PATIENCE_MS));
    d->took_ms = clock_mono_ms() - start;
    loop_run_until(d->loop, drive_never, d, 20); /* a second done would come now */
    CU_ASSERT_EQUAL(d->n_done, 1);
}

/* Slow turns are asserted by wall clock, so only where the machine is not the limit. */
static inline void drive_finish(struct drive *d) {
    if (getenv("GOODGO_TEST_STRICT_TIME"))
        CU_ASSERT_EQUAL(loop_slow_turns(d->loop), 0);
    link_close(d->link);
    loop_run_until(d->loop, drive_never, d, 5);
    link_hub_free(d->hub);
    loop_free(d->loop);
    arena_done(&d->arena);
}

/* In time: what waits for anything else than its deadline waits for ever, or as long as a kernel or
 * a library does, which is minutes. */
static inline void check_fails(struct drive *d, const struct exchange *ex, uint32_t timeout_ms,
                               enum err_code code) {
    drive_send(d, ex, timeout_ms);
    CU_ASSERT_FALSE(d->reply.ok);
    CHECK_STR(err_code_name(d->reply.err.code), err_code_name(code));
    CU_ASSERT_TRUE(d->took_ms < (int64_t)timeout_ms + PATIENCE_MS);
}

#endif
