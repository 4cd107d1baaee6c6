/* sandbox/layout_priv.h - what the files of the layout share: how each fills its part of a new
 * sandbox. */
#ifndef GOODGO_SANDBOX_LAYOUT_PRIV_H
#define GOODGO_SANDBOX_LAYOUT_PRIV_H

#include "lifecycle.h"

/* ---- layout.c ---- */
/* One that is there already gets the mode too. */
bool make_dir(const char *dir, const char *name, mode_t mode);

/* ---- layout_work.c ---- */
/* Who a server that refuses root runs as, and where the servers' data are. */
bool find_user(struct sandbox *sb, struct why *why);
bool make_work(struct sandbox *sb, struct why *why);

/* ---- layout_secrets.c ---- */
void make_secrets(struct sandbox *sb);

/* ---- layout_env.c, layout_state.c ---- */
bool write_env(const struct sandbox *sb);
bool write_state(const struct sandbox *sb);

#endif
