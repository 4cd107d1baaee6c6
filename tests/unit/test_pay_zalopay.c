/* tests/unit/test_pay_zalopay.c - ZaloPay and Casso: the exact text that is signed, the right one
 * of two keys, and what is authentic but not ours or not whole. */
#include "pay_harness.h"

#define KEY1 "keyOneKeyOneKeyOne"
#define KEY2 "keyTwoKeyTwoKeyTwo"

#define ORDER                                                                                      \
    "{\"app_id\":7701,\"app_trans_id\":\"261010_O1\",\"amount\":50000,\"zp_trans_id\":"            \
    "261010000000101,\"server_time\":1791600060000}"

/* `data` as the text of a callback, signed with `key`. */
static const char *callback(struct bench *b, const char *data, const char *key) {
    struct str out;
    struct jsontext text = {.type = JSONTEXT_STRING, .text = data};
    str_init(&out, 1 << 16);
    str_puts(&out, "{\"data\":");
    jsontext_write(&text, 0, &out);
    str_printf(&out, ",\"mac\":\"%s\",\"type\":1}",
               sign(&b->arena, DIGEST_SHA256, true, key, data));
    const char *s = arena_strdup(&b->arena, str_get(&out));
    str_done(&out);
    return s;
}

static bool order(struct bench *b, const char *data) {
    return bench_verify(b, "callback", callback(b, data, KEY2));
}

TEST(signs_the_exact_text_of_data) {
    static const char *const same[] = {
        ORDER,
        "{ \"app_id\" : 7701,\"app_trans_id\":\"261010_O1\",\"amount\":\"50000\",\"zp_trans_id\":"
        "\"261010000000101\",\"server_time\":1791600060000 }\n",
        "{\"app_id\":\"7701\",\"app_trans_id\":\"261010\\u005fO1\",\"amount\":50000,"
        "\"zp_trans_id\":261010000000101,\"server_time\":1791600060000,\"x\":\"a\\/b\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        struct bench b;
        bench_zalopay(&b);
        CU_ASSERT(order(&b, same[i]));
        CHECK_STR(b.r.order_id, "261010_O1");
        CHECK_STR(b.r.provider_tx_id, "261010000000101");
        CHECK_STR(b.r.reason, "it calls only when money was collected");
        CU_ASSERT_EQUAL(b.r.amount_vnd, 50000);
        CU_ASSERT_EQUAL(b.r.pay_time_wall_s, 1791600060);
        bench_done(&b);
    }
}

TEST(takes_key2_and_not_key1_for_what_zalopay_sends) {
    struct bench b;
    bench_zalopay(&b);
    CU_ASSERT_FALSE(bench_verify(&b, "callback", callback(&b, ORDER, KEY1)));
    CHECK_STR(bench_mistake(&b), "signed with ZALOPAY_KEY1, where ZALOPAY_KEY2 is due");
    bench_done(&b);
}

TEST(reads_callbacks_of_version_1) {
    struct bench b;
    bench_zalopay(&b);
    CU_ASSERT(order(&b, "{\"appid\":7701,\"apptransid\":\"200904_1\",\"amount\":50000,"
                        "\"zptransid\":200904000000389,\"servertime\":1599189413498}"));
    CHECK_STR(b.r.order_id, "200904_1");
    CHECK_STR(b.r.provider_tx_id, "200904000000389");
    bench_done(&b);
}

