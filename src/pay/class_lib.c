/* pay/class_lib.c - what a stored message and its row say of each other, and whether the provider
 * will settle it without us; see codec/payrow.h. The classes are those that our database and our
 * keys alone can tell: what the gateway and the bank say comes with a reconciliation. */
#include "codec/payrow.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "pay_priv.h"

const struct pay_class_info pay_class_info[PAY_CLASS_COUNT] = {
    [PAY_CLASS_PAID_NOT_CREDITED] =
        {"paid_not_credited", "PAID-NOT-CREDITED", "STATUS_MISMATCH",
         "paid, as the provider's authentic message says, and open here",
         "replay the stored message, unless it heals by itself", 3},
    [PAY_CLASS_AMOUNT_DIFFERS] = {"amount_differs", "AMOUNT-DIFFERS", "AMOUNT_MISMATCH",
                                  "paid, but another amount than ours",
                                  "hold it and ask finance; never replay it", 3},
    [PAY_CLASS_DUPLICATE] = {"duplicate", "DUPLICATE", "DUPLICATE",
                             "paid twice, or one transaction on two payments",
                             "keep the first, and propose a refund of the other", 3},
    [PAY_CLASS_STATUS_DIFFERS] = {"status_differs", "STATUS-DIFFERS", "STATUS_MISMATCH",
                                  "settled here, and the provider's message says otherwise",
                                  "ask the gateway, then let two people correct it", 3},
    [PAY_CLASS_OTHER_ORDER] = {"other_order", "OTHER-ORDER", "MISSING_IN_DB",
                               "an authentic message about another order is stored with it",
                               "find out how it came here; replay it for no order", 3},
    [PAY_CLASS_BAD_SIGNATURE] =
        {"bad_signature", "BAD-SIGNATURE", NULL,
         "what is stored is not authentic, whole and ours: it proves nothing",
         "goodgo payments verify ID says why; ask the gateway", 2},
    [PAY_CLASS_NOT_VERIFIED] = {"not_verified", "NOT-VERIFIED", NULL,
                                "what is stored cannot be judged with the settings of this console",
                                "set the provider's credentials in the env file", 2},
    [PAY_CLASS_NOT_CLOSED] = {"not_closed", "NOT-CLOSED", "STATUS_MISMATCH",
                              "failed, as the provider's authentic message says, and open here",
                              "replay the stored message: it closes the payment as failed", 2},
    [PAY_CLASS_NOT_FINAL] = {"not_final", "NOT-FINAL", NULL, "the provider has not decided yet",
                             "ask the gateway later", 1},
    [PAY_CLASS_STUCK] = {"stuck", "STUCK", NULL,
                         "open, without any message, and the time to pay is over",
                         "ask the gateway: paid and lost, or never paid", 2},
    [PAY_CLASS_BANK_OPEN] = {"bank_open", "BANK-OPEN", "UNSETTLED",
                             "a bank transfer that nobody has matched yet",
                             "reconcile its day, then settle-transfer by the statement", 1},
    [PAY_CLASS_WAITING] = {"waiting", "WAITING", NULL, "the customer may still be paying", "wait",
                           0},
    [PAY_CLASS_SETTLED] = {"settled", "SETTLED", "MATCHED", "nothing to do", "nothing", 0},
};

bool pay_class_parse(const char *id, enum pay_class *ret) {
    for (unsigned c = 0; c < PAY_CLASS_COUNT; c++)
        if (!strcmp(pay_class_info[c].id, id)) {
            *ret = (enum pay_class)c;
            return true;
        }
    return false;
}

/* --- what the messages say --- */

/* What is told of another order hides nothing that is told of ours. */
enum weight { NOTHING, FORGED, BROWSER, OTHER_ORDER, NOT_PAID, PAID };

struct look {
    const struct pay_row *row;
    const struct settings *settings;
    bool explain;
    struct arena *arena;
    struct pay_verdict *verdict;
    const char *success_tx; /* of the first authentic success */
    const char *other_tx;   /* the same, where the row was credited for another; NULL */
    bool paid_twice;
    const char *unset; /* which credential is not set; NULL */
    enum weight best;
};

