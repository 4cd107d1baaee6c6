/* tests/unit/test_pay_class.c - a stored message held against its row: every class, who settles it,
 * and what a replay would make of it. */
#include "pay_harness.h"

#include "codec/payrow.h"

#define PAID_AT ((int64_t)1791567005) /* 2026-10-10 00:30:05 in Vietnam */

static struct bench b;
static struct pay_verdict v;
static struct pay_row row;

/* A row of VNPay, open, of 100,000 VND, as old as its message. */
static void start(void) {
    bench_vnpay(&b);
    row = (struct pay_row){.id = "pay1",
                           .provider = "VNPAY",
                           .type = "DEPOSIT",
                           .status = PAY_PENDING,
                           .amount_vnd = 100000,
                           .created_wall_ms = (PAID_AT - 120) * 1000,
                           .updated_wall_ms = PAID_AT * 1000};
    row.gateway = pay_provider_stored(row.provider);
}

static const char *call(const char *ref, int amount, const char *code, const char *state,
                        const char *number) {
    return vnpay_call(&b, arena_printf(&b.arena,
                                       "vnp_Amount=%d00&vnp_BankCode=NCB&vnp_OrderInfo=x"
                                       "&vnp_PayDate=20261010003005&vnp_ResponseCode=%s"
                                       "&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=%s"
                                       "&vnp_TransactionStatus=%s&vnp_TxnRef=%s",
                                       amount, code, number, state, ref));
}

static void store(const char *json) {
    row.callback = json;
    row.callback_n = strlen(json);
}

static void store_text(const char *message) {
    store(arena_printf(&b.arena, "\"%s\"", message));
}

static enum pay_class after(int64_t seconds) {
    pay_classify(&row, &b.settings, PAID_AT + seconds, false, &b.arena, &v);
    return v.cls;
}

static const char *heals(void) {
    static char text[60];
    pay_heals_text(&row, &v, text, sizeof text);
    return text;
}

TEST(paid_and_open_is_not_credited) {
    start();
    store_text(call("pay1", 100000, "00", "00", "14"));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_PAID_NOT_CREDITED);
    CU_ASSERT_EQUAL(v.predicted, PAY_COMPLETED);
    CU_ASSERT_EQUAL(v.callback->amount_vnd, 100000);
    CU_ASSERT_EQUAL(v.n_messages, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(v.why, "100,000 VND"));
    row.status = PAY_PROCESSING;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_PAID_NOT_CREDITED);
    bench_done(&b);
}

TEST(counts_the_calls_that_vnpay_still_makes) {
    start();
    store_text(call("pay1", 100000, "00", "00", "14"));
    after(60);
    CU_ASSERT_EQUAL(v.heals, PAY_HEALS_EXPECTED);
    CU_ASSERT_EQUAL(v.tries_left, 10);
    CU_ASSERT_EQUAL(v.next_wall_s, PAID_AT + 300);
    CU_ASSERT_EQUAL(v.until_wall_s, PAID_AT + 10 * 300);
    CU_ASSERT_STRING_EQUAL(heals(), "VNPay 1/10 at 00:35");
    after(2 * 300 + 1);
    CU_ASSERT_EQUAL(v.tries_left, 8);
    CU_ASSERT_STRING_EQUAL(heals(), "VNPay 3/10 at 00:45");
    after(10 * 300 - 1);
    CU_ASSERT_EQUAL(v.tries_left, 1);
    after(10 * 300);
    CU_ASSERT_EQUAL(v.tries_left, 0);
    CU_ASSERT_EQUAL(v.heals, PAY_HEALS_NEVER);
    CU_ASSERT_STRING_EQUAL(heals(), "never");
    bench_done(&b);
}

