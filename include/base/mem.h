/* base/mem.h - memory that is there or the program is not: an allocation that fails says so and
 * aborts, after the crash handler has put the terminal right. Freed with free(). A size that an
 * outsider chooses must be bounded by the caller first. */
#ifndef GOODGO_BASE_MEM_H
#define GOODGO_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);  /* not zeroed */
void *mem_zeroed(size_t size); /* zeroed */
void *mem_grow(void *old, size_t size);
char *mem_strdup(const char *s);

/* Aborts where there is no way on. `line` is whole, ends in a newline, stays where it is, and is
 * the last that is read: on stderr, or by the crash handler, which asks for it (NULL: a crash). */
_Noreturn void end_program(const char *line);
const char *end_program_words(void);

#endif
