/* recon/gateway_vnpay.c - VNPay's transactions under the names of its API: amounts times 100, the
 * state of vnp_TransactionStatus. */
#include "base/attr.h"
#include "codec/statement.h"

static const struct statement_column columns[] = {
    {COLUMN_DATE, "vnp_paydate", false},
    {COLUMN_ORDER, "vnp_txnref", false},
    {COLUMN_TX, "vnp_transactionno", false},
    {COLUMN_AMOUNT, "vnp_amount", false},
    {COLUMN_STATUS, "vnp_transactionstatus", false},
    {COLUMN_TYPE, "vnp_transactiontype", true},
    {COLUMN_FEE, "fee|phi", true},
};

const struct statement_layout layout_gateway_vnpay = {
    .id = "gateway_vnpay",
    .title = "VNPay",
    .gateway = true,
    .provider = "VNPAY",
    .columns = columns,
    .n_columns = ARRAY_LEN(columns),
    .unit = 100,
    .status = {[PAY_PENDING] = "01",
               [PAY_PROCESSING] = "04|05|06|07",
               [PAY_COMPLETED] = "00",
               [PAY_FAILED] = "02|08|09|11"},
    .refunds = "02|03",
};
