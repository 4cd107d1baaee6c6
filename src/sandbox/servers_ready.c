/* sandbox/servers_ready.c - when a real server is ready: each is asked in its own protocol. */
#include "servers_priv.h"

#include "loopback.h"

#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { READY_MS = 30000 };

static bool http_ready(uint16_t port) {
    char reply[16] = "";
    int fd = loopback_dial(port, 500);
    static const char ask[] = "GET /-/ready HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
    if (fd < 0) {
        return false;
    }
    struct pollfd p = {.fd = fd, .events = POLLIN};
    bool ok = write(fd, ask, sizeof ask - 1) == (ssize_t)sizeof ask - 1 && poll(&p, 1, 1000) == 1 &&
              read(fd, reply, sizeof reply - 1) > 12 && !strncmp(reply + 8, " 200", 4);
    close(fd);
    return ok;
}

static bool redis_ready(const struct sandbox *sb) {
    struct timeval limit = {.tv_sec = 1};
    redisContext *c = redisConnectWithTimeout("127.0.0.1", sb->p.backend[SB_REDIS], limit);
    bool ok = c && !c->err && redisSetTimeout(c, limit) == REDIS_OK;
    redisReply *auth = ok ? redisCommand(c, "AUTH %s", sb->p.redis_password) : NULL;
    redisReply *pong = auth ? redisCommand(c, "PING") : NULL;
    ok = pong && pong->type == REDIS_REPLY_STATUS && !strcmp(pong->str, "PONG");
    if (auth) {
        freeReplyObject(auth);
    }
    if (pong) {
        freeReplyObject(pong);
    }
    if (c) {
        redisFree(c);
    }
    return ok;
}

static bool postgres_answers(uint16_t port) {
    char number[8];
    snprintf(number, sizeof number, "%u", (unsigned)port);
    const char *const keys[] = {"host", "port", "dbname", "user", "connect_timeout", NULL};
    const char *const values[] = {"127.0.0.1", number, "goodgo", "goodgo", "2", NULL};
    return PQpingParams(keys, values, 0) == PQPING_OK;
}

static bool is_ready(const struct sandbox *sb, int service) {
    switch (service) {
    case SB_POSTGRES:
    case SB_PGBOUNCER:
        return postgres_answers(sb->p.backend[service]);
    case SB_REDIS:
        return redis_ready(sb);
    case SB_PROMETHEUS:
    case SB_ALERTMANAGER:
        return http_ready(sb->p.backend[service]);
    default:
        return true;
    }
}

bool wait_ready(const struct sandbox *sb, int service, const struct proc *proc, struct why *why) {
    const char *name = sandbox_service_names[service];
    uint64_t until = clock_mono_ms() + READY_MS;
    while (!is_ready(sb, service)) {
        if (!proc_alive(proc)) {
            return fail_with_log(sb, name, "ended while starting", why);
        }
        if (clock_mono_ms() >= until) {
            return fail_with_log(sb, name, "did not get ready within 30 s", why);
        }
        clock_pause_ms(30);
    }
    return true;
}
