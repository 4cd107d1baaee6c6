/* act/recon_out.h - what becomes of a reconciliation: the file for finance, and proposals, which
 * one person makes and another approves. */
#ifndef GOODGO_ACT_RECON_OUT_H
#define GOODGO_ACT_RECON_OUT_H

#include "act/audit.h"
#include "act/reconcile.h"
#include "base/jsonw.h"

void recon_day_text(int64_t day, char buf[16]); /* "2026-10-10" */

/* What was decided about a row. */
struct recon_resolution {
    const char *state; /* "proposed" "approved" */
    const char *maker, *checker;
    int64_t wall_s; /* when it was approved; 0 = not yet */
};

/* Written beside `path` and renamed over it when it is whole and on disk; mode 0600. */
struct recon_csv;
struct recon_csv *recon_csv_open(const char *path, struct err *err);
bool recon_csv_row(struct recon_csv *c, const char *run_id, const struct recon_row *row,
                   const struct recon_resolution *done, struct err *err) MUST_CHECK;
/* Frees it. keep false: nothing is left behind, and that is no error. */
bool recon_csv_close(struct recon_csv *c, bool keep, char sha256[65], struct err *err) MUST_CHECK;

/* The document goodgo.payments.reconcile/1 in `out`, which has a cap: of the rows the exceptions,
 * 2,000 at the most. proposal: its id where the row is a suggestion, else NULL. */
struct recon_doc {
    struct str out;
    struct jsonw w;
    uint64_t n_exceptions, n_shown;
};
void recon_doc_begin(struct recon_doc *d);
void recon_doc_row(struct recon_doc *d, const struct recon_row *row, const char *proposal,
                   const struct recon_resolution *done);
void recon_doc_end(struct recon_doc *d, const struct reconcile_report *t, uint32_t proposed,
                   const char *csv_sha256);
void recon_doc_done(struct recon_doc *d);

/* --- a run, and what becomes of its rows --- */

struct recon_run {
    const char *csv;     /* the file for finance; NULL = none */
    const char *propose; /* why what is suggested is proposed; NULL = it is not */
    /* Each row, with its proposal as in recon_doc_row(). */
    void (*on_row)(void *ctx, const struct recon_row *row, const char *proposal,
                   const struct recon_resolution *done);
    void *ctx;
    struct reconcile_report report;
    char csv_sha256[65]; /* "" = there is no such file */
    uint32_t proposed;
};
/* The file for finance is there where this is true, and is not where it is false. */
bool recon_run(struct recon_run *r, const struct reconcile_request *q, struct arena *a,
               struct err *err) MUST_CHECK;

/* --- proposals: STATE/payments/proposals/ID.json, one each, mode 0600 --- */

#define PROPOSAL_ID_SIZE 17
#define PROPOSAL_MAX     10000u
#define PROPOSAL_DAYS    7 /* then it must be made again */

struct person; /* io/peer.h: who somebody is to the kernel, never to the environment */

struct proposal {
    char id[PROPOSAL_ID_SIZE];               /* of the payment, its version and the evidence */
    const char *order_id, *updated, *status; /* the row it is bound to */
    const char *why, *evidence, *reason, *approval_reason;
    int64_t db_vnd, bank_vnd, made_wall_s, approved_wall_s; /* approved: 0 = not yet */
    uint32_t maker_id, checker_id;
    char maker[64], checker[64]; /* logins */
};

void proposal_id(const struct recon_row *row, char id[PROPOSAL_ID_SIZE]);
/* False and E_NONE in err->code where it was there before, with its maker. */
bool proposal_make(const char *state_dir, const struct recon_row *row, const struct person *maker,
                   const char *reason, int64_t now_wall_s, struct err *err) MUST_CHECK;
/* The text of such a file; all but its id. */
bool proposal_parse(const char *bytes, size_t n, struct arena *a, struct proposal *ret,
                    struct err *err) MUST_CHECK;
/* A damaged file is an error that names it. */
bool proposal_read(const char *state_dir, struct arena *a, const char *id, struct proposal *ret,
                   struct err *err) MUST_CHECK;
/* All of them, by id. */
bool proposal_list(const char *state_dir, struct arena *a, struct proposal **ret, uint32_t *ret_n,
                   struct err *err) MUST_CHECK;
/* Of such a list: the one about this row, with its id and what became of it so far. NULL: there is
 * none; the id is "" then, where the row suggests nothing. */
const struct proposal *proposal_about(const struct proposal *list, uint32_t n,
                                      const struct recon_row *row, char id[PROPOSAL_ID_SIZE],
                                      struct recon_resolution *ret_done);
/* Refuses (E_AUTH) who made it, what expired, what is approved, and a payment that changed since:
 * `updated` and `status` are those of now. Then it is on disk. */
bool proposal_approve(const char *state_dir, struct proposal *p, const struct person *checker,
                      const char *reason, const char *updated, const char *status,
                      int64_t now_wall_s, struct err *err) MUST_CHECK;

#endif
