/* wire/digest.c - the only file that knows OpenSSL's digests. */
#include "wire/digest.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/str.h"

static const EVP_MD *method(enum digest_kind kind) {
    switch (kind) {
    case DIGEST_MD5:
        return EVP_md5();
    case DIGEST_SHA512:
        return EVP_sha512();
    default:
        return EVP_sha256();
    }
}

void digest_leave_at_exit(void) {
    if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL))
        abort();
}

size_t digest_size(enum digest_kind kind) {
    return (size_t)EVP_MD_get_size(method(kind));
}

size_t digest_plain(enum digest_kind kind, const void *head, size_t head_n, const void *bytes,
                    size_t n, unsigned char out[DIGEST_MAX_BYTES]) {
    unsigned used = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx || !EVP_DigestInit_ex(ctx, method(kind), NULL) ||
        !EVP_DigestUpdate(ctx, head, head_n) || !EVP_DigestUpdate(ctx, bytes, n) ||
        !EVP_DigestFinal_ex(ctx, out, &used))
        abort(); /* out of memory, or a libcrypto without this digest */
    EVP_MD_CTX_free(ctx);
    return used;
}

size_t digest_hmac(enum digest_kind kind, const void *key, size_t key_n, const void *bytes,
                   size_t n, unsigned char out[DIGEST_MAX_BYTES]) {
    unsigned used = 0;
    /* A NULL key would mean "the key of the last call" to OpenSSL. */
    if (key_n > INT_MAX || !HMAC(method(kind), key_n ? key : "", (int)key_n,
                                 n ? bytes : (const void *)"", n, out, &used))
        abort();
    return used;
}

bool digest_equal(const void *x, const void *y, size_t n) {
    return CRYPTO_memcmp(x, y, n) == 0;
}

void digest_wipe(void *secret, size_t n) {
    OPENSSL_cleanse(secret, n);
}

void digest_sha256_hex(const void *bytes, size_t n, char hex[DIGEST_HEX_SIZE]) {
    unsigned char digest[DIGEST_MAX_BYTES];
    hex_encode(digest, digest_plain(DIGEST_SHA256, "", 0, bytes, n, digest), hex);
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
    hex_encode(digest, used, hex);
}

void digest_free(struct digest *d) {
    EVP_MD_CTX_free((EVP_MD_CTX *)d);
}

void hex_encode(const void *bytes, size_t n, char *hex) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    for (size_t i = 0; i < n; i++) {
        hex[2 * i] = digits[from[i] >> 4];
        hex[2 * i + 1] = digits[from[i] & 15];
    }
    hex[2 * n] = 0;
}

bool hex_decode(const char *hex, size_t digits, unsigned char *out, size_t out_size,
                size_t *ret_n) {
    if (digits % 2 || digits / 2 > out_size)
        return false;
    for (size_t i = 0; i < digits / 2; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high << 4 | low);
    }
    *ret_n = digits / 2;
    return true;
}
