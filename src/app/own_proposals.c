/* app/own_proposals.c - suggested matches that wait for a second person, or were decided, as a
 * reading: who waits for whom, what would change, and whether the payment is still the same. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "own_readings_priv.h"

#define ROWS_MAX 400 /* what waits first; goodgo payments proposals has them all */

enum {
    P_STATE,
    P_MADE,
    P_ORDER,
    P_VND,
    P_BANK,
    P_FITS,
    P_MAKER,
    P_WHY,
    P_EVIDENCE,
    P_REASON,
    P_THEN,
    P_NOW,
    P_DECIDE,
    P_CHANGE,
    P_CHECKER,
    P_COMMAND
};
static const struct column columns[] = {
    [P_STATE] = {"state", "STATE", UNIT_NONE, 8, 0},
    [P_MADE] = {"made", "AGO", UNIT_TIME, 6, 1},
    [P_ORDER] = {"payment", "PAYMENT", UNIT_NONE, 10, 0},
    [P_VND] = {"vnd", "VND", UNIT_VND, 11, 0},
    [P_BANK] = {"bank_vnd", "BANK VND", UNIT_VND, 11, 2},
    [P_FITS] = {"fits", "FITS", UNIT_NONE, 4, 0},
    [P_MAKER] = {"maker", "BY", UNIT_NONE, 8, 0},
    [P_WHY] = {"why", "WHY", UNIT_NONE, 0, 3},
    [P_EVIDENCE] = {"evidence", "STATEMENT", UNIT_NONE, 0, 4},
    [P_REASON] = {"reason", "FOR", UNIT_NONE, 0, 9},
    [P_THEN] = {"then", "THEN", UNIT_NONE, 0, 9},
    [P_NOW] = {"now", "NOW", UNIT_NONE, 0, 9},
    [P_DECIDE] = {"decide", "YOU", UNIT_NONE, 0, 5},
    [P_CHANGE] = {"change", "WHAT WOULD CHANGE", UNIT_NONE, 0, 9},
    [P_CHECKER] = {"checker", "DECIDED", UNIT_NONE, 0, 9},
    [P_COMMAND] = {"command", "COMMAND", UNIT_NONE, 0, 9},
};

/* One with what may be done about it. */
struct item {
    const struct proposal *p;
    const struct proposal_version *now; /* NULL = not known */
    enum proposal_state state;
    const char *refusal; /* NULL: it waits for whoever looks */
};

/* What waits for whoever looks, then what waits for others, then the rest; newest first. */
static int rank(const struct item *i) {
    return i->state != PROPOSAL_WAITS ? 2 : i->refusal ? 1 : 0;
}

static int order(const void *a, const void *b) {
    const struct item *x = a, *y = b;
    if (rank(x) != rank(y))
        return rank(x) - rank(y);
    if (x->p->made_wall_s != y->p->made_wall_s)
        return x->p->made_wall_s > y->p->made_wall_s ? -1 : 1;
    return strcmp(x->p->id, y->p->id);
}

static enum health health_of(const struct item *i) {
    return i->state == PROPOSAL_APPROVED               ? HEALTH_OK
           : i->state == PROPOSAL_WAITS && !i->refusal ? HEALTH_WARNING
                                                       : HEALTH_OFF;
}

static const char *fits(const struct own_proposals *o, const struct item *i) {
    if (i->state != PROPOSAL_WAITS)
        return "-";
    if (!o->versions)
        return "??";
    return i->now && proposal_fits(i->p, i->now) ? "yes" : "NO";
}

/* "PENDING since 2026-03-10 01:03:00" */
static const char *version(struct arena *a, const char *status, const char *updated) {
    return arena_printf(a, "%s since %s", status, updated);
}

static const char *now_text(struct arena *a, const struct own_proposals *o, const struct item *i) {
    if (i->state != PROPOSAL_WAITS)
        return NULL;
    if (i->now)
        return version(a, i->now->status, i->now->updated);
    if (o->versions)
        return "there is no such payment any more";
    return o->why_not ? arena_printf(a, "not known: %s", o->why_not->why) : "being looked at";
}

