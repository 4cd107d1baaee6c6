/* ui/frame_priv.h - where the rows of a frame are, for drawing and for the mouse. */
#ifndef GOODGO_UI_FRAME_PRIV_H
#define GOODGO_UI_FRAME_PRIV_H

#include "ui/cell.h"

struct frame_rows {
    int tabs, rule, status, keys; /* -1 = not at this size; status may share the last row */
    struct rect body;
};
struct frame_rows frame_rows(int w, int h);

#endif
