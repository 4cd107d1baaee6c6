/* tests/golden/screen.h - a screen of a made-up platform: opened, drawn as text, given keys. */
#ifndef GOODGO_TESTS_GOLDEN_SCREEN_H
#define GOODGO_TESTS_GOLDEN_SCREEN_H

#include <stdio.h>
#include <string.h>

#include "ui/input.h"
#include "ui/view.h"

#include "platform.h"

static struct ui_state ui;
static struct keymap keymap;
static struct snapshot *snapshot;
static struct cellbuf b;
static struct str out;

static void begin(const char *state, const char *view, int w, int h) {
    uint32_t index = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(view_find(view, &index));
    snapshot = make(state);
    keymap_init(&keymap);
    go_to(&ui, index);
    cellbuf_init(&b);
    cellbuf_resize(&b, w, h);
    str_init(&out, 1 << 20);
}

static void end(void) {
    snapshot_unref(snapshot);
    cellbuf_done(&b);
    str_done(&out);
}

static const char *screen(void) {
    frame_draw(&b, snapshot, &ui);
    str_clear(&out);
    cellbuf_to_text(&b, &out);
    return str_get(&out);
}

static void press(const char *name) {
    struct key k = {0};
    char argument[UI_INPUT_MAX];
    CU_ASSERT_TRUE_FATAL(key_parse(name, &k));
    ui_key(&ui, &keymap, k, snapshot, b.h - 5, argument, sizeof argument);
}

static void has(const char *words) {
    if (!strstr(screen(), words))
        printf("\n    '%s' is not on this screen:\n%s", words, str_get(&out));
    CU_ASSERT_PTR_NOT_NULL(strstr(str_get(&out), words));
}

#endif