/* The key that counted when it came in: we know only that this was between the two times. */
static bool verify(struct look *l, const struct pay_message *m, struct pay_result *ret) {
    int64_t times[] = {l->row->updated_wall_ms / 1000, l->row->created_wall_ms / 1000};
    struct pay_request q = {.provider = l->row->gateway, .bytes = m->bytes, .n = m->n};
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        q.received_wall_s = times[i];
        q.explain = l->explain && i + 1 == ARRAY_LEN(times);
        if (!pay_verify(&q, l->settings, l->arena, ret, &err)) {
            l->unset = arena_strdup(l->arena, err.target);
            return false;
        }
        if (ret->failure != PAY_BAD_SIGNATURE)
            break;
    }
    return true;
}

static bool names_row(const struct pay_row *row, const char *order_id) {
    return !strcmp(order_id, row->id) ||
           (row->gateway->habits.dated_orders && !strcmp(pay_order_undated(order_id), row->id));
}

static bool is_ours(const struct pay_row *row, const struct pay_result *r) {
    return r->order_id && names_row(row, r->order_id);
}

static enum weight weight(const struct pay_row *row, const struct pay_result *r) {
    if (!r->valid)
        return FORGED;
    if (r->display_only)
        return BROWSER;
    if (!is_ours(row, r))
        return OTHER_ORDER;
    return r->is_success ? PAID : NOT_PAID;
}

/* "0" is what VNPay and MoMo say where there is none. */
static bool differ(const char *x, const char *y) {
    return x && y && strcmp(x, "0") != 0 && strcmp(y, "0") != 0 && strcmp(x, y) != 0;
}

static void note_success(struct look *l, const struct pay_result *r) {
    const char *tx = r->provider_tx_id;
    if (weight(l->row, r) != PAID || !tx)
        return;
    if (l->row->status == PAY_COMPLETED && differ(l->row->provider_tx_id, tx))
        l->other_tx = tx;
    l->paid_twice = l->paid_twice || l->other_tx || differ(l->success_tx, tx);
    l->success_tx = l->success_tx && strcmp(l->success_tx, "0") != 0 ? l->success_tx : tx;
}

/* Of several the strongest counts, and among equals the last. */
static void look_at_messages(struct look *l) {
    struct pay_message *all = arena_alloc(l->arena, PAY_STORED_MAX * sizeof *all);
    const struct pay_row *row = l->row;
    struct pay_verdict *v = l->verdict;
    if (!row->callback || row->callback_cut)
        return;
    v->n_messages = pay_stored_messages(row->callback, row->callback_n, l->arena, all);
    for (uint32_t i = 0; i < v->n_messages; i++) {
        struct pay_result *r = arena_alloc(l->arena, sizeof *r);
        if (!row->gateway || !verify(l, &all[i], r)) {
            v->message = v->message ? v->message : &all[i];
            continue;
        }
        note_success(l, r);
        if (weight(row, r) < l->best)
            continue;
        l->best = weight(row, r);
        v->message = &all[i];
        v->callback = r;
    }
}

/* --- classes --- */

static enum pay_class settled_class(const struct look *l) {
    const struct pay_row *row = l->row;
    const struct pay_result *r = l->verdict->callback;
    bool told = r && weight(row, r) >= NOT_PAID;
    if (row->status == PAY_REFUNDED)
        return PAY_CLASS_SETTLED;
    if (row->status == PAY_COMPLETED && (row->n_same_tx || l->paid_twice))
        return PAY_CLASS_DUPLICATE;
    if (told && r->is_success && row->status == PAY_FAILED)
        return PAY_CLASS_STATUS_DIFFERS;
    if (told && r->status == PAY_FAILED && row->status == PAY_COMPLETED)
        return PAY_CLASS_STATUS_DIFFERS;
    if (told && r->is_success && r->has_amount && r->amount_vnd != row->amount_vnd)
        return PAY_CLASS_AMOUNT_DIFFERS;
    return PAY_CLASS_SETTLED;
}

static enum pay_class paid_class(const struct look *l) {
    const struct pay_result *r = l->verdict->callback;
    if (!r->has_amount || r->amount_vnd != l->row->amount_vnd)
        return PAY_CLASS_AMOUNT_DIFFERS;
    return l->row->n_same_tx || l->paid_twice ? PAY_CLASS_DUPLICATE : PAY_CLASS_PAID_NOT_CREDITED;
}

