/* probe/terminus_priv.h - health bodies of NestJS Terminus (info, error, details) and of the
 * runbook (checks), in one shape. */
#ifndef GOODGO_PROBE_TERMINUS_PRIV_H
#define GOODGO_PROBE_TERMINUS_PRIV_H

#include "codec/probe.h"
#include "wire/json.h"

#define TERMINUS_MAX_CHECKS 32

enum check_state { CHECK_UP, CHECK_DEGRADED, CHECK_DOWN };

struct health_check {
    const char *name, *message; /* outside bytes in the arena; message may be NULL */
    enum check_state state;
};
struct health_body {
    const char *status;     /* as it says itself */
    enum check_state state; /* the worst of HTTP status, own status and members */
    struct health_check checks[TERMINUS_MAX_CHECKS];
    uint32_t n_checks;
};

/* Reads a 200 or 503 whose body is JSON with a `status` text. Any other answer is an error,
 * classified. */
bool terminus_parse(struct probe_run *run, const char *url, const struct http_reply *r,
                    struct health_body *ret, struct err *err) MUST_CHECK;
/* What a word means, whatever its case; CHECK_DOWN of NULL and of any that is not known. */
enum check_state terminus_word(const char *word);
/* Of a member: a text, true or false, or an object with `status`. The word is NULL where it has
 * none, and lives as long as the member. */
enum check_state terminus_member(const struct json *member, const char **ret_word);
/* The check whose name holds one of the words (ends with NULL); NULL when there is none. */
const struct health_check *terminus_find(const struct health_body *b, const char *const *words);
/* The table "checks": name, state, message. */
void terminus_table(struct reading *out, const struct health_body *b);

#endif
