/* tests/unit/test_arena.c - blocks, alignment, clearing, and texts made in an arena. */
#include "harness.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

TEST(memory_is_zeroed_and_aligned) {
    struct arena a;
    arena_init(&a);
    for (size_t size = 0; size < 300; size++) {
        unsigned char *p = arena_alloc(&a, size);
        CU_ASSERT_EQUAL((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            CU_ASSERT_EQUAL_FATAL(p[i], 0);
        memset(p, 0xaa, size);
    }
    arena_done(&a);
}

TEST(a_large_piece_gets_a_block_of_its_own) {
    struct arena a;
    arena_init(&a);
    char *small = arena_strdup(&a, "before");
    unsigned char *large = arena_alloc(&a, 3000000);
    large[2999999] = 1;
    char *after = arena_strdup(&a, "after");
    CHECK_STR(small, "before");
    CHECK_STR(after, "after");
    CU_ASSERT_TRUE(a.used_bytes >= 3000000);
    arena_done(&a);
    CU_ASSERT_EQUAL(a.used_bytes, 0);
    CU_ASSERT_PTR_NULL(a.head);
}

TEST(clearing_keeps_one_block_and_starts_anew) {
    struct arena a;
    arena_init(&a);
    arena_clear(&a); /* of an empty one: nothing */
    CU_ASSERT_PTR_NULL(a.head);
    for (int i = 0; i < 100; i++)
        memset(arena_alloc(&a, 1000), 0xff, 1000);
    struct arena_block *newest = a.head;
    arena_clear(&a);
    CU_ASSERT_PTR_EQUAL(a.head, newest);
    CU_ASSERT_EQUAL(a.used_bytes, 0);
    unsigned char *p = arena_alloc(&a, 1000);
    CU_ASSERT_EQUAL(p[999], 0);
    CU_ASSERT_PTR_EQUAL(a.head, newest);
    arena_done(&a);
}

TEST(texts_are_copied_whole_and_ended) {
    struct arena a;
    char bytes[] = {'a', 0, 'b'};
    arena_init(&a);
    char *copy = arena_strndup(&a, bytes, 3);
    CU_ASSERT_EQUAL(memcmp(copy, "a\0b", 4), 0);
    CHECK_STR(arena_strndup(&a, NULL, 0), "");
    CHECK_STR(arena_printf(&a, "%s-%d", "x", 7), "x-7");
    CHECK_STR(arena_printf(&a, "%s", ""), "");
    char *wide = arena_printf(&a, "%05000d", 1); /* longer than a block */
    CU_ASSERT_EQUAL(strlen(wide), 5000);
    arena_done(&a);
}

TEST(a_list_grows_and_keeps_what_it_has) {
    struct arena a;
    int *list = NULL;
    uint32_t cap = 0;
    arena_init(&a);
    for (uint32_t n = 0; n < 100; n++) {
        int *before = list;
        bool full = n == cap;
        list = arena_grow(&a, list, n, &cap, 3, sizeof *list);
        CU_ASSERT_EQUAL(list != before, full);
        CU_ASSERT_TRUE(cap > n);
        list[n] = (int)n;
    }
    CU_ASSERT_EQUAL(cap, 192);
    for (int n = 0; n < 100; n++)
        CU_ASSERT_EQUAL(list[n], n);
    arena_done(&a);
}

SUITE(arena, T(memory_is_zeroed_and_aligned), T(a_large_piece_gets_a_block_of_its_own),
      T(clearing_keeps_one_block_and_starts_anew), T(texts_are_copied_whole_and_ended),
      T(a_list_grows_and_keeps_what_it_has))
