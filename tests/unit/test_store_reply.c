/* tests/unit/test_store_reply.c - answers of the object storage and records of uploads, right and
 * wrong. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/act/store_priv.h"

#define ARCHIVE "goodgo_20260410_020000.sql.gz"

#define DIRECTORY "goodgo_20260411_020000.dir"
#define OBJECT(key, size)                                                                          \
    "<Contents><Key>" key "</Key><Size>" size "</Size><ETag>x-1</ETag></Contents>"
#define PAGE(objects) "<ListBucketResult>" objects "</ListBucketResult>"

static struct arena arena;
static struct store_copies all;
static const char *token;

static void take(void *ctx, const struct store_object *o) {
    store_copies_add(ctx, &arena, o);
}

static bool page(const char *body) {
    all = (struct store_copies){.at = arena_alloc(&arena, STORE_COPIES_MAX * sizeof *all.at)};
    token = "unchanged";
    return store_page_read(body, strlen(body), &arena, take, &all, &token);
}

TEST(a_page_gives_the_archives_and_the_way_to_the_next) {
    CU_ASSERT_TRUE(page("<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>"
                        "t&amp;1</NextContinuationToken>" OBJECT(ARCHIVE, "4096")
                            OBJECT("notes", "1") "</ListBucketResult>"));
    CU_ASSERT_EQUAL_FATAL(all.n, 1);
    CHECK_STR(all.at[0].name, ARCHIVE);
    CU_ASSERT_EQUAL(all.at[0].size_bytes, 4096);
    CU_ASSERT_TRUE(all.at[0].whole && !all.at[0].manifest && !all.at[0].indexed);
    CHECK_STR(all.at[0].etag, "x-1");
    CHECK_STR(token, "t&1");
    arena_done(&arena);
}

TEST(the_objects_of_a_directory_are_one_copy) {
    CU_ASSERT_TRUE(
        page(PAGE(OBJECT(ARCHIVE, "7") OBJECT(ARCHIVE ".manifest.json", "50")
                      OBJECT(DIRECTORY ".manifest.json", "60") OBJECT(DIRECTORY ".sha256", "150")
                          OBJECT(DIRECTORY "/3012.dat.gz", "100") OBJECT(DIRECTORY "/toc.dat", "20")
                              OBJECT(DIRECTORY "x", "1"))));
    CU_ASSERT_EQUAL_FATAL(all.n, 2);
    CU_ASSERT_TRUE(all.at[0].whole && all.at[0].manifest);
    CHECK_STR(all.at[1].name, DIRECTORY);
    CU_ASSERT_TRUE(all.at[1].indexed && all.at[1].manifest);
    CU_ASSERT_FALSE(all.at[1].whole); /* the sums of the last object are not known yet */
    CU_ASSERT_EQUAL(all.at[1].n_files, 2);
    CU_ASSERT_EQUAL(all.at[1].size_bytes, 120);
    CU_ASSERT_TRUE(page(
        PAGE(OBJECT(DIRECTORY "/a.dat", "9223372036854775807") OBJECT(DIRECTORY "/b.dat", "9"))));
    CU_ASSERT_EQUAL_FATAL(all.n, 1);
    CU_ASSERT_FALSE(all.at[0].indexed);
    CU_ASSERT_EQUAL(all.at[0].size_bytes, INT64_MAX);
    arena_done(&arena);
}

static bool list_read(const char *text, struct store_files *ret, struct err *err) {
    return store_index_read(text, strlen(text), DIRECTORY ".sha256", &arena, ret, err);
}

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
TEST(the_list_of_a_directory_is_read_as_sha256sum_writes_it) {
    struct store_files f;
    struct err err = {0};
    CU_ASSERT_TRUE_FATAL(list_read(HEX "  3012.dat.gz\n" HEX "  toc.dat\n", &f, &err));
    CU_ASSERT_EQUAL_FATAL(f.n, 2);
    CHECK_STR(f.at[0].name, "3012.dat.gz");
    CHECK_STR(f.at[1].sha256, HEX);
    CU_ASSERT_PTR_EQUAL(store_files_find(&f, "toc.dat"), &f.at[1]);
    CU_ASSERT_PTR_NULL(store_files_find(&f, "toc"));
    arena_done(&arena);
}

