/* probe/typesense.c - the search index: health, load, the schema against the runbook and the
 * documents against the database. Runbook: GET /health, 10 s interval, 5 s time-out, 5 retries, 15
 * s start. /health needs no key, so a wrong key shows in /stats.json, which is essential too.
 *
 * Metrics: ok, resource_error, state, version, documents, drift (documents minus database rows; not
 * known where those are only estimated), collections, queued_writes, pending_write_batches,
 * search_rps, search_ms, write_rps, memory_bytes, memory_total_bytes, disk_used_pct,
 * schema_problems. Tables: collections(name, documents, fields, created), schema_diff(field,
 * problem, expected, found), search_status(status, documents), status_drift(status, search,
 * database, difference). */
#include "codec/probe.h"

#include <string.h>

#include "base/shell.h"
#include "http_priv.h"
#include "typesense_priv.h"

#define LAG_MANY 500

static const char key_todo[] =
    "check TYPESENSE_API_KEY against the key the server was started with";

static bool ask(struct probe_run *run, struct exchange *ex, const char *path) {
    ask_get(run, ex, run->settings->typesense_url, path);
    ask_header(ex, "X-TYPESENSE-API-KEY", run->settings->typesense_key);
    return run->settings->typesense_key != NULL;
}

static struct json *read_json(struct probe_run *run, const struct reply *reply, const char *path,
                              const char *expected, struct err *err) {
    const char *url = probe_url(run, run->settings->typesense_url, path);
    struct json *j = answer_json(run, url, &reply->http, expected, err);
    if (!j)
        err_advise(err, E_AUTH, key_todo);
    return j;
}

/* ---- health: no key ---- */

static bool ok_request(struct probe_run *run, struct exchange *ex) {
    return ask_get(run, ex, run->settings->typesense_url, "/health");
}

static bool ok_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                     struct err *err) {
    bool ok;
    const char *url = probe_url(run, run->settings->typesense_url, "/health");
    if (reply->http.status == 503) {
        probe_http_unexpected(run, url, &reply->http, "{\"ok\":true}", err);
        return err_advise(err, E_NOT_READY,
                          "it starts, re-reads its data or lags: wait, see its log");
    }
    struct json *j = read_json(run, reply, "/health", "{\"ok\":true}", err);
    if (!j)
        return false;
    bool is_health = json_bool(j, "ok", &ok);
    if (is_health) {
        reading_int(out, "ok", UNIT_BOOL, ok);
        take_text(out, j, "resource_error", "resource_error");
        reading_real(out, "health_ms", UNIT_MS, reply->took_ms);
    }
    json_free(j);
    return is_health || probe_http_unexpected(run, url, &reply->http, "{\"ok\":true}", err);
}

/* ---- load ---- */

static bool stats_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, "/stats.json");
}

static bool stats_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    struct json *j = read_json(run, reply, "/stats.json", "its statistics", err);
    if (!j)
        return false;
    take_count(out, j, "pending_write_batches", "pending_write_batches", UNIT_COUNT);
    take_real(out, j, "search_requests_per_second", "search_rps", UNIT_PER_SECOND);
    take_real(out, j, "search_latency_ms", "search_ms", UNIT_MS);
    take_real(out, j, "write_requests_per_second", "write_rps", UNIT_PER_SECOND);
    json_free(j);
    return true;
}

static bool status_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, "/status");
}

static bool status_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    struct json *j = read_json(run, reply, "/status", "its state", err);
    if (!j)
        return false;
    take_text(out, j, "state", "state");
    take_count(out, j, "queued_writes", "queued_writes", UNIT_COUNT);
    json_free(j);
    return true;
}

static bool debug_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, "/debug");
}

static bool debug_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    struct json *j = read_json(run, reply, "/debug", "its version", err);
    if (!j)
        return false;
    take_text(out, j, "version", "version");
    json_free(j);
    return true;
}

static bool metrics_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, "/metrics.json");
}

static bool metrics_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                          struct err *err) {
    struct json *j = read_json(run, reply, "/metrics.json", "its metrics", err);
    if (!j)
        return false;
    double used, total;
    take_count(out, j, "typesense_memory_active_bytes", "memory_bytes", UNIT_BYTES);
    take_count(out, j, "system_memory_total_bytes", "memory_total_bytes", UNIT_BYTES);
    if (json_double(j, "system_disk_used_bytes", &used) &&
        json_double(j, "system_disk_total_bytes", &total) && total > 0 && used >= 0)
        reading_real(out, "disk_used_pct", UNIT_PERCENT, 100 * used / total);
    json_free(j);
    return true;
}

