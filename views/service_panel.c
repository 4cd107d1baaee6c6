/* views/service_panel.c - a service's screen from its panel's data: head, figures, charts,
 * findings, tables, and with height to spare what changed. */
#include "panels_priv.h"

#define CHART_ROWS     7
#define CHART_ROWS_MAX 14

/* A share of the rows: the tables are what one came for. */
static int draw_found(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      const struct section *sec) {
    struct rect room = {r.x, r.y, r.w, r.h < 24 ? r.h / 4 : r.h / 3};
    return draw_findings(b, room, s, sec);
}

/* Higher charts where the tables do not need the rows. */
static int chart_rows(int h, int wanted) {
    int rows = h - wanted;
    return rows < CHART_ROWS ? CHART_ROWS : rows > CHART_ROWS_MAX ? CHART_ROWS_MAX : rows;
}

static int draw_curves(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       const struct section *sec, const struct service_panel *p) {
    int below = panes_rows(sec, p->panes, p->n_panes, r.w) + changes_lines(s, sec) + 1;
    if (r.h >= 22 && r.w >= 60)
        return draw_charts(b, (struct rect){r.x, r.y, r.w, chart_rows(r.h, below)}, s, sec,
                           p->charts, PANEL_CHARTS);
    if (r.h >= 7)
        return draw_sparks(b, r, s, sec, p->charts, r.w < 60 ? 1 : r.w < 100 ? 2 : PANEL_CHARTS);
    return 0;
}

/* A few rows at the bottom of a high screen; all that the tables leave, on any. */
static void draw_below(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       struct ui_state *ui, const struct section *sec,
                       const struct service_panel *p) {
    int want = changes_lines(s, sec) + 1;
    int kept = r.h < 24 ? 0 : want > r.h / 6 ? r.h / 6 : want;
    int used =
        draw_panes(b, (struct rect){r.x, r.y, r.w, r.h - kept}, s, ui, sec, p->panes, p->n_panes);
    r = rect_below(r, used);
    if (r.h < 2 || (!kept && r.h < 3))
        return;
    draw_rule(b, r, r.y, "CHANGES");
    draw_changes(b, rect_below(r, 1), s, sec);
    ui->news_shown = s->events && s->events->n && s->events->list[0].service == sec->service;
}

void service_panel_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                        struct ui_state *ui, const struct service_panel *p) {
    const struct section *sec = s->sections[p->service];
    struct rect rest = rect_below(r, draw_head(b, r, s, sec));
    if (!sec->has_reading) {
        draw_no_reading(b, rest, sec);
        return;
    }
    struct rect figures = {rest.x, rest.y, rest.w, rest.h < 14 ? rest.h / 3 : rest.h / 2};
    rest = rect_below(rest, draw_vitals(b, figures, s, sec, p));
    rest = rect_below(rest, draw_found(b, rest, s, sec));
    rest = rect_below(rest, draw_curves(b, rest, s, sec, p));
    draw_below(b, rest, s, ui, sec, p);
}

const struct table *service_panel_table(const struct snapshot *s, const struct ui_state *ui,
                                        const struct service_panel *p, struct arena *scratch) {
    if (!p->n_panes)
        return NULL;
    return pane_table(s->sections[p->service], &p->panes[ui->pane % p->n_panes], scratch);
}
