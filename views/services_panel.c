/* views/services_panel.c - draws Overview's table: wide screens get more columns, and nothing in a
 * well row moves by the second. */
#include "services_priv.h"

#include <string.h>

#include "base/attr.h"

/* Where the columns of one width begin; a width of 0 leaves the column out. */
struct layout {
    struct {
        int x, w;
    } col[COL_COUNT], label, spark;
};

#define SUMMARY_COLS 52  /* wider would only be air */
#define RATE_FROM    116 /* columns of the screen, from which on there is one */
#define TROUBLE_FROM 132
#define REST_FROM    160
#define NUMBER_COLS  6 /* of a trouble, in front of what it counts */
#define TROUBLE_COLS (NUMBER_COLS + 1 + 7)

static void place(struct layout *l, int column, int w, int *x) {
    l->col[column].x = *x;
    l->col[column].w = w;
    *x += w + 1;
}

static int right_cols(int w) {
    return (w >= RATE_FROM ? 8 + 1 : 0) + (w >= TROUBLE_FROM ? TROUBLE_COLS + 1 : 0) +
           (w >= REST_FROM ? 7 + 1 + 12 + 1 + 7 + 1 : 0) + 4;
}

static void place_trend(struct layout *l, int w, int *x) {
    int spark = w >= RATE_FROM ? 12 : w >= 96 ? 10 : w >= 76 ? 6 : 0;
    int label = w >= 96 ? 9 + 1 : 0;
    int summary = w - *x - right_cols(w) - label - (spark ? spark + 1 : 0) - 1;
    if (summary > SUMMARY_COLS && spark) {
        int more = summary - SUMMARY_COLS;
        spark = spark + more < TREND_POINTS ? spark + more : TREND_POINTS;
        summary = w - *x - right_cols(w) - label - spark - 2;
    }
    place(l, COL_SUMMARY, summary > 0 ? summary : 0, x);
    l->label.x = *x;
    l->label.w = label ? label - 1 : 0;
    l->spark.x = *x + label;
    l->spark.w = spark;
    *x += label + (spark ? spark + 1 : 0);
}

static struct layout layout_for(int w) {
    struct layout l = {0};
    int x = 1;
    place(&l, COL_STATE, 2, &x);
    place(&l, COL_SERVICE, 11, &x);
    if (w >= 60)
        place(&l, COL_FOR, 5, &x);
    if (w >= 72)
        place(&l, COL_LATENCY, 5, &x);
    place_trend(&l, w, &x);
    if (w >= RATE_FROM)
        place(&l, COL_RATE, 8, &x);
    if (w >= TROUBLE_FROM)
        place(&l, COL_TROUBLE, TROUBLE_COLS, &x);
    if (w >= REST_FROM) {
        place(&l, COL_TIME, 7, &x);
        place(&l, COL_VERSION, 12, &x);
        place(&l, COL_FAILED, 7, &x);
    }
    x = w - 4;
    place(&l, COL_AGE, 4, &x);
    return l;
}

static uint32_t shown_columns(const struct layout *l) {
    uint32_t bits = 0;
    for (uint32_t c = 0; c < COL_COUNT; c++)
        if (l->col[c].w)
            bits |= BIT(c);
    return bits;
}

/* "1-10 of 13", "1 of 13  /redis" in the place of the column's name: a list that is not whole says
 * so. */
static void draw_part(struct cellbuf *b, struct rect cell, const struct table_state *ts, uint32_t n,
                      uint32_t total) {
    bool all = (uint32_t)ts->rows_h >= n;
    if (all && !*ts->filter)
        return;
    draw_fill(b, cell, ROLE_HEADER);
    int x = cell.x;
    x += all ? draw_fmt(b, cell, x, cell.y, ROLE_KEY, "%u of %u", n, total)
             : draw_fmt(b, cell, x, cell.y, ROLE_KEY, "%u-%u of %u", ts->scroll + 1,
                        ts->scroll + (uint32_t)ts->rows_h, n);
    if (*ts->filter)
        draw_fmt(b, cell, x, cell.y, ROLE_KEY, "  /%s", ts->filter);
}

