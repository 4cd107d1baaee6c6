/* term/curses.c - the terminal through curses: terminfo, sizes, output diff. Curses writes into a
 * memory file, which output.c takes on. One terminal per process. */
#include "colours_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <wchar.h>

#include "base/mem.h"

#define FRAME_MAX (64 * 1024 * 1024) /* 1000x500 cells, each in colours of its own */

/* Only LC_CTYPE: a decimal comma has no place in JSON. */
bool term_locale_is_utf8(void) {
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        return true;
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *said = NULL;
    for (size_t i = 0; i < ARRAY_LEN(names) && !(said && *said); i++)
        said = getenv(names[i]);
    const char *dot = said ? strchr(said, '.') : NULL;
    /* The locale is meant to be UTF-8 but not installed here. */
    if (dot && (strncasecmp(dot, ".utf-8", 6) == 0 || strncasecmp(dot, ".utf8", 5) == 0))
        return setlocale(LC_CTYPE, "C.UTF-8") != NULL;
    return false;
}

/* --- opening and closing --- */

static bool usable(void) {
    const char *cup = tigetstr("cup");
    return cup && cup != (const char *)-1;
}

static bool try_type(struct term *t, const char *type) {
    t->screen = newterm(type, t->out, t->in);
    if (!t->screen)
        return false;
    set_term(t->screen);
    t->wraps_at_once = tigetflag("am") > 0 && tigetflag("xenl") <= 0;
    if (usable())
        return true;
    endwin();
    delscreen(t->screen);
    t->screen = NULL;
    return false;
}

static bool choose_type(struct term *t) {
    static const char *const others[] = {"xterm-256color", "xterm", "vt100"};
    const char *own = getenv("TERM");
    if (own && *own && strlen(own) < 64 && try_type(t, own))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (try_type(t, others[i])) {
            char name[48];
            text_clean_into(name, sizeof name, own ? own : "", own ? strlen(own) : 0);
            snprintf(t->notice, sizeof t->notice, "TERM=%s is not known here; drawing for %s", name,
                     others[i]);
            return true;
        }
    return false;
}

/* newterm() takes signals over when nobody else has; they are the app's. */
static const int signals[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH, SIGQUIT};
static struct sigaction signals_before[ARRAY_LEN(signals)];

static void signals_save(void) {
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaction(signals[i], NULL, &signals_before[i]);
}

static void signals_back(void) {
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaction(signals[i], &signals_before[i], NULL);
}

static bool open_files(struct term *t, struct err *err) {
    t->fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (t->fd < 0 || tcgetattr(t->fd, &t->before) != 0)
        return err_set(err, E_IO, "term.open", "/dev/tty", "%s", strerror(errno));
    t->out_fd = fcntl(t->fd, F_DUPFD_CLOEXEC, 3);
    t->capture = (int)syscall(SYS_memfd_create, "frame", 1u /* close on exec */);
    int in = fcntl(t->fd, F_DUPFD_CLOEXEC, 3);
    if (t->out_fd < 0 || t->capture < 0 || in < 0)
        return err_set(err, E_IO, "term.open", "/dev/tty", "%s", strerror(errno));
    t->in = fdopen(in, "r");
    t->out = fdopen(t->out_fd, "w");
    if (!t->in || !t->out)
        return err_set(err, E_IO, "term.open", "/dev/tty", "%s", strerror(errno));
    return true;
}

