/* io/link_priv.h - what a driver (pg, redis, http, files) offers to link.c, and the name resolver
 * that they share. A driver never calls done after abort or close; it may call it inside start. */
#ifndef GOODGO_IO_LINK_PRIV_H
#define GOODGO_IO_LINK_PRIV_H

#include "io/link.h"
#include "loop_priv.h"
#include "io/worker.h"

struct dns;
struct http;

struct link_hub {
    struct loop *loop;
    struct workers *workers;
    struct dns *dns;
    struct http *http;
    uint64_t late_replies;
};

typedef void (*driver_done_fn)(void *ctx, const struct reply *reply);

struct driver {
    void *(*open)(struct link_hub *h, const char *application_name);
    /* ex and arena stay valid until done or abort, which comes when timeout_ms have passed. */
    void (*start)(void *state, const struct exchange *ex, struct arena *arena, uint32_t timeout_ms,
                  driver_done_fn done, void *ctx);
    /* Ends what is in flight and drops a busy connection. With a reply: says in it what was being
     * waited for when timeout_ms had passed. */
    void (*abort)(void *state, uint32_t timeout_ms, struct reply *reply);
    void (*close)(void *state);
};

extern const struct driver pg_driver, redis_driver, http_driver, files_driver;

bool pg_is_console(const struct pg_target *t); /* PgBouncer's, not a database behind it */

struct http *http_new(struct link_hub *h);
void http_free(struct http *m);

/* --- io/dns.c --- */

#define DNS_MAX_ADDRESSES 4
#define DNS_ADDRESS_SIZE  46
struct dns_answer {
    bool ok;
    uint32_t n;
    char addresses[DNS_MAX_ADDRESSES][DNS_ADDRESS_SIZE]; /* numeric */
    char why[120];                                       /* when not ok */
};
/* Needs no question: a numeric address, or localhost. */
bool dns_literal(const char *host, struct dns_answer *ret);
void dns_lookup(const char *host, struct dns_answer *ret); /* blocks: for a thread */
struct dns_wait;
typedef void (*dns_done_fn)(void *ctx, const struct dns_answer *answer);

struct dns *dns_new(struct link_hub *h);
void dns_free(struct dns *d);
/* An answer that is known now (a literal address, localhost, or cached): true and *ret_answer. Else
 * NULL or a wait whose done is called later, exactly once, unless cancelled. */
bool dns_known(struct dns *d, const char *host, struct dns_answer *ret_answer);
struct dns_wait *dns_ask(struct dns *d, const char *host, dns_done_fn done, void *ctx);
void dns_cancel(struct dns_wait *w); /* NULL is fine */

#endif
