/* act/drill_checks.c - every check of a drill. The runbook's own come first with its words (R94 to
 * R105); what it does not ask has the same shape. */
#include <string.h>

#include "drill_priv.h"
#include "io/pgsession.h"
#include "io/worker.h"
#include "model/tables.h"

#define CONNECT_MS   10000
#define QUERY_MS     120000
#define SCAN_WORKERS 2

/* What is asked beside the scan and the foreign keys: it needs rows and indexes alone, and would
 * else keep one core busy at the end while the other waits. Has an arena of its own. */
struct aside {
    struct side_work work;
    struct arena arena;
    struct pairs money;
    struct {
        const char *index; /* NULL = none was restored */
        int64_t indexed, plain;
        bool uses;
    } spatial;
    bool ok;
    struct err err;
};

struct checks {
    struct job *job;
    struct arena *arena;
    const struct pg_target *target;
    const struct expectation *expected;
    struct drill_report *report;
    struct pgsession *session; /* the thread's aside, until it is waited for */
    struct aside aside;
    struct content_scan *scan; /* of the restored rows */
    struct content content;
    struct catalog catalog;
};

static const char *source_word(const struct checks *c) {
    return expectation_source(c->expected);
}

/* ---- tables ---- */

/* What the backup was taken from decides; the runbook's names are asked for where it had them. */
static void check_tables(struct checks *c) {
    struct str missing;
    uint32_t n_expected = 0, n_missing = 0;
    str_init(&missing, 900);
    for (uint32_t i = 0; i < c->expected->content.n; i++) {
        const struct content_table *t = &c->expected->content.tables[i];
        n_expected++;
        if (content_find(&c->content, t->schema, t->name))
            continue;
        n_missing++;
        str_printf(&missing, " %s", t->name);
    }
    for (size_t i = 0; i < ARRAY_LEN(platform_tables); i++)
        if (!content_find(&c->expected->content, "public", platform_tables[i]) &&
            !content_find(&c->content, "public", platform_tables[i])) {
            n_missing++;
            str_printf(&missing, " %s", platform_tables[i]);
        }
    if (n_missing)
        report_add(c->report, CHECK_FAIL, "Table existence", "%u missing:%s", n_missing,
                   str_get(&missing));
    else
        report_add(c->report, CHECK_PASS, "Table existence", "All %u expected tables present",
                   n_expected);
    str_done(&missing);
    for (uint32_t i = 0; i < c->content.n; i++)
        if (!content_find(&c->expected->content, c->content.tables[i].schema,
                          c->content.tables[i].name))
            report_add(c->report, CHECK_WARNING, "Further table", "%s.%s is not in %s",
                       c->content.tables[i].schema, c->content.tables[i].name, source_word(c));
}

static void scan_start(struct checks *c) {
    int64_t total = 0;
    for (uint32_t i = 0; i < c->expected->content.n; i++)
        total += (int64_t)c->expected->content.tables[i].sum.bytes;
    job_stage(c->job, "compare", UNIT_BYTES, total);
    c->scan = content_scan_start(c->target, NULL, SCAN_WORKERS, job_cancel_fd(c->job), &c->content);
}

static bool scan_finish(struct checks *c, struct err *err) {
    uint64_t bytes = 0;
    bool ok = content_scan_finish(c->scan, err);
    c->scan = NULL;
    for (uint32_t i = 0; i < c->content.n; i++)
        bytes += c->content.tables[i].sum.bytes;
    job_progress(c->job, (int64_t)bytes, NULL);
    return ok;
}

/* ---- counts and contents ---- */

static void check_counts(struct checks *c) {
    struct str bad;
    uint32_t n_bad = 0;
    str_init(&bad, 900);
    for (uint32_t i = 0; i < c->expected->content.n; i++) {
        const struct content_table *e = &c->expected->content.tables[i];
        const struct content_table *f = content_find(&c->content, e->schema, e->name);
        if (!f || f->sum.rows == e->sum.rows)
            continue;
        n_bad++;
        str_printf(&bad, " %s has %s rows, not %s;", e->name, GROUPED(f->sum.rows),
                   GROUPED(e->sum.rows));
    }
    if (!n_bad)
        report_add(c->report, CHECK_PASS, "Row counts", "All tables match %s", source_word(c));
    else /* the live source may have moved on: each table's own check says which it is */
        report_add(c->report, c->expected->live ? CHECK_WARNING : CHECK_FAIL, "Row counts",
                   "%s with other rows than %s:%s", COUNTED(n_bad, "table"), source_word(c),
                   str_get(&bad));
    str_done(&bad);
}

