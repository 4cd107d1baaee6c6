/* tests/unit/test_engine_publish.c - what the end of a run makes of a section, without a loop: how
 * bad a failure is and how it reads, whose symptom it is, and what stays of the reading before. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "src/engine/engine_priv.h"

static struct engine e;
static struct settings settings;
static struct arena arena;
static uint32_t told;
static int64_t judged_at_mono_ms, judged_at_wall_ms;

static void changed(void *ctx, enum service s) {
    told |= BIT(s);
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    judged_at_mono_ms = run->now_mono_ms;
    judged_at_wall_ms = run->now_wall_ms;
    v->summary = TEXT_LIT("judged");
}

/* api needs web needs postgres; loki and minio need each other; prometheus repeats others. */
static const enum service on_web[] = {SERVICE_web, SERVICE_COUNT};
static const enum service on_postgres[] = {SERVICE_postgres, SERVICE_COUNT};
static const enum service on_minio[] = {SERVICE_minio, SERVICE_COUNT};
static const enum service on_loki[] = {SERVICE_loki, SERVICE_COUNT};
static const enum service on_redis_and_grafana[] = {SERVICE_redis, SERVICE_grafana, SERVICE_COUNT};
static const struct probe_echo echoes[] = {
    {"scrape", SERVICE_typesense}, {"bucket", SERVICE_minio}, {0}};
static const struct probe_stage stages[] = {
    {.name = "main", .essential = true}, {.name = "one"}, {.name = "two"}};

static const struct stage_words stage_words[] = {{"two", "the second answer"}, {NULL, NULL}};

#define FAKE(id)                                                                                   \
    .service = SERVICE_##id, .title = #id, .interval_ms = 50, .timeout_ms = 400, .retries = 3,     \
    .start_period_ms = 60000, .stages = stages, .n_stages = ARRAY_LEN(stages), .judge = judge,     \
    .key_metric = "figure"
static const struct probe fakes[] = {
    {FAKE(api), .depends = on_web},
    {FAKE(web), .depends = on_postgres},
    {FAKE(postgres)},
    {FAKE(redis), .stage_words = stage_words},
    {FAKE(typesense)},
    {FAKE(grafana)},
    {FAKE(loki), .depends = on_minio},
    {FAKE(minio), .depends = on_loki},
    {FAKE(prometheus), .depends = on_redis_and_grafana, .echoes = echoes}};

static const struct section *of(enum service s) {
    return e.snapshot->sections[s];
}

/* A fact of the past, for the clock is the real one. */
static struct section *past_of(enum service s) {
    return e.snapshot->sections[s];
}

static void begin(void) {
    memset(&e, 0, sizeof e);
    arena_init(&arena);
    e.settings = &settings;
    e.snapshot = snapshot_new("test", false);
    e.random = 1;
    e.started = true;
    e.changed = changed;
    for (int i = 0; i < ASKERS; i++)
        e.askers[i] = (struct asker){.engine = &e, .service = (enum service)i};
    for (size_t i = 0; i < ARRAY_LEN(fakes); i++)
        e.askers[fakes[i].service].probe = &fakes[i];
}

static void end(void) {
    snapshot_unref(e.snapshot);
    arena_done(&arena);
}

struct said {
    enum health health;
    const char *code;
};

/* A good answer with these findings; returns its section. */
static const struct section *answers_with(enum service s, const struct said *list, size_t n) {
    struct asker *a = &e.askers[s];
    struct fragment kept = {.taken_mono_ms = clock_mono_ms()};
    arena_init(&kept.arena);
    reading_init(&kept.reading, &kept.arena);
    reading_int(&kept.reading, "figure", UNIT_COUNT, 42);
    for (size_t i = 0; i < n; i++)
        reading_finding(&kept.reading, list[i].health, list[i].code, "todo", "what");
    a->stages[0].kept = &kept;
    a->run = (struct probe_run){.settings = &settings,
                                .arena = &arena,
                                .previous = section_ref(past_of(s)),
                                .snapshot = snapshot_ref(e.snapshot)};
    publish_reading(a);
    a->stages[0].kept = NULL;
    section_unref((struct section *)a->run.previous);
    snapshot_unref((struct snapshot *)a->run.snapshot);
    arena_done(&kept.arena);
    return of(s);
}

