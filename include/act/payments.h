/* act/payments.h - payments as the database has them: asked over a session that can change nothing,
 * page by page. What the rows mean is codec/payrow.h's business. */
#ifndef GOODGO_ACT_PAYMENTS_H
#define GOODGO_ACT_PAYMENTS_H

#include "codec/payrow.h"

struct pgsession;

#define PAYMENTS_PAGE       500
#define PAYMENTS_TIMEOUT_MS 20000u /* a look inside all callbacks reads the whole table */

/* Read-only by the server's own word, and each statement ends after PAYMENTS_TIMEOUT_MS there too.
 * cancel_fd as in io/pgsession.h. */
bool payments_open(const struct settings *s, int cancel_fd, struct pgsession **ret,
                   struct err *err) MUST_CHECK;
/* The rows of one page into `arena`; f->limit is at most PAYMENTS_PAGE. */
bool payments_page(struct pgsession *s, const struct pay_filter *f, struct arena *arena,
                   struct pay_row **ret_rows, uint32_t *ret_n, struct err *err) MUST_CHECK;
/* The payments that `key` stands for, newest first: an id, an order or transaction number, a user,
 * an idempotency key (R82); at most `most`. None is no error: *ret_n is 0. */
bool payments_find(struct pgsession *s, const char *key, uint32_t most, struct arena *arena,
                   struct pay_row **ret_rows, uint32_t *ret_n, struct err *err) MUST_CHECK;
/* The payment with that very id; *ret NULL: there is none. *ret_n counts those that are known by it
 * at all, by another number of theirs. */
bool payments_by_id(struct pgsession *s, const char *id, struct arena *arena,
                    const struct pay_row **ret, uint32_t *ret_n, struct err *err) MUST_CHECK;
/* Every row that the filter lets through, page after page, until on_row says false. Each page has
 * an arena of its own: a row lives until on_row returns. f->limit is the size of a page; f->after
 * and f->after_id are where it begins. */
bool payments_each(struct pgsession *s, const struct pay_filter *f,
                   bool (*on_row)(void *ctx, const struct pay_row *row), void *ctx,
                   struct err *err) MUST_CHECK;

#endif
