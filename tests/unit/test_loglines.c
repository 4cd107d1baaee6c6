/* tests/unit/test_loglines.c - the question to Loki in LogQL, its address, and its answer. */
#include "codec/loglines.h"
#include "harness.h"

#include <stdio.h>
#include <string.h>

static struct arena arena;
static struct err err;
static struct log_lines lines;

static bool read_lines(const char *json) {
    return log_lines_read(json, strlen(json), &arena, &lines, &err);
}

static bool query_is(struct log_question q, const char *expected) {
    struct str out;
    str_init(&out, LOG_QUERY_MAX);
    bool same = log_query(&q, &out) && strcmp(str_get(&out), expected) == 0;
    if (!same)
        printf("is %s\n", str_get(&out));
    str_done(&out);
    return same;
}

static bool refuses(struct log_question q) {
    struct str out;
    str_init(&out, LOG_QUERY_MAX);
    bool ok = log_query(&q, &out);
    str_done(&out);
    return !ok;
}

TEST(knows_a_level_by_its_words_and_by_pinos_number) {
    CU_ASSERT_EQUAL(log_level_of("error"), LOG_LEVEL_ERROR);
    CU_ASSERT_EQUAL(log_level_of("ERR"), LOG_LEVEL_ERROR);
    CU_ASSERT_EQUAL(log_level_of("50"), LOG_LEVEL_ERROR);
    CU_ASSERT_EQUAL(log_level_of("10"), LOG_LEVEL_TRACE);
    CU_ASSERT_EQUAL(log_level_of("60"), LOG_LEVEL_FATAL);
    CU_ASSERT_EQUAL(log_level_of("35"), LOG_LEVEL_NONE);
    CU_ASSERT_EQUAL(log_level_of(""), LOG_LEVEL_NONE);
    CU_ASSERT_EQUAL(log_level_of(NULL), LOG_LEVEL_NONE);
    CHECK_STR(log_level_name(LOG_LEVEL_WARN), "warn");
    CHECK_STR(log_level_name(LOG_LEVEL_NONE), "");
}

TEST(asks_for_what_is_wanted) {
    CU_ASSERT_TRUE(query_is((struct log_question){0}, "{service=~\".+\"}"));
    CU_ASSERT_TRUE(query_is((struct log_question){.service = "api", .pattern = "a|b"},
                            "{service=\"api\"} |~ \"(?i)a|b\""));
    CU_ASSERT_TRUE(query_is((struct log_question){.service = "api", .level = LOG_LEVEL_ERROR},
                            "{service=\"api\", level=~\"(?i)(error|err|50|fatal|critical|crit|"
                            "panic|alert|60)\"}"));
    CU_ASSERT_TRUE(query_is((struct log_question){.level = LOG_LEVEL_FATAL, .text = "id"},
                            "{level=~\"(?i)(fatal|critical|crit|panic|alert|60)\"} |= \"id\""));
}

TEST(lets_no_text_out_of_its_quotes) {
    CU_ASSERT_TRUE(query_is((struct log_question){.service = "x\"} or {y=\"", .text = "a\"b\\"},
                            "{service=\"x\\\"} or {y=\\\"\"} |= \"a\\\"b\\\\\""));
    CU_ASSERT_TRUE(refuses((struct log_question){.text = ""}));
    CU_ASSERT_TRUE(refuses((struct log_question){.pattern = "a\nb"}));
    CU_ASSERT_TRUE(refuses((struct log_question){.service = "a\x7f"}));
    char longest[LOG_QUERY_MAX + 1];
    memset(longest, 'x', LOG_QUERY_MAX);
    longest[LOG_QUERY_MAX] = 0;
    CU_ASSERT_TRUE(refuses((struct log_question){.text = longest}));
}

TEST(asks_for_a_time) {
    struct log_span ago = {.since_s = 60}, between = {.from_ns = 5, .until_ns = 9};
    CHECK_STR(log_url(&arena, "http://l:3100", "{a=\"b\"}", ago, 20),
              "http://l:3100/loki/api/v1/query_range?query=%7Ba%3D%22b%22%7D&limit=20"
              "&direction=backward&since=60s");
    CHECK_STR(log_url(&arena, "http://l", "q", between, 1),
              "http://l/loki/api/v1/query_range?query=q&limit=1&direction=backward&start=5&end=9");
    char longest[LOG_QUERY_MAX + 2];
    memset(longest, 'x', LOG_QUERY_MAX + 1);
    longest[LOG_QUERY_MAX + 1] = 0;
    CU_ASSERT_PTR_NULL(log_url(&arena, "http://l", longest, ago, 1));
    arena_done(&arena);
}

