/* tests/unit/test_statement.c - statements of banks and files of gateways: every layout, encoding,
 * separator, way to write amounts and dates, the proof of balances, and errors that point. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "codec/statement.h"
#include "src/recon/statement_priv.h"

static struct str rows;
static struct statement_summary sum;
static struct err err;

/* "account|day|ref|amount|fee|balance|content" or "provider|order|tx|amount|fee|status" */
static bool on_row(void *ctx, const struct statement_row *r, struct err *e) {
    if (r->provider)
        str_printf(&rows, "%s|%s|%s|%lld|%lld|%s\n", r->provider, r->order_id, r->tx_id,
                   (long long)r->amount_vnd, (long long)r->fee_vnd,
                   pay_status_name(r->status) ? pay_status_name(r->status) : "-");
    else
        str_printf(&rows, "%s|%lld|%s|%lld|%lld|%lld|%s\n", r->account, (long long)r->day, r->ref,
                   (long long)r->amount_vnd, (long long)r->fee_vnd, (long long)r->balance_vnd,
                   r->content);
    return !ctx || err_set(e, E_CANCELLED, "test", "row", "stopped");
}

/* In pieces of `step` bytes: where a piece ends must not matter. */
static bool read_n(const char *bytes, size_t n, size_t step, void *ctx) {
    struct statement *s =
        statement_new("bank.csv", statement_layouts, n_statement_layouts, on_row, ctx);
    bool ok = true;
    str_done(&rows);
    str_init(&rows, 1 << 20);
    err = (struct err){0};
    sum = (struct statement_summary){0};
    for (size_t at = 0; ok && at < n; at += step)
        ok = statement_feed(s, bytes + at, n - at < step ? n - at : step, &err);
    ok = ok && statement_end(s, &sum, &err);
    statement_free(s);
    statement_free(NULL);
    return ok;
}

static void reads(const char *text, const char *layout, const char *expected) {
    for (size_t step = 1; step < 4096; step *= 7) {
        CU_ASSERT_TRUE(read_n(text, strlen(text), step, NULL));
        if (err.why[0])
            printf("\n%s %s\n", err.target, err.why);
        CHECK_STR(str_get(&rows), expected);
        CHECK_STR(sum.layout ? sum.layout->id : "none", layout);
    }
}

static void fails(const char *text, const char *at, const char *why) {
    CU_ASSERT_FALSE(read_n(text, strlen(text), 4096, NULL));
    CHECK_STR(err.target, at);
    if (!strstr(err.why, why))
        CHECK_STR(err.why, why);
}

/* --- amounts and dates --- */

static void amount(const char *text, int64_t expected) {
    int64_t got = -1;
    const char *why = "";
    if (!statement_amount(text, &got, &why) || got != expected)
        printf("\n%s: %lld %s\n", text, (long long)got, why);
    CU_ASSERT_EQUAL(got, expected);
}

static void no_amount(const char *text, const char *expected) {
    int64_t got;
    const char *why = "taken";
    CU_ASSERT_FALSE(statement_amount(text, &got, &why));
    CHECK_STR(why, expected);
}

TEST(amounts_as_banks_write_them) {
    amount("1,250,000", 1250000);
    amount("1.250.000", 1250000);
    amount("1,250,000.00", 1250000);
    amount("1.250.000,00", 1250000);
    amount("-99,000", -99000);
    amount("+99,000 VND", 99000);
    amount(" 99000 ", 99000);
    amount("99,000 VND ", 99000);
    amount("99.0", 99);
    amount("500", 500);
    amount("1,234.00", 1234);
    amount("0", 0);
    amount("12.345", 12345);
    amount("999999999999999", 999999999999999);
    amount("10.000 \xC4\x91", 10000);
    amount("\xC2\xA0"
           "5,000\xC2\xA0\xE2\x82\xAB",
           5000);
}

TEST(amounts_that_could_be_read_two_ways_are_refused) {
    no_amount("1,25,000", "its groups are not of three digits");
    no_amount("1,250.000", "its groups are not of three digits");
    no_amount("1250,000,00", "its groups are not of three digits");
    no_amount("1,250,00", "its groups are not of three digits");
    no_amount("1,2345", "its groups are not of three digits");
    no_amount(",000", "its groups are not of three digits");
    no_amount("1000,", "its groups are not of three digits");
    no_amount(",00", "its groups are not of three digits");
    no_amount(".", "its groups are not of three digits");
    no_amount("1.50", "it has a fraction of a dong");
    no_amount("1000000000000000", "it is larger than any amount");
    no_amount("1 000", "something stands behind the amount");
    no_amount("100 USD", "something stands behind the amount");
    no_amount("100 and much more", "something stands behind the amount");
    no_amount("abc", "is no amount");
    no_amount("1e5", "something stands behind the amount");
    no_amount("--5", "is no amount");
}

