/* tests/cli/hang_dir.c - preloaded into goodgo: looking at $HANG_DIR or below waits for ever, as it
 * does on a network file system whose server is gone. A real one needs a kernel's mount; what the
 * console sees of it is a call that does not return, and this is one. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void wait_if_hung(const char *path) {
    const char *dir = getenv("HANG_DIR");
    while (dir && *dir && path && strncmp(path, dir, strlen(dir)) == 0)
        pause();
}

#define HANG_OPEN(name)                                                                            \
    int name(const char *path, int flags, ...) {                                                   \
        int (*next)(const char *, int, ...);                                                       \
        *(void **)&next = dlsym(RTLD_NEXT, #name);                                                 \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, mode_t) : 0;                  \
        va_end(args);                                                                              \
        wait_if_hung(path);                                                                        \
        return next(path, flags, mode);                                                            \
    }
HANG_OPEN(open)
HANG_OPEN(open64)

#define HANG(type, name, parameters, arguments)                                                    \
    type name parameters {                                                                         \
        type(*next) parameters;                                                                    \
        *(void **)&next = dlsym(RTLD_NEXT, #name);                                                 \
        wait_if_hung(path);                                                                        \
        return next arguments;                                                                     \
    }
HANG(DIR *, opendir, (const char *path), (path))
HANG(int, access, (const char *path, int mode), (path, mode))
HANG(int, stat, (const char *path, struct stat *st), (path, st))
HANG(int, lstat, (const char *path, struct stat *st), (path, st))
HANG(int, statvfs, (const char *path, struct statvfs *st), (path, st))
/* A program built for large files calls these. */
HANG(int, stat64, (const char *path, struct stat64 *st), (path, st))
HANG(int, lstat64, (const char *path, struct stat64 *st), (path, st))
HANG(int, statvfs64, (const char *path, struct statvfs64 *st), (path, st))
