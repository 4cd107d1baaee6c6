/* act/gateway.h - sends the questions of codec/payask.h: one at a time per gateway, on this machine
 * at least, never faster than its pause, and with a growing back-off after "too soon" or an outage.
 * What a gateway settled is kept for some minutes: some of them answer the same question only
 * once in a while. Both are files under STATE/gateways. */
#ifndef GOODGO_ACT_GATEWAY_H
#define GOODGO_ACT_GATEWAY_H

#include "codec/payask.h"

#define GATEWAY_KEEP_S 600

struct gateway_asker;
struct gateway_asker *gateway_open(const struct settings *s, const char *state_dir, int cancel_fd);
void gateway_close(struct gateway_asker *g); /* NULL is fine */

/* Can it be asked at all: does the context say where? */
bool gateway_is_set(const struct settings *s, const struct pay_provider *p);

/* Asks, and fills q->now_wall_ms and q->request_id. False: it was not asked (set-up, backing off,
 * cancelled). An outage is an answer that says nothing. `kept`: what was settled within
 * GATEWAY_KEEP_S will do. */
bool gateway_ask(struct gateway_asker *g, struct pay_question *q, bool kept, struct arena *a,
                 struct pay_answer *ret, struct err *err) MUST_CHECK;

#endif