static void date(const char *text, int64_t day, int64_t wall_s, const char *rest) {
    int64_t got_day = -1, got_s = -1;
    const char *got_rest = "";
    CU_ASSERT_TRUE(statement_date(text, &got_day, &got_s, &got_rest));
    if (got_day != day || got_s != wall_s)
        printf("\n%s: %lld %lld\n", text, (long long)got_day, (long long)got_s);
    CU_ASSERT_EQUAL(got_day, day);
    CU_ASSERT_EQUAL(got_s, wall_s);
    CHECK_STR(got_rest, rest);
}

TEST(dates_as_banks_write_them_never_month_first) {
    date("10/10/2026", 20736, 0, "");
    date("09/10/2026", 20735, 0, ""); /* 9 October */
    date("9-10-2026", 20735, 0, "");
    date("2026-10-09", 20735, 0, "");
    date("10/10/2026 00:30:05", 20736, 1791567005, "");
    date("2026-10-10T00:30:05.123", 20736, 1791567005, "");
    date("10/10/2026 00:30", 20736, 1791567000, "");
    date("10/10/2026 5214 - 20261", 20736, 0, "5214 - 20261");
    date("20261010003005", 20736, 1791567005, "");
    date("20261010", 20736, 0, "");
    date("1791567005123", 20736, 1791567005, ""); /* half past midnight in Vietnam */
    date("46305", 20736, 0, "");
    date("46305.75", 20736, 0, "");
    date("29/02/2024", 19782, 0, "");
    date("29/02/2000 23:59:60", 11016, 951843600, "");
    date("20991231235959", 47481, 4102419599, "");
    date("1/3/2100 1:02", 47541, 4107520920, "");
    date("31-12-2999", 376199, 0, "");
    date(" \t\xC2\xA0\r\n10/10/2026", 20736, 0, "");
    date("01/01/1970", 0, 0, "");
}

/* As programs write them: what is of a day in UTC may be of the next one in Vietnam. */
TEST(a_zone_behind_a_time_counts) {
    date("2026-10-09T17:30:05Z", 20736, 1791567005, "");
    date("2026-10-09T17:30:05.123Z", 20736, 1791567005, "");
    date("2026-10-09 17:30:05.123+00", 20736, 1791567005, "");
    date("2026-10-10T00:30:05+07:00", 20736, 1791567005, "");
    date("2026-10-10T02:30:05+0900", 20736, 1791567005, "");
    date("2026-10-09T12:00:05-05:30", 20736, 1791567005, "");
    date("2026-12-31T16:59:59Z", 20818, 1798736399, "");
    date("10/10/2026 00:30:05 +0900 X", 20736, 1791567005, "+0900 X"); /* a bank's text */
}

TEST(what_is_no_date_is_refused) {
    static const char *const bad[] = {"",
                                      "31/02/2026",
                                      "13/13/2026",
                                      "2026/10/09",
                                      "10/10/26",
                                      "0/10/2026",
                                      "10/10/20261",
                                      "29/02/2026",
                                      "29/02/2100",
                                      "31/12/1969",
                                      "01/01/3000",
                                      "32/01/2026",
                                      "2026-1-012",
                                      "10/10/2026 24:00",
                                      "10/10/2026 23:60",
                                      "10/10/2026 23:59:61",
                                      "20261010235961",
                                      "20261010236000",
                                      "10.10.2026",
                                      "abc",
                                      "10/10/",
                                      "10/10/2026 25:00",
                                      "10/10/2026 10:5",
                                      "10/10/2026 10:05:7",
                                      "20261310",
                                      "20261010253005",
                                      "123456",
                                      "10/0/2026",
                                      "10-10/2026",
                                      "2026-10-09T17:30:05+24:00",
                                      "2026-10-09T17:30:05+7",
                                      "2026-10-09T17:30:05+07:60"};
    int64_t day, wall_s;
    const char *rest;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (statement_date(bad[i], &day, &wall_s, &rest)) {
            printf("\n%s\n", bad[i]);
            CU_FAIL("taken");
        }
}

/* --- the banks --- */

