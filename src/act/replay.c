/* act/replay.c - hands stored payment callbacks to the API again (R83): the plan. Each is verified
 * again from its stored bytes, the gateway is asked, and what the API will make of it is said
 * before. Only the API moves a payment, for only it sends the events (R78). */
#include <stdlib.h>
#include <string.h>

#include "act/gateway.h"
#include "act/payments.h"
#include "base/shell.h"
#include "io/pgsession.h"
#include "model/value.h"
#include "replay_priv.h"
#include "wire/digest.h"

#define ID_SEPARATORS " ,"

static const struct act_option options[] = {
    {"force", NULL, "insist where it may heal by itself; needs --reason"}, {NULL, NULL, NULL}};

/* --- which --- */

bool replay_look(struct pgsession *db, const char *id, struct arena *a, struct pay_row *ret,
                 struct err *err) {
    const struct pay_row *row;
    uint32_t n;
    if (!payments_by_id(db, id, a, &row, &n, err))
        return false;
    if (row) {
        *ret = *row;
        return true;
    }
    err_set(err, E_CONFIG, "payments.replay", id, "is no payment's id%s",
            n ? ", though others are known by it" : "");
    err->todo = "goodgo payments list shows the ids";
    return false;
}

static int by_age(const void *x, const void *y) {
    const struct replay_item *a = x, *b = y;
    if (a->row.created_wall_ms != b->row.created_wall_ms)
        return a->row.created_wall_ms < b->row.created_wall_ms ? -1 : 1;
    return strcmp(a->row.id, b->row.id);
}

static bool has(const struct replay_list *l, const char *id) {
    for (uint32_t i = 0; i < l->n; i++)
        if (!strcmp(l->items[i].row.id, id))
            return true;
    return false;
}

bool replay_load(struct pgsession *db, const char *ids, const struct settings *s,
                 int64_t now_wall_s, struct arena *a, struct replay_list *ret, struct err *err) {
    *ret = (struct replay_list){.items = arena_alloc(a, s->replay.most * sizeof *ret->items)};
    for (size_t n; ids += strspn(ids, ID_SEPARATORS), n = strcspn(ids, ID_SEPARATORS), n;
         ids += n) {
        const char *id = arena_strndup(a, ids, n);
        if (has(ret, id))
            continue;
        if (ret->n == s->replay.most) {
            err_set(err, E_CONFIG, "payments.replay", "ids",
                    "are more than payments.replay_most of the settings, %u", s->replay.most);
            err->todo = "replay them in parts: the oldest first";
            return false;
        }
        struct replay_item *item = &ret->items[ret->n];
        if (!replay_look(db, id, a, &item->row, err))
            return false;
        pay_classify(&item->row, s, now_wall_s, false, a, &item->verdict);
        ret->n++;
    }
    if (!ret->n)
        return err_set(err, E_CONFIG, "payments.replay", "ID", "name at least one payment");
    qsort(ret->items, ret->n, sizeof *ret->items, by_age);
    return true;
}

/* --- what the gateways say --- */

/* A gateway that was silent a moment ago: what it did not say of one payment it does not say of the
 * others, and each question would wait for its whole deadline. */
static const struct pay_answer *silence_of(const struct replay_list *l,
                                           const struct pay_provider *gateway) {
    for (uint32_t i = 0; i < l->n; i++) {
        const struct replay_item *item = &l->items[i];
        if (item->asked && item->row.gateway == gateway && item->answer.retry &&
            item->answer.said == PAY_SAID_NOTHING)
            return &item->answer;
    }
    return NULL;
}

/* One that is left alone since it was silent before is silent still: a plan, its start and its job
 * ask one after another, and each silence makes the pause longer. */
static bool ask_gateway(struct gateway_asker *g, const struct act_input *in, struct pay_question *q,
                        struct pay_answer *ret, struct err *err) {
    if (gateway_ask(g, q, GATEWAY_SETTLED, in->arena, ret, err))
        return true;
    *ret = (struct pay_answer){
        .said = PAY_SAID_NOTHING, .retry = true, .reason = arena_strdup(in->arena, err->why)};
    return err->code == E_NOT_READY;
}

