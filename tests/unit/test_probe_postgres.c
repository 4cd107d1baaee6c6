/* tests/unit/test_probe_postgres.c - the PostgreSQL probe against scripted rows. */
#include "tests/harness.h"
#include "tests/probe_rows.h"

extern const struct probe probe_postgres;

static const struct settings settings = {
    .has_postgres = true,
    .postgres =
        {.host = "db1", .port = 5432, .dbname = "goodgo", .user = "goodgo", .password = "s3cret"},
};

#define ACTIVITY                                                                                   \
    "connections|connections_max|active|idle|idle_in_transaction|waiting|longest_xact_s|"          \
    "oldest_idle_in_tx_s|in_recovery|standby_lag_s|uptime_s|sees_all|who"

static bool feed(struct probe_bench *b, const char *stage, const char *columns, const char *rows) {
    return bench_pg(b, stage, 160003, "16.3 (Debian)", columns, rows);
}

static void begin(struct probe_bench *b) {
    bench_init(b, &probe_postgres, &settings);
}

static bool ping(struct probe_bench *b, enum pg_ping answer) {
    struct reply r = {.kind = EXCHANGE_PG_PING, .ok = true, .ping = answer};
    return bench_reply(b, "ping", &r);
}

TEST(tells_starting_from_down_by_the_ping) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_FALSE(ping(&b, PG_PING_REJECT));
    CU_ASSERT_EQUAL(b.err.code, E_NOT_READY);
    CU_ASSERT_FALSE(ping(&b, PG_PING_NO_RESPONSE));
    CU_ASSERT_EQUAL(b.err.code, E_REFUSED);
    CU_ASSERT_FALSE(ping(&b, PG_PING_NO_ATTEMPT));
    CU_ASSERT_EQUAL(b.err.code, E_CONFIG);
    CU_ASSERT_TRUE(ping(&b, PG_PING_OK));
    CU_ASSERT_EQUAL(bench_number(&b, "accepting"), 1);
    bench_done(&b);
}

TEST(pings_only_until_it_has_answered) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(bench_request(&b, "ping"));
    CU_ASSERT_EQUAL(b.ex.kind, EXCHANGE_PG_PING);
    b.previous->has_reading = true;
    CU_ASSERT_FALSE(bench_request(&b, "ping"));
    b.previous->failed = true;
    CU_ASSERT_TRUE(bench_request(&b, "ping"));
    bench_done(&b);
}

TEST(reads_activity_and_says_it_in_one_line) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(
        feed(&b, "activity", ACTIVITY, "12|100|3|8|1|0|4.5|2.25|0|\\N|86400.5|1|goodgo"));
    CU_ASSERT_EQUAL(bench_number(&b, "connections_pct"), 12);
    CU_ASSERT_EQUAL(bench_number(&b, "oldest_idle_in_tx_s"), 2.25);
    CU_ASSERT_EQUAL(bench_number(&b, "standby_lag_s"), -999);
    CU_ASSERT_EQUAL(b.run.server_version, 160003);
    CHECK_STR(bench_text(&b, "version"), "16.3 (Debian)");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    CHECK_STR(b.verdict.summary.s, "12/100 conn  - tps  longest tx 4.5s");
    bench_done(&b);
}

/* On a primary at rest the last transaction is old, and a standby is not behind because of that. */
TEST(a_standby_that_replayed_all_is_asked_for_no_age) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(bench_request(&b, "activity"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(b.ex.pg.sql, "pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn() AND EXISTS"));
    bench_done(&b);
}

