/* views/ai_services.c - the FastAPI price estimator. Data only: service_panel.c draws it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"status", "HTTP", NULL},
    {"live_ms", "/health", NULL},
};
static const struct pane panes[] = {
    {"checks", "Checks", "it named no checks"},
};

SERVICE_VIEW(ai_services, "ai-services", "AI services", vitals, panes);
