/* tests/unit/test_options.c - the command line: any order, every option, and what is refused. */
#include "harness.h"

#include <string.h>

#include "app/options.h"

static struct options options;
static struct err err;
static int first;
static const char *args[32];

/* Splits at blanks; the operands are args[first...]. */
static bool parse(const char *line) {
    static char words[256];
    int argc = 0;
    memset(&options, 0, sizeof options);
    str_copy(words, sizeof words, line);
    args[argc++] = "goodgo";
    for (char *w = words; *w;) {
        args[argc++] = w;
        w += strcspn(w, " ");
        if (*w)
            *w++ = 0;
    }
    args[argc] = NULL;
    return options_parse(&options, argc, (char **)args, &first, &err);
}

static void refused(const char *line, const char *word, const char *why) {
    CU_ASSERT_FALSE(parse(line));
    CHECK_STR(err.target, word);
    if (!strstr(err.why, why))
        printf("\n    \"%s\" is not in \"%s\"\n", why, err.why);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, why));
}

TEST(options_stand_anywhere) {
    CU_ASSERT_TRUE(parse("--json status --only redis,api -t 500"));
    CHECK_STR(args[first], "status");
    CU_ASSERT_TRUE(options.json);
    CHECK_STR(options.only, "redis,api");
    CU_ASSERT_EQUAL(options.timeout_ms, 500);
    CU_ASSERT_TRUE(parse("query -- -sum(x)"));
    CHECK_STR(args[first], "query");
    CHECK_STR(args[first + 1], "-sum(x)");
    CU_ASSERT_TRUE(parse("-jpe F"));
    CU_ASSERT_TRUE(options.json && options.plain);
    CHECK_STR(options.env_file, "F");
    CU_ASSERT_PTR_NULL(args[first]);
}

TEST(every_option_lands_where_it_belongs) {
    CU_ASSERT_TRUE(parse("-e a -c b --config c --state-dir d --range e -o f --size g --format h"));
    CHECK_STR(options.env_file, "a");
    CHECK_STR(options.context, "b");
    CHECK_STR(options.config_file, "c");
    CHECK_STR(options.state_dir, "d");
    CHECK_STR(options.range, "e");
    CHECK_STR(options.output, "f");
    CHECK_STR(options.size, "g");
    CHECK_STR(options.format, "h");
    CU_ASSERT_TRUE(parse("--theme=t --snapshot=s --keys=k --read-only -w --ascii --man --show -V"));
    CHECK_STR(options.theme, "t");
    CHECK_STR(options.snapshot, "s");
    CHECK_STR(options.keys, "k");
    CU_ASSERT_TRUE(options.read_only && options.watch && options.ascii && options.man);
    CU_ASSERT_TRUE(options.show && options.version && !options.help);
    CU_ASSERT_TRUE(parse("-h"));
    CU_ASSERT_TRUE(options.help && !options.version);
}

TEST(what_is_no_option_is_named) {
    refused("status --nonsense", "--nonsense", "is not an option");
    refused("-jx", "-x", "is not an option");
    refused("-x status", "-x", "is not an option");
    refused("--s", "--s", "is not an option"); /* state-dir, size, snapshot, show */
    refused("--json=yes", "--json=yes", "takes no value");
    refused("status --only", "--only", "needs a value");
    refused("-e", "-e", "needs a value");
    CU_ASSERT_TRUE(parse("-j")); /* a parse that failed leaves nothing behind */
}

TEST(an_act_brings_options_of_its_own) {
    CU_ASSERT_TRUE(parse("--json restore file --into other --replace"));
    CHECK_STR(args[first], "restore");
    CU_ASSERT_EQUAL_FATAL(options.arguments.n, 2);
    CHECK_STR(options.arguments.at[0].name, "into");
    CHECK_STR(options.arguments.at[0].value, "other");
    CHECK_STR(options.arguments.at[1].value, "1"); /* a flag */
    CU_ASSERT_TRUE(parse("reindex --batch=5 -j"));
    CHECK_STR(options.arguments.at[0].value, "5");
    refused("restore --batch 5", "--batch", "is not an option"); /* of another act */
    refused("reindex --batch", "--batch", "needs a value");
    refused("restore --replace=yes", "--replace=yes", "takes no value");
    refused("status --into x", "--into", "is not an option");
}