TEST(a_list_that_is_damaged_says_where) {
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "is empty"},
        {"\n", "line 1 is damaged"},
        {HEX "  toc.dat", "line 1 is damaged"},                   /* without its end */
        {HEX " toc.dat\n", "line 1 is damaged"},                  /* one space */
        {HEX "  \n", "line 1 is damaged"},                        /* no name */
        {HEX "  a.dat\n" HEX "  ../x\n", "line 2 is damaged"},    /* elsewhere */
        {HEX "  a.dat\n" HEX "  .hidden\n", "line 2 is damaged"}, /* hidden */
        {HEX "  b.dat\n" HEX "  a.dat\n", "line 2 is damaged"},   /* out of order */
        {HEX "  a.dat\n" HEX "  a.dat\n", "line 2 is damaged"},   /* twice */
        {"X123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef  a.dat\n",
         "line 1 is damaged"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct store_files f;
        struct err err = {0};
        CU_ASSERT_FALSE(list_read(rows[i].text, &f, &err));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.why, rows[i].why));
    }
    arena_done(&arena);
}

TEST(the_last_page_has_no_next_whatever_it_says_beside) {
    static const char *const bodies[] = {
        "<ListBucketResult></ListBucketResult>",
        "<ListBucketResult><IsTruncated>false</IsTruncated><NextContinuationToken>t"
        "</NextContinuationToken></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>"
        "</NextContinuationToken></ListBucketResult>"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        CU_ASSERT_TRUE(page(bodies[i]));
        CU_ASSERT_PTR_NULL(token);
    }
    arena_done(&arena);
}

TEST(what_has_no_name_or_size_of_an_archive_is_passed_over) {
    CU_ASSERT_TRUE(page(PAGE("<Contents><Key>" ARCHIVE "</Key></Contents>" OBJECT(
        ARCHIVE, "-1") "<Contents><Size>1</Size></Contents><Contents><Key>" ARCHIVE
                       "</Key><Size>7</Size></Contents>")));
    CU_ASSERT_EQUAL_FATAL(all.n, 1);
    CU_ASSERT_EQUAL(all.at[0].size_bytes, 7);
    CHECK_STR(all.at[0].etag, "");
    CU_ASSERT_FALSE(page("<html></html>"));
    CU_ASSERT_FALSE(store_page_read(NULL, 0, &arena, take, &all, &token));
    arena_done(&arena);
}

TEST(a_list_of_more_than_fit_says_that_it_is_full) {
    char key[64];
    all = (struct store_copies){.at = arena_alloc(&arena, STORE_COPIES_MAX * sizeof *all.at)};
    for (unsigned i = 0; i <= STORE_COPIES_MAX; i++) {
        CU_ASSERT_EQUAL(all.full, i > STORE_COPIES_MAX);
        snprintf(key, sizeof key, "goodgo_2026%02u%02u_%02u0000.sql.gz", i / 640 % 12 + 1,
                 i / 24 % 27 + 1, i % 24);
        store_copies_add(&all, &arena, &(struct store_object){key, "", 1});
    }
    CU_ASSERT_EQUAL(all.n, STORE_COPIES_MAX);
    CU_ASSERT_TRUE(all.full);
    arena_done(&arena);
}

