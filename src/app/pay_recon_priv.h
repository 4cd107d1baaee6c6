/* app/pay_recon_priv.h - a reconciliation as text and as goodgo.payments.reconcile/1: rows as they
 * come, of which only exceptions are kept, and then the report. */
#ifndef GOODGO_APP_PAY_RECON_PRIV_H
#define GOODGO_APP_PAY_RECON_PRIV_H

#include "act/recon_out.h"
#include "app/command.h"

struct recon_print {
    struct app_context *app;
    struct recon_run run;
    /* Lines of exceptions, the first of each category: the worst are told first. */
    struct str lines[RECON_CATEGORIES];
    uint64_t n_lines[RECON_CATEGORIES], n_exceptions;
    struct recon_doc doc; /* instead, where JSON is wanted */
};

/* Fills in p->run what it is asked for, and who is told of each row. */
void recon_print_begin(struct recon_print *p);
int recon_print_end(struct recon_print *p); /* the exit code */
void recon_print_done(struct recon_print *p);

#endif
