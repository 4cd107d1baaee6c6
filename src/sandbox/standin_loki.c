/* sandbox/standin_loki.c - Loki 3.0 over a ring of generated Pino lines: its routes, the kinds of
 * queries, and the plain-text errors of the real one. The answers are in loki_*.c, LogQL in
 * logql*.c. */
#include "loki_priv.h"

#include "array.h"

#include <string.h>

enum { STARTING_MS = 2000 };

const char loki_json[] = "application/json; charset=UTF-8";
const char loki_plain[] = "text/plain; charset=utf-8";

static uint64_t started_ms;

bool loki_init(void) {
    started_ms = clock_mono_ms();
    return ring_init();
}

void loki_done(void) {
    ring_done();
}

/* ---- queries ---- */

void loki_add_stats(struct text *t, size_t lines, size_t bytes, size_t returned) {
    text_addf(t,
              "\"stats\":{\"summary\":{\"bytesProcessedPerSecond\":%zu,"
              "\"linesProcessedPerSecond\":%zu,\"totalBytesProcessed\":%zu,"
              "\"totalLinesProcessed\":%zu,\"execTime\":0.004,\"queueTime\":0.0001,"
              "\"subqueries\":0,\"totalEntriesReturned\":%zu,\"splits\":0,\"shards\":0}}",
              bytes * 250, lines * 250, bytes, lines, returned);
}

void loki_with_query(struct http_request *req, const char *text,
                     void (*run)(struct http_request *req, const struct logql *q)) {
    struct logql q;
    if (logql_read(&q, text)) {
        run(req, &q);
    } else {
        http_reply(req, 400, loki_plain, q.error);
    }
    logql_done(&q);
}

static const char *query_param(const struct http_request *req) {
    const char *text = http_param(req, "query");
    return text ? text : "";
}

static void run_range(struct http_request *req, const struct logql *q) {
    uint64_t start = 0, end = 0;
    if (!loki_range_params(req, LOKI_HOUR_NS, &start, &end)) {
        return;
    }
    if (*q->function) {
        loki_answer_matrix(req, q, start, end);
    } else {
        loki_answer_logs(req, q, start, end);
    }
}

static void run_instant(struct http_request *req, const struct logql *q) {
    uint64_t at = 0;
    if (!loki_time_param(req, "time", clock_wall_ns(), &at)) {
        return;
    }
    if (*q->function) {
        loki_answer_vector(req, q, at);
        return;
    }
    http_reply(
        req, 400, loki_plain,
        "log queries are not supported as an instant query type, please change your query to "
        "a range query type");
}

static void query_range(struct http_request *req) {
    loki_with_query(req, query_param(req), run_range);
}

static void query_instant(struct http_request *req) {
    loki_with_query(req, query_param(req), run_instant);
}

static void index_stats(struct http_request *req) {
    loki_with_query(req, query_param(req), loki_answer_stats);
}

/* ---- the server ---- */

bool loki_is_warm(void) {
    return clock_mono_ms() - started_ms >= STARTING_MS;
}

static void ready(struct http_request *req) {
    if (!loki_is_warm()) {
        http_reply(req, 503, loki_plain, "Ingester not ready: waiting for 15s after being ready\n");
    } else {
        http_reply(req, 200, loki_plain, "ready\n");
    }
}

static void buildinfo(struct http_request *req) {
    http_reply(req, 200, loki_json,
               "{\"version\":\"3.0.0\",\"revision\":\"b4f7181c7\",\"branch\":\"HEAD\","
               "\"buildUser\":\"root@sandbox\",\"buildDate\":\"2024-04-08T18:51:19Z\","
               "\"goVersion\":\"go1.21.9\"}");
}

static void metrics(struct http_request *req) {
    uint64_t lines = 0, bytes = 0;
    loki_totals(&lines, &bytes);
    http_replyf(req, 200, "text/plain; version=0.0.4; charset=utf-8",
                "# TYPE loki_build_info gauge\nloki_build_info{version=\"3.0.0\"} 1\n"
                "# TYPE loki_distributor_lines_received_total counter\n"
                "loki_distributor_lines_received_total{tenant=\"fake\"} %llu\n"
                "# TYPE loki_distributor_bytes_received_total counter\n"
                "loki_distributor_bytes_received_total{tenant=\"fake\"} %llu\n",
                (unsigned long long)lines, (unsigned long long)bytes);
}

/* ---- routes ---- */

static const struct {
    const char *path;
    bool post; /* a form may be posted too */
    http_handler answer;
} routes[] = {
    {"/ready", false, ready},
    {"/metrics", false, metrics},
    {"/loki/api/v1/status/buildinfo", false, buildinfo},
    {"/loki/api/v1/labels", true, loki_labels},
    {"/loki/api/v1/label", true, loki_labels},
    {"/loki/api/v1/series", true, loki_series},
    {"/loki/api/v1/query", true, query_instant},
    {"/loki/api/v1/query_range", true, query_range},
    {"/loki/api/v1/index/stats", true, index_stats},
};

static void form_params(struct http_request *req) {
    if (strcmp(req->method, "POST") == 0 && req->body.size &&
        http_type_is(req, "application/x-www-form-urlencoded")) {
        http_add_params(req, req->body.data);
    }
}

static bool is_label_values(const struct http_request *req) {
    return req->n_segments == 6 && strncmp(req->path, "/loki/api/v1/label/", 19) == 0 &&
           strcmp(req->segment[5], "values") == 0;
}

void loki_handle(struct http_request *req) {
    form_params(req);
    if (is_label_values(req)) {
        loki_label_values(req);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (strcmp(req->path, routes[i].path) != 0) {
            continue;
        }
        if (http_is(req, "GET", req->path) || (routes[i].post && http_is(req, "POST", req->path))) {
            routes[i].answer(req);
        } else {
            http_reply(req, 405, NULL, "");
        }
        return;
    }
    http_reply(req, 404, loki_plain, "404 page not found\n");
}

void loki_error_body(struct http_request *req, int status) {
    http_reply(req, status, loki_plain,
               status == 429   ? "too many outstanding requests"
               : status == 504 ? "Request timed out, decrease the duration of the request or add "
                                 "more label matchers (prefer exact match over regex match) to "
                                 "reduce the amount of data processed."
               : status == 503 ? "Some services are not Running:\nFailed: 1\n"
                               : "internal server error");
}
