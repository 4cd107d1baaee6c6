/* tests/unit/test_input.c - keys change the ui state and nothing else. The views here are two
 * stubs: this file's views[] takes the place of the registry. */
#include "harness.h"

#include <string.h>

#include "ui/draw.h"
#include "ui/input.h"
#include "ui/view.h"

static const struct column columns[] = {{"name", "NAME", UNIT_NONE, 0, 0},
                                        {"n", "N", UNIT_COUNT, 0, 0}};
static struct arena arena;
static struct reading reading;
static struct table *rows;
static struct snapshot *snapshot;
static struct ui_state ui;
static struct keymap keymap;
static char argument[UI_INPUT_MAX];
static struct str drawn; /* the last frame() */

static void stub_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      struct ui_state *u) {
    draw_table(b, r, rows, ui_table(u, 0), s->now_wall_ms / 1000, true, "none");
}
static const struct page *text_page(const struct snapshot *s, const struct ui_state *u,
                                    struct arena *scratch) {
    static const char *const lines[] = {"alpha", "beta", "gamma", "Beta again", "delta"};
    struct page *p = arena_alloc(scratch, sizeof *p);
    page_init(p, scratch, 60);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        page_line(p);
        page_piece(p, 0, i == 2 ? ROLE_WARNING : ROLE_TEXT, "%s", lines[i]);
    }
    return p;
}
static void text_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      struct ui_state *u) {
    struct arena scratch;
    arena_init(&scratch);
    draw_page(b, r, text_page(s, u, &scratch), u);
    arena_done(&scratch);
}
static const struct table *stub_table(const struct snapshot *s, const struct ui_state *u,
                                      struct arena *scratch) {
    return rows;
}
static uint32_t two_panes(const struct snapshot *s, const struct ui_state *u) {
    return 2;
}
static const struct view *stub_open(const struct snapshot *s, struct ui_state *u);

static const struct view view_a = {.id = "overview",
                                   .title = "Overview",
                                   .draw = stub_draw,
                                   .table = stub_table,
                                   .open = stub_open};
static const struct view view_b = {
    .id = "redis", .title = "Redis", .draw = stub_draw, .table = stub_table, .panes = two_panes};
static const struct view view_c = {
    .id = "help", .title = "Help", .draw = text_draw, .page = text_page};
static bool stub_shell(const struct snapshot *s, const struct ui_state *u, char *buf, size_t size) {
    return str_copy(buf, size, "goodgo jobs show 7");
}
static const struct view view_d = {.id = "log",
                                   .title = "Log",
                                   .draw = text_draw,
                                   .page = text_page,
                                   .grows = true,
                                   .command = "goodgo jobs show",
                                   .shell = stub_shell};
const struct view *const views[] = {&view_a, &view_b, &view_c, &view_d};
const uint32_t n_views = 4;

static const struct view *stub_open(const struct snapshot *s, struct ui_state *u) {
    return &view_b;
}

const struct view *view_find(const char *id, uint32_t *ret_index) {
    for (uint32_t i = 0; i < n_views; i++)
        if (*id && strncmp(views[i]->id, id, strlen(id)) == 0) {
            if (ret_index)
                *ret_index = i;
            return views[i];
        }
    return NULL;
}

static void begin(void) {
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    arena_init(&arena);
    reading_init(&reading, &arena);
    rows = reading_add_table(&reading, "t", "T", columns, 2);
    for (int i = 0; i < 5; i++) {
        struct row *row =
            table_add_row(&reading, rows, names[i], i == 3 ? HEALTH_WARNING : HEALTH_OK);
        row_text(&reading, row, 0, names[i]);
        row_int(row, 1, i);
    }
    snapshot = snapshot_new("dev", false);
    snapshot->now_mono_ms = 100000;
    ui_state_init(&ui);
    keymap_init(&keymap);
    str_init(&drawn, 1 << 20);
}

static void end(void) {
    snapshot_unref(snapshot);
    arena_done(&arena);
    str_done(&drawn);
}

static enum ui_request press(const char *name) {
    struct key k = {0};
    CU_ASSERT_TRUE_FATAL(key_parse(name, &k));
    return ui_key(&ui, &keymap, k, snapshot, 10, argument, sizeof argument);
}

