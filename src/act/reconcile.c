/* act/reconcile.c - the run: its steps in order, its sorters, and the check that every dong that
 * was read is in the report or counted as outside its days. See act/reconcile.h. */
#include "act/reconcile.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "io/cancel.h"
#include "recon_priv.h"

#define MEMORY_BYTES ((size_t)32 << 20) /* of each sorter; few of them are full at a time */

bool recon_stopped(const struct recon *r, struct err *err) {
    return cancel_asked(r->q->cancel_fd) &&
           !err_set(err, E_CANCELLED, RECON_OP, "", "stopped as asked");
}

void recon_stage(const struct recon *r, const char *stage, int64_t total) {
    if (r->q->watch)
        r->q->watch->stage(r->q->watch->ctx, stage, total);
}

void recon_progress(const struct recon *r, int64_t done, const char *note) {
    if (r->q->watch)
        r->q->watch->progress(r->q->watch->ctx, done, note);
}

bool recon_has_gateway(const struct recon *r, const char *provider) {
    for (uint32_t i = 0; i < r->n_providers; i++)
        if (!strcmp(r->providers[i], provider))
            return true;
    return false;
}

bool recon_covers(const struct recon *r, const char *provider, int64_t day) {
    for (uint32_t i = 0; i < r->n_providers; i++)
        if (!strcmp(r->providers[i], provider))
            return day >= r->first_day[i] && day <= r->last_day[i];
    return false;
}

bool recon_day_in(const struct recon *r, int64_t day) {
    return day >= r->q->from_day && day < r->q->before_day;
}

bool recon_in_window(const struct recon *r, const struct recon_line *l,
                     const struct recon_payment *o) {
    return l->day >= o->day - 1 && l->day <= o->day + r->q->window_days;
}

size_t recon_order_key(const char *id, char key[RECON_MAX_REF + 1]) {
    size_t n = 0;
    for (const char *s = id; *s && n < RECON_MAX_REF; s++) {
        char c = *s >= 'a' && *s <= 'z' ? (char)(*s - 'a' + 'A') : *s;
        key[n] = c; /* kept or written over: no branch that is wrong half the time */
        n += (unsigned)(c - '0') < 10 || (unsigned)(c - 'A') < 26;
    }
    key[n] = '\0';
    return n;
}

static struct sorter **sorters(struct recon *r, uint32_t i) {
    struct sorter **const all[] = {&r->orders, &r->paid,   &r->txs,   &r->lines, &r->hits,
                                   &r->named,  &r->claims, &r->loose, &r->by_tx, &r->rows};
    return i < ARRAY_LEN(all) ? all[i] : NULL;
}

static bool open_run(struct recon *r, struct err *err) {
    bool ok = true;
    r->refs = recon_filter_new();
    r->several = recon_several_new();
    r->digest = digest_sha256_new();
    for (uint32_t i = 0; ok && sorters(r, i); i++) {
        *sorters(r, i) = sorter_new(r->q->work_dir, RECON_OP, MEMORY_BYTES, err);
        ok = *sorters(r, i) != NULL;
    }
    return ok;
}

static void close_run(struct recon *r) {
    for (uint32_t i = 0; sorters(r, i); i++)
        sorter_free(*sorters(r, i));
    recon_filter_free(r->refs);
    recon_several_free(r->several);
    for (uint32_t i = 0; i < r->files.n_refunded; i++)
        free(r->files.refunded[i]);
    free(r->files.refunded);
    free(r->settlements);
    free(r->payouts);
    free(r->to_ask);
    digest_free(r->digest);
}

/* --- the question --- */

static bool is_prefix(const char *s) {
    return strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == strlen(s);
}

