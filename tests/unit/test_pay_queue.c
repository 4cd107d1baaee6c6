/* tests/unit/test_pay_queue.c - the stuck money as a reading: rows and totals of scripted answers.
 */
#include "codec/pay.h"
#include "codec/payqueue.h"
#include "harness.h"
#include "tests/probe_rows.h"
#include "wire/digest.h"

#define ROWS                                                                                       \
    "id|userId|transactionId|provider|type|status|amountVND|providerTxId|idempotencyKey|created|"  \
    "updated|createdMs|updatedMs|callback|callbackBytes|sameTx"
/* of a payment made at `ms` */
#define OPEN(id, provider, amount, ms)                                                             \
    id "|u1|\\N|" provider "|DEPOSIT|PENDING|" amount "|\\N|\\N|c|u|" ms "|" ms "|\\N|\\N|0\n"
#define TOTALS "provider|status|n|vnd|oldest"

static struct settings settings;
static struct probe_bench b;

static void start(void) {
    settings = (struct settings){.has_postgres = true, .postgres = {.host = "db", .port = 5432}};
    bench_init(&b, &pay_queue, &settings);
}

static const char *cell(const char *table, const char *key, const char *column) {
    const struct table *t = reading_table(&b.reading, table);
    static char text[200];
    for (uint32_t r = 0; t && r < t->n_rows; r++)
        for (uint32_t c = 0; c < t->n_columns; c++)
            if (!strcmp(t->rows[r].key.s, key) && !strcmp(t->columns[c].name, column)) {
                value_format(t->rows[r].cells[c], t->columns[c].unit, b.run.now_wall_ms / 1000,
                             text, sizeof text);
                return text;
            }
    return "(none)";
}

static bool rows(const char *text) {
    size_t n = strlen(text);
    return bench_pg(&b, "rows", 160000, "16", ROWS, arena_strndup(&b.arena, text, n ? n - 1 : 0));
}

/* Two that are stuck, one that waits, a transfer; newest first. The clock stands at 1795334400. */
static const char four[] = OPEN("young", "ZALOPAY", "7", "1795334340000") //
    OPEN("bank", "BANK_TRANSFER", "3000000", "1795320000000")             //
    OPEN("old", "VNPAY", "5900000", "1795320000000")                      //
    OPEN("older", "MOMO", "100000", "1795248000000");

TEST(puts_every_payment_into_its_class_worst_first) {
    start();
    CU_ASSERT_TRUE_FATAL(rows(four));
    const struct table *t = reading_table(&b.reading, "payments");
    CU_ASSERT_EQUAL_FATAL(t->n_rows, 4);
    CHECK_STR(t->rows[0].key.s, "older"); /* of its class the oldest first */
    CHECK_STR(t->rows[1].key.s, "old");
    CHECK_STR(t->rows[3].key.s, "young");
    CHECK_STR(cell("payments", "old", "class"), "STUCK");
    CHECK_STR(cell("payments", "old", "amount_vnd"), "5,900,000");
    CHECK_STR(cell("payments", "old", "provider"), "VNPay");
    CHECK_STR(cell("payments", "old", "says"), "nothing");
    CHECK_STR(cell("payments", "old", "age"), "4h00m");
    CHECK_STR(cell("payments", "old", "created"), "2026-11-22T11:00:00+07:00");
    CHECK_STR(cell("payments", "old", "command"), "goodgo payments show old");
    CHECK_STR(cell("payments", "young", "class"), "WAITING");
    CHECK_STR(cell("payments", "bank", "provider"), "bank");
    CHECK_STR(cell("classes", "stuck", "n"), "2");
    CHECK_STR(cell("classes", "stuck", "vnd"), "6,000,000");
    CHECK_STR(cell("classes", "stuck", "heals"), "never");
    CHECK_STR(cell("classes", "stuck", "oldest"), "1d00h");
    CHECK_STR(cell("classes", "waiting", "heals"), "all expected");
    CHECK_STR(cell("classes", "paid_not_credited", "n"), "(none)");
    bench_done(&b);
}

