/* io/pg_words.c - what PostgreSQL, PgBouncer and libpq say when something is wrong, and who answers
 * where neither of the two listens. Text in, verdict out: no connection here. */
#include "pg_words_priv.h"

#include <string.h>

#include "base/str.h"

static const struct {
    const char *sqlstate;
    enum err_code code;
} sqlstate_codes[] = {
    {"28P01", E_AUTH},
    {"28000", E_AUTH},
    {"3D000", E_CONFIG},
    {"57P03", E_NOT_READY},
    {"57P01", E_CLOSED},
    {"57P02", E_CLOSED},
    {"57014", E_TIMEOUT},
    {"55P03", E_TIMEOUT},
    {"42501", E_AUTH},
    {"42P01", E_PROTOCOL},
    {"42703", E_PROTOCOL},
    {"42883", E_PROTOCOL},
    {"25006", E_PROTOCOL},
    /* Out of connections, memory, disk: nobody new is served, and waiting alone mends none. */
    {"53300", E_FAILING},
    {"53200", E_FAILING},
    {"53100", E_FAILING},
};

/* Where the SQLSTATE says nothing: PgBouncer answers 08P01 to everything, and libpq's own errors
 * have none. First match wins. */
static const struct {
    const char *text;
    enum err_code code;
} text_codes[] = {
    {"server login has been failing", E_NOT_READY},
    {"client_login_timeout", E_NOT_READY},
    {"server down", E_NOT_READY},
    {"cannot connect to server", E_NOT_READY},
    {"no more connections allowed", E_FAILING},
    {"is disabled", E_NOT_READY},
    {"database does not allow connections", E_NOT_READY}, /* the same, of PgBouncer 1.15 */
    {"shutting down", E_NOT_READY},
    {"query_wait_timeout", E_TIMEOUT},
    {"password authentication failed", E_AUTH},
    {"no password supplied", E_AUTH},
    {"no such user", E_AUTH},
    {"not allowed", E_AUTH},
    {"admin access needed", E_AUTH},
    {"auth failed", E_AUTH},
    {"SASL", E_AUTH},
    {"authentication method", E_AUTH},
    {"no such database", E_CONFIG},
    {"unsupported startup parameter", E_CONFIG},
    {"invalid response to SSL negotiation", E_WRONG_THING},
    {"expected authentication request", E_WRONG_THING},
    {"lost synchronization with server", E_WRONG_THING},
    {"unsupported protocol", E_WRONG_THING},
    {"could not create socket: Too many open files", E_INTERNAL}, /* nothing was asked of it */
    {"insufficient data in", E_PROTOCOL},
    {"unexpected field count", E_PROTOCOL},
    {"contents do not agree", E_PROTOCOL},
    {"invalid message", E_WRONG_THING},
    {"certificate", E_TLS},
    {"private key file", E_TLS},
    {"SSL error", E_TLS},
    {"does not support SSL", E_TLS},
    {"invalid sslmode", E_CONFIG},
    {"invalid port", E_CONFIG},
    {"could not parse", E_CONFIG},
    {"Connection refused", E_REFUSED},
    {"No such file or directory", E_REFUSED},
    {"No route to host", E_UNREACHABLE},
    {"Network is unreachable", E_UNREACHABLE},
    {"Permission denied", E_AUTH},
    {"Network is down", E_UNREACHABLE},
    {"timed out", E_TIMEOUT},
    {"closed the connection", E_CLOSED},
    {"Connection reset", E_CLOSED},
    {"Broken pipe", E_CLOSED},
    {"could not receive", E_CLOSED},
    {"could not send", E_CLOSED},
    {"no connection to the server", E_CLOSED},
};

const char *pg_message_sqlstate(const char *message, char sqlstate[6]) {
    for (const char *at = strstr(message, ":  "); at; at = strstr(at + 1, ":  ")) {
        const char *s = at + 3;
        size_t n = strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (n != 5 || s[5] != ':')
            continue;
        memcpy(sqlstate, s, 5);
        sqlstate[5] = '\0';
        return s + 6 + strspn(s + 6, " ");
    }
    return NULL;
}

const char *pg_message_skip_prefix(const char *message) {
    const char *failed = strstr(message, " failed: ");
    return failed && str_starts(message, "connection to ") ? failed + 9 : message;
}

enum err_code pg_message_code(const char *sqlstate, const char *message) {
    for (size_t i = 0; sqlstate[0] && i < ARRAY_LEN(sqlstate_codes); i++)
        if (strcmp(sqlstate_codes[i].sqlstate, sqlstate) == 0)
            return sqlstate_codes[i].code;
    for (size_t i = 0; i < ARRAY_LEN(text_codes); i++)
        if (strstr(message, text_codes[i].text))
            return text_codes[i].code;
    return sqlstate[0] ? E_PROTOCOL : E_CLOSED;
}

const char *pg_message_todo(const char *message) {
    if (strstr(message, "pg_hba.conf"))
        return "add this address, user and database to the server's pg_hba.conf and reload it: "
               "no password helps";
    return NULL;
}

/* An answer is due from Redis and from an HTTP server, if only that this is wrong; to PostgreSQL it
 * is a start-up packet of an absurd length. No `Host:` and no POST: Redis logs those as an attack.
 */
const char pg_who_question[] = "PING / HTTP/1.0\r\n\r\n";

const char *pg_who_answers(const char *bytes, size_t n) {
    if (n == 0)
        return "something that hangs up on a line of text answers here";
    if (n >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
        return "an HTTP server answers here";
    if (bytes[0] == '+' || bytes[0] == '-')
        return "Redis answers here";
    return memchr("SNER", bytes[0], 4) ? NULL : "something else answers here";
}
