/* views/vitals_panel.c - the figures of a service in a grid that stays in place: label, value, and
 * a bar against its limit or, where there is room and it moves, its last 15 minutes. */
#include "panels_priv.h"

#include <string.h>

#define SPARK_COLS 8
#define VALUE_COLS 10
#define LIMIT_COLS 20 /* "1.27 MB/256 MB ####" */

struct grid {
    int across, cols, label_cols;
    bool sparks;
};

/* The i-th figure to draw. Which there are follows the server's role alone: nothing may jump. */
static const struct vital *vital_at(const struct snapshot *s, const struct section *sec,
                                    const struct service_panel *p, uint32_t i) {
    if (i < p->n_vitals)
        return &p->vitals[i];
    i -= p->n_vitals;
    for (uint32_t k = 0; k < PANEL_SOMETIMES && p->sometimes[k].metric; k++)
        if (find_metric(s, sec, p->sometimes[k].metric) && i-- == 0)
            return &p->sometimes[k];
    return NULL;
}

static struct grid grid_for(int w, const struct service_panel *p) {
    struct grid g = {.sparks = w >= 100};
    for (uint32_t i = 0; i < p->n_vitals; i++)
        if ((int)strlen(p->vitals[i].label) > g.label_cols)
            g.label_cols = (int)strlen(p->vitals[i].label);
    int cell = g.label_cols + 1 + VALUE_COLS + (g.sparks ? SPARK_COLS + 1 : 0);
    g.across = w / cell > 0 ? w / cell : 1;
    g.cols = w / g.across;
    if (g.cols > cell + 8)
        g.cols = cell + 8;
    return g;
}

static void draw_limit(struct cellbuf *b, struct rect r, int x, const struct snapshot *s,
                       const struct section *sec, const struct vital *v, double value) {
    const struct metric *limit = find_metric(s, sec, v->limit);
    double most;
    if (!limit || !value_number(limit->value, &most) || most <= 0)
        return;
    char text[32];
    format_metric(s, sec, v->limit, text, sizeof text);
    double pct = 100 * value / most;
    enum role role = pct >= 95 ? ROLE_CRITICAL : pct >= 80 ? ROLE_WARNING : ROLE_GRAPH;
    x += draw_fmt(b, r, x, r.y, ROLE_DIM, "/%s ", text);
    int room = r.x + r.w - x - 1;
    if (room >= 4)
        draw_bar(b, r, x, r.y, room > 10 ? 10 : room, pct, role);
}

/* A straight line tells nothing that the figure does not. */
static bool moves(const struct trend *t) {
    bool any = false;
    float low = 0, high = 0;
    for (uint32_t i = 0; t && i < TREND_POINTS; i++) {
        float v = t->points[i];
        if (v != v)
            continue;
        low = any && low < v ? low : v;
        high = any && high > v ? high : v;
        any = true;
    }
    return any && high > low;
}

static void draw_vital(struct cellbuf *b, struct rect r, const struct grid *g,
                       const struct snapshot *s, const struct section *sec, const struct vital *v) {
    char number[64];
    double value;
    bool dim = sec->failed || section_freshness(sec, s->now_mono_ms) >= FRESH_LATE;
    const struct metric *m = find_metric(s, sec, v->metric);
    format_metric(s, sec, v->metric, number, sizeof number);
    struct rect label = {r.x, r.y, g->label_cols, 1};
    draw_lit(b, label, r.x, r.y, v->label, ROLE_DIM);
    int x = r.x + g->label_cols + 1;
    x += draw_lit(b, r, x, r.y, number, m && !dim ? ROLE_TEXT : ROLE_DIM);
    if (!m || !value_number(m->value, &value))
        return;
    if (v->limit) {
        draw_limit(b, r, x, s, sec, v, value);
        return;
    }
    struct rect spark = {r.x + g->label_cols + 1 + VALUE_COLS, r.y, SPARK_COLS, 1};
    const struct trend *t = find_trend(s, sec, v->metric);
    if (g->sparks && x < spark.x && moves(t))
        draw_spark(b, spark, t, s->now_mono_ms, ROLE_GRAPH);
}

static int text_width(const struct snapshot *s, const struct section *sec, const struct vital *v) {
    char text[64];
    format_metric(s, sec, v->metric, text, sizeof text);
    return (int)text_cols(text, strlen(text));
}

/* A figure against its limit, or a long word, takes two places where one is too narrow. Which
 * takes two does not follow the figures: nothing may jump. */
static int span_of(const struct grid *g, const struct snapshot *s, const struct section *sec,
                   const struct vital *v) {
    const struct metric *m = find_metric(s, sec, v->metric);
    int room = g->cols - g->label_cols - 2;
    bool wide = v->limit                           ? room < LIMIT_COLS
                : m && m->value.kind == VALUE_TEXT ? text_width(s, sec, v) > room
                                                   : false;
    return wide && g->across > 1 ? 2 : 1;
}

int draw_vitals(struct cellbuf *b, struct rect r, const struct snapshot *s,
                const struct section *sec, const struct service_panel *p) {
    if (!sec->has_reading || r.h < 1)
        return 0;
    struct grid g = grid_for(r.w, p);
    const struct vital *v;
    int place = 0;
    for (uint32_t i = 0; (v = vital_at(s, sec, p, i)); i++) {
        int span = span_of(&g, s, sec, v);
        if (place % g.across + span > g.across)
            place += g.across - place % g.across;
        int row = place / g.across;
        if (row >= r.h)
            break;
        struct rect cell = {r.x + g.cols * (place % g.across), r.y + row, g.cols * span - 1, 1};
        draw_vital(b, cell, &g, s, sec, v);
        place += span;
    }
    int rows = (place + g.across - 1) / g.across;
    return rows < r.h ? rows : r.h;
}
