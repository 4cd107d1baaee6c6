/* act/recon_match.c - order by order: our payment, its gateway's rows, the lines of the bank that
 * claim it. Each gateway's row and each line becomes part of exactly one row of the report, or is
 * counted as outside its days. */
#include <string.h>

#include "base/str.h"
#include "recon_group_priv.h"

static bool same_paid(const struct recon_paid *a, const struct recon_paid *b) {
    return *a->tx_id && !strcmp(a->tx_id, b->tx_id) && !strcmp(a->order_id, b->order_id) &&
           !strcmp(a->provider, b->provider);
}

/* --- rows that are not our payment's --- */

static void drop_paid(struct recon *r, const struct recon_paid *g, bool repeated) {
    const struct settlement *s = recon_settlement(r, g->provider, g->day);
    r->report->outside.gateway_vnd = int_add(r->report->outside.gateway_vnd, g->amount_vnd);
    if (!repeated && g->status == PAY_COMPLETED && s && s->settled)
        r->report->outside.bank_vnd =
            int_add(r->report->outside.bank_vnd, g->amount_vnd - g->fee_vnd);
}

void recon_await_payout(const struct recon *r, struct recon_row *row, int64_t paid_day) {
    bool late = r->statement_last_day > paid_day + r->q->settle_days;
    if (!r->q->n_statements || row->category != RECON_MATCHED ||
        row->gateway_status != PAY_COMPLETED)
        return;
    row->category = late ? RECON_MISSING_IN_STATEMENT : RECON_UNSETTLED;
    row->why = late ? "paid at the gateway, never paid out" : "paid at the gateway";
}

/* The bank's side of a row that the gateway was paid for. */
static void add_payout(const struct recon *r, struct recon_row *row, const struct recon_paid *g) {
    const struct settlement *s = recon_settlement(r, g->provider, g->day);
    if (g->status != PAY_COMPLETED || !r->q->n_statements)
        return;
    if (s && s->settled) {
        row->has_bank = true;
        row->bank_vnd = g->amount_vnd - g->fee_vnd;
        row->evidence = s->where;
    } else {
        recon_await_payout(r, row, g->day);
    }
}

/* Of the gateway alone. */
static struct recon_row row_of_paid(const struct recon *r, const struct recon_paid *g,
                                    enum recon_category category, const char *why) {
    struct recon_row row = {.day = g->day,
                            .provider = g->provider,
                            .order_id = g->order_id,
                            .tx_id = g->tx_id,
                            .updated = "",
                            .has_gateway = true,
                            .gateway_vnd = g->amount_vnd,
                            .fee_vnd = g->fee_vnd,
                            .gateway_status = g->status,
                            .category = category,
                            .why = why,
                            .evidence = g->where};
    add_payout(r, &row, g);
    return row;
}

static bool emit_paid_alone(struct recon *r, const struct recon_paid *g,
                            enum recon_category category, const char *why, struct err *err) {
    struct recon_row row = row_of_paid(r, g, category, why);
    return recon_emit(r, &row, err);
}

/* Names no order that was read. */
static bool emit_stranger(struct recon *r, const struct recon_paid *g, struct err *err) {
    switch (g->status) {
    case PAY_COMPLETED:
        return emit_paid_alone(r, g, RECON_MISSING_IN_DB,
                               "the gateway has money for an order that is not here", err);
    case PAY_REFUNDED:
        return emit_paid_alone(r, g, RECON_REFUND_CANDIDATE,
                               "given back at the gateway, for an order that is not here", err);
    default:
        return emit_paid_alone(r, g, RECON_NOT_PAID, "not paid, and no order of ours", err);
    }
}

/* --- our payment --- */

struct order {
    const struct recon_payment *d;
    struct recon_group *g;
    struct recon_row row;
};

static bool is_of(const struct order *o, const struct recon_paid *p) {
    return !strcmp(p->order_id, o->d->id) && !strcmp(p->provider, o->d->provider);
}

