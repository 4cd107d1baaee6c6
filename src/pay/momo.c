/* pay/momo.c - MoMo: every message is signed over a fixed list of name=value pairs, not escaped,
 * with our access key in front. Its documentation calls the present version 3 and its messages v2;
 * v1 and the till's QR calls are met in archives. Amounts are dong. */
#include "pay_priv.h"

#include <string.h>

#include "base/jsonw.h"

static const struct pay_setting settings[] = {
    {"MOMO_PARTNER_CODE", PAY_ID, NULL, false},
    {"MOMO_ACCESS_KEY", PAY_SECRET, NULL, false},
    {"MOMO_SECRET_KEY", PAY_SECRET, NULL, false},
    {"MOMO_ENDPOINT", PAY_URL, NULL, true},
};

/* Published by MoMo for its test gateway. */
static const struct pay_account test_accounts[] = {
    {"momo", "test", 0, 0, {"MOMO", "F8BBA842ECF85", "K951B6PE1waDMi640xX08PD3vg6EkVlz", NULL}},
    {"momo",
     "test",
     0,
     0,
     {"MOMOBKUN20180529", "klm05TvNBzhg7h7j", "at67qH6mk8w5Y1nAyMoYKMWACiEi2bsa", NULL}},
    {"momo",
     "test",
     0,
     0,
     {"MOMO0HGO20180417", "E8HZuQRy2RsjVtZp", "fj00YKnJhmYqahaFWUgkg75saNTzMrbO", NULL}},
};

/* --- the signed text --- */

/* The Go sample does this. */
static bool joint_in_front(struct pay_check *c, uint32_t turn, struct str *out) {
    if (turn)
        return false;
    str_putc(out, '&');
    return pay_base_fields(c, 0, out);
}

static const struct jsontext *with_message(struct pay_check *c, const char *text) {
    struct jsontext *root = arena_alloc(c->arena, sizeof *root), **tail = &root->first;
    *root = *c->message;
    for (const struct jsontext *j = c->message->first; j; j = j->next) {
        *tail = arena_alloc(c->arena, sizeof **tail);
        **tail = *j;
        if (!strcmp(j->name, "message"))
            (*tail)->text = text;
        tail = &(*tail)->next;
    }
    *tail = NULL;
    return root;
}

/* `message` comes in the customer's language and is signed; programs like to put their own text. */
static bool other_message(struct pay_check *c, uint32_t turn, struct str *out) {
    static const char *const known[] = {
        "Successful.",
        "Success",
        "Thành công.",
        "Thành Công",
        "Giao dịch thành công.",
        "Transaction denied by user.",
        "Giao dịch bị từ chối bởi người dùng.",
        "Transaction is initiated, waiting for user confirmation.",
        "Giao dịch đã được khởi tạo, chờ người dùng xác nhận thanh toán.",
        "Transaction rejected by the issuers of the payment accounts.",
        "Transaction rejected by the issuers of the payment methods.",
        "Giao dịch bị từ chối do nhà phát hành tài khoản thanh toán.",
        "Transaction failed due to insufficient funds.",
        "Giao dịch thanh toán thất bại do tài khoản người dùng không đủ tiền.",
        "Transaction failed because the url or QR code expired.",
        "Giao dịch thất bại do url hoặc QR code đã hết hạn.",
        "Transaction cancelled after successful authorization.",
        "Giao dịch bị đã bị hủy.",
        "Transaction is being processed.",
        "Giao dịch đang được xử lý.",
        "Transaction is authorized successfully.",
        "Giao dịch đã được xác nhận thành công.",
    };
    const struct jsontext *message = c->message;
    if (turn >= ARRAY_LEN(known) || !jsontext_get(message, "message"))
        return false;
    c->message = with_message(c, known[turn]);
    bool made = pay_base_fields(c, 0, out);
    c->message = message;
    return made;
}

static const struct pay_variant variants[] = {
    {BIT(PAY_HMAC_SHA256), NULL, pay_base_fields},
    {0, "the signer begins its text with '&', as MoMo's Go sample wrongly does", joint_in_front},
    {0, "`message` was translated or replaced: MoMo signs the text that it sent", other_message},
    {0, NULL, NULL},
};
static const struct pay_variant given_variants[] = {
    {BIT(PAY_HMAC_SHA256), NULL, pay_base_given},
    {0, NULL, NULL},
};

