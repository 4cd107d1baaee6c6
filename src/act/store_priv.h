/* act/store_priv.h - one signed request to the bucket; see act/store.h. */
#ifndef GOODGO_ACT_STORE_PRIV_H
#define GOODGO_ACT_STORE_PRIV_H

#include "act/store.h"
#include "wire/exchange.h"

#define PART_BYTES    ((size_t)8 << 20) /* and more where an archive would have over 9000 of them */
#define UPLOAD_RECORD ".upload"

struct store_call {
    const char *method;
    const char *key;   /* NULL = the bucket itself */
    const char *query; /* sorted, encoded, each name with '='; NULL = none */
    const void *body;
    size_t body_len;
    const char *meta_sha256;    /* kept with the object */
    const char *range;          /* "bytes=0-99" */
    bool once;                  /* not to be sent again after a lost answer */
    void (*restart)(void *ctx); /* before each try */
    bool (*on_body)(void *ctx, const char *bytes, size_t n);
    void *ctx;
};
/* True for any answer in the protocol; memory in the arena. */
bool store_send(struct store *st, struct arena *a, const struct store_call *c,
                struct http_reply *ret, struct err *err) MUST_CHECK;
/* True for a 2xx; else what the store said: <Error> by its code. */
bool store_accepted(const struct store *st, const char *what, const struct http_reply *r,
                    struct err *err) MUST_CHECK;
const char *store_encode(struct arena *a, const char *s); /* a value of a query */
const struct settings *store_settings(const struct store *st);

#endif
