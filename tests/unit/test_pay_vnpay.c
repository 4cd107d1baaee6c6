/* tests/unit/test_pay_vnpay.c - VNPay: both signing rules and no downgrade between them, what the
 * codes become, what is refused though it is signed, answers and requests of the transaction API.
 */
#include "pay_harness.h"

#define SECRET "Q7N4K2PXV9LM3TZC6WRB8YHD5FJGSA1E"
#define HEAD   "vnp_Amount=10000000&vnp_BankCode=NCB&vnp_OrderInfo=x"
#define TAIL   "&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=14998877"

/* A signed call with these codes; state NULL = without one. */
static const char *call(struct bench *b, const char *response, const char *state) {
    const char *middle = arena_printf(&b->arena,
                                      HEAD "&vnp_PayDate=20261010003005"
                                           "&vnp_ResponseCode=%s" TAIL,
                                      response);
    return vnpay_call(b, arena_printf(&b->arena, "%s%s%s&vnp_TxnRef=ORD-1", middle,
                                      state ? "&vnp_TransactionStatus=" : "", state ? state : ""));
}

TEST(maps_the_codes_of_a_call_to_our_status) {
    static const struct {
        const char *response, *state;
        enum pay_status status;
    } rows[] = {
        {"00", "00", PAY_COMPLETED},   {"00", "01", PAY_PENDING},     {"00", NULL, PAY_PENDING},
        {"00", "02", PAY_STATUS_NONE}, {"00", "04", PAY_PROCESSING},  {"00", "05", PAY_PROCESSING},
        {"00", "06", PAY_PROCESSING},  {"00", "07", PAY_PROCESSING},  {"07", "00", PAY_PROCESSING},
        {"07", NULL, PAY_PROCESSING},  {"24", "02", PAY_FAILED},      {"24", NULL, PAY_FAILED},
        {"09", NULL, PAY_FAILED},      {"10", "02", PAY_FAILED},      {"11", "02", PAY_FAILED},
        {"12", "02", PAY_FAILED},      {"13", "02", PAY_FAILED},      {"51", "02", PAY_FAILED},
        {"65", "02", PAY_FAILED},      {"75", "02", PAY_FAILED},      {"79", "02", PAY_FAILED},
        {"99", "02", PAY_FAILED},      {"99", "08", PAY_FAILED},      {"99", "11", PAY_FAILED},
        {"99", NULL, PAY_STATUS_NONE}, {"99", "09", PAY_STATUS_NONE}, {"42", NULL, PAY_STATUS_NONE},
        {"02", NULL, PAY_STATUS_NONE}, {"00", "33", PAY_STATUS_NONE}, {"01", NULL, PAY_STATUS_NONE},
        {"03", NULL, PAY_STATUS_NONE}, {"04", NULL, PAY_STATUS_NONE}, {"08", NULL, PAY_STATUS_NONE},
        {"10", NULL, PAY_FAILED},      {"11", NULL, PAY_FAILED},      {"12", NULL, PAY_FAILED},
        {"13", NULL, PAY_FAILED},      {"51", NULL, PAY_FAILED},      {"65", NULL, PAY_FAILED},
        {"75", NULL, PAY_FAILED},      {"79", NULL, PAY_FAILED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_vnpay(&b);
        CU_ASSERT(bench_verify(&b, "ipn", call(&b, rows[i].response, rows[i].state)));
        if (b.r.status != rows[i].status)
            printf("\n    %s/%s became %d\n", rows[i].response, rows[i].state ? rows[i].state : "-",
                   b.r.status);
        CU_ASSERT_EQUAL(b.r.status, rows[i].status);
        CU_ASSERT_EQUAL(b.r.is_success, rows[i].status == PAY_COMPLETED);
        bench_done(&b);
    }
}

/* A code without its meaning sends a person to the documents, in which 42 is not found. */
TEST(knows_the_words_of_each_code_of_a_call) {
    static const char *const responses = "00 01 02 03 04 07 08 09 10 11 12 13 24 51 65 75 79 99";
    static const char *const states = "00 01 02 04 05 06 07 08 09 11";
    struct bench b;
    bench_vnpay(&b);
    for (const char *s = responses; *s; s += strcspn(s, " "), s += strspn(s, " ")) {
        CU_ASSERT(bench_verify(&b, "ipn", call(&b, arena_strndup(&b.arena, s, 2), "00")));
        CU_ASSERT_PTR_NULL(strstr(b.r.reason, "not a code we know"));
    }
    for (const char *s = states; *s; s += strcspn(s, " "), s += strspn(s, " ")) {
        CU_ASSERT(bench_verify(&b, "ipn", call(&b, "99", arena_strndup(&b.arena, s, 2))));
        CU_ASSERT_PTR_NULL(strstr(b.r.reason, "not a code we know"));
    }
    CU_ASSERT(bench_verify(&b, "ipn", call(&b, "42", "00")));
    CHECK_HAS(b.r.reason, "vnp_ResponseCode 42: not a code we know");
    bench_done(&b);
}

TEST(says_to_ask_where_the_codes_of_a_call_settle_nothing) {
    static const char *const settled[][2] = {{"00", "00"}, {"24", "02"}, {"00", "01"}};
    struct bench b;
    bench_vnpay(&b);
    CU_ASSERT(bench_verify(&b, "ipn", call(&b, "99", NULL)));
    CHECK_HAS(b.r.note, "ask the gateway");
    for (size_t i = 0; i < ARRAY_LEN(settled); i++) {
        CU_ASSERT(bench_verify(&b, "ipn", call(&b, settled[i][0], settled[i][1])));
        CU_ASSERT_PTR_NULL(b.r.note);
    }
    bench_done(&b);
}

TEST(takes_the_response_code_alone_only_from_an_old_version) {
    struct bench b;
    bench_vnpay(&b);
    const char *query = call(&b, "00", NULL);
    CU_ASSERT(bench_verify(&b, "ipn", query) && b.r.status == PAY_PENDING);
    bench_set(&b, 0, "vnpay", "GOODGO_VNPAY_VERSION", "2.1.0");
    CU_ASSERT(bench_verify(&b, "ipn", query) && b.r.status == PAY_PENDING);
    bench_set(&b, 0, "vnpay", "GOODGO_VNPAY_VERSION", "2.0.x");
    CU_ASSERT(bench_verify(&b, "ipn", query) && b.r.status == PAY_COMPLETED);
    bench_done(&b);
}

/* A response code of 00 alone would be read as paid. */
TEST(says_why_a_call_without_a_status_is_not_paid) {
    struct bench b;
    bench_vnpay(&b);
    CU_ASSERT(bench_verify(&b, "ipn", call(&b, "00", NULL)));
    CHECK_HAS(b.r.reason, "vnp_TransactionStatus is missing: without it nothing is paid");
    CU_ASSERT(bench_verify(&b, "ipn", call(&b, "24", NULL)));
    CHECK_STR(b.r.reason, "vnp_ResponseCode 24: cancelled by the customer");
    bench_set(&b, 0, "vnpay", "GOODGO_VNPAY_VERSION", "2.0.x");
    CU_ASSERT(bench_verify(&b, "ipn", call(&b, "00", NULL)));
    CHECK_STR(b.r.reason, "vnp_ResponseCode 00: no error");
    bench_done(&b);
}

TEST(says_that_a_browser_proves_nothing) {
    struct bench b;
    bench_vnpay(&b);
    CU_ASSERT(bench_verify(&b, "return", call(&b, "00", "00")));
    CHECK_HAS(b.r.note, "browser");
    bench_done(&b);
}

/* --- what is refused though it is signed --- */

static void refused(const char *query, enum pay_failure failure, const char *why) {
    struct bench b;
    bench_vnpay(&b);
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", vnpay_call(&b, query)));
    if (b.r.failure != failure || !strstr(b.r.reason, why))
        printf("\n    %s: %s\n", query, b.r.reason);
    CU_ASSERT_EQUAL(b.r.failure, failure);
    CU_ASSERT(!b.r.order_id && !b.r.has_amount && !b.r.has_pay_time && !b.r.is_success);
    CU_ASSERT_EQUAL(b.r.status, PAY_STATUS_NONE);
    CU_ASSERT_PTR_NOT_NULL(strstr(b.r.reason, why));
    bench_done(&b);
}

TEST(refuses_signed_calls_that_are_not_ours_or_not_whole) {
    const char *end = "&vnp_TransactionStatus=00&vnp_TxnRef=ORD-1";
    char query[512];
    snprintf(query, sizeof query,
             HEAD "&vnp_ResponseCode=00&vnp_TmnCode=OTHER001&vnp_TransactionNo=1%s", end);
    refused(query, PAY_MERCHANT_MISMATCH, "\"OTHER001\"; ours is \"DEMOSHP1\"");
    refused("vnp_Amount=100&vnp_OrderInfo=x&vnp_ResponseCode=00" TAIL "&vnp_TxnRef=1",
            PAY_MISSING_FIELD, "vnp_BankCode");
    refused(HEAD "&vnp_ResponseCode=00" TAIL, PAY_MISSING_FIELD, "vnp_TxnRef");
    snprintf(query, sizeof query, HEAD "&vnp_PayDate=20260231000000&vnp_ResponseCode=00" TAIL "%s",
             end);
    refused(query, PAY_BAD_FIELD, "vnp_PayDate");
    snprintf(query, sizeof query, HEAD "&vnp_ResponseCode=0" TAIL "%s", end);
    refused(query, PAY_BAD_FIELD, "vnp_ResponseCode");
    snprintf(query, sizeof query,
             HEAD "&vnp_ResponseCode=00&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=12a%s", end);
    refused(query, PAY_BAD_FIELD, "vnp_TransactionNo");
    snprintf(query, sizeof query,
             HEAD "&vnp_ResponseCode=00&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=1234567890123456%s",
             end);
    refused(query, PAY_BAD_FIELD, "vnp_TransactionNo");
    snprintf(query, sizeof query,
             HEAD "&vnp_ResponseCode=00&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=0123%s", end);
    refused(query, PAY_BAD_FIELD, "vnp_TransactionNo");
    struct bench b;
    bench_vnpay(&b);
    snprintf(query, sizeof query,
             HEAD "&vnp_ResponseCode=00&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=123456789012345%s",
             end);
    CU_ASSERT(bench_verify(&b, "ipn", vnpay_call(&b, query)));
    CHECK_STR(b.r.provider_tx_id, "123456789012345");
    bench_done(&b);
}

TEST(says_what_is_wrong_with_a_signature_and_looks_no_further_unasked) {
    struct bench b;
    bench_vnpay(&b);
    const char *query = call(&b, "00", "00");
    CU_ASSERT_FALSE(
        bench_verify(&b, "ipn", arena_printf(&b.arena, "%.*s", (int)strlen(query) - 2, query)));
    CHECK_HAS(b.r.reason, "vnp_SecureHash has 126 digits, HMAC-SHA512 has 128");
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", arena_printf(&b.arena, "%s00", query)));
    CHECK_HAS(b.r.reason, "vnp_SecureHash is 130 characters, where 128 hexadecimal ones are due");
    CU_ASSERT_FALSE(
        bench_verify(&b, "ipn", arena_printf(&b.arena, "%.*sxy", (int)strlen(query) - 2, query)));
    CHECK_HAS(b.r.reason, "vnp_SecureHash is 128 characters, where 128 hexadecimal ones are due");
    CHECK_STR(bench_mistake(&b), "");
    bench_set(&b, 0, "vnpay", "VNPAY_HASH_SECRET", " " SECRET);
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", query));
    CHECK_HAS(b.r.reason, "vnp_SecureHash is not what our key makes of these fields");
    CU_ASSERT_NOT_EQUAL(b.r.trace.mistakes.n, 0);
    b.explain = false;
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", query));
    CU_ASSERT_EQUAL(b.r.trace.mistakes.n, 0);
    bench_done(&b);
}

TEST(notes_which_fields_are_empty) {
    struct bench b;
    bench_vnpay(&b);
    const char *query = call(&b, "00", "00");
    CU_ASSERT(bench_verify(&b, "ipn", query));
    CU_ASSERT_EQUAL(b.r.trace.empty.n, 0);
    CU_ASSERT(bench_verify(&b, "ipn", arena_printf(&b.arena, "%s&vnp_BankTranNo=&x=", query)));
    CU_ASSERT_EQUAL_FATAL(b.r.trace.empty.n, 2);
    CHECK_STR(b.r.trace.empty.at[0], "vnp_BankTranNo");
    CHECK_STR(b.r.trace.empty.at[1], "x");
    bench_done(&b);
}

TEST(notes_which_fields_came_in_another_spelling) {
    struct bench b;
    bench_vnpay(&b);
    const char *query =
        vnpay_call(&b, "vnp_Amount=100&vnp_BankCode=NCB&vnp_OrderInfo=a%3Ab+c"
                       "&vnp_ResponseCode=00" TAIL "&vnp_TransactionStatus=00&vnp_TxnRef=ORD-1");
    CU_ASSERT(bench_verify(&b, "ipn", query));
    CU_ASSERT_EQUAL(b.r.trace.reencoded.n, 0);
    char *other = arena_strdup(&b.arena, query);
    memcpy(strstr(other, "%3A"), "%3a", 3);
    CU_ASSERT(bench_verify(&b, "ipn", other));
    CU_ASSERT_EQUAL_FATAL(b.r.trace.reencoded.n, 1);
    CHECK_STR(b.r.trace.reencoded.at[0], "vnp_OrderInfo");
    bench_done(&b);
}

TEST(refuses_amounts_that_are_no_whole_dong) {
    static const char *const amounts[] = {
        "10000001",      "1e7",    "010000000", "-10000000", "1000000.00",
        "1000000000000", "%2B100", "1+000",     "0x64",      "5"};
    for (size_t i = 0; i < ARRAY_LEN(amounts); i++) {
        char query[512];
        snprintf(query, sizeof query,
                 "vnp_Amount=%s&vnp_BankCode=NCB&vnp_OrderInfo=x&vnp_ResponseCode=00" TAIL
                 "&vnp_TransactionStatus=00&vnp_TxnRef=ORD-1",
                 amounts[i]);
        refused(query, PAY_BAD_FIELD, "vnp_Amount");
    }
}

TEST(reads_amounts_beyond_32_bits) {
    struct bench b;
    bench_vnpay(&b);
    CU_ASSERT(bench_verify(&b, "ipn",
                           vnpay_call(&b, "vnp_Amount=999999999900&vnp_BankCode=NCB&vnp_OrderInfo=x"
                                          "&vnp_ResponseCode=00" TAIL
                                          "&vnp_TransactionStatus=00&vnp_TxnRef=ORD-1")));
    CU_ASSERT_EQUAL(b.r.amount_vnd, 9999999999);
    bench_done(&b);
}

TEST(signs_every_vnp_field_and_no_other) {
    struct bench b;
    bench_vnpay(&b);
    const char *query = call(&b, "00", "00");
    CU_ASSERT(bench_verify(&b, "ipn", arena_printf(&b.arena, "%s&xnp_Foo=1&Vnp_Foo=2", query)));
    CU_ASSERT_EQUAL(b.r.trace.unsigned_fields.n, 2);
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", arena_printf(&b.arena, "%s&vnp_Foo=1", query)));
    CU_ASSERT(bench_verify(&b, "ipn", arena_printf(&b.arena, "%s&vnp_Foo=", query)));
    CU_ASSERT(bench_verify(&b, "ipn", arena_printf(&b.arena, "%s&vnp_SecureHashType=MD5", query)));
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", arena_printf(&b.arena, "%s&vnp_SecureHash=00", query)));
    CU_ASSERT_EQUAL(b.r.failure, PAY_DUPLICATE_FIELD);
    CU_ASSERT_FALSE(
        bench_verify(&b, "ipn", arena_printf(&b.arena, "vnp_%%41mount=1&%s&vnp_Amount=2", query)));
    CU_ASSERT_EQUAL(b.r.failure, PAY_DUPLICATE_FIELD);
    bench_done(&b);
}

/* --- encodings --- */

static const char *with_info(struct bench *b, const char *info) {
    return arena_printf(&b->arena,
                        "vnp_Amount=100&vnp_BankCode=NCB&vnp_OrderInfo=%s"
                        "&vnp_ResponseCode=00" TAIL "&vnp_TxnRef=1",
                        info);
}

TEST(takes_punctuation_as_any_of_the_official_samples_writes_it) {
    static const char *const infos[] = {"a!b'c(d)e*f~g", "a%21b%27c%28d%29e*f%7Eg",
                                        "a!b%27c(d)e*f%7Eg", "a%21b%27c%28d%29e%2Af~g"};
    for (size_t i = 0; i < ARRAY_LEN(infos); i++) {
        struct bench b;
        bench_vnpay(&b);
        const char *signed_text = with_info(&b, infos[i]);
        CU_ASSERT(bench_verify(&b, "ipn", vnpay_call(&b, signed_text)));
        /* The same, stored as decoded JSON. */
        const char *hash = sign(&b.arena, DIGEST_SHA512, true, SECRET, signed_text);
        CU_ASSERT(bench_verify(
            &b, "auto",
            arena_printf(&b.arena,
                         "{\"vnp_TxnRef\":\"1\",\"vnp_Amount\":\"100\",\"vnp_BankCode\":\"NCB\","
                         "\"vnp_OrderInfo\":\"a!b'c(d)e*f~g\",\"vnp_ResponseCode\":\"00\","
                         "\"vnp_TmnCode\":\"DEMOSHP1\",\"vnp_TransactionNo\":\"14998877\","
                         "\"vnp_BankTranNo\":null,\"vnp_SecureHash\":\"%s\"}",
                         hash)));
        bench_done(&b);
    }
}

/* Whatever the signer escapes, and however: what was received is what was signed. */
TEST(takes_the_text_as_it_was_received) {
    static const char *const infos[] = {"a%3ab", "a%20b", "%61b", "a%2fb+c%20d", "a:b/c"};
    for (size_t i = 0; i < ARRAY_LEN(infos); i++) {
        struct bench b;
        bench_vnpay(&b);
        const char *query = with_info(&b, infos[i]);
        CU_ASSERT(bench_verify(&b, "ipn", vnpay_call(&b, query)));
        bench_done(&b);
    }
}

TEST(lets_no_vnp_member_of_a_stored_call_go_unsigned) {
    struct bench b;
    bench_vnpay(&b);
    const char *query = call(&b, "00", "00"), *hash = strstr(query, "SecureHash=") + 11;
    const char *json = arena_printf(
        &b.arena,
        "\"vnp_Amount\":10000000,\"vnp_BankCode\":\"NCB\",\"vnp_OrderInfo\":\"x\","
        "\"vnp_PayDate\":\"20261010003005\",\"vnp_ResponseCode\":\"00\",\"vnp_TmnCode\":"
        "\"DEMOSHP1\",\"vnp_TransactionNo\":14998877,\"vnp_TransactionStatus\":\"00\","
        "\"vnp_TxnRef\":\"ORD-1\",\"vnp_SecureHash\":\"%s\"}",
        hash);
    CU_ASSERT(bench_verify(&b, "ipn", arena_printf(&b.arena, "{%s", json)));
    CU_ASSERT(bench_verify(&b, "ipn", arena_printf(&b.arena, "{\"vnp_X\":null,%s", json)));
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", arena_printf(&b.arena, "{\"vnp_X\":{},%s", json)));
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", arena_printf(&b.arena, "{\"vnp_X\":true,%s", json)));
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", arena_printf(&b.arena, "{\"vnp_X\":[1],%s", json)));
    bench_done(&b);
}

