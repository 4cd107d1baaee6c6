/* tests/unit/test_term_keys.c - from the bytes of a terminal to keys: letters, functions, Alt, the
 * mouse, and the line that is gone. */
#include "harness.h"

#include <string.h>

#include "base/attr.h"
#include "tests/term_bench.h"

static struct term_bench bench;

static void type(const char *bytes) {
    CU_ASSERT_EQUAL_FATAL(write(bench.feed, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
}

static int64_t now_mono_ms = 1000;

static struct key next(void) {
    struct key k = {.code = KEY_NONE};
    return term_next_key(&bench.term, now_mono_ms, &k) ? k : (struct key){.code = KEY_NONE};
}

static void gives(const char *bytes, const char *name) {
    char shown[24];
    type(bytes);
    key_format(next(), shown, sizeof shown);
    CHECK_STR(shown, name);
    CU_ASSERT_EQUAL(next().code, KEY_NONE);
}

TEST(letters_are_themselves_in_any_script) {
    gives("q", "q");
    gives("\341\272\255", "\341\272\255");
    gives("\346\274\242", "\346\274\242");
    gives(" ", "Space");
    while (next().code != KEY_NONE)
        ;
    type("\364\220\200\201"); /* beyond Unicode: no special key, whatever libc makes of it */
    for (struct key k = next(); k.code != KEY_NONE; k = next())
        CU_ASSERT_TRUE(k.code <= 0x10ffff);
    type("ab");
    CU_ASSERT_EQUAL(next().code, 'a');
    CU_ASSERT_EQUAL(next().code, 'b');
}

TEST(control_letters_have_names) {
    gives("\r", "Enter");
    gives("\n", "Enter");
    gives("\t", "Tab");
    gives("\177", "Backspace");
    gives("\010", "Backspace");
    gives("\004", "Ctrl-D");
    gives("\032", "Ctrl-Z");
    gives("\033", "Esc");
    gives("\037", "Ctrl-_");
    CU_ASSERT_EQUAL(write(bench.feed, "", 1), 1); /* Ctrl-Space */
    struct key k = next();
    CU_ASSERT_TRUE(k.code == ' ' && k.ctrl);
}

TEST(functions_come_in_both_forms) {
    static const char *const rows[][2] = {
        {"\033[A", "Up"},    {"\033OA", "Up"},    {"\033[B", "Down"},    {"\033OD", "Left"},
        {"\033[C", "Right"}, {"\033[H", "Home"},  {"\033[4~", "End"},    {"\033OF", "End"},
        {"\033[5~", "PgUp"}, {"\033[6~", "PgDn"}, {"\033[3~", "Delete"}, {"\033[Z", "BackTab"},
        {"\033OP", "F1"},    {"\033[15~", "F5"},  {"\033[24~", "F12"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        gives(rows[i][0], rows[i][1]);
}

TEST(alt_is_an_escape_in_front) {
    gives("\033x", "Alt-x");
    gives("\033\341\272\255", "Alt-\341\272\255");
}

TEST(nothing_typed_behind_an_escape_is_lost) {
    type("\033\033"); /* twice Esc is no Alt */
    CU_ASSERT_EQUAL(next().code, KEYC_ESC);
    CU_ASSERT_EQUAL(next().code, KEYC_ESC);
    type("\033\033[A"); /* what Alt-Up sends */
    CU_ASSERT_EQUAL(next().code, KEYC_ESC);
    CU_ASSERT_EQUAL(next().code, KEYC_UP);
    CU_ASSERT_EQUAL(next().code, KEY_NONE);
}

TEST(functions_without_a_meaning_are_passed_over) {
    while (next().code != KEY_NONE)
        ;
    type("\033[2~"); /* Insert */
    type("y");
    CU_ASSERT_EQUAL(next().code, 'y');
}

TEST(what_the_terminal_says_by_itself_is_no_key) {
    static const char *const rows[] = {
        "\033[200~",               /* a paste begins */
        "\033[I",                  /* the window has the focus */
        "\033[?62;1;22c",          /* what it is */
        "\033[24;80R",             /* where the cursor is */
        "\033O1;5X",               /* a function that no terminal has */
        "\033[1;2;3;4;5;6;7;8;9~", /* longer than anything is kept of */
        "\033[\346\274\242m",      /* not even ASCII */
        "\033[MC!!",
        "\033[M \303\251!", /* beyond the columns of the mouse's older way */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        type(rows[i]);
        type("y");
        CU_ASSERT_EQUAL(next().code, 'y');
        CU_ASSERT_EQUAL(next().code, KEY_NONE);
    }
}

TEST(a_sequence_that_is_cut_off_swallows_no_key) {
    static const struct {
        const char *bytes;
        uint32_t code;
    } rows[] = {{"\033[12\r", KEYC_ENTER},    {"\033[12\033[A", KEYC_UP},
                {"\033[12\033OP", KEYC_F1},   {"\033[M\r", KEYC_ENTER},
                {"\033[M!\033[B", KEYC_DOWN}, {"\033[1;2\033", KEYC_ESC}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        type(rows[i].bytes);
        CU_ASSERT_EQUAL(next().code, rows[i].code);
        CU_ASSERT_EQUAL(next().code, KEY_NONE);
    }
    gives("\033[", "Alt-[");
    gives("\033O", "Alt-O");
}

TEST(a_sequence_of_any_length_leaves_nothing_behind) {
    char long_one[1000] = "\033[";
    memset(long_one + 2, '1', 900);
    type(long_one);
    CU_ASSERT_EQUAL(next().code, KEY_NONE);
    gives("0n\033[", "Alt-[");
    CU_ASSERT_FALSE(term_answered(&bench.term));
}

/* Where the line tore it apart; before its third byte curses itself waits for the rest. */
TEST(a_sequence_may_come_in_two_reads) {
    static const char report[] = "\033[<0;123;45M";
    for (size_t cut = 3; cut < sizeof report - 1; cut++) {
        char first[sizeof report] = "";
        memcpy(first, report, cut);
        type(first);
        CU_ASSERT_EQUAL(next().code, KEY_NONE);
        now_mono_ms += 300;
        type(report + cut);
        struct key k = next();
        CU_ASSERT_TRUE(k.code == KEYC_MOUSE && k.mouse_x == 122 && k.mouse_y == 44);
        CU_ASSERT_EQUAL(next().code, KEY_NONE);
    }
    type("\033[0");
    CU_ASSERT_EQUAL(next().code, KEY_NONE);
    type("n");
    CU_ASSERT_EQUAL(next().code, KEY_NONE);
    CU_ASSERT_TRUE(term_answered(&bench.term));
}

TEST(a_rest_that_stays_away_takes_no_key_that_is_typed_later) {
    type("\033[<0;12");
    CU_ASSERT_EQUAL(next().code, KEY_NONE);
    now_mono_ms += 600;
    gives("q", "q");
}

TEST(only_the_answer_to_our_question_counts_as_one) {
    static const struct {
        const char *bytes;
        bool answer;
    } rows[] = {{"\033[0n", true},
                {"\033[3n", true},
                {"\033[5n", false},
                {"\033[00n", false},
                {"\033O0n", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        type(rows[i].bytes);
        CU_ASSERT_EQUAL(next().code, KEY_NONE);
        CU_ASSERT_EQUAL(term_answered(&bench.term), rows[i].answer);
        CU_ASSERT_FALSE(term_answered(&bench.term)); /* once */
    }
}

static struct key click(const char *report) {
    type(report);
    struct key k = next();
    type("y"); /* nothing of it is left */
    CU_ASSERT_EQUAL(next().code, 'y');
    return k;
}

TEST(the_mouse_has_a_place_and_a_button) {
    static const struct {
        const char *report;
        int button, x, y;
    } rows[] = {{"\033[<0;5;3M", 1, 4, 2},     {"\033[<64;1;1M", 4, 0, 0},
                {"\033[<65;1;1M", 5, 0, 0},    {"\033[<28;7;7M", 1, 6, 6}, /* all modifiers */
                {"\033[<0;300;9M", 1, 299, 8}, {"\033[M %#", 1, 4, 2},
                {"\033[M`!!", 4, 0, 0},        {"\033[Ma!!", 5, 0, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct key k = click(rows[i].report);
        CU_ASSERT_EQUAL(k.code, KEYC_MOUSE);
        CU_ASSERT_EQUAL(k.mouse_button, rows[i].button);
        CU_ASSERT_EQUAL(k.mouse_x, rows[i].x);
        CU_ASSERT_EQUAL(k.mouse_y, rows[i].y);
    }
}

TEST(other_reports_of_the_mouse_do_nothing) {
    static const char *const rows[] = {
        "\033[<0;5;3m",
        "\033[<2;1;1M",
        "\033[<32;1;1M",
        "\033[<66;1;1M",
        "\033[<0;0;1M",
        "\033[<0;1;0M",
        "\033[<0;1M",
        "\033[<0;1;1;1M",
        "\033[<;;M",
        "\033[<-1;1;1M",
        "\033[<0;999999;1M",
        "\033[<0:1:1M",
        "\033[<M",
        "\033[<0;1;1~",
        "\033[M#!!",
        "\033[M  !",
        "\033[<0;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1M"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CU_ASSERT_EQUAL(click(rows[i]).code, KEY_NONE);
    bench.term.mouse = false; /* and not a click that nobody asked for */
    CU_ASSERT_EQUAL(click("\033[<0;5;3M").code, KEY_NONE);
    bench.term.mouse = true;
}

TEST(the_modes_are_those_of_the_terminal_without_padding) {
    char buf[8];
    CHECK_STR(bench.term.mouse_modes[true], "\033[?1006;1000h");
    CHECK_STR(bench.term.mouse_modes[false], "\033[?1006;1000l");
    CU_ASSERT_EQUAL(term_capability(buf, sizeof buf, "a$<50/>b$c"), 4);
    CHECK_STR(buf, "ab$c");
    CU_ASSERT_EQUAL(term_capability(buf, 3, "abcdef"), 2);
    CU_ASSERT_EQUAL(term_capability(buf, sizeof buf, NULL), 0);
}

TEST(nothing_typed_is_no_key_and_no_loss) {
    CU_ASSERT_EQUAL(next().code, KEY_NONE);
    CU_ASSERT_FALSE(bench.term.lost);
}

TEST(the_escape_delay_follows_the_line) {
    static const struct {
        const char *asked, *ssh;
        int expected;
    } rows[] = {{"123", NULL, 123}, {"x", NULL, 25}, {NULL, NULL, 25}, {NULL, "1", 45}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        unsetenv("SSH_TTY");
        unsetenv("SSH_CONNECTION");
        unsetenv("ESCDELAY");
        if (rows[i].asked)
            setenv("ESCDELAY", rows[i].asked, 1);
        if (rows[i].ssh)
            setenv("SSH_CONNECTION", rows[i].ssh, 1);
        term_keys_init(&bench.term);
        CU_ASSERT_EQUAL(get_escdelay(), rows[i].expected);
    }
}

TEST(a_slow_line_gets_more_time_but_not_what_a_finger_feels) {
    static const int rows[][2] = {{0, 45}, {60, 60}, {5000, 100}};
    unsetenv("ESCDELAY");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        term_escape_delay((uint32_t)rows[i][0]);
        CU_ASSERT_EQUAL(get_escdelay(), rows[i][1]);
    }
    setenv("ESCDELAY", "7", 1); /* the person has said it */
    term_keys_init(&bench.term);
    term_escape_delay(80);
    CU_ASSERT_EQUAL(get_escdelay(), 7);
}

TEST(an_end_without_a_hang_up_is_a_lost_line_too) {
    int kept = bench.term.fd;
    bench.term.fd = open("/dev/null", O_RDONLY); /* always readable, and never a byte */
    CU_ASSERT_EQUAL(next().code, KEY_NONE);
    CU_ASSERT_TRUE(bench.term.lost);
    close(bench.term.fd);
    bench.term.fd = kept;
    bench.term.lost = false;
}

/* Last: it ends the line. */
TEST(a_line_that_is_gone_is_noticed_at_once) {
    close(bench.feed);
    CU_ASSERT_EQUAL(next().code, KEY_NONE);
    CU_ASSERT_TRUE(bench.term.lost);
    CU_ASSERT_EQUAL(next().code, KEY_NONE);
}

TEST(curses_begins_on_a_pipe) {
    CU_ASSERT_TRUE_FATAL(term_bench_init(&bench, "xterm"));
}

SUITE(term_keys, T(curses_begins_on_a_pipe), T(letters_are_themselves_in_any_script),
      T(control_letters_have_names), T(functions_come_in_both_forms), T(alt_is_an_escape_in_front),
      T(nothing_typed_behind_an_escape_is_lost), T(functions_without_a_meaning_are_passed_over),
      T(what_the_terminal_says_by_itself_is_no_key), T(a_sequence_that_is_cut_off_swallows_no_key),
      T(a_sequence_of_any_length_leaves_nothing_behind), T(a_sequence_may_come_in_two_reads),
      T(a_rest_that_stays_away_takes_no_key_that_is_typed_later),
      T(only_the_answer_to_our_question_counts_as_one), T(the_mouse_has_a_place_and_a_button),
      T(other_reports_of_the_mouse_do_nothing),
      T(the_modes_are_those_of_the_terminal_without_padding),
      T(nothing_typed_is_no_key_and_no_loss), T(the_escape_delay_follows_the_line),
      T(a_slow_line_gets_more_time_but_not_what_a_finger_feels),
      T(an_end_without_a_hang_up_is_a_lost_line_too), T(a_line_that_is_gone_is_noticed_at_once))
