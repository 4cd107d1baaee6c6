/* app/screen.c - the interactive screen: one loop that joins engine, terminal and ui. A key is
 * drawn at once; news of the platform at most 20 times a second; the clock once a second, and once
 * a minute when all is frozen. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/crash.h"
#include "base/clock.h"
#include "base/text.h"
#include "codec/payqueue.h"
#include "engine/probes.h"
#include "io/loop.h"
#include "term/term.h"
#include "ui/input.h"
#include "ui/theme.h"
#include "ui/view.h"

#include "desk_priv.h"
#include "line_priv.h"
#include "look_priv.h"
#include "rewind_priv.h"
#include "saver_priv.h"

#define FRAME_GAP_MS   50
#define RESIZE_GAP_MS  100
#define KEYS_PER_TURN  4096
#define NOTICE_MS      5000
#define STALL_FIRST_MS 10

static const int signal_numbers[] = {SIGWINCH, SIGHUP, SIGTERM, SIGINT, SIGTSTP, SIGCONT};

struct screen {
    struct app_context *app;
    struct loop *loop;
    struct engine *engine;
    struct desk *desk;
    struct saver *saver;
    struct term *term;
    struct loop_poll *tty;
    struct loop_timer *clock, *frame, *resize;
    struct loop_signal *signals[ARRAY_LEN(signal_numbers)];
    struct ui_state ui;
    struct keymap keymap;
    struct theme theme;
    struct snapshot *snapshot, *pin;
    struct rewind rewind;
    struct cellbuf cells;
    struct line_meter line;
    int64_t frame_at_ms, resize_at_ms;
    bool frame_waits, resize_waits;
    uint32_t focused_view, stalled_ms;
    int exit_code;
};

static void notice(struct screen *s, bool bad, const char *text) {
    str_copy(s->ui.notice, sizeof s->ui.notice, text);
    s->ui.notice_bad = bad;
    s->ui.notice_until_mono_ms = clock_mono_ms() + NOTICE_MS;
}

static void end(struct screen *s, int exit_code) {
    s->exit_code = exit_code;
    loop_stop(s->loop);
}

/* --- frames --- */

/* BEL, where the config asks for it, when more services are critical than before. */
static void ring(struct screen *s, const struct snapshot *fresh) {
    uint32_t before[HEALTH_COUNT], now[HEALTH_COUNT];
    if (!s->app->config.bell || !s->snapshot)
        return;
    snapshot_count(s->snapshot, before);
    snapshot_count(fresh, now);
    if (now[HEALTH_CRITICAL] > before[HEALTH_CRITICAL])
        term_bell(s->term);
}

/* Frozen: the snapshot stays as it was, only the real time goes on. */
static void take_snapshot(struct screen *s) {
    s->ui.now_mono_ms = clock_mono_ms();
    if (s->ui.frozen && s->snapshot)
        return;
    struct snapshot *fresh = engine_snapshot(s->engine);
    ring(s, fresh);
    if (s->snapshot)
        snapshot_unref(s->snapshot);
    s->snapshot = fresh;
    if (engine_all_tried(s->engine))
        rewind_keep(&s->rewind, fresh);
}

static void follow_view(struct screen *s) {
    if (s->ui.view == s->focused_view)
        return;
    const struct view *v = views[s->ui.view % n_views];
    s->focused_view = s->ui.view;
    engine_focus(s->engine, v->has_service ? BIT(v->service) : 0);
    bool log = strcmp(v->id, "job") == 0;
    desk_watch_jobs(s->desk, log || strcmp(v->id, "jobs") == 0 || strcmp(v->id, "audit") == 0, log);
    desk_watch_proposals(s->desk, strcmp(v->id, "proposals") == 0);
}

static void frame_later(struct screen *s, uint32_t delay_ms) {
    if (s->frame_waits)
        return;
    s->frame_waits = true;
    loop_timer_again(s->frame, delay_ms, 0);
}

