/* tests/unit/test_pay_forms.c - the forms in which a message arrives: where its query string
 * begins and ends, and what is refused before anything is believed of it. */
#include "pay_harness.h"

#define QUERY(info)                                                                                \
    "vnp_Amount=10000000&vnp_BankCode=NCB&vnp_OrderInfo=" info                                     \
    "&vnp_ResponseCode=00&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=1&vnp_TransactionStatus=00"       \
    "&vnp_TxnRef=O1"

static struct bench b;

static const char *signed_as(const char *query, const char *text) {
    return arena_printf(
        &b.arena, "%s&vnp_SecureHash=%s", query,
        sign(&b.arena, DIGEST_SHA512, true, bench_get(&b, "VNPAY_HASH_SECRET"), text));
}

TEST(the_query_is_found_in_what_was_pasted) {
    static const char *const around[][2] = {
        {"", ""},
        {"?", ""},
        {"/ipn?", ""},
        {"/ipn?", "#top"},
        {"http://h/ipn?", "#a?b"},
        {"https://goodgo.vn/api/ipn?", "\r\n"},
        {"", "\n"},
        {"&", "&&"},
    };
    for (size_t i = 0; i < ARRAY_LEN(around); i++) {
        bench_vnpay(&b);
        const char *call = signed_as(QUERY("x"), QUERY("x"));
        CU_ASSERT_TRUE(bench_verify(
            &b, "ipn", arena_printf(&b.arena, "%s%s%s", around[i][0], call, around[i][1])));
        bench_done(&b);
    }
}

TEST(a_mark_in_a_value_is_a_part_of_it) {
    bench_vnpay(&b);
    CU_ASSERT_TRUE(bench_verify(&b, "ipn", signed_as(QUERY("a?b#c/d"), QUERY("a%3Fb%23c%2Fd"))));
    CHECK_STR(jsontext_get(b.r.raw, "vnp_OrderInfo")->text, "a?b#c/d");
    bench_done(&b);
}

/* Of VNPay, MoMo, ZaloPay and Casso. */
static void open_all(const char *provider) {
    if (!strcmp(provider, "vnpay"))
        bench_vnpay(&b);
    else if (!strcmp(provider, "momo"))
        bench_momo(&b);
    else if (!strcmp(provider, "zalopay"))
        bench_zalopay(&b);
    else
        b = (struct bench){0};
    if (!strcmp(provider, "casso"))
        bench_set(&b, 0, "casso", "GOODGO_CASSO_KEY", "cassoKeyCassoKey1");
}

static const struct {
    const char *provider, *kind, *bytes, *reason;
} refusals[] = {
    {"vnpay", "ipn", "", "nothing was handed in"},
    {"vnpay", NULL, " \t\r\n", "nothing was handed in"},
    {"vnpay", "ipn", "vnp_A=1\rvnp_B=2", "a line break inside the query string"},
    {"vnpay", "ipn", "vnp_A=1\nvnp_B=2", "a line break inside the query string"},
    {"vnpay", "ipn", "vnp_A=%4", "the value of field 1"},
    {"vnpay", "ipn", "a=1&%=2", "the name of field 2"},
    {"vnpay", "ipn", "{\"vnp_A\":1.5e}", "not the JSON that a provider sends"},
    {"momo", "ipn", "[{\"a\":1}]", "a JSON list, where an object is due"},
    {"zalopay", "callback", "data=1", "a callback of ZaloPay is a JSON object"},
    {"casso", "webhook", "X-Casso-Signature: t=1,v1=\xff\n\n{\"error\":0}",
     "the header X-Casso-Signature is not text"},
    {"momo", "create_signature", "accessKey=\xff&amount=1\nab", "not UTF-8"},
    {"momo", "create_signature",
     "accesskey=A&amount=1&extraData=&ipnUrl=u&orderId=O&orderInfo=i&partnerCode=P&redirectUrl=r"
     "&requestId=R&requestType=t\nab",
     "the signed text should be accessKey"},
};

