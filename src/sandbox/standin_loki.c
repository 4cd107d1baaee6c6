/* sandbox/standin_loki.c - Loki 3.0 over a ring of generated Pino lines: labels, series, log and
 * metric queries of a LogQL subset, with the limits and the plain-text errors of the real one. */
#include "standins.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <math.h>
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char json[] = "application/json; charset=UTF-8";
static const char plain[] = "text/plain; charset=utf-8";

enum {
    RING_LINES = 50000,
    STARTING_MS = 2000,
    MAX_LIMIT = 5000,
    MAX_STAGES = 16,
    MAX_SERIES = 500,
    MAX_POINTS = 11000,
};

static struct {
    pthread_mutex_t lock;
    struct log_line *line; /* a ring: `first` is the oldest */
    size_t first, n;
    uint64_t lines, bytes, started_ms;
} ring = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- lines and labels ---- */

enum label {
    LABEL_COMPONENT,
    LABEL_CONTAINER,
    LABEL_CONTEXT,
    LABEL_JOB,
    LABEL_LEVEL,
    LABEL_SERVICE,
    N_LABELS
};

static const char *const label_names[N_LABELS] = {"component", "container", "context",
                                                  "job",       "level",     "service"};
static const char *const services[] = {"api", "web", "ai-services"};
static const char *const containers[] = {"goodgo-api-1", "goodgo-web-1", "goodgo-ai-services-1"};

static const char *level_name(uint8_t level) {
    static const char *const names[] = {"trace", "debug", "info", "warn", "error", "fatal"};
    return level >= 10 && level <= 60 ? names[level / 10 - 1] : "unknown";
}

static const char *line_label(const struct log_line *l, enum label label) {
    switch (label) {
    case LABEL_COMPONENT:
    case LABEL_SERVICE:
        return services[l->service];
    case LABEL_CONTAINER:
        return containers[l->service];
    case LABEL_CONTEXT:
        return l->context;
    case LABEL_JOB:
        return "docker";
    default:
        return level_name(l->level);
    }
}

static struct log_line *line_at(size_t i) {
    return &ring.line[(ring.first + i) % RING_LINES];
}

void loki_push(struct log_line line) {
    pthread_mutex_lock(&ring.lock);
    if (!ring.line) {
        pthread_mutex_unlock(&ring.lock);
        free(line.text);
        return;
    }
    if (ring.n == RING_LINES) {
        free(line_at(0)->text);
        ring.first = (ring.first + 1) % RING_LINES;
        ring.n--;
    }
    /* Kept in order: a line made up a few microseconds late slides down. */
    size_t at = ring.n++;
    while (at > 0 && line_at(at - 1)->at_ns > line.at_ns) {
        *line_at(at) = *line_at(at - 1);
        at--;
    }
    *line_at(at) = line;
    ring.lines++;
    ring.bytes += strlen(line.text);
    pthread_mutex_unlock(&ring.lock);
}

void loki_totals(uint64_t *ret_lines, uint64_t *ret_bytes) {
    pthread_mutex_lock(&ring.lock);
    *ret_lines = ring.lines;
    *ret_bytes = ring.bytes;
    pthread_mutex_unlock(&ring.lock);
}

bool loki_init(void) {
    ring.line = calloc(RING_LINES, sizeof *ring.line);
    ring.started_ms = clock_mono_ms();
    return ring.line != NULL;
}

void loki_done(void) {
    pthread_mutex_lock(&ring.lock);
    for (size_t i = 0; i < ring.n; i++) {
        free(line_at(i)->text);
    }
    free(ring.line);
    ring.line = NULL;
    ring.n = 0;
    pthread_mutex_unlock(&ring.lock);
}

/* ---- LogQL: reading ---- */

enum op { OP_EQ, OP_NE, OP_RE, OP_NRE, OP_GT, OP_GE, OP_LT, OP_LE };

enum stage_kind { STAGE_MATCHER, STAGE_LINE, STAGE_FIELD };

struct stage {
    enum stage_kind kind;
    enum op op;
    char name[64]; /* of the label or field */
    char *value;
    regex_t re;
    bool re_on;
};

