/* act/drill_proof.c - what a drill leaves behind: its report in the job's directory, in REPORT_FILE
 * and, as the proof, beside the archive. A drill that came to no verdict leaves a record of why
 * instead, and takes nothing from an earlier proof. */

#include "drill_priv.h"
#include "io/file.h"
#include "wire/backup.h"

static const char *beside(const struct drill_report *r, const char *suffix) {
    return arena_printf(r->arena, "%s%s", r->backup_file, suffix);
}

/* The backup directory may be read-only here: then the record stays in the job's directory. */
static void write_beside(struct job *j, const struct drill_report *r, const struct str *json) {
    struct err err;
    const char *attempt = beside(r, BACKUP_ATTEMPT);
    const char *path = r->unfit ? attempt : beside(r, BACKUP_PROOF);
    if (!writefile(path, str_get(json), json->len, &err))
        job_log(j, "no record beside the backup: %s", err.why);
    else if (!r->unfit && !file_remove(attempt, &err))
        job_log(j, "%s is of an earlier drill and could not be removed: %s", attempt, err.why);
}

bool proof_write(struct job *j, const struct drill_report *r, struct err *err) {
    struct str json;
    const char *report_file = job_settings(j)->report_file;
    str_init(&json, 4u << 20);
    report_json(r, &json);
    bool ok = writefile(arena_printf(r->arena, "%s/report.json", job_dir(j)), str_get(&json),
                        json.len, err);
    if (ok && report_file && !r->unfit)
        ok = writefile(report_file, str_get(&json), json.len, err);
    if (ok)
        write_beside(j, r, &json);
    str_done(&json);
    return ok;
}

void proof_write_unfit(struct job *j, struct drill_report *r, const struct err *why) {
    struct err err;
    char sentence[600];
    if (!r->backup_file)
        return; /* not even the archive was found */
    err_sentence(why, sentence, sizeof sentence);
    report_add(r, CHECK_FAIL, "Set-up", "%s", sentence);
    r->unfit = true;
    r->total_ms = job_elapsed_ms(j);
    if (!r->test_database)
        r->test_database = "";
    if (!proof_write(j, r, &err))
        job_log(j, "no record of this drill: %s", err.why);
}
