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
#include "wire/digest.h"

enum archive_kind {
    ARCHIVE_CUSTOM,
    ARCHIVE_DIRECTORY,
    ARCHIVE_TAR,
    ARCHIVE_GZIP,
    ARCHIVE_LZ4,
    ARCHIVE_ZSTD,
    ARCHIVE_SQL,
    ARCHIVE_EMPTY,
    ARCHIVE_OTHER
};
struct archive_head {
    enum archive_kind kind;
    int major, minor; /* of the archive format: 1.14 */
    int64_t size_bytes;
};
/* Opens without following a link or waiting for a FIFO. False with a sentence for what is no
 * archive that we know (link, FIFO, unreadable, empty, gzip, lz4, zstd, SQL, another format); where
 * the file could be read, *ret says what it is all the same. */
bool archive_head(const char *path, struct archive_head *ret, struct err *err) MUST_CHECK;

/* The pg_dump / pg_restore / initdb ... of this machine that fits: of server_version's major where
 * that is installed, else the newest that is not older (0 = any). Debian's /usr/bin wrapper is not
 * used. False names the package to install. In the arena. */
bool pg_tool_find(const char *tool, int server_version, struct arena *a, const char **ret_path,
                  int *ret_version, struct err *err) MUST_CHECK;

/* Whether this pg_restore reads archive format 1.minor; false names the package that does. */
bool pg_tool_reads(const char *pg_restore, const char *path, int minor, struct err *err) MUST_CHECK;

struct archive_entry { /* a line of the table of contents; "" where it has none of these */
    int id;
    const char *type, *schema, *name, *owner;
};
struct archive_toc {
    struct archive_entry *entries;
    uint32_t n;
    const char *dumped_from, *dumped_by, *created, *database;
};
/* Reads only the table of contents, of a tar file its members' heads too: says nothing of the data
 * behind it. */
bool archive_toc(const char *path, const char *pg_restore, int cancel_fd, struct arena *a,
                 struct archive_toc *ret, struct err *err) MUST_CHECK;

/* Whether every data block, file or member is there that the table of contents speaks of, whole and
 * with nothing behind; false with the place. Of what lies in them it says nothing. */
bool archive_extent(const char *path, int cancel_fd, struct arena *a, struct err *err) MUST_CHECK;

/* Whether there is an entry of that type and name, "EXTENSION" "postgis". */
bool archive_toc_has(const struct archive_toc *toc, const char *type, const char *name);

struct archive_reading {
    const char *path, *pg_restore;
    int cancel_fd;
    /* Told of the COPY text seen so far; returning false stops. NULL = nobody waits. */
    bool (*on_bytes)(void *ctx, uint64_t bytes, const char *table);
    void *ctx;
};
/* Reads all of it back (every data block is decompressed) and sums each table's COPY lines. Every
 * block of the custom format and every file of a directory is looked for first: an archive that is
 * cut short, or to which something was added, fails with the place. Tables of extensions are read,
 * but are not in *ret. */
bool archive_content(const struct archive_reading *r, struct arena *a, struct content *ret,
                     struct err *err) MUST_CHECK;
/* SHA-256 of the file's bytes; of a directory that of the lines "<SHA-256>  <name>" of its files,
 * by name in the order of bytes: `sha256sum * | LC_ALL=C sort -k2 | sha256sum` in it. Links in a
 * directory, and whatever else is no file, are an error. */
bool archive_sha256(const char *path, int cancel_fd, char hex[DIGEST_HEX_SIZE],
                    struct err *err) MUST_CHECK;
/* Bytes of the file, or of all files in the directory; -1 where it cannot be opened. */
int64_t archive_size(const char *path);

#endif
