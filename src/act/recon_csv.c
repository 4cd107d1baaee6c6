/* act/recon_csv.c - the rows of a reconciliation in the columns that finance knows; the file itself
 * is act/csv_file.h's. */
#include <stdio.h>
#include <stdlib.h>

#include "act/csv_file.h"
#include "act/recon_out.h"
#include "base/clock.h"
#include "base/mem.h"

static const char head[] =
    "run_id,business_date,provider,order_id,provider_tx_id,db_amount,gateway_amount,bank_amount,"
    "fee,db_status,gateway_status,category,difference,resolution,maker,checker,resolved_at,"
    "evidence_ref";

struct recon_csv {
    struct csv_file *file;
    int64_t day; /* of the row before, and its text; "" = none */
    char day_text[16];
};

struct recon_csv *recon_csv_open(const char *path, struct err *err) {
    struct csv_file *file = csv_file_open("reconcile.csv", path, head, err);
    if (!file)
        return NULL;
    struct recon_csv *c = mem_zeroed(sizeof *c);
    c->file = file;
    return c;
}

void recon_day_text(int64_t day, char buf[16]) {
    char time[40];
    pay_time_text(day * DAY_S - CLOCK_VIETNAM_S, time, sizeof time);
    snprintf(buf, 16, "%.10s", time);
}

bool recon_csv_row(struct recon_csv *c, const char *run_id, const struct recon_row *row,
                   const struct recon_resolution *done, struct err *err) {
    struct csv_file *f = c->file;
    char at[40] = "";
    if (!*c->day_text || row->day != c->day)
        recon_day_text(row->day, c->day_text);
    c->day = row->day;
    if (done && done->wall_s)
        pay_time_text(done->wall_s, at, sizeof at);
    csv_file_text(f, run_id);
    csv_file_text(f, c->day_text);
    csv_file_text(f, row->provider);
    csv_file_text(f, row->order_id);
    csv_file_text(f, row->tx_id);
    csv_file_int(f, row->has_db, row->db_vnd);
    csv_file_int(f, row->has_gateway, row->gateway_vnd);
    csv_file_int(f, row->has_bank, row->bank_vnd);
    csv_file_int(f, row->fee_vnd != 0 || row->has_gateway, row->fee_vnd);
    csv_file_text(f, row->has_db ? pay_status_name(row->db_status) : "");
    csv_file_text(f, row->has_gateway ? pay_status_name(row->gateway_status) : "");
    csv_file_text(f, recon_category_info[row->category].name);
    csv_file_int(f, true, row->difference_vnd);
    csv_file_text(f, done ? done->state : row->why);
    csv_file_text(f, done ? done->maker : "");
    csv_file_text(f, done ? done->checker : "");
    csv_file_text(f, at);
    csv_file_text(f, row->evidence);
    return csv_file_end_row(f, err);
}

bool recon_csv_close(struct recon_csv *c, bool keep, char sha256[DIGEST_HEX_SIZE],
                     struct err *err) {
    bool ok = csv_file_close(c->file, keep, sha256, err);
    free(c);
    return ok;
}
