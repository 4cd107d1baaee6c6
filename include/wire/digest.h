/* wire/digest.h - digests, keyed digests and hexadecimal over OpenSSL. Every length is explicit: a
 * key or a text may hold any byte. */
#ifndef GOODGO_WIRE_DIGEST_H
#define GOODGO_WIRE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

enum digest_kind { DIGEST_MD5, DIGEST_SHA256, DIGEST_SHA512 };

#define DIGEST_MAX_BYTES 64
#define DIGEST_HEX_SIZE  65 /* of a SHA-256 */

size_t digest_size(enum digest_kind kind); /* bytes */
/* The digest of `head` followed by `bytes`; the two are not joined in memory, for the head of the
 * old payment signatures is a secret. Returns digest_size(kind). */
size_t digest_plain(enum digest_kind kind, const void *head, size_t head_n, const void *bytes,
                    size_t n, unsigned char out[DIGEST_MAX_BYTES]);
size_t digest_hmac(enum digest_kind kind, const void *key, size_t key_n, const void *bytes,
                   size_t n, unsigned char out[DIGEST_MAX_BYTES]);
/* In a time that does not tell where the first difference is. */
bool digest_equal(const void *x, const void *y, size_t n);
void digest_wipe(void *secret, size_t n); /* not optimised away */

/* OpenSSL's tables go with the process: taking them apart one by one takes a tenth of a `status`.
 * Before anything else of OpenSSL is used. */
void digest_leave_at_exit(void);

/* SHA-256 in parts, for what is too large to hold. */
struct digest;
struct digest *digest_sha256_new(void);
void digest_add(struct digest *d, const void *bytes, size_t n);
void digest_hex(struct digest *d, char hex[DIGEST_HEX_SIZE]); /* and frees it */
void digest_free(struct digest *d);                           /* unread; NULL is fine */

void digest_sha256_hex(const void *bytes, size_t n, char hex[DIGEST_HEX_SIZE]);

/* 2n lower-case digits and a NUL. */
void hex_encode(const void *bytes, size_t n, char *hex);
/* 2n digits of either case as n bytes; false for anything else, also for an odd count. */
bool hex_decode(const char *hex, size_t digits, unsigned char *out, size_t out_size,
                size_t *ret_n) MUST_CHECK;

#endif
