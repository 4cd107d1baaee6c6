/* sandbox/servers_prometheus.c - Prometheus: what it scrapes, the rules that fire, its start. */
#include "servers_priv.h"

#include <stdio.h>

/* The runbook's four rules; the windows are scaled down so that an alert fires within seconds. */
static const char alert_rules[] =
    "groups:\n"
    "  - name: goodgo-api-latency\n"
    "    rules:\n"
    "      - alert: ApiLatencyP99High\n"
    "        expr: histogram_quantile(0.99, "
    "sum(rate(goodgo_api_request_duration_seconds_bucket[20s])) by (le)) > 1\n"
    "        for: 5s\n"
    "        labels:\n"
    "          severity: warning\n"
    "          service: goodgo-api\n"
    "        annotations:\n"
    "          summary: API p99 latency is above 1s\n"
    "          description: 'p99 is {{ $value | humanizeDuration }} (threshold 1s).'\n"
    "          dashboard: /d/goodgo-api-latency/goodgo-api-latency\n"
    "          runbook_url: https://docs.goodgo.vn/runbooks/api-latency-high\n"
    "      - alert: ApiEndpointLatencyP99High\n"
    "        expr: histogram_quantile(0.99, "
    "sum(rate(goodgo_api_request_duration_seconds_bucket[20s])) by (le, method, route)) > 2\n"
    "        for: 5s\n"
    "        labels:\n"
    "          severity: warning\n"
    "          service: goodgo-api\n"
    "        annotations:\n"
    "          summary: '{{ $labels.method }} {{ $labels.route }} p99 latency is above 2s'\n"
    "          description: 'p99 of {{ $labels.method }} {{ $labels.route }} is "
    "{{ $value | humanizeDuration }} (threshold 2s).'\n"
    "          dashboard: /d/goodgo-api-latency/goodgo-api-latency\n"
    "          runbook_url: https://docs.goodgo.vn/runbooks/api-latency-high\n"
    "      - alert: ApiLatencyP99Critical\n"
    "        expr: histogram_quantile(0.99, "
    "sum(rate(goodgo_api_request_duration_seconds_bucket[20s])) by (le)) > 3\n"
    "        for: 5s\n"
    "        labels:\n"
    "          severity: critical\n"
    "          service: goodgo-api\n"
    "          slo: breach\n"
    "        annotations:\n"
    "          summary: API p99 latency is above 3s (SLO breach)\n"
    "          description: 'p99 is {{ $value | humanizeDuration }} (threshold 3s). Escalate.'\n"
    "          dashboard: /d/goodgo-api-latency/goodgo-api-latency\n"
    "          runbook_url: https://docs.goodgo.vn/runbooks/api-latency-critical\n"
    "  - name: goodgo-api-errors\n"
    "    rules:\n"
    "      - alert: ApiErrorRate5xxHigh\n"
    "        expr: (sum(rate(http_requests_total{status_code=~\"5..\"}[20s])) / "
    "sum(rate(http_requests_total[20s]))) * 100 > 1\n"
    "        for: 5s\n"
    "        labels:\n"
    "          severity: warning\n"
    "          service: goodgo-api\n"
    "        annotations:\n"
    "          summary: API 5xx error rate is above 1%\n"
    "          description: '{{ printf \"%.2f\" $value }}% of requests answer 5xx (threshold "
    "1%).'\n"
    "          dashboard: /d/goodgo-api-overview/goodgo-api-overview\n"
    "          runbook_url: https://docs.goodgo.vn/runbooks/api-error-rate-high\n";

static bool write_prometheus_yml(const struct sandbox *sb, const char *path) {
    const struct platform *p = &sb->p;
    FILE *f = fopen(path, "we");
    if (!f) {
        return false;
    }
    fputs("global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  evaluation_interval: 1s\n"
          "rule_files:\n  - alert-rules.yml\n",
          f);
    if (p->port[SB_ALERTMANAGER]) {
        fprintf(f,
                "alerting:\n  alertmanagers:\n    - static_configs:\n"
                "        - targets: ['127.0.0.1:%u']\n",
                (unsigned)p->port[SB_ALERTMANAGER]);
    }
    fputs("scrape_configs:\n", f);
    if (p->port[SB_API]) {
        fprintf(f,
                "  - job_name: goodgo-api\n    metrics_path: /metrics\n    static_configs:\n"
                "      - targets: ['127.0.0.1:%u']\n        labels:\n"
                "          service: goodgo-api\n          environment: development\n",
                (unsigned)p->port[SB_API]);
    }
    fprintf(f, "  - job_name: prometheus\n    static_configs:\n      - targets: ['127.0.0.1:%u']\n",
            (unsigned)p->backend[SB_PROMETHEUS]);
    bool ok = !ferror(f);
    return fclose(f) == 0 && ok;
}

bool start_prometheus(struct sandbox *sb, struct proc *ret, struct why *why) {
    char data[600], yml[700], rules[700], config[800], storage[800], listen[80], url[80];
    bool ok = make_server_dir(sb, "prometheus", false, 0700, data, sizeof data) &&
              path_join(yml, sizeof yml, data, "prometheus.yml") &&
              path_join(rules, sizeof rules, data, "alert-rules.yml") &&
              write_file(rules, 0600, "%s", alert_rules) && write_prometheus_yml(sb, yml);
    if (!ok) {
        return config_failed(why, "prometheus");
    }
    snprintf(config, sizeof config, "--config.file=%s", yml);
    snprintf(storage, sizeof storage, "--storage.tsdb.path=%s/tsdb", data);
    snprintf(listen, sizeof listen, "--web.listen-address=127.0.0.1:%u",
             (unsigned)sb->p.backend[SB_PROMETHEUS]);
    snprintf(url, sizeof url, "--web.external-url=http://127.0.0.1:%u/",
             (unsigned)sb->p.port[SB_PROMETHEUS]);
    const char *const argv[] = {PROMETHEUS_PATH,
                                config,
                                storage,
                                listen,
                                url,
                                "--storage.tsdb.retention.time=15d",
                                "--web.enable-lifecycle",
                                "--log.level=warn",
                                NULL};
    return server_spawn(sb, SB_PROMETHEUS, argv, false, ret, why);
}