/* ---- collections and the schema ---- */

static const struct column collection_columns[] = {
    {"name", "COLLECTION", UNIT_NONE, 0, 0},
    {"documents", "DOCUMENTS", UNIT_COUNT, 9, 0},
    {"fields", "FIELDS", UNIT_COUNT, 6, 1},
    {"created", "CREATED", UNIT_TIME, 8, 2},
};

static bool collections_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, "/collections");
}

static void add_collection(struct reading *out, struct table *t, const struct json *c) {
    int64_t n;
    const char *name = json_string(c, "name");
    struct row *row = name ? table_add_row(out, t, name, HEALTH_OFF) : NULL;
    if (!row)
        return;
    row_text(out, row, 0, name);
    if (json_i64(c, "num_documents", 0, INT64_MAX, &n))
        row_int(row, 1, n);
    if (json_is_array(json_get(c, "fields")))
        row_int(row, 2, (int64_t)json_size(json_get(c, "fields")));
    if (json_i64(c, "created_at", 0, INT32_MAX * INT64_C(4), &n))
        row_int(row, 3, n);
}

static bool collections_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                              struct err *err) {
    static const char expected[] = "a list of collections";
    struct json *j = read_json(run, reply, "/collections", expected, err);
    if (!j)
        return false;
    if (!json_is_array(j)) {
        json_free(j);
        const char *url = probe_url(run, run->settings->typesense_url, "/collections");
        return probe_http_unexpected(run, url, &reply->http, expected, err);
    }
    struct table *t = reading_add_table(out, "collections", "Collections", collection_columns,
                                        ARRAY_LEN(collection_columns));
    reading_int(out, "collections", UNIT_COUNT, (int64_t)json_size(j));
    for (const struct json *c = json_first(j); c && t->n_rows < TYPESENSE_MAX_ROWS;
         c = json_next(c))
        add_collection(out, t, c);
    json_free(j);
    return true;
}

static bool listings_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, "/collections/listings");
}

static bool listings_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                           struct err *err) {
    if (reply->http.status == 404 && !answer_is_html(&reply->http)) {
        reading_finding(out, HEALTH_CRITICAL, "no_collection",
                        "restart the API (it makes the schema), then reindex",
                        "there is no collection listings");
        return true;
    }
    struct json *j = read_json(run, reply, "/collections/listings", "the collection", err);
    if (!j)
        return false;
    take_count(out, j, "num_documents", "documents", UNIT_COUNT);
    if (json_is_array(json_get(j, "fields")))
        typesense_schema(out, json_get(j, "fields"));
    json_free(j);
    return true;
}

/* ---- documents per status ---- */

#define FACET_PATH                                                                                 \
    "/collections/listings/documents/search"                                                       \
    "?facet_by=status&max_facet_values=50&per_page=0&q=%2A&query_by=title"

static const struct column status_columns[] = {
    {"status", "STATUS", UNIT_NONE, 0, 0},
    {"documents", "DOCUMENTS", UNIT_COUNT, 9, 0},
};

static bool facet_request(struct probe_run *run, struct exchange *ex) {
    return ask(run, ex, FACET_PATH);
}

static bool facet_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    if (reply->http.status == 404)
        return true; /* said by listings_parse */
    struct json *j = read_json(run, reply, FACET_PATH, "a search answer", err);
    if (!j)
        return false;
    struct table *t = reading_add_table(out, "search_status", "Documents by status", status_columns,
                                        ARRAY_LEN(status_columns));
    const struct json *counts = json_get(j, "facet_counts[0].counts");
    for (const struct json *c = json_first(counts); c && t->n_rows < 50; c = json_next(c)) {
        int64_t n;
        const char *status = json_string(c, "value");
        struct row *row = status ? table_add_row(out, t, status, HEALTH_OFF) : NULL;
        if (!row)
            continue;
        row_text(out, row, 0, status);
        if (json_i64(c, "count", 0, INT64_MAX, &n))
            row_int(row, 1, n);
    }
    json_free(j);
    return true;
}

