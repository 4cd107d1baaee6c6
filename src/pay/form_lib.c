/* pay/form_lib.c - the forms in which a message arrives: a query string, a JSON object, header
 * lines with a body, or the signed text itself. Nothing is trimmed but what no transport can carry.
 */
#include "pay_priv.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

/* --- query strings --- */

const char *pay_decode(struct arena *a, const char *s, size_t n) {
    char *out = arena_alloc(a, n + 1);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        char c = s[i] == '+' ? ' ' : s[i];
        if (c == '%') {
            int high = i + 2 < n ? hex_digit(s[i + 1]) : -1,
                low = high < 0 ? -1 : hex_digit(s[i + 2]);
            if (low < 0)
                return NULL;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (!c)
            return NULL;
        out[used++] = c;
    }
    return text_is_utf8(out, used) ? out : NULL;
}

void pay_encode(const char *s, const char *blank, struct str *out) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    for (; *s; s++) {
        if (strchr(plain, *s))
            str_putc(out, *s);
        else if (*s == ' ')
            str_puts(out, blank);
        else
            str_printf(out, "%%%02X", (unsigned)(unsigned char)*s);
    }
}

/* The query of "https://host/path?query#part", "/path?query", "?query" or "query". A line end
 * behind it came from an editor or from echo: no request line can hold one. */
static void query_part(const char **s, size_t *n) {
    while (*n && ((*s)[*n - 1] == '\n' || (*s)[*n - 1] == '\r'))
        --*n;
    bool url = *n && (**s == '/' ||
                      (*n > 8 && (!strncmp(*s, "https://", 8) || !strncmp(*s, "http://", 7))));
    const char *mark = url || (*n && **s == '?') ? memchr(*s, '?', *n) : NULL;
    if (!mark)
        return;
    *n -= (size_t)(mark + 1 - *s);
    *s = mark + 1;
    const char *part = url ? memchr(*s, '#', *n) : NULL;
    if (part)
        *n = (size_t)(part - *s);
}

struct pairs {
    struct jsontext **tail;
    const char **raw_names, **raw_values;
    uint32_t n;
};

static bool add_pair(struct pay_check *c, struct pairs *p, const char *s, size_t n) {
    const char *equals = memchr(s, '=', n);
    size_t name_n = equals ? (size_t)(equals - s) : n;
    const char *value = equals ? equals + 1 : s + n;
    size_t value_n = n - (size_t)(value - s);
    if (p->n == PAY_MAX_FIELDS) {
        pay_refuse(c, PAY_MALFORMED, "more than %d fields: no callback has so many",
                   PAY_MAX_FIELDS);
        return false;
    }
    struct jsontext *j = arena_alloc(c->arena, sizeof *j);
    *j = (struct jsontext){.type = JSONTEXT_STRING};
    j->name = pay_decode(c->arena, s, name_n);
    j->text = pay_decode(c->arena, value, value_n);
    if (!j->name || !j->text) {
        pay_refuse(c, PAY_MALFORMED,
                   "the %s of field %u (%s) holds a broken %%XX, a NUL, or is not UTF-8",
                   j->name ? "value" : "name", p->n + 1, pay_quoted(c, j->name));
        return false;
    }
    p->raw_names[p->n] = arena_strndup(c->arena, s, name_n);
    p->raw_values[p->n++] = arena_strndup(c->arena, value, value_n);
    *p->tail = j;
    p->tail = &j->next;
    return true;
}

bool pay_form_query(struct pay_check *c) {
    const char *s = c->request->bytes;
    size_t n = c->request->n;
    query_part(&s, &n);
    struct jsontext *root = arena_alloc(c->arena, sizeof *root);
    *root = (struct jsontext){.type = JSONTEXT_OBJECT, .text = ""};
    struct pairs p = {.tail = &root->first};
    p.raw_names = arena_alloc(c->arena, PAY_MAX_FIELDS * sizeof *p.raw_names);
    p.raw_values = arena_alloc(c->arena, PAY_MAX_FIELDS * sizeof *p.raw_values);
    if (n && (memchr(s, '\n', n) || memchr(s, '\r', n))) {
        pay_refuse(c, PAY_MALFORMED, "a line break inside the query string");
        return false;
    }
    for (const char *end = s + n; s < end;) {
        const char *stop = memchr(s, '&', (size_t)(end - s));
        size_t len = stop ? (size_t)(stop - s) : (size_t)(end - s);
        if (len && !add_pair(c, &p, s, len))
            return false;
        s += len + (stop != NULL);
    }
    c->message = root;
    c->raw_names = p.raw_names;
    c->raw_values = p.raw_values;
    return true;
}

/* --- JSON --- */

bool pay_form_json(struct pay_check *c, const char *bytes, size_t n) {
    struct err why;
    const char *duplicate = NULL;
    const struct jsontext *j = jsontext_parse(c->arena, bytes, n, &duplicate, &why);
    if (!j) {
        pay_refuse(c, PAY_MALFORMED, "not the JSON that a provider sends: %s", why.why);
        return false;
    }
    if (j->type != JSONTEXT_OBJECT) {
        pay_refuse(c, PAY_MALFORMED, "a JSON %s, where an object is due",
                   j->type == JSONTEXT_ARRAY ? "list" : "value");
        return false;
    }
    if (duplicate)
        pay_names_add(c->arena, &c->result->trace.duplicated, pay_masked(c, duplicate));
    c->message = j;
    return true;
}

