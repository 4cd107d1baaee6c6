/* tests/unit/test_query.c - PromQL: presets, ranges, addresses, and answers of every shape. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "app/query.h"
#include "wire/json.h"

static struct arena arena;
static struct str out;
static struct err err;
static bool empty;

static const char *asked = "up{}";

static bool answer(int status, const char *body, enum query_form form) {
    struct http_reply reply = {.status = status, .body = body, .body_len = strlen(body)};
    str_done(&out);
    str_init(&out, 1 << 20);
    memset(&err, 0, sizeof err);
    return query_answer(&(struct query_asked){"http://prom:9090", asked, form}, &reply, &arena,
                        &out, &empty, &err);
}

static void prints(const char *data, const char *expected) {
    char body[2000];
    snprintf(body, sizeof body, "{\"status\":\"success\",\"data\":%s}", data);
    CU_ASSERT_TRUE(answer(200, body, QUERY_DRAWN));
    CHECK_STR(str_get(&out), expected);
    CU_ASSERT_TRUE(answer(200, body, QUERY_JSON)); /* and the other form is a document */
    struct json *j = json_parse(str_get(&out), out.len, out.len, &err);
    CHECK_STR(json_string(j, "schema"), "goodgo.query/1");
    CHECK_STR(json_string(j, "expression"), asked);
    json_free(j);
}

TEST(presets_have_names) {
    struct str names;
    str_init(&names, 1000);
    query_preset_names(&names);
    CHECK_STR(str_get(&names),
              "p99 p95 p50 error-rate request-rate api-memory api-cpu pg-active redis-memory "
              "typesense-documents");
    str_done(&names);
    CU_ASSERT_PTR_NOT_NULL(strstr(query_expression("p99"), "histogram_quantile(0.99"));
    CHECK_STR(query_expression("up == 0"), "up == 0");
}

TEST(ranges_are_a_number_and_a_unit) {
    static const char *const bad[] = {"",
                                      "1",
                                      "h",
                                      "0h",
                                      "-1h",
                                      "1.5h",
                                      "1w",
                                      "1 h",
                                      "91d",
                                      "2161h",
                                      "1hh",
                                      "999999999999999h",
                                      "99999999999999999999s",
                                      "0x1h"};
    int64_t s = 7;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CU_ASSERT_FALSE(query_range_parse(bad[i], &s));
    CU_ASSERT_EQUAL(s, 7);
    CU_ASSERT_TRUE(query_range_parse("90s", &s) && s == 90);
    CU_ASSERT_TRUE(query_range_parse("5m", &s) && s == 300);
    CU_ASSERT_TRUE(query_range_parse("1h", &s) && s == 3600);
    CU_ASSERT_TRUE(query_range_parse("90d", &s) && s == 7776000);
    CU_ASSERT_TRUE(query_range_parse("7776000s", &s) && s == 7776000);
}

TEST(addresses_are_escaped_and_aligned) {
    CHECK_STR(query_url(&arena, "http://p", "up{a=\"\341\272\255\"}", 0, 1000),
              "http://p/api/v1/query?query=up%7Ba%3D%22%E1%BA%AD%22%7D");
    CHECK_STR(query_url(&arena, "http://p", "up", 3600, 1000000059),
              "http://p/api/v1/query_range?query=up&start=999996420&end=1000000020&step=60");
    CHECK_STR(query_url(&arena, "http://p", "up", 10, 1000000007),
              "http://p/api/v1/query_range?query=up&start=999999997&end=1000000007&step=1");
    char *longer = calloc(1, 30000);
    memset(longer, '(', 29999);
    CU_ASSERT_PTR_NULL(query_url(&arena, "http://p", longer, 0, 0));
    free(longer);
}

TEST(a_vector_is_a_line_each) {
    prints("{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"up\",\"job\":\"a\","
           "\"x\":\"\"},\"value\":[1,\"1\"]},{\"metric\":{},\"value\":[1,\"NaN\"]}]}",
           "1                         up{job=\"a\",x=\"\"}\nNaN                       {}\n");
    struct json *j = json_parse(str_get(&out), out.len, out.len, &err);
    CHECK_STR(json_string(j, "series[0].labels.job"), "a");
    CHECK_STR(json_string(j, "series[1].points[0][1]"), "NaN");
    int64_t n;
    CU_ASSERT_TRUE(json_i64(j, "series[0].points[0][1]", 1, 1, &n));
    json_free(j);
}

