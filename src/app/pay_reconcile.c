/* app/pay_reconcile.c - `goodgo payments reconcile`: the question, the run with its progress, a
 * record of what was written, then the report. The act of that name does the same as a job. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "act/eta.h"
#include "act/recon_out.h"
#include "base/clock.h"
#include "job_words_priv.h"
#include "pay_recon_priv.h"
#include "payments_priv.h"

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
    struct options *o = &app->options;
    struct pairs *arguments = &o->arguments;
    bool proposes = pairs_find(arguments, "propose") != NULL;
    if (o->day && arguments->n < PLAN_MAX_PAIRS)
        arguments->at[arguments->n++] = (struct pair){"day", o->day};
    if (!reconcile_request_make(app->settings, app->state_dir, &app->arena, q, err))
        return false;
    if (proposes && !o->reason)
        return payments_usage(err, "--propose", "needs --reason WHY");
    if (proposes && o->read_only)
        return payments_usage(err, "--propose", "and --read-only exclude each other");
    return reconcile_request_read(arguments, &app->arena, q, err);
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
    p->now.rate_per_s = eta_rate_per_s(done, p->now.total, elapsed);
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

/* --- the trail --- */

static const char *outcome_of(const struct err *failure) {
    return !failure ? "done" : failure->code == E_CANCELLED ? "cancelled" : "failed";
}

/* `failure`: of a run that proposed something before, which stands; else NULL. */
static bool note(struct recon_print *p, const struct err *failure, struct err *err) {
    struct app_context *app = p->app;
    const struct recon_run *run = &p->run;
    struct actor actor;
    struct audit_record r = {.event = "result",
                             .action = "payments.reconcile",
                             .context = app->settings->context,
                             .target = run->csv && !failure ? run->csv : "proposals",
                             .plan_id = run->report.run_id,
                             .outcome = outcome_of(failure),
                             .why = failure ? failure->why : NULL,
                             .reason = app->options.reason};
    const struct {
        const char *name, *value;
    } details[] = {
        {"run", run->report.run_id},
        {"rows", arena_printf(&app->arena, "%llu", (unsigned long long)run->report.reported.rows)},
        {"sha256", run->csv_sha256},
        {"proposed", arena_printf(&app->arena, "%u", run->proposed)}};
    if (!run->csv && !run->propose)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(details); i++)
        if (*details[i].value)
            r.details.at[r.details.n++] = (struct pair){details[i].name, details[i].value};
    actor_here(&actor);
    return audit_append(app->state_dir, &actor, &r, err);
}

/* A file that is named and cannot be read is wrong use, as it is of every command. */
static int exit_of(const struct err *why) {
    bool named_wrong = why->code == E_CONFIG || strcmp(why->op, "file.read") == 0;
    return why->code == E_CANCELLED ? EXIT_CANCELLED : named_wrong ? EXIT_USAGE : EXIT_FAILED;
}

static int failed(struct recon_print *p, const struct err *why) {
    uint32_t n = p->run.proposed;
    struct err err;
    int code = app_fail(why, exit_of(why));
    if (n && !note(p, why, &err))
        app_fail(&err, EXIT_FAILED);
    if (n)
        fprintf(stderr,
                "goodgo: %u proposal%s of it stand%s: see goodgo payments proposals; a second run "
                "makes none twice\n",
                n, n == 1 ? "" : "s", n == 1 ? "s" : "");
    return code;
}

int pay_reconcile_cmd(struct app_context *app) {
    struct reconcile_request q;
    struct recon_print p = {.app = app};
    struct progress progress = {.tty = isatty(STDERR_FILENO) && !app->options.plain,
                                .now = {.unit = UNIT_COUNT, .stage = ""}};
    const struct reconcile_watch watch = {on_stage, on_progress, &progress};
    struct err err;
    if (!read_request(app, &q, &err))
        return app_fail(&err, EXIT_USAGE);
    q.cancel_fd = stop_signals();
    q.watch = &watch;
    recon_print_begin(&p);
    bool ok = recon_run(&p.run, &q, &app->arena, &err);
    progress_end(&progress);
    int code = !ok                    ? failed(&p, &err)
               : note(&p, NULL, &err) ? recon_print_end(&p)
                                      : app_fail(&err, EXIT_FAILED);
    if (q.cancel_fd >= 0)
        close(q.cancel_fd);
    recon_print_done(&p);
    return code;
}
