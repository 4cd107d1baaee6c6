/* tests/unit/test_probe_pg_backup.c - the catalogue of dumps from scripted directory listings. */
#include "tests/harness.h"
#include "tests/probe_harness.h"

extern const struct probe probe_pg_backup;

/* bench time is 1795334400 = 2026-11-22T08:00:00Z */
#define NOW 1795334400
static const struct settings dev = {.backup_dir = "/backups",
                                    .report_file = "/backups/verify-report.json"};
static const struct settings prod = {
    .production = true, .backup_dir = "/backups", .report_file = "/backups/verify-report.json"};

static struct file_entry entry(const char *name, int64_t size, const char *head, size_t head_n) {
    struct file_entry f = {.name = name,
                           .size_bytes = size,
                           .modified_wall_s = NOW - 60,
                           .kind = 'f',
                           .readable = true,
                           .head_len = (uint32_t)head_n};
    memcpy(f.head, head, head_n);
    return f;
}
#define CUSTOM "PGDMP\x01\x0e\x00", 8

static bool feed(struct probe_bench *b, const char *stage, const struct file_entry *entries,
                 size_t n) {
    struct reply r = {.kind = EXCHANGE_FILES, .ok = true};
    r.files = (struct file_list){.entries = entries,
                                 .n_entries = n,
                                 .n_total = n,
                                 .total_bytes = 5000,
                                 .free_bytes = 1 << 30};
    return bench_reply(b, stage, &r);
}

TEST(reads_time_from_the_name_and_format_from_the_magic) {
    struct probe_bench b;
    struct file_entry files[] = {
        entry("goodgo_latest.sql.gz", 1000, CUSTOM),
        entry("goodgo_20261122_020000.sql.gz", 1000, CUSTOM),
        entry("goodgo_20261121_020000.sql.gz", 900, "\x1f\x8b\x08", 3),
        entry("goodgo_20261120_020000.sql.gz", 900, "--\n-- Postgre", 13),
        entry("goodgo_20261119_020000.sql.gz", 900, "\x00\x01", 2),
        entry("goodgo_20261118_020000.sql.gz", 0, "", 0),
    };
    files[0].kind = 'l';
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, ARRAY_LEN(files)));
    CU_ASSERT_EQUAL(bench_number(&b, "count"), 5);
    CU_ASSERT_EQUAL(bench_number(&b, "newest_age_s"), 6 * 3600);
    CHECK_STR(bench_cell(&b, "backups", 0, "name"), "goodgo_20261122_020000.sql.gz");
    CHECK_STR(bench_cell(&b, "backups", 0, "taken"), "2026-11-22T02:00:00Z");
    CHECK_STR(bench_cell(&b, "backups", 0, "format"), "custom 1.14");
    CHECK_STR(bench_cell(&b, "backups", 1, "format"), "gzip");
    CHECK_STR(bench_cell(&b, "backups", 2, "format"), "text SQL");
    CHECK_STR(bench_cell(&b, "backups", 3, "readable"), "0");
    CHECK_STR(bench_cell(&b, "backups", 4, "format"), "empty");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    bench_done(&b);
}

static struct file_entry directory(const char *name, int64_t size, const char *head, size_t n) {
    struct file_entry f = entry(name, size, head, n);
    f.kind = 'd';
    return f;
}
#define DIRECTORY "PGDMP\x01\x0e\x00\x04\x08\x03", 11

