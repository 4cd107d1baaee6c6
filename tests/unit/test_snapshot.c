/* tests/unit/test_snapshot.c - copies share their sections; the order is worst and cause first. */
#include "harness.h"

#include <string.h>

#include "model/snapshot.h"

/* A snapshot whose section of `service` is replaced; takes over s. */
static struct snapshot *set(struct snapshot *s, enum service service, enum health health,
                            const char *caused_by) {
    struct section *sec = section_new(service);
    sec->health = health;
    sec->has_reading = true;
    sec->caused_by = caused_by;
    struct snapshot *next = snapshot_with(s, sec);
    snapshot_unref(s);
    return next;
}

static struct snapshot *all_ok(void) {
    struct snapshot *s = snapshot_new("dev", false);
    for (int i = 0; i < SERVICE_COUNT; i++)
        s = set(s, (enum service)i, HEALTH_OK, NULL);
    return s;
}

TEST(the_context_is_cleaned_and_cut_between_characters) {
    struct snapshot *s =
        snapshot_new("\033prod-\341\272\255-\341\272\255-\341\272\255-\341\272\255-"
                     "\341\272\255-\341\272\255-\341\272\255",
                     true);
    CU_ASSERT_TRUE(strlen(s->context) < sizeof s->context);
    CU_ASSERT_EQUAL(strncmp(s->context, "?prod-", 6), 0);
    CU_ASSERT_TRUE((unsigned char)s->context[strlen(s->context) - 1] == '-' ||
                   (unsigned char)s->context[strlen(s->context) - 1] == 0xad);
    CU_ASSERT_TRUE(s->production);
    snapshot_unref(s);
    snapshot_unref(NULL);
}

TEST(a_copy_shares_what_it_does_not_replace) {
    struct snapshot *s = all_ok();
    struct snapshot *next = snapshot_with(s, section_new(SERVICE_redis));
    CU_ASSERT_EQUAL(next->generation, s->generation + 1);
    CU_ASSERT_PTR_EQUAL(next->sections[SERVICE_api], s->sections[SERVICE_api]);
    CU_ASSERT_PTR_NOT_EQUAL(next->sections[SERVICE_redis], s->sections[SERVICE_redis]);
    struct snapshot *later = snapshot_at(next, 5, 6, 25200);
    CU_ASSERT_EQUAL(later->generation, next->generation);
    CU_ASSERT_EQUAL(later->now_mono_ms, 5);
    CU_ASSERT_EQUAL(later->now_wall_ms, 6);
    CU_ASSERT_EQUAL(later->utc_offset_s, 25200);
    snapshot_unref(s);
    snapshot_unref(next);
    CU_ASSERT_EQUAL(later->sections[SERVICE_api]->health, HEALTH_OK);
    struct snapshot *same = snapshot_ref(later);
    snapshot_unref(later);
    CU_ASSERT_EQUAL(same->now_mono_ms, 5);
    snapshot_unref(same);
}

TEST(worst_first_and_a_cause_before_its_symptoms) {
    enum service order[SERVICE_COUNT];
    struct snapshot *s = all_ok();
    s = set(s, SERVICE_api, HEALTH_CRITICAL, "redis");
    s = set(s, SERVICE_redis, HEALTH_CRITICAL, NULL);
    s = set(s, SERVICE_loki, HEALTH_WARNING, NULL);
    s = set(s, SERVICE_grafana, HEALTH_OFF, NULL);
    snapshot_worst_first(s, order);
    CU_ASSERT_EQUAL(order[0], SERVICE_redis);
    CU_ASSERT_EQUAL(order[1], SERVICE_api);
    CU_ASSERT_EQUAL(order[2], SERVICE_loki);
    CU_ASSERT_EQUAL(order[3], SERVICE_web); /* equals stay in the inventory's order */
    CU_ASSERT_EQUAL(order[SERVICE_COUNT - 1], SERVICE_grafana);
    snapshot_unref(s);
}

TEST(a_cause_stands_as_high_as_the_worst_that_it_causes) {
    enum service order[SERVICE_COUNT];
    struct snapshot *s = all_ok();
    s = set(s, SERVICE_pgbouncer, HEALTH_WARNING, "postgres");
    s = set(s, SERVICE_api, HEALTH_CRITICAL, "postgres");
    s = set(s, SERVICE_postgres, HEALTH_WARNING, NULL); /* it only says that it starts */
    s = set(s, SERVICE_loki, HEALTH_CRITICAL, NULL);
    s = set(s, SERVICE_web, HEALTH_WARNING, NULL);
    snapshot_worst_first(s, order);
    CU_ASSERT_EQUAL(order[0], SERVICE_postgres);
    CU_ASSERT_EQUAL(order[1], SERVICE_api);
    CU_ASSERT_EQUAL(order[2], SERVICE_pgbouncer);
    CU_ASSERT_EQUAL(order[3], SERVICE_loki);
    CU_ASSERT_EQUAL(order[4], SERVICE_web);
    CU_ASSERT_EQUAL(snapshot_weight(s, SERVICE_postgres), HEALTH_CRITICAL);
    CU_ASSERT_EQUAL(snapshot_symptoms(s, SERVICE_loki), HEALTH_OFF);
    snapshot_unref(s);
}

