/* io/pgsession.c - one libpq connection for a job. libpq is used non-blocking throughout; all
 * waiting is in wait_for(), so that a deadline or a cancel is seen within a poll. What is out of
 * time is cancelled on the server and its answer drained, so that the session stays usable; where
 * no answer comes to the cancel either, the connection is given up. */
#include "pgsession_priv.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "pg_rows_priv.h"
#include "pg_words_priv.h"

#define ROWS_DEFAULT_MAX 10000u
#define CELL_MAX         (1024u * 1024u)
#define BYTES_MAX        (64u * 1024u * 1024u)
#define CANCEL_MS        3000 /* to reach the server */
#define DRAIN_MS         5000 /* for the cancelled statement to end */

/* One statement on its way. */
struct call {
    struct pgsession *s;
    const char *op;
    int64_t until_mono_ms; /* of the present wait; 0 = none */
    uint32_t timeout_ms;
    bool lost;        /* the connection ended: libpq holds what was said last */
    bool interrupted; /* a cancel was sent, for `reason`: what still comes is drained */
    bool failed;      /* err is filled */
    struct err reason, err;
};

/* --- errors --- */

/* Of the server (with a SQLSTATE) or of libpq. */
static bool fail_text(struct pgsession *s, const char *op, const char *text, struct err *err) {
    size_t n = strcspn(text, "\n");
    if (strstr(text, "unsupported startup parameter"))
        return err_set(err, E_WRONG_THING, op, s->target,
                       "PgBouncer answers here: this needs the direct server");
    return err_set(err, pg_message_code(s->sqlstate, text), op, s->target, "%.*s",
                   (int)(n < 190 ? n : 190), text);
}

bool session_fail(struct pgsession *s, const char *op, struct err *err) {
    const char *message = pg_message_skip_prefix(PQerrorMessage(s->conn));
    const char *text = pg_message_sqlstate(message, s->sqlstate);
    return fail_text(s, op, text ? text : message, err);
}

static bool fail_result(struct pgsession *s, const char *op, const PGresult *res, struct err *err) {
    const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    str_copy(s->sqlstate, sizeof s->sqlstate, sqlstate ? sqlstate : "");
    return fail_text(s, op, text ? text : pg_message_skip_prefix(PQresultErrorMessage(res)), err);
}

bool session_fail_wait(struct pgsession *s, const char *op, enum wait_end end, uint32_t timeout_ms,
                       struct err *err) {
    if (end == WAIT_CANCELLED)
        return err_set(err, E_CANCELLED, op, s->target, "stopped as asked");
    return err_set(err, E_TIMEOUT, op, s->target, "no answer in %u ms", timeout_ms);
}

/* --- cancelling --- */

static void cancel_work(void *job) {
    char ignored[256];
    (void)PQcancel(job, ignored, sizeof ignored); /* a server that is gone has nothing to cancel */
}

static void cancel_free(void *job) {
    PQfreeCancel(job);
}

/* PQcancel makes a connection of its own and blocks in it. */
static void cancel_send(struct pgsession *s) {
    PGcancel *c = PQgetCancel(s->conn);
    s->stray_cancel =
        c && offload(cancel_work, cancel_free, c, clock_mono_ms() + CANCEL_MS, -1) != WAIT_DONE;
    if (!s->stray_cancel)
        cancel_free(c);
}

/* The connection is given up; the session stays, for its caller to close. */
static void session_drop(struct pgsession *s) {
    if (s->conn)
        PQfinish(s->conn);
    s->conn = NULL;
}

/* From here on the answer is only waited for. */
static void call_interrupt(struct call *q, const struct err *reason) {
    if (q->interrupted)
        return;
    q->interrupted = true;
    q->reason = *reason;
    cancel_send(q->s);
    q->until_mono_ms = clock_mono_ms() + DRAIN_MS;
}

static void call_fail(struct call *q, const struct err *err) {
    if (!q->failed)
        q->err = *err;
    q->failed = true;
}

static void call_lose(struct call *q, const struct err *err) {
    call_fail(q, err);
    session_drop(q->s);
}

/* --- waiting for the server --- */

