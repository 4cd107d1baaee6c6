/* io/file_read.c - local files read: whole, their end, or part by part; never more than asked. */
#include "file_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "wait_priv.h"

#define PATIENCE_MS 10000 /* `sops -d` over a slow line, in --env-file <(sops -d ...) */

/* A descriptor that we were started with. By number, for a process that is not dumpable may not
 * open its own /proc/self/fd. */
static int open_input(const char *path) {
    int64_t n = 0;
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
    bool came = wait_for(fd, POLLIN, clock_mono_ms() + wait_ms, -1) == WAIT_DONE;
    if (!came)
        errno = ETIMEDOUT;
    return came;
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
        return file_fail(err, "file.read", path);
    str_init(&out, max_bytes);
    bool ok = fstat(fd, &st) == 0 && read_all(fd, S_ISREG(st.st_mode), wait_ms, &out);
    if (!ok)
        file_fail(err, "file.read", path);
    else if (out.toobig)
        ok = err_set(err, E_TOO_BIG, "file.read", path_tail(path), "larger than %zu bytes",
                     max_bytes);
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
        return file_fail(err, "file.read", path);
    bool ok = fstat(fd, &st) == 0 || file_fail(err, "file.read", path);
    if (ok && !S_ISREG(st.st_mode))
        ok = err_set(err, E_IO, "file.read", path_tail(path), "is no regular file");
    off_t from = ok && (uintmax_t)st.st_size > max_bytes ? st.st_size - (off_t)max_bytes : 0;
    char *bytes = arena_alloc(a, max_bytes + 1);
    ssize_t n = ok ? pread(fd, bytes, max_bytes, from) : 0;
    if (n < 0)
        ok = file_fail(err, "file.read", path);
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
        return file_fail(err, "file.read", path);
    bool ok = true, read_ok = fstat(fd, &st) == 0;
    while (ok && read_ok && n != 0) {
        read_ok = S_ISREG(st.st_mode) || has_bytes(fd, PATIENCE_MS);
        n = read_ok ? read(fd, buf, sizeof buf) : 0;
        read_ok = read_ok && (n >= 0 || errno == EINTR || errno == EAGAIN);
        ok = n <= 0 || on_part(ctx, buf, (size_t)n, err);
    }
    if (!read_ok)
        file_fail(err, "file.read", path);
    close(fd);
    return ok && read_ok;
}
