/* tests/unit/test_str.c - the bounded string, and what counts as a number. */
#include "harness.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/str.h"

TEST(grows_and_is_always_terminated) {
    struct str b;
    str_init(&b, 100000);
    CHECK_STR(str_get(&b), "");
    str_clear(&b); /* before anything was added */
    for (int i = 0; i < 1000; i++)
        str_puts(&b, "0123456789");
    CU_ASSERT_EQUAL(b.len, 10000);
    CU_ASSERT_EQUAL(strlen(str_get(&b)), 10000);
    str_clear(&b);
    str_putc(&b, 'x');
    CHECK_STR(str_get(&b), "x");
    str_add(&b, NULL, 0);
    CHECK_STR(str_get(&b), "x");
    str_done(&b);
    CHECK_STR(str_get(&b), "");
    str_puts(&b, "again"); /* it may be used again, with the same cap */
    CHECK_STR(str_get(&b), "again");
    str_done(&b);
}

TEST(past_its_cap_bytes_are_dropped_and_said) {
    struct str b;
    str_init(&b, 5);
    str_puts(&b, "abc");
    CU_ASSERT_FALSE(b.toobig);
    str_puts(&b, "defg");
    CU_ASSERT_TRUE(b.toobig);
    CHECK_STR(str_get(&b), "abcde");
    str_putc(&b, 'x');
    CHECK_STR(str_get(&b), "abcde");
    str_clear(&b);
    CU_ASSERT_FALSE(b.toobig);
    str_done(&b);
}

TEST(prints_short_and_long) {
    struct str b;
    str_init(&b, 10000);
    str_printf(&b, "%d:", 42);
    str_printf(&b, "%s", "");
    str_printf(&b, "%0*d", 300, 7); /* beyond the small buffer */
    CU_ASSERT_EQUAL(b.len, 303);
    CU_ASSERT_EQUAL(strspn(str_get(&b) + 3, "0"), 299);
    str_done(&b);
}

TEST(copies_within_the_room_and_tells_a_cut) {
    char buf[4];
    CU_ASSERT_TRUE(str_copy(buf, sizeof buf, "abc"));
    CHECK_STR(buf, "abc");
    CU_ASSERT_FALSE(str_copy(buf, sizeof buf, "abcd"));
    CHECK_STR(buf, "abc");
    CU_ASSERT_FALSE(str_copy(buf, 0, "abc"));
    CU_ASSERT_TRUE(str_copy(buf, sizeof buf, buf + 1)); /* may overlap */
    CHECK_STR(buf, "bc");
}

TEST(integers_are_whole_strings_within_limits) {
    static const char *const bad[] = {"",    "-",   "+1",  " 1",  "1 ", "0x10",
                                      "1e3", "1.0", "--1", "- 1", "a",  "9223372036854775808",
                                      "1\n"};
    int64_t n = 77;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CU_ASSERT_FALSE(str_to_i64(bad[i], LLONG_MIN, LLONG_MAX, &n));
    CU_ASSERT_FALSE(str_to_i64(NULL, 0, 1, &n));
    CU_ASSERT_FALSE(str_to_i64("11", 0, 10, &n));
    CU_ASSERT_FALSE(str_to_i64("-1", 0, 10, &n));
    CU_ASSERT_EQUAL(n, 77); /* untouched by a refusal */
    CU_ASSERT_TRUE(str_to_i64("9223372036854775807", LLONG_MIN, LLONG_MAX, &n));
    CU_ASSERT_EQUAL(n, LLONG_MAX);
    CU_ASSERT_TRUE(str_to_i64("-9223372036854775808", LLONG_MIN, LLONG_MAX, &n));
    CU_ASSERT_EQUAL(n, LLONG_MIN);
    CU_ASSERT_TRUE(str_to_i64("010", 0, 10, &n)); /* decimal, never octal */
    CU_ASSERT_EQUAL(n, 10);
}

TEST(reals_are_plain_decimals_or_prometheus_names) {
    static const char *const bad[] = {"",       " 1",  "1 ",    "0x1p3", "nan", "inf", "infinity",
                                      "NaN(1)", "1,5", "1e400", "e5",    ".",   "--1", "1e"};
    double d = 77;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CU_ASSERT_FALSE(str_to_double(bad[i], &d));
    CU_ASSERT_FALSE(str_to_double(NULL, &d));
    CU_ASSERT_EQUAL(d, 77);
    CU_ASSERT_TRUE(str_to_double("-1.25e2", &d));
    CU_ASSERT_EQUAL(d, -125);
    CU_ASSERT_TRUE(str_to_double("1e-400", &d)); /* too small is zero, not an error */
    CU_ASSERT_EQUAL(d, 0);
    CU_ASSERT_TRUE(str_to_double("NaN", &d) && isnan(d));
    CU_ASSERT_TRUE(str_to_double("+Inf", &d) && d > 0 && isinf(d));
    CU_ASSERT_TRUE(str_to_double("Inf", &d) && d > 0 && isinf(d));
    CU_ASSERT_TRUE(str_to_double("-Inf", &d) && d < 0 && isinf(d));
}

TEST(one_has_no_plural) {
    char buf[COUNTED_SIZE];
    CHECK_STR(int_counted(1, "row", buf), "1 row");
    CHECK_STR(int_counted(0, "row", buf), "0 rows");
    CHECK_STR(int_counted(-1, "row", buf), "-1 rows");
    CHECK_STR(int_counted(5000, "more line", buf), "5,000 more lines");
    CHECK_STR(COUNTED(2u, "document"), "2 documents");
}

