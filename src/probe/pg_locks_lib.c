/* probe/pg_locks_lib.c - the blocking tree. pg_blocking_pids() stops the lock manager for a moment,
 * so it is called only for sessions that do wait, and pg_locks is not read while every session says
 * that it does not. */
#include "pg_locks_priv.h"

#include <string.h>

#include "rows_priv.h"

#define MAX_NODES 200
#define MAX_DEPTH 32

/* Who waits is read from the locks: pg_stat_activity keeps it from a role without pg_monitor. The
 * two differ in one expression: since when it waits. A prepared transaction has no session: who
 * waits for one waits for process 0, which gets a row of its own, of all of them, for the locks do
 * not say which. */
#define LOCKS_SQL(since, first)                                                                    \
    "WITH held AS MATERIALIZED (SELECT DISTINCT ON (pid) * FROM pg_locks WHERE NOT granted"        \
    " ORDER BY pid),"                                                                              \
    " waiting AS MATERIALIZED (SELECT pid, pg_blocking_pids(pid) AS by_pids FROM held"             \
    " ORDER BY " first " LIMIT 100)"                                                               \
    " (SELECT a.pid, array_to_string(ARRAY(SELECT DISTINCT u FROM unnest(w.by_pids) u"             \
    " ORDER BY u LIMIT 20), ',') AS blocked_by, (w.pid IS NOT NULL)::int AS waits,"                \
    " CASE WHEN w.pid IS NOT NULL THEN greatest(0, extract(epoch FROM clock_timestamp() - " since  \
    ")) END AS wait_s, coalesce(a.state, a.backend_type) AS state, a.usename AS \"user\","         \
    " a.application_name AS application,"                                                          \
    " concat_ws(' ', l.mode, 'on', CASE WHEN l.relation IS NULL THEN l.locktype"                   \
    " WHEN l.database IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))"    \
    " THEN l.relation::regclass::text ELSE l.relation::text END) AS lock,"                         \
    " (l.pid IS NOT NULL)::int AS has_lock,"                                                       \
    " extract(epoch FROM clock_timestamp() - a.xact_start) AS xact_s, left(a.query, 200) AS query" \
    " FROM pg_stat_activity a LEFT JOIN waiting w ON w.pid = a.pid"                                \
    " LEFT JOIN held l ON l.pid = a.pid"                                                           \
    " WHERE w.pid IS NOT NULL OR a.pid IN (SELECT unnest(by_pids) FROM waiting)"                   \
    " ORDER BY a.xact_start NULLS LAST, a.pid LIMIT 200) UNION ALL SELECT 0, '', 0, NULL, "        \
    "'prepared', min(owner), NULL, NULL, 0,"                                                       \
    " extract(epoch FROM clock_timestamp() - min(prepared)),"                                      \
    " left(string_agg(quote_literal(gid), ', ' ORDER BY prepared), 200) FROM pg_prepared_xacts"    \
    " WHERE EXISTS (SELECT FROM waiting WHERE 0 = ANY (by_pids)) HAVING count(*) > 0"

static const char sql_13[] = LOCKS_SQL("coalesce(a.query_start, a.state_change)", "pid");
static const char sql_14[] =
    LOCKS_SQL("coalesce(l.waitstart, a.query_start, a.state_change)", "waitstart");

static const struct column columns[] = {
    {"pid", "PID", UNIT_NONE, 7, 0},         {"blocked_by", "BLOCKED BY", UNIT_NONE, 10, 0},
    {"wait_s", "WAITS", UNIT_SECONDS, 6, 0}, {"state", "STATE", UNIT_NONE, 0, 3},
    {"user", "USER", UNIT_NONE, 0, 4},       {"lock", "LOCK", UNIT_NONE, 0, 2},
    {"query", "QUERY", UNIT_NONE, 0, 0},     {"depth", "DEPTH", UNIT_COUNT, 0, 9},
    {"xact_s", "IN TX", UNIT_SECONDS, 6, 5}, {"application", "APPLICATION", UNIT_NONE, 0, 6},
};
enum { COLUMN_STATE = 3, COLUMN_LOCK = 5, COLUMN_DEPTH = 7 };

