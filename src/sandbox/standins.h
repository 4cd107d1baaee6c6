/* sandbox/standins.h - what the stand-ins know of each other: one platform, its scenarios, the log
 * lines, the API's figures and the search index. Everything here may be called from any thread. */
#ifndef GOODGO_SANDBOX_STANDINS_H
#define GOODGO_SANDBOX_STANDINS_H

#include "clock.h"
#include "httpd.h"
#include "platform.h"

#include <hiredis/hiredis.h>
#include <libpq-fe.h>

/* ---- standins.c ---- */
const struct platform *standins_platform(void);
struct sandbox_scenarios standins_scenarios(void);
/* Part of the platform and neither stopped nor hanging nor speaking nonsense. */
bool standins_reachable(enum sandbox_service service);
/* Sleeps; false as soon as the platform is going down. */
bool standins_sleep_ms(unsigned ms);

/* A number below `n`, from a generator of the calling thread; no secret may depend on it. */
uint32_t dice(uint32_t n);
/* `n` letters and digits and a NUL. */
void dice_word(char *out, size_t n);
/* 24 characters shaped like a cuid; `out` holds 26. */
void dice_cuid(char *out);

/* ---- backend.c: the API's PostgreSQL and Redis connections, each call with a deadline ---- */
struct db {
    PGconn *conn;
    uint64_t retry_at_ms;
    char error[160]; /* why the last call failed */
};

/* NULL where the database did not answer well within `timeout_ms`; the connection is dropped after
 * trouble and tried again a second later at the earliest (`db->error` says why). */
PGresult *db_query(struct db *db, const char *sql, int n_params, const char *const *params,
                   int timeout_ms);
bool db_ok(struct db *db, const char *sql, int n_params, const char *const *params, int timeout_ms);
void db_done(struct db *db);

struct cache {
    redisContext *conn;
    uint64_t retry_at_ms;
    char error[160];
};

/* NULL on trouble. An error reply is trouble. */
redisReply *cache_command(struct cache *cache, int timeout_ms, const char *format, ...);
void cache_done(struct cache *cache);

/* ---- standin_api.c ---- */
enum api_route {
    ROUTE_LISTINGS,
    ROUTE_LISTING,
    ROUTE_SEARCH,
    ROUTE_LOGIN,
    ROUTE_ME,
    ROUTE_INQUIRY,
    ROUTE_PAYMENT,
    ROUTE_VALUATION,
    N_ROUTES
};

struct api_route_info {
    const char *method, *route;
    unsigned weight;      /* how often traffic asks for it */
    unsigned typical_ms;  /* where half of its answers lie */
    const char *context;  /* the class that logs */
    const char *data_use; /* "db", "cache", "search" */
};
extern const struct api_route_info api_routes[N_ROUTES];

void api_observe(enum api_route route, int status, double seconds);
void api_count_listing(void);
void api_count_signup(void);
void api_count_payment(const char *provider, const char *status);
void api_handle(struct http_request *req);
void api_error_body(struct http_request *req, int status);
bool api_init(void);
void api_done(void);

/* One line of the API's log, of now; `format` makes what follows `"component":...,`. */
void api_log(int level, const char *context, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- standin_payments.c: what the API does with a provider's callback ---- */
bool payments_handle(struct http_request *req); /* false: no route of its own */
void payments_done(void);

/* ---- the payment gateways ---- */
void vnpay_handle(struct http_request *req);
void vnpay_error_body(struct http_request *req, int status);
void momo_handle(struct http_request *req);
void momo_error_body(struct http_request *req, int status);
void zalopay_handle(struct http_request *req);
void zalopay_error_body(struct http_request *req, int status);

/* ---- the other handlers ---- */
void web_handle(struct http_request *req);
void web_error_body(struct http_request *req, int status);
void ai_handle(struct http_request *req);
void ai_error_body(struct http_request *req, int status);

void typesense_done(void);
void typesense_handle(struct http_request *req);
void typesense_error_body(struct http_request *req, int status);
/* Creates the `listings` collection where it is missing. */
void typesense_ensure_listings(void);
/* Upserts JSON lines into `listings` the way the API does; false where that failed. */
bool typesense_upsert_listings(const char *json_lines, size_t size);

/* The API has searched: only counted, so that the figures move with the traffic. */
void typesense_note_search(unsigned ms);

bool minio_init(void);
void minio_done(void);
void minio_handle(struct http_request *req);
void minio_error_body(struct http_request *req, int status);

struct log_line {
    uint64_t at_ns;      /* wall */
    uint8_t level;       /* Pino: 10..60 */
    uint8_t service;     /* SB_API, SB_WEB or SB_AI */
    const char *context; /* a literal */
    char *text;          /* the Pino line; owned by the ring once pushed */
};

bool loki_init(void);
void loki_done(void);
bool loki_is_warm(void); /* from then on /ready says so */
void loki_handle(struct http_request *req);
void loki_error_body(struct http_request *req, int status);
/* Takes `line.text`. Lines must come in order of time. */
void loki_push(struct log_line line);
/* How many lines and bytes were pushed since the start. */
void loki_totals(uint64_t *ret_lines, uint64_t *ret_bytes);

void promtail_handle(struct http_request *req);
void promtail_error_body(struct http_request *req, int status);
void grafana_handle(struct http_request *req);
void grafana_error_body(struct http_request *req, int status);

/* ---- traffic.c ---- */
bool traffic_start(void);
/* The first walk over the database has brought the whole of it into the search index, where there
 * is one. */
bool traffic_settled(void);
void traffic_stop(void);

#endif
