/* tests/unit/test_recon_report.c - a reconciliation's report read back: what was written is what is
 * read, each member is asked for, and figures that do not add up are no report. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "act/recon_out.h"
#include "codec/reconreport.h"

static struct arena arena;
static struct reading out;
static struct err err;
static struct recon_doc doc;

/* A transfer that nobody expected, a lost callback, and a payment that is well. */
static void write_report(void) {
    static struct recon_file file = {.name = "mb.csv",
                                     .kind = "statement",
                                     .layout = "mb",
                                     .encoding = "UTF-8",
                                     .sha256 = "ab",
                                     .rows = 17,
                                     .skipped = 1,
                                     .proved = 16};
    static struct recon_total totals[] = {
        {20522, "BANK", RECON_UNMATCHED, {1, 0, 0, 78000, 78000}},
        {20522, "VNPAY", RECON_MATCHED, {1, 300000, 300000, 0, 0}},
        {20522, "VNPAY", RECON_STATUS_MISMATCH, {1, 310000, 310000, 0, 310000}}};
    static struct recon_asked gateways[] = {{"MOMO", 3, 37, true, "h:1: no answer in 500 ms"},
                                            {"VNPAY", 2, 0, false, "HTTP 500"}};
    struct reconcile_report t = {.run_id = "0123456789abcdef",
                                 .first_day = 20522,
                                 .last_day = 20543,
                                 .as_of_day = 20532,
                                 .read = {0, 610000, 610000, 79000, 0},
                                 .reported = {3, 610000, 610000, 78000, 388000},
                                 .outside = {0, 0, 0, 1000, 0},
                                 .repeated = 2,
                                 .gateways = gateways,
                                 .n_gateways = ARRAY_LEN(gateways),
                                 .files = &file,
                                 .n_files = 1,
                                 .totals = totals,
                                 .n_totals = ARRAY_LEN(totals)};
    const struct recon_resolution done = {"proposed", "minh", "", 0};
    struct recon_row unmatched = {.day = 20522,
                                  .provider = "BANK",
                                  .order_id = "",
                                  .tx_id = "",
                                  .has_bank = true,
                                  .bank_vnd = 78000,
                                  .category = RECON_UNMATCHED,
                                  .difference_vnd = 78000,
                                  .why = "nothing explains it",
                                  .evidence = "mb.csv:15 FT13"};
    struct recon_row lost = {.day = 20522,
                             .provider = "VNPAY",
                             .order_id = "GGV2002A\033[2J",
                             .tx_id = "14002",
                             .has_db = true,
                             .has_gateway = true,
                             .db_vnd = 310000,
                             .gateway_vnd = 310000,
                             .fee_vnd = 3300,
                             .db_status = PAY_PENDING,
                             .gateway_status = PAY_COMPLETED,
                             .category = RECON_STATUS_MISMATCH,
                             .difference_vnd = 310000,
                             .why = "a lost callback",
                             .evidence = "vnpay.csv:3"};
    for (size_t i = 0; i < ARRAY_LEN(totals); i++)
        t.by_category[totals[i].category] = totals[i].sums;
    recon_doc_begin(&doc);
    recon_doc_row(&doc, &unmatched, NULL, NULL);
    recon_doc_row(&doc, &lost, "id01", &done);
    recon_doc_end(&doc, &t, 1, "cd");
}

static void begin(void) {
    arena_init(&arena);
    reading_init(&out, &arena);
    err = (struct err){.code = E_NONE};
    write_report();
}

static void end(void) {
    recon_doc_done(&doc);
    arena_done(&arena);
}

static bool read_text(const char *text) {
    return recon_report_read(text, strlen(text), &out, &err);
}

/* The document with the first `from` behind `behind` made `to`. */
static bool read_changed(const char *behind, const char *from, const char *to) {
    const char *s = str_get(&doc.out), *start = strstr(s, behind);
    const char *at = start ? strstr(start, from) : NULL;
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    reading_init(&out, &arena);
    return read_text(arena_printf(&arena, "%.*s%s%s", (int)(at - s), s, to, at + strlen(from)));
}

