/* term/term_priv.h - what the terminal keeps, shared by the files of this folder. */
#ifndef GOODGO_TERM_TERM_PRIV_H
#define GOODGO_TERM_TERM_PRIV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <termios.h>

#include "pen_priv.h"
#include "term/term.h"

#define SEQUENCE_MAX 64

/* What stands behind Esc [ or Esc O, as far as it has come. */
struct sequence {
    char opener; /* 0: none is being read */
    char text[SEQUENCE_MAX];
    uint32_t n; /* characters that came; those beyond the room are not kept */
    int64_t begun_mono_ms;
};

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
    bool wraps_at_once;      /* so its description says */
    bool may_ask, answered;  /* the line's time: see line.c */
    char mouse_modes[2][64]; /* what switches the mouse off, and on */
    struct sequence sequence;
    struct pen pen;
    struct str frame; /* what curses wrote, squeezed */
    /* Bytes that the terminal has not taken yet. */
    char *pending;
    size_t n_pending, cap_pending;
    uint64_t bytes_out;
    char notice[160];
};

/* --- output.c --- */

/* Sends what waits; false while the terminal does not take it all. */
bool term_flush(struct term *t);
/* The same for the last words: waits a little, never for ever. */
void term_flush_patiently(struct term *t);
bool term_writable(const struct term *t);
/* What curses wrote into the memory file waits now. Whole frames: no sequence is cut. */
void term_take_captured(struct term *t);
/* Bytes of our own, behind what waits. */
void term_send(struct term *t, const char *bytes, size_t n);

void term_line_init(struct term *t);
/* What stood between Esc [ and the end of a sequence that is no key. */
void term_sequence_seen(struct term *t, const char *sequence);

/* A terminfo string without its padding, cut where there is no room; returns its length. */
size_t term_capability(char *buf, size_t size, const char *s);

/* --- restore.c --- */

/* Notes the way back of this terminal, and arms it. */
void term_restore_prepare(struct term *t);
/* Whether a crash handler has anything to put back. */
void term_restore_arm(bool on);
/* What it begins with. */
void term_restore_mouse(bool on);

/* Once; after it curses no longer knows of a mouse. */
void term_mouse_init(struct term *t);
void term_mouse_send(struct term *t, bool on);
/* The text of a sequence behind Esc [; false when it is no press of a button that has a meaning. */
bool term_mouse_report(const char *sequence, struct key *ret_key);

/* Puts the curses key codes behind what the terminal sends; called once. */
void term_keys_init(struct term *t);

#endif
