/* tests/unit/test_probe_api.c - the API and the AI services: both health shapes, degraded against
 * down, and who else may answer on their ports. */
#include "harness.h"
#include "probe_harness.h"

extern const struct probe probe_api, probe_ai_services;
static const struct settings settings = {.api_url = "http://api:3001", .ai_url = "http://ai:8000"};

#define LIVE "{\"status\":\"ok\",\"timestamp\":\"2026-04-11T10:30:00Z\"}"
#define TERMINUS(db, redis)                                                                        \
    "{\"status\":\"error\",\"info\":{},\"error\":{},\"details\":{\"database\":{\"status\":\"" db   \
    "\"},\"redis\":{\"status\":\"" redis "\",\"message\":\"timeout\"}}}"
#define CHECKS(db, redis)                                                                          \
    "{\"status\":\"ok\",\"checks\":{\"database\":\"" db "\",\"redis\":{\"status\":\"" redis "\"}}" \
    "}"

static const struct ready_case {
    int status;
    const char *body;
    double db, redis;
    enum health health;
} ready_rows[] = {
    {200,
     "{\"status\":\"ok\",\"details\":{\"database\":{\"status\":\"up\"},\"redis\":{\"status\":"
     "\"up\"}}}",
     1, 1, HEALTH_OK},
    {503, TERMINUS("up", "down"), 1, 0, HEALTH_WARNING},
    {503, TERMINUS("down", "up"), 0, 1, HEALTH_CRITICAL},
    {503, TERMINUS("down", "down"), 0, 0, HEALTH_CRITICAL},
    {200, CHECKS("ok", "healthy"), 1, 1, HEALTH_OK},
    {503, CHECKS("ok", "error"), 1, 0, HEALTH_WARNING},
    {503, CHECKS("false", "up"), 0, 1, HEALTH_CRITICAL},
    {503,
     "{\"status\":\"error\",\"info\":{\"db\":{\"status\":\"up\"}},\"error\":{\"redis\":{"
     "\"status\":\"down\"}}}",
     1, 0, HEALTH_WARNING},
    {503, "{\"status\":\"shutting_down\",\"details\":{}}", -999, -999, HEALTH_CRITICAL},
    {200, "{\"status\":\"ok\",\"checks\":{\"database\":true,\"redis\":17}}", 1, 0, HEALTH_WARNING},
    /* It answers 200: it serves, whatever it says of a member that is none of the two. */
    {200,
     "{\"status\":\"ok\",\"checks\":{\"database\":\"up\",\"redis\":\"up\",\"search\":\"down\"}}", 1,
     1, HEALTH_WARNING},
    {200, "{\"status\":\"degraded\",\"checks\":{\"database\":\"up\",\"redis\":\"degraded\"}}", 1, 1,
     HEALTH_WARNING},
    {200, "{\"status\":\"degraded\"}", -999, -999, HEALTH_WARNING},
    {503,
     "{\"status\":\"error\",\"checks\":{\"database\":\"up\",\"redis\":\"up\",\"search\":\"down\"}}",
     1, 1, HEALTH_CRITICAL},
};

TEST(reads_both_readiness_shapes_and_degrades_for_redis_alone) {
    for (size_t i = 0; i < ARRAY_LEN(ready_rows); i++) {
        struct probe_bench b;
        bench_init(&b, &probe_api, &settings);
        CU_ASSERT_TRUE(bench_http(&b, "live", 200, LIVE));
        CU_ASSERT_TRUE(bench_http(&b, "ready", ready_rows[i].status, ready_rows[i].body));
        CU_ASSERT_EQUAL(bench_number(&b, "ready_database"), ready_rows[i].db);
        CU_ASSERT_EQUAL(bench_number(&b, "ready_redis"), ready_rows[i].redis);
        enum health got = bench_judge(&b);
        if (got != ready_rows[i].health)
            fprintf(stderr, "row %zu: %d\n", i, got);
        CU_ASSERT_EQUAL(got, ready_rows[i].health);
        CU_ASSERT(b.verdict.summary.cols <= 60);
        bench_done(&b);
    }
}

