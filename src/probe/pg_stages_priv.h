/* probe/pg_stages_priv.h - the stages of PostgreSQL's probe, by the file that has them, and what
 * they share. What each fills is listed on top of postgres.c; request and parse are those of struct
 * probe_stage (codec/probe.h). */
#ifndef GOODGO_PROBE_PG_STAGES_PRIV_H
#define GOODGO_PROBE_PG_STAGES_PRIV_H

#include "codec/probe.h"

#define PG_STAGE(name)                                                                             \
    bool pg_##name##_request(struct probe_run *run, struct exchange *ex);                          \
    bool pg_##name##_parse(struct probe_run *run, const struct reply *reply, struct reading *out,  \
                           struct err *err)

/* pg_activity_lib.c. activity comes first: it sets run->server_version, by which the others choose
 * their columns, and notes what need not be asked. */
PG_STAGE(activity);
PG_STAGE(sessions);
PG_STAGE(blocking);
PG_STAGE(replication);
PG_STAGE(progress);
/* pg_sizes_lib.c */
PG_STAGE(database);
PG_STAGE(databases);
PG_STAGE(tables);
/* pg_platform_lib.c. schema tells the other two which tables are missing, in the next run. */
PG_STAGE(schema);
PG_STAGE(migrations);
PG_STAGE(listings);

/* One statement on the probe's connection; true. */
bool pg_ask(struct probe_run *run, struct exchange *ex, const char *sql, uint32_t max_rows);
/* "HOST:PORT", for errors. */
const char *pg_target_name(const struct probe_run *run);
/* An answer without a column that it always has; false, so that `return pg_unexpected(...)`. */
bool pg_unexpected(const struct probe_run *run, const char *column, struct err *err);

#endif
