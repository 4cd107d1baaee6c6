/* recon/statement_priv.h - the steps of statement import: bytes, records, cells, rows. */
#ifndef GOODGO_RECON_STATEMENT_PRIV_H
#define GOODGO_RECON_STATEMENT_PRIV_H

#include "base/str.h"
#include "base/text.h"
#include "codec/statement.h"

/* --- encoding.c: bytes to bytes of a known encoding --- */

enum encoding { ENCODING_UNKNOWN, ENCODING_UTF8, ENCODING_UTF16LE, ENCODING_1258 };
const char *encoding_name(enum encoding e);
struct decoder {
    enum encoding encoding; /* UTF8 until a record says otherwise */
    unsigned char held[4];  /* of the beginning, or of an unfinished character */
    size_t n_held;
    const struct text_wide *refused; /* an encoding that is none of these, by its beginning */
    uint32_t high;                   /* the first half of a pair; 0 = none */
};
/* Adds what is complete; `end` = nothing follows. */
void decoder_feed(struct decoder *d, const char *bytes, size_t n, bool end, struct str *out);
void encoding_from_1258(const char *bytes, size_t n, struct str *out);

/* --- record.c: records and cells --- */

struct cell {
    char *s;
    size_t n;
    uint32_t line, column; /* of its first character, from 1 */
};
/* Where a record stands between two pieces of it. */
struct record_end {
    bool quoted, was_quote; /* inside quotes; the byte before was one that may have closed them */
    char before;    /* the byte before, behind which a quote may open; '\0' at the beginning */
    char separator; /* 0 = not known yet: any of the three */
};
/* How many bytes belong to the record, up to and with its end where *ret_ends. */
size_t record_scan(struct record_end *r, const char *s, size_t n, bool *ret_ends);
/* Takes the record apart in place: quotes are removed. False: more cells than can be. */
bool record_split(char *record, size_t n, char separator, uint32_t line,
                  struct cell cells[STATEMENT_MAX_CELLS], uint32_t *ret_n);

/* --- header.c --- */

struct header {
    const struct statement_layout *layout;
    char separator;
    int at[COLUMN_COUNT]; /* cell of each role; -1 = there is none */
    uint32_t found, n_cells;
};
/* Folded, blanks made one, none at the ends nor at a "/". */
void header_fold(struct str *out, const char *s);
/* Whether one of `words` ('|' between) is inside `folded`. */
bool header_holds(const char *folded, const char *words);
/* The best layout for this record; false = it is no header. separator 0 = each one is tried. */
bool header_find(const struct statement_layout *const *layouts, uint32_t n, const char *record,
                 size_t n_bytes, char separator, struct header *ret);

/* --- balance.c: opening + credits - debits = closing, row by row and as a whole --- */

struct balance {
    unsigned ways; /* bits of the ways to count that still fit */
    bool started, has_opening, has_closing;
    int64_t first, first_net, first_fee; /* of the first row with a balance, */
    int64_t last, last_net, last_fee;    /* and of the last one */
    int64_t opening, closing, sum, sum_fee;
    uint32_t rows, with_balance, proved;
};
void balance_begin(struct balance *b);
/* False: no way fits; *ret_expected is what would have. */
bool balance_row(struct balance *b, const struct statement_row *row, int64_t *ret_expected);
bool balance_close(struct balance *b, int64_t *ret_expected);

/* --- statement.c --- */

struct statement {
    const char *file;
    const struct statement_layout *const *layouts;
    uint32_t n_layouts;
    statement_row_fn on_row;
    void *ctx;
    struct decoder decoder;
    struct str decoded; /* of one feed */
    struct str record, cells;
    struct record_end state;
    uint32_t line, record_line;
    struct header header;
    char status_text[32]; /* the one that was known last, under this header; "" = none */
    enum pay_status status;
    struct balance balance;
    char account[64];
    uint32_t proved;
    struct statement_summary sum;
};

/* Fails at a place of the file: why, and of what where that is not NULL. */
bool statement_fail(const struct statement *s, uint32_t line, uint32_t column, const char *why,
                    const char *what, struct err *err);
/* The same of a cell and what stands in it. */
bool statement_fail_cell(const struct statement *s, const struct cell *c, const char *why,
                         struct err *err);
bool cell_is_blank(const char *s);

/* --- statement_entry.c --- */

/* Reads it, proves it, and hands it on as a row. */
bool entry_take(struct statement *s, struct cell *cells, uint32_t n, struct err *err) MUST_CHECK;
/* An entry begins with a date; totals, blank rows and remarks do not. */
bool entry_begins(const struct statement *s, const struct cell *cells, uint32_t n);

#endif
