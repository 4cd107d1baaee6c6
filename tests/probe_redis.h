/* tests/probe_redis.h - replies of Redis as values, for test_probe_*.c and the fuzzer. */
#ifndef GOODGO_TESTS_PROBE_REDIS_H
#define GOODGO_TESTS_PROBE_REDIS_H

#include "tests/probe_harness.h"

static inline struct redis_val redis_text(enum redis_type type, const char *s) {
    return (struct redis_val){.type = type, .s = s, .len = strlen(s)};
}

static inline struct redis_val redis_integer(int64_t n) {
    return (struct redis_val){.type = REDIS_INTEGER, .integer = n};
}

static inline struct redis_val redis_array(const struct redis_val *items, size_t n) {
    return (struct redis_val){.type = REDIS_ARRAY, .items = items, .n_items = n};
}

static inline bool bench_redis(struct probe_bench *b, const char *stage, struct redis_val v) {
    struct reply r = {.kind = EXCHANGE_REDIS, .ok = true, .took_ms = 1, .redis = v};
    return bench_reply(b, stage, &r);
}

#endif
