/* tests/pay_harness.h - messages of payment providers for tests: credentials by their env names,
 * one call that verifies, the shared vectors, and signatures made without the console's own code
 * paths. */
#ifndef GOODGO_TESTS_PAY_HARNESS_H
#define GOODGO_TESTS_PAY_HARNESS_H

#include "harness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "codec/pay.h"
#include "wire/digest.h"
#include "wire/json.h"

#define BENCH_ACCOUNTS 8

struct bench {
    struct arena arena;
    struct settings settings;
    struct pay_account accounts[BENCH_ACCOUNTS];
    struct pay_result r; /* of the last call */
    int64_t received_wall_s;
    bool explain;
};

/* Sets one credential of account `i`; accounts 1 and on are history, in use until `until_wall_s`.
 */
__attribute__((unused)) static void bench_set(struct bench *b, uint32_t i, const char *provider,
                                              const char *env_name, const char *value) {
    const struct pay_provider *p = pay_provider_find(provider);
    int at = p ? pay_setting_index(p, env_name) : -1;
    if (at < 0) {
        fprintf(stderr, "no setting %s of %s\n", env_name, provider);
        abort();
    }
    if (i >= b->settings.n_pay_accounts)
        b->settings.n_pay_accounts = i + 1;
    b->settings.pay_accounts = b->accounts;
    b->accounts[i].provider = p->id;
    b->accounts[i].name = i ? arena_printf(&b->arena, "history %u", i) : "current";
    b->accounts[i].values[at] = value;
}

__attribute__((unused)) static void bench_vnpay(struct bench *b) {
    *b = (struct bench){.explain = true};
    bench_set(b, 0, "vnpay", "VNPAY_TMN_CODE", "DEMOSHP1");
    bench_set(b, 0, "vnpay", "VNPAY_HASH_SECRET", "Q7N4K2PXV9LM3TZC6WRB8YHD5FJGSA1E");
}

__attribute__((unused)) static void bench_momo(struct bench *b) {
    *b = (struct bench){.explain = true};
    bench_set(b, 0, "momo", "MOMO_PARTNER_CODE", "GOODGO");
    bench_set(b, 0, "momo", "MOMO_ACCESS_KEY", "accessAccess1");
    bench_set(b, 0, "momo", "MOMO_SECRET_KEY", "secretSecretSecret1");
}

__attribute__((unused)) static void bench_zalopay(struct bench *b) {
    *b = (struct bench){.explain = true};
    bench_set(b, 0, "zalopay", "ZALOPAY_APP_ID", "7701");
    bench_set(b, 0, "zalopay", "ZALOPAY_KEY1", "keyOneKeyOneKeyOne");
    bench_set(b, 0, "zalopay", "ZALOPAY_KEY2", "keyTwoKeyTwoKeyTwo");
}

/* Verifies n bytes (of an exact copy, so that a sanitizer sees an overrun); true when valid. */
static bool bench_verify_n(struct bench *b, const char *kind, const char *bytes, size_t n) {
    struct pay_request q = {.provider = pay_provider_find(b->accounts[0].provider),
                            .kind = kind,
                            .n = n,
                            .received_wall_s = b->received_wall_s,
                            .explain = b->explain};
    struct err err;
    char *copy = malloc(n ? n : 1);
    if (!copy)
        abort();
    memcpy(copy, bytes, n);
    q.bytes = copy;
    bool done = pay_verify(&q, &b->settings, &b->arena, &b->r, &err);
    free(copy);
    if (!done) {
        fprintf(stderr, "%s: %s\n", err.target, err.why);
        b->r = (struct pay_result){.reason = "not verified"};
    }
    return b->r.valid;
}

__attribute__((unused)) static bool bench_verify(struct bench *b, const char *kind,
                                                 const char *bytes) {
    return bench_verify_n(b, kind, bytes, strlen(bytes));
}

/* The mistakes that were found, joined; "" for none. */
__attribute__((unused)) static const char *bench_mistake(struct bench *b) {
    const char *joined = "";
    for (uint32_t i = 0; i < b->r.trace.mistakes.n; i++)
        joined =
            arena_printf(&b->arena, "%s%s%s", joined, i ? "; or " : "", b->r.trace.mistakes.at[i]);
    return joined;
}

__attribute__((unused)) static void bench_done(struct bench *b) {
    arena_done(&b->arena);
}

/* Hex of HMAC; or of the plain digest of key + text. */
static char *sign(struct arena *a, enum digest_kind d, bool keyed, const char *key,
                  const char *text) {
    unsigned char mac[DIGEST_MAX_BYTES];
    size_t n = keyed ? digest_hmac(d, key, strlen(key), text, strlen(text), mac)
                     : digest_plain(d, key, strlen(key), text, strlen(text), mac);
    char *hex = arena_alloc(a, 2 * n + 1);
    for (size_t i = 0; i < n; i++)
        snprintf(hex + 2 * i, 3, "%02x", mac[i]);
    return hex;
}

/* The value of a credential of account 0. */
static const char *bench_get(const struct bench *b, const char *env_name) {
    return pay_account_get(pay_provider_find(b->accounts[0].provider), &b->accounts[0], env_name);
}

/* A VNPay call: `query` is canonical already (sorted, encoded); its hash is put behind it. */
__attribute__((unused)) static const char *vnpay_call(struct bench *b, const char *query) {
    return arena_printf(
        &b->arena, "%s&vnp_SecureHash=%s", query,
        sign(&b->arena, DIGEST_SHA512, true, bench_get(b, "VNPAY_HASH_SECRET"), query));
}

/* --- the vectors of tests/vectors/payments.json --- */

struct vector {
    const char *id, *kind, *raw;
    const struct json *expected;
    struct bench bench;
};

typedef void (*vector_fn)(struct vector *v);

static char *read_vectors(size_t *ret_n) {
    FILE *f = fopen(TEST_DIR "/vectors/payments.json", "rb");
    char *bytes = malloc(1 << 20);
    if (!f || !bytes)
        abort();
    *ret_n = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return bytes;
}

/* Calls fn for every vector; the number of them. */
__attribute__((unused)) static unsigned each_vector(vector_fn fn) {
    struct err err;
    size_t n;
    unsigned count = 0;
    char *bytes = read_vectors(&n);
    struct json *root = json_parse(bytes, n, 1 << 20, &err);
    if (!root)
        abort();
    for (const struct json *j = json_first(root); j; j = json_next(j), count++) {
        struct vector v = {json_string(j, "id"),
                           json_string(j, "kind"),
                           json_string(j, "raw"),
                           json_get(j, "expected"),
                           {.explain = false}};
        for (const struct json *e = json_first(json_get(j, "env")); e; e = json_next(e))
            bench_set(&v.bench, 0, json_string(j, "provider"), json_key(e), json_string(e, ""));
        fn(&v);
        bench_done(&v.bench);
    }
    json_free(root);
    free(bytes);
    return count;
}

#endif
