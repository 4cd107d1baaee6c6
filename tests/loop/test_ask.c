/* tests/loop/test_ask.c - exchanges that are waited for: answers, deadlines, cancelling, work in
 * between, and bodies that are read as they come. */
#include "io/ask.h"

#include <fcntl.h>
#include <stdlib.h>

#include "loop/misbehave.h"

#define PIECES 300

static void serve_ok(struct bad_server *s, int fd) {
    char buf[4096];
    while (bad_read(s, fd, buf, sizeof buf) > 0)
        bad_puts(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
}

static void serve_hang(struct bad_server *s, int fd) {
    bad_hang(s, fd);
}

/* 300 chunks of 64 KiB: more than any body that is kept. */
static void serve_stream(struct bad_server *s, int fd) {
    static char block[65536 + 32];
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bool error = strstr(buf, "/error") != NULL;
    if (error) {
        bad_puts(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone");
        return;
    }
    bad_puts(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    int n = snprintf(block, sizeof block, "10000\r\n");
    memset(block + n, 'x', 65536);
    memcpy(block + n + 65536, "\r\n", 2);
    for (int i = 0; i < PIECES && !bad_stopped(s); i++)
        if (send(fd, block, (size_t)n + 65538, MSG_NOSIGNAL) < 0)
            return;
    bad_puts(fd, strstr(buf, "/cut") ? "10000\r\nhalf" : "0\r\n\r\n");
}

/* Answers only when it has all of a large body; whoever asks before he sends it is refused. */
static void serve_upload(struct bad_server *s, int fd) {
    char buf[65536], *head_end = NULL;
    ssize_t got, n = 0;
    while (!head_end && (got = bad_read(s, fd, buf + n, sizeof buf - (size_t)n)) > 0) {
        n += got;
        head_end = strstr(buf, "\r\n\r\n");
    }
    const char *length = head_end ? strstr(buf, "Content-Length: ") : NULL;
    long left = length ? strtol(length + 16, NULL, 10) - (buf + n - (head_end + 4)) : 0;
    bool expects = head_end && strstr(buf, "Expect:") != NULL;
    while (left > 0 && !expects && (got = bad_read(s, fd, buf, sizeof buf)) > 0)
        left -= got;
    bad_puts(fd, expects ? "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"
                         : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

struct bench {
    struct bad_server server;
    struct ask *ask;
    struct arena arena;
    struct reply reply;
    struct err err;
    int cancel[2];
};

static void bench_start(struct bench *b, bad_fn fn) {
    bad_start(&b->server, fn);
    CU_ASSERT_FATAL(pipe(b->cancel) == 0);
    b->ask = ask_new("goodgo-test", b->cancel[0]);
    arena_init(&b->arena);
}

static void bench_stop(struct bench *b) {
    ask_free(b->ask);
    bad_stop(&b->server);
    close(b->cancel[0]);
    close(b->cancel[1]);
    arena_done(&b->arena);
}

static struct exchange get(struct bench *b, const char *path) {
    return (struct exchange){
        .kind = EXCHANGE_HTTP,
        .http.url = arena_printf(&b->arena, "http://127.0.0.1:%u%s", b->server.port, path)};
}

static bool once(struct bench *b, const struct exchange *ex, uint32_t timeout_ms) {
    return ask_once(b->ask, ex, &b->arena, timeout_ms, &b->reply, &b->err);
}

TEST(answers_come_over_one_kept_connection) {
    struct bench b;
    bench_start(&b, serve_ok);
    struct exchange ex = get(&b, "/");
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_TRUE_FATAL(once(&b, &ex, PATIENCE_MS));
        CHECK_STR(b.reply.http.body, "hi");
    }
    CU_ASSERT_EQUAL(atomic_load(&b.server.n_accepted), 1);
    bench_stop(&b);
}

TEST(a_deadline_is_kept_and_the_next_question_works) {
    struct bench b;
    bench_start(&b, serve_hang);
    struct exchange ex = get(&b, "/");
    int64_t start = clock_mono_ms();
    CU_ASSERT_FALSE(once(&b, &ex, 200));
    CU_ASSERT_EQUAL(b.err.code, E_TIMEOUT);
    CU_ASSERT_TRUE(clock_mono_ms() - start < PATIENCE_MS); /* it hangs for ever */
    CU_ASSERT_FALSE(once(&b, &ex, 200));
    CU_ASSERT_EQUAL(b.err.code, E_TIMEOUT);
    bench_stop(&b);
}

TEST(nobody_there_is_refused) {
    struct bench b;
    bench_start(&b, NULL);
    struct exchange ex = get(&b, "/");
    CU_ASSERT_FALSE(once(&b, &ex, PATIENCE_MS));
    CU_ASSERT_EQUAL(b.err.code, E_REFUSED);
    bench_stop(&b);
}

TEST(cancelling_ends_every_wait_at_once) {
    struct bench b;
    bench_start(&b, serve_hang);
    struct exchange ex = get(&b, "/");
    CU_ASSERT_FATAL(write(b.cancel[1], "x", 1) == 1);
    int64_t start = clock_mono_ms();
    CU_ASSERT_FALSE(once(&b, &ex, 2 * PATIENCE_MS));
    CU_ASSERT_EQUAL(b.err.code, E_CANCELLED);
    CU_ASSERT_FALSE(ask_pause(b.ask, 2 * PATIENCE_MS, &b.err));
    CU_ASSERT_FALSE(once(&b, &ex, 2 * PATIENCE_MS));
    CU_ASSERT_EQUAL(b.err.code, E_CANCELLED);
    CU_ASSERT_TRUE(clock_mono_ms() - start < PATIENCE_MS);
    bench_stop(&b);
}

TEST(a_pause_lasts_as_long_as_it_says) {
    struct bench b;
    bench_start(&b, NULL);
    int64_t start = clock_mono_ms();
    CU_ASSERT_TRUE(ask_pause(b.ask, 120, &b.err));
    CU_ASSERT_TRUE(clock_mono_ms() - start >= 119);
    bench_stop(&b);
}

TEST(an_answer_is_fetched_while_other_work_is_done) {
    struct bench b;
    bench_start(&b, serve_ok);
    struct exchange ex = get(&b, "/");
    ask_begin(b.ask, &ex, &b.arena, PATIENCE_MS);
    CU_ASSERT_TRUE(ask_in_flight(b.ask));
    int64_t start = clock_mono_ms();
    while (ask_in_flight(b.ask) && clock_mono_ms() - start < PATIENCE_MS)
        ask_pump(b.ask);
    CU_ASSERT_FALSE(ask_in_flight(b.ask));
    CU_ASSERT_TRUE(ask_end(b.ask, &b.reply, &b.err));
    CHECK_STR(b.reply.http.body, "hi");
    bench_stop(&b);
}

TEST(a_large_body_goes_up_without_asking_first) {
    struct bench b;
    bench_start(&b, serve_upload);
    struct exchange ex = get(&b, "/");
    char *body = calloc(1, 3u << 20);
    memset(body, 'y', 3u << 20);
    ex.http.method = "POST";
    ex.http.body = body;
    ex.http.body_len = 3u << 20;
    CU_ASSERT_TRUE(once(&b, &ex, PATIENCE_MS));
    CU_ASSERT_EQUAL(b.reply.http.status, 200); /* asked first it would be 417, a second later */
    free(body);
    bench_stop(&b);
}

struct taken {
    size_t n, stop_after;
};

static bool take(void *ctx, const char *bytes, size_t n) {
    struct taken *t = ctx;
    (void)bytes;
    t->n += n;
    return !t->stop_after || t->n < t->stop_after;
}

static bool stream(struct bench *b, const char *path, struct taken *t) {
    struct exchange ex = get(b, path);
    ex.http.on_body = take;
    ex.http.body_ctx = t;
    return once(b, &ex, PATIENCE_MS);
}

TEST(a_stream_is_read_whole_and_kept_nowhere) {
    struct bench b;
    struct taken t = {0};
    bench_start(&b, serve_stream);
    CU_ASSERT_TRUE(stream(&b, "/", &t));
    CU_ASSERT_EQUAL(t.n, (size_t)PIECES * 65536);
    CU_ASSERT_EQUAL(b.reply.http.body_len, 0);
    CU_ASSERT_TRUE(b.arena.used_bytes < 100000);
    bench_stop(&b);
}

TEST(a_stream_can_be_stopped) {
    struct bench b;
    struct taken t = {.stop_after = 200000};
    bench_start(&b, serve_stream);
    CU_ASSERT_FALSE(stream(&b, "/", &t));
    CU_ASSERT_EQUAL(b.err.code, E_CANCELLED);
    CU_ASSERT_TRUE(t.n < 2000000);
    bench_stop(&b);
}

TEST(a_stream_that_is_cut_is_an_error) {
    struct bench b;
    struct taken t = {0};
    bench_start(&b, serve_stream);
    CU_ASSERT_FALSE(stream(&b, "/cut", &t));
    CU_ASSERT_EQUAL(b.err.code, E_CLOSED);
    bench_stop(&b);
}

TEST(an_error_answer_is_no_stream) {
    struct bench b;
    struct taken t = {0};
    bench_start(&b, serve_stream);
    CU_ASSERT_TRUE(stream(&b, "/error", &t));
    CU_ASSERT_EQUAL(t.n, 0);
    CU_ASSERT_EQUAL(b.reply.http.status, 404);
    CHECK_STR(b.reply.http.body, "none");
    bench_stop(&b);
}

SUITE(ask, T(answers_come_over_one_kept_connection),
      T(a_deadline_is_kept_and_the_next_question_works), T(nobody_there_is_refused),
      T(cancelling_ends_every_wait_at_once), T(a_pause_lasts_as_long_as_it_says),
      T(an_answer_is_fetched_while_other_work_is_done),
      T(a_large_body_goes_up_without_asking_first), T(a_stream_is_read_whole_and_kept_nowhere),
      T(a_stream_can_be_stopped), T(a_stream_that_is_cut_is_an_error),
      T(an_error_answer_is_no_stream))
