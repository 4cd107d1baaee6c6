/* sandbox/logql.c - reads the LogQL that people really write: a selector, filters of lines and
 * fields, and the counting functions with `sum by`. */
#include "loki_priv.h"

#include "array.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DURATION_S (100 * 366 * 86400.0)

struct reader {
    const char *start, *at;
    struct logql *q;
};

void logql_done(struct logql *q) {
    for (int i = 0; i < q->n_stages; i++) {
        free(q->stage[i].value);
        if (q->stage[i].re_on) {
            regfree(&q->stage[i].re);
        }
    }
}

/* ---- tokens ---- */

static void skip_space(struct reader *r) {
    while (isspace((unsigned char)*r->at)) {
        r->at++;
    }
}

static bool take(struct reader *r, const char *token) {
    skip_space(r);
    size_t n = strlen(token);
    if (strncmp(r->at, token, n) != 0) {
        return false;
    }
    if (isalpha((unsigned char)token[0]) && (isalnum((unsigned char)r->at[n]) || r->at[n] == '_')) {
        return false;
    }
    r->at += n;
    return true;
}

static bool fail(struct reader *r, const char *expecting) {
    if (*r->q->error) {
        return false;
    }
    skip_space(r);
    const char *what = !*r->at                          ? "$end"
                       : *r->at == '"' || *r->at == '`' ? "STRING"
                       : isalpha((unsigned char)*r->at) ? "IDENTIFIER"
                       : isdigit((unsigned char)*r->at) ? "NUMBER"
                                                        : NULL;
    char one[2] = {*r->at, 0};
    snprintf(r->q->error, sizeof r->q->error,
             "parse error at line 1, col %d: syntax error: unexpected %s%s%s",
             (int)(r->at - r->start) + 1, what ? what : one, expecting ? ", expecting " : "",
             expecting ? expecting : "");
    return false;
}

static bool read_name(struct reader *r, char *out, size_t size) {
    skip_space(r);
    size_t n = 0;
    while (isalnum((unsigned char)r->at[n]) || r->at[n] == '_') {
        n++;
    }
    if (n == 0 || n >= size || isdigit((unsigned char)*r->at)) {
        return fail(r, "IDENTIFIER");
    }
    memcpy(out, r->at, n);
    out[n] = 0;
    r->at += n;
    return true;
}

static bool read_string(struct reader *r, char **ret) {
    skip_space(r);
    char quote = *r->at;
    if (quote != '"' && quote != '`') {
        return fail(r, "STRING");
    }
    struct text t = {0};
    const char *p = r->at + 1;
    for (; *p && *p != quote; p++) {
        char c = *p;
        if (quote == '"' && c == '\\' && p[1]) {
            p++;
            c = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p;
        }
        text_add(&t, &c, 1);
    }
    if (!*p) {
        text_done(&t);
        return fail(r, "STRING");
    }
    text_add(&t, "", 0);
    r->at = p + 1;
    *ret = t.data;
    return true;
}

/* ---- regular expressions ---- */

/* RE2 to POSIX extended: the classes and groups people really write. */
static void posix_of(const char *re2, struct text *t, int *flags) {
    if (strncmp(re2, "(?i)", 4) == 0) {
        *flags |= REG_ICASE;
        re2 += 4;
    }
    for (; *re2; re2++) {
        if (re2[0] == '\\' && re2[1] == 'd') {
            text_puts(t, "[0-9]");
            re2++;
        } else if (re2[0] == '\\' && re2[1]) {
            text_add(t, re2, 2);
            re2++;
        } else if (strncmp(re2, "(?:", 3) == 0) {
            text_puts(t, "(");
            re2 += 2;
        } else {
            text_add(t, re2, 1);
        }
    }
    text_add(t, "", 0);
}

