/* app/pay_recon_words.c - a reconciliation for people and for programs; see pay_recon_priv.h. */
#include <string.h>

#include "base/text.h"
#include "io/peer.h"
#include "pay_recon_priv.h"

#define SHOWN_TEXT 40u
#define OUT_MAX    ((size_t)16 << 20)

void recon_print_done(struct recon_print *p) {
    for (int i = 0; i < RECON_CATEGORIES; i++)
        str_done(&p->lines[i]);
    if (p->app->json)
        recon_doc_done(&p->doc);
}

/* --- one row --- */

static void row_line(struct recon_print *p, const struct recon_row *row, const char *proposal,
                     const struct recon_resolution *done) {
    struct arena a;
    char day[16], vnd[GROUPED_SIZE];
    struct str *out = &p->lines[row->category];
    arena_init(&a);
    recon_day_text(row->day, day);
    str_printf(out, "%s %-13s %-26s %-20s %15s  %s", day, text_cleanz(&a, row->provider).s,
               *row->order_id ? text_cleanz(&a, row->order_id).s : "-",
               recon_category_info[row->category].name, int_grouped(row->difference_vnd, vnd),
               row->why);
    if (*row->evidence)
        str_printf(out, " (%s)", text_cleanz(&a, row->evidence).s);
    if (proposal)
        str_printf(out, " [%s%s%s]", proposal, done ? " " : "", done ? done->state : "");
    str_printf(out, " -> %s\n", recon_row_todo(row, done));
    arena_done(&a);
}

static void on_row(void *ctx, const struct recon_row *row, const char *proposal,
                   const struct recon_resolution *done) {
    struct recon_print *p = ctx;
    if (p->app->json) {
        recon_doc_row(&p->doc, row, proposal, done);
        return;
    }
    if (!recon_category_info[row->category].exception)
        return;
    p->n_exceptions++;
    if (p->n_lines[row->category]++ < SHOWN_TEXT)
        row_line(p, row, proposal, done);
}

void recon_print_begin(struct recon_print *p) {
    const struct pairs *arguments = &p->app->options.arguments;
    p->run.csv = pairs_find(arguments, "csv");
    p->run.propose = pairs_find(arguments, "propose") ? p->app->options.reason : NULL;
    p->run.on_row = on_row;
    p->run.ctx = p;
    for (int i = 0; i < RECON_CATEGORIES; i++)
        str_init(&p->lines[i], OUT_MAX);
    if (p->app->json)
        recon_doc_begin(&p->doc);
}

/* --- the report --- */

static void sums_line(struct str *out, const char *name, const struct recon_sums *s) {
    const int64_t vnd[] = {s->db_vnd, s->gateway_vnd, s->bank_vnd, s->difference_vnd};
    char text[ARRAY_LEN(vnd)][GROUPED_SIZE];
    for (size_t i = 0; i < ARRAY_LEN(vnd); i++)
        int_grouped(vnd[i], text[i]);
    str_printf(out, "%-21s %9llu %18s %18s %18s %16s\n", name, (unsigned long long)s->rows, text[0],
               text[1], text[2], text[3]);
}

/* What to take off where the sum of the payments of these days is looked for. */
static void other_days_line(struct str *out, const struct reconcile_report *t) {
    struct recon_sums of = {.rows = 0};
    char vnd[GROUPED_SIZE];
    for (uint32_t i = 0; i < t->n_totals; i++)
        if (t->totals[i].day < t->first_day || t->totals[i].day > t->last_day) {
            of.rows += t->totals[i].sums.rows;
            of.db_vnd = int_add(of.db_vnd, t->totals[i].sums.db_vnd);
        }
    if (of.rows)
        str_printf(out, "of payments of other days: %s, database %s\n", COUNTED(of.rows, "row"),
                   int_grouped(of.db_vnd, vnd));
}

/* At most so many lines, of the worst category first: a thousand lines that nothing explains must
 * not hide the one order that was paid twice. */
