/* tests/fuzz/fuzz_snapshot.c - any bytes as a saved snapshot: refused with a sentence, or read.
 * What was read is written and read again byte for byte the same, and every view can draw it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/snapshot.h"
#include "ui/input.h"
#include "ui/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_text(const struct snapshot *s, struct str *out) {
    str_init(out, SNAPSHOT_MAX_BYTES);
    snapshot_write(s, out);
}

static void check_codec(const struct snapshot *s) {
    struct str first, second;
    struct err err;
    write_text(s, &first);
    struct snapshot *back = snapshot_read(str_get(&first), first.len, &err);
    if (!back)
        abort();
    write_text(back, &second);
    if (first.len != second.len || memcmp(first.s, second.s, first.len) != 0)
        abort();
    str_done(&first);
    str_done(&second);
    snapshot_unref(back);
}

static void draw_all(const struct snapshot *s) {
    static const int sizes[][2] = {{80, 24}, {200, 60}, {40, 10}};
    static struct ui_state ui; /* large */
    static struct keymap keymap;
    struct cellbuf b;
    keymap_init(&keymap);
    cellbuf_init(&b);
    for (uint32_t v = 0; v < n_views; v++) {
        ui_state_init(&ui);
        ui.view = v;
        ui.keymap = &keymap;
        cellbuf_resize(&b, sizes[v % 3][0], sizes[v % 3][1]);
        frame_draw(&b, s, &ui);
    }
    cellbuf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct err err = {0};
    struct snapshot *s = snapshot_read((const char *)data, size, &err);
    if (!s) {
        if (!err.why[0])
            abort();
        return 0;
    }
    check_codec(s);
    draw_all(s);
    snapshot_unref(s);
    return 0;
}
