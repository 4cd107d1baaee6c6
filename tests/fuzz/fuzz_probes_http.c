/* tests/fuzz/fuzz_probes_http.c - any body to any stage of any HTTP probe. The first bytes pick the
 * probe, the stage and the status; the rest is the body. */
#include <stdint.h>
#include <stdlib.h>

#include "../probe_harness.h"

static const enum service services[] = {
    SERVICE_api,  SERVICE_web,      SERVICE_ai_services, SERVICE_typesense, SERVICE_minio,
    SERVICE_loki, SERVICE_promtail, SERVICE_prometheus,  SERVICE_grafana,
};
static const int statuses[] = {200, 200, 200, 401, 404, 500, 503, 307};

static const struct settings settings = {
    .api_url = "http://h",
    .web_url = "http://h",
    .ai_url = "http://h",
    .typesense_url = "http://h",
    .minio_url = "http://h",
    .prometheus_url = "http://h",
    .loki_url = "http://h",
    .promtail_url = "http://h",
    .grafana_url = "http://h",
    .typesense_key = "k",
    .minio_access_key = "a",
    .minio_secret_key = "s",
    .minio_bucket = "b",
    .backup_dir = "/b",
    .backup_bucket = "c",
    .grafana_token = "t",
};

static void feed(const struct probe *p, const char *stage, int status, const char *body, size_t n) {
    static struct http_header headers[] = {{"server", "MinIO"}};
    struct probe_bench b;
    bench_init(&b, p, &settings);
    b.previous->has_reading = true; /* the past is not asked for one answer alone */
    bool ok = bench_http_headers(&b, stage, status, body, n, headers, 1);
    (void)bench_judge(&b);
    if (!bench_is_clean(&b, ok))
        abort();
    bench_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3)
        return 0;
    const struct probe *p = probes[services[data[0] % ARRAY_LEN(services)]];
    feed(p, p->stages[data[1] % p->n_stages].name, statuses[data[2] % 8], (const char *)data + 3,
         size - 3);
    return 0;
}
