/* tests/loop/test_pg_figures.c - what the statements of the PostgreSQL probe make of a real server:
 * of sessions that a role may not see, of those that wait, and of a standby whose primary is gone.
 */
#include "pg_server.h"
#include "probe_harness.h"

extern const struct probe probe_postgres;
static const struct settings settings = {.has_postgres = true, .postgres = {.host = "db1"}};
static struct pg_target as_plain, standby;

static struct pgsession *session_of(const struct pg_target *t) {
    struct err err;
    struct pgsession *s = NULL;
    CU_ASSERT_TRUE_FATAL(pgsession_open(t, "goodgo-test", PATIENCE_MS, -1, &s, &err));
    return s;
}

/* Asks what the stage asks, and has it read the answer. */
static void feed(struct probe_bench *b, const struct pg_target *t, const char *stage) {
    struct err err = {0};
    struct reply r = {.kind = EXCHANGE_PG, .ok = true};
    struct pgsession *s = session_of(t);
    CU_ASSERT_TRUE_FATAL(bench_request(b, stage));
    bool ok = pgsession_rows(s, b->ex.pg.sql, PATIENCE_MS, &b->arena, &r.pg, &err);
    if (!ok)
        printf("\n%s\n", err.why);
    CU_ASSERT_TRUE_FATAL(ok && bench_reply(b, stage, &r));
    pgsession_close(s);
}

static void begin(struct probe_bench *b, const struct pg_target *t) {
    bench_init(b, &probe_postgres, &settings);
    feed(b, t, "activity");
}

static void again(struct probe_bench *b, const struct pg_target *t) {
    bench_done(b);
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    begin(b, t);
}

TEST(starts_a_server) {
    pg_server_start();
    pg_run("postgres", "CREATE ROLE plain LOGIN; CREATE ROLE quiet LOGIN; CREATE TABLE t (x int);"
                       "ALTER ROLE quiet SET track_activities = off");
    as_plain = pg.target;
    as_plain.user = "plain";
}

TEST(hidden_sessions_are_not_idle_ones) {
    struct probe_bench b;
    struct pgsession *other = pg_open("postgres");
    CU_ASSERT_TRUE_FATAL(
        pgsession_run(other, "BEGIN; SELECT count(*) FROM t", PATIENCE_MS, &(struct err){0}));
    begin(&b, &pg.target);
    CU_ASSERT_EQUAL(bench_number(&b, "idle_in_transaction"), 1);
    CU_ASSERT_TRUE(bench_number(&b, "longest_xact_s") > 0);
    again(&b, &as_plain);
    CU_ASSERT_TRUE(bench_number(&b, "connections") >= 2);
    CU_ASSERT_EQUAL(bench_number(&b, "idle_in_transaction"), -999);
    CU_ASSERT_EQUAL(bench_number(&b, "longest_xact_s"), -999);
    bench_done(&b);
    pgsession_close(other);
}

TEST(a_session_that_does_not_say_what_it_does_is_hidden_from_all) {
    struct probe_bench b;
    struct pg_target as_quiet = pg.target;
    as_quiet.user = "quiet";
    struct pgsession *quiet = session_of(&as_quiet);
    begin(&b, &pg.target);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "activities_off"));
    CU_ASSERT_EQUAL(bench_number(&b, "active"), -999);
    pgsession_close(quiet);
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    do /* a session outlives its client by a moment */
        again(&b, &pg.target);
    while (bench_finding(&b, "activities_off") && clock_mono_ms() < until);
    CU_ASSERT_TRUE(bench_number(&b, "active") >= 0);
    bench_done(&b);
}

/* Also by a role that is not told what the sessions of others wait for. */
TEST(who_waits_is_seen_by_a_role_without_pg_monitor) {
    struct probe_bench b;
    char psql[160], port[8];
    struct pgsession *holder = pg_open("postgres");
    snprintf(psql, sizeof psql, "%s/psql", pg.bin);
    snprintf(port, sizeof port, "%u", pg.port);
    const char *argv[] = {psql, "-XqAt",    "-h", "127.0.0.1",           "-p", port, "-U", "goodgo",
                          "-d", "postgres", "-c", "BEGIN; LOCK TABLE t", NULL};
    CU_ASSERT_TRUE_FATAL(
        pgsession_run(holder, "BEGIN; LOCK TABLE t", PATIENCE_MS, &(struct err){0}));
    pid_t waiter = pg_spawn(argv);
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    begin(&b, &as_plain);
    while (feed(&b, &as_plain, "blocking"), bench_number(&b, "blocked") != 1) {
        if (clock_mono_ms() > until)
            break;
        again(&b, &as_plain);
    }
    CU_ASSERT_EQUAL(bench_number(&b, "blocked"), 1);
    CU_ASSERT_EQUAL(bench_number(&b, "blocking_roots"), 1);
    CU_ASSERT_TRUE(bench_number(&b, "longest_wait_s") >= 0);
    CU_ASSERT_EQUAL(bench_rows(&b, "blocking"), 2);
    CHECK_STR(bench_cell(&b, "blocking", 1, "lock"), "AccessExclusiveLock on t");
    bench_done(&b);
    pgsession_close(holder);
    waitpid(waiter, NULL, 0);
}

