/* act/quick.h - `goodgo verify --quick FILE`: a proof of content without any restore. The archive
 * is read back in full and every table's COPY lines are held against the manifest taken when it was
 * dumped. Seconds where a drill takes minutes; what it cannot see is whether PostgreSQL accepts it
 * all, which is the drill's business. */
#ifndef GOODGO_ACT_QUICK_H
#define GOODGO_ACT_QUICK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct quick_progress {
    void (*fn)(void *ctx, uint64_t done_bytes, uint64_t total_bytes, const char *table);
    void *ctx;
};
struct quick_verdict {
    bool passed;
    struct str report, text; /* the JSON of a drill's report; lines for people */
};
void quick_verdict_done(struct quick_verdict *v);
/* False: it could not be judged (no archive, no manifest, no pg_restore). *ret is to be freed
 * either way. progress: NULL = nobody waits. */
bool quick_verify(const char *path, int cancel_fd, const struct quick_progress *progress,
                  struct arena *a, struct quick_verdict *ret, struct err *err) MUST_CHECK;

#endif
