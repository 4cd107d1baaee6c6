/* io/pgsession_priv.h - a session between pgsession_open.c and pgsession.c. */
#ifndef GOODGO_IO_PGSESSION_PRIV_H
#define GOODGO_IO_PGSESSION_PRIV_H

#include <libpq-fe.h>

#include "io/pgsession.h"
#include "offload_priv.h"

struct pgsession {
    PGconn *conn; /* NULL once it is lost */
    int version;
    int cancel_fd;
    bool opening;      /* nothing worth a cancel runs yet */
    bool stray_cancel; /* one may still reach the server, and hit a later statement */
    char target[96];
    char sqlstate[6];
};

/* What libpq says of the connection; false, so that `return session_fail(...)`. */
bool session_fail(struct pgsession *s, const char *op, struct err *err);
/* The same of a wait that did not end in WAIT_DONE. */
bool session_fail_wait(struct pgsession *s, const char *op, enum wait_end end, uint32_t timeout_ms,
                       struct err *err);

#endif
