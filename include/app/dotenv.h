/* app/dotenv.h - the platform's .env as names and values. Values may hold secrets: nothing here
 * prints one. */
#ifndef GOODGO_APP_DOTENV_H
#define GOODGO_APP_DOTENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct env_entry {
    const char *name, *value;
    uint32_t line;
    bool duplicate;   /* set more than once: the last one counts */
    bool bare_hash;   /* it has a # outside quotes, where other readers see a comment begin */
    bool bare_dollar; /* it has a $NAME that stands for itself here, and elsewhere for a variable */
};
struct env {
    struct arena *arena;
    struct env_entry *entries;
    uint32_t n, cap;
    size_t total_bytes; /* of all values that were set */
};

void env_init(struct env *e, struct arena *arena);
/* Parses n bytes of `file` (its name, for errors "FILE:LINE"). Values up to 64 KiB, 4 MiB of them
 * together, 1000 names: expansion can make much of a small file. */
bool env_parse(struct env *e, const char *file, const char *bytes, size_t n,
               struct err *err) MUST_CHECK;
const char *env_get(const struct env *e, const char *name); /* NULL when unset or empty */
const struct env_entry *env_entry(const struct env *e, const char *name);

#endif
