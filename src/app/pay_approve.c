/* app/pay_approve.c - `goodgo payments proposals` and `approve ID`: what somebody proposed, and the
 * second person's word for it, against the payment as it is now. */
#include <string.h>

#include "act/payments.h"
#include "act/recon_out.h"
#include "base/clock.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "io/peer.h"
#include "io/pgsession.h"
#include "payments_priv.h"

static const char *state_of(const struct proposal *p, int64_t now_wall_s) {
    if (p->approved_wall_s)
        return "approved";
    return p->made_wall_s + PROPOSAL_DAYS * 86400 < now_wall_s ? "expired" : "proposed";
}

static void one_json(struct jsonw *w, const struct proposal *p, int64_t now_wall_s) {
    char made[40], approved[40] = "";
    pay_time_text(p->made_wall_s, made, sizeof made);
    if (p->approved_wall_s)
        pay_time_text(p->approved_wall_s, approved, sizeof approved);
    jsonw_open(w, '{');
    jsonw_put_known(w, "id", p->id);
    jsonw_put_known(w, "state", state_of(p, now_wall_s));
    jsonw_put_known(w, "order", p->order_id);
    jsonw_put_known(w, "status", p->status);
    jsonw_put_known(w, "updated", p->updated);
    jsonw_put_int(w, "dbVnd", p->db_vnd);
    jsonw_put_int(w, "bankVnd", p->bank_vnd);
    jsonw_put_known(w, "why", p->why);
    jsonw_put_known(w, "evidence", p->evidence);
    jsonw_put_known(w, "maker", p->maker);
    jsonw_put_known(w, "reason", p->reason);
    jsonw_put_known(w, "made", made);
    jsonw_put_known(w, "checker", p->checker);
    jsonw_put_known(w, "approvalReason", p->approval_reason);
    jsonw_put_known(w, "approved", approved);
    jsonw_close(w, '}');
}

static void list_json(const struct proposal *p, uint32_t n, int64_t now_wall_s, struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, true);
    jsonw_open(&w, '{');
    jsonw_put_known(&w, "schema", "goodgo.payments.proposals/1");
    jsonw_key(&w, "proposals");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < n; i++)
        one_json(&w, &p[i], now_wall_s);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

static void list_text(struct arena *a, const struct proposal *p, uint32_t n, int64_t now_wall_s,
                      struct str *out) {
    if (!n)
        str_puts(out, "nothing is proposed\n");
    for (uint32_t i = 0; i < n; i++)
        str_printf(out, "%s %-8s %s %lld VND, bank %lld VND: %s (%s); by %s%s%s\n", p[i].id,
                   state_of(&p[i], now_wall_s), text_cleanz(a, p[i].order_id).s,
                   (long long)p[i].db_vnd, (long long)p[i].bank_vnd, text_cleanz(a, p[i].why).s,
                   text_cleanz(a, p[i].evidence).s, text_cleanz(a, p[i].maker).s,
                   p[i].approved_wall_s ? ", approved by " : "", text_cleanz(a, p[i].checker).s);
}

int pay_proposals_cmd(struct app_context *app) {
    struct proposal *p;
    struct str out;
    struct err err;
    uint32_t n;
    int64_t now_wall_s = clock_wall_ms() / 1000;
    if (!proposal_list(app->state_dir, &app->arena, &p, &n, &err))
        return app_fail(&err, EXIT_FAILED);
    str_init(&out, (size_t)64 << 20);
    if (app->json)
        list_json(p, n, now_wall_s, &out);
    else
        list_text(&app->arena, p, n, now_wall_s, &out);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}

/* --- approving --- */

static bool payment_now(struct app_context *app, const char *id, struct pay_row *ret,
                        struct err *err) {
    struct pgsession *pg;
    const struct pay_row *row;
    uint32_t n;
    if (!payments_open(app->settings, -1, &pg, err))
        return false;
    bool ok = payments_by_id(pg, id, &app->arena, &row, &n, err);
    pgsession_close(pg);
    if (!ok)
        return false;
    if (!row)
        return err_set(err, E_PROTOCOL, "payments.approve", id,
                       "there is no such payment any more");
    *ret = *row;
    return true;
}

/* Before the effect the intent, after it the result: both are in the trail. */
static bool note(struct app_context *app, const struct proposal *p, const char *event,
                 const char *outcome, const char *why, struct err *err) {
    struct actor actor;
    struct audit_record r = {.event = event,
                             .action = "payments.approve",
                             .context = app->settings->context,
                             .target = p->order_id,
                             .plan_id = p->id,
                             .outcome = outcome,
                             .why = why,
                             .reason = app->options.reason};
    r.details.at[r.details.n++] = (struct pair){"maker", p->maker};
    r.details.at[r.details.n++] = (struct pair){"evidence", p->evidence};
    r.details.at[r.details.n++] = (struct pair){"why", p->why};
    actor_here(&actor);
    return audit_append(app->state_dir, &actor, &r, err);
}

static bool approve(struct app_context *app, struct proposal *p, struct err *err) {
    struct person me;
    struct pay_row row = {.id = NULL};
    person_here(&me);
    if (!payment_now(app, p->order_id, &row, err))
        return false;
    return note(app, p, "intent", NULL, NULL, err) &&
           proposal_approve(app->state_dir, p, &me, app->options.reason, row.updated,
                            row.status_text, clock_wall_ms() / 1000, err);
}

int pay_approve_cmd(struct app_context *app) {
    struct proposal p;
    struct err err, ignored;
    if (!app->options.reason) {
        payments_usage(&err, "approve", "needs --reason WHY");
        return app_fail(&err, EXIT_USAGE);
    }
    if (app->options.read_only) {
        payments_usage(&err, "approve", "is refused: --read-only");
        return app_fail(&err, EXIT_REFUSED);
    }
    if (!proposal_read(app->state_dir, &app->arena, app->argv[0], &p, &err))
        return app_fail(&err, err.code == E_CONFIG ? EXIT_USAGE : EXIT_FAILED);
    bool ok = approve(app, &p, &err);
    bool refused = !ok && err.code == E_AUTH;
    if (refused)
        err.todo = "`goodgo payments proposals` lists what may be approved, and by whom not";
    if (ok || refused) {
        bool noted = note(app, &p, ok ? "approved" : "refused", ok ? "done" : "refused",
                          ok ? NULL : err.why, ok ? &err : &ignored);
        ok = ok && noted;
    }
    if (!ok)
        return app_fail(&err, refused ? EXIT_REFUSED : EXIT_FAILED);
    struct str out;
    str_init(&out, 4096);
    str_printf(&out, "%s approved by %s: proposed by %s\n", p.id, p.checker, p.maker);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}
