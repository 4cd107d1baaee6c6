/* tests/unit/test_recon.c - references in what customers write, the category of an order, and cells
 * that a spreadsheet would compute. */
#include "harness.h"

#include <string.h>

#include "codec/recon.h"

static struct str found;

static void on_ref(void *ctx, const char *ref, size_t n) {
    (void)ctx;
    str_add(&found, ref, n);
    str_putc(&found, ' ');
}

/* The references among ORD5001, ORD50010, ABCDE and c8k2x9 that the content holds. */
static void names(const char *content, const char *expected) {
    static const char *const refs[] = {"ORD5001", "ORD50010", "ABCDE", "C8K2X9"};
    struct recon_filter *f = recon_filter_new();
    struct recon_text t;
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++)
        recon_filter_add(f, refs[i], strlen(refs[i]));
    str_done(&found);
    str_init(&found, 1000);
    recon_normal(&t, content);
    recon_references(&t, f, on_ref, NULL);
    CHECK_STR(str_get(&found), expected);
    recon_filter_free(f);
}

TEST(a_reference_is_found_however_the_bank_writes_it) {
    names("MBVCB.123.ord-5001.CT tu 0123 toi 4", "ORD5001 ");
    names("ORD 5001", "ORD5001 ");
    names("ORD50\n01", "ORD5001 ");
    names("Thanh toán đơn ORD5001", "ORD5001 ");
    names("123ORD5001CT", "ORD5001 ");
    names("c8k2x9", "C8K2X9 ");
    names("Ábcdé", "ABCDE ");
}

TEST(a_longer_number_is_another_order) {
    names("ORD-50010", "ORD50010 ");
    names("ORD-500100", "");
    names("XORD5001", "");
    names("ORD5001A", "ORD5001 "); /* digits end where letters begin */
    names("XABCDEX", "");
}

TEST(both_are_found_and_left_to_the_amount) {
    names("ORD5001 va ORD50010", "ORD5001 ORD50010 ");
    names("ORD5001 0", "ORD5001 ORD50010 ");
}

TEST(an_endless_content_is_cut) {
    static char content[5000];
    struct recon_text t;
    memset(content, 'a', sizeof content - 1);
    recon_normal(&t, content);
    CU_ASSERT_EQUAL(t.n, RECON_MAX_CONTENT);
    recon_normal(&t, "\xff\xfe");
    CU_ASSERT_EQUAL(t.n, 0);
    names("", "");
}

static bool almost(const char *content, const char *ref) {
    struct recon_text t;
    recon_normal(&t, content);
    return recon_almost(&t, ref, strlen(ref));
}

TEST(one_letter_wrong_is_almost) {
    CU_ASSERT_TRUE(almost("tt ORD5001 x", "ORD5001"));
    CU_ASSERT_TRUE(almost("tt ORD5011 x", "ORD5001"));  /* another */
    CU_ASSERT_TRUE(almost("tt ORD501 x", "ORD5001"));   /* one less */
    CU_ASSERT_TRUE(almost("tt ORD50001 x", "ORD5001")); /* one more */
    CU_ASSERT_TRUE(almost("tt 0RDSOOI x", "ORD5001"));  /* shapes, several */
    CU_ASSERT_TRUE(almost("tt O8D5001 x", "OBD5001"));
    CU_ASSERT_FALSE(almost("tt ORD5122 x", "ORD5001"));
    CU_ASSERT_FALSE(almost("tt ORD51 x", "ORD5001"));
    CU_ASSERT_FALSE(almost("ABC", "ABC")); /* too short to mean anything */
    CU_ASSERT_FALSE(almost("", "ORD5001"));
}

TEST(a_prefix_begins_a_token_and_goes_on) {
    struct recon_text t;
    recon_normal(&t, "tt GGB-77 abc");
    CU_ASSERT_TRUE(recon_has_prefix(&t, "GGB"));
    CU_ASSERT_FALSE(recon_has_prefix(&t, "GB"));
    CU_ASSERT_FALSE(recon_has_prefix(&t, "ABC")); /* nothing behind it */
    CU_ASSERT_FALSE(recon_has_prefix(&t, ""));
}

/* --- categories --- */

