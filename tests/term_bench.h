/* tests/term_bench.h - term_next_key() fed with bytes through a pipe instead of a terminal, for
 * test_term_keys.c and the fuzzer. One per process: curses has one screen. */
#ifndef GOODGO_TESTS_TERM_BENCH_H
#define GOODGO_TESTS_TERM_BENCH_H

#include <curses.h>
#include <fcntl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/term/term_priv.h"

struct term_bench {
    struct term term;
    int feed; /* what is written here is what was typed */
};

/* False where this machine has no terminfo of TERM. */
static inline bool term_bench_init(struct term_bench *b, const char *terminal) {
    int ends[2];
    *b = (struct term_bench){0};
    if (pipe(ends) != 0)
        return false;
    fcntl(ends[0], F_SETFL, O_NONBLOCK); /* as the terminal is opened */
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    b->term.fd = ends[0];
    b->feed = ends[1];
    FILE *in = fdopen(ends[0], "r"), *out = fopen("/dev/null", "w");
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("ESCDELAY", "0", 1); /* all bytes of a key are there at once */
    if (!newterm(terminal, out, in))
        return false;
    term_keys_init(&b->term);
    term_mouse_init(&b->term);
    b->term.mouse = true;
    return true;
}

#endif
