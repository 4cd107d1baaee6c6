/* tests/unit/test_probe_hostile.c - every stage of every probe: its good reply, and that reply bent
 * in every place: values of any type and size, names that are missing, bytes cut off, statuses that
 * mean failure. Nothing crashes, nothing unclean gets through, a refusal is a sentence. */
#include "harness.h"

#include <stdlib.h>

#include "tests/probe_replies.h"
#include "tests/probe_rows.h"

static const struct settings settings = {
    .api_url = "http://h",
    .web_url = "http://h",
    .ai_url = "http://h",
    .typesense_url = "http://h",
    .minio_url = "http://h",
    .prometheus_url = "http://h",
    .loki_url = "http://h",
    .promtail_url = "http://h",
    .grafana_url = "http://h",
    .typesense_key = "k",
    .minio_access_key = "a",
    .minio_secret_key = "s",
    .minio_bucket = "b",
    .grafana_token = "t",
    .production = true,
    .pooled = {.host = "p", .dbname = "goodgo"},
};

static struct http_header minio_header[] = {{"server", "MinIO"}};

/* A stage fed with these bytes, then judged. */
static bool feed(const struct http_good *g, int status, const char *body, size_t n) {
    struct probe_bench b;
    bench_init(&b, probes[g->service], &settings);
    b.previous->has_reading = true;
    b.previous->taken_mono_ms = b.run.now_mono_ms - 5000;
    bool ok = bench_http_headers(&b, g->stage, status, body, n, minio_header,
                                 g->service == SERVICE_minio);
    (void)bench_judge(&b);
    bool clean = bench_is_clean(&b, ok);
    if (!clean)
        printf("\n    %s %s is not clean after %d: %.300s\n", b.probe->title, g->stage, status,
               body);
    CU_ASSERT_TRUE(clean);
    bench_done(&b);
    return ok;
}

static bool is_http(const struct probe *p, const struct probe_stage *s) {
    struct probe_bench b;
    bench_init(&b, p, &settings);
    b.run.server_version = 12500;
    b.previous->has_reading = true; /* the past is not asked for one answer alone */
    bool http = bench_request(&b, s->name) && b.ex.kind == EXCHANGE_HTTP;
    bench_done(&b);
    return http;
}

TEST(every_stage_has_a_good_reply_that_is_read) {
    uint32_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(http_good); i++)
        CU_ASSERT_TRUE(feed(&http_good[i], 200, http_good[i].body, strlen(http_good[i].body)));
    for (int s = 0; s < SERVICE_COUNT; s++)
        for (uint32_t i = 0; i < probes[s]->n_stages; i++)
            n += is_http(probes[s], &probes[s]->stages[i]);
    CU_ASSERT_EQUAL(n, ARRAY_LEN(http_good));
    n = probes[SERVICE_postgres]->n_stages + probes[SERVICE_pgbouncer]->n_stages;
    CU_ASSERT_EQUAL(n, ARRAY_LEN(pg_good) + 1); /* the ping has no rows */
}

/* What a stage calls failure, where it is not what the status says by itself. */
static enum err_code expected(const struct http_good *g, int status) {
    if (status == 401 || status == 403)
        return E_AUTH;
    if (status == 429 || status == 503)
        return E_NOT_READY;
    if (status >= 500)
        return E_FAILING;
    bool says_elsewhere = g->service == SERVICE_typesense &&
                          (!strcmp(g->stage, "facet") || !strcmp(g->stage, "listings"));
    return status == 404 && says_elsewhere ? E_NONE : E_WRONG_THING;
}

TEST(every_status_is_classified_at_every_stage) {
    static const int statuses[] = {401, 403, 404, 429, 500, 502, 503};
    for (size_t i = 0; i < ARRAY_LEN(http_good); i++)
        for (size_t k = 0; k < ARRAY_LEN(statuses); k++) {
            const struct http_good *g = &http_good[i];
            struct probe_bench b;
            bench_init(&b, probes[g->service], &settings);
            b.previous->has_reading = true;
            bool ok = bench_http(&b, g->stage, statuses[k], "no \033[31mJSON");
            enum err_code code = expected(g, statuses[k]);
            if (b.err.code != code)
                printf("\n    %s %s: %d is %s\n", b.probe->title, g->stage, statuses[k],
                       err_code_name(b.err.code));
            CU_ASSERT_EQUAL(ok, code == E_NONE);
            CU_ASSERT_EQUAL(b.err.code, code);
            CU_ASSERT_TRUE(bench_is_clean(&b, ok));
            bench_done(&b);
        }
}

