/* act/reconcile.h - the day closed: payments of our database in one read-only snapshot, the
 * gateways' files and the banks' statements, matched three ways. Everything is sorted on disk and
 * merged, so that a million payments take no more memory than a thousand. The same input gives the
 * same report byte for byte: no clock is read, and files may be named in any order. */
#ifndef GOODGO_ACT_RECONCILE_H
#define GOODGO_ACT_RECONCILE_H

#include "act/plan.h"
#include "codec/payrow.h"
#include "codec/recon.h"
#include "codec/statement.h"
#include "wire/digest.h"

#define RECONCILE_MAX_FILES 64
#define RECONCILE_NO_END    400000 /* a day beyond each that a file may have */
#define RECONCILE_LIVE_MOST 100000 /* a day and more, at a second each */

/* How far it is: its stages are "files", "payments", "ask" and "match"; total 0 = not known. Called
 * by any thread, by one at a time. */
struct reconcile_watch {
    void (*stage)(void *ctx, const char *stage, int64_t total);
    void (*progress)(void *ctx, int64_t done, const char *note); /* note: NULL or a word */
    void *ctx;
};

struct reconcile_request {
    const struct settings *settings;
    const char *work_dir; /* for temporary files without a name */
    const char *state_dir;
    int64_t from_day, before_day; /* days since 1970-01-01 in Vietnam; created or paid then */
    const char *const *statements, *const *gateways;
    uint32_t n_statements, n_gateways;
    bool live; /* the gateways are asked about each payment, RECONCILE_LIVE_MOST at the most */
    int64_t now_wall_s; /* only where live: what is open past its time by now */
    const struct statement_layout *const *layouts;
    uint32_t n_layouts;
    uint32_t window_days;   /* how long after its order a transfer may arrive */
    uint32_t settle_days;   /* how long a gateway takes to pay out */
    const char *ref_prefix; /* of our references, A-Z and 0-9; "" = not known */
    int cancel_fd;
    const struct reconcile_watch *watch; /* NULL = nobody waits */
};

/* One line of the report. Texts live until the handler returns. */
struct recon_row {
    int64_t day;
    const char *provider, *order_id, *tx_id;      /* "" = none */
    bool has_db, has_gateway, has_bank, in_range; /* in_range: its payment was made on these days */
    bool context; /* of other days, on its way: no row of the report, unless its transaction is */
    int64_t db_vnd, gateway_vnd, bank_vnd, fee_vnd;
    enum pay_status db_status, gateway_status;
    enum recon_category category;
    int64_t difference_vnd;     /* money seen minus money booked */
    const char *why, *evidence; /* a sentence; "vcb.csv:12 FT26283123" */
    const char *updated; /* of the payment, as the database has it: what a proposal is bound to */
};

struct recon_sums {
    uint64_t rows;
    int64_t db_vnd, gateway_vnd, bank_vnd, difference_vnd;
};
struct recon_total {
    int64_t day;
    char provider[32];
    enum recon_category category;
    struct recon_sums sums;
};
struct recon_file {
    const char *name, *kind, *layout, *encoding; /* kind: "statement" "gateway" */
    char sha256[DIGEST_HEX_SIZE];
    uint32_t rows, skipped, proved;
};
/* Live: of one gateway its payments of these days, asked now or in a run before. */
struct recon_asked {
    char provider[32];
    uint64_t asked, not_asked;
    bool left_alone; /* it did not answer several times in a row, and was not asked any more */
    char why[200];   /* what was the last of its troubles; clean */
};
struct reconcile_report {
    char run_id[17];             /* of everything that was read, and of the question */
    int64_t first_day, last_day; /* RECONCILE_NO_END - 1: open */
    int64_t as_of_day;           /* the last day that any source speaks of */
    /* read = reported + outside, to the dong. Of payments those of other days count as read where a
     * row is about them. */
    struct recon_sums read, reported, outside;
    uint64_t repeated;            /* rows of statements that were there before */
    struct recon_asked *gateways; /* that were to be asked; none where not live */
    uint32_t n_gateways;
    struct recon_file *files;
    uint32_t n_files;
    struct recon_total *totals; /* by day, provider, category */
    uint32_t n_totals;
    struct recon_sums by_category[RECON_CATEGORIES];
};

/* The settings' part of a question: rules, layouts, directories; days and files are to be set. Its
 * memory is the arena's and the settings'. */
bool reconcile_request_make(const struct settings *s, const char *state_dir, struct arena *a,
                            struct reconcile_request *ret, struct err *err) MUST_CHECK;

/* Of its layouts those of gateways, or those of banks: into ret, which has room for all. */
uint32_t reconcile_layouts(const struct reconcile_request *q, bool gateway,
                           const struct statement_layout **ret);

/* The rest of it, as an operator gives it: "day", or "since" and perhaps "until", and as many
 * "statement" and "gateway" as there are, of which a gateway "live" is no file. Of a plan they are
 * numbered: "statement.2".
 */
bool reconcile_request_read(const struct pairs *arguments, struct arena *a,
                            struct reconcile_request *q, struct err *err) MUST_CHECK;
/* Whether an argument's name is this option, numbered or not. */
bool reconcile_is_option(const char *name, const char *option);

/* Each row in order of day, provider, order and transaction. False stops. */
typedef bool (*recon_row_fn)(void *ctx, const struct recon_row *row, struct err *err);

/* Strings of the report live in the arena. */
bool reconcile_run(const struct reconcile_request *q, struct arena *arena, recon_row_fn on_row,
                   void *ctx, struct reconcile_report *ret, struct err *err) MUST_CHECK;

#endif