/* Curses has seen a real terminal on its output by now; from here on it writes to memory. */
static bool start_capture(struct term *t) {
    raw();
    noecho();
    nonl();
    if (tcgetattr(t->fd, &t->raw) != 0 || dup2(t->capture, t->out_fd) < 0)
        return false;
    int flags = fcntl(t->fd, F_GETFL);
    return flags >= 0 && fcntl(t->fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

static void free_all(struct term *t) {
    if (t->in)
        fclose(t->in);
    if (t->out)
        fclose(t->out);
    if (t->capture >= 0)
        close(t->capture);
    if (t->fd >= 0)
        close(t->fd);
    cellbuf_done(&t->shown);
    str_done(&t->frame);
    free(t->pending);
    free(t);
}

struct term *term_open(const struct theme *theme, struct err *err) {
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        err_set(err, E_CONFIG, "term.open", "the screen",
                "standard input and output are not a terminal");
        err->todo = "`goodgo status` and the other commands need none";
        return NULL;
    }
    struct term *t = mem_zeroed(sizeof *t);
    t->fd = t->capture = t->out_fd = -1;
    t->ascii = !term_locale_is_utf8();
    cellbuf_init(&t->shown);
    str_init(&t->frame, FRAME_MAX);
    if (!open_files(t, err)) {
        free_all(t);
        return NULL;
    }
    signals_save();
    bool ok = choose_type(t);
    signals_back();
    if (!ok || !start_capture(t)) {
        err_set(err, E_CONFIG, "term.open", "TERM",
                "no terminal description works, not even vt100");
        tcsetattr(t->fd, TCSANOW, &t->before);
        free_all(t);
        return NULL;
    }
    term_keys_init(t);
    term_mouse_init(t);
    term_restore_prepare(t);
    term_line_init(t);
    term_colours_start(t);
    curs_set(0);
    leaveok(stdscr, TRUE);
    scrollok(stdscr, FALSE);
    term_set_theme(t, theme);
    term_resized(t);
    return t;
}

void term_close(struct term *t) {
    if (!t)
        return;
    bool mouse = t->mouse;
    term_mouse(t, false);
    endwin();
    term_take_captured(t);
    term_flush_patiently(t);
    if (t->n_pending) { /* a stalled line: what waits goes, so that the way back has room */
        tcflush(t->fd, TCOFLUSH);
        term_restore_mouse(mouse);
        term_restore_in_signal();
    }
    term_restore_arm(false);
    tcsetattr(t->fd, TCSANOW, &t->before);
    delscreen(t->screen);
    free_all(t);
}

int term_fd(const struct term *t) {
    return t->fd;
}

static void window_size(const struct term *t, int *ret_w, int *ret_h) {
    struct winsize ws = {0};
    bool known = ioctl(t->fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0 && ws.ws_row > 0;
    int w = known ? ws.ws_col : 80, h = known ? ws.ws_row : 24;
    *ret_w = w > 1000 ? 1000 : w;
    *ret_h = h > 500 ? 500 : h;
}

/* Some descriptions, ansi for one, say that a full line wraps at once. Most that answer to such a
 * name wait for the next character, as the VT100 does, and what curses writes next lands one line
 * too high. Where the last column stays empty both are right. */
void term_size(struct term *t, int *ret_w, int *ret_h) {
    window_size(t, ret_w, ret_h);
    if (t->wraps_at_once && *ret_w > 1)
        --*ret_w;
}

void term_resized(struct term *t) {
    int w, h;
    window_size(t, &w, &h);
    if (w != COLS || h != LINES)
        resizeterm(h, w);
    term_redraw(t);
}

bool term_lost(const struct term *t) {
    return t->lost;
}

void term_redraw(struct term *t) {
    t->redraw = true;
}

/* --- drawing --- */

static void cell_to_curses(const struct cell *c, cchar_t *ret_cell) {
    wchar_t wide[8] = L" ";
    mbstate_t state = {0};
    const char *s = c->utf8;
    size_t n = *s ? mbsrtowcs(wide, &s, ARRAY_LEN(wide) - 1, &state) : 1;
    /* Where libc and utf8proc disagree about the width a question mark keeps the columns. */
    if (n == (size_t)-1 || n == 0 || wcwidth(wide[0]) != c->width) {
        wide[0] = c->width == 1 || n ? L'?' : L' ';
        n = 1;
    }
    wide[n < CCHARW_MAX ? n : CCHARW_MAX] = 0;
    const struct role_style *style = &term_roles[c->role];
    int pair = style->pair;
    setcchar(ret_cell, wide, style->attrs, (short)pair, &pair);
}

static void put_row(const struct cellbuf *b, int y) {
    static cchar_t row[1000];
    int n = 0;
    for (int x = 0; x < b->w; x++) {
        const struct cell *c = cell_at(b, x, y);
        if (!c->width)
            continue;
        cell_to_curses(c, &row[n]);
        bool narrowed = c->width == 2 && row[n].chars[0] == L'?';
        n++;
        if (narrowed)
            row[n] = row[n - 1], n++;
    }
    mvadd_wchnstr(y, 0, row, n);
}

static bool row_same(const struct cellbuf *a, const struct cellbuf *b, int y) {
    return memcmp(cell_at(a, 0, y), cell_at(b, 0, y), (size_t)b->w * sizeof(struct cell)) == 0;
}

/* Tells curses which rows differ from the last frame; false when none does. */
static bool put_rows(struct term *t, const struct cellbuf *b) {
    bool all = t->redraw || t->shown.w != b->w || t->shown.h != b->h, any = all;
    if (t->shown.w != b->w || t->shown.h != b->h)
        cellbuf_resize(&t->shown, b->w, b->h);
    for (int y = 0; y < b->h; y++) {
        if (!all && row_same(&t->shown, b, y))
            continue;
        put_row(b, y);
        any = true;
    }
    memcpy(t->shown.cells, b->cells, (size_t)b->w * (size_t)b->h * sizeof *b->cells);
    return any;
}

bool term_blit(struct term *t, const struct cellbuf *b) {
    if (t->lost || (t->n_pending && !term_flush(t)) || !term_writable(t))
        return false;
    bool clear = t->redraw;
    if (!put_rows(t, b))
        return true;
    if (clear) {
        clearok(stdscr, TRUE);
        pen_forget(&t->pen);
    }
    t->redraw = false;
    refresh();
    term_take_captured(t);
    return term_flush(t);
}

/* --- leaving it to the shell for a while --- */

void term_continued(struct term *t) {
    tcsetattr(t->fd, TCSADRAIN, &t->raw);
    /* uv and the shell share the description's flags. */
    int flags = fcntl(t->fd, F_GETFL);
    if (flags >= 0)
        fcntl(t->fd, F_SETFL, flags | O_NONBLOCK);
    if (t->mouse) /* the shell's programs knew nothing of it */
        term_mouse_send(t, true);
    term_resized(t);
}

/* By the signal's own way, not SIGSTOP: a group that no shell could wake again does not stop. */
static void stop_group(void) {
    struct sigaction stop = {.sa_handler = SIG_DFL}, before;
    sigaction(SIGTSTP, &stop, &before);
    kill(0, SIGTSTP);
    sigaction(SIGTSTP, &before, NULL);
}

void term_suspend(struct term *t) {
    if (t->mouse)
        term_mouse_send(t, false);
    endwin();
    term_take_captured(t);
    term_flush_patiently(t);
    tcsetattr(t->fd, TCSADRAIN, &t->before);
    term_restore_arm(false);
    stop_group();
    term_restore_arm(true);
    term_continued(t);
}

bool term_is_ascii(const struct term *t) {
    return t->ascii;
}

const char *term_notice(const struct term *t) {
    return t->notice;
}
