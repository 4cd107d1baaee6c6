/* model/past.h - the last quarter of an hour as a ring of snapshots, for going back in time while
 * the screen is frozen. Bounded: a snapshot each PAST_STEP_MS, sections that did not change are
 * kept once, and trends are not kept at all: those of the present reach back as far. */
#ifndef GOODGO_MODEL_PAST_H
#define GOODGO_MODEL_PAST_H

#include "model/snapshot.h"

#define PAST_STEP_MS 20000
#define PAST_MAX     45

struct past {
    struct snapshot *ring[PAST_MAX];
    uint32_t first, n; /* ring[first] is the oldest */
};

/* Takes note of s, unless the newest one is younger than a step; s itself is not held. */
void past_keep(struct past *p, const struct snapshot *s);
void past_clear(struct past *p);
/* A new snapshot as it was `back` steps ago: 1 = the newest in the ring, p->n the oldest. Trends
 * and the console's own sections are those of `live`. NULL when there is none so old. */
struct snapshot *past_at(const struct past *p, uint32_t back, const struct snapshot *live);
/* The step whose snapshot is the last one at or before wall_ms: 0 when all are later than that, or
 * there is none. */
uint32_t past_find(const struct past *p, int64_t wall_ms);

/* "14:28", "14:28:30" (on s's clock, the last time it was so), "5m", "90s" (ago). */
bool past_parse_time(const char *text, const struct snapshot *s, int64_t *ret_wall_ms);

#endif