static const char *decided(struct arena *a, const struct proposal *p) {
    char at[40];
    if (!*p->checker)
        return NULL;
    pay_time_text(p->approved_wall_s ? p->approved_wall_s : p->declined_wall_s, at, sizeof at);
    return arena_printf(a, "%s by %s at %.16s: %s", p->approved_wall_s ? "approved" : "declined",
                        p->checker, at, p->decision_reason ? p->decision_reason : "no reason");
}

static void put_words(struct reading *out, struct row *row, const struct own_proposals *o,
                      const struct item *i) {
    struct arena *a = out->arena;
    const struct proposal *p = i->p;
    bool waits = i->state == PROPOSAL_WAITS;
    row_text(out, row, P_WHY, p->why);
    row_text(out, row, P_EVIDENCE, p->evidence);
    row_text(out, row, P_REASON, p->reason);
    row_text(out, row, P_THEN, version(a, p->status, p->updated));
    row_text(out, row, P_NOW, now_text(a, o, i));
    row_text(out, row, P_CHECKER, decided(a, p));
    row_text(out, row, P_DECIDE,
             i->refusal ? i->refusal : "you may: approve-proposal or decline-proposal");
    if (waits)
        row_text(out, row, P_CHANGE,
                 "no payment; later reports name the two of you, and settling it is an act of its "
                 "own");
    row_text(out, row, P_COMMAND,
             waits ? arena_printf(a, "goodgo payments approve %s --dry-run", p->id)
                   : "goodgo payments proposals");
}

static void put_item(struct reading *out, struct table *t, const struct own_proposals *o,
                     const struct item *i) {
    struct row *row = table_add_row(out, t, i->p->id, health_of(i));
    row_text(out, row, P_STATE, proposal_state_name(i->state));
    row_int(row, P_MADE, i->p->made_wall_s);
    row_text(out, row, P_ORDER, i->p->order_id);
    row_int(row, P_VND, i->p->db_vnd);
    row_int(row, P_BANK, i->p->bank_vnd);
    row_text(out, row, P_FITS, fits(o, i));
    row_text(out, row, P_MAKER, i->p->maker);
    put_words(out, row, o, i);
}

static struct item *judged(const struct own_proposals *o, int64_t now_wall_s, struct arena *a) {
    struct item *items = mem_alloc((o->n + 1) * sizeof *items);
    for (uint32_t k = 0; k < o->n; k++) {
        const struct proposal *p = &o->list[k];
        struct item *i = &items[k];
        *i = (struct item){.p = p, .state = proposal_state(p, now_wall_s)};
        if (o->versions && i->state == PROPOSAL_WAITS)
            i->now = proposal_version_of(o->versions, p->order_id);
        i->refusal = proposal_refusal(p, o->me, i->now, now_wall_s, a);
        if (!i->refusal && o->versions && !i->now)
            i->refusal = "there is no such payment any more";
    }
    if (o->n)
        qsort(items, o->n, sizeof *items, order);
    return items;
}

struct section *own_proposals(const struct own_proposals *o, int64_t now_mono_ms,
                              int64_t now_wall_ms) {
    struct section *sec = own_section(now_mono_ms, now_wall_ms);
    struct reading *out = &sec->reading;
    struct table *t = reading_add_table(out, "proposals", "Proposals", columns, ARRAY_LEN(columns));
    struct item *items = judged(o, now_wall_ms / 1000, out->arena);
    int64_t n_waiting = 0, n_yours = 0;
    for (uint32_t k = 0; k < o->n; k++) {
        n_waiting += items[k].state == PROPOSAL_WAITS;
        n_yours += items[k].state == PROPOSAL_WAITS && !items[k].refusal;
        if (k < ROWS_MAX)
            put_item(out, t, o, &items[k]);
    }
    free(items);
    reading_int(out, "waiting", UNIT_COUNT, n_waiting);
    reading_int(out, "for_you", UNIT_COUNT, n_yours);
    if (o->n > ROWS_MAX)
        reading_int(out, "left_out", UNIT_COUNT, o->n - ROWS_MAX);
    sec->health = n_yours ? HEALTH_WARNING : HEALTH_OK;
    return sec;
}
