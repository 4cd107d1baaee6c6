/* tests/unit/test_pay_report.c - what a person and a script read of a message and of a gateway's
 * answer, to the letter. */
#include "pay_harness.h"

#include "codec/payask.h"

#define QUERY(amount)                                                                              \
    "vnp_Amount=" amount "&vnp_BankCode=NCB&vnp_BankTranNo=&vnp_OrderInfo=a+b"                     \
    "&vnp_PayDate=20261010003005&vnp_ResponseCode=00&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=14"    \
    "&vnp_TransactionStatus=00&vnp_TxnRef=O1"
/* without what is empty, and so not signed */
#define SIGNED(amount)                                                                             \
    "vnp_Amount=" amount "&vnp_BankCode=NCB&vnp_OrderInfo=a+b"                                     \
    "&vnp_PayDate=20261010003005&vnp_ResponseCode=00&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=14"    \
    "&vnp_TransactionStatus=00&vnp_TxnRef=O1"

#define PAID_AT ((int64_t)1791567005) /* 2026-10-10 00:30:05 in Vietnam */

static struct bench b;

static const char *call(const char *received, const char *text, const char *key) {
    return arena_printf(&b.arena, "%s&vnp_SecureHash=%s&utm=1", received,
                        sign(&b.arena, DIGEST_SHA512, true, key, text));
}

static const char *text_of(void) {
    struct str out;
    str_init(&out, 1 << 16);
    pay_report_text(&b.r, &out);
    const char *s = arena_strdup(&b.arena, str_get(&out));
    str_done(&out);
    return s;
}

static const char *json_of(void) {
    struct str out;
    str_init(&out, 1 << 16);
    pay_report_json(&b.r, &out);
    const char *s = arena_strdup(&b.arena, str_get(&out));
    str_done(&out);
    return s;
}

TEST(a_person_reads_what_is_proven) {
    bench_vnpay(&b);
    const char *key = bench_get(&b, "VNPAY_HASH_SECRET");
    CU_ASSERT_TRUE(bench_verify(&b, "ipn", call(QUERY("10000000"), SIGNED("10000000"), key)));
    CHECK_STR(text_of(),
              "VALID           vnpay ipn, HMAC-SHA512, key: current\n"
              "order           O1\n"
              "transaction     14\n"
              "amount          100,000 VND\n"
              "status          COMPLETED\n"
              "paid at         2026-10-09T17:30:05Z (2026-10-10 00:30:05 in Vietnam)\n"
              "reason          vnp_ResponseCode 00: no error; vnp_TransactionStatus 00: paid\n"
              "signed          vnp_Amount vnp_BankCode vnp_OrderInfo vnp_PayDate vnp_ResponseCode "
              "vnp_TmnCode\n"
              "                vnp_TransactionNo vnp_TransactionStatus vnp_TxnRef\n"
              "not signed      vnp_BankTranNo utm\n"
              "empty           vnp_BankTranNo\n"
              "text SHA-256    512c296f28a2175e19d1d63589e45ee5f31acf6e7edbba29bfc3f04d20078722\n");
    bench_done(&b);
}

/* VNPay's failures have a time, too. */
TEST(a_person_reads_no_time_of_payment_where_nothing_was_paid) {
    bench_vnpay(&b);
    const char *query = "vnp_Amount=100&vnp_BankCode=NCB&vnp_OrderInfo=a&vnp_PayDate=20261010003005"
                        "&vnp_ResponseCode=24&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=0"
                        "&vnp_TransactionStatus=02&vnp_TxnRef=O1";
    CU_ASSERT_TRUE(bench_verify(&b, "ipn", vnpay_call(&b, query)));
    CHECK_HAS(text_of(), "\nstatus          FAILED\nits time        2026-10-09T17:30:05Z");
    bench_done(&b);
}

TEST(a_person_reads_that_a_browser_changes_nothing) {
    bench_vnpay(&b);
    const char *key = bench_get(&b, "VNPAY_HASH_SECRET");
    CU_ASSERT_TRUE(bench_verify(&b, "return", call(QUERY("10000000"), SIGNED("10000000"), key)));
    CHECK_HAS(text_of(), "\nstatus          COMPLETED, and changes no order\n");
    bench_done(&b);
}