/* --- header lines and a body --- */

static bool is_header(const char *s, size_t n, const char *name, const char **ret_value,
                      size_t *ret_n) {
    size_t len = strlen(name);
    if (n <= len || strncasecmp(s, name, len) || s[len] != ':')
        return false;
    s += len + 1;
    n -= len + 1;
    while (n && (*s == ' ' || *s == '\t'))
        s++, n--;
    while (n && (s[n - 1] == '\r' || s[n - 1] == ' ' || s[n - 1] == '\t'))
        n--;
    *ret_value = s;
    *ret_n = n;
    return true;
}

/* Takes the signature's header as a member of the message, so that it is shown and cut like one. */
static void add_header(struct pay_check *c, const char *value, size_t n) {
    struct jsontext *root = arena_alloc(c->arena, sizeof *root),
                    *j = arena_alloc(c->arena, sizeof *j);
    *root = *c->message;
    *j = (struct jsontext){JSONTEXT_STRING, c->kind->signature, arena_strndup(c->arena, value, n),
                           NULL, root->first};
    root->first = j;
    c->message = root;
}

bool pay_form_http(struct pay_check *c) {
    const char *s = c->request->bytes, *end = s + c->request->n, *value = NULL;
    size_t value_n = 0;
    while (s < end && *s != '{') {
        const char *stop = memchr(s, '\n', (size_t)(end - s)), *found;
        size_t len = stop ? (size_t)(stop - s) : (size_t)(end - s), found_n;
        if (is_header(s, len, c->kind->signature, &found, &found_n)) {
            if (value)
                pay_names_add(c->arena, &c->result->trace.duplicated, c->kind->signature);
            value = found;
            value_n = found_n;
        }
        s += len + (stop != NULL);
    }
    if (!pay_form_json(c, s, (size_t)(end - s)))
        return false;
    if (!value)
        return true;
    if (memchr(value, 0, value_n) || !text_is_utf8(value, value_n)) {
        pay_refuse(c, PAY_MALFORMED, "the header %s is not text", c->kind->signature);
        return false;
    }
    add_header(c, value, value_n);
    return true;
}

/* --- the signed text itself --- */

/* Up to the joint before the next name; values may hold joints of their own. */
static size_t part_length(const char *s, char joint, const char *next) {
    char mark[104];
    struct str text;
    str_init(&text, sizeof mark - 1);
    str_putc(&text, joint);
    if (joint == '&')
        str_printf(&text, "%s=", next);
    str_copy(mark, sizeof mark, str_get(&text));
    str_done(&text);
    const char *found = next ? strstr(s, mark) : NULL;
    return found ? (size_t)(found - s) : strlen(s);
}

static bool add_part(struct pay_check *c, struct jsontext ***tail, const struct pay_word *w,
                     const char **s, const char *next) {
    size_t name_n = strlen(w->name);
    if (c->kind->joint == '&') {
        if (strncmp(*s, w->name, name_n) || (*s)[name_n] != '=')
            return false;
        *s += name_n + 1;
    }
    size_t n = part_length(*s, c->kind->joint, next);
    if (next && !(*s)[n])
        return false;
    struct jsontext *j = arena_alloc(c->arena, sizeof *j);
    *j = (struct jsontext){JSONTEXT_STRING, arena_strdup(c->arena, w->name),
                           arena_strndup(c->arena, *s, n), NULL, NULL};
    **tail = j;
    *tail = &j->next;
    *s += n + (next != NULL);
    return true;
}

/* The signed text back into its fields; false when it has not all of them in their order. */
static bool split_base(struct pay_check *c, const char *s) {
    struct jsontext *root = arena_alloc(c->arena, sizeof *root), **tail = &root->first;
    *root = (struct jsontext){.type = JSONTEXT_OBJECT, .text = ""};
    struct pay_word w, next;
    const char *list = c->kind->fields;
    bool more = pay_word_next(&list, &w);
    while (more) {
        more = pay_word_next(&list, &next);
        if (!add_part(c, &tail, &w, &s, more ? next.name : NULL))
            return false;
        w = next;
    }
    if (c->signature) {
        *tail = arena_alloc(c->arena, sizeof **tail);
        **tail = (struct jsontext){JSONTEXT_STRING, c->kind->signature, c->signature, NULL, NULL};
    }
    c->message = root;
    return true;
}

bool pay_form_base(struct pay_check *c) {
    const char *s = c->request->bytes;
    size_t n = c->request->n;
    while (n && (s[n - 1] == '\n' || s[n - 1] == '\r'))
        n--;
    if (memchr(s, 0, n) || !text_is_utf8(s, n)) {
        pay_refuse(c, PAY_MALFORMED, "the signed text holds a NUL or is not UTF-8");
        return false;
    }
    char *text = arena_strndup(c->arena, s, n), *line = strrchr(text, '\n');
    c->signature = NULL;
    if (line) {
        *line = 0;
        if (line > text && line[-1] == '\r')
            line[-1] = 0;
        size_t name_n = strlen(c->kind->signature);
        bool named = !strncmp(line + 1, c->kind->signature, name_n) && line[1 + name_n] == '=';
        c->signature = line + 1 + (named ? name_n + 1 : 0);
    }
    c->base = text;
    if (split_base(c, text))
        return true;
    pay_refuse(c, PAY_MALFORMED, "the signed text should be %s, joined by '%c'", c->kind->fields,
               c->kind->joint);
    return false;
}
