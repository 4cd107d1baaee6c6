/* act/gateway_priv.h - answers of one gateway that were kept, in a file that only grows: a line
 * each, found by its key. A day's answers are some thousand, and none is asked for twice because
 * the one before was slow to find. */
#ifndef GOODGO_ACT_GATEWAY_PRIV_H
#define GOODGO_ACT_GATEWAY_PRIV_H

#include "act/gateway.h"

#define KEPT_KEY_SIZE 25 /* of a question: the gateway, the merchant, the order */

struct kept;
struct kept *kept_open(const char *path); /* nothing is read before the first look */
void kept_close(struct kept *k);          /* NULL is fine */
/* The newest answer of that key, as far as it may be relied on; false where there is none. What
 * others added since the last look is read first. */
bool kept_find(struct kept *k, const char *key, enum gateway_kept which, int64_t now_wall_ms,
               struct arena *a, struct pay_answer *ret);
/* Under the lock of the gateway's pace. Only what settles something is kept; a file that cannot be
 * written costs one more question. */
void kept_add(struct kept *k, const char *key, int64_t now_wall_ms, const struct pay_answer *r);

#endif