static const char *cell(const char *table, uint32_t row, const char *column) {
    static char buf[100];
    const struct table *t = reading_table(&out, table);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    for (uint32_t c = 0; row < t->n_rows && c < t->n_columns; c++)
        if (!strcmp(t->columns[c].name, column)) {
            const struct value *v = &t->rows[row].cells[c];
            str_copy(buf, sizeof buf, "-");
            if (v->kind != VALUE_NONE)
                value_format(*v, t->columns[c].unit, 0, buf, sizeof buf);
            return buf;
        }
    return "?";
}

TEST(what_was_written_is_read) {
    double n = 0;
    begin();
    CU_ASSERT_TRUE(read_text(str_get(&doc.out)));
    CHECK_STR(reading_string(&out, "run"), "0123456789abcdef");
    CHECK_STR(reading_string(&out, "from"), "2026-03-10");
    CHECK_STR(reading_string(&out, "to"), "2026-03-31");
    CHECK_STR(reading_string(&out, "as_of"), "2026-03-20");
    CHECK_STR(reading_string(&out, "csv_sha256"), "cd");
    CU_ASSERT_TRUE(reading_number(&out, "exceptions", &n) && n == 2);
    CU_ASSERT_TRUE(reading_number(&out, "rows", &n) && n == 3);
    CU_ASSERT_TRUE(reading_number(&out, "difference_vnd", &n) && n == 388000);
    CU_ASSERT_TRUE(reading_number(&out, "outside_bank_vnd", &n) && n == 1000);
    CHECK_STR(cell("sources", 0, "vnd"), "610,000");
    CHECK_STR(cell("sources", 1, "rows"), "5");
    CHECK_STR(cell("sources", 3, "name"), "mb.csv");
    CHECK_STR(cell("sources", 3, "balances_proved"), "16");
    end();
}

TEST(whom_nobody_asked_about_everything_is_a_source_of_its_own) {
    begin();
    CU_ASSERT_TRUE(read_text(str_get(&doc.out)));
    CHECK_STR(cell("sources", 2, "kind"), "gateway");
    CHECK_STR(cell("sources", 2, "name"), "MOMO not asked: h:1: no answer in 500 ms");
    CHECK_STR(cell("sources", 2, "rows"), "37");
    CU_ASSERT_EQUAL(reading_table(&out, "sources")->rows[2].health, HEALTH_WARNING);
    CU_ASSERT_EQUAL(reading_table(&out, "sources")->n_rows, 4);
    CU_ASSERT_TRUE(read_changed("\"gateways\"", "\"gateways\"", "\"before\""));
    CU_ASSERT_EQUAL(reading_table(&out, "sources")->n_rows, 3);
    end();
}

TEST(many_of_one_category_keep_out_none_of_a_worse) {
    struct recon_row row = {.day = 20522,
                            .provider = "BANK",
                            .order_id = "",
                            .tx_id = "",
                            .category = RECON_UNMATCHED,
                            .why = "nothing explains it",
                            .evidence = ""};
    struct reconcile_report t = {.run_id = "0123456789abcdef", .reported = {.rows = 200007}};
    struct recon_total totals[] = {{20522, "BANK", RECON_UNMATCHED, {.rows = 200006}},
                                   {20522, "BANK", RECON_DUPLICATE, {.rows = 1}}};
    double n = 0;
    t.totals = totals;
    t.n_totals = ARRAY_LEN(totals);
    arena_init(&arena);
    reading_init(&out, &arena);
    recon_doc_begin(&doc);
    for (int i = 0; i < 2500; i++)
        recon_doc_row(&doc, &row, NULL, NULL);
    row.category = RECON_DUPLICATE;
    recon_doc_row(&doc, &row, NULL, NULL);
    t.by_category[RECON_UNMATCHED] = (struct recon_sums){.rows = 200006};
    t.by_category[RECON_DUPLICATE] = (struct recon_sums){.rows = 1};
    recon_doc_end(&doc, &t, 0, "");
    const char *first = strstr(str_get(&doc.out), "\"category\":");
    CU_ASSERT_TRUE(first && str_starts(first, "\"category\":\"DUPLICATE\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&doc.out), "\"exceptions\": 2501,\n  \"leftOut\": 501"));
    CU_ASSERT_TRUE(read_text(str_get(&doc.out)));
    CHECK_STR(cell("rows", 0, "category"), "DUPLICATE");
    CU_ASSERT_TRUE(reading_number(&out, "rows_not_kept", &n) && n == 7);
    end();
}

