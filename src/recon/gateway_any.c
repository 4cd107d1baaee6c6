/* recon/gateway_any.c - a gateway's transactions under our own names, for whoever makes the file
 * himself: the provider stands in a column, the state is ours. */
#include "base/attr.h"
#include "codec/statement.h"

static const struct statement_column columns[] = {
    {COLUMN_PROVIDER, "provider", false},
    {COLUMN_TX, "provider_tx_id", true},
    {COLUMN_ORDER, "order_id", false},
    {COLUMN_AMOUNT, "amount", false},
    {COLUMN_STATUS, "status", false},
    {COLUMN_DATE, "paid_at|time|date", false},
    {COLUMN_FEE, "fee", true},
};

const struct statement_layout layout_gateway_any = {
    .id = "gateway_any",
    .title = "gateway",
    .gateway = true,
    .columns = columns,
    .n_columns = ARRAY_LEN(columns),
    .status = {[PAY_STATUS_NONE] = "not_found|notfound",
               [PAY_PENDING] = "pending",
               [PAY_PROCESSING] = "processing",
               [PAY_COMPLETED] = "completed|paid|success",
               [PAY_FAILED] = "failed|cancelled|expired",
               [PAY_REFUNDED] = "refunded"},
};