static void frame_now(struct screen *s) {
    if (term_lost(s->term)) {
        end(s, 128 + SIGHUP);
        return;
    }
    take_snapshot(s);
    frame_draw(&s->cells, s->snapshot, &s->ui);
    s->frame_at_ms = s->ui.now_mono_ms;
    if (!term_blit(s->term, &s->cells)) {
        /* A slow line first gets a moment, a dead one more and more. */
        frame_later(s, s->stalled_ms);
        s->stalled_ms = s->stalled_ms < 500 ? s->stalled_ms * 2 : 500;
        return;
    }
    s->stalled_ms = STALL_FIRST_MS;
    struct self_stats *self = engine_self(s->engine);
    self->frames++;
    self->bytes_out = term_bytes_out(s->term);
    self->wakeups = loop_wakeups(s->loop);
}

static void on_frame(void *ctx) {
    struct screen *s = ctx;
    s->frame_waits = false;
    frame_now(s);
}

static void on_changed(void *ctx, enum service service) {
    struct screen *s = ctx;
    (void)service;
    if (s->ui.frozen)
        return;
    int64_t since = clock_mono_ms() - s->frame_at_ms;
    frame_later(s, since >= FRAME_GAP_MS ? 1 : (uint32_t)(FRAME_GAP_MS - since));
}

static void on_desk_changed(void *ctx) {
    on_changed(ctx, SERVICE_COUNT);
}

static void on_job_said(void *ctx, const char *what, bool bad) {
    notice(ctx, bad, what);
}

static void on_saved(void *ctx, const char *what, bool bad) {
    notice(ctx, bad, what);
    frame_later(ctx, 1);
}

/* Who started a job and looked away wants to hear of its end. */
static void on_job_end(void *ctx, const char *what, bool bad) {
    struct screen *s = ctx;
    struct arena a;
    const struct config *c = &s->app->config;
    notice(s, bad, what);
    if (!s->ui.frozen) /* what it healed must not stand there for half a minute more */
        engine_refresh(s->engine, ENGINE_OWN(OWN_PAYMENTS));
    term_bell(s->term);
    arena_init(&a);
    term_notify(s->term, c->notify_osc9, c->notify_osc777, text_cleanz(&a, what));
    arena_done(&a);
}

static uint32_t until_next_second(void) {
    return (uint32_t)(1000 - clock_wall_ms() % 1000) + 1;
}

/* A frozen screen only counts its age: by the second while it is young, then by the minute. */
static uint32_t until_next_tick(const struct screen *s) {
    int64_t age = s->snapshot ? clock_mono_ms() - s->snapshot->now_mono_ms : 0;
    bool slow = s->ui.frozen && age > 60000 && !*s->ui.notice;
    return slow ? 60000 : until_next_second();
}

static void on_clock(void *ctx) {
    struct screen *s = ctx;
    if (*s->ui.notice && clock_mono_ms() >= s->ui.notice_until_mono_ms)
        *s->ui.notice = 0;
    line_tick(&s->line, s->term, clock_mono_ms());
    s->ui.link_rtt_ms = s->line.rtt_ms;
    frame_now(s);
    loop_timer_again(s->clock, until_next_tick(s), 0);
}

/* --- what keys ask for --- */

static void ask_refresh(struct screen *s) {
    const struct view *v = views[s->ui.view % n_views];
    if (s->ui.frozen) {
        notice(s, true, "frozen: z goes on first");
        return;
    }
    engine_refresh(s->engine, v->has_service ? BIT(v->service) : 0);
    notice(s, false, "asking again");
}

static void ask_freeze(struct screen *s) {
    engine_pause(s->engine, s->ui.frozen);
    rewind_end(&s->rewind);
    notice(s, false, s->ui.frozen ? "every screen is frozen; z goes on" : "going on");
    loop_timer_again(s->clock, until_next_second(), 0);
}

/* T and b freeze by themselves: what is looked at must not run away. */
static void ask_moment(struct screen *s, enum ui_request request, const char *argument) {
    char text[120] = "";
    bool step = request == UI_STEP;
    bool ok = step ? rewind_step(&s->rewind, strcmp(argument, "on") == 0 ? 1 : -1, &s->snapshot,
                                 text, sizeof text)
                   : rewind_to(&s->rewind, argument, &s->snapshot, text, sizeof text);
    s->ui.frozen |= ok;
    engine_pause(s->engine, s->ui.frozen);
    notice(s, !ok, text);
}

