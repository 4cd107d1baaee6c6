/* probe/prom_alerts_lib.c - the alerts that stand, the worst first, and the rules that make them.
 */
#include "prom_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

/* ---- alerts ---- */

static const struct column alert_columns[] = {
    {"name", "ALERT", UNIT_NONE, 0, 0},        {"state", "STATE", UNIT_NONE, 7, 0},
    {"severity", "SEVERITY", UNIT_NONE, 8, 1}, {"since", "SINCE", UNIT_TIME, 7, 0},
    {"value", "VALUE", UNIT_NONE, 8, 1},       {"summary", "SUMMARY", UNIT_NONE, 0, 2},
    {"runbook", "RUNBOOK", UNIT_NONE, 0, 3},
};

bool prom_alerts_request(struct probe_run *run, struct exchange *ex) {
    return prom_ask(run, ex, "/api/v1/alerts");
}

/* Name{label="value",...} without what every alert has: what a person calls it, and unique. */
static const char *alert_key(struct probe_run *run, const struct json *alert) {
    const char *key = prom_or_dash(json_string(alert, "labels.alertname"));
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
    if (!str_is(json_string(alert, "state"), "firing"))
        return HEALTH_UNKNOWN; /* pending: not sure yet */
    return str_is(json_string(alert, "labels.severity"), "critical") ? HEALTH_CRITICAL
                                                                     : HEALTH_WARNING;
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
    return a->health == b->health && str_is(cell_word(a, 0, "-"), cell_word(b, 0, "-"));
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
    /* The platform's own rules are about its API and begin so (R49-R52): a failure of that explains
     * them, and no other. */
    bool is_api = str_starts(cell_word(row, 0, "-"), "Api");
    reading_finding(out, row->health, is_api ? "alert_firing" : "other_alert_firing",
                    "`goodgo alerts`, or the screen Alerts: each with its runbook",
                    "alert %.80s%s%s%.120s", has_summary ? cell_word(row, 0, "-") : row->key.s,
                    times, has_summary ? ": " : "", cell_word(row, 5, ""));
}

/* The worst first: who looks at the first row sees what matters. */
bool prom_alerts_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
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
            bool stands = str_is(json_string(a, "state"), "firing") ||
                          str_is(json_string(a, "state"), "pending");
            if (!stands || alert_health(a) != order[i])
                continue;
            count[order[i]]++;
            if (t->n_rows < PROM_MAX_ROWS)
                add_alert(run, out, t, a);
            else
                t->n_total++;
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

/* Without the alerts of each, which have a question of their own (2.42 does not know the word). */
#define RULES_PATH "/api/v1/rules?exclude_alerts=true"

bool prom_rules_request(struct probe_run *run, struct exchange *ex) {
    return prom_ask(run, ex, RULES_PATH);
}

enum { RULE_NAME, RULE_STATE, RULE_HEALTH, RULE_FOR, RULE_SEVERITY, RULE_QUERY };

static enum health rule_health(const struct row *rule) {
    const char *state = cell_word(rule, RULE_STATE, "");
    if (str_is(cell_word(rule, RULE_HEALTH, ""), "err"))
        return HEALTH_WARNING;
    if (str_is(state, "firing"))
        return str_is(cell_word(rule, RULE_SEVERITY, ""), "critical") ? HEALTH_CRITICAL
                                                                      : HEALTH_WARNING;
    return str_is(state, "pending") ? HEALTH_UNKNOWN : HEALTH_OK;
}

static void add_rule(struct reading *out, struct table *t, const struct json *rule) {
    const char *name = prom_or_dash(json_string(rule, "name"));
    double wait_s;
    struct row *row = table_add_row(out, t, name, HEALTH_OK);
    row_text(out, row, RULE_NAME, name);
    row_text(out, row, RULE_STATE,
             json_string(rule, "state") ? json_string(rule, "state") : json_string(rule, "type"));
    row_text(out, row, RULE_HEALTH, json_string(rule, "health"));
    if (json_double(rule, "duration", &wait_s))
        row_real(row, RULE_FOR, wait_s);
    row_text(out, row, RULE_SEVERITY, json_string(rule, "labels.severity"));
    row_text(out, row, RULE_QUERY, json_string(rule, "query"));
    row->health = rule_health(row);
    if (str_is(json_string(rule, "health"), "err"))
        reading_finding(out, HEALTH_WARNING, "rule_error", "see the rule's query",
                        "rule %.60s fails", name);
}

