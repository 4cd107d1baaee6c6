/* recon/vietcombank.c - Vietcombank's statement: date and document number share a cell, several
 * accounts may follow each other, amounts may end in VND. */
#include "base/attr.h"
#include "codec/statement.h"

static const struct statement_column columns[] = {
    {COLUMN_DATE, "ngay|tnx date|date", false},
    {COLUMN_REF, "so tham chieu|so ct|doc no", true},
    {COLUMN_DEBIT, "so tien ghi no|debit|ghi no", true},
    {COLUMN_CREDIT, "so tien ghi co|credit|ghi co", true},
    {COLUMN_AMOUNT, "=so tien|=amount", true},
    {COLUMN_BALANCE, "so du|balance", true},
    {COLUMN_CONTENT, "noi dung chi tiet|transactions in detail|mo ta|noi dung", false},
};

const struct statement_layout layout_vietcombank = {
    .id = "vietcombank",
    .title = "Vietcombank",
    .columns = columns,
    .n_columns = ARRAY_LEN(columns),
    .date_holds_ref = true,
};
