/* pay/sign_lib.c - the four ways in which the providers sign. */
#include "pay_priv.h"

static const struct scheme_row {
    const char *name;
    enum digest_kind digest;
    bool keyed; /* HMAC; else the digest of secret + text */
} rows[PAY_SCHEME_COUNT] = {
    [PAY_HMAC_SHA256] = {"HMAC-SHA256", DIGEST_SHA256, true},
    [PAY_HMAC_SHA512] = {"HMAC-SHA512", DIGEST_SHA512, true},
    [PAY_PREFIX_SHA256] = {"SHA256 of secret + text", DIGEST_SHA256, false},
    [PAY_PREFIX_MD5] = {"MD5 of secret + text", DIGEST_MD5, false},
};

const char *pay_scheme_name(enum pay_scheme scheme) {
    return rows[scheme].name;
}

size_t pay_scheme_size(enum pay_scheme scheme) {
    return digest_size(rows[scheme].digest);
}

static size_t make(const struct scheme_row *row, const void *key, size_t key_n,
                   const struct str *text, unsigned char made[DIGEST_MAX_BYTES]) {
    return row->keyed ? digest_hmac(row->digest, key, key_n, str_get(text), text->len, made)
                      : digest_plain(row->digest, key, key_n, str_get(text), text->len, made);
}

void pay_sign(enum pay_scheme scheme, const void *key, size_t key_n, const struct str *text,
              struct str *out) {
    unsigned char made[DIGEST_MAX_BYTES];
    char hex[2 * DIGEST_MAX_BYTES + 1];
    hex_encode(made, make(&rows[scheme], key, key_n, text, made), hex);
    str_puts(out, hex);
    digest_wipe(made, sizeof made);
    digest_wipe(hex, sizeof hex);
}

bool pay_fits(enum pay_scheme scheme, const void *key, size_t key_n, const struct str *text,
              const unsigned char *mac) {
    unsigned char made[DIGEST_MAX_BYTES];
    size_t n = make(&rows[scheme], key, key_n, text, made);
    bool fits = digest_equal(made, mac, n);
    digest_wipe(made, sizeof made); /* an expected signature is as good as the key, once */
    return fits;
}
