/* sandbox/standin_grafana.c - Grafana 10.4: health without a login; dashboards, data sources,
 * annotations and alerts with a service-account token or basic auth. */
#include "standins.h"

#include "array.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char json[] = "application/json; charset=UTF-8";

struct dashboard {
    const char *uid, *title, *tag;
};

static const struct dashboard dashboards[] = {
    {"goodgo-api-latency", "GoodGo API Latency", "api"},
    {"goodgo-api-overview", "GoodGo API Overview", "api"},
    {"goodgo-database", "GoodGo Database", "database"},
    {"goodgo-logs", "GoodGo Logs", "logs"},
    {"goodgo-search", "GoodGo Search", "search"},
    {"goodgo-web-vitals", "GoodGo Web Vitals", "web"},
    {"goodgo-business-metrics", "GoodGo Business Metrics", "business"},
};

enum { N_DASHBOARDS = ARRAY_LEN(dashboards), MAX_ANNOTATIONS = 500 };

static struct {
    pthread_mutex_t lock;
    cJSON *items[MAX_ANNOTATIONS]; /* oldest first */
    int n;
    int last_id;
} annotations = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- who is asking ---- */

static bool same_secret(const char *given, const char *wanted) {
    size_t n = strlen(wanted);
    return n && strlen(given) == n && CRYPTO_memcmp(given, wanted, n) == 0;
}

static bool basic_is_right(const char *encoded) {
    unsigned char plain[512];
    char wanted[256];
    size_t n = strlen(encoded);
    if (n == 0 || n % 4 || n > 600) {
        return false;
    }
    int size = EVP_DecodeBlock(plain, (const unsigned char *)encoded, (int)n);
    if (size < 0) {
        return false;
    }
    plain[size] = 0;
    const struct platform *p = standins_platform();
    snprintf(wanted, sizeof wanted, "%s:%s", p->grafana_user, p->grafana_password);
    return same_secret((const char *)plain, wanted);
}

static bool authorised(struct http_request *req) {
    const char *given = http_header(req, "Authorization");
    const char *message = "Unauthorized", *id = "auth.unauthorized";
    if (given && strncasecmp(given, "Bearer ", 7) == 0) {
        if (same_secret(given + 7, standins_platform()->grafana_token)) {
            return true;
        }
        message = "Invalid API key";
        id = "api-key.invalid";
    } else if (given && strncasecmp(given, "Basic ", 6) == 0) {
        if (basic_is_right(given + 6)) {
            return true;
        }
        message = "Invalid username or password";
        id = "password-auth.failed";
    }
    http_replyf(req, 401, json,
                "{\"message\":\"%s\",\"messageId\":\"%s\",\"statusCode\":401,\"traceID\":\"\"}",
                message, id);
    return false;
}

/* ---- answers ---- */

static void health(struct http_request *req) {
    http_reply(req, 200, json,
               "{\n  \"commit\": \"d94d597d847c05085542c29dfad6b3f469cc77e1\",\n"
               "  \"database\": \"ok\",\n  \"version\": \"10.4.1\"\n}");
}

static void healthz(struct http_request *req) {
    http_reply(req, 200, "text/plain; charset=utf-8", "Ok");
}

static void login(struct http_request *req) {
    http_reply(req, 200, "text/html; charset=UTF-8",
               "<!DOCTYPE html><html lang=\"en-US\"><head><title>Grafana</title></head>"
               "<body class=\"theme-dark app-grafana\"><div id=\"reactRoot\"></div></body></html>");
}

static void search(struct http_request *req) {
    const char *query = http_param(req, "query");
    const char *tag = http_param(req, "tag");
    const char *type = http_param(req, "type");
    int n = 0;
    http_reply(req, 200, json, "[");
    for (int i = 0; i < N_DASHBOARDS && !(type && strcmp(type, "dash-db") != 0); i++) {
        const struct dashboard *d = &dashboards[i];
        if ((query && !strcasestr(d->title, query)) || (tag && strcmp(tag, d->tag) != 0)) {
            continue;
        }
        text_addf(&req->reply,
                  "%s{\"id\":%d,\"uid\":\"%s\",\"title\":\"%s\",\"uri\":\"db/%s\","
                  "\"url\":\"/d/%s/%s\",\"slug\":\"\",\"type\":\"dash-db\",\"tags\":[\"goodgo\","
                  "\"%s\"],\"isStarred\":false,\"sortMeta\":0}",
                  n++ ? "," : "", i + 1, d->uid, d->title, d->uid, d->uid, d->uid, d->tag);
    }
    text_puts(&req->reply, "]");
}

