/* tests/unit/test_archive_members.c - the files of an archive in directory format: each that the
 * table of contents or a list of large objects speaks of must be there, and no other. */
#include "harness.h"

#include <string.h>

#include "../../src/act/archive_priv.h"
#include "base/str.h"

static struct err err;
static struct toc_entry entries[] = {
    {.entry = {.schema = "public", .name = "User", .type = "TABLE"}, .file = ""},
    {.entry = {.schema = "public", .name = "User", .type = "TABLE DATA"},
     .file = "3421.dat",
     .had_data = true},
    {.entry = {.schema = "public", .name = "Pay", .type = "TABLE DATA"},
     .file = "3422.dat",
     .had_data = true},
    {.entry = {.schema = "", .name = "BLOBS", .type = "BLOBS"},
     .file = "blobs.toc",
     .had_data = true},
};
static const struct toc toc = {.entries = entries, .n = ARRAY_LEN(entries)};

/* What is wrong with a directory of these files; "" = nothing is. */
static const char *verdict(const char *files, const char *blobs) {
    static struct member at[20];
    static char names[20][130];
    struct members m = {.at = at};
    memset(at, 0, sizeof at);
    err.why[0] = 0;
    for (size_t n; *files; files += n + (files[n] == ' ')) {
        n = strcspn(files, " ");
        memcpy(names[m.n], files, n);
        names[m.n][n] = 0;
        at[m.n].name = names[m.n];
        m.n++;
    }
    members_sort(&m);
    if (members_claim_toc(&m, &toc, "dir", &err) &&
        members_claim_blobs(&m, blobs, strlen(blobs), "dir", &err) &&
        members_all_claimed(&m, "dir", &err))
        return "";
    return err.why;
}

#define WHOLE "toc.dat 3421.dat.gz 3422.dat blobs.toc blob_7.dat.lz4 blob_8.dat.zst"
#define BLOBS "7 blob_7.dat\n8 blob_8.dat\n"

TEST(a_whole_directory_is_whole_however_it_is_compressed) {
    CHECK_STR(verdict(WHOLE, BLOBS), "");
    CHECK_STR(verdict("toc.dat 3421.dat.zst 3422.dat.lz4 blobs.toc", ""), "");
}

TEST(a_missing_file_is_named_with_its_table) {
    CHECK_STR(verdict("toc.dat 3422.dat blobs.toc", ""),
              "the data of public.User are missing: there is no 3421.dat in it");
    CHECK_STR(verdict("toc.dat 3421.dat.bz2 3422.dat blobs.toc", ""),
              "the data of public.User are missing: there is no 3421.dat in it");
    CHECK_STR(verdict("3421.dat 3422.dat blobs.toc", ""), "there is no toc.dat in it");
    CHECK_STR(verdict("", ""), "there is no toc.dat in it");
    CHECK_STR(verdict("toc.dat 3421.dat 3422.dat blobs.toc blob_7.dat", BLOBS),
              "a large object is missing: there is no blob_8.dat in it");
}

TEST(a_file_nobody_speaks_of_is_named) {
    CHECK_STR(verdict(WHOLE " zzz", BLOBS),
              "zzz is no part of the archive: something was put into it");
    CHECK_STR(verdict(WHOLE " 3421.dat", BLOBS),
              "3421.dat.gz is no part of the archive: something was put into it");
    CHECK_STR(verdict(WHOLE, "7 blob_7.dat\n"),
              "blob_8.dat.zst is no part of the archive: something was put into it");
}

TEST(a_damaged_list_of_large_objects_is_told_with_its_place) {
    static const char *const bad[] = {"7 blob_7.dat\nx",
                                      "7 blob_7.dat\n8",
                                      "7 blob_7.dat\n8 blob_8.dat",
                                      "7 blob_7.dat\n8  blob_8.dat\n",
                                      "7 blob_7.dat\n8 ../../etc/passwd\n",
                                      "7 blob_7.dat\n8 .hidden\n",
                                      "7 blob_7.dat\n\n",
                                      "7 blob_7.dat\n8 \n",
                                      "7 blob_7.dat\n123456789012 blob_8.dat\n"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK_STR(verdict(WHOLE, bad[i]), "the list of large objects is damaged at byte 13");
    char longer[300] = "7 ";
    memset(longer + 2, 'a', 200);
    longer[202] = '\n';
    CHECK_STR(verdict(WHOLE, longer), "the list of large objects is damaged at byte 0");
}

TEST(only_plain_names_of_this_directory_fit) {
    static const char *const bad[] = {"",     ".",    "..",  ".x",      "a/b", "/etc/passwd",
                                      "../x", "a\nb", "a b", "\xc3\xa9"};
    CU_ASSERT_TRUE(member_name_fits("3421.dat"));
    CU_ASSERT_TRUE(member_name_fits("blob_16501.dat"));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CU_ASSERT_FALSE(member_name_fits(bad[i]));
}

SUITE(archive_members, T(a_whole_directory_is_whole_however_it_is_compressed),
      T(a_missing_file_is_named_with_its_table), T(a_file_nobody_speaks_of_is_named),
      T(a_damaged_list_of_large_objects_is_told_with_its_place),
      T(only_plain_names_of_this_directory_fit))
