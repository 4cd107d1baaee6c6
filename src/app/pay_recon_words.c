/* app/pay_recon_words.c - a reconciliation for people and for programs; see pay_recon_priv.h. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "pay_recon_priv.h"

#define SHOWN_TEXT 40u
#define SHOWN_JSON 2000u
#define OUT_MAX    ((size_t)16 << 20)

void recon_print_begin(struct recon_print *p) {
    str_init(&p->exceptions, OUT_MAX);
    if (!p->app->json)
        return;
    jsonw_init(&p->w, &p->exceptions, true);
    jsonw_open(&p->w, '{');
    jsonw_key(&p->w, "schema");
    jsonw_string(&p->w, "goodgo.payments.reconcile/1");
    jsonw_key(&p->w, "rows");
    jsonw_open(&p->w, '[');
}

void recon_print_done(struct recon_print *p) {
    str_done(&p->exceptions);
}

/* "1,234,567" */
static const char *grouped(struct arena *a, int64_t n) {
    char digits[32];
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
    struct str s;
    str_init(&s, 64);
    str_puts(&s, n < 0 ? "-" : "");
    for (int i = 0; i < len; i++) {
        str_putc(&s, digits[i]);
        if ((len - i) % 3 == 1 && i + 1 < len)
            str_putc(&s, ',');
    }
    const char *copy = arena_strndup(a, str_get(&s), s.len);
    str_done(&s);
    return copy;
}

/* --- one row --- */

static void put_vnd(struct jsonw *w, const char *key, bool has, int64_t vnd) {
    jsonw_key(w, key);
    if (has)
        jsonw_int(w, vnd);
    else
        jsonw_null(w);
}

static void row_json(struct jsonw *w, const struct recon_row *row, const char *proposal,
                     const struct recon_resolution *done) {
    char day[16];
    recon_day_text(row->day, day);
    jsonw_open(w, '{');
    jsonw_put_known(w, "day", day);
    jsonw_put_known(w, "provider", row->provider);
    jsonw_put_known(w, "order", row->order_id);
    jsonw_put_known(w, "providerTxId", row->tx_id);
    jsonw_put_known(w, "category", recon_category_info[row->category].name);
    put_vnd(w, "dbVnd", row->has_db, row->db_vnd);
    put_vnd(w, "gatewayVnd", row->has_gateway, row->gateway_vnd);
    put_vnd(w, "bankVnd", row->has_bank, row->bank_vnd);
    put_vnd(w, "feeVnd", row->has_gateway, row->fee_vnd);
    jsonw_put_known(w, "dbStatus", row->has_db ? pay_status_name(row->db_status) : NULL);
    jsonw_put_known(w, "gatewayStatus",
                    row->has_gateway ? pay_status_name(row->gateway_status) : NULL);
    put_vnd(w, "differenceVnd", true, row->difference_vnd);
    jsonw_put_known(w, "why", row->why);
    jsonw_put_known(w, "todo", recon_category_info[row->category].todo);
    jsonw_put_known(w, "evidence", row->evidence);
    jsonw_put_known(w, "proposal", proposal);
    jsonw_put_known(w, "resolution", done ? done->state : NULL);
    jsonw_put_known(w, "maker", done ? done->maker : NULL);
    jsonw_put_known(w, "checker", done ? done->checker : NULL);
    jsonw_close(w, '}');
}

static void row_line(struct recon_print *p, const struct recon_row *row, const char *proposal,
                     const struct recon_resolution *done) {
    struct arena a;
    char day[16];
    arena_init(&a);
    recon_day_text(row->day, day);
    str_printf(&p->exceptions, "%s %-13s %-26s %-20s %15s  %s", day,
               text_cleanz(&a, row->provider).s,
               *row->order_id ? text_cleanz(&a, row->order_id).s : "-",
               recon_category_info[row->category].name, grouped(&a, row->difference_vnd), row->why);
    if (*row->evidence)
        str_printf(&p->exceptions, " (%s)", text_cleanz(&a, row->evidence).s);
    if (proposal)
        str_printf(&p->exceptions, " [%s%s%s]", proposal, done ? " " : "", done ? done->state : "");
    str_putc(&p->exceptions, '\n');
    arena_done(&a);
}

void recon_print_row(struct recon_print *p, const struct recon_row *row, const char *proposal,
                     const struct recon_resolution *done) {
    if (!recon_category_info[row->category].exception)
        return;
    p->n_exceptions++;
    if (p->n_shown == (p->app->json ? SHOWN_JSON : SHOWN_TEXT))
        return;
    p->n_shown++;
    if (p->app->json)
        row_json(&p->w, row, proposal, done);
    else
        row_line(p, row, proposal, done);
}

/* --- the report --- */

static void sums_json(struct jsonw *w, const struct recon_sums *s, bool rows) {
    if (rows)
        put_vnd(w, "rows", true, (int64_t)s->rows);
    put_vnd(w, "dbVnd", true, s->db_vnd);
    put_vnd(w, "gatewayVnd", true, s->gateway_vnd);
    put_vnd(w, "bankVnd", true, s->bank_vnd);
    if (rows)
        put_vnd(w, "differenceVnd", true, s->difference_vnd);
}

static void named_sums(struct jsonw *w, const char *name, const struct recon_sums *s, bool rows) {
    jsonw_key(w, name);
    jsonw_open(w, '{');
    sums_json(w, s, rows);
    jsonw_close(w, '}');
}

