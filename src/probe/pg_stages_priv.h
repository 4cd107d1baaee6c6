/* probe/pg_stages_priv.h - the stages of PostgreSQL's probe, by the file that has them, and what
 * they share. What each fills is listed on top of postgres.c; request and parse are those of struct
 * probe_stage (codec/probe.h). */
#ifndef GOODGO_PROBE_PG_STAGES_PRIV_H
#define GOODGO_PROBE_PG_STAGES_PRIV_H

#include "stage_priv.h"

/* pg_activity_lib.c. activity comes first: it sets run->server_version, by which the others choose
 * their columns, and notes what need not be asked. */
STAGE(pg_activity);
STAGE(pg_sessions);
STAGE(pg_blocking);
STAGE(pg_replication);
STAGE(pg_progress);
/* pg_sizes_lib.c */
STAGE(pg_database);
STAGE(pg_databases);
STAGE(pg_tables);
/* pg_platform_lib.c. schema tells the other two which tables are missing, in the next run. */
STAGE(pg_schema);
STAGE(pg_migrations);
STAGE(pg_listings);

/* One statement on the probe's connection; true. */
bool pg_ask(struct probe_run *run, struct exchange *ex, const char *sql, uint32_t max_rows);
/* "HOST:PORT", for errors. */
const char *pg_target_name(const struct probe_run *run);
/* An answer without a column that it always has; false, so that `return pg_unexpected(...)`. */
bool pg_unexpected(const struct probe_run *run, const char *column, struct err *err);

#endif