/* The runbook's label where it gives one. */
static const char *checksum_label(struct arena *a, const char *table) {
    return strcmp(table, "User") == 0 ? "Checksum: User identities"
                                      : arena_printf(a, "Checksum: %s", table);
}

static bool check_content(struct checks *c, const struct content_table *e, struct err *err) {
    char hex[33];
    const char *label = checksum_label(c->arena, e->name);
    const struct content_table *f = content_find(&c->content, e->schema, e->name);
    if (!f)
        return true; /* said by "Table existence" */
    content_hex(&f->sum, hex);
    if (content_equal(&e->sum, &f->sum)) {
        report_add(c->report, CHECK_PASS, label, "Hashes match (%.12s...)", hex);
        return true;
    }
    if (c->expected->live)
        return rows_compare(c->target, c->expected, f, c->report, job_cancel_fd(c->job), err);
    char want[33];
    content_hex(&e->sum, want);
    report_add(c->report, CHECK_FAIL, label,
               "Hashes differ (%.12s... not %.12s...): %s restored, %s dumped", hex, want,
               COUNTED(f->sum.rows, "row"), GROUPED(e->sum.rows));
    return true;
}

/* ---- validity ---- */

/* NOT NULL is the column's, and a partition's constraints are its parent's, as in the catalogue. */
static const char invalid_sql[] =
    "SELECT conrelid::regclass::text || '.' || conname AS name, 'constraint' AS kind"
    " FROM pg_constraint WHERE NOT convalidated AND contype <> 'n' AND conparentid = 0"
    " UNION ALL SELECT indexrelid::regclass::text, 'index' FROM pg_index"
    " WHERE NOT indisvalid OR NOT indisready ORDER BY kind DESC, name LIMIT 10000";

static bool ends_with(const char *s, const char *end) {
    size_t n = strlen(s), n_end = strlen(end);
    return n >= n_end && !strcmp(s + n - n_end, end);
}

/* Those that were not validated where they were dumped, and cannot be here. */
static uint32_t unvalidated_before(const struct catalog *c) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n; i++)
        n += !strcmp(c->items[i].kind, "constraint") &&
             (ends_with(c->items[i].definition, " NOT VALID") ||
              ends_with(c->items[i].definition, " NOT ENFORCED"));
    return n;
}

/* Which constraints they are is compared with their definitions. */
static bool check_valid(struct checks *c, struct err *err) {
    struct pg_rows rows;
    uint32_t n_constraints = 0, before = unvalidated_before(&c->expected->catalog);
    if (!pgsession_rows(c->session, invalid_sql, QUERY_MS, c->arena, &rows, err))
        return false;
    for (uint32_t i = 0; i < rows.n_rows; i++)
        n_constraints += !strcmp(pg_cell(&rows, i, "kind"), "constraint");
    uint32_t n_indexes = rows.n_rows - n_constraints;
    uint32_t n_bad = n_indexes + (n_constraints > before ? n_constraints - before : 0);
    if (n_bad)
        report_add(c->report, CHECK_FAIL, "Foreign keys and indexes valid", "%u are not, first: %s",
                   n_bad, pg_cell(&rows, 0, "name"));
    else if (n_constraints)
        report_add(c->report, CHECK_PASS, "Foreign keys and indexes valid",
                   "Every index ready, every constraint validated but %u, as in %s", n_constraints,
                   source_word(c));
    else
        report_add(c->report, CHECK_PASS, "Foreign keys and indexes valid",
                   "Every constraint is validated, every index ready");
    return true;
}

/* ---- PostGIS, really used ---- */

static const char gist_sql[] =
    "SELECT i.indexrelid::regclass::text AS index, c.relname AS table_name, a.attname AS "
    "column_name"
    " FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam"
    " JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
    " JOIN pg_type t ON t.oid = a.atttypid"
    " WHERE m.amname = 'gist' AND t.typname = 'geometry' AND n.nspname = 'public'"
    " ORDER BY c.relname = 'Property' DESC, c.relname LIMIT 1";