TEST(what_is_no_message_is_refused_in_words) {
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        open_all(refusals[i].provider);
        CU_ASSERT_FALSE(bench_verify(&b, refusals[i].kind, refusals[i].bytes));
        CU_ASSERT_EQUAL(b.r.failure, PAY_MALFORMED);
        CHECK_HAS(b.r.reason, refusals[i].reason);
        bench_done(&b);
    }
}

/* Whoever looks at it must see what it is. */
TEST(what_is_no_known_message_is_shown_all_the_same) {
    static const char *const messages[] = {"vnp_A=1&b=2", "{\"vnp_A\":\"1\",\"b\":\"2\"}"};
    for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
        bench_vnpay(&b);
        CU_ASSERT_FALSE(bench_verify(&b, "auto", messages[i]));
        CU_ASSERT_EQUAL(b.r.failure, PAY_UNKNOWN_KIND);
        CHECK_HAS(b.r.reason, "none of the messages of VNPay");
        CU_ASSERT_PTR_NULL(b.r.kind);
        CU_ASSERT_PTR_NOT_NULL_FATAL(b.r.raw);
        CHECK_STR(jsontext_get(b.r.raw, "vnp_A")->text, "1");
        bench_done(&b);
    }
}

TEST(a_broken_message_of_no_kind_says_what_is_broken) {
    bench_vnpay(&b);
    CU_ASSERT_FALSE(bench_verify(&b, "auto", "vnp_ResponseCode=%4&vnp_TxnRef=1"));
    CU_ASSERT_EQUAL(b.r.failure, PAY_MALFORMED);
    CHECK_HAS(b.r.reason, "the value of field 1");
    bench_done(&b);
}

TEST(blanks_around_a_header_are_not_a_part_of_it) {
    static const char body[] = "{\"data\":{\"amount\":1,\"reference\":\"F\"},\"error\":0}";
    static const char *const ends[] = {"\n", "\r\n", " \n", "\t\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        open_all("casso");
        const char *mac = sign(&b.arena, DIGEST_SHA512, true, "cassoKeyCassoKey1",
                               arena_printf(&b.arena, "5.%s", body));
        CU_ASSERT_TRUE(bench_verify(
            &b, "webhook",
            arena_printf(&b.arena, "x-casso-signature: \t t=5,v1=%s%s\n%s", mac, ends[i], body)));
        bench_done(&b);
    }
}

TEST(what_is_too_much_is_not_read) {
    char *many = calloc(1, PAY_MAX_BYTES + 2);
    bench_vnpay(&b);
    for (int i = 0; i <= PAY_MAX_FIELDS; i++)
        memcpy(many + 4 * (size_t)i, "a=1&", 4);
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", many));
    CHECK_HAS(b.r.reason, "more than 256 fields");
    memset(many, 'a', PAY_MAX_BYTES + 1);
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", many));
    CU_ASSERT_EQUAL(b.r.failure, PAY_TOO_BIG);
    CHECK_HAS(b.r.reason, "65537 bytes; at most 65536 are read");
    many[PAY_MAX_BYTES] = 0;
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", many));
    CU_ASSERT_NOT_EQUAL(b.r.failure, PAY_TOO_BIG);
    bench_done(&b);
    free(many);
}

TEST(a_kind_that_a_provider_does_not_have_is_named) {
    struct pay_request q = {.provider = pay_provider_find("momo"), .kind = "callback"};
    struct err err = {0};
    bench_momo(&b);
    q.bytes = "{}";
    q.n = 2;
    CU_ASSERT_FALSE(pay_verify(&q, &b.settings, &b.arena, &b.r, &err));
    CHECK_STR(err.target, "callback");
    CHECK_HAS(err.why, "is no kind of MoMo; it has ipn, ");
    CHECK_HAS(err.todo, "goodgo payments kinds");
    bench_done(&b);
}

SUITE(pay_forms, T(the_query_is_found_in_what_was_pasted), T(a_mark_in_a_value_is_a_part_of_it),
      T(what_is_no_message_is_refused_in_words), T(what_is_no_known_message_is_shown_all_the_same),
      T(a_broken_message_of_no_kind_says_what_is_broken),
      T(blanks_around_a_header_are_not_a_part_of_it), T(what_is_too_much_is_not_read),
      T(a_kind_that_a_provider_does_not_have_is_named))
