/* probe/rows_lib.c - rows of PostgreSQL and PgBouncer into metrics and tables; see rows_priv.h. */
#include "rows_priv.h"

#include <string.h>

#include "base/shell.h"

bool rows_number(const struct pg_rows *rows, uint32_t row, const char *column, enum unit unit,
                 struct value *ret_value) {
    int64_t n;
    double d;
    struct value v = value_none();
    if (pg_cell_i64(rows, row, column, &n))
        v = value_int(n);
    else if (pg_cell_double(rows, row, column, &d))
        v = value_real(d);
    if (!value_number(v, &d) || (unit != UNIT_NONE && d < 0))
        return false;
    *ret_value = v;
    return true;
}

void rows_metric(struct reading *out, const struct pg_rows *rows, uint32_t row, const char *name,
                 enum unit unit) {
    struct value v;
    if (rows_number(rows, row, name, unit, &v))
        reading_set(out, name, unit, v);
}

struct row *rows_add_row(struct reading *out, struct table *t, const struct pg_rows *rows,
                         uint32_t row, const char *key1, const char *key2) {
    const char *a = pg_cell(rows, row, key1), *b = key2 ? pg_cell(rows, row, key2) : NULL;
    const char *key =
        arena_printf(out->arena, "%.90s%s%.90s", a ? a : "-", b ? "/" : "", b ? b : "");
    struct row *added = table_add_row(out, t, key, HEALTH_OK);
    for (uint32_t c = 0; c < t->n_columns; c++) {
        const struct column *column = &t->columns[c];
        struct value v;
        if (column->unit == UNIT_NONE)
            row_text(out, added, c, pg_cell(rows, row, column->name));
        else if (rows_number(rows, row, column->name, column->unit, &v))
            added->cells[c] = v;
    }
    return added;
}

struct table *rows_table(struct reading *out, const char *name, const char *title,
                         const struct column *columns, size_t n_columns, const struct pg_rows *rows,
                         const char *key1, const char *key2) {
    struct table *t = reading_add_table(out, name, title, columns, n_columns);
    int64_t n_all;
    for (uint32_t i = 0; i < rows->n_rows; i++)
        rows_add_row(out, t, rows, i, key1, key2);
    if (pg_cell_i64(rows, 0, "n_all", &n_all) && n_all > t->n_total && n_all <= UINT32_MAX)
        t->n_total = (uint32_t)n_all;
    return t;
}

bool rows_unexpected(const char *target, const char *column, struct err *err) {
    return err_set(err, E_PROTOCOL, "pg.answer", target, "the answer has no column \"%s\"", column);
}

bool rows_has_column(const struct pg_rows *rows, const char *column) {
    for (uint32_t i = 0; i < rows->n_cols; i++)
        if (strcmp(rows->names[i], column) == 0)
            return true;
    return false;
}

static const struct value *table_cell(const struct table *t, uint32_t row, const char *column) {
    int c = table_column(t, column);
    return c >= 0 && row < t->n_rows ? &t->rows[row].cells[c] : NULL;
}

bool table_number(const struct table *t, uint32_t row, const char *column, double *ret_d) {
    const struct value *v = table_cell(t, row, column);
    return v && value_number(*v, ret_d);
}

const char *table_string(const struct table *t, uint32_t row, const char *column) {
    const struct value *v = table_cell(t, row, column);
    return v && v->kind == VALUE_TEXT ? v->t.s : NULL;
}

void rows_shell(struct str *out, const char *password, const struct pg_target *t,
                unsigned other_port, const char *sql) {
    str_printf(out, "PGPASSWORD=${%s} psql -X -h ", password);
    shell_put(out, "%s", t->host ? t->host : "");
    str_printf(out, " -p %u -U ", t->port ? t->port : other_port);
    shell_put(out, "%s", t->user ? t->user : "");
    str_puts(out, " -d ");
    shell_put(out, "%s", t->dbname ? t->dbname : "");
    str_puts(out, " -c ");
    shell_put(out, "%s", sql);
}
