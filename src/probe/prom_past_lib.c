/* probe/prom_past_lib.c - the traffic of the 15 minutes before the console was started, as
 * Prometheus remembers it: whoever opens the console because of a page sees what led there. One
 * range query, once. */
#include "prom_priv.h"

#include <math.h>
#include <string.h>

#define PAST_PRESETS 5    /* the first ones: the traffic */
#define VALUE_MAX    1e30 /* of a float, with room for what the views do with it */
#define PAST_MS      (TREND_POINTS * TREND_BUCKET_MS)

static const char *past_path(struct probe_run *run) {
    int64_t now_s = run->now_wall_ms / 1000;
    return arena_printf(run->arena,
                        "/api/v1/query_range?query=%s&start=%lld&end=%lld&step=%d&timeout=3s",
                        prom_query(run, PAST_PRESETS), (long long)(now_s - PAST_MS / 1000),
                        (long long)now_s, TREND_BUCKET_MS / 1000);
}

/* Once, and not in the first run: what is asked for one answer only needs no curve. */
bool prom_past_request(struct probe_run *run, struct exchange *ex) {
    const struct trend *known = section_trend(run->previous, prom_presets[0].metric);
    bool young = !known || isnan(trend_at(known, known->last_bucket - TREND_POINTS / 2));
    return run->previous->has_reading && young && prom_ask(run, ex, past_path(run));
}

static void past_points(const struct probe_run *run, const struct json *series, struct trend *t) {
    for (const struct json *p = json_first(json_get(series, "values")); p; p = json_next(p)) {
        double at_s, v;
        if (!json_double(p, "[0]", &at_s) || !json_double(p, "[1]", &v) || !(fabs(v) < VALUE_MAX))
            continue;
        double ago_ms = (double)run->now_wall_ms - at_s * 1000;
        if (ago_ms >= 0 && ago_ms <= PAST_MS)
            trend_add(t, run->now_mono_ms - (int64_t)ago_ms, (float)v);
    }
}

static const struct prom_preset *preset_of(const char *name) {
    for (size_t i = 0; name && i < PAST_PRESETS; i++)
        if (strcmp(prom_presets[i].metric, name) == 0)
            return &prom_presets[i];
    return NULL;
}

bool prom_past_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                     struct err *err) {
    const struct json *data;
    struct json *j = prom_data(run, reply, "/api/v1/query_range", &data, err);
    if (!j)
        return false;
    const struct json *result = json_get(data, "result");
    for (const struct json *s = json_first(result); s; s = json_next(s)) {
        const struct prom_preset *p = preset_of(json_string(s, "metric.preset"));
        struct trend *t = p ? reading_past(out, p->metric, p->unit) : NULL;
        if (t)
            past_points(run, s, t);
    }
    json_free(j);
    return true;
}
