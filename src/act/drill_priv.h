/* act/drill_priv.h - the parts of a restore drill: the report it fills, the place it restores into,
 * and the checks it makes there. */
#ifndef GOODGO_ACT_DRILL_PRIV_H
#define GOODGO_ACT_DRILL_PRIV_H

#include "act/act.h"
#include "act/archive.h"
#include "act/manifest.h"

#define DRILL_PREFIX "goodgo_verify_"

/* ---- drill_report.c: the runbook's report (R104), key for key ---- */

enum check_status { CHECK_PASS, CHECK_FAIL, CHECK_WARNING };
#define CHECKS_MAX 400
struct drill_report {
    struct arena *arena;
    int64_t started_wall_ms, size_bytes, restore_ms, total_ms;
    const char *backup_file, *test_database;
    /* Ours, behind the runbook's keys: where it was restored, the digest of what was restored, and
     * what it was held against. NULL = it did not come so far. */
    const char *place, *sha256, *against;
    bool unfit; /* could not be set up, or was cancelled: says nothing of the archive */
    struct {
        const char *check, *detail;
        enum check_status status;
    } checks[CHECKS_MAX];
    uint32_t n;
};
void report_add(struct drill_report *r, enum check_status status, const char *check,
                const char *fmt, ...) PRINTF_LIKE(4, 5);
uint32_t report_count(const struct drill_report *r, enum check_status status);
bool report_passed(const struct drill_report *r);
void report_json(const struct drill_report *r, struct str *out);

/* ---- drill_proof.c: what is left behind ---- */

/* REPORT_FILE, the job's report.json, and the proof beside the archive. */
bool proof_write(struct job *j, const struct drill_report *r, struct err *err) MUST_CHECK;
/* Of a drill that came to no verdict; REPORT_FILE and an earlier proof stay as they are. */
void proof_write_unfit(struct job *j, struct drill_report *r, const struct err *why);

/* ---- drill_place.c: a new database on the direct server, or in a cluster of its own ---- */

struct place {
    struct job *job;
    struct arena *arena;
    bool scratch;
    bool passing;                   /* made to be dropped: may be quicker than what is to stay */
    bool same_space;                /* in the tablespace of the source too */
    struct pg_target admin, target; /* target: the test database */
    const char *name;               /* of the test database */
    const char *comment;            /* on it: whose it is */
    const char *dir, *bin_dir;      /* of the scratch cluster; NULL = none */
    bool made;
    struct pgsession *keeper; /* a session in the test database: says that this drill lives */
};
/* What dead drills left: databases that carry our comment and have no session, scratch clusters
 * whose runner is gone; and databases of that name that others left. */
struct leftovers {
    const char *dead[32], *foreign[32], *clusters[32];
    uint32_t n_dead, n_foreign, n_clusters;
};
bool place_leftovers(const struct settings *settings, struct arena *a, struct leftovers *ret,
                     struct err *err) MUST_CHECK;
void place_clear_leftovers(struct job *j, const struct leftovers *l, bool foreign_too);

bool place_open(struct place *p, struct job *j, bool scratch, int64_t now_wall_ms, int min_version,
                struct err *err) MUST_CHECK;
/* Creates the database with the source's encoding and locale, by the provider that it has. */
bool place_create(struct place *p, const struct pg_target *source, struct err *err) MUST_CHECK;
/* Of a database that could not be made: which right that takes. */
void place_name_rights(struct err *err);
/* Warns where a scratch cluster for so many bytes of rows may not find room. */
void place_plan_room(const struct act_input *in, struct plan *p, int64_t text_bytes);
/* Drops a database if it is there; with force its sessions are ended. */
bool place_drop(struct pgsession *s, struct arena *a, const char *name, bool force,
                struct err *err) MUST_CHECK;
void place_close(struct place *p, bool keep); /* drops what was made, unless it is to be kept */

/* ---- drill_restore.c: pg_restore with its errors counted by object ---- */