static bool compile(struct reader *r, struct logql_stage *s, bool anchored) {
    struct text pattern = {0};
    int flags = REG_EXTENDED | REG_NOSUB;
    text_puts(&pattern, anchored ? "^(" : "");
    posix_of(s->value, &pattern, &flags);
    text_puts(&pattern, anchored ? ")$" : "");
    int e = regcomp(&s->re, pattern.data, flags);
    text_done(&pattern);
    s->re_on = e == 0;
    if (e) {
        snprintf(r->q->error, sizeof r->q->error,
                 s->kind == STAGE_LINE
                     ? "parse error : stage '|~ \"%.80s\"': error parsing regexp: missing closing "
                       "): `%.80s`"
                     : "parse error at line 1, col 1: error parsing regexp: %.80s: `%.80s`",
                 s->value, s->value);
    }
    return e == 0;
}

/* ---- selector and pipeline ---- */

static struct logql_stage *stage_new(struct reader *r, enum stage_kind kind) {
    struct logql *q = r->q;
    if (q->n_stages == LOGQL_MAX_STAGES) {
        snprintf(q->error, sizeof q->error, "parse error : too many stages");
        return NULL;
    }
    struct logql_stage *s = &q->stage[q->n_stages++];
    s->kind = kind;
    return s;
}

static bool read_matcher(struct reader *r) {
    struct logql_stage *s = stage_new(r, STAGE_MATCHER);
    if (!s || !read_name(r, s->name, sizeof s->name)) {
        return false;
    }
    if (take(r, "=~")) {
        s->op = OP_RE;
    } else if (take(r, "!~")) {
        s->op = OP_NRE;
    } else if (take(r, "!=")) {
        s->op = OP_NE;
    } else if (take(r, "=")) {
        s->op = OP_EQ;
    } else {
        return fail(r, "!= or !~ or = or =~");
    }
    if (!read_string(r, &s->value)) {
        return false;
    }
    return s->op < OP_RE || compile(r, s, true);
}

static bool matcher_rejects_empty(const struct logql_stage *s) {
    return (s->op == OP_EQ && *s->value) ||
           (s->op == OP_RE && regexec(&s->re, "", 0, NULL, 0) != 0);
}

static bool read_selector(struct reader *r) {
    bool narrow = false;
    if (!take(r, "{")) {
        return fail(r, NULL);
    }
    while (!take(r, "}")) {
        if (r->q->n_stages && !take(r, ",")) {
            return fail(r, "} or ,");
        }
        if (!read_matcher(r)) {
            return false;
        }
        narrow = narrow || matcher_rejects_empty(&r->q->stage[r->q->n_stages - 1]);
    }
    if (!narrow) {
        snprintf(r->q->error, sizeof r->q->error,
                 "parse error : queries require at least one regexp or equality matcher that does "
                 "not have an empty-compatible value. For instance, app=~\".*\" does not meet this "
                 "requirement, but app=~\".+\" will");
    }
    return narrow;
}

static bool read_line_filter(struct reader *r, enum logql_op op) {
    struct logql_stage *s = stage_new(r, STAGE_LINE);
    if (!s) {
        return false;
    }
    s->op = op;
    return read_string(r, &s->value) && (op < OP_RE || compile(r, s, false));
}

static bool read_bare_value(struct reader *r, struct logql_stage *s) {
    skip_space(r);
    if (*r->at == '"' || *r->at == '`') {
        return read_string(r, &s->value);
    }
    size_t n = strspn(r->at, "0123456789.-");
    if (!n) {
        return fail(r, "NUMBER or STRING");
    }
    s->value = string_copy_n(r->at, n);
    r->at += n;
    return true;
}

static bool read_field_filter(struct reader *r) {
    static const struct {
        const char *token;
        enum logql_op op;
    } ops[] = {{"=~", OP_RE}, {"!~", OP_NRE}, {"!=", OP_NE}, {">=", OP_GE}, {"<=", OP_LE},
               {"==", OP_EQ}, {"=", OP_EQ},   {">", OP_GT},  {"<", OP_LT}};
    struct logql_stage *s = stage_new(r, STAGE_FIELD);
    if (!s || !read_name(r, s->name, sizeof s->name)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
        if (take(r, ops[i].token)) {
            s->op = ops[i].op;
            return read_bare_value(r, s) &&
                   ((s->op != OP_RE && s->op != OP_NRE) || compile(r, s, true));
        }
    }
    return fail(r, "= or != or =~ or !~");
}

