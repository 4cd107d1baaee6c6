/* probe/loglines_lib.c - lines of the logs: LogQL, addresses and answers; see codec/loglines.h. */
#include "codec/loglines.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "base/text.h"
#include "wire/json.h"
#include "wire/url.h"

#define URL_MAX    16384
#define LABEL_COLS 80
#define URL_COLS   300

/* ---- levels ---- */

/* The first is ours, the last the number that Pino writes. */
static const char *const level_words[LOG_LEVEL_COUNT][7] = {
    [LOG_LEVEL_TRACE] = {"trace", "10"},
    [LOG_LEVEL_DEBUG] = {"debug", "20"},
    [LOG_LEVEL_INFO] = {"info", "notice", "log", "30"},
    [LOG_LEVEL_WARN] = {"warn", "warning", "40"},
    [LOG_LEVEL_ERROR] = {"error", "err", "50"},
    [LOG_LEVEL_FATAL] = {"fatal", "critical", "crit", "panic", "alert", "60"},
};

const char *log_level_name(enum log_level level) {
    return level == LOG_LEVEL_NONE ? "" : level_words[level][0];
}

enum log_level log_level_of(const char *label) {
    for (int level = LOG_LEVEL_TRACE; label && level < LOG_LEVEL_COUNT; level++)
        for (const char *const *word = level_words[level]; *word; word++)
            if (strcasecmp(label, *word) == 0)
                return (enum log_level)level;
    return LOG_LEVEL_NONE;
}

/* ---- the question ---- */

static bool sayable(const char *s) {
    if (!*s)
        return false;
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return false;
    return true;
}

/* Inside of a text of LogQL only these two need an escape. */
static void add_quoted(struct str *out, const char *prefix, const char *s) {
    str_printf(out, "\"%s", prefix);
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            str_putc(out, '\\');
        str_putc(out, *s);
    }
    str_putc(out, '"');
}

static void add_levels(struct str *out, enum log_level from) {
    str_puts(out, "level=~\"(?i)(");
    for (int level = (int)from; level < LOG_LEVEL_COUNT; level++)
        for (const char *const *word = level_words[level]; *word; word++)
            str_printf(out, "%s%s", level == (int)from && word == level_words[level] ? "" : "|",
                       *word);
    str_puts(out, ")\"");
}

/* Loki wants one matcher at least that no empty label fits. */
static void add_selector(struct str *out, const struct log_question *q) {
    str_putc(out, '{');
    if (q->service) {
        str_puts(out, "service=");
        add_quoted(out, "", q->service);
    }
    if (q->service && q->level)
        str_puts(out, ", ");
    if (q->level)
        add_levels(out, q->level);
    if (!q->service && !q->level)
        str_puts(out, "service=~\".+\"");
    str_putc(out, '}');
}

bool log_query(const struct log_question *q, struct str *out) {
    const char *const texts[] = {q->service, q->text, q->pattern};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (texts[i] && !sayable(texts[i]))
            return false;
    add_selector(out, q);
    if (q->text) {
        str_puts(out, " |= ");
        add_quoted(out, "", q->text);
    }
    if (q->pattern) {
        str_puts(out, " |~ ");
        add_quoted(out, "(?i)", q->pattern);
    }
    return !out->toobig;
}

const char *log_url(struct arena *a, const char *base, const char *query, struct log_span span,
                    uint32_t limit) {
    struct str url;
    str_init(&url, URL_MAX);
    str_printf(&url, "%s/loki/api/v1/query_range?query=", base);
    url_escape(&url, query, strlen(query));
    str_printf(&url, "&limit=%u&direction=backward", limit);
    if (span.since_s)
        str_printf(&url, "&since=%llds", (long long)span.since_s);
    if (span.from_ns)
        str_printf(&url, "&start=%lld", (long long)span.from_ns);
    if (span.until_ns)
        str_printf(&url, "&end=%lld", (long long)span.until_ns);
    const char *whole =
        url.toobig || strlen(query) > LOG_QUERY_MAX ? NULL : arena_strdup(a, str_get(&url));
    str_done(&url);
    return whole;
}

/* ---- the answer ---- */

struct reader {
    struct arena *a;
    struct log_lines *lines;
    const struct json *stream; /* its labels */
    uint64_t identity;         /* of the labels */
};

static uint64_t mixed(uint64_t h, const char *s) {
    return XXH3_64bits_withSeed(s, strlen(s), h);
}

static const char *clean_or_null(struct arena *a, const char *s, uint32_t max_cols) {
    return s && *s ? text_clean(a, s, strlen(s), max_cols).s : NULL;
}