static const struct live_case {
    int status;
    const char *body;
    enum err_code code;
} live_rows[] = {
    {200, "<!DOCTYPE html><title>GoodGo</title>", E_WRONG_THING},
    {404, "<html><title>404</title>", E_WRONG_THING},
    {200, "{\"ok\":true}", E_WRONG_THING},
    {200, "{\"status\":\"healthy\",\"service\":\"ai-services\"}", E_WRONG_THING},
    {200, "", E_WRONG_THING},
    {200, "[1,2", E_WRONG_THING},
    {200, "{\"status\":12345678901234567890}", E_WRONG_THING},
    {200, "\xff\xfe garbage", E_WRONG_THING},
    {200, "-NOAUTH Authentication required.", E_WRONG_THING},
    {404, "{\"message\":\"Cannot GET /health\",\"statusCode\":404}", E_WRONG_THING},
    {401, "{\"message\":\"Unauthorized\"}", E_AUTH},
    {429, "{\"message\":\"Too Many Requests\"}", E_NOT_READY},
    {408, "", E_NOT_READY},
    {503, "upstream", E_NOT_READY},
    /* A proxy's page: the API behind it is away, and no port is swapped. */
    {502, "<html>\r\n<head><title>502 Bad Gateway</title></head>", E_FAILING},
    {503, "<html><head><title>503 Service Temporarily Unavailable</title></head>", E_FAILING},
    {504, "<html><head><title>504 Gateway Time-out</title></head>", E_FAILING},
};

TEST(liveness_refuses_what_is_not_the_api) {
    for (size_t i = 0; i < ARRAY_LEN(live_rows); i++) {
        struct probe_bench b;
        bench_init(&b, &probe_api, &settings);
        CU_ASSERT_FALSE(bench_http(&b, "live", live_rows[i].status, live_rows[i].body));
        if (b.err.code != live_rows[i].code)
            fprintf(stderr, "row %zu: %d %s\n", i, b.err.code, b.err.why);
        CU_ASSERT_EQUAL(b.err.code, live_rows[i].code);
        bench_done(&b);
    }
}

