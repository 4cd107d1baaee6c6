/* tests/unit/test_value_format.c - numbers as people read them, in every unit, at every size. */
#include "harness.h"

#include <float.h>
#include <string.h>

#include "base/attr.h"
#include "model/reading.h"

static char buf[64];

static const char *real(double d, enum unit unit) {
    value_format(value_real(d), unit, 0, buf, sizeof buf);
    return buf;
}

static const char *integer(int64_t i, enum unit unit) {
    value_format(value_int(i), unit, 0, buf, sizeof buf);
    return buf;
}

TEST(sizes) {
    CHECK_STR(integer(0, UNIT_BYTES), "0 B");
    CHECK_STR(integer(1023, UNIT_BYTES), "1023 B");
    CHECK_STR(integer(1536, UNIT_BYTES), "1.50 KB");
    CHECK_STR(integer(52428800, UNIT_BYTES), "50.0 MB");
    CHECK_STR(integer(536870912000, UNIT_BYTES), "500 GB");
    CHECK_STR(integer(-2048, UNIT_BYTES), "-2.00 KB");
    CHECK_STR(real(2048, UNIT_BYTES_PER_SECOND), "2.00 KB/s");
}

TEST(durations_and_ages) {
    CHECK_STR(integer(0, UNIT_SECONDS), "0s");
    CHECK_STR(real(0.25, UNIT_SECONDS), "250ms");
    CHECK_STR(real(2.5, UNIT_SECONDS), "2.5s");
    CHECK_STR(integer(59, UNIT_SECONDS), "59s");
    CHECK_STR(integer(187, UNIT_SECONDS), "3m07s");
    CHECK_STR(integer(7260, UNIT_SECONDS), "2h01m");
    CHECK_STR(integer(90000, UNIT_SECONDS), "1d01h");
    CHECK_STR(integer(-61, UNIT_SECONDS), "-1m01s");
    CHECK_STR(real(1.234, UNIT_MS), "1.2ms");
    CHECK_STR(real(12.4, UNIT_MS), "12ms");
    CHECK_STR(real(1500, UNIT_MS), "1.5s");
    value_format(value_int(1000), UNIT_TIME, 1090, buf, sizeof buf);
    CHECK_STR(buf, "1m30s");
}

TEST(counts_money_shares_and_rates) {
    CHECK_STR(integer(1204, UNIT_COUNT), "1,204");
    CHECK_STR(integer(1204033, UNIT_COUNT), "1.20M");
    CHECK_STR(integer(-120, UNIT_COUNT), "-120");
    CHECK_STR(integer(12500000000, UNIT_VND), "12,500,000,000");
    CHECK_STR(real(1000.4, UNIT_VND), "1,000");
    CHECK_STR(real(98.44, UNIT_PERCENT), "98.4%");
    CHECK_STR(real(4.26, UNIT_PER_SECOND), "4.3/s");
    CHECK_STR(real(426, UNIT_PER_SECOND), "426/s");
    CHECK_STR(real(0, UNIT_PER_SECOND), "0.0/s"); /* and what is little is not nothing */
    CHECK_STR(real(0.04, UNIT_PER_SECOND), "0.04/s");
    CHECK_STR(real(0.04, UNIT_PERCENT), "0.04%");
    CHECK_STR(real(0.1, UNIT_PERCENT), "0.1%");
    CHECK_STR(integer(1, UNIT_BOOL), "yes");
    CHECK_STR(integer(0, UNIT_BOOL), "no");
    CHECK_STR(integer(1204, UNIT_NONE), "1,204");
    CHECK_STR(real(1.04, UNIT_NONE), "1.04");
    CHECK_STR(real(1204.5, UNIT_NONE), "1204");
}

