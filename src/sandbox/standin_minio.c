/* sandbox/standin_minio.c - MinIO: health, and the S3 calls an operator's tool makes, with real
 * signature checks. Objects live in memory; a full store answers 507. */
#include "sigv4.h"
#include "standins.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_BUCKETS = 64,
    MAX_UPLOADS = 64,
    MAX_PARTS = 10000,
    MAX_META = 8,
    STORE_BYTES = 256 << 20,
    MIN_PART_BYTES = 5 << 20,
    N_MEDIA = 60,
};

static const char xml[] = "application/xml";
static const char xml_head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
static const char ns[] = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
static const char owner[] =
    "<Owner><ID>02d6176db174dc93cb1b899f7c6078f08654445fe8cf1b6ce98d8855f66bdbf4</ID>"
    "<DisplayName>minio</DisplayName></Owner>";
static const char host_id[] = "dd9025bab4ad464b049177c95eb6ebf374d3b3fd1af9251148b658df7ac2e3e8";

struct blob {
    char *data;
    size_t size;
    char etag[48];
    uint64_t modified_ms;
};

/* The x-amz-meta-* headers that came with an object, or with the beginning of its upload. */
struct meta {
    char *name[MAX_META], *value[MAX_META];
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

struct part {
    int number;
    struct blob blob;
};

struct upload {
    char id[65];
    char bucket[64];
    char *key, *type;
    struct meta meta;
    uint64_t started_ms;
    struct part *part; /* sorted by number */
    size_t n, cap;
};

static struct {
    pthread_mutex_t lock;
    struct bucket bucket[MAX_BUCKETS];
    int n_buckets;
    struct upload upload[MAX_UPLOADS];
    int n_uploads;
    size_t bytes;
} store = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- errors ---- */

struct s3_error {
    int status;
    const char *code, *message;
};

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

static const struct s3_error errors[] = {
    [S3_ACCESS_DENIED] = {403, "AccessDenied", "Access Denied."},
    [S3_UNKNOWN_KEY] = {403, "InvalidAccessKeyId",
                        "The Access Key Id you provided does not exist in our records."},
    [S3_MISMATCH] = {403, "SignatureDoesNotMatch",
                     "The request signature we calculated does not match the signature you "
                     "provided. Check your key and signing method."},
    [S3_SKEWED] = {403, "RequestTimeTooSkewed",
                   "The difference between the request time and the server's time is too large."},
    [S3_MALFORMED_AUTH] = {400, "AuthorizationHeaderMalformed",
                           "The authorization header that you provided is not valid."},
    [S3_WRONG_REGION] = {400, "AuthorizationHeaderMalformed",
                         "The authorization header is malformed; the region is wrong; expecting "
                         "'us-east-1'."},
    [S3_UNSIGNED] = {400, "AccessDenied",
                     "There were headers present in the request which were not signed"},
    [S3_WRONG_BODY] = {400, "XAmzContentSHA256Mismatch",
                       "The provided 'x-amz-content-sha256' header does not match what was "
                       "computed."},
    [S3_NOT_IMPLEMENTED] = {501, "NotImplemented",
                            "A header you provided implies functionality that is not implemented"},
    [S3_NO_BUCKET] = {404, "NoSuchBucket", "The specified bucket does not exist"},
    [S3_NO_KEY] = {404, "NoSuchKey", "The specified key does not exist."},
    [S3_NO_UPLOAD] = {404, "NoSuchUpload",
                      "The specified multipart upload does not exist. The upload ID may be "
                      "invalid, or the upload may have been aborted or completed."},
    [S3_BUCKET_OWNED] = {409, "BucketAlreadyOwnedByYou",
                         "Your previous request to create the named bucket succeeded and you "
                         "already own it."},
    [S3_BUCKET_NOT_EMPTY] = {409, "BucketNotEmpty",
                             "The bucket you tried to delete is not empty. You must delete all "
                             "versions in the bucket."},
    [S3_BAD_BUCKET] = {400, "InvalidBucketName", "The specified bucket is not valid."},
    [S3_BAD_MAX_KEYS] = {400, "InvalidArgument",
                         "Argument maxKeys must be an integer between 0 and 2147483647"},
    [S3_BAD_TOKEN] = {400, "InvalidArgument", "The continuation token provided is incorrect"},
    [S3_BAD_PART] = {400, "InvalidArgument",
                     "Part number must be an integer between 1 and 10000, inclusive"},
    [S3_INVALID_PART] = {400, "InvalidPart",
                         "One or more of the specified parts could not be found.  The part may not "
                         "have been uploaded, or the specified entity tag may not match the part's "
                         "entity tag."},
    [S3_TOO_SMALL] = {400, "EntityTooSmall",
                      "Your proposed upload is smaller than the minimum allowed object size."},
    [S3_MALFORMED_XML] = {400, "MalformedXML",
                          "The XML you provided was not well-formed or did not validate against "
                          "our published schema."},
    [S3_NO_LENGTH] = {411, "MissingContentLength",
                      "You must provide the Content-Length HTTP header."},
    [S3_FULL] = {507, "XMinioStorageFull",
                 "Storage backend has reached its minimum free drive threshold. Please delete a "
                 "few objects to proceed."},
    [S3_METHOD] = {405, "MethodNotAllowed",
                   "The specified method is not allowed against this resource."},
    [S3_RANGE] = {416, "InvalidRange", "The requested range is not satisfiable"},
};

static const char *request_bucket(const struct http_request *req) {
    return req->n_segments ? req->segment[0] : NULL;
}

/* The key is the rest of the path as it was sent, decoded: it may hold empty parts. */
static const char *request_key(const struct http_request *req) {
    const char *slash = strchr(req->path + (*req->path == '/'), '/');
    return slash && slash[1] ? slash + 1 : NULL;
}

static void add_error(struct http_request *req, const struct s3_error *e) {
    struct text *t = &req->reply;
    const char *bucket = request_bucket(req), *key = request_key(req);
    text_puts(t, xml_head);
    text_addf(t, "<Error><Code>%s</Code><Message>", e->code);
    text_add_xml(t, e->message);
    text_puts(t, "</Message>");
    if (key) {
        text_puts(t, "<Key>");
        text_add_xml(t, key);
        text_puts(t, "</Key>");
    }
    if (bucket && strcmp(e->code, "InvalidBucketName") != 0) {
        text_puts(t, "<BucketName>");
        text_add_xml(t, bucket);
        text_puts(t, "</BucketName>");
    }
    text_puts(t, "<Resource>");
    text_add_xml(t, req->path);
    text_addf(t, "</Resource><RequestId>%016llX</RequestId><HostId>%s</HostId></Error>",
              (unsigned long long)clock_wall_ms() * 1000003u, host_id);
}

static void reply_error(struct http_request *req, enum s3_code code) {
    const struct s3_error *e = &errors[code];
    req->status = e->status;
    req->reply.size = 0;
    if (strcmp(req->method, "HEAD") == 0) {
        char quoted[256];
        snprintf(quoted, sizeof quoted, "\"%s\"", e->message);
        http_reply_header(req, "x-minio-error-code", e->code);
        http_reply_header(req, "x-minio-error-desc", quoted);
        return;
    }
    req->content_type = xml;
    add_error(req, e);
}

/* ---- the store ---- */

static void blob_free(struct blob *b) {
    store.bytes -= b->size;
    free(b->data);
    *b = (struct blob){0};
}

static bool blob_make(struct blob *b, const char *data, size_t size) {
    if (store.bytes + size > STORE_BYTES) {
        return false;
    }
    *b = (struct blob){malloc(size ? size : 1), size, "", clock_wall_ms()};
    if (!b->data) {
        return false;
    }
    if (size) {
        memcpy(b->data, data, size);
    }
    md5_hex(data, size, b->etag);
    store.bytes += size;
    return true;
}

static void meta_free(struct meta *m) {
    for (int i = 0; i < m->n; i++) {
        free(m->name[i]);
        free(m->value[i]);
    }
    m->n = 0;
}

static void object_free(struct object *o) {
    blob_free(&o->blob);
    free(o->key);
    free(o->type);
    meta_free(&o->meta);
}

static struct bucket *bucket_find(const char *name) {
    for (int i = 0; name && i < store.n_buckets; i++) {
        if (strcmp(store.bucket[i].name, name) == 0) {
            return &store.bucket[i];
        }
    }
    return NULL;
}

static struct bucket *bucket_add(const char *name) {
    if (store.n_buckets == MAX_BUCKETS) {
        return NULL;
    }
    struct bucket *b = &store.bucket[store.n_buckets++];
    *b = (struct bucket){.created_ms = clock_wall_ms()};
    snprintf(b->name, sizeof b->name, "%s", name);
    return b;
}

/* Where `key` is, or where it would go. */
static size_t object_at(const struct bucket *b, const char *key) {
    size_t lo = 0, hi = b->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (strcmp(b->object[mid].key, key) < 0) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

static struct object *object_find(const struct bucket *b, const char *key) {
    size_t at = object_at(b, key);
    return at < b->n && strcmp(b->object[at].key, key) == 0 ? &b->object[at] : NULL;
}

static void *grown(void *array, size_t n, size_t *cap, size_t item) {
    if (n < *cap) {
        return array;
    }
    *cap = *cap ? *cap * 2 : 16;
    void *more = realloc(array, *cap * item);
    if (!more) {
        abort();
    }
    return more;
}

/* Takes the blob. */
static struct object *object_put(struct bucket *b, const char *key, const char *type,
                                 struct blob blob) {
    size_t at = object_at(b, key);
    if (at < b->n && strcmp(b->object[at].key, key) == 0) {
        object_free(&b->object[at]);
    } else {
        b->object = grown(b->object, b->n, &b->cap, sizeof *b->object);
        memmove(b->object + at + 1, b->object + at, (b->n - at) * sizeof *b->object);
        b->n++;
    }
    b->object[at] = (struct object){.key = strdup(key), .blob = blob};
    b->object[at].type = strdup(type ? type : "application/octet-stream");
    return &b->object[at];
}

static void object_remove(struct bucket *b, const char *key) {
    struct object *o = object_find(b, key);
    if (o) {
        size_t at = (size_t)(o - b->object);
        object_free(o);
        memmove(o, o + 1, (b->n - at - 1) * sizeof *o);
        b->n--;
    }
}

static struct upload *upload_find(const char *id, const char *bucket, const char *key) {
    for (int i = 0; i < store.n_uploads; i++) {
        struct upload *u = &store.upload[i];
        if (strcmp(u->id, id) == 0 && strcmp(u->bucket, bucket) == 0 && strcmp(u->key, key) == 0) {
            return u;
        }
    }
    return NULL;
}

static void upload_remove(struct upload *u) {
    for (size_t i = 0; i < u->n; i++) {
        blob_free(&u->part[i].blob);
    }
    free(u->part);
    free(u->key);
    free(u->type);
    meta_free(&u->meta);
    *u = store.upload[--store.n_uploads];
}

static void add_media(struct bucket *b) {
    for (int i = 0; i < N_MEDIA; i++) {
        char key[96], id[26];
        struct text bytes = {0};
        struct blob blob;
        bool video = i % 12 == 11;
        dice_cuid(id);
        snprintf(key, sizeof key, "listings/%s/%s-%d.%s", id, video ? "tour" : "photo", i % 5 + 1,
                 video ? "mp4" : "jpg");
        text_add(&bytes, "\xff\xd8\xff\xe0", 4);
        for (unsigned k = 0; k < 400 + dice(6000); k++) {
            unsigned char c = (unsigned char)dice(256);
            text_add(&bytes, &c, 1);
        }
        if (blob_make(&blob, bytes.data, bytes.size)) {
            object_put(b, key, video ? "video/mp4" : "image/jpeg", blob);
        }
        text_done(&bytes);
    }
}

bool minio_init(void) {
    struct bucket *b = bucket_add(standins_platform()->minio_bucket);
    if (b) {
        add_media(b);
    }
    return true;
}

void minio_done(void) {
    while (store.n_uploads) {
        upload_remove(&store.upload[0]);
    }
    for (int i = 0; i < store.n_buckets; i++) {
        for (size_t k = 0; k < store.bucket[i].n; k++) {
            object_free(&store.bucket[i].object[k]);
        }
        free(store.bucket[i].object);
    }
    store.n_buckets = 0;
}

/* ---- listing ---- */

static void add_key(struct text *t, const char *s, bool url) {
    if (!url) {
        text_add_xml(t, s);
        return;
    }
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (isalnum(c) || strchr("-_.*~/", c)) {
            text_add(t, s, 1);
        } else if (c == ' ') {
            text_puts(t, "+");
        } else {
            text_addf(t, "%%%02X", c);
        }
    }
}

static void add_object(struct text *t, const struct object *o, bool url, bool with_owner) {
    char when[32];
    clock_iso(o->blob.modified_ms, when, sizeof when);
    text_puts(t, "<Contents><Key>");
    add_key(t, o->key, url);
    text_addf(t, "</Key><LastModified>%s</LastModified><ETag>&#34;%s&#34;</ETag><Size>%zu</Size>",
              when, o->blob.etag, o->blob.size);
    text_addf(t, "%s<StorageClass>STANDARD</StorageClass></Contents>", with_owner ? owner : "");
}

struct listing {
    const char *prefix, *delimiter, *after;
    size_t max_keys;
    bool url, v2;
    struct text contents, prefixes, next;
    size_t n;
    bool truncated;
};

/* The part up to the delimiter behind the prefix, or 0 where there is none. */
static size_t common_prefix(const struct listing *l, const char *key) {
    size_t n = strlen(l->prefix);
    const char *cut = *l->delimiter ? strstr(key + n, l->delimiter) : NULL;
    return cut ? (size_t)(cut - key) + strlen(l->delimiter) : 0;
}

static void list_bucket(struct listing *l, const struct bucket *b) {
    size_t at = object_at(b, *l->after ? l->after : l->prefix);
    size_t prefix_size = strlen(l->prefix);
    for (; at < b->n; at++) {
        const struct object *o = &b->object[at];
        if (strncmp(o->key, l->prefix, prefix_size) != 0) {
            if (strcmp(o->key, l->prefix) > 0) {
                break;
            }
            continue;
        }
        size_t common = common_prefix(l, o->key);
        bool seen = *l->after && (strcmp(o->key, l->after) <= 0 ||
                                  (common && strncmp(o->key, l->after, common) == 0));
        bool repeated =
            common && l->next.size == common && strncmp(l->next.data, o->key, common) == 0;
        if (seen || repeated) {
            continue;
        }
        if (l->n == l->max_keys) {
            l->truncated = true;
            break;
        }
        l->n++;
        l->next.size = 0;
        text_add(&l->next, o->key, common ? common : strlen(o->key));
        if (common) {
            text_puts(&l->prefixes, "<CommonPrefixes><Prefix>");
            add_key(&l->prefixes, l->next.data, l->url);
            text_puts(&l->prefixes, "</Prefix></CommonPrefixes>");
        } else {
            add_object(&l->contents, o, l->url, !l->v2);
        }
    }
    l->truncated = l->truncated && l->max_keys > 0;
}

static void base64(const char *s, size_t size, struct text *t) {
    unsigned char *out = malloc(size * 2 + 8);
    if (out) {
        int n = EVP_EncodeBlock(out, (const unsigned char *)s, (int)size);
        text_add(t, out, (size_t)n);
        free(out);
    }
}

static bool unbase64(const char *s, struct text *t) {
    size_t n = strlen(s);
    unsigned char *out = malloc(n + 4);
    int size = n && n % 4 == 0 && out ? EVP_DecodeBlock(out, (const unsigned char *)s, (int)n) : -1;
    if (size >= 0) {
        size_t padding = (size_t)(s[n - 1] == '=') + (size_t)(n > 1 && s[n - 2] == '=');
        text_add(t, out, (size_t)size - padding);
    }
    free(out);
    return size >= 0;
}

static void add_listing(struct text *t, const struct listing *l, const struct bucket *b,
                        const char *token) {
    text_puts(t, xml_head);
    text_addf(t, "<ListBucketResult %s><Name>%s</Name><Prefix>", ns, b->name);
    add_key(t, l->prefix, l->url);
    text_puts(t, "</Prefix>");
    if (l->v2 && token) {
        text_addf(t, "<ContinuationToken>%s</ContinuationToken>", token);
    }
    if (!l->v2) {
        text_puts(t, "<Marker>");
        add_key(t, l->after, l->url);
        text_puts(t, "</Marker>");
    }
    if (l->truncated) {
        text_puts(t, l->v2 ? "<NextContinuationToken>" : "<NextMarker>");
        if (l->v2) {
            base64(l->next.data, l->next.size, t);
        } else {
            add_key(t, l->next.data, l->url);
        }
        text_puts(t, l->v2 ? "</NextContinuationToken>" : "</NextMarker>");
    }
    if (l->v2) {
        text_addf(t, "<KeyCount>%zu</KeyCount>", l->n);
    }
    text_addf(t, "<MaxKeys>%zu</MaxKeys>", l->max_keys);
    if (*l->delimiter) {
        text_puts(t, "<Delimiter>");
        add_key(t, l->delimiter, l->url);
        text_puts(t, "</Delimiter>");
    }
    text_addf(t, "<IsTruncated>%s</IsTruncated>", l->truncated ? "true" : "false");
    text_add(t, l->contents.data, l->contents.size);
    text_add(t, l->prefixes.data, l->prefixes.size);
    text_puts(t, l->url ? "<EncodingType>url</EncodingType></ListBucketResult>"
                        : "</ListBucketResult>");
}

static const char *param_or(const struct http_request *req, const char *name,
                            const char *fallback) {
    const char *v = http_param(req, name);
    return v ? v : fallback;
}

static void list_objects(struct http_request *req, struct bucket *b) {
    int64_t max_keys = 1000;
    const char *given = http_param(req, "max-keys");
    const char *token = http_param(req, "continuation-token");
    struct text after = {0};
    struct listing l = {
        .prefix = param_or(req, "prefix", ""),
        .delimiter = param_or(req, "delimiter", ""),
        .v2 = strcmp(param_or(req, "list-type", ""), "2") == 0,
        .url = strcmp(param_or(req, "encoding-type", ""), "url") == 0,
    };
    if (given && *given &&
        (!string_to_i64(given, &max_keys) || max_keys < 0 || max_keys > INT32_MAX)) {
        reply_error(req, S3_BAD_MAX_KEYS);
        return;
    }
    if (l.v2 && token && !unbase64(token, &after)) {
        reply_error(req, S3_BAD_TOKEN);
        return;
    }
    if (!after.size) {
        text_puts(&after, param_or(req, l.v2 ? "start-after" : "marker", ""));
    }
    l.after = after.data;
    l.max_keys = max_keys > 1000 ? 1000 : (size_t)max_keys;
    list_bucket(&l, b);
    req->content_type = xml;
    add_listing(&req->reply, &l, b, token);
    text_done(&l.contents);
    text_done(&l.prefixes);
    text_done(&l.next);
    text_done(&after);
}

static void list_buckets(struct http_request *req) {
    char when[32];
    http_reply(req, 200, xml, xml_head);
    text_addf(&req->reply, "<ListAllMyBucketsResult %s>%s<Buckets>", ns, owner);
    for (int i = 0; i < store.n_buckets; i++) {
        clock_iso(store.bucket[i].created_ms, when, sizeof when);
        text_addf(&req->reply, "<Bucket><Name>%s</Name><CreationDate>%s</CreationDate></Bucket>",
                  store.bucket[i].name, when);
    }
    text_puts(&req->reply, "</Buckets></ListAllMyBucketsResult>");
}

/* ---- buckets ---- */

static bool bucket_name_is_good(const char *s) {
    size_t n = strlen(s);
    if (n < 3 || n > 63 || !isalnum((unsigned char)s[0]) || !isalnum((unsigned char)s[n - 1])) {
        return false;
    }
    return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") == n;
}

static void bucket_create(struct http_request *req) {
    const char *name = request_bucket(req);
    if (!bucket_name_is_good(name)) {
        reply_error(req, S3_BAD_BUCKET);
    } else if (bucket_find(name)) {
        reply_error(req, S3_BUCKET_OWNED);
    } else if (!bucket_add(name)) {
        reply_error(req, S3_FULL);
    } else {
        char where[80];
        snprintf(where, sizeof where, "/%s", name);
        http_reply_header(req, "Location", where);
    }
}

static void bucket_delete(struct http_request *req, struct bucket *b) {
    if (b->n) {
        reply_error(req, S3_BUCKET_NOT_EMPTY);
        return;
    }
    free(b->object);
    memmove(b, b + 1, (size_t)(&store.bucket[store.n_buckets] - (b + 1)) * sizeof *b);
    store.n_buckets--;
    req->status = 204;
}

static void list_uploads(struct http_request *req, const struct bucket *b) {
    http_reply(req, 200, xml, xml_head);
    text_addf(&req->reply,
              "<ListMultipartUploadsResult %s><Bucket>%s</Bucket><KeyMarker></KeyMarker>"
              "<UploadIdMarker></UploadIdMarker><NextKeyMarker></NextKeyMarker>"
              "<NextUploadIdMarker></NextUploadIdMarker><Prefix></Prefix>"
              "<MaxUploads>10000</MaxUploads><IsTruncated>false</IsTruncated>",
              ns, b->name);
    for (int i = 0; i < store.n_uploads; i++) {
        const struct upload *u = &store.upload[i];
        char when[32];
        if (strcmp(u->bucket, b->name) != 0) {
            continue;
        }
        clock_iso(u->started_ms, when, sizeof when);
        text_puts(&req->reply, "<Upload><Key>");
        text_add_xml(&req->reply, u->key);
        text_addf(&req->reply,
                  "</Key><UploadId>%s</UploadId><StorageClass></StorageClass>"
                  "<Initiated>%s</Initiated></Upload>",
                  u->id, when);
    }
    text_puts(&req->reply, "</ListMultipartUploadsResult>");
}

/* The text of the next <name>...</name> from `at` on; moves `at` behind it. */
static char *next_element(const char **at, const char *name) {
    char open[48], close[48];
    snprintf(open, sizeof open, "<%s>", name);
    snprintf(close, sizeof close, "</%s>", name);
    const char *from = strstr(*at, open);
    const char *to = from ? strstr(from, close) : NULL;
    if (!to) {
        return NULL;
    }
    from += strlen(open);
    *at = to + strlen(close);
    return strndup(from, (size_t)(to - from));
}

static void delete_many(struct http_request *req, struct bucket *b) {
    const char *at = req->body.data ? req->body.data : "";
    char *key = NULL;
    http_reply(req, 200, xml, xml_head);
    text_addf(&req->reply, "<DeleteResult %s>", ns);
    while ((key = next_element(&at, "Key"))) {
        object_remove(b, key);
        text_puts(&req->reply, "<Deleted><Key>");
        text_puts(&req->reply, key);
        text_puts(&req->reply, "</Key></Deleted>");
        free(key);
    }
    text_puts(&req->reply, "</DeleteResult>");
}

static void bucket_call(struct http_request *req, struct bucket *b) {
    const char *m = req->method;
    if (strcmp(m, "HEAD") == 0) {
        req->content_type = xml;
    } else if (strcmp(m, "DELETE") == 0) {
        bucket_delete(req, b);
    } else if (strcmp(m, "POST") == 0 && http_param(req, "delete")) {
        delete_many(req, b);
    } else if (strcmp(m, "GET") != 0) {
        reply_error(req, S3_METHOD);
    } else if (http_param(req, "location")) {
        http_replyf(req, 200, xml, "%s<LocationConstraint %s></LocationConstraint>", xml_head, ns);
    } else if (http_param(req, "versioning")) {
        http_replyf(req, 200, xml, "%s<VersioningConfiguration %s></VersioningConfiguration>",
                    xml_head, ns);
    } else if (http_param(req, "uploads")) {
        list_uploads(req, b);
    } else {
        list_objects(req, b);
    }
}

/* ---- objects ---- */

static void add_object_headers(struct http_request *req, const struct object *o) {
    char value[64];
    time_t s = (time_t)(o->blob.modified_ms / 1000);
    struct tm tm;
    snprintf(value, sizeof value, "\"%s\"", o->blob.etag);
    http_reply_header(req, "ETag", value);
    gmtime_r(&s, &tm);
    strftime(value, sizeof value, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    http_reply_header(req, "Last-Modified", value);
    for (int i = 0; i < o->meta.n; i++) {
        http_reply_header(req, o->meta.name[i], o->meta.value[i]);
    }
}

/* bytes=a-b, bytes=a-, bytes=-n. False where no byte of it exists. */
static bool parse_range(const char *range, size_t size, size_t *from, size_t *to) {
    char *end = NULL;
    const char *s = range + strlen("bytes=");
    *from = 0;
    *to = size;
    if (*s == '-') {
        unsigned long long n = strtoull(s + 1, &end, 10);
        *from = n < size ? size - (size_t)n : 0;
        return !*end && n > 0 && size > 0;
    }
    unsigned long long a = strtoull(s, &end, 10);
    if (end == s || *end != '-' || a >= size) {
        return false;
    }
    *from = (size_t)a;
    if (end[1]) {
        unsigned long long b = strtoull(end + 1, &end, 10);
        *to = b < size - 1 ? (size_t)b + 1 : size;
    }
    return *to > *from;
}

static void object_get(struct http_request *req, const struct object *o) {
    const char *range = http_header(req, "Range");
    size_t from = 0, to = o->blob.size;
    if (range && strncmp(range, "bytes=", 6) == 0) {
        if (!parse_range(range, o->blob.size, &from, &to)) {
            reply_error(req, S3_RANGE);
            return;
        }
        char value[80];
        snprintf(value, sizeof value, "bytes %zu-%zu/%zu", from, to - 1, o->blob.size);
        http_reply_header(req, "Content-Range", value);
        req->status = 206;
    }
    char etag[64];
    const char *known = http_header(req, "If-None-Match");
    snprintf(etag, sizeof etag, "\"%s\"", o->blob.etag);
    add_object_headers(req, o);
    if (known && strcmp(known, etag) == 0) {
        req->status = 304;
        return;
    }
    req->content_type = o->type;
    text_add(&req->reply, o->blob.data + from, to - from);
}

static void keep_meta(void *ctx, const char *name, const char *value) {
    struct meta *m = ctx;
    if (strncasecmp(name, "x-amz-meta-", 11) == 0 && m->n < MAX_META) {
        m->name[m->n] = strdup(name);
        m->value[m->n++] = strdup(value);
    }
}

static void reply_etag(struct http_request *req, const char *etag) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\"", etag);
    http_reply_header(req, "ETag", quoted);
}

