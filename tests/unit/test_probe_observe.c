/* tests/unit/test_probe_observe.c - Loki, Promtail, Prometheus and Grafana. */
#include "base/clock.h"
#include "harness.h"
#include "probe_harness.h"

extern const struct probe probe_loki, probe_promtail, probe_prometheus, probe_grafana;
static const struct settings settings = {.loki_url = "http://l:3100",
                                         .promtail_url = "http://p:9080",
                                         .prometheus_url = "http://m:9090",
                                         .grafana_url = "http://g:3002",
                                         .grafana_user = "admin",
                                         .grafana_password = "x"};

static const struct answer_case {
    const struct probe *probe;
    const char *stage;
    int status;
    const char *body;
    bool ok;
    enum err_code code;
} rows[] = {
    {&probe_loki, "ready", 200, "ready\n", true, E_NONE},
    {&probe_loki, "ready", 503, "Ingester not ready: waiting for 15s", false, E_NOT_READY},
    {&probe_loki, "ready", 200, "Ready", false, E_WRONG_THING},
    {&probe_loki, "ready", 200, "<html></html>", false, E_WRONG_THING},
    {&probe_loki, "labels", 200, "{\"status\":\"success\"}", true, E_NONE},
    {&probe_loki, "labels", 401, "no org id\n", false, E_AUTH},
    {&probe_loki, "levels", 400, "maximum of series (500) reached for a single query", false,
     E_FAILING},
    {&probe_loki, "levels", 400, "<html><title>400</title></html>", false, E_WRONG_THING},
    {&probe_loki, "levels", 429, "too many outstanding requests", false, E_NOT_READY},
    {&probe_loki, "levels", 200, "{\"data\":{\"result\":7}}", true, E_NONE},
    {&probe_promtail, "ready", 200, "Ready", true, E_NONE},
    {&probe_promtail, "ready", 500, "Not ready: Unable to find any logs", false, E_NOT_READY},
    {&probe_promtail, "ready", 200, "ready", false, E_WRONG_THING},
    {&probe_promtail, "metrics", 200, "go_goroutines 5\n", false, E_WRONG_THING},
    {&probe_promtail, "metrics", 200, "", false, E_WRONG_THING},
    {&probe_prometheus, "healthy", 200, "Prometheus Server is Healthy.\n", true, E_NONE},
    {&probe_prometheus, "healthy", 200, "ready", false, E_WRONG_THING},
    {&probe_prometheus, "ready", 503, "Service Unavailable", false, E_NOT_READY},
    {&probe_prometheus, "healthy", 401, "Unauthorized\n", false, E_AUTH},
    {&probe_prometheus, "alerts", 200, "{\"status\":\"success\",\"data\":{\"alerts\":[]}}", true,
     E_NONE},
    {&probe_prometheus, "alerts", 200, "{\"status\":\"error\",\"error\":\"x\"}", false, E_FAILING},
    /* The right service, whatever the status: a query that costs too much, or cannot be computed.
     */
    {&probe_prometheus, "presets", 503,
     "{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"query timed out\"}", false,
     E_FAILING},
    {&probe_prometheus, "presets", 422,
     "{\"status\":\"error\",\"errorType\":\"execution\",\"error\":\"found duplicate series\"}",
     false, E_FAILING},
    {&probe_prometheus, "presets", 503, "Service Unavailable", false, E_NOT_READY},
    {&probe_prometheus, "alerts", 200, "{}", false, E_WRONG_THING},
    {&probe_prometheus, "presets", 400, "{\"status\":\"error\"}", false, E_WRONG_THING},
    {&probe_prometheus, "series", 200,
     "{\"status\":\"success\",\"data\":{\"headStats\":{\"numSeries\":5,\"minTime\":"
     "9223372036854775807}}}",
     true, E_NONE},
    {&probe_grafana, "health", 200, "{\"database\":\"ok\",\"version\":\"10.4.1\"}", true, E_NONE},
    {&probe_grafana, "health", 503, "{\"database\":\"failing\"}", true, E_NONE},
    {&probe_grafana, "health", 503, "upstream", false, E_NOT_READY},
    {&probe_grafana, "health", 404, "404 page not found\n", false, E_WRONG_THING},
    {&probe_grafana, "health", 200, "{\"status\":\"ok\"}", false, E_WRONG_THING},
    {&probe_grafana, "dashboards", 200, "{}", false, E_WRONG_THING},
};

TEST(every_answer_is_classified) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct probe_bench b;
        bench_init(&b, rows[i].probe, &settings);
        bool ok = bench_http(&b, rows[i].stage, rows[i].status, rows[i].body);
        if (ok != rows[i].ok || b.err.code != rows[i].code)
            fprintf(stderr, "row %zu: ok %d code %d %s\n", i, ok, b.err.code, b.err.why);
        CU_ASSERT_EQUAL(ok, rows[i].ok);
        CU_ASSERT_EQUAL(b.err.code, rows[i].code);
        (void)bench_judge(&b);
        CU_ASSERT(b.verdict.summary.cols <= 60);
        bench_done(&b);
    }
}

