/* act/lock.h - one dangerous job per target: a lock file under STATE/locks for this machine, and a
 * PostgreSQL advisory lock on the direct server so that two bastions cannot collide. */
#ifndef GOODGO_ACT_LOCK_H
#define GOODGO_ACT_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/settings.h"

struct lock_request {
    const struct settings *settings;
    const char *state_dir, *target, *job_id;
    uint32_t wait_ms;
    int cancel_fd; /* as in io/pgsession.h */
};
struct lock; /* both halves; let go when freed or when the process ends */
/* Tries for wait_ms, then false: who holds it, since when, and how to attach. Where the database
 * does not answer at all, the file alone is taken. */
bool lock_take(const struct lock_request *q, struct lock **ret, struct err *err) MUST_CHECK;
void lock_free(struct lock *l); /* NULL is fine */

#endif
