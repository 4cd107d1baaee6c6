/* io/addresses_priv.h - the host of an exchange, from its name to the address that answers. Whoever
 * connects is handed all addresses that are left: libpq and curl go on by themselves where one
 * refuses. One from which nothing comes blocks those behind it for minutes (libpq and the kernel;
 * curl 7.88 on a loop not its own), so each has its part of the time and no more. */
#ifndef GOODGO_IO_ADDRESSES_PRIV_H
#define GOODGO_IO_ADDRESSES_PRIV_H

#include "link_priv.h"

struct addresses {
    struct dns_answer left; /* the first has its turn; n 0: not known, or none was looked for */
    struct dns *dns;
    struct dns_wait *wait; /* the name is being looked up */
    struct loop_timer *turn;
    uint32_t timeout_ms, turn_ms;
    void (*connect)(void *ctx);               /* to what is left, and to nothing of before */
    void (*fail)(void *ctx, const char *why); /* the name leads nowhere; why: a clause */
    void *ctx;
};

void addresses_init(struct addresses *a, struct link_hub *h, void (*connect)(void *ctx),
                    void (*fail)(void *ctx, const char *why), void *ctx);
void addresses_done(struct addresses *a);

/* Calls connect or fail, maybe at once; and connect again for each that is silent in its turn. */
void addresses_find(struct addresses *a, const char *host, uint32_t timeout_ms);
/* The first has failed: the next has its turn. False: there is none. */
bool addresses_next(struct addresses *a);
/* One took the connection, or nobody wants it any more: neither is called after this. */
void addresses_stop(struct addresses *a);

#endif
