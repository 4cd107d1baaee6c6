/* ui/keys.h - one table of named actions: help, footer, man page, `goodgo keys` and remapping all
 * read it. No single key changes anything outside the screen. */
#ifndef GOODGO_UI_KEYS_H
#define GOODGO_UI_KEYS_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/str.h"

/* A key as the terminal layer hands it on: a code point, or one of these. */
enum special_key {
    KEY_NONE = 0x110000,
    KEYC_UP,
    KEYC_DOWN,
    KEYC_LEFT,
    KEYC_RIGHT,
    KEYC_PGUP,
    KEYC_PGDN,
    KEYC_HOME,
    KEYC_END,
    KEYC_ENTER,
    KEYC_ESC,
    KEYC_TAB,
    KEYC_BACKTAB,
    KEYC_BACKSPACE,
    KEYC_DELETE,
    KEYC_F1,
    KEYC_F2,
    KEYC_F3,
    KEYC_F4,
    KEYC_F5,
    KEYC_F6,
    KEYC_F7,
    KEYC_F8,
    KEYC_F9,
    KEYC_F10,
    KEYC_F11,
    KEYC_F12,
    KEYC_MOUSE
};
struct key {
    uint32_t code; /* code point or special_key; Ctrl-X is code 'x' with ctrl */
    bool ctrl, alt;
    int mouse_x, mouse_y, mouse_button; /* KEYC_MOUSE: 1 left, 4 wheel up, 5 wheel down */
};

enum action {
#define ACTION(id, group, name, keys, help) ACT_##id,
#include "ui/actions.def"
#undef ACTION
    ACTION_COUNT
};
enum action_group { GROUP_MOVE, GROUP_SCREENS, GROUP_TABLES, GROUP_CONSOLE, GROUP_COUNT };
struct action_info {
    enum action_group group;
    const char *name, *default_keys, *help; /* keys separated by spaces: "j Down" */
};
extern const struct action_info action_table[ACTION_COUNT];

struct keymap {
    struct key keys[256];
    uint16_t actions[256];
    uint32_t n;
};
void keymap_init(struct keymap *m); /* the defaults */
/* "sort-next" -> "> F6"; replaces that action's keys. Refuses unknown names, bad keys and keys of
 * another action. */
bool keymap_set(struct keymap *m, const char *action_name, const char *keys,
                struct err *err) MUST_CHECK;
enum action keymap_find(const struct keymap *m, struct key k); /* ACTION_COUNT when unbound */
bool key_parse(const char *name, struct key *ret_key); /* "Ctrl-D", "PgDn", "F5", "q", "Space" */
void key_format(struct key k, char *buf, size_t size);
void keymap_describe(const struct keymap *m, enum action a, char *buf, size_t size); /* "j Down" */
/* The first key of an action, for a sentence: "j"; "" when it has none. m NULL = the defaults. */
void keymap_first(const struct keymap *m, enum action a, char *buf, size_t size);
/* The key that leaves the console on its first screen: a letter of BACK, or ":q". */
void keymap_quit(const struct keymap *m, char *buf, size_t size);
/* A sentence of ours, for size > 0 bytes, that names keys by their actions: "{back} clears it"
 * becomes "Esc clears it". {quit} is keymap_quit(); an action without a key is named itself,
 * "'back'"; what is no action stays as it stands. m NULL = the defaults. */
void keymap_say(const struct keymap *m, const char *sentence, char *buf, size_t size);

#endif
