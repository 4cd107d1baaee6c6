/* views/pgbouncer.c - the connection pool: who waits, how long, and its settings against the
 * runbook. Data only: service_panel.c draws it. */
#include "panels_priv.h"

static const struct vital vitals[] = {
    {"cl_active", "clients", "clients_max"},
    {"cl_waiting", "waiting", NULL},
    {"maxwait_s", "max wait", NULL},
    {"sv_active", "servers", "pool_size"},
    {"sv_idle", "idle", NULL},
    {"pool_used_pct", "pool used", NULL},
    {"xact_per_s", "tx/s", NULL},
    {"avg_wait_ms", "mean wait", NULL},
    {"select1_ms", "SELECT 1", NULL},
    {"pools", "pools", NULL},
    {"paused", "paused", NULL},
    {"version", "version", NULL},
};
static const struct pane panes[] = {
    {"pools", "Pools", "no pool yet: nobody has connected", 0, NULL},
    {"databases", "Databases", "none", 88, NULL},
    {"lists", "Lists", "none", 26, NULL},
    {"stats", "Stats", "no traffic yet", 82, NULL},
    {"config", "Settings against the runbook", "not read yet", 90, NULL},
    {"state", "State", "SHOW STATE came with version 1.19", 26, NULL},
};

SERVICE_VIEW(pgbouncer, "pgbouncer", "PgBouncer",
             "the connection pool: who waits, how long, its settings against the runbook", vitals,
             panes,
             .charts = {{"cl_waiting", "waiting", NULL},
                        {"cl_active", "clients", NULL},
                        {"select1_ms", "SELECT 1", NULL}},
             .rate = "xact_per_s", .trouble = {"cl_waiting", "waiting", NULL},
             .time = "avg_wait_ms");
