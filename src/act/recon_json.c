/* act/recon_json.c - a reconciliation as goodgo.payments.reconcile/1: rows as they come, of which
 * only exceptions are kept, and then the report. The shell prints it, a job leaves it in its
 * directory (recon/report.c reads it for the screen). */
#include <string.h>

#include "act/recon_out.h"

#define ROWS_MOST 2000u
#define DOC_MAX   ((size_t)16 << 20)

void recon_doc_begin(struct recon_doc *d) {
    *d = (struct recon_doc){.n_exceptions = 0};
    str_init(&d->out, DOC_MAX);
    for (int i = 0; i < RECON_CATEGORIES; i++)
        str_init(&d->lines[i], DOC_MAX);
}

void recon_doc_done(struct recon_doc *d) {
    str_done(&d->out);
    for (int i = 0; i < RECON_CATEGORIES; i++)
        str_done(&d->lines[i]);
}

/* --- one row --- */

const char *recon_row_todo(const struct recon_row *row, const struct recon_resolution *done) {
    const struct recon_case c = {.category = row->category,
                                 .transfer = strcmp(row->provider, PAY_TRANSFER) == 0,
                                 .has_gateway = row->has_gateway,
                                 .approved = done && strcmp(done->state, "approved") == 0,
                                 .ours = row->has_db ? row->db_status : PAY_STATUS_NONE,
                                 .theirs =
                                     row->has_gateway ? row->gateway_status : PAY_STATUS_NONE};
    return recon_todo(&c);
}

void recon_row_json(struct jsonw *w, const struct recon_row *row, const char *proposal,
                    const struct recon_resolution *done) {
    char day[16];
    recon_day_text(row->day, day);
    jsonw_open(w, '{');
    jsonw_put_known(w, "day", day);
    jsonw_put_known(w, "provider", row->provider);
    jsonw_put_known(w, "order", row->order_id);
    jsonw_put_known(w, "providerTxId", row->tx_id);
    jsonw_put_known(w, "category", recon_category_info[row->category].name);
    jsonw_put_int_if(w, "dbVnd", row->has_db, row->db_vnd);
    jsonw_put_int_if(w, "gatewayVnd", row->has_gateway, row->gateway_vnd);
    jsonw_put_int_if(w, "bankVnd", row->has_bank, row->bank_vnd);
    jsonw_put_int_if(w, "feeVnd", row->has_gateway, row->fee_vnd);
    jsonw_put_known(w, "dbStatus", row->has_db ? pay_status_name(row->db_status) : NULL);
    jsonw_put_known(w, "gatewayStatus",
                    row->has_gateway ? pay_status_name(row->gateway_status) : NULL);
    jsonw_put_int(w, "differenceVnd", row->difference_vnd);
    jsonw_put_known(w, "why", row->why);
    jsonw_put_known(w, "todo", recon_row_todo(row, done));
    jsonw_put_known(w, "evidence", row->evidence);
    jsonw_put_known(w, "proposal", proposal);
    jsonw_put_known(w, "resolution", done ? done->state : NULL);
    jsonw_put_known(w, "maker", done ? done->maker : NULL);
    jsonw_put_known(w, "checker", done ? done->checker : NULL);
    jsonw_close(w, '}');
}

void recon_doc_row(struct recon_doc *d, const struct recon_row *row, const char *proposal,
                   const struct recon_resolution *done) {
    struct jsonw w;
    struct str *lines = &d->lines[row->category];
    if (!recon_category_info[row->category].exception)
        return;
    d->n_exceptions++;
    if (d->n_of[row->category]++ >= ROWS_MOST)
        return;
    jsonw_init(&w, lines, JSONW_LINE);
    recon_row_json(&w, row, proposal, done);
    str_putc(lines, '\n');
}

/* --- the report --- */

