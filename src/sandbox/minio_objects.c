/* sandbox/minio_objects.c - what is asked of one object of the MinIO stand-in: read whole or in
 * part, stored, copied, deleted. */
#include "minio_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_object_headers(struct http_request *req, const struct object *o) {
    char value[64];
    time_t s = (time_t)(o->blob.modified_ms / 1000);
    struct tm tm;
    minio_etag_header(req, o->blob.etag);
    gmtime_r(&s, &tm);
    strftime(value, sizeof value, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    http_reply_header(req, "Last-Modified", value);
    for (int i = 0; i < o->meta.n; i++) {
        http_reply_header(req, o->meta.name[i], o->meta.value[i]);
    }
}

/* Digits and nothing else, up to `end`. */
static bool read_offset(const char *s, const char *end, size_t *ret) {
    size_t v = 0;
    if (s == end) {
        return false;
    }
    for (; s < end; s++) {
        if (!isdigit((unsigned char)*s) || v > SIZE_MAX / 16) {
            return false;
        }
        v = v * 10 + (size_t)(*s - '0');
    }
    *ret = v;
    return true;
}

/* bytes=a-b, bytes=a-, bytes=-n. False where no byte of it exists. */
static bool parse_range(const char *range, size_t size, size_t *from, size_t *to) {
    const char *s = range + strlen("bytes="), *end = s + strlen(s), *dash = strchr(s, '-');
    size_t n = 0;
    *from = 0;
    *to = size;
    if (!dash) {
        return false;
    }
    if (dash == s) {
        bool good = read_offset(dash + 1, end, &n);
        *from = good && n < size ? size - n : 0;
        return good && n > 0 && size > 0;
    }
    if (!read_offset(s, dash, from) || *from >= size) {
        return false;
    }
    if (dash[1]) {
        if (!read_offset(dash + 1, end, &n)) {
            return false;
        }
        *to = n < size - 1 ? n + 1 : size;
    }
    return *to > *from;
}

static void object_get(struct http_request *req, const struct object *o) {
    const char *range = http_header(req, "Range"), *known = http_header(req, "If-None-Match");
    size_t from = 0, to = o->blob.size;
    char etag[64];
    snprintf(etag, sizeof etag, "\"%s\"", o->blob.etag);
    if (known && strcmp(known, etag) == 0) {
        add_object_headers(req, o);
        req->status = 304;
        return;
    }
    if (range && strncmp(range, "bytes=", 6) == 0) {
        if (!parse_range(range, o->blob.size, &from, &to)) {
            minio_error(req, S3_RANGE);
            return;
        }
        char value[80];
        snprintf(value, sizeof value, "bytes %zu-%zu/%zu", from, to - 1, o->blob.size);
        http_reply_header(req, "Content-Range", value);
        req->status = 206;
    }
    add_object_headers(req, o);
    /* A copy: the object may be gone before the reply is sent. */
    http_reply_header(req, "Content-Type", o->type);
    text_add(&req->reply, o->blob.data + from, to - from);
}

static void object_copy(struct http_request *req, struct bucket *b, const char *key,
                        const char *source) {
    char *from = string_copy(source[0] == '/' ? source + 1 : source);
    http_unescape(from, false);
    char *slash = strchr(from, '/');
    if (slash) {
        *slash = 0;
    }
    struct bucket *sb = bucket_find(from);
    struct object *o = sb && slash ? object_find(sb, slash + 1) : NULL;
    struct blob blob;
    if (!o) {
        minio_error(req, sb ? S3_NO_KEY : S3_NO_BUCKET);
    } else if (!blob_make(&blob, o->blob.data, o->blob.size)) {
        minio_error(req, S3_FULL);
    } else {
        char when[32];
        char *type = string_copy(o->type);
        o = object_put(b, key, type, blob);
        free(type);
        clock_iso(o->blob.modified_ms, when, sizeof when);
        minio_etag_header(req, o->blob.etag);
        minio_xml_begin(req, "CopyObjectResult");
        text_addf(&req->reply,
                  "<LastModified>%s</LastModified><ETag>&#34;%s&#34;</ETag></CopyObjectResult>",
                  when, o->blob.etag);
    }
    free(from);
}

static void object_store(struct http_request *req, struct bucket *b, const char *key) {
    const char *source = http_header(req, "x-amz-copy-source");
    struct blob blob;
    if (source) {
        object_copy(req, b, key, source);
    } else if (!http_header(req, "Content-Length")) {
        minio_error(req, S3_NO_LENGTH);
    } else if (!blob_make(&blob, req->body.data, req->body.size)) {
        minio_error(req, S3_FULL);
    } else {
        struct object *o = object_put(b, key, http_header(req, "Content-Type"), blob);
        http_headers_each(req, meta_keep, &o->meta);
        minio_etag_header(req, o->blob.etag);
    }
}

void object_call(struct http_request *req, struct bucket *b, const char *key) {
    const char *id = http_param(req, "uploadId");
    const char *m = req->method;
    const struct object *o = object_find(b, key);
    if (id) {
        upload_call(req, b, key, id);
    } else if (strcmp(m, "POST") == 0 && http_param(req, "uploads")) {
        upload_start(req, b, key);
    } else if (strcmp(m, "PUT") == 0) {
        object_store(req, b, key);
    } else if (strcmp(m, "DELETE") == 0) {
        object_remove(b, key);
        req->status = 204;
    } else if (strcmp(m, "GET") != 0 && strcmp(m, "HEAD") != 0) {
        minio_error(req, S3_METHOD);
    } else if (!o) {
        minio_error(req, S3_NO_KEY);
    } else {
        object_get(req, o);
    }
}
