/* Asking the gateways: the questions against published and generated vectors, and what each answer
 * says, by tables; what is no answer never says "not paid". */
#include "pay_harness.h"

#include "codec/payask.h"

#define NOW_MS  INT64_C(1791608400000) /* 2026-10-10 12:00:00 in Vietnam */
#define CREATED INT64_C(1791566940)    /* 2026-10-10 00:29:00 there */

static void ask_vnpay(struct bench *b) {
    bench_vnpay(b);
    bench_set(b, 0, "vnpay", "VNPAY_API_URL", "https://merchant.vnpay.vn/api/transaction");
}
static void ask_momo(struct bench *b) {
    bench_momo(b);
    bench_set(b, 0, "momo", "MOMO_ENDPOINT", "https://payment.momo.vn/v2/gateway/api");
}
static void ask_zalopay(struct bench *b) {
    bench_zalopay(b);
    bench_set(b, 0, "zalopay", "ZALOPAY_ENDPOINT", "https://openapi.zalopay.vn/v2");
}

static struct pay_question question(const struct bench *b, const char *order) {
    return (struct pay_question){.provider = pay_provider_find(b->accounts[0].provider),
                                 .order = order,
                                 .created_wall_s = CREATED,
                                 .now_wall_ms = NOW_MS,
                                 .request_id = "rq1"};
}

static struct pay_answer answer(struct bench *b, const struct pay_question *q, int status,
                                const char *body) {
    struct pay_answer r;
    size_t n = strlen(body);
    char *copy = malloc(n + 1); /* exact size: an overrun is seen */
    if (!copy)
        abort();
    memcpy(copy, body, n);
    pay_ask_read(q, &b->settings, &b->arena, status, copy, n, &r);
    free(copy);
    return r;
}

static struct pay_post made(struct bench *b, const struct pay_question *q) {
    struct pay_post p = {.url = "", .body = ""};
    struct err err;
    if (!pay_ask_make(q, &b->settings, &b->arena, &p, &err)) {
        fprintf(stderr, "%s: %s\n", err.target, err.why);
        CU_FAIL("not made");
    }
    return p;
}

/* --- questions --- */

TEST(vnpay_asks_as_the_vector_does) {
    struct bench b;
    ask_vnpay(&b);
    struct pay_question q = question(&b, "ORD-1001");
    q.request_id = "RQ20261010VNPQ01";
    struct pay_post p = made(&b, &q);
    CHECK_STR(p.url, "https://merchant.vnpay.vn/api/transaction");
    CHECK_STR(p.content_type, "application/json");
    /* The console's own verifier knows this vector (VNP-Q01-REQ), and takes what is made here. */
    CU_ASSERT(bench_verify(&b, "querydr_request", p.body));
    CHECK_STR(b.r.order_id, "ORD-1001");
    CU_ASSERT_PTR_NOT_NULL(strstr(p.body, "\"vnp_TransactionDate\":\"20261010002900\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(p.body, "\"vnp_CreateDate\":\"20261010120000\""));
    const char *base = "RQ20261010VNPQ01|2.1.0|querydr|DEMOSHP1|ORD-1001|20261010002900|"
                       "20261010120000|127.0.0.1|Truy van GD ORD-1001";
    CU_ASSERT_PTR_NOT_NULL(strstr(
        p.body, sign(&b.arena, DIGEST_SHA512, true, bench_get(&b, "VNPAY_HASH_SECRET"), base)));
    bench_done(&b);
}

TEST(momo_asks_with_a_signature_over_four_fields) {
    struct bench b;
    ask_momo(&b);
    struct pay_question q = question(&b, "MM-1");
    struct pay_post p = made(&b, &q);
    const char *base = "accessKey=accessAccess1&orderId=MM-1&partnerCode=GOODGO&requestId=rq1";
    const char *mac = sign(&b.arena, DIGEST_SHA256, true, "secretSecretSecret1", base);
    CHECK_STR(p.url, "https://payment.momo.vn/v2/gateway/api/query");
    CHECK_STR(p.body, arena_printf(&b.arena,
                                   "{\"partnerCode\":\"GOODGO\",\"requestId\":\"rq1\",\"orderId\":"
                                   "\"MM-1\",\"lang\":\"en\",\"signature\":\"%s\"}",
                                   mac));
    q.what = PAY_ASK_REFUND;
    CHECK_STR(made(&b, &q).url, "https://payment.momo.vn/v2/gateway/api/refund/query");
    bench_done(&b);
}

TEST(zalopay_asks_as_the_published_vector_does) {
    struct bench b;
    ask_zalopay(&b);
    bench_set(&b, 0, "zalopay", "ZALOPAY_APP_ID", "2553");
    bench_set(&b, 0, "zalopay", "ZALOPAY_KEY1", "test-key1-khong-phai-khoa-that");
    struct pay_question q = question(&b, "261010_PM-8f3a2c1d");
    struct pay_post p = made(&b, &q);
    CHECK_STR(p.url, "https://openapi.zalopay.vn/v2/query");
    CHECK_STR(p.body,
              "app_id=2553&app_trans_id=261010_PM-8f3a2c1d&"
              "mac=63b28190497c6c5165d2edb8faeb15193252e9704dcf807f1c92ad0515a5f575"); /* P14 */
    q.order = "PM-8f3a2c1d"; /* ours: the day is that of the payment, in Vietnam */
    CHECK_STR(made(&b, &q).body, p.body);
    static const char *const undated[] = {"ORDER1_X", "123456", "1234567", "12345_1"};
    for (size_t i = 0; i < ARRAY_LEN(undated); i++) {
        q.order = undated[i];
        CU_ASSERT_PTR_NOT_NULL(strstr(
            made(&b, &q).body, arena_printf(&b.arena, "&app_trans_id=261010_%s&mac=", undated[i])));
    }
    q.what = PAY_ASK_REFUND;
    q.order = "261010_2553_1";
    p = made(&b, &q);
    const char *mac = sign(&b.arena, DIGEST_SHA256, true, bench_get(&b, "ZALOPAY_KEY1"),
                           "2553|261010_2553_1|1791608400000");
    CHECK_STR(p.body, arena_printf(&b.arena,
                                   "app_id=2553&m_refund_id=261010_2553_1&timestamp=1791608400000&"
                                   "mac=%s",
                                   mac));
    bench_done(&b);
}

static void refuses(struct bench *b, const struct pay_question *q, const char *target,
                    const char *part) {
    struct pay_post p;
    struct err err = {.why = ""};
    CU_ASSERT_FALSE(pay_ask_make(q, &b->settings, &b->arena, &p, &err));
    CHECK_STR(err.target, target);
    if (!strstr(err.why, part)) {
        fprintf(stderr, "\"%s\" lacks \"%s\"\n", err.why, part);
        CU_FAIL("another reason");
    }
}

