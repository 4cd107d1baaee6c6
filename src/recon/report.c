/* recon/report.c - see codec/reconreport.h. Nothing in the document is believed: what is missing,
 * unknown or does not add up is an error. */
#include "codec/reconreport.h"

#include <string.h>

#include "codec/recon.h"
#include "report_priv.h"

#define OP         "reconcile.report"
#define SCHEMA     "goodgo.payments.reconcile/1"
#define ROWS_MOST  2000u
#define COUNT_MOST INT64_C(1000000000000)

/* --- sums --- */

enum { S_ROWS, S_DB, S_GATEWAY, S_BANK, S_DIFFERENCE, SUMS };
struct sums {
    int64_t at[SUMS];
};

static bool wrong(struct err *err, const char *what, const char *why) {
    return err_set(err, E_PROTOCOL, OP, what, "%s", why);
}

static bool get_count(const struct json *j, const char *path, int64_t *ret) {
    return json_i64(j, path, 0, COUNT_MOST, ret);
}

/* `all`: with rows and difference. */
static bool get_sums(const struct json *j, bool all, struct sums *ret) {
    *ret = (struct sums){{0}};
    return report_vnd(j, "dbVnd", &ret->at[S_DB]) &&
           report_vnd(j, "gatewayVnd", &ret->at[S_GATEWAY]) &&
           report_vnd(j, "bankVnd", &ret->at[S_BANK]) &&
           (!all || (get_count(j, "rows", &ret->at[S_ROWS]) &&
                     report_vnd(j, "differenceVnd", &ret->at[S_DIFFERENCE])));
}

/* False where they leave the numbers that a report may have. */
static bool add_sums(struct sums *to, const struct sums *more) {
    bool ok = true;
    for (int i = 0; i < SUMS; i++) {
        to->at[i] += more->at[i];
        ok = ok && to->at[i] >= -REPORT_VND_MOST && to->at[i] <= REPORT_VND_MOST;
    }
    return ok;
}

static bool same_sums(const struct sums *a, const struct sums *b) {
    return memcmp(a->at, b->at, sizeof a->at) == 0;
}

/* --- categories --- */

enum { C_CATEGORY, C_ROWS, C_DB, C_GATEWAY, C_BANK, C_DIFFERENCE, C_TODO, C_KEPT };
static const struct column category_columns[] = {
    [C_CATEGORY] = {"category", "CATEGORY", UNIT_NONE, 0, 0},
    [C_ROWS] = {"rows", "ROWS", UNIT_COUNT, 0, 0},
    [C_DB] = {"db_vnd", "DATABASE", UNIT_VND, 0, 3},
    [C_GATEWAY] = {"gateway_vnd", "GATEWAY", UNIT_VND, 0, 2},
    [C_BANK] = {"bank_vnd", "BANK", UNIT_VND, 0, 1},
    [C_DIFFERENCE] = {"difference_vnd", "DIFFERENCE", UNIT_VND, 0, 0},
    [C_TODO] = {"todo", "WHAT TO DO", UNIT_NONE, 0, 4},
    [C_KEPT] = {"kept", "KEPT", UNIT_NONE, 0, 9},
};

static void put_sums(struct row *row, uint32_t first, const struct sums *s) {
    static const int order[] = {S_ROWS, S_DB, S_GATEWAY, S_BANK, S_DIFFERENCE};
    for (uint32_t i = 0; i < ARRAY_LEN(order); i++)
        row_int(row, first + i, s->at[order[i]]);
}

static void put_category(struct reading *out, struct table *t, enum recon_category c,
                         const struct sums *s) {
    struct row *row = table_add_row(out, t, recon_category_info[c].name, report_health(c));
    row_text(out, row, C_CATEGORY, recon_category_info[c].name);
    put_sums(row, C_ROWS, s);
    row_text(out, row, C_TODO, recon_category_info[c].todo);
    row_text(out, row, C_KEPT,
             recon_category_info[c].exception
                 ? "each is here, 2,000 of all exceptions at the most: open it"
                 : "no exceptions: opened, it shows them as every row of the day");
}

