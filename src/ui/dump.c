/* ui/dump.c - a cell buffer as text, as role letters, as ANSI and as SVG. */
#include "ui/cell.h"

#include <string.h>

#include "theme_priv.h"
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

#define SVG_CELL_W 8.4 /* of a 14 px monospace font */
#define SVG_CELL_H 18
#define SVG_MARGIN 10

static void add_xml(const char *s, struct str *out) {
    for (; *s; s++) {
        const char *escaped = *s == '&'   ? "&amp;"
                              : *s == '<' ? "&lt;"
                              : *s == '>' ? "&gt;"
                              : *s == '"' ? "&quot;"
                                          : NULL;
        if (escaped)
            str_puts(out, escaped);
        else
            str_putc(out, *s);
    }
}

struct look {
    int32_t fg, bg; /* bg COLOUR_DEFAULT = paper */
    uint8_t attrs;
};

static struct look look_of(const struct theme *t, const struct cell *c) {
    const struct style *s = &t->styles[c->role];
    int32_t ink = t->light ? 0x1f2328 : 0xd8dee4, paper = t->light ? 0xffffff : 0x11151a;
    struct look l = {s->fg == COLOUR_DEFAULT ? ink : s->fg, s->bg, s->attrs};
    if (s->attrs & ATTR_REVERSE)
        l = (struct look){l.bg == COLOUR_DEFAULT ? paper : l.bg, l.fg, s->attrs};
    return l;
}

static void svg_run(const struct cellbuf *b, const struct look *l, int y, int x, int end,
                    struct str *out) {
    str_printf(out, "<tspan x=\"%.1f\" fill=\"#%06x\"", SVG_MARGIN + x * SVG_CELL_W,
               (unsigned)l->fg & 0xffffff);
    if (l->attrs & ATTR_BOLD)
        str_puts(out, " font-weight=\"bold\"");
    if (l->attrs & ATTR_ITALIC)
        str_puts(out, " font-style=\"italic\"");
    if (l->attrs & ATTR_UNDERLINE)
        str_puts(out, " text-decoration=\"underline\"");
    if (l->attrs & ATTR_DIM)
        str_puts(out, " fill-opacity=\"0.65\"");
    str_printf(out, " textLength=\"%.1f\" lengthAdjust=\"spacingAndGlyphs\">",
               (end - x) * SVG_CELL_W);
    for (; x < end; x++) {
        const struct cell *c = cell_at(b, x, y);
        if (c->width)
            add_xml(c->utf8[0] ? c->utf8 : " ", out);
    }
    str_puts(out, "</tspan>");
}

static int run_end(const struct cellbuf *b, int y, int x, int end) {
    const struct cell *first = cell_at(b, x, y);
    while (x < end && same_look(first, cell_at(b, x, y)))
        x++;
    return x;
}

static bool run_blank(const struct cellbuf *b, int y, int x, int end) {
    while (x < end && cell_blank(cell_at(b, x, y)))
        x++;
    return x == end;
}

static void svg_row(const struct cellbuf *b, const struct theme *t, int y, struct str *out) {
    for (int x = 0, end; x < b->w; x = end) {
        end = run_end(b, y, x, b->w);
        struct look l = look_of(t, cell_at(b, x, y));
        if (l.bg != COLOUR_DEFAULT)
            str_printf(out,
                       "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#%06x\"/>\n",
                       SVG_MARGIN + x * SVG_CELL_W, SVG_MARGIN + y * SVG_CELL_H,
                       (end - x) * SVG_CELL_W, SVG_CELL_H, (unsigned)l.bg & 0xffffff);
    }
    str_printf(out, "<text y=\"%d\" xml:space=\"preserve\">",
               SVG_MARGIN + y * SVG_CELL_H + SVG_CELL_H - 5);
    for (int x = 0, stop = row_end(b, y), end; x < stop; x = end) {
        end = run_end(b, y, x, stop);
        struct look l = look_of(t, cell_at(b, x, y));
        if (!run_blank(b, y, x, end))
            svg_run(b, &l, y, x, end, out);
    }
    str_puts(out, "</text>\n");
}

void cellbuf_to_svg(const struct cellbuf *b, const struct theme *t, struct str *out) {
    double w = b->w * SVG_CELL_W + 2 * SVG_MARGIN;
    int h = b->h * SVG_CELL_H + 2 * SVG_MARGIN;
    bool own_paper = t->styles[ROLE_TEXT].bg != COLOUR_DEFAULT;
    int32_t paper = own_paper ? t->styles[ROLE_TEXT].bg : t->light ? 0xffffff : 0x11151a;
    str_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.1f\" height=\"%d\" "
               "viewBox=\"0 0 %.1f %d\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, "
               "monospace\" font-size=\"14\">\n",
               w, h, w, h);
    str_printf(out, "<rect width=\"100%%\" height=\"100%%\" rx=\"6\" fill=\"#%06x\"/>\n",
               (unsigned)paper & 0xffffff);
    for (int y = 0; y < b->h; y++)
        svg_row(b, t, y, out);
    str_puts(out, "</svg>\n");
}
