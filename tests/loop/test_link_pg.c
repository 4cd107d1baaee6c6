/* tests/loop/test_link_pg.c - PostgreSQL exchanges against servers that misbehave, and against a
 * small stand-in that speaks as much of protocol 3 as the console needs. */
#include <stdlib.h>

#include "loop/misbehave.h"
#include "loop/pg_speak.h"

static void answer_row(int fd) {
    SAY(fd, 'T', "\0\1n\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0");
    for (int i = 0; i < 3; i++)
        SAY(fd, 'D', "\0\1\0\0\0\2ab");
    SAY(fd, 'C', "SELECT 3\0");
    SAY(fd, 'Z', "I");
}

static void serve_rows(struct bad_server *s, int fd) {
    char buf[4096];
    if (!greet(s, fd))
        return;
    log_in(fd, "15.4");
    while (bad_read(s, fd, buf, sizeof buf) > 0 && buf[0] == 'Q')
        answer_row(fd);
}

static void serve_rows_once(struct bad_server *s, int fd) {
    char buf[4096];
    if (!greet(s, fd))
        return;
    log_in(fd, "15.4");
    if (bad_read(s, fd, buf, sizeof buf) > 0)
        answer_row(fd);
}

static void serve_bouncer(struct bad_server *s, int fd) {
    if (!greet(s, fd))
        return;
    log_in(fd, "1.18.0/bouncer");
    bad_hang(s, fd);
}

static void serve_no_answer(struct bad_server *s, int fd) {
    if (greet(s, fd))
        log_in(fd, "15.4");
    bad_hang(s, fd);
}

static void serve_statement_timeout(struct bad_server *s, int fd) {
    char buf[4096];
    if (!greet(s, fd))
        return;
    log_in(fd, "15.4");
    while (bad_read(s, fd, buf, sizeof buf) > 0 && buf[0] == 'Q') {
        static const char error[] =
            "SERROR\0C57014\0Mcanceling statement due to statement timeout\0";
        say(fd, 'E', error, sizeof error);
        SAY(fd, 'Z', "I");
    }
}

static void serve_flood(struct bad_server *s, int fd) {
    static char rows[65536];
    char buf[4096];
    if (!greet(s, fd))
        return;
    log_in(fd, "15.4");
    bad_read(s, fd, buf, sizeof buf);
    SAY(fd, 'T', "\0\1n\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0");
    const char row[] = "D\0\0\0\x0c\0\1\0\0\0\2ab";
    size_t n = 0;
    for (; n + 13 <= sizeof rows; n += 13)
        memcpy(rows + n, row, 13);
    while (!bad_stopped(s) && send(fd, rows, n, MSG_NOSIGNAL) > 0) {
    }
}

#define SERVE_FATAL(name, text)                                                                    \
    static void serve_##name(struct bad_server *s, int fd) {                                       \
        if (!greet(s, fd))                                                                         \
            return;                                                                                \
        say(fd, 'E', text, sizeof(text)); /* its NUL ends the fields */                            \
    }
SERVE_FATAL(bad_password,
            "SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"x\"\0")
SERVE_FATAL(starting, "SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0")
SERVE_FATAL(full, "SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0")
SERVE_FATAL(no_db, "SFATAL\0VFATAL\0C3D000\0Mdatabase \"x\" does not exist\0")
SERVE_FATAL(bouncer_auth, "SFATAL\0C08P01\0Mpassword authentication failed\0")
SERVE_FATAL(bouncer_down, "SFATAL\0C08P01\0Mserver login has been failing, try again later\0")
SERVE_FATAL(no_words, "SFATAL\0C28000\0M\n\n\0")
SERVE_FATAL(no_stats_user,
            "SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"x\"\0"
            "Fauth.c\0L326\0Rauth_failed\0")
SERVE_FATAL(bouncer_options, "SFATAL\0C08P01\0Munsupported startup parameter: options\0")

static void serve_http(struct bad_server *s, int fd) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
    bad_puts(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
}

