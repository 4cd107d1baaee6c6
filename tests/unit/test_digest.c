/* tests/unit/test_digest.c - digests against published vectors (RFC 1321, 4231, FIPS 180), and
 * hexadecimal as signatures use it. */
#include "harness.h"

#include <string.h>

#include "wire/digest.h"

static bool is_hex(const unsigned char *bytes, size_t n, const char *hex) {
    unsigned char expected[DIGEST_MAX_BYTES];
    size_t expected_n;
    return hex_decode(hex, strlen(hex), expected, sizeof expected, &expected_n) &&
           expected_n == n && !memcmp(bytes, expected, n);
}

TEST(makes_the_published_digests) {
    unsigned char out[DIGEST_MAX_BYTES];
    size_t n = digest_plain(DIGEST_MD5, "a", 1, "bc", 2, out);
    CU_ASSERT(is_hex(out, n, "900150983cd24fb0d6963f7d28e17f72"));
    n = digest_plain(DIGEST_SHA256, "", 0, "abc", 3, out);
    CU_ASSERT(is_hex(out, n, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    n = digest_plain(DIGEST_SHA512, "abc", 3, "", 0, out);
    CU_ASSERT(is_hex(out, n,
                     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"));
}

TEST(makes_the_published_keyed_digests) {
    static const char text[] = "what do ya want for nothing?";
    unsigned char out[DIGEST_MAX_BYTES];
    size_t n = digest_hmac(DIGEST_SHA256, "Jefe", 4, text, sizeof text - 1, out);
    CU_ASSERT(is_hex(out, n, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    n = digest_hmac(DIGEST_SHA512, "Jefe", 4, text, sizeof text - 1, out);
    CU_ASSERT(is_hex(out, n,
                     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"));
    /* A key longer than a block is hashed first. */
    static const char long_text[] = "Test Using Larger Than Block-Size Key - Hash Key First";
    char key[131];
    memset(key, 0xaa, sizeof key);
    n = digest_hmac(DIGEST_SHA256, key, sizeof key, long_text, sizeof long_text - 1, out);
    CU_ASSERT(is_hex(out, n, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

TEST(takes_keys_of_any_bytes_and_of_none) {
    unsigned char with_nul[DIGEST_MAX_BYTES], cut[DIGEST_MAX_BYTES], empty[DIGEST_MAX_BYTES];
    size_t n = digest_hmac(DIGEST_SHA256, "a\0b", 3, "x", 1, with_nul);
    digest_hmac(DIGEST_SHA256, "a", 1, "x", 1, cut);
    CU_ASSERT_FALSE(digest_equal(with_nul, cut, n));
    n = digest_hmac(DIGEST_SHA256, NULL, 0, NULL, 0, empty);
    CU_ASSERT(is_hex(empty, n, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
}

TEST(writes_lower_case_hexadecimal) {
    char hex[7] = "??????";
    hex_encode("\x00\xab\x7f", 3, hex);
    CHECK_STR(hex, "00ab7f");
    hex_encode("", 0, hex);
    CHECK_STR(hex, "");
}

TEST(reads_hexadecimal_of_either_case_and_nothing_else) {
    unsigned char out[4] = {0};
    size_t n = 0;
    CU_ASSERT(hex_decode("0aFf", 4, out, sizeof out, &n));
    CU_ASSERT(n == 2 && out[0] == 0x0a && out[1] == 0xff);
    CU_ASSERT_FALSE(hex_decode("0af", 3, out, sizeof out, &n));
    CU_ASSERT_FALSE(hex_decode("0ag0", 4, out, sizeof out, &n));
    CU_ASSERT_FALSE(hex_decode(" 0a0", 4, out, sizeof out, &n));
    CU_ASSERT_FALSE(hex_decode("0x12", 4, out, sizeof out, &n));
    CU_ASSERT_FALSE(hex_decode("0011223344", 10, out, sizeof out, &n));
}

TEST(sha256_of_the_published_vectors) {
    char hex[DIGEST_HEX_SIZE];
    digest_sha256_hex("", 0, hex);
    CHECK_STR(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_sha256_hex("abc", 3, hex);
    CHECK_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

SUITE(digest, T(sha256_of_the_published_vectors), T(makes_the_published_digests),
      T(makes_the_published_keyed_digests), T(writes_lower_case_hexadecimal),
      T(takes_keys_of_any_bytes_and_of_none), T(reads_hexadecimal_of_either_case_and_nothing_else))