struct query {
    struct stage stage[MAX_STAGES];
    int n_stages;
    char function[24]; /* "" for a log query */
    uint64_t range_ns;
    bool sum, by;
    unsigned by_labels; /* bit per enum label */
    char error[512];
};

struct reader {
    const char *start, *at;
    struct query *q;
};

static void query_done(struct query *q) {
    for (int i = 0; i < q->n_stages; i++) {
        free(q->stage[i].value);
        if (q->stage[i].re_on) {
            regfree(&q->stage[i].re);
        }
    }
}

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

static bool compile(struct reader *r, struct stage *s, bool anchored) {
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

static struct stage *stage_new(struct reader *r, enum stage_kind kind) {
    struct query *q = r->q;
    if (q->n_stages == MAX_STAGES) {
        snprintf(q->error, sizeof q->error, "parse error : too many stages");
        return NULL;
    }
    struct stage *s = &q->stage[q->n_stages++];
    s->kind = kind;
    return s;
}

static bool read_matcher(struct reader *r) {
    struct stage *s = stage_new(r, STAGE_MATCHER);
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

static bool matcher_rejects_empty(const struct stage *s) {
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

static bool read_line_filter(struct reader *r, enum op op) {
    struct stage *s = stage_new(r, STAGE_LINE);
    if (!s) {
        return false;
    }
    s->op = op;
    return read_string(r, &s->value) && (op < OP_RE || compile(r, s, false));
}

static bool read_bare_value(struct reader *r, struct stage *s) {
    skip_space(r);
    if (*r->at == '"' || *r->at == '`') {
        return read_string(r, &s->value);
    }
    size_t n = strspn(r->at, "0123456789.-");
    if (!n) {
        return fail(r, "NUMBER or STRING");
    }
    s->value = strndup(r->at, n);
    r->at += n;
    return s->value != NULL;
}

static bool read_field_filter(struct reader *r) {
    static const struct {
        const char *token;
        enum op op;
    } ops[] = {{"=~", OP_RE}, {"!~", OP_NRE}, {"!=", OP_NE}, {">=", OP_GE}, {"<=", OP_LE},
               {"==", OP_EQ}, {"=", OP_EQ},   {">", OP_GT},  {"<", OP_LT}};
    struct stage *s = stage_new(r, STAGE_FIELD);
    if (!s || !read_name(r, s->name, sizeof s->name)) {
        return false;
    }
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        if (take(r, ops[i].token)) {
            s->op = ops[i].op;
            return read_bare_value(r, s) &&
                   ((s->op != OP_RE && s->op != OP_NRE) || compile(r, s, true));
        }
    }
    return fail(r, "= or != or =~ or !~");
}

static bool read_pipeline(struct reader *r) {
    for (;;) {
        if (take(r, "|=")) {
            if (!read_line_filter(r, OP_EQ)) {
                return false;
            }
        } else if (take(r, "|~")) {
            if (!read_line_filter(r, OP_RE)) {
                return false;
            }
        } else if (take(r, "!=")) {
            if (!read_line_filter(r, OP_NE)) {
                return false;
            }
        } else if (take(r, "!~")) {
            if (!read_line_filter(r, OP_NRE)) {
                return false;
            }
        } else if (take(r, "|")) {
            if (!take(r, "json") && !read_field_filter(r)) {
                return false;
            }
        } else {
            return true;
        }
    }
}

static bool read_duration(struct reader *r, uint64_t *ret_ns) {
    uint64_t total_ns = 0;
    skip_space(r);
    while (isdigit((unsigned char)*r->at)) {
        char *end = NULL;
        double v = strtod(r->at, &end);
        double unit_s = 0;
        if (strncmp(end, "ms", 2) == 0) {
            unit_s = 1e-3;
            end++;
        } else {
            unit_s = *end == 's'   ? 1
                     : *end == 'm' ? 60
                     : *end == 'h' ? 3600
                     : *end == 'd' ? 86400
                     : *end == 'w' ? 604800
                                   : 0;
        }
        if (unit_s == 0) {
            return fail(r, "DURATION");
        }
        total_ns += (uint64_t)(v * unit_s * 1e9);
        r->at = end + 1;
    }
    *ret_ns = total_ns;
    return total_ns > 0 || fail(r, "DURATION");
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
            r->q->by_labels |= strcmp(name, label_names[i]) == 0 ? 1u << i : 0;
        }
        take(r, ",");
    }
    return true;
}

