/* tests/loop/test_replay.c - stored callbacks handed to an API again, against a real PostgreSQL and
 * an API that is honest, fails, lies, or is outrun: what is refused, what moves, and that money
 * moves once. */
#define _GNU_SOURCE /* close_range of pg_server.h */
#include <unistd.h>

#include "io/file.h"
#include "loop/bad_server.h"
#include "pay_database.h"

#define OLD_S 7200 /* VNPay calls no more */

extern const struct act act_replay;

static struct bench b;
static struct settings settings;
static char state_dir[96], api_url[64], nowhere[64];
static struct bad_server api, nobody;
static struct pairs arguments;
static struct plan plan;
static struct err err;

/* --- the API --- */

static enum { HONEST, FAILS, MOVES_AND_HANGS_UP, TELLS_OF_ANOTHER, LIES } manner;
static atomic_int n_posts, n_events;
static int gather;              /* so many posts are waited for before any is answered */
static const char *after_first; /* what somebody else does meanwhile; NULL */
static char asked_for[400];     /* "p1 p2 " */

static bool db(const char *sql, const char *id, uint32_t *ret_rows) {
    struct err ignored;
    struct pgsession *s;
    struct arena a;
    struct pg_rows rows = {0};
    if (!pgsession_open(&pg.target, "goodgo-api", PATIENCE_MS, -1, &s, &ignored))
        return false;
    arena_init(&a);
    const struct pg_statement st = {.sql = sql,
                                    .params = &id,
                                    .n_params = id ? 1 : 0,
                                    .max_rows = 10,
                                    .timeout_ms = PATIENCE_MS};
    bool ok = pgsession_exec(s, &st, &a, &rows, &ignored);
    *ret_rows = rows.n_rows;
    arena_done(&a);
    pgsession_close(s);
    return ok;
}

/* As the platform does it: one statement that only an open payment survives; one event for it. */
static void move(const char *id) {
    uint32_t n = 0;
    if (db("UPDATE \"Payment\" SET \"status\" = 'COMPLETED', \"updatedAt\" = now() AT TIME ZONE "
           "'UTC' WHERE \"id\" = $1 AND \"status\" IN ('PENDING', 'PROCESSING') RETURNING 1",
           id, &n))
        atomic_fetch_add(&n_events, (int)n);
}

static void say(int fd, const char *status, const char *body) {
    char answer[1024];
    snprintf(answer, sizeof answer, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status,
             strlen(body), body);
    bad_puts(fd, answer);
}

/* One whole request; false at the end. */
static bool hear(struct bad_server *s, int fd, char *buf, size_t size) {
    size_t n = 0;
    for (;;) {
        ssize_t more = bad_read(s, fd, buf + n, size - n);
        if (more <= 0)
            return false;
        n += (size_t)more;
        const char *end = strstr(buf, "\r\n\r\n"), *length = strstr(buf, "Content-Length: ");
        if (end && length && strlen(end + 4) >= strtoul(length + 16, NULL, 10))
            return true;
    }
}

static void wait_for_the_others(void) {
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (atomic_load(&n_posts) < gather && clock_mono_ms() < until)
        poll(NULL, 0, 1);
}

static void serve_api(struct bad_server *s, int fd) {
    static const char field[] = "\"vnp_TxnRef\":\"";
    char buf[8192], id[40] = "", body[200];
    while (hear(s, fd, buf, sizeof buf)) {
        const char *at = strstr(buf, field);
        snprintf(id, sizeof id, "%.*s", at ? (int)strcspn(at + sizeof field - 1, "\"") : 0,
                 at ? at + sizeof field - 1 : "");
        bool first = atomic_fetch_add(&n_posts, 1) == 0;
        if (!gather)
            snprintf(asked_for + strlen(asked_for), sizeof id + 1, "%s ", id);
        wait_for_the_others();
        if (manner == HONEST || manner == MOVES_AND_HANGS_UP)
            move(id);
        if (first && after_first)
            db(after_first, NULL, &(uint32_t){0});
        if (manner == MOVES_AND_HANGS_UP)
            return;
        snprintf(body, sizeof body, "{\"paymentId\":\"%s\",\"status\":\"COMPLETED\"}",
                 manner == TELLS_OF_ANOTHER ? "p9" : id);
        say(fd, manner == FAILS ? "503 Service Unavailable" : "200 OK", body);
    }
}