TEST(reads_all_streams_newest_first) {
    CU_ASSERT_TRUE_FATAL(
        read_lines("{\"data\":{\"result\":[{\"stream\":{\"service\":\"api\",\"level\":\"50\"},"
                   "\"values\":[[\"1000000000\",\"{\\\"msg\\\":\\\"one\\\"}\"],[\"3000000000\","
                   "\"three\"]]},{\"stream\":{},\"values\":[[\"2000000000\",\"two\\u001b[31m\"],"
                   "[\"x\",\"no time\"],[\"4\"],\"no pair\",[\"1\",\"\"]]}]}}"));
    CU_ASSERT_EQUAL_FATAL(lines.n, 4);
    CHECK_STR(lines.list[0].message, "three");
    CU_ASSERT_EQUAL(lines.list[0].at_ns, 3000000000);
    CU_ASSERT_PTR_NULL(strchr(lines.list[1].message, '\033'));
    CU_ASSERT_PTR_NULL(lines.list[1].service);
    CU_ASSERT_PTR_NULL(lines.list[1].level);
    CHECK_STR(lines.list[2].message, "one");
    CHECK_STR(lines.list[2].level, "error");
    CHECK_STR(lines.list[2].service, "api");
    CU_ASSERT_PTR_NULL(lines.list[3].message);
    arena_done(&arena);
}

TEST(reads_what_pino_says_of_a_request) {
    CU_ASSERT_TRUE_FATAL(read_lines(
        "{\"data\":{\"result\":[{\"stream\":{\"statusCode\":\"503\"},\"values\":[[\"7\",\"{"
        "\\\"level\\\":40,\\\"service\\\":\\\"api\\\",\\\"context\\\":\\\"Http\\\",\\\"msg\\\":"
        "\\\"m\\\",\\\"correlationId\\\":\\\"c1\\\",\\\"method\\\":\\\"GET\\\",\\\"url\\\":"
        "\\\"/x\\\",\\\"duration\\\":1.5}\"]]},{\"stream\":{\"level\":\"odd\"},\"values\":[[\"6\","
        "\"{\\\"level\\\":35}\"]]},{\"stream\":{},\"values\":[[\"5\",\"{\\\"level\\\":35}\"]]}]}"
        "}"));
    CU_ASSERT_EQUAL_FATAL(lines.n, 3);
    const struct log_line *l = &lines.list[0];
    CHECK_STR(l->level, "warn");
    CHECK_STR(l->service, "api");
    CHECK_STR(l->context, "Http");
    CHECK_STR(l->correlation_id, "c1");
    CHECK_STR(l->method, "GET");
    CHECK_STR(l->url, "/x");
    CU_ASSERT_TRUE(l->has_status_code && l->status_code == 503);
    CU_ASSERT_TRUE(l->has_duration && l->duration_ms == 1.5);
    CHECK_STR(lines.list[1].level, "odd");
    CHECK_STR(lines.list[2].level, "35");
    CU_ASSERT_FALSE(lines.list[1].has_status_code || lines.list[1].has_duration);
    arena_done(&arena);
}

/* Milliseconds are all that Pino knows, so a request's own lines have one moment. */
TEST(keeps_the_order_of_a_moment_and_tells_its_lines_apart) {
    static const char answer[] = "{\"data\":{\"result\":[{\"stream\":{\"a\":\"1\"},\"values\":["
                                 "[\"7\",\"third\"],[\"7\",\"second\"],[\"7\",\"first\"]]},"
                                 "{\"stream\":{\"a\":\"2\"},\"values\":[[\"7\",\"first\"]]}]}}";
    uint64_t identity[4];
    CU_ASSERT_TRUE_FATAL(read_lines(answer));
    CU_ASSERT_EQUAL_FATAL(lines.n, 4);
    CHECK_STR(lines.list[0].message, "third");
    CHECK_STR(lines.list[2].message, "first");
    for (int i = 0; i < 4; i++)
        identity[i] = lines.list[i].identity;
    CU_ASSERT_NOT_EQUAL(identity[2], identity[3]);
    CU_ASSERT_TRUE_FATAL(read_lines(answer));
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(lines.list[i].identity, identity[i]);
    arena_done(&arena);
}

/* A list has no labels, and its members no names. */
TEST(reads_a_stream_whose_labels_are_none) {
    CU_ASSERT_TRUE(
        read_lines("{\"data\":{\"result\":[{\"stream\":[\"a\"],\"values\":[[\"1\",\"x\"]]},"
                   "{\"values\":[[\"2\",\"y\"]]},{\"stream\":{\"level\":7}},7]}}"));
    CU_ASSERT_EQUAL(lines.n, 2);
    CU_ASSERT_PTR_NULL(lines.list[0].service);
    arena_done(&arena);
}

TEST(refuses_what_is_no_answer) {
    CU_ASSERT_FALSE(read_lines("too many outstanding requests"));
    CU_ASSERT_FALSE(read_lines("{\"status\":\"error\"}"));
    CHECK_STR(err.why, "no lines of a log");
    CU_ASSERT_TRUE(read_lines("{\"data\":{\"result\":[]}}"));
    CU_ASSERT_EQUAL(lines.n, 0);
    arena_done(&arena);
}

SUITE(loglines, T(knows_a_level_by_its_words_and_by_pinos_number), T(asks_for_what_is_wanted),
      T(lets_no_text_out_of_its_quotes), T(asks_for_a_time), T(reads_all_streams_newest_first),
      T(reads_what_pino_says_of_a_request),
      T(keeps_the_order_of_a_moment_and_tells_its_lines_apart),
      T(reads_a_stream_whose_labels_are_none), T(refuses_what_is_no_answer))
