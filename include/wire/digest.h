/* wire/digest.h - SHA-256 and HMAC as hex, over OpenSSL. */
#ifndef GOODGO_WIRE_DIGEST_H
#define GOODGO_WIRE_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_SIZE 65
void digest_sha256_hex(const void *bytes, size_t n, char hex[DIGEST_HEX_SIZE]);
void digest_hmac_sha256_hex(const void *key, size_t key_n, const void *bytes, size_t n,
                            char hex[DIGEST_HEX_SIZE]);

#endif
