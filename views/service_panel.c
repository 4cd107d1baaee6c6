/* views/service_panel.c - draws a service's drill-down from its panel data; see
 * service_panel_priv.h. */
#include "service_panel_priv.h"

#include "base/attr.h"

#define VITAL_COLS 25 /* label, value and a gap: three across 80 columns */

static struct rect below(struct rect r, int rows) {
    if (rows > r.h)
        rows = r.h;
    return (struct rect){r.x, r.y + rows, r.w, r.h - rows};
}

static int draw_path(struct cellbuf *b, struct rect r, const struct snapshot *s,
                     const struct section *sec) {
    int x = r.x;
    x += draw_lit(b, r, x, r.y, "Overview > ", ROLE_DIM);
    x += draw_fmt(b, r, x, r.y, ROLE_TITLE, "%s  ", service_name(sec->service));
    x += draw_health(b, r, x, r.y, section_shown_health(sec, s->now_mono_ms)) + 1;
    struct rect room = r;
    room.w = r.w > 6 ? r.w - 6 : r.w;
    draw_text(b, room, x, r.y, sec->summary, ROLE_TEXT);
    if (r.w > 20)
        draw_age(b, r, r.x + r.w - 4, r.y, sec, s->now_mono_ms);
    return 1;
}

/* What failed, where, why, what to do: wrapped over as many lines as it needs, four at the most. */
static int draw_error(struct cellbuf *b, struct rect r, const struct section *sec) {
    if (!sec->failed || r.h < 1)
        return 0;
    struct arena scratch;
    arena_init(&scratch);
    char sentence[600];
    err_sentence(&sec->err, sentence, sizeof sentence);
    struct rect room = r;
    if (room.h > 4)
        room.h = 4;
    int rows = draw_wrapped(b, room, text_cleanz(&scratch, sentence), role_of_health(sec->health));
    if (sec->caused_by && rows < r.h)
        draw_fmt(b, r, r.x, r.y + rows++, ROLE_ACCENT, "a symptom of %s: look there first",
                 sec->caused_by);
    arena_done(&scratch);
    return rows;
}

static void draw_vital(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       const struct section *sec, const struct vital *v) {
    const struct metric *m = reading_metric(&sec->reading, v->metric);
    char number[32] = "-", limit[32];
    if (m)
        value_format(m->value, m->unit, s->now_wall_ms / 1000, number, sizeof number);
    int x = r.x + draw_fmt(b, r, r.x, r.y, ROLE_DIM, "%s ", v->label);
    x += draw_fmt(b, r, x, r.y, m ? ROLE_TEXT : ROLE_DIM, "%s", number);
    double value, most;
    if (!v->limit || !m || !value_number(m->value, &value) ||
        !reading_number(&sec->reading, v->limit, &most) || most <= 0)
        return;
    value_format(reading_metric(&sec->reading, v->limit)->value, m->unit, 0, limit, sizeof limit);
    x += draw_fmt(b, r, x, r.y, ROLE_DIM, "/%s ", limit);
    int room = r.x + r.w - x - 1;
    double pct = 100 * value / most;
    if (room >= 4)
        draw_bar(b, r, x, r.y, room > 10 ? 10 : room, pct,
                 pct >= 95   ? ROLE_CRITICAL
                 : pct >= 80 ? ROLE_WARNING
                             : ROLE_GRAPH);
}

static int draw_vitals(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       const struct section *sec, const struct service_panel *p) {
    if (!sec->has_reading || r.h < 1)
        return 0;
    int across = r.w / VITAL_COLS;
    if (across < 1)
        across = 1;
    int cols = r.w / across, rows = 0;
    for (uint32_t i = 0; i < p->n_vitals; i++) {
        int row = (int)i / across;
        if (row >= r.h)
            break;
        struct rect cell = {r.x + cols * ((int)i % across), r.y + row, cols - 1, 1};
        draw_vital(b, cell, s, sec, &p->vitals[i]);
        rows = row + 1;
    }
    return rows;
}

static int draw_trend(struct cellbuf *b, struct rect r, const struct section *sec) {
    const struct trend *trend = section_trend(sec, sec->key_metric);
    if (!trend || r.h < 6)
        return 0;
    int x = r.x + draw_fmt(b, r, r.x, r.y, ROLE_DIM, "15 min of %s ", sec->key_metric);
    int room = r.x + r.w - x - 1;
    draw_sparkline(b, r, x, r.y, room > TREND_POINTS ? TREND_POINTS : room, trend->points,
                   TREND_POINTS, ROLE_GRAPH);
    return 1;
}

