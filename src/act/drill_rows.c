/* act/drill_rows.c - which rows of a table differ from the live source, and whether they were
 * written since the dump or are damaged. Rows are compared in 256 buckets of their key's hash, so
 * that a table of any size takes bounded memory; only buckets that differ are read. */
#include <string.h>

#include "drill_priv.h"
#include "io/pgsession.h"

#define CONNECT_MS   10000
#define BUCKETS      256
#define READ_BUCKETS 16
#define ROWS_MAX     10000
#define NAMED_MAX    5
#define SECOND_MS    1000

struct side {
    struct pgsession *session;
    struct pg_rows sums, rows;
};
struct compare {
    struct arena *arena;
    const struct expectation *expected;
    const struct content_table *table;
    struct drill_report *report;
    struct side live, restored;
    const char *key, *stamp; /* SQL expressions; stamp NULL = the table does not say */
    const char *from;        /* quoted table */
    uint32_t n_damaged, n_newer, n_unclear;
    bool sample;                 /* not all that differs was read */
    struct str damaged, unclear; /* the first of them by name */
};

static const char shape_sql[] =
    "SELECT (SELECT string_agg(quote_ident(a.attname) || '::text', ' || ''/'' || '"
    " ORDER BY array_position(i.indkey, a.attnum))"
    " FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
    " WHERE i.indrelid = c.oid AND i.indisprimary) AS key,"
    " (SELECT 'greatest(' || string_agg(quote_ident(a.attname), ', ') || ')'"
    " FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped"
    " AND a.attname IN ('createdAt', 'updatedAt', 'started_at', 'finished_at')) AS stamp"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relname = $2";

static bool read_shape(struct compare *c, struct err *err) {
    struct pg_rows rows;
    const char *params[] = {c->table->schema, c->table->name};
    const struct pg_statement st = {.sql = shape_sql, .params = params, .n_params = 2};
    if (!pgsession_exec(c->live.session, &st, c->arena, &rows, err))
        return false;
    c->key = rows.n_rows ? pg_cell(&rows, 0, "key") : NULL;
    c->stamp = rows.n_rows ? pg_cell(&rows, 0, "stamp") : NULL;
    c->from = arena_printf(c->arena, "%s.%s", pg_quote_name(c->arena, c->table->schema),
                           pg_quote_name(c->arena, c->table->name));
    return true;
}

/* The hash of a row's text; the sum is over texts, so no linear part cancels out. */
static bool read_sums(struct compare *c, struct side *s, struct err *err) {
    const char *sql = arena_printf(
        c->arena,
        "SELECT (hashtext(%s) & %d) AS bucket, count(*) AS n,"
        " sum(hashtextextended(t::text, 0)::numeric)::text AS sum FROM %s t GROUP BY 1 ORDER BY 1",
        c->key, BUCKETS - 1, c->from);
    const struct pg_statement st = {.sql = sql, .max_rows = BUCKETS};
    return pgsession_exec(s->session, &st, c->arena, &s->sums, err);
}

static const char *bucket_text(const struct compare *c, const struct pg_rows *rows, int bucket) {
    int64_t b;
    for (uint32_t i = 0; i < rows->n_rows; i++)
        if (pg_cell_i64(rows, i, "bucket", &b) && b == bucket)
            return arena_printf(c->arena, "%s/%s", pg_cell(rows, i, "n"), pg_cell(rows, i, "sum"));
    return "";
}

/* Only the live rows know when they were written. */
static const char *writer_sql(const struct compare *c, const struct side *s) {
    const struct expectation *e = c->expected;
    if (s != &c->live)
        return "";
    return arena_printf(c->arena,
                        ", (extract(epoch FROM %s) * 1000)::bigint AS stamp_ms,"
                        " (extract(epoch FROM %s) * 1000)::bigint AS commit_ms,"
                        " (age(t.xmin) <= age(%s::text::xid))::int AS since, (age(t.xmin) >= "
                        "age(%s::text::xid))::int AS before",
                        c->stamp ? c->stamp : "NULL::timestamp",
                        e->commit_times ? "pg_xact_commit_timestamp(t.xmin)" : "NULL::timestamptz",
                        e->since_xid ? arena_printf(c->arena, "'%s'", e->since_xid) : "NULL",
                        e->before_xid ? arena_printf(c->arena, "'%s'", e->before_xid) : "NULL");
}

static bool read_rows(struct compare *c, struct side *s, int bucket, struct err *err) {
    const char *sql = arena_printf(
        c->arena,
        "SELECT %s AS key, hashtextextended(t::text, 0)::text AS hash%s"
        " FROM %s t WHERE (hashtext(%s) & %d) = %d ORDER BY (%s) COLLATE \"C\" LIMIT %d",
        c->key, writer_sql(c, s), c->from, c->key, BUCKETS - 1, bucket, c->key, ROWS_MAX);
    const struct pg_statement st = {.sql = sql, .max_rows = ROWS_MAX};
    return pgsession_exec(s->session, &st, c->arena, &s->rows, err);
}

/* ---- what a difference is ---- */

enum written { WRITTEN_SINCE, WRITTEN_BEFORE, WRITTEN_UNCLEAR };

