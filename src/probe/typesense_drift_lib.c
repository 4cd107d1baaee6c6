/* probe/typesense_drift_lib.c - how many documents the index has against the database's rows, in
 * all and by status. */
#include "typesense_priv.h"

#include <math.h>
#include <string.h>

#include "http_priv.h"

#define DRIFT_MANY    50 /* documents: less is what is on its way */
#define ESTIMATE_PART 10 /* a tenth: so far an estimate may be off between two ANALYZE */

/* The number of the row with this text in its first column; false when there is none. */
static bool count_of(const struct table *t, int name_col, int count_col, const char *name,
                     double *ret) {
    for (uint32_t i = 0; i < t->n_rows; i++) {
        const struct value *v = &t->rows[i].cells[name_col];
        if (v->kind == VALUE_TEXT && strcmp(v->t.s, name) == 0)
            return value_number(t->rows[i].cells[count_col], ret);
    }
    return false;
}

static const struct column drift_columns[] = {
    {"status", "STATUS", UNIT_NONE, 0, 0},
    {"search", "SEARCH", UNIT_COUNT, 9, 0},
    {"database", "DATABASE", UNIT_COUNT, 9, 0},
    {"difference", "DRIFT", UNIT_COUNT, 8, 0},
};

static void add_drift(struct reading *r, struct table *t, const char *status, double search,
                      double db, double usual) {
    double off = search - db;
    struct row *row = table_add_row(r, t, status, fabs(off) > usual ? HEALTH_WARNING : HEALTH_OK);
    row_text(r, row, 0, status);
    row_int(row, 1, int_of(search));
    row_int(row, 2, int_of(db));
    row_int(row, 3, int_of(off));
}

/* usual: what may differ without a fault. */
static void drift_by_status(struct reading *r, const struct section *db_section, double usual) {
    const struct table *found = reading_table(r, "search_status");
    const struct table *rows = reading_table(&db_section->reading, "listing_status");
    int status = table_column(rows, "status"), count = table_column(rows, "count");
    if (!found || !rows || status < 0 || count < 0)
        return;
    struct table *t =
        reading_add_table(r, "status_drift", "Drift", drift_columns, ARRAY_LEN(drift_columns));
    for (uint32_t i = 0; i < rows->n_rows && i < TYPESENSE_MAX_ROWS; i++) {
        double search = 0, db = 0;
        const struct value *name = &rows->rows[i].cells[status];
        if (name->kind != VALUE_TEXT || !value_number(rows->rows[i].cells[count], &db))
            continue;
        count_of(found, 0, 1, name->t.s, &search);
        add_drift(r, t, name->t.s, search, db, usual);
    }
    for (uint32_t i = 0; i < found->n_rows; i++) {
        double search, ignored;
        const struct value *name = &found->rows[i].cells[0];
        if (name->kind == VALUE_TEXT && !count_of(rows, status, count, name->t.s, &ignored) &&
            value_number(found->rows[i].cells[1], &search))
            add_drift(r, t, name->t.s, search, 0, usual);
    }
}

static void drift_finding(struct reading *r, enum health health, double drift, const char *about) {
    reading_finding(r, health, "drift",
                    "reindex: `goodgo reindex`, see Documents against the database",
                    "%s%s %s the index", about, COUNTED(int_of(fabs(drift)), "document"),
                    drift < 0 ? "missing from" : "too many in");
}

/* Against an estimate of the rows a small drift is not told from none, so there is no figure. */
static void judge_about(struct reading *r, double documents, double rows) {
    double drift = documents - rows, off = fabs(drift);
    if (off > rows / ESTIMATE_PART)
        drift_finding(r, documents == 0 || off > rows / 2 ? HEALTH_CRITICAL : HEALTH_WARNING, drift,
                      "about ");
    else
        reading_finding(r, HEALTH_OK, "drift_not_exact",
                        "`goodgo reindex --dry-run` tells what it would change",
                        "too many listings to count: the index is right within a tenth");
}

void typesense_drift(struct reading *r, const struct section *db_section) {
    double documents, rows;
    if (!db_section || !reading_number(&db_section->reading, "listings_total", &rows) ||
        !reading_number(r, "documents", &documents))
        return;
    bool about = metric_is_yes(&db_section->reading, "listings_estimated");
    drift_by_status(r, db_section, about ? rows / ESTIMATE_PART : DRIFT_MANY);
    if (about) {
        judge_about(r, documents, rows);
        return;
    }
    double drift = documents - rows, off = fabs(drift);
    reading_int(r, "drift", UNIT_COUNT, int_of(drift));
    bool much = (off > DRIFT_MANY && off > rows / 10) || (rows > 0 && documents == 0),
         some = off > DRIFT_MANY || off > rows / 100;
    /* A handful is what is on its way, whatever its share of a small platform. */
    if (much || (some && off >= 5))
        drift_finding(r, much ? HEALTH_CRITICAL : HEALTH_WARNING, drift, "");
}
