/* act/archive.c - what a file is, by its first bytes; its table of contents; its checksum. Nothing
 * here follows a link or waits for a FIFO: whoever can write into the backup directory could
 * otherwise stop a job for ever, or make it read what is not a backup. */
#include "act/archive.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive_priv.h"
#include "base/mem.h"
#include "base/str.h"
#include "io/cancel.h"
#include "wire/digest.h"

#define HEAD_SIZE  512
#define TAR_HEADER 512
#define READ_SIZE  (1024 * 1024)

static bool fail(struct err *err, const char *path) {
    if (errno == ELOOP)
        return err_set(err, E_WRONG_THING, "archive.open", path_tail(path),
                       "it is a link: give the file itself");
    return err_set(err, E_IO, "archive.open", path_tail(path), "%s", strerror(errno));
}

static int archive_open(const char *path, struct stat *ret_st, struct err *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, ret_st) < 0) {
        fail(err, path);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    if (S_ISREG(ret_st->st_mode) || S_ISDIR(ret_st->st_mode))
        return fd;
    close(fd);
    err_set(err, E_WRONG_THING, "archive.open", path_tail(path),
            S_ISFIFO(ret_st->st_mode) ? "it is a FIFO, not a file" : "it is not a regular file");
    return -1;
}

/* --- what it is --- */

static bool looks_like_text(const unsigned char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (bytes[i] < 32 && !isspace(bytes[i]))
            return false;
    return true;
}

static enum archive_kind kind_of(const unsigned char *bytes, size_t n) {
    if (n == 0)
        return ARCHIVE_EMPTY;
    if (n >= 11 && memcmp(bytes, "PGDMP", 5) == 0)
        return bytes[10] == 1 ? ARCHIVE_CUSTOM : ARCHIVE_OTHER;
    if (n >= 262 && memcmp(bytes + 257, "ustar", 5) == 0)
        return memcmp(bytes, "toc.dat", 8) == 0 ? ARCHIVE_TAR : ARCHIVE_OTHER;
    if (n >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b)
        return ARCHIVE_GZIP;
    if (n >= 4 && memcmp(bytes, "\x04\x22\x4d\x18", 4) == 0)
        return ARCHIVE_LZ4;
    if (n >= 4 && memcmp(bytes, "\x28\xb5\x2f\xfd", 4) == 0)
        return ARCHIVE_ZSTD;
    return looks_like_text(bytes, n) ? ARCHIVE_SQL : ARCHIVE_OTHER;
}

static void read_version(const unsigned char *bytes, ssize_t n, struct archive_head *ret) {
    if (n >= 8 && memcmp(bytes, "PGDMP", 5) == 0) {
        ret->major = bytes[5];
        ret->minor = bytes[6];
    }
}