static enum pay_class told_class(const struct look *l) {
    const struct pay_result *r = l->verdict->callback;
    if (!r->valid)
        return PAY_CLASS_BAD_SIGNATURE;
    if (!is_ours(l->row, r))
        return PAY_CLASS_OTHER_ORDER;
    if (r->is_success)
        return paid_class(l);
    return r->status == PAY_FAILED ? PAY_CLASS_NOT_CLOSED : PAY_CLASS_NOT_FINAL;
}

static uint32_t window_s(const struct pay_row *row) {
    uint32_t own = row->gateway ? row->gateway->habits.window_s : 0;
    return own ? own : PAY_STUCK_AFTER_S;
}

static enum pay_class open_class(const struct look *l, int64_t now_wall_s) {
    const struct pay_verdict *v = l->verdict;
    bool young = now_wall_s < l->row->created_wall_ms / 1000 + window_s(l->row);
    if (!strcmp(l->row->provider, PAY_TRANSFER))
        return PAY_CLASS_BANK_OPEN;
    if (l->row->callback_cut || (v->message && !v->callback))
        return PAY_CLASS_NOT_VERIFIED;
    if (v->callback && !v->callback->display_only)
        return told_class(l);
    return young ? PAY_CLASS_WAITING : PAY_CLASS_STUCK;
}

/* --- heals by itself? --- */

/* From its first call on, which we take for the time of the payment where it is told. */
static void count_tries(const struct pay_row *row, int64_t now_wall_s, struct pay_verdict *v) {
    const struct pay_habits *h = &row->gateway->habits;
    const struct pay_result *r = v->callback;
    int64_t first = r && r->has_pay_time ? r->pay_time_wall_s : row->updated_wall_ms / 1000;
    int64_t passed = now_wall_s > first ? now_wall_s - first : 0;
    if (!h->retries) {
        v->heals = passed < PAY_STUCK_AFTER_S ? PAY_HEALS_MAYBE : PAY_HEALS_NEVER;
        return;
    }
    int64_t made = passed / h->retry_s;
    v->tries_most = h->retries;
    v->tries_left = made < h->retries ? h->retries - (uint32_t)made : 0;
    v->heals = v->tries_left ? PAY_HEALS_EXPECTED : PAY_HEALS_NEVER;
    v->until_wall_s = first + (int64_t)h->retries * h->retry_s;
    v->next_wall_s = v->tries_left ? first + (made + 1) * h->retry_s : 0;
}

static void judge_healing(const struct pay_row *row, int64_t now_wall_s, struct pay_verdict *v) {
    int64_t created = row->created_wall_ms / 1000, window = window_s(row);
    const struct pay_habits none = {0}, *h = row->gateway ? &row->gateway->habits : &none;
    switch (v->cls) {
    case PAY_CLASS_WAITING:
        v->heals = PAY_HEALS_EXPECTED;
        v->until_wall_s = created + window;
        break;
    case PAY_CLASS_STUCK: /* paid in the last minute, and its call was lost: it may call again */
        v->until_wall_s = created + window + (int64_t)h->retries * h->retry_s;
        v->heals = now_wall_s < v->until_wall_s ? PAY_HEALS_MAYBE : PAY_HEALS_NEVER;
        break;
    case PAY_CLASS_NOT_FINAL:
        v->heals =
            now_wall_s - row->updated_wall_ms / 1000 < DAY_S ? PAY_HEALS_MAYBE : PAY_HEALS_NEVER;
        break;
    case PAY_CLASS_PAID_NOT_CREDITED:
    case PAY_CLASS_NOT_CLOSED:
    case PAY_CLASS_BAD_SIGNATURE:
    case PAY_CLASS_NOT_VERIFIED:
        if (row->gateway)
            count_tries(row, now_wall_s, v);
        break;
    default:
        break;
    }
}

/* --- why --- */

static const char *says(const struct look *l, const struct pay_result *r) {
    char vnd[GROUPED_SIZE];
    return arena_printf(l->arena, "%s says of %s%s: %s", l->row->gateway->title,
                        r->has_amount ? int_grouped(r->amount_vnd, vnd) : "an unknown amount",
                        r->has_amount ? " VND" : "", r->reason);
}

