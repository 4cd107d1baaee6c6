/* act/recon_group_priv.h - payments, gateways' rows and claims of the bank, all that are sorted
 * under one order's key at a time. */
#ifndef GOODGO_ACT_RECON_GROUP_PRIV_H
#define GOODGO_ACT_RECON_GROUP_PRIV_H

#include "recon_priv.h"

/* What is known under one key, in memory that is used again for the next. Whoever makes rows of the
 * report of them notes which are used. */
struct recon_group {
    struct arena arena;
    struct recon_payment *payments;
    struct recon_paid *paid;
    struct recon_claim *claims;
    bool *paid_used, *claim_used;
    uint32_t n_payments, n_paid, n_claims;
};

/* One of the sorted inputs, and the next of it. */
struct recon_input {
    struct sorter *from;
    struct sorted now;
    bool end;
};
enum { RECON_IN_ORDERS, RECON_IN_PAID, RECON_IN_CLAIMS, RECON_INPUTS };

struct recon_groups {
    struct recon_input in[RECON_INPUTS];
    struct recon_group now;
};
/* recon_groups_done() is owed, also after a failure. */
bool recon_groups_begin(struct recon_groups *g, const struct recon *r, struct err *err) MUST_CHECK;
/* The next key's into g->now; false at the end (*ret_ok) or on an error. */
bool recon_groups_next(struct recon_groups *g, bool *ret_ok, struct err *err) MUST_CHECK;
void recon_groups_done(struct recon_groups *g);

#endif