static enum ui_request type(const char *s) {
    enum ui_request r = UI_NOTHING;
    for (; *s; s++)
        r = ui_key(&ui, &keymap, (struct key){.code = (unsigned char)*s}, snapshot, 10, argument,
                   sizeof argument);
    return r;
}

static const char *frame(int w, int h) {
    struct cellbuf b;
    str_clear(&drawn);
    cellbuf_init(&b);
    cellbuf_resize(&b, w, h);
    frame_draw(&b, snapshot, &ui);
    cellbuf_to_text(&b, &drawn);
    cellbuf_done(&b);
    return str_get(&drawn);
}

TEST(moves_by_key_and_stops_at_the_ends) {
    begin();
    press("j");
    CHECK_STR(ui_table(&ui, 0)->selected, "b");
    press("G");
    CHECK_STR(ui_table(&ui, 0)->selected, "e");
    press("Down");
    CHECK_STR(ui_table(&ui, 0)->selected, "e");
    press("g");
    press("k");
    CHECK_STR(ui_table(&ui, 0)->selected, "a");
    end();
}

TEST(holds_the_order_for_five_seconds_after_a_move) {
    begin();
    press("j");
    CU_ASSERT_EQUAL(ui.held_until_mono_ms, 105000);
    end();
}

TEST(finds_the_next_problem_row) {
    begin();
    press("e");
    CHECK_STR(ui_table(&ui, 0)->selected, "d");
    press("g");
    press("E");
    CHECK_STR(ui_table(&ui, 0)->selected, "d");
    press("g");
    press("n");
    CHECK_STR(ui_table(&ui, 0)->selected, "a");
    CU_ASSERT_PTR_NOT_NULL(strstr(ui.notice, "e goes to the next problem row"));
    end();
}

static uint32_t marked(void) {
    uint32_t n = 0;
    for (int i = 0; i < 5; i++)
        n += marks_have(ui_table(&ui, ui.pane)->marks, rows->rows[i].key.s);
    return n;
}

TEST(space_marks_a_row_and_goes_on_to_the_next) {
    begin();
    CU_ASSERT_EQUAL(marked(), 0);
    press("Space");
    press("Space");
    CHECK_STR(ui_table(&ui, 0)->selected, "c");
    CU_ASSERT_EQUAL(marked(), 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 24), "marked 2"));
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 24), "*b"));
    CU_ASSERT_PTR_NULL(strstr(frame(80, 24), "*c"));
    press("k");
    press("Space"); /* once more takes it back */
    CU_ASSERT_EQUAL(marked(), 1);
    CU_ASSERT_TRUE(marks_have(ui_table(&ui, 0)->marks, "a"));
    press("Esc");
    CU_ASSERT_EQUAL(marked(), 0);
    CU_ASSERT_EQUAL(ui.view, 0);
    end();
}

TEST(marks_follow_their_rows_through_filter_and_sort) {
    begin();
    press("Space");
    press(">");
    press("I");
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 24), "*a"));
    press("/");
    type("b");
    press("Enter");
    CU_ASSERT_PTR_NULL(strstr(frame(80, 24), "*b"));
    CU_ASSERT_EQUAL(marked(), 1);
    end();
}

/* What is hidden is neither copied nor acted upon: the number must not say that it is. */
TEST(marked_rows_that_the_filter_hides_are_told) {
    begin();
    press("Space");
    press("Space");
    press("/");
    type("b");
    press("Enter");
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 24), "marked 2, 1 here"));
    CU_ASSERT_EQUAL(press("y"), UI_COPY);
    press("/");
    press("Backspace");
    type("c");
    press("Enter");
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 24), "marked 2, 0 here"));
    CU_ASSERT_EQUAL(press("y"), UI_REDRAW);
    CHECK_STR(ui.notice, "the filter hides the marked rows: Esc clears it");
    end();
}

TEST(marks_are_of_one_table) {
    begin();
    press("Space");
    ui.view = 1;
    CU_ASSERT_EQUAL(marked(), 0);
    press("Space");
    CU_ASSERT_EQUAL(marked(), 1);
    ui.view = 0;
    CU_ASSERT_EQUAL(marked(), 0);
    end();
}

TEST(marks_have_an_end) {
    begin();
    for (int i = 0; i < UI_MARKS_MAX; i++)
        snprintf(ui.marks.keys[i], UI_KEY_MAX, "gone %d", i);
    ui.marks.n = UI_MARKS_MAX;
    ui_table(&ui, 0)->marks = &ui.marks;
    press("Space");
    CU_ASSERT_EQUAL(marked(), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(ui.notice, "no more rows"));
    end();
}