static bool read_categories(const struct json *j, const struct sums *all, struct reading *out,
                            struct err *err) {
    struct sums of[RECON_CATEGORIES], sum = {{0}};
    bool seen[RECON_CATEGORIES] = {false};
    enum recon_category c;
    for (const struct json *each = json_first(json_get(j, "categories")); each;
         each = json_next(each)) {
        if (!report_category(each, &c) || seen[c] || !get_sums(each, true, &of[c]) ||
            !add_sums(&sum, &of[c]))
            return wrong(err, "categories", "one is not known, is there twice, or has no sums");
        seen[c] = true;
    }
    if (!same_sums(&sum, all))
        return wrong(err, "categories", "they do not add up to what is reported");
    struct table *t = reading_add_table(out, "categories", "Categories", category_columns,
                                        ARRAY_LEN(category_columns));
    for (int i = RECON_CATEGORIES; i-- > 0;)
        if (seen[i] && of[i].at[S_ROWS])
            put_category(out, t, (enum recon_category)i, &of[i]);
    struct row *row = table_add_row(out, t, "all", HEALTH_OFF);
    row_text(out, row, C_CATEGORY, "all");
    put_sums(row, C_ROWS, all);
    return true;
}

/* --- the rows of the exceptions --- */

static bool read_rows(const struct json *j, struct reading *out, struct err *err) {
    const struct json *rows = json_get(j, "rows");
    int64_t exceptions, left_out;
    if (!json_is_array(rows) || json_size(rows) > ROWS_MOST)
        return wrong(err, "rows", "is no list of 2,000 at the most");
    for (const struct json *each = json_first(rows); each; each = json_next(each))
        if (!report_is_row(each))
            return wrong(err, "rows", "one lacks a member, or has no value of it");
    if (!get_count(j, "exceptions", &exceptions) || !get_count(j, "leftOut", &left_out) ||
        exceptions - left_out != (int64_t)json_size(rows))
        return wrong(err, "exceptions", "is not the number of its rows and of those left out");
    reading_int(out, "exceptions", UNIT_COUNT, exceptions);
    reading_int(out, "left_out", UNIT_COUNT, left_out);
    struct table *t = reading_add_table(out, "rows", "Payments", report_columns, REPORT_COLUMNS);
    for (int i = RECON_CATEGORIES; i-- > 0;)
        for (const struct json *each = json_first(rows); each; each = json_next(each)) {
            enum recon_category c;
            if (report_category(each, &c) && (int)c == i)
                report_put_row(out, t, c, each);
        }
    t->n_total = exceptions < UINT32_MAX ? (uint32_t)exceptions : UINT32_MAX;
    return true;
}

/* --- days and providers --- */

enum { D_DAY, D_PROVIDER, D_ROWS, D_DB, D_GATEWAY, D_BANK, D_DIFFERENCE, D_EXCEPTIONS };
static const struct column day_columns[] = {
    [D_DAY] = {"day", "DAY", UNIT_NONE, 0, 0},
    [D_PROVIDER] = {"provider", "PROVIDER", UNIT_NONE, 0, 0},
    [D_ROWS] = {"rows", "ROWS", UNIT_COUNT, 0, 0},
    [D_DB] = {"db_vnd", "DATABASE", UNIT_VND, 0, 3},
    [D_GATEWAY] = {"gateway_vnd", "GATEWAY", UNIT_VND, 0, 2},
    [D_BANK] = {"bank_vnd", "BANK", UNIT_VND, 0, 1},
    [D_DIFFERENCE] = {"difference_vnd", "DIFFERENCE", UNIT_VND, 0, 0},
    [D_EXCEPTIONS] = {"exceptions", "EXCEPTIONS", UNIT_COUNT, 0, 4},
};

/* The totals of one day and provider stand one after another. */
struct group {
    const char *day, *provider;
    struct sums sums;
    int64_t exceptions;
    enum health health;
};

static bool is_total(const struct json *j, enum recon_category *ret_c, struct sums *ret) {
    return json_string(j, "day") && report_is_text(j, "provider") && report_category(j, ret_c) &&
           get_sums(j, true, ret);
}

static const char *provider_of(const struct json *j) {
    const char *name = json_string(j, "provider");
    return name ? name : "-";
}

static bool in_group(const struct group *g, const struct json *j) {
    return g->day && strcmp(g->day, json_string(j, "day")) == 0 &&
           strcmp(g->provider, provider_of(j)) == 0;
}

static void put_group(struct reading *out, struct table *t, const struct group *g) {
    if (!g->day)
        return;
    const char *key = arena_printf(out->arena, "%s %s", g->day, g->provider);
    struct row *row = table_add_row(out, t, key, g->health);
    row_text(out, row, D_DAY, g->day);
    row_text(out, row, D_PROVIDER, g->provider);
    put_sums(row, D_ROWS, &g->sums);
    row_int(row, D_EXCEPTIONS, g->exceptions);
}