static void files_json(struct jsonw *w, const struct reconcile_report *t) {
    jsonw_key(w, "files");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < t->n_files; i++) {
        const struct recon_file *f = &t->files[i];
        jsonw_open(w, '{');
        jsonw_put_known(w, "name", f->name);
        jsonw_put_known(w, "kind", f->kind);
        jsonw_put_known(w, "layout", f->layout);
        jsonw_put_known(w, "encoding", f->encoding);
        jsonw_put_known(w, "sha256", f->sha256);
        put_vnd(w, "rows", true, f->rows);
        put_vnd(w, "skipped", true, f->skipped);
        put_vnd(w, "balancesProved", true, f->proved);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void totals_json(struct jsonw *w, const struct reconcile_report *t) {
    char day[16];
    jsonw_key(w, "categories");
    jsonw_open(w, '[');
    for (int i = 0; i < RECON_CATEGORIES; i++) {
        jsonw_open(w, '{');
        jsonw_put_known(w, "category", recon_category_info[i].name);
        jsonw_put_bool(w, "exception", recon_category_info[i].exception);
        sums_json(w, &t->by_category[i], true);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
    jsonw_key(w, "totals");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < t->n_totals; i++) {
        recon_day_text(t->totals[i].day, day);
        jsonw_open(w, '{');
        jsonw_put_known(w, "day", day);
        jsonw_put_known(w, "provider", t->totals[i].provider);
        jsonw_put_known(w, "category", recon_category_info[t->totals[i].category].name);
        sums_json(w, &t->totals[i].sums, true);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

/* Behind the rows, which stand there already. */
static void report_json(struct recon_print *p) {
    const struct reconcile_report *t = &p->report;
    struct jsonw *w = &p->w;
    char day[16];
    jsonw_close(w, ']');
    put_vnd(w, "exceptions", true, (int64_t)p->n_exceptions);
    put_vnd(w, "leftOut", true, (int64_t)(p->n_exceptions - p->n_shown));
    jsonw_put_known(w, "run", t->run_id);
    recon_day_text(t->first_day, day);
    jsonw_put_known(w, "from", day);
    recon_day_text(t->as_of_day, day);
    jsonw_put_known(w, "asOf", day);
    files_json(w, t);
    put_vnd(w, "repeatedLines", true, (int64_t)t->repeated);
    named_sums(w, "read", &t->read, false);
    named_sums(w, "outside", &t->outside, false);
    named_sums(w, "reported", &t->reported, true);
    totals_json(w, t);
    put_vnd(w, "proposed", true, p->proposed);
    jsonw_put_known(w, "csvSha256", p->csv_sha256);
    jsonw_close(w, '}');
}

static void sums_line(struct arena *a, struct str *out, const char *name,
                      const struct recon_sums *s) {
    str_printf(out, "%-21s %9llu %18s %18s %18s %16s\n", name, (unsigned long long)s->rows,
               grouped(a, s->db_vnd), grouped(a, s->gateway_vnd), grouped(a, s->bank_vnd),
               grouped(a, s->difference_vnd));
}

static void report_text(struct recon_print *p, struct str *out) {
    const struct reconcile_report *t = &p->report;
    struct arena *a = &p->app->arena;
    char first[16], as_of[16];
    recon_day_text(t->first_day, first);
    recon_day_text(t->as_of_day, as_of);
    str_printf(out, "%s, as of %s, run %s\n", first, as_of, t->run_id);
    for (uint32_t i = 0; i < t->n_files; i++)
        str_printf(out, "%-9s %s: %s, %s, %u rows, %u balances proved\n", t->files[i].kind,
                   text_cleanz(a, t->files[i].name).s, text_cleanz(a, t->files[i].layout).s,
                   t->files[i].encoding, t->files[i].rows, t->files[i].proved);
    if (t->repeated)
        str_printf(out, "%llu lines were in another file too and are left out\n",
                   (unsigned long long)t->repeated);
    str_printf(out, "\n%-21s %9s %18s %18s %18s %16s\n", "category", "rows", "database VND",
               "gateway VND", "bank VND", "difference VND");
    for (int i = 0; i < RECON_CATEGORIES; i++)
        if (t->by_category[i].rows)
            sums_line(a, out, recon_category_info[i].name, &t->by_category[i]);
    sums_line(a, out, "all", &t->reported);
    str_printf(out, "outside these days: gateway %s, bank %s\n", grouped(a, t->outside.gateway_vnd),
               grouped(a, t->outside.bank_vnd));
    str_printf(out, "\n%llu exceptions%s\n", (unsigned long long)p->n_exceptions,
               p->n_exceptions ? ":" : "");
    str_puts(out, str_get(&p->exceptions));
    if (p->n_exceptions > p->n_shown)
        str_printf(out, "... and %llu more: --csv FILE has every row\n",
                   (unsigned long long)(p->n_exceptions - p->n_shown));
    if (p->proposed)
        str_printf(out,
                   "%u proposed by %s: another person approves with `goodgo payments approve "
                   "ID`\n",
                   p->proposed, p->me.login);
    if (*p->csv_sha256)
        str_printf(out, "%s: SHA-256 %s\n", p->app->options.csv, p->csv_sha256);
}

int recon_print_end(struct recon_print *p) {
    struct str out;
    if (p->app->json) {
        report_json(p);
        return app_print(&p->exceptions) ? EXIT_DONE : EXIT_FAILED;
    }
    str_init(&out, OUT_MAX);
    report_text(p, &out);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}
