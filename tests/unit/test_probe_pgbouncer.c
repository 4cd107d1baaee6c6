/* tests/unit/test_probe_pgbouncer.c - the pool's probe against rows of 1.18 and 1.25. */
#include "tests/harness.h"
#include "tests/probe_rows.h"

extern const struct probe probe_pgbouncer;

static const struct settings settings = {
    .has_pgbouncer = true,
    .pool_console = {.host = "pool",
                     .port = 6432,
                     .dbname = "pgbouncer",
                     .user = "pgbouncer_stats",
                     .password = "s3cret",
                     .pooler = true},
    .pooled = {.host = "pool", .port = 6432, .dbname = "goodgo", .user = "goodgo", .pooler = true},
};

#define POOLS_118                                                                                  \
    "database|user|cl_active|cl_waiting|cl_active_cancel_req|cl_waiting_cancel_req|sv_active|"     \
    "sv_active_cancel|sv_being_canceled|sv_idle|sv_used|sv_tested|sv_login|maxwait|maxwait_us|"    \
    "pool_mode"
#define POOLS_125 POOLS_118 "|load_balance_hosts"
#define STATS_118                                                                                  \
    "database|total_xact_count|total_query_count|total_received|total_sent|total_xact_time|"       \
    "total_query_time|total_wait_time|avg_xact_count"
#define STATS_125                                                                                  \
    "database|total_server_assignment_count|total_xact_count|total_query_count|total_received|"    \
    "total_sent|total_xact_time|total_query_time|total_wait_time|total_client_parse_count"
#define DATABASES_118                                                                              \
    "name|host|port|database|force_user|pool_size|min_pool_size|reserve_pool|pool_mode|"           \
    "max_connections|current_connections|paused|disabled"
#define DATABASES_125                                                                              \
    "name|host|port|database|force_user|pool_size|min_pool_size|reserve_pool_size|"                \
    "server_lifetime|pool_mode|load_balance_hosts|max_connections|current_connections|"            \
    "max_client_connections|current_client_connections|paused|disabled"

static bool feed(struct probe_bench *b, const char *stage, const char *columns, const char *rows) {
    return bench_pg(b, stage, 12502, "1.25.2/bouncer", columns, rows);
}

static void begin(struct probe_bench *b) {
    bench_init(b, &probe_pgbouncer, &settings);
}

TEST(reads_pools_of_1_18_and_1_25_alike) {
    struct probe_bench b;
    for (int i = 0; i < 2; i++) {
        begin(&b);
        CU_ASSERT_TRUE(bench_pg(&b, "pools", i ? 12502 : 11800,
                                i ? "1.25.2/bouncer" : "1.18.0/bouncer", i ? POOLS_125 : POOLS_118,
                                "goodgo|goodgo|7|2|0|0|5|0|0|3|1|0|0|1|500000|transaction|\n"
                                "pgbouncer|pgbouncer|1|0|0|0|0|0|0|0|0|0|0|0|0|statement|"));
        CU_ASSERT_EQUAL(bench_number(&b, "cl_active"), 7);
        CU_ASSERT_EQUAL(bench_number(&b, "cl_waiting"), 2);
        CU_ASSERT_EQUAL(bench_number(&b, "maxwait_s"), 1.5);
        CU_ASSERT_EQUAL(bench_rows(&b, "pools"), 1);
        CHECK_STR(bench_text(&b, "version"), i ? "1.25.2" : "1.18.0");
        bench_judge(&b);
        CU_ASSERT_EQUAL(bench_number(&b, "pool_used_pct"), 25);
        bench_done(&b);
    }
}

static enum health pool_health(const struct probe_bench *b, uint32_t row) {
    return reading_table(&b->reading, "pools")->rows[row].health;
}

TEST(each_pool_says_itself_whether_somebody_waits_and_how_long) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "pools", POOLS_118,
                        "a|u|7|0|0|0|5|0|0|3|1|0|0|0|0|transaction\n"
                        "b|u|1|1|0|0|2|0|0|1|0|0|0|5|0|transaction\n"
                        "c|u|2|3|0|0|4|0|0|1|0|0|0|5|1|transaction\n"
                        "pgbouncer|u|1|9|0|0|0|0|0|0|0|0|0|9|0|statement\n"
                        "d|u|0|2|0|0|0|0|0|0|0|0|0|0|0|transaction"));
    CU_ASSERT_EQUAL_FATAL(bench_rows(&b, "pools"), 4);
    CU_ASSERT_EQUAL(pool_health(&b, 0), HEALTH_OK);
    CU_ASSERT_EQUAL(pool_health(&b, 1), HEALTH_WARNING);
    CU_ASSERT_EQUAL(pool_health(&b, 2), HEALTH_CRITICAL);
    CU_ASSERT_EQUAL(pool_health(&b, 3), HEALTH_WARNING);
    CU_ASSERT_EQUAL(bench_number(&b, "cl_active"), 10);
    CU_ASSERT_EQUAL(bench_number(&b, "cl_waiting"), 6);
    CU_ASSERT_EQUAL(bench_number(&b, "sv_active"), 11);
    CU_ASSERT_EQUAL(bench_number(&b, "sv_idle"), 5);
    CU_ASSERT_EQUAL(bench_number(&b, "pools"), 4);
    CU_ASSERT_EQUAL(bench_number(&b, "maxwait_s"), 5.000001);
    bench_done(&b);
}

