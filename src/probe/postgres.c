/* probe/postgres.c - the primary database. Runbook: pg_isready, then what a person looks at first.
 * One connection, every statement bounded by rows and by the server's own statement_timeout (set by
 * io/pg.c); what walks directories or catalogs is asked once a minute. Columns that come and go
 * between 13 and 18 are gated on the version the server itself told.
 *
 * Metrics: accepting, connections, connections_max, connections_pct, active, idle,
 * idle_in_transaction, waiting, longest_xact_s, oldest_idle_in_tx_s, uptime_s, in_recovery,
 * standby_lag_s, version (text), xacts, tps, blks_hit, blks_read, hit_pct, deadlocks,
 * deadlocks_per_s, temp_bytes, blocked, blocking_roots, longest_wait_s, database_bytes,
 * dead_tuples, tables_found, enums_found, postgis_version (text), migrations_applied,
 * migrations_pending, migrations_failed, replicas, replay_lag_s, listings_total. Tables: sessions,
 * blocking, databases, tables, schema_diff, migrations, replication, progress, listing_status,
 * settings. */
#include "codec/probe.h"

#include <stdio.h>
#include <string.h>

#include "http_priv.h"
#include "pg_catalog_priv.h"
#include "pg_locks_priv.h"
#include "rows_priv.h"

#define OLDEST_VERSION 130000

/* Without pg_read_all_stats the type of a foreign session is NULL; its database is not. */
#define CLIENT_BACKENDS                                                                            \
    "(backend_type = 'client backend' OR (backend_type IS NULL AND datid IS NOT NULL))"

static bool ask(struct probe_run *run, struct exchange *ex, const char *sql, uint32_t max_rows) {
    return exchange_query(ex, &run->settings->postgres, sql, max_rows);
}

static const char *target_name(const struct probe_run *run) {
    return probe_target(run, run->settings->postgres.host, run->settings->postgres.port);
}

static bool unexpected(const struct probe_run *run, const char *column, struct err *err) {
    return rows_unexpected(target_name(run), column, err);
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
    const char *target = target_name(run);
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

/* ---- activity ---- */

/* What it notes for the stages behind it, which then ask nothing. */
enum { NOBODY_WAITS = BIT(0), NOTHING_RUNS = BIT(1) };

/* client: what uses up max_connections; theirs: without this session; any: workers and senders too.
 */
static const char activity_sql[] =
    "SELECT count(*) FILTER (WHERE client) AS connections,"
    " current_setting('max_connections') AS connections_max,"
    " count(*) FILTER (WHERE theirs AND state = 'active') AS active,"
    " count(*) FILTER (WHERE client AND state = 'idle') AS idle,"
    " count(*) FILTER (WHERE client AND state LIKE 'idle in transaction%') AS idle_in_transaction,"
    " count(*) FILTER (WHERE client AND wait_event_type = 'Lock') AS waiting,"
    " count(*) FILTER (WHERE wait_event_type = 'Lock') AS any_waiting,"
    " count(*) FILTER (WHERE pid <> pg_backend_pid()"
    " AND (state = 'active' OR (state IS NULL AND datid IS NOT NULL))) AS any_active,"
    " coalesce(extract(epoch FROM clock_timestamp()"
    " - min(xact_start) FILTER (WHERE theirs)), 0) AS longest_xact_s,"
    " coalesce(extract(epoch FROM clock_timestamp() - min(state_change)"
    " FILTER (WHERE client AND state LIKE 'idle in transaction%')), 0) AS oldest_idle_in_tx_s,"
    " pg_is_in_recovery()::int AS in_recovery,"
    " CASE WHEN pg_is_in_recovery() THEN extract(epoch FROM clock_timestamp()"
    " - pg_last_xact_replay_timestamp()) END AS standby_lag_s,"
    " extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) AS uptime_s,"
    " pg_has_role(current_user, 'pg_read_all_stats', 'MEMBER')::int AS sees_all,"
    " current_user::text AS who"
    " FROM (SELECT *, " CLIENT_BACKENDS " AS client,"
    " pid <> pg_backend_pid() AND " CLIENT_BACKENDS " AS theirs FROM pg_stat_activity) a";

static const struct {
    const char *name;
    enum unit unit;
} activity_metrics[] = {
    {"connections", UNIT_COUNT},
    {"connections_max", UNIT_COUNT},
    {"active", UNIT_COUNT},
    {"idle", UNIT_COUNT},
    {"idle_in_transaction", UNIT_COUNT},
    {"waiting", UNIT_COUNT},
    {"longest_xact_s", UNIT_SECONDS},
    {"oldest_idle_in_tx_s", UNIT_SECONDS},
    {"in_recovery", UNIT_BOOL},
    {"standby_lag_s", UNIT_SECONDS},
    {"uptime_s", UNIT_SECONDS},
};

static bool activity_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, activity_sql, 1);
}

