/* app/pay_reconcile.c - `goodgo payments reconcile`: the question, the rows as they come (to the
 * file for finance, to proposals, to the list of exceptions), then the report. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "act/eta.h"
#include "act/recon_out.h"
#include "app/accounts.h"
#include "base/clock.h"
#include "job_words_priv.h"
#include "pay_recon_priv.h"
#include "payments_priv.h"

#define ALL_DAYS 4000 /* --since: up to the last that there is */

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
    if (!reconcile_request_make(app->settings, app->state_dir, &app->arena, q, err))
        return false;
    q->statements = o->statements.at;
    q->n_statements = o->statements.n;
    read_gateways(app, q);
    if (o->propose && !o->reason)
        return payments_usage(err, "--propose", "needs --reason WHY");
    if (o->propose && o->read_only)
        return payments_usage(err, "--propose", "and --read-only exclude each other");
    return read_days(o, q, err);
}

/* --- how far it is: to stderr, while the gateways are asked --- */

#define SAY_EACH_MS 5000

struct progress {
    bool tty;
    struct job_info now; /* its stage alone */
    int64_t began_mono_ms, said_mono_ms;
};

static void on_stage(void *ctx, const char *stage, int64_t total) {
    struct progress *p = ctx;
    p->now.stage = stage;
    p->now.total = total;
    p->now.done = 0;
    p->began_mono_ms = clock_mono_ms();
}

/* On a terminal one line that is drawn over, twice a second; else a line each 5 s. */
static void on_progress(void *ctx, int64_t done, const char *note) {
    struct progress *p = ctx;
    static const struct eta_history nothing = {.n = 0};
    int64_t now = clock_mono_ms(), elapsed = now - p->began_mono_ms;
    struct str line;
    if (strcmp(p->now.stage, "ask") != 0 ||
        now - p->said_mono_ms < (p->tty ? SAY_EACH_MS / 10 : SAY_EACH_MS))
        return;
    p->said_mono_ms = now;
    p->now.done = done;
    p->now.note = note;
    p->now.rate_per_s = elapsed > 0 ? (double)done * 1000 / (double)elapsed : -1;
    eta_estimate(&nothing, done, p->now.total, elapsed, &p->now.eta_s, &p->now.eta_error_s);
    str_init(&line, 400);
    job_progress_line(&p->now, 0, &line);
    fprintf(stderr, p->tty ? "\r\033[K%.79s" : "%s\n", str_get(&line));
    str_done(&line);
}

static void progress_end(const struct progress *p) {
    if (p->tty && p->said_mono_ms)
        fputs("\r\033[K", stderr);
}

/* --- rows --- */

static bool propose(struct recon_print *p, const struct recon_row *row, struct err *err) {
    if (proposal_make(p->app->state_dir, row, &p->me, p->app->options.reason, p->now_wall_s, err)) {
        p->proposed++;
        return true;
    }
    return err->code == E_NONE;
}

static bool on_row(void *ctx, const struct recon_row *row, struct err *err) {
    struct recon_print *p = ctx;
    char id[PROPOSAL_ID_SIZE];
    struct recon_resolution done = {.state = "proposed"};
    bool there = proposal_about(p->proposals, p->n_proposals, row, id, &done) != NULL;
    if (*id && p->app->options.propose && !propose(p, row, err))
        return false;
    if (p->csv && !recon_csv_row(p->csv, p->report.run_id, row, there ? &done : NULL, err))
        return false;
    recon_print_row(p, row, *id ? id : NULL, there ? &done : NULL);
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
    struct progress progress = {.tty = isatty(STDERR_FILENO) && !app->options.plain,
                                .now = {.unit = UNIT_COUNT, .stage = ""}};
    const struct reconcile_watch watch = {on_stage, on_progress, &progress};
    struct err err;
    if (!read_request(app, &q, &err))
        return app_fail(&err, EXIT_USAGE);
    if (!proposal_list(app->state_dir, &app->arena, &p.proposals, &p.n_proposals, &err))
        return app_fail(&err, EXIT_FAILED);
    person_here(&p.me);
    q.cancel_fd = stop_signals();
    q.watch = &watch;
    recon_print_begin(&p);
    bool ok = true;
    if (app->options.csv) {
        p.csv = recon_csv_open(app->options.csv, &err);
        ok = p.csv != NULL;
    }
    ok = ok && reconcile_run(&q, &app->arena, on_row, &p, &p.report, &err);
    progress_end(&progress);
    ok = finish(&p, ok, &err) && ok;
    bool stopped = !ok && err.code == E_CANCELLED;
    int code = ok ? recon_print_end(&p) : app_fail(&err, stopped ? EXIT_CANCELLED : EXIT_FAILED);
    if (q.cancel_fd >= 0)
        close(q.cancel_fd);
    recon_print_done(&p);
    return code;
}
