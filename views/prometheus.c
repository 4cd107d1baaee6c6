/* views/prometheus.c - metrics: targets, rules, alerts and the runbook's queries. Data only:
 * service_panel.c draws it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"p99_s", "p99", NULL},
    {"p95_s", "p95", NULL},
    {"p50_s", "p50", NULL},
    {"error_pct", "5xx", NULL},
    {"request_rate", "requests", NULL},
    {"targets_up", "targets up", NULL},
    {"targets_down", "down", NULL},
    {"alerts_firing", "firing", NULL},
    {"alerts_pending", "pending", NULL},
    {"series", "series", NULL},
    {"retention", "retention", NULL},
    {"version", "version", NULL},
};
static const struct pane panes[] = {
    {"alerts", "Alerts", "no alert is pending or firing"},
    {"rules", "Rules", "no rule is loaded"},
    {"targets", "Targets", "no target"},
    {"presets", "Presets", "none"},
};

SERVICE_VIEW(prometheus, "prometheus", "Prometheus", vitals, panes);
