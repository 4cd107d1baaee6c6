/* app/cmd_settings.c - `goodgo settings [--json|--man]`: the console's own settings, their values
 * and what each does. */
#include "app/command.h"
#include "base/jsonw.h"

#include "man_priv.h"

static void add_json(struct app_context *app, struct str *out) {
    struct jsonw w;
    struct setting s;
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.settings/1");
    jsonw_key(&w, "settings");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; config_setting(&app->arena, &app->config, i, &s); i++) {
        jsonw_open(&w, '{');
        jsonw_put_string(&w, "key", s.key);
        jsonw_put_string(&w, "value", s.value);
        jsonw_put_string(&w, "default", s.standard);
        jsonw_put_string(&w, "help", s.help);
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

static void add_man(struct app_context *app, struct str *out) {
    struct setting s;
    for (uint32_t i = 0; config_setting(&app->arena, &app->config, i, &s); i++) {
        man_item("Ic", s.key, out);
        man_words(s.help, out);
        if (s.standard)
            str_printf(out, ".Pq default %s\n", s.standard);
    }
}

static void add_table(struct app_context *app, struct str *out) {
    struct setting s;
    str_printf(out, "%-24s %-10s %s\n", "SETTING", "VALUE", "WHAT IT DOES");
    for (uint32_t i = 0; config_setting(&app->arena, &app->config, i, &s); i++)
        str_printf(out, "%-24s %-10s %s\n", s.key, s.value ? s.value : "-", s.help);
}

int cmd_settings(struct app_context *app) {
    struct str out;
    str_init(&out, 1u << 18);
    if (app->options.man)
        add_man(app, &out);
    else if (app->options.json)
        add_json(app, &out);
    else
        add_table(app, &out);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}
