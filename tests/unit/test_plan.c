/* tests/unit/test_plan.c - a plan's id stands for everything that decides the outcome. */
#include "harness.h"

#include <string.h>

#include "act/act.h"

static struct arena arena;
static struct err err;

static void sample(struct plan *p) {
    plan_init(p, &arena, "backup", "prod", TIER_CHANGES);
    p->target = "database goodgo";
    p->count = 2;
    p->arguments.at[p->arguments.n++] = (struct pair){"dir", "/backups"};
    plan_fact(p, "server", "%s", "16.4");
    plan_change(p, "writes %d files", 2);
    plan_command(p, "pg_dump --dbname=${DATABASE_URL_DIRECT}");
    plan_warning(p, "the disk is %d %% full", 91);
    plan_seal(p);
}

static void written(const struct plan *p, struct str *json) {
    str_init(json, 1 << 20);
    plan_write(p, json);
}

TEST(the_id_changes_with_every_input_and_not_with_words) {
    struct plan a, b;
    sample(&a);
    sample(&b);
    CHECK_STR(a.id, b.id);
    plan_warning(&b, "another word");
    plan_seal(&b);
    CHECK_STR(a.id, b.id);
    b.arguments.at[b.arguments.n++] = (struct pair){PLAN_REASON, "INC-231"};
    plan_seal(&b);
    CHECK_STR(a.id, b.id);
    for (int i = 0; i < 6; i++) {
        sample(&b);
        if (i == 0)
            b.count = 3;
        else if (i == 1)
            b.context = "staging";
        else if (i == 2)
            b.target = "database other";
        else if (i == 3)
            b.arguments.at[0].value = "/backup";
        else if (i == 4)
            b.facts.at[0].value = "16.5";
        else
            b.tier = TIER_DESTROYS;
        plan_seal(&b);
        CU_ASSERT_STRING_NOT_EQUAL(a.id, b.id);
    }
}

TEST(values_cannot_slide_into_their_neighbours) {
    struct plan a, b;
    plan_init(&a, &arena, "x", "dev", TIER_CHANGES);
    plan_init(&b, &arena, "x", "dev", TIER_CHANGES);
    plan_fact(&a, "ab", "c");
    plan_fact(&b, "a", "bc");
    plan_seal(&a);
    plan_seal(&b);
    CU_ASSERT_STRING_NOT_EQUAL(a.id, b.id);
}

TEST(reads_back_what_it_wrote) {
    struct plan p, q;
    struct str json, again;
    sample(&p);
    written(&p, &json);
    CU_ASSERT_TRUE_FATAL(plan_read(&q, &arena, str_get(&json), json.len, &err));
    CHECK_STR(q.id, p.id);
    CHECK_STR(plan_argument(&q, "dir"), "/backups");
    written(&q, &again);
    CHECK_STR(str_get(&again), str_get(&json));
    str_done(&json);
    str_done(&again);
}

TEST(a_target_of_any_name_is_read_back) {
    struct plan p, q;
    struct str json;
    sample(&p);
    p.target = "database \xff\033[2J";
    plan_seal(&p);
    written(&p, &json);
    CU_ASSERT_TRUE(plan_read(&q, &arena, str_get(&json), json.len, &err));
    CHECK_STR(q.id, p.id);
    str_done(&json);
}

TEST(an_argument_that_no_document_can_hold_is_refused) {
    static const struct settings settings = {.context = "dev"};
    static const struct pairs arguments = {{{"dir", "/backups/\xff"}}, 1};
    struct act_input input = {.settings = &settings, .arena = &arena, .arguments = &arguments};
    struct plan p;
    CU_ASSERT_FALSE(act_plan(act_find("backup"), &input, &p, &err));
    CHECK_STR(err.target, "dir");
    CU_ASSERT_EQUAL(err.code, E_CONFIG);
}

TEST(an_edited_plan_is_refused) {
    struct plan p, q;
    struct str json;
    sample(&p);
    written(&p, &json);
    char *dir = strstr(json.s, "/backups");
    dir[1] = 'B';
    CU_ASSERT_FALSE(plan_read(&q, &arena, json.s, json.len, &err));
    CU_ASSERT_EQUAL(err.code, E_PROTOCOL);
    CU_ASSERT_FALSE(plan_read(&q, &arena, json.s, json.len / 2, &err));
    CU_ASSERT_FALSE(plan_read(&q, &arena, "[]", 2, &err));
    str_done(&json);
}

