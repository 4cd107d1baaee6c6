/* sandbox/standin_vnpay.c - VNPay's transaction interface, version 2.1.0: answers querydr about the
 * payments of DIR/gateways, and refuses what VNPay refuses, in its order: form, terminal, checksum,
 * a request number that was used before, an order it does not know. */
#include "gateway.h"

#include <stdio.h>
#include <string.h>

static const char json[] = "application/json; charset=utf-8";

enum { CLOCK_SKEW_MS = 15 * 60 * 1000, N_REQUEST = 9, N_ANSWER = 15 };

/* In the order of the checksum. */
static const char *const request_fields[N_REQUEST] = {
    "vnp_RequestId",       "vnp_Version",    "vnp_Command", "vnp_TmnCode",   "vnp_TxnRef",
    "vnp_TransactionDate", "vnp_CreateDate", "vnp_IpAddr",  "vnp_OrderInfo",
};
static const char *const answer_fields[N_ANSWER] = {
    "vnp_ResponseId", "vnp_Command",       "vnp_ResponseCode",    "vnp_Message",
    "vnp_TmnCode",    "vnp_TxnRef",        "vnp_Amount",          "vnp_BankCode",
    "vnp_PayDate",    "vnp_TransactionNo", "vnp_TransactionType", "vnp_TransactionStatus",
    "vnp_OrderInfo",  "vnp_PromotionCode", "vnp_PromotionAmount",
};
enum { REQUEST_ID, VERSION, COMMAND, TMN_CODE, TXN_REF, TRANSACTION_DATE, CREATE_DATE, IP, INFO };

/* An error's answer carries no checksum. */
static void refuse(struct http_request *req, const char *code, const char *message) {
    http_replyf(req, 200, json, "{\"vnp_ResponseCode\":\"%s\",\"vnp_Message\":\"%s\"}", code,
                message);
}

static bool digits(const char *s, size_t n) {
    return strlen(s) == n && strspn(s, "0123456789") == n;
}

static bool well_formed(char v[N_REQUEST][GATEWAY_VALUE_SIZE]) {
    char earliest[15], latest[15];
    gateway_vietnam(clock_wall_ms() - CLOCK_SKEW_MS, earliest);
    gateway_vietnam(clock_wall_ms() + CLOCK_SKEW_MS, latest);
    return *v[REQUEST_ID] && strlen(v[REQUEST_ID]) <= 32 && !strcmp(v[VERSION], "2.1.0") &&
           !strcmp(v[COMMAND], "querydr") && *v[TXN_REF] && strlen(v[TXN_REF]) <= 100 &&
           digits(v[TRANSACTION_DATE], 14) && digits(v[CREATE_DATE], 14) && *v[IP] && *v[INFO] &&
           strcmp(v[CREATE_DATE], earliest) >= 0 && strcmp(v[CREATE_DATE], latest) <= 0;
}

static bool signed_well(char v[N_REQUEST][GATEWAY_VALUE_SIZE], const char *hash) {
    struct text base = {0};
    char made[GATEWAY_HEX_SIZE];
    for (int i = 0; i < N_REQUEST; i++) {
        text_addf(&base, "%s%s", i ? "|" : "", v[i]);
    }
    gateway_hmac(EVP_sha512(), standins_platform()->vnpay_hash_secret, base.data, made);
    text_done(&base);
    return gateway_same_hex(made, hash);
}

/* TransactionType and TransactionStatus. */
static void state_codes(enum gateway_state state, const char **ret_type, const char **ret_status) {
    *ret_type = state == GATEWAY_REFUNDED ? "02" : "01";
    *ret_status = state == GATEWAY_CANCELLED    ? "02"
                  : state == GATEWAY_PENDING    ? "01"
                  : state == GATEWAY_PROCESSING ? "07"
                                                : "00";
}