static bool read_days(const struct json *j, const struct sums *all, struct reading *out,
                      struct err *err) {
    struct table *t = reading_add_table(out, "days", "Days", day_columns, ARRAY_LEN(day_columns));
    struct group g = {.day = NULL};
    struct sums sum = {{0}}, s;
    enum recon_category c;
    for (const struct json *each = json_first(json_get(j, "totals")); each;
         each = json_next(each)) {
        if (!is_total(each, &c, &s) || !add_sums(&sum, &s))
            return wrong(err, "totals", "one lacks its day, its category or its sums");
        if (!in_group(&g, each)) {
            put_group(out, t, &g);
            g = (struct group){.day = json_string(each, "day"), .provider = provider_of(each)};
        }
        if (!add_sums(&g.sums, &s))
            return wrong(err, "totals", "are more money than there is");
        g.exceptions += recon_category_info[c].exception ? s.at[S_ROWS] : 0;
        g.health = s.at[S_ROWS] ? health_worse(g.health, report_health(c)) : g.health;
    }
    put_group(out, t, &g);
    return same_sums(&sum, all) || wrong(err, "totals", "they do not add up to what is reported");
}

/* --- what was read --- */

enum { F_KIND, F_NAME, F_ROWS, F_VND, F_LAYOUT, F_PROVED, F_SKIPPED, F_ENCODING, F_SHA256 };
static const struct column source_columns[] = {
    [F_KIND] = {"kind", "SOURCE", UNIT_NONE, 0, 0},
    [F_NAME] = {"name", "NAME", UNIT_NONE, 0, 0},
    [F_ROWS] = {"rows", "ROWS", UNIT_COUNT, 0, 0},
    [F_VND] = {"vnd", "VND", UNIT_VND, 0, 1},
    [F_LAYOUT] = {"layout", "LAYOUT", UNIT_NONE, 0, 2},
    [F_PROVED] = {"balances_proved", "PROVED", UNIT_COUNT, 0, 3},
    [F_SKIPPED] = {"skipped", "SKIPPED", UNIT_COUNT, 0, 5},
    [F_ENCODING] = {"encoding", "ENCODING", UNIT_NONE, 0, 4},
    [F_SHA256] = {"sha256", "SHA-256", UNIT_NONE, 0, 9},
};

static bool put_file(struct reading *out, struct table *t, const struct json *j) {
    static const char *const texts[] = {"name", "kind", "layout", "encoding", "sha256"};
    static const uint32_t at[] = {F_NAME, F_KIND, F_LAYOUT, F_ENCODING, F_SHA256};
    int64_t rows = 0, skipped = 0, proved = 0;
    bool ok = json_string(j, "name") && json_string(j, "kind") && get_count(j, "rows", &rows) &&
              get_count(j, "skipped", &skipped) && get_count(j, "balancesProved", &proved);
    for (size_t i = 0; ok && i < ARRAY_LEN(texts); i++)
        ok = report_is_text(j, texts[i]);
    if (!ok)
        return false;
    struct row *row = table_add_row(out, t, json_string(j, "name"), HEALTH_OFF);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        row_text(out, row, at[i], json_string(j, texts[i]));
    row_int(row, F_ROWS, rows);
    row_int(row, F_SKIPPED, skipped);
    row_int(row, F_PROVED, proved);
    return true;
}

/* Whom it could not ask about everything; consoles before it wrote nothing of that. */
static bool put_unasked(struct reading *out, struct table *t, const struct json *j) {
    const char *provider = json_string(j, "provider"), *why = json_string(j, "why");
    int64_t n;
    if (!provider || !get_count(j, "notAsked", &n) || (n && !why))
        return false;
    if (!n)
        return true;
    struct row *row = table_add_row(out, t, provider, HEALTH_WARNING);
    row_text(out, row, F_KIND, "gateway");
    row_text(out, row, F_NAME, arena_printf(out->arena, "%s not asked: %s", provider, why));
    row_int(row, F_ROWS, n);
    return true;
}

