/* sandbox/layout.c - the directory of one sandbox: claimed by a marker, filled with ports, secrets,
 * .env and state, and removed again. Never touches a directory without the marker. */
#include "layout_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool write_file(const char *path, mode_t mode, const char *format, ...) {
    va_list args;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0 || fchmod(fd, mode) < 0) {
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    va_start(args, format);
    bool ok = vdprintf(fd, format, args) >= 0;
    va_end(args);
    return close(fd) == 0 && ok;
}

/* ---- the directory ---- */

bool default_dir(char *out, size_t size) {
    const char *base = getenv("XDG_RUNTIME_DIR");
    int n = snprintf(out, size, "%s/goodgo-sandbox-%ld", base && *base == '/' ? base : "/tmp",
                     (long)getuid());
    return n > 0 && (size_t)n < size;
}

bool absolute_dir(const char *dir, char *out, size_t size, struct why *why) {
    char cwd[512] = "";
    if (*dir != '/' && !getcwd(cwd, sizeof cwd)) {
        return why_set(why, "the current directory has no name: %s", strerror(errno));
    }
    /* Socket paths and lines of configuration are made of it. */
    if (!*dir || strpbrk(dir, "\n\r'\"\\ \t%")) {
        return why_set(why, "--dir '%s': a name without blanks, quotes, %% and \\ is needed", dir);
    }
    int n = snprintf(out, size, *dir == '/' ? "%s%s" : "%s/%s", cwd, dir);
    while (n > 1 && (size_t)n < size && out[n - 1] == '/') {
        out[--n] = 0;
    }
    if (n < 2 || (size_t)n >= size || n > 400) {
        return why_set(why, "--dir '%s': too long, or the root directory", dir);
    }
    return true;
}

/* Only our own counts, for root too: in a public directory anybody could lay out a trap of pids. */
bool has_marker(const char *dir) {
    char path[600];
    struct stat st;
    return path_join(path, sizeof path, dir, MARKER_NAME) && lstat(path, &st) == 0 &&
           S_ISREG(st.st_mode) && st.st_uid == geteuid();
}

static bool is_empty(const char *dir) {
    DIR *d = opendir(dir);
    struct dirent *e;
    bool empty = d != NULL;
    while (d && (e = readdir(d))) {
        empty = empty && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."));
    }
    if (d) {
        closedir(d);
    }
    return empty;
}

bool layout_lock(const char *dir, unsigned timeout_ms, int *ret_lock, struct why *why) {
    char path[600];
    path_join(path, sizeof path, dir, MARKER_NAME);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    uint64_t until = clock_mono_ms() + timeout_ms;
    if (fd < 0) {
        return why_set(why, "%s: %s", path, strerror(errno));
    }
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (clock_mono_ms() >= until) {
            close(fd);
            return why_set(why, "another goodgo-sandbox is at work in %s: wait until it is done",
                           dir);
        }
        clock_pause_ms(50);
    }
    *ret_lock = fd;
    return true;
}

bool layout_hold(const char *dir, int *ret_lock, struct why *why) {
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX) < 0) {
        why_set(why, "%s: %s", dir, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    *ret_lock = fd;
    return true;
}

static bool refuse_foreign(const char *dir, struct why *why) {
    struct stat st;
    if (lstat(dir, &st) < 0) {
        return errno == ENOENT || why_set(why, "%s: %s", dir, strerror(errno));
    }
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
        return why_set(why, "%s is not a directory of yours: choose another --dir", dir);
    }
    if (!has_marker(dir) && !is_empty(dir)) {
        return why_set(why,
                       "%s is not empty and no sandbox made it (no %s in it): choose another --dir",
                       dir, MARKER_NAME);
    }
    return true;
}

bool make_dir(const char *dir, const char *name, mode_t mode) {
    char path[600];
    return path_join(path, sizeof path, dir, name) && (mkdir(path, mode) == 0 || errno == EEXIST) &&
           chmod(path, mode) == 0;
}

