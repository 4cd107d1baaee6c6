/* recon/techcombank.c - Techcombank's statement: some twenty rows of preamble, debits negative, fee
 * and tax in columns of their own. */
#include "base/attr.h"
#include "codec/statement.h"

static const struct statement_column columns[] = {
    {COLUMN_DATE, "ngay giao dich|transaction date", false},
    {COLUMN_REF, "so but toan|reference number", false},
    {COLUMN_CONTENT, "dien giai|description", false},
    {COLUMN_FEE, "phi/lai|fee/interest|=phi|=fee", true},
    {COLUMN_TAX, "thue|tax|vat", true},
    {COLUMN_BALANCE, "so du|running balance", true},
    {COLUMN_DEBIT, "=no/debit|=no debit|=no|=debit", false},
    {COLUMN_CREDIT, "=co/credit|=co credit|=co|=credit", false},
};

const struct statement_layout layout_techcombank = {
    .id = "techcombank",
    .title = "Techcombank",
    .columns = columns,
    .n_columns = ARRAY_LEN(columns),
};