/* A row of VNPay, paid at 14:31 in Vietnam, with its call stored: signed with `key`. */
static const char *called(const char *id, const char *key, const char *code, const char *state) {
    unsigned char mac[DIGEST_MAX_BYTES];
    struct str hex;
    const char *call = arena_printf(
        &b.arena,
        "vnp_Amount=500000&vnp_BankCode=NCB&vnp_OrderInfo=x&vnp_PayDate=20261122143100"
        "&vnp_ResponseCode=%s&vnp_TmnCode=SHOP&vnp_TransactionNo=9%s&vnp_TransactionStatus=%s"
        "&vnp_TxnRef=%s",
        code, code, state, id);
    size_t n = digest_hmac(DIGEST_SHA512, key, strlen(key), call, strlen(call), mac);
    str_init(&hex, 200);
    for (size_t i = 0; i < n; i++)
        str_printf(&hex, "%02x", mac[i]);
    const char *json = arena_printf(&b.arena, "\"%s&vnp_SecureHash=%s\"", call, str_get(&hex));
    str_done(&hex);
    return arena_printf(&b.arena,
                        "%s|u|\\N|VNPAY|DEPOSIT|PENDING|5000|\\N|\\N|c|u|1795332660000|"
                        "1795332660000|%s|%zu|0\n",
                        id, json, strlen(json));
}

static void vnpay_account(struct pay_account *account) {
    account->values[pay_setting_index(pay_provider_find("vnpay"), "VNPAY_TMN_CODE")] = "SHOP";
    account->values[pay_setting_index(pay_provider_find("vnpay"), "VNPAY_HASH_SECRET")] = "key";
    settings.pay_accounts = account;
    settings.n_pay_accounts = 1;
}

TEST(says_what_the_provider_says_and_whether_that_is_proven) {
    struct pay_account account = {.provider = "vnpay", .name = "current"};
    static const char *const said[][3] = {
        {"paid", "PAID-NOT-CREDITED", "paid 14:31"},  {"failed", "NOT-CLOSED", "failed 14:31"},
        {"open", "NOT-FINAL", "not final 14:31"},     {"odd", "NOT-FINAL", "nothing final 14:31"},
        {"forged", "BAD-SIGNATURE", "not authentic"}, {"momo", "NOT-VERIFIED", "not judged"},
    };
    start();
    vnpay_account(&account);
    CU_ASSERT_TRUE_FATAL(rows(arena_printf(
        &b.arena, "%s%s%s%s%s%s", called("paid", "key", "00", "00"),
        called("failed", "key", "24", "02"), called("open", "key", "00", "01"),
        called("odd", "key", "99", "09"), called("forged", "other", "00", "00"),
        "momo|u|\\N|MOMO|DEPOSIT|PENDING|5000|\\N|\\N|c|u|1795332660000|1795332660000|"
        "{\"orderId\": \"momo\", \"resultCode\": 0, \"orderType\": \"momo_wallet\"}|64|0\n")));
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        CHECK_STR(cell("payments", said[i][0], "class"), said[i][1]);
        CHECK_STR(cell("payments", said[i][0], "says"), said[i][2]);
    }
    CHECK_STR(cell("payments", "paid", "signature"), "ok");
    CHECK_STR(cell("payments", "paid", "provider_tx"), "900");
    CHECK_STR(cell("payments", "paid", "heals"), "VNPay 6/10 at 15:01");
    CHECK_STR(cell("payments", "paid", "replay"), "is not due yet: makes it COMPLETED");
    CHECK_STR(cell("payments", "failed", "replay"), "is not due yet: makes it FAILED");
    CHECK_STR(cell("payments", "forged", "replay"), "changes nothing");
    CHECK_STR(cell("payments", "forged", "signature"), "BAD");
    CHECK_STR(cell("payments", "forged", "provider_tx"), "-"); /* its claim is worth nothing */
    CHECK_STR(cell("payments", "momo", "signature"), "??");
    CHECK_STR(cell("classes", "not_final", "heals"), "2 maybe");
    bench_done(&b);
}

