/* views/api.c - goodgo API: liveness beside readiness, what it needs, how it performs as Prometheus
 * sees it. Data only: service_panel.c draws it. */
#include "panels_priv.h"

static const struct vital vitals[] = {
    {"live", "live", NULL},
    {"ready", "ready", NULL},
    {"db", "database", NULL},
    {"redis", "redis", NULL},
    {"live_ms", "/health", NULL},
    {"ready_ms", "/ready", NULL},
    {"db_ms", "/db", NULL},
    {"redis_ms", "/redis", NULL},
    {"prometheus/request_rate", "requests", NULL},
    {"prometheus/error_pct", "5xx", NULL},
    {"prometheus/p50_s", "p50", NULL},
    {"prometheus/p95_s", "p95", NULL},
    {"prometheus/p99_s", "p99", NULL},
    {"prometheus/container_memory_bytes", "memory", NULL},
    {"prometheus/container_cpu", "CPU", NULL},
};
static const struct pane panes[] = {
    {"checks", "Checks", "the API named no checks", 60, NULL},
};

SERVICE_VIEW(api, "api", "API",
             "goodgo API: liveness beside readiness, what it needs, how it performs", vitals, panes,
             .charts = {{"ready_ms", "ready", NULL},
                        {"prometheus/request_rate", "requests", NULL},
                        {"prometheus/p95_s", "p95", NULL}},
             .rate = "prometheus/request_rate", .trouble = {"prometheus/error_pct", "5xx", NULL},
             .time = "prometheus/p95_s");
