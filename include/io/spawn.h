/* io/spawn.h - runs a short program beside the loop and hands over what it printed: how the screen
 * asks the console's own sub-commands for a plan without waiting. io/child.h is the blocking kind,
 * for jobs. argv only, never a shell; standard input is empty. */
#ifndef GOODGO_IO_SPAWN_H
#define GOODGO_IO_SPAWN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/loop.h"

struct spawn_result {
    int exit_code;            /* 128 + signal; -1 when the time was up and it was killed */
    const char *out, *errors; /* NUL-terminated; cut at 1 MiB and 16 KiB */
    size_t out_len, errors_len;
};
typedef void (*spawn_done_fn)(void *ctx, const struct spawn_result *result);

struct spawn;
/* `done` is called exactly once, in a loop turn, unless one of the three below comes before; the
 * spawn is gone afterwards. At the deadline it ends though a child of the program may hold its
 * output open. NULL with err when the program cannot be started. */
struct spawn *spawn_start(struct loop *l, const char *const *argv, uint32_t timeout_ms,
                          spawn_done_fn done, void *ctx, struct err *err) MUST_CHECK;
/* Three ways to forget the answer; the spawn is the loop's then, and NULL is fine. Killed at once,
 * for who leaves himself; TERM, and KILL where that does not help within 2 s; left to its work,
 * which it ends without us. */
void spawn_cancel(struct spawn *s);
void spawn_stop(struct spawn *s);
void spawn_leave(struct spawn *s);

#endif
