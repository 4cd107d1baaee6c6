/* model/trend.h - fifteen minutes of one figure in buckets of ten seconds. A value: copied by
 * assignment. */
#ifndef GOODGO_MODEL_TREND_H
#define GOODGO_MODEL_TREND_H

#include <stdint.h>

#define TREND_POINTS    90
#define TREND_BUCKET_MS 10000
struct trend {
    float points[TREND_POINTS]; /* oldest first; NaN = no reading in that bucket */
    int64_t last_bucket;        /* mono_ms / TREND_BUCKET_MS of points[TREND_POINTS-1]; 0 = empty */
};
void trend_init(struct trend *t);
void trend_add(struct trend *t, int64_t mono_ms, float v); /* keeps the highest value of a bucket */
float trend_at(const struct trend *t, int64_t bucket); /* NaN outside and where nothing was read */
/* Puts what `from` knows into the buckets where t knows nothing. */
void trend_fill(struct trend *t, const struct trend *from);

#endif
