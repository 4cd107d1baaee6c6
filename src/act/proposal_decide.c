/* act/proposal_decide.c - yes or no to a proposal, by its checker: looked at for the plan and,
 * under the payment's lock, once more for the run. And the payments that proposals are about. */
#include <stdlib.h>
#include <string.h>

#include "act/payments.h"
#include "act/recon_out.h"
#include "base/clock.h"
#include "base/text.h"
#include "io/peer.h"
#include "io/pgsession.h"
#include "proposal_priv.h"

#define OP "payments.approve"

/* --- the payments --- */

/* As a literal of an array of texts: {"a","b"}. */
static void add_id(struct str *out, const char *id) {
    str_puts(out, out->len ? ",\"" : "{\"");
    for (; *id; id++) {
        if (*id == '"' || *id == '\\')
            str_putc(out, '\\');
        str_putc(out, *id);
    }
    str_putc(out, '"');
}

static int by_id(const void *a, const void *b) {
    return strcmp(((const struct proposal_version *)a)->order_id,
                  ((const struct proposal_version *)b)->order_id);
}

static bool read_versions(const struct pg_rows *rows, struct arena *a,
                          struct proposal_versions *ret, struct err *err) {
    ret->at = arena_alloc(a, (rows->n_rows + 1) * sizeof *ret->at);
    for (; ret->n < rows->n_rows; ret->n++) {
        struct proposal_version *v = &ret->at[ret->n];
        *v =
            (struct proposal_version){pg_cell(rows, ret->n, "id"), pg_cell(rows, ret->n, "updated"),
                                      pg_cell(rows, ret->n, "status")};
        if (!v->order_id || !v->updated || !v->status)
            return err_set(err, E_PROTOCOL, OP, "Payment", "the answer lacks a column");
    }
    if (ret->n)
        qsort(ret->at, ret->n, sizeof *ret->at, by_id);
    return true;
}

static bool ask_versions(const struct settings *s, const char *ids, struct arena *a,
                         struct proposal_versions *ret, struct err *err) {
    static const char sql[] =
        "SELECT \"id\", \"status\"::text AS \"status\", \"updatedAt\"::text AS \"updated\""
        " FROM public.\"Payment\" WHERE \"id\" = ANY ($1::text[])";
    const char *const params[] = {ids};
    struct pgsession *pg;
    struct pg_rows rows = {0};
    if (!payments_open(s, -1, &pg, err))
        return false;
    const struct pg_statement st = {.sql = sql,
                                    .params = params,
                                    .n_params = 1,
                                    .max_rows = PROPOSAL_VERSIONS_MAX,
                                    .timeout_ms = PAYMENTS_TIMEOUT_MS};
    bool ok = pgsession_exec(pg, &st, a, &rows, err) && read_versions(&rows, a, ret, err);
    pgsession_close(pg);
    return ok;
}

bool proposal_versions(const struct settings *s, const struct proposal *list, uint32_t n,
                       int64_t now_wall_s, struct arena *a, struct proposal_versions *ret,
                       struct err *err) {
    struct str ids;
    uint32_t n_ids = 0;
    *ret = (struct proposal_versions){.n = 0};
    str_init(&ids, (size_t)4 << 20);
    for (uint32_t i = 0; i < n && n_ids < PROPOSAL_VERSIONS_MAX; i++)
        if (proposal_state(&list[i], now_wall_s) == PROPOSAL_WAITS) {
            add_id(&ids, list[i].order_id);
            n_ids++;
        }
    str_putc(&ids, '}');
    bool ok = !n_ids || (!ids.toobig && ask_versions(s, str_get(&ids), a, ret, err));
    if (ids.toobig)
        err_set(err, E_TOO_BIG, OP, "proposals", "their payments have ids that are far too long");
    str_done(&ids);
    return ok;
}

const struct proposal_version *proposal_version_of(const struct proposal_versions *v,
                                                   const char *order_id) {
    const struct proposal_version key = {order_id, NULL, NULL};
    return v->n ? bsearch(&key, v->at, v->n, sizeof *v->at, by_id) : NULL;
}

/* --- may it be decided --- */

static bool version_now(const struct settings *s, const char *id, struct arena *a,
                        struct proposal_version *ret, struct err *err) {
    struct pgsession *pg;
    const struct pay_row *row;
    uint32_t n;
    if (!payments_open(s, -1, &pg, err))
        return false;
    bool ok = payments_by_id(pg, id, a, &row, &n, err);
    pgsession_close(pg);
    if (ok && !row)
        return err_set(err, E_PROTOCOL, OP, id, "there is no such payment any more");
    if (ok)
        *ret = (struct proposal_version){id, row->updated, row->status_text};
    return ok;
}