static void sums_json(struct jsonw *w, const struct recon_sums *s, bool rows) {
    if (rows)
        jsonw_put_int(w, "rows", (int64_t)s->rows);
    jsonw_put_int(w, "dbVnd", s->db_vnd);
    jsonw_put_int(w, "gatewayVnd", s->gateway_vnd);
    jsonw_put_int(w, "bankVnd", s->bank_vnd);
    if (rows)
        jsonw_put_int(w, "differenceVnd", s->difference_vnd);
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
        jsonw_put_int(w, "rows", f->rows);
        jsonw_put_int(w, "skipped", f->skipped);
        jsonw_put_int(w, "balancesProved", f->proved);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void gateways_json(struct jsonw *w, const struct reconcile_report *t) {
    uint64_t asked = 0;
    for (uint32_t i = 0; i < t->n_gateways; i++)
        asked += t->gateways[i].asked;
    jsonw_put_int(w, "asked", (int64_t)asked);
    jsonw_key(w, "gateways");
    jsonw_open(w, '[');
    for (uint32_t i = 0; i < t->n_gateways; i++) {
        const struct recon_asked *g = &t->gateways[i];
        jsonw_open(w, '{');
        jsonw_put_known(w, "provider", g->provider);
        jsonw_put_int(w, "asked", (int64_t)g->asked);
        jsonw_put_int(w, "notAsked", (int64_t)g->not_asked);
        jsonw_put_known(w, "why", g->not_asked ? g->why : NULL);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

void recon_asked_text(const struct recon_asked *g, struct str *out) {
    str_printf(out, "%s was asked about %s of %s%s, not about %s (%s): ", g->provider,
               GROUPED(g->asked), COUNTED(g->asked + g->not_asked, "payment"),
               g->left_alone ? ", then left alone" : "", GROUPED(g->not_asked), g->why);
    str_puts(out, "run it again, what it said is not asked anew");
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

/* A category of many must not keep out the one payment of a worse. */
static uint64_t rows_json(struct jsonw *w, const struct recon_doc *d) {
    uint64_t shown = 0;
    jsonw_key(w, "rows");
    jsonw_open(w, '[');
    for (int i = RECON_CATEGORIES; i-- > 0;)
        for (const char *line = str_get(&d->lines[i]); *line && shown < ROWS_MOST; shown++) {
            size_t n = strcspn(line, "\n");
            jsonw_raw(w, line, n);
            line += n + 1;
        }
    jsonw_close(w, ']');
    return shown;
}

void recon_doc_end(struct recon_doc *d, const struct reconcile_report *t, uint32_t proposed,
                   const char *csv_sha256) {
    struct jsonw writer, *w = &writer;
    char day[16];
    jsonw_init(w, &d->out, JSONW_INDENTED);
    jsonw_open(w, '{');
    jsonw_put_known(w, "schema", "goodgo.payments.reconcile/1");
    uint64_t shown = rows_json(w, d);
    jsonw_put_int(w, "exceptions", (int64_t)d->n_exceptions);
    jsonw_put_int(w, "leftOut", (int64_t)(d->n_exceptions - shown));
    jsonw_put_known(w, "run", t->run_id);
    recon_day_text(t->first_day, day);
    jsonw_put_known(w, "from", day);
    recon_day_text(t->last_day, day);
    jsonw_put_known(w, "to", t->last_day < RECONCILE_NO_END - 1 ? day : NULL);
    recon_day_text(t->as_of_day, day);
    jsonw_put_known(w, "asOf", day);
    files_json(w, t);
    gateways_json(w, t);
    jsonw_put_int(w, "repeatedLines", (int64_t)t->repeated);
    named_sums(w, "read", &t->read, false);
    named_sums(w, "outside", &t->outside, false);
    named_sums(w, "reported", &t->reported, true);
    totals_json(w, t);
    jsonw_put_int(w, "proposed", proposed);
    jsonw_put_known(w, "csvSha256", csv_sha256);
    jsonw_close(w, '}');
}