TEST(refuses_what_must_not_be_sent) {
    struct bench b;
    ask_momo(&b);
    struct pay_question q = question(&b, "a&amount=1");
    refuses(&b, &q, "a&amount=1", "is no order number");
    q.order = "";
    refuses(&b, &q, "", "is no order number");
    q.order = "0123456789012345678901234567890123456789012345678901234567890123";
    refuses(&b, &q, q.order, "longer than MoMo");
    q.order = "MM-1";
    q.request_id = "a b";
    refuses(&b, &q, "a b", "request number");
    q.request_id = "rq1";
    bench_set(&b, 0, "momo", "MOMO_ENDPOINT", "http://payment.momo.vn/v2");
    refuses(&b, &q, "MOMO_ENDPOINT", "no https://");
    bench_set(&b, 0, "momo", "MOMO_ENDPOINT", "http://127.0.0.1:4711/v2");
    (void)made(&b, &q);
    b.settings.production = true;
    refuses(&b, &q, "MOMO_ENDPOINT", "no https://");
    bench_set(&b, 0, "momo", "MOMO_ENDPOINT", "https://test-payment.momo.vn/v2/gateway/api");
    refuses(&b, &q, "MoMo", "is the test gateway");
    bench_set(&b, 0, "momo", "MOMO_ENDPOINT", "https://payment.momo.vn/v2/gateway/api");
    (void)made(&b, &q);
    bench_set(&b, 0, "momo", "MOMO_SECRET_KEY", "K951B6PE1waDMi640xX08PD3vg6EkVlz");
    refuses(&b, &q, "MoMo", "published test credential");
    bench_set(&b, 0, "momo", "MOMO_SECRET_KEY", NULL);
    refuses(&b, &q, "MOMO_SECRET_KEY", "is not set");
    bench_set(&b, 0, "momo", "MOMO_ENDPOINT", NULL);
    refuses(&b, &q, "MOMO_ENDPOINT", "is not set");
    q.provider = pay_provider_find("casso");
    refuses(&b, &q, "casso", "no gateway");
    bench_done(&b);
    ask_vnpay(&b);
    q = question(&b, "ORD-1");
    q.what = PAY_ASK_REFUND;
    refuses(&b, &q, "vnpay", "ask for that");
    q.what = PAY_ASK_PAYMENT;
    bench_set(&b, 0, "vnpay", "GOODGO_VNPAY_HASH_TYPE", "MD5");
    refuses(&b, &q, "GOODGO_VNPAY_VERSION", "2.1.0 only");
    bench_done(&b);
    ask_zalopay(&b);
    q = question(&b, "01234567890123456789012345678901234567890");
    refuses(&b, &q, "261010_01234567890123456789012345678901234567890", "longer than ZaloPay");
    bench_done(&b);
}

/* --- VNPay's answers --- */

static const char *number = "14998877"; /* its transaction */

/* An answer with its true checksum. */
static const char *vnpay_answer(struct bench *b, const char *order, const char *rc,
                                const char *amount, const char *type, const char *state) {
    const char *base =
        arena_printf(&b->arena, "id1|querydr|%s|m|DEMOSHP1|%s|%s|NCB|20261010003005|%s|%s|%s|x||",
                     rc, order, amount, number, type, state);
    return arena_printf(
        &b->arena,
        "{\"vnp_ResponseId\":\"id1\",\"vnp_Command\":\"querydr\",\"vnp_ResponseCode\":\"%s\","
        "\"vnp_Message\":\"m\",\"vnp_TmnCode\":\"DEMOSHP1\",\"vnp_TxnRef\":\"%s\",\"vnp_Amount\":"
        "\"%s\",\"vnp_BankCode\":\"NCB\",\"vnp_PayDate\":\"20261010003005\",\"vnp_TransactionNo\":"
        "\"%s\",\"vnp_TransactionType\":\"%s\",\"vnp_TransactionStatus\":\"%s\","
        "\"vnp_OrderInfo\":\"x\",\"vnp_SecureHash\":\"%s\"}",
        rc, order, amount, number, type, state,
        sign(&b->arena, DIGEST_SHA512, true, bench_get(b, "VNPAY_HASH_SECRET"), base));
}

TEST(vnpay_reads_the_vector) {
    static const char body[] =
        "{\"vnp_ResponseId\":\"5f3c1e0a9b7d4c21\",\"vnp_Command\":\"querydr\",\"vnp_ResponseCode\":"
        "\"00\",\"vnp_Message\":\"QueryDR Success\",\"vnp_TmnCode\":\"DEMOSHP1\",\"vnp_TxnRef\":"
        "\"ORD-1001\",\"vnp_Amount\":\"10000000\",\"vnp_OrderInfo\":\"Truy van GD ORD-1001\","
        "\"vnp_BankCode\":\"NCB\",\"vnp_PayDate\":\"20261010003005\",\"vnp_TransactionNo\":"
        "\"14998877\",\"vnp_TransactionType\":\"01\",\"vnp_TransactionStatus\":\"00\","
        "\"vnp_SecureHash\":\"4b3822ba637362a9715f2105e3f6396991b5385e7ef494f7514a63f9c9ef2061d1c90"
        "fab37d7b45a98791205c85d86bd5c867dda3e6f9cf81ad6fef5e5f4c49d\"}"; /* VNP-Q01 */
    struct bench b;
    ask_vnpay(&b);
    struct pay_question q = question(&b, "ORD-1001");
    struct pay_answer r = answer(&b, &q, 200, body);
    CU_ASSERT_EQUAL(r.said, PAY_SAID_FINAL);
    CU_ASSERT_EQUAL(r.status, PAY_COMPLETED);
    CHECK_STR(r.provider_tx_id, "14998877");
    CHECK_STR(r.code, "00/01/00");
    CU_ASSERT(r.is_signed && r.has_amount && r.amount_vnd == 100000);
    CU_ASSERT(r.has_pay_time && r.pay_time_wall_s == 1791567005);
    /* About another order, or with one digit changed, it says nothing. */
    q.order = "ORD-1002";
    CU_ASSERT_EQUAL(answer(&b, &q, 200, body).said, PAY_SAID_INVALID);
    CU_ASSERT_FALSE(answer(&b, &q, 200, body).retry);
    CHECK_STR(answer(&b, &q, 200, body).reason, "it answers about another order");
    q.order = "ORD-1001";
    char *changed = arena_strdup(&b.arena, body);
    for (size_t i = 0; changed[i]; i++) {
        char was = changed[i];
        if (was < '0' || was > '9' || changed[i - 1] == '_')
            continue;
        changed[i] = was == '9' ? '8' : (char)(was + 1);
        r = answer(&b, &q, 200, changed);
        if (r.said == PAY_SAID_FINAL || r.said == PAY_SAID_OPEN || r.provider_tx_id) {
            fprintf(stderr, "taken although changed at %zu: %s\n", i, changed);
            CU_FAIL("a changed answer was taken");
        }
        changed[i] = was;
    }
    bench_done(&b);
}

