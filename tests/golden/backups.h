/* tests/golden/backups.h - a backup directory made by hand: one proved, one newer and not, one that
 * failed its drill, one without a manifest, one empty. */
#ifndef GOODGO_TESTS_GOLDEN_BACKUPS_H
#define GOODGO_TESTS_GOLDEN_BACKUPS_H

#include <stdio.h>

#include "model/reading.h"

#define DUMP(day) "goodgo_202604" day "_020000.sql.gz"

static const struct column backup_columns[] = {
    {"taken", "TAKEN", UNIT_NONE, 20, 0},       {"age", "AGE", UNIT_SECONDS, 6, 1},
    {"size", "SIZE", UNIT_BYTES, 8, 0},         {"took_ms", "DUMP", UNIT_MS, 6, 4},
    {"tables", "TABLES", UNIT_COUNT, 6, 5},     {"manifest", "MANIFEST", UNIT_BOOL, 8, 2},
    {"restored", "RESTORED", UNIT_NONE, 11, 0}, {"grade", "GRADE", UNIT_NONE, 5, 0},
    {"format", "FORMAT", UNIT_NONE, 0, 6},      {"readable", "READABLE", UNIT_BOOL, 8, 7},
    {"name", "FILE", UNIT_NONE, 0, 8},
};
static const struct column note_columns[] = {
    {"file", "FILE", UNIT_NONE, 0, 0},       {"kind", "KIND", UNIT_NONE, 0, 0},
    {"result", "RESULT", UNIT_NONE, 0, 0},   {"at", "AGO", UNIT_TIME, 0, 1},
    {"took_ms", "DUMP", UNIT_MS, 0, 3},      {"recovery_ms", "RTO", UNIT_MS, 0, 3},
    {"tables", "TABLES", UNIT_COUNT, 0, 4},  {"rows", "ROWS", UNIT_COUNT, 0, 4},
    {"sha256", "SHA256", UNIT_NONE, 0, 9},   {"place", "PLACE", UNIT_NONE, 0, 5},
    {"against", "AGAINST", UNIT_NONE, 0, 6}, {"passed", "PASSED", UNIT_COUNT, 0, 7},
    {"failed", "FAILED", UNIT_COUNT, 0, 7},  {"why", "WHY", UNIT_NONE, 0, 8},
};
static const struct column content_columns[] = {
    {"backup", "BACKUP", UNIT_NONE, 0, 9}, {"table", "TABLE", UNIT_NONE, 16, 0},
    {"rows", "ROWS", UNIT_COUNT, 9, 0},    {"bytes", "TEXT", UNIT_BYTES, 8, 1},
    {"sum", "SUM", UNIT_NONE, 0, 2},
};
static const struct column check_columns[] = {
    {"backup", "BACKUP", UNIT_NONE, 0, 9},
    {"status", "STATUS", UNIT_NONE, 7, 0},
    {"check", "CHECK", UNIT_NONE, 16, 0},
    {"detail", "DETAIL", UNIT_NONE, 0, 0},
};

static const struct made_backup {
    const char *name, *taken, *restored, *grade, *format;
    int64_t age_s, size;
    enum health health;
    bool manifest;
} made_backups[] = {
    {DUMP("11"), "2026-04-11T02:00:00Z", "never", "B", "custom 1.14", 30727, 6100000000, HEALTH_OFF,
     true},
    {DUMP("10"), "2026-04-10T02:00:00Z", "pass 38m00s", "A", "custom 1.14", 117127, 6090000000,
     HEALTH_OK, true},
    {DUMP("09"), "2026-04-09T02:00:00Z", "FAIL", "F", "custom 1.14", 203527, 6080000000,
     HEALTH_CRITICAL, true},
    {DUMP("08"), "2026-04-08T02:00:00Z", "never", "C", "custom 1.14", 289927, 6000000000,
     HEALTH_OFF, false},
    {DUMP("07"), "2026-04-07T02:00:00Z", "never", "F", "empty", 376327, 0, HEALTH_CRITICAL, false},
};

static inline void add_catalogue(struct reading *r) {
    struct table *t =
        reading_add_table(r, "backups", "Backups", backup_columns, ARRAY_LEN(backup_columns));
    for (size_t i = 0; i < ARRAY_LEN(made_backups); i++) {
        const struct made_backup *m = &made_backups[i];
        struct row *row = table_add_row(r, t, m->name, m->health);
        row_text(r, row, 0, m->taken);
        row_int(row, 1, m->age_s);
        row_int(row, 2, m->size);
        if (m->manifest) {
            row_int(row, 3, 1020000);
            row_int(row, 4, 22);
        }
        row_int(row, 5, m->manifest);
        row_text(r, row, 6, m->restored);
        row_text(r, row, 7, m->grade);
        row_text(r, row, 8, m->format);
        row_int(row, 9, m->size > 0);
        row_text(r, row, 10, m->name);
    }
}