/* The gateway's row that stands for the order: with our transaction, else the first that is paid,
 * else the last. */
static int main_paid(const struct order *o) {
    int best = -1;
    bool ours = false, done = false;
    for (uint32_t i = 0; i < o->g->n_paid; i++) {
        const struct recon_paid *p = &o->g->paid[i];
        if (!is_of(o, p) || o->g->paid_used[i])
            continue;
        bool mine = *o->d->tx_id && !strcmp(p->tx_id, o->d->tx_id);
        bool better = mine ? !ours : !ours && !done;
        if (better)
            best = (int)i;
        ours = ours || mine;
        done = done || p->status == PAY_COMPLETED;
    }
    return best;
}

/* What rows of their own say was given back of the payment. */
static int64_t refunded_vnd(const struct order *o, const struct recon_paid *main) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < o->g->n_paid; i++) {
        const struct recon_paid *p = &o->g->paid[i];
        if (p != main && is_of(o, p) && !o->g->paid_used[i] && p->status == PAY_REFUNDED)
            sum = int_add(sum, p->amount_vnd);
    }
    return sum;
}

static bool emit_attempt(struct recon *r, const struct order *o, const struct recon_paid *p,
                         const struct recon_paid *main, struct err *err) {
    bool booked = o->d->status == PAY_REFUNDED && o->row.gateway_status == PAY_REFUNDED;
    if (p->status == PAY_REFUNDED)
        return emit_paid_alone(r, p, booked ? RECON_MATCHED : RECON_REFUND_CANDIDATE,
                               booked ? "its refund" : "given back at the gateway", err);
    bool twice = p->status == PAY_COMPLETED && main->status == PAY_COMPLETED;
    return emit_paid_alone(r, p, twice ? RECON_DUPLICATE : RECON_NOT_PAID,
                           twice                     ? "a second payment of this order"
                           : p->status == PAY_FAILED ? "an attempt that failed"
                                                     : "another attempt",
                           err);
}

static bool other_attempts(struct recon *r, struct order *o, const struct recon_paid *main,
                           struct err *err) {
    bool ok = true;
    for (uint32_t i = 0; ok && i < o->g->n_paid; i++) {
        const struct recon_paid *p = &o->g->paid[i];
        if (p == main || !is_of(o, p) || o->g->paid_used[i])
            continue;
        o->g->paid_used[i] = true;
        ok = emit_attempt(r, o, p, main, err);
    }
    return ok;
}

/* The lines that claim the order, worst left: used ones are in the row or emitted. */
static bool emit_claim(struct recon *r, const struct order *o, uint32_t i,
                       enum recon_category category, const char *why, struct err *err) {
    const struct recon_claim *c = &o->g->claims[i];
    o->g->claim_used[i] = true;
    return recon_emit_line(r, &c->line, o->d->id, category, why, c->vnd, err);
}

static void take_claim(struct order *o, uint32_t i, enum recon_category category, const char *why) {
    const struct recon_claim *c = &o->g->claims[i];
    o->g->claim_used[i] = true;
    o->row.has_bank = true;
    o->row.bank_vnd = int_add(o->row.bank_vnd, c->vnd);
    o->row.category = category;
    o->row.why = why;
    o->row.evidence = arena_printf(
        &o->g->arena, "%s%s%s%s%s", *o->row.evidence ? o->row.evidence : "",
        *o->row.evidence ? "; " : "", c->line.where, *c->line.ref ? " " : "", c->line.ref);
}

static int first_claim(const struct order *o, enum claim_kind kind) {
    for (uint32_t i = 0; i < o->g->n_claims; i++)
        if (!o->g->claim_used[i] && o->g->claims[i].kind == kind &&
            !strcmp(o->g->claims[i].order_id, o->d->id))
            return (int)i;
    return -1;
}

