/* sandbox/traffic_pulse.c - the pulse of the platform: four times a second some requests, made up
 * with their figures and log lines. No I/O. */
#include "traffic_priv.h"

#include <math.h>
#include <string.h>

enum { PULSE_EVERY_MS = 250, HISTORY_LINES = 6000, HISTORY_S = 2 * 3600 };
#define TAIL_MAX_S 0.9

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
    if (strcmp(info->data_use, "db") == 0 && work_db_down()) {
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
    if (work_cache_down() && dice(4) == 0) {
        traffic_log(at_ns, 40, SB_API, "RedisService",
                    "\"msg\":\"Redis unavailable, reading from PostgreSQL\"");
    }
    if (!standins_reachable(SB_TYPESENSE) && dice(4) == 0) {
        traffic_log(
            at_ns, 40, SB_API, "TypesenseClientService",
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
    traffic_log_request(&r);
}

void pulse_history(void) {
    static const struct sandbox_scenarios quiet;
    uint64_t end_ns = clock_wall_ns();
    uint64_t step_ns = (uint64_t)HISTORY_S * 1000000000u / HISTORY_LINES;
    uint64_t at_ns = end_ns - (uint64_t)HISTORY_S * 1000000000u;
    for (int i = 0; i < HISTORY_LINES; i++, at_ns += step_ns) {
        struct request_line r = {.route = pick_route(), .at_ns = at_ns + dice(1000000)};
        r.status = pick_status(r.route, &quiet);
        r.seconds = pick_seconds(r.route, false);
        traffic_log_request(&r);
    }
}

void *pulse_main(void *arg) {
    (void)arg;
    while (standins_sleep_ms(PULSE_EVERY_MS)) {
        struct sandbox_scenarios scenarios = standins_scenarios();
        uint64_t at_ns = clock_wall_ns();
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
