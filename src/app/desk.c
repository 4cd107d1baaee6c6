/* app/desk.c - see desk_priv.h. */
#include "desk_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act/act.h"
#include "base/clock.h"
#include "base/mem.h"
#include "io/spawn.h"
#include "io/worker.h"
#include "ui/keys.h"
#include "desk_command_priv.h"
#include "desk_look_priv.h"
#include "desk_proposals_priv.h"
#include "wire/json.h"

#define USAGE_MAX    600
#define PLAN_MS      90000  /* three gateways that hang take their deadlines, a minute in all */
#define START_MS     100000 /* the plan is made once more before */
#define LOOK_MS      1000
#define LOOK_SLOW_MS 5000
#define FULL_LOOK_MS 30000
#define PLAN_JSON    ((size_t)1 << 20)

struct desk {
    struct loop *loop;
    struct app_context *app;
    struct engine *engine;
    struct ui_state *ui;
    struct desk_hooks hooks;
    struct workers *workers;
    struct proposal_watch *proposals;
    struct loop_timer *timer;
    struct spawn *planning; /* who leaves the plan stops it */
    struct spawn *starting; /* a job, or the end of one: its word was typed, no key stops that */
    bool stops;             /* the end of one */
    struct ui_act *acts;
    char (*usage)[USAGE_MAX];
    bool looking, jobs_shown, log_shown, any_running;
    uint64_t mark, log_mark;
    char reported[JOB_ID_SIZE]; /* the job whose reconciliation is shown; "" = none */
    struct rows_asked rows;     /* which of its rows are there */
    int64_t full_mono_ms;
    char running[8][JOB_ID_SIZE]; /* seen at work: their end is told */
    uint32_t n_running;
};

/* ---- jobs and trail ---- */

static bool was_running(const struct desk *d, const char *id) {
    for (uint32_t i = 0; i < d->n_running; i++)
        if (strcmp(d->running[i], id) == 0)
            return true;
    return false;
}

static void tell_ends(struct desk *d, const struct look *k) {
    for (uint32_t i = 0; i < k->n_jobs; i++) {
        const struct job_info *j = &k->jobs[i];
        if (!job_state_is_end(j->state) || !was_running(d, j->id))
            continue;
        char text[160];
        snprintf(text, sizeof text, "%s %s%s%.90s", j->action, job_state_name(j->state),
                 j->why ? ": " : "", j->why ? j->why : "");
        d->hooks.finished(d->hooks.ctx, text, j->state != JOB_DONE);
    }
}

static void note_running(struct desk *d, const struct look *k) {
    d->n_running = 0;
    d->any_running = false;
    for (uint32_t i = 0; i < k->n_jobs; i++) {
        if (job_state_is_end(k->jobs[i].state))
            continue;
        d->any_running = true;
        if (d->n_running < ARRAY_LEN(d->running))
            str_copy(d->running[d->n_running++], JOB_ID_SIZE, k->jobs[i].id);
    }
}

void desk_want_rows(struct desk *d) {
    bool there = d->rows.page == d->ui->rows.page && strcmp(d->rows.of, d->ui->rows.of) == 0;
    if (!there && *d->reported && !d->looking)
        loop_timer_again(d->timer, 1, 0);
}

static void look_done(void *ctx, void *arg) {
    struct desk *d = ctx;
    struct look *k = arg;
    d->looking = false;
    d->mark = k->failed ? 0 : k->mark;
    if (k->log_wanted)
        d->log_mark = k->log_mark;
    if (!k->unchanged && !k->failed) {
        tell_ends(d, k);
        note_running(d, k);
    }
    if (!k->failed) {
        str_copy(d->reported, sizeof d->reported, k->reported);
        d->rows = k->shown;
        desk_want_rows(d); /* others were asked for meanwhile */
    }
    if (look_publish(k, d->engine))
        d->hooks.changed(d->hooks.ctx);
    look_free(k);
}

