/* tests/fuzz/fuzz_pay_answer.c - any bytes as the answer of a payment gateway: the first byte
 * chooses provider, question and HTTP status. VNPay's is signed, so nothing found here may settle
 * anything; no other settles without an amount that is one, and no report shows a key. */
#include "pay_fuzz.h"

#include "codec/payask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct pay_question *q, const struct pay_answer *r) {
    struct str out;
    bool says = r->said == PAY_SAID_OPEN || r->said == PAY_SAID_FINAL;
    if (says != (r->status != PAY_STATUS_NONE) || (!says && (r->has_amount || r->provider_tx_id)))
        abort();
    if (says && !strcmp(q->provider->id, "vnpay"))
        abort();
    if (r->status == PAY_COMPLETED && (!r->has_amount || r->amount_vnd <= 0 || !r->provider_tx_id))
        abort();
    if (r->refunded_vnd < 0 || (r->has_amount && r->refunded_vnd > r->amount_vnd))
        abort();
    str_init(&out, (size_t)1 << 20);
    pay_answer_json(q, r, &out);
    pay_answer_text(q, r, &out);
    if (out.toobig || strstr(str_get(&out), FUZZ_SECRET))
        abort();
    str_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const ids[] = {"vnpay", "momo", "zalopay"};
    static const int statuses[] = {200, 200, 400, 503};
    struct pay_account account;
    struct settings settings = {.pay_accounts = &account, .n_pay_accounts = 1};
    struct arena arena;
    struct pay_answer r;
    if (!size)
        return 0;
    struct pay_question q = {.provider = pay_provider_find(ids[data[0] % 3]),
                             .what = data[0] & 4 ? PAY_ASK_REFUND : PAY_ASK_PAYMENT,
                             .order = "O1",
                             .created_wall_s = 1791566940,
                             .now_wall_ms = 1791608400000,
                             .request_id = "rq1"};
    fuzz_account(q.provider, &account);
    arena_init(&arena);
    char *copy = malloc(size); /* exact size: an overrun is seen */
    memcpy(copy, data + 1, size - 1);
    pay_ask_read(&q, &settings, &arena, statuses[data[0] >> 3 & 3], copy, size - 1, &r);
    check(&q, &r);
    free(copy);
    arena_done(&arena);
    return 0;
}
