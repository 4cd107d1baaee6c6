/* tests/unit/test_events.c - which changes between two sections become events, and the list. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "model/snapshot.h"

#define WALL_MS 1775903527000LL

static const struct column alert_columns[] = {
    {"name", "ALERT", UNIT_NONE, 0, 0},
    {"state", "STATE", UNIT_NONE, 0, 0},
    {"summary", "SUMMARY", UNIT_NONE, 0, 0},
};

static struct section *section(enum service service, enum health health, const char *summary) {
    struct section *sec = section_new(service);
    sec->health = health;
    sec->summary = text_cleanz(&sec->arena, summary);
    sec->tried_mono_ms = sec->taken_mono_ms = 100000;
    sec->has_reading = true;
    return sec;
}

static void alert(struct section *sec, const char *name, const char *state) {
    struct table *t = (struct table *)reading_table(&sec->reading, "alerts");
    if (!t)
        t = reading_add_table(&sec->reading, "alerts", "Alerts", alert_columns,
                              ARRAY_LEN(alert_columns));
    if (!name)
        return;
    struct row *row = table_add_row(&sec->reading, t, name, HEALTH_WARNING);
    row_text(&sec->reading, row, 0, name);
    row_text(&sec->reading, row, 1, state);
    row_text(&sec->reading, row, 2, "p95 above 1s");
}

/* Takes both sections over. */
static struct events *between(struct section *before, struct section *after) {
    struct events *list = events_between(NULL, before, after, WALL_MS);
    section_unref(before);
    section_unref(after);
    return list;
}

static const struct event *only(const struct events *list) {
    CU_ASSERT_PTR_NOT_NULL_FATAL(list);
    CU_ASSERT_EQUAL_FATAL(list->n, 1);
    return &list->list[0];
}

TEST(a_service_that_falls_ill_is_one_event_with_its_reason) {
    struct section *after = section(SERVICE_redis, HEALTH_CRITICAL, "connection refused");
    after->caused_by = "postgres";
    struct events *list = between(section(SERVICE_redis, HEALTH_OK, "fine"), after);
    const struct event *e = only(list);
    CU_ASSERT_EQUAL(e->kind, EVENT_HEALTH);
    CU_ASSERT_EQUAL(e->service, SERVICE_redis);
    CU_ASSERT_EQUAL(e->health, HEALTH_CRITICAL);
    CU_ASSERT_EQUAL(e->wall_ms, WALL_MS);
    CHECK_STR(e->subject, "redis");
    CHECK_STR(e->from, "ok");
    CHECK_STR(e->to, "critical");
    CHECK_STR(e->why, "symptom of postgres: connection refused");
    events_unref(list);
}

TEST(the_same_health_with_other_figures_is_no_event) {
    CU_ASSERT_PTR_NULL(between(section(SERVICE_redis, HEALTH_WARNING, "evicting 3/s"),
                               section(SERVICE_redis, HEALTH_WARNING, "evicting 9/s")));
}

TEST(a_service_that_was_not_asked_yet_has_not_changed) {
    struct section *waiting = section(SERVICE_redis, HEALTH_UNKNOWN, "not asked yet");
    waiting->tried_mono_ms = 0;
    CU_ASSERT_PTR_NULL(between(section_new(SERVICE_redis), waiting));
}

TEST(the_first_good_answer_is_no_event_but_the_first_bad_one_is) {
    CU_ASSERT_PTR_NULL(between(section_new(SERVICE_web), section(SERVICE_web, HEALTH_OK, "up")));
    struct events *list =
        between(section_new(SERVICE_web), section(SERVICE_web, HEALTH_CRITICAL, "refused"));
    CHECK_STR(only(list)->from, "not asked");
    events_unref(list);
}

TEST(alerts_that_fire_and_end_are_events_those_that_wait_are_none) {
    struct section *before = section(SERVICE_prometheus, HEALTH_OK, "");
    struct section *after = section(SERVICE_prometheus, HEALTH_OK, "");
    alert(before, "Latency", "pending");
    alert(before, "Errors", "firing");
    alert(before, "Search", "pending");
    alert(before, "Queue", "firing");
    alert(after, "Latency", "firing");
    alert(after, "Drift", "pending");
    alert(after, "Queue", "firing");
    alert(after, "Memory", "firing");
    struct events *list = between(before, after);
    CU_ASSERT_PTR_NOT_NULL_FATAL(list);
    CU_ASSERT_EQUAL_FATAL(list->n, 3);
    static const char *const expected[][3] = {{"Errors", "firing", "resolved"},
                                              {"Memory", "inactive", "firing"},
                                              {"Latency", "pending", "firing"}};
    for (uint32_t i = 0; i < 3; i++) {
        CHECK_STR(list->list[i].subject, expected[i][0]);
        CHECK_STR(list->list[i].from, expected[i][1]);
        CHECK_STR(list->list[i].to, expected[i][2]);
        CU_ASSERT_EQUAL(list->list[i].kind, EVENT_ALERT);
    }
    CU_ASSERT_EQUAL(list->list[0].health, HEALTH_OK);
    CHECK_STR(list->list[2].why, "p95 above 1s");
    events_unref(list);
}

