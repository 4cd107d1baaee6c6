/* app/query.c - presets, addresses and answers of PromQL; see query.h. Labels and values are
 * outside bytes: cleaned for people, escaped for JSON, and no shape of them is trusted. */
#include "app/query.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "wire/json.h"
#include "wire/url.h"

#define POINTS     60
#define SERIES_MAX 200
#define BARS_MAX   400

/* R142 to R148 of the runbook, by a name a person can type. */
static const struct {
    const char *name, *expression;
} presets[] = {
    {"p99",
     "histogram_quantile(0.99, sum(rate(goodgo_api_request_duration_seconds_bucket[5m])) by (le))"},
    {"p95",
     "histogram_quantile(0.95, sum(rate(goodgo_api_request_duration_seconds_bucket[5m])) by (le))"},
    {"p50",
     "histogram_quantile(0.50, sum(rate(goodgo_api_request_duration_seconds_bucket[5m])) by (le))"},
    {"error-rate", "(sum(rate(http_requests_total{status_code=~\"5..\"}[5m])) / "
                   "sum(rate(http_requests_total[5m]))) * 100"},
    {"request-rate", "sum(rate(http_requests_total[5m]))"},
    {"api-memory", "container_memory_usage_bytes{name=\"goodgo-api\"}"},
    {"api-cpu", "rate(container_cpu_usage_seconds_total{name=\"goodgo-api\"}[5m])"},
    {"pg-active", "pg_stat_activity_count{state=\"active\"}"},
    {"redis-memory", "redis_memory_used_bytes / 1024 / 1024"},
    {"typesense-documents", "typesense_documents_count{collection=\"listings\"}"},
};

const char *query_expression(const char *given) {
    for (size_t i = 0; i < ARRAY_LEN(presets); i++)
        if (!strcmp(presets[i].name, given))
            return presets[i].expression;
    return given;
}

void query_preset_names(struct str *out) {
    for (size_t i = 0; i < ARRAY_LEN(presets); i++)
        str_printf(out, "%s%s", i ? " " : "", presets[i].name);
}

/* Of the names of presets; NULL where it is near to none of them. */
static const char *nearest_preset(const char *word) {
    const char *best = NULL;
    uint32_t best_off = 3; /* a slip of the finger or two */
    for (size_t i = 0; i < ARRAY_LEN(presets); i++) {
        uint32_t off = str_edits(word, presets[i].name);
        if (off >= best_off || 2 * off >= strlen(word))
            continue;
        best = presets[i].name;
        best_off = off;
    }
    return best;
}

/* An expression of one word is a metric's name, and may have been meant as a preset's. */
static void add_presets(struct str *out, const char *expression) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    if (expression[strspn(expression, letters)])
        return;
    const char *meant = nearest_preset(expression);
    str_printf(out, "%s is no preset%s%s%s The presets: ", expression,
               meant ? ": did you mean " : "", meant ? meant : "", meant ? "?" : ".");
    query_preset_names(out);
    str_putc(out, '\n');
}

bool query_range_parse(const char *s, int64_t *ret_s) {
    static const char units[] = "smhd";
    static const int64_t seconds[] = {1, 60, 3600, 86400};
    char digits[16];
    int64_t n;
    size_t len = strlen(s);
    const char *unit = len > 1 ? strchr(units, s[len - 1]) : NULL;
    if (!unit || len > sizeof digits)
        return false;
    str_copy(digits, len, s);
    if (!str_to_i64(digits, 1, 100000000, &n) || n * seconds[unit - units] > INT64_C(90) * DAY_S)
        return false;
    *ret_s = n * seconds[unit - units];
    return true;
}

bool query_range_given(const char *op, const char *range, int64_t *ret_s, struct err *err) {
    return !range || query_range_parse(range, ret_s) ||
           err_set(err, E_CONFIG, op, range, "a range is a number and s, m, h or d, at most 90d");
}

const char *query_url(struct arena *a, const char *base, const char *expression, int64_t range_s,
                      int64_t now_s) {
    struct str url;
    str_init(&url, 65536);
    int64_t step_s = range_s / POINTS > 0 ? range_s / POINTS : 1;
    int64_t first_s = (now_s - range_s) / step_s * step_s, last_s = now_s / step_s * step_s;
    str_printf(&url, "%s/api/v1/query%s?query=", base, range_s ? "_range" : "");
    url_escape(&url, expression, strlen(expression));
    if (range_s)
        str_printf(&url, "&start=%lld&end=%lld&step=%lld", (long long)first_s, (long long)last_s,
                   (long long)step_s);
    const char *copy = url.toobig ? NULL : arena_strdup(a, str_get(&url));
    str_done(&url);
    return copy;
}

