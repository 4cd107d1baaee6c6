/* model/section.c - life and freshness of a section, and its trend. */
#include "model/section.h"

#include <stdlib.h>

#define BUCKET_MS 10000

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
    int64_t bucket = mono_ms / BUCKET_MS;
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

struct section *section_new(enum service s) {
    struct section *sec = calloc(1, sizeof *sec);
    if (!sec)
        abort();
    sec->refs = 1;
    sec->service = s;
    sec->health = HEALTH_UNKNOWN;
    sec->summary = TEXT_LIT("");
    arena_init(&sec->arena);
    trend_init(&sec->trend);
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
