/* recon/encoding.c - what a statement is written in: UTF-8 with or without a mark, UTF-16LE, or
 * Windows-1258, which is told by not being UTF-8 (statement.c looks at each record). */
#include "statement_priv.h"

#include <string.h>

#include "base/text.h"

const char *encoding_name(enum encoding e) {
    static const char *const names[] = {"UTF-8", "UTF-8", "UTF-16LE", "Windows-1258"};
    return names[e];
}

static void put(struct str *out, uint32_t cp) {
    if (cp < 0x80) {
        str_putc(out, (char)cp);
        return;
    }
    char bytes[TEXT_CHAR_BYTES];
    str_add(out, bytes, text_encode(cp, bytes));
}

/* Half a pair is U+FFFD, as everywhere. */
static void put_unit(struct decoder *d, uint32_t unit, struct str *out) {
    bool low = unit >= 0xdc00 && unit < 0xe000;
    if (d->high && low) {
        put(out, 0x10000 + ((d->high - 0xd800) << 10) + (unit - 0xdc00));
        d->high = 0;
        return;
    }
    if (d->high)
        put(out, 0xfffd);
    d->high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
    if (!d->high)
        put(out, low ? 0xfffd : unit);
}

static void feed_utf16(struct decoder *d, const unsigned char *bytes, size_t n, struct str *out) {
    for (size_t i = 0; i < n; i++) {
        d->held[d->n_held++] = bytes[i];
        if (d->n_held == 2) {
            put_unit(d, (uint32_t)(d->held[0] | d->held[1] << 8), out);
            d->n_held = 0;
        }
    }
}

/* By the first four bytes: a mark, or letters with a NUL behind each. */
static void begin(struct decoder *d, struct str *out) {
    unsigned char b[4] = {0};
    size_t n = d->n_held, skip = 0;
    memcpy(b, d->held, n);
    const struct text_wide *wide = text_wide((const char *)b, n);
    if (wide && strcmp(wide->name, encoding_name(ENCODING_UTF16LE)) == 0) {
        d->encoding = ENCODING_UTF16LE;
        skip = b[0] == 0xff ? 2 : 0;
    } else {
        d->refused = wide;
        d->encoding = ENCODING_UTF8;
        skip = n >= 3 && !memcmp(b, "\xEF\xBB\xBF", 3) ? 3 : 0;
    }
    d->n_held = 0;
    if (d->encoding == ENCODING_UTF16LE)
        feed_utf16(d, b + skip, n - skip, out);
    else
        str_add(out, (const char *)b + skip, n - skip);
}

void decoder_feed(struct decoder *d, const char *bytes, size_t n, bool end, struct str *out) {
    while (d->encoding == ENCODING_UNKNOWN && n) {
        d->held[d->n_held++] = (unsigned char)*bytes++;
        n--;
        if (d->n_held == sizeof d->held)
            begin(d, out);
    }
    if (d->encoding == ENCODING_UNKNOWN && end)
        begin(d, out);
    if (d->encoding == ENCODING_UTF16LE)
        feed_utf16(d, (const unsigned char *)bytes, n, out);
    else if (n)
        str_add(out, bytes, n);
    if (end && (d->high || (d->encoding == ENCODING_UTF16LE && d->n_held)))
        put(out, 0xfffd); /* it was cut inside a character */
}

void encoding_from_1258(const char *bytes, size_t n, struct str *out) {
    /* 0x80 to 0x9f; 0 = there is no such character. Above, only where it is not Latin-1. */
    static const uint16_t low[32] = {
        0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0,
        0x2039, 0x0152, 0,      0,      0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0,      0x203a, 0x0153, 0,      0,      0x0178};
    static const struct {
        unsigned char byte;
        uint16_t cp;
    } high[] = {{0xc3, 0x102}, {0xcc, 0x300}, {0xd0, 0x110}, {0xd2, 0x309}, {0xd5, 0x1a0},
                {0xdd, 0x1af}, {0xde, 0x303}, {0xe3, 0x103}, {0xec, 0x301}, {0xf0, 0x111},
                {0xf2, 0x323}, {0xf5, 0x1a1}, {0xfd, 0x1b0}, {0xfe, 0x20ab}};
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        uint32_t cp = c < 0x80 || c >= 0xa0 ? c : low[c - 0x80] ? low[c - 0x80] : 0xfffd;
        for (size_t k = 0; c >= 0xc0 && k < ARRAY_LEN(high); k++)
            if (high[k].byte == c)
                cp = high[k].cp;
        put(out, cp);
    }
}
