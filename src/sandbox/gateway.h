/* sandbox/gateway.h - what the stand-ins of the payment gateways share: the payments they know
 * (DIR/gateways), signatures straight from OpenSSL, and the little they remember of requests.
 * Nothing of the console is used here: two sides, one contract. */
#ifndef GOODGO_SANDBOX_GATEWAY_H
#define GOODGO_SANDBOX_GATEWAY_H

#include "standins.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>

enum { GATEWAY_HEX_SIZE = 129, GATEWAY_VALUE_SIZE = 256 };

/* What the gateway says of a payment. The last three are about the saying, not the payment. */
enum gateway_state {
    GATEWAY_PAID,
    GATEWAY_CANCELLED,
    GATEWAY_PENDING,    /* the customer has not paid yet */
    GATEWAY_PROCESSING, /* paid, and under review: neither yes nor no */
    GATEWAY_REFUNDED,
    GATEWAY_BUSY,   /* "asked too often": says nothing */
    GATEWAY_FORGED, /* paid, in an answer that the gateway did not sign, or of another order */
    GATEWAY_SLOW,   /* paid, after some seconds */
    N_GATEWAY_STATES
};

struct gateway_payment {
    char order[96]; /* as the gateway knows it: ZaloPay's has the date in front */
    char tx[40];    /* the gateway's own number */
    int64_t amount_vnd;
    uint64_t created_ms;
    enum gateway_state state;
};

/* DIR/gateways: one line each, `GATEWAY ORDER AMOUNT STATE TX CREATED_MS`, replaced by rename. */
bool gateway_find(enum sandbox_service gateway, const char *order, struct gateway_payment *ret);
/* The same by the end of its order's name. */
bool gateway_find_end(enum sandbox_service gateway, const char *end, struct gateway_payment *ret);
/* When it was paid. */
uint64_t gateway_paid_ms(const struct gateway_payment *p);
/* Waits where the payment's answer is to be slow. */
void gateway_dawdle(const struct gateway_payment *p);

/* Lower-case hexadecimal of the HMAC. */
void gateway_hmac(const EVP_MD *digest, const char *key, const char *text,
                  char out[GATEWAY_HEX_SIZE]);
/* In either case of letters, and of the very length. */
bool gateway_same_hex(const char *made, const char *given);

/* A member that is a text or a whole number, as a text; false where it is absent, another thing or
 * too long. */
bool gateway_value(const cJSON *body, const char *name, char out[GATEWAY_VALUE_SIZE]);
/* Has this gateway had this request id lately? It has from now on. `what` is what it was asked for;
 * *ret_same tells whether that was the same. */
bool gateway_seen(enum sandbox_service gateway, const char *id, const char *what, bool *ret_same);
/* yyyyMMddHHmmss in Vietnam. */
void gateway_vietnam(uint64_t wall_ms, char out[15]);

#endif