static void look_now(struct desk *d) {
    struct look *k = look_new(d->app->state_dir);
    int64_t now = clock_mono_ms();
    bool full = now - d->full_mono_ms >= FULL_LOOK_MS;
    if (full)
        d->full_mono_ms = now;
    k->mark = full ? 0 : d->mark;
    k->log_wanted = d->log_shown;
    k->log_mark = d->log_mark;
    str_copy(k->job, sizeof k->job, d->ui->job);
    str_copy(k->reported, sizeof k->reported, d->reported);
    k->asked = d->ui->rows;
    k->shown = d->rows;
    d->looking = workers_start(d->workers, look_work, look_done, look_free, d, k);
    if (!d->looking)
        look_free(k);
}

static void on_timer(void *ctx) {
    struct desk *d = ctx;
    if (!d->looking && !d->ui->frozen)
        look_now(d);
    loop_timer_again(d->timer, d->jobs_shown || d->any_running ? LOOK_MS : LOOK_SLOW_MS, 0);
}

void desk_watch_jobs(struct desk *d, bool shown, bool log_shown) {
    bool sooner = (shown && !d->jobs_shown) || (log_shown && !d->log_shown);
    d->jobs_shown = shown;
    d->log_shown = log_shown;
    if (sooner)
        loop_timer_again(d->timer, 1, 0);
}

void desk_watch_proposals(struct desk *d, bool shown) {
    proposal_watch_show(d->proposals, shown);
}

/* ---- plans and starts ---- */

/* False = refused, and said. */
static bool begin(struct desk *d, struct command_line *c, const char *line) {
    const char *why;
    char said[200];
    if (command_line_make(c, d->app, line, &why))
        return true;
    keymap_say(d->ui->keymap, why, said, sizeof said);
    acts_refused(d->ui, said);
    return false;
}

/* The last line of what a sub-command said is the reason; who says so is known here. */
static void refused(struct desk *d, const struct spawn_result *r, const char *late) {
    static const char who[] = "goodgo: ";
    size_t n = r->errors_len;
    while (n && r->errors[n - 1] == '\n')
        n--;
    size_t start = n;
    while (start && r->errors[start - 1] != '\n')
        start--;
    char why[400], too_late[120];
    keymap_say(d->ui->keymap, late, too_late, sizeof too_late);
    snprintf(why, sizeof why, "%.*s", (int)(n - start), r->errors + start);
    const char *said = str_starts(why, who) ? why + strlen(who) : why;
    acts_refused(d->ui, r->exit_code == -1 ? too_late : *said ? said : "it failed");
}

static void add_lines(struct str *out, const struct json *list, const char *heading,
                      const char *sign) {
    if (!json_size(list))
        return;
    str_printf(out, "%s\n", heading);
    for (const struct json *j = json_first(list); j; j = json_next(j))
        str_printf(out, "  %s%s\n", sign, json_string(j, "") ? json_string(j, "") : "");
}

static void show_plan(struct desk *d, const struct json *j) {
    struct str text;
    int64_t tier = 3;
    const char *id = json_string(j, "id"), *word = json_string(j, "confirm");
    const char *target = json_string(j, "target");
    if (!id || !word || !json_i64(j, "tier", 0, 3, &tier)) {
        acts_refused(d->ui, "the plan makes no sense");
        return;
    }
    str_init(&text, ACTS_PLAN_MAX - 1);
    str_printf(&text, "%s  plan %s  tier %d  on %s\n", d->ui->acts.line, id, (int)tier,
               target ? target : "?");
    add_lines(&text, json_get(j, "changes"), "what it does", "- ");
    add_lines(&text, json_get(j, "warnings"), "mind", "! ");
    add_lines(&text, json_get(j, "commands"), "the same by hand", "$ ");
    acts_planned(d->ui, str_get(&text), word, id, (int)tier);
    str_done(&text);
}

