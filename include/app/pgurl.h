/* app/pgurl.h - a Prisma-style database URL as a pg_target. Options that libpq does not know
 * (schema, pgbouncer, connection_limit, ...) are dropped and named, for libpq refuses the whole URL
 * because of them. So are files for TLS that are not there, or not named by an absolute path: a job
 * has a directory of its own. `sslcert` means two things: with `sslkey` libpq's certificate of the
 * client; alone Prisma's CA, which counts where it is asked to be checked, by sslmode=verify-... or
 * sslaccept=strict. */
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
    bool file_missing;   /* one for TLS that is named is not there: it is among the dropped */
    const char *dropped; /* "schema, connection_limit", cleaned, for a note; NULL when none */
};
/* Errors never repeat the URL: it holds a password. */
bool pgurl_parse(struct pgurl *u, struct arena *a, const char *url, struct err *err) MUST_CHECK;

#endif
