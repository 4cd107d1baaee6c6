/* tests/unit/test_snapshot_codec.c - written, read and written again a snapshot is byte for byte
 * the same; what is no snapshot is refused with a sentence. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "model/snapshot.h"

static struct err err;

static struct snapshot *read_text(const char *s) {
    memset(&err, 0, sizeof err);
    return snapshot_read(s, strlen(s), &err);
}

static void write_text(const struct snapshot *s, struct str *out) {
    str_init(out, SNAPSHOT_MAX_BYTES);
    snapshot_write(s, out);
}

/* Everything that a snapshot can hold, at its extremes. */
static struct snapshot *rich(void) {
    static const struct column columns[] = {
        {"n", "N", UNIT_VND, 4, 0}, {"r", "R", UNIT_MS, 200, 9}, {"t", "T", UNIT_NONE, 0, 200}};
    struct snapshot *s = snapshot_new("prod-\341\272\255", true);
    s->now_wall_ms = 1775903400123;
    s->now_mono_ms = 987654321;
    s->utc_offset_s = -12600;
    s->sections[0]->summary = TEXT_LIT("the first");
    struct section *sec = s->sections[SERVICE_postgres];
    struct reading *r = &sec->reading;
    sec->health = HEALTH_CRITICAL;
    sec->summary = text_cleanz(&sec->arena, "Qua\314\202\314\243n \"x\" \\ \033");
    sec->has_reading = sec->failed = true;
    err_set(&sec->err, E_AUTH, "pg.connect", "db1:5432", "no");
    sec->failures = UINT32_MAX;
    sec->taken_mono_ms = 100001;
    sec->taken_wall_ms = 2;
    sec->tried_mono_ms = 3;
    sec->since_mono_ms = 4;
    sec->latency_ms = 1.0 / 3;
    sec->interval_ms = 5000;
    sec->caused_by = "redis";
    sec->key_metric = "big";
    sec->last_err = sec->err;
    sec->last_err_wall_ms = 7;
    sec->depends = BIT(SERVICE_redis) | BIT(SERVICE_api);
    sec->asked = 9;
    sec->lost = 6;
    sec->next_mono_ms = 8;
    reading_int(r, "big", UNIT_VND, INT64_MAX);
    reading_int(r, "low", UNIT_COUNT, INT64_MIN);
    reading_int(r, "edge", UNIT_COUNT, (INT64_C(1) << 53) - 1);
    reading_int(r, "over", UNIT_COUNT, INT64_C(1) << 53);
    reading_real(r, "whole", UNIT_PERCENT, 2.0);
    reading_real(r, "tiny", UNIT_NONE, 5e-324);
    reading_set(r, "none", UNIT_BYTES, value_none());
    reading_textz(r, "text", "\302\233 \342\200\256 [2J");
    struct table *t = reading_add_table(r, "t", "Table", columns, 3);
    for (int i = 0; i < 4; i++) {
        struct row *row = table_add_row(r, t, "same key", (enum health)i);
        row_int(row, 0, INT64_MIN + i);
        row_real(row, 1, i / 7.0);
        row_text(r, row, 2, i % 2 ? "x" : NULL);
    }
    t->n_total = 100000;
    t->behind_ms = 42000;
    reading_finding(r, HEALTH_WARNING, "code", "todo", "what");
    struct section *before = section_new(SERVICE_postgres);
    section_keep_series(sec, before, true);
    section_unref(before);
    for (int i = 0; i < 3; i++) {
        struct event e = {.wall_ms = i,
                          .kind = (enum event_kind)i,
                          .service = SERVICE_redis,
                          .health = HEALTH_WARNING,
                          .subject = "Qu\341\272\255n",
                          .from = "ok",
                          .to = "\"\\",
                          .why = "why"};
        s->events = events_with(s->events, &e);
    }
    struct section *jobs = s->own[OWN_JOBS];
    jobs->health = HEALTH_WARNING;
    jobs->summary = TEXT_LIT("2 run");
    t = reading_add_table(&jobs->reading, "jobs", "Jobs", columns, 1);
    row_int(table_add_row(&jobs->reading, t, "reindex-1", HEALTH_OK), 0, 5);
    s->self = (struct self_stats){.started_wall_ms = 11,
                                  .exchanges = 12,
                                  .failures = 13,
                                  .late_replies = 14,
                                  .frames = 15,
                                  .bytes_out = 16,
                                  .wakeups = 17,
                                  .rss_bytes = 18,
                                  .cpu_ms = 19,
                                  .n_last_errors = 2};
    err_set(&s->self.last_errors[0], E_TIMEOUT, "http.get", "http://h", "no answer");
    s->self.last_error_wall_ms[0] = 5;
    return s;
}