TEST(space_and_b_turn_the_pages_of_a_text) {
    begin();
    ui.view = 2;
    press("Space");
    CU_ASSERT_EQUAL(ui.scroll_text[2], 8);
    CU_ASSERT_EQUAL(ui.marks.n, 0);
    press("b");
    CU_ASSERT_EQUAL(ui.scroll_text[2], 0);
    CU_ASSERT_EQUAL(ui.prompt, PROMPT_NONE);
    end();
}

static void open_log(void) {
    begin();
    press(":");
    type("log");
    press("Enter");
    CU_ASSERT_EQUAL(ui.view, 3);
}

TEST(a_log_is_opened_at_its_end_and_followed_until_one_looks_back) {
    open_log();
    CU_ASSERT_TRUE(ui.follow);
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 5), "delta"));
    CU_ASSERT_PTR_NULL(strstr(frame(80, 5), "alpha"));
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 12), "F stand still"));
    press("j");
    CU_ASSERT_TRUE(ui.follow);
    press("g");
    CU_ASSERT_FALSE(ui.follow);
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 5), "alpha"));
    press("F");
    CU_ASSERT_TRUE(ui.follow);
    CU_ASSERT_PTR_NULL(strstr(frame(80, 5), "alpha"));
    press("F");
    CU_ASSERT_FALSE(ui.follow);
    end();
}

TEST(a_search_in_a_log_stands_still_at_its_hit) {
    open_log();
    press("/");
    type("alpha");
    CU_ASSERT_FALSE(ui.follow);
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 5), "alpha"));
    end();
}

TEST(e_goes_to_the_problem_lines_of_a_text) {
    open_log();
    press("e");
    CU_ASSERT_EQUAL(ui.search_line, 2);
    CU_ASSERT_TRUE(ui.on_problem);
    CU_ASSERT_FALSE(ui.follow);
    press("E"); /* round, to the only one */
    CU_ASSERT_EQUAL(ui.search_line, 2);
    end();
}

TEST(w_wraps_the_lines_of_a_log_or_cuts_them) {
    open_log();
    press("w");
    CU_ASSERT_TRUE(ui.unwrapped);
    press("w");
    CU_ASSERT_FALSE(ui.unwrapped);
    end();
}

TEST(what_does_not_grow_is_not_followed) {
    begin();
    press("G");
    press("F"); /* in a table: at the first row, whatever comes */
    CHECK_STR(ui_table(&ui, 0)->selected, "");
    ui.view = 2;
    press("F");
    CU_ASSERT_PTR_NOT_NULL(strstr(ui.notice, "Enter on a job"));
    press("w");
    CU_ASSERT_PTR_NOT_NULL(strstr(ui.notice, "d shows a row in full"));
    CU_ASSERT_FALSE(ui.follow || ui.unwrapped);
    end();
}

TEST(a_screen_has_the_command_that_gives_the_same) {
    char command[64];
    open_log();
    CU_ASSERT_TRUE(ui_subcommand(snapshot, &ui, command, sizeof command));
    CHECK_STR(command, "goodgo jobs show 7");
    CU_ASSERT_EQUAL(press("Y"), UI_SHELL);
    end();
}

TEST(t_steps_in_time_and_b_asks_for_one) {
    begin();
    CU_ASSERT_EQUAL(press("t"), UI_REDRAW); /* there is no future */
    CU_ASSERT_PTR_NOT_NULL(strstr(ui.notice, "this is the present"));
    CU_ASSERT_EQUAL(press("T"), UI_STEP);
    CHECK_STR(argument, "back");
    ui.frozen = true;
    CU_ASSERT_EQUAL(press("t"), UI_STEP);
    CHECK_STR(argument, "on");
    press("b");
    CHECK_STR(ui.input, "time ");
    type("14:28");
    CU_ASSERT_EQUAL(press("Enter"), UI_TIME);
    CHECK_STR(argument, "14:28");
    end();
}