TEST(vnpay_keeps_what_says_nothing_apart_from_not_paid) {
    static const struct {
        const char *rc, *type, *state;
        enum pay_said said;
        enum pay_status status;
    } rows[] = {
        {"00", "01", "00", PAY_SAID_FINAL, PAY_COMPLETED},
        {"00", "01", "01", PAY_SAID_OPEN, PAY_PENDING},
        {"00", "01", "02", PAY_SAID_FINAL, PAY_FAILED},
        {"00", "01", "04", PAY_SAID_OPEN, PAY_PROCESSING},
        {"00", "01", "07", PAY_SAID_OPEN, PAY_PROCESSING},
        {"00", "01", "08", PAY_SAID_FINAL, PAY_FAILED},
        {"00", "01", "77", PAY_SAID_NOTHING, PAY_STATUS_NONE},
        {"00", "01", "", PAY_SAID_OPEN, PAY_PENDING},
        {"00", "02", "00", PAY_SAID_FINAL, PAY_REFUNDED},
        {"00", "03", "00", PAY_SAID_NOTHING, PAY_STATUS_NONE},
        {"91", "", "", PAY_SAID_UNKNOWN, PAY_STATUS_NONE},
        {"94", "", "", PAY_SAID_NOTHING, PAY_STATUS_NONE},
        {"97", "", "", PAY_SAID_REFUSED, PAY_STATUS_NONE},
        {"02", "", "", PAY_SAID_REFUSED, PAY_STATUS_NONE},
        {"99", "01", "00", PAY_SAID_NOTHING, PAY_STATUS_NONE},
    };
    struct bench b;
    ask_vnpay(&b);
    struct pay_question q = question(&b, "O1");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pay_answer r =
            answer(&b, &q, 200,
                   vnpay_answer(&b, "O1", rows[i].rc, "5000000", rows[i].type, rows[i].state));
        if (r.said != rows[i].said || r.status != rows[i].status) {
            fprintf(stderr, "%s/%s/%s: %s, %s\n", rows[i].rc, rows[i].type, rows[i].state,
                    pay_said_name(r.said), r.reason);
            CU_FAIL("another reading");
        }
        CU_ASSERT(r.said == PAY_SAID_OPEN || r.said == PAY_SAID_FINAL || !r.has_amount);
        CU_ASSERT_EQUAL(r.refunded_vnd, r.status == PAY_REFUNDED ? 50000 : 0);
        bool later = r.said == PAY_SAID_OPEN || r.said == PAY_SAID_NOTHING;
        CU_ASSERT_EQUAL(r.retry, later);
    }
    /* Errors come without a checksum; nothing else may. */
    struct pay_answer r = answer(&b, &q, 200, "{\"vnp_ResponseCode\":\"94\"}");
    CU_ASSERT(r.said == PAY_SAID_NOTHING && r.retry);
    r = answer(&b, &q, 200, "{\"vnp_ResponseCode\":\"91\",\"vnp_Message\":\"x\"}");
    CU_ASSERT_EQUAL(r.said, PAY_SAID_UNKNOWN);
    r = answer(
        &b, &q, 200,
        "{\"vnp_ResponseCode\":\"00\",\"vnp_TxnRef\":\"O1\",\"vnp_TransactionStatus\":\"00\","
        "\"vnp_TransactionType\":\"01\"}");
    CU_ASSERT_EQUAL(r.said, PAY_SAID_INVALID);
    bench_done(&b);
}

TEST(vnpay_says_what_is_wrong_with_an_answer) {
    struct bench b;
    ask_vnpay(&b);
    struct pay_question q = question(&b, "O1");
    const char *sound = vnpay_answer(&b, "O1", "00", "5000000", "01", "00");
    bench_set(&b, 0, "vnpay", "VNPAY_HASH_SECRET", "another");
    struct pay_answer r = answer(&b, &q, 200, sound);
    CU_ASSERT(r.said == PAY_SAID_INVALID && !r.retry && !r.is_signed);
    CHECK_HAS(r.reason, "BAD_SIGNATURE: ");
    bench_done(&b);
}

TEST(vnpay_knows_the_words_of_each_code) {
    static const char *const codes[] = {"02", "03", "91", "94", "97", "99"};
    struct bench b;
    ask_vnpay(&b);
    struct pay_question q = question(&b, "O1");
    struct pay_answer r = answer(&b, &q, 200, vnpay_answer(&b, "O1", "00", "100", "01", "00"));
    CHECK_STR(r.reason, "vnp_ResponseCode 00: found; vnp_TransactionStatus 00: paid");
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        r = answer(&b, &q, 200, arena_printf(&b.arena, "{\"vnp_ResponseCode\":\"%s\"}", codes[i]));
        CHECK_STR(r.code, codes[i]);
        CU_ASSERT_PTR_NULL(strstr(r.reason, "not a code we know"));
    }
    r = answer(&b, &q, 200, "{\"vnp_ResponseCode\":\"42\"}");
    CHECK_STR(r.reason, "vnp_ResponseCode 42: not a code we know");
    bench_done(&b);
}

TEST(vnpay_tells_a_part_that_was_refunded_apart) {
    struct bench b;
    ask_vnpay(&b);
    struct pay_question q = question(&b, "O1");
    CHECK_HAS(answer(&b, &q, 200, vnpay_answer(&b, "O1", "00", "100", "03", "00")).note,
              "a row of a refund");
    bench_done(&b);
}

