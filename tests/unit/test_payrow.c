/* tests/unit/test_payrow.c - the statement that reads payments, and its rows as values. */
#include "codec/payrow.h"
#include "harness.h"
#include "tests/probe_rows.h"

#define COLUMNS                                                                                    \
    "id|userId|transactionId|provider|type|status|amountVND|providerTxId|idempotencyKey|created|"  \
    "updated|createdMs|updatedMs|callback|callbackBytes|sameTx"
#define ROW(status, amount, bytes, same)                                                           \
    "p1|u1|\\N|MOMO|DEPOSIT|" status "|" amount "|77|\\N|2026-10-10 00:00:00.5|2026-10-10 "        \
    "00:00:01|1791590400500|1791590401000|{\"a\": 1}|" bytes "|" same

static struct arena arena;
static struct err err;
static struct pay_row row;

static bool read_row(const char *columns, const char *cells) {
    struct pg_rows rows = rows_from_text(&arena, 160000, "16", columns, cells);
    return pay_row_read(&rows, 0, &row, &err);
}

TEST(reads_every_column_exactly) {
    CU_ASSERT(read_row(COLUMNS, ROW("PROCESSING", "9007199254740993", "8", "2")));
    CU_ASSERT_STRING_EQUAL(row.id, "p1");
    CU_ASSERT_PTR_NULL(row.transaction_id);
    CU_ASSERT_PTR_NULL(row.idempotency_key);
    CU_ASSERT_EQUAL(row.status, PAY_PROCESSING);
    CU_ASSERT_EQUAL(row.amount_vnd, INT64_C(9007199254740993));
    CU_ASSERT_EQUAL(row.created_wall_ms, INT64_C(1791590400500));
    CU_ASSERT_STRING_EQUAL(row.gateway->id, "momo");
    CU_ASSERT_EQUAL(row.callback_n, 8);
    CU_ASSERT_FALSE(row.callback_cut);
    CU_ASSERT_EQUAL(row.n_same_tx, 2);
    CU_ASSERT(read_row(COLUMNS, ROW("PENDING", "1", "8", "10")) && row.n_same_tx == 10);
    arena_done(&arena);
}

TEST(notices_a_message_that_was_cut) {
    CU_ASSERT(read_row(COLUMNS, ROW("PENDING", "1", "70000", "0")));
    CU_ASSERT(row.callback_cut);
    arena_done(&arena);
}

/* It is cut by letters, and a letter of Vietnamese is up to three bytes. */
TEST(a_whole_message_may_be_too_long_as_well) {
    for (size_t more = 0; more < 2; more++) {
        char *text = arena_alloc(&arena, PAY_MAX_BYTES + more + 1);
        memset(text, 'x', PAY_MAX_BYTES + more);
        CU_ASSERT(read_row(COLUMNS, arena_printf(&arena,
                                                 "p1|u1|\\N|MOMO|DEPOSIT|PENDING|1|77|\\N|c|u|1|1|"
                                                 "%s|%zu|0",
                                                 text, PAY_MAX_BYTES + more)));
        CU_ASSERT_EQUAL(row.callback_cut, more == 1);
    }
    arena_done(&arena);
}

