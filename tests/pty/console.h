/* tests/pty/console.h - the real binary in a pseudo-terminal, its output read by a terminal
 * emulator. One console at a time. Include once per test file. */
#ifndef GOODGO_TESTS_PTY_CONSOLE_H
#define GOODGO_TESTS_PTY_CONSOLE_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <vterm.h>

#include "harness.h"

#define RAW_MAX (1 << 20)

struct console {
    pid_t pid;
    int fd, status;
    bool over;
    bool blind; /* nothing is drawn: the emulator itself does not bear every size at any time */
    struct rusage used; /* once it is over */
    VTerm *vt;
    VTermScreen *screen;
    char raw[RAW_MAX];
    size_t n_raw, n_all; /* kept, and in all */
};
static struct console con;
static char dir[64], env_file[96];

static inline int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static inline void pause_ms(int ms) {
    poll(NULL, 0, ms);
}

/* The console's own environment: nothing of ours but what a test gives. NULL = unset. */
static inline void child_environment(const char *term, const char *lang) {
    static const char *const gone[] = {
        "LC_ALL",  "LC_CTYPE", "LC_MESSAGES",     "LANG",          "NO_COLOR", "TERM",
        "TMUX",    "STY",      "COLORTERM",       "LINES",         "COLUMNS",  "SSH_CONNECTION",
        "SSH_TTY", "ESCDELAY", "XDG_CONFIG_HOME", "XDG_STATE_HOME"};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        unsetenv(gone[i]);
    if (term)
        setenv("TERM", term, 1);
    if (lang && strncmp(lang, "LC_ALL=", 7) == 0)
        setenv("LC_ALL", lang + 7, 1);
    else if (lang)
        setenv("LANG", lang, 1);
    setenv("HOME", dir, 1);
}

static inline void console_init(int w, int h) {
    memset(&con, 0, sizeof con);
    con.vt = vterm_new(h, w);
    vterm_set_utf8(con.vt, 1);
    con.screen = vterm_obtain_screen(con.vt);
    vterm_screen_enable_altscreen(con.screen, 1);
    vterm_screen_reset(con.screen, 1);
}

