/* tests/loop/test_reconcile.c - a reconciliation over a real PostgreSQL and small files: what a
 * gateway pays out settles its days to the dong, or is said to differ, or is nobody's. */
#define _GNU_SOURCE /* close_range of pg_server.h */
#include "act/reconcile.h"
#include "base/str.h"
#include "io/file.h"
#include "pay_database.h"

static struct bench b;
static struct settings settings;
static char work_dir[96], gateway_file[96], statement_file[96];
static char seen[4096]; /* "GGV1 MATCHED 0; - UNMATCHED 5000; " */
static char last_evidence[400];
static int64_t seen_db_vnd;
static struct reconcile_request question;
static struct reconcile_report report;
static struct err err;

#define DAY(d) (20513 + (d)-1) /* of March 2026, since 1970 */

TEST(starts_a_server) {
    pg_server_start();
    pg_run("postgres", pay_database_sql);
    snprintf(work_dir, sizeof work_dir, "%s/work", pg.dir);
    snprintf(gateway_file, sizeof gateway_file, "%s/gateway.csv", pg.dir);
    snprintf(statement_file, sizeof statement_file, "%s/mb.csv", pg.dir);
    CU_ASSERT_TRUE_FATAL(dir_make(work_dir, &err));
}

static void begin(void) {
    static const char *const gateways[] = {gateway_file}, *const statements[] = {statement_file};
    b = (struct bench){.explain = false};
    settings = (struct settings){.context = "dev", .has_postgres = true, .postgres = pg.target};
    question = (struct reconcile_request){.settings = &settings,
                                          .work_dir = work_dir,
                                          .state_dir = work_dir,
                                          .from_day = DAY(1),
                                          .before_day = DAY(20),
                                          .statements = statements,
                                          .gateways = gateways,
                                          .n_statements = 1,
                                          .n_gateways = 1,
                                          .layouts = statement_layouts,
                                          .n_layouts = n_statement_layouts,
                                          .window_days = 7,
                                          .settle_days = 3,
                                          .ref_prefix = "GG",
                                          .cancel_fd = -1};
    pg_run("postgres", "TRUNCATE \"Payment\"");
}

static void write_to(const char *path, const char *head, const char *text) {
    const char *all = arena_printf(&b.arena, "%s%s", head, text);
    CU_ASSERT_TRUE_FATAL(writefile(path, all, strlen(all), &err));
}

/* Lines "PROVIDER,ORDER,TX,VND,completed,dd/MM/yyyy HH:mm:ss,FEE". */
static void gateway_says(const char *lines) {
    write_to(gateway_file, "provider,order_id,provider_tx_id,amount,status,paid_at,fee\n", lines);
}

/* Lines "dd/MM/yyyy,REF,,VND,CONTENT". */
static void bank_says(const char *lines) {
    write_to(statement_file,
             "Số tài khoản,0801\nNgày giao dịch,Số bút toán,Phát sinh nợ,Phát sinh có,Nội dung\n",
             lines);
}

/* Completed, at nine in the morning of a day of March. */
static void order(const char *id, const char *provider, int64_t vnd, int day, const char *tx) {
    pg_run("postgres",
           arena_printf(
               &b.arena,
               "INSERT INTO \"Payment\" SELECT $id$%s$id$, 'u2', NULL, '%s', 'DEPOSIT', %lld, "
               "'COMPLETED', '%s', NULL, NULL, t, t FROM (SELECT timestamp '2026-03-%02d "
               "02:00:00' AS t) x",
               id, provider, (long long)vnd, tx, day));
}

static void open_transfer(const char *id, int64_t vnd, int day) {
    order(id, "BANK_TRANSFER", vnd, day, "");
    pg_run("postgres", arena_printf(&b.arena,
                                    "UPDATE \"Payment\" SET \"status\" = 'PENDING', "
                                    "\"providerTxId\" = NULL WHERE \"id\" = '%s'",
                                    id));
}

static bool see(void *ctx, const struct recon_row *row, struct err *unused) {
    (void)ctx;
    (void)unused;
    size_t n = strlen(seen);
    seen_db_vnd += row->has_db ? row->db_vnd : 0;
    str_copy(last_evidence, sizeof last_evidence, row->evidence ? row->evidence : "");
    snprintf(seen + n, sizeof seen - n, "%s %s %lld; ", *row->order_id ? row->order_id : "-",
             recon_category_info[row->category].name, (long long)row->difference_vnd);
    return true;
}

