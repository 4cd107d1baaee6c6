/* tests/unit/test_pay_explain.c - a signature that does not fit is explained by the mistake that
 * was made, by that one alone, and by none where none was made. */
#include "pay_harness.h"

#define SECRET "Q7N4K2PXV9LM3TZC6WRB8YHD5FJGSA1E"

/* A VNPay call with this order info, as its signed text and as what was received. */
#define TEXT(amount, info)                                                                         \
    "vnp_Amount=" amount "&vnp_BankCode=NCB&vnp_OrderInfo=" info                                   \
    "&vnp_ResponseCode=00&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=1&vnp_TxnRef=O1"
#define PLAIN TEXT("10000000", "a+b")

static void explains(struct bench *b, const char *kind, const char *raw, const char *what) {
    CU_ASSERT_FALSE(bench_verify(b, kind, raw));
    if (!strstr(bench_mistake(b), what) || (!*what && *bench_mistake(b)))
        printf("\n    expected \"%s\"\n    got      \"%s\" (%s)\n", what, bench_mistake(b),
               b->r.reason);
    CU_ASSERT_PTR_NOT_NULL(strstr(bench_mistake(b), what));
    CU_ASSERT(*what || !*bench_mistake(b));
}

/* Signed text, what was received, the key, and the explanation. */
struct row {
    const char *signed_text, *received, *key, *what;
};

static void explains_rows(const struct row *rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        struct bench b;
        bench_vnpay(&b);
        const char *hash = sign(&b.arena, DIGEST_SHA512, true, rows[i].key, rows[i].signed_text);
        explains(&b, "ipn", arena_printf(&b.arena, "%s&vnp_SecureHash=%s", rows[i].received, hash),
                 rows[i].what);
        bench_done(&b);
    }
}

TEST(finds_slips_of_the_key) {
    static const struct row rows[] = {
        {PLAIN, PLAIN, SECRET "\n", "ends with a line break"},
        {PLAIN, PLAIN, SECRET "\r\n", "ends with a line break"},
        {PLAIN, PLAIN, SECRET " ", "ends with a blank"},
        {PLAIN, PLAIN, " " SECRET, "begins with a blank"},
        {PLAIN, PLAIN, "\"" SECRET "\"", "quotes around it"},
        {PLAIN, PLAIN, "'" SECRET "'", "quotes around it"},
        {PLAIN, PLAIN, "q7n4k2pxv9lm3tzc6wrb8yhd5fjgsa1e", "lower case"},
        {PLAIN, PLAIN, "quite another key", ""},
    };
    explains_rows(rows, ARRAY_LEN(rows));
    struct bench b;
    bench_vnpay(&b);
    bench_set(&b, 0, "vnpay", "VNPAY_HASH_SECRET", SECRET " ");
    explains(&b, "ipn",
             arena_printf(&b.arena, PLAIN "&vnp_SecureHash=%s",
                          sign(&b.arena, DIGEST_SHA512, true, SECRET, PLAIN)),
             "look at the env file");
    bench_set(&b, 0, "vnpay", "VNPAY_HASH_SECRET", "a1b2c3Z9");
    explains(&b, "ipn",
             arena_printf(&b.arena, PLAIN "&vnp_SecureHash=%s",
                          sign(&b.arena, DIGEST_SHA512, true, "A1B2C3Z9", PLAIN)),
             "upper case");
    bench_set(&b, 0, "vnpay", "VNPAY_HASH_SECRET", "4a6F686e");
    explains(&b, "ipn",
             arena_printf(&b.arena, PLAIN "&vnp_SecureHash=%s",
                          sign(&b.arena, DIGEST_SHA512, true, "John", PLAIN)),
             "decodes the hexadecimal key to bytes first");
    bench_done(&b);
}