struct tree {
    const struct pg_rows *rows;
    struct reading *out;
    struct table *table;
    uint32_t n;
    bool drawn[MAX_NODES];
};

const char *pg_locks_sql(int server_version) {
    return server_version >= 140000 ? sql_14 : sql_13;
}

/* Is `pid` one of the numbers in "12,34"? */
static bool list_has(const char *list, const char *pid) {
    size_t n = strlen(pid);
    for (const char *at = list; n && (at = strstr(at, pid)); at += n) {
        bool begins = at == list || at[-1] == ',';
        bool ends = at[n] == '\0' || at[n] == ',';
        if (begins && ends)
            return true;
    }
    return false;
}

static const char *cell(const struct tree *t, uint32_t i, const char *column) {
    const char *s = pg_cell(t->rows, i, column);
    return s ? s : "";
}

static void tree_draw(struct tree *t, uint32_t i, uint32_t depth) {
    bool root = !cell(t, i, "blocked_by")[0];
    const char *state = pg_cell(t->rows, i, "state");
    t->drawn[i] = true;
    struct row *row = rows_add_row(t->out, t->table, t->rows, i, "pid", NULL);
    row->health = root ? HEALTH_CRITICAL : HEALTH_WARNING;
    row_int(row, COLUMN_DEPTH, depth);
    if (!state)
        row_text(t->out, row, COLUMN_STATE, "not visible");
    if (strcmp(cell(t, i, "has_lock"), "1") != 0)
        row->cells[COLUMN_LOCK] = value_none();
    for (uint32_t j = 0; depth < MAX_DEPTH && j < t->n; j++)
        if (!t->drawn[j] && list_has(cell(t, j, "blocked_by"), cell(t, i, "pid")))
            tree_draw(t, j, depth + 1);
}

/* No session can be ended there, which is what helps everywhere else. */
static void judge_prepared(const struct tree *t) {
    for (uint32_t i = 0; i < t->n; i++)
        if (strcmp(cell(t, i, "pid"), "0") == 0)
            reading_finding(t->out, HEALTH_WARNING, "prepared_blocks",
                            "`COMMIT PREPARED` or `ROLLBACK PREPARED` it, in its own database",
                            "sessions wait for a prepared transaction: %.80s", cell(t, i, "query"));
}

static void count_waiting(const struct pg_rows *rows, struct reading *out) {
    int64_t blocked = 0, roots = 0, waits;
    double longest = 0, s;
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        const char *by = pg_cell(rows, i, "blocked_by");
        roots += !by || !by[0];
        if (!pg_cell_i64(rows, i, "waits", &waits) || !waits)
            continue;
        blocked++;
        if (pg_cell_double(rows, i, "wait_s", &s) && s > longest)
            longest = s;
    }
    reading_int(out, "blocked", UNIT_COUNT, blocked);
    reading_int(out, "blocking_roots", UNIT_COUNT, roots);
    if (blocked)
        reading_real(out, "longest_wait_s", UNIT_SECONDS, longest);
}

void pg_locks_tree(const struct pg_rows *rows, struct reading *out) {
    struct tree t = {.rows = rows, .out = out};
    t.n = rows->n_rows < MAX_NODES ? rows->n_rows : MAX_NODES;
    t.table = reading_add_table(out, "blocking", "Locks", columns, ARRAY_LEN(columns));
    for (uint32_t i = 0; i < t.n; i++)
        if (!t.drawn[i] && !cell(&t, i, "blocked_by")[0])
            tree_draw(&t, i, 0);
    for (uint32_t i = 0; i < t.n; i++) /* a ring, or a blocker that is gone by now */
        if (!t.drawn[i])
            tree_draw(&t, i, 0);
    judge_prepared(&t);
    count_waiting(rows, out);
}
