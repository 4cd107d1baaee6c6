/* act/restore_priv.h - the parts of a restore: its plan, what is under way, and how the restored
 * database takes the name. */
#ifndef GOODGO_ACT_RESTORE_PRIV_H
#define GOODGO_ACT_RESTORE_PRIV_H

#include "act/act.h"
#include "act/archive.h"
#include "act/job.h"
#include "io/pgsession.h"

struct restoring {
    struct job *job;
    struct arena *arena;
    const struct settings *settings;
    const char *path, *pg_restore, *into, *fresh, *before;
    struct archive_toc toc;
    struct pg_target admin, target; /* target: the new database */
    bool replace, end_sessions, no_owner, made;
};

#define RESTORE_COMMENT                                                                            \
    "goodgo restore, not finished" /* on the new database until it has its name */

/* ---- restore_plan.c ---- */

bool restore_plan(const struct act_input *in, struct plan *p, struct err *err) MUST_CHECK;
/* What restores into that name left that were killed. */
bool restore_find_dead(struct pgsession *s, struct arena *a, const char *into, struct pg_rows *ret,
                       struct err *err) MUST_CHECK;

/* ---- restore_swap.c ---- */

bool restore_statement(struct pgsession *s, const char *sql, struct err *err) MUST_CHECK;

/* Gives the new database its name; of the one it replaces it takes over what is the database's own
 * and in no archive: owner, rights, connection limit, settings, comment. One transaction: whoever
 * is killed, the name is always that of a whole database. */
bool restore_change_names(struct restoring *r, struct pgsession *s, struct err *err) MUST_CHECK;

#endif
