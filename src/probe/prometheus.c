/* probe/prometheus.c - metrics: is it healthy, does it scrape, which alerts stand, and the
 * runbook's queries. Runbook: GET /-/healthy, 15 s interval, 3 retries; the time-out is not given,
 * so 5 s. The console asks each 10 s; all presets are one query (joined with `or`), each 15 s;
 * rules, versions and the head's size each 60 s.
 *
 * Metrics: ready, version, retention, uptime_s, series, targets_up, targets_down,
 * targets_unscraped, targets_many (1 where only those that are down are listed), rules,
 * alerts_firing, alerts_pending; presets: p99_s, p95_s, p50_s, error_pct, request_rate,
 * container_memory_bytes, container_cpu, pg_active, redis_memory_mb, typesense_documents (not
 * known where there is no series). Tables: targets(job, instance, health, last_scrape_age, error),
 * rules(name, state, health, for, severity, query), alerts(name, state, severity, since, value,
 * summary, runbook), presets(name, expression, value, state). */
#include "codec/probe.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/shell.h"
#include "base/str.h"
#include "http_priv.h"
#include "prom_priv.h"

#define P99_WARNING_S  1.0
#define P99_CRITICAL_S 3.0
#define ERROR_PCT      1.0

/* ---- health ---- */

static bool says_it(struct probe_run *run, const struct reply *reply, const char *path,
                    struct err *err) {
    const struct http_reply *r = &reply->http;
    if (r->status == 200 && r->body_len && strstr(r->body, "Prometheus") && !answer_is_html(r))
        return true;
    probe_http_unexpected(run, probe_url(run, run->settings->prometheus_url, path), r,
                          "\"Prometheus Server is ...\"", err);
    return err_advise(err, E_NOT_READY, "it reads its log again after a start: wait a minute");
}

static bool healthy_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->prometheus_url, "/-/healthy");
}

static bool healthy_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    if (!says_it(run, reply, "/-/healthy", err))
        return false;
    reading_real(out, "healthy_ms", UNIT_MS, reply->took_ms);
    return true;
}

/* Essential too: before it is ready every question below is answered by a plain 503. */
static bool ready_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->prometheus_url, "/-/ready");
}

static bool ready_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    if (!says_it(run, reply, "/-/ready", err))
        return false;
    reading_int(out, "ready", UNIT_BOOL, 1);
    return true;
}

const char *prom_or_dash(const char *s) {
    return s && s[0] ? s : "-";
}

/* ---- the API: {"status":"success","data":...} ---- */

bool prom_ask(struct probe_run *run, struct exchange *ex, const char *path) {
    ask_get(run, ex, run->settings->prometheus_url, path);
    ex->http.max_body_bytes = PROBE_MAX_JSON_BYTES;
    return true;
}

/* An error of its own is JSON too, whatever its HTTP status: 400 a bad query, 422 one that cannot
 * be computed, 503 one that takes too long. */
static bool is_own_error(const struct http_reply *r) {
    return r->status >= 400 && r->body && str_starts(r->body, "{\"status\":\"error\"");
}

/* The document and its `data`; NULL with err for anything but success: of an error of its own the
 * sentence is what matters. */
struct json *prom_data(struct probe_run *run, const struct reply *reply, const char *path,
                       const struct json **ret_data, struct err *err) {
    const char *url = probe_url(run, run->settings->prometheus_url, path);
    struct http_reply answer = reply->http;
    if (is_own_error(&answer))
        answer.status = 200;
    struct json *j = answer_json(run, url, &answer, "an API answer of Prometheus", err);
    if (!j)
        return NULL;
    const char *status = json_string(j, "status"), *why = json_string(j, "error");
    *ret_data = json_get(j, "data");
    if (status && strcmp(status, "success") == 0 && *ret_data)
        return j;
    if (why) {
        err_set(err, E_FAILING, "prometheus.api", url, "it refuses: %.150s", why);
        err->todo = "see its load and its log, and ask it by hand: `goodgo query`";
    } else {
        err_set(err, E_WRONG_THING, "prometheus.api", url, "no data in the answer");
    }
    json_free(j);
    return NULL;
}

static bool version_request(struct probe_run *run, struct exchange *ex) {
    return prom_ask(run, ex, "/api/v1/status/buildinfo");
}

static bool version_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    const struct json *data;
    struct json *j = prom_data(run, reply, "/api/v1/status/buildinfo", &data, err);
    if (!j)
        return false;
    take_text(out, data, "version", "version");
    json_free(j);
    return true;
}

static bool runtime_request(struct probe_run *run, struct exchange *ex) {
    return prom_ask(run, ex, "/api/v1/status/runtimeinfo");
}

