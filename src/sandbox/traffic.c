/* sandbox/traffic.c - makes the platform live. Three threads: the pulse (figures and log lines, no
 * I/O), the work (queries and cache keys), and the indexer that keeps the search index in step with
 * the database. All of them outlive any server they talk to. */
#include "standins.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PULSE_EVERY_MS = 250,
    WORK_EVERY_MS = 330,
    INDEX_EVERY_MS = 2000,
    CALL_TIMEOUT_MS = 2500,
    INDEX_CHUNK = 500,
    IMPORT_MAX = 600,
    HISTORY_LINES = 6000,
    HISTORY_S = 2 * 3600,
};
#define TAIL_MAX_S 0.9

static struct {
    pthread_t pulse, work, index;
    bool pulse_on, work_on, index_on;
    pthread_mutex_t lock; /* guards the three below */
    bool db_down, cache_down, indexed;
} traffic = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void set_flag(bool *which, bool is) {
    pthread_mutex_lock(&traffic.lock);
    *which = is;
    pthread_mutex_unlock(&traffic.lock);
}

static bool get_flag(const bool *which) {
    pthread_mutex_lock(&traffic.lock);
    bool is = *which;
    pthread_mutex_unlock(&traffic.lock);
    return is;
}

/* ---- log lines ---- */

struct request_line {
    enum api_route route;
    int status;
    double seconds;
    uint64_t at_ns;
};

