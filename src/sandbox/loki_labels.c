/* sandbox/loki_labels.c - answers of names: labels, their values, and the series that there are. */
#include "loki_priv.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_LABEL_VALUES = 64 };

/* Holds the lines of the range asked for: false where there is a reply already; else the lock is
 * held. */
static bool lock_range(struct http_request *req, size_t *ret_from, size_t *ret_to) {
    uint64_t start = 0, end = 0;
    if (!loki_range_params(req, 6 * LOKI_HOUR_NS, &start, &end)) {
        return false;
    }
    ring_lock();
    *ret_from = ring_find(start);
    *ret_to = ring_find(end);
    return true;
}

/* No `data` where there is nothing, as the real one has it. */
static void reply_names(struct http_request *req, const char *const *names, int n) {
    http_reply(req, 200, loki_json, "{\"status\":\"success\"");
    for (int i = 0; i < n; i++) {
        text_puts(&req->reply, i ? "," : ",\"data\":[");
        text_add_json(&req->reply, names[i]);
    }
    text_puts(&req->reply, n ? "]}" : "}");
}

void loki_labels(struct http_request *req) {
    size_t from = 0, to = 0;
    if (lock_range(req, &from, &to)) {
        ring_unlock();
        reply_names(req, loki_label_names, from < to ? N_LABELS : 0);
    }
}

static int compare_strings(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int distinct_values(enum label label, size_t from, size_t to, const char **out, int max) {
    int n = 0;
    for (size_t i = from; i < to; i++) {
        const char *v = line_label(ring_line(i), label);
        int k = 0;
        while (k < n && strcmp(out[k], v) != 0) {
            k++;
        }
        if (k == n && n < max) {
            out[n++] = v;
        }
    }
    qsort(out, (size_t)n, sizeof *out, compare_strings);
    return n;
}

/* The values are literals: they outlive the lock. */
void loki_label_values(struct http_request *req) {
    const char *values[MAX_LABEL_VALUES];
    size_t from = 0, to = 0;
    int n = 0;
    if (!lock_range(req, &from, &to)) {
        return;
    }
    for (int i = 0; i < N_LABELS; i++) {
        if (strcmp(req->segment[4], loki_label_names[i]) == 0) {
            n = distinct_values((enum label)i, from, to, values, MAX_LABEL_VALUES);
        }
    }
    ring_unlock();
    reply_names(req, values, n);
}

static void list_series(struct http_request *req, const struct logql *q) {
    const struct log_line *first[LOKI_MAX_SERIES];
    size_t from = 0, to = 0;
    int n = 0;
    if (!lock_range(req, &from, &to)) {
        return;
    }
    http_reply(req, 200, loki_json, "{\"status\":\"success\",\"data\":[");
    for (size_t i = from; i < to && n < LOKI_MAX_SERIES; i++) {
        const struct log_line *l = ring_line(i);
        int k = 0;
        while (k < n && !loki_same_stream(first[k], l, LOKI_ALL_LABELS)) {
            k++;
        }
        if (k == n && logql_matches(q, l)) {
            text_puts(&req->reply, n ? "," : "");
            loki_add_labels(&req->reply, l, LOKI_ALL_LABELS);
            first[n++] = l;
        }
    }
    ring_unlock();
    text_puts(&req->reply, "]}");
}

void loki_series(struct http_request *req) {
    const char *match = http_param(req, "match[]");
    match = match ? match : http_param(req, "match");
    loki_with_query(req, match ? match : "{job=~\".+\"}", list_series);
}
