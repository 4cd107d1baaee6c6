/* codec/reconreport.h - a reconciliation's report, goodgo.payments.reconcile/1, read back as one
 * reading for the screen. Pure. */
#ifndef GOODGO_CODEC_RECONREPORT_H
#define GOODGO_CODEC_RECONREPORT_H

#include "base/err.h"
#include "model/reading.h"

#define RECON_REPORT_FILE  "report.json" /* in the directory of the job that made it */
#define RECON_REPORT_BYTES ((size_t)16 << 20)

/* Adds to `out`
 *   metrics  run, from, as_of, rows, exceptions, left_out, repeated, proposed, csv_sha256;
 *            db_vnd, gateway_vnd, bank_vnd, difference_vnd; outside_gateway_vnd, outside_bank_vnd
 *   tables   categories, worst first, those that are empty left out, and all of them as "all";
 *            rows, of the exceptions, worst category first; days, by provider; sources
 * False where it is no such report, or its figures do not add up: out may have a part of it then,
 * and is to be dropped. */
bool recon_report_read(const char *bytes, size_t n, struct reading *out,
                       struct err *err) MUST_CHECK;

#endif
