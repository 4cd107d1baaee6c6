/* tests/unit/test_probe_pg_rows.c - which rows of PostgreSQL's answers are marked, and how badly:
 * each row by its own figures, at the limit and one step over it. */
#include "tests/harness.h"
#include "tests/probe_rows.h"

extern const struct probe probe_postgres;

static const struct settings settings = {.has_postgres = true, .postgres = {.host = "db"}};
static struct probe_bench b;

static void feed(const char *stage, const char *columns, const char *rows) {
    bench_init(&b, &probe_postgres, &settings);
    b.run.server_version = 160003;
    CU_ASSERT_TRUE(bench_pg(&b, stage, 160003, "16.3", columns, rows));
}

/* The first letters of the rows' health: o, w, c. */
static const char *marks(const char *table) {
    static char marks[32];
    const struct table *t = reading_table(&b.reading, table);
    uint32_t n = 0;
    for (; t && n < t->n_rows && n + 1 < sizeof marks; n++)
        marks[n] = health_name(t->rows[n].health)[0];
    marks[n] = 0;
    return marks;
}

TEST(a_session_is_marked_for_a_long_transaction_or_for_idling_in_one) {
    feed("sessions", "pid|state|xact_s|state_s",
         "1|active|600|0\n2|active|601|0\n3|idle in transaction|1|300\n"
         "4|idle in transaction|1|301\n5|idle in transaction (aborted)|1|301\n"
         "6|active|1|301\n7|\\N|1|301\n8|idle|\\N|99999\n9|idle in transaction|601|\\N");
    CHECK_STR(marks("sessions"), "owowwooow");
    bench_done(&b);
}

TEST(each_root_of_a_blocking_tree_is_critical_and_who_waits_a_warning) {
    feed("blocking", "pid|blocked_by|waits|wait_s|state|has_lock|lock",
         "1||0|\\N|idle in transaction|0|x on y\n11|1|1|5|\\N|1|ShareLock on t\n"
         "2|11|1|7.5|active|1|RowLock on u\n111||0|\\N|active|0|\n12|111,2|1|2|active|1|z");
    const struct table *t = reading_table(&b.reading, "blocking");
    CU_ASSERT_EQUAL_FATAL(t->n_rows, 5);
    CHECK_STR(marks("blocking"), "cwwwc"); /* 12 hangs below 2, which is drawn first */
    CHECK_STR(bench_cell(&b, "blocking", 1, "pid"), "11");
    CHECK_STR(bench_cell(&b, "blocking", 1, "depth"), "1");
    CHECK_STR(bench_cell(&b, "blocking", 1, "state"), "not visible");
    CHECK_STR(bench_cell(&b, "blocking", 1, "lock"), "ShareLock on t");
    CU_ASSERT_PTR_NULL(bench_cell(&b, "blocking", 0, "lock"));
    CHECK_STR(bench_cell(&b, "blocking", 3, "pid"), "12");
    CHECK_STR(bench_cell(&b, "blocking", 3, "depth"), "3");
    CHECK_STR(bench_cell(&b, "blocking", 4, "pid"), "111");
    CU_ASSERT_EQUAL(bench_number(&b, "blocked"), 3);
    CU_ASSERT_EQUAL(bench_number(&b, "blocking_roots"), 2);
    CU_ASSERT_EQUAL(bench_number(&b, "longest_wait_s"), 7.5);
    bench_done(&b);
}

TEST(a_replica_is_late_from_a_minute_on_and_the_latest_is_the_figure) {
    feed("replication", "pid|name|client|state|sync_state|replay_lag_s|lag_bytes|n_replicas",
         "1|a|h|streaming|async|60|1|4\n2|b|h|streaming|async|61.5|1|4\n"
         "3|c|h|streaming|async|\\N|1|4\n4|d|h|streaming|async|0|1|4");
    CHECK_STR(marks("replication"), "owoo");
    CU_ASSERT_EQUAL(bench_number(&b, "replicas"), 4);
    CU_ASSERT_EQUAL(bench_number(&b, "replay_lag_s"), 61.5);
    bench_done(&b);
    feed("replication", "pid|name|client|state|sync_state|replay_lag_s|lag_bytes",
         "3|c|h|streaming|async|0|1");
    CU_ASSERT_EQUAL(bench_number(&b, "replay_lag_s"), 0);
    bench_done(&b);
    feed("replication", "pid|name|client|state|sync_state|replay_lag_s|lag_bytes",
         "3|c|h|streaming|async|\\N|1");
    CU_ASSERT_EQUAL(bench_number(&b, "replay_lag_s"), -999); /* idle is not zero */
    bench_done(&b);
}

