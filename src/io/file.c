/* io/file.c - local files: bounded reading, and writing that survives a power cut. Blocking. */
#define _GNU_SOURCE /* renameat2 */
#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_SIZE        4096
#define PATIENCE_MS      10000 /* `sops -d` over a slow line, in --env-file <(sops -d ...) */
#define LOCK_MAX_TRIES   500
#define LOCK_SPINS       20
#define TEMPORARY        ".goodgo-"
#define TEMPORARY_RANDOM 6 /* what mkostemp fills in */
#define TEMPORARY_TRIES  10
#define REMOVE_TRIES     3

/* For an error: the end of a long path is what tells files apart. */
static const char *tail(const char *path) {
    size_t n = strlen(path);
    return n > 90 ? path + n - 90 : path;
}

static bool fail(struct err *err, const char *op, const char *path) {
    return err_set(err, E_IO, op, tail(path), "%s", strerror(errno));
}

/* "a/b" -> "a", "/b" -> "/", "b" -> "." */
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

static bool fd_sync(int fd) {
    /* Some file systems cannot sync a directory, and say so by EINVAL: then there is nothing to do.
     */
    return fsync(fd) == 0 || errno == EINVAL;
}

static bool path_sync(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool ok = fd_sync(fd);
    int saved = errno;
    close(fd);
    errno = saved;
    return ok;
}

/* A new name is on disk only once its directory is. */
static bool parent_sync(const char *path) {
    char parent[PATH_SIZE];
    errno = ENAMETOOLONG;
    return parent_of(path, parent) && path_sync(parent);
}

/* A descriptor that we were started with. By number, for a process that is not dumpable may not
 * open its own /proc/self/fd. */
static int open_input(const char *path) {
    long long n = 0;
    bool number = !strcmp(path, "-") || !strcmp(path, "/dev/stdin") ||
                  (str_starts(path, "/dev/fd/") && str_to_i64(path + 8, 0, 65535, &n));
    if (number)
        return fcntl((int)n, F_DUPFD_CLOEXEC, 0);
    /* O_NONBLOCK: a FIFO under the name must not hang us. */
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* A FIFO, a pipe or a terminal may have nothing to read yet, or ever: waits a while, not for ever.
 */
static bool has_bytes(int fd, int wait_ms) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int n;
    do
        n = poll(&p, 1, wait_ms);
    while (n < 0 && errno == EINTR);
    if (n == 0)
        errno = ETIMEDOUT;
    return n > 0;
}

static bool read_all(int fd, bool regular, int wait_ms, struct str *out) {
    char buf[16384];
    ssize_t n = 1;
    while (n != 0 && !out->toobig) {
        if (!regular && !has_bytes(fd, wait_ms))
            return false;
        n = read(fd, buf, sizeof buf);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        if (n > 0)
            str_add(out, buf, (size_t)n);
    }
    return true;
}

bool readfile(struct arena *a, const char *path, size_t max_bytes, struct file_content *ret,
              struct err *err) {
    return readfile_within(a, path, max_bytes, PATIENCE_MS, ret, err);
}

bool readfile_within(struct arena *a, const char *path, size_t max_bytes, int wait_ms,
                     struct file_content *ret, struct err *err) {
    struct stat st;
    struct str out;
    int fd = open_input(path);
    if (fd < 0)
        return fail(err, "file.read", path);
    str_init(&out, max_bytes);
    bool ok = fstat(fd, &st) == 0 && read_all(fd, S_ISREG(st.st_mode), wait_ms, &out);
    if (!ok)
        fail(err, "file.read", path);
    else if (out.toobig)
        ok = err_set(err, E_TOO_BIG, "file.read", tail(path), "larger than %zu bytes", max_bytes);
    close(fd);
    if (ok)
        *ret = (struct file_content){arena_strndup(a, str_get(&out), out.len), out.len,
                                     st.st_mode & 0777, S_ISREG(st.st_mode)};
    str_done(&out);
    return ok;
}

