/* tests/unit/test_reading.c - metrics, tables and findings: replaced, bounded, unique, copied. */
#include "harness.h"

#include <math.h>
#include <string.h>

#include "base/attr.h"
#include "base/str.h"
#include "model/reading.h"

static struct arena arena;
static struct reading r;

static void begin(void) {
    arena_done(&arena);
    reading_init(&r, &arena);
}

TEST(names_of_health_and_units_go_both_ways) {
    for (int h = 0; h < HEALTH_COUNT; h++) {
        enum health back;
        CU_ASSERT_TRUE(health_parse(health_name((enum health)h), &back) && (int)back == h);
        CU_ASSERT_EQUAL(strlen(health_sign((enum health)h)), 2);
    }
    for (int u = 0; u < UNIT_COUNT_OF_UNITS; u++) {
        enum unit back;
        CU_ASSERT_TRUE(unit_parse(unit_name((enum unit)u), &back) && (int)back == u);
    }
    enum health h;
    enum unit u;
    CU_ASSERT_FALSE(health_parse("fine", &h));
    CU_ASSERT_FALSE(unit_parse("furlong", &u));
    CHECK_STR(health_name(HEALTH_COUNT), "unknown");
    CHECK_STR(health_sign(HEALTH_COUNT), "??");
    CHECK_STR(unit_name(UNIT_COUNT_OF_UNITS), "");
    CU_ASSERT_EQUAL(health_worse(HEALTH_OK, HEALTH_UNKNOWN), HEALTH_UNKNOWN);
    CU_ASSERT_EQUAL(health_worse(HEALTH_CRITICAL, HEALTH_WARNING), HEALTH_CRITICAL);
}

TEST(values_sort_numbers_then_texts_then_unknown) {
    struct value i = value_int(INT64_MAX), j = value_int(INT64_MAX - 1), d = value_real(1.5),
                 s = value_text(TEXT_LIT("a")), t = value_text(TEXT_LIT("b")), none = value_none();
    CU_ASSERT_TRUE(value_compare(i, j) > 0); /* exact where a double is not */
    CU_ASSERT_TRUE(value_compare(j, i) < 0);
    CU_ASSERT_TRUE(value_compare(d, i) < 0);
    CU_ASSERT_EQUAL(value_compare(d, d), 0);
    CU_ASSERT_EQUAL(value_compare(i, i), 0);
    CU_ASSERT_TRUE(value_compare(s, i) > 0 && value_compare(none, t) > 0);
    CU_ASSERT_TRUE(value_compare(i, s) < 0);
    CU_ASSERT_TRUE(value_compare(s, t) < 0);
    CU_ASSERT_TRUE(value_compare(t, none) < 0);
    CU_ASSERT_TRUE(value_compare(none, i) > 0);
    CU_ASSERT_EQUAL(value_compare(none, none), 0);
    CU_ASSERT_EQUAL(value_real(NAN).kind, VALUE_NONE);
    CU_ASSERT_EQUAL(value_real(-INFINITY).kind, VALUE_NONE);
}

TEST(a_metric_of_the_same_name_is_replaced) {
    double d;
    begin();
    reading_int(&r, "a", UNIT_COUNT, 1);
    reading_text(&r, "b", "x\033y", 3);
    reading_textz(&r, "c", NULL);
    reading_real(&r, "a", UNIT_MS, 2.5);
    CU_ASSERT_EQUAL(r.n_metrics, 3);
    CU_ASSERT_EQUAL(reading_metric(&r, "a")->unit, UNIT_MS);
    CU_ASSERT_TRUE(reading_number(&r, "a", &d) && d == 2.5);
    CU_ASSERT_FALSE(reading_number(&r, "b", &d));
    CU_ASSERT_FALSE(reading_number(&r, "none", &d));
    CHECK_STR(reading_string(&r, "b"), "x?y");
    CHECK_STR(reading_string(&r, "c"), "");
    CU_ASSERT_PTR_NULL(reading_string(&r, "a"));
    CU_ASSERT_PTR_NULL(reading_string(&r, "none"));
}

