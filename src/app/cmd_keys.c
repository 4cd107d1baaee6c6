/* app/cmd_keys.c - `goodgo keys [--json|--man]`: the key table that the screen, its help and the
 * manual page share. */
#include "app/command.h"
#include "base/jsonw.h"
#include "ui/keys.h"

#include "look_priv.h"

static void add_json(const struct keymap *m, struct str *out) {
    struct jsonw w;
    char keys[96];
    jsonw_init(&w, out, true);
    jsonw_open(&w, '{');
    jsonw_key(&w, "schema");
    jsonw_string(&w, "goodgo.keys/1");
    jsonw_key(&w, "keys");
    jsonw_open(&w, '[');
    for (int a = 0; a < ACTION_COUNT; a++) {
        keymap_describe(m, (enum action)a, keys, sizeof keys);
        jsonw_open(&w, '{');
        jsonw_key(&w, "action");
        jsonw_string(&w, action_table[a].name);
        jsonw_key(&w, "keys");
        jsonw_string(&w, keys);
        jsonw_key(&w, "default");
        jsonw_string(&w, action_table[a].default_keys);
        jsonw_key(&w, "help");
        jsonw_string(&w, action_table[a].help);
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
    str_putc(out, '\n');
}

/* A word for troff: '-' is a minus, a leading dot or quote no request. */
static void add_roff(const char *s, struct str *out) {
    if (*s == '.' || *s == '\'')
        str_puts(out, "\\&");
    for (; *s; s++) {
        if (*s == '-' || *s == '\\')
            str_putc(out, '\\');
        str_puts(out, *s == '\\' ? "e" : (char[]){*s, 0});
    }
}

static void add_man(const struct keymap *m, struct str *out) {
    char keys[96];
    for (int a = 0; a < ACTION_COUNT; a++) {
        keymap_describe(m, (enum action)a, keys, sizeof keys);
        str_puts(out, ".TP\n.B ");
        add_roff(keys, out);
        str_puts(out, "\n");
        add_roff(action_table[a].help, out);
        str_puts(out, " (");
        add_roff(action_table[a].name, out);
        str_puts(out, ")\n");
    }
}

static void add_table(const struct keymap *m, struct str *out) {
    char keys[96];
    str_printf(out, "%-16s %-18s %s\n", "KEYS", "ACTION", "WHAT IT DOES");
    for (int a = 0; a < ACTION_COUNT; a++) {
        keymap_describe(m, (enum action)a, keys, sizeof keys);
        str_printf(out, "%-16s %-18s %s\n", keys, action_table[a].name, action_table[a].help);
    }
}

int cmd_keys(struct app_context *app) {
    struct keymap m;
    struct err err;
    struct str out;
    if (!look_keymap(app, &m, &err))
        return app_fail(&err, EXIT_USAGE);
    str_init(&out, 1 << 20);
    if (app->options.man)
        add_man(&m, &out);
    else if (app->json)
        add_json(&m, &out);
    else
        add_table(&m, &out);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}
