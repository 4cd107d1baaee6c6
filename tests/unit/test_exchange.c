/* tests/unit/test_exchange.c - readers of reply values: headers and cells by name. */
#include "harness.h"

#include "tests/probe_rows.h"

TEST(headers_are_found_by_lower_name) {
    struct http_header headers[] = {{"server", "MinIO"}, {"content-type", "text/html"}};
    struct http_reply r = {.headers = headers, .n_headers = 2};
    CHECK_STR(http_reply_header(&r, "content-type"), "text/html");
    CU_ASSERT_PTR_NULL(http_reply_header(&r, "Server"));
    CU_ASSERT_PTR_NULL(http_reply_header(&(struct http_reply){0}, "server"));
}

TEST(cells_are_found_by_column_name) {
    struct arena a;
    int64_t n;
    double d;
    arena_init(&a);
    struct pg_rows r = rows_from_text(&a, 160000, "16.4", "name|n|d",
                                      "x|9223372036854775807|1.5\ny|\\N|NaN\nz|1e3|");
    CHECK_STR(pg_cell(&r, 0, "name"), "x");
    CU_ASSERT_PTR_NULL(pg_cell(&r, 1, "n"));
    CU_ASSERT_PTR_NULL(pg_cell(&r, 0, "none"));
    CU_ASSERT_PTR_NULL(pg_cell(&r, 3, "name"));
    CU_ASSERT_TRUE(pg_cell_i64(&r, 0, "n", &n) && n == INT64_MAX);
    CU_ASSERT_FALSE(pg_cell_i64(&r, 1, "n", &n));
    CU_ASSERT_FALSE(pg_cell_i64(&r, 2, "n", &n));
    CU_ASSERT_TRUE(pg_cell_double(&r, 0, "d", &d) && d == 1.5);
    CU_ASSERT_TRUE(pg_cell_double(&r, 1, "d", &d) && d != d);
    CU_ASSERT_FALSE(pg_cell_double(&r, 2, "d", &d));
    arena_done(&a);
}

SUITE(exchange, T(headers_are_found_by_lower_name), T(cells_are_found_by_column_name))
