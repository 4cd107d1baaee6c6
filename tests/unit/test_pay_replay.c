/* tests/unit/test_pay_replay.c - what may be replayed and what never: the row, its stored callback
 * and the gateway's answer against each other; and the body that the API gets. */
#include "pay_harness.h"

#include "codec/payreplay.h"

#define PAID_AT ((int64_t)1791567005) /* 2026-10-10 00:30:05 in Vietnam */
#define WEEK_S  (7 * 86400)
#define OLD_S   3600 /* VNPay's ten calls are over by then */

static struct bench b;
static struct pay_row row;
static struct pay_verdict v;
static struct pay_replay r;

static const char *call(int amount, const char *code, const char *state) {
    return vnpay_call(&b, arena_printf(&b.arena,
                                       "vnp_Amount=%d00&vnp_BankCode=NCB&vnp_OrderInfo=a+b"
                                       "&vnp_PayDate=20261010003005&vnp_ResponseCode=%s"
                                       "&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=14"
                                       "&vnp_TransactionStatus=%s&vnp_TxnRef=pay1",
                                       amount, code, state));
}

/* The message as it is stored; NULL for none. */
static void store(const char *message) {
    row.callback = message ? arena_printf(&b.arena, "\"%s\"", message) : NULL;
    row.callback_n = message ? strlen(row.callback) : 0;
}

static void start(void) {
    bench_vnpay(&b);
    row = (struct pay_row){.id = "pay1",
                           .provider = "VNPAY",
                           .type = "DEPOSIT",
                           .status_text = "PENDING",
                           .status = PAY_PENDING,
                           .amount_vnd = 100000,
                           .created_wall_ms = (PAID_AT - 120) * 1000,
                           .updated_wall_ms = PAID_AT * 1000};
    row.gateway = pay_provider_stored(row.provider);
    store(NULL);
}

static enum pay_replay_verdict judge(int64_t after_s, const struct pay_answer *answer) {
    pay_classify(&row, &b.settings, PAID_AT + after_s, false, &b.arena, &v);
    pay_replay_judge(&row, &v, answer, PAID_AT + after_s, WEEK_S, &b.arena, &r);
    return r.verdict;
}

static void says(const char *part) {
    if (!strstr(r.why, part)) {
        fprintf(stderr, "\"%s\" lacks \"%s\"\n", r.why, part);
        CU_FAIL("another sentence");
    }
}

static const struct pay_answer paid = {.said = PAY_SAID_FINAL,
                                       .status = PAY_COMPLETED,
                                       .reason = "paid",
                                       .provider_tx_id = "14",
                                       .has_amount = true,
                                       .amount_vnd = 100000};

TEST(what_is_paid_and_agreed_on_is_replayed) {
    start();
    store(call(100000, "00", "00"));
    CU_ASSERT_EQUAL(judge(OLD_S, &paid), PAY_REPLAY_YES);
    CU_ASSERT_EQUAL(r.predicted, PAY_COMPLETED);
    CHECK_STR(r.why, "the callback is authentic, and VNPay agrees: COMPLETED, 100,000 VND: paid");
    CU_ASSERT_EQUAL(judge(OLD_S, NULL), PAY_REPLAY_YES);
    says("was not asked");
    struct pay_answer terse = {.said = PAY_SAID_FINAL, .status = PAY_COMPLETED, .reason = "paid"};
    CU_ASSERT_EQUAL(judge(OLD_S, &terse), PAY_REPLAY_YES); /* it contradicts nothing */
    bench_done(&b);
    start();
    store(call(100000, "24", "02"));
    struct pay_answer failed = {.said = PAY_SAID_FINAL, .status = PAY_FAILED, .reason = "error"};
    CU_ASSERT_EQUAL(judge(OLD_S, &failed), PAY_REPLAY_YES);
    CU_ASSERT_EQUAL(r.predicted, PAY_FAILED);
    CHECK_STR(r.why, "the callback is authentic, and VNPay agrees: FAILED: error");
    failed.has_amount = true; /* of what was not paid no figure matters */
    failed.amount_vnd = failed.refunded_vnd = 1;
    failed.provider_tx_id = "99";
    CU_ASSERT_EQUAL(judge(OLD_S, &failed), PAY_REPLAY_YES);
    bench_done(&b);
}

