/* model/tables.h - the tables of the platform's database, as the runbook names them (R23, C5). The
 * PostgreSQL probe looks for them in the catalog, a restore drill in what was restored. */
#ifndef GOODGO_MODEL_TABLES_H
#define GOODGO_MODEL_TABLES_H

#define PLATFORM_TABLES 22

extern const char *const platform_tables[PLATFORM_TABLES];

#endif
