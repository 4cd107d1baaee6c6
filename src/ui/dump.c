/* ui/dump.c - a cell buffer as text, as role letters and as ANSI; svg.c has the pictures. */
#include "ui/cell.h"

#include "ui/theme.h"

static bool cell_blank(const struct cell *c) {
    return c->width == 1 && (!c->utf8[0] || (c->utf8[0] == ' ' && !c->utf8[1]));
}

/* Columns up to the last one that shows something. */
static int row_end(const struct cellbuf *b, int y) {
    int x = b->w;
    while (x > 0 && cell_blank(cell_at(b, x - 1, y)))
        x--;
    return x;
}

static void add_cell(const struct cell *c, struct str *out) {
    if (c->width)
        str_puts(out, c->utf8[0] ? c->utf8 : " ");
}

void cellbuf_to_text(const struct cellbuf *b, struct str *out) {
    for (int y = 0; y < b->h; y++) {
        for (int x = 0, end = row_end(b, y); x < end; x++)
            add_cell(cell_at(b, x, y), out);
        str_putc(out, '\n');
    }
}

/* A blank of a role that has a ground of its own is seen. */
static bool plain(const struct cell *c) {
    return c->role != ROLE_SELECTED && c->role != ROLE_ALARM && c->role != ROLE_MATCH;
}

void cellbuf_to_roles(const struct cellbuf *b, struct str *out) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"; /* in the order of roles.def */
    for (int y = 0; y < b->h; y++) {
        int end = b->w;
        while (end > 0 && cell_blank(cell_at(b, end - 1, y)) && plain(cell_at(b, end - 1, y)))
            end--;
        for (int x = 0; x < end; x++) {
            const struct cell *c = cell_at(b, x, y);
            str_putc(out, !cell_blank(c) ? letters[c->role] : plain(c) ? '.' : '_');
        }
        str_putc(out, '\n');
    }
}

static bool same_look(const struct cell *a, const struct cell *b) {
    return a->role == b->role;
}

static int index_of(int32_t rgb, int16_t index, int colours) {
    if (rgb == COLOUR_DEFAULT)
        return -1;
    if (index >= 0 && index < colours)
        return index;
    if (colours >= 256)
        return theme_nearest_256(rgb);
    int n = theme_nearest_16(rgb);
    return colours >= 16 ? n : n & 7;
}

static void add_colour(int32_t rgb, int16_t index, int colours, bool back, struct str *out) {
    if (rgb == COLOUR_DEFAULT || colours < 8)
        return;
    if (colours > 256 && index < 0) {
        str_printf(out, ";%d;2;%d;%d;%d", back ? 48 : 38, (int)(rgb >> 16 & 255),
                   (int)(rgb >> 8 & 255), (int)(rgb & 255));
        return;
    }
    int n = index_of(rgb, index, colours);
    if (n < 8)
        str_printf(out, ";%d", (back ? 40 : 30) + n);
    else if (n < 16)
        str_printf(out, ";%d", (back ? 100 : 90) + n - 8);
    else
        str_printf(out, ";%d;5;%d", back ? 48 : 38, n);
}

static void add_sgr(const struct style *s, int colours, struct str *out) {
    static const struct {
        uint8_t bit;
        const char *code;
    } codes[] = {{ATTR_BOLD, ";1"},
                 {ATTR_DIM, ";2"},
                 {ATTR_ITALIC, ";3"},
                 {ATTR_UNDERLINE, ";4"},
                 {ATTR_REVERSE, ";7"}};
    str_puts(out, "\033[0");
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (s->attrs & codes[i].bit)
            str_puts(out, codes[i].code);
    add_colour(s->fg, s->fg_index, colours, false, out);
    add_colour(s->bg, s->bg_index, colours, true, out);
    str_putc(out, 'm');
}

void cellbuf_to_ansi(const struct cellbuf *b, const struct theme *t, int colours, struct str *out) {
    for (int y = 0; y < b->h; y++) {
        const struct cell *last = NULL;
        for (int x = 0; x < b->w; x++) {
            const struct cell *c = cell_at(b, x, y);
            if (!last || !same_look(last, c))
                add_sgr(&t->styles[c->role], colours, out);
            add_cell(c, out);
            last = c;
        }
        str_puts(out, "\033[0m\n");
    }
}
