/* tests/unit/test_own_readings.c - jobs, the trail and the report of a day as sections of the
 * console's own, and a job in words for people and for programs. */
#include "harness.h"
#include "src/app/job_words_priv.h"
#include "src/app/own_readings_priv.h"

#include <stdio.h>
#include <string.h>

#define NOW_MS INT64_C(1775903400000)

static const struct job_info running = {
    .id = "20260411-103000-restore-3fa9",
    .action = "restore",
    .context = "prod",
    .target = "database goodgo",
    .who = "minh@bastion",
    .note = "public.\033[2J",
    .plan_id = "abc",
    .state = JOB_RUNNING,
    .created_wall_ms = NOW_MS - 61000,
    .started_wall_ms = NOW_MS - 60000,
    .stage = "load",
    .unit = UNIT_BYTES,
    .done = 120 << 20,
    .total = 240 << 20,
    .rate_per_s = 2 << 20,
    .eta_s = 59.6,
    .eta_error_s = 5,
};

/* The same job at another time of its life. */
static struct job_info in_state(enum job_state state, const char *why) {
    struct job_info j = running;
    j.state = state;
    j.why = why;
    j.ended_wall_ms = job_state_is_end(state) && state != JOB_UNKNOWN ? NOW_MS - 1000 : 0;
    j.result = (struct pairs){{{"rows", "5002"}, {"file", "a\tb"}}, 2};
    if (state == JOB_UNKNOWN)
        j.by_hand = (struct lines){.at = {"drop it", "look at it"}, .n = 2};
    return j;
}

static const char *cell(const struct section *sec, const char *table, uint32_t row,
                        const char *column) {
    static char buf[200];
    const struct table *t = reading_table(&sec->reading, table);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    for (uint32_t c = 0; row < t->n_rows && c < t->n_columns; c++)
        if (!strcmp(t->columns[c].name, column)) {
            value_format(t->rows[row].cells[c], t->columns[c].unit, NOW_MS / 1000, buf, sizeof buf);
            return buf;
        }
    return "?";
}

TEST(a_running_job_tells_how_far_it_is) {
    struct section *sec = own_jobs(&running, 1, "/s", 5000, NOW_MS);
    CHECK_STR(cell(sec, "jobs", 0, "state"), "running");
    CHECK_STR(cell(sec, "jobs", 0, "stage"), "load");
    CHECK_STR(cell(sec, "jobs", 0, "pct"), "50.0%");
    CHECK_STR(cell(sec, "jobs", 0, "eta_s"), "1m00s");
    CHECK_STR(cell(sec, "jobs", 0, "took_s"), "1m00s");
    CHECK_STR(cell(sec, "jobs", 0, "progress"),
              "load  50%  120 MB of 240 MB  2.00 MB/s  ETA 1m00s +-5s  public.?[2J");
    CHECK_STR(cell(sec, "jobs", 0, "log"), "/s/jobs/20260411-103000-restore-3fa9/log");
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "running")->value.i, 1);
    CU_ASSERT_TRUE(sec->has_reading && sec->taken_mono_ms == 5000);
    section_unref(sec);
}

TEST(every_end_has_its_colour_and_its_reason) {
    static const struct {
        enum job_state state;
        enum health health;
    } ends[] = {
        {JOB_DONE, HEALTH_OK},           {JOB_FAILED, HEALTH_CRITICAL},
        {JOB_REFUSED, HEALTH_WARNING},   {JOB_WAITING, HEALTH_OFF},
        {JOB_CANCELLED, HEALTH_WARNING}, {JOB_PLANNED, HEALTH_OFF},
        {JOB_UNKNOWN, HEALTH_UNKNOWN},
    };
    struct job_info jobs[ARRAY_LEN(ends)];
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        jobs[i] = in_state(ends[i].state, "because");
        jobs[i].id = job_state_name(ends[i].state);
    }
    struct section *sec = own_jobs(jobs, ARRAY_LEN(ends), "/s", 5000, NOW_MS);
    const struct table *t = reading_table(&sec->reading, "jobs");
    CU_ASSERT_EQUAL_FATAL(t->n_rows, ARRAY_LEN(ends));
    for (uint32_t i = 0; i < ARRAY_LEN(ends); i++)
        CU_ASSERT_EQUAL(t->rows[i].health, ends[i].health);
    CHECK_STR(cell(sec, "jobs", 1, "why"), "because");
    CHECK_STR(cell(sec, "jobs", 0, "result"), "rows: 5,002; file: a b");
    CHECK_STR(cell(sec, "jobs", 6, "by_hand"), "drop it");
    CHECK_STR(cell(sec, "jobs", 6, "by_hand2"), "look at it");
    CHECK_STR(cell(sec, "jobs", 0, "by_hand"), "-");
    CHECK_STR(cell(sec, "jobs", 0, "took_s"), "59s");
    CHECK_STR(cell(sec, "jobs", 0, "stage"), "-");    /* it has ended */
    CHECK_STR(cell(sec, "jobs", 3, "stage"), "load"); /* it waits in there */
    CHECK_STR(cell(sec, "jobs", 0, "progress"), "-");
    CHECK_STR(cell(sec, "jobs", 6, "took_s"), "-"); /* nobody knows when it died */
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "running")->value.i, 1); /* it waits */
    section_unref(sec);
}

