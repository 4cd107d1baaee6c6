/* act/archive_priv.h - the binary table of contents of a pg_dump archive, read by ourselves: exact
 * where `pg_restore --list` is ambiguous, and it knows where each data block must lie. */
#ifndef GOODGO_ACT_ARCHIVE_PRIV_H
#define GOODGO_ACT_ARCHIVE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/stat.h>

#include "act/archive.h"
#include "base/arena.h"
#include "base/err.h"

#define ARCHIVE_OLDEST_MINOR 12
#define ARCHIVE_NEWEST_MINOR 16

/* Bytes of a file, or of memory (fd < 0), in order. */
struct bytes_in {
    int fd;
    const char *target; /* for errors */
    const uint8_t *bytes;
    size_t len, at;   /* of what is in memory now */
    int64_t bytes_at; /* where that begins in the file */
    int64_t size;     /* of the file */
    uint8_t *buffer;  /* with a file */
    bool ended;       /* something was asked for behind the end, or was not to be read */
    int error;        /* why not: an errno; 0 = it was behind the end */
};
/* Takes fd over. */
void bytes_in_file(struct bytes_in *in, int fd, int64_t size, const char *target);
void bytes_in_memory(struct bytes_in *in, const void *bytes, size_t n, const char *target);
void bytes_in_done(struct bytes_in *in);
/* `ok`, and false where the disk refused bytes: then that is what is wrong, and err says so,
 * whatever was made of their absence. */
bool bytes_in_verdict(const struct bytes_in *in, bool ok, struct err *err) MUST_CHECK;
int64_t bytes_in_position(const struct bytes_in *in);
void bytes_in_seek(struct bytes_in *in, int64_t at);
/* The next n bytes; behind the end nothing is taken, and in->ended says so. */
void bytes_in_take(struct bytes_in *in, void *to, size_t n);
/* Stays where it is, and in->ended says so, where that would be behind the end. */
void bytes_in_skip(struct bytes_in *in, int64_t n);
/* 0 behind the end, and in->ended says so. */
int bytes_in_byte(struct bytes_in *in);
int64_t bytes_in_int(struct bytes_in *in); /* a sign byte and four bytes, least first */
/* The next bytes as far as they are in memory, at most max; 0 = behind the end. */
size_t bytes_in_run(struct bytes_in *in, size_t max, const uint8_t **ret);

enum toc_format { TOC_CUSTOM = 1, TOC_MEMBERS = 3 }; /* the latter of tar files and directories */
enum toc_packing { PACKED_NOT, PACKED_ZLIB, PACKED_OTHER };
enum toc_state { TOC_AT_UNKNOWN = 1, TOC_AT_KNOWN = 2, TOC_NO_DATA = 3 };
struct toc_entry {
    struct archive_entry entry;
    const char *copy; /* "COPY public.t (a, b) FROM stdin;\n"; "" = none */
    const char *file; /* of a directory: where its data are, "3421.dat", without .gz; "" = none */
    enum toc_state state;
    bool had_data, seen;
    int64_t at, size; /* of its block; size once toc_walk() has seen it */
};
struct toc {
    int minor, format;
    enum toc_packing packing;
    const char *created, *database, *dumped_from, *dumped_by;
    struct toc_entry *entries;
    uint32_t n;
};

/* From the first byte on. False with the place where it is broken. */
bool toc_read(struct bytes_in *in, struct arena *a, struct toc *ret, struct err *err) MUST_CHECK;
/* Goes on behind the table of contents through every data block, and wants each there once, where
 * it must be, and nothing after the last. Of a directory nothing may follow: its data are in its
 * members. */
bool toc_walk(struct bytes_in *in, struct toc *t, int cancel_fd, struct err *err) MUST_CHECK;

/* ---- archive_blocks.c: the text in the data blocks of the custom format; pure ---- */

#define BLOCK_DATA  1
#define BLOCK_BLOBS 3 /* large objects, one after another */
/* Decompresses the block of an entry that toc_walk() has seen and checks the sum at its end. False
 * with the place, or because on_bytes returned false. Not for PACKED_OTHER. */
bool block_read(struct bytes_in *in, enum toc_packing packing, const struct toc_entry *e,
                bool (*on_bytes)(void *ctx, const char *bytes, size_t n), void *ctx,
                struct err *err) MUST_CHECK;

/* ---- archive_members.c: the files of a directory against its table of contents; pure ---- */

#define TOC_NAME "toc.dat"
struct member {
    const char *name;
    int64_t size_bytes, at; /* at: of a tar file, where in it */
    bool claimed;           /* the table of contents, or a list of large objects, speaks of it */
};
struct members { /* by name */
    struct member *at;
    uint32_t n;
};
void members_sort(struct members *m);
struct member *members_find(const struct members *m, const char *name); /* NULL = none */
/* toc.dat, and of each entry that has data its file. False with the entry whose file is missing. */
bool members_claim_toc(struct members *m, const struct toc *t, const char *target,
                       struct err *err) MUST_CHECK;
/* What a list of large objects speaks of: "16501 blob_16501.dat" a line. */
bool members_claim_blobs(struct members *m, const char *list, size_t n, const char *target,
                         struct err *err) MUST_CHECK;
/* False with the first that nobody speaks of. */
bool members_all_claimed(const struct members *m, const char *target, struct err *err) MUST_CHECK;
/* Whether it is a plain name, as pg_dump makes them: of no other directory, and not hidden. */
bool member_name_fits(const char *name);

/* ---- archive_tar.c: the members of a tar file against its table of contents; pure ---- */

/* After toc_read(). Wants every member whole and there once that the table of contents speaks of,
 * no other, and nothing behind the last. */
bool tar_walk(struct bytes_in *in, struct toc *t, struct arena *a, struct err *err) MUST_CHECK;

/* ---- archive_dir.c: the same on disk ---- */

/* Opens a file of the directory fd without following a link; < 0 with a sentence. */
int member_open(int fd, const char *path, const char *name, struct stat *ret_st, struct err *err);
/* Its files by name; false where something else than files is in it. */
bool members_read(int fd, const char *path, struct arena *a, struct members *ret,
                  struct err *err) MUST_CHECK;
/* Wants every file there that the table of contents speaks of, and no other. */
bool members_walk(int fd, const char *path, const struct toc *t, struct arena *a,
                  struct err *err) MUST_CHECK;
int64_t members_size(int fd);
/* See archive_sha256(). */
bool members_sha256(int fd, const char *path, int cancel_fd, char hex[DIGEST_HEX_SIZE],
                    struct err *err) MUST_CHECK;

/* Head, table of contents and, where the walk is asked for, the extent of the data. */
bool archive_read_toc(const char *path, bool walk, int cancel_fd, struct arena *a, struct toc *ret,
                      struct err *err) MUST_CHECK;
/* The file itself, for block_read(). */
bool archive_bytes(const char *path, struct bytes_in *ret, struct err *err) MUST_CHECK;
/* SHA-256 of what an open file holds. */
bool archive_digest(int fd, const char *target, int cancel_fd, char hex[DIGEST_HEX_SIZE],
                    struct err *err) MUST_CHECK;

#endif
