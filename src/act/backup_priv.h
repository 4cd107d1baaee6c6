/* act/backup_priv.h - taking a backup, for the acts that need one: backup, and restore's safety
 * dump.
 */
#ifndef GOODGO_ACT_BACKUP_PRIV_H
#define GOODGO_ACT_BACKUP_PRIV_H

#include "act/job.h"
#include "base/err.h"

struct pgsession;
struct backup_source {
    const char *database, *system_identifier, *version_text;
    int version;
    int64_t size_bytes;
};
bool backup_source(struct pgsession *s, struct arena *a, struct backup_source *ret,
                   struct err *err) MUST_CHECK;

struct backup_taken {
    const char *path, *sha256;
    int64_t size_bytes;
    uint32_t tables;
    uint64_t rows;
};
/* False: nothing is left under a final name, and the temporary file is gone. */
bool backup_take(struct job *j, const struct pg_target *target, const char *dir,
                 struct backup_taken *ret, struct err *err) MUST_CHECK;

#endif