/* R49 to R52. */
static const char *const expected_rules[] = {"ApiLatencyP99High", "ApiEndpointLatencyP99High",
                                             "ApiLatencyP99Critical", "ApiErrorRate5xxHigh"};
#define N_EXPECTED ARRAY_LEN(expected_rules)

static void note_expected(const struct json *rule, bool found[N_EXPECTED]) {
    for (size_t i = 0; i < N_EXPECTED; i++)
        found[i] |= str_is(json_string(rule, "name"), expected_rules[i]);
}

/* What is not loaded never fires. */
static void add_missing(struct reading *out, struct table *t, const bool found[N_EXPECTED]) {
    const char *first = NULL;
    int missing = 0;
    for (size_t i = 0; i < N_EXPECTED; i++) {
        if (found[i])
            continue;
        struct row *row = table_add_row(out, t, expected_rules[i], HEALTH_WARNING);
        row_text(out, row, RULE_NAME, expected_rules[i]);
        row_text(out, row, RULE_STATE, "missing");
        first = missing++ ? first : expected_rules[i];
    }
    if (missing)
        reading_finding(out, HEALTH_WARNING, "rules_missing",
                        "see monitoring/prometheus/alert-rules.yml",
                        "%d of the %zu alert rules %s missing, for example %s", missing, N_EXPECTED,
                        missing == 1 ? "is" : "are", first);
}

bool prom_rules_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                      struct err *err) {
    const struct json *data;
    struct json *j = prom_data(run, reply, RULES_PATH, &data, err);
    if (!j)
        return false;
    struct table *t =
        reading_add_table(out, "rules", "Rules", rule_columns, ARRAY_LEN(rule_columns));
    bool found[N_EXPECTED] = {false};
    int64_t n = 0;
    for (const struct json *g = json_first(json_get(data, "groups")); g; g = json_next(g))
        for (const struct json *r = json_first(json_get(g, "rules")); r; r = json_next(r)) {
            if (n++ < (int64_t)(PROM_MAX_ROWS - N_EXPECTED))
                add_rule(out, t, r);
            else
                t->n_total++;
            note_expected(r, found);
        }
    reading_int(out, "rules", UNIT_COUNT, n);
    if (n) /* of none at all there is a finding of its own */
        add_missing(out, t, found);
    json_free(j);
    return true;
}

/* ---- both together ---- */

/* Of the rules that alert; the others have their kind there, or that they are missing. */
static bool alerts_at_all(const struct row *rule) {
    static const char *const states[] = {"inactive", "pending", "firing"};
    return str_index(states, ARRAY_LEN(states), cell_word(rule, RULE_STATE, "")) >= 0;
}

static bool has_twin(const struct table *rules, const struct row *rule) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < rules->n_rows; i++)
        n += str_is(cell_word(&rules->rows[i], RULE_NAME, "-"), cell_word(rule, RULE_NAME, "-"));
    return n > 1;
}

static const char *state_by_alerts(const struct table *alerts, const struct row *rule) {
    const char *state = "inactive";
    for (uint32_t i = 0; i < alerts->n_rows; i++) {
        if (!str_is(cell_word(&alerts->rows[i], 0, "-"), cell_word(rule, RULE_NAME, "-")))
            continue;
        state = cell_word(&alerts->rows[i], 1, state);
        if (str_is(state, "firing"))
            break;
    }
    return state;
}

/* The rules are asked once a minute and the alerts each time: by then a rule that "does nothing"
 * stands under ten alerts of its own. Of two rules of one name an alert does not say whose it is,
 * and of a list that is cut not all are seen: these keep what they said. */
void prom_rules_by_alerts(struct reading *r) {
    const struct table *alerts = reading_table(r, "alerts"), *rules = reading_table(r, "rules");
    if (!alerts || !rules || alerts->n_total > alerts->n_rows)
        return;
    for (uint32_t i = 0; i < rules->n_rows; i++) {
        struct row *rule = &rules->rows[i];
        if (!alerts_at_all(rule) || has_twin(rules, rule))
            continue;
        row_text(r, rule, RULE_STATE, state_by_alerts(alerts, rule));
        rule->health = rule_health(rule);
    }
}