TEST(an_error_says_what_it_can) {
    static const struct {
        const char *body, *code, *message;
        bool is_error;
    } rows[] = {
        {"<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>", "NoSuchKey", "gone", true},
        {"<Error><Code>NoSuchKey</Code></Error>", "NoSuchKey", "", true},
        {"<Error><Message>gone</Message></Error>", "", "gone", true},
        {"<Other/>", "", "", false},
        {"", "", "", false}};
    char code[64], message[200];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_EQUAL(store_error_read(rows[i].body, strlen(rows[i].body), code, message),
                        rows[i].is_error);
        CHECK_STR(code, rows[i].code);
        CHECK_STR(message, rows[i].message);
    }
    CU_ASSERT_FALSE(store_error_read(NULL, 0, code, message));
}

static const char *upload_id(const char *body) {
    const char *id = store_upload_id(body, strlen(body), &arena);
    return id ? id : "(none)";
}

TEST(an_upload_that_was_begun_has_an_id) {
    CHECK_STR(upload_id("<R><UploadId>abc</UploadId></R>"), "abc");
    CHECK_STR(upload_id("<R><UploadId></UploadId></R>"), "(none)");
    CHECK_STR(upload_id("<R></R>"), "(none)");
    CU_ASSERT_PTR_NULL(store_upload_id(NULL, 0, &arena));
    arena_done(&arena);
}

static uint32_t n_uploads;
static void count_upload(void *ctx, const char *key, const char *id) {
    n_uploads++;
    CHECK_STR(key, ARCHIVE);
    CHECK_STR(id, "abc");
}

TEST(uploads_that_are_not_complete_are_listed) {
    static const char body[] =
        "<ListMultipartUploadsResult><Upload><Key>" ARCHIVE "</Key><UploadId>abc</UploadId>"
        "</Upload><Upload><Key>" ARCHIVE "</Key><UploadId></UploadId></Upload><Upload><UploadId>"
        "abc</UploadId></Upload></ListMultipartUploadsResult>";
    n_uploads = 0;
    CU_ASSERT_TRUE(store_uploads_read(body, sizeof body - 1, &arena, count_upload, NULL));
    CU_ASSERT_EQUAL(n_uploads, 1);
    CU_ASSERT_FALSE(store_uploads_read("<x/>", 4, &arena, count_upload, NULL));
    CU_ASSERT_FALSE(store_uploads_read(NULL, 0, &arena, count_upload, NULL));
    arena_done(&arena);
}

TEST(a_record_has_key_and_id_or_nothing_was_begun) {
    const char *key, *id;
    struct err err = {0};
    static const char whole[] = "{\"key\":\"k\",\"uploadId\":\"i\"}", half[] = "{\"key\":\"k\"}";
    CU_ASSERT_TRUE(store_record_read(whole, sizeof whole - 1, &arena, &key, &id, &err));
    CHECK_STR(key, "k");
    CHECK_STR(id, "i");
    CU_ASSERT_TRUE(store_record_read(half, sizeof half - 1, &arena, &key, &id, &err));
    CU_ASSERT_TRUE(!key && !id);
    CU_ASSERT_TRUE(store_record_read("", 0, &arena, &key, &id, &err));
    CU_ASSERT_TRUE(!key && !id);
    CU_ASSERT_FALSE(store_record_read("{", 1, &arena, &key, &id, &err));
    CU_ASSERT_TRUE(err.why[0] && !key && !id);
    arena_done(&arena);
}

SUITE(store_reply, T(a_page_gives_the_archives_and_the_way_to_the_next),
      T(the_last_page_has_no_next_whatever_it_says_beside),
      T(the_objects_of_a_directory_are_one_copy),
      T(the_list_of_a_directory_is_read_as_sha256sum_writes_it),
      T(a_list_that_is_damaged_says_where),
      T(what_has_no_name_or_size_of_an_archive_is_passed_over),
      T(a_list_of_more_than_fit_says_that_it_is_full), T(an_error_says_what_it_can),
      T(an_upload_that_was_begun_has_an_id), T(a_record_has_key_and_id_or_nothing_was_begun),
      T(uploads_that_are_not_complete_are_listed))