TEST(averages_are_made_of_the_totals_of_each_database) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "stats", STATS_118,
                        "a|100|400|1000|2000|500000|200000|50000|9\n"
                        "pgbouncer|5|5|5|5|5|5|5|5\nidle|0|0|0|0|7|7|7|0"));
    CU_ASSERT_EQUAL(bench_rows(&b, "stats"), 2);
    CHECK_STR(bench_cell(&b, "stats", 0, "avg_xact_ms"), "5");
    CHECK_STR(bench_cell(&b, "stats", 0, "avg_query_ms"), "0.5");
    CHECK_STR(bench_cell(&b, "stats", 0, "avg_wait_ms"), "0.5");
    CU_ASSERT_PTR_NULL(bench_cell(&b, "stats", 1, "avg_xact_ms"));
    CU_ASSERT_EQUAL(bench_number(&b, "xacts"), 100);
    CU_ASSERT_EQUAL(bench_number(&b, "wait_us"), 50007);
    bench_done(&b);
}

TEST(state_is_not_asked_before_1_19) {
    struct probe_bench b;
    begin(&b);
    b.run.server_version = 11800;
    CU_ASSERT_FALSE(bench_request(&b, "state"));
    b.run.server_version = 11900;
    CU_ASSERT_TRUE(bench_request(&b, "state"));
    bench_done(&b);
}

TEST(a_global_pause_is_critical) {
    struct probe_bench b;
    begin(&b);
    b.run.server_version = 12502;
    CU_ASSERT_TRUE(feed(&b, "state", "key|value", "active|no\npaused|yes\nsuspended|no"));
    CU_ASSERT_EQUAL(bench_number(&b, "paused"), 1);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    bench_done(&b);
    begin(&b);
    b.run.server_version = 12502;
    CU_ASSERT_TRUE(feed(&b, "state", "key|value", "active|no\npaused|no\nsuspended|yes"));
    CU_ASSERT_EQUAL(bench_number(&b, "paused"), 1);
    bench_done(&b);
    begin(&b);
    b.run.server_version = 12502;
    CU_ASSERT_TRUE(feed(&b, "state", "key|value", "active|yes\npaused|no\nsuspended|no"));
    CU_ASSERT_EQUAL(bench_number(&b, "paused"), 0);
    bench_done(&b);
}

/* Three of four are more than five of twenty. */
TEST(the_fullest_pool_is_that_of_its_own_databases_size) {
    static const char *const pools[] = {"goodgo|u|5|0|0|0|5|0|0|0|0|0|0|0|0|transaction",
                                        "small|u|3|0|0|0|3|0|0|0|0|0|0|0|0|transaction"};
    for (int i = 0; i < 2; i++) {
        struct probe_bench b;
        begin(&b);
        CU_ASSERT_TRUE(
            feed(&b, "pools", POOLS_118, arena_printf(&b.arena, "%s\n%s", pools[i], pools[1 - i])));
        CU_ASSERT_TRUE(feed(&b, "databases", DATABASES_118,
                            "goodgo|h|5432|goodgo||20|0|5||0|3|0|0\n"
                            "small|h|5432|small||4|0|5||0|3|0|0"));
        bench_judge(&b);
        CU_ASSERT_EQUAL(bench_number(&b, "pool_used_pct"), 75);
        CU_ASSERT_EQUAL(bench_number(&b, "pool_size"), 4);
        bench_done(&b);
    }
}

/* PgBouncer counts a client that hung up while it waited until the pool is resumed. */
TEST(a_paused_pool_is_not_asked_for_select_1) {
    struct probe_bench b;
    begin(&b);
    b.run.server_version = 12502;
    CU_ASSERT_TRUE(feed(&b, "state", "key|value", "active|yes\npaused|no\nsuspended|no"));
    CU_ASSERT_TRUE(bench_request(&b, "select1"));
    CU_ASSERT_TRUE(feed(&b, "state", "key|value", "active|no\npaused|yes\nsuspended|no"));
    CU_ASSERT_FALSE(bench_request(&b, "select1"));
    bench_done(&b);
    begin(&b); /* by database: seen only each 30 s, so the last reading counts */
    b.previous->has_reading = true;
    reading_int(&b.previous->reading, "paused", UNIT_BOOL, 1);
    CU_ASSERT_FALSE(bench_request(&b, "select1"));
    bench_done(&b);
}