/* As it stands on the screen and in `payments list --json`. */
/* VNPay calls again, MoMo does not. */
TEST(what_is_expected_to_heal_and_what_may_are_told_apart) {
    start();
    CU_ASSERT_TRUE_FATAL(rows(arena_printf(
        &b.arena, "%s%s",
        "momo|u|\\N|MOMO|DEPOSIT|PENDING|5000|\\N|\\N|c|u|1795334340000|1795334340000|"
        "{\"orderId\": \"momo\", \"resultCode\": 0, \"orderType\": \"momo_wallet\"}|64|0\n",
        called("paid", "key", "00", "00"))));
    CHECK_STR(cell("classes", "not_verified", "heals"), "1 expected, 1 maybe");
    bench_done(&b);
}

TEST(a_row_tells_all_that_is_known_of_a_payment) {
    struct pay_account account = {.provider = "vnpay", .name = "current"};
    static const char *const cells[][2] = {
        {"id", "paid"},
        {"status", "PENDING"},
        {"type", "DEPOSIT"},
        {"user", "u"},
        {"amount_vnd", "5,000"},
        {"why",
         "VNPay says of 5,000 VND: vnp_ResponseCode 00: no error; vnp_TransactionStatus 00: paid"},
        {"todo", "replay the stored message, unless it heals by itself"},
        {"created", "2026-11-22T14:31:00+07:00"},
        {"command", "goodgo payments show paid"},
    };
    static const char *const classes[][2] = {
        {"class", "PAID-NOT-CREDITED"},
        {"todo", "replay the stored message, unless it heals by itself"},
        {"what", "paid, as the provider's authentic message says, and open here"},
        {"category", "STATUS_MISMATCH"},
        {"command", "goodgo payments list --class paid_not_credited"},
    };
    start();
    vnpay_account(&account);
    CU_ASSERT_TRUE_FATAL(rows(called("paid", "key", "00", "00")));
    for (size_t i = 0; i < ARRAY_LEN(cells); i++)
        CHECK_STR(cell("payments", "paid", cells[i][0]), cells[i][1]);
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        CHECK_STR(cell("classes", "paid_not_credited", classes[i][0]), classes[i][1]);
    CU_ASSERT_TRUE(bench_pg(&b, "totals", 160000, "16", TOTALS, "MOMO|PENDING|3|300|1795320000"));
    CHECK_STR(cell("totals", "MOMO/PENDING", "provider"), "MOMO");
    CHECK_STR(cell("totals", "MOMO/PENDING", "status"), "PENDING");
    CHECK_STR(cell("totals", "MOMO/PENDING", "vnd"), "300");
    CHECK_STR(cell("totals", "MOMO/PENDING", "oldest"), "4h00m");
    bench_done(&b);
}

/* The row of called(), credited: with another amount than its message says, where it is not 5000.
 */
static const char *credited(const char *id, const char *code, const char *state, const char *vnd) {
    const char *row = called(id, "key", code, state);
    const char *open = strstr(row, "|PENDING|5000|");
    return arena_printf(&b.arena, "%.*s|COMPLETED|%s|%s", (int)(open - row), row, vnd,
                        open + strlen("|PENDING|5000|"));
}

static bool credited_rows(const char *text) {
    return bench_pg(&b, "credited", 160000, "16", ROWS,
                    arena_strndup(&b.arena, text, strlen(text) - 1));
}