static bool plan_uses(struct checks *c, const char *sql, const char *index, bool *ret_uses,
                      struct err *err) {
    struct pg_rows rows;
    struct arena *a = &c->aside.arena;
    const char *explain = arena_printf(a, "EXPLAIN (COSTS off) %s", sql);
    if (!pgsession_rows(c->session, explain, QUERY_MS, a, &rows, err))
        return false;
    const char *bare = *index == '"' ? arena_strndup(a, index + 1, strlen(index) - 2) : index;
    *ret_uses = false;
    for (uint32_t i = 0; i < rows.n_rows; i++)
        if (rows.cells[i][0] && strstr(rows.cells[i][0], bare))
            *ret_uses = true;
    return true;
}

static bool count_with(struct checks *c, const char *setting, const char *sql, int64_t *ret_n,
                       struct err *err) {
    struct pg_rows rows;
    struct arena *a = &c->aside.arena;
    return pgsession_run(c->session, setting, QUERY_MS, err) &&
           pgsession_rows(c->session, sql, QUERY_MS, a, &rows, err) &&
           pg_cell_i64(&rows, 0, "n", ret_n);
}

/* The same question through the index and without it must have the same answer. */
static bool spatial_read(struct checks *c, struct err *err) {
    static const char through[] = "SET enable_seqscan = off; SET enable_indexscan = on;"
                                  " SET enable_bitmapscan = on";
    static const char without[] = "SET enable_seqscan = on; SET enable_indexscan = off;"
                                  " SET enable_bitmapscan = off; SET enable_indexonlyscan = off";
    static const char as_before[] = "RESET enable_seqscan; RESET enable_indexscan;"
                                    " RESET enable_bitmapscan; RESET enable_indexonlyscan";
    struct pg_rows rows;
    struct arena *a = &c->aside.arena;
    if (!pgsession_rows(c->session, gist_sql, QUERY_MS, a, &rows, err))
        return false;
    const char *index = c->aside.spatial.index = rows.n_rows ? pg_cell(&rows, 0, "index") : NULL;
    if (!index)
        return true;
    const char *column = pg_quote_name(a, pg_cell(&rows, 0, "column_name"));
    const char *table = pg_quote_name(a, pg_cell(&rows, 0, "table_name"));
    const char *sql = arena_printf(a,
                                   "SELECT count(*) AS n FROM public.%s WHERE %s &&"
                                   " ST_Expand((SELECT ST_SetSRID(ST_Extent(%s)::geometry, 4326)"
                                   " FROM public.%s), 1) AND ST_IsValid(%s)",
                                   table, column, column, table, column);
    return count_with(c, through, sql, &c->aside.spatial.indexed, err) &&
           plan_uses(c, sql, index, &c->aside.spatial.uses, err) &&
           count_with(c, without, sql, &c->aside.spatial.plain, err) &&
           pgsession_run(c->session, as_before, QUERY_MS, err);
}

static void check_spatial(struct checks *c) {
    const char *index = c->aside.spatial.index;
    bool uses = c->aside.spatial.uses;
    long long indexed = c->aside.spatial.indexed, plain = c->aside.spatial.plain;
    if (!index)
        report_add(c->report, CHECK_FAIL, "PostGIS query",
                   "no GIST index on a geometry column was restored");
    else if (!uses || indexed != plain)
        report_add(c->report, CHECK_FAIL, "PostGIS query",
                   uses ? "through %s %s rows, without it %s"
                        : "%s is not used (%s rows, without it %s)",
                   index, GROUPED(indexed), GROUPED(plain));
    else
        report_add(c->report, CHECK_PASS, "PostGIS query", "%s through %s, the same without it",
                   COUNTED(indexed, "row"), index);
}

/* ---- money ---- */

static const char money_sql[] =
    "SELECT \"status\"::text AS status, count(*) || ' payments, ' ||"
    " coalesce(sum(\"amountVND\"), 0) || ' VND' AS money FROM public.\"Payment\""
    " GROUP BY 1 ORDER BY 1";

