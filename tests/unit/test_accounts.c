/* tests/unit/test_accounts.c - payment credentials from the env file and the history in the config:
 * what is taken, what is refused, and that no refusal repeats a secret. */
#include "harness.h"

#include <string.h>

#include "app/accounts.h"
#include "app/config.h"
#include "codec/pay.h"

#define ENV                                                                                        \
    "VNPAY_TMN_CODE=DEMOSHP1\nVNPAY_HASH_SECRET=present\nVNPAY_OLD='of 2019'\n"                    \
    "MOMO_SECRET_KEY=CHANGE_ME\n"

static struct arena arena;

static bool make(struct settings *s, const char *env_text, const char *config_text,
                 struct err *err) {
    struct env env;
    struct config config;
    env_init(&env, &arena);
    config_init(&config);
    *s = (struct settings){0};
    return env_parse(&env, ".env", env_text, strlen(env_text), err) &&
           config_parse(&config, &arena, "config", config_text, strlen(config_text), err) &&
           accounts_make(s, &arena, &env, &config, err);
}

static const struct pay_account *account(const struct settings *s, const char *provider,
                                         const char *name) {
    for (uint32_t i = 0; i < s->n_pay_accounts; i++)
        if (!strcmp(s->pay_accounts[i].provider, provider) &&
            !strcmp(s->pay_accounts[i].name, name))
            return &s->pay_accounts[i];
    return NULL;
}

static const char *get(const struct pay_account *a, const char *env_name) {
    return a ? pay_account_get(pay_provider_find(a->provider), a, env_name) : NULL;
}

TEST(takes_what_each_provider_declares_from_the_env_file) {
    struct settings s;
    struct err err;
    CU_ASSERT(make(&s, ENV, "", &err));
    CU_ASSERT_EQUAL(s.n_pay_accounts, n_pay_providers);
    CHECK_STR(get(account(&s, "vnpay", "current"), "VNPAY_HASH_SECRET"), "present");
    CHECK_STR(get(account(&s, "momo", "current"), "MOMO_SECRET_KEY"), NULL); /* a placeholder */
    arena_done(&arena);
}

TEST(takes_a_history_whose_secrets_stay_in_the_env_file) {
    struct settings s;
    struct err err;
    CU_ASSERT(make(&s, ENV,
                   "payments.history = vnpay from=2019-01-01 until=2021-06-30 "
                   "GOODGO_VNPAY_HASH_TYPE=MD5 VNPAY_HASH_SECRET=VNPAY_OLD\n",
                   &err));
    const struct pay_account *a = account(&s, "vnpay", "history 1");
    CHECK_STR(get(a, "VNPAY_HASH_SECRET"), "of 2019");
    CHECK_STR(get(a, "GOODGO_VNPAY_HASH_TYPE"), "MD5");
    CHECK_STR(get(a, "VNPAY_TMN_CODE"), "DEMOSHP1"); /* not named: as today */
    CU_ASSERT(a && a->from_wall_s == 1546275600);    /* 2018-12-31T17:00:00Z */
    CU_ASSERT(a && a->until_wall_s == 1625072400);   /* the whole of 30 June in Vietnam */
    arena_done(&arena);
}

TEST(refuses_lines_that_say_too_little_and_repeats_no_secret) {
    static const struct {
        const char *line, *why;
    } rows[] = {
        {"vnpay VNPAY_HASH_SECRET=VNPAY_OLD", "lacks until"},
        {"until=2021-06-30", "begins with the name of a payment provider"},
        {"vnpay until=30/06/2021", "no day"},
        {"vnpay until=2021-06-30 VNPAY_HASH_SECRET=s3cretWrittenHere", "name of an entry"},
        {"vnpay until=2021-06-30 MOMO_SECRET_KEY=VNPAY_OLD", "has no setting"},
        {"vnpay until=2021-06-30 GOODGO_VNPAY_HASH_TYPE=SHA1", "is one of HMACSHA512|SHA256|MD5"},
        {"vnpay until=2021-06-30 s3cretWrittenHereAlone", "is not NAME=value"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct settings s;
        struct err err = {0};
        char line[200];
        snprintf(line, sizeof line, "\npayments.history = %s\n", rows[i].line);
        CU_ASSERT_FALSE(make(&s, ENV, line, &err));
        CHECK_STR(err.target, "config:2");
        CU_ASSERT_PTR_NOT_NULL(strstr(err.why, rows[i].why));
        CU_ASSERT_PTR_NULL(strstr(err.why, "s3cret"));
        arena_done(&arena);
    }
}

TEST(refuses_a_hash_type_that_is_none) {
    struct settings s;
    struct err err = {0};
    CU_ASSERT_FALSE(make(&s, "GOODGO_VNPAY_HASH_TYPE=SHA512\n", "", &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "HMACSHA512|SHA256|MD5"));
    CU_ASSERT(make(&s, "GOODGO_VNPAY_HASH_TYPE=MD5\nGOODGO_VNPAY_VERSION=2.0.x\n", "", &err));
    arena_done(&arena);
}

TEST(reads_days_as_vietnam_has_them_and_times_as_they_are) {
    int64_t wall_s;
    CU_ASSERT(accounts_time("2026-10-10", &wall_s) && wall_s == 1791565200);
    CU_ASSERT(accounts_time("2026-10-10T00:00:00+07:00", &wall_s) && wall_s == 1791565200);
    CU_ASSERT(accounts_time("2026-10-09T17:00:00Z", &wall_s) && wall_s == 1791565200);
    CU_ASSERT_FALSE(accounts_time("yesterday", &wall_s));
    CU_ASSERT_FALSE(accounts_time("", &wall_s));
}

SUITE(accounts, T(takes_what_each_provider_declares_from_the_env_file),
      T(takes_a_history_whose_secrets_stay_in_the_env_file),
      T(refuses_lines_that_say_too_little_and_repeats_no_secret),
      T(refuses_a_hash_type_that_is_none), T(reads_days_as_vietnam_has_them_and_times_as_they_are))
