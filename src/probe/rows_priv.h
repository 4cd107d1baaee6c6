/* probe/rows_priv.h - what the codecs of PostgreSQL and PgBouncer share: rows into metrics and
 * tables by column name, never by position, since columns come and go between versions. */
#ifndef GOODGO_PROBE_ROWS_PRIV_H
#define GOODGO_PROBE_ROWS_PRIV_H

#include "codec/probe.h"

/* A cell that is a number of this unit: negative counts, sizes and durations are not one. */
bool rows_number(const struct pg_rows *rows, uint32_t row, const char *column, enum unit unit,
                 struct value *ret_value);
/* Copies a number into the metric of the same name; absent, NULL or absurd leaves it unset. */
void rows_metric(struct reading *out, const struct pg_rows *rows, uint32_t row, const char *name,
                 enum unit unit);
/* A table whose column names are those of the rows: UNIT_NONE is text, the rest numbers. The cells
 * of key1 and key2 (may be NULL) make the row's key. A statement with a LIMIT tells in a column
 * n_all how many rows there are, which becomes the table's total. */
struct table *rows_table(struct reading *out, const char *name, const char *title,
                         const struct column *columns, size_t n_columns, const struct pg_rows *rows,
                         const char *key1, const char *key2);
/* Adds one row of rows to t. */
struct row *rows_add_row(struct reading *out, struct table *t, const struct pg_rows *rows,
                         uint32_t row, const char *key1, const char *key2);
/* An answer that lacks a column that it always has; false, so that `return rows_unexpected(...)`.
 */
bool rows_unexpected(const char *target, const char *column, struct err *err);
bool rows_has_column(const struct pg_rows *rows, const char *column);
/* The number in a named column of a table's row; false when there is none. */
bool table_number(const struct table *t, uint32_t row, const char *column, double *ret_d);
const char *table_string(const struct table *t, uint32_t row, const char *column);
/* What asks by hand: the password is ${password}, the port other_port where t has none. */
void rows_shell(struct str *out, const char *password, const struct pg_target *t,
                unsigned other_port, const char *sql);

#endif
