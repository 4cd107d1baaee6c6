/* tests/unit/test_backups.c - what retention may take: never the newest, the last proved one, the
 * last good one. And what of a directory is a backup at all. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act/backups.h"
#include "io/child.h"

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

/* Rows where both manifests have them; else bytes, as compression may be another. */
TEST(what_holds_much_more_than_the_newest_is_held_back) {
    struct backup_file list[4] = {0};
    uint32_t old[4];
    for (int i = 0; i < 4; i++) {
        list[i].taken_wall_s = NOW - i * 10 * DAYS;
        list[i].grade = 'B';
        list[i].state.size_bytes = 1000;
        list[i].state.manifest = (struct backup_manifest){.known = true, .rows = 100};
    }
    CU_ASSERT_EQUAL(backups_to_prune(list, 4, NOW, 7, old), 3);
    list[3].state.size_bytes = 9000; /* but no more rows */
    list[2].state.manifest.rows = 202;
    CU_ASSERT_EQUAL_FATAL(backups_to_prune(list, 4, NOW, 7, old), 2);
    CU_ASSERT(old[0] == 3 && old[1] == 1);
    CU_ASSERT_TRUE(backups_held_back(list, 4, 2));
    list[3].state.manifest.known = false;
    CU_ASSERT_EQUAL_FATAL(backups_to_prune(list, 4, NOW, 7, old), 1);
    CU_ASSERT_EQUAL(old[0], 1);
    list[3].grade = 'F'; /* whatever it holds is worth nothing */
    list[0].grade = 'F'; /* the newest good one is the next */
    list[1].state.manifest.rows = 102;
    CU_ASSERT_EQUAL_FATAL(backups_to_prune(list, 4, NOW, 7, old), 2);
    CU_ASSERT(old[0] == 3 && old[1] == 2);
}

TEST(one_from_the_future_is_warned_of) {
    struct arena a;
    struct plan p;
    arena_init(&a);
    plan_init(&p, &a, "verify", "dev", TIER_HARMLESS); /* now is 2026-11-22T08:00:00Z */
    backup_warn_future(&p, "/backups/goodgo_20261122_081000.sql.gz", NOW);
    backup_warn_future(&p, "/backups/goodgo_of_mine.sql.gz", NOW);
    backup_warn_future(&p, "/goodgo_20990101_000000.sql.gz/goodgo_20261121_020000.dir", NOW);
    CU_ASSERT_EQUAL(p.warnings.n, 0);
    backup_warn_future(&p, "/backups/goodgo_20261122_093000.sql.gz", NOW);
    CU_ASSERT_EQUAL_FATAL(p.warnings.n, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        p.warnings.at[0], "goodgo_20261122_093000.sql.gz is dated 1h30m ahead of this machine"));
    arena_done(&a);
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

static void put_directory(const char *dir, const char *name, const char *toc) {
    char path[300];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    CU_ASSERT_EQUAL_FATAL(mkdir(path, 0700), 0);
    if (toc)
        put(path, "toc.dat", toc);
    put(path, "3421.dat", "1\n\\.\n\n\n");
}

static bool is_there(const char *dir, const char *name) {
    struct stat st;
    char path[300];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return lstat(path, &st) == 0;
}

#define HEAD "PGDMP\1\xe\1\4\x8\3 and more"

TEST(a_directory_is_a_backup_under_a_directorys_name_alone) {
    char dir[] = "/tmp/goodgo-test-XXXXXX";
    struct arena a;
    struct err err;
    struct backup_file *files;
    const char *found;
    uint32_t n;
    arena_init(&a);
    CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
    put_directory(dir, "goodgo_20261121_020000.dir", HEAD);
    put_directory(dir, "goodgo_20261120_020000.dir", NULL);
    put_directory(dir, "goodgo_20261119_020000.sql.gz", HEAD);
    put_directory(dir, "goodgo_20261118_020000.dir.part", HEAD);
    put(dir, "goodgo_20261117_020000.dir", HEAD);
    CU_ASSERT_EQUAL(symlink(dir, arena_printf(&a, "%s/goodgo_20261116_020000.dir", dir)), 0);
    CU_ASSERT_TRUE_FATAL(backups_list(dir, &a, NOW, DAYS, &files, &n, &err));
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CHECK_STR(files[0].name, "goodgo_20261121_020000.dir");
    CU_ASSERT_EQUAL(files[0].kind, ARCHIVE_DIRECTORY);
    CU_ASSERT(files[0].state.readable && files[0].grade == 'C');
    CU_ASSERT_EQUAL(files[0].state.size_bytes, (int64_t)strlen(HEAD) + 7);
    CU_ASSERT(!files[1].state.readable && files[1].grade == 'F');
    CU_ASSERT_TRUE(backup_find(dir, "goodgo_20261121_020000.dir//", &a, &found, &err));
    CHECK_STR(found, files[0].path);
    CU_ASSERT_TRUE(backup_find(NULL, "/", &a, &found, &err));
    CHECK_STR(found, "/");
    const char *rm[] = {"/bin/rm", "-rf", dir, NULL};
    struct child_result r;
    CU_ASSERT_TRUE(
        child_run(&(struct child_spec){.argv = rm, .stdout_fd = -1, .cancel_fd = -1}, &r, &err));
    arena_done(&a);
}