static const char vietcombank[] =
    "NGÂN HÀNG TMCP NGOẠI THƯƠNG VIỆT NAM,,,,,\n"
    "Số tài khoản/Account number: 0071000123456,,,,,\n"
    "\n"
    "STT,\"Ngày/TNX Date\nSố CT/Doc No\",Số tiền ghi nợ/Debit,Số tiền ghi có/Credit,Số "
    "dư/Balance,Nội dung chi tiết/Transactions in detail\n"
    ",,,,,\n"
    "1,10/10/2026 5214 - 20261,,\"499,000 VND\",\"1,499,000\",\"MBVCB.123.ORD-5001.CT\ntu 0123\"\n"
    "2,10/10/2026 5214 - 20262,\"11,000\",,\"1,488,000\",\"Phi \"\"SMS\"\"\"\n"
    "Tổng cộng,,\"11,000\",\"499,000\",,\n"
    "Account number: 0071000999999,,,,,\n"
    "STT,Ngày/TNX Date,Debit,Credit,Balance,Transactions in detail\n"
    "1,11/10/2026 5214 - 7,,5,5,x\n";

TEST(vietcombank_with_two_accounts) {
    reads(vietcombank, "vietcombank",
          "0071000123456|20736|20261|499000|0|1499000|MBVCB.123.ORD-5001.CT\ntu 0123\n"
          "0071000123456|20736|20262|-11000|0|1488000|Phi \"SMS\"\n"
          "0071000999999|20737|7|5|0|5|x\n");
    CU_ASSERT_EQUAL(sum.rows, 3);
    CU_ASSERT_EQUAL(sum.proved, 1);
    CU_ASSERT_EQUAL(sum.first_day, 20736);
    CU_ASSERT_EQUAL(sum.last_day, 20737);
    CHECK_STR(sum.encoding, "UTF-8");
}

TEST(techcombank_with_negative_debits_and_fees_apart) {
    reads("Sao kê tài khoản;;;;;;;;;;;\n;;;;;;;;;;;\nAccount No: 1902;19020000112233;;;;;;;;;;\n"
          "Ngày KH thực hiện/Requesting date;Ngày giao dịch/Transaction date;Số bút "
          "toán/Reference number;Ngân hàng đối tác;Tài khoản đích;Tên tài khoản đối ứng;Diễn "
          "giải/Description;Nợ/Debit;Có/Credit;Phí/Lãi;Thuế;Số dư/Running balance\n"
          "10/10/2026;10/10/2026;FT26283123;VCB;1;A;ORD5001;;1.000.000;;;11.000.000\n"
          "10/10/2026;11/10/2026;FT26283124;VCB;1;A;rut;-500.000;;-10.000;-1.000;10.489.000\n"
          "10/10/2026;11/10/2026;FT26283125;VCB;1;A;rut;-1.000;;;;10.488.000\n",
          "techcombank",
          "19020000112233|20736|FT26283123|1000000|0|11000000|ORD5001\n"
          "19020000112233|20737|FT26283124|-500000|11000|10489000|rut\n"
          "19020000112233|20737|FT26283125|-1000|0|10488000|rut\n");
    CU_ASSERT_EQUAL(sum.proved, 2);
}

/* "Nợ/Debit" in one export, "Nợ/ Debit" in another: a file of the other bank has no fees. */
TEST(a_blank_at_a_stroke_makes_no_other_bank) {
    reads("Ngày giao dịch/ Transaction date,Số bút toán/ Reference number,Diễn giải/ Description,"
          "Nợ/ Debit,Có / Credit,Phí / Lãi,Thuế,Số dư/ Running balance\n"
          "10/10/2026,FT1,x,,5000,,,5000\n10/10/2026,FT2,y,-1000,,-100,-10,3890\n",
          "techcombank", "|20736|FT1|5000|0|5000|x\n|20736|FT2|-1000|110|3890|y\n");
    reads("Ngày giao dịch/Transaction date,Số bút toán,Phát sinh nợ/Debit,Phát sinh có/Credit,"
          "Số dư/Balance,Nội dung/Description\n10/10/2026,FT1,,5000,5000,x\n",
          "mb", "|20736|FT1|5000|0|5000|x\n");
}

TEST(mb_newest_first_with_totals_without_a_date) {
    reads("So tai khoan,0801234567\n"
          "Ngay hach toan,Ngay giao dich,Phat sinh no,Phat sinh co,So du,Noi dung\n"
          "10/10/2026,10/10/2026 08:00:00,0.00,\"1,234.00\",\"3,234.00\",b\n"
          "09/10/2026,09/10/2026 07:00:00,\"1,000.00\",0.00,\"2,000.00\",a\n"
          ",Tong,\"1,000.00\",\"1,234.00\",,\n",
          "mb",
          "0801234567|20736||1234|0|3234|b\n"
          "0801234567|20735||-1000|0|2000|a\n");
    CU_ASSERT_EQUAL(sum.proved, 1);
}

