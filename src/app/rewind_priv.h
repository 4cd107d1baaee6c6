/* app/rewind_priv.h - which moment the screen shows: the present, the moment it was frozen at, or
 * one of the quarter of an hour before that. */
#ifndef GOODGO_APP_REWIND_PRIV_H
#define GOODGO_APP_REWIND_PRIV_H

#include "model/past.h"

struct rewind {
    struct past past;
    struct snapshot *live; /* as the screen froze; NULL while it is not frozen */
    uint32_t back;         /* steps before that */
};

void rewind_free(struct rewind *r);
void rewind_keep(struct rewind *r, const struct snapshot *s); /* while not frozen */
/* Back to the present: the next snapshot is the engine's. */
void rewind_end(struct rewind *r);
/* Each replaces *shown, which the screen was frozen at, when the moment is another one. They return
 * the words for the notice, in `text`, as keymap_say() reads them; false = the screen stays as it
 * is. */
bool rewind_step(struct rewind *r, int by, struct snapshot **shown, char *text, size_t size);
bool rewind_to(struct rewind *r, const char *when, struct snapshot **shown, char *text,
               size_t size);

#endif