TEST(refuses_what_a_column_does_not_hold) {
    static const char *const bad[][2] = {
        {ROW("PAID", "1", "8", "0"), "p1"},
        {ROW("PENDING", "1.5", "8", "0"), "amountVND"},
        {ROW("PENDING", "1e4", "8", "0"), "amountVND"},
        {ROW("PENDING", "1", "8", "11"), "sameTx"},
        {ROW("PENDING", "1", "8", "-1"), "sameTx"},
        {ROW("PENDING", "1", "x", "0"), "callbackBytes"},
        {"\\N", "id"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        CU_ASSERT_FALSE(read_row(COLUMNS, bad[i][0]));
        CU_ASSERT_STRING_EQUAL(err.target, bad[i][1]);
    }
    CU_ASSERT_FALSE(read_row("id", "p1"));
    CU_ASSERT_STRING_EQUAL(err.target, "userId");
    arena_done(&arena);
}

TEST(a_text_of_the_filter_never_stands_in_the_statement) {
    static const char evil[] = "x'; DROP TABLE \"Payment\"; --";
    struct pay_statement q;
    for (unsigned step = PAY_KEY_OURS; step < PAY_KEY_STEPS; step++) {
        struct pay_filter f = {.key_step = (enum pay_key_step)step,
                               .key = evil,
                               .provider = evil,
                               .statuses = BIT(PAY_PENDING) | BIT(PAY_REFUNDED),
                               .suspects = true,
                               .from_wall_s = 1,
                               .before_wall_s = 2,
                               .after = evil,
                               .after_id = evil,
                               .limit = 7};
        pay_rows_statement(&f, &arena, &q);
        CU_ASSERT_PTR_NULL(strstr(q.sql, "DROP"));
        CU_ASSERT_PTR_NOT_NULL(strstr(q.sql, "'PENDING', 'REFUNDED')"));
        CU_ASSERT_PTR_NOT_NULL(strstr(q.sql, "LIMIT 7"));
        CU_ASSERT(q.n_params >= 4 && q.n_params <= PAY_ROWS_PARAMS);
        for (uint32_t i = 0; i < q.n_params; i++)
            CU_ASSERT_STRING_EQUAL(q.params[i], evil);
    }
    arena_done(&arena);
}

/* ZaloPay's number is the day, a low line and ours; what only looks like it stands for itself. */
TEST(a_key_is_looked_for_as_it_is_and_without_its_day) {
    static const char *const keys[][2] = {{"261010_pm1", "pm1"},      {"pm1", "pm1"},
                                          {"261010_", "261010_"},     {"abcdef_x", "abcdef_x"},
                                          {"26101_pm1", "26101_pm1"}, {"2610101", "2610101"}};
    struct pay_statement q;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct pay_filter f = {.key_step = PAY_KEY_OURS, .key = keys[i][0], .limit = 1};
        pay_rows_statement(&f, &arena, &q);
        CU_ASSERT_EQUAL(q.n_params, 2);
        CU_ASSERT_STRING_EQUAL(q.params[0], keys[i][0]);
        CU_ASSERT_STRING_EQUAL(q.params[1], keys[i][1]);
        CU_ASSERT_PTR_NOT_NULL(strstr(q.sql, "p.\"id\" IN ($1, $2) OR p.\"providerTxId\" = $1"));
    }
    struct pay_filter f = {.key_step = PAY_KEY_USER, .key = "u", .limit = 1};
    pay_rows_statement(&f, &arena, &q);
    CU_ASSERT_PTR_NOT_NULL(strstr(q.sql, " WHERE p.\"userId\" = $1 ORDER"));
    f.key_step = PAY_KEY_WHERE;
    pay_rows_statement(&f, &arena, &q);
    CU_ASSERT_PTR_NOT_NULL(strstr(q.sql, "p.\"idempotencyKey\" = $1 OR position($1 in "));
    arena_done(&arena);
}

/* Of the suspects only the settled ones have an age: what is open is shown however old. */
TEST(the_days_of_a_filter_are_seconds_of_the_column) {
    struct pay_statement q;
    struct pay_filter f = {.from_wall_s = 1791565200, .before_wall_s = 1791651600, .limit = 3};
    pay_rows_statement(&f, &arena, &q);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        q.sql, " WHERE p.\"createdAt\" >= (timestamp 'epoch' + 1791565200 * interval '1 second')"
               " AND p.\"createdAt\" < (timestamp 'epoch' + 1791651600 * interval '1 second')"
               " ORDER BY p.\"createdAt\", p.\"id\" LIMIT 3"));
    f.suspects = f.newest_first = f.open_first = true;
    pay_rows_statement(&f, &arena, &q);
    CU_ASSERT_PTR_NOT_NULL(strstr(q.sql, "IN ('PENDING', 'PROCESSING') OR (p.\"createdAt\" >= "));
    CU_ASSERT_PTR_NOT_NULL(strstr(q.sql, "ORDER BY p.\"status\" IN ('PENDING', 'PROCESSING') DESC,"
                                         " p.\"createdAt\" DESC, p.\"id\" DESC LIMIT 3"));
    f.after = "2026";
    f.after_id = "x";
    pay_rows_statement(&f, &arena, &q);
    CU_ASSERT_PTR_NOT_NULL(strstr(q.sql, "(p.\"createdAt\", p.\"id\") < ($"));
    f.newest_first = false;
    pay_rows_statement(&f, &arena, &q);
    CU_ASSERT_PTR_NOT_NULL(strstr(q.sql, "(p.\"createdAt\", p.\"id\") > ($"));
    arena_done(&arena);
}

/* A filter may have all of them, and each of them alone. */
TEST(the_conditions_of_a_filter_all_count) {
    static const char *const parts[] = {
        "p.\"userId\" = $1",
        "p.\"provider\"::text = $2",
        "p.\"status\" IN ('COMPLETED')",
        "p.\"callbackData\" IS NOT NULL",
        "p.\"createdAt\" >= (timestamp 'epoch' + 5 * interval '1 second')",
        "p.\"createdAt\" < (timestamp 'epoch' + 6 * interval '1 second')",
        "(p.\"createdAt\", p.\"id\") > ($3::timestamp, $4)",
    };
    const struct pay_filter all = {.key_step = PAY_KEY_USER,
                                   .key = "u",
                                   .provider = "MOMO",
                                   .statuses = BIT(PAY_COMPLETED),
                                   .with_message = true,
                                   .from_wall_s = 5,
                                   .before_wall_s = 6,
                                   .after = "2026",
                                   .after_id = "x",
                                   .limit = 1};
    const struct pay_filter one[] = {
        {.key_step = PAY_KEY_USER, .key = "u"},
        {.provider = "MOMO"},
        {.statuses = BIT(PAY_COMPLETED)},
        {.with_message = true},
        {.from_wall_s = 5},
        {.before_wall_s = 6},
        {.after = "2026", .after_id = "x"},
    };
    struct pay_statement q;
    const char *joined = " FROM public.\"Payment\" p WHERE ";
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        joined = arena_printf(&arena, "%s%s%s", joined, i ? " AND " : "", parts[i]);
    pay_rows_statement(&all, &arena, &q);
    CHECK_HAS(q.sql, arena_printf(&arena, "%s ORDER BY ", joined));
    for (size_t i = 0; i < ARRAY_LEN(one); i++) {
        size_t n = strcspn(parts[i], "$"); /* its parameters are the first then */
        pay_rows_statement(&one[i], &arena, &q);
        CHECK_HAS(q.sql, arena_printf(&arena, " p WHERE %.*s", (int)n, parts[i]));
    }
    arena_done(&arena);
}

