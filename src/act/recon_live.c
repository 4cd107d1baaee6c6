/* act/recon_live.c - instead of a gateway's file, its answers: one question for each payment. Each
 * gateway is a lane, a thread with its own pace, so that neither a pause of one nor its silence
 * holds up the others. What a gateway said is kept (act/gateway.h): a run that was interrupted goes
 * on where it was. A payment that nobody answers for is silent, one of a gateway that was left
 * alone is not asked about: both are "not checked" and never "not paid". */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "act/gateway.h"
#include "base/mem.h"
#include "recon_priv.h"

/* In a row; then the gateway is down, and is not asked about the rest. One that refuses to be asked
 * so often lives, and gets more patience than one that takes the whole of its deadline each time.
 */
#define SILENCES_MOST 3
#define TROUBLES_MOST 5

enum state { UNASKED, ASKED, SETTLED };
struct lane {
    struct live *live;
    struct gateway_asker *g;
    const struct pay_provider *provider;
    uint32_t first, end; /* its payments among those to ask */
    uint32_t troubles, silences;
    struct recon_asked *told;
    struct side_work work;
};
struct live {
    struct recon *r;
    struct lane lanes[RECON_PROVIDERS];
    uint32_t n_lanes;
    enum state *states;  /* by payment */
    uint32_t n_done;     /* in this run */
    pthread_mutex_t one; /* of the lanes at a time: what they have in common, and what follows */
    bool failed;
    struct err err;
};

static enum recon_told told_of(const struct pay_answer *r) {
    bool tells =
        r && (r->said == PAY_SAID_OPEN || r->said == PAY_SAID_FINAL || r->said == PAY_SAID_UNKNOWN);
    return tells ? RECON_TOLD : r ? RECON_SILENT : RECON_NOT_ASKED;
}

/* NULL: it was not asked about, and this is why. */
static void as_row(const struct recon_payment *d, const struct pay_answer *r, const char *why,
                   struct recon_paid *x) {
    bool says = r && (r->said == PAY_SAID_OPEN || r->said == PAY_SAID_FINAL);
    *x = (struct recon_paid){.provider = d->provider,
                             .order_id = d->id,
                             .tx_id = says && r->provider_tx_id ? r->provider_tx_id : "",
                             .where = !r        ? why
                                      : r->code ? r->code
                                                : pay_said_name(r->said),
                             .day = d->day,
                             .wall_s = says && r->has_pay_time ? r->pay_time_wall_s : 0,
                             .status = says ? r->status : PAY_STATUS_NONE,
                             .told = told_of(r)};
    if (x->told == RECON_SILENT && !r->code)
        x->where = r->reason;
    if (says)
        x->amount_vnd = r->has_amount ? r->amount_vnd : d->amount_vnd;
}

static bool settle(struct lane *n, uint32_t i, const struct pay_answer *answer, struct err *err) {
    struct recon_paid x;
    as_row(&n->live->r->to_ask[i], answer, n->told->why, &x);
    n->live->states[i] = SETTLED;
    *(answer ? &n->told->asked : &n->told->not_asked) += 1;
    return recon_add_paid(n->live->r, &x, err);
}

static bool answered(struct lane *n, uint32_t i, const struct pay_answer *answer, struct err *err) {
    struct live *l = n->live;
    pthread_mutex_lock(&l->one);
    recon_progress(l->r, ++l->n_done, n->told->provider);
    bool ok = settle(n, i, answer, err);
    pthread_mutex_unlock(&l->one);
    return ok;
}

static struct pay_question question_of(const struct recon_payment *d) {
    return (struct pay_question){.provider = pay_provider_stored(d->provider),
                                 .what = PAY_ASK_PAYMENT,
                                 .order = d->id,
                                 .created_wall_s = d->created_wall_s};
}

/* --- what was said in a run before --- */

static bool recall_all(struct lane *n, struct err *err) {
    struct recon *r = n->live->r;
    struct arena a;
    bool ok = true;
    arena_init(&a);
    for (uint32_t i = n->first; ok && i < n->end; i++) {
        struct pay_question q = question_of(&r->to_ask[i]);
        struct pay_answer answer;
        if (gateway_recall(n->g, &q, GATEWAY_SAID_TODAY, &a, &answer))
            ok = settle(n, i, &answer, err);
        arena_clear(&a);
        ok = ok && !(i % 256 == 0 && recon_stopped(r, err));
    }
    arena_done(&a);
    return ok;
}

/* --- asking --- */

static bool lane_is_over(const struct lane *n) {
    return n->troubles >= TROUBLES_MOST || n->silences >= SILENCES_MOST;
}

/* An outage, or "too soon", says nothing: it is asked once more, after all the others. NULL: it was
 * not even asked now. */
static bool troubled(struct lane *n, uint32_t i, const struct pay_answer *answer, bool again,
                     struct err *err) {
    enum state *state = &n->live->states[i];
    n->troubles++;
    n->silences = answer && answer->silent ? n->silences + 1 : 0;
    if (again)
        return answered(n, i, answer, err);
    *state = answer ? ASKED : UNASKED;
    return true;
}

static bool ask_one(struct lane *n, uint32_t i, bool again, struct arena *a, struct err *err) {
    struct pay_answer answer;
    struct pay_question q = question_of(&n->live->r->to_ask[i]);
    if (!gateway_ask(n->g, &q, GATEWAY_SAID_TODAY, a, &answer, err)) {
        if (err->code == E_CANCELLED)
            return false;
        str_copy(n->told->why, sizeof n->told->why, err->why);
        /* Another process was quicker and is told to wait, or it cannot be asked at all. */
        return err->code == E_NOT_READY ? troubled(n, i, NULL, again, err)
                                        : answered(n, i, NULL, err);
    }
    if (answer.said == PAY_SAID_NOTHING && answer.retry) {
        str_copy(n->told->why, sizeof n->told->why, answer.reason);
        return troubled(n, i, &answer, again, err);
    }
    n->troubles = n->silences = 0;
    return answered(n, i, &answer, err);
}