TEST(acb_with_tabs_and_serials) {
    reads("Statement\n\nNgày hiệu lực\tNgày giao dịch\tSố GD\tNội dung giao dịch\tSố tiền rút "
          "ra\tSố tiền gửi vào\tSố dư\n46305\t46305\t77\tORD5001; so 1, 2\t\t5000\t9000\n",
          "acb", "|20736|77|5000|0|9000|ORD5001; so 1, 2\n");
}

TEST(an_opening_and_a_closing_balance_prove_rows_without_one) {
    static const char text[] = "Opening balance: 1,000;;;\nTransaction "
                               "date;Description;Debit;Credit\n01/01/2026;a;;500\n"
                               "02/01/2026;b;200;\nClosing balance;;;%s\n";
    char made[400];
    snprintf(made, sizeof made, text, "1.300");
    reads(made, "mb", "|20454||500|0|0|a\n|20455||-200|0|0|b\n");
    CU_ASSERT_EQUAL(sum.proved, 2);
    snprintf(made, sizeof made, text, "1.301");
    fails(made, "bank.csv:5:1", "opening balance and rows make 1300");
    fails("Opening balance: 1,000;;;\nClosing balance;;;1.301\nTransaction "
          "date;Description;Debit;Credit\n01/01/2026;a;;300\n",
          "bank.csv:5:1", "opening balance and rows make 1300");
    reads("Opening balance;;;\nTransaction date;Description;Debit;Credit\n01/01/2026;a;;500\n",
          "mb", "|20454||500|0|0|a\n"); /* words without an amount are no balance */
}

#define MB_HEAD "Transaction date;Description;Debit;Credit;Balance\n"

TEST(an_opening_or_a_closing_balance_alone_shows_a_row_that_is_not_there) {
    static const char oldest[] = "01/01/2026;a;;500;1.500\n02/01/2026;b;200;;1.300\n",
                      newest[] = "02/01/2026;b;200;;1.300\n01/01/2026;a;;500;1.500\n";
    static const char entries[] = "|20454||500|0|1500|a\n|20455||-200|0|1300|b\n",
                      entries_newest[] = "|20455||-200|0|1300|b\n|20454||500|0|1500|a\n";
    char made[400];
    for (int i = 0; i < 2; i++) {
        snprintf(made, sizeof made, "Opening balance;1.000\n" MB_HEAD "%s", i ? newest : oldest);
        reads(made, "mb", i ? entries_newest : entries);
        snprintf(made, sizeof made, "Opening balance;900\n" MB_HEAD "%s", i ? newest : oldest);
        fails(made, "bank.csv:5:1", "the rows begin with another opening balance, 1000");
        snprintf(made, sizeof made, MB_HEAD "%sClosing balance;1.300\n", i ? newest : oldest);
        reads(made, "mb", i ? entries_newest : entries);
        snprintf(made, sizeof made, MB_HEAD "%sClosing balance;1.400\n", i ? newest : oldest);
        fails(made, "bank.csv:4:1", "is another balance than the rows end with, 1300");
    }
    /* A row without a balance may be the one that they differ by. */
    reads("Opening balance;900\n" MB_HEAD "01/01/2026;a;;100;\n02/01/2026;b;;500;1.500\n", "mb",
          "|20454||100|0|0|a\n|20455||500|0|1500|b\n");
}

TEST(a_row_that_was_cut_is_an_error) {
    fails(MB_HEAD "01/01/2026;a;;500;1.500\n02/01/2026;b;;20", "bank.csv:3:15", "the file was cut");
    fails(MB_HEAD "01/01/2026;a\n", "bank.csv:2:12", "the file was cut");
    fails("Transaction date;Description;Debit;Credit\n01/01/2026;a\n", "bank.csv:2:12",
          "the file was cut");
    /* Empty cells at the end may be left out. */
    reads("Transaction date;Description;Debit;Credit\n01/01/2026;a;200\n", "mb",
          "|20454||-200|0|0|a\n");
}

TEST(a_row_with_a_cell_too_many_is_an_error) {
    fails("Transaction date,Debit,Credit,Balance,Description\n01/01/2026,,1,000,1,500,x\n",
          "bank.csv:2:21", "is not in quotes");
    reads("Transaction date,Debit,Credit,Balance,Description\n01/01/2026,,1,1500,x, ,\n", "mb",
          "|20454||1|0|1500|x\n");
}

static bool adds_up(const char *text) { /* "AMOUNT FEE BALANCE; ..." */
    struct balance b;
    int64_t ignored;
    balance_begin(&b);
    for (const char *s = text; *s; s += strcspn(s, ";"), s += *s == ';') {
        struct statement_row row = {.has_balance = true};
        long long amount, fee, balance;
        CU_ASSERT_EQUAL_FATAL(sscanf(s, "%lld %lld %lld", &amount, &fee, &balance), 3);
        row.amount_vnd = amount;
        row.fee_vnd = fee;
        row.balance_vnd = balance;
        if (!balance_row(&b, &row, &ignored))
            return false;
    }
    return true;
}

