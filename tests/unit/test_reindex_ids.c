/* tests/unit/test_reindex_ids.c - sorted ids: order, spilling to disk, nothing left behind. */
#include "harness.h"
#include "src/act/reindex_priv.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint32_t files_in(const char *dir) {
    uint32_t n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
        n += e->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

static void number_id(uint32_t i, char *buf, size_t size) {
    snprintf(buf, size, "c%08x%u", i * 2654435761u, i);
}

static void sorts(uint32_t n) {
    char dir[] = "/tmp/goodgo-ids.XXXXXX", id[64], last[64] = "";
    struct err err;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    struct ids *s = ids_new(dir, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    uint64_t sum = 0, back = 0, seen = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct doc_digest d = {i, 2 * (uint64_t)i};
        number_id(i, id, sizeof id);
        sum += i;
        CU_ASSERT_TRUE_FATAL(ids_add(s, id, strlen(id), &d, &err));
    }
    CU_ASSERT_EQUAL(files_in(dir), 0); /* a kill here leaves nothing */
    for (;;) {
        struct id_entry e;
        bool end;
        CU_ASSERT_TRUE_FATAL(ids_next(s, &e, &end, &err));
        if (end)
            break;
        snprintf(id, sizeof id, "%.*s", (int)e.n, e.id);
        if (strcmp(last, id) >= 0)
            CU_FAIL("out of order");
        if (e.digest.counters != 2 * e.digest.content)
            CU_FAIL("another one's digest");
        snprintf(last, sizeof last, "%s", id);
        back += e.digest.content;
        seen++;
    }
    CU_ASSERT_EQUAL(seen, n);
    CU_ASSERT_EQUAL(back, sum);
    ids_free(s);
    CU_ASSERT_EQUAL(files_in(dir), 0);
    rmdir(dir);
}

TEST(none_is_an_end_at_once) {
    sorts(0);
}
TEST(a_few_stay_in_memory) {
    sorts(1000);
}
TEST(many_are_merged_from_disk) {
    sorts(400000);
}

TEST(order_is_by_bytes_and_the_shorter_first) {
    CU_ASSERT_TRUE(id_compare("a", 1, "b", 1) < 0);
    CU_ASSERT_TRUE(id_compare("ab", 2, "a", 1) > 0);
    CU_ASSERT_TRUE(id_compare("B", 1, "a", 1) < 0); /* as COLLATE "C" */
    CU_ASSERT_TRUE(id_compare("\xc3\xa9", 2, "z", 1) > 0);
    CU_ASSERT_EQUAL(id_compare("x", 1, "x", 1), 0);
}

TEST(an_endless_id_is_refused) {
    struct err err;
    static char huge[IDS_MAX_BYTES + 1];
    memset(huge, 'x', sizeof huge);
    struct ids *s = ids_new("/tmp", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_TRUE(ids_add(s, huge, IDS_MAX_BYTES, NULL, &err));
    CU_ASSERT_FALSE(ids_add(s, huge, IDS_MAX_BYTES + 1, NULL, &err));
    CU_ASSERT_EQUAL(err.code, E_TOO_BIG);
    ids_free(s);
}

TEST(a_directory_that_is_not_there_is_said) {
    struct err err;
    CU_ASSERT_PTR_NULL(ids_new("/dev/null/dir", &err));
    CU_ASSERT_EQUAL(err.code, E_IO);
}

SUITE(reindex_ids, T(none_is_an_end_at_once), T(a_few_stay_in_memory), T(many_are_merged_from_disk),
      T(order_is_by_bytes_and_the_shorter_first), T(an_endless_id_is_refused),
      T(a_directory_that_is_not_there_is_said))
