/* tests/fuzz/fuzz_promtext.c - the exposition scanner over any bytes: stays inside, ends. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/probe/promtext_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *copy = malloc(size ? size : 1); /* exact size: an overrun is seen */
    struct promtext p;
    struct promtext_sample s;
    char label[16];
    if (size)
        memcpy(copy, data, size);
    promtext_init(&p, copy, size);
    while (promtext_next(&p, &s))
        (void)promtext_label(&s, "path", label, sizeof label);
    free(copy);
    return 0;
}
