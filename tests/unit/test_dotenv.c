/* tests/unit/test_dotenv.c - the .env as people write it: quotes, export, comments, CRLF, BOM,
 * expansion; and what is refused, with file and line. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "app/dotenv.h"
#include "base/str.h"

static struct arena arena;
static struct env env;
static struct err err;

static bool parse_n(const char *s, size_t n) {
    arena_done(&arena);
    env_init(&env, &arena);
    memset(&err, 0, sizeof err);
    return env_parse(&env, "/etc/goodgo/prod.env", s, n, &err);
}

static bool parse(const char *s) {
    return parse_n(s, strlen(s));
}

static void gives(const char *text, const char *name, const char *value) {
    CU_ASSERT_TRUE(parse(text));
    CHECK_STR(env_get(&env, name), value);
}

static void refused(const char *text, const char *line, const char *why) {
    CU_ASSERT_FALSE(parse(text));
    CU_ASSERT_EQUAL(err.code, E_CONFIG);
    CHECK_STR(strrchr(err.target, ':'), line);
    CHECK_STR(err.why, why);
    CHECK_STR(err.todo, "correct that line: NAME=value, a value with blanks or # in quotes");
}

TEST(reads_names_and_values) {
    gives("A=1\nB_2 = two words \nC.d=\n", "A", "1");
    CHECK_STR(env_get(&env, "B_2"), "two words");
    CU_ASSERT_PTR_NULL(env_get(&env, "C.d")); /* empty is unset */
    CHECK_STR(env_entry(&env, "C.d")->value, "");
    CU_ASSERT_EQUAL(env_entry(&env, "B_2")->line, 2);
    CU_ASSERT_PTR_NULL(env_entry(&env, "none"));
    gives("\t A=1", "A", "1");
    gives("azAZ_09=1", "azAZ_09", "1");
    gives("", "A", NULL);
}

TEST(export_is_a_word_only_before_a_name) {
    gives("export A=1", "A", "1");
    gives("export\tA=1", "A", "1");
    gives("export  \t A=1", "A", "1");
    gives("export=1", "export", "1");
    gives("exported=1", "exported", "1");
}

TEST(comments_begin_a_line_or_follow_a_blank) {
    gives("# A=0\n  # x\nA=1 # one\n", "A", "1");
    gives("A=a#b", "A", "a#b");
    gives("A=a\t# b", "A", "a");
    gives("A=a b \t \t", "A", "a b");
    gives("A=#b", "A", NULL);
    gives("A=\"a # b\" # c", "A", "a # b");
    gives("KEY=<generate with: openssl rand -hex 32> # 64 hex", "KEY",
          "<generate with: openssl rand -hex 32>");
}

TEST(windows_and_bom_are_fine) {
    gives("\xEF\xBB\xBF"
          "A=1\r\nB=2\r\n\r\n# c\r\nC=\"3\"\r\nD=4\r",
          "A", "1");
    CHECK_STR(env_get(&env, "B"), "2");
    CHECK_STR(env_get(&env, "C"), "3");
    CHECK_STR(env_get(&env, "D"), "4");
    CU_ASSERT_EQUAL(env_entry(&env, "C")->line, 5);
    gives("\xEF\xBB\xBF", "A", NULL);
}

TEST(double_quotes_know_escapes_and_lines) {
    gives("A=\"a\\nb\\t\\\"c\\\" \\\\ \\$ \\' \\x\"", "A", "a\nb\t\"c\" \\ $ ' \\x");
    gives("A=\"one\ntwo\"\nB=3", "A", "one\ntwo");
    CU_ASSERT_EQUAL(env_entry(&env, "A")->line, 1);
    CU_ASSERT_EQUAL(env_entry(&env, "B")->line, 3);
    refused("A=\"tail\\", ":1", "a quote is opened and never closed");
    refused("A=\"tail\\\"", ":1", "a quote is opened and never closed");
}