TEST(goes_one_step_back_at_a_time) {
    begin();
    press("Enter");
    CU_ASSERT_EQUAL(ui.view, 1);
    press("?");
    CU_ASSERT_EQUAL(ui.view, 2);
    press("q");
    CU_ASSERT_EQUAL(ui.view, 1);
    press("Esc");
    CU_ASSERT_EQUAL(ui.view, 0);
    press("Esc");
    CHECK_STR(ui.notice, "this is the first screen; q quits");
    CU_ASSERT_EQUAL(press("q"), UI_QUIT);
    end();
}

TEST(ctrl_c_quits_only_when_pressed_twice) {
    begin();
    CU_ASSERT_EQUAL(press("Ctrl-C"), UI_REDRAW);
    CHECK_STR(ui.notice, "Ctrl-C again or q to quit");
    press("j");
    CU_ASSERT_EQUAL(press("Ctrl-C"), UI_REDRAW);
    CU_ASSERT_EQUAL(press("Ctrl-C"), UI_QUIT);
    end();
}

TEST(ctrl_c_cancels_a_prompt) {
    begin();
    press(":");
    type("qui");
    press("Ctrl-C");
    CU_ASSERT_EQUAL(ui.prompt, PROMPT_NONE);
    CU_ASSERT_FALSE(ui.quit_asked);
    end();
}

TEST(filters_while_typing) {
    begin();
    press("/");
    type("b");
    CHECK_STR(ui_table(&ui, 0)->filter, "b");
    press("Enter");
    CHECK_STR(ui_table(&ui, 0)->filter, "b");
    press("Esc");
    CHECK_STR(ui_table(&ui, 0)->filter, "");
    press("/");
    type("!x");
    press("Esc");
    CHECK_STR(ui_table(&ui, 0)->filter, "");
    end();
}

TEST(runs_commands_and_names_the_nearest) {
    begin();
    press(":");
    type("theme light");
    CU_ASSERT_EQUAL(press("Enter"), UI_THEME);
    CHECK_STR(argument, "light");
    press(":");
    type("redis");
    press("Enter");
    CU_ASSERT_EQUAL(ui.view, 1);
    press(":");
    type("rediz");
    CU_ASSERT_EQUAL(press("Enter"), UI_REDRAW);
    CU_ASSERT_PTR_NOT_NULL(strstr(ui.notice, "did you mean redis"));
    press(":");
    type("q");
    CU_ASSERT_EQUAL(press("Enter"), UI_QUIT);
    end();
}

static enum ui_request command(const char *line) {
    press(":");
    type(line);
    return press("Enter");
}

TEST(a_word_that_is_none_is_answered_with_what_may_be_meant) {
    begin();
    command("rediz");
    CHECK_STR(ui.notice, "no screen or command is called 'rediz'; did you mean redis");
    command("xyzzy");
    CHECK_STR(ui.notice, "no screen or command is called 'xyzzy'; : and Tab show them");
    end();
}

TEST(words_too_many_are_told_and_nothing_is_done) {
    begin();
    CU_ASSERT_EQUAL(command("q now"), UI_REDRAW);
    CHECK_STR(ui.notice, "nothing may follow :q; not done because of 'now'");
    CU_ASSERT_EQUAL(command("freeze all"), UI_REDRAW);
    CU_ASSERT_FALSE(ui.frozen);
    command("redis show 7");
    CU_ASSERT_EQUAL(ui.view, 0);
    CHECK_STR(ui.notice, "nothing may follow :redis; not done because of 'show 7'");
    command("redis ");
    CU_ASSERT_EQUAL(ui.view, 1);
    CU_ASSERT_EQUAL(command("mouse off"), UI_MOUSE);
    CU_ASSERT_FALSE(ui.mouse);
    command("mouse on");
    command("mouse on ");
    CU_ASSERT_TRUE(ui.mouse);
    CU_ASSERT_EQUAL(command("mouse maybe"), UI_REDRAW);
    CU_ASSERT_TRUE(ui.mouse);
    command("mouse");
    CU_ASSERT_FALSE(ui.mouse);
    end();
}

TEST(completes_screens_commands_themes_and_columns) {
    begin();
    press(":");
    type("over");
    press("Tab");
    CHECK_STR(ui.input, "overview");
    press("Ctrl-U");
    type("theme col");
    press("Tab");
    CHECK_STR(ui.input, "theme colorblind");
    press("Ctrl-U");
    type("them");
    press("Tab");
    CHECK_STR(ui.input, "theme "); /* it takes a name: the blank is there already */
    press("Ctrl-U");
    type("sort na");
    press("Tab");
    CHECK_STR(ui.input, "sort name");
    press("Ctrl-U");
    type("zzz");
    press("Tab");
    CU_ASSERT_PTR_NOT_NULL(strstr(ui.notice, "nothing begins with zzz"));
    end();
}

