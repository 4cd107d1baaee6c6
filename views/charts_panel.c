/* views/charts_panel.c - fifteen minutes of a few figures: charts side by side where there is
 * height, else one line of blocks. */
#include "panels_priv.h"

#define CHART_GAP 2

static uint32_t with_trend(const struct snapshot *s, const struct section *own,
                           const struct vital *charts, uint32_t n, const struct vital **ret_list) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++)
        if (charts[i].metric && find_trend(s, own, charts[i].metric))
            ret_list[found++] = &charts[i];
    return found;
}

int draw_charts(struct cellbuf *b, struct rect r, const struct snapshot *s,
                const struct section *own, const struct vital *charts, uint32_t n) {
    const struct vital *list[8];
    uint32_t found = with_trend(s, own, charts, n < 8 ? n : 8, list);
    int64_t span_ms = 0;
    if (!found || r.h < 4)
        return 0;
    for (uint32_t i = 0; i < found; i++) {
        int64_t own_ms = chart_span(find_trend(s, own, list[i]->metric), s->now_mono_ms);
        span_ms = own_ms > span_ms ? own_ms : span_ms;
    }
    for (uint32_t i = 0; i < found; i++) {
        const struct metric *m = find_metric(s, own, list[i]->metric);
        struct chart c = {.title = list[i]->label,
                          .span_ms = span_ms,
                          .trend = find_trend(s, own, list[i]->metric),
                          .unit = find_series(s, own, list[i]->metric)->unit,
                          .now = m ? m->value : value_none()};
        draw_chart(b, rect_part(r, (int)i, (int)found, CHART_GAP), &c, s);
    }
    return r.h;
}

int draw_sparks(struct cellbuf *b, struct rect r, const struct snapshot *s,
                const struct section *own, const struct vital *charts, uint32_t n) {
    const struct vital *list[8];
    uint32_t found = with_trend(s, own, charts, n < 8 ? n : 8, list);
    if (!found || r.h < 1)
        return 0;
    for (uint32_t i = 0; i < found; i++) {
        struct rect part = rect_part(r, (int)i, (int)found, CHART_GAP);
        char now[32];
        format_metric(s, own, list[i]->metric, now, sizeof now);
        int x = part.x + draw_fmt(b, part, part.x, r.y, ROLE_DIM, "%s ", list[i]->label);
        x += draw_fmt(b, part, x, r.y, ROLE_TEXT, "%s ", now);
        struct rect spark = {x, r.y, part.x + part.w - x, 1};
        if (spark.w > 20)
            spark.w = 20;
        draw_spark(b, spark, find_trend(s, own, list[i]->metric), s->now_mono_ms, ROLE_GRAPH);
    }
    return 1;
}