TEST(single_quotes_and_backticks_are_literal) {
    gives("B=x\nA='a\\n ${B} \"'", "A", "a\\n ${B} \"");
    gives("A=`it's \"so\"`", "A", "it's \"so\"");
    gives("A=''", "A", NULL);
}

TEST(names_expand_from_earlier_lines) {
    gives("U=me\nP=pw\nURL=pg://${U}:${P}@h/${D:-db}?x", "URL", "pg://me:pw@h/db?x");
    gives("U=me\nA=\"${U}!\"", "A", "me!");
    gives("A=${LATER}x\nLATER=1", "A", "x"); /* only earlier ones */
    gives("A=1\nA=${A}2\nA=${A}3", "A", "123");
    gives("A=${A}", "A", NULL); /* itself: nothing yet, and no recursion */
    gives("A=${B}\nB=${A}", "B", NULL);
    gives("E=\nA=${E:-other}", "A", "other"); /* empty is unset */
    gives("E=set\nA=${E:-other}", "A", "set");
    gives("A=${E:-}x", "A", "x");
}

TEST(what_is_no_expansion_stands_for_itself) {
    gives("A=$HOME", "A", "$HOME");
    gives("A=5$", "A", "5$");
    gives("B=1\nA={\"B\":$B}x{B}", "A", "{\"B\":$B}x{B}"); /* JSON, as of a service account */
    gives("A=${B:x}${B--x}", "A", "${B:x}${B--x}");
    gives("A=${}", "A", "${}");
    gives("A=${B", "A", "${B");
    gives("A=${B x}", "A", "${B x}");
    gives("A=${B:-x\nC=y}", "A", "${B:-x");
    gives("A=\"${B:-x\" # }\nC=1", "A", "${B:-x"); /* the quote ends it */
    CHECK_STR(env_get(&env, "C"), "1");
    gives("A=${9}", "A", "${9}");
}

TEST(the_last_of_two_counts_and_is_said) {
    gives("A=1\nB=0\nA=2", "A", "2");
    CU_ASSERT_TRUE(env_entry(&env, "A")->duplicate);
    CU_ASSERT_EQUAL(env_entry(&env, "A")->line, 3);
    CU_ASSERT_FALSE(env_entry(&env, "B")->duplicate);
    CU_ASSERT_EQUAL(env.n, 2);
}

/* As PowerShell's > and some editors write it. */
TEST(what_is_not_utf8_is_named_with_what_converts_it) {
    static const struct {
        const char *bytes;
        size_t n;
        const char *name;
    } rows[] = {
        {"\xFF\xFE"
         "A\0=\0001\0",
         8, "UTF-16LE"},
        {"A\0=\0001\0", 6, "UTF-16LE"},
        {"\xFE\xFF\0A\0=\0001", 8, "UTF-16BE"},
        {"\0A\0=\0001", 6, "UTF-16BE"},
        {"\xFF\xFE\0\0A\0\0\0=\0\0\0", 12, "UTF-32LE"},
        {"\0\0\0A\0\0\0=", 8, "UTF-32BE"},
    };
    char why[80], todo[80];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CU_ASSERT_FALSE(parse_n(rows[i].bytes, rows[i].n));
        snprintf(why, sizeof why, "it is %s, and only UTF-8 is read", rows[i].name);
        snprintf(todo, sizeof todo, "`iconv -f %s -t UTF-8 FILE >NEW` makes UTF-8 of it",
                 rows[i].name);
        CHECK_STR(err.why, why);
        CHECK_STR(err.todo, todo);
    }
    CU_ASSERT_TRUE(parse_n("\xEF\xBB\xBF"
                           "A=1",
                           6));
}