static const struct section *answers(enum service s) {
    return answers_with(s, NULL, 0);
}

static const struct section *fails_as(enum service s, enum err_code code, const char *why) {
    struct err err;
    err_set(&err, code, "fake.parse", "x", "%s", why);
    publish_failure(&e.askers[s], &err);
    return of(s);
}

static const struct section *fails(enum service s, enum err_code code) {
    return fails_as(s, code, "as told");
}

/* --- how bad, and in which words --- */

static const struct {
    enum err_code code;
    enum health first, second, third; /* after a good answer */
    const char *words;
} failures[] = {
    {E_REFUSED, HEALTH_UNKNOWN, HEALTH_CRITICAL, HEALTH_CRITICAL, "connection refused"},
    {E_RESOLVE, HEALTH_UNKNOWN, HEALTH_UNKNOWN, HEALTH_CRITICAL, "name not resolved"},
    {E_TIMEOUT, HEALTH_UNKNOWN, HEALTH_UNKNOWN, HEALTH_CRITICAL, "timed out"},
    {E_CLOSED, HEALTH_UNKNOWN, HEALTH_CRITICAL, HEALTH_CRITICAL, "connection lost"},
    {E_AUTH, HEALTH_UNKNOWN, HEALTH_CRITICAL, HEALTH_CRITICAL, "not let in"},
    {E_NOT_READY, HEALTH_WARNING, HEALTH_WARNING, HEALTH_WARNING, "not ready"},
    {E_FAILING, HEALTH_UNKNOWN, HEALTH_UNKNOWN, HEALTH_CRITICAL, "it fails"},
    {E_WRONG_THING, HEALTH_UNKNOWN, HEALTH_CRITICAL, HEALTH_CRITICAL,
     "something else answers here"},
    {E_PROTOCOL, HEALTH_UNKNOWN, HEALTH_UNKNOWN, HEALTH_CRITICAL, "broken answer"},
    {E_TOO_BIG, HEALTH_UNKNOWN, HEALTH_UNKNOWN, HEALTH_CRITICAL, "answer too big"},
    {E_TLS, HEALTH_UNKNOWN, HEALTH_CRITICAL, HEALTH_CRITICAL, "TLS failed"},
    {E_INTERNAL, HEALTH_UNKNOWN, HEALTH_UNKNOWN, HEALTH_UNKNOWN, "internal error"},
};

TEST(a_failure_is_as_bad_as_its_kind_and_its_number_say) {
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        begin();
        answers(SERVICE_redis);
        CU_ASSERT_EQUAL(fails(SERVICE_redis, failures[i].code)->health, failures[i].first);
        CU_ASSERT_EQUAL(fails(SERVICE_redis, failures[i].code)->health, failures[i].second);
        CU_ASSERT_EQUAL(fails(SERVICE_redis, failures[i].code)->health, failures[i].third);
        end();
    }
}

TEST(a_failure_is_said_in_words_and_once) {
    char twice[80];
    begin();
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        const char *words = failures[i].words;
        snprintf(twice, sizeof twice, "%s: by db1", words);
        CHECK_STR(fails_as(SERVICE_redis, failures[i].code, "by db1")->summary.s, twice);
        CHECK_STR(fails_as(SERVICE_redis, failures[i].code, twice)->summary.s, twice);
    }
    end();
}

static const struct {
    enum err_code code;
    bool excused;
} after_a_start[] = {
    {E_TIMEOUT, true}, {E_FAILING, true}, {E_CLOSED, true}, {E_AUTH, false}, {E_WRONG_THING, false},
};

TEST(who_listens_again_has_its_start_period_for_what_mends) {
    for (size_t i = 0; i < ARRAY_LEN(after_a_start); i++) {
        enum err_code code = after_a_start[i].code;
        enum health in_time = after_a_start[i].excused ? HEALTH_WARNING : HEALTH_CRITICAL;
        begin();
        answers(SERVICE_redis);
        for (int n = 0; n < 3; n++)
            CU_ASSERT_NOT_EQUAL(fails(SERVICE_redis, code)->health, HEALTH_WARNING);
        fails(SERVICE_redis, E_REFUSED);
        CU_ASSERT_EQUAL(fails(SERVICE_redis, code)->health, in_time);
        CU_ASSERT_EQUAL(fails(SERVICE_redis, code)->health, in_time);
        e.askers[SERVICE_redis].starts_mono_ms -= 60001;
        CU_ASSERT_EQUAL(fails(SERVICE_redis, code)->health, HEALTH_CRITICAL);
        fails(SERVICE_redis, E_REFUSED); /* and again from the beginning */
        CU_ASSERT_EQUAL(fails(SERVICE_redis, code)->health, in_time);
        answers(SERVICE_redis);
        CU_ASSERT_EQUAL(fails(SERVICE_redis, code)->health, HEALTH_UNKNOWN);
        end();
    }
}

