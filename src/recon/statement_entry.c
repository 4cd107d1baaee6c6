/* recon/statement_entry.c - from the cells of a record to a row: date, amounts, texts, and what
 * proves it, the balance of a bank or the status of a gateway. */
#include "statement_priv.h"

#include <stdio.h>
#include <string.h>

static const struct cell *cell_of(const struct statement *s, const struct cell *cells, uint32_t n,
                                  enum statement_role role) {
    static char nothing[1];
    static const struct cell none = {nothing, 0, 0, 0};
    int at = s->header.at[role];
    return at >= 0 && (uint32_t)at < n ? &cells[at] : &none;
}

static bool money(const struct statement *s, const struct cell *c, int64_t *ret, struct err *err) {
    const char *why;
    *ret = 0;
    if (cell_is_blank(c->s) || !strcmp(c->s, "-"))
        return true;
    return statement_amount(c->s, ret, &why) || statement_fail_cell(s, c, why, err);
}

static int64_t magnitude(int64_t n) {
    return n < 0 ? -n : n;
}

/* Credit, debit (some banks write it negative), or one amount with a sign. */
static bool take_amount(const struct statement *s, const struct cell *cells, uint32_t n,
                        struct statement_row *row, struct err *err) {
    int64_t debit, credit, amount, fee, tax;
    const struct cell *credit_cell = cell_of(s, cells, n, COLUMN_CREDIT);
    const struct cell *amount_cell = cell_of(s, cells, n, COLUMN_AMOUNT);
    if (!money(s, cell_of(s, cells, n, COLUMN_DEBIT), &debit, err) ||
        !money(s, credit_cell, &credit, err) || !money(s, amount_cell, &amount, err) ||
        !money(s, cell_of(s, cells, n, COLUMN_FEE), &fee, err) ||
        !money(s, cell_of(s, cells, n, COLUMN_TAX), &tax, err))
        return false;
    if (debit && credit)
        return statement_fail_cell(s, credit_cell, "is a credit in a row that has a debit too",
                                   err);
    if (credit < 0)
        return statement_fail_cell(s, credit_cell, "is a negative credit", err);
    int64_t unit = s->header.layout->unit ? s->header.layout->unit : 1;
    if (amount % unit)
        return statement_fail_cell(s, amount_cell, "has a fraction of a dong", err);
    row->amount_vnd = amount ? amount / unit : credit - magnitude(debit);
    row->fee_vnd = magnitude(fee) + magnitude(tax);
    return true;
}

/* Whether the cell is one of these words, '|' between them; nothing may stand beside it. */
static bool is_word(const char *folded, const char *words) {
    char word[100];
    for (const char *w = words; w && *w;) {
        size_t n = strcspn(w, "|");
        snprintf(word, sizeof word, "=%.*s", (int)n, w);
        if (header_holds(folded, word))
            return true;
        w += n + (w[n] == '|');
    }
    return false;
}

static bool is_refund(const struct statement *s, const struct cell *c) {
    struct str folded;
    if (!s->header.layout->refunds || cell_is_blank(c->s))
        return false;
    str_init(&folded, STATEMENT_MAX_RECORD);
    header_fold(&folded, c->s);
    bool refund = is_word(str_get(&folded), s->header.layout->refunds);
    str_done(&folded);
    return refund;
}

static bool take_status(struct statement *s, const struct cell *c, struct statement_row *row,
                        struct err *err) {
    struct str folded;
    bool known = false;
    if (*s->status_text && !strcmp(s->status_text, c->s)) { /* a file has four of them */
        row->status = s->status;
        return true;
    }
    str_init(&folded, STATEMENT_MAX_RECORD);
    header_fold(&folded, c->s);
    for (int i = 0; i < PAY_STATUS_COUNT && !known; i++) {
        known = is_word(str_get(&folded), s->header.layout->status[i]);
        row->status = known ? (enum pay_status)i : PAY_STATUS_NONE;
    }
    str_done(&folded);
    s->status = row->status;
    if (!known || !str_copy(s->status_text, sizeof s->status_text, c->s))
        s->status_text[0] = '\0';
    return known || statement_fail_cell(s, c, "is a status that this layout does not know", err);
}

static const char *trimmed(struct cell *c) {
    while (c->n && strchr(" \t\r\n", c->s[c->n - 1]))
        c->s[--c->n] = '\0';
    return c->s + strspn(c->s, " \t\r\n");
}

static const char *text_of(const struct statement *s, struct cell *cells, uint32_t n,
                           enum statement_role role) {
    int at = s->header.at[role];
    return at >= 0 && (uint32_t)at < n ? trimmed(&cells[at]) : "";
}

/* "5214 - 20261" behind the date: the last word is the document. */
static const char *last_word(const char *rest) {
    const char *blank = strrchr(rest, ' ');
    return blank ? blank + 1 : rest;
}

