/* model/events.h - what changed on the platform while we watched: services that fell ill or got
 * well, alerts that began or ended, back-ends that were restarted or replaced. Newest first,
 * bounded, immutable once part of a snapshot, counted by reference. */
#ifndef GOODGO_MODEL_EVENTS_H
#define GOODGO_MODEL_EVENTS_H

#include "model/section.h"

#define EVENTS_MAX 200

enum event_kind {
    EVENT_HEALTH,  /* a service's health */
    EVENT_ALERT,   /* an alert of Prometheus */
    EVENT_RESTART, /* its uptime went back, or began since it was read last */
    EVENT_VERSION, /* another version answers */
    EVENT_KIND_COUNT
};
const char *event_kind_name(enum event_kind k); /* "health" "alert" "restart" "version"; in JSON */
bool event_kind_parse(const char *name, enum event_kind *ret_kind);

struct event {
    int64_t wall_ms;
    enum event_kind kind;
    enum service service;  /* who said it */
    enum health health;    /* how bad it is now */
    char subject[64];      /* "redis", or the alert's name; cleaned, as all texts here */
    char from[40], to[40]; /* "ok" -> "critical", "pending" -> "firing", "7.0.15" -> "7.2.4" */
    char why[200];
};

struct events {
    uint32_t refs, n;
    struct event list[]; /* newest first */
};

struct events *events_ref(struct events *e); /* NULL is an empty list throughout */
void events_unref(struct events *e);
/* A new list with `e` in front; takes over the caller's reference to `old`, which others may still
 * hold. */
struct events *events_with(struct events *old, const struct event *e);
/* A new list of those up to a moment; NULL when there is none. */
struct events *events_until(const struct events *e, int64_t wall_ms);
/* The new list after `before` was replaced by `after`; takes over the reference to `old` and
 * returns it as it is when nothing changed. The first good answer of a service is no change. */
struct events *events_between(struct events *old, const struct section *before,
                              const struct section *after, int64_t wall_ms);

#endif
