/* sandbox/minio_buckets.c - what is asked of a bucket of the MinIO stand-in: made, dropped,
 * described, and many of its objects deleted at once. */
#include "minio_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool bucket_name_is_good(const char *s) {
    size_t n = strlen(s);
    if (n < 3 || n > 63 || !isalnum((unsigned char)s[0]) || !isalnum((unsigned char)s[n - 1])) {
        return false;
    }
    return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") == n;
}

void bucket_create(struct http_request *req) {
    const char *name = minio_request_bucket(req);
    if (!bucket_name_is_good(name)) {
        minio_error(req, S3_BAD_BUCKET);
    } else if (bucket_find(name)) {
        minio_error(req, S3_BUCKET_OWNED);
    } else if (!bucket_add(name)) {
        minio_error(req, S3_FULL);
    } else {
        char where[80];
        snprintf(where, sizeof where, "/%s", name);
        http_reply_header(req, "Location", where);
    }
}

static void bucket_delete(struct http_request *req, struct bucket *b) {
    if (b->n) {
        minio_error(req, S3_BUCKET_NOT_EMPTY);
        return;
    }
    uploads_drop(b->name);
    bucket_drop(b);
    req->status = 204;
}

static void delete_many(struct http_request *req, struct bucket *b) {
    const char *at = req->body.data ? req->body.data : "";
    char *key = NULL;
    minio_xml_begin(req, "DeleteResult");
    while ((key = minio_xml_next(&at, "Key"))) {
        minio_xml_unescape(key);
        object_remove(b, key);
        text_puts(&req->reply, "<Deleted>");
        minio_xml_add(&req->reply, "Key", key);
        text_puts(&req->reply, "</Deleted>");
        free(key);
    }
    text_puts(&req->reply, "</DeleteResult>");
}

void bucket_call(struct http_request *req, struct bucket *b) {
    const char *m = req->method;
    if (strcmp(m, "HEAD") == 0) {
        req->content_type = minio_xml;
    } else if (strcmp(m, "DELETE") == 0) {
        bucket_delete(req, b);
    } else if (strcmp(m, "POST") == 0 && http_param(req, "delete")) {
        delete_many(req, b);
    } else if (strcmp(m, "GET") != 0) {
        minio_error(req, S3_METHOD);
    } else if (http_param(req, "location")) {
        minio_xml_begin(req, "LocationConstraint");
        text_puts(&req->reply, "</LocationConstraint>");
    } else if (http_param(req, "versioning")) {
        minio_xml_begin(req, "VersioningConfiguration");
        text_puts(&req->reply, "</VersioningConfiguration>");
    } else if (http_param(req, "uploads")) {
        list_uploads(req, b);
    } else {
        list_objects(req, b);
    }
}