/* Of the labels, with which structured metadata stand too, else of Pino's line. */
static const char *field(const struct reader *r, const struct json *pino, const char *name) {
    const char *s = json_string(r->stream, name);
    return s && *s ? s : json_string(pino, name);
}

static bool number_field(const struct reader *r, const struct json *pino, const char *name,
                         double *ret) {
    return json_double(r->stream, name, ret) || json_double(pino, name, ret);
}

static const char *level_of(const struct reader *r, const struct json *pino) {
    const char *label = field(r, pino, "level");
    double number;
    if (!label && json_double(pino, "level", &number))
        label = arena_printf(r->a, "%lld", (long long)int_of(number));
    enum log_level level = log_level_of(label);
    return level ? log_level_name(level) : clean_or_null(r->a, label, LABEL_COLS);
}

/* What Pino says; another program's line as it is. */
static void take_words(const struct reader *r, const char *line, struct log_line *ret) {
    struct err ignored;
    struct json *pino =
        *line == '{' ? json_parse(line, strlen(line), LOG_ANSWER_MAX, &ignored) : NULL;
    const char *msg = json_string(pino, "msg");
    double code;
    ret->service = clean_or_null(r->a, field(r, pino, "service"), LABEL_COLS);
    ret->context = clean_or_null(r->a, field(r, pino, "context"), LABEL_COLS);
    ret->level = level_of(r, pino);
    ret->message = clean_or_null(r->a, msg ? msg : line, LOG_MESSAGE_COLS);
    ret->correlation_id = clean_or_null(r->a, field(r, pino, "correlationId"), LABEL_COLS);
    ret->method = clean_or_null(r->a, field(r, pino, "method"), LABEL_COLS);
    ret->url = clean_or_null(r->a, field(r, pino, "url"), URL_COLS);
    ret->has_status_code = number_field(r, pino, "statusCode", &code);
    ret->status_code = ret->has_status_code ? int_of(code) : 0;
    ret->has_duration = number_field(r, pino, "duration", &ret->duration_ms);
    json_free(pino);
}

static void take_stream(struct reader *r, const struct json *j) {
    r->stream = json_get(j, "stream");
    if (!json_is_object(r->stream))
        r->stream = NULL;
    r->identity = 0;
    for (const struct json *l = json_first(r->stream); l; l = json_next(l))
        r->identity =
            mixed(mixed(r->identity, json_key(l)), json_string(l, "") ? json_string(l, "") : "");
    for (const struct json *v = json_first(json_get(j, "values")); v; v = json_next(v)) {
        struct log_line *line = &r->lines->list[r->lines->n];
        const char *bytes = json_string(v, "[1]");
        if (!bytes || !json_i64(v, "[0]", 0, INT64_MAX, &line->at_ns))
            continue;
        line->identity = mixed(r->identity, bytes) ^ (uint64_t)line->at_ns;
        take_words(r, bytes, line);
        line->place = r->lines->n++;
    }
}

static size_t count(const struct json *result) {
    size_t n = 0;
    for (const struct json *s = json_first(result); s; s = json_next(s))
        n += json_size(json_get(s, "values"));
    return n;
}

/* The newest first. Pino knows milliseconds, so many lines are of one moment: a stream keeps its
 * order. */
static int by_time(const void *a, const void *b) {
    const struct log_line *one = a, *two = b;
    if (one->at_ns != two->at_ns)
        return one->at_ns < two->at_ns ? 1 : -1;
    return one->place < two->place ? -1 : one->place > two->place;
}

void log_lines_take(const struct json *answer, struct arena *a, struct log_lines *ret) {
    const struct json *result = json_get(answer, "data.result");
    *ret = (struct log_lines){.list = arena_alloc(a, (count(result) + 1) * sizeof *ret->list)};
    struct reader r = {.a = a, .lines = ret};
    for (const struct json *s = json_first(result); s; s = json_next(s))
        take_stream(&r, s);
    qsort(ret->list, ret->n, sizeof *ret->list, by_time);
}

bool log_lines_read(const char *bytes, size_t n, struct arena *a, struct log_lines *ret,
                    struct err *err) {
    struct json *j = json_parse(bytes, n, LOG_ANSWER_MAX, err);
    if (!j)
        return false;
    bool is_answer = json_is_array(json_get(j, "data.result"));
    log_lines_take(j, a, ret);
    json_free(j);
    return is_answer || err_set(err, E_PROTOCOL, "loki.lines", "", "no lines of a log");
}