TEST(credited_payments_that_their_messages_contradict_join_the_classes) {
    struct pay_account account = {.provider = "vnpay", .name = "current"};
    double n;
    start();
    vnpay_account(&account);
    CU_ASSERT_TRUE_FATAL(
        rows(arena_printf(&b.arena, "%s%s", OPEN("old", "MOMO", "100", "1795320000000"),
                          called("paid", "key", "00", "00"))));
    CU_ASSERT_TRUE_FATAL(credited_rows(
        arena_printf(&b.arena, "%s%s%s%s", credited("well", "00", "00", "5000"),
                     credited("less", "00", "00", "4000"), credited("failed", "24", "02", "5000"),
                     credited("paid", "00", "00", "1")))); /* which is open by now */
    bench_judge(&b);
    const struct table *t = reading_table(&b.reading, "payments");
    CU_ASSERT_EQUAL_FATAL(t->n_rows, 4);
    CHECK_STR(t->rows[0].key.s, "paid");
    CHECK_STR(t->rows[1].key.s, "less");
    CHECK_STR(t->rows[2].key.s, "failed");
    CHECK_STR(t->rows[3].key.s, "old");
    CHECK_STR(cell("payments", "less", "class"), "AMOUNT-DIFFERS");
    CHECK_STR(cell("payments", "failed", "class"), "STATUS-DIFFERS");
    CHECK_STR(cell("payments", "well", "class"), "(none)");
    CHECK_STR(cell("payments", "paid", "class"), "PAID-NOT-CREDITED");
    CHECK_STR(reading_table(&b.reading, "classes")->rows[1].key.s, "amount_differs");
    CHECK_STR(cell("classes", "amount_differs", "n"), "1");
    CHECK_STR(cell("classes", "amount_differs", "vnd"), "4,000");
    CHECK_STR(cell("classes", "amount_differs", "heals"), "never");
    CHECK_STR(cell("classes", "status_differs", "n"), "1");
    CHECK_STR(cell("classes", "paid_not_credited", "n"), "1");
    CHECK_STR(cell("classes", "paid_not_credited", "heals"), "all expected");
    CU_ASSERT(reading_number(&b.reading, "to_act", &n) && n == 3);
    CU_ASSERT(reading_number(&b.reading, "to_act_vnd", &n) && n == 14000);
    CU_ASSERT(reading_number(&b.reading, "oldest_s", &n) && n == 1740);
    CU_ASSERT(reading_number(&b.reading, "verified", &n) && n == 4);
    CU_ASSERT(reading_number(&b.reading, "verified_cut", &n) && n == 0);
    CU_ASSERT_EQUAL(b.verdict.health, HEALTH_CRITICAL);
    bench_done(&b);
}

/* Two of one transaction are found by the statement of the open ones. */
TEST(a_credited_payment_that_is_listed_already_is_not_counted_twice) {
    struct pay_account account = {.provider = "vnpay", .name = "current"};
    start();
    vnpay_account(&account);
    const char *row = credited("twice", "00", "00", "4000");
    char *same = arena_strdup(&b.arena, row);
    same[strlen(same) - 2] = '1';
    CU_ASSERT_TRUE_FATAL(rows(OPEN("old", "MOMO", "100", "1795320000000")));
    CU_ASSERT_TRUE_FATAL(credited_rows(same));
    bench_judge(&b);
    CHECK_STR(cell("payments", "twice", "class"), "(none)");
    CHECK_STR(cell("classes", "amount_differs", "n"), "(none)");
    bench_done(&b);
}

TEST(a_class_adds_up_what_is_open_and_what_is_credited) {
    struct pay_account account = {.provider = "vnpay", .name = "current"};
    start();
    vnpay_account(&account);
    const char *open = called("open", "key", "00", "00");
    const char *amount = strstr(open, "|5000|");
    CU_ASSERT_TRUE_FATAL(rows(arena_printf(&b.arena, "%.*s|6000|%s", (int)(amount - open), open,
                                           amount + strlen("|5000|"))));
    CU_ASSERT_TRUE_FATAL(credited_rows(credited("less", "00", "00", "4000")));
    bench_judge(&b);
    CHECK_STR(cell("classes", "amount_differs", "n"), "2");
    CHECK_STR(cell("classes", "amount_differs", "vnd"), "10,000");
    CHECK_STR(cell("classes", "amount_differs", "heals"), "never");
    bench_done(&b);
}

