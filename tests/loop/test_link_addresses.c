/* tests/loop/test_link_addresses.c - a name with two addresses, from the first of which nothing
 * comes: the second is asked in time. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>

#include "loop/pg_speak.h"

#define TIMEOUT_MS 6000 /* the silent one takes about half of it */
#define NAME       "two.test"
#define QUEUE_MAX  16

typedef int (*lookup_fn)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* In place of the library's: NAME is 127.0.0.2, then 127.0.0.1. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret) {
    lookup_fn lookup = (lookup_fn)dlsym(RTLD_NEXT, "getaddrinfo");
    bool two = strcmp(node, NAME) == 0;
    int rc = lookup(two ? "127.0.0.2" : node, service, hints, ret);
    return rc == 0 && two ? lookup("127.0.0.1", service, hints, &(*ret)->ai_next) : rc;
}

/* A port whose queue is full: the kernel drops what else comes. */
struct hole {
    int listener, queued[QUEUE_MAX];
    size_t n;
};

static struct sockaddr_in hole_address(uint16_t port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, "127.0.0.2", &a.sin_addr);
    return a;
}

/* Until one of ours has to wait. */
static void hole_fill(struct hole *h, const struct sockaddr_in *a) {
    bool waits = false;
    while (!waits && h->n < QUEUE_MAX) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        h->queued[h->n++] = fd;
        fcntl(fd, F_SETFL, O_NONBLOCK);
        (void)connect(fd, (const struct sockaddr *)a, sizeof *a); /* it may wait */
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        waits = poll(&p, 1, 300) == 0;
    }
    CU_ASSERT_TRUE_FATAL(waits);
}

static bool hole_open(struct hole *h, uint16_t port) {
    struct sockaddr_in a = hole_address(port);
    *h = (struct hole){.listener = socket(AF_INET, SOCK_STREAM, 0)};
    bool ours =
        bind(h->listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(h->listener, 0) == 0;
    if (ours)
        hole_fill(h, &a);
    else
        close(h->listener);
    return ours;
}

static void hole_close(struct hole *h) {
    for (size_t i = 0; i < h->n; i++)
        close(h->queued[i]);
    close(h->listener);
}

/* The port of the one that answers is free at the other address too. */
static void start_both(struct bad_server *s, struct hole *h, bad_fn fn) {
    for (bad_start(s, fn); !hole_open(h, s->port); bad_start(s, fn))
        bad_stop(s);
}

static void serve_http(struct bad_server *s, int fd) {
    char buf[4096];
    while (bad_read(s, fd, buf, sizeof buf) > 0)
        bad_puts(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
}

static void serve_redis(struct bad_server *s, int fd) {
    char buf[4096];
    while (bad_read(s, fd, buf, sizeof buf) > 0)
        bad_puts(fd, "+PONG\r\n");
}

static void serve_postgres(struct bad_server *s, int fd) {
    if (greet(s, fd))
        log_in(fd, "15.4");
    bad_hang(s, fd);
}

/* The exchange that `make` makes for a port is answered, by the second address. */
static void is_answered(bad_fn fn, struct exchange (*make)(struct arena *a, uint16_t port)) {
    struct bad_server s;
    struct hole h;
    struct drive d;
    start_both(&s, &h, fn);
    drive_init(&d);
    struct exchange ex = make(&d.arena, s.port);
    drive_send(&d, &ex, TIMEOUT_MS);
    CU_ASSERT_TRUE(d.reply.ok);
    CU_ASSERT_EQUAL(s.n_accepted, 1);
    hole_close(&h);
    bad_stop(&s);
    drive_finish(&d);
}

static struct exchange http(struct arena *a, uint16_t port) {
    return (struct exchange){.kind = EXCHANGE_HTTP,
                             .http.url = arena_printf(a, "http://" NAME ":%u/", port)};
}

static struct exchange redis(struct arena *a, uint16_t port) {
    (void)a;
    return (struct exchange){
        .kind = EXCHANGE_REDIS,
        .redis = {.target = {.host = NAME, .port = port}, .argc = 1, .argv = {"PING"}}};
}

static struct exchange postgres(struct arena *a, uint16_t port) {
    (void)a;
    return (struct exchange){
        .kind = EXCHANGE_PG_PING,
        .pg.target = {.host = NAME, .port = port, .dbname = "x", .user = "x", .password = "x"}};
}

TEST(http_asks_the_second_address_when_the_first_is_silent) {
    is_answered(serve_http, http);
}
TEST(redis_asks_the_second_address_when_the_first_is_silent) {
    is_answered(serve_redis, redis);
}
TEST(postgres_asks_the_second_address_when_the_first_is_silent) {
    is_answered(serve_postgres, postgres);
}

SUITE(link_addresses, T(http_asks_the_second_address_when_the_first_is_silent),
      T(redis_asks_the_second_address_when_the_first_is_silent),
      T(postgres_asks_the_second_address_when_the_first_is_silent))
