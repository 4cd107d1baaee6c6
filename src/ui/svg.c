/* ui/svg.c - a cell buffer as a picture. Cells are a whole number of pixels, so that nothing has a
 * seam; each piece of text stands at its own place, so that a reader's other font shifts no column;
 * lines and blocks are drawn, since a font's own leave gaps. */
#include <string.h>

#include "cell_priv.h"
#include "ui/cell.h"
#include "ui/theme.h"

enum {
    CELL_W = 9, /* a monospace font of 15 px has an advance of 0.6 em */
    CELL_H = 19,
    BASELINE = 14,
    MARGIN = 14,
    MIDDLE_X = 4, /* of a cell, where lines run */
    MIDDLE_Y = 9,
    DOT = 3,
    BLOCK_H = 17 /* of a full block: rows of graphs stay apart */
};

/* The 16 colours as modern terminals have them: xterm's own blue cannot be read on black. */
static const int32_t palettes[2][16] = {
    {0x14191f, 0xf4716c, 0x4cba5f, 0xe0aa3a, 0x5a9cf2, 0xb98af0, 0x3fbdc9, 0xc3cad3, 0x6b7682,
     0xff9a94, 0x6fd680, 0xf2c667, 0x86baff, 0xd0abff, 0x6cdbe4, 0xf4f7fa},
    {0x24292f, 0xc4232d, 0x16733a, 0x8a5a00, 0x0b62c9, 0x7a48c8, 0x0f7683, 0x5b6570, 0x7b848e,
     0xa1141f, 0x1f8a48, 0xa66f00, 0x2c7fe0, 0x9668e0, 0x268f9c, 0x2f363d}};

struct paper {
    bool light;
    int32_t ink, paper, edge;
};

static struct paper paper_of(const struct theme *t) {
    const struct style *text = &t->styles[ROLE_TEXT];
    struct paper p = {t->light, t->light ? 0x1f2328 : 0xd5dbe2, t->light ? 0xffffff : 0x11161c,
                      t->light ? 0xd0d7de : 0x2c343d};
    if (text->bg != COLOUR_DEFAULT)
        p.paper = text->bg;
    return p;
}

static int32_t colour(const struct paper *p, int32_t rgb, int16_t index, int32_t other) {
    if (rgb == COLOUR_DEFAULT)
        return other;
    return index >= 0 && index < 16 ? palettes[p->light][index] : rgb;
}

/* Red is mostly a ground for white letters, which its light tone would drown. */
static int32_t ground(const struct paper *p, int32_t rgb, int16_t index) {
    return index == 1 ? 0xb62f37 : colour(p, rgb, index, p->paper);
}

struct look {
    int32_t fg, bg; /* bg is the paper's where there is none */
    uint8_t attrs;
};

static struct look look_of(const struct paper *p, const struct theme *t, const struct cell *c) {
    const struct style *s = &t->styles[c->role];
    struct look l = {colour(p, s->fg, s->fg_index, p->ink), ground(p, s->bg, s->bg_index),
                     s->attrs};
    return s->attrs & ATTR_REVERSE ? (struct look){l.bg, l.fg, l.attrs} : l;
}

/* Class of a look: a letter for the role. */
static char class_of(const struct cell *c) {
    return (char)('a' + c->role);
}

static void add_class(const struct look *l, char class, struct str *out) {
    str_printf(out, ".%c{fill:#%06x", class, (unsigned)l->fg);
    if (l->attrs & ATTR_BOLD)
        str_puts(out, ";font-weight:bold");
    if (l->attrs & ATTR_ITALIC)
        str_puts(out, ";font-style:italic");
    if (l->attrs & ATTR_UNDERLINE)
        str_puts(out, ";text-decoration:underline");
    if (l->attrs & ATTR_DIM)
        str_puts(out, ";opacity:.65");
    str_puts(out, "}\n");
}

static void add_classes(const struct cellbuf *b, const struct theme *t, const struct paper *p,
                        struct str *out) {
    bool done[128] = {false};
    for (int y = 0; y < b->h; y++)
        for (int x = 0; x < b->w; x++) {
            const struct cell *c = cell_at(b, x, y);
            char class = class_of(c);
            if (done[(int)class])
                continue;
            done[(int)class] = true;
            struct look l = look_of(p, t, c);
            add_class(&l, class, out);
        }
}

/* --- backgrounds --- */

