/* tests/fuzz/fuzz_keys.c - any stream of keys and sizes over a sample snapshot: the ui state stays
 * sound and every frame can be drawn. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ui/input.h"
#include "ui/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct column columns[] = {{"a", "A", UNIT_NONE, 4, 0}, {"b", "B", UNIT_BYTES, 0, 1}};

static struct snapshot *sample(void) {
    struct snapshot *s = snapshot_new("dev", false);
    for (int i = 0; i < SERVICE_COUNT; i++) {
        struct section *sec = section_new((enum service)i);
        sec->has_reading = true;
        sec->health = (enum health)(i % HEALTH_COUNT);
        sec->summary = TEXT_LIT("a summary");
        sec->taken_mono_ms = 99000;
        sec->interval_ms = 5000;
        struct table *t = reading_add_table(&sec->reading, "rows", "ROWS", columns, 2);
        for (int r = 0; r < 40; r++) {
            char key[2] = {(char)('0' + r), 0};
            struct row *row = table_add_row(&sec->reading, t, key, (enum health)(r % HEALTH_COUNT));
            row_text(&sec->reading, row, 0, key);
            row_int(row, 1, r * 1000);
        }
        struct snapshot *next = snapshot_with(s, sec);
        snapshot_unref(s);
        s = next;
    }
    s->now_mono_ms = 100000;
    s->now_wall_ms = 1775903527000;
    return s;
}

static struct key take_key(const uint8_t *p) {
    static const uint32_t wide[] = {0x1ead, 0x0302, 0x6f22, 0x202e, 0x85, 0xd800, 0x10ffff, 0};
    struct key k = {.ctrl = p[0] & 1, .alt = (p[0] & 14) == 14};
    switch (p[0] >> 6) {
    case 0:
        k.code = (uint32_t)KEYC_UP + p[1] % (KEYC_MOUSE - KEYC_UP + 1);
        k.mouse_x = p[1] - 128;
        k.mouse_y = p[0] - 128;
        k.mouse_button = p[1] % 6;
        break;
    case 1:
        k.code = wide[p[1] % 8];
        break;
    default:
        k.code = p[1] & 127;
        k.ctrl = k.ctrl && k.code > ' ';
        break;
    }
    return k;
}

static void check(const struct ui_state *ui) {
    if (ui->view >= n_views || ui->pane >= UI_MAX_PANES ||
        strnlen(ui->input, sizeof ui->input) == sizeof ui->input ||
        ui->cursor > strlen(ui->input) || ui->n_history > 32 || ui->n_trail > 16)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct ui_state ui;
    static struct keymap keymap;
    static struct snapshot *s;
    char argument[UI_INPUT_MAX];
    struct cellbuf b;
    if (!s)
        s = sample();
    keymap_init(&keymap);
    ui_state_init(&ui);
    cellbuf_init(&b);
    cellbuf_resize(&b, 80, 24);
    if (size > 160) /* a frame is drawn for each key: more inputs find more than long ones */
        size = 160;
    for (size_t i = 0; i + 1 < size; i += 2) {
        if (data[i] == 0xff) {
            cellbuf_resize(&b, data[i + 1] % 130 + 1, data[i + 1] % 41 + 1);
            continue;
        }
        if (ui_key(&ui, &keymap, take_key(data + i), s, b.h - 5, argument, sizeof argument) ==
            UI_SHELL) {
            memcpy(ui.shell, "redis-cli -h host ping", 23);
            ui.show_shell = true;
        }
        check(&ui);
        frame_draw(&b, s, &ui);
        check(&ui);
    }
    cellbuf_done(&b);
    return 0;
}