static void object_copy(struct http_request *req, struct bucket *b, const char *key,
                        const char *source) {
    char *from = strdup(source[0] == '/' ? source + 1 : source);
    http_unescape(from, false);
    char *slash = strchr(from, '/');
    if (slash) {
        *slash = 0;
    }
    struct bucket *sb = bucket_find(from);
    struct object *o = sb && slash ? object_find(sb, slash + 1) : NULL;
    struct blob blob;
    if (!o) {
        reply_error(req, sb ? S3_NO_KEY : S3_NO_BUCKET);
    } else if (!blob_make(&blob, o->blob.data, o->blob.size)) {
        reply_error(req, S3_FULL);
    } else {
        char when[32];
        char *type = strdup(o->type);
        o = object_put(b, key, type, blob);
        free(type);
        clock_iso(o->blob.modified_ms, when, sizeof when);
        reply_etag(req, o->blob.etag);
        http_replyf(req, 200, xml,
                    "%s<CopyObjectResult %s><LastModified>%s</LastModified>"
                    "<ETag>&#34;%s&#34;</ETag></CopyObjectResult>",
                    xml_head, ns, when, o->blob.etag);
    }
    free(from);
}

static void object_store(struct http_request *req, struct bucket *b, const char *key) {
    const char *source = http_header(req, "x-amz-copy-source");
    struct blob blob;
    if (source) {
        object_copy(req, b, key, source);
    } else if (!http_header(req, "Content-Length")) {
        reply_error(req, S3_NO_LENGTH);
    } else if (!blob_make(&blob, req->body.data, req->body.size)) {
        reply_error(req, S3_FULL);
    } else {
        struct object *o = object_put(b, key, http_header(req, "Content-Type"), blob);
        http_headers_each(req, keep_meta, &o->meta);
        reply_etag(req, o->blob.etag);
    }
}

