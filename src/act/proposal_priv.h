/* act/proposal_priv.h - what the two words about a proposal have in common: its plan, and its run.
 */
#ifndef GOODGO_ACT_PROPOSAL_PRIV_H
#define GOODGO_ACT_PROPOSAL_PRIV_H

#include "act/act.h"

bool proposal_plan(const struct act_input *in, struct plan *p, bool agree,
                   struct err *err) MUST_CHECK;
bool proposal_run(struct job *j, const struct plan *p, bool agree, struct err *err) MUST_CHECK;

#endif
