/* model/snapshot.h - all sections at one time, immutable, counted by reference. Views see nothing
 * else of the world. */
#ifndef GOODGO_MODEL_SNAPSHOT_H
#define GOODGO_MODEL_SNAPSHOT_H

#include "model/events.h"
#include "model/section.h"
#include "base/str.h"

/* The console's own load, for the About screen and the "load budget". */
struct self_stats {
    int64_t started_wall_ms;
    uint64_t exchanges, failures, late_replies, frames, bytes_out, wakeups;
    int64_t rss_bytes, cpu_ms;
    struct err last_errors[8]; /* newest first */
    int64_t last_error_wall_ms[8];
    uint32_t n_last_errors;
};

/* What the console knows beside the services: its jobs, the trail of what was done, the money that
 * is stuck, the log of the job that is looked at, the report of the last day that was closed, and
 * what waits for a second person's word. */
enum own {
    OWN_JOBS,
    OWN_AUDIT,
    OWN_PAYMENTS,
    OWN_LOG,
    OWN_RECONCILIATION,
    OWN_PROPOSALS,
    OWN_COUNT
};
/* "jobs" "audit" "payments" "log" "reconciliation" "proposals"; in JSON too */
const char *own_name(enum own o);

#define SNAPSHOT_CONTEXT_SIZE 32 /* settings_make() refuses a longer name */
struct snapshot {
    uint32_t refs;
    uint64_t generation;
    int64_t now_mono_ms, now_wall_ms;
    int utc_offset_s;
    char context[SNAPSHOT_CONTEXT_SIZE]; /* "dev", "staging", "prod", ... */
    bool production;
    struct section *sections[SERVICE_COUNT]; /* never NULL */
    struct section *own[OWN_COUNT];          /* never NULL */
    struct events *events;                   /* what changed, newest first; NULL = nothing */
    struct self_stats self;
};

struct snapshot *snapshot_new(const char *context, bool production); /* all sections empty */
struct snapshot *snapshot_ref(struct snapshot *s);
void snapshot_unref(struct snapshot *s);
/* A copy with one section replaced (takes over the caller's reference to sec). `old` keeps its own
 * reference. */
struct snapshot *snapshot_with(const struct snapshot *old, struct section *sec);
struct snapshot *snapshot_with_own(const struct snapshot *old, enum own o, struct section *sec);
/* Appends what the replacing of `before` by its successor in s changed. Only while nobody else
 * holds s. */
void snapshot_note_changes(struct snapshot *s, const struct section *before, int64_t wall_ms);
/* A copy at another time. */
struct snapshot *snapshot_at(const struct snapshot *old, int64_t now_mono_ms, int64_t now_wall_ms,
                             int utc_offset_s);

/* The worst of what is shown for the symptoms that fold under a service, HEALTH_OFF without any;
 * and for it and them. */
enum health snapshot_symptoms(const struct snapshot *s, enum service cause);
enum health snapshot_weight(const struct snapshot *s, enum service cause);
/* How many services are silent, where none of those that are asked over the network answers in
 * time, can be reached or has an address, and three of them at least need none of the others; else
 * 0. No service explains that: this machine's own network or load may. */
uint32_t snapshot_silent(const struct snapshot *s);
/* What to do then. */
#define SNAPSHOT_SILENT_TODO "`uptime`, `ip route` here first, then the host or network they share"

/* Bits of the services that no way leads to from this machine, where they are two at least and not
 * all are silent; else 0. One reason, of this machine's network or of a host that they share. */
uint32_t snapshot_cut_off(const struct snapshot *s);
#define SNAPSHOT_CUT_OFF_TODO "`ip route` here first, then the host or network they share"

/* Worst first; a cause with its symptoms right below it, as high as the worst of them; equals in
 * the inventory's order. Fills order[] with SERVICE_COUNT entries. */
void snapshot_worst_first(const struct snapshot *s, enum service order[SERVICE_COUNT]);
enum health snapshot_overall(const struct snapshot *s);
void snapshot_count(const struct snapshot *s, uint32_t counts[HEALTH_COUNT]);

#define SNAPSHOT_MAX_BYTES ((size_t)16 << 20)
/* The one codec ("goodgo.snapshot/1"): everything above, both ways, so that what was read is
 * written byte for byte as it was. snapshot_read refuses what is not one with position or path in
 * the error; unknown members are ignored, unknown services too. At most
 * SNAPSHOT_MAX_BYTES. */
void snapshot_write(const struct snapshot *s, struct str *out);
/* The services' sections alone, without their trends, on one line: half the bytes, for past.c. */
void snapshot_write_services(const struct snapshot *s, struct str *out);
struct snapshot *snapshot_read(const char *bytes, size_t n, struct err *err) MUST_CHECK;

#endif
