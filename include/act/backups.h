/* act/backups.h - the catalogue of a backup directory: only files that are ours by name
 * (goodgo_YYYYMMDD_HHMMSS.sql.gz, time in UTC), with their manifest and their proof beside them:
 *   NAME.manifest.json   what was in the database when it was taken (act/manifest.h)
 *   NAME.proof.json      the report of the last restore drill of this file (runbook's R104 keys)
 *   NAME.part            one that is being written, or whose writer died: never a backup */
#ifndef GOODGO_ACT_BACKUPS_H
#define GOODGO_ACT_BACKUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "act/archive.h"
#include "base/arena.h"
#include "base/err.h"

enum proof_result { PROOF_NONE, PROOF_PASS, PROOF_FAIL };

struct backup_file {
    const char *name, *path;
    int64_t taken_wall_s, size_bytes;
    enum archive_kind kind;
    bool readable, has_manifest;
    enum proof_result proof;
    int64_t proved_wall_s;
    /* A proved within proof_max_age_s; B whole by its manifest's size; C no manifest; D proof too
     * old and no manifest; F empty, unreadable, of another size than its manifest says, or a drill
     * of it failed. */
    char grade;
};

/* Newest first, at most 1000. Links, pipes and directories are not backups. */
bool backups_list(const char *dir, struct arena *a, int64_t now_wall_s, int64_t proof_max_age_s,
                  struct backup_file **ret, uint32_t *ret_n, struct err *err) MUST_CHECK;
/* NAME.part files whose writer is gone (no lock on them). In the arena. */
bool backups_stale_parts(const char *dir, struct arena *a, const char ***ret_paths, uint32_t *ret_n,
                         struct err *err) MUST_CHECK;
/* Which may go (R88): older than days * 24 h, never the newest, never the newest proved one, never
 * one without which no good one is left. Indices into `files`, oldest first. */
uint32_t backups_to_prune(const struct backup_file *files, uint32_t n, int64_t now_wall_s,
                          uint32_t days, uint32_t *ret_indices);
/* "goodgo_20260410_020000.sql.gz" of a time; and back. */
void backup_name(int64_t wall_s, char *buf, size_t size);
bool backup_time_of_name(const char *name, int64_t *ret_wall_s);
/* FILE, or "latest" (newest by the time in its name), as a path in the arena. */
bool backup_find(const char *dir, const char *file, struct arena *a, const char **ret_path,
                 struct err *err) MUST_CHECK;

#endif
