/* act/recon_tx.c - one transaction of a gateway, one order: a row of the gateway that names no
 * order of ours finds the payment that booked its transaction, and a transaction on two orders is
 * found. Nearly all are on one: which may be on more is found by their hashes, and only their rows
 * are sorted by transaction. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/mem.h"
#include "base/str.h"
#include "recon_priv.h"

#define SAME_MAX 64u

/* --- which are on several orders --- */

#define BITS ((size_t)1 << 23)

/* Two transactions on one bit are several too: their rows are looked at for nothing. */
struct recon_several {
    unsigned char bits[BITS / 8];
};

struct recon_several *recon_several_new(void) {
    return mem_zeroed(sizeof(struct recon_several));
}

void recon_several_free(struct recon_several *t) {
    free(t);
}

static uint64_t hash(const char *s, uint64_t seed) {
    return XXH3_64bits_withSeed(s, strlen(s), seed);
}

static uint64_t hash_tx(const char *provider, const char *tx_id) {
    return hash(tx_id, hash(provider, 0));
}

bool recon_note_tx(struct recon *r, const char *provider, const char *tx_id, const char *order_id,
                   struct err *err) {
    uint64_t tx = hash_tx(provider, tx_id), order = hash(order_id, 0);
    return !*tx_id || sorter_add(r->txs, &tx, sizeof tx, &order, sizeof order, err);
}

bool recon_find_several(struct recon *r, struct err *err) {
    struct sorted now;
    uint64_t tx, order, tx_before = 0, order_before = 0;
    bool end = false, ok = true;
    while (ok && (ok = sorter_next(r->txs, &now, &end, err)) && !end) {
        memcpy(&tx, now.key, sizeof tx);
        memcpy(&order, now.data, sizeof order);
        if (tx == tx_before && order != order_before)
            r->several->bits[tx % BITS / 8] |= (unsigned char)(1u << tx % 8);
        tx_before = tx;
        order_before = order;
    }
    return ok;
}

static bool may_be_on_several(const struct recon *r, const struct recon_row *row) {
    uint64_t tx = hash_tx(row->provider, row->tx_id);
    return r->several->bits[tx % BITS / 8] >> tx % 8 & 1;
}

/* --- their rows --- */

struct same {
    struct arena arena;
    struct recon_row rows[SAME_MAX];
    uint32_t n;
};

static bool add(struct recon *r, const struct recon_row *row, struct err *err) {
    struct packer p, key;
    pack_start(&key, '\0');
    key_i64(key.b, row->day);
    key.n = 8;
    pack_text(&key, row->provider);
    pack_text(&key, row->order_id);
    pack_text(&key, row->tx_id);
    pack_start(&p, 'R');
    row_pack(&p, row);
    return sorter_add(r->rows, key.b, key.n < SORTER_MAX_KEY ? key.n : SORTER_MAX_KEY, p.b, p.n,
                      err);
}

static bool is_paid(const struct recon_row *row) {
    return row->has_gateway ? row->gateway_status == PAY_COMPLETED
                            : row->db_status == PAY_COMPLETED;
}

/* The payment that the gateway does not know by its order, and the gateway's row without one. */
static bool join(struct recon *r, struct same *s) {
    struct recon_row *d = NULL, *g = NULL;
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->rows[i].has_db && !s->rows[i].has_gateway)
            d = &s->rows[i];
        else if (s->rows[i].has_gateway && !s->rows[i].has_db)
            g = &s->rows[i];
    }
    if (s->n != 2 || !d || !g || d->has_bank || (d->context && g->context))
        return false;
    struct recon_order order = {d->db_status, d->db_vnd, true};
    struct recon_gateway says = {g->gateway_status != PAY_STATUS_NONE, g->gateway_status,
                                 g->gateway_vnd};
    struct recon_row row = *d;
    if (d->context)
        r->report->read.db_vnd = int_add(r->report->read.db_vnd, d->db_vnd);
    row.context = false;
    row.category =
        recon_compare(&order, &says, (struct recon_sources){true, g->has_bank}, &row.why);
    if (row.category == RECON_MATCHED)
        row.why = "the same transaction, under another order number";
    row.has_gateway = true;
    row.gateway_vnd = g->gateway_vnd;
    row.gateway_status = g->gateway_status;
    row.fee_vnd = g->fee_vnd;
    row.has_bank = g->has_bank;
    row.bank_vnd = g->bank_vnd;
    row.evidence = g->evidence;
    if (!row.has_bank)
        recon_await_payout(r, &row, g->day);
    s->rows[0] = row;
    s->n = 1;
    return true;
}