/* ---- multipart ---- */

static void upload_start(struct http_request *req, const struct bucket *b, const char *key) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const char *type = http_header(req, "Content-Type");
    if (store.n_uploads == MAX_UPLOADS) {
        reply_error(req, S3_FULL);
        return;
    }
    struct upload *u = &store.upload[store.n_uploads++];
    *u = (struct upload){.key = strdup(key), .started_ms = clock_wall_ms()};
    u->type = type ? strdup(type) : NULL;
    http_headers_each(req, keep_meta, &u->meta);
    snprintf(u->bucket, sizeof u->bucket, "%s", b->name);
    for (int i = 0; i < 64; i++) {
        u->id[i] = digits[dice(62)];
    }
    http_reply(req, 200, xml, xml_head);
    text_addf(&req->reply, "<InitiateMultipartUploadResult %s><Bucket>%s</Bucket><Key>", ns,
              b->name);
    text_add_xml(&req->reply, key);
    text_addf(&req->reply, "</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>", u->id);
}

static struct part *part_find(const struct upload *u, int number) {
    for (size_t i = 0; i < u->n; i++) {
        if (u->part[i].number == number) {
            return &u->part[i];
        }
    }
    return NULL;
}

static void upload_part(struct http_request *req, struct upload *u) {
    int number = (int)http_param_i64(req, "partNumber", 0, 1, MAX_PARTS);
    struct part part = {.number = number};
    if (!number) {
        reply_error(req, S3_BAD_PART);
        return;
    }
    if (!blob_make(&part.blob, req->body.data, req->body.size)) {
        reply_error(req, S3_FULL);
        return;
    }
    struct part *old = part_find(u, number);
    if (old) {
        blob_free(&old->blob);
        *old = part;
    } else {
        u->part = grown(u->part, u->n, &u->cap, sizeof *u->part);
        size_t at = u->n++;
        for (; at > 0 && u->part[at - 1].number > number; at--) {
            u->part[at] = u->part[at - 1];
        }
        u->part[at] = part;
    }
    reply_etag(req, part.blob.etag);
}

