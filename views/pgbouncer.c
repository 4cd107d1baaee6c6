/* views/pgbouncer.c - the connection pool: who waits, how long, and its settings against the
 * runbook. Data only: service_panel.c draws it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"cl_active", "clients", NULL},    {"cl_waiting", "waiting", NULL},
    {"maxwait_s", "max wait", NULL},   {"sv_active", "servers", "pool_size"},
    {"sv_idle", "idle", NULL},         {"xact_per_s", "tx/s", NULL},
    {"avg_wait_ms", "avg wait", NULL}, {"select1_ms", "SELECT 1", NULL},
    {"paused", "paused", NULL},        {"version", "version", NULL},
};
static const struct pane panes[] = {
    {"pools", "Pools", "no pool yet: nobody has connected"},
    {"databases", "Databases", "none"},
    {"stats", "Stats", "no traffic yet"},
    {"lists", "Lists", "none"},
    {"config_diff", "Config", "the settings are as the runbook has them"},
};

SERVICE_VIEW(pgbouncer, "pgbouncer", "PgBouncer", vitals, panes);
