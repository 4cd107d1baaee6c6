/* ui/keys.c - key names, the action table and the map between them. */
#include "ui/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cell_priv.h"

const struct action_info action_table[ACTION_COUNT] = {
#define ACTION(id, group, name, keys, help) [ACT_##id] = {GROUP_##group, name, keys, help},
#include "ui/actions.def"
#undef ACTION
};

/* The first name of a code is the one that is printed; the others are only read. */
static const struct {
    const char *name;
    uint32_t code;
} key_names[] = {
    {"Up", KEYC_UP},
    {"Down", KEYC_DOWN},
    {"Left", KEYC_LEFT},
    {"Right", KEYC_RIGHT},
    {"PgUp", KEYC_PGUP},
    {"PgDn", KEYC_PGDN},
    {"PageUp", KEYC_PGUP},
    {"PageDown", KEYC_PGDN},
    {"Home", KEYC_HOME},
    {"End", KEYC_END},
    {"Enter", KEYC_ENTER},
    {"Return", KEYC_ENTER},
    {"Esc", KEYC_ESC},
    {"Escape", KEYC_ESC},
    {"Tab", KEYC_TAB},
    {"BackTab", KEYC_BACKTAB},
    {"Shift-Tab", KEYC_BACKTAB},
    {"Backspace", KEYC_BACKSPACE},
    {"Delete", KEYC_DELETE},
    {"Del", KEYC_DELETE},
    {"F10", KEYC_F10},
    {"F11", KEYC_F11},
    {"F12", KEYC_F12},
    {"F1", KEYC_F1},
    {"F2", KEYC_F2},
    {"F3", KEYC_F3},
    {"F4", KEYC_F4},
    {"F5", KEYC_F5},
    {"F6", KEYC_F6},
    {"F7", KEYC_F7},
    {"F8", KEYC_F8},
    {"F9", KEYC_F9},
    {"Space", ' '},
};

static bool same_word(const char *a, const char *b) {
    for (; *a && *b; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a | 32) : *a;
        char y = *b >= 'A' && *b <= 'Z' ? (char)(*b | 32) : *b;
        if (x != y)
            return false;
    }
    return *a == *b;
}

/* "Ctrl-" and "Alt-" in front, when a key follows them. */
static bool take_modifier(const char **name, const char *word) {
    size_t n = strlen(word);
    if (strlen(*name) <= n)
        return false;
    char head[8] = "";
    str_copy(head, n + 1, *name);
    if (!same_word(head, word))
        return false;
    *name += n;
    return true;
}

bool key_parse(const char *name, struct key *ret_key) {
    struct key k = {0};
    for (bool more = true; more;) {
        more = false;
        if (take_modifier(&name, "Ctrl-"))
            k.ctrl = more = true;
        if (take_modifier(&name, "Alt-"))
            k.alt = more = true;
    }
    for (size_t i = 0; i < ARRAY_LEN(key_names); i++)
        if (same_word(key_names[i].name, name)) {
            k.code = key_names[i].code;
            *ret_key = k;
            return true;
        }
    size_t n = strlen(name);
    if (!n || utf8_decode(name, n, &k.code) != n || text_is_unsafe(k.code))
        return false;
    if (k.ctrl && k.code >= 'A' && k.code <= 'Z')
        k.code |= 32;
    if (k.ctrl && (k.code > 0x7e || k.code <= ' '))
        return false;
    *ret_key = k;
    return true;
}

static void key_base(struct key k, char *buf, size_t size) {
    for (size_t i = 0; i < ARRAY_LEN(key_names); i++)
        if (key_names[i].code == k.code) {
            str_copy(buf, size, key_names[i].name);
            return;
        }
    char utf8[5] = "?";
    if (k.code < KEY_NONE && !text_is_unsafe(k.code)) {
        uint32_t code = k.ctrl && k.code >= 'a' && k.code <= 'z' ? k.code - 32 : k.code;
        utf8[text_encode(code, utf8)] = 0;
    }
    str_copy(buf, size, utf8);
}

void key_format(struct key k, char *buf, size_t size) {
    char base[16];
    key_base(k, base, sizeof base);
    snprintf(buf, size, "%s%s%s", k.ctrl ? "Ctrl-" : "", k.alt ? "Alt-" : "", base);
}

static bool key_equal(struct key a, struct key b) {
    return a.code == b.code && a.ctrl == b.ctrl && a.alt == b.alt;
}

enum action keymap_find(const struct keymap *m, struct key k) {
    for (uint32_t i = 0; i < m->n; i++)
        if (key_equal(m->keys[i], k))
            return (enum action)m->actions[i];
    return ACTION_COUNT;
}

static void keymap_drop(struct keymap *m, enum action a) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n; i++)
        if (m->actions[i] != a) {
            m->keys[n] = m->keys[i];
            m->actions[n++] = m->actions[i];
        }
    m->n = n;
}