static void list_parts(struct http_request *req, const struct upload *u) {
    http_reply(req, 200, xml, xml_head);
    text_addf(&req->reply, "<ListPartsResult %s><Bucket>%s</Bucket><Key>", ns, u->bucket);
    text_add_xml(&req->reply, u->key);
    text_addf(&req->reply,
              "</Key><UploadId>%s</UploadId>%s<StorageClass>STANDARD</StorageClass>"
              "<PartNumberMarker>0</PartNumberMarker><NextPartNumberMarker>0</NextPartNumberMarker>"
              "<MaxParts>10000</MaxParts><IsTruncated>false</IsTruncated>",
              u->id, owner);
    for (size_t i = 0; i < u->n; i++) {
        char when[32];
        clock_iso(u->part[i].blob.modified_ms, when, sizeof when);
        text_addf(&req->reply,
                  "<Part><PartNumber>%d</PartNumber><LastModified>%s</LastModified>"
                  "<ETag>&#34;%s&#34;</ETag><Size>%zu</Size></Part>",
                  u->part[i].number, when, u->part[i].blob.etag, u->part[i].blob.size);
    }
    text_puts(&req->reply, "</ListPartsResult>");
}

static bool etag_same(const char *given, const char *etag) {
    while (*given && !isxdigit((unsigned char)*given)) {
        given += strncmp(given, "&quot;", 6) == 0 ? 6 : strncmp(given, "&#34;", 5) == 0 ? 5 : 1;
    }
    return strncasecmp(given, etag, 32) == 0;
}

