/* ui/table_rows.c - which rows of a table pass the filter, and in which order. One thread: what the
 * order is by is static. */
#include "ui/draw.h"

#include <stdlib.h>
#include <string.h>

static bool cell_matches(const struct value *v, enum unit unit, const char *needle) {
    char shown[32];
    if (v->kind == VALUE_TEXT)
        return text_contains(v->t.s, needle);
    if (v->kind == VALUE_NONE || unit == UNIT_TIME)
        return false;
    value_format(*v, unit, 0, shown, sizeof shown);
    return text_contains(shown, needle);
}

static bool row_passes(const struct table *t, const struct row *row, const char *filter) {
    bool invert = *filter == '!';
    const char *needle = filter + invert;
    if (!*needle)
        return true;
    bool hit = text_contains(health_sign(row->health), needle) && row->health != HEALTH_OFF;
    for (uint32_t c = 0; c < t->n_columns && !hit; c++)
        hit = cell_matches(&row->cells[c], t->columns[c].unit, needle);
    return hit != invert;
}

/* qsort() has no context argument in C17. */
static struct {
    const struct table *t;
    uint32_t column;
    bool descending;
} sorting;

static int compare_rows(const void *pa, const void *pb) {
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;
    struct value va = sorting.t->rows[a].cells[sorting.column];
    struct value vb = sorting.t->rows[b].cells[sorting.column];
    int order = value_compare(va, vb);
    bool none = va.kind == VALUE_NONE || vb.kind == VALUE_NONE;
    if (sorting.descending && !none) /* unknown stays last either way */
        order = -order;
    return order ? order : a < b ? -1 : a > b;
}

static bool is_selected(const struct row *row, const struct table_state *ts) {
    char key[UI_KEY_MAX]; /* as long as it is kept */
    str_copy(key, sizeof key, row->key.s);
    return strcmp(key, ts->selected) == 0;
}

uint32_t table_selected(const struct table *t, const struct table_state *ts,
                        const uint32_t *indices, uint32_t n) {
    uint32_t at = *ts->selected ? ts->selected_index : 0;
    for (uint32_t i = 0; i < n && *ts->selected; i++)
        if (is_selected(&t->rows[indices[i]], ts))
            return i;
    return at < n ? at : n ? n - 1 : 0;
}

uint32_t table_view_rows(const struct table *t, const struct table_state *ts, uint32_t *indices,
                         uint32_t max) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_rows && n < max; i++)
        if (row_passes(t, &t->rows[i], ts->filter))
            indices[n++] = i;
    if (ts->sort_column >= 0 && (uint32_t)ts->sort_column < t->n_columns && n > 1) {
        sorting.t = t;
        sorting.column = (uint32_t)ts->sort_column;
        sorting.descending = ts->sort_descending;
        qsort(indices, n, sizeof *indices, compare_rows);
    }
    return n;
}

const struct row *table_selected_row(const struct table *t, const struct table_state *ts) {
    static uint32_t indices[TABLE_ROWS_MAX]; /* one thread */
    uint32_t n = table_view_rows(t, ts, indices, TABLE_ROWS_MAX);
    return n ? &t->rows[indices[table_selected(t, ts, indices, n)]] : NULL;
}
