/* io/peer.c - abstract sockets and the credentials of who is at their other end. */
#define _GNU_SOURCE /* struct ucred, accept4, getgrouplist */
#include "io/peer.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/text.h"
#include "wait_priv.h"

#define BACKLOG    8
#define GROUPS_MAX 256
#define ENTRY_SIZE 16384 /* of the user database: all texts of one user */

/* ---- who ---- */

static uint32_t login_of(long pid, uint32_t uid) {
    char path[64], text[32] = "";
    int64_t id; /* UINT32_MAX, which is none, of a process that nobody logged in for */
    snprintf(path, sizeof path, "/proc/%ld/loginuid", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return uid;
    bool known = fgets(text, sizeof text, f) && str_to_i64(text, 0, UINT32_MAX - 1, &id);
    fclose(f);
    return known ? (uint32_t)id : uid;
}

/* Not getpwuid(), whose answer is the next thread's too: the screen asks on several. */
void user_name(uint32_t uid, char *buf, size_t size) {
    char texts[ENTRY_SIZE];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(uid, &entry, texts, sizeof texts, &found) == 0 && found && *found->pw_name)
        text_clean_into(buf, size, found->pw_name, strlen(found->pw_name));
    else
        snprintf(buf, size, "uid %u", uid);
}

static void describe(struct person *p, long pid, uint32_t uid) {
    *p = (struct person){.id = login_of(pid, uid)};
    user_name(p->id, p->login, sizeof p->login);
}

void person_here(struct person *ret) {
    describe(ret, getpid(), getuid());
}

bool person_in_group(const struct person *p, const char *group) {
    gid_t groups[GROUPS_MAX];
    int n = GROUPS_MAX;
    const struct passwd *pw = getpwuid(p->id);
    if (!pw || getgrouplist(pw->pw_name, pw->pw_gid, groups, &n) < 0)
        return false;
    const struct group *wanted = getgrnam(group);
    for (int i = 0; wanted && i < n; i++)
        if (groups[i] == wanted->gr_gid)
            return true;
    return false;
}

static bool who_is_at(int fd, struct person *ret, struct err *err) {
    struct ucred c;
    socklen_t n = sizeof c;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &n) != 0)
        return err_set(err, E_IO, "peer", "", "the kernel does not say who it is: %s",
                       strerror(errno));
    describe(ret, c.pid, c.uid);
    return true;
}

/* ---- connections ---- */

static bool address(const char *name, struct sockaddr_un *ret, socklen_t *ret_len,
                    struct err *err) {
    size_t n = strlen(name);
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX}; /* a leading zero byte: abstract */
    if (n + 1 > sizeof ret->sun_path)
        return err_set(err, E_TOO_BIG, "peer", name, "is too long for a socket's name");
    memcpy(ret->sun_path + 1, name, n);
    *ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n);
    return true;
}

static bool open_socket(int *ret_fd, struct err *err) {
    *ret_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return *ret_fd >= 0 || err_set(err, E_IO, "peer", "socket", "%s", strerror(errno));
}

bool peer_listen(const char *name, int *ret_fd, struct err *err) {
    struct sockaddr_un at;
    socklen_t n = 0;
    if (!address(name, &at, &n, err) || !open_socket(ret_fd, err))
        return false;
    if (bind(*ret_fd, (struct sockaddr *)&at, n) == 0 && listen(*ret_fd, BACKLOG) == 0)
        return true;
    err_set(err, E_IO, "peer.listen", name, "%s", strerror(errno));
    close(*ret_fd);
    return false;
}

/* Who knocked may be gone again. Out of descriptors, say, would be tried again without a pause. */
static bool passes(int number) {
    return number == EAGAIN || number == EWOULDBLOCK || number == EINTR || number == ECONNABORTED;
}