TEST(another_amount_is_never_replayed) {
    start();
    store_text(call("pay1", 99999, "00", "00", "14"));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_AMOUNT_DIFFERS);
    CU_ASSERT_EQUAL(v.predicted, PAY_STATUS_NONE);
    CU_ASSERT_EQUAL(v.heals, PAY_HEALS_NEVER);
    CHECK_STR(v.why, "VNPay says of 99,999 VND: vnp_ResponseCode 00: no error; "
                     "vnp_TransactionStatus 00: paid; ours is 100,000 VND");
    row.status = PAY_COMPLETED;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_AMOUNT_DIFFERS);
    CU_ASSERT_PTR_NOT_NULL(strstr(v.why, "ours is 100,000 VND, and credited"));
    row.status = PAY_REFUNDED; /* whoever gave it back has looked at it */
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_SETTLED);
    bench_done(&b);
}

TEST(two_transactions_or_two_payments_are_a_duplicate) {
    start();
    store(arena_printf(&b.arena, "[\"%s\", \"%s\"]", call("pay1", 100000, "00", "00", "14"),
                       call("pay1", 100000, "00", "00", "14")));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_PAID_NOT_CREDITED); /* the same one, delivered twice */
    store(arena_printf(&b.arena, "[\"%s\", \"%s\"]", call("pay1", 100000, "00", "00", "14"),
                       call("pay1", 100000, "00", "00", "15")));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_DUPLICATE);
    row.status = PAY_COMPLETED;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_DUPLICATE);
    CHECK_HAS(v.why, "two transaction numbers");
    row.status = PAY_PENDING;
    store(arena_printf(&b.arena, "[\"%s\", \"%s\", \"%s\"]", call("pay1", 100000, "00", "00", "14"),
                       call("pay1", 100000, "00", "00", "15"),
                       call("pay1", 100000, "00", "00", "14"))); /* the first once more */
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_DUPLICATE);
    store_text(call("pay1", 100000, "00", "00", "14"));
    row.provider_tx_id = "14";
    row.n_same_tx = 1;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_DUPLICATE);
    CU_ASSERT_PTR_NOT_NULL(strstr(v.why, "transaction 14"));
    row.status = PAY_COMPLETED;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_DUPLICATE);
    row.status = PAY_REFUNDED;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_SETTLED);
    store_text(call("pay1", 100000, "24", "02", "0"));
    row.status = PAY_FAILED; /* nobody was paid here: the other one may be right */
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_SETTLED);
    bench_done(&b);
}

/* The row keeps one number: what it was credited for is not what was paid by the message. */
TEST(another_transaction_than_the_credited_one_is_a_second_payment) {
    static const struct {
        const char *ours, *theirs;
        enum pay_status status;
        enum pay_class cls;
    } rows[] = {
        {"14", "14", PAY_COMPLETED, PAY_CLASS_SETTLED},
        {"15", "14", PAY_COMPLETED, PAY_CLASS_DUPLICATE},
        {NULL, "14", PAY_COMPLETED, PAY_CLASS_SETTLED}, /* none is kept: nothing to compare */
        {"0", "14", PAY_COMPLETED, PAY_CLASS_SETTLED},
        {"15", "0", PAY_COMPLETED, PAY_CLASS_SETTLED},
        {"15", "14", PAY_REFUNDED, PAY_CLASS_SETTLED},
        {"15", "14", PAY_PENDING, PAY_CLASS_PAID_NOT_CREDITED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        start();
        store_text(call("pay1", 100000, "00", "00", rows[i].theirs));
        row.status = rows[i].status;
        row.provider_tx_id = rows[i].ours;
        CU_ASSERT_EQUAL(after(60), rows[i].cls);
        if (rows[i].cls == PAY_CLASS_DUPLICATE)
            CHECK_STR(v.why, "credited for transaction 15, and an authentic message says paid by "
                             "transaction 14");
        bench_done(&b);
    }
}

TEST(no_transaction_number_is_no_second_transaction) {
    for (int i = 0; i < 2; i++) {
        start();
        const char *none = call("pay1", 100000, "00", "00", "0"),
                   *one = call("pay1", 100000, "00", "00", "14");
        store(arena_printf(&b.arena, "[\"%s\", \"%s\"]", i ? none : one, i ? one : none));
        CU_ASSERT_EQUAL(after(60), PAY_CLASS_PAID_NOT_CREDITED);
        store(arena_printf(&b.arena, "[\"%s\", \"%s\", \"%s\"]", none, one,
                           call("pay1", 100000, "00", "00", "15")));
        CU_ASSERT_EQUAL(after(60), PAY_CLASS_DUPLICATE);
        bench_done(&b);
    }
}

TEST(a_failure_and_no_decision_are_told_apart) {
    start();
    store_text(call("pay1", 100000, "24", "02", "0"));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_NOT_CLOSED);
    CU_ASSERT_EQUAL(v.predicted, PAY_FAILED);
    store_text(call("pay1", 100000, "00", "01", "14"));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_NOT_FINAL);
    CU_ASSERT_STRING_EQUAL(heals(), "VNPay: not final");
    CU_ASSERT_EQUAL(after(86400), PAY_CLASS_NOT_FINAL);
    CU_ASSERT_STRING_EQUAL(heals(), "never");
    bench_done(&b);
}

