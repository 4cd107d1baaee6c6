/* io/file.c - local files: writing that survives a power cut, and what file_priv.h tells. Blocking.
 * Reading is in file_read.c, directories in dir.c, locks in file_lock.c, whom they are shared with
 * in file_share.c. */
#define _GNU_SOURCE /* renameat2 */
#include "file_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define TEMPORARY        ".goodgo-"
#define TEMPORARY_RANDOM 6 /* what mkostemp fills in */
#define TEMPORARY_TRIES  10

bool file_fail(struct err *err, const char *op, const char *path) {
    bool waited = errno == ETIMEDOUT; /* of a pipe or a FIFO; "Connection timed out" misleads */
    return err_set(err, E_IO, op, path_tail(path), "%s",
                   waited ? "nothing came to read in time: does anybody write into it?"
                          : strerror(errno));
}

/* "a/b" -> "a", "/b" -> "/", "b" -> "."; false where it is too long. */
static bool parent_of(const char *path, char parent[PATH_SIZE]) {
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    while (n && path[n - 1] != '/')
        n--;
    while (n > 1 && path[n - 1] == '/')
        n--;
    if (n >= PATH_SIZE)
        return false;
    memcpy(parent, n ? path : ".", n ? n : 1);
    parent[n ? n : 1] = '\0';
    return true;
}

bool fd_sync(int fd) {
    /* Some file systems cannot sync a directory, and say so by EINVAL: then there is nothing to do.
     */
    return fsync(fd) == 0 || errno == EINVAL;
}

bool path_sync(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool ok = fd_sync(fd);
    int saved = errno;
    close(fd);
    errno = saved;
    return ok;
}

bool parent_sync(const char *path) {
    char parent[PATH_SIZE];
    errno = ENAMETOOLONG;
    return parent_of(path, parent) && path_sync(parent);
}

bool file_still_named(int fd, const char *path) {
    struct stat here, there;
    return fstat(fd, &here) == 0 && stat(path, &there) == 0 && here.st_dev == there.st_dev &&
           here.st_ino == there.st_ino;
}

bool file_write_all(int fd, const char *bytes, size_t n) {
    while (n) {
        ssize_t w = write(fd, bytes, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0) {
            errno = w ? errno : ENOSPC;
            return false;
        }
        bytes += w;
        n -= (size_t)w;
    }
    return true;
}

/* A device or a FIFO is written to; renaming over it would take it away. */
static bool write_through(const char *path, const char *bytes, size_t n, struct err *err) {
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return file_fail(err, "file.write", path);
    fcntl(fd, F_SETFL, 0); /* non-blocking only to open: a FIFO without a reader is an error */
    bool ok = file_write_all(fd, bytes, n) || file_fail(err, "file.write", path);
    close(fd);
    return ok;
}

static int give_up(int fd, const char *temporary) {
    int saved = errno;
    close(fd);
    unlink(temporary);
    errno = saved;
    return -1;
}

/* Locked while its writer lives. Whoever sweeps takes that lock before he unlinks, so a name that
 * is still ours then stays ours. */
static int open_temporary(const char *path, char temporary[PATH_SIZE]) {
    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        snprintf(temporary, PATH_SIZE, "%s" TEMPORARY "XXXXXX", path);
        int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
        if (fd < 0)
            return -1;
        file_share(fd, path);
        if (flock(fd, LOCK_EX) != 0)
            return give_up(fd, temporary);
        if (file_still_named(fd, temporary))
            return fd;
        close(fd);
    }
    errno = EAGAIN;
    return -1;
}

bool file_is_temporary(const char *name, const char *of) {
    size_t n = strlen(of);
    return strncmp(name, of, n) == 0 && str_starts(name + n, TEMPORARY) &&
           strlen(name) == n + strlen(TEMPORARY) + TEMPORARY_RANDOM;
}

/* What a writer of `path` left that was killed before the rename. */
static void sweep(const char *path) {
    char parent[PATH_SIZE], one[PATH_SIZE];
    const char *name = path_name(path);
    DIR *dir = parent_of(path, parent) ? opendir(parent) : NULL;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        if (!file_is_temporary(e->d_name, name) ||
            snprintf(one, sizeof one, "%s/%s", parent, e->d_name) >= (int)sizeof one)
            continue;
        int fd = open(one, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && file_still_named(fd, one))
            unlink(one);
        if (fd >= 0)
            close(fd);
    }
    if (dir)
        closedir(dir);
}

