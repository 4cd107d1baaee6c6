/* act/recon_live.c - instead of a gateway's file, its answers: one question for each payment. Each
 * gateway is a lane with its own pace, so that the slow one does not hold up the others. What a
 * gateway said is kept (act/gateway.h): a run that was interrupted goes on where it was. A payment
 * that nobody answers for is silent, which is "not checked" and never "not paid". */
#include <stdlib.h>
#include <string.h>

#include "act/gateway.h"
#include "base/mem.h"
#include "recon_priv.h"

#define TROUBLES_MOST 5 /* in a row; then the gateway is down, and is not asked for the rest */

enum turn { TURN_FIRST, TURN_AGAIN, TURN_OVER };
struct lane {
    const struct pay_provider *provider;
    uint32_t at, first, end; /* its payments among those to ask */
    enum turn turn;
    uint32_t troubles;
};
struct live {
    struct recon *r;
    struct gateway_asker *g;
    struct lane lanes[RECON_PROVIDERS];
    uint32_t n_lanes;
    enum turn *due;          /* by payment: in which turn it is asked */
    uint32_t n_kept, n_done; /* said before, and in this run */
};

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

static bool add(struct live *l, uint32_t i, const struct pay_answer *answer, struct err *err) {
    struct recon_paid x;
    as_row(&l->r->to_ask[i], answer, &x);
    l->due[i] = TURN_OVER;
    return recon_add_paid(l->r, &x, err);
}

static bool answered(struct live *l, uint32_t i, const struct pay_answer *answer, struct err *err) {
    l->n_done++;
    recon_progress(l->r, l->n_done, l->r->to_ask[i].provider);
    return add(l, i, answer, err);
}

static struct pay_question question_of(const struct recon_payment *d) {
    return (struct pay_question){.provider = pay_provider_stored(d->provider),
                                 .what = PAY_ASK_PAYMENT,
                                 .order = d->id,
                                 .created_wall_s = d->created_wall_s};
}

/* --- what was said in a run before --- */

static bool recall_all(struct live *l, struct err *err) {
    struct arena a;
    bool ok = true;
    arena_init(&a);
    for (uint32_t i = 0; ok && i < l->r->n_to_ask; i++) {
        struct pay_question q = question_of(&l->r->to_ask[i]);
        struct pay_answer answer;
        if (gateway_recall(l->g, &q, GATEWAY_SAID_TODAY, &a, &answer)) {
            l->n_kept++;
            ok = add(l, i, &answer, err);
        }
        arena_clear(&a);
        ok = ok && !(i % 256 == 0 && recon_stopped(l->r, err));
    }
    arena_done(&a);
    return ok;
}

/* --- asking --- */

/* The next one that is due; false: the lane is at its end. */
static bool lane_next(const struct live *l, struct lane *lane) {
    for (; lane->turn != TURN_OVER; lane->turn++, lane->at = lane->first)
        for (; lane->at < lane->end; lane->at++)
            if (l->due[lane->at] == lane->turn)
                return true;
    return false;
}

/* Of those that are not at their end the one that may be asked soonest; NULL: all are. */
static struct lane *soonest(struct live *l, int64_t *ret_wait_ms) {
    struct lane *best = NULL;
    for (uint32_t i = 0; i < l->n_lanes; i++) {
        if (!lane_next(l, &l->lanes[i]))
            continue;
        int64_t wait_ms = gateway_wait_ms(l->g, l->lanes[i].provider);
        if (best && wait_ms >= *ret_wait_ms)
            continue;
        best = &l->lanes[i];
        *ret_wait_ms = wait_ms;
    }
    return best;
}