static void take_amounts(struct order *o) {
    int64_t sum = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->g->n_claims; i++) {
        const struct recon_claim *c = &o->g->claims[i];
        if (c->kind != CLAIM_AMOUNT || strcmp(c->order_id, o->d->id) != 0)
            continue;
        sum = int_add(sum, c->vnd);
        n++;
        take_claim(o, i, RECON_AMOUNT_MISMATCH, "named, another amount");
    }
    if (n > 1 && sum == o->d->amount_vnd) {
        o->row.category = RECON_SUGGESTED;
        o->row.why = "several credits name it, and are its amount together";
    } else if (n) {
        o->row.why = sum < o->d->amount_vnd ? "named, paid too little" : "named, paid too much";
    }
}

/* By the rules in their order; false where no line claims the order. */
static bool take_bank(struct order *o) {
    int exact = first_claim(o, CLAIM_EXACT), late = first_claim(o, CLAIM_LATE),
        share = first_claim(o, CLAIM_SHARE);
    bool booked = pay_status_has_money(o->d->status);
    if (exact >= 0)
        take_claim(o, (uint32_t)exact, booked ? RECON_MATCHED : RECON_STATUS_MISMATCH,
                   booked ? "named, its amount, in time" : "the bank has it, it is not paid here");
    else if (late >= 0)
        take_claim(o, (uint32_t)late, RECON_SUGGESTED, "named, its amount, outside the window");
    else if (share >= 0)
        take_claim(o, (uint32_t)share, RECON_SUGGESTED, "one credit is the sum of several orders");
    else
        take_amounts(o);
    return o->row.has_bank;
}

static bool rest_of_claims(struct recon *r, struct order *o, struct err *err) {
    bool ok = true;
    for (uint32_t i = 0; ok && i < o->g->n_claims; i++) {
        const struct recon_claim *c = &o->g->claims[i];
        if (o->g->claim_used[i] || strcmp(c->order_id, o->d->id) != 0)
            continue;
        bool out = c->kind == CLAIM_REFUND;
        ok = emit_claim(r, o, i, out ? RECON_REFUND_CANDIDATE : RECON_DUPLICATE,
                        out ? "goes out and names this order" : "a second credit for this order",
                        err);
    }
    return ok;
}

/* --- a payment with a gateway's file --- */

static void not_checked(struct order *o, const char *why) {
    o->row.category = RECON_NOT_CHECKED;
    o->row.why = why;
}

/* What our row and the gateway's say of each other; p NULL: the gateway has none. */
static void compare_with(const struct recon *r, struct order *o, const struct recon_paid *p) {
    const struct recon_payment *d = o->d;
    const struct pay_provider *known = pay_provider_stored(d->provider);
    int64_t window_s = known && known->habits.window_s ? known->habits.window_s : PAY_STUCK_AFTER_S;
    struct recon_order order = {d->status, d->amount_vnd,
                                d->created_wall_s + window_s < r->as_of_wall_s};
    struct recon_gateway says = {p && p->status != PAY_STATUS_NONE, p ? p->status : PAY_STATUS_NONE,
                                 p ? p->amount_vnd : 0};
    o->row.category =
        recon_compare(&order, p ? &says : NULL, (struct recon_sources){true, false}, &o->row.why);
    if (!p && !recon_covers(r, d->provider, d->day))
        not_checked(o, "its gateway's file does not speak of this day");
}

static void take_paid(struct order *o, const struct recon_paid *p) {
    const char *ours = o->d->tx_id;
    o->row.has_gateway = true;
    o->row.gateway_vnd = p->amount_vnd;
    o->row.gateway_status = p->status;
    o->row.fee_vnd = p->fee_vnd;
    o->row.tx_id = *p->tx_id ? p->tx_id : ours;
    if (o->row.category == RECON_MATCHED && p->status == PAY_COMPLETED && *ours && *p->tx_id &&
        strcmp(ours, p->tx_id) != 0) {
        o->row.category = RECON_DUPLICATE;
        o->row.why = "paid with another transaction than the one booked";
    }
}

