/* model/section.c - life and freshness of a section, and the trends of its figures. */
#include "model/section.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct section *section_new(enum service s) {
    struct section *sec = mem_zeroed(sizeof *sec);
    sec->refs = 1;
    sec->service = s;
    sec->health = HEALTH_UNKNOWN;
    sec->summary = TEXT_LIT("");
    arena_init(&sec->arena);
    reading_init(&sec->reading, &sec->arena);
    return sec;
}

struct section *section_ref(struct section *sec) {
    sec->refs++;
    return sec;
}

void section_unref(struct section *sec) {
    if (!sec || --sec->refs)
        return;
    arena_done(&sec->arena);
    free(sec);
}

static struct series *find_series(const struct section *sec, const char *metric) {
    for (uint32_t i = 0; metric && i < sec->n_series; i++)
        if (strcmp(sec->series[i].name, metric) == 0)
            return &sec->series[i];
    return NULL;
}

const struct series *section_series(const struct section *sec, const char *metric) {
    const struct series *s = find_series(sec, metric);
    return s && s->trend.last_bucket ? s : NULL;
}

const struct trend *section_trend(const struct section *sec, const char *metric) {
    const struct series *s = section_series(sec, metric);
    return s ? &s->trend : NULL;
}

static struct series *add_series(struct section *sec, const char *metric) {
    if (sec->n_series >= SECTION_SERIES_MAX)
        return NULL;
    struct series *s = &sec->series[sec->n_series++];
    s->name = metric;
    trend_init(&s->trend);
    return s;
}

/* Of times and yes-or-no there is no curve to draw. */
static bool has_curve(const struct metric *m) {
    double d;
    return m->unit != UNIT_BOOL && m->unit != UNIT_TIME && value_number(m->value, &d);
}

/* A figure that is asked seldom holds until the next answer is due: that is no gap. */
static void hold(struct trend *t, int64_t bucket, uint32_t interval_ms) {
    int64_t last = t->last_bucket, most = 2 * (int64_t)interval_ms / TREND_BUCKET_MS;
    float v = trend_at(t, last);
    for (int64_t i = last + 1; last && v == v && i < bucket && bucket - last <= most; i++)
        trend_add(t, i * TREND_BUCKET_MS, v);
}

static void record_metric(struct section *sec, const struct metric *m, uint32_t interval_ms) {
    double d;
    if (!has_curve(m) || !value_number(m->value, &d))
        return;
    struct series *s = find_series(sec, m->name);
    s = s ? s : add_series(sec, m->name);
    if (!s)
        return;
    s->unit = m->unit;
    hold(&s->trend, sec->taken_mono_ms / TREND_BUCKET_MS, interval_ms);
    trend_add(&s->trend, sec->taken_mono_ms, (float)d);
}

static void record_past(struct section *sec, const struct series *past) {
    struct series *s = find_series(sec, past->name);
    s = s ? s : add_series(sec, past->name);
    if (!s)
        return;
    s->unit = past->unit;
    trend_fill(&s->trend, &past->trend);
}

void section_keep_series(struct section *sec, const struct section *old, bool record) {
    uint32_t more = record ? sec->reading.n_metrics + sec->reading.n_past : 0;
    uint32_t room = old->n_series + more;
    if (room > SECTION_SERIES_MAX)
        room = SECTION_SERIES_MAX;
    sec->series = arena_alloc(&sec->arena, room * sizeof *sec->series);
    sec->n_series = old->n_series;
    if (old->n_series)
        memcpy(sec->series, old->series, old->n_series * sizeof *sec->series);
    if (!record)
        return;
    for (uint32_t i = 0; i < sec->reading.n_metrics; i++)
        record_metric(sec, &sec->reading.metrics[i], old->interval_ms);
    for (uint32_t i = 0; i < sec->reading.n_past; i++)
        record_past(sec, &sec->reading.past[i]);
}

enum freshness section_freshness(const struct section *sec, int64_t now_mono_ms) {
    if (!sec->has_reading)
        return FRESH_NONE;
    int64_t age_ms = now_mono_ms - sec->taken_mono_ms;
    int64_t interval_ms = sec->interval_ms ? sec->interval_ms : 10000;
    if (interval_ms < 2500)
        interval_ms = 2500; /* a short interval must not dim at every hiccup of the line */
    if (age_ms <= 2 * interval_ms)
        return FRESH_GOOD;
    return age_ms <= 4 * interval_ms ? FRESH_LATE : FRESH_OLD;
}

enum health section_shown_health(const struct section *sec, int64_t now_mono_ms) {
    if (sec->health == HEALTH_OFF || sec->failed)
        return sec->health;
    enum freshness f = section_freshness(sec, now_mono_ms);
    return f == FRESH_OLD || f == FRESH_NONE ? HEALTH_UNKNOWN : sec->health;
}
