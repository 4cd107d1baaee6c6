/* io/peer.h - two processes of one machine that talk by lines over a local socket, each told by the
 * kernel who the other is. The names are abstract (unix(7)): no file, so nothing is left behind,
 * whoever dies. One question and one answer a connection, each with a deadline, so that a peer that
 * says nothing costs that deadline and no more. */
#ifndef GOODGO_IO_PEER_H
#define GOODGO_IO_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* A human being, as far as the kernel tells: the user who logged in (/proc/PID/loginuid), whatever
 * su and sudo made of the process since; where no login was noted, the real user. */
struct person {
    uint32_t id;
    char login[64];
};
void person_here(struct person *ret); /* from any thread, as user_name() */
/* As the system's user database calls the user, or "uid 1000" where it knows none. */
void user_name(uint32_t uid, char *buf, size_t size);
/* Whether that user is in the group, by the system's own user database. */
bool person_in_group(const struct person *p, const char *group);

/* *ret_fd of all three is the caller's, to be closed; it never blocks. E_IO where the name is
 * taken.
 */
bool peer_listen(const char *name, int *ret_fd, struct err *err) MUST_CHECK;
/* Waits for the next peer until `until_mono_ms`. False: E_TIMEOUT, E_CANCELLED (cancel_fd became
 * readable, which is seen first), or E_IO. */
bool peer_accept(int listen_fd, int64_t until_mono_ms, int cancel_fd, int *ret_fd,
                 struct person *ret_who, struct err *err) MUST_CHECK;
/* E_REFUSED where nobody listens. */
bool peer_connect(const char *name, int *ret_fd, struct person *ret_who,
                  struct err *err) MUST_CHECK;
/* One line without its newline, at most max bytes; in the arena. E_TIMEOUT where it does not come,
 * or has no end. What follows the newline is lost: one question and one answer a connection. */
bool peer_read_line(int fd, struct arena *a, size_t max, int64_t wait_ms, const char **ret,
                    struct err *err) MUST_CHECK;
/* All of it. E_TIMEOUT where the other does not read, E_IO where he went away. */
bool peer_write(int fd, const char *bytes, size_t n, int64_t wait_ms, struct err *err) MUST_CHECK;
/* Names in use on this machine that begin with `prefix`, at most `max`, in order. */
uint32_t peer_names(struct arena *a, const char *prefix, const char **names, uint32_t max);

#endif
