/* tests/unit/test_table.c - the table widget: filter, order, columns, selection, scroll. */
#include "harness.h"

#include <string.h>

#include "ui/draw.h"

static const struct column columns[] = {
    {"name", "NAME", UNIT_NONE, 6, 0},
    {"size", "SIZE", UNIT_COUNT, 0, 1},
    {"note", "NOTE", UNIT_NONE, 0, 2},
};
static struct arena arena;
static struct reading reading;
static struct table *table;
static struct table_state ts;
static struct cellbuf b;
static struct str out;

static void add(const char *key, enum health h, int64_t size, const char *note) {
    struct row *row = table_add_row(&reading, table, key, h);
    row_text(&reading, row, 0, key);
    if (size >= 0)
        row_int(row, 1, size);
    row_text(&reading, row, 2, note);
}

static void begin(void) {
    arena_init(&arena);
    reading_init(&reading, &arena);
    table = reading_add_table(&reading, "t", "T", columns, 3);
    memset(&ts, 0, sizeof ts);
    ts.sort_column = -1;
    cellbuf_init(&b);
    str_init(&out, 65536);
}

static void end(void) {
    cellbuf_done(&b);
    arena_done(&arena);
    str_done(&out);
}

static const char *draw(int w, int h) {
    cellbuf_resize(&b, w, h);
    draw_table(&b, (struct rect){0, 0, w, h}, table, &ts, 1000, true, "no rows at all");
    str_clear(&out);
    cellbuf_to_text(&b, &out);
    return str_get(&out);
}

static void three(void) {
    add("beta", HEALTH_OFF, 20, "Qu\341\272\255n 1");
    add("alpha", HEALTH_OFF, 3, "x");
    add("gamma", HEALTH_OFF, -1, NULL);
}

TEST(no_word_is_cut_beside_a_blank) {
    begin();
    add("reconciliation", HEALTH_OFF, 20, "a note of thirty columns' width");
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(28, 5), "reconciliation    20\n"));
    end();
}

/* By hand, and, and, and: five columns of dashes cost a wide screen what is cut beside them. */
TEST(what_is_told_beside_a_table_takes_no_column_where_it_is_nothing) {
    static const struct column more[] = {{"name", "NAME", UNIT_NONE, 6, 0},
                                         {"by_hand", "BY HAND", UNIT_NONE, 0, 9},
                                         {"note", "NOTE", UNIT_NONE, 0, 2}};
    begin();
    table = reading_add_table(&reading, "more", "More", more, 3);
    row_text(&reading, table_add_row(&reading, table, "a", HEALTH_OFF), 0, "first");
    CU_ASSERT_PTR_NULL(strstr(draw(80, 4), "BY HAND"));
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "NOTE")); /* a dash there is an answer */
    row_text(&reading, table_add_row(&reading, table, "b", HEALTH_OFF), 1, "drop it");
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(80, 5), "BY HAND"));
    end();
}

TEST(says_so_when_there_are_no_rows) {
    begin();
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(30, 5), "no rows at all"));
    table = NULL;
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(30, 5), "no rows at all"));
    end();
}

TEST(aligns_numbers_right_and_unknown_as_a_dash) {
    begin();
    three();
    CHECK_STR(draw(30, 5), "NAME    SIZE NOTE\nbeta      20 Qu\341\272\255n 1\nalpha      3 x\n"
                           "gamma      - -\n\n");
    end();
}

TEST(drops_the_columns_with_the_highest_number_first) {
    begin();
    three();
    CHECK_STR(draw(13, 5), "NAME    SIZE\nbeta      20\nalpha      3\ngamma      -\n\n");
    CHECK_STR(draw(7, 5), "NAME\nbeta\nalpha\ngamma\n\n");
    end();
}

/* A query is worth reading in part; a note of sixteen columns or less is dropped whole. */
TEST(a_long_text_that_was_dropped_takes_the_room_that_is_left) {
    begin();
    add("beta", HEALTH_OFF, 20, "UPDATE listings SET views = views + 1 WHERE id = 7");
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(40, 4), "beta      20 UPDATE listings SET view"));
    CU_ASSERT_PTR_NULL(strstr(draw(28, 4), "UPDATE"));
    end();
}

TEST(shows_health_only_when_a_row_has_one) {
    begin();
    three();
    CU_ASSERT_EQUAL(strncmp(draw(40, 5), "NAME", 4), 0);
    add("delta", HEALTH_CRITICAL, 1, "bad");
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(40, 6), "CR delta"));
    CU_ASSERT_EQUAL(cell_at(&b, 0, 4)->role, ROLE_ALARM);
    end();
}

TEST(filters_on_any_cell_folding_accents) {
    begin();
    three();
    uint32_t rows[8];
    str_copy(ts.filter, sizeof ts.filter, "quan");
    CU_ASSERT_EQUAL(table_view_rows(table, &ts, rows, 8), 1);
    CU_ASSERT_EQUAL(rows[0], 0);
    str_copy(ts.filter, sizeof ts.filter, "!quan");
    CU_ASSERT_EQUAL(table_view_rows(table, &ts, rows, 8), 2);
    str_copy(ts.filter, sizeof ts.filter, "!");
    CU_ASSERT_EQUAL(table_view_rows(table, &ts, rows, 8), 3);
    str_copy(ts.filter, sizeof ts.filter, "zzz");
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(60, 5), "no row passes"));
    end();
}

