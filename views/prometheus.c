/* views/prometheus.c - metrics: targets, rules, alerts and the runbook's queries. Data only:
 * service_panel.c draws it. */
#include "panels_priv.h"

static const struct vital vitals[] = {
    {"request_rate", "requests", NULL},
    {"error_pct", "5xx", NULL},
    {"p50_s", "p50", NULL},
    {"p95_s", "p95", NULL},
    {"p99_s", "p99", NULL},
    {"pg_active", "pg active", NULL},
    {"targets_up", "up", NULL},
    {"targets_down", "down", NULL},
    {"alerts_firing", "firing", NULL},
    {"alerts_pending", "pending", NULL},
    {"rules", "rules", NULL},
    {"series", "series", NULL},
    {"redis_memory_mb", "redis MB", NULL},
    {"typesense_documents", "docs", NULL},
    {"container_memory_bytes", "api mem", NULL},
    {"container_cpu", "api CPU", NULL},
    {"retention", "retention", NULL},
    {"version", "version", NULL},
};
static const struct pane panes[] = {
    {"alerts", "Alerts", "no alert is pending or firing", 0, NULL},
    {"rules", "Rules", "no rule is loaded", 0, NULL},
    {"targets", "Targets", "no target, or of many none is down", 0, NULL},
    {"presets", "Queries of the runbook", "none", 0, NULL},
};

SERVICE_VIEW(prometheus, "prometheus", "Prometheus",
             "metrics: targets, rules, alerts and the runbook's queries", vitals, panes,
             .charts = {{"request_rate", "requests", NULL},
                        {"error_pct", "5xx", NULL},
                        {"p95_s", "p95", NULL}},
             .rate = "request_rate", .trouble = {"targets_down", "down", NULL},
             .time = "healthy_ms");
