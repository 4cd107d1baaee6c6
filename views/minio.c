/* views/minio.c - object storage: quorum, bucket size. Data only: service_panel.c draws it. */
#include "panels_priv.h"

static const struct vital vitals[] = {
    {"live", "live", NULL},       {"ready", "ready", NULL},
    {"cluster", "quorum", NULL},  {"write_quorum", "min disks", NULL},
    {"objects", "objects", NULL}, {"bytes", "size", NULL},
    {"capped", "partial", NULL},  {"server_status", "says", NULL},
    {"live_ms", "/live", NULL},
};
static const struct pane panes[] = {
    {"buckets", "Buckets", "no bucket", 50, NULL},
    {"prefixes", "Prefixes", "the bucket is empty", 50, NULL},
    {"copies", "Copies of backups", "no backup has a copy here", 50, NULL},
};

SERVICE_VIEW(
    minio, "minio", "MinIO", "object storage: quorum, buckets and their sizes", vitals, panes,
    .charts = {{"bytes", "size", NULL}, {"objects", "objects", NULL}, {"live_ms", "answer", NULL}},
    .time = "live_ms");
