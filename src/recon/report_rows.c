/* recon/report_rows.c - the rows of a reconciliation for the screen: those of its report, and a
 * page of all that a job kept, which may be more than anybody wants to hold. Nothing in them is
 * believed. */
#include "report_priv.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/reconreport.h"

#define OP       "reconcile.rows"
#define LINE_MAX ((size_t)16 << 10)

bool report_vnd(const struct json *j, const char *path, int64_t *ret) {
    return json_i64(j, path, -REPORT_VND_MOST, REPORT_VND_MOST, ret);
}

bool report_category(const struct json *j, enum recon_category *ret) {
    const char *name = json_string(j, "category");
    for (int i = 0; name && i < RECON_CATEGORIES; i++)
        if (strcmp(recon_category_info[i].name, name) == 0) {
            *ret = (enum recon_category)i;
            return true;
        }
    return false;
}

enum health report_health(enum recon_category c) {
    return c >= RECON_MISSING_IN_STATEMENT    ? HEALTH_CRITICAL
           : recon_category_info[c].exception ? HEALTH_WARNING
           : c == RECON_NOT_CHECKED           ? HEALTH_UNKNOWN
                                              : HEALTH_OK;
}

enum {
    R_CATEGORY,
    R_ORDER,
    R_DB,
    R_DB_STATUS,
    R_GATEWAY,
    R_GATEWAY_STATUS,
    R_BANK,
    R_DIFFERENCE,
    R_WHY,
    R_PROVIDER,
    R_DAY,
    R_TX,
    R_FEE,
    R_EVIDENCE,
    R_TODO,
    R_PROPOSAL,
    R_RESOLUTION,
    R_MAKER,
    R_CHECKER,
    R_COMMAND
};
static_assert(R_COMMAND + 1 == REPORT_COLUMNS, "the columns of a row");
const struct column report_columns[REPORT_COLUMNS] = {
    [R_CATEGORY] = {"category", "CATEGORY", UNIT_NONE, 0, 0},
    [R_ORDER] = {"order", "ORDER", UNIT_NONE, 0, 0},
    [R_DB] = {"db_vnd", "OURS", UNIT_VND, 0, 1},
    [R_DB_STATUS] = {"db_status", "STATE", UNIT_NONE, 0, 5},
    [R_GATEWAY] = {"gateway_vnd", "GATEWAY", UNIT_VND, 0, 2},
    [R_GATEWAY_STATUS] = {"gateway_status", "SAYS", UNIT_NONE, 0, 6},
    [R_BANK] = {"bank_vnd", "BANK", UNIT_VND, 0, 3},
    [R_DIFFERENCE] = {"difference_vnd", "DIFFERENCE", UNIT_VND, 0, 0},
    [R_WHY] = {"why", "WHY", UNIT_NONE, 0, 4},
    [R_PROVIDER] = {"provider", "PROVIDER", UNIT_NONE, 0, 7},
    [R_DAY] = {"day", "DAY", UNIT_NONE, 0, 8},
    [R_TX] = {"provider_tx", "ITS NO.", UNIT_NONE, 0, 8},
    [R_FEE] = {"fee_vnd", "FEE", UNIT_VND, 0, 9},
    [R_EVIDENCE] = {"evidence", "EVIDENCE", UNIT_NONE, 0, 9},
    [R_TODO] = {"todo", "WHAT TO DO", UNIT_NONE, 0, 9},
    [R_PROPOSAL] = {"proposal", "PROPOSAL", UNIT_NONE, 0, 9},
    [R_RESOLUTION] = {"resolution", "RESOLUTION", UNIT_NONE, 0, 9},
    [R_MAKER] = {"maker", "MAKER", UNIT_NONE, 0, 9},
    [R_CHECKER] = {"checker", "CHECKER", UNIT_NONE, 0, 9},
    [R_COMMAND] = {"command", "COMMAND", UNIT_NONE, 0, 9},
};
static const struct {
    uint32_t column;
    const char *name;
} row_texts[] =
    {{R_ORDER, "order"},       {R_DB_STATUS, "dbStatus"},    {R_GATEWAY_STATUS, "gatewayStatus"},
     {R_WHY, "why"},           {R_PROVIDER, "provider"},     {R_DAY, "day"},
     {R_TX, "providerTxId"},   {R_EVIDENCE, "evidence"},     {R_TODO, "todo"},
     {R_PROPOSAL, "proposal"}, {R_RESOLUTION, "resolution"}, {R_MAKER, "maker"},
     {R_CHECKER, "checker"}},
  row_sums[] = {{R_DB, "dbVnd"},
                {R_GATEWAY, "gatewayVnd"},
                {R_BANK, "bankVnd"},
                {R_DIFFERENCE, "differenceVnd"},
                {R_FEE, "feeVnd"}};

/* Null, or a text. */
bool report_is_text(const struct json *j, const char *name) {
    const struct json *v = json_get(j, name);
    return v && (json_is_null(v) || json_string(v, ""));
}

/* Null, or an amount; *ret_known tells which. */
static bool is_vnd(const struct json *j, const char *name, int64_t *ret, bool *ret_known) {
    const struct json *v = json_get(j, name);
    *ret_known = v && !json_is_null(v);
    return v && (!*ret_known || report_vnd(v, "", ret));
}