/* What of it would be compared with ours is nothing then. */
TEST(vnpay_pays_nothing_without_amount_and_transaction) {
    static const char *const amounts[] = {"", "0"};
    static const struct {
        const char *type, *state;
        enum pay_said said;
    } rows[] = {{"01", "00", PAY_SAID_INVALID},
                {"02", "00", PAY_SAID_INVALID},
                {"01", "01", PAY_SAID_OPEN},
                {"01", "02", PAY_SAID_FINAL}};
    struct bench b;
    ask_vnpay(&b);
    struct pay_question q = question(&b, "O1");
    for (size_t i = 0; i < ARRAY_LEN(amounts) * ARRAY_LEN(rows); i++) {
        size_t r = i / ARRAY_LEN(amounts);
        struct pay_answer a = answer(&b, &q, 200,
                                     vnpay_answer(&b, "O1", "00", amounts[i % ARRAY_LEN(amounts)],
                                                  rows[r].type, rows[r].state));
        CU_ASSERT_EQUAL(a.said, rows[r].said);
        CU_ASSERT(rows[r].said != PAY_SAID_INVALID || !a.status);
    }
    number = "0";
    CU_ASSERT_EQUAL(answer(&b, &q, 200, vnpay_answer(&b, "O1", "00", "5000000", "01", "00")).said,
                    PAY_SAID_INVALID);
    number = "";
    CU_ASSERT_EQUAL(answer(&b, &q, 200, vnpay_answer(&b, "O1", "00", "5000000", "01", "00")).said,
                    PAY_SAID_INVALID);
    number = "14998877";
    bench_done(&b);
}

/* --- MoMo's --- */

static const char *momo_answer(struct bench *b, const char *order, const char *request, int code,
                               const char *more) {
    return arena_printf(&b->arena,
                        "{\"partnerCode\":\"GOODGO\",\"orderId\":\"%s\",\"requestId\":\"%s\","
                        "\"resultCode\":%d,\"message\":\"m\",\"responseTime\":1791600000000%s}",
                        order, request, code, more);
}

TEST(momo_reads_every_kind_of_code) {
    static const struct {
        int code;
        enum pay_said said;
        enum pay_status status;
        bool retry;
    } rows[] = {
        {0, PAY_SAID_FINAL, PAY_COMPLETED, false},
        {1000, PAY_SAID_OPEN, PAY_PENDING, true},
        {7000, PAY_SAID_OPEN, PAY_PROCESSING, true},
        {7002, PAY_SAID_OPEN, PAY_PROCESSING, true},
        {9000, PAY_SAID_OPEN, PAY_PROCESSING, true},
        {1001, PAY_SAID_FINAL, PAY_FAILED, false},
        {1006, PAY_SAID_FINAL, PAY_FAILED, false},
        {4100, PAY_SAID_FINAL, PAY_FAILED, false},
        {10, PAY_SAID_NOTHING, PAY_STATUS_NONE, true},
        {11, PAY_SAID_REFUSED, PAY_STATUS_NONE, false},
        {13, PAY_SAID_REFUSED, PAY_STATUS_NONE, false},
        {14, PAY_SAID_NOTHING, PAY_STATUS_NONE, true},
        {20, PAY_SAID_REFUSED, PAY_STATUS_NONE, false},
        {22, PAY_SAID_REFUSED, PAY_STATUS_NONE, false},
        {23, PAY_SAID_NOTHING, PAY_STATUS_NONE, true},
        {40, PAY_SAID_NOTHING, PAY_STATUS_NONE, true},
        {41, PAY_SAID_NOTHING, PAY_STATUS_NONE, true},
        {42, PAY_SAID_UNKNOWN, PAY_STATUS_NONE, false},
        {43, PAY_SAID_NOTHING, PAY_STATUS_NONE, true},
        {47, PAY_SAID_NOTHING, PAY_STATUS_NONE, true},
        {98, PAY_SAID_NOTHING, PAY_STATUS_NONE, true},
        {99, PAY_SAID_NOTHING, PAY_STATUS_NONE, true},
        {31337, PAY_SAID_NOTHING, PAY_STATUS_NONE, true},
    };
    struct bench b;
    ask_momo(&b);
    struct pay_question q = question(&b, "MM-1");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pay_answer r =
            answer(&b, &q, 200,
                   momo_answer(&b, "MM-1", "rq1", rows[i].code,
                               ",\"amount\":50000,\"transId\":4588,\"refundTrans\":[]"));
        if (r.said != rows[i].said || r.status != rows[i].status || r.retry != rows[i].retry) {
            fprintf(stderr, "%d: %s, %s\n", rows[i].code, pay_said_name(r.said), r.reason);
            CU_FAIL("another reading");
        }
        CU_ASSERT(!r.is_signed);
    }
    bench_done(&b);
}