TEST(loki_counts_errors_by_word_and_by_number) {
    struct probe_bench b;
    bench_init(&b, &probe_loki, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "levels", 200,
                              "{\"data\":{\"result\":[{\"metric\":{\"level\":\"info\"},\"value\":"
                              "[1,\"114\"]},{\"metric\":{\"level\":\"error\"},\"value\":[1,\"4\"]},"
                              "{\"metric\":{\"level\":\"50\"},\"value\":[1,\"2\"]},"
                              "{\"metric\":{},\"value\":[1,\"NaN\"]}]}}"));
    CU_ASSERT_EQUAL(bench_number(&b, "lines_per_s"), 2);
    CU_ASSERT_EQUAL(bench_number(&b, "errors_per_min"), 6);
    CU_ASSERT_EQUAL(bench_rows(&b, "levels"), 3);
    bench_done(&b);
}

TEST(errors_among_lines_without_a_level_are_not_known) {
    static const struct {
        const char *result;
        double errors;
    } answers[] = {
        {"", 0},
        {"{\"metric\":{},\"value\":[1,\"60\"]}", -999},
        {"{\"metric\":{\"level\":\"\"},\"value\":[1,\"60\"]}", -999},
        {"{\"metric\":{},\"value\":[1,\"60\"]},{\"metric\":{\"level\":\"info\"},\"value\":[1,\"1\"]"
         "}",
         0},
    };
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct probe_bench b;
        bench_init(&b, &probe_loki, &settings);
        CU_ASSERT_TRUE(
            bench_http(&b, "levels", 200,
                       arena_printf(&b.arena, "{\"data\":{\"result\":[%s]}}", answers[i].result)));
        CU_ASSERT_EQUAL(bench_number(&b, "errors_per_min"), answers[i].errors);
        bench_judge(&b);
        CU_ASSERT(i != 1 ||
                  strcmp(b.verdict.summary.s, "ready  lines 1.0/s  errors not known") == 0);
        bench_done(&b);
    }
}

/* A console whose clock is slow would ask for an end before the newest line. */
TEST(loki_is_asked_by_its_own_clock) {
    struct probe_bench b;
    bench_init(&b, &probe_loki, &settings);
    CU_ASSERT_TRUE(bench_request(&b, "lines"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.ex.http.url, "&since=15m"));
    CU_ASSERT_PTR_NULL(strstr(b.ex.http.url, "end="));
    bench_done(&b);
}

TEST(loki_shows_the_newest_bad_lines_of_all_streams_in_one_order) {
    struct probe_bench b;
    bench_init(&b, &probe_loki, &settings);
    CU_ASSERT_TRUE(bench_http(
        &b, "lines", 200,
        "{\"data\":{\"result\":[{\"stream\":{\"service\":\"web\",\"level\":\"warn\"},\"values\":["
        "[\"3000000000\",\"plain words\"],[\"1000000000\",\"{broken\"]]},"
        "{\"stream\":{\"level\":\"50\"},\"values\":[[\"2000000000\",\"{\\\"msg\\\":\\\"pool is "
        "full\\\",\\\"url\\\":\\\"/api/x\\\",\\\"correlationId\\\":\\\"abc\\\"}\"],"
        "[\"soon\",\"no time\"],[\"2\"],7]},5]}}"));
    CU_ASSERT_EQUAL(bench_rows(&b, "lines"), 3);
    CHECK_STR(bench_cell(&b, "lines", 0, "line"), "plain words");
    CHECK_STR(bench_cell(&b, "lines", 0, "service"), "web");
    CHECK_STR(bench_cell(&b, "lines", 1, "line"), "pool is full  /api/x  id abc");
    CHECK_STR(bench_cell(&b, "lines", 1, "service"), "-");
    CHECK_STR(bench_cell(&b, "lines", 2, "line"), "{broken");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK); /* lines are to be read, not to be judged by */
    bench_done(&b);
}

TEST(loki_keeps_the_newest_lines_when_there_are_too_many) {
    struct probe_bench b;
    struct str body;
    str_init(&body, 1 << 16);
    bench_init(&b, &probe_loki, &settings);
    str_puts(&body, "{\"data\":{\"result\":[");
    for (int i = 0; i < 200; i++)
        str_printf(&body, "%s{\"stream\":{\"level\":\"warn\"},\"values\":[[\"%d\",\"line %d\"]]}",
                   i ? "," : "", 1000 + i * 7 % 200, i * 7 % 200);
    str_puts(&body, "]}}");
    CU_ASSERT_TRUE(bench_http(&b, "lines", 200, str_get(&body)));
    CU_ASSERT_EQUAL(bench_rows(&b, "lines"), 40);
    CHECK_STR(bench_cell(&b, "lines", 0, "line"), "line 199");
    CHECK_STR(bench_cell(&b, "lines", 39, "line"), "line 160");
    bench_done(&b);
    str_done(&body);
}

