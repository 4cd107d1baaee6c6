/* app/cmd_payments.c - the sub-commands of `goodgo payments`: what each is, reads and writes. They
 * are done in files of their own. */
#include "payments_priv.h"

#define READS_ROWS "the database, in a session that it holds read-only; the keys of the env file"

bool payments_usage(struct err *err, const char *what, const char *why) {
    return err_set(err, E_CONFIG, "payments", what, "%s", why);
}

const struct command payments_commands[] = {
    {
        .name = "payments list",
        .operands = "",
        .options = "provider status class older-than day since limit csv state-dir json",
        .help = "which are open or contradict their messages, worst first",
        .about = "Lists the payments that are open, and those of the last 24 hours, or since a "
                 "day, that are settled and contradict what is stored with them: their class, the "
                 "worst first, whether they heal by themselves, and what to do. With --day or "
                 "--status it lists all of those.",
        .example = "goodgo payments list --provider vnpay --older-than 1h\n"
                   "goodgo payments list --class paid_not_credited,stuck --csv morning.csv",
        .exits = EXITS_USUAL,
        .reads = READS_ROWS,
        .writes = "nothing; with --csv the file, whole or not at all, and a record in the audit "
                  "trail",
        .schema = "goodgo.payments.list/1",
        .needs = NEEDS_CONFIG,
        .run = pay_list_cmd,
    },
    {
        .name = "payments show",
        .operands = "KEY",
        .options = "state-dir json",
        .help = "all that is known of one, by whatever names it",
        .about = "Tells all of the payments that a KEY stands for, ten at the most: an id, an "
                 "order or transaction number, a user or an idempotency key. The row, its class "
                 "and why, its message with the verification, what its gateway said when it was "
                 "asked last, its history, its log lines, and which acts are allowed.",
        .example = "goodgo payments show 14422574\n"
                   "goodgo payments show 14422574 --json | jq '.payments[0].acts'",
        .exits = "0 told, 1 the database does not tell, 2 no such payment, or wrong use",
        .reads = READS_ROWS "; STATE/gateways, the audit trail, AdminAuditLog, Loki",
        .writes = "nothing",
        .schema = "goodgo.payments.show/1",
        .needs = NEEDS_CONFIG,
        .run = pay_show_cmd,
    },
    {
        .name = "payments verify",
        .operands = "[PAYMENT]",
        .options = "provider kind raw received json",
        .help = "is a stored message, or one handed in, authentic",
        .about = "Holds one message of a payment provider, byte for byte, against the credentials "
                 "of the env file: the one that is stored with a PAYMENT, or the one that --raw "
                 "hands in. A signature that does not fit is explained as far as it can be. No "
                 "key is printed, and nobody is asked.",
        .example = "goodgo payments verify --provider vnpay --raw callback.txt\n"
                   "goodgo payments verify 14422574 --json | jq .trace.mistakes",
        .exits = "0 authentic, whole and ours, 1 not, 2 no verdict: wrong use or a missing key",
        .reads = "the file of --raw, or the row in the database; the keys of the env file",
        .writes = "nothing",
        .schema = "goodgo.payments.verify/1",
        .needs = NEEDS_CONFIG,
        .run = pay_verify_cmd,
    },
    {
        .name = "payments ask",
        .operands = "PAYMENT",
        .options = "provider kind day timeout state-dir json",
        .help = "what the provider's gateway knows of an order",
        .about = "Asks its gateway about an order, or with --kind refund that of --provider about "
                 "a refund: paid, open, unknown. The question is signed, and the answer verified. "
                 "--provider and --day are for an order that the database does not have. A "
                 "question too soon is not sent.",
        .example = "goodgo payments ask PAYMENT\n"
                   "goodgo payments ask REFUND --provider momo --kind refund --json",
        .exits = "0 it tells, 1 it tells nothing, 2 wrong use, or it was not asked",
        .reads = "the gateway; the payment's day in the database; the keys of the env file",
        .writes = "STATE/gateways: the pace of each gateway, and what it settled",
        .schema = "goodgo.payments.ask/1",
        .needs = NEEDS_CONFIG,
        .run = pay_ask_cmd,
    },
    {
        .name = "payments replay",
        .operands = "PAYMENT...",
        .options = "timeout " OPTIONS_OF_ACTS,
        .help = "hand proven stored messages to the API again",
        .example = "goodgo payments replay PAYMENT --dry-run\n"
                   "goodgo payments replay PAYMENT PAYMENT --confirm 'prod:2' --reason INC-231",
        .exits = EXITS_ACT,
        .reads = READS_ROWS "; the gateways, where they are set up",
        .writes = "nothing by itself: the API moves the payment and sends its event. A job, the "
                  "audit trail, AdminAuditLog",
        .schema = "goodgo.job/1; with --dry-run goodgo.plan/1",
        .needs = NEEDS_CONFIG,
        .run = pay_replay_cmd,
        .act = "replay",
    },
    {
        .name = "payments settle-transfer",
        .operands = "PAYMENT",
        .options = OPTIONS_OF_ACTS,
        .help = "mark a bank transfer as paid, by its statement",
        .example = "goodgo payments settle-transfer PAYMENT --ref FT26 --amount 55000 \\\n"
                   "    --evidence vcb.csv --dry-run\n"
                   "goodgo payments settle-transfer PAYMENT --ref FT26 --amount 55000 \\\n"
                   "    --evidence vcb.csv --confirm 'prod:1' --reason D-1",
        .exits = EXITS_ACT,
        .reads = "the database; the file of --evidence",
        .writes = "the payment's row and AdminAuditLog, in one transaction; a job, the audit trail",
        .schema = "goodgo.job/1; with --dry-run goodgo.plan/1",
        .needs = NEEDS_CONFIG,
        .run = pay_settle_cmd,
        .act = "settle-transfer",
    },
    {
        .name = "payments reconcile",
        .operands = "",
        .options = "day reason timeout state-dir read-only json",
        .help = "close a day: payments, gateways and banks matched",
        .about = "Matches the payments of a day, or of all days since one, three ways: our "
                 "database, the gateways' files or answers, and the banks' statements. Totals add "
                 "up to the dong, and the same input gives the same report. --propose keeps what "
                 "is SUGGESTED for a second person.",
        .example = "goodgo payments reconcile --day 2026-10-10 --statement vcb.csv\n"
                   "goodgo payments reconcile --since 2026-10-01 --gateway live --csv out.csv",
        .exits = EXITS_USUAL ", 130 cancelled",
        .reads = "the database in one read-only snapshot; the files named; with live the gateways",
        .writes =
            "the file of --csv, whole or not at all; with --propose STATE/payments/proposals; "
            "for either a record in the audit trail",
        .schema = "goodgo.payments.reconcile/1",
        .needs = NEEDS_CONFIG,
        .run = pay_reconcile_cmd,
        .act = "reconcile",
    },
    {
        .name = "payments proposals",
        .operands = "",
        .options = "state-dir json",
        .help = "what somebody proposed, and who decided it",
        .about = "Lists what reconcile --propose kept: the payment and its version, the evidence, "
                 "who proposed it, and whether it waits, for you or for another, is approved, "
                 "declined or expired, and whether the payment is still the same.",
        .example = "goodgo payments proposals\n"
                   "goodgo payments proposals --json | jq '.proposals[].state'",
        .exits = EXITS_USUAL,
        .reads = "STATE/payments/proposals; the payments of those that wait, in the database",
        .writes = "nothing",
        .schema = "goodgo.payments.proposals/1",
        .needs = NEEDS_CONFIG,
        .run = pay_proposals_cmd,
    },
    {
        .name = "payments approve",
        .operands = "PROPOSAL",
        .options = OPTIONS_OF_ACTS,
        .help = "agree, as the second person, to one proposal",
        .example = "goodgo payments approve 3f0c5a1b2d4e6f70 --reason 'seen on the statement'\n"
                   "goodgo payments approve 3f0c5a1b2d4e6f70 --dry-run",
        .exits = EXITS_ACT,
        .reads = "STATE/payments/proposals; the payment in the database",
        .writes = "the proposal; a job, the audit trail, AdminAuditLog",
        .schema = "goodgo.job/1; with --dry-run goodgo.plan/1",
        .needs = NEEDS_CONFIG,
        .run = pay_approve_cmd,
        .act = "approve-proposal",
    },
    {
        .name = "payments decline",
        .operands = "PROPOSAL",
        .options = OPTIONS_OF_ACTS,
        .help = "say no, as the second person, to one proposal",
        .example = "goodgo payments decline 3f0c5a1b2d4e6f70 --reason 'another customer'\n"
                   "goodgo payments decline 3f0c5a1b2d4e6f70 --dry-run",
        .exits = EXITS_ACT,
        .reads = "STATE/payments/proposals",
        .writes = "the proposal; a job, the audit trail, AdminAuditLog",
        .schema = "goodgo.job/1; with --dry-run goodgo.plan/1",
        .needs = NEEDS_CONFIG,
        .run = pay_decline_cmd,
        .act = "decline-proposal",
    },
    {
        .name = "payments kinds",
        .operands = "",
        .options = "json",
        .help = "every provider, and which messages can be verified",
        .about = "Lists the payment providers and the kinds of their messages, as --provider and "
                 "--kind take them.",
        .example = "goodgo payments kinds\n"
                   "goodgo payments kinds --json | jq -r '.kinds[].kind'",
        .exits = EXITS_USUAL,
        .reads = "nothing",
        .writes = "nothing",
        .schema = "goodgo.payments.kinds/1",
        .needs = NEEDS_CONFIG,
        .run = pay_kinds_cmd,
    },
    {.name = NULL},
};