TEST(a_paused_database_of_ours_is_critical_another_a_warning) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "databases", DATABASES_118,
                        "goodgo|h|5432|goodgo||20|0|5||0|3|0|0\nold|h|5432|old||20|0|5||0|0|1|0"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CHECK_STR(bench_finding(&b, "database_stopped")->what.s, "database old is paused");
    CHECK_STR(bench_cell(&b, "databases", 0, "reserve"), "5");
    CU_ASSERT_TRUE(
        feed(&b, "databases", DATABASES_125, "goodgo|h|5432|goodgo||20|0|5|3600|||0|3|0|0|1|0"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    bench_done(&b);
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "databases", DATABASES_118, "goodgo|h|5432|goodgo||20|0|5||0|3|0|1"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CHECK_STR(bench_finding(&b, "database_stopped")->what.s, "database goodgo is disabled");
    CHECK_STR(bench_finding(&b, "database_stopped")->todo.s, "`ENABLE` it in the admin console");
    bench_done(&b);
}

/* What follows from it is said after it. */
TEST(a_paused_database_goes_before_the_select_1_that_does_not_get_through) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "databases", DATABASES_118, "goodgo|h|5432|goodgo||20|0|5||0|0|1|0"));
    reading_finding(&b.reading, HEALTH_WARNING, "stage_select1", "", "no answer in 5000 ms");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "select1"));
    CHECK_STR(b.verdict.summary.s, "database goodgo is paused");
    bench_done(&b);
}

TEST(waiting_clients_count_from_the_second_reading_on) {
    struct probe_bench b;
    begin(&b);
    const char *row = "goodgo|goodgo|7|2|0|0|5|0|0|3|1|0|0|0|0|transaction";
    CU_ASSERT_TRUE(feed(&b, "pools", POOLS_118, row));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    reading_int(&b.previous->reading, "cl_waiting", UNIT_COUNT, 1);
    b.previous->has_reading = true;
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "pool_waiting"));
    bench_done(&b);
}

/* In the words of the figure beside it: 1100 s are to be reckoned first. */
TEST(the_longest_wait_is_told_as_its_figure_is) {
    struct probe_bench b;
    begin(&b);
    const char *row = "goodgo|goodgo|7|2|0|0|5|0|0|3|1|0|0|116|0|transaction";
    CU_ASSERT_TRUE(feed(&b, "pools", POOLS_118, row));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CHECK_STR(bench_finding(&b, "maxwait")->what.s, "a client waits 1m56s for a connection");
    bench_done(&b);
}

TEST(a_long_wait_is_critical_at_once) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(
        feed(&b, "pools", POOLS_118, "goodgo|goodgo|7|2|0|0|20|0|0|0|0|0|0|6|0|transaction"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    bench_done(&b);
}

TEST(average_wait_comes_from_the_totals) {
    struct probe_bench b;
    begin(&b);
    reading_real(&b.previous->reading, "xacts", UNIT_COUNT, 1000);
    reading_real(&b.previous->reading, "wait_us", UNIT_NONE, 0);
    b.previous->has_reading = true;
    b.previous->taken_mono_ms = b.run.now_mono_ms - 10000;
    CU_ASSERT_TRUE(feed(&b, "stats", STATS_125,
                        "goodgo|9|1100|2000|10|20|5500000|4000000|200000|0\n"
                        "pgbouncer|0|77|77|0|0|0|0|99999999|0"));
    CU_ASSERT_EQUAL(bench_number(&b, "xact_per_s"), 10);
    CU_ASSERT_EQUAL(bench_number(&b, "avg_wait_ms"), 2);
    CHECK_STR(bench_cell(&b, "stats", 0, "avg_xact_ms"), "5");
    CU_ASSERT_TRUE(feed(&b, "stats", STATS_118, "goodgo|0|0|0|0|0|0|0|0"));
    bench_done(&b);
}

TEST(config_is_compared_with_the_runbook) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(
        feed(&b, "config", "key|value|default|changeable",
             "pool_mode|session|session|yes\ndefault_pool_size|20|20|yes\n"
             "max_client_conn|200|100|yes\nreserve_pool_size|5|0|yes\n"
             "server_connect_timeout|15|15|yes\nserver_idle_timeout|600|600|yes\n"
             "server_lifetime|3600.0|3600|yes\nquery_wait_timeout|120|120|yes\nverbose|2|0|yes\n"
             "stats_period|60|60|yes"));
    CU_ASSERT_EQUAL(bench_rows(&b, "config"), 10);
    CHECK_STR(bench_cell(&b, "config", 0, "setting"), "pool_mode");
    CHECK_STR(bench_cell(&b, "config", 0, "expected"), "transaction");
    CHECK_STR(bench_cell(&b, "config", 0, "found"), "session");
    CHECK_STR(bench_cell(&b, "config", 1, "found"), "20");
    CHECK_STR(bench_cell(&b, "config", 2, "default"), "100");
    CHECK_STR(bench_cell(&b, "config", 8, "found"), "(not told)");
    CHECK_STR(bench_cell(&b, "config", 9, "setting"), "verbose"); /* not the runbook's, but set */
    CU_ASSERT_EQUAL(bench_number(&b, "clients_max"), 200);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL(strstr(bench_finding(&b, "config_drift")->what.s,
                                  "2 settings are not as in the runbook, for example pool_mode"));
    bench_done(&b);
}

