/* tests/loop/test_link_redis.c - Redis exchanges against servers that misbehave. */
#include <stdlib.h>
#include <time.h>

#include "loop/misbehave.h"

static void serve_script(struct bad_server *s, int fd, const char *const *answers, size_t n) {
    char buf[4096];
    for (size_t i = 0; i < n && bad_read(s, fd, buf, sizeof buf) > 0; i++)
        bad_puts(fd, answers[i]);
    bad_hang(s, fd);
}

static void serve_pong(struct bad_server *s, int fd) {
    char buf[4096];
    while (bad_read(s, fd, buf, sizeof buf) > 0)
        bad_puts(fd, "+PONG\r\n");
}

static void serve_tree(struct bad_server *s, int fd) {
    const char *const answers[] = {"*3\r\n:7\r\n$-1\r\n*2\r\n$2\r\nab\r\n-ERR x\r\n"};
    serve_script(s, fd, answers, 1);
}

static void serve_wrongpass(struct bad_server *s, int fd) {
    const char *const answers[] = {"-WRONGPASS invalid username-password pair\r\n"};
    serve_script(s, fd, answers, 1);
}

static void serve_noauth(struct bad_server *s, int fd) {
    const char *const answers[] = {"-NOAUTH Authentication required.\r\n"};
    serve_script(s, fd, answers, 1);
}

static void serve_loading(struct bad_server *s, int fd) {
    const char *const answers[] = {"-LOADING Redis is loading the dataset in memory\r\n"};
    serve_script(s, fd, answers, 1);
}

static void serve_full(struct bad_server *s, int fd) {
    const char *const answers[] = {"-ERR max number of clients reached\r\n"};
    serve_script(s, fd, answers, 1);
}

static void serve_moved(struct bad_server *s, int fd) {
    const char *const answers[] = {"-MOVED 1234 127.0.0.1:1\r\n"};
    serve_script(s, fd, answers, 1);
}

static void serve_http(struct bad_server *s, int fd) {
    const char *const answers[] = {"HTTP/1.1 400 Bad Request\r\n\r\n"};
    serve_script(s, fd, answers, 1);
}

static void serve_huge_array(struct bad_server *s, int fd) {
    const char *const answers[] = {"*2000000000\r\n"};
    serve_script(s, fd, answers, 1);
}

static void serve_flood(struct bad_server *s, int fd) {
    static char block[65536];
    char buf[4096];
    memset(block, 'x', sizeof block);
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "$500000000\r\n");
    while (!bad_stopped(s) && send(fd, block, sizeof block, MSG_NOSIGNAL) > 0) {
    }
}

static void serve_endless_line(struct bad_server *s, int fd) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "+");
    memset(buf, 'x', sizeof buf);
    while (!bad_stopped(s) && send(fd, buf, sizeof buf, MSG_NOSIGNAL) > 0)
        continue;
}

static void serve_half(struct bad_server *s, int fd) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "$100\r\nhalf");
}

/* Answers one command a connection, and closes while the client is idle. */
static void serve_once(struct bad_server *s, int fd) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "+PONG\r\n");
}

static void serve_unasked(struct bad_server *s, int fd) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "+PONG\r\n+OK\r\n+OK\r\n");
    bad_hang(s, fd);
}

/* What came with the answer to AUTH would be read as the answer to PING. */
static void serve_two_to_auth(struct bad_server *s, int fd) {
    const char *const answers[] = {"+OK\r\n+PONG\r\n", "-ERR unknown command\r\n"};
    serve_script(s, fd, answers, 2);
}

static void serve_refusal_and_more(struct bad_server *s, int fd) {
    const char *const answers[] = {"-WRONGPASS invalid\r\n+PONG\r\n"};
    serve_script(s, fd, answers, 1);
}

static struct exchange ping(uint16_t port) {
    return (struct exchange){
        .kind = EXCHANGE_REDIS,
        .redis = {.target = {.host = "127.0.0.1", .port = port}, .argc = 1, .argv = {"PING"}}};
}

static void fails_with(bad_fn fn, uint32_t timeout_ms, enum err_code code, const char *password) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, fn);
    drive_init(&d);
    struct exchange ex = ping(s.port);
    ex.redis.target.password = password;
    check_fails(&d, &ex, timeout_ms, code);
    bad_stop(&s);
    drive_finish(&d);
}

/* Three pings, all answered; how many connections that took. */
static int pings(bad_fn fn) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, fn);
    drive_init(&d);
    struct exchange ex = ping(s.port);
    for (int i = 0; i < 3; i++) {
        drive_send(&d, &ex, PATIENCE_MS);
        CU_ASSERT_TRUE_FATAL(d.reply.ok);
        CHECK_STR(d.reply.redis.s, "PONG");
    }
    bad_stop(&s);
    drive_finish(&d);
    return atomic_load(&s.n_accepted);
}

TEST(keeps_the_connection) {
    CU_ASSERT_EQUAL(pings(serve_pong), 1);
}
TEST(reconnects_when_an_idle_connection_ended) {
    CU_ASSERT_EQUAL(pings(serve_once), 3);
}
TEST(trusts_no_connection_that_talks_unasked) {
    CU_ASSERT_TRUE(pings(serve_unasked) >= 1);
}

