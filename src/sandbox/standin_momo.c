/* sandbox/standin_momo.c - MoMo's gateway, version 2 of its messages: answers query and
 * refund/query about the payments of DIR/gateways. Its answers carry no signature; a wrong one in a
 * request is refused. A refund's order is the payment's with "-R" behind it. */
#include "gateway.h"

#include <stdio.h>
#include <string.h>

static const char json[] = "application/json; charset=utf-8";

struct call {
    char partner[GATEWAY_VALUE_SIZE], request[GATEWAY_VALUE_SIZE], order[GATEWAY_VALUE_SIZE];
    char lang[GATEWAY_VALUE_SIZE], signature[GATEWAY_VALUE_SIZE];
};

static void head(struct http_request *req, int status, const struct call *c, bool other_order) {
    http_replyf(req, status, json, "{\"partnerCode\":\"%s\",\"orderId\":", SANDBOX_MOMO_PARTNER);
    text_add_json(&req->reply, other_order ? "another" : c->order);
    text_puts(&req->reply, ",\"requestId\":");
    text_add_json(&req->reply, c->request);
    text_addf(&req->reply, ",\"extraData\":\"\",\"responseTime\":%llu",
              (unsigned long long)clock_wall_ms());
}

static void refuse(struct http_request *req, int status, const struct call *c, int code,
                   const char *message) {
    head(req, status, c, false);
    text_addf(&req->reply,
              ",\"amount\":0,\"transId\":0,\"payType\":\"\",\"resultCode\":%d,\"message\":\"%s\"}",
              code, message);
}

static bool read_call(const cJSON *body, struct call *c) {
    bool ok = gateway_value(body, "partnerCode", c->partner);
    ok = gateway_value(body, "requestId", c->request) && ok;
    ok = gateway_value(body, "orderId", c->order) && ok;
    ok = gateway_value(body, "lang", c->lang) && ok;
    ok = gateway_value(body, "signature", c->signature) && ok;
    return ok && *c->request && strlen(c->request) <= 50 && *c->order && strlen(c->order) < 64 &&
           (!strcmp(c->lang, "vi") || !strcmp(c->lang, "en"));
}

static bool signed_well(const struct call *c) {
    const struct platform *p = standins_platform();
    struct text base = {0};
    char made[GATEWAY_HEX_SIZE];
    text_addf(&base, "accessKey=%s&orderId=%s&partnerCode=%s&requestId=%s", p->momo_access_key,
              c->order, c->partner, c->request);
    gateway_hmac(EVP_sha256(), p->momo_secret_key, base.data, made);
    text_done(&base);
    return gateway_same_hex(made, c->signature);
}

static void answer_query(struct http_request *req, const struct call *c,
                         const struct gateway_payment *p) {
    static const struct {
        int code;
        const char *message;
    } rows[N_GATEWAY_STATES] = {
        [GATEWAY_PAID] = {0, "Successful."},
        [GATEWAY_CANCELLED] = {1006, "Transaction denied by user."},
        [GATEWAY_PENDING] = {1000, "Transaction is initiated, waiting for user confirmation."},
        [GATEWAY_PROCESSING] = {7000, "Transaction is being processed."},
        [GATEWAY_REFUNDED] = {0, "Successful."},
        [GATEWAY_BUSY] = {43, "Request denied due to a similar transaction being processed."},
        [GATEWAY_FORGED] = {0, "Successful."},
        [GATEWAY_SLOW] = {0, "Successful."},
    };
    int code = rows[p->state].code;
    head(req, 200, c, p->state == GATEWAY_FORGED);
    text_addf(&req->reply,
              ",\"amount\":%lld,\"transId\":%s,\"payType\":\"%s\",\"resultCode\":%d,"
              "\"message\":\"%s\",\"refundTrans\":[",
              (long long)p->amount_vnd, code ? "0" : p->tx, code ? "" : "qr", code,
              rows[p->state].message);
    if (p->state == GATEWAY_REFUNDED) {
        text_addf(&req->reply,
                  "{\"orderId\":\"%s-R\",\"amount\":%lld,\"resultCode\":0,\"transId\":%s1,"
                  "\"createdTime\":%llu}",
                  p->order, (long long)p->amount_vnd, p->tx,
                  (unsigned long long)gateway_paid_ms(p) + 60000);
    }
    text_puts(&req->reply, "],\"paymentOption\":\"momo\",\"promotionInfo\":null}");
}

static void answer_refund(struct http_request *req, const struct call *c,
                          const struct gateway_payment *p) {
    bool done = p->state == GATEWAY_REFUNDED;
    head(req, 200, c, false);
    text_addf(&req->reply, ",\"amount\":%lld,\"transId\":%s1,\"resultCode\":%d,\"message\":\"%s\"}",
              (long long)p->amount_vnd, p->tx, done ? 0 : 7002,
              done ? "Successful." : "Transaction is being processed by the provider.");
}

static bool find_order(const struct call *c, bool refund, struct gateway_payment *ret) {
    char order[GATEWAY_VALUE_SIZE];
    size_t n = strlen(c->order);
    if (!refund) {
        return gateway_find(SB_MOMO, c->order, ret);
    }
    snprintf(order, sizeof order, "%s", c->order);
    if (n < 3 || strcmp(order + n - 2, "-R") != 0) {
        return false;
    }
    order[n - 2] = 0;
    return gateway_find(SB_MOMO, order, ret) && ret->state >= GATEWAY_PROCESSING;
}

static void query(struct http_request *req, const cJSON *body, bool refund) {
    struct call c;
    struct gateway_payment p;
    bool same = true;
    memset(&c, 0, sizeof c);
    if (!read_call(body, &c)) {
        refuse(req, 400, &c, 20, "Bad format request.");
    } else if (strcmp(c.partner, SANDBOX_MOMO_PARTNER) != 0 || !signed_well(&c)) {
        refuse(req, 400, &c, 13, "Transaction failed due to merchant authentication failure.");
    } else if (gateway_seen(SB_MOMO, c.request, c.order, &same) && !same) {
        refuse(req, 400, &c, 40, "Duplicated requestId.");
    } else if (!find_order(&c, refund, &p)) {
        refuse(req, 400, &c, 42, "Order not found.");
    } else if (refund) {
        answer_refund(req, &c, &p);
    } else {
        gateway_dawdle(&p);
        answer_query(req, &c, &p);
    }
}

void momo_handle(struct http_request *req) {
    bool refund = http_is(req, "POST", "/v2/gateway/api/refund/query");
    if (!refund && !http_is(req, "POST", "/v2/gateway/api/query")) {
        http_reply(req, 404, json, "{\"status\":404,\"error\":\"Not Found\"}");
        return;
    }
    cJSON *body = http_type_is(req, "application/json") ? http_body_json(req) : NULL;
    query(req, body, refund);
    cJSON_Delete(body);
}

void momo_error_body(struct http_request *req, int status) {
    http_replyf(req, status, json, "{\"status\":%d,\"error\":\"Error\"}", status);
}