/* `row`, made at another time. */
static const char *made_at(const char *row, const char *ms) {
    char *copy = arena_strdup(&b.arena, row);
    for (char *at = copy; (at = strstr(at, "1795332660000")); at += strlen(ms))
        memcpy(at, ms, strlen(ms));
    return copy;
}

TEST(the_oldest_of_all_that_is_to_be_acted_on_counts) {
    struct pay_account account = {.provider = "vnpay", .name = "current"};
    static const char *const ms[] = {"1795332000000", "1795331400000", "1795330800000"};
    static const int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
    double oldest_s;
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        start();
        vnpay_account(&account);
        CU_ASSERT_TRUE_FATAL(rows(made_at(called("open", "key", "00", "00"), ms[orders[i][0]])));
        CU_ASSERT_TRUE_FATAL(credited_rows(arena_printf(
            &b.arena, "%s%s", made_at(credited("less", "00", "00", "4000"), ms[orders[i][1]]),
            made_at(credited("more", "00", "00", "6000"), ms[orders[i][2]]))));
        bench_judge(&b);
        CU_ASSERT(reading_number(&b.reading, "oldest_s", &oldest_s) && oldest_s == 3600);
        CHECK_STR(cell("classes", "amount_differs", "oldest"),
                  orders[i][0] == 2 ? "50m00s" : "1h00m");
        bench_done(&b);
    }
}

TEST(credited_payments_are_asked_for_less_often_and_are_bounded) {
    const struct probe_stage *stage = &pay_queue.stages[pay_queue.n_stages - 1];
    start();
    CHECK_STR(stage->name, "credited");
    CU_ASSERT_EQUAL(stage->every_ms, 300000);
    CU_ASSERT_FALSE(stage->essential);
    CU_ASSERT_TRUE(bench_request(&b, "credited"));
    CU_ASSERT_EQUAL(b.ex.pg.max_rows, 300);
    CU_ASSERT_PTR_NOT_NULL(strstr(b.ex.pg.sql, "\"status\" IN ('COMPLETED')"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.ex.pg.sql, "\"callbackData\" IS NOT NULL"));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.ex.pg.sql, "DESC LIMIT 300"));
    CU_ASSERT_FALSE(
        credited_rows("x|u|\\N|VNPAY|DEPOSIT|COMPLETED|5.5|\\N|\\N|c|u|1|1|\\N|\\N|0\n"));
    bench_done(&b);
}

TEST(one_number_on_two_payments_is_money_to_act_on) {
    start();
    CU_ASSERT_TRUE(rows(
        "a|u|\\N|MOMO|DEPOSIT|COMPLETED|5000|77|\\N|c|u|1795320000000|1795320000000|\\N|\\N|1\n"
        "b|u|\\N|MOMO|DEPOSIT|FAILED|5000|78|\\N|c|u|1795320000000|1795320000000|{\"x\": "
        "1}|8|0\n"));
    bench_judge(&b);
    CU_ASSERT_EQUAL(b.verdict.health, HEALTH_CRITICAL);
    CHECK_STR(b.verdict.summary.s, "1 to act on, 5,000 VND, oldest 4h00m");
    CHECK_STR(cell("payments", "a", "class"), "DUPLICATE");
    CHECK_STR(cell("payments", "b", "class"), "(none)"); /* settled: nothing to look at */
    CHECK_STR(cell("classes", "settled", "n"), "(none)");
    bench_done(&b);
}

TEST(a_sum_that_fits_no_number_stays_the_largest) {
    start();
    CU_ASSERT_TRUE_FATAL(rows(OPEN("a", "VNPAY", "9223372036854775807", "1795320000000")
                                  OPEN("b", "VNPAY", "5", "1795320000000")));
    const struct table *t = reading_table(&b.reading, "classes");
    CU_ASSERT_EQUAL_FATAL(t->n_rows, 1);
    CU_ASSERT_EQUAL(t->rows[0].cells[2].i, INT64_MAX);
    bench_done(&b);
}

