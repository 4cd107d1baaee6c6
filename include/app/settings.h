/* app/settings.h - from the .env (and the console's config) to struct settings: every rule of which
 * name wins. */
#ifndef GOODGO_APP_SETTINGS_H
#define GOODGO_APP_SETTINGS_H

#include "app/config.h"
#include "app/dotenv.h"
#include "codec/settings.h"

/* A service is configured when one of its own names is set. With `runbook_defaults` in a dev
 * context that names no sandbox, the others are looked for at the runbook's ports on localhost.
 * Strings live in the arena. */
bool settings_make(struct settings *s, struct arena *a, const struct env *e, const struct config *c,
                   const char *context, struct err *err) MUST_CHECK;
/* Secrets are guarded more strictly there: by NODE_ENV, or by the context's name. */
bool settings_production(const struct env *e, const char *context);
/* A name of the env file; NULL when it is unset, empty or still a placeholder (C46). */
const char *settings_env(const struct env *e, const char *name);

#endif
