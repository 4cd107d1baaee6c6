/* model/snapshot.c - the set of sections, its order, and its life. The codec is snapshot_write.c,
 * snapshot_read.c. */
#include "model/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
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

static bool is_symptom_of(const struct section *sec, enum service cause) {
    return sec->health != HEALTH_OFF && sec->caused_by &&
           strcmp(sec->caused_by, service_name(cause)) == 0;
}

enum health snapshot_symptoms(const struct snapshot *s, enum service cause) {
    enum health worst = HEALTH_OFF;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        if (is_symptom_of(s->sections[i], cause))
            worst = health_worse(worst, section_shown_health(s->sections[i], s->now_mono_ms));
    return worst;
}

enum health snapshot_weight(const struct snapshot *s, enum service cause) {
    enum health own = section_shown_health(s->sections[cause], s->now_mono_ms);
    return health_worse(own, snapshot_symptoms(s, cause));
}

#define SILENT_ALONE_MIN 3 /* two may hang by chance */

/* The backups are a directory of this machine: they say nothing about the network. */
static bool is_asked_over_network(const struct section *sec) {
    return sec->health != HEALTH_OFF && sec->service != SERVICE_pg_backup;
}

static bool section_is_silent(const struct section *sec) {
    return sec->failed && (sec->err.code == E_TIMEOUT || sec->err.code == E_RESOLVE ||
                           sec->err.code == E_UNREACHABLE);
}

uint32_t snapshot_silent(const struct snapshot *s) {
    uint32_t silent = 0, n = 0, n_alone = 0;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        if (!is_asked_over_network(s->sections[i]))
            continue;
        if (!section_is_silent(s->sections[i]))
            return 0;
        silent |= BIT(i);
        n++;
    }
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        n_alone += (silent & BIT(i)) && !(s->sections[i]->depends & silent);
    return n_alone >= SILENT_ALONE_MIN ? n : 0;
}

uint32_t snapshot_cut_off(const struct snapshot *s) {
    uint32_t bits = 0;
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        const struct section *sec = s->sections[i];
        if (sec->health != HEALTH_OFF && sec->failed && sec->err.code == E_UNREACHABLE)
            bits |= BIT(i);
    }
    bool several = (bits & (bits - 1)) != 0;
    return several && !snapshot_silent(s) ? bits : 0;
}

/* Where a service stands: with its cause, which stands as high as the worst that it causes. */
struct place {
    int weight, cause, below, own; /* each an earlier reason than the next; the lower first */
};

static struct place place_of(const struct snapshot *s, enum service i) {
    const struct section *sec = s->sections[i];
    enum service cause = i;
    bool below =
        sec->caused_by && sec->health != HEALTH_OFF && service_parse(sec->caused_by, &cause);
    return (struct place){-(int)snapshot_weight(s, cause), (int)cause, below,
                          -(int)section_shown_health(sec, s->now_mono_ms)};
}

static bool goes_before(const struct place *a, const struct place *b) {
    if (a->weight != b->weight)
        return a->weight < b->weight;
    if (a->cause != b->cause)
        return a->cause < b->cause;
    return a->below != b->below ? a->below < b->below : a->own < b->own;
}

void snapshot_worst_first(const struct snapshot *s, enum service order[SERVICE_COUNT]) {
    struct place places[SERVICE_COUNT];
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        uint32_t at = i;
        places[i] = place_of(s, (enum service)i);
        for (; at > 0 && goes_before(&places[i], &places[order[at - 1]]); at--)
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
