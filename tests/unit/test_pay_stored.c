/* tests/unit/test_pay_stored.c - the ways in which programs keep a provider's message. */
#include "pay_harness.h"

#include "codec/payrow.h"

static struct arena arena;
static struct pay_message found[PAY_STORED_MAX];

static uint32_t find(const char *json) {
    return pay_stored_messages(json, strlen(json), &arena, found);
}

static bool is(uint32_t i, const char *bytes) {
    bool same = found[i].n == strlen(bytes) && !memcmp(found[i].bytes, bytes, found[i].n);
    if (!same)
        printf("\n    %.*s\n", (int)found[i].n, found[i].bytes);
    return same;
}

TEST(an_object_of_fields_is_the_message) {
    CU_ASSERT_EQUAL(find("{\"vnp_TxnRef\": \"p1\", \"vnp_SecureHash\": \"ab\"}"), 1);
    CU_ASSERT(is(0, "{\"vnp_TxnRef\":\"p1\",\"vnp_SecureHash\":\"ab\"}"));
    CU_ASSERT_EQUAL(find("{\"orderId\": \"p1\", \"amount\": 9007199254740993}"), 1);
    CU_ASSERT(is(0, "{\"orderId\":\"p1\",\"amount\":9007199254740993}"));
    arena_done(&arena);
}

TEST(a_text_is_the_message_byte_for_byte) {
    CU_ASSERT_EQUAL(find("\"vnp_Amount=1&x=%C4%90\""), 1);
    CU_ASSERT(is(0, "vnp_Amount=1&x=%C4%90"));
    CU_ASSERT_EQUAL(find("\"{\\\"data\\\": \\\"{}\\\", \\\"mac\\\": \\\"0f\\\"}\""), 1);
    CU_ASSERT(is(0, "{\"data\": \"{}\", \"mac\": \"0f\"}"));
    arena_done(&arena);
}

TEST(an_envelope_is_opened) {
    CU_ASSERT_EQUAL(find("{\"receivedAt\": 1, \"raw\": \"a=1\"}"), 1);
    CU_ASSERT(is(0, "a=1"));
    CU_ASSERT_EQUAL(find("{\"headers\": {}, \"query\": {\"vnp_TxnRef\": \"p\"}}"), 1);
    CU_ASSERT(is(0, "{\"vnp_TxnRef\":\"p\"}"));
    CU_ASSERT_EQUAL(find("{\"raw\": null, \"body\": {\"data\": {\"signature\": \"0f\"}}}"), 1);
    CU_ASSERT(is(0, "{\"signature\":\"0f\"}"));
    CU_ASSERT_EQUAL(find("{\"callbacks\": [\"a=1\", {\"body\": \"b=2\"}], \"n\": 2}"), 2);
    CU_ASSERT(is(0, "a=1") && is(1, "b=2"));
    CU_ASSERT_EQUAL(find("\"{\\\"payload\\\": {\\\"orderId\\\": \\\"p\\\"}}\""), 1);
    CU_ASSERT(is(0, "{\"orderId\":\"p\"}"));
    arena_done(&arena);
}

TEST(a_signed_object_is_no_envelope) {
    CU_ASSERT_EQUAL(find("{\"data\": \"{}\", \"mac\": \"0f\", \"type\": 1}"), 1);
    CU_ASSERT(is(0, "{\"data\":\"{}\",\"mac\":\"0f\",\"type\":1}"));
    CU_ASSERT_EQUAL(find("{\"error\": 0, \"data\": {\"id\": 1}}"), 1);
    CU_ASSERT(is(0, "{\"error\":0,\"data\":{\"id\":1}}"));
    arena_done(&arena);
}

TEST(a_signature_in_a_header_stays_with_its_body) {
    CU_ASSERT_EQUAL(find("{\"headers\": {\"host\": \"h\", \"x-casso-signature\": \"t=1,v1=ab\"}, "
                         "\"body\": {\"error\": 0, \"data\": {\"id\": 1}}}"),
                    1);
    CU_ASSERT(is(0, "X-Casso-Signature: t=1,v1=ab\n{\"error\":0,\"data\":{\"id\":1}}"));
    CU_ASSERT_EQUAL(find("{\"headers\": {\"X-Casso-Signature\": \"t=1,v1=ab\"}, "
                         "\"rawBody\": \"{\\\"error\\\": 0}\"}"),
                    1);
    CU_ASSERT(is(0, "X-Casso-Signature: t=1,v1=ab\n{\"error\": 0}"));
    CU_ASSERT_EQUAL(find("{\"headers\": {\"X-Casso-Signature\": \"t=1\\nEvil: 1\"}, "
                         "\"raw\": \"a=1\"}"),
                    1);
    CU_ASSERT(is(0, "a=1"));
    arena_done(&arena);
}

