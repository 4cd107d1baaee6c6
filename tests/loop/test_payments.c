/* tests/loop/test_payments.c - payments read from a real PostgreSQL: by key, page by page, and
 * without the power to change one. */
#define _GNU_SOURCE /* close_range of pg_server.h */
#include "act/payments.h"
#include "harness.h"
#include "pg_server.h"

static const char schema[] =
    "CREATE TYPE \"PaymentProvider\" AS ENUM ('VNPAY', 'MOMO', 'ZALOPAY', 'BANK_TRANSFER');"
    "CREATE TYPE \"PaymentStatus\" AS ENUM ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', "
    "'REFUNDED');"
    "CREATE TABLE \"Payment\" (\"id\" text PRIMARY KEY, \"userId\" text NOT NULL, "
    "\"transactionId\" "
    "text, \"provider\" \"PaymentProvider\" NOT NULL, \"type\" text NOT NULL, \"amountVND\" bigint "
    "NOT NULL, \"status\" \"PaymentStatus\" NOT NULL, \"providerTxId\" text, \"callbackData\" "
    "jsonb,"
    " \"idempotencyKey\" text, \"createdAt\" timestamp(3) NOT NULL, \"updatedAt\" timestamp(3) NOT "
    "NULL);"
    /* 1,200 that are completed, ten of them in each millisecond, so that pages end inside one */
    "INSERT INTO \"Payment\" SELECT 'p' || lpad(i::text, 4, '0'), 'u' || i % 7, NULL, 'VNPAY', "
    "'DEPOSIT', i * 1000, 'COMPLETED', (9000 + i)::text, NULL, NULL, timestamp '2026-10-01' + "
    "(i / 10) * interval '1 millisecond', timestamp '2026-10-01' FROM generate_series(1, 1200) i;"
    "INSERT INTO \"Payment\" VALUES"
    " ('open1', 'ua', 't1', 'ZALOPAY', 'DEPOSIT', 9007199254740993, 'PENDING', NULL, "
    "  '{\"data\": \"{\\\"zp_trans_id\\\":424242}\", \"mac\": \"0f\"}', 'key1', '2026-10-09 "
    "17:00:00.123', '2026-10-09 17:00:01'),"
    " ('open2', 'ub', NULL, 'BANK_TRANSFER', 'DEPOSIT', 5, 'PROCESSING', NULL, NULL, NULL, "
    "'2026-10-10 17:00:00', '2026-10-10 17:00:00'),"
    " ('twin1', 'uc', NULL, 'MOMO', 'DEPOSIT', 7, 'COMPLETED', '777', NULL, NULL, '2026-10-10', "
    "'2026-10-10'),"
    " ('twin2', 'ud', NULL, 'MOMO', 'DEPOSIT', 7, 'COMPLETED', '777', NULL, NULL, '2026-10-10 "
    "00:00:01', '2026-10-10'),"
    " ('zero1', 'ue', NULL, 'VNPAY', 'DEPOSIT', 7, 'FAILED', '0', '{\"x\": 1}', NULL, '2026-10-10 "
    "00:00:02', '2026-10-10'),"
    " ('zero2', 'uf', NULL, 'VNPAY', 'DEPOSIT', 7, 'FAILED', '0', NULL, NULL, '2026-10-10', "
    "'2026-10-10')";

static struct arena arena;
static struct err err;
static struct settings settings;
static struct pgsession *session;
static struct pay_row *rows;
static uint32_t n;

TEST(starts_a_server) {
    arena_init(&arena);
    pg_server_start();
    pg_run("postgres", schema);
    CU_ASSERT_FALSE(payments_open(&settings, -1, &session, &err));
    CU_ASSERT_STRING_EQUAL(err.target, "DATABASE_URL");
    settings.has_postgres = true;
    settings.postgres = pg.target;
    CU_ASSERT_TRUE_FATAL(payments_open(&settings, -1, &session, &err));
}

/* The ids that stand for the key, newest first. */
static const char *ids_of(const char *key) {
    const char *ids = "";
    CU_ASSERT(payments_find(session, key, 20, &arena, &rows, &n, &err));
    for (uint32_t i = 0; i < n; i++)
        ids = arena_printf(&arena, "%s%s%s", ids, i ? " " : "", rows[i].id);
    return ids;
}

TEST(finds_a_payment_by_whatever_names_it) {
    CU_ASSERT_STRING_EQUAL(ids_of("open1"), "open1");
    CU_ASSERT_EQUAL(rows[0].amount_vnd, INT64_C(9007199254740993));
    CU_ASSERT_STRING_EQUAL(rows[0].created, "2026-10-09 17:00:00.123");
    CU_ASSERT_EQUAL(rows[0].created_wall_ms, INT64_C(1791565200123));
    CU_ASSERT_STRING_EQUAL(ids_of("261010_open1"), "open1");
    CU_ASSERT_STRING_EQUAL(ids_of("t1"), "open1");
    CU_ASSERT_STRING_EQUAL(ids_of("777"), "twin2 twin1");
    CU_ASSERT_EQUAL(rows[0].n_same_tx, 1);
    CU_ASSERT_STRING_EQUAL(ids_of("ub"), "open2");
    CU_ASSERT_STRING_EQUAL(ids_of("key1"), "open1");
    CU_ASSERT_STRING_EQUAL(ids_of("424242"), "open1"); /* only inside its message */
    CU_ASSERT_STRING_EQUAL(ids_of("x' OR '1'='1"), "");
    CU_ASSERT_STRING_EQUAL(ids_of("%"), "");
    CU_ASSERT_EQUAL(rows ? n : 0, 0);
}

