/* engine/probes.h - asks every configured service on its interval with jitter, one run in flight
 * each, its own deadline and back-off, and publishes sections into snapshots. Applies retries and
 * start period of R69, folds symptoms under their failed dependency (R15), counts the console's own
 * load. */
#ifndef GOODGO_ENGINE_PROBES_H
#define GOODGO_ENGINE_PROBES_H

#include "codec/probe.h"
#include "io/link.h"
#include "io/loop.h"

struct engine;
/* Own readings in a bit set of services. */
#define ENGINE_OWN(o) BIT(SERVICE_COUNT + (o))
/* `s` is SERVICE_COUNT or more for one of the console's own. */
typedef void (*engine_changed_fn)(void *ctx, enum service s);

/* `only` is a bit set of services (0 = all). Nothing is asked before engine_start(). */
struct engine *engine_new(struct loop *l, const struct settings *settings, uint32_t only,
                          engine_changed_fn changed, void *ctx);
/* The same over another table (tests); entries may be NULL. */
struct engine *engine_new_with(struct loop *l, const struct settings *settings, uint32_t only,
                               const struct probe *const table[SERVICE_COUNT],
                               engine_changed_fn changed, void *ctx);
/* Asks for one of the console's own readings, as for a service: once, before engine_start(). */
void engine_watch(struct engine *e, enum own o, const struct probe *probe);
void engine_start(struct engine *e);
void engine_free(struct engine *e); /* cancels all; memory goes in later turns of the loop */
struct snapshot *engine_snapshot(struct engine *e); /* a new reference, at the present time */
/* The console's own readings join the snapshot; takes over the reference. */
void engine_set_own(struct engine *e, enum own o, struct section *sec);
/* Every configured service has answered or failed once. */
bool engine_all_tried(const struct engine *e);
/* Asks now (bit set, 0 = all) whatever is not in flight. */
void engine_refresh(struct engine *e, uint32_t services);
/* These (bit set, 0 = none) are polled at least each 2 s: the screen shows them. */
void engine_focus(struct engine *e, uint32_t services);
void engine_pause(struct engine *e, bool paused); /* `z`: nothing is asked, nothing wakes */
struct self_stats *engine_self(struct engine *e); /* counters the app adds to (frames, bytes) */

#endif
