/* act/recon_lines.c - lines of statements: each once, with the orders that its content names, and
 * what it claims of them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "recon_priv.h"

#define REFS_MAX   64u /* that one line may name; a longer one is no transfer of a customer */
#define ORDERS_MAX 32u

static bool add_line(struct sorter *to, const char *key, size_t key_n, const struct recon_line *l,
                     struct err *err) {
    struct packer p;
    pack_start(&p, 'L');
    line_pack(&p, l);
    return sorter_add(to, key, key_n, p.b, p.n, err);
}

static bool add_by_number(struct sorter *to, int64_t n, const struct recon_line *l,
                          struct err *err) {
    char key[8];
    key_i64(key, n);
    return add_line(to, key, sizeof key, l, err);
}

/* --- which names a line holds --- */

struct refs {
    const char *at[REFS_MAX];
    size_t len[REFS_MAX];
    uint32_t n;
};

static void on_ref(void *ctx, const char *ref, size_t n) {
    struct refs *f = ctx;
    for (uint32_t i = 0; i < f->n; i++)
        if (f->len[i] == n && !memcmp(f->at[i], ref, n))
            return;
    if (f->n < REFS_MAX) {
        f->at[f->n] = ref;
        f->len[f->n++] = n;
    }
}

/* A credit that names a gateway and no order is what it pays out. */
static int payout_of(const struct recon *r, const struct recon_text *t) {
    for (uint32_t i = 0; i < r->n_providers; i++) {
        struct recon_text name;
        recon_normal(&name, r->providers[i]);
        if (name.n && strstr(t->s, name.s))
            return (int)i;
    }
    return -1;
}

static void keep_payout(struct recon *r, uint32_t provider, const struct recon_line *l) {
    if (r->n_payouts == r->cap_payouts) {
        r->cap_payouts = r->cap_payouts ? 2 * r->cap_payouts : 64;
        r->payouts = mem_grow(r->payouts, r->cap_payouts * sizeof *r->payouts);
    }
    struct recon_line *k = &r->payouts[r->n_payouts].line;
    *k = *l;
    k->account = arena_strdup(r->arena, l->account);
    k->ref = arena_strdup(r->arena, l->ref);
    k->content = arena_strdup(r->arena, l->content);
    k->where = arena_strdup(r->arena, l->where);
    r->payouts[r->n_payouts].provider = provider;
    r->payouts[r->n_payouts++].used = false;
}

/* Names no order that we know. */
static bool take_loose(struct recon *r, const struct recon_line *l, struct err *err) {
    struct recon_text t;
    recon_normal(&t, l->content);
    int provider = l->amount_vnd > 0 ? payout_of(r, &t) : -1;
    if (provider >= 0) {
        keep_payout(r, (uint32_t)provider, l);
        return true;
    }
    return add_by_number(r->loose, l->amount_vnd, l, err);
}

static bool take_line(struct recon *r, const struct recon_line *l, struct err *err) {
    struct recon_text t;
    struct refs refs = {.n = 0};
    r->report->read.bank_vnd = int_add(r->report->read.bank_vnd, l->amount_vnd);
    recon_normal(&t, l->content);
    recon_references(&t, r->refs, on_ref, &refs);
    if (!refs.n)
        return take_loose(r, l, err);
    bool ok = add_by_number(r->named, l->seq, l, err);
    for (uint32_t i = 0; ok && i < refs.n; i++)
        ok = add_line(r->hits, refs.at[i], refs.len[i], l, err);
    return ok;
}

/* --- each entry once --- */

struct repeats {
    char key[SORTER_MAX_KEY], file[256];
    size_t key_n;
    uint32_t kept, in_file;
};

/* With a reference the bank says itself that it is the same. Without one, two equal rows of one
 * file are two; of two files they are as many as the one with most has. */
static bool is_repeat(struct repeats *g, const struct sorted *now, const char *file,
                      const char *ref) {
    if (now->key_n != g->key_n || memcmp(now->key, g->key, g->key_n) != 0) {
        g->key_n = now->key_n;
        memcpy(g->key, now->key, now->key_n);
        g->kept = g->in_file = 0;
        str_copy(g->file, sizeof g->file, file);
    }
    if (strcmp(g->file, file) != 0) {
        str_copy(g->file, sizeof g->file, file);
        g->in_file = 0;
    }
    g->in_file++;
    bool repeat = *ref ? g->kept > 0 : g->in_file <= g->kept;
    g->kept += !repeat;
    return repeat;
}