/* Until there is input or the wait ends; false when the connection is given up. */
static bool call_wait(struct call *q) {
    struct err err;
    struct pgsession *s = q->s;
    int unsent = PQflush(s->conn);
    short events = POLLIN | (unsent > 0 ? POLLOUT : 0);
    enum wait_end end =
        wait_for(PQsocket(s->conn), events, q->until_mono_ms, q->interrupted ? -1 : s->cancel_fd);
    if (end != WAIT_DONE) {
        session_fail_wait(s, q->op, end, q->timeout_ms, &err);
        if (q->interrupted || s->opening) {
            call_lose(q, q->interrupted ? &q->reason : &err);
            return false;
        }
        call_interrupt(q, &err);
        return true;
    }
    q->lost = unsent < 0 || !PQconsumeInput(s->conn);
    return !q->lost;
}

/* The next result, NULL at the end of the statement or of the connection (then q->s->conn is NULL).
 */
static PGresult *call_result(struct call *q) {
    while (!q->lost && PQisBusy(q->s->conn))
        if (!call_wait(q) && !q->lost)
            return NULL;
    return PQgetResult(q->s->conn); /* of a lost connection it does not wait */
}

static void call_result_error(struct call *q, const PGresult *res) {
    struct err err;
    fail_result(q->s, q->op, res, &err);
    bool ours = q->interrupted && !strcmp(q->s->sqlstate, "57014");
    call_fail(q, ours ? &q->reason : &err);
}

static bool call_begin(struct call *q, struct pgsession *s, const char *op, uint32_t timeout_ms,
                       struct err *err) {
    *q = (struct call){.s = s, .op = op, .timeout_ms = timeout_ms};
    q->until_mono_ms = timeout_ms ? clock_mono_ms() + timeout_ms : 0;
    s->sqlstate[0] = '\0';
    if (!s->conn)
        return err_set(err, E_CLOSED, op, s->target, "the session was lost before");
    return true;
}

static bool call_send(struct call *q, const char *sql, const char *const *params, uint32_t n) {
    struct err err;
    PGconn *c = q->s->conn;
    bool sent =
        n ? PQsendQueryParams(c, sql, (int)n, NULL, params, NULL, NULL, 0) : PQsendQuery(c, sql);
    if (!sent) {
        session_fail(q->s, q->op, &err);
        call_lose(q, &err);
    }
    return sent;
}

static bool call_end(struct call *q, struct err *err) {
    if (q->lost && !q->failed) {
        session_fail(q->s, q->op, &q->err);
        q->failed = true;
    }
    if (q->s->conn && (q->s->stray_cancel || PQstatus(q->s->conn) == CONNECTION_BAD))
        session_drop(q->s);
    if (q->failed && err)
        *err = q->err;
    return !q->failed;
}

/* --- statements --- */

struct rows_out {
    struct arena *arena; /* NULL = nobody wants them */
    struct pg_rows rows;
    uint32_t cap_rows, max_rows;
    size_t used_before;
    bool ended; /* the next row belongs to the next statement */
};

static void rows_take(struct call *q, struct rows_out *out, const PGresult *res) {
    struct err err;
    if (!out->arena || q->failed)
        return;
    if (out->ended) {
        out->rows = (struct pg_rows){0};
        out->cap_rows = 0;
    }
    out->ended = PQresultStatus(res) != PGRES_SINGLE_TUPLE;
    pg_rows_add(&out->rows, &out->cap_rows, res, out->max_rows, CELL_MAX, out->arena);
    if (out->arena->used_bytes - out->used_before <= BYTES_MAX)
        return;
    err_set(&err, E_TOO_BIG, q->op, q->s->target, "the answer is over %u MiB", BYTES_MAX >> 20);
    call_fail(q, &err);
    call_interrupt(q, &err);
}

/* A COPY belongs to pgsession_copy_out: here it is ended as an error. */
static void copy_refuse(struct call *q, ExecStatusType status) {
    struct err err;
    char *line = NULL;
    err_set(&err, E_INTERNAL, q->op, q->s->target, "the statement started a copy");
    call_fail(q, &err);
    if (status != PGRES_COPY_OUT) {
        PQputCopyEnd(q->s->conn, "no data here");
        return;
    }
    call_interrupt(q, &err);
    for (int n; (n = PQgetCopyData(q->s->conn, &line, 1)) >= 0;) {
        if (n > 0)
            PQfreemem(line);
        else if (!call_wait(q))
            return;
    }
}