TEST(bad_lines_are_named_by_file_and_line) {
    refused("A=1\nnonsense\n", ":2", "expected NAME=value");
    refused("\n\n9A=1", ":3", "expected NAME=value");
    refused("A", ":1", "expected NAME=value");
    refused("export A", ":1", "expected NAME=value");
    refused("exporT A=1", ":1", "expected NAME=value");
    refused("=1", ":1", "expected NAME=value");
    refused("A-B=1", ":1", "expected NAME=value");
    refused("A=1\nB=\"x\n\n\n", ":2", "a quote is opened and never closed");
    refused("A='x' y", ":1", "something stands after the closing quote");
    refused("A=\"1\n2\" y", ":2", "something stands after the closing quote");
    refused("A=1\rB=2\r", ":1", "a carriage return inside the line: end lines with LF or CR LF");
    CU_ASSERT_FALSE(parse_n("A=1\nB=x\0y\n", 10));
    CHECK_STR(err.why, "a NUL byte inside a value");
    CU_ASSERT_FALSE(parse_n("A='x'\0\nB=1", 10));
    CU_ASSERT_FALSE(parse_n("A=\"x\0\"", 7));
    CU_ASSERT_TRUE(str_starts(err.target, "/etc/goodgo/prod.env:"));
}

TEST(of_a_long_path_the_end_is_shown) {
    char path[300];
    memset(path, 'd', sizeof path);
    memcpy(path + sizeof path - 10, "/prod.env", 10);
    env_init(&env, &arena);
    CU_ASSERT_FALSE(env_parse(&env, path, "x", 1, &err));
    CHECK_STR(strrchr(err.target, '/'), "/prod.env:1");
}

/* "NAME=" and n bytes of c. */
static char *line_of(const char *name, char c, size_t n) {
    size_t at = strlen(name);
    char *s = malloc(at + n + 2);
    memcpy(s, name, at);
    memset(s + at, c, n);
    s[at + n] = 0;
    return s;
}

TEST(values_are_at_most_64_kib) {
    char *s = line_of("A=", 'x', 65536);
    CU_ASSERT_TRUE(parse(s));
    CU_ASSERT_EQUAL(strlen(env_get(&env, "A")), 65536);
    free(s);
    s = line_of("A=", 'x', 65537);
    refused(s, ":1", "the value is longer than 64 KiB");
    free(s);
    s = line_of("A=\"", 'x', 70000);
    refused(s, ":1", "the value is longer than 64 KiB");
    free(s);
}

/* Each line makes ten of the one before: ten lines would be 10 GB. */
TEST(expansion_cannot_grow_without_bound) {
    struct str s;
    str_init(&s, 1 << 20);
    str_puts(&s, "A=xxxxxxxxxx\n");
    for (int i = 0; i < 10; i++)
        str_puts(&s, "A=${A}${A}${A}${A}${A}${A}${A}${A}${A}${A}\n");
    refused(str_get(&s), ":5", "the value is longer than 64 KiB");
    str_clear(&s);
    char *large = line_of("A=", 'x', 60000);
    str_puts(&s, large);
    for (int i = 0; i < 80; i++)
        str_printf(&s, "\nB%d=${A}", i);
    refused(str_get(&s), ":70", "the values are longer than 4 MiB together");
    free(large);
    str_clear(&s);
    for (int i = 0; i < 1000; i++)
        str_printf(&s, "N%d=\n", i);
    str_puts(&s, "N7=again\n"); /* no new name */
    gives(str_get(&s), "N7", "again");
    str_puts(&s, "N1000=\n");
    refused(str_get(&s), ":1002", "more than 1000 names");
    str_done(&s);
    arena_done(&arena);
}

SUITE(dotenv, T(reads_names_and_values), T(export_is_a_word_only_before_a_name),
      T(comments_begin_a_line_or_follow_a_blank), T(windows_and_bom_are_fine),
      T(double_quotes_know_escapes_and_lines), T(single_quotes_and_backticks_are_literal),
      T(names_expand_from_earlier_lines), T(what_is_no_expansion_stands_for_itself),
      T(the_last_of_two_counts_and_is_said), T(what_is_not_utf8_is_named_with_what_converts_it),
      T(bad_lines_are_named_by_file_and_line), T(of_a_long_path_the_end_is_shown),
      T(values_are_at_most_64_kib), T(expansion_cannot_grow_without_bound))