/* Who has a slot is missed; of who has none nothing is left to miss. */
TEST(a_replica_that_is_away_keeps_wal) {
    feed("replication",
         "pid|name|client|state|sync_state|replay_lag_s|lag_bytes|is_away|n_replicas",
         "\\N|far|\\N|away|\\N|\\N|20000000000|1|1\n\\N|new|\\N|away|\\N|\\N|\\N|1|1\n"
         "\\N|near|\\N|away|\\N|\\N|16777216|1|1\n4|d|h|streaming|async|0|1|0|1");
    CHECK_STR(marks("replication"), "cwwo");
    CU_ASSERT_EQUAL(bench_number(&b, "replicas"), 1);
    CU_ASSERT_EQUAL_FATAL(b.reading.n_findings, 3);
    CHECK_STR(b.reading.findings[1].what.s, "replica new is away, and no WAL is kept for it");
    CHECK_STR(b.reading.findings[2].what.s,
              "replica near is away, and its slot keeps 16.0 MB of WAL");
    bench_done(&b);
}

/* Of the slots that keep any; without one there is no such figure, and not 0. */
TEST(the_most_that_a_slot_keeps_is_a_figure) {
    feed("replication", "pid|name|sync_state|lag_bytes|kept_bytes|wal_kept_bytes",
         "1|a|async|0|16777216|50331648\n2|b|async|4096|50331648|50331648\n"
         "3|c|async|0|\\N|50331648");
    CU_ASSERT_EQUAL(bench_number(&b, "wal_kept_bytes"), 50331648);
    CHECK_STR(bench_cell(&b, "replication", 0, "kept_bytes"), "16777216");
    bench_done(&b);
    feed("replication", "pid|name|sync_state|kept_bytes|wal_kept_bytes", "1|a|async|\\N|\\N");
    CU_ASSERT_EQUAL(bench_number(&b, "wal_kept_bytes"), -999);
    bench_done(&b);
}

/* Its own pg_replication_slots has those too, with nobody at them. */
TEST(a_standby_misses_nobody_at_a_slot_that_it_copies) {
    for (int version = 160003; version < 190000; version += 10000) {
        bench_init(&b, &probe_postgres, &settings);
        b.run.server_version = version;
        CU_ASSERT_TRUE(bench_request(&b, "replication"));
        CU_ASSERT_EQUAL(strstr(b.ex.pg.sql, "NOT synced") != NULL, version >= 170000);
        bench_done(&b);
    }
}

/* As 18.6 answers of a standby, and after a crash: what is not counted is not 0. */
TEST(rows_that_are_not_counted_are_not_none) {
    feed("tables", "name|bytes|live|dead|vacuum_age_s|seq_scans|index_scans|dead_tuples|n_all",
         "Property|2957312|5009|\\N|\\N|0|0|\\N|23\nMedia|98304|\\N|\\N|\\N|0|0|\\N|23");
    CHECK_STR(bench_cell(&b, "tables", 0, "live"), "5009");
    CU_ASSERT_PTR_NULL(bench_cell(&b, "tables", 0, "dead"));
    CU_ASSERT_PTR_NULL(bench_cell(&b, "tables", 1, "live"));
    CU_ASSERT_EQUAL(bench_number(&b, "dead_tuples"), -999);
    bench_done(&b);
}

TEST(a_database_is_marked_before_its_transaction_numbers_run_out) {
    feed("databases", "name|owner|bytes|sessions|xid_age|is_current",
         "a|o|5|1|1199999999|0\nb|o|7|1|1200000000|1\nc|o|9|1|1800000000|0\n"
         "d|o|\\N|1|1800000001|0\ne|o|1|1|\\N|0");
    CHECK_STR(marks("databases"), "owwco");
    CU_ASSERT_EQUAL(bench_number(&b, "database_bytes"), 7);
    CHECK_STR(bench_finding(&b, "wraparound")->what.s,
              "database b is 1200 M transactions from its last freeze");
    bench_done(&b);
}