/* --- whose symptom --- */

TEST(a_chain_of_failures_has_one_root) {
    begin();
    answers(SERVICE_api);
    answers(SERVICE_web);
    answers(SERVICE_postgres);
    fails(SERVICE_api, E_TIMEOUT);
    fails(SERVICE_web, E_TIMEOUT);
    CHECK_STR(of(SERVICE_api)->caused_by, "web");
    CU_ASSERT_PTR_NULL(of(SERVICE_web)->caused_by);
    told = 0;
    fails(SERVICE_postgres, E_TIMEOUT); /* though it may be no more than a hiccup */
    CHECK_STR(of(SERVICE_web)->caused_by, "postgres");
    CHECK_STR(of(SERVICE_api)->caused_by, "postgres");
    CU_ASSERT_EQUAL(told, BIT(SERVICE_api) | BIT(SERVICE_web) | BIT(SERVICE_postgres));
    told = 0;
    answers(SERVICE_postgres);
    CHECK_STR(of(SERVICE_api)->caused_by, "web");
    CU_ASSERT_PTR_NULL(of(SERVICE_web)->caused_by);
    CU_ASSERT_EQUAL(told, BIT(SERVICE_api) | BIT(SERVICE_web) | BIT(SERVICE_postgres));
    end();
}

TEST(what_is_folded_is_the_same_in_all_else) {
    begin();
    answers(SERVICE_postgres);
    answers(SERVICE_web);
    fails(SERVICE_web, E_REFUSED);
    fails(SERVICE_web, E_REFUSED);
    struct snapshot *was = snapshot_ref(e.snapshot);
    fails(SERVICE_postgres, E_REFUSED);
    CHECK_STR(of(SERVICE_web)->caused_by, "postgres");
    struct snapshot *before = snapshot_new("", false), *after = snapshot_new("", false);
    struct str texts[2];
    section_unref(before->sections[SERVICE_web]);
    section_unref(after->sections[SERVICE_web]);
    before->sections[SERVICE_web] = section_ref(was->sections[SERVICE_web]);
    after->sections[SERVICE_web] = section_ref(past_of(SERVICE_web));
    after->sections[SERVICE_web]->caused_by = NULL;
    str_init(&texts[0], 1 << 20);
    str_init(&texts[1], 1 << 20);
    snapshot_write(before, &texts[0]);
    snapshot_write(after, &texts[1]);
    CU_ASSERT_EQUAL(strcmp(str_get(&texts[1]), str_get(&texts[0])), 0);
    CU_ASSERT_EQUAL(section_trend(of(SERVICE_web), "figure")->points[TREND_POINTS - 1], 42);
    for (int i = 0; i < 2; i++)
        str_done(&texts[i]);
    snapshot_unref(before);
    snapshot_unref(after);
    snapshot_unref(was);
    end();
}

TEST(only_who_is_ill_has_a_cause) {
    begin();
    fails(SERVICE_postgres, E_REFUSED);
    CU_ASSERT_PTR_NULL(of(SERVICE_web)->caused_by); /* not asked yet */
    CU_ASSERT_PTR_NULL(answers(SERVICE_web)->caused_by);
    CHECK_STR(fails(SERVICE_web, E_TIMEOUT)->caused_by, "postgres");
    end();
}

TEST(what_is_critical_by_its_own_word_explains_and_a_warning_does_not) {
    static const struct said warning = {HEALTH_WARNING, "idle"},
                             critical = {HEALTH_CRITICAL, "full"};
    begin();
    fails(SERVICE_web, E_TIMEOUT);
    answers_with(SERVICE_postgres, &warning, 1);
    CU_ASSERT_PTR_NULL(of(SERVICE_web)->caused_by);
    answers_with(SERVICE_postgres, &critical, 1);
    CHECK_STR(of(SERVICE_web)->caused_by, "postgres");
    end();
}