static bool is_bouncer(const struct pg_rows *rows) {
    return rows->server_version_text && strstr(rows->server_version_text, "/bouncer");
}

/* Most of the time nobody waits and nothing runs: two statements that need not be asked. */
static void note_quiet(struct probe_run *run, const struct pg_rows *rows, struct reading *out) {
    static const struct pg_rows nobody;
    int64_t n;
    if (pg_cell_i64(rows, 0, "any_waiting", &n) && n == 0) {
        run->notes |= NOBODY_WAITS;
        pg_locks_tree(&nobody, out);
    }
    if (pg_cell_i64(rows, 0, "any_active", &n) && n == 0)
        run->notes |= NOTHING_RUNS;
}

static void note_privileges(const struct pg_rows *rows, struct reading *out) {
    int64_t sees_all;
    const char *who = pg_cell(rows, 0, "who");
    if (pg_cell_i64(rows, 0, "sees_all", &sees_all) && !sees_all)
        reading_finding(
            out, HEALTH_WARNING, "no_pg_monitor", "`GRANT pg_monitor TO` this role, as a superuser",
            "role %.60s sees only its own sessions: it is not in pg_monitor", who ? who : "?");
}

static bool activity_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                           struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    double used, max;
    if (is_bouncer(rows))
        return err_set(err, E_WRONG_THING, "pg.answer", target_name(run),
                       "PgBouncer answers here (%.40s), not PostgreSQL", rows->server_version_text);
    if (!pg_cell(rows, 0, "connections"))
        return unexpected(run, "connections", err);
    run->server_version = rows->server_version;
    reading_textz(out, "version", rows->server_version_text ? rows->server_version_text : "");
    reading_int(out, "accepting", UNIT_BOOL, 1);
    for (size_t i = 0; i < ARRAY_LEN(activity_metrics); i++)
        rows_metric(out, rows, 0, activity_metrics[i].name, activity_metrics[i].unit);
    if (reading_number(out, "connections", &used) && reading_number(out, "connections_max", &max) &&
        max > 0)
        reading_real(out, "connections_pct", UNIT_PERCENT, 100 * used / max);
    note_privileges(rows, out);
    note_quiet(run, rows, out);
    if (rows->server_version && rows->server_version < OLDEST_VERSION)
        reading_finding(out, HEALTH_WARNING, "old_version", "plan the upgrade to 16",
                        "PostgreSQL %.20s is older than 13: some columns are not read",
                        rows->server_version_text);
    return true;
}

/* ---- this database's counters ---- */

static const char database_sql[] =
    "SELECT xact_commit + xact_rollback AS xacts, xact_rollback AS rollbacks, blks_read, blks_hit,"
    " deadlocks, temp_files, temp_bytes, conflicts, checksum_failures"
    " FROM pg_stat_database WHERE datname = current_database()";

