/* ui/page.h - a screen of text lines, made anew for each frame: headings and lines of one to four
 * pieces. It scrolls, is searched by `/` with n and N, and flows into two columns where the screen
 * is wide. */
#ifndef GOODGO_UI_PAGE_H
#define GOODGO_UI_PAGE_H

#include "ui/cell.h"
#include "ui/state.h"

#define PAGE_PIECES 4

struct page_piece {
    struct text text;
    uint16_t x; /* column within the page's column */
    uint8_t role;
};
struct page_line {
    struct page_piece pieces[PAGE_PIECES];
    uint8_t n;
    bool heading; /* a rule with a title; a column may begin here */
};
struct page {
    struct arena *arena;
    struct page_line *lines;
    uint32_t n, cap;
    int cols; /* as wide as a column of text wants to be: a wide screen shows up to three */
};

void page_init(struct page *p, struct arena *arena, int cols);
/* As many of the wanted ones as a narrow screen has. */
int page_cols(const struct ui_state *ui, int wanted);
/* A blank line goes before all but the first. */
void page_heading(struct page *p, const char *title);
/* A new line; page_piece() adds to the newest one. Lines past 2000 are dropped. */
void page_line(struct page *p);
void page_piece(struct page *p, int x, enum role role, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Word-wrapped over as many lines as it takes, each beginning at x, at most `cols` wide. */
void page_wrapped(struct page *p, int x, int cols, enum role role, struct text t);

/* The next line after `from` (before it with step -1) that contains the needle, wrapping round;
 * false when none does. */
bool page_find(const struct page *p, const char *needle, uint32_t from, int step,
               uint32_t *ret_line);
/* The same for the next line with a piece in the colour of a problem. */
bool page_problem(const struct page *p, uint32_t from, int step, uint32_t *ret_line);
uint32_t page_count(const struct page *p, const char *needle); /* lines that contain it */
/* All of it as plain lines, as far as `out` takes them. */
void page_text(const struct page *p, struct str *out);
/* Draws from ui's scroll on, keeps the search hit on the screen, and bounds the scroll. */
void draw_page(struct cellbuf *b, struct rect r, const struct page *p, struct ui_state *ui);

#endif
