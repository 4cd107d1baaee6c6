/* views/minio.c - object storage: quorum, bucket size. Data only: service_panel.c draws it. */
#include "service_panel_priv.h"

#include "base/attr.h"

static const struct vital vitals[] = {
    {"live", "live", NULL},       {"ready", "ready", NULL},
    {"cluster", "quorum", NULL},  {"write_quorum", "write quorum", NULL},
    {"objects", "objects", NULL}, {"bytes", "size", NULL},
    {"capped", "capped", NULL},
};
static const struct pane panes[] = {
    {"buckets", "Buckets", "no bucket"},
    {"prefixes", "Prefixes", "the bucket is empty"},
};

SERVICE_VIEW(minio, "minio", "MinIO", vitals, panes);
