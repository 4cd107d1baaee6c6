/* tests/unit/test_probe_web.c - the web probe: rows of reply and expected reading. */
#include "harness.h"
#include "probe_harness.h"

extern const struct probe probe_web;
#define NEXT "<script src=\"/_next/static/main.js\">"
static const struct settings settings = {.web_url = "http://web:3000"};

static const struct row_case {
    const char *name;
    int status;
    const char *body;
    bool ok;
    enum err_code code;
    const char *title;
} rows[] = {
    {"page", 200, "<!DOCTYPE html><title>GoodGo</title>" NEXT, true, E_NONE, "GoodGo"},
    {"page without title", 200, "<html><body>x</body></html>" NEXT, true, E_NONE, NULL},
    {"title never closed", 200, "<html>" NEXT "<title>GoodGo", true, E_NONE, NULL},
    {"broken UTF-8 in title", 200, "<html><title>a\xff\x1b[31m</title>" NEXT, true, E_NONE, ""},
    {"somebody's page", 200, "<html><title>Welcome to nginx!</title>", false, E_WRONG_THING, NULL},
    {"Grafana", 200, "<html><title>Grafana</title>", false, E_WRONG_THING, NULL},
    {"redirect to nowhere", 307, "/vi", false, E_WRONG_THING, NULL},
    {"MinIO", 403, "<Error><Code>AccessDenied</Code>", false, E_WRONG_THING, NULL},
    {"API answers", 200, "{\"status\":\"ok\"}", false, E_WRONG_THING, NULL},
    {"API 404", 404, "{\"statusCode\":404}", false, E_WRONG_THING, NULL},
    {"server error page", 500, "<html><title>500: Error</title>", false, E_FAILING, NULL},
    {"a proxy's page", 502, "<html><title>502 Bad Gateway</title>", false, E_FAILING, NULL},
    {"Grafana fails", 500, "<html><title>Grafana</title>", false, E_WRONG_THING, NULL},
    {"not ready, as a page", 503, "<html><title>503</title>", false, E_NOT_READY, NULL},
    {"starting", 503, "", false, E_NOT_READY, NULL},
    {"redis error text", 200, "-ERR unknown command", false, E_WRONG_THING, NULL},
    {"empty", 200, "", false, E_WRONG_THING, NULL},
    {"basic auth proxy", 401, "Unauthorized", false, E_AUTH, NULL},
};

static bool answer_with(struct probe_bench *b, int status, const char *to, const char *by) {
    struct http_header headers[] = {{"location", to}, {"x-powered-by", by}};
    return bench_http_headers(b, "page", status, "", 0, headers, by ? 2 : 1);
}

static bool answer_moved(struct probe_bench *b, const char *to, const char *by) {
    return answer_with(b, 307, to, by);
}

TEST(follows_a_redirect_to_a_page_of_its_own) {
    struct probe_bench b;
    bench_init(&b, &probe_web, &settings);
    CU_ASSERT_TRUE(answer_moved(&b, "http://web:3000/vi", NULL));
    CU_ASSERT_TRUE_FATAL(b.run.again);
    b.run.page = 1;
    CU_ASSERT_TRUE(bench_http(&b, "page", 200, "<html><title>GoodGo</title>" NEXT));
    CHECK_STR(b.ex.http.url, "http://web:3000/vi");
    CHECK_STR(bench_cell(&b, "pages", 0, "path"), "/vi");
    bench_done(&b);
}

TEST(follows_any_redirect_as_often_as_it_may) {
    struct probe_bench b;
    bench_init(&b, &probe_web, &settings);
    CU_ASSERT_TRUE(answer_with(&b, 301, "/vi", NULL) && b.run.again);
    b.run.page = 1;
    CU_ASSERT_TRUE(answer_with(&b, 308, "/vi/", NULL) && b.run.again);
    CHECK_STR(b.run.cursor, "/vi/");
    CU_ASSERT_FALSE(answer_with(&b, 300, "/vi", NULL));
    CU_ASSERT_FALSE(answer_with(&b, 401, "/vi", NULL)); /* names a place, and leads nowhere */
    CU_ASSERT_EQUAL(b.err.code, E_AUTH);
    bench_done(&b);
}

TEST(a_redirect_proves_nothing) {
    struct probe_bench b;
    bench_init(&b, &probe_web, &settings);
    CU_ASSERT_TRUE(answer_moved(&b, "/login", NULL)); /* as Grafana does */
    b.run.page = 1;
    CU_ASSERT_FALSE(bench_http(&b, "page", 200, "<html><title>Grafana</title>"));
    CU_ASSERT_EQUAL(b.err.code, E_WRONG_THING);
    CU_ASSERT_PTR_NOT_NULL(strstr(b.err.why, "Grafana"));
    b.run.page = 2; /* in a circle */
    CU_ASSERT_FALSE(answer_moved(&b, "/", NULL));
    bench_done(&b);
}

