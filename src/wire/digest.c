/* wire/digest.c - the only file that knows OpenSSL's digests. */
#include "wire/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

static void to_hex(const unsigned char *digest, unsigned n, char hex[DIGEST_HEX_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < n; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * n] = 0;
}

void digest_sha256_hex(const void *bytes, size_t n, char hex[DIGEST_HEX_SIZE]) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned used = 0;
    if (!EVP_Digest(bytes, n, digest, &used, EVP_sha256(), NULL) || used != 32)
        abort(); /* only where libcrypto has no SHA-256 */
    to_hex(digest, used, hex);
}

/* An EVP_MD_CTX under another name: no OpenSSL type leaves this file. */
struct digest *digest_sha256_new(void) {
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL))
        abort();
    return (struct digest *)ctx;
}

void digest_add(struct digest *d, const void *bytes, size_t n) {
    if (!EVP_DigestUpdate((EVP_MD_CTX *)d, bytes, n))
        abort();
}

void digest_hex(struct digest *d, char hex[DIGEST_HEX_SIZE]) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned used = 0;
    if (!EVP_DigestFinal_ex((EVP_MD_CTX *)d, digest, &used) || used != 32)
        abort();
    EVP_MD_CTX_free((EVP_MD_CTX *)d);
    to_hex(digest, used, hex);
}

void digest_hmac_sha256_hex(const void *key, size_t key_n, const void *bytes, size_t n,
                            char hex[DIGEST_HEX_SIZE]) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned used = 0;
    if (!HMAC(EVP_sha256(), key, (int)key_n, bytes, n, digest, &used) || used != 32)
        abort();
    to_hex(digest, used, hex);
}
