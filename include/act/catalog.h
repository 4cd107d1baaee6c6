/* act/catalog.h - a database's definitions as sorted lines "kind name: definition", so that two
 * databases (or a database and a manifest) are compared by merging two lists. Kinds: table, column,
 * enum, index, constraint, sequence, view, function, trigger, extension, migration. */
#ifndef GOODGO_ACT_CATALOG_H
#define GOODGO_ACT_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct catalog_item {
    const char *kind, *name, *definition;
};
struct catalog {
    struct catalog_item *items; /* by kind, then name */
    uint32_t n;
};
struct pgsession;
bool catalog_read(struct pgsession *s, struct arena *a, struct catalog *ret,
                  struct err *err) MUST_CHECK;

enum catalog_change { CATALOG_MISSING, CATALOG_EXTRA, CATALOG_DIFFERS };
/* Calls fn for each difference of `kind` (NULL = every kind), in order. Returns how many. */
uint32_t
catalog_compare(const struct catalog *expected, const struct catalog *found, const char *kind,
                void (*fn)(void *ctx, enum catalog_change change,
                           const struct catalog_item *expected, const struct catalog_item *found),
                void *ctx);
uint32_t catalog_count(const struct catalog *c, const char *kind);

#endif
