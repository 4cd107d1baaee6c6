/* tests/unit/test_section.c - freshness, what is shown of it, trends, and the names of services. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "model/section.h"

TEST(a_reading_ages_by_its_interval) {
    struct section *s = section_new(SERVICE_redis);
    CU_ASSERT_EQUAL(section_freshness(s, 0), FRESH_NONE);
    s->has_reading = true;
    s->taken_mono_ms = 100000;
    s->interval_ms = 5000;
    CU_ASSERT_EQUAL(section_freshness(s, 110000), FRESH_GOOD);
    CU_ASSERT_EQUAL(section_freshness(s, 110001), FRESH_LATE);
    CU_ASSERT_EQUAL(section_freshness(s, 120000), FRESH_LATE);
    CU_ASSERT_EQUAL(section_freshness(s, 120001), FRESH_OLD);
    s->interval_ms = 100; /* a short one does not dim at every hiccup */
    CU_ASSERT_EQUAL(section_freshness(s, 105000), FRESH_GOOD);
    s->interval_ms = 0; /* not known: ten seconds */
    CU_ASSERT_EQUAL(section_freshness(s, 120000), FRESH_GOOD);
    section_unref(s);
}

TEST(an_old_reading_is_unknown_whatever_it_said) {
    struct section *s = section_new(SERVICE_redis);
    CU_ASSERT_EQUAL(section_shown_health(s, 0), HEALTH_UNKNOWN);
    s->has_reading = true;
    s->health = HEALTH_OK;
    s->interval_ms = 5000;
    CU_ASSERT_EQUAL(section_shown_health(s, 15000), HEALTH_OK);
    CU_ASSERT_EQUAL(section_shown_health(s, 20001), HEALTH_UNKNOWN);
    s->failed = true;
    s->health = HEALTH_CRITICAL;
    CU_ASSERT_EQUAL(section_shown_health(s, 20001), HEALTH_CRITICAL);
    s->failed = false;
    s->health = HEALTH_OFF;
    CU_ASSERT_EQUAL(section_shown_health(s, 20001), HEALTH_OFF);
    section_unref(s);
    section_unref(NULL);
}

TEST(a_section_lives_until_the_last_reference) {
    struct section *s = section_new(SERVICE_web);
    CU_ASSERT_PTR_EQUAL(section_ref(s), s);
    section_unref(s);
    s->summary = text_cleanz(&s->arena, "still here");
    CHECK_STR(s->summary.s, "still here");
    section_unref(s);
}

static float newest(const struct trend *t) {
    return t->points[TREND_POINTS - 1];
}

TEST(a_trend_keeps_the_highest_of_ten_seconds) {
    struct trend t;
    memset(&t, 0, sizeof t);
    trend_add(&t, 100000, 5);
    CU_ASSERT_EQUAL(newest(&t), 5);
    CU_ASSERT_TRUE(t.points[0] != t.points[0]); /* the rest is no reading, not zero */
    trend_add(&t, 104000, 3);
    trend_add(&t, 108000, 7);
    CU_ASSERT_EQUAL(newest(&t), 7);
    trend_add(&t, 131000, 1); /* three buckets later */
    CU_ASSERT_EQUAL(newest(&t), 1);
    CU_ASSERT_EQUAL(t.points[TREND_POINTS - 4], 7);
    CU_ASSERT_TRUE(t.points[TREND_POINTS - 2] != t.points[TREND_POINTS - 2]);
    trend_add(&t, 90000, 9); /* time that runs backwards counts for the newest bucket */
    CU_ASSERT_EQUAL(newest(&t), 9);
    trend_add(&t, 131000 + 10000 * 10000, 2); /* after a long sleep nothing old is left */
    CU_ASSERT_EQUAL(newest(&t), 2);
    for (int i = 0; i < TREND_POINTS - 1; i++)
        CU_ASSERT_TRUE(t.points[i] != t.points[i]);
}

