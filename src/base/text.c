/* base/text.c - the gate for outside strings, over utf8proc; see text.h. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/mem.h"

#define MAX_MARKS   4
#define REPLACEMENT 0xFFFD

/* One code point from bytes; broken input is one byte of U+FFFD. */
static size_t decode(const char *s, size_t n, utf8proc_int32_t *ret_cp) {
    utf8proc_ssize_t used =
        utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, ret_cp);
    if (used > 0)
        return (size_t)used;
    *ret_cp = REPLACEMENT;
    return 1;
}

bool text_is_unsafe(uint32_t cp) {
    return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x2028 && cp <= 0x202e) ||
           (cp >= 0x2066 && cp <= 0x2069) || cp == 0x200e || cp == 0x200f || cp == 0x061c ||
           cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb);
}

static utf8proc_int32_t harmless(utf8proc_int32_t cp) {
    if (cp == '\t' || cp == '\n' || cp == '\r' || cp == 0x2028 || cp == 0x2029)
        return ' ';
    if (text_is_unsafe((uint32_t)cp))
        return '?';
    return cp == 0x00AD ? '-'
                        : cp; /* a soft hyphen takes a column or none, as the terminal likes */
}

static uint32_t columns(utf8proc_int32_t cp) {
    return (uint32_t)utf8proc_charwidth(cp); /* 0, 1 or 2 */
}

/* Everything that takes no column of its own stands on what is before it. */
static bool is_mark(utf8proc_int32_t cp) {
    return columns(cp) == 0;
}

size_t text_cluster(const char *s, size_t n, uint32_t *ret_cols) {
    utf8proc_int32_t cp;
    *ret_cols = 0;
    if (!n || !*s)
        return 0;
    size_t used = decode(s, n, &cp);
    *ret_cols = columns(cp);
    while (used < n && s[used]) {
        size_t more = decode(s + used, n - used, &cp);
        if (!is_mark(cp))
            break;
        used += more;
    }
    return used;
}

uint32_t text_cols(const char *s, size_t n) {
    uint32_t total = 0, cols;
    size_t used;
    for (; (used = text_cluster(s, n, &cols)) > 0; s += used, n -= used)
        total += cols;
    return total;
}

/* Most of what is read is ASCII, for as long as this. */
static size_t ascii_length(const char *bytes, size_t n) {
    size_t i = 0;
    uint64_t word = 0;
    for (; i + sizeof word <= n; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < n && (unsigned char)bytes[i] < 0x80)
        i++;
    return i;
}

bool text_is_utf8(const char *bytes, size_t n) {
    utf8proc_int32_t cp;
    for (size_t plain; (plain = ascii_length(bytes, n)) < n;) {
        bytes += plain;
        n -= plain;
        utf8proc_ssize_t used =
            utf8proc_iterate((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)n, &cp);
        if (used <= 0)
            return false;
        bytes += used;
        n -= (size_t)used;
    }
    return true;
}

size_t text_encode(uint32_t cp, char out[TEXT_CHAR_BYTES]) {
    bool none = cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000);
    return (size_t)utf8proc_encode_char(none ? REPLACEMENT : (utf8proc_int32_t)cp,
                                        (utf8proc_uint8_t *)out);
}

char *text_normal(struct arena *a, const char *s, bool composed) {
    utf8proc_uint8_t *made = composed ? utf8proc_NFC((const utf8proc_uint8_t *)s)
                                      : utf8proc_NFD((const utf8proc_uint8_t *)s);
    char *copy = made ? arena_strdup(a, (const char *)made) : NULL;
    free(made);
    return copy;
}

/* Where cleaned bytes go: a bounded buffer that never ends inside a character. */
struct sink {
    char *out;
    size_t size, len;
    uint32_t cols, max_cols, marks;
    bool full;
};

