/* views/help.c - every key, from the table of named actions, so that help cannot lie; then the
 * words and signs. */
#include "base/attr.h"
#include "ui/draw.h"
#include "ui/keys.h"
#include "ui/view.h"

enum { COL_KEYS, COL_ACTION, COL_HELP };
static const struct column columns[] = {
    [COL_KEYS] = {"keys", "KEYS", UNIT_NONE, 16, 0},
    [COL_ACTION] = {"action", "ACTION", UNIT_NONE, 16, 1},
    [COL_HELP] = {"help", "WHAT IT DOES", UNIT_NONE, 30, 0},
};

static void add_words(struct reading *out, struct table *t) {
    static const struct {
        const char *word, *meaning;
    } words[] = {
        {"ok", "answered in time and nothing stands out"},
        {"WA", "warning: degraded, or a finding that wants a look"},
        {"CR", "critical: down, refused, or a hard limit is reached"},
        {"??", "unknown: no answer yet, or the reading is too old to believe"},
        {"--", "off: this platform does not have the service"},
    };
    for (uint32_t i = 0; i < ARRAY_LEN(words); i++) {
        struct row *row = table_add_row(out, t, words[i].word, HEALTH_OFF);
        if (!row)
            return;
        row_text(out, row, COL_KEYS, words[i].word);
        row_text(out, row, COL_ACTION, "sign");
        row_text(out, row, COL_HELP, words[i].meaning);
    }
}

static const struct table *help_table(const struct snapshot *s, const struct ui_state *ui,
                                      struct arena *scratch) {
    (void)s;
    struct keymap defaults;
    const struct keymap *keymap = ui->keymap;
    if (!keymap) {
        keymap_init(&defaults);
        keymap = &defaults;
    }
    struct reading *out = arena_alloc(scratch, sizeof *out);
    reading_init(out, scratch);
    struct table *t = reading_add_table(out, "keys", "Keys", columns, ARRAY_LEN(columns));
    for (uint32_t a = 0; a < ACTION_COUNT; a++) {
        char keys[96];
        keymap_describe(keymap, (enum action)a, keys, sizeof keys);
        struct row *row = table_add_row(out, t, action_table[a].name, HEALTH_OFF);
        if (!row)
            break;
        row_text(out, row, COL_KEYS, keys);
        row_text(out, row, COL_ACTION, action_table[a].name);
        row_text(out, row, COL_HELP, action_table[a].help);
    }
    add_words(out, t);
    return t;
}

static void help_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      struct ui_state *ui) {
    struct arena scratch;
    arena_init(&scratch);
    if (r.h > 6) {
        draw_lit(b, r, r.x, r.y,
                 "Nothing on any screen changes the platform. Esc goes back, / searches here.",
                 ROLE_DIM);
        r.y++, r.h--;
    }
    draw_table(b, r, help_table(s, ui, &scratch), ui_table(ui, 0), s->now_wall_ms / 1000, true,
               "no key matches the filter");
    arena_done(&scratch);
}

extern const struct view view_help;
const struct view view_help = {
    .id = "help", .title = "Help", .draw = help_draw, .table = help_table};