bool readfile_end(struct arena *a, const char *path, size_t max_bytes, struct file_content *ret,
                  struct err *err) {
    struct stat st;
    int fd = open_input(path);
    if (fd < 0)
        return fail(err, "file.read", path);
    bool ok = fstat(fd, &st) == 0 || fail(err, "file.read", path);
    if (ok && !S_ISREG(st.st_mode))
        ok = err_set(err, E_IO, "file.read", tail(path), "is no regular file");
    off_t from = ok && (uintmax_t)st.st_size > max_bytes ? st.st_size - (off_t)max_bytes : 0;
    char *bytes = arena_alloc(a, max_bytes + 1);
    ssize_t n = ok ? pread(fd, bytes, max_bytes, from) : 0;
    if (n < 0)
        ok = fail(err, "file.read", path);
    close(fd);
    bytes[n > 0 ? n : 0] = 0;
    *ret = (struct file_content){bytes, n > 0 ? (size_t)n : 0, ok ? st.st_mode & 0777 : 0, ok};
    return ok;
}

bool readfile_parts(const char *path,
                    bool (*on_part)(void *ctx, const char *bytes, size_t n, struct err *err),
                    void *ctx, struct err *err) {
    struct stat st;
    char buf[65536];
    ssize_t n = 1;
    int fd = open_input(path);
    if (fd < 0)
        return fail(err, "file.read", path);
    bool ok = true, read_ok = fstat(fd, &st) == 0;
    while (ok && read_ok && n != 0) {
        read_ok = S_ISREG(st.st_mode) || has_bytes(fd, PATIENCE_MS);
        n = read_ok ? read(fd, buf, sizeof buf) : 0;
        read_ok = read_ok && (n >= 0 || errno == EINTR || errno == EAGAIN);
        ok = n <= 0 || on_part(ctx, buf, (size_t)n, err);
    }
    if (!read_ok)
        fail(err, "file.read", path);
    close(fd);
    return ok && read_ok;
}

static bool write_all(int fd, const char *bytes, size_t n) {
    while (n) {
        ssize_t w = write(fd, bytes, n);
        if (w == 0 || (w < 0 && errno != EINTR))
            return false;
        size_t done = w > 0 ? (size_t)w : 0;
        bytes += done;
        n -= done;
    }
    return true;
}

/* A device or a FIFO is written to; renaming over it would take it away. */
static bool write_through(const char *path, const char *bytes, size_t n, struct err *err) {
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return fail(err, "file.write", path);
    fcntl(fd, F_SETFL, 0); /* non-blocking only to open: a FIFO without a reader is an error */
    bool ok = write_all(fd, bytes, n) || fail(err, "file.write", path);
    close(fd);
    return ok;
}

/* --- who may read what is made --- */

static char shared[2][PATH_SIZE]; /* as it was named, and as it is; "" = nothing is shared */

void file_share_below(const char *dir) {
    struct stat st;
    bool is = stat(dir, &st) == 0 && (st.st_mode & S_ISGID) && (st.st_mode & S_IRGRP);
    char *real = is ? realpath(dir, NULL) : NULL;
    str_copy(shared[0], PATH_SIZE, real ? dir : "");
    str_copy(shared[1], PATH_SIZE, real ? real : "");
    free(real);
}

static bool is_shared(const char *path) {
    for (int i = 0; i < 2; i++) {
        size_t n = strlen(shared[i]);
        if (n && strncmp(path, shared[i], n) == 0 && path[n] == '/')
            return true;
    }
    return false;
}

/* Whatever the umask is. Another's file stays as it is. */
void file_share(int fd, const char *path) {
    int ignored = fd >= 0 && is_shared(path) ? fchmod(fd, 0640) : 0;
    (void)ignored;
}

/* Whether `fd` is still what `path` names: a lock on a file that was removed holds nobody off. */
static bool still_named(int fd, const char *path) {
    struct stat here, there;
    return fstat(fd, &here) == 0 && stat(path, &there) == 0 && here.st_dev == there.st_dev &&
           here.st_ino == there.st_ino;
}

/* A new file beside `path` under a name of its own, locked while its writer lives. Whoever sweeps
 * takes that lock before he unlinks, so a name that is still ours then stays ours. */
