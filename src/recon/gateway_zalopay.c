/* recon/gateway_zalopay.c - ZaloPay's transactions under the names of its API: the order behind the
 * day of app_trans_id, the state of return_code. */
#include "base/attr.h"
#include "codec/statement.h"

static const struct statement_column columns[] = {
    {COLUMN_DATE, "server_time", false},   {COLUMN_ORDER, "app_trans_id", false},
    {COLUMN_TX, "zp_trans_id", false},     {COLUMN_AMOUNT, "=amount", false},
    {COLUMN_STATUS, "return_code", false}, {COLUMN_FEE, "fee|phi", true},
};

const struct statement_layout layout_gateway_zalopay = {
    .id = "gateway_zalopay",
    .title = "ZaloPay",
    .gateway = true,
    .provider = "ZALOPAY",
    .columns = columns,
    .n_columns = ARRAY_LEN(columns),
    .dated_order = true,
    .status = {[PAY_PENDING] = "3", [PAY_COMPLETED] = "1", [PAY_FAILED] = "2"},
};
