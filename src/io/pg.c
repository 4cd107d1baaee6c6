/* io/pg.c - PostgreSQL and PgBouncer through libpq without ever blocking: simple protocol, row by
 * row into the arena, at most max_rows rows and BYTES_MAX bytes. One connection, kept between
 * exchanges. No PQcancel (it blocks): a query that is out of time loses its connection, and the
 * server's own statement_timeout ends it there. */
#include "pg_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "pg_rows_priv.h"
#include "pg_words_priv.h"

#define ROWS_DEFAULT_MAX 1000u
#define ROWS_MAX         10000u
#define CELL_MAX         65536
#define BYTES_MAX        (32u * 1024u * 1024u)

static const char *const step_ops[] = {[STEP_NONE] = "pg",
                                       [STEP_RESOLVE] = "pg.resolve",
                                       [STEP_CONNECT] = "pg.connect",
                                       [STEP_WHO] = "pg.connect",
                                       [STEP_QUERY] = "pg.query"};

/* --- what an error means --- */

bool pg_is_console(const struct pg_target *t) {
    return t->pooler && t->dbname && strcmp(t->dbname, "pgbouncer") == 0;
}

static void pg_fill_error(struct pg *p, const char *sqlstate, const char *text, struct err *err) {
    enum err_code code = pg_message_code(sqlstate, text);
    text += strspn(text, " \n");
    size_t n = strcspn(text, "\n");
    if (!p->rq->target.pooler && strstr(text, "unsupported startup parameter")) {
        err_set(err, E_WRONG_THING, step_ops[p->step], p->target,
                "PgBouncer answers here, not PostgreSQL");
        return;
    }
    /* Only PostgreSQL says which line of its source an error is from. */
    if (pg_is_console(&p->rq->target) && strstr(text, "LOCATION:  ")) {
        err_set(err, E_WRONG_THING, step_ops[p->step], p->target,
                "PostgreSQL answers here, not PgBouncer: %.*s", (int)(n < 120 ? n : 120), text);
        return;
    }
    if (n == 0) {
        text = "it ended the connection and did not say why";
        n = strlen(text);
    }
    err_set(err, code, step_ops[p->step], p->target, "%.*s", (int)(n < 180 ? n : 180), text);
    if (pg_message_todo(text))
        err->todo = pg_message_todo(text);
}

/* --- the end of a connection and of an exchange --- */

void pg_drop(struct pg *p) {
    loop_timer_stop(p->silence);
    watch_close(p->watch); /* before libpq closes its descriptor */
    p->watch = NULL;
    if (p->who_fd >= 0)
        close(p->who_fd);
    p->who_fd = -1;
    if (p->conn)
        PQfinish(p->conn);
    p->conn = NULL;
    p->ready = false;
    free(p->key);
    p->key = NULL;
}

static void pg_finish(struct pg *p, struct reply *reply) {
    if (!p->ready)
        pg_drop(p); /* of a ping that was answered, but not let in */
    addresses_stop(&p->addresses);
    p->step = STEP_NONE;
    p->done(p->ctx, reply);
}

void pg_fail(struct pg *p, enum err_code code, const char *why) {
    struct reply reply = {.kind = p->ping ? EXCHANGE_PG_PING : EXCHANGE_PG};
    if (p->ping)
        reply.ping = PG_PING_NO_RESPONSE;
    err_set(&reply.err, code, step_ops[p->step], p->target, "%s", why);
    pg_drop(p);
    pg_finish(p, &reply);
}

static void pg_ping_finish(struct pg *p, enum pg_ping ping) {
    struct reply reply = {.kind = EXCHANGE_PG_PING, .ok = true, .ping = ping};
    pg_finish(p, &reply);
}

/* As PQping: a server that gets as far as asking for a password accepts connections, and so does
 * one that refuses us by an SQLSTATE, except while it starts or stops. */
static bool pg_ping_from_error(struct pg *p, const char *sqlstate) {
    if (strcmp(sqlstate, "57P03") == 0) {
        pg_ping_finish(p, PG_PING_REJECT);
        return true;
    }
    if (sqlstate[0] || PQconnectionUsedPassword(p->conn) || PQconnectionNeedsPassword(p->conn)) {
        pg_ping_finish(p, PG_PING_OK);
        return true;
    }
    return false;
}

