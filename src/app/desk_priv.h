/* app/desk_priv.h - the screen's desk for acts: asks the console's own sub-commands for plans,
 * starts their jobs, and reads jobs and trail into the snapshot. Never waits: programs run beside
 * the loop, files are read on a thread. */
#ifndef GOODGO_APP_DESK_PRIV_H
#define GOODGO_APP_DESK_PRIV_H

#include "app/command.h"
#include "engine/probes.h"
#include "io/loop.h"
#include "ui/state.h"

struct desk_hooks {
    void (*changed)(void *ctx);                              /* something to draw */
    void (*said)(void *ctx, const char *what, bool bad);     /* a word to show */
    void (*finished)(void *ctx, const char *what, bool bad); /* a job ended while we looked */
    void *ctx;
};

struct desk;
struct desk *desk_new(struct loop *l, struct app_context *app, struct engine *engine,
                      struct ui_state *ui, const struct desk_hooks *hooks);
void desk_free(struct desk *d); /* NULL is fine */
void desk_plan(struct desk *d, const char *line);
void desk_leave_plan(struct desk *d); /* nobody waits for it any more: who makes it is stopped */
void desk_run(struct desk *d, const char *line);
void desk_armed(struct desk *d, const char *reason); /* into the trail */
/* Jobs are looked at each second while their screen is shown, or one runs; else each 5 s. The log
 * of ui->job is read with them while it is shown. */
void desk_watch_jobs(struct desk *d, bool shown, bool log_shown);
/* After each key: the rows of the day that was closed that ui->rows asks for are read soon. */
void desk_want_rows(struct desk *d);
/* What waits for a second person; see desk_proposals_priv.h. */
void desk_watch_proposals(struct desk *d, bool shown);

#endif
