/* probe/pg_activity_lib.c - what happens in PostgreSQL now: its connections, sessions, who waits
 * for whom, what runs for long and how far it is, the replicas. */
#include "pg_stages_priv.h"

#include <string.h>

#include "pg_locks_priv.h"
#include "rows_priv.h"

#define OLDEST_VERSION 130000
#define WAL_KEPT_MANY  10e9 /* bytes: with the next hours' the disk is full */

/* Without pg_read_all_stats the type of a foreign session is NULL; its database is not. */
#define CLIENT_BACKENDS                                                                            \
    "(backend_type = 'client backend' OR (backend_type IS NULL AND datid IS NOT NULL))"

/* ---- activity ---- */

/* What it notes for the stages behind it, which then ask nothing. */
enum { NOBODY_WAITS = BIT(0), NOTHING_RUNS = BIT(1) };

/* Without pg_read_all_stats the details of the receiver are NULL; that there is one is not. */
#define RECEIVES_WAL                                                                               \
    "EXISTS (SELECT FROM pg_stat_wal_receiver WHERE coalesce(status, 'streaming') = 'streaming')"

/* client: what uses up max_connections; theirs: without this session; any: workers and senders too;
 * hidden: sessions that do not say what they do, to this role or (track_activities) to nobody.
 * A standby that streams and has replayed all it received is not behind, however old the last
 * transaction; of one that does not stream only the age of that transaction is known.
 * USAGE, not MEMBER: a role that does not inherit pg_monitor has nothing of it.
 */
static const char activity_sql[] =
    "SELECT count(*) FILTER (WHERE client) AS connections,"
    " current_setting('max_connections') AS connections_max,"
    " count(*) FILTER (WHERE theirs AND state = 'active') AS active,"
    " count(*) FILTER (WHERE client AND state = 'idle') AS idle,"
    " count(*) FILTER (WHERE client AND state LIKE 'idle in transaction%') AS idle_in_transaction,"
    " count(*) FILTER (WHERE client AND wait_event_type = 'Lock') AS waiting,"
    " count(*) FILTER (WHERE pid <> pg_backend_pid() AND datid IS NOT NULL"
    " AND (backend_type IS NULL OR state = 'disabled')) AS hidden,"
    " count(*) FILTER (WHERE wait_event_type = 'Lock') AS any_waiting,"
    " count(*) FILTER (WHERE pid <> pg_backend_pid()"
    " AND (state = 'active' OR (state IS NULL AND datid IS NOT NULL))) AS any_active,"
    " coalesce(extract(epoch FROM clock_timestamp()"
    " - min(xact_start) FILTER (WHERE theirs)), 0) AS longest_xact_s,"
    " coalesce(extract(epoch FROM clock_timestamp() - min(state_change)"
    " FILTER (WHERE client AND state LIKE 'idle in transaction%')), 0) AS oldest_idle_in_tx_s,"
    " (SELECT extract(epoch FROM clock_timestamp() - min(prepared)) FROM pg_prepared_xacts)"
    " AS oldest_prepared_s, pg_is_in_recovery()::int AS in_recovery,"
    " CASE WHEN pg_is_in_recovery() THEN (" RECEIVES_WAL ")::int END AS receives_wal,"
    " CASE WHEN pg_is_in_recovery() THEN CASE WHEN pg_last_wal_replay_lsn()"
    " >= pg_last_wal_receive_lsn() AND " RECEIVES_WAL " THEN 0"
    " ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END END"
    " AS standby_lag_s,"
    " extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()) AS uptime_s,"
    " pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')::int AS sees_all,"
    " current_user::text AS who"
    " FROM (SELECT *, " CLIENT_BACKENDS " AS client,"
    " pid <> pg_backend_pid() AND " CLIENT_BACKENDS " AS theirs FROM pg_stat_activity) a";

static const struct {
    const char *name;
    enum unit unit;
} activity_metrics[] =
    {
        {"connections", UNIT_COUNT},         {"connections_max", UNIT_COUNT},
        {"in_recovery", UNIT_BOOL},          {"receives_wal", UNIT_BOOL},
        {"standby_lag_s", UNIT_SECONDS},     {"uptime_s", UNIT_SECONDS},
        {"oldest_prepared_s", UNIT_SECONDS},
},
  session_metrics[] = {
      {"active", UNIT_COUNT},
      {"idle", UNIT_COUNT},
      {"idle_in_transaction", UNIT_COUNT},
      {"waiting", UNIT_COUNT},
      {"longest_xact_s", UNIT_SECONDS},
      {"oldest_idle_in_tx_s", UNIT_SECONDS},
};

bool pg_activity_request(struct probe_run *run, struct exchange *ex) {
    return pg_ask(run, ex, activity_sql, 1);
}

static bool is_bouncer(const struct pg_rows *rows) {
    return rows->server_version_text && strstr(rows->server_version_text, "/bouncer");
}

