/* ui/table_priv.h - the columns of one table in one width; between table_layout.c and table.c. */
#ifndef GOODGO_UI_TABLE_PRIV_H
#define GOODGO_UI_TABLE_PRIV_H

#include "ui/draw.h"

#define MAX_COLUMNS 32
#define DROP_ALONE  9 /* columns that only a row in full shows */

struct table_layout {
    int width[MAX_COLUMNS]; /* 0 = dropped */
    bool right[MAX_COLUMNS];
    bool sign; /* the two letters of health in front */
    int lead;  /* columns before the first one: for the sign, and for the star of a marked row */
    uint32_t n;
};

/* `rows` are the n rows that are shown; columns are shrunk, dropped and widened to fit w. */
void layout_make(struct table_layout *l, const struct table *t, const uint32_t *rows, uint32_t n,
                 int w, int64_t now_wall_s, bool marks);
/* What a cell shows: the text itself, or the number in its unit in `buf`. */
struct text cell_text(const struct value *v, enum unit unit, int64_t now_wall_s, char *buf,
                      size_t size);

#endif