TEST(what_is_not_ready_explains_too) {
    begin();
    CU_ASSERT_EQUAL(fails(SERVICE_postgres, E_NOT_READY)->health, HEALTH_WARNING);
    CHECK_STR(fails(SERVICE_web, E_TIMEOUT)->caused_by, "postgres");
    end();
}

TEST(slow_answers_explain_a_complaint_and_no_silence) {
    static const struct said complaint = {HEALTH_WARNING, "pool"};
    begin();
    e.askers[SERVICE_postgres].latency_ms = 300;
    CU_ASSERT_PTR_NOT_NULL(reading_finding_of(&answers(SERVICE_postgres)->reading, "slow_answers"));
    CHECK_STR(answers_with(SERVICE_web, &complaint, 1)->caused_by, "postgres");
    CU_ASSERT_PTR_NULL(fails(SERVICE_web, E_REFUSED)->caused_by);
    end();
}

TEST(where_all_are_silent_none_of_them_is_the_cause) {
    static const enum service asked[] = {SERVICE_web, SERVICE_postgres, SERVICE_redis,
                                         SERVICE_typesense};
    begin();
    for (int s = 0; s < SERVICE_COUNT; s++)
        past_of((enum service)s)->health = HEALTH_OFF;
    for (size_t i = 0; i < ARRAY_LEN(asked); i++)
        answers(asked[i]);
    for (size_t i = 0; i < ARRAY_LEN(asked); i++)
        fails(asked[i], E_TIMEOUT);
    CU_ASSERT_EQUAL(snapshot_silent(e.snapshot), ARRAY_LEN(asked));
    CU_ASSERT_PTR_NULL(of(SERVICE_web)->caused_by);
    answers(SERVICE_redis); /* the network is there: one of them is */
    CHECK_STR(of(SERVICE_web)->caused_by, "postgres");
    end();
}

TEST(a_key_that_is_refused_explains_complaints_and_the_same_fault) {
    static const struct said complaint = {HEALTH_WARNING, "pool"};
    begin();
    fails(SERVICE_postgres, E_AUTH);
    CHECK_STR(answers_with(SERVICE_web, &complaint, 1)->caused_by, "postgres");
    CHECK_STR(fails(SERVICE_web, E_AUTH)->caused_by, "postgres");
    CU_ASSERT_PTR_NULL(fails(SERVICE_web, E_REFUSED)->caused_by);
    end();
}

/* Grafana's 401 is not healed by what heals Loki. */
TEST(a_refused_key_and_another_program_are_faults_of_their_own) {
    static const enum err_code own[] = {E_AUTH, E_WRONG_THING, E_TLS};
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        begin();
        fails(SERVICE_postgres, E_REFUSED);
        CU_ASSERT_PTR_NULL(fails(SERVICE_web, own[i])->caused_by);
        CHECK_STR(fails(SERVICE_web, E_FAILING)->caused_by, "postgres");
        fails(SERVICE_postgres, own[i]);
        CHECK_STR(fails(SERVICE_web, own[i])->caused_by, "postgres");
        end();
    }
}

/* Out of descriptors, the console asks nobody, and knows nothing of anybody. */
TEST(what_the_console_could_not_ask_is_not_known_and_causes_nothing) {
    begin();
    CU_ASSERT_EQUAL(fails(SERVICE_postgres, E_INTERNAL)->health, HEALTH_UNKNOWN);
    CU_ASSERT_PTR_NULL(fails(SERVICE_web, E_INTERNAL)->caused_by);
    CU_ASSERT_PTR_NULL(fails(SERVICE_web, E_REFUSED)->caused_by);
    fails(SERVICE_postgres, E_REFUSED);
    CU_ASSERT_PTR_NULL(fails(SERVICE_web, E_INTERNAL)->caused_by);
    end();
}

