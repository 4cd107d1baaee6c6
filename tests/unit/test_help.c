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

/* Commands, each with its sub-commands behind it; NULL past the last. */
static const struct command *all_at(uint32_t i) {
    const struct command *c;
    for (uint32_t at = 0; (c = command_at(at)); at++) {
        if (i-- == 0)
            return c;
        for (const struct command *sub = c->subs; sub && sub->name; sub++)
            if (i-- == 0)
                return sub;
    }
    return NULL;
}

static const struct command *named(const char *name) {
    char words[64], *argv[3] = {words};
    int used;
    str_copy(words, sizeof words, name);
    argv[1] = strchr(words, ' ');
    if (argv[1])
        *argv[1]++ = 0;
    return command_of_words((const char *const *)argv, argv[1] ? 2 : 1, &used);
}

TEST(every_option_that_a_command_names_exists) {
    const struct command *c;
    for (uint32_t i = 0; (c = all_at(i)); i++)
        for (const char *p = c->options; *p; p += *p == ' ') {
            size_t n = strcspn(p, " ");
            CU_ASSERT_TRUE(option_exists(p, n));
            p += n;
        }
}

TEST(every_command_says_all_there_is_to_say) {
    const struct command *c;
    for (uint32_t i = 0; (c = all_at(i)); i++) {
        CU_ASSERT_TRUE(*c->help && *command_about(c) && *c->exits);
        CU_ASSERT_TRUE(str_starts(c->example, "goodgo "));
        CU_ASSERT_PTR_EQUAL(named(c->name), c);
    }
}

static uint32_t lines_that_begin(const char *text, const char *with) {
    uint32_t n = 0;
    for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
        n += str_starts(p, with);
    return n;
}

TEST(every_sub_command_says_what_it_reads_and_writes_and_has_two_examples) {
    const struct command *c;
    uint32_t n = 0;
    for (uint32_t i = 0; (c = all_at(i)); i++) {
        if (!command_is_sub(c))
            continue;
        n++;
        CU_ASSERT_TRUE(c->reads && *c->reads && c->writes && *c->writes);
        CU_ASSERT_TRUE(lines_that_begin(c->example, "goodgo ") >= 2);
        CU_ASSERT_TRUE(strstr(c->options, "json") ? str_starts(c->schema, "goodgo.") : !c->schema);
        CU_ASSERT_TRUE(!c->act || command_act(c));
    }
    CU_ASSERT_TRUE(n >= 18);
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
    int first, used = 0;
    CU_ASSERT_TRUE_FATAL(len < sizeof line);
    str_copy(line, len + 1, example);
    for (char *p = line; *p; p++)
        if (*p == '\n' || *p == '\\')
            *p = ' ';
    int n = split(line, argv, 23);
    CHECK_STR(argv[0], "goodgo");
    CU_ASSERT_TRUE(options_parse(&o, n, argv, &first, &err));
    const struct command *c = &screen_command;
    if (first < n)
        c = command_of_words((const char *const *)argv + first, n - first, &used);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    if (!c)
        return;
    CU_ASSERT_TRUE(options_suit(&o, c, &err));
    CU_ASSERT_TRUE(c->run == cmd_complete ||
                   command_operands_fit(c, n - first - used, argv + first + used, &err));
}

/* A line that ends with a backslash goes on in the next. */
static void check_examples(const struct command *c) {
    for (const char *p = c->example; *p; p += *p == '\n') {
        const char *end = p + strcspn(p, "\n");
        while (*end && end[-1] == '\\')
            end += 1 + strcspn(end + 1, "\n");
        check_example(p, (size_t)(end - p));
        p = end;
    }
}

TEST(every_example_is_a_command_line_that_is_taken) {
    const struct command *c;
    check_examples(&screen_command);
    for (uint32_t i = 0; (c = all_at(i)); i++)
        check_examples(c);
}

/* What is wrong with a command line; "" = nothing. */
static const char *complaint(const char *words) {
    static char sentence[600];
    char line[256], *argv[24];
    struct options o = {0};
    struct err err;
    int first, used;
    str_copy(line, sizeof line, words);
    int n = split(line, argv, 23);
    CU_ASSERT_TRUE_FATAL(options_parse(&o, n, argv, &first, &err));
    const struct command *c = command_of_words((const char *const *)argv + first, n - first, &used);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    if (options_suit(&o, c, &err) &&
        command_operands_fit(c, n - first - used, argv + first + used, &err))
        return "";
    err_sentence(&err, sentence, sizeof sentence);
    return sentence;
}

