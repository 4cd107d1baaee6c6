/* app/cmd_render.c - `goodgo render VIEW`: one screen as text, ANSI or SVG, of a snapshot file or
 * of the platform asked once. */
#include <string.h>

#include "app/command.h"
#include "io/file.h"
#include "term/term.h"
#include "ui/input.h"
#include "ui/view.h"

#include "look_priv.h"

#define DRAWING_MAX ((size_t)64 << 20)

enum format { FORMAT_TEXT, FORMAT_ANSI, FORMAT_SVG };

struct render {
    const char *keys;
    enum format format;
    int w, h;
};

static bool parse_size(const char *s, struct render *r) {
    char number[16];
    int64_t w, h;
    const char *x = strchr(s, 'x');
    if (!x || (size_t)(x - s) >= sizeof number)
        return false;
    str_copy(number, (size_t)(x - s) + 1, s);
    if (!str_to_i64(number, 1, 1000, &w) || !str_to_i64(x + 1, 1, 500, &h))
        return false;
    r->w = (int)w;
    r->h = (int)h;
    return true;
}

static bool parse_format(const char *s, struct render *r) {
    static const char *const names[] = {"text", "ansi", "svg"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(s, names[i]) == 0) {
            r->format = (enum format)i;
            return true;
        }
    return false;
}

static bool parse(const struct options *o, struct render *r, struct err *err) {
    *r = (struct render){.keys = o->keys ? o->keys : "", .w = 80, .h = 24};
    if (o->size && !parse_size(o->size, r))
        return err_set(err, E_CONFIG, "render", o->size,
                       "a size is columns x rows, from 1x1 to 1000x500");
    if (o->format && !parse_format(o->format, r))
        return err_set(err, E_CONFIG, "render", o->format, "a format is text, ansi or svg");
    return true;
}

static bool find_screen(const struct app_context *app, uint32_t *ret_view, struct err *err) {
    const char *asked = app->argc == 1 ? app->argv[0] : "";
    if (app->argc == 1 && view_find(asked, ret_view))
        return true;
    return err_set(err, E_CONFIG, "render", asked, *asked ? "is no screen" : "name one screen");
}

static struct snapshot *take_snapshot(struct app_context *app, struct err *err) {
    struct file_content f;
    const char *path = app->options.snapshot;
    if (!path)
        return app_ask_once(app, APP_EVERYTHING);
    if (!readfile(&app->arena, strcmp(path, "-") == 0 ? "/dev/stdin" : path, SNAPSHOT_MAX_BYTES, &f,
                  err))
        return NULL;
    struct err why;
    struct snapshot *s = snapshot_read(f.bytes, f.len, &why);
    if (s)
        return s;
    err_set(err, E_CONFIG, "render", strcmp(path, "-") == 0 ? "standard input" : path,
            "is no whole snapshot: %s%s%s", why.target, *why.target ? ": " : "", why.why);
    err->todo = "`goodgo snapshot -o FILE` makes one";
    return NULL;
}

/* Keys are pressed as on the screen, so that a picture can show a filter or a second pane. */
static bool press(struct ui_state *ui, const struct snapshot *s, const struct render *r,
                  struct cellbuf *b, struct err *err) {
    char word[24], argument[UI_INPUT_MAX];
    for (const char *p = r->keys; *(p += strspn(p, " "));) {
        struct key k;
        size_t n = strcspn(p, " ");
        str_copy(word, n + 1 < sizeof word ? n + 1 : sizeof word, p);
        if (!key_parse(word, &k))
            return err_set(err, E_CONFIG, "keys", word, "is not the name of a key");
        ui_key(ui, ui->keymap, k, s, r->h - 5, argument, sizeof argument);
        frame_draw(b, s, ui);
        p += n;
    }
    return true;
}

static void dump(const struct cellbuf *b, const struct theme *theme, enum format format,
                 struct str *out) {
    switch (format) {
    case FORMAT_TEXT:
        cellbuf_to_text(b, out);
        break;
    case FORMAT_ANSI:
        cellbuf_to_ansi(b, theme, 256, out);
        break;
    case FORMAT_SVG:
        cellbuf_to_svg(b, theme, out);
        break;
    }
}

static bool draw(struct app_context *app, const struct render *r, const struct snapshot *s,
                 uint32_t view, struct str *out, struct err *err) {
    static struct ui_state ui; /* large */
    struct theme theme;
    struct keymap keymap;
    struct cellbuf b;
    if (!look_theme(app, NULL, &theme, err) || !look_keymap(app, &keymap, err))
        return false;
    ui_state_init(&ui);
    ui.view = view;
    ui.keymap = &keymap;
    cellbuf_init(&b);
    b.ascii = app->options.ascii || app->options.plain ||
              (r->format != FORMAT_SVG && !term_locale_is_utf8());
    cellbuf_resize(&b, r->w, r->h);
    frame_draw(&b, s, &ui);
    bool ok = press(&ui, s, r, &b, err);
    if (ok)
        dump(&b, &theme, r->format, out);
    cellbuf_done(&b);
    return ok;
}

int cmd_render(struct app_context *app) {
    struct render r;
    struct err err;
    struct str out;
    uint32_t view = 0;
    if (!find_screen(app, &view, &err) || !parse(&app->options, &r, &err)) {
        err.todo = "`goodgo render --help`";
        return app_fail(&err, EXIT_USAGE);
    }
    struct snapshot *s = take_snapshot(app, &err);
    if (!s)
        return app_fail(&err, EXIT_USAGE);
    str_init(&out, DRAWING_MAX);
    int code = EXIT_DONE;
    if (!draw(app, &r, s, view, &out, &err))
        code = app_fail(&err, EXIT_USAGE);
    else if (!app_print(&out))
        code = EXIT_FAILED;
    str_done(&out);
    snapshot_unref(s);
    return code;
}
