/* views/postgres.c - the primary database: sessions, locks, sizes, schema, migrations. Data only:
 * service_panel.c draws it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"connections", "conn", "connections_max"},
    {"active", "active", NULL},
    {"idle_in_transaction", "idle in tx", NULL},
    {"waiting", "waiting", NULL},
    {"blocked", "blocked", NULL},
    {"longest_xact_s", "longest tx", NULL},
    {"tps", "tps", NULL},
    {"hit_pct", "cache hit", NULL},
    {"database_bytes", "size", NULL},
    {"dead_tuples", "dead rows", NULL},
    {"listings_total", "listings", NULL},
    {"replicas", "replicas", NULL},
    {"uptime_s", "up", NULL},
    {"version", "version", NULL},
    {"postgis_version", "PostGIS", NULL},
};
static const struct pane panes[] = {
    {"sessions", "Sessions", "no other session"},
    {"blocking", "Locks", "nobody waits for a lock"},
    {"tables", "Tables", "no table yet"},
    {"databases", "Databases", "none"},
    {"progress", "Progress", "no vacuum, index build, copy or backup runs"},
    {"replication", "Replication", "no replica is connected"},
    {"schema_diff", "Schema", "22 tables, 18 enums and the indexes are as the runbook has them"},
    {"listing_status", "Listings", "no listing"},
};

SERVICE_VIEW(postgres, "postgres", "PostgreSQL", vitals, panes);
