/* app/pay_reconcile.c - `goodgo payments reconcile`: the question, the rows as they come (to the
 * file for finance, to proposals, to the list of exceptions), then the report. */
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "act/recon_out.h"
#include "app/accounts.h"
#include "base/clock.h"
#include "pay_recon_priv.h"
#include "payments_priv.h"

#define ALL_DAYS 4000 /* --since: up to the last that there is */

static bool is_prefix(const char *s) {
    return strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == strlen(s);
}

static bool read_days(const struct options *o, struct reconcile_request *q, struct err *err) {
    int64_t from, before;
    const char *day = o->day ? o->day : o->since;
    if (!day || (o->day && o->since))
        return payments_usage(err, "reconcile", "needs --day DAY or --since DAY");
    if (!pay_day_parse(day, &from, &before))
        return payments_usage(err, day, "is no day like 2026-10-09");
    q->from_day = (from + PAY_VIETNAM_S) / 86400;
    q->before_day = q->from_day + (o->day ? 1 : ALL_DAYS);
    return true;
}

static bool read_layouts(struct app_context *app, struct reconcile_request *q, struct err *err) {
    const struct config *c = &app->config;
    const struct statement_layout **all =
        arena_alloc(&app->arena, (c->n_layouts + n_statement_layouts) * sizeof *all);
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_layouts; i++) { /* one's own come before ours */
        struct statement_layout *l = arena_alloc(&app->arena, sizeof *l);
        if (!statement_layout_parse(&app->arena, c->layouts[i].line, c->layouts[i].gateway,
                                    c->layouts[i].where, l, err))
            return false;
        all[n++] = l;
    }
    for (uint32_t i = 0; i < n_statement_layouts; i++)
        all[n++] = statement_layouts[i];
    q->layouts = all;
    q->n_layouts = n;
    return true;
}

/* "live" stands among the files. */
static void read_gateways(struct app_context *app, struct reconcile_request *q) {
    const struct option_texts *given = &app->options.gateways;
    const char **files = arena_alloc(&app->arena, (given->n + 1) * sizeof *files);
    for (uint32_t i = 0; i < given->n; i++) {
        if (!strcmp(given->at[i], "live"))
            q->live = true;
        else
            files[q->n_gateways++] = given->at[i];
    }
    q->gateways = files;
    q->now_wall_s = q->live ? clock_wall_ms() / 1000 : 0;
}

/* Ctrl-C ends the run as a failure does: nothing half-made is left behind. */
static int stop_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static bool read_request(struct app_context *app, struct reconcile_request *q, struct err *err) {
    const struct options *o = &app->options;
    const struct config *c = &app->config;
    *q = (struct reconcile_request){
        .settings = app->settings,
        .state_dir = app->state_dir,
        .work_dir = arena_printf(&app->arena, "%s/payments", app->state_dir),
        .statements = o->statements.at,
        .n_statements = o->statements.n,
        .window_days = c->window_days,
        .settle_days = c->settle_days,
        .ref_prefix = c->reference_prefix ? c->reference_prefix : "",
        .cancel_fd = -1,
    };
    read_gateways(app, q);
    if (!is_prefix(q->ref_prefix))
        return payments_usage(err, "payments.reference_prefix", "is A-Z and 0-9 only");
    if (o->propose && !o->reason)
        return payments_usage(err, "--propose", "needs --reason WHY");
    if (o->propose && o->read_only)
        return payments_usage(err, "--propose", "and --read-only exclude each other");
    return read_days(o, q, err) && read_layouts(app, q, err);
}

/* --- rows --- */

static const struct proposal *find(const struct recon_print *p, const char *id) {
    uint32_t low = 0, high = p->n_proposals;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        int order = strcmp(id, p->proposals[mid].id);
        if (order == 0)
            return &p->proposals[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

static bool propose(struct recon_print *p, const struct recon_row *row, struct err *err) {
    if (proposal_make(p->app->state_dir, row, &p->me, p->app->options.reason, p->now_wall_s, err)) {
        p->proposed++;
        return true;
    }
    return err->code == E_NONE;
}

static bool on_row(void *ctx, const struct recon_row *row, struct err *err) {
    struct recon_print *p = ctx;
    char id[PROPOSAL_ID_SIZE] = "";
    const struct proposal *there = NULL;
    struct recon_resolution done = {.state = "proposed"};
    bool suggested = row->category == RECON_SUGGESTED && row->has_db;
    if (suggested) {
        proposal_id(row, id);
        there = find(p, id);
    }
    if (there)
        done = (struct recon_resolution){there->approved_wall_s ? "approved" : "proposed",
                                         there->maker, there->checker, there->approved_wall_s};
    if (suggested && p->app->options.propose && !propose(p, row, err))
        return false;
    if (p->csv && !recon_csv_row(p->csv, p->report.run_id, row, there ? &done : NULL, err))
        return false;
    recon_print_row(p, row, suggested ? id : NULL, there ? &done : NULL);
    return true;
}

/* --- the trail --- */

static bool note(struct recon_print *p, const char *sha256, struct err *err) {
    struct app_context *app = p->app;
    struct actor actor;
    struct audit_record r = {.event = "result",
                             .action = "payments.reconcile",
                             .context = app->settings->context,
                             .target = app->options.csv ? app->options.csv : "proposals",
                             .plan_id = p->report.run_id,
                             .outcome = "done",
                             .reason = app->options.reason};
    const struct {
        const char *name, *value;
    } details[] = {
        {"run", p->report.run_id},
        {"rows", arena_printf(&app->arena, "%llu", (unsigned long long)p->report.reported.rows)},
        {"sha256", sha256},
        {"proposed", arena_printf(&app->arena, "%u", p->proposed)}};
    for (size_t i = 0; i < ARRAY_LEN(details); i++)
        if (*details[i].value)
            r.details.at[r.details.n++] = (struct pair){details[i].name, details[i].value};
    actor_here(&actor);
    return audit_append(app->state_dir, &actor, &r, err);
}

static bool finish(struct recon_print *p, bool ok, struct err *err) {
    char sha256[65] = "";
    if (p->csv && !recon_csv_close(p->csv, ok, sha256, ok ? err : &(struct err){0}))
        ok = false;
    if (ok && (p->csv || p->app->options.propose))
        ok = note(p, sha256, err);
    str_copy(p->csv_sha256, sizeof p->csv_sha256, sha256);
    return ok;
}

int pay_reconcile_cmd(struct app_context *app) {
    struct reconcile_request q;
    struct recon_print p = {.app = app, .now_wall_s = clock_wall_ms() / 1000};
    struct err err;
    if (!read_request(app, &q, &err))
        return app_fail(&err, EXIT_USAGE);
    if (!proposal_list(app->state_dir, &app->arena, &p.proposals, &p.n_proposals, &err))
        return app_fail(&err, EXIT_FAILED);
    person_here(&p.me);
    q.cancel_fd = stop_signals();
    recon_print_begin(&p);
    bool ok = true;
    if (app->options.csv) {
        p.csv = recon_csv_open(app->options.csv, &err);
        ok = p.csv != NULL;
    }
    ok = ok && reconcile_run(&q, &app->arena, on_row, &p, &p.report, &err);
    ok = finish(&p, ok, &err) && ok;
    bool stopped = !ok && err.code == E_CANCELLED;
    int code = ok ? recon_print_end(&p) : app_fail(&err, stopped ? EXIT_CANCELLED : EXIT_FAILED);
    if (q.cancel_fd >= 0)
        close(q.cancel_fd);
    recon_print_done(&p);
    return code;
}
