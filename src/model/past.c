/* model/past.c - the ring of snapshots; see past.h. */
#include "model/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

static const struct past_moment *moment(const struct past *p, uint32_t back) {
    return back && back <= p->n ? &p->ring[(p->first + p->n - back) % PAST_MAX] : NULL;
}

/* --- keeping --- */

static void drop_oldest(struct past *p) {
    struct past_moment *oldest = &p->ring[p->first];
    p->bytes -= oldest->n;
    free(oldest->json);
    *oldest = (struct past_moment){0};
    p->first = (p->first + 1) % PAST_MAX;
    p->n--;
}

void past_keep(struct past *p, const struct snapshot *s) {
    const struct past_moment *last = moment(p, 1);
    struct str out;
    if (last && s->now_mono_ms - last->mono_ms < PAST_STEP_MS)
        return;
    str_init(&out, PAST_MAX_BYTES);
    snapshot_write_services(s, &out);
    while (p->n && (p->n == PAST_MAX || p->bytes + out.len > PAST_MAX_BYTES))
        drop_oldest(p);
    struct past_moment kept = {mem_alloc(out.len + 1), out.len, s->now_mono_ms, s->now_wall_ms};
    memcpy(kept.json, str_get(&out), out.len + 1);
    p->bytes += kept.n;
    p->ring[(p->first + p->n++) % PAST_MAX] = kept;
    str_done(&out);
}

void past_clear(struct past *p) {
    while (p->n)
        drop_oldest(p);
}

/* --- going back --- */

static void add_present(struct snapshot *s, const struct snapshot *live) {
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        section_keep_series(s->sections[i], live->sections[i], false);
    for (uint32_t i = 0; i < OWN_COUNT; i++) {
        section_unref(s->own[i]);
        s->own[i] = section_ref(live->own[i]);
    }
    s->events = events_until(live->events, s->now_wall_ms);
    s->self = live->self;
}

struct snapshot *past_at(const struct past *p, uint32_t back, const struct snapshot *live) {
    const struct past_moment *kept = moment(p, back);
    struct err err;
    struct snapshot *s = kept ? snapshot_read(kept->json, kept->n, &err) : NULL;
    if (s)
        add_present(s, live);
    return s;
}

uint32_t past_find(const struct past *p, int64_t wall_ms) {
    for (uint32_t back = 1; back <= p->n; back++)
        if (moment(p, back)->wall_ms <= wall_ms)
            return back;
    return 0;
}

/* --- the words for a time --- */

static bool take_number(const char **text, int most, int *ret_n) {
    int n = 0, digits = 0;
    for (; char_is_digit(**text) && digits < 6; digits++)
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