TEST(what_is_settled_is_held_against_its_message) {
    start();
    store_text(call("pay1", 100000, "00", "00", "14"));
    row.status = PAY_COMPLETED;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_SETTLED);
    CU_ASSERT_STRING_EQUAL(heals(), "-");
    row.status = PAY_FAILED;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_STATUS_DIFFERS); /* a late success */
    store_text(call("pay1", 100000, "24", "02", "0"));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_SETTLED);
    row.status = PAY_COMPLETED;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_STATUS_DIFFERS);
    store("{\"vnp_TxnRef\": \"pay1\"}"); /* an old row, stored without its signature */
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_SETTLED);
    CHECK_STR(v.why, "nothing contradicts it");
    bench_done(&b);
}

TEST(a_message_of_another_order_pays_nothing) {
    start();
    store_text(call("pay2", 100000, "00", "00", "14"));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_OTHER_ORDER);
    CU_ASSERT_PTR_NOT_NULL(strstr(v.why, "order pay2"));
    row.status = PAY_FAILED;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_SETTLED);
    store(arena_printf(&b.arena, "[\"%s\", \"%s\"]", call("pay2", 100000, "00", "00", "15"),
                       call("pay1", 100000, "00", "00", "14")));
    row.status = PAY_COMPLETED; /* not paid twice: there is nothing of it to be refunded */
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_SETTLED);
    row.status = PAY_PENDING;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_PAID_NOT_CREDITED);
    bench_done(&b);
}

TEST(a_message_of_another_order_hides_none_of_ours) {
    start();
    const char *paid = call("pay1", 100000, "00", "00", "14"),
               *failed = call("pay1", 100000, "24", "02", "0"),
               *other = call("pay2", 100000, "00", "00", "15");
    const struct {
        const char *ours;
        enum pay_status status;
        enum pay_class cls;
    } rows[] = {{paid, PAY_PENDING, PAY_CLASS_PAID_NOT_CREDITED},
                {paid, PAY_FAILED, PAY_CLASS_STATUS_DIFFERS},
                {failed, PAY_PENDING, PAY_CLASS_NOT_CLOSED},
                {failed, PAY_COMPLETED, PAY_CLASS_STATUS_DIFFERS}};
    for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) { /* behind ours, and before it */
        const char *ours = rows[i / 2].ours;
        store(
            arena_printf(&b.arena, "[\"%s\", \"%s\"]", i % 2 ? other : ours, i % 2 ? ours : other));
        row.status = rows[i / 2].status;
        CU_ASSERT_EQUAL(after(60), rows[i / 2].cls);
        CU_ASSERT_PTR_EQUAL(strstr(v.message->bytes, "pay2"), NULL); /* what would be replayed */
    }
    bench_done(&b);
}

