/* tests/unit/test_dump.c - a screen as text, roles, ANSI and SVG: colours as the terminal has them,
 * nothing that breaks out of the markup. */
#include "harness.h"

#include <string.h>

#include "ui/cell.h"
#include "ui/draw.h"
#include "ui/theme.h"

static struct cellbuf b;
static struct str out;
static struct theme theme;

static void begin(int w, int h, const char *colours) {
    struct err err;
    char text[2000];
    size_t n = 0;
    for (int r = 0; r < ROLE_COUNT; r++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s = %s\n", role_name((enum role)r),
                              r == ROLE_TEXT ? "default default" : colours);
    CU_ASSERT_TRUE_FATAL(theme_parse(&theme, "t", text, n, &err));
    cellbuf_init(&b);
    cellbuf_resize(&b, w, h);
    str_init(&out, 1 << 20);
}

static void end(void) {
    cellbuf_done(&b);
    str_done(&out);
}

static void put(int x, int y, const char *s, enum role role) {
    uint32_t cols;
    for (size_t n; (n = text_cluster(s, strlen(s), &cols)) > 0; s += n)
        x += cell_put(&b, x, y, s, n, role);
}

static const char *ansi(int colours) {
    str_clear(&out);
    cellbuf_to_ansi(&b, &theme, colours, &out);
    return str_get(&out);
}

TEST(text_has_no_trailing_blanks) {
    begin(8, 3, "red default");
    put(0, 0, "ab  ", ROLE_TEXT);
    put(1, 2, "\346\274\242", ROLE_TEXT);
    cellbuf_to_text(&b, &out);
    CHECK_STR(str_get(&out), "ab\n\n \346\274\242\n");
    end();
}

TEST(roles_are_letters_and_a_blank_of_a_ground_is_seen) {
    begin(6, 2, "red default");
    put(0, 0, "x", ROLE_TEXT);
    put(2, 0, "y", ROLE_DIM);
    cell_recolour(&b, (struct rect){3, 0, 1, 1}, ROLE_SELECTED);
    cellbuf_to_roles(&b, &out);
    char expected[] = {(char)('a' + ROLE_TEXT), '.', (char)('a' + ROLE_DIM), '_', '\n', '\n', 0};
    CHECK_STR(str_get(&out), expected);
    end();
}

TEST(a_run_of_one_look_is_one_sequence) {
    begin(4, 1, "red default bold");
    put(0, 0, "ab", ROLE_TEXT);
    put(2, 0, "cd", (enum role)(ROLE_TEXT + 1));
    CHECK_STR(ansi(256), "\033[0mab\033[0;1;31mcd\033[0m\n");
    end();
}

TEST(colours_are_lowered_to_what_the_terminal_has) {
    static const struct {
        const char *look;
        int colours;
        const char *sgr;
    } rows[] = {
        {"#ff0000 #0000ff", 16777216, "\033[0;38;2;255;0;0;48;2;0;0;255m"},
        {"#ff0000 #0000ff", 256, "\033[0;38;5;196;48;5;21m"},
        {"#ff0000 #0000ff", 16, "\033[0;91;44m"},
        {"#ff0000 #0000ff", 8, "\033[0;31;44m"},
        {"#ff0000 #0000ff", 2, "\033[0m"},
        {"208 17", 16777216, "\033[0;38;5;208;48;5;17m"},
        {"208 17", 256, "\033[0;38;5;208;48;5;17m"},
        {"bright-red default", 256, "\033[0;91m"},
        {"default bright-blue", 256, "\033[0;104m"},
        {"bright-red default", 8, "\033[0;31m"},
        {"red default dim italic underline reverse", 256, "\033[0;2;3;4;7;31m"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char expected[80];
        begin(1, 1, rows[i].look);
        put(0, 0, "x", (enum role)(ROLE_TEXT + 1));
        snprintf(expected, sizeof expected, "%sx\033[0m\n", rows[i].sgr);
        CHECK_STR(ansi(rows[i].colours), expected);
        end();
    }
}

SUITE(dump, T(text_has_no_trailing_blanks), T(roles_are_letters_and_a_blank_of_a_ground_is_seen),
      T(a_run_of_one_look_is_one_sequence), T(colours_are_lowered_to_what_the_terminal_has))