TEST(the_summary_does_not_round_the_money) {
    start();
    CU_ASSERT_TRUE_FATAL(rows("a|u|\\N|MOMO|DEPOSIT|COMPLETED|9007199254740993|77|\\N|c|u|"
                              "1795320000000|1795320000000|\\N|\\N|1\n"));
    bench_judge(&b);
    CHECK_STR(b.verdict.summary.s, "1 to act on, 9,007,199,254,740,993 VND, oldest 4h00m");
    bench_done(&b);
}

TEST(nothing_stuck_is_well) {
    start();
    CU_ASSERT_TRUE(bench_pg(&b, "rows", 160000, "16", ROWS, ""));
    bench_judge(&b);
    CU_ASSERT_EQUAL(b.verdict.health, HEALTH_OK);
    CHECK_STR(b.verdict.summary.s, "nothing to act on");
    CU_ASSERT_EQUAL(reading_table(&b.reading, "payments")->n_rows, 0);
    bench_done(&b);
}

TEST(stuck_payments_are_a_warning) {
    start();
    CU_ASSERT_TRUE(rows(four));
    bench_judge(&b);
    CU_ASSERT_EQUAL(b.verdict.health, HEALTH_WARNING);
    bench_done(&b);
}

TEST(what_was_not_read_is_not_called_well) {
    double n;
    start();
    CU_ASSERT_TRUE(rows(OPEN("young", "ZALOPAY", "7", "1795334340000")));
    CU_ASSERT_TRUE(
        bench_pg(&b, "totals", 160000, "16", TOTALS, "MOMO|PENDING|1204|300|1795320000"));
    bench_judge(&b);
    CU_ASSERT_EQUAL(b.verdict.health, HEALTH_WARNING);
    CHECK_STR(b.verdict.summary.s, "nothing to act on, among the newest 1 of 1204 open");
    CU_ASSERT(reading_number(&b.reading, "unread", &n) && n == 1203);
    bench_done(&b);
    start(); /* all of them were read */
    CU_ASSERT_TRUE(rows(OPEN("young", "ZALOPAY", "7", "1795334340000")));
    CU_ASSERT_TRUE(bench_pg(&b, "totals", 160000, "16", TOTALS, "ZALOPAY|PENDING|1|7|1795334340"));
    bench_judge(&b);
    CU_ASSERT_EQUAL(b.verdict.health, HEALTH_OK);
    CHECK_STR(b.verdict.summary.s, "nothing to act on");
    CU_ASSERT_FALSE(reading_number(&b.reading, "unread", &n));
    bench_done(&b);
}

TEST(a_row_that_is_none_fails_the_reading) {
    start();
    CU_ASSERT_FALSE(rows(OPEN("x", "VNPAY", "5.5", "1795320000000")));
    CHECK_STR(b.err.target, "amountVND");
    bench_done(&b);
}

TEST(adds_up_what_is_open_and_what_was_credited) {
    double n;
    start();
    CU_ASSERT_TRUE(bench_pg(&b, "totals", 160000, "16", TOTALS,
                            "VNPAY|COMPLETED|1204|9007199254740993|1795320000\n"
                            "MOMO|PENDING|3|300|1795320000\nMOMO|PROCESSING|2|200|1795320000\n"
                            "MOMO|FAILED|9|900|1795320000"));
    CU_ASSERT(reading_number(&b.reading, "open", &n) && n == 5);
    CU_ASSERT(reading_number(&b.reading, "open_vnd", &n) && n == 500);
    CU_ASSERT(reading_number(&b.reading, "credited_24h", &n) && n == 1204);
    CU_ASSERT_EQUAL(reading_metric(&b.reading, "credited_24h_vnd")->value.i,
                    INT64_C(9007199254740993));
    CHECK_STR(cell("totals", "MOMO/FAILED", "n"), "9");
    bench_done(&b);
}

