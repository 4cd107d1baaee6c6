/* tests/unit/test_engine.c - the engine over fake probes and a tiny HTTP server: publishing,
 * failures, retries, folding, focus, pause. Intervals are milliseconds here. Answers have all the
 * time there is where a test is not about that, and what a later run may show too is awaited. */
#include "engine/probes.h"

#include <stdlib.h>

#include "loop/misbehave.h"

#define LATE_MS    350                /* what the slow server takes to answer */
#define FOR_TWO_MS (3 * LATE_MS - 20) /* time for two of its answers, not for three */

static char good_url[64], bad_url[64], hung_url[64];
static char slow_url[64];
static bool other_trouble;
static const char *main_url;
static uint32_t n_judged;

static void serve_ok(struct bad_server *s, int fd) {
    char buf[4096];
    while (bad_read(s, fd, buf, sizeof buf) > 0)
        bad_puts(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n42");
}

static void serve_late(struct bad_server *s, int fd) {
    char buf[4096];
    while (bad_read(s, fd, buf, sizeof buf) > 0) {
        poll(NULL, 0, LATE_MS);
        bad_puts(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n42");
    }
}

static bool ask_main(struct probe_run *run, struct exchange *ex) {
    ex->kind = EXCHANGE_HTTP;
    ex->http.url = main_url;
    return true;
}

static bool ask_good(struct probe_run *run, struct exchange *ex) {
    ex->kind = EXCHANGE_HTTP;
    ex->http.url = good_url;
    return true;
}

static bool ask_bad(struct probe_run *run, struct exchange *ex) {
    ex->kind = EXCHANGE_HTTP;
    ex->http.url = bad_url;
    return true;
}

static bool ask_hung(struct probe_run *run, struct exchange *ex) {
    ex->kind = EXCHANGE_HTTP;
    ex->http.url = hung_url;
    return true;
}

static bool ask_nothing(struct probe_run *run, struct exchange *ex) {
    return false;
}

static bool parse_answer(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    reading_int(out, "answer", UNIT_COUNT, 42);
    return true;
}

static bool parse_pages(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    reading_int(out, "pages", UNIT_COUNT, run->page + 1);
    run->again = true;
    return true;
}

static uint32_t n_slow_parsed;
static bool parse_slow(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    reading_int(out, "slow_stage", UNIT_COUNT, ++n_slow_parsed);
    reading_add_table(out, "rare", "Rare", NULL, 0);
    return true;
}

static bool parse_not_ready(struct probe_run *run, const struct reply *reply, struct reading *out,
                            struct err *err) {
    return err_set(err, E_NOT_READY, "fake.parse", "x", "starting");
}

static bool parse_locked(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    return err_set(err, E_AUTH, "fake.parse", "x", "wrong password");
}

static bool parse_no_way(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    return err_set(err, E_UNREACHABLE, "fake.parse", "x", "network is unreachable");
}

static uint32_t n_refused;
static bool parse_refused(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    n_refused++;
    return err_set(err, E_TIMEOUT, "fake.parse", "x", "canceling statement");
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    n_judged++;
    v->summary = text_printf(run->arena, "answer %d", 42);
}

/* Beside another service, as a search index is judged beside the database. */
static uint32_t n_judged_beside;
static void judge_beside(struct probe_run *run, struct reading *r, struct verdict *v) {
    n_judged_beside++;
    if (run->snapshot->sections[SERVICE_api]->has_reading)
        reading_finding(r, HEALTH_WARNING, "behind", "look", "behind api");
}

static bool not_configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no URL";
    return false;
}

static const struct probe_stage main_stages[] = {
    {.name = "main", .essential = true, .request = ask_main, .parse = parse_answer}};
static const struct probe_stage rich_stages[] = {
    {.name = "skipped", .request = ask_nothing, .parse = parse_answer},
    {.name = "main", .essential = true, .request = ask_good, .parse = parse_answer},
    {.name = "pages", .max_pages = 3, .request = ask_good, .parse = parse_pages},
    {.name = "rare", .every_ms = 600000, .request = ask_good, .parse = parse_slow},
    {.name = "extra", .request = ask_bad, .parse = parse_answer}};
static const struct probe_stage refused_stages[] = {
    {.name = "main", .essential = true, .request = ask_good, .parse = parse_answer},
    {.name = "count", .every_ms = 600000, .request = ask_good, .parse = parse_refused}};
static const struct probe_stage late_stages[] = {
    {.name = "main", .essential = true, .request = ask_good, .parse = parse_answer},
    {.name = "hung", .request = ask_hung, .parse = parse_answer}};
static const struct probe_stage starting_stages[] = {
    {.name = "main", .essential = true, .request = ask_good, .parse = parse_not_ready}};
static bool ask_late(struct probe_run *run, struct exchange *ex) {
    ex->kind = EXCHANGE_HTTP;
    ex->http.url = slow_url;
    return true;
}

static bool parse_repeats(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    reading_finding(out, HEALTH_WARNING, "scrape_fails", "see api", "it cannot scrape api");
    if (other_trouble)
        reading_finding(out, HEALTH_WARNING, "disk_full", "see the disk", "the disk is full");
    return true;
}

static const struct probe_stage locked_stages[] = {
    {.name = "main", .essential = true, .request = ask_good, .parse = parse_locked}};
static const struct probe_stage no_way_stages[] = {
    {.name = "main", .essential = true, .request = ask_good, .parse = parse_no_way}};
static const struct probe_stage sluggish_stages[] = {
    {.name = "main", .essential = true, .request = ask_late, .parse = parse_answer},
    {.name = "one", .request = ask_late, .parse = parse_slow},
    {.name = "two", .request = ask_late, .parse = parse_answer}};
static const struct probe_stage leafing_stages[] = {
    {.name = "main", .essential = true, .request = ask_late, .parse = parse_answer},
    {.name = "pages", .max_pages = 40, .request = ask_late, .parse = parse_pages},
    {.name = "behind", .request = ask_good, .parse = parse_slow}};
static const struct probe_stage moved_stages[] = {{.name = "pages",
                                                   .essential = true,
                                                   .max_pages = 3,
                                                   .request = ask_late,
                                                   .parse = parse_pages}};
static const struct probe_stage one_late_stage[] = {
    {.name = "main", .essential = true, .request = ask_late, .parse = parse_answer}};
static const struct probe_stage echo_stages[] = {
    {.name = "main", .essential = true, .request = ask_good, .parse = parse_repeats}};
static const struct probe_echo of_api[] = {{"scrape_fails", SERVICE_api}, {0}};
static const enum service on_loki[] = {SERVICE_loki, SERVICE_COUNT};
static const enum service on_api[] = {SERVICE_api, SERVICE_COUNT};

#define FAKE(id, stage_list)                                                                       \
    .service = SERVICE_##id, .title = #id, .interval_ms = 50, .timeout_ms = PATIENCE_MS,           \
    .retries = 3, .stages = (stage_list), .n_stages = ARRAY_LEN(stage_list), .judge = judge
static const struct probe api = {FAKE(api, main_stages), .key_metric = "answer"};
static const struct probe web = {FAKE(web, main_stages), .depends = on_api};
static const struct probe alone = {FAKE(postgres, main_stages)};
static const struct probe alone_too = {FAKE(typesense, main_stages)};
static const struct probe rich = {FAKE(redis, rich_stages)};
static const struct probe refused = {FAKE(loki, refused_stages)};
static const struct probe late = {FAKE(minio, late_stages)};
static const struct probe starting = {FAKE(loki, starting_stages)};
static const struct probe slow_starter = {FAKE(api, main_stages), .start_period_ms = 3000};
static const struct probe tardy = {FAKE(grafana, one_late_stage)};
static const struct probe sluggish = {FAKE(minio, sluggish_stages)};
static const struct probe leafing = {FAKE(minio, leafing_stages)};
static const struct probe moved = {FAKE(minio, moved_stages)};
static const struct probe beside = {.service = SERVICE_typesense,
                                    .title = "beside",
                                    .interval_ms = 600000,
                                    .timeout_ms = PATIENCE_MS,
                                    .stages = echo_stages,
                                    .n_stages = 1,
                                    .beside = on_api,
                                    .judge = judge_beside};
static const struct probe echo = {FAKE(prometheus, echo_stages), .echoes = of_api};
static const enum service on_minio[] = {SERVICE_minio, SERVICE_COUNT};
static const struct probe complaining = {FAKE(loki, echo_stages), .depends = on_minio};
static const struct probe away = {FAKE(web, main_stages), .depends = on_minio};
static const struct probe after_loki = {FAKE(promtail, main_stages), .depends = on_loki};
static const struct probe_echo of_loki[] = {{"scrape_fails", SERVICE_loki}, {0}};
static const enum service on_api_and_loki[] = {SERVICE_api, SERVICE_loki, SERVICE_COUNT};
static const struct probe outspoken = {FAKE(grafana, echo_stages), .depends = on_api_and_loki,
                                       .echoes = of_loki};
static const struct probe well_loki = {FAKE(loki, rich_stages)};
static const struct probe locked = {FAKE(minio, locked_stages)};
static const struct probe cut_off = {FAKE(promtail, no_way_stages), .depends = on_api};
static const struct probe off = {FAKE(grafana, main_stages), .configured = not_configured};

struct world {
    struct bad_server good, bad, hung, late;
    struct loop *loop;
    struct engine *engine;
    struct settings settings;
    struct snapshot *seen;
    uint32_t n_changed;
    bool free_in_changed;
};

static void changed(void *ctx, enum service s) {
    struct world *w = ctx;
    w->n_changed++;
    if (w->free_in_changed) {
        engine_free(w->engine);
        w->engine = NULL;
        w->free_in_changed = false;
    }
}

static bool never(void *ctx) {
    return false;
}

static void world_look(struct world *w) {
    snapshot_unref(w->seen);
    w->seen = engine_snapshot(w->engine);
}

static const struct section *look(struct world *w, enum service s) {
    world_look(w);
    return w->seen->sections[s];
}

static bool all_tried(void *ctx) {
    return engine_all_tried(((struct world *)ctx)->engine);
}

static void world_init(struct world *w, const struct probe *const *list, size_t n) {
    static const struct probe *table[SERVICE_COUNT];
    memset(w, 0, sizeof *w);
    memset(table, 0, sizeof table);
    for (size_t i = 0; i < n; i++)
        table[list[i]->service] = list[i];
    bad_start(&w->good, serve_ok);
    bad_start(&w->bad, NULL);
    bad_start(&w->hung, bad_hang);
    bad_start(&w->late, serve_late);
    snprintf(slow_url, sizeof slow_url, "http://127.0.0.1:%u/", w->late.port);
    other_trouble = false;
    snprintf(good_url, sizeof good_url, "http://127.0.0.1:%u/", w->good.port);
    snprintf(bad_url, sizeof bad_url, "http://127.0.0.1:%u/", w->bad.port);
    snprintf(hung_url, sizeof hung_url, "http://127.0.0.1:%u/", w->hung.port);
    main_url = good_url;
    n_slow_parsed = n_judged_beside = 0;
    w->loop = loop_new();
    w->settings.context = "test";
    w->engine = engine_new_with(w->loop, &w->settings, 0, table, changed, w);
}

static void world_run(struct world *w, uint32_t ms) {
    loop_run_until(w->loop, never, w, ms);
}

static void world_start(struct world *w) {
    engine_start(w->engine);
    CU_ASSERT_TRUE(loop_run_until(w->loop, all_tried, w, PATIENCE_MS));
}

/* From now on: for who hangs, or answers late. */
static void world_hurries(struct world *w, enum service s, uint32_t timeout_ms) {
    w->settings.poll[s].timeout_ms = timeout_ms;
}

static void comes(struct world *w, bool (*what)(void *)) {
    CU_ASSERT_TRUE(loop_run_until(w->loop, what, w, PATIENCE_MS));
}

static void world_done(struct world *w) {
    engine_free(w->engine);
    snapshot_unref(w->seen);
    bad_stop(&w->good); /* before the loop, so that no peer waits for the other */
    bad_stop(&w->bad);
    bad_stop(&w->hung);
    bad_stop(&w->late);
    loop_free(w->loop);
}

#define WORLD(w, ...)                                                                              \
    struct world w;                                                                                \
    const struct probe *const list[] = {__VA_ARGS__};                                              \
    world_init(&w, list, ARRAY_LEN(list))

TEST(asks_nothing_before_start_and_publishes_after) {
    WORLD(w, &api);
    world_run(&w, 50);
    CU_ASSERT_EQUAL(atomic_load(&w.good.n_accepted), 0);
    CU_ASSERT_FALSE(look(&w, SERVICE_api)->has_reading);
    world_start(&w);
    const struct section *sec = look(&w, SERVICE_api);
    CU_ASSERT_TRUE(sec->has_reading && !sec->failed);
    CU_ASSERT_EQUAL(sec->health, HEALTH_OK);
    CHECK_STR(sec->summary.s, "answer 42");
    CHECK_STR(sec->key_metric, "answer");
    CU_ASSERT_TRUE(section_trend(sec, sec->key_metric)->points[TREND_POINTS - 1] == 42.0f);
    CU_ASSERT_TRUE(w.n_changed >= 1 && w.seen->self.exchanges >= 1);
    world_done(&w);
}

TEST(what_is_not_configured_is_off_with_its_reason) {
    WORLD(w, &off, &api);
    world_start(&w);
    CU_ASSERT_EQUAL(look(&w, SERVICE_grafana)->health, HEALTH_OFF);
    CHECK_STR(look(&w, SERVICE_grafana)->summary.s, "no URL");
    world_done(&w);
}

TEST(a_first_failure_is_critical_at_once) {
    WORLD(w, &api);
    main_url = bad_url;
    world_start(&w);
    const struct section *sec = look(&w, SERVICE_api);
    CU_ASSERT_TRUE(sec->failed && !sec->has_reading);
    CU_ASSERT_EQUAL(sec->health, HEALTH_CRITICAL);
    CU_ASSERT_EQUAL(sec->err.code, E_REFUSED);
    CU_ASSERT_TRUE(w.seen->self.n_last_errors >= 1);
    world_done(&w);
}

static uint32_t n_wanted;
static bool failed_often(void *ctx) {
    return look(ctx, SERVICE_api)->failures >= n_wanted;
}

static bool is_good(void *ctx) {
    return !look(ctx, SERVICE_api)->failed;
}

TEST(a_failure_keeps_the_last_reading_and_recovers) {
    WORLD(w, &api);
    world_start(&w);
    main_url = bad_url;
    n_wanted = 1;
    comes(&w, failed_often);
    const struct section *sec = look(&w, SERVICE_api);
    double d = 0;
    CU_ASSERT_TRUE(sec->failed && sec->has_reading);
    CU_ASSERT_EQUAL(sec->health, HEALTH_UNKNOWN);
    CU_ASSERT_TRUE(reading_number(&sec->reading, "answer", &d) && d == 42);
    int64_t first_ms = sec->since_mono_ms;
    CU_ASSERT_EQUAL(first_ms, sec->tried_mono_ms);
    n_wanted = 2;
    comes(&w, failed_often);
    CU_ASSERT_EQUAL(look(&w, SERVICE_api)->health, HEALTH_CRITICAL);
    CU_ASSERT_EQUAL(look(&w, SERVICE_api)->since_mono_ms, first_ms); /* not since it is critical */
    main_url = good_url;
    comes(&w, is_good);
    CU_ASSERT_EQUAL(look(&w, SERVICE_api)->health, HEALTH_OK);
    CU_ASSERT_TRUE(look(&w, SERVICE_api)->since_mono_ms > first_ms);
    CU_ASSERT_EQUAL(look(&w, SERVICE_api)->failures, 0);
    world_done(&w);
}

TEST(timeouts_are_critical_only_after_the_retries) {
    WORLD(w, &api);
    world_start(&w);
    main_url = hung_url;
    world_hurries(&w, SERVICE_api, 100);
    n_wanted = 2;
    comes(&w, failed_often);
    CU_ASSERT_EQUAL(look(&w, SERVICE_api)->health, HEALTH_UNKNOWN);
    n_wanted = 3;
    comes(&w, failed_often);
    CU_ASSERT_EQUAL(look(&w, SERVICE_api)->health, HEALTH_CRITICAL);
    world_done(&w);
}

TEST(not_ready_is_a_warning) {
    WORLD(w, &starting);
    world_start(&w);
    CU_ASSERT_EQUAL(look(&w, SERVICE_loki)->health, HEALTH_WARNING);
    world_done(&w);
}

static bool rare_is_behind(void *ctx) {
    const struct table *rare = reading_table(&look(ctx, SERVICE_redis)->reading, "rare");
    return rare && rare->behind_ms >= 100;
}

TEST(stages_page_keep_and_become_findings) {
    WORLD(w, &rich);
    world_start(&w);
    comes(&w, rare_is_behind);
    const struct section *sec = look(&w, SERVICE_redis);
    double d = 0;
    CU_ASSERT_FALSE(sec->failed);
    CU_ASSERT_TRUE(reading_number(&sec->reading, "pages", &d) && d == 3);
    CU_ASSERT_TRUE(reading_number(&sec->reading, "slow_stage", &d) && d == 1);
    CU_ASSERT_EQUAL(n_slow_parsed, 1);
    const struct table *rare = reading_table(&sec->reading, "rare"); /* from the first run */
    CU_ASSERT_TRUE(rare && rare->behind_ms >= 100 && rare->behind_ms < 60000);
    CU_ASSERT_FATAL(sec->reading.n_findings == 1);
    CHECK_STR(sec->reading.findings[0].code, "stage_extra");
    CU_ASSERT_EQUAL(sec->health, HEALTH_WARNING);
    world_done(&w);
}

static bool refused_four_times(void *ctx) {
    return n_refused >= 4;
}

static bool asked_often(void *ctx) {
    return look(ctx, SERVICE_loki)->asked > 3;
}

TEST(a_rare_stage_that_is_refused_twice_waits_for_its_turn) {
    WORLD(w, &refused);
    n_refused = 0;
    world_start(&w);
    comes(&w, asked_often);
    const struct section *sec = look(&w, SERVICE_loki);
    CU_ASSERT_EQUAL(n_refused, 2);
    CU_ASSERT_FATAL(sec->reading.n_findings == 1); /* and it is still said */
    CHECK_STR(sec->reading.findings[0].code, "stage_count");
    for (int i = 0; i < 100 && n_refused < 4; i++) { /* who asks by hand asks that too */
        engine_refresh(w.engine, 0);                 /* does nothing while one is in flight */
        loop_run_until(w.loop, refused_four_times, &w, 100);
    }
    CU_ASSERT_TRUE(n_refused >= 4);
    world_done(&w);
}

/* What is read of minio has one finding, of that code. */
static bool minio_finds(struct world *w, const char *code) {
    const struct section *sec = look(w, SERVICE_minio);
    return sec->has_reading && !sec->failed && sec->reading.n_findings == 1 &&
           !strcmp(sec->reading.findings[0].code, code);
}

static bool an_extra_hangs(void *ctx) {
    return minio_finds(ctx, "stage_hung");
}

TEST(an_extra_stage_that_hangs_does_not_lose_the_reading) {
    WORLD(w, &late);
    world_hurries(&w, SERVICE_minio, 400);
    world_start(&w);
    comes(&w, an_extra_hangs);
    world_done(&w);
}

static bool web_is_let_go(void *ctx) {
    const struct section *sec = look(ctx, SERVICE_web);
    return !sec->caused_by && !sec->failed;
}

TEST(a_symptom_is_folded_under_its_cause_and_let_go_again) {
    WORLD(w, &api, &web);
    main_url = bad_url;
    world_start(&w);
    CHECK_STR(look(&w, SERVICE_web)->caused_by, "api");
    CU_ASSERT_PTR_NULL(look(&w, SERVICE_api)->caused_by);
    main_url = good_url;
    comes(&w, is_good);
    comes(&w, web_is_let_go);
    world_done(&w);
}

TEST(where_all_are_silent_none_of_them_is_the_cause) {
    WORLD(w, &api, &web, &alone, &alone_too);
    main_url = hung_url;
    w.settings.timeout_ms = 200;
    world_start(&w);
    CU_ASSERT_EQUAL(look(&w, SERVICE_web)->err.code, E_TIMEOUT);
    CU_ASSERT_EQUAL(snapshot_silent(w.seen), 4);
    CU_ASSERT_PTR_NULL(look(&w, SERVICE_web)->caused_by);
    world_done(&w);
}

TEST(where_one_answers_the_silent_ones_have_a_cause_among_them) {
    static const enum service silent[] = {SERVICE_api, SERVICE_web, SERVICE_postgres,
                                          SERVICE_typesense};
    WORLD(w, &api, &web, &alone, &alone_too, &rich);
    main_url = hung_url;
    for (size_t i = 0; i < ARRAY_LEN(silent); i++)
        world_hurries(&w, silent[i], 200);
    world_start(&w);
    CHECK_STR(look(&w, SERVICE_web)->caused_by, "api");
    world_done(&w);
}

TEST(what_no_way_leads_to_is_nobodys_symptom) {
    WORLD(w, &api, &web, &cut_off);
    main_url = bad_url;
    world_start(&w);
    CHECK_STR(look(&w, SERVICE_web)->caused_by, "api");
    CU_ASSERT_EQUAL(look(&w, SERVICE_promtail)->err.code, E_UNREACHABLE);
    CU_ASSERT_PTR_NULL(look(&w, SERVICE_promtail)->caused_by);
    world_done(&w);
}

TEST(what_is_not_ready_explains_its_dependants_too) {
    WORLD(w, &starting, &after_loki);
    main_url = bad_url;
    world_start(&w);
    CU_ASSERT_EQUAL(look(&w, SERVICE_loki)->health, HEALTH_WARNING);
    CHECK_STR(look(&w, SERVICE_promtail)->caused_by, "loki");
    world_done(&w);
}

static bool prometheus_is_let_go(void *ctx) {
    return !look(ctx, SERVICE_prometheus)->caused_by;
}

TEST(a_finding_that_repeats_anothers_failure_is_folded_alone) {
    WORLD(w, &api, &echo);
    main_url = bad_url;
    world_start(&w);
    CHECK_STR(look(&w, SERVICE_prometheus)->caused_by, "api");
    other_trouble = true;
    comes(&w, prometheus_is_let_go);
    other_trouble = false;
    main_url = good_url;
    comes(&w, is_good);
    comes(&w, prometheus_is_let_go);
    world_done(&w);
}

TEST(whom_a_service_names_is_its_cause_and_no_other_that_is_ill) {
    WORLD(w, &api, &starting, &outspoken);
    main_url = bad_url;
    other_trouble = true; /* of which it does not say whose it is */
    world_start(&w);
    CHECK_STR(look(&w, SERVICE_grafana)->caused_by, "loki");
    world_done(&w);
}

TEST(whom_a_service_does_not_name_is_not_its_cause) {
    WORLD(w, &api, &well_loki, &outspoken);
    main_url = bad_url;
    world_start(&w);
    CU_ASSERT_TRUE(look(&w, SERVICE_api)->failed);
    CU_ASSERT_PTR_NULL(look(&w, SERVICE_grafana)->caused_by);
    world_done(&w);
}

TEST(a_key_that_is_refused_explains_complaints_and_no_silence) {
    WORLD(w, &locked, &complaining, &away);
    main_url = bad_url;
    world_start(&w);
    CU_ASSERT_EQUAL(look(&w, SERVICE_minio)->err.code, E_AUTH);
    CHECK_STR(look(&w, SERVICE_loki)->caused_by, "minio");
    CU_ASSERT_TRUE(look(&w, SERVICE_web)->failed);
    CU_ASSERT_PTR_NULL(look(&w, SERVICE_web)->caused_by); /* minio answers others */
    world_done(&w);
}

static bool grafana_is_slow(void *ctx) {
    const struct section *sec = look(ctx, SERVICE_grafana);
    return sec->has_reading && !sec->failed && sec->health == HEALTH_WARNING &&
           sec->reading.n_findings == 1 && !strcmp(sec->reading.findings[0].code, "slow_answers");
}

static bool grafana_is_well(void *ctx) {
    return look(ctx, SERVICE_grafana)->health == HEALTH_OK;
}

TEST(an_answer_that_takes_more_than_half_of_its_time_is_a_warning) {
    WORLD(w, &tardy);
    world_hurries(&w, SERVICE_grafana, 2 * LATE_MS - 20);
    world_start(&w);
    comes(&w, grafana_is_slow);
    world_hurries(&w, SERVICE_grafana, PATIENCE_MS);
    comes(&w, grafana_is_well);
    world_done(&w);
}

static bool loki_is_explained(void *ctx) {
    const char *cause = look(ctx, SERVICE_loki)->caused_by;
    return cause && !strcmp(cause, "minio");
}

TEST(slow_answers_explain_what_a_dependant_complains_of) {
    WORLD(w, &sluggish, &complaining, &away);
    main_url = bad_url;
    world_hurries(&w, SERVICE_minio, FOR_TWO_MS);
    world_start(&w);
    comes(&w, loki_is_explained);
    CU_ASSERT_TRUE(look(&w, SERVICE_web)->failed);
    CU_ASSERT_PTR_NULL(look(&w, SERVICE_web)->caused_by); /* nobody listens there at all */
    world_done(&w);
}

static bool judged_thrice(void *ctx) {
    return n_judged >= 3;
}

TEST(who_is_judged_beside_another_is_judged_again_when_that_answers_first) {
    WORLD(w, &api, &beside);
    main_url = bad_url;
    world_start(&w);
    int64_t taken_ms = look(&w, SERVICE_typesense)->taken_mono_ms;
    uint64_t asked = look(&w, SERVICE_typesense)->asked;
    CU_ASSERT_EQUAL(look(&w, SERVICE_typesense)->reading.n_findings, 1);
    main_url = good_url;
    comes(&w, is_good);
    CU_ASSERT_EQUAL(look(&w, SERVICE_typesense)->reading.n_findings, 2);
    /* nothing was asked, and nothing became younger */
    CU_ASSERT_EQUAL(look(&w, SERVICE_typesense)->taken_mono_ms, taken_ms);
    CU_ASSERT_EQUAL(look(&w, SERVICE_typesense)->asked, asked);
    n_judged = 0;
    comes(&w, judged_thrice);
    CU_ASSERT_EQUAL(n_judged_beside, 2); /* only at the first reading */
    world_done(&w);
}

static bool two_was_not_asked(void *ctx) {
    return minio_finds(ctx, "slow_answers") &&
           strstr(look(ctx, SERVICE_minio)->reading.findings[0].what.s, ": two");
}

TEST(stages_that_slow_answers_leave_no_time_for_are_not_failed) {
    WORLD(w, &sluggish);
    world_hurries(&w, SERVICE_minio, FOR_TWO_MS);
    world_start(&w);
    comes(&w, two_was_not_asked);
    double d = 0;
    CU_ASSERT_TRUE(reading_number(&w.seen->sections[SERVICE_minio]->reading, "slow_stage", &d));
    world_done(&w);
}

static bool some_pages_are_kept(void *ctx) {
    const struct section *sec = look(ctx, SERVICE_minio);
    double pages = 0, behind = 0; /* the stage behind has time */
    return sec->has_reading && !sec->failed && sec->reading.n_findings == 0 &&
           reading_number(&sec->reading, "pages", &pages) && pages >= 1 && pages <= 3 &&
           reading_number(&sec->reading, "slow_stage", &behind);
}

TEST(pages_that_come_slowly_are_kept_as_far_as_they_came) {
    WORLD(w, &leafing);
    world_hurries(&w, SERVICE_minio, 6 * LATE_MS); /* for five answers; for pages half of it */
    world_start(&w);
    comes(&w, some_pages_are_kept);
    world_done(&w);
}

static bool three_pages_are_kept(void *ctx) {
    double pages = 0;
    return reading_number(&look(ctx, SERVICE_minio)->reading, "pages", &pages) && pages == 3;
}

/* The last of its pages is the reading: a redirect that is not followed is no page. */
TEST(an_essential_stage_is_read_to_its_end) {
    WORLD(w, &moved);
    world_hurries(&w, SERVICE_minio, 4 * LATE_MS - 20); /* two answers take half of it */
    world_start(&w);
    comes(&w, three_pages_are_kept);
    world_done(&w);
}

static bool api_is_critical(void *ctx) {
    return look(ctx, SERVICE_api)->health == HEALTH_CRITICAL;
}

TEST(a_service_that_starts_again_is_given_its_start_period) {
    WORLD(w, &slow_starter);
    world_start(&w);
    main_url = bad_url;
    n_wanted = 3;
    comes(&w, failed_often);
    CU_ASSERT_EQUAL(look(&w, SERVICE_api)->health, HEALTH_CRITICAL);
    main_url = hung_url; /* it listens, and does not answer yet */
    world_hurries(&w, SERVICE_api, 50);
    n_wanted = 5;
    comes(&w, failed_often);
    CU_ASSERT_EQUAL(look(&w, SERVICE_api)->health, HEALTH_WARNING);
    comes(&w, api_is_critical);
    world_done(&w);
}

TEST(recovery_shows_within_one_interval_after_a_long_outage) {
    WORLD(w, &api);
    w.settings.poll[SERVICE_api].interval_ms = 300;
    main_url = bad_url;
    world_start(&w);
    n_wanted = 6;
    comes(&w, failed_often);
    main_url = good_url;
    const struct section *sec = look(&w, SERVICE_api);
    CU_ASSERT_TRUE(sec->next_mono_ms - sec->tried_mono_ms <= 300 * 11 / 10);
    comes(&w, is_good);
    world_done(&w);
}

/* Of the api alone, whose run is one exchange. */
static bool nothing_is_in_flight(void *ctx) {
    struct world *w = ctx;
    return look(w, SERVICE_api)->asked == engine_self(w->engine)->exchanges;
}

static uint64_t n_exchanges;
static bool exchanged_often(void *ctx) {
    struct world *w = ctx;
    return engine_self(w->engine)->exchanges >= n_exchanges;
}

TEST(paused_means_silent_and_refresh_still_asks) {
    WORLD(w, &api);
    world_start(&w);
    engine_pause(w.engine, true);
    comes(&w, nothing_is_in_flight);
    uint64_t before = engine_self(w.engine)->exchanges;
    world_run(&w, 200);
    CU_ASSERT_EQUAL(engine_self(w.engine)->exchanges, before);
    engine_refresh(w.engine, BIT(SERVICE_api));
    n_exchanges = before + 1;
    comes(&w, exchanged_often);
    world_run(&w, 200);
    CU_ASSERT_EQUAL(engine_self(w.engine)->exchanges, before + 1);
    engine_pause(w.engine, false);
    n_exchanges = before + 3;
    comes(&w, exchanged_often);
    world_done(&w);
}

static bool asked_twice(void *ctx) {
    return look(ctx, SERVICE_api)->asked == 2;
}

TEST(focus_shortens_the_interval) {
    WORLD(w, &api);
    w.settings.poll[SERVICE_api].interval_ms = 60000;
    world_start(&w);
    CU_ASSERT_EQUAL(look(&w, SERVICE_api)->interval_ms, 60000);
    int64_t start = look(&w, SERVICE_api)->tried_mono_ms;
    engine_focus(w.engine, BIT(SERVICE_api));
    comes(&w, asked_twice);
    const struct section *sec = look(&w, SERVICE_api);
    CU_ASSERT_TRUE(sec->tried_mono_ms - start >= 1800);
    CU_ASSERT_EQUAL(sec->interval_ms, 2000);
    CU_ASSERT_EQUAL(engine_self(w.engine)->exchanges, 2);
    world_done(&w);
}

static bool engine_is_freed(void *ctx) {
    return !((struct world *)ctx)->engine;
}

TEST(may_be_freed_inside_changed_and_in_flight) {
    WORLD(w, &api, &late);
    engine_start(w.engine);
    w.free_in_changed = true;
    comes(&w, engine_is_freed);
    world_run(&w, 300); /* whatever was in flight would come now */
    world_done(&w);
}

static const struct probe money = {FAKE(api, main_stages), .depends = on_api};

static const struct section *look_own(struct world *w) {
    world_look(w);
    return w->seen->own[OWN_PAYMENTS];
}

static bool own_failed(void *ctx) {
    return look_own(ctx)->failed;
}

static bool own_recovered(void *ctx) {
    return !look_own(ctx)->failed;
}

static bool own_is_explained(void *ctx) {
    return look_own(ctx)->caused_by != NULL;
}

/* Beside the web, whose run is one exchange as well. */
static bool nothing_of_its_own_is_in_flight(void *ctx) {
    struct world *w = ctx;
    uint64_t asked = look_own(w)->asked + w->seen->sections[SERVICE_web]->asked;
    return asked == engine_self(w->engine)->exchanges;
}

static uint64_t n_own_asked;
static bool own_asked_again(void *ctx) {
    return look_own(ctx)->asked > n_own_asked;
}

TEST(an_own_reading_is_asked_like_a_service_and_is_none) {
    WORLD(w, &web);
    engine_watch(w.engine, OWN_PAYMENTS, &money);
    world_start(&w);
    CU_ASSERT_TRUE(look_own(&w)->has_reading && !look_own(&w)->failed);
    CHECK_STR(look_own(&w)->summary.s, "answer 42");
    CU_ASSERT_EQUAL(look_own(&w)->service, SERVICE_COUNT);
    CU_ASSERT_EQUAL(look(&w, SERVICE_api)->health, HEALTH_OFF);
    main_url = bad_url;
    comes(&w, own_failed);
    CU_ASSERT_TRUE(look_own(&w)->has_reading);
    CHECK_STR(own_name(OWN_PAYMENTS), "payments");
    main_url = good_url;
    comes(&w, own_recovered);
    engine_pause(w.engine, true);
    comes(&w, nothing_of_its_own_is_in_flight);
    n_own_asked = look_own(&w)->asked;
    world_run(&w, 300);
    CU_ASSERT_EQUAL(look_own(&w)->asked, n_own_asked);
    engine_pause(w.engine, false);
    engine_refresh(w.engine, ENGINE_OWN(OWN_PAYMENTS));
    comes(&w, own_asked_again);
    world_done(&w);
}

TEST(an_own_reading_is_a_symptom_of_what_it_needs) {
    WORLD(w, &api);
    engine_watch(w.engine, OWN_PAYMENTS, &money);
    world_start(&w);
    main_url = bad_url;
    comes(&w, own_failed);
    comes(&w, own_is_explained);
    CHECK_STR(look_own(&w)->caused_by, "api");
    world_done(&w);
}

SUITE(engine, T(an_own_reading_is_asked_like_a_service_and_is_none),
      T(an_own_reading_is_a_symptom_of_what_it_needs),
      T(asks_nothing_before_start_and_publishes_after),
      T(what_is_not_configured_is_off_with_its_reason), T(a_first_failure_is_critical_at_once),
      T(a_failure_keeps_the_last_reading_and_recovers),
      T(timeouts_are_critical_only_after_the_retries), T(not_ready_is_a_warning),
      T(stages_page_keep_and_become_findings),
      T(a_rare_stage_that_is_refused_twice_waits_for_its_turn),
      T(an_extra_stage_that_hangs_does_not_lose_the_reading),
      T(a_symptom_is_folded_under_its_cause_and_let_go_again),
      T(where_all_are_silent_none_of_them_is_the_cause),
      T(where_one_answers_the_silent_ones_have_a_cause_among_them),
      T(what_no_way_leads_to_is_nobodys_symptom), T(what_is_not_ready_explains_its_dependants_too),
      T(a_finding_that_repeats_anothers_failure_is_folded_alone),
      T(whom_a_service_names_is_its_cause_and_no_other_that_is_ill),
      T(whom_a_service_does_not_name_is_not_its_cause),
      T(a_key_that_is_refused_explains_complaints_and_no_silence),
      T(who_is_judged_beside_another_is_judged_again_when_that_answers_first),
      T(stages_that_slow_answers_leave_no_time_for_are_not_failed),
      T(pages_that_come_slowly_are_kept_as_far_as_they_came),
      T(an_essential_stage_is_read_to_its_end),
      T(an_answer_that_takes_more_than_half_of_its_time_is_a_warning),
      T(slow_answers_explain_what_a_dependant_complains_of),
      T(a_service_that_starts_again_is_given_its_start_period),
      T(recovery_shows_within_one_interval_after_a_long_outage),
      T(paused_means_silent_and_refresh_still_asks), T(focus_shortens_the_interval),
      T(may_be_freed_inside_changed_and_in_flight))