static void result_take(struct call *q, struct rows_out *out, const PGresult *res) {
    switch (PQresultStatus(res)) {
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK:
        rows_take(q, out, res);
        break;
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        break;
    case PGRES_COPY_OUT:
    case PGRES_COPY_IN:
    case PGRES_COPY_BOTH:
        copy_refuse(q, PQresultStatus(res));
        break;
    default:
        call_result_error(q, res);
        break;
    }
}

bool pgsession_exec(struct pgsession *s, const struct pg_statement *st, struct arena *arena,
                    struct pg_rows *ret, struct err *err) {
    struct call q;
    struct rows_out out = {.arena = ret ? arena : NULL,
                           .max_rows = st->max_rows ? st->max_rows : ROWS_DEFAULT_MAX,
                           .used_before = arena ? arena->used_bytes : 0};
    if (!call_begin(&q, s, "pg.query", st->timeout_ms, err))
        return false;
    if (!call_send(&q, st->sql, st->params, st->n_params))
        return call_end(&q, err);
    PQsetSingleRowMode(s->conn);
    for (PGresult *res; s->conn && (res = call_result(&q));) {
        result_take(&q, &out, res);
        PQclear(res);
    }
    if (!call_end(&q, err))
        return false;
    if (ret) {
        const char *version = PQparameterStatus(s->conn, "server_version");
        out.rows.server_version = s->version;
        out.rows.server_version_text = arena_strdup(arena, version ? version : "");
        *ret = out.rows;
    }
    return true;
}

bool pgsession_rows(struct pgsession *s, const char *sql, uint32_t timeout_ms, struct arena *arena,
                    struct pg_rows *ret, struct err *err) {
    const struct pg_statement st = {.sql = sql, .timeout_ms = timeout_ms};
    return pgsession_exec(s, &st, arena, ret, err);
}

bool pgsession_run(struct pgsession *s, const char *sql, uint32_t timeout_ms, struct err *err) {
    return pgsession_rows(s, sql, timeout_ms, NULL, NULL, err);
}

/* --- COPY --- */

struct copy {
    bool (*on_line)(void *ctx, const char *line, size_t n);
    void *ctx;
    uint64_t n_rows;
};

/* A line was not taken: that is a failure even where the server ends well. */
static void copy_stop(struct call *q) {
    struct err err;
    session_fail_wait(q->s, q->op, WAIT_CANCELLED, 0, &err);
    call_interrupt(q, &err);
    call_fail(q, &q->reason);
}

static void copy_read(struct call *q, struct copy *c) {
    char *line = NULL;
    for (int n; (n = PQgetCopyData(q->s->conn, &line, 1)) >= 0;) {
        if (n == 0) {
            if (!call_wait(q))
                return;
            continue;
        }
        bool go_on = !q->interrupted && c->on_line(c->ctx, line, (size_t)n);
        PQfreemem(line);
        c->n_rows++;
        if (!go_on)
            copy_stop(q);
    }
}

bool pgsession_copy_out(struct pgsession *s, const char *sql,
                        bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                        uint64_t *ret_rows, struct err *err) {
    struct call q;
    struct copy copy = {.on_line = on_line, .ctx = ctx};
    struct rows_out none = {0};
    bool copied = false;
    if (!call_begin(&q, s, "pg.copy", 0, err))
        return false;
    if (!call_send(&q, sql, NULL, 0))
        return call_end(&q, err);
    for (PGresult *res; s->conn && (res = call_result(&q));) {
        if (PQresultStatus(res) == PGRES_COPY_OUT && !copied)
            copy_read(&q, &copy);
        else
            result_take(&q, &none, res);
        copied |= PQresultStatus(res) == PGRES_COPY_OUT;
        PQclear(res);
    }
    if (!copied && !q.failed) {
        err_set(&q.err, E_INTERNAL, q.op, s->target, "the statement is no COPY TO STDOUT");
        q.failed = true;
    }
    if (!call_end(&q, err))
        return false;
    if (ret_rows)
        *ret_rows = copy.n_rows;
    return true;
}

void pgsession_close(struct pgsession *s) {
    if (!s)
        return;
    session_drop(s); /* between two calls no statement runs: an open transaction is rolled back */
    free(s);
}

int pgsession_version(const struct pgsession *s) {
    return s->version;
}

const char *pgsession_sqlstate(const struct pgsession *s) {
    return s->sqlstate;
}
