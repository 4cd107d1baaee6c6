/* act/store.h - copies of backups in a bucket of the platform's object storage
 * (GOODGO_BACKUP_BUCKET of MinIO): put there in parts, held against size and digest, listed,
 * fetched back. Memory is one part, whatever the archive's size. An upload that was cut off leaves
 * NAME.upload beside the archive, by which the next run aborts it; nothing is visible in the bucket
 * before it is whole. */
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

struct store_object {
    const char *key;
    int64_t size_bytes;
    const char *etag, *sha256; /* sha256: as told at its upload; "" = not told, or only listed */
};
/* Archives only (goodgo_*.sql.gz), newest first, at most 1000. *ret_n = 0 for a bucket that is not
 * there. */
bool store_list(struct store *st, struct arena *a, struct store_object **ret, uint32_t *ret_n,
                struct err *err) MUST_CHECK;
/* Of one object, with what was told at its upload. */
bool store_look(struct store *st, struct arena *a, const char *key, struct store_object *ret,
                struct err *err) MUST_CHECK;

/* Archive and manifest; the bucket is made where it is missing. False: the archive is not there
 * under its name. Progress and results go to the job. */
bool store_upload(struct store *st, struct job *j, const char *path, const char *sha256,
                  struct err *err) MUST_CHECK;
/* To `path`, with its manifest: under a temporary name, held against size and digest, synced, and
 * only then under its own. */
bool store_fetch(struct store *st, struct job *j, const char *key, const char *path,
                 struct err *err) MUST_CHECK;

/* Records of uploads whose runner is gone: "NAME" of NAME.upload. In the arena. */
uint32_t store_leftovers(const char *dir, struct arena *a, const char **names, uint32_t max);
/* Aborts them in the bucket, so that their parts go; a job's result names each. */
void store_clear_leftovers(struct job *j, const char *dir);

#endif
