/* tests/loop/test_drill_rows.c - rows that differ from the live source, of an archive without
 * manifest: written since the dump, damaged, or nobody can tell. The dump is a second database. */
#include "pg_server.h"

#include "src/act/drill_priv.h"
#include "base/arena.h"

#define TAKEN_S 1780315200 /* 2026-06-01T12:00:00Z */
#define HOUR_MS 3600000

static struct arena arena;
static struct err err;
static struct drill_report report;
static struct pg_target live, restored;

static const char made_sql[] =
    "CREATE TABLE \"Event\" (id text PRIMARY KEY, \"createdAt\" timestamp NOT NULL);"
    "CREATE TABLE \"Item\" (id text PRIMARY KEY, views int NOT NULL, \"updatedAt\" timestamp);";

/* One SQL transaction each, so that each has a number of its own. */
static void each(const char *dbname, const char *const *statements, size_t n) {
    for (size_t i = 0; i < n; i++)
        pg_run(dbname, statements[i]);
}
#define EACH(dbname, ...)                                                                          \
    each(dbname, (const char *const[]){__VA_ARGS__},                                               \
         ARRAY_LEN(((const char *const[]){__VA_ARGS__})))

static struct expectation expect(int64_t taken_wall_ms) {
    struct expectation e = {
        .live = true, .source = &live, .taken_wall_ms = taken_wall_ms, .doubt_ms = HOUR_MS / 6};
    struct pgsession *s = pg_open("live");
    EACH("live", "SELECT txid_current()"); /* the snapshot is not the newest of all */
    CU_ASSERT_TRUE_FATAL(
        pgsession_run(s, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 0, &err));
    bool ok = rows_date_writers(s, &arena, &e, &err);
    if (!ok)
        printf("\n%s\n", err.why);
    CU_ASSERT_TRUE_FATAL(ok);
    pgsession_close(s);
    return e;
}

/* What is found in Item. */
static const char *found(const struct expectation *e, enum check_status status) {
    struct content_table item = {.schema = "public", .name = "Item"};
    report = (struct drill_report){.arena = &arena};
    bool ok = rows_compare(&restored, e, &item, &report, -1, &err);
    if (!ok)
        printf("\n%s\n", err.why);
    CU_ASSERT_TRUE_FATAL(ok);
    CU_ASSERT_EQUAL_FATAL(report.n, 1);
    CHECK_STR(report.checks[0].check, "Checksum: Item");
    CU_ASSERT_EQUAL(report.checks[0].status, status);
    return report.checks[0].detail;
}

TEST(makes_a_source_and_what_was_dumped_of_it) {
    arena_init(&arena);
    pg_server_start();
    pg_run("postgres", "ALTER SYSTEM SET track_commit_timestamp = on");
    pg_run("postgres", "CREATE DATABASE live");
    live = restored = pg.target;
    live.dbname = "live";
    restored.dbname = "restored";
    EACH("live", made_sql,
         "INSERT INTO \"Item\" SELECT chr(97 + i), 0, '2026-05-01' FROM generate_series(0, 7) i",
         "INSERT INTO \"Event\" VALUES ('day', '2026-06-01 02:00')",
         "UPDATE \"Item\" SET views = 1 WHERE id = 'b'",
         "INSERT INTO \"Event\" VALUES ('near', '2026-06-01 11:55')");
    pg_run("postgres", "CREATE DATABASE restored TEMPLATE live");
}

TEST(a_write_that_left_no_time_is_no_damage_and_no_pass) {
    EACH("live", "UPDATE \"Item\" SET views = 2 WHERE id = 'c'");
    struct expectation e = expect((int64_t)TAKEN_S * 1000);
    CHECK_STR(found(&e, CHECK_WARNING),
              "1 row unlike the source, and damage or a write since the dump cannot be told apart "
              "without a "
              "manifest or track_commit_timestamp (0 more were written since): c has other "
              "values;");
}

TEST(what_was_written_behind_the_first_row_of_later_is_newer) {
    EACH("live", "INSERT INTO \"Event\" VALUES ('later', '2026-06-01 12:05')",
         "UPDATE \"Item\" SET views = 3 WHERE id = 'd'",
         "UPDATE \"Item\" SET views = 3, \"updatedAt\" = '2026-06-01 12:01' WHERE id = 'c'");
    struct expectation e = expect((int64_t)TAKEN_S * 1000);
    for (int i = 0; i < 20; i++) /* as a restore on the same server does */
        EACH("live", "SELECT txid_current()");
    EACH("live", "UPDATE \"Item\" SET views = 9 WHERE id = 'e'", /* while the drill runs */
         "DELETE FROM \"Item\" WHERE id = 'f'", "INSERT INTO \"Item\" VALUES ('new', 0, NULL)");
    CHECK_STR(found(&e, CHECK_WARNING),
              "5 rows written or deleted since the dump; nothing else differs");
}