TEST(groups_every_digit_of_any_number) {
    char buf[GROUPED_SIZE];
    static const int64_t numbers[] = {0, 7, -7, 10, -10, 1234567890123456789, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct str s;
        char same[24];
        snprintf(same, sizeof same, "%lld", (long long)numbers[i]);
        str_init(&s, 100);
        str_puts(&s, "before");
        str_clear(&s);
        CHECK_STR(str_get(&s), "");
        str_int(&s, numbers[i]);
        CHECK_STR(str_get(&s), same);
        str_done(&s);
    }
    CU_ASSERT_EQUAL(int_add(INT64_MAX - 1, 1), INT64_MAX);
    CU_ASSERT_EQUAL(int_add(INT64_MAX, 1), INT64_MAX);
    CU_ASSERT_EQUAL(int_add(INT64_MIN, -1), INT64_MIN);
    CU_ASSERT_EQUAL(int_add(-1, INT64_MIN), INT64_MIN);
    CU_ASSERT_EQUAL(int_add(INT64_MIN, INT64_MAX), -1);
    CU_ASSERT_EQUAL(int_of(2.9), 2);
    CU_ASSERT_EQUAL(int_of(-2.9), -2);
    CU_ASSERT_EQUAL(int_of((double)INT64_MAX), INT64_MAX); /* 2^63, one more than fits */
    CU_ASSERT_EQUAL(int_of(1e300), INT64_MAX);
    CU_ASSERT_EQUAL(int_of(-1e300), INT64_MIN);
    CU_ASSERT_EQUAL(int_of((double)INFINITY), INT64_MAX);
    CU_ASSERT_EQUAL(int_of((double)NAN), 0);
    CHECK_STR(int_grouped(0, buf), "0");
    CHECK_STR(int_grouped(999, buf), "999");
    CHECK_STR(int_grouped(-999, buf), "-999");
    CHECK_STR(int_grouped(-100000, buf), "-100,000");
    CHECK_STR(int_grouped(25000000, buf), "25,000,000");
    CHECK_STR(int_grouped(INT64_MAX, buf), "9,223,372,036,854,775,807");
    CHECK_STR(int_grouped(INT64_MIN, buf), "-9,223,372,036,854,775,808");
}

TEST(begins_with) {
    CU_ASSERT_TRUE(str_starts("goodgo", "good"));
    CU_ASSERT_TRUE(str_starts("goodgo", ""));
    CU_ASSERT_FALSE(str_starts("go", "good"));
}

TEST(tells_where_a_name_stands) {
    static const char *const names[] = {"one", "two", "three"};
    CU_ASSERT_EQUAL(str_index(names, 3, "one"), 0);
    CU_ASSERT_EQUAL(str_index(names, 3, "three"), 2);
    CU_ASSERT_EQUAL(str_index(names, 2, "three"), -1);
    CU_ASSERT_EQUAL(str_index(names, 3, "thre"), -1);
    CU_ASSERT_EQUAL(str_index(names, 0, "one"), -1);
}

TEST(hexadecimal_digits_are_of_either_case) {
    static const char digits[] = "0123456789abcdef", neighbours[] = "/:@G`g \x80";
    for (int i = 0; i < 16; i++) {
        CU_ASSERT_EQUAL(hex_digit(digits[i]), i);
        CU_ASSERT_EQUAL(hex_digit((char)toupper(digits[i])), i);
    }
    for (const char *c = neighbours; *c; c++)
        CU_ASSERT_EQUAL(hex_digit(*c), -1);
    CU_ASSERT_EQUAL(hex_digit(0), -1);
}

TEST(a_path_ends_in_its_name) {
    CHECK_STR(path_name("/var/backups/a.gz"), "a.gz");
    CHECK_STR(path_name("a.gz"), "a.gz");
    CHECK_STR(path_name("/var/"), "");
    CHECK_STR(path_name(""), "");
}

TEST(counts_the_letters_between_two_words) {
    CU_ASSERT_EQUAL(str_edits("status", "status"), 0);
    CU_ASSERT_EQUAL(str_edits("statsu", "status"), 2);
    CU_ASSERT_EQUAL(str_edits("stats", "status"), 1);
    CU_ASSERT_EQUAL(str_edits("", "abc"), 3);
    CU_ASSERT_EQUAL(str_edits("kitten", "sitting"), 3);
    CU_ASSERT_EQUAL(str_edits("abcdef", "xbcdyfz"), 3);
    CU_ASSERT_EQUAL(str_edits("bcd", "abcde"), 2);
    CU_ASSERT(str_is("a", "a") && !str_is("a", "b") && !str_is(NULL, "a") && !str_is("", "a"));
    CU_ASSERT_EQUAL(str_edits("abc", ""), 3);
}

SUITE(str, T(grows_and_is_always_terminated), T(past_its_cap_bytes_are_dropped_and_said),
      T(prints_short_and_long), T(copies_within_the_room_and_tells_a_cut),
      T(integers_are_whole_strings_within_limits), T(reals_are_plain_decimals_or_prometheus_names),
      T(one_has_no_plural), T(groups_every_digit_of_any_number), T(begins_with),
      T(tells_where_a_name_stands), T(hexadecimal_digits_are_of_either_case),
      T(a_path_ends_in_its_name), T(counts_the_letters_between_two_words))
