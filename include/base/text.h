/* base/text.h - the gate for outside strings. Only text_clean() makes a struct text; drawing takes
 * only struct text. It replaces what is unsafe (text_is_unsafe), lone surrogates and broken UTF-8
 * by '?' or U+FFFD, tabs and newlines by one space, a soft hyphen by '-', bounds characters without
 * width to 4 per base, and cuts at max_cols columns with an ellipsis. Widths come from utf8proc, so
 * they do not follow libc. */
#ifndef GOODGO_BASE_TEXT_H
#define GOODGO_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/str.h"

struct text {
    const char *s; /* NUL-terminated UTF-8; "" for an empty text, never NULL once made */
    uint32_t len;  /* bytes */
    uint32_t cols; /* terminal columns */
};

#define TEXT_MAX_COLS 4096
/* A string literal as a text (ASCII literals only). */
#define TEXT_LIT(lit) ((struct text){(lit), sizeof(lit) - 1, sizeof(lit) - 1})

/* A code point that drives a terminal, or reorders or hides what stands beside it: C0, DEL, C1,
 * bidi controls, U+2028/2029, U+FEFF and U+FFF9-FFFB. */
bool text_is_unsafe(uint32_t cp);
struct text text_clean(struct arena *a, const char *bytes, size_t n, uint32_t max_cols);
struct text text_cleanz(struct arena *a, const char *s); /* whole C string; NULL is "" */
/* Formatted, then cleaned. */
struct text text_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Cleans into a fixed buffer (for err); always terminates, never cuts inside a character. */
void text_clean_into(char *dst, size_t size, const char *bytes, size_t n);

/* One display cluster (base + its marks) from s: its bytes and columns (0..2). 0 bytes at the end.
 */
size_t text_cluster(const char *s, size_t n, uint32_t *ret_cols);
uint32_t text_cols(const char *s, size_t n);
bool text_is_utf8(const char *bytes, size_t n);
/* What a text is in place of UTF-8, by the mark it begins with or the NULs beside its first
 * letters, and what makes UTF-8 of it; NULL where it is none of UTF-16 and UTF-32. */
struct text_wide {
    const char *name, *todo;
};
const struct text_wide *text_wide(const char *bytes, size_t n);
/* The UTF-8 of a code point, and how many bytes it has. What is none, half of a surrogate pair or a
 * number beyond Unicode, becomes U+FFFD. */
#define TEXT_CHAR_BYTES 4
size_t text_encode(uint32_t cp, char out[TEXT_CHAR_BYTES]);
/* The same text composed (NFC) or decomposed (NFD); NULL when it is not UTF-8. In the arena. */
char *text_normal(struct arena *a, const char *s, bool composed);
/* Case- and accent-folded containment ("quan" finds "Quận", NFC or NFD), for filters and search. */
bool text_contains(const char *haystack, const char *needle);
/* Adds the text without case, accents and marks, đ as d; what is not UTF-8 as it stands. */
void text_fold(struct str *out, const char *s);

#endif
