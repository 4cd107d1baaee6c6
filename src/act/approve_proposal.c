/* act/approve_proposal.c - the second person agrees to a suggested match. It changes no payment:
 * later reports name both persons, and the money is moved by replay, or by settle-transfer. */
#include "proposal_priv.h"

static bool approve_plan(const struct act_input *in, struct plan *p, struct err *err) {
    return proposal_plan(in, p, true, err);
}

static bool approve_run(struct job *j, const struct plan *p, struct err *err) {
    return proposal_run(j, p, true, err);
}

static const struct act_remains remains[] = {
    {NULL, "proposal {proposal} is approved, or it waits as before: its file is written whole or "
           "not at all"},
    {NULL, "look before you approve again: goodgo payments proposals"},
    {NULL, NULL},
};

extern const struct act act_approve_proposal;
const struct act act_approve_proposal = {
    .id = "approve-proposal",
    .title = "Approve a suggested match",
    .help = "agree, as the second person, to one proposal",
    .about =
        "Agrees to what another person proposed. It is refused where the same login proposed "
        "it, where the payment has changed since, and after seven days. It changes no payment.",
    .example = "goodgo payments approve 3f0c5a1b2d4e6f70 --reason 'seen on the statement'",
    .operand = "proposal",
    .view = "proposals",
    .remains = remains,
    .plan = approve_plan,
    .run = approve_run,
};
