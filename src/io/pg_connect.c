/* io/pg_connect.c - how the link's connection to PostgreSQL or PgBouncer comes about: the name,
 * libpq's steps, and a port that says nothing. */
#include "pg_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/str.h"
#include "pg_conn_priv.h"
#include "pg_words_priv.h"

#define WHO_MS 300u /* the end of the time of a port that says nothing */

static const char server_options[] =
    "-c statement_timeout=3000 -c lock_timeout=500 -c idle_in_transaction_session_timeout=10000 "
    "-c default_transaction_read_only=on";

static void pg_connect_wait(struct pg *p, PostgresPollingStatusType state) {
    switch (state) {
    case PGRES_POLLING_READING:
        watch_set(p->watch, PQsocket(p->conn), WATCH_READ);
        break;
    case PGRES_POLLING_WRITING:
        watch_set(p->watch, PQsocket(p->conn), WATCH_WRITE);
        break;
    case PGRES_POLLING_OK:
        pg_connected(p);
        break;
    default:
        pg_lost(p);
        break;
    }
}

/* libpq may close its socket and open one of the same number: a poll left on would never fire
 * again, so it is stopped before and started after every step. */
void pg_connect_step(struct pg *p) {
    int fd = PQsocket(p->conn);
    watch_set(p->watch, -1, 0);
    PostgresPollingStatusType state = PQconnectPoll(p->conn);
    if (PQstatus(p->conn) != CONNECTION_STARTED)
        addresses_stop(&p->addresses);
    if (fd != PQsocket(p->conn)) {
        watch_close(p->watch);
        p->watch = watch_new(p->hub->loop, "pg", pg_ready_event, p);
    }
    pg_connect_wait(p, state);
}

/* Redis and HTTP servers wait for the end of a line that libpq never sends, so that they look like
 * a database that hangs. Shortly before its time is over a silent port is asked in their way, on a
 * connection of its own: Redis reads no further than the zero bytes that libpq has sent. */
void pg_silence(void *ctx) {
    struct pg *p = ctx;
    ConnStatusType status = PQstatus(p->conn);
    bool waits = status == CONNECTION_SSL_STARTUP || status == CONNECTION_AWAITING_RESPONSE;
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    if (p->step != STEP_CONNECT || !waits || p->answered ||
        getpeername(PQsocket(p->conn), (struct sockaddr *)&peer, &size) != 0)
        return;
    p->who_fd = socket(peer.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (p->who_fd < 0)
        return;
    p->step = STEP_WHO;
    if (connect(p->who_fd, (struct sockaddr *)&peer, size) == 0 || errno == EINPROGRESS)
        watch_set(p->watch, p->who_fd, WATCH_WRITE);
}

void pg_who_event(struct pg *p, int events) {
    char bytes[64], why[120];
    size_t size = strlen(pg_who_question);
    if (events & WATCH_WRITE) {
        bool sent = send(p->who_fd, pg_who_question, size, MSG_NOSIGNAL) == (ssize_t)size;
        watch_set(p->watch, p->who_fd, sent ? WATCH_READ : 0);
        return;
    }
    ssize_t n = recv(p->who_fd, bytes, sizeof bytes, 0);
    const char *who = pg_who_answers(bytes, n > 0 ? (size_t)n : 0);
    watch_set(p->watch, -1, 0);
    if (!who)
        return; /* the right one, only slow: the deadline ends it */
    snprintf(why, sizeof why, "%s, not %s", who, p->rq->target.pooler ? "PgBouncer" : "PostgreSQL");
    pg_fail(p, E_WRONG_THING, why);
}

char *pg_target_key(const struct pg_target *t) {
    const char *parts[] = {t->host,    t->dbname,      t->user,    t->password,
                           t->sslmode, t->sslrootcert, t->sslcert, t->sslkey};
    struct str key;
    str_init(&key, 8192);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        str_printf(&key, "%s\n", parts[i] ? parts[i] : "");
    str_printf(&key, "%u %d", t->port, t->pooler);
    char *copy = mem_strdup(str_get(&key));
    str_done(&key);
    return copy;
}

void pg_connect(void *ctx) {
    struct pg *p = ctx;
    pg_drop(p);
    p->step = STEP_CONNECT;
    p->conn = pg_conn_start(&p->rq->target, p->application_name, &p->addresses.left,
                            p->rq->target.pooler ? NULL : server_options);
    if (PQstatus(p->conn) == CONNECTION_BAD) {
        pg_lost(p);
        return;
    }
    p->key = pg_target_key(&p->rq->target);
    p->watch = watch_new(p->hub->loop, "pg", pg_ready_event, p);
    watch_set(p->watch, PQsocket(p->conn), WATCH_WRITE);
    loop_timer_again(p->silence,
                     p->timeout_ms > 2 * WHO_MS ? p->timeout_ms - WHO_MS : p->timeout_ms / 2, 0);
}

void pg_unresolved(void *ctx, const char *why) {
    pg_fail(ctx, E_RESOLVE, why);
}

void pg_begin(struct pg *p) {
    const char *host = p->rq->target.host;
    p->reused = false;
    p->step = STEP_RESOLVE;
    p->addresses.left.n = 0;
    if (host[0] == '/')
        pg_connect(p);
    else if (strchr(host, ','))
        pg_fail(p, E_CONFIG, "one host, not a list");
    else
        addresses_find(&p->addresses, host, p->timeout_ms);
}
