/* io/dir.c - directories: made, looked into, synced, removed. Blocking; whether one answers at all
 * is asked in answers.c. */
#include "file_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REMOVE_TRIES 3
#define NAMES_FIRST  32u

bool dir_is_dots(const char *name) {
    return !strcmp(name, ".") || !strcmp(name, "..");
}

DIR *dir_open_at(int dir_fd, const char *name) {
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir && fd >= 0)
        close(fd);
    return dir;
}

bool tree_sync(const char *path) {
    char inside[PATH_SIZE];
    struct dirent *e;
    DIR *dir = opendir(path);
    if (!dir)
        return errno == ENOTDIR && path_sync(path);
    bool ok = true;
    while (ok && (e = readdir(dir)))
        ok = dir_is_dots(e->d_name) ||
             (snprintf(inside, sizeof inside, "%s/%s", path, e->d_name) < (int)sizeof inside &&
              path_sync(inside));
    ok = ok && fd_sync(dirfd(dir));
    int saved = errno;
    closedir(dir);
    errno = saved;
    return ok;
}

static bool dir_make_one(const char *path) {
    struct stat st;
    mode_t mode = file_is_shared(path) ? 02750 : 0700;
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
        return err_set(err, E_IO, "dir.make", path_tail(path), "the path is too long");
    for (char *at = part + 1; *part && *at; at++) {
        if (*at != '/' || at[-1] == '/')
            continue;
        *at = '\0';
        bool ok = dir_make_one(part);
        *at = '/';
        if (!ok)
            return file_fail(err, "dir.make", path);
    }
    return dir_make_one(part) || file_fail(err, "dir.make", path);
}

static bool is_flat(DIR *dir) {
    struct dirent *e;
    struct stat st;
    while ((e = readdir(dir)))
        if (!dir_is_dots(e->d_name) &&
            fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
            return false;
    return true;
}

bool dir_is_flat(const char *path, struct err *err) {
    DIR *dir = dir_open_at(AT_FDCWD, path);
    if (!dir)
        return file_fail(err, "dir.look", path);
    bool flat = is_flat(dir);
    closedir(dir);
    return flat || err_set(err, E_IO, "dir.look", path_tail(path), "there is a directory in it");
}

static bool remove_files(const char *path) {
    struct dirent *e;
    DIR *dir = dir_open_at(AT_FDCWD, path);
    bool ok = dir != NULL;
    while (ok && (e = readdir(dir)))
        ok = dir_is_dots(e->d_name) || unlinkat(dirfd(dir), e->d_name, 0) == 0 || errno == ENOENT;
    int saved = errno;
    if (dir)
        closedir(dir);
    errno = saved;
    return ok;
}

bool dir_remove(const char *path, struct err *err) {
    bool ok = false;
    if (!dir_is_flat(path, err))
        return false;
    /* A program that was killed a moment ago may add one more file. */
    for (int i = 0; i < REMOVE_TRIES && !ok; i++)
        ok = remove_files(path) && rmdir(path) == 0;
    return ok || file_fail(err, "dir.remove", path);
}

static int by_name(const void *x, const void *y) {
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

uint32_t readnames(struct arena *a, const char *dir, const char *suffix, const char ***ret) {
    DIR *d = opendir(dir);
    size_t end = strlen(suffix);
    uint32_t n = 0, cap = 0;
    *ret = NULL;
    for (struct dirent *e; d && (e = readdir(d));) {
        size_t len = strlen(e->d_name);
        if (*e->d_name == '.' || len <= end || strcmp(e->d_name + len - end, suffix) != 0)
            continue;
        *ret = arena_grow(a, *ret, n, &cap, NAMES_FIRST, sizeof **ret);
        (*ret)[n++] = arena_strndup(a, e->d_name, len - end);
    }
    if (d)
        closedir(d);
    if (n)
        qsort(*ret, n, sizeof **ret, by_name);
    return n;
}