static int open_temporary(const char *path, char temporary[PATH_SIZE]) {
    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        snprintf(temporary, PATH_SIZE, "%s" TEMPORARY "XXXXXX", path);
        int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
        file_share(fd, path);
        if (fd < 0 || (flock(fd, LOCK_EX) == 0 && still_named(fd, temporary)))
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
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && still_named(fd, one))
            unlink(one);
        if (fd >= 0)
            close(fd);
    }
    if (dir)
        closedir(dir);
}

static bool replace_file(const char *path, const char *bytes, size_t n, struct err *err) {
    char temporary[PATH_SIZE];
    if (strlen(path) + strlen(TEMPORARY) + TEMPORARY_RANDOM >= PATH_SIZE)
        return err_set(err, E_IO, "file.write", tail(path), "the path is too long");
    sweep(path);
    int fd = open_temporary(path, temporary);
    if (fd < 0)
        return fail(err, "file.write", path);
    bool ok = write_all(fd, bytes, n) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    ok = ok && rename(temporary, path) == 0;
    if (!ok) {
        fail(err, "file.write", path);
        unlink(temporary);
        return false;
    }
    return parent_sync(path) || fail(err, "file.write", path);
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
        return err_set(err, E_IO, "file.append", tail(path), "not a regular file");
    if (fd < 0)
        return fail(err, "file.append", path);
    bool ok = append_once(fd, bytes, n, st.st_size);
    ok = ok && (!made || parent_sync(path));
    if (!ok)
        fail(err, "file.append", path);
    close(fd);
    return ok;
}

/* --- publish --- */

static bool is_dots(const char *name) {
    return !strcmp(name, ".") || !strcmp(name, "..");
}

/* An archive may be a flat directory of files (pg_dump -Fd). */
static bool tree_sync(const char *path) {
    char inside[PATH_SIZE];
    struct dirent *e;
    DIR *dir = opendir(path);
    if (!dir)
        return errno == ENOTDIR && path_sync(path);
    bool ok = true;
    while (ok && (e = readdir(dir)))
        ok = is_dots(e->d_name) ||
             (snprintf(inside, sizeof inside, "%s/%s", path, e->d_name) < (int)sizeof inside &&
              path_sync(inside));
    ok = ok && fd_sync(dirfd(dir));
    int saved = errno;
    closedir(dir);
    errno = saved;
    return ok;
}

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

bool file_publish(const char *from, const char *to, bool replace, struct err *err) {
    if (!tree_sync(from))
        return fail(err, "file.publish", from);
    bool ok = replace ? rename(from, to) == 0 : rename_new(from, to);
    if (!ok && (errno == EEXIST || errno == ENOTEMPTY))
        return err_set(err, E_IO, "file.publish", tail(to), "a file of this name is there already");
    if (ok && parent_sync(to))
        return true;
    fail(err, "file.publish", to);
    if (ok && !replace) /* a name that is not surely on disk is taken back: false means no `to` */
        (void)rename_new(to, from);
    return false;
}

/* --- directories --- */

static bool dir_make_one(const char *path) {
    struct stat st;
    mode_t mode = is_shared(path) ? 02750 : 0700;
    if (mkdir(path, 0700) == 0)
        return chmod(path, mode) == 0 && parent_sync(path); /* an odd umask may have cut it */
    if (errno != EEXIST)
        return false;
    if (stat(path, &st) < 0)
        return false;
    errno = ENOTDIR;
    return S_ISDIR(st.st_mode);
}

bool dir_make(const char *path, struct err *err) {
    char part[PATH_SIZE];
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return err_set(err, E_IO, "dir.make", tail(path), "the path is too long");
    for (char *at = part + 1; *part && *at; at++) {
        if (*at != '/' || at[-1] == '/')
            continue;
        *at = '\0';
        bool ok = dir_make_one(part);
        *at = '/';
        if (!ok)
            return fail(err, "dir.make", path);
    }
    return dir_make_one(part) || fail(err, "dir.make", path);
}

static DIR *open_dir(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir && fd >= 0)
        close(fd);
    return dir;
}

static bool is_flat(DIR *dir) {
    struct dirent *e;
    struct stat st;
    while ((e = readdir(dir)))
        if (!is_dots(e->d_name) && fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISDIR(st.st_mode))
            return false;
    return true;
}

