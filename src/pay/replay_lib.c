/* pay/replay_lib.c - see codec/payreplay.h. The order of the rules is that of their weight: what
 * can never be right first, what only wants somebody's word last. */
#include "codec/payreplay.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/value.h"
#include "pay_priv.h"

static bool say(struct pay_replay *r, struct arena *a, enum pay_replay_verdict verdict,
                const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Always true: "this rule has decided". */
static bool say(struct pay_replay *r, struct arena *a, enum pay_replay_verdict verdict,
                const char *fmt, ...) {
    va_list args;
    char line[400];
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    r->verdict = verdict;
    r->why = text_cleanz(a, line).s;
    return true;
}

static bool by_state(const struct pay_row *row, struct arena *a, struct pay_replay *ret) {
    return pay_status_is_final(row->status) &&
           say(ret, a, PAY_REPLAY_DONE, "already done: it is %s", row->status_text);
}

static bool by_message(const struct pay_row *row, const struct pay_verdict *v, struct arena *a,
                       struct pay_replay *ret) {
    const struct pay_class_info *info = &pay_class_info[v->cls];
    if (v->predicted != PAY_STATUS_NONE && v->message && v->callback && row->gateway)
        return false;
    if (v->cls == PAY_CLASS_STUCK || v->cls == PAY_CLASS_WAITING)
        return say(ret, a, PAY_REPLAY_NO, "there is no callback to replay: %s; %s", v->why,
                   info->todo);
    if (v->cls == PAY_CLASS_BAD_SIGNATURE) /* the reason begins with its code */
        return say(ret, a, PAY_REPLAY_NO, "%s; %s", v->why, info->todo);
    return say(ret, a, PAY_REPLAY_NO, "%s: %s; %s", info->title, v->why, info->todo);
}

static bool by_age(const struct pay_row *row, int64_t now_wall_s, uint32_t max_age_s,
                   struct arena *a, struct pay_replay *ret) {
    int64_t age_s = now_wall_s - row->created_wall_ms / 1000;
    return age_s > max_age_s &&
           say(ret, a, PAY_REPLAY_NO,
               "it is %s old, and payments.replay_age_s of the settings is %u, which is %s",
               DURATION(age_s), max_age_s, DURATION(max_age_s));
}

/* A settled answer must agree in everything that it tells. */
static bool by_final_answer(const struct pay_row *row, const struct pay_verdict *v,
                            const struct pay_answer *r, struct arena *a, struct pay_replay *ret) {
    const char *title = row->gateway->title, *ours = v->callback->provider_tx_id;
    bool paid = v->predicted == PAY_COMPLETED;
    char theirs_vnd[GROUPED_SIZE], ours_vnd[GROUPED_SIZE];
    if (r->status != v->predicted)
        return say(ret, a, PAY_REPLAY_NO, "the callback says %s and %s says %s: %s",
                   pay_status_name(v->predicted), title, pay_status_name(r->status), r->reason);
    if (paid && r->has_amount && r->amount_vnd != row->amount_vnd)
        return say(ret, a, PAY_REPLAY_NO, "%s has %s VND of it, ours is %s VND", title,
                   int_grouped(r->amount_vnd, theirs_vnd), int_grouped(row->amount_vnd, ours_vnd));
    if (paid && r->provider_tx_id && ours && strcmp(r->provider_tx_id, ours) != 0)
        return say(ret, a, PAY_REPLAY_NO,
                   "it may be paid twice: transaction %s in the callback, %s at %s", ours,
                   r->provider_tx_id, title);
    return paid && r->refunded_vnd &&
           say(ret, a, PAY_REPLAY_NO, "%s has refunded %s VND of it", title,
               int_grouped(r->refunded_vnd, theirs_vnd));
}

static bool by_answer(const struct pay_row *row, const struct pay_verdict *v,
                      const struct pay_answer *r, struct arena *a, struct pay_replay *ret) {
    const char *title = row->gateway->title;
    if (!r)
        return false;
    switch (r->said) {
    case PAY_SAID_FINAL:
        return by_final_answer(row, v, r, a, ret);
    case PAY_SAID_OPEN:
        return say(ret, a, PAY_REPLAY_NO, "%s has not decided yet: %s", title, r->reason);
    case PAY_SAID_UNKNOWN:
        return say(ret, a, PAY_REPLAY_NO, "%s has no such order: %s", title, r->reason);
    case PAY_SAID_INVALID:
        return say(ret, a, PAY_REPLAY_NO, "the answer of %s is not to be trusted: %s", title,
                   r->reason);
    default:
        return say(ret, a, PAY_REPLAY_FORCED, "%s tells nothing of it: %s", title, r->reason);
    }
}

static bool by_healing(const struct pay_row *row, const struct pay_verdict *v, struct arena *a,
                       struct pay_replay *ret) {
    char when[64];
    pay_heals_text(row, v, when, sizeof when);
    return v->heals != PAY_HEALS_NEVER &&
           say(ret, a, PAY_REPLAY_FORCED, "it may heal by itself: %s calls again (%s)",
               row->gateway->title, when);
}

static const char *agreed(const struct pay_row *row, const struct pay_answer *answer,
                          struct arena *a) {
    char vnd[GROUPED_SIZE];
    if (!answer)
        return "; the gateway was not asked";
    return arena_printf(a, ", and %s agrees: %s%s%s%s: %s", row->gateway->title,
                        pay_status_name(answer->status), answer->has_amount ? ", " : "",
                        answer->has_amount ? int_grouped(answer->amount_vnd, vnd) : "",
                        answer->has_amount ? " VND" : "", answer->reason);
}

void pay_replay_judge(const struct pay_row *row, const struct pay_verdict *v,
                      const struct pay_answer *answer, int64_t now_wall_s, uint32_t max_age_s,
                      struct arena *a, struct pay_replay *ret) {
    *ret = (struct pay_replay){.verdict = PAY_REPLAY_YES, .predicted = v->predicted};
    if (by_state(row, a, ret) || by_message(row, v, a, ret) ||
        by_age(row, now_wall_s, max_age_s, a, ret) || by_answer(row, v, answer, a, ret) ||
        by_healing(row, v, a, ret))
        return;
    (void)say(ret, a, PAY_REPLAY_YES, "the callback is authentic%s", agreed(row, answer, a));
}

/* --- the body --- */

bool pay_replay_body(const struct pay_provider *p, const struct pay_message *m, struct arena *a,
                     struct str *out, struct err *err) {
    struct pay_request q = {.provider = p, .bytes = m->bytes, .n = m->n};
    static const struct settings none;
    static const struct pay_account nobody; /* whose credentials may be looked for in a text */
    struct pay_result r = {.provider = p->id};
    struct pay_check c = {.request = &q,
                          .settings = &none,
                          .provider = p,
                          .account = &nobody,
                          .arena = a,
                          .result = &r};
    pay_find_kind(&c);
    if (r.failure != PAY_OK || !c.message || !(c.kind->forms & (PAY_FORM_JSON | PAY_FORM_QUERY)) ||
        jsontext_get(c.message, "provider"))
        return err_set(err, E_PROTOCOL, "payments.replay", p->title,
                       "the stored message is no callback that the API takes");
    str_printf(out, "{\"provider\":\"%s\"", p->stored);
    for (const struct jsontext *j = c.message->first; j; j = j->next) {
        struct jsontext name = {.type = JSONTEXT_STRING, .text = j->name};
        str_putc(out, ',');
        jsontext_write(&name, 0, out);
        str_putc(out, ':');
        jsontext_write(j, 0, out);
    }
    str_putc(out, '}');
    return !out->toobig || err_set(err, E_TOO_BIG, "payments.replay", p->title,
                                   "the stored message is larger than a callback can be");
}
