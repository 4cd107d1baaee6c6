/* tests/loop/test_pgsession.c - a job's session against a real server, a real PgBouncer, and
 * servers that misbehave: what it keeps, what it refuses, and that every wait ends. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <netdb.h>

#include "io/file.h"
#include "loop/misbehave.h"
#include "loop/pg_speak.h"
#include "pg_server.h"

/* Instead of libc's, for the whole binary: "hung.test" hangs, "db.test" is this machine. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **res) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (node && !strcmp(node, "hung.test"))
        poll(NULL, 0, 2 * PATIENCE_MS);
    return real(node && !strcmp(node, "db.test") ? "127.0.0.1" : node, service, hints, res);
}

static struct arena arena;
static struct err err;
static struct pg_rows rows;

static bool ask(struct pgsession *s, const char *sql) {
    memset(&rows, 0, sizeof rows);
    memset(&err, 0, sizeof err);
    return pgsession_rows(s, sql, 0, &arena, &rows, &err);
}
static const char *cell(uint32_t row, const char *column) {
    const char *text = pg_cell(&rows, row, column);
    return text ? text : "(null)";
}
static const char *one(struct pgsession *s, const char *sql) {
    return ask(s, sql) ? (rows.n_rows ? rows.cells[0][0] : "(none)") : err.why;
}

static struct pgsession *open_to(const struct pg_target *t, uint32_t timeout_ms, int cancel_fd) {
    struct pgsession *s = NULL;
    memset(&err, 0, sizeof err);
    return pgsession_open(t, "goodgo-test", timeout_ms, cancel_fd, &s, &err) ? s : NULL;
}

TEST(starts_a_server) {
    arena_init(&arena);
    pg_server_start();
}

TEST(opens_with_settings_that_fix_the_text_of_a_row) {
    pg_run(
        "postgres",
        "CREATE ROLE plain LOGIN; ALTER ROLE plain SET timezone = 'Asia/Ho_Chi_Minh';"
        "ALTER ROLE plain SET statement_timeout = '1s'; ALTER ROLE plain SET datestyle = 'German';"
        "ALTER ROLE plain SET bytea_output = 'escape'; ALTER ROLE plain SET idle_session_timeout "
        "= '1min'");
    struct pg_target t = pg.target;
    t.user = "plain";
    struct pgsession *s = open_to(&t, PATIENCE_MS, -1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CHECK_STR(one(s, "SELECT '2026-04-11 09:30:00.5+07'::timestamptz"), "2026-04-11 02:30:00.5+00");
    CHECK_STR(one(s, "SELECT '\\x00ff'::bytea"), "\\x00ff");
    CHECK_STR(one(s, "SELECT '0.1'::float8 + '0.2'::float8"), "0.30000000000000004");
    CHECK_STR(one(s, "SELECT '1 day 2 hours'::interval"), "1 day 02:00:00");
    CHECK_STR(one(s, "SHOW statement_timeout"), "0");
    CHECK_STR(one(s, "SHOW idle_session_timeout"), "0");
    CHECK_STR(one(s, "SHOW application_name"), "goodgo-test");
    CHECK_STR(one(s, "SHOW client_encoding"), "UTF8");
    CU_ASSERT(pgsession_version(s) >= 130000);
    pgsession_close(s);
}

TEST(follows_no_environment_in_place_of_the_settings) {
    static const char *const said[][2] = {
        {"PGHOSTADDR", "127.0.0.9"},    {"PGSERVICE", "nowhere"},
        {"PGOPTIONS", "-c geqo=off"},   {"PGTZ", "Asia/Ho_Chi_Minh"},
        {"PGDATESTYLE", "German"},      {"PGGEQO", "off"},
        {"PGCLIENTENCODING", "LATIN1"}, {"PGSSLROOTCERT", "/etc/ca.crt"}};
    struct pg_target t = pg.target;
    t.host = pg.dir;
    for (size_t i = 0; i < ARRAY_LEN(said); i++)
        setenv(said[i][0], said[i][1], 1);
    pg_env_forget();
    struct pgsession *s = open_to(&t, 5000, -1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CHECK_STR(one(s, "SHOW timezone"), "UTC");
    CHECK_STR(one(s, "SHOW datestyle"), "ISO, MDY");
    CHECK_STR(one(s, "SHOW geqo"), "on");
    for (size_t i = 0; i + 1 < ARRAY_LEN(said); i++)
        CU_ASSERT_PTR_NULL(getenv(said[i][0])); /* of what we start, too */
    CHECK_STR(getenv("PGSSLROOTCERT"), "/etc/ca.crt");
    unsetenv("PGSSLROOTCERT");
    pgsession_close(s);
}

