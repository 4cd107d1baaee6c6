/* act/plan.h - what an action will do, said before it does it. The id is a hash of everything that
 * decides the outcome (action, context, target, arguments, facts), so that a run can be refused
 * when the world is no longer the one that a person agreed to. Words of a plan hold no secret. */
#ifndef GOODGO_ACT_PLAN_H
#define GOODGO_ACT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define PLAN_ID_SIZE   17
#define PLAN_MAX_PAIRS 64
#define PLAN_MAX_LINES 200
#define PLAN_REASON    "reason" /* the argument that is kept, and is no part of the id */

enum tier { TIER_READ, TIER_HARMLESS, TIER_CHANGES, TIER_DESTROYS };

struct pair {
    const char *name, *value;
};
struct pairs {
    struct pair at[PLAN_MAX_PAIRS];
    uint32_t n;
};
const char *pairs_find(const struct pairs *pairs, const char *name); /* NULL: there is none */
struct lines {
    const char *at[PLAN_MAX_LINES]; /* cleaned for display */
    uint32_t n, n_left_out;
};

struct plan {
    struct arena *arena;
    const char *action, *context;
    const char *target; /* what is locked while it runs, named alike on every bastion: "database
                           goodgo", "search listings" */
    enum tier tier;
    int64_t count;          /* the N of the typed word: how many things change */
    struct pairs arguments; /* as the operator gave them; the runner plans again from these */
    struct pairs facts;     /* as found: what the run relies on; part of the id */
    struct lines changes, commands, warnings;
    char id[PLAN_ID_SIZE];
};

void plan_init(struct plan *p, struct arena *arena, const char *action, const char *context,
               enum tier tier);
/* Those that do not fit are one fact together, "further facts" with their sum. */
void plan_fact(struct plan *p, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
void plan_change(struct plan *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void plan_command(struct plan *p, const char *fmt, ...) PRINTF_LIKE(2, 3); /* secrets as ${NAME} */
/* The database in such a format: without the options of the URL, as psql and pg_dump refuse those
 * of Prisma, and the platform's own has one. */
#define PLAN_DATABASE "\"${DATABASE_URL_DIRECT%%%%\\?*}\""
void plan_warning(struct plan *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Computes the id; nothing may be added afterwards. */
void plan_seal(struct plan *p);

const char *plan_argument(const struct plan *p, const char *name); /* NULL when not given */

/* One document, "goodgo.plan/1"; and back. */
void plan_write(const struct plan *p, struct str *json);
bool plan_read(struct plan *p, struct arena *arena, const char *json, size_t n,
               struct err *err) MUST_CHECK;
/* For people: what, where, how many, commands, warnings. */
void plan_print(const struct plan *p, struct str *out);
/* "name: was A, is now B; ..." of two plans whose ids differ. In the arena. */
const char *plan_difference(const struct plan *agreed, const struct plan *now, struct arena *arena);

/* The typed word, "prod 2"; "prod:2" in scripts. */
void plan_word(const struct plan *p, char *buf, size_t size);
bool plan_word_fits(const struct plan *p, const char *typed);

#endif
