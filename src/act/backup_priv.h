/* act/backup_priv.h - taking a backup, for the acts that need one: backup, and restore's safety
 * dump.
 */
#ifndef GOODGO_ACT_BACKUP_PRIV_H
#define GOODGO_ACT_BACKUP_PRIV_H

#include "act/act.h"
#include "act/job.h"
#include "base/err.h"

struct pgsession;
struct backup_source {
    const char *database, *system_identifier, *version_text;
    int version;
    int64_t size_bytes;
    int64_t clock_wall_s; /* of the server */
};
bool backup_source(struct pgsession *s, struct arena *a, struct backup_source *ret,
                   struct err *err) MUST_CHECK;

/* ---- backup_form.c: how an archive is to be written ---- */

enum backup_method { COMPRESS_GZIP, COMPRESS_LZ4, COMPRESS_ZSTD, COMPRESS_NONE };
struct backup_form {
    bool directory;
    uint32_t n_jobs; /* of pg_dump */
    enum backup_method method;
    int level; /* 0 = pg_dump's own, or none */
};
extern const struct backup_form backup_form_runbook;
/* From the plan's arguments; without any, the runbook's. */
bool backup_form_read(const struct plan *p, struct backup_form *ret, struct err *err) MUST_CHECK;
/* The pg_dump that can do it, of the server's version where that can. In the arena. */
bool backup_form_tool(const struct backup_form *f, int server_version, struct arena *a,
                      const char **ret_path, int *ret_version, struct err *err) MUST_CHECK;
const char *backup_form_words(const struct backup_form *f, struct arena *a);  /* "gzip:6" */
const char *backup_form_option(const struct backup_form *f, struct arena *a); /* for pg_dump */

/* ---- backup.c, backup_copies.c: what the plan of an upload names, and what its run does ---- */

/* Whether the plan has such a fact: prefix is the beginning of its name. */
bool backup_agreed(const struct plan *p, const char *prefix, const char *value);
struct backup_taken;
struct backup_file;
/* Nothing without --upload. The store is asked now: not after an hour's dump. */
bool backup_copies_plan(const struct act_input *in, struct plan *p, const char *dir,
                        const struct backup_form *form, const struct backup_file *files, uint32_t n,
                        bool may_prune, struct err *err) MUST_CHECK;
/* The copy of what was taken; then of the old ones those go that the plan named and that still may.
 * A copy that fails fails the job; the backup itself is whole and stays, and so do the old ones. */
bool backup_copies_run(struct job *j, const struct plan *p, const char *dir,
                       const struct backup_taken *taken, struct err *err) MUST_CHECK;

/* ---- backup_take.c ---- */

struct backup_taken {
    const char *path, *sha256;
    int64_t size_bytes;
    uint32_t tables;
    uint64_t rows;
};
/* prefix: what stands before the time in its name, BACKUP_PREFIX or another's. False: nothing is
 * left under a final name, and what was temporary is gone. */
bool backup_take(struct job *j, const struct pg_target *target, const char *dir, const char *prefix,
                 const struct backup_form *form, struct backup_taken *ret,
                 struct err *err) MUST_CHECK;

#endif
