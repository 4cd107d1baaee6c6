/* tests/unit/test_chart.c - fifteen minutes in blocks and in charts: what is drawn is true, and
 * stays still until a column is full. */
#include "harness.h"

#include <math.h>
#include <string.h>

#include "ui/draw.h"

#define NOW_MS 9000000 /* a whole column in every width that is tried here */

static struct trend trend;
static struct cellbuf b;
static struct str out;
static struct snapshot *snapshot;

/* Points 10 s apart that end in the bucket of NOW_MS. */
static void points(const float *p, int n) {
    trend_init(&trend);
    for (int i = 0; i < n; i++)
        if (!isnan(p[i]))
            trend_add(&trend, NOW_MS - (n - 1 - i) * TREND_BUCKET_MS, p[i]);
}

static void begin(int w, int h) {
    cellbuf_init(&b);
    cellbuf_resize(&b, w, h);
    str_init(&out, 1 << 20);
    snapshot = snapshot_new("dev", false);
    snapshot->now_mono_ms = NOW_MS;
    snapshot->now_wall_ms = 1775903400000; /* 10:30:00 */
}

static void end(void) {
    cellbuf_done(&b);
    str_done(&out);
    snapshot_unref(snapshot);
}

static const char *text(void) {
    str_clear(&out);
    cellbuf_to_text(&b, &out);
    return str_get(&out);
}

static const char *spark(int64_t now_ms) {
    cellbuf_clear(&b);
    draw_spark(&b, (struct rect){0, 0, b.w, 1}, &trend, now_ms, ROLE_GRAPH);
    return text();
}

static const char *chart(enum unit unit, float now) {
    struct chart c = {.title = "load", .span_ms = 900000, .trend = &trend, .unit = unit};
    c.now = value_real((double)now);
    cellbuf_clear(&b);
    draw_chart(&b, (struct rect){0, 0, b.w, b.h}, &c, snapshot);
    return text();
}

TEST(what_is_read_now_lies_between_least_and_most) {
    const float p[] = {4, 5, 6};
    begin(60, 8);
    points(p, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(chart(UNIT_COUNT, 3), "load 3  min 3  max 6"));
    CU_ASSERT_PTR_NOT_NULL(strstr(chart(UNIT_COUNT, 9), "load 9  min 4  max 9"));
    CU_ASSERT_PTR_NOT_NULL(strstr(chart(UNIT_COUNT, 5), "load 5  min 4  max 6"));
    end();
}

TEST(a_row_of_blocks_shows_the_shape_and_leaves_gaps) {
    static const float p[] = {0, 1, NAN, 4, 8};
    begin(90, 1);
    b.ascii = true;
    points(p, 5);
    const char *line = spark(NOW_MS);
    CHECK_STR(line + 85, ".. -@\n");
    end();
}

TEST(a_steady_figure_is_a_line_in_the_middle_and_nought_one_at_the_bottom) {
    static const float high[] = {500, 500, 501}, none[] = {0, 0, 0};
    begin(90, 1);
    b.ascii = true;
    points(high, 3);
    CHECK_STR(spark(NOW_MS) + 87, "---\n");
    points(none, 3);
    CHECK_STR(spark(NOW_MS) + 87, "...\n");
    b.ascii = false;
    points(high, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(spark(NOW_MS), "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\n"));
    end();
}

TEST(a_peak_between_two_columns_is_not_lost) {
    float p[90] = {0};
    p[50] = 100;
    begin(10, 1);
    b.ascii = true;
    points(p, 90);
    CU_ASSERT_PTR_NOT_NULL(strchr(spark(NOW_MS), '@'));
    end();
}