/* --- one test --- */

static void begin(void) {
    manner = HONEST;
    atomic_store(&n_posts, 0);
    atomic_store(&n_events, 0);
    gather = 0;
    after_first = NULL;
    asked_for[0] = 0;
    bench_vnpay(&b);
    settings = b.settings;
    settings.context = "dev";
    settings.has_postgres = true;
    settings.postgres = pg.target;
    settings.api_url = api_url;
    settings.replay = (struct replay_settings){.most = 3, .max_age_s = 86400, .pause_ms = 1};
    pg_run("postgres", "TRUNCATE \"Payment\"");
}

/* A payment that was paid, and that the API did not hear of. */
static void paid(const char *id, int64_t age_s) {
    pay_put(&b, id, "VNPAY", 5000, "PENDING", age_s, pay_told(&b, id, 5000, "00", "00", age_s));
}

static bool planned(const char *ids, bool force, const char *reason) {
    struct act_input in = {.settings = &settings,
                           .state_dir = state_dir,
                           .arena = &b.arena,
                           .arguments = &arguments,
                           .now_wall_ms = clock_wall_ms()};
    arguments = (struct pairs){.n = 0};
    if (ids)
        arguments.at[arguments.n++] = (struct pair){"ids", ids};
    if (force)
        arguments.at[arguments.n++] = (struct pair){"force", "1"};
    if (reason)
        arguments.at[arguments.n++] = (struct pair){PLAN_REASON, reason};
    memset(&err, 0, sizeof err);
    return act_plan(&act_replay, &in, &plan, &err);
}

static void refused(const char *ids, const char *why) {
    CU_ASSERT_FALSE(planned(ids, false, NULL));
    if (!strstr(err.why, why))
        CHECK_STR(err.why, why);
    CU_ASSERT_EQUAL(atomic_load(&n_posts), 0);
}

static struct job *run(bool *ret_ok) {
    struct job *j = pay_job(&settings, state_dir, &plan);
    memset(&err, 0, sizeof err);
    *ret_ok = act_replay.run(j, &plan, &err);
    return j;
}

static const char *status_of(const char *id) {
    return pay_one(
        &b, arena_printf(&b.arena, "SELECT status::text FROM \"Payment\" WHERE id='%s'", id));
}

TEST(starts_a_server_and_an_api) {
    pg_server_start();
    pg_run("postgres", pay_database_sql);
    snprintf(state_dir, sizeof state_dir, "%s/state", pg.dir);
    bad_start(&api, serve_api);
    snprintf(api_url, sizeof api_url, "http://127.0.0.1:%u", api.port);
    bad_start(&nobody, NULL);
    snprintf(nowhere, sizeof nowhere, "http://127.0.0.1:%u", nobody.port);
}

/* --- what moves --- */

TEST(the_oldest_goes_first_and_each_moves_once) {
    bool ok;
    begin();
    paid("p1", OLD_S);
    paid("p2", OLD_S + 60);
    paid("p3", OLD_S + 30);
    CU_ASSERT_TRUE_FATAL(planned("p1,p2 p3 p2", false, NULL));
    CU_ASSERT_EQUAL(plan.count, 3);
    CU_ASSERT_EQUAL(plan.tier, TIER_DESTROYS); /* of many */
    struct job *j = run(&ok);
    CU_ASSERT_TRUE(ok);
    CHECK_STR(asked_for, "p2 p3 p1 ");
    CHECK_STR(pay_result_of(j, "moved"), "3 of 3, 15,000 VND");
    CHECK_STR(pay_result_of(j, "p1"), "PENDING -> COMPLETED, 5,000 VND");
    CU_ASSERT_EQUAL(atomic_load(&n_events), 3);
    job_close(j);
    bench_done(&b);
}