struct restore_errors {
    const char *lines[20]; /* "INDEX Property_location_idx: ERROR: ..." */
    uint32_t n;            /* all, also those past the 20 */
    const char *right;     /* the first of those that only give an owner or a right; NULL = none */
    uint32_t n_rights;     /* all of these; they are not in n */
    /* The first that the server had of its own: a full disk, a session that somebody ended, a right
     * that this role lacks. With it, the others say nothing of the archive. NULL = none. */
    const char *of_server;
    bool gave_up; /* pg_restore ended before its end */
};
/* Foreign keys come last: they wait for one another, which leaves cores idle, and they change no
 * row. Whoever has something to do beside them restores in two parts. */
enum restore_part { RESTORE_ALL, RESTORE_ALL_BUT_KEYS, RESTORE_KEYS };
struct restore_spec {
    struct job *job;
    const char *pg_restore, *archive;
    const struct pg_target *target;
    enum restore_part part;
    const struct archive_toc *toc;     /* of a part */
    const struct content_scan *beside; /* whose progress is shown; NULL = the restore's own */
    uint32_t n_jobs;                   /* the most */
    bool with_rights;                  /* owners and grants too: of what is to stay */
};
/* How many processes of pg_restore: it reads a tar file with one. */
uint32_t restore_jobs(enum archive_kind kind, uint32_t most);
bool restore_has_keys(const struct archive_toc *toc);
/* How many processes work well side by side here: pg_restore's, pg_dump's. */
uint32_t parallel_jobs(void);
/* False only when it could not be run; errors of statements are added to *errors, the time to
 * *took_ms. */
bool restore_archive(const struct restore_spec *spec, struct restore_errors *errors,
                     int64_t *took_ms, struct err *err) MUST_CHECK;
/* What to do about an error of the server's own. */
const char *restore_todo(const struct restore_errors *errors);

/* ---- drill_checks.c: what was restored against what should be there ---- */

struct expectation { /* from the manifest, or from the live source in one snapshot */
    bool live;
    struct content content;
    struct catalog catalog;
    struct pairs money;
    int server_version;             /* that the definitions were read from, 150018; 0 = not known */
    int64_t taken_wall_ms;          /* of the dump */
    const struct pg_target *source; /* of a live one */
    int64_t doubt_ms;               /* of a live one: so much earlier it may have been taken */
    /* Of a live one: what was written by transaction since_xid or a later one, was written after
     * the dump; by before_xid or an earlier one, before it. In between nobody can tell. NULL = no
     * such transaction is known. */
    const char *since_xid, *before_xid;
    bool commit_times; /* the server notes when each transaction ended */
};
/* Begins to read the rows that were restored; NULL when the database could not be asked. */
struct checks *checks_begin(struct job *j, const struct pg_target *target,
                            const struct expectation *e, struct drill_report *r, struct err *err);
const struct content_scan *checks_scan(const struct checks *c);
/* Runs every check; adds to the report. False when the database could not be asked. */
bool checks_finish(struct checks *c, struct err *err) MUST_CHECK;
void checks_drop(struct checks *c); /* of a drill that failed before; NULL is fine */
bool money_read(struct pgsession *s, struct arena *a, const struct content *content,
                struct pairs *ret, struct err *err) MUST_CHECK;

/* ---- drill_definitions.c: what was restored by its definitions ---- */

const char *expectation_source(const struct expectation *e); /* in words: "the manifest" */
/* Adds a check for each kind; `version` is that of the server restored into. */
void check_definitions(struct drill_report *r, const struct expectation *e,
                       const struct catalog *found, int version);
/* Adds a warning where large objects were restored and no digest vouches for them: pg_restore takes
 * one that is cut short or changed, where gzip does not tell it. */
void check_large_objects(struct drill_report *r, const struct expectation *e,
                         const struct archive_toc *toc);

/* ---- drill_writers.c: when the rows of the live source were written ---- */

/* Fills since_xid, before_xid and commit_times of a live expectation, in the snapshot of s. */
bool rows_date_writers(struct pgsession *s, struct arena *a, struct expectation *e,
                       struct err *err) MUST_CHECK;

/* ---- drill_rows.c: which rows differ ---- */

/* Adds a finding for one table whose sums differ from those of the live source. */
bool rows_compare(const struct pg_target *target, const struct expectation *e,
                  const struct content_table *table, struct drill_report *r, int cancel_fd,
                  struct err *err) MUST_CHECK;

#endif
