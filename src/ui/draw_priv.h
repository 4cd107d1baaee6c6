/* ui/draw_priv.h - drawing of bytes that went through the gate, between draw.c, chart.c, table.c.
 */
#ifndef GOODGO_UI_DRAW_PRIV_H
#define GOODGO_UI_DRAW_PRIV_H

#include "ui/cell.h"

/* From column x up to, not including, `end`; returns the columns used. */
int draw_bytes(struct cellbuf *b, int x, int y, int end, const char *s, size_t n, enum role role);
/* One column of a shape: UTF-8, or its ASCII stand-in. */
int put_shape(struct cellbuf *b, int x, int y, const char *utf8, char ascii, enum role role);

#endif
