/* views/promtail.c - log shipper: what it follows, what it lost. Data only: service_panel.c draws
 * it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"ready", "ready", NULL},
    {"targets_active", "targets", NULL},
    {"lines_per_s", "lines", NULL},
    {"read_lines", "read", NULL},
    {"read_bytes", "bytes", NULL},
    {"sent_entries", "sent", NULL},
    {"dropped_entries", "dropped", NULL},
    {"lag_bytes", "lag", NULL},
};
static const struct pane panes[] = {
    {"dropped", "Dropped", "nothing was dropped"},
};

SERVICE_VIEW(promtail, "promtail", "Promtail", vitals, panes);
