/* tests/fuzz/fuzz_probes_redis.c - any reply to any stage of the Redis probe. The first byte picks
 * the stage; INFO is the rest as text, the others a tree of values, one byte a kind. */
#include <stdint.h>
#include <stdlib.h>

#include "../probe_redis.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *at, *end;
    struct arena *a;
};

static uint8_t next(struct input *in) {
    return in->at < in->end ? *in->at++ : 0;
}

static int64_t number(struct input *in) {
    static const int64_t odd[] = {0, -1, INT64_MAX, INT64_MIN, 1795334000, 12500};
    uint8_t b = next(in);
    return b < 6 ? odd[b] : b;
}

static struct redis_val value(struct input *in, int depth) {
    struct redis_val v = {.type = (enum redis_type)(next(in) % (REDIS_ARRAY + 1))};
    size_t n = next(in) % 24;
    if (v.type == REDIS_INTEGER) {
        v.integer = number(in);
    } else if (v.type == REDIS_ARRAY && depth < 4) {
        struct redis_val *items = arena_alloc(in->a, (n + 1) * sizeof *items);
        for (size_t i = 0; i < n; i++)
            items[i] = value(in, depth + 1);
        v.items = items;
        v.n_items = n;
    } else if (v.type != REDIS_NIL && v.type != REDIS_ARRAY) {
        n = n < (size_t)(in->end - in->at) ? n : (size_t)(in->end - in->at);
        v.s = arena_strndup(in->a, (const char *)in->at, n);
        v.len = n;
        in->at += n;
    }
    return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct settings settings = {.redis = {.host = "h", .port = 1}, .production = true};
    const struct probe *p = probes[SERVICE_redis];
    struct probe_bench b;
    if (!size)
        return 0;
    bench_init(&b, p, &settings);
    b.previous->has_reading = true;
    struct input in = {data + 1, data + size, &b.arena};
    const char *stage = p->stages[data[0] % p->n_stages].name;
    struct redis_val v = {.type = REDIS_STRING, .len = size - 1};
    v.s = arena_strndup(&b.arena, (const char *)data + 1, size - 1);
    if (strcmp(stage, "info") != 0)
        v = value(&in, 0);
    for (uint32_t page = 0; page < 3 && in.at < in.end; page++) {
        b.run.page = page;
        bool ok = bench_redis(&b, stage, v);
        if (!bench_is_clean(&b, ok))
            abort();
        if (!b.run.again)
            break;
        v = value(&in, 0);
    }
    (void)bench_judge(&b);
    if (!bench_is_clean(&b, true) && !b.err.code)
        abort();
    bench_done(&b);
    return 0;
}
