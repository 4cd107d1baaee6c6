/* app/screen_ask.c - what a key asks of the screen: asking again, freezing and going back, copies
 * and files, looks, the shell's words. Acts are the desk's. */
#include "screen_priv.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/shell.h"
#include "look_priv.h"

static void ask_refresh(struct screen *s) {
    const struct view *v = views[s->ui.view % n_views];
    if (s->ui.frozen) {
        screen_say(s, true, "frozen: {freeze} goes on first");
        return;
    }
    engine_refresh(s->engine, v->has_service ? BIT(v->service) : 0);
    screen_notice(s, false, "asking again");
}

static void ask_freeze(struct screen *s) {
    engine_pause(s->engine, s->ui.frozen);
    rewind_end(&s->rewind);
    screen_say(s, false, s->ui.frozen ? "every screen is frozen; {freeze} goes on" : "going on");
    loop_timer_again(s->clock, ms_until_next_second(), 0);
}

/* T and b freeze by themselves: what is looked at must not run away. */
static void ask_moment(struct screen *s, enum ui_request request, const char *argument) {
    char text[160] = "";
    bool step = request == UI_STEP;
    bool ok = step ? rewind_step(&s->rewind, strcmp(argument, "on") == 0 ? 1 : -1, &s->snapshot,
                                 text, sizeof text)
                   : rewind_to(&s->rewind, argument, &s->snapshot, text, sizeof text);
    s->ui.frozen |= ok;
    engine_pause(s->engine, s->ui.frozen);
    screen_say(s, !ok, text);
}

static void ask_pin(struct screen *s) {
    char text[100], time[CLOCK_DAY_SIZE];
    clock_day_time(s->snapshot->now_wall_ms / 1000, s->snapshot->utc_offset_s, time);
    snapshot_unref(s->pin);
    s->ui.pin = s->pin = snapshot_ref(s->snapshot);
    snprintf(text, sizeof text, "%s is pinned; {compare} shows what is different from it", time);
    screen_say(s, false, text);
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
        screen_notice(s, true, "not saved: the readings are larger than a snapshot may be");
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
        screen_notice(s, true, text);
        return;
    }
    s->theme = theme;
    term_set_theme(s->term, &s->theme);
    snprintf(text, sizeof text, "theme %s", theme.name);
    screen_notice(s, false, text);
}

static void ask_mouse(struct screen *s) {
    term_mouse(s->term, s->ui.mouse);
    screen_notice(s, false, s->ui.mouse ? "mouse on: hold Shift to select text" : "mouse off");
}

/* A sub-command as this console would run it: with the options that it was started with. */
static void put_subcommand(const struct options *o, const char *command, struct str *out) {
    const char *const given[][2] = {{"--env-file", o->env_file},
                                    {"--context", o->context},
                                    {"--config", o->config_file},
                                    {"--state-dir", o->state_dir}};
    str_puts(out, "goodgo");
    for (size_t i = 0; i < ARRAY_LEN(given); i++) {
        if (!given[i][1])
            continue;
        str_printf(out, " %s ", given[i][0]);
        shell_put(out, "%s", given[i][1]);
    }
    str_puts(out, command + strlen("goodgo"));
}

static bool put_shell(struct screen *s, struct str *out) {
    enum service service;
    char command[sizeof s->ui.shell], table[UI_KEY_MAX];
    if (ui_subcommand(s->snapshot, &s->ui, command, sizeof command)) {
        put_subcommand(&s->app->options, command, out);
        return true;
    }
    if (!ui_service(s->snapshot, &s->ui, &service) || !probes[service] || !probes[service]->shell)
        return false;
    ui_table_name(s->snapshot, &s->ui, table, sizeof table);
    probes[service]->shell(s->app->settings, table, out);
    return true;
}

/* Whole or not at all: a part of a command, or one without its context, would do something else. */
static void ask_shell(struct screen *s) {
    struct str out;
    str_init(&out, sizeof s->ui.shell);
    s->ui.show_shell = put_shell(s, &out) && !out.toobig &&
                       str_copy(s->ui.shell, sizeof s->ui.shell, str_get(&out));
    str_done(&out);
    if (!s->ui.show_shell)
        screen_notice(s, true, "no shell command belongs to this row, or none that fits here");
}

void screen_suspend(struct screen *s) {
    engine_pause(s->engine, true);
    term_suspend(s->term);
    engine_pause(s->engine, s->ui.frozen);
}

void screen_answer(struct screen *s, enum ui_request request, const char *argument) {
    switch (request) {
    case UI_QUIT:
        screen_end(s, 0);
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
        screen_suspend(s);
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
