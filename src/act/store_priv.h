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
/* True for a 2xx without an <Error>, whose code says more than the status; else what the store
 * said. */
bool store_accepted(const struct store *st, const char *what, const struct http_reply *r,
                    struct err *err) MUST_CHECK;
/* ---- what the store says, and what an upload left: pure, store_reply_lib.c ---- */

#define STORE_OBJECTS_MAX 1000u
struct store_objects {
    struct store_object *at; /* room for STORE_OBJECTS_MAX */
    uint32_t n;
};
/* Adds the archives of one page of a list; *ret_token asks for the next one, NULL = it was the
 * last. False: it is no list. */
bool store_page_read(const char *body, size_t n, struct arena *a, struct store_objects *all,
                     const char **ret_token) MUST_CHECK;
/* True for an <Error>, with what it says; else both are "". */
bool store_error_read(const char *body, size_t n, char code[64], char message[200]);
/* The file that an upload keeps beside its archive. Without both of key and id, nothing was begun,
 * and both are NULL. */
bool store_record_read(const char *bytes, size_t n, struct arena *a, const char **ret_key,
                       const char **ret_id, struct err *err) MUST_CHECK;
/* The id of an upload that the store has begun; NULL = it gave none. */
const char *store_upload_id(const char *body, size_t n, struct arena *a);

const char *store_encode(struct arena *a, const char *s); /* a value of a query */
const struct settings *store_settings(const struct store *st);

#endif