/* As Redis and HTTP servers: nothing before the end of a line, and no line with zero bytes. */
static void serve_lines(struct bad_server *s, int fd, const char *answer) {
    char buf[4096];
    ssize_t n = bad_read(s, fd, buf, sizeof buf);
    if (n > 0 && strchr(buf, '\n'))
        bad_puts(fd, answer);
    bad_hang(s, fd);
}

static void serve_redis(struct bad_server *s, int fd) {
    serve_lines(s, fd, "-NOAUTH Authentication required.\r\n");
}

static void serve_patient_http(struct bad_server *s, int fd) {
    serve_lines(s, fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
}

/* Says nothing in time, then refuses what it takes for a start-up packet. */
static void serve_slow_postgres(struct bad_server *s, int fd) {
    char buf[4096];
    ssize_t n = bad_read(s, fd, buf, sizeof buf);
    if (n > 0 && strchr(buf, '\n'))
        SAY(fd, 'E', "SFATAL\0C08P01\0Minvalid length of startup packet\0");
    bad_hang(s, fd);
}

static struct exchange query(uint16_t port) {
    return (struct exchange){.kind = EXCHANGE_PG,
                             .pg = {.target = {.host = "127.0.0.1",
                                               .port = port,
                                               .dbname = "x",
                                               .user = "x",
                                               .password = "secret"},
                                    .sql = "select 1",
                                    .max_rows = 2}};
}

static void fails_with(bad_fn fn, uint32_t timeout_ms, enum err_code code, bool pooler) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, fn);
    drive_init(&d);
    struct exchange ex = query(s.port);
    ex.pg.target.pooler = pooler;
    check_fails(&d, &ex, timeout_ms, code);
    CU_ASSERT_PTR_NULL(strstr(d.reply.err.why, "secret"));
    bad_stop(&s);
    drive_finish(&d);
}

static struct reply ping(bad_fn fn, uint32_t timeout_ms) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, fn);
    drive_init(&d);
    struct exchange ex = query(s.port);
    ex.kind = EXCHANGE_PG_PING;
    drive_send(&d, &ex, timeout_ms);
    bad_stop(&s);
    drive_finish(&d);
    return d.reply;
}

/* Three queries, all answered; how many connections that took. */
static int queries(bad_fn fn) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, fn);
    drive_init(&d);
    struct exchange ex = query(s.port);
    for (int i = 0; i < 3; i++) {
        drive_send(&d, &ex, PATIENCE_MS);
        CU_ASSERT_TRUE_FATAL(d.reply.ok);
        CU_ASSERT_EQUAL(d.reply.pg.server_version, 150004);
    }
    bad_stop(&s);
    drive_finish(&d);
    return atomic_load(&s.n_accepted);
}

TEST(reads_rows_up_to_the_cap) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_rows);
    drive_init(&d);
    struct exchange ex = query(s.port);
    drive_send(&d, &ex, PATIENCE_MS);
    CU_ASSERT_TRUE_FATAL(d.reply.ok);
    CU_ASSERT_EQUAL(d.reply.pg.n_rows, 2);
    CU_ASSERT_TRUE(d.reply.pg.cut);
    CHECK_STR(pg_cell(&d.reply.pg, 1, "n"), "ab");
    bad_stop(&s);
    drive_finish(&d);
}

