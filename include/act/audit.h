/* act/audit.h - the trail STATE/audit.jsonl: one JSON document per line, each holding the SHA-256
 * of the line before, synced before the effect it announces. STATE/audit.head holds the number and
 * hash of the last line, so that a cut tail is seen too. */
#ifndef GOODGO_ACT_AUDIT_H
#define GOODGO_ACT_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "act/plan.h"
#include "base/err.h"
#include "wire/digest.h"

/* Who acts: login, SUDO_USER, SSH_CONNECTION, host, terminal; read from the process. */
struct actor {
    char login[64], sudo_user[64], ssh[96], host[64], tty[64];
};
void actor_here(struct actor *a);
void actor_text(const struct actor *a, char *buf,
                size_t size); /* "minh (sudo from lan) @bastion" */

struct audit_record {
    int64_t seq, wall_ms;
    const char *event; /* "intent" "result" "refused" "armed" "approved" "cancel" "read" */
    const char *action, *context, *target, *plan_id, *job_id, *outcome, *why, *who, *reason, *hash;
    struct pairs details;
};

/* Appends and syncs; fills seq and hash of *r, the latter until the next one is appended. False =
 * nothing may be done now. */
bool audit_append(const char *state_dir, const struct actor *actor, struct audit_record *r,
                  struct err *err) MUST_CHECK;
/* Newest first, at most max. */
bool audit_list(const char *state_dir, struct arena *a, uint32_t max, struct audit_record **ret,
                uint32_t *ret_n, struct err *err) MUST_CHECK;
/* The trail for those who ask it about many jobs: read once, and not before the first question. */
struct audit_trail;
struct audit_trail *audit_trail_new(const char *state_dir);
void audit_trail_free(struct audit_trail *t);
/* The record that ended the job, "result" or "refused"; false where there is none. */
bool audit_end_of(struct audit_trail *t, const char *job_id, struct arena *a,
                  struct audit_record *ret);
/* For those who read a list of it, newest first: an intent that has no result because its runner
 * died gets the outcome "unknown" and a why with all that is to be checked by hand. The record
 * itself holds neither. */
void audit_tell_dead(const char *state_dir, struct arena *a, struct audit_record *records,
                     uint32_t n);
/* Walks the whole chain. ok false: *ret_line is the first line that does not hold and err says how
 * (edited, cut, swapped, shortened). An absent trail is a whole one of no records. */
struct audit_verdict {
    bool ok;
    int64_t n_records, line;
    char head[DIGEST_HEX_SIZE];
    struct err err;
};
bool audit_verify(const char *state_dir, struct audit_verdict *ret, struct err *err) MUST_CHECK;

#endif
