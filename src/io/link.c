/* io/link.c - carries exchanges: picks the driver, keeps the deadline, and calls done exactly once,
 * at the end of a turn. Every completion goes through loop_defer, so done may send, cancel or close
 * without a driver being on the stack. */
#include "io/link.h"

#include <stdlib.h>

#include "base/mem.h"
#include "link_priv.h"
#include "wire/digest.h"

/* PgBouncer's console and the pool itself are asked in turn: each keeps a connection of its own. */
#define SLOT_CONSOLE (EXCHANGE_FILES + 1)
#define SLOTS        (SLOT_CONSOLE + 1)

struct link {
    struct link_hub *hub;
    char *application_name;
    struct loop_timer *deadline;
    void *state[SLOTS]; /* per slot, made at first use */
    struct exchange ex;
    bool in_flight, completed, deliver_queued;
    uint32_t timeout_ms;
    int64_t sent_ns;
    struct reply reply;
    link_done_fn done;
    void *ctx;
};

static const struct driver *const drivers[SLOTS] = {
    [EXCHANGE_HTTP] = &http_driver,   [EXCHANGE_PG] = &pg_driver,
    [EXCHANGE_PG_PING] = &pg_driver,  [EXCHANGE_REDIS] = &redis_driver,
    [EXCHANGE_FILES] = &files_driver, [SLOT_CONSOLE] = &pg_driver};

/* A ping that was let in hands its connection to the queries behind it: one login, not two. */
static int slot_of(const struct exchange *ex) {
    if (ex->kind == EXCHANGE_PG && pg_is_console(&ex->pg.target))
        return SLOT_CONSOLE;
    return ex->kind == EXCHANGE_PG_PING ? EXCHANGE_PG : (int)ex->kind;
}

/* --- copies: the request may be gone when a name is resolved --- */

static const char *dup(struct arena *a, const char *s) {
    return s ? arena_strdup(a, s) : NULL;
}

static void copy_http(struct arena *a, struct http_request *rq) {
    rq->method = dup(a, rq->method);
    rq->url = dup(a, rq->url ? rq->url : "");
    rq->user = dup(a, rq->user);
    rq->password = dup(a, rq->password);
    if (rq->body)
        rq->body = arena_strndup(a, rq->body, rq->body_len);
    for (size_t i = 0; i < HTTP_MAX_HEADERS && rq->headers[i].name; i++) {
        rq->headers[i].name = dup(a, rq->headers[i].name);
        rq->headers[i].value = dup(a, rq->headers[i].value ? rq->headers[i].value : "");
    }
}

static void copy_pg(struct arena *a, struct pg_request *rq) {
    rq->target.host = dup(a, rq->target.host ? rq->target.host : "");
    rq->target.dbname = dup(a, rq->target.dbname);
    rq->target.user = dup(a, rq->target.user);
    rq->target.password = dup(a, rq->target.password);
    rq->target.sslmode = dup(a, rq->target.sslmode);
    rq->target.sslrootcert = dup(a, rq->target.sslrootcert);
    rq->target.sslcert = dup(a, rq->target.sslcert);
    rq->target.sslkey = dup(a, rq->target.sslkey);
}

static void copy_redis(struct arena *a, struct redis_request *rq) {
    rq->target.host = dup(a, rq->target.host ? rq->target.host : "");
    rq->target.user = dup(a, rq->target.user);
    rq->target.password = dup(a, rq->target.password);
    if (rq->argc > REDIS_MAX_ARGS)
        rq->argc = REDIS_MAX_ARGS;
    for (int i = 0; i < rq->argc; i++)
        rq->argv[i] = dup(a, rq->argv[i] ? rq->argv[i] : "");
}

static void exchange_copy(struct arena *a, struct exchange *ex) {
    switch (ex->kind) {
    case EXCHANGE_HTTP:
        copy_http(a, &ex->http);
        break;
    case EXCHANGE_PG:
        ex->pg.sql = dup(a, ex->pg.sql ? ex->pg.sql : "");
        copy_pg(a, &ex->pg);
        break;
    case EXCHANGE_PG_PING:
        copy_pg(a, &ex->pg);
        break;
    case EXCHANGE_REDIS:
        copy_redis(a, &ex->redis);
        break;
    case EXCHANGE_FILES:
        ex->files.dir = dup(a, ex->files.dir);
        ex->files.prefix = dup(a, ex->files.prefix);
        ex->files.suffix = dup(a, ex->files.suffix);
        ex->files.dir_suffix = dup(a, ex->files.dir_suffix);
        ex->files.dir_head = dup(a, ex->files.dir_head);
        break;
    }
}

