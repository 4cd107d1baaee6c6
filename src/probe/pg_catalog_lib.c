/* probe/pg_catalog_lib.c - the expected schema and the comparison. Indexes are found by their
 * columns, not by name. Reads only the catalog, so it is cheap at any size of data. */
#include "pg_catalog_priv.h"

#include <stdio.h>
#include <string.h>

#include "model/tables.h"

#define N_ENUMS ARRAY_LEN(enums)

static const char *const enums[] = {
    "UserRole",      "KYCStatus",          "PropertyType",        "TransactionType",
    "ListingStatus", "Direction",          "OAuthProvider",       "TransactionStatus",
    "LeadStatus",    "PaymentProvider",    "PaymentStatus",       "PaymentType",
    "PlanTier",      "SubscriptionStatus", "NotificationChannel", "NotificationStatus",
    "AdminAction",   "AuditTargetType",
};

/* table NULL = on any table: the runbook names the columns only. */
static const struct expected_index {
    const char *table, *columns, *method;
    bool unique;
    enum health missing;
    const char *code, *todo;
} indexes[] = {
    {"User", "role,isActive,createdAt", "btree", false, HEALTH_WARNING, "index_missing",
     "create it with a migration: the lists of users scan without it"},
    {"Listing", "sellerId,status,publishedAt", "btree", false, HEALTH_WARNING, "index_missing",
     "create it with a migration: the lists of a seller scan without it"},
    {NULL, "userId,status,createdAt", "btree", false, HEALTH_WARNING, "index_missing",
     "create it with a migration: payments and subscriptions of a user scan without it"},
    {"Property", "location", "gist", false, HEALTH_WARNING, "gist_missing",
     "create it with a migration: every search by distance reads the whole table without it"},
    {"Payment", "userId,provider,idempotencyKey", "btree", true, HEALTH_CRITICAL,
     "idempotency_missing",
     "create Payment_idempotency_unique: without it a payment may be booked twice"},
};

/* geometry(Point,4326) is known by its modifier: format_type() would load PostGIS and its libraries
 * into the session, which takes longer than all the rest of the statement. Of hundreds of tables
 * only the indexes are read that can be one of those above, and they come last: a cut must not
 * make a table missing. */
const char pg_catalog_sql[] =
    "SELECT * FROM (SELECT 'table' AS kind, c.relname::text AS name, NULL::text AS detail, "
    "NULL::text AS method,"
    " NULL::int AS is_unique, NULL::int AS is_valid"
    " FROM pg_catalog.pg_class c WHERE c.relnamespace = to_regnamespace('public')"
    " AND c.relkind IN ('r','p') AND NOT c.relispartition AND NOT EXISTS (SELECT 1"
    " FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass"
    " AND d.objid = c.oid AND d.deptype = 'e')"
    " UNION ALL SELECT 'enum', t.typname::text, NULL, NULL, NULL, NULL FROM pg_catalog.pg_type t"
    " WHERE t.typnamespace = to_regnamespace('public') AND t.typtype = 'e'"
    " UNION ALL SELECT 'index', r.relname::text, (SELECT string_agg(a.attname::text, ','"
    " ORDER BY k.ord) FROM unnest(x.indkey::int2[]) WITH ORDINALITY k(attnum, ord)"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum"
    " WHERE k.ord <= x.indnkeyatts), m.amname::text,"
    " (x.indisunique AND x.indpred IS NULL)::int, (x.indisvalid AND x.indpred IS NULL)::int"
    " FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class r ON r.oid = x.indrelid"
    " JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid"
    " JOIN pg_catalog.pg_am m ON m.oid = i.relam"
    " WHERE r.relnamespace = to_regnamespace('public') AND x.indexprs IS NULL"
    " AND (x.indnkeyatts = 3 OR r.relname = 'Property')"
    " UNION ALL SELECT 'extension', e.extname::text, e.extversion, NULL, NULL, NULL"
    " FROM pg_catalog.pg_extension e WHERE e.extname = 'postgis'"
    " UNION ALL SELECT 'geometry', r.relname::text,"
    " CASE WHEN y.typname = 'geometry' AND a.atttypmod = 1107460 THEN 'geometry(Point,4326)'"
    " ELSE pg_catalog.format_type(a.atttypid, a.atttypmod) END, NULL, NULL, NULL"
    " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class r ON r.oid = a.attrelid"
    " JOIN pg_catalog.pg_type y ON y.oid = a.atttypid"
    " WHERE r.relnamespace = to_regnamespace('public') AND r.relname = 'Property'"
    " AND a.attname = 'location' AND NOT a.attisdropped) found"
    " ORDER BY kind = 'index', kind, name, detail LIMIT 5000";

static const struct column diff_columns[] = {
    {"kind", "KIND", UNIT_NONE, 9, 0},
    {"name", "NAME", UNIT_NONE, 0, 0},
    {"problem", "PROBLEM", UNIT_NONE, 0, 0},
};

static bool is(const struct pg_rows *rows, uint32_t i, const char *column, const char *value) {
    const char *cell = pg_cell(rows, i, column);
    return cell && strcmp(cell, value) == 0;
}

static void add_diff(struct reading *out, const char *kind, const char *name, const char *problem,
                     enum health health) {
    struct table *t = (struct table *)reading_table(out, "schema_diff");
    struct row *row =
        table_add_row(out, t, arena_printf(out->arena, "%s/%.80s", kind, name), health);
    row_text(out, row, 0, kind);
    row_text(out, row, 1, name);
    row_text(out, row, 2, problem);
}

