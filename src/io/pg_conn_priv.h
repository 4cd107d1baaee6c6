/* io/pg_conn_priv.h - a libpq connection begun the one way that never blocks, for the link and for
 * a job's session alike. */
#ifndef GOODGO_IO_PG_CONN_PRIV_H
#define GOODGO_IO_PG_CONN_PRIV_H

#include <libpq-fe.h>

#include "link_priv.h"

/* To one of these addresses (NULL or none: a socket's directory in target->host), with `options` of
 * the server (NULL = none: a pooler refuses them). Non-blocking, notices ignored, errors verbose
 * while it logs in. Never NULL; its status may be CONNECTION_BAD. */
PGconn *pg_conn_start(const struct pg_target *target, const char *application_name,
                      const struct dns_answer *addresses, const char *options);

#endif