static struct snapshot *fail(struct snapshot *s, enum service service, enum err_code code,
                             uint32_t depends) {
    struct snapshot *next = set(s, service, HEALTH_CRITICAL, NULL);
    next->sections[service]->failed = true;
    next->sections[service]->depends = depends;
    err_set(&next->sections[service]->err, code, "test", "", "no answer");
    return next;
}

TEST(silence_of_all_is_no_services_fault) {
    struct snapshot *s = all_ok();
    for (int i = 0; i < SERVICE_COUNT; i++)
        s = set(s, (enum service)i, HEALTH_OFF, NULL);
    CU_ASSERT_EQUAL(snapshot_silent(s), 0);
    s = fail(s, SERVICE_postgres, E_TIMEOUT, 0);
    s = fail(s, SERVICE_api, E_TIMEOUT, BIT(SERVICE_postgres));
    s = fail(s, SERVICE_redis, E_RESOLVE, 0);
    CU_ASSERT_EQUAL(snapshot_silent(s), 0); /* two that need nobody may be chance */
    s = fail(s, SERVICE_loki, E_TIMEOUT, 0);
    CU_ASSERT_EQUAL(snapshot_silent(s), 4);
    s = set(s, SERVICE_pg_backup, HEALTH_OK, NULL); /* a directory here: not asked over it */
    CU_ASSERT_EQUAL(snapshot_silent(s), 4);
    s = fail(s, SERVICE_minio, E_REFUSED, 0); /* that was an answer of its machine */
    CU_ASSERT_EQUAL(snapshot_silent(s), 0);
    s = set(s, SERVICE_minio, HEALTH_OK, NULL);
    CU_ASSERT_EQUAL(snapshot_silent(s), 0);
    snapshot_unref(s);
}

TEST(services_that_no_way_leads_to_have_one_reason) {
    struct snapshot *s = fail(all_ok(), SERVICE_redis, E_UNREACHABLE, 0);
    CU_ASSERT_EQUAL(snapshot_cut_off(s), 0); /* one is its own affair */
    s = fail(s, SERVICE_minio, E_TIMEOUT, 0);
    CU_ASSERT_EQUAL(snapshot_cut_off(s), 0);
    s = fail(s, SERVICE_minio, E_UNREACHABLE, 0);
    CU_ASSERT_EQUAL(snapshot_cut_off(s), BIT(SERVICE_redis) | BIT(SERVICE_minio));
    CU_ASSERT_EQUAL(snapshot_silent(s), 0);
    for (int i = 0; i < SERVICE_COUNT; i++)
        s = fail(s, (enum service)i, E_UNREACHABLE, 0);
    CU_ASSERT_EQUAL(snapshot_cut_off(s), 0);
    CU_ASSERT_EQUAL(snapshot_silent(s), SERVICE_COUNT - 1); /* backups are a directory */
    snapshot_unref(s);
}

TEST(counts_and_the_overall_state) {
    uint32_t counts[HEALTH_COUNT];
    struct snapshot *s = all_ok();
    CU_ASSERT_EQUAL(snapshot_overall(s), HEALTH_OK);
    s = set(s, SERVICE_grafana, HEALTH_OFF, NULL);
    s = set(s, SERVICE_loki, HEALTH_WARNING, NULL);
    snapshot_count(s, counts);
    CU_ASSERT_EQUAL(counts[HEALTH_OK], SERVICE_COUNT - 2);
    CU_ASSERT_EQUAL(counts[HEALTH_OFF], 1);
    CU_ASSERT_EQUAL(counts[HEALTH_WARNING], 1);
    CU_ASSERT_EQUAL(snapshot_overall(s), HEALTH_WARNING);
    for (int i = 0; i < SERVICE_COUNT; i++)
        s = set(s, (enum service)i, HEALTH_OFF, NULL);
    CU_ASSERT_EQUAL(snapshot_overall(s), HEALTH_UNKNOWN); /* nothing watched is not well */
    snapshot_unref(s);
}

SUITE(snapshot, T(the_context_is_cleaned_and_cut_between_characters),
      T(a_copy_shares_what_it_does_not_replace), T(worst_first_and_a_cause_before_its_symptoms),
      T(a_cause_stands_as_high_as_the_worst_that_it_causes), T(silence_of_all_is_no_services_fault),
      T(services_that_no_way_leads_to_have_one_reason), T(counts_and_the_overall_state))
