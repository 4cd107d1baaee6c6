/* tests/torture/failing.c - for LD_PRELOAD, in tests only: lets the n-th call of one kind fail.
 *   FAILING_CALL   write, fsync, rename, or short: a write that takes half, then fails like a full
 * disk FAILING_AT     which of them, from 1 FAILING_ERRNO  what it fails with FAILING_IN     only
 * in a process that has this as an argument, for example job-run FAILING_TOLD   a file that gets
 * one line when it happens Only regular files count, and of writes only those past the standard
 * streams. */
#define _GNU_SOURCE /* RTLD_NEXT, renameat2 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *call = "", *told;
static long at, seen;
static int error_number;
static bool half_done;

__attribute__((constructor)) static void begin(int argc, char **argv) {
    const char *in = getenv("FAILING_IN"), *n = getenv("FAILING_AT"), *e = getenv("FAILING_ERRNO");
    bool here = in == NULL;
    for (int i = 1; i < argc && !here; i++)
        here = strcmp(argv[i], in) == 0;
    if (!here || !n || !e || !getenv("FAILING_CALL"))
        return;
    call = getenv("FAILING_CALL");
    told = getenv("FAILING_TOLD");
    at = strtol(n, NULL, 10);
    error_number = (int)strtol(e, NULL, 10);
}

/* Past libc, or it would count itself. */
static void tell(const char *what, int fd) {
    char link[64], path[400] = "?", line[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = fd >= 0 ? readlink(link, path, sizeof path - 1) : -1;
    if (n > 0)
        path[n] = 0;
    int out = told ? open(told, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    int len = snprintf(line, sizeof line, "%s %s\n", what, fd >= 0 ? path : what);
    if (out >= 0 && syscall(SYS_write, out, line, (size_t)len) < 0)
        abort();
    if (out >= 0)
        close(out);
}

static bool regular(int fd) {
    struct stat st;
    return fd > 2 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool fails(const char *what, int fd) {
    if (strcmp(call, what) != 0 || (fd != -1 && !regular(fd)) || ++seen != at)
        return false;
    tell(what, fd);
    errno = error_number;
    return true;
}

ssize_t write(int fd, const void *bytes, size_t n) {
    if (half_done && regular(fd)) {
        half_done = false;
        errno = error_number;
        return -1;
    }
    if (n > 1 && fails("short", fd)) {
        half_done = true;
        return syscall(SYS_write, fd, bytes, n / 2);
    }
    return fails("write", fd) ? -1 : syscall(SYS_write, fd, bytes, n);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t where) {
    return fails("write", fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, n, where);
}

int fsync(int fd) {
    struct stat st; /* of directories too */
    if (strcmp(call, "fsync") == 0 && fstat(fd, &st) == 0 && ++seen == at) {
        tell("fsync", fd);
        errno = error_number;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to) {
    return fails("rename", -1) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    return fails("rename", -1) ? -1
                               : (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}
