/* app/complete_priv.h - what may follow a command line, from the tables that read it. */
#ifndef GOODGO_APP_COMPLETE_PRIV_H
#define GOODGO_APP_COMPLETE_PRIV_H

#include "app/command.h"

/* `words` are those after "goodgo"; the last one, perhaps empty, is being typed. Writes one line
 * "word<TAB>help" for each thing it may become, or ":file" or ":dir" where the shell knows better.
 */
void complete_words(struct app_context *app, char *const *words, int n, struct str *out);
/* The words of a kind, "SERVICE" for example, with spaces between; nothing for other words. */
void complete_kind(struct arena *a, const char *kind, struct str *out);

#endif
