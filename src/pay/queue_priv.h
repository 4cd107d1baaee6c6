/* pay/queue_priv.h - the tables of what is open or contradicts its messages; see queue_lib.c for
 * their names. */
#ifndef GOODGO_PAY_QUEUE_PRIV_H
#define GOODGO_PAY_QUEUE_PRIV_H

#include "codec/payrow.h"
#include "model/reading.h"

/* Rows of an answer, and what each of them is. */
struct judged {
    struct pay_row *rows;
    struct pay_verdict *verdicts;
    uint32_t n;
};

/* The tables payments and classes, and the figures of what wants an act. */
void queue_put_open(struct reading *out, const struct judged *j, int64_t now_wall_s);
/* A table of payments: the worst class first, and within one the oldest first. */
void queue_put_payments(struct reading *out, const char *name, const struct judged *j);
/* The table credited joins payments and classes; one that was not credited yet a moment ago, or is
 * refunded by now, is there already. */
void queue_join_credited(struct reading *r, int64_t now_wall_s);

#endif
