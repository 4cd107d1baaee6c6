/* io/redis.c - Redis over an own non-blocking socket and hiredis' reader. Not hiredis' async API:
 * of 0.14.1 its libuv adapter loses refused connections, its connect resolves names in the caller's
 * thread, and a server that sends a reply nobody asked for trips an assertion inside it. The reader
 * builds its values itself (redis_values.c); a reply may have 16 MiB in all. */
#include "addresses_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/mem.h"
#include "base/str.h"
#include "redis_values_priv.h"

#define REPLY_MAX      (16u * 1024u * 1024u)
#define LINE_BYTES_MAX (64u * 1024u)

enum step { STEP_NONE, STEP_RESOLVE, STEP_CONNECT, STEP_AUTH, STEP_COMMAND };

/* One socket; outlives its owner until uv has closed it. */
struct redis_socket {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    };
    uv_connect_t connect;
    struct redis *owner; /* NULL once dropped */
    char buf[16384];
};

struct redis {
    struct link_hub *hub;
    struct redis_socket *socket;
    redisReader *reader;
    char *key; /* target of the open connection */
    enum step step;
    bool connected, logged_in, reused;
    size_t n_fed; /* bytes of this exchange */
    struct redis_values values;
    struct addresses addresses;
    uint32_t timeout_ms;
    const struct redis_request *rq;
    char target[96];
    driver_done_fn done;
    void *ctx;
};

struct write_job {
    uv_write_t uv;
    char *bytes; /* hiredis' allocation */
};

static const char *const step_ops[] = {[STEP_NONE] = "redis",
                                       [STEP_RESOLVE] = "redis.resolve",
                                       [STEP_CONNECT] = "redis.connect",
                                       [STEP_AUTH] = "redis.auth",
                                       [STEP_COMMAND] = "redis.command"};

static void redis_begin(struct redis *r);
static void redis_connect(void *ctx);

/* --- the socket's end --- */

static void socket_closed(uv_handle_t *h) {
    free(h->data);
}

static void redis_drop(struct redis *r) {
    if (r->socket) {
        r->socket->owner = NULL;
        uv_close(&r->socket->handle, socket_closed);
        r->socket = NULL;
    }
    if (r->reader)
        redisReaderFree(r->reader);
    r->reader = NULL;
    r->connected = r->logged_in = false;
    free(r->key);
    r->key = NULL;
}

static void redis_finish(struct redis *r, const struct reply *reply) {
    addresses_stop(&r->addresses);
    r->step = STEP_NONE;
    r->done(r->ctx, reply);
}

static void redis_fail(struct redis *r, enum err_code code, const char *why) {
    struct reply reply = {.kind = EXCHANGE_REDIS};
    err_set(&reply.err, code, step_ops[r->step], r->target, "%s", why);
    redis_drop(r);
    redis_finish(r, &reply);
}

static enum err_code code_of_uv(int status) {
    switch (status) {
    case UV_ECONNREFUSED:
    case UV_ENOENT:
        return E_REFUSED;
    case UV_EHOSTUNREACH:
    case UV_ENETUNREACH:
    case UV_ENETDOWN:
        return E_UNREACHABLE;
    case UV_ETIMEDOUT:
        return E_TIMEOUT;
    case UV_EACCES:
    case UV_EPERM:
        return E_AUTH;
    case UV_EMFILE:
    case UV_ENFILE:
        return E_INTERNAL; /* nothing was asked of the service */
    default:
        return E_CLOSED;
    }
}

static void redis_lost(struct redis *r, int status) {
    if (r->step == STEP_NONE) {
        redis_drop(r); /* an idle connection ended: the next exchange makes a new one */
        return;
    }
    if (r->reused && r->n_fed == 0) {
        redis_drop(r); /* it had ended while idle; nothing was answered, so ask again */
        redis_begin(r);
        return;
    }
    if (status != UV_EOF)
        redis_fail(r, code_of_uv(status), uv_strerror(status));
    else if (r->n_fed == 0)
        redis_fail(r, E_WRONG_THING,
                   "closed without a word: no Redis, or a proxy that has lost it");
    else
        redis_fail(r, E_CLOSED, "closed in the middle of an answer");
}

/* --- commands --- */

static void write_done(uv_write_t *uv, int status) {
    struct write_job *job = (struct write_job *)uv;
    redisFreeCommand(job->bytes);
    free(job);
}

static void redis_write(struct redis *r, int argc, const char **argv) {
    char *bytes = NULL;
    int n = redisFormatCommandArgv(&bytes, argc, argv, NULL);
    if (n < 0)
        abort();
    struct write_job *job = mem_zeroed(sizeof *job);
    job->bytes = bytes;
    uv_buf_t buf = uv_buf_init(bytes, (unsigned)n);
    int rc = uv_write(&job->uv, &r->socket->stream, &buf, 1, write_done);
    if (rc != 0) {
        write_done(&job->uv, rc);
        redis_lost(r, rc);
    }
}