static void same_again(const struct snapshot *s) {
    struct str first, second;
    write_text(s, &first);
    struct snapshot *back = snapshot_read(str_get(&first), first.len, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(back);
    write_text(back, &second);
    CHECK_STR(str_get(&second), str_get(&first));
    CU_ASSERT_EQUAL(second.len, first.len);
    str_done(&first);
    str_done(&second);
    snapshot_unref(back);
}

TEST(what_was_read_is_written_as_it_was) {
    struct snapshot *s = rich(), *empty = snapshot_new("", false);
    same_again(s);
    same_again(empty);
    snapshot_unref(s);
    snapshot_unref(empty);
}

static void same_section(const struct section *a, const struct section *b) {
    CU_ASSERT(a->has_reading == b->has_reading && a->failed == b->failed);
    CU_ASSERT(a->asked == b->asked && a->lost == b->lost && a->interval_ms == b->interval_ms);
    CU_ASSERT_EQUAL(a->taken_mono_ms, b->taken_mono_ms);
    CU_ASSERT_EQUAL(a->taken_wall_ms, b->taken_wall_ms);
    CU_ASSERT_EQUAL(a->tried_mono_ms, b->tried_mono_ms);
    CU_ASSERT_EQUAL(a->since_mono_ms, b->since_mono_ms);
    CU_ASSERT_EQUAL(a->next_mono_ms, b->next_mono_ms);
    CU_ASSERT_EQUAL(a->last_err_wall_ms, b->last_err_wall_ms);
    CHECK_STR(a->key_metric, b->key_metric);
    CHECK_STR(a->err.op, b->err.op);
    CHECK_STR(a->err.todo, b->err.todo);
}

static void same_table(const struct table *a, const struct table *b) {
    CHECK_STR(a->title, b->title);
    for (uint32_t c = 0; c < a->n_columns; c++) {
        CHECK_STR(a->columns[c].name, b->columns[c].name);
        CHECK_STR(a->columns[c].title, b->columns[c].title);
        CU_ASSERT_EQUAL(a->columns[c].unit, b->columns[c].unit);
        CU_ASSERT_EQUAL(a->columns[c].min_cols, b->columns[c].min_cols);
    }
}

static void same_self(const struct self_stats *a, const struct self_stats *b) {
    CU_ASSERT_EQUAL(a->started_wall_ms, b->started_wall_ms);
    CU_ASSERT(a->failures == b->failures && a->late_replies == b->late_replies);
    CU_ASSERT(a->frames == b->frames && a->bytes_out == b->bytes_out && a->wakeups == b->wakeups);
    CU_ASSERT(a->rss_bytes == b->rss_bytes && a->cpu_ms == b->cpu_ms);
    CU_ASSERT_EQUAL(a->last_error_wall_ms[0], b->last_error_wall_ms[0]);
}

/* What is forgotten on both ways comes back the same, too: against the original. */
TEST(what_comes_back_is_what_was_there) {
    struct snapshot *s = rich();
    struct str out;
    write_text(s, &out);
    struct snapshot *back = snapshot_read(str_get(&out), out.len, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(back);
    const struct section *was = s->sections[SERVICE_postgres],
                         *is = back->sections[SERVICE_postgres];
    same_section(is, was);
    same_table(is->reading.tables[0], was->reading.tables[0]);
    same_self(&back->self, &s->self);
    CU_ASSERT_EQUAL(back->now_mono_ms, s->now_mono_ms);
    CHECK_STR(back->sections[0]->summary.s, "the first");
    CU_ASSERT_EQUAL(is->reading.tables[0]->rows[3].health, HEALTH_WARNING);
    CU_ASSERT_EQUAL(is->reading.findings[0].health, HEALTH_WARNING);
    CHECK_STR(is->reading.findings[0].code, "code");
    CHECK_STR(is->reading.findings[0].what.s, "what");
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "\"time\": \"2026-04-11T10:30:00.123Z\""));
    str_done(&out);
    snapshot_unref(s);
    snapshot_unref(back);
}

