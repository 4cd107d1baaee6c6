/* tests/fuzz/pay_fuzz.h - one provider over any bytes: the first byte chooses the kind, the rest is
 * the message. Nothing a fuzzer finds may be valid, for it does not know the key; and no report may
 * show a secret. */
#ifndef GOODGO_FUZZ_PAY_H
#define GOODGO_FUZZ_PAY_H

#define _GNU_SOURCE /* memmem */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/pay.h"

/* A key that no mutation of a seed can make by chance. */
#define FUZZ_SECRET "fuzz-8XkQ2zRw-secret"

/* The fuzzer learns what the check below compares with: a message that has the key in it may show
 * it, for it is the sender's text then. */
static bool fuzz_knows_secret(const uint8_t *data, size_t size) {
    return memmem(data, size, FUZZ_SECRET, strlen(FUZZ_SECRET)) != NULL;
}

static void fuzz_account(const struct pay_provider *p, struct pay_account *a) {
    *a = (struct pay_account){.provider = p->id, .name = "current"};
    for (uint32_t i = 0; i < p->n_settings; i++)
        a->values[i] = p->settings[i].role == PAY_SECRET ? FUZZ_SECRET
                       : p->settings[i].role == PAY_ID   ? "GOODGO01"
                                                         : NULL;
}

static void fuzz_report(const struct pay_result *r) {
    struct str out;
    str_init(&out, (size_t)1 << 23);
    pay_report_json(r, &out);
    pay_report_text(r, &out);
    if (out.toobig || strstr(str_get(&out), FUZZ_SECRET))
        abort();
    str_done(&out);
}

__attribute__((unused)) static int fuzz_provider(const char *id, const uint8_t *data, size_t size) {
    const struct pay_provider *p = pay_provider_find(id);
    struct pay_account account;
    struct settings settings = {.pay_accounts = &account, .n_pay_accounts = 1};
    struct arena arena;
    struct pay_result r;
    struct err err;
    if (!size || fuzz_knows_secret(data, size))
        return 0;
    fuzz_account(p, &account);
    arena_init(&arena);
    uint32_t k = data[0] % (p->n_kinds + 1);
    char *copy = malloc(size); /* exact size: an overrun is seen */
    memcpy(copy, data + 1, size - 1);
    struct pay_request q = {.provider = p,
                            .kind = k < p->n_kinds ? p->kinds[k].name : "auto",
                            .bytes = copy,
                            .n = size - 1,
                            .explain = size < 2048};
    if (pay_verify(&q, &settings, &arena, &r, &err)) {
        if (r.valid || r.order_id || r.is_success)
            abort();
        fuzz_report(&r);
    }
    free(copy);
    arena_done(&arena);
    return 0;
}

#endif
