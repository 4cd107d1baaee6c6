/* tests/loop/test_link_http.c - HTTP exchanges against servers that misbehave. */
#include <stdlib.h>

#include "loop/misbehave.h"

static void serve_ok(struct bad_server *s, int fd) {
    char buf[4096];
    while (bad_read(s, fd, buf, sizeof buf) > 0)
        bad_puts(fd, "HTTP/1.1 200 OK\r\nX-Odd:  a b \r\nContent-Length: 2\r\n\r\nhi");
}

/* Says how many bytes the header X-Key had. */
static void serve_key_length(struct bad_server *s, int fd) {
    static char buf[65536];
    char answer[80];
    size_t n = 0;
    while (n < sizeof buf - 1 && !strstr(buf, "\r\n\r\n")) {
        int got = (int)bad_read(s, fd, buf + n, sizeof buf - 1 - n);
        if (got <= 0)
            return;
        buf[n += (size_t)got] = '\0';
    }
    const char *key = strstr(buf, "X-Key: ");
    snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%zu",
             key ? strcspn(key + 7, "\r") : 0);
    bad_puts(fd, answer);
}

static void serve_500(struct bad_server *s, int fd) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nwait");
}

static void serve_redirect(struct bad_server *s, int fd) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd,
             "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
}

static void serve_garbage(struct bad_server *s, int fd) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "E SFATAL C08P01 M client sent partial pkt in startup phase\n");
}

static void serve_drip(struct bad_server *s, int fd) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (!bad_stopped(s) && send(fd, "x", 1, MSG_NOSIGNAL) == 1)
        poll(NULL, 0, 10);
}

static void serve_endless(struct bad_server *s, int fd) {
    static char block[65536];
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n");
    while (!bad_stopped(s) && send(fd, block, sizeof block, MSG_NOSIGNAL) > 0) {
    }
}

static void serve_cut(struct bad_server *s, int fd) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
}

static void serve_bad_chunk(struct bad_server *s, int fd) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n");
    bad_hang(s, fd);
}

static void repeat(struct bad_server *s, int fd, const char *what) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "HTTP/1.1 200 ");
    while (!bad_stopped(s) && send(fd, what, strlen(what), MSG_NOSIGNAL) > 0) {
    }
}

static void serve_endless_header(struct bad_server *s, int fd) {
    repeat(s, fd,
           "OK\r\nX-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

static void serve_endless_status(struct bad_server *s, int fd) {
    repeat(s, fd, "OK OK OK OK OK OK OK OK OK OK OK OK OK OK OK OK OK OK OK OK OK OK OK OK OK OK");
}

static struct exchange get(struct arena *a, uint16_t port) {
    return (struct exchange){.kind = EXCHANGE_HTTP,
                             .http.url = arena_printf(a, "http://127.0.0.1:%u/x", port)};
}

static void fails_with(bad_fn fn, uint32_t timeout_ms, enum err_code code) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, fn);
    drive_init(&d);
    struct exchange ex = get(&d.arena, s.port);
    check_fails(&d, &ex, timeout_ms, code);
    bad_stop(&s);
    drive_finish(&d);
}

TEST(reads_status_headers_and_body) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_ok);
    drive_init(&d);
    struct exchange ex = get(&d.arena, s.port);
    drive_send(&d, &ex, PATIENCE_MS);
    CU_ASSERT_TRUE_FATAL(d.reply.ok);
    CU_ASSERT_EQUAL(d.reply.http.status, 200);
    CHECK_STR(d.reply.http.body, "hi");
    CHECK_STR(http_reply_header(&d.reply.http, "x-odd"), "a b");
    bad_stop(&s);
    drive_finish(&d);
}

TEST(a_long_key_is_sent_whole) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_key_length);
    drive_init(&d);
    struct exchange ex = get(&d.arena, s.port);
    char *key = arena_alloc(&d.arena, 9001);
    memset(key, 'k', 9000);
    key[9000] = '\0';
    ex.http.headers[0] = (struct http_header){"X-Key", key};
    drive_send(&d, &ex, PATIENCE_MS);
    CU_ASSERT_TRUE_FATAL(d.reply.ok);
    CHECK_STR(d.reply.http.body, "9000");
    bad_stop(&s);
    drive_finish(&d);
}

TEST(a_line_break_in_a_key_is_a_setting_error) {
    struct drive d;
    drive_init(&d);
    struct exchange ex = get(&d.arena, 1);
    ex.http.headers[0] = (struct http_header){"X-Key", "secret\r\nX-Other: 1"};
    check_fails(&d, &ex, PATIENCE_MS, E_CONFIG);
    CU_ASSERT_PTR_NULL(strstr(d.reply.err.why, "secret"));
    drive_finish(&d);
}

TEST(keeps_the_connection_between_exchanges) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_ok);
    drive_init(&d);
    struct exchange ex = get(&d.arena, s.port);
    int64_t least_ms = PATIENCE_MS; /* a busy machine delays one of them, not all */
    for (int i = 0; i < 10; i++) {
        drive_send(&d, &ex, PATIENCE_MS);
        CU_ASSERT_TRUE(d.reply.ok);
        least_ms = d.took_ms < least_ms ? d.took_ms : least_ms;
    }
    CU_ASSERT_TRUE(least_ms < 1000);
    CU_ASSERT_EQUAL(atomic_load(&s.n_accepted), 1);
    bad_stop(&s);
    drive_finish(&d);
}

