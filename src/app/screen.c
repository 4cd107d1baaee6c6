/* app/screen.c - the interactive screen: one loop that joins engine, terminal and ui. A key is
 * drawn at once; news of the platform at most 20 times a second; the clock once a second, and once
 * a minute when all is frozen. */
#include "screen_priv.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "app/crash.h"
#include "base/clock.h"
#include "codec/payqueue.h"
#include "look_priv.h"

#define FRAME_GAP_MS   50
#define RESIZE_GAP_MS  100
#define KEYS_PER_TURN  4096
#define NOTICE_MS      5000
#define STALL_FIRST_MS 10

static const int signal_numbers[SCREEN_SIGNALS] = {SIGWINCH, SIGHUP,  SIGTERM,
                                                   SIGINT,   SIGTSTP, SIGCONT};

void screen_notice(struct screen *s, bool bad, const char *text) {
    str_copy(s->ui.notice, sizeof s->ui.notice, text);
    s->ui.notice_bad = bad;
    s->ui.notice_until_mono_ms = clock_mono_ms() + NOTICE_MS;
}

void screen_say(struct screen *s, bool bad, const char *sentence) {
    char said[sizeof s->ui.notice];
    keymap_say(&s->keymap, sentence, said, sizeof said);
    screen_notice(s, bad, said);
}

void screen_end(struct screen *s, int exit_code) {
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
        screen_end(s, 128 + SIGHUP);
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
    screen_notice(ctx, bad, what);
}

static void on_saved(void *ctx, const char *what, bool bad) {
    screen_notice(ctx, bad, what);
    frame_later(ctx, 1);
}

/* Who started a job and looked away wants to hear of its end. */
static void on_job_end(void *ctx, const char *what, bool bad) {
    struct screen *s = ctx;
    struct arena a;
    const struct config *c = &s->app->config;
    screen_notice(s, bad, what);
    if (!s->ui.frozen) /* what it healed must not stand there for half a minute more */
        engine_refresh(s->engine, ENGINE_OWN(OWN_PAYMENTS));
    term_bell(s->term);
    arena_init(&a);
    term_notify(s->term, c->notify_osc9, c->notify_osc777, text_cleanz(&a, what));
    arena_done(&a);
}

uint32_t ms_until_next_second(void) {
    return (uint32_t)(1000 - clock_wall_ms() % 1000) + 1;
}

/* A frozen screen only counts its age: by the second while it is young, then by the minute. A
 * window of acts counts down as ever. */
static uint32_t ms_until_next_tick(const struct screen *s) {
    int64_t age = s->snapshot ? clock_mono_ms() - s->snapshot->now_mono_ms : 0;
    bool counts = *s->ui.notice || acts_armed(&s->ui, clock_mono_ms());
    bool slow = s->ui.frozen && age > 60000 && !counts;
    return slow ? 60000 : ms_until_next_second();
}

static void on_clock(void *ctx) {
    struct screen *s = ctx;
    if (*s->ui.notice && clock_mono_ms() >= s->ui.notice_until_mono_ms)
        *s->ui.notice = 0;
    line_tick(&s->line, s->term, clock_mono_ms());
    s->ui.link_rtt_ms = s->line.rtt_ms;
    frame_now(s);
    loop_timer_again(s->clock, ms_until_next_tick(s), 0);
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
        screen_answer(s, r, argument);
        if (r == UI_QUIT)
            return;
    }
    if (term_lost(s->term)) {
        screen_end(s, 128 + SIGHUP);
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
        loop_timer_again(s->clock, ms_until_next_second(), 0);
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
        screen_suspend(s);
        return;
    }
    if (number != SIGWINCH && number != SIGCONT) {
        screen_end(s, 128 + number);
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
        screen_notice(s, true, term_notice(s->term));
    else if (s->app->warning)
        screen_notice(s, true, s->app->warning);
}

static bool start(struct screen *s, struct err *err) {
    signal(SIGPIPE, SIG_IGN);
    s->loop = loop_new();
    for (size_t i = 0; i < SCREEN_SIGNALS; i++)
        s->signals[i] = loop_signal_start(s->loop, signal_numbers[i], on_signal, s);
    s->engine = engine_new(s->loop, s->app->settings, 0, on_changed, s);
    engine_watch(s->engine, OWN_PAYMENTS, &pay_queue);
    s->term = term_open(&s->theme, err);
    if (!s->term)
        return false;
    start_ui(s);
    s->frame = loop_timer_new(s->loop, on_frame, s);
    s->resize = loop_timer_new(s->loop, on_resize, s);
    s->clock = loop_timer_start(s->loop, ms_until_next_second(), 0, on_clock, s);
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
    for (size_t i = 0; i < SCREEN_SIGNALS; i++)
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
