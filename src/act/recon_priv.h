/* act/recon_priv.h - the steps of a reconciliation, and the records that are sorted between them:
 *
 *   read     payments and gateways' rows by order, lines of statements by identity
 *   lines    which orders a line names, what it claims of them; transactions of several orders
 *   match    order by order: payment, gateway's rows, claims of the bank
 *   suggest  lines and orders that are left, by amount
 *   report   one transaction on two orders; then in the order of the report
 */
#ifndef GOODGO_ACT_RECON_PRIV_H
#define GOODGO_ACT_RECON_PRIV_H

#include <stdatomic.h>

#include "act/reconcile.h"
#include "io/sorter.h"
#include "io/worker.h"
#include "wire/digest.h"

#define RECON_OP        "reconcile"
#define RECON_PROVIDERS 8u /* that a run may meet */

/* --- records: numbers and texts one after another --- */

struct packer {
    char b[SORTER_MAX_DATA];
    size_t n;
};
void pack_start(struct packer *p, char kind);
void pack_i64(struct packer *p, int64_t n);
void pack_text(struct packer *p, const char *s); /* cut at 1000 bytes */
struct unpacker {
    const char *at, *end;
};
struct unpacker unpack_start(const char *data, size_t n, char *ret_kind);
int64_t unpack_i64(struct unpacker *u);
const char *unpack_text(struct unpacker *u); /* in the record */
/* Eight bytes whose order is that of the numbers. */
void key_i64(char key[8], int64_t n);

struct recon_payment {
    const char *id, *provider, *tx_id, *updated;
    int64_t amount_vnd, created_wall_s, day;
    enum pay_status status;
    bool in_range;
};
struct recon_line { /* of a statement */
    int64_t seq, day, amount_vnd, fee_vnd;
    const char *account, *ref, *content, *where; /* where: "vcb.csv:12" */
};
enum recon_told {
    RECON_TOLD,
    RECON_SILENT,   /* asked, and said nothing of it */
    RECON_NOT_ASKED /* nor asked about this one: left alone, or it cannot be asked */
};
struct recon_paid { /* a row of a gateway's file */
    const char *provider, *order_id, *tx_id, *where;
    int64_t day, wall_s, amount_vnd, fee_vnd;
    enum pay_status status;
    enum recon_told told;
};
void payment_pack(struct packer *p, const struct recon_payment *x);
void payment_unpack(struct unpacker *u, struct recon_payment *x);
void line_pack(struct packer *p, const struct recon_line *x);
void line_unpack(struct unpacker *u, struct recon_line *x);
void paid_pack(struct packer *p, const struct recon_paid *x);
void paid_unpack(struct unpacker *u, struct recon_paid *x);
void row_pack(struct packer *p, const struct recon_row *x);
void row_unpack(struct unpacker *u, struct recon_row *x);

/* What a line claims of an order. */
enum claim_kind {
    CLAIM_EXACT,  /* names it, its amount, in the window */
    CLAIM_LATE,   /* the same, outside the window */
    CLAIM_SHARE,  /* names several orders, and is their sum */
    CLAIM_AMOUNT, /* names it, another amount */
    CLAIM_REFUND  /* goes out */
};
struct recon_claim {
    enum claim_kind kind;
    int64_t vnd; /* of this order; of a CLAIM_SHARE: its part of the line */
    const char *order_id;
    struct recon_line line;
};

/* --- what a run holds --- */

/* FILE:LINE of a file of any name. */
#define RECON_WHERE_SIZE 272

/* What a gateway should pay out for one day, and where it did. */
struct settlement {
    char provider[32];
    int64_t day, net_vnd;
    bool settled;
    int64_t settled_day, difference_vnd;
    char where[RECON_WHERE_SIZE];
};
struct payout { /* a credit that names a gateway */
    uint32_t provider;
    struct recon_line line;
    bool used;
};

/* What is read beside the payments: it has the report's files, `paid`, `lines`, providers and days
 * of the gateways and the last day of the statements to itself until it is waited for. */
struct recon_files {
    struct side_work work;
    const struct statement_layout **of_gateways, **of_banks;
    uint32_t n_of_gateways, n_of_banks;
    char **refunded; /* orders that were given back on these days: they may be old */
    uint32_t n_refunded, cap_refunded;
    atomic_bool failed; /* the payments need not be read to their end */
    struct err err;
};

