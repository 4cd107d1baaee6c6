/* codec/payrow.h - a row of the platform's "Payment" table: the statement that reads it, the row as
 * values, the provider's messages that are stored in it, and what they and the row say of each
 * other. Pure: rows are handed in; act/payments.h asks the database. Amounts are whole dong. */
#ifndef GOODGO_CODEC_PAYROW_H
#define GOODGO_CODEC_PAYROW_H

#include "codec/pay.h"
#include "wire/exchange.h"

struct pay_row {
    const char *id, *user_id;
    const char *transaction_id;  /* of the platform's own "Transaction"; NULL */
    const char *provider, *type; /* as stored: "VNPAY", "DEPOSIT" */
    const char *status_text;
    const char *provider_tx_id, *idempotency_key; /* NULL where not set */
    enum pay_status status;
    const struct pay_provider *gateway; /* NULL: none that we know */
    int64_t amount_vnd, created_wall_ms, updated_wall_ms;
    const char *created, *updated; /* the same as PostgreSQL writes them: for cursors and guards */
    const char *callback;          /* callbackData as stored, JSON; NULL = none */
    size_t callback_n;
    bool callback_cut;  /* more than PAY_MAX_BYTES: it is not looked into */
    uint32_t n_same_tx; /* other rows of this provider with this providerTxId, ten at the most */
};

/* --- which rows --- */

/* What stands for a payment when somebody asks for it (R82), tried in this order: the first two use
 * the table's indexes, the last reads all of it. */
enum pay_key_step {
    PAY_KEY_NONE,
    PAY_KEY_OURS,  /* id (also with ZaloPay's yymmdd_ in front), providerTxId, transactionId */
    PAY_KEY_USER,  /* userId */
    PAY_KEY_WHERE, /* idempotencyKey, or anywhere inside callbackData */
    PAY_KEY_STEPS
};

struct pay_filter {
    enum pay_key_step key_step;
    const char *key;              /* from PAY_KEY_OURS on */
    const char *provider;         /* as stored; NULL = all */
    unsigned statuses;            /* bits of enum pay_status; 0 = all */
    bool suspects;                /* open, or settled with something that may contradict it */
    bool with_message;            /* something is stored in callbackData */
    int64_t from_wall_s;          /* createdAt, or 0; with suspects of the settled ones only */
    int64_t before_wall_s;        /* createdAt is less, or 0 */
    bool newest_first;            /* by createdAt, then id */
    bool open_first;              /* before that; for one page only, a cursor knows no state */
    const char *after, *after_id; /* created and id of the last row of the page before; NULL */
    uint32_t limit;               /* rows of a page */
};

/* The credited ones of the same days that have a message, newest first: only what is signed there
 * tells that another amount was paid, or nothing. `of` is the filter of the suspects, which a row
 * whose transaction number stands twice is among already: pay_credited_is_new() leaves it out. */
void pay_credited_filter(const struct pay_filter *of, struct pay_filter *ret);
bool pay_credited_is_new(const struct pay_row *row);

#define PAY_ROWS_PARAMS 10
struct pay_statement {
    const char *sql;
    const char *params[PAY_ROWS_PARAMS];
    uint32_t n_params;
};
/* One statement that changes nothing; no value of the filter stands in its text. */
void pay_rows_statement(const struct pay_filter *f, struct arena *a, struct pay_statement *ret);
/* The i-th row of its answer; its texts are those of `rows`. False when the answer lacks a column
 * or holds what is none. */
bool pay_row_read(const struct pg_rows *rows, uint32_t i, struct pay_row *ret,
                  struct err *err) MUST_CHECK;

/* Final: nothing but a refund may follow. */
bool pay_status_is_final(enum pay_status s);
bool pay_status_parse(const char *name, enum pay_status *ret);
const struct pay_provider *pay_provider_stored(const char *stored); /* "VNPAY"; NULL */

/* --- the messages in it --- */

