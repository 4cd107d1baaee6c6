/* codec/reconreport.h - a reconciliation's report, goodgo.payments.reconcile/1, read back as one
 * reading for the screen. Pure. */
#ifndef GOODGO_CODEC_RECONREPORT_H
#define GOODGO_CODEC_RECONREPORT_H

#include "base/err.h"
#include "model/reading.h"

#define RECON_REPORT_FILE  "report.json" /* in the directory of the job that made it */
#define RECON_REPORT_BYTES ((size_t)16 << 20)
#define RECON_ROWS_FILE    "rows.jsonl" /* beside it: a row on each line, in the report's order */
#define RECON_ROWS_MOST    200000u      /* that a job keeps */
#define RECON_PAGE_ROWS    1000u
#define RECON_OF_ALL       "all"
#define RECON_OF_MAX       48

/* Adds to `out`
 *   metrics  run, from, as_of, rows, rows_not_kept, exceptions, left_out, repeated, proposed,
 * csv_sha256; db_vnd, gateway_vnd, bank_vnd, difference_vnd; outside_gateway_vnd, outside_bank_vnd
 *   tables   categories, worst first, those that are empty left out, and all of them as "all";
 *            rows, of the exceptions, worst category first; days, by provider; sources
 * False where it is no such report, or its figures do not add up: out may have a part of it then,
 * and is to be dropped. */
bool recon_report_read(const char *bytes, size_t n, struct reading *out,
                       struct err *err) MUST_CHECK;

/* One page of the rows that a job kept, read in parts behind the report. Adds to `out`
 *   metrics  page_of, page_first (the number of its first row, from 1)
 *   table    page, RECON_PAGE_ROWS at the most; its n_total is what the report counts
 * of: "all" or "", a category, or a row of the table of days ("2026-03-10 VNPAY"). */
struct recon_page;
struct recon_page *recon_page_new(const char *of, uint32_t page, struct reading *out);
/* False where the bytes are no rows. */
bool recon_page_part(struct recon_page *p, const char *bytes, size_t n, struct err *err) MUST_CHECK;
bool recon_page_is_full(const struct recon_page *p); /* what follows is not looked at */
void recon_page_free(struct recon_page *p);

#endif
