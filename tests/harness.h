/* tests/harness.h - CUnit with exit codes that tell the truth. A test file is a list of TEST()s and
 * one SUITE() at the end; the binary is one suite, run by ctest.
 *
 *     TEST(replaces_c1_controls) { ... CU_ASSERT_EQUAL(a, b); }
 *     SUITE(text_clean, T(replaces_c1_controls), T(...))
 */
#ifndef GOODGO_TESTS_HARNESS_H
#define GOODGO_TESTS_HARNESS_H

#include <stdbool.h>

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>

#ifdef __clang_analyzer__ /* CUnit's header does not say that a failed _FATAL claim never returns  \
                           */
#include <stdlib.h>
#undef CU_ASSERT_TRUE_FATAL
#undef CU_ASSERT_PTR_NOT_NULL_FATAL
#undef CU_ASSERT_EQUAL_FATAL
#define CU_ASSERT_TRUE_FATAL(claim)     ((claim) ? (void)0 : abort())
#define CU_ASSERT_PTR_NOT_NULL_FATAL(p) CU_ASSERT_TRUE_FATAL((p) != NULL)
#define CU_ASSERT_EQUAL_FATAL(a, b)     CU_ASSERT_TRUE_FATAL((a) == (b))
#endif

#define TEST(name) static void test_##name(void)
#define T(name)                                                                                    \
    { #name, test_##name }
#define SUITE(suite_name, ...)                                                                     \
    int main(void) {                                                                               \
        CU_TestInfo tests[] = {__VA_ARGS__, CU_TEST_INFO_NULL};                                    \
        return harness_run(#suite_name, tests);                                                    \
    }
#define CHECK_STR(got, expected) harness_check_str((got), (expected), __FILE__, __LINE__)
#define CHECK_HAS(text, part)    harness_check_has((text), (part), __FILE__, __LINE__)

/* How long a test waits for what must come. On a free machine it comes at once; a busy one, a slow
 * one or a sanitizer may be late, so that only what never comes may cost all of it. */
#define PATIENCE_MS 60000

int harness_run(const char *suite_name, CU_TestInfo *tests);
void harness_check_str(const char *got, const char *expected, const char *file, int line);
/* NULL has no part. */
void harness_check_has(const char *text, const char *part, const char *file, int line);

#endif
