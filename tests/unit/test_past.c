/* tests/unit/test_past.c - going back in time: what is kept, how much of it, and which moment the
 * screen shows. */
#include "harness.h"

#include <string.h>

#include "src/app/rewind_priv.h"

static struct rewind rewind_of;
static struct snapshot *shown; /* what the screen has */
static char text[160];

/* A snapshot of `second` after midnight UTC; redis was last tried at `tried_s` and said so. */
static struct snapshot *moment(int64_t second, int64_t tried_s) {
    struct snapshot *s = snapshot_new("dev", false);
    struct section *sec = s->sections[SERVICE_redis];
    sec->summary = text_printf(&sec->arena, "tried at %d", (int)tried_s);
    sec->tried_mono_ms = sec->taken_mono_ms = tried_s * 1000;
    sec->has_reading = true;
    reading_real(&sec->reading, "clients", UNIT_COUNT, (double)tried_s);
    section_keep_series(sec, sec, true);
    s->now_mono_ms = s->now_wall_ms = second * 1000;
    return s;
}

static void keep(int64_t second, int64_t tried_s) {
    struct snapshot *s = moment(second, tried_s);
    past_keep(&rewind_of.past, s);
    snapshot_unref(s);
}

/* Thirty seconds a step: at 100, 130, ... the screen froze at `to`. */
static void begin(int64_t to) {
    memset(&rewind_of, 0, sizeof rewind_of);
    for (int64_t second = 100; second < to; second += 30)
        keep(second, second - 3);
    shown = moment(to, to - 1);
}

static void end(void) {
    snapshot_unref(shown);
    rewind_free(&rewind_of);
}

static const char *redis(const struct snapshot *s) {
    return s->sections[SERVICE_redis]->summary.s;
}

TEST(keeps_one_moment_in_thirty_seconds) {
    begin(100);
    keep(200, 1);
    keep(201, 1);
    keep(229, 1);
    CU_ASSERT_EQUAL(rewind_of.past.n, 1);
    keep(230, 1);
    CU_ASSERT_EQUAL(rewind_of.past.n, 2);
    end();
}

TEST(keeps_a_quarter_of_an_hour_and_no_more) {
    begin(100 + 30 * 200);
    CU_ASSERT_EQUAL(rewind_of.past.n, PAST_MAX);
    CU_ASSERT_EQUAL(PAST_MAX * PAST_STEP_MS, 15 * 60000);
    struct snapshot *newest = past_at(&rewind_of.past, 1, shown);
    struct snapshot *oldest = past_at(&rewind_of.past, PAST_MAX, shown);
    CU_ASSERT_EQUAL(newest->now_mono_ms, shown->now_mono_ms - 30000);
    CU_ASSERT_EQUAL(oldest->now_mono_ms, shown->now_mono_ms - 15 * 60000);
    CHECK_STR(redis(oldest), "tried at 5197");
    CU_ASSERT_PTR_NULL(past_at(&rewind_of.past, PAST_MAX + 1, shown));
    snapshot_unref(newest);
    snapshot_unref(oldest);
    end();
}

/* A back-end with a table of 10,000 long rows must not fill the memory. */
TEST(the_oldest_moments_give_way_to_large_ones) {
    static const struct column columns[] = {{"word", "WORD", UNIT_NONE, 0, 0}};
    char word[101];
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = 0;
    begin(400);
    for (int64_t second = 400; second < 400 + 4 * 30; second += 30) {
        struct snapshot *s = moment(second, second);
        struct reading *r = &s->sections[SERVICE_redis]->reading;
        struct table *t = reading_add_table(r, "t", "T", columns, 1);
        for (int i = 0; i < 5000; i++)
            row_text(r, table_add_row(r, t, "k", HEALTH_OK), 0, word);
        past_keep(&rewind_of.past, s);
        snapshot_unref(s);
        CU_ASSERT(rewind_of.past.bytes <= PAST_MAX_BYTES);
    }
    CU_ASSERT_EQUAL(rewind_of.past.n, 2);
    CU_ASSERT_TRUE(rewind_step(&rewind_of, -1, &shown, text, sizeof text));
    CHECK_STR(redis(shown), "tried at 490");
    end();
}

TEST(a_step_back_shows_what_was_said_then_with_the_trends_of_now) {
    begin(190);
    CU_ASSERT_TRUE(rewind_step(&rewind_of, -1, &shown, text, sizeof text));
    CHECK_STR(redis(shown), "tried at 157");
    CU_ASSERT_EQUAL(shown->now_wall_ms, 160000);
    CU_ASSERT_PTR_NOT_NULL(section_trend(shown->sections[SERVICE_redis], "clients"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "30s before the freeze, step 1 of 3"));
    CU_ASSERT_TRUE(rewind_step(&rewind_of, -1, &shown, text, sizeof text));
    CHECK_STR(redis(shown), "tried at 127");
    CU_ASSERT_TRUE(rewind_step(&rewind_of, 1, &shown, text, sizeof text));
    CU_ASSERT_TRUE(rewind_step(&rewind_of, 1, &shown, text, sizeof text));
    CHECK_STR(redis(shown), "tried at 189");
    CU_ASSERT_FALSE(rewind_step(&rewind_of, 1, &shown, text, sizeof text));
    CHECK_STR(redis(shown), "tried at 189");
    end();
}

/* Jobs, the trail and the console's own load are no readings of a back-end. */
TEST(what_is_the_consoles_own_is_of_now) {
    begin(190);
    shown->own[OWN_PROPOSALS]->summary = TEXT_LIT("one waits");
    shown->self.frames = 7;
    CU_ASSERT_TRUE(rewind_step(&rewind_of, -1, &shown, text, sizeof text));
    CHECK_STR(shown->own[OWN_PROPOSALS]->summary.s, "one waits");
    CU_ASSERT_EQUAL(shown->self.frames, 7);
    end();
}

