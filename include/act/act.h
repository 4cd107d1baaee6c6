/* act/act.h - one operator act: a plan, then a run. One file in src/act/ and one line in
 * src/act/acts.def; it is then a sub-command with --help, --dry-run, --confirm and --detach, an
 * entry of the screen's action menu, a kind of job, and an audited act. See docs/ADDING.md. */
#ifndef GOODGO_ACT_ACT_H
#define GOODGO_ACT_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "act/job.h"
#include "act/plan.h"
#include "codec/settings.h"

/* --name VALUE, or a flag where value is NULL (its argument is then "1"). */
struct act_option {
    const char *name, *value, *help;
};

/* What a run may leave when its runner dies in a stage: one sentence, what is left and what to
 * check or do by hand. {name} stands for what the job had in hand, a result, a fact or an argument
 * of its plan, or "target"; a sentence that names what was not begun is left out. */
struct act_remains {
    const char *stages; /* "dump|sums"; NULL = whatever the stage */
    const char *text;
};

/* What a plan is made from. */
struct act_input {
    const struct settings *settings;
    const char *state_dir;
    struct arena *arena;
    const struct pairs *arguments;
    int64_t now_wall_ms;
};
const char *act_argument(const struct act_input *a, const char *name); /* NULL when not given */

struct act {
    const char *id;      /* "backup": the sub-command */
    const char *title;   /* "Back up the database" */
    const char *help;    /* one line */
    const char *about;   /* some sentences; NULL = title and help */
    const char *example; /* command lines, one a line; NULL = `goodgo ID --dry-run` */
    const char *operand; /* name of the argument that the first operand fills; NULL = none */
    bool operand_many;   /* it may name several, with commas between */
    bool operand_typed;  /* it may be left out, and is never the key of a row of the screen */
    const struct act_option *options; /* ends with a NULL name; NULL = none */
    const char *view; /* the screen whose action menu lists it, "pg-backup"; NULL = none */
    /* The tables of that screen whose rows it is done to, "sessions|blocking": the key of the
     * selected one is the operand. NULL = whichever has the keys; "" = none, it is typed. */
    const char *rows;
    const struct act_remains *remains; /* ends with a NULL text */
    /* Looks, changes nothing. Fills tier, target, count, facts, changes, commands, warnings of a
     * plan that holds the arguments already. Called twice: before the question and, by the runner,
     * before the first effect. Refuses (false) what cannot work at all: that is exit 2. */
    bool (*plan)(const struct act_input *a, struct plan *p, struct err *err);
    /* Does it, in the runner's process, blocking; the intent is on disk by now. Everything it
     * started must be ended when it returns. False with err = failed (E_CANCELLED = cancelled). */
    bool (*run)(struct job *j, const struct plan *p, struct err *err);
};

extern const struct act *const acts[]; /* act/registry.c */
extern const uint32_t n_acts;
const struct act *act_find(const char *id);

/* Plan with a sealed id, or false. */
bool act_plan(const struct act *act, const struct act_input *a, struct plan *p,
              struct err *err) MUST_CHECK;

#endif
