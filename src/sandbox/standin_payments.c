/* sandbox/standin_payments.c - what the API does with a provider's callback: the runbook's POST
 * /api/payments/callback {"provider":..., callback}, and the three addresses that the providers
 * call, each with the answer that its provider wants. Signature first; then one UPDATE that only an
 * open payment survives; an event, written to DIR/events.jsonl, for the one caller whose UPDATE it
 * was. As in the runbook, it looks at the signature and at success, and at nothing else of it. */
#include "gateway.h"

#include "array.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char json[] = "application/json; charset=utf-8";
static const char context[] = "HandleCallbackHandler";

enum { N_CONNECTIONS = 8, DB_TIMEOUT_MS = 5000, MAX_FIELDS = 64 };

struct callback {
    const char *provider;
    cJSON *data; /* an object: the callback as the provider sent it */
    char order[GATEWAY_VALUE_SIZE], tx[GATEWAY_VALUE_SIZE];
    int64_t amount_vnd;
    bool success;
};

/* ---- a small pool, so that two callbacks really meet in the database ---- */

static struct {
    pthread_mutex_t lock;
    struct db db;
} pool[N_CONNECTIONS] = {
    {.lock = PTHREAD_MUTEX_INITIALIZER}, {.lock = PTHREAD_MUTEX_INITIALIZER},
    {.lock = PTHREAD_MUTEX_INITIALIZER}, {.lock = PTHREAD_MUTEX_INITIALIZER},
    {.lock = PTHREAD_MUTEX_INITIALIZER}, {.lock = PTHREAD_MUTEX_INITIALIZER},
    {.lock = PTHREAD_MUTEX_INITIALIZER}, {.lock = PTHREAD_MUTEX_INITIALIZER},
};

static int pool_take(void) {
    for (int i = 0; i < N_CONNECTIONS; i++) {
        if (pthread_mutex_trylock(&pool[i].lock) == 0) {
            return i;
        }
    }
    int i = (int)dice(N_CONNECTIONS);
    pthread_mutex_lock(&pool[i].lock);
    return i;
}

static PGresult *ask(const char *sql, int n, const char *const *params) {
    int i = pool_take();
    pool[i].db.retry_at_ms = 0;
    PGresult *r = db_query(&pool[i].db, sql, n, params, DB_TIMEOUT_MS);
    pthread_mutex_unlock(&pool[i].lock);
    return r;
}

void payments_done(void) {
    for (int i = 0; i < N_CONNECTIONS; i++) {
        db_done(&pool[i].db);
    }
}

/* ---- signatures, one function per provider ---- */

struct field {
    const char *name;
    char value[GATEWAY_VALUE_SIZE];
};

static int by_name(const void *x, const void *y) {
    const struct field *a = x, *b = y;
    return strcmp(a->name, b->name);
}

static void add_form(struct text *t, const char *s) {
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                     strchr("-_.", c);
        if (plain) {
            text_add(t, s, 1);
        } else if (c == ' ') {
            text_puts(t, "+");
        } else {
            text_addf(t, "%%%02X", (unsigned)c);
        }
    }
}

/* All vnp_ fields that are not empty, by name, but for the hash itself. */
static void vnpay_base(const cJSON *data, struct text *t) {
    struct field *f = calloc(MAX_FIELDS, sizeof *f);
    const cJSON *j;
    int n = 0;
    cJSON_ArrayForEach(j, data) {
        if (f && n < MAX_FIELDS && !strncmp(j->string, "vnp_", 4) &&
            strncmp(j->string, "vnp_SecureHash", 14) != 0 &&
            gateway_value(data, j->string, f[n].value) && *f[n].value) {
            f[n++].name = j->string;
        }
    }
    if (f) {
        qsort(f, (size_t)n, sizeof *f, by_name);
    }
    for (int i = 0; i < n; i++) {
        text_puts(t, i ? "&" : "");
        add_form(t, f[i].name);
        text_puts(t, "=");
        add_form(t, f[i].value);
    }
    free(f);
}

