/* tests/unit/test_backup.c - names, proofs and grades: the words that retention and the screen rest
 * on, from whole documents, damaged ones, and none. */
#include "tests/harness.h"

#include "wire/backup.h"

#define NOW  INT64_C(1795334400) /* 2026-11-22T08:00:00Z */
#define DAYS INT64_C(86400)

static struct arena arena;

static struct backup_proof proof_of(const char *text) {
    struct err err;
    struct backup_proof p;
    struct json *j = text ? json_parse(text, strlen(text), BACKUP_NOTE_MAX, &err) : NULL;
    backup_proof_read(j, &arena, &p);
    json_free(j);
    return p;
}

TEST(a_name_is_a_time_and_back) {
    char name[64];
    int64_t s = 0;
    backup_name(NOW, false, name, sizeof name);
    CHECK_STR(name, "goodgo_20261122_080000.sql.gz");
    CU_ASSERT_TRUE(backup_time_of_name(name, &s));
    CU_ASSERT_EQUAL(s, NOW);
    CU_ASSERT_FALSE(backup_time_of_name("goodgo_20261322_080000.sql.gz", &s));
    CU_ASSERT_FALSE(backup_time_of_name("goodgo_20261122_080000.sql.gx", &s));
    CU_ASSERT_FALSE(backup_time_of_name("goodgo_2026112x_080000.sql.gz", &s));
    CU_ASSERT_FALSE(backup_time_of_name("goodgo_latest.sql.gz", &s));
    CU_ASSERT_FALSE(backup_time_of_name("goodgo_20261122_080000", &s));
    CU_ASSERT_FALSE(backup_time_of_name("goodgo_", &s));
    CU_ASSERT_FALSE(backup_is_directory(name));
    backup_name(NOW + 1, true, name, sizeof name);
    CHECK_STR(name, "goodgo_20261122_080001.dir");
    CU_ASSERT_TRUE(backup_time_of_name(name, &s) && backup_is_directory(name));
    CU_ASSERT_EQUAL(s, NOW + 1);
    CU_ASSERT_FALSE(backup_time_of_name("goodgo_20261122_080001.dir.part", &s));
}

TEST(a_report_says_when_where_and_of_what) {
    arena_init(&arena);
    struct backup_proof p = proof_of(
        "{\"timestamp\":\"2026-11-15T05:00:00Z\",\"backupFile\":\"x\",\"restoreDurationSeconds\":"
        "45,"
        "\"passed\":28,\"failed\":1,\"warnings\":2,\"result\":\"fail\",\"checks\":[{\"check\":"
        "\"a\","
        "\"status\":\"pass\"},{\"check\":\"Rows\",\"status\":\"fail\",\"detail\":\"2 are "
        "missing\"}],"
        "\"recoveryTimeMs\":61000,\"sizeBytes\":77,\"sha256\":\"ab\",\"place\":\"db1:5432\","
        "\"against\":\"manifest\"}");
    CU_ASSERT_EQUAL(p.result, PROOF_FAIL);
    CU_ASSERT_EQUAL(p.at_wall_s, NOW - 7 * DAYS - 3 * 3600);
    CU_ASSERT(p.restore_ms == 45000 && p.recovery_ms == 61000 && p.size_bytes == 77);
    CU_ASSERT(p.passed == 28 && p.failed == 1 && p.warnings == 2);
    CHECK_STR(p.place, "db1:5432");
    CHECK_STR(p.against, "manifest");
    CHECK_STR(p.first_failure, "Rows: 2 are missing");
    arena_done(&arena);
}

TEST(what_is_no_report_is_unreadable_and_never_a_pass) {
    static const char *const bad[] = {
        "{}",
        "[]",
        "{\"result\":\"pass\"}",
        "{\"result\":\"never\",\"timestamp\":\"2026-11-15T05:00:00Z\"}",
        "{\"result\":\"pass\",\"timestamp\":\"yesterday\"}",
        "{\"result\":true}"};
    arena_init(&arena);
    CU_ASSERT_EQUAL(proof_of(NULL).result, PROOF_UNREADABLE);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CU_ASSERT_EQUAL(proof_of(bad[i]).result, PROOF_UNREADABLE);
    CHECK_STR(proof_of("{}").place, "");
    arena_done(&arena);
}

/* The runbook's own script writes the first ten keys alone. */
TEST(the_runbooks_report_is_a_proof_too) {
    arena_init(&arena);
    struct backup_proof p =
        proof_of("{\"timestamp\":\"2026-11-15T05:00:00Z\",\"restoreDurationSeconds\":45,"
                 "\"passed\":28,\"failed\":0,\"warnings\":2,\"result\":\"pass\",\"checks\":[]}");
    struct backup_state s = {.readable = true, .size_bytes = 5, .proof = p};
    CU_ASSERT(p.recovery_ms == -1 && p.size_bytes == -1);
    CU_ASSERT_TRUE(backup_proof_fits(&s));
    CU_ASSERT_EQUAL(backup_grade(&s, NOW, 8 * DAYS), 'A');
    arena_done(&arena);
}

