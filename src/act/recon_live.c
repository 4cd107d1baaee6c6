/* act/recon_live.c - instead of a gateway's file, its answers: one question for each payment, at
 * its own pace. What it settled is kept for some minutes (act/gateway.h), so that a run that was
 * interrupted goes on where it was. */
#include <stdlib.h>
#include <string.h>

#include "act/gateway.h"
#include "recon_priv.h"

/* No answer is no row of a gateway that says "not paid": it is marked as silent. */
static void as_row(const struct recon_payment *d, const struct pay_answer *r,
                   struct recon_paid *x) {
    bool says = r->said == PAY_SAID_OPEN || r->said == PAY_SAID_FINAL;
    *x = (struct recon_paid){.provider = d->provider,
                             .order_id = d->id,
                             .tx_id = says && r->provider_tx_id ? r->provider_tx_id : "",
                             .where = r->code ? r->code : pay_said_name(r->said),
                             .day = d->day,
                             .wall_s = says && r->has_pay_time ? r->pay_time_wall_s : 0,
                             .status = says ? r->status : PAY_STATUS_NONE,
                             .silent = !says && r->said != PAY_SAID_UNKNOWN};
    if (says)
        x->amount_vnd = r->has_amount ? r->amount_vnd : d->amount_vnd;
}

static bool ask_one(struct recon *r, struct gateway_asker *g, const struct recon_payment *d,
                    struct err *err) {
    struct arena a;
    struct pay_answer answer;
    struct recon_paid x;
    struct pay_question q = {.provider = pay_provider_stored(d->provider),
                             .what = PAY_ASK_PAYMENT,
                             .order = d->id,
                             .created_wall_s = d->created_wall_s};
    arena_init(&a);
    bool ok = gateway_ask(g, &q, true, &a, &answer, err);
    if (ok) {
        as_row(d, &answer, &x);
        ok = recon_add_paid(r, &x, err);
    }
    arena_done(&a);
    return ok;
}

static int by_id(const void *a, const void *b) {
    const struct recon_payment *x = a, *y = b;
    int provider = strcmp(x->provider, y->provider);
    return provider ? provider : strcmp(x->id, y->id);
}

bool recon_live(struct recon *r, struct err *err) {
    if (!r->n_to_ask)
        return true;
    qsort(r->to_ask, r->n_to_ask, sizeof *r->to_ask, by_id);
    struct gateway_asker *g = gateway_open(r->q->settings, r->q->state_dir, r->q->cancel_fd);
    bool ok = true;
    for (uint32_t i = 0; ok && i < r->n_to_ask; i++)
        ok = !recon_stopped(r, err) && ask_one(r, g, &r->to_ask[i], err);
    gateway_close(g);
    return ok;
}