TEST(a_job_that_only_the_trail_ended_is_no_green_one) {
    struct job_info job = in_state(JOB_DONE, "the audit trail has this outcome");
    job.runner_died = true;
    job.by_hand = (struct lines){.at = {"a row may be missing"}, .n = 1};
    struct section *sec = own_jobs(&job, 1, "/s", 5000, NOW_MS);
    CU_ASSERT_EQUAL(reading_table(&sec->reading, "jobs")->rows[0].health, HEALTH_WARNING);
    CHECK_STR(cell(sec, "jobs", 0, "state"), "done");
    CHECK_STR(cell(sec, "jobs", 0, "why"), "the audit trail has this outcome");
    CHECK_STR(cell(sec, "jobs", 0, "by_hand"), "a row may be missing");
    CHECK_STR(cell(sec, "jobs", 0, "took_s"), "59s");
    section_unref(sec);
}

static void words_of(const struct job_info *j, struct str *text, struct str *json) {
    struct jsonw w;
    str_init(text, 65536);
    str_init(json, 65536);
    job_details(j, NOW_MS / 1000, text);
    jsonw_init(&w, json, JSONW_LINE);
    job_json(j, &w);
}

static void holds(const struct str *s, const char *part) {
    if (!strstr(str_get(s), part))
        printf("\n    \"%s\" is not in %s\n", part, str_get(s));
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(s), part));
}

TEST(a_job_is_told_to_people_and_programs) {
    struct str text, json;
    words_of(&running, &text, &json);
    holds(&text, "state     running  load  50%");
    holds(&text, "action    restore in prod, on database goodgo");
    holds(&text, "started   2026-04-11T10:29:00Z");
    CU_ASSERT_PTR_NULL(strstr(str_get(&text), "ended"));
    holds(&json, "\"state\":\"running\"");
    holds(&json, "\"endedAt\":null,\"exitCode\":null");
    holds(&json, "\"stage\":\"load\",\"unit\":\"bytes\",\"done\":125829120,\"total\":251658240");
    holds(&json, "\"etaS\":59.6");
    str_done(&text);
    str_done(&json);
    struct job_info failed = in_state(JOB_FAILED, "no space");
    failed.exit_code = 1;
    failed.stage = "";
    failed.total = 0;
    failed.rate_per_s = failed.eta_s = failed.eta_error_s = -1;
    words_of(&failed, &text, &json);
    holds(&text, "took      59s\n");
    holds(&text, "why       no space\nrows      5,002\n");
    holds(&json, "\"exitCode\":1");
    holds(&json,
          "\"stage\":null,\"unit\":\"bytes\",\"done\":125829120,\"total\":null,\"ratePerS\":null,"
          "\"etaS\":null,\"etaErrorS\":null");
    holds(&json, "\"result\":{\"rows\":\"5002\"");
    str_done(&text);
    str_done(&json);
    struct job_info unknown = in_state(JOB_UNKNOWN, "its runner died");
    words_of(&unknown, &text, &json);
    holds(&text, "why       its runner died\nby hand   drop it\nby hand   look at it\nrows ");
    holds(&json, "\"runnerDied\":false,\"byHand\":[\"drop it\",\"look at it\"]");
    str_done(&text);
    str_done(&json);
    struct job_info by_trail = in_state(JOB_FAILED, "no space; the audit trail has this outcome");
    by_trail.runner_died = true;
    by_trail.exit_code = -1;
    words_of(&by_trail, &text, &json);
    holds(&text, "state     failed\n");
    holds(&json, "\"exitCode\":null");
    holds(&json, "\"runnerDied\":true");
    str_done(&text);
    str_done(&json);
    struct job_info planned = in_state(JOB_WAITING, NULL);
    planned.stage = "";
    planned.started_wall_ms = planned.done = planned.total = 0;
    planned.rate_per_s = planned.eta_s = -1;
    planned.note = NULL;
    str_init(&text, 400);
    job_progress_line(&planned, NOW_MS / 1000, &text);
    CHECK_STR(str_get(&text), "waiting");
    str_done(&text);
}

