/* sandbox/standins.c - starts every stand-in the platform has, keeps the fault file in force, and
 * stops them on SIGTERM. One line per stand-in in the table below; the answers are in
 * standin_*.c. */
#include "standins.h"

#include "array.h"
#include "say.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

enum { LOOK_EVERY_MS = 100, SMALL_BODY = 1 << 20, LARGE_BODY = 96 << 20 };

struct standin {
    enum sandbox_service service;
    const char *server_header;
    size_t max_body_bytes;
    bool (*init)(void);
    void (*done)(void);
    http_handler handle;
    http_error_body error_body;
};

static const struct standin standins[] = {
    {SB_API, NULL, SMALL_BODY, api_init, api_done, api_handle, api_error_body},
    {SB_WEB, NULL, SMALL_BODY, NULL, NULL, web_handle, web_error_body},
    {SB_AI, "uvicorn", SMALL_BODY, NULL, NULL, ai_handle, ai_error_body},
    {SB_TYPESENSE, NULL, LARGE_BODY, NULL, typesense_done, typesense_handle, typesense_error_body},
    {SB_MINIO, "MinIO", LARGE_BODY, minio_init, minio_done, minio_handle, minio_error_body},
    {SB_LOKI, NULL, SMALL_BODY, loki_init, loki_done, loki_handle, loki_error_body},
    {SB_PROMTAIL, NULL, SMALL_BODY, NULL, NULL, promtail_handle, promtail_error_body},
    {SB_GRAFANA, NULL, SMALL_BODY, NULL, NULL, grafana_handle, grafana_error_body},
    {SB_VNPAY, NULL, SMALL_BODY, NULL, NULL, vnpay_handle, vnpay_error_body},
    {SB_MOMO, NULL, SMALL_BODY, NULL, NULL, momo_handle, momo_error_body},
    {SB_ZALOPAY, NULL, SMALL_BODY, NULL, NULL, zalopay_handle, zalopay_error_body},
};

enum { N_STANDINS = ARRAY_LEN(standins) };

static struct {
    const struct platform *platform;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    struct sandbox_fault faults[SB_N_SERVICES];
    struct sandbox_scenarios scenarios;
    uint64_t change; /* the loop's alone */
} world = {.lock = PTHREAD_MUTEX_INITIALIZER};

const struct platform *standins_platform(void) {
    return world.platform;
}

struct sandbox_scenarios standins_scenarios(void) {
    pthread_mutex_lock(&world.lock);
    struct sandbox_scenarios s = world.scenarios;
    pthread_mutex_unlock(&world.lock);
    return s;
}

/* The fault on a service at the last look at the fault file. */
static struct sandbox_fault standins_fault(enum sandbox_service service) {
    pthread_mutex_lock(&world.lock);
    struct sandbox_fault f = world.faults[service];
    pthread_mutex_unlock(&world.lock);
    return f;
}

bool standins_reachable(enum sandbox_service service) {
    enum sandbox_fault_mode mode = standins_fault(service).mode;
    return world.platform->port[service] && (mode == FAULT_NONE || mode == FAULT_SLOW);
}

bool standins_sleep_ms(unsigned ms) {
    struct timespec until = clock_deadline(ms);
    pthread_mutex_lock(&world.lock);
    int r = 0;
    while (!world.stopping && r != ETIMEDOUT) {
        r = pthread_cond_timedwait(&world.wake, &world.lock, &until);
    }
    bool stopping = world.stopping;
    pthread_mutex_unlock(&world.lock);
    return !stopping;
}

static _Thread_local uint64_t dice_state;

uint32_t dice(uint32_t n) {
    if (!dice_state) {
        dice_state = clock_wall_ms() * 2654435761u ^ (uintptr_t)&dice_state;
        dice_state |= 1;
    }
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    dice_state ^= dice_state << 17;
    return n ? (uint32_t)(dice_state >> 16) % n : 0;
}

void dice_word(char *out, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i < n; i++) {
        out[i] = digits[dice(62)];
    }
    out[n] = 0;
}

void dice_cuid(char *out) {
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    uint64_t ms = clock_wall_ms();
    out[0] = 'c';
    for (int i = 8; i >= 1; i--) {
        out[i] = digits[ms % 36];
        ms /= 36;
    }
    for (int i = 9; i < 25; i++) {
        out[i] = digits[dice(36)];
    }
    out[25] = 0;
}

static void look_at_faults(void) {
    struct sandbox_fault faults[SB_N_SERVICES];
    struct sandbox_scenarios scenarios;
    memset(faults, 0, sizeof faults);
    memset(&scenarios, 0, sizeof scenarios);
    world.change = platform_faults(world.platform, faults, &scenarios);
    pthread_mutex_lock(&world.lock);
    memcpy(world.faults, faults, sizeof faults);
    world.scenarios = scenarios;
    pthread_mutex_unlock(&world.lock);
}

static bool start_one(const struct standin *s, struct httpd **ret_httpd) {
    struct httpd_config config = {
        .service = s->service,
        .port = world.platform->port[s->service],
        .max_body_bytes = s->max_body_bytes,
        .server_header = s->server_header,
        .handle = s->handle,
        .error_body = s->error_body,
    };
    *ret_httpd = httpd_new(&config);
    return *ret_httpd != NULL;
}

static bool init_all(void) {
    for (int i = 0; i < N_STANDINS; i++) {
        if (standins[i].init && !standins[i].init()) {
            say("%s cannot start: out of memory", sandbox_service_names[standins[i].service]);
            return false;
        }
    }
    return true;
}

static bool start_all(struct httpd *httpd[N_STANDINS]) {
    bool ok = init_all();
    for (int i = 0; ok && i < N_STANDINS; i++) {
        if (world.platform->port[standins[i].service]) {
            ok = start_one(&standins[i], &httpd[i]);
        }
    }
    return ok && traffic_start();
}

static void stop_all(struct httpd *httpd[N_STANDINS]) {
    pthread_mutex_lock(&world.lock);
    world.stopping = true;
    pthread_cond_broadcast(&world.wake);
    pthread_mutex_unlock(&world.lock);
    traffic_stop();
    for (int i = 0; i < N_STANDINS; i++) {
        httpd_free(httpd[i]);
    }
    for (int i = 0; i < N_STANDINS; i++) {
        if (standins[i].done) {
            standins[i].done();
        }
    }
}

/* Blocks the two signals in every thread started from here on; the loop takes them itself. */
static void block_signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    pthread_sigmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static bool settled(void) {
    return traffic_settled() && (!world.platform->port[SB_LOKI] || loki_is_warm());
}

int standins_run(const struct platform *p, standins_tick on_tick, void *ctx) {
    struct httpd *httpd[N_STANDINS] = {NULL};
    const struct timespec tick = {.tv_nsec = LOOK_EVERY_MS * 1000000};
    sigset_t set;
    clock_cond_init(&world.wake);
    world.platform = p;
    world.stopping = false;
    block_signals(&set);
    look_at_faults();
    bool ok = start_all(httpd);
    while (ok && sigtimedwait(&set, NULL, &tick) < 0) {
        look_at_faults();
        for (int i = 0; i < N_STANDINS; i++) {
            if (httpd[i]) {
                httpd_apply(httpd[i], standins_fault(standins[i].service));
            }
        }
        on_tick(ctx, settled(), world.change);
    }
    stop_all(httpd);
    return ok ? 0 : 1;
}