TEST(promtail_sums_series_and_knows_its_lag) {
    struct probe_bench b;
    bench_init(&b, &probe_promtail, &settings);
    b.previous->has_reading = true;
    b.previous->taken_mono_ms = b.run.now_mono_ms - 10000;
    reading_int(&b.previous->reading, "read_lines", UNIT_COUNT, 20);
    reading_int(&b.previous->reading, "dropped_entries", UNIT_COUNT, 0);
    CU_ASSERT_TRUE(bench_http(&b, "metrics", 200,
                              "promtail_read_lines_total{path=\"a\"} 100\n"
                              "promtail_read_lines_total{path=\"b\"} 20\n"
                              "promtail_file_bytes_total{path=\"a\"} 900\n"
                              "promtail_read_bytes_total{path=\"a\"} 400\n"
                              "promtail_dropped_entries_total{reason=\"rate_limited\"} 50\n"
                              "promtail_dropped_entries_total{reason=\"x\"} 0\n"
                              "promtail_targets_active_total 1e400\n"));
    CU_ASSERT_EQUAL(bench_number(&b, "read_lines"), 120);
    CU_ASSERT_EQUAL(bench_number(&b, "lag_bytes"), 500);
    CU_ASSERT_EQUAL(bench_number(&b, "lines_per_s"), 10);
    CU_ASSERT_EQUAL(bench_rows(&b, "dropped"), 1);
    CHECK_STR(bench_cell(&b, "dropped", 0, "reason"), "rate_limited");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "dropping"));
    bench_done(&b);
}

/* One reading each ten seconds: what it sent stands still while it reads on. */
static void promtail_read(struct probe_bench *b, int at_s, int read, int sent) {
    char body[160];
    struct section *before = section_new(SERVICE_promtail);
    before->has_reading = at_s > 0;
    before->taken_mono_ms = 1000000 + (at_s - 10) * 1000;
    for (uint32_t i = 0; i < b->reading.n_metrics; i++) {
        double n;
        const struct metric *m = &b->reading.metrics[i];
        if (value_number(m->value, &n))
            reading_real(&before->reading, arena_strdup(&before->arena, m->name), m->unit, n);
    }
    if (at_s)
        bench_done(b);
    bench_init(b, &probe_promtail, &settings);
    section_unref(b->previous);
    b->run.previous = b->previous = before;
    b->run.now_mono_ms = 1000000 + at_s * 1000;
    snprintf(body, sizeof body,
             "promtail_read_lines_total{path=\"a\"} %d\npromtail_sent_entries_total %d\n", read,
             sent);
    CU_ASSERT_TRUE(bench_http(b, "metrics", 200, body));
    bench_judge(b);
}

TEST(a_promtail_that_reads_and_sends_nothing_is_told) {
    static const struct {
        int read, sent, unsent;
        const char *what; /* NULL = nothing is said */
    } steps[] = {
        {100, 100, -999, NULL},
        {120, 100, 20, NULL},
        {130, 100, 30, NULL},
        {140, 100, 40, "it has sent nothing for 20s, and read 40 lines meanwhile"},
        {140, 100, 40, "it has sent nothing for 30s, and read 40 lines meanwhile"},
        {150, 150, 0, NULL},
        {150, 150, 0, NULL},
        {150, 150, 0, NULL},
        {2000, 0, 0, "it has read 2,000 lines and never sent one"},
        {5, 0, 0, NULL},
    };
    struct probe_bench b = {.reading.n_metrics = 0};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        promtail_read(&b, (int)i * 10, steps[i].read, steps[i].sent);
        CU_ASSERT_EQUAL(bench_number(&b, "unsent_lines"), steps[i].unsent);
        const struct finding *f = bench_finding(&b, "sends_nothing");
        CHECK_STR(f ? f->what.s : NULL, steps[i].what);
    }
    bench_done(&b);
}

/* "a" was cut after it was read: what is missing of "b" is missing all the same. */
TEST(promtails_lag_is_that_of_each_file) {
    struct probe_bench b;
    bench_init(&b, &probe_promtail, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "metrics", 200,
                              "promtail_file_bytes_total{path=\"a\"} 0\n"
                              "promtail_file_bytes_total{path=\"b\"} 30000000\n"
                              "promtail_read_bytes_total{path=\"a\"} 90000000\n"
                              "promtail_read_bytes_total{path=\"b\"} 5000000\n"
                              "promtail_read_bytes_total{path=\"c\"} 7\n"));
    CU_ASSERT_EQUAL(bench_number(&b, "lag_bytes"), 25000000);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "lag"));
    bench_done(&b);
}

TEST(promtails_lag_counts_all_of_many_files) {
    struct probe_bench b;
    struct str body;
    bench_init(&b, &probe_promtail, &settings);
    str_init(&body, 1 << 20);
    for (int i = 0; i < 400; i++)
        str_printf(&body,
                   "promtail_file_bytes_total{path=\"%d\"} 10\n"
                   "promtail_read_bytes_total{path=\"%d\"} 7\n",
                   i, i);
    CU_ASSERT_TRUE(bench_http(&b, "metrics", 200, str_get(&body)));
    CU_ASSERT_EQUAL(bench_number(&b, "lag_bytes"), 1200);
    bench_done(&b);
    bench_init(&b, &probe_promtail, &settings); /* of containers there are no files */
    CU_ASSERT_TRUE(bench_http(&b, "metrics", 200, "promtail_read_bytes_total 7\n"));
    CU_ASSERT_EQUAL(bench_number(&b, "lag_bytes"), -999);
    bench_done(&b);
    str_done(&body);
}

