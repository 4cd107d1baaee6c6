/* sandbox/minio_errors.c - the errors of S3 as the MinIO stand-in tells them, and the headers of
 * all its replies. */
#include "minio_priv.h"

#include <stdio.h>
#include <string.h>

const char minio_host_id[] = "dd9025bab4ad464b049177c95eb6ebf374d3b3fd1af9251148b658df7ac2e3e8";

struct s3_error {
    int status;
    const char *code, *message;
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

const char *minio_request_bucket(const struct http_request *req) {
    return req->n_segments ? req->segment[0] : NULL;
}

/* The key is the rest of the path as it was sent, decoded: it may hold empty parts. */
const char *minio_request_key(const struct http_request *req) {
    const char *slash = strchr(req->path + (*req->path == '/'), '/');
    return slash && slash[1] ? slash + 1 : NULL;
}

static void request_id(char out[17]) {
    snprintf(out, 17, "%016llX", (unsigned long long)clock_wall_ms() * 1000003u);
}

static void add_error(struct http_request *req, const struct s3_error *e) {
    struct text *t = &req->reply;
    const char *bucket = minio_request_bucket(req), *key = minio_request_key(req);
    char id[17];
    request_id(id);
    text_puts(t, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
    minio_xml_add(t, "Code", e->code);
    minio_xml_add(t, "Message", e->message);
    if (key) {
        minio_xml_add(t, "Key", key);
    }
    if (bucket && strcmp(e->code, "InvalidBucketName") != 0) {
        minio_xml_add(t, "BucketName", bucket);
    }
    minio_xml_add(t, "Resource", req->path);
    text_addf(t, "<RequestId>%s</RequestId><HostId>%s</HostId></Error>", id, minio_host_id);
}

void minio_error(struct http_request *req, enum s3_code code) {
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
    req->content_type = minio_xml;
    add_error(req, e);
}

void minio_error_of_status(struct http_request *req, int status) {
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
    req->content_type = minio_xml;
    add_error(req, &e);
}

void minio_etag_header(struct http_request *req, const char *etag) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\"", etag);
    http_reply_header(req, "ETag", quoted);
}

void minio_headers(struct http_request *req) {
    char id[17];
    request_id(id);
    http_reply_header(req, "Accept-Ranges", "bytes");
    http_reply_header(req, "X-Amz-Request-Id", id);
    http_reply_header(req, "X-Amz-Id-2", minio_host_id);
    http_reply_header(req, "X-Content-Type-Options", "nosniff");
    http_reply_header(req, "X-Xss-Protection", "1; mode=block");
    http_reply_header(req, "Vary", "Accept-Encoding");
}
