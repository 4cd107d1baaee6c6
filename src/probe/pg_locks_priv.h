/* probe/pg_locks_priv.h - who waits for whom, as a tree: the root that holds everybody up first. */
#ifndef GOODGO_PROBE_PG_LOCKS_PRIV_H
#define GOODGO_PROBE_PG_LOCKS_PRIV_H

#include "codec/probe.h"

/* The statement for this server: pg_locks tells since when only from 14 on. */
const char *pg_locks_sql(int server_version);
/* Fills table blocking and metrics blocked, longest_wait_s, blocking_roots. */
void pg_locks_tree(const struct pg_rows *rows, struct reading *out);

#endif
