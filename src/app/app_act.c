/* app/app_act.c - an action from the command line: plan, question, job, progress, result. The
 * plan goes to stderr, like every word about the work; stdout gets the result alone. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "act/audit.h"
#include "act/runner.h"
#include "app/command.h"
#include "base/clock.h"
#include "job_words_priv.h"

#define POLL_MS     200
#define SAY_EACH_MS 5000
#define OPTIONS_MAX 12

static int refuse(const struct plan *p, const char *why, const char *todo) {
    struct err err;
    err_set(&err, E_CONFIG, "act", p->action, "%s", why);
    err.todo = todo;
    return app_fail(&err, EXIT_REFUSED);
}

/* ---- the question ---- */

static bool ask(const char *question, char *answer, size_t size) {
    fputs(question, stderr);
    fflush(stderr);
    if (!fgets(answer, (int)size, stdin)) {
        fputc('\n', stderr);
        return false;
    }
    answer[strcspn(answer, "\r\n")] = 0;
    return true;
}

static int confirm_by_terminal(const struct plan *p) {
    char word[128], question[256], answer[160];
    plan_word(p, word, sizeof word);
    bool one_key = p->tier <= TIER_HARMLESS;
    if (one_key)
        snprintf(question, sizeof question, "run this? y, or anything else to leave: ");
    else
        snprintf(question, sizeof question, "type  %s  to run, anything else to leave: ", word);
    if (!ask(question, answer, sizeof answer))
        return refuse(p, "nobody answered: nothing was done",
                      "give the plan's word with --confirm where nobody is there to type it");
    if (one_key ? strcmp(answer, "y") == 0 : plan_word_fits(p, answer))
        return EXIT_DONE;
    return refuse(p, "not confirmed: nothing was done",
                  one_key ? "run it again, and answer y"
                          : "run it again, and type the word it asks for");
}

int app_confirm(const struct app_context *app, const struct plan *p) {
    bool reads = p->tier ==
                 TIER_READ; /* there is nothing to agree to, but a word that is given has to fit */
    if (reads && !app->options.confirm)
        return EXIT_DONE;
    if (app->options.read_only && !reads)
        return refuse(p, "--read-only was given", "run it without --read-only");
    if (app->options.confirm)
        return plan_word_fits(p, app->options.confirm)
                   ? EXIT_DONE
                   : refuse(p,
                            "--confirm does not fit the plan's word: the count or the context "
                            "is another",
                            "read the plan with --dry-run, then give its word");
    if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
        return confirm_by_terminal(p);
    return refuse(p, "no terminal to ask on, and no --confirm",
                  "give the plan's word with --confirm 'CONTEXT:N'; --dry-run prints it");
}

/* ---- following ---- */

static uint32_t terminal_columns(void) {
    struct winsize w = {0};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 20 ? w.ws_col : 80;
}

struct follower {
    bool tty;
    char last[400];
    int64_t said_mono_ms;
};

/* On a terminal one line that is drawn over; else a line when the stage changes, or each 5 s. */
static void say_progress(struct follower *f, const struct job_info *j) {
    struct str line;
    str_init(&line, sizeof f->last - 1);
    job_progress_line(j, clock_wall_ms() / 1000, &line);
    int64_t now = clock_mono_ms();
    size_t word = strcspn(str_get(&line), " ");
    bool same_stage = strncmp(f->last, str_get(&line), word + 1) == 0;
    if (f->tty) {
        fprintf(stderr, "\r\033[K%.*s", (int)terminal_columns() - 1, str_get(&line));
    } else if (!same_stage || now - f->said_mono_ms >= SAY_EACH_MS) {
        fprintf(stderr, "%s\n", str_get(&line));
        f->said_mono_ms = now;
    }
    str_copy(f->last, sizeof f->last, str_get(&line));
    str_done(&line);
}

static int left_running(const struct follower *f, const char *id) {
    fprintf(stderr, "%sthe job goes on: goodgo jobs attach %s; to stop it: goodgo jobs cancel %s\n",
            f->tty ? "\r\033[K" : "", id, id);
    return EXIT_CANCELLED;
}

static int say_end(struct app_context *app, const struct job_info *j) {
    struct str out;
    struct jsonw w;
    str_init(&out, 1u << 20);
    if (app->json) {
        jsonw_init(&w, &out, JSONW_INDENTED);
        jsonw_open(&w, '{');
        jsonw_put_string(&w, "schema", "goodgo.job/1");
        jsonw_key(&w, "job");
        job_json(j, &w);
        jsonw_close(&w, '}');
    } else {
        job_details(j, clock_wall_ms() / 1000, &out);
    }
    bool ok = app_print(&out);
    str_done(&out);
    return ok && j->state != JOB_UNKNOWN && j->exit_code >= 0 ? j->exit_code : EXIT_FAILED;
}

