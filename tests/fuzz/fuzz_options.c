/* tests/fuzz/fuzz_options.c - any words as a command line, and each of them as a number, a time, a
 * range and the name of a key. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/options.h"
#include "app/query.h"
#include "base/clock.h"
#include "ui/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_WORDS = 24 };

static void check_word(const char *word) {
    int64_t n;
    double d;
    int64_t t;
    struct key key;
    char text[64];
    if (str_to_i64(word, -100, 100, &n) && (n < -100 || n > 100))
        abort();
    (void)str_to_double(word, &d);
    if (query_range_parse(word, &t) && (t < 1 || t > 90 * 86400))
        abort();
    if (clock_parse_rfc3339(word, &t)) {
        int64_t back;
        clock_iso8601(t, text, sizeof text);
        if (t >= 0 && t < INT64_C(253402300800000) &&
            (!clock_parse_rfc3339(text, &back) || back != t))
            abort();
    }
    if (key_parse(word, &key)) {
        struct key again;
        key_format(key, text, sizeof text);
        if (!key_parse(text, &again) || again.code != key.code || again.ctrl != key.ctrl)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct options o = {0};
    struct err err = {0};
    struct arena a;
    char program[] = "goodgo", *argv[MAX_WORDS + 2] = {program};
    int argc = 1, first = 0;
    arena_init(&a);
    for (size_t at = 0; at < size && argc <= MAX_WORDS;) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t n = end ? (size_t)(end - data) - at : size - at;
        argv[argc++] = arena_strndup(&a, (const char *)data + at, n);
        check_word(argv[argc - 1]);
        at += n + 1;
    }
    if (!options_parse(&o, argc, argv, &first, &err) ? !err.why[0] : first < 1 || first > argc)
        abort();
    if (o.timeout_ms && (o.timeout_ms < 10 || o.timeout_ms > 600000))
        abort();
    arena_done(&a);
    return 0;
}