void pg_lost(struct pg *p) {
    char sqlstate[6] = "";
    const char *message = pg_message_skip_prefix(PQerrorMessage(p->conn));
    const char *text = pg_message_sqlstate(message, sqlstate);
    if (p->step == STEP_QUERY && p->reused && !p->answered) {
        pg_drop(p); /* it had ended while idle; nothing was answered, so ask again */
        pg_begin(p);
        return;
    }
    if (p->ping && pg_ping_from_error(p, sqlstate))
        return;
    struct reply reply = {.kind = p->ping ? EXCHANGE_PG_PING : EXCHANGE_PG};
    if (p->ping)
        reply.ping = PG_PING_NO_RESPONSE;
    else
        memcpy(reply.pg.sqlstate, sqlstate, sizeof sqlstate);
    pg_fill_error(p, sqlstate, text ? text : message, &reply.err);
    pg_drop(p);
    pg_finish(p, &reply);
}

/* --- rows --- */

static void result_error(struct pg *p, const PGresult *res) {
    const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    if (p->failed)
        return;
    p->failed = true;
    str_copy(p->rows.sqlstate, sizeof p->rows.sqlstate, sqlstate ? sqlstate : "");
    pg_fill_error(p, p->rows.sqlstate, text ? text : PQresultErrorMessage(res), &p->reply_err);
}

/* False when the result is of a kind that no statement of ours makes (COPY). */
static bool result_take(struct pg *p, const PGresult *res) {
    switch (PQresultStatus(res)) {
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK:
        pg_rows_add(&p->rows, &p->cap_rows, res, p->max_rows, CELL_MAX, p->arena);
        return true;
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        return true;
    case PGRES_FATAL_ERROR:
    case PGRES_BAD_RESPONSE:
        result_error(p, res);
        return true;
    default:
        return false;
    }
}

/* --- querying --- */

static void pg_query_finished(struct pg *p) {
    struct reply reply = {.kind = EXCHANGE_PG, .ok = !p->failed, .pg = p->rows};
    reply.err = p->reply_err;
    if (PQstatus(p->conn) == CONNECTION_BAD)
        pg_drop(p);
    else
        watch_set(p->watch, PQsocket(p->conn), WATCH_READ); /* to see an idle connection end */
    pg_finish(p, &reply);
}

static void pg_query_read(struct pg *p) {
    while (!PQisBusy(p->conn)) {
        PGresult *res = PQgetResult(p->conn);
        if (!res) {
            pg_query_finished(p);
            return;
        }
        bool lost =
            PQstatus(p->conn) == CONNECTION_BAD && !PQresultErrorField(res, PG_DIAG_SQLSTATE);
        bool taken = lost || result_take(p, res);
        PQclear(res);
        if (lost) {
            pg_lost(p);
            return;
        }
        if (!taken) {
            pg_fail(p, E_PROTOCOL, "the statement started a copy");
            return;
        }
    }
}

static void pg_query_flush(struct pg *p) {
    int rc = PQflush(p->conn);
    if (rc < 0) {
        pg_lost(p);
        return;
    }
    watch_set(p->watch, PQsocket(p->conn), WATCH_READ | (rc ? WATCH_WRITE : 0));
}

static void pg_query_event(struct pg *p) {
    int waiting = 0;
    if (ioctl(PQsocket(p->conn), FIONREAD, &waiting) == 0 && waiting > 0) {
        p->n_bytes += (size_t)waiting < 65536 ? (size_t)waiting : 65536;
        p->answered = true;
    }
    if (p->n_bytes > BYTES_MAX) {
        pg_fail(p, E_TOO_BIG, "the answer is over the console's cap");
        return;
    }
    if (!PQconsumeInput(p->conn)) {
        pg_lost(p);
        return;
    }
    pg_query_flush(p);
    if (p->step == STEP_QUERY && p->conn)
        pg_query_read(p);
}

static void pg_query_start(struct pg *p) {
    p->step = STEP_QUERY;
    p->answered = false;
    if (!PQsendQuery(p->conn, p->rq->sql)) {
        pg_lost(p);
        return;
    }
    PQsetSingleRowMode(p->conn);
    pg_query_flush(p);
}

/* --- a connection that is ready --- */

/* The first statement on a connection, and each one after it. */
static void pg_ask(struct pg *p) {
    const char *version = PQparameterStatus(p->conn, "server_version");
    if (!p->rq->target.pooler && version && strstr(version, "/bouncer")) {
        pg_fail(p, E_WRONG_THING, "PgBouncer answers here, not PostgreSQL");
        return;
    }
    p->rows.server_version = PQserverVersion(p->conn);
    p->rows.server_version_text =
        arena_strndup(p->arena, version ? version : "", version ? strnlen(version, 100) : 0);
    pg_query_start(p);
}