static bool read_range_function(struct reader *r) {
    static const char *const functions[] = {"count_over_time", "rate", "bytes_over_time",
                                            "bytes_rate"};
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
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

static bool query_init(struct query *q, const char *text) {
    *q = (struct query){0};
    struct reader r = {text, text, q};
    if (!read_query(&r)) {
        fail(&r, NULL);
        return false;
    }
    skip_space(&r);
    return !*r.at || fail(&r, NULL);
}

/* ---- LogQL: matching ---- */

static bool number_holds(enum op op, double have, double want) {
    switch (op) {
    case OP_GT:
        return have > want;
    case OP_GE:
        return have >= want;
    case OP_LT:
        return have < want;
    case OP_LE:
        return have <= want;
    default:
        return false;
    }
}

static bool text_holds(const struct stage *s, const char *have) {
    switch (s->op) {
    case OP_EQ:
        return strcmp(have, s->value) == 0;
    case OP_NE:
        return strcmp(have, s->value) != 0;
    case OP_RE:
        return regexec(&s->re, have, 0, NULL, 0) == 0;
    case OP_NRE:
        return regexec(&s->re, have, 0, NULL, 0) != 0;
    default:
        return number_holds(s->op, strtod(have, NULL), strtod(s->value, NULL));
    }
}

static const char *label_of(const struct log_line *l, const char *name) {
    for (int i = 0; i < N_LABELS; i++) {
        if (strcmp(name, label_names[i]) == 0) {
            return line_label(l, (enum label)i);
        }
    }
    return "";
}

/* A stream label first, as Loki does; then a top-level member of the line. */
static bool field_holds(const struct stage *s, const struct log_line *l) {
    const char *label = label_of(l, s->name);
    if (*label) {
        return text_holds(s, label);
    }
    cJSON *tree = cJSON_Parse(l->text);
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, s->name);
    char number[32] = "";
    if (cJSON_IsNumber(item)) {
        snprintf(number, sizeof number, "%.15g", item->valuedouble);
    }
    bool holds = text_holds(s, cJSON_IsString(item) ? item->valuestring : number);
    cJSON_Delete(tree);
    return holds;
}

static bool line_holds(const struct stage *s, const char *text) {
    switch (s->op) {
    case OP_EQ:
        return strstr(text, s->value) != NULL;
    case OP_NE:
        return strstr(text, s->value) == NULL;
    case OP_RE:
        return regexec(&s->re, text, 0, NULL, 0) == 0;
    default:
        return regexec(&s->re, text, 0, NULL, 0) != 0;
    }
}

static bool query_matches(const struct query *q, const struct log_line *l) {
    for (int i = 0; i < q->n_stages; i++) {
        const struct stage *s = &q->stage[i];
        bool holds = s->kind == STAGE_MATCHER ? text_holds(s, label_of(l, s->name))
                     : s->kind == STAGE_LINE  ? line_holds(s, l->text)
                                              : field_holds(s, l);
        if (!holds) {
            return false;
        }
    }
    return true;
}

/* ---- times ---- */

static uint64_t now_ns(void) {
    return clock_wall_ms() * 1000000u;
}

/* Seconds (up to ten digits, or with a fraction), nanoseconds, or RFC 3339. */
static bool parse_time(const char *s, uint64_t *ret_ns) {
    char *end = NULL;
    size_t digits = strspn(s, "0123456789");
    if (digits && !s[digits]) {
        unsigned long long v = strtoull(s, NULL, 10);
        *ret_ns = digits <= 10 ? v * 1000000000u : v;
        return true;
    }
    if (digits && s[digits] == '.') {
        double v = strtod(s, &end);
        *ret_ns = (uint64_t)(v * 1e9);
        return !*end;
    }
    struct tm tm = {0};
    const char *rest = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!rest) {
        return false;
    }
    double fraction = *rest == '.' ? strtod(rest, &end) : 0;
    if (*rest == '.') {
        rest = end;
    }
    *ret_ns = (uint64_t)timegm(&tm) * 1000000000u + (uint64_t)(fraction * 1e9);
    return strcmp(rest, "Z") == 0;
}