static void add_backgrounds(const struct cellbuf *b, const struct theme *t, const struct paper *p,
                            int y, struct str *out) {
    for (int x = 0, end; x < b->w; x = end) {
        int32_t bg = look_of(p, t, cell_at(b, x, y)).bg;
        for (end = x + 1; end < b->w && look_of(p, t, cell_at(b, end, y)).bg == bg;)
            end++;
        if (bg != p->paper)
            str_printf(out, "<path fill=\"#%06x\" d=\"M%d %dh%dv%dh%dz\"/>\n", (unsigned)bg,
                       MARGIN + x * CELL_W, MARGIN + y * CELL_H, (end - x) * CELL_W, CELL_H,
                       (x - end) * CELL_W);
    }
}

/* --- lines and blocks --- */

enum { LEFT = 1, RIGHT = 2, UP = 4, DOWN = 8 };
static const struct {
    uint32_t code;
    unsigned arms;
} lines[] = {
    {0x2500, LEFT | RIGHT},
    {0x2502, UP | DOWN},
    {0x250c, RIGHT | DOWN},
    {0x2510, LEFT | DOWN},
    {0x2514, RIGHT | UP},
    {0x2518, LEFT | UP},
    {0x251c, RIGHT | UP | DOWN},
    {0x2524, LEFT | UP | DOWN},
    {0x252c, LEFT | RIGHT | DOWN},
    {0x2534, LEFT | RIGHT | UP},
    {0x253c, LEFT | RIGHT | UP | DOWN},
};

static unsigned arms_of(uint32_t code) {
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (lines[i].code == code)
            return lines[i].arms;
    return 0;
}

static bool is_block(uint32_t code) {
    return code >= 0x2581 && code <= 0x2588;
}

static bool is_shade(uint32_t code) {
    return code >= 0x2591 && code <= 0x2593;
}

static bool is_braille(uint32_t code) {
    return code > 0x2800 && code <= 0x28ff;
}

static bool is_shape(uint32_t code) {
    return arms_of(code) || is_block(code) || is_shade(code) || is_braille(code);
}

static uint32_t code_at(const struct cellbuf *b, int x, int y) {
    const struct cell *c = cell_at(b, x, y);
    uint32_t code = ' ';
    if (c->utf8[0])
        utf8_decode(c->utf8, strlen(c->utf8), &code);
    return code;
}

static void add_box(int x, int y, int w, int h, struct str *out) {
    str_printf(out, "M%d %dh%dv%dh%dz", x, y, w, h, -w);
}

/* A line across `n` cells, or the arms of one. */
static void add_arms(unsigned arms, int x, int y, int n, struct str *out) {
    int w = n * CELL_W, from = arms & LEFT ? 0 : MIDDLE_X;
    if (arms & (LEFT | RIGHT))
        add_box(x + from, y + MIDDLE_Y, (arms & RIGHT ? w : MIDDLE_X + 1) - from, 1, out);
    from = arms & UP ? 0 : MIDDLE_Y;
    if (arms & (UP | DOWN))
        add_box(x + MIDDLE_X, y + from, 1, (arms & DOWN ? CELL_H : MIDDLE_Y + 1) - from, out);
}

/* Two columns of four dots; the bits of a code are in Braille's own order. */
static void add_dots(uint32_t code, int x, int y, struct str *out) {
    static const struct {
        int x, y;
    } dots[] = {{1, 1}, {1, 6}, {1, 11}, {5, 1}, {5, 6}, {5, 11}, {1, 15}, {5, 15}};
    for (size_t i = 0; i < ARRAY_LEN(dots); i++)
        if (code >> i & 1)
            add_box(x + dots[i].x, y + dots[i].y, DOT, DOT, out);
}

/* `n` cells of the same shape. */
static void add_shape(uint32_t code, int x, int y, int n, struct str *out) {
    unsigned arms = arms_of(code);
    bool one_box = arms == (LEFT | RIGHT) || (!arms && !is_braille(code));
    int h = is_block(code) ? (int)(code - 0x2580) * BLOCK_H / 8 : BLOCK_H;
    for (int i = 0; i < (one_box ? 1 : n); i++, x += CELL_W) {
        if (arms)
            add_arms(arms, x, y, one_box ? n : 1, out);
        else if (is_braille(code))
            add_dots(code, x, y, out);
        else
            add_box(x, y + CELL_H - 1 - h, n * CELL_W, h, out);
    }
}