TEST(a_list_holds_several_and_keeps_the_newest) {
    struct str list;
    CU_ASSERT_EQUAL(find("[{\"a\": \"1\"}, \"b=2\", null, 3, {\"raw\": \"c=3\"}, [\"d=4\"]]"), 4);
    CU_ASSERT(is(0, "{\"a\":\"1\"}"));
    CU_ASSERT(is(3, "d=4"));
    str_init(&list, 4096);
    for (int i = 0; i < PAY_STORED_MAX + 5; i++)
        str_printf(&list, "%s\"n=%d\"", i ? "," : "[", i);
    str_puts(&list, "]");
    CU_ASSERT_EQUAL(find(str_get(&list)), PAY_STORED_MAX);
    CU_ASSERT(is(0, "n=5"));
    CU_ASSERT(is(PAY_STORED_MAX - 1, "n=20"));
    CU_ASSERT_EQUAL(find("\"[\\\"a=1\\\", \\\"b=2\\\"]\""), 2); /* a list that is a text */
    CU_ASSERT(is(1, "b=2"));
    str_done(&list);
    arena_done(&arena);
}

TEST(only_what_lies_too_deep_or_is_too_long_is_left) {
    CU_ASSERT_EQUAL(find("[[[[\"a=1\"]]]]"), 1);
    CU_ASSERT_EQUAL(find("[[[[[\"a=1\"]]]]]"), 0);
    CU_ASSERT_EQUAL(find("{\"raw\":{\"body\":{\"query\":{\"params\":\"a=1\"}}}}"), 1);
    CU_ASSERT_EQUAL(find("{\"raw\":{\"body\":{\"query\":{\"params\":{\"ipn\":\"a=1\"}}}}}"), 0);
    char *full = arena_alloc(&arena, PAY_MAX_BYTES + 1);
    memset(full, ' ', PAY_MAX_BYTES);
    memcpy(full + PAY_MAX_BYTES - 5, "\"a=1\"", 5);
    CU_ASSERT_EQUAL(find(full), 1);
    arena_done(&arena);
}

TEST(what_is_nothing_is_no_message) {
    static const char *const none[] = {"null",
                                       "{}",
                                       "[]",
                                       "\"\"",
                                       "\"  \"",
                                       "true",
                                       "12",
                                       "",
                                       "{",
                                       "{\"raw\": \"\"}",
                                       "[[[[[[\"a=1\"]]]]]]"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        CU_ASSERT_EQUAL(find(none[i]), 0);
    char *big = arena_alloc(&arena, PAY_MAX_BYTES + 16);
    memset(big, ' ', PAY_MAX_BYTES);
    memcpy(big + PAY_MAX_BYTES, "\"a=1\"", 6);
    CU_ASSERT_EQUAL(find(big), 0);
    arena_done(&arena);
}

/* A transfer that was settled is not told to have a message that is not authentic. */
TEST(the_evidence_of_a_settled_transfer_is_no_message) {
    CU_ASSERT_EQUAL(find("{\"settledBy\": \"goodgo-console\", \"who\": \"root @vm\"}"), 0);
    CU_ASSERT_EQUAL(find("{\"settledBy\": \"somebody\", \"who\": \"root @vm\"}"), 1);
    CU_ASSERT_EQUAL(find("{\"settledBy\": \"goodgo-console\", \"signature\": \"ab\"}"), 1);
    CU_ASSERT_EQUAL(find("{\"settledBy\": 1}"), 1);
    arena_done(&arena);
}

SUITE(pay_stored, T(the_evidence_of_a_settled_transfer_is_no_message),
      T(an_object_of_fields_is_the_message), T(a_text_is_the_message_byte_for_byte),
      T(an_envelope_is_opened), T(a_signed_object_is_no_envelope),
      T(a_signature_in_a_header_stays_with_its_body), T(a_list_holds_several_and_keeps_the_newest),
      T(only_what_lies_too_deep_or_is_too_long_is_left), T(what_is_nothing_is_no_message))
