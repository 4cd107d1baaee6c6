/* codec/statement.h - a bank's statement, or a gateway's file of a day, as rows: a push parser over
 * bytes. It finds the encoding (UTF-8, UTF-16LE, Windows-1258), the separator and the header row by
 * itself, skips what stands before, between and behind the rows, and proves the balances. No I/O,
 * no clock, bounded memory: one row at a time. A layout is data: one file src/recon/<id>.c and one
 * line in src/recon/layouts.def, or a line of the config. */
#ifndef GOODGO_CODEC_STATEMENT_H
#define GOODGO_CODEC_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "codec/pay.h"

#define STATEMENT_MAX_RECORD ((size_t)64 << 10) /* bytes of one row */
#define STATEMENT_MAX_CELLS  64
#define STATEMENT_MAX_VND    INT64_C(999999999999999)

enum statement_role {
    COLUMN_DATE,
    COLUMN_REF,
    COLUMN_DEBIT,
    COLUMN_CREDIT,
    COLUMN_AMOUNT, /* with its sign; of a gateway: what the customer paid */
    COLUMN_FEE,
    COLUMN_TAX,
    COLUMN_BALANCE,
    COLUMN_CONTENT,
    COLUMN_ACCOUNT,
    COLUMN_PROVIDER,
    COLUMN_ORDER,
    COLUMN_TX,
    COLUMN_STATUS,
    COLUMN_TYPE, /* of a gateway: payment or refund */
    COLUMN_COUNT
};

/* A header is folded (no case, no accents), its blanks are made one, and at a "/" none; it is the
 * column's when it holds one of the words. Earlier columns choose first. */
struct statement_column {
    enum statement_role role;
    const char *words; /* folded, '|' between them */
    bool optional;
};

struct statement_layout {
    const char *id, *title;
    bool gateway;
    const char *provider; /* of a gateway: as in the database; NULL = a column says */
    const struct statement_column *columns;
    uint32_t n_columns;
    bool date_holds_ref; /* one cell: date, perhaps time, then the reference */
    bool dated_order;    /* the order is written yymmdd_ORDER */
    uint32_t unit;       /* the amount is in 1/unit dong; 0 = 1 */
    /* Words of the status column per enum pay_status, '|' between; the first row: not known to the
     * gateway. */
    const char *status[PAY_STATUS_COUNT];
    const char *refunds; /* words of the type column of what is given back; completed: REFUNDED */
};

extern const struct statement_layout *const statement_layouts[]; /* recon/layouts.c */
extern const uint32_t n_statement_layouts;
/* "ocb; date=Ngày giao dịch; credit=Ghi có; ..." as a layout in the arena; where = file:line. */
bool statement_layout_parse(struct arena *a, const char *line, bool gateway, const char *where,
                            struct statement_layout *ret, struct err *err) MUST_CHECK;

/* Texts live until the handler returns. Amounts are whole dong. */
struct statement_row {
    uint32_t line;
    const char *account; /* "" = the file names none */
    int64_t day;         /* days since 1970-01-01, in Vietnam */
    int64_t wall_s;      /* where the file has a time; else 0 */
    const char *ref, *content;
    int64_t amount_vnd; /* into the account; out of it: negative */
    int64_t fee_vnd;    /* fee and tax */
    bool has_balance;
    int64_t balance_vnd;
    /* of a gateway */
    const char *provider, *order_id, *tx_id, *status_text;
    enum pay_status status; /* NONE: the gateway does not know it */
};

struct statement_summary {
    const struct statement_layout *layout; /* the last one met; NULL = no header was found */
    const char *encoding;                  /* "UTF-8" "UTF-16LE" "Windows-1258" */
    uint32_t rows, skipped;                /* skipped: rows that are no entries */
    uint32_t proved; /* rows whose balance follows from the one before, or from the opening one */
    int64_t first_day, last_day; /* of its rows */
};

/* False stops the parse with the handler's error. */
typedef bool (*statement_row_fn)(void *ctx, const struct statement_row *row, struct err *err);

struct statement;
/* `file` is for errors, which point at file:line:column. Of `layouts`, the one with the most
 * columns in a header row counts, the earlier among equals. */
struct statement *statement_new(const char *file, const struct statement_layout *const *layouts,
                                uint32_t n_layouts, statement_row_fn on_row, void *ctx);
void statement_free(struct statement *s);
bool statement_feed(struct statement *s, const char *bytes, size_t n, struct err *err) MUST_CHECK;
bool statement_end(struct statement *s, struct statement_summary *ret, struct err *err) MUST_CHECK;

/* Its parts, for tests and for those who read the same texts elsewhere. */
/* "1.250.000", "-99,000", "1,250,000.00 VND": whole dong times `unit`; false with the reason. */
bool statement_amount(const char *text, int64_t *ret, const char **ret_why) MUST_CHECK;
/* dd/MM/yyyy, dd-MM-yyyy, yyyy-MM-dd, each with a time or without, yyyyMMdd[HHmmss], a serial of a
 * spreadsheet, milliseconds of Unix. Times are Vietnam's, but where yyyy-MM-dd has a zone behind
 * its time. *ret_rest: what stands behind it. */
bool statement_date(const char *text, int64_t *ret_day, int64_t *ret_wall_s,
                    const char **ret_rest) MUST_CHECK;

#endif
