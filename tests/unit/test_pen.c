/* tests/unit/test_pen.c - fewer bytes, the same picture: what the pen lets through is read by a
 * small terminal of the test's own, which also reads what curses had written. */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/term/pen_priv.h"

static struct pen pen;
static struct str out;

static const char *squeeze(const char *bytes) {
    str_clear(&out);
    pen_squeeze(&pen, bytes, strlen(bytes), &out);
    return str_get(&out);
}

static void begin(void) {
    memset(&pen, 0, sizeof pen);
    str_done(&out);
    str_init(&out, 1 << 20);
    squeeze("\033(B\033[m.");
}

TEST(says_once_what_curses_says_twice) {
    begin();
    CHECK_STR(squeeze("\033[5;20H\033(B\033[0;2m1\033(B\033[m \033(B\033[0;2m2"),
              "\033[5;20H\033[2m1\033[m \033[2m2");
    CHECK_STR(squeeze("\033(B\033[0m\033[32mok\033[39m\033(B\033[m x"), "\033[0;32mok\033[m x");
}

TEST(a_change_that_nothing_is_drawn_with_is_not_written) {
    begin();
    CHECK_STR(squeeze("\033[1m\033[31m\033[3;4H\033(B\033[m\b\033[5G"), "\033[3;4H\b\033[5G");
}

TEST(the_pen_lasts_from_frame_to_frame) {
    begin();
    CHECK_STR(squeeze("\033[0;7ma"), "\033[7ma");
    CHECK_STR(squeeze("\033[H\033[0;7mb"), "\033[Hb");
    pen_forget(&pen);
    CHECK_STR(squeeze("\033(B\033[0;7mc"), "\033(B\033[0;7mc");
}

TEST(erasing_and_scrolling_wait_for_the_colour) {
    begin();
    CHECK_STR(squeeze("\033[41m\033[K"), "\033[41m\033[K");
    CHECK_STR(squeeze("\033[49m\n"), "\033[m\n");
    CHECK_STR(squeeze("\033[44m\033M"), "\033[44m\033M");
    CHECK_STR(squeeze("\033[1m\033[?1049l"), "\033[1m\033[?1049l");
}

TEST(attributes_go_off_by_a_reset_and_on_one_by_one) {
    begin();
    CHECK_STR(squeeze("\033[1ma\033[4mb\033[24mc\033[22md"), "\033[1ma\033[4mb\033[0;1mc\033[md");
    CHECK_STR(squeeze("\033[1;38;5;208;48;2;1;2;3ma\033[39mb"),
              "\033[1;38;5;208;48;2;1;2;3ma\033[39mb");
    CHECK_STR(squeeze("\033[0m\033[38:2::9:8:7ma"), "\033[0;38:2::9:8:7ma");
}

TEST(what_is_not_understood_passes_as_it_is) {
    begin();
    CHECK_STR(squeeze("\033[53ma"), "\033[53ma");
    CHECK_STR(squeeze("\033[ma"), "\033[ma"); /* the 53 may still be on */
    CHECK_STR(squeeze("\033[>4;1m\033[?25l\033=\033[4l"), "\033[>4;1m\033[?25l\033=\033[4l");
    CHECK_STR(squeeze("\033[38;5"), "\033[38;5");
    CHECK_STR(squeeze("\033"), "\033");
}

TEST(another_character_set_is_left_and_entered) {
    begin();
    CHECK_STR(squeeze("\033(B\033(0q\033(0q\033(Bx\033(B"), "\033(0qq\033(Bx");
    CHECK_STR(squeeze("\016q\017x\017"), "\016q\017x");
}

/* --- a terminal that only knows with which pen each thing was drawn --- */

struct drawn {
    char what[8];
    unsigned attrs;
    char fg[40], bg[40];
};

struct model {
    unsigned attrs;
    char fg[40], bg[40];
    struct drawn drawn[4096];
    size_t n;
};

