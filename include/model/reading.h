/* model/reading.h - what a probe read, in one shape for every back-end: named metrics with units,
 * named tables, and findings (a sentence with a severity and a next step). One shape means one
 * snapshot codec, one `status --json`, one table widget and golden tests for free; names are
 * documented in each probe's file header. A reading's memory is its arena's; names and column
 * arrays are static strings of the probe. */
#ifndef GOODGO_MODEL_READING_H
#define GOODGO_MODEL_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "model/trend.h"
#include "model/value.h"

/* In the order of urgency. */
enum health {
    HEALTH_OFF,
    HEALTH_OK,
    HEALTH_UNKNOWN,
    HEALTH_WARNING,
    HEALTH_CRITICAL,
    HEALTH_COUNT
};
const char *health_name(enum health h); /* "off" "ok" "unknown" "warning" "critical" */
const char *health_sign(enum health h); /* "--" "ok" "??" "WA" "CR" */
bool health_parse(const char *name, enum health *ret_health);
enum health health_worse(enum health a, enum health b);

struct metric {
    const char *name; /* snake_case, stable: it is JSON */
    enum unit unit;
    struct value value;
};

struct column {
    const char *name, *title; /* JSON key; heading in capitals */
    enum unit unit;
    uint8_t min_cols; /* 0 = as wide as its content, up to 40 */
    uint8_t drop;     /* 0 never dropped; else dropped first when narrow, highest number first */
};
struct row {
    enum health health; /* HEALTH_OFF = nothing to say */
    struct text key;    /* unique in its table: selection follows it */
    struct value *cells;
};
struct table {
    const char *name, *title;
    const struct column *columns;
    uint32_t n_columns, n_rows, cap_rows;
    uint32_t n_total;   /* rows there really are; > n_rows when the probe capped */
    uint32_t behind_ms; /* it is asked less often: so much older than the section's reading */
    struct row *rows;
    struct key_index *keys; /* of table_add_row alone */
    struct row spare;       /* what table_add_row gives past the cap */
};

struct finding {
    enum health health;
    const char *code; /* snake_case, stable, for example "pool_waiting" */
    struct text what, todo;
};

/* The trend of one metric. */
struct series {
    const char *name;
    enum unit unit;
    struct trend trend;
};

struct reading {
    struct arena *arena;
    struct metric *metrics;
    uint32_t n_metrics, cap_metrics;
    struct table **tables;
    uint32_t n_tables, cap_tables;
    struct finding *findings;
    uint32_t n_findings, cap_findings;
    struct series *past; /* what a back-end remembers of its metrics from before we asked */
    uint32_t n_past, cap_past;
};

void reading_init(struct reading *r, struct arena *arena);
/* Each sets a metric, replacing one of the same name. */
void reading_int(struct reading *r, const char *name, enum unit unit, int64_t i);
void reading_real(struct reading *r, const char *name, enum unit unit, double d);
/* Texts are cleaned here. */
void reading_text(struct reading *r, const char *name, const char *bytes, size_t n);
void reading_textz(struct reading *r, const char *name, const char *s);
void reading_set(struct reading *r, const char *name, enum unit unit, struct value v);
struct table *reading_add_table(struct reading *r, const char *name, const char *title,
                                const struct column *columns, size_t n_columns);
/* A row with all cells NONE. Keys are made unique by a suffix. Past 10,000 rows it is one that is
 * not kept (n_total still counts it), so the caller has nothing to check. Valid until the next. */
struct row *table_add_row(struct reading *r, struct table *t, const char *key, enum health health);
void row_int(struct row *row, uint32_t column, int64_t i);
void row_real(struct row *row, uint32_t column, double d);
/* Cleaned here; NULL is NONE. */
void row_text(struct reading *r, struct row *row, uint32_t column, const char *s);
void reading_finding(struct reading *r, enum health health, const char *code, const char *todo,
                     const char *fmt, ...) PRINTF_LIKE(5, 6);
/* The same with texts that are made already. */
void reading_add_finding(struct reading *r, enum health health, const char *code, struct text what,
                         struct text todo);

/* An empty trend to be filled with the past of a metric; NULL past 16 of them. */
struct trend *reading_past(struct reading *r, const char *name, enum unit unit);

/* NULL or false where there is none of that name, or its value is of another kind. */
const struct metric *reading_metric(const struct reading *r, const char *name);
bool reading_number(const struct reading *r, const char *name, double *ret_d);
const char *reading_string(const struct reading *r, const char *name);
const struct table *reading_table(const struct reading *r, const char *name);
const struct finding *reading_finding_of(const struct reading *r, const char *code);
/* NULL and -1 where there is none; t may be NULL. */
const struct row *table_row(const struct table *t, const char *key);
int table_column(const struct table *t, const char *name);
bool table_sorts_by(const struct table *t, uint32_t column); /* its values have an order */
/* Deep copy of everything in src behind what dst has (metrics of the same name replaced, tables of
 * the same name too). */
void reading_append(struct reading *dst, const struct reading *src);

#endif