/* One's own come before ours. */
static bool read_layouts(const struct recon_settings *s, struct arena *a,
                         struct reconcile_request *ret, struct err *err) {
    const struct statement_layout **all =
        arena_alloc(a, (s->n_layouts + n_statement_layouts) * sizeof *all);
    for (uint32_t i = 0; i < s->n_layouts; i++) {
        const struct layout_line *line = &s->layouts[i];
        struct statement_layout *l = arena_alloc(a, sizeof *l);
        if (!statement_layout_parse(a, line->line, line->gateway, line->where, l, err))
            return false;
        all[ret->n_layouts++] = l;
    }
    for (uint32_t i = 0; i < n_statement_layouts; i++)
        all[ret->n_layouts++] = statement_layouts[i];
    ret->layouts = all;
    return true;
}

bool reconcile_request_make(const struct settings *s, const char *state_dir, struct arena *a,
                            struct reconcile_request *ret, struct err *err) {
    const struct recon_settings *rules = &s->recon;
    *ret = (struct reconcile_request){
        .settings = s,
        .state_dir = state_dir,
        .work_dir = arena_printf(a, "%s/payments", state_dir),
        .window_days = rules->window_days,
        .settle_days = rules->settle_days,
        .ref_prefix = rules->reference_prefix ? rules->reference_prefix : "",
        .cancel_fd = -1,
    };
    if (!is_prefix(ret->ref_prefix))
        return err_set(err, E_CONFIG, "payments", "payments.reference_prefix",
                       "is A-Z and 0-9 only");
    return read_layouts(rules, a, ret, err);
}

bool reconcile_is_option(const char *name, const char *option) {
    size_t n = strlen(option);
    return strncmp(name, option, n) == 0 && (!name[n] || name[n] == '.');
}

static bool read_day(const char *text, int64_t *ret_day, struct err *err) {
    int64_t from, before;
    if (!pay_day_parse(text, &from, &before))
        return err_set(err, E_CONFIG, "payments", text, "is no day like 2026-10-09");
    *ret_day = (from + CLOCK_VIETNAM_S) / DAY_S;
    return true;
}

static bool read_days(const struct pairs *arguments, struct reconcile_request *q, struct err *err) {
    const char *day = pairs_find(arguments, "day"), *since = pairs_find(arguments, "since");
    const char *until = pairs_find(arguments, "until"), *first = day ? day : since;
    int64_t last = RECONCILE_NO_END - 1;
    if (!first || (day && since))
        return err_set(err, E_CONFIG, "payments", "reconcile",
                       "needs --day DAY or --since DAY, one of them");
    if (until && !since)
        return err_set(err, E_CONFIG, "payments", "--until", "goes with --since DAY");
    if (!read_day(first, &q->from_day, err) || (until && !read_day(until, &last, err)))
        return false;
    if (last < q->from_day)
        return err_set(err, E_CONFIG, "payments", until, "is before %s", first);
    q->before_day = (day ? q->from_day : last) + 1;
    return true;
}

