/* app/look_priv.h - theme, key map and saved files of the screen, from what the user chose. */
#ifndef GOODGO_APP_LOOK_PRIV_H
#define GOODGO_APP_LOOK_PRIV_H

#include "app/command.h"
#include "base/err.h"
#include "ui/keys.h"
#include "ui/theme.h"

/* The named theme: embedded, a file of the user's, or one installed beside this program; NULL = the
 * chosen one (NO_COLOR means mono). */
bool look_theme(const struct app_context *app, const char *name, struct theme *t,
                struct err *err) MUST_CHECK;
#define MAX_THEMES 64
/* The name of each of them once; the number of names. */
uint32_t look_theme_names(struct arena *a, const char *names[MAX_THEMES]);
/* Defaults plus the config's own keys. */
bool look_keymap(const struct app_context *app, struct keymap *m, struct err *err) MUST_CHECK;
/* Writes a file of the state directory under a temporary name, mode 0600, then renames it. */
bool look_save(const char *state_dir, const char *name, const char *bytes, size_t n, char *ret_path,
               size_t size, struct err *err) MUST_CHECK;

#endif