TEST(nothing_is_lost_on_the_way) {
    struct snapshot *s = rich();
    struct str out;
    write_text(s, &out);
    snapshot_unref(s);
    s = snapshot_read(str_get(&out), out.len, &err);
    str_done(&out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    const struct section *sec = s->sections[SERVICE_postgres];
    const struct reading *r = &sec->reading;
    CHECK_STR(s->context, "prod-\341\272\255");
    CU_ASSERT_TRUE(s->production);
    CU_ASSERT_EQUAL(s->utc_offset_s, -12600);
    CU_ASSERT_EQUAL(sec->health, HEALTH_CRITICAL);
    CU_ASSERT_EQUAL(sec->err.code, E_AUTH);
    CHECK_STR(sec->err.target, "db1:5432");
    CU_ASSERT_EQUAL(sec->failures, UINT32_MAX);
    CU_ASSERT_EQUAL(sec->latency_ms, 1.0 / 3);
    CHECK_STR(sec->caused_by, "redis");
    CHECK_STR(sec->last_err.why, "no");
    CU_ASSERT_EQUAL(sec->depends, BIT(SERVICE_redis) | BIT(SERVICE_api));
    CU_ASSERT_EQUAL(section_trend(sec, "whole")->points[TREND_POINTS - 1], 2.0f);
    CU_ASSERT_EQUAL(section_series(sec, "whole")->unit, UNIT_PERCENT);
    CU_ASSERT_EQUAL(s->events->n, 3);
    CU_ASSERT_EQUAL(s->events->list[0].wall_ms, 2);
    CHECK_STR(s->events->list[2].subject, "Qu\341\272\255n");
    CU_ASSERT_EQUAL(reading_metric(r, "big")->value.i, INT64_MAX);
    CU_ASSERT_EQUAL(reading_metric(r, "low")->value.i, INT64_MIN);
    CU_ASSERT_EQUAL(reading_metric(r, "over")->value.i, INT64_C(1) << 53);
    CU_ASSERT_EQUAL(reading_metric(r, "whole")->value.kind, VALUE_REAL);
    CU_ASSERT_EQUAL(reading_metric(r, "none")->value.kind, VALUE_NONE);
    CU_ASSERT_EQUAL(reading_metric(r, "none")->unit, UNIT_BYTES);
    const struct table *t = reading_table(r, "t");
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL(t->n_total, 100000);
    CU_ASSERT_EQUAL(t->behind_ms, 42000);
    CU_ASSERT_EQUAL(t->n_rows, 4);
    CU_ASSERT_EQUAL(t->columns[2].drop, 200);
    CHECK_STR(t->rows[3].key.s, "same key#4");
    CU_ASSERT_EQUAL(t->rows[3].cells[0].i, INT64_MIN + 3);
    CU_ASSERT_EQUAL(t->rows[2].cells[2].kind, VALUE_NONE);
    CHECK_STR(r->findings[0].todo.s, "todo");
    CHECK_STR(s->own[OWN_JOBS]->summary.s, "2 run");
    CHECK_STR(reading_table(&s->own[OWN_JOBS]->reading, "jobs")->rows[0].key.s, "reindex-1");
    CHECK_STR(s->own[OWN_AUDIT]->summary.s, "");
    CU_ASSERT_EQUAL(s->self.exchanges, 12);
    CU_ASSERT_EQUAL(s->self.n_last_errors, 2);
    CU_ASSERT_EQUAL(s->self.last_errors[0].code, E_TIMEOUT);
    snapshot_unref(s);
}

static void refused(const char *text, const char *where, const char *why) {
    struct snapshot *s = read_text(text);
    CU_ASSERT_PTR_NULL(s);
    snapshot_unref(s);
    CHECK_STR(err.target, where);
    if (!strstr(err.why, why))
        printf("\n    \"%s\" is not in \"%s\"\n", why, err.why);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, why));
}

