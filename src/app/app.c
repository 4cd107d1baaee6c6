/* app/app.c - reads the command line and the configuration, then runs one command. Secrets never
 * reach a core dump or another process of the same user. */
#include "app/app.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pwd.h>
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
#include "app/settings.h"
#include "base/shell.h"
#include "io/file.h"
#include "io/pgsession.h"

#include "help_priv.h"
#include "man_priv.h"

#define ENV_MAX    ((size_t)1 << 20)
#define CONFIG_MAX ((size_t)1 << 18)

static const struct command *running; /* what was asked for; NULL = not known, or the screen */

/* Advice to look at the help of "COMMAND" names the command, where it is known. */
static void name_help(struct err *err) {
    static char help[80]; /* read before anything else fails */
    if (!running || !*running->name || !err->todo || !strstr(err->todo, "COMMAND --help`"))
        return;
    snprintf(help, sizeof help, "`goodgo %s --help`", running->name);
    err->todo = help;
}

int app_fail(const struct err *err, int code) {
    char sentence[600];
    struct err said = *err;
    name_help(&said);
    err_sentence(&said, sentence, sizeof sentence);
    fprintf(stderr, "goodgo: %s\n", sentence);
    return code;
}

const char *app_paint(const struct app_context *app, enum health h) {
    static const char *const codes[HEALTH_COUNT] = {[HEALTH_OFF] = "\033[2m",
                                                    [HEALTH_OK] = "\033[32m",
                                                    [HEALTH_UNKNOWN] = "\033[35m",
                                                    [HEALTH_WARNING] = "\033[33m",
                                                    [HEALTH_CRITICAL] = "\033[1;31m"};
    return app->options.plain || !isatty(STDOUT_FILENO) || app->no_colour ? "" : codes[h];
}

bool app_print(const struct str *out) {
    bool ok = fwrite(str_get(out), 1, out->len, stdout) == out->len && fflush(stdout) == 0;
    if (!ok)
        fprintf(stderr, "goodgo: writing to standard output: %s\n", strerror(errno));
    return ok;
}

/* A service of the system and a bare `env -i` have no $HOME; their user has a home all the same. */
static const char *home_dir(void) {
    const char *home = getenv("HOME");
    if (home && *home == '/')
        return home;
    const struct passwd *pw = getpwuid(getuid());
    return pw && pw->pw_dir ? pw->pw_dir : "";
}

/* $XDG_..., else under the home directory. */
static const char *home_path(struct arena *a, const char *xdg, const char *under_home,
                             const char *rest) {
    const char *base = getenv(xdg);
    if (base && *base == '/')
        return arena_printf(a, "%s/goodgo%s", base, rest);
    return arena_printf(a, "%s/%s/goodgo%s", home_dir(), under_home, rest);
}

const char *app_config_path(struct arena *a, const char *rest) {
    return home_path(a, "XDG_CONFIG_HOME", ".config", rest);
}

/* Something has that name, or nobody can tell: what cannot be read then is said, and not passed
 * over. */
static bool is_there(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static bool load_config(struct app_context *app, struct err *err) {
    bool named = app->options.config_file != NULL;
    const char *path = named ? app->options.config_file : app_config_path(&app->arena, "/config");
    struct file_content f;
    config_init(&app->config);
    if (!named && !is_there(path))
        return true;
    return readfile(&app->arena, path, CONFIG_MAX, &f, err) &&
           config_parse(&app->config, &app->arena, path, f.bytes, f.len, err);
}

static const char *app_context_path(struct app_context *app) {
    return app_config_path(&app->arena,
                           arena_printf(&app->arena, "/contexts/%s.env", app->options.context));
}

const char *app_env_path(struct app_context *app) {
    if (app->options.env_file)
        return app->options.env_file;
    if (app->options.context)
        return app_context_path(app);
    return is_there(".env") ? ".env" : NULL;
}

/* On stderr, and on the screen, which covers that. */
static void warn(struct app_context *app, const char *text) {
    app->warning = text;
    fprintf(stderr, "goodgo: warning: %s\n", text);
}

/* A file with secrets that others may read is a warning; in production it is refused. */
static bool check_mode(struct app_context *app, const struct file_content *f, struct err *err) {
    if (!(f->mode & 077) || !f->regular)
        return true;
    if (app->settings_storage.production)
        return err_set(err, E_CONFIG, "config.env", app->env_path,
                       "others may read this file, and it holds secrets: chmod 600 %s",
                       shell_word(&app->arena, app->env_path));
    warn(app, text_cleanz(&app->arena,
                          arena_printf(&app->arena,
                                       "others may read %s, and it holds secrets: chmod 600 %s",
                                       app->env_path, shell_word(&app->arena, app->env_path)))
                  .s);
    return true;
}

/* A setting is refused by its name: say in which line it is. */
static bool refuse_line(const struct app_context *app, struct err *err) {
    const struct env_entry *entry = env_entry(&app->env, err->target);
    struct err at;
    if (!entry)
        return false;
    err_set(&at, err->code, err->op, app->env_path, "line %u, %s: %s", entry->line, entry->name,
            err->why);
    *err = at;
    return false;
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
        return refuse_line(app, err);
    app->settings_storage.timeout_ms = app->options.timeout_ms;
    app->settings = &app->settings_storage;
    return !app->env_path || check_mode(app, &f, err);
}

static void choose(struct app_context *app) {
    const char *named = app->options.state_dir ? app->options.state_dir : app->config.state_dir;
    app->state_dir = named ? named : settings_env(&app->env, "GOODGO_STATE_DIR");
    if (!app->state_dir)
        app->state_dir = home_path(&app->arena, "XDG_STATE_HOME", ".local/state", "");
    file_share_below(app->state_dir);
    const char *no_colour = getenv("NO_COLOR");
    app->no_colour = no_colour && *no_colour;
    app->theme = app->options.theme ? app->options.theme : app->config.theme;
    app->json = app->options.json;
}

bool app_look(struct app_context *app, struct err *err) {
    bool ok = load_config(app, err) && load_env(app, err);
    if (ok)
        choose(app);
    return ok;
}

/* A fixed threshold: glibc would raise it with the first large body that is freed, and then keep
 * the next ones in the heap for good. */
static void guard_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_TOP_PAD, 512 * 1024); /* one call where the first second takes a dozen */
}