/* Puts the parts named in the body together; -1 where that worked, else an enum s3_code. */
static int assemble(const struct upload *u, const char *body, struct text *whole, int *ret_parts) {
    char *element = NULL;
    const struct part *last = NULL;
    int verdict = -1;
    *ret_parts = 0;
    while (verdict < 0 && (element = next_element(&body, "Part"))) {
        const char *in_number = element, *in_etag = element;
        char *number = next_element(&in_number, "PartNumber");
        char *etag = next_element(&in_etag, "ETag");
        int64_t n = 0;
        const struct part *p =
            string_to_i64(number, &n) && n > 0 && n <= MAX_PARTS ? part_find(u, (int)n) : NULL;
        if (!p || !etag || !etag_same(etag, p->blob.etag)) {
            verdict = S3_INVALID_PART;
        } else if (last && last->blob.size < MIN_PART_BYTES) {
            verdict = S3_TOO_SMALL;
        } else {
            text_add(whole, p->blob.data, p->blob.size);
            last = p;
            (*ret_parts)++;
        }
        free(number);
        free(etag);
        free(element);
    }
    return verdict < 0 && !last ? S3_MALFORMED_XML : verdict;
}

/* A multipart ETag: the MD5 of the parts' MD5s, then their number. */
static void multipart_etag(const struct upload *u, int n_parts, char *out, size_t size) {
    struct text raw = {0};
    char md5[33];
    for (size_t i = 0; i < u->n; i++) {
        for (int k = 0; k < 32; k += 2) {
            char two[3] = {u->part[i].blob.etag[k], u->part[i].blob.etag[k + 1], 0};
            unsigned char byte = (unsigned char)strtoul(two, NULL, 16);
            text_add(&raw, &byte, 1);
        }
    }
    md5_hex(raw.data, raw.size, md5);
    snprintf(out, size, "%s-%d", md5, n_parts);
    text_done(&raw);
}