TEST(a_directory_is_known_by_its_table_of_contents) {
    struct probe_bench b;
    struct file_entry files[] = {
        directory("goodgo_20261122_020000.dir", 1000, DIRECTORY),
        directory("goodgo_20261121_020000.dir", 1000, CUSTOM),
        directory("goodgo_20261120_020000.dir", 0, "", 0),
        directory("goodgo_20261119_020000.sql.gz", 1000, DIRECTORY),
        entry("goodgo_20261118_020000.dir", 1000, DIRECTORY),
    };
    struct file_entry notes[] = {entry("goodgo_20261122_020000.dir.manifest.json", 9, "{", 1)};
    notes[0].content = "{\"sizeBytes\":1000,\"tables\":[]}";
    notes[0].content_len = strlen(notes[0].content);
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(bench_request(&b, "files"));
    CHECK_STR(b.ex.files.dir_suffix, ".dir");
    CHECK_STR(b.ex.files.dir_head, "toc.dat");
    CU_ASSERT_TRUE(feed(&b, "files", files, ARRAY_LEN(files)));
    CU_ASSERT_TRUE(feed(&b, "notes", notes, 1));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    CU_ASSERT_EQUAL(bench_number(&b, "count"), 3);
    CHECK_STR(bench_cell(&b, "backups", 0, "format"), "directory 1.14");
    CHECK_STR(bench_cell(&b, "backups", 0, "grade"), "B");
    CHECK_STR(bench_cell(&b, "backups", 1, "format"), "unknown");
    CHECK_STR(bench_cell(&b, "backups", 1, "grade"), "F");
    CHECK_STR(bench_cell(&b, "backups", 2, "format"), "empty");
    bench_done(&b);
}

TEST(older_than_26_hours_is_critical) {
    struct probe_bench b;
    struct file_entry files[] = {entry("goodgo_20261121_055959.sql.gz", 1000, CUSTOM)};
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 1));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "backup_old"));
    bench_done(&b);
}

TEST(no_backup_is_critical_in_production_only) {
    struct probe_bench b;
    bench_init(&b, &probe_pg_backup, &prod);
    CU_ASSERT_TRUE(feed(&b, "files", NULL, 0));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    bench_done(&b);
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", NULL, 0));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_EQUAL(bench_number(&b, "newest_age_s"), -999);
    bench_done(&b);
}

TEST(an_empty_newest_is_critical_and_a_shrunk_one_a_warning) {
    struct probe_bench b;
    struct file_entry files[] = {entry("goodgo_20261122_020000.sql.gz", 0, "", 0),
                                 entry("goodgo_20261121_020000.sql.gz", 1000, CUSTOM)};
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 2));
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "newest_broken"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    bench_done(&b);
    files[0] = entry("goodgo_20261122_020000.sql.gz", 499, CUSTOM);
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 2));
    CU_ASSERT_PTR_NOT_NULL(strstr(bench_finding(&b, "size_drop")->what.s,
                                  "half the size of goodgo_20261121_020000.sql.gz"));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    bench_done(&b);
    files[0] = entry("goodgo_20261122_020000.sql.gz", 500, CUSTOM);
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 2));
    CU_ASSERT_PTR_NULL(bench_finding(&b, "size_drop"));
    bench_done(&b);
}

#define OLD_GZIP "PGDMP\x01\x0e\x00\x04\x08\x01\x00\x06", 13
#define OLD_NONE "PGDMP\x01\x0e\x00\x04\x08\x01\x00\x00", 13
#define NEW_NONE "PGDMP\x01\x0f\x00\x04\x08\x01\x00\x05", 13
#define NEW_GZIP "PGDMP\x01\x10\x00\x04\x08\x01\x01\x05", 13
#define NEW_ZSTD "PGDMP\x01\x10\x00\x04\x08\x01\x03\x05", 13
#define DIR_ZSTD "PGDMP\x01\x10\x00\x04\x08\x03\x03\x05", 13

/* Of the first to what is behind it, all of 1000 bytes. */
static bool drops(struct file_entry newest, struct file_entry before, struct file_entry earlier) {
    struct probe_bench b;
    struct file_entry files[] = {newest, before, earlier};
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, ARRAY_LEN(files)));
    bool found = bench_finding(&b, "size_drop") != NULL;
    bench_done(&b);
    return found;
}

