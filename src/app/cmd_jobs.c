/* app/cmd_jobs.c - `goodgo jobs` and its sub-commands, and `goodgo job-run ID`. */

#include "act/runner.h"
#include "app/command.h"
#include "base/clock.h"
#include "job_words_priv.h"

#define LIST_MAX 200

static void list_text(const struct job_info *jobs, uint32_t n, struct str *out) {
    if (!n)
        str_puts(out, "no jobs yet: goodgo backup makes one\n");
    for (uint32_t i = 0; i < n; i++) {
        const struct job_info *j = &jobs[i];
        str_printf(out, "%-9s %-40s %s  ", job_state_name(j->state), j->id, j->who);
        if (j->state == JOB_RUNNING || (j->state == JOB_WAITING && *j->stage))
            job_progress_line(j, clock_wall_ms() / 1000, out);
        else if (j->why)
            str_puts(out, j->why);
        str_putc(out, '\n');
    }
}

static void list_json(const struct job_info *jobs, uint32_t n, struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.jobs/1");
    jsonw_key(&w, "jobs");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < n; i++)
        job_json(&jobs[i], &w);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

static int print_and_free(struct str *out) {
    bool ok = app_print(out);
    str_done(out);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

int cmd_jobs(struct app_context *app) {
    struct job_info *jobs;
    struct str out;
    struct err err;
    uint32_t n;
    if (!job_list(app->state_dir, &app->arena, LIST_MAX, &jobs, &n, &err))
        return app_fail(&err, EXIT_USAGE);
    str_init(&out, 4u << 20);
    if (app->json)
        list_json(jobs, n, &out);
    else
        list_text(jobs, n, &out);
    return print_and_free(&out);
}

/* The job that is named, else the last one. */
static const char *job_named(const struct app_context *app) {
    return app->argc ? app->argv[0] : "last";
}

static void show_json(const struct job_info *j, const struct plan *p, const char *log,
                      struct str *out) {
    struct jsonw w;
    struct str plan;
    str_init(&plan, 2u << 20);
    plan_write(p, &plan);
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.job/1");
    jsonw_key(&w, "job");
    job_json(j, &w);
    jsonw_put_string(&w, "log", log);
    jsonw_key(&w, "plan");
    jsonw_raw(&w, str_get(&plan), plan.len - 1); /* a document ends in a newline */
    jsonw_close(&w, '}');
    str_done(&plan);
}

static int jobs_show(struct app_context *app) {
    struct job_info j;
    struct plan p;
    struct str out;
    struct err err;
    if (!job_read(app->state_dir, job_named(app), &app->arena, &j, &err) ||
        !job_read_plan(app->state_dir, j.id, &p, &app->arena, &err))
        return app_fail(&err, EXIT_USAGE);
    const char *log = job_path(&app->arena, app->state_dir, j.id, "log");
    str_init(&out, 4u << 20);
    if (app->json) {
        show_json(&j, &p, log, &out);
    } else {
        job_details(&j, clock_wall_ms() / 1000, &out);
        str_printf(&out, "log       %s\n", log);
        plan_print(&p, &out);
    }
    return print_and_free(&out);
}

static int jobs_attach(struct app_context *app) {
    return app_attach(app, job_named(app));
}

static int jobs_approve(struct app_context *app) {
    return app_consent(app, app->argc ? app->argv[0] : NULL, true);
}

static int jobs_decline(struct app_context *app) {
    return app_consent(app, app->argc ? app->argv[0] : NULL, false);
}

int cmd_job_run(struct app_context *app) {
    struct err err;
    if (app->argc == 1)
        return runner_main(app->settings, app->state_dir, app->argv[0]);
    err_set(&err, E_CONFIG, "job-run", "", "takes the id of one planned job");
    return app_fail(&err, EXIT_USAGE);
}

#define READS_JOBS "the jobs of the state directory"
const struct command jobs_commands[] = {
    {
        .name = "jobs list",
        .operands = "",
        .options = "json state-dir",
        .help = "every job, the newest first",
        .about = "Lists the jobs, the newest first, 200 at the most: state, name, who started it, "
                 "and how far it is or why it ended.",
        .example = "goodgo jobs list\ngoodgo jobs list --json | jq '.jobs[0].state'",
        .exits = EXITS_USUAL,
        .reads = READS_JOBS,
        .writes = "nothing",
        .schema = "goodgo.jobs/1",
        .needs = NEEDS_CONFIG,
        .run = cmd_jobs,
    },
    {
        .name = "jobs show",
        .operands = "[JOB]",
        .options = "json state-dir",
        .help = "one job with its plan, its progress and its end",
        .about = "Tells all of one job: its state, who started it, how far it is, what came of it, "
                 "where its log is, and the plan that was agreed to. Without a JOB it is the last "
                 "one.",
        .example = "goodgo jobs show\ngoodgo jobs show last --json | jq .job.result",
        .exits = "0 done, 1 not printed, 2 there is no such job",
        .reads = READS_JOBS,
        .writes = "nothing",
        .schema = "goodgo.job/1",
        .needs = NEEDS_CONFIG,
        .run = jobs_show,
    },
    {
        .name = "jobs attach",
        .operands = "[JOB]",
        .options = "json state-dir",
        .help = "follow one job to its end; Ctrl-C leaves it running",
        .about = "Prints the progress of one job until it ends, and ends as the job does. Ctrl-C "
                 "leaves the job running. Without a JOB it is the last one.",
        .example = "goodgo jobs attach\ngoodgo jobs attach last --json",
        .exits = EXITS_ACT,
        .reads = READS_JOBS,
        .writes = "nothing",
        .schema = "goodgo.job/1",
        .needs = NEEDS_CONFIG,
        .run = jobs_attach,
    },
    {
        .name = CANCEL_COMMAND,
        .operands = "JOB",
        .options = "dry-run confirm plan reason json state-dir read-only",
        .help = "ask one job to stop",
        .about = "Asks one job to stop, and does not wait for it. It stops at the next safe place, "
                 "and tidies up what is half done. Stopping may be urgent: it asks for no word, "
                 "but checks one that is given. --dry-run tells what would be stopped.",
        .example = "goodgo jobs cancel last\ngoodgo jobs cancel last --dry-run\n"
                   "goodgo jobs cancel last --reason 'it slows the shop down'",
        .exits = "0 it was asked, 1 it has ended, 2 there is no such job, wrong use or set-up, "
                 "3 refused",
        .reads = READS_JOBS,
        .writes = "a signal to the job's process; who asked and why, in the audit trail",
        .schema = "goodgo.plan/1, of --dry-run",
        .needs = NEEDS_CONFIG,
        .run = app_cancel,
    },
    {
        .name = "jobs approve",
        .operands = "[JOB]",
        .options = "confirm reason dry-run read-only state-dir",
        .help = "agree, as the second person, to a job that waits",
        .about = "Shows the plan of a job of anybody on this machine that waits for a second "
                 "person (second_person.tier of the config), and agrees to it behind its typed "
                 "word. Without a JOB it is the only one that waits. Who started a job cannot.",
        .example = "goodgo jobs approve\ngoodgo jobs approve --dry-run",
        .exits = EXITS_ACT,
        .reads = "the jobs of this machine that wait",
        .writes = "the answer, to the waiting job; who and why, in its audit trail",
        .needs = NEEDS_CONFIG,
        .run = jobs_approve,
    },
    {
        .name = "jobs decline",
        .operands = "[JOB]",
        .options = "reason dry-run state-dir",
        .help = "say no, as the second person, to a job that waits",
        .about = "Says no to a job that waits for a second person: it ends as refused, and nothing "
                 "was done. Without a JOB it is the only one that waits.",
        .example = "goodgo jobs decline --reason 'not during the sale'\n"
                   "goodgo jobs decline --dry-run",
        .exits = EXITS_ACT,
        .reads = "the jobs of this machine that wait",
        .writes = "the answer, to the waiting job; who and why, in its audit trail",
        .needs = NEEDS_CONFIG,
        .run = jobs_decline,
    },
    {.name = NULL},
};
