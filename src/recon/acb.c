/* recon/acb.c - ACB's statement: the sheet "Statement", its header near row eight. */
#include "base/attr.h"
#include "codec/statement.h"

static const struct statement_column columns[] = {
    {COLUMN_DATE, "ngay giao dich|transaction date", false},
    {COLUMN_REF, "so gd|transaction no", true},
    {COLUMN_CONTENT, "noi dung giao dich|description", false},
    {COLUMN_DEBIT, "so tien rut ra|rut ra|withdraw", false},
    {COLUMN_CREDIT, "so tien gui vao|gui vao|deposit", false},
    {COLUMN_BALANCE, "so du|balance", true},
};

const struct statement_layout layout_acb = {
    .id = "acb",
    .title = "ACB",
    .columns = columns,
    .n_columns = ARRAY_LEN(columns),
};