static const struct {
    const char *name;
    enum unit unit;
} database_metrics[] = {
    {"xacts", UNIT_COUNT},      {"rollbacks", UNIT_COUNT}, {"blks_read", UNIT_COUNT},
    {"blks_hit", UNIT_COUNT},   {"deadlocks", UNIT_COUNT}, {"temp_files", UNIT_COUNT},
    {"temp_bytes", UNIT_BYTES}, {"conflicts", UNIT_COUNT}, {"checksum_failures", UNIT_COUNT},
};

static bool database_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, database_sql, 1);
}

/* Of the last interval where enough was read, else of all time. */
static void set_hit_pct(const struct probe_run *run, struct reading *out) {
    double hit, read, hit_rate, read_rate;
    if (!reading_number(out, "blks_hit", &hit) || !reading_number(out, "blks_read", &read))
        return;
    if (probe_rate(run, "blks_hit", hit, &hit_rate) &&
        probe_rate(run, "blks_read", read, &read_rate) && hit_rate + read_rate > 100) {
        hit = hit_rate;
        read = read_rate;
    }
    if (hit + read > 0)
        reading_real(out, "hit_pct", UNIT_PERCENT, 100 * hit / (hit + read));
}

static bool database_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                           struct err *err) {
    if (!rows_has_column(&reply->pg, "xacts"))
        return unexpected(run, "xacts", err);
    for (size_t i = 0; i < ARRAY_LEN(database_metrics); i++)
        rows_metric(out, &reply->pg, 0, database_metrics[i].name, database_metrics[i].unit);
    probe_rate_metric(run, out, "xacts", "tps");
    probe_rate_metric(run, out, "deadlocks", "deadlocks_per_s");
    set_hit_pct(run, out);
    return true;
}

/* ---- sessions ---- */

static const char sessions_sql[] =
    "SELECT pid, usename AS \"user\", datname AS database, application_name AS application,"
    " coalesce(host(client_addr), 'local') AS client, coalesce(state, 'not visible') AS state,"
    " extract(epoch FROM clock_timestamp() - xact_start) AS xact_s,"
    " extract(epoch FROM clock_timestamp() - state_change) AS state_s,"
    " concat_ws('/', wait_event_type, wait_event) AS wait, left(query, 200) AS query"
    " FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND " CLIENT_BACKENDS
    " ORDER BY xact_start NULLS LAST, state_change DESC NULLS LAST, pid LIMIT 20";

static const struct column session_columns[] = {
    {"pid", "PID", UNIT_NONE, 7, 0},           {"user", "USER", UNIT_NONE, 0, 3},
    {"database", "DATABASE", UNIT_NONE, 0, 6}, {"application", "APPLICATION", UNIT_NONE, 0, 5},
    {"client", "CLIENT", UNIT_NONE, 0, 7},     {"state", "STATE", UNIT_NONE, 0, 0},
    {"xact_s", "IN TX", UNIT_SECONDS, 6, 0},   {"state_s", "SINCE", UNIT_SECONDS, 6, 2},
    {"wait", "WAITS FOR", UNIT_NONE, 0, 4},    {"query", "QUERY", UNIT_NONE, 0, 1},
};

static bool sessions_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, sessions_sql, 20);
}

static bool sessions_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                           struct err *err) {
    if (!rows_has_column(&reply->pg, "pid"))
        return unexpected(run, "pid", err);
    struct table *t = rows_table(out, "sessions", "Sessions", session_columns,
                                 ARRAY_LEN(session_columns), &reply->pg, "pid", NULL);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        const char *state = table_string(t, i, "state");
        double s;
        if (table_number(t, i, "xact_s", &s) && s > 600)
            t->rows[i].health = HEALTH_WARNING;
        if (state && strncmp(state, "idle in transaction", 19) == 0 &&
            table_number(t, i, "state_s", &s) && s > 300)
            t->rows[i].health = HEALTH_WARNING;
    }
    return true;
}

/* ---- blocking ---- */

static bool blocking_request(struct probe_run *run, struct exchange *ex) {
    return !(run->notes & NOBODY_WAITS) && ask(run, ex, pg_locks_sql(run->server_version), 200);
}

