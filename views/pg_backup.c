/* views/pg_backup.c - the catalogue of dumps, their age, and when one was last proved to restore.
 * Data only: service_panel.c draws it. */
#include "panels_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"newest_age_s", "newest", NULL}, {"newest_bytes", "size", NULL},
    {"count", "kept", NULL},          {"total_bytes", "in all", NULL},
    {"free_bytes", "free", NULL},     {"last_proof_age_s", "last proof", NULL},
    {"newest_name", "file", NULL},
};
static const struct pane panes[] = {
    {"backups", "Backups", "no backup yet: the first is due at 02:00 UTC", 0, NULL},
};

SERVICE_VIEW(pg_backup, "pg-backup", "Backups",
             "the dumps, their age, and when one was last proved to restore", vitals, panes,
             .charts = {{"newest_bytes", "newest", NULL},
                        {"free_bytes", "free", NULL},
                        {"total_bytes", "in all", NULL}});