static const struct json *first_label(const struct json *series) {
    const struct json *metric = json_get(series, "metric");
    return json_is_object(metric) ? json_first(metric) : NULL;
}

/* {__name__="up",job="x"} as up{job="x"}. */
static struct text series_name(struct arena *a, const struct json *series) {
    struct str name;
    str_init(&name, 1000);
    const char *base = json_string(series, "metric.__name__"), *comma = "";
    str_printf(&name, "%.500s{", base ? base : "");
    for (const struct json *l = first_label(series); l; l = json_next(l)) {
        const char *value = json_string(l, "");
        if (!strcmp(json_key(l), "__name__"))
            continue;
        str_printf(&name, "%s%s=\"%s\"", comma, json_key(l), value ? value : "");
        comma = ",";
    }
    str_putc(&name, '}');
    struct text t = text_cleanz(a, str_get(&name));
    str_done(&name);
    return t;
}

/* A figure that can be drawn: NaN and the infinities leave a gap. */
static bool point_of(const struct json *pair, double *ret_d) {
    return json_double(pair, "[1]", ret_d) && *ret_d - *ret_d == 0;
}

struct course {
    uint32_t n; /* points that are figures */
    double first, last, lowest, highest;
};

static struct course course_of(const struct json *values) {
    struct course c = {0};
    double d;
    for (const struct json *v = json_first(values); v; v = json_next(v)) {
        if (!point_of(v, &d))
            continue;
        c.lowest = !c.n || d < c.lowest ? d : c.lowest;
        c.highest = !c.n || d > c.highest ? d : c.highest;
        c.first = c.n ? c.first : d;
        c.last = d;
        c.n++;
    }
    return c;
}

static void add_bars(struct str *out, const struct json *values, const struct course *c) {
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    /* Halves: the distance of two extremes may be no double any more. */
    double height = c->highest / 2 - c->lowest / 2, d;
    uint32_t n = 0;
    for (const struct json *v = json_first(values); v && n++ < BARS_MAX; v = json_next(v)) {
        double share = point_of(v, &d) && height > 0 ? (d / 2 - c->lowest / 2) / height : 0;
        str_puts(out, point_of(v, &d) ? bars[(int)(share * 7)] : " ");
    }
}

/* One line: the course of a series, and its figures. */
static void add_course(struct str *out, const struct json *values, bool drawn) {
    struct course c = course_of(values);
    str_puts(out, "  ");
    if (c.n && drawn)
        add_bars(out, values, &c);
    else if (c.n)
        str_printf(out, "%s, from %.6g to %.6g", COUNTED(c.n, "point"), c.first, c.last);
    if (c.n)
        str_printf(out, "  min %.6g  max %.6g", c.lowest, c.highest);
    str_putc(out, '\n');
}

/* A native histogram has no one figure: how many it counts, and the sum of them. */
static bool histogram_words(const struct json *pair, char *out, size_t size) {
    const char *count = json_string(pair, "[1].count"), *sum = json_string(pair, "[1].sum");
    if (count && sum)
        snprintf(out, size, "count %.30s, sum %.30s", count, sum);
    return count && sum;
}

static void add_histograms(struct arena *a, struct str *out, const struct json *pairs) {
    char words[80], last[80] = "of another shape";
    for (const struct json *p = json_first(pairs); p; p = json_next(p))
        if (histogram_words(p, words, sizeof words))
            str_copy(last, sizeof last, words);
    str_printf(out, "  %s, the last: %s\n", COUNTED(json_size(pairs), "histogram"),
               text_cleanz(a, last).s);
}

static void write_lines(struct arena *a, const struct json *result, bool drawn, struct str *out) {
    uint32_t n = 0;
    char words[80];
    for (const struct json *j = json_first(result); j && n < SERIES_MAX; j = json_next(j), n++) {
        const char *value = json_string(j, "value[1]");
        if (histogram_words(json_get(j, "histogram"), words, sizeof words))
            value = words;
        if (value)
            str_printf(out, "%-24s  ", text_clean(a, value, strlen(value), 40).s);
        str_printf(out, "%s\n", series_name(a, j).s);
        if (json_get(j, "values"))
            add_course(out, json_get(j, "values"), drawn);
        if (json_get(j, "histograms"))
            add_histograms(a, out, json_get(j, "histograms"));
    }
    if (json_size(result) > SERIES_MAX)
        str_printf(out, "... %zu series in all; --json shows every one\n", json_size(result));
}