TEST(only_backups_that_were_written_alike_are_compared_by_size) {
    static const char day1[] = "goodgo_20261120_020000.sql.gz",
                      day2[] = "goodgo_20261121_020000.sql.gz",
                      day3[] = "goodgo_20261122_020000.sql.gz";
    CU_ASSERT_TRUE(
        drops(entry(day3, 499, NEW_ZSTD), entry(day2, 1000, NEW_ZSTD), entry(day1, 499, NEW_ZSTD)));
    CU_ASSERT_FALSE(drops(entry(day3, 499, NEW_ZSTD), entry(day2, 1000, NEW_NONE),
                          entry(day1, 1000, NEW_GZIP)));
    CU_ASSERT_TRUE(drops(entry(day3, 499, NEW_ZSTD), entry(day2, 1000, NEW_NONE),
                         entry(day1, 1000, NEW_ZSTD)));
    CU_ASSERT_TRUE(
        drops(entry(day3, 499, NEW_GZIP), entry(day2, 1000, OLD_GZIP), entry(day1, 499, OLD_GZIP)));
    CU_ASSERT_FALSE(drops(entry(day3, 499, OLD_GZIP), entry(day2, 1000, OLD_NONE),
                          entry(day1, 1000, NEW_NONE)));
    CU_ASSERT_FALSE(drops(directory("goodgo_20261122_020000.dir", 499, DIR_ZSTD),
                          entry(day2, 1000, NEW_ZSTD), entry(day1, 1000, NEW_ZSTD)));
    CU_ASSERT_FALSE(drops(entry(day3, 499, NEW_GZIP), entry(day2, 1000, "--\n-- Postgre", 13),
                          entry(day1, 1000, "\x1f\x8b\x08", 3)));
}

TEST(a_file_we_may_not_read_is_not_called_broken) {
    struct probe_bench b;
    struct file_entry files[] = {entry("goodgo_20261122_020000.sql.gz", 1000, "", 0)};
    files[0].readable = false;
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 1));
    CU_ASSERT_PTR_NULL(bench_finding(&b, "newest_broken"));
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "unreadable"));
    bench_done(&b);
}

TEST(odd_names_fall_back_to_the_files_own_time) {
    static const char *const names[] = {"goodgo_20261399_020000.sql.gz", "goodgo_x.sql.gz",
                                        "goodgo_2026112a_020000.sql.gz", "goodgo_\x1b[31m.sql.gz",
                                        "goodgo_20261122-020000.sql.gz"};
    struct probe_bench b;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct file_entry f = entry(names[i], 1000, CUSTOM);
        bench_init(&b, &probe_pg_backup, &dev);
        CU_ASSERT_TRUE(feed(&b, "files", &f, 1));
        CU_ASSERT_EQUAL(bench_number(&b, "newest_age_s"), 60);
        CU_ASSERT_PTR_NULL(strchr(bench_cell(&b, "backups", 0, "name"), '\x1b'));
        CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "odd_name"));
        bench_done(&b);
    }
}

static struct file_entry note(const char *name, const char *content) {
    struct file_entry f = entry(name, (int64_t)strlen(content), "{", 1);
    f.content = content;
    f.content_len = strlen(content);
    return f;
}

/* It would count as lately for ever. */
TEST(a_proof_from_the_future_is_a_wrong_clock) {
    struct probe_bench b;
    struct file_entry files[] = {entry("goodgo_20261122_020000.sql.gz", 1000, CUSTOM)};
    struct file_entry report =
        note("verify-report.json", "{\"result\":\"pass\",\"timestamp\":\"2099-11-22T07:00:00Z\"}");
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 1));
    CU_ASSERT_TRUE(feed(&b, "report", &report, 1));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bench_finding(&b, "clock"));
    CHECK_HAS(bench_finding(&b, "clock")->what.s, "the last verified restore is from the future");
    bench_done(&b);
}

