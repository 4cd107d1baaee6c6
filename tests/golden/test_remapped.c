/* tests/golden/test_remapped.c - who gave the keys other places is told these in every sentence:
 * nowhere on a screen does one stand that does something else now. */
#include "harness.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ui/input.h"
#include "ui/view.h"

#include "platform.h"

static struct ui_state ui;
static struct keymap keymap;
static struct snapshot *s;
static struct cellbuf b;
static struct str out;

static const struct ui_act act = {
    .id = "backup", .title = "Back up", .help = "a dump", .view = "pg-backup", .usage = ""};

/* All of them on other keys: each one that a sentence may name by its default would stand out. */
static void begin(const char *state, const char *view) {
    static const char *const moved[][2] = {
        {"back", "F2 Q"},      {"open", "F3"},        {"page-down", "F4"},     {"next-pane", "F6"},
        {"details", "F7"},     {"filter", "F8"},      {"freeze", "F9"},        {"step-back", "F11"},
        {"follow", "Alt-f"},   {"wrap", "Alt-w"},     {"next-error", "Alt-e"}, {"acts", "Alt-a"},
        {"cancel", "Alt-c"},   {"down", "Alt-j"},     {"up", "Alt-k"},         {"pin", "Alt-m"},
        {"compare", "Alt-d"},  {"jobs", "Alt-o"},     {"copy", "Alt-y"},       {"mark", "Alt-s"},
        {"show-command", "%"}, {"proposals", "Alt-p"}};
    struct err err;
    uint32_t index = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(view_find(view, &index));
    keymap_init(&keymap);
    for (size_t i = 0; i < ARRAY_LEN(moved); i++)
        CU_ASSERT_TRUE(keymap_set(&keymap, moved[i][0], moved[i][1], &err));
    s = make(state);
    go_to(&ui, index);
    ui.keymap = &keymap;
    ui.acts.list = &act;
    ui.acts.n = 1;
    ui.now_mono_ms = MONO_MS;
    cellbuf_init(&b);
    cellbuf_resize(&b, 80, 24);
    str_init(&out, 1 << 20);
}

static void end(void) {
    snapshot_unref(s);
    cellbuf_done(&b);
    str_done(&out);
}

static const char *screen(void) {
    frame_draw(&b, s, &ui);
    str_clear(&out);
    cellbuf_to_text(&b, &out);
    return str_get(&out);
}

static void press(const char *name) {
    struct key k = {0};
    char argument[UI_INPUT_MAX];
    CU_ASSERT_TRUE_FATAL(key_parse(name, &k));
    ui_key(&ui, &keymap, k, s, b.h - 5, argument, sizeof argument);
}

static void has(const char *words) {
    if (!strstr(screen(), words))
        printf("\n    '%s' is not on this screen:\n%s", words, str_get(&out));
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), words));
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
            begin(states[i], views[v]->id);
            names_none_of_the_old(views[v]->id);
            end();
        }
}

TEST(an_empty_filter_names_the_key_that_clears_it) {
    begin("ok", "redis");
    str_copy(ui_table(&ui, 0)->filter, 64, "nothing is called that");
    has("no row passes the filter: F2 clears it");
    end();
}

TEST(screens_name_the_keys_that_lead_on) {
    begin("ok", "compare");
    has("Alt-m pins the one that is shown");
    end();
    begin("ok", "help");
    cellbuf_resize(&b, 100, 40);
    has("F2 goes back, F8 finds");
    has("in a text Alt-s too");
    end();
    begin("ok", "overview");
    has("Q quit");
    end();
}

TEST(panels_and_menus_name_their_keys) {
    begin("ok", "redis");
    press("F7");
    names_none_of_the_old("a row in full");
    has("F2 close");
    press("Alt-w");
    has("does nothing while this is open; F2 leaves it");
    end();
    begin("ok", "pg-backup");
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
        begin("ok", said[i][0]);
        press(said[i][1]);
        has(said[i][2]);
        end();
    }
}

SUITE(remapped, T(no_screen_names_a_key_that_was_given_away),
      T(an_empty_filter_names_the_key_that_clears_it), T(screens_name_the_keys_that_lead_on),
      T(panels_and_menus_name_their_keys), T(notices_name_their_keys))
