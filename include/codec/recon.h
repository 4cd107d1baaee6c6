/* codec/recon.h - how three sources of the same money are matched: references in the content of
 * bank transfers, and the category of an order by what the database, its gateway and the bank say.
 * Pure: rows are handed in; act/reconcile.h reads and sorts them. */
#ifndef GOODGO_CODEC_RECON_H
#define GOODGO_CODEC_RECON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "codec/pay.h"

enum recon_category {
    RECON_MATCHED,
    RECON_NOT_PAID,    /* open or failed, and nobody has money for it */
    RECON_NOT_CHECKED, /* no source was handed in that could know */
    RECON_UNSETTLED,   /* paid at the gateway, the bank still has time */
    RECON_SUGGESTED,
    RECON_REFUND_CANDIDATE,
    RECON_FEE_DIFFERENCE,
    RECON_UNMATCHED, /* money at the bank that nothing explains */
    RECON_MISSING_IN_STATEMENT,
    RECON_MISSING_IN_DB,
    RECON_MISSING_AT_GATEWAY,
    RECON_STATUS_MISMATCH,
    RECON_AMOUNT_MISMATCH,
    RECON_DUPLICATE,
    RECON_CATEGORIES
};
struct recon_category_info {
    const char *name; /* "MATCHED" */
    const char *todo; /* the usual action */
    bool exception;   /* somebody has to look */
};
extern const struct recon_category_info recon_category_info[RECON_CATEGORIES];

/* What there is of one row, for the act that fits it. */
struct recon_case {
    enum recon_category category;
    bool transfer;                /* no gateway, so no callback: its provider is PAY_TRANSFER */
    bool has_gateway;             /* the gateway has told its side */
    bool approved;                /* a suggestion that a second person agreed to */
    enum pay_status ours, theirs; /* PAY_STATUS_NONE: no payment of ours, or nothing told */
};
const char *recon_todo(const struct recon_case *c); /* static */

/* --- references --- */

#define RECON_MAX_CONTENT 1000u
#define RECON_MIN_REF     5u /* shorter ones are in every text */
#define RECON_MAX_REF     64u

/* A-Z and 0-9 only, without accents; where a token began is kept for the end-of-number test. */
struct recon_text {
    char s[RECON_MAX_CONTENT + 1];
    bool border[RECON_MAX_CONTENT + 1]; /* a token begins at this letter, or the text ends */
    uint32_t n;
};
void recon_normal(struct recon_text *t, const char *content);

/* Which references there are, with a few wrong ones among them: 4 MB whatever their number. */
struct recon_filter;
struct recon_filter *recon_filter_new(void);
void recon_filter_free(struct recon_filter *f);
void recon_filter_add(struct recon_filter *f, const char *ref, size_t n);
/* Each whole reference in the text that the filter lets through. "ORD-50010" is no ORD-5001: one
 * ends where a token ends, or where digits and letters meet. */
void recon_references(const struct recon_text *t, const struct recon_filter *f,
                      void (*found)(void *ctx, const char *ref, size_t n), void *ctx);
/* The reference with one letter more, less or other, or with O for 0, I for 1, S for 5, B for 8. */
bool recon_almost(const struct recon_text *t, const char *ref, size_t n);
/* Whether a token of the text begins with this prefix and goes on. */
bool recon_has_prefix(const struct recon_text *t, const char *prefix);

/* --- one order --- */

struct recon_sources {
    bool gateway;   /* the order's gateway handed in its file */
    bool statement; /* a bank did */
};
struct recon_order {
    enum pay_status status;
    int64_t amount_vnd;
    bool expired; /* nobody can still be paying */
};
struct recon_gateway {
    bool known; /* false = it says that there is no such order */
    enum pay_status status;
    int64_t amount_vnd;
};
/* What the database and the gateway say of each other; *ret_why is static. */
enum recon_category recon_compare(const struct recon_order *order, const struct recon_gateway *g,
                                  struct recon_sources sources, const char **ret_why);

/* --- exports --- */

/* Adds a cell of CSV: quoted where it must be, and with a ' in front where a spreadsheet would
 * compute it. */
void recon_csv_cell(struct str *out, const char *s);

#endif
