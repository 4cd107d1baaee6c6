/* tests/fuzz/fuzz_recon_report.c - any bytes as a reconciliation's report: refused with a sentence,
 * or a reading whose categories add up to its own totals. */
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
    arena_done(&a);
    return 0;
}
