/* term/term.h - the only door to the terminal. Opens /dev/tty anew (so that O_NONBLOCK never
 * reaches stdout), chooses a TERM that works, blits cells with one write per frame, decodes keys,
 * restores everything whatever happens. */
#ifndef GOODGO_TERM_TERM_H
#define GOODGO_TERM_TERM_H

#include "base/err.h"
#include "base/text.h"
#include "ui/cell.h"
#include "ui/keys.h"
#include "ui/theme.h"

struct term;
/* NULL with err where standard input and output are no terminal, or no description of it works. One
 * terminal at a time: what a crash puts back is kept once a process. */
struct term *term_open(const struct theme *t, struct err *err);
void term_close(struct term *t); /* restores; NULL is fine */
void term_set_theme(struct term *t, const struct theme *theme);
int term_fd(const struct term *t); /* readable when keys wait */
void term_size(struct term *t, int *ret_w, int *ret_h);
void term_resized(struct term *t); /* after SIGWINCH */
/* False when none is complete yet. */
bool term_next_key(struct term *t, int64_t now_mono_ms, struct key *ret_key);
bool term_lost(const struct term *t); /* EOF, EIO, hang-up: end the program at once */
/* False when the terminal did not take all of it now: call again later, which sends the rest. */
bool term_blit(struct term *t, const struct cellbuf *b);
void term_redraw(struct term *t);                            /* forget what is on the screen */
void term_copy(struct term *t, const char *bytes, size_t n); /* OSC 52, bounded to 64 KiB */
void term_bell(struct term *t);
/* A desktop notification, as far as the terminal makes one: OSC 9, OSC 777, or both. */
void term_notify(struct term *t, bool osc9, bool osc777, struct text what);
/* Asks the person's terminal for a sign of life, to time the line; false where none would come from
 * there. term_answered() says once that it has come. */
bool term_ask(struct term *t);
bool term_answered(struct term *t);
/* How long a lone Esc waits for the rest of a sequence: it follows the line. */
void term_escape_delay(uint32_t ms);
/* Asks the terminal for presses of its buttons and the wheel, or no longer. */
void term_mouse(struct term *t, bool on);
void term_suspend(struct term *t);   /* restores, stops the process group, comes back */
void term_continued(struct term *t); /* after SIGCONT: takes the terminal again */
uint64_t term_bytes_out(const struct term *t);
bool term_is_ascii(const struct term *t); /* the locale has no UTF-8 */
/* By LC_ALL, LC_CTYPE, LANG: what is printed without a screen too has no other shapes then. */
bool term_locale_is_utf8(void);
/* A sentence for the first frame (an unknown TERM was replaced), or "". */
const char *term_notice(const struct term *t);
/* Async-signal-safe: writes the prepared restore sequence and the saved tty modes. For crash
 * handlers. */
void term_restore_in_signal(void);

#endif
