/* app/cmd_keys.c - `goodgo keys [--json|--man]`: the key table that the screen, its help and the
 * manual page share. */
#include "app/command.h"
#include "base/jsonw.h"
#include "ui/input.h"
#include "ui/keys.h"

#include "look_priv.h"
#include "man_priv.h"

#define HELP_SIZE 160

static void add_json_commands(struct jsonw *w) {
    const char *name, *help;
    jsonw_key(w, "commands");
    jsonw_open(w, '[');
    for (uint32_t i = 0; ui_command_at(i, &name, &help); i++) {
        jsonw_open(w, '{');
        jsonw_put_string(w, "name", name);
        jsonw_put_string(w, "help", help);
        jsonw_close(w, '}');
    }
    jsonw_close(w, ']');
}

static void add_json(const struct keymap *m, struct str *out) {
    struct jsonw w;
    char keys[96], said[HELP_SIZE];
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.keys/1");
    jsonw_key(&w, "keys");
    jsonw_open(&w, '[');
    for (int a = 0; a < ACTION_COUNT; a++) {
        keymap_describe(m, (enum action)a, keys, sizeof keys);
        jsonw_open(&w, '{');
        jsonw_put_string(&w, "action", action_table[a].name);
        jsonw_put_string(&w, "keys", keys);
        jsonw_put_string(&w, "default", action_table[a].default_keys);
        keymap_say(m, action_table[a].help, said, sizeof said);
        jsonw_put_string(&w, "help", said);
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    add_json_commands(&w);
    jsonw_close(&w, '}');
}

static void add_man(const struct keymap *m, struct str *out) {
    char keys[96], said[HELP_SIZE];
    const char *name, *help;
    str_puts(out, ".Bl -tag -width Ds\n");
    for (int a = 0; a < ACTION_COUNT; a++) {
        keymap_describe(m, (enum action)a, keys, sizeof keys);
        man_item("Sy", keys, out);
        keymap_say(m, action_table[a].help, said, sizeof said);
        man_words(said, out);
        str_printf(out, ".Pq Ic %s\n", action_table[a].name);
    }
    str_puts(out, ".El\n.Ss The command line\nThe name of a screen, or its beginning, goes there.\n"
                  "The other words are:\n.Bl -tag -width Ds\n");
    for (uint32_t i = 0; ui_command_at(i, &name, &help); i++) {
        man_item("Ic", name, out);
        man_words(help ? help : "the same", out);
    }
    str_puts(out, ".El\n");
}

static void add_table(const struct keymap *m, struct str *out) {
    char keys[96], said[HELP_SIZE];
    const char *name, *help;
    str_printf(out, "%-16s %-18s %s\n", "KEYS", "ACTION", "WHAT IT DOES");
    for (int a = 0; a < ACTION_COUNT; a++) {
        keymap_describe(m, (enum action)a, keys, sizeof keys);
        keymap_say(m, action_table[a].help, said, sizeof said);
        str_printf(out, "%-16s %-18s %s\n", keys, action_table[a].name, said);
    }
    str_puts(out, "\nAFTER :          WHAT IT DOES\n");
    str_puts(out, "SCREEN           go to that screen; the beginning of its name will do\n");
    for (uint32_t i = 0; ui_command_at(i, &name, &help); i++)
        str_printf(out, "%-16s %s\n", name, help ? help : "the same");
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