TEST(runs_statements_with_parameters_and_several_at_once) {
    struct pgsession *s = pg_open("postgres");
    const char *const params[] = {"a'b", NULL, "3"};
    const struct pg_statement st = {.sql =
                                        "SELECT $1::text AS t, $2::text AS none, $3::int + 1 AS n",
                                    .params = params,
                                    .n_params = 3};
    CU_ASSERT_TRUE(pgsession_exec(s, &st, &arena, &rows, &err));
    CHECK_STR(cell(0, "t"), "a'b");
    CHECK_STR(cell(0, "none"), "(null)");
    CHECK_STR(cell(0, "n"), "4");
    CU_ASSERT_TRUE(ask(s, "SELECT 1 AS a; CREATE TEMP TABLE x (y int); INSERT INTO x VALUES (7);"
                          "SELECT y FROM x; SELECT y + 1 AS z FROM x, generate_series(1, 2)"));
    CU_ASSERT_EQUAL(rows.n_rows, 2);
    CHECK_STR(cell(1, "z"), "8");
    pgsession_close(s);
}

TEST(keeps_one_connection_through_errors) {
    struct pgsession *s = pg_open("postgres");
    CU_ASSERT_TRUE(ask(s, "SET goodgo.kept = 'yes'"));
    CU_ASSERT_FALSE(ask(s, "SELECT nothing FROM nowhere"));
    CU_ASSERT_EQUAL(err.code, E_PROTOCOL);
    CHECK_STR(pgsession_sqlstate(s), "42P01");
    CHECK_STR(err.why, "relation \"nowhere\" does not exist");
    CHECK_STR(one(s, "SHOW goodgo.kept"), "yes");
    CHECK_STR(pgsession_sqlstate(s), "");
    pgsession_close(s);
}

TEST(bounds_rows_and_bytes) {
    struct pgsession *s = pg_open("postgres");
    const struct pg_statement some = {.sql = "SELECT generate_series(1, 100)", .max_rows = 10};
    CU_ASSERT_TRUE(pgsession_exec(s, &some, &arena, &rows, &err));
    CU_ASSERT_EQUAL(rows.n_rows, 10);
    CU_ASSERT_TRUE(rows.cut);
    struct arena big;
    arena_init(&big);
    CU_ASSERT_FALSE(pgsession_rows(s, "SELECT repeat('x', 100000) FROM generate_series(1, 9000)", 0,
                                   &big, &rows, &err));
    CU_ASSERT_EQUAL(err.code, E_TOO_BIG);
    arena_done(&big);
    CHECK_STR(one(s, "SELECT 'still here'"), "still here");
    pgsession_close(s);
}

TEST(a_deadline_ends_the_statement_on_the_server_and_keeps_the_session) {
    struct pgsession *s = pg_open("postgres"), *other = pg_open("postgres");
    char sql[300];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM pg_stat_activity WHERE pid = %s "
             "AND state = 'active'",
             one(s, "SELECT pg_backend_pid()"));
    int64_t from = clock_mono_ms();
    CU_ASSERT_FALSE(pgsession_run(s, "SELECT pg_sleep(60)", 100, &err));
    CU_ASSERT_EQUAL(err.code, E_TIMEOUT);
    CU_ASSERT(clock_mono_ms() - from < PATIENCE_MS);
    CHECK_STR(one(other, sql), "0");
    CHECK_STR(one(s, "SELECT 'still here'"), "still here");
    pgsession_close(s);
    pgsession_close(other);
}

