/* base/shell.h - words of a command line that a person may paste into a POSIX shell. Names of
 * files, databases, hosts and payments come from outside: unquoted, a `$(...)` in one would run.
 * What goes in is cleaned text (base/text.h), so nothing here is a control character. */
#ifndef GOODGO_BASE_SHELL_H
#define GOODGO_BASE_SHELL_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

/* Adds one word, formatted first: as it is where no shell reads it otherwise, else in single
 * quotes. An empty one is ''. */
void shell_put(struct str *out, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same, alone, in the arena. */
const char *shell_word(struct arena *a, const char *word);

#endif