static int64_t hidden_sessions(const struct pg_rows *rows) {
    int64_t n;
    return pg_cell_i64(rows, 0, "hidden", &n) ? n : 0;
}

/* One that does not say what it does may be the one that waits, or that is open since yesterday:
 * then none of these figures is known. */
static void take_sessions(const struct pg_rows *rows, struct reading *out) {
    bool hidden = hidden_sessions(rows) > 0;
    for (size_t i = 0; i < ARRAY_LEN(session_metrics); i++) {
        if (hidden)
            reading_set(out, session_metrics[i].name, session_metrics[i].unit, value_none());
        else
            rows_metric(out, rows, 0, session_metrics[i].name, session_metrics[i].unit);
    }
}

/* Most of the time nobody waits and nothing runs: two statements that need not be asked. */
static void note_quiet(struct probe_run *run, const struct pg_rows *rows, struct reading *out) {
    static const struct pg_rows nobody;
    int64_t n;
    if (hidden_sessions(rows))
        return;
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
    if (!pg_cell_i64(rows, 0, "sees_all", &sees_all))
        return;
    if (!sees_all)
        reading_finding(
            out, HEALTH_WARNING, "no_pg_monitor", "`GRANT pg_monitor TO` this role, as a superuser",
            "role %.60s sees only its own sessions: it is not in pg_monitor", who ? who : "?");
    else if (hidden_sessions(rows))
        reading_finding(out, HEALTH_WARNING, "activities_off",
                        "set track_activities on, for the server and for its roles",
                        "what happens in %s is not known: track_activities is off",
                        COUNTED(hidden_sessions(rows), "session"));
}

bool pg_activity_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    double used, max;
    if (is_bouncer(rows))
        return err_set(err, E_WRONG_THING, "pg.answer", pg_target_name(run),
                       "PgBouncer answers here (%.40s), not PostgreSQL", rows->server_version_text);
    if (!pg_cell(rows, 0, "connections"))
        return pg_unexpected(run, "connections", err);
    run->server_version = rows->server_version;
    reading_textz(out, "version", rows->server_version_text ? rows->server_version_text : "");
    reading_int(out, "accepting", UNIT_BOOL, 1);
    for (size_t i = 0; i < ARRAY_LEN(activity_metrics); i++)
        rows_metric(out, rows, 0, activity_metrics[i].name, activity_metrics[i].unit);
    take_sessions(rows, out);
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

/* ---- sessions ---- */

static const char sessions_sql[] =
    "SELECT pid, usename AS \"user\", datname AS database, application_name AS application,"
    " coalesce(host(client_addr), 'local') AS client, coalesce(state, 'not visible') AS state,"
    " extract(epoch FROM clock_timestamp() - xact_start) AS xact_s,"
    " extract(epoch FROM clock_timestamp() - state_change) AS state_s,"
    " concat_ws('/', wait_event_type, wait_event) AS wait, left(query, 200) AS query,"
    " count(*) OVER () AS n_all FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
    "AND " CLIENT_BACKENDS
    " ORDER BY xact_start NULLS LAST, state_change DESC NULLS LAST, pid LIMIT 20";

static const struct column session_columns[] = {
    {"pid", "PID", UNIT_NONE, 7, 0},           {"user", "USER", UNIT_NONE, 0, 3},
    {"database", "DATABASE", UNIT_NONE, 0, 6}, {"application", "APPLICATION", UNIT_NONE, 0, 5},
    {"client", "CLIENT", UNIT_NONE, 0, 7},     {"state", "STATE", UNIT_NONE, 0, 0},
    {"xact_s", "IN TX", UNIT_SECONDS, 6, 0},   {"state_s", "SINCE", UNIT_SECONDS, 6, 2},
    {"wait", "WAITS FOR", UNIT_NONE, 0, 4},    {"query", "QUERY", UNIT_NONE, 0, 1},
};

bool pg_sessions_request(struct probe_run *run, struct exchange *ex) {
    return pg_ask(run, ex, sessions_sql, 20);
}

bool pg_sessions_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    if (!rows_has_column(&reply->pg, "pid"))
        return pg_unexpected(run, "pid", err);
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

bool pg_blocking_request(struct probe_run *run, struct exchange *ex) {
    return !(run->notes & NOBODY_WAITS) && pg_ask(run, ex, pg_locks_sql(run->server_version), 200);
}

bool pg_blocking_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    if (!rows_has_column(&reply->pg, "blocked_by"))
        return pg_unexpected(run, "blocked_by", err);
    pg_locks_tree(&reply->pg, out);
    return true;
}

/* ---- replication ---- */

/* A replica that is gone has no row in pg_stat_replication; its slot, where it has one, tells of
 * it, and keeps WAL for it until the disk is full. A slot that a standby copies from its primary
 * waits for nobody there. */
#define WAL_NOW                                                                                    \
    "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END"