/* --- what it says --- */

/* What is not final, and what is about the call and not about the payment, changes nothing. */
static const struct pay_code result_codes[] = {
    {"0", "paid", PAY_COMPLETED},
    {"10", "MoMo under maintenance", PAY_STATUS_NONE},
    {"11", "access denied", PAY_STATUS_NONE},
    {"12", "this version of the API is not served", PAY_STATUS_NONE},
    {"13", "merchant not authenticated", PAY_STATUS_NONE},
    {"20", "badly formed request", PAY_STATUS_NONE},
    {"21", "amount not allowed", PAY_STATUS_NONE},
    {"22", "amount out of range", PAY_STATUS_NONE},
    {"40", "requestId used before", PAY_STATUS_NONE},
    {"41", "orderId used before", PAY_STATUS_NONE},
    {"42", "no such order", PAY_STATUS_NONE},
    {"43", "another request on this order is running", PAY_STATUS_NONE},
    {"45", "duplicate item", PAY_STATUS_NONE},
    {"47", "information not applicable", PAY_STATUS_NONE},
    {"98", "the QR code was not made: confirm by a query", PAY_STATUS_NONE},
    {"99", "unknown error: confirm by a query", PAY_STATUS_NONE},
    {"1000", "waiting for the customer", PAY_PENDING},
    {"1001", "not enough money in the account", PAY_FAILED},
    {"1002", "rejected by the issuer", PAY_FAILED},
    {"1003", "cancelled after it was authorised", PAY_FAILED},
    {"1004", "over the customer's limit", PAY_FAILED},
    {"1005", "the address or QR code expired", PAY_FAILED},
    {"1006", "denied by the customer", PAY_FAILED},
    {"1007", "the customer's account is inactive", PAY_FAILED},
    {"1017", "cancelled by the merchant", PAY_FAILED},
    {"1026", "restricted by a promotion's rules", PAY_FAILED},
    {"1080", "refund failed, try again later", PAY_STATUS_NONE},
    {"1081", "refund refused: refunded before, or too much", PAY_STATUS_NONE},
    {"1088", "refund refused: this payment cannot be refunded", PAY_STATUS_NONE},
    {"2019", "the order's items are not valid", PAY_FAILED},
    {"4001", "the customer's account is restricted", PAY_FAILED},
    {"4002", "the customer's account is not verified", PAY_FAILED},
    {"4100", "the customer did not log in", PAY_FAILED},
    {"7000", "being processed", PAY_PROCESSING},
    {"7002", "being processed by the payer's bank", PAY_PROCESSING},
    {"9000", "authorised: capture or cancellation follows", PAY_PROCESSING},
    {NULL, NULL, PAY_STATUS_NONE},
};
/* Of v1 and the QR calls, whose other codes are no longer documented. */
static const struct pay_code old_codes[] = {
    {"0", "paid", PAY_COMPLETED},
    {"-1", "begun, not paid yet", PAY_PENDING},
    {"9000", "authorised: capture or cancellation follows", PAY_PROCESSING},
    {NULL, NULL, PAY_STATUS_NONE},
};

/* Values are not escaped, so text could be moved over the border of two neighbours unseen. */
static void refuse_ambiguous(struct pay_check *c, const char *names) {
    struct pay_word w;
    while (pay_word_next(&names, &w)) {
        const char *value = pay_get(c, w.name);
        if (value && strpbrk(value, "&="))
            pay_refuse(c, PAY_AMBIGUOUS,
                       "%s holds '&' or '=': the signature cannot tell where it ends", w.name);
    }
}

static void read_outcome(struct pay_check *c, const struct pay_code *table, const char *name) {
    struct pay_result *r = c->result;
    int64_t code;
    if (!pay_number(c, name, -999999, 999999, &code))
        return;
    const struct pay_code *found = pay_code_find(table, pay_get(c, name));
    r->status = found ? found->status : PAY_STATUS_NONE;
    r->is_success = r->status == PAY_COMPLETED;
    r->reason = arena_printf(c->arena, "%s %s: %s", name, pay_get(c, name),
                             found ? found->meaning : "not a code we know");
    if (r->status == PAY_STATUS_NONE)
        r->note = "this code settles nothing: ask the gateway";
    else if (r->status == PAY_FAILED)
        r->note = "of a failed payment, transId may be a time and no transaction of MoMo";
}

