/* act/recon_group.c - merges the three sorted inputs of a match into groups of one key; see
 * recon_group_priv.h. */
#include "recon_group_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define GROUP_MAX 512u /* rows of a kind: one order has a handful, a hostile file may have any */

static void group_init(struct recon_group *g) {
    *g = (struct recon_group){.payments = mem_alloc(GROUP_MAX * sizeof *g->payments),
                              .paid = mem_alloc(GROUP_MAX * sizeof *g->paid),
                              .claims = mem_alloc(GROUP_MAX * sizeof *g->claims),
                              .paid_used = mem_zeroed(GROUP_MAX * sizeof *g->paid_used),
                              .claim_used = mem_zeroed(GROUP_MAX * sizeof *g->claim_used)};
    arena_init(&g->arena);
}

static void group_clear(struct recon_group *g) {
    arena_clear(&g->arena);
    memset(g->paid_used, 0, g->n_paid * sizeof *g->paid_used);
    memset(g->claim_used, 0, g->n_claims * sizeof *g->claim_used);
    g->n_payments = g->n_paid = g->n_claims = 0;
}

static const char *copy_of(struct recon_group *g, const struct sorted *now) {
    return memcpy(arena_alloc(&g->arena, now->data_n), now->data, now->data_n);
}

static bool group_add(struct recon_group *g, const struct sorted *now, struct err *err) {
    char kind;
    struct unpacker u = unpack_start(copy_of(g, now), now->data_n, &kind);
    if (g->n_payments == GROUP_MAX || g->n_paid == GROUP_MAX || g->n_claims == GROUP_MAX)
        return err_set(err, E_TOO_BIG, RECON_OP, "orders", "over %u rows of one order", GROUP_MAX);
    if (kind == 'D') {
        payment_unpack(&u, &g->payments[g->n_payments++]);
    } else if (kind == 'G') {
        paid_unpack(&u, &g->paid[g->n_paid++]);
    } else {
        struct recon_claim *c = &g->claims[g->n_claims++];
        c->kind = (enum claim_kind)(*u.at - '0');
        u.at += 9; /* the kind, and the day that it is sorted by */
        c->vnd = unpack_i64(&u);
        c->order_id = unpack_text(&u);
        line_unpack(&u, &c->line);
    }
    return true;
}

static bool input_next(struct recon_input *in, struct err *err) {
    return sorter_next(in->from, &in->now, &in->end, err);
}

static bool has_key(const struct recon_input *in, const char *key, size_t n) {
    return !in->end && !bytes_compare(in->now.key, in->now.key_n, key, n);
}

bool recon_groups_begin(struct recon_groups *g, const struct recon *r, struct err *err) {
    bool ok = true;
    *g = (struct recon_groups){.in = {[RECON_IN_ORDERS] = {.from = r->orders},
                                      [RECON_IN_PAID] = {.from = r->paid},
                                      [RECON_IN_CLAIMS] = {.from = r->claims}}};
    group_init(&g->now);
    for (int i = 0; ok && i < RECON_INPUTS; i++)
        ok = input_next(&g->in[i], err);
    return ok;
}

/* The least key that is left; NULL at the end. Claims are of orders: they have no key of their own.
 */
static const struct recon_input *least(const struct recon_groups *g) {
    const struct recon_input *orders = &g->in[RECON_IN_ORDERS], *paid = &g->in[RECON_IN_PAID];
    if (orders->end || paid->end)
        return !orders->end ? orders : !paid->end ? paid : NULL;
    return bytes_compare(paid->now.key, paid->now.key_n, orders->now.key, orders->now.key_n) < 0
               ? paid
               : orders;
}

bool recon_groups_next(struct recon_groups *g, bool *ret_ok, struct err *err) {
    char key[RECON_MAX_REF + 1];
    const struct recon_input *first = least(g);
    group_clear(&g->now);
    *ret_ok = true;
    if (!first)
        return false;
    size_t n = first->now.key_n;
    memcpy(key, first->now.key, n);
    for (int i = 0; i < RECON_INPUTS; i++)
        while (*ret_ok && has_key(&g->in[i], key, n))
            *ret_ok = group_add(&g->now, &g->in[i].now, err) && input_next(&g->in[i], err);
    return *ret_ok;
}

void recon_groups_done(struct recon_groups *g) {
    free(g->now.payments);
    free(g->now.paid);
    free(g->now.claims);
    free(g->now.paid_used);
    free(g->now.claim_used);
    arena_done(&g->now.arena);
}
