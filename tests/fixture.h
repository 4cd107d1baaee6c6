/* tests/fixture.h - replies of real servers, cut small, from tests/fixtures/<server-version>/. */
#ifndef GOODGO_TESTS_FIXTURE_H
#define GOODGO_TESTS_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "io/file.h"

/* The text of a fixture, in the arena; the test ends where there is none. */
static inline const char *fixture(struct arena *a, const char *name) {
    struct file_content f;
    struct err err;
    if (readfile(a, arena_printf(a, TEST_DIR "/fixtures/%s", name), 1 << 20, &f, &err))
        return f.bytes;
    fprintf(stderr, "fixture %s: %s\n", name, err.why);
    abort();
}

#endif
