/* probe/grafana.c - dashboards: health without a login, and whether the seven of the runbook are
 * there. Runbook: GET /api/health, 15 s interval, 3 retries; the time-out is not given, so 5 s. The
 * console asks each 10 s, the list each 60 s.
 *
 * A wrong password that is repeated locks the user out: basic auth is asked once and not again
 * after a 401 (the metric `login_refused` remembers it). A token is asked as usual.
 *
 * Metrics: database (text), version, live_ms, dashboards, dashboards_missing, login_refused (bool).
 * Table: dashboards(title, uid, folder, expected). */
#include "codec/probe.h"

#include <string.h>

#include "base/shell.h"
#include "http_priv.h"

#define SEARCH_PATH "/api/search?limit=1000&type=dash-db"
#define MAX_ROWS    1000

static const char *const expected_dashboards[] = {
    "api-latency", "api-overview", "database", "logs", "search", "web-vitals", "business-metrics",
};

static bool health_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->grafana_url, "/api/health");
}

static bool database_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                           struct err *err) {
    const char *url = probe_url(run, run->settings->grafana_url, "/api/health");
    static const char expected[] = "JSON with \"database\"";
    struct http_reply as_ok = reply->http;
    if (as_ok.status == 503) /* its database fails, and it says so in the same shape */
        as_ok.status = 200;
    struct json *j = answer_json(run, url, &as_ok, expected, err);
    if (!j && reply->http.status == 503)
        return probe_http_unexpected(run, url, &reply->http, expected, err);
    if (!j)
        return false;
    take_text(out, j, "database", "database");
    take_text(out, j, "version", "version");
    json_free(j);
    if (!reading_string(out, "database"))
        return probe_http_unexpected(run, url, &reply->http, expected, err);
    reading_real(out, "live_ms", UNIT_MS, reply->took_ms);
    return true;
}

/* ---- dashboards ---- */

static const struct column dashboard_columns[] = {
    {"title", "DASHBOARD", UNIT_NONE, 0, 0},
    {"uid", "UID", UNIT_NONE, 0, 1},
    {"folder", "FOLDER", UNIT_NONE, 0, 2},
    {"expected", "RUNBOOK", UNIT_NONE, 8, 0},
};

static bool refused_before(const struct probe_run *run) {
    return run->previous && metric_is_yes(&run->previous->reading, "login_refused");
}

static bool search_request(struct probe_run *run, struct exchange *ex) {
    const struct settings *s = run->settings;
    ask_get(run, ex, s->grafana_url, SEARCH_PATH);
    if (s->grafana_token && s->grafana_token[0]) {
        ask_header(ex, "Authorization", arena_printf(run->arena, "Bearer %s", s->grafana_token));
        return true;
    }
    if (!s->grafana_user || !s->grafana_password || refused_before(run))
        return false;
    ex->http.user = s->grafana_user;
    ex->http.password = s->grafana_password;
    return true;
}

/* "goodgo-api-latency" and "api-latency" are the runbook's api-latency. */
static bool is_dashboard(const char *uid, const char *expected) {
    if (str_starts(uid, "goodgo-"))
        uid += strlen("goodgo-");
    return strcmp(uid, expected) == 0;
}

static void add_dashboard(struct reading *out, struct table *t, const struct json *d,
                          bool found[]) {
    const char *uid = json_string(d, "uid");
    bool expected = false;
    if (!uid)
        return;
    for (size_t i = 0; i < ARRAY_LEN(expected_dashboards); i++)
        if (is_dashboard(uid, expected_dashboards[i]))
            expected = found[i] = true;
    struct row *row = table_add_row(out, t, uid, expected ? HEALTH_OK : HEALTH_OFF);
    row_text(out, row, 0, json_string(d, "title"));
    row_text(out, row, 1, uid);
    row_text(out, row, 2, json_string(d, "folderTitle"));
    row_text(out, row, 3, expected ? "yes" : "no");
}

