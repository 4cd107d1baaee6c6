/* model/past.h - the last quarter of an hour as a ring of snapshots, for going back in time while
 * the screen is frozen. Bounded in number and in bytes: a snapshot each PAST_STEP_MS, as the text
 * of the one codec, which takes a third of the memory of the thing itself. Trends and events are
 * not kept: those of the present reach back as far. */
#ifndef GOODGO_MODEL_PAST_H
#define GOODGO_MODEL_PAST_H

#include "model/snapshot.h"

#define PAST_STEP_MS   30000
#define PAST_MAX       30
#define PAST_MAX_BYTES ((size_t)2 << 20) /* of all of them; the oldest give way */

struct past_moment {
    char *json;
    size_t n;
    int64_t mono_ms, wall_ms;
};
struct past {
    struct past_moment ring[PAST_MAX];
    uint32_t first, n; /* ring[first] is the oldest */
    size_t bytes;
};

/* Takes note of s, unless the newest moment is younger than a step; s itself is not held. */
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
