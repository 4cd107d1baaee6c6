/* act/catalog.c - reads definitions from a server as text, and compares two lists of them. The text
 * must not depend on who asks: search_path is empty while it is read, so every name is qualified.
 * What belongs to an extension is left out, as pg_dump leaves it out. */
#include "act/catalog.h"

#include <stdlib.h>
#include <string.h>

#include "io/pgsession.h"
#include "wire/exchange.h"

#define ROWS_MAX 200000u
#define QUERY_MS 60000u

/* A name as people know it: without the schema where that is public. */
#define NAMED(schema, name)                                                                        \
    "CASE " schema " WHEN 'public' THEN '' ELSE " schema " || '.' END || " name " AS name, "
#define OWN_SCHEMA " n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
#define NOT_OF_EXTENSION(class, oid)                                                               \
    " NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.deptype = 'e' AND e.objid = " oid     \
    " AND e.classid = '" class "'::pg_catalog.regclass) "
#define OWN_TABLE OWN_SCHEMA "AND c.relpersistence <> 't' AND" NOT_OF_EXTENSION("pg_class", "c.oid")

static const struct {
    const char *kind, *sql;
} queries[] = {
    {"table", "SELECT " NAMED("n.nspname", "c.relname") //
     " CASE c.relpersistence WHEN 'u' THEN 'unlogged ' ELSE '' END ||"
     " CASE c.relkind WHEN 'p' THEN 'partitioned by ' ||"
     "  pg_catalog.pg_get_partkeydef(c.oid) ELSE 'table' END ||"
     " coalesce(' partition ' || pg_catalog.pg_get_expr(c.relpartbound, c.oid), '')"
     " AS definition"
     " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
     " WHERE c.relkind IN ('r', 'p') AND" OWN_TABLE},
    {"column", "SELECT " NAMED("n.nspname", "c.relname || '.' || a.attname") //
     " pg_catalog.format_type(a.atttypid, a.atttypmod) ||"
     " CASE WHEN a.attcollation <> t.typcollation THEN"
     "  ' collate ' || a.attcollation::pg_catalog.regcollation ELSE '' END ||"
     " CASE WHEN a.attnotnull THEN ' not null' ELSE '' END ||"
     " CASE a.attidentity WHEN 'a' THEN ' identity always'"
     "  WHEN 'd' THEN ' identity by default' ELSE '' END ||"
     " CASE WHEN d.adbin IS NULL THEN '' ELSE CASE a.attgenerated WHEN ''"
     "  THEN ' default ' ELSE ' generated ' END ||"
     "  pg_catalog.pg_get_expr(d.adbin, d.adrelid) END AS definition"
     " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
     " JOIN pg_namespace n ON n.oid = c.relnamespace"
     " JOIN pg_type t ON t.oid = a.atttypid"
     " LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
     " WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped"
     " AND" OWN_TABLE},
    {"enum", "SELECT " NAMED("n.nspname", "t.typname") //
     " coalesce((SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', '"
     "  ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), '')"
     " AS definition"
     " FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
     " WHERE t.typtype = 'e' AND" OWN_SCHEMA "AND" NOT_OF_EXTENSION("pg_type", "t.oid")},
    /* An index that is not valid is not dumped. */
    {"index", "SELECT " NAMED("n.nspname", "x.relname") //
     " pg_catalog.pg_get_indexdef(x.oid) AS definition"
     " FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
     " JOIN pg_class c ON c.oid = i.indrelid"
     " JOIN pg_namespace n ON n.oid = x.relnamespace"
     " WHERE c.relkind IN ('r', 'p', 'm') AND (i.indisvalid OR x.relkind = 'I')"
     " AND" OWN_TABLE},
    /* NOT NULL is the column's. What a partition has from its parent is made with the parent. */
    {"constraint",
     "SELECT " NAMED("n.nspname", "coalesce(c.relname, t.typname) || '.' || k.conname") //
     " pg_catalog.pg_get_constraintdef(k.oid) AS definition"
     " FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace"
     " LEFT JOIN pg_class c ON c.oid = k.conrelid AND k.conrelid <> 0"
     " LEFT JOIN pg_type t ON t.oid = k.contypid AND k.contypid <> 0"
     " WHERE k.contype <> 'n' AND k.conparentid = 0"
     " AND coalesce(c.relpersistence, 'p') <> 't' AND" OWN_SCHEMA "AND" NOT_OF_EXTENSION(
         "pg_class", "k.conrelid") "AND" NOT_OF_EXTENSION("pg_type", "k.contypid")},
    /* Not where it stands: that moves outside of transactions. */
    {"sequence", "SELECT " NAMED("n.nspname", "c.relname") //
     " pg_catalog.format('%s start %s increment %s min %s max %s cache %s%s',"
     "  pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin,"
     "  s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN ' cycle' ELSE '' END)"
     " AS definition"
     " FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid"
     " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE" OWN_TABLE},
    {"view", "SELECT " NAMED("n.nspname", "c.relname") //
     " CASE c.relkind WHEN 'm' THEN 'materialized ' ELSE '' END ||"
     " pg_catalog.pg_get_viewdef(c.oid) ||"
     " coalesce(' with ' || pg_catalog.array_to_string(c.reloptions, ', '), '') AS definition"
     " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
     " WHERE c.relkind IN ('v', 'm') AND" OWN_TABLE},
    /* By its arguments: one name may stand for several. Of an aggregate there is no one text. */
    {"function",
     "SELECT " NAMED("n.nspname", "p.proname || '(' ||"
                                  " pg_catalog.pg_get_function_identity_arguments(p.oid) || ')'") //
     " CASE p.prokind WHEN 'a' THEN 'aggregate ' || pg_catalog.pg_get_function_result(p.oid)"
     " ELSE pg_catalog.pg_get_functiondef(p.oid) END AS definition"
     " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
     " WHERE" OWN_SCHEMA "AND" NOT_OF_EXTENSION("pg_proc", "p.oid")},
    /* Those of foreign keys are the constraint's; those of partitions their parent's. */
    {"trigger", "SELECT " NAMED("n.nspname", "c.relname || '.' || g.tgname") //
     " pg_catalog.pg_get_triggerdef(g.oid) || CASE g.tgenabled WHEN 'O' THEN ''"
     " ELSE ' enabled ' || g.tgenabled::text END AS definition"
     " FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid"
     " JOIN pg_namespace n ON n.oid = c.relnamespace"
     " WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND" OWN_TABLE},
    {"extension", "SELECT extname AS name, extversion AS definition FROM pg_extension"},
};

