/* tests/bench/screen.h - a terminal as the bench sees it: cells, cursor, pen and modes, fed with
 * what a program wrote. Knows what curses programs use of xterm; everything else is skipped. Prices
 * a change of the picture: what moving the cursor and printing only the changed cells would cost.
 */
#ifndef GOODGO_BENCH_SCREEN_H
#define GOODGO_BENCH_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct style {
    uint16_t attrs;  /* bit n = SGR n */
    uint32_t fg, bg; /* 0 = the terminal's own, 1 + index, or RGB with bit 24 */
};

struct screen_cell {
    char glyph[12]; /* base and marks in UTF-8; "" = blank */
    uint8_t width;  /* 1, 2, or 0 for the right half of a wide one */
    struct style style;
};

struct screen {
    int w, h, x, y, top, bottom;
    struct screen_cell *cells;
    struct style pen;
    bool wraps; /* the last column is full: the next glyph goes to the next row */
    int saved_x, saved_y;
    bool alternate, cursor_hidden, mouse, paste, app_cursor, app_keypad, insert, lines_drawn;
    char sequence[256]; /* of an escape or a UTF-8 character that is not complete */
    size_t n_sequence;
    bool in_string; /* OSC, DCS ... */
    char last[12];  /* glyph, for REP */
};

void screen_init(struct screen *s, int w, int h);
void screen_done(struct screen *s);
void screen_resize(struct screen *s, int w, int h); /* keeps what fits */
void screen_copy(struct screen *to, const struct screen *from);
void screen_feed(struct screen *s, const char *bytes, size_t n);
/* Row y as text, blanks at the end cut. */
void screen_row(const struct screen *s, int y, char *buf, size_t size);
int screen_rows_filled(const struct screen *s);
int screen_rows_with(const struct screen *s, const char *text);
/* Nothing left behind: main screen, cursor shown, pen and modes as they were at the start. */
bool screen_is_plain(const struct screen *s);
/* Bytes to turn `before` into `now`, by moving and printing; *ret_cells is how many differ. */
size_t screen_change_cost(const struct screen *before, const struct screen *now, size_t *ret_cells);

#endif