/* The next word of a list separated by blanks; false at its end or when the word is too long. */
static bool next_word(const char **p, char *word, size_t size) {
    *p += strspn(*p, " \t");
    size_t n = strcspn(*p, " \t");
    if (!n)
        return false;
    str_copy(word, n + 1 < size ? n + 1 : size, *p);
    *p += n;
    return true;
}

static bool keymap_add(struct keymap *m, enum action a, const char *keys, struct err *err) {
    char word[24];
    for (const char *p = keys; next_word(&p, word, sizeof word);) {
        struct key k;
        if (!key_parse(word, &k))
            return err_set(err, E_CONFIG, "keys.set", action_table[a].name,
                           "'%s' is not the name of a key", word);
        if (k.ctrl && (k.code == 's' || k.code == 'q'))
            return err_set(err, E_CONFIG, "keys.set", action_table[a].name,
                           "%s stops and starts the line (flow control)", word);
        enum action other = keymap_find(m, k);
        if (other != ACTION_COUNT && other != a)
            return err_set(err, E_CONFIG, "keys.set", action_table[a].name,
                           "%s is already the key of '%s'", word, action_table[other].name);
        if (m->n >= ARRAY_LEN(m->keys))
            return err_set(err, E_CONFIG, "keys.set", action_table[a].name, "too many keys");
        if (other == a)
            continue;
        m->keys[m->n] = k;
        m->actions[m->n++] = (uint16_t)a;
    }
    return true;
}

void keymap_init(struct keymap *m) {
    memset(m, 0, sizeof *m);
    struct err err;
    for (int a = 0; a < ACTION_COUNT; a++)
        (void)keymap_add(m, (enum action)a, action_table[a].default_keys, &err);
}

bool keymap_set(struct keymap *m, const char *action_name, const char *keys, struct err *err) {
    int a = 0;
    while (a < ACTION_COUNT && strcmp(action_table[a].name, action_name) != 0)
        a++;
    if (a == ACTION_COUNT)
        return err_set(err, E_CONFIG, "keys.set", action_name,
                       "there is no such action; `goodgo keys` lists them");
    struct keymap copy = *m;
    keymap_drop(&copy, (enum action)a);
    if (!keymap_add(&copy, (enum action)a, keys, err))
        return false;
    *m = copy;
    return true;
}

void keymap_describe(const struct keymap *m, enum action a, char *buf, size_t size) {
    if (size)
        *buf = 0;
    size_t used = 0;
    for (uint32_t i = 0; i < m->n; i++) {
        if (m->actions[i] != a)
            continue;
        char name[24];
        key_format(m->keys[i], name, sizeof name);
        int n = snprintf(buf + used, size - used, "%s%s", used ? " " : "", name);
        if (n < 0 || (size_t)n >= size - used)
            return;
        used += (size_t)n;
    }
}

void keymap_first(const struct keymap *m, enum action a, char *buf, size_t size) {
    struct keymap defaults;
    if (!m) {
        keymap_init(&defaults);
        m = &defaults;
    }
    keymap_describe(m, a, buf, size);
    buf[strcspn(buf, " ")] = 0;
}

void keymap_quit(const struct keymap *m, char *buf, size_t size) {
    struct keymap defaults;
    if (!m) {
        keymap_init(&defaults);
        m = &defaults;
    }
    for (uint32_t i = 0; i < m->n; i++)
        if (m->actions[i] == ACT_BACK && m->keys[i].code < KEY_NONE) {
            key_format(m->keys[i], buf, size);
            return;
        }
    str_copy(buf, size, ":q");
}

/* The n bytes between two braces; false when they are the name of no action. */
static bool say_key(const struct keymap *m, const char *name, size_t n, struct str *out) {
    char key[24];
    int a = 0;
    if (n == 4 && strncmp(name, "quit", n) == 0) {
        keymap_quit(m, key, sizeof key);
        str_puts(out, key);
        return true;
    }
    while (a < ACTION_COUNT &&
           (strlen(action_table[a].name) != n || strncmp(action_table[a].name, name, n) != 0))
        a++;
    if (a == ACTION_COUNT)
        return false;
    keymap_first(m, (enum action)a, key, sizeof key);
    if (*key)
        str_puts(out, key);
    else
        str_printf(out, "'%s'", action_table[a].name);
    return true;
}

void keymap_say(const struct keymap *m, const char *sentence, char *buf, size_t size) {
    struct str out;
    str_init(&out, size - 1);
    for (const char *p = sentence; *p; p++) {
        size_t n = *p == '{' ? strcspn(p, "}") : 0;
        if (n && p[n] && say_key(m, p + 1, n - 1, &out))
            p += n;
        else
            str_putc(&out, *p);
    }
    str_copy(buf, size, str_get(&out));
    str_done(&out);
}