TEST(a_bad_signature_proves_nothing) {
    start();
    char *forged = arena_strdup(&b.arena, call("pay1", 100000, "00", "00", "14"));
    memcpy(strstr(forged, "vnp_Amount=1"), "vnp_Amount=2", 12);
    store_text(forged);
    row.updated_wall_ms += 30000; /* nothing it says of a time is believed */
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_BAD_SIGNATURE);
    CU_ASSERT_EQUAL(v.until_wall_s, PAID_AT + 30 + 10 * 300);
    CU_ASSERT_EQUAL(v.next_wall_s, PAID_AT + 30 + 300);
    CU_ASSERT_EQUAL(v.predicted, PAY_STATUS_NONE);
    store(
        arena_printf(&b.arena, "[\"%s\", \"%s\"]", call("pay1", 100000, "00", "00", "14"), forged));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_PAID_NOT_CREDITED); /* the authentic one counts */
    bench_done(&b);
}

/* Signed, and nothing that could be counted: its class must not say that somebody forged it. */
TEST(what_is_authentic_and_not_whole_proves_nothing_either) {
    start();
    store_text(vnpay_call(&b, "vnp_Amount=5&vnp_BankCode=NCB&vnp_OrderInfo=x&vnp_ResponseCode=00"
                              "&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=14&vnp_TransactionStatus=00"
                              "&vnp_TxnRef=pay1"));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_BAD_SIGNATURE);
    CHECK_STR(v.why, "BAD_FIELD: vnp_Amount 5 is no whole dong x 100");
    CHECK_HAS(pay_class_info[v.cls].what, "not authentic, whole and ours");
    bench_done(&b);
}

TEST(a_key_of_the_past_counts_for_a_message_of_then) {
    start();
    store_text(call("pay1", 100000, "00", "00", "14"));
    bench_set(&b, 1, "vnpay", "VNPAY_TMN_CODE", "DEMOSHP1");
    bench_set(&b, 1, "vnpay", "VNPAY_HASH_SECRET", "Q7N4K2PXV9LM3TZC6WRB8YHD5FJGSA1E");
    bench_set(&b, 0, "vnpay", "VNPAY_HASH_SECRET", "another");
    b.accounts[1].until_wall_s = PAID_AT + 3600;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_PAID_NOT_CREDITED);
    row.updated_wall_ms += (int64_t)7200 * 1000; /* touched since; it was made while the key held */
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_PAID_NOT_CREDITED);
    row.created_wall_ms += (int64_t)7200 * 1000;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_BAD_SIGNATURE);
    row.created_wall_ms = (PAID_AT - 120) * 1000; /* the key is newer than the row */
    row.updated_wall_ms = PAID_AT * 1000;
    b.accounts[1].from_wall_s = PAID_AT - 60;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_PAID_NOT_CREDITED);
    bench_done(&b);
}

TEST(mistakes_are_looked_for_where_that_is_asked) {
    start();
    store_text(call("pay1", 100000, "00", "00", "14"));
    bench_set(&b, 0, "vnpay", "VNPAY_HASH_SECRET", "Q7N4K2PXV9LM3TZC6WRB8YHD5FJGSA1E\n");
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_BAD_SIGNATURE);
    CU_ASSERT_EQUAL(v.callback->trace.mistakes.n, 0);
    pay_classify(&row, &b.settings, PAID_AT + 60, true, &b.arena, &v);
    CU_ASSERT_EQUAL(v.cls, PAY_CLASS_BAD_SIGNATURE);
    CU_ASSERT_NOT_EQUAL(v.callback->trace.mistakes.n, 0);
    bench_done(&b);
}

/* What is paid stays paid, whatever is told of it later or before. */
TEST(of_several_messages_the_strongest_counts) {
    start();
    const char *paid = call("pay1", 100000, "00", "00", "14"),
               *failed = call("pay1", 100000, "24", "02", "0"),
               *open = call("pay1", 100000, "00", "01", "14");
    const struct {
        const char *first, *second;
        enum pay_class cls;
    } rows[] = {{paid, failed, PAY_CLASS_PAID_NOT_CREDITED},
                {failed, paid, PAY_CLASS_PAID_NOT_CREDITED},
                {open, paid, PAY_CLASS_PAID_NOT_CREDITED},
                {paid, open, PAY_CLASS_PAID_NOT_CREDITED},
                {open, failed, PAY_CLASS_NOT_CLOSED},
                {failed, open, PAY_CLASS_NOT_FINAL}, /* of equals the last */
                {failed, "vnp_TxnRef=pay1&vnp_ResponseCode=00", PAY_CLASS_NOT_CLOSED}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        store(arena_printf(&b.arena, "[\"%s\", \"%s\"]", rows[i].first, rows[i].second));
        CU_ASSERT_EQUAL(after(60), rows[i].cls);
        CU_ASSERT_EQUAL(v.n_messages, 2);
    }
    bench_done(&b);
}

