/* act/content.c - sums over rows, and which tables there are. See content_scan.c for the reading.
 */
#include "act/content.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "content_priv.h"
#include "io/pgsession.h"
#include "wire/exchange.h"

#define TABLES_MAX          100000u
#define QUERY_MS            60000u
#define PAGE_RANGES_VERSION 140000 /* before, a range of pages meant to read the whole table */

void content_merge(struct content_sum *sum, const struct content_sum *part) {
    sum->low += part->low;
    sum->high += part->high + (sum->low < part->low); /* carry */
    sum->rows += part->rows;
    sum->bytes += part->bytes;
}

void content_add(struct content_sum *sum, const char *line, size_t n) {
    XXH128_hash_t h = XXH3_128bits(line, n);
    struct content_sum row = {.high = h.high64, .low = h.low64, .rows = 1, .bytes = n + 1};
    content_merge(sum, &row);
}

bool content_equal(const struct content_sum *a, const struct content_sum *b) {
    return a->high == b->high && a->low == b->low && a->rows == b->rows && a->bytes == b->bytes;
}

void content_hex(const struct content_sum *sum, char hex[33]) {
    snprintf(hex, 33, "%016llx%016llx", (unsigned long long)sum->high,
             (unsigned long long)sum->low);
}

static bool parse_half(const char *hex, uint64_t *ret) {
    static const char digits[] = "0123456789abcdef";
    uint64_t n = 0;
    for (int i = 0; i < 16; i++) {
        const char *d = hex[i] ? strchr(digits, hex[i]) : NULL;
        if (!d)
            return false;
        n = n << 4 | (uint64_t)(d - digits);
    }
    *ret = n;
    return true;
}

bool content_parse(const char *hex, struct content_sum *ret_sum) {
    struct content_sum sum = {0};
    if (!parse_half(hex, &sum.high) || !parse_half(hex + 16, &sum.low) || hex[32])
        return false;
    *ret_sum = sum;
    return true;
}

const struct content_table *content_find(const struct content *c, const char *schema,
                                         const char *name) {
    for (uint32_t i = 0; i < c->n; i++)
        if (strcmp(c->tables[i].name, name) == 0 && strcmp(c->tables[i].schema, schema) == 0)
            return &c->tables[i];
    return NULL;
}

/* Those whose rows pg_dump writes: ordinary tables and leaf partitions, neither temporary nor an
 * extension's. Column names are quoted always, so that the text does not depend on which words a
 * version reserves. */
static const char tables_sql[] =
    "SELECT n.nspname AS schema, c.relname AS name,"
    " (SELECT pg_catalog.string_agg('\"' || pg_catalog.replace(a.attname, '\"', '\"\"') || '\"',"
    "   ', ' ORDER BY a.attnum)"
    "  FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0"
    "  AND NOT a.attisdropped AND a.attgenerated = '') AS columns,"
    " coalesce(pg_catalog.pg_table_size(c.oid), 0) AS bytes,"
    " coalesce(pg_catalog.pg_relation_size(c.oid), 0)"
    "  / pg_catalog.current_setting('block_size')::int AS pages"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND c.relpersistence <> 't'"
    " AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'"
    "  AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid"
    "  AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass)"
    " ORDER BY n.nspname COLLATE \"C\", c.relname COLLATE \"C\"";

bool content_tables(struct pgsession *s, struct arena *a, struct content *ret, struct err *err) {
    struct pg_rows rows;
    const struct pg_statement st = {
        .sql = tables_sql, .max_rows = TABLES_MAX, .timeout_ms = QUERY_MS};
    if (!pgsession_exec(s, &st, a, &rows, err))
        return false;
    if (rows.cut)
        return err_set(err, E_TOO_BIG, "content.tables", "", "more than %u tables", TABLES_MAX);
    struct content_table *tables = arena_alloc(a, (rows.n_rows + 1) * sizeof *tables);
    for (uint32_t i = 0; i < rows.n_rows; i++) {
        const char *columns = pg_cell(&rows, i, "columns");
        tables[i].schema = pg_cell(&rows, i, "schema");
        tables[i].name = pg_cell(&rows, i, "name");
        tables[i].columns = columns ? columns : "";
        if (!tables[i].schema || !tables[i].name ||
            !pg_cell_i64(&rows, i, "bytes", &tables[i].estimated_bytes) ||
            !pg_cell_i64(&rows, i, "pages", &tables[i].heap_pages))
            return err_set(err, E_PROTOCOL, "content.tables", "", "the list of tables is broken");
        if (pgsession_version(s) < PAGE_RANGES_VERSION)
            tables[i].heap_pages = 0;
    }
    *ret = (struct content){tables, rows.n_rows};
    return true;
}