/* Until it may be asked again; false where the run ends. */
static bool lane_wait(struct lane *n, struct err *err) {
    struct live *l = n->live;
    int64_t wait_ms = 0;
    do {
        pthread_mutex_lock(&l->one);
        bool failed = l->failed;
        pthread_mutex_unlock(&l->one);
        if (failed || recon_stopped(l->r, err) || (wait_ms && !gateway_pause(n->g, wait_ms, err)))
            return false;
    } while ((wait_ms = gateway_wait_ms(n->g, n->provider)) > 0);
    return true;
}

static bool ask_all(struct lane *n, bool again, struct err *err) {
    struct arena a;
    bool ok = true;
    arena_init(&a);
    for (uint32_t i = n->first; ok && i < n->end && !lane_is_over(n); i++) {
        if (n->live->states[i] != SETTLED)
            ok = lane_wait(n, err) && ask_one(n, i, again, &a, err);
        arena_clear(&a);
    }
    arena_done(&a);
    return ok;
}

/* Of one that was given up. */
static bool leave_rest(struct lane *n, struct err *err) {
    const struct pay_answer silent = {.said = PAY_SAID_NOTHING, .reason = n->told->why};
    bool ok = true;
    n->told->left_alone = lane_is_over(n);
    for (uint32_t i = n->first; ok && i < n->end; i++)
        if (n->live->states[i] != SETTLED)
            ok = answered(n, i, n->live->states[i] == ASKED ? &silent : NULL, err);
    return ok;
}

static void *lane_run(void *arg) {
    struct lane *n = arg;
    struct live *l = n->live;
    struct err err = {.code = E_NONE};
    /* It was silent in a run before: one question shows whether it still is. */
    if (gateway_wait_ms(n->g, n->provider) > n->provider->gateway->pause_ms)
        n->silences = SILENCES_MOST - 1;
    if (ask_all(n, false, &err) && ask_all(n, true, &err) && leave_rest(n, &err))
        return NULL;
    pthread_mutex_lock(&l->one);
    if (!l->failed)
        l->err = err;
    l->failed = true;
    pthread_mutex_unlock(&l->one);
    return NULL;
}

/* --- the run --- */

/* What was kept takes no time and is not counted: else the rate, and with it the time that is left,
 * would be of what needs no asking. */
static bool ask_rest(struct live *l, struct err *err) {
    uint32_t n_left = 0;
    for (uint32_t i = 0; i < l->r->n_to_ask; i++)
        n_left += l->states[i] != SETTLED;
    recon_stage(l->r, "ask", n_left);
    for (uint32_t i = 0; i < l->n_lanes; i++)
        side_work_begin(&l->lanes[i].work, lane_run, &l->lanes[i]);
    for (uint32_t i = 0; i < l->n_lanes; i++)
        side_work_end(&l->lanes[i].work);
    if (!l->failed)
        return true;
    *err = l->err;
    if (err->code == E_CANCELLED)
        err->todo = "run it again within half a day: what was answered so far is not asked anew";
    return false;
}

static int by_id(const void *a, const void *b) {
    const struct recon_payment *x = a, *y = b;
    int provider = strcmp(x->provider, y->provider);
    return provider ? provider : strcmp(x->id, y->id);
}

static void lane_open(struct live *l, uint32_t first) {
    const struct reconcile_request *q = l->r->q;
    struct reconcile_report *t = l->r->report;
    const char *provider = l->r->to_ask[first].provider;
    struct recon_asked *told = &t->gateways[t->n_gateways++];
    str_copy(told->provider, sizeof told->provider, provider);
    l->lanes[l->n_lanes++] =
        (struct lane){.live = l,
                      .g = gateway_open(q->settings, q->state_dir, q->cancel_fd),
                      .provider = pay_provider_stored(provider),
                      .first = first,
                      .told = told};
}

/* They are sorted by provider. */
static bool make_lanes(struct live *l, struct err *err) {
    const struct recon *r = l->r;
    for (uint32_t i = 0; i < r->n_to_ask; i++) {
        const char *provider = r->to_ask[i].provider;
        if (!i || strcmp(provider, r->to_ask[i - 1].provider) != 0) {
            if (l->n_lanes == RECON_PROVIDERS)
                return err_set(err, E_TOO_BIG, RECON_OP, provider, "is one gateway too many");
            lane_open(l, i);
        }
        l->lanes[l->n_lanes - 1].end = i + 1;
    }
    return true;
}

bool recon_live(struct recon *r, struct err *err) {
    struct live l = {.r = r, .one = PTHREAD_MUTEX_INITIALIZER};
    if (!r->n_to_ask)
        return true;
    qsort(r->to_ask, r->n_to_ask, sizeof *r->to_ask, by_id);
    r->report->gateways = arena_alloc(r->arena, RECON_PROVIDERS * sizeof *r->report->gateways);
    l.states = mem_zeroed(r->n_to_ask * sizeof *l.states);
    bool ok = make_lanes(&l, err);
    for (uint32_t i = 0; ok && i < l.n_lanes; i++)
        ok = recall_all(&l.lanes[i], err);
    ok = ok && ask_rest(&l, err);
    for (uint32_t i = 0; i < l.n_lanes; i++)
        gateway_close(l.lanes[i].g);
    free(l.states);
    return ok;
}
