/* wire/backup.c - names, proofs and grades of backups; see wire/backup.h. */
#include "wire/backup.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

#define STAMP 15 /* YYYYMMDD_HHMMSS */

/* ---- names ---- */

static bool all_digits(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!char_is_digit(s[i]))
            return false;
    return true;
}

void backup_name(int64_t wall_s, bool directory, char *buf, size_t size) {
    char t[40];
    clock_iso8601(wall_s * 1000, t, sizeof t);
    snprintf(buf, size, BACKUP_PREFIX "%.4s%.2s%.2s_%.2s%.2s%.2s%s", t, t + 5, t + 8, t + 11,
             t + 14, t + 17, directory ? BACKUP_DIR : BACKUP_SUFFIX);
}

bool backup_time_of_name(const char *name, int64_t *ret_wall_s) {
    char iso[32];
    int64_t ms;
    const char *at = name + strlen(BACKUP_PREFIX);
    if (strlen(name) < strlen(BACKUP_PREFIX) + STAMP || !str_starts(name, BACKUP_PREFIX) ||
        (strcmp(at + STAMP, BACKUP_SUFFIX) != 0 && strcmp(at + STAMP, BACKUP_DIR) != 0) ||
        !all_digits(at, 8) || at[8] != '_' || !all_digits(at + 9, 6))
        return false;
    snprintf(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", at, at + 4, at + 6, at + 9, at + 11,
             at + 13);
    if (!clock_parse_rfc3339(iso, &ms))
        return false;
    *ret_wall_s = ms / 1000;
    return true;
}

bool backup_is_directory(const char *name) {
    const char *dot = strchr(name, '.');
    return dot && strcmp(dot, BACKUP_DIR) == 0;
}

enum copy_part backup_copy_part(const char *key, char ret_name[BACKUP_NAME_SIZE]) {
    static const char *const suffixes[] = {BACKUP_SUFFIX, BACKUP_DIR};
    int64_t ignored_s;
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        size_t n = strlen(BACKUP_PREFIX) + STAMP + strlen(suffixes[i]);
        snprintf(ret_name, BACKUP_NAME_SIZE, "%.*s", (int)n, key);
        if (!backup_time_of_name(ret_name, &ignored_s))
            continue;
        const char *rest = key + n;
        bool directory = backup_is_directory(ret_name);
        return strcmp(rest, BACKUP_MANIFEST) == 0             ? COPY_MANIFEST
               : !directory && !*rest                         ? COPY_ARCHIVE
               : directory && strcmp(rest, BACKUP_INDEX) == 0 ? COPY_INDEX
               : directory && rest[0] == '/' && rest[1]       ? COPY_MEMBER
                                                              : COPY_NONE;
    }
    return COPY_NONE;
}

/* ---- documents ---- */

const char *proof_result_name(enum proof_result r) {
    static const char *const names[] = {[PROOF_NONE] = "never",
                                        [PROOF_PASS] = "pass",
                                        [PROOF_FAIL] = "fail",
                                        [PROOF_ERROR] = "error",
                                        [PROOF_UNREADABLE] = "unreadable"};
    return names[r];
}

static const char *get_text(const struct json *j, const char *path, struct arena *a) {
    const char *s = json_string(j, path);
    return s ? arena_strdup(a, s) : "";
}

static int64_t get_number(const struct json *j, const char *path) {
    int64_t n;
    return json_i64(j, path, 0, INT64_MAX / 1000, &n) ? n : -1;
}

static const char *first_failure(const struct json *j, struct arena *a) {
    for (const struct json *c = json_first(json_get(j, "checks")); c; c = json_next(c)) {
        if (str_is(json_string(c, "status"), "fail"))
            return arena_printf(a, "%s: %s", get_text(c, "check", a), get_text(c, "detail", a));
    }
    return "";
}

static bool result_parse(const char *word, enum proof_result *ret) {
    for (enum proof_result r = PROOF_PASS; r <= PROOF_ERROR; r++)
        if (strcmp(word, proof_result_name(r)) == 0) {
            *ret = r;
            return true;
        }
    return false;
}

void backup_proof_read(const struct json *j, struct arena *a, struct backup_proof *ret) {
    int64_t ms;
    *ret = (struct backup_proof){.result = PROOF_UNREADABLE,
                                 .size_bytes = -1,
                                 .restore_ms = -1,
                                 .recovery_ms = -1,
                                 .place = "",
                                 .sha256 = "",
                                 .against = "",
                                 .first_failure = ""};
    if (!j || !result_parse(get_text(j, "result", a), &ret->result))
        return;
    if (!clock_parse_rfc3339(get_text(j, "timestamp", a), &ms)) {
        ret->result = PROOF_UNREADABLE;
        return;
    }
    int64_t restore_s = get_number(j, "restoreDurationSeconds");
    ret->at_wall_s = ms / 1000;
    ret->size_bytes = get_number(j, "sizeBytes");
    ret->restore_ms = restore_s < 0 ? -1 : restore_s * 1000;
    ret->recovery_ms = get_number(j, "recoveryTimeMs");
    ret->passed = get_number(j, "passed");
    ret->failed = get_number(j, "failed");
    ret->warnings = get_number(j, "warnings");
    ret->place = get_text(j, "place", a);
    ret->sha256 = get_text(j, "sha256", a);
    ret->against = get_text(j, "against", a);
    ret->first_failure = first_failure(j, a);
}

void backup_manifest_read(const struct json *j, struct arena *a, struct backup_manifest *ret) {
    *ret = (struct backup_manifest){.there = true, .size_bytes = -1, .took_ms = -1, .sha256 = ""};
    if (!j)
        return;
    ret->size_bytes = get_number(j, "sizeBytes");
    ret->took_ms = get_number(j, "tookMs");
    ret->sha256 = get_text(j, "sha256", a);
    ret->known = ret->size_bytes >= 0;
    for (const struct json *t = json_first(json_get(j, "tables")); t; t = json_next(t)) {
        int64_t rows = get_number(t, "rows");
        ret->tables++;
        if (rows > 0)
            ret->rows = int_add(ret->rows, rows);
    }
}

/* ---- the grade ---- */

bool backup_proof_fits(const struct backup_state *s) {
    const struct backup_proof *p = &s->proof;
    if (p->result == PROOF_NONE) /* nothing of it was read, its digest least of all */
        return false;
    if (p->size_bytes >= 0 && p->size_bytes != s->size_bytes)
        return false;
    return !s->manifest.known || !*p->sha256 || !*s->manifest.sha256 ||
           strcmp(p->sha256, s->manifest.sha256) == 0;
}

static bool proved_lately(const struct backup_state *s, int64_t now_wall_s, int64_t max_age_s) {
    int64_t age_s = now_wall_s - s->proof.at_wall_s;
    return age_s <= max_age_s && age_s >= -BACKUP_FUTURE_S;
}

char backup_grade(const struct backup_state *s, int64_t now_wall_s, int64_t proof_max_age_s) {
    enum proof_result proof = backup_proof_fits(s) ? s->proof.result : PROOF_NONE;
    if (!s->readable || proof == PROOF_FAIL ||
        (s->manifest.known && s->manifest.size_bytes != s->size_bytes))
        return 'F';
    if (proof == PROOF_PASS && proved_lately(s, now_wall_s, proof_max_age_s))
        return 'A';
    if (s->manifest.known)
        return 'B';
    return proof == PROOF_PASS ? 'D' : 'C';
}
