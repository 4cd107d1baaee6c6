/* tests/fuzz/fuzz_manifest.c - the manifest's reader over any bytes: what it accepts is written
 * back and read to the same text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/act/manifest_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct manifest m;
    struct err err;
    struct str first, second;
    arena_init(&a);
    str_init(&first, 1u << 26);
    str_init(&second, 1u << 26);
    if (manifest_parse((const char *)data, size, &a, &m, &err)) {
        manifest_print(&m, &first);
        if (!manifest_parse(first.s, first.len, &a, &m, &err))
            abort();
        manifest_print(&m, &second);
        if (strcmp(str_get(&first), str_get(&second)) != 0)
            abort();
    }
    str_done(&first);
    str_done(&second);
    arena_done(&a);
    return 0;
}