TEST(refuses_signed_data_that_is_not_ours_or_not_whole) {
    static const struct {
        const char *data;
        enum pay_failure failure;
    } rows[] = {
        {"{\"app_id\":7702,\"app_trans_id\":\"1\",\"amount\":1,\"zp_trans_id\":1,\"server_time\":"
         "1}",
         PAY_MERCHANT_MISMATCH},
        {"{\"app_trans_id\":\"1\",\"amount\":1,\"zp_trans_id\":1,\"server_time\":1}",
         PAY_MERCHANT_MISMATCH},
        {"{\"app_id\":7701,\"amount\":1,\"zp_trans_id\":1,\"server_time\":1}", PAY_MISSING_FIELD},
        {"{\"app_id\":7701,\"binding_id\":\"b\"}", PAY_MISSING_FIELD},
        {"{\"app_id\":7701,\"app_trans_id\":\"1\",\"amount\":1.0,\"zp_trans_id\":1,\"server_time\":"
         "1}",
         PAY_BAD_FIELD},
        {"{\"app_id\":7701,\"app_trans_id\":\"1\",\"amount\":-1,\"zp_trans_id\":1,\"server_time\":"
         "1}",
         PAY_BAD_FIELD},
        {"{\"app_id\":7701,\"app_trans_id\":\"1\",\"amount\":1,\"zp_trans_id\":\"x\",\"server_"
         "time\":1}",
         PAY_BAD_FIELD},
        {"{\"app_id\":7701,\"app_trans_id\":\"1\",\"amount\":1,\"zp_trans_id\":\"0101\",\"server_"
         "time\":1}",
         PAY_BAD_FIELD},
        {"{\"app_id\":7701,\"app_trans_id\":\"1\",\"amount\":1,\"zp_trans_id\":"
         "1234567890123456789,\"server_time\":1}",
         PAY_BAD_FIELD},
        {"{\"app_id\":7701,\"app_trans_id\":\"1\",\"amount\":1,\"amount\":2,\"zp_trans_id\":1}",
         PAY_DUPLICATE_FIELD},
        {"{\"app_id\":7701,\"app_trans_id\":\"1\",\"x\":{\"y\":1,\"y\":2}}", PAY_DUPLICATE_FIELD},
        {"[1]", PAY_MALFORMED},
        {"{\"app_id\":7701", PAY_MALFORMED},
        {"", PAY_MALFORMED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_zalopay(&b);
        CU_ASSERT_FALSE(order(&b, rows[i].data));
        if (b.r.failure != rows[i].failure)
            printf("\n    %s: %s\n", rows[i].data, b.r.reason);
        CU_ASSERT_EQUAL(b.r.failure, rows[i].failure);
        bench_done(&b);
    }
}

TEST(misses_each_field_that_a_callback_must_have) {
    static const char *const fields[] = {"\"app_trans_id\":\"261010_O1\"", "\"amount\":50000",
                                         "\"zp_trans_id\":7", "\"server_time\":1791600060000"};
    for (size_t i = 0; i < 2 * ARRAY_LEN(fields); i++) {
        struct bench b;
        struct str data;
        bench_zalopay(&b);
        str_init(&data, 1000);
        str_puts(&data, "{\"app_id\":7701");
        for (size_t k = 0; k < ARRAY_LEN(fields); k++) {
            size_t name = strcspn(fields[k], ":");
            if (k != i / 2)
                str_printf(&data, ",%s", fields[k]);
            else if (i % 2)
                str_printf(&data, ",%.*s:\"\"", (int)name, fields[k]);
        }
        str_putc(&data, '}');
        CU_ASSERT_FALSE(order(&b, str_get(&data)));
        CU_ASSERT_EQUAL(b.r.failure, PAY_MISSING_FIELD);
        CU_ASSERT(!b.r.status && !b.r.is_success && !b.r.order_id);
        str_done(&data);
        bench_done(&b);
    }
}

/* It is read in full before its amount is looked at: nothing of that is kept. */
TEST(what_is_refused_late_says_nothing_either) {
    struct bench b;
    bench_zalopay(&b);
    CU_ASSERT_FALSE(order(&b, "{\"app_id\":7701,\"app_trans_id\":\"1\",\"amount\":1.5,"
                              "\"zp_trans_id\":1,\"server_time\":1}"));
    CU_ASSERT_EQUAL(b.r.failure, PAY_BAD_FIELD);
    CHECK_STR(b.r.reason, "BAD_FIELD: amount is \"1.5\", where a whole number is due");
    CU_ASSERT(!b.r.status && !b.r.is_success && !b.r.has_amount && !b.r.has_pay_time);
    CU_ASSERT(!b.r.order_id && !b.r.provider_tx_id);
    bench_done(&b);
}

TEST(refuses_data_that_was_parsed_on_the_way) {
    struct bench b;
    bench_zalopay(&b);
    CU_ASSERT_FALSE(bench_verify(&b, "callback", "{\"data\":" ORDER ",\"mac\":\"00\",\"type\":1}"));
    CU_ASSERT_EQUAL(b.r.failure, PAY_MALFORMED);
    CHECK_HAS(b.r.reason, "the text that was sent is signed");
    bench_done(&b);
}

TEST(reads_the_way_back_and_takes_no_status_for_paid_but_1) {
    static const struct {
        const char *status;
        enum pay_status expected;
    } rows[] = {
        {"1", PAY_COMPLETED}, {"-49", PAY_FAILED}, {"2", PAY_STATUS_NONE}, {"0", PAY_STATUS_NONE}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_zalopay(&b);
        const char *text = arena_printf(&b.arena, "7701|261010_O1|38||50000|0|%s", rows[i].status);
        const char *query = arena_printf(
            &b.arena,
            "amount=50000&appid=7701&apptransid=261010_O1&bankcode=&discountamount=0&pmcid=38"
            "&status=%s&checksum=%s",
            rows[i].status, sign(&b.arena, DIGEST_SHA256, true, KEY2, text));
        CU_ASSERT(bench_verify(&b, "auto", query));
        CHECK_STR(b.r.kind, "redirect");
        CU_ASSERT_EQUAL(b.r.status, rows[i].expected);
        CHECK_HAS(b.r.note, "browser");
        CU_ASSERT(b.r.display_only && b.r.is_success == (rows[i].expected == PAY_COMPLETED));
        CHECK_HAS(b.r.reason, rows[i].expected == PAY_FAILED        ? ": not paid"
                              : rows[i].expected == PAY_STATUS_NONE ? ": not a code we know"
                                                                    : ": paid");
        CU_ASSERT_PTR_NULL(b.r.provider_tx_id);
        const char *without = strstr(query, "bankcode=&") + 10;
        CU_ASSERT_FALSE(bench_verify(
            &b, "redirect",
            arena_printf(&b.arena, "amount=50000&appid=7701&apptransid=261010_O1&%s", without)));
        CU_ASSERT_EQUAL(b.r.failure, PAY_MISSING_FIELD);
        bench_done(&b);
    }
}

TEST(verifies_our_own_requests_with_key1) {
    static const struct {
        const char *kind, *text;
    } rows[] = {
        {"create_mac", "7701|261010_O1|user|50000|1791600060000|{\"a\":\"x|y\"}|[]"},
        {"query_mac", "7701|261010_O1|" KEY1},
        {"refund_mac", "7701|261010000000101|50000|late|1791600060000"},
        {"query_refund_mac", "7701|261010_7701_1|1791600060000"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_zalopay(&b);
        const char *mac = sign(&b.arena, DIGEST_SHA256, true, KEY1, rows[i].text);
        const char *raw = arena_printf(&b.arena, "%s\nmac=%s\n", rows[i].text, mac);
        CU_ASSERT(bench_verify(&b, rows[i].kind, raw));
        if (i) { /* a text with more bars than joints is told by its name alone */
            CU_ASSERT(bench_verify(&b, "auto", raw));
            CHECK_STR(b.r.kind, rows[i].kind);
        }
        mac = sign(&b.arena, DIGEST_SHA256, true, KEY2, rows[i].text);
        CU_ASSERT_FALSE(
            bench_verify(&b, rows[i].kind, arena_printf(&b.arena, "%s\n%s", rows[i].text, mac)));
        CHECK_STR(bench_mistake(&b), "signed with ZALOPAY_KEY2, where ZALOPAY_KEY1 is due");
        bench_done(&b);
    }
}

/* One of our requests: the text, and its MAC on a line behind it. */
static bool verify_signed(struct bench *b, const char *kind, const char *text) {
    const char *mac = sign(&b->arena, DIGEST_SHA256, true, KEY1, text);
    return bench_verify(b, kind, arena_printf(&b->arena, "%s\n%s", text, mac));
}

TEST(our_own_requests_name_what_they_are_about) {
    static const struct {
        const char *kind, *text;
    } rows[] = {
        {"create_mac", "7701||user|50000|1791600060000|{}|[]"},
        {"create_mac", "7701|261010_O1|user|50000||{}|[]"},
        {"query_mac", "7701||" KEY1},
        {"refund_mac", "7701||50000|late|1791600060000"},
        {"refund_mac", "7701|261010000000101|50000|late|"},
        {"query_refund_mac", "7701||1791600060000"},
        {"query_refund_mac", "7701|261010_7701_1|"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_zalopay(&b);
        CU_ASSERT_FALSE(verify_signed(&b, rows[i].kind, rows[i].text));
        CU_ASSERT_EQUAL(b.r.failure, PAY_MISSING_FIELD);
        bench_done(&b);
    }
}

TEST(our_own_requests_tell_their_amount) {
    struct bench b;
    bench_zalopay(&b);
    CU_ASSERT(verify_signed(&b, "create_mac", "7701|261010_O1|user|50000|1791600060000|{}|[]"));
    CU_ASSERT(b.r.has_amount && b.r.amount_vnd == 50000);
    CHECK_STR(b.r.order_id, "261010_O1");
    CU_ASSERT_EQUAL(b.r.status, PAY_STATUS_NONE);
    bench_done(&b);
}

TEST(refuses_published_applications_in_production) {
    static const char *const published[][2] = {
        {"ZALOPAY_APP_ID", "2553"},
        {"ZALOPAY_APP_ID", "2554"},
        {"ZALOPAY_KEY1", "sdngKKJmqEMzvh5QQcdD2A9XBSKUNaYn"},
        {"ZALOPAY_KEY1", "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL"},
    };
    for (size_t i = 0; i < ARRAY_LEN(published); i++) {
        struct bench b;
        bench_zalopay(&b);
        b.settings.production = true;
        CU_ASSERT(order(&b, ORDER));
        bench_set(&b, 0, "zalopay", published[i][0], published[i][1]);
        CU_ASSERT_FALSE(order(&b, ORDER));
        CU_ASSERT_EQUAL(b.r.failure, PAY_TEST_KEY);
        bench_done(&b);
    }
}

TEST(refuses_a_query_that_holds_another_key_than_ours) {
    struct bench b;
    bench_zalopay(&b);
    CU_ASSERT_FALSE(verify_signed(&b, "query_mac", "7701|261010_O1|another key"));
    CU_ASSERT_EQUAL(b.r.failure, PAY_BAD_FIELD);
    bench_done(&b);
}

/* --- Casso --- */

static void bench_casso(struct bench *b) {
    *b = (struct bench){.explain = true};
    bench_set(b, 0, "casso", "GOODGO_CASSO_KEY", "cassoCassoCasso");
}

static const char *webhook(struct bench *b, const char *body, const char *signed_body) {
    const char *text = arena_printf(&b->arena, "1791600060000.%s", signed_body);
    return arena_printf(
        &b->arena, "POST /casso HTTP/1.1\r\nx-casso-signature: t=1791600060000,v1=%s\r\n\r\n%s",
        sign(&b->arena, DIGEST_SHA512, true, "cassoCassoCasso", text), body);
}

TEST(signs_a_webhook_sorted_and_escaped_as_php_does) {
    struct bench b;
    bench_casso(&b);
    const char *body = "{\"error\":0,\"data\":{\"reference\":\"FT/1\",\"amount\":-599000,"
                       "\"description\":\"Ti\xE1\xBB\x81n\"}}";
    CU_ASSERT(bench_verify(&b, "webhook",
                           webhook(&b, body,
                                   "{\"data\":{\"amount\":-599000,\"description\":\"Ti\\u1ec1n\","
                                   "\"reference\":\"FT\\/1\"},\"error\":0}")));
    CHECK_STR(b.r.provider_tx_id, "FT/1");
    CU_ASSERT_EQUAL(b.r.amount_vnd, -599000);
    CU_ASSERT_FALSE(
        bench_verify(&b, "webhook",
                     webhook(&b, body,
                             "{\"data\":{\"amount\":-599000,\"description\":"
                             "\"Ti\xE1\xBB\x81n\",\"reference\":\"FT/1\"},\"error\":0}")));
    CU_ASSERT_PTR_NOT_NULL(strstr(bench_mistake(&b), "JavaScript"));
    bench_done(&b);
}

TEST(shows_no_key_that_came_in_as_a_reference) {
    struct bench b;
    bench_casso(&b);
    const char *body = "{\"data\":{\"amount\":1,\"reference\":\"cassoCassoCasso\"},\"error\":0}";
    CU_ASSERT(bench_verify(&b, "webhook", webhook(&b, body, body)));
    CHECK_STR(b.r.provider_tx_id, "****");
    bench_done(&b);
}

TEST(refuses_a_webhook_whose_data_is_a_text) {
    struct bench b;
    bench_casso(&b);
    const char *body = "{\"data\":\"{}\",\"error\":0}";
    CU_ASSERT_FALSE(bench_verify(&b, "webhook", webhook(&b, body, body)));
    CU_ASSERT_EQUAL(b.r.failure, PAY_MALFORMED);
    CHECK_HAS(b.r.reason, "data is not an object");
    bench_done(&b);
}

TEST(refuses_a_webhook_without_its_header_or_with_two) {
    struct bench b;
    bench_casso(&b);
    const char *body = "{\"data\":{\"amount\":1,\"reference\":\"F\"},\"error\":0}";
    const char *whole = webhook(&b, body, body);
    CU_ASSERT(bench_verify(&b, "auto", strstr(whole, "x-casso")));
    CU_ASSERT_FALSE(bench_verify(&b, "webhook", body));
    CU_ASSERT_EQUAL(b.r.failure, PAY_MISSING_SIGNATURE);
    const char *header = strstr(whole, "x-casso");
    CU_ASSERT_FALSE(bench_verify(
        &b, "webhook",
        arena_printf(&b.arena, "%.*s\n%s", (int)strcspn(header, "\r"), header, header)));
    CU_ASSERT_EQUAL(b.r.failure, PAY_DUPLICATE_FIELD);
    CU_ASSERT_FALSE(
        bench_verify(&b, "webhook", arena_printf(&b.arena, "X-Casso-Signature: v1=00\n%s", body)));
    CU_ASSERT_EQUAL(b.r.failure, PAY_BAD_SIGNATURE);
    bench_done(&b);
}

SUITE(pay_zalopay, T(misses_each_field_that_a_callback_must_have),
      T(what_is_refused_late_says_nothing_either), T(our_own_requests_name_what_they_are_about),
      T(our_own_requests_tell_their_amount), T(refuses_published_applications_in_production),
      T(signs_the_exact_text_of_data), T(takes_key2_and_not_key1_for_what_zalopay_sends),
      T(reads_callbacks_of_version_1), T(refuses_signed_data_that_is_not_ours_or_not_whole),
      T(refuses_data_that_was_parsed_on_the_way),
      T(reads_the_way_back_and_takes_no_status_for_paid_but_1),
      T(verifies_our_own_requests_with_key1), T(refuses_a_query_that_holds_another_key_than_ours),
      T(signs_a_webhook_sorted_and_escaped_as_php_does),
      T(shows_no_key_that_came_in_as_a_reference), T(refuses_a_webhook_whose_data_is_a_text),
      T(refuses_a_webhook_without_its_header_or_with_two))
