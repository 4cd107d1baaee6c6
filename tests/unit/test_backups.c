/* tests/unit/test_backups.c - what retention may take: never the newest, the last proved one, the
 * last good one. And what of a directory is a backup at all. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/backups.h"

#define NOW  INT64_C(1795334400)
#define DAYS INT64_C(86400)

/* One letter per backup, newest first, a day apart: its grade; small = its drill passed. */
static const char *pruned(const char *files, uint32_t days) {
    static char names[40];
    struct backup_file list[32] = {0};
    uint32_t n = (uint32_t)strlen(files), old[32];
    for (uint32_t i = 0; i < n; i++) {
        bool proved = files[i] >= 'a';
        list[i].taken_wall_s = NOW - i * DAYS - 60;
        list[i].grade = (char)(proved ? files[i] - 'a' + 'A' : files[i]);
        list[i].state.proof = (struct backup_proof){
            .result = proved ? PROOF_PASS : PROOF_NONE, .size_bytes = -1, .sha256 = ""};
    }
    uint32_t n_old = backups_to_prune(list, n, NOW, days, old);
    for (uint32_t i = 0; i < n_old; i++)
        names[i] = (char)('0' + old[i]);
    names[n_old] = 0;
    return names;
}

TEST(retention_takes_the_old_oldest_first) {
    CHECK_STR(pruned("BBBBB", 3), "43");
    CHECK_STR(pruned("BBBBB", 30), "");
    CHECK_STR(pruned("", 1), "");
}

TEST(retention_never_takes_the_last_proved_one) {
    CHECK_STR(pruned("BBBbB", 1), "421");
    CHECK_STR(pruned("BBBbb", 1), "421");
    CHECK_STR(pruned("BBBBd", 1), "321");
}

TEST(retention_never_takes_the_newest_or_the_last_good_one) {
    CHECK_STR(pruned("F", 0), "");
    CHECK_STR(pruned("FFFCF", 1), "421");
    CHECK_STR(pruned("FFFFF", 1), "4321");
}

/* The proof tells of other bytes than these: it protects nothing. */
TEST(a_proof_of_another_file_protects_nothing) {
    struct backup_file list[3] = {0};
    uint32_t old[3];
    for (int i = 0; i < 3; i++) {
        list[i].taken_wall_s = NOW - i * 10 * DAYS;
        list[i].grade = 'B';
        list[i].state.size_bytes = 1000;
    }
    list[1].state.proof =
        (struct backup_proof){.result = PROOF_PASS, .size_bytes = 1000, .sha256 = ""};
    CU_ASSERT_EQUAL(backups_to_prune(list, 3, NOW, 7, old), 1);
    list[1].state.proof.size_bytes = 999;
    CU_ASSERT_EQUAL(backups_to_prune(list, 3, NOW, 7, old), 2);
}

static void put(const char *dir, const char *name, const char *bytes) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fputs(bytes, f);
    fclose(f);
}

TEST(links_pipes_and_other_names_are_no_backups) {
    static const char *const names[] = {"goodgo_20261121_020000.sql.gz",
                                        "goodgo_20261121_020000.sql.gz.manifest.json",
                                        "goodgo_20261121_020000.sql.gz.proof.json",
                                        "goodgo_20261120_020000.sql.gz.part",
                                        "goodgo_x.sql.gz",
                                        "goodgo_20261119_020000.sql.gz",
                                        "goodgo_20261118_020000.sql.gz"};
    char dir[] = "/tmp/goodgo-test-XXXXXX", path[300];
    struct arena a;
    struct err err;
    struct backup_file *files;
    const char *found;
    uint32_t n;
    arena_init(&a);
    CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
    put(dir, names[0], "-- plain SQL");
    put(dir, names[1], "{\"sizeBytes\": 12, \"tables\": [{\"rows\": 3}]}");
    put(dir, names[2], "{\"result\": \"pass\", \"timestamp\": \"2026-11-22T05:00:00Z\"}");
    put(dir, names[3], "x");
    put(dir, names[4], "x");
    snprintf(path, sizeof path, "%s/%s", dir, names[5]);
    CU_ASSERT_EQUAL(symlink(names[0], path), 0);
    snprintf(path, sizeof path, "%s/%s", dir, names[6]);
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
    CU_ASSERT_TRUE_FATAL(backups_list(dir, &a, NOW, DAYS, &files, &n, &err));
    CU_ASSERT_EQUAL_FATAL(n, 1);
    CHECK_STR(files[0].name, names[0]);
    CU_ASSERT_EQUAL(files[0].grade, 'F');
    CU_ASSERT(files[0].state.manifest.known && files[0].state.manifest.rows == 3);
    CU_ASSERT_EQUAL(files[0].state.proof.result, PROOF_PASS);
    CU_ASSERT_TRUE(backup_find(dir, "latest", &a, &found, &err));
    CHECK_STR(found, arena_printf(&a, "%s/%s", dir, names[0]));
    CU_ASSERT_TRUE(backup_find(dir, names[0], &a, &found, &err));
    CHECK_STR(found, arena_printf(&a, "%s/%s", dir, names[0]));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
    arena_done(&a);
}

SUITE(backups, T(retention_takes_the_old_oldest_first),
      T(retention_never_takes_the_last_proved_one),
      T(retention_never_takes_the_newest_or_the_last_good_one),
      T(a_proof_of_another_file_protects_nothing), T(links_pipes_and_other_names_are_no_backups))