/* The value of an option is a file, a reason or a name: it names no act, whatever it says. */
TEST(the_value_of_an_option_names_no_act) {
    static const struct {
        const char *line, *command;
    } lines[] = {{"payments list --csv reconcile", "payments"},
                 {"payments list --csv=reconcile", "payments"},
                 {"--state-dir restore payments list --csv replay", "payments"},
                 {"-c reindex payments list --csv out", "payments"},
                 {"-jc reindex payments list --cs reconcile", "payments"},
                 {"status --only reindex -e restore", "status"}};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        CU_ASSERT_TRUE(parse(lines[i].line));
        CHECK_STR(args[first], lines[i].command);
        CU_ASSERT_EQUAL(options.arguments.n, 0);
    }
    CU_ASSERT_TRUE(parse("payments list --csv reconcile"));
    CHECK_STR(options.csv, "reconcile");
    CU_ASSERT_TRUE(parse("--reason restore payments reconcile --csv list"));
    CHECK_STR(options.reason, "restore");
    CU_ASSERT_PTR_NULL(options.csv); /* the act's own */
    CU_ASSERT_EQUAL_FATAL(options.arguments.n, 1);
    CHECK_STR(options.arguments.at[0].value, "list");
    CU_ASSERT_TRUE(parse("--into reindex restore --json -- --replace")); /* before its act too */
    CHECK_STR(options.arguments.at[0].value, "reindex");
    CHECK_STR(args[first + 1], "--replace");
    CU_ASSERT_TRUE(parse("-- restore --into"));
    CU_ASSERT_EQUAL(options.arguments.n, 0);
    refused("payments verify reconcile --propose", "--propose", "is not an option");
    refused("query restore --into x", "--into", "is not an option");
}

/* What is a value must be known before the command is. */
TEST(an_option_of_one_name_takes_a_value_everywhere_or_nowhere) {
    struct option_info row;
    for (uint32_t a = 0; a < n_acts; a++)
        for (const struct act_option *o = acts[a]->options; o && o->name; o++) {
            for (uint32_t i = 0; options_at(i, &row); i++)
                CU_ASSERT_TRUE(strcmp(row.name, o->name) != 0 || !row.value == !o->value);
            for (uint32_t b = 0; b < a; b++)
                for (const struct act_option *p = acts[b]->options; p && p->name; p++)
                    CU_ASSERT_TRUE(strcmp(p->name, o->name) != 0 || !p->value == !o->value);
        }
}

TEST(an_act_takes_as_many_options_as_a_plan_holds) {
    const char *many[PLAN_MAX_PAIRS + 4] = {"goodgo", "restore"};
    memset(&options, 0, sizeof options);
    for (int i = 0; i <= PLAN_MAX_PAIRS; i++)
        many[2 + i] = "--replace";
    CU_ASSERT_TRUE(options_parse(&options, PLAN_MAX_PAIRS + 2, (char **)many, &first, &err));
    CU_ASSERT_EQUAL(options.arguments.n, PLAN_MAX_PAIRS);
    options.arguments.n = 0;
    CU_ASSERT_FALSE(options_parse(&options, PLAN_MAX_PAIRS + 3, (char **)many, &first, &err));
    CHECK_STR(err.why, "is one option too many");
}

TEST(timeouts_are_milliseconds_in_a_range) {
    CU_ASSERT_TRUE(parse("--timeout 10"));
    CU_ASSERT_TRUE(parse("--timeout 600000"));
    refused("--timeout 9", "--timeout", "is milliseconds from 10 to 600000");
    refused("--timeout 600001", "--timeout", "is milliseconds");
    refused("-t 5s", "--timeout", "is milliseconds");
    refused("-t -5", "--timeout", "is milliseconds");
}

TEST(an_empty_value_is_none) {
    refused("status --only=", "--only", "needs a value, and was given an empty one");
    refused("jobs --state-dir=", "--state-dir", "an empty one");
    refused("backup --reason=", "--reason", "an empty one");
    refused("restore FILE --into=", "--into", "an empty one");
    refused("--env-file=", "--env-file", "an empty one");
    refused("--timeout=", "--timeout", "an empty one");
}

TEST(every_row_can_be_asked_for_once_and_has_its_help) {
    struct option_info o, other;
    for (uint32_t i = 0; options_at(i, &o); i++) {
        CU_ASSERT_TRUE(*o.help);
        for (uint32_t k = 0; k < i; k++) {
            CU_ASSERT_TRUE(options_at(k, &other) && strcmp(o.name, other.name) != 0);
            CU_ASSERT_TRUE(!o.letter || o.letter != other.letter);
        }
    }
}

TEST(some_options_may_be_given_again) {
    CU_ASSERT_TRUE(parse("payments reconcile --statement a --gateway g --statement b"));
    CU_ASSERT_EQUAL_FATAL(options.arguments.n, 3);
    CHECK_STR(options.arguments.at[0].name, "statement");
    CHECK_STR(options.arguments.at[0].value, "a");
    CHECK_STR(options.arguments.at[1].name, "gateway");
    CHECK_STR(options.arguments.at[2].value, "b");
}

SUITE(options, T(some_options_may_be_given_again), T(options_stand_anywhere),
      T(every_option_lands_where_it_belongs), T(what_is_no_option_is_named),
      T(an_act_brings_options_of_its_own), T(the_value_of_an_option_names_no_act),
      T(an_option_of_one_name_takes_a_value_everywhere_or_nowhere),
      T(an_act_takes_as_many_options_as_a_plan_holds), T(timeouts_are_milliseconds_in_a_range),
      T(an_empty_value_is_none), T(every_row_can_be_asked_for_once_and_has_its_help))