TEST(momo_takes_only_the_answer_to_its_question) {
    static const char *const unsound[] = {
        "",
        ",\"amount\":50000",
        ",\"amount\":50000,\"transId\":0",
        ",\"amount\":0,\"transId\":7",
        ",\"amount\":5e4,\"transId\":7",
        ",\"amount\":-1,\"transId\":7",
        ",\"amount\":50000,\"transId\":\"7x\"",
        ",\"amount\":50000,\"transId\":7,\"refundTrans\":[{\"amount\":50001,\"resultCode\":0}]",
        ",\"amount\":50000,\"transId\":7,\"refundTrans\":[{\"amount\":\"x\",\"resultCode\":0}]",
        ",\"amount\":50000,\"transId\":7,\"refundTrans\":{\"amount\":1}",
        ",\"amount\":50000,\"transId\":7,\"refundTrans\":[{\"resultCode\":0}]",
        ",\"amount\":50000,\"amount\":50000,\"transId\":7",
    };
    struct bench b;
    ask_momo(&b);
    struct pay_question q = question(&b, "MM-1");
    const char *paid = ",\"amount\":50000,\"transId\":7";
    CU_ASSERT_EQUAL(answer(&b, &q, 200, momo_answer(&b, "MM-2", "rq1", 0, paid)).said,
                    PAY_SAID_INVALID);
    CU_ASSERT_EQUAL(answer(&b, &q, 200, momo_answer(&b, "MM-1", "rq2", 0, paid)).said,
                    PAY_SAID_INVALID);
    CU_ASSERT_FALSE(answer(&b, &q, 200, momo_answer(&b, "MM-1", "rq2", 0, paid)).retry);
    CU_ASSERT_EQUAL(answer(&b, &q, 400, momo_answer(&b, "MM-1", "rq1", 0, paid)).said,
                    PAY_SAID_INVALID);
    static const char *const nameless[] = {
        "{\"resultCode\":0,\"amount\":50000,\"transId\":7,\"orderId\":\"MM-1\",\"requestId\":"
        "\"rq1\"}",
        "{\"resultCode\":0,\"amount\":50000,\"transId\":7,\"partnerCode\":\"GOODGO\",\"requestId\":"
        "\"rq1\"}",
        "{\"resultCode\":0,\"amount\":50000,\"transId\":7,\"partnerCode\":\"GOODGO\",\"orderId\":"
        "\"MM-1\"}"};
    for (size_t i = 0; i < ARRAY_LEN(nameless); i++)
        CU_ASSERT_EQUAL(answer(&b, &q, 200, nameless[i]).said, PAY_SAID_INVALID);
    static const char *const unrefunded[] = {"", ",\"refundTrans\":null", ",\"refundTrans\":[]"};
    for (size_t i = 0; i < ARRAY_LEN(unrefunded); i++) {
        const char *rest = arena_printf(&b.arena, "%s%s", paid, unrefunded[i]);
        struct pay_answer r = answer(&b, &q, 200, momo_answer(&b, "MM-1", "rq1", 0, rest));
        CU_ASSERT(r.said == PAY_SAID_FINAL && r.status == PAY_COMPLETED && !r.refunded_vnd);
        CU_ASSERT(r.has_amount && r.amount_vnd == 50000 && !r.note);
        CHECK_STR(r.code, "0");
    }
    CU_ASSERT_EQUAL(answer(&b, &q, 422, momo_answer(&b, "MM-1", "rq1", 7000, "")).said,
                    PAY_SAID_OPEN);
    for (size_t i = 0; i < ARRAY_LEN(unsound); i++) {
        struct pay_answer r = answer(&b, &q, 200, momo_answer(&b, "MM-1", "rq1", 0, unsound[i]));
        if (r.said != PAY_SAID_INVALID || r.status || r.has_amount || r.provider_tx_id || r.retry) {
            fprintf(stderr, "%s: %s\n", unsound[i], pay_said_name(r.said));
            CU_FAIL("taken although it is not sound");
        }
    }
    struct pay_answer r =
        answer(&b, &q, 200,
               momo_answer(&b, "MM-1", "rq1", 0,
                           ",\"amount\":50000,\"transId\":7,\"refundTrans\":[{\"amount\":20000,"
                           "\"resultCode\":0},{\"amount\":9000,\"resultCode\":1080}]"));
    CU_ASSERT(r.status == PAY_COMPLETED && r.refunded_vnd == 20000 && r.note != NULL);
    r = answer(&b, &q, 200,
               momo_answer(&b, "MM-1", "rq1", 0,
                           ",\"amount\":50000,\"transId\":7,\"refundTrans\":[{\"amount\":20000,"
                           "\"resultCode\":0},{\"amount\":30000,\"resultCode\":0}]"));
    CU_ASSERT(r.status == PAY_REFUNDED && r.said == PAY_SAID_FINAL && r.refunded_vnd == 50000);
    CHECK_STR(r.provider_tx_id, "7");
    r = answer(&b, &q, 202, /* it settles, and does not say that it was taken */
               momo_answer(&b, "MM-1", "rq1", 0,
                           ",\"amount\":50000,\"transId\":7,\"refundTrans\":[{\"amount\":50000,"
                           "\"resultCode\":0}]"));
    CU_ASSERT(r.said == PAY_SAID_INVALID && !r.refunded_vnd && !r.has_amount && r.retry);
    q.what = PAY_ASK_REFUND;
    r = answer(&b, &q, 200, momo_answer(&b, "MM-1", "rq1", 0, ",\"amount\":20000,\"transId\":8"));
    CU_ASSERT(r.status == PAY_REFUNDED && r.refunded_vnd == 20000 && r.has_amount);
    r = answer(&b, &q, 200, momo_answer(&b, "MM-1", "rq1", 0, ""));
    CU_ASSERT(r.said == PAY_SAID_INVALID && r.status == PAY_STATUS_NONE && !r.retry);
    r = answer(&b, &q, 200, momo_answer(&b, "MM-1", "rq1", 1001, ""));
    CU_ASSERT(r.status == PAY_FAILED && r.note != NULL);
    bench_done(&b);
}

TEST(momo_the_smallest_amount_is_one) {
    struct bench b;
    ask_momo(&b);
    struct pay_question q = question(&b, "MM-1");
    const char *body = momo_answer(&b, "MM-1", "rq1", 0, ",\"amount\":1,\"transId\":1");
    CU_ASSERT_EQUAL(answer(&b, &q, 200, body).status, PAY_COMPLETED);
    q.what = PAY_ASK_REFUND;
    CU_ASSERT_EQUAL(answer(&b, &q, 200, body).status, PAY_REFUNDED);
    bench_done(&b);
}

TEST(momo_says_nothing_without_a_code) {
    struct bench b;
    ask_momo(&b);
    struct pay_question q = question(&b, "MM-1");
    static const char *const codes[] = {"", ",\"resultCode\":\"x\"", ",\"resultCode\":null",
                                        ",\"resultCode\":1000000"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct pay_answer r =
            answer(&b, &q, 200,
                   arena_printf(&b.arena,
                                "{\"partnerCode\":\"GOODGO\",\"orderId\":\"MM-1\","
                                "\"requestId\":\"rq1\",\"amount\":1,\"transId\":1%s}",
                                codes[i]));
        CU_ASSERT(r.said == PAY_SAID_INVALID && !r.retry);
    }
    bench_done(&b);
}

TEST(momo_a_refund_that_was_refused_is_told_as_failed) {
    static const struct {
        int code;
        enum pay_said of_refund, of_payment;
    } rows[] = {{1081, PAY_SAID_FINAL, PAY_SAID_NOTHING},
                {1088, PAY_SAID_FINAL, PAY_SAID_NOTHING},
                {1080, PAY_SAID_NOTHING, PAY_SAID_NOTHING}, /* to be tried again: not decided */
                {7002, PAY_SAID_OPEN, PAY_SAID_OPEN}};
    struct bench b;
    ask_momo(&b);
    struct pay_question q = question(&b, "MM-1");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *body = momo_answer(&b, "MM-1", "rq1", rows[i].code, "");
        q.what = PAY_ASK_REFUND;
        struct pay_answer r = answer(&b, &q, 200, body);
        CU_ASSERT_EQUAL(r.said, rows[i].of_refund);
        CU_ASSERT_EQUAL(r.status == PAY_FAILED && r.note, rows[i].of_refund == PAY_SAID_FINAL);
        CU_ASSERT_EQUAL(r.note != NULL, rows[i].of_refund == PAY_SAID_FINAL);
        CU_ASSERT_EQUAL(r.retry, rows[i].of_refund != PAY_SAID_FINAL);
        q.what = PAY_ASK_PAYMENT;
        CU_ASSERT_EQUAL(answer(&b, &q, 200, body).said, rows[i].of_payment);
    }
    bench_done(&b);
}

/* --- ZaloPay's --- */