TEST(names_the_swapped_ports_when_the_web_answers) {
    struct probe_bench b;
    bench_init(&b, &probe_api, &settings);
    CU_ASSERT_FALSE(bench_http(&b, "live", 200, "<html></html>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.err.why, "PORT and WEB_PORT swapped"));
    bench_done(&b);
}

TEST(a_proxys_page_is_told_as_one) {
    struct probe_bench b;
    bench_init(&b, &probe_api, &settings);
    for (int status = 502; status <= 504; status++) {
        CU_ASSERT_FALSE(bench_http(&b, "live", status, "<html><title>Bad Gateway</title></html>"));
        CHECK_HAS(b.err.why, "got: Bad Gateway");
        CHECK_HAS(b.err.todo, "a proxy answers in its place");
    }
    CU_ASSERT_FALSE(bench_http(&b, "live", 500, "<html><title>Oops</title></html>"));
    CU_ASSERT_PTR_NULL(strstr(b.err.todo, "proxy"));
    bench_done(&b);
}

TEST(deep_json_is_refused) {
    char deep[4001];
    struct probe_bench b;
    bench_init(&b, &probe_api, &settings);
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    CU_ASSERT_FALSE(bench_http(&b, "live", 200, deep));
    CU_ASSERT_EQUAL(b.err.code, E_WRONG_THING);
    bench_done(&b);
}

TEST(api_summary_shows_both_dependencies) {
    struct probe_bench b;
    bench_init(&b, &probe_api, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "live", 200, LIVE));
    CU_ASSERT_TRUE(bench_http(&b, "ready", 200, ready_rows[0].body));
    CU_ASSERT_TRUE(bench_http(&b, "db", 200, ready_rows[0].body));
    CU_ASSERT_TRUE(bench_http(&b, "redis", 200, ready_rows[0].body));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    CHECK_STR(b.verdict.summary.s, "ready  db 1.5ms  redis 1.5ms");
    CHECK_STR(bench_cell(&b, "checks", 0, "name"), "database");
    bench_done(&b);
}

static const struct ai_case {
    int status;
    const char *body;
    bool ok;
    enum err_code code;
    enum health health;
} ai_rows[] = {
    {200, "{\"status\":\"healthy\",\"models\":{\"price\":\"loaded\"}}", true, E_NONE, HEALTH_OK},
    {200, "{\"status\":\"ok\"}", true, E_NONE, HEALTH_OK},
    {200, "{\"status\":\"OK\",\"models\":{\"price\":true,\"text\":\"Loaded\"}}", true, E_NONE,
     HEALTH_OK},
    {200, "{\"status\":\"ok\",\"models\":{\"price\":false}}", true, E_NONE, HEALTH_WARNING},
    {200, "{\"status\":\"ok\",\"models\":{\"price\":{\"message\":\"x\"}}}", true, E_NONE,
     HEALTH_WARNING},
    {200, "{\"status\":\"loading\"}", true, E_NONE, HEALTH_WARNING},
    {200, "{\"status\":\"ok\",\"checks\":{\"m\":{\"status\":\"down\"}}}", true, E_NONE,
     HEALTH_WARNING},
    {200, "{\"status\":\"ok\",\"service\":\"ai-services\"}", true, E_NONE, HEALTH_OK},
    {200, "{\"status\":\"ok\",\"service\":\"goodgo-ai\"}", true, E_NONE, HEALTH_OK},
    {200, "{\"status\":\"ok\",\"service\":\"goodgo-api\"}", false, E_WRONG_THING, HEALTH_OK},
    {404, "{\"detail\":\"Not Found\"}", false, E_PROTOCOL, HEALTH_OK},
    {405, "{\"detail\":\"Method Not Allowed\"}", false, E_PROTOCOL, HEALTH_OK},
    {422, "{\"detail\":[]}", false, E_PROTOCOL, HEALTH_OK},
    {404, "404 page not found", false, E_WRONG_THING, HEALTH_OK},
    {200, "<html>", false, E_WRONG_THING, HEALTH_OK},
    {200, "{\"detail\":1}", false, E_WRONG_THING, HEALTH_OK},
    {403, "no", false, E_AUTH, HEALTH_OK},
    {503, "{\"detail\":\"x\"}", false, E_NOT_READY, HEALTH_OK},
};

TEST(ai_services_tells_fastapi_from_others) {
    for (size_t i = 0; i < ARRAY_LEN(ai_rows); i++) {
        struct probe_bench b;
        bench_init(&b, &probe_ai_services, &settings);
        CU_ASSERT_EQUAL(bench_http(&b, "live", ai_rows[i].status, ai_rows[i].body), ai_rows[i].ok);
        CU_ASSERT_EQUAL(b.err.code, ai_rows[i].code);
        if (ai_rows[i].ok)
            CU_ASSERT_EQUAL(bench_judge(&b), ai_rows[i].health);
        bench_done(&b);
    }
}

static bool ai_answers_as(struct probe_bench *b, const char *header, const char *value) {
    struct http_header headers[] = {{header, value}};
    return bench_http_headers(b, "live", 200, LIVE, strlen(LIVE), headers, 1);
}

/* The API's /health is word for word what the AI's may be. */
TEST(ai_services_knows_the_frameworks_apart) {
    struct probe_bench b;
    bench_init(&b, &probe_ai_services, &settings);
    CU_ASSERT_TRUE(ai_answers_as(&b, "server", "uvicorn"));
    CU_ASSERT_FALSE(ai_answers_as(&b, "x-powered-by", "Express"));
    CU_ASSERT_EQUAL(b.err.code, E_WRONG_THING);
    CHECK_HAS(b.err.why, "the API?) answers here (HTTP 200)");
    bench_done(&b);
}

TEST(ai_services_says_what_it_says_of_itself) {
    struct probe_bench b;
    char shell[200];
    bench_init(&b, &probe_ai_services, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "live", 200,
                              "{\"status\":\"loading\",\"models\":{\"price\":\"loaded\","
                              "\"text\":{\"status\":\"loading\"}}}"));
    CHECK_STR(bench_cell(&b, "checks", 0, "name"), "price");
    CHECK_STR(bench_cell(&b, "checks", 1, "state"), "loading");
    CU_ASSERT_EQUAL(bench_number(&b, "status"), 200);
    CU_ASSERT_EQUAL(bench_number(&b, "live_ms"), 1.5);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CHECK_STR(bench_finding(&b, "not_healthy")->what.s, "it says of itself: loading");
    CHECK_STR(bench_finding(&b, "checks")->what.s, "1 of its checks not well");
    bench_shell(&probe_ai_services, &settings, "", shell, sizeof shell);
    CHECK_STR(shell, "curl -sS -m 5 http://ai:8000/health");
    bench_done(&b);
    bench_init(&b, &probe_ai_services, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "live", 200, LIVE));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    CHECK_STR(b.verdict.summary.s, "ok in 1.5ms");
    CU_ASSERT_FALSE(bench_http(&b, "live", 404, "{\"detail\":\"Not Found\"}"));
    CHECK_HAS(b.err.todo, "no GET /health");
    bench_done(&b);
}