#define PAY_STORED_MAX 16
struct pay_message {
    const char *bytes; /* what pay_verify() takes */
    size_t n;
};
/* What programs keep as "callbackData": the fields as an object of texts; the body or query string
 * as one text; either of them inside an envelope (raw, body, query, payload ...; with headers where
 * those carry the signature); or a list of such, oldest first. Returns how many there are. */
uint32_t pay_stored_messages(const char *json, size_t n, struct arena *a,
                             struct pay_message ret[PAY_STORED_MAX]);

/* --- what to think of it --- */

/* Worst first: money that is wrong before money that waits. */
enum pay_class {
    PAY_CLASS_PAID_NOT_CREDITED, /* open, and an authentic message says paid */
    PAY_CLASS_AMOUNT_DIFFERS,    /* an authentic message says paid, another amount */
    PAY_CLASS_DUPLICATE,         /* paid twice, or one providerTxId on two rows */
    PAY_CLASS_STATUS_DIFFERS,    /* settled, and an authentic message says otherwise */
    PAY_CLASS_OTHER_ORDER,       /* authentic, and about another order */
    PAY_CLASS_BAD_SIGNATURE,     /* what is stored proves nothing */
    PAY_CLASS_NOT_VERIFIED,      /* it cannot be judged here: no credentials, or cut */
    PAY_CLASS_NOT_CLOSED,        /* open, and an authentic message says failed */
    PAY_CLASS_NOT_FINAL,         /* an authentic message says: not decided yet */
    PAY_CLASS_STUCK,             /* open, no message, and nobody can still be paying */
    PAY_CLASS_BANK_OPEN,         /* a transfer that no statement line was matched to */
    PAY_CLASS_WAITING,           /* open, no message yet, and young */
    PAY_CLASS_SETTLED,           /* nothing to do */
    PAY_CLASS_COUNT
};
struct pay_class_info {
    const char *id, *title; /* "paid_not_credited", "PAID-NOT-CREDITED" */
    const char *category;   /* of a reconciliation: "STATUS_MISMATCH"; NULL = none */
    const char *what, *todo;
    unsigned rank; /* 0 nothing, 1 watch, 2 look, 3 act */
};
extern const struct pay_class_info pay_class_info[PAY_CLASS_COUNT];
bool pay_class_parse(const char *id, enum pay_class *ret);

enum pay_heals { PAY_HEALS_NEVER, PAY_HEALS_MAYBE, PAY_HEALS_EXPECTED };

struct pay_verdict {
    enum pay_class cls;
    enum pay_heals heals;              /* will it settle without us? */
    uint32_t tries_left, tries_most;   /* of the provider's own calls; 0 of 0 = not known */
    int64_t next_wall_s, until_wall_s; /* its next try, the last one; 0 = not known */
    enum pay_status predicted;         /* by a replay (R75); NONE = it changes nothing */
    uint32_t n_messages;
    const struct pay_message *message; /* the one that counts; NULL = none */
    const struct pay_result *callback; /* what it says; NULL = none, or not to be judged */
    const char *why;                   /* one sentence; clean */
};

#define PAY_STUCK_AFTER_S (15 * 60) /* where the provider does not say how long one may pay */

/* Verifies what is stored, by the key of the time when it came in, and holds it against the row.
 * Never fails: what cannot be judged is a class of its own. `explain` as in pay_request. */
void pay_classify(const struct pay_row *row, const struct settings *s, int64_t now_wall_s,
                  bool explain, struct arena *a, struct pay_verdict *ret);
/* "3 of 10 left, next 14:38" "never" "not final" - times of day in Vietnam. */
void pay_heals_text(const struct pay_row *row, const struct pay_verdict *v, char *buf, size_t size);

/* --- days in Vietnam --- */

/* "2026-10-09": its first second, and that of the next day. */
bool pay_day_parse(const char *day, int64_t *ret_from_wall_s, int64_t *ret_before_wall_s);
/* "2026-10-09T17:30:00+07:00" */
void pay_time_text(int64_t wall_s, char *buf, size_t size);

#endif