static bool runs(void) {
    seen[0] = 0;
    seen_db_vnd = 0;
    memset(&err, 0, sizeof err);
    bool ok = reconcile_run(&question, &b.arena, see, NULL, &report, &err);
    if (ok) { /* to the dong, whatever the files say */
        CU_ASSERT_EQUAL(report.read.bank_vnd, report.reported.bank_vnd + report.outside.bank_vnd);
        CU_ASSERT_EQUAL(seen_db_vnd, report.reported.db_vnd);
    }
    return ok;
}

static void gives(const char *expected) {
    if (!runs())
        printf("\n%s %s\n", err.target, err.why);
    CHECK_STR(seen, expected);
}

TEST(one_credit_settles_a_weekend) {
    begin();
    order("GGV1", "VNPAY", 100000, 6, "11");
    order("GGV2", "VNPAY", 200000, 7, "12");
    order("GGV3", "VNPAY", 300000, 8, "13");
    gateway_says("VNPAY,GGV1,11,100000,completed,06/03/2026 09:00:00,1000\n"
                 "VNPAY,GGV2,12,200000,completed,07/03/2026 09:00:00,2000\n"
                 "VNPAY,GGV3,13,300000,completed,08/03/2026 09:00:00,3000\n");
    bank_says("09/03/2026,FT1,,594000,VNPAY thanh toan\n16/03/2026,FT9,,1,khac\n");
    gives("GGV1 MATCHED 0; GGV2 MATCHED 0; GGV3 MATCHED 0; - UNMATCHED 1; ");
    bench_done(&b);
}

TEST(the_same_row_of_a_gateway_counts_once) {
    begin();
    order("GGV1", "VNPAY", 100000, 6, "11");
    gateway_says("VNPAY,GGV1,11,100000,completed,06/03/2026 09:00:00,1000\n"
                 "VNPAY,GGV1,11,100000,completed,06/03/2026 09:00:00,1000\n");
    bank_says("07/03/2026,FT1,,99000,VNPAY thanh toan\n16/03/2026,FT9,,1,khac\n");
    gives("GGV1 MATCHED 0; - UNMATCHED 1; ");
    bench_done(&b);
}

/* Wherever the two are among the orders: as payments, and as rows of the gateway. */
TEST(a_transaction_is_of_one_order) {
    begin();
    order("GGV1", "VNPAY", 100000, 6, "11");
    order("GGV2", "VNPAY", 100000, 6, "12");
    order("GGV3", "VNPAY", 100000, 6, "11");
    order("GGV4", "VNPAY", 100000, 6, "14");
    order("GGM1", "MOMO", 100000, 6, "12");
    gateway_says("VNPAY,GGV1,11,100000,completed,06/03/2026 09:00:00,0\n"
                 "VNPAY,GGV2,12,100000,completed,06/03/2026 09:00:00,0\n"
                 "VNPAY,GGV3,11,100000,completed,06/03/2026 09:00:00,0\n"
                 "VNPAY,OLD4,14,100000,completed,06/03/2026 09:00:00,0\n"
                 "MOMO,GGM1,12,100000,completed,06/03/2026 09:00:00,0\n");
    bank_says("06/03/2026,FT9,,1,khac\n");
    gives("- UNMATCHED 1; GGM1 UNSETTLED 0; GGV1 DUPLICATE 0; GGV2 UNSETTLED 0; "
          "GGV3 DUPLICATE 0; GGV4 UNSETTLED 0; ");
    bench_done(&b);
}

TEST(a_credit_that_is_a_little_off_is_a_difference_of_its_day) {
    begin();
    order("GGV1", "VNPAY", 100000, 6, "11");
    gateway_says("VNPAY,GGV1,11,100000,completed,06/03/2026 09:00:00,1000\n");
    bank_says("07/03/2026,FT1,,98500,VNPAY thanh toan\n16/03/2026,FT9,,1,khac\n");
    gives("- FEE_DIFFERENCE -500; GGV1 MATCHED 0; - UNMATCHED 1; ");
    question.from_day = DAY(7); /* that day is no longer asked for */
    CU_ASSERT_TRUE(runs());
    CU_ASSERT_PTR_NULL(strstr(seen, "FEE_DIFFERENCE"));
    bench_done(&b);
}

