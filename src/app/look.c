/* app/look.c - theme, key map and saved files of the screen. */
#include "look_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"

#define THEME_MAX 65536

static bool plain_name(const char *name) {
    return *name && strlen(name) < 32 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
               strlen(name);
}

/* themes/ of the user, then that of the installation this program belongs to. NULL past the last.
 */
static const char *theme_dir(struct arena *a, int i) {
    char self[512];
    if (i == 0)
        return app_config_path(a, "/themes");
    ssize_t n = i == 1 ? readlink("/proc/self/exe", self, sizeof self - 1) : -1;
    if (n <= 0)
        return NULL;
    self[n] = 0;
    char *slash = strrchr(self, '/');
    return slash ? arena_printf(a, "%.*s/../share/goodgo/themes", (int)(slash - self), self) : NULL;
}

static bool embedded(const char *name) {
    for (uint32_t i = 0; i < theme_count(); i++)
        if (strcmp(theme_name_at(i), name) == 0)
            return true;
    return false;
}

/* A file of the user's wins over what is built in, one of the installation does not: it is a copy.
 */
static bool theme_from_file(struct arena *a, const char *name, struct theme *t, struct err *err) {
    struct file_content f;
    const char *dir;
    for (int i = 0; (dir = theme_dir(a, i)) && !(i && embedded(name)); i++) {
        const char *path = arena_printf(a, "%s/%s.theme", dir, name);
        if (access(path, F_OK) != 0)
            continue;
        if (!readfile_within(a, path, THEME_MAX, 0, &f, err) ||
            !theme_parse(t, path, f.bytes, f.len, err))
            return false;
        str_copy(t->name, sizeof t->name, name);
        return true;
    }
    return theme_load(t, name, err); /* it says that there is none of that name */
}

static bool contains(const char *const *names, uint32_t n, const char *name) {
    while (n && strcmp(names[n - 1], name) != 0)
        n--;
    return n > 0;
}

uint32_t look_theme_names(struct arena *a, const char *names[MAX_THEMES]) {
    const char *dir, **found;
    uint32_t n = 0;
    for (uint32_t i = 0; i < theme_count() && n < MAX_THEMES; i++)
        names[n++] = theme_name_at(i);
    for (int d = 0; (dir = theme_dir(a, d)); d++)
        for (uint32_t i = 0, m = readnames(a, dir, ".theme", &found); i < m; i++)
            if (n < MAX_THEMES && plain_name(found[i]) && !contains(names, n, found[i]))
                names[n++] = found[i];
    return n;
}

static bool find_theme(const char *name, struct theme *t, struct err *err) {
    if (!plain_name(name))
        return theme_load(t, name, err);
    struct arena a;
    arena_init(&a);
    bool ok = theme_from_file(&a, name, t, err);
    arena_done(&a);
    return ok;
}

bool look_theme(const struct app_context *app, const char *name, struct theme *t, struct err *err) {
    const char *where = NULL;
    struct err why;
    if (!name && app->no_colour && !app->options.theme)
        name = "mono";
    if (!name) {
        where = app->options.theme ? NULL : app->config.theme_where;
        name = app->theme && *app->theme ? app->theme : "dark";
    }
    if (!where)
        return find_theme(name, t, err);
    return find_theme(name, t, &why) ||
           err_set(err, E_CONFIG, "config", where, "theme: %s: %s", why.target, why.why);
}

/* All give up their own keys before any gets another: so two can change places. */
bool look_keymap(const struct app_context *app, struct keymap *m, struct err *err) {
    const struct config *c = &app->config;
    struct err why;
    keymap_init(m);
    for (uint32_t i = 0; i < 2 * c->n_keys; i++) {
        bool clear = i < c->n_keys;
        uint32_t k = clear ? i : i - c->n_keys;
        if (!keymap_set(m, c->keys[k].action, clear ? "" : c->keys[k].keys, &why))
            return err_set(err, E_CONFIG, "config", c->keys[k].where, "keys.%s: %s",
                           c->keys[k].action, why.why);
    }
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

bool look_save(const char *state_dir, const char *name, const char *bytes, size_t n, char *ret_path,
               size_t size, struct err *err) {
    char path[512];
    if (snprintf(path, sizeof path, "%s/%s", state_dir, name) >= (int)sizeof path)
        return err_set(err, E_IO, "screen.save", name, "the state directory's name is too long");
    if (!make_directories(state_dir, err) || !writefile(path, bytes, n, err))
        return false;
    str_copy(ret_path, size, path);
    return true;
}
