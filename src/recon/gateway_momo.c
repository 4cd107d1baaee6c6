/* recon/gateway_momo.c - MoMo's transactions under the names of its API; the state of resultCode.
 */
#include "base/attr.h"
#include "codec/statement.h"

static const struct statement_column columns[] = {
    {COLUMN_DATE, "responsetime", false}, {COLUMN_ORDER, "orderid", false},
    {COLUMN_TX, "transid", false},        {COLUMN_AMOUNT, "=amount", false},
    {COLUMN_STATUS, "resultcode", false}, {COLUMN_FEE, "fee|phi", true},
};

const struct statement_layout layout_gateway_momo = {
    .id = "gateway_momo",
    .title = "MoMo",
    .gateway = true,
    .provider = "MOMO",
    .columns = columns,
    .n_columns = ARRAY_LEN(columns),
    .status = {[PAY_STATUS_NONE] = "42",
               [PAY_PENDING] = "1000",
               [PAY_PROCESSING] = "7000|7002|9000",
               [PAY_COMPLETED] = "0",
               [PAY_FAILED] = "1001|1002|1003|1004|1005|1006|1007|1017|1026|2019|4001|4002|4100"},
};
