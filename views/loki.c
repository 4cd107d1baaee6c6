/* views/loki.c - log store: is it ready, how much comes in. Data only: service_panel.c draws it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"ready", "ready", NULL},       {"version", "version", NULL},
    {"lines_per_s", "lines", NULL}, {"errors_per_min", "errors/min", NULL},
    {"labels", "labels", NULL},
};
static const struct pane panes[] = {
    {"labels", "Labels", "no label yet"},
    {"levels", "Levels", "no line in the last minute"},
};

SERVICE_VIEW(loki, "loki", "Loki", vitals, panes);
