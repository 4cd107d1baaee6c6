/* tests/unit/test_text.c - the gate for outside strings: nothing that commands a terminal, hides or
 * reorders text, or takes another width than it says gets through. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static struct arena arena;

static const char *clean(const char *s) {
    arena_clear(&arena);
    return text_cleanz(&arena, s).s;
}

static struct text cut(const char *s, uint32_t cols) {
    arena_clear(&arena);
    return text_clean(&arena, s, strlen(s), cols);
}

TEST(controls_become_question_marks) {
    CHECK_STR(clean("a\033[2Jb"), "a?[2Jb");
    CHECK_STR(clean("\007\010\177"), "???");
    CHECK_STR(clean("x\302\233m"), "x?m"); /* C1 CSI as UTF-8 */
    CHECK_STR(clean("x\302\205y"), "x?y"); /* NEL */
    struct text t = text_clean(&arena, "a\0b", 3, 10);
    CHECK_STR(t.s, "a?b");
    CU_ASSERT_EQUAL(t.len, 3);
}

/* Both ends of every range that is not let through, and what stands beside them. */
TEST(no_range_leaves_out_its_ends) {
    static const char *const harmful[] = {
        "\x01",         "\x1f",         "\x7f",         "\xC2\x80",     "\xC2\x9f",
        "\xD8\x9C",     "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xAA", "\xE2\x80\xAE",
        "\xE2\x81\xA6", "\xE2\x81\xA9", "\xEF\xBB\xBF", "\xEF\xBF\xB9", "\xEF\xBF\xBB",
    };
    static const char *const harmless[] = {
        " ", "\xC2\xA0", "!", "~", "\xC2\xA1", "\xE2\x80\x90", "\xE2\x80\xB0", "\xEF\xBF\xBC"};
    for (size_t i = 0; i < ARRAY_LEN(harmful); i++) {
        char text[8];
        snprintf(text, sizeof text, "a%sb", harmful[i]);
        CHECK_STR(clean(text), "a?b");
    }
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++) {
        char text[8];
        snprintf(text, sizeof text, "a%sb", harmless[i]);
        CHECK_STR(clean(text), text);
    }
}

/* Eight bytes are looked at at once: a broken one is seen wherever it stands. */
TEST(broken_utf8_is_seen_at_every_place) {
    for (size_t n = 1; n < 28; n++)
        for (size_t at = 0; at < n; at++) {
            char *text = malloc(n); /* of exactly this size */
            memset(text, 'a', n);
            CU_ASSERT_TRUE(text_is_utf8(text, n));
            text[at] = (char)0xC4;
            CU_ASSERT_FALSE(text_is_utf8(text, n));
            if (at + 1 < n) {
                text[at + 1] = (char)0x90;
                CU_ASSERT_TRUE(text_is_utf8(text, n));
            }
            free(text);
        }
}

TEST(line_ends_and_tabs_become_one_blank) {
    CHECK_STR(clean("a\r\n\tb"), "a b");
    CHECK_STR(clean("a\342\200\250b\342\200\251c"), "a b c"); /* U+2028, U+2029 */
    CHECK_STR(clean("a  b"), "a  b");
}

TEST(what_reorders_or_hides_text_is_shown) {
    CHECK_STR(clean("a\342\200\256b"), "a?b"); /* U+202E */
    CHECK_STR(clean("a\342\201\246b\342\201\251"), "a?b?");
    CHECK_STR(clean("\342\200\217"), "?");
    CHECK_STR(clean("\330\234"), "?");     /* U+061C */
    CHECK_STR(clean("\357\273\277"), "?"); /* U+FEFF */
    CHECK_STR(clean("co\302\255op"), "co-op");
}