static void ask_pin(struct screen *s) {
    char text[100], time[CLOCK_DAY_SIZE];
    clock_day_time(s->snapshot->now_wall_ms / 1000, s->snapshot->utc_offset_s, time);
    snapshot_unref(s->pin);
    s->ui.pin = s->pin = snapshot_ref(s->snapshot);
    snprintf(text, sizeof text, "%s is pinned; = shows what is different from it", time);
    notice(s, false, text);
}

static void ask_copy(struct screen *s) {
    struct str out;
    str_init(&out, 64 * 1024);
    ui_copy_text(s->snapshot, &s->ui, &out);
    term_copy(s->term, str_get(&out), out.len);
    saver_save(s->saver, "sent to the terminal, and ", "copy.txt", &out);
}

/* "screen-redis-2026-11-25T20-15-00Z.txt": when it was so, also where that is long ago. */
static void name_of_now(const struct screen *s, const char *what, const char *suffix, char *buf,
                        size_t size) {
    char stamp[40];
    clock_iso8601(s->snapshot->now_wall_ms / 1000 * 1000, stamp, sizeof stamp);
    for (char *c = stamp; *c; c++)
        if (*c == ':')
            *c = '-';
    snprintf(buf, size, "%s-%s%s", what, stamp, suffix);
}

static void ask_save(struct screen *s) {
    char what[64], name[128];
    struct str out;
    str_init(&out, 4 * 1024 * 1024);
    cellbuf_to_text(&s->cells, &out);
    snprintf(what, sizeof what, "screen-%.40s", views[s->ui.view % n_views]->id);
    name_of_now(s, what, ".txt", name, sizeof name);
    saver_save(s->saver, "", name, &out);
}

static void ask_snapshot(struct screen *s) {
    char name[128];
    struct str out;
    str_init(&out, SNAPSHOT_MAX_BYTES);
    snapshot_write(s->snapshot, &out);
    name_of_now(s, "snapshot", ".json", name, sizeof name);
    if (out.toobig)
        notice(s, true, "not saved: the readings are larger than a snapshot may be");
    else
        saver_save(s->saver, "", name, &out);
    str_done(&out);
}

static void ask_theme(struct screen *s, const char *name) {
    struct err err;
    struct theme theme;
    char text[160];
    uint32_t next = 0;
    for (uint32_t i = 0; !*name && i < theme_count(); i++)
        if (strcmp(theme_name_at(i), s->theme.name) == 0)
            next = (i + 1) % theme_count();
    if (!*name)
        name = theme_name_at(next);
    if (!look_theme(s->app, name, &theme, &err)) {
        err_sentence(&err, text, sizeof text);
        notice(s, true, text);
        return;
    }
    s->theme = theme;
    term_set_theme(s->term, &s->theme);
    snprintf(text, sizeof text, "theme %s", theme.name);
    notice(s, false, text);
}

static void ask_mouse(struct screen *s) {
    term_mouse(s->term, s->ui.mouse);
    notice(s, false, s->ui.mouse ? "mouse on: hold Shift to select text" : "mouse off");
}

/* A sub-command as this console would run it: with the options that it was started with. */
static void with_options(const struct options *o, char *buf, size_t size) {
    const char *const given[][2] = {{"--env-file", o->env_file},
                                    {"--context", o->context},
                                    {"--config", o->config_file},
                                    {"--state-dir", o->state_dir}};
    struct str out;
    const char *rest = buf + strlen("goodgo");
    str_init(&out, size - 1);
    str_puts(&out, "goodgo");
    for (size_t i = 0; i < ARRAY_LEN(given); i++) {
        const char *word = given[i][1];
        bool plain = word && strcspn(word, " \t\"$&|;<>*?~(){}`\\#!") == strlen(word);
        if (word)
            str_printf(&out, plain ? " %s %s" : " %s '%s'", given[i][0], word);
    }
    str_puts(&out, rest);
    if (!out.toobig)
        str_copy(buf, size, str_get(&out));
    str_done(&out);
}