TEST(a_standby_without_a_receiver_says_how_old_it_is) {
    static const struct {
        const char *receives, *lag, *code, *what;
    } rows[] = {
        {"1", "0", NULL, NULL},
        {"1", "60", NULL, NULL},
        {"1", "61", "standby_lag", "it replays what its primary did 1m01s ago"},
        {"0", "5", "no_wal_receiver", "no primary streams to it: its last transaction was 5s ago"},
        {"0", "\\N", "no_wal_receiver",
         "no primary streams to it: how far it is behind is not known"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct probe_bench b;
        begin(&b);
        CU_ASSERT_TRUE(feed(&b, "activity",
                            "connections|in_recovery|receives_wal|standby_lag_s|sees_all",
                            arena_printf(&b.arena, "1|1|%s|%s|1", rows[i].receives, rows[i].lag)));
        bench_judge(&b);
        CU_ASSERT_EQUAL(b.reading.n_findings, rows[i].code ? 2 : 1);
        CHECK_STR(b.reading.findings[0].code, "in_recovery");
        if (rows[i].code) {
            CHECK_STR(b.reading.findings[1].code, rows[i].code);
            CHECK_STR(b.reading.findings[1].what.s, rows[i].what);
        }
        bench_done(&b);
    }
}

/* Nobody who is seen waits or has an old transaction: one that is not seen may. */
TEST(what_hidden_sessions_do_is_not_known) {
    static const char *const names[] = {"active",         "idle",           "idle_in_transaction",
                                        "waiting",        "longest_xact_s", "oldest_idle_in_tx_s",
                                        "blocking_roots", "blocked"};
    static const char *const codes[] = {"no_pg_monitor", "activities_off"};
    for (int sees_all = 0; sees_all < 2; sees_all++) {
        struct probe_bench b;
        begin(&b);
        CU_ASSERT_TRUE(
            feed(&b, "activity", ACTIVITY "|any_waiting|any_active|hidden",
                 arena_printf(&b.arena, "9|100|0|1|0|0|0|0|0|\\N|1|%d|x|0|0|8", sees_all)));
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
            CU_ASSERT_EQUAL(bench_number(&b, names[i]), -999);
        CU_ASSERT_EQUAL(bench_number(&b, "connections"), 9);
        CU_ASSERT_TRUE(bench_request(&b, "blocking"));
        CU_ASSERT_TRUE(bench_request(&b, "progress"));
        CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
        CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, codes[sees_all]));
        CU_ASSERT_PTR_NULL(bench_finding(&b, codes[!sees_all]));
        bench_done(&b);
    }
}

TEST(a_list_that_is_cut_says_of_how_many) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "sessions", "pid|n_all", "7|97\n8|97"));
    const struct table *t = reading_table(&b.reading, "sessions");
    CU_ASSERT_EQUAL(t->n_rows, 2);
    CU_ASSERT_EQUAL(t->n_total, 97);
    CU_ASSERT_TRUE(
        feed(&b, "replication", "pid|name|sync_state|n_replicas|n_all", "7|r|async|59|60"));
    CU_ASSERT_EQUAL(bench_number(&b, "replicas"), 59);
    CU_ASSERT_EQUAL(reading_table(&b.reading, "replication")->n_total, 60);
    CU_ASSERT_TRUE(feed(&b, "sessions", "pid|n_all", ""));
    CU_ASSERT_EQUAL(reading_table(&b.reading, "sessions")->n_total, 0);
    bench_done(&b);
}

TEST(full_connections_are_critical) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "activity", ACTIVITY, "98|100|3|8|1|0|0|0|0|\\N|1|1|goodgo"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "connections"));
    bench_done(&b);
}

TEST(names_the_missing_grant) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "activity", ACTIVITY, "1|100|0|0|0|0|0|0|0|\\N|1|0|plain"));
    const struct finding *f = bench_finding(&b, "no_pg_monitor");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_PTR_NOT_NULL(strstr(f->todo.s, "GRANT pg_monitor"));
    CU_ASSERT_PTR_NOT_NULL(strstr(f->what.s, "plain"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err_todo(E_AUTH, "pg.query"), "GRANT pg_monitor"));
    bench_done(&b);
}

TEST(says_that_pgbouncer_answers_here) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_FALSE(bench_pg(&b, "activity", 12301, "1.23.1/bouncer", "x", "1"));
    CU_ASSERT_EQUAL(b.err.code, E_WRONG_THING);
    CU_ASSERT_FALSE(feed(&b, "activity", "x", "1"));
    CU_ASSERT_EQUAL(b.err.code, E_PROTOCOL);
    bench_done(&b);
}

TEST(absurd_numbers_stay_unknown) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "activity", ACTIVITY,
                        "99999999999999999999999|0|-4|x||NaN|-1|1e999|0|\\N|inf|1|"));
    CU_ASSERT_EQUAL(bench_number(&b, "active"), -999);
    CU_ASSERT_EQUAL(bench_number(&b, "longest_xact_s"), -999);
    CU_ASSERT_EQUAL(bench_number(&b, "connections_pct"), -999);
    bench_judge(&b);
    bench_done(&b);
}