TEST(one_way_to_count_fits_from_the_first_row_to_the_last) {
    CU_ASSERT_TRUE(adds_up("500 11 1500; 200 11 1700; -100 0 1600"));
    CU_ASSERT_TRUE(adds_up("-100 0 1600; 200 11 1700; 500 11 1500"));
    CU_ASSERT_TRUE(adds_up("500 11 1489; 200 11 1678; -100 0 1578"));
    CU_ASSERT_TRUE(adds_up("-100 0 1578; 200 11 1678; 500 11 1489"));
    CU_ASSERT_FALSE(adds_up("500 11 1500; 200 11 1689; -100 11 1589; 50 11 1639"));
    CU_ASSERT_FALSE(adds_up("500 0 1500; 200 0 1700; 300 0 1500"));
    CU_ASSERT_FALSE(adds_up("500 11 1500; 200 11 1711"));
}

/* It stays at the limit, and does not turn round. */
TEST(a_sum_that_does_not_fit_is_no_closing_balance) {
    int64_t expected = 0;
    struct balance b;
    struct statement_row row = {.amount_vnd = INT64_MAX / 4 * 3, .fee_vnd = 0};
    balance_begin(&b);
    b.has_opening = b.has_closing = true;
    b.opening = 1000;
    b.closing = (int64_t)(2 * (uint64_t)row.amount_vnd + 1000); /* turned round */
    CU_ASSERT_TRUE(balance_row(&b, &row, &expected));
    CU_ASSERT_TRUE(balance_row(&b, &row, &expected));
    CU_ASSERT_FALSE(balance_close(&b, &expected));
    CU_ASSERT_EQUAL(expected, INT64_MAX);
}

static bool closes(int64_t opening, int64_t closing, int64_t *ret_expected) {
    struct balance b;
    struct statement_row row = {.amount_vnd = 500, .fee_vnd = 11};
    balance_begin(&b);
    b.has_opening = opening >= 0;
    b.has_closing = closing >= 0;
    b.opening = opening;
    b.closing = closing;
    CU_ASSERT_TRUE(balance_row(&b, &row, ret_expected));
    bool ok = balance_close(&b, ret_expected);
    CU_ASSERT_EQUAL(b.proved, ok && opening >= 0 && closing >= 0);
    return ok;
}

TEST(a_closing_balance_is_after_the_fees_or_before_them) {
    int64_t expected = 0;
    CU_ASSERT_TRUE(closes(1000, 1500, &expected));
    CU_ASSERT_TRUE(closes(1000, 1489, &expected));
    CU_ASSERT_FALSE(closes(1000, 1511, &expected));
    CU_ASSERT_EQUAL(expected, 1500);
    CU_ASSERT_TRUE(closes(-1, 1511, &expected));
    CU_ASSERT_TRUE(closes(1000, -1, &expected));
}

TEST(words_behind_an_account_and_blanks_behind_a_text_are_left_out) {
    reads("So tai khoan: 0801234567 (VND);;;\nTransaction date;Description;Debit;Credit\n"
          "01/01/2026;a \t;;500\n",
          "mb", "0801234567|20454||500|0|0|a\n");
}

/* --- encodings --- */

static size_t to_utf16(const char *utf8, bool mark, char *out) {
    size_t n = 0;
    if (mark) {
        out[n++] = '\xFF';
        out[n++] = '\xFE';
    }
    for (const unsigned char *s = (const unsigned char *)utf8; *s;) {
        uint32_t cp = *s++;
        int more = cp >= 0xe0 ? 2 : cp >= 0xc0 ? 1 : 0;
        cp &= more == 2 ? 0x0f : more ? 0x1f : 0x7f;
        for (; more > 0; more--)
            cp = cp << 6 | (*s++ & 0x3f);
        out[n++] = (char)(cp & 0xff);
        out[n++] = (char)(cp >> 8);
    }
    return n;
}

TEST(the_same_rows_in_every_encoding) {
    static char wide[2 * sizeof vietcombank + 2];
    CU_ASSERT_TRUE(read_n(vietcombank, strlen(vietcombank), 100, NULL));
    char expected[400];
    snprintf(expected, sizeof expected, "%s", str_get(&rows));
    for (int mark = 0; mark < 2; mark++)
        for (size_t step = 1; step < 200; step += 33) {
            size_t n = to_utf16(vietcombank, mark, wide);
            CU_ASSERT_TRUE(read_n(wide, n, step, NULL));
            CHECK_STR(str_get(&rows), expected);
            CHECK_STR(sum.encoding, "UTF-16LE");
        }
    struct str marked;
    str_init(&marked, 1 << 16);
    str_puts(&marked, "\xEF\xBB\xBF");
    str_puts(&marked, vietcombank);
    CU_ASSERT_TRUE(read_n(marked.s, marked.len, 1, NULL));
    CHECK_STR(str_get(&rows), expected);
    str_done(&marked);
}

