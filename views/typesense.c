/* views/typesense.c - search: documents against the database, schema, writes. Data only:
 * service_panel.c draws it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"documents", "documents", NULL},
    {"drift", "drift", NULL},
    {"ok", "ok", NULL},
    {"resource_error", "resource", NULL},
    {"queued_writes", "queued", NULL},
    {"pending_write_batches", "pending", NULL},
    {"search_rps", "searches", NULL},
    {"search_ms", "search", NULL},
    {"write_rps", "writes", NULL},
    {"memory_bytes", "memory", NULL},
    {"disk_used_pct", "disk", NULL},
    {"version", "version", NULL},
};
static const struct pane panes[] = {
    {"status_drift", "Drift", "not compared yet: it needs the database"},
    {"collections", "Collections", "no collection: the API makes it at its start"},
    {"schema_diff", "Schema", "the 26 fields are as the runbook has them"},
};

SERVICE_VIEW(typesense, "typesense", "Typesense", vitals, panes);
