/* io/addresses.c - see io/addresses_priv.h. */
#include "addresses_priv.h"

#include <string.h>

static void turn_begin(struct addresses *a) {
    if (a->left.n > 1)
        loop_timer_again(a->turn, a->turn_ms, 0);
    else
        loop_timer_stop(a->turn);
}

bool addresses_next(struct addresses *a) {
    struct dns_answer *left = &a->left;
    if (left->n < 2)
        return false;
    left->n--;
    memmove(left->addresses[0], left->addresses[1], left->n * sizeof left->addresses[0]);
    turn_begin(a);
    return true;
}

static void turn_over(void *ctx) {
    struct addresses *a = ctx;
    if (addresses_next(a))
        a->connect(a->ctx);
}

static void found(void *ctx, const struct dns_answer *answer) {
    struct addresses *a = ctx;
    a->wait = NULL;
    if (!answer->ok) {
        a->fail(a->ctx, answer->why);
        return;
    }
    a->left = *answer;
    a->turn_ms = a->timeout_ms / answer->n;
    turn_begin(a);
    a->connect(a->ctx);
}

void addresses_init(struct addresses *a, struct link_hub *h, void (*connect)(void *ctx),
                    void (*fail)(void *ctx, const char *why), void *ctx) {
    *a = (struct addresses){.dns = h->dns,
                            .turn = loop_timer_new(h->loop, turn_over, a),
                            .connect = connect,
                            .fail = fail,
                            .ctx = ctx};
}

void addresses_done(struct addresses *a) {
    addresses_stop(a);
    loop_timer_close(a->turn);
}

void addresses_find(struct addresses *a, const char *host, uint32_t timeout_ms) {
    struct dns_answer answer = {0};
    a->timeout_ms = timeout_ms;
    if (dns_known(a->dns, host, &answer)) {
        found(a, &answer);
        return;
    }
    a->wait = dns_ask(a->dns, host, found, a);
    if (!a->wait)
        a->fail(a->ctx, "no thread is free to look it up: too many earlier lookups still hang, or "
                        "none can be had");
}

void addresses_stop(struct addresses *a) {
    loop_timer_stop(a->turn);
    dns_cancel(a->wait);
    a->wait = NULL;
}