static void write_points(struct jsonw *w, const struct json *pair) {
    double at, d;
    const char *value = json_string(pair, "[1]");
    char words[80];
    if (histogram_words(pair, words, sizeof words))
        value = words;
    jsonw_open(w, '[');
    jsonw_real(w, json_double(pair, "[0]", &at) ? at : 0);
    if (json_double(pair, "[1]", &d) && d - d == 0)
        jsonw_real(w, d);
    else
        jsonw_string(w, value);
    jsonw_close(w, ']');
}

static void write_series(struct jsonw *w, const struct json *j) {
    static const struct {
        const char *one, *many;
    } kinds[] = {{"value", "values"}, {"histogram", "histograms"}};
    jsonw_open(w, '{');
    jsonw_key(w, "labels");
    jsonw_open(w, '{');
    for (const struct json *l = first_label(j); l; l = json_next(l))
        jsonw_put_string(w, json_key(l), json_string(l, ""));
    jsonw_close(w, '}');
    jsonw_key(w, "points");
    jsonw_open(w, '[');
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (json_get(j, kinds[i].one))
            write_points(w, json_get(j, kinds[i].one));
        for (const struct json *p = json_first(json_get(j, kinds[i].many)); p; p = json_next(p))
            write_points(w, p);
    }
    jsonw_close(w, ']');
    jsonw_close(w, '}');
}

static bool is_scalar(const struct json *data) {
    const char *type = json_string(data, "resultType");
    return type && (!strcmp(type, "scalar") || !strcmp(type, "string"));
}

static void write_json(const char *expression, const struct json *data, struct str *out) {
    struct jsonw w;
    const struct json *result = json_get(data, "result");
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.query/1");
    jsonw_put_string(&w, "expression", expression);
    jsonw_put_string(&w, "resultType", json_string(data, "resultType"));
    jsonw_key(&w, "series");
    jsonw_open(&w, '[');
    if (is_scalar(data)) {
        jsonw_open(&w, '{');
        jsonw_key(&w, "points");
        jsonw_open(&w, '[');
        write_points(&w, result);
        jsonw_close(&w, ']');
        jsonw_close(&w, '}');
    }
    for (const struct json *j = is_scalar(data) ? NULL : json_first(result); j; j = json_next(j))
        write_series(&w, j);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

static void write_nothing(const char *expression, struct str *out) {
    str_puts(out, "no data: no series matches (that is not zero)\n");
    add_presets(out, expression);
}

static void write_people(struct arena *a, const char *expression, const struct json *data,
                         bool drawn, struct str *out) {
    const struct json *result = json_get(data, "result");
    if (!json_size(result))
        write_nothing(expression, out);
    else if (is_scalar(data))
        str_printf(out, "%s\n", text_cleanz(a, json_string(result, "[1]")).s);
    else
        write_lines(a, result, drawn, out);
}

/* Prometheus' own words where it has some: "parse error: ..." is what a person needs. */
static bool refused(const struct json *root, const struct http_reply *reply, const char *target,
                    struct err *err) {
    const char *why = json_string(root, "error");
    err_set(err, reply->status == 503 ? E_NOT_READY : E_CONFIG, "query", target, "%s",
            why && *why ? why : "an answer that is not Prometheus'");
    if (why && *why)
        err->todo = "correct the expression";
    return false;
}

bool query_answer(const struct query_asked *q, const struct http_reply *reply, struct arena *a,
                  struct str *out, bool *ret_empty, struct err *err) {
    struct json *root = json_parse(reply->body, reply->body_len, QUERY_ANSWER_MAX, NULL);
    if (!root)
        return err_set(err, reply->status == 503 ? E_NOT_READY : E_WRONG_THING, "query", q->target,
                       "HTTP %d and no JSON", reply->status);
    const char *status = json_string(root, "status");
    const struct json *data = json_get(root, "data");
    bool ok = status && !strcmp(status, "success") && json_is_object(data);
    if (!ok)
        refused(root, reply, q->target, err);
    else if (q->form == QUERY_JSON)
        write_json(q->expression, data, out);
    else
        write_people(a, q->expression, data, q->form == QUERY_DRAWN, out);
    *ret_empty = !json_size(json_get(data, "result"));
    json_free(root);
    if (ok && out->toobig)
        return err_set(err, E_TOO_BIG, "query", q->target, "more than %zu bytes to print",
                       out->max);
    return ok;
}
