/* io/link.h - carries exchanges to one back-end: one link per probe, at most one exchange in
 * flight, the connection kept open between them (PostgreSQL, Redis, HTTP keep-alive). DNS never
 * blocks (a thread of its own), a deadline is always kept, and a late reply is dropped and
 * counted. */
#ifndef GOODGO_IO_LINK_H
#define GOODGO_IO_LINK_H

#include "base/arena.h"
#include "io/loop.h"
#include "wire/exchange.h"

struct link_hub; /* what links share: curl multi, DNS cache */
struct link;
typedef void (*link_done_fn)(void *ctx, const struct reply *reply);

struct link_hub *link_hub_new(struct loop *l);
void link_hub_free(struct link_hub *h); /* after every link was closed; NULL is fine */

struct link *link_new(struct link_hub *h, const char *application_name);
/* Starts an exchange: `done` is called exactly once, never before returning, with a reply whose
 * memory is in `arena`. After timeout_ms it is called with E_TIMEOUT. The request is copied where
 * it must outlive the call. */
void link_send(struct link *k, const struct exchange *ex, struct arena *arena, uint32_t timeout_ms,
               link_done_fn done, void *ctx);
/* Drops the exchange in flight: `done` will not be called; a busy connection is closed. */
void link_cancel(struct link *k);
/* Cancels and closes; the memory goes in a later turn. NULL is fine. */
void link_close(struct link *k);
uint64_t link_hub_late_replies(const struct link_hub *h);

#endif