TEST(finds_slips_of_the_text) {
    static const struct row rows[] = {
        {TEXT("10000000", "a%20b"), PLAIN, SECRET, "%20"},
        {TEXT("10000000", "a b"), PLAIN, SECRET, "unencoded"},
        {TEXT("10000000", "a+b") "&vnp_X=", TEXT("10000000", "a+b") "&vnp_X=", SECRET,
         "empty fields"},
        {"vnp_TxnRef=O1&vnp_Amount=10000000&vnp_BankCode=NCB&vnp_OrderInfo=a+b&vnp_ResponseCode=00"
         "&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=1",
         "vnp_TxnRef=O1&vnp_Amount=10000000&vnp_BankCode=NCB&vnp_OrderInfo=a+b&vnp_ResponseCode=00"
         "&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=1",
         SECRET, "does not sort"},
        {"vnp_Amount=10000000&vnp_BankCode=NCB&vnp_OrderInfo=a+b&vnp_ResponseCode=00"
         "&vnp_SecureHashType=HmacSHA512&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=1&vnp_TxnRef=O1",
         PLAIN "&vnp_SecureHashType=HmacSHA512", SECRET, "vnp_SecureHashType"},
        {"utm=1&" PLAIN, "utm=1&" PLAIN, SECRET, "do not begin with vnp_"},
    };
    explains_rows(rows, ARRAY_LEN(rows));
}

TEST(finds_what_was_done_to_a_value) {
    static const struct row rows[] = {
        {PLAIN, TEXT("100000", "a+b"), SECRET, "divided by 100"},
        {PLAIN, TEXT("1000000000", "a+b"), SECRET, "multiplied by 100"},
        {PLAIN, TEXT("10000001", "a+b"), SECRET, ""},
        {TEXT("100000", "a+b"), TEXT("10000001", "a+b"), SECRET, ""},
        {TEXT("12300", "a+b"), TEXT("123", "a+b"), SECRET, "divided by 100"},
        {PLAIN, TEXT("10000000", "a%2Bb"), SECRET, "'+' was not decoded"},
        {TEXT("10000000", "a%2Bb"), PLAIN, SECRET, "decoded to a blank once too often"},
        {TEXT("10000000", "a%2Bb"), TEXT("10000000", "a%252Bb"), SECRET, "encoded twice"},
        {TEXT("10000000", "a+b+"), PLAIN, SECRET, "a blank at the end of a value was trimmed"},
        {TEXT("10000000", "+a+b"), PLAIN, SECRET, "a blank before a value was trimmed"},
        {TEXT("10000000", "a+b%0A"), PLAIN, SECRET, "a line break at the end"},
        {PLAIN, TEXT("10000000", "a+b++"), SECRET, "blanks around a value were added"},
        {TEXT("10000000", "th%3Fnh"), TEXT("10000000", "th%C3%A0nh"), SECRET, "UTF-8"},
        {TEXT("10000000", "ti%3Fn"), TEXT("10000000", "ti%E1%BB%81n"), SECRET, "UTF-8"},
        {TEXT("10000000", "th%C3%A0nh"), TEXT("10000000", "tha%CC%80nh"), SECRET, "NFD"},
        {TEXT("10000000", "tha%CC%80nh"), TEXT("10000000", "th%C3%A0nh"), SECRET, "NFC"},
    };
    explains_rows(rows, ARRAY_LEN(rows));
}

TEST(names_two_mistakes_where_it_takes_two) {
    static const struct row rows[] = {
        {TEXT("10000000", "a%20b"), PLAIN, SECRET "\n",
         "line break; and the signer writes a blank as %20"},
    };
    explains_rows(rows, ARRAY_LEN(rows));
}

/* --- MoMo --- */

static const char *momo(struct bench *b, const char *key, const char *text, const char *message,
                        const char *extra) {
    return arena_printf(
        &b->arena,
        "{\"partnerCode\":\"GOODGO\",\"orderId\":\"O\",\"requestId\":\"R\",\"amount\":50000,"
        "\"orderInfo\":\"a "
        "b\",\"orderType\":\"w\",\"transId\":1,\"resultCode\":0,\"message\":\"%s\","
        "\"payType\":\"qr\",\"responseTime\":1,\"extraData\":%s,\"signature\":\"%s\"}",
        message, extra, sign(&b->arena, DIGEST_SHA256, true, key, text));
}
#define MOMO_TEXT(info, message) MOMO_PAID("50000", info, message)
#define MOMO_PAID(amount, info, message)                                                           \
    "accessKey=accessAccess1&amount=" amount "&extraData=&message=" message                        \
    "&orderId=O&orderInfo=" info "&orderType=w&partnerCode=GOODGO&payType=qr&requestId=R"          \
    "&responseTime=1&resultCode=0&transId=1"