static const char *const odd_values[] = {
    "null",
    "true",
    "-1",
    "0",
    "9223372036854775807",
    "1e999",
    "-0.5",
    "[]",
    "{}",
    "\"\"",
    "\"NaN\"",
    "\"-9223372036854775808\"",
    "\"\\u001b[2J\\u009b\\u202e\"",
    "\"\xff\xfe\xc3\"",
    "[[[[\"x\"]]]]",
    "{\"status\":{\"status\":5}}",
};

/* The next scalar or name of a JSON text from *at on. */
static bool next_scalar(const char *s, size_t *at, size_t *ret_start, size_t *ret_n) {
    size_t i = *at + strcspn(s + *at, "\"0123456789-tfn");
    if (!s[i])
        return false;
    size_t n = 1;
    if (s[i] == '"') {
        n += strcspn(s + i + 1, "\"");
        n += s[i + n] == '"'; /* an escaped quote before it may have left one without its end */
    } else {
        n = strcspn(s + i, ",]}:");
    }
    *ret_start = i;
    *ret_n = n;
    *at = i + n;
    return true;
}

static void feed_with(const struct http_good *g, size_t start, size_t n, const char *value) {
    char text[4000];
    int len =
        snprintf(text, sizeof text, "%.*s%s%s", (int)start, g->body, value, g->body + start + n);
    (void)feed(g, 200, text, (size_t)len);
}

TEST(every_value_and_name_of_a_json_reply_may_be_anything) {
    for (size_t i = 0; i < ARRAY_LEN(http_good); i++) {
        const struct http_good *g = &http_good[i];
        size_t at = 0, start, n;
        if (g->body[0] != '{' && g->body[0] != '[')
            continue;
        while (next_scalar(g->body, &at, &start, &n))
            for (size_t k = 0; k < ARRAY_LEN(odd_values); k++)
                feed_with(g, start, n, odd_values[k]);
    }
}

TEST(every_text_of_an_xml_or_metrics_reply_may_be_anything) {
    static const char *const texts[] = {"",
                                        "-1",
                                        "9223372036854775807",
                                        "&#27;[2J&#x9b;",
                                        "\xff",
                                        "&amp",
                                        "&#0;",
                                        "<Key>",
                                        "NaN",
                                        "{x=\"\\",
                                        "true"};
    for (size_t i = 0; i < ARRAY_LEN(http_good); i++) {
        const struct http_good *g = &http_good[i];
        if (g->service != SERVICE_minio && strcmp(g->stage, "metrics") != 0)
            continue;
        for (const char *p = g->body; *p; p++) {
            size_t n = strcspn(p, "<>\n \"={}");
            for (size_t k = 0; n && k < ARRAY_LEN(texts); k++)
                feed_with(g, (size_t)(p - g->body), n, texts[k]);
            p += n;
            if (!*p)
                break;
        }
    }
}

TEST(every_reply_may_be_cut_anywhere) {
    for (size_t i = 0; i < ARRAY_LEN(http_good); i++)
        for (size_t n = 0; n < strlen(http_good[i].body); n++)
            (void)feed(&http_good[i], 200, http_good[i].body, n);
}