TEST(select_1_uses_the_application_database_and_tells_its_time) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(bench_pg(&b, "select1", 150020, "15.20", "one", "1"));
    CHECK_STR(b.ex.pg.target.dbname, "goodgo");
    CU_ASSERT_TRUE(b.ex.pg.target.pooler);
    CU_ASSERT_EQUAL(bench_number(&b, "select1_ms"), 2);
    CU_ASSERT_FALSE(bench_pg(&b, "select1", 150020, "15.20", "one", "\\N"));
    bench_done(&b);
}

TEST(select_1_that_fails_is_critical) {
    struct probe_bench b;
    begin(&b);
    /* as the engine notes a stage that failed */
    reading_finding(&b.reading, HEALTH_WARNING, "stage_select1", "", "select1: no answer");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "select1"));
    bench_done(&b);
}

TEST(says_that_postgresql_answers_here) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_FALSE(bench_pg(&b, "pools", 160003, "16.3", "x", "1"));
    CU_ASSERT_EQUAL(b.err.code, E_WRONG_THING);
    CU_ASSERT_PTR_NOT_NULL(strstr(b.err.todo, "PGBOUNCER_PORT"));
    CU_ASSERT_FALSE(bench_pg(&b, "pools", 0, NULL, "x", "1"));
    bench_done(&b);
}

TEST(missing_columns_and_absurd_numbers_stay_unknown) {
    struct probe_bench b;
    begin(&b);
    b.run.server_version = 12502;
    for (uint32_t i = 0; i < probe_pgbouncer.n_stages; i++) {
        CU_ASSERT_FALSE(feed(&b, probe_pgbouncer.stages[i].name, "zzz", "1"));
        CU_ASSERT_EQUAL(b.err.code, E_PROTOCOL);
    }
    CU_ASSERT_TRUE(feed(&b, "pools", "database|cl_waiting|maxwait",
                        "goodgo|-1|99999999999999999999999\n\\N|\\N|\\N"));
    CU_ASSERT_TRUE(feed(&b, "databases", "name|pool_size", "goodgo|0\n\\N|x"));
    bench_judge(&b);
    bench_done(&b);
}

TEST(the_console_is_asked_without_secrets_on_the_shell_line) {
    struct probe_bench b;
    char line[400];
    begin(&b);
    CU_ASSERT_TRUE(bench_request(&b, "pools"));
    CHECK_STR(b.ex.pg.target.dbname, "pgbouncer");
    CU_ASSERT_TRUE(b.ex.pg.target.pooler);
    bench_shell(&probe_pgbouncer, &settings, "", line, sizeof line);
    CU_ASSERT_PTR_NULL(strstr(line, "s3cret"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "${PGBOUNCER_STATS_PASSWORD}"));
    bench_done(&b);
}

SUITE(probe_pgbouncer, T(reads_pools_of_1_18_and_1_25_alike),
      T(each_pool_says_itself_whether_somebody_waits_and_how_long),
      T(averages_are_made_of_the_totals_of_each_database),
      T(the_fullest_pool_is_that_of_its_own_databases_size), T(state_is_not_asked_before_1_19),
      T(a_global_pause_is_critical), T(a_paused_database_of_ours_is_critical_another_a_warning),
      T(a_paused_database_goes_before_the_select_1_that_does_not_get_through),
      T(waiting_clients_count_from_the_second_reading_on),
      T(the_longest_wait_is_told_as_its_figure_is), T(a_long_wait_is_critical_at_once),
      T(average_wait_comes_from_the_totals), T(config_is_compared_with_the_runbook),
      T(select_1_uses_the_application_database_and_tells_its_time),
      T(select_1_that_fails_is_critical), T(a_paused_pool_is_not_asked_for_select_1),
      T(says_that_postgresql_answers_here), T(missing_columns_and_absurd_numbers_stay_unknown),
      T(the_console_is_asked_without_secrets_on_the_shell_line))
