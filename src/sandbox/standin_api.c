/* sandbox/standin_api.c - the API (NestJS): health with real questions to PostgreSQL and Redis,
 * Prometheus figures that move with traffic.c, and one listing route that reads the database. */
#include "standins.h"

#include "array.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const char json[] = "application/json; charset=utf-8";

const struct api_route_info api_routes[N_ROUTES] = {
    [ROUTE_LISTINGS] = {"GET", "/api/listings", 30, 24, "ListingController", "db"},
    [ROUTE_LISTING] = {"GET", "/api/listings/:id", 40, 12, "ListingController", "db"},
    [ROUTE_SEARCH] = {"GET", "/api/search", 35, 18, "SearchController", "search"},
    [ROUTE_LOGIN] = {"POST", "/api/auth/login", 6, 85, "AuthController", "cache"},
    [ROUTE_ME] = {"GET", "/api/users/me", 20, 8, "UserController", "cache"},
    [ROUTE_INQUIRY] = {"POST", "/api/inquiries", 5, 30, "InquiryController", "db"},
    [ROUTE_PAYMENT] = {"POST", "/api/payments", 3, 120, "PaymentController", "db"},
    [ROUTE_VALUATION] = {"POST", "/api/valuations", 2, 260, "ValuationController", "db"},
};

static const double bounds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
static const int statuses[] = {200, 201, 400, 401, 404, 500, 503};
static const char *const providers[] = {"VNPAY", "MOMO", "ZALOPAY", "BANK_TRANSFER"};
static const char *const outcomes[] = {"PENDING", "PROCESSING", "COMPLETED", "FAILED", "REFUNDED"};

enum {
    N_BOUNDS = ARRAY_LEN(bounds),
    N_STATUSES = ARRAY_LEN(statuses),
    N_PROVIDERS = ARRAY_LEN(providers),
    N_OUTCOMES = ARRAY_LEN(outcomes),
    CHECK_TIMEOUT_MS = 1000,
};

struct route_figures {
    uint64_t bucket[N_BOUNDS]; /* not yet summed up */
    uint64_t count;
    double sum_s;
    uint64_t by_status[N_STATUSES];
};

static struct {
    pthread_mutex_t lock;
    struct route_figures route[N_ROUTES];
    uint64_t listings, signups;
    uint64_t payments[N_PROVIDERS][N_OUTCOMES];
    uint64_t started_ms;
} figures = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* One connection each for the health checks and for the listing route, as the real pool has; a
 * health check must not wait behind a slow query. */
static struct guarded_db {
    pthread_mutex_t lock;
    struct db db;
} health_db = {.lock = PTHREAD_MUTEX_INITIALIZER}, query_db = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct {
    pthread_mutex_t lock;
    struct cache cache;
} health_cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- figures ---- */

void api_observe(enum api_route route, int status, double seconds) {
    pthread_mutex_lock(&figures.lock);
    struct route_figures *f = &figures.route[route];
    f->count++;
    f->sum_s += seconds;
    for (int i = 0; i < N_BOUNDS; i++) {
        if (seconds <= bounds[i]) {
            f->bucket[i]++;
            break;
        }
    }
    for (int i = 0; i < N_STATUSES; i++) {
        f->by_status[i] += statuses[i] == status;
    }
    pthread_mutex_unlock(&figures.lock);
}

void api_count_listing(void) {
    pthread_mutex_lock(&figures.lock);
    figures.listings++;
    pthread_mutex_unlock(&figures.lock);
}

void api_count_signup(void) {
    pthread_mutex_lock(&figures.lock);
    figures.signups++;
    pthread_mutex_unlock(&figures.lock);
}

void api_count_payment(const char *provider, const char *status) {
    pthread_mutex_lock(&figures.lock);
    for (int i = 0; i < N_PROVIDERS; i++) {
        for (int k = 0; k < N_OUTCOMES; k++) {
            figures.payments[i][k] +=
                strcmp(provider, providers[i]) == 0 && strcmp(status, outcomes[k]) == 0;
        }
    }
    pthread_mutex_unlock(&figures.lock);
}

