/* model/past.c - the ring of snapshots; see past.h. */
#include "model/past.h"

#include <string.h>

#define DAY_S 86400

static struct snapshot *entry(const struct past *p, uint32_t back) {
    return back && back <= p->n ? p->ring[(p->first + p->n - back) % PAST_MAX] : NULL;
}

/* --- keeping --- */

/* Each attempt changes when it was tried, and folding under a cause makes a new section of an old
 * one. */
static bool unchanged(const struct section *a, const struct section *b) {
    return a->tried_mono_ms == b->tried_mono_ms && a->caused_by == b->caused_by &&
           a->health == b->health;
}

static void replace(struct section **at, struct section *sec) {
    section_unref(*at);
    *at = sec;
}

void past_keep(struct past *p, const struct snapshot *s) {
    const struct snapshot *last = entry(p, 1);
    if (last && s->now_mono_ms - last->now_mono_ms < PAST_STEP_MS)
        return;
    struct snapshot *kept = snapshot_at(s, s->now_mono_ms, s->now_wall_ms, s->utc_offset_s);
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        bool same = last && unchanged(s->sections[i], last->sections[i]);
        replace(&kept->sections[i],
                same ? section_ref(last->sections[i]) : section_copy(s->sections[i]));
    }
    for (uint32_t i = 0; i < OWN_COUNT; i++)
        replace(&kept->own[i], last ? section_ref(last->own[i]) : section_new(SERVICE_COUNT));
    if (p->n == PAST_MAX) {
        snapshot_unref(p->ring[p->first]);
        p->first = (p->first + 1) % PAST_MAX;
        p->n--;
    }
    p->ring[(p->first + p->n++) % PAST_MAX] = kept;
}

void past_clear(struct past *p) {
    for (uint32_t back = 1; back <= p->n; back++)
        snapshot_unref(entry(p, back));
    memset(p, 0, sizeof *p);
}

/* --- going back --- */

struct snapshot *past_at(const struct past *p, uint32_t back, const struct snapshot *live) {
    const struct snapshot *kept = entry(p, back);
    if (!kept)
        return NULL;
    struct snapshot *s =
        snapshot_at(kept, kept->now_mono_ms, kept->now_wall_ms, kept->utc_offset_s);
    for (uint32_t i = 0; i < SERVICE_COUNT; i++) {
        struct section *sec = section_copy(kept->sections[i]);
        section_keep_series(sec, live->sections[i], false);
        replace(&s->sections[i], sec);
    }
    for (uint32_t i = 0; i < OWN_COUNT; i++)
        replace(&s->own[i], section_ref(live->own[i]));
    return s;
}

uint32_t past_find(const struct past *p, int64_t wall_ms) {
    for (uint32_t back = 1; back <= p->n; back++)
        if (entry(p, back)->now_wall_ms <= wall_ms)
            return back;
    return 0;
}

/* --- the words for a time --- */

static bool take_number(const char **text, int most, int *ret_n) {
    int n = 0, digits = 0;
    for (; **text >= '0' && **text <= '9' && digits < 6; digits++)
        n = n * 10 + *(*text)++ - '0';
    *ret_n = n;
    return digits && n <= most;
}

static bool parse_ago(const char *text, int64_t now_ms, int64_t *ret_wall_ms) {
    int n;
    if (!take_number(&text, 100000, &n) || !*text || text[1])
        return false;
    int64_t unit_ms = *text == 's' ? 1000 : *text == 'm' ? 60000 : *text == 'h' ? 3600000 : 0;
    *ret_wall_ms = now_ms - n * unit_ms;
    return unit_ms != 0;
}

static bool parse_clock(const char *text, const struct snapshot *s, int64_t *ret_wall_ms) {
    int hour, minute, second = 0;
    if (!take_number(&text, 23, &hour) || *text++ != ':' || !take_number(&text, 59, &minute))
        return false;
    if (*text == ':' && (text++, !take_number(&text, 59, &second)))
        return false;
    int64_t now_s = s->now_wall_ms / 1000, local_s = now_s + s->utc_offset_s;
    int64_t at_s = local_s - local_s % DAY_S + hour * 3600 + minute * 60 + second - s->utc_offset_s;
    *ret_wall_ms = (at_s > now_s ? at_s - DAY_S : at_s) * 1000;
    return !*text;
}

bool past_parse_time(const char *text, const struct snapshot *s, int64_t *ret_wall_ms) {
    return strchr(text, ':') ? parse_clock(text, s, ret_wall_ms)
                             : parse_ago(text, s->now_wall_ms, ret_wall_ms);
}
