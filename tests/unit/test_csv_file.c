/* tests/unit/test_csv_file.c - a file for finance is whole under its name or not there, and
 * computes nothing in anybody's spreadsheet. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/csv_file.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/file.h"
#include "wire/digest.h"

static char dir[40], path[80], sha256[65];
static struct arena arena;
static struct err err;

static void begin(void) {
    str_copy(dir, sizeof dir, "/tmp/goodgo-csv.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/out.csv", dir);
}

static void end(void) {
    unlink(path);
    CU_ASSERT_EQUAL(rmdir(dir), 0); /* nothing else was left there */
    arena_done(&arena);
}

static const char *content(void) {
    struct file_content f;
    if (!readfile(&arena, path, 1 << 24, &f, &err))
        return "(none)";
    CU_ASSERT_EQUAL(f.mode, 0600);
    return arena_strndup(&arena, f.bytes, f.len);
}

TEST(rows_are_cells_with_commas_and_crlf) {
    begin();
    struct csv_file *c = csv_file_open("test", path, "id,vnd,why", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    csv_file_text(c, "p1");
    csv_file_int(c, true, INT64_C(-9007199254740993));
    csv_file_text(c, "a \"b\", c");
    CU_ASSERT_TRUE(csv_file_end_row(c, &err));
    csv_file_text(c, "=HYPERLINK(1)");
    csv_file_int(c, false, 7);
    csv_file_text(c, NULL);
    CU_ASSERT_TRUE(csv_file_end_row(c, &err));
    CU_ASSERT_TRUE(csv_file_close(c, true, sha256, &err));
    CHECK_STR(content(), "\xEF\xBB\xBFid,vnd,why\r\np1,-9007199254740993,\"a \"\"b\"\", c\"\r\n"
                         "\"'=HYPERLINK(1)\",,\r\n");
    end();
}

TEST(its_digest_is_that_of_every_byte_however_many) {
    struct file_content f;
    char hex[DIGEST_HEX_SIZE];
    begin();
    struct csv_file *c = csv_file_open("test", path, "n", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    for (int i = 0; i < 50000; i++) {
        csv_file_int(c, true, i);
        CU_ASSERT_TRUE_FATAL(csv_file_end_row(c, &err));
    }
    CU_ASSERT_TRUE(csv_file_close(c, true, sha256, &err));
    CU_ASSERT_TRUE_FATAL(readfile(&arena, path, 1 << 24, &f, &err));
    CU_ASSERT(f.len > 300000);
    digest_sha256_hex(f.bytes, f.len, hex);
    CHECK_STR(sha256, hex);
    end();
}

TEST(what_is_not_kept_leaves_nothing_and_changes_nothing) {
    begin();
    struct csv_file *c = csv_file_open("test", path, "n", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    csv_file_text(c, "half");
    CU_ASSERT_TRUE(csv_file_close(c, false, sha256, &err));
    CHECK_STR(content(), "(none)");
    CU_ASSERT_TRUE(writefile(path, "yesterday's", 11, &err));
    c = csv_file_open("test", path, "n", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CHECK_STR(content(), "yesterday's"); /* until the new one is whole */
    CU_ASSERT_TRUE(csv_file_close(c, false, sha256, &err));
    CHECK_STR(content(), "yesterday's");
    end();
}

TEST(a_place_that_is_none_is_refused_with_its_name) {
    begin();
    CU_ASSERT_PTR_NULL(csv_file_open("test", "/no/such/dir/out.csv", "n", &err));
    CHECK_STR(err.target, "/no/such/dir/out.csv");
    CHECK_STR(err.why, "No such file or directory");
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    struct csv_file *c = csv_file_open("test", path, "n", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_FALSE(csv_file_close(c, true, sha256, &err)); /* a directory has that name */
    CU_ASSERT_EQUAL(rmdir(path), 0);
    char *endless = mem_alloc(5000);
    memset(endless, 'x', 4999);
    endless[4999] = 0;
    CU_ASSERT_PTR_NULL(csv_file_open("test", endless, "n", &err));
    free(endless);
    end();
}

TEST(what_a_killed_writer_of_it_left_goes_with_the_next) {
    begin();
    const char *left = arena_printf(&arena, "%s.goodgo-Ab3xY9", path);
    CU_ASSERT_TRUE(writefile(left, "payments", 8, &err));
    struct csv_file *c = csv_file_open("test", path, "n", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_NOT_EQUAL(access(left, F_OK), 0);
    CU_ASSERT_TRUE(writefile(path, "another's", 9, &err)); /* who does not take this one for left */
    CU_ASSERT_TRUE(csv_file_close(c, true, sha256, &err));
    CHECK_STR(content(), "\xEF\xBB\xBFn\r\n");
    end();
}

TEST(it_is_the_groups_below_a_shared_directory) {
    struct stat st;
    begin();
    CU_ASSERT_EQUAL(chmod(dir, 02750), 0);
    file_share_below(dir);
    struct csv_file *c = csv_file_open("test", path, "n", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_TRUE(csv_file_close(c, true, sha256, &err));
    CU_ASSERT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0640);
    file_share_below("/nonexistent");
    end();
}

SUITE(csv_file, T(rows_are_cells_with_commas_and_crlf),
      T(its_digest_is_that_of_every_byte_however_many),
      T(what_is_not_kept_leaves_nothing_and_changes_nothing),
      T(a_place_that_is_none_is_refused_with_its_name),
      T(what_a_killed_writer_of_it_left_goes_with_the_next),
      T(it_is_the_groups_below_a_shared_directory))