TEST(the_trail_shows_who_did_what_and_whether_it_holds) {
    static const struct audit_record records[] = {
        {.seq = 2, .wall_ms = NOW_MS - 5000, .event = "result", .outcome = "failed", .why = "full"},
        {.seq = 1, .wall_ms = NOW_MS - 9000, .event = "intent", .who = "minh\033[2J"},
    };
    struct audit_verdict verdict = {.ok = true, .n_records = 2};
    struct section *sec = own_audit(records, 2, &verdict, 5000, NOW_MS);
    const struct table *t = reading_table(&sec->reading, "records");
    CHECK_STR(t->rows[0].key.s, "2");
    CU_ASSERT_EQUAL(t->rows[0].health, HEALTH_WARNING);
    CU_ASSERT_EQUAL(t->rows[1].health, HEALTH_OK);
    CHECK_STR(cell(sec, "records", 0, "time"), "5s");
    CHECK_STR(cell(sec, "records", 0, "who"), "-");
    CHECK_STR(cell(sec, "records", 1, "who"), "minh?[2J");
    CU_ASSERT_PTR_NULL(reading_metric(&sec->reading, "broken"));
    section_unref(sec);
    verdict.ok = false;
    err_set(&verdict.err, E_PROTOCOL, "audit", "line 2", "was edited");
    sec = own_audit(records, 0, &verdict, 5000, NOW_MS);
    CHECK_STR(reading_metric(&sec->reading, "broken")->value.t.s, "was edited");
    section_unref(sec);
}

static struct section *log_section(const char *bytes, size_t n, bool cut) {
    const struct job_log log = {"20261126-010203-backup-3fa9", bytes, n, cut};
    return own_log(&log, 5000, NOW_MS);
}

TEST(a_log_is_its_last_lines_and_no_half_one) {
    static const char text[] = "half a li\npg_dump: \033[2J\n\nlast without an end";
    struct section *sec = log_section(text, sizeof text - 1, true);
    const struct table *t = reading_table(&sec->reading, "lines");
    CU_ASSERT_EQUAL(t->n_rows, 3);
    CHECK_STR(cell(sec, "lines", 0, "line"), "pg_dump: ?[2J");
    CHECK_STR(cell(sec, "lines", 2, "line"), "last without an end");
    CHECK_STR(reading_string(&sec->reading, "job"), "20261126-010203-backup-3fa9");
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "cut")->value.i, 1);
    section_unref(sec);
    sec = log_section(text, sizeof text - 1, false);
    CHECK_STR(cell(sec, "lines", 0, "line"), "half a li");
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "cut")->value.i, 0);
    section_unref(sec);
    sec = log_section("", 0, false);
    CU_ASSERT_EQUAL(reading_table(&sec->reading, "lines")->n_rows, 0);
    section_unref(sec);
}

TEST(a_long_log_is_five_hundred_lines) {
    struct str text;
    str_init(&text, 1 << 20);
    for (int i = 0; i < 700; i++)
        str_printf(&text, "line %d\n", i);
    struct section *sec = log_section(str_get(&text), text.len, false);
    CU_ASSERT_EQUAL(reading_table(&sec->reading, "lines")->n_rows, 500);
    CHECK_STR(cell(sec, "lines", 0, "line"), "line 200");
    CHECK_STR(cell(sec, "lines", 499, "line"), "line 699");
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "cut")->value.i, 1);
    section_unref(sec);
    str_done(&text);
}

/* A day with one credit, which is one too many. */
static const char report[] =
    "{\"schema\":\"goodgo.payments.reconcile/1\",\"rows\":[],\"exceptions\":0,\"leftOut\":0,"
    "\"run\":\"ab\",\"from\":\"2026-03-10\",\"asOf\":\"2026-03-11\",\"files\":[],\"asked\":0,"
    "\"repeatedLines\":0,\"read\":{\"dbVnd\":0,\"gatewayVnd\":0,\"bankVnd\":5},"
    "\"outside\":{\"dbVnd\":0,\"gatewayVnd\":0,\"bankVnd\":0},"
    "\"reported\":{\"rows\":1,\"dbVnd\":0,\"gatewayVnd\":0,\"bankVnd\":5,\"differenceVnd\":0},"
    "\"categories\":[{\"category\":\"DUPLICATE\",\"rows\":1,\"dbVnd\":0,\"gatewayVnd\":0,"
    "\"bankVnd\":5,\"differenceVnd\":0}],\"totals\":[{\"day\":\"2026-03-10\",\"provider\":null,"
    "\"category\":\"DUPLICATE\",\"rows\":1,\"dbVnd\":0,\"gatewayVnd\":0,\"bankVnd\":5,"
    "\"differenceVnd\":0}],\"proposed\":0,\"csvSha256\":null}";