TEST(makes_tps_and_hit_ratio_of_the_difference) {
    struct probe_bench b;
    begin(&b);
    reading_int(&b.previous->reading, "xacts", UNIT_COUNT, 1000);
    reading_int(&b.previous->reading, "blks_hit", UNIT_COUNT, 1000);
    reading_int(&b.previous->reading, "blks_read", UNIT_COUNT, 1000);
    reading_int(&b.previous->reading, "deadlocks", UNIT_COUNT, 0);
    b.previous->has_reading = true;
    b.previous->taken_mono_ms = b.run.now_mono_ms - 5000;
    CU_ASSERT_TRUE(feed(&b, "database", "xacts|blks_read|blks_hit|deadlocks", "1500|2000|10000|1"));
    CU_ASSERT_EQUAL(bench_number(&b, "tps"), 100);
    CU_ASSERT_DOUBLE_EQUAL(bench_number(&b, "hit_pct"), 90, 0.001);
    bench_judge(&b);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "deadlocks"));
    bench_done(&b);
}

TEST(draws_the_blocking_tree_root_first) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(
        feed(&b, "blocking",
             "pid|blocked_by|waits|wait_s|state|user|application|lock|has_lock|xact_s|query",
             "33|22|1|5|active|a||L|1|5|q3\n22|1,11|1|61|active|a||L|1|7|q2\n"
             "11||0|\\N|idle in transaction|a|||0|70|q1\n111|11|1|2|active|a||L|1|2|q4"));
    CHECK_STR(bench_cell(&b, "blocking", 0, "pid"), "11");
    CHECK_STR(bench_cell(&b, "blocking", 1, "pid"), "22");
    CHECK_STR(bench_cell(&b, "blocking", 2, "pid"), "33");
    CHECK_STR(bench_cell(&b, "blocking", 2, "depth"), "2");
    CHECK_STR(bench_cell(&b, "blocking", 3, "pid"), "111");
    CU_ASSERT_EQUAL(bench_number(&b, "blocked"), 3);
    CU_ASSERT_EQUAL(bench_number(&b, "longest_wait_s"), 61);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    /* How long stands where 60 columns still have it. */
    CHECK_STR(bench_finding(&b, "blocked")->what.s, "sessions wait up to 1m01s for a lock");
    bench_done(&b);
}

/* As 18.6 answers: who waits for a prepared transaction waits for process 0. */
TEST(a_prepared_transaction_is_the_root_of_its_tree) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(
        &b, "blocking",
        "pid|blocked_by|waits|wait_s|state|user|application|lock|has_lock|xact_s|query",
        "14975|0|1|11.2|active|goodgo|psql|ShareLock on transactionid|1|11.2|update \"Listing\"\n"
        "14974|14975|1|11.2|active|goodgo|psql|ExclusiveLock on \"Listing\"|1|11.2|update\n"
        "0||0|\\N|prepared|goodgo|\\N|\\N|0|12.5|'pt1'"));
    CHECK_STR(bench_cell(&b, "blocking", 0, "state"), "prepared");
    CHECK_STR(bench_cell(&b, "blocking", 0, "query"), "'pt1'");
    CHECK_STR(bench_cell(&b, "blocking", 1, "pid"), "14975");
    CHECK_STR(bench_cell(&b, "blocking", 2, "depth"), "2");
    CU_ASSERT_EQUAL(bench_number(&b, "blocked"), 2);
    CU_ASSERT_EQUAL(bench_number(&b, "blocking_roots"), 1);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CHECK_STR(b.reading.findings[0].what.s, "sessions wait for a prepared transaction: 'pt1'");
    bench_done(&b);
}

TEST(a_ring_of_waiters_ends) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(
        feed(&b, "blocking", "pid|blocked_by|waits|wait_s", "1|2|1|1\n2|1|1|1\n3|9|1|1"));
    CU_ASSERT_EQUAL(bench_rows(&b, "blocking"), 3);
    bench_done(&b);
}