static void *cancel_later(void *arg) {
    poll(NULL, 0, 100);
    CU_ASSERT_EQUAL(write(*(int *)arg, "c", 1), 1);
    return NULL;
}

TEST(a_cancel_ends_a_statement_and_a_lock_wait) {
    int pipe_fd[2];
    pthread_t t;
    struct pgsession *holder = pg_open("postgres");
    CU_ASSERT_TRUE(ask(holder, "SELECT pg_advisory_lock(42)"));
    CU_ASSERT_EQUAL_FATAL(pipe(pipe_fd), 0);
    struct pgsession *s = open_to(&pg.target, PATIENCE_MS, pipe_fd[0]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    pthread_create(&t, NULL, cancel_later, &pipe_fd[1]);
    int64_t from = clock_mono_ms();
    CU_ASSERT_FALSE(ask(s, "SELECT pg_advisory_lock(42)"));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    CU_ASSERT(clock_mono_ms() - from < PATIENCE_MS);
    pthread_join(t, NULL);
    CU_ASSERT_PTR_NULL(open_to(&pg.target, PATIENCE_MS, pipe_fd[0]));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    pgsession_close(s);
    pgsession_close(holder);
    close(pipe_fd[0]);
    close(pipe_fd[1]);
}

struct lines {
    uint64_t n, bytes, stop_after;
    char first[64];
};

static bool on_line(void *ctx, const char *line, size_t n) {
    struct lines *l = ctx;
    if (!l->n)
        snprintf(l->first, sizeof l->first, "%.*s", (int)n, line);
    l->bytes += n;
    return ++l->n != l->stop_after;
}

TEST(copies_out_lines) {
    struct pgsession *s = pg_open("postgres");
    struct lines l = {0};
    uint64_t n = 0;
    CU_ASSERT_TRUE(pgsession_copy_out(
        s, "COPY (SELECT g, E'tab\\there' FROM generate_series(1, 200000) g) TO STDOUT", on_line,
        &l, &n, &err));
    CU_ASSERT_EQUAL(n, 200000);
    CU_ASSERT_EQUAL(l.n, 200000);
    CHECK_STR(l.first, "1\ttab\\there\n");
    CU_ASSERT_FALSE(pgsession_copy_out(s, "SELECT 1", on_line, &l, &n, &err));
    CU_ASSERT_EQUAL(err.code, E_INTERNAL);
    CU_ASSERT_FALSE(pgsession_copy_out(s, "COPY nowhere TO STDOUT", on_line, &l, &n, &err));
    CHECK_STR(pgsession_sqlstate(s), "42P01");
    CU_ASSERT_FALSE(ask(s, "COPY (SELECT generate_series(1, 1000000)) TO STDOUT"));
    CU_ASSERT_EQUAL(err.code, E_INTERNAL);
    CU_ASSERT_FALSE(ask(s, "CREATE TEMP TABLE c (x int); COPY c FROM STDIN"));
    CHECK_STR(one(s, "SELECT 'still here'"), "still here");
    pgsession_close(s);
}

TEST(a_copy_that_is_stopped_leaves_a_usable_session) {
    int pipe_fd[2];
    struct lines l = {.stop_after = 10};
    uint64_t n = 0;
    CU_ASSERT_EQUAL_FATAL(pipe(pipe_fd), 0);
    struct pgsession *s = open_to(&pg.target, PATIENCE_MS, pipe_fd[0]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_FALSE(pgsession_copy_out(s, "COPY (SELECT generate_series(1, 100000000)) TO STDOUT",
                                       on_line, &l, &n, &err));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    CU_ASSERT_EQUAL(l.n, 10);
    CHECK_STR(one(s, "SELECT 'still here'"), "still here");
    l = (struct lines){0};
    pthread_t t;
    pthread_create(&t, NULL, cancel_later, &pipe_fd[1]);
    CU_ASSERT_FALSE(pgsession_copy_out(s, "COPY (SELECT generate_series(1, 100000000)) TO STDOUT",
                                       on_line, &l, &n, &err));
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    pthread_join(t, NULL);
    pgsession_close(s);
    close(pipe_fd[0]);
    close(pipe_fd[1]);
}

TEST(says_that_the_server_ended_the_session) {
    struct pgsession *s = pg_open("postgres"), *other = pg_open("postgres");
    char sql[300];
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%s, 30000)",
             one(s, "SELECT pg_backend_pid()"));
    CHECK_STR(one(other, sql), "t");
    CU_ASSERT_FALSE(ask(s, "SELECT 1"));
    CU_ASSERT_EQUAL(err.code, E_CLOSED);
    CHECK_STR(err.why, "terminating connection due to administrator command");
    CU_ASSERT_FALSE(ask(s, "SELECT 1"));
    CU_ASSERT_EQUAL(err.code, E_CLOSED);
    pgsession_close(s);
    pgsession_close(other);
}