TEST(a_report_is_as_bad_as_its_worst_category_and_says_whose_it_is) {
    struct recon_job job = {"20260311-090000-reconcile-17aa", NULL, NOW_MS, report,
                            sizeof report - 1};
    struct section *sec = own_reconciliation(&job, 5000, NOW_MS);
    CU_ASSERT_TRUE(sec->has_reading);
    CU_ASSERT_EQUAL(sec->health, HEALTH_CRITICAL);
    CHECK_STR(reading_string(&sec->reading, "job"), job.id);
    CU_ASSERT_PTR_NULL(reading_string(&sec->reading, "command"));
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "ended")->value.i, NOW_MS / 1000);
    section_unref(sec);
    job.command = "goodgo payments reconcile --day 2026-03-10";
    sec = own_reconciliation(&job, 5000, NOW_MS);
    CHECK_STR(reading_string(&sec->reading, "command"), job.command);
    section_unref(sec);
}

TEST(a_report_that_is_none_is_a_failure_with_its_reason) {
    struct recon_job job = {"x", NULL, NOW_MS, "{}", 2};
    struct section *sec = own_reconciliation(&job, 5000, NOW_MS);
    CU_ASSERT_FALSE(sec->has_reading);
    CU_ASSERT_TRUE(sec->failed);
    CHECK_STR(sec->err.target, "schema");
    CU_ASSERT_EQUAL(sec->tried_mono_ms, 5000);
    section_unref(sec);
}

/* --- proposals --- */

static const struct person minh = {1001, "minh"}, lan = {1002, "lan"};

static struct proposal proposal(const char *id, const char *order, int64_t age_s) {
    struct proposal p = {.order_id = order,
                         .updated = "2026-04-11 01:00:00",
                         .status = "PENDING",
                         .why = "almost names it",
                         .evidence = "vcb.csv:12 FT1",
                         .reason = "month end",
                         .db_vnd = 130000,
                         .bank_vnd = 60000,
                         .made_wall_s = NOW_MS / 1000 - age_s,
                         .maker_id = minh.id};
    str_copy(p.id, sizeof p.id, id);
    str_copy(p.maker, sizeof p.maker, minh.login);
    return p;
}

static void decided(struct proposal *p, bool agree) {
    *(agree ? &p->approved_wall_s : &p->declined_wall_s) = NOW_MS / 1000 - 60;
    p->checker_id = lan.id;
    p->decision_reason = agree ? "seen" : "another one's";
    str_copy(p->checker, sizeof p->checker, lan.login);
}

TEST(a_proposal_tells_who_may_decide_it_and_whether_it_fits) {
    struct proposal list[] = {proposal("aa", "cm1", 60), proposal("bb", "cm2", 50),
                              proposal("cc", "cm3", 40), proposal("dd", "cm4", 8 * 86400)};
    struct proposal_version now[] = {{"cm1", list[0].updated, "PENDING"},
                                     {"cm2", "2026-04-11 02:00:00", "COMPLETED"}};
    const struct proposal_versions versions = {now, ARRAY_LEN(now)};
    struct own_proposals o = {list, ARRAY_LEN(list), &versions, NULL, &lan};
    struct section *sec = own_proposals(&o, 5000, NOW_MS);
    CHECK_STR(cell(sec, "proposals", 0, "payment"), "cm1"); /* what she may decide comes first */
    CHECK_STR(cell(sec, "proposals", 0, "fits"), "yes");
    CHECK_STR(cell(sec, "proposals", 0, "decide"), "you may: approve-proposal or decline-proposal");
    CHECK_STR(cell(sec, "proposals", 0, "command"), "goodgo payments approve aa --dry-run");
    CHECK_STR(cell(sec, "proposals", 0, "now"), "PENDING since 2026-04-11 01:00:00");
    CHECK_STR(cell(sec, "proposals", 1, "decide"), "there is no such payment any more");
    CHECK_STR(cell(sec, "proposals", 2, "payment"), "cm2");
    CHECK_STR(cell(sec, "proposals", 2, "fits"), "NO");
    CU_ASSERT_PTR_NOT_NULL(strstr(cell(sec, "proposals", 2, "decide"), "is COMPLETED of"));
    CHECK_STR(cell(sec, "proposals", 3, "state"), "expired");
    CHECK_STR(cell(sec, "proposals", 3, "fits"), "-");
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "waiting")->value.i, 3);
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "for_you")->value.i, 1);
    CU_ASSERT_EQUAL(sec->health, HEALTH_WARNING);
    section_unref(sec);
}

