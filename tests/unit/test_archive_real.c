/* tests/unit/test_archive_real.c - archives that pg_dump 13, 15, 17 and 18 of Debian wrote: whole
 * as they are; cut at any byte, lengthened, or changed in their frame, they are refused. All of one
 * database: table public.t of 30 rows (i, md5(i::text)), table s."Odd Name" without any, and the
 * large objects 'one' and 'two'; pg_dump -Ft, or -Fc -Z METHOD; statistics.zstd with --statistics
 * too. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/act/archive_priv.h"
#include "io/file.h"

static struct arena arena;
static struct err err;
static struct file_content file;
static bool is_tar;
static struct found {
    int minor;
    enum toc_packing packing;
    uint32_t n_blocks;
} found;

/* What is wrong with these bytes; "" = nothing is. In a block of their own: a byte too far is seen.
 */
static const char *verdict(const void *bytes, size_t n) {
    struct bytes_in in;
    struct toc t;
    uint8_t *copy = malloc(n ? n : 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    memcpy(copy, bytes, n);
    bytes_in_memory(&in, copy, n, "file");
    err.why[0] = 0;
    if (is_tar)
        bytes_in_seek(&in, 512);
    bool ok = toc_read(&in, &arena, &t, &err) &&
              (is_tar ? tar_walk(&in, &t, &arena, &err) : toc_walk(&in, &t, -1, &err));
    found = (struct found){ok ? t.minor : 0, t.packing, 0};
    for (uint32_t i = 0; ok && i < t.n; i++)
        found.n_blocks += t.entries[i].seen;
    bytes_in_done(&in);
    free(copy);
    CU_ASSERT(ok == !err.why[0]);
    return err.why;
}

static void load(const char *name) {
    const char *path = arena_printf(&arena, TEST_DIR "/fixtures/archive-%s", name);
    CU_ASSERT_TRUE_FATAL(readfile(&arena, path, 1000000, &file, &err));
    is_tar = strstr(name, ".tar") != NULL;
}

static char *copy_of(size_t more) {
    char *copy = arena_alloc(&arena, file.len + more);
    memcpy(copy, file.bytes, file.len);
    return copy;
}

static const struct {
    const char *name;
    struct found found;
} archives[] = {
    {"17/tiny.gzip", {16, PACKED_ZLIB, 3}},  {"17/tiny.none", {16, PACKED_NOT, 3}},
    {"17/tiny.lz4", {16, PACKED_OTHER, 3}},  {"17/tiny.zstd", {16, PACKED_OTHER, 3}},
    {"18/tiny.zstd", {16, PACKED_OTHER, 3}}, {"18/statistics.zstd", {16, PACKED_OTHER, 3}},
    {"13/tiny.tar", {14, PACKED_NOT, 0}},    {"15/tiny.tar", {14, PACKED_NOT, 0}},
    {"18/tiny.tar", {16, PACKED_NOT, 0}},
};

TEST(archives_of_four_versions_are_whole) {
    arena_init(&arena);
    for (size_t i = 0; i < ARRAY_LEN(archives); i++) {
        const struct found *f = &archives[i].found;
        load(archives[i].name);
        CHECK_STR(verdict(file.bytes, file.len), "");
        CU_ASSERT_EQUAL(found.minor, f->minor);
        CU_ASSERT_EQUAL(found.packing, f->packing);
        CU_ASSERT_EQUAL(found.n_blocks, f->n_blocks);
    }
}

/* A tar file would keep pg_restore busy for ever, whatever the place. */
TEST(one_that_is_cut_short_anywhere_is_refused) {
    for (size_t i = 0; i < ARRAY_LEN(archives); i++) {
        load(archives[i].name);
        for (size_t n = 0; n < file.len; n++)
            if (!*verdict(file.bytes, n))
                CHECK_STR(arena_printf(&arena, "%s to %zu bytes", archives[i].name, n), "refused");
    }
    CHECK_STR(verdict(file.bytes, file.len - 1),
              arena_printf(&arena,
                           "the file ends at byte %zu, before the mark of its end: it is cut short",
                           file.len - 1));
    CHECK_STR(verdict(file.bytes, 3600),
              "the file ends at byte 3600, inside 3477.dat: it is cut short");
}

TEST(bytes_behind_the_end_are_named) {
    char *more = copy_of(2);
    memset(more + file.len, 'x', 2);
    CHECK_STR(verdict(more, file.len + 2),
              arena_printf(&arena,
                           "2 bytes follow the last member, from byte %zu: something was appended",
                           file.len));
}

/* Of a member's head each bit counts, but for the blank behind the digits of its sum; what lies in
 * the member is the rows' sum to tell. */
TEST(a_changed_head_is_refused) {
    load("18/tiny.tar");
    size_t second = 512 + 2560; /* behind toc.dat */
    CHECK_STR(arena_strndup(&arena, file.bytes + second, 8), "3477.dat");
    for (size_t i = 0; i < 512; i += i == 154 ? 2 : 1) {
        char *copy = copy_of(0);
        copy[second + i] ^= 4;
        if (!*verdict(copy, file.len))
            CHECK_STR(arena_printf(&arena, "changed at byte %zu", i), "refused");
    }
    char *copy = copy_of(0);
    copy[second] ^= 4;
    CHECK_STR(verdict(copy, file.len),
              "no member begins at byte 3072, where one must: it is damaged there");
}

static void *member_at(char *bytes, const char *name) {
    for (size_t at = 0; at < file.len; at += 512)
        if (!strncmp(bytes + at, name, 100) && !memcmp(bytes + at + 257, "ustar", 5))
            return bytes + at;
    return NULL;
}

/* The size as those bytes, with a sum that fits. */
static const char *with_size(const char *name, const void *size, size_t n) {
    unsigned sum = 8 * ' ';
    char *copy = copy_of(0), *at = member_at(copy, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(at + 124, size, n);
    for (size_t i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? 0 : (uint8_t)at[i];
    snprintf(at + 148, 8, "%06o", sum);
    return verdict(copy, file.len);
}

/* Of members from 8 GiB on the size is binary, behind a mark. */
TEST(a_size_is_read_however_it_is_written) {
    static const uint8_t lies[12] = {0x80, 0, 0, 0, 2}, endless[12] = {0x80, 1};
    uint8_t same[12] = {0x80};
    size_t n = strtoul((char *)member_at(copy_of(0), "3477.dat") + 124, NULL, 8);
    same[10] = (uint8_t)(n >> 8);
    same[11] = (uint8_t)n;
    CHECK_STR(with_size("3477.dat", same, 12), "");
    CHECK_STR(with_size("3477.dat", arena_printf(&arena, "%11zo", n), 12), "");
    CHECK_STR(with_size("3477.dat", lies, 12),
              arena_printf(&arena, "the file ends at byte %zu, inside 3477.dat: it is cut short",
                           file.len));
    const char *none = "no member begins at byte 3072, where one must: it is damaged there";
    CHECK_STR(with_size("3477.dat", endless, 12), none);
    CHECK_STR(with_size("3477.dat", "            ", 12), none);
    CHECK_STR(with_size("3477.dat", "twelve", 6), none);
}

/* A name of another with the same sum. */
TEST(a_member_that_nobody_speaks_of_is_refused) {
    char *copy = copy_of(0), *at = member_at(copy, "3478.dat");
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(at, "3487.dat", 8);
    CHECK_STR(verdict(copy, file.len),
              "the data of s.Odd Name are missing: there is no 3478.dat in it");
    at = member_at(copy, "restore.sql");
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(at, "erstore", 7);
    memcpy(member_at(copy, "3487.dat"), "3478.dat", 8);
    CHECK_STR(verdict(copy, file.len),
              "erstore.sql is no part of the archive: something was put into it");
}

TEST(a_large_object_that_is_gone_is_named) {
    char *copy = copy_of(0), *at = member_at(copy, "blob_37516.dat");
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(at, "blob_35716", 10);
    CHECK_STR(verdict(copy, file.len),
              "a large object is missing: there is no blob_37516.dat in it");
    arena_done(&arena);
}

SUITE(archive_real, T(archives_of_four_versions_are_whole),
      T(one_that_is_cut_short_anywhere_is_refused), T(bytes_behind_the_end_are_named),
      T(a_changed_head_is_refused), T(a_size_is_read_however_it_is_written),
      T(a_member_that_nobody_speaks_of_is_refused), T(a_large_object_that_is_gone_is_named))
