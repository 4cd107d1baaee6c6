/* wire/xml.c - see wire/xml.h. Elements of one name never nest in the answers that we read, so
 * the first end tag closes. Every loop moves forward within [0, n). */
#include "wire/xml.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"
#include "base/text.h"

#define NO_CHARACTER 0x110000u /* beyond Unicode: text_encode() makes U+FFFD of it */

static bool starts_at(struct xml d, size_t i, const char *what, size_t k) {
    return d.n - i >= k && memcmp(d.s + i, what, k) == 0;
}

/* The index of c at or behind i; d.n when there is none. */
static size_t find_char(struct xml d, size_t i, char c) {
    const char *hit = i < d.n ? memchr(d.s + i, c, d.n - i) : NULL;
    return hit ? (size_t)(hit - d.s) : d.n;
}

/* "<name" followed by what may end a tag name. */
static bool opens(struct xml d, size_t i, const char *name, size_t k) {
    if (!starts_at(d, i, "<", 1) || !starts_at(d, i + 1, name, k) || i + 1 + k >= d.n)
        return false;
    char after = d.s[i + 1 + k];
    return after == '>' || after == '/' || after == ' ' || after == '\t' || after == '\r' ||
           after == '\n';
}

static bool closes(struct xml d, size_t i, const char *name, size_t k) {
    return starts_at(d, i, "</", 2) && starts_at(d, i + 2, name, k) && i + 2 + k < d.n &&
           (d.s[i + 2 + k] == '>' || d.s[i + 2 + k] == ' ');
}

bool xml_root_is(struct xml d, const char *name) {
    size_t i = find_char(d, 0, '<');
    while (i + 1 < d.n && (d.s[i + 1] == '?' || d.s[i + 1] == '!'))
        i = find_char(d, i + 1, '<');
    return i < d.n && opens(d, i, name, strlen(name));
}

bool xml_next(struct xml d, size_t *at, const char *name, struct xml *ret_content) {
    size_t k = strlen(name);
    for (size_t i = find_char(d, *at, '<'); i < d.n; i = find_char(d, i + 1, '<')) {
        if (!opens(d, i, name, k))
            continue;
        size_t start = find_char(d, i, '>');
        if (start >= d.n)
            break;
        if (d.s[start - 1] == '/') {
            *ret_content = (struct xml){d.s + start, 0};
            *at = start + 1;
            return true;
        }
        start++;
        size_t end = find_char(d, start, '<');
        while (end < d.n && !closes(d, end, name, k))
            end = find_char(d, end + 1, '<');
        if (end >= d.n)
            break;
        *ret_content = (struct xml){d.s + start, end - start};
        *at = end + 1;
        return true;
    }
    *at = d.n;
    return false;
}

/* &#34; or &#x22; between '&' and ';' (d). */
static uint32_t char_reference(struct xml d) {
    bool is_hex = d.n > 1 && (d.s[1] == 'x' || d.s[1] == 'X');
    uint32_t base = is_hex ? 16 : 10, c = 0;
    for (size_t i = is_hex ? 2 : 1; i < d.n && c < NO_CHARACTER; i++) {
        int digit = hex_digit(d.s[i]);
        if (digit < 0 || (uint32_t)digit >= base)
            return NO_CHARACTER;
        c = c * base + (uint32_t)digit;
    }
    return c ? c : NO_CHARACTER; /* a NUL would end the text */
}

static uint32_t entity(struct xml d) {
    static const struct {
        const char *name;
        uint32_t c;
    } names[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    if (d.n > 1 && d.s[0] == '#')
        return char_reference(d);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strlen(names[i].name) == d.n && memcmp(names[i].name, d.s, d.n) == 0)
            return names[i].c;
    return NO_CHARACTER;
}

static bool decode(struct xml d, char *buf, size_t size) {
    size_t n = 0;
    for (size_t i = 0; i < d.n;) {
        size_t near = d.n - i < 12 ? d.n : i + 12; /* no entity is longer */
        size_t end = d.s[i] == '&' ? find_char((struct xml){d.s, near}, i, ';') : near;
        char bytes[TEXT_CHAR_BYTES] = {d.s[i]};
        size_t n_bytes = 1;
        if (end < near)
            n_bytes = text_encode(entity((struct xml){d.s + i + 1, end - i - 1}), bytes);
        if (n + n_bytes >= size)
            return false;
        memcpy(buf + n, bytes, n_bytes);
        n += n_bytes;
        i = end < near ? end + 1 : i + 1;
    }
    buf[n] = 0;
    return true;
}

bool xml_string(struct xml d, const char *name, char *buf, size_t size) {
    size_t at = 0;
    struct xml content;
    return xml_next(d, &at, name, &content) && decode(content, buf, size);
}
