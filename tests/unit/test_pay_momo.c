/* tests/unit/test_pay_momo.c - MoMo: result codes, texts that could be moved between fields,
 * numbers of both JSON kinds, requests of ours, and messages that are never signed. */
#include "pay_harness.h"

#define ACCESS "accessAccess1"
#define SECRET "secretSecretSecret1"

struct call {
    const char *amount, *info, *order, *type, *partner, *pay_type, *time, *code, *id, *request;
};
static const struct call plain = {"50000", "pay",           "MM-1", "momo_wallet", "GOODGO",
                                  "qr",    "1791600000000", "0",    "4084757146",  "R1"};

static const char *signature(struct bench *b, const struct call *c) {
    return sign(&b->arena, DIGEST_SHA256, true, SECRET,
                arena_printf(&b->arena,
                             "accessKey=" ACCESS "&amount=%s&extraData=&message=m&orderId=%s"
                             "&orderInfo=%s&orderType=%s&partnerCode=%s&payType=%s&requestId=%s"
                             "&responseTime=%s&resultCode=%s&transId=%s",
                             c->amount, c->order, c->info, c->type, c->partner, c->pay_type,
                             c->request, c->time, c->code, c->id));
}

/* `quote` is "" or "\"": numbers as numbers or as texts. */
static const char *json(struct bench *b, const struct call *c, const char *quote) {
    return arena_printf(
        &b->arena,
        "{\"partnerCode\":\"%s\",\"orderId\":\"%s\",\"requestId\":\"%s\",\"amount\":%s%s%s,"
        "\"orderInfo\":\"%s\",\"orderType\":\"%s\",\"transId\":%s%s%s,\"resultCode\":%s%s%s,"
        "\"message\":\"m\",\"payType\":\"%s\",\"responseTime\":%s%s%s,\"extraData\":\"\","
        "\"signature\":\"%s\"}",
        c->partner, c->order, c->request, quote, c->amount, quote, c->info, c->type, quote, c->id,
        quote, quote, c->code, quote, c->pay_type, quote, c->time, quote, signature(b, c));
}

static void is_refused(struct bench *b, const char *kind, const struct call *c,
                       enum pay_failure why) {
    CU_ASSERT_FALSE(bench_verify(b, kind, json(b, c, "")));
    CU_ASSERT_EQUAL(b->r.failure, why);
}