#define ZALO                                                                                       \
    "{\"data\":\"{\\\"app_id\\\":7701,\\\"app_trans_id\\\":\\\"O\\\",\\\"amount\\\":5,"            \
    "\\\"items\\\":[1,{\\\"n\\\":null}]}\",\"mac\":\"00\",\"type\":1,\"x\":null}"

TEST(a_person_reads_what_is_only_claimed_apart) {
    bench_zalopay(&b);
    CU_ASSERT_FALSE(bench_verify(&b, "callback", ZALO));
    CHECK_STR(text_of(),
              "INVALID         zalopay callback\n"
              "reason          BAD_SIGNATURE: mac has 2 digits, HMAC-SHA256 has 64\n"
              "it fits if      no mistake that we know: another key signed it, or something signed "
              "was changed\n"
              "scheme          HMAC-SHA256\n"
              "signed          data\n"
              "not signed      type x\n"
              "text SHA-256    2d1b27e6cc86895da9f26b6177e1548870ee4221d70c913dc6fb903d78c5807b\n"
              "\n"
              "What it claims, proven by nothing:\n"
              "  data\n"
              "    app_id = 7701\n"
              "    app_trans_id = O\n"
              "    amount = 5\n"
              "    items\n"
              "      - = 1\n"
              "      -\n"
              "        n = null\n"
              "  mac = 00\n"
              "  type = 1\n"
              "  x = null\n");
    bench_done(&b);
}

TEST(each_mistake_that_fits_is_a_line) {
    bench_vnpay(&b);
    b.r = (struct pay_result){.provider = "vnpay", .failure = PAY_BAD_SIGNATURE, .reason = "no"};
    const char *mistakes[] = {"this", "that"};
    b.r.trace.mistakes = (struct pay_names){.at = mistakes, .n = ARRAY_LEN(mistakes)};
    b.r.trace.missing = b.r.trace.duplicated = b.r.trace.reencoded = b.r.trace.mistakes;
    b.r.note = "look";
    CHECK_STR(text_of(), "INVALID         vnpay message\n"
                         "reason          no\n"
                         "note            look\n"
                         "it fits if      this\n"
                         "or if           that\n"
                         "missing         this that\n"
                         "twice           this that\n"
                         "re-encoded      this that\n");
    bench_done(&b);
}

/* A name or a value of anybody's message: cut, and no command to a terminal. */
TEST(a_long_or_wild_claim_is_cut_and_cleaned) {
    char info[300];
    memset(info, 'x', sizeof info - 1);
    info[sizeof info - 1] = 0;
    bench_vnpay(&b);
    CU_ASSERT_FALSE(
        bench_verify(&b, "ipn",
                     arena_printf(&b.arena, "vnp_OrderInfo=%%1B[2J&vnp_TxnRef=%s&%.150s%s=1", info,
                                  info, info)));
    CHECK_HAS(text_of(), "  vnp_OrderInfo = ?[2J\n");
    info[199] = 0;
    CHECK_HAS(text_of(), arena_printf(&b.arena, "  vnp_TxnRef = %s...\n", info));
    CHECK_HAS(text_of(), arena_printf(&b.arena, "  %s... = 1\n", info));
    CU_ASSERT_PTR_NULL(strstr(text_of(), "\033"));
    bench_done(&b);
}

