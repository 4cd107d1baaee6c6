/* codec/payreplay.h - may a stored callback be handed to the API again, and what will come of it?
 * Pure: the row, what pay_classify() thinks of it and the gateway's answer are handed in. */
#ifndef GOODGO_CODEC_PAYREPLAY_H
#define GOODGO_CODEC_PAYREPLAY_H

#include "codec/payask.h"
#include "codec/payrow.h"

enum pay_replay_verdict {
    PAY_REPLAY_YES,
    PAY_REPLAY_FORCED, /* only where somebody insists and says why */
    PAY_REPLAY_NO,     /* whoever insists */
    PAY_REPLAY_DONE    /* the payment is settled: there is nothing to do */
};

struct pay_replay {
    enum pay_replay_verdict verdict;
    enum pay_status predicted; /* what the API makes of the payment (R75) */
    const char *why;           /* one sentence; clean */
};

/* answer NULL: its gateway is not to be asked. max_age_s: older payments are left alone. */
void pay_replay_judge(const struct pay_row *row, const struct pay_verdict *v,
                      const struct pay_answer *answer, int64_t now_wall_s, uint32_t max_age_s,
                      struct arena *a, struct pay_replay *ret);

/* The runbook's body for POST /api/payments/callback: {"provider":"VNPAY", and the callback}. False
 * where the message is no callback that fits into it. */
bool pay_replay_body(const struct pay_provider *p, const struct pay_message *m, struct arena *a,
                     struct str *out, struct err *err) MUST_CHECK;

#endif
