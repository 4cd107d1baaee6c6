/* tests/fuzz/fuzz_term_keys.c - any bytes typed at the terminal: each becomes a key that has a
 * name, none hangs, and the line counts as there. */
#include <stdint.h>
#include <string.h>

#include "tests/term_bench.h"

#define TYPED_MAX 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct term_bench bench;

/* More keys than bytes there cannot be; what curses keeps may come out with a later input. */
static void type(const uint8_t *data, size_t size, int64_t now_mono_ms) {
    static uint64_t bytes, keys;
    struct key k;
    char name[64];
    if (write(bench.feed, data, size) != (ssize_t)size)
        abort();
    bytes += size;
    while (term_next_key(&bench.term, now_mono_ms, &k)) {
        if (k.code > KEYC_MOUSE || ++keys > bytes)
            abort();
        key_format(k, name, sizeof name);
        if (!name[0] || strlen(name) > 40)
            abort();
    }
    if (bench.term.lost)
        abort();
}

/* In two reads, cut where the first byte says. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool ready;
    static int64_t now_mono_ms;
    if (!ready && !(ready = term_bench_init(&bench, "xterm")))
        abort();
    if (!size)
        return 0;
    size_t n = size - 1 < TYPED_MAX ? size - 1 : TYPED_MAX, cut = n ? data[0] % n : 0;
    now_mono_ms += 1000000; /* nothing is waited for that an earlier input began */
    type(data + 1, cut, now_mono_ms);
    type(data + 1 + cut, n - cut, now_mono_ms);
    return 0;
}
