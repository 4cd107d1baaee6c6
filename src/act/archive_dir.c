/* act/archive_dir.c - an archive in directory format on disk: a flat directory of plain files. A
 * link in it is refused, whatever it points at: what is checked must be what is restored. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "archive_priv.h"
#include "base/str.h"
#include "io/file.h"
#include "wire/digest.h"

#define MEMBERS_MAX   4000000u
#define MEMBERS_FIRST 64u
#define BLOBS_MAX     (64 * 1024 * 1024)

static bool odd_member(const char *path, const char *name, mode_t mode, struct err *err) {
    const char *what = S_ISLNK(mode)    ? "a link"
                       : S_ISDIR(mode)  ? "a directory"
                       : S_ISFIFO(mode) ? "a FIFO"
                                        : "no file";
    return err_set(err, E_WRONG_THING, "archive.members", path_tail(path),
                   "%s in it is %s: pg_dump makes files alone", name, what);
}

static bool fail(const char *path, const char *name, struct err *err) {
    return err_set(err, E_IO, "archive.members", path_tail(path), "%s: %s", name, strerror(errno));
}

int member_open(int fd, const char *path, const char *name, struct stat *ret_st, struct err *err) {
    int member = openat(fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (member < 0 && errno == ELOOP) {
        odd_member(path, name, S_IFLNK, err);
        return -1;
    }
    if (member < 0 || fstat(member, ret_st) != 0)
        fail(path, name, err);
    else if (!S_ISREG(ret_st->st_mode))
        odd_member(path, name, ret_st->st_mode, err);
    else
        return member;
    if (member >= 0)
        close(member);
    return -1;
}

/* --- the list --- */

/* Of its own position, so that nobody else's is moved; NULL with errno. */
static DIR *open_list(int fd) {
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    if (!dir && again >= 0)
        close(again);
    return dir;
}

int64_t members_size(int fd) {
    int64_t sum = 0;
    struct dirent *e;
    struct stat st;
    DIR *dir = open_list(fd);
    while (dir && (e = readdir(dir)))
        if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
            sum += st.st_size;
    if (dir)
        closedir(dir);
    return sum;
}

static void members_add(struct members *m, struct arena *a, uint32_t *cap, struct member one) {
    m->at = arena_grow(a, m->at, m->n, cap, MEMBERS_FIRST, sizeof *m->at);
    m->at[m->n++] = one;
}

static bool list_all(DIR *dir, int fd, const char *path, struct arena *a, struct members *m,
                     struct err *err) {
    uint32_t cap = 0;
    struct stat st;
    for (struct dirent *e; (e = readdir(dir));) {
        if (dir_is_dots(e->d_name))
            continue;
        if (fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            return fail(path, e->d_name, err);
        if (!S_ISREG(st.st_mode))
            return odd_member(path, e->d_name, st.st_mode, err);
        if (m->n == MEMBERS_MAX)
            return err_set(err, E_TOO_BIG, "archive.members", path_tail(path), "more than %u files",
                           MEMBERS_MAX);
        members_add(m, a, &cap,
                    (struct member){.name = arena_strdup(a, e->d_name), .size_bytes = st.st_size});
    }
    return true;
}

bool members_read(int fd, const char *path, struct arena *a, struct members *ret, struct err *err) {
    struct members m = {0};
    DIR *dir = open_list(fd);
    if (!dir)
        return fail(path, ".", err);
    bool ok = list_all(dir, fd, path, a, &m, err);
    closedir(dir);
    if (!ok)
        return false;
    members_sort(&m);
    *ret = m;
    return true;
}

/* --- against the table of contents --- */

static bool read_whole(int member, const struct stat *st, const char *path, const char *name,
                       struct str *out, struct err *err) {
    char buf[16384];
    ssize_t n;
    if (st->st_size > BLOBS_MAX)
        return err_set(err, E_TOO_BIG, "archive.members", path_tail(path),
                       "%s is larger than %d MiB", name, BLOBS_MAX >> 20);
    while ((n = read(member, buf, sizeof buf)) > 0)
        str_add(out, buf, (size_t)n);
    return n == 0 || fail(path, name, err);
}

static bool claim_list(int fd, const char *path, struct members *m, const char *name,
                       struct err *err) {
    struct stat st;
    struct str list;
    int member = member_open(fd, path, name, &st, err);
    if (member < 0)
        return false;
    str_init(&list, BLOBS_MAX);
    bool ok = read_whole(member, &st, path, name, &list, err) &&
              members_claim_blobs(m, str_get(&list), list.len, path_tail(path), err);
    close(member);
    str_done(&list);
    return ok;
}

bool members_walk(int fd, const char *path, const struct toc *t, struct arena *a, struct err *err) {
    struct members m;
    if (!members_read(fd, path, a, &m, err) || !members_claim_toc(&m, t, path_tail(path), err))
        return false;
    for (uint32_t i = 0; i < t->n; i++)
        if (t->entries[i].had_data && !strcmp(t->entries[i].entry.type, "BLOBS") &&
            !claim_list(fd, path, &m, t->entries[i].file, err))
            return false;
    return members_all_claimed(&m, path_tail(path), err);
}

/* --- checksum --- */

static bool digest_member(int fd, const char *path, const char *name, int cancel_fd,
                          struct digest *all, struct err *err) {
    char hex[DIGEST_HEX_SIZE];
    struct stat st;
    int member = member_open(fd, path, name, &st, err);
    if (member < 0)
        return false;
    bool ok = archive_digest(member, path_tail(path), cancel_fd, hex, err);
    close(member);
    if (!ok)
        return false;
    digest_add(all, hex, 64);
    digest_add(all, "  ", 2);
    digest_add(all, name, strlen(name));
    digest_add(all, "\n", 1);
    return true;
}

bool members_sha256(int fd, const char *path, int cancel_fd, char hex[DIGEST_HEX_SIZE],
                    struct err *err) {
    struct arena a;
    struct members m = {0};
    arena_init(&a);
    bool ok = members_read(fd, path, &a, &m, err);
    struct digest *all = digest_sha256_new();
    for (uint32_t i = 0; ok && i < m.n; i++)
        ok = digest_member(fd, path, m.at[i].name, cancel_fd, all, err);
    digest_hex(all, hex);
    arena_done(&a);
    return ok;
}