static uint64_t now_ns(void) {
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static const char hex[] = "0123456789abcdef";

static void correlation_id(char out[37]) {
    for (int i = 0; i < 36; i++) {
        out[i] = i == 8 || i == 13 || i == 18 || i == 23 ? '-' : hex[dice(16)];
    }
    out[14] = '4';
    out[36] = 0;
}

static void iso_ns(uint64_t at_ns, char *out, size_t size) {
    clock_iso(at_ns / 1000000, out, size);
}

static void push(uint64_t at_ns, int level, int service, const char *context, const char *format,
                 ...) __attribute__((format(printf, 5, 6)));

/* `format` makes what follows `"context":...,` up to the closing brace. */
static void vpush(uint64_t at_ns, int level, int service, const char *context, const char *format,
                  va_list args) {
    static const char *const components[] = {"api", "web", "ai-services"};
    struct text t = {0};
    char time[32];
    iso_ns(at_ns, time, sizeof time);
    text_addf(&t, "{\"level\":%d,\"time\":\"%s\",\"context\":\"%s\",\"component\":\"%s\",", level,
              time, context, components[service]);
    text_vaddf(&t, format, args);
    text_puts(&t, "}");
    loki_push((struct log_line){at_ns, (uint8_t)level, (uint8_t)service, context, t.data});
}

static void push(uint64_t at_ns, int level, int service, const char *context, const char *format,
                 ...) {
    va_list args;
    va_start(args, format);
    vpush(at_ns, level, service, context, format, args);
    va_end(args);
}

void api_log(int level, const char *context, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vpush(now_ns(), level, 0, context, format, args);
    va_end(args);
}

static void url_of(enum api_route route, char *out, size_t size) {
    char id[26];
    dice_cuid(id);
    if (route == ROUTE_LISTING) {
        snprintf(out, size, "/api/listings/%s", id);
    } else if (route == ROUTE_LISTINGS) {
        snprintf(out, size, "/api/listings?page=%u&limit=20", 1 + dice(9));
    } else {
        snprintf(out, size, "%s", api_routes[route].route);
    }
}

static void log_request(const struct request_line *r) {
    const struct api_route_info *info = &api_routes[r->route];
    char id[37], url[96];
    correlation_id(id);
    url_of(r->route, url, sizeof url);
    unsigned ms = (unsigned)(r->seconds * 1000);
    int level = r->status >= 500 ? 50 : r->status >= 400 || ms > 1000 ? 40 : 30;
    const char *words = r->status >= 500   ? "request failed"
                        : r->status >= 400 ? "request rejected"
                        : ms > 1000        ? "slow request"
                                           : "request completed";
    if (r->status >= 500) {
        push(r->at_ns, 50, 0, info->context,
             "\"correlationId\":\"%s\",\"err\":{\"type\":\"%s\",\"message\":\"%s\"},"
             "\"msg\":\"%s threw\"",
             id, r->status == 503 ? "ServiceUnavailableException" : "InternalServerErrorException",
             r->status == 503 ? "Can't reach database server" : "Internal server error",
             info->context);
    }
    push(r->at_ns + 1000, level, 0, info->context,
         "\"correlationId\":\"%s\",\"method\":\"%s\",\"url\":\"%s\",\"statusCode\":%d,"
         "\"duration\":%u,\"msg\":\"%s\"",
         id, info->method, url, r->status, ms, words);
    if (dice(6) == 0) {
        push(r->at_ns + 2000, 30, 1, "NextServer",
             "\"correlationId\":\"%s\",\"method\":\"GET\",\"url\":\"/mua-ban\",\"statusCode\":200,"
             "\"duration\":%u,\"msg\":\"page rendered\"",
             id, 20 + ms + dice(60));
    }
    if (r->route == ROUTE_VALUATION) {
        push(r->at_ns + 2500, 30, 2, "PriceModel",
             "\"correlationId\":\"%s\",\"method\":\"POST\",\"url\":\"/predict\",\"statusCode\":%d,"
             "\"duration\":%u,\"msg\":\"valuation computed\"",
             id, r->status, ms / 2);
    }
}

/* ---- the pulse ---- */

static enum api_route pick_route(void) {
    unsigned total = 0;
    for (int i = 0; i < N_ROUTES; i++) {
        total += api_routes[i].weight;
    }
    unsigned at = dice(total);
    for (int i = 0; i < N_ROUTES; i++) {
        if (at < api_routes[i].weight) {
            return (enum api_route)i;
        }
        at -= api_routes[i].weight;
    }
    return ROUTE_LISTINGS;
}

static double pick_seconds(enum api_route route, bool slow) {
    if (slow) {
        return 3.0 + dice(2000) / 1000.0;
    }
    double typical_s = api_routes[route].typical_ms / 1000.0;
    double s = typical_s * (0.4 + dice(1200) / 1000.0);
    /* The tail every service has, but below the bucket of a second: the rules look at seconds where
     * the runbook's look at minutes, and one slow request among five would be their p99. */
    return dice(150) == 0 ? fmin(s * 6, TAIL_MAX_S) : s;
}

static int pick_status(enum api_route route, const struct sandbox_scenarios *scenarios) {
    const struct api_route_info *info = &api_routes[route];
    if (scenarios->errors_5xx && dice(10) == 0) {
        return 500;
    }
    if (strcmp(info->data_use, "db") == 0 && get_flag(&traffic.db_down)) {
        return 503;
    }
    uint32_t roll = dice(1000);
    if (route == ROUTE_LOGIN && roll < 60) {
        return 401;
    }
    if (roll < 8) {
        return route == ROUTE_LISTING ? 404 : 400;
    }
    /* So rare that the rule of 1% over 20 s, some 200 requests, does not fire by chance. */
    return dice(2500) == 0 ? 500 : strcmp(info->method, "POST") == 0 ? 201 : 200;
}

/* A cache outage slows requests and is logged, but fails none of them. */
static void degraded_line(uint64_t at_ns) {
    if (get_flag(&traffic.cache_down) && dice(4) == 0) {
        push(at_ns, 40, 0, "RedisService",
             "\"msg\":\"Redis unavailable, reading from PostgreSQL\"");
    }
    if (!standins_reachable(SB_TYPESENSE) && dice(4) == 0) {
        push(at_ns, 40, 0, "TypesenseClientService",
             "\"msg\":\"Typesense unavailable, falling back to PostgreSQL full-text search\"");
    }
}

static void one_request(uint64_t at_ns, const struct sandbox_scenarios *scenarios) {
    struct request_line r = {.route = pick_route(), .at_ns = at_ns};
    r.status = pick_status(r.route, scenarios);
    r.seconds = pick_seconds(r.route, scenarios->latency);
    api_observe(r.route, r.status, r.seconds);
    if (r.route == ROUTE_SEARCH && standins_reachable(SB_TYPESENSE)) {
        typesense_note_search(2 + dice(9));
    }
    log_request(&r);
}

static void write_history(void) {
    static const struct sandbox_scenarios quiet;
    uint64_t end_ns = now_ns();
    uint64_t step_ns = (uint64_t)HISTORY_S * 1000000000u / HISTORY_LINES;
    uint64_t at_ns = end_ns - (uint64_t)HISTORY_S * 1000000000u;
    for (int i = 0; i < HISTORY_LINES; i++, at_ns += step_ns) {
        struct request_line r = {.route = pick_route(), .at_ns = at_ns + dice(1000000)};
        r.status = pick_status(r.route, &quiet);
        r.seconds = pick_seconds(r.route, false);
        log_request(&r);
    }
}

static void *pulse_loop(void *arg) {
    (void)arg;
    while (standins_sleep_ms(PULSE_EVERY_MS)) {
        struct sandbox_scenarios scenarios = standins_scenarios();
        uint64_t at_ns = now_ns();
        if (standins_reachable(SB_API)) {
            unsigned n = 1 + dice(4);
            for (unsigned i = 0; i < n; i++) {
                one_request(at_ns + i * 10000, &scenarios);
            }
            degraded_line(at_ns + 900000);
        }
    }
    return NULL;
}

/* ---- the work ---- */

struct worker {
    struct db db;
    struct cache cache;
    uint64_t turn;
    unsigned imported; /* while the index is behind */
};

static void note_db(struct worker *w, bool ok) {
    set_flag(&traffic.db_down, !ok && !w->db.conn);
}

static void view_listing(struct worker *w) {
    note_db(w, db_ok(&w->db,
                     "UPDATE \"Listing\" SET \"viewCount\" = \"viewCount\" + 1 WHERE id = (SELECT "
                     "id FROM \"Listing\" WHERE status = 'ACTIVE' ORDER BY \"publishedAt\" DESC "
                     "NULLS LAST OFFSET floor(random() * 40) LIMIT 1)",
                     0, NULL, CALL_TIMEOUT_MS));
}

static void read_listings(struct worker *w) {
    note_db(w, db_ok(&w->db,
                     "SELECT l.id, p.title, l.\"priceVND\" FROM \"Listing\" l JOIN \"Property\" p "
                     "ON p.id = l.\"propertyId\" WHERE l.status = 'ACTIVE' ORDER BY "
                     "l.\"publishedAt\" DESC NULLS LAST LIMIT 20",
                     0, NULL, CALL_TIMEOUT_MS));
}

static void send_inquiry(struct worker *w) {
    char id[26];
    dice_cuid(id);
    const char *const params[] = {id};
    note_db(w, db_ok(&w->db,
                     "INSERT INTO \"Inquiry\" (id, \"listingId\", \"userId\", message) SELECT $1, "
                     "l.id, l.\"sellerId\", 'Căn này còn không ạ?' FROM \"Listing\" l WHERE "
                     "l.status = 'ACTIVE' OFFSET floor(random() * 20) LIMIT 1",
                     1, params, CALL_TIMEOUT_MS));
}

static const char new_listing_sql[] =
    "WITH src AS (SELECT l.\"agentId\", l.\"sellerId\", l.\"transactionType\", l.\"priceVND\", "
    "l.\"pricePerM2\", p.* FROM \"Listing\" l JOIN \"Property\" p ON p.id = l.\"propertyId\" "
    "ORDER BY l.\"createdAt\" DESC OFFSET floor(random() * 30) LIMIT 1), prop AS (INSERT INTO "
    "\"Property\" (id, \"propertyType\", title, description, address, ward, district, city, "
    "location, \"areaM2\", bedrooms, bathrooms, floors, direction, amenities, \"projectName\", "
    "\"updatedAt\") SELECT $1, \"propertyType\", title, description, address, ward, district, "
    "city, location, \"areaM2\", bedrooms, bathrooms, floors, direction, amenities, "
    "\"projectName\", now() AT TIME ZONE 'UTC' FROM src) INSERT INTO \"Listing\" (id, "
    "\"propertyId\", \"agentId\", \"sellerId\", \"transactionType\", status, \"priceVND\", "
    "\"pricePerM2\", \"publishedAt\", \"createdAt\", \"updatedAt\") SELECT $2, $1, \"agentId\", "
    "\"sellerId\", \"transactionType\", 'ACTIVE', \"priceVND\", \"pricePerM2\", now() AT TIME ZONE "
    "'UTC', now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC' FROM src";

static void new_listing(struct worker *w) {
    char property[26], listing[26];
    dice_cuid(property);
    dice_cuid(listing);
    const char *const params[] = {property, listing};
    bool ok = db_ok(&w->db, new_listing_sql, 2, params, CALL_TIMEOUT_MS);
    note_db(w, ok);
    if (ok) {
        api_count_listing();
    }
}

/* An index that is behind shows when there is something to be behind of: an agency imports its
 * listings meanwhile. */
static void import_listings(struct worker *w) {
    if (!standins_scenarios().search_behind) {
        w->imported = 0;
    }
    for (int i = 0; standins_scenarios().search_behind && w->imported < IMPORT_MAX && i < 5; i++) {
        new_listing(w);
        w->imported++;
    }
}

static void new_payment(struct worker *w) {
    static const char *const names[] = {"VNPAY", "MOMO", "ZALOPAY"};
    static const char *const ends[] = {"COMPLETED", "COMPLETED", "COMPLETED", "FAILED"};
    char id[26], key[26];
    dice_cuid(id);
    dice_cuid(key);
    const char *provider = names[dice(3)];
    const char *status = ends[dice(4)];
    char amount[24];
    snprintf(amount, sizeof amount, "%u000", 50 + dice(950));
    const char *const params[] = {id, provider, amount, status, key};
    bool ok = db_ok(&w->db,
                    "INSERT INTO \"Payment\" (id, \"userId\", provider, type, \"amountVND\", "
                    "status, \"providerTxId\", \"idempotencyKey\", \"createdAt\", \"updatedAt\") "
                    "SELECT $1, l.\"sellerId\", $2::\"PaymentProvider\", 'LISTING_FEE', "
                    "$3::bigint, $4::\"PaymentStatus\", 'TX' || $5, $5, now() AT TIME ZONE 'UTC', "
                    "now() AT TIME ZONE 'UTC' FROM \"Listing\" l ORDER BY l.\"createdAt\" DESC "
                    "OFFSET floor(random() * 30) LIMIT 1",
                    5, params, CALL_TIMEOUT_MS);
    note_db(w, ok);
    if (ok) {
        api_count_payment(provider, status);
    }
}

static void database_turn(struct worker *w) {
    view_listing(w);
    if (w->turn % 3 == 0) {
        read_listings(w);
    }
    if (w->turn % 20 == 5) {
        send_inquiry(w);
    }
    if (w->turn % 60 == 30) {
        new_listing(w);
    }
    import_listings(w);
    if (w->turn % 45 == 20) {
        new_payment(w);
    }
    if (w->turn % 90 == 60) {
        api_count_signup();
    }
}

static void cache_turn(struct worker *w) {
    unsigned user = dice(400), query = dice(200);
    redisReply *r = cache_command(&w->cache, CALL_TIMEOUT_MS, "GET cache:search:%u", query);
    bool ok = r != NULL;
    bool missed = r && r->type == REDIS_REPLY_NIL;
    if (r) {
        freeReplyObject(r);
    }
    r = !ok ? NULL
        : missed && w->turn % 2
            ? cache_command(&w->cache, CALL_TIMEOUT_MS, "SETEX cache:search:%u 300 [%u,%u,%u]",
                            query, user, query, user + query)
        : w->turn % 5 == 0
            ? cache_command(&w->cache, CALL_TIMEOUT_MS,
                            "SETEX sess:%u 604800 {\"userId\":\"u%u\",\"role\":\"BUYER\"}", user,
                            user)
        : w->turn % 5 == 1 ? cache_command(&w->cache, CALL_TIMEOUT_MS, "INCR counter:views")
                           : cache_command(&w->cache, CALL_TIMEOUT_MS, "SETEX rate:10.0.0.%u 60 %u",
                                           dice(250), dice(60));
    ok = r != NULL;
    if (r) {
        freeReplyObject(r);
    }
    set_flag(&traffic.cache_down, !ok);
}

static void *work_loop(void *arg) {
    const struct platform *p = standins_platform();
    struct worker w = {0};
    (void)arg;
    while (standins_sleep_ms(WORK_EVERY_MS)) {
        w.turn++;
        if (!standins_reachable(SB_API)) {
            continue;
        }
        if (p->port[SB_POSTGRES]) {
            database_turn(&w);
        }
        if (p->port[SB_REDIS]) {
            cache_turn(&w);
        }
    }
    db_done(&w.db);
    cache_done(&w.cache);
    return NULL;
}

/* ---- the indexer ---- */

#define DOCUMENT_SQL                                                                               \
    "json_strip_nulls(json_build_object('id', l.id, 'listingId', l.id, 'propertyId', p.id, "       \
    "'title', p.title, 'description', p.description, 'propertyType', p.\"propertyType\", "         \
    "'transactionType', l.\"transactionType\", 'priceVND', l.\"priceVND\", 'pricePerM2', "         \
    "l.\"pricePerM2\", 'areaM2', p.\"areaM2\", 'bedrooms', coalesce(p.bedrooms, 0), 'bathrooms', " \
    "coalesce(p.bathrooms, 0), 'floors', coalesce(p.floors, 0), 'direction', "                     \
    "coalesce(p.direction::text, ''), 'address', p.address, 'ward', p.ward, 'district', "          \
    "p.district, 'city', p.city, 'location', json_build_array(ST_Y(p.location), "                  \
    "ST_X(p.location)), 'agentId', coalesce(l.\"agentId\", ''), 'sellerId', l.\"sellerId\", "      \
    "'status', l.status, 'publishedAt', "                                                          \
    "coalesce(floor(extract(epoch from l.\"publishedAt\"))::bigint, 0), 'viewCount', "             \
    "l.\"viewCount\", 'saveCount', l.\"saveCount\", 'projectName', "                               \
    "coalesce(p.\"projectName\", ''), 'amenities', coalesce(p.amenities, '{}')))::text"

#define FROM_SQL " FROM \"Listing\" l JOIN \"Property\" p ON p.id = l.\"propertyId\" "

struct indexer {
    struct db db;
    bool ensured, whole_done;
    char after[64];                       /* the last id of the first walk */
    char watermark[40], watermark_id[64]; /* everything changed up to here is indexed */
};

static bool index_rows(const PGresult *r) {
    struct text lines = {0};
    for (int i = 0; i < PQntuples(r); i++) {
        text_puts(&lines, PQgetvalue(r, i, 1));
        text_puts(&lines, "\n");
    }
    bool ok = !lines.size || typesense_upsert_listings(lines.data, lines.size);
    text_done(&lines);
    return ok;
}

static bool start_watermark(struct indexer *x) {
    PGresult *r = db_query(&x->db, "SELECT (now() AT TIME ZONE 'UTC')::timestamp(3)::text", 0, NULL,
                           CALL_TIMEOUT_MS);
    if (r) {
        snprintf(x->watermark, sizeof x->watermark, "%s", PQgetvalue(r, 0, 0));
        PQclear(r);
    }
    return r != NULL;
}

/* The first walk, in the order of ids, a chunk at a time. */
static bool index_next_chunk(struct indexer *x) {
    if (!*x->watermark && !start_watermark(x)) {
        return false;
    }
    char limit[16];
    snprintf(limit, sizeof limit, "%d", INDEX_CHUNK);
    const char *const params[] = {x->after, limit};
    PGresult *r = db_query(
        &x->db, "SELECT l.id, " DOCUMENT_SQL FROM_SQL "WHERE l.id > $1 ORDER BY l.id LIMIT $2::int",
        2, params, 10000);
    if (!r) {
        return false;
    }
    bool ok = index_rows(r);
    int n = PQntuples(r);
    if (ok && n) {
        snprintf(x->after, sizeof x->after, "%s", PQgetvalue(r, n - 1, 0));
    }
    x->whole_done = ok && n < INDEX_CHUNK;
    PQclear(r);
    return ok;
}

/* Ordered by time and id: a bulk change gives thousands of rows one time. A row's time is that of
 * its transaction's start: one that is committed late lies behind rows that are there already, so
 * the newest seconds are left to settle. */
static void index_changes(struct indexer *x) {
    const char *const params[] = {x->watermark, x->watermark_id};
    PGresult *r = db_query(&x->db,
                           "SELECT l.id, " DOCUMENT_SQL ", l.\"updatedAt\"::text" FROM_SQL
                           "WHERE (l.\"updatedAt\", l.id) > ($1::timestamp(3), $2) AND "
                           "l.\"updatedAt\" < now() AT TIME ZONE 'UTC' - interval '3 seconds' "
                           "ORDER BY l.\"updatedAt\", l.id LIMIT 1000",
                           2, params, 10000);
    int n = r ? PQntuples(r) : 0;
    if (n && index_rows(r)) {
        snprintf(x->watermark, sizeof x->watermark, "%s", PQgetvalue(r, n - 1, 2));
        snprintf(x->watermark_id, sizeof x->watermark_id, "%s", PQgetvalue(r, n - 1, 0));
    }
    PQclear(r);
}

static void *index_loop(void *arg) {
    struct indexer x = {0};
    unsigned pause_ms = 200;
    (void)arg;
    while (standins_sleep_ms(pause_ms)) {
        pause_ms = INDEX_EVERY_MS;
        if (!standins_reachable(SB_TYPESENSE) || !standins_reachable(SB_API)) {
            continue;
        }
        if (!x.ensured) {
            typesense_ensure_listings();
            x.ensured = true;
        }
        if (!x.whole_done) {
            pause_ms = index_next_chunk(&x) ? 20 : 1000;
            set_flag(&traffic.indexed, x.whole_done);
        } else if (!standins_scenarios().search_behind) {
            index_changes(&x);
        }
    }
    db_done(&x.db);
    return NULL;
}

/* ---- start and stop ---- */

bool traffic_start(void) {
    const struct platform *p = standins_platform();
    if (p->port[SB_LOKI]) {
        write_history();
    }
    if (!p->port[SB_API]) {
        return true;
    }
    traffic.pulse_on = pthread_create(&traffic.pulse, NULL, pulse_loop, NULL) == 0;
    traffic.work_on = pthread_create(&traffic.work, NULL, work_loop, NULL) == 0;
    if (p->port[SB_TYPESENSE] && p->port[SB_POSTGRES]) {
        traffic.index_on = pthread_create(&traffic.index, NULL, index_loop, NULL) == 0;
    }
    return traffic.pulse_on && traffic.work_on;
}

bool traffic_settled(void) {
    return !traffic.index_on || get_flag(&traffic.indexed);
}

void traffic_stop(void) {
    if (traffic.pulse_on) {
        pthread_join(traffic.pulse, NULL);
    }
    if (traffic.work_on) {
        pthread_join(traffic.work, NULL);
    }
    if (traffic.index_on) {
        pthread_join(traffic.index, NULL);
    }
    traffic.pulse_on = traffic.work_on = traffic.index_on = false;
}