void pg_connected(struct pg *p) {
    loop_timer_stop(p->silence);
    p->ready = true;
    PQsetErrorVerbosity(p->conn, PQERRORS_DEFAULT);
    if (!p->ping) {
        pg_ask(p);
        return;
    }
    watch_set(p->watch, PQsocket(p->conn), WATCH_READ); /* to see an idle connection end */
    pg_ping_finish(p, PG_PING_OK);
}

static void pg_idle_event(struct pg *p) {
    if (!PQconsumeInput(p->conn) || PQstatus(p->conn) == CONNECTION_BAD)
        pg_drop(p);
}

/* Events are wake-ups only, an error too: libpq finds out by itself what happened. */
void pg_ready_event(void *ctx, int events) {
    struct pg *p = ctx;
    if (p->step == STEP_CONNECT) {
        p->answered |= (events & (WATCH_READ | WATCH_ERROR)) != 0;
        pg_connect_step(p);
    } else if (p->step == STEP_WHO)
        pg_who_event(p, events);
    else if (p->step == STEP_QUERY)
        pg_query_event(p);
    else if (events & WATCH_ERROR)
        pg_drop(p);
    else
        pg_idle_event(p);
}

/* --- driver --- */

static void *pg_open(struct link_hub *h, const char *application_name) {
    struct pg *p = mem_zeroed(sizeof *p);
    p->hub = h;
    p->application_name = mem_strdup(application_name);
    p->silence = loop_timer_new(h->loop, pg_silence, p);
    addresses_init(&p->addresses, h, pg_connect, pg_unresolved, p);
    p->who_fd = -1;
    return p;
}

static void pg_prepare(struct pg *p, const struct exchange *ex, struct arena *arena) {
    p->rq = &ex->pg;
    p->ping = ex->kind == EXCHANGE_PG_PING;
    p->arena = arena;
    p->max_rows = ex->pg.max_rows ? ex->pg.max_rows : ROWS_DEFAULT_MAX;
    if (p->max_rows > ROWS_MAX)
        p->max_rows = ROWS_MAX;
    p->n_bytes = 0;
    p->answered = p->failed = false;
    p->cap_rows = 0;
    memset(&p->rows, 0, sizeof p->rows);
    memset(&p->reply_err, 0, sizeof p->reply_err);
    snprintf(p->target, sizeof p->target, "%s:%u", ex->pg.target.host, ex->pg.target.port);
}

static void pg_start(void *state, const struct exchange *ex, struct arena *arena,
                     uint32_t timeout_ms, driver_done_fn done, void *ctx) {
    struct pg *p = state;
    p->done = done;
    p->ctx = ctx;
    p->timeout_ms = timeout_ms;
    pg_prepare(p, ex, arena);
    char *key = pg_target_key(&ex->pg.target);
    bool same = p->ready && p->key && PQstatus(p->conn) == CONNECTION_OK && !p->ping &&
                strcmp(key, p->key) == 0;
    free(key);
    if (!same) {
        pg_drop(p);
        pg_begin(p);
        return;
    }
    p->reused = true;
    pg_ask(p);
}

static void pg_abort(void *state, uint32_t timeout_ms, struct reply *reply) {
    struct pg *p = state;
    if (p->step == STEP_NONE)
        return;
    if (reply && p->step == STEP_RESOLVE)
        err_set(&reply->err, E_RESOLVE, step_ops[p->step], p->target,
                "the resolver did not answer in %u ms", timeout_ms);
    else if (reply)
        err_set(&reply->err, E_TIMEOUT, step_ops[p->step], p->target, "no answer in %u ms",
                timeout_ms);
    if (reply && p->ping) {
        reply->ok = p->conn && PQconnectionUsedPassword(p->conn);
        reply->ping = reply->ok ? PG_PING_OK : PG_PING_NO_RESPONSE;
    }
    addresses_stop(&p->addresses);
    p->step = STEP_NONE;
    pg_drop(p);
}

static void pg_close(void *state) {
    struct pg *p = state;
    pg_abort(p, 0, NULL);
    pg_drop(p);
    loop_timer_close(p->silence);
    addresses_done(&p->addresses);
    free(p->application_name);
    free(p);
}

const struct driver pg_driver = {pg_open, pg_start, pg_abort, pg_close};
