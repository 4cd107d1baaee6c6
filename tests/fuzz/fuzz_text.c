/* tests/fuzz/fuzz_text.c - the gate for outside strings over any bytes. The first byte is the
 * width, the rest the text. Cleaned once is cleaned for good, as wide as it says, and safe to show.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct arena *a, struct text t, uint32_t max_cols) {
    if (t.cols > max_cols || t.len != strlen(t.s) || t.cols != text_cols(t.s, t.len))
        abort();
    for (uint32_t i = 0; i < t.len; i++)
        if ((unsigned char)t.s[i] < ' ' || t.s[i] == 0x7f)
            abort();
    struct text again = text_clean(a, t.s, t.len, max_cols);
    if (strcmp(again.s, t.s) != 0 || again.cols != t.cols)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    char small[24];
    if (!size)
        return 0;
    const char *s = (const char *)data + 1;
    arena_init(&a);
    check(&a, text_clean(&a, s, size - 1, data[0]), data[0]);
    check(&a, text_clean(&a, s, size - 1, TEXT_MAX_COLS), TEXT_MAX_COLS);
    text_clean_into(small, sizeof small, s, size - 1);
    check(&a, text_cleanz(&a, small), sizeof small);
    const char *whole = arena_strndup(&a, s, size - 1);
    const char *part = whole + strlen(whole) / 2;
    if (*part && (*part & 0xc0) != 0x80 && !text_contains(whole, part) &&
        strstr(whole, part) == NULL)
        abort();
    arena_done(&a);
    return 0;
}
