/* tests/unit/test_probe_web.c - the web probe: rows of reply and expected reading. */
#include "harness.h"
#include "probe_harness.h"

extern const struct probe probe_web;
static const struct settings settings = {.web_url = "http://web:3000"};

static const struct row_case {
    const char *name;
    int status;
    const char *body;
    bool ok;
    enum err_code code;
    const char *title;
} rows[] = {
    {"page", 200, "<!DOCTYPE html><title>GoodGo</title>", true, E_NONE, "GoodGo"},
    {"page without title", 200, "<html><body>x</body></html>", true, E_NONE, NULL},
    {"redirect to a language", 307, "/vi", true, E_NONE, NULL},
    {"title never closed", 200, "<html><title>GoodGo", true, E_NONE, NULL},
    {"broken UTF-8 in title", 200, "<html><title>a\xff\x1b[31m</title>", true, E_NONE, ""},
    {"API answers", 200, "{\"status\":\"ok\"}", false, E_WRONG_THING, NULL},
    {"API 404", 404, "{\"statusCode\":404}", false, E_WRONG_THING, NULL},
    {"server error page", 500, "<html><title>500: Error</title>", false, E_NOT_READY, NULL},
    {"starting", 503, "", false, E_NOT_READY, NULL},
    {"redis error text", 200, "-ERR unknown command", false, E_WRONG_THING, NULL},
    {"empty", 200, "", false, E_WRONG_THING, NULL},
    {"basic auth proxy", 401, "Unauthorized", false, E_AUTH, NULL},
};

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

TEST(names_the_swapped_ports_when_the_api_answers) {
    struct probe_bench b;
    bench_init(&b, &probe_web, &settings);
    CU_ASSERT_FALSE(bench_http(&b, "page", 200, "{\"status\":\"ok\"}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.err.why, "WEB_PORT"));
    CU_ASSERT_PTR_NOT_NULL(b.err.todo);
    bench_done(&b);
}

TEST(is_ok_with_time_and_size) {
    struct probe_bench b;
    bench_init(&b, &probe_web, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "page", 200, "<html><title>GoodGo</title>"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    CU_ASSERT_EQUAL(bench_number(&b, "status"), 200);
    CU_ASSERT_EQUAL(bench_number(&b, "page_bytes"), 27);
    CHECK_STR(bench_cell(&b, "pages", 0, "title"), "GoodGo");
    CHECK_STR(b.ex.http.url, "http://web:3000/");
    CU_ASSERT(b.verdict.summary.cols <= 60);
    bench_done(&b);
}

SUITE(probe_web, T(tells_a_page_from_what_is_none), T(names_the_swapped_ports_when_the_api_answers),
      T(is_ok_with_time_and_size))
