/* views/pg_backup.c - the catalogue of dumps, their age, and when one was last proved to restore.
 * Data only: service_panel.c draws it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"newest_age_s", "newest", NULL}, {"newest_bytes", "size", NULL},
    {"count", "kept", NULL},          {"total_bytes", "in all", NULL},
    {"free_bytes", "free", NULL},     {"last_proof_age_s", "last proof", NULL},
};
static const struct pane panes[] = {
    {"backups", "Backups", "no backup yet: the first is due at 02:00 UTC"},
};

SERVICE_VIEW(pg_backup, "pg-backup", "Backups", vitals, panes);
