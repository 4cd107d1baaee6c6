/* ui/cell.h - the screen as a grid of cells, before any terminal: a view draws here, goldens
 * compare here, curses only blits it. A cell holds one cluster (base + marks) and a role; the right
 * half of a wide character has width 0. cell_put() refuses control characters even if a caller
 * forgot to clean: they show as '?', never as an escape. */
#ifndef GOODGO_UI_CELL_H
#define GOODGO_UI_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/str.h"
#include "base/text.h"

/* Meaning, not colour: themes/<x>.theme maps each to colours and attributes. */
enum role {
#define ROLE(id, name) ROLE_##id,
#include "ui/roles.def"
#undef ROLE
    ROLE_COUNT
};
const char *role_name(enum role r);

struct rect {
    int x, y, w, h;
};

struct cell {
    char utf8[15]; /* NUL-terminated; "" = blank */
    uint8_t width; /* 1, 2, or 0 for the right half of a wide one */
    uint8_t role;
};

struct keymap;
struct cellbuf {
    int w, h;
    struct cell *cells; /* row-major */
    size_t cap;
    bool ascii;                  /* drawing helpers choose ASCII shapes */
    const struct keymap *keymap; /* what draw_said() calls keys; NULL = the defaults */
};

void cellbuf_init(struct cellbuf *b);
void cellbuf_done(struct cellbuf *b);
void cellbuf_resize(struct cellbuf *b, int w, int h); /* clamped to 1..1000 x 1..500, and clears */
void cellbuf_clear(struct cellbuf *b);
/* Puts one cluster; outside the grid nothing happens; a wide one at the last column becomes a
 * space. Returns columns. */
int cell_put(struct cellbuf *b, int x, int y, const char *cluster, size_t n, enum role role);
const struct cell *cell_at(const struct cellbuf *b, int x, int y);    /* NULL outside */
void cell_recolour(struct cellbuf *b, struct rect r, enum role role); /* keeps what is written */

/* Dumps: lines with trailing blanks cut. Colours in `ansi` and `svg` come from the theme
 * (ui/theme.h). */
void cellbuf_to_text(const struct cellbuf *b, struct str *out);
void cellbuf_to_roles(const struct cellbuf *b, struct str *out); /* a letter a cell, for goldens */
struct theme;
void cellbuf_to_ansi(const struct cellbuf *b, const struct theme *t, int colours, struct str *out);
void cellbuf_to_svg(const struct cellbuf *b, const struct theme *t, struct str *out);

#endif
