/* probe/api.c - the NestJS API: liveness beside readiness, and which dependency it misses.
 * Runbook: GET /health, 30 s interval, 5 s time-out, 5 retries, 30 s start; the console asks each
 * 10 s. /health says only that the process lives, so /health/ready, /db and /redis are asked too;
 * they cost the API one SELECT 1 and one PING each.
 *
 * Metrics: live, ready, ready_database, ready_redis, db, redis (bool); live_ms, ready_ms, db_ms,
 * redis_ms. Tables: checks(name, state, message). */
#include "codec/probe.h"

#include <string.h>

#include "base/shell.h"
#include "http_priv.h"
#include "terminus_priv.h"

#define SLOW_MS 2000.0

static const char *const database_words[] = {"database", "db", "postgres", "prisma", NULL};
static const char *const redis_words[] = {"redis", "cache", NULL};

static const char swapped_todo[] = "PORT and WEB_PORT may be swapped: set GOODGO_API_URL";

static bool live_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->api_url, "/health");
}

/* Another of our services on the API's port is the usual mistake: name it. */
static bool not_the_api(const char *url, const struct http_reply *r, struct err *err) {
    enum service who;
    bool is_web =
        r->status < 500 && answer_is_html(r) && (!answer_who(r, &who) || who == SERVICE_web);
    if (is_web) {
        err_set(err, E_WRONG_THING, "http.answer", url,
                "a web page answers here, not the API: PORT and WEB_PORT swapped?");
        err->todo = swapped_todo;
        return true;
    }
    struct json *j =
        json_parse(r->body ? r->body : "", r->body_len, PROBE_MAX_JSON_BYTES, &(struct err){0});
    const char *service = j ? json_string(j, "service") : NULL;
    bool foreign = service && !strstr(service, "api");
    if (foreign)
        err_set(err, E_WRONG_THING, "http.answer", url, "\"%.40s\" answers here, not the API",
                service);
    json_free(j);
    return foreign;
}

static bool live_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    const char *url = probe_url(run, run->settings->api_url, "/health");
    struct health_body body;
    if (not_the_api(url, &reply->http, err))
        return false;
    if (reply->http.status == 503)
        return probe_http_unexpected(run, url, &reply->http, "liveness 200", err);
    if (!terminus_parse(run, url, &reply->http, &body, err))
        return false;
    reading_int(out, "live", UNIT_BOOL, body.state != CHECK_DOWN);
    reading_real(out, "live_ms", UNIT_MS, reply->took_ms);
    return true;
}

static bool ready_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->api_url, "/health/ready");
}

static void set_check(struct reading *out, const char *metric, const struct health_check *c) {
    if (c)
        reading_int(out, metric, UNIT_BOOL, c->state != CHECK_DOWN);
}

/* Ready by its HTTP status, and not well by its own word: whoever asks it is served. What is down
 * of database and Redis has a sentence of its own. */
static void note_degraded(struct reading *out, const struct health_body *body,
                          const struct health_check *db, const struct health_check *redis) {
    bool told = false;
    for (uint32_t i = 0; i < body->n_checks; i++) {
        const struct health_check *c = &body->checks[i];
        bool has_sentence = c->state == CHECK_DOWN && (c == db || c == redis);
        told |= c->state != CHECK_UP;
        if (c->state != CHECK_UP && !has_sentence)
            reading_finding(out, HEALTH_WARNING, "degraded", "see the checks below",
                            "it serves, but its %.40s is %s", c->name,
                            c->state == CHECK_DOWN ? "down" : "degraded");
    }
    if (!told && body->state != CHECK_UP)
        reading_finding(out, HEALTH_WARNING, "degraded", "see its log",
                        "it serves, but says of itself: %.40s", body->status);
}

static bool ready_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    struct health_body body;
    const char *url = probe_url(run, run->settings->api_url, "/health/ready");
    if (!terminus_parse(run, url, &reply->http, &body, err))
        return false;
    const struct health_check *db = terminus_find(&body, database_words);
    const struct health_check *redis = terminus_find(&body, redis_words);
    bool ready = reply->http.status == 200;
    reading_int(out, "ready", UNIT_BOOL, ready);
    reading_real(out, "ready_ms", UNIT_MS, reply->took_ms);
    set_check(out, "ready_database", db);
    set_check(out, "ready_redis", redis);
    if (ready)
        note_degraded(out, &body, db, redis);
    terminus_table(out, &body);
    return true;
}