TEST(only_the_word_confirms) {
    struct plan p;
    char word[64];
    sample(&p);
    plan_word(&p, word, sizeof word);
    CHECK_STR(word, "prod 2");
    CU_ASSERT_TRUE(plan_word_fits(&p, "prod 2"));
    CU_ASSERT_TRUE(plan_word_fits(&p, "prod:2"));
    static const char *const wrong[] = {"",       "y",       "prod",  "prod 1", "prod 22",
                                        "Prod 2", "prod  2", "dev 2", " prod 2"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        CU_ASSERT_FALSE(plan_word_fits(&p, wrong[i]));
}

TEST(the_difference_names_what_changed) {
    struct plan a, b;
    sample(&a);
    sample(&b);
    b.count = 5;
    b.facts.at[0].value = "17.0";
    plan_seal(&b);
    CHECK_STR(plan_difference(&a, &b, &arena),
              "count: was 2, is now 5; server: was 16.4, is now 17.0");
}

static void many_facts(struct plan *p, const char *last) {
    plan_init(p, &arena, "replay", "dev", TIER_CHANGES);
    for (int i = 0; i < PLAN_MAX_PAIRS + 6; i++)
        plan_fact(p, arena_printf(&arena, "fact %d", i), "%d", i);
    plan_fact(p, "last", "%s", last);
    plan_seal(p);
}

TEST(a_fact_that_does_not_fit_is_still_a_part_of_the_id) {
    struct plan a, b;
    struct str json;
    many_facts(&a, "pending");
    many_facts(&b, "paid");
    CU_ASSERT_STRING_NOT_EQUAL(a.id, b.id);
    CU_ASSERT_PTR_NOT_NULL(strstr(plan_difference(&a, &b, &arena), "further facts: was "));
    written(&a, &json);
    CU_ASSERT_TRUE_FATAL(plan_read(&b, &arena, str_get(&json), json.len, &err));
    CHECK_STR(b.id, a.id);
    str_done(&json);
}

TEST(more_lines_than_fit_are_counted) {
    struct plan p;
    struct str out;
    plan_init(&p, &arena, "x", "dev", TIER_CHANGES);
    for (int i = 0; i < PLAN_MAX_LINES + 7; i++)
        plan_change(&p, "line %d", i);
    CU_ASSERT_EQUAL(p.changes.n_left_out, 7);
    str_init(&out, 1 << 20);
    plan_print(&p, &out);
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "and 7 more"));
    str_done(&out);
}

/* The screen and the run know a plan from its document only. */
TEST(a_document_says_how_many_lines_it_left_out) {
    struct plan p, back;
    struct str json;
    plan_init(&p, &arena, "x", "dev", TIER_CHANGES);
    for (int i = 0; i < PLAN_MAX_LINES + 7; i++)
        plan_change(&p, "line %d", i);
    plan_seal(&p);
    str_init(&json, 1 << 20);
    plan_write(&p, &json);
    CU_ASSERT_TRUE_FATAL(plan_read(&back, &arena, str_get(&json), json.len, &err));
    CU_ASSERT_EQUAL(back.changes.n, PLAN_MAX_LINES);
    CU_ASSERT_EQUAL(back.changes.n_left_out, 7);
    CU_ASSERT_EQUAL(back.warnings.n_left_out, 0);
    str_done(&json);
}

TEST(outside_text_cannot_drive_the_terminal) {
    struct plan p;
    struct str out;
    plan_init(&p, &arena, "x", "dev", TIER_CHANGES);
    plan_change(&p, "drops %s", "a\033]0;pwned\007b");
    str_init(&out, 1 << 20);
    plan_print(&p, &out);
    CU_ASSERT_PTR_NULL(strchr(str_get(&out), 033));
    str_done(&out);
}

SUITE(plan, T(the_id_changes_with_every_input_and_not_with_words),
      T(values_cannot_slide_into_their_neighbours), T(reads_back_what_it_wrote),
      T(a_target_of_any_name_is_read_back), T(an_argument_that_no_document_can_hold_is_refused),
      T(an_edited_plan_is_refused), T(only_the_word_confirms), T(the_difference_names_what_changed),
      T(a_fact_that_does_not_fit_is_still_a_part_of_the_id), T(more_lines_than_fit_are_counted),
      T(a_document_says_how_many_lines_it_left_out), T(outside_text_cannot_drive_the_terminal))