#define DOCUMENT(sections) "{\"schema\":\"goodgo.snapshot/1\",\"sections\":" sections "}"

TEST(what_is_no_snapshot_is_refused_with_where_and_why) {
    refused("", "", "not JSON at byte 0");
    refused("[]", "", "not a goodgo.snapshot/1");
    refused("{\"schema\":\"goodgo.status/1\",\"sections\":[]}", "", "not a goodgo.snapshot/1");
    refused("{\"schema\":1,\"sections\":[]}", "", "not a goodgo.snapshot/1");
    refused(DOCUMENT("{}"), "", "not a goodgo.snapshot/1");
    refused(DOCUMENT("[7]"), "sections[0].service", "should be a service's name");
    refused(DOCUMENT("[{\"service\":\"api\"},{\"service\":5}]"), "sections[1].service", "name");
    refused(DOCUMENT("[{\"service\":\"api\",\"metrics\":{}}]"), "sections[0].metrics", "a list");
    refused(DOCUMENT("[{\"service\":\"api\",\"tables\":1}]"), "sections[0].tables", "a list");
    refused(DOCUMENT("[{\"service\":\"api\",\"findings\":\"x\"}]"), "sections[0].findings", "list");
    refused(DOCUMENT("[{\"service\":\"api\",\"series\":{}}]"), "sections[0].series", "a list");
    refused(DOCUMENT("[{\"service\":\"api\",\"depends\":1}]"), "sections[0].depends", "a list");
    refused(DOCUMENT("[{\"service\":\"api\",\"series\":[{\"name\":\"a\",\"points\":1}]}]"),
            "sections[0].points", "a list");
    refused(DOCUMENT("[{\"service\":\"api\",\"tables\":[{\"columns\":1,\"rows\":[]}]}]"),
            "sections[0].columns", "a list");
    refused(DOCUMENT("[{\"service\":\"api\",\"tables\":[{\"rows\":[{\"cells\":7}]}]}]"),
            "sections[0].cells", "a list");
    refused(DOCUMENT("[{\"service\":\"api\"}],\"own\":[7,{\"service\":\"jobs\",\"tables\":1}]"),
            "own[1].tables", "a list");
}

TEST(every_truncation_is_refused) {
    struct snapshot *s = rich();
    struct str out;
    write_text(s, &out);
    snapshot_unref(s);
    for (size_t n = 0; n + 2 < out.len; n += 7) {
        err.why[0] = 0;
        CU_ASSERT_PTR_NULL_FATAL(snapshot_read(str_get(&out), n, &err));
        CU_ASSERT_TRUE_FATAL(err.why[0] != 0);
    }
    str_done(&out);
}

/* "[" item "," item ... "]" as the sections' tables of one service. */
static void with_tables(const char *item, int n, struct str *out) {
    str_init(out, 64u << 20);
    str_puts(out,
             "{\"schema\":\"goodgo.snapshot/1\",\"sections\":[{\"service\":\"api\",\"tables\":[");
    for (int i = 0; i < n; i++)
        str_printf(out, "%s%s", i ? "," : "", item);
    str_puts(out, "]}]}");
}

TEST(what_would_not_fit_into_memory_is_refused) {
    struct str out, rows;
    with_tables("{}", 33, &out);
    refused(str_get(&out), "sections[0].tables", "more than 32 tables");
    str_done(&out);
    str_init(&rows, 1 << 20);
    str_puts(&rows, "{\"columns\":[{}");
    for (int i = 1; i < 64; i++)
        str_puts(&rows, ",{}");
    str_puts(&rows, "],\"rows\":[{}");
    for (int i = 1; i < 9000; i++)
        str_puts(&rows, ",{}");
    str_puts(&rows, "]}");
    with_tables(str_get(&rows), 2, &out);
    refused(str_get(&out), "sections[0].tables", "more than 1,000,000 cells");
    str_done(&rows);
    str_done(&out);
    char *huge = calloc(1, SNAPSHOT_MAX_BYTES + 2);
    memset(huge, ' ', SNAPSHOT_MAX_BYTES + 1);
    refused(huge, "", "bytes, at most 16777216 are read");
    free(huge);
}

