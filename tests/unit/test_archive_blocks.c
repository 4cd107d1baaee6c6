/* tests/unit/test_archive_blocks.c - the data blocks of the custom format: what was packed comes
 * out, in pieces of any size; whatever is not whole to its end is named with its place. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../../src/act/archive_priv.h"
#include "base/str.h"

#define ID 7

static struct str block, text;
static struct err err;
static size_t stop_after;

static void put_int(int64_t n) {
    str_putc(&block, n < 0);
    for (int64_t i = 0, rest = n < 0 ? -n : n; i < 4; i++, rest >>= 8)
        str_putc(&block, (char)(rest & 255));
}

static void put_head(int type) {
    str_clear(&block);
    str_clear(&text);
    stop_after = SIZE_MAX;
    str_putc(&block, (char)type);
    put_int(ID);
}

/* In pieces of `size`, without the mark of the end. */
static void put_pieces(const char *bytes, size_t n, size_t size) {
    for (size_t part; n; bytes += part, n -= part) {
        part = n < size ? n : size;
        put_int((int64_t)part);
        str_add(&block, bytes, part);
    }
}

static int level = 6;

static void put_packed(const char *bytes, size_t n, size_t size, size_t cut) {
    uLongf len = compressBound(n);
    Bytef *packed = malloc(len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(packed);
    CU_ASSERT_EQUAL(compress2(packed, &len, (const Bytef *)bytes, n, level), Z_OK);
    put_pieces((const char *)packed, len - cut, size);
    free(packed);
}

static bool keep(void *ctx, const char *bytes, size_t n) {
    str_add(&text, bytes, n);
    return text.len < stop_after;
}

/* What is wrong with it; "" = nothing is. */
static const char *verdict(enum toc_packing packing) {
    struct toc_entry e = {.entry = {.id = ID, .schema = "public", .name = "User"}};
    struct bytes_in in;
    bytes_in_memory(&in, block.s, block.len, "file");
    bool ok = block_read(&in, packing, &e, keep, NULL, &err);
    bytes_in_done(&in);
    return ok ? "" : err.why;
}

static char *rows;
static const size_t n_rows = 300000; /* more than what is given at once */

TEST(rows_come_out_as_they_were_packed) {
    static const size_t sizes[] = {1, 7, 4096, 1000000};
    str_init(&block, 10000000);
    str_init(&text, 10000000);
    rows = malloc(n_rows);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rows);
    for (size_t i = 0; i < n_rows; i++)
        rows[i] = (char)('a' + (i * i / 7 + i / 1000) % 26);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        put_head(BLOCK_DATA);
        put_packed(rows, n_rows, sizes[i], 0);
        put_int(0);
        CHECK_STR(verdict(PACKED_ZLIB), "");
        CU_ASSERT(text.len == n_rows && memcmp(text.s, rows, n_rows) == 0);
    }
    put_head(BLOCK_DATA);
    put_pieces(rows, n_rows, 70000);
    put_int(0);
    CHECK_STR(verdict(PACKED_NOT), "");
    CU_ASSERT(text.len == n_rows && memcmp(text.s, rows, n_rows) == 0);
}

/* All that one inflate gives is exactly what fits: the next one has nothing to give. */
TEST(a_text_of_exactly_what_is_given_at_once_is_whole) {
    for (size_t n = 65534; n <= 65538; n++) {
        put_head(BLOCK_DATA);
        put_packed(rows, n, 16, 0);
        put_int(0);
        CHECK_STR(verdict(PACKED_ZLIB), "");
        CU_ASSERT_EQUAL(text.len, n);
    }
}

/* Stored as they are, bytes come out as they go in: one of these pieces is of exactly what fits. */
TEST(a_piece_that_fills_the_room_has_nothing_left_to_give) {
    level = 0;
    for (size_t size = 65536; size <= 65536 + 64; size++) {
        put_head(BLOCK_DATA);
        put_packed(rows, n_rows, size, 0);
        put_int(0);
        CHECK_STR(verdict(PACKED_ZLIB), "");
        CU_ASSERT(text.len == n_rows && memcmp(text.s, rows, n_rows) == 0);
    }
    level = 6;
}

