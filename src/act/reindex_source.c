/* act/reindex_source.c - listings and properties from PostgreSQL's direct server: snapshots, COPY
 * streams, and which rows changed since. A row that changed has a younger xmin, whatever changed
 * it: updatedAt is only as good as every writer's care. */
#include <string.h>

#include "reindex_priv.h"

#define CONNECT_MS 10000u
#define QUERY_MS   600000u
#define SQL_MAX    ((size_t)32 << 20)

static const char identity_sql[] =
    "SELECT system_identifier || ':' || timeline_id || ':' ||"
    " (SELECT oid FROM pg_database WHERE datname = current_database()) AS identity,"
    " pg_relation_filenode('\"Listing\"') AS file"
    " FROM pg_control_system(), pg_control_checkpoint()";

bool source_open(struct source *s, const struct settings *settings, bool active_only, int cancel_fd,
                 struct arena *a, struct err *err) {
    struct pg_rows rows;
    *s = (struct source){.arena = a, .active_only = active_only};
    if (!settings->has_postgres)
        return err_set(err, E_CONFIG, "reindex", "postgres", "this context has no database");
    if (!pgsession_open(&settings->postgres, "goodgo reindex", CONNECT_MS, cancel_fd, &s->pg, err))
        return false;
    if (!pgsession_rows(s->pg, identity_sql, QUERY_MS, a, &rows, err)) {
        source_close(s);
        return false;
    }
    s->identity = pg_cell(&rows, 0, "identity");
    s->file = pg_cell(&rows, 0, "file");
    if (!s->identity || !s->file) {
        source_close(s);
        return err_set(err, E_PROTOCOL, "reindex", "postgres", "the server does not say who it is");
    }
    return true;
}

void source_close(struct source *s) {
    pgsession_close(s->pg);
    s->pg = NULL;
}

static bool exec(struct source *s, const char *sql, uint32_t max_rows, struct arena *a,
                 struct pg_rows *ret, struct err *err) {
    const struct pg_statement st = {.sql = sql, .max_rows = max_rows, .timeout_ms = QUERY_MS};
    return pgsession_exec(s->pg, &st, a, ret, err);
}

static bool count_all(struct source *s, struct status_counts *ret, struct err *err) {
    struct pg_rows rows;
    struct arena a;
    arena_init(&a);
    const char *sql = arena_printf(&a,
                                   "SELECT \"status\"::text AS status, count(*) AS n FROM"
                                   " \"Listing\"%s GROUP BY 1",
                                   s->active_only ? " WHERE \"status\" = 'ACTIVE'" : "");
    bool ok = exec(s, sql, STATUSES, &a, &rows, err);
    *ret = (struct status_counts){0};
    for (uint32_t i = 0; ok && i < rows.n_rows; i++) {
        int64_t n;
        const char *status = pg_cell(&rows, i, "status");
        if (status && pg_cell_i64(&rows, i, "n", &n))
            status_counts_add(ret, status, n);
    }
    arena_done(&a);
    return ok;
}

bool source_begin(struct source *s, struct status_counts *ret_counts, struct err *err) {
    struct pg_rows rows;
    struct arena a;
    arena_init(&a);
    bool ok = exec(s, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", 1, &a, NULL, err) &&
              exec(s, "SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin", 1, &a, &rows, err);
    if (ok) {
        const char *xmin = pg_cell(&rows, 0, "xmin");
        s->xmin = arena_strdup(s->arena, xmin ? xmin : "0");
        ok = !ret_counts || count_all(s, ret_counts, err);
    }
    arena_done(&a);
    return ok;
}

bool source_end(struct source *s, struct err *err) {
    struct arena a;
    arena_init(&a);
    bool ok = exec(s, "COMMIT", 1, &a, NULL, err);
    arena_done(&a);
    return ok;
}

/* Conditions joined by AND behind WHERE. */
static void add_where(const struct source *s, struct str *sql, const char *where) {
    const char *const conditions[] = {s->active_only ? "l.\"status\" = 'ACTIVE'" : NULL, where};
    const char *word = " WHERE ";
    for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
        if (!conditions[i])
            continue;
        str_printf(sql, "%s(%s)", word, conditions[i]);
        word = " AND ";
    }
}

static bool copy(struct source *s, struct str *sql,
                 bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                 uint64_t *ret_rows, struct err *err) {
    uint64_t rows = 0;
    str_puts(sql, ") TO STDOUT");
    bool ok = sql->toobig ? err_set(err, E_INTERNAL, "reindex", "sql", "a statement is too long")
                          : pgsession_copy_out(s->pg, str_get(sql), on_line, ctx, &rows, err);
    if (ret_rows)
        *ret_rows = rows;
    str_done(sql);
    return ok;
}

