/* app/complete_found_priv.h - names that are only known on this machine, for completion. */
#ifndef GOODGO_APP_COMPLETE_FOUND_PRIV_H
#define GOODGO_APP_COMPLETE_FOUND_PRIV_H

#include "app/command.h"

typedef void (*found_fn)(void *ctx, const char *word, const char *help);

/* Reads the settings that a line of these words would have; false where it would be refused. */
bool found_open(struct app_context *app, char *const *words, int n);
/* The newest jobs; of those that can be cancelled, or wait for a second person, where `c` is for
 * these. */
void found_jobs(struct app_context *app, const struct command *c, found_fn found, void *ctx);
void found_proposals(struct app_context *app, found_fn found, void *ctx); /* not decided yet */
/* False where there is none, or the directory does not answer soon. */
bool found_backups(struct app_context *app, found_fn found, void *ctx);

#endif