int app_attach(struct app_context *app, const char *job_id) {
    struct follower f = {.tty = isatty(STDERR_FILENO) && !app->options.plain};
    struct job_info j;
    struct err err;
    for (;;) {
        struct arena a;
        arena_init(&a);
        if (!job_read(app->state_dir, job_id, &a, &j, &err)) {
            arena_done(&a);
            return app_fail(&err, EXIT_USAGE);
        }
        bool ended = job_state_is_end(j.state);
        if (ended && f.tty)
            fputs("\r\033[K", stderr);
        if (!ended)
            say_progress(&f, &j);
        int code = ended ? say_end(app, &j) : 0;
        bool interrupted = !ended && app_interrupted(POLL_MS);
        if (interrupted)
            code = left_running(&f, j.id);
        arena_done(&a);
        if (ended || interrupted)
            return code;
    }
}

/* ---- starting ---- */

static const char *absolute(struct arena *a, const char *path) {
    char full[PATH_MAX];
    return realpath(path, full) ? arena_strdup(a, full) : path;
}

static bool start(struct app_context *app, const char *job_id, struct err *err) {
    const char *options[OPTIONS_MAX];
    char program[PATH_MAX];
    int n = 0;
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len <= 0)
        return err_set(err, E_IO, "act.start", "/proc/self/exe", "%s", strerror(errno));
    program[len] = 0;
    const char *const given[][2] = {
        {"--env-file", app->env_path ? absolute(&app->arena, app->env_path) : NULL},
        {"--context", app->options.context},
        {"--config",
         app->options.config_file ? absolute(&app->arena, app->options.config_file) : NULL},
        {"--state-dir", absolute(&app->arena, app->state_dir)},
        {"--timeout",
         app->options.timeout_ms ? arena_printf(&app->arena, "%u", app->options.timeout_ms) : NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        if (given[i][1]) {
            options[n++] = given[i][0];
            options[n++] = given[i][1];
        }
    options[n] = NULL;
    return runner_start(program, options, app->state_dir, job_id, err);
}

/* The id is all that whoever does not wait has of the job. */
static int say_started(const struct app_context *app, const char *id) {
    struct str out;
    str_init(&out, 1024);
    if (app->json)
        str_printf(&out, "{\"schema\":\"goodgo.job/1\",\"job\":{\"id\":\"%s\"}}\n", id);
    else
        str_printf(&out, "%s\n", id);
    bool ok = app_print(&out);
    str_done(&out);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

static int run_job(struct app_context *app, const struct plan *p) {
    char id[JOB_ID_SIZE], who[320];
    struct actor actor;
    struct err err;
    actor_here(&actor);
    actor_text(&actor, who, sizeof who);
    if (!job_create(app->state_dir, p, who, clock_wall_ms(), id, &err) || !start(app, id, &err))
        return app_fail(&err, EXIT_USAGE);
    return app->options.detach ? say_started(app, id) : app_attach(app, id);
}

static bool take_operands(struct app_context *app, const struct act *act, struct err *err) {
    struct pairs *arguments = &app->options.arguments;
    if (app->argc > (act->operand ? 1 : 0))
        return err_set(err, E_CONFIG, "act", app->argv[act->operand ? 1 : 0],
                       "is one word too many for goodgo %s", act->id);
    const struct pair more[] = {{act->operand, app->argc ? app->argv[0] : NULL},
                                {PLAN_REASON, app->options.reason}};
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        if (more[i].name && more[i].value && arguments->n < PLAN_MAX_PAIRS)
            arguments->at[arguments->n++] = more[i];
    return true;
}

static bool print_plan(const struct app_context *app, const struct plan *p) {
    char word[128];
    struct str out;
    str_init(&out, 1u << 20);
    if (app->json && app->options.dry_run)
        plan_write(p, &out);
    else
        plan_print(p, &out);
    plan_word(p, word, sizeof word);
    if (app->options.dry_run && !app->json && p->tier != TIER_READ)
        str_printf(&out, "its word: --confirm '%s'\n", word);
    bool ok = true;
    if (app->options.dry_run)
        ok = app_print(&out);
    else
        fputs(str_get(&out), stderr);
    str_done(&out);
    return ok;
}

bool app_agreed(struct app_context *app, const struct plan *p, int *ret_code) {
    bool shown = print_plan(app, p);
    *ret_code = shown ? EXIT_DONE : EXIT_FAILED;
    if (!shown || app->options.dry_run)
        return false;
    *ret_code =
        app->options.plan && strcmp(app->options.plan, p->id) != 0
            ? refuse(p, "the plan is no longer the one that was shown", "look at the new plan")
            : app_confirm(app, p);
    return *ret_code == EXIT_DONE;
}

int app_act(struct app_context *app, const struct act *act) {
    struct plan p;
    struct err err;
    struct act_input input = {.settings = app->settings,
                              .state_dir = app->state_dir,
                              .arena = &app->arena,
                              .arguments = &app->options.arguments,
                              .now_wall_ms = clock_wall_ms()};
    if (!take_operands(app, act, &err) || !act_plan(act, &input, &p, &err))
        return app_fail(&err, EXIT_USAGE);
    int code;
    return app_agreed(app, &p, &code) ? run_job(app, &p) : code;
}