TEST(an_encoding_that_is_not_read_is_named) {
    static const char be[] = "\xFE\xFF\0N\0g\0a\0y", le32[] = "\xFF\xFE\0\0N\0\0\0g\0\0\0";
    for (size_t step = 1; step < 12; step += 5) {
        CU_ASSERT_FALSE(read_n(be, sizeof be - 1, step, NULL));
        CHECK_STR(err.why, "the file is UTF-16BE, which is not read");
        CHECK_STR(err.todo, "`iconv -f UTF-16BE -t UTF-8 FILE >NEW` makes UTF-8 of it");
        CU_ASSERT_FALSE(read_n(le32, sizeof le32 - 1, step, NULL));
        CHECK_STR(err.why, "the file is UTF-32LE, which is not read");
    }
}

TEST(windows_1258_is_told_by_not_being_utf8) {
    /* Ngay giao dich with its marks behind the letters, as that code page has them. */
    reads("Ng\xE0y giao d\xF2ich,N\xF4\xF2i dung,Ph\xE1t sinh n\xF5\xF2,Ph\xE1t sinh c\xF3\n"
          "10/10/2026,\xD0\xE3ng k\xFD \xFE,,5000\n",
          "mb", "|20736||5000|0|0|\xC4\x90\xC4\x83ng k\xC6\xB0 \xE2\x82\xAB\n");
    CHECK_STR(sum.encoding, "Windows-1258");
    struct str out;
    str_init(&out, 64);
    encoding_from_1258("\x80\x81\x8a\x9a\x9f\xa0\xbf\xcc\xff", 9, &out);
    CHECK_STR(str_get(&out),
              "\xE2\x82\xAC\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xC5\xB8\xC2\xA0\xC2\xBF"
              "\xCC\x80\xC3\xBF");
    str_done(&out);
}

TEST(a_pair_cut_in_half_is_a_replacement) {
    struct decoder d = {0};
    struct str out;
    str_init(&out, 64);
    decoder_feed(&d, "\xFF\xFE\x3D\xD8\x00\xDE\x3D\xD8\x41\x00\x00\xDC\x3D\xD8\x41", 15, true,
                 &out);
    CHECK_STR(str_get(&out), "\xF0\x9F\x98\x80\xEF\xBF\xBD"
                             "A"
                             "\xEF\xBF\xBD\xEF\xBF\xBD");
    str_done(&out);
}

/* --- gateways --- */

TEST(files_of_gateways) {
    reads("vnp_TxnRef,vnp_TransactionNo,vnp_Amount,vnp_TransactionStatus,vnp_PayDate,Fee\n"
          "cm1,14998877,49900000,00,20261010003005,\"5,489\"\ncm2,0,100,02,20261010003005,\n",
          "gateway_vnpay", "VNPAY|cm1|14998877|499000|5489|COMPLETED\nVNPAY|cm2||1|0|FAILED\n");
    /* A refund that was done has the status of a payment that was. */
    reads("vnp_TxnRef,vnp_TransactionNo,vnp_TransactionType,vnp_Amount,vnp_TransactionStatus,"
          "vnp_PayDate\ncm1,1,01,300,00,20261010003005\ncm1,2,02,300,00,20261010003005\n"
          "cm1,3,03,100,00,20261010003005\ncm1,4,02,300,05,20261010003005\n",
          "gateway_vnpay",
          "VNPAY|cm1|1|3|0|COMPLETED\nVNPAY|cm1|2|3|0|REFUNDED\nVNPAY|cm1|3|1|0|REFUNDED\n"
          "VNPAY|cm1|4|3|0|PROCESSING\n");
    reads("orderId;transId;amount;resultCode;responseTime\ncm3;408;55000;0;1791567005123\n"
          "cm4;;55000;42;1791567005123\n",
          "gateway_momo", "MOMO|cm3|408|55000|0|COMPLETED\nMOMO|cm4||55000|0|-\n");
    reads("app_trans_id,zp_trans_id,amount,return_code,server_time\n"
          "261010_cm5,26,220000,3,1791567005123\n",
          "gateway_zalopay", "ZALOPAY|cm5|26|220000|0|PENDING\n");
    reads("provider,order_id,provider_tx_id,amount,status,paid_at\nMOMO,cm6,9,1,Refunded,"
          "2026-10-10 00:30:05\n",
          "gateway_any", "MOMO|cm6|9|1|0|REFUNDED\n");
}

