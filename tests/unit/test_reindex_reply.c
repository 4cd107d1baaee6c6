/* tests/unit/test_reindex_reply.c - import replies, id filters, schemas and counts. */
#include "harness.h"
#include "src/act/reindex_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/json.h"

/* "+" per success, "-code" per failure, joined by spaces. */
static void note(void *ctx, uint32_t i, bool ok, int code, const char *error) {
    struct str *out = ctx;
    (void)i;
    if (ok)
        str_puts(out, "+ ");
    else
        str_printf(out, "-%d%s ", code, *error ? "" : "?");
}

static const struct {
    const char *body, *verdicts;
    uint32_t n;
} replies[] = {
    {"", "", 0},
    {"{\"success\":true}", "+ ", 1},
    {"{\"success\":true}\n{\"success\":true}", "+ + ", 2},
    {"\n{\"success\":true}\n{\"success\":true}\n", "+ + ", 2}, /* the first line empty */
    {"{\"success\":true}\n\n \r\n{\"success\":true}", "+ + ", 2},
    {"{\"id\":\"1\",\"success\":true}", "+ ", 1},
    {"{\"code\":400,\"document\":\"{}\",\"error\":\"Bad JSON\",\"success\":false}", "-400 ", 1},
    {"{\"success\":true}\n{\"code\":409,\"error\":\"x\",\"success\":false}\n{\"success\":true}",
     "+ -409 + ", 3},
    /* quoted without escaping: no JSON, but the verdict is at the end */
    {"{\"code\":400,\"error\":\"Field \"a\" is bad\",\"success\":false}", "-0 ", 1},
    {"{\"document\":\"{\"a\":1}\",\"success\":true}", "+ ", 1},
    {"{\"code\":400,\"document\":\"{\"success\":true ....................\",\"success\":false}",
     "-0 ", 1},
    {"<html>", "-0 ", 1},
    {"{\"success\":\"true\"}", "-0 ", 1},
    {"{\"success\":false}", "-0 ", 1},
    {"[1,2]", "-0 ", 1},
};

TEST(reads_a_verdict_per_line) {
    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        struct str out;
        str_init(&out, 1000);
        uint32_t n = import_reply_read(replies[i].body, strlen(replies[i].body), note, &out);
        CU_ASSERT_EQUAL(n, replies[i].n);
        CHECK_STR(str_get(&out), replies[i].verdicts);
        str_done(&out);
    }
}

TEST(errors_are_grouped_by_sentence_whatever_the_numbers_in_it) {
    struct import_errors e = {0};
    import_errors_add(&e, 400, "Bad JSON: line 1, column 57", "a");
    import_errors_add(&e, 400, "Bad JSON: line 1, column 1204", "b");
    import_errors_add(&e, 400, "Field `priceVND` must be an int64.", "c");
    import_errors_add(&e, 409, "Bad JSON: line 1, column 57", "d");
    CU_ASSERT_EQUAL_FATAL(e.n_groups, 3);
    CU_ASSERT_EQUAL(e.groups[0].n, 2);
    CHECK_STR(e.groups[0].id, "a");
    CHECK_STR(e.groups[1].error, "Field `priceVND` must be an int64.");
}

TEST(groups_are_bounded_and_the_rest_counted) {
    struct import_errors e = {0};
    char error[40];
    for (int i = 0; i < 100; i++) {
        snprintf(error, sizeof error, "error %c%c", 'a' + i / 26, 'a' + i % 26);
        import_errors_add(&e, 400, error, "x");
    }
    CU_ASSERT_EQUAL(e.n_groups, IMPORT_GROUPS);
    CU_ASSERT_EQUAL(e.n_others, 100 - IMPORT_GROUPS);
}

static uint32_t filter_of(const char *const *ids, uint32_t n, const char *expected) {
    struct str f;
    str_init(&f, 1 << 20);
    uint32_t taken = index_id_filter(&f, ids, n);
    if (expected)
        CHECK_STR(str_get(&f), expected);
    CU_ASSERT_TRUE(f.len < 12000);
    str_done(&f);
    return taken;
}

TEST(ids_are_quoted_where_they_need_it) {
    static const char *const ids[] = {"c1", "a,b", "x y]&", "tick`", "c2"};
    CU_ASSERT_EQUAL(filter_of(ids, 5, "filter_by=id%3A%5Bc1%2C%60a%2Cb%60%2C%60x%20y%5D%26%60%5D"),
                    3);
    CU_ASSERT_EQUAL(filter_of(ids + 3, 2, NULL), 0); /* cannot be quoted: goes alone */
    CU_ASSERT_EQUAL(filter_of(ids + 4, 1, "filter_by=id%3A%5Bc2%5D"), 1);
}

