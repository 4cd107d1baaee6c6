/* tests/harness.c - runs one CUnit suite; fails on failed assertions, on failed set-up and on an
 * empty suite alike. */
#include "harness.h"

#include <stdio.h>
#include <string.h>

int harness_run(const char *suite_name, CU_TestInfo *tests) {
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    CU_SuiteInfo suites[] = {{suite_name, NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    if (CU_register_suites(suites) != CUE_SUCCESS) {
        fprintf(stderr, "%s: %s\n", suite_name, CU_get_error_msg());
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    /* CU_basic_run_tests() returns 0 even with failed assertions. */
    bool bad = CU_get_number_of_failures() || CU_get_number_of_failure_records() ||
               !CU_get_number_of_asserts();
    CU_cleanup_registry();
    return bad ? 1 : 0;
}

void harness_check_str(const char *got, const char *expected, const char *file, int line) {
    bool same = got && expected ? strcmp(got, expected) == 0 : got == expected;
    if (!same)
        printf("\n    got      \"%s\"\n    expected \"%s\"\n", got ? got : "(null)",
               expected ? expected : "(null)");
    CU_assertImplementation(same, (unsigned)line, "strings are equal", file, "", CU_FALSE);
}

void harness_check_has(const char *text, const char *part, const char *file, int line) {
    bool has = text && strstr(text, part);
    if (!has)
        printf("\n    got      \"%s\"\n    without  \"%s\"\n", text ? text : "(null)", part);
    CU_assertImplementation(has, (unsigned)line, "the text has that part", file, "", CU_FALSE);
}
