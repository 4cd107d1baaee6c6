/* recon/record.c - records and their cells, as RFC 4180 has them, with any of three separators. A
 * quote opens only at the beginning of a cell: bank texts hold stray ones. */
#include "statement_priv.h"

#include <string.h>

static bool separates(char separator, char c) {
    return separator ? c == separator : c == ',' || c == ';' || c == '\t';
}

/* Whether this byte ends the record. */
static bool record_ends(struct record_end *r, char c) {
    if (r->quoted) {
        if (c == '"') {
            r->was_quote = !r->was_quote;
            return false;
        }
        if (!r->was_quote)
            return false;
        r->quoted = r->was_quote = false; /* the quote before was the closing one */
    } else if (c == '"' && (r->before == '\0' || separates(r->separator, r->before))) {
        r->quoted = true;
        return false;
    }
    r->before = c == '\n' ? '\0' : c;
    return c == '\n';
}

size_t record_scan(struct record_end *r, const char *s, size_t n, bool *ret_ends) {
    const char *newline = memchr(s, '\n', n);
    size_t line_n = newline ? (size_t)(newline - s) + 1 : n, at = 0;
    *ret_ends = false;
    if (!r->quoted && line_n && !memchr(s, '"', line_n)) { /* nearly every one */
        *ret_ends = newline != NULL;
        r->before = newline ? '\0' : s[n - 1];
        return line_n;
    }
    while (at < n && !*ret_ends)
        *ret_ends = record_ends(r, s[at++]);
    return at;
}

struct place {
    uint32_t line, column;
};

static void advance(struct place *p, char c) {
    if (c == '\n') {
        p->line++;
        p->column = 1;
    } else if (((unsigned char)c & 0xc0) != 0x80) {
        p->column++;
    }
}

/* Without quotes a cell stays where it is. */
static size_t take_plain(char *s, size_t at, size_t n, char separator, struct place *p,
                         struct cell *ret) {
    const char *stop = memchr(s + at, separator, n - at);
    size_t end = stop ? (size_t)(stop - s) : n;
    *ret = (struct cell){s + at, end - at, p->line, p->column};
    for (; at < end; at++)
        advance(p, s[at]);
    return end;
}

/* From `at` to the separator or the end; what is left of quotes moves to the front of the cell. */
static size_t take_cell(char *s, size_t at, size_t n, char separator, struct place *p,
                        struct cell *ret) {
    bool quoted = at < n && s[at] == '"';
    if (!quoted)
        return take_plain(s, at, n, separator, p, ret);
    *ret = (struct cell){s + at, 0, p->line, p->column};
    if (quoted)
        advance(p, s[at++]);
    for (; at < n; at++) {
        bool quote = quoted && s[at] == '"';
        if (!quoted && s[at] == separator)
            break;
        advance(p, s[at]);
        if (quote && at + 1 < n && s[at + 1] == '"')
            advance(p, s[++at]);
        else if (quote) {
            quoted = false;
            continue;
        }
        ret->s[ret->n++] = s[at];
    }
    return at;
}

bool record_split(char *record, size_t n, char separator, uint32_t line,
                  struct cell cells[STATEMENT_MAX_CELLS], uint32_t *ret_n) {
    struct place p = {line, 1};
    *ret_n = 0;
    for (size_t at = 0;; at++) {
        if (*ret_n == STATEMENT_MAX_CELLS)
            return false;
        struct cell *c = &cells[(*ret_n)++];
        at = take_cell(record, at, n, separator, &p, c);
        bool more = at < n;
        c->s[c->n] = '\0'; /* over the separator, a quote, or the byte behind the record */
        if (!more)
            return true;
        advance(&p, separator);
    }
}
