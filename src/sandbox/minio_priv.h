/* sandbox/minio_priv.h - what the files of the MinIO stand-in share: buckets of objects in memory,
 * the XML of S3, and its errors. One lock, held by whoever answers a request, guards them all. */
#ifndef GOODGO_SANDBOX_MINIO_PRIV_H
#define GOODGO_SANDBOX_MINIO_PRIV_H

#include "standins.h"

/* ---- minio_store.c: buckets and objects ---- */
enum { MINIO_MAX_META = 8 };

struct blob {
    char *data;
    size_t size;
    char etag[48];
    uint64_t modified_ms;
};

/* The x-amz-meta-* headers that came with an object, or with the beginning of its upload. */
struct meta {
    char *name[MINIO_MAX_META], *value[MINIO_MAX_META];
    int n;
};

struct object {
    char *key;
    struct blob blob;
    char *type;
    struct meta meta;
};

struct bucket {
    char name[64];
    uint64_t created_ms;
    struct object *object; /* sorted by key */
    size_t n, cap;
};

/* False where the store is full. */
bool blob_make(struct blob *b, const char *data, size_t size);
void blob_free(struct blob *b);

/* One header of a request; others than x-amz-meta-* are passed over. For http_headers_each(). */
void meta_keep(void *meta, const char *name, const char *value);
void meta_free(struct meta *m);

/* NULL where there is none; `name` may be NULL. Valid until a bucket is dropped. */
struct bucket *bucket_find(const char *name);
struct bucket *bucket_at(int i);
/* NULL where there are too many. */
struct bucket *bucket_add(const char *name);
/* An empty one. */
void bucket_drop(struct bucket *b);

/* Where `key` is, or where it would go. */
size_t object_at(const struct bucket *b, const char *key);
/* Valid until an object of the bucket is put or removed. */
struct object *object_find(const struct bucket *b, const char *key);
/* Takes the blob. */
struct object *object_put(struct bucket *b, const char *key, const char *type, struct blob blob);
void object_remove(struct bucket *b, const char *key);

/* Room for one more item. */
void *minio_grown(void *array, size_t n, size_t *cap, size_t item);
void store_done(void);

/* ---- minio_xml.c ---- */
extern const char minio_xml[]; /* the content type */
extern const char minio_owner[];
/* Begins a reply: the head of the document and its outermost element. */
void minio_xml_begin(struct http_request *req, const char *element);
/* <name>text</name>, escaped. */
void minio_xml_add(struct text *t, const char *name, const char *text);
/* The text of the next <name>...</name> from `at` on, for free(); moves `at` behind it. */
char *minio_xml_next(const char **at, const char *name);
/* &amp; and its like made characters again, in place. */
void minio_xml_unescape(char *s);

/* ---- minio_errors.c ---- */

enum s3_code {
    S3_ACCESS_DENIED,
    S3_UNKNOWN_KEY,
    S3_MISMATCH,
    S3_SKEWED,
    S3_MALFORMED_AUTH,
    S3_WRONG_REGION,
    S3_UNSIGNED,
    S3_WRONG_BODY,
    S3_NOT_IMPLEMENTED,
    S3_NO_BUCKET,
    S3_NO_KEY,
    S3_NO_UPLOAD,
    S3_BUCKET_OWNED,
    S3_BUCKET_NOT_EMPTY,
    S3_BAD_BUCKET,
    S3_BAD_MAX_KEYS,
    S3_BAD_TOKEN,
    S3_BAD_PART,
    S3_INVALID_PART,
    S3_TOO_SMALL,
    S3_MALFORMED_XML,
    S3_NO_LENGTH,
    S3_FULL,
    S3_METHOD,
    S3_RANGE,
};

void minio_error(struct http_request *req, enum s3_code code);
/* The error of a fault. */
void minio_error_of_status(struct http_request *req, int status);
/* The first part of the path, or NULL. */
const char *minio_request_bucket(const struct http_request *req);
/* What is behind it, or NULL. */
const char *minio_request_key(const struct http_request *req);
/* "etag", in quotes. */
void minio_etag_header(struct http_request *req, const char *etag);
/* What every reply carries. */
void minio_headers(struct http_request *req);
extern const char minio_host_id[];

/* ---- minio_list.c ---- */
void list_buckets(struct http_request *req);
void list_objects(struct http_request *req, const struct bucket *b);

/* ---- minio_buckets.c, minio_objects.c, minio_uploads.c: what is asked of each ---- */
void bucket_create(struct http_request *req);
void bucket_call(struct http_request *req, struct bucket *b);
void object_call(struct http_request *req, struct bucket *b, const char *key);
void upload_start(struct http_request *req, const struct bucket *b, const char *key);
/* A request that names an upload. */
void upload_call(struct http_request *req, struct bucket *b, const char *key, const char *id);
void list_uploads(struct http_request *req, const struct bucket *b);
void uploads_drop(const char *bucket);
void uploads_done(void);

#endif