static void upload_complete(struct http_request *req, struct bucket *b, struct upload *u) {
    struct text whole = {0};
    struct blob blob;
    int n_parts = 0;
    int verdict = assemble(u, req->body.data ? req->body.data : "", &whole, &n_parts);
    if (verdict >= 0 || !blob_make(&blob, whole.data, whole.size)) {
        reply_error(req, verdict >= 0 ? (enum s3_code)verdict : S3_FULL);
        text_done(&whole);
        return;
    }
    multipart_etag(u, n_parts, blob.etag, sizeof blob.etag);
    struct object *o = object_put(b, u->key, u->type, blob);
    o->meta = u->meta;
    u->meta.n = 0; /* the object's now */
    const char *host = http_header(req, "Host");
    http_reply(req, 200, xml, xml_head);
    text_addf(&req->reply, "<CompleteMultipartUploadResult %s><Location>http://%s/%s/", ns,
              host ? host : "", b->name);
    text_add_xml(&req->reply, o->key);
    text_addf(&req->reply, "</Location><Bucket>%s</Bucket><Key>", b->name);
    text_add_xml(&req->reply, o->key);
    text_addf(&req->reply, "</Key><ETag>&#34;%s&#34;</ETag></CompleteMultipartUploadResult>",
              o->blob.etag);
    upload_remove(u);
    text_done(&whole);
}