static void exceptions_text(const struct recon_print *p, struct str *out) {
    uint64_t left = SHOWN_TEXT;
    str_printf(out, "\n%s%s\n", COUNTED(p->n_exceptions, "exception"), p->n_exceptions ? ":" : "");
    for (int i = RECON_CATEGORIES; i-- > 0;)
        for (const char *line = str_get(&p->lines[i]); *line && left; left--) {
            size_t n = strcspn(line, "\n") + 1;
            str_add(out, line, n);
            line += n;
        }
    if (p->n_exceptions > SHOWN_TEXT)
        str_printf(out, "... and %s more: --csv FILE has every row\n",
                   GROUPED(p->n_exceptions - SHOWN_TEXT));
}

/* "2026-10-01 to 2026-10-31, as of 2026-11-02, run ...": which days, and up to when they are known.
 */
static void days_line(struct str *out, const struct reconcile_report *t) {
    bool open_end = t->last_day == RECONCILE_NO_END - 1;
    char first[16], last[16], as_of[16];
    recon_day_text(t->first_day, first);
    recon_day_text(t->last_day, last);
    recon_day_text(t->as_of_day, as_of);
    str_puts(out, first);
    if (open_end)
        str_puts(out, " and after");
    else if (t->last_day != t->first_day)
        str_printf(out, " to %s", last);
    if (t->as_of_day)
        str_printf(out, ", as of %s, run %s\n", as_of, t->run_id);
    else
        str_printf(out, ", run %s: no source says anything of it\n", t->run_id);
}

static void report_text(struct recon_print *p, struct str *out) {
    const struct reconcile_report *t = &p->run.report;
    struct arena *a = &p->app->arena;
    struct person me;
    char gateway[GROUPED_SIZE], bank[GROUPED_SIZE];
    days_line(out, t);
    for (uint32_t i = 0; i < t->n_files; i++)
        str_printf(out, "%-9s %s: %s, %s, %s, %s proved\n", t->files[i].kind,
                   text_cleanz(a, t->files[i].name).s, text_cleanz(a, t->files[i].layout).s,
                   t->files[i].encoding, COUNTED(t->files[i].rows, "row"),
                   COUNTED(t->files[i].proved, "balance"));
    for (uint32_t i = 0; i < t->n_gateways; i++)
        if (t->gateways[i].not_asked) {
            str_puts(out, "gateway   ");
            recon_asked_text(&t->gateways[i], out);
            str_putc(out, '\n');
        }
    if (t->repeated)
        str_printf(out, "%s of another file too: left out\n", COUNTED(t->repeated, "line"));
    str_printf(out, "\n%-21s %9s %18s %18s %18s %16s\n", "category", "rows", "database VND",
               "gateway VND", "bank VND", "difference VND");
    for (int i = 0; i < RECON_CATEGORIES; i++)
        if (t->by_category[i].rows)
            sums_line(out, recon_category_info[i].name, &t->by_category[i]);
    sums_line(out, "all", &t->reported);
    other_days_line(out, t);
    str_printf(out, "outside these days: gateway %s, bank %s\n",
               int_grouped(t->outside.gateway_vnd, gateway),
               int_grouped(t->outside.bank_vnd, bank));
    exceptions_text(p, out);
    person_here(&me);
    if (p->run.proposed)
        str_printf(out,
                   "%u proposed by %s: another person approves with `goodgo payments approve "
                   "ID`\n",
                   p->run.proposed, me.login);
    if (*p->run.csv_sha256)
        str_printf(out, "%s: SHA-256 %s\n", p->run.csv, p->run.csv_sha256);
}

int recon_print_end(struct recon_print *p) {
    struct str out;
    if (p->app->json) {
        recon_doc_end(&p->doc, &p->run.report, p->run.proposed, p->run.csv_sha256);
        return app_print(&p->doc.out) ? EXIT_DONE : EXIT_FAILED;
    }
    str_init(&out, OUT_MAX);
    report_text(p, &out);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}
