/* act/recon_csv.c - the export for finance: CSV as RFC 4180 has it, UTF-8 with a mark, whole under
 * its name or not there, its SHA-256 for the trail. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "act/recon_out.h"
#include "base/mem.h"
#include "io/file.h"
#include "wire/digest.h"

#define BLOCK ((size_t)64 << 10)

static const char head[] =
    "\xEF\xBB\xBFrun_id,business_date,provider,order_id,provider_tx_id,db_amount,gateway_amount,"
    "bank_amount,fee,db_status,gateway_status,category,difference,resolution,maker,checker,"
    "resolved_at,evidence_ref\r\n";

struct recon_csv {
    char temporary[4096];
    const char *path;
    int fd;
    struct str block;
    struct digest *digest;
};

static bool fail(const struct recon_csv *c, struct err *err) {
    return err_set(err, E_IO, "reconcile.csv", c->path, "%s", strerror(errno));
}

static bool flush(struct recon_csv *c, struct err *err) {
    const char *at = str_get(&c->block);
    size_t n = c->block.len;
    digest_add(c->digest, at, n);
    while (n) {
        ssize_t w = write(c->fd, at, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return fail(c, err);
        at += w;
        n -= (size_t)w;
    }
    str_clear(&c->block);
    return true;
}

struct recon_csv *recon_csv_open(const char *path, struct err *err) {
    struct recon_csv *c = mem_zeroed(sizeof *c);
    c->path = path;
    errno = ENAMETOOLONG;
    bool fits =
        snprintf(c->temporary, sizeof c->temporary, "%s.XXXXXX", path) < (int)sizeof c->temporary;
    c->fd = fits ? mkstemp(c->temporary) : -1; /* mode 0600 */
    if (c->fd < 0) {
        fail(c, err);
        free(c);
        return NULL;
    }
    c->digest = digest_sha256_new();
    str_init(&c->block, 2 * BLOCK);
    str_puts(&c->block, head);
    return c;
}

void recon_day_text(int64_t day, char buf[16]) {
    char time[40];
    pay_time_text(day * 86400 - PAY_VIETNAM_S, time, sizeof time);
    snprintf(buf, 16, "%.10s", time);
}

static void amount(struct str *out, bool has, int64_t vnd) {
    if (has)
        str_printf(out, "%lld", (long long)vnd);
    str_putc(out, ',');
}

static void cell(struct str *out, const char *s, const char *end) {
    recon_csv_cell(out, s ? s : "");
    str_puts(out, end);
}

bool recon_csv_row(struct recon_csv *c, const char *run_id, const struct recon_row *row,
                   const struct recon_resolution *done, struct err *err) {
    struct str *out = &c->block;
    char day[16], at[40] = "";
    recon_day_text(row->day, day);
    if (done && done->wall_s)
        pay_time_text(done->wall_s, at, sizeof at);
    cell(out, run_id, ",");
    cell(out, day, ",");
    cell(out, row->provider, ",");
    cell(out, row->order_id, ",");
    cell(out, row->tx_id, ",");
    amount(out, row->has_db, row->db_vnd);
    amount(out, row->has_gateway, row->gateway_vnd);
    amount(out, row->has_bank, row->bank_vnd);
    amount(out, row->fee_vnd != 0 || row->has_gateway, row->fee_vnd);
    cell(out, row->has_db ? pay_status_name(row->db_status) : "", ",");
    cell(out, row->has_gateway ? pay_status_name(row->gateway_status) : "", ",");
    cell(out, recon_category_info[row->category].name, ",");
    amount(out, true, row->difference_vnd);
    cell(out, done ? done->state : row->why, ",");
    cell(out, done ? done->maker : "", ",");
    cell(out, done ? done->checker : "", ",");
    cell(out, at, ",");
    cell(out, row->evidence, "\r\n");
    return out->len < BLOCK || flush(c, err);
}

bool recon_csv_close(struct recon_csv *c, bool keep, char sha256[65], struct err *err) {
    bool ok = keep && flush(c, err);
    digest_hex(c->digest, sha256);
    if (close(c->fd) != 0 && ok)
        ok = fail(c, err);
    ok = ok && file_publish(c->temporary, c->path, true, err);
    if (!ok)
        unlink(c->temporary);
    str_done(&c->block);
    free(c);
    return ok || !keep;
}