TEST(every_figure_has_a_trend_up_to_a_bound) {
    struct section *before = section_new(SERVICE_redis), *after = section_new(SERVICE_redis);
    char names[60][8];
    after->taken_mono_ms = 100000;
    reading_textz(&after->reading, "version", "7"); /* no figure, no trend */
    for (int i = 0; i < 60; i++) {
        snprintf(names[i], sizeof names[i], "m%d", i);
        reading_int(&after->reading, names[i], UNIT_COUNT, i);
    }
    section_keep_series(after, before, true);
    CU_ASSERT_EQUAL(after->n_series, SECTION_SERIES_MAX);
    CU_ASSERT_EQUAL(newest(section_trend(after, "m5")), 5);
    CU_ASSERT_EQUAL(section_series(after, "m5")->unit, UNIT_COUNT);
    CU_ASSERT_PTR_NULL(section_series(after, "version"));
    CU_ASSERT_PTR_NULL(section_trend(after, "m59"));
    struct section *failed = section_new(SERVICE_redis);
    section_keep_series(failed, after, false); /* a failed attempt keeps what there was */
    CU_ASSERT_EQUAL(newest(section_trend(failed, "m5")), 5);
    section_unref(before);
    section_unref(after);
    section_unref(failed);
}

/* Asked each `interval_ms`: 5 at 100 s, then 7 at `taken_ms`. Caller unrefs. */
static struct section *answered_twice(uint32_t interval_ms, int64_t taken_ms) {
    struct section *none = section_new(SERVICE_redis), *before = section_new(SERVICE_redis),
                   *after = section_new(SERVICE_redis);
    before->taken_mono_ms = 100000;
    before->interval_ms = interval_ms;
    after->taken_mono_ms = taken_ms;
    reading_int(&before->reading, "m", UNIT_COUNT, 5);
    reading_int(&after->reading, "m", UNIT_COUNT, 7);
    section_keep_series(before, none, true);
    section_keep_series(after, before, true);
    section_unref(none);
    section_unref(before);
    return after;
}

