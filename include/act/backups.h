/* act/backups.h - the catalogue of a backup directory: only files that are ours by name, with what
 * stands beside them (wire/backup.h), and
 *   NAME.part            one that is being written, or whose writer died: never a backup
 * A directory that does not answer (a network file system whose server is gone) is an error within
 * five seconds, not a wait. */
#ifndef GOODGO_ACT_BACKUPS_H
#define GOODGO_ACT_BACKUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "act/archive.h"
#include "act/plan.h"
#include "base/arena.h"
#include "base/err.h"
#include "wire/backup.h"

struct backup_file {
    const char *name, *path;
    int64_t taken_wall_s;
    enum archive_kind kind;
    struct backup_state state;
    char grade;
};

/* Newest first, at most 1000. Links and pipes are no backups, nor is a directory under a file's
 * name or a file under a directory's. */
bool backups_list(const char *dir, struct arena *a, int64_t now_wall_s, int64_t proof_max_age_s,
                  struct backup_file **ret, uint32_t *ret_n, struct err *err) MUST_CHECK;
/* NAME.part files and directories whose writer is gone (no lock on them). In the arena. */
bool backups_stale_parts(const char *dir, struct arena *a, const char ***ret_paths, uint32_t *ret_n,
                         struct err *err) MUST_CHECK;
/* A part, of either kind. One that is gone is no error. */
bool backups_remove_part(const char *path, struct err *err) MUST_CHECK;
/* The same of what the job began itself; why it stays, if it does, is in the job's log. */
struct job;
void backups_drop_part(const char *path, struct job *j);
/* The backup and what stands beside it. A directory loses its name first: no half of it ever has
 * one. */
bool backups_remove(const struct backup_file *f, struct arena *a, struct err *err) MUST_CHECK;
/* Which may go (R88): older than days * 24 h, never the newest, never the newest proven one, never
 * one without which no good one is left, and none that is held back. Indices into `files`, oldest
 * first. */
uint32_t backups_to_prune(const struct backup_file *files, uint32_t n, int64_t now_wall_s,
                          uint32_t days, uint32_t *ret_indices);
/* files[i] has more than twice the rows of the newest good one, or where a manifest is missing its
 * bytes. A week of backups of a database that was emptied must not take the last that was not. */
bool backups_held_back(const struct backup_file *files, uint32_t n, uint32_t i);
/* FILE, or "latest" (newest by the time in its name), as a path in the arena, without a slash at
 * its end. */
bool backup_find(const char *dir, const char *file, struct arena *a, const char **ret_path,
                 struct err *err) MUST_CHECK;
/* Warns where the name of that path tells a time to come. It stays "latest", here as on every other
 * machine: nobody can tell which clock was wrong, so the operator is to look. */
void backup_warn_future(struct plan *p, const char *path, int64_t now_wall_s);

#endif