static bool read_pipeline(struct reader *r) {
    static const struct {
        const char *token;
        enum logql_op op;
    } filters[] = {{"|=", OP_EQ}, {"|~", OP_RE}, {"!=", OP_NE}, {"!~", OP_NRE}};
    for (;;) {
        size_t i = 0, n = ARRAY_LEN(filters);
        while (i < n && !take(r, filters[i].token)) {
            i++;
        }
        if (i < n) {
            if (!read_line_filter(r, filters[i].op)) {
                return false;
            }
        } else if (!take(r, "|")) {
            return true;
        } else if (!take(r, "json") && !read_field_filter(r)) {
            return false;
        }
    }
}

/* ---- metric queries ---- */

/* The seconds of the unit at *at, which moves behind it; 0 where there is none. */
static double read_unit(const char **at) {
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        size_t n = strlen(units[i].name);
        if (strncmp(*at, units[i].name, n) == 0) {
            *at += n;
            return units[i].seconds;
        }
    }
    return 0;
}

static bool read_duration(struct reader *r, uint64_t *ret_ns) {
    double total_s = 0;
    skip_space(r);
    while (isdigit((unsigned char)*r->at)) {
        char *end = NULL;
        double v = strtod(r->at, &end);
        const char *at = end;
        double unit_s = read_unit(&at);
        if (unit_s == 0) {
            return fail(r, "DURATION");
        }
        total_s += v * unit_s;
        r->at = at;
    }
    /* So that nanoseconds fit; a number that is none fails too. */
    if (!(total_s >= 1e-9 && total_s <= MAX_DURATION_S)) {
        return fail(r, "DURATION");
    }
    *ret_ns = (uint64_t)(total_s * 1e9);
    return true;
}

static bool read_by(struct reader *r) {
    char name[64];
    if (!take(r, "by")) {
        return true;
    }
    r->q->by = true;
    if (!take(r, "(")) {
        return fail(r, "(");
    }
    while (!take(r, ")")) {
        if (!read_name(r, name, sizeof name)) {
            return false;
        }
        for (int i = 0; i < N_LABELS; i++) {
            r->q->by_labels |= strcmp(name, loki_label_names[i]) == 0 ? 1u << i : 0;
        }
        take(r, ",");
    }
    return true;
}

static bool read_range_function(struct reader *r) {
    static const char *const functions[] = {"count_over_time", "rate", "bytes_over_time",
                                            "bytes_rate"};
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        if (!take(r, functions[i])) {
            continue;
        }
        snprintf(r->q->function, sizeof r->q->function, "%s", functions[i]);
        if (!take(r, "(") || !read_selector(r) || !read_pipeline(r)) {
            return fail(r, "(");
        }
        if (!take(r, "[") || !read_duration(r, &r->q->range_ns) || !take(r, "]")) {
            return fail(r, "[");
        }
        return read_pipeline(r) && (take(r, ")") || fail(r, ")"));
    }
    return fail(r, NULL);
}

static bool read_query(struct reader *r) {
    skip_space(r);
    if (!*r->at) {
        snprintf(r->q->error, sizeof r->q->error, "parse error : syntax error: unexpected $end");
        return false;
    }
    if (*r->at == '{') {
        return read_selector(r) && read_pipeline(r);
    }
    if (!take(r, "sum")) {
        return read_range_function(r);
    }
    r->q->sum = true;
    return read_by(r) && (take(r, "(") || fail(r, "(")) && read_range_function(r) &&
           (take(r, ")") || fail(r, ")")) && read_by(r);
}

bool logql_read(struct logql *q, const char *text) {
    *q = (struct logql){0};
    struct reader r = {text, text, q};
    if (!read_query(&r)) {
        fail(&r, NULL);
        return false;
    }
    skip_space(&r);
    return !*r.at || fail(&r, NULL);
}

bool logql_duration(const char *text, uint64_t *ret_ns) {
    struct logql q = {0};
    struct reader r = {text, text, &q};
    return read_duration(&r, ret_ns) && !*r.at;
}