static bool complains(const char *words, const char *of) {
    return strstr(complaint(words), of) != NULL;
}

TEST(a_sub_command_takes_as_many_words_as_it_says) {
    CHECK_STR(complaint("goodgo payments show KEY"), "");
    CHECK_STR(complaint("goodgo payments verify"), "");
    CHECK_STR(complaint("goodgo payments replay ID ID ID"), "");
    CHECK_STR(complaint("goodgo jobs"), "");
    CU_ASSERT_TRUE(complains("goodgo payments show", "payments show: needs KEY"));
    CU_ASSERT_TRUE(complains("goodgo payments show A B", "B: is one word too many"));
    CU_ASSERT_TRUE(complains("goodgo payments replay", "payments replay: needs PAYMENT"));
    CU_ASSERT_TRUE(complains("goodgo payments", "payments: wants one of list, show, verify"));
    CU_ASSERT_TRUE(complains("goodgo jobs frob", "frob: is none of its sub-commands: list, show"));
}

TEST(an_option_of_another_sub_command_is_refused) {
    CHECK_STR(complaint("goodgo payments list --class stuck"), "");
    CHECK_STR(complaint("goodgo payments replay ID --force --reason X"), "");
    CU_ASSERT_TRUE(complains("goodgo payments show ID --class stuck",
                             "--class: goodgo payments show does not take it"));
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
    help_text(&a, *name ? named(name) : &screen_command, &out);
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
    CU_ASSERT_PTR_NOT_NULL(strstr(help_of("status"), "SERVICES:\n  api web ai-services"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help_of("payments list"), "CLASS:\n  paid_not_credited "));
    CU_ASSERT_PTR_NOT_NULL(strstr(help_of("payments list"), "STATUS:\n  "));
}

TEST(help_of_a_command_with_sub_commands_is_a_short_table_of_them) {
    const char *help = help_of("payments");
    CU_ASSERT_PTR_NOT_NULL(strstr(help, "\n  show            all that is known of one"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help, "goodgo payments COMMAND --help"));
    CU_ASSERT_PTR_NULL(strstr(help, "--statement"));
    CU_ASSERT_TRUE(lines_that_begin(help, "") <= 40);
}

TEST(help_of_a_sub_command_is_its_own) {
    const char *help = help_of("payments settle-transfer");
    CU_ASSERT_TRUE(str_starts(help, "usage: goodgo payments settle-transfer PAYMENT [OPTIONS]\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help, "--evidence FILE")); /* of its act */
    CU_ASSERT_PTR_NOT_NULL(strstr(help, "A transfer has no callback"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help, "\nreads:  the database"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help, "\nwrites: the payment's row"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help, "\njson:   goodgo.job/1"));
    CU_ASSERT_PTR_NOT_NULL(strstr(help, "\nexit:   0 done"));
    CU_ASSERT_PTR_NULL(strstr(help, "--statement"));
}

static void check_width(const char *text) {
    for (const char *p = text; *p; p += *p == '\n') {
        CU_ASSERT_TRUE(strcspn(p, "\n") <= 80);
        p += strcspn(p, "\n");
    }
}

TEST(help_keeps_to_a_terminal_of_80_columns) {
    const struct command *c;
    check_width(help_of(""));
    for (uint32_t i = 0; (c = all_at(i)); i++)
        check_width(help_of(c->name));
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
      T(every_sub_command_says_what_it_reads_and_writes_and_has_two_examples),
      T(a_sub_command_takes_as_many_words_as_it_says),
      T(an_option_of_another_sub_command_is_refused),
      T(help_of_a_command_with_sub_commands_is_a_short_table_of_them),
      T(help_of_a_sub_command_is_its_own), T(every_act_is_a_command_with_its_own_options),
      T(every_example_is_a_command_line_that_is_taken), T(an_option_of_another_command_is_refused),
      T(a_global_option_is_taken_where_it_changes_nothing),
      T(help_shows_only_the_options_that_apply), T(help_names_what_an_operand_may_be),
      T(help_keeps_to_a_terminal_of_80_columns), T(man_words_are_text_and_no_request),
      T(man_items_shield_their_words))