TEST(what_cannot_be_judged_says_why) {
    start();
    store_text(call("pay1", 100000, "00", "00", "14"));
    b.settings.n_pay_accounts = 0;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_NOT_VERIFIED);
    CU_ASSERT_STRING_EQUAL(v.why, "VNPAY_HASH_SECRET is not set");
    row.callback_cut = true;
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_NOT_VERIFIED);
    CU_ASSERT_PTR_NOT_NULL(strstr(v.why, "longer"));
    row.callback_cut = false;
    row.gateway = NULL;
    row.provider = "PAYLAH";
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_NOT_VERIFIED);
    CU_ASSERT_STRING_EQUAL(v.why, "no provider PAYLAH is known here");
    CU_ASSERT_STRING_EQUAL(heals(), "never");
    bench_done(&b);
}

TEST(without_a_message_age_decides) {
    start();
    CU_ASSERT_EQUAL(after(15 * 60 - 121), PAY_CLASS_WAITING);
    CU_ASSERT_STRING_EQUAL(heals(), "until 00:43");
    CU_ASSERT_EQUAL(after(15 * 60 - 120), PAY_CLASS_STUCK);
    CU_ASSERT_EQUAL(v.heals, PAY_HEALS_MAYBE); /* VNPay may call until its last try */
    CU_ASSERT_STRING_EQUAL(heals(), "maybe until 01:33");
    CU_ASSERT_EQUAL(after(65 * 60 - 120), PAY_CLASS_STUCK);
    CU_ASSERT_STRING_EQUAL(heals(), "never");
    store("null");
    CU_ASSERT_EQUAL(after(65 * 60), PAY_CLASS_STUCK);
    row.status = PAY_FAILED;
    CU_ASSERT_EQUAL(after(65 * 60), PAY_CLASS_SETTLED);
    bench_done(&b);
}

TEST(a_transfer_waits_for_the_statement) {
    start();
    row.provider = "BANK_TRANSFER";
    row.gateway = pay_provider_stored(row.provider);
    CU_ASSERT_EQUAL(after(86400), PAY_CLASS_BANK_OPEN);
    CHECK_STR(v.why, "a transfer has no callback: the bank's statement tells");
    CU_ASSERT_STRING_EQUAL(heals(), "never");
    bench_done(&b);
}

/* --- the other providers --- */

static void momo_row(const char *code) {
    const char *rest = arena_printf(
        &b.arena,
        "amount=5000&extraData=&message=m&orderId=pay1&orderInfo=o&orderType=momo_wallet"
        "&partnerCode=GOODGO&payType=qr&requestId=r&responseTime=%lld&resultCode=%s&transId=7",
        (long long)PAID_AT * 1000, code);
    const char *mac = sign(&b.arena, DIGEST_SHA256, true, bench_get(&b, "MOMO_SECRET_KEY"),
                           arena_printf(&b.arena, "accessKey=accessAccess1&%s", rest));
    row.gateway = pay_provider_stored("MOMO");
    row.provider = "MOMO";
    row.amount_vnd = 5000;
    struct str json;
    str_init(&json, 4096);
    str_puts(&json, "{\"");
    for (const char *s = rest; *s; s++)
        str_puts(&json, *s == '=' ? "\":\"" : *s == '&' ? "\",\"" : (char[]){*s, 0});
    str_printf(&json, "\",\"signature\":\"%s\"}", mac);
    store(arena_strdup(&b.arena, str_get(&json)));
    str_done(&json);
}