TEST(refuses_sums_that_fit_no_number) {
    static const char *const bad[] = {
        "VNPAY|COMPLETED|1|99999999999999999999|1",
        "VNPAY|COMPLETED|x|1|1",
        "\\N|COMPLETED|1|1|1",
        "VNPAY|COMPLETED|1|1|\\N",
        "VNPAY|COMPLETED|1|9223372036854775807|1\nMOMO|COMPLETED|1|1|1",
        "VNPAY|PENDING|1|9223372036854775807|1\nMOMO|PENDING|1|1|1"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        start();
        CU_ASSERT_FALSE(bench_pg(&b, "totals", 160000, "16", TOTALS, bad[i]));
        bench_done(&b);
    }
}

/* A payment that broke a minute ago is among them, however many settled ones are newer. */
TEST(asks_for_what_is_open_first_and_then_for_what_may_be_wrong) {
    start();
    CU_ASSERT_TRUE(bench_stage(&b, "rows")->essential);
    CU_ASSERT_TRUE(bench_request(&b, "rows"));
    CHECK_HAS(b.ex.pg.sql, " WHERE (p.\"status\" IN ('PENDING', 'PROCESSING') OR ");
    CHECK_HAS(b.ex.pg.sql, " ORDER BY p.\"status\" IN ('PENDING', 'PROCESSING') DESC, "
                           "p.\"createdAt\" DESC, p.\"id\" DESC LIMIT 300");
    bench_done(&b);
}

TEST(asks_the_database_directly_and_changes_nothing) {
    const char *why;
    char shell[100];
    start();
    CU_ASSERT_TRUE(pay_queue.configured(&settings, &why));
    settings.has_postgres = false;
    CU_ASSERT_FALSE(pay_queue.configured(&settings, &why));
    CHECK_STR(why, "DATABASE_URL is not set");
    for (uint32_t i = 0; i < pay_queue.n_stages; i++) {
        CU_ASSERT_TRUE(bench_request(&b, pay_queue.stages[i].name));
        CU_ASSERT_EQUAL(b.ex.kind, EXCHANGE_PG);
        CU_ASSERT_FALSE(b.ex.pg.target.pooler);
        CU_ASSERT_EQUAL(strncmp(b.ex.pg.sql, "SELECT ", 7), 0);
        CU_ASSERT_PTR_NULL(strchr(b.ex.pg.sql, ';'));
        CU_ASSERT_PTR_NOT_NULL(strstr(b.ex.pg.sql, " 'epoch' + 1795248000 * ")); /* a day ago */
    }
    bench_shell(&pay_queue, &settings, "", shell, sizeof shell);
    CHECK_STR(shell, "goodgo payments list");
    bench_done(&b);
}

SUITE(pay_queue, T(credited_payments_that_their_messages_contradict_join_the_classes),
      T(a_credited_payment_that_is_listed_already_is_not_counted_twice),
      T(a_class_adds_up_what_is_open_and_what_is_credited),
      T(what_is_expected_to_heal_and_what_may_are_told_apart),
      T(a_row_tells_all_that_is_known_of_a_payment),
      T(the_oldest_of_all_that_is_to_be_acted_on_counts),
      T(credited_payments_are_asked_for_less_often_and_are_bounded),
      T(says_what_the_provider_says_and_whether_that_is_proven),
      T(puts_every_payment_into_its_class_worst_first),
      T(one_number_on_two_payments_is_money_to_act_on), T(nothing_stuck_is_well),
      T(a_sum_that_fits_no_number_stays_the_largest), T(the_summary_does_not_round_the_money),
      T(stuck_payments_are_a_warning), T(what_was_not_read_is_not_called_well),
      T(a_row_that_is_none_fails_the_reading), T(adds_up_what_is_open_and_what_was_credited),
      T(refuses_sums_that_fit_no_number),
      T(asks_for_what_is_open_first_and_then_for_what_may_be_wrong),
      T(asks_the_database_directly_and_changes_nothing))
