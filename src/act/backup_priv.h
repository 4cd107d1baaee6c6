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

/* ---- backup_take.c ---- */

struct backup_taken {
    const char *path, *sha256;
    int64_t size_bytes;
    uint32_t tables;
    uint64_t rows;
};
/* False: nothing is left under a final name, and what was temporary is gone. */
bool backup_take(struct job *j, const struct pg_target *target, const char *dir,
                 const struct backup_form *form, struct backup_taken *ret,
                 struct err *err) MUST_CHECK;

#endif