TEST(maps_every_result_code_of_the_table) {
    static const struct {
        enum pay_status status;
        const char *codes;
    } rows[] = {
        {PAY_COMPLETED, "0"},
        {PAY_PENDING, "1000"},
        {PAY_PROCESSING, "7000 7002 9000"},
        {PAY_FAILED, "1001 1002 1003 1004 1005 1006 1007 1017 1026 2019 4001 4002 4100"},
        {PAY_STATUS_NONE, "10 11 12 13 20 21 22 40 41 42 43 45 47 98 99 1080 1081 1088 31337 -1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (const char *s = rows[i].codes; *s; s += strcspn(s, " "), s += strspn(s, " ")) {
            struct bench b;
            struct call c = plain;
            bench_momo(&b);
            c.code = arena_strndup(&b.arena, s, strcspn(s, " "));
            CU_ASSERT(bench_verify(&b, "ipn", json(&b, &c, "")));
            CU_ASSERT_EQUAL(b.r.status, rows[i].status);
            CU_ASSERT_EQUAL(b.r.is_success, rows[i].status == PAY_COMPLETED);
            CU_ASSERT_EQUAL(b.r.note != NULL,
                            b.r.status == PAY_FAILED || b.r.status == PAY_STATUS_NONE);
            CU_ASSERT(b.r.has_pay_time && b.r.pay_time_wall_s == 1791600000);
            CU_ASSERT(!b.r.display_only && b.r.has_amount && b.r.amount_vnd == 50000);
            CU_ASSERT_EQUAL(!strstr(b.r.reason, "not a code we know"),
                            strcmp(c.code, "31337") && strcmp(c.code, "-1"));
            CU_ASSERT(bench_verify(&b, "return", json(&b, &c, "")) && b.r.display_only);
            CHECK_HAS(b.r.note, "a browser brought this");
            bench_done(&b);
        }
}

TEST(takes_numbers_as_numbers_and_as_texts) {
    struct bench b;
    bench_momo(&b);
    struct call c = plain;
    c.id = "900719925474099311"; /* beyond what a double can tell */
    CU_ASSERT(bench_verify(&b, "auto", json(&b, &c, "")));
    CHECK_STR(b.r.provider_tx_id, "900719925474099311");
    CU_ASSERT(bench_verify(&b, "auto", json(&b, &c, "\"")));
    CHECK_STR(b.r.provider_tx_id, "900719925474099311");
    bench_done(&b);
}

TEST(refuses_numbers_that_are_signed_but_no_numbers) {
    static const char *const amounts[] = {"50000.0", "5e4",    "050000",
                                          "",        "50 000", "1234567890123456789"};
    for (size_t i = 0; i < ARRAY_LEN(amounts); i++) {
        struct bench b;
        struct call c = plain;
        bench_momo(&b);
        c.amount = amounts[i];
        CU_ASSERT_FALSE(bench_verify(&b, "ipn", json(&b, &c, "\"")));
        CU_ASSERT_EQUAL(b.r.failure, PAY_BAD_FIELD);
        bench_done(&b);
    }
}

/* Each of the numbers, and none of them but its own. */
TEST(every_number_of_a_call_is_one) {
    for (int i = 0; i < 4; i++) {
        struct bench b;
        struct call c = plain;
        const char **const numbers[] = {&c.amount, &c.time, &c.code, &c.id};
        bench_momo(&b);
        *numbers[i] = "0";
        CU_ASSERT(bench_verify(&b, "ipn", json(&b, &c, "\"")));
        *numbers[i] = "00";
        CU_ASSERT_FALSE(bench_verify(&b, "ipn", json(&b, &c, "\"")));
        CU_ASSERT_EQUAL(b.r.failure, PAY_BAD_FIELD);
        *numbers[i] = "x";
        CU_ASSERT_FALSE(bench_verify(&b, "ipn", json(&b, &c, "\"")));
        CU_ASSERT_EQUAL(b.r.failure, PAY_BAD_FIELD);
        bench_done(&b);
    }
}

TEST(no_id_of_a_call_can_hold_a_border) {
    for (int i = 0; i < 10; i++) {
        struct bench b;
        struct call c = plain;
        const char **const ids[] = {&c.order, &c.type, &c.partner, &c.pay_type, &c.request};
        bench_momo(&b);
        *ids[i % 5] = arena_printf(&b.arena, "%s%cx", *ids[i % 5], i / 5 ? '&' : '=');
        bool partner = ids[i % 5] == &c.partner; /* whose border is his: it must be ours */
        if (partner)
            bench_set(&b, 0, "momo", "MOMO_PARTNER_CODE", c.partner);
        is_refused(&b, "ipn", &c, PAY_AMBIGUOUS);
        bench_done(&b);
    }
}

TEST(a_call_without_an_order_is_none) {
    struct bench b;
    struct call c = plain;
    bench_momo(&b);
    c.order = "";
    is_refused(&b, "ipn", &c, PAY_MISSING_FIELD);
    is_refused(&b, "return", &c, PAY_MISSING_FIELD);
    c = plain;
    c.request = ""; /* nor one that answers no request */
    is_refused(&b, "ipn", &c, PAY_MISSING_FIELD);
    is_refused(&b, "return", &c, PAY_MISSING_FIELD);
    bench_done(&b);
}

/* Moving text over a border leaves the signed text as it was: both halves would be authentic. */
TEST(refuses_text_that_could_be_moved_between_fields) {
    static const struct {
        const char *info, *type;
    } moved[] = {{"pay", "momo_wallet&x=1"}, {"pay&orderType=evil", "momo_wallet"}};
    struct bench b;
    struct call c = plain;
    bench_momo(&b);
    c.info = moved[1].info;
    CU_ASSERT(bench_verify(&b, "ipn", json(&b, &c, ""))); /* orderInfo may hold anything */
    c.info = "pay";
    c.type = "evil&orderType=momo_wallet";
    is_refused(&b, "ipn", &c, PAY_AMBIGUOUS);
    c = plain;
    c.type = moved[0].type;
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", json(&b, &c, "")));
    c = plain;
    c.order = "MM=1";
    is_refused(&b, "ipn", &c, PAY_AMBIGUOUS);
    bench_done(&b);
}

TEST(refuses_another_partner_and_missing_fields) {
    struct bench b;
    struct call c = plain;
    bench_momo(&b);
    c.partner = "OTHER";
    is_refused(&b, "ipn", &c, PAY_MERCHANT_MISMATCH);
    CU_ASSERT_FALSE(
        bench_verify(&b, "ipn", "{\"resultCode\":0,\"orderType\":\"x\",\"signature\":\"00\"}"));
    CU_ASSERT_EQUAL(b.r.failure, PAY_MISSING_FIELD);
    CU_ASSERT(b.r.trace.missing.n >= 10);
    bench_done(&b);
}

TEST(ignores_an_access_key_in_a_message_that_has_none) {
    struct bench b;
    bench_momo(&b);
    const char *body = json(&b, &plain, "");
    CU_ASSERT(
        bench_verify(&b, "ipn", arena_printf(&b.arena, "{\"accessKey\":\"other\",%s", body + 1)));
    bench_done(&b);
}

TEST(verifies_our_own_requests_over_their_signed_text) {
    static const struct {
        const char *kind, *text;
    } rows[] = {
        {"create_mac", "accessKey=" ACCESS "&amount=1000&extraData=&ipnUrl=https://g.vn/i?a=1&b=2"
                       "&orderId=O1&orderInfo=a&partnerCode=GOODGO&redirectUrl=https://g.vn/r"
                       "&requestId=R1&requestType=captureWallet"},
        {"confirm_mac", "accessKey=" ACCESS "&amount=1000&description=&orderId=O1"
                        "&partnerCode=GOODGO&requestId=R1&requestType=capture"},
        {"refund_mac", "accessKey=" ACCESS "&amount=1000&description=late&orderId=O1"
                       "&partnerCode=GOODGO&requestId=R1&transId=77"},
        {"query_mac", "accessKey=" ACCESS "&orderId=O1&partnerCode=GOODGO&requestId=R1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_momo(&b);
        const char *mac = sign(&b.arena, DIGEST_SHA256, true, SECRET, rows[i].text);
        CU_ASSERT(
            bench_verify(&b, rows[i].kind, arena_printf(&b.arena, "%s\n%s\n", rows[i].text, mac)));
        CHECK_STR(b.r.order_id, "O1");
        CU_ASSERT(bench_verify(&b, "auto",
                               arena_printf(&b.arena, "%s\r\nsignature=%s", rows[i].text, mac)));
        CHECK_STR(b.r.kind, rows[i].kind);
        CU_ASSERT_FALSE(bench_verify(&b, rows[i].kind, rows[i].text));
        CU_ASSERT_EQUAL(b.r.failure, PAY_MISSING_SIGNATURE);
        bench_done(&b);
    }
}

/* --- archives --- */

/* What was called before version 2: the text that was signed, with a place for each of the three
 * values that are changed here. */
static const struct old {
    const char *kind, *text, *code, *id, *words; /* words: fields that must hold no joint */
} olds[] = {
    {"ipn_v1",
     "partnerCode=GOODGO&accessKey=" ACCESS "&requestId=R1&amount=50000&orderId=MM-1&orderInfo=i"
     "&orderType=w&transId=77&message=m&localMessage=l&responseTime=2018-04-19 10:00:00"
     "&errorCode=0&payType=web&extraData=x",
     "errorCode=0", "transId=77", "requestId=R1 orderId=MM-1 orderType=w payType=web"},
    {"query_response_v1",
     "partnerCode=GOODGO&accessKey=" ACCESS "&requestId=R1&orderId=MM-1&errorCode=0&transId=77"
     "&amount=50000&message=m&localMessage=l&requestType=t&payType=web&extraData=x",
     "errorCode=0", "transId=77", "requestId=R1 orderId=MM-1 requestType=t payType=web"},
    {"ipn_legacy_qr",
     "accessKey=" ACCESS "&amount=50000&message=m&momoTransId=77&partnerCode=GOODGO"
     "&partnerRefId=MM-1&partnerTransId=P1&responseTime=1791600000000&status=0&storeId=S1"
     "&transType=tt",
     "status=0", NULL,
     "momoTransId=77 partnerRefId=MM-1 partnerTransId=P1 storeId=S1 transType=tt"},
};

/* The same text with one piece replaced. */
static const char *with(struct bench *b, const char *text, const char *piece, const char *by) {
    const char *at = strstr(text, piece);
    return arena_printf(&b->arena, "%.*s%s%s", (int)(at - text), text, by, at + strlen(piece));
}

static void put_text(struct str *out, const char *s, size_t n) {
    str_putc(out, '"');
    str_add(out, s, n);
    str_putc(out, '"');
}

/* The message that such a text is signed for: a name begins behind '&' where one of `from` does. */
static bool verify_old(struct bench *b, const struct old *o, const char *text) {
    struct str json;
    const char *at = text;
    str_init(&json, 4096);
    str_putc(&json, '{');
    for (const char *from = o->text; *from; from += *from == '&') {
        size_t name = strcspn(from, "=");
        from += strcspn(from, "&");
        const char *next =
            *from ? arena_printf(&b->arena, "&%.*s", (int)strcspn(from + 1, "=") + 1, from + 1)
                  : NULL;
        const char *end = next ? strstr(at, next) : at + strlen(at);
        put_text(&json, at, name);
        str_putc(&json, ':');
        put_text(&json, at + name + 1, (size_t)(end - at) - name - 1);
        str_putc(&json, ',');
        at = end + (next != NULL);
    }
    str_printf(&json, "\"signature\":\"%s\"}", sign(&b->arena, DIGEST_SHA256, true, SECRET, text));
    bool valid = bench_verify(b, "auto", str_get(&json));
    str_done(&json);
    return valid;
}

TEST(an_old_message_without_an_order_is_none) {
    for (size_t i = 0; i < ARRAY_LEN(olds); i++) {
        struct bench b;
        bench_momo(&b);
        bool qr = !olds[i].id;
        const char *order = qr ? "partnerRefId=MM-1" : "orderId=MM-1";
        CU_ASSERT_FALSE(verify_old(
            &b, &olds[i], with(&b, olds[i].text, order, qr ? "partnerRefId=" : "orderId=")));
        CU_ASSERT_EQUAL(b.r.failure, PAY_MISSING_FIELD);
        CU_ASSERT_FALSE(verify_old(&b, &olds[i],
                                   with(&b, olds[i].text, qr ? "momoTransId=77" : "requestId=R1",
                                        qr ? "momoTransId=" : "requestId=")));
        CU_ASSERT_EQUAL(b.r.failure, PAY_MISSING_FIELD);
        bench_done(&b);
    }
}

TEST(of_the_old_codes_only_0_is_paid) {
    static const struct {
        const char *code;
        enum pay_status status;
    } rows[] = {{"0", PAY_COMPLETED},
                {"-1", PAY_PENDING},
                {"9000", PAY_PROCESSING},
                {"7", PAY_STATUS_NONE}};
    for (size_t i = 0; i < ARRAY_LEN(olds) * ARRAY_LEN(rows); i++) {
        const struct old *o = &olds[i / ARRAY_LEN(rows)];
        const char *code = rows[i % ARRAY_LEN(rows)].code;
        struct bench b;
        bench_momo(&b);
        const char *by = arena_printf(&b.arena, "%.*s%s", (int)strlen(o->code) - 1, o->code, code);
        CU_ASSERT(verify_old(&b, o, with(&b, o->text, o->code, by)));
        CHECK_STR(b.r.kind, o->kind);
        CU_ASSERT_EQUAL(b.r.status, rows[i % ARRAY_LEN(rows)].status);
        CU_ASSERT_EQUAL(b.r.is_success, b.r.status == PAY_COMPLETED);
        bench_done(&b);
    }
}

TEST(old_messages_tell_order_transaction_and_amount) {
    for (size_t i = 0; i < ARRAY_LEN(olds); i++) {
        struct bench b;
        bench_momo(&b);
        CU_ASSERT(verify_old(&b, &olds[i], olds[i].text));
        CHECK_STR(b.r.order_id, "MM-1");
        CHECK_STR(b.r.provider_tx_id, "77");
        CU_ASSERT(b.r.has_amount && b.r.amount_vnd == 50000);
        CU_ASSERT_EQUAL(b.r.has_pay_time, !strcmp(olds[i].kind, "ipn_legacy_qr"));
        bench_done(&b);
    }
}

TEST(an_old_transaction_number_is_a_number_too) {
    for (size_t i = 0; i < ARRAY_LEN(olds); i++) {
        struct bench b;
        bench_momo(&b);
        if (olds[i].id) {
            CU_ASSERT_FALSE(
                verify_old(&b, &olds[i], with(&b, olds[i].text, olds[i].id, "transId=077")));
            CU_ASSERT_EQUAL(b.r.failure, PAY_BAD_FIELD);
        }
        bench_done(&b);
    }
}

TEST(no_border_can_be_moved_in_old_messages_either) {
    for (size_t i = 0; i < ARRAY_LEN(olds); i++)
        for (const char *w = olds[i].words; *w; w += strcspn(w, " "), w += strspn(w, " ")) {
            struct bench b;
            bench_momo(&b);
            const char *piece = arena_printf(&b.arena, "&%.*s", (int)strcspn(w, " "), w);
            CU_ASSERT_FALSE(
                verify_old(&b, &olds[i],
                           with(&b, olds[i].text, piece, arena_printf(&b.arena, "%s&x", piece))));
            if (b.r.failure != PAY_AMBIGUOUS)
                printf("\n    %s %s: %s\n", olds[i].kind, piece, b.r.reason);
            CU_ASSERT_EQUAL(b.r.failure, PAY_AMBIGUOUS);
            bench_done(&b);
        }
}

TEST(our_own_requests_hold_no_border_and_name_an_order) {
    static const struct {
        const char *order, *partner, *request;
        enum pay_failure failure;
    } rows[] = {{"O=1", "GOODGO", "R1", PAY_AMBIGUOUS},
                {"O1", "GOODGO", "R=1", PAY_AMBIGUOUS},
                {"O1", "GOOD=GO", "R1", PAY_AMBIGUOUS},
                {"", "GOODGO", "R1", PAY_MISSING_FIELD},
                {"O1", "GOODGO", "", PAY_MISSING_FIELD}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        bench_momo(&b);
        bench_set(&b, 0, "momo", "MOMO_PARTNER_CODE", rows[i].partner);
        const char *text =
            arena_printf(&b.arena, "accessKey=" ACCESS "&orderId=%s&partnerCode=%s&requestId=%s",
                         rows[i].order, rows[i].partner, rows[i].request);
        CU_ASSERT_FALSE(
            bench_verify(&b, "query_mac",
                         arena_printf(&b.arena, "%s\n%s", text,
                                      sign(&b.arena, DIGEST_SHA256, true, SECRET, text))));
        CU_ASSERT_EQUAL(b.r.failure, rows[i].failure);
        bench_done(&b);
    }
}

TEST(says_which_fields_a_signed_text_should_have) {
    struct bench b;
    bench_momo(&b);
    CU_ASSERT_FALSE(bench_verify(&b, "query_mac", "orderId=O1&accessKey=x\n00"));
    CU_ASSERT_EQUAL(b.r.failure, PAY_MALFORMED);
    CHECK_HAS(b.r.reason, "orderId partnerCode requestId");
    bench_done(&b);
}

TEST(never_calls_an_unsigned_answer_valid) {
    struct bench b;
    bench_momo(&b);
    CU_ASSERT_FALSE(bench_verify(
        &b, "query_response", "{\"partnerCode\":\"GOODGO\",\"orderId\":\"O1\",\"resultCode\":0}"));
    CU_ASSERT_EQUAL(b.r.failure, PAY_UNSIGNED);
    bench_done(&b);
}

/* Whoever sets up production may have pasted it: what is shown of it helps to sign. */
TEST(shows_no_published_key_either) {
    struct bench b;
    struct call c = plain;
    bench_momo(&b);
    c.info = "K951B6PE1waDMi640xX08PD3vg6EkVlz and more";
    CU_ASSERT(bench_verify(&b, "ipn", json(&b, &c, "")));
    CHECK_STR(jsontext_get(b.r.raw, "orderInfo")->text, "**** and more");
    bench_done(&b);
}

TEST(of_two_faults_the_first_is_told) {
    struct bench b;
    struct call c = plain;
    bench_momo(&b);
    c.order = "MM=1";
    c.amount = c.time = "x";
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", json(&b, &c, "\"")));
    CU_ASSERT_EQUAL(b.r.failure, PAY_AMBIGUOUS);
    CHECK_HAS(b.r.reason, "AMBIGUOUS: orderId holds ");
    c.order = "MM-1";
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", json(&b, &c, "\"")));
    CHECK_HAS(b.r.reason, "BAD_FIELD: amount is \"x\"");
    bench_done(&b);
}

