/* probe/pg_sizes_lib.c - the counters of this database, and how large databases and tables are.
 * What walks directories or catalogs is asked once a minute. */
#include "pg_stages_priv.h"

#include "rows_priv.h"

/* ---- this database's counters ---- */

/* A page that fails its checksum may be of any database, or of what all of them share: it is one
 * disk. */
static const char database_sql[] =
    "SELECT xact_commit + xact_rollback AS xacts, xact_rollback AS rollbacks, blks_read, blks_hit,"
    " deadlocks, temp_files, temp_bytes, conflicts,"
    " (SELECT sum(checksum_failures) FROM pg_stat_database) AS checksum_failures"
    " FROM pg_stat_database WHERE datname = current_database()";

static const struct {
    const char *name;
    enum unit unit;
} database_metrics[] = {
    {"xacts", UNIT_COUNT},      {"rollbacks", UNIT_COUNT}, {"blks_read", UNIT_COUNT},
    {"blks_hit", UNIT_COUNT},   {"deadlocks", UNIT_COUNT}, {"temp_files", UNIT_COUNT},
    {"temp_bytes", UNIT_BYTES}, {"conflicts", UNIT_COUNT}, {"checksum_failures", UNIT_COUNT},
};

bool pg_database_request(struct probe_run *run, struct exchange *ex) {
    return pg_ask(run, ex, database_sql, 1);
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

bool pg_database_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    if (!rows_has_column(&reply->pg, "xacts"))
        return pg_unexpected(run, "xacts", err);
    for (size_t i = 0; i < ARRAY_LEN(database_metrics); i++)
        rows_metric(out, &reply->pg, 0, database_metrics[i].name, database_metrics[i].unit);
    probe_rate_metric(run, out, "xacts", "tps");
    probe_rate_metric(run, out, "deadlocks", "deadlocks_per_s");
    set_hit_pct(run, out);
    return true;
}

/* ---- sizes: they walk directories, so once a minute ---- */

/* Multixacts run out as transaction numbers do, and alone where rows are locked by many.
 * pg_database_size() raises an error where both rights are missing, and takes the statement with
 * it.
 */
static const char databases_sql[] =
    "SELECT d.datname AS name, pg_get_userbyid(d.datdba) AS owner,"
    " CASE WHEN has_database_privilege(d.oid, 'CONNECT')"
    " OR pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')"
    " THEN pg_database_size(d.oid) END AS bytes,"
    " s.numbackends AS sessions,"
    " greatest(age(d.datfrozenxid), mxid_age(d.datminmxid)) AS xid_age,"
    " (d.datname = current_database())::int AS is_current, count(*) OVER () AS n_all"
    " FROM pg_database d LEFT JOIN pg_stat_database s ON s.datid = d.oid"
    " WHERE NOT d.datistemplate AND d.datallowconn"
    " ORDER BY is_current DESC, bytes DESC NULLS LAST, name LIMIT 50";

static const struct column database_columns[] = {
    {"name", "DATABASE", UNIT_NONE, 0, 0},      {"bytes", "SIZE", UNIT_BYTES, 8, 0},
    {"sessions", "SESSIONS", UNIT_COUNT, 8, 1}, {"xid_age", "XID AGE", UNIT_COUNT, 8, 2},
    {"owner", "OWNER", UNIT_NONE, 0, 3},
};

bool pg_databases_request(struct probe_run *run, struct exchange *ex) {
    return pg_ask(run, ex, databases_sql, 50);
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

bool pg_databases_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    const struct pg_rows *rows = &reply->pg;
    struct value bytes;
    if (!rows_has_column(rows, "bytes"))
        return pg_unexpected(run, "bytes", err);
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

/* The functions behind pg_stat_user_tables, of 25 tables: the view would be read whole, twice.
 * lost: vacuum and analyze write reltuples, and are remembered with the counts of rows. Where only
 * reltuples tells of one, the counts are gone, as after a crash, or never were, as in a standby: a
 * 0 is none then. */
static const char tables_sql[] =
    "WITH r AS MATERIALIZED (SELECT oid, relpages, reltuples, name, lost,"
    " CASE WHEN dead > 0 OR NOT lost THEN dead END AS dead"
    " FROM (SELECT c.oid, c.relpages, c.reltuples, pg_stat_get_dead_tuples(c.oid) AS dead,"
    " CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS name,"
    " pg_is_in_recovery() OR (c.reltuples > 0 AND coalesce(pg_stat_get_last_vacuum_time(c.oid),"
    " pg_stat_get_last_autovacuum_time(c.oid), pg_stat_get_last_analyze_time(c.oid),"
    " pg_stat_get_last_autoanalyze_time(c.oid)) IS NULL) AS lost"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%'"
    " AND n.nspname <> 'information_schema') c)"
    " SELECT name, pg_total_relation_size(oid) AS bytes, CASE WHEN lost"
    " THEN nullif(greatest(reltuples::bigint, pg_stat_get_live_tuples(oid)), 0)"
    " ELSE pg_stat_get_live_tuples(oid) END AS live, dead,"
    " extract(epoch FROM clock_timestamp() - greatest(pg_stat_get_last_vacuum_time(oid),"
    " pg_stat_get_last_autovacuum_time(oid))) AS vacuum_age_s,"
    " pg_stat_get_numscans(oid) AS seq_scans,"
    " (SELECT sum(pg_stat_get_numscans(i.indexrelid)) FROM pg_index i WHERE i.indrelid = t.oid)"
    " AS index_scans, (SELECT CASE WHEN count(dead) = count(*) THEN sum(dead)"
    " ELSE nullif(sum(dead), 0) END FROM r) AS dead_tuples, (SELECT count(*) FROM r) AS n_all"
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

bool pg_tables_request(struct probe_run *run, struct exchange *ex) {
    return pg_ask(run, ex, tables_sql, 25);
}

/* Autovacuum starts at 20 %; twice that means it does not keep up, or cannot clean. */
static void judge_dead(struct reading *out, struct table *t) {
    double live, dead;
    bool said = false;
    for (uint32_t i = 0; i < t->n_rows; i++) {
        if (!table_number(t, i, "live", &live) || !table_number(t, i, "dead", &dead) ||
            dead < 10000 || dead < 0.4 * live)
            continue;
        t->rows[i].health = HEALTH_WARNING;
        if (said) /* the largest is enough for a sentence; the table shows all */
            continue;
        said = true;
        reading_finding(out, HEALTH_WARNING, "dead_tuples",
                        "see whether an old transaction holds vacuum back, then `VACUUM` it",
                        "table %.60s has %s dead rows beside %s live ones", t->rows[i].key.s,
                        GROUPED(int_of(dead)), GROUPED(int_of(live)));
    }
}

bool pg_tables_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                     struct err *err) {
    if (!rows_has_column(&reply->pg, "bytes"))
        return pg_unexpected(run, "bytes", err);
    struct table *t = rows_table(out, "tables", "Tables", table_columns, ARRAY_LEN(table_columns),
                                 &reply->pg, "name", NULL);
    if (reply->pg.n_rows)
        rows_metric(out, &reply->pg, 0, "dead_tuples", UNIT_COUNT);
    judge_dead(out, t);
    return true;
}