/* Where the next unit begins, and the last figure before it. */
TEST(each_unit_begins_where_it_is_full) {
    CHECK_STR(integer(1024, UNIT_BYTES), "1.00 KB");
    CHECK_STR(integer(-1024, UNIT_BYTES), "-1.00 KB");
    CHECK_STR(integer(10240, UNIT_BYTES), "10.0 KB");
    CHECK_STR(integer(-10240, UNIT_BYTES), "-10.0 KB");
    CHECK_STR(integer(102400, UNIT_BYTES), "100 KB");
    CHECK_STR(integer(1048576, UNIT_BYTES), "1.00 MB");
    CHECK_STR(integer(99999, UNIT_COUNT), "99,999");
    CHECK_STR(integer(-99999, UNIT_COUNT), "-99,999");
    CHECK_STR(integer(100000, UNIT_COUNT), "100k");
    CHECK_STR(integer(-100000, UNIT_COUNT), "-100k");
    CHECK_STR(real(9.5, UNIT_SECONDS), "9.5s");
    CHECK_STR(real(10.5, UNIT_SECONDS), "10s");
    CHECK_STR(integer(60, UNIT_SECONDS), "1m00s");
    CHECK_STR(integer(3599, UNIT_SECONDS), "59m59s");
    CHECK_STR(integer(3600, UNIT_SECONDS), "1h00m");
    CHECK_STR(integer(86399, UNIT_SECONDS), "23h59m");
    CHECK_STR(integer(86400, UNIT_SECONDS), "1d00h");
    CHECK_STR(integer(9, UNIT_MS), "9.0ms");
    CHECK_STR(integer(10, UNIT_MS), "10ms");
    CHECK_STR(integer(-10, UNIT_MS), "-10ms");
    CHECK_STR(integer(999, UNIT_MS), "999ms");
    CHECK_STR(integer(1000, UNIT_MS), "1s");
    CHECK_STR(real(9.9, UNIT_PER_SECOND), "9.9/s");
    CHECK_STR(integer(10, UNIT_PER_SECOND), "10/s");
    CHECK_STR(real(99.5, UNIT_NONE), "99.50");
    CHECK_STR(real(-99.5, UNIT_NONE), "-99.50");
    CHECK_STR(real(100.2, UNIT_NONE), "100");
}

TEST(unknown_is_a_dash_never_zero) {
    for (int u = 0; u < UNIT_COUNT_OF_UNITS; u++) {
        value_format(value_none(), (enum unit)u, 0, buf, sizeof buf);
        CHECK_STR(buf, "-");
    }
}

TEST(a_text_is_itself_and_not_cut_inside_a_character) {
    value_format(value_text((struct text){"Qu\341\272\255n", 6, 4}), UNIT_COUNT, 0, buf, 5);
    CHECK_STR(buf, "Qu");
    value_format(value_text((struct text){"Qu\341\272\255n", 6, 4}), UNIT_COUNT, 0, buf, 7);
    CHECK_STR(buf, "Qu\341\272\255n");
}

/* No digit is ever cut off: a number that is too long for 23 characters is written shorter. */
TEST(extremes_fit_in_23_characters_in_every_unit) {
    static const double reals[] = {DBL_MAX, -DBL_MAX, 1e18, -1e18, 999999999999999, DBL_MIN, -1e-9};
    static const int64_t integers[] = {INT64_MAX, INT64_MIN, 99999999999999999, -99999999999999999};
    for (int u = 0; u < UNIT_COUNT_OF_UNITS; u++) {
        for (size_t i = 0; i < ARRAY_LEN(reals); i++)
            CU_ASSERT_TRUE(strlen(real(reals[i], (enum unit)u)) <= 23);
        for (size_t i = 0; i < ARRAY_LEN(integers); i++)
            CU_ASSERT_TRUE(strlen(integer(integers[i], (enum unit)u)) <= 23);
    }
    CHECK_STR(integer(INT64_MIN, UNIT_VND), "-9.22337e+18");
    CHECK_STR(integer(-99999999999999999, UNIT_VND), "-99,999,999,999,999,999");
    CHECK_STR(real(1e300, UNIT_VND), "1e+300");
    CHECK_STR(real(1e300, UNIT_NONE), "1e+300");
    CHECK_STR(real(1e300, UNIT_PER_SECOND), "1e+300/s");
    CHECK_STR(real(-1e300, UNIT_PER_SECOND), "-1e+300/s");
    CHECK_STR(real(1e300, UNIT_PERCENT), "1e+300%");
    CHECK_STR(real(1e300, UNIT_COUNT), "1e+288T");
    CHECK_STR(real(1e30, UNIT_SECONDS), "1157407d09h");
}

SUITE(value_format, T(sizes), T(durations_and_ages), T(counts_money_shares_and_rates),
      T(each_unit_begins_where_it_is_full), T(unknown_is_a_dash_never_zero),
      T(a_text_is_itself_and_not_cut_inside_a_character),
      T(extremes_fit_in_23_characters_in_every_unit))