static bool runtime_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    const struct json *data;
    bool ok;
    int64_t started_ms;
    struct json *j = prom_data(run, reply, "/api/v1/status/runtimeinfo", &data, err);
    if (!j)
        return false;
    take_text(out, data, "storageRetention", "retention");
    const char *started = json_string(data, "startTime");
    if (started && clock_parse_rfc3339(started, &started_ms) && started_ms <= run->now_wall_ms)
        reading_int(out, "uptime_s", UNIT_SECONDS, (run->now_wall_ms - started_ms) / 1000);
    if (json_bool(data, "reloadConfigSuccess", &ok) && !ok)
        reading_finding(out, HEALTH_WARNING, "config_reload", "check it with promtool check config",
                        "the last reload of its configuration failed");
    json_free(j);
    return true;
}

static bool series_request(struct probe_run *run, struct exchange *ex) {
    return prom_ask(run, ex, "/api/v1/status/tsdb");
}

static bool series_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    const struct json *data;
    struct json *j = prom_data(run, reply, "/api/v1/status/tsdb", &data, err);
    if (!j)
        return false;
    take_count(out, data, "headStats.numSeries", "series", UNIT_COUNT);
    json_free(j);
    return true;
}

/* ---- presets: the runbook's queries ---- */

#define QUANTILE(q)                                                                                \
    "histogram_quantile(" q ", sum(rate(goodgo_api_request_duration_seconds_bucket[5m])) by (le))"
#define ALL_REQUESTS "sum(rate(http_requests_total[5m]))"

/* The share of errors is the runbook's with one addition: without any 5xx series yet it is 0 where
 * there are requests, and still nothing where there are none. */
const struct prom_preset prom_presets[PROM_PRESETS] = {
    {"p99_s", UNIT_SECONDS, QUANTILE("0.99")},
    {"p95_s", UNIT_SECONDS, QUANTILE("0.95")},
    {"p50_s", UNIT_SECONDS, QUANTILE("0.50")},
    {"error_pct", UNIT_PERCENT,
     "((sum(rate(http_requests_total{status_code=~\"5..\"}[5m])) or " ALL_REQUESTS
     " * 0) / " ALL_REQUESTS ") * 100"},
    {"request_rate", UNIT_PER_SECOND, ALL_REQUESTS},
    {"container_memory_bytes", UNIT_BYTES, "container_memory_usage_bytes{name=\"goodgo-api\"}"},
    {"container_cpu", UNIT_NONE,
     "rate(container_cpu_usage_seconds_total{name=\"goodgo-api\"}[5m])"},
    {"pg_active", UNIT_COUNT, "pg_stat_activity_count{state=\"active\"}"},
    {"redis_memory_mb", UNIT_NONE, "redis_memory_used_bytes / 1024 / 1024"},
    {"typesense_documents", UNIT_COUNT, "typesense_documents_count{collection=\"listings\"}"},
};

static const struct column preset_columns[] = {
    {"name", "PRESET", UNIT_NONE, 0, 0},
    {"expression", "EXPRESSION", UNIT_NONE, 0, 2},
    {"value", "VALUE", UNIT_NONE, 8, 0},
    {"state", "STATE", UNIT_NONE, 9, 0},
};

/* label_replace() puts the preset's name on its series, so that one answer holds them all. */
const char *prom_query(struct probe_run *run, size_t n) {
    const char *query = "", * or = "";
    for (size_t i = 0; i < n; i++) {
        query = arena_printf(run->arena, "%s%slabel_replace(%s, \"preset\", \"%s\", \"\", \"\")",
                             query, or, prom_presets[i].expression, prom_presets[i].metric);
        or = " or ";
    }
    return ask_encode(run->arena, query);
}

static const char *presets_path(struct probe_run *run) {
    return arena_printf(run->arena, "/api/v1/query?query=%s&timeout=3s",
                        prom_query(run, PROM_PRESETS));
}

static bool presets_request(struct probe_run *run, struct exchange *ex) {
    return prom_ask(run, ex, presets_path(run));
}

/* The sum over the series of a preset (a container may have several); false without any. */
static bool preset_value(const struct json *result, const char *metric, double *ret) {
    bool found = false;
    double sum = 0, value;
    for (const struct json *s = json_first(result); s; s = json_next(s))
        if (str_is(json_string(s, "metric.preset"), metric) && json_double(s, "value[1]", &value)) {
            found = true;
            sum += value;
        }
    *ret = sum;
    return found;
}

/* No series is not zero; NaN (a quantile of nothing) is not either. */
static void add_preset(struct reading *out, struct table *t, const struct prom_preset *p,
                       const struct json *result) {
    double value;
    bool found = preset_value(result, p->metric, &value);
    struct row *row = table_add_row(out, t, p->metric, HEALTH_OFF);
    if (found)
        reading_real(out, p->metric, p->unit, value);
    else
        reading_set(out, p->metric, p->unit, value_none());
    row_text(out, row, 0, p->metric);
    row_text(out, row, 1, p->expression);
    if (found)
        row_real(row, 2, value);
    row_text(out, row, 3, !found ? "no series" : isfinite(value) ? "ok" : "no data");
}