/* A replica that is away has its slot alone, and what that keeps grows. */
TEST(what_a_slot_keeps_is_read) {
    struct probe_bench b;
    begin(&b, &pg.target);
    feed(&b, &pg.target, "replication");
    CU_ASSERT_EQUAL(bench_number(&b, "wal_kept_bytes"), -999);
    pg_run("postgres", "SELECT pg_create_physical_replication_slot('far', true);"
                       "CREATE TABLE w AS SELECT generate_series(1, 20000) AS x");
    feed(&b, &pg.target, "replication");
    CU_ASSERT_TRUE(bench_number(&b, "wal_kept_bytes") > 500000);
    CU_ASSERT_EQUAL(bench_rows(&b, "replication"), 1);
    pg_run("postgres", "SELECT pg_drop_replication_slot('far'); DROP TABLE w");
    bench_done(&b);
}

static pid_t start_standby(void) {
    char basebackup[160], postgres[160], data[80], port[8];
    snprintf(basebackup, sizeof basebackup, "%s/pg_basebackup", pg.bin);
    snprintf(postgres, sizeof postgres, "%s/postgres", pg.bin);
    snprintf(data, sizeof data, "%s/standby", pg.dir);
    snprintf(port, sizeof port, "%u", pg.port);
    const char *copy[] = {basebackup, "-D", data, "-h",     "127.0.0.1", "-p",   port,        "-U",
                          "goodgo",   "-R", "-X", "stream", "-c",        "fast", "--no-sync", NULL};
    CU_ASSERT_EQUAL_FATAL(pg_spawn_wait(copy), 0);
    standby = pg.target;
    standby.port = free_port();
    snprintf(port, sizeof port, "%u", standby.port);
    const char *serve[] = {
        postgres, "-D",        data, "-p", port, "-k", pg.dir, "-c", "listen_addresses=127.0.0.1",
        "-c",     "fsync=off", NULL};
    return pg_spawn(serve);
}

static bool standby_answers(void) {
    struct err err;
    struct pgsession *s = NULL;
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (clock_mono_ms() < until) {
        if (pgsession_open(&standby, "goodgo-test", PATIENCE_MS, -1, &s, &err)) {
            pgsession_close(s);
            return true;
        }
        nanosleep(&(struct timespec){0, 50000000}, NULL);
    }
    return false;
}

/* Until the standby says of itself that it receives, or that it does not. */
static void wait_for(struct probe_bench *b, double receives) {
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    begin(b, &standby);
    while (bench_number(b, "receives_wal") != receives && clock_mono_ms() < until)
        again(b, &standby);
    CU_ASSERT_EQUAL(bench_number(b, "receives_wal"), receives);
    CU_ASSERT_EQUAL(bench_number(b, "in_recovery"), 1);
}

static bool has_row(void) {
    struct err err;
    struct arena a;
    struct pg_rows rows = {0};
    struct pgsession *s = session_of(&standby);
    arena_init(&a);
    bool there = pgsession_rows(s, "SELECT x FROM t", PATIENCE_MS, &a, &rows, &err) && rows.n_rows;
    arena_done(&a);
    pgsession_close(s);
    return there;
}

static bool row_arrives(void) {
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    while (!has_row() && clock_mono_ms() < until)
        nanosleep(&(struct timespec){0, 20000000}, NULL);
    return has_row();
}

/* It has replayed all that it received: at rest that is all there is, afterwards it is not. */
TEST(a_standby_whose_primary_is_gone_is_not_up_to_date) {
    struct probe_bench b;
    pid_t pid = start_standby();
    CU_ASSERT_TRUE_FATAL(pid > 0 && standby_answers());
    pg_run("postgres", "SET synchronous_commit = on; INSERT INTO t VALUES (1)");
    CU_ASSERT_TRUE(row_arrives());
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    wait_for(&b, 1);
    while (bench_number(&b, "standby_lag_s") != 0 && clock_mono_ms() < until)
        again(&b, &standby);
    CU_ASSERT_EQUAL(bench_number(&b, "standby_lag_s"), 0);
    bench_judge(&b);
    CU_ASSERT_PTR_NULL(bench_finding(&b, "no_wal_receiver"));
    bench_done(&b);
    kill(pg.pid, SIGQUIT);
    waitpid(pg.pid, NULL, 0);
    pg.pid = 0;
    wait_for(&b, 0);
    CU_ASSERT_TRUE(bench_number(&b, "standby_lag_s") > 0);
    bench_judge(&b);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "no_wal_receiver"));
    bench_done(&b);
    kill(pid, SIGQUIT);
    waitpid(pid, NULL, 0);
}

SUITE(pg_figures, T(starts_a_server), T(hidden_sessions_are_not_idle_ones),
      T(a_session_that_does_not_say_what_it_does_is_hidden_from_all),
      T(who_waits_is_seen_by_a_role_without_pg_monitor), T(what_a_slot_keeps_is_read),
      T(a_standby_whose_primary_is_gone_is_not_up_to_date))