/* A storm has more of them than are listed. */
TEST(alerts_behind_a_cut_neither_begin_nor_end) {
    struct section *before = section(SERVICE_prometheus, HEALTH_WARNING, "2 alerts");
    struct section *after = section(SERVICE_prometheus, HEALTH_WARNING, "2 alerts");
    alert(before, "Latency", "firing");
    alert(before, "Queue", "firing");
    alert(after, "Queue", "pending");
    alert(after, "Memory", "firing");
    ((struct table *)reading_table(&before->reading, "alerts"))->n_total = 3;
    ((struct table *)reading_table(&after->reading, "alerts"))->n_total = 3;
    struct events *list = between(before, after);
    const struct event *e = only(list);
    CHECK_STR(e->subject, "Queue"); /* this one is seen to have ended */
    CHECK_STR(e->to, "resolved");
    events_unref(list);
}

TEST(alerts_that_fired_before_the_first_look_did_not_begin_now) {
    struct section *after = section(SERVICE_prometheus, HEALTH_OK, "");
    alert(after, "Latency", "firing");
    CU_ASSERT_PTR_NULL(between(section(SERVICE_prometheus, HEALTH_OK, ""), after));
}

TEST(a_failed_attempt_resolves_no_alert) {
    struct section *before = section(SERVICE_prometheus, HEALTH_CRITICAL, "");
    struct section *after = section(SERVICE_prometheus, HEALTH_CRITICAL, "");
    alert(before, "Latency", "firing");
    alert(after, NULL, NULL);
    after->failed = true;
    CU_ASSERT_PTR_NULL(between(before, after));
}

TEST(an_uptime_that_goes_back_is_a_restart) {
    struct section *before = section(SERVICE_redis, HEALTH_OK, "");
    struct section *after = section(SERVICE_redis, HEALTH_OK, "");
    reading_int(&before->reading, "uptime_s", UNIT_SECONDS, 7260);
    reading_int(&after->reading, "uptime_s", UNIT_SECONDS, 4);
    struct events *list = between(before, after);
    CU_ASSERT_EQUAL(only(list)->kind, EVENT_RESTART);
    CHECK_STR(only(list)->from, "2h01m");
    CHECK_STR(only(list)->to, "4s");
    events_unref(list);
}

TEST(an_uptime_that_stands_still_is_no_restart) {
    struct section *before = section(SERVICE_redis, HEALTH_OK, "");
    struct section *after = section(SERVICE_redis, HEALTH_OK, "");
    reading_int(&before->reading, "uptime_s", UNIT_SECONDS, 100);
    reading_int(&after->reading, "uptime_s", UNIT_SECONDS, 95);
    CU_ASSERT_PTR_NULL(between(before, after));
    before = section(SERVICE_redis, HEALTH_OK, "");
    after = section(SERVICE_redis, HEALTH_OK, "");
    reading_int(&before->reading, "uptime_s", UNIT_SECONDS, 100);
    reading_int(&after->reading, "uptime_s", UNIT_SECONDS, 94);
    struct events *list = between(before, after);
    CU_ASSERT_EQUAL(only(list)->kind, EVENT_RESTART);
    events_unref(list);
}

/* Uptimes of a service that was read `passed_s` apart. */
static struct events *uptimes(int64_t before_s, int64_t after_s, int64_t passed_s) {
    struct section *before = section(SERVICE_redis, HEALTH_OK, "");
    struct section *after = section(SERVICE_redis, HEALTH_OK, "");
    after->taken_mono_ms += passed_s * 1000;
    reading_int(&before->reading, "uptime_s", UNIT_SECONDS, before_s);
    reading_int(&after->reading, "uptime_s", UNIT_SECONDS, after_s);
    return between(before, after);
}

TEST(who_was_down_for_longer_than_it_was_up_was_restarted) {
    struct events *list = uptimes(10, 20, 100);
    CU_ASSERT_EQUAL(only(list)->kind, EVENT_RESTART);
    CHECK_STR(only(list)->from, "10s");
    CHECK_STR(only(list)->to, "20s");
    events_unref(list);
}

TEST(an_uptime_that_went_on_meanwhile_is_no_restart) {
    CU_ASSERT_PTR_NULL(uptimes(10, 110, 100));
    CU_ASSERT_PTR_NULL(uptimes(0, 96, 100));
}

