/* tests/unit/test_engine_schedule.c - how often a service is asked, how long it is given, and how
 * soon after a failure it is asked again: numbers, without a loop. */
#include "harness.h"

#include "src/engine/engine_priv.h"

static struct engine e;
static struct settings settings;
static struct asker *a = &e.askers[SERVICE_redis];

static void begin(const struct probe *p) {
    settings = (struct settings){0};
    e = (struct engine){.settings = &settings, .random = 1};
    *a = (struct asker){.engine = &e, .service = SERVICE_redis, .probe = p};
}

TEST(what_the_settings_say_goes_before_the_probe_and_that_before_the_default) {
    static const struct probe p = {.interval_ms = 10000, .timeout_ms = 3000, .retries = 5};
    begin(NULL);
    CU_ASSERT_EQUAL(asker_interval_ms(a), 15000);
    CU_ASSERT_EQUAL(asker_timeout_ms(a), 5000);
    CU_ASSERT_EQUAL(asker_retries(a), 3);
    begin(&p);
    CU_ASSERT_EQUAL(asker_interval_ms(a), 10000);
    CU_ASSERT_EQUAL(asker_timeout_ms(a), 3000);
    CU_ASSERT_EQUAL(asker_retries(a), 5);
    settings.poll[SERVICE_redis] = (struct poll_settings){60000, 700, 9};
    CU_ASSERT_EQUAL(asker_interval_ms(a), 60000);
    CU_ASSERT_EQUAL(asker_timeout_ms(a), 700);
    CU_ASSERT_EQUAL(asker_retries(a), 9);
    settings.timeout_ms = 800; /* of the command line: for all */
    CU_ASSERT_EQUAL(asker_timeout_ms(a), 800);
}

TEST(what_is_looked_at_is_asked_each_two_seconds_at_least) {
    begin(NULL);
    e.focus = BIT(SERVICE_redis);
    CU_ASSERT_EQUAL(asker_interval_ms(a), 2000);
    settings.poll[SERVICE_redis].interval_ms = 500;
    CU_ASSERT_EQUAL(asker_interval_ms(a), 500);
    e.focus = BIT(SERVICE_api);
    settings.poll[SERVICE_redis].interval_ms = 2500;
    CU_ASSERT_EQUAL(asker_interval_ms(a), 2500);
}

static const struct {
    uint32_t interval_ms, failures, ms;
} delays[] = {
    {10000, 0, 10000}, {10000, 1, 2500},  {10000, 2, 5000},  {10000, 3, 10000}, {10000, 99, 10000},
    {30000, 1, 7500},  {30000, 2, 15000}, {30000, 3, 30000}, {2000, 1, 1000},   {2000, 2, 2000},
    {1500, 2, 1500},   {500, 1, 500},     {500, 2, 500},
};

/* A tenth around it, so that thirteen services and a thousand consoles drift apart. */
TEST(a_failure_is_looked_at_soon_then_less_soon_and_never_later_than_the_interval) {
    for (size_t i = 0; i < ARRAY_LEN(delays); i++) {
        uint32_t ms = delays[i].ms, tenth = ms / 10, least = UINT32_MAX, most = 0;
        begin(NULL);
        settings.poll[SERVICE_redis].interval_ms = delays[i].interval_ms;
        for (int n = 0; n < 2000; n++) {
            uint32_t delay_ms = asker_delay_ms(a, delays[i].failures);
            least = delay_ms < least ? delay_ms : least;
            most = delay_ms > most ? delay_ms : most;
        }
        CU_ASSERT(least >= ms - tenth && least <= ms - tenth * 9 / 10);
        CU_ASSERT(most <= ms + tenth && most >= ms + tenth * 9 / 10);
    }
}

SUITE(engine_schedule, T(what_the_settings_say_goes_before_the_probe_and_that_before_the_default),
      T(what_is_looked_at_is_asked_each_two_seconds_at_least),
      T(a_failure_is_looked_at_soon_then_less_soon_and_never_later_than_the_interval))
