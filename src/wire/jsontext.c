/* wire/jsontext.c - a recursive-descent reader of RFC 8259 that keeps what was written, and its
 * writer; see jsontext.h. Every loop moves forward within [at, end). */
#include "wire/jsontext.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define MAX_DEPTH 64

struct reader {
    struct arena *arena;
    const char *start, *at, *end;
    unsigned depth, nodes;
    const char *duplicate;
    const char *why; /* the first fault; NULL = none */
};

static bool fail(struct reader *r, const char *why) {
    if (!r->why)
        r->why = why;
    return false;
}

static void skip_blanks(struct reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

static bool take(struct reader *r, char c) {
    skip_blanks(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

static struct jsontext *node(struct reader *r, enum jsontext_type type) {
    if (++r->nodes > JSONTEXT_MAX_NODES) {
        fail(r, "more values than any callback has");
        return NULL;
    }
    struct jsontext *j = arena_alloc(r->arena, sizeof *j);
    *j = (struct jsontext){.type = type, .text = ""};
    return j;
}

/* --- strings --- */

static bool hex4(struct reader *r, uint32_t *ret) {
    uint32_t value = 0;
    if (r->end - r->at < 4)
        return fail(r, "an escape is cut off");
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(*r->at++);
        if (digit < 0)
            return fail(r, "an escape \\u is not followed by four hex digits");
        value = value * 16 + (uint32_t)digit;
    }
    *ret = value;
    return true;
}

/* Behind "\u": one code point, of two escapes where it is a surrogate pair. */
static bool unicode_escape(struct reader *r, char *out, size_t *ret_n) {
    uint32_t cp, low;
    if (!hex4(r, &cp))
        return false;
    if (cp >= 0xD800 && cp < 0xDC00) {
        if (r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u')
            return fail(r, "a lone surrogate: no text can hold it");
        r->at += 2;
        if (!hex4(r, &low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF)
            return fail(r, "a lone surrogate: no text can hold it");
        cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
    } else if (cp >= 0xDC00 && cp <= 0xDFFF) {
        return fail(r, "a lone surrogate: no text can hold it");
    }
    if (cp == 0)
        return fail(r, "a NUL inside a text");
    *ret_n = text_encode(cp, out);
    return true;
}

static bool escape(struct reader *r, char *out, size_t *ret_n) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (r->at == r->end)
        return fail(r, "a text is not closed");
    char c = *r->at++;
    if (c == 'u')
        return unicode_escape(r, out, ret_n);
    const char *found = c ? strchr(from, c) : NULL;
    if (!found)
        return fail(r, "an escape that JSON does not have");
    *out = to[found - from];
    *ret_n = 1;
    return true;
}

/* From behind the opening quote. A decoded text is never longer than what was written. */
static char *string(struct reader *r) {
    const char *close = r->at;
    while (close < r->end && *close != '"')
        close += *close == '\\' && r->end - close > 1 ? 2 : 1;
    if (close >= r->end) {
        fail(r, "a text is not closed");
        return NULL;
    }
    char *out = arena_alloc(r->arena, (size_t)(close - r->at) + 1);
    size_t n = 0, more = 0;
    while (*r->at != '"') {
        if ((unsigned char)*r->at < 0x20) {
            fail(r, "a control character inside a text");
            return NULL;
        }
        if (*r->at != '\\') {
            out[n++] = *r->at++;
            continue;
        }
        r->at++;
        if (!escape(r, out + n, &more))
            return NULL;
        n += more;
    }
    r->at++;
    return out;
}

/* --- numbers and words --- */

static bool digits(struct reader *r) {
    const char *start = r->at;
    while (r->at < r->end && char_is_digit(*r->at))
        r->at++;
    return r->at > start;
}

static bool number(struct reader *r) {
    if (r->at < r->end && *r->at == '-')
        r->at++;
    bool zero = r->at < r->end && *r->at == '0';
    const char *first = r->at;
    if (!digits(r) || (zero && r->at - first > 1))
        return fail(r, "not a number as JSON writes it");
    if (r->at < r->end && *r->at == '.') {
        r->at++;
        if (!digits(r))
            return fail(r, "not a number as JSON writes it");
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-'))
            r->at++;
        if (!digits(r))
            return fail(r, "not a number as JSON writes it");
    }
    return true;
}

static bool word(struct reader *r) {
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i]);
        if ((size_t)(r->end - r->at) >= n && !memcmp(r->at, words[i], n)) {
            r->at += n;
            return true;
        }
    }
    return fail(r, "something that is no JSON value");
}

/* --- values --- */

static struct jsontext *value(struct reader *r);

static void note_duplicate(struct reader *r, const struct jsontext *parent, const char *name) {
    for (const struct jsontext *c = parent->first; c && !r->duplicate; c = c->next)
        if (!strcmp(c->name, name))
            r->duplicate = name;
}

static struct jsontext *member(struct reader *r, const struct jsontext *parent) {
    if (!take(r, '"')) {
        fail(r, "a member needs a name in quotes");
        return NULL;
    }
    const char *name = string(r);
    if (!name)
        return NULL;
    if (!take(r, ':')) {
        fail(r, "a name is not followed by ':'");
        return NULL;
    }
    struct jsontext *child = value(r);
    if (child) {
        note_duplicate(r, parent, name);
        child->name = name;
    }
    return child;
}

static bool children(struct reader *r, struct jsontext *parent, char close) {
    struct jsontext **tail = &parent->first;
    if (take(r, close))
        return true;
    do {
        struct jsontext *child = parent->type == JSONTEXT_OBJECT ? member(r, parent) : value(r);
        if (!child)
            return false;
        *tail = child;
        tail = &child->next;
    } while (take(r, ','));
    return take(r, close) || fail(r, "an object or list is not closed");
}

