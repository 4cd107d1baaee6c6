/* probe/prometheus.c - metrics: is it healthy, does it scrape, which alerts stand, and the
 * runbook's queries. Runbook: GET /-/healthy, 15 s interval, 3 retries; the time-out is not given,
 * so 5 s. The console asks each 10 s; all presets are one query (joined with `or`), each 15 s;
 * rules, versions and the head's size each 60 s.
 *
 * Metrics: ready, version, retention, series, targets_up, targets_down, rules, alerts_firing,
 * alerts_pending; presets: p99_s, p95_s, p50_s, error_pct, request_rate, container_memory_bytes,
 * container_cpu, pg_active, redis_memory_mb, typesense_documents (not known where there is no
 * series). Tables: targets(job, instance, health, last_scrape_age, error), rules(name, state,
 * health, for, severity, query), alerts(name, state, severity, since, value, summary, runbook),
 * presets(name, expression, value, state). */
#include "codec/probe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "http_priv.h"
#include "prom_priv.h"

#define MAX_ROWS       1000
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

/* ---- the API: {"status":"success","data":...} ---- */

bool prom_ask(struct probe_run *run, struct exchange *ex, const char *path) {
    ask_get(run, ex, run->settings->prometheus_url, path);
    ex->http.max_body_bytes = PROBE_MAX_JSON_BYTES;
    return true;
}

/* The document and its `data`; NULL with err for anything but success. An error of its own (bad
 * query, time-out) is JSON too: its sentence is what matters. */
struct json *prom_data(struct probe_run *run, const struct reply *reply, const char *path,
                       const struct json **ret_data, struct err *err) {
    const char *url = probe_url(run, run->settings->prometheus_url, path);
    struct json *j = answer_json(run, url, &reply->http, "an API answer of Prometheus", err);
    if (!j)
        return NULL;
    const char *status = json_string(j, "status"), *why = json_string(j, "error");
    *ret_data = json_get(j, "data");
    if (status && strcmp(status, "success") == 0 && *ret_data)
        return j;
    if (why)
        err_set(err, E_PROTOCOL, "prometheus.api", url, "it refuses: %.150s", why);
    else
        err_set(err, E_WRONG_THING, "prometheus.api", url, "no data in the answer");
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
    struct json *j = prom_data(run, reply, "/api/v1/status/runtimeinfo", &data, err);
    if (!j)
        return false;
    take_text(out, data, "storageRetention", "retention");
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

/* ---- targets ---- */

static const struct column target_columns[] = {
    {"job", "JOB", UNIT_NONE, 0, 0},       {"instance", "INSTANCE", UNIT_NONE, 0, 0},
    {"health", "HEALTH", UNIT_NONE, 7, 0}, {"last_scrape_age", "SCRAPED", UNIT_SECONDS, 7, 1},
    {"error", "ERROR", UNIT_NONE, 0, 2},
};

static bool targets_request(struct probe_run *run, struct exchange *ex) {
    return prom_ask(run, ex, "/api/v1/targets?state=active");
}

static const char *or_dash(const char *s) {
    return s && s[0] ? s : "-";
}

static void add_target(struct probe_run *run, struct reading *out, struct table *t,
                       const struct json *j) {
    const char *health = or_dash(json_string(j, "health"));
    const char *job = or_dash(json_string(j, "labels.job"));
    const char *instance = or_dash(json_string(j, "labels.instance"));
    const char *scraped = json_string(j, "lastScrape");
    bool up = strcmp(health, "up") == 0, down = strcmp(health, "down") == 0;
    struct row *row = table_add_row(out, t, arena_printf(run->arena, "%s %s", job, instance),
                                    up     ? HEALTH_OK
                                    : down ? HEALTH_WARNING
                                           : HEALTH_UNKNOWN);
    int64_t at_ms;
    row_text(out, row, 0, job);
    row_text(out, row, 1, instance);
    row_text(out, row, 2, health);
    /* Never scraped is the year 1. */
    if (scraped && clock_parse_rfc3339(scraped, &at_ms) && at_ms > 0 && at_ms <= run->now_wall_ms)
        row_int(row, 3, (run->now_wall_ms - at_ms) / 1000);
    row_text(out, row, 4, json_string(j, "lastError"));
    if (down)
        reading_finding(out, HEALTH_WARNING, "target_down", "see why that address does not answer",
                        "it cannot scrape %.30s at %.40s", job, instance);
}

static bool targets_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    const struct json *data;
    struct json *j = prom_data(run, reply, "/api/v1/targets?state=active", &data, err);
    if (!j)
        return false;
    int64_t up = 0, down = 0;
    struct table *t =
        reading_add_table(out, "targets", "Targets", target_columns, ARRAY_LEN(target_columns));
    const struct json *active = json_get(data, "activeTargets");
    for (const struct json *a = json_first(active); a && t->n_rows < MAX_ROWS; a = json_next(a)) {
        const char *health = json_string(a, "health");
        up += health && strcmp(health, "up") == 0;
        down += health && strcmp(health, "down") == 0;
        add_target(run, out, t, a);
    }
    reading_int(out, "targets_up", UNIT_COUNT, up);
    reading_int(out, "targets_down", UNIT_COUNT, down);
    json_free(j);
    return true;
}