/* By its own times, or by its last writer: counters are often raised without touching updatedAt. */
static enum written written_when(const struct compare *c, uint32_t i) {
    const struct expectation *e = c->expected;
    const struct pg_rows *rows = &c->live.rows;
    int64_t n;
    if (pg_cell_i64(rows, i, "stamp_ms", &n) && n >= e->taken_wall_ms)
        return WRITTEN_SINCE;
    if (pg_cell_i64(rows, i, "commit_ms", &n))
        return n > e->taken_wall_ms + SECOND_MS     ? WRITTEN_SINCE
               : n < e->taken_wall_ms - e->doubt_ms ? WRITTEN_BEFORE
                                                    : WRITTEN_UNCLEAR;
    if (pg_cell_i64(rows, i, "since", &n) && n)
        return WRITTEN_SINCE;
    return pg_cell_i64(rows, i, "before", &n) && n ? WRITTEN_BEFORE : WRITTEN_UNCLEAR;
}

static void differs(struct compare *c, uint32_t i, const char *what) {
    enum written when = written_when(c, i);
    struct str *names = when == WRITTEN_BEFORE ? &c->damaged : &c->unclear;
    uint32_t *n = when == WRITTEN_BEFORE    ? &c->n_damaged
                  : when == WRITTEN_UNCLEAR ? &c->n_unclear
                                            : &c->n_newer;
    if (++*n <= NAMED_MAX && when != WRITTEN_SINCE)
        str_printf(names, " %.60s %s;", pg_cell(&c->live.rows, i, "key"), what);
}

/* Where one side is cut nobody knows what it has behind: what the other one has there is neither
 * missing nor new. */
static void merge(struct compare *c) {
    const struct pg_rows *l = &c->live.rows, *r = &c->restored.rows;
    uint32_t i = 0, k = 0;
    while (i < ROWS_MAX && k < ROWS_MAX && (i < l->n_rows || k < r->n_rows)) {
        int order = i == l->n_rows   ? 1
                    : k == r->n_rows ? -1
                                     : strcmp(pg_cell(l, i, "key"), pg_cell(r, k, "key"));
        if (order < 0) {
            differs(c, i++, "is missing");
        } else if (order > 0) {
            c->n_newer++; /* deleted since, or never there: the live database cannot tell any more
                           */
            k++;
        } else {
            if (strcmp(pg_cell(l, i, "hash"), pg_cell(r, k, "hash")) != 0)
                differs(c, i, "has other values");
            i++;
            k++;
        }
    }
    c->sample |= i == ROWS_MAX || k == ROWS_MAX;
}

static bool compare_buckets(struct compare *c, struct err *err) {
    uint32_t read = 0;
    if (!read_sums(c, &c->live, err) || !read_sums(c, &c->restored, err))
        return false;
    for (int b = 0; b < BUCKETS; b++) {
        if (strcmp(bucket_text(c, &c->live.sums, b), bucket_text(c, &c->restored.sums, b)) == 0)
            continue;
        c->sample |= read == READ_BUCKETS;
        if (read == READ_BUCKETS)
            continue;
        read++;
        if (!read_rows(c, &c->live, b, err) || !read_rows(c, &c->restored, b, err))
            return false;
        merge(c);
    }
    return true;
}

static void tell(struct compare *c) {
    const char *label = arena_printf(c->arena, "Checksum: %s", c->table->name);
    const char *part = c->sample ? " in a sample" : "";
    if (c->n_damaged)
        report_add(c->report, CHECK_FAIL, label,
                   "%s damaged%s (%s written since the dump, of %s more it cannot be told):%s",
                   COUNTED(c->n_damaged, "row"), part, GROUPED(c->n_newer), GROUPED(c->n_unclear),
                   str_get(&c->damaged));
    else if (c->n_unclear)
        report_add(
            c->report, CHECK_WARNING, label,
            "%s unlike the source%s, and damage or a write since the dump cannot be told apart"
            " without a manifest or track_commit_timestamp (%s more were written since):%s",
            COUNTED(c->n_unclear, "row"), part, GROUPED(c->n_newer), str_get(&c->unclear));
    else
        report_add(c->report, CHECK_WARNING, label,
                   "%s%s written or deleted since the dump; nothing else differs",
                   COUNTED(c->n_newer, "row"), part);
}

static bool compare_table(struct compare *c, struct err *err) {
    if (!read_shape(c, err))
        return false;
    if (!c->key) {
        report_add(c->report, CHECK_FAIL, arena_printf(c->arena, "Checksum: %s", c->table->name),
                   "differs from the live source, and has no primary key to say in which rows");
        return true;
    }
    if (!compare_buckets(c, err))
        return false;
    tell(c);
    return true;
}

bool rows_compare(const struct pg_target *target, const struct expectation *e,
                  const struct content_table *table, struct drill_report *r, int cancel_fd,
                  struct err *err) {
    struct compare c = {.arena = r->arena, .expected = e, .table = table, .report = r};
    str_init(&c.damaged, 700);
    str_init(&c.unclear, 700);
    bool ok =
        pgsession_open(e->source, "goodgo drill", CONNECT_MS, cancel_fd, &c.live.session, err) &&
        pgsession_open(target, "goodgo drill", CONNECT_MS, cancel_fd, &c.restored.session, err) &&
        compare_table(&c, err);
    pgsession_close(c.live.session);
    pgsession_close(c.restored.session);
    str_done(&c.damaged);
    str_done(&c.unclear);
    return ok;
}