static void write_answer(struct http_request *req, const char *const values[N_ANSWER],
                         bool forged) {
    struct text base = {0};
    char hash[GATEWAY_HEX_SIZE];
    http_reply(req, 200, json, "{");
    for (int i = 0; i < N_ANSWER; i++) {
        text_addf(&base, "%s%s", i ? "|" : "", values[i]);
        if (*values[i]) {
            text_addf(&req->reply, "\"%s\":", answer_fields[i]);
            text_add_json(&req->reply, values[i]);
            text_puts(&req->reply, ",");
        }
    }
    gateway_hmac(EVP_sha512(), forged ? "somebody else" : standins_platform()->vnpay_hash_secret,
                 base.data, hash);
    text_addf(&req->reply, "\"vnp_SecureHash\":\"%s\"}", hash);
    text_done(&base);
}

static void answer(struct http_request *req, char v[N_REQUEST][GATEWAY_VALUE_SIZE],
                   const struct gateway_payment *p) {
    char id[26], amount[32], date[15];
    const char *type, *status;
    bool settled = p->state != GATEWAY_CANCELLED && p->state != GATEWAY_PENDING;
    dice_cuid(id);
    snprintf(amount, sizeof amount, "%lld00", (long long)p->amount_vnd);
    gateway_vietnam(gateway_paid_ms(p), date);
    state_codes(p->state, &type, &status);
    const char *const values[N_ANSWER] = {id,
                                          "querydr",
                                          "00",
                                          "QueryDR Success",
                                          v[TMN_CODE],
                                          v[TXN_REF],
                                          amount,
                                          settled ? "NCB" : "VNPAY",
                                          settled ? date : "",
                                          settled ? p->tx : "0",
                                          type,
                                          status,
                                          v[INFO],
                                          "",
                                          ""};
    write_answer(req, values, p->state == GATEWAY_FORGED);
}

/* An order's number is unique per day only: the day of the request to pay must be the right one. */
static bool find_order(char v[N_REQUEST][GATEWAY_VALUE_SIZE], struct gateway_payment *ret) {
    char created[15];
    if (!gateway_find(SB_VNPAY, v[TXN_REF], ret)) {
        return false;
    }
    gateway_vietnam(ret->created_ms, created);
    return !strncmp(created, v[TRANSACTION_DATE], 8);
}

static void query(struct http_request *req, const cJSON *body) {
    char v[N_REQUEST][GATEWAY_VALUE_SIZE], hash[GATEWAY_VALUE_SIZE];
    struct gateway_payment p;
    bool same, whole = gateway_value(body, "vnp_SecureHash", hash);
    for (int i = 0; i < N_REQUEST; i++) {
        whole = gateway_value(body, request_fields[i], v[i]) && whole;
    }
    if (!whole || !well_formed(v)) {
        refuse(req, "03", "Invalid format");
    } else if (strcmp(v[TMN_CODE], SANDBOX_VNPAY_TMN_CODE) != 0) {
        refuse(req, "02", "Invalid TmnCode");
    } else if (!signed_well(v, hash)) {
        refuse(req, "97", "Invalid checksum");
    } else if (gateway_seen(SB_VNPAY, v[REQUEST_ID], v[TXN_REF], &same)) {
        refuse(req, "94", "Request is duplicate");
    } else if (!find_order(v, &p)) {
        refuse(req, "91", "Transaction not found");
    } else if (p.state == GATEWAY_BUSY) {
        refuse(req, "94", "Request is duplicate");
    } else {
        gateway_dawdle(&p);
        answer(req, v, &p);
    }
}

void vnpay_handle(struct http_request *req) {
    if (!http_is(req, "POST", "/merchant_webapi/api/transaction")) {
        http_reply(req, 404, "text/html; charset=utf-8", "<h2>404 - File or directory not found.");
        return;
    }
    cJSON *body = http_type_is(req, "application/json") ? http_body_json(req) : NULL;
    if (cJSON_IsObject(body)) {
        query(req, body);
    } else {
        refuse(req, "03", "Invalid format");
    }
    cJSON_Delete(body);
}

void vnpay_error_body(struct http_request *req, int status) {
    http_replyf(req, status, "text/html; charset=utf-8", "<html><body><h1>%d</h1></body></html>",
                status);
}
