/* sandbox/standin_zalopay.c - ZaloPay's gateway, version 2: answers query and query_refund about
 * the payments of DIR/gateways, asked by a form or by JSON. Its answers carry no mac; a wrong one
 * in a request is refused. A refund's number ends with the number of its payment's order. */
#include "gateway.h"

#include <stdio.h>
#include <string.h>

static const char json[] = "application/json; charset=utf-8";

static void reply(struct http_request *req, int code, int sub, bool processing,
                  const struct gateway_payment *p) {
    static const char *const words[] = {"", "Giao dịch thành công", "Giao dịch thất bại",
                                        "Giao dịch chưa được thực hiện"};
    bool paid = code == 1;
    http_replyf(req, 200, json,
                "{\"return_code\":%d,\"return_message\":\"%s\",\"sub_return_code\":%d,"
                "\"sub_return_message\":\"%s\",\"is_processing\":%s,\"amount\":%lld,"
                "\"zp_trans_id\":%s,\"server_time\":%llu,\"discount_amount\":0}",
                code, words[code], sub, words[code], processing ? "true" : "false",
                paid ? (long long)p->amount_vnd : 0LL, paid ? p->tx : "0",
                (unsigned long long)(paid ? gateway_paid_ms(p) : clock_wall_ms()));
}

static void refuse(struct http_request *req, int sub) {
    reply(req, 2, sub, false, NULL);
}

/* A value of the form or of the JSON. */
static bool value(struct http_request *req, const cJSON *body, const char *name,
                  char out[GATEWAY_VALUE_SIZE]) {
    const char *s = http_param(req, name);
    if (body) {
        return gateway_value(body, name, out);
    }
    return s && snprintf(out, GATEWAY_VALUE_SIZE, "%s", s) < GATEWAY_VALUE_SIZE;
}

static bool signed_well(const char *base, const char *mac) {
    char made[GATEWAY_HEX_SIZE];
    gateway_hmac(EVP_sha256(), standins_platform()->zalopay_key1, base, made);
    return gateway_same_hex(made, mac);
}

static void answer_query(struct http_request *req, const struct gateway_payment *p) {
    switch (p->state) {
    case GATEWAY_CANCELLED:
        refuse(req, -54);
        break;
    case GATEWAY_PENDING:
    case GATEWAY_PROCESSING:
        reply(req, 3, -1, p->state == GATEWAY_PROCESSING, NULL);
        break;
    case GATEWAY_BUSY:
        refuse(req, -429);
        break;
    default:
        gateway_dawdle(p);
        reply(req, 1, 1, false, p);
    }
}

static void query(struct http_request *req, const cJSON *body) {
    char app[GATEWAY_VALUE_SIZE], order[GATEWAY_VALUE_SIZE], mac[GATEWAY_VALUE_SIZE];
    struct gateway_payment p;
    struct text base = {0};
    if (!value(req, body, "app_id", app) || !value(req, body, "app_trans_id", order) ||
        !value(req, body, "mac", mac) || !*order || strlen(order) > 40) {
        refuse(req, -401);
        return;
    }
    text_addf(&base, "%s|%s|%s", app, order, standins_platform()->zalopay_key1);
    bool ok = !strcmp(app, SANDBOX_ZALOPAY_APP) && signed_well(base.data, mac);
    text_done(&base);
    if (!ok) {
        refuse(req, -402);
    } else if (!gateway_find(SB_ZALOPAY, order, &p)) {
        refuse(req, -101);
    } else {
        answer_query(req, &p);
    }
}

static void query_refund(struct http_request *req, const cJSON *body) {
    char app[GATEWAY_VALUE_SIZE], refund[GATEWAY_VALUE_SIZE], at[GATEWAY_VALUE_SIZE];
    char mac[GATEWAY_VALUE_SIZE];
    struct gateway_payment p;
    struct text base = {0};
    if (!value(req, body, "app_id", app) || !value(req, body, "m_refund_id", refund) ||
        !value(req, body, "timestamp", at) || !value(req, body, "mac", mac) ||
        strlen(refund) > 45) {
        refuse(req, -401);
        return;
    }
    text_addf(&base, "%s|%s|%s", app, refund, at);
    bool ok = !strcmp(app, SANDBOX_ZALOPAY_APP) && signed_well(base.data, mac);
    text_done(&base);
    const char *order = strrchr(refund, '_');
    if (!ok) {
        refuse(req, -402);
    } else if (!order || !gateway_find_end(SB_ZALOPAY, order, &p)) {
        refuse(req, -101);
    } else {
        bool done = p.state == GATEWAY_REFUNDED;
        reply(req, done ? 1 : 3, done ? 1 : 2, false, &p);
    }
}

void zalopay_handle(struct http_request *req) {
    bool refund = http_is(req, "POST", "/v2/query_refund");
    if (!refund && !http_is(req, "POST", "/v2/query")) {
        http_reply(req, 404, json, "{\"return_code\":2,\"return_message\":\"Not found\"}");
        return;
    }
    bool is_json = http_type_is(req, "application/json");
    cJSON *body = is_json ? http_body_json(req) : NULL;
    if (!is_json && req->body.data) {
        http_add_params(req, req->body.data);
    }
    if (is_json && !cJSON_IsObject(body)) {
        refuse(req, -401);
    } else {
        (refund ? query_refund : query)(req, body);
    }
    cJSON_Delete(body);
}

void zalopay_error_body(struct http_request *req, int status) {
    http_replyf(req, status, json, "{\"return_code\":2,\"return_message\":\"%d\"}", status);
}