static bool blocking_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                           struct err *err) {
    if (!rows_has_column(&reply->pg, "blocked_by"))
        return unexpected(run, "blocked_by", err);
    pg_locks_tree(&reply->pg, out);
    return true;
}

/* ---- sizes: they walk directories, so once a minute ---- */

/* pg_database_size() raises an error where CONNECT is missing, and takes the statement with it. */
static const char databases_sql[] =
    "SELECT d.datname AS name, pg_get_userbyid(d.datdba) AS owner,"
    " CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid) END AS bytes,"
    " s.numbackends AS sessions, age(d.datfrozenxid) AS xid_age,"
    " (d.datname = current_database())::int AS is_current"
    " FROM pg_database d LEFT JOIN pg_stat_database s ON s.datid = d.oid"
    " WHERE NOT d.datistemplate AND d.datallowconn"
    " ORDER BY is_current DESC, bytes DESC NULLS LAST, name LIMIT 50";

static const struct column database_columns[] = {
    {"name", "DATABASE", UNIT_NONE, 0, 0},      {"bytes", "SIZE", UNIT_BYTES, 8, 0},
    {"sessions", "SESSIONS", UNIT_COUNT, 8, 1}, {"xid_age", "XID AGE", UNIT_COUNT, 8, 2},
    {"owner", "OWNER", UNIT_NONE, 0, 3},
};

static bool databases_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, databases_sql, 50);
}

static void judge_wraparound(struct reading *out, struct table *t) {
    double age;
    for (uint32_t i = 0; i < t->n_rows; i++) {
        if (!table_number(t, i, "xid_age", &age) || age < 1.2e9)
            continue;
        enum health health = age > 1.8e9 ? HEALTH_CRITICAL : HEALTH_WARNING;
        t->rows[i].health = health;
        reading_finding(out, health, "wraparound",
                        "`VACUUM (FREEZE)` it, and see what holds autovacuum back: an old "
                        "transaction, a slot",
                        "database %.60s is %.0f M transactions from its last freeze",
                        t->rows[i].key.s, age / 1e6);
    }
}

static bool databases_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                            struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    struct value bytes;
    if (!rows_has_column(rows, "bytes"))
        return unexpected(run, "bytes", err);
    struct table *t = rows_table(out, "databases", "Databases", database_columns,
                                 ARRAY_LEN(database_columns), rows, "name", NULL);
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        int64_t is_current;
        if (pg_cell_i64(rows, i, "is_current", &is_current) && is_current &&
            rows_number(rows, i, "bytes", UNIT_BYTES, &bytes))
            reading_set(out, "database_bytes", UNIT_BYTES, bytes);
    }
    judge_wraparound(out, t);
    return true;
}

/* The functions behind pg_stat_user_tables, of 25 tables: the view would be read whole, twice. */
static const char tables_sql[] =
    "WITH r AS MATERIALIZED (SELECT c.oid, c.relpages, pg_stat_get_dead_tuples(c.oid) AS dead,"
    " CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS name"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%'"
    " AND n.nspname <> 'information_schema')"
    " SELECT name, pg_total_relation_size(oid) AS bytes, pg_stat_get_live_tuples(oid) AS live, "
    "dead,"
    " extract(epoch FROM clock_timestamp() - greatest(pg_stat_get_last_vacuum_time(oid),"
    " pg_stat_get_last_autovacuum_time(oid))) AS vacuum_age_s,"
    " pg_stat_get_numscans(oid) AS seq_scans,"
    " (SELECT sum(pg_stat_get_numscans(i.indexrelid)) FROM pg_index i WHERE i.indrelid = t.oid)"
    " AS index_scans, (SELECT sum(dead) FROM r) AS dead_tuples"
    " FROM (SELECT * FROM r ORDER BY relpages DESC, name LIMIT 25) t"
    " ORDER BY bytes DESC NULLS LAST, name";

