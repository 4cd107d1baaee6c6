/* views/ai_services.c - the FastAPI price estimator. Data only: service_panel.c draws it. */
#include "panels_priv.h"

static const struct vital vitals[] = {
    {"live", "live", NULL},
    {"status", "HTTP", NULL},
    {"says", "says", NULL},
    {"live_ms", "/health", NULL},
};
static const struct pane panes[] = {
    {"checks", "Checks", "it named no checks", 40, NULL},
};

SERVICE_VIEW(ai_services, "ai-services", "AI services",
             "the FastAPI price estimator and language models", vitals, panes,
             .charts = {{"live_ms", "health", NULL}}, .time = "live_ms");