TEST(a_restarted_counter_gives_no_rate) {
    struct probe_bench b;
    double rate = -1;
    bench_init(&b, &probe_promtail, &settings);
    CU_ASSERT_FALSE(probe_rate(&b.run, "read_lines", 5, &rate));
    b.previous->has_reading = true;
    b.previous->taken_mono_ms = b.run.now_mono_ms;
    reading_int(&b.previous->reading, "read_lines", UNIT_COUNT, 20);
    CU_ASSERT_FALSE(probe_rate(&b.run, "read_lines", 25, &rate));
    b.previous->taken_mono_ms -= 1000;
    CU_ASSERT_FALSE(probe_rate(&b.run, "read_lines", 5, &rate));
    CU_ASSERT_TRUE(probe_rate(&b.run, "read_lines", 25, &rate));
    CU_ASSERT_EQUAL(rate, 5);
    bench_done(&b);
}

TEST(no_series_is_not_zero) {
    struct probe_bench b;
    bench_init(&b, &probe_prometheus, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "presets", 200,
                              "{\"status\":\"success\",\"data\":{\"result\":["
                              "{\"metric\":{\"preset\":\"p99_s\"},\"value\":[1,\"1.5\"]},"
                              "{\"metric\":{\"preset\":\"p95_s\"},\"value\":[1,\"NaN\"]},"
                              "{\"metric\":{\"preset\":\"error_pct\"},\"value\":[1,\"0\"]}]}}"));
    CU_ASSERT_EQUAL(bench_number(&b, "p99_s"), 1.5);
    CU_ASSERT_EQUAL(bench_number(&b, "p95_s"), -999);
    CU_ASSERT_EQUAL(bench_number(&b, "error_pct"), 0);
    CU_ASSERT_EQUAL(reading_metric(&b.reading, "pg_active")->value.kind, VALUE_NONE);
    CHECK_STR(bench_cell(&b, "presets", 0, "state"), "ok");
    CHECK_STR(bench_cell(&b, "presets", 1, "state"), "no data");
    CHECK_STR(bench_cell(&b, "presets", 4, "state"), "no series");
    CU_ASSERT_EQUAL(bench_rows(&b, "presets"), 10);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NULL(strchr(b.ex.http.url, ' '));
    bench_done(&b);
}