/* The bank's side: a line that claims this order, else its part of what the gateway paid out. */
static void take_payout(struct recon *r, struct order *o, const struct recon_paid *p) {
    int claim = first_claim(o, CLAIM_EXACT);
    if (claim < 0)
        claim = first_claim(o, CLAIM_AMOUNT);
    const struct settlement *s = recon_settlement(r, o->d->provider, p->day);
    if (claim < 0 || p->status != PAY_COMPLETED || (s && s->settled)) {
        add_payout(r, &o->row, p);
        return;
    }
    const struct recon_claim *c = &o->g->claims[claim];
    bool fits = c->vnd == p->amount_vnd || c->vnd == p->amount_vnd - p->fee_vnd;
    bool short_paid = o->row.category == RECON_MATCHED && !fits;
    take_claim(o, (uint32_t)claim, short_paid ? RECON_FEE_DIFFERENCE : o->row.category,
               short_paid ? "paid out is not its amount less the fee" : o->row.why);
}

static bool with_gateway(struct recon *r, struct order *o, struct err *err) {
    int at = main_paid(o);
    const struct recon_paid *p = at >= 0 ? &o->g->paid[at] : NULL;
    struct recon_paid says = p ? *p : (struct recon_paid){.day = 0};
    if (says.status == PAY_COMPLETED && refunded_vnd(o, p) >= says.amount_vnd)
        says.status = PAY_REFUNDED;
    compare_with(r, o, p ? &says : NULL);
    if (!p)
        return true;
    o->g->paid_used[at] = true;
    o->row.evidence = p->where;
    if (p->told != RECON_TOLD) {
        not_checked(o, p->told == RECON_SILENT ? "its gateway was asked, and says nothing of it"
                                               : "its gateway was not asked about it");
        return true;
    }
    take_paid(o, &says);
    take_payout(r, o, p);
    return other_attempts(r, o, p, err);
}

/* --- a payment of the bank --- */

static bool leave_loose(struct recon *r, const struct recon_payment *d, struct err *err) {
    struct packer p;
    char key[8];
    key_i64(key, d->amount_vnd);
    pack_start(&p, 'O');
    payment_pack(&p, d);
    return sorter_add(r->loose, key, sizeof key, p.b, p.n, err);
}

static bool is_open_transfer(const struct recon *r, const struct recon_payment *d) {
    return r->q->n_statements && !strcmp(d->provider, PAY_TRANSFER) &&
           pay_status_is_open(d->status) && !recon_has_gateway(r, d->provider);
}

/* *ret_loose: what becomes of it is decided by amount, later. */
static bool without_gateway(struct recon *r, struct order *o, bool *ret_loose, struct err *err) {
    const struct recon_payment *d = o->d;
    bool transfer = !strcmp(d->provider, PAY_TRANSFER);
    *ret_loose = false;
    if (take_bank(o))
        return true;
    o->row.category = RECON_NOT_CHECKED;
    o->row.why = transfer ? "no statement was handed in" : "its gateway's file was not handed in";
    if (!transfer || !r->q->n_statements)
        return true;
    *ret_loose = is_open_transfer(r, d);
    if (*ret_loose)
        return leave_loose(r, d, err);
    if (!pay_status_has_money(d->status)) {
        o->row.category = RECON_NOT_PAID;
        o->row.why = "not paid here, no line names it";
        return true;
    }
    bool late = r->statement_last_day > d->day + r->q->window_days;
    o->row.category = late ? RECON_MISSING_IN_STATEMENT : RECON_UNSETTLED;
    o->row.why = late ? "paid here, no line of the bank names it"
                      : "paid here, the statement may not reach far enough";
    return true;
}

static bool touched(const struct recon *r, const struct order *o) {
    if (o->d->in_range)
        return true;
    for (uint32_t i = 0; i < o->g->n_paid; i++)
        if (is_of(o, &o->g->paid[i]) && recon_day_in(r, o->g->paid[i].day))
            return true;
    for (uint32_t i = 0; i < o->g->n_claims; i++)
        if (!strcmp(o->g->claims[i].order_id, o->d->id) &&
            recon_day_in(r, o->g->claims[i].line.day))
            return true;
    return false;
}