static const char *why_of(enum pay_status ours, enum pay_status theirs) {
    struct recon_order o = {ours, 100, true};
    struct recon_gateway g = {true, theirs, 100};
    const char *why = NULL;
    recon_compare(&o, &g, (struct recon_sources){true, false}, &why);
    return why;
}

TEST(two_states_are_told_in_words) {
    CHECK_STR(why_of(PAY_PENDING, PAY_COMPLETED),
              "paid at the gateway, open here: a lost callback");
    CHECK_STR(why_of(PAY_FAILED, PAY_COMPLETED), "paid at the gateway, failed here: late success");
    CHECK_STR(why_of(PAY_REFUNDED, PAY_COMPLETED), "refunded here, not at the gateway");
    CHECK_STR(why_of(PAY_COMPLETED, PAY_REFUNDED), "refunded at the gateway, not here");
    CHECK_STR(why_of(PAY_COMPLETED, PAY_FAILED), "paid here, not paid at the gateway");
    CHECK_STR(why_of(PAY_PENDING, PAY_FAILED), "the gateway has another state");
}

static void is(enum pay_status ours, enum pay_status theirs, int64_t amount,
               enum recon_category expected) {
    struct recon_order o = {ours, 100, true};
    struct recon_gateway g = {theirs != PAY_STATUS_NONE, theirs, amount};
    const char *why = NULL;
    enum recon_category got = recon_compare(&o, &g, (struct recon_sources){true, false}, &why);
    CHECK_STR(recon_category_info[got].name, recon_category_info[expected].name);
    CU_ASSERT_PTR_NOT_NULL(why);
}

TEST(database_and_gateway_of_each_other) {
    is(PAY_COMPLETED, PAY_COMPLETED, 100, RECON_MATCHED);
    is(PAY_REFUNDED, PAY_REFUNDED, 100, RECON_MATCHED);
    is(PAY_COMPLETED, PAY_COMPLETED, 101, RECON_AMOUNT_MISMATCH);
    is(PAY_PENDING, PAY_COMPLETED, 101, RECON_AMOUNT_MISMATCH);
    is(PAY_PENDING, PAY_COMPLETED, 100, RECON_STATUS_MISMATCH);
    is(PAY_FAILED, PAY_COMPLETED, 100, RECON_STATUS_MISMATCH);
    is(PAY_REFUNDED, PAY_COMPLETED, 100, RECON_STATUS_MISMATCH);
    is(PAY_COMPLETED, PAY_FAILED, 100, RECON_STATUS_MISMATCH);
    is(PAY_COMPLETED, PAY_REFUNDED, 100, RECON_STATUS_MISMATCH);
    is(PAY_COMPLETED, PAY_PENDING, 100, RECON_STATUS_MISMATCH);
    is(PAY_PENDING, PAY_FAILED, 100, RECON_STATUS_MISMATCH);
    is(PAY_FAILED, PAY_PENDING, 100, RECON_STATUS_MISMATCH);
    is(PAY_PENDING, PAY_PROCESSING, 100, RECON_NOT_PAID);
    is(PAY_FAILED, PAY_FAILED, 99, RECON_NOT_PAID); /* no money: its amount means nothing */
    is(PAY_COMPLETED, PAY_STATUS_NONE, 0, RECON_MISSING_AT_GATEWAY);
    is(PAY_PENDING, PAY_STATUS_NONE, 0, RECON_MISSING_AT_GATEWAY);
    is(PAY_FAILED, PAY_STATUS_NONE, 0, RECON_NOT_PAID);
}

TEST(an_order_that_may_still_be_paid_is_not_missing) {
    struct recon_order young = {PAY_PENDING, 100, false};
    const char *why;
    CU_ASSERT_EQUAL(recon_compare(&young, NULL, (struct recon_sources){true, false}, &why),
                    RECON_NOT_PAID);
    CU_ASSERT_EQUAL(recon_compare(&young, NULL, (struct recon_sources){false, true}, &why),
                    RECON_NOT_CHECKED);
}

TEST(every_category_says_what_to_do) {
    for (int i = 0; i < RECON_CATEGORIES; i++)
        CU_ASSERT_TRUE(recon_category_info[i].name && recon_category_info[i].todo);
}