static void dashboard(struct http_request *req) {
    for (int i = 0; i < N_DASHBOARDS; i++) {
        const struct dashboard *d = &dashboards[i];
        if (strcmp(req->segment[3], d->uid) == 0) {
            http_replyf(req, 200, json,
                        "{\"meta\":{\"type\":\"db\",\"slug\":\"%s\",\"url\":\"/d/%s/%s\","
                        "\"version\":1},\"dashboard\":{\"id\":%d,\"uid\":\"%s\",\"title\":\"%s\","
                        "\"panels\":[]}}",
                        d->uid, d->uid, d->uid, i + 1, d->uid, d->title);
            return;
        }
    }
    http_reply(req, 404, json, "{\"message\":\"Dashboard not found\"}");
}

static void datasources(struct http_request *req) {
    http_reply(req, 200, json,
               "[{\"id\":1,\"uid\":\"prometheus\",\"orgId\":1,\"name\":\"Prometheus\","
               "\"type\":\"prometheus\",\"access\":\"proxy\",\"url\":\"http://prometheus:9090\","
               "\"isDefault\":true,\"jsonData\":{},\"readOnly\":true},"
               "{\"id\":2,\"uid\":\"loki\",\"orgId\":1,\"name\":\"Loki\",\"type\":\"loki\","
               "\"access\":\"proxy\",\"url\":\"http://loki:3100\",\"isDefault\":false,"
               "\"jsonData\":{\"derivedFields\":[{\"name\":\"correlationId\",\"matcherRegex\":"
               "\"\\\"correlationId\\\":\\\"([^\\\"]+)\\\"\"}]},\"readOnly\":true}]");
}

