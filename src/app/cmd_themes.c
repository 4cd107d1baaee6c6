/* app/cmd_themes.c - `goodgo themes [--show] [--json]`: the themes that are built in, and those
 * that are files. */
#include "app/command.h"
#include "base/jsonw.h"
#include "ui/cell.h"
#include "ui/draw.h"

#include "look_priv.h"

/* Two roles a line, each drawn in itself; as words alone for who wants no colours. */
static void sample(const struct app_context *app, const struct theme *t, struct str *out) {
    struct cellbuf b;
    cellbuf_init(&b);
    cellbuf_resize(&b, 40, (ROLE_COUNT + 1) / 2);
    for (int r = 0; r < ROLE_COUNT; r++) {
        struct rect half = {r % 2 * 20, r / 2, 19, 1};
        draw_fill(&b, half, (enum role)r);
        draw_lit(&b, half, half.x + 1, half.y, role_name((enum role)r), (enum role)r);
    }
    if (app->no_colour || app->options.plain)
        cellbuf_to_text(&b, out);
    else
        cellbuf_to_ansi(&b, t, 256, out);
    cellbuf_done(&b);
}

static void add_json(struct app_context *app, struct str *out) {
    const char *names[MAX_THEMES];
    struct jsonw w;
    struct theme t;
    struct err err;
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.themes/1");
    jsonw_key(&w, "themes");
    jsonw_open(&w, '[');
    for (uint32_t i = 0, n = look_theme_names(&app->arena, names); i < n; i++) {
        if (!look_theme(app, names[i], &t, &err))
            continue;
        jsonw_open(&w, '{');
        jsonw_put_string(&w, "name", t.name);
        jsonw_put_string(&w, "paper", t.light ? "light" : "dark");
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

/* A file that is no theme is named with its fault: its owner wants to know. */
static void add_list(struct app_context *app, struct str *out) {
    const char *names[MAX_THEMES];
    struct theme t;
    struct err err;
    for (uint32_t i = 0, n = look_theme_names(&app->arena, names); i < n; i++) {
        bool ok = look_theme(app, names[i], &t, &err);
        str_printf(out, "%s%s%s\n", names[i], ok ? "" : "  ", ok ? "" : err.why);
        if (ok && app->options.show)
            sample(app, &t, out);
    }
}

int cmd_themes(struct app_context *app) {
    struct str out;
    str_init(&out, 1 << 20);
    if (app->json)
        add_json(app, &out);
    else
        add_list(app, &out);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}
