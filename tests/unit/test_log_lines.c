/* tests/unit/test_log_lines.c - the address that asks Loki for lines, and what it answers. */
#include "harness.h"
#include "src/app/pay_show_priv.h"

#include <stdio.h>
#include <string.h>

static struct arena arena;
static struct err err;
static struct log_line lines[LOG_LINES_MAX];
static uint32_t n;

static bool read_lines(const char *json) {
    return log_lines_read(json, strlen(json), &arena, lines, &n, &err);
}

TEST(asks_for_a_text_and_lets_none_out_of_its_quotes) {
    CHECK_STR(log_lines_url(&arena, "http://l:3100", "a\"} |= \"b\\", 5, 9),
              "http://l:3100/loki/api/v1/query_range?query=%7Bservice%3D~%22.%2B%22%7D%20%7C%3D%20"
              "%22a%5C%22%7D%20%7C%3D%20%5C%22b%5C%5C%22&limit=20&direction=backward"
              "&start=5000000000&end=9000000000");
    CU_ASSERT_PTR_NULL(log_lines_url(&arena, "http://l", "a\nb", 5, 9));
    CU_ASSERT_PTR_NULL(log_lines_url(&arena, "http://l", "", 5, 9));
    char *longest = arena_alloc(&arena, 5001);
    memset(longest, 'x', 5000);
    CU_ASSERT_PTR_NULL(log_lines_url(&arena, "http://l", longest, 5, 9));
    arena_done(&arena);
}

TEST(reads_all_streams_newest_first) {
    CU_ASSERT_TRUE_FATAL(
        read_lines("{\"data\":{\"result\":[{\"stream\":{\"service\":\"api\",\"level\":\"error\"},"
                   "\"values\":[[\"1000000000\",\"{\\\"msg\\\":\\\"one\\\"}\"],[\"3000000000\","
                   "\"three\"]]},{\"stream\":{},\"values\":[[\"2000000000\",\"two\\u001b[31m\"],"
                   "[\"x\",\"no time\"],[\"4\"],\"no pair\"]}]}}"));
    CU_ASSERT_EQUAL_FATAL(n, 3);
    CHECK_STR(lines[0].line, "three");
    CU_ASSERT_EQUAL(lines[0].wall_ms, 3000);
    CU_ASSERT_PTR_NULL(strchr(lines[1].line, '\033'));
    CU_ASSERT_PTR_NULL(lines[1].service);
    CHECK_STR(lines[2].line, "one");
    CHECK_STR(lines[2].level, "error");
    arena_done(&arena);
}

TEST(keeps_the_newest_of_too_many) {
    struct str s;
    str_init(&s, 1 << 16);
    str_puts(&s, "{\"data\":{\"result\":[{\"stream\":{},\"values\":[");
    for (int i = 0; i < LOG_LINES_MAX + 7; i++)
        str_printf(&s, "%s[\"%d000000000\",\"line %d\"]", i ? "," : "", i + 1, i + 1);
    str_puts(&s, ",[\"1\",\"oldest\"]]}]}}");
    CU_ASSERT_TRUE(read_lines(str_get(&s)));
    CU_ASSERT_EQUAL(n, LOG_LINES_MAX);
    CHECK_STR(lines[0].line, "line 27");
    CHECK_STR(lines[LOG_LINES_MAX - 1].line, "line 8");
    str_done(&s);
    arena_done(&arena);
}

TEST(refuses_what_is_no_answer) {
    CU_ASSERT_FALSE(read_lines("too many outstanding requests"));
    CU_ASSERT_FALSE(read_lines("{\"status\":\"error\"}"));
    CHECK_STR(err.why, "no lines of a log");
    CU_ASSERT_TRUE(read_lines("{\"data\":{\"result\":[]}}"));
    CU_ASSERT_EQUAL(n, 0);
    arena_done(&arena);
}

SUITE(log_lines, T(asks_for_a_text_and_lets_none_out_of_its_quotes),
      T(reads_all_streams_newest_first), T(keeps_the_newest_of_too_many),
      T(refuses_what_is_no_answer))