static bool has_tags(const cJSON *item, const struct http_request *req) {
    for (int i = 0; i < req->n_params; i++) {
        if (strcmp(req->param[i].name, "tags") != 0) {
            continue;
        }
        bool found = false;
        const cJSON *tag = NULL;
        cJSON_ArrayForEach(tag, cJSON_GetObjectItem(item, "tags")) {
            found =
                found || (cJSON_IsString(tag) && !strcmp(tag->valuestring, req->param[i].value));
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static void annotations_list(struct http_request *req) {
    int64_t from = http_param_i64(req, "from", 0, 0, INT64_MAX);
    int64_t to = http_param_i64(req, "to", INT64_MAX, 0, INT64_MAX);
    int64_t limit = http_param_i64(req, "limit", 100, 1, MAX_ANNOTATIONS);
    int n = 0;
    http_reply(req, 200, json, "[");
    pthread_mutex_lock(&annotations.lock);
    for (int i = annotations.n - 1; i >= 0 && n < limit; i--) {
        const cJSON *item = annotations.items[i];
        double at = cJSON_GetNumberValue(cJSON_GetObjectItem(item, "time"));
        if (at < (double)from || at > (double)to || !has_tags(item, req)) {
            continue;
        }
        char *s = cJSON_PrintUnformatted(item);
        text_addf(&req->reply, "%s%s", n++ ? "," : "", s ? s : "{}");
        free(s);
    }
    pthread_mutex_unlock(&annotations.lock);
    text_puts(&req->reply, "]");
}

static cJSON *annotation_of(const cJSON *body, int id) {
    cJSON *item = cJSON_CreateObject();
    const cJSON *time = cJSON_GetObjectItem(body, "time");
    const cJSON *end = cJSON_GetObjectItem(body, "timeEnd");
    const cJSON *uid = cJSON_GetObjectItem(body, "dashboardUID");
    const cJSON *panel = cJSON_GetObjectItem(body, "panelId");
    const cJSON *tags = cJSON_GetObjectItem(body, "tags");
    double at = cJSON_IsNumber(time) ? time->valuedouble : (double)clock_wall_ms();
    double now = (double)clock_wall_ms();
    cJSON_AddNumberToObject(item, "id", id);
    cJSON_AddNumberToObject(item, "alertId", 0);
    cJSON_AddStringToObject(item, "alertName", "");
    cJSON_AddStringToObject(item, "dashboardUID", cJSON_IsString(uid) ? uid->valuestring : "");
    cJSON_AddNumberToObject(item, "panelId", cJSON_IsNumber(panel) ? panel->valuedouble : 0);
    cJSON_AddNumberToObject(item, "created", now);
    cJSON_AddNumberToObject(item, "updated", now);
    cJSON_AddNumberToObject(item, "time", at);
    cJSON_AddNumberToObject(item, "timeEnd", cJSON_IsNumber(end) ? end->valuedouble : at);
    cJSON_AddStringToObject(item, "text", cJSON_GetStringValue(cJSON_GetObjectItem(body, "text")));
    cJSON_AddItemToObject(item, "tags",
                          cJSON_IsArray(tags) ? cJSON_Duplicate(tags, 1) : cJSON_CreateArray());
    cJSON_AddStringToObject(item, "login", standins_platform()->grafana_user);
    return item;
}

static void annotation_add(struct http_request *req) {
    cJSON *body = http_body_json(req);
    const char *words = cJSON_GetStringValue(cJSON_GetObjectItem(body, "text"));
    if (!body) {
        http_reply(req, 400, json, "{\"message\":\"bad request data\"}");
        return;
    }
    if (!words || !*words) {
        http_reply(req, 400, json,
                   "{\"message\":\"Failed to save annotation\",\"error\":\"text field should not "
                   "be empty\"}");
        cJSON_Delete(body);
        return;
    }
    pthread_mutex_lock(&annotations.lock);
    int id = ++annotations.last_id;
    if (annotations.n == MAX_ANNOTATIONS) {
        cJSON_Delete(annotations.items[0]);
        memmove(annotations.items, annotations.items + 1,
                (MAX_ANNOTATIONS - 1) * sizeof annotations.items[0]);
        annotations.n--;
    }
    annotations.items[annotations.n++] = annotation_of(body, id);
    pthread_mutex_unlock(&annotations.lock);
    cJSON_Delete(body);
    http_replyf(req, 200, json, "{\"id\":%d,\"message\":\"Annotation added\"}", id);
}

static void empty_list(struct http_request *req) {
    http_reply(req, 200, json, "[]");
}

static void rules(struct http_request *req) {
    http_reply(req, 200, json, "{\"status\":\"success\",\"data\":{\"groups\":[]}}");
}

static void alerts(struct http_request *req) {
    http_reply(req, 200, json, "{\"status\":\"success\",\"data\":{\"alerts\":[]}}");
}

struct route {
    const char *method, *path; /* a path ending in '/' stands for everything one part below it */
    bool open;                 /* no login needed */
    http_handler answer;
};

static const struct route routes[] = {
    {"GET", "/api/health", true, health},
    {"GET", "/healthz", true, healthz},
    {"GET", "/login", true, login},
    {"GET", "/api/search", false, search},
    {"GET", "/api/dashboards/uid/", false, dashboard},
    {"GET", "/api/datasources", false, datasources},
    {"GET", "/api/annotations", false, annotations_list},
    {"POST", "/api/annotations", false, annotation_add},
    {"GET", "/api/alertmanager/grafana/api/v2/alerts", false, empty_list},
    {"GET", "/api/prometheus/grafana/api/v1/rules", false, rules},
    {"GET", "/api/prometheus/grafana/api/v1/alerts", false, alerts},
};

static bool route_fits(const struct route *r, const struct http_request *req) {
    size_t n = strlen(r->path);
    if (r->path[n - 1] == '/' && n > 1) {
        return strcmp(req->method, r->method) == 0 && strncmp(req->path, r->path, n) == 0 &&
               req->n_segments == 4;
    }
    return http_is(req, r->method, r->path);
}

void grafana_handle(struct http_request *req) {
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (route_fits(&routes[i], req)) {
            if (routes[i].open || authorised(req)) {
                routes[i].answer(req);
            }
            return;
        }
    }
    if (strncmp(req->path, "/api", 4) == 0) {
        if (authorised(req)) {
            http_reply(req, 404, json, "{\"message\":\"Not found\"}");
        }
        return;
    }
    http_reply_header(req, "Location", "/login");
    http_reply(req, 302, "text/html; charset=utf-8", "<a href=\"/login\">Found</a>.\n\n");
}

void grafana_error_body(struct http_request *req, int status) {
    if (status == 503 && http_is(req, "GET", "/api/health")) {
        http_reply(req, status, json,
                   "{\n  \"commit\": \"d94d597d847c05085542c29dfad6b3f469cc77e1\",\n"
                   "  \"database\": \"failing\",\n  \"version\": \"10.4.1\"\n}");
    } else {
        http_replyf(req, status, json, "{\"message\":\"Error %d\"}", status);
    }
}
