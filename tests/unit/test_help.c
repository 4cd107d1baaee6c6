/* tests/unit/test_help.c - help, manual page and command line read one table, and it is sound. */
#include "harness.h"

#include <string.h>

#include "src/app/help_priv.h"
#include "src/app/man_priv.h"
#include "app/options.h"

static struct str out;

static bool option_exists(const char *name, size_t n) {
    struct option_info o;
    for (uint32_t i = 0; options_at(i, &o); i++)
        if (strlen(o.name) == n && !strncmp(o.name, name, n))
            return true;
    return false;
}

TEST(every_option_that_a_command_names_exists) {
    const struct command *c;
    for (uint32_t i = 0; (c = command_at(i)); i++)
        for (const char *p = c->options; *p; p += *p == ' ') {
            size_t n = strcspn(p, " ");
            CU_ASSERT_TRUE(option_exists(p, n));
            p += n;
        }
}

TEST(every_command_says_all_there_is_to_say) {
    const struct command *c;
    for (uint32_t i = 0; (c = command_at(i)); i++) {
        CU_ASSERT_TRUE(*c->help && *c->about && *c->exits);
        CU_ASSERT_TRUE(str_starts(c->example, "goodgo "));
        CU_ASSERT_PTR_EQUAL(command_find(c->name), c);
    }
}

TEST(every_act_is_a_command_with_its_own_options) {
    struct option_info o;
    for (uint32_t i = 0; i < n_acts; i++) {
        const struct command *c = command_find(acts[i]->id);
        CU_ASSERT_PTR_NOT_NULL_FATAL(c);
        CU_ASSERT_PTR_EQUAL(command_act(c), acts[i]);
        if (!acts[i]->options)
            continue;
        CU_ASSERT_TRUE_FATAL(options_of(c, 0, &o));
        CHECK_STR(o.name, acts[i]->options[0].name);
    }
}

/* The words of one line as a shell would give them; a pipe or a redirection ends it. */
static int split(char *line, char **argv, int max) {
    int n = 0;
    for (char *p = line; *p && n < max;) {
        p += strspn(p, " ");
        if (!*p || *p == '|' || *p == '>')
            break;
        char stop = *p == '\'' ? *p++ : ' ';
        argv[n++] = p;
        p += strcspn(p, stop == ' ' ? " " : "'");
        if (*p)
            *p++ = 0;
    }
    argv[n] = NULL;
    return n;
}

static void check_example(const char *example, size_t len) {
    char line[256], *argv[24];
    struct options o = {0};
    struct err err;
    int first;
    CU_ASSERT_TRUE_FATAL(len < sizeof line);
    str_copy(line, len + 1, example);
    int n = split(line, argv, 23);
    CHECK_STR(argv[0], "goodgo");
    CU_ASSERT_TRUE(options_parse(&o, n, argv, &first, &err));
    const struct command *c = first < n ? command_find(argv[first]) : &screen_command;
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_TRUE(options_suit(&o, c, &err));
    int operands = first < n ? n - first - 1 : 0;
    int most = *c->operands ? 1 + (strchr(c->operands, ' ') != NULL) : 0;
    bool any_number = strstr(c->operands, "...") != NULL;
    CU_ASSERT_TRUE(c->run == cmd_complete || any_number || operands <= most);
}

static void check_examples(const struct command *c) {
    for (const char *p = c->example; *p; p += *p == '\n') {
        check_example(p, strcspn(p, "\n"));
        p += strcspn(p, "\n");
    }
}

TEST(every_example_is_a_command_line_that_is_taken) {
    const struct command *c;
    check_examples(&screen_command);
    for (uint32_t i = 0; (c = command_at(i)); i++)
        check_examples(c);
}

TEST(an_option_of_another_command_is_refused) {
    char line[] = "goodgo version --only redis", *argv[8];
    struct options o = {0};
    struct err err;
    int first;
    CU_ASSERT_TRUE(options_parse(&o, split(line, argv, 7), argv, &first, &err));
    CU_ASSERT_FALSE(options_suit(&o, command_find("version"), &err));
    CHECK_STR(err.target, "--only");
    CU_ASSERT_TRUE(options_suit(&o, command_find("status"), &err));
}

TEST(a_global_option_is_taken_where_it_changes_nothing) {
    char line[] = "goodgo --env-file x -p --read-only version", *argv[8];
    struct options o = {0};
    struct err err;
    int first;
    CU_ASSERT_TRUE(options_parse(&o, split(line, argv, 7), argv, &first, &err));
    CU_ASSERT_TRUE(options_suit(&o, command_find("version"), &err));
}

static const char *help_of(const char *name) {
    struct arena a;
    arena_init(&a);
    str_clear(&out);
    out.max = 1u << 18;
    help_text(&a, *name ? command_find(name) : &screen_command, &out);
    arena_done(&a);
    return str_get(&out);
}

TEST(help_shows_only_the_options_that_apply) {
    CU_ASSERT_PTR_NOT_NULL(strstr(help_of("status"), "--only SERVICES"));
    CU_ASSERT_PTR_NULL(strstr(help_of("status"), "--format"));
    CU_ASSERT_PTR_NULL(strstr(help_of("version"), "--env-file"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help_of("env"), "--env-file FILE"));
    CU_ASSERT_PTR_NULL(strstr(help_of("env"), "--timeout"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help_of(""), "--state-dir DIR"));
    CU_ASSERT_PTR_NULL(strstr(help_of(""), "--only"));
}

TEST(help_names_what_an_operand_may_be) {
    CU_ASSERT_PTR_NOT_NULL(strstr(help_of("query"), "PRESET:\n  p99 p95"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help_of("check"), "SERVICE:\n  api web"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help_of("render"), "VIEW:\n  overview alerts"));
}

TEST(help_keeps_to_a_terminal_of_100_columns) {
    const struct command *c;
    for (uint32_t i = 0; (c = command_at(i)); i++)
        for (const char *p = help_of(c->name); *p; p += *p == '\n') {
            CU_ASSERT_TRUE(strcspn(p, "\n") <= 100);
            p += strcspn(p, "\n");
        }
}

static const char *words_of(const char *s) {
    str_clear(&out);
    out.max = 1u << 18;
    man_words(s, &out);
    return str_get(&out);
}

TEST(man_words_are_text_and_no_request) {
    CHECK_STR(words_of("a-b \\ c"), "a\\-b \\e c\n");
    CHECK_STR(words_of(".Sh is no head"), "\\&.Sh is no head\n");
    CHECK_STR(words_of("'tis"), "\\&'tis\n");
    CHECK_STR(words_of("One. Two e.g. three. --four."), "One.\nTwo e.g. three.\n\\-\\-four.\n");
}

TEST(man_items_shield_their_words) {
    str_clear(&out);
    man_item("Sy", "- \" Fl", &out);
    CHECK_STR(str_get(&out), ".It Sy \\&\\- \\&\\(dq \\&Fl\n");
}

SUITE(help, T(every_option_that_a_command_names_exists), T(every_command_says_all_there_is_to_say),
      T(every_act_is_a_command_with_its_own_options),
      T(every_example_is_a_command_line_that_is_taken), T(an_option_of_another_command_is_refused),
      T(a_global_option_is_taken_where_it_changes_nothing),
      T(help_shows_only_the_options_that_apply), T(help_names_what_an_operand_may_be),
      T(help_keeps_to_a_terminal_of_100_columns), T(man_words_are_text_and_no_request),
      T(man_items_shield_their_words))