/* ---- alerts ---- */

static const struct column alert_columns[] = {
    {"name", "ALERT", UNIT_NONE, 0, 0},        {"state", "STATE", UNIT_NONE, 7, 0},
    {"severity", "SEVERITY", UNIT_NONE, 8, 1}, {"since", "SINCE", UNIT_TIME, 7, 0},
    {"value", "VALUE", UNIT_NONE, 8, 1},       {"summary", "SUMMARY", UNIT_NONE, 0, 2},
    {"runbook", "RUNBOOK", UNIT_NONE, 0, 3},
};

static bool alerts_request(struct probe_run *run, struct exchange *ex) {
    return prom_ask(run, ex, "/api/v1/alerts");
}

static bool is_text(const struct json *j, const char *path, const char *expected) {
    const char *s = json_string(j, path);
    return s && strcmp(s, expected) == 0;
}

/* Name{label="value",...} without what every alert has: what a person calls it, and unique. */
static const char *alert_key(struct probe_run *run, const struct json *alert) {
    const char *key = or_dash(json_string(alert, "labels.alertname"));
    const char *comma = "{";
    uint32_t n = 0;
    for (const struct json *l = json_first(json_get(alert, "labels")); l; l = json_next(l)) {
        const char *name = json_key(l), *value = json_string(l, "");
        if (!name || !value || !strcmp(name, "alertname") || !strcmp(name, "severity") || n++ > 7)
            continue;
        key = arena_printf(run->arena, "%s%s%s=\"%.60s\"", key, comma, name, value);
        comma = ",";
    }
    return *comma == ',' ? arena_printf(run->arena, "%s}", key) : key;
}

static const char *first_annotation(const struct json *alert, const char *a, const char *b) {
    const struct json *notes = json_get(alert, "annotations");
    const char *s = json_string(notes, a);
    return s ? s : json_string(notes, b);
}

static enum health alert_health(const struct json *alert) {
    if (!is_text(alert, "state", "firing"))
        return HEALTH_UNKNOWN; /* pending: not sure yet */
    return is_text(alert, "labels.severity", "critical") ? HEALTH_CRITICAL : HEALTH_WARNING;
}

static void add_alert(struct probe_run *run, struct reading *out, struct table *t,
                      const struct json *alert) {
    enum health health = alert_health(alert);
    const char *key = alert_key(run, alert), *since = json_string(alert, "activeAt");
    const char *what = first_annotation(alert, "summary", "description");
    struct row *row = table_add_row(out, t, key, health);
    int64_t at_ms;
    double value;
    row_text(out, row, 0, json_string(alert, "labels.alertname"));
    row_text(out, row, 1, json_string(alert, "state"));
    row_text(out, row, 2, json_string(alert, "labels.severity"));
    if (since && clock_parse_rfc3339(since, &at_ms) && at_ms > 0)
        row_int(row, 3, at_ms / 1000);
    if (json_double(alert, "value", &value))
        row_real(row, 4, value);
    row_text(out, row, 5, what);
    row_text(out, row, 6, first_annotation(alert, "runbook_url", "runbook"));
}

static const char *cell_word(const struct row *row, uint32_t column, const char *other) {
    return row->cells[column].kind == VALUE_TEXT ? row->cells[column].t.s : other;
}

static bool same_alert(const struct row *a, const struct row *b) {
    return a->health == b->health && strcmp(cell_word(a, 0, "-"), cell_word(b, 0, "-")) == 0;
}

/* "alert ApiLatencyP99High: p99 is above 1 s": one finding for a rule, however many routes it fires
 * for; the table has them all. */
static void firing_finding(struct reading *out, const struct table *t, uint32_t first) {
    const struct row *row = &t->rows[first];
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_rows; i++) {
        n += same_alert(&t->rows[i], row);
        if (n == 1 && i < first)
            return; /* its first row has said it */
    }
    char times[24] = "";
    if (n > 1)
        snprintf(times, sizeof times, ", %u of them", n);
    bool has_summary = row->cells[5].kind == VALUE_TEXT;
    reading_finding(out, row->health, "alert_firing",
                    "`goodgo alerts`, or the screen Alerts: each with its runbook",
                    "alert %.80s%s%s%.120s", has_summary ? cell_word(row, 0, "-") : row->key.s,
                    times, has_summary ? ": " : "", cell_word(row, 5, ""));
}

