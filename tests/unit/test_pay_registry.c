/* tests/unit/test_pay_registry.c - what every provider's tables must keep, also those of a provider
 * that nobody has written yet. */
#include "pay_harness.h"

#include "src/pay/pay_priv.h"

static void complain(const struct pay_provider *p, const char *what) {
    printf("\n    %s: %s\n", p->id, what);
    CU_FAIL("a provider's table");
}

/* Settings that a list of names takes values from. */
static bool settings_exist(const struct pay_provider *p, const char *list) {
    struct pay_word w;
    while (pay_word_next(&list, &w))
        if (w.setting[0] && pay_setting_index(p, w.setting) < 0)
            return false;
    return true;
}

static void check_kind(const struct pay_provider *p, const struct pay_kind *k) {
    if (!k->help || !k->forms || !k->marks)
        complain(p, "a kind without help, forms or marks");
    if (!k->signature)
        return;
    if (!k->secret || pay_setting_index(p, k->secret) < 0 ||
        p->settings[pay_setting_index(p, k->secret)].role != PAY_SECRET)
        complain(p, "a kind whose secret is no secret setting");
    if (k->merchant && !p->merchant)
        complain(p, "a kind with a merchant field, of a provider without merchant ids");
    if (!settings_exist(p, k->fields) || !settings_exist(p, k->required))
        complain(p, "a kind that names a setting that is not there");
    if ((k->fields != NULL) != (k->joint != 0))
        complain(p, "fields without a joint, or a joint without fields");
    if (!k->variants || !k->variants->accepted || !k->read)
        complain(p, "a kind that nothing verifies or reads");
}

TEST(every_table_is_whole) {
    for (uint32_t i = 0; i < n_pay_providers; i++) {
        const struct pay_provider *p = pay_providers[i];
        CU_ASSERT_PTR_EQUAL(pay_provider_find(p->id), p);
        CU_ASSERT(p->n_settings <= PAY_MAX_SETTINGS);
        if (p->merchant && pay_setting_index(p, p->merchant) < 0)
            complain(p, "its merchant setting is not there");
        for (uint32_t k = 0; k < p->n_kinds; k++)
            check_kind(p, &p->kinds[k]);
        for (uint32_t k = 0; k < p->n_kinds; k++)
            for (uint32_t j = 0; j < k; j++)
                if (!strcmp(p->kinds[j].name, p->kinds[k].name))
                    complain(p, "two kinds of one name: a list of them says nothing");
    }
}

TEST(no_two_providers_share_a_setting) {
    for (uint32_t i = 0; i < n_pay_providers; i++)
        for (uint32_t s = 0; s < pay_providers[i]->n_settings; s++)
            for (uint32_t j = 0; j < i; j++)
                CU_ASSERT(pay_setting_index(pay_providers[j],
                                            pay_providers[i]->settings[s].env_name) < 0);
}

TEST(an_unsigned_kind_says_so_once) {
    struct bench b;
    bench_zalopay(&b);
    CU_ASSERT_FALSE(bench_verify(&b, "auto", "{\"return_code\":1,\"amount\":50000}"));
    CHECK_STR(b.r.reason,
              "UNSIGNED: ZaloPay's answer to a query; it carries no signature: only TLS "
              "proves it, so ask again rather than trust a copy");
    bench_done(&b);
}

/* Credentials stand by number, and each provider has its own numbers. */
TEST(a_key_of_another_provider_proves_nothing) {
    static const char query[] =
        "vnp_Amount=100&vnp_BankCode=NCB&vnp_OrderInfo=x&vnp_ResponseCode=00"
        "&vnp_TmnCode=DEMOSHP1&vnp_TransactionNo=1"
        "&vnp_TransactionStatus=00&vnp_TxnRef=O1";
    struct bench b;
    bench_vnpay(&b);
    CU_ASSERT_TRUE(bench_verify(&b, "ipn", vnpay_call(&b, query)));
    bench_set(&b, 1, "momo", "MOMO_SECRET_KEY", "of MoMo");
    for (size_t i = 0; i < PAY_MAX_SETTINGS; i++)
        b.accounts[1].values[i] = "of MoMo";
    const char *hash = sign(&b.arena, DIGEST_SHA512, true, "of MoMo", query);
    CU_ASSERT_FALSE(
        bench_verify(&b, "ipn", arena_printf(&b.arena, "%s&vnp_SecureHash=%s", query, hash)));
    CU_ASSERT_EQUAL(b.r.failure, PAY_BAD_SIGNATURE);
    CU_ASSERT_TRUE(bench_verify(&b, "ipn", vnpay_call(&b, query)));
    bench_done(&b);
}

SUITE(pay_registry, T(a_key_of_another_provider_proves_nothing), T(every_table_is_whole),
      T(no_two_providers_share_a_setting), T(an_unsigned_kind_says_so_once))
