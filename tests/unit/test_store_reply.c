/* tests/unit/test_store_reply.c - answers of the object storage and records of uploads, right and
 * wrong. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/act/store_priv.h"

#define ARCHIVE "goodgo_20260410_020000.sql.gz"

static struct arena arena;
static struct store_objects all;
static const char *token;

static bool page(const char *body) {
    all = (struct store_objects){.at = arena_alloc(&arena, STORE_OBJECTS_MAX * sizeof *all.at)};
    token = "unchanged";
    return store_page_read(body, strlen(body), &arena, &all, &token);
}

TEST(a_page_gives_the_archives_and_the_way_to_the_next) {
    CU_ASSERT_TRUE(page("<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>"
                        "t&amp;1</NextContinuationToken><Contents><Key>" ARCHIVE
                        "</Key><Size>4096</Size><ETag>x-1</ETag></Contents><Contents><Key>notes"
                        "</Key><Size>1</Size></Contents></ListBucketResult>"));
    CU_ASSERT_EQUAL_FATAL(all.n, 1);
    CHECK_STR(all.at[0].key, ARCHIVE);
    CU_ASSERT_EQUAL(all.at[0].size_bytes, 4096);
    CHECK_STR(all.at[0].etag, "x-1");
    CHECK_STR(token, "t&1");
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
    CU_ASSERT_TRUE(page("<ListBucketResult><Contents><Key>" ARCHIVE "</Key></Contents><Contents>"
                        "<Key>" ARCHIVE "</Key><Size>-1</Size></Contents><Contents><Size>1</Size>"
                        "</Contents><Contents><Key>" ARCHIVE "</Key><Size>7</Size></Contents>"
                        "</ListBucketResult>"));
    CU_ASSERT_EQUAL_FATAL(all.n, 1);
    CHECK_STR(all.at[0].etag, "");
    CU_ASSERT_FALSE(page("<html></html>"));
    CU_ASSERT_FALSE(store_page_read(NULL, 0, &arena, &all, &token));
    arena_done(&arena);
}

TEST(a_list_ends_at_its_most) {
    struct str body;
    str_init(&body, 1u << 20);
    str_puts(&body, "<ListBucketResult>");
    for (unsigned i = 0; i < STORE_OBJECTS_MAX + 5; i++)
        str_puts(&body, "<Contents><Key>" ARCHIVE "</Key><Size>1</Size></Contents>");
    str_puts(&body, "</ListBucketResult>");
    CU_ASSERT_TRUE(page(str_get(&body)));
    CU_ASSERT_EQUAL(all.n, STORE_OBJECTS_MAX);
    str_done(&body);
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
      T(what_has_no_name_or_size_of_an_archive_is_passed_over), T(a_list_ends_at_its_most),
      T(an_error_says_what_it_can), T(an_upload_that_was_begun_has_an_id),
      T(a_record_has_key_and_id_or_nothing_was_begun))