/* Its money is counted as outside; its transaction may be that of a row of these days. */
static bool emit_dropped(struct recon *r, const struct order *o, struct err *err) {
    int at = main_paid(o);
    struct recon_row row = o->row;
    if (at >= 0) {
        row.has_gateway = true;
        row.gateway_status = o->g->paid[at].status;
        row.tx_id = *row.tx_id ? row.tx_id : o->g->paid[at].tx_id;
    }
    return recon_emit_context(r, &row, err);
}

/* Of other days, and named by nothing of these: it may still be the one that a line is for. */
static bool drop_order(struct recon *r, struct order *o, struct err *err) {
    bool claimed = false;
    if (!emit_dropped(r, o, err))
        return false;
    for (uint32_t i = 0; i < o->g->n_paid; i++)
        if (is_of(o, &o->g->paid[i]) && !o->g->paid_used[i]) {
            o->g->paid_used[i] = true;
            drop_paid(r, &o->g->paid[i], false);
        }
    for (uint32_t i = 0; i < o->g->n_claims; i++)
        if (!strcmp(o->g->claims[i].order_id, o->d->id)) {
            o->g->claim_used[i] = claimed = true;
            r->report->outside.bank_vnd = int_add(r->report->outside.bank_vnd, o->g->claims[i].vnd);
        }
    bool near = o->d->day + r->q->window_days >= r->q->from_day;
    return claimed || !near || !is_open_transfer(r, o->d) || leave_loose(r, o->d, err);
}

static bool match_order(struct recon *r, struct recon_group *g, const struct recon_payment *d,
                        struct err *err) {
    bool loose = false;
    struct order o = {d, g, recon_row_of(d)};
    if (!touched(r, &o))
        return drop_order(r, &o, err);
    bool ok = recon_has_gateway(r, d->provider) ? with_gateway(r, &o, err)
                                                : without_gateway(r, &o, &loose, err);
    /* Of other days, with nothing but a line that goes out: the row of that line says it all. */
    bool told = d->in_range || o.row.has_gateway || o.row.has_bank;
    ok = ok && rest_of_claims(r, &o, err);
    return ok && (loose || !told || recon_emit(r, &o.row, err));
}

/* --- a whole group --- */

static void note_repeats(struct recon *r, struct recon_group *g) {
    for (uint32_t i = 1; i < g->n_paid; i++)
        if (same_paid(&g->paid[i], &g->paid[i - 1])) {
            g->paid_used[i] = true;
            drop_paid(r, &g->paid[i], true);
        }
}

static bool match_group(struct recon *r, struct recon_group *g, struct err *err) {
    bool ok = true;
    note_repeats(r, g);
    for (uint32_t i = 0; ok && i < g->n_payments; i++)
        ok = match_order(r, g, &g->payments[i], err);
    for (uint32_t i = 0; ok && i < g->n_paid; i++) {
        const struct recon_paid *p = &g->paid[i];
        if (g->paid_used[i])
            continue;
        struct recon_row other = row_of_paid(r, p, RECON_NOT_PAID, "");
        ok =
            recon_day_in(r, p->day) ? emit_stranger(r, p, err) : recon_emit_context(r, &other, err);
    }
    return ok;
}

bool recon_match(struct recon *r, struct err *err) {
    struct recon_groups groups;
    uint64_t n = 0;
    bool ok = recon_groups_begin(&groups, r, err);
    for (bool more = ok; more; n++) {
        more = recon_groups_next(&groups, &ok, err);
        ok = ok && (!more || match_group(r, &groups.now, err)) &&
             !(n % 4096 == 0 && recon_stopped(r, err));
        more = more && ok;
    }
    recon_groups_done(&groups);
    return ok;
}