static void leave_out(struct recon *r, const struct recon_row *row) {
    struct recon_sums *outside = &r->report->outside;
    outside->gateway_vnd = int_add(outside->gateway_vnd, row->has_gateway ? row->gateway_vnd : 0);
    outside->bank_vnd = int_add(outside->bank_vnd, row->has_bank ? row->bank_vnd : 0);
}

static bool end_of_tx(struct recon *r, struct same *s, struct err *err) {
    uint32_t paid = 0;
    bool ok = true;
    if (s->n > 1 && !join(r, s))
        for (uint32_t i = 0; i < s->n; i++)
            paid += is_paid(&s->rows[i]);
    for (uint32_t i = 0; ok && i < s->n; i++) {
        struct recon_row *row = &s->rows[i];
        if (row->context) {
            leave_out(r, row);
            continue;
        }
        if (paid > 1 && is_paid(row)) {
            row->category = RECON_DUPLICATE;
            row->why = "one transaction on two orders";
        }
        ok = add(r, row, err);
    }
    arena_clear(&s->arena);
    s->n = 0;
    return ok;
}

static bool take(struct recon *r, struct same *s, const struct sorted *now, struct err *err) {
    char kind, *copy = arena_alloc(&s->arena, now->data_n);
    memcpy(copy, now->data, now->data_n);
    struct unpacker u = unpack_start(copy, now->data_n, &kind);
    if (s->n == SAME_MAX && !end_of_tx(r, s, err))
        return false;
    row_unpack(&u, &s->rows[s->n++]);
    return true;
}

bool recon_by_tx(struct recon *r, struct err *err) {
    struct same *s = mem_zeroed(sizeof *s);
    struct sorted now;
    char key[SORTER_MAX_KEY];
    size_t key_n = SIZE_MAX;
    bool end = false, ok = true;
    arena_init(&s->arena);
    while (ok && (ok = sorter_next(r->by_tx, &now, &end, err)) && !end) {
        bool same = now.key_n == key_n && !memcmp(now.key, key, key_n);
        if (!same) {
            ok = end_of_tx(r, s, err);
            key_n = now.key_n;
            memcpy(key, now.key, key_n);
        }
        ok = ok && take(r, s, &now, err);
    }
    ok = ok && end_of_tx(r, s, err);
    arena_done(&s->arena);
    free(s);
    return ok;
}

static int64_t seen(const struct recon_row *row) {
    if (row->has_gateway && !row->has_db && row->category == RECON_FEE_DIFFERENCE)
        return row->bank_vnd;
    if (row->has_gateway)
        return row->gateway_status == PAY_COMPLETED ? row->gateway_vnd : 0;
    if (row->has_bank)
        return row->bank_vnd;
    bool unknown = row->category == RECON_NOT_CHECKED || row->category == RECON_UNSETTLED;
    return unknown && row->db_status == PAY_COMPLETED ? row->db_vnd : 0;
}

/* Money that a source has, less what the database has booked as paid. */
static int64_t difference(const struct recon_row *row) {
    int64_t booked = row->has_db && row->db_status == PAY_COMPLETED ? row->db_vnd : 0;
    if (row->category == RECON_FEE_DIFFERENCE && row->has_gateway)
        return row->bank_vnd + row->fee_vnd - row->gateway_vnd;
    return seen(row) - booked;
}

struct recon_row recon_row_of(const struct recon_payment *d) {
    return (struct recon_row){.day = d->day,
                              .provider = d->provider,
                              .order_id = d->id,
                              .tx_id = d->tx_id,
                              .updated = d->updated,
                              .has_db = true,
                              .in_range = d->in_range,
                              .db_vnd = d->amount_vnd,
                              .db_status = d->status,
                              .why = "",
                              .evidence = ""};
}

