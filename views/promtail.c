/* views/promtail.c - log shipper: what it follows, what it lost. Data only: service_panel.c draws
 * it. */
#include "panels_priv.h"

static const struct vital vitals[] = {
    {"ready", "ready", NULL},        {"targets_active", "targets", NULL},
    {"files_active", "files", NULL}, {"lines_per_s", "lines", NULL},
    {"read_lines", "read", NULL},    {"read_bytes", "bytes", NULL},
    {"sent_entries", "sent", NULL},  {"dropped_entries", "dropped", NULL},
    {"lag_bytes", "lag", NULL},      {"version", "version", NULL},
};
static const struct pane panes[] = {
    {"dropped", "Dropped", "nothing was dropped", 40, NULL},
};

SERVICE_VIEW(promtail, "promtail", "Promtail", "log shipper: what it follows, what it lost", vitals,
             panes,
             .charts = {{"lines_per_s", "lines", NULL},
                        {"lag_bytes", "lag", NULL},
                        {"dropped_entries", "dropped", NULL}},
             .rate = "lines_per_s", .trouble = {"dropped_entries", "dropped", NULL});
