/* ui/draw.h - text, rules, bars, sparklines and tables into cells. All clip to the rect they are
 * given; all take struct text or string literals, never a bare outside string. Shapes follow
 * cellbuf.ascii. */
#ifndef GOODGO_UI_DRAW_H
#define GOODGO_UI_DRAW_H

#include "model/reading.h"
#include "model/section.h"
#include "ui/cell.h"
#include "ui/state.h"

/* Draw at (x, y) within r; cut with an ellipsis ('~' in ASCII). Return columns used. */
int draw_text(struct cellbuf *b, struct rect r, int x, int y, struct text t, enum role role);
int draw_lit(struct cellbuf *b, struct rect r, int x, int y, const char *literal, enum role role);
/* Formatted text of our own (numbers, cleaned names); goes through the same gate. */
int draw_fmt(struct cellbuf *b, struct rect r, int x, int y, enum role role, const char *fmt, ...)
    PRINTF_LIKE(6, 7);
int draw_right(struct cellbuf *b, struct rect r, int y, enum role role, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
void draw_fill(struct cellbuf *b, struct rect r, enum role role);
/* A horizontal rule with an optional heading: "--- TABLES -----". */
void draw_rule(struct cellbuf *b, struct rect r, int y, const char *title);
void draw_box(struct cellbuf *b, struct rect r, const char *title);
/* Centred sentence for an empty or unknown state. */
void draw_empty(struct cellbuf *b, struct rect r, const char *sentence);
/* pct 0..100 as a bar of w columns. */
void draw_bar(struct cellbuf *b, struct rect r, int x, int y, int w, double pct, enum role role);
/* The newest points at the right; NaN is a gap. Scaled 0..max of the shown points. */
void draw_sparkline(struct cellbuf *b, struct rect r, int x, int y, int w, const float *points,
                    uint32_t n, enum role role);
/* Word-wrapped text; returns lines used. */
int draw_wrapped(struct cellbuf *b, struct rect r, struct text t, enum role role);

enum role role_of_health(enum health h);
/* "CR", "WA", "ok", "??", "--" with its role. */
int draw_health(struct cellbuf *b, struct rect r, int x, int y, enum health h);
/* "  2s", " 47s", " ??": age of a reading, dim when late. */
int draw_age(struct cellbuf *b, struct rect r, int x, int y, const struct section *sec,
             int64_t now_mono_ms);
void format_age(int64_t ms, char *buf, size_t size); /* 2s 4m12s 9d02h */

/* A table of a reading: heading, sort mark, selection by key, filter, columns dropped by `drop`
 * when narrow, scroll and "n of m" when it does not fit. Draws "empty_sentence" when there are no
 * rows. */
void draw_table(struct cellbuf *b, struct rect r, const struct table *t, struct table_state *ts,
                int64_t now_wall_s, bool focused, const char *empty_sentence);
/* The rows that pass the filter, in sort order: indices into t->rows. Shared by drawing, moving and
 * copying. */
uint32_t table_view_rows(const struct table *t, const struct table_state *ts, uint32_t *indices,
                         uint32_t max);

#endif
