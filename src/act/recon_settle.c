/* act/recon_settle.c - what gateways pay out: often one credit for all payments of a day, or of
 * some days, less the fee. A day is settled when one credit that names the gateway is the sum. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "recon_priv.h"

#define DAYS_MAX    7  /* a weekend with holidays, in one credit */
#define DIFFERS_MAX 20 /* 1/20 of the sum: further off it is another payout */

static void add_net(struct recon *r, const struct recon_paid *x) {
    struct settlement *s = r->settlements;
    uint32_t i = r->n_settlements;
    while (i-- > 0)
        if (s[i].day == x->day && !strcmp(s[i].provider, x->provider)) {
            s[i].net_vnd = int_add(s[i].net_vnd, x->amount_vnd - x->fee_vnd);
            return;
        }
    if (r->n_settlements == r->cap_settlements) {
        r->cap_settlements = r->cap_settlements ? 2 * r->cap_settlements : 64;
        r->settlements = mem_grow(s, r->cap_settlements * sizeof *s);
    }
    s = &r->settlements[r->n_settlements++];
    *s = (struct settlement){.day = x->day, .net_vnd = x->amount_vnd - x->fee_vnd};
    str_copy(s->provider, sizeof s->provider, x->provider);
}

/* The same row in a second file pays nothing twice. */
void recon_note_paid(struct recon *r, const struct recon_paid *x) {
    bool same = *x->tx_id && !strcmp(x->tx_id, r->last_paid.tx_id) &&
                !strcmp(x->order_id, r->last_paid.order_id) &&
                !strcmp(x->provider, r->last_paid.provider);
    str_copy(r->last_paid.provider, sizeof r->last_paid.provider, x->provider);
    str_copy(r->last_paid.order_id, sizeof r->last_paid.order_id, x->order_id);
    str_copy(r->last_paid.tx_id, sizeof r->last_paid.tx_id, x->tx_id);
    if (!same && x->status == PAY_COMPLETED)
        add_net(r, x);
}

static int by_day(const void *a, const void *b) {
    const struct settlement *x = a, *y = b;
    int provider = strcmp(x->provider, y->provider);
    return provider ? provider : (x->day > y->day) - (x->day < y->day);
}

static int by_line(const void *a, const void *b) {
    const struct payout *x = a, *y = b;
    int day = (x->line.day > y->line.day) - (x->line.day < y->line.day);
    return day ? day : (x->line.seq > y->line.seq) - (x->line.seq < y->line.seq);
}

/* Days i to i+n-1 in one credit? */
static struct payout *find_exact(struct recon *r, uint32_t i, uint32_t n) {
    const struct settlement *first = &r->settlements[i], *last = first + n - 1;
    int64_t sum = 0;
    for (uint32_t k = 0; k < n; k++)
        sum = int_add(sum, first[k].net_vnd);
    for (uint32_t k = 0; k < r->n_payouts; k++) {
        struct payout *p = &r->payouts[k];
        if (!p->used && p->line.amount_vnd == sum && p->line.day > last->day &&
            p->line.day <= last->day + r->q->settle_days &&
            !strcmp(r->providers[p->provider], first->provider))
            return p;
    }
    return NULL;
}

/* The only credit of the gateway in the time of this day, and not far off. */
static struct payout *find_near(struct recon *r, const struct settlement *s) {
    struct payout *found = NULL;
    for (uint32_t k = 0; k < r->n_payouts; k++) {
        struct payout *p = &r->payouts[k];
        bool mine = !p->used && p->line.day > s->day && p->line.day <= s->day + r->q->settle_days &&
                    !strcmp(r->providers[p->provider], s->provider);
        if (mine && found)
            return NULL;
        if (mine)
            found = p;
    }
    int64_t off = found ? found->line.amount_vnd - s->net_vnd : 0;
    return found && (off < 0 ? -off : off) <= s->net_vnd / DIFFERS_MAX ? found : NULL;
}

static void settle(struct settlement *s, struct payout *p, int64_t difference_vnd) {
    p->used = true;
    s->settled = true;
    s->settled_day = p->line.day;
    s->difference_vnd = difference_vnd;
    str_copy(s->where, sizeof s->where, p->line.where);
}

static uint32_t days_from(const struct recon *r, uint32_t i) {
    uint32_t n = 1;
    while (i + n < r->n_settlements && n < DAYS_MAX && !r->settlements[i + n].settled &&
           !strcmp(r->settlements[i].provider, r->settlements[i + n].provider))
        n++;
    return n;
}

void recon_settle(struct recon *r) {
    if (r->n_settlements)
        qsort(r->settlements, r->n_settlements, sizeof *r->settlements, by_day);
    if (r->n_payouts)
        qsort(r->payouts, r->n_payouts, sizeof *r->payouts, by_line);
    for (uint32_t n = 1; n <= DAYS_MAX; n++)
        for (uint32_t i = 0; i < r->n_settlements; i++) {
            struct payout *p =
                r->settlements[i].settled || days_from(r, i) < n ? NULL : find_exact(r, i, n);
            for (uint32_t k = 0; p && k < n; k++)
                settle(&r->settlements[i + k], p, 0);
        }
    for (uint32_t i = 0; i < r->n_settlements; i++) {
        struct settlement *s = &r->settlements[i];
        struct payout *p = s->settled ? NULL : find_near(r, s);
        if (p)
            settle(s, p, p->line.amount_vnd - s->net_vnd);
    }
}

const struct settlement *recon_settlement(const struct recon *r, const char *provider,
                                          int64_t day) {
    struct settlement key = {.day = day};
    str_copy(key.provider, sizeof key.provider, provider);
    return r->n_settlements
               ? bsearch(&key, r->settlements, r->n_settlements, sizeof *r->settlements, by_day)
               : NULL;
}

static bool emit_difference(struct recon *r, const struct settlement *s, struct err *err) {
    struct recon_row row = {.day = s->day,
                            .provider = s->provider,
                            .order_id = "",
                            .tx_id = "",
                            .updated = "",
                            .has_bank = true,
                            .bank_vnd = s->difference_vnd,
                            .category = RECON_FEE_DIFFERENCE,
                            .why = "paid out is not the day's amounts less their fees",
                            .evidence = s->where};
    if (recon_day_in(r, s->day))
        return recon_emit(r, &row, err);
    r->report->outside.bank_vnd = int_add(r->report->outside.bank_vnd, s->difference_vnd);
    return true;
}

bool recon_settle_rest(struct recon *r, struct err *err) {
    bool ok = true;
    for (uint32_t i = 0; ok && i < r->n_settlements; i++)
        if (r->settlements[i].difference_vnd)
            ok = emit_difference(r, &r->settlements[i], err);
    for (uint32_t i = 0; ok && i < r->n_payouts; i++)
        if (!r->payouts[i].used)
            ok = recon_emit_line(r, &r->payouts[i].line, "", RECON_UNMATCHED,
                                 "names a gateway, and is the sum of no day of its file",
                                 r->payouts[i].line.amount_vnd, err);
    return ok;
}