TEST(an_error_status_is_an_answer) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_500);
    drive_init(&d);
    struct exchange ex = get(&d.arena, s.port);
    drive_send(&d, &ex, PATIENCE_MS);
    CU_ASSERT_TRUE(d.reply.ok);
    CU_ASSERT_EQUAL(d.reply.http.status, 503);
    bad_stop(&s);
    drive_finish(&d);
}

TEST(does_not_follow_redirects) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_redirect);
    drive_init(&d);
    struct exchange ex = get(&d.arena, s.port);
    drive_send(&d, &ex, PATIENCE_MS);
    CU_ASSERT_TRUE(d.reply.ok);
    CU_ASSERT_EQUAL(d.reply.http.status, 302);
    bad_stop(&s);
    drive_finish(&d);
}

TEST(resolves_localhost_without_a_thread) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_ok);
    drive_init(&d);
    struct exchange ex = {.kind = EXCHANGE_HTTP,
                          .http.url = arena_printf(&d.arena, "http://localhost:%u/", s.port)};
    drive_send(&d, &ex, PATIENCE_MS);
    CU_ASSERT_TRUE(d.reply.ok);
    bad_stop(&s);
    drive_finish(&d);
}

TEST(refused_is_refused) {
    fails_with(NULL, PATIENCE_MS, E_REFUSED);
}
TEST(a_silent_server_is_a_timeout_in_time) {
    fails_with(bad_hang, 200, E_TIMEOUT);
}
TEST(a_dripping_body_is_a_timeout_in_time) {
    fails_with(serve_drip, 300, E_TIMEOUT);
}
TEST(a_reset_is_closed) {
    fails_with(bad_reset, PATIENCE_MS, E_CLOSED);
}
TEST(a_silent_close_is_the_wrong_thing) {
    fails_with(bad_close, PATIENCE_MS, E_WRONG_THING);
}
TEST(bytes_that_are_not_http_are_the_wrong_thing) {
    fails_with(serve_garbage, PATIENCE_MS, E_WRONG_THING);
}
TEST(an_endless_body_is_too_big) {
    fails_with(serve_endless, PATIENCE_MS, E_TOO_BIG);
}
TEST(a_header_without_end_is_too_big) {
    fails_with(serve_endless_header, PATIENCE_MS, E_TOO_BIG);
    fails_with(serve_endless_status, PATIENCE_MS, E_TOO_BIG);
}
TEST(a_chunk_of_no_size_breaks_the_protocol) {
    fails_with(serve_bad_chunk, PATIENCE_MS, E_PROTOCOL);
}
TEST(a_cut_body_is_closed) {
    fails_with(serve_cut, PATIENCE_MS, E_CLOSED);
}

TEST(a_url_of_another_scheme_is_a_setting_error) {
    struct drive d;
    drive_init(&d);
    struct exchange ex = {.kind = EXCHANGE_HTTP, .http.url = "file:///etc/passwd"};
    check_fails(&d, &ex, PATIENCE_MS, E_CONFIG);
    ex.http.url = "not a url";
    check_fails(&d, &ex, PATIENCE_MS, E_CONFIG);
    drive_finish(&d);
}

TEST(cancel_means_no_done) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, bad_hang);
    drive_init(&d);
    struct exchange ex = get(&d.arena, s.port);
    link_send(d.link, &ex, &d.arena, 100, drive_done, &d);
    loop_run_until(d.loop, drive_never, &d, 30);
    link_cancel(d.link);
    loop_run_until(d.loop, drive_never, &d, 200);
    CU_ASSERT_EQUAL(d.n_done, 0);
    bad_stop(&s);
    drive_finish(&d);
}

TEST(closing_in_flight_leaks_nothing) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, bad_hang);
    drive_init(&d);
    struct exchange ex = get(&d.arena, s.port);
    link_send(d.link, &ex, &d.arena, 1000, drive_done, &d);
    loop_run_until(d.loop, drive_never, &d, 20);
    drive_finish(&d);
    CU_ASSERT_EQUAL(d.n_done, 0);
    bad_stop(&s);
}

SUITE(link_http, T(reads_status_headers_and_body), T(a_long_key_is_sent_whole),
      T(a_line_break_in_a_key_is_a_setting_error), T(keeps_the_connection_between_exchanges),
      T(an_error_status_is_an_answer), T(does_not_follow_redirects),
      T(resolves_localhost_without_a_thread), T(refused_is_refused),
      T(a_silent_server_is_a_timeout_in_time), T(a_dripping_body_is_a_timeout_in_time),
      T(a_reset_is_closed), T(a_silent_close_is_the_wrong_thing),
      T(bytes_that_are_not_http_are_the_wrong_thing), T(an_endless_body_is_too_big),
      T(a_cut_body_is_closed), T(a_header_without_end_is_too_big),
      T(a_chunk_of_no_size_breaks_the_protocol), T(a_url_of_another_scheme_is_a_setting_error),
      T(cancel_means_no_done), T(closing_in_flight_leaks_nothing))