TEST(asks_who_blocks_only_where_somebody_waits) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(
        feed(&b, "activity", ACTIVITY "|any_waiting|any_active", "1|9|0|0|0|0|0|0|0|0|1|1|a|1|1"));
    CU_ASSERT_TRUE(bench_request(&b, "blocking"));
    CU_ASSERT_TRUE(bench_request(&b, "progress"));
    CU_ASSERT_TRUE(
        feed(&b, "activity", ACTIVITY "|any_waiting|any_active", "1|9|0|0|0|0|0|0|0|0|1|1|a|0|0"));
    CU_ASSERT_FALSE(bench_request(&b, "blocking"));
    CU_ASSERT_FALSE(bench_request(&b, "progress"));
    CU_ASSERT_EQUAL(bench_number(&b, "blocked"), 0);
    bench_done(&b);
}

TEST(asks_for_waitstart_only_from_14_on) {
    struct probe_bench b;
    begin(&b);
    b.run.server_version = 130014;
    CU_ASSERT_TRUE(bench_request(&b, "blocking"));
    CU_ASSERT_PTR_NULL(strstr(b.ex.pg.sql, "waitstart"));
    b.run.server_version = 140000;
    CU_ASSERT_TRUE(bench_request(&b, "blocking"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.ex.pg.sql, "waitstart"));
    bench_done(&b);
}

TEST(gates_progress_columns_on_the_version) {
    static const struct {
        int version;
        const char *has, *lacks;
    } cases[] = {
        {130014, "num_dead_tuples", "pg_stat_progress_copy"},
        {150020, "pg_stat_progress_copy", "tuples_skipped"},
        {160014, "num_dead_tuples", "indexes_processed"},
        {170002, "indexes_processed", "num_dead_tuples"},
        {180000, "tuples_skipped", "num_dead_tuples"},
    };
    struct probe_bench b;
    begin(&b);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        b.run.server_version = cases[i].version;
        CU_ASSERT_TRUE(bench_request(&b, "progress"));
        CU_ASSERT_PTR_NOT_NULL(strstr(b.ex.pg.sql, cases[i].has));
        CU_ASSERT_PTR_NULL(strstr(b.ex.pg.sql, cases[i].lacks));
    }
    bench_done(&b);
}

TEST(a_copy_through_a_pipe_has_no_percentage) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(
        feed(&b, "progress", "kind|pid|relation|phase|done|total|detail",
             "copy to|1|\"Listing\"|pipe|500|0|9 rows\nbase backup|2|\\N|x|120|100|\\N"));
    CU_ASSERT_PTR_NULL(bench_cell(&b, "progress", 0, "pct"));
    CHECK_STR(bench_cell(&b, "progress", 1, "pct"), "100");
    bench_done(&b);
}

static const char *const all_tables =
    "User RefreshToken OAuthAccount Agent Property PropertyMedia Listing SavedSearch Transaction "
    "Inquiry Lead Payment Plan Subscription UsageRecord Valuation MarketIndex NotificationLog "
    "NotificationPreference AdminAuditLog Review _prisma_migrations";
static const char *const all_enums =
    "UserRole KYCStatus PropertyType TransactionType ListingStatus Direction OAuthProvider "
    "TransactionStatus LeadStatus PaymentProvider PaymentStatus PaymentType PlanTier "
    "SubscriptionStatus NotificationChannel NotificationStatus AdminAction AuditTargetType";
#define GOOD_INDEXES                                                                               \
    "index|User|role,isActive,createdAt|btree|0|1\n"                                               \
    "index|Listing|sellerId,status,publishedAt|btree|0|1\n"                                        \
    "index|Subscription|userId,status,createdAt|btree|0|1\n"                                       \
    "index|Property|location|gist|0|1\n"

/* The catalog as it should be but for the name `without`, with `more` lines at the end. */
static bool feed_schema(struct probe_bench *b, const char *without, const char *more) {
    struct str s;
    const char **names;
    str_init(&s, 65536);
    const char *lists[] = {all_tables, all_enums};
    for (size_t k = 0; k < 2; k++) {
        uint32_t n = text_split(&b->arena, lists[k], strlen(lists[k]), ' ', &names);
        for (uint32_t i = 0; i < n; i++)
            if (strcmp(names[i], without) != 0)
                str_printf(&s, "%s|%s|\\N|\\N|\\N|\\N\n", k ? "enum" : "table", names[i]);
    }
    str_puts(&s, more);
    bool ok = feed(b, "schema", "kind|name|detail|method|is_unique|is_valid", str_get(&s));
    str_done(&s);
    return ok;
}

