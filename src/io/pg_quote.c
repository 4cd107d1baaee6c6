/* io/pg_quote.c - names and texts for statements that take no parameter there. Pure. */
#include <stdio.h>
#include <string.h>

#include "io/pgsession.h"

static const char *quote(struct arena *a, const char *prefix, char mark, char also,
                         const char *text) {
    size_t n = strlen(prefix) + 3;
    for (const char *s = text; *s; s++)
        n += *s == mark || *s == also ? 2 : 1;
    char *out = arena_alloc(a, n), *at = out;
    at += snprintf(at, n, "%s%c", prefix, mark);
    for (const char *s = text; *s; s++) {
        if (*s == mark || *s == also)
            *at++ = *s;
        *at++ = *s;
    }
    *at++ = mark;
    *at = '\0';
    return out;
}

const char *pg_quote_name(struct arena *a, const char *name) {
    return quote(a, "", '"', '"', name);
}

/* E'' reads the same whatever standard_conforming_strings is. */
const char *pg_quote_text(struct arena *a, const char *text) {
    return strchr(text, '\\') ? quote(a, "E", '\'', '\\', text) : quote(a, "", '\'', '\'', text);
}
