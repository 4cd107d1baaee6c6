/* tests/unit/test_engine_run.c - one run of a probe through its stages: what is asked, how long an
 * answer may take, and what stays of the run before. The link to the back-end is this test, and the
 * clock stands nearly still: time passes where a deadline is moved. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "src/engine/engine_priv.h"

#define MINUTE_MS 60000 /* what a run is given here */
#define RARELY_MS 600000

static struct loop *loop;
static struct engine *e;
static struct asker *a;
static struct settings settings;

/* --- the link --- */

static struct {
    uint32_t n, given_ms;
    link_done_fn done;
    void *ctx;
} sent;

struct link_hub *link_hub_new(struct loop *l) {
    return NULL;
}
void link_hub_free(struct link_hub *h) {
}
uint64_t link_hub_late_replies(const struct link_hub *h) {
    return 0;
}
struct link *link_new(struct link_hub *h, const char *application_name) {
    return NULL;
}
void link_close(struct link *k) {
}
void link_send(struct link *k, const struct exchange *ex, struct arena *arena, uint32_t timeout_ms,
               link_done_fn done, void *ctx) {
    sent.n++;
    sent.given_ms = timeout_ms;
    sent.done = done;
    sent.ctx = ctx;
}

static void reply(const struct reply *r) {
    link_done_fn done = sent.done;
    CU_ASSERT_PTR_NOT_NULL_FATAL(done);
    sent.done = NULL;
    done(sent.ctx, r);
}

static void answers_after(double took_ms) {
    reply(&(struct reply){.kind = EXCHANGE_HTTP, .ok = true, .took_ms = took_ms});
}

static void answers(void) {
    answers_after(1);
}

static void fails(enum err_code code, const char *why) {
    struct reply r = {.kind = EXCHANGE_HTTP, .took_ms = 1};
    err_set(&r.err, code, "http.get", "db1", "%s", why);
    reply(&r);
}

/* --- the probe: what a stage does is said by bits of its number --- */

static uint32_t asked, skips, skips_pages, refuses, again, pages_there;
static const char *cursor_seen;
static bool is_beside_judged;
static double rate_seen; /* of the figure of the last stage that was read, were it 11 now */

static bool ask(struct probe_run *run, struct exchange *ex) {
    asked |= BIT(a->stage);
    cursor_seen = run->cursor;
    return !((run->page ? skips_pages : skips) & BIT(a->stage));
}

static bool parse(struct probe_run *run, const struct reply *r, struct reading *out,
                  struct err *err) {
    static const char *const figures[] = {"figure0", "figure1", "figure2"};
    if (refuses & BIT(a->stage))
        return err_set(err, E_PROTOCOL, "fake.parse", "db1", "refused");
    reading_int(out, figures[a->stage], UNIT_COUNT, run->page + 1);
    rate_seen = -1;
    if (!probe_rate(run, figures[a->stage], 11, &rate_seen))
        rate_seen = -1;
    if (again & BIT(a->stage) && run->page + 1 < pages_there) {
        run->again = true;
        run->cursor = "more";
    }
    return true;
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    is_beside_judged = true;
    v->summary = TEXT_LIT("judged");
}

#define MAIN                                                                                       \
    { .name = "main", .essential = true, .request = ask, .parse = parse }
#define EXTRA                                                                                      \
    { .name = "extra", .request = ask, .parse = parse }
static const struct probe_stage extra_first[] = {EXTRA, MAIN};
static const struct probe_stage extra_last[] = {MAIN, EXTRA};
static const struct probe_stage rare_last[] = {
    MAIN, {.name = "rare", .every_ms = RARELY_MS, .request = ask, .parse = parse}};
static const struct probe_stage paged[] = {
    MAIN, {.name = "pages", .max_pages = 3, .request = ask, .parse = parse}, EXTRA};

static const enum service on_api[] = {SERVICE_api, SERVICE_COUNT};
#define FAKE(stage_list)                                                                           \
    {                                                                                              \
        .service = SERVICE_minio, .title = "minio", .timeout_ms = MINUTE_MS,                       \
        .stages = (stage_list), .n_stages = ARRAY_LEN(stage_list), .judge = judge,                 \
        .beside = on_api                                                                           \
    }
static const struct probe fake_first = FAKE(extra_first), fake_last = FAKE(extra_last),
                          fake_rare = FAKE(rare_last), fake_paged = FAKE(paged);