TEST(of_two_that_need_each_other_none_is_its_own_cause) {
    begin();
    fails(SERVICE_loki, E_REFUSED);
    CHECK_STR(fails(SERVICE_minio, E_REFUSED)->caused_by, "loki");
    for (int i = 0; i < 3; i++) {
        fails(SERVICE_loki, E_REFUSED);
        fails(SERVICE_minio, E_REFUSED);
        CU_ASSERT_TRUE(!of(SERVICE_loki)->caused_by || strcmp(of(SERVICE_loki)->caused_by, "loki"));
        CU_ASSERT_TRUE(!of(SERVICE_minio)->caused_by ||
                       strcmp(of(SERVICE_minio)->caused_by, "minio"));
    }
    end();
}

/* Prometheus complains; typesense, minio (named) and redis, grafana (needed) are down or not. */
static const struct {
    const char *name;
    uint32_t down;
    struct said said[3];
    const char *cause;
} complaints[] = {
    {"named", BIT(SERVICE_typesense), {{HEALTH_WARNING, "scrape"}}, "typesense"},
    {"named, and another is down", BIT(SERVICE_minio), {{HEALTH_WARNING, "scrape"}}, NULL},
    {"what is well needs no excuse",
     BIT(SERVICE_typesense),
     {{HEALTH_OK, "rules"}, {HEALTH_WARNING, "scrape"}},
     "typesense"},
    {"all need one",
     BIT(SERVICE_typesense),
     {{HEALTH_WARNING, "scrape"}, {HEALTH_UNKNOWN, "disk"}},
     NULL},
    {"unnamed: what it needs", BIT(SERVICE_redis), {{HEALTH_WARNING, "disk"}}, "redis"},
    {"the worst counts",
     BIT(SERVICE_typesense) | BIT(SERVICE_redis),
     {{HEALTH_WARNING, "scrape"}, {HEALTH_CRITICAL, "disk"}},
     "redis"},
    {"of equals the named",
     BIT(SERVICE_typesense) | BIT(SERVICE_redis),
     {{HEALTH_WARNING, "disk"}, {HEALTH_WARNING, "scrape"}},
     "typesense"},
    {"of equals the first",
     BIT(SERVICE_typesense) | BIT(SERVICE_minio),
     {{HEALTH_WARNING, "bucket"}, {HEALTH_WARNING, "scrape"}},
     "minio"},
};

TEST(a_complaint_is_excused_by_whom_it_names) {
    for (size_t i = 0; i < ARRAY_LEN(complaints); i++) {
        size_t n = 0;
        begin();
        while (n < ARRAY_LEN(complaints[i].said) && complaints[i].said[n].code)
            n++;
        for (unsigned s = 0; s < SERVICE_COUNT; s++)
            if (complaints[i].down & BIT(s))
                fails((enum service)s, E_REFUSED);
        const char *cause = answers_with(SERVICE_prometheus, complaints[i].said, n)->caused_by;
        if ((cause ? cause : "")[0] != (complaints[i].cause ? complaints[i].cause : "")[0])
            fprintf(stderr, "row \"%s\"\n", complaints[i].name);
        CHECK_STR(cause, complaints[i].cause);
        end();
    }
}

TEST(who_does_not_answer_is_excused_by_what_it_needs_not_by_what_it_said) {
    static const struct said scrape = {HEALTH_WARNING, "scrape"};
    begin();
    fails(SERVICE_typesense, E_REFUSED);
    answers_with(SERVICE_prometheus, &scrape, 1);
    CU_ASSERT_PTR_NULL(fails(SERVICE_prometheus, E_REFUSED)->caused_by);
    fails(SERVICE_grafana, E_REFUSED);
    CHECK_STR(fails(SERVICE_prometheus, E_REFUSED)->caused_by, "grafana");
    end();
}

/* --- what stays --- */

TEST(attempts_and_the_last_error_are_kept_when_it_answers_again) {
    begin();
    answers(SERVICE_web);
    fails(SERVICE_web, E_TIMEOUT);
    fails_as(SERVICE_web, E_REFUSED, "nobody there");
    const struct section *sec = answers(SERVICE_web);
    CU_ASSERT_EQUAL(sec->asked, 4);
    CU_ASSERT_EQUAL(sec->lost, 2);
    CU_ASSERT_EQUAL(sec->failures, 0);
    CHECK_STR(sec->last_err.why, "nobody there");
    CU_ASSERT_TRUE(clock_wall_ms() - sec->last_err_wall_ms < 60000);
    CU_ASSERT_TRUE(clock_wall_ms() - sec->taken_wall_ms < 60000);
    CU_ASSERT_EQUAL(judged_at_mono_ms, sec->taken_mono_ms);
    CU_ASSERT_EQUAL(judged_at_wall_ms, sec->taken_wall_ms);
    CU_ASSERT_EQUAL(sec->depends, BIT(SERVICE_postgres));
    end();
}