TEST(a_page_that_is_elsewhere_is_a_warning) {
    struct probe_bench b;
    bench_init(&b, &probe_web, &settings);
    CU_ASSERT_TRUE(answer_moved(&b, "https://goodgo.vn/", "Next.js"));
    CU_ASSERT_FALSE(b.run.again);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "moved"));
    CU_ASSERT_EQUAL(bench_number(&b, "status"), 307);
    /* Another host, as a path, and one that is as long as ours. */
    CU_ASSERT_TRUE(answer_moved(&b, "//goodgo.vn/vi", NULL) && !b.run.again);
    CU_ASSERT_TRUE(answer_moved(&b, "https://good.vn/vi", NULL) && !b.run.again);
    bench_done(&b);
}

TEST(who_is_known_and_sends_elsewhere_is_no_front_page) {
    struct probe_bench b;
    struct http_header minio[] = {{"server", "MinIO"}, {"location", "http://10.0.0.9:9001/"}};
    bench_init(&b, &probe_web, &settings);
    CU_ASSERT_FALSE(bench_http_headers(&b, "page", 307, "", 0, minio, 2)); /* to its console */
    CU_ASSERT_EQUAL(b.err.code, E_WRONG_THING);
    CHECK_HAS(b.err.why, "MinIO answers here");
    bench_done(&b);
}

static const struct {
    int status;
    const char *body, *why, *todo;
} advices[] = {
    {200, "{\"status\":\"ok\"}", "WEB_PORT swapped", "set GOODGO_WEB_URL"},
    {404, "[]", "WEB_PORT swapped", "set GOODGO_WEB_URL"},
    {500, "<html><title>500</title>", "HTTP 500", "see the log of web"},
    {503, "<html><title>503</title>", "HTTP 503", "see the log of web"},
    {502, "<html><title>502 Bad Gateway</title>", "got: 502 Bad Gateway", "a proxy answers"},
    {504, "<html><title>504</title>", "got: 504", "a proxy answers"},
    {200, "<html><title>Grafana</title>", "a web page of Grafana answers here", ""},
    {200, "<html><title>Hi</title>",
     "of somebody else answers here, not the web front (Next.js): Hi", ""},
};

TEST(says_what_answers_and_what_to_do) {
    for (size_t i = 0; i < ARRAY_LEN(advices); i++) {
        struct probe_bench b;
        bench_init(&b, &probe_web, &settings);
        CU_ASSERT_FALSE(bench_http(&b, "page", advices[i].status, advices[i].body));
        CHECK_HAS(b.err.why, advices[i].why);
        CHECK_HAS(b.err.todo ? b.err.todo : "", advices[i].todo);
        bench_done(&b);
    }
}

TEST(tells_a_page_from_what_is_none) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct probe_bench b;
        bench_init(&b, &probe_web, &settings);
        bool ok = bench_http(&b, "page", rows[i].status, rows[i].body);
        if (ok != rows[i].ok || (!ok && b.err.code != rows[i].code))
            fprintf(stderr, "row \"%s\": ok %d code %d\n", rows[i].name, ok, b.err.code);
        CU_ASSERT_EQUAL(ok, rows[i].ok);
        CU_ASSERT_EQUAL(b.err.code, rows[i].code);
        if (rows[i].title && rows[i].title[0])
            CHECK_STR(bench_text(&b, "title"), rows[i].title);
        if (bench_text(&b, "title"))
            CU_ASSERT_PTR_NULL(strchr(bench_text(&b, "title"), 27));
        bench_done(&b);
    }
}

TEST(is_ok_with_time_and_size) {
    struct probe_bench b;
    bench_init(&b, &probe_web, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "page", 200, "<html><title>GoodGo</title>" NEXT));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    CU_ASSERT_EQUAL(bench_number(&b, "status"), 200);
    CU_ASSERT_EQUAL(bench_number(&b, "page_bytes"), 27 + (double)strlen(NEXT));
    CHECK_STR(b.verdict.summary.s, "page in 1.5ms  63 B");
    CHECK_STR(bench_cell(&b, "pages", 0, "status"), "200");
    CHECK_STR(bench_cell(&b, "pages", 0, "load_ms"), "1.5");
    CHECK_STR(bench_cell(&b, "pages", 0, "bytes"), "63");
    CHECK_STR(bench_cell(&b, "pages", 0, "title"), "GoodGo");
    CHECK_STR(b.ex.http.url, "http://web:3000/");
    reading_real(&b.reading, "load_ms", UNIT_MS, 3000);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    reading_real(&b.reading, "load_ms", UNIT_MS, 3001);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CHECK_HAS(bench_finding(&b, "slow")->what.s, "the front page took 3");
    bench_done(&b);
}

SUITE(probe_web, T(tells_a_page_from_what_is_none), T(says_what_answers_and_what_to_do),
      T(is_ok_with_time_and_size), T(follows_a_redirect_to_a_page_of_its_own),
      T(follows_any_redirect_as_often_as_it_may),
      T(who_is_known_and_sends_elsewhere_is_no_front_page), T(a_redirect_proves_nothing),
      T(a_page_that_is_elsewhere_is_a_warning))
