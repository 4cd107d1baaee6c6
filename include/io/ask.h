/* io/ask.h - one exchange at a time for code that may wait: jobs and sub-commands. Keeps its
 * connection open between two (HTTP keep-alive, PostgreSQL, Redis), on a loop of its own. Not for
 * the screen, which never waits: see io/link.h. */
#ifndef GOODGO_IO_ASK_H
#define GOODGO_IO_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "wire/exchange.h"

struct ask;

/* Every wait also looks at cancel_fd (readable = E_CANCELLED); < 0 = none. */
struct ask *ask_new(const char *application_name, int cancel_fd);
void ask_free(struct ask *a); /* drops what is in flight; NULL is fine */

/* Sends and waits for the answer, whose memory is in `arena`. False when none in the protocol came;
 * HTTP 500 and a Redis -ERR are answers. */
bool ask_once(struct ask *a, const struct exchange *ex, struct arena *arena, uint32_t timeout_ms,
              struct reply *ret, struct err *err) MUST_CHECK;

/* The same in steps, for work to be done while the answer is on its way. One in flight at most. */
void ask_begin(struct ask *a, const struct exchange *ex, struct arena *arena, uint32_t timeout_ms);
void ask_pump(struct ask *a); /* lets bytes move; never waits. Call it often. */
bool ask_in_flight(const struct ask *a);
bool ask_end(struct ask *a, struct reply *ret, struct err *err) MUST_CHECK; /* waits for it */

/* Waits; false with E_CANCELLED when cancel_fd became readable. */
bool ask_pause(struct ask *a, uint32_t ms, struct err *err) MUST_CHECK;

#endif
