/* views/alerts.c - what Prometheus says is pending or firing, and the rules behind it; the selected
 * alert in full below. */
#include "base/attr.h"
#include "ui/draw.h"
#include "ui/view.h"

static const struct {
    const char *table, *title, *empty;
} panes[] = {
    {"alerts", "Alerts", "no alert is pending or firing"},
    {"rules", "Rules",
     "Prometheus has no alert rule loaded: see monitoring/prometheus/alert-rules.yml"},
};

static const struct table *alerts_table(const struct snapshot *s, const struct ui_state *ui,
                                        struct arena *scratch) {
    (void)scratch;
    return reading_table(&s->sections[SERVICE_prometheus]->reading,
                         panes[ui->pane % ARRAY_LEN(panes)].table);
}

static uint32_t alerts_panes(const struct snapshot *s, const struct ui_state *ui) {
    (void)s;
    (void)ui;
    return ARRAY_LEN(panes);
}

static int draw_tabs(struct cellbuf *b, struct rect r, const struct snapshot *s,
                     const struct ui_state *ui) {
    const struct section *sec = s->sections[SERVICE_prometheus];
    int x = r.x;
    for (uint32_t i = 0; i < ARRAY_LEN(panes); i++) {
        bool focused = i == ui->pane % ARRAY_LEN(panes);
        const struct table *t = reading_table(&sec->reading, panes[i].table);
        x += draw_fmt(b, r, x, r.y, focused ? ROLE_TITLE : ROLE_DIM,
                      focused ? "[%s %u] " : " %s %u  ", panes[i].title, t ? t->n_total : 0);
    }
    draw_lit(b, r, x, r.y, " from Prometheus", ROLE_DIM);
    draw_age(b, r, r.x + r.w - 4, r.y, sec, s->now_mono_ms);
    return 1;
}

/* Every cell of the selected row that is a text, one a line: what the table had to cut. */
static void draw_detail(struct cellbuf *b, struct rect r, const struct table *t,
                        const struct table_state *ts) {
    uint32_t indices[256];
    uint32_t n = table_view_rows(t, ts, indices, ARRAY_LEN(indices));
    if (!n)
        return;
    uint32_t at = ts->selected_index < n ? ts->selected_index : n - 1;
    const struct row *row = &t->rows[indices[at]];
    for (uint32_t c = 0; c < t->n_columns && r.h > 0; c++) {
        if (row->cells[c].kind != VALUE_TEXT || !row->cells[c].t.len)
            continue;
        int x = r.x + draw_fmt(b, r, r.x, r.y, ROLE_DIM, "%-10s ", t->columns[c].name);
        struct rect room = {x, r.y, r.x + r.w - x, r.h < 3 ? r.h : 3};
        int used = draw_wrapped(b, room, row->cells[c].t, ROLE_TEXT);
        r.y += used > 0 ? used : 1;
        r.h -= used > 0 ? used : 1;
    }
}

static void alerts_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                        struct ui_state *ui) {
    const struct section *sec = s->sections[SERVICE_prometheus];
    if (r.h < 1)
        return;
    int used = draw_tabs(b, r, s, ui);
    struct rect body = {r.x, r.y + used, r.w, r.h - used};
    uint32_t pane = ui->pane % ARRAY_LEN(panes);
    const struct table *t = alerts_table(s, ui, NULL);
    if (!t) {
        char sentence[600] = "no reading of Prometheus yet";
        if (sec->failed)
            err_sentence(&sec->err, sentence, sizeof sentence);
        else if (sec->health == HEALTH_OFF)
            str_copy(sentence, sizeof sentence,
                     "this platform has no Prometheus: set GOODGO_PROMETHEUS_URL");
        draw_empty(b, body, sentence);
        return;
    }
    int detail = body.h > 12 && t->n_rows ? body.h / 3 : 0;
    draw_table(b, (struct rect){body.x, body.y, body.w, body.h - detail}, t, ui_table(ui, pane),
               s->now_wall_ms / 1000, true, panes[pane].empty);
    if (!detail)
        return;
    struct rect low = {body.x, body.y + body.h - detail, body.w, detail};
    draw_rule(b, low, low.y, "SELECTED");
    low.y++, low.h--;
    draw_detail(b, low, t, ui_table(ui, pane));
}

extern const struct view view_alerts;
const struct view view_alerts = {
    .id = "alerts",
    .title = "Alerts",
    .draw = alerts_draw,
    .table = alerts_table,
    .panes = alerts_panes,
};
