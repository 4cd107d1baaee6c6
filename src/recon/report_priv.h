/* recon/report_priv.h - one row of a reconciliation as it stands in a document, for report.c and
 * report_rows.c. */
#ifndef GOODGO_RECON_REPORT_PRIV_H
#define GOODGO_RECON_REPORT_PRIV_H

#include "codec/recon.h"
#include "model/reading.h"
#include "wire/json.h"

#define REPORT_VND_MOST (INT64_C(1) << 53)
#define REPORT_COLUMNS  20

extern const struct column report_columns[REPORT_COLUMNS];

bool report_vnd(const struct json *j, const char *path, int64_t *ret);
/* Null, or a text. */
bool report_is_text(const struct json *j, const char *name);
bool report_category(const struct json *j, enum recon_category *ret);
enum health report_health(enum recon_category c);
bool report_is_row(const struct json *j);
/* One that report_is_row(). */
void report_put_row(struct reading *out, struct table *t, enum recon_category c,
                    const struct json *j);

#endif