/* A failure that MoMo told, and the customer's browser that says paid. */
TEST(a_browser_weighs_less_than_a_call) {
    start();
    bench_momo(&b);
    momo_row("0");
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_PAID_NOT_CREDITED);
    const char *query = arena_strdup(&b.arena, v.message->bytes + 2);
    struct str text;
    str_init(&text, 4096);
    for (const char *s = query; strncmp(s, "\"}", 2); s++) /* JSON of texts as a query */
        if (!strncmp(s, "\":\"", 3) || !strncmp(s, "\",\"", 3)) {
            str_putc(&text, s[1] == ':' ? '=' : '&');
            s += 2;
        } else {
            str_putc(&text, *s);
        }
    store_text(str_get(&text));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_WAITING);
    CU_ASSERT(v.callback && v.callback->display_only);
    row.status = PAY_FAILED; /* against a settled row it says no more */
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_SETTLED);
    row.status = PAY_PENDING;
    momo_row("1006");
    const char *failed = row.callback;
    for (int i = 0; i < 2; i++) {
        store(i ? arena_printf(&b.arena, "[%s, \"%s\"]", failed, str_get(&text))
                : arena_printf(&b.arena, "[\"%s\", %s]", str_get(&text), failed));
        CU_ASSERT_EQUAL(after(60), PAY_CLASS_NOT_CLOSED);
    }
    store(arena_printf(&b.arena, "[\"%s\", \"vnp_x=1\"]", str_get(&text)));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_WAITING);
    str_done(&text);
    bench_done(&b);
}

TEST(momo_publishes_no_retries) {
    start();
    bench_momo(&b);
    momo_row("7000");
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_NOT_FINAL);
    CU_ASSERT_STRING_EQUAL(heals(), "MoMo: not final");
    momo_row("0");
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_PAID_NOT_CREDITED);
    CU_ASSERT_EQUAL(v.tries_most, 0);
    CU_ASSERT_STRING_EQUAL(heals(), "maybe: ask it");
    CU_ASSERT_EQUAL(after(PAY_STUCK_AFTER_S), PAY_CLASS_PAID_NOT_CREDITED);
    CU_ASSERT_STRING_EQUAL(heals(), "never");
    momo_row("1006");
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_NOT_CLOSED);
    bench_done(&b);
}

static void zalopay_row(const char *order) {
    const char *data =
        arena_printf(&b.arena,
                     "{\\\"app_id\\\":7701,\\\"app_trans_id\\\":\\\"%s\\\",\\\"amount\\\":5000,"
                     "\\\"zp_trans_id\\\":77,\\\"server_time\\\":%lld}",
                     order, (long long)PAID_AT * 1000);
    struct str plain;
    str_init(&plain, 1000);
    for (const char *s = data; *s; s++)
        if (*s != '\\')
            str_putc(&plain, *s);
    store(arena_printf(
        &b.arena, "{\"data\": \"%s\", \"mac\": \"%s\", \"type\": 1}", data,
        sign(&b.arena, DIGEST_SHA256, true, bench_get(&b, "ZALOPAY_KEY2"), str_get(&plain))));
    str_done(&plain);
    row.gateway = pay_provider_stored("ZALOPAY");
    row.provider = "ZALOPAY";
    row.amount_vnd = 5000;
}

TEST(only_zalopay_puts_a_day_in_front) {
    start();
    store_text(call("261010_pay1", 100000, "00", "00", "14"));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_OTHER_ORDER);
    bench_done(&b);
}

TEST(zalopay_puts_the_day_in_front_of_our_number) {
    start();
    bench_zalopay(&b);
    zalopay_row("261010_pay1");
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_PAID_NOT_CREDITED);
    CU_ASSERT_EQUAL(v.heals, PAY_HEALS_MAYBE); /* it calls again, and publishes no times */
    CU_ASSERT_STRING_EQUAL(heals(), "maybe: ask it");
    CU_ASSERT_EQUAL(after(PAY_STUCK_AFTER_S), PAY_CLASS_PAID_NOT_CREDITED);
    CU_ASSERT_STRING_EQUAL(heals(), "never");
    static const char *const others[] = {"261010_pay10", "abcdef_pay1", "2610101pay1", "10_pay1",
                                         "261010-pay1"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        zalopay_row(others[i]);
        CU_ASSERT_EQUAL(after(60), PAY_CLASS_OTHER_ORDER);
    }
    bench_done(&b);
}