static void add_missing(struct reading *out, struct table *t, const bool found[]) {
    int64_t missing = 0;
    for (size_t i = 0; i < ARRAY_LEN(expected_dashboards); i++) {
        if (found[i])
            continue;
        missing++;
        struct row *row = table_add_row(out, t, expected_dashboards[i], HEALTH_WARNING);
        row_text(out, row, 0, expected_dashboards[i]);
        row_text(out, row, 3, "missing");
    }
    reading_int(out, "dashboards_missing", UNIT_COUNT, missing);
    if (missing)
        reading_finding(out, HEALTH_WARNING, "dashboards_missing",
                        "see the provisioning folder; an empty list can also mean: no right",
                        "%d of the 7 dashboards are missing", (int)missing);
}

/* A refused basic login ends well so that it is kept and remembered; the finding says the rest. */
static bool refused(struct probe_run *run, const char *url, const struct http_reply *r,
                    struct reading *out, struct err *err) {
    bool token = run->settings->grafana_token && run->settings->grafana_token[0];
    if (token || r->status != 401) {
        probe_http_unexpected(run, url, r, "a list of dashboards", err);
        return err_advise(err, E_AUTH, "check GOODGO_GRAFANA_TOKEN and its role");
    }
    reading_int(out, "login_refused", UNIT_BOOL, 1);
    return true;
}

static bool search_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    const char *url = probe_url(run, run->settings->grafana_url, SEARCH_PATH);
    const struct http_reply *r = &reply->http;
    if (r->status == 401 || r->status == 403)
        return refused(run, url, r, out, err);
    struct json *j = answer_json(run, url, r, "a list of dashboards", err);
    if (!j)
        return false;
    if (!json_is_array(j)) {
        json_free(j);
        return probe_http_unexpected(run, url, r, "a list of dashboards", err);
    }
    bool found[ARRAY_LEN(expected_dashboards)] = {false};
    struct table *t = reading_add_table(out, "dashboards", "Dashboards", dashboard_columns,
                                        ARRAY_LEN(dashboard_columns));
    reading_int(out, "dashboards", UNIT_COUNT, (int64_t)json_size(j));
    for (const struct json *d = json_first(j); d && t->n_rows < MAX_ROWS; d = json_next(d))
        add_dashboard(out, t, d, found);
    add_missing(out, t, found);
    json_free(j);
    return true;
}

static const struct probe_stage stages[] = {
    {"health", 0, 0, true, health_request, database_parse},
    {"dashboards", 60000, 0, false, search_request, search_parse},
};

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no address: set GOODGO_GRAFANA_URL";
    return s->grafana_url != NULL;
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char count[32];
    const char *version = reading_string(r, "version");
    const char *db = reading_string(r, "database");
    if (db && strcmp(db, "ok") != 0)
        reading_finding(r, HEALTH_CRITICAL, "database", "see its volume and its log",
                        "its own database is %.30s", db);
    if (refused_before(run))
        reading_int(r, "login_refused", UNIT_BOOL, 1); /* until the console starts anew */
    if (metric_is_yes(r, "login_refused"))
        reading_finding(r, HEALTH_WARNING, "auth",
                        "check GRAFANA_ADMIN_PASSWORD or set GOODGO_GRAFANA_TOKEN, then restart",
                        "login refused: not tried again, it would lock the user");
    show_counted(r, "dashboards", "dashboard", count, sizeof count);
    v->summary = text_printf(run->arena, "%.20s  database %.20s  %s", version ? version : "-",
                             db ? db : "-", count);
    judge_by_findings(run, r, v);
}

static void shell(const struct settings *s, const char *table, struct str *out) {
    const char *url = s->grafana_url ? s->grafana_url : "";
    str_puts(out, "curl -sS -m 5 ");
    shell_put(out, "%s/api/health", url);
    str_puts(out, "; curl -sS -m 5 -H \"Authorization: Bearer ${GOODGO_GRAFANA_TOKEN}\" ");
    shell_put(out, "%s" SEARCH_PATH, url);
}

static const enum service depends[] = {SERVICE_prometheus, SERVICE_loki, SERVICE_COUNT};

extern const struct probe probe_grafana;
const struct probe probe_grafana = {
    .service = SERVICE_grafana,
    .title = "Grafana",
    .purpose = "dashboards: its database, and the seven of the runbook",
    .interval_ms = 10000,
    .timeout_ms = 5000,
    .retries = 3,
    .start_period_ms = 15000,
    .depends = depends,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .key_metric = "live_ms",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "GOODGO_GRAFANA_URL",
};
