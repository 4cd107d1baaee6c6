/* app/app.c - reads the command line and the configuration, then runs one command. Secrets never
 * reach a core dump or another process of the same user. */
#include "app/app.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "app/options.h"
#include "io/file.h"
#include "app/settings.h"

#define ENV_MAX    ((size_t)1 << 20)
#define CONFIG_MAX ((size_t)1 << 18)

int app_fail(const struct err *err, int code) {
    char sentence[600];
    err_sentence(err, sentence, sizeof sentence);
    fprintf(stderr, "goodgo: %s\n", sentence);
    return code;
}

bool app_print(const struct str *out) {
    bool ok = fwrite(str_get(out), 1, out->len, stdout) == out->len && fflush(stdout) == 0;
    if (!ok)
        fprintf(stderr, "goodgo: writing to standard output: %s\n", strerror(errno));
    return ok;
}

/* $XDG_..., else under $HOME. */
static const char *home_path(struct app_context *app, const char *xdg, const char *under_home,
                             const char *rest) {
    const char *base = getenv(xdg), *home = getenv("HOME");
    if (base && *base == '/')
        return arena_printf(&app->arena, "%s/%s", base, rest);
    return arena_printf(&app->arena, "%s/%s/%s", home ? home : "", under_home, rest);
}

static bool load_config(struct app_context *app, struct err *err) {
    bool named = app->options.config_file != NULL;
    const char *path = named ? app->options.config_file
                             : home_path(app, "XDG_CONFIG_HOME", ".config", "goodgo/config");
    struct file_content f;
    config_init(&app->config);
    if (!named && access(path, F_OK) != 0)
        return true;
    return readfile(&app->arena, path, CONFIG_MAX, &f, err) &&
           config_parse(&app->config, &app->arena, path, f.bytes, f.len, err);
}

const char *app_env_path(struct app_context *app) {
    if (app->options.env_file)
        return app->options.env_file;
    if (app->options.context)
        return home_path(app, "XDG_CONFIG_HOME", ".config",
                         arena_printf(&app->arena, "goodgo/contexts/%s.env", app->options.context));
    return access(".env", F_OK) == 0 ? ".env" : NULL;
}

/* A file with secrets that others may read is a warning; in production it is refused. */
static bool check_mode(struct app_context *app, const struct file_content *f, struct err *err) {
    if (!(f->mode & 077) || !f->regular)
        return true;
    if (app->settings_storage.production)
        return err_set(err, E_CONFIG, "config.env", app->env_path,
                       "others may read this file, and it holds secrets: chmod 600 %s",
                       app->env_path);
    fprintf(stderr, "goodgo: warning: others may read %s, and it holds secrets: chmod 600 %s\n",
            app->env_path, app->env_path);
    return true;
}

static bool load_env(struct app_context *app, struct err *err) {
    struct file_content f = {0};
    env_init(&app->env, &app->arena);
    app->env_path = app_env_path(app);
    if (app->env_path && (!readfile(&app->arena, app->env_path, ENV_MAX, &f, err) ||
                          !env_parse(&app->env, app->env_path, f.bytes, f.len, err)))
        return false;
    if (!settings_make(&app->settings_storage, &app->arena, &app->env, &app->config,
                       app->options.context, err))
        return false;
    app->settings_storage.timeout_ms = app->options.timeout_ms;
    app->settings = &app->settings_storage;
    return !app->env_path || check_mode(app, &f, err);
}

static void choose(struct app_context *app) {
    const char *named = app->options.state_dir ? app->options.state_dir : app->config.state_dir;
    app->state_dir = named ? named : env_get(&app->env, "GOODGO_STATE_DIR");
    if (!app->state_dir)
        app->state_dir = home_path(app, "XDG_STATE_HOME", ".local/state", "goodgo");
    const char *no_colour = getenv("NO_COLOR");
    app->no_colour = no_colour && *no_colour;
    app->theme = app->options.theme ? app->options.theme : app->config.theme;
    app->json = app->options.json;
}

/* A fixed threshold: glibc would raise it with the first large body that is freed, and then keep
 * the next ones in the heap for good. */
static void guard_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

static void guard_secrets(void) {
    struct rlimit none = {0, 0};
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

static int act_help(const struct act *act) {
    struct str out;
    str_init(&out, 1u << 16);
    str_printf(&out, "usage: goodgo %s%s%s [OPTIONS]\n  %s\n", act->id, act->operand ? " " : "",
               act->operand ? act->operand : "", act->help);
    str_puts(&out, "\nA plan is shown first; nothing is done before its word was typed.\n\n");
    for (const struct act_option *o = act->options; o && o->name; o++) {
        char name[64];
        snprintf(name, sizeof name, "--%s%s%s", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        str_printf(&out, "  %-24s %s\n", name, o->help);
    }
    options_help(&out);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}

static int help(const struct command *only) {
    struct str out;
    str_init(&out, 1u << 16);
    if (only)
        str_printf(&out, "usage: goodgo %s %s\n  %s\n\noptions:\n", only->name, only->operands,
                   only->help);
    else
        str_puts(&out,
                 "usage: goodgo [OPTIONS] [COMMAND]\n\nWithout a command: the screen. Commands:\n");
    for (uint32_t i = 0; !only && i < n_commands; i++)
        str_printf(&out, "  %-10s %s\n", commands[i].name, commands[i].help);
    if (!only)
        str_puts(&out, "\nActs (each shows its plan and asks first):\n");
    for (uint32_t i = 0; !only && i < n_acts; i++)
        str_printf(&out, "  %-10s %s\n", acts[i]->id, acts[i]->help);
    if (!only)
        str_puts(&out, "\nOptions:\n");
    options_help(&out);
    if (!only)
        str_puts(&out, "\nExit: status and check 0 ok, 1 warning, 2 critical, 3 unknown; else 0 "
                       "done, 1 failed, "
                       "2 wrong use or set-up, 3 refused.\n");
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}

static int run(struct app_context *app, const struct command *command, const struct act *act) {
    struct err err;
    enum command_needs needs = command ? command->needs : NEEDS_PLATFORM;
    if (needs != NEEDS_NOTHING && !load_config(app, &err))
        return app_fail(&err, EXIT_USAGE);
    /* `env check` reads the file itself: it must also tell of one that the others refuse. */
    bool env_check = command && command->run == cmd_env;
    if (needs != NEEDS_NOTHING && !env_check && !load_env(app, &err))
        return app_fail(&err, EXIT_USAGE);
    if (needs == NEEDS_NOTHING)
        config_init(&app->config);
    choose(app);
    if (act)
        return app_act(app, act);
    return command ? command->run(app) : cmd_screen(app);
}

int app_main(int argc, char **argv) {
    static struct app_context app;
    struct err err;
    int first;
    guard_memory();
    guard_secrets();
    arena_init(&app.arena);
    if (!options_parse(&app.options, argc, argv, &first, &err))
        return app_fail(&err, EXIT_USAGE);
    const char *name = first < argc ? argv[first] : NULL;
    const struct command *command = name ? command_find(name) : NULL;
    const struct act *act = name ? act_find(name) : NULL;
    if (name && !command && !act) {
        err_set(&err, E_CONFIG, "goodgo", name, "is not a command; goodgo --help lists them");
        return app_fail(&err, EXIT_USAGE);
    }
    if (app.options.help)
        return act ? act_help(act) : help(command);
    if (app.options.version)
        return cmd_version(&app);
    app.argc = name ? argc - first - 1 : 0;
    app.argv = argv + first + (name ? 1 : 0);
    int code = run(&app, command, command ? NULL : act);
    arena_done(&app.arena);
    return code;
}
