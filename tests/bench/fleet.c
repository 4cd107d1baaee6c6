/* tests/bench/fleet.c - many API replicas as targets of one process: as many engines as targets on
 * one loop, each with the console's own API probe (four questions), against a responder in a
 * process of its own. Measures what the asking side costs: the screen has one row per service, not
 * per replica, and reads Prometheus where a fleet is larger.
 *
 *     fleet TARGETS SECONDS [INTERVAL_MS]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/probes.h"

#define TARGETS_MAX 10000

/* --- the responder --- */

static const struct {
    const char *path, *body;
} answers[] = {
    {"/health/ready ", "{\"status\":\"ok\",\"info\":{\"database\":{\"status\":\"up\"},\"redis\":"
                       "{\"status\":\"up\"}},\"error\":{},\"details\":{\"database\":"
                       "{\"status\":\"up\"},\"redis\":{\"status\":\"up\"}}}"},
    {"/health/db ", "{\"status\":\"ok\",\"info\":{\"database\":{\"status\":\"up\"}},\"error\":{},"
                    "\"details\":{\"database\":{\"status\":\"up\"}}}"},
    {"/health/redis ", "{\"status\":\"ok\",\"info\":{\"redis\":{\"status\":\"up\"}},\"error\":{},"
                       "\"details\":{\"redis\":{\"status\":\"up\"}}}"},
    {"/health ", "{\"status\":\"ok\",\"timestamp\":\"2026-04-11T10:30:00.000Z\"}"},
};

/* One small request at a time is all that the probe ever sends over a connection. */
static void answer(int fd) {
    char request[4096], reply[1024];
    ssize_t n = recv(fd, request, sizeof request - 1, 0);
    if (n <= 0) {
        close(fd);
        return;
    }
    request[n] = 0;
    const char *body = "";
    for (size_t i = 0; i < sizeof answers / sizeof *answers && !*body; i++)
        if (strstr(request, answers[i].path))
            body = answers[i].body;
    int len = snprintf(reply, sizeof reply,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
                       "X-Powered-By: Express\r\nContent-Length: %zu\r\n\r\n%s",
                       strlen(body), body);
    if (send(fd, reply, (size_t)len, MSG_NOSIGNAL) != len)
        close(fd);
}

static void respond(int listener) {
    int poll = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, ready[64];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        int n = epoll_wait(poll, ready, 64, -1);
        for (int i = 0; i < n; i++) {
            if (ready[i].data.fd != listener) {
                answer(ready[i].data.fd);
                continue;
            }
            e.data.fd = accept(listener, NULL, NULL);
            if (e.data.fd >= 0)
                epoll_ctl(poll, EPOLL_CTL_ADD, e.data.fd, &e);
        }
    }
}

static uint16_t responder_start(pid_t *ret_pid) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 || listen(fd, 4096) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) != 0)
        return 0;
    *ret_pid = fork();
    if (*ret_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        respond(fd);
    }
    close(fd);
    return *ret_pid > 0 ? ntohs(a.sin_port) : 0;
}

/* --- the asking side --- */

static struct engine *engines[TARGETS_MAX];
static int n_engines;

static void ignore_change(void *ctx, enum service s) {
    (void)ctx;
    (void)s;
}

static bool never(void *ctx) {
    (void)ctx;
    return false;
}

static bool all_tried(void *ctx) {
    (void)ctx;
    for (int i = 0; i < n_engines; i++)
        if (!engine_all_tried(engines[i]))
            return false;
    return true;
}

static double cpu_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint64_t exchanges(void) {
    uint64_t n = 0;
    for (int i = 0; i < n_engines; i++)
        n += engine_self(engines[i])->exchanges;
    return n;
}

static int well(void) {
    int n = 0;
    for (int i = 0; i < n_engines; i++) {
        struct snapshot *s = engine_snapshot(engines[i]);
        n += s->sections[SERVICE_api]->health == HEALTH_OK;
        snapshot_unref(s);
    }
    return n;
}

static void start(struct loop *loop, const struct settings *settings, int n) {
    for (n_engines = 0; n_engines < n; n_engines++) {
        engines[n_engines] = engine_new(loop, settings, BIT(SERVICE_api), ignore_change, NULL);
        engine_start(engines[n_engines]);
    }
    loop_run_until(loop, all_tried, NULL, 20000);
}

static void measure(struct loop *loop, double seconds) {
    struct rusage u;
    double before = cpu_ms();
    uint64_t asked = exchanges();
    loop_run_until(loop, never, NULL, (uint32_t)(seconds * 1000));
    double cpu = cpu_ms() - before;
    asked = exchanges() - asked;
    getrusage(RUSAGE_SELF, &u);
    printf("{\"targets\":%d,\"well\":%d,\"cpu_ms_per_s\":%.2f,\"exchanges_per_s\":%.1f,"
           "\"cpu_us_per_exchange\":%.1f,\"rss_mb\":%.1f}\n",
           n_engines, well(), cpu / seconds, (double)asked / seconds,
           asked ? cpu * 1000 / (double)asked : 0, (double)u.ru_maxrss / 1024);
}

static void raise_limit(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

int main(int argc, char **argv) {
    int n = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 0;
    char url[64];
    pid_t responder = 0;
    if (n < 1 || n > TARGETS_MAX || seconds <= 0)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    raise_limit();
    uint16_t port = responder_start(&responder);
    if (!port)
        return 1;
    snprintf(url, sizeof url, "http://127.0.0.1:%u", port);
    struct settings settings = {.context = "fleet", .api_url = url};
    settings.poll[SERVICE_api].interval_ms =
        argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 10000;
    struct loop *loop = loop_new();
    start(loop, &settings, n);
    /* The first sweep came in one go; its jitter spreads the second one. */
    loop_run_until(loop, never, NULL, settings.poll[SERVICE_api].interval_ms);
    measure(loop, seconds);
    for (int i = 0; i < n_engines; i++)
        engine_free(engines[i]);
    loop_free(loop);
    kill(responder, SIGKILL);
    waitpid(responder, NULL, 0);
    return 0;
}
