/* probe/redis_priv.h - Redis's probe between redis.c, redis_tables_lib.c and redis_keys_lib.c. What
 * each fills is listed on top of redis.c. */
#ifndef GOODGO_PROBE_REDIS_PRIV_H
#define GOODGO_PROBE_REDIS_PRIV_H

#include "redis_info_priv.h"
#include "stage_priv.h"

/* One command; true. The words are not copied. */
bool redis_ask(struct probe_run *run, struct exchange *ex, int argc, const char *const *argv);
/* "HOST:PORT", for errors. */
const char *redis_target_name(const struct probe_run *run);
/* What a reply that is an error means; false, so that `return redis_error_reply(...)`. */
bool redis_error_reply(const struct probe_run *run, const struct redis_val *v, struct err *err);

/* Of INFO: the tables commands, errors and keyspace, and the metric keys. */
void redis_tables(struct probe_run *run, const struct info *info, struct reading *out);

/* redis_keys_lib.c: one page of SCAN each time. */
STAGE(redis_prefixes);

#endif