static void begin(const struct probe *p) {
    const struct probe *table[SERVICE_COUNT] = {[SERVICE_minio] = p};
    memset(&sent, 0, sizeof sent);
    asked = skips = skips_pages = refuses = again = 0;
    pages_there = 100;
    loop = loop_new();
    e = engine_new_with(loop, &settings, 0, table, NULL, NULL);
    e->paused = true; /* the next run is begun by hand */
    a = &e->askers[SERVICE_minio];
}

static void end(void) {
    engine_free(e);
    loop_free(loop);
}

static const struct section *section(void) {
    return e->snapshot->sections[SERVICE_minio];
}

/* Which stages a run asks where each answers. */
static uint32_t run_asks(void) {
    asked = 0;
    asker_run(a);
    while (sent.done)
        answers();
    return asked;
}

/* -1 where it is not there. */
static double figure(const char *name) {
    double d;
    return reading_number(&section()->reading, name, &d) ? d : -1;
}

static const char *finding(const char *code) {
    const struct finding *f = reading_finding_of(&section()->reading, code);
    return f ? f->what.s : NULL;
}

/* --- time --- */

TEST(an_extra_leaves_half_to_what_is_essential_behind_it) {
    begin(&fake_first);
    asker_run(a);
    CU_ASSERT(sent.given_ms <= MINUTE_MS / 2 && sent.given_ms > MINUTE_MS / 3);
    answers();
    CU_ASSERT(sent.given_ms <= MINUTE_MS && sent.given_ms > MINUTE_MS / 2);
    answers();
    end();
    begin(&fake_last);
    asker_run(a);
    answers();
    CU_ASSERT(sent.given_ms > MINUTE_MS / 2); /* nothing is behind it */
    answers();
    end();
}

TEST(a_short_time_out_is_explained_by_the_answers_before_it) {
    begin(&fake_last);
    asker_run(a);
    a->deadline_mono_ms = clock_mono_ms() + MINUTE_MS / 2;
    answers_after(901);
    fails(E_TIMEOUT, "no answer");
    CHECK_STR(finding("stage_extra"), "extra not read: db1: no answer, all that was left of 60000 "
                                      "ms after an answer of 901 ms");
    asker_run(a);
    answers_after(901);
    fails(E_TIMEOUT, "no answer"); /* it had nearly all of it */
    CHECK_STR(finding("stage_extra"), "extra not read: db1: no answer");
    asker_run(a);
    a->deadline_mono_ms = clock_mono_ms() + MINUTE_MS / 2;
    answers_after(901);
    fails(E_CLOSED, "it hung up");
    CHECK_STR(finding("stage_extra"), "extra not read: db1: it hung up");
    end();
}

TEST(what_is_essential_has_no_time_left_and_says_so) {
    begin(&fake_first);
    asker_run(a);
    a->deadline_mono_ms = clock_mono_ms() - 1;
    answers();
    CU_ASSERT_EQUAL(sent.n, 1);
    CU_ASSERT_TRUE(section()->failed);
    CU_ASSERT_EQUAL(section()->err.code, E_TIMEOUT);
    CHECK_STR(section()->err.target, "minio");
    CHECK_STR(section()->err.why, "the run's 60000 ms were used up");
    end();
}

TEST(what_could_not_be_in_time_is_not_asked_and_stays) {
    begin(&fake_last);
    CU_ASSERT_EQUAL(run_asks(), BIT(0) | BIT(1));
    asker_run(a);
    a->deadline_mono_ms = clock_mono_ms() + 20000;
    answers_after(25000);
    CU_ASSERT_FALSE(a->running);
    CU_ASSERT_EQUAL(figure("figure1"), 1);
    CHECK_HAS(finding("slow_answers"), "no time was left for: extra");
    CU_ASSERT_EQUAL(run_asks(), BIT(0) | BIT(1)); /* the next run has its own pace */
    CU_ASSERT_PTR_NULL(finding("slow_answers"));
    end();
}

/* The section is as old as its run, and holds a figure of the run before. */
TEST(a_rate_is_since_the_stage_was_read_and_not_since_the_run_before) {
    begin(&fake_last);
    run_asks();
    CU_ASSERT_EQUAL(rate_seen, -1);
    asker_run(a);
    a->deadline_mono_ms = clock_mono_ms() + 20000;
    answers_after(25000); /* no time for the second stage */
    a->stages[1].kept->taken_mono_ms -= 10000;
    run_asks();
    CU_ASSERT_DOUBLE_EQUAL(rate_seen, 1, 0.1);
    end();
}

