/* tests/bench/child.c - see child.h. */
#define _GNU_SOURCE
#include "child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

void sleep_ms(double ms) {
    struct timespec t = {(time_t)(ms / 1000), (long)(ms * 1e6) % 1000000000L};
    nanosleep(&t, NULL);
}

/* --- start --- */

static void child_main(const struct child *c, const char *const *argv) {
    setsid();
    ioctl(c->slave, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; fd++)
        dup2(c->slave, fd);
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    setenv("TERM", "xterm-256color", 1);
    execvp(argv[0], (char *const *)argv);
    _exit(127);
}

bool child_start(struct child *c, int w, int h, const char *const *argv) {
    struct winsize size = {.ws_col = (unsigned short)w, .ws_row = (unsigned short)h};
    memset(c, 0, sizeof *c);
    c->fd = c->slave = -1;
    if (openpty(&c->fd, &c->slave, NULL, NULL, &size) != 0) {
        fprintf(stderr, "no pseudo-terminal: %s\n", strerror(errno));
        return false;
    }
    fcntl(c->fd, F_SETFL, O_NONBLOCK); /* a program that does not read must not stop us */
    tcgetattr(c->slave, &c->before);
    screen_init(&c->screen, w, h);
    screen_init(&c->settled, w, h);
    c->started_ms = now_ms();
    c->pid = fork();
    if (c->pid == 0)
        child_main(c, argv);
    return c->pid > 0;
}

/* --- reading --- */

static void burst_end(struct child *c) {
    size_t cells;
    if (!c->burst_bytes)
        return;
    c->bursts++;
    c->floor_bytes += screen_change_cost(&c->settled, &c->screen, &cells);
    c->cells += cells;
    c->burst_bytes = 0;
    if (!c->first_frame_ms && screen_rows_filled(&c->screen) >= 3)
        c->first_frame_ms = c->last_byte_ms - c->started_ms;
    screen_copy(&c->settled, &c->screen);
}

static bool take(struct child *c) {
    char buf[65536];
    ssize_t n = read(c->fd, buf, sizeof buf);
    if (n <= 0)
        return false;
    c->last_byte_ms = now_ms();
    screen_feed(&c->screen, buf, (size_t)n);
    c->bytes += (uint64_t)n;
    c->burst_bytes += (size_t)n;
    c->reads++;
    return true;
}

static bool readable(const struct child *c, double ms) {
    struct timespec t = {(time_t)(ms / 1000), (long)(ms * 1e6) % 1000000000L};
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    return ppoll(&p, 1, &t, NULL) > 0;
}

bool child_read(struct child *c, double wait_ms, bool *ret_any) {
    double gap = c->last_byte_ms + BURST_GAP_MS - now_ms();
    *ret_any = false;
    if (c->burst_bytes && !readable(c, gap > 0 ? gap : 0))
        burst_end(c);
    if (readable(c, wait_ms > 0 ? wait_ms : 0))
        *ret_any = take(c);
    if (!*ret_any && !c->over)
        c->over = waitpid(c->pid, &c->status, WNOHANG) == c->pid;
    return !c->over;
}

void child_read_for(struct child *c, double ms) {
    double end = now_ms() + ms;
    bool any;
    while (now_ms() < end) {
        double left = end - now_ms();
        if (!child_read(c, left < 50 ? left : 50, &any) && !any)
            break;
    }
    burst_end(c);
}

double child_wait_text(struct child *c, int rows, const char *text, double limit_ms) {
    bool any = true;
    while (now_ms() - c->started_ms < limit_ms) {
        if (any && screen_rows_with(&c->screen, text) >= rows)
            return c->last_byte_ms - c->started_ms;
        if (!child_read(c, 20, &any) && !any)
            break;
    }
    return -1;
}

/* --- driving --- */

bool child_press(struct child *c, const char *keys, size_t n) {
    return write(c->fd, keys, n) == (ssize_t)n;
}

void child_resize(struct child *c, int w, int h) {
    struct winsize size = {.ws_col = (unsigned short)w, .ws_row = (unsigned short)h};
    screen_resize(&c->screen, w, h);
    screen_resize(&c->settled, w, h);
    ioctl(c->fd, TIOCSWINSZ, &size);
}

bool child_ends_within(struct child *c, double ms) {
    double end = now_ms() + ms;
    bool any;
    while (!c->over && now_ms() < end)
        child_read(c, 10, &any);
    while (c->fd >= 0 && readable(c, 0) && take(c))
        continue; /* its last words */
    return c->over;
}

bool child_restored(const struct child *c) {
    struct termios now;
    memset(&now, 0, sizeof now);
    if (tcgetattr(c->slave, &now) != 0)
        return false;
    return now.c_iflag == c->before.c_iflag && now.c_oflag == c->before.c_oflag &&
           now.c_cflag == c->before.c_cflag && now.c_lflag == c->before.c_lflag &&
           memcmp(now.c_cc, c->before.c_cc, sizeof now.c_cc) == 0 && screen_is_plain(&c->screen);
}

void child_end(struct child *c) {
    if (c->pid > 0 && !c->over) { /* 0 and -1 would be all of us, and everybody */
        kill(c->pid, SIGCONT);
        kill(c->pid, SIGTERM);
        if (!child_ends_within(c, 1000)) {
            kill(-c->pid, SIGKILL);
            kill(c->pid, SIGKILL);
            waitpid(c->pid, &c->status, 0);
        }
    }
    close(c->fd);
    close(c->slave);
    screen_done(&c->screen);
    screen_done(&c->settled);
}

/* --- what it costs --- */

static long field_of(const char *path, const char *name) {
    char line[256];
    long value = 0;
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    while (fgets(line, sizeof line, f))
        if (!strncmp(line, name, strlen(name)))
            value += strtol(line + strlen(name), NULL, 10);
    fclose(f);
    return value;
}

/* `watch` runs its command anew each time: those it has waited for count, in clock ticks. */
static double waited_cpu_ms(pid_t pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    const char *rest = strrchr(text, ')');
    long user = 0, system_ = 0;
    if (!rest || sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %ld %ld",
                        &user, &system_) != 2)
        return 0;
    return (double)(user + system_) * 1000 / (double)sysconf(_SC_CLK_TCK);
}

/* To the nanosecond, with the threads that have ended. */
static double own_cpu_ms(pid_t pid) {
    clockid_t clock;
    struct timespec t = {0};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return 0;
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint64_t wakeups_of(pid_t pid) {
    char path[320];
    uint64_t n = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    for (struct dirent *d; tasks && (d = readdir(tasks));) {
        if (d->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/status", (int)pid, d->d_name);
        n += (uint64_t)field_of(path, "voluntary_ctxt_switches:");
    }
    if (tasks)
        closedir(tasks);
    return n;
}

struct usage child_usage(const struct child *c) {
    char status[64], smaps[64];
    snprintf(status, sizeof status, "/proc/%d/status", (int)c->pid);
    snprintf(smaps, sizeof smaps, "/proc/%d/smaps_rollup", (int)c->pid);
    return (struct usage){.cpu_ms = own_cpu_ms(c->pid) + waited_cpu_ms(c->pid),
                          .wakeups = wakeups_of(c->pid),
                          .rss_kb = field_of(status, "VmRSS:"),
                          .pss_kb = field_of(smaps, "Pss:")};
}