/* The clock of the bench: 1795334400 s is 1000000 ms of ours. */
TEST(the_past_comes_at_its_own_time_and_is_asked_once) {
    struct probe_bench b;
    bench_init(&b, &probe_prometheus, &settings);
    const struct probe_stage *past = bench_stage(&b, "past");
    CU_ASSERT_FALSE(past->request(&b.run, &b.ex)); /* one answer alone needs no curve */
    b.previous->has_reading = true;
    CU_ASSERT_TRUE(bench_http(&b, "past", 200,
                              "{\"status\":\"success\",\"data\":{\"result\":["
                              "{\"metric\":{\"preset\":\"request_rate\"},\"values\":"
                              "[[1795334100,\"7\"],[1795334390,\"9\"],[1795334400,\"NaN\"],"
                              "[1795330000,\"5\"],[1e300,\"5\"],[-1e300,\"5\"],[1795334380,"
                              "\"1e300\"],[\"x\"],7]},"
                              "{\"metric\":{\"preset\":\"nobody\"},\"values\":[]},{}]}}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.ex.http.url, "start=1795333500&end=1795334400&step=10"));
    CU_ASSERT_EQUAL(b.reading.n_past, 1);
    CHECK_STR(b.reading.past[0].name, "request_rate");
    const struct trend *t = &b.reading.past[0].trend;
    CU_ASSERT_TRUE(trend_at(t, (1000000 - 300000) / 10000) == 7);
    CU_ASSERT_TRUE(trend_at(t, (1000000 - 10000) / 10000) == 9); /* 1e300 is no figure */
    float outside = trend_at(t, (1000000 - 320000) / 10000);
    CU_ASSERT_TRUE(outside != outside);

    struct section *next = section_new(SERVICE_prometheus);
    next->taken_mono_ms = 1000000;
    reading_append(&next->reading, &b.reading);
    reading_real(&next->reading, "request_rate", UNIT_PER_SECOND, 11);
    section_keep_series(next, b.previous, true);
    t = section_trend(next, "request_rate");
    CU_ASSERT_TRUE(trend_at(t, 70) == 7 && trend_at(t, 99) == 9 && trend_at(t, 100) == 11);
    section_unref(next);
    bench_done(&b);
}

TEST(alerts_have_the_worst_first) {
    struct probe_bench b;
    bench_init(&b, &probe_prometheus, &settings);
    CU_ASSERT_TRUE(bench_http(
        &b, "alerts", 200,
        "{\"status\":\"success\",\"data\":{\"alerts\":["
        "{\"labels\":{\"alertname\":\"P\",\"severity\":\"warning\"},\"state\":\"pending\"},"
        "{\"labels\":{\"alertname\":\"C\",\"severity\":\"critical\",\"route\":\"/x\"},"
        "\"annotations\":{\"summary\":\"slow\",\"runbook_url\":\"https://r\"},\"state\":\"firing\","
        "\"activeAt\":\"2026-04-11T10:30:00.123456789Z\",\"value\":\"3.5e+00\"},7,{}]}}"));
    CHECK_STR(bench_cell(&b, "alerts", 0, "name"), "C");
    CHECK_STR(reading_table(&b.reading, "alerts")->rows[0].key.s, "C{route=\"/x\"}");
    CHECK_STR(bench_cell(&b, "alerts", 0, "value"), "3.5");
    CHECK_STR(bench_cell(&b, "alerts", 0, "runbook"), "https://r");
    CHECK_STR(bench_cell(&b, "alerts", 0, "since"), "1775903400");
    CU_ASSERT_EQUAL(bench_number(&b, "alerts_firing"), 1);
    CU_ASSERT_EQUAL(bench_number(&b, "alerts_pending"), 1);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    bench_done(&b);
}

TEST(a_rule_that_fires_for_many_routes_is_one_finding) {
    struct probe_bench b;
    bench_init(&b, &probe_prometheus, &settings);
    CU_ASSERT_TRUE(
        bench_http(&b, "alerts", 200,
                   "{\"status\":\"success\",\"data\":{\"alerts\":["
                   "{\"labels\":{\"alertname\":\"R\",\"route\":\"/a\"},\"state\":\"firing\","
                   "\"annotations\":{\"summary\":\"/a is slow\"}},"
                   "{\"labels\":{\"alertname\":\"S\",\"route\":\"/b\"},\"state\":\"firing\"},"
                   "{\"labels\":{\"alertname\":\"R\",\"route\":\"/c\"},\"state\":\"firing\"},"
                   "{\"labels\":{\"alertname\":\"R\",\"route\":\"/d\"},\"state\":\"pending\"},"
                   "{\"labels\":{\"route\":\"/e\"},\"state\":\"firing\"}]}}"));
    CU_ASSERT_EQUAL(bench_number(&b, "alerts_firing"), 4);
    CU_ASSERT_EQUAL(reading_table(&b.reading, "alerts")->n_rows, 5);
    CU_ASSERT_EQUAL_FATAL(b.reading.n_findings, 3);
    CHECK_STR(b.reading.findings[0].what.s, "alert R, 2 of them: /a is slow");
    CHECK_STR(b.reading.findings[1].what.s, "alert S{route=\"/b\"}");
    CHECK_STR(b.reading.findings[2].what.s, "alert -{route=\"/e\"}");
    bench_done(&b);
}

TEST(targets_and_rules_are_tables) {
    struct probe_bench b;
    bench_init(&b, &probe_prometheus, &settings);
    CU_ASSERT_TRUE(
        bench_http(&b, "targets", 200,
                   "{\"status\":\"success\",\"data\":{\"activeTargets\":[{\"labels\":{"
                   "\"job\":\"goodgo-api\",\"instance\":\"api:3001\"},\"health\":\"down\","
                   "\"lastError\":\"refused\",\"lastScrape\":\"0001-01-01T00:00:00Z\"},"
                   "{\"labels\":{},\"health\":\"up\"}]}}"));
    CU_ASSERT_TRUE(bench_http(&b, "rules", 200,
                              "{\"status\":\"success\",\"data\":{\"groups\":[{\"rules\":[{\"name\":"
                              "\"ApiLatencyP99High\",\"state\":\"inactive\",\"health\":\"ok\","
                              "\"duration\":300,\"query\":\"x > 1\"}]},{}]}}"));
    CU_ASSERT_EQUAL(bench_number(&b, "targets_down"), 1);
    CHECK_STR(bench_cell(&b, "targets", 0, "error"), "refused");
    CU_ASSERT_PTR_NULL(bench_cell(&b, "targets", 0, "last_scrape_age"));
    CHECK_STR(bench_cell(&b, "rules", 0, "for"), "300");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    bench_done(&b);
}

/* Does Prometheus say with it only what the API's failure says already? */
static bool is_echo(const char *finding) {
    for (const struct probe_echo *e = probe_prometheus.echoes; e->finding; e++)
        if (strcmp(e->finding, finding) == 0)
            return true;
    return false;
}

/* What is down beside the API is no echo of the API being down. */
/* A Prometheus that was restarted a moment ago. */
TEST(a_target_that_was_not_scraped_yet_is_neither_up_nor_down) {
    struct probe_bench b;
    bench_init(&b, &probe_prometheus, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "targets", 200,
                              "{\"status\":\"success\",\"data\":{\"activeTargets\":["
                              "{\"labels\":{\"job\":\"goodgo-api\"},\"health\":\"unknown\"},"
                              "{\"labels\":{},\"health\":\"up\"}]}}"));
    CU_ASSERT_EQUAL(bench_number(&b, "targets_unscraped"), 1);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    CHECK_STR(b.verdict.summary.s, "1 target up  0 down  1 not scraped yet  - firing");
    bench_done(&b);
}

TEST(a_target_that_is_not_the_api_has_a_code_of_its_own) {
    struct probe_bench b;
    bench_init(&b, &probe_prometheus, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "targets", 200,
                              "{\"status\":\"success\",\"data\":{\"activeTargets\":[{\"labels\":{"
                              "\"job\":\"goodgo-api\"},\"health\":\"down\"},{\"labels\":{"
                              "\"job\":\"node\"},\"health\":\"down\"}]}}"));
    CU_ASSERT_EQUAL_FATAL(b.reading.n_findings, 2);
    CHECK_STR(b.reading.findings[0].code, "target_down");
    CHECK_STR(b.reading.findings[1].code, "other_target_down");
    CU_ASSERT_TRUE(is_echo(b.reading.findings[0].code));
    CU_ASSERT_FALSE(is_echo(b.reading.findings[1].code));
    bench_done(&b);
}

