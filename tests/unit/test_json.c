/* tests/unit/test_json.c - what is refused as JSON, and getters that are exact or fail. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "wire/json.h"

static struct err err;

static struct json *parse(const char *s) {
    return json_parse(s, strlen(s), 1 << 20, &err);
}

static void refused(const char *s, const char *why) {
    struct json *j = parse(s);
    CU_ASSERT_PTR_NULL(j);
    json_free(j);
    if (!strstr(err.why, why))
        printf("\n    \"%s\" is not in \"%s\"\n", why, err.why);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, why));
}

TEST(refuses_with_the_position) {
    refused("", "not JSON at byte 0 of 0");
    refused("{\"a\":1", "not JSON at byte");
    refused("nul", "not JSON");
    refused("[1,]", "not JSON at byte 3 of 4");
    refused("{} x", "bytes after the document at byte 2");
    refused("\"\\ud800\"", "not JSON");
    struct json *j = parse(" {} \r\n\t");
    CU_ASSERT_TRUE(json_is_object(j));
    json_free(j);
}

TEST(refuses_a_document_over_the_cap) {
    CU_ASSERT_PTR_NULL(json_parse("[1,2]", 5, 4, &err));
    CU_ASSERT_EQUAL(err.code, E_TOO_BIG);
    CHECK_STR(err.why, "5 bytes, at most 4 are read");
}

static struct json *nested(int depth) {
    char s[400];
    memset(s, '[', (size_t)depth);
    memset(s + depth, ']', (size_t)depth);
    s[2 * depth] = 0;
    return parse(s);
}

TEST(refuses_depth_but_not_brackets_in_strings) {
    struct json *j = nested(64);
    CU_ASSERT_PTR_NOT_NULL(j);
    json_free(j);
    CU_ASSERT_PTR_NULL(nested(65));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "deep"));
    char s[300] = "[\"\\\"";
    memset(s + 4, '[', 200);
    memcpy(s + 204, "\"]", 3);
    j = parse(s);
    CU_ASSERT_PTR_NOT_NULL(j);
    json_free(j);
    char wide[400] =
        "[\"\\\\\""; /* a text that ends with a backslash, then lists beside each other */
    size_t n = strlen(wide);
    for (int i = 0; i < 90; i++, n += 4)
        memcpy(wide + n, i % 2 ? ",[ ]" : ",{ }", 4);
    wide[n] = ']';
    j = parse(wide);
    CU_ASSERT_EQUAL(json_size(j), 91);
    json_free(j);
    refused("]]]]{", "not JSON"); /* closing brackets first do not wrap the depth */
}

TEST(refuses_more_values_than_memory_is_worth) {
    size_t n = 4000001;
    char *s = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        s[i] = i % 2 ? ',' : '1';
    s[0] = '[';
    s[n - 1] = ']';
    CU_ASSERT_PTR_NULL(json_parse(s, n, n, &err));
    CHECK_STR(err.why, "more than 2,000,000 values");
    free(s);
}

TEST(paths_walk_members_and_items) {
    struct json *j = parse("{\"a\":{\"b\":[10,{\"c\":\"x\"}]},\"A\":1,\"d.e\":2}");
    CHECK_STR(json_string(j, "a.b[1].c"), "x");
    CU_ASSERT_PTR_EQUAL(json_get(j, ""), j);
    CU_ASSERT_PTR_NULL(json_get(j, "a.x.y"));
    CU_ASSERT_PTR_NULL(json_get(j, "a.b[2]"));
    CU_ASSERT_PTR_NULL(json_get(j, "a.b[99999999999]"));
    CU_ASSERT_PTR_NULL(json_get(j, "a[0]"));
    CU_ASSERT_PTR_NULL(json_get(j, "a.b.c"));
    char longer[300];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    CU_ASSERT_PTR_NULL(json_get(j, longer));
    CU_ASSERT_PTR_NULL(json_get(NULL, "a"));
    json_free(j);
}

TEST(children_are_walked_in_order) {
    struct json *j = parse("{\"x\":1,\"y\":[2,3],\"z\":null}");
    char keys[4] = "";
    size_t n = 0;
    for (const struct json *c = json_first(j); c; c = json_next(c))
        keys[n++] = json_key(c)[0];
    CHECK_STR(keys, "xyz");
    CU_ASSERT_EQUAL(json_size(j), 3);
    CU_ASSERT_EQUAL(json_size(json_get(j, "y")), 2);
    CU_ASSERT_EQUAL(json_size(json_get(j, "x")), 0);
    CU_ASSERT_PTR_NULL(json_first(json_get(j, "x")));
    CU_ASSERT_PTR_NULL(json_key(json_first(json_get(j, "y"))));
    CU_ASSERT_TRUE(json_is_null(json_get(j, "z")));
    CU_ASSERT_TRUE(json_is_array(json_get(j, "y")));
    CU_ASSERT_FALSE(json_is_array(j));
    CU_ASSERT_FALSE(json_is_null(NULL) || json_is_array(NULL) || json_is_object(NULL));
    CU_ASSERT_PTR_NULL(json_first(NULL));
    CU_ASSERT_PTR_NULL(json_next(NULL));
    CU_ASSERT_PTR_NULL(json_key(NULL));
    json_free(j);
    json_free(NULL);
}