static bool time_param(struct http_request *req, const char *name, uint64_t fallback_ns,
                       uint64_t *ret_ns) {
    const char *s = http_param(req, name);
    *ret_ns = fallback_ns;
    if (!s || parse_time(s, ret_ns)) {
        return true;
    }
    http_replyf(req, 400, plain,
                "could not parse '%s' parameter: strconv.ParseInt: parsing \"%s\": invalid syntax",
                name, s);
    return false;
}

static bool range_params(struct http_request *req, uint64_t back_ns, uint64_t *start,
                         uint64_t *end) {
    if (!time_param(req, "end", now_ns(), end)) {
        return false;
    }
    uint64_t since_ns = back_ns;
    const char *since = http_param(req, "since");
    if (since) {
        struct query q = {0};
        struct reader r = {since, since, &q};
        if (!read_duration(&r, &since_ns)) {
            http_replyf(req, 400, plain, "could not parse 'since' parameter: %s", since);
            return false;
        }
    }
    if (!time_param(req, "start", *end > since_ns ? *end - since_ns : 0, start)) {
        return false;
    }
    if (*end <= *start) {
        http_reply(req, 400, plain, "end timestamp must not be before or equal to start time");
        return false;
    }
    if (*end - *start > (uint64_t)(30 * 86400 + 3600) * 1000000000u) {
        http_replyf(
            req, 400, plain,
            "the query time range exceeds the limit (query length: %lluh0m0s, limit: 30d1h)",
            (unsigned long long)((*end - *start) / 3600000000000u));
        return false;
    }
    return true;
}