static const struct column table_columns[] = {
    {"name", "TABLE", UNIT_NONE, 0, 0},
    {"bytes", "SIZE", UNIT_BYTES, 8, 0},
    {"live", "ROWS", UNIT_COUNT, 8, 0},
    {"dead", "DEAD", UNIT_COUNT, 8, 0},
    {"vacuum_age_s", "VACUUMED", UNIT_SECONDS, 8, 1},
    {"seq_scans", "SEQ SCANS", UNIT_COUNT, 8, 3},
    {"index_scans", "INDEX SCANS", UNIT_COUNT, 8, 2},
};

static bool tables_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, tables_sql, 25);
}

/* Autovacuum starts at 20 %; twice that means it does not keep up, or cannot clean. */
static void judge_dead(struct reading *out, struct table *t) {
    double live, dead;
    for (uint32_t i = 0; i < t->n_rows; i++) {
        if (!table_number(t, i, "live", &live) || !table_number(t, i, "dead", &dead) ||
            dead < 10000 || dead < 0.4 * live)
            continue;
        t->rows[i].health = HEALTH_WARNING;
        reading_finding(out, HEALTH_WARNING, "dead_tuples",
                        "see whether an old transaction holds vacuum back, then `VACUUM` it",
                        "table %.60s has %.0f dead rows beside %.0f live ones", t->rows[i].key.s,
                        dead, live);
        return; /* the largest is enough for a sentence; the table shows all */
    }
}

static bool tables_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    if (!rows_has_column(&reply->pg, "bytes"))
        return unexpected(run, "bytes", err);
    struct table *t = rows_table(out, "tables", "Tables", table_columns, ARRAY_LEN(table_columns),
                                 &reply->pg, "name", NULL);
    if (reply->pg.n_rows)
        rows_metric(out, &reply->pg, 0, "dead_tuples", UNIT_COUNT);
    judge_dead(out, t);
    return true;
}

/* ---- schema, migrations, listings: the platform's own ---- */

static bool schema_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, pg_catalog_sql, 2000);
}

static bool schema_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    return pg_catalog_compare(&reply->pg, out) || unexpected(run, "kind", err);
}

/* A statement on a table that is not there is an error in the server's log each time: when the
 * schema was seen without it, it is not asked. */
static bool known_missing(const struct probe_run *run, const char *table) {
    const struct table *diff =
        run->previous ? reading_table(&run->previous->reading, "schema_diff") : NULL;
    for (uint32_t i = 0; diff && i < diff->n_rows; i++) {
        const char *kind = table_string(diff, i, "kind"), *name = table_string(diff, i, "name");
        const char *problem = table_string(diff, i, "problem");
        if (kind && name && problem && strcmp(kind, "table") == 0 && strcmp(name, table) == 0 &&
            strcmp(problem, "missing") == 0)
            return true;
    }
    return false;
}

/* A row that was rolled back and then applied again is history. */
static const char migrations_sql[] =
    "WITH m AS (SELECT migration_name AS name, started_at, finished_at, applied_steps_count,"
    " CASE WHEN rolled_back_at IS NOT NULL THEN CASE WHEN EXISTS (SELECT 1"
    " FROM public.\"_prisma_migrations\" n WHERE n.migration_name = o.migration_name"
    " AND n.finished_at IS NOT NULL AND n.rolled_back_at IS NULL) THEN 'redone'"
    " ELSE 'rolled back' END"
    " WHEN finished_at IS NOT NULL THEN 'applied'"
    " WHEN coalesce(logs, '') <> '' THEN 'failed' ELSE 'unfinished' END AS state"
    " FROM public.\"_prisma_migrations\" o)"
    " SELECT name, state, extract(epoch FROM clock_timestamp() - started_at) AS age_s,"
    " extract(epoch FROM finished_at - started_at) AS took_s, applied_steps_count AS steps,"
    " count(*) FILTER (WHERE state = 'applied') OVER () AS migrations_applied,"
    " count(*) FILTER (WHERE state = 'unfinished') OVER () AS migrations_pending,"
    " count(*) FILTER (WHERE state IN ('failed', 'rolled back')) OVER () AS migrations_failed"
    " FROM m ORDER BY state IN ('applied', 'redone'), started_at DESC LIMIT 20";

