/* pay/zalopay.c - ZaloPay: key2 signs what ZaloPay sends (the callback's exact `data`, the
 * redirect), key1 what we send. Amounts are dong. Names without underscores are those of version 1.
 */
#include "pay_priv.h"

#include <string.h>

static const struct pay_setting settings[] = {
    {"ZALOPAY_APP_ID", PAY_ID, NULL, false},
    {"ZALOPAY_KEY1", PAY_SECRET, NULL, false},
    {"ZALOPAY_KEY2", PAY_SECRET, NULL, false},
    {"ZALOPAY_ENDPOINT", PAY_URL, NULL, true},
};

/* Published by ZaloPay for its sandbox. */
static const struct pay_account test_accounts[] = {
    {"zalopay",
     "test",
     0,
     0,
     {"2553", "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL", "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz", NULL}},
    {"zalopay",
     "test",
     0,
     0,
     {"2554", "sdngKKJmqEMzvh5QQcdD2A9XBSKUNaYn", "trMrHtvjo6myautxDUiAcYsVtaeQ8nhf", NULL}},
};

/* --- the signed text --- */

static bool data_as_sent(struct pay_check *c, uint32_t turn, struct str *out) {
    const struct jsontext *data = jsontext_get(c->message, "data");
    if (turn || !data)
        return false;
    str_puts(out, data->text);
    if (c->tracing)
        pay_names_add(c->arena, &c->result->trace.signed_fields, "data");
    return true;
}

/* Every way to write the same values: one of them may be what was sent, before it was parsed. */
static bool data_rewritten(struct pay_check *c, uint32_t turn, struct str *out) {
    const unsigned all = JSONTEXT_SORTED | JSONTEXT_SLASHES | JSONTEXT_ASCII | JSONTEXT_SPACED;
    if (turn > all || !c->nested)
        return false;
    jsontext_write(c->nested, turn, out);
    return true;
}

static const struct pay_variant data_variants[] = {
    {BIT(PAY_HMAC_SHA256), NULL, data_as_sent},
    {0, "`data` was parsed and written again: the exact text that was sent is signed",
     data_rewritten},
    {0, NULL, NULL},
};
static const struct pay_variant list_variants[] = {
    {BIT(PAY_HMAC_SHA256), NULL, pay_base_fields},
    {0, NULL, NULL},
};
static const struct pay_variant given_variants[] = {
    {BIT(PAY_HMAC_SHA256), NULL, pay_base_given},
    {0, NULL, NULL},
};

/* --- what it says --- */

/* Sent only when money was collected. `type` is not signed and decides nothing. */
static void read_callback(struct pay_check *c) {
    struct pay_result *r = c->result;
    int64_t ms;
    r->order_id = pay_get(c, "app_trans_id/apptransid");
    pay_read_tx(c, "zp_trans_id/zptransid", INT64_MAX);
    pay_read_amount(c, "amount", 0);
    if (pay_number(c, "server_time/servertime", 0, PAY_TIME_MAX_MS, &ms)) {
        r->has_pay_time = true;
        r->pay_time_wall_s = ms / 1000;
    }
    r->status = PAY_COMPLETED;
    r->is_success = true;
    r->reason = "it calls only when money was collected";
}

static void read_redirect(struct pay_check *c) {
    struct pay_result *r = c->result;
    int64_t status;
    r->order_id = pay_get(c, "apptransid");
    pay_read_amount(c, "amount", 0);
    if (!pay_number(c, "status", INT32_MIN, INT32_MAX, &status))
        return;
    r->status = status == 1 ? PAY_COMPLETED : status < 0 ? PAY_FAILED : PAY_STATUS_NONE;
    r->is_success = status == 1;
    r->reason = arena_printf(c->arena, "status %lld: %s", (long long)status,
                             status == 1  ? "paid"
                             : status < 0 ? "not paid"
                                          : "not a code we know");
    r->display_only = true;
    r->note = "a browser brought this: show it, but let the callback or a query change the order";
}

static void read_request(struct pay_check *c) {
    c->result->order_id = pay_get(c, "app_trans_id");
    if (c->kind->amount)
        pay_read_amount(c, c->kind->amount, 0);
}

#define REQUEST(kind_name, kind_help, kind_fields, kind_required, kind_amount)                     \
    {                                                                                              \
        .name = kind_name, .help = kind_help, .forms = PAY_FORM_BASE, .marks = "app_id",           \
        .signature = "mac", .secret = "ZALOPAY_KEY1", .fields = kind_fields, .joint = '|',         \
        .merchant = "app_id", .required = kind_required, .amount = kind_amount,                    \
        .scheme = PAY_HMAC_SHA256, .variants = given_variants, .read = read_request                \
    }