static void model_sgr(struct model *m, const char *fields) {
    char copy[80], *at = copy, *field;
    snprintf(copy, sizeof copy, "%s", fields);
    while ((field = strsep(&at, ";"))) {
        int n = (int)strtol(field, NULL, 10);
        if (n == 0)
            m->attrs = 0, m->fg[0] = m->bg[0] = 0;
        else if (n < 10)
            m->attrs |= 1u << n;
        else if (n == 22)
            m->attrs &= ~6u;
        else if (n < 30)
            m->attrs &= ~(1u << (n - 20));
        else if (n == 38 || n == 48) {
            const char *kind = strsep(&at, ";"), *index = strsep(&at, ";");
            snprintf(n == 38 ? m->fg : m->bg, sizeof m->fg, "%d;%s;%s", n, kind, index);
        } else if (n == 39 || n == 49)
            (n == 39 ? m->fg : m->bg)[0] = 0;
        else
            snprintf(n < 40 || (n >= 90 && n < 98) ? m->fg : m->bg, sizeof m->fg, "%d", n);
    }
}

static void model_draw(struct model *m, const char *what, size_t n) {
    struct drawn *d = &m->drawn[m->n++];
    memset(d, 0, sizeof *d);
    memcpy(d->what, what, n < 7 ? n : 7);
    bool moves = n > 2 && (what[n - 1] == 'H' || what[n - 1] == 'G');
    if (moves)
        return;
    d->attrs = m->attrs;
    snprintf(d->fg, sizeof d->fg, "%s", m->fg);
    snprintf(d->bg, sizeof d->bg, "%s", m->bg);
}

static void model_read(struct model *m, const char *s) {
    while (*s) {
        size_t n = *s == '\033' ? 2 + strcspn(s + 2, "mHGKB") + 1 : 1;
        char fields[80];
        snprintf(fields, sizeof fields, "%.*s", (int)(n > 3 ? n - 3 : 0), s + 2);
        if (n > 1 && s[n - 1] == 'm')
            model_sgr(m, fields);
        else if (n == 1 || s[n - 1] != 'B')
            model_draw(m, s, n);
        s += n;
    }
}

TEST(random_streams_draw_the_same_in_fewer_bytes) {
    static const char *const words[] = {
        "a",         "b",        "\033(B\033[m",  "\033(B\033[0;2m", "\033[32m",    "\033[39m",
        "\033[1m",   "\033[7m",  "\033[22m",      "\033[27m",        "\033[3;9H",   "\033[7G",
        "\033[K",    "\033[44m", "\033[39;49m",   "\033[38;5;208m",  "\033[0;1;4m", "\033[91m",
        "\033[103m", "x y",      "\033[48;5;17m", "\033[24m",
    };
    static struct model before, after;
    struct str stream;
    size_t n_before = 0, n_after = 0;
    srand(7);
    str_init(&stream, 65536);
    for (int round = 0; round < 300; round++) {
        str_clear(&stream);
        for (int i = 0; i < 200; i++)
            str_puts(&stream, words[(size_t)rand() % (sizeof words / sizeof *words)]);
        begin();
        memset(&before, 0, sizeof before);
        memset(&after, 0, sizeof after);
        model_read(&before, str_get(&stream));
        model_read(&after, squeeze(str_get(&stream)));
        CU_ASSERT_EQUAL_FATAL(before.n, after.n);
        CU_ASSERT_EQUAL(memcmp(before.drawn, after.drawn, before.n * sizeof *before.drawn), 0);
        n_before += stream.len;
        n_after += out.len;
    }
    CU_ASSERT_TRUE(n_after < n_before * 3 / 4);
    str_done(&stream);
}

SUITE(pen, T(says_once_what_curses_says_twice),
      T(a_change_that_nothing_is_drawn_with_is_not_written), T(the_pen_lasts_from_frame_to_frame),
      T(erasing_and_scrolling_wait_for_the_colour),
      T(attributes_go_off_by_a_reset_and_on_one_by_one), T(what_is_not_understood_passes_as_it_is),
      T(another_character_set_is_left_and_entered), T(random_streams_draw_the_same_in_fewer_bytes))