/* A list of 3,000 where some are expected: bounded by its table, and counted. */
TEST(lists_may_be_longer_than_anybody_thought) {
    static const char *const lists[][3] = {
        {"targets", "{\"status\":\"success\",\"data\":{\"activeTargets\":[",
         "{\"health\":\"down\"}"},
        {"alerts", "{\"status\":\"success\",\"data\":{\"alerts\":[", "{\"state\":\"firing\"}"},
        {"rules", "{\"status\":\"success\",\"data\":{\"groups\":[{\"rules\":[", "{\"name\":\"r\"}"},
    };
    static const char *const ends[] = {"]}}", "]}}", "]}]}}"};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct http_good g = {SERVICE_prometheus, lists[i][0], ""};
        struct probe_bench b;
        struct str body;
        str_init(&body, 1 << 20);
        str_puts(&body, lists[i][1]);
        for (int k = 0; k < 3000; k++)
            str_printf(&body, "%s%s", k ? "," : "", lists[i][2]);
        str_puts(&body, ends[i]);
        CU_ASSERT_TRUE(feed(&g, 200, str_get(&body), body.len));
        bench_init(&b, probes[g.service], &settings);
        CU_ASSERT_TRUE(bench_http(&b, g.stage, 200, str_get(&body)));
        CU_ASSERT_EQUAL(bench_rows(&b, g.stage), 1000);
        bench_done(&b);
        str_done(&body);
    }
}

static void feed_rows(const struct pg_good *g, const char *columns, const char *rows) {
    struct probe_bench b;
    bench_init(&b, probes[g->service], &settings);
    b.previous->has_reading = true;
    b.previous->taken_mono_ms = b.run.now_mono_ms - 5000;
    b.run.server_version = g->service == SERVICE_postgres ? 160003 : 12500;
    bool ok = bench_pg(&b, g->stage, b.run.server_version,
                       g->service == SERVICE_postgres ? "16.3" : "1.25.2/bouncer", columns, rows);
    (void)bench_judge(&b);
    bool clean = bench_is_clean(&b, ok);
    if (!clean)
        printf("\n    %s %s is not clean after %s\n", b.probe->title, g->stage, rows);
    CU_ASSERT_TRUE(clean);
    bench_done(&b);
}

/* The text with its n-th part (split by '|' and line ends) replaced; false past the last. */
static bool with_part(const char *text, size_t n, const char *value, char *buf, size_t size) {
    const char *p = text;
    for (; n; n--) {
        p += strcspn(p, "|\n");
        if (!*p++)
            return false;
    }
    snprintf(buf, size, "%.*s%s%s", (int)(p - text), text, value, p + strcspn(p, "|\n"));
    return true;
}

TEST(every_cell_and_column_of_rows_may_be_anything) {
    static const char *const cells[] = {"\\N",
                                        "",
                                        "-1",
                                        "9223372036854775807",
                                        "1e999",
                                        "NaN",
                                        "\033[2J\xc2\x9b",
                                        "\xff",
                                        "x",
                                        "99999999999999999999"};
    char text[3000];
    for (size_t i = 0; i < ARRAY_LEN(pg_good); i++) {
        const struct pg_good *g = &pg_good[i];
        feed_rows(g, g->columns, g->rows);
        feed_rows(g, g->columns, ""); /* no row at all */
        feed_rows(g, "other", "1\n2");
        for (size_t n = 0; with_part(g->columns, n, "renamed", text, sizeof text); n++)
            feed_rows(g, text, g->rows);
        for (size_t k = 0; k < ARRAY_LEN(cells); k++)
            for (size_t n = 0; with_part(g->rows, n, cells[k], text, sizeof text); n++)
                feed_rows(g, g->columns, text);
    }
}

TEST(five_hundred_rows_of_one_key_are_all_kept_apart) {
    for (size_t i = 0; i < ARRAY_LEN(pg_good); i++) {
        const struct pg_good *g = &pg_good[i];
        struct str rows;
        str_init(&rows, 1 << 20);
        for (int k = 0; k < 500; k++)
            str_printf(&rows, "%s%.*s", k ? "\n" : "", (int)strcspn(g->rows, "\n"), g->rows);
        feed_rows(g, g->columns, str_get(&rows));
        str_done(&rows);
    }
}

SUITE(probe_hostile, T(every_stage_has_a_good_reply_that_is_read),
      T(every_status_is_classified_at_every_stage),
      T(every_value_and_name_of_a_json_reply_may_be_anything),
      T(every_text_of_an_xml_or_metrics_reply_may_be_anything), T(every_reply_may_be_cut_anywhere),
      T(lists_may_be_longer_than_anybody_thought), T(every_cell_and_column_of_rows_may_be_anything),
      T(five_hundred_rows_of_one_key_are_all_kept_apart))