TEST(sorts_with_unknown_last_both_ways) {
    begin();
    three();
    uint32_t rows[8];
    ts.sort_column = 1;
    table_view_rows(table, &ts, rows, 8);
    CU_ASSERT(rows[0] == 1 && rows[1] == 0 && rows[2] == 2);
    ts.sort_descending = true;
    table_view_rows(table, &ts, rows, 8);
    CU_ASSERT(rows[0] == 0 && rows[1] == 1 && rows[2] == 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(40, 5), "SIZE\342\226\274"));
    b.ascii = true;
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(40, 5), "SIZEv"));
    ts.sort_descending = false;
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(40, 5), "SIZE^"));
    end();
}

TEST(a_well_row_has_no_sign_but_keeps_its_place) {
    begin();
    add("good", HEALTH_OK, 1, "");
    add("bad", HEALTH_WARNING, 2, "");
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(40, 5), "\n   good"));
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(40, 5), "\nWA bad"));
    end();
}

TEST(the_bar_leaves_the_sign_its_colour) {
    begin();
    add("bad", HEALTH_WARNING, 2, "");
    draw(40, 5);
    CU_ASSERT_EQUAL(cell_at(&b, 0, 1)->role, ROLE_WARNING);
    CU_ASSERT_EQUAL(cell_at(&b, 3, 1)->role, ROLE_SELECTED);
    CU_ASSERT_EQUAL(cell_at(&b, 39, 1)->role, ROLE_SELECTED);
    end();
}

TEST(without_focus_there_is_no_bar_and_the_count_may_stand_above) {
    begin();
    char key[8] = "r0";
    for (int i = 0; i < 9; i++) {
        key[1] = (char)('0' + i);
        add(key, HEALTH_OFF, i, "");
    }
    cellbuf_resize(&b, 40, 6);
    draw_table(&b, (struct rect){0, 1, 40, 5}, table, &ts, 1000, TABLE_COUNT_ABOVE, "none");
    str_clear(&out);
    cellbuf_to_text(&b, &out);
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), "1-4 of 9\nNAME"));
    for (int y = 0; y < 6; y++)
        CU_ASSERT_NOT_EQUAL(cell_at(&b, 0, y)->role, ROLE_SELECTED);
    end();
}

TEST(selection_follows_the_key_then_the_neighbour) {
    begin();
    three();
    str_copy(ts.selected, sizeof ts.selected, "alpha");
    draw(30, 5);
    CU_ASSERT_EQUAL(ts.selected_index, 1);
    CU_ASSERT_EQUAL(cell_at(&b, 0, 2)->role, ROLE_SELECTED);
    str_copy(ts.filter, sizeof ts.filter, "!alpha");
    draw(30, 6);
    CHECK_STR(ts.selected, "gamma");
    end();
}

TEST(scrolls_to_the_selection_and_counts) {
    begin();
    char key[8] = "r00";
    for (int i = 0; i < 40; i++) {
        key[1] = (char)('0' + i / 10);
        key[2] = (char)('0' + i % 10);
        add(key, HEALTH_OFF, i, "n");
    }
    str_copy(ts.selected, sizeof ts.selected, "r39");
    const char *shown = draw(30, 6);
    CU_ASSERT_PTR_NOT_NULL(strstr(shown, "r39"));
    CU_ASSERT_PTR_NULL(strstr(shown, "r00"));
    CU_ASSERT_PTR_NOT_NULL(strstr(shown, "37-40 of 40"));
    table->n_total = 9000;
    CU_ASSERT_PTR_NOT_NULL(strstr(draw(30, 6), "of 9,000"));
    end();
}

TEST(survives_every_small_size) {
    begin();
    three();
    for (int w = 1; w < 24; w++)
        for (int h = 1; h < 6; h++)
            draw(w, h);
    CU_PASS("no crash");
    end();
}

SUITE(table, T(no_word_is_cut_beside_a_blank),
      T(what_is_told_beside_a_table_takes_no_column_where_it_is_nothing),
      T(says_so_when_there_are_no_rows), T(aligns_numbers_right_and_unknown_as_a_dash),
      T(drops_the_columns_with_the_highest_number_first),
      T(a_long_text_that_was_dropped_takes_the_room_that_is_left),
      T(shows_health_only_when_a_row_has_one), T(filters_on_any_cell_folding_accents),
      T(sorts_with_unknown_last_both_ways), T(a_well_row_has_no_sign_but_keeps_its_place),
      T(the_bar_leaves_the_sign_its_colour),
      T(without_focus_there_is_no_bar_and_the_count_may_stand_above),
      T(selection_follows_the_key_then_the_neighbour), T(scrolls_to_the_selection_and_counts),
      T(survives_every_small_size))