TEST(a_script_reads_every_value_as_it_was_signed) {
    bench_vnpay(&b);
    const char *key = bench_get(&b, "VNPAY_HASH_SECRET");
    CU_ASSERT_TRUE(bench_verify(&b, "ipn", call(QUERY("10000000"), SIGNED("10000000"), key)));
    static const char *const members[] = {
        ("{\n  \"schema\": \"goodgo.payments.verify/1\",\n  \"valid\": true,\n  \"provider\": "
         "\"vnpay\",\n  \"kind\": \"ipn\",\n  \"orderId\": \"O1\",\n  \"providerTxId\": \"14\",\n"
         "  \"isSuccess\": true,\n  \"status\": \"COMPLETED\",\n"),
        ("\"reason\": \"vnp_ResponseCode 00: no error; vnp_TransactionStatus 00: paid\",\n"
         "  \"note\": null,\n  \"rawData\": {"),
        "\"trace\": {\n",
        "\"payTimeUtc\": \"2026-10-09T17:30:05Z\"",
        "\"amountVnd\": 100000",
        "\"vnp_Amount\": \"10000000\"",
        "\"scheme\": \"HMAC-SHA512\"",
        "\"account\": \"current\"",
        "\"signed\": [\n      \"vnp_Amount\",\n",
        "\"unsigned\": [\n      \"vnp_BankTranNo\",\n      \"utm\"\n    ]",
        "\"missing\": []",
        "\"duplicated\": []",
        "\"empty\": [\n      \"vnp_BankTranNo\"\n    ]",
        "\"reencoded\": []",
        "\"mistakes\": []",
        "\"baseSha256\": \"512c296f"};
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        CHECK_HAS(json_of(), members[i]);
    struct err err;
    struct json *whole = json_parse(json_of(), strlen(json_of()), 1 << 16, &err);
    CU_ASSERT_PTR_NOT_NULL(whole);
    json_free(whole);
    CU_ASSERT_TRUE(bench_verify(&b, "return", call(QUERY("10000000"), SIGNED("10000000"), key)));
    CHECK_HAS(json_of(), "\"note\": \"a browser brought this");
    bench_done(&b);
    bench_zalopay(&b);
    CU_ASSERT_FALSE(bench_verify(&b, "callback", ZALO));
    CHECK_HAS(json_of(), "\"items\": [\n        \"1\",\n        {\n          \"n\": null\n");
    CHECK_HAS(json_of(), "\"payTimeUtc\": null");
    CHECK_HAS(json_of(), "\"x\": null\n");
    bench_done(&b);
}

/* --- of a gateway --- */

TEST(an_answer_is_told_with_all_that_it_says) {
    struct str out;
    bench_vnpay(&b);
    struct pay_question q = {
        .provider = pay_provider_find("vnpay"), .order = "O1", .now_wall_ms = PAID_AT * 1000 + 5};
    struct pay_answer r = {.said = PAY_SAID_FINAL,
                           .code = "00/01/00",
                           .reason = "paid",
                           .note = "but look",
                           .is_signed = true,
                           .retry = true,
                           .status = PAY_COMPLETED,
                           .provider_tx_id = "14",
                           .has_amount = true,
                           .has_pay_time = true,
                           .amount_vnd = 100000,
                           .pay_time_wall_s = PAID_AT,
                           .refunded_vnd = 30000};
    str_init(&out, 1 << 16);
    pay_answer_text(&q, &r, &out);
    CHECK_STR(str_get(&out), "VNPay says COMPLETED\n"
                             "order         O1\n"
                             "transaction   14\n"
                             "amount        100,000 VND\n"
                             "refunded      30,000 VND\n"
                             "paid at       2026-10-09T17:30:05Z (2026-10-10 00:30:05 in Vietnam)\n"
                             "code          00/01/00\n"
                             "reason        paid\n"
                             "note          but look\n"
                             "proved by     its signature\n");
    static const char *const members[] = {"\"asked\": \"payment\"",
                                          "\"said\": \"final\"",
                                          "\"code\": \"00/01/00\"",
                                          "\"refundedVnd\": 30000",
                                          "\"isSigned\": true",
                                          "\"retry\": true",
                                          "\"askedAtUtc\": \"2026-10-09T17:30:05.005Z\""};
    str_clear(&out);
    pay_answer_json(&q, &r, &out);
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        CHECK_HAS(str_get(&out), members[i]);
    q.what = PAY_ASK_REFUND;
    str_clear(&out);
    pay_answer_json(&q, &r, &out);
    CHECK_HAS(str_get(&out), "\"asked\": \"refund\"");
    r = (struct pay_answer){.said = PAY_SAID_INVALID, .reason = "forged"};
    str_clear(&out);
    pay_answer_text(&q, &r, &out);
    CHECK_STR(str_get(&out), "VNPay is not to be trusted\n"
                             "refund        O1\n"
                             "reason        forged\n"
                             "proved by     nothing: believe none of it\n");
    str_done(&out);
    bench_done(&b);
}

SUITE(pay_report, T(a_person_reads_what_is_proven),
      T(a_person_reads_no_time_of_payment_where_nothing_was_paid),
      T(a_person_reads_that_a_browser_changes_nothing),
      T(a_person_reads_what_is_only_claimed_apart), T(each_mistake_that_fits_is_a_line),
      T(a_long_or_wild_claim_is_cut_and_cleaned), T(a_script_reads_every_value_as_it_was_signed),
      T(an_answer_is_told_with_all_that_it_says))
