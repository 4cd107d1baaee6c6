/* probe/promtext_lib.c - see promtext_priv.h. Every loop moves forward within [at, end). */
#include "promtext_priv.h"

#include <string.h>

#include "base/str.h"

#define MAX_NUMBER 64

void promtext_init(struct promtext *p, const char *body, size_t n) {
    *p = (struct promtext){.at = body ? body : "", .end = (body ? body : "") + (body ? n : 0)};
}

static bool is_name(char c, bool first) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
           (!first && char_is_digit(c));
}

static const char *skip_blanks(const char *s, const char *end) {
    while (s < end && (*s == ' ' || *s == '\t' || *s == '\r'))
        s++;
    return s;
}

/* From behind '{' to the '}' outside of quotes; NULL when the line ends first. */
static const char *find_close(const char *s, const char *end) {
    bool quoted = false;
    for (; s < end; s++) {
        if (*s == '\\' && quoted) {
            if (++s == end)
                return NULL;
            continue;
        }
        if (*s == '"')
            quoted = !quoted;
        else if (*s == '}' && !quoted)
            return s;
    }
    return NULL;
}

static bool read_value(const char *s, const char *end, double *ret) {
    char number[MAX_NUMBER];
    s = skip_blanks(s, end);
    size_t n = 0;
    while (s + n < end && s[n] != ' ' && s[n] != '\t' && s[n] != '\r')
        n++;
    if (n == 0 || n >= sizeof number)
        return false;
    memcpy(number, s, n);
    number[n] = 0;
    return str_to_double(number, ret);
}

static bool read_line(const char *s, const char *end, struct promtext_sample *ret) {
    struct promtext_sample sample = {.name = s, .labels = s};
    while (s < end && is_name(*s, s == sample.name))
        s++;
    sample.name_n = (size_t)(s - sample.name);
    if (!sample.name_n)
        return false;
    s = skip_blanks(s, end);
    if (s < end && *s == '{') {
        sample.labels = ++s;
        const char *close = find_close(s, end);
        if (!close)
            return false;
        sample.labels_n = (size_t)(close - s);
        s = close + 1;
    }
    if (!read_value(s, end, &sample.value))
        return false;
    *ret = sample;
    return true;
}

bool promtext_next(struct promtext *p, struct promtext_sample *ret) {
    while (p->at < p->end) {
        const char *line = p->at;
        const char *end = memchr(line, '\n', (size_t)(p->end - line));
        if (!end)
            end = p->end;
        p->at = end < p->end ? end + 1 : end;
        line = skip_blanks(line, end);
        if (line == end || *line == '#')
            continue;
        if (read_line(line, end, ret)) {
            p->n_samples++;
            return true;
        }
        p->n_broken++;
    }
    return false;
}

bool promtext_is(const struct promtext_sample *s, const char *name) {
    return strlen(name) == s->name_n && memcmp(s->name, name, s->name_n) == 0;
}

/* Copies up to the closing quote, unescaping \\, \" and \n. Returns the byte behind it. */
static const char *read_quoted(const char *s, const char *end, char *buf, size_t size) {
    size_t n = 0;
    while (s < end && *s != '"') {
        char c = *s++;
        if (c == '\\' && s < end) {
            c = *s++;
            if (c == 'n')
                c = '\n';
        }
        if (n + 1 < size)
            buf[n++] = c;
    }
    buf[n] = 0;
    return s < end ? s + 1 : end;
}

bool promtext_label(const struct promtext_sample *s, const char *label, char *buf, size_t size) {
    const char *at = s->labels, *end = s->labels + s->labels_n;
    while (at < end) {
        while (at < end && (*at == ',' || *at == ' '))
            at++;
        const char *name = at;
        while (at < end && *at != '=')
            at++;
        size_t n = (size_t)(at - name);
        if (end - at < 2 || at[1] != '"')
            return false;
        at = read_quoted(at + 2, end, buf, size);
        if (strlen(label) == n && memcmp(label, name, n) == 0)
            return true;
    }
    return false;
}