TEST(a_matrix_is_a_line_of_bars) {
    prints("{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"m\"},\"values\":"
           "[[1,\"0\"],[2,\"NaN\"],[3,\"7\"],[4,\"+Inf\"],[5,\"3.5\"]]}]}",
           "m{}\n  ▁ █ ▄  min 0  max 7\n");
    prints(
        "{\"resultType\":\"matrix\",\"result\":[{\"metric\":{},\"values\":[[1,\"5\"],[2,\"5\"]]},"
        "{\"metric\":{},\"values\":[[1,\"NaN\"]]}]}",
        "{}\n  ▁▁  min 5  max 5\n{}\n  \n");
    prints("{\"resultType\":\"matrix\",\"result\":[{\"metric\":{},\"values\":[[1,\"-1e308\"],"
           "[2,\"1e308\"],[3,\"0\"]]}]}",
           "{}\n  ▁█▄  min -1e+308  max 1e+308\n");
}

/* As Prometheus 3.5.3 answers with native histograms on: it was a series without a figure. */
TEST(a_native_histogram_is_its_count_and_sum) {
    prints("{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"h\"},\"histogram\":"
           "[1795767874.625,{\"count\":\"1\",\"sum\":\"0.011533384\",\"buckets\":[[0,"
           "\"0.011048543456039804\",\"0.012048522073499537\",\"1\"]]}]}]}",
           "count 1, sum 0.011533384  h{}\n");
    struct json *j = json_parse(str_get(&out), out.len, out.len, &err);
    CHECK_STR(json_string(j, "series[0].points[0][1]"), "count 1, sum 0.011533384");
    json_free(j);
    prints("{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"h\"},\"histograms\":"
           "[[1,{\"count\":\"1\",\"sum\":\"0.5\"}],[2,{\"count\":\"3\",\"sum\":\"1.5\"}]]}]}",
           "h{}\n  2 histograms, the last: count 3, sum 1.5\n");
}

/* A screen reader says "lower one eighth block" for a bar. */
TEST(in_plain_words_a_course_is_its_figures) {
    CU_ASSERT_TRUE(
        answer(200,
               "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\","
               "\"result\":[{\"metric\":{\"__name__\":\"m\"},\"values\":[[1,\"4\"],"
               "[2,\"NaN\"],[3,\"7\"],[4,\"-2\"],[5,\"3.5\"]]},"
               "{\"metric\":{},\"values\":[[1,\"NaN\"]]},{\"metric\":{},\"values\":[[1,\"2\"]]}]}}",
               QUERY_PLAIN));
    CHECK_STR(str_get(&out), "m{}\n  4 points, from 4 to 3.5  min -2  max 7\n{}\n  \n"
                             "{}\n  1 point, from 2 to 2  min 2  max 2\n");
}

TEST(scalars_and_strings_are_themselves) {
    prints("{\"resultType\":\"scalar\",\"result\":[1,\"42\"]}", "42\n");
    prints("{\"resultType\":\"string\",\"result\":[1,\"a\\u001bb\"]}", "a?b\n");
    prints("{\"resultType\":\"scalar\",\"result\":[1]}", "\n");
}

TEST(no_series_is_said_and_is_not_zero) {
    prints("{\"resultType\":\"vector\",\"result\":[]}",
           "no data: no series matches (that is not zero)\n");
    CU_ASSERT_TRUE(empty);
    prints("{\"resultType\":\"vector\"}", "no data: no series matches (that is not zero)\n");
}

TEST(a_word_without_data_may_have_been_meant_as_a_preset) {
    static const struct {
        const char *word, *said;
    } rows[] = {{"p98", "p98 is no preset: did you mean p99?"},
                {"error_rate", "error_rate is no preset: did you mean error-rate?"},
                {"go_threads", "go_threads is no preset."}};
    char expected[300];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        asked = rows[i].word;
        snprintf(expected, sizeof expected,
                 "no data: no series matches (that is not zero)\n%s The presets: p99 p95 p50 "
                 "error-rate request-rate api-memory api-cpu pg-active redis-memory "
                 "typesense-documents\n",
                 rows[i].said);
        prints("{\"resultType\":\"vector\",\"result\":[]}", expected);
    }
    asked = "up{}";
}