TEST(a_manifest_counts_its_tables_and_rows) {
    struct backup_manifest m;
    struct err err;
    static const char text[] = "{\"sizeBytes\":1000,\"tookMs\":24,\"sha256\":\"ab\",\"tables\":"
                               "[{\"rows\":70},{\"rows\":-1},{\"rows\":5}]}";
    arena_init(&arena);
    struct json *j = json_parse(text, strlen(text), BACKUP_NOTE_MAX, &err);
    backup_manifest_read(j, &arena, &m);
    CU_ASSERT(m.there && m.known && m.size_bytes == 1000 && m.tables == 3 && m.rows == 75);
    json_free(j);
    backup_manifest_read(NULL, &arena, &m);
    CU_ASSERT(m.there && !m.known);
    arena_done(&arena);
}

static char grade(bool readable, int64_t manifest_bytes, enum proof_result proof, int64_t days) {
    struct backup_state s = {.readable = readable, .size_bytes = 1000};
    s.manifest = (struct backup_manifest){.there = manifest_bytes >= 0,
                                          .known = manifest_bytes >= 0,
                                          .size_bytes = manifest_bytes,
                                          .sha256 = "ab"};
    s.proof = (struct backup_proof){
        .result = proof, .at_wall_s = NOW - days * DAYS, .size_bytes = -1, .sha256 = ""};
    return backup_grade(&s, NOW, 8 * DAYS);
}

TEST(the_rule_of_the_grade) {
    CU_ASSERT_EQUAL(grade(true, 1000, PROOF_PASS, 8), 'A');
    CU_ASSERT_EQUAL(grade(true, -1, PROOF_PASS, 8), 'A');
    CU_ASSERT_EQUAL(grade(true, 1000, PROOF_PASS, 9), 'B');
    CU_ASSERT_EQUAL(grade(true, 1000, PROOF_PASS, -1), 'B'); /* from the future: a wrong clock */
    CU_ASSERT_EQUAL(grade(true, 1000, PROOF_NONE, 0), 'B');
    CU_ASSERT_EQUAL(grade(true, 1000, PROOF_UNREADABLE, 0), 'B');
    CU_ASSERT_EQUAL(grade(true, -1, PROOF_NONE, 0), 'C');
    CU_ASSERT_EQUAL(grade(true, -1, PROOF_PASS, 9), 'D');
    CU_ASSERT_EQUAL(grade(true, 1000, PROOF_FAIL, 0), 'F');
    CU_ASSERT_EQUAL(grade(true, 999, PROOF_PASS, 0), 'F');
    CU_ASSERT_EQUAL(grade(false, 1000, PROOF_PASS, 0), 'F');
}

TEST(a_proof_is_of_the_bytes_it_was_made_of) {
    struct backup_state s = {.readable = true, .size_bytes = 1000};
    s.proof = (struct backup_proof){
        .result = PROOF_PASS, .at_wall_s = NOW, .size_bytes = 1001, .sha256 = "ab"};
    CU_ASSERT_EQUAL(backup_grade(&s, NOW, DAYS), 'C');
    s.proof.size_bytes = 1000;
    CU_ASSERT_EQUAL(backup_grade(&s, NOW, DAYS), 'A');
    s.manifest =
        (struct backup_manifest){.there = true, .known = true, .size_bytes = 1000, .sha256 = "cd"};
    CU_ASSERT_EQUAL(backup_grade(&s, NOW, DAYS), 'B');
    CU_ASSERT_FALSE(backup_proof_fits(&s));
}

/* Cut to nothing, with its manifest beside it, and never drilled: as a full disk may leave it. */
TEST(an_empty_archive_with_a_manifest_fails_without_a_proof) {
    struct backup_state s = {.readable = false, .size_bytes = 0};
    s.manifest =
        (struct backup_manifest){.there = true, .known = true, .size_bytes = 1000, .sha256 = "cd"};
    CU_ASSERT_FALSE(backup_proof_fits(&s));
    CU_ASSERT_EQUAL(backup_grade(&s, NOW, DAYS), 'F');
}

SUITE(backup, T(a_name_is_a_time_and_back), T(a_report_says_when_where_and_of_what),
      T(what_is_no_report_is_unreadable_and_never_a_pass), T(the_runbooks_report_is_a_proof_too),
      T(a_manifest_counts_its_tables_and_rows), T(the_rule_of_the_grade),
      T(a_proof_is_of_the_bytes_it_was_made_of),
      T(an_empty_archive_with_a_manifest_fails_without_a_proof))
