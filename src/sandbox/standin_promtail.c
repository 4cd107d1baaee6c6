/* sandbox/standin_promtail.c - Promtail: readiness and the figures of a log shipper that keeps up
 * with what traffic writes, or falls behind while Loki cannot be reached. */
#include "standins.h"

#include "array.h"

#include <pthread.h>
#include <string.h>

static const char plain[] = "text/plain; charset=utf-8";

/* What was sent so far: stands still while Loki is away, catches up afterwards. */
static void sent_so_far(uint64_t *ret_lines, uint64_t *ret_bytes, uint64_t *ret_retries) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static uint64_t lines, bytes, retries;
    pthread_mutex_lock(&lock);
    if (standins_reachable(SB_LOKI)) {
        loki_totals(&lines, &bytes);
    } else {
        retries++;
    }
    *ret_lines = lines;
    *ret_bytes = bytes;
    *ret_retries = retries;
    pthread_mutex_unlock(&lock);
}

struct metric {
    const char *type, *name, *labels;
    uint64_t value;
};

static void metrics_reply(struct http_request *req) {
    uint64_t lines = 0, bytes = 0, sent = 0, sent_bytes = 0, retries = 0;
    loki_totals(&lines, &bytes);
    sent_so_far(&sent, &sent_bytes, &retries);
    const struct metric metrics[] = {
        {"gauge", "promtail_targets_active_total", "", 3},
        {"gauge", "promtail_files_active_total", "", 3},
        {"counter", "promtail_read_lines_total", "{path=\"docker\"}", lines},
        {"gauge", "promtail_read_bytes_total", "{path=\"docker\"}", bytes},
        {"gauge", "promtail_file_bytes_total", "{path=\"docker\"}", bytes},
        {"counter", "promtail_sent_entries_total", "{host=\"loki:3100\"}", sent},
        {"counter", "promtail_sent_bytes_total", "{host=\"loki:3100\"}", sent_bytes},
        {"counter", "promtail_batch_retries_total", "{host=\"loki:3100\",tenant=\"\"}", retries},
        {"counter", "promtail_dropped_entries_total",
         "{host=\"loki:3100\",reason=\"rate_limited\",tenant=\"\"}", 0},
        {"counter", "promtail_dropped_entries_total",
         "{host=\"loki:3100\",reason=\"ingester_error\",tenant=\"\"}", 0},
    };
    const char *last = "";
    http_reply(req, 200, "text/plain; version=0.0.4; charset=utf-8; escaping=values", "");
    for (size_t i = 0; i < ARRAY_LEN(metrics); i++) {
        const struct metric *m = &metrics[i];
        if (strcmp(last, m->name) != 0) {
            text_addf(&req->reply, "# TYPE %s %s\n", m->name, m->type);
        }
        text_addf(&req->reply, "%s%s %llu\n", m->name, m->labels, (unsigned long long)m->value);
        last = m->name;
    }
    text_puts(&req->reply,
              "# TYPE promtail_build_info gauge\n"
              "promtail_build_info{branch=\"HEAD\",goversion=\"go1.21.9\",version=\"3.0.0\"} 1\n");
}

void promtail_handle(struct http_request *req) {
    if (http_is(req, "GET", "/ready")) {
        http_reply(req, 200, plain, "Ready");
    } else if (http_is(req, "GET", "/metrics")) {
        metrics_reply(req);
    } else if (http_is(req, "GET", "/")) {
        http_reply_header(req, "Location", "/targets");
        http_reply(req, 303, "text/html; charset=utf-8", "<a href=\"/targets\">See Other</a>.\n\n");
    } else {
        http_reply(req, 404, plain, "404 page not found\n");
    }
}

void promtail_error_body(struct http_request *req, int status) {
    if (status == 500) {
        http_reply(req, status, plain,
                   "Not ready: Unable to find any logs to tail. Please verify permissions, "
                   "volumes, scrape_config, etc.\n");
    } else {
        http_replyf(req, status, plain, "error %d\n", status);
    }
}
