/* act/csv_file.c - see act/csv_file.h: cells and rows; the file itself is act/block_file.h's. */
#include "act/csv_file.h"

#include <stdlib.h>

#include "act/block_file.h"
#include "base/mem.h"
#include "codec/recon.h"

struct csv_file {
    struct block_file *file;
    bool in_row; /* a cell of this row is there already */
};

struct csv_file *csv_file_open(const char *op, const char *path, const char *head,
                               struct err *err) {
    struct block_file *file = block_file_open(op, path, err);
    if (!file)
        return NULL;
    struct csv_file *c = mem_zeroed(sizeof *c);
    c->file = file;
    str_printf(block_file_text(file), "\xEF\xBB\xBF%s\r\n", head);
    return c;
}

static struct str *begin_cell(struct csv_file *c) {
    struct str *out = block_file_text(c->file);
    if (c->in_row)
        str_putc(out, ',');
    c->in_row = true;
    return out;
}

void csv_file_text(struct csv_file *c, const char *s) {
    recon_csv_cell(begin_cell(c), s ? s : "");
}

void csv_file_int(struct csv_file *c, bool has, int64_t value) {
    struct str *out = begin_cell(c);
    if (has)
        str_int(out, value);
}

bool csv_file_end_row(struct csv_file *c, struct err *err) {
    str_puts(block_file_text(c->file), "\r\n");
    c->in_row = false;
    return block_file_end_line(c->file, err);
}

bool csv_file_close(struct csv_file *c, bool keep, char sha256[DIGEST_HEX_SIZE], struct err *err) {
    bool ok = block_file_close(c->file, keep, sha256, err);
    free(c);
    return ok;
}