TEST(opens_by_name_and_by_socket) {
    struct pg_target t = pg.target;
    t.host = "db.test";
    struct pgsession *s = open_to(&t, PATIENCE_MS, -1);
    CU_ASSERT_PTR_NOT_NULL(s);
    pgsession_close(s);
    t.host = pg.dir;
    s = open_to(&t, PATIENCE_MS, -1);
    CU_ASSERT_PTR_NOT_NULL(s);
    pgsession_close(s);
}

TEST(a_hung_resolver_costs_the_deadline_only) {
    struct pg_target t = pg.target;
    t.host = "hung.test";
    int64_t from = clock_mono_ms();
    CU_ASSERT_PTR_NULL(open_to(&t, 200, -1));
    CU_ASSERT_EQUAL(err.code, E_RESOLVE);
    CU_ASSERT(clock_mono_ms() - from < PATIENCE_MS);
}

TEST(says_what_is_wrong_with_a_login) {
    struct pg_target t = pg.target;
    t.dbname = "missing";
    CU_ASSERT_PTR_NULL(open_to(&t, PATIENCE_MS, -1));
    CU_ASSERT_EQUAL(err.code, E_CONFIG);
    CHECK_STR(err.why, "database \"missing\" does not exist");
    struct bad_server nobody;
    bad_start(&nobody, NULL);
    t.port = nobody.port;
    CU_ASSERT_PTR_NULL(open_to(&t, PATIENCE_MS, -1));
    CU_ASSERT_EQUAL(err.code, E_REFUSED);
    bad_stop(&nobody);
}

/* --- poolers --- */

static void bouncer_configure(const char *path, const char *more, uint16_t port) {
    char text[600];
    int n = snprintf(text, sizeof text,
                     "[databases]\n* = host=127.0.0.1 port=%u user=goodgo\n[pgbouncer]\n"
                     "listen_addr = 127.0.0.1\nlisten_port = %u\nunix_socket_dir =\n"
                     "auth_type = any\npool_mode = transaction\n%s\n",
                     pg.port, port, more);
    FILE *f = fopen(path, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fwrite(text, 1, (size_t)n, f);
    fclose(f);
    chmod(path, 0644);
}

/* It says so itself; one whose port somebody has taken ends. */
static bool bouncer_listens(pid_t pid, uint16_t port) {
    char path[128], said[48];
    int64_t until = clock_mono_ms() + PATIENCE_MS;
    snprintf(path, sizeof path, "%s/log", pg.dir);
    snprintf(said, sizeof said, "listening on 127.0.0.1:%u\n", port);
    while (clock_mono_ms() < until && waitpid(pid, NULL, WNOHANG) == 0) {
        struct file_content log;
        if (readfile(&arena, path, 1 << 20, &log, &err) && strstr(log.bytes, said))
            return true;
        poll(NULL, 0, 10);
    }
    return false;
}

static struct pg_target bouncer_start(const char *name, const char *more, pid_t *ret_pid) {
    char path[128];
    struct pg_target t = pg.target;
    bool listens = false;
    snprintf(path, sizeof path, "%s/%s.ini", pg.dir, name);
    for (int i = 0; i < 3 && !listens; i++) {
        t.port = free_port();
        bouncer_configure(path, more, t.port);
        const char *argv[] = {"/usr/sbin/pgbouncer", path, NULL};
        *ret_pid = pg_spawn(argv);
        listens = bouncer_listens(*ret_pid, t.port);
    }
    CU_ASSERT_TRUE_FATAL(listens);
    return t;
}

static void check_refused(struct pg_target t, const char *dbname) {
    t.dbname = dbname;
    struct pgsession *s = open_to(&t, PATIENCE_MS, -1);
    CU_ASSERT_PTR_NULL(s);
    CU_ASSERT_EQUAL(err.code, E_WRONG_THING);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "needs the direct server"));
    pgsession_close(s);
}

