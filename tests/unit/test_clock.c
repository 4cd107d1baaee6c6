/* tests/unit/test_clock.c - the one time format that travels, both ways. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static const char *iso(int64_t wall_ms) {
    static char buf[48];
    clock_iso8601(wall_ms, buf, sizeof buf);
    return buf;
}

TEST(prints_iso_8601_in_utc) {
    CHECK_STR(iso(0), "1970-01-01T00:00:00Z");
    CHECK_STR(iso(1775903400000), "2026-04-11T10:30:00Z");
    CHECK_STR(iso(1775903400007), "2026-04-11T10:30:00.007Z");
    CHECK_STR(iso(-1), "1969-12-31T23:59:59.999Z");
    CHECK_STR(iso(INT64_MAX), "292278994-08-17T07:12:55.807Z");
}

TEST(reads_what_it_prints) {
    static const int64_t times[] = {0, 951826554123, 1709164799999, 4102444800000, -86400000};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        int64_t back = 1;
        CU_ASSERT_TRUE(clock_parse_rfc3339(iso(times[i]), &back));
        CU_ASSERT_EQUAL(back, times[i]);
    }
}

/* Against the C library's calendar: forty years of days, and the days around 29 February of the
 * years that are leap years and that are not. */
TEST(every_day_of_a_life_is_read_as_it_was) {
    static const int64_t from_days[] = {10957, -25600, -719528 + 366}, n_days[] = {14610, 800, 800};
    for (size_t i = 0; i < ARRAY_LEN(from_days); i++)
        for (int64_t day = from_days[i]; day < from_days[i] + n_days[i]; day++) {
            int64_t back = 1, ms = day * DAY_S * 1000;
            char text[48];
            clock_iso8601(ms, text, sizeof text);
            if (strlen(text) != 20) /* before the year 1000 the library writes fewer digits */
                continue;
            if (!clock_parse_rfc3339(text, &back) || back != ms) {
                printf("\n    %s\n", text);
                CU_FAIL("another day");
                return;
            }
        }
}

TEST(a_month_has_no_day_more) {
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int m = 0; m < 12; m++) {
        char text[48];
        int64_t ms;
        snprintf(text, sizeof text, "2024-%02d-%02dT00:00:00Z", m + 1, days[m]);
        CU_ASSERT_TRUE(clock_parse_rfc3339(text, &ms));
        snprintf(text, sizeof text, "2024-%02d-%02dT00:00:00Z", m + 1, days[m] + 1);
        CU_ASSERT_FALSE(clock_parse_rfc3339(text, &ms));
    }
}

TEST(reads_zones_and_fractions) {
    int64_t ms;
    CU_ASSERT_TRUE(clock_parse_rfc3339("2026-04-11T17:30:00+07:00", &ms));
    CU_ASSERT_EQUAL(ms, 1775903400000);
    CU_ASSERT_TRUE(clock_parse_rfc3339("2026-04-11t05:30:00.5-05:00", &ms));
    CU_ASSERT_EQUAL(ms, 1775903400500);
    CU_ASSERT_TRUE(clock_parse_rfc3339("2026-04-11T16:15:00.050+05:45", &ms));
    CU_ASSERT_EQUAL(ms, 1775903400050);
    CU_ASSERT_TRUE(clock_parse_rfc3339("2026-04-11T07:00:00.009-03:30", &ms));
    CU_ASSERT_EQUAL(ms, 1775903400009);
    CU_ASSERT_TRUE(clock_parse_rfc3339("2026-04-11 10:30:00.123456789z", &ms));
    CU_ASSERT_EQUAL(ms, 1775903400123);
    CU_ASSERT_TRUE(clock_parse_rfc3339("2024-02-29T23:59:60Z", &ms)); /* a leap second */
    CU_ASSERT_TRUE(clock_parse_rfc3339("0001-01-01T00:00:00Z", &ms)); /* never, in Go */
    CU_ASSERT_EQUAL(ms, -62135596800000);
    CU_ASSERT_TRUE(clock_parse_rfc3339("2000-02-29T00:00:00Z", &ms));
}

TEST(refuses_what_is_no_time) {
    static const char *const bad[] = {"",
                                      "now",
                                      "2026-04-11",
                                      "2026-04-11T10:30:00",
                                      "2026-04-11T10:30:00.Z",
                                      "2026-04-11T10:30:00+07",
                                      "2026-04-11T10:30:00+0700",
                                      "2026-04-11T10:30:00+24:00",
                                      "2026-04-11T10:30:00+07:60",
                                      "2026-04-11T10:30:00Z ",
                                      "2026-13-11T10:30:00Z",
                                      "2026-00-11T10:30:00Z",
                                      "2026-04-31T10:30:00Z",
                                      "2026-04-00T10:30:00Z",
                                      "2025-02-29T10:30:00Z",
                                      "1900-02-29T10:30:00Z",
                                      "2026-04-11T24:00:00Z",
                                      "2026-04-11T10:60:00Z",
                                      "2026-04-11T10:30:61Z",
                                      "26-04-11T10:30:00Z",
                                      "2026/04/11T10:30:00Z"};
    int64_t ms = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_FALSE(clock_parse_rfc3339(bad[i], &ms));
    CU_ASSERT_FALSE(clock_parse_rfc3339(NULL, &ms));
    CU_ASSERT_EQUAL(ms, 7);
}

TEST(the_local_offset_follows_the_zone) {
    setenv("TZ", "Asia/Ho_Chi_Minh", 1);
    tzset();
    int there = clock_utc_offset_s(1775903400);
    setenv("TZ", "<+07>-7", 1);
    tzset();
    CU_ASSERT_EQUAL(clock_utc_offset_s(1775903400), 25200);
    CU_ASSERT_TRUE(there == 25200 || there == 0); /* 0 where no zone files are installed */
    CU_ASSERT_EQUAL(clock_utc_offset_s(INT64_MAX), 0);
}

TEST(prints_the_time_of_day_of_a_zone) {
    char day[CLOCK_DAY_SIZE];
    clock_day_time(0, 0, day);
    CHECK_STR(day, "00:00:00");
    clock_day_time(86399, 0, day);
    CHECK_STR(day, "23:59:59");
    clock_day_time(1775903407, 7 * 3600, day); /* 10:30:07 in UTC */
    CHECK_STR(day, "17:30:07");
    clock_day_time(3600, -5 * 3600, day); /* the day before, and before 1970 */
    CHECK_STR(day, "20:00:00");
}

TEST(both_clocks_run_forward) {
    int64_t mono = clock_mono_ms(), wall = clock_wall_ms();
    CU_ASSERT_TRUE(clock_mono_ms() >= mono);
    CU_ASSERT_TRUE(wall > 1700000000000);
}

SUITE(clock, T(prints_iso_8601_in_utc), T(reads_what_it_prints),
      T(every_day_of_a_life_is_read_as_it_was), T(a_month_has_no_day_more),
      T(reads_zones_and_fractions), T(refuses_what_is_no_time),
      T(the_local_offset_follows_the_zone), T(both_clocks_run_forward),
      T(prints_the_time_of_day_of_a_zone))
