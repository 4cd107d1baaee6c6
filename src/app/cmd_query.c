/* app/cmd_query.c - `goodgo query EXPR|PRESET [--range 1h]`: PromQL through Prometheus' API. No
 * data is said, never shown as zero. Exit 0 with data, 1 without, 2 when it cannot be asked. */
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "base/clock.h"
#include "base/jsonw.h"
#include "io/ask.h"
#include "wire/json.h"
#include "wire/url.h"

#define ANSWER_MAX ((size_t)8 << 20)
#define POINTS     60
#define SERIES_MAX 200

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

static const char *expression_of(const char *given) {
    for (size_t i = 0; i < ARRAY_LEN(presets); i++)
        if (!strcmp(presets[i].name, given))
            return presets[i].expression;
    return given;
}

static bool parse_range(const char *s, int64_t *ret_s) {
    static const char units[] = "smhd";
    static const int64_t seconds[] = {1, 60, 3600, 86400};
    char digits[16];
    long long n;
    size_t len = strlen(s);
    const char *unit = len > 1 ? strchr(units, s[len - 1]) : NULL;
    if (!unit || len > sizeof digits)
        return false;
    str_copy(digits, len, s);
    if (!str_to_i64(digits, 1, 100000, &n))
        return false;
    *ret_s = n * seconds[unit - units];
    return *ret_s <= 90 * 86400;
}

static const char *make_url(struct app_context *app, const char *expression, int64_t range_s) {
    struct str url;
    str_init(&url, 65536);
    int64_t now_s = clock_wall_ms() / 1000, step_s = range_s / POINTS > 0 ? range_s / POINTS : 1;
    int64_t first_s = (now_s - range_s) / step_s * step_s, last_s = now_s / step_s * step_s;
    str_printf(&url, "%s/api/v1/query%s?query=", app->settings->prometheus_url,
               range_s ? "_range" : "");
    url_escape(&url, expression, strlen(expression));
    if (range_s) /* aligned to the step, so that the graph holds still */
        str_printf(&url, "&start=%lld&end=%lld&step=%lld", (long long)first_s, (long long)last_s,
                   (long long)step_s);
    const char *copy = arena_strdup(&app->arena, str_get(&url));
    str_done(&url);
    return copy;
}

static struct reply ask(struct app_context *app, const char *url) {
    struct reply reply = {0};
    struct ask *a = ask_new("goodgo-console", -1);
    struct exchange ex = {.kind = EXCHANGE_HTTP,
                          .http = {.url = url, .max_body_bytes = ANSWER_MAX}};
    uint32_t timeout_ms = app->options.timeout_ms ? app->options.timeout_ms : 10000;
    if (!ask_once(a, &ex, &app->arena, timeout_ms, &reply, &reply.err))
        reply.ok = false;
    ask_free(a);
    return reply;
}

/* {__name__="up",job="x"} as up{job="x"}. */
static struct text series_name(struct arena *a, const struct json *metric) {
    struct str name;
    str_init(&name, 1000);
    const char *base = json_string(metric, "__name__");
    str_puts(&name, base ? base : "");
    str_putc(&name, '{');
    bool first = true;
    for (const struct json *j = json_first(metric); j; j = json_next(j)) {
        if (!strcmp(json_key(j), "__name__"))
            continue;
        str_printf(&name, "%s%s=\"%s\"", first ? "" : ",", json_key(j),
                   json_string(j, "") ? json_string(j, "") : "");
        first = false;
    }
    str_putc(&name, '}');
    struct text t = text_cleanz(a, str_get(&name));
    str_done(&name);
    return t;
}

static void add_spark(struct str *out, const struct json *values) {
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double lowest = 1e300, highest = -1e300, d;
    for (const struct json *v = json_first(values); v; v = json_next(v))
        if (json_double(v, "[1]", &d) && d == d) {
            lowest = d < lowest ? d : lowest;
            highest = d > highest ? d : highest;
        }
    if (highest < lowest)
        return;
    for (const struct json *v = json_first(values); v; v = json_next(v)) {
        bool known = json_double(v, "[1]", &d) && d == d;
        double share = highest > lowest ? (d - lowest) / (highest - lowest) : 0;
        str_puts(out, known ? bars[(int)(share * 7.0)] : " ");
    }
    str_printf(out, "  min %.6g  max %.6g", lowest, highest);
}

static void write_lines(struct arena *a, const struct json *result, struct str *out) {
    uint32_t n = 0;
    for (const struct json *j = json_first(result); j && n < SERIES_MAX; j = json_next(j), n++) {
        const char *value = json_string(j, "value[1]");
        if (value)
            str_printf(out, "%-24s  ", text_clean(a, value, strlen(value), 40).s);
        str_printf(out, "%s\n", series_name(a, json_get(j, "metric")).s);
        if (json_get(j, "values")) {
            str_puts(out, "  ");
            add_spark(out, json_get(j, "values"));
            str_putc(out, '\n');
        }
    }
    if (json_size(result) > SERIES_MAX)
        str_printf(out, "... %zu series in all; --json shows every one\n", json_size(result));
}