static void multipart_call(struct http_request *req, struct bucket *b, const char *key,
                           const char *id) {
    struct upload *u = upload_find(id, b->name, key);
    if (!u) {
        reply_error(req, S3_NO_UPLOAD);
    } else if (strcmp(req->method, "PUT") == 0) {
        upload_part(req, u);
    } else if (strcmp(req->method, "GET") == 0) {
        list_parts(req, u);
    } else if (strcmp(req->method, "POST") == 0) {
        upload_complete(req, b, u);
    } else if (strcmp(req->method, "DELETE") == 0) {
        upload_remove(u);
        req->status = 204;
    } else {
        reply_error(req, S3_METHOD);
    }
}

static void object_call(struct http_request *req, struct bucket *b, const char *key) {
    const char *id = http_param(req, "uploadId");
    const char *m = req->method;
    const struct object *o = object_find(b, key);
    if (id) {
        multipart_call(req, b, key, id);
    } else if (strcmp(m, "POST") == 0 && http_param(req, "uploads")) {
        upload_start(req, b, key);
    } else if (strcmp(m, "PUT") == 0) {
        object_store(req, b, key);
    } else if (strcmp(m, "DELETE") == 0) {
        object_remove(b, key);
        req->status = 204;
    } else if (strcmp(m, "GET") != 0 && strcmp(m, "HEAD") != 0) {
        reply_error(req, S3_METHOD);
    } else if (!o) {
        reply_error(req, S3_NO_KEY);
    } else {
        object_get(req, o);
    }
}

