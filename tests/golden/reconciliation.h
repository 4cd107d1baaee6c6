/* tests/golden/reconciliation.h - a day that was closed, made by hand: as recon/report.c reads it.
 */
#ifndef GOODGO_TESTS_GOLDEN_RECONCILIATION_H
#define GOODGO_TESTS_GOLDEN_RECONCILIATION_H

#include <string.h>

#include "model/reading.h"

static const struct column category_columns[] = {
    {"category", "CATEGORY", UNIT_NONE, 0, 0}, {"rows", "ROWS", UNIT_COUNT, 0, 0},
    {"db_vnd", "DATABASE", UNIT_VND, 0, 3},    {"gateway_vnd", "GATEWAY", UNIT_VND, 0, 2},
    {"bank_vnd", "BANK", UNIT_VND, 0, 1},      {"difference_vnd", "DIFFERENCE", UNIT_VND, 0, 0},
    {"todo", "WHAT TO DO", UNIT_NONE, 0, 4},   {"kept", "KEPT", UNIT_NONE, 0, 9},
};
static const struct column exception_columns[] = {
    {"category", "CATEGORY", UNIT_NONE, 0, 0},
    {"order", "ORDER", UNIT_NONE, 0, 0},
    {"db_vnd", "OURS", UNIT_VND, 0, 1},
    {"db_status", "STATE", UNIT_NONE, 0, 5},
    {"gateway_vnd", "GATEWAY", UNIT_VND, 0, 2},
    {"gateway_status", "SAYS", UNIT_NONE, 0, 6},
    {"bank_vnd", "BANK", UNIT_VND, 0, 3},
    {"difference_vnd", "DIFFERENCE", UNIT_VND, 0, 0},
    {"why", "WHY", UNIT_NONE, 0, 4},
    {"provider", "PROVIDER", UNIT_NONE, 0, 7},
    {"day", "DAY", UNIT_NONE, 0, 8},
    {"provider_tx", "ITS NO.", UNIT_NONE, 0, 8},
    {"evidence", "EVIDENCE", UNIT_NONE, 0, 9},
    {"todo", "WHAT TO DO", UNIT_NONE, 0, 9},
    {"command", "COMMAND", UNIT_NONE, 0, 9},
};
static const struct column day_columns[] = {
    {"day", "DAY", UNIT_NONE, 0, 0},
    {"provider", "PROVIDER", UNIT_NONE, 0, 0},
    {"rows", "ROWS", UNIT_COUNT, 0, 0},
    {"difference_vnd", "DIFFERENCE", UNIT_VND, 0, 0},
    {"exceptions", "EXCEPTIONS", UNIT_COUNT, 0, 4},
};
static const struct column source_columns[] = {
    {"kind", "SOURCE", UNIT_NONE, 0, 0},   {"name", "NAME", UNIT_NONE, 0, 0},
    {"rows", "ROWS", UNIT_COUNT, 0, 0},    {"vnd", "VND", UNIT_VND, 0, 1},
    {"layout", "LAYOUT", UNIT_NONE, 0, 2},
};

static const struct made_category {
    enum health health;
    const char *name, *todo;
    int64_t rows, db, gateway, bank, difference;
} made_exceptions[] = {{HEALTH_CRITICAL, "DUPLICATE", "propose a refund", 4, 810000, 1160000,
                        530000, 530000},
                       {HEALTH_CRITICAL, "MISSING_IN_STATEMENT", "claim it from the gateway", 1,
                        200000, 0, 0, -200000},
                       {HEALTH_WARNING, "SUGGESTED", "propose, and have a second person approve", 6,
                        1204940000, 0, 1204940000, 1204940000}},
  made_calm[] = {{HEALTH_OK, "NOT_PAID", "nothing: no money moved", 2, 570000, 360000, 0, 0},
                 {HEALTH_OK, "MATCHED", "nothing", 1206, 9007199254740, 9007199000000, 254740, 0}};

static inline void add_category(struct reading *r, struct table *t, const struct made_category *c,
                                struct made_category *sum) {
    struct row *row = table_add_row(r, t, c->name, c->health);
    row_text(r, row, 0, c->name);
    row_int(row, 1, c->rows);
    row_int(row, 2, c->db);
    row_int(row, 3, c->gateway);
    row_int(row, 4, c->bank);
    row_int(row, 5, c->difference);
    row_text(r, row, 6, c->todo);
    row_text(r, row, 7, c->health > HEALTH_OK ? "each is here" : "they are counted only");
    sum->rows += c->rows, sum->db += c->db, sum->gateway += c->gateway;
    sum->bank += c->bank, sum->difference += c->difference;
}