static void on_plan(void *ctx, const struct spawn_result *r) {
    struct desk *d = ctx;
    struct err err;
    d->planning = NULL;
    struct json *j = r->exit_code == 0 ? json_parse(r->out, r->out_len, PLAN_JSON, &err) : NULL;
    if (j)
        show_plan(d, j);
    else
        refused(d, r, "no plan within a minute and a half: who is asked for it does not answer");
    json_free(j);
    d->hooks.changed(d->hooks.ctx);
}

static void say_started(struct desk *d, const struct spawn_result *r) {
    char id[JOB_ID_SIZE], text[160], said[200];
    snprintf(id, sizeof id, "%.*s", (int)strcspn(r->out, "\n"), r->out);
    if (d->n_running < ARRAY_LEN(d->running))
        str_copy(d->running[d->n_running++], JOB_ID_SIZE, id);
    d->any_running = true;
    snprintf(text, sizeof text,
             "job %s started; {jobs} shows it, and it goes on without this screen", id);
    keymap_say(d->ui->keymap, text, said, sizeof said);
    d->hooks.said(d->hooks.ctx, said, false);
}

static void on_started(void *ctx, const struct spawn_result *r) {
    struct desk *d = ctx;
    d->starting = NULL;
    if (r->exit_code != 0)
        refused(d, r, "given up after 100 s: {jobs} shows what became of it");
    else if (d->stops)
        d->hooks.said(d->hooks.ctx, "asked to stop; its state says when it has", false);
    else
        say_started(d, r);
    loop_timer_again(d->timer, 1, 0);
    d->hooks.changed(d->hooks.ctx);
}

static struct spawn *ask(struct desk *d, struct command_line *c, uint32_t timeout_ms,
                         spawn_done_fn done) {
    struct err err;
    c->argv[c->n] = NULL;
    struct spawn *asked = spawn_start(d->loop, c->argv, timeout_ms, done, d, &err);
    if (!asked)
        acts_refused(d->ui, err.why);
    return asked;
}

void desk_plan(struct desk *d, const char *line) {
    struct command_line c;
    desk_leave_plan(d);
    if (!begin(d, &c, line))
        return;
    command_line_add(&c, "--dry-run");
    command_line_add(&c, "--json");
    d->planning = ask(d, &c, PLAN_MS, on_plan);
}

void desk_leave_plan(struct desk *d) {
    spawn_stop(d->planning);
    d->planning = NULL;
}

void desk_run(struct desk *d, const char *line) {
    struct command_line c;
    if (d->starting) {
        acts_refused(d->ui, "not started: the act before this one is still being started");
        return;
    }
    if (!begin(d, &c, line))
        return;
    /* The reason is that of the window; what only reads may run outside of one. */
    bool armed = acts_armed(d->ui, clock_mono_ms());
    const char *const more[] = {"--confirm",    d->ui->acts.word, "--plan",
                                d->ui->acts.id, "--reason",       d->ui->acts.reason};
    for (size_t i = 0; i < ARRAY_LEN(more) - (armed ? 0 : 2); i++)
        command_line_add(&c, more[i]);
    d->stops = str_starts(line, CANCEL_COMMAND " ");
    if (!d->stops)
        command_line_add(&c, "--detach");
    d->starting = ask(d, &c, START_MS, on_started);
    if (d->starting)
        d->hooks.said(d->hooks.ctx,
                      d->stops ? "looking whether it still runs, then it is asked to stop"
                               : "looking whether the plan still holds, then it starts",
                      false);
}

/* ---- the trail knows when the window was opened ---- */

struct note {
    char *state_dir, *context, *reason;
};

static void note_free(void *arg) {
    struct note *n = arg;
    free(n->state_dir);
    free(n->context);
    free(n->reason);
    free(n);
}

static void note_work(void *arg) {
    struct note *n = arg;
    struct actor actor;
    struct err ignored;
    struct audit_record r = {.event = "armed", .context = n->context, .reason = n->reason};
    actor_here(&actor);
    if (!audit_append(n->state_dir, &actor, &r, &ignored))
        return; /* an act that cannot be recorded is refused by its runner */
}

