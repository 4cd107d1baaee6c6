/* pay/vnpay.c - VNPay: calls (ipn, return) and payment URLs signed over all vnp_ fields in byte
 * order (vnpay_text_lib.c), and the transaction API signed over fixed lists. Version 2.1.0 is
 * HMAC-SHA512 over url-encoded text; 2.0.x was a plain digest of secret + unencoded text. Amounts
 * are dong x 100. */
#include "vnpay_priv.h"

#include <string.h>

#include "base/jsonw.h"

#define MOST_AMOUNT 999999999999 /* twelve digits, of dong x 100 */
#define MOST_NUMBER 999999999999999

static const struct pay_setting settings[] = {
    {"VNPAY_TMN_CODE", PAY_ID, NULL, false},
    {"VNPAY_HASH_SECRET", PAY_SECRET, NULL, false},
    {"GOODGO_VNPAY_HASH_TYPE", PAY_CHOICE, "HMACSHA512|SHA256|MD5", false},
    {"GOODGO_VNPAY_VERSION", PAY_CHOICE, "2.1.0|2.0.x|2.0.0|2.0.1", true},
    {"VNPAY_BASE_URL", PAY_URL, NULL, true},
    {"VNPAY_API_URL", PAY_URL, NULL, true},
};
extern const struct pay_provider pay_vnpay;

/* VNPay gives each merchant a secret of its own; this one is printed in samples everywhere. */
static const struct pay_account test_accounts[] = {
    {"vnpay", "test", 0, 0, {"COCOSIN", "RAOEXHYVSDDIIENYWSLDIIZTANXUXZFJ", NULL}},
    {"vnpay", "test", 0, 0, {"2QXUI4J4", "RAOEXHYVSDDIIENYWSLDIIZTANXUXZFJ", NULL}},
};

static enum pay_scheme scheme_of(const struct pay_account *a) {
    const char *type = pay_account_get(&pay_vnpay, a, "GOODGO_VNPAY_HASH_TYPE");
    if (type && !strcmp(type, "SHA256"))
        return PAY_PREFIX_SHA256;
    return type && !strcmp(type, "MD5") ? PAY_PREFIX_MD5 : PAY_HMAC_SHA512;
}

/* Before 2.1.0 a call has no vnp_TransactionStatus. */
static bool is_old_version(const struct pay_account *a) {
    const char *version = pay_account_get(&pay_vnpay, a, "GOODGO_VNPAY_VERSION");
    return version ? strcmp(version, "2.1.0") != 0 : scheme_of(a) != PAY_HMAC_SHA512;
}

/* --- what it says --- */

static const struct pay_code response_codes[] = {
    {"00", "no error", PAY_COMPLETED}, /* a state beside it tells whether it is paid */
    {"01", "order number used before", PAY_STATUS_NONE},
    {"02", "unknown terminal id", PAY_STATUS_NONE},
    {"03", "badly formed request", PAY_STATUS_NONE},
    {"04", "terminal locked", PAY_STATUS_NONE},
    {"07", "debited, but suspected of fraud", PAY_PROCESSING},
    {"08", "bank under maintenance", PAY_STATUS_NONE},
    {"09", "card or account without internet banking", PAY_FAILED},
    {"10", "wrong card or account data three times", PAY_FAILED},
    {"11", "the time to pay ran out", PAY_FAILED},
    {"12", "card or account locked", PAY_FAILED},
    {"13", "wrong one-time password", PAY_FAILED},
    {"24", "cancelled by the customer", PAY_FAILED},
    {"51", "not enough money in the account", PAY_FAILED},
    {"65", "daily limit reached", PAY_FAILED},
    {"75", "bank under maintenance", PAY_FAILED},
    {"79", "wrong password too often", PAY_FAILED},
    {"99", "another error", PAY_STATUS_NONE},
    {NULL, NULL, PAY_STATUS_NONE},
};
static const struct pay_code states[] = {
    {"00", "paid", PAY_COMPLETED},
    {"01", "not finished", PAY_PENDING},
    {"02", "error", PAY_FAILED},
    {"04", "debited at the bank, not successful at VNPay", PAY_PROCESSING},
    {"05", "refund being processed", PAY_PROCESSING},
    {"06", "refund sent to the bank", PAY_PROCESSING},
    {"07", "suspected of fraud", PAY_PROCESSING},
    {"08", "timed out", PAY_FAILED},
    {"09", "refund rejected", PAY_STATUS_NONE},
    {"11", "cancelled", PAY_FAILED},
    {NULL, NULL, PAY_STATUS_NONE},
};
static const struct pay_code query_codes[] = {
    {"00", "found", PAY_COMPLETED},
    {"02", "unknown terminal id", PAY_STATUS_NONE},
    {"03", "badly formed request", PAY_STATUS_NONE},
    {"91", "no such transaction", PAY_STATUS_NONE},
    {"94", "asked twice or too soon", PAY_STATUS_NONE},
    {"97", "bad checksum", PAY_STATUS_NONE},
    {"99", "another error", PAY_STATUS_NONE},
    {NULL, NULL, PAY_STATUS_NONE},
};
static const struct pay_code refund_codes[] = {
    {"00", "taken", PAY_STATUS_NONE},
    {"02", "unknown terminal id", PAY_STATUS_NONE},
    {"03", "badly formed request", PAY_STATUS_NONE},
    {"91", "no such transaction", PAY_STATUS_NONE},
    {"94", "asked for before, and in process", PAY_STATUS_NONE},
    {"95", "the payment was not successful, so nothing to refund", PAY_STATUS_NONE},
    {"97", "bad checksum", PAY_STATUS_NONE},
    {"99", "another error", PAY_STATUS_NONE},
    {NULL, NULL, PAY_STATUS_NONE},
};