/* Written again by a copy yesterday: what counts is when the drill was. */
TEST(the_last_proof_is_as_old_as_the_reports_drill) {
    struct probe_bench b;
    struct file_entry files[] = {entry("goodgo_20261122_020000.sql.gz", 1000, CUSTOM)};
    struct file_entry report[] = {
        note("verify-report.json.old",
             "{\"result\":\"pass\",\"timestamp\":\"2026-11-22T07:00:00Z\"}"),
        note("verify-report.json", "{\"result\":\"pass\",\"timestamp\":\"2026-11-13T08:00:00Z\"}")};
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 1));
    CU_ASSERT_TRUE(feed(&b, "report", report, 2));
    CHECK_STR(b.ex.files.dir, "/backups");
    CHECK_STR(b.ex.files.prefix, "verify-report.json");
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_EQUAL(bench_number(&b, "last_proof_age_s"), 9 * 86400);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "proof_old"));
    bench_done(&b);
}

TEST(a_report_that_failed_is_no_proof_and_critical) {
    struct probe_bench b;
    struct file_entry files[] = {entry("goodgo_20261122_020000.sql.gz", 1000, CUSTOM)};
    struct file_entry report[] = {
        note("verify-report.json", "{\"result\":\"fail\",\"timestamp\":\"2026-11-22T07:00:00Z\","
                                   "\"checks\":[{\"check\":\"Restore\",\"status\":\"fail\","
                                   "\"detail\":\"2 errors\"}]}")};
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 1));
    CU_ASSERT_TRUE(feed(&b, "report", report, 1));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "never_proved"));
    CU_ASSERT_PTR_NOT_NULL(strstr(bench_finding(&b, "drill_failed")->what.s, "Restore: 2 errors"));
    report[0] = note("verify-report.json", "half a rep");
    bench_done(&b);
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "report", report, 1));
    CHECK_STR(bench_text(&b, "report_result"), "unreadable");
    CU_ASSERT_EQUAL(bench_number(&b, "report_age_s"), -999);
    bench_done(&b);
}

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define MANIFEST                                                                                   \
    "{\"sizeBytes\":1000,\"tookMs\":24000,\"sha256\":\"" HEX                                       \
    "\",\"tables\":[{\"name\":\"Listing\","                                                        \
    "\"rows\":70,\"bytes\":900,\"sum\":\"ab\"},{\"name\":\"User\",\"rows\":5,\"bytes\":30,"        \
    "\"sum\":\"cd\"}]}"
#define PROOF(result, day, more)                                                                   \
    "{\"timestamp\":\"2026-11-" day "T05:00:00Z\",\"result\":\"" result "\",\"passed\":28,"        \
    "\"recoveryTimeMs\":2280000,\"place\":\"scratch cluster\",\"checks\":[{\"check\":\"Content\"," \
    "\"status\":\"" result "\",\"detail\":\"70 rows\"}]" more "}"