/* Each of these leaves the credit to nobody, and the order without its money. */
static void leaves(const char *bank, const char *unmatched) {
    begin();
    order("GGV1", "VNPAY", 100000, 6, "11");
    gateway_says("VNPAY,GGV1,11,100000,completed,06/03/2026 09:00:00,1000\n"
                 "MOMO,GGM1,21,1,failed,06/03/2026 09:00:00,0\n");
    bank_says(bank);
    CU_ASSERT_TRUE(runs());
    CU_ASSERT_PTR_NOT_NULL(strstr(seen, "GGV1 MISSING_IN_STATEMENT"));
    if (!strstr(seen, unmatched))
        CHECK_STR(seen, unmatched);
    bench_done(&b);
}

TEST(what_is_not_surely_its_payout_settles_no_day) {
    leaves("07/03/2026,FT1,,90000,VNPAY tt\n16/03/2026,FT9,,1,khac\n", "- UNMATCHED 90000");
    leaves("07/03/2026,FT1,,98500,VNPAY tt\n08/03/2026,FT2,,98600,VNPAY tt\n16/03/2026,FT9,,1,x\n",
           "- UNMATCHED 98500; - UNMATCHED 98600");
    leaves("10/03/2026,FT1,,99000,VNPAY muon\n16/03/2026,FT9,,1,khac\n", "- UNMATCHED 99000");
    leaves("06/03/2026,FT1,,99000,VNPAY som\n16/03/2026,FT9,,1,khac\n", "- UNMATCHED 99000");
    leaves("07/03/2026,FT1,,99000,MOMO tt\n16/03/2026,FT9,,1,khac\n", "- UNMATCHED 99000");
}

TEST(the_same_input_has_the_same_number_in_any_order) {
    char first[sizeof report.run_id];
    begin();
    order("GGV1", "VNPAY", 100000, 6, "11");
    gateway_says("VNPAY,GGV1,11,100000,completed,06/03/2026 09:00:00,1000\n");
    bank_says("07/03/2026,FT1,,99000,VNPAY thanh toan\n");
    CU_ASSERT_TRUE(runs());
    memcpy(first, report.run_id, sizeof first);
    CU_ASSERT_TRUE(runs());
    CHECK_STR(report.run_id, first);
    pg_run("postgres", "UPDATE \"Payment\" SET \"amountVND\" = 100001");
    CU_ASSERT_TRUE(runs());
    CU_ASSERT_NOT_EQUAL(strcmp(report.run_id, first), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(seen, "GGV1 AMOUNT_MISMATCH"));
    bench_done(&b);
}

/* A gateway's file has a row for the payment and one for what was given back. */
TEST(a_refund_at_the_gateway_is_no_attempt_that_failed) {
    begin();
    question.n_statements = 0;
    order("GGV1", "VNPAY", 100000, 6, "11");
    order("GGV2", "VNPAY", 200000, 6, "12");
    order("GGV3", "VNPAY", 300000, 6, "13");
    pg_run("postgres", "UPDATE \"Payment\" SET \"status\" = 'REFUNDED' WHERE \"id\" = 'GGV2'");
    gateway_says("VNPAY,GGV1,11,100000,completed,06/03/2026 09:00:00,0\n"
                 "VNPAY,GGV1,21,100000,refunded,07/03/2026 09:00:00,0\n"
                 "VNPAY,GGV2,12,200000,completed,06/03/2026 09:00:00,0\n"
                 "VNPAY,GGV2,22,150000,refunded,07/03/2026 09:00:00,0\n"
                 "VNPAY,GGV2,23,50000,refunded,08/03/2026 09:00:00,0\n"
                 "VNPAY,GGV3,13,300000,completed,06/03/2026 09:00:00,0\n"
                 "VNPAY,GGV3,24,1000,refunded,07/03/2026 09:00:00,0\n");
    gives("GGV1 STATUS_MISMATCH -100000; GGV2 MATCHED 0; GGV3 MATCHED 0; "
          "GGV1 REFUND_CANDIDATE 0; GGV2 MATCHED 0; GGV3 REFUND_CANDIDATE 0; GGV2 MATCHED 0; ");
    bench_done(&b);
}

