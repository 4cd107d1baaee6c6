/* wire/exchange.c - readers of reply values. */
#include "wire/exchange.h"

#include <string.h>

#include "base/str.h"

bool exchange_query(struct exchange *ex, const struct pg_target *target, const char *sql,
                    uint32_t max_rows) {
    ex->kind = EXCHANGE_PG;
    ex->pg = (struct pg_request){*target, sql, max_rows};
    return true;
}

const char *http_reply_header(const struct http_reply *r, const char *lower_name) {
    for (size_t i = 0; i < r->n_headers; i++)
        if (!strcmp(r->headers[i].name, lower_name))
            return r->headers[i].value;
    return NULL;
}

const char *pg_cell(const struct pg_rows *r, uint32_t row, const char *column) {
    if (row >= r->n_rows)
        return NULL;
    for (uint32_t c = 0; c < r->n_cols; c++)
        if (!strcmp(r->names[c], column))
            return r->cells[row][c];
    return NULL;
}

bool pg_cell_i64(const struct pg_rows *r, uint32_t row, const char *column, int64_t *ret_n) {
    return str_to_i64(pg_cell(r, row, column), INT64_MIN, INT64_MAX, ret_n);
}

bool pg_cell_double(const struct pg_rows *r, uint32_t row, const char *column, double *ret_d) {
    return str_to_double(pg_cell(r, row, column), ret_d);
}