TEST(keeps_the_connection) {
    CU_ASSERT_EQUAL(queries(serve_rows), 1);
}
TEST(a_pool_and_its_console_keep_a_connection_each) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_rows);
    drive_init(&d);
    for (int i = 0; i < 6; i++) {
        struct exchange ex = query(s.port);
        ex.pg.target.pooler = true;
        ex.pg.target.dbname = i % 2 ? "goodgo" : "pgbouncer";
        drive_send(&d, &ex, PATIENCE_MS);
        CU_ASSERT_TRUE_FATAL(d.reply.ok);
    }
    bad_stop(&s);
    drive_finish(&d);
    CU_ASSERT_EQUAL(atomic_load(&s.n_accepted), 2);
}
TEST(a_ping_that_is_let_in_hands_its_connection_on) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_rows);
    drive_init(&d);
    struct exchange ex = query(s.port);
    ex.kind = EXCHANGE_PG_PING;
    drive_send(&d, &ex, PATIENCE_MS);
    CU_ASSERT_EQUAL(d.reply.ping, PG_PING_OK);
    ex.kind = EXCHANGE_PG;
    drive_send(&d, &ex, PATIENCE_MS);
    CU_ASSERT_TRUE_FATAL(d.reply.ok);
    CU_ASSERT_EQUAL(d.reply.pg.server_version, 150004);
    CU_ASSERT_EQUAL(atomic_load(&s.n_accepted), 1);
    bad_stop(&s);
    drive_finish(&d);
}
TEST(a_pooler_that_answers_a_ping_is_still_the_wrong_thing) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_bouncer);
    drive_init(&d);
    struct exchange ex = query(s.port);
    ex.kind = EXCHANGE_PG_PING;
    drive_send(&d, &ex, PATIENCE_MS);
    CU_ASSERT_EQUAL(d.reply.ping, PG_PING_OK);
    ex.kind = EXCHANGE_PG;
    check_fails(&d, &ex, PATIENCE_MS, E_WRONG_THING);
    bad_stop(&s);
    drive_finish(&d);
}
TEST(reconnects_when_an_idle_connection_ended) {
    CU_ASSERT_EQUAL(queries(serve_rows_once), 3);
}
TEST(refused_is_refused) {
    fails_with(NULL, PATIENCE_MS, E_REFUSED, false);
}
TEST(silence_is_a_timeout_in_time) {
    fails_with(bad_hang, 300, E_TIMEOUT, false);
}
TEST(an_unanswered_query_is_a_timeout_in_time) {
    fails_with(serve_no_answer, 300, E_TIMEOUT, false);
}
TEST(a_reset_is_closed) {
    fails_with(bad_reset, PATIENCE_MS, E_CLOSED, false);
}
TEST(a_silent_close_is_closed) {
    fails_with(bad_close, PATIENCE_MS, E_CLOSED, false);
}
TEST(http_is_the_wrong_thing) {
    fails_with(serve_http, PATIENCE_MS, E_WRONG_THING, false);
}
TEST(pgbouncer_instead_of_postgres_is_the_wrong_thing) {
    fails_with(serve_bouncer, PATIENCE_MS, E_WRONG_THING, false);
    fails_with(serve_bouncer_options, PATIENCE_MS, E_WRONG_THING, false);
}
TEST(sqlstates_of_a_login_are_told_apart) {
    fails_with(serve_bad_password, PATIENCE_MS, E_AUTH, false);
    fails_with(serve_starting, PATIENCE_MS, E_NOT_READY, false);
    fails_with(serve_full, PATIENCE_MS, E_FAILING, false);
    fails_with(serve_no_db, PATIENCE_MS, E_CONFIG, false);
}
TEST(pgbouncer_errors_are_told_apart_by_text) {
    fails_with(serve_bouncer_auth, PATIENCE_MS, E_AUTH, true);
    fails_with(serve_bouncer_down, PATIENCE_MS, E_NOT_READY, true);
}
/* It has the last 300 ms of the time to say so: where the machine is busy, one of a few tries. */
static bool says_who_it_is(bad_fn fn, enum exchange_kind kind, bool pooler) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, fn);
    drive_init(&d);
    struct exchange ex = query(s.port);
    ex.kind = kind;
    ex.pg.target.pooler = pooler;
    for (int i = 0; i < 10 && d.reply.err.code != E_WRONG_THING; i++) {
        drive_send(&d, &ex, 600);
        CU_ASSERT_TRUE(d.reply.err.code == E_WRONG_THING || d.reply.err.code == E_TIMEOUT);
    }
    bad_stop(&s);
    drive_finish(&d);
    return d.reply.err.code == E_WRONG_THING;
}