bool report_is_row(const struct json *j) {
    enum recon_category c;
    int64_t vnd;
    bool known = false, ok = report_category(j, &c);
    for (size_t i = 0; ok && i < ARRAY_LEN(row_texts); i++)
        ok = report_is_text(j, row_texts[i].name);
    for (size_t i = 0; ok && i < ARRAY_LEN(row_sums); i++)
        ok = is_vnd(j, row_sums[i].name, &vnd, &known);
    return ok;
}

/* An order may be in several rows: its transaction and its evidence tell them apart. */
static const char *row_key(struct arena *a, const struct json *j) {
    enum { END_COLS = 28 };
    const char *order = json_string(j, "order"), *tx = json_string(j, "providerTxId"),
               *evidence = json_string(j, "evidence");
    size_t n = evidence ? strlen(evidence) : 0;
    return arena_printf(a, "%.40s|%.24s|%s", order ? order : "", tx ? tx : "",
                        n ? evidence + (n > END_COLS ? n - END_COLS : 0) : "");
}

void report_put_row(struct reading *out, struct table *t, enum recon_category c,
                    const struct json *j) {
    const char *order = json_string(j, "order");
    struct row *row = table_add_row(out, t, row_key(out->arena, j), report_health(c));
    row_text(out, row, R_CATEGORY, recon_category_info[c].name);
    for (size_t i = 0; i < ARRAY_LEN(row_texts); i++)
        row_text(out, row, row_texts[i].column, json_string(j, row_texts[i].name));
    for (size_t i = 0; i < ARRAY_LEN(row_sums); i++) {
        int64_t vnd;
        bool known;
        if (is_vnd(j, row_sums[i].name, &vnd, &known) && known)
            row_int(row, row_sums[i].column, vnd);
    }
    if (order && c != RECON_MISSING_IN_DB)
        row_text(out, row, R_COMMAND, arena_printf(out->arena, "goodgo payments show %s", order));
}

/* --- a page of what a job kept --- */

struct recon_page {
    struct reading *out;
    struct table *table;
    char of[RECON_OF_MAX], needle[3 * RECON_OF_MAX];
    uint64_t skip;
    struct str line;
};

/* As the lines were written: without blanks, and what is quoted in a value is escaped. */
static void make_needle(struct recon_page *p) {
    int day = (int)strcspn(p->of, " ");
    const char *provider = p->of[day] ? p->of + day + 1 : "";
    *p->needle = '\0';
    if (strcmp(provider, "-") == 0)
        snprintf(p->needle, sizeof p->needle, "\"day\":\"%.*s\",\"provider\":null,", day, p->of);
    else if (*provider)
        snprintf(p->needle, sizeof p->needle, "\"day\":\"%.*s\",\"provider\":\"%s\",", day, p->of,
                 provider);
    else if (strcmp(p->of, RECON_OF_ALL) != 0)
        snprintf(p->needle, sizeof p->needle, "\"category\":\"%s\",", p->of);
}

struct recon_page *recon_page_new(const char *of, uint32_t page, struct reading *out) {
    struct recon_page *p = mem_zeroed(sizeof *p);
    p->out = out;
    p->skip = (uint64_t)page * RECON_PAGE_ROWS;
    str_copy(p->of, sizeof p->of, *of ? of : RECON_OF_ALL);
    make_needle(p);
    str_init(&p->line, LINE_MAX);
    p->table = reading_add_table(out, "page", "Every row", report_columns, REPORT_COLUMNS);
    reading_textz(out, "page_of", p->of);
    reading_int(out, "page_first", UNIT_COUNT, (int64_t)p->skip + 1);
    return p;
}

bool recon_page_is_full(const struct recon_page *p) {
    return p->table->n_rows == RECON_PAGE_ROWS;
}

static bool take_line(struct recon_page *p, struct err *err) {
    enum recon_category c;
    if (p->line.toobig)
        return err_set(err, E_TOO_BIG, OP, "line", "is longer than any row");
    if (*p->needle && !strstr(str_get(&p->line), p->needle))
        return true;
    if (p->skip) {
        p->skip--;
        return true;
    }
    struct json *j = json_parse(str_get(&p->line), p->line.len, LINE_MAX, err);
    bool ok = j && (report_is_row(j) ||
                    err_set(err, E_PROTOCOL, OP, "row", "lacks a member, or has no value of it"));
    if (ok && report_category(j, &c))
        report_put_row(p->out, p->table, c, j);
    json_free(j);
    return ok;
}

bool recon_page_part(struct recon_page *p, const char *bytes, size_t n, struct err *err) {
    bool ok = true;
    while (ok && n && !recon_page_is_full(p)) {
        const char *newline = memchr(bytes, '\n', n);
        size_t part = newline ? (size_t)(newline - bytes) : n;
        str_add(&p->line, bytes, part);
        part += newline != NULL;
        bytes += part;
        n -= part;
        if (newline || p->line.toobig) {
            ok = take_line(p, err);
            str_clear(&p->line);
        }
    }
    return ok;
}

/* How many rows there are of it, by the tables of the report. */
static int64_t total_of(const struct reading *r, const char *of) {
    static const char *const tables[] = {"categories", "days"};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        const struct table *t = reading_table(r, tables[i]);
        const struct row *row = table_row(t, of);
        int c = table_column(t, "rows");
        if (row && c >= 0)
            return row->cells[c].i;
    }
    return 0;
}

void recon_page_free(struct recon_page *p) {
    int64_t total = total_of(p->out, p->of), most = UINT32_MAX;
    p->table->n_total = (uint32_t)(total < most ? total : most);
    str_done(&p->line);
    free(p);
}
