/* term/term_priv.h - what the terminal keeps, shared by curses.c, keys.c and line.c. */
#ifndef GOODGO_TERM_TERM_PRIV_H
#define GOODGO_TERM_TERM_PRIV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <termios.h>

#include "pen_priv.h"
#include "term/term.h"

struct term {
    int fd;      /* /dev/tty, opened anew, non-blocking */
    int capture; /* memory file that curses writes to instead of the terminal */
    int out_fd;  /* number under which curses knows it */
    FILE *in, *out;
    void *screen;          /* SCREEN */
    struct termios before; /* as found */
    struct termios raw;    /* as used */
    struct cellbuf shown;  /* what curses was told last */
    struct theme theme;
    int colours;
    bool ascii, lost, redraw, mouse;
    bool wraps_at_once;     /* so its description says */
    bool may_ask, answered; /* the line's time: see line.c */
    struct pen pen;
    struct str frame; /* what curses wrote, squeezed */
    /* Bytes that the terminal has not taken yet. */
    char *pending;
    size_t n_pending, cap_pending;
    uint64_t bytes_out;
    char notice[160];
};

/* Bytes of our own, behind what waits. */
void term_send(struct term *t, const char *bytes, size_t n);

void term_line_init(struct term *t);
/* What stood between Esc [ and the end of a sequence that is no key. */
void term_sequence_seen(struct term *t, const char *sequence);

/* Puts the curses key codes behind what the terminal sends; called once. */
void term_keys_init(struct term *t);

#endif