TEST(the_worst_category_comes_first_and_all_of_them_last) {
    begin();
    CU_ASSERT_TRUE(read_text(str_get(&doc.out)));
    const struct table *t = reading_table(&out, "categories");
    CU_ASSERT_EQUAL_FATAL(t->n_rows, 4);
    CHECK_STR(cell("categories", 0, "category"), "STATUS_MISMATCH");
    CU_ASSERT_EQUAL(t->rows[0].health, HEALTH_CRITICAL);
    CHECK_STR(cell("categories", 0, "todo"), "verify and replay; a transfer: settle-transfer");
    CHECK_STR(cell("categories", 1, "category"), "UNMATCHED");
    CU_ASSERT_EQUAL(t->rows[1].health, HEALTH_WARNING);
    CHECK_STR(cell("categories", 2, "category"), "MATCHED");
    CU_ASSERT_EQUAL(t->rows[2].health, HEALTH_OK);
    CHECK_STR(cell("categories", 3, "difference_vnd"), "388,000");
    CHECK_STR(cell("categories", 3, "rows"), "3");
    end();
}

TEST(a_row_has_its_three_sides_and_the_command_for_more) {
    begin();
    CU_ASSERT_TRUE(read_text(str_get(&doc.out)));
    CHECK_STR(cell("rows", 0, "order"), "GGV2002A?[2J");
    CHECK_STR(cell("rows", 0, "db_vnd"), "310,000");
    CHECK_STR(cell("rows", 0, "db_status"), "PENDING");
    CHECK_STR(cell("rows", 0, "gateway_status"), "COMPLETED");
    CHECK_STR(cell("rows", 0, "bank_vnd"), "-");
    CHECK_STR(cell("rows", 0, "fee_vnd"), "3,300");
    CHECK_STR(cell("rows", 0, "proposal"), "id01");
    CHECK_STR(cell("rows", 0, "maker"), "minh");
    CHECK_STR(cell("rows", 0, "checker"), "-");
    CHECK_STR(cell("rows", 0, "command"), "goodgo payments show GGV2002A?[2J");
    CHECK_STR(reading_table(&out, "rows")->rows[1].key.s, "||mb.csv:15 FT13");
    CHECK_STR(cell("rows", 1, "command"), "-");
    CHECK_STR(cell("rows", 1, "db_vnd"), "-");
    end();
}

TEST(days_are_summed_by_provider) {
    begin();
    CU_ASSERT_TRUE(read_text(str_get(&doc.out)));
    CU_ASSERT_EQUAL(reading_table(&out, "days")->n_rows, 2);
    CHECK_STR(cell("days", 1, "provider"), "VNPAY");
    CHECK_STR(cell("days", 1, "rows"), "2");
    CHECK_STR(cell("days", 1, "db_vnd"), "610,000");
    CHECK_STR(cell("days", 1, "exceptions"), "1");
    CU_ASSERT_EQUAL(reading_table(&out, "days")->rows[1].health, HEALTH_CRITICAL);
    end();
}

