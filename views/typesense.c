/* views/typesense.c - search: documents against the database, schema, writes. Data only:
 * service_panel.c draws it. */
#include "panels_priv.h"

static const struct vital vitals[] = {
    {"documents", "documents", NULL},  {"drift", "drift", NULL},
    {"ok", "healthy", NULL},           {"resource_error", "resource", NULL},
    {"queued_writes", "queued", NULL}, {"pending_write_batches", "batches", NULL},
    {"search_rps", "searches", NULL},  {"search_ms", "time", NULL},
    {"write_rps", "writes", NULL},     {"health_ms", "/health", NULL},
    {"memory_bytes", "memory", NULL},  {"disk_used_pct", "disk used", NULL},
    {"state", "state", NULL},          {"schema_problems", "schema", NULL},
    {"version", "version", NULL},
};
static const struct pane panes[] = {
    {"status_drift", "Documents against the database", "not compared yet: it needs the database",
     46, NULL},
    {"collections", "Collections", "no collection: the API makes it at its start", 54, NULL},
    {"schema_diff", "Schema against the runbook", "the 26 fields are as the runbook has them", 80,
     NULL},
};

SERVICE_VIEW(typesense, "typesense", "Typesense",
             "search: documents against the database, schema, writes in the queue", vitals, panes,
             .charts = {{"documents", "docs", NULL},
                        {"search_ms", "search time", NULL},
                        {"queued_writes", "queued writes", NULL}},
             .rate = "search_rps", .trouble = {"queued_writes", "queued", NULL},
             .time = "search_ms");