static bool presets_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    const struct json *data;
    struct json *j = prom_data(run, reply, "/api/v1/query", &data, err);
    if (!j)
        return false;
    const struct json *result = json_get(data, "result");
    struct table *t =
        reading_add_table(out, "presets", "Presets", preset_columns, ARRAY_LEN(preset_columns));
    for (size_t i = 0; i < PROM_PRESETS; i++)
        add_preset(out, t, &prom_presets[i], result);
    json_free(j);
    return true;
}

static const struct probe_stage stages[] = {
    {"healthy", 0, 0, true, healthy_request, healthy_parse},
    {"ready", 0, 0, true, ready_request, ready_parse},
    {"presets", 15000, 0, false, presets_request, presets_parse},
    {"up", 10000, 0, false, prom_up_request, prom_up_parse},
    {"targets", 10000, 0, false, prom_targets_request, prom_targets_parse},
    {"alerts", 10000, 0, false, prom_alerts_request, prom_alerts_parse},
    {"rules", 60000, 0, false, prom_rules_request, prom_rules_parse},
    {"version", 60000, 0, false, version_request, version_parse},
    {"runtime", 60000, 0, false, runtime_request, runtime_parse},
    {"series", 60000, 0, false, series_request, series_parse},
    {"past", 300000, 0, false, prom_past_request, prom_past_parse},
};
static const struct stage_words stage_words[] = {
    {"presets", "the runbook's queries"},
    {"up", "which targets are up"},
    {"past", "the past 15 minutes"},
    {NULL, NULL},
};

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no address: set GOODGO_PROMETHEUS_URL";
    return s->prometheus_url != NULL;
}

static void judge_traffic(struct reading *r) {
    double p99, errors;
    if (reading_number(r, "p99_s", &p99) && p99 > P99_WARNING_S)
        reading_finding(r, p99 > P99_CRITICAL_S ? HEALTH_CRITICAL : HEALTH_WARNING, "p99_high",
                        "see the routes in api-latency, then the database",
                        "p99 of the API is %.2f s", p99);
    if (reading_number(r, "error_pct", &errors) && errors > ERROR_PCT)
        reading_finding(r, HEALTH_WARNING, "errors_high", "see the errors in loki",
                        "%.1f %% of the requests fail with 5xx", errors);
    const struct table *rules = reading_table(r, "rules");
    if (rules && rules->n_rows == 0)
        reading_finding(r, HEALTH_WARNING, "no_rules",
                        "mount monitoring/prometheus/alert-rules.yml", "no alert rule is loaded");
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char up[32], down[32], firing[32];
    const char *unscraped = "";
    double n;
    show_counted(r, "targets_up", "target", up, sizeof up);
    show_metric(r, "targets_down", down, sizeof down);
    show_metric(r, "alerts_firing", firing, sizeof firing);
    if (reading_number(r, "targets_unscraped", &n) && n > 0)
        unscraped = arena_printf(run->arena, "  %.0f not scraped yet", n);
    v->summary =
        text_printf(run->arena, "%s up  %s down%s  %s firing", up, down, unscraped, firing);
    prom_rules_by_alerts(r);
    judge_traffic(r);
    prom_judge_jobs(run, r);
    judge_by_findings(run, r, v);
}

static void shell(const struct settings *s, const char *table, struct str *out) {
    static const struct shell_words paths[] = {
        {"alerts", "/api/v1/alerts"},
        {"rules", "/api/v1/rules?type=alert"},
        {"targets", "/api/v1/targets?state=active"},
        {"presets", "/api/v1/query"},
        {NULL, "/-/healthy"},
    };
    static const struct shell_words options[] = {
        {"presets", " -G --data-urlencode 'query=sum(rate(http_requests_total[5m]))'"},
        {NULL, ""},
    };
    str_puts(out, "curl -sS -m 5 ");
    shell_put(out, "%s%s", s->prometheus_url ? s->prometheus_url : "", shell_pick(paths, table));
    str_puts(out, shell_pick(options, table));
}

/* The API is what it scrapes and what its rules and presets are about. */
static const struct probe_echo echoes[] = {
    {"target_down", SERVICE_api}, {"errors_high", SERVICE_api}, {"alert_firing", SERVICE_api}, {0}};

extern const struct probe probe_prometheus;
const struct probe probe_prometheus = {
    .service = SERVICE_prometheus,
    .title = "Prometheus",
    .purpose = "metrics: targets, rules, alerts and the runbook's queries",
    .interval_ms = 10000,
    .timeout_ms = 5000,
    .retries = 3,
    .start_period_ms = 15000,
    .echoes = echoes,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .stage_words = stage_words,
    .key_metric = "p99_s",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "GOODGO_PROMETHEUS_URL",
};
