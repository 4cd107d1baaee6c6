/* act/store_priv.h - one signed request to the bucket, what is in it, and one file as one object;
 * see act/store.h. */
#ifndef GOODGO_ACT_STORE_PRIV_H
#define GOODGO_ACT_STORE_PRIV_H

#include "act/store.h"
#include "wire/backup.h"
#include "wire/digest.h"
#include "wire/exchange.h"

#define PART_BYTES        ((size_t)8 << 20) /* and more where a file would have over 9000 of them */
#define UPLOAD_RECORD     ".upload"
#define UPLOAD_RECORD_MAX ((size_t)64 << 10)
#define MD5_BYTES         16

#define STORE_COPIES_MAX 10000u
#define STORE_FILES_MAX  80000u /* of a directory: their index stays within BACKUP_NOTE_MAX */

/* Beside the digest of what it is. */
#define META_SHA256 "x-amz-meta-sha256"
#define META_FILES  "x-amz-meta-files"
#define META_BYTES  "x-amz-meta-bytes"
#define META_MAX    3

struct store_call {
    const char *method;
    const char *key;   /* NULL = the bucket itself */
    const char *query; /* sorted, encoded, each name with '='; NULL = none */
    const void *body;
    size_t body_len;
    struct http_header meta[META_MAX]; /* kept with the object; ends at the first NULL value */
    const char *range;                 /* "bytes=0-99" */
    bool once;                         /* not to be sent again after a lost answer */
    void (*restart)(void *ctx);        /* before each try */
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
const char *store_encode(struct arena *a, const char *s); /* a value of a query */
const struct settings *store_settings(const struct store *st);

/* ---- what the store says, and what an upload left: pure, store_reply_lib.c ---- */

struct store_object {
    const char *key, *etag;
    int64_t size_bytes;
};
/* Each object of one page of a list; *ret_token asks for the next one, NULL = it was the last.
 * False: it is no list. */
bool store_page_read(const char *body, size_t n, struct arena *a,
                     void (*on_object)(void *ctx, const struct store_object *o), void *ctx,
                     const char **ret_token) MUST_CHECK;
struct store_copies {
    struct store_copy *at; /* room for STORE_COPIES_MAX */
    uint32_t n;
    bool full; /* there are more */
};
/* An object that belongs to a copy, by its key; objects come in the order of their keys. */
void store_copies_add(struct store_copies *all, struct arena *a, const struct store_object *o);
/* True for an <Error>, with what it says; else both are "". */
bool store_error_read(const char *body, size_t n, char code[64], char message[200]);
/* The file that an upload keeps beside its archive. Without both of key and id, nothing was begun,
 * and both are NULL. */
bool store_record_read(const char *bytes, size_t n, struct arena *a, const char **ret_key,
                       const char **ret_id, struct err *err) MUST_CHECK;
/* The id of an upload that the store has begun; NULL = it gave none. */
const char *store_upload_id(const char *body, size_t n, struct arena *a);

/* Each upload in parts that is not complete; a list that goes on is read up to there, the rest
 * comes when those are gone. False: it is no list. */
bool store_uploads_read(const char *body, size_t n, struct arena *a,
                        void (*on_upload)(void *ctx, const char *key, const char *id),
                        void *ctx) MUST_CHECK;

struct store_file { /* of a directory's copy */
    const char *name, *sha256;
    const char *there_etag; /* NULL = the store has no such object */
    int64_t there_bytes;
};
struct store_files { /* by name */
    struct store_file *at;
    uint32_t n;
};
struct store_file *store_files_find(const struct store_files *f, const char *name);
/* A directory's last object: a line "SHA-256  FILE" each, by name, each once. */
bool store_index_read(const char *bytes, size_t n, const char *target, struct arena *a,
                      struct store_files *ret, struct err *err) MUST_CHECK;

/* ---- store_list.c ---- */

/* Looks for each of them in the copy `name`: false with one that is missing, or with one that is
 * there and is none of them. */
bool store_files_look(struct store *st, struct arena *a, const char *name, struct store_files *f,
                      struct err *err) MUST_CHECK;

/* ---- store_put.c: one file as one object ---- */

struct store_put {
    struct store *store;
    struct arena *arena;
    const char *key, *path; /* path: for errors */
    int fd;
    int64_t size_bytes;
    bool in_parts; /* also where it is small */
    struct http_header meta;
    /* An upload in parts has this id in the store from now on; NULL = it is complete. */
    bool (*on_id)(void *ctx, const char *key, const char *id, struct err *err);
    void (*on_sent)(void *ctx, int64_t bytes); /* so many more */
    void *ctx;
    /* Of what was sent, afterwards. */
    char sha256[DIGEST_HEX_SIZE];
    const char *etag; /* S3's sum of it */
    unsigned n_parts;
};
bool store_put(struct store_put *p, struct err *err) MUST_CHECK;
/* Whether the store's etag, quotes or not, is that sum. */
bool store_etag_is(const char *there, const char *etag);
void store_md5_hex(const void *bytes, size_t n, char hex[33]);

#endif
