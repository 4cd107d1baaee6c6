/* views/grafana.c - dashboards. Data only: service_panel.c draws it. */
#include "panels_priv.h"

static const struct vital vitals[] = {
    {"database", "database", NULL},
    {"dashboards", "dashboards", NULL},
    {"dashboards_missing", "missing", NULL},
    {"login_refused", "refused", NULL},
    {"version", "version", NULL},
    {"live_ms", "/health", NULL},
};
static const struct pane panes[] = {
    {"dashboards", "Dashboards", "not listed: set GOODGO_GRAFANA_TOKEN", 90, NULL},
};

SERVICE_VIEW(grafana, "grafana", "Grafana",
             "dashboards: the seven of the runbook, and its database", vitals, panes,
             .charts = {{"live_ms", "health", NULL}}, .time = "live_ms");
