/* tests/pty/test_screen.c - the real binary in a pseudo-terminal, its output read by a terminal
 * emulator. Every port of its platform is dead: the screen must not care. */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vterm.h>

#define RAW_MAX (1 << 20)

struct console {
    pid_t pid;
    int fd, status;
    bool over;
    VTerm *vt;
    VTermScreen *screen;
    char raw[RAW_MAX];
    size_t n_raw;
};
static struct console con;
static char dir[64], env_file[96];

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void write_env(void) {
    snprintf(dir, sizeof dir, "/tmp/goodgo-pty.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    snprintf(env_file, sizeof env_file, "%s/.env", dir);
    int fd = open(env_file, O_WRONLY | O_CREAT | O_EXCL, 0600);
    CU_ASSERT_FATAL(fd >= 0);
    static const char text[] = "NODE_ENV=development\n"
                               "DATABASE_URL=postgresql://a:b@127.0.0.1:9/x\n"
                               "REDIS_HOST=127.0.0.1\nREDIS_PORT=9\n"
                               "GOODGO_API_URL=http://127.0.0.1:9\n"
                               "GOODGO_WEB_URL=http://127.0.0.1:9\n"
                               "AI_SERVICE_URL=http://127.0.0.1:9\n";
    CU_ASSERT_EQUAL(write(fd, text, sizeof text - 1), (ssize_t)sizeof text - 1);
    close(fd);
}

static void child(const char *term, const char *lang) {
    char state[96];
    snprintf(state, sizeof state, "%s/state", dir);
    setenv("TERM", term, 1);
    unsetenv("LC_ALL");
    unsetenv("LC_CTYPE");
    unsetenv("NO_COLOR");
    unsetenv("SSH_CONNECTION");
    unsetenv("SSH_TTY");
    if (lang)
        setenv("LANG", lang, 1);
    else
        unsetenv("LANG");
    setenv("HOME", dir, 1);
    execl(GOODGO_BIN, "goodgo", "--env-file", env_file, "--state-dir", state, (char *)NULL);
    _exit(127);
}

static void open_console(int w, int h, const char *term, const char *lang) {
    struct winsize ws = {.ws_row = (unsigned short)h, .ws_col = (unsigned short)w};
    memset(&con, 0, sizeof con);
    con.vt = vterm_new(h, w);
    vterm_set_utf8(con.vt, 1);
    con.screen = vterm_obtain_screen(con.vt);
    vterm_screen_enable_altscreen(con.screen, 1);
    vterm_screen_reset(con.screen, 1);
    con.pid = forkpty(&con.fd, NULL, NULL, &ws);
    CU_ASSERT_FATAL(con.pid >= 0);
    if (con.pid == 0)
        child(term, lang);
}

/* Reads what comes within ms; true once the process has ended. */
static bool pump(int ms) {
    int64_t end = now_ms() + ms;
    do {
        struct pollfd p = {.fd = con.fd, .events = POLLIN};
        char buf[8192];
        ssize_t n = poll(&p, 1, 10) > 0 ? read(con.fd, buf, sizeof buf) : 0;
        if (n > 0) {
            vterm_input_write(con.vt, buf, (size_t)n);
            size_t keep = (size_t)n < RAW_MAX - con.n_raw ? (size_t)n : RAW_MAX - con.n_raw;
            memcpy(con.raw + con.n_raw, buf, keep);
            con.n_raw += keep;
        }
        if (n <= 0 && !con.over && waitpid(con.pid, &con.status, WNOHANG) == con.pid) {
            con.over = true;
            end = now_ms() + 50; /* its last words */
        }
        if (n < 0 && con.over)
            break;
    } while (now_ms() < end);
    return con.over;
}

static void screen_text(char *buf, size_t size) {
    int w, h;
    vterm_get_size(con.vt, &h, &w);
    VTermRect all = {0, h, 0, w};
    size_t n = vterm_screen_get_text(con.screen, buf, size - 1, all);
    buf[n < size ? n : size - 1] = 0;
}

static bool shows(const char *what) {
    static char text[65536];
    screen_text(text, sizeof text);
    return strstr(text, what) != NULL;
}

static bool wait_for(const char *what) {
    for (int i = 0; i < 60; i++) {
        if (shows(what))
            return true;
        if (pump(50) && !shows(what))
            return false;
    }
    return shows(what);
}

static void keys(const char *s) {
    CU_ASSERT_EQUAL(write(con.fd, s, strlen(s)), (ssize_t)strlen(s));
}

static void resize(int w, int h) {
    struct winsize ws = {.ws_row = (unsigned short)h, .ws_col = (unsigned short)w};
    vterm_set_size(con.vt, h, w);
    ioctl(con.fd, TIOCSWINSZ, &ws);
}

static bool find_bytes(const char *bytes, size_t n) {
    for (size_t i = 0; i + n <= con.n_raw; i++)
        if (memcmp(con.raw + i, bytes, n) == 0)
            return true;
    return false;
}

static bool wrote(const char *bytes) {
    return find_bytes(bytes, strlen(bytes));
}

static bool ends_within(int ms) {
    int64_t end = now_ms() + ms;
    while (!con.over && now_ms() < end)
        pump(20);
    return con.over;
}

static void close_console(void) {
    if (!con.over) {
        kill(con.pid, SIGKILL);
        waitpid(con.pid, &con.status, 0);
    }
    close(con.fd);
    vterm_free(con.vt);
}

static void start(void) {
    open_console(80, 24, "xterm-256color", "C.UTF-8");
    CU_ASSERT_TRUE_FATAL(wait_for("READ-ONLY"));
}

TEST(first_frame_is_complete_before_any_answer) {
    open_console(80, 24, "xterm-256color", "C.UTF-8");
    CU_ASSERT_TRUE(wait_for("READ-ONLY"));
    CU_ASSERT_TRUE(shows("[DEV]"));
    CU_ASSERT_TRUE(shows("1 Over 2 Alerts"));
    CU_ASSERT_TRUE(shows("quit"));
    CU_ASSERT_TRUE(wrote("\033[?1049h"));
    close_console();
}

TEST(keys_change_screens_and_q_leaves_the_terminal_whole) {
    start();
    keys("5");
    CU_ASSERT_TRUE(wait_for("back"));
    keys("?");
    CU_ASSERT_TRUE(wait_for("next row"));
    keys("qq");
    CU_ASSERT_TRUE(wait_for("q quit"));
    keys("q");
    CU_ASSERT_TRUE(ends_within(1000));
    CU_ASSERT(WIFEXITED(con.status) && WEXITSTATUS(con.status) == 0);
    CU_ASSERT_TRUE(wrote("\033[?1049l"));
    close_console();
}

TEST(command_line_and_freeze_work) {
    start();
    keys(":rediz\r");
    CU_ASSERT_TRUE(wait_for("did you mean redis"));
    keys("z");
    CU_ASSERT_TRUE(wait_for("** FROZEN"));
    keys("z");
    CU_ASSERT_TRUE(wait_for("READ-ONLY"));
    keys(":q\r");
    CU_ASSERT_TRUE(ends_within(1000));
    close_console();
}

TEST(resizing_to_almost_nothing_and_back_redraws) {
    start();
    resize(20, 5);
    pump(400);
    CU_ASSERT_TRUE(shows("[DEV]"));
    CU_ASSERT_FALSE(con.over);
    resize(1, 1);
    pump(300);
    resize(80, 24);
    CU_ASSERT_TRUE(wait_for("1 Over 2 Alerts"));
    close_console();
}

TEST(three_hundred_pasted_keys_are_taken_at_once) {
    char paste[302];
    start();
    memset(paste, 'j', 300);
    paste[300] = '?';
    paste[301] = 0;
    int64_t begin = now_ms();
    keys(paste);
    CU_ASSERT_TRUE(wait_for("next row"));
    CU_ASSERT(now_ms() - begin < 1500);
    close_console();
}

TEST(garbage_from_the_keyboard_does_no_harm) {
    char junk[4096];
    start();
    for (size_t i = 0; i < sizeof junk; i++) /* neither q, ':' nor Ctrl-C, Ctrl-Z, which end it */
        junk[i] = (char)(0x80 + (i * 37 + i / 7) % 0x7f);
    for (int n = 0; n < 4; n++) {
        CU_ASSERT_EQUAL(write(con.fd, junk, sizeof junk), (ssize_t)sizeof junk);
        pump(50);
    }
    CU_ASSERT_FALSE(con.over);
    keys("\0331");
    CU_ASSERT_TRUE(wait_for("[DEV]"));
    close_console();
}

TEST(unknown_terminals_get_a_screen_and_a_notice) {
    open_console(80, 24, "no-such-terminal", "C.UTF-8");
    CU_ASSERT_TRUE(wait_for("not known here"));
    CU_ASSERT_TRUE(shows("[DEV]"));
    close_console();
}

TEST(a_line_without_utf8_gets_ascii) {
    open_console(80, 24, "xterm", NULL);
    CU_ASSERT_TRUE(wait_for("READ-ONLY"));
    pump(300);
    bool ascii = true;
    for (size_t i = 0; i < con.n_raw; i++)
        ascii &= (unsigned char)con.raw[i] < 0x80;
    CU_ASSERT_TRUE(ascii);
    CU_ASSERT_TRUE(shows("--------------------"));
    close_console();
}

static void dies_of(int number, int code) {
    start();
    kill(con.pid, number);
    CU_ASSERT_TRUE(ends_within(1000));
    CU_ASSERT(WIFEXITED(con.status) && WEXITSTATUS(con.status) == code);
    CU_ASSERT_TRUE(wrote("\033[?1049l"));
    close_console();
}

TEST(sigterm_restores_the_terminal) {
    dies_of(SIGTERM, 143);
}
TEST(sighup_restores_the_terminal) {
    dies_of(SIGHUP, 129);
}
TEST(sigint_restores_the_terminal) {
    dies_of(SIGINT, 130);
}

TEST(a_crash_restores_the_terminal_and_says_so) {
    start();
    kill(con.pid, SIGSEGV);
    CU_ASSERT_TRUE(ends_within(3000));
    CU_ASSERT_TRUE(wrote("\033[?1049l"));
    CU_ASSERT_TRUE(wrote("crashed (SIGSEGV)"));
    close_console();
}

TEST(a_lost_terminal_ends_the_process) {
    start();
    close(con.fd);
    int64_t end = now_ms() + 1000;
    bool over = false;
    while (!over && now_ms() < end) {
        over = waitpid(con.pid, &con.status, WNOHANG) == con.pid;
        poll(NULL, 0, 10);
    }
    CU_ASSERT_TRUE(over);
    con.over = over;
    con.fd = open("/dev/null", O_RDONLY);
    close_console();
}

TEST(suspends_with_the_terminal_restored_and_comes_back) {
    start();
    keys("\032");
    int status = 0;
    for (int i = 0; i < 100 && waitpid(con.pid, &status, WNOHANG | WUNTRACED) == 0; i++)
        pump(10);
    /* The pty's session has no job-control parent: an orphaned group may refuse to stop. */
    if (WIFSTOPPED(status)) {
        CU_ASSERT_TRUE(wrote("\033[?1049l"));
        kill(con.pid, SIGCONT);
    }
    keys("\014");
    CU_ASSERT_TRUE(wait_for("READ-ONLY"));
    close_console();
}

TEST(a_stalled_terminal_blocks_nothing) {
    start();
    for (int i = 0; i < 60; i++) { /* nobody reads: the line fills up */
        keys("\014");
        poll(NULL, 0, 5);
    }
    kill(con.pid, SIGTERM);
    int64_t end = now_ms() + 1500;
    bool over = false;
    while (!over && now_ms() < end) {
        over = waitpid(con.pid, &con.status, WNOHANG) == con.pid;
        poll(NULL, 0, 10);
    }
    CU_ASSERT_TRUE(over);
    con.over = over;
    close_console();
}

TEST(without_a_terminal_it_says_so) {
    int out[2];
    char buf[512] = "";
    CU_ASSERT_EQUAL_FATAL(pipe(out), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(out[1], 1);
        dup2(out[1], 2);
        child("xterm", "C.UTF-8");
    }
    close(out[1]);
    size_t n = 0;
    for (ssize_t got; (got = read(out[0], buf + n, sizeof buf - 1 - n)) > 0;)
        n += (size_t)got;
    int status;
    waitpid(pid, &status, 0);
    close(out[0]);
    CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(buf, "not a terminal"));
}

TEST(prepares_a_dead_platform) {
    write_env();
    struct stat st;
    CU_ASSERT_EQUAL(stat(env_file, &st), 0);
}

SUITE(screen, T(prepares_a_dead_platform), T(first_frame_is_complete_before_any_answer),
      T(keys_change_screens_and_q_leaves_the_terminal_whole), T(command_line_and_freeze_work),
      T(resizing_to_almost_nothing_and_back_redraws),
      T(three_hundred_pasted_keys_are_taken_at_once), T(garbage_from_the_keyboard_does_no_harm),
      T(unknown_terminals_get_a_screen_and_a_notice), T(a_line_without_utf8_gets_ascii),
      T(sigterm_restores_the_terminal), T(sighup_restores_the_terminal),
      T(sigint_restores_the_terminal), T(a_crash_restores_the_terminal_and_says_so),
      T(a_lost_terminal_ends_the_process), T(suspends_with_the_terminal_restored_and_comes_back),
      T(a_stalled_terminal_blocks_nothing), T(without_a_terminal_it_says_so))
