/* tests/bench/cost.c - what a change of the picture must cost at least, if all that a program does
 * is to move the cursor and to print the cells that changed: no erasing, no scrolling. A program
 * may do better with those; htop and we are measured with the same rule. */
#include "screen.h"

#include <stdio.h>
#include <string.h>

struct writer {
    const struct screen *now;
    int x, y; /* the cursor */
    struct style pen;
    size_t bytes;
};

static const struct screen_cell *at(const struct screen *s, int x, int y) {
    return &s->cells[(size_t)y * (size_t)s->w + (size_t)x];
}

static bool style_same(struct style a, struct style b) {
    return a.attrs == b.attrs && a.fg == b.fg && a.bg == b.bg;
}

static bool cell_same(const struct screen_cell *a, const struct screen_cell *b) {
    return a->width == b->width && strcmp(a->glyph, b->glyph) == 0 &&
           style_same(a->style, b->style);
}

static size_t digits(int n) {
    return n < 10 ? 1 : n < 100 ? 2 : 3;
}

static size_t colour_cost(uint32_t colour) {
    if (colour >> 24)
        return 5 + digits(colour >> 16 & 255) + digits(colour >> 8 & 255) + digits(colour & 255) +
               2;
    return colour <= 8 ? 2 : colour <= 16 ? 2 : 5 + digits((int)colour - 1);
}

/* Parameters between ESC [ and m, with their semicolons. */
static size_t parameters_cost(struct style from, struct style to) {
    size_t n = 0;
    for (int bit = 1; bit < 10; bit++)
        if (to.attrs & ~from.attrs & 1 << bit)
            n += 2;
    if (to.fg != from.fg)
        n += 1 + colour_cost(to.fg);
    if (to.bg != from.bg)
        n += 1 + colour_cost(to.bg);
    return n;
}

static size_t pen_cost(struct style from, struct style to) {
    static const struct style plain;
    if (style_same(from, to))
        return 0;
    size_t n = parameters_cost(plain, to), reset = n ? 4 + n : 3;
    size_t more = 2 + parameters_cost(from, to);
    return from.attrs & ~to.attrs || reset < more ? reset : more;
}

static size_t cell_cost(const struct screen_cell *c, struct style *pen) {
    size_t n = pen_cost(*pen, c->style);
    *pen = c->style;
    return n + (c->width ? *c->glyph ? strlen(c->glyph) : 1 : 0);
}

static size_t min_of(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t move_cost(const struct writer *w, int x, int y) {
    size_t n = 4 + digits(y + 1) + digits(x + 1); /* ESC [ y ; x H */
    if (x == 0)
        n = 3 + digits(y + 1);
    if (y == w->y && x < w->x)
        n = min_of(n, min_of((size_t)(w->x - x), x == 0 ? 1 : 3 + digits(x + 1)));
    else if (y == w->y)
        n = x == w->x       ? 0
            : x == w->x + 1 ? 3
                            : 3 + digits(min_of((size_t)(x - w->x), (size_t)x + 1));
    else if (x == 0 && y == w->y + 1)
        n = 2;
    else if (x == w->x)
        n = min_of(n, y == w->y + 1 ? 1 : 3 + digits(y + 1));
    return n;
}

/* Over an unchanged gap of a row it may be cheaper to print than to move. */
static void go_to(struct writer *w, int x, int y) {
    size_t move = move_cost(w, x, y), print = 0;
    struct style pen = w->pen;
    bool ahead = y == w->y && x > w->x && x - w->x < 12;
    for (int i = w->x; ahead && i < x; i++)
        print += cell_cost(at(w->now, i, y), &pen);
    if (ahead && print < move)
        w->pen = pen;
    w->bytes += ahead ? min_of(print, move) : move;
    w->x = x;
    w->y = y;
}

size_t screen_change_cost(const struct screen *before, const struct screen *now,
                          size_t *ret_cells) {
    struct writer w = {.now = now, .x = before->x, .y = before->y, .pen = before->pen};
    bool all = before->w != now->w || before->h != now->h;
    *ret_cells = 0;
    for (int y = 0; y < now->h; y++)
        for (int x = 0; x < now->w; x++) {
            const struct screen_cell *c = at(now, x, y);
            if (!c->width || (!all && cell_same(at(before, x, y), c)))
                continue;
            go_to(&w, x, y);
            w.bytes += cell_cost(c, &w.pen);
            w.x += c->width;
            (*ret_cells)++;
        }
    return w.bytes;
}
