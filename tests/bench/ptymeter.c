/* tests/bench/ptymeter.c - runs a terminal program on a pty and measures it from outside: bytes,
 * processor time, wake-ups and memory over a window, the first full frame, and key-to-screen
 * latency. Prints one JSON object. Linux only.
 *
 *     ptymeter [-w COLS] [-h ROWS] [-s SECONDS] [-k KEYS] [-n PRESSES] -- COMMAND [ARG...]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct meter {
    int fd;
    pid_t pid;
    uint64_t bytes, reads;
    double last_byte_ms;
};

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Reads what comes within wait_ms; returns false at the program's end. */
static bool drain(struct meter *m, int wait_ms, bool *ret_any) {
    struct pollfd p = {m->fd, POLLIN, 0};
    char buf[65536];
    *ret_any = false;
    if (poll(&p, 1, wait_ms) <= 0)
        return true;
    ssize_t n = read(m->fd, buf, sizeof buf);
    if (n <= 0)
        return false;
    *ret_any = true;
    m->bytes += (uint64_t)n;
    m->reads++;
    m->last_byte_ms = now_ms();
    return true;
}

static void drain_for(struct meter *m, double ms) {
    double end = now_ms() + ms;
    bool any;
    while (now_ms() < end && drain(m, (int)(end - now_ms()) + 1, &any))
        continue;
}

/* Until nothing came for quiet_ms, at most limit_ms; returns when the last byte came. */
static double drain_until_quiet(struct meter *m, double quiet_ms, double limit_ms) {
    double start = now_ms();
    bool any;
    while (now_ms() - start < limit_ms) {
        if (!drain(m, (int)quiet_ms, &any) || (!any && m->bytes))
            break;
    }
    return m->last_byte_ms;
}

struct usage {
    double cpu_ms;
    long wakeups, rss_kb, pss_kb;
};

static long field_of(pid_t pid, const char *file, const char *name) {
    char path[64], line[256];
    long value = 0;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    while (fgets(line, sizeof line, f))
        if (!strncmp(line, name, strlen(name)))
            value += strtol(line + strlen(name), NULL, 10);
    fclose(f);
    return value;
}

/* The processor time of the program and of the children it has waited for (`watch` runs its command
 * anew each time). */
static double cpu_of(pid_t pid) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    char *rest = strrchr(text, ')');
    unsigned long u = 0, s = 0;
    long cu = 0, cs = 0;
    if (!rest || sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &u,
                        &s, &cu, &cs) != 4)
        return 0;
    return (double)(u + s + (unsigned long)cu + (unsigned long)cs) * 1000.0 /
           (double)sysconf(_SC_CLK_TCK);
}

/* Finer than clock ticks where the kernel keeps it: nanoseconds on the processor of the main
 * thread. */
static double schedstat_ms(pid_t pid) {
    char path[64];
    unsigned long long ns = 0;
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    FILE *f = fopen(path, "r");
    if (f) {
        if (fscanf(f, "%llu", &ns) != 1)
            ns = 0;
        fclose(f);
    }
    return (double)ns / 1e6;
}

static struct usage usage_of(pid_t pid) {
    double ticks = cpu_of(pid), fine = schedstat_ms(pid);
    return (struct usage){
        .cpu_ms = ticks > fine + 20 ? ticks
                  : fine > 0        ? fine
                                    : ticks,
        .wakeups = field_of(pid, "status", "voluntary_ctxt_switches:"),
        .rss_kb = field_of(pid, "status", "VmRSS:"),
        .pss_kb = field_of(pid, "smaps_rollup", "Pss:"),
    };
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int press_keys(struct meter *m, const char *keys, int presses, double *ret_ms) {
    int answered = 0;
    for (int i = 0; i < presses; i++) {
        drain_for(m, 60 + (i * 37) % 50); /* not in step with any refresh */
        uint64_t before = m->bytes;
        double start = now_ms();
        if (write(m->fd, &keys[(size_t)i % strlen(keys)], 1) != 1)
            break;
        bool any = false;
        while (m->bytes == before && now_ms() - start < 1000 && drain(m, 1000, &any))
            continue;
        if (m->bytes != before)
            ret_ms[answered++] = now_ms() - start;
    }
    qsort(ret_ms, (size_t)answered, sizeof *ret_ms, by_value);
    return answered;
}

int main(int argc, char **argv) {
    struct winsize size = {.ws_col = 120, .ws_row = 40};
    double seconds = 10;
    const char *keys = "jk";
    int presses = 60, option;
    while ((option = getopt(argc, argv, "+w:h:s:k:n:")) != -1) {
        if (option == 'w')
            size.ws_col = (unsigned short)strtoul(optarg, NULL, 10);
        else if (option == 'h')
            size.ws_row = (unsigned short)strtoul(optarg, NULL, 10);
        else if (option == 's')
            seconds = strtod(optarg, NULL);
        else if (option == 'k')
            keys = optarg;
        else if (option == 'n')
            presses = (int)strtol(optarg, NULL, 10);
        else
            return 2;
    }
    if (optind >= argc || presses > 1000)
        return 2;
    struct meter m = {0};
    double start = now_ms();
    m.pid = forkpty(&m.fd, NULL, NULL, &size);
    if (m.pid < 0)
        return 1;
    if (m.pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        execvp(argv[optind], argv + optind);
        _exit(127);
    }
    double first = drain_until_quiet(&m, 25, 3000) - start;
    drain_for(&m, 3000); /* the start-up is not the steady state */
    struct usage before = usage_of(m.pid);
    uint64_t bytes = m.bytes;
    double from = now_ms();
    drain_for(&m, seconds * 1000);
    double took = (now_ms() - from) / 1000;
    struct usage after = usage_of(m.pid);
    bytes = m.bytes - bytes;
    double *latency = calloc((size_t)presses + 1, sizeof *latency);
    int answered = latency ? press_keys(&m, keys, presses, latency) : 0;
    printf("{\"bytes_per_s\":%.1f,\"cpu_ms_per_s\":%.2f,\"wakeups_per_s\":%.1f,\"rss_mb\":%.1f,"
           "\"pss_mb\":%.1f,"
           "\"first_frame_ms\":%.0f,\"keys_sent\":%d,\"keys_answered\":%d,\"key_median_ms\":%.2f,"
           "\"key_p99_ms\":%.2f}\n",
           (double)bytes / took, (after.cpu_ms - before.cpu_ms) / took,
           (double)(after.wakeups - before.wakeups) / took, (double)after.rss_kb / 1024,
           (double)after.pss_kb / 1024, first, presses, answered,
           answered ? latency[answered / 2] : -1, answered ? latency[answered * 99 / 100] : -1);
    free(latency);
    kill(m.pid, SIGTERM);
    for (int i = 0; i < 20 && waitpid(m.pid, NULL, WNOHANG) == 0; i++)
        drain_for(&m, 50);
    kill(m.pid, SIGKILL);
    waitpid(m.pid, NULL, 0);
    return 0;
}
