/* act/recon_out.h - what becomes of a reconciliation: the file for finance, and proposals, which
 * one person makes and another decides. */
#ifndef GOODGO_ACT_RECON_OUT_H
#define GOODGO_ACT_RECON_OUT_H

#include "act/audit.h"
#include "act/reconcile.h"
#include "base/jsonw.h"

void recon_day_text(int64_t day, char buf[16]); /* "2026-10-10" */

/* What was decided about a row. */
struct recon_resolution {
    const char *state; /* "proposed" "approved" "declined" */
    const char *maker, *checker;
    int64_t wall_s; /* when it was decided; 0 = not yet */
};

/* What to do about a row; `done` NULL: nothing was decided. Static. */
const char *recon_row_todo(const struct recon_row *row, const struct recon_resolution *done);

/* Written beside `path` and renamed over it when it is whole and on disk; mode 0600. */
struct recon_csv;
struct recon_csv *recon_csv_open(const char *path, struct err *err);
bool recon_csv_row(struct recon_csv *c, const char *run_id, const struct recon_row *row,
                   const struct recon_resolution *done, struct err *err) MUST_CHECK;
/* Frees it. keep false: nothing is left behind, and that is no error. */
bool recon_csv_close(struct recon_csv *c, bool keep, char sha256[DIGEST_HEX_SIZE],
                     struct err *err) MUST_CHECK;

/* The document goodgo.payments.reconcile/1 in `out`, which has a cap: of the rows the exceptions,
 * 2,000 at the most, those of the worst category first. proposal: its id where the row is a
 * suggestion, else NULL. */
struct recon_doc {
    struct str out;
    struct str lines[RECON_CATEGORIES]; /* the first of each, an object a line */
    uint64_t n_of[RECON_CATEGORIES], n_exceptions;
};
void recon_doc_begin(struct recon_doc *d);
void recon_doc_row(struct recon_doc *d, const struct recon_row *row, const char *proposal,
                   const struct recon_resolution *done);
void recon_doc_end(struct recon_doc *d, const struct reconcile_report *t, uint32_t proposed,
                   const char *csv_sha256);
void recon_doc_done(struct recon_doc *d);

/* Of a gateway that was not asked about each of its payments a sentence that says so, and why. */
void recon_asked_text(const struct recon_asked *g, struct str *out);

/* One row as an object of that document. */
void recon_row_json(struct jsonw *w, const struct recon_row *row, const char *proposal,
                    const struct recon_resolution *done);

/* RECON_ROWS_FILE: every row, exception or not, RECON_ROWS_MOST at the most. */
struct recon_kept;
struct recon_kept *recon_kept_open(const char *path, struct err *err); /* path must stay */
void recon_kept_row(struct recon_kept *k, const struct recon_row *row, const char *proposal,
                    const struct recon_resolution *done);
/* Frees it; keep false: there is no such file, and that is no error. */
bool recon_kept_close(struct recon_kept *k, bool keep, struct err *err) MUST_CHECK;

/* --- a run, and what becomes of its rows --- */

struct recon_run {
    const char *csv;     /* the file for finance; NULL = none */
    const char *propose; /* why what is suggested is proposed; NULL = it is not */
    /* Each row, with its proposal as in recon_doc_row(). */
    void (*on_row)(void *ctx, const struct recon_row *row, const char *proposal,
                   const struct recon_resolution *done);
    void *ctx;
    struct reconcile_report report;
    char csv_sha256[DIGEST_HEX_SIZE]; /* "" = there is no such file */
    uint32_t proposed;
};
/* The file for finance is there where this is true, and is not where it is false. */
bool recon_run(struct recon_run *r, const struct reconcile_request *q, struct arena *a,
               struct err *err) MUST_CHECK;

/* --- proposals: STATE/payments/proposals/ID.json, one each, mode 0600 --- */

#define PROPOSAL_ID_SIZE 17
#define PROPOSAL_DAYS    7 /* then it must be made again */

struct person; /* io/peer.h: who somebody is to the kernel, never to the environment */

struct proposal {
    char id[PROPOSAL_ID_SIZE];               /* of the payment, its version and the evidence */
    const char *order_id, *updated, *status; /* the row it is bound to */
    const char *why, *evidence, *reason, *decision_reason;
    int64_t db_vnd, bank_vnd, made_wall_s;
    int64_t approved_wall_s, declined_wall_s; /* one of them once it is decided, else 0 */
    uint32_t maker_id, checker_id;
    char maker[64], checker[64]; /* logins */
};

/* False and E_NONE in err->code where it was there before, with its maker. */
bool proposal_make(const char *state_dir, const struct recon_row *row, const struct person *maker,
                   const char *reason, int64_t now_wall_s, struct err *err) MUST_CHECK;
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
/* Changes with every proposal that is made or decided; far cheaper than the list. */
uint64_t proposal_list_mark(const char *state_dir);

enum proposal_state { PROPOSAL_WAITS, PROPOSAL_APPROVED, PROPOSAL_DECLINED, PROPOSAL_EXPIRED };
enum proposal_state proposal_state(const struct proposal *p, int64_t now_wall_s);
const char *proposal_state_name(enum proposal_state s); /* "proposed" "approved" ... */

/* The payment as it is now. */
struct proposal_version {
    const char *order_id, *updated, *status;
};
bool proposal_fits(const struct proposal *p, const struct proposal_version *now);
/* Why this person may not decide it: who made it never may, nobody what is decided or expired, nor
 * what is about a payment that has changed (`now` NULL: that is not looked at). A clause in the
 * arena; NULL: he may. */
const char *proposal_refusal(const struct proposal *p, const struct person *who,
                             const struct proposal_version *now, int64_t now_wall_s,
                             struct arena *a);

struct proposal_decision {
    bool agree; /* to decline takes no payment that is still the same */
    const char *reason;
    const struct proposal_version *now;
};
/* Refuses (E_AUTH) as above. Then it is on disk. */
bool proposal_decide(const char *state_dir, struct proposal *p, const struct person *checker,
                     const struct proposal_decision *d, int64_t now_wall_s,
                     struct err *err) MUST_CHECK;
/* For whoever runs this: the proposal, and that he may decide it now, by the payment as the
 * database has it (where he agrees). E_AUTH where he may not. */
bool proposal_look(const struct settings *s, const char *state_dir, const char *id, bool agree,
                   struct arena *a, struct proposal *ret, struct err *err) MUST_CHECK;

/* The payments of the proposals that wait, as they are now: of PROPOSAL_VERSIONS_MAX at the most.
 */
#define PROPOSAL_VERSIONS_MAX 500u
struct proposal_versions {
    struct proposal_version *at; /* in order of their ids */
    uint32_t n;
};
bool proposal_versions(const struct settings *s, const struct proposal *list, uint32_t n,
                       int64_t now_wall_s, struct arena *a, struct proposal_versions *ret,
                       struct err *err) MUST_CHECK;
const struct proposal_version *proposal_version_of(const struct proposal_versions *v,
                                                   const char *order_id); /* NULL = not there */

#endif