/* The refund has a transaction of its own. */
TEST(a_refund_alone_is_of_its_order) {
    begin();
    question.n_statements = 0;
    order("GGV1", "VNPAY", 100000, 6, "11");
    pg_run("postgres", "UPDATE \"Payment\" SET \"status\" = 'REFUNDED'");
    gateway_says("VNPAY,GGV1,21,100000,refunded,09/03/2026 09:00:00,0\n"
                 "VNPAY,OTHER,22,100000,refunded,09/03/2026 09:00:00,0\n");
    gives("GGV1 MATCHED 0; OTHER REFUND_CANDIDATE 0; ");
    bench_done(&b);
}

/* A refund of this month, of a payment of the last. */
TEST(a_refund_at_the_gateway_finds_its_order_however_old) {
    begin();
    question.n_statements = 0;
    order("GGV'1", "VNPAY", 100000, 1, "11");
    order("GGV2", "VNPAY", 100000, 1, "12");
    pg_run("postgres", "UPDATE \"Payment\" SET \"createdAt\" = '2026-01-31 02:00'");
    gateway_says("VNPAY,GGV'1,21,100000,refunded,09/03/2026 09:00:00,0\n"
                 "VNPAY,GGV2,22,100000,refunded,28/02/2026 09:00:00,0\n");
    gives("GGV'1 STATUS_MISMATCH -100000; ");
    CU_ASSERT_EQUAL(report.read.db_vnd, 100000);
    bench_done(&b);
}

TEST(what_another_number_paid_has_to_be_paid_out_too) {
    begin();
    order("GGV1", "VNPAY", 100000, 6, "11");
    gateway_says("VNPAY,OLD1,11,100000,completed,06/03/2026 09:00:00,0\n");
    bank_says("08/03/2026,FT9,,1,khac\n");
    gives("GGV1 UNSETTLED 0; - UNMATCHED 1; ");
    bank_says("16/03/2026,FT9,,1,khac\n");
    gives("GGV1 MISSING_IN_STATEMENT 0; - UNMATCHED 1; ");
    bench_done(&b);
}

static void asks(const char *since, const char *until, int64_t from_day, int64_t before_day) {
    struct pairs given = {.n = until ? 2 : 1, .at = {{"since", since}, {"until", until}}};
    begin();
    CU_ASSERT_TRUE(reconcile_request_read(&given, &b.arena, &question, &err));
    CU_ASSERT_EQUAL(question.from_day, from_day);
    CU_ASSERT_EQUAL(question.before_day, before_day);
    bench_done(&b);
}

static void asks_nothing(const char *first, const char *day, const char *until, const char *why) {
    struct pairs given = {.n = 2, .at = {{first, day}, {"until", until}}};
    begin();
    CU_ASSERT_FALSE(reconcile_request_read(&given, &b.arena, &question, &err));
    CHECK_STR(err.why, why);
    bench_done(&b);
}

/* A month, a day, and all that there is since a year that is long ago. */
TEST(the_days_of_a_question_end_where_it_says) {
    asks("2026-03-01", "2026-03-31", DAY(1), DAY(32));
    asks("2026-03-01", "2026-03-01", DAY(1), DAY(2));
    asks("2000-01-01", NULL, 10957, RECONCILE_NO_END);
    asks_nothing("since", "2026-03-02", "2026-03-01", "is before 2026-03-02");
    asks_nothing("day", "2026-03-02", "2026-03-03", "goes with --since DAY");
    asks_nothing("since", "2026-03-02", "2026-03-32", "is no day like 2026-10-09");
}

/* The orders of the next month are another month's, and those that this one paid are here. */
TEST(a_month_ends_with_its_last_day) {
    begin();
    question.n_gateways = 0;
    order("GGB1001A", "BANK_TRANSFER", 500000, 18, "");
    order("GGB1002A", "BANK_TRANSFER", 600000, 20, "");
    order("GGB1003A", "BANK_TRANSFER", 700000, 20, "");
    bank_says("19/03/2026,FT1,,600000,GGB1002A\n20/03/2026,FT2,,500000,GGB1001A\n"
              "20/03/2026,FT3,,700000,GGB1003A\n");
    gives("GGB1001A MATCHED 0; GGB1002A MATCHED 0; ");
    CU_ASSERT_EQUAL(report.reported.db_vnd, 1100000);
    CU_ASSERT_EQUAL(report.outside.bank_vnd, 700000);
    bench_done(&b);
}

