/* model/trend.c - the buckets of a trend; see trend.h. */
#include "model/trend.h"

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

void trend_fill(struct trend *t, const struct trend *from) {
    if (!from->last_bucket)
        return;
    if (!t->last_bucket) {
        *t = *from;
        return;
    }
    for (int64_t i = 0; i < TREND_POINTS; i++)
        if (t->points[i] != t->points[i])
            t->points[i] = trend_at(from, t->last_bucket - TREND_POINTS + 1 + i);
}