struct seen {
    uint32_t n, most;
    char last[80];
    bool ordered;
};

static bool see(void *ctx, const struct pay_row *row) {
    struct seen *s = ctx;
    char at[80];
    snprintf(at, sizeof at, "%015lld %s", (long long)row->created_wall_ms, row->id);
    s->ordered = s->ordered && strcmp(at, s->last) > 0;
    memcpy(s->last, at, sizeof at);
    return ++s->n < s->most;
}

TEST(pages_show_every_row_once_in_order) {
    struct seen s = {.most = 100000, .ordered = true};
    struct pay_filter f = {.limit = 33};
    CU_ASSERT(payments_each(session, &f, see, &s, &err));
    CU_ASSERT_EQUAL(s.n, 1206);
    CU_ASSERT(s.ordered);
    s = (struct seen){.most = 100000, .ordered = true};
    f = (struct pay_filter){0}; /* the most that a page holds */
    CU_ASSERT(payments_each(session, &f, see, &s, &err));
    CU_ASSERT_EQUAL(s.n, 1206);
    s = (struct seen){.most = 40, .ordered = true};
    CU_ASSERT(payments_each(session, &f, see, &s, &err));
    CU_ASSERT_EQUAL(s.n, 40);
}

static uint32_t count(struct pay_filter f) {
    CU_ASSERT(payments_page(session, &f, &arena, &rows, &n, &err));
    return n;
}

TEST(filters_by_provider_status_and_day) {
    CU_ASSERT_EQUAL(count((struct pay_filter){.provider = "MOMO"}), 2);
    CU_ASSERT_EQUAL(count((struct pay_filter){.statuses = BIT(PAY_PENDING) | BIT(PAY_PROCESSING)}),
                    2);
    CU_ASSERT_EQUAL(
        count((struct pay_filter){.from_wall_s = 1791565200, .before_wall_s = 1791651600}), 5);
    CU_ASSERT_EQUAL(count((struct pay_filter){.newest_first = true, .limit = 1}), 1);
    CU_ASSERT_STRING_EQUAL(rows[0].id, "open2");
}

TEST(suspects_are_what_is_open_or_may_contradict_itself) {
    CU_ASSERT_EQUAL(count((struct pay_filter){.suspects = true, .from_wall_s = 1791565200}), 5);
    for (uint32_t i = 0; i < n; i++)
        CU_ASSERT(strcmp(rows[i].id, "zero2") != 0);
    CU_ASSERT_EQUAL(count((struct pay_filter){.suspects = true, .from_wall_s = 1791651600}), 2);
}

TEST(only_those_with_a_message_where_a_message_is_wanted) {
    CU_ASSERT_EQUAL(count((struct pay_filter){.with_message = true}), 2);
    CU_ASSERT_STRING_EQUAL(rows[0].id, "open1");
    CU_ASSERT_STRING_EQUAL(rows[1].id, "zero1");
    CU_ASSERT_EQUAL(
        count((struct pay_filter){.with_message = true, .statuses = BIT(PAY_COMPLETED)}), 0);
}

TEST(what_is_open_comes_before_what_is_settled) {
    CU_ASSERT_EQUAL(
        count((struct pay_filter){.newest_first = true, .open_first = true, .limit = 3}), 3);
    CU_ASSERT_STRING_EQUAL(rows[0].id, "open2");
    CU_ASSERT_STRING_EQUAL(rows[1].id, "open1");
    CU_ASSERT_STRING_EQUAL(rows[2].id, "zero1");
}

TEST(can_change_nothing) {
    CU_ASSERT_FALSE(
        pgsession_run(session, "UPDATE \"Payment\" SET status = 'COMPLETED'", PATIENCE_MS, &err));
    CU_ASSERT_STRING_EQUAL(pgsession_sqlstate(session), "25006");
}

TEST(says_what_a_foreign_table_lacks) {
    pg_run("postgres", "ALTER TABLE \"Payment\" DROP COLUMN \"idempotencyKey\"");
    CU_ASSERT_FALSE(payments_find(session, "open1", 5, &arena, &rows, &n, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "idempotencyKey"));
}

TEST(stops_the_server) {
    pgsession_close(session);
    pg_server_stop();
    arena_done(&arena);
}

SUITE(payments, T(starts_a_server), T(finds_a_payment_by_whatever_names_it),
      T(pages_show_every_row_once_in_order), T(filters_by_provider_status_and_day),
      T(suspects_are_what_is_open_or_may_contradict_itself),
      T(only_those_with_a_message_where_a_message_is_wanted),
      T(what_is_open_comes_before_what_is_settled), T(can_change_nothing),
      T(says_what_a_foreign_table_lacks), T(stops_the_server))