/* The worst first: who looks at the first row sees what matters. */
static bool alerts_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    static const enum health order[] = {HEALTH_CRITICAL, HEALTH_WARNING, HEALTH_UNKNOWN};
    const struct json *data;
    struct json *j = prom_data(run, reply, "/api/v1/alerts", &data, err);
    if (!j)
        return false;
    int64_t count[HEALTH_COUNT] = {0};
    const struct json *alerts = json_get(data, "alerts");
    struct table *t =
        reading_add_table(out, "alerts", "Alerts", alert_columns, ARRAY_LEN(alert_columns));
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        for (const struct json *a = json_first(alerts); a; a = json_next(a)) {
            bool stands = is_text(a, "state", "firing") || is_text(a, "state", "pending");
            if (!stands || alert_health(a) != order[i])
                continue;
            count[order[i]]++;
            if (t->n_rows < MAX_ROWS)
                add_alert(run, out, t, a);
        }
    for (uint32_t i = 0; i < t->n_rows; i++)
        if (t->rows[i].health != HEALTH_UNKNOWN)
            firing_finding(out, t, i);
    reading_int(out, "alerts_firing", UNIT_COUNT, count[HEALTH_CRITICAL] + count[HEALTH_WARNING]);
    reading_int(out, "alerts_pending", UNIT_COUNT, count[HEALTH_UNKNOWN]);
    json_free(j);
    return true;
}

/* ---- rules ---- */

static const struct column rule_columns[] = {
    {"name", "RULE", UNIT_NONE, 0, 0},         {"state", "STATE", UNIT_NONE, 8, 0},
    {"health", "HEALTH", UNIT_NONE, 7, 1},     {"for", "FOR", UNIT_SECONDS, 6, 1},
    {"severity", "SEVERITY", UNIT_NONE, 8, 2}, {"query", "QUERY", UNIT_NONE, 0, 3},
};

static bool rules_request(struct probe_run *run, struct exchange *ex) {
    return prom_ask(run, ex, "/api/v1/rules");
}

static enum health rule_health(const struct json *rule) {
    if (is_text(rule, "health", "err"))
        return HEALTH_WARNING;
    if (is_text(rule, "state", "firing"))
        return is_text(rule, "labels.severity", "critical") ? HEALTH_CRITICAL : HEALTH_WARNING;
    return is_text(rule, "state", "pending") ? HEALTH_UNKNOWN : HEALTH_OK;
}

static void add_rule(struct reading *out, struct table *t, const struct json *rule) {
    const char *name = or_dash(json_string(rule, "name"));
    double wait_s;
    struct row *row = table_add_row(out, t, name, rule_health(rule));
    row_text(out, row, 0, name);
    row_text(out, row, 1,
             json_string(rule, "state") ? json_string(rule, "state") : json_string(rule, "type"));
    row_text(out, row, 2, json_string(rule, "health"));
    if (json_double(rule, "duration", &wait_s))
        row_real(row, 3, wait_s);
    row_text(out, row, 4, json_string(rule, "labels.severity"));
    row_text(out, row, 5, json_string(rule, "query"));
    if (is_text(rule, "health", "err"))
        reading_finding(out, HEALTH_WARNING, "rule_error", "see the rule's query",
                        "rule %.60s fails", name);
}

static bool rules_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    const struct json *data;
    struct json *j = prom_data(run, reply, "/api/v1/rules", &data, err);
    if (!j)
        return false;
    struct table *t =
        reading_add_table(out, "rules", "Rules", rule_columns, ARRAY_LEN(rule_columns));
    for (const struct json *g = json_first(json_get(data, "groups")); g; g = json_next(g))
        for (const struct json *r = json_first(json_get(g, "rules")); r && t->n_rows < MAX_ROWS;
             r = json_next(r))
            add_rule(out, t, r);
    reading_int(out, "rules", UNIT_COUNT, t->n_rows);
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
        if (is_text(s, "metric.preset", metric) && json_double(s, "value[1]", &value)) {
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
    {"targets", 10000, 0, false, targets_request, targets_parse},
    {"alerts", 10000, 0, false, alerts_request, alerts_parse},
    {"rules", 60000, 0, false, rules_request, rules_parse},
    {"version", 60000, 0, false, version_request, version_parse},
    {"runtime", 60000, 0, false, runtime_request, runtime_parse},
    {"series", 60000, 0, false, series_request, series_parse},
    {"past", 300000, 0, false, prom_past_request, prom_past_parse},
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
    show_metric(r, "targets_up", up, sizeof up);
    show_metric(r, "targets_down", down, sizeof down);
    show_metric(r, "alerts_firing", firing, sizeof firing);
    v->summary = text_printf(run->arena, "%s targets up  %s down  %s firing", up, down, firing);
    judge_traffic(r);
    judge_by_findings(run, r, v);
}

static void shell(const struct settings *s, const char *table, char *buf, size_t size) {
    static const struct shell_words questions[] = {
        {"alerts", "/api/v1/alerts"},
        {"rules", "/api/v1/rules?type=alert"},
        {"targets", "/api/v1/targets?state=active"},
        {"presets", "/api/v1/query' -G --data-urlencode 'query=sum(rate(http_requests_total[5m]))"},
        {NULL, "/-/healthy"},
    };
    snprintf(buf, size, "curl -sS -m 5 '%s%s'", s->prometheus_url ? s->prometheus_url : "",
             shell_pick(questions, table));
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
    .key_metric = "p99_s",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "GOODGO_PROMETHEUS_URL",
};
