/* app/cmd_env.c - `goodgo env check`: the env file against the runbook (app/envcheck.h), as a table
 * or goodgo.env/1; and `goodgo env names`: what each name is for. */
#include <string.h>

#include "app/command.h"
#include "app/envcheck.h"
#include "io/file.h"
#include "base/jsonw.h"

#include "man_priv.h"

static void write_json(const struct env_report *r, const char *path, struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.env/1");
    jsonw_put_string(&w, "file", path);
    jsonw_put_int(&w, "errors", r->n_errors);
    jsonw_put_int(&w, "warnings", r->n_warnings);
    jsonw_key(&w, "names");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < r->n_lines; i++) {
        jsonw_open(&w, '{');
        jsonw_put_string(&w, "name", r->lines[i].name);
        jsonw_put_string(&w, "state", r->lines[i].state);
        jsonw_put_bool(&w, "required", r->lines[i].required);
        jsonw_put_int(&w, "line", r->lines[i].line);
        jsonw_put_string(&w, "shown", r->lines[i].shown);
        jsonw_put_string(&w, "status", health_name(r->lines[i].health));
        jsonw_put_string(&w, "note", r->lines[i].note);
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

static void write_lines(const struct env_report *r, const char *path, struct str *out) {
    for (uint32_t i = 0; i < r->n_lines; i++) {
        const struct env_line *l = &r->lines[i];
        str_printf(out, "%s  %-30s %-13s %s", health_sign(l->health), l->name, l->state,
                   l->shown ? l->shown : "");
        if (l->note)
            str_printf(out, "  %s", l->note);
        if (l->line && l->health > HEALTH_OK)
            str_printf(out, "  (line %u)", l->line);
        str_putc(out, '\n');
    }
    str_printf(out, "%s: %s, %s\n", path, COUNTED(r->n_errors, "error"),
               COUNTED(r->n_warnings, "warning"));
}

static int report(struct app_context *app, const char *path, unsigned mode) {
    struct env_report r;
    struct str out;
    struct env_place place = {path, app->options.context, mode};
    envcheck(&r, &app->arena, &app->env, &app->config, &place);
    str_init(&out, 1u << 20);
    if (app->options.json)
        write_json(&r, path, &out);
    else
        write_lines(&r, path, &out);
    int code = !app_print(&out)            ? EXIT_USAGE
               : r.refused                 ? EXIT_USAGE
               : r.n_errors + r.n_warnings ? EXIT_FAILED
                                           : EXIT_DONE;
    str_done(&out);
    return code;
}

/* --- names --- */

static const char *need_of(const struct env_name *n) {
    return n->required ? "required" : n->required_prod ? "required in production" : NULL;
}

static void add_names_man(struct str *out) {
    struct env_name n;
    for (uint32_t i = 0; env_name_at(i, &n); i++) {
        if (!n.name) {
            str_printf(out, "%s.Ss %s\n.Bl -tag -width Ds\n", i ? ".El\n" : "", n.help);
            continue;
        }
        man_item("Ev", n.name, out);
        const char *need = need_of(&n);
        man_words(n.help, out);
        if (need || n.secret)
            str_printf(out, ".Pq %s%s%s\n", need ? need : "", need && n.secret ? ", " : "",
                       n.secret ? "secret" : "");
    }
    str_puts(out, ".El\n");
}

static void add_names_json(struct str *out) {
    struct jsonw w;
    const char *group = "";
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.env-names/1");
    jsonw_key(&w, "names");
    jsonw_open(&w, '[');
    struct env_name n;
    for (uint32_t i = 0; env_name_at(i, &n); i++) {
        if (!n.name) {
            group = n.help;
            continue;
        }
        jsonw_open(&w, '{');
        jsonw_put_string(&w, "name", n.name);
        jsonw_put_string(&w, "group", group);
        jsonw_put_string(&w, "need", need_of(&n));
        jsonw_put_bool(&w, "secret", n.secret);
        jsonw_put_string(&w, "help", n.help);
        jsonw_close(&w, '}');
    }
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

static void add_names_list(struct str *out) {
    struct env_name n;
    for (uint32_t i = 0; env_name_at(i, &n); i++) {
        if (n.name)
            str_printf(out, "  %-27s %s%s%s\n", n.name, n.help, need_of(&n) ? "; " : "",
                       need_of(&n) ? need_of(&n) : "");
        else
            str_printf(out, "%s%s\n", i ? "\n" : "", n.help);
    }
}

static int names(struct app_context *app) {
    struct str out;
    str_init(&out, 1u << 18);
    if (app->options.man)
        add_names_man(&out);
    else if (app->options.json)
        add_names_json(&out);
    else
        add_names_list(&out);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}

static int check(struct app_context *app) {
    struct err err;
    struct file_content f;
    const char *path = app_env_path(app);
    if (!path) {
        err_set(&err, E_CONFIG, "env", "./.env",
                "there is no env file here: name one with --env-file or --context");
        return app_fail(&err, EXIT_USAGE);
    }
    env_init(&app->env, &app->arena);
    if (!readfile(&app->arena, path, (size_t)1 << 20, &f, &err) ||
        !env_parse(&app->env, path, f.bytes, f.len, &err))
        return app_fail(&err, EXIT_USAGE);
    return report(app, path, f.regular ? f.mode : 0600);
}

int cmd_env(struct app_context *app) {
    struct err err;
    const char *what = app->argc == 1 ? app->argv[0] : "";
    if (!strcmp(what, "check"))
        return check(app);
    if (!strcmp(what, "names"))
        return names(app);
    err_set(&err, E_CONFIG, "env", what, "say: goodgo env check, or goodgo env names");
    err.todo = "`goodgo env --help`";
    return app_fail(&err, EXIT_USAGE);
}