bool money_read(struct pgsession *s, struct arena *a, const struct content *content,
                struct pairs *ret, struct err *err) {
    struct pg_rows rows;
    ret->n = 0;
    if (!content_find(content, "public", "Payment"))
        return true;
    if (!pgsession_rows(s, money_sql, 0, a, &rows, err))
        return false;
    for (uint32_t i = 0; i < rows.n_rows && i < PLAN_MAX_PAIRS; i++)
        ret->at[ret->n++] = (struct pair){pg_cell(&rows, i, "status"), pg_cell(&rows, i, "money")};
    return true;
}

static const char *money_of(const struct pairs *pairs, const char *status) {
    for (uint32_t i = 0; i < pairs->n; i++)
        if (strcmp(pairs->at[i].name, status) == 0)
            return pairs->at[i].value;
    return "none";
}

static void check_money(struct checks *c) {
    const struct pairs *found = &c->aside.money;
    uint32_t n_bad = 0;
    enum check_status bad = c->expected->live ? CHECK_WARNING : CHECK_FAIL;
    const struct pairs *want = &c->expected->money;
    for (uint32_t i = 0; i < want->n; i++) {
        const char *is = money_of(found, want->at[i].name);
        if (strcmp(is, want->at[i].value) == 0)
            continue;
        n_bad++;
        report_add(c->report, bad, arena_printf(c->arena, "Money: %s", want->at[i].name),
                   "restored %s, in %s %s", is, source_word(c), want->at[i].value);
    }
    for (uint32_t i = 0; i < found->n; i++)
        if (strcmp(money_of(want, found->at[i].name), "none") == 0) {
            n_bad++;
            report_add(c->report, bad, arena_printf(c->arena, "Money: %s", found->at[i].name),
                       "restored %s, in %s none", found->at[i].value, source_word(c));
        }
    if (!n_bad)
        report_add(c->report, CHECK_PASS, "Money", "Sums of %u payment states match %s", want->n,
                   source_word(c));
}

/* ---- all of them ---- */

static void *aside_work(void *arg) {
    struct checks *c = arg;
    struct aside *q = &c->aside;
    q->ok = money_read(c->session, &q->arena, &c->content, &q->money, &q->err) &&
            spatial_read(c, &q->err);
    return NULL;
}

static bool aside_finish(struct checks *c, struct err *err) {
    side_work_end(&c->aside.work);
    if (!c->aside.ok)
        *err = c->aside.err;
    return c->aside.ok;
}

static bool run_all(struct checks *c, struct err *err) {
    if (!scan_finish(c, err) || !aside_finish(c, err) ||
        !catalog_read(c->session, c->arena, &c->catalog, err))
        return false;
    check_tables(c);
    check_counts(c);
    for (uint32_t i = 0; i < c->expected->content.n; i++)
        if (!check_content(c, &c->expected->content.tables[i], err))
            return false;
    check_definitions(c->report, c->expected, &c->catalog, pgsession_version(c->session));
    if (!check_valid(c, err))
        return false;
    check_money(c);
    check_spatial(c);
    return true;
}

void checks_drop(struct checks *c) {
    struct err ignored;
    if (!c)
        return;
    if (c->scan && !content_scan_finish(c->scan, &ignored))
        job_log(c->job, "the scan of what was restored ended: %s", ignored.why);
    side_work_end(&c->aside.work);
    arena_done(&c->aside.arena);
    pgsession_close(c->session);
}

struct checks *checks_begin(struct job *j, const struct pg_target *target,
                            const struct expectation *e, struct drill_report *r, struct err *err) {
    struct checks *c = arena_alloc(job_arena(j), sizeof *c);
    *c = (struct checks){
        .job = j, .arena = job_arena(j), .target = target, .expected = e, .report = r};
    arena_init(&c->aside.arena);
    if (!pgsession_open(target, "goodgo drill", CONNECT_MS, job_cancel_fd(j), &c->session, err) ||
        !content_tables(c->session, c->arena, &c->content, err)) {
        checks_drop(c);
        return NULL;
    }
    scan_start(c);
    side_work_begin(&c->aside.work, aside_work, c);
    return c;
}

const struct content_scan *checks_scan(const struct checks *c) {
    return c->scan;
}

bool checks_finish(struct checks *c, struct err *err) {
    bool ok = run_all(c, err);
    checks_drop(c);
    return ok;
}
