/* term/restore.c - the way back to the terminal as it was found, prepared while all is well: a
 * signal handler may make no more than one write() and one tcsetattr(). */
#include "term_priv.h"

#include <curses.h>
#include <signal.h>
#include <unistd.h>

/* Everything the signal handler may touch, prepared while all is well. First of the bytes is what
 * switches the mouse off: begun with only while it is on. */
static struct {
    volatile sig_atomic_t armed, from;
    int fd;
    struct termios before;
    char bytes[256];
    size_t n, n_mouse;
} restore;

void term_restore_in_signal(void) {
    if (!restore.armed)
        return;
    restore.armed = 0;
    ssize_t ignored =
        write(restore.fd, restore.bytes + restore.from, restore.n - (size_t)restore.from);
    (void)ignored;
    tcsetattr(restore.fd, TCSANOW, &restore.before);
}

static void restore_add(const char *sequence) {
    restore.n +=
        term_capability(restore.bytes + restore.n, sizeof restore.bytes - restore.n, sequence);
}

void term_restore_mouse(bool on) {
    restore.from = on ? 0 : (sig_atomic_t)restore.n_mouse;
}

void term_restore_prepare(struct term *t) {
    static const char *const capabilities[] = {"sgr0", "op", "cnorm", "rmkx", "rmcup"};
    restore.armed = 0;
    restore.fd = t->fd;
    restore.before = t->before;
    restore.n = 0;
    restore_add(t->mouse_modes[false]);
    restore.n_mouse = restore.n;
    term_restore_mouse(false);
    for (size_t i = 0; i < ARRAY_LEN(capabilities); i++)
        restore_add(tigetstr(capabilities[i]));
    restore.armed = 1;
}

void term_restore_arm(bool on) {
    restore.armed = on;
}