static void redis_ask(struct redis *r) {
    const struct redis_target *t = &r->rq->target;
    if (t->password && !r->logged_in) {
        const char *argv[3] = {"AUTH", t->user ? t->user : t->password, t->password};
        r->step = STEP_AUTH;
        redis_write(r, t->user ? 3 : 2, argv);
        return;
    }
    const char *argv[REDIS_MAX_ARGS];
    memcpy(argv, r->rq->argv, sizeof argv);
    r->step = STEP_COMMAND;
    redis_write(r, r->rq->argc, argv);
}

/* AUTH is refused for more reasons than a wrong password. */
static enum err_code code_of_auth_error(const char *said) {
    static const char *const busy[] = {"LOADING",     "MASTERDOWN", "BUSY",
                                       "CLUSTERDOWN", "TRYAGAIN",   "ERR max number of clients"};
    for (size_t i = 0; i < ARRAY_LEN(busy); i++)
        if (str_starts(said, busy[i]))
            return E_NOT_READY;
    return str_starts(said, "MOVED") ? E_PROTOCOL : E_AUTH;
}

static void redis_auth_answered(struct redis *r, const struct redis_val *v) {
    if (v->type != REDIS_ERROR) {
        r->logged_in = true;
        redis_ask(r);
        return;
    }
    redis_fail(r, code_of_auth_error(v->s), v->s);
}

static void redis_answered(struct redis *r, const struct redis_val *v) {
    if (r->step == STEP_AUTH) {
        redis_auth_answered(r, v);
        return;
    }
    struct reply reply = {.kind = EXCHANGE_REDIS, .ok = true, .redis = *v};
    redis_finish(r, &reply);
}

static void redis_broken(struct redis *r) {
    char why[160];
    if (r->values.too_big) {
        redis_fail(r, E_TOO_BIG, "the answer is over the console's cap");
        return;
    }
    snprintf(why, sizeof why, "this is not Redis: %s", r->reader->errstr);
    redis_fail(r, E_WRONG_THING, why);
}

/* hiredis looks for the end of a line from its start again with each piece: without a bound a line
 * that has no end costs the square of its length. */
static bool line_is_endless(const redisReader *reader) {
    size_t waiting = reader->len - reader->pos;
    return waiting > LINE_BYTES_MAX && !memchr(reader->buf + reader->pos, '\n', LINE_BYTES_MAX);
}

static void redis_fed(struct redis *r, const char *bytes, size_t n) {
    if (r->step < STEP_AUTH) {
        redis_drop(r); /* nobody asked: whatever it is, it is not trusted with the next question */
        return;
    }
    r->n_fed += n;
    r->values.too_big = r->n_fed > REPLY_MAX;
    void *value = NULL;
    if (r->values.too_big || redisReaderFeed(r->reader, bytes, n) != REDIS_OK ||
        redisReaderGetReply(r->reader, &value) != REDIS_OK) {
        redis_broken(r);
        return;
    }
    if (!value && line_is_endless(r->reader)) {
        r->values.too_big = true;
        redis_broken(r);
        return;
    }
    if (!value)
        return;
    struct redis_val answer = *(struct redis_val *)value;
    bool more = r->reader->len > r->reader->pos; /* an answer to nothing would answer the next */
    if (more && r->step == STEP_AUTH && answer.type != REDIS_ERROR) {
        redis_fail(r, E_PROTOCOL, "it answered a question before it was asked");
        return;
    }
    if (more)
        redis_drop(r);
    redis_answered(r, &answer);
}

/* --- socket callbacks --- */

static void socket_alloc(uv_handle_t *h, size_t hint, uv_buf_t *buf) {
    struct redis_socket *s = h->data;
    *buf = uv_buf_init(s->buf, sizeof s->buf);
}

static void socket_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    struct redis_socket *s = stream->data;
    if (!s->owner || n == 0)
        return;
    loop_mark(s->owner->hub->loop, "redis");
    if (n < 0)
        redis_lost(s->owner, (int)n);
    else
        redis_fed(s->owner, buf->base, (size_t)n);
}

static void socket_connected(uv_connect_t *rq, int status) {
    struct redis_socket *s = rq->data;
    struct redis *r = s->owner;
    if (!r)
        return;
    loop_mark(r->hub->loop, "redis");
    if (status != 0 && addresses_next(&r->addresses)) {
        redis_connect(r);
        return;
    }
    if (status != 0) {
        redis_fail(r, code_of_uv(status), uv_strerror(status));
        return;
    }
    addresses_stop(&r->addresses);
    r->connected = true;
    uv_read_start(&s->stream, socket_alloc, socket_read);
    redis_ask(r);
}

/* --- connecting --- */

