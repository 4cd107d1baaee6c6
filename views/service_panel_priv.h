/* views/service_panel_priv.h - the frame that every service's drill-down shares: path and state,
 * error with its next step, vital numbers, trend, findings, then the tables as panes. A service's
 * view is data: which numbers, which tables. */
#ifndef GOODGO_VIEWS_SERVICE_PANEL_PRIV_H
#define GOODGO_VIEWS_SERVICE_PANEL_PRIV_H

#include "ui/draw.h"
#include "ui/view.h"

struct vital {
    const char *metric; /* name in the probe's reading */
    const char *label;  /* "conn" */
    const char *limit;  /* metric of its maximum: drawn as a bar and "188/200"; NULL = none */
};
struct pane {
    const char *table; /* name in the probe's reading */
    const char *title;
    const char *empty; /* the sentence when it has no rows */
};
struct service_panel {
    enum service service;
    const struct vital *vitals;
    uint32_t n_vitals;
    const struct pane *panes;
    uint32_t n_panes;
};

void service_panel_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,
                        struct ui_state *ui, const struct service_panel *p);
const struct table *service_panel_table(const struct snapshot *s, const struct ui_state *ui,
                                        const struct service_panel *p);

/* Defines view_<id> from a panel's data; the callbacks only bind the panel. */
#define SERVICE_VIEW(id_, name_, title_, vitals_, panes_)                                          \
    static const struct service_panel panel = {SERVICE_##id_, vitals_, ARRAY_LEN(vitals_), panes_, \
                                               ARRAY_LEN(panes_)};                                 \
    static void panel_draw(struct cellbuf *b, struct rect r, const struct snapshot *s,             \
                           struct ui_state *ui) {                                                  \
        service_panel_draw(b, r, s, ui, &panel);                                                   \
    }                                                                                              \
    static const struct table *panel_table(const struct snapshot *s, const struct ui_state *ui,    \
                                           struct arena *scratch) {                                \
        (void)scratch;                                                                             \
        return service_panel_table(s, ui, &panel);                                                 \
    }                                                                                              \
    static uint32_t panel_panes(const struct snapshot *s, const struct ui_state *ui) {             \
        (void)s;                                                                                   \
        (void)ui;                                                                                  \
        return panel.n_panes;                                                                      \
    }                                                                                              \
    extern const struct view view_##id_;                                                           \
    const struct view view_##id_ = {                                                               \
        .id = name_,                                                                               \
        .title = title_,                                                                           \
        .has_service = true,                                                                       \
        .service = SERVICE_##id_,                                                                  \
        .draw = panel_draw,                                                                        \
        .table = panel_table,                                                                      \
        .panes = panel_panes,                                                                      \
    }

#endif