TEST(what_is_left_out_is_counted) {
    begin();
    CU_ASSERT_TRUE(read_changed("\"exceptions\"", "2,\n  \"leftOut\": 0", "9,\n  \"leftOut\": 7"));
    CU_ASSERT_EQUAL(reading_table(&out, "rows")->n_total, 9);
    CU_ASSERT_TRUE(read_changed("\"exceptions\"", "2,\n  \"leftOut\": 0",
                                "5000000002,\n  \"leftOut\": 5000000000"));
    CU_ASSERT_EQUAL(reading_table(&out, "rows")->n_total, UINT32_MAX);
    CU_ASSERT_TRUE(read_changed("\"category\":\"UNMATCHED\"", "\"evidence\":\"mb.csv:15 FT13\"",
                                "\"evidence\": null"));
    CHECK_STR(reading_table(&out, "rows")->rows[1].key.s, "||");
    CU_ASSERT_TRUE(read_changed("\"asked\"", "5", "0"));
    CU_ASSERT_EQUAL(reading_table(&out, "sources")->n_rows, 3);
    CU_ASSERT_TRUE(read_changed("\"csvSha256\"", "\"cd\"", "null"));
    CU_ASSERT_PTR_NULL(reading_string(&out, "csv_sha256"));
    end();
}

#define TOTAL(provider, vnd)                                                                       \
    "{\"day\":\"d\",\"provider\":\"" provider "\",\"category\":\"MATCHED\",\"rows\":0,"            \
    "\"dbVnd\":" vnd ",\"gatewayVnd\":0,\"bankVnd\":0,\"differenceVnd\":0},"
/* Nothing in all, and more than there is in one of two. */
#define TOO_MUCH                                                                                   \
    TOTAL("a", "-9007199254740991")                                                                \
    TOTAL("b", "9007199254740991") TOTAL("b", "9007199254740991")

/* Each is one change of a report that was good. */
TEST(no_other_figure_and_no_missing_member_is_believed) {
    static const char *const changes[][4] = {
        {"", "goodgo.payments.reconcile/1", "goodgo.payments.list/1", "schema"},
        {"\"run\"", "\"0123456789abcdef\"", "7", "run"},
        {"", "\"from\"", "\"From\"", "from"},
        {"\"asOf\"", "\"2026-03-20\"", "null", "asOf"},
        {"\"repeatedLines\"", "2", "-2", "repeatedLines"},
        {"\"proposed\": 1", "1", "1.5", "repeatedLines"},
        {"\"csvSha256\"", "\"cd\"", "5", "repeatedLines"},
        {"\"asked\"", "5", "\"many\"", "asked"},
        {"\"gateways\"", "\"provider\": \"VNPAY\"", "\"provider\": 7", "gateways"},
        {"\"gateways\"", "37", "-37", "gateways"},
        {"\"gateways\"", "\"h:1: no answer in 500 ms\"", "null", "gateways"},
        {"\"read\"", "\"dbVnd\": 610000", "\"dbVnd\": 610001", "read"},
        {"\"read\"", "\"bankVnd\": 79000", "\"bankVnd\": 78000", "read"},
        {"\"outside\"", "\"gatewayVnd\"", "\"gateway\"", "reported"},
        {"\"reported\"", "\"rows\": 3", "\"rows\": null", "reported"},
        {"\"reported\"", "\"differenceVnd\": 388000", "\"differenceVnd\": 388001", "categories"},
        {"\"categories\"", "\"STATUS_MISMATCH\"", "\"SOMETHING\"", "categories"},
        {"\"categories\"", "\"STATUS_MISMATCH\"", "\"MATCHED\"", "categories"},
        {"\"categories\"", "\"rows\": 1", "\"rows\": 2", "categories"},
        {"\"categories\"", "\"bankVnd\": 78000", "\"bankVnd\": 9007199254740993", "categories"},
        {"\"categories\"", "\"dbVnd\": 300000", "\"dbVnd\": 9007199254740991", "categories"},
        {"\"rows\"", "[", "{}, \"was\": [", "rows"},
        {"\"rows\"", "\"STATUS_MISMATCH\"", "\"SOMETHING\"", "rows"},
        {"\"rows\"", "\"order\":null", "\"order\":{}", "rows"},
        {"\"rows\"", "\"evidence\":\"mb.csv:15 FT13\"", "\"evidence\":7", "rows"},
        {"\"rows\"", "\"maker\"", "\"Maker\"", "rows"},
        {"\"rows\"", "\"bankVnd\":78000", "\"bankVnd\":\"much\"", "rows"},
        {"\"rows\"", "\"feeVnd\"", "\"fee\"", "rows"},
        {"\"exceptions\": 2", "2", "3", "exceptions"},
        {"\"leftOut\"", "0", "1", "exceptions"},
        {"\"leftOut\"", "0", "null", "exceptions"},
        {"\"totals\"", "\"day\": \"2026-03-10\"", "\"day\": 7", "totals"},
        {"\"totals\"", "\"provider\": \"BANK\"", "\"provider\": 7", "totals"},
        {"\"totals\"", "\"UNMATCHED\"", "\"SOMETHING\"", "totals"},
        {"\"totals\"", "\"rows\": 1", "\"rows\": 2", "totals"},
        {"\"totals\"", "\"bankVnd\": 78000", "\"bankVnd\": null", "totals"},
        {"\"totals\"", "\"dbVnd\": 300000", "\"dbVnd\": 9007199254740991", "totals"},
        {"\"totals\"", "[", "[" TOO_MUCH, "totals"},
        {"\"files\"", "\"mb.csv\"", "null", "files"},
        {"\"files\"", "\"layout\": \"mb\"", "\"layout\": 5", "files"},
        {"\"files\"", "\"skipped\": 1", "\"skipped\": -1", "files"},
    };
    begin();
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        bool ok = read_changed(changes[i][0], changes[i][1], changes[i][2]);
        if (ok || strcmp(err.target, changes[i][3]) != 0)
            printf("\n    %s %s -> %s: %s\n", changes[i][0], changes[i][1], changes[i][2],
                   ok ? "is believed" : err.target);
        CU_ASSERT_FALSE(ok);
        CHECK_STR(err.target, changes[i][3]);
    }
    end();
}