static char *target_key(const struct redis_target *t) {
    const char *user = t->user ? t->user : "", *password = t->password ? t->password : "";
    size_t size = strlen(t->host) + strlen(user) + strlen(password) + 16;
    char *key = mem_alloc(size);
    snprintf(key, size, "%s\n%u\n%s\n%s", t->host, t->port, user, password);
    return key;
}

static struct redis_socket *socket_new(struct redis *r) {
    redis_drop(r);
    struct redis_socket *s = mem_zeroed(sizeof *s);
    r->reader = redisReaderCreateWithFunctions(&redis_values_functions);
    if (!r->reader)
        abort();
    r->reader->privdata = &r->values;
    r->socket = s;
    r->key = target_key(&r->rq->target);
    s->owner = r;
    s->connect.data = s;
    r->step = STEP_CONNECT;
    return s;
}

static int socket_connect_tcp(struct redis_socket *s, const char *address, int port) {
    struct sockaddr_storage to;
    if (uv_ip4_addr(address, port, (struct sockaddr_in *)&to) != 0 &&
        uv_ip6_addr(address, port, (struct sockaddr_in6 *)&to) != 0)
        return UV_EINVAL;
    uv_tcp_nodelay(&s->tcp, 1);
    return uv_tcp_connect(&s->connect, &s->tcp, (struct sockaddr *)&to, socket_connected);
}

/* What no way leads to is refused by the call itself, not by its event. */
static void redis_connect(void *ctx) {
    struct redis *r = ctx;
    int rc;
    do {
        struct redis_socket *s = socket_new(r);
        uv_tcp_init(loop_uv(r->hub->loop), &s->tcp);
        s->handle.data = s;
        rc = socket_connect_tcp(s, r->addresses.left.addresses[0], r->rq->target.port);
    } while (rc != 0 && addresses_next(&r->addresses));
    if (rc != 0)
        redis_fail(r, code_of_uv(rc), uv_strerror(rc));
}

/* The kernel's address has no room for a longer one, and libuv cuts it: to another file. */
static bool path_fits(const char *path) {
    return strlen(path) < sizeof((struct sockaddr_un *)0)->sun_path;
}

static void redis_connect_path(struct redis *r) {
    struct redis_socket *s = socket_new(r);
    uv_pipe_init(loop_uv(r->hub->loop), &s->pipe, 0);
    s->handle.data = s;
    if (!path_fits(r->rq->target.host)) {
        redis_fail(r, E_CONFIG, "the path of a socket has at most 107 bytes");
        return;
    }
    uv_pipe_connect(&s->connect, &s->pipe, r->rq->target.host, socket_connected);
}

static void redis_unresolved(void *ctx, const char *why) {
    redis_fail(ctx, E_RESOLVE, why);
}

static void redis_begin(struct redis *r) {
    r->reused = false;
    r->step = STEP_RESOLVE;
    r->addresses.left.n = 0;
    if (r->rq->target.host[0] == '/')
        redis_connect_path(r);
    else
        addresses_find(&r->addresses, r->rq->target.host, r->timeout_ms);
}

/* --- driver --- */

static void *redis_open(struct link_hub *h, const char *application_name) {
    struct redis *r = mem_zeroed(sizeof *r);
    r->hub = h;
    addresses_init(&r->addresses, h, redis_connect, redis_unresolved, r);
    return r;
}

static void redis_start(void *state, const struct exchange *ex, struct arena *arena,
                        uint32_t timeout_ms, driver_done_fn done, void *ctx) {
    struct redis *r = state;
    r->rq = &ex->redis;
    r->done = done;
    r->ctx = ctx;
    r->timeout_ms = timeout_ms;
    r->n_fed = 0;
    r->values = (struct redis_values){.arena = arena};
    snprintf(r->target, sizeof r->target, "%s:%u", r->rq->target.host, r->rq->target.port);
    char *key = target_key(&r->rq->target);
    bool same = r->connected && r->key && strcmp(key, r->key) == 0;
    free(key);
    if (!same) {
        redis_drop(r);
        redis_begin(r);
        return;
    }
    r->reused = true;
    redis_ask(r);
}

static void redis_abort(void *state, uint32_t timeout_ms, struct reply *reply) {
    struct redis *r = state;
    if (r->step == STEP_NONE)
        return;
    if (reply)
        err_set(&reply->err, r->step == STEP_RESOLVE ? E_RESOLVE : E_TIMEOUT, step_ops[r->step],
                r->target,
                r->step == STEP_RESOLVE ? "the resolver did not answer in %u ms"
                                        : "no answer in %u ms",
                timeout_ms);
    addresses_stop(&r->addresses);
    r->step = STEP_NONE;
    redis_drop(r);
}

static void redis_close(void *state) {
    struct redis *r = state;
    redis_abort(r, 0, NULL);
    redis_drop(r);
    addresses_done(&r->addresses);
    free(r);
}

const struct driver redis_driver = {redis_open, redis_start, redis_abort, redis_close};
