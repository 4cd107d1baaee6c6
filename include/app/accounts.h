/* app/accounts.h - the credentials of the payment providers: today's from the env file under the
 * names that each provider declares, older ones from `payments.history` lines of the config:
 *
 *   payments.history = vnpay until=2021-06-30 GOODGO_VNPAY_HASH_TYPE=MD5 VNPAY_HASH_SECRET=OLD_ONE
 *
 * `from` and `until` are Vietnam days, the last one included. What a line does not name is as
 * today. A secret is never written in the config: behind its name stands the name of an entry of
 * the env file, whose mode is guarded. */
#ifndef GOODGO_APP_ACCOUNTS_H
#define GOODGO_APP_ACCOUNTS_H

#include "app/config.h"
#include "app/dotenv.h"
#include "codec/settings.h"

bool accounts_make(struct settings *s, struct arena *a, const struct env *e, const struct config *c,
                   struct err *err) MUST_CHECK;
/* "2021-06-30" (a Vietnam day, from its midnight) or an RFC 3339 time. */
bool accounts_time(const char *text, int64_t *ret_wall_s) MUST_CHECK;

#endif
