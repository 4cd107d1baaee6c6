/* sandbox/standin_minio.c - MinIO: health, and the S3 calls an operator's tool makes, with real
 * signature checks (sigv4.c). Objects live in memory (minio_store.c); a full store answers 507. The
 * answers are in minio_*.c. */
#include "minio_priv.h"

#include "sigv4.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { N_MEDIA = 60 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

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
    uploads_done();
    store_done();
}

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
    const char *name = minio_request_bucket(req), *key = minio_request_key(req);
    struct bucket *b = bucket_find(name);
    if (!name || !*name) {
        if (strcmp(req->method, "GET") == 0) {
            list_buckets(req);
        } else {
            minio_error(req, S3_METHOD);
        }
    } else if (!key && strcmp(req->method, "PUT") == 0) {
        bucket_create(req);
    } else if (!b) {
        minio_error(req, S3_NO_BUCKET);
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

void minio_handle(struct http_request *req) {
    const struct platform *p = standins_platform();
    minio_headers(req);
    if (health(req)) {
        return;
    }
    if (is_metrics(req)) {
        http_reply(req, 403, "application/json",
                   "{\"Code\":\"AccessDenied\",\"Message\":\"Access Denied.\",\"Resource\":");
        text_add_json(&req->reply, req->raw_path);
        text_addf(&req->reply, ",\"RequestId\":\"\",\"HostId\":\"%s\"}", minio_host_id);
        return;
    }
    enum sigv4_verdict verdict = sigv4_check(req, p->minio_access_key, p->minio_secret_key);
    if (verdict != SIGV4_OK) {
        minio_error(req, code_of_verdict[verdict]);
        return;
    }
    pthread_mutex_lock(&lock);
    s3(req);
    pthread_mutex_unlock(&lock);
}

void minio_error_body(struct http_request *req, int status) {
    minio_headers(req);
    minio_error_of_status(req, status);
}