TEST(refuses_a_pooler_whatever_it_lets_through) {
    pid_t plain, lax;
    struct pg_target t = bouncer_start("plain", "", &plain);
    check_refused(t, "postgres");
    check_refused(t, "pgbouncer");
    kill(plain, SIGKILL);
    waitpid(plain, NULL, 0);
    t = bouncer_start("lax", "ignore_startup_parameters = options", &lax);
    check_refused(t, "postgres");
    check_refused(t, "pgbouncer");
    kill(lax, SIGKILL);
    waitpid(lax, NULL, 0);
}

/* --- servers that misbehave --- */

static void serve_old(struct bad_server *s, int fd) {
    if (greet(s, fd))
        log_in(fd, "12.22");
    bad_hang(s, fd);
}
static void serve_silent_after_login(struct bad_server *s, int fd) {
    if (greet(s, fd))
        log_in(fd, "15.4");
    bad_hang(s, fd);
}
/* Says `key` as the process id of the session, then answers the question for it and for the mark.
 */
static void serve_check(struct bad_server *s, int fd, char key, const char *row, size_t n) {
    char buf[4096], secret[] = "\0\0\0\5\0\0\0\1";
    if (!greet(s, fd))
        return;
    secret[3] = key;
    SAY(fd, 'R', "\0\0\0\0");
    SAY(fd, 'S',
        "server_version\0"
        "15.4\0");
    say(fd, 'K', secret, 8);
    SAY(fd, 'Z', "I");
    if (bad_read(s, fd, buf, sizeof buf) <= 0)
        return;
    SAY(fd, 'T',
        "\0\2pid\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0"
        "mark\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0");
    say(fd, 'D', row, n);
    SAY(fd, 'C', "SELECT 1\0");
    SAY(fd, 'Z', "I");
    bad_hang(s, fd);
}
static void serve_another_pid(struct bad_server *s, int fd) {
    static const char row[] = "\0\2\0\0\0\1"
                              "6\0\0\0\6direct";
    serve_check(s, fd, 5, row, sizeof row - 1);
}
static void serve_no_options(struct bad_server *s, int fd) {
    static const char row[] = "\0\2\0\0\0\1"
                              "6\xff\xff\xff\xff";
    serve_check(s, fd, 6, row, sizeof row - 1);
}

static void check_bad(bad_fn fn, uint32_t timeout_ms, enum err_code code, const char *why) {
    struct bad_server bad;
    bad_start(&bad, fn);
    struct pg_target t = pg.target;
    t.port = bad.port;
    int64_t from = clock_mono_ms();
    CU_ASSERT_PTR_NULL(open_to(&t, timeout_ms, -1));
    CU_ASSERT(clock_mono_ms() - from < timeout_ms + PATIENCE_MS);
    CU_ASSERT_EQUAL(err.code, code);
    if (!strstr(err.why, why))
        CHECK_STR(err.why, why);
    bad_stop(&bad);
}