TEST(large_objects_follow_one_another) {
    put_head(BLOCK_BLOBS);
    for (int oid = 16501; oid < 16504; oid++) {
        put_int(oid);
        put_packed("large ", 6, 5, 0);
        put_int(0);
    }
    put_int(16504); /* an empty one has no piece */
    put_int(0);
    put_int(0);
    CHECK_STR(verdict(PACKED_ZLIB), "");
    CHECK_STR(str_get(&text), "large large large ");
    block.len -= 5;
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict(PACKED_ZLIB), "damaged before byte"));
    put_head(BLOCK_BLOBS);
    put_int(16501);
    put_packed("large ", 6, 5, 2);
    put_int(0);
    put_int(0);
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict(PACKED_ZLIB), "do not decompress to their end"));
}

TEST(what_is_not_whole_is_damage) {
    static const char not_to_end[] = "do not decompress to their end";
    put_head(BLOCK_DATA);
    put_packed(rows, 1000, 100, 1); /* without the last byte of its sum */
    put_int(0);
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict(PACKED_ZLIB), not_to_end));
    put_head(BLOCK_DATA);
    put_packed(rows, 1000, 100, 0); /* without the mark of the end */
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict(PACKED_ZLIB), not_to_end));
    put_int(1); /* a piece behind the end of the stream, or of which nothing is there */
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict(PACKED_ZLIB), not_to_end));
    str_puts(&block, "x");
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict(PACKED_ZLIB), not_to_end));
    put_head(BLOCK_DATA);
    put_int(-5);
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict(PACKED_ZLIB), "public.User are damaged before byte 11"));
    put_head(BLOCK_DATA);
    put_int(50);
    str_puts(&block, "too few");
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict(PACKED_NOT), "damaged before byte"));
}

TEST(bytes_behind_the_end_inside_the_last_piece_are_damage) {
    uLongf len = 200;
    char packed[200];
    CU_ASSERT_EQUAL(compress2((Bytef *)packed, &len, (const Bytef *)"rows\n", 5, 6), Z_OK);
    put_head(BLOCK_DATA);
    packed[len] = 'x';
    put_pieces(packed, len + 1, 200);
    put_int(0);
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict(PACKED_ZLIB), "damaged before byte"));
}

TEST(a_flipped_bit_has_a_reason) {
    put_head(BLOCK_DATA);
    put_packed(rows, 1000, 2000, 0);
    put_int(0);
    block.s[block.len - 6] ^= 1; /* of the sum */
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict(PACKED_ZLIB), "incorrect data check"));
}

/* The file may have been changed since it was walked through. */
TEST(another_block_at_its_place_is_damage) {
    put_head(BLOCK_DATA);
    block.s[2] = ID + 1;
    put_int(0);
    CU_ASSERT_PTR_NOT_NULL(strstr(verdict(PACKED_ZLIB), "damaged before byte 6"));
}

TEST(who_wants_no_more_is_heard) {
    put_head(BLOCK_DATA);
    put_packed(rows, n_rows, 4096, 0);
    put_int(0);
    stop_after = 1000;
    CHECK_STR(verdict(PACKED_ZLIB), "stopped as asked");
    CU_ASSERT_EQUAL(err.code, E_CANCELLED);
    CU_ASSERT(text.len < n_rows);
    free(rows);
    str_done(&block);
    str_done(&text);
}

SUITE(archive_blocks, T(rows_come_out_as_they_were_packed),
      T(a_text_of_exactly_what_is_given_at_once_is_whole),
      T(a_piece_that_fills_the_room_has_nothing_left_to_give), T(large_objects_follow_one_another),
      T(what_is_not_whole_is_damage), T(bytes_behind_the_end_inside_the_last_piece_are_damage),
      T(a_flipped_bit_has_a_reason), T(another_block_at_its_place_is_damage),
      T(who_wants_no_more_is_heard))