int file_temporary(const char *path, char **ret_name, struct err *err) {
    char temporary[PATH_SIZE];
    if (strlen(path) + strlen(TEMPORARY) + TEMPORARY_RANDOM >= PATH_SIZE) {
        err_set(err, E_IO, "file.write", path_tail(path), "the path is too long");
        return -1;
    }
    sweep(path);
    int fd = open_temporary(path, temporary);
    if (fd < 0)
        file_fail(err, "file.write", path);
    else
        *ret_name = mem_strdup(temporary);
    return fd;
}

/* It is locked until it has its name: another writer's sweep must not find it before. */
static bool replace_file(const char *path, const char *bytes, size_t n, struct err *err) {
    char *temporary;
    int fd = file_temporary(path, &temporary, err);
    if (fd < 0)
        return false;
    bool ok = file_write_all(fd, bytes, n) && fsync(fd) == 0 && rename(temporary, path) == 0;
    if (!ok)
        give_up(fd, temporary);
    else
        close(fd);
    free(temporary);
    return (ok && parent_sync(path)) || file_fail(err, "file.write", path);
}

bool writefile(const char *path, const char *bytes, size_t n, struct err *err) {
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return write_through(path, bytes, n, err);
    char *target = realpath(path, NULL); /* what a link points at is replaced, not the link */
    bool ok = replace_file(target ? target : path, bytes, n, err);
    free(target);
    return ok;
}

/* --- append --- */

static int open_regular(const char *path, int flags, struct stat *ret_st) {
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0)
        return -1;
    if (flags & O_CREAT)
        file_share(fd, path);
    int saved = fstat(fd, ret_st) < 0 ? errno : S_ISREG(ret_st->st_mode) ? 0 : EINVAL;
    if (!saved)
        return fd;
    close(fd);
    errno = saved;
    return -1;
}

/* *ret_made: its name must reach the disk too. */
static int open_or_make(const char *path, int flags, bool *ret_made, struct stat *ret_st) {
    for (int i = 0; i < 3; i++) {
        int fd = open_regular(path, flags, ret_st);
        *ret_made = false;
        if (fd >= 0 || errno != ENOENT)
            return fd;
        fd = open_regular(path, flags | O_CREAT | O_EXCL, ret_st);
        *ret_made = fd >= 0;
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

static bool append_once(int fd, const char *bytes, size_t n, off_t size_before) {
    ssize_t w;
    do
        w = write(fd, bytes, n);
    while (w < 0 && errno == EINTR);
    if (w == (ssize_t)n)
        return fsync(fd) == 0;
    /* The disk filled up in the middle: half a line would spoil every later one. */
    struct stat now;
    if (w > 0 && fstat(fd, &now) == 0 && now.st_size == size_before + w)
        errno = ftruncate(fd, size_before) == 0 ? ENOSPC : EIO;
    else if (w >= 0)
        errno = ENOSPC;
    return false;
}

bool file_append(const char *path, const char *bytes, size_t n, struct err *err) {
    struct stat st;
    bool made;
    int fd = open_or_make(path, O_WRONLY | O_APPEND, &made, &st);
    if (fd < 0 && errno == EINVAL)
        return err_set(err, E_IO, "file.append", path_tail(path), "not a regular file");
    if (fd < 0)
        return file_fail(err, "file.append", path);
    bool ok = append_once(fd, bytes, n, st.st_size);
    ok = ok && (!made || parent_sync(path));
    if (!ok)
        file_fail(err, "file.append", path);
    close(fd);
    return ok;
}

/* --- publish --- */

static bool rename_new(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    /* A file system without that flag: link() refuses an existing name too, and takes no directory;
     * of those rename() replaces only an empty one. */
    struct stat st;
    if (lstat(from, &st) == 0 && S_ISDIR(st.st_mode))
        return rename(from, to) == 0;
    return link(from, to) == 0 && unlink(from) == 0;
}

bool file_publish(const char *from, const char *to, enum publish how, struct err *err) {
    if (!tree_sync(from))
        return file_fail(err, "file.publish", from);
    bool ok = how == PUBLISH_OVER ? rename(from, to) == 0 : rename_new(from, to);
    if (!ok && (errno == EEXIST || errno == ENOTEMPTY))
        return err_set(err, E_IO, "file.publish", path_tail(to),
                       "a file of this name is there already");
    if (ok && parent_sync(to))
        return true;
    file_fail(err, "file.publish", to);
    /* A name that is not surely on disk is taken back: false means no `to`. */
    if (ok && how == PUBLISH_NEW)
        (void)rename_new(to, from);
    return false;
}

bool file_remove(const char *path, struct err *err) {
    return unlink(path) == 0 || errno == ENOENT || file_fail(err, "file.remove", path);
}
