/* base/jsonw.c - the JSON writer; see jsonw.h. */
#include "base/jsonw.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/clock.h"
#include "base/text.h"

void jsonw_init(struct jsonw *w, struct str *out, enum jsonw_form form) {
    *w = (struct jsonw){.out = out, .indent = form == JSONW_INDENTED};
}

static void jsonw_newline(struct jsonw *w) {
    if (!w->indent)
        return;
    str_putc(w->out, '\n');
    for (uint32_t i = 0; i < w->depth; i++)
        str_puts(w->out, "  ");
}

/* What stands between this value or key and the one before it. */
static void jsonw_before(struct jsonw *w) {
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->need_comma)
        str_putc(w->out, ',');
    if (w->depth)
        jsonw_newline(w);
}

void jsonw_open(struct jsonw *w, char bracket) {
    assert(bracket == '{' || bracket == '[');
    jsonw_before(w);
    str_putc(w->out, bracket);
    w->depth++;
    w->need_comma = false;
}

void jsonw_close(struct jsonw *w, char bracket) {
    assert(w->depth > 0 && !w->after_key);
    w->depth--;
    if (w->need_comma)
        jsonw_newline(w);
    str_putc(w->out, bracket);
    w->need_comma = true;
    if (!w->depth && w->indent)
        str_putc(w->out, '\n');
}

void jsonw_raw(struct jsonw *w, const char *json, size_t n) {
    jsonw_before(w);
    str_add(w->out, json, n);
    w->need_comma = true;
}

static void jsonw_escaped(struct str *out, const char *s) {
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)s;
    str_putc(out, '"');
    while (*at) {
        utf8proc_int32_t cp;
        utf8proc_ssize_t n = utf8proc_iterate(at, -1, &cp);
        if (n <= 0) {
            str_puts(out, "\xEF\xBF\xBD");
            n = 1;
        } else if (cp == '"' || cp == '\\') {
            str_putc(out, '\\');
            str_putc(out, (char)cp);
        } else if (text_is_unsafe((uint32_t)cp)) { /* a document is read on terminals too */
            str_printf(out, "\\u%04x", (unsigned)cp);
        } else {
            str_add(out, (const char *)at, (size_t)n);
        }
        at += n;
    }
    str_putc(out, '"');
}

void jsonw_key(struct jsonw *w, const char *key) {
    assert(!w->after_key);
    jsonw_before(w);
    jsonw_escaped(w->out, key);
    str_puts(w->out, w->indent ? ": " : ":");
    w->after_key = true;
}

static void jsonw_token(struct jsonw *w, const char *token) {
    jsonw_raw(w, token, strlen(token));
}

void jsonw_string(struct jsonw *w, const char *s) {
    if (!s) {
        jsonw_null(w);
        return;
    }
    jsonw_before(w);
    jsonw_escaped(w->out, s);
    w->need_comma = true;
}

void jsonw_int(struct jsonw *w, int64_t n) {
    char token[32];
    snprintf(token, sizeof token, "%lld", (long long)n);
    jsonw_token(w, token);
}

void jsonw_real(struct jsonw *w, double d) {
    char token[40];
    if (!isfinite(d)) {
        jsonw_null(w);
        return;
    }
    for (int precision = 6; precision <= 17; precision++) {
        snprintf(token, sizeof token, "%.*g", precision, d);
        if (strtod(token, NULL) == d)
            break;
    }
    jsonw_token(w, token);
}

void jsonw_bool(struct jsonw *w, bool b) {
    jsonw_token(w, b ? "true" : "false");
}

void jsonw_null(struct jsonw *w) {
    jsonw_token(w, "null");
}

void jsonw_put_string(struct jsonw *w, const char *key, const char *s) {
    jsonw_key(w, key);
    jsonw_string(w, s);
}

void jsonw_put_strings(struct jsonw *w, const char *const (*pairs)[2], size_t n) {
    for (size_t i = 0; i < n; i++)
        jsonw_put_string(w, pairs[i][0], pairs[i][1]);
}

void jsonw_put_int(struct jsonw *w, const char *key, int64_t n) {
    jsonw_key(w, key);
    jsonw_int(w, n);
}

void jsonw_put_real(struct jsonw *w, const char *key, double d) {
    jsonw_key(w, key);
    jsonw_real(w, d);
}

void jsonw_put_bool(struct jsonw *w, const char *key, bool b) {
    jsonw_key(w, key);
    jsonw_bool(w, b);
}

void jsonw_put_known(struct jsonw *w, const char *key, const char *s) {
    jsonw_put_string(w, key, s && *s ? s : NULL);
}

void jsonw_put_int_if(struct jsonw *w, const char *key, bool known, int64_t n) {
    jsonw_key(w, key);
    if (known)
        jsonw_int(w, n);
    else
        jsonw_null(w);
}

void jsonw_put_real_if(struct jsonw *w, const char *key, bool known, double d) {
    jsonw_put_real(w, key, known ? d : NAN);
}

void jsonw_put_time(struct jsonw *w, const char *key, int64_t wall_ms) {
    char time[40];
    clock_iso8601(wall_ms, time, sizeof time);
    jsonw_put_string(w, key, wall_ms ? time : NULL);
}
