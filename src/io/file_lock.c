/* io/file_lock.c - locks that live as long as a descriptor (flock), on files and directories. */
#include "file_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_MAX_TRIES 500
#define LOCK_SPINS     20

enum lock_try { LOCK_TAKEN, LOCK_BUSY, LOCK_AGAIN, LOCK_ERROR };

static enum lock_try lock_try(int fd, const char *path) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return file_still_named(fd, path) ? LOCK_TAKEN : LOCK_AGAIN;
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
            return file_fail(err, "file.lock", path);
        enum lock_try got = lock_try(fd, path);
        if (got == LOCK_TAKEN) {
            *ret_fd = fd;
            return true;
        }
        int saved = errno;
        close(fd);
        errno = saved;
        if (got == LOCK_ERROR)
            return file_fail(err, "file.lock", path);
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

void file_lock_note(int fd, const char *text) {
    size_t n = strlen(text);
    bool noted = ftruncate(fd, 0) == 0 && pwrite(fd, text, n, 0) == (ssize_t)n;
    (void)noted;
}

bool file_is_locked(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0) /* a link is nobody's lock: who locks follows none */
        return errno != ENOENT && errno != ENOTDIR && errno != ELOOP;
    bool held = flock(fd, LOCK_SH | LOCK_NB) < 0;
    close(fd);
    return held;
}