TEST(zalopay_reads_every_kind_of_code) {
    static const struct {
        const char *body;
        enum pay_said said;
        enum pay_status status;
    } rows[] = {
        {"{\"return_code\":1,\"amount\":50000,\"zp_trans_id\":261010000000101}", PAY_SAID_FINAL,
         PAY_COMPLETED},
        {"{\"return_code\":1,\"amount\":50000,\"zp_trans_id\":0}", PAY_SAID_INVALID, 0},
        {"{\"return_code\":1,\"zp_trans_id\":1}", PAY_SAID_INVALID, 0},
        {"{\"return_code\":3,\"is_processing\":true}", PAY_SAID_OPEN, PAY_PROCESSING},
        {"{\"return_code\":3,\"is_processing\":false}", PAY_SAID_OPEN, PAY_PENDING},
        {"{\"return_code\":3}", PAY_SAID_OPEN, PAY_PENDING},
        {"{\"return_code\":2,\"sub_return_code\":-54}", PAY_SAID_FINAL, PAY_FAILED},
        {"{\"return_code\":2,\"sub_return_code\":-217}", PAY_SAID_FINAL, PAY_FAILED},
        {"{\"return_code\":2,\"sub_return_code\":-63}", PAY_SAID_FINAL, PAY_FAILED},
        {"{\"return_code\":2,\"sub_return_code\":-332}", PAY_SAID_FINAL, PAY_FAILED},
        {"{\"return_code\":2,\"sub_return_code\":-333}", PAY_SAID_FINAL, PAY_FAILED},
        {"{\"return_code\":2,\"sub_return_code\":-92}", PAY_SAID_REFUSED, 0},
        {"{\"return_code\":2,\"sub_return_code\":-1331}", PAY_SAID_FINAL, PAY_FAILED},
        {"{\"return_code\":2,\"sub_return_code\":-101}", PAY_SAID_UNKNOWN, 0},
        {"{\"return_code\":2,\"sub_return_code\":-402}", PAY_SAID_REFUSED, 0},
        {"{\"return_code\":2,\"sub_return_code\":-401}", PAY_SAID_REFUSED, 0},
        {"{\"return_code\":2,\"sub_return_code\":-429}", PAY_SAID_NOTHING, 0},
        {"{\"return_code\":2,\"sub_return_code\":-500}", PAY_SAID_NOTHING, 0},
        {"{\"return_code\":2,\"sub_return_code\":-999}", PAY_SAID_NOTHING, 0},
        {"{\"return_code\":2}", PAY_SAID_INVALID, 0},
        {"{\"return_code\":7}", PAY_SAID_INVALID, 0},
        {"{}", PAY_SAID_INVALID, 0},
    };
    struct bench b;
    ask_zalopay(&b);
    struct pay_question q = question(&b, "O1");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pay_answer r = answer(&b, &q, 200, rows[i].body);
        if (r.said != rows[i].said || r.status != rows[i].status) {
            fprintf(stderr, "%s: %s, %s\n", rows[i].body, pay_said_name(r.said), r.reason);
            CU_FAIL("another reading");
        }
        CU_ASSERT_EQUAL(r.retry, r.said == PAY_SAID_OPEN || r.said == PAY_SAID_NOTHING);
    }
    struct pay_answer r =
        answer(&b, &q, 200,
               "{\"return_code\":1,\"amount\":1,\"zp_trans_id\":1,\"server_time\":1791600060999}");
    CU_ASSERT(r.has_amount && r.amount_vnd == 1 && r.has_pay_time);
    CHECK_STR(r.provider_tx_id, "1"); /* what the callback says is held against it */
    CHECK_HAS(r.note, "ask for it by its number");
    CU_ASSERT_EQUAL(r.pay_time_wall_s, 1791600060);
    CHECK_STR(r.code, "1");
    r = answer(&b, &q, 200, "{\"return_code\":2,\"sub_return_code\":-54}");
    CHECK_STR(r.code, "2/-54");
    CHECK_STR(r.reason, "the time to pay ran out");
    q.what = PAY_ASK_REFUND;
    CU_ASSERT_EQUAL(answer(&b, &q, 200, "{\"return_code\":1}").status, PAY_REFUNDED);
    CU_ASSERT_EQUAL(answer(&b, &q, 200, "{\"return_code\":3}").status, PAY_PROCESSING);
    bench_done(&b);
}

TEST(zalopay_a_refund_that_failed_says_nothing_of_the_payment) {
    struct bench b;
    ask_zalopay(&b);
    struct pay_question q = question(&b, "O1");
    q.what = PAY_ASK_REFUND;
    struct pay_answer r = answer(&b, &q, 200, "{\"return_code\":2,\"sub_return_code\":-14}");
    CU_ASSERT(r.said == PAY_SAID_FINAL && r.status == PAY_FAILED);
    CHECK_STR(r.reason, "more than may be refunded");
    CHECK_STR(r.note, "the refund failed: the payment stays as it is");
    r = answer(&b, &q, 200, "{\"return_code\":2,\"sub_return_code\":-13}");
    CU_ASSERT(r.said == PAY_SAID_FINAL && r.status == PAY_FAILED);
    CHECK_STR(r.reason, "the time to refund is over");
    r = answer(&b, &q, 200, "{\"return_code\":2,\"sub_return_code\":-32}");
    CU_ASSERT(r.said == PAY_SAID_FINAL && r.status == PAY_FAILED);
    CHECK_STR(r.reason, "this payment cannot be refunded");
    r = answer(&b, &q, 200, "{\"return_code\":2,\"sub_return_code\":-54}");
    CHECK_STR(r.reason, "return_code 2: the refund failed");
    r = answer(&b, &q, 200, "{\"return_code\":2,\"sub_return_code\":-101}");
    CU_ASSERT(r.said == PAY_SAID_UNKNOWN && !r.note);
    q.what = PAY_ASK_PAYMENT;
    r = answer(&b, &q, 200, "{\"return_code\":2,\"sub_return_code\":-14}");
    CU_ASSERT(r.status == PAY_FAILED && !r.note);
    bench_done(&b);
}

TEST(zalopay_says_where_a_refund_is_stuck) {
    static const struct {
        const char *body;
        bool stuck;
    } rows[] = {{"{\"return_code\":3,\"sub_return_code\":-1}", true},
                {"{\"return_code\":3,\"sub_return_code\":-2}", false},
                {"{\"return_code\":3}", false}};
    struct bench b;
    ask_zalopay(&b);
    struct pay_question q = question(&b, "R1");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        q.what = PAY_ASK_REFUND;
        struct pay_answer r = answer(&b, &q, 200, rows[i].body);
        CU_ASSERT(r.said == PAY_SAID_OPEN && r.status == PAY_PROCESSING);
        CU_ASSERT_EQUAL(r.note != NULL, rows[i].stuck);
        q.what = PAY_ASK_PAYMENT;
        CU_ASSERT_PTR_NULL(answer(&b, &q, 200, rows[i].body).note);
    }
    bench_done(&b);
}

