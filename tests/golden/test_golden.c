/* tests/golden/test_golden.c - every view x size x case as text and roles, compared with
 * tests/golden/files/<view>.<case>.<size>.txt. GOLDEN_UPDATE=1 rewrites them: review the diff. The
 * snapshots are made by hand at a fixed time; nothing here reads a clock. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/input.h"
#include "ui/view.h"

#ifndef TEST_DIR
#define TEST_DIR "tests"
#endif

#define MONO_MS 10000000
#define WALL_MS 1775903527000LL /* 2026-04-11T10:32:07Z */

static const struct {
    int w, h;
} sizes[] = {{200, 60}, {120, 40}, {80, 24}, {60, 16}, {40, 10}, {20, 5}};

/* --- the platform of the goldens --- */

static const struct column session_columns[] = {
    {"pid", "PID", UNIT_NONE, 6, 0},          {"user", "USER", UNIT_NONE, 8, 4},
    {"waited", "WAITED", UNIT_SECONDS, 0, 3}, {"size", "SIZE", UNIT_BYTES, 0, 2},
    {"query", "QUERY", UNIT_NONE, 12, 1},
};

struct words {
    const char *summary, *user, *query, *finding;
};
static const struct words plain = {"all is well", "app", "UPDATE listings SET views = views + 1",
                                   "3 sessions wait for a lock"};
static const struct words hostile = {"\033[2J\033]0;owned\007 \302\233 31m red\r\nroot ok",
                                     "\342\200\256drowssap",
                                     "a\tb\\x1b[31m\033[31m'; DROP TABLE x; --",
                                     "\xff\xfe broken \xed\xa0\x80 \340\270\201\314\201\314\201"
                                     "\314\201\314\201\314\201\314\201\314\201"};
static const struct words nfc = {
    "Qu\341\272\255n B\303\254nh Th\341\272\241nh \304\221\341\272\247y", "Nguy\341\273\205n",
    "t\303\254m nh\303\240 \342\200\223 \346\274\242\345\255\227",
    "h\341\272\277t ch\341\273\227 trong h\341\273\223"};
static const struct words nfd = {
    "Qua\314\202\314\243n Bi\314\200nh Tha\314\243nh d\314\206a\314\202\314\200y",
    "Nguye\314\202\314\203n", "ti\314\200m nha\314\200 \342\200\223 \346\274\242\345\255\227",
    "he\314\202\314\201t cho\314\202\314\203 trong ho\314\202\314\200"};

static void add_rows(struct reading *r, const struct words *w, uint32_t n) {
    struct table *t =
        reading_add_table(r, "sessions", "SESSIONS", session_columns, ARRAY_LEN(session_columns));
    for (uint32_t i = 0; i < n; i++) {
        char key[16];
        snprintf(key, sizeof key, "%u", 8000 + i * 13);
        struct row *row = table_add_row(r, t, key, i % 5 == 1 ? HEALTH_WARNING : HEALTH_OFF);
        row_text(r, row, 0, key);
        row_text(r, row, 1, w->user);
        if (i % 3)
            row_int(row, 2, (int64_t)i * 61);
        row_int(row, 3, (int64_t)i * 1234567);
        row_text(r, row, 4, w->query);
    }
}

/* A trend of every figure: 15 minutes of a saw's teeth that end at the figure itself. */
static void add_series(struct section *sec) {
    struct section *none = section_new(sec->service);
    section_keep_series(sec, none, true);
    section_unref(none);
    for (uint32_t k = 0; k < sec->n_series; k++) {
        struct trend *t = &sec->series[k].trend;
        float last = t->points[TREND_POINTS - 1];
        for (int i = 0; i < TREND_POINTS; i++)
            t->points[i] = last * (float)((i + 5) % 19 + 1) / 19;
    }
}

static struct section *make_section(enum service service, const struct words *w) {
    struct section *sec = section_new(service);
    sec->health = service % 5 == 3 ? HEALTH_WARNING : HEALTH_OK;
    sec->summary = text_cleanz(&sec->arena, w->summary);
    sec->has_reading = true;
    sec->taken_mono_ms = sec->tried_mono_ms = MONO_MS - 2000;
    sec->taken_wall_ms = WALL_MS - 2000;
    sec->since_mono_ms = MONO_MS - 252000;
    sec->latency_ms = 12.5;
    sec->interval_ms = 5000;
    sec->key_metric = "used_pct";
    reading_real(&sec->reading, "used_pct", UNIT_PERCENT, 61.5);
    reading_int(&sec->reading, "connections", UNIT_COUNT, 188);
    reading_int(&sec->reading, "size_bytes", UNIT_BYTES, 6123456789);
    reading_textz(&sec->reading, "version", w->summary);
    if (sec->health == HEALTH_WARNING)
        reading_finding(&sec->reading, HEALTH_WARNING, "lock_waits", "open postgres", "%s",
                        w->finding);
    add_rows(&sec->reading, w, 30);
    add_series(sec);
    return sec;
}

static void section_fail(struct section *sec, enum err_code code, const char *why) {
    sec->failed = true;
    sec->failures = 4;
    sec->health = HEALTH_CRITICAL;
    sec->tried_mono_ms = MONO_MS - 1000;
    err_set(&sec->err, code, "pg.connect", "127.0.0.1:5432", "%s", why);
}

static struct snapshot *make(const char *name) {
    bool stale = strcmp(name, "stale") == 0, down = strcmp(name, "down") == 0;
    const struct words *w = strcmp(name, "hostile") == 0 ? &hostile
                            : strcmp(name, "nfc") == 0   ? &nfc
                            : strcmp(name, "nfd") == 0   ? &nfd
                                                         : &plain;
    struct snapshot *s = snapshot_new(down ? "prod" : "dev", down);
    for (int i = 0; i < SERVICE_COUNT && strcmp(name, "empty") != 0; i++) {
        struct section *sec = make_section((enum service)i, w);
        if (stale)
            sec->taken_mono_ms = MONO_MS - (i % 2 ? 13000 : 600000);
        if (down)
            section_fail(sec, i % 2 ? E_TIMEOUT : E_REFUSED,
                         i % 2 ? "no answer in 3000 ms" : "nobody listens there");
        if (i == SERVICE_grafana) {
            sec->health = HEALTH_OFF;
            sec->summary = TEXT_LIT("GOODGO_GRAFANA_URL is not set");
            sec->has_reading = sec->failed = false;
        }
        struct snapshot *next = snapshot_with(s, sec);
        snapshot_unref(s);
        s = next;
    }
    s->now_mono_ms = MONO_MS;
    s->now_wall_ms = WALL_MS;
    s->utc_offset_s = 7 * 3600;
    s->self.started_wall_ms = WALL_MS - 3600000;
    return s;
}

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

static void go_to(struct ui_state *ui, uint32_t view) {
    ui_state_init(ui);
    ui->view = view;
    ui->link_rtt_ms = 182;
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
    static const char *const names[] = {"ok", "empty", "down"};
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
    static const char *const names[] = {"ok", "hostile", "nfc", "nfd"};
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
      T(hostile_strings_stay_text), T(vietnamese_composed), T(vietnamese_decomposed),
      T(no_size_is_too_small), T(ascii_lines_get_ascii_only), T(drawing_twice_gives_the_same_cells),
      T(a_second_rewrites_only_clock_and_ages))