TEST(refuses_test_credentials_in_production) {
    struct bench b;
    bench_momo(&b);
    b.settings.production = true;
    CU_ASSERT(bench_verify(&b, "ipn", json(&b, &plain, "")));
    bench_set(&b, 0, "momo", "MOMO_ENDPOINT", "https://test-payment.momo.vn/v2/gateway/api");
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", json(&b, &plain, "")));
    CU_ASSERT_EQUAL(b.r.failure, PAY_TEST_KEY);
    bench_set(&b, 0, "momo", "MOMO_ENDPOINT", "https://payment.momo.vn/v2/gateway/api");
    bench_set(&b, 0, "momo", "MOMO_SECRET_KEY", "K951B6PE1waDMi640xX08PD3vg6EkVlz");
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", json(&b, &plain, "")));
    CU_ASSERT_EQUAL(b.r.failure, PAY_TEST_KEY);
    bench_done(&b);
}

/* Whoever went over from the test gateway has its key among the older ones. */
TEST(refuses_test_credentials_of_the_past_in_production) {
    struct bench b;
    bench_momo(&b);
    bench_set(&b, 0, "momo", "MOMO_SECRET_KEY", "todays");
    bench_set(&b, 1, "momo", "MOMO_PARTNER_CODE", "GOODGO");
    bench_set(&b, 1, "momo", "MOMO_ACCESS_KEY", "accessAccess1");
    bench_set(&b, 1, "momo", "MOMO_SECRET_KEY", SECRET);
    b.accounts[1].until_wall_s = 1800000000;
    b.received_wall_s = 1791600000;
    b.settings.production = true;
    CU_ASSERT(bench_verify(&b, "ipn", json(&b, &plain, "")));
    CHECK_STR(b.r.trace.account, "history 1");
    bench_set(&b, 1, "momo", "MOMO_ENDPOINT", "https://test-payment.momo.vn/v2/gateway/api");
    CU_ASSERT_FALSE(bench_verify(&b, "ipn", json(&b, &plain, "")));
    CU_ASSERT_EQUAL(b.r.failure, PAY_TEST_KEY);
    CU_ASSERT_PTR_NULL(b.r.order_id);
    b.settings.production = false;
    CU_ASSERT(bench_verify(&b, "ipn", json(&b, &plain, "")));
    bench_done(&b);
}

SUITE(pay_momo, T(maps_every_result_code_of_the_table), T(takes_numbers_as_numbers_and_as_texts),
      T(refuses_numbers_that_are_signed_but_no_numbers),
      T(refuses_text_that_could_be_moved_between_fields),
      T(refuses_another_partner_and_missing_fields),
      T(ignores_an_access_key_in_a_message_that_has_none),
      T(verifies_our_own_requests_over_their_signed_text), T(every_number_of_a_call_is_one),
      T(no_id_of_a_call_can_hold_a_border), T(a_call_without_an_order_is_none),
      T(an_old_message_without_an_order_is_none),
      T(our_own_requests_hold_no_border_and_name_an_order), T(of_the_old_codes_only_0_is_paid),
      T(old_messages_tell_order_transaction_and_amount),
      T(an_old_transaction_number_is_a_number_too),
      T(no_border_can_be_moved_in_old_messages_either),
      T(says_which_fields_a_signed_text_should_have), T(never_calls_an_unsigned_answer_valid),
      T(shows_no_published_key_either), T(of_two_faults_the_first_is_told),
      T(refuses_test_credentials_in_production),
      T(refuses_test_credentials_of_the_past_in_production))
