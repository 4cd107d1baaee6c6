/* tests/loop/test_link_addresses.c - a name with several addresses, of which the first is of no
 * use; and an exchange of a process that has no descriptor left, which says nothing of the service.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/resource.h>

#include "loop/misbehave.h"
#include "loop/pg_speak.h"

#define NAME       "several.test"
#define NO_WAY     "255.255.255.255" /* the kernel refuses TCP to it at once, not by an event */
#define NOT_SERVED "127.0.0.2"       /* refused; bad_server.h listens on 127.0.0.1 alone */

#define SILENT_MS 6000 /* a silent one takes half of it */
#define QUEUE_MAX 16

static const char *first_address;

typedef int (*lookup_fn)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* In place of libc's, for NAME alone: no resolver of a test machine knows such a name. */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret) {
    lookup_fn real;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!host || strcmp(host, NAME) != 0)
        return real(host, service, hints, ret);
    struct addrinfo literal = *hints;
    literal.ai_flags = AI_NUMERICHOST;
    int rc = real(first_address, service, &literal, ret);
    return rc ? rc : real("127.0.0.1", service, &literal, &(*ret)->ai_next);
}

/* A port whose queue is full: the kernel drops what else comes. */
struct hole {
    int listener, queued[QUEUE_MAX];
    size_t n;
};

static struct sockaddr_in hole_address(uint16_t port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, NOT_SERVED, &a.sin_addr);
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

static void serve_pong(struct bad_server *s, int fd) {
    char buf[4096];
    while (bad_read(s, fd, buf, sizeof buf) > 0)
        bad_puts(fd, "+PONG\r\n");
}

static void serve_ok(struct bad_server *s, int fd) {
    char buf[4096];
    while (bad_read(s, fd, buf, sizeof buf) > 0)
        bad_puts(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
}

static void serve_login(struct bad_server *s, int fd) {
    char buf[4096];
    if (!greet(s, fd))
        return;
    log_in(fd, "15.4");
    if (bad_read(s, fd, buf, sizeof buf) > 0) {
        SAY(fd, 'I', "");
        SAY(fd, 'Z', "I");
    }
}

static struct exchange ask_redis(const char *host, uint16_t port) {
    return (struct exchange){
        .kind = EXCHANGE_REDIS,
        .redis = {.target = {.host = host, .port = port}, .argc = 1, .argv = {"PING"}}};
}

static struct exchange ask_http(const char *host, uint16_t port) {
    static char url[80];
    snprintf(url, sizeof url, "http://%s:%u/", host, port);
    return (struct exchange){.kind = EXCHANGE_HTTP, .http = {.url = url}};
}

static struct exchange ask_pg(const char *host, uint16_t port) {
    return (struct exchange){
        .kind = EXCHANGE_PG,
        .pg = {.target = {.host = host, .port = port, .user = "u", .dbname = "d"}, .sql = "-- "}};
}

static const struct client {
    struct exchange (*ask)(const char *host, uint16_t port);
    bad_fn serve;
} clients[] = {{ask_redis, serve_pong}, {ask_http, serve_ok}, {ask_pg, serve_login}};

static void is_answered(const struct client *c, struct bad_server *s, uint32_t timeout_ms) {
    struct drive d;
    drive_init(&d);
    struct exchange ex = c->ask(NAME, s->port);
    drive_send(&d, &ex, timeout_ms);
    CHECK_STR(d.reply.err.why, "");
    CU_ASSERT_TRUE(d.reply.ok);
    CU_ASSERT_EQUAL(s->n_accepted, 1);
    drive_finish(&d);
}

static void reaches_the_second(const char *first) {
    first_address = first;
    for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
        struct bad_server s;
        bad_start(&s, clients[i].serve);
        is_answered(&clients[i], &s, PATIENCE_MS);
        bad_stop(&s);
    }
}

TEST(an_address_that_refuses_is_passed_over) {
    reaches_the_second(NOT_SERVED);
}

TEST(an_address_that_no_way_leads_to_is_passed_over) {
    reaches_the_second(NO_WAY);
}

TEST(an_address_that_is_silent_is_passed_over_in_time) {
    first_address = NOT_SERVED;
    for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
        struct bad_server s;
        struct hole h;
        start_both(&s, &h, clients[i].serve);
        is_answered(&clients[i], &s, SILENT_MS);
        hole_close(&h);
        bad_stop(&s);
    }
}

TEST(being_out_of_descriptors_is_no_fault_of_the_service) {
    for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
        struct bad_server s;
        struct drive d;
        struct rlimit before, none;
        bad_start(&s, clients[i].serve);
        drive_init(&d);
        struct exchange ex = clients[i].ask("127.0.0.1", s.port);
        CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_NOFILE, &before), 0);
        none = before;
        none.rlim_cur = 0; /* what is open stays so */
        CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_NOFILE, &none), 0);
        check_fails(&d, &ex, PATIENCE_MS, E_INTERNAL);
        CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(d.reply.err.why, "oo many open files"));
        CU_ASSERT_PTR_NOT_NULL(strstr(d.reply.err.todo, "ulimit -n"));
        bad_stop(&s);
        drive_finish(&d);
    }
}

SUITE(link_addresses, T(an_address_that_refuses_is_passed_over),
      T(an_address_that_no_way_leads_to_is_passed_over),
      T(an_address_that_is_silent_is_passed_over_in_time),
      T(being_out_of_descriptors_is_no_fault_of_the_service))
