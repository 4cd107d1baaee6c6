/* tests/fuzz/fuzz_pay_stored.c - any bytes as a row's callbackData: the messages found in it are
 * taken by the verifier, none of them is valid (a fuzzer does not know the key), so nothing of the
 * row may be credited by it. The first byte chooses provider and status. */
#include "pay_fuzz.h"

#include "codec/payrow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void classify(const struct pay_row *row, const struct settings *s, struct arena *a) {
    struct pay_verdict v;
    char text[60];
    pay_classify(row, s, 1795334400, row->callback_n < 1024, a, &v);
    if (v.predicted != PAY_STATUS_NONE || (v.callback && v.callback->valid) || !v.why)
        abort();
    if (v.cls == PAY_CLASS_PAID_NOT_CREDITED || v.cls == PAY_CLASS_AMOUNT_DIFFERS)
        abort();
    pay_heals_text(row, &v, text, sizeof text);
    if (v.callback)
        fuzz_report(v.callback);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const providers[] = {"VNPAY", "MOMO", "ZALOPAY", "BANK_TRANSFER", "OTHER"};
    struct pay_account accounts[4];
    struct settings settings = {.pay_accounts = accounts, .n_pay_accounts = 4};
    struct arena a;
    if (!size || fuzz_knows_secret(data, size))
        return 0;
    for (uint32_t i = 0; i < 4; i++)
        fuzz_account(pay_providers[i], &accounts[i]);
    char *copy = malloc(size); /* exact size and its NUL: an overrun is seen */
    memcpy(copy, data + 1, size - 1);
    copy[size - 1] = 0;
    arena_init(&a);
    struct pay_row row = {.id = "pay1",
                          .provider = providers[data[0] % ARRAY_LEN(providers)],
                          .status = (enum pay_status)(PAY_PENDING + data[0] / 8 % 5),
                          .amount_vnd = 5000,
                          .created_wall_ms = 1795330000000,
                          .updated_wall_ms = 1795330000000,
                          .callback = copy,
                          .callback_n = size - 1};
    row.gateway = pay_provider_stored(row.provider);
    classify(&row, &settings, &a);
    free(copy);
    arena_done(&a);
    return 0;
}