#define IDEMPOTENCY "index|Payment|userId,provider,idempotencyKey|btree|1|1\n"
#define POSTGIS                                                                                    \
    "extension|postgis|3.4.2|\\N|\\N|\\N\ngeometry|Property|geometry(Point,4326)|\\N|\\N|\\N"

TEST(the_runbooks_schema_has_no_difference) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed_schema(
        &b, "", "table|spatial_ref_sys|\\N|\\N|\\N|\\N\n" GOOD_INDEXES IDEMPOTENCY POSTGIS));
    CU_ASSERT_EQUAL(bench_rows(&b, "schema_diff"), 0);
    CU_ASSERT_EQUAL(bench_number(&b, "tables_found"), 22);
    CU_ASSERT_EQUAL(bench_number(&b, "enums_found"), 18);
    CHECK_STR(bench_text(&b, "postgis_version"), "3.4.2");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    bench_done(&b);
}

TEST(names_the_missing_table_and_does_not_ask_it) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(bench_request(&b, "listing_status"));
    CU_ASSERT_TRUE(feed_schema(&b, "Listing", GOOD_INDEXES IDEMPOTENCY POSTGIS));
    CHECK_STR(bench_cell(&b, "schema_diff", 0, "name"), "Listing");
    CHECK_STR(bench_cell(&b, "schema_diff", 0, "problem"), "missing");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    reading_append(&b.previous->reading, &b.reading);
    CU_ASSERT_FALSE(bench_request(&b, "listing_status"));
    CU_ASSERT_TRUE(bench_request(&b, "migrations"));
    bench_done(&b);
}

TEST(a_further_table_is_a_warning) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(
        feed_schema(&b, "", "table|tmp_export|\\N|\\N|\\N|\\N\n" GOOD_INDEXES IDEMPOTENCY POSTGIS));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CHECK_STR(bench_cell(&b, "schema_diff", 0, "name"), "tmp_export");
    bench_done(&b);
}

TEST(an_idempotency_index_that_is_not_unique_is_critical) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed_schema(
        &b, "", GOOD_INDEXES "index|Payment|userId,provider,idempotencyKey|btree|0|1\n" POSTGIS));
    const struct finding *f = bench_finding(&b, "idempotency_missing");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_PTR_NOT_NULL(strstr(f->what.s, "not unique"));
    CU_ASSERT_EQUAL(f->health, HEALTH_CRITICAL);
    bench_done(&b);
}

TEST(an_empty_database_is_one_sentence) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "schema", "kind|name|detail|method|is_unique|is_valid", ""));
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "schema_empty"));
    CU_ASSERT_PTR_NULL(bench_finding(&b, "tables_missing"));
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "postgis_missing"));
    bench_done(&b);
}

TEST(a_failed_migration_is_critical_and_an_unfinished_one_a_warning) {
    struct probe_bench b;
    const char *columns = "name|state|age_s|took_s|steps|migrations_applied|migrations_pending|"
                          "migrations_failed";
    begin(&b);
    CU_ASSERT_TRUE(
        feed(&b, "migrations", columns, "m2|unfinished|3|\\N|0|1|1|0\nm1|applied|9|1|1|1|1|0"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_TRUE(feed(&b, "migrations", columns, "m3|failed|3|\\N|0|1|0|1"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    bench_done(&b);
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "migrations", columns, ""));
    CU_ASSERT_EQUAL(bench_number(&b, "migrations_failed"), 0);
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    bench_done(&b);
}

TEST(counts_listings_by_status) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "listing_status", "status|count", "ACTIVE|120\nDRAFT|30\n\\N|\\N"));
    CU_ASSERT_EQUAL(bench_number(&b, "listings_total"), 150);
    CHECK_STR(bench_cell(&b, "listing_status", 0, "status"), "ACTIVE");
    bench_done(&b);
}