/* An outage, or "too soon", says nothing: it is asked once more, after all the others. */
static bool troubled(struct live *l, struct lane *lane, const struct pay_answer *answer,
                     struct err *err) {
    struct pay_answer silent = {.reason = answer->reason};
    uint32_t i = lane->at;
    bool ok = true;
    lane->troubles++;
    if (lane->turn == TURN_FIRST)
        l->due[i] = TURN_AGAIN;
    else
        ok = answered(l, i, answer, err);
    if (lane->troubles < TROUBLES_MOST)
        return ok;
    silent.code = "no answer of its gateway";
    for (i = lane->first; ok && i < lane->end; i++)
        if (l->due[i] != TURN_OVER)
            ok = answered(l, i, &silent, err);
    return ok;
}

static bool ask_one(struct live *l, struct lane *lane, struct arena *a, struct err *err) {
    struct pay_answer answer;
    struct pay_question q = question_of(&l->r->to_ask[lane->at]);
    if (!gateway_ask(l->g, &q, GATEWAY_SAID_TODAY, a, &answer, err)) {
        if (err->code == E_CANCELLED)
            return false;
        /* Another process was quicker and is told to wait, or it cannot be asked at all. */
        answer = (struct pay_answer){.said = PAY_SAID_REFUSED, .code = err->why};
        return err->code == E_NOT_READY ? troubled(l, lane, &answer, err)
                                        : answered(l, lane->at, &answer, err);
    }
    if (answer.said == PAY_SAID_NOTHING && answer.retry)
        return troubled(l, lane, &answer, err);
    lane->troubles = 0;
    return answered(l, lane->at, &answer, err);
}

static bool ask_all(struct live *l, struct err *err) {
    struct lane *lane;
    struct arena a;
    int64_t wait_ms = 0;
    bool ok = true;
    arena_init(&a);
    while (ok && (lane = soonest(l, &wait_ms)) != NULL) {
        ok = !recon_stopped(l->r, err) &&
             (wait_ms ? gateway_pause(l->g, wait_ms, err) : ask_one(l, lane, &a, err));
        arena_clear(&a);
    }
    arena_done(&a);
    return ok;
}

/* --- the run --- */

/* What was kept takes no time and is not counted: else the rate, and with it the time that is left,
 * would be of what needs no asking. */
static bool ask_rest(struct live *l, struct err *err) {
    struct recon *r = l->r;
    recon_stage(r, "ask", r->n_to_ask - l->n_kept);
    if (ask_all(l, err))
        return true;
    if (err->code == E_CANCELLED)
        err->todo = "run it again within half a day: what was answered so far is not asked anew";
    return false;
}

static int by_id(const void *a, const void *b) {
    const struct recon_payment *x = a, *y = b;
    int provider = strcmp(x->provider, y->provider);
    return provider ? provider : strcmp(x->id, y->id);
}

/* They are sorted by provider. */
static bool make_lanes(struct live *l, struct err *err) {
    const struct recon *r = l->r;
    for (uint32_t i = 0; i < r->n_to_ask; i++) {
        struct lane *last = l->n_lanes ? &l->lanes[l->n_lanes - 1] : NULL;
        const struct pay_provider *p = pay_provider_stored(r->to_ask[i].provider);
        if (!last || last->provider != p) {
            if (l->n_lanes == RECON_PROVIDERS)
                return err_set(err, E_TOO_BIG, RECON_OP, r->to_ask[i].provider,
                               "is one gateway too many");
            last = &l->lanes[l->n_lanes++];
            *last = (struct lane){.provider = p, .at = i, .first = i};
        }
        last->end = i + 1;
    }
    return true;
}

bool recon_live(struct recon *r, struct err *err) {
    struct live l = {.r = r};
    if (!r->n_to_ask)
        return true;
    r->report->asked = r->n_to_ask;
    qsort(r->to_ask, r->n_to_ask, sizeof *r->to_ask, by_id);
    l.due = mem_zeroed(r->n_to_ask * sizeof *l.due);
    l.g = gateway_open(r->q->settings, r->q->state_dir, r->q->cancel_fd);
    bool ok = make_lanes(&l, err) && recall_all(&l, err) && ask_rest(&l, err);
    gateway_close(l.g);
    free(l.due);
    return ok;
}