static void put_list(struct str *out, const char *before, const char *item, int n) {
    str_puts(out, before);
    for (int i = 0; i < n; i++)
        str_printf(out, "%s%s", i ? "," : "", item);
}

/* Each of these lists has a room of fixed size behind it. */
TEST(of_lists_that_are_too_long_the_beginning_is_kept) {
    struct str out;
    str_init(&out, 1 << 20);
    str_puts(&out, "{\"schema\":\"goodgo.snapshot/1\",\"sections\":[{\"service\":\"api\",");
    put_list(&out, "\"series\":[{\"name\":\"long\",\"points\":[7,", "1", 2 * TREND_POINTS);
    put_list(&out, "]},", "{\"name\":\"short\",\"lastBucket\":5,\"points\":[1,2]}", 60);
    put_list(&out, "],\"tables\":[{\"columns\":[", "{\"name\":\"c\"}", 500);
    put_list(&out, "],\"rows\":[{\"key\":\"k\",\"cells\":[", "8", 500);
    put_list(&out, "]}]}]}],\"events\":[", "{\"kind\":\"alert\",\"service\":\"api\"}", 9999);
    put_list(&out, "],\"self\":{\"lastErrors\":[", "{\"wallMs\":3}", 500);
    str_puts(&out, "]}}");
    struct snapshot *s = read_text(str_get(&out));
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    const struct section *sec = s->sections[SERVICE_api];
    CU_ASSERT_EQUAL(sec->n_series, SECTION_SERIES_MAX);
    CU_ASSERT_EQUAL(sec->series[0].trend.points[0], 7);
    CU_ASSERT_EQUAL(sec->series[0].trend.last_bucket, 0);
    CHECK_STR(sec->series[SECTION_SERIES_MAX - 1].name, "short");
    CU_ASSERT_EQUAL(sec->reading.tables[0]->n_columns, 64);
    CU_ASSERT_EQUAL(sec->reading.tables[0]->rows[0].cells[63].i, 8);
    CU_ASSERT_EQUAL(s->events->n, EVENTS_MAX);
    CU_ASSERT_EQUAL(s->self.n_last_errors, ARRAY_LEN(s->self.last_errors));
    snapshot_unref(s);
    str_done(&out);
}

TEST(wrong_types_and_unknown_names_count_as_not_known) {
    struct snapshot *s = read_text(
        DOCUMENT("[{\"service\":\"quantum\",\"metrics\":5},"
                 "{\"service\":\"api\",\"health\":\"fine\",\"summary\":7,\"failures\":-1,"
                 "\"latencyMs\":\"NaN\",\"intervalMs\":1e99,\"takenWallMs\":\"x\",\"hasReading\":1,"
                 "\"error\":{\"code\":\"no such\"},\"caused\":{},"
                 "\"depends\":[\"redis\",5,\"none\"],\"series\":[5,{\"name\":\"a\","
                 "\"lastBucket\":-4,\"points\":[1,\"x\",null,1e99]}],"
                 "\"metrics\":[{\"name\":5,\"value\":1},{\"name\":\"a\",\"unit\":\"furlong\","
                 "\"value\":true},{\"name\":\"b\",\"value\":[\"1e3\"]},{\"name\":\"c\",\"value\":"
                 "[null]},{\"name\":\"d\",\"value\":1.5},{\"name\":\"e\"},7],"
                 "\"tables\":[5,{\"name\":\"t\",\"total\":-1,\"columns\":[{\"minCols\":900}],"
                 "\"rows\":[5,{\"key\":\"k\",\"cells\":[1,2,3]}]}],"
                 "\"findings\":[5,{\"health\":\"ok\"}]}],"
                 "\"own\":[5,{\"service\":\"quantum\",\"tables\":5},{\"summary\":\"x\"},"
                 "{\"service\":\"audit\",\"summary\":\"\\u001b[2J\"}],"
                 "\"events\":[5,{\"kind\":\"none\"},{\"kind\":\"alert\",\"service\":\"x\"},"
                 "{\"kind\":\"alert\"},"
                 "{\"kind\":\"alert\",\"service\":\"api\",\"why\":\"\\u001b\",\"to\":5}],"
                 "\"self\":{\"lastErrors\":[5],\"exchanges\":-1},\"utcOffsetS\":999999"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    const struct section *sec = s->sections[SERVICE_api];
    CHECK_STR(s->context, "?");
    CU_ASSERT_EQUAL(s->utc_offset_s, 0);
    CU_ASSERT_EQUAL(sec->health, HEALTH_UNKNOWN);
    CHECK_STR(sec->summary.s, "");
    CU_ASSERT_EQUAL(sec->failures, 0);
    CU_ASSERT_EQUAL(sec->latency_ms, 0);
    CU_ASSERT_FALSE(sec->has_reading);
    CU_ASSERT_EQUAL(sec->err.code, E_NONE);
    CU_ASSERT_EQUAL(sec->depends, BIT(SERVICE_redis));
    CU_ASSERT_EQUAL(sec->n_series, 1);
    const struct trend *trend = &sec->series[0].trend;
    CU_ASSERT_EQUAL(trend->points[TREND_POINTS - 4], 1);
    CU_ASSERT_TRUE(trend->points[TREND_POINTS - 1] != trend->points[TREND_POINTS - 1]);
    CU_ASSERT_EQUAL(s->events->n, 1);
    CHECK_STR(s->own[OWN_AUDIT]->summary.s, "?[2J");
    CHECK_STR(s->own[OWN_JOBS]->summary.s, "");
    CHECK_STR(s->events->list[0].why, "?");
    CU_ASSERT_EQUAL(sec->reading.n_metrics, 5);
    for (const char *name = "abce"; *name; name++)
        CU_ASSERT_EQUAL(reading_metric(&sec->reading, (char[]){*name, 0})->value.kind, VALUE_NONE);
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "d")->value.r, 1.5);
    const struct table *t = reading_table(&sec->reading, "t");
    CU_ASSERT_EQUAL(t->n_rows, 2);
    CU_ASSERT_EQUAL(t->columns[0].min_cols, 0);
    CU_ASSERT_EQUAL(t->rows[1].cells[0].i, 1);
    same_again(s);
    snapshot_unref(s);
}