TEST(integers_are_exact_or_refused) {
    struct json *j = parse("{\"a\":9007199254740991,\"b\":9007199254740993,\"c\":-9007199254740992,"
                           "\"d\":1.5,\"e\":\"9223372036854775807\",\"f\":\"1.0\",\"g\":1e3,"
                           "\"h\":true,\"i\":1e400,\"j\":-5}");
    int64_t n = 7;
    CU_ASSERT_TRUE(json_i64(j, "a", INT64_MIN, INT64_MAX, &n));
    CU_ASSERT_EQUAL(n, 9007199254740991);
    CU_ASSERT_TRUE(json_i64(j, "e", INT64_MIN, INT64_MAX, &n));
    CU_ASSERT_EQUAL(n, INT64_MAX);
    CU_ASSERT_TRUE(json_i64(j, "g", 0, 1000, &n));
    CU_ASSERT_EQUAL(n, 1000);
    static const char *const bad[] = {"b", "c", "d", "f", "h", "i", "none"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CU_ASSERT_FALSE(json_i64(j, bad[i], INT64_MIN, INT64_MAX, &n));
    CU_ASSERT_FALSE(json_i64(j, "g", 0, 999, &n));
    CU_ASSERT_FALSE(json_i64(j, "j", 0, 999, &n));
    CU_ASSERT_FALSE(json_i64(j, "e", 0, 1, &n));
    CU_ASSERT_FALSE(json_i64(NULL, "a", 0, 1, &n));
    CU_ASSERT_EQUAL(n, 1000);
    json_free(j);
}

TEST(reals_are_numbers_or_strings_that_are_one) {
    struct json *j = parse("{\"a\":1.5,\"b\":\"2.5\",\"c\":\"NaN\",\"d\":\"x\",\"e\":null}");
    double d = 0;
    CU_ASSERT_TRUE(json_double(j, "a", &d) && d == 1.5);
    CU_ASSERT_TRUE(json_double(j, "b", &d) && d == 2.5);
    CU_ASSERT_TRUE(json_double(j, "c", &d) && d != d);
    CU_ASSERT_FALSE(json_double(j, "d", &d));
    CU_ASSERT_FALSE(json_double(j, "e", &d));
    CU_ASSERT_FALSE(json_double(j, "none", &d));
    CU_ASSERT_FALSE(json_double(NULL, "", &d));
    json_free(j);
}

TEST(strings_and_booleans_are_not_guessed) {
    struct json *j = parse("{\"a\":\"true\",\"b\":true,\"c\":false,\"d\":1}");
    bool b = false;
    CU_ASSERT_FALSE(json_bool(j, "a", &b));
    CU_ASSERT_FALSE(json_bool(j, "d", &b));
    CU_ASSERT_FALSE(json_bool(j, "none", &b));
    CU_ASSERT_FALSE(json_bool(NULL, "b", &b));
    CU_ASSERT_TRUE(json_bool(j, "b", &b) && b);
    CU_ASSERT_TRUE(json_bool(j, "c", &b) && !b);
    CU_ASSERT_PTR_NULL(json_string(j, "b"));
    CU_ASSERT_PTR_NULL(json_string(NULL, "a"));
    json_free(j);
}

TEST(a_child_is_found_by_its_name) {
    struct json *j =
        parse("[{\"id\":1},7,{\"name\":5},{\"name\":\"b\",\"on\":true},{\"name\":\"b\"}]");
    const struct json *b = json_named(j, "b");
    CU_ASSERT_TRUE(b && json_is_true(b, "on"));
    CU_ASSERT_PTR_NULL(json_named(j, "5"));
    CU_ASSERT_PTR_NULL(json_named(NULL, "b"));
    CU_ASSERT_FALSE(json_is_true(b, "name"));
    CU_ASSERT_FALSE(json_is_true(NULL, ""));
    json_free(j);
}

SUITE(json, T(refuses_with_the_position), T(refuses_a_document_over_the_cap),
      T(refuses_depth_but_not_brackets_in_strings), T(refuses_more_values_than_memory_is_worth),
      T(paths_walk_members_and_items), T(children_are_walked_in_order),
      T(integers_are_exact_or_refused), T(reals_are_numbers_or_strings_that_are_one),
      T(strings_and_booleans_are_not_guessed), T(a_child_is_found_by_its_name))