TEST(nobody_is_asked_for_his_own_proposal) {
    struct proposal list[] = {proposal("aa", "cm1", 60)};
    struct own_proposals o = {list, ARRAY_LEN(list), NULL, NULL, &minh};
    struct section *sec = own_proposals(&o, 5000, NOW_MS);
    CHECK_STR(cell(sec, "proposals", 0, "decide"),
              "minh proposed it: another person has to decide");
    CHECK_STR(cell(sec, "proposals", 0, "fits"), "??");
    CHECK_STR(cell(sec, "proposals", 0, "now"), "being looked at");
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "waiting")->value.i, 1);
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "for_you")->value.i, 0);
    CU_ASSERT_EQUAL(sec->health, HEALTH_OK);
    section_unref(sec);
}

TEST(what_was_decided_says_by_whom_and_a_silent_database_is_no_verdict) {
    struct err why = {.why = "nobody listens there"};
    struct proposal list[] = {proposal("aa", "cm1", 60), proposal("bb", "cm2", 50),
                              proposal("cc", "cm3", 40)};
    decided(&list[1], true);
    decided(&list[2], false);
    struct own_proposals o = {list, ARRAY_LEN(list), NULL, &why, &lan};
    struct section *sec = own_proposals(&o, 5000, NOW_MS);
    CHECK_STR(cell(sec, "proposals", 0, "now"), "not known: nobody listens there");
    CHECK_STR(cell(sec, "proposals", 0, "fits"), "??");
    CHECK_STR(cell(sec, "proposals", 1, "state"), "declined");
    CU_ASSERT_PTR_NOT_NULL(strstr(cell(sec, "proposals", 1, "checker"), ": another one's"));
    CU_ASSERT_PTR_NOT_NULL(strstr(cell(sec, "proposals", 2, "checker"), "approved by lan at 2026"));
    CHECK_STR(cell(sec, "proposals", 2, "command"), "goodgo payments proposals");
    CHECK_STR(cell(sec, "proposals", 2, "change"), "-");
    section_unref(sec);
}

TEST(of_very_many_proposals_the_first_are_shown) {
    static struct proposal list[450];
    for (uint32_t i = 0; i < ARRAY_LEN(list); i++) {
        list[i] = proposal("aa", "cm1", i);
        snprintf(list[i].id, sizeof list[i].id, "%04u", i);
    }
    struct own_proposals o = {list, ARRAY_LEN(list), NULL, NULL, &lan};
    struct section *sec = own_proposals(&o, 5000, NOW_MS);
    CU_ASSERT_EQUAL(reading_table(&sec->reading, "proposals")->n_rows, 400);
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "left_out")->value.i, 50);
    CU_ASSERT_EQUAL(reading_metric(&sec->reading, "for_you")->value.i, 450);
    section_unref(sec);
}

TEST(proposals_that_cannot_be_read_are_a_failure_with_its_reason) {
    struct err why;
    err_set(&why, E_PROTOCOL, "payments.approve", "x.json", "is damaged");
    struct section *sec = own_failed(&why, 5000);
    CU_ASSERT_TRUE(sec->failed && !sec->has_reading && sec->health == HEALTH_UNKNOWN);
    CHECK_STR(sec->err.why, "is damaged");
    section_unref(sec);
}

SUITE(own_readings, T(a_report_is_as_bad_as_its_worst_category_and_says_whose_it_is),
      T(a_report_that_is_none_is_a_failure_with_its_reason),
      T(a_proposal_tells_who_may_decide_it_and_whether_it_fits),
      T(nobody_is_asked_for_his_own_proposal),
      T(what_was_decided_says_by_whom_and_a_silent_database_is_no_verdict),
      T(of_very_many_proposals_the_first_are_shown),
      T(proposals_that_cannot_be_read_are_a_failure_with_its_reason),
      T(a_log_is_its_last_lines_and_no_half_one), T(a_long_log_is_five_hundred_lines),
      T(a_running_job_tells_how_far_it_is), T(every_end_has_its_colour_and_its_reason),
      T(a_job_that_only_the_trail_ended_is_no_green_one), T(a_job_is_told_to_people_and_programs),
      T(the_trail_shows_who_did_what_and_whether_it_holds))