/* A directory whose table of contents is missing or another format's is none. */
static bool directory_head(int fd, const char *path, struct archive_head *ret, struct err *err) {
    unsigned char bytes[16] = {0};
    struct stat st;
    ret->size_bytes = members_size(fd);
    if (faccessat(fd, TOC_NAME, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
        return err_set(err, E_WRONG_THING, "archive.head", path_tail(path),
                       "there is no " TOC_NAME " in it: the table of contents is lost, or it is no "
                       "archive of pg_dump");
    int toc = member_open(fd, path, TOC_NAME, &st, err);
    if (toc < 0)
        return false;
    ssize_t n = read(toc, bytes, sizeof bytes);
    close(toc);
    ret->kind = n >= 11 && memcmp(bytes, "PGDMP", 5) == 0 && bytes[10] == TOC_MEMBERS
                    ? ARCHIVE_DIRECTORY
                    : ARCHIVE_OTHER;
    read_version(bytes, n, ret);
    return n >= 0 || fail(err, path);
}

static bool file_head(int fd, const char *path, const struct stat *st, struct archive_head *ret,
                      struct err *err) {
    unsigned char bytes[HEAD_SIZE + 16] = {0};
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 0)
        return fail(err, path);
    ret->size_bytes = st->st_size;
    ret->kind = kind_of(bytes, (size_t)n);
    bool tar = ret->kind == ARCHIVE_TAR;
    read_version(tar ? bytes + TAR_HEADER : bytes, tar ? n - TAR_HEADER : n, ret);
    return true;
}

static bool kind_verdict(const char *path, const struct archive_head *h, struct err *err) {
    static const char *const words[] = {
        [ARCHIVE_GZIP] = "it is a gzip file, not an archive of pg_dump: gunzip it and look again",
        [ARCHIVE_LZ4] = "it is an lz4 file, not an archive of pg_dump: unlz4 it and look again",
        [ARCHIVE_ZSTD] = "it is a zstd file, not an archive of pg_dump: unzstd it and look again",
        [ARCHIVE_SQL] = "it is text (plain SQL?), not an archive of pg_dump: psql reads that",
        [ARCHIVE_EMPTY] = "it is empty",
        [ARCHIVE_OTHER] = "it is no archive of pg_dump"};
    if (h->kind != ARCHIVE_CUSTOM && h->kind != ARCHIVE_DIRECTORY && h->kind != ARCHIVE_TAR)
        return err_set(err, E_WRONG_THING, "archive.head", path_tail(path), "%s", words[h->kind]);
    if (h->major != 1 || h->minor < ARCHIVE_OLDEST_MINOR || h->minor > ARCHIVE_NEWEST_MINOR)
        return err_set(err, E_WRONG_THING, "archive.head", path_tail(path),
                       "archive format %d.%d is not known (1.%d to 1.%d are): it is newer, or its "
                       "head is damaged",
                       h->major, h->minor, ARCHIVE_OLDEST_MINOR, ARCHIVE_NEWEST_MINOR);
    return true;
}

bool archive_head(const char *path, struct archive_head *ret, struct err *err) {
    struct stat st;
    struct archive_head head = {.kind = ARCHIVE_OTHER};
    int fd = archive_open(path, &st, err);
    if (fd < 0)
        return false;
    bool directory = S_ISDIR(st.st_mode);
    bool ok =
        directory ? directory_head(fd, path, &head, err) : file_head(fd, path, &st, &head, err);
    close(fd);
    if (ok || directory)
        *ret = head;
    return ok && kind_verdict(path, &head, err);
}

/* --- table of contents --- */

/* Where the bytes of the table of contents are: the file, toc.dat in a directory, or the first
 * member of a tar file. */
static bool toc_open(const char *path, const struct archive_head *head, struct arena *a,
                     struct bytes_in *ret, struct err *err) {
    struct stat st;
    const char *target = path;
    int fd = archive_open(path, &st, err);
    if (fd < 0)
        return false;
    if (head->kind == ARCHIVE_DIRECTORY) {
        int toc = member_open(fd, path, TOC_NAME, &st, err);
        close(fd);
        if (toc < 0)
            return false;
        fd = toc;
        target = arena_printf(a, "%s/" TOC_NAME, path);
    }
    bytes_in_file(ret, fd, st.st_size, path_tail(target));
    if (head->kind == ARCHIVE_TAR)
        ret->bytes_at = TAR_HEADER;
    return true;
}

bool archive_bytes(const char *path, struct bytes_in *ret, struct err *err) {
    struct stat st;
    int fd = archive_open(path, &st, err);
    if (fd < 0)
        return false;
    bytes_in_file(ret, fd, st.st_size, path_tail(path));
    return true;
}

/* The data are the blocks of the file itself, the files of a directory, or members of a tar file.
 */
static bool data_walk(const char *path, enum archive_kind kind, struct bytes_in *in, struct toc *t,
                      int cancel_fd, struct arena *a, struct err *err) {
    struct stat st;
    if (kind == ARCHIVE_TAR)
        return tar_walk(in, t, a, err);
    if (!toc_walk(in, t, cancel_fd, err))
        return false;
    if (kind == ARCHIVE_CUSTOM)
        return true;
    int fd = archive_open(path, &st, err);
    bool ok = fd >= 0 && members_walk(fd, path, t, a, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool archive_read_toc(const char *path, bool walk, int cancel_fd, struct arena *a, struct toc *ret,
                      struct err *err) {
    struct archive_head head;
    struct bytes_in in;
    if (!archive_head(path, &head, err) || !toc_open(path, &head, a, &in, err))
        return false;
    /* Of a tar file always: pg_restore never ends with one that is cut short. */
    bool ok =
        toc_read(&in, a, ret, err) && (!(walk || head.kind == ARCHIVE_TAR) ||
                                       data_walk(path, head.kind, &in, ret, cancel_fd, a, err));
    bytes_in_done(&in);
    return ok;
}

/* As `pg_restore --list`, which does not show these. */
static bool is_special(const struct archive_entry *e) {
    return !strcmp(e->type, "ENCODING") || !strcmp(e->type, "STDSTRINGS") ||
           !strcmp(e->type, "SEARCHPATH");
}

bool archive_toc(const char *path, const char *pg_restore, int cancel_fd, struct arena *a,
                 struct archive_toc *ret, struct err *err) {
    struct toc t;
    if (!archive_read_toc(path, false, cancel_fd, a, &t, err) ||
        !pg_tool_reads(pg_restore, path, t.minor, err))
        return false;
    struct archive_entry *entries = arena_alloc(a, ((size_t)t.n + 1) * sizeof *entries);
    uint32_t n = 0;
    for (uint32_t i = 0; i < t.n; i++)
        if (!is_special(&t.entries[i].entry))
            entries[n++] = t.entries[i].entry;
    *ret = (struct archive_toc){.entries = entries,
                                .n = n,
                                .dumped_from = t.dumped_from,
                                .dumped_by = t.dumped_by,
                                .created = t.created,
                                .database = t.database};
    return true;
}

bool archive_extent(const char *path, int cancel_fd, struct arena *a, struct err *err) {
    struct toc t;
    return archive_read_toc(path, true, cancel_fd, a, &t, err);
}

bool archive_toc_has(const struct archive_toc *toc, const char *type, const char *name) {
    for (uint32_t i = 0; i < toc->n; i++)
        if (strcmp(toc->entries[i].type, type) == 0 && strcmp(toc->entries[i].name, name) == 0)
            return true;
    return false;
}

/* --- checksum --- */

bool archive_digest(int fd, const char *target, int cancel_fd, char hex[DIGEST_HEX_SIZE],
                    struct err *err) {
    struct digest *d = digest_sha256_new();
    char *buf = mem_alloc(READ_SIZE);
    ssize_t n;
    bool cancelled = false;
    while ((n = read(fd, buf, READ_SIZE)) > 0 && !(cancelled = cancel_asked(cancel_fd)))
        digest_add(d, buf, (size_t)n);
    free(buf);
    digest_hex(d, hex);
    if (cancelled)
        return err_set(err, E_CANCELLED, "archive.sha256", target, "stopped as asked");
    return n == 0 || fail(err, target);
}

bool archive_sha256(const char *path, int cancel_fd, char hex[DIGEST_HEX_SIZE], struct err *err) {
    struct stat st;
    int fd = archive_open(path, &st, err);
    if (fd < 0)
        return false;
    bool ok = S_ISDIR(st.st_mode) ? members_sha256(fd, path, cancel_fd, hex, err)
                                  : archive_digest(fd, path_tail(path), cancel_fd, hex, err);
    close(fd);
    return ok;
}

int64_t archive_size(const char *path) {
    struct stat st;
    struct err ignored;
    int fd = archive_open(path, &st, &ignored);
    if (fd < 0)
        return -1;
    int64_t size = S_ISDIR(st.st_mode) ? members_size(fd) : st.st_size;
    close(fd);
    return size;
}