struct racer {
    struct plan plan;
    struct job *job;
    struct err err;
    bool ok;
    pthread_t thread;
};

static void *race(void *racer) {
    struct racer *r = racer;
    r->ok = act_replay.run(r->job, &r->plan, &r->err);
    return NULL;
}

TEST(two_replays_at_once_move_the_money_once) {
    static struct racer racers[2];
    begin();
    gather = 2; /* neither is answered before both have asked */
    paid("p1", OLD_S);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_TRUE_FATAL(planned("p1", false, NULL));
        racers[i].plan = plan;
        racers[i].job = pay_job(&settings, state_dir, &plan);
    }
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(racers[i].thread, NULL);
        CU_ASSERT_TRUE(racers[i].ok);
        job_close(racers[i].job);
    }
    CU_ASSERT_EQUAL(atomic_load(&n_posts), 2);
    CU_ASSERT_EQUAL(atomic_load(&n_events), 1);
    CHECK_STR(status_of("p1"), "COMPLETED");
    bench_done(&b);
}

TEST(who_comes_second_reports_that_it_is_done) {
    bool ok;
    begin();
    paid("p1", OLD_S + 60);
    paid("p2", OLD_S);
    after_first = "UPDATE \"Payment\" SET \"status\" = 'COMPLETED' WHERE \"id\" = 'p2'";
    CU_ASSERT_TRUE_FATAL(planned("p1 p2", false, NULL));
    struct job *j = run(&ok);
    CU_ASSERT_TRUE(ok);
    CHECK_STR(asked_for, "p1 ");
    CHECK_STR(pay_result_of(j, "p2"), "already done: COMPLETED");
    CHECK_STR(pay_result_of(j, "moved"), "1 of 2, 5,000 VND");
    job_close(j);
    bench_done(&b);
}

TEST(an_answer_that_did_not_come_is_read_from_the_row) {
    bool ok;
    begin();
    manner = MOVES_AND_HANGS_UP;
    paid("p1", OLD_S);
    CU_ASSERT_TRUE_FATAL(planned("p1", false, NULL));
    struct job *j = run(&ok);
    CU_ASSERT_TRUE(ok);
    CHECK_STR(pay_result_of(j, "moved"), "1 of 1, 5,000 VND");
    job_close(j);
    bench_done(&b);
}

/* --- what stops it --- */

static void stops(const char *why) {
    bool ok;
    paid("p1", OLD_S + 60);
    paid("p2", OLD_S);
    CU_ASSERT_TRUE_FATAL(planned("p1 p2", false, NULL));
    struct job *j = run(&ok);
    CU_ASSERT_FALSE(ok);
    if (!strstr(err.why, why))
        CHECK_STR(err.why, why);
    CHECK_STR(status_of("p2"), "PENDING");
    job_close(j);
}

TEST(the_first_error_stops_it) {
    begin();
    manner = FAILS;
    stops("the API answered HTTP 503");
    CHECK_STR(asked_for, "p1 ");
    manner = TELLS_OF_ANOTHER;
    stops("the API answered HTTP 200");
    manner = LIES;
    stops("the API took the callback, and the payment is PENDING, not COMPLETED");
    settings.api_url = nowhere;
    stops("");
    bench_done(&b);
}

TEST(a_row_that_changed_since_the_plan_is_not_replayed) {
    begin();
    after_first = "UPDATE \"Payment\" SET \"updatedAt\" = now() WHERE \"id\" = 'p2'";
    stops("changed since the plan");
    CHECK_STR(asked_for, "p1 ");
    CU_ASSERT_EQUAL(err.code, E_NOT_READY);
    bench_done(&b);
}

