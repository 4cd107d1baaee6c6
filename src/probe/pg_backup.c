/* probe/pg_backup.c - the catalogue of dumps: newest, age, size, readable as an archive, and when
 * one was last proven to restore. Of the dumps only names, sizes and first bytes are read
 * (backup_files_lib.c). The newest is the one with the newest time in its name; a link such as
 * goodgo_latest is not a backup. Manifests and proofs beside them are small and read whole.
 *
 * Metrics: count, newest_at (time), newest_age_s, newest_bytes, newest_name (text), newest_grade
 * (text), total_bytes, free_bytes, last_proof_age_s, recovery_ms, rpo_goal_s, proof_goal_s.
 * Table: backups(taken, age, size, took_ms, tables, manifest, restored, grade, format, readable,
 * name); those of backup_notes_priv.h. */
#include "codec/probe.h"

#include <string.h>

#include "backup_files_priv.h"
#include "backup_notes_priv.h"
#include "base/shell.h"
#include "base/str.h"
#include "http_priv.h"

#define ALERT_AGE_S 93600 /* 26 h */
#define DRILL_AGE_S (8 * 86400)
#define NOTE_BYTES  ((uint32_t)4 << 20) /* a larger manifest is not read each minute */

/* ---- manifests and proofs beside the dumps ---- */

static bool notes_request(struct probe_run *run, struct exchange *ex) {
    ex->kind = EXCHANGE_FILES;
    ex->files = (struct files_request){.dir = run->settings->backup_dir,
                                       .prefix = BACKUP_PREFIX,
                                       .suffix = ".json",
                                       .max_files = 3 * BACKUP_MAX_FILES,
                                       .content_bytes = NOTE_BYTES};
    return run->settings->backup_dir != NULL;
}

static bool notes_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                        struct err *err) {
    backup_notes_read(run, &reply->files, out);
    return true;
}

/* ---- the last report, wherever REPORT_FILE has it ---- */

static bool report_request(struct probe_run *run, struct exchange *ex) {
    const char *path = run->settings->report_file;
    if (!path || !*path_name(path))
        return false;
    size_t n = (size_t)(path_name(path) - path);
    const char *dir = n > 1 ? arena_strndup(run->arena, path, n - 1) : n ? "/" : ".";
    ex->kind = EXCHANGE_FILES;
    ex->files = (struct files_request){.dir = dir,
                                       .prefix = path_name(run->settings->report_file),
                                       .suffix = "",
                                       .max_files = 20,
                                       .content_bytes = NOTE_BYTES};
    return true;
}

static void take_report(const struct probe_run *run, const struct file_entry *f,
                        struct reading *out) {
    struct backup_proof p;
    struct err ignored;
    struct json *j =
        f->content ? json_parse(f->content, f->content_len, NOTE_BYTES, &ignored) : NULL;
    backup_proof_read(j, run->arena, &p);
    json_free(j);
    reading_textz(out, "report_result", proof_result_name(p.result));
    if (p.result != PROOF_UNREADABLE)
        reading_int(out, "report_age_s", UNIT_SECONDS, run->now_wall_ms / 1000 - p.at_wall_s);
    if (p.result == PROOF_FAIL)
        reading_textz(out, "report_why", p.first_failure);
}

static bool report_parse(struct probe_run *run, const struct reply *reply, struct reading *out,
                         struct err *err) {
    for (size_t i = 0; i < reply->files.n_entries; i++) {
        const struct file_entry *f = &reply->files.entries[i];
        if (strcmp(f->name, path_name(run->settings->report_file)) == 0 && f->kind == 'f' &&
            f->size_bytes)
            take_report(run, f, out);
    }
    return true;
}

static const struct probe_stage stages[] = {
    {"files", 0, 0, true, backup_files_request, backup_files_parse},
    {"notes", 0, 0, false, notes_request, notes_parse},
    {"report", 0, 0, false, report_request, report_parse},
};
static const struct stage_words stage_words[] = {
    {"notes", "manifests and proofs"},
    {"report", "the report of the last drill"},
    {NULL, NULL},
};

/* ---- judgement ---- */

static void future_finding(struct reading *r, const char *what, const char *age) {
    reading_finding(r, HEALTH_WARNING, "clock", "compare this machine's clock with the server's",
                    "%s is from the future (%s)", what, age);
}

