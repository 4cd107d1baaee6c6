/* app/cmd_jobs.c - `goodgo jobs [list|show|attach|cancel|approve|decline ID]`, and
 * `goodgo job-run ID`. */
#include <stdio.h>
#include <string.h>

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
    jsonw_init(&w, out, true);
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

static int jobs_list(struct app_context *app) {
    struct job_info *jobs;
    struct str out;
    struct err err;
    uint32_t n;
    if (!job_list(app->state_dir, &app->arena, LIST_MAX, &jobs, &n, &err))
        return app_fail(&err, EXIT_FAILED);
    str_init(&out, 4u << 20);
    if (app->json)
        list_json(jobs, n, &out);
    else
        list_text(jobs, n, &out);
    return print_and_free(&out);
}

static int jobs_show(struct app_context *app, const char *id) {
    struct job_info j;
    struct plan p;
    struct str out;
    struct jsonw w;
    struct err err;
    if (!job_read(app->state_dir, id, &app->arena, &j, &err) ||
        !job_read_plan(app->state_dir, j.id, &p, &app->arena, &err))
        return app_fail(&err, EXIT_USAGE);
    str_init(&out, 4u << 20);
    if (app->json) {
        jsonw_init(&w, &out, true);
        jsonw_open(&w, '{');
        jsonw_put_string(&w, "schema", "goodgo.job/1");
        jsonw_key(&w, "job");
        job_json(&j, &w);
        jsonw_close(&w, '}');
    } else {
        job_details(&j, clock_wall_ms() / 1000, &out);
        str_printf(&out, "log       %s\n", job_path(&app->arena, app->state_dir, j.id, "log"));
        plan_print(&p, &out);
    }
    return print_and_free(&out);
}

static int jobs_cancel(struct app_context *app, const char *id) {
    struct err err;
    if (!job_cancel(app->state_dir, id, &err))
        return app_fail(&err, EXIT_FAILED);
    fprintf(stderr, "asked it to stop; goodgo jobs attach %s shows how it ends\n", id);
    return EXIT_DONE;
}

int cmd_jobs(struct app_context *app) {
    struct err err;
    const char *verb = app->argc ? app->argv[0] : "list";
    const char *id = app->argc > 1 ? app->argv[1] : "last";
    if (app->argc > 2)
        verb = "";
    if (strcmp(verb, "list") == 0 && app->argc < 2)
        return jobs_list(app);
    if (strcmp(verb, "show") == 0)
        return jobs_show(app, id);
    if (strcmp(verb, "attach") == 0)
        return app_attach(app, id);
    if (strcmp(verb, "cancel") == 0 && app->argc == 2)
        return jobs_cancel(app, id);
    bool agree = strcmp(verb, "approve") == 0;
    if (agree || strcmp(verb, "decline") == 0)
        return app_consent(app, app->argc == 2 ? id : NULL, agree);
    err_set(&err, E_CONFIG, "jobs", verb,
            "takes list, show ID, attach ID, cancel ID, approve ID or decline ID");
    return app_fail(&err, EXIT_USAGE);
}

int cmd_job_run(struct app_context *app) {
    struct err err;
    if (app->argc == 1)
        return runner_main(app->settings, app->state_dir, app->argv[0]);
    err_set(&err, E_CONFIG, "job-run", "", "takes the id of one planned job");
    return app_fail(&err, EXIT_USAGE);
}