static bool same_shape_run(const struct cellbuf *b, int x, int other, int y) {
    uint32_t one = code_at(b, x, y), two = code_at(b, other, y);
    return is_shape(two) && class_of(cell_at(b, x, y)) == class_of(cell_at(b, other, y)) &&
           (one == two || (!is_shade(one) && !is_shade(two)));
}

/* The shapes from x on that look alike, as one path; returns where they end. */
static int add_shapes(const struct cellbuf *b, int x, int y, struct str *out) {
    int end = x;
    while (end < b->w && same_shape_run(b, x, end, y))
        end++;
    str_printf(out, "<path class=\"%c\" ", class_of(cell_at(b, x, y)));
    if (is_shade(code_at(b, x, y)))
        str_printf(out, "fill-opacity=\".%u\" ", (code_at(b, x, y) - 0x2590) * 2);
    str_puts(out, "d=\"");
    for (int n; x < end; x += n) {
        uint32_t code = code_at(b, x, y);
        for (n = 1; x + n < end && code_at(b, x + n, y) == code; n++)
            ;
        add_shape(code, MARGIN + x * CELL_W, MARGIN + y * CELL_H, n, out);
    }
    str_puts(out, "\"/>\n");
    return end;
}

/* --- text --- */

static void add_xml(const char *s, struct str *out) {
    static const char special[] = "&<>\"";
    static const char *const escaped[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
    for (; *s; s++) {
        const char *found = strchr(special, *s);
        if (found)
            str_puts(out, escaped[found - special]);
        else
            str_putc(out, *s);
    }
}

static bool blank_at(const struct cellbuf *b, int x, int y) {
    const struct cell *c = cell_at(b, x, y);
    return c->width == 1 && (!c->utf8[0] || (c->utf8[0] == ' ' && !c->utf8[1]));
}

/* End of the text that begins at x: another look, a shape, or a gap of two blanks ends it. */
static int text_end(const struct cellbuf *b, int x, int y) {
    char class = class_of(cell_at(b, x, y));
    int end = x;
    for (int at = x; at < b->w && at - end < 2; at++) {
        if (class_of(cell_at(b, at, y)) != class || is_shape(code_at(b, at, y)))
            break;
        if (!blank_at(b, at, y))
            end = at + 1;
    }
    return end;
}

/* textLength holds the columns together when the reader has a font of another width. */
static void add_text(const struct cellbuf *b, int x, int end, int y, struct str *out) {
    str_printf(out, "<text class=\"%c\" x=\"%d\" y=\"%d\"", class_of(cell_at(b, x, y)),
               MARGIN + x * CELL_W, MARGIN + y * CELL_H + BASELINE);
    if (end - x > 1)
        str_printf(out, " textLength=\"%d\"", (end - x) * CELL_W);
    str_putc(out, '>');
    for (; x < end; x++) {
        const struct cell *c = cell_at(b, x, y);
        if (c->width)
            add_xml(c->utf8[0] ? c->utf8 : " ", out);
    }
    str_puts(out, "</text>\n");
}

static void add_row(const struct cellbuf *b, int y, struct str *out) {
    for (int x = 0; x < b->w;) {
        if (blank_at(b, x, y)) {
            x++;
        } else if (is_shape(code_at(b, x, y))) {
            x = add_shapes(b, x, y, out);
        } else {
            int end = text_end(b, x, y);
            add_text(b, x, end, y, out);
            x = end;
        }
    }
}

void cellbuf_to_svg(const struct cellbuf *b, const struct theme *t, struct str *out) {
    int w = b->w * CELL_W + 2 * MARGIN, h = b->h * CELL_H + 2 * MARGIN;
    struct paper p = paper_of(t);
    str_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
               "viewBox=\"0 0 %d %d\" font-size=\"15\" font-family=\"'DejaVu Sans Mono', Menlo, "
               "'Cascadia Mono', Consolas, 'Liberation Mono', monospace\">\n<style>\n",
               w, h, w, h);
    add_classes(b, t, &p, out);
    str_printf(out,
               "</style>\n<rect x=\".5\" y=\".5\" width=\"%d\" height=\"%d\" rx=\"8\" "
               "fill=\"#%06x\" stroke=\"#%06x\"/>\n",
               w - 1, h - 1, (unsigned)p.paper, (unsigned)p.edge);
    for (int y = 0; y < b->h; y++) {
        add_backgrounds(b, t, &p, y, out);
        add_row(b, y, out);
    }
    str_puts(out, "</svg>\n");
}
