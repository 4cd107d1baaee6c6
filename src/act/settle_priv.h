/* act/settle_priv.h - what is handed in as the proof of a bank transfer. Where it can be read as a
 * bank's statement, the reference must stand in it: a mistyped one would leave the same credit free
 * to pay another payment. Anything else (a scan, a mail) is proof for people only. */
#ifndef GOODGO_ACT_SETTLE_PRIV_H
#define GOODGO_ACT_SETTLE_PRIV_H

#include "act/act.h"
#include "wire/digest.h"

struct evidence {
    const char *name; /* without its path; clean */
    char sha256[DIGEST_HEX_SIZE];
    const char *unread; /* why it is no statement that we can read; NULL = it is one */
    uint32_t line;      /* of the credit with that reference; 0 = not known */
    int64_t amount_vnd; /* of that line */
    uint32_t line_out;  /* of a debit with it: was the credit taken back? 0 = none */
    /* Of that line, where it names the reference in its text alone; NULL = it has none. */
    const char *own_ref;
};
/* False where it cannot be read at all, is empty, or is a statement without such a credit. */
bool evidence_read(const struct act_input *in, const char *path, const char *ref,
                   int64_t amount_vnd, struct evidence *ret, struct err *err) MUST_CHECK;

#endif