TEST(the_last_of_two_sections_of_one_name_counts) {
    struct snapshot *s = read_text(DOCUMENT("[{\"service\":\"api\",\"summary\":\"one\"},"
                                            "{\"service\":\"api\",\"summary\":\"two\"}]"));
    CHECK_STR(s->sections[SERVICE_api]->summary.s, "two");
    snapshot_unref(s);
}

TEST(texts_of_a_file_are_cleaned_again) {
    struct snapshot *s = read_text(DOCUMENT(
        "[{\"service\":\"api\",\"summary\":\"\\u001b[2J\",\"keyMetric\":\"\\u202e\","
        "\"error\":{\"code\":\"io\",\"op\":\"\\u0007\",\"target\":\"\\n\",\"why\":\"\xff\","
        "\"todo\":\"\\u009b\"},\"findings\":[{\"what\":\"\\u001b\"}],"
        "\"metrics\":[{\"name\":\"\\u001b\",\"value\":\"\\u001b\"}]}]"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    const struct section *sec = s->sections[SERVICE_api];
    CHECK_STR(sec->summary.s, "?[2J");
    CHECK_STR(sec->key_metric, "?");
    CHECK_STR(sec->err.op, "?");
    CHECK_STR(sec->err.why, "\xEF\xBF\xBD");
    CHECK_STR(sec->err.todo, "?");
    CHECK_STR(sec->reading.findings[0].what.s, "?");
    CHECK_STR(sec->reading.metrics[0].name, "?");
    CHECK_STR(sec->reading.metrics[0].value.t.s, "?");
    same_again(s);
    snapshot_unref(s);
}

SUITE(snapshot_codec, T(what_was_read_is_written_as_it_was), T(nothing_is_lost_on_the_way),
      T(what_comes_back_is_what_was_there), T(what_is_no_snapshot_is_refused_with_where_and_why),
      T(every_truncation_is_refused), T(what_would_not_fit_into_memory_is_refused),
      T(of_lists_that_are_too_long_the_beginning_is_kept),
      T(wrong_types_and_unknown_names_count_as_not_known),
      T(the_last_of_two_sections_of_one_name_counts), T(texts_of_a_file_are_cleaned_again))