TEST(time_alone_moves_a_row_only_when_a_column_is_full) {
    static const float p[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    char before[200];
    begin(10, 1); /* 90 s a column */
    points(p, 9);
    str_copy(before, sizeof before, spark(NOW_MS));
    CHECK_STR(spark(NOW_MS + 89000), before);
    CU_ASSERT_NOT_EQUAL(strcmp(spark(NOW_MS + 90000), before), 0);
    end();
}

TEST(a_chart_has_name_figures_scale_and_times) {
    float p[90];
    for (int i = 0; i < 90; i++)
        p[i] = (float)(i % 45);
    begin(60, 7);
    points(p, 90);
    const char *screen = chart(UNIT_PER_SECOND, 44);
    CU_ASSERT_PTR_NOT_NULL(strstr(screen, "load 44/s  min 0.0/s  max 44/s"));
    CU_ASSERT_PTR_NOT_NULL(strstr(screen, "  50/s")); /* a round figure above 44 */
    CU_ASSERT_PTR_NOT_NULL(strstr(screen, "0.0/s"));
    CU_ASSERT_PTR_NOT_NULL(strstr(screen, "10:2"));
    end();
}

TEST(a_chart_keeps_its_times_still) {
    static const float p[] = {1, 2, 3};
    char before[8000];
    begin(60, 7);
    points(p, 3);
    str_copy(before, sizeof before, chart(UNIT_COUNT, 3));
    snapshot->now_mono_ms += 20000;
    snapshot->now_wall_ms += 20000;
    CHECK_STR(chart(UNIT_COUNT, 3), before);
    snapshot->now_mono_ms += 150000;
    snapshot->now_wall_ms += 150000;
    CU_ASSERT_NOT_EQUAL(strcmp(chart(UNIT_COUNT, 3), before), 0);
    end();
}

TEST(a_stock_far_from_nought_gets_a_scale_of_its_own_a_rate_does_not) {
    static const float p[] = {5000, 5010, 5020, 5030};
    begin(60, 7);
    points(p, 4);
    CU_ASSERT_PTR_NULL(strstr(chart(UNIT_COUNT, 5030), "      0\xe2\x94\x82"));
    CU_ASSERT_PTR_NOT_NULL(strstr(chart(UNIT_PER_SECOND, 5030), "  0.0/s\xe2\x94\x82"));
    end();
}

TEST(bytes_are_scaled_by_1024) {
    static const float p[] = {1, 1900000};
    begin(60, 7);
    points(p, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(chart(UNIT_BYTES, 1900000), "2.00 MB"));
    end();
}

TEST(a_young_trend_gets_a_shorter_window) {
    static const float p[] = {1, 2, 3};
    float many[90] = {0};
    points(p, 3);
    CU_ASSERT_EQUAL(chart_span(&trend, NOW_MS), 180000);
    points(many, 20);
    CU_ASSERT_EQUAL(chart_span(&trend, NOW_MS), 300000);
    points(many, 90);
    CU_ASSERT_EQUAL(chart_span(&trend, NOW_MS), 900000);
}

TEST(too_small_or_empty_is_nothing_and_no_crash) {
    begin(11, 3);
    trend_init(&trend);
    CHECK_STR(chart(UNIT_COUNT, 1), "\n\n\n");
    cellbuf_resize(&b, 40, 7);
    CU_ASSERT_PTR_NOT_NULL(strstr(chart(UNIT_COUNT, 1), "load 1"));
    CHECK_STR(spark(NOW_MS), "\n\n\n\n\n\n\n");
    end();
}

SUITE(chart, T(what_is_read_now_lies_between_least_and_most),
      T(a_row_of_blocks_shows_the_shape_and_leaves_gaps),
      T(a_steady_figure_is_a_line_in_the_middle_and_nought_one_at_the_bottom),
      T(a_peak_between_two_columns_is_not_lost),
      T(time_alone_moves_a_row_only_when_a_column_is_full),
      T(a_chart_has_name_figures_scale_and_times), T(a_chart_keeps_its_times_still),
      T(a_stock_far_from_nought_gets_a_scale_of_its_own_a_rate_does_not),
      T(bytes_are_scaled_by_1024), T(a_young_trend_gets_a_shorter_window),
      T(too_small_or_empty_is_nothing_and_no_crash))