static const char *sentence(const struct look *l) {
    const struct pay_row *row = l->row;
    const struct pay_result *r = l->verdict->callback;
    char ours[GROUPED_SIZE];
    switch (l->verdict->cls) {
    case PAY_CLASS_AMOUNT_DIFFERS:
        return arena_printf(l->arena, "%s; ours is %s VND%s", says(l, r),
                            int_grouped(row->amount_vnd, ours),
                            row->status == PAY_COMPLETED ? ", and credited" : "");
    case PAY_CLASS_DUPLICATE:
        return row->n_same_tx ? arena_printf(l->arena, "%u other payment(s) have transaction %s",
                                             row->n_same_tx, row->provider_tx_id)
               : l->other_tx  ? arena_printf(l->arena,
                                             "credited for transaction %s, and an authentic message "
                                              "says paid by transaction %s",
                                             row->provider_tx_id, l->other_tx)
                              : "two authentic messages say paid, with two transaction numbers";
    case PAY_CLASS_OTHER_ORDER:
        return arena_printf(l->arena, "the message is about order %s",
                            r->order_id ? r->order_id : "(none)");
    case PAY_CLASS_BAD_SIGNATURE:
        return r->reason;
    case PAY_CLASS_NOT_VERIFIED:
        return l->unset ? arena_printf(l->arena, "%s is not set", l->unset)
               : row->callback_cut
                   ? "callbackData is longer than any message"
                   : arena_printf(l->arena, "no provider %s is known here", row->provider);
    case PAY_CLASS_STUCK:
    case PAY_CLASS_WAITING:
        return r ? "only the customer's browser came back: that proves nothing to us"
                 : "no message of the provider is stored";
    case PAY_CLASS_BANK_OPEN:
        return "a transfer has no callback: the bank's statement tells";
    default:
        return r && r->valid ? says(l, r) : "nothing contradicts it";
    }
}

static enum pay_status predict(enum pay_class c) {
    return c == PAY_CLASS_PAID_NOT_CREDITED ? PAY_COMPLETED
           : c == PAY_CLASS_NOT_CLOSED      ? PAY_FAILED
                                            : PAY_STATUS_NONE;
}

void pay_classify(const struct pay_row *row, const struct settings *s, int64_t now_wall_s,
                  bool explain, struct arena *a, struct pay_verdict *ret) {
    struct look l = {.row = row, .settings = s, .explain = explain, .arena = a, .verdict = ret};
    *ret = (struct pay_verdict){.cls = PAY_CLASS_SETTLED};
    look_at_messages(&l);
    ret->cls = pay_status_is_final(row->status) ? settled_class(&l) : open_class(&l, now_wall_s);
    judge_healing(row, now_wall_s, ret);
    ret->predicted = predict(ret->cls);
    ret->why = text_cleanz(a, sentence(&l)).s;
}

static void hour(int64_t wall_s, char *buf, size_t size) {
    char text[40];
    pay_time_text(wall_s, text, sizeof text);
    snprintf(buf, size, "%.5s", text + 11);
}

void pay_heals_text(const struct pay_row *row, const struct pay_verdict *v, char *buf,
                    size_t size) {
    char next[8] = "", until[8] = "";
    const char *title = row->gateway ? row->gateway->title : row->provider;
    hour(v->next_wall_s, next, sizeof next);
    hour(v->until_wall_s, until, sizeof until);
    if (v->cls == PAY_CLASS_SETTLED)
        snprintf(buf, size, "-");
    else if (v->tries_left)
        snprintf(buf, size, "%.20s %u/%u at %s", title, v->tries_most - v->tries_left + 1,
                 v->tries_most, next);
    else if (v->heals != PAY_HEALS_NEVER && v->until_wall_s)
        snprintf(buf, size, "%s %s", v->cls == PAY_CLASS_WAITING ? "until" : "maybe until", until);
    else if (v->cls == PAY_CLASS_NOT_FINAL && v->heals == PAY_HEALS_MAYBE)
        snprintf(buf, size, "%.20s: not final", title);
    else
        snprintf(buf, size, "%s", v->heals == PAY_HEALS_MAYBE ? "maybe: ask it" : "never");
}