static const char migrations_there_sql[] =
    "SELECT pg_catalog.count(*) AS n FROM pg_catalog.pg_attribute a"
    " WHERE a.attrelid = pg_catalog.to_regclass('public._prisma_migrations') AND NOT a.attisdropped"
    " AND a.attname IN ('id', 'checksum', 'finished_at', 'migration_name', 'rolled_back_at',"
    " 'started_at')";
#define MIGRATION_COLUMNS 6

/* A migration that failed is there twice under one name. */
static const char migrations_sql[] =
    "SELECT migration_name AS name, pg_catalog.string_agg(CASE WHEN rolled_back_at IS NOT NULL"
    " THEN 'rolled back ' WHEN finished_at IS NULL THEN 'unfinished ' ELSE 'finished ' END ||"
    " checksum, ', ' ORDER BY started_at, id) AS definition"
    " FROM public._prisma_migrations GROUP BY 1";

struct reader {
    struct pgsession *s;
    struct arena *a;
    struct catalog_item *items;
    uint32_t n, cap;
};

static void reader_add(struct reader *r, const char *kind, const char *name, const char *text) {
    r->items = arena_grow(r->a, r->items, r->n, &r->cap, 256, sizeof *r->items);
    r->items[r->n++] = (struct catalog_item){kind, name ? name : "", text ? text : ""};
}