static bool each_once(struct recon *r, struct err *err) {
    struct repeats *g = mem_zeroed(sizeof *g);
    struct sorted now;
    bool end = false, ok = true;
    int64_t seq = 0;
    g->key_n = SIZE_MAX;
    while (ok && (ok = sorter_next(r->lines, &now, &end, err)) && !end) {
        char kind;
        struct recon_line l;
        struct unpacker u = unpack_start(now.data, now.data_n, &kind);
        const char *file = unpack_text(&u);
        line_unpack(&u, &l);
        if (is_repeat(g, &now, file, l.ref)) {
            r->report->repeated++;
            continue;
        }
        l.seq = seq++;
        ok = !(seq % 4096 == 0 && recon_stopped(r, err)) && take_line(r, &l, err);
    }
    free(g);
    return ok;
}

/* --- the orders behind the names --- */

static bool add_order_to_line(struct recon *r, int64_t seq, const struct sorted *order,
                              struct err *err) {
    struct packer p;
    struct recon_payment x;
    char kind, key[8];
    struct unpacker u = unpack_start(order->data, order->data_n, &kind);
    payment_unpack(&u, &x);
    key_i64(key, seq);
    pack_start(&p, 'O');
    payment_pack(&p, &x);
    return sorter_add(r->named, key, sizeof key, p.b, p.n, err);
}

/* All lines that name the order under `key`; hits before it name none. */
struct hits {
    struct sorted now;
    bool end, begun;
};

static bool hits_reach(struct recon *r, struct hits *h, const struct sorted *order,
                       struct err *err) {
    while (!h->begun ||
           (!h->end && bytes_compare(h->now.key, h->now.key_n, order->key, order->key_n) < 0)) {
        h->begun = true;
        if (!sorter_next(r->hits, &h->now, &h->end, err))
            return false;
    }
    return true;
}

/* Numbers of the lines that name one order: there may be several orders of one key. */
struct naming {
    char key[RECON_MAX_REF + 1];
    size_t key_n;
    int64_t seq[256];
    uint32_t n;
};

static bool gather(struct recon *r, struct hits *h, struct naming *g, const struct sorted *order,
                   struct err *err) {
    if (order->key_n == g->key_n && !memcmp(order->key, g->key, g->key_n))
        return true;
    g->key_n = order->key_n;
    memcpy(g->key, order->key, order->key_n);
    g->n = 0;
    if (!hits_reach(r, h, order, err))
        return false;
    while (!h->end && !bytes_compare(h->now.key, h->now.key_n, order->key, order->key_n)) {
        char kind;
        struct recon_line l;
        struct unpacker u = unpack_start(h->now.data, h->now.data_n, &kind);
        line_unpack(&u, &l);
        if (g->n == ARRAY_LEN(g->seq))
            return err_set(err, E_TOO_BIG, RECON_OP, l.where, "over 256 lines name one order");
        g->seq[g->n++] = l.seq;
        if (!sorter_next(r->hits, &h->now, &h->end, err))
            return false;
    }
    return true;
}

/* The run's number is of all of them, in their order. */
static bool note_payment(struct recon *r, const struct sorted *order, struct err *err) {
    struct recon_payment x;
    char kind;
    struct unpacker u = unpack_start(order->data, order->data_n, &kind);
    payment_unpack(&u, &x);
    digest_add(r->digest, order->data, order->data_n);
    return recon_note_tx(r, x.provider, x.tx_id, x.id, err);
}

static bool join_orders(struct recon *r, struct err *err) {
    struct sorted order;
    struct hits h = {.end = false};
    struct naming g = {.key_n = SIZE_MAX};
    bool end = false, ok = true;
    while (ok && (ok = sorter_next(r->orders, &order, &end, err)) && !end) {
        ok = note_payment(r, &order, err) && gather(r, &h, &g, &order, err);
        for (uint32_t i = 0; ok && i < g.n; i++)
            ok = add_order_to_line(r, g.seq[i], &order, err);
    }
    sorter_rewind(r->orders);
    return ok;
}

/* --- what each line claims --- */

struct named_line {
    struct recon_line line;
    struct recon_payment orders[ORDERS_MAX];
    uint32_t n;
    struct arena arena;
};

static bool claim(struct recon *r, const struct named_line *l, const struct recon_payment *order,
                  enum claim_kind kind, struct err *err) {
    struct packer p;
    char key[RECON_MAX_REF + 1];
    size_t key_n = recon_order_key(order->id, key);
    pack_start(&p, 'K');
    p.b[p.n++] = (char)('0' + kind);
    key_i64(p.b + p.n, l->line.day); /* earlier lines come first */
    p.n += 8;
    pack_i64(&p, kind == CLAIM_SHARE ? order->amount_vnd : l->line.amount_vnd);
    pack_text(&p, order->id);
    line_pack(&p, &l->line);
    return sorter_add(r->claims, key, key_n, p.b, p.n, err);
}