TEST(finds_what_is_done_to_momo_messages) {
    static const struct {
        const char *text, *message, *extra, *key, *what;
    } rows[] = {
        {MOMO_TEXT("a b", "Thành công."), "Successful.", "\"\"", NULL, "translated or replaced"},
        {MOMO_TEXT("a b", "Successful."), "Đã thanh toán", "\"\"", NULL, "translated or replaced"},
        {MOMO_TEXT("a b", "m"), "m", "null", NULL, "stored as null"},
        {"&" MOMO_TEXT("a b", "m"), "m", "\"\"", NULL, "begins its text with '&'"},
        {MOMO_TEXT("a%20b", "m"), "m", "\"\"", NULL, "url-encoded, with %20"},
        {MOMO_TEXT("a+b", "m"), "m", "\"\"", NULL, "'+'"},
        {MOMO_TEXT("a+b", "m%3A"), "m:", "\"\"", NULL, "url-encoded, with '+' for a blank"},
        {MOMO_PAID("500", "a b", "m"), "m", "\"\"", NULL, "multiplied by 100"},
        {MOMO_TEXT("a b", "m"), "m", "\"\"", "accessAccess1",
         "signed with MOMO_ACCESS_KEY, where MOMO_SECRET_KEY is due"},
        {"accessKey=F8BBA842ECF85&amount=50000&extraData=&message=m&orderId=O&orderInfo=a "
         "b&orderType=w"
         "&partnerCode=GOODGO&payType=qr&requestId=R&responseTime=1&resultCode=0&transId=1",
         "m", "\"\"", "K951B6PE1waDMi640xX08PD3vg6EkVlz", "published test key"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_momo(&b);
        const char *key = rows[i].key ? rows[i].key : "secretSecretSecret1";
        explains(&b, "ipn", momo(&b, key, rows[i].text, rows[i].message, rows[i].extra),
                 rows[i].what);
        bench_done(&b);
    }
}

/* --- ZaloPay --- */

TEST(finds_zalopay_data_that_was_written_again) {
    static const char *const sent[] = {
        "{\"app_id\":7701,\"app_trans_id\":\"O\",\"amount\":5,\"x\":\"Ti\\u1ec1n\"}",
        "{\"app_id\": 7701, \"app_trans_id\": \"O\", \"amount\": 5, \"x\": \"Ti\xE1\xBB\x81n\"}",
        "{\"amount\":5,\"app_id\":7701,\"app_trans_id\":\"O\",\"x\":\"Ti\xE1\xBB\x81n\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
        struct bench b;
        bench_zalopay(&b);
        explains(
            &b, "callback",
            arena_printf(&b.arena,
                         "{\"data\":\"{\\\"app_id\\\":7701,\\\"app_trans_id\\\":\\\"O\\\","
                         "\\\"amount\\\":5,\\\"x\\\":\\\"Ti\xE1\xBB\x81n\\\"}\",\"mac\":\"%s\"}",
                         sign(&b.arena, DIGEST_SHA256, true, "keyTwoKeyTwoKeyTwo", sent[i])),
            "parsed and written again");
        bench_done(&b);
    }
}

#define ZALO "7701|O|36|CC|5|0|1"

TEST(names_the_other_key_where_there_is_one) {
    struct bench b;
    bench_zalopay(&b);
    const char *mac = sign(&b.arena, DIGEST_SHA256, true, "keyOneKeyOneKeyOne", ZALO);
    const char *query = arena_printf(
        &b.arena,
        "appid=7701&apptransid=O&pmcid=36&bankcode=CC&amount=5&discountamount=0&status=1"
        "&checksum=%s",
        mac);
    explains(&b, "redirect", query, "signed with ZALOPAY_KEY1, where ZALOPAY_KEY2 is due");
    bench_set(&b, 0, "zalopay", "ZALOPAY_KEY1", NULL);
    explains(&b, "redirect", query, "");
    bench_done(&b);
}

SUITE(pay_explain, T(names_the_other_key_where_there_is_one), T(finds_slips_of_the_key),
      T(finds_slips_of_the_text), T(finds_what_was_done_to_a_value),
      T(names_two_mistakes_where_it_takes_two), T(finds_what_is_done_to_momo_messages),
      T(finds_zalopay_data_that_was_written_again))
