/* views/services_priv.h - Overview's table in two parts: services_rows_panel.c (which rows, in
 * which order, what folds) and services_panel.c (how they are drawn). */
#ifndef GOODGO_VIEWS_SERVICES_PRIV_H
#define GOODGO_VIEWS_SERVICES_PRIV_H

#include "panels_priv.h"

enum services_column {
    COL_STATE,
    COL_SERVICE,
    COL_FOR,
    COL_LATENCY,
    COL_SUMMARY,
    COL_RATE,
    COL_TROUBLE,
    COL_TIME,
    COL_VERSION,
    COL_FAILED,
    COL_AGE,
    COL_COUNT
};
extern const struct column services_columns[COL_COUNT];

const struct service_panel *panel_of(const struct section *sec);
bool services_flat(const struct ui_state *ui); /* sorted or filtered: nothing is folded */
/* A symptom has a row of its own only where its cause has none. */
bool hangs_below(const struct snapshot *s, const struct section *sec);
bool is_fold(const struct row *row, enum service *ret_cause);

#endif