static const struct column migration_columns[] = {
    {"name", "MIGRATION", UNIT_NONE, 0, 0},   {"state", "STATE", UNIT_NONE, 0, 0},
    {"age_s", "STARTED", UNIT_SECONDS, 8, 1}, {"took_s", "TOOK", UNIT_SECONDS, 8, 2},
    {"steps", "STEPS", UNIT_COUNT, 5, 3},
};

static bool migrations_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, migrations_sql, 20) && !known_missing(run, "_prisma_migrations");
}

static bool migrations_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                             struct err *err) {
    static const char *const counts[] = {"migrations_applied", "migrations_pending",
                                         "migrations_failed"};
    if (!rows_has_column(&reply->pg, "state"))
        return unexpected(run, "state", err);
    struct table *t = rows_table(out, "migrations", "Migrations", migration_columns,
                                 ARRAY_LEN(migration_columns), &reply->pg, "name", "state");
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        reading_int(out, counts[i], UNIT_COUNT, 0);
        rows_metric(out, &reply->pg, 0, counts[i], UNIT_COUNT);
    }
    for (uint32_t i = 0; i < t->n_rows; i++) {
        const char *state = table_string(t, i, "state");
        if (state && (strcmp(state, "failed") == 0 || strcmp(state, "rolled back") == 0))
            t->rows[i].health = HEALTH_CRITICAL;
        else if (state && strcmp(state, "unfinished") == 0)
            t->rows[i].health = HEALTH_WARNING;
    }
    return true;
}

static const struct column listing_columns[] = {
    {"status", "STATUS", UNIT_NONE, 0, 0},
    {"count", "LISTINGS", UNIT_COUNT, 9, 0},
};

static bool listings_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex,
               "SELECT status::text AS status, count(*) AS count FROM public.\"Listing\""
               " GROUP BY status ORDER BY count(*) DESC, 1 LIMIT 50",
               50) &&
           !known_missing(run, "Listing");
}

static bool listings_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                           struct err *err) {
    int64_t total = 0;
    if (!rows_has_column(&reply->pg, "count"))
        return unexpected(run, "count", err);
    struct table *t = rows_table(out, "listing_status", "Listings", listing_columns,
                                 ARRAY_LEN(listing_columns), &reply->pg, "status", NULL);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        double n;
        int64_t count;
        if (table_number(t, i, "count", &n) && count_from(n, &count) && total < INT64_MAX / 2)
            total += count;
    }
    reading_int(out, "listings_total", UNIT_COUNT, total);
    return true;
}

/* ---- replication ---- */

static const char replication_sql[] =
    "SELECT pid, application_name AS name, coalesce(host(client_addr), 'local') AS client, state,"
    " sync_state, extract(epoch FROM replay_lag) AS replay_lag_s,"
    " pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()"
    " ELSE pg_current_wal_lsn() END, replay_lsn) AS lag_bytes"
    " FROM pg_stat_replication ORDER BY replay_lag DESC NULLS LAST, pid LIMIT 50";

static const struct column replication_columns[] = {
    {"name", "REPLICA", UNIT_NONE, 0, 0},        {"client", "CLIENT", UNIT_NONE, 0, 2},
    {"state", "STATE", UNIT_NONE, 0, 0},         {"sync_state", "SYNC", UNIT_NONE, 0, 1},
    {"replay_lag_s", "LAG", UNIT_SECONDS, 6, 0}, {"lag_bytes", "BEHIND", UNIT_BYTES, 8, 0},
};

static bool replication_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, replication_sql, 50);
}