/* --- errors point --- */

#define MB "Transaction date,Description,Debit,Credit,Balance\n"

TEST(errors_name_line_and_column) {
    fails(MB "10/10/2026,a,,\"1,25,000\",\n", "bank.csv:2:15", "groups are not of three");
    fails(MB "10/10/2026,\"a\nb\",x,5,\n", "bank.csv:3:4", "\"x\" is no amount");
    fails(MB "32/10/2026,a,,5,\n", "bank.csv:2:1", "no date like");
    fails(MB "10/10/2026,a,5,5,\n", "bank.csv:2:16", "a credit in a row that has a debit");
    fails(MB "10/10/2026,a,,-5,\n", "bank.csv:2:15", "a negative credit");
    fails(MB "10/10/2026,\"a", "bank.csv:2:1", "ends inside quotes");
    fails(MB "10/10/2026,a,,5,x\n", "bank.csv:2:17", "\"x\" is no amount");
    fails(MB "10/10/2026,a,,5,100\n10/10/2026,a,,5,106\n", "bank.csv:3:17",
          "\"106\" is not the balance that follows, 105: a row is missing or changed");
    fails("some,file\n1,2\n", "bank.csv:3:1", "no header row");
    fails("", "bank.csv:1:1", "no header row");
    fails("PK\003\004zip", "bank.csv:1:1", "save it as CSV first");
    fails("<html><table>", "bank.csv:1:1", "save it as CSV first");
    fails("vnp_TxnRef,vnp_TransactionNo,vnp_Amount,vnp_TransactionStatus,vnp_PayDate\n"
          "cm1,1,150,00,20261010003005\n",
          "bank.csv:2:7", "a fraction of a dong");
    fails("orderId,transId,amount,resultCode,responseTime\ncm1,1,5,77,1791567005123\n",
          "bank.csv:2:9", "\"77\" is a status that this layout does not know");
    fails("orderId,transId,amount,resultCode,responseTime\n,,5,0,1791567005123\n", "bank.csv:2:1",
          "neither an order nor a transaction");
}

TEST(a_row_over_64_kib_and_a_nul_are_refused) {
    struct str s;
    str_init(&s, 1 << 20);
    str_puts(&s, MB "10/10/2026,\"");
    for (size_t i = 0; i < STATEMENT_MAX_RECORD; i++)
        str_putc(&s, 'x');
    CU_ASSERT_FALSE(read_n(s.s, s.len, 4096, NULL));
    CHECK_STR(err.why, "a row over 64 KiB: is a quote never closed?");
    static char wide[4 * STATEMENT_MAX_RECORD];
    s.s[s.len - strlen("10/10/2026,\"")] = '\0'; /* as long as may be, and half a character more */
    size_t n = to_utf16(s.s, true, wide);
    wide[n++] = 'x';
    CU_ASSERT_FALSE(read_n(wide, n, 4096, NULL));
    CHECK_STR(err.why, "a row over 64 KiB: is a quote never closed?");
    str_clear(&s);
    for (int i = 0; i < 70; i++)
        str_puts(&s, "a,");
    CU_ASSERT_FALSE(read_n(s.s, s.len, 4096, NULL));
    CHECK_STR(err.why, "more than 64 cells in a row");
    CU_ASSERT_FALSE(read_n("abcd\0ef\n", 8, 8, NULL));
    CHECK_STR(err.why, "a NUL byte: this is no text");
    str_done(&s);
}

TEST(the_handler_may_stop_it) {
    int stop;
    CU_ASSERT_FALSE(read_n(vietcombank, strlen(vietcombank), 4096, &stop));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
}

TEST(a_stray_quote_swallows_nothing) {
    reads(MB "10/10/2026,cable 5\" long,,5,\n11/10/2026,b,,6,\n", "mb",
          "|20736||5|0|0|cable 5\" long\n|20737||6|0|0|b\n");
}

TEST(a_notice_of_nothing_is_skipped) {
    reads(MB "10/10/2026,note,0,0,7\n11/10/2026,b,,6,13\n", "mb", "|20737||6|0|13|b\n");
    CU_ASSERT_EQUAL(sum.skipped, 1);
}

/* --- layouts of the config --- */

static bool parse(const char *line, bool gateway, struct statement_layout *l) {
    static struct arena a;
    arena_done(&a);
    arena_init(&a);
    return statement_layout_parse(&a, line, gateway, "config:7", l, &err);
}

