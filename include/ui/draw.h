/* ui/draw.h - text, rules, bars, sparklines and tables into cells. All clip to the rect they are
 * given; all take struct text or string literals, never a bare outside string. Shapes follow
 * cellbuf.ascii. */
#ifndef GOODGO_UI_DRAW_H
#define GOODGO_UI_DRAW_H

#include "model/reading.h"
#include "model/section.h"
#include "model/snapshot.h"
#include "ui/cell.h"
#include "ui/state.h"

/* Draw at (x, y) within r; cut with an ellipsis ('~' in ASCII). Return columns used. */
int draw_text(struct cellbuf *b, struct rect r, int x, int y, struct text t, enum role role);
/* The same for figures that two blanks stand between: "3 clients  0 waiting": only whole ones, as
 * half a number is a wrong one. The first is cut where it has no room alone. */
int draw_parts(struct cellbuf *b, struct rect r, int x, int y, struct text t, enum role role);
int draw_lit(struct cellbuf *b, struct rect r, int x, int y, const char *literal, enum role role);
/* A sentence of ours that names keys by their actions, see keymap_say(). */
int draw_said(struct cellbuf *b, struct rect r, int x, int y, const char *sentence, enum role role);
/* Formatted text of our own (numbers, cleaned names); goes through the same gate. */
int draw_fmt(struct cellbuf *b, struct rect r, int x, int y, enum role role, const char *fmt, ...)
    PRINTF_LIKE(6, 7);
int draw_right(struct cellbuf *b, struct rect r, int y, enum role role, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
void draw_fill(struct cellbuf *b, struct rect r, enum role role);
/* A horizontal rule with an optional heading: "--- TABLES -----". */
void draw_rule(struct cellbuf *b, struct rect r, int y, const char *title);
struct rect draw_box(struct cellbuf *b, struct rect r, const char *title); /* what is inside */
/* Centred sentence for an empty or unknown state; it may name keys as draw_said() does. */
void draw_empty(struct cellbuf *b, struct rect r, const char *sentence);
/* pct 0..100 as a bar of w columns. */
void draw_bar(struct cellbuf *b, struct rect r, int x, int y, int w, double pct, enum role role);
/* The last 15 minutes of a trend in one row of r.w columns (90 at the most are used), the newest at
 * the right; a gap where nothing was read. Columns are cut at fixed times, so that a row moves only
 * when a column is full. A steady figure is a line in the middle, a steady nought one at the
 * bottom: only the shape speaks here. */
void draw_spark(struct cellbuf *b, struct rect r, const struct trend *t, int64_t now_mono_ms,
                enum role role);
/* A chart over 15 minutes with its name, the figure now, the least and the most, a scale at the
 * left and wall-clock times below. Wants 24x5 at least; draws nothing below 12x3. */
struct chart {
    const char *title; /* "requests" */
    int64_t span_ms;   /* of time; chart_span() of all that stand side by side */
    const struct trend *trend;
    enum unit unit;
    struct value now;
};
/* 15 minutes, or 5 or 3 while a young trend has no more: an empty chart tells nothing. */
int64_t chart_span(const struct trend *t, int64_t now_mono_ms);
void draw_chart(struct cellbuf *b, struct rect r, const struct chart *c, const struct snapshot *s);
/* Word-wrapped text; returns lines used. */
int draw_wrapped(struct cellbuf *b, struct rect r, struct text t, enum role role);
/* Bytes of the next line of at most w columns; *ret_next is where the one after it begins. */
size_t text_wrap(const char *s, size_t n, int w, size_t *ret_next);
int text_lines(struct text t, int w); /* lines that draw_wrapped() would like to use */

enum role role_of_health(enum health h);
/* "CR", "WA", "ok", "??", "--" with its role. */
int draw_health(struct cellbuf *b, struct rect r, int x, int y, enum health h);
/* "  2s", " 47s", " ??": age of a reading, dim when late. */
int draw_age(struct cellbuf *b, struct rect r, int x, int y, const struct section *sec,
             int64_t now_mono_ms);
/* "45s ago " of what is older than the reading it stands with; in steps of five seconds. */
int draw_ago(struct cellbuf *b, struct rect r, int x, int y, int64_t age_ms);
void format_age(int64_t ms, char *buf, size_t size); /* 2s 4m12s 9d02h */

/* "20:11:58 redis ok -> critical  connection refused" on one line; returns columns used. */
int draw_event(struct cellbuf *b, struct rect r, int x, int y, const struct event *e,
               int utc_offset_s);

/* A table of a reading: heading, sort mark, selection by key, filter, columns dropped by `drop`
 * when narrow, scroll and "n of m" when it does not fit. Draws "empty_sentence" when there are no
 * rows. */
enum table_look {
    TABLE_FOCUSED = 1,    /* shows the selection */
    TABLE_COUNT_ABOVE = 2 /* "1-13 of 23" stands at the right of the row above r, not in r */
};
void draw_table(struct cellbuf *b, struct rect r, const struct table *t, struct table_state *ts,
                int64_t now_wall_s, unsigned look, const char *empty_sentence);
/* The way a sorted column goes, after its heading. */
void draw_sort_mark(struct cellbuf *b, struct rect r, int x, int y, bool descending);
/* The rows that pass the filter, in sort order: indices into t->rows. Shared by drawing, moving and
 * copying. */
#define TABLE_ROWS_MAX 10000 /* as many as a probe may add */
uint32_t table_view_rows(const struct table *t, const struct table_state *ts, uint32_t *indices,
                         uint32_t max);
/* Which of those n the cursor stands on: by its key; the neighbour at the old place where that is
 * gone. */
uint32_t table_selected(const struct table *t, const struct table_state *ts,
                        const uint32_t *indices, uint32_t n);
/* The row that the cursor stands on; NULL where none passes the filter. */
const struct row *table_selected_row(const struct table *t, const struct table_state *ts);

#endif