TEST(grades_and_opens_what_stands_beside_the_dumps) {
    struct probe_bench b;
    struct file_entry files[] = {entry("goodgo_20261122_020000.sql.gz", 1000, CUSTOM),
                                 entry("goodgo_20261121_020000.sql.gz", 1000, CUSTOM),
                                 entry("goodgo_20261120_020000.sql.gz", 1000, CUSTOM),
                                 entry("goodgo_20261119_020000.sql.gz", 1000, CUSTOM),
                                 entry("goodgo_20261118_020000.sql.gz", 999, CUSTOM)};
    struct file_entry notes[] = {
        note("goodgo_20261122_020000.sql.gz.manifest.json", MANIFEST),
        note("goodgo_20261121_020000.sql.gz.proof.json",
             PROOF("pass", "21", ",\"sha256\":\"" HEX "\",\"sizeBytes\":1000")),
        note("goodgo_20261121_020000.sql.gz.manifest.json", MANIFEST),
        note("goodgo_20261120_020000.sql.gz.proof.json", PROOF("pass", "01", "")),
        note("goodgo_20261119_020000.sql.gz.proof.json", PROOF("pass", "20", ",\"sizeBytes\":999")),
        note("goodgo_20261118_020000.sql.gz.manifest.json", MANIFEST),
        note("goodgo_latest.sql.gz.proof.json", PROOF("fail", "22", "")),
        note("goodgo_.json", "{}"),
    };
    static const char *const grades[] = {"B", "A", "D", "C", "F"};
    static const char *const restored[] = {"never", "pass 38m", "pass 38m", "other file", "never"};
    bench_init(&b, &probe_pg_backup, &prod);
    CU_ASSERT_TRUE(feed(&b, "files", files, ARRAY_LEN(files)));
    CU_ASSERT_TRUE(feed(&b, "notes", notes, ARRAY_LEN(notes)));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    for (uint32_t i = 0; i < ARRAY_LEN(grades); i++) {
        CHECK_STR(bench_cell(&b, "backups", i, "grade"), grades[i]);
        CU_ASSERT_PTR_NOT_NULL(strstr(bench_cell(&b, "backups", i, "restored"), restored[i]));
        static const enum health by_grade[] = {HEALTH_OFF, HEALTH_OK, HEALTH_WARNING, HEALTH_OFF,
                                               HEALTH_CRITICAL};
        CU_ASSERT_EQUAL(reading_table(&b.reading, "backups")->rows[i].health, by_grade[i]);
    }
    CHECK_STR(bench_text(&b, "newest_grade"), "B");
    CHECK_STR(bench_cell(&b, "backups", 0, "tables"), "2");
    CU_ASSERT_EQUAL(bench_number(&b, "last_proof_age_s"), 27 * 3600);
    CU_ASSERT_EQUAL(bench_number(&b, "recovery_ms"), 2280000);
    CHECK_STR(bench_cell(&b, "contents", 0, "table"), "Listing");
    CHECK_STR(bench_cell(&b, "contents", 3, "backup"), "goodgo_20261121_020000.sql.gz");
    CHECK_STR(bench_cell(&b, "checks", 0, "detail"), "70 rows");
    bench_done(&b);
}

TEST(a_failed_drill_is_critical_until_one_passes) {
    struct probe_bench b;
    struct file_entry files[] = {entry("goodgo_20261122_020000.sql.gz", 1000, CUSTOM),
                                 entry("goodgo_20261121_020000.sql.gz", 1000, CUSTOM)};
    struct file_entry notes[] = {
        note("goodgo_20261122_020000.sql.gz.attempt.json", PROOF("error", "20", "")),
        note("goodgo_20261121_020000.sql.gz.proof.json", PROOF("fail", "21", ""))};
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 2));
    CU_ASSERT_TRUE(feed(&b, "notes", notes, 2));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_CRITICAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(bench_finding(&b, "drill_failed")->what.s,
                                  "of goodgo_20261121_020000.sql.gz: Content: 70 rows"));
    CHECK_STR(bench_cell(&b, "backups", 0, "restored"), "no verdict");
    CHECK_STR(bench_cell(&b, "backups", 1, "restored"), "FAIL");
    CHECK_STR(bench_cell(&b, "backups", 1, "grade"), "F");
    bench_done(&b);
    notes[0] = note("goodgo_20261122_020000.sql.gz.proof.json", PROOF("pass", "22", ""));
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 2));
    CU_ASSERT_TRUE(feed(&b, "notes", notes, 2));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    bench_done(&b);
    notes[1] = note("goodgo_20261121_020000.sql.gz.attempt.json",
                    "{\"result\":\"error\",\"timestamp\":\"2026-11-22T06:00:00Z\"}");
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 2));
    CU_ASSERT_TRUE(feed(&b, "notes", notes, 2));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "drill_unfit"));
    bench_done(&b);
}