static void refused(const char *line, bool gateway, const char *why) {
    struct statement_layout l;
    CU_ASSERT_FALSE(parse(line, gateway, &l));
    CHECK_STR(err.target, "config:7");
    CHECK_STR(err.why, why);
}

static void reads_with(const char *line, bool gateway, const char *text, const char *expected) {
    struct statement_layout l;
    CU_ASSERT_TRUE_FATAL(parse(line, gateway, &l));
    const struct statement_layout *list = &l;
    struct statement *s = statement_new("x.csv", &list, 1, on_row, NULL);
    str_clear(&rows);
    CU_ASSERT_TRUE(statement_feed(s, text, strlen(text), &err));
    CU_ASSERT_TRUE(statement_end(s, &sum, &err));
    CHECK_STR(str_get(&rows), expected);
    statement_free(s);
}

TEST(a_line_of_the_config_is_a_layout) {
    reads_with("OCB; date=Ngày; credit = Ghi  Có; content=Diễn giải;", false,
               "NGAY;Dien Giai;GHI CO\n10/10/2026;abc;5\n", "|20736||5|0|0|abc\n");
    CHECK_STR(sum.layout->id, "ocb");
    reads_with("vnpay; order=Mã đơn; amount=Số tiền; unit=100; status=Trạng thái; date=Ngày; "
               "completed=Thành công|ok; missing=Không có; tx=Mã GD",
               true,
               "Mã đơn,Mã GD,Số tiền,Trạng thái,Ngày\ncm1,7,500,THÀNH CÔNG,10/10/2026\n"
               "cm2,,500,không có,10/10/2026\n",
               "VNPAY|cm1|7|5|0|COMPLETED\nVNPAY|cm2||5|0|-\n");
    reads_with("vnpay; order=Mã; amount=Tiền; status=TT; date=Ngày; completed=ok; type=Loại; "
               "refunds=Hoàn tiền|hoàn một phần",
               true, "Mã,Tiền,TT,Ngày,Loại\ncm1,5,ok,10/10/2026,Hoàn Tiền\ncm1,5,ok,10/10/2026,\n",
               "VNPAY|cm1||5|0|REFUNDED\nVNPAY|cm1||5|0|COMPLETED\n");
}

TEST(a_wrong_line_of_the_config_is_explained) {
    refused("date=a", false, "begins with a name, then ';'");
    refused("ocb; date", false, "expected COLUMN=HEADER between ';'");
    refused("ocb; date=a; paid=b", false, "paid is no column of this kind of file");
    refused("ocb; date=a; completed=b", false, "completed is no column of this kind of file");
    refused("ocb; date=a", false, "needs date=, and amount= or credit=");
    refused("vnpay; order=a; amount=b; status=c; date=d", true,
            "needs date=, order=, amount=, status= and completed=");
    refused("paylah; order=a; amount=b; status=c; date=d; completed=x", true,
            "begins with vnpay, momo or zalopay, or has provider=");
    refused("vnpay; unit=0", true, "unit is no column of this kind of file");
}

SUITE(statement, T(amounts_as_banks_write_them), T(amounts_that_could_be_read_two_ways_are_refused),
      T(dates_as_banks_write_them_never_month_first), T(a_zone_behind_a_time_counts),
      T(what_is_no_date_is_refused), T(vietcombank_with_two_accounts),
      T(techcombank_with_negative_debits_and_fees_apart),
      T(a_blank_at_a_stroke_makes_no_other_bank), T(mb_newest_first_with_totals_without_a_date),
      T(acb_with_tabs_and_serials), T(an_opening_and_a_closing_balance_prove_rows_without_one),
      T(an_opening_or_a_closing_balance_alone_shows_a_row_that_is_not_there),
      T(a_row_that_was_cut_is_an_error), T(a_row_with_a_cell_too_many_is_an_error),
      T(one_way_to_count_fits_from_the_first_row_to_the_last),
      T(a_sum_that_does_not_fit_is_no_closing_balance),
      T(a_closing_balance_is_after_the_fees_or_before_them),
      T(words_behind_an_account_and_blanks_behind_a_text_are_left_out),
      T(the_same_rows_in_every_encoding), T(an_encoding_that_is_not_read_is_named),
      T(windows_1258_is_told_by_not_being_utf8), T(a_pair_cut_in_half_is_a_replacement),
      T(files_of_gateways), T(errors_name_line_and_column),
      T(a_row_over_64_kib_and_a_nul_are_refused), T(the_handler_may_stop_it),
      T(a_stray_quote_swallows_nothing), T(a_notice_of_nothing_is_skipped),
      T(a_line_of_the_config_is_a_layout), T(a_wrong_line_of_the_config_is_explained))
