/* app/man_priv.h - the parts of the manual pages that are printed from the program's own tables, so
 * that they cannot go stale: the templates in docs/ hold the rest, and the build fills them in. */
#ifndef GOODGO_APP_MAN_PRIV_H
#define GOODGO_APP_MAN_PRIV_H

#include "app/command.h"

/* `goodgo --help --man`: the sections COMMANDS and OPTIONS of goodgo(1). */
void man_help(struct arena *a, struct str *out);
/* Words for mdoc: '-' is a minus, '\' is itself, no line begins a request, and each sentence has a
 * line of its own. */
void man_words(const char *s, struct str *out);
/* ".It MACRO TAG": the head of one entry of a tagged list. */
void man_item(const char *macro, const char *tag, struct str *out);

#endif
