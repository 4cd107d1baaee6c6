/* io/child.h - runs one program to its end, for jobs: argv only, never a shell; its output comes
 * line by line; it is in a process group of its own, and dies with us (parent-death signal) even
 * after kill -9. Blocking: the caller's `tick` is where progress is drawn and threads are joined.
 */
#ifndef GOODGO_IO_CHILD_H
#define GOODGO_IO_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CHILD_MAX_ENV 12
struct child_spec {
    const char *const *argv;        /* ends with NULL; argv[0] is an absolute path */
    const char *env[CHILD_MAX_ENV]; /* "NAME=value" over the caller's environment; ends with NULL.
                                       The place for PGPASSWORD: a secret is never in argv */
    int stdout_fd;                  /* where its standard output goes; < 0 = to on_stdout */
    /* Bytes as they come (not lines): returns false to stop the child. NULL = discarded. */
    bool (*on_stdout)(void *ctx, const char *bytes, size_t n);
    /* One line of standard error without its end, cut at 4 KiB. NULL = kept for the error. */
    void (*on_stderr)(void *ctx, const char *line);
    /* Each tick_ms (0 = 250) while it runs; returns false to stop the child. NULL is fine. */
    bool (*tick)(void *ctx);
    uint32_t tick_ms;
    uint32_t timeout_ms; /* 0 = none */
    void *ctx;
    int cancel_fd; /* readable = stop: TERM to the group, KILL after 5 s; < 0 = none */
};

struct child_result {
    int exit_code;       /* 128 + signal when a signal ended it */
    bool stopped;        /* by cancel_fd, tick, on_stdout or time-out */
    char last_line[400]; /* of standard error: usually the reason; cleaned. Or the signal */
};

/* True when the program ran to its own end with any exit code. False: it could not be started, or
 * was stopped (E_CANCELLED, E_TIMEOUT). No zombie, descriptor or process is left either way. */
bool child_run(const struct child_spec *spec, struct child_result *ret, struct err *err) MUST_CHECK;

/* Starts a program that outlives us: session of its own, standard input from /dev/null, output and
 * errors appended to log_path, which is locked (flock) from before it is started until it has
 * ended. */
bool child_detach(const char *const *argv, const char *log_path, struct err *err) MUST_CHECK;

#endif