TEST(a_failure_leaves_the_reading_its_age) {
    static const struct said warning = {HEALTH_WARNING, "idle"};
    begin();
    e.askers[SERVICE_web].latency_ms = 7;
    answers_with(SERVICE_web, &warning, 1);
    past_of(SERVICE_web)->taken_mono_ms = 8;
    past_of(SERVICE_web)->taken_wall_ms = 9;
    past_of(SERVICE_web)->tried_mono_ms = 8;
    const struct section *sec = fails(SERVICE_web, E_REFUSED);
    CU_ASSERT_EQUAL(sec->latency_ms, 7);
    CU_ASSERT_EQUAL(sec->taken_mono_ms, 8);
    CU_ASSERT_EQUAL(sec->taken_wall_ms, 9);
    CU_ASSERT_TRUE(sec->tried_mono_ms > 8);
    CU_ASSERT_PTR_NOT_NULL(reading_metric(&sec->reading, "figure"));
    CU_ASSERT_PTR_NOT_NULL(reading_finding_of(&sec->reading, "idle"));
    end();
}

TEST(it_is_as_it_is_since_it_became_so) {
    begin();
    answers(SERVICE_redis);
    past_of(SERVICE_redis)->since_mono_ms = 5;
    CU_ASSERT_EQUAL(answers(SERVICE_redis)->since_mono_ms, 5);
    CU_ASSERT_EQUAL(fails(SERVICE_redis, E_REFUSED)->since_mono_ms,
                    of(SERVICE_redis)->tried_mono_ms);
    past_of(SERVICE_redis)->since_mono_ms = 6;
    CU_ASSERT_EQUAL(fails(SERVICE_redis, E_REFUSED)->since_mono_ms, 6); /* critical by now */
    CU_ASSERT_EQUAL(answers(SERVICE_redis)->since_mono_ms, of(SERVICE_redis)->tried_mono_ms);
    end();
}

TEST(what_becomes_of_it_is_an_event) {
    begin();
    answers(SERVICE_redis);
    CU_ASSERT_PTR_NULL(e.snapshot->events);
    fails(SERVICE_redis, E_REFUSED);
    fails(SERVICE_redis, E_REFUSED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(e.snapshot->events);
    CU_ASSERT_EQUAL(e.snapshot->events->list[0].service, SERVICE_redis);
    CHECK_STR(e.snapshot->events->list[0].to, "critical");
    end();
}

/* "select1 not read" is a name for programs, and "select1" in a list of what was left out too. */
TEST(a_stage_is_called_what_people_call_it) {
    begin();
    struct stage_state *st = &e.askers[SERVICE_redis].stages[2];
    st->failed = true;
    err_set(&st->err, E_AUTH, "fake.parse", "db1", "no right");
    e.askers[SERVICE_redis].stages[1].unasked = true;
    const struct section *sec = answers(SERVICE_redis);
    CU_ASSERT_EQUAL_FATAL(sec->reading.n_findings, 2);
    CHECK_STR(sec->reading.findings[0].code, "stage_two");
    CHECK_STR(sec->reading.findings[0].what.s, "the second answer not read: db1: no right");
    CU_ASSERT_PTR_NOT_NULL(strstr(sec->reading.findings[1].what.s, "left for: one"));
    st->failed = false;
    st->unasked = true;
    sec = answers(SERVICE_redis);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(sec->reading.findings[0].what.s, "left for: one, the second answer"));
    end();
}

TEST(a_stage_that_failed_says_so_with_its_advice) {
    begin();
    struct stage_state *st = &e.askers[SERVICE_redis].stages[1];
    st->failed = true;
    err_set(&st->err, E_AUTH, "fake.parse", "db1", "no right");
    st->err.todo = "grant it";
    const struct section *sec = answers(SERVICE_redis);
    CU_ASSERT_EQUAL_FATAL(sec->reading.n_findings, 1);
    CHECK_STR(sec->reading.findings[0].code, "stage_one");
    CHECK_STR(sec->reading.findings[0].what.s, "one not read: db1: no right");
    CHECK_STR(sec->reading.findings[0].todo.s, "grant it");
    st->err.todo = NULL;
    sec = answers(SERVICE_redis);
    CHECK_STR(sec->reading.findings[0].code, "stage_one");
    CHECK_STR(sec->reading.findings[0].todo.s, err_todo(E_AUTH, "fake.parse"));
    end();
}