bool dir_is_flat(const char *path, struct err *err) {
    DIR *dir = open_dir(path);
    if (!dir)
        return fail(err, "dir.look", path);
    bool flat = is_flat(dir);
    closedir(dir);
    return flat || err_set(err, E_IO, "dir.look", tail(path), "there is a directory in it");
}

static bool remove_files(const char *path) {
    struct dirent *e;
    DIR *dir = open_dir(path);
    bool ok = dir != NULL;
    while (ok && (e = readdir(dir)))
        ok = is_dots(e->d_name) || unlinkat(dirfd(dir), e->d_name, 0) == 0 || errno == ENOENT;
    int saved = errno;
    if (dir)
        closedir(dir);
    errno = saved;
    return ok;
}

bool file_remove(const char *path, struct err *err) {
    return unlink(path) == 0 || errno == ENOENT || fail(err, "file.remove", path);
}

bool dir_remove(const char *path, struct err *err) {
    bool ok = false;
    if (!dir_is_flat(path, err))
        return false;
    /* A program that was killed a moment ago may add one more file. */
    for (int i = 0; i < REMOVE_TRIES && !ok; i++)
        ok = remove_files(path) && rmdir(path) == 0;
    return ok || fail(err, "dir.remove", path);
}

/* --- locks --- */

enum lock_try { LOCK_TAKEN, LOCK_BUSY, LOCK_AGAIN, LOCK_ERROR };

static enum lock_try lock_try(int fd, const char *path) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return still_named(fd, path) ? LOCK_TAKEN : LOCK_AGAIN;
    if (errno != EWOULDBLOCK)
        return LOCK_ERROR;
    /* Who asks whether it is locked holds a shared lock for a moment: that is no holder. */
    if (flock(fd, LOCK_SH | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? LOCK_BUSY : LOCK_ERROR;
    return LOCK_AGAIN;
}

static int open_to_lock(const char *path, bool directory) {
    int fd = -1;
    if (!directory) {
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0600);
        file_share(fd, path);
        return fd;
    }
    /* Again where somebody removed it between the two. */
    for (int i = 0; i < LOCK_SPINS && fd < 0; i++) {
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return -1;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
        if (fd < 0 && errno != ENOENT)
            return -1;
    }
    return fd;
}

static bool lock_either(const char *path, bool directory, int *ret_fd, struct err *err) {
    for (int i = 0; i < LOCK_MAX_TRIES; i++) {
        int fd = open_to_lock(path, directory);
        if (fd < 0)
            return fail(err, "file.lock", path);
        enum lock_try got = lock_try(fd, path);
        if (got == LOCK_TAKEN) {
            *ret_fd = fd;
            return true;
        }
        int saved = errno;
        close(fd);
        errno = saved;
        if (got == LOCK_ERROR)
            return fail(err, "file.lock", path);
        if (got == LOCK_BUSY)
            break;
        /* The one who asks may be off the processor just now. */
        nanosleep(&(struct timespec){0, i < LOCK_SPINS ? 0 : 1000000}, NULL);
    }
    *ret_fd = -1;
    return true;
}

bool file_lock(const char *path, int *ret_fd, struct err *err) {
    return lock_either(path, false, ret_fd, err);
}

bool dir_lock(const char *path, int *ret_fd, struct err *err) {
    return lock_either(path, true, ret_fd, err);
}

bool file_is_locked(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0)
        return false;
    bool held = flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    close(fd);
    return held;
}

static int by_name(const void *x, const void *y) {
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

uint32_t readnames(struct arena *a, const char *dir, const char *suffix, const char **names,
                   uint32_t max) {
    DIR *d = opendir(dir);
    uint32_t n = 0;
    for (struct dirent *e; d && n < max && (e = readdir(d));) {
        size_t len = strlen(e->d_name), end = strlen(suffix);
        if (*e->d_name != '.' && len > end && !strcmp(e->d_name + len - end, suffix))
            names[n++] = arena_strndup(a, e->d_name, len - end);
    }
    if (d)
        closedir(d);
    qsort(names, n, sizeof *names, by_name);
    return n;
}
