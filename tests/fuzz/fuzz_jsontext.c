/* tests/fuzz/fuzz_jsontext.c - the exact JSON reader over any bytes: what it takes, its own writer
 * gives back as the same document. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/jsontext.h"

static struct str write_out(const struct jsontext *j, unsigned how) {
    struct str out;
    str_init(&out, (size_t)1 << 20);
    jsontext_write(j, how, &out);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct err err;
    const char *twice;
    char *copy = malloc(size ? size : 1); /* exact size: an overrun is seen */
    if (size)
        memcpy(copy, data, size);
    arena_init(&arena);
    const struct jsontext *j = jsontext_parse(&arena, copy, size, &twice, &err);
    for (unsigned how = 0; j && how < 16; how++) {
        struct str once = write_out(j, how);
        const struct jsontext *again =
            jsontext_parse(&arena, str_get(&once), once.len, &twice, &err);
        if (!again)
            abort();
        struct str plain = write_out(j, how & JSONTEXT_SORTED),
                   same = write_out(again, how & JSONTEXT_SORTED);
        if (plain.len != same.len || memcmp(str_get(&plain), str_get(&same), plain.len) != 0)
            abort();
        str_done(&once);
        str_done(&plain);
        str_done(&same);
    }
    free(copy);
    arena_done(&arena);
    return 0;
}