TEST(an_uptime_that_was_not_asked_again_is_no_restart) {
    CU_ASSERT_PTR_NULL(uptimes(3, 3, 15));
}

TEST(another_version_is_an_event) {
    struct section *before = section(SERVICE_grafana, HEALTH_OK, "");
    struct section *after = section(SERVICE_grafana, HEALTH_OK, "");
    reading_textz(&before->reading, "version", "10.4.1");
    reading_textz(&after->reading, "version", "11.0.0");
    struct events *list = between(before, after);
    CU_ASSERT_EQUAL(only(list)->kind, EVENT_VERSION);
    CHECK_STR(only(list)->to, "11.0.0");
    events_unref(list);
    static const char *const hidden[][2] = {{"", "11.0.0"}, {"10.4.1", ""}, {"1", "1"}};
    for (size_t i = 0; i < ARRAY_LEN(hidden); i++) { /* one that is not told is no other */
        before = section(SERVICE_grafana, HEALTH_OK, "");
        after = section(SERVICE_grafana, HEALTH_OK, "");
        reading_textz(&before->reading, "version", hidden[i][0]);
        reading_textz(&after->reading, "version", hidden[i][1]);
        CU_ASSERT_PTR_NULL(between(before, after));
    }
}

TEST(the_list_keeps_the_newest_and_never_grows_past_its_cap) {
    struct events *list = NULL;
    for (int i = 0; i < EVENTS_MAX + 50; i++) {
        struct event e = {.wall_ms = i};
        list = events_with(list, &e);
    }
    CU_ASSERT_EQUAL(list->n, EVENTS_MAX);
    CU_ASSERT_EQUAL(list->list[0].wall_ms, EVENTS_MAX + 49);
    CU_ASSERT_EQUAL(list->list[EVENTS_MAX - 1].wall_ms, 50);
    events_unref(list);
}

TEST(a_list_that_somebody_holds_is_not_changed) {
    struct event e = {.wall_ms = 1};
    struct events *held = events_with(NULL, &e);
    e.wall_ms = 2;
    struct events *next = events_with(events_ref(held), &e);
    CU_ASSERT_EQUAL(held->n, 1);
    CU_ASSERT_EQUAL(held->list[0].wall_ms, 1);
    CU_ASSERT_EQUAL(next->n, 2);
    events_unref(held);
    events_unref(next);
}

/* --- the codec and the trends --- */