static void judge_age(const struct probe_run *run, struct reading *r) {
    const struct settings *s = run->settings;
    double age, warn = s->backup_warn_age_s ? s->backup_warn_age_s : ALERT_AGE_S;
    double critical = s->backup_critical_age_s > warn ? s->backup_critical_age_s : warn;
    char text[32];
    if (!reading_number(r, "newest_age_s", &age)) {
        reading_finding(
            r, s->production ? HEALTH_CRITICAL : HEALTH_WARNING, "no_backup",
            "take one now, `goodgo backup` or the act on its screen; is BACKUP_DIR right?",
            "there is no backup in this directory");
        return;
    }
    value_format(value_real(age), UNIT_SECONDS, 0, text, sizeof text);
    if (age < -BACKUP_FUTURE_S)
        future_finding(r, "the newest backup", text);
    else if (age > warn)
        reading_finding(r, age > critical ? HEALTH_CRITICAL : HEALTH_WARNING, "backup_old",
                        "see /var/log/pg-backup.log and whether pg-backup runs; take one now",
                        "the newest backup is %s old", text);
}

static uint32_t proof_goal_s(const struct settings *s) {
    return s->drill_warn_age_s ? s->drill_warn_age_s : DRILL_AGE_S;
}

/* The newest that passed, of those beside the dumps and the report. */
static void find_last_proof(struct reading *r) {
    double beside, report;
    const char *result = reading_string(r, "report_result");
    bool has_beside = reading_number(r, "archive_proof_age_s", &beside);
    bool has_report = result && strcmp(result, proof_result_name(PROOF_PASS)) == 0 &&
                      reading_number(r, "report_age_s", &report);
    if (has_beside || has_report)
        reading_int(r, "last_proof_age_s", UNIT_SECONDS,
                    int_of(has_beside && (!has_report || beside < report) ? beside : report));
}

/* Having never proven a backup is normal on a developer's machine. */
static void judge_proof(const struct probe_run *run, struct reading *r) {
    const struct settings *s = run->settings;
    double age;
    enum health health = s->production ? HEALTH_WARNING : HEALTH_OK;
    char text[32];
    find_last_proof(r);
    bool known = reading_number(r, "last_proof_age_s", &age);
    if (!known) {
        reading_finding(r, health, "never_proved", "prove the newest: `goodgo verify`",
                        "no backup was ever proven to restore");
        return;
    }
    value_format(value_real(age), UNIT_SECONDS, 0, text, sizeof text);
    if (age < -BACKUP_FUTURE_S)
        future_finding(r, "the last verified restore", text);
    else if (age > proof_goal_s(s))
        reading_finding(r, HEALTH_WARNING, "proof_old", "verify the newest: `goodgo verify`",
                        "the last verified restore is %s ago", text);
}

/* A failed drill is the worst news there is of a backup; of an old one it is news all the same, as
 * long as none passed since. */
static void judge_failed(struct reading *r, const struct backup_proof *newest, const char *name) {
    double passed_ago, report_ago;
    bool passed = reading_number(r, "last_proof_age_s", &passed_ago);
    const char *why = reading_string(r, "report_why");
    bool newer_report = why && reading_number(r, "report_age_s", &report_ago) &&
                        (!passed || report_ago < passed_ago);
    if (newest->result == PROOF_FAIL)
        reading_finding(r, HEALTH_CRITICAL, "drill_failed",
                        "take a new backup and prove it: `goodgo backup`, `goodgo verify`",
                        "the last drill failed, of %s: %s", name, newest->first_failure);
    else if (newer_report)
        reading_finding(r, HEALTH_CRITICAL, "drill_failed", "see REPORT_FILE, then `goodgo verify`",
                        "the last drill failed: %s", why);
    else if (newest->result == PROOF_ERROR)
        reading_finding(r, HEALTH_WARNING, "drill_unfit", "see `goodgo jobs` for that drill",
                        "the last drill came to no verdict: %s", newest->first_failure);
}

static enum health grade_health(char grade) {
    return grade == 'A'   ? HEALTH_OK
           : grade == 'D' ? HEALTH_WARNING
           : grade == 'F' ? HEALTH_CRITICAL
                          : HEALTH_OFF;
}

/* "pass 38m", "never", "FAIL". */
static const char *restored_text(const struct probe_run *run, const struct backup_state *s) {
    char took[32];
    const struct backup_proof *p = &s->proof;
    if (p->result == PROOF_NONE && s->attempt.result == PROOF_ERROR)
        return "no verdict";
    if (p->result != PROOF_NONE && !backup_proof_fits(s))
        return "other file";
    if (p->result == PROOF_FAIL)
        return "FAIL";
    value_format(value_real((double)p->recovery_ms), UNIT_MS, 0, took, sizeof took);
    return p->result == PROOF_PASS && p->recovery_ms >= 0
               ? arena_printf(run->arena, "pass %s", took)
               : proof_result_name(p->result);
}

