/* app/look.c - theme, key map and saved files of the screen. */
#include "look_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/file.h"

#define THEME_MAX 65536

static bool plain_name(const char *name) {
    return *name && strlen(name) < 32 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
               strlen(name);
}

static bool theme_from_file(const char *name, struct theme *t, struct err *err) {
    char path[512];
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && *config)
        snprintf(path, sizeof path, "%s/goodgo/themes/%s.theme", config, name);
    else
        snprintf(path, sizeof path, "%s/.config/goodgo/themes/%s.theme", home ? home : "", name);
    struct arena a;
    struct file_content f;
    arena_init(&a);
    bool ok = readfile(&a, path, THEME_MAX, &f, err) && theme_parse(t, path, f.bytes, f.len, err);
    arena_done(&a);
    if (ok)
        str_copy(t->name, sizeof t->name, name);
    return ok;
}

static bool embedded(const char *name) {
    for (uint32_t i = 0; i < theme_count(); i++)
        if (strcmp(theme_name_at(i), name) == 0)
            return true;
    return false;
}

bool look_theme(const struct app_context *app, const char *name, struct theme *t, struct err *err) {
    if (!name && app->no_colour && !app->options.theme)
        name = "mono";
    if (!name)
        name = app->theme && *app->theme ? app->theme : "dark";
    if (embedded(name) || !plain_name(name))
        return theme_load(t, name, err);
    return theme_from_file(name, t, err);
}

bool look_keymap(const struct app_context *app, struct keymap *m, struct err *err) {
    keymap_init(m);
    for (uint32_t i = 0; i < app->config.n_keys; i++)
        if (!keymap_set(m, app->config.keys[i].action, app->config.keys[i].keys, err))
            return false;
    return true;
}

/* The directory and its parents, for this user alone. */
static bool make_directories(const char *path, struct err *err) {
    char part[512];
    if (!str_copy(part, sizeof part, path))
        return err_set(err, E_IO, "screen.save", path, "the state directory's name is too long");
    for (char *p = part + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = 0;
        mkdir(part, 0700); /* whether it worked shows at the last one */
        *p = '/';
    }
    if (mkdir(part, 0700) != 0 && errno != EEXIST)
        return err_set(err, E_IO, "screen.save", path, "%s", strerror(errno));
    return true;
}

bool look_save(const struct app_context *app, const char *name, const char *bytes, size_t n,
               char *ret_path, size_t size, struct err *err) {
    char path[512];
    if (snprintf(path, sizeof path, "%s/%s", app->state_dir, name) >= (int)sizeof path)
        return err_set(err, E_IO, "screen.save", name, "the state directory's name is too long");
    if (!make_directories(app->state_dir, err) || !writefile(path, bytes, n, err))
        return false;
    str_copy(ret_path, size, path);
    return true;
}
