/* act/decline_proposal.c - the second person says no to a suggested match. Nothing but the proposal
 * changes; where the payment or the evidence is another, it may be proposed again at once. */
#include "proposal_priv.h"

static bool decline_plan(const struct act_input *in, struct plan *p, struct err *err) {
    return proposal_plan(in, p, false, err);
}

static bool decline_run(struct job *j, const struct plan *p, struct err *err) {
    return proposal_run(j, p, false, err);
}

static const struct act_remains remains[] = {
    {NULL, "proposal {proposal} is declined, or it waits as before: its file is written whole or "
           "not at all"},
    {NULL, "look before you decline again: goodgo payments proposals"},
    {NULL, NULL},
};

extern const struct act act_decline_proposal;
const struct act act_decline_proposal = {
    .id = "decline-proposal",
    .title = "Decline a suggested match",
    .help = "say no, as the second person, to one proposal",
    .about = "Says no to what another person proposed, with a reason that the maker can read. The "
             "same payment and evidence cannot be proposed again for seven days.",
    .example = "goodgo payments decline 3f0c5a1b2d4e6f70 --reason 'another customer'",
    .operand = "proposal",
    .view = "proposals",
    .remains = remains,
    .plan = decline_plan,
    .run = decline_run,
};
