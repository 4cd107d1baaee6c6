/* ui/frame.c - the frame around every view: context row, screens, rule, body, status, keys, and
 * what lies over the body for a moment. On small terminals the screens' line goes first, then the
 * rule, then the keys; the context stays to the last column. */

#include "acts_priv.h"
#include "frame_priv.h"
#include "ui/draw.h"

struct frame_rows frame_rows(int w, int h) {
    struct frame_rows f = {.tabs = -1, .rule = -1, .status = h > 1 ? h - 1 : -1, .keys = -1};
    bool small = h < 12 || w < 60;
    int top = 1;
    if (!small)
        f.tabs = top++;
    if (!small || h >= 10)
        f.rule = top++;
    int bottom = h;
    if (h >= 8)
        f.keys = --bottom;
    if (!small)
        f.status = --bottom;
    f.body = (struct rect){0, top < h ? top : h, w, bottom > top ? bottom - top : 0};
    return f;
}

const struct view *frame_view(const struct frame *f) {
    return views[f->ui->view % n_views];
}

static void draw_body(const struct frame *f, struct rect body) {
    if (body.h < 1)
        return;
    frame_view(f)->draw(f->b, body, f->s, f->ui);
    if (f->ui->acts.step != ACTS_NONE)
        draw_acts(f, body);
    else if (f->ui->prompt == PROMPT_ACT)
        draw_usage(f, body);
    else if (f->ui->show_shell)
        draw_shell_panel(f, body);
    else if (f->ui->show_row)
        draw_row_panel(f, body);
    else if (f->ui->prompt == PROMPT_COMMAND)
        draw_candidates(f, body);
}

void frame_draw(struct cellbuf *b, const struct snapshot *s, struct ui_state *ui) {
    static struct keymap defaults; /* made once: the same at each call */
    if (!defaults.n)
        keymap_init(&defaults);
    struct frame f = {b, s, ui, ui->keymap ? ui->keymap : &defaults,
                      ui->now_mono_ms ? ui->now_mono_ms : s->now_mono_ms};
    struct frame_rows rows = frame_rows(b->w, b->h);
    cellbuf_clear(b);
    b->keymap = f.keymap;
    ui->news_shown = false;
    ui->body_cols = rows.body.w;
    for (uint32_t p = 0; p < UI_MAX_PANES; p++)
        ui_table(ui, p)->rows_h = 0;
    draw_body(&f, rows.body);
    int low = rows.body.y + rows.body.h;
    struct rect top = {0, 0, b->w, rows.body.y}, bottom = {0, low, b->w, b->h - low};
    draw_fill(b, top, ROLE_TEXT); /* whatever a view drew outside of its own rows */
    draw_fill(b, bottom, ROLE_TEXT);
    draw_context_row(&f);
    if (rows.tabs >= 0)
        draw_tabs(&f, rows.tabs);
    if (rows.rule >= 0)
        draw_rule(b, (struct rect){0, 0, b->w, b->h}, rows.rule,
                  rows.tabs < 0 ? frame_view(&f)->title : NULL);
    draw_keys(&f, rows.keys);
    draw_status(&f, rows.status);
}
