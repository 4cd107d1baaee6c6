/* io/pgsession.h - one PostgreSQL session held by a job: transactions, exported snapshots, advisory
 * locks and COPY streams, which need the same connection from first to last statement (io/link.h
 * may reconnect between two questions). Blocking with a deadline, and cancellable: every wait also
 * looks at cancel_fd. One thread at a time per session. A pooler is refused: it would lose SET,
 * snapshot and lock between two statements. */
#ifndef GOODGO_IO_PGSESSION_H
#define GOODGO_IO_PGSESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "wire/exchange.h"

struct pgsession;

/* Sets application_name, and DateStyle ISO, IntervalStyle postgres, TimeZone UTC,
 * extra_float_digits 3, bytea_output hex, client_encoding UTF8, so that a row has one text wherever
 * it is read. statement_timeout is 0: the caller's deadlines are per call. */
bool pgsession_open(const struct pg_target *target, const char *application_name,
                    uint32_t timeout_ms, int cancel_fd, struct pgsession **ret,
                    struct err *err) MUST_CHECK;
void pgsession_close(struct pgsession *s);        /* NULL is fine; rolls back what is open */
int pgsession_version(const struct pgsession *s); /* 160004 */
/* With text parameters ($1 ...), or without any by the simple protocol, which takes several
 * statements at once. */
struct pg_statement {
    const char *sql;
    const char *const *params;
    uint32_t n_params;
    uint32_t max_rows;   /* 0 = 10,000; more are left out, and ret->cut */
    uint32_t timeout_ms; /* 0 = none */
};
/* Its rows into `arena`; of several statements those of the last that has any. A cell is cut at a
 * megabyte. A server error is false with its message; the session stays usable. ret NULL: nobody
 * wants them, and the arena may be NULL too. */
bool pgsession_exec(struct pgsession *s, const struct pg_statement *q, struct arena *arena,
                    struct pg_rows *ret, struct err *err) MUST_CHECK;
/* The same of a plain text; and of what has no rows that anybody wants. */
bool pgsession_rows(struct pgsession *s, const char *sql, uint32_t timeout_ms, struct arena *arena,
                    struct pg_rows *ret, struct err *err) MUST_CHECK;
bool pgsession_run(struct pgsession *s, const char *sql, uint32_t timeout_ms,
                   struct err *err) MUST_CHECK;
/* COPY ... TO STDOUT: each line with its newline to on_line, in this thread; returning false stops
 * it (E_CANCELLED). ret_rows counts the lines. */
bool pgsession_copy_out(struct pgsession *s, const char *sql,
                        bool (*on_line)(void *ctx, const char *line, size_t n), void *ctx,
                        uint64_t *ret_rows, struct err *err) MUST_CHECK;
/* SQLSTATE of the last error, "" where there was none. */
const char *pgsession_sqlstate(const struct pgsession *s);

/* Begins a transaction whose COMMIT is on disk when it is told as done, though the server be set to
 * answer before: what was told to an operator must survive a crash a moment later. */
#define PG_BEGIN_DURABLE "BEGIN; SET LOCAL synchronous_commit = on; "

/* Takes out of the environment what libpq and PostgreSQL's programs would follow in place of the
 * settings: another server (PGHOSTADDR), another text of a row (PGTZ). Where certificates and keys
 * lie (PGSSLROOTCERT ...) stays. Once, before there are threads. */
void pg_env_forget(void);

/* Adds "PGSSLMODE=..." and where the target names them its CA, certificate and key, four at the
 * most, for pg_dump and pg_restore: the TLS that our own sessions ask for, whatever this process's
 * environment says. `env` ends with NULL and has room for them; they live in the arena. */
void pg_tls_env(struct arena *a, const struct pg_target *target, const char **env);

/* Doubled and quoted, for names that a statement cannot take as a parameter. In the arena. */
const char *pg_quote_name(struct arena *a, const char *name);
const char *pg_quote_text(struct arena *a, const char *text);

#endif