static bool one_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                      const char *path, const char *metric, const char *metric_ms,
                      struct err *err) {
    struct health_body body;
    const char *url = probe_url(run, run->settings->api_url, path);
    if (!terminus_parse(run, url, &reply->http, &body, err))
        return false;
    reading_int(out, metric, UNIT_BOOL, body.state != CHECK_DOWN);
    reading_real(out, metric_ms, UNIT_MS, reply->took_ms);
    return true;
}

static bool db_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->api_url, "/health/db");
}

static bool db_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                     struct err *err) {
    return one_parse(run, reply, out, "/health/db", "db", "db_ms", err);
}

static bool redis_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->api_url, "/health/redis");
}

static bool redis_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    return one_parse(run, reply, out, "/health/redis", "redis", "redis_ms", err);
}

static const struct probe_stage stages[] = {
    {"live", 0, 0, true, live_request, live_parse},
    {"ready", 0, 0, false, ready_request, ready_parse},
    {"db", 0, 0, false, db_request, db_parse},
    {"redis", 0, 0, false, redis_request, redis_parse},
};
static const struct stage_words stage_words[] = {
    {"ready", "its readiness"},
    {"db", "its word on the database"},
    {"redis", "its word on Redis"},
    {NULL, NULL},
};

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no address: set GOODGO_API_URL or PORT";
    return s->api_url != NULL;
}

/* Readiness fails for redis alone although the API serves on without it: degraded, not down. */
static void judge_dependencies(struct reading *r) {
    bool database_down = metric_is_no(r, "ready_database") || metric_is_no(r, "db");
    bool redis_down = metric_is_no(r, "ready_redis") || metric_is_no(r, "redis");
    if (database_down)
        reading_finding(r, HEALTH_CRITICAL, "database_down", "look at postgres and pgbouncer first",
                        "the API cannot use the database");
    if (redis_down)
        reading_finding(r, HEALTH_WARNING, "redis_down",
                        "look at redis: sessions, rate limits and cache suffer meanwhile",
                        "serving without Redis, degraded");
    if (metric_is_no(r, "ready") && !database_down && !redis_down)
        reading_finding(r, HEALTH_CRITICAL, "not_ready", "see the checks below",
                        "the API says it is not ready");
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char db[24], redis[24], live[24];
    double live_ms;
    show_ms(r, "db_ms", db, sizeof db);
    show_ms(r, "redis_ms", redis, sizeof redis);
    show_ms(r, "live_ms", live, sizeof live);
    if (reading_metric(r, "ready"))
        v->summary = text_printf(run->arena, "ready  db %s  redis %s", db, redis);
    else
        v->summary = text_printf(run->arena, "alive in %s, readiness not known", live);
    if (metric_is_no(r, "live"))
        reading_finding(r, HEALTH_CRITICAL, "not_live", "see its log, then restart it",
                        "/health answers, but not with ok");
    judge_dependencies(r);
    if (reading_number(r, "live_ms", &live_ms) && live_ms > SLOW_MS)
        reading_finding(r, HEALTH_WARNING, "slow", "see p99 and the event loop in prometheus",
                        "/health took %s", live);
    judge_by_findings(run, r, v);
}

static void shell(const struct settings *s, const char *table, struct str *out) {
    const char *url = s->api_url ? s->api_url : "";
    str_puts(out, "curl -sS -m 5 -w '\\n%{http_code}\\n' ");
    shell_put(out, "%s/health", url);
    str_putc(out, ' ');
    shell_put(out, "%s/health/ready", url);
}

static const enum service depends[] = {SERVICE_postgres, SERVICE_pgbouncer, SERVICE_redis,
                                       SERVICE_typesense, SERVICE_COUNT};

/* It says itself which dependency it misses: the fold follows that, not whoever else is ill. */
static const struct probe_echo echoes[] = {{"database_down", SERVICE_pgbouncer},
                                           {"database_down", SERVICE_postgres},
                                           {"stage_db", SERVICE_pgbouncer},
                                           {"stage_db", SERVICE_postgres},
                                           {"redis_down", SERVICE_redis},
                                           {"stage_redis", SERVICE_redis},
                                           {0}};

extern const struct probe probe_api;
const struct probe probe_api = {
    .service = SERVICE_api,
    .title = "API",
    .purpose = "NestJS back end: liveness, readiness, database and Redis as it sees them",
    .interval_ms = 10000,
    .timeout_ms = 5000,
    .retries = 5,
    .start_period_ms = 30000,
    .depends = depends,
    .echoes = echoes,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .stage_words = stage_words,
    .key_metric = "ready_ms",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "GOODGO_API_URL",
};
