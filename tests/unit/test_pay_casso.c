/* tests/unit/test_pay_casso.c - Casso's webhook: what is signed, how the header may look, and which
 * mistakes of a signer are told by name. */
#include "pay_harness.h"

#define KEY   "cassoKeyCassoKey1"
#define STAMP "1727948258788"
#define BODY                                                                                       \
    "{\"error\":0,\"data\":{\"reference\":\"FT1\",\"amount\":%s,\"b\":\"x/"                        \
    "y\",\"a\":\"\xE1\xBA\xBF"                                                                     \
    "\"}}"
#define SORTED(a, b)                                                                               \
    "{\"data\":{\"a\":\"" a "\",\"amount\":%s,\"b\":\"x" b "y\",\"reference\":\"FT1\"},\"error\":" \
    "0}"
#define AS_PHP SORTED("\\u1ebf", "\\/")

static void open_bench(struct bench *b) {
    *b = (struct bench){.explain = true};
    bench_set(b, 0, "casso", "GOODGO_CASSO_KEY", KEY);
}

/* The call with this amount, whose signature is that of `text`, a format with the amount in it. */
static const char *call(struct bench *b, const char *header, const char *text, const char *amount) {
    const char *hash =
        sign(&b->arena, DIGEST_SHA512, true, KEY, arena_printf(&b->arena, text, amount));
    return arena_printf(&b->arena, "X-Casso-Signature: %s%s\n\n%s", header, hash,
                        arena_printf(&b->arena, BODY, amount));
}

TEST(a_transfer_is_proved_and_names_no_order) {
    static const struct {
        const char *amount, *reason;
        int64_t vnd;
    } rows[] = {{"599000", "a credit to our account", 599000},
                {"0", "a credit to our account", 0},
                {"-11000", "a debit of our account", -11000}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        open_bench(&b);
        CU_ASSERT_TRUE(bench_verify(&b, "webhook",
                                    call(&b, "t=" STAMP ",v1=", STAMP "." AS_PHP, rows[i].amount)));
        CHECK_STR(b.r.provider_tx_id, "FT1");
        CHECK_STR(b.r.reason, rows[i].reason);
        CHECK_HAS(b.r.note, "a transfer names no order");
        CU_ASSERT(b.r.has_amount && b.r.amount_vnd == rows[i].vnd);
        CU_ASSERT_PTR_NULL(b.r.order_id);
        const char *header = jsontext_get(b.r.raw, "X-Casso-Signature")->text;
        CU_ASSERT_EQUAL(strncmp(header, "t=" STAMP ",v1=", strlen("t=" STAMP ",v1=")), 0);
        CHECK_STR(header + strlen("t=" STAMP ",v1=") + 8, "... (128 characters)");
        CHECK_STR(bench_mistake(&b), "");
        bench_done(&b);
    }
}

TEST(a_header_of_another_shape_proves_nothing) {
    static const char *const headers[] = {
        "",
        "v1=",
        "t=,v1=",
        "t=17279x,v1=",
        "t=" STAMP ";v1=",
        "t=" STAMP ",v0=",
        "s=" STAMP ",v1=",
        "t=1727948258789,v1=",
    };
    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        struct bench b;
        open_bench(&b);
        CU_ASSERT_FALSE(bench_verify(&b, "webhook", call(&b, headers[i], STAMP "." AS_PHP, "5")));
        bench_done(&b);
    }
}

/* Signed with it, and no time all the same. */
TEST(a_stamp_is_a_number) {
    static const char *const stamps[] = {"17279x", "", "-5", "17279 "};
    for (size_t i = 0; i < ARRAY_LEN(stamps); i++) {
        struct bench b;
        open_bench(&b);
        CU_ASSERT_FALSE(
            bench_verify(&b, "webhook",
                         call(&b, arena_printf(&b.arena, "t=%s,v1=", stamps[i]),
                              arena_printf(&b.arena, "%s." AS_PHP, stamps[i], "%s"), "5")));
        CU_ASSERT_EQUAL(b.r.failure, PAY_BAD_SIGNATURE);
        bench_done(&b);
    }
}

TEST(slips_of_a_signer_are_named) {
    static const struct {
        const char *text, *what;
    } rows[] = {
        {STAMP "." SORTED("\xE1\xBA\xBF", "/"), "as JavaScript does"},
        {STAMP "." BODY, "does not sort the names"},
        {STAMP ".{\"error\":0,\"data\":{\"reference\":\"FT1\",\"amount\":%s,\"b\":\"x\\/y\","
               "\"a\":\"\\u1ebf\"}}",
         "does not sort the names"},
        {AS_PHP, "leaves the time stamp out"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench b;
        open_bench(&b);
        CU_ASSERT_FALSE(
            bench_verify(&b, "webhook", call(&b, "t=" STAMP ",v1=", rows[i].text, "5")));
        CU_ASSERT_PTR_NOT_NULL(strstr(bench_mistake(&b), rows[i].what));
        CU_ASSERT_PTR_NULL(strstr(bench_mistake(&b), "; or "));
        bench_done(&b);
    }
}

SUITE(pay_casso, T(a_transfer_is_proved_and_names_no_order),
      T(a_header_of_another_shape_proves_nothing), T(a_stamp_is_a_number),
      T(slips_of_a_signer_are_named))