static struct snapshot *there_and_back(const struct snapshot *s) {
    struct str out;
    struct err err;
    str_init(&out, 1 << 22);
    snapshot_write(s, &out);
    struct snapshot *back = snapshot_read(str_get(&out), out.len, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(back);
    str_done(&out);
    return back;
}

static void check_same(const struct event *a, const struct event *b) {
    CU_ASSERT_EQUAL(a->wall_ms, b->wall_ms);
    CU_ASSERT_EQUAL(a->kind, b->kind);
    CU_ASSERT_EQUAL(a->service, b->service);
    CU_ASSERT_EQUAL(a->health, b->health);
    CHECK_STR(a->subject, b->subject);
    CHECK_STR(a->from, b->from);
    CHECK_STR(a->to, b->to);
    CHECK_STR(a->why, b->why);
}

TEST(events_survive_the_codec_in_order) {
    struct snapshot *s = snapshot_new("dev", false);
    for (int i = 0; i < 3; i++) {
        struct event e = {.wall_ms = WALL_MS + i, .kind = EVENT_ALERT, .health = HEALTH_WARNING};
        e.service = SERVICE_prometheus;
        snprintf(e.subject, sizeof e.subject, "Alert %d", i);
        str_copy(e.why, sizeof e.why, "because \"so\"");
        s->events = events_with(s->events, &e);
    }
    struct snapshot *back = there_and_back(s);
    CU_ASSERT_PTR_NOT_NULL_FATAL(back->events);
    CU_ASSERT_EQUAL(back->events->n, 3);
    for (int i = 0; i < 3; i++)
        check_same(&back->events->list[i], &s->events->list[i]);
    snapshot_unref(s);
    snapshot_unref(back);
}

TEST(series_depends_and_the_last_error_survive_the_codec) {
    struct snapshot *s = snapshot_new("dev", false);
    struct section *sec = section(SERVICE_api, HEALTH_OK, "ready");
    sec->depends = BIT(SERVICE_postgres) | BIT(SERVICE_redis);
    sec->next_mono_ms = 77000;
    sec->last_err_wall_ms = WALL_MS;
    err_set(&sec->last_err, E_TIMEOUT, "http.get", "api", "no answer in 5 s");
    reading_real(&sec->reading, "ready_ms", UNIT_MS, 12.5);
    struct section *none = section_new(SERVICE_api);
    section_keep_series(sec, none, true);
    struct snapshot *with = snapshot_with(s, sec), *back = there_and_back(with);
    const struct section *read = back->sections[SERVICE_api];
    CU_ASSERT_EQUAL(read->depends, sec->depends);
    CU_ASSERT_EQUAL(read->next_mono_ms, 77000);
    CU_ASSERT_EQUAL(read->last_err_wall_ms, WALL_MS);
    CU_ASSERT_EQUAL(read->last_err.code, E_TIMEOUT);
    CHECK_STR(read->last_err.why, "no answer in 5 s");
    const struct trend *t = section_trend(read, "ready_ms");
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_TRUE(trend_at(t, t->last_bucket) == 12.5f);
    CU_ASSERT_TRUE(trend_at(t, t->last_bucket - 1) != trend_at(t, t->last_bucket - 1));
    section_unref(none);
    snapshot_unref(s);
    snapshot_unref(with);
    snapshot_unref(back);
}

TEST(a_figure_asked_seldom_has_no_holes_but_a_missing_one_has) {
    struct section *none = section_new(SERVICE_api), *a = section(SERVICE_api, HEALTH_OK, "");
    reading_int(&a->reading, "size", UNIT_BYTES, 7);
    a->interval_ms = 60000;
    section_keep_series(a, none, true);
    struct section *b = section(SERVICE_api, HEALTH_OK, "");
    b->interval_ms = 60000;
    b->taken_mono_ms = a->taken_mono_ms + 60000;
    reading_int(&b->reading, "size", UNIT_BYTES, 9);
    section_keep_series(b, a, true);
    const struct trend *t = section_trend(b, "size");
    CU_ASSERT_TRUE(trend_at(t, t->last_bucket - 1) == 7 && trend_at(t, t->last_bucket) == 9);
    struct section *c = section(SERVICE_api, HEALTH_OK, "");
    c->taken_mono_ms = b->taken_mono_ms + 400000; /* it was away */
    reading_int(&c->reading, "size", UNIT_BYTES, 9);
    section_keep_series(c, b, true);
    t = section_trend(c, "size");
    CU_ASSERT_TRUE(trend_at(t, t->last_bucket - 1) != trend_at(t, t->last_bucket - 1));
    section_unref(none);
    section_unref(a);
    section_unref(b);
    section_unref(c);
}

TEST(every_figure_gets_a_trend_but_times_and_yes_or_no) {
    struct section *none = section_new(SERVICE_api), *a = section(SERVICE_api, HEALTH_OK, "");
    reading_int(&a->reading, "clients", UNIT_COUNT, 3);
    reading_int(&a->reading, "ready", UNIT_BOOL, 1);
    reading_int(&a->reading, "at", UNIT_TIME, 1775903527);
    reading_textz(&a->reading, "version", "1");
    section_keep_series(a, none, true);
    CU_ASSERT_EQUAL(a->n_series, 1);
    struct section *b = section(SERVICE_api, HEALTH_OK, "");
    b->taken_mono_ms = 100000 + 2 * TREND_BUCKET_MS;
    reading_int(&b->reading, "clients", UNIT_COUNT, 5);
    section_keep_series(b, a, true);
    const struct trend *t = section_trend(b, "clients");
    CU_ASSERT_TRUE(trend_at(t, t->last_bucket) == 5 && trend_at(t, t->last_bucket - 2) == 3);
    CU_ASSERT_PTR_NULL(section_trend(b, "ready"));
    section_unref(none);
    section_unref(a);
    section_unref(b);
}

SUITE(events, T(a_service_that_falls_ill_is_one_event_with_its_reason),
      T(the_same_health_with_other_figures_is_no_event),
      T(the_first_good_answer_is_no_event_but_the_first_bad_one_is),
      T(alerts_that_fire_and_end_are_events_those_that_wait_are_none),
      T(alerts_behind_a_cut_neither_begin_nor_end),
      T(alerts_that_fired_before_the_first_look_did_not_begin_now),
      T(a_failed_attempt_resolves_no_alert), T(an_uptime_that_goes_back_is_a_restart),
      T(an_uptime_that_stands_still_is_no_restart),
      T(who_was_down_for_longer_than_it_was_up_was_restarted),
      T(an_uptime_that_went_on_meanwhile_is_no_restart),
      T(an_uptime_that_was_not_asked_again_is_no_restart), T(another_version_is_an_event),
      T(the_list_keeps_the_newest_and_never_grows_past_its_cap),
      T(a_list_that_somebody_holds_is_not_changed), T(events_survive_the_codec_in_order),
      T(series_depends_and_the_last_error_survive_the_codec),
      T(a_figure_asked_seldom_has_no_holes_but_a_missing_one_has),
      T(every_figure_gets_a_trend_but_times_and_yes_or_no),
      T(a_service_that_was_not_asked_yet_has_not_changed))
