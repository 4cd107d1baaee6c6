/* app/cmd_themes.c - `goodgo themes [--show] [--json]`: the themes that are built in. */
#include "app/command.h"
#include "base/jsonw.h"
#include "ui/cell.h"
#include "ui/draw.h"
#include "ui/theme.h"

/* One line per role, drawn in it. */
static void sample(const struct theme *t, struct str *out) {
    struct cellbuf b;
    cellbuf_init(&b);
    cellbuf_resize(&b, 40, (ROLE_COUNT + 1) / 2);
    for (int r = 0; r < ROLE_COUNT; r++) {
        struct rect half = {r % 2 * 20, r / 2, 19, 1};
        draw_fill(&b, half, (enum role)r);
        draw_lit(&b, half, half.x + 1, half.y, role_name((enum role)r), (enum role)r);
    }
    cellbuf_to_ansi(&b, t, 256, out);
    cellbuf_done(&b);
}

static void add_json(struct str *out) {
    struct jsonw w;
    struct theme t;
    struct err err;
    jsonw_init(&w, out, true);
    jsonw_open(&w, '{');
    jsonw_key(&w, "schema");
    jsonw_string(&w, "goodgo.themes/1");
    jsonw_key(&w, "themes");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < theme_count(); i++) {
        if (!theme_load(&t, theme_name_at(i), &err))
            continue;
        jsonw_open(&w, '{');
        jsonw_key(&w, "name");
        jsonw_string(&w, t.name);
        jsonw_key(&w, "paper");
        jsonw_string(&w, t.light ? "light" : "dark");
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
    str_putc(out, '\n');
}

static void add_list(bool show, struct str *out) {
    struct theme t;
    struct err err;
    for (uint32_t i = 0; i < theme_count(); i++) {
        str_printf(out, "%s\n", theme_name_at(i));
        if (show && theme_load(&t, theme_name_at(i), &err))
            sample(&t, out);
    }
}

int cmd_themes(struct app_context *app) {
    struct str out;
    str_init(&out, 1 << 20);
    if (app->json)
        add_json(&out);
    else
        add_list(app->options.show, &out);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}
