/* probe/pg_platform_lib.c - the platform's own in PostgreSQL: its schema against the runbook, its
 * migrations, its listings by status. */
#include "pg_stages_priv.h"

#include <string.h>

#include "http_priv.h"
#include "pg_catalog_priv.h"
#include "rows_priv.h"

/* ---- schema, migrations, listings: the platform's own ---- */

bool pg_schema_request(struct probe_run *run, struct exchange *ex) {
    return pg_ask(run, ex, pg_catalog_sql, PG_CATALOG_MAX_ROWS);
}

bool pg_schema_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                     struct err *err) {
    return pg_catalog_compare(&reply->pg, out) || pg_unexpected(run, "kind", err);
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
    " count(*) FILTER (WHERE state IN ('failed', 'rolled back')) OVER () AS migrations_failed,"
    " count(*) OVER () AS n_all"
    " FROM m ORDER BY state IN ('applied', 'redone'), started_at DESC LIMIT 20";

static const struct column migration_columns[] = {
    {"name", "MIGRATION", UNIT_NONE, 0, 0},   {"state", "STATE", UNIT_NONE, 0, 0},
    {"age_s", "STARTED", UNIT_SECONDS, 8, 1}, {"took_s", "TOOK", UNIT_SECONDS, 8, 2},
    {"steps", "STEPS", UNIT_COUNT, 5, 3},
};

bool pg_migrations_request(struct probe_run *run, struct exchange *ex) {
    return pg_ask(run, ex, migrations_sql, 20) && !known_missing(run, "_prisma_migrations");
}

bool pg_migrations_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    static const char *const counts[] = {"migrations_applied", "migrations_pending",
                                         "migrations_failed"};
    if (!rows_has_column(&reply->pg, "state"))
        return pg_unexpected(run, "state", err);
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

/* A count reads the whole table: of a million rows and more PostgreSQL's own estimate is taken
 * (rows now, shares of the last ANALYZE). The first half is then not begun: its condition has no
 * column, so it is looked at once, before the scan. */
static const char listings_sql[] =
    "WITH big AS (SELECT greatest(c.reltuples, pg_stat_get_live_tuples(c.oid)) AS n"
    " FROM pg_class c WHERE c.oid = 'public.\"Listing\"'::regclass)"
    " SELECT status, count, 0 AS is_estimate FROM (SELECT l.status::text AS status,"
    " count(*) AS count FROM public.\"Listing\" l GROUP BY l.status) exact"
    " WHERE (SELECT n FROM big) < 1000000"
    " UNION ALL SELECT coalesce(v.status, 'not analysed'),"
    " round(coalesce(v.share, 1) * big.n)::bigint, 1 FROM big LEFT JOIN (SELECT u.status, u.share"
    " FROM pg_stats s, unnest(s.most_common_vals::text::text[], s.most_common_freqs) u(status,"
    " share) WHERE s.schemaname = 'public' AND s.tablename = 'Listing' AND s.attname = 'status'"
    " AND NOT s.inherited) v ON true WHERE big.n >= 1000000"
    " ORDER BY count DESC, status LIMIT 50";

bool pg_listings_request(struct probe_run *run, struct exchange *ex) {
    return pg_ask(run, ex, listings_sql, 50) && !known_missing(run, "Listing");
}

bool pg_listings_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                       struct err *err) {
    int64_t total = 0, estimate;
    if (!rows_has_column(&reply->pg, "count"))
        return pg_unexpected(run, "count", err);
    struct table *t = rows_table(out, "listing_status", "Listings", listing_columns,
                                 ARRAY_LEN(listing_columns), &reply->pg, "status", NULL);
    for (uint32_t i = 0; i < t->n_rows; i++) {
        double n;
        int64_t count;
        if (table_number(t, i, "count", &n) && count_from(n, &count) && total < INT64_MAX / 2)
            total += count;
    }
    reading_int(out, "listings_total", UNIT_COUNT, total);
    if (pg_cell_i64(&reply->pg, 0, "is_estimate", &estimate) && estimate)
        reading_int(out, "listings_estimated", UNIT_BOOL, 1);
    return true;
}
