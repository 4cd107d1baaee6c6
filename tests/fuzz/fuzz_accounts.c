/* tests/fuzz/fuzz_accounts.c - any lines as the history of the payment providers' keys: refused
 * with a sentence in which no secret of the env file stands, or every account has its end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/accounts.h"
#include "codec/pay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char env_text[] = "VNPAY_TMN_CODE=DEMOSHP1\nVNPAY_HASH_SECRET=today-is-secret\n"
                               "VNPAY_HASH_SECRET_2019=of-2019-is-secret\n"
                               "MOMO_SECRET_KEY=momo-is-secret\nZALOPAY_KEY2=zalo-is-secret\n";

/* One line of the input is one line of the history. */
static void take_lines(struct config *c, struct arena *a, const char *text) {
    while (*text && c->n_history < CONFIG_MAX_HISTORY) {
        size_t n = strcspn(text, "\n");
        c->history[c->n_history].line = arena_strndup(a, text, n);
        c->history[c->n_history++].where = "fuzz:1";
        text += n + (text[n] == '\n');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    static struct config c;
    struct settings s = {.n_pay_accounts = 0};
    struct env e;
    struct err err = {0};
    arena_init(&a);
    config_init(&c);
    env_init(&e, &a);
    if (!env_parse(&e, "env", env_text, sizeof env_text - 1, &err))
        abort();
    const char *text = arena_strndup(&a, (const char *)data, size);
    take_lines(&c, &a, text);
    if (!accounts_make(&s, &a, &e, &c, &err)) {
        bool told = strstr(err.why, "is-secret") || strstr(err.target, "is-secret");
        if (!err.why[0] || (told && !strstr(text, "is-secret")))
            abort();
    } else {
        if (s.n_pay_accounts != n_pay_providers + c.n_history)
            abort();
        for (uint32_t i = n_pay_providers; i < s.n_pay_accounts; i++)
            if (!s.pay_accounts[i].until_wall_s || !s.pay_accounts[i].provider)
                abort();
    }
    arena_done(&a);
    return 0;
}
