/* term/colours_priv.h - how each role is drawn, by the theme set last. */
#ifndef GOODGO_TERM_COLOURS_PRIV_H
#define GOODGO_TERM_COLOURS_PRIV_H

#include "term_priv.h"

#include <curses.h>

struct role_style {
    attr_t attrs;
    int pair; /* 0 = the terminal's own colours */
};
extern struct role_style term_roles[ROLE_COUNT];

/* Finds out how many colours there are; once, before the first theme. */
void term_colours_start(struct term *t);

#endif