TEST(the_plan_is_another_when_a_row_changed) {
    char before[sizeof plan.id];
    begin();
    paid("p1", OLD_S);
    CU_ASSERT_TRUE_FATAL(planned("p1", false, NULL));
    memcpy(before, plan.id, sizeof before);
    CU_ASSERT_TRUE_FATAL(planned("p1", false, NULL));
    CHECK_STR(plan.id, before);
    pg_run("postgres", "UPDATE \"Payment\" SET \"updatedAt\" = now() WHERE \"id\" = 'p1'");
    CU_ASSERT_TRUE_FATAL(planned("p1", false, NULL));
    CU_ASSERT_NOT_EQUAL(strcmp(plan.id, before), 0);
    bench_done(&b);
}

TEST(a_cancel_between_two_leaves_the_second) {
    begin();
    settings.replay.pause_ms = 60000;
    paid("p1", OLD_S + 60);
    paid("p2", OLD_S);
    CU_ASSERT_TRUE_FATAL(planned("p1 p2", false, NULL));
    struct job *j = pay_job(&settings, state_dir, &plan);
    job_ask_cancel(j);
    CU_ASSERT_FALSE(act_replay.run(j, &plan, &err));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    CHECK_STR(status_of("p2"), "PENDING");
    job_close(j);
    bench_done(&b);
}

/* --- what is refused before --- */

/* One digit of its signature is another. */
static const char *forged(const char *id) {
    char *told = arena_strdup(&b.arena, pay_told(&b, id, 5000, "00", "00", OLD_S));
    char *last = told + strlen(told) - 2;
    *last = *last == '0' ? '1' : '0';
    return told;
}

TEST(what_can_never_be_right_is_refused) {
    begin();
    paid("p1", OLD_S);
    pay_put(&b, "done", "VNPAY", 5000, "COMPLETED", OLD_S,
            pay_told(&b, "done", 5000, "00", "00", OLD_S));
    pay_put(&b, "forged", "VNPAY", 5000, "PENDING", OLD_S, forged("forged"));
    pay_put(&b, "open", "VNPAY", 5000, "PENDING", OLD_S,
            pay_told(&b, "open", 5000, "00", "01", OLD_S));
    pay_put(&b, "amount", "VNPAY", 5000, "PENDING", OLD_S,
            pay_told(&b, "amount", 4999, "00", "00", OLD_S));
    pay_put(&b, "other", "VNPAY", 5000, "PENDING", OLD_S,
            pay_told(&b, "p1", 5000, "00", "00", OLD_S));
    pay_put(&b, "silent", "VNPAY", 5000, "PENDING", OLD_S, NULL);
    refused("done", "already done: it is COMPLETED");
    CU_ASSERT_EQUAL(err.code, E_NOT_READY);
    refused("forged", "BAD_SIGNATURE");
    refused("open", "NOT-FINAL");
    refused("amount", "ours is 5,000 VND");
    refused("other", "OTHER-ORDER");
    refused("silent", "there is no callback to replay");
    refused("p1 done amount", "(and 1 more are refused)");
    CU_ASSERT_FALSE(planned("amount", true, "the customer called")); /* whoever insists */
    bench_done(&b);
}

TEST(what_heals_by_itself_wants_force_and_a_reason) {
    begin();
    paid("p1", 60);
    refused("p1", "it may heal by itself: VNPay calls again");
    CU_ASSERT_PTR_NOT_NULL(strstr(err.todo, "--force --reason"));
    CU_ASSERT_FALSE(planned("p1", true, NULL));
    CHECK_STR(err.why, "needs a --reason");
    CU_ASSERT_FALSE(planned("p1", true, ""));
    CU_ASSERT_TRUE(planned("p1", true, "the customer waits at the desk"));
    CU_ASSERT_PTR_NOT_NULL(strstr(plan.warnings.at[0], "insisted on"));
    bench_done(&b);
}