TEST(members_may_be_degraded_and_are_bounded) {
    struct probe_bench b;
    struct str body;
    bench_init(&b, &probe_api, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "ready", 200,
                              "{\"status\":\"ok\",\"checks\":{\"redis\":\"Degraded\",\"db\":[]}}"));
    CHECK_STR(bench_cell(&b, "checks", 0, "state"), "degraded");
    CHECK_STR(bench_cell(&b, "checks", 1, "state"), "down");
    CU_ASSERT_EQUAL(bench_number(&b, "ready_redis"), 1);
    str_init(&body, 1 << 16);
    str_puts(&body, "{\"status\":\"ok\",\"checks\":{\"c\":\"up\"");
    for (int i = 0; i < 100; i++)
        str_printf(&body, ",\"c%d\":\"up\"", i);
    str_puts(&body, "}}");
    CU_ASSERT_TRUE(bench_http(&b, "ready", 200, str_get(&body)));
    CU_ASSERT_EQUAL(bench_rows(&b, "checks"), 32);
    str_done(&body);
    bench_done(&b);
}

TEST(every_probe_is_whole) {
    for (int i = 0; i < SERVICE_COUNT; i++) {
        const struct probe *p = probes[i];
        CU_ASSERT_EQUAL((int)p->service, i);
        CU_ASSERT(p->title && p->purpose && p->stages && p->n_stages && p->judge && p->shell);
        CU_ASSERT(p->configured && p->interval_ms && p->timeout_ms && p->retries);
        uint32_t essential = 0;
        for (uint32_t k = 0; k < p->n_stages; k++)
            essential += p->stages[k].essential;
        CU_ASSERT(essential >= 1); /* else nothing would ever be down */
    }
}

/* Where the runbook tells them: its inventory, and its blocks of compose (which win). */
TEST(failures_count_as_in_the_runbook) {
    static const struct {
        enum service service;
        uint32_t retries, start_s; /* 0: not told */
    } told[] = {{SERVICE_api, 5, 30},       {SERVICE_web, 3, 15},      {SERVICE_ai_services, 3, 0},
                {SERVICE_postgres, 5, 30},  {SERVICE_pgbouncer, 5, 0}, {SERVICE_redis, 5, 10},
                {SERVICE_typesense, 5, 15}, {SERVICE_minio, 5, 0},     {SERVICE_loki, 5, 0},
                {SERVICE_prometheus, 3, 0}, {SERVICE_grafana, 3, 0}};
    for (size_t i = 0; i < ARRAY_LEN(told); i++) {
        const struct probe *p = probes[told[i].service];
        CU_ASSERT_EQUAL(p->timeout_ms, 5000);
        CU_ASSERT_EQUAL(p->retries, told[i].retries);
        CU_ASSERT(!told[i].start_s || p->start_period_ms == told[i].start_s * 1000);
    }
}

SUITE(probe_api, T(reads_both_readiness_shapes_and_degrades_for_redis_alone),
      T(liveness_refuses_what_is_not_the_api), T(names_the_swapped_ports_when_the_web_answers),
      T(a_proxys_page_is_told_as_one), T(deep_json_is_refused),
      T(api_summary_shows_both_dependencies), T(ai_services_tells_fastapi_from_others),
      T(ai_services_knows_the_frameworks_apart), T(ai_services_says_what_it_says_of_itself),
      T(members_may_be_degraded_and_are_bounded), T(every_probe_is_whole),
      T(failures_count_as_in_the_runbook))
