/* model/section.c - life and freshness of a section, and its trend. */
#include "model/section.h"

#include <stdlib.h>
#include <string.h>

static float no_point(void) {
    return __builtin_nanf("");
}

void trend_init(struct trend *t) {
    for (uint32_t i = 0; i < TREND_POINTS; i++)
        t->points[i] = no_point();
    t->last_bucket = 0;
}

static void trend_shift(struct trend *t, int64_t buckets) {
    uint32_t by = buckets > TREND_POINTS ? TREND_POINTS : (uint32_t)buckets;
    for (uint32_t i = 0; i + by < TREND_POINTS; i++)
        t->points[i] = t->points[i + by];
    for (uint32_t i = TREND_POINTS - by; i < TREND_POINTS; i++)
        t->points[i] = no_point();
}

void trend_add(struct trend *t, int64_t mono_ms, float v) {
    int64_t bucket = mono_ms / TREND_BUCKET_MS;
    if (!t->last_bucket)
        trend_init(t);
    else if (bucket > t->last_bucket)
        trend_shift(t, bucket - t->last_bucket);
    if (!t->last_bucket || bucket > t->last_bucket)
        t->last_bucket = bucket;
    float *newest = &t->points[TREND_POINTS - 1];
    if (*newest != *newest || v > *newest)
        *newest = v;
}

float trend_at(const struct trend *t, int64_t bucket) {
    int64_t at = bucket - t->last_bucket + TREND_POINTS - 1;
    return t->last_bucket && at >= 0 && at < TREND_POINTS ? t->points[at] : no_point();
}

struct section *section_new(enum service s) {
    struct section *sec = calloc(1, sizeof *sec);
    if (!sec)
        abort();
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

void section_keep_series(struct section *sec, const struct section *old, bool record) {
    uint32_t more = record ? sec->reading.n_metrics : 0, room = old->n_series + more;
    if (room > SECTION_SERIES_MAX)
        room = SECTION_SERIES_MAX;
    sec->series = arena_alloc(&sec->arena, room * sizeof *sec->series);
    sec->n_series = old->n_series;
    if (old->n_series)
        memcpy(sec->series, old->series, old->n_series * sizeof *sec->series);
    for (uint32_t i = 0; i < more; i++) {
        const struct metric *m = &sec->reading.metrics[i];
        struct series *s = find_series(sec, m->name);
        double d;
        if (!has_curve(m) || !value_number(m->value, &d))
            continue;
        if (!s)
            s = add_series(sec, m->name);
        if (!s)
            continue;
        s->unit = m->unit;
        hold(&s->trend, sec->taken_mono_ms / TREND_BUCKET_MS, old->interval_ms);
        trend_add(&s->trend, sec->taken_mono_ms, (float)d);
    }
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
