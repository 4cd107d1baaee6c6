/* sandbox/sigv4.h - checks the AWS Signature Version 4 of a request the way the object store does,
 * from the bytes as they arrived. Written from the specification, apart from the console's signer:
 * the two must agree without sharing a line. */
#ifndef GOODGO_SANDBOX_SIGV4_H
#define GOODGO_SANDBOX_SIGV4_H

#include "httpd.h"

enum sigv4_verdict {
    SIGV4_OK,
    SIGV4_ANONYMOUS,      /* no signature at all */
    SIGV4_MALFORMED,      /* 400 */
    SIGV4_WRONG_REGION,   /* 400 */
    SIGV4_UNKNOWN_KEY,    /* 403 */
    SIGV4_SKEWED,         /* 403: more than 15 minutes off */
    SIGV4_UNSIGNED,       /* 400: a signed header did not arrive */
    SIGV4_MISMATCH,       /* 403 */
    SIGV4_WRONG_BODY,     /* 400: x-amz-content-sha256 is another body's */
    SIGV4_NOT_IMPLEMENTED /* 501: a streaming signature */
};

enum sigv4_verdict sigv4_check(const struct http_request *req, const char *access_key,
                               const char *secret_key);

/* Lower-case hexadecimal; `out` holds 33. */
void md5_hex(const void *data, size_t size, char *out);

#endif