#define REPLICATION_SQL(ours)                                                                      \
    "SELECT r.pid, coalesce(r.application_name, s.slot_name) AS name,"                             \
    " CASE WHEN r.pid IS NOT NULL THEN coalesce(host(r.client_addr), 'local') END AS client,"      \
    " CASE WHEN r.pid IS NULL THEN 'away' ELSE r.state END AS state, r.sync_state,"                \
    " extract(epoch FROM r.replay_lag) AS replay_lag_s,"                                           \
    " pg_wal_lsn_diff(" WAL_NOW ", coalesce(r.replay_lsn, s.restart_lsn)) AS lag_bytes,"           \
    " pg_wal_lsn_diff(" WAL_NOW ", s.restart_lsn) AS kept_bytes,"                                  \
    " max(pg_wal_lsn_diff(" WAL_NOW ", s.restart_lsn)) OVER () AS wal_kept_bytes,"                 \
    " (r.pid IS NULL)::int AS is_away, count(r.pid) OVER () AS n_replicas,"                        \
    " count(*) OVER () AS n_all FROM pg_stat_replication r"                                        \
    " FULL JOIN (SELECT * FROM pg_replication_slots WHERE " ours ") s ON s.active_pid = r.pid"     \
    " WHERE r.pid IS NOT NULL OR s.active_pid IS NULL"                                             \
    " ORDER BY is_away DESC, r.replay_lag DESC NULLS LAST, r.pid LIMIT 50"

static const char replication_13[] = REPLICATION_SQL("NOT temporary");
static const char replication_17[] = REPLICATION_SQL("NOT temporary AND NOT synced");

static const struct column replication_columns[] = {
    {"name", "REPLICA", UNIT_NONE, 0, 0},        {"client", "CLIENT", UNIT_NONE, 0, 2},
    {"state", "STATE", UNIT_NONE, 0, 0},         {"sync_state", "SYNC", UNIT_NONE, 0, 1},
    {"replay_lag_s", "LAG", UNIT_SECONDS, 6, 0}, {"lag_bytes", "BEHIND", UNIT_BYTES, 8, 0},
    {"kept_bytes", "KEPT", UNIT_BYTES, 8, 2},
};

bool pg_replication_request(struct probe_run *run, struct exchange *ex) {
    return pg_ask(run, ex, run->server_version >= 170000 ? replication_17 : replication_13, 50);
}

static void judge_away(struct reading *out, struct table *t, uint32_t i) {
    struct row *row = &t->rows[i];
    char kept[32];
    double bytes;
    bool keeps = table_number(t, i, "lag_bytes", &bytes);
    row->health = keeps && bytes > WAL_KEPT_MANY ? HEALTH_CRITICAL : HEALTH_WARNING;
    value_format(value_real(keeps ? bytes : 0), UNIT_BYTES, 0, kept, sizeof kept);
    reading_finding(out, row->health, "replica_away",
                    "start it again, or `SELECT pg_drop_replication_slot` so that its WAL goes",
                    "replica %.60s is away, and %s", row->key.s,
                    keeps ? arena_printf(out->arena, "its slot keeps %s of WAL", kept)
                          : "no WAL is kept for it");
}

bool pg_replication_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    double worst = -1, lag;
    int64_t n;
    if (!rows_has_column(&reply->pg, "sync_state"))
        return pg_unexpected(run, "sync_state", err);
    struct table *t = rows_table(out, "replication", "Replication", replication_columns,
                                 ARRAY_LEN(replication_columns), &reply->pg, "name", "pid");
    reading_int(out, "replicas", UNIT_COUNT, 0);
    if (pg_cell_i64(&reply->pg, 0, "n_replicas", &n))
        reading_int(out, "replicas", UNIT_COUNT, n);
    if (pg_cell_i64(&reply->pg, 0, "wal_kept_bytes", &n))
        reading_int(out, "wal_kept_bytes", UNIT_BYTES, n);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        if (pg_cell_i64(&reply->pg, i, "is_away", &n) && n)
            judge_away(out, t, i);
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

bool pg_progress_request(struct probe_run *run, struct exchange *ex) {
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
    return pg_ask(run, ex, arena_printf(run->arena, "%s LIMIT 50", sql), 50);
}

/* A copy through a pipe has no total, a base backup may stream more than was estimated. */
static void set_pct(struct table *t, uint32_t i) {
    double done, total;
    if (table_number(t, i, "done", &done) && table_number(t, i, "total", &total) && total > 0)
        row_real(&t->rows[i], PROGRESS_PCT, done < total ? 100 * done / total : 100);
}

bool pg_progress_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    if (!rows_has_column(&reply->pg, "phase"))
        return pg_unexpected(run, "phase", err);
    struct table *t = rows_table(out, "progress", "Progress", progress_columns,
                                 ARRAY_LEN(progress_columns), &reply->pg, "kind", "pid");
    for (uint32_t i = 0; i < t->n_rows; i++)
        set_pct(t, i);
    return true;
}