static void sink_put(struct sink *k, utf8proc_int32_t cp) {
    utf8proc_uint8_t bytes[4];
    uint32_t cols = columns(cp);
    /* A mark with nothing to stand on, or one too many. */
    if (is_mark(cp) && (k->len == 0 || ++k->marks > MAX_MARKS))
        return;
    if (!is_mark(cp))
        k->marks = 0;
    size_t n = (size_t)utf8proc_encode_char(cp, bytes);
    if (k->cols + cols > k->max_cols || k->len + n + 1 > k->size) {
        k->full = true;
        return;
    }
    memcpy(k->out + k->len, bytes, n);
    k->len += n;
    k->cols += cols;
}

/* Printable ASCII, for as long as this: a column and a byte each, and nothing to mend. */
static size_t plain_length(const char *bytes, size_t n) {
    size_t i = 0;
    while (i < n && bytes[i] >= 0x20 && bytes[i] < 0x7f)
        i++;
    return i;
}

static void sink_put_plain(struct sink *k, const char *bytes, size_t n) {
    size_t cols = k->max_cols - k->cols, room = k->size - k->len - 1;
    size_t fits = cols < room ? cols : room;
    k->marks = 0;
    k->full = n > fits;
    fits = n < fits ? n : fits;
    memcpy(k->out + k->len, bytes, fits);
    k->len += fits;
    k->cols += (uint32_t)fits;
}

static void sink_clean(struct sink *k, const char *bytes, size_t n) {
    bool space = false;
    while (n && !k->full) {
        utf8proc_int32_t cp;
        size_t plain = plain_length(bytes, n);
        if (plain) {
            sink_put_plain(k, bytes, plain);
            space = false;
            bytes += plain;
            n -= plain;
            continue;
        }
        size_t used = decode(bytes, n, &cp);
        bool blank = cp == '\t' || cp == '\n' || cp == '\r';
        if (!(blank && space))
            sink_put(k, harmless(cp));
        space = blank;
        bytes += used;
        n -= used;
    }
    k->out[k->len] = 0;
}

/* Takes back clusters until an ellipsis fits, then adds it. */
static void sink_ellipsis(struct sink *k) {
    while (k->len && k->cols + 1 > k->max_cols) {
        size_t at = 0, last = 0;
        uint32_t cols = 0;
        while (at < k->len) {
            last = at;
            at += text_cluster(k->out + at, k->len - at, &cols);
        }
        k->len = last;
        k->cols -= cols;
    }
    k->full = false;
    sink_put(k, 0x2026);
    k->out[k->len] = 0;
}

struct text text_clean(struct arena *a, const char *bytes, size_t n, uint32_t max_cols) {
    if (max_cols > TEXT_MAX_COLS)
        max_cols = TEXT_MAX_COLS;
    if (n <= max_cols && plain_length(bytes, n) == n)
        return (struct text){arena_strndup(a, bytes, n), (uint32_t)n, (uint32_t)n};
    /* A byte becomes at most three (U+FFFD), a column at most one base and four marks of four
     * bytes. */
    size_t most = (size_t)max_cols * 20 + 8;
    size_t size = n < most / 3 ? n * 3 + 8 : most;
    struct sink k = {.out = mem_alloc(size), .size = size, .max_cols = max_cols};
    sink_clean(&k, bytes, n);
    if (k.full && max_cols)
        sink_ellipsis(&k);
    struct text t = {arena_strndup(a, k.out, k.len), (uint32_t)k.len, k.cols};
    free(k.out);
    return t;
}

struct text text_cleanz(struct arena *a, const char *s) {
    return text_clean(a, s ? s : "", s ? strlen(s) : 0, TEXT_MAX_COLS);
}

