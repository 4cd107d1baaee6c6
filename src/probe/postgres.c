/* probe/postgres.c - the primary database. Runbook: pg_isready, then what a person looks at first.
 * One connection, every statement bounded by rows and by the server's own statement_timeout (set by
 * io/pg.c); what walks directories or catalogs is asked once a minute. Columns that come and go
 * between 13 and 18 are gated on the version the server itself told.
 *
 * Metrics: accepting, connections, connections_max, connections_pct, active, idle,
 * idle_in_transaction, waiting, longest_xact_s, oldest_idle_in_tx_s, oldest_prepared_s (where a
 * prepared transaction is open), uptime_s, in_recovery, receives_wal (bool, of a standby),
 * standby_lag_s, version (text), xacts, tps, blks_hit, blks_read, hit_pct, deadlocks,
 * deadlocks_per_s, temp_bytes, blocked, blocking_roots, longest_wait_s, database_bytes,
 * dead_tuples, tables_found, enums_found, postgis_version (text), migrations_applied,
 * migrations_pending, migrations_failed, replicas, replay_lag_s, wal_kept_bytes (the most that a
 * replica's slot keeps), listings_total, listings_estimated (1 where they are too many to be
 * counted). Tables: sessions, blocking, databases, tables, schema_diff, migrations, replication,
 * progress, listing_status, settings. */
#include "codec/probe.h"

#include <stdio.h>
#include <string.h>

#include "http_priv.h"
#include "pg_stages_priv.h"
#include "rows_priv.h"

#define STANDBY_LAG_S 60

bool pg_ask(struct probe_run *run, struct exchange *ex, const char *sql, uint32_t max_rows) {
    return exchange_query(ex, &run->settings->postgres, sql, max_rows);
}

const char *pg_target_name(const struct probe_run *run) {
    return probe_target(run, run->settings->postgres.host, run->settings->postgres.port);
}

bool pg_unexpected(const struct probe_run *run, const char *column, struct err *err) {
    return rows_unexpected(pg_target_name(run), column, err);
}

/* ---- ping ---- */

/* A ping is a login of its own, so it is sent only while the service has not answered: then it says
 * what the failure is. An answered statement proves the same. */
static bool ping_request(struct probe_run *run, struct exchange *ex) {
    const struct section *before = run->previous;
    ex->kind = EXCHANGE_PG_PING;
    ex->pg.target = run->settings->postgres;
    return !before || !before->has_reading || before->failed;
}

static bool ping_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    const char *target = pg_target_name(run);
    switch (reply->ping) {
    case PG_PING_OK:
        reading_int(out, "accepting", UNIT_BOOL, 1);
        return true;
    case PG_PING_REJECT:
        err_set(err, E_NOT_READY, "pg.ping", target,
                "it rejects connections: it starts, stops or recovers");
        err->todo = "wait, and look at its log: recovery after a crash takes minutes";
        return false;
    case PG_PING_NO_ATTEMPT:
        return err_set(err, E_CONFIG, "pg.ping", target, "the connection settings make no sense");
    default:
        return err_set(err, E_REFUSED, "pg.ping", target, "no response");
    }
}

/* ---- settings ---- */

static const char settings_sql[] =
    "SELECT name, setting || coalesce(' ' || CASE WHEN unit ~ '^[0-9]' THEN 'x ' || unit"
    " ELSE unit END, '') AS value, source, pending_restart::int AS pending FROM pg_settings"
    " WHERE name IN ('max_connections', 'shared_buffers', 'work_mem', 'effective_cache_size',"
    " 'maintenance_work_mem', 'autovacuum', 'fsync', 'full_page_writes', 'synchronous_commit',"
    " 'wal_level', 'archive_mode', 'max_wal_size', 'log_min_duration_statement', 'TimeZone',"
    " 'shared_preload_libraries', 'data_checksums', 'password_encryption', 'ssl')"
    " ORDER BY name LIMIT 50";

static const struct column setting_columns[] = {
    {"name", "SETTING", UNIT_NONE, 0, 0},
    {"value", "VALUE", UNIT_NONE, 0, 0},
    {"source", "SET BY", UNIT_NONE, 0, 1},
};

static bool settings_request(struct probe_run *run, struct exchange *ex) {
    return pg_ask(run, ex, settings_sql, 50);
}

static void judge_setting(struct probe_run *run, struct reading *out, struct table *t, uint32_t i) {
    static const char *const must_be_on[] = {"autovacuum", "fsync", "full_page_writes"};
    const char *name = table_string(t, i, "name"), *value = table_string(t, i, "value");
    for (size_t k = 0; name && value && k < ARRAY_LEN(must_be_on); k++) {
        if (strcmp(name, must_be_on[k]) != 0 || strcmp(value, "off") != 0)
            continue;
        enum health health = run->settings->production ? HEALTH_CRITICAL : HEALTH_OK;
        t->rows[i].health = HEALTH_WARNING;
        reading_finding(out, health, "setting_off", "turn it on and reload",
                        "%s is off: data may be lost, or tables will swell", must_be_on[k]);
    }
}

