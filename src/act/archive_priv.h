/* act/archive_priv.h - the binary table of contents of a pg_dump archive, read by ourselves: exact
 * where `pg_restore --list` is ambiguous, and it knows where each data block must lie. */
#ifndef GOODGO_ACT_ARCHIVE_PRIV_H
#define GOODGO_ACT_ARCHIVE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    bool ended;       /* something was asked for behind the end */
};
/* Takes fd over. */
void bytes_in_file(struct bytes_in *in, int fd, int64_t size, const char *target);
void bytes_in_memory(struct bytes_in *in, const void *bytes, size_t n, const char *target);
void bytes_in_done(struct bytes_in *in);

enum toc_state { TOC_AT_UNKNOWN = 1, TOC_AT_KNOWN = 2, TOC_NO_DATA = 3 };
struct toc_entry {
    struct archive_entry entry;
    const char *copy; /* "COPY public.t (a, b) FROM stdin;\n"; "" = none */
    enum toc_state state;
    bool had_data, seen;
    int64_t at;
};
struct toc {
    int minor, format;
    const char *created, *database, *dumped_from, *dumped_by;
    struct toc_entry *entries;
    uint32_t n;
};

/* From the first byte on. False with the place where it is broken. */
bool toc_read(struct bytes_in *in, struct arena *a, struct toc *ret, struct err *err) MUST_CHECK;
/* Custom format: goes on behind the table of contents through every data block, and wants each
 * there once, where it must be, and nothing after the last. */
bool toc_walk(struct bytes_in *in, struct toc *t, int cancel_fd, struct err *err) MUST_CHECK;

/* Head, table of contents and, in the custom format, extent. */
bool archive_read_toc(const char *path, bool walk, int cancel_fd, struct arena *a, struct toc *ret,
                      struct err *err) MUST_CHECK;
/* Whether this pg_restore reads that format; false names the package that does. */
bool tool_reads(const char *pg_restore, const char *path, int minor, struct err *err) MUST_CHECK;
bool cancel_asked(int cancel_fd);

#endif