static void draw_heading(struct cellbuf *b, struct rect r, const struct layout *l,
                         const struct table_state *ts) {
    struct rect line = {r.x, r.y, r.w, 1};
    draw_fill(b, line, ROLE_HEADER);
    for (int c = 0; c < COL_COUNT; c++) {
        if (!l->col[c].w)
            continue;
        bool right = c != COL_STATE && c != COL_SERVICE && c != COL_SUMMARY && c != COL_VERSION;
        bool sorted = ts->sort_column == c;
        const char *title = c == COL_SUMMARY && l->col[c].w < 10 ? "" : services_columns[c].title;
        int cols = (int)strlen(title) + sorted;
        int x = r.x + l->col[c].x + (right && cols < l->col[c].w ? l->col[c].w - cols : 0);
        x += draw_lit(b, line, x, r.y, title, ROLE_HEADER);
        if (sorted)
            draw_sort_mark(b, line, x, r.y, ts->sort_descending);
    }
    if (l->spark.w)
        draw_lit(b, line, r.x + (l->label.w ? l->label.x : l->spark.x), r.y,
                 l->label.w        ? "15 MIN OF"
                 : l->spark.w >= 6 ? "15 MIN"
                                   : "",
                 ROLE_HEADER);
}

/* At most five columns. Of a well service minutes are enough, and of an ill one steps of ten
 * seconds after the first minute: what ticks each second would be most of what the board sends. */
static void format_for(int64_t ms, bool well, char *buf, size_t size) {
    int64_t s = ms / 1000;
    bool two_units = (s < 600 && !well) || (s >= 3600 && s < 36000) || (s >= 86400 && s < 864000);
    if (s < 60 && well) {
        str_copy(buf, size, "<1m");
        return;
    }
    if (s < 60 || two_units) {
        format_age(s < 60 ? ms : ms - ms % 10000, buf, size);
        return;
    }
    static const char *const units[] = {"m", "h", "d"};
    int unit = s < 3600 ? 0 : s < 86400 ? 1 : 2;
    int64_t seconds[] = {60, 3600, 86400};
    value_format(value_int(s / seconds[unit]), UNIT_COUNT, 0, buf, size);
    str_copy(buf + strlen(buf), size - strlen(buf), units[unit]);
}

static void draw_since(struct cellbuf *b, struct rect cell, const struct snapshot *s,
                       const struct section *sec, enum health shown) {
    char since[32];
    bool well = shown == HEALTH_OK;
    if (!sec->since_mono_ms)
        return;
    format_for(s->now_mono_ms - sec->since_mono_ms, well, since, sizeof since);
    draw_right(b, cell, cell.y, well ? ROLE_DIM : ROLE_TEXT, "%s", since);
}

static void draw_latency(struct cellbuf *b, struct rect cell, const struct section *sec) {
    char latency[32];
    if (!sec->has_reading || sec->failed) {
        draw_right(b, cell, cell.y, ROLE_DIM, "-");
        return;
    }
    if (sec->latency_ms < 1) {
        draw_right(b, cell, cell.y, ROLE_DIM, "<1ms");
        return;
    }
    value_format(value_real(sec->latency_ms), UNIT_MS, 0, latency, sizeof latency);
    char *point = sec->latency_ms < 10 ? strchr(latency, '.') : NULL;
    if (point) /* the tenth of a millisecond is noise */
        memmove(point, point + 2, strlen(point + 2) + 1);
    draw_right(b, cell, cell.y, ROLE_DIM, "%s", latency);
}

static void draw_figure(struct cellbuf *b, struct rect cell, const struct snapshot *s,
                        const struct section *sec, const char *name) {
    char number[32] = "-";
    if (name && sec->has_reading)
        format_metric(s, sec, name, number, sizeof number);
    draw_right(b, cell, cell.y, ROLE_DIM, "%s", number);
}

/* "38 waiting", "0.4% 5xx": each service has a trouble of its own, and its figure says which. */
static void draw_trouble(struct cellbuf *b, struct rect cell, const struct snapshot *s,
                         const struct section *sec, const struct service_panel *p) {
    const char *name = p ? p->trouble.metric : NULL;
    struct rect number = {cell.x, cell.y, NUMBER_COLS, 1};
    draw_figure(b, number, s, sec, name);
    if (name && sec->has_reading && find_metric(s, sec, name))
        draw_lit(b, cell, cell.x + NUMBER_COLS + 1, cell.y, p->trouble.label, ROLE_DIM);
}

