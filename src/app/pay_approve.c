/* app/pay_approve.c - `goodgo payments proposals`, and `approve` or `decline ID`: what somebody
 * proposed, and the second person's word for it, against the payment as it is now. */

#include "act/recon_out.h"
#include "base/clock.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "io/peer.h"
#include "payments_priv.h"

struct listing {
    struct app_context *app;
    struct person me;
    struct proposal *list;
    uint32_t n;
    struct proposal_versions versions;
    bool asked; /* the database told the versions */
    int64_t now_wall_s;
};

/* Of one that waits: the payment as it is now; NULL = it is not known, or is no longer there. */
static const struct proposal_version *version_of(const struct listing *l,
                                                 const struct proposal *p) {
    return l->asked && proposal_state(p, l->now_wall_s) == PROPOSAL_WAITS
               ? proposal_version_of(&l->versions, p->order_id)
               : NULL;
}

static const char *refusal(const struct listing *l, const struct proposal *p) {
    return proposal_refusal(p, &l->me, version_of(l, p), l->now_wall_s, &l->app->arena);
}

static void put_time(struct jsonw *w, const char *name, int64_t wall_s) {
    char text[40] = "";
    if (wall_s)
        pay_time_text(wall_s, text, sizeof text);
    jsonw_put_known(w, name, text);
}

static void fits_json(struct jsonw *w, const struct listing *l, const struct proposal *p) {
    const struct proposal_version *v = version_of(l, p);
    jsonw_key(w, "fits");
    if (v)
        jsonw_bool(w, proposal_fits(p, v));
    else
        jsonw_null(w);
    jsonw_put_string(w, "statusNow", v ? v->status : NULL);
    jsonw_put_string(w, "refusedToYou", refusal(l, p));
}

static void one_json(struct jsonw *w, const struct listing *l, const struct proposal *p) {
    jsonw_open(w, '{');
    jsonw_put_known(w, "id", p->id);
    jsonw_put_known(w, "state", proposal_state_name(proposal_state(p, l->now_wall_s)));
    jsonw_put_known(w, "order", p->order_id);
    jsonw_put_known(w, "status", p->status);
    jsonw_put_known(w, "updated", p->updated);
    jsonw_put_int(w, "dbVnd", p->db_vnd);
    jsonw_put_int(w, "bankVnd", p->bank_vnd);
    jsonw_put_known(w, "why", p->why);
    jsonw_put_known(w, "evidence", p->evidence);
    jsonw_put_known(w, "maker", p->maker);
    jsonw_put_known(w, "reason", p->reason);
    put_time(w, "made", p->made_wall_s);
    jsonw_put_known(w, "checker", p->checker);
    jsonw_put_known(w, "decisionReason", p->decision_reason);
    put_time(w, "approved", p->approved_wall_s);
    put_time(w, "declined", p->declined_wall_s);
    fits_json(w, l, p);
    jsonw_close(w, '}');
}

static void list_json(const struct listing *l, struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_known(&w, "schema", "goodgo.payments.proposals/1");
    jsonw_key(&w, "proposals");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < l->n; i++)
        one_json(&w, l, &l->list[i]);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

static void one_text(const struct listing *l, const struct proposal *p, struct str *out) {
    struct arena *a = &l->app->arena;
    enum proposal_state state = proposal_state(p, l->now_wall_s);
    const char *name = proposal_state_name(state), *why = refusal(l, p);
    char ours[GROUPED_SIZE], banks[GROUPED_SIZE];
    str_printf(out, "%s %-8s %s %s VND, bank %s VND: %s (%s); by %s", p->id, name,
               text_cleanz(a, p->order_id).s, int_grouped(p->db_vnd, ours),
               int_grouped(p->bank_vnd, banks), text_cleanz(a, p->why).s,
               text_cleanz(a, p->evidence).s, text_cleanz(a, p->maker).s);
    if (*p->checker)
        str_printf(out, ", %s by %s", name, text_cleanz(a, p->checker).s);
    else if (state == PROPOSAL_WAITS)
        str_printf(out, "; %s", why ? text_cleanz(a, why).s : "it waits for you");
    str_putc(out, '\n');
}

static void list_text(const struct listing *l, struct str *out) {
    if (!l->n)
        str_puts(out, "nothing is proposed: goodgo payments reconcile --propose does\n");
    for (uint32_t i = 0; i < l->n; i++)
        one_text(l, &l->list[i], out);
}

int pay_proposals_cmd(struct app_context *app) {
    struct listing l = {.app = app, .now_wall_s = clock_wall_ms() / 1000};
    struct str out;
    struct err err;
    person_here(&l.me);
    if (!proposal_list(app->state_dir, &app->arena, &l.list, &l.n, &err))
        return app_fail(&err, EXIT_USAGE);
    l.asked =
        proposal_versions(app->settings, l.list, l.n, l.now_wall_s, &app->arena, &l.versions, &err);
    if (!l.asked)
        app_fail(&err, EXIT_FAILED); /* the list is told all the same */
    str_init(&out, (size_t)64 << 20);
    if (app->json)
        list_json(&l, &out);
    else
        list_text(&l, &out);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}

/* --- the word --- */

/* Who may not decide is told so before any plan, and the trail knows that he tried. */
static bool note_refusal(struct app_context *app, const struct act *act, const struct proposal *p,
                         const char *why, struct err *err) {
    struct actor actor;
    struct audit_record r = {.event = "refused",
                             .action = act->id,
                             .context = app->settings->context,
                             .target = p->order_id,
                             .plan_id = p->id,
                             .outcome = "refused",
                             .why = why,
                             .reason = app->options.reason};
    r.details.at[r.details.n++] = (struct pair){"maker", p->maker};
    r.details.at[r.details.n++] = (struct pair){"evidence", p->evidence};
    r.details.at[r.details.n++] = (struct pair){"why", p->why};
    actor_here(&actor);
    return audit_append(app->state_dir, &actor, &r, err);
}

static int decide(struct app_context *app, const char *act_id, bool agree) {
    const struct act *act = act_find(act_id);
    struct proposal p;
    struct err err, ignored;
    if (!app->options.reason && !app->options.dry_run) {
        payments_usage(&err, agree ? "approve" : "decline", "needs --reason WHY");
        return app_fail(&err, EXIT_USAGE);
    }
    if (!proposal_look(app->settings, app->state_dir, app->argv[0], agree, &app->arena, &p, &err)) {
        bool refused = err.code == E_AUTH && *p.id;
        if (refused && !app->options.dry_run && !note_refusal(app, act, &p, err.why, &ignored))
            app_fail(&ignored, EXIT_REFUSED);
        return app_fail(&err, refused                ? EXIT_REFUSED
                              : err.code == E_CONFIG ? EXIT_USAGE
                                                     : EXIT_FAILED);
    }
    return app_act(app, act);
}

int pay_approve_cmd(struct app_context *app) {
    return decide(app, "approve-proposal", true);
}

int pay_decline_cmd(struct app_context *app) {
    return decide(app, "decline-proposal", false);
}
