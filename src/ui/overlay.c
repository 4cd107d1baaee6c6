/* ui/overlay.c - what lies over a view for a moment: the command of a service, a row in full, and
 * what may follow on the command line. */
#include <stdio.h>
#include <string.h>

#include "frame_priv.h"
#include "input_priv.h"
#include "table_priv.h"
#include "ui/draw.h"

void draw_shell_panel(const struct frame *f, struct rect body) {
    uint32_t len = (uint32_t)strlen(f->ui->shell);
    struct text t = {f->ui->shell, len, text_cols(f->ui->shell, len)};
    int lines = text_lines(t, body.w > 6 ? body.w - 4 : 2);
    struct rect box = {body.x, body.y, body.w, lines + 4 < body.h ? lines + 4 : body.h};
    struct rect in = draw_box(f->b, box, "the same by hand (secrets masked)");
    in.h--;
    if (in.w > 0 && in.h > 0)
        draw_wrapped(f->b, in, t, ROLE_POPUP);
    if (box.h > 2)
        draw_said(f->b, (struct rect){in.x, box.y, in.w, box.h}, in.x, box.y + box.h - 2,
                  "{copy} copies it, {back} leaves; nothing was run", ROLE_DIM);
}

/* --- a row in full --- */

static int draw_cell(const struct frame *f, struct rect r, const struct column *column,
                     struct value v, int label_cols) {
    char buf[32] = "-";
    draw_lit(f->b, (struct rect){r.x, r.y, label_cols - 1, 1}, r.x, r.y, column->title, ROLE_DIM);
    struct rect room = {r.x + label_cols, r.y, r.w - label_cols, r.h};
    if (v.kind == VALUE_TEXT) {
        int lines = draw_wrapped(f->b, room, v.t, ROLE_POPUP);
        return lines > 0 ? lines : 1;
    }
    if (v.kind != VALUE_NONE)
        value_format(v, column->unit, f->s->now_wall_ms / 1000, buf, sizeof buf);
    draw_lit(f->b, room, room.x, r.y, buf, v.kind == VALUE_NONE ? ROLE_DIM : ROLE_POPUP);
    return 1;
}

/* Of w columns; a narrow panel wants most of them for the figures. */
static int label_width(const struct table *t, int w) {
    size_t widest = 0;
    for (uint32_t c = 0; c < t->n_columns; c++)
        if (strlen(t->columns[c].title) > widest)
            widest = strlen(t->columns[c].title);
    int label = (int)(widest < 20 ? widest : 20) + 2, most = w / 3 > 8 ? w / 3 : 8;
    return label < most ? label : most;
}

static int cell_lines(const struct row *row, uint32_t column, int w) {
    int used = row->cells[column].kind == VALUE_TEXT ? text_lines(row->cells[column].t, w) : 1;
    return used > 0 ? used : 1;
}

/* What stands in no table, and is not there, is told nowhere. */
static bool is_told(const struct table *t, const struct row *row, uint32_t column) {
    return t->columns[column].drop < DROP_ALONE || row->cells[column].kind != VALUE_NONE;
}

static uint32_t told_from(const struct table *t, const struct row *row, uint32_t column) {
    uint32_t n = 0;
    for (; column < t->n_columns; column++)
        n += is_told(t, row, column);
    return n;
}

/* What is above is scrolled away by columns, so that each begins with its name. */
static void draw_row_of(const struct frame *f, struct rect body, const struct table *t,
                        const struct row *row) {
    int label = label_width(t, body.w - 4), w = body.w - 4 - label, lines = 0;
    uint32_t *scroll = &f->ui->row_scroll, c = 0;
    for (; c < t->n_columns; c++)
        lines += is_told(t, row, c) ? cell_lines(row, c, w) : 0;
    struct rect box = {body.x, body.y, body.w, lines + 2 < body.h ? lines + 2 : body.h};
    struct rect in = draw_box(f->b, box, t->title);
    if (lines <= in.h)
        *scroll = 0;
    else if (*scroll >= t->n_columns)
        *scroll = t->n_columns ? t->n_columns - 1 : 0;
    for (c = *scroll; c < t->n_columns && in.h > 0 && w > 0; c++) {
        if (!is_told(t, row, c))
            continue;
        int used = draw_cell(f, in, &t->columns[c], row->cells[c], label);
        in.y += used, in.h -= used;
    }
    uint32_t left = told_from(t, row, c);
    if (left && box.h > 3) {
        struct rect last = {in.x, box.y + box.h - 2, in.w, 1};
        draw_fill(f->b, last, ROLE_POPUP);
        int x = last.x + draw_fmt(f->b, last, last.x, last.y, ROLE_DIM, "%u more", left + 1);
        draw_said(f->b, last, x, last.y, ": {page-down}", ROLE_DIM);
    }
}

static void draw_gone(const struct frame *f, struct rect body) {
    struct rect box = {body.x, body.y, body.w, body.h < 3 ? body.h : 3};
    struct rect in = draw_box(f->b, box, "");
    draw_lit(f->b, in, in.x, in.y, "the row is gone", ROLE_POPUP);
}

void draw_row_panel(const struct frame *f, struct rect body) {
    struct focus focus;
    focus_open(&focus, f->ui, f->s);
    if (focus.n)
        draw_row_of(f, body, focus.t, &focus.t->rows[focus.rows[focus.at]]);
    else
        draw_gone(f, body);
    focus_close(&focus);
}

/* --- candidates --- */

#define CANDIDATE_COLS 38
#define WORD_COLS      13

static void draw_candidate(const struct frame *f, struct rect cell, const struct candidate *c,
                           bool chosen) {
    draw_lit(f->b, cell, cell.x, cell.y, c->word, ROLE_KEY);
    if (cell.w > WORD_COLS + 8)
        draw_lit(f->b, cell, cell.x + WORD_COLS, cell.y, c->what, ROLE_DIM);
    if (chosen)
        cell_recolour(f->b, cell, ROLE_SELECTED);
}

static void draw_candidate_box(const struct frame *f, struct rect box, const struct candidates *c,
                               int shown) {
    const char *what = c->at ? "may follow" : "screens and commands";
    char title[48];
    snprintf(title, sizeof title, "%s, %d of %u", what, shown, c->n);
    draw_box(f->b, box, shown < (int)c->n ? title : what);
}

void draw_candidates(const struct frame *f, struct rect body) {
    struct candidates c;
    struct arena scratch;
    arena_init(&scratch);
    candidates_find(&c, f->ui, f->s, &scratch);
    int across = (body.w - 2) / CANDIDATE_COLS > 0 ? (body.w - 2) / CANDIDATE_COLS : 1;
    int rows = ((int)c.n + across - 1) / across, most = body.h - 2;
    if (rows > most)
        rows = most;
    if (c.n && rows > 0) {
        struct rect box = {body.x, body.y + body.h - rows - 2, body.w, rows + 2};
        int cols = (box.w - 2) / across, shown = rows * across;
        /* The one that Tab is at is among them. */
        int first = c.chosen < c.n && (int)c.chosen >= shown ? (int)c.chosen - shown + 1 : 0;
        draw_candidate_box(f, box, &c, shown);
        for (int i = 0; first + i < (int)c.n && i < shown; i++) {
            struct rect cell = {box.x + 2 + i / rows * cols, box.y + 1 + i % rows, cols - 2, 1};
            draw_candidate(f, cell, &c.list[first + i], (uint32_t)(first + i) == c.chosen);
        }
    }
    arena_done(&scratch);
}