TEST(a_figure_holds_until_two_answers_are_missing) {
    static const struct {
        uint32_t interval_ms;
        int64_t taken_ms;
        bool held;
    } rows[] = {{60000, 160000, true},  {60000, 220000, true},   {60000, 230000, false},
                {60000, 400000, false}, {5000, 120000, false},   {5000, 110000, true},
                {10000, 120000, true},  {600000, 1000000, true}, {0, 120000, false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct section *s = answered_twice(rows[i].interval_ms, rows[i].taken_ms);
        const struct trend *t = section_trend(s, "m");
        int64_t last = rows[i].taken_ms / TREND_BUCKET_MS;
        CU_ASSERT_EQUAL(t->last_bucket, last);
        CU_ASSERT_EQUAL(trend_at(t, last), 7);
        for (int64_t b = last - 1; b > 10 && b > last - TREND_POINTS; b--) {
            float v = trend_at(t, b);
            CU_ASSERT_TRUE(rows[i].held ? v == 5 : v != v);
        }
        section_unref(s);
    }
}

TEST(times_and_yes_or_no_have_no_curve) {
    struct section *none = section_new(SERVICE_redis), *s = section_new(SERVICE_redis);
    s->taken_mono_ms = 100000;
    reading_int(&s->reading, "up", UNIT_BOOL, 1);
    reading_int(&s->reading, "at", UNIT_TIME, 1795320000);
    reading_set(&s->reading, "none", UNIT_COUNT, value_none());
    reading_int(&s->reading, "m", UNIT_COUNT, 5);
    section_keep_series(s, none, true);
    CU_ASSERT_EQUAL(s->n_series, 1);
    CU_ASSERT_PTR_NOT_NULL(section_trend(s, "m"));
    section_unref(none);
    section_unref(s);
}

TEST(a_trend_is_read_by_time) {
    struct trend t;
    trend_init(&t);
    CU_ASSERT_TRUE(trend_at(&t, 10) != trend_at(&t, 10)); /* empty */
    trend_add(&t, 100000, 5);
    CU_ASSERT_EQUAL(trend_at(&t, 10), 5);
    CU_ASSERT_TRUE(trend_at(&t, 11) != trend_at(&t, 11));
    CU_ASSERT_TRUE(trend_at(&t, -1000) != trend_at(&t, -1000));
    trend_add(&t, 100000 + (TREND_POINTS - 1) * TREND_BUCKET_MS, 6);
    CU_ASSERT_EQUAL(trend_at(&t, 10), 5); /* the oldest that is kept */
    trend_add(&t, 100000 + TREND_POINTS * TREND_BUCKET_MS, 6);
    CU_ASSERT_TRUE(trend_at(&t, 10) != trend_at(&t, 10));
}

TEST(a_past_fills_what_is_not_known_and_nothing_else) {
    struct trend now, past;
    trend_init(&now);
    trend_init(&past);
    trend_fill(&now, &past); /* two of nothing */
    CU_ASSERT_EQUAL(now.last_bucket, 0);
    trend_add(&past, 100000, 5);
    trend_add(&past, 120000, 7);
    trend_fill(&now, &past);
    CU_ASSERT_EQUAL(now.last_bucket, 12);
    CU_ASSERT_TRUE(trend_at(&now, 10) == 5 && trend_at(&now, 12) == 7);
    trend_init(&now);
    trend_add(&now, 120000, 9);
    trend_add(&now, 140000, 11);
    trend_fill(&now, &past);
    CU_ASSERT_TRUE(trend_at(&now, 10) == 5 && trend_at(&now, 12) == 9 && trend_at(&now, 14) == 11);
    CU_ASSERT_TRUE(trend_at(&now, 11) != trend_at(&now, 11));
    trend_init(&past);
    trend_fill(&now, &past);
    CU_ASSERT_EQUAL(trend_at(&now, 14), 11);
}

TEST(a_past_alone_is_a_trend_already) {
    struct section *sec = section_new(SERVICE_prometheus),
                   *before = section_new(SERVICE_prometheus);
    sec->taken_mono_ms = 120000;
    reading_int(&sec->reading, "now", UNIT_COUNT, 1);
    trend_add(reading_past(&sec->reading, "old", UNIT_PERCENT), 100000, 5);
    trend_add(reading_past(&sec->reading, "older", UNIT_MS), 90000, 6);
    section_keep_series(sec, before, true);
    CU_ASSERT_EQUAL(sec->n_series, 3);
    CU_ASSERT_EQUAL(section_series(sec, "old")->unit, UNIT_PERCENT);
    CU_ASSERT_EQUAL(trend_at(section_trend(sec, "older"), 9), 6);
    section_unref(sec);
    section_unref(before);
}

TEST(a_past_of_one_figure_too_many_is_left_out) {
    struct section *sec = section_new(SERVICE_prometheus),
                   *before = section_new(SERVICE_prometheus);
    static char names[60][8];
    for (int i = 0; i < 60; i++) {
        snprintf(names[i], sizeof names[i], "m%d", i);
        reading_int(&sec->reading, names[i], UNIT_COUNT, i);
    }
    struct trend *t;
    uint32_t n = 0;
    while ((t = reading_past(&sec->reading, n ? "m1" : "old", UNIT_COUNT)) && n++ < 100)
        trend_add(t, 100000, 1);
    CU_ASSERT_EQUAL(n, 16);
    sec->taken_mono_ms = 120000;
    section_keep_series(sec, before, true);
    CU_ASSERT_EQUAL(trend_at(section_trend(sec, "m1"), 10), 1);
    CU_ASSERT_EQUAL(sec->n_series, SECTION_SERIES_MAX);
    CU_ASSERT_PTR_NULL(section_trend(sec, "old"));
    section_unref(sec);
    section_unref(before);
}

TEST(service_names_are_those_of_the_inventory) {
    for (int i = 0; i < SERVICE_COUNT; i++) {
        enum service back;
        CU_ASSERT_TRUE(service_parse(service_name((enum service)i), &back) && (int)back == i);
    }
    enum service s;
    CHECK_STR(service_name(SERVICE_pg_backup), "pg-backup");
    CHECK_STR(service_name(SERVICE_COUNT), "?");
    CU_ASSERT_FALSE(service_parse("", &s));
    CU_ASSERT_FALSE(service_parse("API", &s));
}

SUITE(section, T(a_reading_ages_by_its_interval), T(an_old_reading_is_unknown_whatever_it_said),
      T(a_section_lives_until_the_last_reference), T(a_trend_keeps_the_highest_of_ten_seconds),
      T(every_figure_has_a_trend_up_to_a_bound), T(a_figure_holds_until_two_answers_are_missing),
      T(times_and_yes_or_no_have_no_curve), T(a_trend_is_read_by_time),
      T(a_past_fills_what_is_not_known_and_nothing_else), T(a_past_alone_is_a_trend_already),
      T(a_past_of_one_figure_too_many_is_left_out), T(service_names_are_those_of_the_inventory))
