/* app/cmd_env.c - `goodgo env check`: the env file against the runbook (app/envcheck.h), as a table
 * or goodgo.env/1. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "app/envcheck.h"
#include "io/file.h"
#include "base/jsonw.h"

static void write_json(const struct env_report *r, const char *path, struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, true);
    jsonw_open(&w, '{');
    jsonw_key(&w, "schema");
    jsonw_string(&w, "goodgo.env/1");
    jsonw_key(&w, "file");
    jsonw_string(&w, path);
    jsonw_key(&w, "errors");
    jsonw_int(&w, r->n_errors);
    jsonw_key(&w, "warnings");
    jsonw_int(&w, r->n_warnings);
    jsonw_key(&w, "names");
    jsonw_open(&w, '[');
    for (uint32_t i = 0; i < r->n_lines; i++) {
        jsonw_open(&w, '{');
        jsonw_key(&w, "name");
        jsonw_string(&w, r->lines[i].name);
        jsonw_key(&w, "state");
        jsonw_string(&w, r->lines[i].state);
        jsonw_key(&w, "required");
        jsonw_bool(&w, r->lines[i].required);
        jsonw_key(&w, "line");
        jsonw_int(&w, r->lines[i].line);
        jsonw_key(&w, "shown");
        jsonw_string(&w, r->lines[i].shown);
        jsonw_key(&w, "status");
        jsonw_string(&w, health_name(r->lines[i].health));
        jsonw_key(&w, "note");
        jsonw_string(&w, r->lines[i].note);
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
        str_putc(out, '\n');
    }
    str_printf(out, "%s: %u errors, %u warnings\n", path, r->n_errors, r->n_warnings);
}

static int report(struct app_context *app, const char *path, unsigned mode) {
    struct env_report r;
    struct str out;
    envcheck(&r, &app->arena, &app->env, path, mode);
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

int cmd_env(struct app_context *app) {
    struct err err;
    struct file_content f;
    if (app->argc != 1 || strcmp(app->argv[0], "check")) {
        err_set(&err, E_CONFIG, "env", app->argc ? app->argv[0] : "", "say: goodgo env check");
        return app_fail(&err, EXIT_USAGE);
    }
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