static bool verify_vnpay(struct callback *c) {
    char hash[GATEWAY_VALUE_SIZE], made[GATEWAY_HEX_SIZE], code[GATEWAY_VALUE_SIZE];
    char status[GATEWAY_VALUE_SIZE], amount[GATEWAY_VALUE_SIZE];
    struct text base = {0};
    vnpay_base(c->data, &base);
    gateway_hmac(EVP_sha512(), standins_platform()->vnpay_hash_secret, base.data ? base.data : "",
                 made);
    text_done(&base);
    c->success = gateway_value(c->data, "vnp_ResponseCode", code) && !strcmp(code, "00") &&
                 gateway_value(c->data, "vnp_TransactionStatus", status) && !strcmp(status, "00");
    if (gateway_value(c->data, "vnp_Amount", amount) && string_to_i64(amount, &c->amount_vnd)) {
        c->amount_vnd /= 100;
    }
    return gateway_value(c->data, "vnp_SecureHash", hash) && gateway_same_hex(made, hash) &&
           gateway_value(c->data, "vnp_TxnRef", c->order) &&
           gateway_value(c->data, "vnp_TransactionNo", c->tx);
}

static bool verify_momo(struct callback *c) {
    static const char *const fields[] = {"amount",    "extraData",    "message",     "orderId",
                                         "orderInfo", "orderType",    "partnerCode", "payType",
                                         "requestId", "responseTime", "resultCode",  "transId"};
    char value[GATEWAY_VALUE_SIZE], made[GATEWAY_HEX_SIZE];
    struct text base = {0};
    bool whole = true;
    text_addf(&base, "accessKey=%s", standins_platform()->momo_access_key);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        whole = gateway_value(c->data, fields[i], value) && whole;
        text_addf(&base, "&%s=%s", fields[i], value);
    }
    gateway_hmac(EVP_sha256(), standins_platform()->momo_secret_key, base.data, made);
    text_done(&base);
    c->success = gateway_value(c->data, "resultCode", value) && !strcmp(value, "0");
    if (gateway_value(c->data, "amount", value) && !string_to_i64(value, &c->amount_vnd)) {
        c->amount_vnd = 0;
    }
    return whole && gateway_value(c->data, "signature", value) && gateway_same_hex(made, value) &&
           gateway_value(c->data, "orderId", c->order) && gateway_value(c->data, "transId", c->tx);
}

/* The order's name at ZaloPay is ours with the day in front. */
static bool verify_zalopay(struct callback *c) {
    char made[GATEWAY_HEX_SIZE], value[GATEWAY_VALUE_SIZE];
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(c->data, "data");
    if (!cJSON_IsString(data) || !gateway_value(c->data, "mac", value)) {
        return false;
    }
    gateway_hmac(EVP_sha256(), standins_platform()->zalopay_key2, data->valuestring, made);
    cJSON *inner = gateway_same_hex(made, value) ? cJSON_Parse(data->valuestring) : NULL;
    bool ok = inner && gateway_value(inner, "app_trans_id", value) && strchr(value, '_') &&
              gateway_value(inner, "zp_trans_id", c->tx);
    if (ok) {
        snprintf(c->order, sizeof c->order, "%s", strchr(value, '_') + 1);
        c->success = true;
        ok = gateway_value(inner, "amount", value) && string_to_i64(value, &c->amount_vnd);
    }
    cJSON_Delete(inner);
    return ok;
}

static const struct provider {
    const char *name;
    bool (*verify)(struct callback *c);
} providers[] = {
    {"VNPAY", verify_vnpay},
    {"MOMO", verify_momo},
    {"ZALOPAY", verify_zalopay},
};

/* ---- the transition ---- */

enum outcome { MOVED, ALREADY, UNKNOWN_ORDER, DATABASE_DOWN };

struct payment {
    char id[64], status[16];
    int64_t amount_vnd;
};

static const char move_sql[] =
    "UPDATE \"Payment\" SET status = $2::\"PaymentStatus\", \"providerTxId\" = $3,"
    " \"callbackData\" = $4::jsonb, \"updatedAt\" = now() AT TIME ZONE 'UTC'"
    " WHERE id = $1 AND provider = $5::\"PaymentProvider\" AND status IN ('PENDING', 'PROCESSING')"
    " RETURNING id, status, \"amountVND\"";
static const char look_sql[] = "SELECT id, status, \"amountVND\" FROM \"Payment\" WHERE id = $1"
                               " AND provider = $2::\"PaymentProvider\"";