/* The first line not older than `at_ns`. */
static size_t ring_find(uint64_t at_ns) {
    size_t lo = 0, hi = ring.n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (line_at(mid)->at_ns < at_ns) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

/* ---- answers ---- */

static void add_stats(struct text *t, size_t lines, size_t bytes, size_t returned) {
    text_addf(t,
              "\"stats\":{\"summary\":{\"bytesProcessedPerSecond\":%zu,"
              "\"linesProcessedPerSecond\":%zu,\"totalBytesProcessed\":%zu,"
              "\"totalLinesProcessed\":%zu,\"execTime\":0.004,\"queueTime\":0.0001,"
              "\"subqueries\":0,\"totalEntriesReturned\":%zu,\"splits\":0,\"shards\":0}}",
              bytes * 250, lines * 250, bytes, lines, returned);
}

static void add_labels(struct text *t, const struct log_line *l, unsigned mask) {
    int n = 0;
    text_puts(t, "{");
    for (int i = 0; i < N_LABELS; i++) {
        if (mask & 1u << i) {
            text_addf(t, "%s\"%s\":\"%s\"", n++ ? "," : "", label_names[i],
                      line_label(l, (enum label)i));
        }
    }
    text_puts(t, "}");
}

enum { ALL_LABELS = (1u << N_LABELS) - 1 };

static bool same_stream(const struct log_line *a, const struct log_line *b, unsigned mask) {
    for (int i = 0; i < N_LABELS; i++) {
        if (mask & 1u << i &&
            strcmp(line_label(a, (enum label)i), line_label(b, (enum label)i)) != 0) {
            return false;
        }
    }
    return true;
}

struct found {
    const struct log_line **line;
    size_t n, lines, bytes;
};

static struct found collect(const struct query *q, uint64_t start, uint64_t end, size_t limit,
                            bool forward) {
    struct found f = {calloc(limit ? limit : 1, sizeof *f.line), 0, 0, 0};
    size_t from = ring_find(start), to = ring_find(end);
    for (size_t k = 0; f.line && k < to - from && f.n < limit; k++) {
        const struct log_line *l = line_at(forward ? from + k : to - 1 - k);
        f.lines++;
        f.bytes += strlen(l->text);
        if (query_matches(q, l)) {
            f.line[f.n++] = l;
        }
    }
    return f;
}

static void add_streams(struct text *t, const struct found *f) {
    const struct log_line *first[MAX_SERIES];
    int n_streams = 0;
    for (size_t i = 0; i < f->n; i++) {
        int k = 0;
        while (k < n_streams && !same_stream(first[k], f->line[i], ALL_LABELS)) {
            k++;
        }
        if (k == n_streams && n_streams < MAX_SERIES) {
            first[n_streams++] = f->line[i];
        }
    }
    for (int k = 0; k < n_streams; k++) {
        int n = 0;
        text_puts(t, k ? ",{\"stream\":" : "{\"stream\":");
        add_labels(t, first[k], ALL_LABELS);
        text_puts(t, ",\"values\":[");
        for (size_t i = 0; i < f->n; i++) {
            if (same_stream(first[k], f->line[i], ALL_LABELS)) {
                text_addf(t, "%s[\"%llu\",", n++ ? "," : "", (unsigned long long)f->line[i]->at_ns);
                text_add_json(t, f->line[i]->text);
                text_puts(t, "]");
            }
        }
        text_puts(t, "]}");
    }
}

static bool limit_param(struct http_request *req, size_t *ret_limit) {
    const char *s = http_param(req, "limit");
    int64_t v = 100;
    if (s && !string_to_i64(s, &v)) {
        http_replyf(req, 400, plain, "strconv.Atoi: parsing \"%s\": invalid syntax", s);
    } else if (v <= 0) {
        http_reply(req, 400, plain, "limit must be a positive value");
    } else if (v > MAX_LIMIT) {
        http_replyf(req, 400, plain,
                    "max entries limit per query exceeded, limit > max_entries_limit "
                    "(%lld > %d)",
                    (long long)v, MAX_LIMIT);
    } else {
        *ret_limit = (size_t)v;
        return true;
    }
    return false;
}

static void answer_logs(struct http_request *req, const struct query *q, uint64_t start,
                        uint64_t end) {
    size_t limit = 0;
    const char *direction = http_param(req, "direction");
    bool forward = direction && strcasecmp(direction, "forward") == 0;
    if (direction && !forward && strcasecmp(direction, "backward") != 0) {
        http_replyf(req, 400, plain, "invalid direction '%s'", direction);
        return;
    }
    if (!limit_param(req, &limit)) {
        return;
    }
    http_reply(req, 200, json,
               "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":[");
    pthread_mutex_lock(&ring.lock);
    struct found f = collect(q, start, end, limit, forward);
    add_streams(&req->reply, &f);
    pthread_mutex_unlock(&ring.lock);
    free(f.line);
    text_puts(&req->reply, "],");
    add_stats(&req->reply, f.lines, f.bytes, f.n);
    text_puts(&req->reply, "}}");
}

struct series {
    const struct log_line *first; /* stands for its labels */
    double *value;                /* one per step */
};

struct matrix {
    struct series series[MAX_SERIES];
    int n;
    size_t n_steps;
    uint64_t start, step;
    unsigned mask;
};

static struct series *series_for(struct matrix *m, const struct log_line *l) {
    for (int i = 0; i < m->n; i++) {
        if (same_stream(m->series[i].first, l, m->mask)) {
            return &m->series[i];
        }
    }
    if (m->n == MAX_SERIES) {
        return NULL;
    }
    struct series *s = &m->series[m->n++];
    s->first = l;
    s->value = calloc(m->n_steps, sizeof *s->value);
    return s->value ? s : NULL;
}

/* A step at time t covers (t - range, t]. */
static void matrix_add(struct matrix *m, const struct query *q, const struct log_line *l) {
    double weight = strncmp(q->function, "bytes", 5) == 0 ? (double)strlen(l->text) : 1;
    uint64_t first = l->at_ns <= m->start ? 0 : (l->at_ns - m->start + m->step - 1) / m->step;
    struct series *s = NULL;
    for (size_t i = (size_t)first; i < m->n_steps; i++) {
        uint64_t t = m->start + i * m->step;
        if (t >= l->at_ns + q->range_ns) {
            break;
        }
        s = s ? s : series_for(m, l);
        if (!s) {
            return;
        }
        s->value[i] += weight;
    }
}

static void matrix_fill(struct matrix *m, const struct query *q) {
    uint64_t last = m->start + (m->n_steps - 1) * m->step;
    size_t from = ring_find(m->start > q->range_ns ? m->start - q->range_ns : 0);
    size_t to = ring_find(last + 1);
    m->mask = !q->sum ? (unsigned)ALL_LABELS : q->by ? q->by_labels : 0;
    for (size_t i = from; i < to; i++) {
        if (query_matches(q, line_at(i))) {
            matrix_add(m, q, line_at(i));
        }
    }
}

static double point_of(const struct query *q, double sum) {
    bool per_second = strcmp(q->function, "rate") == 0 || strcmp(q->function, "bytes_rate") == 0;
    return per_second ? sum / ((double)q->range_ns / 1e9) : sum;
}

static void add_matrix(struct text *t, const struct matrix *m, const struct query *q, bool vector) {
    for (int k = 0; k < m->n; k++) {
        int n = 0;
        text_puts(t, k ? ",{\"metric\":" : "{\"metric\":");
        add_labels(t, m->series[k].first, m->mask);
        text_puts(t, vector ? ",\"value\":" : ",\"values\":[");
        for (size_t i = 0; i < m->n_steps; i++) {
            uint64_t at_ms = (m->start + i * m->step) / 1000000;
            if (m->series[k].value[i] > 0) {
                text_addf(t, "%s[%.15g,\"%.15g\"]", n++ ? "," : "", (double)at_ms / 1000.0,
                          point_of(q, m->series[k].value[i]));
            }
        }
        text_puts(t, vector ? "}" : "]}");
    }
}

static void answer_metric(struct http_request *req, const struct query *q, struct matrix *m,
                          bool vector) {
    http_replyf(req, 200, json,
                "{\"status\":\"success\",\"data\":{\"resultType\":\"%s\",\"result\":[",
                vector ? "vector" : "matrix");
    pthread_mutex_lock(&ring.lock);
    matrix_fill(m, q);
    add_matrix(&req->reply, m, q, vector);
    pthread_mutex_unlock(&ring.lock);
    text_puts(&req->reply, "],");
    add_stats(&req->reply, 0, 0, (size_t)m->n);
    text_puts(&req->reply, "}}");
    for (int i = 0; i < m->n; i++) {
        free(m->series[i].value);
    }
}

static bool step_param(struct http_request *req, uint64_t start, uint64_t end, uint64_t *ret_step) {
    const char *s = http_param(req, "step");
    double step_s = fmax(1, floor((double)(end - start) / 1e9 / 250));
    if (s) {
        char *stop = NULL;
        step_s = strtod(s, &stop);
        if (*stop) {
            struct query q = {0};
            struct reader r = {s, s, &q};
            uint64_t ns = 0;
            step_s = read_duration(&r, &ns) ? (double)ns / 1e9 : 0;
        }
    }
    if (step_s <= 0) {
        http_reply(req, 400, plain,
                   "zero or negative query resolution step widths are not accepted. Try a positive "
                   "integer");
        return false;
    }
    *ret_step = (uint64_t)(step_s * 1e9);
    if ((end - start) / *ret_step > MAX_POINTS) {
        http_reply(req, 400, plain,
                   "exceeded maximum resolution of 11,000 points per time series. Try increasing "
                   "the value of the step parameter");
        return false;
    }
    return true;
}

static void run_range(struct http_request *req, const struct query *q) {
    uint64_t start = 0, end = 0;
    if (!range_params(req, 3600000000000u, &start, &end)) {
        return;
    }
    if (!*q->function) {
        answer_logs(req, q, start, end);
        return;
    }
    struct matrix *m = calloc(1, sizeof *m);
    if (m && step_param(req, start, end, &m->step)) {
        m->start = start / m->step * m->step + (start % m->step ? m->step : 0);
        m->n_steps = end >= m->start ? (size_t)((end - m->start) / m->step) + 1 : 1;
        answer_metric(req, q, m, false);
    }
    free(m);
}

static void run_instant(struct http_request *req, const struct query *q) {
    uint64_t at = 0;
    if (!time_param(req, "time", now_ns(), &at)) {
        return;
    }
    if (!*q->function) {
        http_reply(req, 400, plain,
                   "log queries are not supported as an instant query type, please change your "
                   "query to a range query type");
        return;
    }
    struct matrix *m = calloc(1, sizeof *m);
    if (m) {
        m->start = at;
        m->step = 1000000000u;
        m->n_steps = 1;
        answer_metric(req, q, m, true);
    }
    free(m);
}

static void with_query(struct http_request *req,
                       void (*run)(struct http_request *req, const struct query *q)) {
    struct query q;
    const char *text = http_param(req, "query");
    if (query_init(&q, text ? text : "")) {
        run(req, &q);
    } else {
        http_reply(req, 400, plain, q.error);
    }
    query_done(&q);
}

static void query_range(struct http_request *req) {
    with_query(req, run_range);
}

static void query_instant(struct http_request *req) {
    with_query(req, run_instant);
}

static void run_stats(struct http_request *req, const struct query *q) {
    uint64_t start = 0, end = 0;
    size_t entries = 0, bytes = 0;
    if (!range_params(req, 3600000000000u, &start, &end)) {
        return;
    }
    pthread_mutex_lock(&ring.lock);
    for (size_t i = ring_find(start); i < ring_find(end); i++) {
        if (query_matches(q, line_at(i))) {
            entries++;
            bytes += strlen(line_at(i)->text);
        }
    }
    pthread_mutex_unlock(&ring.lock);
    http_replyf(req, 200, json, "{\"streams\":%d,\"chunks\":%zu,\"bytes\":%zu,\"entries\":%zu}",
                entries ? 8 : 0, entries / 500 + (entries > 0), bytes, entries);
}

static void index_stats(struct http_request *req) {
    with_query(req, run_stats);
}

static bool lines_between(struct http_request *req, size_t *from, size_t *to) {
    uint64_t start = 0, end = 0;
    if (!range_params(req, 6 * 3600000000000u, &start, &end)) {
        return false;
    }
    pthread_mutex_lock(&ring.lock);
    *from = ring_find(start);
    *to = ring_find(end);
    pthread_mutex_unlock(&ring.lock);
    return true;
}

static void labels(struct http_request *req) {
    size_t from = 0, to = 0;
    if (!lines_between(req, &from, &to)) {
        return;
    }
    http_reply(req, 200, json, "{\"status\":\"success\"");
    for (int i = 0; i < N_LABELS && from < to; i++) {
        text_addf(&req->reply, "%s\"%s\"", i ? "," : ",\"data\":[", label_names[i]);
    }
    text_puts(&req->reply, from < to ? "]}" : "}");
}

static int compare_strings(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int distinct_values(enum label label, size_t from, size_t to, const char **out, int max) {
    int n = 0;
    for (size_t i = from; i < to && i < ring.n; i++) {
        const char *v = line_label(line_at(i), label);
        int k = 0;
        while (k < n && strcmp(out[k], v) != 0) {
            k++;
        }
        if (k == n && n < max) {
            out[n++] = v;
        }
    }
    qsort(out, (size_t)n, sizeof *out, compare_strings);
    return n;
}

static void label_values(struct http_request *req) {
    const char *values[64];
    size_t from = 0, to = 0;
    int n = 0;
    if (!lines_between(req, &from, &to)) {
        return;
    }
    pthread_mutex_lock(&ring.lock);
    for (int i = 0; i < N_LABELS; i++) {
        if (strcmp(req->segment[4], label_names[i]) == 0) {
            n = distinct_values((enum label)i, from, to, values, 64);
        }
    }
    pthread_mutex_unlock(&ring.lock);
    http_reply(req, 200, json, "{\"status\":\"success\"");
    for (int i = 0; i < n; i++) {
        text_addf(&req->reply, "%s\"%s\"", i ? "," : ",\"data\":[", values[i]);
    }
    text_puts(&req->reply, n ? "]}" : "}");
}

static void series(struct http_request *req) {
    const struct log_line *first[MAX_SERIES];
    size_t from = 0, to = 0;
    int n = 0;
    struct query q;
    const char *match = http_param(req, "match[]");
    match = match ? match : http_param(req, "match");
    if (!lines_between(req, &from, &to)) {
        return;
    }
    if (!query_init(&q, match ? match : "{job=~\".+\"}")) {
        http_reply(req, 400, plain, q.error);
        query_done(&q);
        return;
    }
    http_reply(req, 200, json, "{\"status\":\"success\",\"data\":[");
    pthread_mutex_lock(&ring.lock);
    for (size_t i = from; i < to && i < ring.n && n < MAX_SERIES; i++) {
        const struct log_line *l = line_at(i);
        int k = 0;
        while (k < n && !same_stream(first[k], l, ALL_LABELS)) {
            k++;
        }
        if (k == n && query_matches(&q, l)) {
            text_puts(&req->reply, n ? "," : "");
            add_labels(&req->reply, l, ALL_LABELS);
            first[n++] = l;
        }
    }
    pthread_mutex_unlock(&ring.lock);
    text_puts(&req->reply, "]}");
    query_done(&q);
}

bool loki_is_warm(void) {
    return clock_mono_ms() - ring.started_ms >= STARTING_MS;
}

static void ready(struct http_request *req) {
    if (!loki_is_warm()) {
        http_reply(req, 503, plain, "Ingester not ready: waiting for 15s after being ready\n");
    } else {
        http_reply(req, 200, plain, "ready\n");
    }
}

static void buildinfo(struct http_request *req) {
    http_reply(req, 200, json,
               "{\"version\":\"3.0.0\",\"revision\":\"b4f7181c7\",\"branch\":\"HEAD\","
               "\"buildUser\":\"root@sandbox\",\"buildDate\":\"2024-04-08T18:51:19Z\","
               "\"goVersion\":\"go1.21.9\"}");
}

static void metrics(struct http_request *req) {
    uint64_t lines = 0, bytes = 0;
    loki_totals(&lines, &bytes);
    http_replyf(req, 200, "text/plain; version=0.0.4; charset=utf-8",
                "# TYPE loki_build_info gauge\nloki_build_info{version=\"3.0.0\"} 1\n"
                "# TYPE loki_distributor_lines_received_total counter\n"
                "loki_distributor_lines_received_total{tenant=\"fake\"} %llu\n"
                "# TYPE loki_distributor_bytes_received_total counter\n"
                "loki_distributor_bytes_received_total{tenant=\"fake\"} %llu\n",
                (unsigned long long)lines, (unsigned long long)bytes);
}

static const struct {
    const char *path;
    bool post; /* a form may be posted too */
    http_handler answer;
} routes[] = {
    {"/ready", false, ready},
    {"/metrics", false, metrics},
    {"/loki/api/v1/status/buildinfo", false, buildinfo},
    {"/loki/api/v1/labels", true, labels},
    {"/loki/api/v1/label", true, labels},
    {"/loki/api/v1/series", true, series},
    {"/loki/api/v1/query", true, query_instant},
    {"/loki/api/v1/query_range", true, query_range},
    {"/loki/api/v1/index/stats", true, index_stats},
};

static void form_params(struct http_request *req) {
    const char *type = http_header(req, "Content-Type");
    if (strcmp(req->method, "POST") == 0 && req->body.size && type &&
        strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0) {
        http_add_params(req, req->body.data);
    }
}

static bool is_label_values(const struct http_request *req) {
    return req->n_segments == 6 && strncmp(req->path, "/loki/api/v1/label/", 19) == 0 &&
           strcmp(req->segment[5], "values") == 0;
}

void loki_handle(struct http_request *req) {
    form_params(req);
    if (is_label_values(req)) {
        label_values(req);
        return;
    }
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (strcmp(req->path, routes[i].path) != 0) {
            continue;
        }
        if (http_is(req, "GET", req->path) || (routes[i].post && http_is(req, "POST", req->path))) {
            routes[i].answer(req);
        } else {
            http_reply(req, 405, NULL, "");
        }
        return;
    }
    http_reply(req, 404, plain, "404 page not found\n");
}

void loki_error_body(struct http_request *req, int status) {
    http_reply(req, status, plain,
               status == 429   ? "too many outstanding requests"
               : status == 504 ? "Request timed out, decrease the duration of the request or add "
                                 "more label matchers (prefer exact match over regex match) to "
                                 "reduce the amount of data processed."
               : status == 503 ? "Some services are not Running:\nFailed: 1\n"
                               : "internal server error");
}