static bool read_sources(const struct json *j, const struct sums *read, struct reading *out,
                         struct err *err) {
    struct table *t =
        reading_add_table(out, "sources", "Sources", source_columns, ARRAY_LEN(source_columns));
    int64_t asked;
    if (!get_count(j, "asked", &asked))
        return wrong(err, "asked", "is missing, or no number");
    struct row *row = table_add_row(out, t, "database", HEALTH_OFF);
    row_text(out, row, F_KIND, "database");
    row_text(out, row, F_NAME, "payments of these rows");
    row_int(row, F_VND, read->at[S_DB]);
    if (asked) {
        row = table_add_row(out, t, "gateways", HEALTH_OFF);
        row_text(out, row, F_KIND, "gateway");
        row_text(out, row, F_NAME, "asked about each payment");
        row_int(row, F_ROWS, asked);
    }
    for (const struct json *each = json_first(json_get(j, "gateways")); each;
         each = json_next(each))
        if (!put_unasked(out, t, each))
            return wrong(err, "gateways", "one lacks a member, or has no value of it");
    for (const struct json *each = json_first(json_get(j, "files")); each; each = json_next(each))
        if (!put_file(out, t, each))
            return wrong(err, "files", "one lacks a member, or has no value of it");
    return true;
}

/* --- the whole --- */

static bool read_texts(const struct json *j, struct reading *out, struct err *err) {
    static const char *const texts[][2] = {{"run", "run"}, {"from", "from"}, {"asOf", "as_of"}};
    int64_t repeated, proposed;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const char *s = json_string(j, texts[i][0]);
        if (!s)
            return wrong(err, texts[i][0], "is missing, or no text");
        reading_textz(out, texts[i][1], s);
    }
    if (!get_count(j, "repeatedLines", &repeated) || !get_count(j, "proposed", &proposed) ||
        !report_is_text(j, "csvSha256"))
        return wrong(err, "repeatedLines", "or what stands beside it is missing, or no number");
    reading_int(out, "repeated", UNIT_COUNT, repeated);
    reading_int(out, "proposed", UNIT_COUNT, proposed);
    if (json_string(j, "to")) /* null: open; a report of before this was told has none */
        reading_textz(out, "to", json_string(j, "to"));
    if (json_string(j, "csvSha256"))
        reading_textz(out, "csv_sha256", json_string(j, "csvSha256"));
    return true;
}

static void put_figures(struct reading *out, const struct sums *all, const struct sums *outside) {
    reading_int(out, "rows", UNIT_COUNT, all->at[S_ROWS]);
    reading_int(out, "rows_not_kept", UNIT_COUNT,
                all->at[S_ROWS] > RECON_ROWS_MOST ? all->at[S_ROWS] - RECON_ROWS_MOST : 0);
    reading_int(out, "db_vnd", UNIT_VND, all->at[S_DB]);
    reading_int(out, "gateway_vnd", UNIT_VND, all->at[S_GATEWAY]);
    reading_int(out, "bank_vnd", UNIT_VND, all->at[S_BANK]);
    reading_int(out, "difference_vnd", UNIT_VND, all->at[S_DIFFERENCE]);
    reading_int(out, "outside_gateway_vnd", UNIT_VND, outside->at[S_GATEWAY]);
    reading_int(out, "outside_bank_vnd", UNIT_VND, outside->at[S_BANK]);
}

/* Every dong that was read is reported, or was outside of the days. */
static bool read_sums(const struct json *j, struct sums *ret_all, struct sums *ret_read,
                      struct reading *out, struct err *err) {
    struct sums outside;
    if (!get_sums(json_get(j, "reported"), true, ret_all) ||
        !get_sums(json_get(j, "read"), false, ret_read) ||
        !get_sums(json_get(j, "outside"), false, &outside))
        return wrong(err, "reported", "or what was read is missing, or no sums");
    for (int i = S_DB; i <= S_BANK; i++)
        if (outside.at[i] + ret_all->at[i] != ret_read->at[i])
            return wrong(err, "read", "is not what is reported and what was outside");
    put_figures(out, ret_all, &outside);
    return true;
}

static bool read_report(const struct json *j, struct reading *out, struct err *err) {
    const char *schema = json_string(j, "schema");
    struct sums all = {{0}}, read = {{0}};
    if (!schema || strcmp(schema, SCHEMA) != 0)
        return wrong(err, "schema", "is not that of a reconciliation");
    return read_texts(j, out, err) && read_sums(j, &all, &read, out, err) &&
           read_categories(j, &all, out, err) && read_rows(j, out, err) &&
           read_days(j, &all, out, err) && read_sources(j, &read, out, err);
}

bool recon_report_read(const char *bytes, size_t n, struct reading *out, struct err *err) {
    struct json *j = json_parse(bytes, n, RECON_REPORT_BYTES, err);
    if (!j)
        return false;
    bool ok = read_report(j, out, err);
    json_free(j);
    return ok;
}
