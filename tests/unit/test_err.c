/* tests/unit/test_err.c - an error is a sentence with a next step, whatever goes into it. */
#include "harness.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"

TEST(a_sentence_says_what_where_why_and_what_to_do) {
    struct err err;
    char buf[600];
    CU_ASSERT_FALSE(err_set(&err, E_TIMEOUT, "pg.connect", "db1:5432", "no answer in %d ms", 3000));
    err_sentence(&err, buf, sizeof buf);
    CHECK_STR(buf,
              "pg.connect db1:5432: no answer in 3000 ms. Try: look for locks and a full pool: "
              "screens postgres, pgbouncer; is the network path open?");
    err.todo = NULL;
    err.target[0] = 0;
    err.op = NULL;
    err_sentence(&err, buf, sizeof buf);
    CHECK_STR(buf, ": no answer in 3000 ms.");
}

TEST(what_was_cancelled_failed_nowhere) {
    struct err err;
    char buf[600];
    err_set(&err, E_CANCELLED, "lock.take", "reindex:listings", "cancelled while it waited");
    err_sentence(&err, buf, sizeof buf);
    CHECK_STR(buf, "cancelled while it waited. Try: begin it again, or leave it");
}

TEST(a_reason_that_is_a_sentence_gets_no_second_full_stop) {
    static const char *const reasons[] = {"the disk is full.", "the disk is full. \n",
                                          "the disk is full...", "the disk is full"};
    struct err err;
    char buf[600];
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        err_set(&err, E_IO, "file.write", "/x", "%s", reasons[i]);
        err.todo = "make room";
        err_sentence(&err, buf, sizeof buf);
        CHECK_STR(buf, "file.write /x: the disk is full. Try: make room");
    }
    err_set(&err, E_IO, "file.write", "/x", "full?");
    err_sentence(&err, buf, sizeof buf);
    CU_ASSERT_PTR_NOT_NULL(strstr(buf, "full? Try: "));
    err_set(&err, E_IO, "file.write", "/x", " ... ");
    CHECK_STR(err.why, "no reason given");
}

TEST(hostile_parts_are_cleaned_and_cut) {
    struct err err;
    char longer[1000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    err_set(&err, E_IO, "file.read", longer, "\033[31mred\n\xff%s", longer);
    CU_ASSERT_EQUAL(strlen(err.target), sizeof err.target - 1);
    CU_ASSERT_EQUAL(strlen(err.why), sizeof err.why - 1);
    CU_ASSERT_TRUE(str_starts(err.why, "?[31mred \xEF\xBF\xBDxxx"));
    err_set(&err, E_IO, "file.read", NULL, "why");
    CHECK_STR(err.target, "");
    err_set(&err, E_IO, "file.read", "x", "%s", "\314\201"); /* a mark with no base */
    CHECK_STR(err.why, "no reason given");
    CU_ASSERT_FALSE(err_set(NULL, E_IO, "file.read", "x", "nobody wants to know"));
}

TEST(every_code_has_a_name_that_reads_back) {
    for (int c = 0; c < E_COUNT; c++) {
        enum err_code back = E_COUNT;
        CU_ASSERT_TRUE(err_code_parse(err_code_name((enum err_code)c), &back));
        CU_ASSERT_EQUAL((int)back, c);
    }
    enum err_code code;
    CU_ASSERT_FALSE(err_code_parse("no such", &code));
    CHECK_STR(err_code_name(E_COUNT), "internal");
}

TEST(advice_follows_code_and_operation) {
    unsigned n;
    const struct err_advice *table = err_advice_table(&n);
    CU_ASSERT_TRUE(n > E_COUNT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err_todo(E_REFUSED, "redis.connect"), "redis"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err_todo(E_REFUSED, "files.list"), "host and port"));
    CHECK_STR(err_todo(E_REFUSED, NULL), err_todo(E_REFUSED, ""));
    CHECK_STR(err_todo(E_NONE, "x"), "look at the log of the service");
    for (int c = E_NONE + 1; c < E_COUNT; c++) {
        bool general = false;
        for (unsigned i = 0; i < n; i++)
            general = general || ((int)table[i].code == c && !table[i].op_prefix[0]);
        CU_ASSERT_TRUE(general); /* each has advice that needs no operation */
    }
}

SUITE(err, T(a_sentence_says_what_where_why_and_what_to_do), T(hostile_parts_are_cleaned_and_cut),
      T(every_code_has_a_name_that_reads_back), T(advice_follows_code_and_operation),
      T(what_was_cancelled_failed_nowhere), T(a_reason_that_is_a_sentence_gets_no_second_full_stop))