static const struct pay_kind kinds[] = {
    {.name = "callback",
     .also = "ipn",
     .help = "ZaloPay's call to our server",
     .forms = PAY_FORM_JSON,
     .marks = "data",
     .nested = "data",
     .nested_is_text = true,
     .signature = "mac",
     .secret = "ZALOPAY_KEY2",
     .absent_is_empty = true,
     .merchant = "app_id/appid",
     .required = "app_trans_id/apptransid amount zp_trans_id/zptransid server_time/servertime",
     .scheme = PAY_HMAC_SHA256,
     .variants = data_variants,
     .read = read_callback},
    {.name = "redirect",
     .also = "return",
     .help = "the customer's way back from ZaloPay, in the browser",
     .forms = PAY_FORM_QUERY | PAY_FORM_JSON,
     .marks = "appid apptransid",
     .signature = "checksum",
     .secret = "ZALOPAY_KEY2",
     .fields = "appid apptransid pmcid bankcode amount discountamount status",
     .joint = '|',
     .merchant = "appid",
     .required = "apptransid",
     .amount = "amount",
     .scheme = PAY_HMAC_SHA256,
     .variants = list_variants,
     .read = read_redirect},
    {.name = "query_response",
     .help = "ZaloPay's answer to a query; it carries no signature",
     .forms = PAY_FORM_JSON,
     .marks = "return_code"},
    REQUEST("query_mac", "our query of a payment", "app_id app_trans_id key1=ZALOPAY_KEY1",
            "app_trans_id key1=ZALOPAY_KEY1", NULL),
    REQUEST("query_refund_mac", "our query of a refund", "app_id m_refund_id timestamp",
            "m_refund_id timestamp", NULL),
    REQUEST("refund_mac", "our refund", "app_id zp_trans_id amount description timestamp",
            "zp_trans_id timestamp", "amount"),
    REQUEST("create_mac", "our request for a payment",
            "app_id app_trans_id app_user amount app_time embed_data item", "app_trans_id app_time",
            "amount"),
};

/* --- asking --- */

/* key1 is the third part of a query's text: it is signed, not sent. */
static bool ask_make(struct pay_ask *k, struct str *body, struct err *err) {
    const char *app = pay_ask_setting(k, "ZALOPAY_APP_ID");
    bool refund = k->question->what == PAY_ASK_REFUND;
    struct str base, mac;
    if (strlen(k->order) > (refund ? 45u : 40u))
        return err_set(err, E_CONFIG, "payments.ask", k->order, "is longer than ZaloPay's are");
    const char *at = arena_printf(k->arena, "%lld", (long long)k->question->now_wall_ms);
    str_init(&base, 4096);
    str_init(&mac, 256);
    str_printf(&base, "%s|%s|%s", app, k->order, refund ? at : pay_ask_setting(k, "ZALOPAY_KEY1"));
    pay_ask_sign(k, PAY_HMAC_SHA256, "ZALOPAY_KEY1", &base, &mac);
    digest_wipe(base.s, base.len);
    str_puts(body, "app_id=");
    pay_encode(app, "+", body);
    if (refund)
        str_printf(body, "&m_refund_id=%s&timestamp=%s&mac=%s", k->order, at, str_get(&mac));
    else
        str_printf(body, "&app_trans_id=%s&mac=%s", k->order, str_get(&mac));
    str_done(&base);
    str_done(&mac);
    return true;
}

/* What return_code 2 means by its sub code; what stands not here is a payment that failed. */
static const struct {
    const char *code, *meaning;
    enum pay_said said;
} sub_codes[] = {
    {"-54", "the time to pay ran out", PAY_SAID_FINAL},
    {"-63", "not enough money in the account", PAY_SAID_FINAL},
    {"-92", "not an order number", PAY_SAID_REFUSED},
    {"-101", "no such order", PAY_SAID_UNKNOWN},
    {"-217", "refused by the bank", PAY_SAID_FINAL},
    {"-332", "the promotion does not apply", PAY_SAID_FINAL},
    {"-333", "the promotion does not apply", PAY_SAID_FINAL},
    {"-401", "badly formed request", PAY_SAID_REFUSED},
    {"-402", "unknown application, or bad mac", PAY_SAID_REFUSED},
    {"-429", "asked too often", PAY_SAID_NOTHING},
    {"-500", "an error of its own", PAY_SAID_NOTHING},
    {"-999", "under maintenance", PAY_SAID_NOTHING},
};

static const struct pay_code refund_codes[] = {
    {"-13", "the time to refund is over", PAY_FAILED},
    {"-14", "more than may be refunded", PAY_FAILED},
    {"-32", "this payment cannot be refunded", PAY_FAILED},
    {NULL, NULL, PAY_STATUS_NONE},
};

