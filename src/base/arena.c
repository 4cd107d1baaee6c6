/* base/arena.c - a list of blocks, each twice the last up to 256 KiB; a large allocation gets a
 * block of its own. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BLOCK_FIRST ((size_t)1024)
#define BLOCK_MAX   ((size_t)262144)

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    max_align_t bytes[];
};

void arena_init(struct arena *a) {
    *a = (struct arena){0};
}

void arena_done(struct arena *a) {
    while (a->head) {
        struct arena_block *next = a->head->next;
        free(a->head);
        a->head = next;
    }
    a->used_bytes = 0;
}

void arena_clear(struct arena *a) {
    struct arena_block *keep = a->head;
    if (!keep)
        return;
    a->head = keep->next;
    arena_done(a);
    keep->next = NULL;
    keep->used = 0;
    a->head = keep;
}

static struct arena_block *block_new(const struct arena *a, size_t size) {
    size_t room = a->head ? a->head->size * 2 : BLOCK_FIRST;
    if (room > BLOCK_MAX)
        room = BLOCK_MAX;
    if (room < size)
        room = size;
    struct arena_block *b = mem_alloc(sizeof *b + room);
    b->size = room;
    b->used = 0;
    return b;
}

void *arena_alloc(struct arena *a, size_t size) {
    size_t align = alignof(max_align_t);
    /* A size near the end of all numbers must not wrap to a small one: no memory is that large. */
    size = size > SIZE_MAX / 2 ? SIZE_MAX / 2 : (size + align - 1) / align * align;
    if (!a->head || a->head->size - a->head->used < size) {
        struct arena_block *b = block_new(a, size);
        b->next = a->head;
        a->head = b;
    }
    void *p = (char *)a->head->bytes + a->head->used;
    a->head->used += size;
    a->used_bytes += size;
    return memset(p, 0, size);
}

void *arena_grow(struct arena *a, void *old, uint32_t n, uint32_t *cap, uint32_t first,
                 size_t size) {
    if (n < *cap)
        return old;
    *cap = *cap ? *cap * 2 : first;
    void *more = arena_alloc(a, *cap * size);
    if (n)
        memcpy(more, old, n * size);
    return more;
}

char *arena_strndup(struct arena *a, const char *s, size_t n) {
    char *copy = arena_alloc(a, n + 1);
    if (n)
        memcpy(copy, s, n);
    return copy;
}

char *arena_strdup(struct arena *a, const char *s) {
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...) {
    char small[256];
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, fmt, args);
    va_end(args);
    char *s = arena_alloc(a, n > 0 ? (size_t)n + 1 : 1);
    if (n > 0 && (size_t)n < sizeof small)
        memcpy(s, small, (size_t)n);
    else if (n > 0)
        vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    return s;
}
