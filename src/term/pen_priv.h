/* term/pen_priv.h - what curses says about colours, said once. Curses sets attributes and colours
 * one by one, resets before it sets, and names the character set each time; over a slow line that
 * is a third of an idle screen's bytes. Here those sequences are only noted, and the shortest
 * change is written before the next byte that is drawn. What is not understood passes as it is.
 * Pure. */
#ifndef GOODGO_TERM_PEN_PRIV_H
#define GOODGO_TERM_PEN_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct pen_style {
    uint16_t attrs;      /* bit n = the attribute that SGR n turns on: 1 to 8 */
    char fg[24], bg[24]; /* SGR parameters; "" = the terminal's own */
};

struct pen {
    struct pen_style wanted, actual;
    bool known;   /* actual is what the terminal has */
    char charset; /* as designated last; 0 = not known, 'B' = the usual one */
};

/* The terminal's state is not known any more: another program wrote, the screen is redrawn. */
void pen_forget(struct pen *p);
/* Adds the n bytes of whole sequences to `out`, shorter, with the same effect. */
void pen_squeeze(struct pen *p, const char *bytes, size_t n, struct str *out);

#endif
