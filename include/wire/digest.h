/* wire/digest.h - SHA-256 and HMAC as hex, over OpenSSL. */
#ifndef GOODGO_WIRE_DIGEST_H
#define GOODGO_WIRE_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_SIZE 65
/* In parts, for what is too large to hold. */
struct digest;
struct digest *digest_sha256_new(void);
void digest_add(struct digest *d, const void *bytes, size_t n);
void digest_hex(struct digest *d, char hex[DIGEST_HEX_SIZE]); /* and frees it */

void digest_sha256_hex(const void *bytes, size_t n, char hex[DIGEST_HEX_SIZE]);
void digest_hmac_sha256_hex(const void *key, size_t key_n, const void *bytes, size_t n,
                            char hex[DIGEST_HEX_SIZE]);

#endif