static bool decide(struct recon *r, const struct named_line *l, struct err *err) {
    const struct recon_payment *exact = NULL, *late = NULL, *longest = NULL;
    uint32_t n_exact = 0, n_late = 0;
    int64_t sum = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        const struct recon_payment *o = &l->orders[i];
        bool same = o->amount_vnd == l->line.amount_vnd;
        if (same && recon_in_window(r, &l->line, o))
            n_exact++, exact = o;
        else if (same)
            n_late++, late = o;
        sum = int_add(sum, o->amount_vnd);
        if (!longest || strlen(o->id) > strlen(longest->id))
            longest = o;
    }
    if (l->line.amount_vnd < 0)
        return claim(r, l, longest, CLAIM_REFUND, err);
    if (n_exact > 1 || (!n_exact && n_late > 1))
        return recon_emit_line(r, &l->line, "", RECON_UNMATCHED,
                               "several orders of this amount are named", l->line.amount_vnd, err);
    if (exact || late)
        return claim(r, l, exact ? exact : late, exact ? CLAIM_EXACT : CLAIM_LATE, err);
    if (l->n > 1 && sum == l->line.amount_vnd) {
        bool ok = true;
        for (uint32_t i = 0; ok && i < l->n; i++)
            ok = claim(r, l, &l->orders[i], CLAIM_SHARE, err);
        return ok;
    }
    return claim(r, l, longest, CLAIM_AMOUNT, err);
}

static bool end_of_line(struct recon *r, struct named_line *l, struct err *err) {
    if (!l->line.where)
        return true;
    return l->n ? decide(r, l, err) : take_loose(r, &l->line, err);
}

static void keep_line(struct named_line *l, struct recon_line *from) {
    arena_clear(&l->arena);
    l->line = *from;
    l->line.account = arena_strdup(&l->arena, from->account);
    l->line.ref = arena_strdup(&l->arena, from->ref);
    l->line.content = arena_strdup(&l->arena, from->content);
    l->line.where = arena_strdup(&l->arena, from->where);
    l->n = 0;
}

static void keep_order(struct named_line *l, struct recon_payment *from) {
    for (uint32_t i = 0; i < l->n; i++)
        if (!strcmp(l->orders[i].id, from->id))
            return; /* named twice */
    if (l->n == ORDERS_MAX)
        return;
    from->id = arena_strdup(&l->arena, from->id);
    from->provider = from->tx_id = from->updated = "";
    l->orders[l->n++] = *from;
}

static bool make_claims(struct recon *r, struct err *err) {
    struct named_line l = {.n = 0};
    struct sorted now;
    bool end = false, ok = true;
    arena_init(&l.arena);
    while (ok && (ok = sorter_next(r->named, &now, &end, err)) && !end) {
        char kind;
        struct recon_line line;
        struct recon_payment order;
        struct unpacker u = unpack_start(now.data, now.data_n, &kind);
        if (kind == 'L') {
            ok = end_of_line(r, &l, err);
            line_unpack(&u, &line);
            keep_line(&l, &line);
        } else {
            payment_unpack(&u, &order);
            keep_order(&l, &order);
        }
    }
    ok = ok && end_of_line(r, &l, err);
    arena_done(&l.arena);
    return ok;
}

/* --- gateways' rows, beside the lines --- */

struct paid_pass {
    struct recon *r; /* of it: paid, txs, settlements, last_paid */
    struct err err;
    bool ok;
};

static bool note_paid(struct recon *r, struct err *err) {
    struct sorted now;
    bool end = false, ok = true;
    uint64_t n = 0;
    while (ok && (ok = sorter_next(r->paid, &now, &end, err)) && !end) {
        struct recon_paid x;
        char kind;
        struct unpacker u = unpack_start(now.data, now.data_n, &kind);
        paid_unpack(&u, &x);
        recon_note_paid(r, &x);
        ok = !(n++ % 4096 == 0 && recon_stopped(r, err)) &&
             recon_note_tx(r, x.provider, x.tx_id, x.order_id, err);
    }
    sorter_rewind(r->paid);
    return ok;
}

static void *paid_beside(void *arg) {
    struct paid_pass *p = arg;
    p->ok = note_paid(p->r, &p->err);
    return NULL;
}

bool recon_lines(struct recon *r, struct err *err) {
    struct paid_pass paid = {.r = r};
    struct side_work beside;
    side_work_begin(&beside, paid_beside, &paid);
    bool ok = each_once(r, err);
    side_work_end(&beside);
    if (ok && !paid.ok)
        *err = paid.err;
    return ok && paid.ok && join_orders(r, err) && make_claims(r, err) &&
           recon_find_several(r, err);
}
