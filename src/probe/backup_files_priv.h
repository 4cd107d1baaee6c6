/* probe/backup_files_priv.h - the first stage of the pg-backup probe: which dumps there are. */
#ifndef GOODGO_PROBE_BACKUP_FILES_PRIV_H
#define GOODGO_PROBE_BACKUP_FILES_PRIV_H

#include "codec/probe.h"

#define BACKUP_MAX_FILES 200

/* Columns of the table backups; what the files alone do not tell is filled in when they are judged.
 */
enum {
    B_TAKEN,
    B_AGE,
    B_SIZE,
    B_TOOK,
    B_TABLES,
    B_MANIFEST,
    B_RESTORED,
    B_GRADE,
    B_FORMAT,
    B_READABLE,
    B_NAME
};

bool backup_files_request(struct probe_run *run, struct exchange *ex);
/* The table backups, newest first, the figures of the newest, and what is wrong with it. */
bool backup_files_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err);
/* A format of that table that pg_restore reads. */
bool backup_is_dump(const char *format);

#endif
