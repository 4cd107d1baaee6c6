/* tests/unit/test_jsonw.c - the JSON writer: commas, escapes, exact numbers, indentation. */
#include "harness.h"

#include <math.h>
#include <stdlib.h>

#include "base/jsonw.h"
#include "wire/json.h"

static struct str out;
static struct jsonw w;

static void begin(enum jsonw_form form) {
    str_done(&out);
    str_init(&out, 1 << 20);
    jsonw_init(&w, &out, form);
}

TEST(commas_and_nesting_are_its_business) {
    begin(JSONW_LINE);
    jsonw_open(&w, '{');
    jsonw_key(&w, "a");
    jsonw_open(&w, '[');
    jsonw_int(&w, 1);
    jsonw_bool(&w, true);
    jsonw_bool(&w, false);
    jsonw_null(&w);
    jsonw_open(&w, '{');
    jsonw_close(&w, '}');
    jsonw_close(&w, ']');
    jsonw_key(&w, "b");
    jsonw_string(&w, NULL);
    jsonw_close(&w, '}');
    CHECK_STR(str_get(&out), "{\"a\":[1,true,false,null,{}],\"b\":null}");
}

TEST(indented_it_is_one_member_a_line) {
    begin(JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_key(&w, "a");
    jsonw_open(&w, '[');
    jsonw_close(&w, ']');
    jsonw_key(&w, "b");
    jsonw_open(&w, '[');
    jsonw_string(&w, "x");
    jsonw_string(&w, "y");
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
    CHECK_STR(str_get(&out), "{\n  \"a\": [],\n  \"b\": [\n    \"x\",\n    \"y\"\n  ]\n}\n");
}

TEST(strings_are_escaped_and_always_utf8) {
    begin(JSONW_LINE);
    jsonw_open(&w, '[');
    jsonw_string(&w, "\"\\\n\t\033\177");
    jsonw_string(&w, "Qu\341\272\255n");
    jsonw_string(&w, "\xff"
                     "a\xc3");
    jsonw_string(&w, "\302\205\342\200\250\342\200\251");
    jsonw_close(&w, ']');
    CHECK_STR(str_get(&out), "[\"\\\"\\\\\\u000a\\u0009\\u001b\\u007f\",\"Qu\341\272\255n\","
                             "\"\xEF\xBF\xBD"
                             "a\xEF\xBF\xBD\",\"\\u0085\\u2028\\u2029\"]");
    struct json *j = json_parse(str_get(&out), out.len, out.len, NULL);
    CHECK_STR(json_string(j, "[0]"), "\"\\\n\t\033\177");
    json_free(j);
}

/* Both ends of every range that reorders or hides text, and what stands beside them. */
TEST(no_range_leaves_out_its_ends) {
    static const struct {
        const char *text, *written;
    } rows[] = {
        {"\x1f", "\"\\u001f\""},
        {" ~", "\" ~\""},
        {"\xC2\x80", "\"\\u0080\""},
        {"\xC2\x9f", "\"\\u009f\""},
        {"\xC2\xA0", "\"\xC2\xA0\""},
        {"\xE2\x80\xA7", "\"\xE2\x80\xA7\""},
        {"\xE2\x80\xA8", "\"\\u2028\""},
        {"\xEF\xBB\xBF", "\"\\ufeff\""},
        {"\xEF\xBF\xB8", "\"\xEF\xBF\xB8\""},
        {"\xEF\xBF\xB9", "\"\\ufff9\""},
        {"\xEF\xBF\xBB", "\"\\ufffb\""},
        {"\xEF\xBF\xBC", "\"\xEF\xBF\xBC\""},
        {"\xE2\x80\xAE", "\"\\u202e\""},
        {"\xE2\x80\xAF", "\"\xE2\x80\xAF\""},
        {"\xE2\x81\xA5", "\"\xE2\x81\xA5\""},
        {"\xE2\x81\xA6", "\"\\u2066\""},
        {"\xE2\x81\xA9", "\"\\u2069\""},
        {"\xE2\x81\xAA", "\"\xE2\x81\xAA\""},
        {"\xE2\x80\x8E", "\"\\u200e\""},
        {"\xE2\x80\x8F", "\"\\u200f\""},
        {"\xD8\x9C", "\"\\u061c\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        begin(JSONW_LINE);
        jsonw_string(&w, rows[i].text);
        CHECK_STR(str_get(&out), rows[i].written);
    }
}

TEST(integers_keep_all_their_digits) {
    begin(JSONW_LINE);
    jsonw_open(&w, '[');
    jsonw_int(&w, INT64_MIN);
    jsonw_int(&w, INT64_MAX);
    jsonw_close(&w, ']');
    CHECK_STR(str_get(&out), "[-9223372036854775808,9223372036854775807]");
}

TEST(reals_are_short_and_read_back_the_same) {
    static const double numbers[] = {0.1,   1.0 / 3, 0.1 + 0.2, 98.4,
                                     1e300, 5e-324,  -2.5,      123456789.125};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        begin(JSONW_LINE);
        jsonw_real(&w, numbers[i]);
        CU_ASSERT_EQUAL(strtod(str_get(&out), NULL), numbers[i]);
    }
    begin(JSONW_LINE);
    jsonw_real(&w, 0.1);
    CHECK_STR(str_get(&out), "0.1");
}

TEST(what_is_no_number_is_null) {
    begin(JSONW_LINE);
    jsonw_open(&w, '[');
    jsonw_real(&w, NAN);
    jsonw_real(&w, INFINITY);
    jsonw_real(&w, -INFINITY);
    jsonw_close(&w, ']');
    CHECK_STR(str_get(&out), "[null,null,null]");
    str_done(&out);
}

TEST(a_key_is_put_with_its_value_and_null_where_that_is_not_known) {
    begin(JSONW_LINE);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "s", "");
    jsonw_put_string(&w, "none", NULL);
    jsonw_put_int(&w, "i", INT64_MIN);
    jsonw_put_real(&w, "r", 1.5);
    jsonw_put_bool(&w, "b", true);
    jsonw_put_known(&w, "k", "x");
    jsonw_put_known(&w, "k0", "");
    jsonw_put_known(&w, "k1", NULL);
    jsonw_put_time(&w, "t", 1775903400000);
    jsonw_put_time(&w, "t0", 0);
    jsonw_put_int_if(&w, "i0", false, 7);
    jsonw_put_int_if(&w, "i1", true, 7);
    jsonw_put_real_if(&w, "r0", false, 0.5);
    jsonw_put_real_if(&w, "r1", true, 0.5);
    jsonw_close(&w, '}');
    CHECK_STR(str_get(&out), "{\"s\":\"\",\"none\":null,\"i\":-9223372036854775808,\"r\":1.5,"
                             "\"b\":true,\"k\":\"x\",\"k0\":null,\"k1\":null,"
                             "\"t\":\"2026-04-11T10:30:00Z\",\"t0\":null,"
                             "\"i0\":null,\"i1\":7,\"r0\":null,\"r1\":0.5}");
    str_done(&out);
}

TEST(what_was_made_before_is_put_in_as_it_is) {
    str_init(&out, 200);
    jsonw_init(&w, &out, JSONW_INDENTED);
    jsonw_open(&w, '[');
    jsonw_raw(&w, "{\"a\":1}+", 7);
    jsonw_raw(&w, "{\"a\":2}", 7);
    jsonw_int(&w, 3);
    jsonw_close(&w, ']');
    CHECK_STR(str_get(&out), "[\n  {\"a\":1},\n  {\"a\":2},\n  3\n]\n");
    str_done(&out);
}

SUITE(jsonw, T(what_was_made_before_is_put_in_as_it_is), T(commas_and_nesting_are_its_business),
      T(indented_it_is_one_member_a_line), T(strings_are_escaped_and_always_utf8),
      T(no_range_leaves_out_its_ends), T(integers_keep_all_their_digits),
      T(reals_are_short_and_read_back_the_same), T(what_is_no_number_is_null),
      T(a_key_is_put_with_its_value_and_null_where_that_is_not_known))