#define PROM_DATA(data) "{\"status\":\"success\",\"data\":" data "}"
#define PROM_ITSELF     "{\"labels\":{\"job\":\"prometheus\"},\"health\":\"up\"}"
#define PROM_API        "{\"labels\":{\"job\":\"goodgo-api\"},\"health\":\"unknown\"}"

#define RULE(name)   "{\"name\":\"" name "\",\"state\":\"inactive\",\"health\":\"ok\"}"
#define RULES(rules) PROM_DATA("{\"groups\":[{\"rules\":[" rules "]}]}")
#define THREE_RULES                                                                                \
    RULE("ApiLatencyP99High")                                                                      \
    "," RULE("ApiEndpointLatencyP99High") "," RULE("ApiErrorRate5xxHig"                            \
                                                   "h")

/* One of the runbook's four that is not loaded never fires; of none at all another finding tells.
 */
TEST(prometheus_without_one_of_its_rules) {
    struct probe_bench b;
    bench_init(&b, &probe_prometheus, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "rules", 200, RULES(THREE_RULES)));
    CU_ASSERT_EQUAL(bench_number(&b, "rules"), 3);
    CU_ASSERT_EQUAL(bench_rows(&b, "rules"), 4);
    CHECK_STR(bench_cell(&b, "rules", 3, "name"), "ApiLatencyP99Critical");
    CHECK_STR(bench_cell(&b, "rules", 3, "state"), "missing");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    const struct finding *f = bench_finding(&b, "rules_missing");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CHECK_STR(f->what.s, "1 of the 4 alert rules is missing, for example ApiLatencyP99Critical");
    bench_done(&b);
    bench_init(&b, &probe_prometheus, &settings);
    CU_ASSERT_TRUE(
        bench_http(&b, "rules", 200, RULES(RULE("ApiLatencyP99Critical") "," THREE_RULES)));
    CU_ASSERT_EQUAL(bench_rows(&b, "rules"), 4);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    bench_done(&b);
}

/* The rules were asked a minute ago, the alerts now. */
TEST(a_rule_is_as_its_alerts_are) {
    struct probe_bench b;
    bench_init(&b, &probe_prometheus, &settings);
    CU_ASSERT_TRUE(bench_http(
        &b, "rules", 200,
        RULES(THREE_RULES ",{\"name\":\"ApiLatencyP99Critical\",\"state\":\"firing\",\"health\":"
                          "\"ok\",\"labels\":{\"severity\":\"critical\"}},"
                          "{\"name\":\"job:rate\",\"type\":\"recording\",\"health\":\"ok\"}," RULE(
                              "Twin") "," RULE("Twin"))));
    CU_ASSERT_TRUE(bench_http(
        &b, "alerts", 200,
        PROM_DATA(
            "{\"alerts\":["
            "{\"labels\":{\"alertname\":\"ApiLatencyP99High\"},\"state\":\"pending\"},"
            "{\"labels\":{\"alertname\":\"ApiLatencyP99High\"},\"state\":\"firing\"},"
            "{\"labels\":{\"alertname\":\"ApiEndpointLatencyP99High\"},\"state\":\"pending\"},"
            "{\"labels\":{\"alertname\":\"Twin\"},\"state\":\"firing\"}]}")));
    bench_judge(&b);
    static const char *const states[] = {"firing",    "pending",  "inactive", "inactive",
                                         "recording", "inactive", "inactive"};
    static const enum health healths[] = {HEALTH_WARNING, HEALTH_UNKNOWN, HEALTH_OK, HEALTH_OK,
                                          HEALTH_OK,      HEALTH_OK,      HEALTH_OK};
    const struct table *t = reading_table(&b.reading, "rules");
    CU_ASSERT_EQUAL_FATAL(t->n_rows, ARRAY_LEN(states));
    for (uint32_t i = 0; i < t->n_rows; i++) {
        CHECK_STR(bench_cell(&b, "rules", i, "state"), states[i]);
        CU_ASSERT_EQUAL(t->rows[i].health, healths[i]);
    }
    bench_done(&b);
}

