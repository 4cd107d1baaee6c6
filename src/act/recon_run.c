/* act/recon_run.c - a reconciliation with what becomes of its rows: the file for finance, proposals
 * of what is suggested, and whatever its caller makes of them. See act/recon_out.h. */
#include "act/recon_out.h"
#include "base/clock.h"
#include "io/peer.h"

struct rows {
    struct recon_run *run;
    const char *state_dir;
    struct recon_csv *csv;
    struct person me;
    struct proposal *proposals; /* as they were before this run */
    uint32_t n_proposals;
    int64_t now_wall_s;
};

static bool propose(struct rows *r, const struct recon_row *row, struct err *err) {
    if (proposal_make(r->state_dir, row, &r->me, r->run->propose, r->now_wall_s, err)) {
        r->run->proposed++;
        return true;
    }
    return err->code == E_NONE;
}

static bool on_row(void *ctx, const struct recon_row *row, struct err *err) {
    struct rows *r = ctx;
    char id[PROPOSAL_ID_SIZE];
    struct recon_resolution done = {.state = "proposed"};
    bool there = proposal_about(r->proposals, r->n_proposals, row, id, &done) != NULL;
    if (*id && r->run->propose && !propose(r, row, err))
        return false;
    if (r->csv && !recon_csv_row(r->csv, r->run->report.run_id, row, there ? &done : NULL, err))
        return false;
    r->run->on_row(r->run->ctx, row, *id ? id : NULL, there ? &done : NULL);
    return true;
}

bool recon_run(struct recon_run *run, const struct reconcile_request *q, struct arena *a,
               struct err *err) {
    struct rows r = {.run = run, .state_dir = q->state_dir, .now_wall_s = clock_wall_ms() / 1000};
    struct err ignored;
    person_here(&r.me);
    if (!proposal_list(q->state_dir, a, &r.proposals, &r.n_proposals, err))
        return false;
    if (run->csv && !(r.csv = recon_csv_open(run->csv, err)))
        return false;
    bool ok = reconcile_run(q, a, on_row, &r, &run->report, err);
    if (r.csv && !recon_csv_close(r.csv, ok, run->csv_sha256, ok ? err : &ignored))
        ok = false;
    if (!ok)
        run->csv_sha256[0] = '\0';
    return ok;
}
