/* tests/fuzz/fuzz_term_keys.c - any bytes typed at the terminal: each becomes a key that has a
 * name, none hangs, and the line counts as there. */
#include <stdint.h>
#include <string.h>

#include "tests/term_bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct term_bench bench;
    static bool ready;
    static uint64_t bytes, keys; /* an unfinished sequence may end in a later input */
    struct key k;
    char name[64];
    if (!ready && !(ready = term_bench_init(&bench, "xterm")))
        abort();
    if (size > 1024)
        size = 1024;
    if (write(bench.feed, data, size) != (ssize_t)size)
        abort();
    bytes += size;
    while (term_next_key(&bench.term, &k)) {
        if (k.code > KEYC_MOUSE || ++keys > bytes)
            abort();
        key_format(k, name, sizeof name);
        if (!name[0] || strlen(name) > 40)
            abort();
    }
    if (bench.term.lost)
        abort();
    return 0;
}
