/* act/recon_suggest.c - what is left: lines that name no order, and open transfers that no line
 * names. Of one amount: a reference with one letter wrong, else the only open order in the window.
 * Nothing here is decided: a person proposes it and another approves. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "recon_priv.h"

#define AMOUNT_MAX 2048u /* lines and orders of one amount that are compared with each other */

struct amount {
    struct arena arena;
    struct recon_line *lines;
    struct recon_payment *orders;
    int *order_of; /* per line; -1 = none */
    int *line_of;  /* per order */
    const char **why;
    uint32_t n_lines, n_orders;
    bool cut; /* more of them than are compared */
};

static void pair(struct amount *a, uint32_t line, uint32_t order, const char *why) {
    a->order_of[line] = (int)order;
    a->line_of[order] = (int)line;
    a->why[order] = why;
}

static void by_letters(const struct recon *r, struct amount *a) {
    for (uint32_t i = 0; i < a->n_lines; i++) {
        struct recon_text t;
        int found = -1;
        recon_normal(&t, a->lines[i].content);
        for (uint32_t k = 0; k < a->n_orders && found != -2; k++) {
            char key[RECON_MAX_REF + 1];
            size_t n = recon_order_key(a->orders[k].id, key);
            if (a->line_of[k] < 0 && recon_in_window(r, &a->lines[i], &a->orders[k]) &&
                recon_almost(&t, key, n))
                found = found < 0 ? (int)k : -2;
        }
        if (found >= 0)
            pair(a, i, (uint32_t)found, "almost names it, its amount");
    }
}

/* One order for the line, and one line for the order. */
static int only_order(const struct recon *r, const struct amount *a, uint32_t line) {
    int found = -1;
    for (uint32_t k = 0; k < a->n_orders; k++)
        if (a->line_of[k] < 0 && recon_in_window(r, &a->lines[line], &a->orders[k])) {
            if (found >= 0)
                return -1;
            found = (int)k;
        }
    return found;
}

static void by_amount(const struct recon *r, struct amount *a) {
    for (uint32_t i = 0; i < a->n_lines; i++) {
        int k = a->order_of[i] < 0 ? only_order(r, a, i) : -1;
        if (k >= 0)
            pair(a, i, (uint32_t)k, "the only open order of this amount in the window");
    }
}

static bool emit_order(struct recon *r, struct amount *a, uint32_t k, struct err *err) {
    const struct recon_payment *d = &a->orders[k];
    const struct recon_line *l = a->line_of[k] >= 0 ? &a->lines[a->line_of[k]] : NULL;
    struct recon_row row = recon_row_of(d);
    if (!d->in_range && !(l && recon_day_in(r, l->day))) {
        if (l)
            r->report->outside.bank_vnd = int_add(r->report->outside.bank_vnd, l->amount_vnd);
        return true;
    }
    row.category = l ? RECON_SUGGESTED : RECON_NOT_PAID;
    row.why = l ? a->why[k] : "open, no line of the bank is for it";
    if (l) {
        row.has_bank = true;
        row.bank_vnd = l->amount_vnd;
        row.evidence = arena_printf(&a->arena, "%s%s%s", l->where, *l->ref ? " " : "", l->ref);
    }
    return recon_emit(r, &row, err);
}

static bool emit_line(struct recon *r, const struct amount *a, const struct recon_line *l,
                      struct err *err) {
    struct recon_text t;
    recon_normal(&t, l->content);
    bool ours = recon_has_prefix(&t, r->q->ref_prefix);
    return recon_emit_line(r, l, "", ours ? RECON_MISSING_IN_DB : RECON_UNMATCHED,
                           ours     ? "has our prefix, names no order that is here"
                           : a->cut ? "names no order; too many of this amount to suggest one"
                                    : "names no order",
                           l->amount_vnd, err);
}

static bool end_of_amount(struct recon *r, struct amount *a, struct err *err) {
    bool ok = true;
    if (!a->cut) {
        by_letters(r, a);
        by_amount(r, a);
    }
    for (uint32_t k = 0; ok && k < a->n_orders; k++)
        ok = emit_order(r, a, k, err);
    for (uint32_t i = 0; ok && i < a->n_lines; i++)
        if (a->order_of[i] < 0)
            ok = emit_line(r, a, &a->lines[i], err);
    arena_clear(&a->arena);
    a->n_lines = a->n_orders = 0;
    return ok;
}

static bool keep(struct recon *r, struct amount *a, const struct sorted *now, struct err *err) {
    char kind;
    if (a->n_lines == AMOUNT_MAX || a->n_orders == AMOUNT_MAX) {
        a->cut = true; /* what was kept is let go, unsuggested, to make room */
        if (!end_of_amount(r, a, err))
            return false;
    }
    char *copy = arena_alloc(&a->arena, now->data_n);
    memcpy(copy, now->data, now->data_n);
    struct unpacker u = unpack_start(copy, now->data_n, &kind);
    if (kind == 'L') {
        a->order_of[a->n_lines] = -1;
        line_unpack(&u, &a->lines[a->n_lines++]);
    } else {
        a->line_of[a->n_orders] = -1;
        payment_unpack(&u, &a->orders[a->n_orders++]);
    }
    return true;
}

static void amount_init(struct amount *a) {
    *a = (struct amount){.lines = mem_alloc(AMOUNT_MAX * sizeof *a->lines),
                         .orders = mem_alloc(AMOUNT_MAX * sizeof *a->orders),
                         .order_of = mem_alloc(AMOUNT_MAX * sizeof *a->order_of),
                         .line_of = mem_alloc(AMOUNT_MAX * sizeof *a->line_of),
                         .why = mem_alloc(AMOUNT_MAX * sizeof *a->why)};
    arena_init(&a->arena);
}

static void amount_done(struct amount *a) {
    free(a->lines);
    free(a->orders);
    free(a->order_of);
    free(a->line_of);
    free(a->why);
    arena_done(&a->arena);
}

bool recon_suggest(struct recon *r, struct err *err) {
    struct amount a;
    struct sorted now;
    char key[8] = {0};
    bool end = false, ok = true;
    amount_init(&a);
    while (ok && (ok = sorter_next(r->loose, &now, &end, err)) && !end) {
        if (memcmp(now.key, key, sizeof key) != 0) {
            ok = !recon_stopped(r, err) && end_of_amount(r, &a, err);
            a.cut = false;
            memcpy(key, now.key, sizeof key);
        }
        ok = ok && keep(r, &a, &now, err);
    }
    ok = ok && end_of_amount(r, &a, err);
    amount_done(&a);
    return ok;
}
