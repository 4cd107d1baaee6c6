/* views/postgres.c - the primary database: sessions, locks, sizes, schema, migrations. Data, which
 * service_panel.c draws, and how a session is ended. */
#include "panels_priv.h"

#include <string.h>

#include "base/attr.h"

static const struct vital vitals[] = {
    {"connections", "conns", "connections_max"},
    {"active", "active", NULL},
    {"waiting", "waiting", NULL},
    {"blocked", "blocked", NULL},
    {"longest_xact_s", "long tx", NULL},
    {"idle_in_transaction", "idle tx", NULL},
    {"tps", "tps", NULL},
    {"hit_pct", "hit", NULL},
    {"oldest_idle_in_tx_s", "old idle", NULL},
    {"database_bytes", "size", NULL},
    {"dead_tuples", "dead rows", NULL},
    {"replicas", "replicas", NULL},
    {"migrations_applied", "migrated", NULL},
    {"migrations_pending", "pending", NULL},
    {"migrations_failed", "failed", NULL},
    {"tables_found", "tables/22", NULL},
    {"enums_found", "enums/18", NULL},
    {"listings_total", "listings", NULL},
    {"deadlocks", "deadlocks", NULL},
    {"replay_lag_s", "lag", NULL},
    {"uptime_s", "up", NULL},
    {"version", "version", NULL},
    {"postgis_version", "PostGIS", NULL},
};
static const struct pane panes[] = {
    {"sessions", "Sessions", "no other session", 0, NULL},
    {"blocking", "Blocking tree", "nobody waits for a lock", 0, "depth"},
    {"tables", "Tables", "no table yet", 86, NULL},
    {"listing_status", "Listings", "no listing", 26, NULL},
    {"databases", "Databases", "none", 52, NULL},
    {"schema_diff", "Schema", "22 tables, 18 enums and the indexes are as the runbook has them", 62,
     NULL},
    {"migrations", "Migrations", "no migration was applied yet", 72, NULL},
    {"settings", "Settings", "none", 46, NULL},
    {"progress", "Progress", "no vacuum, index build, copy or backup runs", 90, NULL},
    {"replication", "Replication", "no replica is connected", 70, NULL},
};

/* A session that only holds its locks runs no statement that could be cancelled: the root of most
 * blocking trees. What helps there is to end it. A prepared transaction has none. */
static void session_operands(const struct snapshot *s, struct ui_state *ui, bool many,
                             struct str *out) {
    const char *name = panes[ui->pane % ARRAY_LEN(panes)].table;
    const struct table *t = reading_table(&s->sections[SERVICE_postgres]->reading, name);
    const struct row *row = t ? table_selected_row(t, ui_table(ui, ui->pane)) : NULL;
    (void)many;
    if (!row || (strcmp(name, "sessions") != 0 && strcmp(name, "blocking") != 0) ||
        strcmp(row->key.s, "0") == 0)
        return;
    str_printf(out, "%s%s", row->key.s,
               str_starts(row_word(t, row, "state"), "idle") ? " --terminate" : "");
}

SERVICE_VIEW_WITH(session_operands, postgres, "postgres", "PostgreSQL",
                  "the primary database: sessions, who blocks whom, sizes, schema, migrations",
                  vitals, panes,
                  .charts = {{"connections", "conn", NULL},
                             {"tps", "tps", NULL},
                             {"longest_xact_s", "longest tx", NULL}},
                  .sometimes = {{"receives_wal", "receives", NULL},
                                {"standby_lag_s", "behind", NULL},
                                {"wal_kept_bytes", "WAL kept", NULL}},
                  .rate = "tps", .time = "longest_xact_s");
