/* wire/backup.h - what stands beside a backup, and the grade that follows from it. Pure: the screen
 * reads these files through the loop, sub-commands and jobs by themselves, and both must say the
 * same.
 *   NAME                 goodgo_YYYYMMDD_HHMMSS.sql.gz, the time in UTC; .dir in place of .sql.gz
 *                        is a directory
 *   NAME.manifest.json   what was in the database when it was taken (act/manifest.h)
 *   NAME.proof.json      the report of the last restore drill that came to a verdict
 *   NAME.attempt.json    of a later one that did not: why it could not be set up
 * and what a copy of it is in a bucket: objects NAME and NAME.manifest.json; of a directory
 *   NAME/FILE            each of its files
 *   NAME.manifest.json
 *   NAME.sha256          put there last, so it is whole: lines "SHA-256  FILE", which its sum is of
 * A restore's safety dump has a name that neither the runbook's scripts nor "latest" nor the
 * retention take for a backup's, because it holds what was to be replaced:
 *   safety_DATABASE_YYYYMMDD_HHMMSS.sql.gz, with its manifest
 */
#ifndef GOODGO_WIRE_BACKUP_H
#define GOODGO_WIRE_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "wire/json.h"

#define BACKUP_PREFIX        "goodgo_"
#define BACKUP_SAFETY_PREFIX "safety_"
#define BACKUP_SUFFIX        ".sql.gz"
#define BACKUP_DIR           ".dir"
#define BACKUP_MANIFEST      ".manifest.json"
#define BACKUP_PROOF         ".proof.json"
#define BACKUP_ATTEMPT       ".attempt.json"
#define BACKUP_INDEX         ".sha256"
#define BACKUP_NOTE_MAX      ((size_t)16 << 20) /* bytes of one such file */
#define BACKUP_FUTURE_S      600                /* a name further ahead is of a wrong clock */

/* "goodgo_20260410_020000.sql.gz" of a time, or with .dir; and back. */
void backup_name(int64_t wall_s, bool directory, char *buf, size_t size);
bool backup_time_of_name(const char *name, int64_t *ret_wall_s);
/* Of a name that is one: whether it is that of a directory. */
bool backup_is_directory(const char *name);

#define BACKUP_NAME_SIZE 32
enum copy_part { COPY_NONE, COPY_ARCHIVE, COPY_MANIFEST, COPY_INDEX, COPY_MEMBER };
/* What an object's key says that it is, and of which backup. */
enum copy_part backup_copy_part(const char *key, char ret_name[BACKUP_NAME_SIZE]);

enum proof_result {
    PROOF_NONE,
    PROOF_PASS,
    PROOF_FAIL,
    PROOF_ERROR, /* the drill could not be set up: says nothing of the archive */
    PROOF_UNREADABLE
};
const char *proof_result_name(enum proof_result r); /* "never" "pass" "fail" "error" "unreadable" */

/* In the arena; a text that is missing is "". Only what a drill of an older console or the
 * runbook's script leaves out is missing: place, sha256, -1 for sizes and times. */
struct backup_proof {
    enum proof_result result;
    int64_t at_wall_s, size_bytes, restore_ms, recovery_ms;
    int64_t passed, failed, warnings;
    const char *place, *sha256, *against, *first_failure;
};
struct backup_manifest {
    bool there;         /* a file of that name is there ... */
    bool known;         /* ... and could be read */
    int64_t size_bytes; /* what the archive must have */
    int64_t took_ms, tables, rows;
    const char *sha256;
};
/* NULL document = the file is there, and is no JSON or may not be read. */
void backup_proof_read(const struct json *j, struct arena *a, struct backup_proof *ret);
void backup_manifest_read(const struct json *j, struct arena *a, struct backup_manifest *ret);

struct backup_state {
    bool readable; /* an archive of pg_dump by its first bytes */
    int64_t size_bytes;
    struct backup_manifest manifest;
    struct backup_proof proof, attempt;
};
/* There is a proof, and it is of these bytes, as far as its size and digest and the manifest's
 * tell. */
bool backup_proof_fits(const struct backup_state *s);
/* A: a drill of these bytes passed within proof_max_age_s. B: whole by its manifest's size, not
 * proven, or too long ago. C: no manifest. D: no manifest, and the proof is too old. F: empty,
 * unreadable, of another size than its manifest says, or the last drill of it failed. */
char backup_grade(const struct backup_state *s, int64_t now_wall_s, int64_t proof_max_age_s);

#endif
