/* tests/unit/test_keys.c - key names, the default table and remapping. */
#include "harness.h"

#include <string.h>

#include "ui/keys.h"

static struct keymap m;
static struct err err;

static enum action find(const char *name) {
    struct key k;
    CU_ASSERT_TRUE_FATAL(key_parse(name, &k));
    return keymap_find(&m, k);
}

TEST(every_default_key_reads_back_as_written) {
    char shown[128];
    keymap_init(&m);
    for (int a = 0; a < ACTION_COUNT; a++) {
        keymap_describe(&m, (enum action)a, shown, sizeof shown);
        CHECK_STR(shown, action_table[a].default_keys);
    }
}

TEST(names_go_both_ways) {
    static const char *const names[] = {"Ctrl-D",  "PgDn",       "F5",      "F12", "q",
                                        "Q",       "Space",      "Alt-x",   "?",   "-",
                                        "BackTab", "Ctrl-Alt-A", "\304\221"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct key k;
        char buf[24];
        CU_ASSERT_TRUE_FATAL(key_parse(names[i], &k));
        key_format(k, buf, sizeof buf);
        CHECK_STR(buf, names[i]);
    }
}

TEST(refuses_what_is_no_key) {
    static const char *const names[] = {"",     "Ctrl-",   "F13",     "ab", "\033", "Ctrl-\304\221",
                                        "\377", "Hyper-x", "\302\205"};
    struct key k;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        CU_ASSERT_FALSE(key_parse(names[i], &k));
}

TEST(no_default_kills_or_freezes_the_line) {
    keymap_init(&m);
    CU_ASSERT_EQUAL(find("Ctrl-D"), ACT_HALF_DOWN);
    CU_ASSERT_EQUAL(find("Ctrl-L"), ACT_REDRAW);
    CU_ASSERT_EQUAL(find("Ctrl-K"), ACTION_COUNT);
    CU_ASSERT_EQUAL(find("Ctrl-S"), ACTION_COUNT);
    CU_ASSERT_EQUAL(find("Ctrl-Q"), ACTION_COUNT);
    CU_ASSERT_EQUAL(find("d"), ACT_DETAILS); /* it only reads */
}

TEST(remapping_replaces_the_keys_of_the_action) {
    keymap_init(&m);
    CU_ASSERT_TRUE(keymap_set(&m, "sort-right", "u F6", &err));
    CU_ASSERT_EQUAL(find("u"), ACT_SORT_RIGHT);
    CU_ASSERT_EQUAL(find("F6"), ACT_SORT_RIGHT);
    CU_ASSERT_EQUAL(find(">"), ACTION_COUNT);
    CU_ASSERT_TRUE(keymap_set(&m, "sort-right", "", &err));
    CU_ASSERT_EQUAL(find("u"), ACTION_COUNT);
}

TEST(remapping_refuses_and_changes_nothing) {
    keymap_init(&m);
    CU_ASSERT_FALSE(keymap_set(&m, "destroy", "u", &err));
    CU_ASSERT_FALSE(keymap_set(&m, "sort-right", "j", &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "down"));
    CU_ASSERT_FALSE(keymap_set(&m, "sort-right", "u Banana", &err));
    CU_ASSERT_FALSE(keymap_set(&m, "sort-right", "Ctrl-S", &err));
    CU_ASSERT_EQUAL(find(">"), ACT_SORT_RIGHT);
    CU_ASSERT_EQUAL(find("u"), ACTION_COUNT);
}

TEST(a_sentence_names_the_first_key_that_is_set) {
    char key[24];
    keymap_init(&m);
    keymap_first(&m, ACT_DOWN, key, sizeof key);
    CHECK_STR(key, "j");
    CU_ASSERT_TRUE(keymap_set(&m, "down", "F6 u", &err));
    keymap_first(&m, ACT_DOWN, key, sizeof key);
    CHECK_STR(key, "F6");
    CU_ASSERT_TRUE(keymap_set(&m, "down", "", &err));
    keymap_first(&m, ACT_DOWN, key, sizeof key);
    CHECK_STR(key, "");
    keymap_first(NULL, ACT_DOWN, key, sizeof key);
    CHECK_STR(key, "j");
}

static const char *say(const struct keymap *map, const char *sentence) {
    static char said[160];
    keymap_say(map, sentence, said, sizeof said);
    return said;
}

TEST(keys_in_a_sentence_follow_their_actions) {
    keymap_init(&m);
    CHECK_STR(say(&m, "{open} opens, {back} goes back"), "Enter opens, Esc goes back");
    CU_ASSERT_TRUE(keymap_set(&m, "back", "F9 x", &err));
    CHECK_STR(say(&m, "{back} goes back, {quit} quits"), "F9 goes back, x quits");
    CHECK_STR(say(NULL, "{back} goes back, {quit} quits"), "Esc goes back, q quits");
    CHECK_STR(say(&m, "{ is no key here; {help} shows"), "{ is no key here; ? shows");
    CHECK_STR(say(&m, "{destroy} and {"), "{destroy} and {");
}

TEST(an_action_without_a_key_is_named_itself) {
    keymap_init(&m);
    CU_ASSERT_TRUE(keymap_set(&m, "back", "", &err));
    CHECK_STR(say(&m, "{back} goes back, {quit} quits"), "'back' goes back, :q quits");
}

TEST(every_key_that_a_help_line_names_is_an_action) {
    keymap_init(&m);
    for (int a = 0; a < ACTION_COUNT; a++)
        CU_ASSERT_PTR_NULL(strchr(say(&m, action_table[a].help), '{'));
}

SUITE(keys, T(every_default_key_reads_back_as_written), T(names_go_both_ways),
      T(refuses_what_is_no_key), T(no_default_kills_or_freezes_the_line),
      T(remapping_replaces_the_keys_of_the_action), T(remapping_refuses_and_changes_nothing),
      T(a_sentence_names_the_first_key_that_is_set), T(keys_in_a_sentence_follow_their_actions),
      T(an_action_without_a_key_is_named_itself), T(every_key_that_a_help_line_names_is_an_action))
