/* probe/pg_catalog_priv.h - the platform's schema as the runbook has it (22 tables, 18 enums, the
 * indexes it names, PostGIS), compared with what the catalog shows. */
#ifndef GOODGO_PROBE_PG_CATALOG_PRIV_H
#define GOODGO_PROBE_PG_CATALOG_PRIV_H

#include "codec/probe.h"

/* One statement: rows (kind, name, detail, method, is_unique, is_valid) for tables, enums, indexes,
 * the extension and the geometry column of schema public. */
extern const char pg_catalog_sql[];
#define PG_CATALOG_MAX_ROWS 5000 /* its LIMIT */

/* Fills metrics tables_found, enums_found, postgis_version, table schema_diff(kind, name, problem),
 * and findings. False where the rows are not those of pg_catalog_sql. */
bool pg_catalog_compare(const struct pg_rows *rows, struct reading *out);

#endif