TEST(the_latency_is_that_of_the_essential_answer) {
    begin(&fake_first);
    asker_run(a);
    answers_after(5);
    answers_after(7);
    CU_ASSERT_EQUAL(section()->latency_ms, 7);
    end();
    begin(&fake_last);
    asker_run(a);
    answers_after(7);
    answers_after(9);
    CU_ASSERT_EQUAL(section()->latency_ms, 7);
    end();
}

/* --- one at a time --- */

TEST(nothing_is_asked_twice_while_it_is_in_flight) {
    begin(&fake_last);
    asker_run(a);
    asker_run(a);
    CU_ASSERT_EQUAL(sent.n, 1);
    CU_ASSERT_EQUAL(e->self.exchanges, 1);
    answers();
    answers();
    CU_ASSERT_EQUAL(section()->asked, 1);
    end();
}

TEST(a_failure_of_what_is_essential_ends_the_run) {
    begin(&fake_last);
    asker_run(a);
    fails(E_CLOSED, "it hung up");
    CU_ASSERT_EQUAL(asked, BIT(0));
    CU_ASSERT_FALSE(a->running);
    CU_ASSERT_EQUAL(section()->err.code, E_CLOSED);
    CU_ASSERT_EQUAL(e->self.failures, 1);
    end();
}

TEST(an_extra_that_fails_takes_its_old_figures_away_and_no_other) {
    begin(&fake_last);
    CU_ASSERT_EQUAL(run_asks(), BIT(0) | BIT(1));
    refuses = BIT(1);
    CU_ASSERT_EQUAL(run_asks(), BIT(0) | BIT(1));
    CU_ASSERT_EQUAL(figure("figure0"), 1);
    CU_ASSERT_EQUAL(figure("figure1"), -1);
    CHECK_STR(finding("stage_extra"), "extra not read: db1: refused");
    CU_ASSERT_EQUAL(e->self.failures, 1);
    CHECK_STR(e->self.last_errors[0].why, "refused");
    refuses = 0;
    run_asks();
    CU_ASSERT_EQUAL(figure("figure1"), 1);
    CU_ASSERT_PTR_NULL(finding("stage_extra"));
    skips = BIT(1); /* it does not apply any more */
    run_asks();
    CU_ASSERT_EQUAL(figure("figure1"), -1);
    CU_ASSERT_PTR_NULL(finding("stage_extra"));
    end();
}

/* --- pages --- */

TEST(pages_are_read_to_their_end_or_bound) {
    begin(&fake_paged);
    again = BIT(1);
    asker_run(a);
    answers();
    CU_ASSERT_PTR_NULL(cursor_seen);
    answers();
    CHECK_STR(cursor_seen, "more");
    answers();
    answers();
    CU_ASSERT_PTR_NULL(cursor_seen); /* of the next stage */
    answers();
    CU_ASSERT_EQUAL(sent.n, 5);
    CU_ASSERT_EQUAL(figure("figure1"), 3);
    CU_ASSERT_EQUAL(figure("figure2"), 1);
    pages_there = 2;
    sent.n = 0;
    run_asks();
    CU_ASSERT_EQUAL(sent.n, 4);
    CU_ASSERT_EQUAL(figure("figure1"), 2);
    skips_pages = BIT(1); /* the request of the second page says: there is none */
    run_asks();
    CU_ASSERT_EQUAL(figure("figure1"), 1);
    CU_ASSERT_EQUAL(section()->reading.n_findings, 0);
    end();
}

TEST(pages_take_no_more_than_half_of_a_run) {
    begin(&fake_paged);
    again = BIT(1);
    asker_run(a);
    answers();
    a->deadline_mono_ms = clock_mono_ms() + MINUTE_MS / 2 - 1;
    answers(); /* page 1 */
    CU_ASSERT_EQUAL(a->stage, 2);
    answers();
    CU_ASSERT_EQUAL(figure("figure1"), 1);
    CU_ASSERT_EQUAL(section()->reading.n_findings, 0);
    end();
}

/* --- what is asked rarely --- */