static bool add_by_tx(struct recon *r, const struct recon_row *row, struct err *err) {
    struct packer p, key;
    pack_start(&key, '\0');
    key.n = 0;
    pack_text(&key, row->provider);
    pack_text(&key, row->tx_id);
    pack_start(&p, 'R');
    row_pack(&p, row);
    return sorter_add(r->by_tx, key.b, key.n < SORTER_MAX_KEY ? key.n : SORTER_MAX_KEY, p.b, p.n,
                      err);
}

/* Rows with a transaction meet the others that may have it; the rest needs no looking. */
bool recon_emit(struct recon *r, const struct recon_row *row, struct err *err) {
    if (row->has_db && !row->in_range)
        r->report->read.db_vnd = int_add(r->report->read.db_vnd, row->db_vnd);
    return *row->tx_id && may_be_on_several(r, row) ? add_by_tx(r, row, err) : add(r, row, err);
}

bool recon_emit_context(struct recon *r, const struct recon_row *row, struct err *err) {
    struct recon_row copy = *row;
    copy.context = true;
    if (*row->tx_id && may_be_on_several(r, row))
        return add_by_tx(r, &copy, err);
    leave_out(r, row);
    return true;
}

bool recon_emit_line(struct recon *r, const struct recon_line *l, const char *order_id,
                     enum recon_category category, const char *why, int64_t vnd, struct err *err) {
    char evidence[RECON_WHERE_SIZE + 240];
    struct recon_row row = {.day = l->day,
                            .provider = "BANK",
                            .order_id = order_id,
                            .tx_id = "",
                            .updated = "",
                            .has_bank = true,
                            .bank_vnd = vnd,
                            .category = category,
                            .why = why,
                            .evidence = evidence};
    if (!recon_day_in(r, l->day)) {
        r->report->outside.bank_vnd = int_add(r->report->outside.bank_vnd, vnd);
        return true;
    }
    snprintf(evidence, sizeof evidence, "%s%s%s", l->where, *l->ref ? " " : "", l->ref);
    return recon_emit(r, &row, err);
}

/* --- the report --- */

static void sums_add(struct recon_sums *s, const struct recon_row *row) {
    s->rows++;
    s->db_vnd = int_add(s->db_vnd, row->has_db ? row->db_vnd : 0);
    s->gateway_vnd = int_add(s->gateway_vnd, row->has_gateway ? row->gateway_vnd : 0);
    s->bank_vnd = int_add(s->bank_vnd, row->has_bank ? row->bank_vnd : 0);
    s->difference_vnd = int_add(s->difference_vnd, row->difference_vnd);
}

/* Rows come day by day and provider by provider: only the last block grows. */
static void total_add(struct reconcile_report *t, uint32_t *cap, const struct recon_row *row) {
    uint32_t i = t->n_totals;
    while (i-- > 0 && t->totals[i].day == row->day && !strcmp(t->totals[i].provider, row->provider))
        if (t->totals[i].category == row->category) {
            sums_add(&t->totals[i].sums, row);
            return;
        }
    if (t->n_totals == *cap) {
        *cap = *cap ? 2 * *cap : 256;
        t->totals = mem_grow(t->totals, *cap * sizeof *t->totals);
    }
    struct recon_total *now = &t->totals[t->n_totals++];
    *now = (struct recon_total){.day = row->day, .category = row->category};
    str_copy(now->provider, sizeof now->provider, row->provider);
    sums_add(&now->sums, row);
}

bool recon_report(struct recon *r, recon_row_fn on_row, void *ctx, struct err *err) {
    struct sorted now;
    struct reconcile_report *t = r->report;
    uint32_t cap = 0;
    uint64_t n = 0;
    bool end = false, ok = true;
    while (ok && (ok = sorter_next(r->rows, &now, &end, err)) && !end) {
        char kind;
        struct recon_row row;
        struct unpacker u = unpack_start(now.data, now.data_n, &kind);
        row_unpack(&u, &row);
        row.difference_vnd = difference(&row);
        sums_add(&t->reported, &row);
        sums_add(&t->by_category[row.category], &row);
        total_add(t, &cap, &row);
        ok = !(n++ % 4096 == 0 && recon_stopped(r, err)) && on_row(ctx, &row, err);
    }
    return ok;
}