static bool replication_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                              struct err *err) {
    double worst = -1, lag;
    if (!rows_has_column(&reply->pg, "sync_state"))
        return unexpected(run, "sync_state", err);
    struct table *t = rows_table(out, "replication", "Replication", replication_columns,
                                 ARRAY_LEN(replication_columns), &reply->pg, "name", "pid");
    reading_int(out, "replicas", UNIT_COUNT, t->n_rows);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        if (!table_number(t, i, "replay_lag_s", &lag))
            continue;
        t->rows[i].health = lag > 60 ? HEALTH_WARNING : HEALTH_OK;
        worst = lag > worst ? lag : worst;
    }
    if (worst >= 0)
        reading_real(out, "replay_lag_s", UNIT_SECONDS, worst);
    return true;
}

/* ---- progress: one statement over the views that this version has ---- */

#define RELATION                                                                                   \
    "CASE WHEN p.relid = 0 THEN NULL WHEN p.datname = current_database()"                          \
    " THEN p.relid::regclass::text ELSE p.datname || '/' || p.relid END"

/* The first row that applies to each view: newest version first. */
static const struct progress_view {
    int from_version;
    const char *view, *select;
} progress_views[] = {
    {170000, "vacuum",
     "SELECT 'vacuum' AS kind, p.pid, " RELATION " AS relation, p.phase,"
     " p.heap_blks_scanned AS done, p.heap_blks_total AS total,"
     " p.indexes_processed || '/' || p.indexes_total || ' indexes, ' || p.num_dead_item_ids"
     " || ' dead' AS detail FROM pg_stat_progress_vacuum p"},
    {0, "vacuum",
     "SELECT 'vacuum' AS kind, p.pid, " RELATION " AS relation, p.phase,"
     " p.heap_blks_scanned AS done, p.heap_blks_total AS total,"
     " p.index_vacuum_count || ' index passes, ' || p.num_dead_tuples || ' dead' AS detail"
     " FROM pg_stat_progress_vacuum p"},
    {120000, "create_index",
     "SELECT lower(p.command), p.pid, " RELATION ", p.phase,"
     " CASE WHEN p.blocks_total > 0 THEN p.blocks_done ELSE p.tuples_done END,"
     " CASE WHEN p.blocks_total > 0 THEN p.blocks_total ELSE p.tuples_total END,"
     " CASE WHEN p.lockers_total > 0 THEN p.lockers_done || '/' || p.lockers_total"
     " || ' lockers gone' END FROM pg_stat_progress_create_index p"},
    {120000, "cluster",
     "SELECT lower(p.command), p.pid, " RELATION ", p.phase, p.heap_blks_scanned,"
     " p.heap_blks_total, p.index_rebuild_count || ' indexes rebuilt'"
     " FROM pg_stat_progress_cluster p"},
    {130000, "analyze",
     "SELECT 'analyze', p.pid, " RELATION ", p.phase, p.sample_blks_scanned, p.sample_blks_total,"
     " NULL FROM pg_stat_progress_analyze p"},
    {130000, "basebackup",
     "SELECT 'base backup', p.pid, NULL, p.phase, p.backup_streamed, p.backup_total, NULL"
     " FROM pg_stat_progress_basebackup p"},
    {170000, "copy",
     "SELECT lower(p.command), p.pid, " RELATION ", lower(p.type), p.bytes_processed,"
     " p.bytes_total, p.tuples_processed || ' rows, ' || p.tuples_skipped || ' skipped'"
     " FROM pg_stat_progress_copy p"},
    {140000, "copy",
     "SELECT lower(p.command), p.pid, " RELATION ", lower(p.type), p.bytes_processed,"
     " p.bytes_total, p.tuples_processed || ' rows' FROM pg_stat_progress_copy p"},
};