TEST(the_credited_are_all_that_are_completed_and_have_a_message) {
    const struct pay_filter of = {
        .suspects = true, .open_first = true, .from_wall_s = 5, .provider = "MOMO", .limit = 9};
    struct pay_filter f;
    pay_credited_filter(&of, &f);
    CU_ASSERT(!f.suspects && !f.open_first && f.newest_first && f.with_message);
    CU_ASSERT_EQUAL(f.statuses, BIT(PAY_COMPLETED));
    CU_ASSERT(f.from_wall_s == 5 && f.limit == 9 && !strcmp(f.provider, "MOMO"));
}

TEST(refuses_a_row_without_what_every_row_has) {
    static const char *const names[] = {
        "id",      "userId",    "transactionId", "provider",       "type",
        "status",  "amountVND", "providerTxId",  "idempotencyKey", "created",
        "updated", "createdMs", "updatedMs"};
    static const char *const optional = " transactionId providerTxId idempotencyKey ";
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *cells = ROW("PENDING", "1", "8", "0");
        const char *from = cells;
        for (size_t k = 0; k < i; k++)
            from = strchr(from, '|') + 1;
        bool taken = read_row(COLUMNS, arena_printf(&arena, "%.*s\\N%s", (int)(from - cells), cells,
                                                    strchr(from, '|')));
        CU_ASSERT_EQUAL(taken, strstr(optional, arena_printf(&arena, " %s ", names[i])) != NULL);
        if (!taken)
            CHECK_STR(err.target, names[i]);
    }
    arena_done(&arena);
}

TEST(without_texts_it_takes_no_parameter) {
    struct pay_filter f = {.suspects = true, .from_wall_s = 1791590400, .limit = 500};
    struct pay_statement q;
    pay_rows_statement(&f, &arena, &q);
    CU_ASSERT_EQUAL(q.n_params, 0);
    arena_done(&arena);
}

TEST(a_day_is_a_day_in_vietnam) {
    int64_t from = 0, before = 0;
    char text[40];
    CU_ASSERT(pay_day_parse("2026-10-10", &from, &before));
    CU_ASSERT_EQUAL(from, 1791565200); /* 17:00 of the ninth in Greenwich */
    CU_ASSERT_EQUAL(before, from + 86400);
    pay_time_text(from, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "2026-10-10T00:00:00+07:00");
    CU_ASSERT_FALSE(pay_day_parse("2026-02-30", &from, &before));
    CU_ASSERT_FALSE(pay_day_parse("2026-10-1", &from, &before));
    CU_ASSERT_FALSE(pay_day_parse("10-10-2026", &from, &before));
}

TEST(knows_the_names_of_the_database) {
    enum pay_status s;
    CU_ASSERT(pay_status_parse("REFUNDED", &s) && s == PAY_REFUNDED);
    CU_ASSERT_FALSE(pay_status_parse("refunded", &s));
    CU_ASSERT(pay_status_is_final(PAY_FAILED) && !pay_status_is_final(PAY_PROCESSING));
    CU_ASSERT(pay_status_has_money(PAY_COMPLETED) && pay_status_has_money(PAY_REFUNDED));
    CU_ASSERT(!pay_status_has_money(PAY_FAILED) && !pay_status_has_money(PAY_PENDING));
    CU_ASSERT_STRING_EQUAL(pay_provider_stored("BANK_TRANSFER")->id, "casso");
    CU_ASSERT_PTR_NULL(pay_provider_stored("vnpay"));
}

SUITE(payrow, T(reads_every_column_exactly), T(notices_a_message_that_was_cut),
      T(a_whole_message_may_be_too_long_as_well), T(refuses_what_a_column_does_not_hold),
      T(a_text_of_the_filter_never_stands_in_the_statement),
      T(a_key_is_looked_for_as_it_is_and_without_its_day),
      T(the_days_of_a_filter_are_seconds_of_the_column), T(the_conditions_of_a_filter_all_count),
      T(the_credited_are_all_that_are_completed_and_have_a_message),
      T(refuses_a_row_without_what_every_row_has), T(without_texts_it_takes_no_parameter),
      T(a_day_is_a_day_in_vietnam), T(knows_the_names_of_the_database))
