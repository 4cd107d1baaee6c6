/* tests/bench/child.h - a terminal program on a pseudo-terminal of ours: started, read, pressed,
 * looked at through /proc, ended. Linux only. */
#ifndef GOODGO_BENCH_CHILD_H
#define GOODGO_BENCH_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#include "screen.h"

/* Called after each burst: what came since the last silence of BURST_GAP_MS. */
#define BURST_GAP_MS 4

struct child {
    pid_t pid;
    int fd, slave; /* both ends; the slave is kept so that its modes can be read after the end */
    struct termios before;
    struct screen screen, settled; /* now, and at the end of the last burst */
    double started_ms, last_byte_ms;
    double first_frame_ms; /* the first burst that left three rows filled; 0 before */
    uint64_t bytes, reads, bursts;
    uint64_t floor_bytes, cells; /* of complete bursts: see screen_change_cost() */
    size_t burst_bytes;
    bool over;
    int status; /* of waitpid */
};

double now_ms(void);
void sleep_ms(double ms);
/* False with a word on stderr when there is no terminal to be had. */
bool child_start(struct child *c, int w, int h, const char *const *argv);
/* Reads what comes within wait_ms; false once the program has ended. */
bool child_read(struct child *c, double wait_ms, bool *ret_any);
void child_read_for(struct child *c, double ms);
/* Until `rows` rows show `text`; the time since the start, or -1 after limit_ms. */
double child_wait_text(struct child *c, int rows, const char *text, double limit_ms);
bool child_press(struct child *c, const char *keys, size_t n);
void child_resize(struct child *c, int w, int h);
bool child_ends_within(struct child *c, double ms);
/* The terminal is as it was found: modes of the line and of the screen. */
bool child_restored(const struct child *c);
void child_end(struct child *c); /* TERM, then KILL; frees */

struct usage {
    double cpu_ms;       /* with the children it has waited for */
    uint64_t wakeups;    /* voluntary context switches, all threads */
    long rss_kb, pss_kb; /* pss 0 where the kernel does not let us look */
};
struct usage child_usage(const struct child *c);

#endif