TEST(tab_goes_round_the_candidates_both_ways) {
    begin();
    press(":");
    type("re");
    press("Tab");
    CHECK_STR(ui.input, "redis");
    press("Tab");
    CHECK_STR(ui.input, "refresh");
    press("Tab");
    CHECK_STR(ui.input, "redis");
    press("BackTab");
    CHECK_STR(ui.input, "refresh");
    type("x"); /* a letter ends the round */
    CHECK_STR(ui.input, "refreshx");
    CU_ASSERT_EQUAL(ui.cycle, 0);
    end();
}

TEST(shows_what_may_follow_while_a_command_is_typed) {
    begin();
    press(":");
    type("re");
    const char *screen = frame(80, 24);
    CU_ASSERT_PTR_NOT_NULL(strstr(screen, "redis        Redis"));
    CU_ASSERT_PTR_NOT_NULL(strstr(screen, "refresh      ask again now"));
    CU_ASSERT_PTR_NULL(strstr(screen, "overview     "));
    end();
}

TEST(counts_the_rows_while_a_filter_is_typed) {
    begin();
    press("/");
    type("b");
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 24), "1 of 5 rows"));
    type("zz");
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 24), "0 of 5 rows"));
    end();
}

TEST(searches_a_text_and_goes_on_with_n) {
    begin();
    ui.view = 2;
    press("/");
    type("beta");
    CU_ASSERT_EQUAL(ui.search_line, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 24), "2 lines"));
    press("Enter");
    press("n");
    CU_ASSERT_EQUAL(ui.search_line, 3);
    press("n");
    CU_ASSERT_EQUAL(ui.search_line, 1);
    press("N");
    CU_ASSERT_EQUAL(ui.search_line, 3);
    press("Esc"); /* first the search, then the screen */
    CHECK_STR(ui.search, "");
    CU_ASSERT_EQUAL(ui.view, 2);
    press("n");
    CU_ASSERT_PTR_NOT_NULL(strstr(ui.notice, "search first"));
    end();
}

TEST(a_search_without_a_hit_says_so_until_there_is_one) {
    begin();
    ui.view = 2;
    press("/");
    type("zzz");
    press("Enter");
    CHECK_STR(ui.notice, "nowhere here: zzz");
    press("/");
    type("x");
    CHECK_STR(ui.notice, "nowhere here: zzzx");
    for (int i = 0; i < 4; i++)
        press("Backspace");
    type("beta");
    press("Enter");
    CHECK_STR(ui.notice, "");
    CU_ASSERT_EQUAL(ui.search_line, 1);
    end();
}

TEST(shows_a_row_in_full_and_follows_the_selection) {
    begin();
    press("d");
    CU_ASSERT_TRUE(ui.show_row);
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 24), "NAME  a"));
    press("j");
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(80, 24), "NAME  b"));
    press("r");
    CHECK_STR(ui.notice, "r does nothing while this is open; Esc leaves it");
    CU_ASSERT_EQUAL(press("y"), UI_COPY);
    press("Esc");
    CU_ASSERT_FALSE(ui.show_row);
    CU_ASSERT_EQUAL(ui.view, 0);
    ui.view = 1; /* Enter where there is nothing to open */
    press("Enter");
    CU_ASSERT_TRUE(ui.show_row);
    end();
}

TEST(a_row_longer_than_the_screen_is_turned_by_pages) {
    begin();
    press("d");
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(30, 4), "NAME"));
    press("PgDn");
    CU_ASSERT_PTR_NULL(strstr(frame(30, 4), "NAME"));
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(30, 4), "N "));
    press("Ctrl-U");
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(30, 4), "NAME"));
    press("PgDn");
    press("j"); /* the next row begins at its first column */
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(30, 4), "NAME  b"));
    press("PgDn");
    CU_ASSERT_PTR_NOT_NULL(strstr(frame(30, 9), "NAME  b")); /* all of it fits */
    CU_ASSERT_EQUAL(ui.row_scroll, 0);
    end();
}

