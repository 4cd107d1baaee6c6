/* app/desk_proposals_priv.h - what waits for a second person, for the screen and for one drawing:
 * the files of the proposals, then their payments, which a database that hangs may keep back. */
#ifndef GOODGO_APP_DESK_PROPOSALS_PRIV_H
#define GOODGO_APP_DESK_PROPOSALS_PRIV_H

#include "desk_priv.h"
#include "io/worker.h"

/* Blocking: the files alone, or with their payments in the database. */
struct section *proposals_section(const struct settings *s, const char *state_dir,
                                  bool with_payments, struct arena *a);

struct proposal_watch;
struct proposal_watch *proposal_watch_new(struct loop *l, struct app_context *app,
                                          struct engine *engine, const struct ui_state *ui,
                                          struct workers *workers, const struct desk_hooks *hooks);
void proposal_watch_free(struct proposal_watch *w); /* NULL is fine */
/* Files are looked at each second while they are shown, else each 5 s; the database is asked while
 * they are shown, and only then. */
void proposal_watch_show(struct proposal_watch *w, bool shown);

#endif