TEST(what_is_no_json_is_none) {
    begin();
    CU_ASSERT_FALSE(read_text("{"));
    CU_ASSERT_FALSE(read_text("[]"));
    CHECK_STR(err.target, "schema");
    end();
}

/* --- pages of what a job kept --- */

static struct str kept;
static struct recon_page *page;

/* Orders A1, A2 ...: the even ones match, the others are lost callbacks. */
static void keep_rows(uint32_t n) {
    struct jsonw w;
    char order[16];
    str_init(&kept, (size_t)8 << 20);
    for (uint32_t i = 1; i <= n; i++) {
        snprintf(order, sizeof order, "A%u", i);
        struct recon_row row = {.day = 20522,
                                .provider = i % 2 ? "VNPAY" : "",
                                .order_id = order,
                                .tx_id = "",
                                .has_db = true,
                                .db_vnd = i,
                                .category = i % 2 ? RECON_STATUS_MISMATCH : RECON_MATCHED,
                                .why = "\"category\":\"UNMATCHED\",",
                                .evidence = "a/very/long/name/of/a/file/of/a/bank.csv:3"};
        jsonw_init(&w, &kept, JSONW_LINE);
        recon_row_json(&w, &row, NULL, NULL);
        str_putc(&kept, '\n');
    }
}

/* Reads it in parts, as a file comes. */
static bool read_page(const char *of, uint32_t number, size_t part) {
    bool ok = true;
    reading_init(&out, &arena);
    CU_ASSERT_TRUE(read_text(str_get(&doc.out)));
    page = recon_page_new(of, number, &out);
    for (size_t at = 0; ok && at < kept.len && !recon_page_is_full(page); at += part) {
        size_t n = kept.len - at < part ? kept.len - at : part;
        ok = recon_page_part(page, str_get(&kept) + at, n, &err);
    }
    recon_page_free(page);
    return ok;
}

static uint32_t page_rows(void) {
    return reading_table(&out, "page")->n_rows;
}

