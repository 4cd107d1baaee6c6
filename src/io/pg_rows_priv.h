/* io/pg_rows_priv.h - libpq's results as values in an arena; see pg_rows.c. */
#ifndef GOODGO_IO_PG_ROWS_PRIV_H
#define GOODGO_IO_PG_ROWS_PRIV_H

#include <libpq-fe.h>

#include "base/arena.h"
#include "wire/exchange.h"

/* Adds the rows of one result; its first one names the columns. Past max_rows they are dropped and
 * rows->cut is set; a cell over max_cell bytes is cut short. *cap_rows starts at 0. */
void pg_rows_add(struct pg_rows *rows, uint32_t *cap_rows, const PGresult *res, uint32_t max_rows,
                 size_t max_cell, struct arena *a);

#endif