TEST(odd_shapes_do_no_harm) {
    prints("{\"resultType\":\"vector\",\"result\":[{\"metric\":[1,2],\"value\":[1,\"1\"]}]}",
           "1                         {}\n");
    prints("{\"resultType\":\"vector\",\"result\":[{\"metric\":7,\"value\":3},5,null]}",
           "{}\n{}\n{}\n");
    prints("{\"resultType\":\"vector\",\"result\":{\"a\":1}}", "{}\n");
    prints("{\"resultType\":7,\"result\":[{\"metric\":{\"a\":5,\"__name__\":6},\"values\":7}]}",
           "{a=\"\"}\n  \n");
    prints("{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"\\u001b[2J\":\"\\u202e\"},"
           "\"value\":[1,\"\\u001b[31m1\"]}]}",
           "?[31m1                    {?[2J=\"?\"}\n");
}

TEST(many_series_and_points_are_cut_for_people_only) {
    struct str body;
    str_init(&body, 1 << 20);
    str_puts(&body, "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[");
    for (int i = 0; i < 201; i++)
        str_printf(&body, "%s{\"metric\":{\"i\":\"%d\"},\"values\":[[0,\"1\"]]}", i ? "," : "", i);
    str_puts(&body, ",{\"metric\":{},\"values\":[[0,\"1\"]");
    for (int i = 0; i < 500; i++)
        str_puts(&body, ",[1,\"1\"]");
    str_puts(&body, "]}]}}");
    CU_ASSERT_TRUE(answer(200, str_get(&body), QUERY_DRAWN));
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "... 202 series in all"));
    CU_ASSERT_TRUE(answer(200, str_get(&body), QUERY_JSON));
    struct json *j = json_parse(str_get(&out), out.len, out.len, &err);
    CU_ASSERT_EQUAL(json_size(json_get(j, "series")), 202);
    CU_ASSERT_EQUAL(json_size(json_get(j, "series[201].points")), 501);
    json_free(j);
    str_done(&out);
    str_init(&out, 100); /* no room: said, not cut in the middle */
    struct http_reply reply = {.status = 200, .body = str_get(&body), .body_len = body.len};
    CU_ASSERT_FALSE(query_answer(&(struct query_asked){"t", "up", QUERY_JSON}, &reply, &arena, &out,
                                 &empty, &err));
    CU_ASSERT_EQUAL(err.code, E_TOO_BIG);
    str_done(&body);
}

TEST(refusals_are_prometheus_own_words) {
    CU_ASSERT_FALSE(
        answer(400, "{\"status\":\"error\",\"error\":\"parse error: x\"}", QUERY_DRAWN));
    CHECK_STR(err.why, "parse error: x");
    CHECK_STR(err.todo, "correct the expression");
    CU_ASSERT_FALSE(answer(200, "{\"status\":\"success\"}", QUERY_DRAWN));
    CHECK_STR(err.why, "an answer that is not Prometheus'");
    CU_ASSERT_FALSE(answer(200, "[]", QUERY_DRAWN));
    CU_ASSERT_FALSE(answer(503, "{}", QUERY_DRAWN));
    CU_ASSERT_EQUAL(err.code, E_NOT_READY);
    CU_ASSERT_FALSE(answer(503, "Service Unavailable", QUERY_DRAWN));
    CU_ASSERT_EQUAL(err.code, E_NOT_READY);
    CU_ASSERT_FALSE(answer(200, "<html>", QUERY_DRAWN));
    CU_ASSERT_EQUAL(err.code, E_WRONG_THING);
    CHECK_STR(err.why, "HTTP 200 and no JSON");
    str_done(&out);
    arena_done(&arena);
}

SUITE(query, T(presets_have_names), T(ranges_are_a_number_and_a_unit),
      T(addresses_are_escaped_and_aligned), T(a_vector_is_a_line_each),
      T(a_matrix_is_a_line_of_bars), T(a_native_histogram_is_its_count_and_sum),
      T(in_plain_words_a_course_is_its_figures), T(scalars_and_strings_are_themselves),
      T(no_series_is_said_and_is_not_zero), T(a_word_without_data_may_have_been_meant_as_a_preset),
      T(odd_shapes_do_no_harm), T(many_series_and_points_are_cut_for_people_only),
      T(refusals_are_prometheus_own_words))