TEST(an_estimate_of_the_listings_is_told_as_one) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "listing_status", "status|count|is_estimate", "ACTIVE|120|0"));
    CU_ASSERT_EQUAL(bench_number(&b, "listings_estimated"), -999);
    CU_ASSERT_TRUE(
        feed(&b, "listing_status", "status|count|is_estimate", "ACTIVE|7000000|1\nSOLD|3000000|1"));
    CU_ASSERT_EQUAL(bench_number(&b, "listings_estimated"), 1);
    CU_ASSERT_EQUAL(bench_number(&b, "listings_total"), 10000000);
    bench_done(&b);
}

TEST(a_size_that_may_not_be_read_is_unknown) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "databases", "name|owner|bytes|sessions|xid_age|is_current",
                        "goodgo|goodgo|1048576|3|1900000000|1\nother|x|\\N|0|5|0"));
    CU_ASSERT_EQUAL(bench_number(&b, "database_bytes"), 1048576);
    CU_ASSERT_PTR_NULL(bench_cell(&b, "databases", 1, "bytes"));
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "wraparound"));
    bench_done(&b);
}

TEST(cleans_what_a_client_called_itself) {
    struct probe_bench b;
    begin(&b);
    CU_ASSERT_TRUE(feed(&b, "sessions",
                        "pid|user|database|application|client|state|xact_s|state_s|wait|query",
                        "7|u|d|\033[31mred|local|idle in transaction|900|900||SELECT\t1"));
    CU_ASSERT_PTR_NULL(strchr(bench_cell(&b, "sessions", 0, "application"), '\033'));
    CU_ASSERT_EQUAL(reading_table(&b.reading, "sessions")->rows[0].health, HEALTH_WARNING);
    bench_done(&b);
}

TEST(every_stage_survives_rows_of_another_shape) {
    struct probe_bench b;
    begin(&b);
    for (uint32_t i = 1; i < probe_postgres.n_stages; i++) {
        CU_ASSERT_FALSE(feed(&b, probe_postgres.stages[i].name, "zzz", "1"));
        CU_ASSERT_EQUAL(b.err.code, E_PROTOCOL);
        CU_ASSERT_FALSE(feed(&b, probe_postgres.stages[i].name, "zzz", "") &&
                        strcmp(probe_postgres.stages[i].name, "schema") != 0);
    }
    bench_judge(&b);
    bench_done(&b);
}

TEST(the_shell_line_has_no_secret) {
    char line[600];
    bench_shell(&probe_postgres, &settings, "", line, sizeof line);
    CU_ASSERT_PTR_NULL(strstr(line, "s3cret"));
    CU_ASSERT_PTR_NOT_NULL(strstr(line, "PGPASSWORD=${DB_PASSWORD} psql"));
}

SUITE(probe_postgres, T(tells_starting_from_down_by_the_ping), T(pings_only_until_it_has_answered),
      T(reads_activity_and_says_it_in_one_line), T(a_standby_that_replayed_all_is_asked_for_no_age),
      T(a_standby_without_a_receiver_says_how_old_it_is), T(what_hidden_sessions_do_is_not_known),
      T(a_list_that_is_cut_says_of_how_many), T(full_connections_are_critical),
      T(names_the_missing_grant), T(says_that_pgbouncer_answers_here),
      T(absurd_numbers_stay_unknown), T(makes_tps_and_hit_ratio_of_the_difference),
      T(draws_the_blocking_tree_root_first), T(a_prepared_transaction_is_the_root_of_its_tree),
      T(a_ring_of_waiters_ends), T(asks_who_blocks_only_where_somebody_waits),
      T(asks_for_waitstart_only_from_14_on), T(gates_progress_columns_on_the_version),
      T(a_copy_through_a_pipe_has_no_percentage), T(the_runbooks_schema_has_no_difference),
      T(names_the_missing_table_and_does_not_ask_it), T(a_further_table_is_a_warning),
      T(an_idempotency_index_that_is_not_unique_is_critical), T(an_empty_database_is_one_sentence),
      T(a_failed_migration_is_critical_and_an_unfinished_one_a_warning),
      T(counts_listings_by_status), T(an_estimate_of_the_listings_is_told_as_one),
      T(a_size_that_may_not_be_read_is_unknown), T(cleans_what_a_client_called_itself),
      T(every_stage_survives_rows_of_another_shape), T(the_shell_line_has_no_secret))