/* A statement is the evidence: the file for finance must not take its place. */
static bool is_written_over(const char *csv, const char *const *paths, uint32_t n,
                            struct err *err) {
    struct stat out, in;
    for (uint32_t i = 0; i < n && stat(csv, &out) == 0; i++)
        if (stat(paths[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino) {
            err_set(err, E_CONFIG, "payments", csv,
                    "is one of the files that are handed in: --csv would write over it");
            err->todo = "give --csv a name of its own";
            return true;
        }
    return false;
}

bool reconcile_request_read(const struct pairs *arguments, struct arena *a,
                            struct reconcile_request *q, struct err *err) {
    const char **statements = arena_alloc(a, PLAN_MAX_PAIRS * sizeof *statements);
    const char **gateways = arena_alloc(a, PLAN_MAX_PAIRS * sizeof *gateways);
    for (uint32_t i = 0; i < arguments->n; i++) {
        const struct pair *p = &arguments->at[i];
        bool gateway = reconcile_is_option(p->name, "gateway");
        if (gateway && !strcmp(p->value, "live"))
            q->live = true;
        else if (gateway)
            gateways[q->n_gateways++] = p->value;
        else if (reconcile_is_option(p->name, "statement"))
            statements[q->n_statements++] = p->value;
    }
    q->statements = statements;
    q->gateways = gateways;
    q->now_wall_s = q->live ? clock_wall_ms() / 1000 : 0;
    const char *csv = pairs_find(arguments, "csv");
    if (csv && (is_written_over(csv, statements, q->n_statements, err) ||
                is_written_over(csv, gateways, q->n_gateways, err)))
        return false;
    return read_days(arguments, q, err);
}

/* --- the run --- */

/* The same question about the same data has the same number. */
static void name_run(struct recon *r) {
    const struct reconcile_request *q = r->q;
    char hex[DIGEST_HEX_SIZE];
    for (uint32_t i = 0; i < r->report->n_files; i++)
        digest_add(r->digest, r->report->files[i].sha256, 64);
    const char *text =
        arena_printf(r->arena, "%lld %lld %u %u %s", (long long)q->from_day,
                     (long long)q->before_day, q->window_days, q->settle_days, q->ref_prefix);
    digest_add(r->digest, text, strlen(text));
    digest_hex(r->digest, hex);
    r->digest = NULL;
    str_copy(r->report->run_id, sizeof r->report->run_id, hex);
}

static bool adds_up(const struct reconcile_report *t, struct err *err) {
    const struct {
        const char *what;
        int64_t read, reported;
    } sides[] = {
        {"payments", t->read.db_vnd, t->reported.db_vnd + t->outside.db_vnd},
        {"gateways", t->read.gateway_vnd, t->reported.gateway_vnd + t->outside.gateway_vnd},
        {"banks", t->read.bank_vnd, t->reported.bank_vnd + t->outside.bank_vnd}};
    for (size_t i = 0; i < ARRAY_LEN(sides); i++)
        if (sides[i].read != sides[i].reported)
            return err_set(err, E_INTERNAL, RECON_OP, sides[i].what,
                           "%lld VND were read, %lld are accounted for", (long long)sides[i].read,
                           (long long)sides[i].reported);
    return true;
}

/* What is wrong with a file is said before what is wrong with the database. */
static bool read_all(struct recon *r, struct err *err) {
    if (!recon_files_begin(r, err))
        return false;
    bool ok = recon_read_payments(r, err);
    return recon_files_end(r, err) && ok;
}

static bool run(struct recon *r, recon_row_fn on_row, void *ctx, struct err *err) {
    if (!open_run(r, err) || !read_all(r, err) || !recon_live(r, err) || !recon_lines(r, err))
        return false;
    recon_stage(r, "match", 0);
    recon_settle(r);
    name_run(r);
    if (r->paid_as_of_wall_s > r->as_of_wall_s)
        r->as_of_wall_s = r->paid_as_of_wall_s;
    int64_t as_of = (r->as_of_wall_s + CLOCK_VIETNAM_S) / DAY_S;
    r->report->as_of_day = as_of > r->statement_last_day ? as_of : r->statement_last_day;
    return recon_match(r, err) && recon_suggest(r, err) && recon_settle_rest(r, err) &&
           recon_by_tx(r, err) && recon_report(r, on_row, ctx, err) && adds_up(r->report, err);
}

bool reconcile_run(const struct reconcile_request *q, struct arena *arena, recon_row_fn on_row,
                   void *ctx, struct reconcile_report *ret, struct err *err) {
    struct recon r = {.q = q, .arena = arena, .report = ret, .as_of_wall_s = q->now_wall_s};
    *ret = (struct reconcile_report){.first_day = q->from_day, .last_day = q->before_day - 1};
    bool ok = run(&r, on_row, ctx, err);
    close_run(&r);
    if (ret->n_totals) {
        struct recon_total *copy = arena_alloc(arena, ret->n_totals * sizeof *copy);
        memcpy(copy, ret->totals, ret->n_totals * sizeof *copy);
        free(ret->totals);
        ret->totals = copy;
    }
    return ok;
}