/* --- any --- */

TEST(what_is_no_answer_says_nothing) {
    static const struct {
        int status;
        const char *body;
        enum pay_said said;
    } rows[] = {
        {200, "", PAY_SAID_INVALID},
        {200, "<html>", PAY_SAID_INVALID},
        {200, "[]", PAY_SAID_INVALID},
        {200, "{\"return_code\":1", PAY_SAID_INVALID},
        {503, "{\"return_code\":2,\"sub_return_code\":-54}", PAY_SAID_NOTHING},
        {429, "{\"return_code\":1}", PAY_SAID_NOTHING},
        {404, "nothing here", PAY_SAID_NOTHING},
        {302, "", PAY_SAID_NOTHING},
        {200, "{\"return_code\":3,\"return_code\":1}", PAY_SAID_INVALID},
    };
    struct bench b;
    ask_zalopay(&b);
    struct pay_question q = question(&b, "O1");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pay_answer r = answer(&b, &q, rows[i].status, rows[i].body);
        if (r.said != rows[i].said || r.status) {
            fprintf(stderr, "HTTP %d %s: %s\n", rows[i].status, rows[i].body,
                    pay_said_name(r.said));
            CU_FAIL("another reading");
        }
    }
    CU_ASSERT_FALSE(answer(&b, &q, 200, rows[ARRAY_LEN(rows) - 1].body).retry);
    CHECK_STR(answer(&b, &q, 500, rows[4].body).reason, "HTTP 500");
    CU_ASSERT_FALSE(answer(&b, &q, 404, "nothing here").retry); /* no waiting mends an address */
    CU_ASSERT(answer(&b, &q, 302, "").retry && answer(&b, &q, 503, "").retry);
    char *large = arena_alloc(&b.arena, PAY_ANSWER_MAX + 2);
    memset(large, ' ', PAY_ANSWER_MAX + 1);
    CU_ASSERT_EQUAL(answer(&b, &q, 200, large).said, PAY_SAID_INVALID);
    CHECK_STR(answer(&b, &q, 200, large).reason, "HTTP 200 with more than an answer can be");
    CHECK_STR(answer(&b, &q, 200, "[]").reason, "HTTP 200 with something that is no JSON object");
    CHECK_STR(answer(&b, &q, 302, "").reason, "HTTP 302 with nothing in it");
    struct pay_answer r = answer(&b, &q, 201, /* whatever it says of money */
                                 "{\"return_code\":1,\"amount\":50000,\"zp_trans_id\":77}");
    CU_ASSERT(r.said == PAY_SAID_INVALID && !r.provider_tx_id && !r.has_amount);
    bench_done(&b);
}

TEST(an_answer_may_be_as_long_as_it_can_be) {
    struct bench b;
    ask_zalopay(&b);
    struct pay_question q = question(&b, "O1");
    char *body = arena_alloc(&b.arena, PAY_ANSWER_MAX + 1);
    memset(body, ' ', PAY_ANSWER_MAX);
    body[PAY_ANSWER_MAX] = 0;
    memcpy(body, "{\"return_code\":3}", strlen("{\"return_code\":3}"));
    CU_ASSERT_EQUAL(answer(&b, &q, 200, body).said, PAY_SAID_OPEN);
    memset(body, ' ', PAY_ANSWER_MAX);
    CHECK_HAS(answer(&b, &q, 200, body).reason, "no JSON object");
    bench_done(&b);
}

TEST(zalopay_takes_orders_of_forty_characters) {
    struct bench b;
    ask_zalopay(&b);
    struct pay_question q = question(&b, "261010_0123456789012345678901234567890_2");
    CU_ASSERT_EQUAL(strlen(q.order), 40);
    (void)made(&b, &q);
    q.order = "261010_0123456789012345678901234567890_23";
    refuses(&b, &q, q.order, "longer than ZaloPay");
    q.what = PAY_ASK_REFUND; /* these have 45 */
    q.order = "261010_0123456789012345678901234567890_234567";
    CU_ASSERT_EQUAL(strlen(q.order), 45);
    (void)made(&b, &q);
    q.order = "261010_0123456789012345678901234567890_2345678";
    refuses(&b, &q, q.order, "longer than ZaloPay");
    bench_done(&b);
}

TEST(takes_the_longest_numbers_that_there_are) {
    struct bench b;
    ask_vnpay(&b);
    char order[PAY_ORDER_MAX + 2], request[34];
    memset(order, 'z', sizeof order);
    memcpy(order, "09AZa", 5);
    memset(request, '7', sizeof request);
    order[PAY_ORDER_MAX] = request[32] = 0;
    struct pay_question q = question(&b, order);
    q.request_id = request;
    (void)made(&b, &q);
    request[32] = '7';
    request[33] = 0;
    refuses(&b, &q, request, "is no request number");
    request[32] = 0;
    order[PAY_ORDER_MAX] = 'z';
    order[PAY_ORDER_MAX + 1] = 0;
    struct pay_post p;
    struct err err;
    CU_ASSERT_FALSE(pay_ask_make(&q, &b.settings, &b.arena, &p, &err));
    bench_done(&b);
}

TEST(asks_only_with_all_that_it_signs_with) {
    static void (*const open[])(struct bench *) = {ask_vnpay, ask_momo, ask_zalopay};
    for (size_t i = 0; i < ARRAY_LEN(open); i++) {
        struct bench b;
        open[i](&b);
        struct pay_question q = question(&b, "O1");
        for (uint32_t k = 0; k < q.provider->n_settings; k++) {
            const struct pay_setting *s = &q.provider->settings[k];
            const char *was = b.accounts[0].values[k];
            if (s->role != PAY_ID && s->role != PAY_SECRET)
                continue;
            b.accounts[0].values[k] = NULL;
            refuses(&b, &q, s->env_name, "cannot be asked without it");
            b.accounts[0].values[k] = was;
        }
        (void)made(&b, &q);
        bench_done(&b);
    }
}

TEST(a_code_is_clean_and_no_secret) {
    struct bench b;
    ask_vnpay(&b);
    struct pay_question q = question(&b, "O1");
    struct pay_answer r = answer(&b, &q, 200, "{\"vnp_ResponseCode\":\"9\\u001b[2J\"}");
    CU_ASSERT_PTR_NULL(strchr(r.code, '\033'));
    r = answer(&b, &q, 200,
               arena_printf(&b.arena, "{\"vnp_ResponseCode\":\"%s\"}",
                            bench_get(&b, "VNPAY_HASH_SECRET")));
    CHECK_STR(r.code, "****");
    bench_done(&b);
}

