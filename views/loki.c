/* views/loki.c - log store: is it ready, how much comes in, the newest bad lines. Data only:
 * service_panel.c draws it. */
#include "panels_priv.h"

static const struct vital vitals[] = {
    {"ready", "ready", NULL},       {"version", "version", NULL},
    {"lines_per_s", "lines", NULL}, {"errors_per_min", "errors/m", NULL},
    {"labels", "labels", NULL},     {"ready_ms", "/ready", NULL},
    {"limit", "limit", NULL},
};
/* The lines first: `l` on a service shows those that name it. */
static const struct pane panes[] = {
    {"lines", "Warnings and errors", "none in the last 15 minutes", 0, NULL},
    {"levels", "Levels", "no line in the last minute", 40, NULL},
    {"labels", "Labels", "no label yet", 30, NULL},
};

SERVICE_VIEW(loki, "loki", "Loki", "log store: is it ready, how much comes in, how many errors",
             vitals, panes,
             .charts = {{"lines_per_s", "lines", NULL},
                        {"errors_per_min", "errors/min", NULL},
                        {"ready_ms", "answer", NULL}},
             .rate = "lines_per_s", .trouble = {"errors_per_min", "err/min", NULL});