/* A payment that is refused anyway needs no question. */
static bool ask_one(struct gateway_asker *g, const struct act_input *in,
                    const struct replay_list *l, struct replay_item *item, struct err *err) {
    struct pay_question q = {.provider = item->row.gateway,
                             .order = item->row.id,
                             .created_wall_s = item->row.created_wall_ms / 1000};
    pay_replay_judge(&item->row, &item->verdict, NULL, in->now_wall_ms / 1000,
                     in->settings->replay.max_age_s, in->arena, &item->judged);
    if (item->judged.verdict == PAY_REPLAY_NO || item->judged.verdict == PAY_REPLAY_DONE ||
        !gateway_is_set(in->settings, q.provider))
        return true;
    const struct pay_answer *silence = silence_of(l, q.provider);
    item->asked = true;
    if (silence) {
        item->answer = *silence;
        return true;
    }
    return ask_gateway(g, in, &q, &item->answer, err);
}

static bool ask_all(const struct act_input *in, const struct replay_list *l, struct err *err) {
    struct gateway_asker *g = gateway_open(in->settings, in->state_dir, -1);
    bool ok = true;
    for (uint32_t i = 0; ok && i < l->n; i++) {
        struct replay_item *item = &l->items[i];
        ok = ask_one(g, in, l, item, err);
        if (ok)
            pay_replay_judge(&item->row, &item->verdict, item->asked ? &item->answer : NULL,
                             in->now_wall_ms / 1000, in->settings->replay.max_age_s, in->arena,
                             &item->judged);
    }
    gateway_close(g);
    return ok;
}

/* --- refusals --- */

static bool check(const struct act_input *in, const struct replay_list *l, struct err *err) {
    const char *reason = act_argument(in, PLAN_REASON);
    bool forced = act_argument(in, "force") != NULL;
    uint32_t n_refused = 0;
    const struct replay_item *first = NULL;
    if (forced && (!reason || !*reason)) {
        err_set(err, E_CONFIG, "payments.replay", "--force", "needs a --reason");
        err->todo = "say why: it is kept in the audit trail";
        return false;
    }
    for (uint32_t i = 0; i < l->n; i++) {
        enum pay_replay_verdict v = l->items[i].judged.verdict;
        if (v == PAY_REPLAY_YES || (v == PAY_REPLAY_FORCED && forced))
            continue;
        first = first ? first : &l->items[i];
        n_refused++;
    }
    if (!first)
        return true;
    err_set(err, first->judged.verdict == PAY_REPLAY_DONE ? E_NOT_READY : E_CONFIG,
            "payments.replay", first->row.id, "%s%s", first->judged.why,
            n_refused > 1 ? arena_printf(in->arena, " (and %u more are refused)", n_refused - 1)
                          : "");
    err->todo = first->judged.verdict == PAY_REPLAY_DONE ? "leave it out: there is nothing to do"
                : first->judged.verdict == PAY_REPLAY_FORCED
                    ? "wait; or insist with --force --reason WHY"
                    : "goodgo payments list has its class; docs/PAYMENTS.md says what to do";
    return false;
}

/* --- words --- */

/* What the run relies on: the row, the very bytes, what they were held to be. */
static void fact(struct plan *p, const struct replay_item *item) {
    char hex[DIGEST_HEX_SIZE];
    const struct pay_row *row = &item->row;
    const struct pay_answer *r = &item->answer;
    digest_sha256_hex(item->verdict.message->bytes, item->verdict.message->n, hex);
    plan_fact(p, row->id, "%s since %s, %lld VND, callback %.16s, gateway %s %s %s",
              row->status_text, row->updated, (long long)row->amount_vnd, hex,
              item->asked ? pay_said_name(r->said) : "not asked",
              item->asked && r->status ? pay_status_name(r->status) : "-",
              item->asked && r->provider_tx_id ? r->provider_tx_id : "-");
}

