/* act/replay_run.c - the replay itself: one callback after the other to the API, each row looked at
 * before and after. Somebody else may be quicker at any time, the provider too: then the API says
 * what the payment is already, and that is no error. */
#include <string.h>

#include "act/payments.h"
#include "base/clock.h"
#include "base/text.h"
#include "io/ask.h"
#include "io/pgsession.h"
#include "replay_priv.h"
#include "wire/json.h"

#define POST_MS  30000u
#define BODY_MAX ((size_t)65536)

struct replay {
    struct job *job;
    const struct settings *settings;
    struct pgsession *db;
    struct ask *ask;
    uint32_t n_moved, n_done;
    int64_t moved_vnd;
};

/* --- the API --- */

/* HTTP and JSON as they came; what they mean is for the row to say. */
static bool post(struct replay *r, const struct replay_item *item, struct arena *a,
                 struct http_reply *ret, struct err *err) {
    struct exchange ex = {.kind = EXCHANGE_HTTP};
    struct reply reply;
    struct str body;
    str_init(&body, 4 * PAY_MAX_BYTES);
    bool ok = pay_replay_body(item->row.gateway, item->verdict.message, a, &body, err);
    if (ok) {
        ex.http = (struct http_request){
            .method = "POST",
            .url = arena_printf(a, "%s/api/payments/callback", r->settings->api_url),
            .headers = {{"Content-Type", "application/json"}},
            .body = arena_strdup(a, str_get(&body)),
            .body_len = body.len,
            .max_body_bytes = BODY_MAX};
        ok = ask_once(r->ask, &ex, a, r->settings->timeout_ms ? r->settings->timeout_ms : POST_MS,
                      &reply, err);
        *ret = reply.http;
    }
    str_done(&body);
    return ok;
}

/* {"paymentId":..., "status":..., "isSuccess":...}: about this payment, or it is an error. */
static bool read_reply(const struct replay *r, const struct replay_item *item,
                       const struct http_reply *http, struct err *err) {
    char words[120];
    struct err ignored;
    struct json *j = json_parse(http->body, http->body_len, BODY_MAX, &ignored);
    const char *id = j ? json_string(j, "paymentId") : NULL;
    const char *status = j ? json_string(j, "status") : NULL;
    bool ours =
        http->status >= 200 && http->status < 300 && id && status && !strcmp(id, item->row.id);
    text_clean_into(words, sizeof words, http->body, http->body_len < 110 ? http->body_len : 110);
    if (ours)
        job_log(r->job, "%s: the API says %.20s", item->row.id,
                text_cleanz(job_arena(r->job), status).s);
    else
        err_set(err, http->status >= 500 ? E_FAILING : E_PROTOCOL, "payments.replay", item->row.id,
                "the API answered HTTP %d: %s", http->status, words);
    json_free(j);
    return ours;
}

/* --- one payment --- */

static void already_done(struct replay *r, const struct pay_row *now) {
    r->n_done++;
    job_log(r->job, "%s: already done, it is %s since %s", now->id, now->status_text, now->updated);
    job_result(r->job, now->id, "already done: %s", now->status_text);
}

static bool conclude(struct replay *r, const struct replay_item *item, const struct pay_row *after,
                     struct err *err) {
    const char *before = item->row.status_text;
    if (after->status != item->judged.predicted)
        return err_set(err, E_PROTOCOL, "payments.replay", after->id,
                       "the API took the callback, and the payment is %s, not %s",
                       after->status_text, pay_status_name(item->judged.predicted));
    r->n_moved++;
    r->moved_vnd += after->amount_vnd;
    job_log(r->job, "%s: %s since %s -> %s since %s", after->id, before, item->row.updated,
            after->status_text, after->updated);
    job_result(r->job, after->id, "%s -> %s, %s VND", before, after->status_text,
               GROUPED(after->amount_vnd));
    return true;
}

/* An answer that did not come says nothing of what the API did: the row does. */
static bool replay_one(struct replay *r, const struct replay_item *item, struct err *err) {
    struct arena *a = job_arena(r->job);
    struct http_reply http;
    struct pay_row now, after;
    struct err ignored;
    if (!replay_look(r->db, item->row.id, a, &now, err))
        return false;
    if (pay_status_is_final(now.status)) {
        already_done(r, &now);
        return true;
    }
    if (item->judged.verdict == PAY_REPLAY_NO || strcmp(now.updated, item->row.updated) != 0)
        return err_set(err, E_NOT_READY, "payments.replay", now.id,
                       "changed since the plan (%s): plan again", now.updated);
    job_in_hand(r->job, "payment", now.id);
    bool posted = post(r, item, a, &http, err) && read_reply(r, item, &http, err);
    if (!posted && (err->code == E_CANCELLED || !replay_look(r->db, now.id, a, &after, &ignored) ||
                    !pay_status_is_final(after.status)))
        return false;
    if (posted && !replay_look(r->db, now.id, a, &after, err))
        return false;
    bool ok = conclude(r, item, &after, err);
    job_in_hand(r->job, "payment", NULL);
    return ok;
}

static bool replay_all(struct replay *r, const struct replay_list *l, struct err *err) {
    bool ok = true;
    job_stage(r->job, "replay", UNIT_COUNT, l->n);
    for (uint32_t i = 0; ok && i < l->n; i++) {
        ok = !i || ask_pause(r->ask, r->settings->replay.pause_ms, err);
        ok = ok && replay_one(r, &l->items[i], err);
        job_progress(r->job, i + 1, l->items[i].row.id);
    }
    return ok;
}

/* The plan was made a moment ago, with every rule; what is loaded here is what it was made from. */
static void expect(const struct settings *s, struct arena *a, const struct replay_list *l) {
    for (uint32_t i = 0; i < l->n; i++)
        pay_replay_judge(&l->items[i].row, &l->items[i].verdict, NULL, clock_wall_ms() / 1000,
                         s->replay.max_age_s, a, &l->items[i].judged);
}

bool replay_run(struct job *j, const struct plan *p, struct err *err) {
    struct replay r = {.job = j, .settings = job_settings(j)};
    struct replay_list l = {0};
    if (!payments_open(r.settings, job_cancel_fd(j), &r.db, err))
        return false;
    r.ask = ask_new("goodgo-replay", job_cancel_fd(j));
    bool ok = replay_load(r.db, plan_argument(p, "ids"), r.settings, clock_wall_ms() / 1000,
                          job_arena(j), &l, err);
    if (ok)
        expect(r.settings, job_arena(j), &l);
    ok = ok && replay_all(&r, &l, err);
    job_result(j, "moved", "%u of %u, %s VND", r.n_moved, l.n, GROUPED(r.moved_vnd));
    job_result(j, "already done", "%u", r.n_done);
    ask_free(r.ask);
    pgsession_close(r.db);
    return ok;
}