static bool shell_words(struct screen *s, char *buf, size_t size) {
    enum service service;
    char table[UI_KEY_MAX];
    if (ui_subcommand(s->snapshot, &s->ui, buf, size)) {
        with_options(&s->app->options, buf, size);
        return true;
    }
    if (!ui_service(s->snapshot, &s->ui, &service) || !probes[service] || !probes[service]->shell)
        return false;
    ui_table_name(s->snapshot, &s->ui, table, sizeof table);
    probes[service]->shell(s->app->settings, table, buf, size);
    return true;
}

static void ask_shell(struct screen *s) {
    s->ui.show_shell = shell_words(s, s->ui.shell, sizeof s->ui.shell);
    if (!s->ui.show_shell)
        notice(s, true, "no shell command belongs to this row");
}

static void ask_suspend(struct screen *s) {
    engine_pause(s->engine, true);
    term_suspend(s->term);
    engine_pause(s->engine, s->ui.frozen);
}

static void answer(struct screen *s, enum ui_request request, const char *argument) {
    switch (request) {
    case UI_QUIT:
        end(s, 0);
        break;
    case UI_REFRESH:
        ask_refresh(s);
        break;
    case UI_FREEZE:
        ask_freeze(s);
        break;
    case UI_STEP:
    case UI_TIME:
        ask_moment(s, request, argument);
        break;
    case UI_PIN:
        ask_pin(s);
        break;
    case UI_COPY:
        ask_copy(s);
        break;
    case UI_SAVE:
        ask_save(s);
        break;
    case UI_SNAPSHOT:
        ask_snapshot(s);
        break;
    case UI_SUSPEND:
        ask_suspend(s);
        break;
    case UI_THEME:
        ask_theme(s, argument);
        break;
    case UI_MOUSE:
        ask_mouse(s);
        break;
    case UI_SHELL:
        ask_shell(s);
        break;
    case UI_ARM:
        desk_armed(s->desk, argument);
        break;
    case UI_PLAN:
        desk_plan(s->desk, argument);
        break;
    case UI_RUN:
        desk_run(s->desk, argument);
        break;
    case UI_LEAVE_PLAN:
        desk_leave_plan(s->desk);
        break;
    case UI_FULL_REDRAW:
        term_redraw(s->term);
        break;
    case UI_NOTHING:
    case UI_REDRAW:
        break;
    }
}

/* All keys that wait, then one frame: a paste of 300 keys costs one drawing. */
static void on_tty(void *ctx) {
    struct screen *s = ctx;
    struct key k;
    char argument[UI_INPUT_MAX];
    bool any = false;
    s->ui.now_mono_ms = clock_mono_ms();
    for (int n = 0; n < KEYS_PER_TURN && term_next_key(s->term, s->ui.now_mono_ms, &k); n++) {
        enum ui_request r =
            ui_key(&s->ui, &s->keymap, k, s->snapshot, s->cells.h - 5, argument, sizeof argument);
        any |= r != UI_NOTHING;
        answer(s, r, argument);
        if (r == UI_QUIT)
            return;
    }
    if (term_lost(s->term)) {
        end(s, 128 + SIGHUP);
        return;
    }
    follow_view(s);
    desk_want_rows(s->desk);
    if (line_look(&s->line, s->term, clock_mono_ms())) {
        s->ui.link_rtt_ms = s->line.rtt_ms;
        any = true;
    }
    if (!any)
        return;
    frame_now(s);
    if (s->ui.frozen) /* its clock may sleep for a minute, a notice does not stay so long */
        loop_timer_again(s->clock, until_next_second(), 0);
}

/* --- the terminal's own news --- */

static void on_resize(void *ctx) {
    struct screen *s = ctx;
    int w, h;
    s->resize_waits = false;
    s->resize_at_ms = clock_mono_ms();
    term_resized(s->term);
    term_size(s->term, &w, &h);
    cellbuf_resize(&s->cells, w, h);
    frame_now(s);
}