TEST(every_table_with_too_many_dead_rows_is_marked_and_the_largest_is_said) {
    feed("tables", "name|bytes|live|dead|dead_tuples",
         "a|9|100000|39999|99\nb|8|25000|10000|99\nc|7|1|9999|99\nd|6|100|10000|99\n"
         "e|5|\\N|10000|99\nf|4|25001|10000|99");
    CHECK_STR(marks("tables"), "owowoo");
    CU_ASSERT_EQUAL(bench_number(&b, "dead_tuples"), 99);
    CU_ASSERT_EQUAL(b.reading.n_findings, 1);
    CHECK_STR(bench_finding(&b, "dead_tuples")->what.s,
              "table b has 10,000 dead rows beside 25,000 live ones");
    bench_done(&b);
}

TEST(a_migration_is_marked_by_its_own_state) {
    feed("migrations",
         "name|state|age_s|took_s|steps|migrations_applied|migrations_pending|migrations_failed",
         "a|failed|3|\\N|0|2|1|2\nb|rolled back|3|\\N|0|2|1|2\nc|unfinished|3|\\N|0|2|1|2\n"
         "d|applied|9|1|1|2|1|2\ne|redone|9|1|1|2|1|2\nf|\\N|9|1|1|2|1|2");
    CHECK_STR(marks("migrations"), "ccwooo");
    bench_done(&b);
}

TEST(progress_is_a_share_of_what_is_known) {
    feed("progress", "kind|pid|relation|phase|done|total|detail",
         "vacuum|1|t|scanning|25|100|\nbase backup|2|\\N|streaming|110|100|\n"
         "copy|3|t|pipe|5|0|\ncopy|4|t|pipe|5|\\N|\ncopy|5|t|file|100|100|");
    static const char *const pct[] = {"25", "100", NULL, NULL, "100"};
    for (uint32_t i = 0; i < ARRAY_LEN(pct); i++)
        if (pct[i])
            CHECK_STR(bench_cell(&b, "progress", i, "pct"), pct[i]);
        else
            CU_ASSERT_PTR_NULL(bench_cell(&b, "progress", i, "pct"));
    bench_done(&b);
}

/* Of the last ten seconds where enough was read in them, else of the whole life. */
TEST(blocks_from_the_cache_are_those_of_the_last_interval) {
    static const struct {
        const char *row;
        double pct;
    } rows[] = {{"1|2000|10000", 90}, {"1|1020|1980", 66}, {"1|1000|1000", 50}, {"1|0|0", -999}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bench_init(&b, &probe_postgres, &settings);
        b.previous->has_reading = true;
        b.previous->taken_mono_ms = b.run.now_mono_ms - 10000;
        reading_int(&b.previous->reading, "blks_read", UNIT_COUNT, 1000);
        reading_int(&b.previous->reading, "blks_hit", UNIT_COUNT, 1000);
        CU_ASSERT_TRUE(
            bench_pg(&b, "database", 160003, "16.3", "xacts|blks_read|blks_hit", rows[i].row));
        CU_ASSERT_EQUAL(bench_number(&b, "hit_pct"), rows[i].pct);
        bench_done(&b);
    }
}

SUITE(probe_pg_rows, T(a_session_is_marked_for_a_long_transaction_or_for_idling_in_one),
      T(each_root_of_a_blocking_tree_is_critical_and_who_waits_a_warning),
      T(a_replica_is_late_from_a_minute_on_and_the_latest_is_the_figure),
      T(a_replica_that_is_away_keeps_wal), T(the_most_that_a_slot_keeps_is_a_figure),
      T(a_standby_misses_nobody_at_a_slot_that_it_copies),
      T(rows_that_are_not_counted_are_not_none),
      T(a_database_is_marked_before_its_transaction_numbers_run_out),
      T(every_table_with_too_many_dead_rows_is_marked_and_the_largest_is_said),
      T(a_migration_is_marked_by_its_own_state), T(progress_is_a_share_of_what_is_known),
      T(blocks_from_the_cache_are_those_of_the_last_interval))
