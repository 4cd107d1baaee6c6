/* sandbox/loki_logs.c - answers of lines: what a log query finds, as streams, and how much that is.
 */
#include "loki_priv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct found {
    const struct log_line **line;
    size_t n, lines, bytes;
};

static struct found collect(const struct logql *q, uint64_t start, uint64_t end, size_t limit,
                            bool forward) {
    struct found f = {calloc(limit, sizeof *f.line), 0, 0, 0};
    if (!f.line) {
        abort();
    }
    size_t from = ring_find(start), to = ring_find(end);
    for (size_t k = 0; k < to - from && f.n < limit; k++) {
        const struct log_line *l = ring_line(forward ? from + k : to - 1 - k);
        f.lines++;
        f.bytes += strlen(l->text);
        if (logql_matches(q, l)) {
            f.line[f.n++] = l;
        }
    }
    return f;
}

static void add_streams(struct text *t, const struct found *f) {
    const struct log_line *first[LOKI_MAX_SERIES];
    int n_streams = 0;
    for (size_t i = 0; i < f->n; i++) {
        int k = 0;
        while (k < n_streams && !loki_same_stream(first[k], f->line[i], LOKI_ALL_LABELS)) {
            k++;
        }
        if (k == n_streams && n_streams < LOKI_MAX_SERIES) {
            first[n_streams++] = f->line[i];
        }
    }
    for (int k = 0; k < n_streams; k++) {
        int n = 0;
        text_puts(t, k ? ",{\"stream\":" : "{\"stream\":");
        loki_add_labels(t, first[k], LOKI_ALL_LABELS);
        text_puts(t, ",\"values\":[");
        for (size_t i = 0; i < f->n; i++) {
            if (loki_same_stream(first[k], f->line[i], LOKI_ALL_LABELS)) {
                text_addf(t, "%s[\"%llu\",", n++ ? "," : "", (unsigned long long)f->line[i]->at_ns);
                text_add_json(t, f->line[i]->text);
                text_puts(t, "]");
            }
        }
        text_puts(t, "]}");
    }
}

void loki_answer_logs(struct http_request *req, const struct logql *q, uint64_t start,
                      uint64_t end) {
    size_t limit = 0;
    const char *direction = http_param(req, "direction");
    bool forward = direction && strcasecmp(direction, "forward") == 0;
    if (direction && !forward && strcasecmp(direction, "backward") != 0) {
        http_replyf(req, 400, loki_plain, "invalid direction '%s'", direction);
        return;
    }
    if (!loki_limit_param(req, &limit)) {
        return;
    }
    http_reply(req, 200, loki_json,
               "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":[");
    ring_lock();
    struct found f = collect(q, start, end, limit, forward);
    add_streams(&req->reply, &f);
    ring_unlock();
    free(f.line);
    text_puts(&req->reply, "],");
    loki_add_stats(&req->reply, f.lines, f.bytes, f.n);
    text_puts(&req->reply, "}}");
}

void loki_answer_stats(struct http_request *req, const struct logql *q) {
    uint64_t start = 0, end = 0;
    size_t entries = 0, bytes = 0;
    if (!loki_range_params(req, LOKI_HOUR_NS, &start, &end)) {
        return;
    }
    ring_lock();
    size_t to = ring_find(end);
    for (size_t i = ring_find(start); i < to; i++) {
        if (logql_matches(q, ring_line(i))) {
            entries++;
            bytes += strlen(ring_line(i)->text);
        }
    }
    ring_unlock();
    http_replyf(req, 200, loki_json,
                "{\"streams\":%d,\"chunks\":%zu,\"bytes\":%zu,\"entries\":%zu}", entries ? 8 : 0,
                entries / 500 + (entries > 0), bytes, entries);
}