TEST(a_page_is_a_part_of_all_rows) {
    double n = 0;
    begin();
    keep_rows(2 * RECON_PAGE_ROWS + 1);
    CU_ASSERT_TRUE(read_page("", 0, 1000));
    CU_ASSERT_EQUAL(page_rows(), RECON_PAGE_ROWS);
    CHECK_STR(cell("page", 0, "order"), "A1");
    CHECK_STR(cell("page", 1, "category"), "MATCHED");
    CHECK_STR(reading_string(&out, "page_of"), "all");
    CU_ASSERT_EQUAL(reading_table(&out, "page")->n_total, 3); /* as the report has it */
    CU_ASSERT_TRUE(read_page("all", 2, 65536));
    CU_ASSERT_EQUAL_FATAL(page_rows(), 1);
    CHECK_STR(cell("page", 0, "order"), "A2001");
    CU_ASSERT_TRUE(reading_number(&out, "page_first", &n) && n == 2 * RECON_PAGE_ROWS + 1);
    CU_ASSERT_TRUE(read_page("", 3, 65536));
    CU_ASSERT_EQUAL(page_rows(), 0);
    str_done(&kept);
    end();
}

TEST(a_page_may_be_of_a_category_or_of_a_day) {
    begin();
    keep_rows(8);
    CU_ASSERT_TRUE(read_page("MATCHED", 0, 7));
    CU_ASSERT_EQUAL_FATAL(page_rows(), 4);
    CHECK_STR(cell("page", 3, "order"), "A8");
    CU_ASSERT_EQUAL(reading_table(&out, "page")->n_total, 1);
    CU_ASSERT_TRUE(read_page("UNMATCHED", 0, 7)); /* what a row quotes is not its category */
    CU_ASSERT_EQUAL(page_rows(), 0);
    CU_ASSERT_TRUE(read_page("2026-03-10 VNPAY", 0, 7));
    CU_ASSERT_EQUAL_FATAL(page_rows(), 4);
    CHECK_STR(cell("page", 0, "order"), "A1");
    CU_ASSERT_TRUE(read_page("2026-03-10 -", 0, 7));
    CU_ASSERT_EQUAL_FATAL(page_rows(), 4);
    CHECK_STR(cell("page", 0, "order"), "A2");
    CU_ASSERT_TRUE(read_page("2026-03-11 VNPAY", 0, 7));
    CU_ASSERT_EQUAL(page_rows(), 0);
    CU_ASSERT_EQUAL(reading_table(&out, "page")->n_total, 0);
    str_done(&kept);
    end();
}

TEST(rows_of_one_order_are_told_apart) {
    begin();
    keep_rows(2);
    CU_ASSERT_TRUE(read_page("", 0, 100));
    const struct table *t = reading_table(&out, "page");
    CHECK_STR(t->rows[0].key.s, "A1||me/of/a/file/of/a/bank.csv:3");
    CU_ASSERT_STRING_NOT_EQUAL(t->rows[0].key.s, t->rows[1].key.s);
    str_done(&kept);
    end();
}

TEST(rows_that_are_none_are_refused) {
    begin();
    str_init(&kept, (size_t)1 << 20);
    str_puts(&kept, "{\"category\":\"MATCHED\"}\n");
    CU_ASSERT_FALSE(read_page("", 0, 100));
    CHECK_STR(err.why, "lacks a member, or has no value of it");
    str_clear(&kept);
    str_puts(&kept, "{{\n");
    CU_ASSERT_FALSE(read_page("", 0, 100));
    str_clear(&kept);
    for (int i = 0; i < 20000; i++)
        str_putc(&kept, 'x');
    CU_ASSERT_FALSE(read_page("", 0, 4096));
    CHECK_STR(err.why, "is longer than any row");
    str_done(&kept);
    end();
}

SUITE(recon_report, T(many_of_one_category_keep_out_none_of_a_worse),
      T(a_page_is_a_part_of_all_rows), T(a_page_may_be_of_a_category_or_of_a_day),
      T(rows_of_one_order_are_told_apart), T(rows_that_are_none_are_refused),
      T(what_was_written_is_read), T(whom_nobody_asked_about_everything_is_a_source_of_its_own),
      T(the_worst_category_comes_first_and_all_of_them_last),
      T(a_row_has_its_three_sides_and_the_command_for_more), T(days_are_summed_by_provider),
      T(what_is_left_out_is_counted), T(no_other_figure_and_no_missing_member_is_believed),
      T(what_is_no_json_is_none))
