/* sandbox/platform.h - what both halves of the sandbox know of one private platform: its directory,
 * its ports, its secrets, and which fault is on. The life-cycle half (up.c, servers.c, ...) writes
 * these facts, the stand-in half (httpd.c, standin_*.c) only reads them. Nothing here is shared
 * with the console: two sides, one contract. */
#ifndef GOODGO_SANDBOX_PLATFORM_H
#define GOODGO_SANDBOX_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

/* Every thing that listens. The order is the port order under --port-base. */
enum sandbox_service {
    SB_API,
    SB_WEB,
    SB_AI,
    SB_POSTGRES,
    SB_PGBOUNCER,
    SB_REDIS,
    SB_TYPESENSE,
    SB_MINIO,
    SB_LOKI,
    SB_PROMTAIL,
    SB_PROMETHEUS,
    SB_GRAFANA,
    SB_ALERTMANAGER,
    SB_VNPAY, /* the payment gateways, whose names are the console's for them */
    SB_MOMO,
    SB_ZALOPAY,
    SB_N_SERVICES
};

/* Names on the command line, in the fault file and in `status`: the runbook's, plus "alertmanager"
 * and the gateways. */
extern const char *const sandbox_service_names[SB_N_SERVICES];

/* Who we are at the payment gateways. */
#define SANDBOX_VNPAY_TMN_CODE "GOODGO01"
#define SANDBOX_MOMO_PARTNER   "MOMOGOODGO"
#define SANDBOX_ZALOPAY_APP    "2553"

enum sandbox_fault_mode {
    FAULT_NONE,
    FAULT_STOP,    /* refused */
    FAULT_HANG,    /* accepted, never answered */
    FAULT_SLOW,    /* arg = milliseconds before each answer */
    FAULT_ERROR,   /* arg = HTTP status (stand-ins); real servers answer their protocol's error or
                      drop */
    FAULT_GARBAGE, /* answers random bytes */
    FAULT_FLAP,    /* two seconds up, two seconds refused, and so on */
};

struct sandbox_fault {
    enum sandbox_fault_mode mode;
    int arg;
};

/* The scenario faults, switched on beside the per-service ones. */
struct sandbox_scenarios {
    bool search_behind;    /* the API stops indexing: Typesense falls behind the database */
    bool latency;          /* the API answers in seconds: p99 rules fire */
    bool errors_5xx;       /* a tenth of the API's answers are 500 */
    bool disk_full_search; /* Typesense: /health 200 with resource_error OUT_OF_DISK, writes 422 */
    bool pool_exhaustion;  /* clients hold every pooled connection (done by the life-cycle half) */
    bool redis_down;       /* Redis stopped (done by the life-cycle half) */
};

struct platform {
    char dir[512];
    uint16_t port[SB_N_SERVICES];    /* as published in .env; 0 = this service is not part of the
                                        platform */
    uint16_t backend[SB_N_SERVICES]; /* real servers: where the server itself listens behind the
                                        relay, else 0 */
    uint16_t minio_console_port;
    char db_name[64], db_user[64], db_password[96];
    char pgbouncer_admin_password[96], pgbouncer_stats_password[96];
    char redis_password[96];
    char typesense_api_key[96];
    char minio_access_key[64], minio_secret_key[96], minio_bucket[64];
    char grafana_user[64], grafana_password[96], grafana_token[96];
    char jwt_secret[128];
    char vnpay_hash_secret[96], momo_access_key[64], momo_secret_key[96];
    char zalopay_key1[96], zalopay_key2[96];
};

/* Reads DIR/.env and DIR/state; false with a sentence in `why` where they are missing or cut. */
bool platform_load(struct platform *p, const char *dir, char *why, unsigned long why_size);

/* DIR/faults: one line each, `SERVICE MODE [ARG]`, `scenario NAME` or `change N`; written whole by
 * temporary name + rename, so a reader never sees half. An absent file means no fault. Cheap enough
 * to call on every request. Returns N, which grows with each change; 0 where the file has none. */
uint64_t platform_faults(const struct platform *p, struct sandbox_fault faults[SB_N_SERVICES],
                         struct sandbox_scenarios *scenarios);

/* Runs every stand-in and the relays until SIGTERM. The internal command `goodgo-sandbox serve
 * --dir DIR`; returns the exit code. relay_start() is the life-cycle half's, called from serve
 * before the stand-ins begin. `on_tick` is called ten times a second with whether the platform has
 * settled: the search index holds what the database does, and Loki has warmed up; and with the
 * change of DIR/faults that is in force. */
typedef void (*standins_tick)(void *ctx, bool settled, uint64_t change);
int standins_run(const struct platform *p, standins_tick on_tick, void *ctx);
bool relay_start(const struct platform
                     *p); /* starts its own thread(s); false = could not listen (said on stderr) */
void relay_stop(void);

#endif
