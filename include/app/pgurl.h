/* app/pgurl.h - a Prisma-style database URL as a pg_target. Options that libpq does not know
 * (schema, pgbouncer, connection_limit, ...) are dropped and named, for libpq refuses the whole URL
 * because of them. */
#ifndef GOODGO_APP_PGURL_H
#define GOODGO_APP_PGURL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "wire/exchange.h"

struct pgurl {
    struct pg_target target;
    const char *schema;  /* NULL unless given */
    const char *dropped; /* "schema, connection_limit", cleaned, for a note; NULL when none */
};
/* Errors never repeat the URL: it holds a password. */
bool pgurl_parse(struct pgurl *u, struct arena *a, const char *url, struct err *err) MUST_CHECK;

#endif
