/* views/api.c - goodgo API: liveness beside readiness, what it needs, how it performs. Data only:
 * service_panel.c draws it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"live", "live", NULL},        {"ready", "ready", NULL},
    {"db", "database", NULL},      {"redis", "redis", NULL},
    {"live_ms", "/health", NULL},  {"ready_ms", "/health/ready", NULL},
    {"db_ms", "/health/db", NULL}, {"redis_ms", "/health/redis", NULL},
};
static const struct pane panes[] = {
    {"checks", "Checks", "the API named no checks"},
};

SERVICE_VIEW(api, "api", "API", vitals, panes);
