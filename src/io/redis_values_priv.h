/* io/redis_values_priv.h - struct redis_val made by hiredis' reader itself, without a copy between:
 * the reader's privdata is a struct redis_values. At most 1 MiB a string and 100,000 items. */
#ifndef GOODGO_IO_REDIS_VALUES_PRIV_H
#define GOODGO_IO_REDIS_VALUES_PRIV_H

#include <hiredis/hiredis.h>

#include "base/arena.h"
#include "wire/exchange.h"

/* Of one reply. */
struct redis_values {
    struct arena *arena;
    size_t n_items;
    bool too_big; /* and so it was not read to its end */
};
extern redisReplyObjectFunctions redis_values_functions;

#endif