TEST(what_is_asked_rarely_is_asked_when_a_tenth_is_left) {
    begin(&fake_rare);
    CU_ASSERT_EQUAL(run_asks(), BIT(0) | BIT(1));
    a->stages[1].kept->taken_mono_ms = clock_mono_ms() - RARELY_MS / 10 * 9 + 30000;
    CU_ASSERT_EQUAL(run_asks(), BIT(0));
    CU_ASSERT_EQUAL(figure("figure1"), 1);
    a->stages[1].kept->taken_mono_ms = clock_mono_ms() - RARELY_MS / 10 * 9;
    CU_ASSERT_EQUAL(run_asks(), BIT(0) | BIT(1));
    end();
}

static const struct {
    struct reply reply;
    bool is_final; /* it would say the same again */
} noes[] = {
    {{.kind = EXCHANGE_HTTP, .err = {.code = E_TOO_BIG, .op = "http.get", .why = "large"}}, true},
    {{.kind = EXCHANGE_HTTP, .err = {.code = E_TIMEOUT, .op = "http.get", .why = "late"}}, false},
    {{.kind = EXCHANGE_PG,
      .err = {.code = E_TIMEOUT, .op = "pg.query", .why = "57014"},
      .pg = {.sqlstate = "57014"}},
     true},
    {{.kind = EXCHANGE_PG, .err = {.code = E_TIMEOUT, .op = "pg.query", .why = "late"}}, false},
};

TEST(who_said_no_twice_is_asked_at_its_next_turn) {
    for (size_t i = 0; i < ARRAY_LEN(noes); i++) {
        begin(&fake_rare);
        for (int n = 0; n < 2; n++) {
            asker_run(a);
            answers();
            CU_ASSERT_EQUAL(a->stage, 1);
            reply(&noes[i].reply);
        }
        asked = 0;
        asker_run(a);
        answers();
        CU_ASSERT_EQUAL(asked, noes[i].is_final ? BIT(0) : BIT(0) | BIT(1));
        if (sent.done)
            reply(&noes[i].reply);
        CU_ASSERT_PTR_NOT_NULL(finding("stage_rare")); /* it is said meanwhile */
        a->stages[1].failed_mono_ms -= RARELY_MS;
        CU_ASSERT_EQUAL(run_asks(), BIT(0) | BIT(1));
        CU_ASSERT_PTR_NULL(finding("stage_rare"));
        CU_ASSERT_EQUAL(a->stages[1].refusals, 0);
        end();
    }
}

/* --- judged again --- */

TEST(only_a_good_reading_is_judged_again) {
    begin(&fake_last);
    asker_judge_again(a); /* nothing to judge yet */
    CU_ASSERT_EQUAL(section()->asked, 0);
    run_asks();
    is_beside_judged = false;
    asker_judge_again(a);
    CU_ASSERT_TRUE(is_beside_judged);
    CU_ASSERT_FALSE(a->running);
    asker_run(a);
    is_beside_judged = false;
    asker_judge_again(a); /* it will be, when its answers are in */
    CU_ASSERT_FALSE(is_beside_judged);
    fails(E_CLOSED, "it hung up");
    asker_judge_again(a);
    CU_ASSERT_FALSE(is_beside_judged);
    CU_ASSERT_TRUE(section()->failed);
    CHECK_STR(section()->summary.s, "connection lost: it hung up");
    end();
}

SUITE(engine_run, T(an_extra_leaves_half_to_what_is_essential_behind_it),
      T(a_short_time_out_is_explained_by_the_answers_before_it),
      T(what_is_essential_has_no_time_left_and_says_so),
      T(what_could_not_be_in_time_is_not_asked_and_stays),
      T(a_rate_is_since_the_stage_was_read_and_not_since_the_run_before),
      T(the_latency_is_that_of_the_essential_answer),
      T(nothing_is_asked_twice_while_it_is_in_flight),
      T(a_failure_of_what_is_essential_ends_the_run),
      T(an_extra_that_fails_takes_its_old_figures_away_and_no_other),
      T(pages_are_read_to_their_end_or_bound), T(pages_take_no_more_than_half_of_a_run),
      T(what_is_asked_rarely_is_asked_when_a_tenth_is_left),
      T(who_said_no_twice_is_asked_at_its_next_turn), T(only_a_good_reading_is_judged_again))