static bool take_row(PGresult *r, struct payment *p) {
    bool found = PQntuples(r) == 1;
    if (found) {
        snprintf(p->id, sizeof p->id, "%s", PQgetvalue(r, 0, 0));
        snprintf(p->status, sizeof p->status, "%s", PQgetvalue(r, 0, 1));
        found = string_to_i64(PQgetvalue(r, 0, 2), &p->amount_vnd);
    }
    PQclear(r);
    return found;
}

static enum outcome look(const struct callback *c, struct payment *p) {
    const char *const params[] = {c->order, c->provider};
    PGresult *r = ask(look_sql, 2, params);
    if (!r) {
        return DATABASE_DOWN;
    }
    return take_row(r, p) ? ALREADY : UNKNOWN_ORDER;
}

/* One line, written at once: whoever counts lines counts events. */
static void emit(const struct callback *c, const struct payment *p) {
    char path[600], now[32];
    struct text t = {0};
    snprintf(path, sizeof path, "%s/events.jsonl", standins_platform()->dir);
    clock_iso(clock_wall_ms(), now, sizeof now);
    text_addf(&t,
              "{\"event\":\"Payment%sEvent\",\"paymentId\":\"%s\",\"provider\":\"%s\","
              "\"amountVND\":\"%lld\",\"at\":\"%s\"}\n",
              c->success ? "Completed" : "Failed", p->id, c->provider, (long long)p->amount_vnd,
              now);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || write(fd, t.data, t.size) != (ssize_t)t.size) {
        say("%s: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    text_done(&t);
    api_count_payment(c->provider, p->status);
    api_log(30, "PaymentEventPublisher",
            "\"paymentId\":\"%s\",\"msg\":\"published Payment%sEvent\"", p->id,
            c->success ? "Completed" : "Failed");
}

static enum outcome move(const struct callback *c, struct payment *p) {
    char *raw = cJSON_PrintUnformatted(c->data);
    const char *const params[] = {c->order, c->success ? "COMPLETED" : "FAILED", c->tx, raw,
                                  c->provider};
    PGresult *r = raw ? ask(move_sql, 5, params) : NULL;
    cJSON_free(raw);
    if (!r) {
        return DATABASE_DOWN;
    }
    if (!take_row(r, p)) {
        return look(c, p);
    }
    emit(c, p);
    return MOVED;
}

static enum outcome handle(const struct callback *c, struct payment *p) {
    enum outcome o = move(c, p);
    if (o == UNKNOWN_ORDER) {
        api_log(40, context, "\"orderId\":\"%s\",\"msg\":\"Payment not found for callback\"",
                strspn(c->order, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
                                 ".") == strlen(c->order)
                    ? c->order
                    : "?");
    } else if (o == ALREADY) {
        api_log(30, context, "\"paymentId\":\"%s\",\"msg\":\"callback for a %s payment\"", p->id,
                p->status);
    }
    return o;
}

/* ---- the runbook's route ---- */

static void refuse_signature(struct http_request *req, const char *provider) {
    api_log(50, context, "\"msg\":\"Invalid callback signature for provider=%s\"", provider);
    http_replyf(req, 400, json,
                "{\"statusCode\":400,\"error\":\"VALIDATION_ERROR\",\"message\":\"Invalid callback "
                "signature for provider=%s\"}",
                provider);
}

static void reply_payment(struct http_request *req, const struct callback *c, enum outcome o,
                          const struct payment *p) {
    if (o == DATABASE_DOWN) {
        http_reply(req, 500, json, "{\"statusCode\":500,\"message\":\"Internal server error\"}");
        return;
    }
    http_reply(req, 200, json, "{\"paymentId\":");
    if (o == UNKNOWN_ORDER) {
        text_add_json(&req->reply, c->order);
        text_puts(&req->reply, ",\"status\":null,\"isSuccess\":false}");
        return;
    }
    text_add_json(&req->reply, p->id);
    text_addf(&req->reply, ",\"status\":\"%s\",\"isSuccess\":%s}", p->status,
              strcmp(p->status, "COMPLETED") ? "false" : "true");
}

static const struct provider *provider_of(const cJSON *body) {
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(body, "provider");
    for (size_t i = 0; cJSON_IsString(name) && i < ARRAY_LEN(providers); i++) {
        if (!strcmp(name->valuestring, providers[i].name)) {
            return &providers[i];
        }
    }
    return NULL;
}

static void runbook_route(struct http_request *req) {
    cJSON *body = http_body_json(req);
    const struct provider *p = provider_of(body);
    struct callback c = {.data = body};
    struct payment row;
    if (!p) {
        http_reply(req, 400, json,
                   "{\"statusCode\":400,\"error\":\"Bad Request\",\"message\":[\"provider must be "
                   "one of the following values: VNPAY, MOMO, ZALOPAY\"]}");
    } else {
        c.provider = p->name;
        cJSON_DeleteItemFromObjectCaseSensitive(body, "provider");
        if (p->verify(&c)) {
            reply_payment(req, &c, handle(&c, &row), &row);
        } else {
            refuse_signature(req, p->name);
        }
    }
    cJSON_Delete(body);
}

/* ---- the providers' own addresses ---- */

static void vnpay_says(struct http_request *req, const char *code, const char *message) {
    http_replyf(req, 200, json, "{\"RspCode\":\"%s\",\"Message\":\"%s\"}", code, message);
}

static cJSON *object_of_params(const struct http_request *req) {
    cJSON *o = cJSON_CreateObject();
    for (int i = 0; i < req->n_params; i++) {
        cJSON_AddStringToObject(o, req->param[i].name, req->param[i].value);
    }
    return o;
}

/* In the order of VNPay's own acceptance test: checksum, order, amount, state. */
static void vnpay_route(struct http_request *req) {
    struct callback c = {.provider = "VNPAY", .data = object_of_params(req)};
    struct payment p;
    if (!verify_vnpay(&c)) {
        api_log(50, context, "\"msg\":\"Invalid callback signature for provider=VNPAY\"");
        vnpay_says(req, "97", "Invalid Checksum");
    } else {
        enum outcome o = look(&c, &p);
        bool same = o == ALREADY && p.amount_vnd == c.amount_vnd;
        o = same ? handle(&c, &p) : o;
        if (o == DATABASE_DOWN) {
            vnpay_says(req, "99", "Unknown error");
        } else if (o == UNKNOWN_ORDER) {
            vnpay_says(req, "01", "Order not Found");
        } else if (!same) {
            vnpay_says(req, "04", "Invalid amount");
        } else if (o == ALREADY) {
            vnpay_says(req, "02", "Order already confirmed");
        } else {
            vnpay_says(req, "00", "Confirm Success");
        }
    }
    cJSON_Delete(c.data);
}

static void momo_route(struct http_request *req) {
    struct callback c = {.provider = "MOMO"};
    struct payment p;
    c.data = http_body_json(req);
    if (!verify_momo(&c)) {
        refuse_signature(req, "MOMO");
    } else if (handle(&c, &p) == DATABASE_DOWN) {
        http_reply(req, 500, json, "{\"statusCode\":500,\"message\":\"Internal server error\"}");
    } else {
        http_reply(req, 204, NULL, "");
    }
    cJSON_Delete(c.data);
}

static void zalopay_route(struct http_request *req) {
    struct callback c = {.provider = "ZALOPAY"};
    struct payment p;
    c.data = http_body_json(req);
    int code = -1;
    if (verify_zalopay(&c)) {
        enum outcome o = handle(&c, &p);
        code = o == DATABASE_DOWN ? 0 : o == MOVED ? 1 : 2;
    } else {
        api_log(50, context, "\"msg\":\"Invalid callback signature for provider=ZALOPAY\"");
    }
    http_replyf(req, 200, json, "{\"return_code\":%d,\"return_message\":\"%s\"}", code,
                code == 1   ? "success"
                : code == 2 ? "already served"
                : code == 0 ? "try again"
                            : "mac not equal");
    cJSON_Delete(c.data);
}

static const struct {
    const char *method, *path;
    http_handler answer;
} routes[] = {
    {"POST", "/api/payments/callback", runbook_route},
    {"GET", "/api/payments/callback/vnpay", vnpay_route},
    {"POST", "/api/payments/callback/momo", momo_route},
    {"POST", "/api/payments/callback/zalopay", zalopay_route},
};

bool payments_handle(struct http_request *req) {
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (http_is(req, routes[i].method, routes[i].path)) {
            routes[i].answer(req);
            return true;
        }
    }
    return false;
}
