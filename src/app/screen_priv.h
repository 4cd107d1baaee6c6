/* app/screen_priv.h - the screen between screen.c and screen_ask.c. */
#ifndef GOODGO_APP_SCREEN_PRIV_H
#define GOODGO_APP_SCREEN_PRIV_H

#include "app/command.h"
#include "engine/probes.h"
#include "io/loop.h"
#include "term/term.h"
#include "ui/input.h"
#include "ui/theme.h"
#include "ui/view.h"

#include "desk_priv.h"
#include "line_priv.h"
#include "rewind_priv.h"
#include "saver_priv.h"

#define SCREEN_SIGNALS 6

struct screen {
    struct app_context *app;
    struct loop *loop;
    struct engine *engine;
    struct desk *desk;
    struct saver *saver;
    struct term *term;
    struct loop_poll *tty;
    struct loop_timer *clock, *frame, *resize;
    struct loop_signal *signals[SCREEN_SIGNALS];
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

/* --- screen.c --- */

/* One line for a few seconds. */
void screen_notice(struct screen *s, bool bad, const char *text);
/* A notice of ours that names keys by their actions: see keymap_say(). */
void screen_say(struct screen *s, bool bad, const char *sentence);
void screen_end(struct screen *s, int exit_code);
/* For the timer of the clock, which ticks with the wall clock. */
uint32_t ms_until_next_second(void);

/* --- screen_ask.c --- */

/* Does what a key asked for; the argument is that of ui_key(). */
void screen_answer(struct screen *s, enum ui_request request, const char *argument);
/* To the shell and back. */
void screen_suspend(struct screen *s);

#endif