struct recon {
    const struct reconcile_request *q;
    struct arena *arena;
    struct reconcile_report *report;
    struct recon_filter *refs;
    struct recon_several *several; /* transactions */
    struct recon_files files;
    struct sorter *orders;               /* 'D' payments; by normal order id */
    struct sorter *paid;                 /* 'G' gateway's rows; the same */
    struct sorter *txs;                  /* hashes: by transaction, the order that it is on */
    struct sorter *lines;                /* of statements; by what makes them the same */
    struct sorter *hits;                 /* lines by the normal reference that they name */
    struct sorter *named;                /* 'L' lines, 'O' their orders; by number of the line */
    struct sorter *claims;               /* by normal order id */
    struct sorter *loose;                /* 'L' lines, 'O' orders that are left; by amount */
    struct sorter *by_tx;                /* rows by provider and transaction */
    struct sorter *rows;                 /* rows in the order of the report */
    char providers[RECON_PROVIDERS][32]; /* whose gateway's file was handed in */
    int64_t first_day[RECON_PROVIDERS], last_day[RECON_PROVIDERS]; /* of their rows */
    uint32_t n_providers;
    int64_t as_of_wall_s; /* the last moment that a payment speaks of; later: or a gateway */
    int64_t paid_as_of_wall_s;
    int64_t statement_last_day;
    struct settlement *settlements; /* by provider and day */
    uint32_t n_settlements, cap_settlements;
    struct payout *payouts;
    uint32_t n_payouts, cap_payouts;
    uint64_t n_orders_read;
    struct recon_payment *to_ask; /* of a live run; without transaction and version */
    uint32_t n_to_ask, cap_to_ask;
    struct digest *digest; /* of the payments, in order */
    struct {
        char provider[32], order_id[128], tx_id[128];
    } last_paid; /* for recon_note_paid() */
};

bool recon_stopped(const struct recon *r, struct err *err) MUST_CHECK;
/* Whoever waits for the run is told, where he wants to know. */
void recon_stage(const struct recon *r, const char *stage, int64_t total);
void recon_progress(const struct recon *r, int64_t done, const char *note);
bool recon_has_gateway(const struct recon *r, const char *provider);
/* Whether its gateway's file speaks of that day. */
bool recon_covers(const struct recon *r, const char *provider, int64_t day);
bool recon_day_in(const struct recon *r, int64_t day);
/* Whether a transfer may still pay that order. */
bool recon_in_window(const struct recon *r, const struct recon_line *l,
                     const struct recon_payment *o);
/* In their order: what a gateway's row adds to a payout. */
void recon_note_paid(struct recon *r, const struct recon_paid *x);
/* The key under which an order is sorted: its normal form, else its bytes. */
size_t recon_order_key(const char *id, char key[RECON_MAX_REF + 1]);
bool recon_add_paid(struct recon *r, const struct recon_paid *x, struct err *err) MUST_CHECK;
/* A row of the report with what our database says; its category, why and evidence are to be set. */
struct recon_row recon_row_of(const struct recon_payment *d);
/* A row that would match, of a gateway's payment that no payout settles: the bank has not all. */
void recon_await_payout(const struct recon *r, struct recon_row *row, int64_t paid_day);
/* A row of the report: on its way through by_tx. */
bool recon_emit(struct recon *r, const struct recon_row *row, struct err *err) MUST_CHECK;
/* The same of another day's payment, or row of a gateway: in the report only where a row of these
 * days has its transaction under another order, else counted as outside. */
bool recon_emit_context(struct recon *r, const struct recon_row *row, struct err *err) MUST_CHECK;
/* A line of the bank as a row of its own; outside the days: counted only. */
bool recon_emit_line(struct recon *r, const struct recon_line *l, const char *order_id,
                     enum recon_category category, const char *why, int64_t vnd,
                     struct err *err) MUST_CHECK;

bool recon_files_begin(struct recon *r, struct err *err) MUST_CHECK;   /* recon_read.c */
bool recon_files_end(struct recon *r, struct err *err) MUST_CHECK;     /* always after it */
bool recon_read_payments(struct recon *r, struct err *err) MUST_CHECK; /* recon_source.c */
bool recon_live(struct recon *r, struct err *err) MUST_CHECK;          /* recon_live.c */
bool recon_lines(struct recon *r, struct err *err) MUST_CHECK;         /* recon_lines.c */
void recon_settle(struct recon *r);                                    /* recon_settle.c */
const struct settlement *recon_settlement(const struct recon *r, const char *provider, int64_t day);
/* Differences, and what is left over. */
bool recon_settle_rest(struct recon *r, struct err *err) MUST_CHECK;
/* recon_tx.c: every transaction, of a payment and of a gateway's row, with the order it is on; then
 * which may be on several. */
struct recon_several *recon_several_new(void);
void recon_several_free(struct recon_several *s);
bool recon_note_tx(struct recon *r, const char *provider, const char *tx_id, const char *order_id,
                   struct err *err) MUST_CHECK;
bool recon_find_several(struct recon *r, struct err *err) MUST_CHECK;
bool recon_match(struct recon *r, struct err *err) MUST_CHECK;   /* recon_match.c */
bool recon_suggest(struct recon *r, struct err *err) MUST_CHECK; /* recon_suggest.c */
bool recon_by_tx(struct recon *r, struct err *err) MUST_CHECK;   /* recon_tx.c */
bool recon_report(struct recon *r, recon_row_fn on_row, void *ctx, struct err *err) MUST_CHECK;

#endif
