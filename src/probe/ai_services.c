/* probe/ai_services.c - the FastAPI price estimator. Runbook: GET /health, 30 s interval, 3
 * retries; no time-out given, so 5 s. FastAPI has no health route of its own: 404, 405 and 422 with
 * {"detail": ...} mean the right framework and the wrong path. The console asks each 10 s.
 *
 * Metrics: live (bool), status (HTTP), says (its own word), live_ms. Table: checks(name, state). */
#include "codec/probe.h"

#include <string.h>

#include "base/shell.h"
#include "http_priv.h"
#include "terminus_priv.h"

static const struct column check_columns[] = {
    {"name", "CHECK", UNIT_NONE, 0, 0},
    {"state", "STATE", UNIT_NONE, 0, 0},
};

static bool live_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->ai_url, "/health");
}

/* Members of `models` or `checks`. */
static void read_checks(struct reading *out, const struct json *j) {
    const struct json *members = json_get(j, "models");
    if (!json_is_object(members))
        members = json_get(j, "checks");
    if (!json_is_object(members))
        return;
    struct table *t =
        reading_add_table(out, "checks", "Checks", check_columns, ARRAY_LEN(check_columns));
    uint32_t rows = 0;
    for (const struct json *m = json_first(members); m && rows < 100; m = json_next(m), rows++) {
        const char *word;
        bool up = terminus_member(m, &word) == CHECK_UP;
        struct row *row = table_add_row(out, t, json_key(m), up ? HEALTH_OK : HEALTH_WARNING);
        row_text(out, row, 0, json_key(m));
        row_text(out, row, 1, word);
    }
}

static bool wrong_path(struct probe_run *run, const char *url, const struct http_reply *r,
                       struct err *err) {
    probe_http_unexpected(run, url, r, "GET /health to answer", err);
    bool fastapi = r->body_len && strstr(r->body, "\"detail\"");
    if (fastapi && (r->status == 404 || r->status == 405 || r->status == 422)) {
        err->todo = "it is FastAPI, but has no GET /health: is this the right release?";
        err->code = E_PROTOCOL;
    }
    return false;
}

/* The API's /health has the same shape: a name of its own in the body, or the signature of the
 * framework, gives it away. */
static bool is_foreign(const struct http_reply *r, const char *service_said) {
    enum service who;
    if (service_said)
        return strncmp(service_said, "ai", 2) != 0 && !strstr(service_said, "-ai");
    return answer_who(r, &who) && who != SERVICE_ai_services;
}

static bool live_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    const char *url = probe_url(run, run->settings->ai_url, "/health");
    if (reply->http.status != 200)
        return wrong_path(run, url, &reply->http, err);
    struct json *j = answer_json(run, url, &reply->http, "a health answer with \"status\"", err);
    if (!j)
        return false;
    const char *status = json_is_object(j) ? json_string(j, "status") : NULL;
    if (!status || is_foreign(&reply->http, json_string(j, "service"))) {
        json_free(j);
        return probe_http_unexpected(run, url, &reply->http, "JSON with \"status\" of AI", err);
    }
    reading_int(out, "live", UNIT_BOOL, terminus_word(status) == CHECK_UP);
    reading_int(out, "status", UNIT_NONE, reply->http.status);
    reading_text(out, "says", status, strnlen(status, 100));
    reading_real(out, "live_ms", UNIT_MS, reply->took_ms);
    read_checks(out, j);
    json_free(j);
    return true;
}

static const struct probe_stage stages[] = {
    {"live", 0, 0, true, live_request, live_parse},
};

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no address: set AI_SERVICE_URL";
    return s->ai_url != NULL;
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char live[24];
    const char *status = reading_string(r, "says");
    show_ms(r, "live_ms", live, sizeof live);
    v->summary = text_printf(run->arena, "%.30s in %s", status ? status : "-", live);
    if (metric_is_no(r, "live"))
        reading_finding(r, HEALTH_WARNING, "not_healthy", "see the log of ai-services",
                        "it says of itself: %.40s", status ? status : "-");
    const struct table *t = reading_table(r, "checks");
    uint32_t bad = 0;
    for (uint32_t i = 0; t && i < t->n_rows; i++)
        bad += t->rows[i].health == HEALTH_WARNING;
    if (bad)
        reading_finding(r, HEALTH_WARNING, "checks", "see the checks below",
                        "%u of its checks not well", bad);
    judge_by_findings(run, r, v);
}

static void shell(const struct settings *s, const char *table, struct str *out) {
    str_puts(out, "curl -sS -m 5 ");
    shell_put(out, "%s/health", s->ai_url ? s->ai_url : "");
}

extern const struct probe probe_ai_services;
const struct probe probe_ai_services = {
    .service = SERVICE_ai_services,
    .title = "AI services",
    .purpose = "FastAPI price estimates and moderation: does it live",
    .interval_ms = 10000,
    .timeout_ms = 5000,
    .retries = 3,
    .start_period_ms = 30000,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .key_metric = "live_ms",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "AI_SERVICE_URL",
};