/* Jobs that a change of the configuration lost are down nowhere. */
TEST(prometheus_without_the_apis_job) {
    static const struct {
        int64_t uptime_ms;
        const char *api_url, *targets, *finding;
    } cases[] = {
        {60000, "http://api:3001", PROM_DATA("{\"activeTargets\":[]}"), "no_targets"},
        {60000, NULL, PROM_DATA("{\"activeTargets\":[]}"), "no_targets"},
        {9000, "http://api:3001", PROM_DATA("{\"activeTargets\":[]}"), NULL},
        {60000, "http://api:3001", PROM_DATA("{\"activeTargets\":[" PROM_ITSELF "]}"),
         "api_not_scraped"},
        {60000, NULL, PROM_DATA("{\"activeTargets\":[" PROM_ITSELF "]}"), NULL},
        {60000, "http://api:3001", PROM_DATA("{\"activeTargets\":[" PROM_ITSELF "," PROM_API "]}"),
         NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct probe_bench b;
        char started[40], runtime[120];
        struct settings platform = settings;
        platform.api_url = cases[i].api_url;
        bench_init(&b, &probe_prometheus, &platform);
        clock_iso8601(b.run.now_wall_ms - cases[i].uptime_ms, started, sizeof started);
        snprintf(runtime, sizeof runtime, PROM_DATA("{\"startTime\":\"%s\"}"), started);
        CU_ASSERT_TRUE(bench_http(&b, "targets", 200, cases[i].targets));
        CU_ASSERT_TRUE(bench_http(&b, "runtime", 200, runtime));
        enum health health = bench_judge(&b);
        CU_ASSERT_EQUAL(health, cases[i].finding ? HEALTH_WARNING : HEALTH_OK);
        if (cases[i].finding)
            CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, cases[i].finding));
        bench_done(&b);
    }
}

/* An API that is down explains its own alerts, and not that a disk is full. */
TEST(an_alert_that_is_not_the_apis_is_folded_under_nobody) {
    struct probe_bench b;
    bench_init(&b, &probe_prometheus, &settings);
    CU_ASSERT_TRUE(
        bench_http(&b, "alerts", 200,
                   "{\"status\":\"success\",\"data\":{\"alerts\":["
                   "{\"labels\":{\"alertname\":\"ApiErrorRate5xxHigh\"},\"state\":\"firing\"},"
                   "{\"labels\":{\"alertname\":\"DiskWillFillApi\"},\"state\":\"firing\"}]}}"));
    CU_ASSERT_EQUAL_FATAL(b.reading.n_findings, 2);
    CHECK_STR(b.reading.findings[0].code, "alert_firing");
    CHECK_STR(b.reading.findings[1].code, "other_alert_firing");
    CU_ASSERT_TRUE(is_echo(b.reading.findings[0].code));
    CU_ASSERT_FALSE(is_echo(b.reading.findings[1].code));
    bench_done(&b);
}

/* Then above all they must be read; the rules are asked for without theirs. */
TEST(a_storm_of_alerts_is_read) {
    enum { N = 6000 };
    struct probe_bench b;
    struct str body;
    bench_init(&b, &probe_prometheus, &settings);
    str_init(&body, 8u << 20);
    str_puts(&body, "{\"status\":\"success\",\"data\":{\"alerts\":[");
    for (int i = 0; i < N; i++)
        str_printf(&body,
                   "%s{\"labels\":{\"alertname\":\"Down\",\"instance\":\"10.0.%d.%d:9100\"},"
                   "\"annotations\":{\"summary\":\"%0400d\"},\"state\":\"firing\"}",
                   i ? "," : "", i / 250, i % 250, i);
    str_puts(&body, "]}}");
    CU_ASSERT_TRUE(body.len > (2u << 20));
    CU_ASSERT_TRUE(bench_http(&b, "alerts", 200, str_get(&body)));
    CU_ASSERT_TRUE(b.ex.http.max_body_bytes > body.len);
    CU_ASSERT_EQUAL(bench_number(&b, "alerts_firing"), N);
    CU_ASSERT_EQUAL(bench_rows(&b, "alerts"), 1000);
    CU_ASSERT_EQUAL(reading_table(&b.reading, "alerts")->n_total, N);
    CU_ASSERT_TRUE(bench_request(&b, "rules"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.ex.http.url, "exclude_alerts=true"));
    str_done(&body);
    bench_done(&b);
}