TEST(refuses_bytes_that_are_no_text) {
    static const char *const infos[] = {"%ff", "%00", "%c3", "%ed%a0%80", "%", "%4", "%4g", "a\nb"};
    for (size_t i = 0; i < ARRAY_LEN(infos); i++) {
        struct bench b;
        bench_vnpay(&b);
        const char *query = with_info(&b, infos[i]);
        CU_ASSERT_FALSE(bench_verify(&b, "ipn", vnpay_call(&b, query)));
        CU_ASSERT_EQUAL(b.r.failure, PAY_MALFORMED);
        bench_done(&b);
    }
}

TEST(shows_no_part_of_a_secret_that_came_in_as_a_value) {
    struct bench b;
    const char *secret = "a-secret-that-is-longer-than-what-a-sentence-quotes-of-a-value";
    bench_vnpay(&b);
    bench_set(&b, 0, "vnpay", "VNPAY_HASH_SECRET", secret);
    CU_ASSERT_FALSE(bench_verify(
        &b, "ipn",
        vnpay_call(&b, arena_printf(&b.arena,
                                    HEAD "&vnp_ResponseCode=00&vnp_TmnCode=%s&vnp_TransactionNo=1"
                                         "&vnp_TxnRef=1",
                                    secret))));
    CU_ASSERT_EQUAL(b.r.failure, PAY_MERCHANT_MISMATCH);
    CU_ASSERT_PTR_NULL(strstr(b.r.reason, "a-secret"));
    CHECK_HAS(b.r.reason, "****");
    bench_done(&b);
}

