/* term/curses.c - the terminal through curses: terminfo, colours, output diff. Curses writes into a
 * memory file; what it wrote leaves as one non-blocking write per frame, so that a stalled line
 * stops neither keys nor clocks. One terminal per process. */
#include "base/mem.h"
#include "term_priv.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <wchar.h>

#define COPY_MAX   (64 * 1024)
#define NOTIFY_MAX 1024
#define FRAME_MAX  (64 * 1024 * 1024) /* 1000x500 cells, each in colours of its own */

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

static void restore_prepare(struct term *t) {
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

/* Only LC_CTYPE: a decimal comma has no place in JSON. */
static bool locale_is_utf8(void) {
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

/* Sends what waits; false while the terminal does not take it all. */
static bool flush_pending(struct term *t) {
    size_t sent = 0;
    while (sent < t->n_pending) {
        ssize_t n = write(t->fd, t->pending + sent, t->n_pending - sent);
        if (n > 0) {
            sent += (size_t)n;
            t->bytes_out += (uint64_t)n;
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else {
            t->lost |= n < 0 && errno != EAGAIN && errno != EWOULDBLOCK;
            break;
        }
    }
    memmove(t->pending, t->pending + sent, t->n_pending - sent);
    t->n_pending -= sent;
    return t->n_pending == 0;
}

static void pending_add(struct term *t, const char *bytes, size_t n) {
    if (t->n_pending + n > t->cap_pending) {
        size_t cap = (t->n_pending + n) * 2;
        t->pending = mem_grow(t->pending, cap);
        t->cap_pending = cap;
    }
    memcpy(t->pending + t->n_pending, bytes, n);
    t->n_pending += n;
}

/* Moves what curses wrote into the memory file to `pending`. Whole frames: no sequence is cut. */
static void take_captured(struct term *t) {
    off_t size = lseek(t->capture, 0, SEEK_CUR);
    if (size <= 0)
        return;
    char *written = mem_alloc((size_t)size);
    ssize_t n = pread(t->capture, written, (size_t)size, 0);
    str_clear(&t->frame);
    pen_squeeze(&t->pen, written, n > 0 ? (size_t)n : 0, &t->frame);
    free(written);
    pending_add(t, str_get(&t->frame), t->frame.len);
    lseek(t->capture, 0, SEEK_SET);
    if (size > 65536 && ftruncate(t->capture, 0) != 0)
        t->lost = true;
}

static bool writable(const struct term *t) {
    struct pollfd p = {.fd = t->fd, .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT);
}

/* For the last words: waits a little, never for ever. */
static void flush_patiently(struct term *t) {
    for (int turns = 0; turns < 20 && !t->lost && !flush_pending(t); turns++) {
        struct pollfd p = {.fd = t->fd, .events = POLLOUT};
        poll(&p, 1, 20);
    }
}

/* --- colours --- */

static int nearest_8(int32_t rgb, bool *ret_bright) {
    int n = theme_nearest_16(rgb);
    *ret_bright = n >= 8;
    return n & 7;
}

static int colour_of(const struct term *t, int32_t rgb, int16_t index, bool *ret_bright) {
    *ret_bright = false;
    if (rgb == COLOUR_DEFAULT)
        return -1;
    if (t->colours > 256) /* direct: the number is the colour, but 0..7 stay the palette */
        return index >= 0 && index < 8 ? index : rgb < 8 ? 0 : rgb;
    if (index >= 0 && index < t->colours)
        return index;
    if (t->colours >= 256)
        return theme_nearest_256(rgb);
    if (t->colours >= 16)
        return theme_nearest_16(rgb);
    if (index >= 0 && index < 16) {
        *ret_bright = index >= 8;
        return index & 7;
    }
    return nearest_8(rgb, ret_bright);
}

static attr_t role_attrs[ROLE_COUNT];
static int role_pairs[ROLE_COUNT];

static void role_prepare(const struct term *t, int role) {
    static const struct {
        uint8_t bit;
        attr_t attr;
    } map[] = {{ATTR_BOLD, A_BOLD},
               {ATTR_DIM, A_DIM},
               {ATTR_UNDERLINE, A_UNDERLINE},
               {ATTR_REVERSE, A_REVERSE},
               {ATTR_ITALIC, A_ITALIC}};
    const struct style *s = &t->theme.styles[role];
    attr_t attrs = A_NORMAL;
    for (size_t i = 0; i < ARRAY_LEN(map); i++)
        if (s->attrs & map[i].bit)
            attrs |= map[i].attr;
    role_pairs[role] = 0;
    if (t->colours >= 8) {
        bool bright, back_bright;
        int fg = colour_of(t, s->fg, s->fg_index, &bright);
        int bg = colour_of(t, s->bg, s->bg_index, &back_bright);
        if (bright)
            attrs |= A_BOLD;
        if ((fg != -1 || bg != -1) && init_extended_pair(role + 1, fg, bg) == OK)
            role_pairs[role] = role + 1;
    }
    role_attrs[role] = attrs;
}

static void colours_start(struct term *t) {
    t->colours = 2;
    if (has_colors() && start_color() == OK) {
        use_default_colors();
        t->colours = COLORS >= 8 ? COLORS : 2;
    }
}

void term_set_theme(struct term *t, const struct theme *theme) {
    struct err err;
    t->theme = *theme;
    if (t->colours < 8)
        (void)!theme_load(&t->theme, "mono", &err);
    for (int r = 0; r < ROLE_COUNT; r++)
        role_prepare(t, r);
    term_redraw(t);
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
    t->ascii = !locale_is_utf8();
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
    restore_prepare(t);
    term_line_init(t);
    colours_start(t);
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
    take_captured(t);
    flush_patiently(t);
    if (t->n_pending) { /* a stalled line: what waits goes, so that the way back has room */
        tcflush(t->fd, TCOFLUSH);
        term_restore_mouse(mouse);
        term_restore_in_signal();
    }
    restore.armed = 0;
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
    attr_t attrs = role_attrs[c->role];
    int pair = role_pairs[c->role];
    setcchar(ret_cell, wide, attrs, (short)pair, &pair);
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
    if (t->lost || (t->n_pending && !flush_pending(t)) || !writable(t))
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
    take_captured(t);
    return flush_pending(t);
}

/* --- the few escapes of our own --- */

void term_send(struct term *t, const char *bytes, size_t n) {
    pending_add(t, bytes, n);
    flush_pending(t);
}

void term_copy(struct term *t, const char *bytes, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct str s;
    if (n > COPY_MAX)
        n = COPY_MAX;
    str_init(&s, COPY_MAX * 2);
    str_puts(&s, "\033]52;c;");
    for (size_t i = 0; i < n; i += 3) {
        uint32_t b0 = (unsigned char)bytes[i];
        uint32_t b1 = i + 1 < n ? (unsigned char)bytes[i + 1] : 0;
        uint32_t b2 = i + 2 < n ? (unsigned char)bytes[i + 2] : 0;
        uint32_t v = b0 << 16 | b1 << 8 | b2;
        str_putc(&s, digits[v >> 18]);
        str_putc(&s, digits[v >> 12 & 63]);
        str_putc(&s, i + 1 < n ? digits[v >> 6 & 63] : '=');
        str_putc(&s, i + 2 < n ? digits[v & 63] : '=');
    }
    str_putc(&s, '\a');
    term_send(t, str_get(&s), s.len);
    str_done(&s);
}

void term_bell(struct term *t) {
    term_send(t, "\a", 1);
}

/* A digit at the start would be ConEmu's and Windows Terminal's progress bar ("9;4;..."). */
void term_notify(struct term *t, bool osc9, bool osc777, struct text what) {
    struct str s;
    str_init(&s, NOTIFY_MAX);
    if (osc9)
        str_printf(&s, "\033]9;GoodGo: %s\a", what.s);
    if (osc777)
        str_printf(&s, "\033]777;notify;GoodGo;%s\a", what.s);
    if (!s.toobig && s.len)
        term_send(t, str_get(&s), s.len);
    str_done(&s);
}

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
    take_captured(t);
    flush_patiently(t);
    tcsetattr(t->fd, TCSADRAIN, &t->before);
    restore.armed = 0;
    stop_group();
    restore.armed = 1;
    term_continued(t);
}

uint64_t term_bytes_out(const struct term *t) {
    return t->bytes_out;
}

bool term_is_ascii(const struct term *t) {
    return t->ascii;
}

const char *term_notice(const struct term *t) {
    return t->notice;
}
