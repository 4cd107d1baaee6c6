/* tests/unit/test_backup_form.c - --format, --jobs and --compress: what they mean for pg_dump, and
 * what is refused. */
#include "harness.h"

#include <string.h>

#include "../../src/act/backup_priv.h"
#include "base/str.h"

static struct arena arena;
static struct err err;

static bool form(const char *format, const char *jobs, const char *compress,
                 struct backup_form *ret) {
    struct plan p;
    plan_init(&p, &arena, "backup", "dev", TIER_HARMLESS);
    const struct pair given[] = {{"format", format}, {"jobs", jobs}, {"compress", compress}};
    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        if (given[i].value)
            p.arguments.at[p.arguments.n++] = given[i];
    err.why[0] = 0;
    return backup_form_read(&p, ret, &err);
}

static const char *option(const char *compress) {
    struct backup_form f;
    return form(NULL, NULL, compress, &f) ? backup_form_option(&f, &arena) : err.why;
}

static const char *words(const char *compress) {
    struct backup_form f;
    return form(NULL, NULL, compress, &f) ? backup_form_words(&f, &arena) : err.why;
}

TEST(not_said_is_the_runbooks) {
    struct backup_form f;
    arena_init(&arena);
    CU_ASSERT_TRUE(form(NULL, NULL, NULL, &f));
    CU_ASSERT(!f.directory && f.n_jobs == 1);
    CHECK_STR(backup_form_option(&f, &arena), "--compress=6");
    CHECK_STR(backup_form_words(&f, &arena), "gzip:6");
    CHECK_STR(backup_form_option(&backup_form_runbook, &arena), "--compress=6");
}

TEST(a_directory_has_processes_and_a_file_has_not) {
    struct backup_form f;
    CU_ASSERT_TRUE(form("directory", "8", NULL, &f));
    CU_ASSERT(f.directory && f.n_jobs == 8);
    CU_ASSERT_TRUE(form("directory", NULL, NULL, &f));
    CU_ASSERT(f.n_jobs >= 1 && f.n_jobs <= 4);
    CU_ASSERT_TRUE(form("custom", NULL, NULL, &f));
    CU_ASSERT(!f.directory && f.n_jobs == 1);
    CU_ASSERT_FALSE(form(NULL, "2", NULL, &f));
    CHECK_STR(err.why, "only a directory is written in parallel: say --format directory");
    CU_ASSERT_FALSE(form("custom", "2", NULL, &f));
    CU_ASSERT_FALSE(form("directory", "0", NULL, &f));
    CU_ASSERT_FALSE(form("directory", "65", NULL, &f));
    CU_ASSERT_FALSE(form("directory", "two", NULL, &f));
    CU_ASSERT_FALSE(form("tar", NULL, NULL, &f));
    CHECK_STR(err.why, "is custom or directory");
}

/* A level alone is what pg_dump of every version takes for gzip; only from 16 on it knows names. */
TEST(compression_is_told_as_pg_dump_takes_it) {
    CHECK_STR(option("gzip"), "--compress=6");
    CHECK_STR(option("gzip:9"), "--compress=9");
    CHECK_STR(option("none"), "--compress=0");
    CHECK_STR(option("zstd"), "--compress=zstd");
    CHECK_STR(option("zstd:22"), "--compress=zstd:22");
    CHECK_STR(option("lz4:1"), "--compress=lz4:1");
    CHECK_STR(words("none"), "none");
    CHECK_STR(words("lz4"), "lz4");
    CHECK_STR(words("gzip:1"), "gzip:1");
}

TEST(what_is_no_compression_is_refused) {
    CHECK_STR(option("gzip:10"), "the level of gzip is 1 to 9");
    CHECK_STR(option("gzip:0"), "the level of gzip is 1 to 9");
    CHECK_STR(option("lz4:13"), "the level of lz4 is 1 to 12");
    CHECK_STR(option("zstd:-1"), "the level of zstd is 1 to 22");
    CHECK_STR(option("zstd:"), "the level of zstd is 1 to 22");
    CHECK_STR(option("none:0"), "none takes no level");
    CHECK_STR(option("bzip2"), "is gzip, lz4, zstd or none, with :LEVEL where wanted");
    CHECK_STR(option("gz"), "is gzip, lz4, zstd or none, with :LEVEL where wanted");
    CHECK_STR(option(""), "is gzip, lz4, zstd or none, with :LEVEL where wanted");
    CHECK_STR(option("6"), "is gzip, lz4, zstd or none, with :LEVEL where wanted");
    arena_done(&arena);
}

SUITE(backup_form, T(not_said_is_the_runbooks), T(a_directory_has_processes_and_a_file_has_not),
      T(compression_is_told_as_pg_dump_takes_it), T(what_is_no_compression_is_refused))