/* argv ends with NULL; its first is a path. */
static inline void console_open(int w, int h, const char *term, const char *lang,
                                const char *const argv[]) {
    struct winsize ws = {.ws_row = (unsigned short)h, .ws_col = (unsigned short)w};
    console_init(w, h);
    con.pid = forkpty(&con.fd, NULL, NULL, &ws);
    CU_ASSERT_FATAL(con.pid >= 0);
    if (con.pid == 0) {
        child_environment(term, lang);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
}

static inline bool console_reaped(void) {
    if (!con.over && wait4(con.pid, &con.status, WNOHANG, &con.used) == con.pid)
        con.over = true;
    return con.over;
}

static inline void take(const char *bytes, size_t n) {
    if (!con.blind)
        vterm_input_write(con.vt, bytes, n);
    size_t keep = n < RAW_MAX - con.n_raw ? n : RAW_MAX - con.n_raw;
    memcpy(con.raw + con.n_raw, bytes, keep);
    con.n_raw += keep;
    con.n_all += n;
}

/* Reads what comes within ms, and all of its last words; true once the process has ended. */
static inline bool pump(int ms) {
    int64_t end = now_ms() + ms;
    bool gone;
    do {
        struct pollfd p = {.fd = con.fd, .events = POLLIN};
        char buf[8192];
        gone = console_reaped(); /* before the look: what it wrote is there by now */
        ssize_t n = poll(&p, 1, gone ? 0 : 10) > 0 ? read(con.fd, buf, sizeof buf) : 0;
        if (n > 0)
            take(buf, (size_t)n);
        else if (gone)
            break;
    } while (gone || now_ms() < end);
    return gone;
}

static inline void screen_text(char *buf, size_t size) {
    int w, h;
    vterm_get_size(con.vt, &h, &w);
    VTermRect all = {0, h, 0, w};
    size_t n = vterm_screen_get_text(con.screen, buf, size - 1, all);
    buf[n < size ? n : size - 1] = 0;
}

static inline bool shows(const char *what) {
    static char text[65536];
    screen_text(text, sizeof text);
    return strstr(text, what) != NULL;
}

static inline bool wait_for_ms(const char *what, int ms) {
    int64_t end = now_ms() + ms;
    while (!shows(what))
        if (now_ms() >= end || pump(10))
            return shows(what);
    return true;
}

static inline bool wait_for(const char *what) {
    return wait_for_ms(what, PATIENCE_MS);
}

static inline void keys(const char *s) {
    CU_ASSERT_EQUAL(write(con.fd, s, strlen(s)), (ssize_t)strlen(s));
}

static inline void resize(int w, int h) {
    struct winsize ws = {.ws_row = (unsigned short)h, .ws_col = (unsigned short)w};
    if (!con.blind)
        vterm_set_size(con.vt, h, w);
    ioctl(con.fd, TIOCSWINSZ, &ws);
}

static inline const char *find_bytes(const char *bytes, size_t n) {
    for (size_t i = 0; i + n <= con.n_raw; i++)
        if (memcmp(con.raw + i, bytes, n) == 0)
            return con.raw + i;
    return NULL;
}

static inline const char *wrote(const char *bytes) {
    return find_bytes(bytes, strlen(bytes));
}

static inline bool wait_for_bytes(const char *bytes) {
    int64_t end = now_ms() + PATIENCE_MS;
    while (!wrote(bytes) && now_ms() < end && !pump(10))
        continue;
    return wrote(bytes) != NULL;
}

#define ENDS_MS PATIENCE_MS /* what does not end at once never does */
static inline bool ends_within(int ms) {
    int64_t end = now_ms() + ms;
    while (!con.over && now_ms() < end)
        pump(20);
    return con.over;
}

/* The same for a terminal that nobody reads any more. */
static inline bool dies_within(int ms) {
    int64_t end = now_ms() + ms;
    while (!console_reaped() && now_ms() < end)
        pause_ms(5);
    return con.over;
}

/* On Linux the master's settings are the terminal's. */
static inline bool terminal_is_cooked(void) {
    struct termios t;
    return tcgetattr(con.fd, &t) == 0 && (t.c_lflag & ICANON) && (t.c_lflag & ECHO) &&
           (t.c_lflag & ISIG) && (t.c_oflag & OPOST);
}

static inline int64_t used_ms(void) {
    return (con.used.ru_utime.tv_sec + con.used.ru_stime.tv_sec) * 1000LL +
           (con.used.ru_utime.tv_usec + con.used.ru_stime.tv_usec) / 1000;
}

/* CPU time of a process that lives. */
static inline int64_t cpu_ms(pid_t pid) {
    char path[64], line[1024] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(line, 1, sizeof line - 1, f) : 0;
    if (f)
        fclose(f);
    line[n] = 0;
    const char *at = strrchr(line, ')');
    long long ticks[2] = {0, 0};
    for (int field = 2; at && field < 14; field++)
        at = strchr(at + 1, ' ');
    if (at && sscanf(at, " %lld %lld", &ticks[0], &ticks[1]) == 2)
        return (ticks[0] + ticks[1]) * 1000 / sysconf(_SC_CLK_TCK);
    return -1;
}

/* Its first child; 0 for none. */
static inline pid_t child_of(pid_t parent) {
    char path[64], text[32] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    return n > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw) {
    return remove(path);
}

/* The test's own directory, with all that the console left in it. */
static inline void remove_dir(void) {
    CU_ASSERT_EQUAL(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void close_console(void) {
    if (!con.over) {
        kill(con.pid, SIGKILL);
        waitpid(con.pid, &con.status, 0);
    }
    close(con.fd);
    vterm_free(con.vt);
}

#endif