static bool settings_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                           struct err *err) {
    if (!rows_has_column(&reply->pg, "name"))
        return pg_unexpected(run, "name", err);
    struct table *t = rows_table(out, "settings", "Settings", setting_columns,
                                 ARRAY_LEN(setting_columns), &reply->pg, "name", NULL);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        int64_t pending;
        judge_setting(run, out, t, i);
        if (pg_cell_i64(&reply->pg, i, "pending", &pending) && pending)
            reading_finding(out, HEALTH_OK, "pending_restart", "restart it in a quiet hour",
                            "%.60s was changed and waits for a restart", t->rows[i].key.s);
    }
    return true;
}

static const struct probe_stage stages[] = {
    {"ping", 0, 0, true, ping_request, ping_parse},
    {"activity", 0, 0, true, pg_activity_request, pg_activity_parse},
    {"database", 0, 0, false, pg_database_request, pg_database_parse},
    {"sessions", 0, 0, false, pg_sessions_request, pg_sessions_parse},
    {"blocking", 0, 0, false, pg_blocking_request, pg_blocking_parse},
    {"progress", 5000, 0, false, pg_progress_request, pg_progress_parse},
    {"replication", 15000, 0, false, pg_replication_request, pg_replication_parse},
    {"listing_status", 30000, 0, false, pg_listings_request, pg_listings_parse},
    {"schema", 60000, 0, false, pg_schema_request, pg_schema_parse},
    {"migrations", 60000, 0, false, pg_migrations_request, pg_migrations_parse},
    {"databases", 60000, 0, false, pg_databases_request, pg_databases_parse},
    {"tables", 60000, 0, false, pg_tables_request, pg_tables_parse},
    {"settings", 60000, 0, false, settings_request, settings_parse},
};
static const struct stage_words stage_words[] = {
    {"database", "its counters"},
    {"blocking", "who blocks whom"},
    {"listing_status", "listings by status"},
    {NULL, NULL},
};

/* ---- judgement ---- */

/* A number over a limit is a finding; the second limit makes it critical. */
static const struct limit {
    const char *metric;
    double warning, critical;
    const char *code, *todo, *what; /* what has one %s: the value for people */
} limits[] = {
    {"connections_pct", 80, 95, "connections",
     "see Sessions: who holds them? is the pool bypassed?", "%s of max_connections are used"},
    {"longest_wait_s", 10, 60, "blocked", "see Blocking tree: end the session at its root",
     "sessions wait up to %s for a lock"},
    {"oldest_idle_in_tx_s", 300, 3600, "idle_in_transaction",
     "see Sessions: its client forgot to commit; end it",
     "a session sits idle in a transaction for %s"},
    {"longest_xact_s", 600, 1e18, "long_transaction",
     "see Sessions: it holds vacuum back; is it a dump?", "a transaction is open for %s"},
    {"oldest_prepared_s", 600, 1e18, "prepared_transaction",
     "see pg_prepared_xacts: `COMMIT PREPARED` or `ROLLBACK PREPARED` it, in its own database",
     "a prepared transaction is open for %s"},
    {"replay_lag_s", 60, 600, "replication_lag", "see Replication: network, disk of the replica",
     "a replica is %s behind"},
    {"deadlocks_per_s", 0, 1e18, "deadlocks", "see the server's log for the two statements",
     "deadlocks happen now (%s)"},
    {"checksum_failures", 0, 1e18, "checksums",
     "the disk is failing: take a backup now, then `pg_amcheck`",
     "%s data pages failed their checksum"},
    {"migrations_failed", 0, 0, "migrations_failed",
     "`prisma migrate status`, then `prisma migrate resolve`",
     "failed or rolled back migrations: %s"},
    {"migrations_pending", 0, 1e18, "migrations_unfinished",
     "does `prisma migrate deploy` run now? else see `prisma migrate status`",
     "unfinished migrations: %s"},
};

static void judge_limit(struct reading *r, const struct limit *l) {
    const struct metric *m = reading_metric(r, l->metric);
    char value[32], what[120];
    double d;
    if (!m || !value_number(m->value, &d) || d <= l->warning)
        return;
    value_format(m->value, m->unit, 0, value, sizeof value);
    const char *at = strstr(l->what, "%s");
    snprintf(what, sizeof what, "%.*s%s%s", (int)(at - l->what), l->what, value, at + 2);
    reading_finding(r, d > l->critical ? HEALTH_CRITICAL : HEALTH_WARNING, l->code, l->todo, "%s",
                    what);
}