static void read_time(struct pay_check *c) {
    int64_t ms;
    if (!pay_number(c, "responseTime", 0, PAY_TIME_MAX_MS, &ms))
        return;
    c->result->has_pay_time = true;
    c->result->pay_time_wall_s = ms / 1000;
}

static void read_call(struct pay_check *c) {
    refuse_ambiguous(c, "orderId orderType partnerCode payType requestId");
    c->result->order_id = pay_get(c, "orderId");
    pay_read_tx(c, "transId", INT64_MAX);
    pay_read_amount(c, "amount", 0);
    read_time(c);
    read_outcome(c, result_codes, "resultCode");
    c->result->display_only = !strcmp(c->kind->name, "return");
    if (c->result->display_only)
        c->result->note =
            "a browser brought this: show it, but let the ipn or a query change the order";
}

/* v1's responseTime is a text in a zone that nobody wrote down: it stays in the raw data. */
static void read_old(struct pay_check *c) {
    refuse_ambiguous(c, "orderId orderType partnerCode payType requestId requestType");
    c->result->order_id = pay_get(c, "orderId");
    pay_read_tx(c, "transId", INT64_MAX);
    pay_read_amount(c, "amount", 0);
    read_outcome(c, old_codes, "errorCode");
}

static void read_qr(struct pay_check *c) {
    refuse_ambiguous(c, "momoTransId partnerCode partnerRefId partnerTransId storeId transType");
    c->result->order_id = pay_get(c, "partnerRefId");
    c->result->provider_tx_id = pay_get(c, "momoTransId");
    pay_read_amount(c, "amount", 0);
    read_time(c);
    read_outcome(c, old_codes, "status");
}

/* What we sent: an order, perhaps an amount, and nothing that happened to it. */
static void read_request(struct pay_check *c) {
    refuse_ambiguous(c, "orderId partnerCode requestId requestType");
    c->result->order_id = pay_get(c, "orderId");
    if (c->kind->amount)
        pay_read_amount(c, c->kind->amount, 0);
}

#define OURS "accessKey=MOMO_ACCESS_KEY"
#define MESSAGE(kind_name, kind_forms, kind_marks, kind_fields, kind_required, reader)             \
    .name = kind_name, .forms = kind_forms, .marks = kind_marks, .signature = "signature",         \
    .secret = "MOMO_SECRET_KEY", .fields = kind_fields, .joint = '&', .merchant = "partnerCode",   \
    .required = kind_required, .amount = "amount", .scheme = PAY_HMAC_SHA256,                      \
    .variants = variants, .read = reader
#define REQUEST(kind_name, kind_also, kind_help, kind_fields, kind_amount)                         \
    {                                                                                              \
        .name = kind_name, .also = kind_also, .help = kind_help, .forms = PAY_FORM_BASE,           \
        .marks = "partnerCode", .signature = "signature", .secret = "MOMO_SECRET_KEY",             \
        .fields = kind_fields, .joint = '&', .merchant = "partnerCode",                            \
        .required = OURS " orderId requestId", .amount = kind_amount, .scheme = PAY_HMAC_SHA256,   \
        .variants = given_variants, .read = read_request                                           \
    }
#define CALL_FIELDS                                                                                \
    OURS " amount extraData message orderId orderInfo orderType partnerCode payType requestId "    \
         "responseTime resultCode transId"