TEST(broken_utf8_is_replaced_byte_by_byte) {
    CU_ASSERT_TRUE(text_is_utf8("", 0) && text_is_utf8("Qu\341\272\255n \033", 8));
    CU_ASSERT_FALSE(text_is_utf8("a\377", 2) || text_is_utf8("\355\240\200", 3) ||
                    text_is_utf8("\341\272", 2) || text_is_utf8("0123456789abcde\377", 16) ||
                    text_is_utf8("01234567\341\272\25489abcdef\341\272", 21));
    CHECK_STR(clean("\xff"), "\xEF\xBF\xBD");
    CHECK_STR(clean("a\xc3"), "a\xEF\xBF\xBD");                                 /* cut short */
    CHECK_STR(clean("\xc0\xaf"), "\xEF\xBF\xBD\xEF\xBF\xBD");                   /* overlong */
    CHECK_STR(clean("\xed\xa0\x80x"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDx"); /* a surrogate */
    CHECK_STR(clean("\xf4\x90\x80\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK_STR(clean(NULL), "");
}

TEST(marks_are_bounded_and_need_a_base) {
    CHECK_STR(clean("\314\201a"), "a"); /* nothing to stand on */
    CHECK_STR(clean("a\314\201\314\202\314\203\314\204\314\205b"),
              "a\314\201\314\202\314\203\314\204b");
    struct text t = cut("Qu\341\272\255n", 80), d = cut("Qua\314\202\314\243n", 80);
    CU_ASSERT_EQUAL(t.cols, 4);
    CU_ASSERT_EQUAL(d.cols, 4);
    /* Vowel signs take no column here: a flood of them is bounded like marks. */
    char flood[3001] = "";
    for (int i = 0; i < 3000; i += 3)
        memcpy(flood + i, "\340\244\203", 4);
    CU_ASSERT_EQUAL(cut(flood, 80).len, 0);
    flood[0] = 'x';
    flood[1] = flood[2] = 'y';
    CU_ASSERT_EQUAL(cut(flood, 80).len, 3 + 4 * 3);
}

TEST(a_cut_ends_with_an_ellipsis_within_the_columns) {
    struct text t = cut("abcdef", 4);
    CHECK_STR(t.s, "abc\342\200\246");
    CU_ASSERT_EQUAL(t.cols, 4);
    CHECK_STR(cut("abcd", 4).s, "abcd");
    CHECK_STR(cut("\346\274\242\345\255\227", 3).s, "\346\274\242\342\200\246"); /* wide */
    CHECK_STR(cut("a\346\274\242\345\255\227", 3).s, "a\342\200\246");
    CHECK_STR(cut("abc", 1).s, "\342\200\246");
    CHECK_STR(cut("abc", 0).s, "");
    CHECK_STR(cut("ae\314\201bc", 2).s, "a\342\200\246"); /* a base goes with its marks */
    CU_ASSERT_EQUAL(cut("ab", UINT32_MAX).cols, 2);
}

TEST(a_long_hostile_text_costs_little_memory) {
    size_t n = 4 << 20;
    char *s = malloc(n);
    memset(s, 'a', n);
    arena_clear(&arena);
    struct text t = text_clean(&arena, s, n, 20);
    CU_ASSERT_EQUAL(t.cols, 20);
    CU_ASSERT_TRUE(arena.used_bytes < 500);
    free(s);
}

TEST(plain_text_around_the_others_stays) {
    CHECK_STR(clean("plain\t\tplain\ne\314\201e\033[0mplain\303plain"),
              "plain plain e\314\201e?[0mplain\xEF\xBF\xBDplain");
    CHECK_STR(cut("abc\ndef ghi", 6).s, "abc d\xE2\x80\xA6");
    CHECK_STR(cut("abcdef", 6).s, "abcdef");
    CU_ASSERT_EQUAL(cut("abcde\314\201fgh", 6).cols, 6);
    CHECK_STR(cut("abc", 0).s, "");
}

TEST(cleaning_twice_changes_nothing) {
    static const char *const all[] = {"plain",
                                      "\033]0;x\a",
                                      "\xff\xfe\xfd",
                                      "a\314\201\314\201\314\201\314\201\314\201\314\201",
                                      "\346\274\242\t\n \346\274\242",
                                      "\342\200\246\342\200\256"};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        for (uint32_t cols = 0; cols < 8; cols++) {
            struct text once = text_clean(&arena, all[i], strlen(all[i]), cols);
            struct text twice = text_clean(&arena, once.s, once.len, cols);
            CHECK_STR(twice.s, once.s);
            CU_ASSERT_EQUAL(twice.cols, once.cols);
            CU_ASSERT_EQUAL(text_cols(once.s, once.len), once.cols);
        }
}

TEST(prints_then_cleans) {
    CHECK_STR(text_printf(&arena, "%s|%d", "\033", 5).s, "?|5");
    char longer[3000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    CU_ASSERT_EQUAL(text_printf(&arena, "%s", longer).len, 2047);
}

TEST(a_fixed_buffer_is_never_cut_inside_a_character) {
    char buf[6];
    text_clean_into(buf, sizeof buf, "abcd\341\272\255", 7); /* 3 bytes do not fit behind 4 */
    CHECK_STR(buf, "abcd");
    text_clean_into(buf, 1, "abc", 3);
    CHECK_STR(buf, "");
    buf[0] = 'k';
    text_clean_into(buf, 0, "abc", 3);
    CU_ASSERT_EQUAL(buf[0], 'k');
}

TEST(clusters_are_a_base_and_its_marks) {
    uint32_t cols;
    CU_ASSERT_EQUAL(text_cluster("e\314\201x", 4, &cols), 3);
    CU_ASSERT_EQUAL(cols, 1);
    CU_ASSERT_EQUAL(text_cluster("\346\274\242x", 4, &cols), 3);
    CU_ASSERT_EQUAL(cols, 2);
    CU_ASSERT_EQUAL(text_cluster("", 0, &cols), 0);
    CU_ASSERT_EQUAL(text_cluster("\0x", 2, &cols), 0);
    CU_ASSERT_EQUAL(text_cols("ae\314\201\346\274\242", 7), 4);
}

TEST(a_code_point_becomes_its_bytes_and_none_the_replacement) {
    static const struct {
        uint32_t cp;
        const char *bytes;
    } points[] = {
        {'a', "a"},
        {0x7ff, "\337\277"},
        {0x800, "\340\240\200"},
        {0xfffd, "\357\277\275"},
        {0x10ffff, "\364\217\277\277"},
        {0xd800, "\357\277\275"},
        {0xdfff, "\357\277\275"},
        {0x110000, "\357\277\275"},
        {UINT32_MAX, "\357\277\275"},
    };
    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        char bytes[TEXT_CHAR_BYTES + 1] = "";
        CU_ASSERT_EQUAL(text_encode(points[i].cp, bytes), strlen(points[i].bytes));
        CHECK_STR(bytes, points[i].bytes);
    }
    char nul[TEXT_CHAR_BYTES] = "x";
    CU_ASSERT_TRUE(text_encode(0, nul) == 1 && nul[0] == '\0');
}

TEST(search_folds_case_and_accents) {
    CU_ASSERT_TRUE(text_contains("Qu\341\272\255n 1", "quan"));
    CU_ASSERT_TRUE(text_contains("Qua\314\202\314\243n 1", "QUAN"));
    CU_ASSERT_TRUE(text_contains("phuong 3, Qua\314\202\314\243n 1", "quan"));
    CU_ASSERT_TRUE(text_contains("phuong 3, Qua\314\202\314\243n 1", "N 1"));
    CU_ASSERT_FALSE(text_contains("phuong 3, Qua\314\202\314\243n 1", "n 12"));
    CU_ASSERT_TRUE(text_contains("quan", "Qu\341\272\255n"));
    CU_ASSERT_TRUE(text_contains("\304\220\303\240 N\341\272\265ng", "da nang"));
    CU_ASSERT_TRUE(text_contains("anything", ""));
    CU_ASSERT_FALSE(text_contains("abc", "abd"));
    CU_ASSERT_FALSE(text_contains("", "a"));
    CU_ASSERT_TRUE(text_contains("a\xff"
                                 "b",
                                 "\xff")); /* bytes where there is no UTF-8 */
    CU_ASSERT_FALSE(text_contains("a\xff"
                                  "b",
                                  "A"));
}

TEST(folding_leaves_bare_small_letters) {
    struct str out;
    str_init(&out, 64);
    text_fold(&out, "Số DƯ/Đ");
    text_fold(&out, " ABC-1");
    text_fold(&out, " \xff");
    CHECK_STR(str_get(&out), "so du/d abc-1 \xff");
    str_done(&out);
}

SUITE(text, T(plain_text_around_the_others_stays), T(folding_leaves_bare_small_letters),
      T(controls_become_question_marks), T(no_range_leaves_out_its_ends),
      T(broken_utf8_is_seen_at_every_place), T(line_ends_and_tabs_become_one_blank),
      T(what_reorders_or_hides_text_is_shown), T(broken_utf8_is_replaced_byte_by_byte),
      T(marks_are_bounded_and_need_a_base), T(a_cut_ends_with_an_ellipsis_within_the_columns),
      T(a_long_hostile_text_costs_little_memory), T(cleaning_twice_changes_nothing),
      T(prints_then_cleans), T(a_fixed_buffer_is_never_cut_inside_a_character),
      T(clusters_are_a_base_and_its_marks),
      T(a_code_point_becomes_its_bytes_and_none_the_replacement), T(search_folds_case_and_accents))
