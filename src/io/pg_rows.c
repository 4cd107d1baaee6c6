/* io/pg_rows.c - libpq's results as values: bounded, in the caller's arena. */
#include "pg_rows_priv.h"

#define COLUMNS_MAX 256

static void rows_name(struct pg_rows *rows, const PGresult *res, struct arena *a) {
    int n = PQnfields(res);
    rows->n_cols = (uint32_t)(n < COLUMNS_MAX ? n : COLUMNS_MAX);
    rows->names = arena_alloc(a, (rows->n_cols + 1) * sizeof *rows->names);
    for (uint32_t i = 0; i < rows->n_cols; i++)
        rows->names[i] = arena_strdup(a, PQfname(res, (int)i));
}

static const char **row_copy(const struct pg_rows *rows, const PGresult *res, int row,
                             size_t max_cell, struct arena *a) {
    const char **cells = arena_alloc(a, (rows->n_cols + 1) * sizeof *cells);
    for (uint32_t i = 0; i < rows->n_cols; i++) {
        size_t n = (size_t)PQgetlength(res, row, (int)i);
        if (!PQgetisnull(res, row, (int)i))
            cells[i] = arena_strndup(a, PQgetvalue(res, row, (int)i), n < max_cell ? n : max_cell);
    }
    return cells;
}

void pg_rows_add(struct pg_rows *rows, uint32_t *cap_rows, const PGresult *res, uint32_t max_rows,
                 size_t max_cell, struct arena *a) {
    if (!rows->names)
        rows_name(rows, res, a);
    for (int i = 0; i < PQntuples(res); i++) {
        if (rows->n_rows >= max_rows) {
            rows->cut = true;
            return;
        }
        rows->cells = arena_grow(a, rows->cells, rows->n_rows, cap_rows, 32, sizeof *rows->cells);
        rows->cells[rows->n_rows++] = row_copy(rows, res, i, max_cell, a);
    }
}