TEST(what_was_there_a_day_before_and_differs_is_damaged) {
    EACH("restored", "UPDATE \"Item\" SET views = 7 WHERE id = 'a'",
         "UPDATE \"Item\" SET views = 7 WHERE id = 'b'", "DELETE FROM \"Item\" WHERE id = 'g'");
    struct expectation e = expect((int64_t)TAKEN_S * 1000);
    CHECK_STR(
        found(&e, CHECK_FAIL),
        "2 rows damaged (5 written since the dump, of 1 more it cannot be told): g is missing; a "
        "has other values;");
}

/* Whatever rewrote all rows of that day leaves nothing to tell by. */
TEST(a_day_that_was_rewritten_since_dates_nothing) {
    EACH("live", "UPDATE \"Event\" SET id = id WHERE id <> 'later'");
    struct expectation e = expect((int64_t)TAKEN_S * 1000);
    CU_ASSERT_PTR_NULL(e.before_xid);
    CU_ASSERT_PTR_NOT_NULL_FATAL(
        strstr(found(&e, CHECK_WARNING), "3 rows unlike the source, and damage"));
}

/* So many rows of one bucket that either side is read in part: without the first one here the last
 * one there stands behind the cut. */
TEST(what_stands_behind_a_cut_is_not_missing) {
    static const char many_sql[] =
        "CREATE TABLE \"Many\" (id text PRIMARY KEY, \"updatedAt\" timestamp);"
        "INSERT INTO \"Many\" SELECT i::text, '2026-05-01' FROM generate_series(1, 3000000) i"
        " WHERE (hashtext(i::text) & 255) = 7 LIMIT 10001";
    struct content_table many = {.schema = "public", .name = "Many"};
    EACH("live", many_sql);
    EACH("restored", many_sql);
    EACH("live", "DELETE FROM \"Many\" WHERE id = (SELECT min(id COLLATE \"C\") FROM \"Many\")");
    struct expectation e = expect((int64_t)TAKEN_S * 1000);
    report = (struct drill_report){.arena = &arena};
    CU_ASSERT_TRUE_FATAL(rows_compare(&restored, &e, &many, &report, -1, &err));
    CHECK_STR(report.checks[0].detail, "1 row in a sample written or deleted since the dump; "
                                       "nothing else differs");
}

TEST(a_server_that_notes_commit_times_tells_each) {
    kill(pg.pid, SIGINT);
    waitpid(pg.pid, NULL, 0);
    CU_ASSERT_TRUE_FATAL(pg_server_launch());
    live.port = restored.port = pg.port;
    EACH("live", "DELETE FROM \"Item\" WHERE id <> 'h'", "UPDATE \"Event\" SET id = id");
    EACH("restored", "DELETE FROM \"Item\" WHERE id <> 'h'",
         "UPDATE \"Event\" SET \"createdAt\" = '2020-01-01'");
    EACH("live", "UPDATE \"Item\" SET views = 5 WHERE id = 'h'");
    struct expectation e = expect(clock_wall_ms() + HOUR_MS);
    CU_ASSERT_TRUE(e.commit_times);
    CHECK_STR(found(&e, CHECK_FAIL),
              "1 row damaged (0 written since the dump, of 0 more it cannot be told): h has other "
              "values;");
    e = expect(clock_wall_ms() + HOUR_MS / 12);
    CU_ASSERT_PTR_NOT_NULL(strstr(found(&e, CHECK_WARNING), "1 row unlike the source, and damage"));
    e = expect(clock_wall_ms() - HOUR_MS / 12);
    CU_ASSERT_PTR_NOT_NULL(strstr(found(&e, CHECK_WARNING), "1 row written or deleted"));
    arena_done(&arena);
    pg_server_stop();
}

SUITE(drill_rows, T(makes_a_source_and_what_was_dumped_of_it),
      T(a_write_that_left_no_time_is_no_damage_and_no_pass),
      T(what_was_written_behind_the_first_row_of_later_is_newer),
      T(what_was_there_a_day_before_and_differs_is_damaged),
      T(a_day_that_was_rewritten_since_dates_nothing), T(what_stands_behind_a_cut_is_not_missing),
      T(a_server_that_notes_commit_times_tells_each))