static void judge_hit(const struct probe_run *run, struct reading *r) {
    double pct, reads, per_s;
    if (reading_number(r, "hit_pct", &pct) && pct < 90 && reading_number(r, "blks_read", &reads) &&
        probe_rate(run, "blks_read", reads, &per_s) && per_s > 1000)
        reading_finding(
            r, HEALTH_WARNING, "cache_hit",
            "see Tables for a table that is scanned as a whole; is shared_buffers small?",
            "only %.1f %% of blocks come from the cache", pct);
}

/* Who streams nothing has replayed all it received, and is further behind with each minute. */
static void judge_standby(struct reading *r) {
    double lag_s;
    char lag[32];
    bool known = reading_number(r, "standby_lag_s", &lag_s);
    if (!metric_is_yes(r, "in_recovery"))
        return;
    reading_finding(r, HEALTH_WARNING, "in_recovery",
                    "is this a replica? point DATABASE_URL_DIRECT at the primary",
                    "it is in recovery: it takes no writes");
    show_metric(r, "standby_lag_s", lag, sizeof lag);
    if (metric_is_no(r, "receives_wal"))
        reading_finding(r, HEALTH_WARNING, "no_wal_receiver",
                        "is its primary up? see primary_conninfo and its log",
                        "no primary streams to it: %s",
                        known ? arena_printf(r->arena, "its last transaction was %s ago", lag)
                              : "how far it is behind is not known");
    else if (known && lag_s > STANDBY_LAG_S)
        reading_finding(r, HEALTH_WARNING, "standby_lag",
                        "see its disk and max_standby_streaming_delay: is the replay paused?",
                        "it replays what its primary did %s ago", lag);
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char used[32], max[32], tps[32], longest[32];
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        judge_limit(r, &limits[i]);
    judge_hit(run, r);
    judge_standby(r);
    show_metric(r, "connections", used, sizeof used);
    show_metric(r, "connections_max", max, sizeof max);
    show_metric(r, "tps", tps, sizeof tps);
    show_metric(r, "longest_xact_s", longest, sizeof longest);
    v->summary =
        text_printf(run->arena, "%s/%s conn  %s tps  longest tx %s", used, max, tps, longest);
    judge_by_findings(run, r, v);
}

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no address: set DATABASE_URL_DIRECT or DB_HOST";
    return s->has_postgres;
}

/* Between single quotes of a shell: texts are quoted by dollars. */
static const struct shell_words questions[] = {
    {"blocking", "SELECT pid, pg_blocking_pids(pid) AS blocked_by, now() - query_start AS waits, "
                 "left(query, 60) FROM pg_stat_activity WHERE wait_event_type = $$Lock$$"},
    {"tables", "SELECT relname, n_live_tup, n_dead_tup, last_autovacuum, "
               "pg_size_pretty(pg_total_relation_size(relid)) FROM pg_stat_user_tables "
               "ORDER BY pg_total_relation_size(relid) DESC"},
    {"listing_status", "SELECT status, count(*) FROM \"Listing\" GROUP BY 1 ORDER BY 2 DESC"},
    {"databases", "SELECT datname, pg_size_pretty(pg_database_size(datname)), age(datfrozenxid) "
                  "FROM pg_database WHERE datallowconn"},
    {"schema_diff", "SELECT table_name FROM information_schema.tables "
                    "WHERE table_schema = $$public$$ ORDER BY 1"},
    {"migrations", "SELECT migration_name, started_at, finished_at, rolled_back_at "
                   "FROM \"_prisma_migrations\" ORDER BY started_at"},
    {"settings", "SELECT name, setting, unit, source FROM pg_settings "
                 "WHERE source NOT IN ($$default$$, $$override$$) ORDER BY 1"},
    {"progress", "SELECT * FROM pg_stat_progress_vacuum"},
    {"replication", "SELECT application_name, state, sent_lsn, replay_lsn, replay_lag "
                    "FROM pg_stat_replication"},
    {NULL, "SELECT pid, state, now() - xact_start AS age, left(query, 60) FROM pg_stat_activity "
           "ORDER BY 3 DESC NULLS LAST LIMIT 20"},
};

static void shell(const struct settings *s, const char *table, struct str *out) {
    rows_shell(out, "DB_PASSWORD", &s->postgres, 5432, shell_pick(questions, table));
}

extern const struct probe probe_postgres;
const struct probe probe_postgres = {
    .service = SERVICE_postgres,
    .title = "PostgreSQL",
    .purpose = "primary database: sessions, locks, sizes, schema against the runbook, migrations",
    .interval_ms = 5000,
    .timeout_ms = 5000,
    .retries = 5,
    .start_period_ms = 30000,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .stage_words = stage_words,
    .key_metric = "connections",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "DATABASE_URL_DIRECT",
};
