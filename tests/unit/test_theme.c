/* tests/unit/test_theme.c - theme files are read strictly and lowered sensibly. */
#include "harness.h"

#include <string.h>

#include "base/str.h"
#include "ui/theme.h"

static struct theme t;
static struct err err;

/* A whole theme behind `head`, whose `text` line is the given one. */
static bool parse_behind(const char *head, const char *line) {
    struct str s;
    str_init(&s, 65536);
    str_printf(&s, "%s# a comment\npaper = light\n", head);
    str_printf(&s, "%s\n", line);
    for (int r = 1; r < ROLE_COUNT; r++)
        str_printf(&s, "%s = default default\n", role_name((enum role)r));
    bool ok = theme_parse(&t, "mine.theme", str_get(&s), s.len, &err);
    str_done(&s);
    return ok;
}

static bool parse_with(const char *line) {
    return parse_behind("", line);
}

TEST(a_byte_order_mark_is_passed_over) {
    CU_ASSERT_TRUE(parse_behind("\xEF\xBB\xBF", "text = default default"));
    CU_ASSERT_FALSE(parse_behind("\xEF\xBB", "text = default default"));
    CU_ASSERT_FALSE(parse_behind("\xEF\xBB\xBF\xEF\xBB\xBF", "text = default default"));
}

TEST(loads_every_embedded_theme) {
    CU_ASSERT(theme_count() >= 5);
    for (uint32_t i = 0; i < theme_count(); i++) {
        CU_ASSERT_TRUE(theme_load(&t, theme_name_at(i), &err));
        CHECK_STR(t.name, theme_name_at(i));
    }
    CU_ASSERT_FALSE(theme_load(&t, "nothing", &err));
    CHECK_STR(theme_name_at(99), "");
}

TEST(keeps_health_apart_without_colour) {
    CU_ASSERT_TRUE_FATAL(theme_load(&t, "mono", &err));
    for (int r = 0; r < ROLE_COUNT; r++) {
        CU_ASSERT_EQUAL(t.styles[r].fg, COLOUR_DEFAULT);
        CU_ASSERT_EQUAL(t.styles[r].bg, COLOUR_DEFAULT);
    }
    CU_ASSERT_NOT_EQUAL(t.styles[ROLE_CRITICAL].attrs, t.styles[ROLE_WARNING].attrs);
    CU_ASSERT_NOT_EQUAL(t.styles[ROLE_UNKNOWN].attrs, t.styles[ROLE_OK].attrs);
}

TEST(never_uses_bright_black) {
    for (uint32_t i = 0; i < theme_count(); i++) {
        CU_ASSERT_TRUE_FATAL(theme_load(&t, theme_name_at(i), &err));
        for (int r = 0; r < ROLE_COUNT; r++)
            CU_ASSERT_NOT_EQUAL(t.styles[r].fg_index, 8);
    }
}

TEST(reads_names_numbers_and_hex) {
    CU_ASSERT_TRUE_FATAL(parse_with("text = #ff8800 17 bold underline"));
    CU_ASSERT_EQUAL(t.styles[ROLE_TEXT].fg, 0xff8800);
    CU_ASSERT_EQUAL(t.styles[ROLE_TEXT].fg_index, -1);
    CU_ASSERT_EQUAL(t.styles[ROLE_TEXT].bg_index, 17);
    CU_ASSERT_EQUAL(t.styles[ROLE_TEXT].attrs, ATTR_BOLD | ATTR_UNDERLINE);
    CU_ASSERT_TRUE(t.light);
    CU_ASSERT_TRUE(parse_with("text = bright-red default"));
    CU_ASSERT_EQUAL(t.styles[ROLE_TEXT].fg_index, 9);
}

TEST(names_file_and_line_of_a_mistake) {
    static const char *const wrong[] = {"text = grey default",
                                        "text = #ff88 default",
                                        "text = 256 default",
                                        "text = -1 default",
                                        "text = default",
                                        "text default default",
                                        "text = default default blink",
                                        "txt = default default",
                                        "paper = light"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        CU_ASSERT_FALSE(parse_with(wrong[i]));
        CHECK_STR(err.target, "mine.theme:3");
    }
}

TEST(misses_no_role_and_allows_none_twice) {
    CU_ASSERT_FALSE(theme_parse(&t, "x", "", 0, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "text"));
    CU_ASSERT_FALSE(parse_with("text = default default\ntext = default default"));
    CHECK_STR(err.target, "mine.theme:4");
}

static void refused(const char *bytes, size_t n, const char *why) {
    CU_ASSERT_FALSE(theme_parse(&t, "mine.theme", bytes, n, &err));
    CHECK_STR(err.why, why);
}

TEST(refuses_what_is_no_theme) {
    static char large[65537];
    char longer[300];
    memset(longer, 'x', sizeof longer);
    refused("paper = grey\n", 13, "paper is light or dark, not 'grey'");
    refused("paper = light dark\n", 19, "paper is light or dark, not 'light'");
    refused("te\0xt = default default\n", 24, "the line is too long, or not text");
    refused(longer, sizeof longer, "the line is too long, or not text");
    refused(large, sizeof large, "a theme has at most 65536 bytes");
    refused("\033[2J = a b\n", 12, "there is no role '?[2J'");
}

TEST(leaves_the_theme_alone_on_failure) {
    CU_ASSERT_TRUE_FATAL(theme_load(&t, "light", &err));
    CU_ASSERT_FALSE(parse_with("text = nonsense"));
    CHECK_STR(t.name, "light");
}

TEST(lowers_colours_to_the_nearest) {
    CU_ASSERT_EQUAL(theme_nearest_16(0xfe0101), 9);
    CU_ASSERT_EQUAL(theme_nearest_16(0x000000), 0);
    CU_ASSERT_EQUAL(theme_nearest_256(0xff0000), 196);
    CU_ASSERT_EQUAL(theme_nearest_256(0x080808), 232);
}

SUITE(theme, T(a_byte_order_mark_is_passed_over), T(loads_every_embedded_theme),
      T(keeps_health_apart_without_colour), T(never_uses_bright_black),
      T(reads_names_numbers_and_hex), T(names_file_and_line_of_a_mistake),
      T(misses_no_role_and_allows_none_twice), T(refuses_what_is_no_theme),
      T(leaves_the_theme_alone_on_failure), T(lowers_colours_to_the_nearest))
