/* base/err.h - an error is a sentence with a next step: what failed, where, why, what to do. A
 * value: making one cannot fail, copying is assignment. Functions that can fail return bool, take
 * `struct err *err` last and touch it only on failure. `todo` defaults from the table in err.c
 * keyed by (code, op prefix); docs/ERRORS.md is generated from that. */
#ifndef GOODGO_BASE_ERR_H
#define GOODGO_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>
#include "base/attr.h"

enum err_code {
    E_NONE,
    E_REFUSED,     /* nobody listens there, or the path does not exist */
    E_UNREACHABLE, /* no way leads there from this machine: no route, or its host does not answer */
    E_RESOLVE,     /* the name has no address, or the resolver does not answer */
    E_TIMEOUT,     /* no answer within the deadline */
    E_CLOSED,      /* connection lost or reset in the middle */
    E_AUTH,        /* wrong key, password, user or missing right */
    E_NOT_READY,   /* it says itself that it is starting, lagging, overloaded */
    E_FAILING,     /* the right service, and it answers with an error of its own: HTTP 5xx, full */
    E_WRONG_THING, /* something else listens here */
    E_PROTOCOL,    /* an answer that breaks its own contract */
    E_TOO_BIG,     /* an answer over our cap */
    E_TLS,
    E_CONFIG, /* our own settings are wrong or missing */
    E_IO,     /* a local file or directory */
    E_CANCELLED,
    E_INTERNAL,
    E_COUNT
};

struct err {
    enum err_code code;
    const char *op;   /* static string, for example "pg.connect" */
    char target[96];  /* cleaned; never holds a secret */
    char why[200];    /* cleaned */
    const char *todo; /* static string or NULL */
};

/* Fills *err and returns false, so that `return err_set(...)` reads as a sentence. Cleans `target`
 * and the text. */
bool err_set(struct err *err, enum err_code code, const char *op, const char *target,
             const char *fmt, ...) PRINTF_LIKE(5, 6);
const char *err_code_name(enum err_code code); /* "refused", "timeout", ... as in JSON */
bool err_code_parse(const char *name, enum err_code *ret_code);
const char *err_todo(enum err_code code, const char *op); /* the table's advice, never NULL */
/* "connecting to db1:5432: no answer in 3000 ms. Try: ..." into buf; what was cancelled failed
 * nowhere: "stopped as asked. Try: ...". */
void err_sentence(const struct err *err, char *buf, size_t size);

/* The advice as data, so that docs/ERRORS.md and `goodgo errors` are printed from what the program
 * says. */
struct err_advice {
    enum err_code code;
    const char *op_prefix; /* "" = every op of that code */
    const char *todo;
};
const struct err_advice *err_advice_table(unsigned *ret_n);

#endif
