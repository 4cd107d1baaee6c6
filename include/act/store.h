/* act/store.h - copies of backups in a bucket of the platform's object storage
 * (GOODGO_BACKUP_BUCKET of MinIO): put there in parts, held against size and digest, listed,
 * fetched back. Memory is one part, whatever the archive's size. An upload that was cut off leaves
 * NAME.upload beside the archive, by which the next run clears what it had put there; no copy
 * counts as one before it is whole. What the objects of a copy are: wire/backup.h. */
#ifndef GOODGO_ACT_STORE_H
#define GOODGO_ACT_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "act/job.h"
#include "base/arena.h"
#include "base/err.h"
#include "codec/settings.h"

struct store;
/* False where the context has no object storage or no keys for it. */
bool store_open(const struct settings *s, int cancel_fd, struct store **ret,
                struct err *err) MUST_CHECK;
void store_close(struct store *st); /* NULL is fine */
const char *store_bucket(const struct store *st);

struct store_copy {
    const char *name;   /* of the backup */
    int64_t size_bytes; /* without its manifest */
    uint32_t n_files;   /* of a directory */
    bool whole;         /* a directory: its last object is there, and so are its files and bytes */
    bool indexed;       /* a directory: its last object is there */
    bool manifest;      /* has one beside it */
    const char *etag;   /* of the archive, or of a directory's last object */
    const char *sha256; /* as told at its upload; "" = not told, or a file that was only listed */
};
/* Newest first; *ret_n = 0 for a bucket that is not there. An error where they are too many to see
 * all: the newest would be missing. */
bool store_list(struct store *st, struct arena *a, struct store_copy **ret, uint32_t *ret_n,
                struct err *err) MUST_CHECK;
/* Of one, with what was told at its upload. */
bool store_look(struct store *st, struct arena *a, const char *name, struct store_copy *ret,
                struct err *err) MUST_CHECK;

/* Archive and manifest; the bucket is made where it is missing. False: no copy of it is there.
 * Progress and results go to the job. */
bool store_upload(struct store *st, struct job *j, const char *path, const char *sha256,
                  struct err *err) MUST_CHECK;
/* To `path`, with its manifest: under a temporary name, held against size and digest, synced, and
 * only then under its own. */
bool store_fetch(struct store *st, struct job *j, const char *name, const char *path,
                 struct err *err) MUST_CHECK;
/* A copy with its manifest: what makes it whole goes first. */
bool store_remove(struct store *st, struct arena *a, const char *name, struct err *err) MUST_CHECK;

/* ---- retention ---- */

struct backup_file;
struct store_retention {
    uint32_t days; /* copies that are older may go; 0 = none, ever */
    int64_t now_wall_s;
    const struct store_copy *copies; /* all, newest first */
    uint32_t n;
    const struct backup_file *files; /* of the backup directory: they tell what is proved */
    uint32_t n_files;
};
/* Which copies may go: those that are whole and have a manifest, by the rule of backups_to_prune(),
 * which holds for the store alone: a younger archive here saves none there. Indices, oldest first:
 * n at the most. */
uint32_t store_to_prune(const struct store_retention *r, struct arena *a, uint32_t *ret_indices);

#define STORE_CUTS_MAX 4
struct store_cuts { /* uploads in parts that were never completed; what is more waits for the next
                       run */
    struct {
        const char *key, *id;
    } at[STORE_CUTS_MAX];
    uint32_t n;
};
/* Of backups older than `days` and older than the newest whole copy. */
bool store_cuts(struct store *st, const struct store_retention *r, struct arena *a,
                struct store_cuts *ret, struct err *err) MUST_CHECK;
/* So that its parts go. One that is gone is fine. */
bool store_abort(struct store *st, struct arena *a, const char *key, const char *id,
                 struct err *err) MUST_CHECK;

/* ---- what an upload left ---- */

/* Records of uploads whose runner is gone: "NAME" of NAME.upload. In the arena. */
uint32_t store_leftovers(const char *dir, struct arena *a, const char **names, uint32_t max);
/* Clears what they put into the bucket; a job's result names each. */
void store_clear_leftovers(struct job *j, const char *dir);

#endif