static const char *meaning(const struct pay_code *table, const char *code) {
    const struct pay_code *found = pay_code_find(table, code);
    return found ? found->meaning : "not a code we know";
}

/* The order of the rules matters: what is surely paid, what wants a look, what is open, what
 * failed. */
static enum pay_status call_status(const char *response, const char *state, bool old_version) {
    const struct pay_code *r = pay_code_find(response_codes, response),
                          *t = pay_code_find(states, state);
    bool ok = r && r->status == PAY_COMPLETED;
    if (ok && (state ? t && t->status == PAY_COMPLETED : old_version))
        return PAY_COMPLETED;
    if ((t && t->status == PAY_PROCESSING) || (r && r->status == PAY_PROCESSING))
        return PAY_PROCESSING;
    if (ok)
        return !state || (t && t->status == PAY_PENDING) ? PAY_PENDING : PAY_STATUS_NONE;
    if ((t && t->status == PAY_FAILED) || (r && r->status == PAY_FAILED))
        return PAY_FAILED;
    return PAY_STATUS_NONE;
}

/* Whole dong: VNPay's amount is x 100, so its last two digits are 00. */
static void read_amount(struct pay_check *c) {
    int64_t n;
    if (!pay_get(c, "vnp_Amount") || !pay_get(c, "vnp_Amount")[0])
        return;
    if (!pay_number(c, "vnp_Amount", 0, MOST_AMOUNT, &n))
        return;
    if (n % 100)
        pay_refuse(c, PAY_BAD_FIELD, "vnp_Amount %lld is no whole dong x 100", (long long)n);
    c->result->has_amount = true;
    c->result->amount_vnd = n / 100;
}

static void read_code(struct pay_check *c, const char *name, const char **ret) {
    const char *s = pay_get(c, name);
    *ret = s && *s ? s : NULL;
    if (*ret && (strlen(s) != 2 || s[strspn(s, "0123456789")]))
        pay_refuse(c, PAY_BAD_FIELD, "%s is %s, where two digits are due", name, pay_quoted(c, s));
}

static void read_common(struct pay_check *c) {
    struct pay_result *r = c->result;
    const char *date = pay_get(c, "vnp_PayDate"), *number = pay_get(c, "vnp_TransactionNo");
    r->order_id = pay_get(c, "vnp_TxnRef");
    if (number && *number)
        pay_read_tx(c, "vnp_TransactionNo", MOST_NUMBER);
    r->has_pay_time = pay_time_vietnam(date, &r->pay_time_wall_s);
    if (date && *date && !r->has_pay_time)
        pay_refuse(c, PAY_BAD_FIELD, "vnp_PayDate is %s, where yyyyMMddHHmmss is due",
                   pay_quoted(c, date));
    read_amount(c);
}

static void say(struct pay_check *c, const struct pay_code *table, const char *response,
                const char *state) {
    struct pay_result *r = c->result;
    r->reason =
        arena_printf(c->arena, "vnp_ResponseCode %s: %s", response, meaning(table, response));
    if (state)
        r->reason = arena_printf(c->arena, "%s; vnp_TransactionStatus %s: %s", r->reason, state,
                                 meaning(states, state));
}

