/* io/pgsession_open.c - how a job's session comes about: the name is looked up, the server let in,
 * and what answers is looked at: no pooler, not too old. */
#include "pgsession_priv.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "pg_conn_priv.h"

#define OLDEST_VERSION 130000

struct lookup {
    char host[256];
    struct dns_answer answer;
};

static void lookup_work(void *job) {
    struct lookup *l = job;
    dns_lookup(l->host, &l->answer);
}

static bool session_resolve(struct pgsession *s, const char *host, int64_t until_mono_ms,
                            uint32_t timeout_ms, struct dns_answer *ret, struct err *err) {
    if (host[0] == '/' || dns_literal(host, ret))
        return true;
    if (!host[0] || strlen(host) >= sizeof((struct lookup *)0)->host || strchr(host, ','))
        return err_set(err, E_CONFIG, "pg.resolve", s->target, "this is not a host name");
    struct lookup *l = mem_zeroed(sizeof *l);
    str_copy(l->host, sizeof l->host, host);
    enum wait_end end = offload(lookup_work, free, l, until_mono_ms, s->cancel_fd);
    if (end == WAIT_CANCELLED)
        return session_fail_wait(s, "pg.resolve", end, timeout_ms, err);
    if (end == WAIT_UNSTARTED)
        return err_set(err, E_RESOLVE, "pg.resolve", s->target, "no thread for the resolver: %s",
                       strerror(errno));
    if (end == WAIT_TIMEOUT)
        return err_set(err, E_RESOLVE, "pg.resolve", s->target,
                       "the resolver did not answer in %u ms", timeout_ms);
    *ret = l->answer;
    free(l);
    return ret->ok || err_set(err, E_RESOLVE, "pg.resolve", s->target, "%s", ret->why);
}

/* The last one is a mark of ours: a pooler that drops `options` silently loses it. */
static const char session_options[] =
    "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0 "
    "-c datestyle=ISO -c intervalstyle=postgres -c timezone=UTC -c extra_float_digits=3 "
    "-c bytea_output=hex -c client_min_messages=warning -c goodgo.session=direct";

static bool session_connect(struct pgsession *s, int64_t until_mono_ms, uint32_t timeout_ms,
                            struct err *err) {
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    if (PQstatus(s->conn) == CONNECTION_BAD)
        return session_fail(s, "pg.connect", err);
    while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
        short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        enum wait_end end = wait_for(PQsocket(s->conn), events, until_mono_ms, s->cancel_fd);
        if (end != WAIT_DONE)
            return session_fail_wait(s, "pg.connect", end, timeout_ms, err);
        state = PQconnectPoll(s->conn);
    }
    if (state != PGRES_POLLING_OK)
        return session_fail(s, "pg.connect", err);
    PQsetErrorVerbosity(s->conn, PQERRORS_DEFAULT);
    s->version = PQserverVersion(s->conn);
    return true;
}

static bool pooler_refuse(struct pgsession *s, struct err *err) {
    return err_set(err, E_WRONG_THING, "pg.connect", s->target,
                   "a connection pooler answers here: this needs the direct server");
}

/* A pooler says the server's version as its own, but answers with another key than the process id
 * of the server that it picks for a statement. */
static bool session_check(struct pgsession *s, uint32_t timeout_ms, struct err *err) {
    const char *version = PQparameterStatus(s->conn, "server_version");
    if (version && strstr(version, "/bouncer"))
        return pooler_refuse(s, err);
    if (s->version < OLDEST_VERSION)
        return err_set(err, E_CONFIG, "pg.connect", s->target,
                       "PostgreSQL %s is too old: 13 is the oldest supported",
                       version ? version : "of an unknown version");
    struct arena a;
    struct pg_rows rows = {0};
    arena_init(&a);
    bool ok = pgsession_rows(s,
                             "SELECT pg_catalog.pg_backend_pid() AS pid,"
                             " pg_catalog.current_setting('goodgo.session', true) AS mark",
                             timeout_ms, &a, &rows, err);
    int64_t pid = 0;
    const char *mark = ok ? pg_cell(&rows, 0, "mark") : NULL;
    if (ok && (!pg_cell_i64(&rows, 0, "pid", &pid) || pid != PQbackendPID(s->conn) || !mark ||
               strcmp(mark, "direct") != 0))
        ok = pooler_refuse(s, err);
    arena_done(&a);
    /* These would end a session that only holds a lock; older servers refuse them as options. */
    if (ok && s->version >= 140000)
        ok = pgsession_run(s, "SET idle_session_timeout = 0", timeout_ms, err);
    if (ok && s->version >= 170000)
        ok = pgsession_run(s, "SET transaction_timeout = 0", timeout_ms, err);
    return ok;
}

bool pgsession_open(const struct pg_target *target, const char *application_name,
                    uint32_t timeout_ms, int cancel_fd, struct pgsession **ret, struct err *err) {
    struct dns_answer addresses = {0};
    struct pgsession *s = mem_zeroed(sizeof *s);
    int64_t until = timeout_ms ? clock_mono_ms() + timeout_ms : 0;
    s->cancel_fd = cancel_fd;
    s->opening = true;
    snprintf(s->target, sizeof s->target, "%s:%u/%s", target->host, target->port,
             target->dbname ? target->dbname : "");
    bool ok = session_resolve(s, target->host, until, timeout_ms, &addresses, err);
    if (ok) {
        s->conn = pg_conn_start(target, application_name, &addresses, session_options);
        ok = session_connect(s, until, timeout_ms, err) && session_check(s, timeout_ms, err);
    }
    if (!ok) {
        pgsession_close(s);
        return false;
    }
    s->opening = false;
    *ret = s;
    return true;
}