static void head(struct text *t, const char *name, const char *type, const char *help) {
    text_addf(t, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void metrics_http(struct text *t) {
    static const char name[] = "goodgo_api_request_duration_seconds";
    head(t, name, "histogram", "Duration of API requests in seconds");
    for (int r = 0; r < N_ROUTES; r++) {
        const struct route_figures *f = &figures.route[r];
        const struct api_route_info *info = &api_routes[r];
        uint64_t below = 0;
        for (int i = 0; i < N_BOUNDS; i++) {
            below += f->bucket[i];
            text_addf(t, "%s_bucket{le=\"%g\",route=\"%s\",method=\"%s\"} %llu\n", name, bounds[i],
                      info->route, info->method, (unsigned long long)below);
        }
        text_addf(t, "%s_bucket{le=\"+Inf\",route=\"%s\",method=\"%s\"} %llu\n", name, info->route,
                  info->method, (unsigned long long)f->count);
        text_addf(t, "%s_sum{route=\"%s\",method=\"%s\"} %.6f\n", name, info->route, info->method,
                  f->sum_s);
        text_addf(t, "%s_count{route=\"%s\",method=\"%s\"} %llu\n", name, info->route, info->method,
                  (unsigned long long)f->count);
    }
    head(t, "http_requests_total", "counter", "HTTP requests by method, route and status");
    for (int r = 0; r < N_ROUTES; r++) {
        for (int i = 0; i < N_STATUSES; i++) {
            if (figures.route[r].by_status[i]) {
                text_addf(
                    t, "http_requests_total{method=\"%s\",route=\"%s\",status_code=\"%d\"} %llu\n",
                    api_routes[r].method, api_routes[r].route, statuses[i],
                    (unsigned long long)figures.route[r].by_status[i]);
            }
        }
    }
}

static void metrics_business(struct text *t) {
    head(t, "goodgo_listings_created_total", "counter", "Listings created");
    text_addf(t, "goodgo_listings_created_total %llu\n", (unsigned long long)figures.listings);
    head(t, "goodgo_user_signups_total", "counter", "Users signed up");
    text_addf(t, "goodgo_user_signups_total %llu\n", (unsigned long long)figures.signups);
    head(t, "goodgo_payments_processed_total", "counter", "Payments by provider and status");
    for (int i = 0; i < N_PROVIDERS; i++) {
        for (int k = 0; k < N_OUTCOMES; k++) {
            if (figures.payments[i][k]) {
                text_addf(t,
                          "goodgo_payments_processed_total{provider=\"%s\",status=\"%s\"} %llu\n",
                          providers[i], outcomes[k], (unsigned long long)figures.payments[i][k]);
            }
        }
    }
}

static void gauge(struct text *t, const char *type, const char *name, double value) {
    text_addf(t, "# HELP %s %s.\n# TYPE %s %s\n%s %.9g\n", name, name, name, type, name, value);
}

static uint64_t resident_bytes(void) {
    unsigned long long total = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f) {
        if (fscanf(f, "%llu %llu", &total, &resident) != 2) {
            resident = 0;
        }
        fclose(f);
    }
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void metrics_process(struct text *t) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    double user = (double)use.ru_utime.tv_sec + (double)use.ru_utime.tv_usec / 1e6;
    double system = (double)use.ru_stime.tv_sec + (double)use.ru_stime.tv_usec / 1e6;
    double resident = (double)resident_bytes();
    double lag = 0.001 + dice(3000) / 1e6;
    bool slow = standins_scenarios().latency;
    uint64_t started_s = figures.started_ms / 1000;
    gauge(t, "counter", "process_cpu_user_seconds_total", user);
    gauge(t, "counter", "process_cpu_system_seconds_total", system);
    gauge(t, "counter", "process_cpu_seconds_total", user + system);
    gauge(t, "gauge", "process_start_time_seconds", (double)started_s);
    gauge(t, "gauge", "process_resident_memory_bytes", resident);
    gauge(t, "gauge", "process_virtual_memory_bytes", resident * 6);
    gauge(t, "gauge", "process_heap_bytes", resident * 1.4);
    gauge(t, "gauge", "process_open_fds", 42 + dice(4));
    gauge(t, "gauge", "process_max_fds", 1048576);
    gauge(t, "gauge", "nodejs_eventloop_lag_seconds", slow ? 0.4 + lag : lag);
    gauge(t, "gauge", "nodejs_eventloop_lag_min_seconds", 0.009);
    gauge(t, "gauge", "nodejs_eventloop_lag_max_seconds", slow ? 1.9 : 0.02 + lag);
    gauge(t, "gauge", "nodejs_eventloop_lag_mean_seconds", slow ? 0.3 : 0.0101);
    gauge(t, "gauge", "nodejs_eventloop_lag_stddev_seconds", slow ? 0.1 : 0.0004);
    gauge(t, "gauge", "nodejs_eventloop_lag_p50_seconds", slow ? 0.3 : 0.0101);
    gauge(t, "gauge", "nodejs_eventloop_lag_p90_seconds", slow ? 0.7 : 0.0107);
    gauge(t, "gauge", "nodejs_eventloop_lag_p99_seconds", slow ? 1.4 : 0.0119);
    gauge(t, "gauge", "nodejs_active_handles_total", 17);
    gauge(t, "gauge", "nodejs_active_requests_total", 0);
    gauge(t, "gauge", "nodejs_active_resources_total", 21);
    gauge(t, "gauge", "nodejs_heap_size_total_bytes", resident * 1.2);
    gauge(t, "gauge", "nodejs_heap_size_used_bytes", resident * 0.9 + dice(1 << 20));
    gauge(t, "gauge", "nodejs_external_memory_bytes", 4.1e6);
    text_puts(t, "# HELP nodejs_version_info Node.js version info.\n"
                 "# TYPE nodejs_version_info gauge\n"
                 "nodejs_version_info{version=\"v22.11.0\",major=\"22\",minor=\"11\",patch=\"0\"} "
                 "1\n");
}

static void metrics(struct http_request *req) {
    http_reply(req, 200, "text/plain; version=0.0.4; charset=utf-8", "");
    metrics_process(&req->reply);
    pthread_mutex_lock(&figures.lock);
    metrics_http(&req->reply);
    metrics_business(&req->reply);
    pthread_mutex_unlock(&figures.lock);
}

/* ---- health ---- */

struct check {
    const char *name;
    bool up;
    char why[160];
};

static void check_database(struct check *c) {
    c->name = "database";
    pthread_mutex_lock(&health_db.lock);
    health_db.db.retry_at_ms = 0; /* a health check asks each time, it never remembers */
    c->up = db_ok(&health_db.db, "SELECT 1", 0, NULL, CHECK_TIMEOUT_MS);
    if (!c->up && !health_db.db.conn) {
        /* A connection kept from before an outage is dead: the driver opens a fresh one. */
        health_db.db.retry_at_ms = 0;
        if (!strstr(health_db.db.error, "timeout")) {
            c->up = db_ok(&health_db.db, "SELECT 1", 0, NULL, CHECK_TIMEOUT_MS);
        }
    }
    snprintf(c->why, sizeof c->why, "%s",
             strstr(health_db.db.error, "timeout") ? "timeout of 1000ms exceeded"
                                                   : health_db.db.error);
    pthread_mutex_unlock(&health_db.lock);
}

static bool cache_ping(struct cache *cache) {
    cache->retry_at_ms = 0;
    redisReply *r = cache_command(cache, CHECK_TIMEOUT_MS, "PING");
    if (r) {
        freeReplyObject(r);
    }
    return r != NULL;
}

static void check_redis(struct check *c) {
    c->name = "redis";
    pthread_mutex_lock(&health_cache.lock);
    bool kept = health_cache.cache.conn != NULL;
    c->up = cache_ping(&health_cache.cache);
    bool late = !c->up && strstr(health_cache.cache.error, "temporarily unavailable");
    if (!c->up && kept && !late) {
        c->up = cache_ping(&health_cache.cache);
    }
    snprintf(c->why, sizeof c->why, "%s",
             late ? "timeout of 1000ms exceeded" : health_cache.cache.error);
    pthread_mutex_unlock(&health_cache.lock);
}

static void add_checks(struct text *t, const struct check *checks, int n, int want_up) {
    int written = 0;
    text_puts(t, "{");
    for (int i = 0; i < n; i++) {
        const struct check *c = &checks[i];
        if (want_up >= 0 && c->up != (want_up > 0)) {
            continue;
        }
        text_addf(t, "%s\"%s\":{\"status\":\"%s\"", written++ ? "," : "", c->name,
                  c->up ? "up" : "down");
        if (!c->up) {
            text_puts(t, ",\"message\":");
            text_add_json(t, c->why);
        }
        text_puts(t, "}");
    }
    text_puts(t, "}");
}

static bool wants_runbook_shape(const struct http_request *req) {
    const char *shape = http_param(req, "shape");
    if (!shape) {
        shape = getenv("GOODGO_SANDBOX_HEALTH_SHAPE");
    }
    return shape && strcmp(shape, "checks") == 0;
}

static void reply_checks(struct http_request *req, const struct check *checks, int n) {
    bool up = true;
    for (int i = 0; i < n; i++) {
        up = up && checks[i].up;
    }
    http_reply_header(req, "Cache-Control", "no-cache, no-store, must-revalidate");
    http_replyf(req, up ? 200 : 503, json, "{\"status\":\"%s\",", up ? "ok" : "error");
    if (wants_runbook_shape(req)) {
        text_puts(&req->reply, "\"checks\":");
        add_checks(&req->reply, checks, n, -1);
    } else {
        text_puts(&req->reply, "\"info\":");
        add_checks(&req->reply, checks, n, 1);
        text_puts(&req->reply, ",\"error\":");
        add_checks(&req->reply, checks, n, 0);
        text_puts(&req->reply, ",\"details\":");
        add_checks(&req->reply, checks, n, -1);
    }
    text_puts(&req->reply, "}");
}

static void health(struct http_request *req) {
    char now[32];
    clock_iso(clock_wall_ms(), now, sizeof now);
    http_reply_header(req, "Cache-Control", "no-cache, no-store, must-revalidate");
    http_replyf(req, 200, json, "{\"status\":\"ok\",\"timestamp\":\"%s\"}", now);
}

static void health_ready(struct http_request *req) {
    struct check checks[2];
    check_database(&checks[0]);
    check_redis(&checks[1]);
    reply_checks(req, checks, 2);
}

static void health_database(struct http_request *req) {
    struct check check;
    check_database(&check);
    reply_checks(req, &check, 1);
}

static void health_redis(struct http_request *req) {
    struct check check;
    check_redis(&check);
    reply_checks(req, &check, 1);
}

/* ---- the listing route ---- */

static void internal_error(struct http_request *req) {
    http_reply(req, 500, json, "{\"statusCode\":500,\"message\":\"Internal server error\"}");
}

static const char listings_sql[] =
    "SELECT coalesce(json_agg(x), '[]')::text FROM (SELECT l.id, l.\"propertyId\", p.title, "
    "l.\"transactionType\", l.status, l.\"priceVND\"::text AS \"priceVND\", p.city, p.district, "
    "l.\"viewCount\", l.\"publishedAt\" FROM \"Listing\" l JOIN \"Property\" p ON p.id = "
    "l.\"propertyId\" WHERE ($2 = '' OR l.status::text = $2) ORDER BY l.\"publishedAt\" DESC NULLS "
    "LAST LIMIT $1::int) x";

static void listings(struct http_request *req) {
    char limit[16];
    const char *status = http_param(req, "status");
    snprintf(limit, sizeof limit, "%d", (int)http_param_i64(req, "limit", 20, 1, 100));
    const char *const params[] = {limit, status ? status : ""};
    pthread_mutex_lock(&query_db.lock);
    PGresult *r = db_query(&query_db.db, listings_sql, 2, params, 3000);
    pthread_mutex_unlock(&query_db.lock);
    if (r && PQntuples(r) == 1) {
        http_replyf(req, 200, json, "{\"data\":%s}", PQgetvalue(r, 0, 0));
    } else {
        internal_error(req);
    }
    PQclear(r);
}

static void api_listings(struct http_request *req) {
    struct sandbox_scenarios s = standins_scenarios();
    if (s.latency) {
        standins_sleep_ms(1500);
    }
    if (s.errors_5xx && dice(10) == 0) {
        internal_error(req);
    } else {
        listings(req);
    }
    api_observe(ROUTE_LISTINGS, req->status, (double)(clock_mono_ms() - req->arrived_ms) / 1000.0);
}

static const struct {
    const char *path;
    http_handler answer;
} routes[] = {
    {"/health", health},
    {"/health/ready", health_ready},
    {"/health/db", health_database},
    {"/health/redis", health_redis},
    {"/metrics", metrics},
    {"/api/listings", api_listings},
};

void api_handle(struct http_request *req) {
    http_reply_header(req, "X-Powered-By", "Express");
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (http_is(req, "GET", routes[i].path)) {
            routes[i].answer(req);
            return;
        }
    }
    if (payments_handle(req)) {
        api_observe(ROUTE_PAYMENT, req->status,
                    (double)(clock_mono_ms() - req->arrived_ms) / 1000.0);
        return;
    }
    http_replyf(req, 404, json, "{\"message\":");
    char where[512];
    snprintf(where, sizeof where, "Cannot %s %s", req->method, req->target);
    text_add_json(&req->reply, where);
    text_puts(&req->reply, ",\"error\":\"Not Found\",\"statusCode\":404}");
}

void api_error_body(struct http_request *req, int status) {
    http_replyf(req, status, json, "{\"statusCode\":%d,\"message\":\"%s\"}", status,
                status == 500   ? "Internal server error"
                : status == 503 ? "Service Unavailable Exception"
                : status == 429 ? "ThrottlerException: Too Many Requests"
                                : "Error");
}

bool api_init(void) {
    figures.started_ms = clock_wall_ms();
    return true;
}

void api_done(void) {
    db_done(&health_db.db);
    db_done(&query_db.db);
    payments_done();
    cache_done(&health_cache.cache);
}
