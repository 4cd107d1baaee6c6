/* recon/mb.c - MB's statement: the header somewhere in the first eighty rows, amounts with two
 * decimals, totals in rows without a date. */
#include "base/attr.h"
#include "codec/statement.h"

static const struct statement_column columns[] = {
    {COLUMN_DATE, "ngay giao dich|transaction date", false},
    {COLUMN_REF, "so but toan|ma giao dich|transaction no|reference", true},
    {COLUMN_DEBIT, "phat sinh no|debit", false},
    {COLUMN_CREDIT, "phat sinh co|credit", false},
    {COLUMN_BALANCE, "so du|balance", true},
    {COLUMN_CONTENT, "noi dung|description", false},
};

const struct statement_layout layout_mb = {
    .id = "mb",
    .title = "MB",
    .columns = columns,
    .n_columns = ARRAY_LEN(columns),
};
