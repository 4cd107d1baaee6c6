/* tests/torture/failing.c - for LD_PRELOAD, in tests only: lets the n-th call of one kind fail.
 *
 * FAILING_CALL is write, fsync, rename, unlink, or short: a write that takes half, then fails like
 * a full disk; FAILING_AT says which of them, from 1; FAILING_ERRNO with what. FAILING_TOLD names a
 * file that gets a line "CALL PATH" when it happens. FAILING_CALL=all: nothing fails, and every
 * call gets its line.
 *
 * FAILING_IN: only in a process that has this as an argument, for example job-run. FAILING_SKIP:
 * words with colons between, a file with one of them in its path does not count.
 *
 * Only regular files count, and of writes only those past the standard streams. */
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

static const char *call = "", *told, *skipped = "";
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
    skipped = getenv("FAILING_SKIP") ? getenv("FAILING_SKIP") : "";
    at = strtol(n, NULL, 10);
    error_number = (int)strtol(e, NULL, 10);
}

static const char *path_of(int fd, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, size - 1);
    path[n > 0 ? n : 0] = 0;
    return path;
}

static bool is_skipped(const char *path) {
    char word[64];
    for (const char *word_at = skipped; *word_at;
         word_at += strcspn(word_at, ":"), word_at += *word_at == ':') {
        snprintf(word, sizeof word, "%.*s", (int)strcspn(word_at, ":"), word_at);
        if (*word && strstr(path, word))
            return true;
    }
    return false;
}

/* Past libc, or it would count itself. */
static void tell(const char *what, const char *path) {
    char line[512];
    int out = told ? open(told, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    int len = snprintf(line, sizeof line, "%s %s\n", what, path);
    if (out >= 0 && syscall(SYS_write, out, line, (size_t)len) < 0)
        abort();
    if (out >= 0)
        close(out);
}

static bool regular(int fd) {
    struct stat st;
    return fd > 2 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool fails(const char *what, const char *path) {
    bool all = strcmp(call, "all") == 0;
    if ((!all && strcmp(call, what) != 0) || is_skipped(path))
        return false;
    if (all || ++seen == at)
        tell(what, path);
    if (all || seen != at)
        return false;
    errno = error_number;
    return true;
}

static bool file_fails(const char *what, int fd) {
    char path[400];
    return *call && regular(fd) && fails(what, path_of(fd, path, sizeof path));
}

ssize_t write(int fd, const void *bytes, size_t n) {
    if (half_done && regular(fd)) {
        half_done = false;
        errno = error_number;
        return -1;
    }
    if (n > 1 && strcmp(call, "all") != 0 && file_fails("short", fd)) {
        half_done = true;
        return syscall(SYS_write, fd, bytes, n / 2);
    }
    return file_fails("write", fd) ? -1 : syscall(SYS_write, fd, bytes, n);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t where) {
    return file_fails("write", fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, n, where);
}

int fsync(int fd) { /* of directories too */
    char path[400];
    return fails("fsync", path_of(fd, path, sizeof path)) ? -1 : (int)syscall(SYS_fsync, fd);
}

int unlink(const char *path) {
    return fails("unlink", path) ? -1 : (int)syscall(SYS_unlink, path);
}

int unlinkat(int dir, const char *path, int flags) {
    return fails("unlink", path) ? -1 : (int)syscall(SYS_unlinkat, dir, path, flags);
}

int rename(const char *from, const char *to) {
    return fails("rename", to) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    return fails("rename", to) ? -1
                               : (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}