TEST(a_filter_fits_in_a_url) {
    const char *ids[500];
    for (int i = 0; i < 500; i++)
        ids[i] = "clh3p2qk50000qw8z4xyz1abc";
    uint32_t taken = filter_of(ids, 500, NULL);
    CU_ASSERT_TRUE(taken > 100 && taken <= INDEX_MAX_IDS);
    char *huge = malloc(1001);
    memset(huge, 'x', 1000);
    huge[1000] = '\0';
    for (int i = 0; i < 500; i++)
        ids[i] = huge;
    CU_ASSERT_EQUAL(filter_of(ids, 500, NULL), 3);
    free(huge);
}

static void look_at(const char *fields, struct arena *a, struct index_look *look) {
    struct err err;
    struct json *j = json_parse(fields, strlen(fields), 1 << 20, &err);
    *look = (struct index_look){0};
    index_schema_diff(j, a, look);
    json_free(j);
}

TEST(the_schema_that_we_make_is_the_runbooks) {
    struct arena a;
    struct str json;
    struct err err;
    struct index_look like = {.default_sorting_field = "publishedAt",
                              .settings = ",\"token_separators\":[\"-\"]"},
                      look = {0};
    arena_init(&a);
    str_init(&json, 65536);
    index_schema_json(&json, "listings_1", &like);
    struct json *j = json_parse(json.s, json.len, 65536, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(j);
    CHECK_STR(json_string(j, "name"), "listings_1");
    CHECK_STR(json_string(j, "default_sorting_field"), "publishedAt");
    CHECK_STR(json_string(j, "token_separators[0]"), "-");
    index_schema_diff(json_get(j, "fields"), &a, &look);
    CU_ASSERT_EQUAL(look.schema.n, 0);
    json_free(j);
    str_done(&json);
    arena_done(&a);
}

TEST(what_differs_from_the_runbook_is_named) {
    struct arena a;
    struct index_look look;
    arena_init(&a);
    look_at("[{\"name\":\"priceVND\",\"type\":\"int32\"},{\"name\":\"status\",\"type\":\"string\"},"
            "{\"name\":\"pricePerM2\",\"type\":\"float\"},{\"name\":\"legacy\",\"type\":\"bool\"}]",
            &a, &look);
    struct str all;
    str_init(&all, 65536);
    for (uint32_t i = 0; i < look.schema.n; i++)
        str_printf(&all, "%s\n", look.schema.at[i]);
    static const char *const said[] = {"priceVND is int32, the runbook says int64\n",
                                       "priceVND cannot be sorted by\n",
                                       "status is no facet\n",
                                       "pricePerM2 is required, the runbook says optional\n",
                                       "legacy is not in the runbook\n",
                                       "title (string) is missing\n"};
    for (size_t i = 0; i < ARRAY_LEN(said); i++)
        CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&all), said[i]));
    CU_ASSERT_EQUAL(look.n_extra, 1);
    str_done(&all);
    arena_done(&a);
}

TEST(counts_are_compared_status_by_status) {
    struct status_counts a = {0}, b = {0};
    struct str text;
    str_init(&text, 1000);
    status_counts_add(&a, "SOLD", 2);
    status_counts_add(&a, "ACTIVE", 5);
    status_counts_add(&b, "ACTIVE", 5);
    status_counts_add(&b, "SOLD", 2);
    status_counts_text(&a, &b, &text);
    CHECK_STR(str_get(&text), "");
    status_counts_add(&b, "SOLD", -1);
    status_counts_add(&b, "DRAFT", 1);
    CU_ASSERT_EQUAL(a.total, b.total); /* the totals are the same and it is still seen */
    status_counts_text(&a, &b, &text);
    CHECK_STR(str_get(&text), "SOLD 2 against 1, DRAFT 0 against 1");
    str_clear(&text);
    status_counts_add(&b, "DRAFT", 5001);
    status_counts_text(&b, NULL, &text); /* as the screens write it */
    CHECK_STR(str_get(&text), "ACTIVE 5, DRAFT 5,002, SOLD 1");
    str_done(&text);
}

TEST(only_what_was_refused_outright_is_sent_again) {
    CU_ASSERT_TRUE(index_is_retryable(503, ""));
    CU_ASSERT_TRUE(index_is_retryable(429, "Rate limit exceeded or blocked"));
    CU_ASSERT_TRUE(
        index_is_retryable(422, "Rejecting write: running out of resource type: OUT_OF_DISK"));
    CU_ASSERT_FALSE(index_is_retryable(422, "Only upto 250 hits can be fetched per page."));
    CU_ASSERT_FALSE(index_is_retryable(401, ""));
    CU_ASSERT_FALSE(index_is_retryable(500, "Could not find a leader."));
}

SUITE(reindex_reply, T(reads_a_verdict_per_line),
      T(errors_are_grouped_by_sentence_whatever_the_numbers_in_it),
      T(groups_are_bounded_and_the_rest_counted), T(ids_are_quoted_where_they_need_it),
      T(a_filter_fits_in_a_url), T(the_schema_that_we_make_is_the_runbooks),
      T(what_differs_from_the_runbook_is_named), T(counts_are_compared_status_by_status),
      T(only_what_was_refused_outright_is_sent_again))