static void grade_row(const struct probe_run *run, struct reading *r, struct row *row,
                      const struct backup_state *s) {
    char grade[2] = {backup_grade(s, run->now_wall_ms / 1000, proof_goal_s(run->settings)), 0};
    if (s->manifest.known && s->manifest.took_ms >= 0)
        row_int(row, B_TOOK, s->manifest.took_ms);
    if (s->manifest.known)
        row_int(row, B_TABLES, s->manifest.tables);
    row_int(row, B_MANIFEST, s->manifest.there);
    row_text(r, row, B_RESTORED, restored_text(run, s));
    row_text(r, row, B_GRADE, grade);
    row->health = grade_health(grade[0]);
}

/* Grades every dump, from what the stages found of it. What stands beside them not read: no grade,
 * rather than one of dumps without manifests. */
static void judge_grades(const struct probe_run *run, struct reading *r) {
    const struct table *t = reading_table(r, "notes") ? reading_table(r, "backups") : NULL;
    struct backup_proof newest = {0};
    const char *name = "";
    for (uint32_t i = 0; t && i < t->n_rows; i++) {
        struct row *row = &t->rows[i];
        struct backup_state s = {.size_bytes = row->cells[B_SIZE].i};
        s.readable = row->cells[B_READABLE].i && backup_is_dump(row->cells[B_FORMAT].t.s);
        backup_notes_state(r, row->cells[B_NAME].t.s, &s);
        grade_row(run, r, row, &s);
        if (i == 0)
            reading_set(r, "newest_grade", UNIT_NONE, row->cells[B_GRADE]);
        if (s.proof.at_wall_s > newest.at_wall_s)
            newest = s.proof, name = row->cells[B_NAME].t.s;
        if (s.attempt.at_wall_s > newest.at_wall_s)
            newest = s.attempt, name = row->cells[B_NAME].t.s;
    }
    judge_failed(r, &newest, name);
}

static void judge(struct probe_run *run, struct reading *r, struct verdict *v) {
    char age[32], size[32], count[32], proof[32];
    const struct settings *settings = run->settings;
    judge_age(run, r);
    judge_proof(run, r);
    judge_grades(run, r);
    reading_int(r, "rpo_goal_s", UNIT_SECONDS,
                settings->backup_warn_age_s ? settings->backup_warn_age_s : ALERT_AGE_S);
    reading_int(r, "proof_goal_s", UNIT_SECONDS, proof_goal_s(settings));
    show_metric(r, "newest_age_s", age, sizeof age);
    show_metric(r, "newest_bytes", size, sizeof size);
    show_metric(r, "count", count, sizeof count);
    show_metric(r, "last_proof_age_s", proof, sizeof proof);
    bool proven = reading_metric(r, "last_proof_age_s") != NULL;
    v->summary = text_printf(run->arena, "newest %s  %s%s  %s  %s kept", age,
                             proven ? "proven " : "never proven", proven ? proof : "", size, count);
    judge_by_findings(run, r, v);
}

static bool configured(const struct settings *s, const char **ret_why_not) {
    *ret_why_not = "no directory: set BACKUP_DIR";
    return s->backup_dir != NULL;
}

static void shell(const struct settings *s, const char *table, struct str *out) {
    str_puts(out, "ls -l --time-style=full-iso ");
    shell_put(out, "%s", s->backup_dir ? s->backup_dir : "");
    str_puts(out, "/" BACKUP_PREFIX "*" BACKUP_SUFFIX " | tail -n 5");
}

static const struct probe_echo echoes[] = {{"backup_old", SERVICE_postgres}, {0}};

extern const struct probe probe_pg_backup;
const struct probe probe_pg_backup = {
    .service = SERVICE_pg_backup,
    .title = "Backups",
    .purpose = "dumps of the database: age, size, readable as an archive, last proof",
    .interval_ms = 60000,
    .timeout_ms = 5000,
    .retries = 3,
    .start_period_ms = 0,
    .echoes = echoes,
    .stages = stages,
    .n_stages = ARRAY_LEN(stages),
    .stage_words = stage_words,
    .key_metric = "newest_age_s",
    .configured = configured,
    .judge = judge,
    .shell = shell,
    .endpoint_name = "BACKUP_DIR",
};
