/* tests/unit/test_drill_definitions.c - what a drill makes of definitions that differ: what the
 * archive should have brought is a failure, what the place decides is a warning that says so. */
#include "harness.h"

#include <string.h>

#include "../../src/act/drill_priv.h"

#define OURS   150018 /* what was dumped */
#define OTHERS 180006

static struct arena arena;
static struct drill_report report;

static struct catalog_item expected_items[] = {
    {"column", "User.id", "text not null"},
    {"extension", "postgis", "3.3.2"},
    {"view", "staff", " SELECT u.id FROM \"User\" u;"},
};
static const struct expectation expected = {.catalog = {expected_items, ARRAY_LEN(expected_items)},
                                            .server_version = OURS};

/* Of these items restored into a server of that version, the check of that name. */
static enum check_status status(const struct catalog_item *found, uint32_t n, int version,
                                const char *check, const char **ret_detail) {
    struct catalog c = {(struct catalog_item *)(uintptr_t)found, n};
    report = (struct drill_report){.arena = &arena};
    check_definitions(&report, &expected, &c, version);
    for (uint32_t i = 0; i < report.n; i++)
        if (!strcmp(report.checks[i].check, check)) {
            *ret_detail = report.checks[i].detail;
            return report.checks[i].status;
        }
    CU_FAIL_FATAL("no such check");
    return CHECK_FAIL;
}

TEST(definitions_that_agree_pass) {
    const char *detail;
    arena_init(&arena);
    CU_ASSERT_EQUAL(status(expected_items, 3, OURS, "Views", &detail), CHECK_PASS);
    CHECK_STR(detail, "All 1 views as in the manifest");
    CU_ASSERT_EQUAL(status(expected_items, 3, OURS, "Extensions", &detail), CHECK_PASS);
}

TEST(an_extension_of_another_version_is_the_places_and_a_missing_one_is_not) {
    const char *detail;
    struct catalog_item found[3];
    memcpy(found, expected_items, sizeof found);
    found[1].definition = "3.6.4";
    CU_ASSERT_EQUAL(status(found, 3, OURS, "Extensions", &detail), CHECK_WARNING);
    CHECK_STR(detail,
              "1 differ from the manifest: postgis other (3.6.4, was 3.3.2); no archive holds "
              "their versions, the place's packages decide");
    CU_ASSERT_EQUAL(status(found, 1, OURS, "Extensions", &detail), CHECK_FAIL);
    CHECK_STR(detail, "1 differ from the manifest: postgis missing;");
}

TEST(a_view_in_the_words_of_another_postgresql_is_told_and_in_its_own_a_failure) {
    const char *detail;
    struct catalog_item found[3];
    memcpy(found, expected_items, sizeof found);
    found[2].definition = " SELECT id FROM \"User\" u;";
    CU_ASSERT_EQUAL(status(found, 3, OTHERS, "Views", &detail), CHECK_WARNING);
    CU_ASSERT_PTR_NOT_NULL(strstr(detail, "; PostgreSQL 18 here words them otherwise than 15"));
    CU_ASSERT_EQUAL(status(found, 3, OURS + 1, "Views", &detail), CHECK_FAIL);
    CU_ASSERT_EQUAL(status(found, 2, OTHERS, "Views", &detail), CHECK_FAIL);
}

TEST(large_objects_that_nothing_vouches_for_are_told) {
    struct archive_entry entries[] = {{.type = "TABLE DATA"}, {.type = "BLOBS"}, {.type = "BLOBS"}};
    const struct archive_toc toc = {.entries = entries, .n = 3},
                             none = {.entries = entries, .n = 1};
    const struct expectation live = {.live = true};
    report = (struct drill_report){.arena = &arena};
    check_large_objects(&report, &live, &none);
    check_large_objects(&report, &expected, &toc);
    CU_ASSERT_EQUAL(report.n, 0);
    check_large_objects(&report, &live, &toc);
    CU_ASSERT_EQUAL_FATAL(report.n, 1);
    CHECK_STR(report.checks[0].check, "Large objects");
    CU_ASSERT_EQUAL(report.checks[0].status, CHECK_WARNING);
}

TEST(another_column_is_a_failure_in_every_version) {
    const char *detail;
    struct catalog_item found[3];
    memcpy(found, expected_items, sizeof found);
    found[0].definition = "text";
    CU_ASSERT_EQUAL(status(found, 3, OTHERS, "Columns", &detail), CHECK_FAIL);
    arena_done(&arena);
}

SUITE(drill_definitions, T(definitions_that_agree_pass),
      T(an_extension_of_another_version_is_the_places_and_a_missing_one_is_not),
      T(a_view_in_the_words_of_another_postgresql_is_told_and_in_its_own_a_failure),
      T(large_objects_that_nothing_vouches_for_are_told),
      T(another_column_is_a_failure_in_every_version))
