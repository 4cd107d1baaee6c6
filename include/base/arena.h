/* base/arena.h - memory that is freed all at once: one arena per section, per running probe, per
 * frame. Allocations never return NULL (see base/mem.h); a size that an outsider chooses must be
 * bounded by the caller first. Not thread-safe. */
#ifndef GOODGO_BASE_ARENA_H
#define GOODGO_BASE_ARENA_H

#include <stddef.h>
#include "base/attr.h"

struct arena_block;
struct arena {
    struct arena_block *head;
    size_t used_bytes; /* handed out so far, for the About screen */
};

void arena_init(struct arena *a);
void arena_done(struct arena *a);                /* frees all; the arena may be initialised again */
void arena_clear(struct arena *a);               /* empty, keeps one block */
void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned for any type */
char *arena_strndup(struct arena *a, const char *s, size_t n); /* n bytes of s and a NUL */
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
