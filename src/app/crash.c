/* app/crash.c - the last words of a crashing process. Only async-signal-safe calls after
 * crash_install(). */
#include "app/crash.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/mem.h"
#include "term/term.h"

#ifndef GOODGO_VERSION
#define GOODGO_VERSION "unknown"
#endif

static const struct {
    int number;
    const char *line;
} last_words[] = {
#define CRASH_LINE(name)                                                                           \
    {                                                                                              \
        name, "goodgo " GOODGO_VERSION " crashed (" #name "); nothing outside this screen was "    \
              "changed. Please report it with what was on the screen.\n"                           \
    }
    CRASH_LINE(SIGSEGV), CRASH_LINE(SIGBUS), CRASH_LINE(SIGABRT),
    CRASH_LINE(SIGFPE),  CRASH_LINE(SIGILL),
#undef CRASH_LINE
};

static char stack[64 * 1024];

static void on_crash(int number) {
    const char *words = end_program_words();
    term_restore_in_signal();
    for (size_t i = 0; i < ARRAY_LEN(last_words) && !words; i++)
        if (last_words[i].number == number)
            words = last_words[i].line;
    ssize_t ignored = words ? write(STDERR_FILENO, words, strlen(words)) : 0;
    (void)ignored;
    /* SA_RESETHAND has put the default action back. */
    raise(number);
}

void crash_install(void) {
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    bool own_stack = sigaltstack(&alternate, NULL) == 0;
    for (size_t i = 0; i < ARRAY_LEN(last_words); i++) {
        struct sigaction sa = {.sa_handler = on_crash};
        sa.sa_flags = (int)SA_RESETHAND | SA_NODEFER | (own_stack ? SA_ONSTACK : 0);
        sigemptyset(&sa.sa_mask);
        sigaction(last_words[i].number, &sa, NULL);
    }
}