static void ask_one_day(int day) {
    question.from_day = DAY(day);
    question.before_day = DAY(day + 1);
}

/* Each morning has the lines of one day, and their orders are of the days before. */
TEST(a_line_finds_an_order_of_the_days_before) {
    begin();
    gateway_says("");
    open_transfer("GGB1001A", 500000, 6);
    open_transfer("GGB1002A", 600000, 6);
    order("GGB1003A", "BANK_TRANSFER", 700000, 6, "");
    bank_says("08/03/2026,FT1,,500000,tien dang tin\n08/03/2026,FT2,,600000,GGB1OO2A\n"
              "08/03/2026,FT3,,700000,GGB1003A\n");
    ask_one_day(8);
    gives("GGB1001A SUGGESTED 500000; GGB1002A SUGGESTED 600000; GGB1003A MATCHED 0; ");
    ask_one_day(7); /* none of it is of this day */
    gives("");
    CU_ASSERT_EQUAL(report.outside.bank_vnd, 1800000);
    bench_done(&b);
}

/* Orders of other days count too where a line might be for them. */
TEST(the_only_open_order_is_the_only_one_of_all_days) {
    begin();
    gateway_says("");
    open_transfer("GGB1001A", 500000, 6);
    open_transfer("GGB1002A", 500000, 9);
    bank_says("10/03/2026,FT1,,500000,tien dang tin\n");
    ask_one_day(6);
    gives("GGB1001A NOT_PAID 0; ");
    ask_one_day(10);
    gives("- UNMATCHED 500000; ");
    bench_done(&b);
}

/* The gateway's own number of it, and it was paid a minute after midnight. */
TEST(a_transaction_finds_its_order_across_midnight) {
    begin();
    question.n_statements = 0;
    order("GGV1", "VNPAY", 100000, 6, "11");
    order("GGV2", "VNPAY", 200000, 6, "12");
    gateway_says("VNPAY,OLD1,11,100000,completed,07/03/2026 00:01:00,0\n"
                 "VNPAY,GGV2,12,200000,completed,07/03/2026 00:01:00,0\n"
                 "VNPAY,X,99,1,failed,05/03/2026 09:00:00,0\n");
    for (int day = 6; day <= 7; day++) {
        ask_one_day(day);
        gives("GGV1 MATCHED 0; GGV2 MATCHED 0; ");
        CU_ASSERT_EQUAL(report.reported.gateway_vnd, 300000);
        CU_ASSERT_EQUAL(report.read.gateway_vnd,
                        report.reported.gateway_vnd + report.outside.gateway_vnd);
    }
    ask_one_day(8);
    gives("");
    bench_done(&b);
}

TEST(a_transaction_of_an_order_of_another_day_is_not_booked_twice) {
    begin();
    question.n_statements = 0;
    order("GGV1", "VNPAY", 100000, 6, "11");
    order("GGV2", "VNPAY", 100000, 7, "11");
    gateway_says("VNPAY,GGV1,11,100000,completed,06/03/2026 09:00:00,0\n"
                 "VNPAY,GGV2,11,100000,completed,07/03/2026 09:00:00,0\n");
    ask_one_day(6);
    gives("GGV1 DUPLICATE 0; ");
    ask_one_day(7);
    gives("GGV2 DUPLICATE 0; ");
    bench_done(&b);
}

/* However old the order is that they name. Its own credit stands in a statement that is closed. */
TEST(a_late_credit_and_a_refund_find_their_order) {
    begin();
    gateway_says("");
    open_transfer("GGB1001A", 500000, 1);
    order("GGB1002A", "BANK_TRANSFER", 600000, 1, "");
    pg_run("postgres", "UPDATE \"Payment\" SET \"createdAt\" = '2025-01-31 02:00'");
    bank_says("18/03/2026,FT1,,500000,GGB1001A muon\n18/03/2026,FT2,600000,,hoan tien GGB1002A\n");
    ask_one_day(18);
    gives("GGB1001A SUGGESTED 500000; GGB1002A REFUND_CANDIDATE -600000; ");
    bench_done(&b);
}