TEST(a_note_that_cannot_be_read_gives_no_false_grade) {
    struct probe_bench b;
    struct file_entry files[] = {entry("goodgo_20261122_020000.sql.gz", 1000, CUSTOM)};
    struct file_entry notes[] = {note("goodgo_20261122_020000.sql.gz.manifest.json", "{\"sizeB"),
                                 note("goodgo_20261122_020000.sql.gz.proof.json", "[]")};
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 1));
    bench_judge(&b);
    CU_ASSERT_PTR_NULL(bench_cell(&b, "backups", 0, "grade"));
    CU_ASSERT_TRUE(feed(&b, "notes", notes, 2));
    bench_judge(&b);
    CHECK_STR(bench_cell(&b, "backups", 0, "grade"), "C");
    CHECK_STR(bench_cell(&b, "backups", 0, "restored"), "unreadable");
    CHECK_STR(bench_cell(&b, "backups", 0, "manifest"), "1");
    notes[0].content = NULL;
    CU_ASSERT_TRUE(feed(&b, "notes", notes, 1));
    bench_judge(&b);
    CHECK_STR(bench_cell(&b, "backups", 0, "grade"), "C");
    bench_done(&b);
}

TEST(never_proved_is_a_warning_in_production_only) {
    struct probe_bench b;
    struct file_entry files[] = {entry("goodgo_20261122_020000.sql.gz", 1000, CUSTOM)};
    bench_init(&b, &probe_pg_backup, &prod);
    CU_ASSERT_TRUE(feed(&b, "files", files, 1));
    CU_ASSERT_TRUE(feed(&b, "report", NULL, 0));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    bench_done(&b);
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 1));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_OK);
    CU_ASSERT_PTR_NOT_NULL(bench_finding(&b, "never_proved"));
    bench_done(&b);
}

TEST(finds_the_directory_of_any_report_path) {
    static const char *const cases[][3] = {
        {"/r.json", "/", "r.json"}, {"r.json", ".", "r.json"}, {"a/b/r.json", "a/b", "r.json"}};
    struct probe_bench b;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct settings s = {.backup_dir = "/b", .report_file = cases[i][0]};
        bench_init(&b, &probe_pg_backup, &s);
        CU_ASSERT_TRUE(bench_request(&b, "report"));
        CHECK_STR(b.ex.files.dir, cases[i][1]);
        CHECK_STR(b.ex.files.prefix, cases[i][2]);
        bench_done(&b);
    }
    struct settings none = {.backup_dir = "/b", .report_file = "/b/"};
    bench_init(&b, &probe_pg_backup, &none);
    CU_ASSERT_FALSE(bench_request(&b, "report"));
    bench_done(&b);
}

TEST(a_full_volume_is_told_before_the_next_dump) {
    struct probe_bench b;
    struct file_entry files[] = {entry("goodgo_20261122_020000.sql.gz", 1LL << 31, CUSTOM)};
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", files, 1));
    CU_ASSERT_EQUAL(bench_finding(&b, "space")->health, HEALTH_CRITICAL);
    bench_done(&b);
}

TEST(more_backups_than_are_looked_at_are_counted) {
    struct probe_bench b;
    struct file_entry files[] = {entry("goodgo_20261122_020000.sql.gz", 1000, CUSTOM)};
    struct reply r = {.kind = EXCHANGE_FILES, .ok = true};
    r.files =
        (struct file_list){.entries = files, .n_entries = 1, .n_total = 300, .free_bytes = -1};
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(bench_reply(&b, "files", &r));
    CU_ASSERT_EQUAL(bench_number(&b, "count"), 300);
    CU_ASSERT_EQUAL(reading_table(&b.reading, "backups")->n_rows, 1);
    bench_done(&b);
}

