/* sandbox/standin_typesense.c - Typesense 27.1 over HTTP: its routes, the order of its checks, and
 * its error sentences. The answers are in typesense_*.c. */
#include "typesense_priv.h"

#include "array.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

const char typesense_json[] = "application/json; charset=utf-8";

static const char forbidden[] = "Forbidden - a valid `x-typesense-api-key` header must be sent.";
static const char disk_full[] = "Rejecting write: running out of resource type: OUT_OF_DISK";

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void typesense_lock(void) {
    pthread_mutex_lock(&lock);
}

void typesense_unlock(void) {
    pthread_mutex_unlock(&lock);
}

/* ---- replies ---- */

/* The words are put in without escaping, as the real one does. */
void typesense_message(struct http_request *req, int status, const char *format, ...) {
    va_list args;
    va_start(args, format);
    http_reply(req, status, typesense_json, "{\"message\": \"");
    text_vaddf(&req->reply, format, args);
    text_puts(&req->reply, "\"}");
    va_end(args);
}

void typesense_reply_verdict(struct http_request *req, const struct search_result *r) {
    typesense_message(req, r->status, "%s", r->message);
}

void typesense_reply_json(struct http_request *req, int status, const cJSON *tree) {
    char *s = cJSON_PrintUnformatted(tree);
    http_reply(req, status, typesense_json, s ? s : "{}");
    free(s);
}

static void success(struct http_request *req) {
    http_reply(req, 200, typesense_json, "{\"success\":true}");
}

static void snapshot(struct http_request *req) {
    http_reply(req, 201, typesense_json, "{\"success\":true}");
}

/* ---- routes ---- */

struct route {
    const char *method, *path; /* a ':' part stands for anything */
    const char *action;        /* NULL: no key asked for */
    http_handler answer;
    bool write;
    int kind; /* enum traffic_kind, or -1 */
};

static const struct route routes[] = {
    {"GET", "health", NULL, node_health, false, -1},
    {"GET", "debug", "debug:list", node_debug, false, -1},
    {"GET", "status", "status:list", node_status, false, -1},
    {"GET", "stats.json", "stats.json:list", node_stats, false, -1},
    {"GET", "metrics.json", "metrics.json:list", node_metrics, false, -1},
    {"POST", "operations/snapshot", "operations:create", snapshot, false, -1},
    {"POST", "operations/db/compact", "operations:create", success, false, -1},
    {"POST", "operations/cache/clear", "operations:create", success, false, -1},
    {"POST", "multi_search", "documents:search", multi_search, false, TRAFFIC_SEARCH},
    {"GET", "collections", "collections:list", collections_list, false, -1},
    {"POST", "collections", "collections:create", collection_create, true, TRAFFIC_WRITE},
    {"GET", "collections/:", "collections:get", collection_get, false, -1},
    {"PATCH", "collections/:", "collections:update", collection_patch, true, TRAFFIC_WRITE},
    {"DELETE", "collections/:", "collections:delete", collection_drop, false, TRAFFIC_DELETE},
    {"POST", "collections/:/documents", "documents:create", document_create, true, TRAFFIC_WRITE},
    {"DELETE", "collections/:/documents", "documents:delete", documents_delete, false,
     TRAFFIC_DELETE},
    {"POST", "collections/:/documents/import", "documents:import", documents_import, true,
     TRAFFIC_IMPORT},
    {"GET", "collections/:/documents/export", "documents:export", documents_export, false, -1},
    {"GET", "collections/:/documents/search", "documents:search", documents_search, false,
     TRAFFIC_SEARCH},
    {"GET", "collections/:/documents/:", "documents:get", document_get, false, -1},
    {"PATCH", "collections/:/documents/:", "documents:update", document_patch, true, TRAFFIC_WRITE},
    {"DELETE", "collections/:/documents/:", "documents:delete", document_delete, false,
     TRAFFIC_DELETE},
    {"GET", "collections/:/synonyms", "synonyms:list", extras_list, false, -1},
    {"PUT", "collections/:/synonyms/:", "synonyms:create", extra_put, true, TRAFFIC_WRITE},
    {"DELETE", "collections/:/synonyms/:", "synonyms:delete", extra_delete, false, TRAFFIC_DELETE},
    {"GET", "collections/:/overrides", "overrides:list", extras_list, false, -1},
    {"PUT", "collections/:/overrides/:", "overrides:create", extra_put, true, TRAFFIC_WRITE},
    {"DELETE", "collections/:/overrides/:", "overrides:delete", extra_delete, false,
     TRAFFIC_DELETE},
    {"GET", "aliases", "aliases:list", aliases_list, false, -1},
    {"GET", "aliases/:", "aliases:get", alias_get, false, -1},
    {"PUT", "aliases/:", "aliases:create", alias_put, true, TRAFFIC_WRITE},
    {"DELETE", "aliases/:", "aliases:delete", alias_delete, false, TRAFFIC_DELETE},
    {"GET", "keys", "keys:list", keys_list, false, -1},
    {"POST", "keys", "keys:create", key_create, true, -1},
    {"GET", "keys/:", "keys:get", key_get, false, -1},
    {"DELETE", "keys/:", "keys:delete", key_delete, false, -1},
};

static bool route_fits(const struct route *r, const struct http_request *req) {
    const char *at = r->path;
    if (strcmp(r->method, req->method) != 0) {
        return false;
    }
    for (int i = 0; i < req->n_segments; i++) {
        size_t n = strcspn(at, "/");
        bool any = n == 1 && *at == ':';
        if (!n ||
            (!any && (strlen(req->segment[i]) != n || strncmp(req->segment[i], at, n) != 0)) ||
            (any && !*req->segment[i])) {
            return false;
        }
        at += n + (at[n] == '/');
    }
    return !*at && req->n_segments > 0;
}

static const struct route *route_find(const struct http_request *req) {
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (route_fits(&routes[i], req)) {
            return &routes[i];
        }
    }
    return NULL;
}

static void route_run(const struct route *r, struct http_request *req) {
    const char *given = http_header(req, "X-TYPESENSE-API-KEY");
    bool named = req->n_segments > 1 && strcmp(req->segment[0], "collections") == 0;
    given = given ? given : http_param(req, "x-typesense-api-key");
    if (r->action && !keys_allow(given, r->action, named ? req->segment[1] : "*")) {
        typesense_message(req, 401, "%s", forbidden);
    } else if (r->write && standins_scenarios().disk_full_search) {
        typesense_message(req, 422, "%s", disk_full);
    } else {
        r->answer(req);
        if (r->write) {
            node_count_write();
        }
    }
    node_count_request(r->kind, clock_mono_ms() - req->arrived_ms);
}

void typesense_handle(struct http_request *req) {
    const struct route *r = route_find(req);
    req->chunked = true;
    http_reply_header(req, "Access-Control-Allow-Origin", "*");
    if (!r) {
        typesense_message(req, 404, "Not Found");
        return;
    }
    typesense_lock();
    route_run(r, req);
    typesense_unlock();
}

void typesense_error_body(struct http_request *req, int code) {
    bool is_health = strcmp(req->path, "/health") == 0;
    if (is_health && code == 503) {
        http_reply(req, code, typesense_json, "{\"ok\":false}");
        return;
    }
    typesense_message(req, code, "%s",
                      code == 503   ? "Not Ready or Lagging"
                      : code == 401 ? forbidden
                      : code == 429 ? "Rate limit exceeded or blocked"
                      : code == 422 ? disk_full
                      : code == 408 ? "Request Timeout"
                                    : "Could not find a leader.");
}

void typesense_done(void) {
    collections_done();
    keys_done();
}