TEST(whatever_the_row_or_the_message_rule_out_is_refused) {
    start();
    store(call(100000, "00", "00"));
    static const struct {
        enum pay_status status;
        const char *text;
    } final[] = {{PAY_COMPLETED, "COMPLETED"}, {PAY_FAILED, "FAILED"}, {PAY_REFUNDED, "REFUNDED"}};
    for (size_t i = 0; i < ARRAY_LEN(final); i++) {
        row.status = final[i].status;
        row.status_text = final[i].text;
        CU_ASSERT_EQUAL(judge(OLD_S, &paid), PAY_REPLAY_DONE);
        says(final[i].text);
    }
    bench_done(&b);
    static const struct {
        int amount;
        const char *code, *state, *part;
    } rows[] = {
        {99999, "00", "00", "AMOUNT-DIFFERS"},
        {100000, "00", "01", "NOT-FINAL"},
        {100000, "07", "07", "NOT-FINAL"},
        {100000, "99", "09", "NOT-FINAL"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        start();
        store(call(rows[i].amount, rows[i].code, rows[i].state));
        CU_ASSERT_EQUAL(judge(OLD_S, &paid), PAY_REPLAY_NO);
        says(rows[i].part);
        bench_done(&b);
    }
    start();
    store(NULL);
    CU_ASSERT_EQUAL(judge(OLD_S, NULL), PAY_REPLAY_NO);
    says("no callback to replay");
    CU_ASSERT_EQUAL(judge(0, NULL), PAY_REPLAY_NO); /* it waits yet */
    says("no callback to replay");
    bench_done(&b);
    start();
    store("vnp_TxnRef=pay1&vnp_ResponseCode=00&vnp_SecureHash=00");
    CU_ASSERT_EQUAL(judge(OLD_S, &paid), PAY_REPLAY_NO);
    says("BAD_SIGNATURE: ");
    bench_done(&b);
    start();
    store(call(100000, "00", "00"));
    CU_ASSERT_EQUAL(judge(WEEK_S + 1, &paid), PAY_REPLAY_NO);
    says("payments.replay_age_s");
    CU_ASSERT_EQUAL(judge(WEEK_S - 120, &paid), PAY_REPLAY_YES);
    CU_ASSERT_EQUAL(judge(WEEK_S - 119, &paid), PAY_REPLAY_NO);
    row.id = "pay2";
    CU_ASSERT_EQUAL(judge(OLD_S, &paid), PAY_REPLAY_NO);
    says("OTHER-ORDER");
    bench_done(&b);
}

/* Not "BAD-SIGNATURE: BAD_SIGNATURE: ...". */
TEST(a_forged_message_is_refused_by_its_code_alone) {
    start();
    char *forged = arena_strdup(&b.arena, call(100000, "00", "00"));
    memcpy(strstr(forged, "vnp_Amount=1"), "vnp_Amount=2", 12);
    store(forged);
    CU_ASSERT_EQUAL(judge(OLD_S, &paid), PAY_REPLAY_NO);
    CU_ASSERT_PTR_EQUAL(strstr(r.why, "BAD_SIGNATURE: "), r.why);
    bench_done(&b);
}

TEST(a_gateway_that_contradicts_is_believed) {
    struct pay_answer a;
    start();
    store(call(100000, "00", "00"));
    static const struct {
        enum pay_status status;
        const char *part;
    } others[] = {{PAY_FAILED, "VNPay says FAILED"}, {PAY_REFUNDED, "VNPay says REFUNDED"}};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        a = paid;
        a.status = others[i].status;
        CU_ASSERT_EQUAL(judge(OLD_S, &a), PAY_REPLAY_NO);
        says(others[i].part);
    }
    a = paid;
    a.amount_vnd = 1;
    CU_ASSERT_EQUAL(judge(OLD_S, &a), PAY_REPLAY_NO);
    says("has 1 VND of it");
    a = paid;
    a.provider_tx_id = "15";
    CU_ASSERT_EQUAL(judge(OLD_S, &a), PAY_REPLAY_NO);
    says("paid twice");
    a = paid;
    a.refunded_vnd = 5;
    CU_ASSERT_EQUAL(judge(OLD_S, &a), PAY_REPLAY_NO);
    says("refunded 5 VND");
    static const struct {
        enum pay_said said;
        enum pay_replay_verdict verdict;
        const char *part;
    } unsettled[] = {
        {PAY_SAID_OPEN, PAY_REPLAY_NO, "not decided yet"},
        {PAY_SAID_UNKNOWN, PAY_REPLAY_NO, "no such order"},
        {PAY_SAID_INVALID, PAY_REPLAY_NO, "not to be trusted"},
        {PAY_SAID_NOTHING, PAY_REPLAY_FORCED, "tells nothing"},
        {PAY_SAID_REFUSED, PAY_REPLAY_FORCED, "tells nothing"},
    };
    for (size_t i = 0; i < ARRAY_LEN(unsettled); i++) {
        a = (struct pay_answer){.said = unsettled[i].said, .reason = "x"};
        a.status = a.said == PAY_SAID_OPEN ? PAY_PENDING : PAY_STATUS_NONE;
        CU_ASSERT_EQUAL(judge(OLD_S, &a), unsettled[i].verdict);
        says(unsettled[i].part);
    }
    bench_done(&b);
}