TEST(edits_utf8_by_whole_characters) {
    begin();
    press(":");
    ui_key(&ui, &keymap, (struct key){.code = 0x1ead}, snapshot, 10, argument, sizeof argument);
    ui_key(&ui, &keymap, (struct key){.code = 0x1f600}, snapshot, 10, argument, sizeof argument);
    CU_ASSERT_EQUAL(strlen(ui.input), 7);
    press("Backspace");
    CU_ASSERT_EQUAL(strlen(ui.input), 3);
    press("Left");
    CU_ASSERT_EQUAL(ui.cursor, 0);
    press("Delete");
    CHECK_STR(ui.input, "");
    type("one two");
    press("Ctrl-W");
    CHECK_STR(ui.input, "one ");
    press("Ctrl-U");
    for (int i = 0; i < UI_INPUT_MAX + 100; i++)
        type("x");
    CU_ASSERT_EQUAL(strlen(ui.input), UI_INPUT_MAX - 1);
    end();
}

TEST(remembers_commands) {
    begin();
    press(":");
    type("overview");
    press("Enter");
    press(":");
    type("redis");
    press("Enter");
    press(":");
    press("Up");
    CHECK_STR(ui.input, "redis");
    press("Up");
    press("Up");
    CHECK_STR(ui.input, "overview");
    press("Down");
    press("Down");
    CHECK_STR(ui.input, "");
    end();
}

TEST(sorts_through_all_columns_and_back_to_none) {
    begin();
    press(">");
    CU_ASSERT_EQUAL(ui_table(&ui, 0)->sort_column, 0);
    press(">");
    press(">");
    CU_ASSERT_EQUAL(ui_table(&ui, 0)->sort_column, -1);
    press("<");
    CU_ASSERT_EQUAL(ui_table(&ui, 0)->sort_column, 1);
    press("I");
    CU_ASSERT_TRUE(ui_table(&ui, 0)->sort_descending);
    end();
}

/* Its order would be one that nobody sees. */
TEST(a_column_without_room_is_no_stop_of_the_sort) {
    begin();
    ui_table(&ui, 0)->shown = BIT(1);
    press(">");
    CU_ASSERT_EQUAL(ui_table(&ui, 0)->sort_column, 1);
    press(">");
    CU_ASSERT_EQUAL(ui_table(&ui, 0)->sort_column, -1);
    press("<");
    press("<");
    CU_ASSERT_EQUAL(ui_table(&ui, 0)->sort_column, -1);
    frame(80, 24);
    CU_ASSERT_EQUAL(ui_table(&ui, 0)->shown, BIT(0) | BIT(1));
    end();
}

/* Else the next column would be sorted the wrong way round, and nobody knew why. */
TEST(there_is_nothing_to_invert_before_a_sort) {
    begin();
    press("I");
    CHECK_STR(ui.notice, "sort by a column first, then the order can be inverted");
    press(">");
    CU_ASSERT_FALSE(ui_table(&ui, 0)->sort_descending);
    CHECK_STR(ui.notice, "lowest first: NAME");
    press("?");
    press(":");
    type("sort n");
    press("Enter");
    CHECK_STR(ui.notice, "nothing to sort on this screen");
    end();
}

TEST(panes_and_screens_go_round) {
    begin();
    press("Tab");
    CHECK_STR(ui.notice, "this screen has no other pane");
    press("]");
    press("Tab");
    CU_ASSERT_EQUAL(ui.pane, 1);
    press("Tab");
    CU_ASSERT_EQUAL(ui.pane, 0);
    press("-");
    CU_ASSERT_EQUAL(ui.view, 0);
    press("[");
    CU_ASSERT_EQUAL(ui.view, 3);
    end();
}

TEST(asks_the_app_for_what_it_cannot_do) {
    begin();
    CU_ASSERT_EQUAL(press("r"), UI_REFRESH);
    CU_ASSERT_EQUAL(press("Ctrl-L"), UI_FULL_REDRAW);
    CU_ASSERT_EQUAL(press("y"), UI_COPY);
    CU_ASSERT_EQUAL(press("Y"), UI_SHELL);
    CU_ASSERT_EQUAL(press("P"), UI_SAVE);
    CU_ASSERT_EQUAL(press("Ctrl-Z"), UI_SUSPEND);
    CU_ASSERT_EQUAL(press("z"), UI_FREEZE);
    CU_ASSERT_TRUE(ui.frozen);
    end();
}

