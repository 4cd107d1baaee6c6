/* act/proposal_priv.h - a proposal's file, and what the two words about one have in common: plan
 * and run. */
#ifndef GOODGO_ACT_PROPOSAL_PRIV_H
#define GOODGO_ACT_PROPOSAL_PRIV_H

#include "act/act.h"
#include "act/recon_out.h"

/* Of the row, its version and the evidence. */
void proposal_id(const struct recon_row *row, char id[PROPOSAL_ID_SIZE]);
/* The text of a proposal's file; all but its id. */
bool proposal_parse(const char *bytes, size_t n, struct arena *a, struct proposal *ret,
                    struct err *err) MUST_CHECK;

bool proposal_plan(const struct act_input *in, struct plan *p, bool agree,
                   struct err *err) MUST_CHECK;
bool proposal_run(struct job *j, const struct plan *p, bool agree, struct err *err) MUST_CHECK;

#endif