/* A directory gives its names in any order: the newest may come first, last, or in between. */
TEST(of_more_than_are_listed_the_newest_are) {
    char dir[] = "/tmp/goodgo-test-XXXXXX", name[64];
    struct arena a;
    struct err err;
    struct backup_file *files;
    struct child_result r;
    uint32_t n;
    arena_init(&a);
    CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
    put(dir, "goodgo_20261130_235959.sql.gz", "newest, made first");
    for (int i = 0; i < 1500; i++) {
        snprintf(name, sizeof name, "goodgo_20261101_%02d%02d%02d.sql.gz", i / 3600, i / 60 % 60,
                 i % 60);
        put(dir, name, "");
    }
    put(dir, "goodgo_20261129_235959.sql.gz", "the one before, made last");
    CU_ASSERT_TRUE_FATAL(backups_list(dir, &a, NOW, DAYS, &files, &n, &err));
    CU_ASSERT_EQUAL_FATAL(n, 1000);
    CHECK_STR(files[0].name, "goodgo_20261130_235959.sql.gz");
    CHECK_STR(files[1].name, "goodgo_20261129_235959.sql.gz");
    CHECK_STR(files[2].name, "goodgo_20261101_002459.sql.gz");
    const char *rm[] = {"/bin/rm", "-rf", dir, NULL};
    CU_ASSERT_TRUE(
        child_run(&(struct child_spec){.argv = rm, .stdout_fd = -1, .cancel_fd = -1}, &r, &err));
    arena_done(&a);
}

/* Links in it are removed, what they point at is not; whatever else it holds keeps it whole. */
TEST(a_directory_is_removed_whole_or_not_at_all) {
    char dir[] = "/tmp/goodgo-test-XXXXXX";
    static const char name[] = "goodgo_20261121_020000.dir";
    struct arena a;
    struct err err;
    struct backup_file *files;
    const char **parts;
    uint32_t n;
    arena_init(&a);
    CU_ASSERT_FATAL(mkdtemp(dir) != NULL);
    put(dir, "mine", "kept");
    put_directory(dir, name, HEAD);
    put(dir, "goodgo_20261121_020000.dir.manifest.json", "{}");
    CU_ASSERT_EQUAL(symlink("../mine", arena_printf(&a, "%s/%s/link", dir, name)), 0);
    CU_ASSERT_EQUAL(symlink("..", arena_printf(&a, "%s/%s/up", dir, name)), 0);
    CU_ASSERT_TRUE_FATAL(backups_list(dir, &a, NOW, DAYS, &files, &n, &err) && n == 1);
    CU_ASSERT_TRUE(backups_remove(&files[0], &a, &err));
    CU_ASSERT_FALSE(is_there(dir, name));
    CU_ASSERT_FALSE(is_there(dir, "goodgo_20261121_020000.dir.part"));
    CU_ASSERT_FALSE(is_there(dir, "goodgo_20261121_020000.dir.manifest.json"));
    CU_ASSERT_TRUE(is_there(dir, "mine"));

    put_directory(dir, "goodgo_20261121_020000.dir.part", HEAD);
    CU_ASSERT_EQUAL(mkdir(arena_printf(&a, "%s/%s.part/sub", dir, name), 0700), 0);
    put_directory(dir, "goodgo_mine.part", HEAD);
    CU_ASSERT_TRUE(backups_stale_parts(dir, &a, &parts, &n, &err) && n == 1);
    CU_ASSERT_TRUE(backups_remove_part(arena_printf(&a, "%s/goodgo_mine.part", dir), &err));
    CU_ASSERT_FALSE(backups_remove_part(parts[0], &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.why, "there is a directory in it"));
    CU_ASSERT_TRUE(is_there(dir, "goodgo_20261121_020000.dir.part/toc.dat"));
    CU_ASSERT_EQUAL(rmdir(arena_printf(&a, "%s/%s.part/sub", dir, name)), 0);
    CU_ASSERT_TRUE(backups_remove_part(parts[0], &err));
    CU_ASSERT_FALSE(is_there(dir, "goodgo_20261121_020000.dir.part"));
    CU_ASSERT_TRUE(backups_remove_part(parts[0], &err)); /* somebody else did */

    put_directory(dir, name, HEAD);
    put(dir, "goodgo_20261121_020000.dir.manifest.json", "{}");
    CU_ASSERT_EQUAL(mkdir(arena_printf(&a, "%s/%s/sub", dir, name), 0700), 0);
    CU_ASSERT_FALSE(backups_remove(&files[0], &a, &err));
    CU_ASSERT_TRUE(is_there(dir, name) &&
                   is_there(dir, "goodgo_20261121_020000.dir.manifest.json"));
    CU_ASSERT_EQUAL(rmdir(arena_printf(&a, "%s/%s/sub", dir, name)), 0);
    CU_ASSERT_TRUE(backups_remove(&files[0], &a, &err));
    unlink(arena_printf(&a, "%s/mine", dir));
    CU_ASSERT_EQUAL(rmdir(dir), 0);
    arena_done(&a);
}

SUITE(backups, T(retention_takes_the_old_oldest_first),
      T(retention_never_takes_the_last_proved_one),
      T(retention_never_takes_the_newest_or_the_last_good_one),
      T(a_proof_of_another_file_protects_nothing),
      T(what_holds_much_more_than_the_newest_is_held_back), T(one_from_the_future_is_warned_of),
      T(links_pipes_and_other_names_are_no_backups),
      T(a_directory_is_a_backup_under_a_directorys_name_alone),
      T(of_more_than_are_listed_the_newest_are), T(a_directory_is_removed_whole_or_not_at_all))
