/* act/runner.c - the order of a run: lock, plan again, intent on disk, effect, result on disk. */
#include "act/runner.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/act.h"
#include "act/audit.h"
#include "act/lock.h"
#include "act/second.h"
#include "base/clock.h"
#include "base/jsonw.h"
#include "io/child.h"
#include "io/pgsession.h"
#include "admin_log_priv.h"
#include "job_priv.h"

#define LOCK_WAIT_MS          10000
#define ADMIN_LOG_MS          5000
#define OPTIONS_MAX           24
#define FOREIGN_KEY_VIOLATION "23503"

static struct job *signalled; /* the one job of this process, for the handler */

static void on_term(int signum) {
    int saved = errno;
    job_ask_cancel(signalled);
    errno = saved;
}

/* A job outlives lines and logouts: only TERM (goodgo jobs cancel) ends it. */
static void set_signals(struct job *j) {
    struct sigaction term = {.sa_handler = on_term, .sa_flags = SA_RESTART};
    signalled = j;
    sigaction(SIGTERM, &term, NULL);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

struct run {
    struct job *job;
    const struct act *act;
    const char *id, *state_dir;
    struct plan agreed;
    struct actor actor;
};

static bool record(struct run *r, const char *event, const char *outcome, const char *why,
                   struct err *err) {
    struct audit_record a = {.event = event,
                             .action = r->agreed.action,
                             .context = r->agreed.context,
                             .target = r->agreed.target,
                             .plan_id = r->agreed.id,
                             .job_id = r->id,
                             .outcome = outcome,
                             .why = why,
                             .reason = plan_argument(&r->agreed, PLAN_REASON),
                             .details = outcome ? *job_results(r->job) : r->agreed.arguments};
    return audit_append(r->state_dir, &r->actor, &a, err);
}

/* ---- the platform's own AdminAuditLog ---- */

static void metadata(const struct run *r, const char *outcome, struct str *out) {
    struct jsonw w;
    char who[320];
    actor_text(&r->actor, who, sizeof who);
    const char *const rows[][2] = {{"tool", "goodgo-console"},
                                   {"who", who},
                                   {"reason", plan_argument(&r->agreed, PLAN_REASON)},
                                   {"action", r->agreed.action},
                                   {"plan", r->agreed.id},
                                   {"job", r->id},
                                   {"context", r->agreed.context},
                                   {"outcome", outcome}};
    jsonw_init(&w, out, JSONW_LINE);
    jsonw_open(&w, '{');
    jsonw_put_strings(&w, rows, ARRAY_LEN(rows));
    jsonw_close(&w, '}');
}

/* Whoever is removed just now is still seen, but may not be named: asked again, the database
 * knows. */
static bool insert_row(struct run *r, const struct admin_entry *e, int64_t *ret_n,
                       struct err *err) {
    struct pgsession *s = NULL;
    if (!pgsession_open(&job_settings(r->job)->postgres, "goodgo job", ADMIN_LOG_MS, -1, &s, err))
        return false;
    bool ok = false, again = true;
    for (int i = 0; i < 2 && !ok && again; i++) {
        ok = admin_log_insert(s, e, ADMIN_LOG_MS, job_arena(r->job), ret_n, err);
        again = strcmp(pgsession_sqlstate(s), FOREIGN_KEY_VIOLATION) == 0;
    }
    pgsession_close(s);
    return ok;
}

/* The platform's table is a courtesy to its other readers; the trail is what counts. */
static void tell_platform(struct run *r, const char *outcome) {
    struct err err;
    struct str json;
    int64_t n;
    const struct settings *settings = job_settings(r->job);
    if (!settings->has_postgres || r->agreed.tier == TIER_READ)
        return;
    str_init(&json, 4096);
    metadata(r, outcome, &json);
    struct admin_entry e = {settings->admin_user, r->actor.login, "SETTINGS_CHANGED", "SYSTEM",
                            r->agreed.target,     str_get(&json)};
    if (!insert_row(r, &e, &n, &err))
        job_log(r->job, "no row in AdminAuditLog: %s", err.why);
    else if (n != 1)
        job_log(r->job, "no row in AdminAuditLog: %s; set GOODGO_ADMIN_USER to the email of yours",
                admin_log_nobody(&e, n, job_arena(r->job)));
    str_done(&json);
}

/* ---- the run ---- */

static void end(struct run *r, enum job_state state, const struct err *why) {
    struct err err;
    char sentence[600] = "";
    if (why)
        err_sentence(why, sentence, sizeof sentence);
    if (*sentence)
        job_log(r->job, "%s", sentence);
    const char *outcome = job_state_name(state);
    const char *event = state == JOB_REFUSED ? "refused" : "result";
    for (int i = 0; i < 2 && !record(r, event, outcome, *sentence ? sentence : NULL, &err); i++) {
        job_log(r->job, "the trail cannot be written: %s", err.why);
        if (i)
            job_result(r->job, "trail", "the result is not in the audit trail: %s", err.why);
    }
    if (state != JOB_REFUSED)
        tell_platform(r, outcome);
    if (!job_set_state(r->job, state, *sentence ? sentence : NULL, &err))
        job_log(r->job, "%s, but nobody can see it: %s", outcome, err.why);
}

static bool same_plan(struct run *r, struct err *err) {
    struct plan now;
    struct act_input input = {.settings = job_settings(r->job),
                              .state_dir = r->state_dir,
                              .arena = job_arena(r->job),
                              .arguments = &r->agreed.arguments,
                              .now_wall_ms = clock_wall_ms()};
    if (!act_plan(r->act, &input, &now, err))
        return false;
    if (strcmp(now.id, r->agreed.id) == 0)
        return true;
    return err_set(err, E_CONFIG, "act.plan", r->agreed.action,
                   "the plan no longer holds (%s): nothing was done; plan again",
                   plan_difference(&r->agreed, &now, job_arena(r->job)));
}

static void run_action(struct run *r) {
    struct err err = {0};
    if (!job_set_state(r->job, JOB_RUNNING, NULL, &err)) {
        end(r, JOB_REFUSED, &err);
        return;
    }
    job_log(r->job, "running %s, plan %s", r->agreed.action, r->agreed.id);
    bool ok = r->act->run(r->job, &r->agreed, &err);
    if (ok)
        job_remember(r->job, &r->agreed);
    end(r, ok ? JOB_DONE : err.code == E_CANCELLED ? JOB_CANCELLED : JOB_FAILED, ok ? NULL : &err);
}

static void run_locked(struct run *r) {
    struct err err;
    if (!same_plan(r, &err) || job_cancelled(r->job)) {
        if (job_cancelled(r->job))
            err_set(&err, E_CANCELLED, "act.run", r->agreed.action, "cancelled before it began");
        end(r, job_cancelled(r->job) ? JOB_CANCELLED : JOB_REFUSED, &err);
    } else if (!record(r, "intent", NULL, NULL, &err)) {
        end(r, JOB_REFUSED, &err); /* what cannot be recorded is not done */
    } else {
        run_action(r);
    }
}

static void log_sentence(void *data, const char *sentence) {
    job_log(data, "%s", sentence);
}

/* Before the lock: nobody else has to wait for a person who thinks. */
static bool ask_second(struct run *r, struct err *err) {
    const char *who;
    const struct second_wait wait = {.settings = job_settings(r->job),
                                     .plan = &r->agreed,
                                     .job_id = r->id,
                                     .cancel_fd = job_cancel_fd(r->job),
                                     .told = log_sentence,
                                     .data = r->job};
    if (!second_needed(wait.settings, wait.plan))
        return true;
    job_stage(r->job, "second person", UNIT_NONE, 0);
    if (!second_ask(&wait, &who, err))
        return false;
    job_result(r->job, "second_person", "%s", who);
    return record(r, "approved", "approved", NULL, err);
}

static int run(struct run *r) {
    const struct lock_request wanted = {.settings = job_settings(r->job),
                                        .state_dir = r->state_dir,
                                        .target = r->agreed.target,
                                        .job_id = r->id,
                                        .wait_ms = LOCK_WAIT_MS,
                                        .cancel_fd = job_cancel_fd(r->job)};
    struct lock *lock = NULL;
    struct err err;
    actor_here(&r->actor);
    set_signals(r->job);
    if (job_set_state(r->job, JOB_WAITING, NULL, &err) && ask_second(r, &err) &&
        lock_take(&wanted, &lock, &err))
        run_locked(r);
    else
        end(r, err.code == E_CANCELLED ? JOB_CANCELLED : JOB_REFUSED, &err);
    lock_free(lock);
    return job_final_code(r->job);
}

int runner_main(const struct settings *settings, const char *state_dir, const char *job_id) {
    struct run r = {.id = job_id, .state_dir = state_dir};
    struct err err;
    char sentence[600];
    int code = 2;
    bool ok = job_open(settings, state_dir, job_id, &r.job, &err) &&
              job_read_plan(state_dir, job_id, &r.agreed, job_arena(r.job), &err);
    r.act = ok ? act_find(r.agreed.action) : NULL;
    if (ok && !r.act)
        ok = err_set(&err, E_CONFIG, "act.run", r.agreed.action, "is not an act of this program");
    if (ok && strcmp(r.agreed.context, settings->context) != 0)
        ok = err_set(&err, E_CONFIG, "act.run", r.agreed.context,
                     "the plan is for another context than these settings (%s)", settings->context);
    if (ok) {
        code = run(&r);
    } else {
        err_sentence(&err, sentence, sizeof sentence);
        fprintf(stderr, "goodgo job-run: %s\n", sentence);
    }
    signal(SIGTERM, SIG_IGN); /* its handler has no job any more */
    job_close(r.job);
    return code;
}

/* ---- starting one ---- */

static bool has_user_manager(void) {
    char path[512];
    const char *dir = getenv("XDG_RUNTIME_DIR");
    return dir && snprintf(path, sizeof path, "%s/systemd/private", dir) < (int)sizeof path &&
           access(path, W_OK) == 0 && access("/usr/bin/systemd-run", X_OK) == 0;
}

bool runner_start(const char *program, const char *const *options, const char *state_dir,
                  const char *job_id, struct err *err) {
    const char *argv[OPTIONS_MAX + 12];
    struct arena a;
    int n = 0;
    if (has_user_manager()) {
        argv[n++] = "/usr/bin/systemd-run";
        argv[n++] = "--user";
        argv[n++] = "--scope";
        argv[n++] = "--quiet";
        argv[n++] = "--collect";
    }
    argv[n++] = program;
    for (int i = 0; options[i] && i < OPTIONS_MAX; i++)
        argv[n++] = options[i];
    argv[n++] = "job-run";
    argv[n++] = job_id;
    argv[n] = NULL;
    arena_init(&a);
    bool ok = child_detach(argv, job_path(&a, state_dir, job_id, "log"), err);
    arena_done(&a);
    return ok;
}
