/* act/settle_transfer.c - a bank transfer has no callback and no gateway: whoever holds the bank's
 * statement settles it. One transaction: the row as it was when the plan was made, the evidence in
 * it, and a row of AdminAuditLog, or nothing at all. The API hears of it from nobody, and no event
 * is sent: the plan says so. */
#include <string.h>

#include "act/act.h"
#include "act/audit.h"
#include "act/payments.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "io/pgsession.h"
#include "admin_log_priv.h"
#include "settle_priv.h"

#define QUERY_MS 10000u
#define REF_MAX  64
#define OP       "payments.settle"

#define FACT_PAYMENT  "payment"
#define FACT_EVIDENCE "evidence"

static const struct act_option options[] = {
    {"ref", "REF", "the bank's reference of the credit"},
    {"amount", "VND", "what the statement says; must be the payment's"},
    {"evidence", "FILE", "the statement, whole path; its SHA-256 is kept"},
    {NULL, NULL, NULL}};

struct transfer {
    struct pay_row row;
    const char *ref; /* in capitals: the same credit written otherwise is the same credit */
    struct evidence evidence;
};

/* --- what is settled, by what --- */

static bool wrong(struct err *err, const char *what, const char *why, const char *todo) {
    err_set(err, E_CONFIG, OP, what, "%s", why);
    err->todo = todo;
    return false;
}

static bool is_reference(const char *s) {
    size_t n = strlen(s);
    return n && n <= REF_MAX &&
           strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
                     "uvwxyz-_./") == n;
}

