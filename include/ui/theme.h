/* ui/theme.h - role -> colours and attributes. A theme file has lines `role = foreground background
 * attributes`, colours as default, a name of the 16, 0..255 or #rrggbb; attributes bold, dim,
 * underline, reverse, italic. Each colour is lowered to what the terminal has (truecolor, 256, 16,
 * 2). Parsing is strict, errors name file:line. */
#ifndef GOODGO_UI_THEME_H
#define GOODGO_UI_THEME_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "ui/cell.h"

#define COLOUR_DEFAULT (-1)
enum { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_UNDERLINE = 4, ATTR_REVERSE = 8, ATTR_ITALIC = 16 };
struct style {
    int32_t fg, bg;             /* 0xRRGGBB, or COLOUR_DEFAULT */
    int16_t fg_index, bg_index; /* 0..255 when the file named an index, else -1 */
    uint8_t attrs;
};
struct theme {
    char name[32];
    bool light; /* what an SVG uses as its paper */
    struct style styles[ROLE_COUNT];
};

uint32_t theme_count(void); /* the embedded ones */
const char *theme_name_at(uint32_t i);
bool theme_load(struct theme *t, const char *name, struct err *err) MUST_CHECK; /* embedded */
bool theme_parse(struct theme *t, const char *name, const char *bytes, size_t n,
                 struct err *err) MUST_CHECK;
int theme_nearest_256(int32_t rgb);
int theme_nearest_16(int32_t rgb);

#endif
