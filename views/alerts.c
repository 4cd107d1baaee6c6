/* views/alerts.c - what Prometheus says is pending or firing, the rules behind it, and the selected
 * one in full. */
#include "panels_priv.h"

#include "base/attr.h"

static const struct pane panes[] = {
    {"alerts", "Alerts", "no alert is pending or firing", 0, NULL},
    {"rules", "Rules",
     "Prometheus has no alert rule loaded: see monitoring/prometheus/alert-rules.yml", 0, NULL},
};

static const struct section *source(const struct snapshot *s) {
    return s->sections[SERVICE_prometheus];
}

static const struct table *alerts_table(const struct snapshot *s, const struct ui_state *ui,
                                        struct arena *scratch) {
    return pane_table(source(s), &panes[ui->pane % ARRAY_LEN(panes)], scratch);
}

static uint32_t alerts_panes(const struct snapshot *s, const struct ui_state *ui) {
    (void)s;
    (void)ui;
    return ARRAY_LEN(panes);
}

static int draw_counts(struct cellbuf *b, struct rect r, const struct snapshot *s) {
    static const char source_said[] = "  says Prometheus";
    const struct section *sec = source(s);
    double firing = 0, pending = 0;
    reading_number(&sec->reading, "alerts_firing", &firing);
    reading_number(&sec->reading, "alerts_pending", &pending);
    struct rect room = {r.x, r.y, r.w - 5, 1};
    int x = r.x;
    x += draw_fmt(b, room, x, r.y, firing > 0 ? ROLE_CRITICAL : ROLE_DIM, "%.0f firing  ", firing);
    x += draw_fmt(b, room, x, r.y, pending > 0 ? ROLE_WARNING : ROLE_DIM, "%.0f pending", pending);
    if (x + (int)sizeof source_said <= room.x + room.w)
        draw_lit(b, room, x, r.y, source_said, ROLE_DIM);
    draw_age(b, r, r.x + r.w - 4, r.y, sec, s->now_mono_ms);
    return 1;
}

/* Every cell of the selected row that is a text, wrapped: what the table had to cut. */
static void draw_detail(struct cellbuf *b, struct rect r, const struct table *t,
                        const struct table_state *ts) {
    const struct row *row = table_selected_row(t, ts);
    for (uint32_t c = 0; row && c < t->n_columns && r.h > 0; c++) {
        if (row->cells[c].kind != VALUE_TEXT || !row->cells[c].t.len)
            continue;
        int x = r.x + draw_fmt(b, r, r.x, r.y, ROLE_DIM, "%-10s ", t->columns[c].name);
        struct rect room = {x, r.y, r.x + r.w - x, r.h < 3 ? r.h : 3};
        int used = draw_wrapped(b, room, row->cells[c].t, ROLE_TEXT);
        r = rect_below(r, used > 0 ? used : 1);
    }
}

static void alerts_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                        struct ui_state *ui) {
    const struct section *sec = source(s);
    if (!sec->has_reading) {
        r = rect_below(r, draw_head(b, r, s, sec));
        draw_no_reading(b, r, sec);
        return;
    }
    r = rect_below(r, sec->failed ? draw_head(b, r, s, sec) : draw_counts(b, r, s));
    const struct table *t = alerts_table(s, ui, NULL);
    int detail = r.h > 14 && t && t->n_rows ? r.h / 3 : 0;
    draw_panes(b, (struct rect){r.x, r.y, r.w, r.h - detail}, s, ui, sec, panes, ARRAY_LEN(panes));
    if (!detail)
        return;
    struct rect low = {r.x, r.y + r.h - detail, r.w, detail};
    draw_rule(b, low, low.y, "SELECTED");
    draw_detail(b, rect_below(low, 1), t, ui_table(ui, ui->pane % ARRAY_LEN(panes)));
}

/* The tab shows the worst alert; of a source that is silent nobody knows it. */
static enum health alerts_mark(const struct snapshot *s) {
    const struct table *t = reading_table(&source(s)->reading, "alerts");
    enum health worst = HEALTH_OFF, shown = section_shown_health(source(s), s->now_mono_ms);
    if (shown != HEALTH_OFF && (source(s)->failed || shown == HEALTH_UNKNOWN))
        return HEALTH_UNKNOWN;
    for (uint32_t i = 0; t && i < t->n_rows; i++)
        worst = health_worse(worst, t->rows[i].health);
    return worst;
}

extern const struct view view_alerts;
const struct view view_alerts = {
    .id = "alerts",
    .title = "Alerts",
    .has_service = true, /* asked more often while it is shown */
    .service = SERVICE_prometheus,
    .about = "what Prometheus says is pending or firing, and its rules",
    .draw = alerts_draw,
    .table = alerts_table,
    .panes = alerts_panes,
    .mark = alerts_mark,
};
