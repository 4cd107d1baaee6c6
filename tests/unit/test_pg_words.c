/* tests/unit/test_pg_words.c - what is said on a PostgreSQL port, and what it means. */
#include "harness.h"
#include "src/io/pg_words_priv.h"

#include <string.h>

TEST(the_sqlstate_is_taken_from_a_verbose_message) {
    char sqlstate[6] = "";
    CHECK_STR(pg_message_sqlstate("FATAL:  28P01: password authentication failed", sqlstate),
              "password authentication failed");
    CHECK_STR(sqlstate, "28P01");
    CHECK_STR(pg_message_sqlstate("x:  nothing\nFATAL:  3D000:gone", sqlstate), "gone");
    CHECK_STR(sqlstate, "3D000");
    static const char *const none[] = {"",
                                       "FATAL",
                                       "FATAL:  ",
                                       "FATAL:  28P0",
                                       "FATAL:  28P011: x",
                                       "FATAL:  28p01: x",
                                       "FATAL: 28P01: x"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        CU_ASSERT_PTR_NULL(pg_message_sqlstate(none[i], sqlstate));
    CHECK_STR(sqlstate, "3D000"); /* untouched */
}

TEST(the_target_is_not_said_twice) {
    CHECK_STR(pg_message_skip_prefix("connection to server at \"h\" failed: refused"), "refused");
    CHECK_STR(pg_message_skip_prefix("it failed: refused"), "it failed: refused");
    CHECK_STR(pg_message_skip_prefix("connection to "), "connection to ");
}

TEST(a_sqlstate_says_more_than_the_words) {
    static const struct {
        const char *sqlstate, *message;
        enum err_code code;
    } rows[] = {
        {"28P01", "", E_AUTH},
        {"3D000", "timed out", E_CONFIG},
        {"57P03", "the database system is starting up", E_NOT_READY},
        {"57014", "", E_TIMEOUT},
        /* To wait is no answer to a server that is full. */
        {"53300", "sorry, too many clients already", E_FAILING},
        {"53100", "could not extend file", E_FAILING},
        {"42501", "", E_AUTH},
        {"42703", "", E_PROTOCOL},
        /* PgBouncer says 08P01 to everything. */
        {"08P01", "no such user: x", E_AUTH},
        {"08P01", "query_wait_timeout", E_TIMEOUT},
        {"08P01", "server login has been failing, cached error: password authentication failed",
         E_NOT_READY},
        {"08P01", "no more connections allowed (max_client_conn)", E_FAILING},
        {"08P01", "unsupported startup parameter: options", E_CONFIG},
        {"08P01", "client_login_timeout (server down)", E_NOT_READY},
        {"08P01", "server login has been failing, try again later (server_login_retry)",
         E_NOT_READY},
        {"08P01", "no such database: x", E_CONFIG},
        {"08P01", "database \"x\" is disabled", E_NOT_READY},
        {"08P01", "database does not allow connections: x", E_NOT_READY},
        {"08P01", "not allowed", E_AUTH}, /* known, but of neither admin_users nor stats_users */
        {"08P01", "admin access needed", E_AUTH},
        {"08P01", "password authentication failed", E_AUTH},
        {"08P01", "invalid command 'SHOW STATE', use SHOW HELP;", E_PROTOCOL},
        {"08P01", "extended query protocol not supported by admin console", E_PROTOCOL},
        {"08P01", "words of another version", E_PROTOCOL},
        /* libpq's own errors have none. */
        {"", "Connection refused", E_REFUSED},
        {"", "connection to server at \"10.9.0.1\", port 5432 failed: Network is unreachable",
         E_UNREACHABLE},
        {"", "No route to host", E_UNREACHABLE},
        {"", "No such file or directory", E_REFUSED},
        {"", "server closed the connection unexpectedly", E_CLOSED},
        {"", "received invalid response to SSL negotiation: H", E_WRONG_THING},
        {"", "expected authentication request from server, but received H", E_WRONG_THING},
        {"", "server does not support SSL, but SSL was required", E_TLS},
        {"", "root certificate file does not exist", E_TLS},
        {"", "words of another version", E_CLOSED},
        {"", "", E_CLOSED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CU_ASSERT_EQUAL(pg_message_code(rows[i].sqlstate, rows[i].message), rows[i].code);
}

/* 13.16 and 18.6; in the file without a line for it, and with one that rejects. */
TEST(a_refusal_of_pg_hba_is_no_wrong_password) {
    CU_ASSERT_PTR_NOT_NULL(pg_message_todo(
        "no pg_hba.conf entry for host \"10.9.0.1\", user \"x\", database \"x\", SSL off"));
    CU_ASSERT_PTR_NOT_NULL(pg_message_todo("pg_hba.conf rejects connection for host \"127.0.0.1\", "
                                           "user \"goodgo\", database \"goodgo\", no encryption"));
    CU_ASSERT_PTR_NULL(pg_message_todo("password authentication failed for user \"goodgo\""));
}

TEST(who_does_not_speak_postgresql_is_named) {
    CHECK_STR(pg_who_answers("", 0), "something that hangs up on a line of text answers here");
    CHECK_STR(pg_who_answers("HTTP/1.1 400", 12), "an HTTP server answers here");
    CHECK_STR(pg_who_answers("HTTP", 4), "something else answers here");
    CHECK_STR(pg_who_answers("-ERR", 4), "Redis answers here");
    CHECK_STR(pg_who_answers("+PONG", 5), "Redis answers here");
    CHECK_STR(pg_who_answers("\0", 1), "something else answers here");
    for (const char *type = "SNER"; *type; type++) /* also the first byte of an error */
        CU_ASSERT_PTR_NULL(pg_who_answers(type, 1));
    CU_ASSERT_EQUAL(strncmp(pg_who_question, "PING ", 5), 0);
}

SUITE(pg_words, T(the_sqlstate_is_taken_from_a_verbose_message), T(the_target_is_not_said_twice),
      T(a_sqlstate_says_more_than_the_words), T(a_refusal_of_pg_hba_is_no_wrong_password),
      T(who_does_not_speak_postgresql_is_named))