static bool take_gateway(struct statement *s, struct cell *cells, uint32_t n,
                         struct statement_row *row, struct err *err) {
    const struct statement_layout *l = s->header.layout;
    row->provider = l->provider ? l->provider : text_of(s, cells, n, COLUMN_PROVIDER);
    const char *order = text_of(s, cells, n, COLUMN_ORDER);
    row->order_id = l->dated_order ? pay_order_undated(order) : order;
    row->tx_id = text_of(s, cells, n, COLUMN_TX);
    row->status_text = text_of(s, cells, n, COLUMN_STATUS);
    if (!*row->order_id && !*row->tx_id)
        return statement_fail(s, cells[0].line, 1, "has neither an order nor a transaction", "",
                              err);
    if (!strcmp(row->tx_id, "0"))
        row->tx_id = ""; /* none was made */
    if (!take_status(s, cell_of(s, cells, n, COLUMN_STATUS), row, err))
        return false;
    if (row->status == PAY_COMPLETED && is_refund(s, cell_of(s, cells, n, COLUMN_TYPE)))
        row->status = PAY_REFUNDED;
    return true;
}

static bool prove(struct statement *s, const struct cell *cells, uint32_t n,
                  struct statement_row *row, struct err *err) {
    const struct cell *c = cell_of(s, cells, n, COLUMN_BALANCE);
    int64_t expected = 0;
    char why[120];
    row->has_balance = !cell_is_blank(c->s);
    if (!money(s, c, &row->balance_vnd, err))
        return false;
    if (balance_row(&s->balance, row, &expected))
        return true;
    snprintf(why, sizeof why, "is not the balance that follows, %lld: a row is missing or changed",
             (long long)expected);
    return statement_fail_cell(s, c, why, err);
}

/* One cell too many: everything behind it has slipped, the amount perhaps with it. */
static bool none_slipped(const struct statement *s, const struct cell *cells, uint32_t n,
                         struct err *err) {
    for (uint32_t i = s->header.n_cells; i < n; i++)
        if (!cell_is_blank(cells[i].s))
            return statement_fail_cell(
                s, &cells[i],
                "stands behind the last column: an amount or a text with a separator "
                "in it is not in quotes",
                err);
    return true;
}

/* A row may end early, for some programs leave out empty cells; not before what every row has. */
static bool is_whole(const struct statement *s, const struct cell *cells, uint32_t n,
                     const struct statement_row *row, struct err *err) {
    static const enum statement_role amounts[] = {COLUMN_DEBIT, COLUMN_CREDIT, COLUMN_AMOUNT};
    int needed = s->header.at[COLUMN_BALANCE];
    for (size_t i = 0; needed < 0 && !row->amount_vnd && i < ARRAY_LEN(amounts); i++)
        needed = s->header.at[amounts[i]];
    if ((int)n > needed)
        return true;
    return statement_fail_cell(
        s, &cells[n - 1],
        "ends its row, and the balance or the amount is behind it: the file was cut", err);
}

static void note_row(struct statement *s, const struct statement_row *row) {
    struct statement_summary *sum = &s->sum;
    if (!sum->rows || row->day < sum->first_day)
        sum->first_day = row->day;
    if (!sum->rows || row->day > sum->last_day)
        sum->last_day = row->day;
    sum->rows++;
}

bool entry_take(struct statement *s, struct cell *cells, uint32_t n, struct err *err) {
    struct statement_row row = {.line = s->record_line};
    const struct cell *date = cell_of(s, cells, n, COLUMN_DATE);
    const char *rest, *account = text_of(s, cells, n, COLUMN_ACCOUNT);
    const struct statement_layout *l = s->header.layout;
    if (!statement_date(date->s, &row.day, &row.wall_s, &rest))
        return statement_fail_cell(s, date, "is no date like 31/12/2026", err);
    row.account = *account ? account : s->account;
    row.ref = l->date_holds_ref && *rest ? last_word(rest) : text_of(s, cells, n, COLUMN_REF);
    row.content = text_of(s, cells, n, COLUMN_CONTENT);
    if (!none_slipped(s, cells, n, err) || !take_amount(s, cells, n, &row, err) ||
        !is_whole(s, cells, n, &row, err))
        return false;
    if (l->gateway ? !take_gateway(s, cells, n, &row, err) : !prove(s, cells, n, &row, err))
        return false;
    if (!l->gateway && !row.amount_vnd) { /* a notice of the bank: it moves nothing */
        s->sum.skipped++;
        return true;
    }
    note_row(s, &row);
    return s->on_row(s->ctx, &row, err);
}

bool entry_begins(const struct statement *s, const struct cell *cells, uint32_t n) {
    if (!s->header.layout)
        return false;
    const char *date = cell_of(s, cells, n, COLUMN_DATE)->s;
    date += strspn(date, " \t\r\n");
    return char_is_digit(*date);
}
