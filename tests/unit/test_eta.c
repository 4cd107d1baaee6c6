/* tests/unit/test_eta.c - estimates from earlier runs and the present rate. */
#include "harness.h"

#include "act/eta.h"

static double left, error;

TEST(nothing_known_is_no_estimate) {
    struct eta_history h = {{0}, 0};
    eta_estimate(&h, 0, 100, 0, &left, &error);
    CU_ASSERT_EQUAL(left, -1);
    eta_estimate(&h, 10, 0, 1000, &left, &error);
    CU_ASSERT_EQUAL(left, -1);
    eta_estimate(&h, 200, 100, 1000, &left, &error);
    CU_ASSERT_EQUAL(left, -1);
}

TEST(the_present_rate_serves_where_there_is_no_history) {
    struct eta_history h = {{0}, 0};
    eta_estimate(&h, 25, 100, 5000, &left, &error); /* 200 ms each, 75 to go */
    CU_ASSERT_DOUBLE_EQUAL(left, 15, 0.01);
    CU_ASSERT_TRUE(error > 1 && error < left);
}

TEST(the_first_moment_of_a_stage_says_nothing_of_the_rest) {
    struct eta_history none = {{0}, 0}, h = {{100, 100}, 2};
    eta_estimate(&none, 9061, 713686337, 41, &left, &error);
    CU_ASSERT_EQUAL(left, -1);
    CU_ASSERT_EQUAL(eta_rate_per_s(9061, 713686337, 41), -1);
    eta_estimate(&h, 0, 1000, 41, &left, &error);
    double before = left;
    eta_estimate(&h, 1, 1000, 999, &left, &error);
    CU_ASSERT_DOUBLE_EQUAL(left, before, before / 100);
    eta_estimate(&none, 9061, 713686337, 1000, &left, &error);
    CU_ASSERT_TRUE(left > 0);
}

TEST(a_hundredth_done_in_the_first_moment_is_a_rate) {
    CU_ASSERT_DOUBLE_EQUAL(eta_rate_per_s(10, 1000, 50), 200, 0.001);
    CU_ASSERT_EQUAL(eta_rate_per_s(9, 1000, 50), -1);
    CU_ASSERT_DOUBLE_EQUAL(eta_rate_per_s(7, 0, 50), 140, 0.001);
    CU_ASSERT_EQUAL(eta_rate_per_s(0, 1000, 5000), -1);
}

TEST(history_serves_before_the_first_unit) {
    struct eta_history h = {{100, 300}, 2};
    eta_estimate(&h, 0, 100, 0, &left, &error);
    CU_ASSERT_DOUBLE_EQUAL(left, 20, 0.01);
    CU_ASSERT_DOUBLE_EQUAL(error, 14.14, 0.01);
}

TEST(the_present_counts_the_more_the_further_it_is) {
    struct eta_history h = {{100, 100, 100}, 3};
    eta_estimate(&h, 10, 100, 10 * 500, &left, &error);
    double early = left / 90;
    eta_estimate(&h, 90, 100, 90 * 500, &left, &error);
    double late = left / 10;
    CU_ASSERT_TRUE(early < 0.2 && late > 0.4);
}

TEST(equal_runs_leave_no_doubt) {
    struct eta_history h = {{50, 50, 50}, 3};
    eta_estimate(&h, 50, 100, 2500, &left, &error);
    CU_ASSERT_DOUBLE_EQUAL(left, 2.5, 0.001);
    CU_ASSERT_DOUBLE_EQUAL(error, 0, 0.001);
}

SUITE(eta, T(nothing_known_is_no_estimate), T(the_present_rate_serves_where_there_is_no_history),
      T(the_first_moment_of_a_stage_says_nothing_of_the_rest),
      T(a_hundredth_done_in_the_first_moment_is_a_rate), T(history_serves_before_the_first_unit),
      T(the_present_counts_the_more_the_further_it_is), T(equal_runs_leave_no_doubt))