static int draw_one_finding(struct cellbuf *b, struct rect r, const struct finding *f) {
    int x = r.x + draw_health(b, r, r.x, r.y, f->health) + 1;
    x += draw_text(b, r, x, r.y, f->what, ROLE_TEXT);
    if (!f->todo.len)
        return 1;
    /* The advice stays on the line where it fits whole, else takes one of its own. */
    if (x + 2 + (int)f->todo.cols <= r.x + r.w) {
        draw_text(b, r, x + 2, r.y, f->todo, ROLE_DIM);
        return 1;
    }
    if (r.h < 2)
        return 1;
    draw_text(b, r, r.x + 3, r.y + 1, f->todo, ROLE_DIM);
    return 2;
}

static int draw_findings(struct cellbuf *b, struct rect r, const struct section *sec) {
    /* The tables keep at least half of the body. */
    struct rect room = r;
    room.h = r.h / 2;
    int used = 0;
    for (int worst = HEALTH_CRITICAL; worst >= HEALTH_OFF; worst--)
        for (uint32_t i = 0; i < sec->reading.n_findings && used < room.h; i++)
            if ((int)sec->reading.findings[i].health == worst)
                used += draw_one_finding(b, below(room, used), &sec->reading.findings[i]);
    return used;
}

static uint32_t focused_pane(const struct ui_state *ui, const struct service_panel *p) {
    return p->n_panes ? ui->pane % p->n_panes : 0;
}

static void draw_tabs(struct cellbuf *b, struct rect r, const struct section *sec,
                      const struct ui_state *ui, const struct service_panel *p) {
    int x = r.x;
    for (uint32_t i = 0; i < p->n_panes && x < r.x + r.w; i++) {
        const struct table *t = reading_table(&sec->reading, p->panes[i].table);
        bool focused = i == focused_pane(ui, p);
        x += draw_fmt(b, r, x, r.y, focused ? ROLE_TITLE : ROLE_DIM, focused ? "[%s" : " %s",
                      p->panes[i].title);
        if (t)
            x += draw_fmt(b, r, x, r.y, ROLE_DIM, " %u", t->n_total);
        x += draw_lit(b, r, x, r.y, focused ? "]" : " ", focused ? ROLE_TITLE : ROLE_DIM) + 1;
    }
}

const struct table *service_panel_table(const struct snapshot *s, const struct ui_state *ui,
                                        const struct service_panel *p) {
    const struct section *sec = s->sections[p->service];
    if (!p->n_panes)
        return NULL;
    return reading_table(&sec->reading, p->panes[focused_pane(ui, p)].table);
}

static void draw_pane(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      struct ui_state *ui, const struct service_panel *p) {
    const struct section *sec = s->sections[p->service];
    if (!p->n_panes || r.h < 2)
        return;
    draw_tabs(b, r, sec, ui, p);
    uint32_t pane = focused_pane(ui, p);
    const struct table *t = service_panel_table(s, ui, p);
    struct rect body = below(r, 1);
    if (!t)
        draw_empty(b, body,
                   sec->has_reading ? "not read yet: it is asked less often" : "no reading yet");
    else
        draw_table(b, body, t, ui_table(ui, pane), s->now_wall_ms / 1000, true,
                   p->panes[pane].empty);
}

void service_panel_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                        struct ui_state *ui, const struct service_panel *p) {
    const struct section *sec = s->sections[p->service];
    struct rect rest = below(r, draw_path(b, r, s, sec));
    if (sec->health == HEALTH_OFF && !sec->has_reading && !sec->failed) {
        draw_empty(b, rest, "this platform does not have it: nothing is asked");
        return;
    }
    rest = below(rest, draw_error(b, rest, sec));
    rest = below(rest, draw_vitals(b, rest, s, sec, p));
    rest = below(rest, draw_trend(b, rest, sec));
    rest = below(rest, draw_findings(b, rest, sec));
    if (rest.h > 4) {
        draw_rule(b, rest, rest.y, NULL);
        rest = below(rest, 1);
    }
    draw_pane(b, rest, s, ui, p);
}
