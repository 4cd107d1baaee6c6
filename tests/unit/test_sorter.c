/* tests/unit/test_sorter.c - records in order of key, then of what they hold, whatever order they
 * came in; read twice; on disk where they are many. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "io/sorter.h"

#define MEMORY_BYTES ((size_t)2 << 20) /* many runs */

static struct err err;

static void add(struct sorter *s, const char *key, const char *data) {
    CU_ASSERT_TRUE(sorter_add(s, key, strlen(key), data, strlen(data), &err));
}

static void reads(struct sorter *s, const char *expected) {
    struct str out;
    struct sorted now;
    bool end = false;
    str_init(&out, 1000);
    while (sorter_next(s, &now, &end, &err) && !end)
        str_printf(&out, "%.*s=%.*s ", (int)now.key_n, now.key, (int)now.data_n, now.data);
    CHECK_STR(str_get(&out), expected);
    CU_ASSERT_TRUE(sorter_next(s, &now, &end, &err) && end); /* it stays at its end */
    str_done(&out);
}

TEST(by_key_then_by_what_they_hold) {
    static const char *const turns[2][4][2] = {
        {{"b", "1"}, {"ab", "2"}, {"a", "9"}, {"b", "0"}},
        {{"b", "0"}, {"a", "9"}, {"b", "1"}, {"ab", "2"}},
    };
    for (int t = 0; t < 2; t++) {
        struct sorter *s = sorter_new("/tmp", "test", MEMORY_BYTES, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(s);
        for (int i = 0; i < 4; i++)
            add(s, turns[t][i][0], turns[t][i][1]);
        reads(s, "a=9 ab=2 b=0 b=1 ");
        sorter_rewind(s);
        reads(s, "a=9 ab=2 b=0 b=1 ");
        sorter_free(s);
    }
}

TEST(eight_equal_bytes_do_not_make_keys_equal) {
    struct sorter *s = sorter_new("/tmp", "test", MEMORY_BYTES, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    add(s, "12345678b", "");
    add(s, "12345678a", "");
    add(s, "12345678", "");
    add(s, "\xff", "");
    CU_ASSERT_TRUE(sorter_add(s, "1\0", 2, "", 0, &err));
    add(s, "1", "");
    add(s, "", "");
    struct sorted now;
    static const char *const expected[] = {"", "1", "1", "12345678", "12345678a", "12345678b"};
    bool end;
    for (size_t i = 0; i < 6; i++) {
        char key[16];
        CU_ASSERT_TRUE_FATAL(sorter_next(s, &now, &end, &err) && !end);
        snprintf(key, sizeof key, "%.*s", (int)now.key_n, now.key);
        CHECK_STR(key, expected[i]);
        CU_ASSERT_EQUAL(now.key_n, i == 2 ? 2 : strlen(expected[i]));
    }
    sorter_free(s);
}

static uint64_t sum_of(struct sorter *s, uint32_t n) {
    struct sorted now;
    bool end = false;
    uint64_t sum = 0, seen = 0;
    char last[16] = "";
    while (sorter_next(s, &now, &end, &err) && !end) {
        char key[16];
        uint32_t data;
        snprintf(key, sizeof key, "%.*s", (int)now.key_n, now.key);
        if (strcmp(last, key) > 0)
            CU_FAIL("out of order");
        str_copy(last, sizeof last, key);
        CU_ASSERT_EQUAL_FATAL(now.data_n, sizeof data);
        memcpy(&data, now.data, sizeof data);
        sum = sum * 31 + data;
        seen++;
    }
    CU_ASSERT_EQUAL(seen, n);
    return sum;
}

TEST(many_are_merged_from_disk_and_read_again) {
    const uint32_t n = 500000;
    struct sorter *s = sorter_new("/tmp", "test", MEMORY_BYTES, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    for (uint32_t i = 0; i < n; i++) {
        char key[16];
        int len = snprintf(key, sizeof key, "%08x", i * 2654435761u);
        CU_ASSERT_TRUE_FATAL(sorter_add(s, key, (size_t)len, &i, sizeof i, &err));
    }
    uint64_t first = sum_of(s, n);
    sorter_rewind(s);
    CU_ASSERT_EQUAL(sum_of(s, n), first);
    sorter_free(s);
}

/* Of few letters, a zero among them: most keys agree for many bytes, or are the begin of others. */
static size_t odd_key(char key[40], uint32_t *random) {
    size_t n = 0;
    do {
        *random = *random * 1664525u + 1013904223u;
        key[n++] = "aaaaaaab"[*random >> 29];
        key[n - 1] = *random >> 20 & 31 ? key[n - 1] : '\0';
    } while (n < 40 && *random >> 8 & 31);
    return n;
}

static void come_in_order(size_t memory_bytes, uint32_t n) {
    struct sorter *s = sorter_new("/tmp", "test", memory_bytes, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    uint32_t random = 7, data;
    uint64_t added = 0, seen = 0;
    char key[40], last[48] = "";
    size_t last_n = 0;
    for (uint32_t i = 0; i < n; i++, added += i) {
        size_t key_n = odd_key(key, &random);
        CU_ASSERT_TRUE_FATAL(sorter_add(s, key, key_n, &i, sizeof i, &err));
    }
    bool end = false;
    for (struct sorted now; sorter_next(s, &now, &end, &err) && !end; seen += data + 1) {
        memcpy(&data, now.data, sizeof data);
        if (bytes_compare(last, last_n, now.key, now.key_n) > 0)
            CU_FAIL_FATAL("out of order");
        memcpy(last, now.key, now.key_n);
        last_n = now.key_n;
    }
    CU_ASSERT_EQUAL(seen, added);
    sorter_free(s);
}

TEST(keys_that_agree_for_long_come_in_order) {
    come_in_order((size_t)64 << 20, 200000);
    come_in_order((size_t)1 << 20, 200000);
    come_in_order(0, 20000); /* as little memory as one record may take */
}

TEST(a_record_that_is_too_long_is_refused) {
    static char huge[SORTER_MAX_DATA + 1];
    struct sorter *s = sorter_new("/tmp", "test", MEMORY_BYTES, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_TRUE(sorter_add(s, huge, SORTER_MAX_KEY, huge, SORTER_MAX_DATA, &err));
    CU_ASSERT_FALSE(sorter_add(s, huge, SORTER_MAX_KEY + 1, huge, 1, &err));
    CU_ASSERT_EQUAL(err.code, E_TOO_BIG);
    CU_ASSERT_FALSE(sorter_add(s, huge, 1, huge, SORTER_MAX_DATA + 1, &err));
    sorter_free(s);
    CU_ASSERT_PTR_NULL(sorter_new("/dev/null/dir", "test", MEMORY_BYTES, &err));
    sorter_free(NULL);
}

SUITE(sorter, T(by_key_then_by_what_they_hold), T(eight_equal_bytes_do_not_make_keys_equal),
      T(many_are_merged_from_disk_and_read_again), T(keys_that_agree_for_long_come_in_order),
      T(a_record_that_is_too_long_is_refused))