static void draw_trend(struct cellbuf *b, struct rect r, const struct layout *l,
                       const struct snapshot *s, const struct section *sec,
                       const struct service_panel *p) {
    const struct vital *v = p && p->charts[0].metric ? &p->charts[0] : NULL;
    const char *metric = v ? v->metric : sec->key_metric;
    if (!metric || !l->spark.w)
        return;
    struct rect label = {r.x + l->label.x, r.y, l->label.w, 1};
    if (label.w > 0)
        draw_lit(b, label, label.x, r.y, v ? v->label : metric, ROLE_DIM);
    draw_spark(b, (struct rect){r.x + l->spark.x, r.y, l->spark.w, 1}, find_trend(s, sec, metric),
               s->now_mono_ms, ROLE_GRAPH);
}

static struct rect cell_of(struct rect r, const struct layout *l, int column) {
    return (struct rect){r.x + l->col[column].x, r.y, l->col[column].w, 1};
}

static void draw_numbers(struct cellbuf *b, struct rect r, const struct layout *l,
                         const struct snapshot *s, const struct section *sec,
                         const struct service_panel *p) {
    if (l->col[COL_RATE].w)
        draw_figure(b, cell_of(r, l, COL_RATE), s, sec, p ? p->rate : NULL);
    if (l->col[COL_TROUBLE].w)
        draw_trouble(b, cell_of(r, l, COL_TROUBLE), s, sec, p);
    if (!l->col[COL_VERSION].w)
        return;
    draw_figure(b, cell_of(r, l, COL_TIME), s, sec, p ? p->time : NULL);
    char version[64];
    struct rect cell = cell_of(r, l, COL_VERSION);
    format_metric(s, sec, "version", version, sizeof version);
    draw_lit(b, cell, cell.x, r.y, version, ROLE_DIM);
    if (sec->asked)
        draw_right(b, cell_of(r, l, COL_FAILED), r.y, sec->lost ? ROLE_WARNING : ROLE_DIM,
                   sec->lost ? "%.1f%%" : "%.0f%%", 100.0 * sec->lost / sec->asked);
}

static void draw_summary(struct cellbuf *b, struct rect cell, const struct section *sec,
                         enum health shown, bool late) {
    if (!sec->tried_mono_ms) {
        draw_lit(b, cell, cell.x, cell.y, "no answer yet", ROLE_DIM);
        return;
    }
    enum role role = late ? ROLE_DIM : shown == HEALTH_OK ? ROLE_TEXT : role_of_health(shown);
    draw_parts(b, cell, cell.x, cell.y, sec->summary, role);
}

/* Half a name is no name: a long one comes nearer to the branch it hangs on. */
static void draw_name(struct cellbuf *b, struct rect cell, const char *name, enum role role,
                      bool below) {
    int x = cell.x, indent = cell.w - (int)strlen(name);
    if (below) {
        draw_lit(b, cell, x, cell.y, b->ascii ? "`-" : "\xe2\x94\x94 ", ROLE_RULE);
        x += indent < 1 ? 1 : indent < 2 ? indent : 2;
    }
    draw_lit(b, (struct rect){x, cell.y, cell.x + cell.w - x, 1}, x, cell.y, name, role);
}

static void draw_service(struct cellbuf *b, struct rect r, const struct layout *l,
                         const struct snapshot *s, const struct section *sec, bool below) {
    enum health shown = section_shown_health(sec, s->now_mono_ms);
    bool late = section_freshness(sec, s->now_mono_ms) >= FRESH_LATE;
    struct rect name = cell_of(r, l, COL_SERVICE);
    if (shown == HEALTH_CRITICAL)
        draw_lit(b, r, r.x, r.y, "!", ROLE_CRITICAL);
    draw_health(b, r, r.x + l->col[COL_STATE].x, r.y, shown);
    draw_name(b, name, service_name(sec->service),
              shown == HEALTH_CRITICAL ? ROLE_CRITICAL : ROLE_TEXT, below);
    if (l->col[COL_FOR].w)
        draw_since(b, cell_of(r, l, COL_FOR), s, sec, shown);
    if (l->col[COL_LATENCY].w)
        draw_latency(b, cell_of(r, l, COL_LATENCY), sec);
    const struct service_panel *p = panel_of(sec);
    struct rect summary = cell_of(r, l, COL_SUMMARY);
    bool needs_trend = sec->failed && (int)sec->summary.cols > summary.w && l->spark.w;
    if (needs_trend) /* why it fails is wanted more than how it was before */
        summary.w = l->spark.x + l->spark.w - l->col[COL_SUMMARY].x;
    draw_summary(b, summary, sec, shown, late);
    if (!needs_trend)
        draw_trend(b, r, l, s, sec, p);
    draw_numbers(b, r, l, s, sec, p);
    draw_age(b, r, r.x + l->col[COL_AGE].x, r.y, sec, s->now_mono_ms);
}