bool peer_accept(int listen_fd, int64_t until_mono_ms, int cancel_fd, int *ret_fd,
                 struct person *ret_who, struct err *err) {
    for (;;) {
        enum wait_end end = wait_for(listen_fd, POLLIN, until_mono_ms, cancel_fd);
        if (end == WAIT_CANCELLED)
            return err_set(err, E_CANCELLED, "peer.accept", "", "cancelled while it waited");
        bool knocks = end == WAIT_DONE;
        *ret_fd = knocks ? accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK) : -1;
        if (*ret_fd >= 0 && who_is_at(*ret_fd, ret_who, err))
            return true;
        if (*ret_fd >= 0)
            close(*ret_fd);
        else if (knocks && !passes(errno))
            return err_set(err, E_IO, "peer.accept", "", "%s", strerror(errno));
        if (clock_mono_ms() >= until_mono_ms)
            return err_set(err, E_TIMEOUT, "peer.accept", "", "nobody came");
    }
}

bool peer_connect(const char *name, int *ret_fd, struct person *ret_who, struct err *err) {
    struct sockaddr_un at;
    socklen_t n = 0;
    if (!address(name, &at, &n, err) || !open_socket(ret_fd, err))
        return false;
    if (connect(*ret_fd, (struct sockaddr *)&at, n) == 0 && who_is_at(*ret_fd, ret_who, err))
        return true;
    err_set(err, E_REFUSED, "peer.connect", name, "%s", strerror(errno));
    close(*ret_fd);
    return false;
}

bool peer_read_line(int fd, struct arena *a, size_t max, int64_t wait_ms, const char **ret,
                    struct err *err) {
    int64_t until = clock_mono_ms() + wait_ms;
    size_t cap = 4096, n = 0;
    char *line = mem_alloc(cap);
    const char *why = "it said nothing";
    while (n <= max) { /* the newline is one more */
        if (wait_for(fd, POLLIN, until, -1) != WAIT_DONE)
            break;
        if (n + 1 >= cap)
            line = mem_grow(line, cap *= 2);
        ssize_t got = read(fd, line + n, cap - n - 1);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
            why = "it went away";
            break;
        }
        n += got > 0 ? (size_t)got : 0;
        line[n] = 0;
        char *end = got > 0 ? memchr(line, '\n', n) : NULL;
        if (end && (size_t)(end - line) <= max) {
            *end = 0;
            *ret = arena_strdup(a, line);
            free(line);
            return true;
        }
    }
    free(line);
    return err_set(err, E_TIMEOUT, "peer.read", "", "%s", n > max ? "its line has no end" : why);
}

bool peer_write(int fd, const char *bytes, size_t n, int64_t wait_ms, struct err *err) {
    int64_t until = clock_mono_ms() + wait_ms;
    while (n) {
        ssize_t put = send(fd, bytes, n, MSG_NOSIGNAL);
        if (put > 0) {
            bytes += put;
            n -= (size_t)put;
        } else if (put < 0 && errno != EAGAIN && errno != EINTR) {
            return err_set(err, E_IO, "peer.write", "", "%s", strerror(errno));
        } else if (wait_for(fd, POLLOUT, until, -1) != WAIT_DONE) {
            return err_set(err, E_TIMEOUT, "peer.write", "", "it does not read");
        }
    }
    return true;
}

/* ---- what names there are ---- */

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A listening socket and the connections to it are a row each; an abstract name begins with @. */
uint32_t peer_names(struct arena *a, const char *prefix, const char **names, uint32_t max) {
    char line[512];
    uint32_t n = 0;
    FILE *f = fopen("/proc/net/unix", "re");
    while (f && n < max && fgets(line, sizeof line, f)) {
        const char *name = strchr(line, '@');
        line[strcspn(line, "\n")] = 0;
        if (name && str_starts(name + 1, prefix) && str_index(names, n, name + 1) < 0)
            names[n++] = text_cleanz(a, name + 1).s;
    }
    if (f)
        fclose(f);
    if (n)
        qsort(names, n, sizeof *names, by_name);
    return n;
}
