/* probe/bouncer_priv.h - the stages of PgBouncer's probe, by the file that has them, and what they
 * share. What each fills is listed on top of pgbouncer.c. */
#ifndef GOODGO_PROBE_BOUNCER_PRIV_H
#define GOODGO_PROBE_BOUNCER_PRIV_H

#include "stage_priv.h"

/* Where neither our settings nor PgBouncer say it: the runbook's. */
#define POOL_SIZE_DEFAULT   20
#define MAX_CLIENTS_DEFAULT 200

#define MAXWAIT_CRITICAL_S 5 /* so long no client waits in a pool that is well */

/* bouncer_figures_lib.c. pools comes first: it sets run->server_version. */
STAGE(bouncer_pools);
STAGE(bouncer_stats);
STAGE(bouncer_databases);
STAGE(bouncer_lists);
/* bouncer_config_lib.c */
STAGE(bouncer_config);

/* One command on the admin console; true. */
bool bouncer_ask(struct probe_run *run, struct exchange *ex, const char *sql);
/* "HOST:PORT", for errors. */
const char *bouncer_target_name(const struct probe_run *run);
/* An answer without a column that it always has; false, so that `return bouncer_unexpected(...)`.
 */
bool bouncer_unexpected(const struct probe_run *run, const char *column, struct err *err);

#endif