TEST(copies_the_selected_row_as_tabs) {
    begin();
    struct str out;
    str_init(&out, 1000);
    press("j");
    ui_copy_text(snapshot, &ui, &out);
    CHECK_STR(str_get(&out), "b\t1");
    str_clear(&out);
    str_copy(ui.shell, sizeof ui.shell, "redis-cli ping");
    ui.show_shell = true;
    ui_copy_text(snapshot, &ui, &out);
    CHECK_STR(str_get(&out), "redis-cli ping");
    str_done(&out);
    end();
}

TEST(where_no_row_is_nothing_is_copied_and_that_is_said) {
    begin();
    press("/");
    type("nowhere");
    press("Enter");
    CU_ASSERT_EQUAL(press("y"), UI_REDRAW);
    CHECK_STR(ui.notice, "there is no row to copy; P saves the screen");
    end();
}

TEST(copies_a_text_whole) {
    begin();
    struct str out;
    str_init(&out, 10000);
    press("?");
    ui_copy_text(snapshot, &ui, &out);
    CHECK_STR(str_get(&out), "alpha\nbeta\ngamma\nBeta again\ndelta\n");
    str_done(&out);
    end();
}

TEST(copies_the_marked_rows_in_the_order_shown) {
    struct str out;
    begin();
    str_init(&out, 256);
    press("j");
    press("Space");
    press("g");
    press("Space");
    ui_copy_text(snapshot, &ui, &out);
    CHECK_STR(str_get(&out), "a\t0\nb\t1");
    str_done(&out);
    end();
}

TEST(the_service_at_hand_is_the_rows_the_screens_or_none) {
    enum service service = SERVICE_COUNT;
    char name[UI_KEY_MAX], command[64];
    begin();
    rows->rows[0].key = text_cleanz(&arena, "redis");
    rows->rows[1].key = text_cleanz(&arena, "minio:symptoms");
    CU_ASSERT_TRUE(ui_service(snapshot, &ui, &service)); /* the first row, where none was chosen */
    CU_ASSERT_EQUAL(service, SERVICE_redis);
    press("<");
    press("I"); /* the first one that is shown: now it is the last */
    CU_ASSERT_FALSE(ui_service(snapshot, &ui, &service));
    str_copy(ui_table(&ui, 0)->selected, UI_KEY_MAX, "minio:symptoms");
    CU_ASSERT_TRUE(ui_service(snapshot, &ui, &service));
    CU_ASSERT_EQUAL(service, SERVICE_minio);
    ui_table_name(snapshot, &ui, name, sizeof name);
    CHECK_STR(name, "t");
    CU_ASSERT_FALSE(ui_subcommand(snapshot, &ui, command, sizeof command));
    ui.view = 1; /* a list of other things */
    str_copy(ui_table(&ui, 0)->selected, UI_KEY_MAX, "c");
    CU_ASSERT_FALSE(ui_service(snapshot, &ui, &service));
    ui.view = 2;
    ui_table_name(snapshot, &ui, name, sizeof name);
    CHECK_STR(name, "");
    end();
}

TEST(selects_by_mouse_where_the_rows_were_drawn) {
    begin();
    struct cellbuf b;
    cellbuf_init(&b);
    cellbuf_resize(&b, 80, 24);
    frame_draw(&b, snapshot, &ui);
    struct table_state *ts = ui_table(&ui, 0);
    struct key k = {.code = KEYC_MOUSE, .mouse_x = 3, .mouse_y = ts->rows_y + 2, .mouse_button = 1};
    ui_key(&ui, &keymap, k, snapshot, 10, argument, sizeof argument);
    CHECK_STR(ts->selected, "c");
    k.mouse_y = 0;
    CU_ASSERT_EQUAL(ui_key(&ui, &keymap, k, snapshot, 10, argument, sizeof argument), UI_NOTHING);
    cellbuf_done(&b);
    end();
}

/* With its padding: a state that was copied is the same to the last byte. */
static bool state_is(const unsigned char before[sizeof ui]) {
    return memcmp(before, (const unsigned char *)&ui, sizeof ui) == 0;
}

static const char *first_key_of(int action) {
    static char key[24];
    const char *all = action_table[action].default_keys;
    str_copy(key, strcspn(all, " ") + 1, all);
    return key;
}