/* " CR └ api, web fold under pgbouncer (2)": what is folded away still shows how bad it is. */
static void draw_fold(struct cellbuf *b, struct rect r, const struct layout *l,
                      const struct row *row, enum health worst, bool open) {
    if (!open)
        draw_health(b, r, r.x + l->col[COL_STATE].x, r.y, worst);
    int x = r.x + l->col[COL_SERVICE].x;
    const char *mark = b->ascii ? (open ? "- " : "+ ") : open ? "\xe2\x96\xbe " : "\xe2\x96\xb8 ";
    x += draw_lit(b, r, x, r.y, b->ascii ? "`" : "\xe2\x94\x94", ROLE_RULE);
    x += draw_lit(b, r, x, r.y, mark, ROLE_KEY);
    x += draw_text(b, r, x, r.y, row->cells[COL_SUMMARY].t, ROLE_DIM);
    if (x + 16 < r.x + r.w)
        draw_said(b, r, x + 2, r.y, open ? "{open} folds" : "{open} opens", ROLE_DIM);
}

static void draw_one(struct cellbuf *b, struct rect r, const struct layout *l,
                     const struct snapshot *s, const struct ui_state *ui, const struct row *row) {
    enum service service;
    if (is_fold(row, &service))
        draw_fold(b, r, l, row, snapshot_symptoms(s, service), (ui->unfolded & BIT(service)) != 0);
    else if (service_parse(row->key.s, &service))
        draw_service(b, r, l, s, s->sections[service],
                     !services_flat(ui) && hangs_below(s, s->sections[service]));
}

static void draw_list(struct cellbuf *b, struct rect r, const struct layout *l,
                      const struct snapshot *s, struct ui_state *ui, const struct table *t,
                      const uint32_t *indices, uint32_t n) {
    struct table_state *ts = ui_table(ui, 0);
    uint32_t selected = table_selected(t, ts, indices, n), room = r.h > 0 ? (uint32_t)r.h : 0;
    ts->scroll = selected >= room && room ? selected - room + 1 : 0;
    ts->rows_x = (int16_t)r.x;
    ts->rows_y = (int16_t)r.y;
    ts->rows_w = (int16_t)r.w;
    ts->rows_h = (int16_t)(n - ts->scroll < room ? n - ts->scroll : room);
    for (int i = 0; i < ts->rows_h; i++) {
        struct rect line = {r.x, r.y + i, r.w, 1};
        int beside = l->col[COL_SERVICE].x; /* the sign keeps its colour */
        const struct row *row = &t->rows[indices[ts->scroll + (uint32_t)i]];
        draw_one(b, line, l, s, ui, row);
        if (marks_have(ts->marks, row->key.s))
            draw_lit(b, line, r.x + beside - 1, line.y, "*", ROLE_KEY);
        if (ts->scroll + (uint32_t)i == selected)
            cell_recolour(b, (struct rect){line.x + beside, line.y, line.w - beside, 1},
                          ROLE_SELECTED);
    }
}

int draw_services(struct cellbuf *b, struct rect r, const struct snapshot *s, struct ui_state *ui) {
    struct arena scratch;
    uint32_t indices[2 * SERVICE_COUNT];
    struct layout l = layout_for(r.w);
    int heading = r.h > 4; /* on a tiny screen every row is a service */
    struct table_state *ts = ui_table(ui, 0);
    struct rect body = rect_below(r, heading);
    arena_init(&scratch);
    const struct table *t = services_table(s, ui, &scratch);
    uint32_t n = table_view_rows(t, ts, indices, ARRAY_LEN(indices));
    ts->shown = shown_columns(&l);
    if (heading)
        draw_heading(b, r, &l, ts);
    draw_list(b, body, &l, s, ui, t, indices, n);
    if (heading)
        draw_part(b, cell_of(r, &l, COL_SUMMARY), ts, n, t->n_rows);
    if (!n)
        draw_empty(b, (struct rect){body.x, body.y, body.w, 1},
                   t->n_rows ? "no service matches the filter: {back} clears it"
                             : "this platform has no service: see goodgo env check");
    arena_done(&scratch);
    int used = (int)n > 0 ? (int)n : 1;
    return heading + (used < body.h ? used : body.h);
}
