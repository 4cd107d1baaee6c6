/* act/recon_kept.c - the rows that a job keeps for the screen: each a line of its own, in the order
 * of the report, so that any part of a day can be looked at in little memory (recon/rows.c). */
#include <stdlib.h>

#include "act/block_file.h"
#include "act/recon_out.h"
#include "base/mem.h"
#include "codec/reconreport.h"

struct recon_kept {
    struct block_file *file;
    uint32_t n;
    bool failed; /* the rows behind it are not asked for any more */
    struct err err;
};

struct recon_kept *recon_kept_open(const char *path, struct err *err) {
    struct block_file *file = block_file_open("reconcile.rows", path, err);
    if (!file)
        return NULL;
    struct recon_kept *k = mem_zeroed(sizeof *k);
    k->file = file;
    return k;
}

void recon_kept_row(struct recon_kept *k, const struct recon_row *row, const char *proposal,
                    const struct recon_resolution *done) {
    struct jsonw w;
    if (k->failed || k->n == RECON_ROWS_MOST)
        return;
    k->n++;
    jsonw_init(&w, block_file_text(k->file), JSONW_LINE);
    recon_row_json(&w, row, proposal, done);
    str_putc(block_file_text(k->file), '\n');
    k->failed = !block_file_end_line(k->file, &k->err);
}

bool recon_kept_close(struct recon_kept *k, bool keep, struct err *err) {
    char unused[DIGEST_HEX_SIZE];
    bool failed = k->failed;
    if (failed && keep)
        *err = k->err;
    bool ok = block_file_close(k->file, keep && !failed, unused, err);
    free(k);
    return ok && !(failed && keep);
}