static struct jsontext *nest(struct reader *r, bool object) {
    struct jsontext *j = node(r, object ? JSONTEXT_OBJECT : JSONTEXT_ARRAY);
    r->at++;
    if (++r->depth > MAX_DEPTH) {
        fail(r, "nested too deep");
        return NULL;
    }
    bool ok = j && children(r, j, object ? '}' : ']');
    r->depth--;
    return ok ? j : NULL;
}

static struct jsontext *value(struct reader *r) {
    skip_blanks(r);
    if (r->at == r->end) {
        fail(r, "the document ends too early");
        return NULL;
    }
    char c = *r->at;
    if (c == '{' || c == '[')
        return nest(r, c == '{');
    bool text = c == '"', num = c == '-' || char_is_digit(c);
    struct jsontext *j = node(r, text ? JSONTEXT_STRING : num ? JSONTEXT_NUMBER : JSONTEXT_WORD);
    if (!j)
        return NULL;
    const char *start = r->at;
    if (text) {
        r->at++;
        j->text = string(r);
        return j->text ? j : NULL;
    }
    if (!(num ? number(r) : word(r)))
        return NULL;
    j->text = arena_strndup(r->arena, start, (size_t)(r->at - start));
    return j;
}

struct jsontext *jsontext_parse(struct arena *a, const char *bytes, size_t n,
                                const char **ret_duplicate, struct err *err) {
    struct reader r = {.arena = a, .start = bytes, .at = bytes, .end = bytes + n};
    struct jsontext *root = NULL;
    if (n && memchr(bytes, 0, n))
        fail(&r, "a NUL byte in the document");
    else if (!text_is_utf8(bytes, n))
        fail(&r, "not UTF-8");
    else
        root = value(&r);
    skip_blanks(&r);
    if (root && r.at < r.end)
        fail(&r, "something stands behind the document");
    if (r.why) {
        err_set(err, E_PROTOCOL, "json", "", "%s (byte %zu of %zu)", r.why,
                (size_t)(r.at - r.start), n);
        return NULL;
    }
    if (ret_duplicate)
        *ret_duplicate = r.duplicate;
    return root;
}

const struct jsontext *jsontext_get(const struct jsontext *j, const char *name) {
    if (!j || j->type != JSONTEXT_OBJECT)
        return NULL;
    for (const struct jsontext *c = j->first; c; c = c->next)
        if (!strcmp(c->name, name))
            return c;
    return NULL;
}

/* --- writing --- */

/* One code point of valid UTF-8. */
static size_t get_utf8(const char *s, uint32_t *ret_cp) {
    unsigned char c = (unsigned char)*s;
    size_t n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    uint32_t cp = n == 1 ? c : c & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++)
        cp = cp << 6 | ((unsigned char)s[i] & 63);
    *ret_cp = cp;
    return n;
}

static void write_escaped(uint32_t cp, struct str *out) {
    if (cp >= 0x10000) {
        cp -= 0x10000;
        str_printf(out, "\\u%04x\\u%04x", 0xD800 + (unsigned)(cp >> 10),
                   0xDC00 + (unsigned)(cp & 0x3FF));
    } else {
        str_printf(out, "\\u%04x", (unsigned)cp);
    }
}

static void write_string(const char *s, unsigned how, struct str *out) {
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    str_putc(out, '"');
    while (*s) {
        const char *special = strchr(from, *s);
        uint32_t cp;
        size_t n = get_utf8(s, &cp);
        if (special) {
            str_putc(out, '\\');
            str_putc(out, to[special - from]);
        } else if (*s == '/' && how & JSONTEXT_SLASHES) {
            str_puts(out, "\\/");
        } else if (cp < 0x20 || (cp > 0x7f && how & JSONTEXT_ASCII)) {
            write_escaped(cp, out);
        } else {
            str_add(out, s, n);
        }
        s += n;
    }
    str_putc(out, '"');
}

static int by_name(const void *x, const void *y) {
    const struct jsontext *const *a = x, *const *b = y;
    return strcmp((*a)->name, (*b)->name);
}

static void write_children(const struct jsontext *j, unsigned how, struct str *out) {
    size_t n = 0, i = 0;
    for (const struct jsontext *c = j->first; c; c = c->next)
        n++;
    const struct jsontext **order = mem_zeroed((n + 1) * sizeof *order);
    for (const struct jsontext *c = j->first; c; c = c->next)
        order[i++] = c;
    if (j->type == JSONTEXT_OBJECT && how & JSONTEXT_SORTED)
        qsort(order, n, sizeof(const struct jsontext *), by_name);
    for (i = 0; i < n; i++) {
        if (i)
            str_puts(out, how & JSONTEXT_SPACED ? ", " : ",");
        if (j->type == JSONTEXT_OBJECT) {
            write_string(order[i]->name, how, out);
            str_puts(out, how & JSONTEXT_SPACED ? ": " : ":");
        }
        jsontext_write(order[i], how, out);
    }
    free(order);
}

void jsontext_write(const struct jsontext *j, unsigned how, struct str *out) {
    switch (j->type) {
    case JSONTEXT_STRING:
        write_string(j->text, how, out);
        break;
    case JSONTEXT_NUMBER:
    case JSONTEXT_WORD:
        str_puts(out, j->text);
        break;
    default:
        str_putc(out, j->type == JSONTEXT_OBJECT ? '{' : '[');
        write_children(j, how, out);
        str_putc(out, j->type == JSONTEXT_OBJECT ? '}' : ']');
        break;
    }
}
