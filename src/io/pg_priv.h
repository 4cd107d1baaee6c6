/* io/pg_priv.h - one exchange with PostgreSQL or PgBouncer between pg.c and pg_connect.c. */
#ifndef GOODGO_IO_PG_PRIV_H
#define GOODGO_IO_PG_PRIV_H

#include <libpq-fe.h>

#include "addresses_priv.h"

enum step { STEP_NONE, STEP_RESOLVE, STEP_CONNECT, STEP_WHO, STEP_QUERY };

struct pg {
    struct link_hub *hub;
    char *application_name;
    PGconn *conn;
    struct watch *watch;
    char *key; /* target of the open connection */
    struct loop_timer *silence;
    struct addresses addresses;
    int who_fd;
    uint32_t timeout_ms;
    enum step step;
    bool ready, reused, ping;
    bool answered; /* any byte of this exchange came */
    size_t n_bytes;
    const struct pg_request *rq;
    char target[96];
    struct arena *arena;
    struct pg_rows rows;
    uint32_t cap_rows, max_rows;
    bool failed; /* the statement ended with an error: reply_err holds it */
    struct err reply_err;
    driver_done_fn done;
    void *ctx;
};

/* --- pg_connect.c --- */

/* The name is looked up, then the connection made; ends in pg_connected(), pg_lost() or pg_fail().
 */
void pg_begin(struct pg *p);
/* There is news in STEP_CONNECT, in STEP_WHO. */
void pg_connect_step(struct pg *p);
void pg_who_event(struct pg *p, int events);
void pg_silence(void *ctx); /* of the timer */
/* Of p->addresses. */
void pg_connect(void *ctx);
void pg_unresolved(void *ctx, const char *why);
/* What makes two targets one connection; to be freed. */
char *pg_target_key(const struct pg_target *t);

/* --- pg.c --- */

void pg_ready_event(void *ctx, int events); /* of p->watch */
void pg_drop(struct pg *p);                 /* the connection, and what was waited for of it */
void pg_connected(struct pg *p);
/* The connection is lost or was never made; libpq holds the message. */
void pg_lost(struct pg *p);
/* The exchange ends with this error, and the connection with it. */
void pg_fail(struct pg *p, enum err_code code, const char *why);

#endif