static bool read_kind(struct reader *r, const char *kind, const char *sql, struct err *err) {
    struct pg_rows rows;
    const struct pg_statement st = {.sql = sql, .max_rows = ROWS_MAX, .timeout_ms = QUERY_MS};
    if (!pgsession_exec(r->s, &st, r->a, &rows, err))
        return false;
    if (rows.cut)
        return err_set(err, E_TOO_BIG, "catalog.read", "", "more than %u of kind %s", ROWS_MAX,
                       kind);
    for (uint32_t i = 0; i < rows.n_rows; i++)
        reader_add(r, kind, pg_cell(&rows, i, "name"), pg_cell(&rows, i, "definition"));
    return true;
}

/* Asked for first: an error would end the caller's transaction. */
static bool read_migrations(struct reader *r, struct err *err) {
    struct pg_rows rows;
    int64_t n = 0;
    if (!pgsession_rows(r->s, migrations_there_sql, QUERY_MS, r->a, &rows, err))
        return false;
    if (!pg_cell_i64(&rows, 0, "n", &n) || n < MIGRATION_COLUMNS)
        return true;
    return read_kind(r, "migration", migrations_sql, err);
}

static bool read_all(struct reader *r, struct err *err) {
    for (size_t i = 0; i < ARRAY_LEN(queries); i++)
        if (!read_kind(r, queries[i].kind, queries[i].sql, err))
            return false;
    return read_migrations(r, err);
}

static int item_order(const struct catalog_item *x, const struct catalog_item *y) {
    int by_kind = strcmp(x->kind, y->kind);
    return by_kind ? by_kind : strcmp(x->name, y->name);
}

static int item_compare(const void *a, const void *b) {
    const struct catalog_item *x = a, *y = b;
    int order = item_order(x, y);
    return order ? order : strcmp(x->definition, y->definition);
}

bool catalog_read(struct pgsession *s, struct arena *a, struct catalog *ret, struct err *err) {
    static const char set_sql[] = "SELECT pg_catalog.set_config('search_path', $1, false)";
    struct pg_rows rows;
    struct reader r = {.s = s, .a = a};
    const char *path = "";
    const struct pg_statement set = {
        .sql = set_sql, .params = &path, .n_params = 1, .timeout_ms = QUERY_MS};
    if (!pgsession_rows(s, "SELECT pg_catalog.current_setting('search_path') AS path", QUERY_MS, a,
                        &rows, err) ||
        !pgsession_exec(s, &set, NULL, NULL, err))
        return false;
    path = pg_cell(&rows, 0, "path");
    if (!read_all(&r, err) || !pgsession_exec(s, &set, NULL, NULL, err))
        return false;
    if (r.n)
        qsort(r.items, r.n, sizeof *r.items, item_compare);
    *ret = (struct catalog){r.items, r.n};
    return true;
}

/* --- comparing --- */

static const struct catalog_item *next_of(const struct catalog *c, uint32_t *at, const char *kind) {
    while (*at < c->n && kind && strcmp(c->items[*at].kind, kind) != 0)
        ++*at;
    return *at < c->n ? &c->items[*at] : NULL;
}

static bool differ(const struct catalog_item *e, const struct catalog_item *f,
                   enum catalog_change *ret) {
    int order = !e ? 1 : !f ? -1 : item_order(e, f);
    *ret = order < 0 ? CATALOG_MISSING : order > 0 ? CATALOG_EXTRA : CATALOG_DIFFERS;
    return order || strcmp(e->definition, f->definition) != 0;
}

uint32_t
catalog_compare(const struct catalog *expected, const struct catalog *found, const char *kind,
                void (*fn)(void *ctx, enum catalog_change change,
                           const struct catalog_item *expected, const struct catalog_item *found),
                void *ctx) {
    uint32_t i = 0, j = 0, n = 0;
    for (;;) {
        const struct catalog_item *e = next_of(expected, &i, kind), *f = next_of(found, &j, kind);
        enum catalog_change change;
        if (!e && !f)
            return n;
        if (differ(e, f, &change)) {
            n++;
            if (fn)
                fn(ctx, change, change == CATALOG_EXTRA ? NULL : e,
                   change == CATALOG_MISSING ? NULL : f);
        }
        i += change != CATALOG_EXTRA;
        j += change != CATALOG_MISSING;
    }
}

uint32_t catalog_count(const struct catalog *c, const char *kind) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n; i++)
        n += !kind || !strcmp(c->items[i].kind, kind);
    return n;
}