static void write_points(struct jsonw *w, const struct json *pair) {
    double at, d;
    const char *value = json_string(pair, "[1]");
    jsonw_open(w, '[');
    jsonw_real(w, json_double(pair, "[0]", &at) ? at : 0);
    if (json_double(pair, "[1]", &d) && d - d == 0)
        jsonw_real(w, d);
    else
        jsonw_string(w, value);
    jsonw_close(w, ']');
}

static void write_series(struct jsonw *w, const struct json *j) {
    jsonw_open(w, '{');
    jsonw_key(w, "labels");
    jsonw_open(w, '{');
    for (const struct json *label = json_first(json_get(j, "metric")); label;
         label = json_next(label)) {
        jsonw_key(w, json_key(label));
        jsonw_string(w, json_string(label, ""));
    }
    jsonw_close(w, '}');
    jsonw_key(w, "points");
    jsonw_open(w, '[');
    if (json_get(j, "value"))
        write_points(w, json_get(j, "value"));
    for (const struct json *p = json_first(json_get(j, "values")); p; p = json_next(p))
        write_points(w, p);
    jsonw_close(w, ']');
    jsonw_close(w, '}');
}

static void write_json(const char *expression, const struct json *data, struct str *out) {
    struct jsonw w;
    const char *type = json_string(data, "resultType");
    const struct json *result = json_get(data, "result");
    bool scalar = type && (!strcmp(type, "scalar") || !strcmp(type, "string"));
    jsonw_init(&w, out, true);
    jsonw_open(&w, '{');
    jsonw_key(&w, "schema");
    jsonw_string(&w, "goodgo.query/1");
    jsonw_key(&w, "expression");
    jsonw_string(&w, expression);
    jsonw_key(&w, "resultType");
    jsonw_string(&w, type);
    jsonw_key(&w, "series");
    jsonw_open(&w, '[');
    if (scalar) {
        jsonw_open(&w, '{');
        jsonw_key(&w, "points");
        jsonw_open(&w, '[');
        write_points(&w, result);
        jsonw_close(&w, ']');
        jsonw_close(&w, '}');
    }
    for (const struct json *j = scalar ? NULL : json_first(result); j; j = json_next(j))
        write_series(&w, j);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

/* Prometheus' own words where it has some: "parse error: ..." is what a person needs. */
static int refused(const struct app_context *app, const struct json *root,
                   const struct reply *reply) {
    struct err err;
    const char *why = json_string(root, "error");
    err_set(&err, reply->http.status == 503 ? E_NOT_READY : E_CONFIG, "query",
            app->settings->prometheus_url, "%s", why ? why : "an answer that is not Prometheus'");
    if (why)
        err.todo = "correct the expression";
    return app_fail(&err, EXIT_USAGE);
}

static int show(struct app_context *app, const char *expression, const struct json *root) {
    const struct json *data = json_get(root, "data"), *result = json_get(data, "result");
    const char *type = json_string(data, "resultType"), *scalar = json_string(result, "[1]");
    bool is_scalar = type && (!strcmp(type, "scalar") || !strcmp(type, "string"));
    bool empty = !json_size(result);
    struct str out;
    str_init(&out, (size_t)32 << 20);
    if (app->options.json)
        write_json(expression, data, &out);
    else if (empty)
        str_puts(&out, "no data: no series matches (that is not zero)\n");
    else if (is_scalar)
        str_printf(&out, "%s\n", text_cleanz(&app->arena, scalar).s);
    else
        write_lines(&app->arena, result, &out);
    int code = !app_print(&out) ? EXIT_USAGE : empty ? EXIT_FAILED : EXIT_DONE;
    str_done(&out);
    return code;
}

static int query(struct app_context *app, const char *expression, int64_t range_s) {
    struct err err;
    struct reply reply = ask(app, make_url(app, expression, range_s));
    if (!reply.ok)
        return app_fail(&reply.err, EXIT_USAGE);
    struct json *root = json_parse(reply.http.body, reply.http.body_len, ANSWER_MAX, &err);
    if (!root) {
        err_set(&err, reply.http.status == 503 ? E_NOT_READY : E_WRONG_THING, "query",
                app->settings->prometheus_url, "HTTP %d and no JSON", reply.http.status);
        return app_fail(&err, EXIT_USAGE);
    }
    const char *status = json_string(root, "status");
    int code = status && !strcmp(status, "success") ? show(app, expression, root)
                                                    : refused(app, root, &reply);
    json_free(root);
    return code;
}

int cmd_query(struct app_context *app) {
    struct err err;
    int64_t range_s = 0;
    if (app->argc != 1) {
        err_set(&err, E_CONFIG, "query", "",
                "give one expression in quotes, or a preset: p99 p95 p50 error-rate request-rate "
                "api-memory api-cpu pg-active redis-memory typesense-documents");
        return app_fail(&err, EXIT_USAGE);
    }
    if (app->options.range && !parse_range(app->options.range, &range_s)) {
        err_set(&err, E_CONFIG, "query", app->options.range,
                "a range is a number and s, m, h or d, at most 90d");
        return app_fail(&err, EXIT_USAGE);
    }
    if (!app->settings->prometheus_url) {
        err_set(&err, E_CONFIG, "query", "",
                "this platform has no Prometheus: set GOODGO_PROMETHEUS_URL");
        return app_fail(&err, EXIT_USAGE);
    }
    return query(app, expression_of(app->argv[0]), range_s);
}
