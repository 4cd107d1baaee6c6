/* wire/xml.c - see wire/xml.h. Elements of one name never nest in the answers that we read, so
 * the first end tag closes. Every loop moves forward within [0, n). */
#include "wire/xml.h"

#include <stdint.h>
#include <string.h>

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

static size_t put_utf8(uint32_t c, char *buf, size_t room) {
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        c = 0xfffd;
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    if (n > room)
        return 0;
    for (size_t i = n; i-- > 0;) {
        buf[i] = (char)(i ? 0x80 | (c & 0x3f) : lead[n] | c);
        c >>= 6;
    }
    return n;
}

/* &#34; or &#x22; between '&' and ';' (d). */
static uint32_t char_reference(struct xml d) {
    bool is_hex = d.n > 1 && (d.s[1] == 'x' || d.s[1] == 'X');
    uint32_t c = 0;
    for (size_t i = is_hex ? 2 : 1; i < d.n && c < 0x110000; i++) {
        char ch = d.s[i];
        uint32_t digit = ch >= '0' && ch <= '9'             ? (uint32_t)(ch - '0')
                         : is_hex && ch >= 'a' && ch <= 'f' ? (uint32_t)(ch - 'a') + 10
                         : is_hex && ch >= 'A' && ch <= 'F' ? (uint32_t)(ch - 'A') + 10
                                                            : 99;
        if (digit == 99)
            return 0xfffd;
        c = c * (is_hex ? 16 : 10) + digit;
    }
    return c;
}

static uint32_t entity(struct xml d) {
    static const struct {
        const char *name;
        uint32_t c;
    } names[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    if (d.n > 1 && d.s[0] == '#')
        return char_reference(d);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i].name) == d.n && memcmp(names[i].name, d.s, d.n) == 0)
            return names[i].c;
    return 0xfffd;
}

static bool decode(struct xml d, char *buf, size_t size) {
    size_t n = 0;
    for (size_t i = 0; i < d.n;) {
        size_t near = d.n - i < 12 ? d.n : i + 12; /* no entity is longer */
        size_t end = d.s[i] == '&' ? find_char((struct xml){d.s, near}, i, ';') : near;
        size_t put = 1;
        if (end < near) {
            put = put_utf8(entity((struct xml){d.s + i + 1, end - i - 1}), buf + n, size - 1 - n);
            i = end + 1;
        } else if (n + 1 < size) {
            buf[n] = d.s[i++];
        } else {
            return false;
        }
        if (!put)
            return false;
        n += put;
    }
    buf[n] = 0;
    return true;
}

bool xml_string(struct xml d, const char *name, char *buf, size_t size) {
    size_t at = 0;
    struct xml content;
    return xml_next(d, &at, name, &content) && decode(content, buf, size);
}
