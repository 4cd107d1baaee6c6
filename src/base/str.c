/* base/str.c - the bounded string builder and whole-string number parsing. */
#include "base/str.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TAIL_MAX 90u /* struct err has room for 95 */

void str_init(struct str *b, size_t max_bytes) {
    *b = (struct str){.max = max_bytes};
}

void str_done(struct str *b) {
    free(b->s);
    *b = (struct str){.max = b->max};
}

void str_clear(struct str *b) {
    b->len = 0;
    b->toobig = false;
    if (b->s)
        b->s[0] = 0;
}

static void str_reserve(struct str *b, size_t n) {
    if (b->len + n + 1 <= b->cap)
        return;
    size_t cap = b->cap ? b->cap * 2 : 256;
    while (cap < b->len + n + 1)
        cap *= 2;
    b->s = mem_grow(b->s, cap);
    b->cap = cap;
}

void str_add(struct str *b, const char *bytes, size_t n) {
    if (n > b->max - b->len) {
        b->toobig = true;
        n = b->max - b->len;
    }
    str_reserve(b, n);
    if (n)
        memcpy(b->s + b->len, bytes, n);
    b->len += n;
    b->s[b->len] = 0;
}

void str_puts(struct str *b, const char *s) {
    str_add(b, s, strlen(s));
}

void str_putc(struct str *b, char c) {
    if (b->len + 1 >= b->cap || b->len >= b->max) {
        str_add(b, &c, 1);
        return;
    }
    b->s[b->len++] = c;
    b->s[b->len] = 0;
}

char *int_grouped(int64_t n, char buf[GROUPED_SIZE]) {
    char digits[24];
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    size_t len = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
    size_t at = 0;
    if (n < 0)
        buf[at++] = '-';
    for (size_t i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            buf[at++] = ',';
        buf[at++] = digits[i];
    }
    buf[at] = '\0';
    return buf;
}

char *int_counted(int64_t n, const char *noun, char buf[COUNTED_SIZE]) {
    snprintf(buf, COUNTED_SIZE, "%s %.38s%s", GROUPED(n), noun, n == 1 ? "" : "s");
    return buf;
}

int64_t int_of(double d) {
    if (d != d)
        return 0;
    return d >= 0x1p63 ? INT64_MAX : d <= -0x1p63 ? INT64_MIN : (int64_t)d;
}

int64_t int_add(int64_t a, int64_t b) {
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return a < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

void str_int(struct str *b, int64_t n) {
    char digits[20];
    size_t at = sizeof digits;
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (n < 0)
        digits[--at] = '-';
    str_add(b, digits + at, sizeof digits - at);
}

void str_vprintf(struct str *b, const char *fmt, va_list args) {
    char small[256];
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, fmt, args);
    if (n >= 0 && (size_t)n < sizeof small) {
        str_add(b, small, (size_t)n);
    } else if (n > 0) {
        char *large = mem_alloc((size_t)n + 1);
        vsnprintf(large, (size_t)n + 1, fmt, again);
        str_add(b, large, (size_t)n);
        free(large);
    }
    va_end(again);
}

void str_printf(struct str *b, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    str_vprintf(b, fmt, args);
    va_end(args);
}

const char *str_get(const struct str *b) {
    return b->s ? b->s : "";
}

bool str_copy(char *dst, size_t size, const char *src) {
    size_t n = strlen(src);
    if (!size)
        return false;
    bool whole = n < size;
    if (!whole)
        n = size - 1;
    memmove(dst, src, n);
    dst[n] = 0;
    return whole;
}

bool str_to_i64(const char *s, int64_t min, int64_t max, int64_t *ret_n) {
    if (!s || !(*s == '-' || char_is_digit(*s)))
        return false;
    char *end;
    errno = 0;
    long long n = strtoll(s, &end, 10);
    if (errno || *end || end == s || n < min || n > max)
        return false;
    *ret_n = n;
    return true;
}

bool str_to_double(const char *s, double *ret_d) {
    static const struct {
        const char *name;
        double value;
    } names[] = {{"NaN", NAN}, {"+Inf", INFINITY}, {"Inf", INFINITY}, {"-Inf", -INFINITY}};
    if (!s || !*s)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!strcmp(s, names[i].name)) {
            *ret_d = names[i].value;
            return true;
        }
    /* strtod also takes hexadecimal, "nan(...)" and leading blanks: only plain decimals here. */
    if (s[strspn(s, "+-0123456789.eE")])
        return false;
    char *end;
    errno = 0;
    double d = strtod(s, &end);
    if (*end || end == s || (errno && !isfinite(d)))
        return false;
    *ret_d = d;
    return true;
}

bool str_is(const char *s, const char *word) {
    return s && strcmp(s, word) == 0;
}

int str_index(const char *const *names, uint32_t n, const char *name) {
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

bool str_starts(const char *s, const char *prefix) {
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool char_is_digit(char c) {
    return c >= '0' && c <= '9';
}

int hex_digit(char c) {
    if (char_is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

const char *path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *path_tail(const char *path) {
    size_t n = strlen(path);
    return n > TAIL_MAX ? path + n - TAIL_MAX : path;
}

uint32_t str_edits(const char *a, const char *b) {
    uint32_t row[40];
    size_t nb = strlen(b) < 39 ? strlen(b) : 39;
    for (size_t j = 0; j <= nb; j++)
        row[j] = (uint32_t)j;
    for (uint32_t i = 1; a[i - 1] && i < 40; i++) {
        uint32_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            uint32_t up = row[j], least = diagonal + (a[i - 1] != b[j - 1]);
            if (up + 1 < least)
                least = up + 1;
            if (row[j - 1] + 1 < least)
                least = row[j - 1] + 1;
            diagonal = up;
            row[j] = least;
        }
    }
    return row[nb];
}
