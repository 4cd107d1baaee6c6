/* base/mem.h - memory that is there or the program is not: an allocation that fails aborts, after
 * the crash handler has put the terminal right. Freed with free(). A size that an outsider chooses
 * must be bounded by the caller first. */
#ifndef GOODGO_BASE_MEM_H
#define GOODGO_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);  /* not zeroed */
void *mem_zeroed(size_t size); /* zeroed */
void *mem_grow(void *old, size_t size);
char *mem_strdup(const char *s);

#endif
