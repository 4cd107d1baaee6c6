/* act/archive.h - a pg_dump archive on disk: what it is, whether it is whole, and what is in it,
 * without restoring it. Decides by magic, never by name: goodgo_*.sql.gz is PostgreSQL's custom
 * format and no gzip file. */
#ifndef GOODGO_ACT_ARCHIVE_H
#define GOODGO_ACT_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "act/content.h"
#include "base/arena.h"
#include "base/err.h"

enum archive_kind {
    ARCHIVE_CUSTOM,
    ARCHIVE_DIRECTORY,
    ARCHIVE_TAR,
    ARCHIVE_GZIP,
    ARCHIVE_SQL,
    ARCHIVE_EMPTY,
    ARCHIVE_OTHER
};
struct archive_head {
    enum archive_kind kind;
    int major, minor; /* of the archive format: 1.14 */
    int64_t size_bytes;
};
/* Opens without following a link or waiting for a FIFO; false with a sentence where it is none. */
bool archive_head(const char *path, struct archive_head *ret, struct err *err) MUST_CHECK;

/* The newest pg_dump / pg_restore binary of this machine that fits: not older than server_version
 * (0 = any), able to read the archive's format. Debian's /usr/bin wrapper is not used. False names
 * the package to install. In the arena. */
bool pg_tool_find(const char *tool, int server_version, struct arena *a, const char **ret_path,
                  int *ret_version, struct err *err) MUST_CHECK;

struct archive_entry { /* a line of the table of contents */
    int id;
    const char *type, *schema, *name, *owner;
};
struct archive_toc {
    struct archive_entry *entries;
    uint32_t n;
    const char *dumped_from, *dumped_by, *created, *database;
};
bool archive_toc(const char *path, const char *pg_restore, int cancel_fd, struct arena *a,
                 struct archive_toc *ret, struct err *err) MUST_CHECK;

/* Reads all of it back (every data block is decompressed) and sums each table's COPY lines.
 * on_bytes is told of the COPY text seen so far; returning false stops. */
bool archive_content(const char *path, const char *pg_restore, int cancel_fd, struct arena *a,
                     bool (*on_bytes)(void *ctx, uint64_t bytes, const char *table), void *ctx,
                     struct content *ret, struct err *err) MUST_CHECK;
/* SHA-256 of the file's bytes. */
bool archive_sha256(const char *path, int cancel_fd, char hex[65], struct err *err) MUST_CHECK;

#endif
