/* app/cancel.c - `goodgo jobs cancel JOB`. It is no act: it has no job of its own, and must work
 * while everything else hangs. A shell stops a job at once; the screen first shows this plan of it
 * and asks for its word, as for an act. */
#include <stdio.h>
#include <string.h>

#include "act/audit.h"
#include "app/command.h"
#include "base/clock.h"
#include "job_words_priv.h"

static void tell_job(const struct app_context *app, const struct job_info *j, struct plan *p) {
    struct str line;
    bool begun = j->state == JOB_RUNNING;
    str_init(&line, 400);
    job_progress_line(j, clock_wall_ms() / 1000, &line);
    plan_change(p, "%s on %s, of %s: %s%s%s", j->action, j->target, j->who,
                job_state_name(j->state), *j->stage ? ", " : "", *j->stage ? str_get(&line) : "");
    str_done(&line);
    plan_change(p, "%s",
                begun ? "asks it to stop: it does so at the next safe place, tidies up what is "
                        "half done, and ends as cancelled"
                      : "asks it to stop: it has begun nothing, and ends as cancelled");
    if (begun && p->tier > TIER_HARMLESS)
        plan_warning(p, "what it has finished by then stays so: its result and its log tell");
    if (strcmp(j->context, app->settings->context) != 0)
        plan_warning(p, "it is a job of the context %s, and this console looks at %s", j->context,
                     app->settings->context);
    plan_command(p, "goodgo jobs cancel %s", j->id);
}

/* To stop what is harmless is harmless, whatever it is called in this console: the word is that of
 * the job's own context. */
static bool make_plan(struct app_context *app, const struct job_info *j, struct plan *p,
                      struct err *err) {
    struct plan of_job;
    if (!job_may_cancel(j, err) || !job_read_plan(app->state_dir, j->id, &of_job, &app->arena, err))
        return false;
    plan_init(p, &app->arena, CANCEL_COMMAND, j->context,
              of_job.tier > TIER_HARMLESS ? TIER_CHANGES : TIER_HARMLESS);
    p->target = arena_printf(&app->arena, "job %s", j->id);
    plan_fact(p, "plan", "%s", j->plan_id);
    tell_job(app, j, p);
    plan_seal(p);
    return true;
}

/* Behind the signal: no lock and no full disk keeps a job from being stopped. */
static bool record(const struct app_context *app, const struct job_info *j, struct err *err) {
    struct actor actor;
    struct audit_record r = {.event = "cancel",
                             .action = j->action,
                             .context = j->context,
                             .target = j->target,
                             .plan_id = j->plan_id,
                             .job_id = j->id,
                             .reason = app->options.reason};
    actor_here(&actor);
    return audit_append(app->state_dir, &actor, &r, err);
}

int app_cancel(struct app_context *app) {
    const struct options *o = &app->options;
    struct job_info j;
    struct plan p;
    struct err err;
    int code;
    if (!job_read_started(app->state_dir, app->argv[0], &app->arena, &j, &err))
        return app_fail(&err, EXIT_USAGE);
    if (!make_plan(app, &j, &p, &err))
        return app_fail(&err, EXIT_FAILED);
    bool asked = o->dry_run || o->confirm || o->plan || o->read_only;
    if (asked && !app_agreed(app, &p, &code))
        return code;
    if (!job_cancel(app->state_dir, j.id, &err))
        return app_fail(&err, EXIT_FAILED);
    fprintf(stderr, "asked it to stop; goodgo jobs attach %s shows how it ends\n", j.id);
    if (!record(app, &j, &err))
        app_fail(&err, EXIT_DONE);
    return EXIT_DONE;
}
