/* act/drill_writers.c - when the rows of the live source were written: an archive without manifest
 * holds no transaction numbers, so rows that say when they were created date the transactions that
 * wrote them. */
#include "base/clock.h"
#include "drill_priv.h"
#include "io/pgsession.h"

#define TABLES_MAX 10000

static const char created_sql[] =
    "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name FROM pg_attribute a"
    " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE a.attname = 'createdAt' AND NOT a.attisdropped AND c.relkind = 'r'"
    " AND n.nspname = 'public' ORDER BY 1";

/* All ages of one SQL transaction are counted from the same number. */
static const char now_sql[] =
    "SELECT x AS next, age((x % 4294967296)::text::xid) AS age,"
    " (current_setting('track_commit_timestamp') = 'on')::int AS commit_times"
    " FROM (SELECT txid_snapshot_xmax(txid_current_snapshot()) AS x) s";

struct oldest { /* the greatest age of a row's writer; -1 = there is no such row */
    int64_t since, day, ever;
};

static void take(const struct pg_rows *rows, const char *name, int64_t *oldest) {
    int64_t age;
    if (pg_cell_i64(rows, 0, name, &age) && age > *oldest)
        *oldest = age;
}

/* Frozen long ago, a row has no number that could be compared. */
static bool read_table(struct pgsession *s, struct arena *a, const char *table,
                       const struct expectation *e, struct oldest *o, struct err *err) {
    struct pg_rows rows;
    long long taken_s = e->taken_wall_ms / 1000, sure_s = taken_s - e->doubt_ms / 1000;
    const char *sql = arena_printf(
        a,
        "SELECT max(age(xmin)) FILTER (WHERE \"createdAt\" > to_timestamp(%lld)) AS since,"
        " max(age(xmin)) FILTER (WHERE \"createdAt\" BETWEEN to_timestamp(%lld) AND"
        " to_timestamp(%lld)) AS day,"
        " max(age(xmin)) FILTER (WHERE \"createdAt\" <= to_timestamp(%lld)) AS ever"
        " FROM %s WHERE age(xmin) BETWEEN 0 AND 2147483646",
        taken_s + 1, sure_s - DAY_S, sure_s, sure_s, table);
    if (!pgsession_rows(s, sql, 0, a, &rows, err))
        return false;
    take(&rows, "since", &o->since);
    take(&rows, "day", &o->day);
    take(&rows, "ever", &o->ever);
    return true;
}

/* As rows hold it: 32 bits of it. */
static const char *xid_of_age(struct arena *a, int64_t next, int64_t age) {
    return arena_printf(a, "%u", (unsigned)((uint64_t)(next - age) & UINT32_MAX));
}

/* Since: the oldest writer of a row that was created after the dump had its number after it, and so
 * had all later ones; at the latest those that this snapshot does not see.
 * Before: of the rows created in the last day before the dump one at least still has the writer
 * that created it; the oldest writer of any of them is no later than that. A row may have been
 * rewritten, unchanged even, by a later one: that is why it is the oldest of a whole day. */
bool rows_date_writers(struct pgsession *s, struct arena *a, struct expectation *e,
                       struct err *err) {
    struct pg_rows tables, now;
    struct oldest o = {-1, -1, -1};
    int64_t next, next_age, commit_times;
    const struct pg_statement st = {.sql = created_sql, .max_rows = TABLES_MAX};
    if (!pgsession_rows(s, now_sql, 0, a, &now, err) || !pgsession_exec(s, &st, a, &tables, err))
        return false;
    if (!pg_cell_i64(&now, 0, "next", &next) || !pg_cell_i64(&now, 0, "age", &next_age) ||
        !pg_cell_i64(&now, 0, "commit_times", &commit_times))
        return err_set(err, E_PROTOCOL, "verify.run", "pg_snapshot",
                       "does not tell the next transaction");
    for (uint32_t i = 0; i < tables.n_rows; i++)
        if (!read_table(s, a, pg_cell(&tables, i, "name"), e, &o, err))
            return false;
    int64_t since = o.since > next_age ? o.since : next_age, before = o.day >= 0 ? o.day : o.ever;
    e->commit_times = commit_times != 0;
    e->since_xid = xid_of_age(a, next, since - next_age);
    e->before_xid = before > since ? xid_of_age(a, next, before - next_age) : NULL;
    return true;
}