/* Where nothing is paid nothing begins. */
TEST(a_plan_of_failures_promises_no_listing) {
    begin();
    pay_put(&b, "p1", "VNPAY", 5000, "PENDING", OLD_S, pay_told(&b, "p1", 5000, "24", "02", OLD_S));
    CU_ASSERT_TRUE_FATAL(planned("p1", false, NULL));
    const char *last = plan.warnings.at[plan.warnings.n - 1];
    CHECK_STR(last, "each sends its event; there is no way back");
    paid("p2", OLD_S);
    CU_ASSERT_TRUE_FATAL(planned("p1 p2", false, NULL));
    last = plan.warnings.at[plan.warnings.n - 1];
    CHECK_HAS(last, "subscriptions begin, listings go live");
    bench_done(&b);
}

TEST(a_gateway_that_is_silent_wants_force_too) {
    begin();
    bench_set(&b, 0, "vnpay", "VNPAY_API_URL", nowhere);
    paid("p1", OLD_S);
    refused("p1", "VNPay tells nothing of it");
    bench_done(&b);
}

/* A plan, the start and the job each ask anew: after two silences the pause is longer than anybody
 * waits, and insisting must not end there. */
TEST(one_that_is_left_alone_is_silent_too) {
    char line[64];
    begin();
    bench_set(&b, 0, "vnpay", "VNPAY_API_URL", nowhere);
    paid("p1", OLD_S);
    const char *dir = arena_printf(&b.arena, "%s/gateways", state_dir);
    const char *pace = arena_printf(&b.arena, "%s/dev.vnpay.pace", dir);
    int n = snprintf(line, sizeof line, "%lld 160000\n", (long long)clock_wall_ms() + 160000);
    CU_ASSERT_TRUE_FATAL(dir_make(dir, &err) && writefile(pace, line, (size_t)n, &err));
    refused("p1", "VNPay tells nothing of it: was asked too often or did not answer");
    CU_ASSERT_TRUE_FATAL(planned("p1", true, "the customer waits at the desk"));
    CU_ASSERT_PTR_NOT_NULL(strstr(plan.warnings.at[0], "insisted on"));
    unlink(pace);
    bench_done(&b);
}

TEST(there_is_a_most_and_an_oldest) {
    begin();
    for (int i = 1; i < 5; i++)
        paid(arena_printf(&b.arena, "p%d", i), OLD_S);
    refused("p1 p2 p3 p4", "are more than payments.replay_most of the settings, 3");
    settings.replay.max_age_s = 3600;
    refused("p1",
            "it is 2h00m old, and payments.replay_age_s of the settings is 3600, which is 1h00m");
    bench_done(&b);
}

TEST(it_needs_an_api_a_database_and_an_id) {
    begin();
    paid("p1", OLD_S);
    pg_run("postgres", "UPDATE \"Payment\" SET \"providerTxId\" = 'tx1'");
    refused("nobody", "is no payment's id");
    refused("tx1", "is no payment's id, though others are known by it");
    refused(" , ", "name at least one payment");
    refused(NULL, "name at least one payment");
    settings.api_url = NULL;
    refused("p1", "only the API moves a payment");
    settings.api_url = api_url;
    settings.has_postgres = false;
    refused("p1", "is not set");
    bench_done(&b);
}

TEST(stops_the_servers) {
    bad_stop(&api);
    bad_stop(&nobody);
    pg_server_stop();
}

SUITE(replay, T(starts_a_server_and_an_api), T(the_oldest_goes_first_and_each_moves_once),
      T(two_replays_at_once_move_the_money_once), T(who_comes_second_reports_that_it_is_done),
      T(an_answer_that_did_not_come_is_read_from_the_row), T(the_first_error_stops_it),
      T(a_row_that_changed_since_the_plan_is_not_replayed),
      T(the_plan_is_another_when_a_row_changed), T(a_cancel_between_two_leaves_the_second),
      T(what_can_never_be_right_is_refused), T(what_heals_by_itself_wants_force_and_a_reason),
      T(a_plan_of_failures_promises_no_listing), T(a_gateway_that_is_silent_wants_force_too),
      T(one_that_is_left_alone_is_silent_too), T(there_is_a_most_and_an_oldest),
      T(it_needs_an_api_a_database_and_an_id), T(stops_the_servers))
