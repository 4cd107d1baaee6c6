/* tests/golden/test_remapped.c - who gave the keys other places is told these in every sentence:
 * nowhere on a screen does one stand that does something else now. */
#include "harness.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "screen.h"

static const struct ui_act act = {
    .id = "backup", .title = "Back up", .help = "a dump", .view = "pg-backup", .usage = ""};

/* All of them on other keys: each one that a sentence may name by its default would stand out. */
static void begin_remapped(const char *state, const char *view) {
    static const char *const moved[][2] = {
        {"back", "F2 Q"},      {"open", "F3"},        {"page-down", "F4"},     {"next-pane", "F6"},
        {"details", "F7"},     {"filter", "F8"},      {"freeze", "F9"},        {"step-back", "F11"},
        {"follow", "Alt-f"},   {"wrap", "Alt-w"},     {"next-error", "Alt-e"}, {"acts", "Alt-a"},
        {"cancel", "Alt-c"},   {"down", "Alt-j"},     {"up", "Alt-k"},         {"pin", "Alt-m"},
        {"compare", "Alt-d"},  {"jobs", "Alt-o"},     {"copy", "Alt-y"},       {"mark", "Alt-s"},
        {"show-command", "%"}, {"proposals", "Alt-p"}};
    struct err err;
    begin(state, view, 80, 24);
    for (size_t i = 0; i < ARRAY_LEN(moved); i++)
        CU_ASSERT_TRUE(keymap_set(&keymap, moved[i][0], moved[i][1], &err));
    ui.keymap = &keymap;
    ui.acts.list = &act;
    ui.acts.n = 1;
    ui.now_mono_ms = MONO_MS;
}

static bool stands(const char *text, const char *word) {
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        if ((at == text || !isalnum((unsigned char)at[-1])) &&
            !isalnum((unsigned char)at[strlen(word)]))
            return true;
    return false;
}

static void names_none_of_the_old(const char *where) {
    static const char *const old[] = {"Esc", "Enter", "PgDn", "{back}", "{open}", "{acts}"};
    screen();
    for (size_t i = 0; i < ARRAY_LEN(old); i++) {
        if (stands(str_get(&out), old[i]))
            printf("\n    '%s' stands on %s:\n%s", old[i], where, str_get(&out));
        CU_ASSERT_FALSE(stands(str_get(&out), old[i]));
    }
}

TEST(no_screen_names_a_key_that_was_given_away) {
    static const char *const states[] = {"ok", "empty", "stale", "down", "incident"};
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        for (uint32_t v = 0; v < n_views; v++) {
            begin_remapped(states[i], views[v]->id);
            names_none_of_the_old(views[v]->id);
            end();
        }
}

TEST(an_empty_filter_names_the_key_that_clears_it) {
    begin_remapped("ok", "redis");
    str_copy(ui_table(&ui, 0)->filter, 64, "nothing is called that");
    has("no row passes the filter: F2 clears it");
    end();
}

TEST(screens_name_the_keys_that_lead_on) {
    begin_remapped("ok", "compare");
    has("Alt-m pins the one that is shown");
    end();
    begin_remapped("ok", "help");
    cellbuf_resize(&b, 100, 40);
    has("F2 goes back, F8 finds");
    has("in a text Alt-s too");
    end();
    begin_remapped("ok", "overview");
    has("Q quit");
    end();
}

TEST(panels_and_menus_name_their_keys) {
    begin_remapped("ok", "redis");
    press("F7");
    names_none_of_the_old("a row in full");
    has("F2 close");
    press("Alt-w");
    has("does nothing while this is open; F2 leaves it");
    end();
    begin_remapped("ok", "pg-backup");
    press("Alt-a");
    has("F3 goes on to its plan");
    has("Alt-k Alt-j choose  F2 leave");
    names_none_of_the_old("the menu of acts");
    end();
}

TEST(notices_name_their_keys) {
    static const char *const said[][3] = {
        {"overview", "Alt-c", "Alt-c again or Q to quit"},
        {"overview", "Alt-w", "Alt-w wraps the lines of a log; F7 shows a row in full"},
        {"overview", "Alt-f", "at the first row"},
        {"overview", "n", "a search is for texts; Alt-e goes to the next problem row"},
        {"about", "Alt-f", "Alt-f follows a log as it grows: F3 on a job opens one"},
        {"about", "n", "search first: F8 and a word"},
        {"overview", "t", "this is the present; F11 steps back in time"},
        {"overview", "F2", "this is the first screen; Q quits"}};
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        begin_remapped("ok", said[i][0]);
        press(said[i][1]);
        has(said[i][2]);
        end();
    }
}

SUITE(remapped, T(no_screen_names_a_key_that_was_given_away),
      T(an_empty_filter_names_the_key_that_clears_it), T(screens_name_the_keys_that_lead_on),
      T(panels_and_menus_name_their_keys), T(notices_name_their_keys))