static void read_call(struct pay_check *c) {
    struct pay_result *r = c->result;
    const char *response, *state;
    read_common(c);
    read_code(c, "vnp_ResponseCode", &response);
    read_code(c, "vnp_TransactionStatus", &state);
    if (r->failure != PAY_OK)
        return;
    r->status = call_status(response, state, is_old_version(c->account));
    r->is_success = r->status == PAY_COMPLETED;
    say(c, response_codes, response, state);
    if (r->status == PAY_PENDING && !state)
        r->reason = arena_printf(c->arena,
                                 "%s; vnp_TransactionStatus is missing: without it nothing is paid",
                                 r->reason);
    r->display_only = !strcmp(c->kind->name, "return");
    if (r->display_only)
        r->note = "a browser brought this: show it, but let the ipn or a query change the order";
    else if (r->status == PAY_STATUS_NONE)
        r->note = "these codes settle nothing: ask the gateway";
}

/* The response code is about the question, the status about the payment; a refund's row answers 00
 * too, so only type 01 is a payment. */
static void read_answer(struct pay_check *c) {
    struct pay_result *r = c->result;
    const char *response, *state, *type;
    read_common(c);
    read_code(c, "vnp_ResponseCode", &response);
    read_code(c, "vnp_TransactionStatus", &state);
    read_code(c, "vnp_TransactionType", &type);
    if (r->failure != PAY_OK)
        return;
    say(c, query_codes, response, state);
    const struct pay_code *found = pay_code_find(states, state);
    bool answered = response && !strcmp(response, "00") && (found || !state);
    bool paid = answered && found && found->status == PAY_COMPLETED;
    bool payment = type ? !strcmp(type, "01") : c->kind->fields == NULL;
    if (answered && payment)
        r->status = found ? found->status : PAY_PENDING;
    else if (paid && type && !strcmp(type, "02"))
        r->status = PAY_REFUNDED;
    else
        r->note = !answered ? "this answer says nothing about the payment"
                            : "a row of a refund: the payment itself stays as it is";
    r->is_success = r->status == PAY_COMPLETED;
}

/* Taken, and done some days later: what became of it tells a query alone. */
static void read_refund_answer(struct pay_check *c) {
    const char *response, *state;
    read_common(c);
    read_code(c, "vnp_ResponseCode", &response);
    read_code(c, "vnp_TransactionStatus", &state);
    if (c->result->failure == PAY_OK)
        say(c, refund_codes, response, state);
    c->result->note = "whether the money went back is told by a query of the payment";
}

/* What we sent ourselves: an order, and nothing that happened to it. */
static void read_request(struct pay_check *c) {
    int64_t at;
    c->result->order_id = pay_get(c, "vnp_TxnRef");
    if (c->kind->amount)
        read_amount(c);
    if (!pay_time_vietnam(pay_get(c, "vnp_CreateDate"), &at))
        pay_refuse(c, PAY_BAD_FIELD, "vnp_CreateDate is %s, where yyyyMMddHHmmss is due",
                   pay_quoted(c, pay_get(c, "vnp_CreateDate")));
}

#define CALL_FIELDS                                                                                \
    "vnp_TmnCode vnp_Amount vnp_BankCode vnp_OrderInfo vnp_TransactionNo vnp_ResponseCode "        \
    "vnp_TxnRef"
#define CALL(kind_name, kind_help)                                                                 \
    {                                                                                              \
        .name = kind_name, .help = kind_help, .forms = PAY_FORM_QUERY | PAY_FORM_JSON,             \
        .marks = "vnp_ResponseCode vnp_TxnRef", .signature = "vnp_SecureHash",                     \
        .secret = "VNPAY_HASH_SECRET", .absent_is_empty = true, .merchant = "vnp_TmnCode",         \
        .required = CALL_FIELDS, .amount = "vnp_Amount", .variants = vnpay_call_variants,          \
        .read = read_call                                                                          \
    }
#define API(kind_name, kind_help, kind_marks, kind_fields, kind_required, reader)                  \
    {                                                                                              \
        .name = kind_name, .help = kind_help, .forms = PAY_FORM_JSON, .marks = kind_marks,         \
        .signature = "vnp_SecureHash",                                                             \
        .when_missing = "an answer without a checksum, such as an error, says nothing about the "  \
                        "payment",                                                                 \
        .secret = "VNPAY_HASH_SECRET", .fields = kind_fields, .joint = '|',                        \
        .absent_is_empty = true, .merchant = "vnp_TmnCode", .required = kind_required,             \
        .amount = "vnp_Amount", .variants = vnpay_api_variants, .read = reader                     \
    }