static const struct pay_kind kinds[] = {
    {MESSAGE("ipn", PAY_FORM_JSON, "resultCode orderType", CALL_FIELDS, "orderId requestId",
             read_call),
     .help = "MoMo's call to our server"},
    {MESSAGE("return", PAY_FORM_QUERY | PAY_FORM_JSON, "resultCode orderType", CALL_FIELDS,
             "orderId requestId", read_call),
     .also = "redirect", .help = "the customer's way back from MoMo, in the browser"},
    {MESSAGE("ipn_v1", PAY_FORM_JSON | PAY_FORM_QUERY, "errorCode localMessage orderType",
             "partnerCode " OURS " requestId amount orderId orderInfo orderType transId message "
             "localMessage responseTime errorCode payType extraData",
             OURS " orderId requestId", read_old),
     .also = "ipn", .help = "MoMo's call to our server, version 1"},
    {MESSAGE("query_response_v1", PAY_FORM_JSON, "errorCode requestType",
             "partnerCode " OURS " requestId orderId errorCode transId amount message localMessage "
             "requestType payType extraData",
             OURS " orderId requestId", read_old),
     .also = "query_response", .help = "MoMo's answer to a query, version 1"},
    {.name = "query_response",
     .help = "MoMo's answer to a query; it carries no signature",
     .forms = PAY_FORM_JSON,
     .marks = "resultCode orderId"},
    {MESSAGE("ipn_legacy_qr", PAY_FORM_JSON, "momoTransId partnerRefId",
             OURS
             " amount message momoTransId partnerCode partnerRefId partnerTransId responseTime "
             "status storeId transType",
             OURS " partnerRefId momoTransId", read_qr),
     .help = "MoMo's call after a till's QR code was paid"},
    REQUEST("create_mac", "create_signature", "our request for a payment",
            OURS " amount extraData ipnUrl orderId orderInfo partnerCode redirectUrl requestId "
                 "requestType",
            "amount"),
    REQUEST("confirm_mac", NULL, "our capture or cancellation",
            OURS " amount description orderId partnerCode requestId requestType", "amount"),
    REQUEST("refund_mac", NULL, "our refund",
            OURS " amount description orderId partnerCode requestId transId", "amount"),
    REQUEST("query_mac", NULL, "our query, of a payment or a refund",
            OURS " orderId partnerCode requestId", NULL),
};

/* --- asking --- */

static bool ask_make(struct pay_ask *k, struct str *body, struct err *err) {
    const char *partner = pay_ask_setting(k, "MOMO_PARTNER_CODE");
    struct str base, mac;
    struct jsonw w;
    if (strlen(k->order) >= 64)
        return err_set(err, E_CONFIG, "payments.ask", k->order, "is longer than MoMo's orders are");
    str_init(&base, 4096);
    str_init(&mac, 256);
    str_printf(&base, "accessKey=%s&orderId=%s&partnerCode=%s&requestId=%s",
               pay_ask_setting(k, "MOMO_ACCESS_KEY"), k->order, partner, k->question->request_id);
    pay_ask_sign(k, PAY_HMAC_SHA256, "MOMO_SECRET_KEY", &base, &mac);
    digest_wipe(base.s, base.len);
    const char *const fields[][2] = {{"partnerCode", partner},
                                     {"requestId", k->question->request_id},
                                     {"orderId", k->order},
                                     {"lang", "en"},
                                     {"signature", str_get(&mac)}};
    jsonw_init(&w, body, JSONW_LINE);
    jsonw_open(&w, '{');
    jsonw_put_strings(&w, fields, ARRAY_LEN(fields));
    jsonw_close(&w, '}');
    str_done(&base);
    str_done(&mac);
    return true;
}

/* No answer of version 2 is signed: it must at least be the one to this question. */
static bool ask_is_ours(struct pay_ask *k) {
    const struct {
        const char *name, *ours;
    } rows[] = {{"partnerCode", pay_ask_setting(k, "MOMO_PARTNER_CODE")},
                {"orderId", k->order},
                {"requestId", k->question->request_id}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *theirs = pay_ask_get(k, rows[i].name);
        if (!theirs || !rows[i].ours || strcmp(theirs, rows[i].ours) != 0) {
            pay_ask_say(k, PAY_SAID_INVALID, false, "its %s is not that of the question",
                        rows[i].name);
            return false;
        }
    }
    return true;
}

/* False when the list is not one. */
static bool ask_refunds(const struct pay_ask *k, int64_t *ret_sum) {
    const struct jsontext *list = jsontext_get(k->doc, "refundTrans");
    *ret_sum = 0;
    if (!list || list->type == JSONTEXT_WORD)
        return true;
    for (const struct jsontext *j = list->first; j; j = j->next) {
        const struct jsontext *amount = jsontext_get(j, "amount"),
                              *code = jsontext_get(j, "resultCode");
        int64_t n;
        if (!amount || !pay_parse_i64(amount->text, 0, PAY_VND_MAX, &n) || *ret_sum > PAY_VND_MAX)
            return false;
        *ret_sum += code && !strcmp(code->text, "0") ? n : 0;
    }
    return list->type == JSONTEXT_ARRAY;
}