TEST(metrics_tables_and_findings_are_bounded) {
    static const struct column column = {"c", "C", UNIT_NONE, 0, 0};
    begin();
    for (int i = 0; i < 600; i++) {
        reading_int(&r, arena_printf(&arena, "m%d", i), UNIT_COUNT, i);
        reading_finding(&r, HEALTH_OK, "code", NULL, "finding %d", i);
        struct table *t = reading_add_table(&r, arena_printf(&arena, "t%d", i), "T", &column, 1);
        row_int(table_add_row(&r, t, "k", HEALTH_OK), 0, i); /* usable though not kept */
    }
    CU_ASSERT_EQUAL(r.n_metrics, 512);
    CU_ASSERT_EQUAL(r.n_findings, 128);
    CU_ASSERT_EQUAL(r.n_tables, 32);
    CU_ASSERT_PTR_NULL(reading_metric(&r, "m512"));
    CU_ASSERT_PTR_NULL(reading_table(&r, "t32"));
    CHECK_STR(r.findings[127].what.s, "finding 127");
}

TEST(a_finding_is_cleaned_and_cut_with_an_ellipsis) {
    char longer[4000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    begin();
    reading_finding(&r, HEALTH_WARNING, "c", "do\033it", "\n%s", longer);
    CU_ASSERT_EQUAL(r.findings[0].what.cols, 480);
    CHECK_STR(r.findings[0].what.s + r.findings[0].what.len - 4, "x\342\200\246");
    CHECK_STR(r.findings[0].todo.s, "do?it");
}

TEST(a_table_of_the_same_name_is_replaced) {
    static const struct column columns[] = {{"a", "A", UNIT_NONE, 0, 0}, {"b", "B", UNIT_MS, 0, 0}};
    begin();
    struct table *old = reading_add_table(&r, "t", "Old", columns, 2);
    table_add_row(&r, old, "x", HEALTH_OK);
    struct table *t = reading_add_table(&r, "t", "New", columns, 2);
    CU_ASSERT_EQUAL(r.n_tables, 1);
    CU_ASSERT_PTR_EQUAL(reading_table(&r, "t"), t);
    CU_ASSERT_EQUAL(t->n_rows, 0);
    struct row *row = table_add_row(&r, t, NULL, HEALTH_OK);
    CHECK_STR(row->key.s, "");
    CU_ASSERT_EQUAL(row->cells[1].kind, VALUE_NONE);
    row_real(row, 1, 2.5);
    row_text(&r, row, 0, "t\033");
    CHECK_STR(row->cells[0].t.s, "t?");
    row_text(&r, row, 0, NULL);
    CU_ASSERT_EQUAL(row->cells[0].kind, VALUE_NONE);
}

TEST(keys_are_made_unique_and_stay_short) {
    char longer[200];
    memset(longer, 'k', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    begin();
    struct table *t = reading_add_table(&r, "t", "T", NULL, 0);
    CHECK_STR(table_add_row(&r, t, "a", HEALTH_OK)->key.s, "a");
    CHECK_STR(table_add_row(&r, t, "a#3", HEALTH_OK)->key.s, "a#3");
    CHECK_STR(table_add_row(&r, t, "a", HEALTH_OK)->key.s, "a#2");
    CHECK_STR(table_add_row(&r, t, "a", HEALTH_OK)->key.s, "a#4"); /* #3 was taken */
    CHECK_STR(table_add_row(&r, t, "b\033", HEALTH_OK)->key.s, "b?");
    CU_ASSERT_EQUAL(table_add_row(&r, t, longer, HEALTH_OK)->key.cols, 95);
    struct text second = table_add_row(&r, t, longer, HEALTH_OK)->key;
    CU_ASSERT_TRUE(second.cols <= 95);
    CHECK_STR(second.s + second.len - 2, "#2");
}

TEST(ten_thousand_equal_keys_are_quick_and_unique) {
    static const struct column column = {"c", "C", UNIT_NONE, 0, 0};
    begin();
    struct table *t = reading_add_table(&r, "t", "T", &column, 1);
    for (int i = 0; i < 10000; i++)
        row_int(table_add_row(&r, t, "same", HEALTH_OK), 0, i);
    CHECK_STR(t->rows[9999].key.s, "same#10000");
    for (int i = 0; i < 500; i++) { /* past the cap: counted, usable, not kept */
        struct row *row = table_add_row(&r, t, "more", HEALTH_WARNING);
        CU_ASSERT_EQUAL_FATAL(row->cells[0].kind, VALUE_NONE);
        row_int(row, 0, i);
    }
    CU_ASSERT_EQUAL(t->n_rows, 10000);
    CU_ASSERT_EQUAL(t->n_total, 10500);
}

TEST(a_copy_is_deep_and_goes_behind_what_is_there) {
    static const struct column columns[] = {{"a", "A", UNIT_NONE, 0, 0}};
    struct arena other;
    struct reading copy;
    begin();
    arena_init(&other);
    reading_init(&copy, &other);
    reading_int(&copy, "m", UNIT_COUNT, 1);
    reading_textz(&r, "m", "text");
    struct table *t = reading_add_table(&r, "t", "T", columns, 1);
    row_text(&r, table_add_row(&r, t, "k", HEALTH_WARNING), 0, "cell");
    t->n_total = 9;
    t->behind_ms = 7000;
    trend_add(reading_past(&r, "p", UNIT_PERCENT), 120000, 5);
    reading_finding(&r, HEALTH_CRITICAL, "c", "todo", "what");
    reading_finding(&r, HEALTH_WARNING, "d", "todo", "other");
    CHECK_STR(reading_finding_of(&r, "d")->what.s, "other");
    CU_ASSERT_PTR_NULL(reading_finding_of(&r, "e"));
    reading_append(&copy, &r);
    begin(); /* the first arena is gone */
    CHECK_STR(reading_string(&copy, "m"), "text");
    t = (struct table *)reading_table(&copy, "t");
    CU_ASSERT_EQUAL(t->n_total, 9);
    CU_ASSERT_EQUAL(t->behind_ms, 7000);
    CU_ASSERT_EQUAL(t->rows[0].health, HEALTH_WARNING);
    CHECK_STR(t->rows[0].cells[0].t.s, "cell");
    CU_ASSERT_EQUAL_FATAL(copy.n_past, 1);
    CU_ASSERT_EQUAL(copy.past[0].unit, UNIT_PERCENT);
    CU_ASSERT_EQUAL(trend_at(&copy.past[0].trend, 12), 5);
    CHECK_STR(copy.findings[0].todo.s, "todo");
    /* Rows may be added to a copied table, and its keys are known. */
    CHECK_STR(table_add_row(&copy, t, "k", HEALTH_OK)->key.s, "k#2");
    arena_done(&other);
}

TEST(rows_are_found_by_key_and_columns_by_name) {
    static const struct column columns[] = {{"a", "A", UNIT_NONE, 0, 0},
                                            {"b", "B", UNIT_NONE, 0, 0}};
    begin();
    struct table *t = reading_add_table(&r, "t", "T", columns, ARRAY_LEN(columns));
    CU_ASSERT_PTR_NULL(table_row(t, "x"));
    table_add_row(&r, t, "x", HEALTH_OK);
    table_add_row(&r, t, "y", HEALTH_OK);
    CU_ASSERT_PTR_EQUAL(table_row(t, "y"), &t->rows[1]);
    CU_ASSERT_PTR_NULL(table_row(t, "z"));
    CU_ASSERT_EQUAL(table_column(t, "b"), 1);
    CU_ASSERT_EQUAL(table_column(t, "c"), -1);
    CU_ASSERT_PTR_NULL(table_row(NULL, "x"));
    CU_ASSERT_EQUAL(table_column(NULL, "a"), -1);
}

SUITE(reading, T(names_of_health_and_units_go_both_ways),
      T(values_sort_numbers_then_texts_then_unknown), T(a_metric_of_the_same_name_is_replaced),
      T(metrics_tables_and_findings_are_bounded), T(a_finding_is_cleaned_and_cut_with_an_ellipsis),
      T(a_table_of_the_same_name_is_replaced), T(keys_are_made_unique_and_stay_short),
      T(ten_thousand_equal_keys_are_quick_and_unique),
      T(a_copy_is_deep_and_goes_behind_what_is_there), T(rows_are_found_by_key_and_columns_by_name))