TEST(a_silent_port_is_asked_who_it_is) {
    CU_ASSERT_TRUE(says_who_it_is(serve_redis, EXCHANGE_PG, false));
    CU_ASSERT_TRUE(says_who_it_is(serve_patient_http, EXCHANGE_PG, true));
    CU_ASSERT_TRUE(says_who_it_is(serve_redis, EXCHANGE_PG_PING, false));
    fails_with(serve_slow_postgres, 600, E_TIMEOUT, false);
}
TEST(postgres_instead_of_the_console_is_the_wrong_thing) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_no_stats_user);
    drive_init(&d);
    struct exchange ex = query(s.port);
    ex.pg.target.pooler = true;
    check_fails(&d, &ex, PATIENCE_MS, E_AUTH);
    ex.pg.target.dbname = "pgbouncer";
    check_fails(&d, &ex, PATIENCE_MS, E_WRONG_THING);
    bad_stop(&s);
    drive_finish(&d);
}
TEST(an_error_without_words_gets_some) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_no_words);
    drive_init(&d);
    struct exchange ex = query(s.port);
    check_fails(&d, &ex, PATIENCE_MS, E_AUTH);
    CU_ASSERT_TRUE(strlen(d.reply.err.why) > 10);
    bad_stop(&s);
    drive_finish(&d);
}
TEST(a_statement_timeout_is_a_timeout) {
    fails_with(serve_statement_timeout, PATIENCE_MS, E_TIMEOUT, false);
}
TEST(a_flood_of_rows_is_too_big) {
    fails_with(serve_flood, PATIENCE_MS, E_TOO_BIG, false);
}

TEST(a_ping_needs_no_password) {
    struct reply r = ping(serve_bad_password, PATIENCE_MS);
    CU_ASSERT_TRUE(r.ok);
    CU_ASSERT_EQUAL(r.ping, PG_PING_OK);
    r = ping(serve_starting, PATIENCE_MS);
    CU_ASSERT_TRUE(r.ok);
    CU_ASSERT_EQUAL(r.ping, PG_PING_REJECT);
    r = ping(NULL, PATIENCE_MS);
    CU_ASSERT_FALSE(r.ok);
    CU_ASSERT_EQUAL(r.err.code, E_REFUSED);
    r = ping(bad_hang, 200);
    CU_ASSERT_FALSE(r.ok);
    CU_ASSERT_EQUAL(r.err.code, E_TIMEOUT);
}

TEST(cancel_and_close_in_flight_leak_nothing) {
    struct bad_server s;
    struct drive d;
    bad_start(&s, serve_no_answer);
    drive_init(&d);
    struct exchange ex = query(s.port);
    link_send(d.link, &ex, &d.arena, 1000, drive_done, &d);
    loop_run_until(d.loop, drive_never, &d, 50);
    drive_finish(&d);
    CU_ASSERT_EQUAL(d.n_done, 0);
    bad_stop(&s);
}

SUITE(link_pg, T(reads_rows_up_to_the_cap), T(keeps_the_connection),
      T(reconnects_when_an_idle_connection_ended), T(refused_is_refused),
      T(silence_is_a_timeout_in_time), T(an_unanswered_query_is_a_timeout_in_time),
      T(a_reset_is_closed), T(a_silent_close_is_closed), T(http_is_the_wrong_thing),
      T(pgbouncer_instead_of_postgres_is_the_wrong_thing), T(sqlstates_of_a_login_are_told_apart),
      T(pgbouncer_errors_are_told_apart_by_text), T(a_statement_timeout_is_a_timeout),
      T(a_flood_of_rows_is_too_big), T(a_ping_needs_no_password),
      T(a_ping_that_is_let_in_hands_its_connection_on),
      T(a_pooler_that_answers_a_ping_is_still_the_wrong_thing),
      T(cancel_and_close_in_flight_leak_nothing), T(a_silent_port_is_asked_who_it_is),
      T(postgres_instead_of_the_console_is_the_wrong_thing), T(an_error_without_words_gets_some),
      T(a_pool_and_its_console_keep_a_connection_each))
