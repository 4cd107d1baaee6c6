/* app/pay_recon_priv.h - a reconciliation as text and as goodgo.payments.reconcile/1: rows as they
 * come, of which only exceptions are kept, and then the report. */
#ifndef GOODGO_APP_PAY_RECON_PRIV_H
#define GOODGO_APP_PAY_RECON_PRIV_H

#include "act/recon_out.h"
#include "app/command.h"
#include "io/peer.h"

struct recon_print {
    struct app_context *app;
    struct reconcile_report report;
    struct recon_csv *csv; /* NULL = none is written */
    char csv_sha256[65];
    struct person me;
    struct proposal *proposals;
    uint32_t n_proposals, proposed;
    int64_t now_wall_s;
    struct str exceptions; /* their lines */
    struct recon_doc doc;  /* instead, where JSON is wanted */
    uint64_t n_exceptions;
};

void recon_print_begin(struct recon_print *p);
/* proposal: its id where the row is a suggestion. */
void recon_print_row(struct recon_print *p, const struct recon_row *row, const char *proposal,
                     const struct recon_resolution *done);
int recon_print_end(struct recon_print *p); /* the exit code */
void recon_print_done(struct recon_print *p);

#endif
