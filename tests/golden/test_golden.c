/* tests/golden/test_golden.c - every view x size x case as text and roles, compared with
 * tests/golden/files/<view>.<case>.<size>.txt. GOLDEN_UPDATE=1 rewrites them: review the diff. The
 * snapshots are made by hand at a fixed time; nothing here reads a clock. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/input.h"
#include "ui/view.h"

#include "platform.h"

#ifndef TEST_DIR
#define TEST_DIR "tests"
#endif

static const struct {
    int w, h;
} sizes[] = {{200, 60}, {120, 40}, {80, 24}, {60, 16}, {40, 10}, {20, 5}};

/* --- comparing --- */

static void add_frame(struct cellbuf *b, struct str *out) {
    cellbuf_to_text(b, out);
    str_puts(out, "---- roles\n");
    cellbuf_to_roles(b, out);
}

static bool read_file(const char *path, struct str *out) {
    char buf[8192];
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    for (size_t n; (n = fread(buf, 1, sizeof buf, f)) > 0;)
        str_add(out, buf, n);
    fclose(f);
    return true;
}

static void write_file(const char *path, const struct str *s) {
    FILE *f = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fwrite(str_get(s), 1, s->len, f);
    CU_ASSERT_EQUAL(fclose(f), 0);
}

static void show_difference(const char *path, const char *got, const char *expected) {
    unsigned line = 1;
    while (*got && *got == *expected) {
        line += *got == '\n';
        got++, expected++;
    }
    printf("\n    %s: line %u differs (GOLDEN_UPDATE=1 rewrites)\n", path, line);
}

static void compare(const struct view *v, const char *name, struct cellbuf *b) {
    char path[512];
    struct str got, expected;
    str_init(&got, 1 << 20);
    str_init(&expected, 1 << 20);
    add_frame(b, &got);
    snprintf(path, sizeof path, TEST_DIR "/golden/files/%s.%s.%dx%d.txt", v->id, name, b->w, b->h);
    if (getenv("GOLDEN_UPDATE"))
        write_file(path, &got);
    bool same = read_file(path, &expected) && strcmp(str_get(&got), str_get(&expected)) == 0;
    if (!same)
        show_difference(path, str_get(&got), str_get(&expected));
    CU_ASSERT(same);
    str_done(&got);
    str_done(&expected);
}

static void draw_case(const char *name) {
    static struct ui_state ui;
    struct cellbuf b;
    struct snapshot *s = make(name);
    cellbuf_init(&b);
    for (uint32_t v = 0; v < n_views; v++)
        for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
            go_to(&ui, v);
            cellbuf_resize(&b, sizes[i].w, sizes[i].h);
            frame_draw(&b, s, &ui);
            compare(views[v], name, &b);
        }
    cellbuf_done(&b);
    snapshot_unref(s);
}

TEST(all_is_well) {
    draw_case("ok");
}
TEST(nothing_read_yet) {
    draw_case("empty");
}
TEST(readings_are_old) {
    draw_case("stale");
}
TEST(everything_is_down) {
    draw_case("down");
}
TEST(the_database_is_stuck) {
    draw_case("incident");
}
TEST(hostile_strings_stay_text) {
    draw_case("hostile");
}
TEST(vietnamese_composed) {
    draw_case("nfc");
}
TEST(vietnamese_decomposed) {
    draw_case("nfd");
}

/* --- claims that hold for every view without a file --- */

static void draw_all(struct cellbuf *b, const struct snapshot *s, void (*check)(struct cellbuf *)) {
    static struct ui_state ui;
    for (uint32_t v = 0; v < n_views; v++) {
        go_to(&ui, v);
        frame_draw(b, s, &ui);
        check(b);
    }
}

static void check_nothing(struct cellbuf *b) {
    (void)b;
}

TEST(no_size_is_too_small) {
    static const char *const names[] = {"ok", "empty", "down", "incident"};
    struct cellbuf b;
    cellbuf_init(&b);
    for (size_t c = 0; c < ARRAY_LEN(names); c++) {
        struct snapshot *s = make(names[c]);
        for (int w = 1; w <= 90; w = w < 12 ? w + 1 : w + 13)
            for (int h = 1; h <= 30; h = h < 14 ? h + 1 : h + 5) {
                cellbuf_resize(&b, w, h);
                draw_all(&b, s, check_nothing);
            }
        snapshot_unref(s);
    }
    CU_PASS("drawn at every size");
    cellbuf_done(&b);
}

static void check_ascii(struct cellbuf *b) {
    struct str out;
    bool ascii = true;
    str_init(&out, 1 << 20);
    cellbuf_to_text(b, &out);
    for (size_t i = 0; i < out.len; i++)
        ascii &= out.s[i] == '\n' || (out.s[i] >= 0x20 && out.s[i] < 0x7f);
    CU_ASSERT_TRUE(ascii);
    str_done(&out);
}

TEST(ascii_lines_get_ascii_only) {
    static const char *const names[] = {"ok", "hostile", "nfc", "nfd", "incident"};
    struct cellbuf b;
    cellbuf_init(&b);
    cellbuf_resize(&b, 120, 40);
    b.ascii = true;
    for (size_t c = 0; c < ARRAY_LEN(names); c++) {
        struct snapshot *s = make(names[c]);
        draw_all(&b, s, check_ascii);
        snapshot_unref(s);
    }
    cellbuf_done(&b);
}

TEST(drawing_twice_gives_the_same_cells) {
    static struct ui_state ui;
    struct snapshot *s = make("ok");
    struct cellbuf a, b;
    cellbuf_init(&a);
    cellbuf_init(&b);
    cellbuf_resize(&a, 80, 24);
    cellbuf_resize(&b, 80, 24);
    for (uint32_t v = 0; v < n_views; v++) {
        go_to(&ui, v);
        frame_draw(&a, s, &ui);
        frame_draw(&b, s, &ui);
        CU_ASSERT_EQUAL(memcmp(a.cells, b.cells, 80 * 24 * sizeof *a.cells), 0);
    }
    cellbuf_done(&a);
    cellbuf_done(&b);
    snapshot_unref(s);
}

TEST(a_second_rewrites_only_clock_and_ages) {
    static struct ui_state ui;
    struct snapshot *s = make("ok");
    struct snapshot *later = snapshot_at(s, MONO_MS + 1000, WALL_MS + 1000, 7 * 3600);
    struct cellbuf a, b;
    cellbuf_init(&a);
    cellbuf_init(&b);
    cellbuf_resize(&a, 120, 40);
    cellbuf_resize(&b, 120, 40);
    go_to(&ui, 0);
    frame_draw(&a, s, &ui);
    frame_draw(&b, later, &ui);
    int changed = 0;
    for (int i = 0; i < 120 * 40; i++)
        changed += memcmp(&a.cells[i], &b.cells[i], sizeof *a.cells) != 0;
    CU_ASSERT(changed >= 1 && changed <= 40);
    cellbuf_done(&a);
    cellbuf_done(&b);
    snapshot_unref(later);
    snapshot_unref(s);
}

SUITE(golden, T(all_is_well), T(nothing_read_yet), T(readings_are_old), T(everything_is_down),
      T(the_database_is_stuck), T(hostile_strings_stay_text), T(vietnamese_composed),
      T(vietnamese_decomposed), T(no_size_is_too_small), T(ascii_lines_get_ascii_only),
      T(drawing_twice_gives_the_same_cells), T(a_second_rewrites_only_clock_and_ages))