/* ---- the front ---- */

static const enum s3_code code_of_verdict[] = {
    [SIGV4_ANONYMOUS] = S3_ACCESS_DENIED,
    [SIGV4_MALFORMED] = S3_MALFORMED_AUTH,
    [SIGV4_WRONG_REGION] = S3_WRONG_REGION,
    [SIGV4_UNKNOWN_KEY] = S3_UNKNOWN_KEY,
    [SIGV4_SKEWED] = S3_SKEWED,
    [SIGV4_UNSIGNED] = S3_UNSIGNED,
    [SIGV4_MISMATCH] = S3_MISMATCH,
    [SIGV4_WRONG_BODY] = S3_WRONG_BODY,
    [SIGV4_NOT_IMPLEMENTED] = S3_NOT_IMPLEMENTED,
};

static bool health(struct http_request *req) {
    static const char *const paths[] = {"/minio/health/live", "/minio/health/ready",
                                        "/minio/health/cluster", "/minio/health/cluster/read"};
    for (int i = 0; i < 4; i++) {
        if (!http_is(req, "GET", paths[i])) {
            continue;
        }
        if (i == 2) {
            http_reply_header(req, "X-Minio-Write-Quorum", "1");
        } else if (i == 3) {
            http_reply_header(req, "X-Minio-Read-Quorum", "1");
        }
        if (i >= 2) {
            http_reply_header(req, "X-Minio-Storage-Class-Defaults", "false");
        }
        return true;
    }
    return false;
}

static void s3(struct http_request *req) {
    const char *name = request_bucket(req), *key = request_key(req);
    struct bucket *b = bucket_find(name);
    if (!name || !*name) {
        if (strcmp(req->method, "GET") == 0) {
            list_buckets(req);
        } else {
            reply_error(req, S3_METHOD);
        }
    } else if (!key && strcmp(req->method, "PUT") == 0) {
        bucket_create(req);
    } else if (!b) {
        reply_error(req, S3_NO_BUCKET);
    } else if (!key) {
        bucket_call(req, b);
    } else {
        object_call(req, b, key);
    }
}

static bool is_metrics(const struct http_request *req) {
    return strncmp(req->path, "/minio/v2/metrics/", 18) == 0 ||
           strncmp(req->path, "/minio/metrics/v3", 17) == 0;
}

static void common_headers(struct http_request *req) {
    char id[32];
    snprintf(id, sizeof id, "%016llX", (unsigned long long)clock_wall_ms() * 1000003u);
    http_reply_header(req, "Accept-Ranges", "bytes");
    http_reply_header(req, "X-Amz-Request-Id", id);
    http_reply_header(req, "X-Amz-Id-2", host_id);
    http_reply_header(req, "X-Content-Type-Options", "nosniff");
    http_reply_header(req, "X-Xss-Protection", "1; mode=block");
    http_reply_header(req, "Vary", "Accept-Encoding");
}

void minio_handle(struct http_request *req) {
    const struct platform *p = standins_platform();
    common_headers(req);
    if (health(req)) {
        return;
    }
    if (is_metrics(req)) {
        http_replyf(req, 403, "application/json",
                    "{\"Code\":\"AccessDenied\",\"Message\":\"Access Denied.\",\"Resource\":\"%s\","
                    "\"RequestId\":\"\",\"HostId\":\"%s\"}",
                    req->raw_path, host_id);
        return;
    }
    enum sigv4_verdict verdict = sigv4_check(req, p->minio_access_key, p->minio_secret_key);
    if (verdict != SIGV4_OK) {
        reply_error(req, code_of_verdict[verdict]);
        return;
    }
    pthread_mutex_lock(&store.lock);
    s3(req);
    pthread_mutex_unlock(&store.lock);
}

void minio_error_body(struct http_request *req, int status) {
    const struct s3_error e = {
        status,
        status == 503   ? "SlowDownRead"
        : status == 507 ? "XMinioStorageFull"
        : status == 403 ? "AccessDenied"
                        : "InternalError",
        status == 503   ? "Resource requested is unreadable, please reduce your request rate"
        : status == 507 ? "Storage backend has reached its minimum free drive threshold."
        : status == 403 ? "Access Denied."
                        : "We encountered an internal error, please try again.",
    };
    common_headers(req);
    req->content_type = xml;
    add_error(req, &e);
}