TEST(what_heals_by_itself_wants_somebody_to_insist) {
    start();
    store(call(100000, "00", "00"));
    CU_ASSERT_EQUAL(judge(600, &paid), PAY_REPLAY_FORCED);
    says("VNPay calls again (VNPay 3/10 at 00:45)");
    CU_ASSERT_EQUAL(judge(3000, &paid), PAY_REPLAY_YES);
    bench_done(&b);
}

static const char *body(const char *message, struct str *out) {
    static struct err err;
    struct pay_message m = {message, strlen(message)};
    str_clear(out);
    return pay_replay_body(row.gateway, &m, &b.arena, out, &err) ? str_get(out) : err.why;
}

TEST(the_body_is_the_runbooks) {
    static const char zalo[] = "{\"data\":\"{\\\"app_id\\\":1, \\\"x\\\":\\\"\\\\/\\\"}\","
                               "\"mac\":\"0f\",\"type\":1}";
    struct str out;
    str_init(&out, 1 << 16);
    start();
    store("x");
    CHECK_STR(body("?vnp_TxnRef=a%20b&vnp_ResponseCode=00", &out),
              "{\"provider\":\"VNPAY\",\"vnp_TxnRef\":\"a b\",\"vnp_ResponseCode\":\"00\"}");
    CHECK_STR(body("{\"vnp_TxnRef\":1,\"vnp_ResponseCode\":\"00\"}", &out),
              "{\"provider\":\"VNPAY\",\"vnp_TxnRef\":1,\"vnp_ResponseCode\":\"00\"}");
    CHECK_STR(body("{\"vnp_TxnRef\":1,\"vnp_ResponseCode\":\"00\","
                   "\"provider\":\"MOMO\"}",
                   &out),
              "the stored message is no callback that the API takes");
    CHECK_STR(body("hello", &out), "the stored message is no callback that the API takes");
    row.gateway = pay_provider_find("momo"); /* what was signed, and not what was sent */
    CHECK_STR(body("accessKey=A&amount=1&extraData=&ipnUrl=u&orderId=O&orderInfo=i&partnerCode=P"
                   "&redirectUrl=r&requestId=R&requestType=t\nab",
                   &out),
              "the stored message is no callback that the API takes");
    row.gateway = pay_provider_find("zalopay"); /* its text goes as it came, or its mac is lost */
    CHECK_STR(body(zalo, &out),
              "{\"provider\":\"ZALOPAY\",\"data\":\"{\\\"app_id\\\":1, \\\"x\\\":\\\"\\\\/\\\"}\","
              "\"mac\":\"0f\",\"type\":1}");
    str_done(&out);
    str_init(&out, 20);
    CHECK_STR(body(zalo, &out), "the stored message is larger than a callback can be");
    str_done(&out);
    bench_done(&b);
}

SUITE(pay_replay, T(what_is_paid_and_agreed_on_is_replayed),
      T(whatever_the_row_or_the_message_rule_out_is_refused),
      T(a_forged_message_is_refused_by_its_code_alone), T(a_gateway_that_contradicts_is_believed),
      T(what_heals_by_itself_wants_somebody_to_insist), T(the_body_is_the_runbooks))