static const struct probe_stage stages[] = {
    {"health", 0, 0, true, ok_request, ok_parse},
    {"stats", 0, 0, true, stats_request, stats_parse},
    {"status", 0, 0, false, status_request, status_parse},
    {"listings", 10000, 0, false, listings_request, listings_parse},
    {"facet", 30000, 0, false, facet_request, facet_parse},
    {"metrics", 15000, 0, false, metrics_request, metrics_parse},
    {"collections", 60000, 0, false, collections_request, collections_parse},
    {"debug", 60000, 0, false, debug_request, debug_parse},
};
static const struct stage_words stage_words[] = {
    {"status", "its state"},
    {"facet", "documents by status"},
    {"debug", "its version"},
    {NULL, NULL},
};

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no address: set TYPESENSE_HOST";
    return s->typesense_url != NULL;
}

/* ---- against the database, as the postgres section last saw it ---- */

static const struct section *database(const struct probe_run *run) {
    const struct section *sec = run->snapshot ? run->snapshot->sections[SERVICE_postgres] : NULL;
    return sec && sec->has_reading && !sec->failed ? sec : NULL;
}

/* ---- judgement ---- */

static void judge_resources(struct reading *r) {
    const char *resource = reading_string(r, "resource_error");
    double pct;
    if (resource && resource[0])
        reading_finding(r, HEALTH_WARNING, "resource_error",
                        "free disk or memory on its host: reads go on meanwhile",
                        "it rejects writes: %.40s", resource);
    if (reading_number(r, "disk_used_pct", &pct) && pct > 90)
        reading_finding(r, pct > 95 ? HEALTH_CRITICAL : HEALTH_WARNING, "disk",
                        "free disk: it rejects writes when it is full", "its disk is %.0f %% full",
                        pct);
}

static void judge_writes(struct reading *r) {
    double n;
    const char *state = reading_string(r, "state");
    if ((reading_number(r, "queued_writes", &n) && n > LAG_MANY) ||
        (reading_number(r, "pending_write_batches", &n) && n > LAG_MANY))
        reading_finding(r, HEALTH_WARNING, "write_lag", "slow the import down, or wait",
                        "%s writes wait", GROUPED(int_of(n)));
    if (state && strcmp(state, "LEADER") != 0 && strcmp(state, "FOLLOWER") != 0)
        reading_finding(r, HEALTH_WARNING, "state", "see its log", "its state is %.30s", state);
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char documents[32], drift[32], queue[32];
    if (!run->settings->typesense_key)
        reading_finding(r, HEALTH_WARNING, "no_key", "set TYPESENSE_API_KEY",
                        "only /health is read: no key is set");
    if (metric_is_no(r, "ok"))
        reading_finding(r, HEALTH_CRITICAL, "not_ok", "see its log", "it says it is not ok");
    judge_resources(r);
    judge_writes(r);
    typesense_drift(r, database(run));
    show_metric(r, "documents", documents, sizeof documents);
    show_metric(r, "drift", drift, sizeof drift);
    show_metric(r, "queued_writes", queue, sizeof queue);
    v->summary = text_printf(run->arena, "%s docs  drift %s  queue %s", documents, drift, queue);
    judge_by_findings(run, r, v);
}

static const struct shell_words questions[] = {
    {"collections", "/collections"},
    {"status_drift", "/collections/listings/documents/search?q=*&query_by=title&facet_by=status"
                     "&per_page=0"},
    {NULL, "/collections/listings"},
};

static void shell(const struct settings *s, const char *table, struct str *out) {
    str_puts(out, "curl -sS -m 5 -H \"X-TYPESENSE-API-KEY: ${TYPESENSE_API_KEY}\" ");
    shell_put(out, "%s%s", s->typesense_url ? s->typesense_url : "", shell_pick(questions, table));
}

static const enum service beside[] = {SERVICE_postgres, SERVICE_COUNT};

extern const struct probe probe_typesense;
const struct probe probe_typesense = {
    .service = SERVICE_typesense,
    .title = "Typesense",
    .purpose = "search index: documents against the database, schema, load",
    .interval_ms = 10000,
    .timeout_ms = 5000,
    .retries = 5,
    .start_period_ms = 15000,
    .beside = beside,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .stage_words = stage_words,
    .key_metric = "documents",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "TYPESENSE_HOST",
};
