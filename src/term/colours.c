/* term/colours.c - a theme's roles as curses' attributes and colour pairs, with as many colours as
 * the terminal has. */
#include "colours_priv.h"

static int nearest_8(int32_t rgb, bool *ret_bright) {
    int n = theme_nearest_16(rgb);
    *ret_bright = n >= 8;
    return n & 7;
}

static int colour_of(const struct term *t, int32_t rgb, int16_t index, bool *ret_bright) {
    *ret_bright = false;
    if (rgb == COLOUR_DEFAULT)
        return -1;
    if (t->colours > 256) /* direct: the number is the colour, but 0..7 stay the palette */
        return index >= 0 && index < 8 ? index : rgb < 8 ? 0 : rgb;
    if (index >= 0 && index < t->colours)
        return index;
    if (t->colours >= 256)
        return theme_nearest_256(rgb);
    if (t->colours >= 16)
        return theme_nearest_16(rgb);
    if (index >= 0 && index < 16) {
        *ret_bright = index >= 8;
        return index & 7;
    }
    return nearest_8(rgb, ret_bright);
}

struct role_style term_roles[ROLE_COUNT];

static void role_prepare(const struct term *t, int role) {
    static const struct {
        uint8_t bit;
        attr_t attr;
    } map[] = {{ATTR_BOLD, A_BOLD},
               {ATTR_DIM, A_DIM},
               {ATTR_UNDERLINE, A_UNDERLINE},
               {ATTR_REVERSE, A_REVERSE},
               {ATTR_ITALIC, A_ITALIC}};
    const struct style *s = &t->theme.styles[role];
    attr_t attrs = A_NORMAL;
    for (size_t i = 0; i < ARRAY_LEN(map); i++)
        if (s->attrs & map[i].bit)
            attrs |= map[i].attr;
    term_roles[role] = (struct role_style){0};
    if (t->colours >= 8) {
        bool bright, back_bright;
        int fg = colour_of(t, s->fg, s->fg_index, &bright);
        int bg = colour_of(t, s->bg, s->bg_index, &back_bright);
        if (bright)
            attrs |= A_BOLD;
        if ((fg != -1 || bg != -1) && init_extended_pair(role + 1, fg, bg) == OK)
            term_roles[role].pair = role + 1;
    }
    term_roles[role].attrs = attrs;
}

void term_colours_start(struct term *t) {
    t->colours = 2;
    if (has_colors() && start_color() == OK) {
        use_default_colors();
        t->colours = COLORS >= 8 ? COLORS : 2;
    }
}

void term_set_theme(struct term *t, const struct theme *theme) {
    struct err err;
    t->theme = *theme;
    if (t->colours < 8)
        (void)!theme_load(&t->theme, "mono", &err);
    for (int r = 0; r < ROLE_COUNT; r++)
        role_prepare(t, r);
    term_redraw(t);
}