/* A scan that joins another one half-way, or workers, would give up the order of the table. */
static const char in_place_sql[] =
    "SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0";

static bool prepare_order(struct source *s, enum doc_order order, struct err *err) {
    struct arena a;
    arena_init(&a);
    bool ok = order != ORDER_IN_PLACE || exec(s, in_place_sql, 1, &a, NULL, err);
    arena_done(&a);
    return ok;
}

bool source_documents(struct source *s, const char *where, enum doc_order order,
                      bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                      uint64_t *ret_rows, struct err *err) {
    struct str sql;
    if (!prepare_order(s, order, err))
        return false;
    str_init(&sql, SQL_MAX);
    str_puts(&sql, "COPY (");
    doc_add_select(&sql, order == ORDER_IN_PLACE);
    add_where(s, &sql, where);
    if (order == ORDER_BY_ID) /* as bytes: both sides are merged in it */
        str_puts(&sql, " ORDER BY l.\"id\" COLLATE \"C\"");
    return copy(s, &sql, on_line, ctx, ret_rows, err);
}

bool source_ids(struct source *s, bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                struct err *err) {
    struct str sql;
    str_init(&sql, 4096);
    str_puts(&sql, "COPY (SELECT l.\"id\" FROM \"Listing\" l");
    add_where(s, &sql, NULL);
    str_puts(&sql, " ORDER BY l.\"id\" COLLATE \"C\"");
    return copy(s, &sql, on_line, ctx, NULL, err);
}

const char *source_changed_since(struct arena *a, const char *xmin) {
    /* age() of a row that is frozen or 2^31 transactions old comes out small: it is sent once more,
     * which is harmless. */
    return arena_printf(a,
                        "age(l.xmin) <= age('%s'::xid8::xid) OR age(p.xmin) <= "
                        "age('%s'::xid8::xid)",
                        xmin, xmin);
}

bool source_changed_ids(struct source *s, const char *table, const char *xmin,
                        bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                        struct err *err) {
    struct str sql;
    str_init(&sql, 4096);
    str_printf(&sql, "COPY (SELECT \"id\" FROM \"%s\" WHERE age(xmin) <= age('%s'::xid8::xid)",
               table, xmin);
    return copy(s, &sql, on_line, ctx, NULL, err);
}

const char *source_in(struct arena *a, const char *column, const char *const *ids, uint32_t n) {
    struct str s;
    str_init(&s, SQL_MAX);
    str_printf(&s, "%s IN (", column);
    for (uint32_t i = 0; i < n; i++)
        str_printf(&s, "%s%s", i ? "," : "", pg_quote_text(a, ids[i]));
    str_puts(&s, ")");
    const char *copied = arena_strndup(a, str_get(&s), s.len);
    str_done(&s);
    return copied;
}

bool source_living(struct source *s, const char *const *ids, uint32_t n, bool *keep,
                   struct err *err) {
    struct arena a;
    struct pg_rows rows;
    struct str where;
    arena_init(&a);
    str_init(&where, 1 << 20);
    add_where(s, &where, source_in(&a, "l.\"id\"", ids, n));
    const char *sql =
        arena_printf(&a, "SELECT l.\"id\" AS id FROM \"Listing\" l%s", str_get(&where));
    bool ok = exec(s, sql, n, &a, &rows, err);
    for (uint32_t i = 0; ok && i < n; i++) {
        keep[i] = false;
        for (uint32_t k = 0; k < rows.n_rows && !keep[i]; k++) {
            const char *id = pg_cell(&rows, k, "id");
            keep[i] = id && strcmp(id, ids[i]) == 0;
        }
    }
    str_done(&where);
    arena_done(&a);
    return ok;
}

bool source_sample(struct source *s, uint32_t n, int64_t total,
                   bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                   struct err *err) {
    struct str sql;
    struct arena a;
    arena_init(&a);
    /* Over the hash of the id: the same listings on every run, from all over the table. */
    int64_t every = total > (int64_t)n ? total / n : 1;
    const char *where =
        arena_printf(&a, "(hashtext(l.\"id\") & 2147483647) %% %lld = 0", (long long)every);
    str_init(&sql, 1 << 16);
    str_puts(&sql, "COPY (");
    doc_add_select(&sql, false);
    add_where(s, &sql, where);
    str_printf(&sql, " LIMIT %u", n);
    bool ok = copy(s, &sql, on_line, ctx, NULL, err);
    arena_done(&a);
    return ok;
}