/* What a sandbox that died without `down` left behind. Its processes must be gone. */
static bool refuse_running(const char *dir, struct why *why) {
    struct proc list[MAX_PROCS];
    int n = procs_read(dir, list, MAX_PROCS);
    if (n > 0) {
        return why_set(why,
                       "a sandbox is already running in %s (%d process%s): use it ('goodgo-sandbox "
                       "env --dir %s'), end it ('goodgo-sandbox down --dir %s') or choose another "
                       "--dir",
                       dir, n, n == 1 ? "" : "es", dir, dir);
    }
    return true;
}

static bool make_claim(const char *dir, int *ret_lock, struct why *why) {
    char path[600];
    if (mkdir(dir, 0711) < 0 && errno != EEXIST) {
        return why_set(why, "%s cannot be made: %s", dir, strerror(errno));
    }
    path_join(path, sizeof path, dir, MARKER_NAME);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || write(fd, "goodgo-sandbox\n", 15) != 15) {
        int e = errno;
        if (fd >= 0) {
            close(fd);
        }
        return why_set(why, "%s cannot be written: %s", path, strerror(e));
    }
    close(fd);
    return layout_lock(dir, 0, ret_lock, why);
}

bool layout_claim(const char *dir, int *ret_lock, struct why *why) {
    if (!refuse_foreign(dir, why)) {
        return false;
    }
    if (has_marker(dir)) {
        int lock;
        if (!layout_lock(dir, 0, &lock, why) || !refuse_running(dir, why) ||
            !layout_remove(dir, why)) {
            return false;
        }
        close(lock);
    }
    if (!make_claim(dir, ret_lock, why)) {
        return false;
    }
    /* Another user's servers must be able to enter, nobody may list. */
    if (chmod(dir, 0711) < 0 || !make_dir(dir, "log", 0755) || !make_dir(dir, "backups", 0700)) {
        return why_set(why, "%s cannot be filled: %s", dir, strerror(errno));
    }
    return true;
}

/* ---- removal ---- */

static bool remove_tree_at(int parent, const char *name, const char *spare) {
    struct stat st;
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        return errno == ENOENT;
    }
    if (!S_ISDIR(st.st_mode)) {
        return unlinkat(parent, name, 0) == 0 || errno == ENOENT;
    }
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *e;
    bool ok = d != NULL;
    while (d && (e = readdir(d))) {
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
            !(spare && !strcmp(e->d_name, spare))) {
            ok = remove_tree_at(fd, e->d_name, NULL) && ok;
        }
    }
    if (ok && spare) {
        ok = unlinkat(fd, spare, 0) == 0;
    }
    if (d) {
        closedir(d);
    }
    return ok && (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT);
}

bool layout_remove(const char *dir, struct why *why) {
    char path[600], state[8192], work[512];
    if (!has_marker(dir)) {
        return why_set(why, "%s has no %s: it is not a sandbox's and stays", dir, MARKER_NAME);
    }
    if (path_join(path, sizeof path, dir, "state") && read_file(path, state, sizeof state) &&
        find_value(state, "work", work, sizeof work)) {
        postgres_forget_memory(work);
        if (has_marker(work) && strcmp(work, dir)) {
            remove_tree_at(AT_FDCWD, work, MARKER_NAME);
        }
    }
    /* The marker goes last: an interrupted removal can be taken up again. */
    if (!remove_tree_at(AT_FDCWD, dir, MARKER_NAME)) {
        return why_set(why, "%s could not be removed whole: %s", dir, strerror(errno));
    }
    return true;
}

/* ---- filling ---- */

bool layout_fill(struct sandbox *sb, const bool wanted[SB_N_SERVICES], uint32_t port_base,
                 struct why *why) {
    if (!ports_choose(&sb->p, wanted, port_base, why) || !find_user(sb, why) ||
        !make_work(sb, why)) {
        return false;
    }
    make_secrets(sb);
    /* State first: it names the work directory that a later removal must find. */
    if (!write_state(sb) || !write_env(sb)) {
        return why_set(why, "%s cannot be filled: %s", sb->p.dir, strerror(errno));
    }
    return true;
}
