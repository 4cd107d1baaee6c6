/* act/admin_log_priv.h - a row of the platform's own AdminAuditLog, in a session of the caller's.
 * An actor there is a row of "User": the administrator that GOODGO_ADMIN_USER names; where that is
 * not set, the one whose address begins with our login. Of two neither is named: a log that names
 * the wrong colleague is worse than none. */
#ifndef GOODGO_ACT_ADMIN_LOG_PRIV_H
#define GOODGO_ACT_ADMIN_LOG_PRIV_H

#include "io/pgsession.h"

struct admin_entry {
    const char *admin;  /* GOODGO_ADMIN_USER; NULL = not set */
    const char *login;  /* of who acts */
    const char *action; /* of the enum AdminAction: "SETTINGS_CHANGED" */
    const char *target_type, *target_id;
    const char *metadata; /* JSON */
};
/* *ret_n: how many administrators are meant; the row is written where it is one. */
bool admin_log_insert(struct pgsession *s, const struct admin_entry *e, uint32_t timeout_ms,
                      struct arena *a, int64_t *ret_n, struct err *err) MUST_CHECK;
/* "several administrators are called minh"; in the arena. */
const char *admin_log_nobody(const struct admin_entry *e, int64_t n, struct arena *a);

#endif