static const struct column copy_columns[] = {
    {"name", "BACKUP", UNIT_NONE, 0, 0},
    {"bytes", "SIZE", UNIT_BYTES, 9, 0},
};

/* In the object storage: the second and the third, of which the third is another archive. */
static inline void add_copies(struct reading *r) {
    struct table *t =
        reading_add_table(r, "copies", "Copies of backups", copy_columns, ARRAY_LEN(copy_columns));
    for (size_t i = 1; i <= 2; i++) {
        struct row *row = table_add_row(r, t, made_backups[i].name, HEALTH_OFF);
        row_text(r, row, 0, made_backups[i].name);
        row_int(row, 1, made_backups[i].size + (i == 2));
    }
}

static inline void add_note(struct reading *r, struct table *t, const char *dump, const char *kind,
                            const char *result, const char *why) {
    struct row *row = table_add_row(r, t, arena_printf(r->arena, "%s%s", dump, kind), HEALTH_OFF);
    row_text(r, row, 0, dump);
    row_text(r, row, 1, kind);
    row_text(r, row, 8, "0d9c6f8f3c7d0f6a2f1f8a50b2d6a7be1b1f8f4e7c9d2a3b4c5d6e7f80910a2b");
    if (!result) {
        row_int(row, 4, 1020000);
        row_int(row, 6, 22);
        row_int(row, 7, 1843211);
        return;
    }
    row_text(r, row, 2, result);
    row_int(row, 3, 1775903527 - 86400);
    row_int(row, 5, 2280000);
    row_text(r, row, 9, "scratch cluster");
    row_text(r, row, 10, "manifest");
    row_int(row, 11, why ? 27 : 28);
    row_int(row, 12, why != NULL);
    row_text(r, row, 13, why);
}

static inline void add_detail(struct reading *r, const char *user, const char *query) {
    static const char *const tables[] = {"Listing", "Payment", "User"};
    struct table *t =
        reading_add_table(r, "contents", "Contents", content_columns, ARRAY_LEN(content_columns));
    for (size_t d = 0; d < 3; d++)
        for (int i = 0; i < 4; i++) {
            const char *name = i < 3 ? tables[i] : user;
            struct row *row = table_add_row(
                r, t, arena_printf(r->arena, "%s/%d", made_backups[d].name, i), HEALTH_OFF);
            row_text(r, row, 0, made_backups[d].name);
            row_text(r, row, 1, name);
            row_int(row, 2, 1000 * (i + 1));
            row_int(row, 3, 65536 * (i + 1));
            row_text(r, row, 4, "9a0364b9e99bb480dd25e1f0284c8555");
        }
    t = reading_add_table(r, "checks", "Checks", check_columns, ARRAY_LEN(check_columns));
    for (size_t d = 1; d < 3; d++)
        for (int i = 0; i < 3; i++) {
            bool bad = d == 2 && i == 1;
            struct row *row =
                table_add_row(r, t, arena_printf(r->arena, "%s/%d", made_backups[d].name, i),
                              bad ? HEALTH_CRITICAL : HEALTH_OK);
            row_text(r, row, 0, made_backups[d].name);
            row_text(r, row, 1, bad ? "fail" : "pass");
            row_text(r, row, 2, i == 0 ? "Database creation" : "Content: Listing");
            row_text(r, row, 3, bad ? query : "Test database created");
        }
}

static inline void add_backups(struct reading *r, const char *user, const char *query) {
    add_catalogue(r);
    struct table *t = reading_add_table(r, "notes", "Notes", note_columns, ARRAY_LEN(note_columns));
    for (size_t i = 0; i < 3; i++)
        add_note(r, t, made_backups[i].name, ".manifest.json", NULL, NULL);
    add_note(r, t, made_backups[1].name, ".proof.json", "pass", NULL);
    add_note(r, t, made_backups[2].name, ".proof.json", "fail", query);
    add_detail(r, user, query);
    reading_int(r, "count", UNIT_COUNT, 5);
    reading_int(r, "newest_age_s", UNIT_SECONDS, 30727);
    reading_int(r, "newest_bytes", UNIT_BYTES, 6100000000);
    reading_int(r, "last_proof_age_s", UNIT_SECONDS, 86400);
    reading_int(r, "recovery_ms", UNIT_MS, 2280000);
    reading_int(r, "rpo_goal_s", UNIT_SECONDS, 93600);
    reading_int(r, "proof_goal_s", UNIT_SECONDS, 691200);
    reading_textz(r, "newest_grade", "B");
}

#endif