static const struct column progress_columns[] = {
    {"kind", "WHAT", UNIT_NONE, 0, 0},     {"relation", "ON", UNIT_NONE, 0, 0},
    {"phase", "PHASE", UNIT_NONE, 0, 1},   {"pct", "DONE", UNIT_PERCENT, 6, 0},
    {"done", "UNITS", UNIT_COUNT, 8, 3},   {"total", "OF", UNIT_COUNT, 8, 4},
    {"detail", "DETAIL", UNIT_NONE, 0, 2}, {"pid", "PID", UNIT_NONE, 7, 5},
};
enum { PROGRESS_PCT = 3 };

static bool progress_request(struct probe_run *run, struct exchange *ex) {
    const char *sql = "", *last = "";
    if (run->notes & NOTHING_RUNS)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(progress_views); i++) {
        const struct progress_view *p = &progress_views[i];
        if (run->server_version < p->from_version || strcmp(p->view, last) == 0)
            continue;
        sql = arena_printf(run->arena, "%s%s%s", sql, *sql ? " UNION ALL " : "", p->select);
        last = p->view;
    }
    return ask(run, ex, arena_printf(run->arena, "%s LIMIT 50", sql), 50);
}

/* A copy through a pipe has no total, a base backup may stream more than was estimated. */
static void set_pct(struct table *t, uint32_t i) {
    double done, total;
    if (table_number(t, i, "done", &done) && table_number(t, i, "total", &total) && total > 0)
        row_real(&t->rows[i], PROGRESS_PCT, done < total ? 100 * done / total : 100);
}

static bool progress_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                           struct err *err) {
    if (!rows_has_column(&reply->pg, "phase"))
        return unexpected(run, "phase", err);
    struct table *t = rows_table(out, "progress", "Progress", progress_columns,
                                 ARRAY_LEN(progress_columns), &reply->pg, "kind", "pid");
    for (uint32_t i = 0; i < t->n_rows; i++)
        set_pct(t, i);
    return true;
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
    return ask(run, ex, settings_sql, 50);
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
        return unexpected(run, "name", err);
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
    {"activity", 0, 0, true, activity_request, activity_parse},
    {"database", 0, 0, false, database_request, database_parse},
    {"sessions", 0, 0, false, sessions_request, sessions_parse},
    {"blocking", 0, 0, false, blocking_request, blocking_parse},
    {"progress", 5000, 0, false, progress_request, progress_parse},
    {"replication", 15000, 0, false, replication_request, replication_parse},
    {"listing_status", 30000, 0, false, listings_request, listings_parse},
    {"schema", 60000, 0, false, schema_request, schema_parse},
    {"migrations", 60000, 0, false, migrations_request, migrations_parse},
    {"databases", 60000, 0, false, databases_request, databases_parse},
    {"tables", 60000, 0, false, tables_request, tables_parse},
    {"settings", 60000, 0, false, settings_request, settings_parse},
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
     "sessions wait for a lock, the longest for %s"},
    {"oldest_idle_in_tx_s", 300, 3600, "idle_in_transaction",
     "see Sessions: its client forgot to commit; end it",
     "a session sits idle in a transaction for %s"},
    {"longest_xact_s", 600, 1e18, "long_transaction",
     "see Sessions: it holds vacuum back; is it a dump?", "a transaction is open for %s"},
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

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char used[32], max[32], tps[32], longest[32];
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        judge_limit(r, &limits[i]);
    judge_hit(run, r);
    if (metric_is_yes(r, "in_recovery"))
        reading_finding(r, HEALTH_WARNING, "in_recovery",
                        "is this a replica? point DATABASE_URL_DIRECT at the primary",
                        "it is in recovery: it takes no writes");
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

static void shell(const struct settings *s, const char *table, char *buf, size_t size) {
    const struct pg_target *t = &s->postgres;
    snprintf(buf, size, "PGPASSWORD=${DB_PASSWORD} psql -X -h '%s' -p %u -U '%s' -d '%s' -c '%s'",
             t->host ? t->host : "", t->port ? t->port : 5432, t->user ? t->user : "",
             t->dbname ? t->dbname : "", shell_pick(questions, table));
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
    .key_metric = "connections",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "DATABASE_URL_DIRECT",
};