static void guard_secrets(void) {
    struct rlimit none = {0, 0};
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* ignored by who started us, no program would have an exit code */
    signal(SIGXFSZ, SIG_IGN); /* over `ulimit -f` is as on a full disk: said, and tidied up */
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

static int help(struct app_context *app, const struct command *c) {
    struct str out;
    str_init(&out, 1u << 18);
    if (app->options.man)
        man_help(&app->arena, &out);
    else
        help_text(&app->arena, c, &out);
    int code = app_print(&out) ? EXIT_DONE : EXIT_FAILED;
    str_done(&out);
    return code;
}

/* Everything "refused" on a machine that is no platform's is no incident. */
static void say_where_it_looks(struct app_context *app, const struct command *command) {
    bool draws = command->run == cmd_render && !app->options.snapshot;
    if ((command->needs == NEEDS_PLATFORM || draws) && !app->env_path)
        warn(app, "no .env here, so localhost is asked: --env-file or --context names a platform");
}

static int refuse(const struct command *command, const struct err *err) {
    struct err said = *err;
    name_help(&said);
    return command && command->refuse ? command->refuse(&said) : app_fail(&said, EXIT_USAGE);
}

static int run(struct app_context *app, const struct command *command) {
    struct err err;
    if (command->needs != NEEDS_NOTHING && !load_config(app, &err))
        return refuse(command, &err);
    /* `env` reads the file itself: it must also tell of one that the others refuse. */
    if (command->needs >= NEEDS_CONFIG && command->run != cmd_env && !load_env(app, &err))
        return refuse(command, &err);
    if (command->needs == NEEDS_NOTHING)
        config_init(&app->config);
    say_where_it_looks(app, command);
    choose(app);
    return command->run ? command->run(app) : app_act(app, command_act(command));
}

static int unknown(const char *name) {
    const struct command *meant = command_nearest(name);
    struct err err;
    err_set(&err, E_CONFIG, "goodgo", name, "is not a command%s%s%s",
            meant ? ": did you mean " : "", meant ? meant->name : "", meant ? "?" : "");
    return app_fail(&err, EXIT_USAGE);
}

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return strcmp(a, b) == 0 ||
           (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/* The file of a context is what --context stands for; of another file it would only change the name
 * that every screen and every typed word shows. A job is handed the path that all links lead to. */
static bool one_platform(struct app_context *app, struct err *err) {
    const struct options *o = &app->options;
    if (!o->env_file || !o->context || same_file(o->env_file, app_context_path(app)))
        return true;
    return err_set(err, E_CONFIG, "options", "--env-file",
                   "and --context name two platforms: give one of them");
}

int app_main(int argc, char **argv) {
    static struct app_context app;
    const struct command *command;
    struct err err;
    int first;
    if (!file_guard_streams())
        return EXIT_USAGE;
    guard_memory();
    guard_secrets();
    pg_env_forget();
    arena_init(&app.arena);
    if (!options_parse(&app.options, argc, argv, &first, &err)) {
        running = command = options_command(argc, argv);
        bool stray = !command && argc > 1 && *argv[1] != '-'; /* its options are of no command */
        return stray ? unknown(argv[1]) : refuse(command, &err);
    }
    int used = 0;
    command = &screen_command;
    if (first < argc)
        command = command_of_words((const char *const *)argv + first, argc - first, &used);
    if (!command)
        return unknown(argv[first]);
    running = command;
    if (app.options.help)
        return help(&app, command);
    if (app.options.version)
        return cmd_version(&app);
    app.argc = argc - first - used;
    app.argv = argv + first + used;
    if (!options_suit(&app.options, command, &err) || !one_platform(&app, &err) ||
        !command_operands_fit(command, app.argc, app.argv, &err))
        return refuse(command, &err);
    int code = run(&app, command);
    arena_done(&app.arena);
    return code;
}