/* When it was paid is not told: responseTime is that of this answer. */
static void ask_paid(struct pay_ask *k) {
    struct pay_answer *r = k->answer;
    const char *id = pay_ask_get(k, "transId");
    int64_t number, refunded;
    if (!pay_parse_i64(id, 1, INT64_MAX, &number) ||
        !pay_ask_number(k, "amount", 1, PAY_VND_MAX, &r->amount_vnd) ||
        !ask_refunds(k, &refunded) || refunded > r->amount_vnd) {
        pay_ask_say(k, PAY_SAID_INVALID, false, "it says paid, without a sound amount and transId");
        return;
    }
    r->has_amount = true;
    r->provider_tx_id = id;
    r->refunded_vnd = refunded;
    if (refunded && refunded == r->amount_vnd)
        pay_ask_settle(k, PAY_REFUNDED, "resultCode 0: paid, and refunded in full");
    else if (refunded)
        r->note = "a part of it was refunded";
}

/* MoMo tells the refund's outcome, not the payment's. */
static void ask_refund_done(struct pay_ask *k, enum pay_status status) {
    struct pay_answer *r = k->answer;
    if (status == PAY_FAILED)
        r->note = "the refund failed: the payment stays as it is";
    if (status != PAY_COMPLETED)
        return;
    if (!pay_ask_number(k, "amount", 1, PAY_VND_MAX, &r->amount_vnd)) {
        pay_ask_say(k, PAY_SAID_INVALID, false, "it says refunded, without a sound amount");
        return;
    }
    r->has_amount = true;
    r->refunded_vnd = r->amount_vnd;
    pay_ask_settle(k, PAY_REFUNDED, "resultCode 0: the refund is done");
}

static void ask_read(struct pay_ask *k) {
    int64_t n;
    const char *code = pay_ask_get(k, "resultCode");
    if (!ask_is_ours(k))
        return;
    if (!pay_ask_number(k, "resultCode", -999999, 999999, &n)) {
        pay_ask_say(k, PAY_SAID_INVALID, false, "it has no resultCode");
        return;
    }
    const struct pay_code *found = pay_code_find(result_codes, code);
    enum pay_status status = found ? found->status : PAY_STATUS_NONE;
    if (k->question->what == PAY_ASK_REFUND && (n == 1081 || n == 1088))
        status = PAY_FAILED; /* of a payment these tell nothing */
    bool refused = (n >= 11 && n <= 13) || (n >= 20 && n <= 22);
    const char *means = arena_printf(k->arena, "resultCode %s: %s", code,
                                     found ? found->meaning : "not a code we know");
    k->answer->code = code;
    pay_ask_settle(k, status, means);
    if (n == 42 || refused)
        pay_ask_say(k, refused ? PAY_SAID_REFUSED : PAY_SAID_UNKNOWN, false, "%s", means);
    else if (k->question->what == PAY_ASK_REFUND)
        ask_refund_done(k, status);
    else if (status == PAY_COMPLETED)
        ask_paid(k);
}

static const struct pay_gateway gateway = {
    .url = "MOMO_ENDPOINT",
    .payment_path = "/query",
    .refund_path = "/refund/query",
    .content_type = "application/json",
    .timeout_ms = 30000, /* as MoMo asks of its clients */
    .pause_ms = 1000,
    .back_off_ms = 5000,
    .back_off_most_ms = 120000,
    .make = ask_make,
    .read = ask_read,
};

const struct pay_provider pay_momo = {
    .id = "momo",
    .title = "MoMo",
    .stored = "MOMO",
    .settings = settings,
    .n_settings = ARRAY_LEN(settings),
    .merchant = "MOMO_PARTNER_CODE",
    .test_hosts = "test-payment.momo.vn",
    .test_accounts = test_accounts,
    .n_test_accounts = ARRAY_LEN(test_accounts),
    .kinds = kinds,
    .n_kinds = ARRAY_LEN(kinds),
    .gateway = &gateway,
};
