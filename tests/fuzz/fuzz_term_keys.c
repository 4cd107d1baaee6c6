/* tests/fuzz/fuzz_term_keys.c - any bytes typed at the terminal: each becomes a key that has a
 * name, none hangs, and the line counts as there. */
#include <stdint.h>
#include <string.h>

#include "tests/term_bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ncurses 6.4 has room for nine numbers in a report of the mouse and does not look whether more
 * come: here none does, also not over two inputs. */
static void with_nine_numbers(const uint8_t *data, size_t size, char *ret) {
    static unsigned n;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == 27)
            n = 0;
        ret[i] = data[i] == ';' && ++n > 8 ? '0' : (char)data[i];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct term_bench bench;
    static bool ready;
    static uint64_t bytes, keys; /* an unfinished sequence may end in a later input */
    struct key k;
    char name[64], typed[1024];
    if (!ready && !(ready = term_bench_init(&bench, "xterm")))
        abort();
    if (size > sizeof typed)
        size = sizeof typed;
    with_nine_numbers(data, size, typed);
    if (write(bench.feed, typed, size) != (ssize_t)size)
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
