/* base/mem.c - the one place that looks whether memory came. */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static void *checked(void *p) {
    if (!p)
        abort();
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
