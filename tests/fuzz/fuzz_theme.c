/* tests/fuzz/fuzz_theme.c - any bytes as a theme file: refused with a sentence, or whole. */
#include <stdint.h>
#include <stdlib.h>

#include "ui/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct theme t;
    struct err err = {0};
    if (!theme_parse(&t, "fuzz.theme", (const char *)data, size, &err)) {
        if (!err.why[0])
            abort();
        return 0;
    }
    for (int r = 0; r < ROLE_COUNT; r++)
        if (t.styles[r].fg < COLOUR_DEFAULT || t.styles[r].fg > 0xffffff ||
            t.styles[r].fg_index > 255)
            abort();
    return 0;
}
