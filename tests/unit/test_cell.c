/* tests/unit/test_cell.c - the grid never holds a control character or half a glyph. */
#include "harness.h"

#include <string.h>

#include "base/str.h"
#include "ui/cell.h"
#include "ui/draw.h"
#include "ui/theme.h"

static struct cellbuf b;
static struct str out;

static const char *text_of(void) {
    str_clear(&out);
    cellbuf_to_text(&b, &out);
    return str_get(&out);
}

static void grid(int w, int h) {
    cellbuf_init(&b);
    cellbuf_resize(&b, w, h);
    str_init(&out, 1 << 20);
}

static void grid_done(void) {
    cellbuf_done(&b);
    str_done(&out);
}

TEST(refuses_control_characters) {
    static const char *const bad[] = {"\033",     "\177",         "\r",
                                      "\302\205", "\342\200\256", "\342\201\246",
                                      "\300\257", "\355\240\200", "\377"};
    grid(12, 1);
    for (int i = 0; i < (int)ARRAY_LEN(bad); i++)
        cell_put(&b, i, 0, bad[i], strlen(bad[i]), ROLE_TEXT);
    CHECK_STR(text_of(), "?????????\n");
    grid_done();
}

TEST(keeps_marks_with_their_base) {
    grid(4, 1);
    CU_ASSERT_EQUAL(cell_put(&b, 0, 0, "e\314\202\314\243", 5, ROLE_TEXT), 1);
    CHECK_STR(text_of(), "e\314\202\314\243\n");
    grid_done();
}

TEST(never_shows_half_a_wide_character) {
    grid(4, 1);
    cell_put(&b, 0, 0, "\346\274\242", 3, ROLE_TEXT);
    CHECK_STR(text_of(), "\346\274\242\n");
    cell_put(&b, 1, 0, "x", 1, ROLE_TEXT);
    CHECK_STR(text_of(), " x\n");
    cell_put(&b, 0, 0, "\346\274\242", 3, ROLE_TEXT);
    cell_put(&b, 0, 0, "y", 1, ROLE_TEXT);
    CHECK_STR(text_of(), "y\n");
    CU_ASSERT_EQUAL(cell_put(&b, 3, 0, "\346\274\242", 3, ROLE_TEXT), 1);
    CHECK_STR(text_of(), "y\n");
    grid_done();
}

TEST(draws_nothing_outside) {
    grid(2, 2);
    CU_ASSERT_EQUAL(cell_put(&b, -1, 0, "a", 1, ROLE_TEXT), 0);
    CU_ASSERT_EQUAL(cell_put(&b, 2, 0, "a", 1, ROLE_TEXT), 0);
    CU_ASSERT_EQUAL(cell_put(&b, 0, 2, "a", 1, ROLE_TEXT), 0);
    CU_ASSERT_PTR_NULL(cell_at(&b, 0, -1));
    cell_recolour(&b, (struct rect){-5, -5, 100, 100}, ROLE_OK);
    CHECK_STR(text_of(), "\n\n");
    grid_done();
}

TEST(writes_vietnamese_in_ascii_letters) {
    grid(20, 2);
    b.ascii = true;
    struct rect r = {0, 0, 20, 2};
    struct arena a;
    arena_init(&a);
    draw_text(&b, r, 0, 0, text_cleanz(&a, "Nguy\341\273\205n \304\220\303\254nh"), ROLE_TEXT);
    draw_text(&b, r, 0, 1, text_cleanz(&a, "Nguye\314\202\314\203n"), ROLE_TEXT);
    CHECK_STR(text_of(), "Nguyen Dinh\nNguyen\n");
    arena_done(&a);
    grid_done();
}

TEST(cuts_long_text_with_an_ellipsis) {
    grid(5, 3);
    struct rect r = {0, 0, 5, 3};
    draw_lit(&b, r, 0, 0, "abcde", ROLE_TEXT);
    draw_lit(&b, r, 0, 1, "abcdef", ROLE_TEXT);
    b.ascii = true;
    draw_lit(&b, r, 0, 2, "abcdef", ROLE_TEXT);
    CHECK_STR(text_of(), "abcde\nabcd\342\200\246\nabcd~\n");
    grid_done();
}

TEST(figures_stay_whole_or_go) {
    static const struct {
        const char *text, *shown;
    } rows[] = {{"2 up  30 ms  1 kept", "2 up  30 ms \342\200\246\n"},
                {"2 up  30 ms  ", "2 up  30 ms\n"},
                {"2 up  a longer one", "2 up \342\200\246\n"},
                {"one sentence alone", "one sentence\342\200\246\n"},
                {"a  one sentence alone", "a \342\200\246\n"},
                {"  begins with blanks", "  begins wit\342\200\246\n"},
                {"", "\n"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        grid(13, 1);
        uint32_t n = (uint32_t)strlen(rows[i].text);
        draw_parts(&b, (struct rect){0, 0, 13, 1}, 0, 0, (struct text){rows[i].text, n, n},
                   ROLE_TEXT);
        CHECK_STR(text_of(), rows[i].shown);
        grid_done();
    }
}

TEST(wraps_at_words_and_says_when_there_is_more) {
    grid(8, 3);
    b.ascii = true;
    struct text t = TEXT_LIT("one two three four five six");
    CU_ASSERT_EQUAL(draw_wrapped(&b, (struct rect){0, 0, 8, 3}, t, ROLE_TEXT), 3);
    CHECK_STR(text_of(), "one two\nthree\nfour fi~\n");
    grid_done();
}

TEST(writes_valid_svg_of_hostile_text) {
    grid(20, 1);
    struct theme t;
    struct err err;
    CU_ASSERT_TRUE_FATAL(theme_load(&t, "dark", &err));
    draw_lit(&b, (struct rect){0, 0, 20, 1}, 0, 0, "<a>&\"]]>", ROLE_OK);
    cellbuf_to_svg(&b, &t, &out);
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "&lt;a&gt;&amp;&quot;]]&gt;"));
    CU_ASSERT_PTR_NULL(strstr(str_get(&out), "<a>"));
    grid_done();
}

TEST(formats_ages) {
    char buf[24];
    format_age(2000, buf, sizeof buf);
    CHECK_STR(buf, "2s");
    format_age(252000, buf, sizeof buf);
    CHECK_STR(buf, "4m12s");
    format_age(9 * 86400000LL + 7200000, buf, sizeof buf);
    CHECK_STR(buf, "9d02h");
    format_age(-5, buf, sizeof buf);
    CHECK_STR(buf, "0s");
}

SUITE(cell, T(refuses_control_characters), T(keeps_marks_with_their_base),
      T(never_shows_half_a_wide_character), T(draws_nothing_outside),
      T(writes_vietnamese_in_ascii_letters), T(cuts_long_text_with_an_ellipsis),
      T(figures_stay_whole_or_go), T(wraps_at_words_and_says_when_there_is_more),
      T(writes_valid_svg_of_hostile_text), T(formats_ages))