/* --- completion --- */

static void link_deliver(void *arg) {
    struct link *k = arg;
    k->deliver_queued = false;
    if (!k->completed)
        return; /* cancelled meanwhile */
    k->completed = false;
    struct reply reply = k->reply;
    k->done(k->ctx, &reply); /* may send again or close: k is not touched afterwards */
}

static void link_complete(void *arg, const struct reply *reply) {
    struct link *k = arg;
    if (!k->in_flight)
        return;
    k->in_flight = false;
    k->completed = true;
    k->reply = *reply;
    k->reply.kind = k->ex.kind;
    k->reply.took_ms = (double)((int64_t)uv_hrtime() - k->sent_ns) / 1e6;
    loop_timer_stop(k->deadline);
    if (!k->deliver_queued)
        loop_defer(k->hub->loop, link_deliver, k);
    k->deliver_queued = true;
}

static void link_deadline(void *arg) {
    struct link *k = arg;
    if (!k->in_flight)
        return;
    struct reply reply = {.kind = k->ex.kind};
    err_set(&reply.err, E_TIMEOUT, "link", "", "no answer in %u ms", k->timeout_ms);
    drivers[k->ex.kind]->abort(k->state[slot_of(&k->ex)], k->timeout_ms, &reply);
    link_complete(k, &reply);
}

/* --- public --- */

struct link_hub *link_hub_new(struct loop *l) {
    struct link_hub *h = mem_zeroed(sizeof *h);
    h->loop = l;
    digest_leave_at_exit();
    h->workers = workers_new(l);
    h->dns = dns_new(h);
    h->http = http_new(h);
    return h;
}

void link_hub_free(struct link_hub *h) {
    if (!h)
        return;
    workers_free(h->workers);
    dns_free(h->dns);
    http_free(h->http);
    free(h);
}

struct link *link_new(struct link_hub *h, const char *application_name) {
    struct link *k = mem_zeroed(sizeof *k);
    k->hub = h;
    k->application_name = mem_strdup(application_name ? application_name : "goodgo");
    k->deadline = loop_timer_new(h->loop, link_deadline, k);
    return k;
}

void link_send(struct link *k, const struct exchange *ex, struct arena *arena, uint32_t timeout_ms,
               link_done_fn done, void *ctx) {
    link_cancel(k); /* one in flight: a second send drops the first */
    k->ex = *ex;
    exchange_copy(arena, &k->ex);
    k->done = done;
    k->ctx = ctx;
    k->timeout_ms = timeout_ms;
    k->sent_ns = (int64_t)uv_hrtime();
    k->in_flight = true;
    loop_timer_again(k->deadline, timeout_ms, 0);
    const struct driver *d = drivers[ex->kind];
    void **state = &k->state[slot_of(ex)];
    if (!*state)
        *state = d->open(k->hub, k->application_name);
    d->start(*state, &k->ex, arena, timeout_ms, link_complete, k);
}

void link_cancel(struct link *k) {
    if (k->in_flight)
        drivers[k->ex.kind]->abort(k->state[slot_of(&k->ex)], 0, NULL);
    k->in_flight = k->completed = false;
    loop_timer_stop(k->deadline);
}

static void link_reap(void *arg) {
    struct link *k = arg;
    free(k->application_name);
    free(k);
}

void link_close(struct link *k) {
    if (!k)
        return;
    link_cancel(k);
    for (int i = 0; i < SLOTS; i++)
        if (k->state[i])
            drivers[i]->close(k->state[i]);
    loop_timer_close(k->deadline);
    loop_defer(k->hub->loop, link_reap, k); /* behind a delivery that may still be queued */
}

uint64_t link_hub_late_replies(const struct link_hub *h) {
    return h->late_replies;
}
