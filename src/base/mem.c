/* base/mem.c - the one place that looks whether memory came, and the end where it did not. */
#include "base/mem.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *volatile last_words;

const char *end_program_words(void) {
    return last_words;
}

_Noreturn void end_program(const char *line) {
    struct sigaction now;
    last_words = line;
    /* Whoever handles it says them himself, when the terminal is right again. */
    bool handled = sigaction(SIGABRT, NULL, &now) == 0 && now.sa_handler != SIG_DFL;
    ssize_t ignored = handled ? 0 : write(STDERR_FILENO, line, strlen(line));
    (void)ignored;
    abort();
}

static void *checked(void *p) {
    if (!p)
        end_program("goodgo: out of memory\n");
    return p;
}

void *mem_alloc(size_t size) {
    return checked(malloc(size));
}

void *mem_zeroed(size_t size) {
    return checked(calloc(1, size));
}

void *mem_grow(void *old, size_t size) {
    return checked(realloc(old, size));
}

char *mem_strdup(const char *s) {
    return checked(strdup(s));
}