static void does(enum recon_category c, bool transfer, enum pay_status ours, const char *expected) {
    const struct recon_case about = {
        .category = c, .transfer = transfer, .has_gateway = !transfer, .ours = ours};
    const char *todo = recon_todo(&about);
    if (!strstr(todo, expected))
        printf("\n    \"%s\" is not in \"%s\"\n", expected, todo);
    CU_ASSERT_PTR_NOT_NULL(strstr(todo, expected));
}

/* A transfer has no callback and no gateway; what is settled here no act opens again. */
TEST(what_to_do_fits_the_payment) {
    does(RECON_STATUS_MISMATCH, true, PAY_PENDING, "goodgo payments settle-transfer");
    does(RECON_STATUS_MISMATCH, true, PAY_FAILED, "give it back, or two people");
    does(RECON_STATUS_MISMATCH, false, PAY_PROCESSING, "verify and replay");
    does(RECON_STATUS_MISMATCH, false, PAY_FAILED, "by hand");
    does(RECON_MISSING_IN_STATEMENT, true, PAY_COMPLETED, "customer");
    does(RECON_MISSING_IN_STATEMENT, false, PAY_COMPLETED, "gateway");
    does(RECON_NOT_CHECKED, true, PAY_PENDING, "statement");
    does(RECON_NOT_CHECKED, false, PAY_PENDING, "gateway");
    struct recon_case refunded = {.category = RECON_STATUS_MISMATCH,
                                  .has_gateway = true,
                                  .ours = PAY_PENDING,
                                  .theirs = PAY_REFUNDED};
    CU_ASSERT_PTR_NOT_NULL(strstr(recon_todo(&refunded), "by hand"));
    for (int i = 0; i < RECON_CATEGORIES; i++) {
        struct recon_case about = {.category = (enum recon_category)i,
                                   .transfer = true,
                                   .approved = true,
                                   .ours = PAY_PENDING};
        CU_ASSERT_PTR_NULL(strstr(recon_todo(&about), "callback"));
    }
}

TEST(what_two_people_agreed_to_is_to_be_booked) {
    struct recon_case about = {.category = RECON_SUGGESTED, .transfer = true, .ours = PAY_PENDING};
    CHECK_STR(recon_todo(&about), recon_category_info[RECON_SUGGESTED].todo);
    about.approved = true;
    CU_ASSERT_PTR_NOT_NULL(strstr(recon_todo(&about), "settle-transfer"));
    about.transfer = false;
    CU_ASSERT_PTR_NOT_NULL(strstr(recon_todo(&about), "replay"));
    about.ours = PAY_COMPLETED;
    CU_ASSERT_PTR_NOT_NULL(strstr(recon_todo(&about), "nothing"));
}

static void cell(const char *s, const char *expected) {
    struct str out;
    str_init(&out, 100);
    recon_csv_cell(&out, s);
    CHECK_STR(str_get(&out), expected);
    str_done(&out);
}

TEST(cells_are_quoted_and_compute_nothing) {
    cell("abc", "abc");
    cell("a,b", "\"a,b\"");
    cell("say \"hi\"", "\"say \"\"hi\"\"\"");
    cell("a\nb", "\"a\nb\"");
    cell("=1+1", "\"'=1+1\"");
    cell("+84", "\"'+84\"");
    cell("-cmd", "\"'-cmd\"");
    cell("-", "\"'-\"");
    cell("@x", "\"'@x\"");
    cell("\tx", "\"'\tx\"");
    cell("\rx", "\"'\rx\"");
    cell("-5000", "-5000");
    cell("", "");
}

SUITE(recon, T(a_reference_is_found_however_the_bank_writes_it),
      T(a_longer_number_is_another_order), T(both_are_found_and_left_to_the_amount),
      T(an_endless_content_is_cut), T(one_letter_wrong_is_almost),
      T(a_prefix_begins_a_token_and_goes_on), T(two_states_are_told_in_words),
      T(database_and_gateway_of_each_other), T(an_order_that_may_still_be_paid_is_not_missing),
      T(every_category_says_what_to_do), T(what_to_do_fits_the_payment),
      T(what_two_people_agreed_to_is_to_be_booked), T(cells_are_quoted_and_compute_nothing))