/* Nothing bounds the setting. */
TEST(a_question_of_any_length_is_a_part_of_the_number) {
    char first[sizeof report.run_id], prefix[241];
    begin();
    gateway_says("VNPAY,GGV1,11,100000,completed,06/03/2026 09:00:00,1000\n");
    bank_says("07/03/2026,FT1,,99000,VNPAY thanh toan\n");
    memset(prefix, 'G', sizeof prefix - 1);
    prefix[sizeof prefix - 1] = '\0';
    question.ref_prefix = prefix;
    CU_ASSERT_TRUE(runs());
    memcpy(first, report.run_id, sizeof first);
    CU_ASSERT_TRUE(runs());
    CHECK_STR(report.run_id, first);
    prefix[sizeof prefix - 2] = 'B';
    CU_ASSERT_TRUE(runs());
    CU_ASSERT_NOT_EQUAL(strcmp(report.run_id, first), 0);
    bench_done(&b);
}

TEST(it_stops_as_asked_and_says_what_it_lacks) {
    int ends[2];
    begin();
    gateway_says("VNPAY,GGV1,11,100000,completed,06/03/2026 09:00:00,1000\n");
    bank_says("07/03/2026,FT1,,99000,VNPAY thanh toan\n");
    CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_CLOEXEC), 0);
    CU_ASSERT_EQUAL(write(ends[1], "x", 1), 1);
    question.cancel_fd = ends[0];
    CU_ASSERT_FALSE(runs());
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    question.cancel_fd = -1;
    close(ends[0]);
    close(ends[1]);
    settings.has_postgres = false;
    CU_ASSERT_FALSE(runs());
    CHECK_STR(err.why, "this context has no database");
    settings.has_postgres = true;
    bank_says("07/03/2026,FT1,,many,VNPAY thanh toan\n");
    CU_ASSERT_FALSE(runs());
    CU_ASSERT_PTR_NOT_NULL(strstr(err.target, "mb.csv:3"));
    bench_done(&b);
}

/* The line is what finance looks for, and a bank's own name of a file may be any. */
TEST(a_file_of_a_long_name_keeps_its_lines) {
    char name[300], path[600], expected[400];
    const char *const files[] = {path};
    begin();
    memset(name, 'n', 251);
    memcpy(name + 251, ".csv", 5);
    snprintf(path, sizeof path, "%s/%s", pg.dir, name);
    gateway_says("");
    bank_says("16/03/2026,FT9,,1,khac\n");
    CU_ASSERT_EQUAL_FATAL(rename(statement_file, path), 0);
    question.statements = files;
    CU_ASSERT_TRUE_FATAL(runs());
    snprintf(expected, sizeof expected, "%s:3 FT9", name);
    CHECK_STR(last_evidence, expected);
    bench_done(&b);
}

TEST(stops_the_server) {
    pg_server_stop();
}

SUITE(reconcile, T(starts_a_server), T(one_credit_settles_a_weekend),
      T(the_same_row_of_a_gateway_counts_once), T(a_transaction_is_of_one_order),
      T(a_credit_that_is_a_little_off_is_a_difference_of_its_day),
      T(what_is_not_surely_its_payout_settles_no_day),
      T(a_refund_at_the_gateway_is_no_attempt_that_failed), T(a_refund_alone_is_of_its_order),
      T(a_refund_at_the_gateway_finds_its_order_however_old),
      T(what_another_number_paid_has_to_be_paid_out_too),
      T(the_days_of_a_question_end_where_it_says), T(a_month_ends_with_its_last_day),
      T(a_line_finds_an_order_of_the_days_before),
      T(the_only_open_order_is_the_only_one_of_all_days),
      T(a_transaction_finds_its_order_across_midnight),
      T(a_transaction_of_an_order_of_another_day_is_not_booked_twice),
      T(a_late_credit_and_a_refund_find_their_order),
      T(the_same_input_has_the_same_number_in_any_order),
      T(a_question_of_any_length_is_a_part_of_the_number),
      T(it_stops_as_asked_and_says_what_it_lacks), T(a_file_of_a_long_name_keeps_its_lines),
      T(stops_the_server))
