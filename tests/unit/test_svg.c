/* tests/unit/test_svg.c - a picture holds its columns whatever the reader's font, and has no seams.
 */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "ui/cell.h"
#include "ui/draw.h"
#include "ui/theme.h"

static struct cellbuf b;
static struct str out;
static struct theme theme;

static void grid(int w, int h, const char *theme_name) {
    struct err err;
    cellbuf_init(&b);
    cellbuf_resize(&b, w, h);
    str_init(&out, 1u << 20);
    CU_ASSERT_TRUE_FATAL(theme_load(&theme, theme_name, &err));
}

static const char *picture(void) {
    str_clear(&out);
    cellbuf_to_svg(&b, &theme, &out);
    return str_get(&out);
}

static void done(void) {
    cellbuf_done(&b);
    str_done(&out);
}

static void put(int x, int y, const char *s, enum role role) {
    struct arena a;
    arena_init(&a);
    draw_text(&b, (struct rect){0, 0, b.w, b.h}, x, y, text_cleanz(&a, s), role);
    arena_done(&a);
}

static uint32_t count(const char *in, const char *what) {
    uint32_t n = 0;
    for (; (in = strstr(in, what)); in++)
        n++;
    return n;
}

TEST(each_piece_of_text_stands_at_its_own_column) {
    grid(40, 2, "dark");
    put(0, 0, "ok postgres", ROLE_TEXT);
    put(20, 0, "31ms", ROLE_TEXT);
    put(3, 1, "x", ROLE_TEXT);
    const char *svg = picture();
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "x=\"14\" y=\"28\" textLength=\"99\">ok postgres</text>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "x=\"194\" y=\"28\" textLength=\"36\">31ms</text>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "x=\"41\" y=\"47\">x</text>"));
    done();
}

TEST(another_role_is_another_piece) {
    grid(20, 1, "dark");
    put(0, 0, "ok", ROLE_OK);
    put(2, 0, "api", ROLE_TEXT);
    const char *svg = picture();
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, ">ok</text>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, ">api</text>"));
    done();
}

TEST(vietnamese_keeps_its_marks_and_its_columns) {
    grid(30, 2, "dark");
    put(0, 0, "Qu\341\272\255n B\303\254nh Th\341\272\241nh", ROLE_TEXT);    /* composed */
    put(0, 1, "Qua\314\243\314\202n Bi\314\200nh Tha\314\243nh", ROLE_TEXT); /* decomposed */
    const char *svg = picture();
    CU_ASSERT_EQUAL(count(svg, "textLength=\"135\""), 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, ">Qu\341\272\255n B\303\254nh Th\341\272\241nh<"));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, ">Qua\314\243\314\202n Bi\314\200nh Tha\314\243nh<"));
    done();
}

TEST(a_wide_character_takes_two_columns) {
    grid(10, 1, "dark");
    put(0, 0, "\346\227\245\346\234\254x", ROLE_TEXT);
    CU_ASSERT_PTR_NOT_NULL(strstr(picture(), "textLength=\"45\">\346\227\245\346\234\254x<"));
    done();
}

TEST(lines_are_drawn_and_not_written) {
    grid(10, 3, "dark");
    draw_rule(&b, (struct rect){0, 0, 10, 3}, 0, NULL);
    draw_box(&b, (struct rect){0, 1, 10, 2}, "");
    const char *svg = picture();
    CU_ASSERT_PTR_NULL(strstr(svg, "\342\224"));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "d=\"M14 23h90v1h-90z\"")); /* the rule, in one piece */
    CU_ASSERT_PTR_NOT_NULL(
        strstr(svg, "d=\"M18 42h5v1h-5zM18 42h1v10h-1zM23 42h")); /* its corner */
    done();
}

TEST(blocks_are_drawn_and_not_written) {
    grid(10, 2, "dark");
    put(0, 0, "\342\226\201\342\226\204\342\226\210\342\226\210", ROLE_GRAPH);
    draw_bar(&b, (struct rect){0, 1, 10, 1}, 0, 1, 4, 50, ROLE_GRAPH);
    const char *svg = picture();
    CU_ASSERT_PTR_NULL(strstr(svg, "\342\226"));
    /* an eighth, a half, and two full ones in one piece */
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "d=\"M14 30h9v2h-9zM23 24h9v8h-9zM32 15h18v17h-18z\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "fill-opacity=\".2\"")); /* the empty half of the bar */
    done();
}

TEST(the_dots_of_a_chart_are_drawn_and_not_written) {
    grid(4, 1, "dark");
    put(0, 0, "\342\240\201\342\242\200", ROLE_GRAPH); /* the first dot, the last dot */
    const char *svg = picture();
    CU_ASSERT_PTR_NULL(strstr(svg, "\342\240"));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "d=\"M15 15h3v3h-3zM28 29h3v3h-3z\""));
    done();
}