static bool has(const struct pg_rows *rows, const char *kind, const char *name) {
    for (uint32_t i = 0; i < rows->n_rows; i++)
        if (is(rows, i, "kind", kind) && is(rows, i, "name", name))
            return true;
    return false;
}

/* Names of `expected` that are missing become rows; returns how many are there. */
static uint32_t compare_names(const struct pg_rows *rows, const char *kind,
                              const char *const *expected, size_t n, struct reading *out) {
    uint32_t found = 0;
    for (size_t i = 0; i < n; i++) {
        if (has(rows, kind, expected[i]))
            found++;
        else
            add_diff(out, kind, expected[i], "missing", HEALTH_CRITICAL);
    }
    return found;
}

static bool is_expected(const char *name) {
    for (size_t i = 0; i < PLATFORM_TABLES; i++)
        if (strcmp(platform_tables[i], name) == 0)
            return true;
    return strcmp(name, "spatial_ref_sys") == 0; /* PostGIS's own */
}

static void compare_extra_tables(const struct pg_rows *rows, struct reading *out) {
    uint32_t extra = 0;
    const char *first = NULL;
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        const char *name = pg_cell(rows, i, "name");
        if (!name || !is(rows, i, "kind", "table") || is_expected(name))
            continue;
        if (!extra++)
            first = name;
        add_diff(out, "table", name, "not in the runbook", HEALTH_WARNING);
    }
    if (extra)
        reading_finding(out, HEALTH_WARNING, "tables_extra",
                        "drop it, or add it to the runbook and to the backup verification",
                        "%s in schema public, for example %.60s", COUNTED(extra, "further table"),
                        first);
}

/* Is there a usable index of these columns? *ret_problem tells what is wrong with the nearest. */
static bool index_found(const struct pg_rows *rows, const struct expected_index *want,
                        const char **ret_problem) {
    *ret_problem = "missing";
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        if (!is(rows, i, "kind", "index") || !is(rows, i, "detail", want->columns) ||
            (want->table && !is(rows, i, "name", want->table)))
            continue;
        if (!is(rows, i, "is_valid", "1"))
            *ret_problem = "there, but invalid or partial";
        else if (!is(rows, i, "method", want->method))
            *ret_problem = "there, but with another access method";
        else if (want->unique && !is(rows, i, "is_unique", "1"))
            *ret_problem = "there, but not unique";
        else
            return true;
    }
    return false;
}

static void compare_indexes(const struct pg_rows *rows, struct reading *out) {
    for (size_t i = 0; i < ARRAY_LEN(indexes); i++) {
        const struct expected_index *want = &indexes[i];
        const char *problem;
        char name[96];
        if (index_found(rows, want, &problem))
            continue;
        snprintf(name, sizeof name, "%s(%s)%s", want->table ? want->table : "any table",
                 want->columns, strcmp(want->method, "gist") == 0 ? " gist" : "");
        add_diff(out, "index", name, problem, want->missing);
        reading_finding(out, want->missing, want->code, want->todo, "%s index %s: %s",
                        want->unique ? "unique" : "the", name, problem);
    }
}

static void compare_postgis(const struct pg_rows *rows, struct reading *out) {
    for (uint32_t i = 0; i < rows->n_rows; i++) {
        const char *detail = pg_cell(rows, i, "detail");
        if (is(rows, i, "kind", "extension") && detail)
            reading_textz(out, "postgis_version", detail);
        if (is(rows, i, "kind", "geometry") && detail && !strstr(detail, "geometry(Point,4326)")) {
            add_diff(out, "column", "Property.location", detail, HEALTH_WARNING);
            reading_finding(out, HEALTH_WARNING, "location_type",
                            "compare with the newest migration",
                            "Property.location is %.60s, not geometry(Point,4326)", detail);
        }
    }
    if (reading_string(out, "postgis_version"))
        return;
    add_diff(out, "extension", "postgis", "missing", HEALTH_CRITICAL);
    reading_finding(out, HEALTH_CRITICAL, "postgis_missing",
                    "`CREATE EXTENSION postgis` as a superuser, in the platform's database",
                    "PostGIS is not installed in this database");
}

bool pg_catalog_compare(const struct pg_rows *rows, struct reading *out) {
    uint32_t n_tables, n_enums;
    if (rows->n_rows && !pg_cell(rows, 0, "kind"))
        return false;
    reading_add_table(out, "schema_diff", "Schema", diff_columns, ARRAY_LEN(diff_columns));
    n_tables = compare_names(rows, "table", platform_tables, PLATFORM_TABLES, out);
    n_enums = compare_names(rows, "enum", enums, N_ENUMS, out);
    reading_int(out, "tables_found", UNIT_COUNT, n_tables);
    reading_int(out, "enums_found", UNIT_COUNT, n_enums);
    compare_postgis(rows, out);
    compare_extra_tables(rows, out);
    if (!n_tables) {
        reading_finding(out, HEALTH_CRITICAL, "schema_empty",
                        "`prisma migrate deploy`, or is this another database? see DATABASE_URL",
                        "none of the platform's %d tables is in this database", PLATFORM_TABLES);
        return true;
    }
    compare_indexes(rows, out);
    if (n_tables < PLATFORM_TABLES)
        reading_finding(out, HEALTH_CRITICAL, "tables_missing",
                        "`prisma migrate status`; if tables were dropped, restore from a backup",
                        "%u of %d tables are missing", PLATFORM_TABLES - n_tables, PLATFORM_TABLES);
    if (n_enums < N_ENUMS)
        reading_finding(out, HEALTH_CRITICAL, "enums_missing", "`prisma migrate status`",
                        "%u of %u enums are missing", (unsigned)(N_ENUMS - n_enums),
                        (unsigned)N_ENUMS);
    return true;
}
