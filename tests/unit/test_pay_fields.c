/* tests/unit/test_pay_fields.c - numbers and times as gateways write them: one way each, or
 * refused.
 */
#include "pay_harness.h"

#include "src/pay/pay_priv.h"

TEST(a_number_is_written_in_one_way_only) {
    static const char *const bad[] = {"",    "-",   "05",      "-05", "00",   "+5",
                                      " 5",  "5 ",  "5.0",     "1e3", "0x10", "1234567890123456789",
                                      "--5", "5,0", "\xD9\xA5"};
    int64_t n = 7;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CU_ASSERT_FALSE(pay_parse_i64(bad[i], INT64_MIN, INT64_MAX, &n));
    CU_ASSERT_FALSE(pay_parse_i64(NULL, INT64_MIN, INT64_MAX, &n));
    CU_ASSERT_FALSE(pay_parse_i64("11", 1, 10, &n));
    CU_ASSERT_FALSE(pay_parse_i64("0", 1, 10, &n));
    CU_ASSERT_EQUAL(n, 7);
    CU_ASSERT(pay_parse_i64("0", 0, 10, &n) && n == 0);
    CU_ASSERT(pay_parse_i64("-10", -10, 10, &n) && n == -10);
    CU_ASSERT(pay_parse_i64("123456789012345678", 0, INT64_MAX, &n) && n == 123456789012345678);
}

TEST(a_time_is_vietnams_and_exists) {
    static const char *const bad[] = {
        "",
        "2026022800000",
        "202602280000000",
        "20260231000000",
        "20260229000000",
        "20261301000000",
        "20260100000000",
        "20260101240000",
        "20260101006000",
        "2026010100000x",
        "2026-01-010000",
    };
    int64_t s = 7;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CU_ASSERT_FALSE(pay_time_vietnam(bad[i], &s));
    CU_ASSERT_FALSE(pay_time_vietnam(NULL, &s));
    CU_ASSERT_EQUAL(s, 7);
    CU_ASSERT(pay_time_vietnam("20240229235959", &s) && s == 1709225999);
    CU_ASSERT(pay_time_vietnam("20270101000000", &s) && s == 1798736400);
}

TEST(a_stamp_is_the_time_that_it_was_made_of) {
    static const char *const stamps[] = {"20240229235959", "20270101000000", "19991231065960"};
    char out[15];
    int64_t s;
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(pay_time_vietnam(stamps[i], &s));
        pay_stamp_vietnam(s, out);
        CHECK_STR(out, stamps[i]);
    }
    CU_ASSERT_FALSE(pay_time_vietnam(stamps[2], &s)); /* no clock of a gateway shows it */
}

SUITE(pay_fields, T(a_number_is_written_in_one_way_only), T(a_time_is_vietnams_and_exists),
      T(a_stamp_is_the_time_that_it_was_made_of))