/* Of a payment, of a credit that names none, of one that nobody can tell. */
static inline void add_exception(struct reading *r, struct table *t, const struct made_category *c,
                                 int i, const char *order, const char *evidence) {
    struct row *row = table_add_row(r, t, i % 3 ? order : evidence, c->health);
    row_text(r, row, 0, c->name);
    if (i % 3) {
        row_text(r, row, 1, order);
        row_int(row, 2, 100000 + i * 10000);
        row_text(r, row, 3, "PENDING");
        row_text(r, row, 14, arena_printf(r->arena, "goodgo payments show GGB%d", i));
    }
    if (i % 2) {
        row_int(row, 4, 100000 + i * 10000);
        row_text(r, row, 5, "COMPLETED");
        row_text(r, row, 11, "14002");
    }
    row_int(row, 6, 1204940000);
    row_int(row, 7, i % 2 ? -200000 : 1204940000);
    row_text(r, row, 8, "a second credit for this order");
    row_text(r, row, 9, i % 2 ? "VNPAY" : "BANK_TRANSFER");
    row_text(r, row, 10, "2026-04-10");
    row_text(r, row, 12, evidence);
    row_text(r, row, 13, c->todo);
}

/* The first page of every row: the exceptions, then those that are none. */
static inline void add_page(struct reading *r, const struct table *rows, const char *order,
                            int64_t total) {
    struct table *t =
        reading_add_table(r, "page", "Every row", exception_columns, ARRAY_LEN(exception_columns));
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        struct row *row =
            table_add_row(r, t, arena_printf(r->arena, "%u", i), rows->rows[i].health);
        memcpy(row->cells, rows->rows[i].cells, t->n_columns * sizeof *row->cells);
    }
    struct row *row = table_add_row(r, t, "last", HEALTH_OK);
    row_text(r, row, 0, "MATCHED");
    row_text(r, row, 1, order);
    row_int(row, 2, 310000);
    row_text(r, row, 13, "nothing");
    t->n_total = (uint32_t)total;
    reading_textz(r, "page_of", "all");
    reading_int(r, "page", UNIT_COUNT, 0);
    reading_int(r, "page_first", UNIT_COUNT, 1);
}

static inline void add_places(struct reading *r, const char *file, const struct made_category *sum,
                              bool exceptions) {
    struct table *days = reading_add_table(r, "days", "Days", day_columns, ARRAY_LEN(day_columns));
    struct row *row =
        table_add_row(r, days, "2026-04-10 VNPAY", exceptions ? HEALTH_CRITICAL : HEALTH_OK);
    row_text(r, row, 0, "2026-04-10");
    row_text(r, row, 1, "VNPAY");
    row_int(row, 2, sum->rows);
    row_int(row, 3, sum->difference);
    row_int(row, 4, exceptions ? 11 : 0);
    struct table *sources =
        reading_add_table(r, "sources", "Sources", source_columns, ARRAY_LEN(source_columns));
    row = table_add_row(r, sources, "database", HEALTH_OFF);
    row_text(r, row, 0, "database");
    row_text(r, row, 1, "payments of these rows");
    row_int(row, 3, sum->db);
    row = table_add_row(r, sources, file, HEALTH_OFF);
    row_text(r, row, 0, "statement");
    row_text(r, row, 1, file);
    row_int(row, 2, 17);
    row_text(r, row, 4, "mb");
}

/* `order` and `evidence` are words from outside. */
static inline void make_report(struct reading *r, bool exceptions, const char *order,
                               const char *evidence, int64_t ended_wall_s) {
    struct made_category sum = {.name = "all"};
    struct table *t = reading_add_table(r, "categories", "Categories", category_columns,
                                        ARRAY_LEN(category_columns));
    struct table *rows =
        reading_add_table(r, "rows", "Payments", exception_columns, ARRAY_LEN(exception_columns));
    for (size_t i = 0; exceptions && i < ARRAY_LEN(made_exceptions); i++) {
        add_category(r, t, &made_exceptions[i], &sum);
        for (int k = 0; k < made_exceptions[i].rows; k++)
            add_exception(r, rows, &made_exceptions[i], k, order, evidence);
    }
    for (size_t i = 0; i < ARRAY_LEN(made_calm); i++)
        add_category(r, t, &made_calm[i], &sum);
    struct made_category all = sum;
    add_category(r, t, &all, &sum);
    add_places(r, evidence, &all, exceptions);
    add_page(r, rows, order, all.rows);
    reading_textz(r, "run", "82f30a14b83db3b4");
    reading_textz(r, "from", "2026-04-10");
    reading_textz(r, "as_of", "2026-04-11");
    reading_textz(r, "job", "20260411-090000-reconcile-17aa");
    reading_textz(r, "command", "goodgo payments reconcile --day 2026-04-10 --gateway live");
    reading_int(r, "ended", UNIT_TIME, ended_wall_s);
    reading_int(r, "rows", UNIT_COUNT, all.rows);
    reading_int(r, "exceptions", UNIT_COUNT, exceptions ? 2011 : 0);
    reading_int(r, "left_out", UNIT_COUNT, exceptions ? 2000 : 0);
    reading_int(r, "rows_not_kept", UNIT_COUNT, exceptions ? 53 : 0);
    reading_int(r, "difference_vnd", UNIT_VND, all.difference);
}

#endif
