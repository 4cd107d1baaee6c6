/* io/ask.c - a link and a loop of their own, turned until the answer is there; see io/ask.h. */
#include "io/ask.h"

#include <stdlib.h>

#include "base/mem.h"
#include "io/link.h"
#include "io/loop.h"

#define FOREVER_MS 4000000000u /* the link's own deadline comes first */

struct ask {
    struct loop *loop;
    struct link_hub *hub;
    struct link *link;
    struct loop_poll *cancel;
    bool in_flight, answered, cancelled;
    struct reply reply;
};

static void on_cancel(void *ctx) {
    struct ask *a = ctx;
    a->cancelled = true;
    /* It stays readable: polled on, it would turn the loop without end. */
    loop_poll_close(a->cancel);
    a->cancel = NULL;
}

static void on_reply(void *ctx, const struct reply *reply) {
    struct ask *a = ctx;
    a->reply = *reply;
    a->answered = true;
}

struct ask *ask_new(const char *application_name, int cancel_fd) {
    struct ask *a = mem_zeroed(sizeof *a);
    a->loop = loop_new();
    a->hub = link_hub_new(a->loop);
    a->link = link_new(a->hub, application_name);
    if (cancel_fd >= 0)
        a->cancel = loop_poll_start(a->loop, cancel_fd, on_cancel, a);
    return a;
}

void ask_free(struct ask *a) {
    if (!a)
        return;
    loop_poll_close(a->cancel);
    link_close(a->link);
    link_hub_free(a->hub);
    loop_free(a->loop);
    free(a);
}

static bool settled(void *ctx) {
    const struct ask *a = ctx;
    return a->answered || a->cancelled;
}

static bool never(void *ctx) {
    const struct ask *a = ctx;
    return a->cancelled;
}

static bool cancelled(struct err *err) {
    return err_set(err, E_CANCELLED, "ask", "", "cancelled while it waited");
}

void ask_begin(struct ask *a, const struct exchange *ex, struct arena *arena, uint32_t timeout_ms) {
    a->answered = false;
    a->in_flight = true;
    link_send(a->link, ex, arena, timeout_ms, on_reply, a);
}

void ask_pump(struct ask *a) {
    loop_pump(a->loop);
}

bool ask_in_flight(const struct ask *a) {
    return a->in_flight && !a->answered;
}

bool ask_end(struct ask *a, struct reply *ret, struct err *err) {
    loop_run_until(a->loop, settled, a, FOREVER_MS);
    a->in_flight = false;
    if (!a->answered) {
        link_cancel(a->link);
        return cancelled(err);
    }
    *ret = a->reply;
    if (!ret->ok) {
        *err = ret->err;
        return false;
    }
    return true;
}

bool ask_once(struct ask *a, const struct exchange *ex, struct arena *arena, uint32_t timeout_ms,
              struct reply *ret, struct err *err) {
    if (a->cancelled)
        return cancelled(err);
    ask_begin(a, ex, arena, timeout_ms);
    return ask_end(a, ret, err);
}

bool ask_pause(struct ask *a, uint32_t ms, struct err *err) {
    return loop_run_until(a->loop, never, a, ms) ? cancelled(err) : true;
}