TEST(a_browser_that_came_back_proves_nothing) {
    start();
    bench_zalopay(&b);
    row.gateway = pay_provider_stored("ZALOPAY");
    row.provider = "ZALOPAY";
    const char *mac = sign(&b.arena, DIGEST_SHA256, true, bench_get(&b, "ZALOPAY_KEY2"),
                           "7701|261010_pay1|36|CC|100000|0|1");
    store(arena_printf(&b.arena,
                       "{\"appid\": \"7701\", \"apptransid\": \"261010_pay1\", \"pmcid\": \"36\", "
                       "\"bankcode\": \"CC\", \"amount\": \"100000\", \"discountamount\": \"0\", "
                       "\"status\": \"1\", \"checksum\": \"%s\"}",
                       mac));
    CU_ASSERT_EQUAL(after(60), PAY_CLASS_WAITING);
    CU_ASSERT(v.callback && v.callback->valid);
    CU_ASSERT_EQUAL(v.predicted, PAY_STATUS_NONE);
    CU_ASSERT_EQUAL(after(3600), PAY_CLASS_STUCK);
    CU_ASSERT_PTR_NOT_NULL(strstr(v.why, "browser"));
    bench_done(&b);
}

TEST(every_class_has_its_words) {
    static const unsigned ranks[PAY_CLASS_COUNT] = {
        /* wrong money is critical, what somebody must look at a warning */
        [PAY_CLASS_PAID_NOT_CREDITED] = 3, [PAY_CLASS_AMOUNT_DIFFERS] = 3,
        [PAY_CLASS_DUPLICATE] = 3,         [PAY_CLASS_STATUS_DIFFERS] = 3,
        [PAY_CLASS_OTHER_ORDER] = 3,       [PAY_CLASS_BAD_SIGNATURE] = 2,
        [PAY_CLASS_NOT_VERIFIED] = 2,      [PAY_CLASS_NOT_CLOSED] = 2,
        [PAY_CLASS_NOT_FINAL] = 1,         [PAY_CLASS_STUCK] = 2,
        [PAY_CLASS_BANK_OPEN] = 1,
    };
    enum pay_class c;
    for (unsigned i = 0; i < PAY_CLASS_COUNT; i++) {
        CU_ASSERT(pay_class_info[i].title && pay_class_info[i].what && pay_class_info[i].todo);
        CU_ASSERT_EQUAL(pay_class_info[i].rank, ranks[i]);
        CU_ASSERT(pay_class_parse(pay_class_info[i].id, &c) && c == i);
    }
    CU_ASSERT_FALSE(pay_class_parse("PAID", &c));
}

SUITE(pay_class, T(paid_and_open_is_not_credited),
      T(another_transaction_than_the_credited_one_is_a_second_payment),
      T(no_transaction_number_is_no_second_transaction), T(counts_the_calls_that_vnpay_still_makes),
      T(another_amount_is_never_replayed), T(two_transactions_or_two_payments_are_a_duplicate),
      T(a_failure_and_no_decision_are_told_apart), T(what_is_settled_is_held_against_its_message),
      T(a_message_of_another_order_pays_nothing), T(a_message_of_another_order_hides_none_of_ours),
      T(a_bad_signature_proves_nothing), T(what_is_authentic_and_not_whole_proves_nothing_either),
      T(a_key_of_the_past_counts_for_a_message_of_then), T(what_cannot_be_judged_says_why),
      T(without_a_message_age_decides), T(a_transfer_waits_for_the_statement),
      T(a_browser_weighs_less_than_a_call), T(of_several_messages_the_strongest_counts),
      T(mistakes_are_looked_for_where_that_is_asked), T(momo_publishes_no_retries),
      T(zalopay_puts_the_day_in_front_of_our_number), T(only_zalopay_puts_a_day_in_front),
      T(a_browser_that_came_back_proves_nothing), T(every_class_has_its_words))