bool proposal_look(const struct settings *s, const char *state_dir, const char *id, bool agree,
                   struct arena *a, struct proposal *ret, struct err *err) {
    struct person me;
    struct proposal_version now = {NULL, NULL, NULL};
    int64_t now_wall_s = clock_wall_ms() / 1000;
    person_here(&me);
    if (!proposal_read(state_dir, a, id, ret, err))
        return false;
    const char *why = proposal_refusal(ret, &me, NULL, now_wall_s, a);
    if (!why && agree) {
        if (!version_now(s, ret->order_id, a, &now, err))
            return false;
        why = proposal_refusal(ret, &me, &now, now_wall_s, a);
    }
    if (!why)
        return true;
    err_set(err, E_AUTH, OP, id, "%s", why);
    err->todo = "`goodgo payments proposals` lists what may be decided, and by whom not";
    return false;
}

/* --- plan and run --- */

static const char *vnd(struct arena *a, int64_t amount) {
    char text[32];
    value_format(value_int(amount), UNIT_VND, 0, text, sizeof text);
    return arena_printf(a, "%s VND", text);
}

static void tell(const struct proposal *p, bool agree, struct plan *plan) {
    struct arena *a = plan->arena;
    char made[40];
    pay_time_text(p->made_wall_s, made, sizeof made);
    plan_change(plan, "proposal %s of %s is %s: %s, %s, is the credit of %s (%s)", p->id, p->maker,
                agree ? "approved" : "declined", p->order_id, vnd(a, p->db_vnd),
                vnd(a, p->bank_vnd), p->evidence);
    plan_change(plan, "it was suggested because: %s; made %.16s, for: %s", p->why, made,
                p->reason ? p->reason : "no reason");
    plan_change(plan, "later reports of that day name %s, you, and the time", p->maker);
    if (agree)
        plan_warning(plan, "no payment is changed: %s stays %s until it is settled or replayed",
                     p->order_id, p->status);
    if (p->db_vnd != p->bank_vnd)
        plan_warning(plan, "the amounts differ by %s", vnd(a, p->bank_vnd - p->db_vnd));
}

bool proposal_plan(const struct act_input *in, struct plan *p, bool agree, struct err *err) {
    const char *id = act_argument(in, "proposal");
    struct proposal found;
    if (!id) {
        err_set(err, E_CONFIG, OP, "PROPOSAL", "name the proposal");
        err->todo = "goodgo payments proposals lists them";
        return false;
    }
    if (!proposal_look(in->settings, in->state_dir, id, agree, in->arena, &found, err))
        return false;
    p->tier = agree ? TIER_CHANGES : TIER_HARMLESS;
    p->count = 1;
    p->target = arena_printf(in->arena, "payment %s", text_cleanz(in->arena, found.order_id).s);
    plan_fact(p, "proposal", "%s of %s, made %lld", found.id, found.maker,
              (long long)found.made_wall_s);
    plan_fact(p, "payment", "%s %s since %s, %lld VND", found.order_id, found.status, found.updated,
              (long long)found.db_vnd);
    plan_command(p, "goodgo payments %s %s --reason WHY", agree ? "approve" : "decline", found.id);
    tell(&found, agree, p);
    return true;
}

bool proposal_run(struct job *j, const struct plan *p, bool agree, struct err *err) {
    const char *id = plan_argument(p, "proposal"), *reason = plan_argument(p, PLAN_REASON);
    struct proposal found;
    struct person me;
    if (!reason || !*reason)
        return err_set(err, E_CONFIG, OP, id, "needs a reason: it is kept with the proposal");
    if (!proposal_look(job_settings(j), job_state_dir(j), id, agree, job_arena(j), &found, err))
        return false;
    person_here(&me);
    /* Its payment was looked at a moment ago, under the lock that every act on it takes. */
    const struct proposal_version same = {found.order_id, found.updated, found.status};
    const struct proposal_decision d = {agree, reason, &same};
    if (!proposal_decide(job_state_dir(j), &found, &me, &d, clock_wall_ms() / 1000, err))
        return false;
    job_result(j, "proposal", "%s %s by %s: proposed by %s", id,
               proposal_state_name(agree ? PROPOSAL_APPROVED : PROPOSAL_DECLINED), found.checker,
               found.maker);
    job_result(j, "evidence", "%s", found.evidence);
    job_result(j, "suggested", "%s", found.why);
    return true;
}