struct text text_printf(struct arena *a, const char *fmt, ...) {
    char buf[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(buf, sizeof buf, fmt, args);
    va_end(args);
    return text_cleanz(a, buf);
}

void text_clean_into(char *dst, size_t size, const char *bytes, size_t n) {
    struct sink k = {.out = dst, .size = size, .max_cols = TEXT_MAX_COLS};
    if (size)
        sink_clean(&k, bytes, n);
}

/* --- folded search --- */

static utf8proc_int32_t fold_extra(utf8proc_int32_t cp) {
    return cp == 0x0111 || cp == 0x0110 ? 'd' : cp; /* đ does not decompose */
}

/* NFD, case folded, without marks; NULL when utf8proc refuses (broken UTF-8). Caller frees. */
static utf8proc_int32_t *fold(const char *s, size_t *ret_n) {
    const utf8proc_option_t options =
        UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK;
    size_t len = strlen(s), cap = len * 4 + 4;
    utf8proc_int32_t *out = mem_alloc(cap * sizeof *out);
    utf8proc_ssize_t n = utf8proc_decompose((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)len, out,
                                            (utf8proc_ssize_t)cap, options);
    if (n < 0 || (size_t)n > cap) {
        free(out);
        return NULL;
    }
    for (utf8proc_ssize_t i = 0; i < n; i++)
        out[i] = fold_extra(out[i]);
    *ret_n = (size_t)n;
    return out;
}

static bool folded_contains(const utf8proc_int32_t *h, size_t hn, const utf8proc_int32_t *n,
                            size_t nn) {
    for (size_t i = 0; i + nn <= hn; i++)
        if (memcmp(h + i, n, nn * sizeof *n) == 0)
            return true;
    return false;
}

bool text_contains(const char *haystack, const char *needle) {
    size_t hn = 0, nn = 0;
    if (!*needle)
        return true;
    utf8proc_int32_t *h = fold(haystack, &hn), *n = fold(needle, &nn);
    bool found = h && n ? folded_contains(h, hn, n, nn) : strstr(haystack, needle) != NULL;
    free(h);
    free(n);
    return found;
}

const struct text_wide *text_wide(const char *bytes, size_t n) {
    static const struct {
        struct text_wide wide;
        const char mark[4], letter[4]; /* letter: which bytes are not NUL where there is no mark */
        size_t mark_n;
    } kinds[] = {
#define WIDE(name) {name, "`iconv -f " name " -t UTF-8 FILE >NEW` makes UTF-8 of it"}
        {WIDE("UTF-32LE"), {'\xFF', '\xFE', 0, 0}, {1, 0, 0, 0}, 4}, /* before UTF-16LE */
        {WIDE("UTF-32BE"), {0, 0, '\xFE', '\xFF'}, {0, 0, 0, 1}, 4},
        {WIDE("UTF-16LE"), {'\xFF', '\xFE'}, {1, 0, 1, 0}, 2},
        {WIDE("UTF-16BE"), {'\xFE', '\xFF'}, {0, 1, 0, 1}, 2},
#undef WIDE
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        bool marked = n >= kinds[i].mark_n && !memcmp(bytes, kinds[i].mark, kinds[i].mark_n);
        bool fits = n >= 4;
        for (size_t k = 0; fits && k < 4; k++)
            fits = (bytes[k] != '\0') == kinds[i].letter[k];
        if (marked || fits)
            return &kinds[i].wide;
    }
    return NULL;
}

static bool fold_ascii(struct str *out, const char *s) {
    for (const char *at = s; *at; at++)
        if ((unsigned char)*at >= 0x80)
            return false;
    for (; *s; s++)
        str_putc(out, *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s);
    return true;
}

void text_fold(struct str *out, const char *s) {
    size_t n;
    if (fold_ascii(out, s))
        return;
    utf8proc_int32_t *folded = fold(s, &n);
    if (!folded)
        str_puts(out, s);
    for (size_t i = 0; folded && i < n; i++) {
        utf8proc_uint8_t bytes[4];
        str_add(out, (const char *)bytes, (size_t)utf8proc_encode_char(folded[i], bytes));
    }
    free(folded);
}
