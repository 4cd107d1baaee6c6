/* tests/fuzz/fuzz_recon_report.c - any bytes as a reconciliation's report: refused with a sentence,
 * or a reading whose categories add up to its own totals; and as rows that a job kept. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/reconreport.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The last row is the sum of those above it. */
static void check(const struct reading *r) {
    const struct table *t = reading_table(r, "categories");
    int64_t rows = 0;
    if (!t || !t->n_rows || !reading_table(r, "rows") || !reading_table(r, "days") ||
        !reading_table(r, "sources") || !reading_string(r, "run"))
        abort();
    for (uint32_t i = 0; i + 1 < t->n_rows; i++)
        rows += t->rows[i].cells[1].i;
    if (rows != t->rows[t->n_rows - 1].cells[1].i)
        abort();
}

/* The same bytes as the rows that a job kept: whatever the parts, a page and no more. */
static void read_rows(struct reading *r, const char *bytes, size_t size) {
    struct err err = {0};
    struct recon_page *page = recon_page_new(size % 2 ? "" : "STATUS_MISMATCH", size % 3, r);
    bool ok = true;
    for (size_t at = 0; ok && at < size && !recon_page_is_full(page); at += 100)
        ok = recon_page_part(page, bytes + at, size - at < 100 ? size - at : 100, &err);
    recon_page_free(page);
    if ((!ok && !err.why[0]) || reading_table(r, "page")->n_rows > RECON_PAGE_ROWS)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct reading r;
    struct err err = {0};
    arena_init(&a);
    reading_init(&r, &a);
    if (recon_report_read((const char *)data, size, &r, &err))
        check(&r);
    else if (!err.why[0])
        abort();
    read_rows(&r, (const char *)data, size);
    arena_done(&a);
    return 0;
}
