/* sandbox/backend.c - the API's connections to PostgreSQL (through PgBouncer where there is one)
 * and Redis. Every call has a deadline of its own: a hanging server must cost a stand-in a second,
 * never a thread. */
#include "standins.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { RETRY_AFTER_MS = 1000 };

/* ---- PostgreSQL ---- */

void db_done(struct db *db) {
    if (db->conn) {
        PQfinish(db->conn);
        db->conn = NULL;
    }
}

static void db_fail(struct db *db, const char *why) {
    snprintf(db->error, sizeof db->error, "%s", why);
    db->error[strcspn(db->error, "\n")] = 0;
    db_done(db);
    db->retry_at_ms = clock_mono_ms() + RETRY_AFTER_MS;
}

static bool wait_fd(int fd, short events, uint64_t until_ms) {
    uint64_t now_ms = clock_mono_ms();
    struct pollfd p = {.fd = fd, .events = events};
    return now_ms < until_ms && poll(&p, 1, (int)(until_ms - now_ms)) > 0;
}

static PGconn *db_start(void) {
    const struct platform *p = standins_platform();
    uint16_t number = p->port[SB_PGBOUNCER] ? p->port[SB_PGBOUNCER] : p->port[SB_POSTGRES];
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)number);
    const char *const keys[] = {"host",     "port",    "dbname",           "user",
                                "password", "sslmode", "application_name", NULL};
    const char *const values[] = {"127.0.0.1",    port,      p->db_name,   p->db_user,
                                  p->db_password, "disable", "goodgo-api", NULL};
    return PQconnectStartParams(keys, values, 0);
}

static bool db_connect(struct db *db, uint64_t until_ms) {
    db->conn = db_start();
    if (!db->conn || PQstatus(db->conn) == CONNECTION_BAD) {
        db_fail(db, db->conn ? PQerrorMessage(db->conn) : "out of memory");
        return false;
    }
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!wait_fd(PQsocket(db->conn), events, until_ms)) {
            db_fail(db, "timeout expired while connecting");
            return false;
        }
        state = PQconnectPoll(db->conn);
        if (state == PGRES_POLLING_FAILED) {
            db_fail(db, PQerrorMessage(db->conn));
            return false;
        }
    }
    return true;
}

static PGresult *db_collect(struct db *db, uint64_t until_ms) {
    PGresult *last = NULL;
    for (;;) {
        while (PQisBusy(db->conn)) {
            if (!wait_fd(PQsocket(db->conn), POLLIN, until_ms)) {
                PQclear(last);
                db_fail(db, "timeout expired while waiting for the answer");
                return NULL;
            }
            if (!PQconsumeInput(db->conn)) {
                PQclear(last);
                db_fail(db, PQerrorMessage(db->conn));
                return NULL;
            }
        }
        PGresult *next = PQgetResult(db->conn);
        if (!next) {
            return last;
        }
        PQclear(last);
        last = next;
    }
}

PGresult *db_query(struct db *db, const char *sql, int n_params, const char *const *params,
                   int timeout_ms) {
    uint64_t until_ms = clock_mono_ms() + (uint64_t)timeout_ms;
    if (!db->conn && clock_mono_ms() < db->retry_at_ms) {
        return NULL;
    }
    if (!db->conn && !db_connect(db, until_ms)) {
        return NULL;
    }
    if (!PQsendQueryParams(db->conn, sql, n_params, NULL, params, NULL, NULL, 0)) {
        db_fail(db, PQerrorMessage(db->conn));
        return NULL;
    }
    PGresult *r = db_collect(db, until_ms);
    if (!r) {
        return NULL;
    }
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        return r;
    }
    snprintf(db->error, sizeof db->error, "%s", PQresultErrorMessage(r));
    db->error[strcspn(db->error, "\n")] = 0;
    PQclear(r);
    if (PQstatus(db->conn) != CONNECTION_OK) {
        char why[sizeof db->error];
        memcpy(why, db->error, sizeof why);
        db_fail(db, why);
    }
    return NULL;
}

bool db_ok(struct db *db, const char *sql, int n_params, const char *const *params,
           int timeout_ms) {
    PGresult *r = db_query(db, sql, n_params, params, timeout_ms);
    PQclear(r);
    return r != NULL;
}

/* ---- Redis ---- */

void cache_done(struct cache *cache) {
    if (cache->conn) {
        redisFree(cache->conn);
        cache->conn = NULL;
    }
}

static void cache_fail(struct cache *cache, const char *why) {
    snprintf(cache->error, sizeof cache->error, "%s", why && *why ? why : "connection lost");
    cache_done(cache);
    cache->retry_at_ms = clock_mono_ms() + RETRY_AFTER_MS;
}

static bool cache_connect(struct cache *cache, struct timeval limit) {
    const struct platform *p = standins_platform();
    cache->conn = redisConnectWithTimeout("127.0.0.1", p->port[SB_REDIS], limit);
    if (!cache->conn || cache->conn->err) {
        cache_fail(cache, cache->conn ? cache->conn->errstr : "out of memory");
        return false;
    }
    redisSetTimeout(cache->conn, limit);
    if (!*p->redis_password) {
        return true;
    }
    redisReply *r = redisCommand(cache->conn, "AUTH %s", p->redis_password);
    bool ok = r && r->type != REDIS_REPLY_ERROR;
    if (!ok) {
        cache_fail(cache, r ? r->str : cache->conn->errstr);
    }
    if (r) {
        freeReplyObject(r);
    }
    return ok;
}

redisReply *cache_command(struct cache *cache, int timeout_ms, const char *format, ...) {
    struct timeval limit = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    if (!cache->conn && clock_mono_ms() < cache->retry_at_ms) {
        return NULL;
    }
    if (!cache->conn && !cache_connect(cache, limit)) {
        return NULL;
    }
    redisSetTimeout(cache->conn, limit);
    va_list args;
    va_start(args, format);
    redisReply *r = redisvCommand(cache->conn, format, args);
    va_end(args);
    if (!r) {
        cache_fail(cache, cache->conn->errstr);
        return NULL;
    }
    if (r->type == REDIS_REPLY_ERROR) {
        cache_fail(cache, r->str);
        freeReplyObject(r);
        return NULL;
    }
    return r;
}