/* One more must fit, and then one. */
TEST(room_is_counted_in_backups_of_the_newest_size) {
    static const struct {
        int64_t free_bytes, size;
        enum health health; /* OFF: nothing is said */
    } rows[] = {{999, 1000, HEALTH_CRITICAL}, {1000, 1000, HEALTH_WARNING},
                {2000, 1000, HEALTH_WARNING}, {2001, 1000, HEALTH_OFF},
                {0, 1000, HEALTH_CRITICAL},   {-1, 1000, HEALTH_OFF},
                {1, 0, HEALTH_OFF},           {1, 1, HEALTH_WARNING}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct probe_bench b;
        struct file_entry files[] = {entry("goodgo_20261122_020000.sql.gz", rows[i].size, CUSTOM)};
        struct reply r = {.kind = EXCHANGE_FILES, .ok = true};
        r.files = (struct file_list){.entries = files,
                                     .n_entries = 1,
                                     .n_total = 1,
                                     .total_bytes = rows[i].size,
                                     .free_bytes = rows[i].free_bytes};
        bench_init(&b, &probe_pg_backup, &dev);
        CU_ASSERT_TRUE(bench_reply(&b, "files", &r));
        const struct finding *f = bench_finding(&b, "space");
        CU_ASSERT_EQUAL(f ? f->health : HEALTH_OFF, rows[i].health);
        CU_ASSERT_EQUAL(bench_number(&b, "free_bytes"),
                        rows[i].free_bytes >= 0 ? (double)rows[i].free_bytes : -999);
        bench_done(&b);
    }
}

TEST(entries_of_a_broken_file_system_do_no_harm) {
    static const int64_t odd[] = {INT64_MIN, INT64_MIN / 1000, -1, 0, INT64_MAX / 1000, INT64_MAX};
    static const char *const names[] = {"goodgo_\033[2J.sql.gz",
                                        "goodgo_20261122_020000.sql.gz",
                                        "goodgo_99999999_999999.sql.gz",
                                        "x",
                                        "",
                                        "goodgo_2026112\xff_020000.sql.gz"};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        struct probe_bench b;
        struct file_entry files[ARRAY_LEN(names)];
        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
            files[k] = entry(names[k], odd[(i + k) % ARRAY_LEN(odd)], CUSTOM);
            files[k].modified_wall_s = odd[i];
        }
        bench_init(&b, &probe_pg_backup, &prod);
        bool ok = feed(&b, "files", files, ARRAY_LEN(files));
        files[0].name = "verify-report.json";
        CU_ASSERT_TRUE(feed(&b, "report", files, 1) && ok);
        bench_judge(&b);
        CU_ASSERT_TRUE(bench_is_clean(&b, true));
        bench_done(&b);
    }
}

TEST(a_backup_from_the_future_is_a_wrong_clock) {
    struct probe_bench b;
    struct file_entry f = entry("goodgo_20261122_090000.sql.gz", 1000, CUSTOM);
    bench_init(&b, &probe_pg_backup, &dev);
    CU_ASSERT_TRUE(feed(&b, "files", &f, 1));
    CU_ASSERT_EQUAL(bench_judge(&b), HEALTH_WARNING);
    CU_ASSERT_PTR_NOT_NULL(strstr(bench_finding(&b, "clock")->what.s, "from the future (-1h00m)"));
    bench_done(&b);
}

SUITE(probe_pg_backup, T(reads_time_from_the_name_and_format_from_the_magic),
      T(a_directory_is_known_by_its_table_of_contents), T(older_than_26_hours_is_critical),
      T(no_backup_is_critical_in_production_only),
      T(an_empty_newest_is_critical_and_a_shrunk_one_a_warning),
      T(only_backups_that_were_written_alike_are_compared_by_size),
      T(a_file_we_may_not_read_is_not_called_broken), T(odd_names_fall_back_to_the_files_own_time),
      T(the_last_proof_is_as_old_as_the_reports_drill), T(a_proof_from_the_future_is_a_wrong_clock),
      T(a_report_that_failed_is_no_proof_and_critical),
      T(grades_and_opens_what_stands_beside_the_dumps),
      T(a_failed_drill_is_critical_until_one_passes),
      T(a_note_that_cannot_be_read_gives_no_false_grade),
      T(never_proved_is_a_warning_in_production_only), T(finds_the_directory_of_any_report_path),
      T(a_full_volume_is_told_before_the_next_dump), T(more_backups_than_are_looked_at_are_counted),
      T(room_is_counted_in_backups_of_the_newest_size),
      T(entries_of_a_broken_file_system_do_no_harm), T(a_backup_from_the_future_is_a_wrong_clock))
