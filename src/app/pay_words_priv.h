/* app/pay_words_priv.h - a payment and what to think of it, in JSON and in words: shared by the
 * list and by the look at one of them. */
#ifndef GOODGO_APP_PAY_WORDS_PRIV_H
#define GOODGO_APP_PAY_WORDS_PRIV_H

#include "base/jsonw.h"
#include "codec/payrow.h"

/* Members "id" to "updatedAt" of an open object. */
void pay_row_json(const struct pay_row *row, struct jsonw *w);
/* Members "class" to "callback" of an open object. */
void pay_verdict_json(const struct pay_row *row, const struct pay_verdict *v, int64_t now_wall_s,
                      struct jsonw *w);
const char *pay_heals_name(enum pay_heals h); /* "expected" "maybe" "never" */
/* "vnpay, momo, zalopay": the providers; of them those whose gateway can be asked. */
const char *pay_provider_ids(struct arena *a, bool can_be_asked);
void pay_amount(int64_t vnd, char *buf, size_t size);  /* "1,250,000" */
void pay_age(int64_t seconds, char *buf, size_t size); /* "2d03h" */
/* "vnpay", "VNPAY": as stored. False with err when it is none of the platform's. */
bool pay_provider_word(const char *word, const char **ret_stored, struct err *err) MUST_CHECK;

#endif
