/* ui/frame_priv.h - the frame around every view, in parts: frame.c (which row is what), top.c
 * (context and screens), bottom.c (prompt, news, keys), overlay.c (what lies over a view for a
 * moment). */
#ifndef GOODGO_UI_FRAME_PRIV_H
#define GOODGO_UI_FRAME_PRIV_H

#include "ui/cell.h"
#include "ui/keys.h"
#include "ui/view.h"

struct frame_rows {
    int tabs, rule, status, keys; /* -1 = not at this size; status may share the last row */
    struct rect body;
};
struct frame_rows frame_rows(int w, int h);

struct frame {
    struct cellbuf *b;
    const struct snapshot *s;
    struct ui_state *ui;
    const struct keymap *keymap;
    int64_t now_mono_ms; /* real time, also while frozen */
};

const struct view *frame_view(const struct frame *f);

void draw_context_row(const struct frame *f);
void draw_tabs(const struct frame *f, int y);

void draw_status(const struct frame *f,
                 int y); /* the prompt, else the notice, else the last news */
void draw_keys(const struct frame *f, int y);

void draw_shell_panel(const struct frame *f, struct rect body);
void draw_row_panel(const struct frame *f, struct rect body);
void draw_candidates(const struct frame *f, struct rect body); /* above the command line */

#endif