TEST(converts_a_tree) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_tree);
    drive_init(&d);
    struct exchange ex = ping(s.port);
    drive_send(&d, &ex, PATIENCE_MS);
    const struct redis_val *v = &d.reply.redis;
    CU_ASSERT_TRUE_FATAL(d.reply.ok && v->type == REDIS_ARRAY && v->n_items == 3);
    CU_ASSERT_EQUAL(v->items[0].integer, 7);
    CU_ASSERT_EQUAL(v->items[1].type, REDIS_NIL);
    CHECK_STR(v->items[2].items[0].s, "ab");
    CU_ASSERT_EQUAL(v->items[2].items[1].type, REDIS_ERROR);
    bad_stop(&s);
    drive_finish(&d);
}

TEST(noauth_without_a_password_is_an_answer) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_noauth);
    drive_init(&d);
    struct exchange ex = ping(s.port);
    drive_send(&d, &ex, PATIENCE_MS);
    CU_ASSERT_TRUE(d.reply.ok);
    CU_ASSERT_EQUAL(d.reply.redis.type, REDIS_ERROR);
    bad_stop(&s);
    drive_finish(&d);
}

TEST(recovers_at_the_next_exchange) {
    struct bad_server bad, good;
    struct drive d;
    bad_start(&bad, bad_reset);
    bad_start(&good, serve_pong);
    drive_init(&d);
    struct exchange ex = ping(bad.port);
    check_fails(&d, &ex, PATIENCE_MS, E_CLOSED);
    ex = ping(good.port);
    drive_send(&d, &ex, PATIENCE_MS);
    CU_ASSERT_TRUE(d.reply.ok);
    bad_stop(&bad);
    bad_stop(&good);
    drive_finish(&d);
}

TEST(a_name_without_an_address_does_not_resolve) {
    struct drive d;
    drive_init(&d);
    struct exchange ex = ping(1);
    ex.redis.target.host = "no-such-host.invalid";
    check_fails(&d, &ex, 3000, E_RESOLVE); /* as long as a resolver that is away costs */
    drive_finish(&d);
}

TEST(a_failed_login_is_auth) {
    fails_with(serve_wrongpass, PATIENCE_MS, E_AUTH, "secret");
}
TEST(an_answer_that_came_with_the_login_answers_nothing) {
    fails_with(serve_two_to_auth, 2000, E_PROTOCOL, "secret");
    fails_with(serve_refusal_and_more, 2000, E_AUTH, "secret");
}
TEST(refused_is_refused) {
    fails_with(NULL, PATIENCE_MS, E_REFUSED, NULL);
}
/* Cut to what fits it would be another file's. */
TEST(a_path_that_is_too_long_for_a_socket_is_said) {
    struct drive d;
    char path[200] = "/tmp/";
    memset(path + 5, 'x', 103);
    drive_init(&d);
    struct exchange ex = ping(0);
    ex.redis.target.host = path;
    check_fails(&d, &ex, PATIENCE_MS, E_CONFIG);
    CHECK_STR(d.reply.err.why, "the path of a socket has at most 107 bytes");
    path[107] = '\0';
    check_fails(&d, &ex, PATIENCE_MS, E_REFUSED);
    drive_finish(&d);
}
TEST(silence_is_a_timeout_in_time) {
    fails_with(bad_hang, 200, E_TIMEOUT, NULL);
}
TEST(a_silent_close_is_something_else) {
    fails_with(bad_close, PATIENCE_MS, E_WRONG_THING, NULL);
}
/* What the kernel takes says nothing of what was read; the time on the processor does: a megabyte
 * looked through again with each piece takes seconds. */
TEST(a_line_without_end_is_given_up_early) {
    struct timespec before, after;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    fails_with(serve_endless_line, PATIENCE_MS, E_TOO_BIG, NULL);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    CU_ASSERT_TRUE(
        (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 < 400);
}
TEST(a_login_refused_for_another_reason_is_not_a_wrong_password) {
    fails_with(serve_loading, PATIENCE_MS, E_NOT_READY, "right");
    fails_with(serve_full, PATIENCE_MS, E_NOT_READY, "right");
    fails_with(serve_moved, PATIENCE_MS, E_PROTOCOL, "right");
}
TEST(half_an_answer_is_closed) {
    fails_with(serve_half, PATIENCE_MS, E_CLOSED, NULL);
}
TEST(http_is_the_wrong_thing) {
    fails_with(serve_http, PATIENCE_MS, E_WRONG_THING, NULL);
}
TEST(a_huge_array_is_too_big) {
    fails_with(serve_huge_array, PATIENCE_MS, E_TOO_BIG, NULL);
}
TEST(a_flood_is_too_big) {
    fails_with(serve_flood, PATIENCE_MS, E_TOO_BIG, NULL);
}

SUITE(link_redis, T(keeps_the_connection), T(reconnects_when_an_idle_connection_ended),
      T(trusts_no_connection_that_talks_unasked), T(converts_a_tree),
      T(noauth_without_a_password_is_an_answer), T(recovers_at_the_next_exchange),
      T(a_name_without_an_address_does_not_resolve), T(a_failed_login_is_auth),
      T(an_answer_that_came_with_the_login_answers_nothing), T(refused_is_refused),
      T(a_path_that_is_too_long_for_a_socket_is_said), T(silence_is_a_timeout_in_time),
      T(a_silent_close_is_something_else), T(a_line_without_end_is_given_up_early),
      T(a_login_refused_for_another_reason_is_not_a_wrong_password), T(half_an_answer_is_closed),
      T(http_is_the_wrong_thing), T(a_huge_array_is_too_big), T(a_flood_is_too_big))