TEST(stages_that_were_not_asked_are_named_in_one_sentence) {
    begin();
    struct asker *a = &e.askers[SERVICE_redis];
    a->slowest_ms = 321;
    a->stages[1].unasked = a->stages[2].unasked = true;
    const struct section *sec = answers(SERVICE_redis);
    CU_ASSERT_EQUAL_FATAL(sec->reading.n_findings, 1);
    CHECK_STR(sec->reading.findings[0].what.s,
              "an answer takes 321 ms, so that in 400 ms no time was left for: one, "
              "the second answer");
    end();
}

TEST(a_late_answer_is_said_where_nothing_worse_is) {
    static const struct said warning = {HEALTH_WARNING, "idle"};
    begin();
    e.askers[SERVICE_redis].latency_ms = 200;
    CU_ASSERT_EQUAL(answers(SERVICE_redis)->health, HEALTH_OK);
    e.askers[SERVICE_redis].latency_ms = 201;
    CU_ASSERT_EQUAL(answers(SERVICE_redis)->health, HEALTH_WARNING);
    CHECK_STR(of(SERVICE_redis)->summary.s, "its answer takes 201 ms of the 400 ms it is given");
    CHECK_STR(answers_with(SERVICE_redis, &warning, 1)->summary.s, "judged");
    end();
}

TEST(the_newest_errors_are_kept_for_the_consoles_own_page) {
    begin();
    for (int i = 0; i < 11; i++) {
        const char why[] = {(char)('a' + i), 0};
        fails_as(SERVICE_redis, E_REFUSED, why);
        e.self.last_error_wall_ms[0] = 100 + i;
    }
    CU_ASSERT_EQUAL(e.self.n_last_errors, ARRAY_LEN(e.self.last_errors));
    for (size_t i = 0; i < ARRAY_LEN(e.self.last_errors); i++) {
        CU_ASSERT_EQUAL(e.self.last_errors[i].why[0], 'k' - (int)i);
        CU_ASSERT_EQUAL(e.self.last_error_wall_ms[i], 110 - (int64_t)i);
    }
    fails(SERVICE_redis, E_REFUSED);
    CU_ASSERT_TRUE(clock_wall_ms() - e.self.last_error_wall_ms[0] < 60000);
    end();
}

SUITE(engine_publish, T(a_failure_is_as_bad_as_its_kind_and_its_number_say),
      T(a_failure_is_said_in_words_and_once),
      T(who_listens_again_has_its_start_period_for_what_mends), T(a_chain_of_failures_has_one_root),
      T(what_is_folded_is_the_same_in_all_else), T(only_who_is_ill_has_a_cause),
      T(what_is_critical_by_its_own_word_explains_and_a_warning_does_not),
      T(what_is_not_ready_explains_too), T(slow_answers_explain_a_complaint_and_no_silence),
      T(where_all_are_silent_none_of_them_is_the_cause),
      T(a_key_that_is_refused_explains_complaints_and_the_same_fault),
      T(a_refused_key_and_another_program_are_faults_of_their_own),
      T(what_the_console_could_not_ask_is_not_known_and_causes_nothing),
      T(of_two_that_need_each_other_none_is_its_own_cause),
      T(a_complaint_is_excused_by_whom_it_names),
      T(who_does_not_answer_is_excused_by_what_it_needs_not_by_what_it_said),
      T(attempts_and_the_last_error_are_kept_when_it_answers_again),
      T(a_failure_leaves_the_reading_its_age), T(it_is_as_it_is_since_it_became_so),
      T(what_becomes_of_it_is_an_event), T(a_stage_that_failed_says_so_with_its_advice),
      T(a_stage_is_called_what_people_call_it),
      T(stages_that_were_not_asked_are_named_in_one_sentence),
      T(a_late_answer_is_said_where_nothing_worse_is),
      T(the_newest_errors_are_kept_for_the_consoles_own_page))