TEST(every_wait_for_a_strange_server_ends) {
    check_bad(bad_hang, 300, E_TIMEOUT, "no answer in 300 ms");
    check_bad(bad_close, PATIENCE_MS, E_CLOSED, "");
    check_bad(bad_reset, PATIENCE_MS, E_CLOSED, "");
    check_bad(serve_old, PATIENCE_MS, E_CONFIG, "12.22 is too old");
    check_bad(serve_silent_after_login, 300, E_TIMEOUT, "no answer in 300 ms");
    check_bad(serve_another_pid, PATIENCE_MS, E_WRONG_THING, "pooler");
    check_bad(serve_no_options, PATIENCE_MS, E_WRONG_THING, "pooler");
}

TEST(quotes_names_and_texts) {
    CHECK_STR(pg_quote_name(&arena, "User"), "\"User\"");
    CHECK_STR(pg_quote_name(&arena, "odd \"one\""), "\"odd \"\"one\"\"\"");
    CHECK_STR(pg_quote_text(&arena, "it's"), "'it''s'");
    CHECK_STR(pg_quote_text(&arena, "a\\b'c"), "E'a\\\\b''c'");
    CHECK_STR(pg_quote_text(&arena, ""), "''");
    struct pgsession *s = pg_open("postgres");
    const char *odd = "a\\'b\"c\n";
    char sql[300];
    snprintf(sql, sizeof sql, "SELECT %s AS %s", pg_quote_text(&arena, odd),
             pg_quote_name(&arena, odd));
    CU_ASSERT_TRUE(ask(s, sql));
    CHECK_STR(cell(0, odd), odd);
    CU_ASSERT_TRUE(ask(s, "SET standard_conforming_strings = off"));
    CU_ASSERT_TRUE(ask(s, sql));
    CHECK_STR(cell(0, odd), odd);
    pgsession_close(s);
}

/* pg_dump and pg_restore know a target's TLS by their environment alone. */
TEST(the_tools_are_given_the_targets_tls) {
    struct arena a;
    const char *env[8] = {"LC_ALL=C"};
    const struct pg_target plain = {.host = "h"}, whole = {.host = "h",
                                                           .sslmode = "verify-full",
                                                           .sslrootcert = "/ca",
                                                           .sslcert = "/crt",
                                                           .sslkey = "/key"};
    arena_init(&a);
    pg_tls_env(&a, &plain, env);
    CHECK_STR(env[1], "PGSSLMODE=prefer");
    CU_ASSERT_PTR_NULL(env[2]);
    env[1] = NULL;
    pg_tls_env(&a, &whole, env);
    CHECK_STR(env[1], "PGSSLMODE=verify-full");
    CHECK_STR(env[2], "PGSSLROOTCERT=/ca");
    CHECK_STR(env[3], "PGSSLCERT=/crt");
    CHECK_STR(env[4], "PGSSLKEY=/key");
    CU_ASSERT_PTR_NULL(env[5]);
    arena_done(&a);
}

SUITE(pgsession, T(the_tools_are_given_the_targets_tls), T(starts_a_server),
      T(opens_with_settings_that_fix_the_text_of_a_row),
      T(follows_no_environment_in_place_of_the_settings),
      T(runs_statements_with_parameters_and_several_at_once),
      T(keeps_one_connection_through_errors), T(bounds_rows_and_bytes),
      T(a_deadline_ends_the_statement_on_the_server_and_keeps_the_session),
      T(a_cancel_ends_a_statement_and_a_lock_wait), T(copies_out_lines),
      T(a_copy_that_is_stopped_leaves_a_usable_session), T(says_that_the_server_ended_the_session),
      T(opens_by_name_and_by_socket), T(a_hung_resolver_costs_the_deadline_only),
      T(says_what_is_wrong_with_a_login), T(refuses_a_pooler_whatever_it_lets_through),
      T(every_wait_for_a_strange_server_ends), T(quotes_names_and_texts))
