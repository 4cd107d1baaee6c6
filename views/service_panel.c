/* views/service_panel.c - a service's screen from its panel's data: head, figures, charts,
 * findings, tables, and with height to spare what changed. */
#include "panels_priv.h"

#include "base/attr.h"

#define CHART_ROWS 7

/* A share of the rows: the tables are what one came for. */
static int draw_found(struct cellbuf *b, struct rect r, const struct snapshot *s,
                      const struct section *sec) {
    struct rect room = {r.x, r.y, r.w, r.h < 24 ? r.h / 4 : r.h / 3};
    return draw_findings(b, room, s, sec);
}

static int draw_curves(struct cellbuf *b, struct rect r, const struct snapshot *s,
                       const struct section *sec, const struct service_panel *p) {
    if (r.h >= 22 && r.w >= 60)
        return draw_charts(b, (struct rect){r.x, r.y, r.w, CHART_ROWS}, s, sec, p->charts,
                           PANEL_CHARTS);
    if (r.h >= 7)
        return draw_sparks(b, r, s, sec, p->charts, r.w < 60 ? 1 : r.w < 100 ? 2 : PANEL_CHARTS);
    return 0;
}

/* Rows that the tables leave, so that changes of this service stand below them. */
static int changes_room(const struct snapshot *s, const struct section *sec, int h) {
    int want = changes_lines(s, sec) + 1;
    return h < 24 ? 0 : want > h / 6 ? h / 6 : want;
}

void service_panel_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                        struct ui_state *ui, const struct service_panel *p) {
    const struct section *sec = s->sections[p->service];
    struct rect rest = rect_below(r, draw_head(b, r, s, sec));
    if (!sec->has_reading) {
        draw_no_reading(b, rest, sec);
        return;
    }
    rest = rect_below(rest, draw_vitals(b, rest, s, sec, p));
    rest = rect_below(rest, draw_found(b, rest, s, sec));
    rest = rect_below(rest, draw_curves(b, rest, s, sec, p));
    int below = changes_room(s, sec, rest.h);
    struct rect changes = {rest.x, rest.y + rest.h - below, rest.w, below};
    rest.h -= below;
    draw_panes(b, rest, s, ui, sec, p->panes, p->n_panes);
    if (below < 2)
        return;
    draw_rule(b, changes, changes.y, "CHANGES");
    draw_changes(b, rect_below(changes, 1), s, sec);
}

const struct table *service_panel_table(const struct snapshot *s, const struct ui_state *ui,
                                        const struct service_panel *p, struct arena *scratch) {
    if (!p->n_panes)
        return NULL;
    return pane_table(s->sections[p->service], &p->panes[ui->pane % p->n_panes], scratch);
}