/* To a screen that is not among those of this test. */
static bool leads_elsewhere(int action) {
    return (action >= ACT_VIEW_1 && action <= ACT_VIEW_JOBS) || action == ACT_LOGS;
}

TEST(every_action_has_an_effect) {
    static unsigned char before[sizeof ui];
    for (int a = 0; a < ACTION_COUNT; a++) {
        begin();
        ui.last_view = 1;
        /* So that "up" and "first row" have somewhere to go, and a pane to change to. */
        ui.view = a == ACT_VIEW_1 ? 2 : 1;
        memcpy(before, &ui, sizeof ui);
        enum ui_request r = press(first_key_of(a));
        CU_ASSERT(leads_elsewhere(a) || r != UI_NOTHING || !state_is(before));
        end();
    }
}

/* Silence looks like a console that hangs: where a key can do nothing, it says so. */
TEST(no_key_is_silent_on_any_screen_or_under_any_panel) {
    static const char *const others[] = {"i", "H", "D", "Alt-x", "Ctrl-K", "F11", "@", "Delete"};
    for (uint32_t view = 0; view < n_views; view++)
        for (int panel = 0; panel < 4; panel++)
            for (int k = 0; k < ACTION_COUNT + (int)ARRAY_LEN(others); k++) {
                begin();
                ui.view = view;
                ui.show_shell = panel == 1;
                ui.acts.step = panel == 2 ? ACTS_MENU : panel == 3 ? ACTS_ASKED : ACTS_NONE;
                const char *key = k < ACTION_COUNT ? first_key_of(k) : others[k - ACTION_COUNT];
                CU_ASSERT_TRUE(press(key) != UI_NOTHING || leads_elsewhere(k));
                CU_ASSERT_TRUE(k < ACTION_COUNT || strstr(ui.notice, "is no key here; ? shows"));
                end();
            }
}

SUITE(input, T(moves_by_key_and_stops_at_the_ends),
      T(holds_the_order_for_five_seconds_after_a_move), T(finds_the_next_problem_row),
      T(goes_one_step_back_at_a_time), T(ctrl_c_quits_only_when_pressed_twice),
      T(ctrl_c_cancels_a_prompt), T(filters_while_typing), T(runs_commands_and_names_the_nearest),
      T(completes_screens_commands_themes_and_columns), T(tab_goes_round_the_candidates_both_ways),
      T(shows_what_may_follow_while_a_command_is_typed), T(counts_the_rows_while_a_filter_is_typed),
      T(a_search_without_a_hit_says_so_until_there_is_one), T(searches_a_text_and_goes_on_with_n),
      T(shows_a_row_in_full_and_follows_the_selection),
      T(a_row_longer_than_the_screen_is_turned_by_pages), T(edits_utf8_by_whole_characters),
      T(remembers_commands), T(sorts_through_all_columns_and_back_to_none), T(copies_a_text_whole),
      T(a_column_without_room_is_no_stop_of_the_sort),
      T(where_no_row_is_nothing_is_copied_and_that_is_said),
      T(words_too_many_are_told_and_nothing_is_done),
      T(a_word_that_is_none_is_answered_with_what_may_be_meant),
      T(there_is_nothing_to_invert_before_a_sort), T(panes_and_screens_go_round),
      T(asks_the_app_for_what_it_cannot_do), T(copies_the_selected_row_as_tabs),
      T(selects_by_mouse_where_the_rows_were_drawn), T(every_action_has_an_effect),
      T(no_key_is_silent_on_any_screen_or_under_any_panel),
      T(space_marks_a_row_and_goes_on_to_the_next),
      T(marks_follow_their_rows_through_filter_and_sort), T(marks_are_of_one_table),
      T(marked_rows_that_the_filter_hides_are_told), T(marks_have_an_end),
      T(space_and_b_turn_the_pages_of_a_text), T(t_steps_in_time_and_b_asks_for_one),
      T(copies_the_marked_rows_in_the_order_shown),
      T(the_service_at_hand_is_the_rows_the_screens_or_none),
      T(a_log_is_opened_at_its_end_and_followed_until_one_looks_back),
      T(a_search_in_a_log_stands_still_at_its_hit), T(e_goes_to_the_problem_lines_of_a_text),
      T(w_wraps_the_lines_of_a_log_or_cuts_them), T(what_does_not_grow_is_not_followed),
      T(a_screen_has_the_command_that_gives_the_same))