#define UP_COUNT(up, down)                                                                         \
    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["                     \
    "{\"metric\":{\"health\":\"up\"},\"value\":[1,\"" up "\"]},"                                   \
    "{\"metric\":{\"health\":\"down\"},\"value\":[1,\"" down "\"]}]}}"

/* The list of 5,000 targets has many MB: of so many only those that are down are asked for. */
TEST(of_thousands_of_targets_only_the_down_ones_are_listed) {
    struct probe_bench b;
    bench_init(&b, &probe_prometheus, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "up", 200, UP_COUNT("4998", "2")));
    CU_ASSERT_TRUE(
        bench_http(&b, "targets", 200,
                   "{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{\"job\":"
                   "\"node\",\"instance\":\"n1:9100\"},\"value\":[1,\"0\"]},{\"metric\":{"
                   "\"job\":\"node\",\"instance\":\"n2:9100\"},\"value\":[1,\"0\"]}]}}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.ex.http.url, "query=up%20%3D%3D%200&"));
    CU_ASSERT_EQUAL(bench_number(&b, "targets_up"), 4998);
    CU_ASSERT_EQUAL(bench_number(&b, "targets_down"), 2);
    CU_ASSERT_EQUAL(bench_rows(&b, "targets"), 2);
    CHECK_STR(bench_cell(&b, "targets", 1, "instance"), "n2:9100");
    CU_ASSERT_EQUAL_FATAL(b.reading.n_findings, 1);
    CHECK_STR(b.reading.findings[0].what.s,
              "it cannot scrape 2 of its targets, for example node at n1:9100");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    reading_append(&b.previous->reading, &b.reading);
    b.run.notes = 0; /* a run in which the count is young still */
    CU_ASSERT_TRUE(bench_request(&b, "targets"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.ex.http.url, "/query?"));
    CU_ASSERT_TRUE(bench_http(&b, "up", 200, UP_COUNT("150", "0"))); /* they became fewer */
    CU_ASSERT_TRUE(bench_request(&b, "targets"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.ex.http.url, "/targets?state=active"));
    bench_done(&b);
}

TEST(grafana_finds_the_seven_dashboards) {
    struct probe_bench b;
    bench_init(&b, &probe_grafana, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "dashboards", 200,
                              "[{\"uid\":\"goodgo-api-latency\",\"title\":\"Latency\"},"
                              "{\"uid\":\"logs\"},{\"uid\":\"mine\",\"title\":\"Mine\"},{}]"));
    CU_ASSERT_EQUAL(bench_number(&b, "dashboards_missing"), 5);
    CHECK_STR(bench_cell(&b, "dashboards", 0, "expected"), "yes");
    CHECK_STR(bench_cell(&b, "dashboards", 2, "expected"), "no");
    CHECK_STR(bench_cell(&b, "dashboards", 3, "expected"), "missing");
    bench_done(&b);
}

/* hide_version leaves its version and commit out; a database that fails is said with a 503. */
TEST(grafana_says_how_its_database_is_with_or_without_a_version) {
    struct probe_bench b;
    bench_init(&b, &probe_grafana, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "health", 200, "{\"database\":\"ok\"}"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    CHECK_STR(b.verdict.summary.s, "-  database ok  - dashboards");
    CU_ASSERT_TRUE(bench_http(&b, "health", 503, "{\"database\":\"failing\"}"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "database"));
    bench_done(&b);
}

TEST(grafana_asks_a_refused_password_only_once) {
    struct probe_bench b;
    bench_init(&b, &probe_grafana, &settings);
    CU_ASSERT_TRUE(bench_http(&b, "dashboards", 401, "{\"messageId\":\"password-auth.failed\"}"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "auth"));
    reading_int(&b.previous->reading, "login_refused", UNIT_BOOL, 1);
    CU_ASSERT_FALSE(bench_request(&b, "dashboards"));
    bench_done(&b);
}

TEST(grafana_refuses_a_wrong_token_as_auth) {
    static const struct settings token = {.grafana_url = "http://g", .grafana_token = "t"};
    struct probe_bench b;
    bench_init(&b, &probe_grafana, &token);
    CU_ASSERT_FALSE(bench_http(&b, "dashboards", 401, "{\"messageId\":\"api-key.invalid\"}"));
    CU_ASSERT_EQUAL(b.err.code, E_AUTH);
    CU_ASSERT_FALSE(bench_http(&b, "dashboards", 403,
                               "{\"accessErrorId\":\"ACE1\",\"title\":\"Access denied\"}"));
    CU_ASSERT_EQUAL(b.err.code, E_AUTH);
    bench_done(&b);
}

SUITE(probe_observe, T(every_answer_is_classified), T(loki_counts_errors_by_word_and_by_number),
      T(promtail_sums_series_and_knows_its_lag), T(a_promtail_that_reads_and_sends_nothing_is_told),
      T(promtails_lag_is_that_of_each_file), T(promtails_lag_counts_all_of_many_files),
      T(a_rule_is_as_its_alerts_are), T(a_restarted_counter_gives_no_rate),
      T(no_series_is_not_zero), T(the_past_comes_at_its_own_time_and_is_asked_once),
      T(alerts_have_the_worst_first), T(a_rule_that_fires_for_many_routes_is_one_finding),
      T(targets_and_rules_are_tables), T(a_target_that_was_not_scraped_yet_is_neither_up_nor_down),
      T(a_target_that_is_not_the_api_has_a_code_of_its_own), T(prometheus_without_the_apis_job),
      T(prometheus_without_one_of_its_rules),
      T(an_alert_that_is_not_the_apis_is_folded_under_nobody), T(a_storm_of_alerts_is_read),
      T(of_thousands_of_targets_only_the_down_ones_are_listed),
      T(grafana_finds_the_seven_dashboards),
      T(grafana_says_how_its_database_is_with_or_without_a_version),
      T(grafana_asks_a_refused_password_only_once), T(grafana_refuses_a_wrong_token_as_auth),
      T(errors_among_lines_without_a_level_are_not_known), T(loki_is_asked_by_its_own_clock),
      T(loki_shows_the_newest_bad_lines_of_all_streams_in_one_order),
      T(loki_keeps_the_newest_lines_when_there_are_too_many))