static const struct pay_kind kinds[] = {
    API("querydr_response", "VNPay's answer to a query", "vnp_Command=querydr vnp_ResponseId",
        "vnp_ResponseId vnp_Command vnp_ResponseCode vnp_Message vnp_TmnCode vnp_TxnRef vnp_Amount "
        "vnp_BankCode vnp_PayDate vnp_TransactionNo vnp_TransactionType vnp_TransactionStatus "
        "vnp_OrderInfo vnp_PromotionCode vnp_PromotionAmount",
        "vnp_ResponseCode vnp_TxnRef", read_answer),
    API("querydr_request", "our query to VNPay", "vnp_Command=querydr vnp_RequestId",
        "vnp_RequestId vnp_Version vnp_Command vnp_TmnCode vnp_TxnRef vnp_TransactionDate "
        "vnp_CreateDate vnp_IpAddr vnp_OrderInfo",
        "vnp_RequestId vnp_Version vnp_Command vnp_TxnRef vnp_TransactionDate vnp_CreateDate "
        "vnp_IpAddr vnp_OrderInfo",
        read_request),
    API("refund_response", "VNPay's answer to a refund", "vnp_Command=refund vnp_ResponseId",
        "vnp_ResponseId vnp_Command vnp_ResponseCode vnp_Message vnp_TmnCode vnp_TxnRef vnp_Amount "
        "vnp_BankCode vnp_PayDate vnp_TransactionNo vnp_TransactionType vnp_TransactionStatus "
        "vnp_OrderInfo",
        "vnp_ResponseCode vnp_TxnRef", read_refund_answer),
    API("refund_request", "our refund, as it was sent to VNPay", "vnp_Command=refund vnp_RequestId",
        "vnp_RequestId vnp_Version vnp_Command vnp_TmnCode vnp_TransactionType vnp_TxnRef "
        "vnp_Amount "
        "vnp_TransactionNo vnp_TransactionDate vnp_CreateBy vnp_CreateDate vnp_IpAddr "
        "vnp_OrderInfo",
        "vnp_RequestId vnp_Version vnp_Command vnp_TransactionType vnp_TxnRef vnp_Amount "
        "vnp_TransactionDate vnp_CreateDate vnp_IpAddr vnp_OrderInfo",
        read_request),
    {.name = "query_response",
     .help = "the answer to a query, as a form (versions 2.0.x)",
     .forms = PAY_FORM_QUERY | PAY_FORM_JSON,
     .marks = "vnp_ResponseCode vnp_TxnRef vnp_Message",
     .signature = "vnp_SecureHash",
     .secret = "VNPAY_HASH_SECRET",
     .absent_is_empty = true,
     .merchant = "vnp_TmnCode",
     .required = "vnp_ResponseCode vnp_TxnRef",
     .amount = "vnp_Amount",
     .variants = vnpay_call_variants,
     .read = read_answer},
    CALL("ipn", "VNPay's call to our server"),
    CALL("return", "the customer's way back from VNPay, in the browser"),
    {.name = "payment_url",
     .help = "the address we send a customer to",
     .forms = PAY_FORM_QUERY,
     .marks = "vnp_Command vnp_CreateDate",
     .signature = "vnp_SecureHash",
     .secret = "VNPAY_HASH_SECRET",
     .absent_is_empty = true,
     .merchant = "vnp_TmnCode",
     .required = "vnp_Version vnp_Command vnp_TxnRef vnp_Amount vnp_OrderInfo vnp_CreateDate",
     .amount = "vnp_Amount",
     .variants = vnpay_call_variants,
     .read = read_request},
};

/* --- asking --- */

/* In the order of the checksum; vnp_Version to vnp_OrderInfo are all texts here. */
static bool ask_make(struct pay_ask *k, struct str *body, struct err *err) {
    char made[15], now[15];
    struct str base, mac;
    struct jsonw w;
    if (is_old_version(k->account))
        return err_set(err, E_CONFIG, "payments.ask", "GOODGO_VNPAY_VERSION",
                       "VNPay's transaction interface is asked in version 2.1.0 only");
    pay_stamp_vietnam(k->question->created_wall_s, made);
    pay_stamp_vietnam(k->question->now_wall_ms / 1000, now);
    const char *info = arena_printf(k->arena, "Truy van GD %s", k->order);
    const struct {
        const char *name, *value;
    } fields[] = {
        {"vnp_RequestId", k->question->request_id},
        {"vnp_Version", "2.1.0"},
        {"vnp_Command", "querydr"},
        {"vnp_TmnCode", pay_ask_setting(k, "VNPAY_TMN_CODE")},
        {"vnp_TxnRef", k->order},
        {"vnp_TransactionDate", made},
        {"vnp_CreateDate", now},
        {"vnp_IpAddr", "127.0.0.1"},
        {"vnp_OrderInfo", info},
    };
    str_init(&base, 4096);
    str_init(&mac, 256);
    jsonw_init(&w, body, JSONW_LINE);
    jsonw_open(&w, '{');
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        str_printf(&base, "%s%s", i ? "|" : "", fields[i].value);
        jsonw_put_string(&w, fields[i].name, fields[i].value);
    }
    pay_ask_sign(k, PAY_HMAC_SHA512, "VNPAY_HASH_SECRET", &base, &mac);
    jsonw_put_string(&w, "vnp_SecureHash", str_get(&mac));
    jsonw_close(&w, '}');
    str_done(&base);
    str_done(&mac);
    return true;
}

