/* act/gateway.h - sends the questions of codec/payask.h: one at a time per gateway, on this machine
 * at least, never faster than its pause, and with a growing back-off after "too soon" or an outage.
 * What a gateway settled is kept: some of them answer the same question only once in a while, and
 * a run over a day that was interrupted need not ask again. Both are files under STATE/gateways. */
#ifndef GOODGO_ACT_GATEWAY_H
#define GOODGO_ACT_GATEWAY_H

#include "codec/payask.h"

#define GATEWAY_KEEP_S     600
#define GATEWAY_KEEP_DAY_S 43200 /* half a day: a run over many payments takes hours */

/* Which answers of before will do. */
enum gateway_kept {
    GATEWAY_ANEW,
    GATEWAY_SETTLED,   /* final, within GATEWAY_KEEP_S: good enough to act on */
    GATEWAY_SAID_TODAY /* final or no such order, within GATEWAY_KEEP_DAY_S: good for a report */
};

/* `s` and `state_dir` must live until it is closed. One thread at a time; of several askers each
 * may have one. */
struct gateway_asker;
struct gateway_asker *gateway_open(const struct settings *s, const char *state_dir, int cancel_fd);
void gateway_close(struct gateway_asker *g); /* NULL is fine */

/* Can it be asked at all: does the context say where? */
bool gateway_is_set(const struct settings *s, const struct pay_provider *p);

/* How long it must be left alone, by what is on disk now. */
int64_t gateway_wait_ms(const struct gateway_asker *g, const struct pay_provider *p);
/* Waits that long, some seconds at the most; false with E_CANCELLED. */
bool gateway_pause(struct gateway_asker *g, int64_t ms, struct err *err) MUST_CHECK;
/* Asks nobody; false where it was not said. Needs the question's provider, order and what. */
bool gateway_recall(struct gateway_asker *g, const struct pay_question *q, enum gateway_kept which,
                    struct arena *a, struct pay_answer *ret);
/* Asks, and fills q->now_wall_ms and q->request_id. False: it was not asked (set-up, backing off,
 * cancelled). An outage is an answer that says nothing. */
bool gateway_ask(struct gateway_asker *g, struct pay_question *q, enum gateway_kept kept,
                 struct arena *a, struct pay_answer *ret, struct err *err) MUST_CHECK;

#endif