TEST(what_had_not_happened_yet_is_not_shown) {
    begin(190);
    struct event e = {.wall_ms = 120000};
    shown->events = events_with(NULL, &e);
    e.wall_ms = 170000;
    shown->events = events_with(shown->events, &e);
    CU_ASSERT_TRUE(rewind_step(&rewind_of, -1, &shown, text, sizeof text)); /* 160 */
    CU_ASSERT_EQUAL(shown->events->n, 1);
    CU_ASSERT_EQUAL(shown->events->list[0].wall_ms, 120000);
    CU_ASSERT_TRUE(rewind_to(&rewind_of, "00:01:40", &shown, text, sizeof text));
    CU_ASSERT_PTR_NULL(shown->events);
    CU_ASSERT_TRUE(rewind_to(&rewind_of, "0s", &shown, text, sizeof text));
    CU_ASSERT_EQUAL(shown->events->n, 2);
    end();
}

TEST(there_is_an_oldest_moment) {
    begin(120);
    CU_ASSERT_TRUE(rewind_step(&rewind_of, -1, &shown, text, sizeof text));
    CU_ASSERT_FALSE(rewind_step(&rewind_of, -1, &shown, text, sizeof text));
    CHECK_STR(redis(shown), "tried at 97");
    end();
    begin(100);
    CU_ASSERT_FALSE(rewind_step(&rewind_of, -1, &shown, text, sizeof text));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "nothing older is kept yet"));
    CU_ASSERT_PTR_NULL(rewind_of.live); /* it was not frozen for nothing */
    end();
}

TEST(goes_to_the_moment_before_a_time) {
    begin(200);
    CU_ASSERT_TRUE(rewind_to(&rewind_of, "00:02:30", &shown, text, sizeof text));
    CU_ASSERT_EQUAL(shown->now_wall_ms, 130000);
    CU_ASSERT_TRUE(rewind_to(&rewind_of, "30s", &shown, text, sizeof text));
    CU_ASSERT_EQUAL(shown->now_wall_ms, 160000);
    CU_ASSERT_TRUE(rewind_to(&rewind_of, "0s", &shown, text, sizeof text));
    CU_ASSERT_EQUAL(shown->now_wall_ms, 200000);
    CU_ASSERT_FALSE(rewind_to(&rewind_of, "00:01", &shown, text, sizeof text));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "nothing so old"));
    CU_ASSERT_FALSE(rewind_to(&rewind_of, "soon", &shown, text, sizeof text));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "14:28"));
    end();
}

TEST(a_time_is_of_the_clock_shown_and_never_in_the_future) {
    struct snapshot *s = moment(10 * 3600, 1);
    int64_t at;
    s->utc_offset_s = 7 * 3600; /* 17:00 there */
    CU_ASSERT_TRUE(past_parse_time("16:58", s, &at));
    CU_ASSERT_EQUAL(at, (9 * 3600 + 58 * 60) * 1000LL);
    CU_ASSERT_TRUE(past_parse_time("17:01", s, &at)); /* that was yesterday */
    CU_ASSERT_EQUAL(at, (10 * 3600 + 60 - 86400) * 1000LL);
    CU_ASSERT_TRUE(past_parse_time("2h", s, &at));
    CU_ASSERT_EQUAL(at, 8 * 3600 * 1000LL);
    s->now_wall_ms = 20 * 3600 * 1000LL; /* 03:00 of the next day there */
    CU_ASSERT_TRUE(past_parse_time("02:00", s, &at));
    CU_ASSERT_EQUAL(at, 19 * 3600 * 1000LL);
    CU_ASSERT_TRUE(past_parse_time("23:00", s, &at));
    CU_ASSERT_EQUAL(at, 16 * 3600 * 1000LL);
    s->now_wall_ms = 10 * 3600 * 1000LL;
    static const struct {
        const char *text;
        int64_t s;
    } right[] = {{"90s", 36000 - 90},
                 {"9m", 36000 - 540},
                 {"0s", 36000},
                 {"100000s", 36000 - 100000},
                 {"17:00", 36000},
                 {"17:00:00", 36000},
                 {"09:59:59", 9 * 3600 + 3599 - 7 * 3600},
                 {"00:00", -7 * 3600},
                 {"23:59:59", -7 * 3600 - 1}};
    for (size_t i = 0; i < ARRAY_LEN(right); i++) {
        CU_ASSERT_TRUE(past_parse_time(right[i].text, s, &at));
        if (at != right[i].s * 1000)
            printf("\n    %s: %lld\n", right[i].text, (long long)at);
        CU_ASSERT_EQUAL(at, right[i].s * 1000);
    }
    static const char *const wrong[] = {"",  ":",  "24:00", "1:60", "14:28:",    "14:28x", "5",
                                        "m", "5d", "5mm",   "-5m",  "99999999s", "1:2:3:4"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        CU_ASSERT_FALSE(past_parse_time(wrong[i], s, &at));
    snapshot_unref(s);
}

SUITE(past, T(keeps_one_moment_in_thirty_seconds), T(keeps_a_quarter_of_an_hour_and_no_more),
      T(the_oldest_moments_give_way_to_large_ones),
      T(a_step_back_shows_what_was_said_then_with_the_trends_of_now),
      T(what_is_the_consoles_own_is_of_now), T(what_had_not_happened_yet_is_not_shown),
      T(there_is_an_oldest_moment), T(goes_to_the_moment_before_a_time),
      T(a_time_is_of_the_clock_shown_and_never_in_the_future))