/* What VNPay says of the question itself; without a checksum, mostly. */
static void ask_refused(struct pay_ask *k, const char *code) {
    bool unknown = !strcmp(code, "91"), ours = strcmp(code, "94") && strcmp(code, "99");
    k->answer->code = code;
    pay_ask_say(k,
                unknown ? PAY_SAID_UNKNOWN
                : ours  ? PAY_SAID_REFUSED
                        : PAY_SAID_NOTHING,
                !unknown && !ours, "vnp_ResponseCode %.10s: %s", code, meaning(query_codes, code));
}

/* What says paid, or given back, says how much, and which transaction it was. */
static bool is_sound(const struct pay_result *r) {
    const char *number = r->provider_tx_id;
    return !pay_status_has_money(r->status) ||
           (r->has_amount && r->amount_vnd > 0 && number && strcmp(number, "0") != 0);
}

static void ask_settle(struct pay_ask *k, const struct pay_result *r) {
    struct pay_answer *answer = k->answer;
    const char *type = pay_ask_get(k, "vnp_TransactionType");
    const char *state = pay_ask_get(k, "vnp_TransactionStatus");
    answer->is_signed = true;
    answer->code = arena_printf(k->arena, "00/%.10s/%.10s", type ? type : "", state ? state : "");
    answer->note = r->note;
    pay_ask_settle(k, r->status, r->reason);
    answer->provider_tx_id = r->provider_tx_id;
    answer->has_amount = r->has_amount;
    answer->amount_vnd = r->amount_vnd;
    answer->has_pay_time = r->has_pay_time;
    answer->pay_time_wall_s = r->pay_time_wall_s;
    if (r->status == PAY_REFUNDED)
        answer->refunded_vnd = r->amount_vnd;
}

static void ask_read(struct pay_ask *k) {
    struct pay_request q = {
        .provider = k->provider, .kind = "querydr_response", .bytes = k->bytes, .n = k->n};
    struct pay_result r;
    struct err err;
    const char *code = pay_ask_get(k, "vnp_ResponseCode");
    if (!pay_verify(&q, k->settings, k->arena, &r, &err))
        pay_ask_say(k, PAY_SAID_NOTHING, false, "%s: %s", err.target, err.why);
    else if (code && strcmp(code, "00") != 0 && (r.valid || r.failure == PAY_MISSING_SIGNATURE))
        ask_refused(k, code);
    else if (!r.valid)
        pay_ask_say(k, PAY_SAID_INVALID, false, "%s", r.reason);
    else if (!r.order_id || strcmp(r.order_id, k->order) != 0)
        pay_ask_say(k, PAY_SAID_INVALID, false, "it answers about another order");
    else if (!is_sound(&r))
        pay_ask_say(k, PAY_SAID_INVALID, false,
                    "it says paid or refunded, without a sound amount and vnp_TransactionNo");
    else
        ask_settle(k, &r);
}

static const struct pay_gateway gateway = {
    .url = "VNPAY_API_URL",
    .payment_path = "",
    .content_type = "application/json",
    .timeout_ms = 15000,
    .pause_ms = 1000,
    .back_off_ms = 10000,
    .back_off_most_ms = 300000, /* for so long 94 was seen after an answer */
    .make = ask_make,
    .read = ask_read,
};

const struct pay_provider pay_vnpay = {
    .id = "vnpay",
    .title = "VNPay",
    .stored = "VNPAY",
    .settings = settings,
    .n_settings = ARRAY_LEN(settings),
    .merchant = "VNPAY_TMN_CODE",
    .test_hosts = "sandbox.vnpayment.vn",
    .test_accounts = test_accounts,
    .n_test_accounts = ARRAY_LEN(test_accounts),
    .habits = {.retries = 10, .retry_s = 5 * 60, .window_s = 15 * 60},
    .kinds = kinds,
    .n_kinds = ARRAY_LEN(kinds),
    .scheme = scheme_of,
    .gateway = &gateway,
};