/* --- the old rule, and no way back to it --- */

#define OLD_CALL(info)                                                                             \
    "vnp_Amount=15000000&vnp_BankCode=NCB&vnp_OrderInfo=" info                                     \
    "&vnp_ResponseCode=00&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=13100055&vnp_TxnRef=INV-55"

static const char *shown(const struct bench *b, const char *name) {
    const struct jsontext *j = jsontext_get(b->r.raw, name);
    return j ? j->text : "(none)";
}

/* A whole signature is as good as the key, once; of a short secret every text would be full. */
TEST(shows_the_beginning_of_a_signature_and_no_secret) {
    struct bench b;
    bench_vnpay(&b);
    const char *query = call(&b, "00", "00");
    const char *hash = strstr(query, "vnp_SecureHash=") + strlen("vnp_SecureHash=");
    CU_ASSERT(bench_verify(&b, "ipn", query));
    CHECK_STR(shown(&b, "vnp_SecureHash"),
              arena_printf(&b.arena, "%.8s... (128 characters)", hash));
    CHECK_STR(shown(&b, "vnp_TmnCode"), "DEMOSHP1");
    static const char *const rows[][2] = {{"01234567", "01234567"},
                                          {"012345678", "01234567... (9 characters)"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_FALSE(bench_verify(
            &b, "ipn", arena_printf(&b.arena, "vnp_TxnRef=1&vnp_SecureHash=%s", rows[i][0])));
        CHECK_STR(shown(&b, "vnp_SecureHash"), rows[i][1]);
    }
    bench_set(&b, 0, "vnpay", "VNPAY_HASH_SECRET", "abcd");
    CU_ASSERT_FALSE(
        bench_verify(&b, "ipn", "vnp_TxnRef=abcde&vnp_OrderInfo=abcd&vnp_SecureHash=0"));
    CHECK_STR(shown(&b, "vnp_TxnRef"), "abcde");
    CHECK_STR(shown(&b, "vnp_OrderInfo"), "****");
    bench_set(&b, 0, "vnpay", "VNPAY_HASH_SECRET", "abcde");
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", "vnp_TxnRef=xabcdexabcde&vnp_SecureHash=0"));
    CHECK_STR(shown(&b, "vnp_TxnRef"), "x****x****");
    bench_done(&b);
}

TEST(refuses_a_downgrade_to_the_old_rule) {
    struct bench b;
    bench_vnpay(&b);
    const char *sha = sign(&b.arena, DIGEST_SHA256, false, SECRET, OLD_CALL("a b")),
               *md5 = sign(&b.arena, DIGEST_MD5, false, SECRET, OLD_CALL("a b"));
    const char *with_sha = arena_printf(&b.arena, "%s&vnp_SecureHashType=SHA256&vnp_SecureHash=%s",
                                        OLD_CALL("a+b"), sha);
    const char *with_md5 =
        arena_printf(&b.arena, "%s&vnp_SecureHashType=MD5&vnp_SecureHash=%s", OLD_CALL("a+b"), md5);
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", with_sha));
    CHECK_STR(bench_mistake(&b),
              "signed by SHA256 of secret + text, and HMAC-SHA512 is configured");
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", with_md5));
    CHECK_STR(bench_mistake(&b), "signed by MD5 of secret + text, and HMAC-SHA512 is configured");
    bench_set(&b, 0, "vnpay", "GOODGO_VNPAY_HASH_TYPE", "SHA256");
    CU_ASSERT(bench_verify(&b, "ipn", with_sha) && b.r.status == PAY_COMPLETED);
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", with_md5));
    const char *encoded =
        arena_printf(&b.arena, "%s&vnp_SecureHash=%s", OLD_CALL("a+b"),
                     sign(&b.arena, DIGEST_SHA256, false, SECRET, OLD_CALL("a+b")));
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", encoded));
    CU_ASSERT_PTR_NOT_NULL(strstr(bench_mistake(&b), "the rule of version 2.1.0"));
    bench_set(&b, 0, "vnpay", "GOODGO_VNPAY_HASH_TYPE", "MD5");
    CU_ASSERT(bench_verify(&b, "ipn", with_md5));
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", with_sha));
    bench_done(&b);
}

/* Neither the beginning of a right one, nor a right one with more behind it. */
TEST(a_signature_fits_as_a_whole_or_not_at_all) {
    struct bench b;
    bench_vnpay(&b);
    const char *query = call(&b, "00", "00");
    for (int digits = 0; digits < 128; digits += 32)
        CU_ASSERT_FALSE(bench_verify(
            &b, "ipn", arena_printf(&b.arena, "%.*s", (int)strlen(query) - 128 + digits, query)));
    bench_set(&b, 0, "vnpay", "GOODGO_VNPAY_HASH_TYPE", "MD5");
    const char *md5 = arena_printf(&b.arena, "%s&vnp_SecureHash=%s", OLD_CALL("a+b"),
                                   sign(&b.arena, DIGEST_MD5, false, SECRET, OLD_CALL("a b")));
    CU_ASSERT(bench_verify(&b, "ipn", md5));
    for (int digits = 2; digits <= 96; digits += 94)
        CU_ASSERT_FALSE(bench_verify(&b, "ipn", arena_printf(&b.arena, "%s%0*d", md5, digits, 0)));
    bench_done(&b);
}

TEST(takes_a_key_of_the_past_only_for_a_known_time_of_receipt) {
    struct bench b;
    bench_vnpay(&b);
    bench_set(&b, 1, "vnpay", "VNPAY_TMN_CODE", "DEMOSHP1");
    bench_set(&b, 1, "vnpay", "VNPAY_HASH_SECRET", "the key of 2019");
    bench_set(&b, 1, "vnpay", "GOODGO_VNPAY_HASH_TYPE", "MD5");
    b.accounts[1].from_wall_s = 1500000000;
    b.accounts[1].until_wall_s = 1600000000;
    const char *md5 = sign(&b.arena, DIGEST_MD5, false, "the key of 2019", OLD_CALL("a b"));
    const char *query = arena_printf(&b.arena, "%s&vnp_SecureHash=%s", OLD_CALL("a+b"), md5);
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", query));
    CU_ASSERT_PTR_NOT_NULL(strstr(bench_mistake(&b), "history 1"));
    b.received_wall_s = 1600000000;
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", query));
    b.received_wall_s = 1499999999;
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", query));
    b.received_wall_s = 1500000000; /* its first second and its last */
    CU_ASSERT(bench_verify(&b, "ipn", query));
    b.received_wall_s = 1599999999;
    CU_ASSERT(bench_verify(&b, "ipn", query));
    b.received_wall_s = 1562314260;
    CU_ASSERT(bench_verify(&b, "ipn", query));
    CHECK_STR(b.r.trace.account, "history 1");
    CU_ASSERT(bench_verify(&b, "ipn", call(&b, "00", "00"))); /* today's key goes on to count */
    bench_done(&b);
}

/* --- the transaction API --- */

/* An answer of these codes; type "" = without one. */
static const char *answer(struct bench *b, const char *response, const char *type,
                          const char *state) {
    const char *text = arena_printf(&b->arena,
                                    "R1|querydr|%s|ok|DEMOSHP1|ORD-1|10000000|NCB|20261010003005|"
                                    "77|%s|%s|info||",
                                    response, type, state);
    return arena_printf(
        &b->arena,
        "{\"vnp_ResponseId\":\"R1\",\"vnp_Command\":\"querydr\",\"vnp_ResponseCode\":\"%s\","
        "\"vnp_Message\":\"ok\",\"vnp_TmnCode\":\"DEMOSHP1\",\"vnp_TxnRef\":\"ORD-1\",\"vnp_"
        "Amount\":"
        "10000000,\"vnp_BankCode\":\"NCB\",\"vnp_PayDate\":20261010003005,\"vnp_TransactionNo\":"
        "\"77\",\"vnp_TransactionType\":\"%s\",\"vnp_TransactionStatus\":\"%s\",\"vnp_OrderInfo\":"
        "\"info\",\"vnp_SecureHash\":\"%s\"}",
        response, type, state, sign(&b->arena, DIGEST_SHA512, true, SECRET, text));
}

TEST(tells_a_payment_from_its_refund_in_an_answer) {
    static const struct {
        const char *response, *type, *state;
        enum pay_status status;
    } rows[] = {
        {"00", "01", "00", PAY_COMPLETED},   {"00", "01", "01", PAY_PENDING},
        {"00", "01", "02", PAY_FAILED},      {"00", "01", "05", PAY_PROCESSING},
        {"00", "01", "11", PAY_FAILED},      {"00", "02", "00", PAY_REFUNDED},
        {"00", "01", "", PAY_PENDING},       {"00", "02", "", PAY_STATUS_NONE},
        {"91", "01", "", PAY_STATUS_NONE},   {"00", "02", "05", PAY_STATUS_NONE},
        {"00", "03", "00", PAY_STATUS_NONE}, {"00", "", "00", PAY_STATUS_NONE},
        {"94", "01", "00", PAY_STATUS_NONE}, {"91", "01", "02", PAY_STATUS_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_vnpay(&b);
        CU_ASSERT(
            bench_verify(&b, "auto", answer(&b, rows[i].response, rows[i].type, rows[i].state)));
        CHECK_STR(b.r.kind, "querydr_response");
        CU_ASSERT_EQUAL(b.r.status, rows[i].status);
        CU_ASSERT_EQUAL(b.r.is_success, rows[i].status == PAY_COMPLETED);
        CU_ASSERT_EQUAL(b.r.amount_vnd, 100000);
        CU_ASSERT_EQUAL(b.r.note != NULL, rows[i].status == PAY_STATUS_NONE);
        bench_done(&b);
    }
}

TEST(says_whether_an_answer_or_its_row_tells_nothing) {
    struct bench b;
    bench_vnpay(&b);
    CU_ASSERT(bench_verify(&b, "auto", answer(&b, "94", "01", "00")));
    CHECK_STR(b.r.note, "this answer says nothing about the payment");
    CU_ASSERT(bench_verify(&b, "auto", answer(&b, "00", "03", "00")));
    CHECK_STR(b.r.note, "a row of a refund: the payment itself stays as it is");
    bench_done(&b);
}

/* "name=value name=value" with what stands behind `but` emptied: the members of a message, or the
 * values that are signed. */
static const char *members(struct bench *b, const char *list, const char *but, bool json) {
    struct str out;
    str_init(&out, 4096);
    for (const char *s = list; *s; s += strspn(s, " ")) {
        size_t name = strcspn(s, "="), value = strcspn(s + name + 1, " ");
        bool drop = but && strlen(but) == name && !strncmp(s, but, name);
        if (json)
            str_printf(&out, "\"%.*s\":\"%.*s\",", (int)name, s, drop ? 0 : (int)value,
                       s + name + 1);
        else
            str_printf(&out, "%s%.*s", s == list ? "" : "|", drop ? 0 : (int)value, s + name + 1);
        s += name + 1 + value;
    }
    const char *made = arena_strdup(&b->arena, str_get(&out));
    str_done(&out);
    return made;
}

#define REQUEST_HEAD "vnp_RequestId=Q1 vnp_Version=2.1.0 vnp_Command="
#define ANSWER_HEAD  "vnp_ResponseId=R1 vnp_Command="
#define ANSWER_TAIL                                                                                \
    " vnp_ResponseCode=00 vnp_Message=m vnp_TmnCode=DEMOSHP1 vnp_TxnRef=O1 vnp_Amount=100"         \
    " vnp_BankCode=B vnp_PayDate=20261010120000 vnp_TransactionNo=7 vnp_TransactionType=02"        \
    " vnp_TransactionStatus=00 vnp_OrderInfo=i"

static const struct api {
    const char *kind, *fields, *due;
} apis[] = {
    {"querydr_request",
     REQUEST_HEAD "querydr vnp_TmnCode=DEMOSHP1 vnp_TxnRef=O1 vnp_TransactionDate=20261010002900"
                  " vnp_CreateDate=20261010120000 vnp_IpAddr=1 vnp_OrderInfo=i",
     "vnp_RequestId vnp_Version vnp_TxnRef vnp_TransactionDate vnp_CreateDate vnp_IpAddr "
     "vnp_OrderInfo"},
    {"refund_request",
     REQUEST_HEAD "refund vnp_TmnCode=DEMOSHP1 vnp_TransactionType=02 vnp_TxnRef=O1 vnp_Amount=100"
                  " vnp_TransactionNo=7 vnp_TransactionDate=20261010002900 vnp_CreateBy=anna"
                  " vnp_CreateDate=20261010120000 vnp_IpAddr=1 vnp_OrderInfo=i",
     "vnp_RequestId vnp_Version vnp_TransactionType vnp_TxnRef vnp_Amount vnp_TransactionDate "
     "vnp_CreateDate vnp_IpAddr vnp_OrderInfo"},
    {"querydr_response",
     ANSWER_HEAD "querydr" ANSWER_TAIL " vnp_PromotionCode=p vnp_PromotionAmount=1",
     "vnp_ResponseCode vnp_TxnRef"},
    {"refund_response", ANSWER_HEAD "refund" ANSWER_TAIL, "vnp_ResponseCode vnp_TxnRef"},
};

static bool verify_api(struct bench *b, const struct api *api, const char *fields,
                       const char *but) {
    const char *mac = sign(&b->arena, DIGEST_SHA512, true, SECRET, members(b, fields, but, false));
    return bench_verify(b, api->kind,
                        arena_printf(&b->arena, "{%s\"vnp_SecureHash\":\"%s\"}",
                                     members(b, fields, but, true), mac));
}

TEST(misses_each_field_that_the_api_must_have) {
    for (size_t i = 0; i < ARRAY_LEN(apis); i++) {
        struct bench b;
        bench_vnpay(&b);
        CU_ASSERT(verify_api(&b, &apis[i], apis[i].fields, NULL));
        for (const char *s = apis[i].due; *s; s += strcspn(s, " "), s += strspn(s, " ")) {
            const char *name = arena_strndup(&b.arena, s, strcspn(s, " "));
            CU_ASSERT_FALSE(verify_api(&b, &apis[i], apis[i].fields, name));
            CU_ASSERT_EQUAL(b.r.failure, PAY_MISSING_FIELD);
            CHECK_HAS(b.r.reason, name);
        }
        bench_done(&b);
    }
}

TEST(refuses_a_request_that_was_made_at_no_time) {
    struct bench b;
    bench_vnpay(&b);
    const char *fields = arena_strdup(&b.arena, apis[0].fields);
    memcpy(strstr(fields, "vnp_CreateDate=2026"), "vnp_CreateDate=202x", 19);
    CU_ASSERT_FALSE(verify_api(&b, &apis[0], fields, NULL));
    CU_ASSERT_EQUAL(b.r.failure, PAY_BAD_FIELD);
    bench_done(&b);
}

/* Of what is signed over all its fields any may be left out, and the signature fits. */
TEST(misses_each_field_that_a_call_must_have) {
    static const struct {
        const char *kind, *query;
        const char *optional;
    } rows[] = {
        {"ipn",
         "vnp_Amount=100&vnp_BankCode=N&vnp_BankTranNo=1&vnp_OrderInfo=x&vnp_ResponseCode=00"
         "&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=7&vnp_TransactionStatus=00&vnp_TxnRef=1",
         "vnp_BankTranNo vnp_TransactionStatus"},
        {"query_response",
         "vnp_Amount=100&vnp_Message=m&vnp_ResponseCode=00&vnp_TmnCode=DEMOSHP1&vnp_TxnRef=1",
         "vnp_Amount vnp_Message"},
        {"payment_url",
         "vnp_Amount=100&vnp_Command=pay&vnp_CreateDate=20261010002900&vnp_OrderInfo=x"
         "&vnp_TmnCode=DEMOSHP1&vnp_TxnRef=1&vnp_Version=2.1.0",
         ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (const char *s = rows[i].query; *s; s += strcspn(s, "&"), s += *s == '&') {
            struct bench b;
            bench_vnpay(&b);
            const char *name = arena_strndup(&b.arena, s, strcspn(s, "="));
            size_t n = strcspn(s, "&");
            const char *rest = s[n] ? s + n + 1 : s + n;
            const char *query =
                arena_printf(&b.arena, "%.*s%s", (int)(s - rows[i].query), rows[i].query, rest);
            if (!*rest)
                query = arena_strndup(&b.arena, rows[i].query, (size_t)(s - rows[i].query) - 1);
            bool valid = bench_verify(&b, rows[i].kind, vnpay_call(&b, query));
            CU_ASSERT_EQUAL(valid, strstr(rows[i].optional, name) != NULL);
            bench_done(&b);
        }
}

TEST(takes_no_word_from_an_error_answer_without_a_checksum) {
    struct bench b;
    bench_vnpay(&b);
    CU_ASSERT_FALSE(bench_verify(&b, "querydr_response",
                                 "{\"vnp_ResponseId\":\"1\",\"vnp_Command\":\"querydr\","
                                 "\"vnp_ResponseCode\":\"94\",\"vnp_Message\":\"too soon\"}"));
    CU_ASSERT_EQUAL(b.r.failure, PAY_MISSING_SIGNATURE);
    CHECK_HAS(b.r.reason, "says nothing about the payment");
    bench_done(&b);
}

static const char *refund_answer(struct bench *b, const char *response, const char *state) {
    const char *text = arena_printf(
        &b->arena, "R1|refund|%s|ok|DEMOSHP1|ORD-1|10000000|NCB||77|02|%s|info", response, state);
    return arena_printf(
        &b->arena,
        "{\"vnp_ResponseId\":\"R1\",\"vnp_Command\":\"refund\",\"vnp_ResponseCode\":\"%s\","
        "\"vnp_Message\":\"ok\",\"vnp_TmnCode\":\"DEMOSHP1\",\"vnp_TxnRef\":\"ORD-1\","
        "\"vnp_Amount\":\"10000000\",\"vnp_BankCode\":\"NCB\",\"vnp_TransactionNo\":\"77\","
        "\"vnp_TransactionType\":\"02\",\"vnp_TransactionStatus\":\"%s\","
        "\"vnp_OrderInfo\":\"info\",\"vnp_SecureHash\":\"%s\"}",
        response, state, sign(&b->arena, DIGEST_SHA512, true, SECRET, text));
}

TEST(verifies_refunds_sent_and_answered) {
    struct bench b;
    bench_vnpay(&b);
    const char *text = "Q1|2.1.0|refund|DEMOSHP1|02|ORD-1|10000000|77|20261010002900|anna|"
                       "20261010120000|127.0.0.1|info";
    CU_ASSERT(bench_verify(
        &b, "auto",
        arena_printf(
            &b.arena,
            "{\"vnp_RequestId\":\"Q1\",\"vnp_Version\":\"2.1.0\",\"vnp_Command\":\"refund\","
            "\"vnp_TmnCode\":\"DEMOSHP1\",\"vnp_TransactionType\":\"02\",\"vnp_TxnRef\":"
            "\"ORD-1\",\"vnp_Amount\":\"10000000\",\"vnp_TransactionNo\":\"77\","
            "\"vnp_TransactionDate\":\"20261010002900\",\"vnp_CreateBy\":\"anna\","
            "\"vnp_CreateDate\":\"20261010120000\",\"vnp_IpAddr\":\"127.0.0.1\","
            "\"vnp_OrderInfo\":\"info\",\"vnp_SecureHash\":\"%s\"}",
            sign(&b.arena, DIGEST_SHA512, true, SECRET, text))));
    CHECK_STR(b.r.kind, "refund_request");
    CU_ASSERT(bench_verify(&b, "auto", refund_answer(&b, "00", "05")));
    CHECK_STR(b.r.kind, "refund_response");
    CHECK_STR(b.r.order_id, "ORD-1");
    bench_done(&b);
}

/* VNPay takes a refund, and the bank does it days later: only a query tells that it was done. */
TEST(a_refund_that_was_taken_is_not_done) {
    static const struct {
        const char *response, *state, *reason;
    } rows[] = {
        {"00", "05", "vnp_ResponseCode 00: taken; vnp_TransactionStatus 05: refund being pro"},
        {"00", "00", "vnp_ResponseCode 00: taken; "},
        {"94", "05", "vnp_ResponseCode 94: asked for before, and in process"},
        {"95", "02", "vnp_ResponseCode 95: the payment was not successful, so nothing to refund"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_vnpay(&b);
        CU_ASSERT(bench_verify(&b, "auto", refund_answer(&b, rows[i].response, rows[i].state)));
        CU_ASSERT_EQUAL(b.r.status, PAY_STATUS_NONE);
        CHECK_HAS(b.r.reason, rows[i].reason);
        CHECK_HAS(b.r.note, "by a query");
        bench_done(&b);
    }
}

TEST(verifies_the_address_we_send_a_customer_to) {
    struct bench b;
    bench_vnpay(&b);
    const char *query = vnpay_call(
        &b, "vnp_Amount=10000000&vnp_Command=pay&vnp_CreateDate=20261010002900&vnp_CurrCode=VND"
            "&vnp_IpAddr=127.0.0.1&vnp_Locale=vn&vnp_OrderInfo=x&vnp_OrderType=other"
            "&vnp_ReturnUrl=https%3A%2F%2Fgoodgo.vn%2Freturn&vnp_TmnCode=DEMOSHP1&vnp_TxnRef=ORD-1"
            "&vnp_Version=2.1.0");
    CU_ASSERT(bench_verify(&b, "auto",
                           arena_printf(&b.arena, "https://pay.example/vpcpay.html?%s", query)));
    CHECK_STR(b.r.kind, "payment_url");
    CHECK_STR(b.r.order_id, "ORD-1");
    CU_ASSERT(b.r.has_amount && b.r.amount_vnd == 100000);
    CU_ASSERT_EQUAL(b.r.status, PAY_STATUS_NONE);
    bench_done(&b);
}

/* Printed in samples everywhere: anybody can sign with it. */
TEST(refuses_the_published_secret_in_production) {
    struct bench b;
    bench_vnpay(&b);
    bench_set(&b, 0, "vnpay", "VNPAY_HASH_SECRET", "RAOEXHYVSDDIIENYWSLDIIZTANXUXZFJ");
    const char *query = call(&b, "00", "00");
    CU_ASSERT(bench_verify(&b, "ipn", query));
    b.settings.production = true;
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", query));
    CU_ASSERT_EQUAL(b.r.failure, PAY_TEST_KEY);
    bench_set(&b, 0, "vnpay", "VNPAY_HASH_SECRET", SECRET);
    CU_ASSERT(bench_verify(&b, "ipn", call(&b, "00", "00")));
    bench_done(&b);
}

SUITE(pay_vnpay, T(maps_the_codes_of_a_call_to_our_status),
      T(knows_the_words_of_each_code_of_a_call),
      T(says_to_ask_where_the_codes_of_a_call_settle_nothing),
      T(takes_the_response_code_alone_only_from_an_old_version),
      T(says_why_a_call_without_a_status_is_not_paid), T(says_that_a_browser_proves_nothing),
      T(refuses_signed_calls_that_are_not_ours_or_not_whole),
      T(says_what_is_wrong_with_a_signature_and_looks_no_further_unasked),
      T(a_signature_fits_as_a_whole_or_not_at_all), T(notes_which_fields_are_empty),
      T(notes_which_fields_came_in_another_spelling), T(refuses_amounts_that_are_no_whole_dong),
      T(reads_amounts_beyond_32_bits), T(signs_every_vnp_field_and_no_other),
      T(takes_punctuation_as_any_of_the_official_samples_writes_it),
      T(takes_the_text_as_it_was_received), T(lets_no_vnp_member_of_a_stored_call_go_unsigned),
      T(refuses_bytes_that_are_no_text), T(shows_no_part_of_a_secret_that_came_in_as_a_value),
      T(shows_the_beginning_of_a_signature_and_no_secret), T(refuses_a_downgrade_to_the_old_rule),
      T(takes_a_key_of_the_past_only_for_a_known_time_of_receipt),
      T(tells_a_payment_from_its_refund_in_an_answer),
      T(says_whether_an_answer_or_its_row_tells_nothing),
      T(misses_each_field_that_the_api_must_have), T(refuses_a_request_that_was_made_at_no_time),
      T(misses_each_field_that_a_call_must_have),
      T(takes_no_word_from_an_error_answer_without_a_checksum),
      T(verifies_refunds_sent_and_answered), T(a_refund_that_was_taken_is_not_done),
      T(verifies_the_address_we_send_a_customer_to), T(refuses_the_published_secret_in_production))