static void note_done(void *ctx, void *arg) {
    (void)ctx;
    note_free(arg);
}

void desk_armed(struct desk *d, const char *reason) {
    struct note *n = mem_zeroed(sizeof *n);
    *n = (struct note){mem_strdup(d->app->state_dir), mem_strdup(d->app->settings->context),
                       mem_strdup(reason)};
    if (!workers_start(d->workers, note_work, note_done, note_free, d, n))
        note_free(n);
}

/* ---- life ---- */

/* "[DAY] [--since DAY] [--propose]"; without brackets what has to be typed. */
static void describe_usage(const struct act *act, char *buf, size_t size) {
    struct str out;
    str_init(&out, size - 1);
    if (act->operand_typed)
        str_printf(&out, "[%s]", act->operand);
    else if (str_is(act->rows, ""))
        str_puts(&out, act->operand);
    for (char *p = out.s; p && *p; p++)
        *p = (char)toupper((unsigned char)*p);
    for (const struct act_option *o = act->options; o && o->name; o++)
        str_printf(&out, "%s[--%s%s%s]", out.len ? " " : "", o->name, o->value ? " " : "",
                   o->value ? o->value : "");
    str_copy(buf, size, str_get(&out));
    str_done(&out);
}

/* Asked for like an act, on two screens; it is none, for it has no job of its own. */
static const struct ui_act cancels[] = {{.id = CANCEL_COMMAND,
                                         .title = "Cancel a job",
                                         .help = "ask it to stop; it tidies up",
                                         .view = "jobs",
                                         .usage = "",
                                         .takes_row = true},
                                        {.id = CANCEL_COMMAND,
                                         .title = "Cancel this job",
                                         .help = "ask it to stop; it tidies up",
                                         .view = "job",
                                         .usage = "",
                                         .takes_row = true}};

static void list_acts(struct desk *d) {
    d->acts = mem_zeroed((n_acts + ARRAY_LEN(cancels)) * sizeof *d->acts);
    d->usage = mem_zeroed((n_acts + 1) * sizeof *d->usage);
    for (uint32_t i = 0; i < n_acts; i++) {
        describe_usage(acts[i], d->usage[i], sizeof d->usage[i]);
        d->acts[i] = (struct ui_act){.id = acts[i]->id,
                                     .title = acts[i]->title,
                                     .help = acts[i]->help,
                                     .view = acts[i]->view,
                                     .usage = d->usage[i],
                                     .takes_row = acts[i]->operand && !acts[i]->operand_typed,
                                     .takes_marked = acts[i]->operand_many,
                                     .rows = acts[i]->rows};
    }
    memcpy(d->acts + n_acts, cancels, sizeof cancels);
    d->ui->acts.list = d->acts;
    d->ui->acts.n = n_acts + ARRAY_LEN(cancels);
    d->ui->acts.locked = d->app->options.read_only;
}

struct desk *desk_new(struct loop *l, struct app_context *app, struct engine *engine,
                      struct ui_state *ui, const struct desk_hooks *hooks) {
    struct desk *d = mem_zeroed(sizeof *d);
    *d = (struct desk){.loop = l, .app = app, .engine = engine, .ui = ui, .hooks = *hooks};
    d->workers = workers_new(l);
    d->proposals = proposal_watch_new(l, app, engine, ui, d->workers, hooks);
    list_acts(d);
    d->timer = loop_timer_start(l, 200, 0, on_timer, d);
    return d;
}

void desk_free(struct desk *d) {
    if (!d)
        return;
    spawn_cancel(d->planning);
    spawn_leave(d->starting);
    loop_timer_close(d->timer);
    proposal_watch_free(d->proposals);
    workers_free(d->workers);
    d->ui->acts.list = NULL;
    d->ui->acts.n = 0;
    free(d->acts);
    free(d->usage);
    free(d);
}