static void ask_refund_failed(struct pay_ask *k, const char *sub) {
    const struct pay_code *found = pay_code_find(refund_codes, sub);
    pay_ask_settle(k, PAY_FAILED, found ? found->meaning : "return_code 2: the refund failed");
    k->answer->note = "the refund failed: the payment stays as it is";
}

static void ask_failed(struct pay_ask *k, const char *sub) {
    size_t i = 0;
    while (i < ARRAY_LEN(sub_codes) && strcmp(sub_codes[i].code, sub) != 0)
        i++;
    bool known = i < ARRAY_LEN(sub_codes);
    if (known && sub_codes[i].said != PAY_SAID_FINAL)
        pay_ask_say(k, sub_codes[i].said, sub_codes[i].said == PAY_SAID_NOTHING,
                    "sub_return_code %s: %s", sub, sub_codes[i].meaning);
    else if (k->question->what == PAY_ASK_REFUND)
        ask_refund_failed(k, sub);
    else
        pay_ask_settle(k, PAY_FAILED, known ? sub_codes[i].meaning : "return_code 2: not paid");
}

/* It names no order in its answer: amount and number must do. */
static void ask_paid(struct pay_ask *k) {
    struct pay_answer *r = k->answer;
    const char *id = pay_ask_get(k, "zp_trans_id");
    int64_t ms, number;
    if (!pay_parse_i64(id, 1, INT64_MAX, &number) ||
        !pay_ask_number(k, "amount", 1, PAY_VND_MAX, &r->amount_vnd)) {
        pay_ask_say(k, PAY_SAID_INVALID, false,
                    "it says paid, without a sound amount and zp_trans_id");
        return;
    }
    r->has_amount = true;
    r->provider_tx_id = id;
    r->has_pay_time = pay_ask_number(k, "server_time", 0, PAY_TIME_MAX_MS, &ms);
    r->pay_time_wall_s = r->has_pay_time ? ms / 1000 : 0;
    r->note = "ZaloPay's answer does not tell a refund: ask for it by its number";
    pay_ask_settle(k, PAY_COMPLETED, "return_code 1: paid");
}

static void ask_open(struct pay_ask *k, bool refund) {
    const struct jsontext *busy = jsontext_get(k->doc, "is_processing");
    bool processing = refund || (busy && !strcmp(busy->text, "true"));
    int64_t sub;
    if (refund && pay_ask_number(k, "sub_return_code", -1, -1, &sub))
        k->answer->note = "this refund is stuck: only ZaloPay's support moves it";
    pay_ask_settle(k, processing ? PAY_PROCESSING : PAY_PENDING,
                   processing ? "return_code 3: being processed" : "return_code 3: not paid yet");
}

static void ask_read(struct pay_ask *k) {
    bool refund = k->question->what == PAY_ASK_REFUND;
    int64_t code, sub = 0;
    if (!pay_ask_number(k, "return_code", INT32_MIN, INT32_MAX, &code) ||
        (code == 2 && !pay_ask_number(k, "sub_return_code", INT32_MIN, INT32_MAX, &sub))) {
        pay_ask_say(k, PAY_SAID_INVALID, false, "it has no return_code, or no sub_return_code");
        return;
    }
    k->answer->code = code == 2 ? arena_printf(k->arena, "2/%lld", (long long)sub)
                                : arena_printf(k->arena, "%lld", (long long)code);
    if (code == 1 && refund)
        pay_ask_settle(k, PAY_REFUNDED, "return_code 1: the refund is done");
    else if (code == 1)
        ask_paid(k);
    else if (code == 2)
        ask_failed(k, arena_printf(k->arena, "%lld", (long long)sub));
    else if (code == 3)
        ask_open(k, refund);
    else
        pay_ask_say(k, PAY_SAID_INVALID, false, "return_code %lld is not a code we know",
                    (long long)code);
}

static const struct pay_gateway gateway = {
    .url = "ZALOPAY_ENDPOINT",
    .payment_path = "/query",
    .refund_path = "/query_refund",
    .content_type = "application/x-www-form-urlencoded",
    .timeout_ms = 15000,
    .pause_ms = 1000,
    .back_off_ms = 10000,
    .back_off_most_ms = 60000, /* it wants to be asked once a minute */
    .make = ask_make,
    .read = ask_read,
};

const struct pay_provider pay_zalopay = {
    .id = "zalopay",
    .title = "ZaloPay",
    .stored = "ZALOPAY",
    .settings = settings,
    .n_settings = ARRAY_LEN(settings),
    .merchant = "ZALOPAY_APP_ID",
    .test_hosts = "sb-openapi.zalopay.vn",
    .test_accounts = test_accounts,
    .n_test_accounts = ARRAY_LEN(test_accounts),
    .habits = {.window_s = 15 * 60, .dated_orders = true},
    .kinds = kinds,
    .n_kinds = ARRAY_LEN(kinds),
    .gateway = &gateway,
};
