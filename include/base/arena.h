/* base/arena.h - memory that is freed all at once: one arena per section, per running probe, per
 * frame. Allocations never return NULL (see base/mem.h); a size that an outsider chooses must be
 * bounded by the caller first. Not thread-safe. */
#ifndef GOODGO_BASE_ARENA_H
#define GOODGO_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>
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
/* Room for one more behind n items of `size` bytes: `old`, or where *cap is full a copy of twice as
 * many, *cap then says how many; `first` at the beginning. The old copy stays until the arena goes.
 */
void *arena_grow(struct arena *a, void *old, uint32_t n, uint32_t *cap, uint32_t first,
                 size_t size);
char *arena_strndup(struct arena *a, const char *s, size_t n); /* n bytes of s and a NUL */
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
