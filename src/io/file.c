/* app/readfile.c - bounded reading and atomic writing of local files. */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* For an error: the end of a long path is what tells files apart. */
static const char *tail(const char *path) {
    size_t n = strlen(path);
    return n > 90 ? path + n - 90 : path;
}

static bool fail(struct err *err, const char *op, const char *path) {
    return err_set(err, E_IO, op, tail(path), "%s", strerror(errno));
}

bool readfile(struct arena *a, const char *path, size_t max_bytes, struct file_content *ret,
              struct err *err) {
    struct stat st;
    struct str out;
    char buf[16384];
    /* O_NONBLOCK: a FIFO under the name must not hang us. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail(err, "file.read", path);
    str_init(&out, max_bytes);
    ssize_t n;
    while ((n = read(fd, buf, sizeof buf)) > 0 && !out.toobig)
        str_add(&out, buf, (size_t)n);
    bool ok = n >= 0 && fstat(fd, &st) == 0;
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

static bool write_all(int fd, const char *bytes, size_t n) {
    while (n) {
        ssize_t w = write(fd, bytes, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return false;
        bytes += w;
        n -= (size_t)w;
    }
    return fsync(fd) == 0;
}

bool writefile(const char *path, const char *bytes, size_t n, struct err *err) {
    char temporary[4096];
    if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary)
        return err_set(err, E_IO, "file.write", tail(path), "the path is too long");
    int fd = mkstemp(temporary); /* mode 0600 */
    if (fd < 0)
        return fail(err, "file.write", path);
    bool ok = write_all(fd, bytes, n);
    ok = close(fd) == 0 && ok;
    if (ok && rename(temporary, path) == 0)
        return true;
    fail(err, "file.write", path);
    unlink(temporary);
    return false;
}