static void describe_one(const struct act_input *in, const struct replay_item *item,
                         struct plan *p) {
    const struct pay_row *row = &item->row;
    char vnd[GROUPED_SIZE];
    int64_t age_s = (in->now_wall_ms - row->created_wall_ms) / 1000;
    fact(p, item);
    plan_change(p, "%s %s, %s VND, %s old: %s -> %s; %s", row->id, row->gateway->title,
                int_grouped(row->amount_vnd, vnd), DURATION(age_s), row->status_text,
                pay_status_name(item->judged.predicted), item->judged.why);
    if (item->judged.verdict == PAY_REPLAY_FORCED)
        plan_warning(p, "%s: insisted on, although %s", row->id, item->judged.why);
    else if (!item->asked)
        plan_warning(p, "%s: %s cannot be asked here; the stored callback alone is relied on",
                     row->id, row->gateway->title);
    const char *sql = arena_printf(p->arena,
                                   "SELECT \"callbackData\" || jsonb_build_object($$provider$$,"
                                   " provider) FROM \"Payment\" WHERE id = %s",
                                   pg_quote_text(p->arena, row->id));
    const char *url = arena_printf(p->arena, "%s/api/payments/callback", in->settings->api_url);
    plan_command(p,
                 "psql " PLAN_DATABASE " -Atc %s |"
                 " curl -sS -H 'Content-Type: application/json' -d @- %s",
                 shell_word(p->arena, sql), shell_word(p->arena, url));
}

static void describe(const struct act_input *in, const struct replay_list *l, struct plan *p) {
    int64_t paid_vnd = 0, failed_vnd = 0;
    uint32_t n_paid = 0;
    char paid_text[GROUPED_SIZE], failed_text[GROUPED_SIZE];
    p->tier = l->n == 1 ? TIER_CHANGES : TIER_DESTROYS;
    p->count = l->n;
    p->target = l->n == 1 ? arena_printf(in->arena, "payment %s", l->items[0].row.id) : "payments";
    plan_fact(p, "api", "%s", in->settings->api_url);
    for (uint32_t i = 0; i < l->n; i++) {
        bool paid = l->items[i].judged.predicted == PAY_COMPLETED;
        describe_one(in, &l->items[i], p);
        n_paid += paid;
        *(paid ? &paid_vnd : &failed_vnd) += l->items[i].row.amount_vnd;
    }
    plan_change(p,
                "in all %u become COMPLETED, %s VND, and %u FAILED, %s VND; oldest first, one each "
                "%u ms, stopping at the first error",
                n_paid, int_grouped(paid_vnd, paid_text), l->n - n_paid,
                int_grouped(failed_vnd, failed_text), in->settings->replay.pause_ms);
    plan_warning(p, "each sends its event%s; there is no way back",
                 n_paid ? ": subscriptions begin, listings go live" : "");
}

static bool replay_plan(const struct act_input *in, struct plan *p, struct err *err) {
    struct pgsession *db = NULL;
    struct replay_list l;
    const char *ids = act_argument(in, "ids");
    if (!in->settings->api_url)
        return err_set(err, E_CONFIG, "payments.replay", "GOODGO_API_URL",
                       "is not set, and only the API moves a payment");
    if (!ids)
        return err_set(err, E_CONFIG, "payments.replay", "ID", "name at least one payment");
    if (!payments_open(in->settings, -1, &db, err))
        return false;
    bool ok = replay_load(db, ids, in->settings, in->now_wall_ms / 1000, in->arena, &l, err);
    pgsession_close(db);
    ok = ok && ask_all(in, &l, err) && check(in, &l, err);
    if (ok)
        describe(in, &l, p);
    return ok;
}

static const struct act_remains remains[] = {
    {NULL, "{payment} was handed to the API and no answer is known, so it may have moved: goodgo "
           "payments show {payment}, before you replay it again"},
    {NULL, "the payments with a result here are done; of {ids} no other was handed over: replay "
           "those again, a settled one is refused"},
    {NULL, "{target}: goodgo payments list shows what is still open"},
    {NULL, NULL},
};

extern const struct act act_replay;
const struct act act_replay = {
    .id = "replay",
    .title = "Replay payment callbacks",
    .help = "hand stored payment callbacks to the API again",
    .about =
        "For payments that were paid, or failed, while the API did not hear of it. Each stored "
        "callback is verified again and its gateway is asked; then the API gets it once more, "
        "as the runbook does it by hand. Refused are settled payments, callbacks that are not "
        "authentic or not final, another amount, and what heals by itself.",
    .example = "goodgo payments replay ID --dry-run\n"
               "goodgo payments replay ID ID --confirm 'prod:2' --reason INC-231",
    .operand = "ids",
    .operand_many = true,
    .rows = "payments",
    .options = options,
    .view = "payments",
    .remains = remains,
    .plan = replay_plan,
    .run = replay_run,
};