TEST(a_selected_row_has_one_background_without_seams) {
    grid(20, 1, "dark");
    draw_fill(&b, (struct rect){0, 0, 20, 1}, ROLE_SELECTED);
    put(0, 0, "one  two", ROLE_SELECTED);
    const char *svg = picture();
    CU_ASSERT_EQUAL(count(svg, "<path fill="), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "d=\"M14 14h180v19h-180z\""));
    done();
}

TEST(paper_and_ink_follow_the_theme) {
    grid(4, 1, "light");
    put(0, 0, "ok", ROLE_TEXT);
    CU_ASSERT_PTR_NOT_NULL(strstr(picture(), "fill=\"#ffffff\" stroke="));
    done();
    grid(4, 1, "dark");
    put(0, 0, "ok", ROLE_TEXT);
    CU_ASSERT_PTR_NULL(strstr(picture(), "fill=\"#ffffff\" stroke="));
    done();
}

TEST(markup_in_text_is_escaped) {
    grid(20, 1, "dark");
    put(0, 0, "<a&b>\"</svg>", ROLE_TEXT);
    const char *svg = picture();
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, ">&lt;a&amp;b&gt;&quot;&lt;/svg&gt;</text>"));
    CU_ASSERT_PTR_EQUAL(strstr(svg, "</svg>"), svg + out.len - 7);
    done();
}

TEST(every_attribute_of_a_look_is_drawn) {
    grid(4, 1, "dark");
    theme.styles[ROLE_OK] =
        (struct style){.fg = 0x010203,
                       .bg = 0x040506,
                       .fg_index = -1,
                       .bg_index = -1,
                       .attrs = ATTR_BOLD | ATTR_ITALIC | ATTR_UNDERLINE | ATTR_DIM};
    put(0, 0, "ok", ROLE_OK);
    const char *svg = picture();
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "{fill:#010203;font-weight:bold;font-style:italic;"
                                       "text-decoration:underline;opacity:.65}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "<path fill=\"#040506\" d=\"M14 14h18v19h-18z\"/>"));
    done();
}

TEST(reversed_ink_and_paper_change_places) {
    grid(2, 1, "dark");
    theme.styles[ROLE_TEXT].bg = 0xabcdef; /* a theme with a paper of its own */
    theme.styles[ROLE_OK] = (struct style){.fg = 0x123456,
                                           .bg = COLOUR_DEFAULT,
                                           .fg_index = -1,
                                           .bg_index = -1,
                                           .attrs = ATTR_REVERSE};
    put(0, 0, "x", ROLE_OK);
    const char *svg = picture();
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "rx=\"8\" fill=\"#abcdef\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "<path fill=\"#123456\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg, "{fill:#abcdef}"));
    done();
}

TEST(a_colour_of_its_own_is_kept) {
    grid(4, 1, "dark");
    theme.styles[ROLE_OK].fg = 0x123456;
    theme.styles[ROLE_OK].fg_index = -1;
    put(0, 0, "ok", ROLE_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(picture(), "fill:#123456"));
    done();
}

TEST(white_on_red_can_be_read) {
    grid(4, 1, "dark");
    theme.styles[ROLE_ALARM] = (struct style){
        .fg = 0xe5e5e5, .bg = 0xcd0000, .fg_index = 7, .bg_index = 1, .attrs = ATTR_BOLD};
    put(0, 0, "CR", ROLE_ALARM);
    CU_ASSERT_PTR_NOT_NULL(strstr(picture(), "<path fill=\"#b62f37\""));
    done();
}

TEST(a_screen_full_of_words_stays_small) {
    grid(100, 24, "dark");
    for (int y = 0; y < b.h; y++)
        for (int x = 0; x + 8 < b.w; x += 10)
            put(x, y, "word-ok", x % 20 ? ROLE_TEXT : ROLE_OK);
    CU_ASSERT_TRUE(strlen(picture()) < 60000);
    done();
}

SUITE(svg, T(each_piece_of_text_stands_at_its_own_column), T(another_role_is_another_piece),
      T(vietnamese_keeps_its_marks_and_its_columns), T(a_wide_character_takes_two_columns),
      T(lines_are_drawn_and_not_written), T(blocks_are_drawn_and_not_written),
      T(the_dots_of_a_chart_are_drawn_and_not_written),
      T(a_selected_row_has_one_background_without_seams), T(paper_and_ink_follow_the_theme),
      T(markup_in_text_is_escaped), T(every_attribute_of_a_look_is_drawn),
      T(reversed_ink_and_paper_change_places), T(a_colour_of_its_own_is_kept),
      T(white_on_red_can_be_read), T(a_screen_full_of_words_stays_small))
