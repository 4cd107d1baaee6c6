/* model/snapshot.c - the set of sections, its order, and its life. The codec is snapshot_write.c,
 * snapshot_read.c. */
#include "model/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *own_name(enum own o) {
    static const char *const names[OWN_COUNT] = {"jobs", "audit",          "payments",
                                                 "log",  "reconciliation", "proposals"};
    return names[o];
}

struct snapshot *snapshot_new(const char *context, bool production) {
    struct snapshot *s = mem_zeroed(sizeof *s);
    s->refs = 1;
    text_clean_into(s->context, sizeof s->context, context, strlen(context));
    s->production = production;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        s->sections[i] = section_new((enum service)i);
    for (uint32_t i = 0; i < OWN_COUNT; i++)
        s->own[i] = section_new(SERVICE_COUNT);
    return s;
}

struct snapshot *snapshot_ref(struct snapshot *s) {
    s->refs++;
    return s;
}

void snapshot_unref(struct snapshot *s) {
    if (!s || --s->refs)
        return;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        section_unref(s->sections[i]);
    for (uint32_t i = 0; i < OWN_COUNT; i++)
        section_unref(s->own[i]);
    events_unref(s->events);
    free(s);
}

static struct snapshot *copy(const struct snapshot *old) {
    struct snapshot *s = mem_alloc(sizeof *s);
    *s = *old;
    s->refs = 1;
    s->generation = old->generation + 1;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        section_ref(s->sections[i]);
    for (uint32_t i = 0; i < OWN_COUNT; i++)
        section_ref(s->own[i]);
    events_ref(s->events);
    return s;
}

struct snapshot *snapshot_with(const struct snapshot *old, struct section *sec) {
    struct snapshot *s = copy(old);
    section_unref(s->sections[sec->service]);
    s->sections[sec->service] = sec;
    return s;
}

struct snapshot *snapshot_with_own(const struct snapshot *old, enum own o, struct section *sec) {
    struct snapshot *s = copy(old);
    section_unref(s->own[o]);
    s->own[o] = sec;
    return s;
}

void snapshot_note_changes(struct snapshot *s, const struct section *before, int64_t wall_ms) {
    s->events = events_between(s->events, before, s->sections[before->service], wall_ms);
}

struct snapshot *snapshot_at(const struct snapshot *old, int64_t now_mono_ms, int64_t now_wall_ms,
                             int utc_offset_s) {
    struct snapshot *s = copy(old);
    s->generation = old->generation;
    s->now_mono_ms = now_mono_ms;
    s->now_wall_ms = now_wall_ms;
    s->utc_offset_s = utc_offset_s;
    return s;
}

/* Higher comes first. A symptom stands below its cause whatever its own state. */
static int rank(const struct snapshot *s, enum service i) {
    const struct section *sec = s->sections[i];
    int urgency = (int)section_shown_health(sec, s->now_mono_ms) * 2;
    return urgency + (sec->caused_by ? 0 : 1);
}

void snapshot_worst_first(const struct snapshot *s, enum service order[SERVICE_COUNT]) {
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        uint32_t at = i;
        for (; at > 0 && rank(s, order[at - 1]) < rank(s, (enum service)i); at--)
            order[at] = order[at - 1];
        order[at] = (enum service)i;
    }
}

enum health snapshot_overall(const struct snapshot *s) {
    enum health worst = HEALTH_OFF;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        worst = health_worse(worst, section_shown_health(s->sections[i], s->now_mono_ms));
    return worst == HEALTH_OFF ? HEALTH_UNKNOWN : worst;
}

void snapshot_count(const struct snapshot *s, uint32_t counts[HEALTH_COUNT]) {
    for (uint32_t i = 0; i < HEALTH_COUNT; i++)
        counts[i] = 0;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        counts[section_shown_health(s->sections[i], s->now_mono_ms)]++;
}