static const char *capitals(struct arena *a, const char *s) {
    char *copy = arena_strdup(a, s);
    for (char *c = copy; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return copy;
}

static bool read_arguments(const struct act_input *in, struct transfer *t, int64_t *ret_amount,
                           struct err *err) {
    const char *amount = act_argument(in, "amount"), *evidence = act_argument(in, "evidence");
    int64_t n;
    const char *ref = act_argument(in, "ref");
    if (!ref || !is_reference(ref))
        return wrong(err, "--ref", "is no reference: letters, digits and - _ . / only, 64 at most",
                     "it stands in the statement's line: FT26330123456789");
    if (!amount || !str_to_i64(amount, 1, PAY_VND_MAX, &n))
        return wrong(err, "--amount", "is no amount in whole dong", "type what the statement says");
    *ret_amount = n;
    t->ref = capitals(in->arena, ref);
    if (!evidence)
        return wrong(err, "--evidence", "is missing: no money is settled on a word alone",
                     "name the bank's statement");
    if (evidence[0] != '/')
        return wrong(err, "--evidence", "is not a whole path, and the job runs elsewhere",
                     "begin it with /");
    return evidence_read(in, evidence, t->ref, n, &t->evidence, err);
}

/* --- the row --- */

static bool find_row(struct pgsession *db, const char *id, struct arena *a, struct pay_row *ret,
                     struct err *err) {
    const struct pay_row *row;
    uint32_t n;
    if (!payments_by_id(db, id, a, &row, &n, err))
        return false;
    if (!row)
        return wrong(err, id, "is no payment's id", "goodgo payments list shows the ids");
    *ret = *row;
    return true;
}

/* One credit pays one payment. */
static bool is_free(struct pgsession *db, const char *ref, struct arena *a, struct err *err) {
    struct pay_filter f = {.key_step = PAY_KEY_OURS,
                           .key = ref,
                           .provider = PAY_TRANSFER,
                           .newest_first = true,
                           .limit = PAYMENTS_PAGE};
    struct pay_row *rows;
    uint32_t n;
    if (!payments_page(db, &f, a, &rows, &n, err))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (rows[i].provider_tx_id && !strcmp(rows[i].provider_tx_id, ref)) {
            err_set(err, E_CONFIG, OP, ref, "has settled payment %s already", rows[i].id);
            err->todo = "one credit pays one payment: look at the statement again";
            return false;
        }
    return true;
}

static bool check(const struct pay_row *row, int64_t amount, struct err *err) {
    if (strcmp(row->provider, PAY_TRANSFER) != 0) {
        err_set(err, E_CONFIG, OP, row->id, "is a payment of %s, no bank transfer", row->provider);
        err->todo = "only the API may move it: goodgo payments replay";
        return false;
    }
    if (pay_status_is_final(row->status)) {
        err_set(err, E_NOT_READY, OP, row->id, "already done: it is %s", row->status_text);
        err->todo =
            "a second credit, or one of a payment that failed, is for finance to give back: "
            "what is settled stays as it is";
        return false;
    }
    if (row->amount_vnd != amount) {
        char ours[GROUPED_SIZE], theirs[GROUPED_SIZE];
        err_set(err, E_CONFIG, OP, row->id, "is of %s VND, and the statement says %s",
                int_grouped(row->amount_vnd, ours), int_grouped(amount, theirs));
        err->todo = "hold it and ask finance";
        return false;
    }
    return true;
}

static bool look(const struct act_input *in, const char *id, struct transfer *t, struct err *err) {
    struct pgsession *db = NULL;
    int64_t amount;
    if (!read_arguments(in, t, &amount, err) || !payments_open(in->settings, -1, &db, err))
        return false;
    bool ok = find_row(db, id, in->arena, &t->row, err) && check(&t->row, amount, err) &&
              is_free(db, t->ref, in->arena, err);
    pgsession_close(db);
    return ok;
}

/* --- the plan --- */

/* What the run relies on, as the plan's facts have it. */
static const char *as_found(struct arena *a, const struct pay_row *row) {
    return text_cleanz(a, arena_printf(a, "%s %s since %s, %lld VND", row->id, row->status_text,
                                       row->updated, (long long)row->amount_vnd))
        .s;
}

static void say_evidence(struct plan *p, const struct transfer *t) {
    const struct evidence *e = &t->evidence;
    char says[GROUPED_SIZE], ours[GROUPED_SIZE];
    plan_change(p,
                "the evidence %s, SHA-256 %.16s..., is named in the payment and in AdminAuditLog",
                e->name, e->sha256);
    if (e->unread)
        plan_warning(p,
                     "%s is no statement that can be read (%s): nobody but you has looked for %s",
                     e->name, e->unread, t->ref);
    else if (e->amount_vnd == t->row.amount_vnd)
        plan_change(p, "line %u of it is this credit: %s, %s VND", e->line, t->ref,
                    int_grouped(e->amount_vnd, says));
    else
        plan_warning(p,
                     "line %u of %s is a credit of %s VND, the payment is of %s: right only where "
                     "several credits make one payment, or one makes several",
                     e->line, e->name, int_grouped(e->amount_vnd, says),
                     int_grouped(t->row.amount_vnd, ours));
    if (e->line_out)
        plan_warning(p, "line %u of %s takes money out with %s too: was the credit taken back?",
                     e->line_out, e->name, t->ref);
    if (e->line && e->own_ref)
        plan_warning(p,
                     "%s is only a word in the text of line %u, whose reference is %s: type that "
                     "one, or the same credit could pay a second payment",
                     t->ref, e->line, e->own_ref);
}

static bool settle_plan(const struct act_input *in, struct plan *p, struct err *err) {
    struct transfer t = {.ref = NULL};
    const char *id = act_argument(in, "id");
    char vnd[GROUPED_SIZE];
    if (!id)
        return wrong(err, "ID", "name the payment", "goodgo payments list --class bank_open");
    if (!look(in, id, &t, err))
        return false;
    p->tier = TIER_DESTROYS;
    p->count = 1;
    p->target = arena_printf(in->arena, "payment %s", t.row.id);
    plan_fact(p, FACT_PAYMENT, "%s", as_found(in->arena, &t.row));
    plan_fact(p, FACT_EVIDENCE, "%s", t.evidence.sha256);
    plan_change(p, "%s %s -> COMPLETED, %s VND, transaction %s", t.row.id, t.row.status_text,
                int_grouped(t.row.amount_vnd, vnd), t.ref);
    say_evidence(p, &t);
    plan_warning(p, "no event is sent: what is paid for does not begin by itself; tell the team "
                    "that runs the API, or let it offer a route for this");
    plan_warning(p, "there is no way back but a refund");
    return true;
}

/* --- the run --- */

static const char settle_sql[] =
    "UPDATE public.\"Payment\" SET \"status\" = 'COMPLETED', \"providerTxId\" = $2,"
    " \"callbackData\" = $3::jsonb, \"updatedAt\" = now() AT TIME ZONE 'UTC'"
    " WHERE \"id\" = $1 AND \"provider\" = 'BANK_TRANSFER' AND \"status\"::text = $4"
    " AND \"status\" IN ('PENDING', 'PROCESSING') AND \"updatedAt\" = $5::timestamp"
    " AND NOT EXISTS (SELECT 1 FROM public.\"Payment\" o WHERE o.\"providerTxId\" = $2"
    " AND o.\"provider\" = 'BANK_TRANSFER') RETURNING \"updatedAt\"::text AS \"updated\"";

/* In the payment, and in the log. */
static const char *evidence_json(struct arena *a, const struct plan *p, const struct transfer *t,
                                 const struct actor *actor) {
    struct str out;
    struct jsonw w;
    char who[320];
    actor_text(actor, who, sizeof who);
    const char *const rows[][2] = {{PAY_SETTLED_BY, PAY_SETTLED_CONSOLE},
                                   {"who", who},
                                   {"reason", plan_argument(p, PLAN_REASON)},
                                   {"plan", p->id},
                                   {"reference", t->ref},
                                   {"evidence", t->evidence.name},
                                   {"evidenceSha256", t->evidence.sha256},
                                   {"before", t->row.status_text}};
    str_init(&out, 16384);
    jsonw_init(&w, &out, JSONW_LINE);
    jsonw_open(&w, '{');
    jsonw_put_strings(&w, rows, ARRAY_LEN(rows));
    jsonw_close(&w, '}');
    const char *s = arena_strdup(a, str_get(&out));
    str_done(&out);
    return s;
}

/* Closing the session without COMMIT undoes all of it. */
static bool settle(struct job *j, const struct plan *p, const struct transfer *t,
                   const struct act_input *in, struct err *err) {
    struct pgsession *s = NULL;
    struct pg_rows rows = {0};
    struct actor actor;
    actor_here(&actor);
    int64_t n_admins = 0;
    const char *json = evidence_json(in->arena, p, t, &actor);
    const char *params[] = {t->row.id, t->ref, json, t->row.status_text, t->row.updated};
    const struct pg_statement update = {
        .sql = settle_sql, .params = params, .n_params = ARRAY_LEN(params), .timeout_ms = QUERY_MS};
    struct admin_entry entry = {
        in->settings->admin_user, actor.login, "PAYMENT_RECONCILED", "PAYMENT", t->row.id, json};
    if (!pgsession_open(&in->settings->postgres, "goodgo-settle", QUERY_MS, job_cancel_fd(j), &s,
                        err))
        return false;
    bool ok = pgsession_run(s, PG_BEGIN_DURABLE "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                            QUERY_MS, err) &&
              pgsession_exec(s, &update, in->arena, &rows, err);
    if (ok && !rows.n_rows)
        ok = err_set(err, E_NOT_READY, OP, t->row.id,
                     "is no longer as the plan was made for, or the reference is used: nothing was "
                     "done");
    const char *updated = ok ? pg_cell(&rows, 0, "updated") : NULL;
    ok = ok && admin_log_insert(s, &entry, QUERY_MS, in->arena, &n_admins, err);
    if (ok && n_admins != 1)
        ok = wrong(err, "GOODGO_ADMIN_USER",
                   arena_printf(in->arena,
                                "%s, and without a row in AdminAuditLog nothing is settled",
                                admin_log_nobody(&entry, n_admins, in->arena)),
                   "set it to the email of your administrator");
    ok = ok && pgsession_run(s, "COMMIT", QUERY_MS, err);
    pgsession_close(s);
    if (ok)
        job_result(j, t->row.id, "%s -> COMPLETED since %s, %s VND, transaction %s",
                   t->row.status_text, updated ? updated : "?", GROUPED(t->row.amount_vnd), t->ref);
    return ok;
}

static bool is_as_planned(const struct plan *p, const struct transfer *t, struct arena *a,
                          struct err *err) {
    const char *payment = pairs_find(&p->facts, FACT_PAYMENT);
    const char *sha256 = pairs_find(&p->facts, FACT_EVIDENCE);
    if (payment && sha256 && strcmp(payment, as_found(a, &t->row)) == 0 &&
        strcmp(sha256, t->evidence.sha256) == 0)
        return true;
    err_set(err, E_NOT_READY, OP, t->row.id,
            "is no longer as the plan was made for, or its evidence is not: nothing was done");
    err->todo = "plan again";
    return false;
}

static bool settle_run(struct job *j, const struct plan *p, struct err *err) {
    struct transfer t = {.ref = NULL};
    struct act_input in = {.settings = job_settings(j),
                           .state_dir = job_state_dir(j),
                           .arena = job_arena(j),
                           .arguments = &p->arguments};
    return look(&in, plan_argument(p, "id"), &t, err) && is_as_planned(p, &t, in.arena, err) &&
           settle(j, p, &t, &in, err);
}

static const struct act_remains settle_remains[] = {
    {NULL, "{target} is settled in one transaction: it is COMPLETED with its evidence and a row in "
           "AdminAuditLog, or as it was"},
    {NULL,
     "look before you settle again: goodgo payments show {id} (COMPLETED with transaction {ref} "
     "= it is done)"},
    {NULL, NULL},
};

extern const struct act act_settle_transfer;
const struct act act_settle_transfer = {
    .id = "settle-transfer",
    .title = "Settle a bank transfer",
    .help = "mark a bank transfer as paid, by its statement",
    .about =
        "A transfer has no callback: the statement tells. The payment becomes COMPLETED where it "
        "is still as the plan showed it, with the statement's SHA-256 in it and a row in "
        "AdminAuditLog, in one transaction. No event is sent: what was paid for has to be "
        "started by the API's team.",
    .example = "goodgo payments settle-transfer ID --ref FT26 --amount 55000 --evidence D.csv",
    .operand = "id",
    .options = options,
    .view = "payments",
    .remains = settle_remains,
    .plan = settle_plan,
    .run = settle_run,
};