TEST(reads_nothing_without_credentials) {
    struct bench b = {.explain = false};
    bench_set(&b, 0, "vnpay", "VNPAY_API_URL", "https://merchant.vnpay.vn/api/transaction");
    struct pay_question q = question(&b, "O1");
    struct pay_answer r = answer(
        &b, &q, 200,
        "{\"vnp_ResponseId\":\"1\",\"vnp_Command\":\"querydr\",\"vnp_ResponseCode\":\"00\"}");
    CU_ASSERT(r.said == PAY_SAID_NOTHING && !r.retry);
    CU_ASSERT_PTR_NOT_NULL(strstr(r.reason, "is not set"));
    b.settings.n_pay_accounts = 0; /* none of that provider at all */
    CU_ASSERT_EQUAL(answer(&b, &q, 200, "{\"vnp_ResponseCode\":\"91\"}").said, PAY_SAID_NOTHING);
    struct pay_post p;
    struct err err;
    CU_ASSERT_FALSE(pay_ask_make(&q, &b.settings, &b.arena, &p, &err));
    CHECK_STR(err.target, "VNPAY_API_URL");
    bench_done(&b);
}

TEST(reports_show_no_key) {
    struct bench b;
    struct str out;
    ask_zalopay(&b);
    struct pay_question q = question(&b, "O1");
    struct pay_answer r =
        answer(&b, &q, 200,
               "{\"return_code\":1,\"amount\":50000,\"zp_trans_id\":77,\"server_time\":"
               "1791600060000,\"return_message\":\"keyOneKeyOneKeyOne\"}");
    r.refunded_vnd = 1;
    str_init(&out, 1 << 16);
    pay_answer_json(&q, &r, &out);
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "\"schema\": \"goodgo.payments.ask/1\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "\"payTimeUtc\": \"2026-10-10T02:41:00Z\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "\"amountVnd\": 50000"));
    struct err err;
    struct json *whole = json_parse(str_get(&out), out.len, out.len, &err);
    CU_ASSERT_PTR_NOT_NULL(whole);
    json_free(whole);
    pay_answer_text(&q, &r, &out);
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "ZaloPay says COMPLETED"));
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "TLS alone"));
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "amount        50,000 VND\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(
        str_get(&out), "paid at       2026-10-10T02:41:00Z (2026-10-10 09:41:00 in Vietnam)\n"));
    CU_ASSERT_PTR_NULL(strstr(str_get(&out), "keyOne"));
    str_clear(&out);
    r = answer(&b, &q, 200, "{}");
    pay_answer_json(&q, &r, &out);
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "\"status\": null"));
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "\"amountVnd\": null"));
    str_clear(&out);
    r = answer(&b, &q, 503, "");
    pay_answer_text(&q, &r, &out);
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "ZaloPay says nothing of it"));
    CU_ASSERT_PTR_NULL(strstr(str_get(&out), "proved by")); /* where nothing was said */
    str_done(&out);
    bench_done(&b);
}

/* A refund's number looks like an order, and its failure like that of a payment. */
TEST(an_answer_about_a_refund_says_so) {
    struct bench b;
    struct str out;
    ask_zalopay(&b);
    struct pay_question q = question(&b, "R1");
    str_init(&out, 4096);
    q.what = PAY_ASK_REFUND;
    struct pay_answer r = answer(&b, &q, 200, "{\"return_code\":2,\"sub_return_code\":-14}");
    pay_answer_text(&q, &r, &out);
    CHECK_HAS(str_get(&out), "ZaloPay says FAILED of this refund\nrefund        R1\n");
    str_clear(&out);
    r = answer(&b, &q, 200, "{\"return_code\":2,\"sub_return_code\":-101}");
    pay_answer_text(&q, &r, &out);
    CHECK_HAS(str_get(&out), "ZaloPay has no such refund\n");
    str_clear(&out);
    q.what = PAY_ASK_PAYMENT;
    r = answer(&b, &q, 200, "{\"return_code\":2,\"sub_return_code\":-101}");
    pay_answer_text(&q, &r, &out);
    CHECK_HAS(str_get(&out), "ZaloPay has no such order\norder         R1\n");
    str_done(&out);
    bench_done(&b);
}

/* A failed one has a time as well, and nothing was paid then. */
TEST(only_what_is_paid_was_paid_at_a_time) {
    struct bench b;
    struct str out;
    ask_vnpay(&b);
    struct pay_question q = question(&b, "O1");
    str_init(&out, 4096);
    struct pay_answer r = answer(&b, &q, 200, vnpay_answer(&b, "O1", "00", "5000000", "01", "02"));
    pay_answer_text(&q, &r, &out);
    CHECK_HAS(str_get(&out), "\nits time      2026-10-09T17:30:05Z");
    CU_ASSERT_PTR_NULL(strstr(str_get(&out), "paid at"));
    str_done(&out);
    bench_done(&b);
}

SUITE(pay_ask, T(vnpay_asks_as_the_vector_does), T(momo_asks_with_a_signature_over_four_fields),
      T(zalopay_asks_as_the_published_vector_does), T(refuses_what_must_not_be_sent),
      T(vnpay_reads_the_vector), T(vnpay_keeps_what_says_nothing_apart_from_not_paid),
      T(vnpay_says_what_is_wrong_with_an_answer), T(vnpay_knows_the_words_of_each_code),
      T(vnpay_tells_a_part_that_was_refunded_apart),
      T(vnpay_pays_nothing_without_amount_and_transaction), T(momo_reads_every_kind_of_code),
      T(momo_takes_only_the_answer_to_its_question), T(momo_the_smallest_amount_is_one),
      T(momo_says_nothing_without_a_code), T(momo_a_refund_that_was_refused_is_told_as_failed),
      T(zalopay_reads_every_kind_of_code),
      T(zalopay_a_refund_that_failed_says_nothing_of_the_payment),
      T(zalopay_says_where_a_refund_is_stuck), T(what_is_no_answer_says_nothing),
      T(an_answer_may_be_as_long_as_it_can_be), T(zalopay_takes_orders_of_forty_characters),
      T(takes_the_longest_numbers_that_there_are), T(asks_only_with_all_that_it_signs_with),
      T(a_code_is_clean_and_no_secret), T(reads_nothing_without_credentials),
      T(reports_show_no_key), T(an_answer_about_a_refund_says_so),
      T(only_what_is_paid_was_paid_at_a_time))