static void on_signal(void *ctx, int number) {
    struct screen *s = ctx;
    if (number == SIGTSTP) {
        ask_suspend(s);
        return;
    }
    if (number != SIGWINCH && number != SIGCONT) {
        end(s, 128 + number);
        return;
    }
    if (number == SIGCONT) /* a shell had the terminal meanwhile */
        term_continued(s->term);
    if (s->resize_waits)
        return;
    int64_t since = clock_mono_ms() - s->resize_at_ms;
    s->resize_waits = true;
    loop_timer_again(s->resize, since >= RESIZE_GAP_MS ? 5 : (uint32_t)(RESIZE_GAP_MS - since), 0);
}

/* --- start and stop --- */

static void start_ui(struct screen *s) {
    int w, h;
    ui_state_init(&s->ui);
    s->ui.keymap = &s->keymap;
    view_find("overview", &s->ui.view);
    s->ui.last_view = s->focused_view = s->ui.view;
    cellbuf_init(&s->cells);
    s->cells.ascii = term_is_ascii(s->term);
    term_size(s->term, &w, &h);
    cellbuf_resize(&s->cells, w, h);
    s->ui.mouse = s->app->config.mouse;
    term_mouse(s->term, s->ui.mouse);
    if (*term_notice(s->term))
        notice(s, true, term_notice(s->term));
    else if (s->app->warning)
        notice(s, true, s->app->warning);
}

static bool start(struct screen *s, struct err *err) {
    signal(SIGPIPE, SIG_IGN);
    s->loop = loop_new();
    for (size_t i = 0; i < ARRAY_LEN(signal_numbers); i++)
        s->signals[i] = loop_signal_start(s->loop, signal_numbers[i], on_signal, s);
    s->engine = engine_new(s->loop, s->app->settings, 0, on_changed, s);
    engine_watch(s->engine, OWN_PAYMENTS, &pay_queue);
    s->term = term_open(&s->theme, err);
    if (!s->term)
        return false;
    start_ui(s);
    s->frame = loop_timer_new(s->loop, on_frame, s);
    s->resize = loop_timer_new(s->loop, on_resize, s);
    s->clock = loop_timer_start(s->loop, until_next_second(), 0, on_clock, s);
    line_init(&s->line);
    s->tty = loop_poll_start(s->loop, term_fd(s->term), on_tty, s);
    struct desk_hooks hooks = {on_desk_changed, on_job_said, on_job_end, s};
    s->desk = desk_new(s->loop, s->app, s->engine, &s->ui, &hooks);
    s->saver = saver_new(s->loop, s->app, on_saved, s);
    frame_now(s);
    line_tick(&s->line, s->term, clock_mono_ms());
    engine_start(s->engine);
    return true;
}

static void stop(struct screen *s) {
    loop_poll_close(s->tty);
    term_close(s->term);
    loop_timer_close(s->clock);
    loop_timer_close(s->frame);
    loop_timer_close(s->resize);
    for (size_t i = 0; i < ARRAY_LEN(signal_numbers); i++)
        loop_signal_close(s->signals[i]);
    if (s->snapshot)
        snapshot_unref(s->snapshot);
    snapshot_unref(s->pin);
    rewind_free(&s->rewind);
    desk_free(s->desk);
    saver_free(s->saver);
    engine_free(s->engine);
    loop_free(s->loop);
    cellbuf_done(&s->cells);
}

int cmd_screen(struct app_context *app) {
    static struct screen s; /* large: the ui's tables */
    struct err err;
    memset(&s, 0, sizeof s);
    s.app = app;
    s.stalled_ms = STALL_FIRST_MS;
    if (!look_keymap(app, &s.keymap, &err) || !look_theme(app, NULL, &s.theme, &err))
        return app_fail(&err, EXIT_USAGE);
    crash_install();
    if (start(&s, &err))
        loop_run(s.loop);
    else
        s.exit_code = EXIT_USAGE;
    stop(&s);
    return s.exit_code == EXIT_USAGE ? app_fail(&err, EXIT_USAGE) : s.exit_code;
}
