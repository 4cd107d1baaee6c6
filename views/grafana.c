/* views/grafana.c - dashboards. Data only: service_panel.c draws it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"database", "database", NULL},
    {"dashboards", "dashboards", NULL},
    {"version", "version", NULL},
    {"live_ms", "/api/health", NULL},
};
static const struct pane panes[] = {
    {"dashboards", "Dashboards", "not listed: set GOODGO_GRAFANA_TOKEN"},
};

SERVICE_VIEW(grafana, "grafana", "Grafana", vitals, panes);
