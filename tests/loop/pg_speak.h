/* tests/loop/pg_speak.h - as much of PostgreSQL's protocol 3 as a misbehaving server needs. After
 * loop/misbehave.h. */
#ifndef GOODGO_TESTS_PG_SPEAK_H
#define GOODGO_TESTS_PG_SPEAK_H

#include "loop/misbehave.h"

/* One message: type, length, payload. */
static inline void say(int fd, char type, const char *payload, size_t n) {
    unsigned char head[5] = {(unsigned char)type, 0, 0, (unsigned char)((n + 4) >> 8),
                             (unsigned char)(n + 4)};
    send(fd, head, 5, MSG_NOSIGNAL);
    send(fd, payload, n, MSG_NOSIGNAL);
}
#define SAY(fd, type, lit) say((fd), (type), (lit), sizeof(lit) - 1)

/* Reads the start-up packet, refusing TLS before it; false at the end. */
static inline bool greet(struct bad_server *s, int fd) {
    char buf[4096];
    ssize_t n = bad_read(s, fd, buf, sizeof buf);
    if (n == 8) {
        bad_puts(fd, "N");
        n = bad_read(s, fd, buf, sizeof buf);
    }
    return n > 8;
}

static inline void log_in(int fd, const char *version) {
    char status[64];
    int n = snprintf(status, sizeof status, "server_version%c%s", 0, version);
    SAY(fd, 'R', "\0\0\0\0");
    say(fd, 'S', status, (size_t)n + 1);
    SAY(fd, 'Z', "I");
}

#endif
