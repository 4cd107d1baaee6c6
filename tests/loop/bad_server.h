/* tests/loop/bad_server.h - loopback servers that do the wrong thing, one thread a connection. They
 * stand alone: no part of the console is needed. Include once per test file. */
#ifndef GOODGO_TESTS_BAD_SERVER_H
#define GOODGO_TESTS_BAD_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

struct bad_server;
/* Talks on one accepted connection; the caller closes it. */
typedef void (*bad_fn)(struct bad_server *s, int fd);

struct bad_server {
    int listener;
    uint16_t port;
    atomic_bool stop;
    atomic_int n_accepted, n_open;
    bad_fn fn;
    pthread_t thread;
};

struct bad_talk {
    struct bad_server *server;
    int fd;
};

static inline bool bad_stopped(struct bad_server *s) {
    return atomic_load(&s->stop);
}

/* Waits for bytes or the end of the test; 0 at the end of the connection or the test. */
static inline ssize_t bad_read(struct bad_server *s, int fd, char *buf, size_t size) {
    while (!bad_stopped(s)) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 20) > 0) {
            ssize_t n = read(fd, buf, size - 1);
            if (n > 0)
                buf[n] = '\0';
            return n > 0 ? n : 0;
        }
    }
    return 0;
}

static inline void bad_puts(int fd, const char *s) {
    send(fd, s, strlen(s), MSG_NOSIGNAL);
}

static inline void bad_hang(struct bad_server *s, int fd) {
    char buf[4096];
    while (bad_read(s, fd, buf, sizeof buf) > 0) {
    }
}

static inline void bad_reset(struct bad_server *s, int fd) {
    char buf[4096];
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    bad_read(s, fd, buf, sizeof buf);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static inline void bad_close(struct bad_server *s, int fd) {
    char buf[4096];
    bad_read(s, fd, buf, sizeof buf);
}

static inline void *bad_talk_thread(void *arg) {
    struct bad_talk talk = *(struct bad_talk *)arg;
    free(arg);
    talk.server->fn(talk.server, talk.fd);
    close(talk.fd);
    atomic_fetch_sub(&talk.server->n_open, 1); /* the server may be gone after this */
    return NULL;
}

static inline void bad_talk_start(struct bad_server *s, int fd) {
    struct bad_talk *talk = malloc(sizeof *talk);
    pthread_t id;
    if (!talk)
        abort();
    *talk = (struct bad_talk){s, fd};
    atomic_fetch_add(&s->n_open, 1);
    if (pthread_create(&id, NULL, bad_talk_thread, talk) != 0)
        abort();
    pthread_detach(id);
}

static inline void *bad_thread(void *arg) {
    struct bad_server *s = arg;
    while (!bad_stopped(s)) {
        struct pollfd p = {.fd = s->listener, .events = POLLIN};
        if (poll(&p, 1, 20) <= 0)
            continue;
        int fd = accept(s->listener, NULL, NULL);
        if (fd < 0)
            continue;
        atomic_fetch_add(&s->n_accepted, 1);
        bad_talk_start(s, fd);
    }
    return NULL;
}

/* fn NULL: a port on which nobody listens. */
static inline void bad_start(struct bad_server *s, bad_fn fn) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    memset(s, 0, sizeof *s);
    s->fn = fn;
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    CU_ASSERT_FATAL(bind(s->listener, (struct sockaddr *)&a, len) == 0);
    getsockname(s->listener, (struct sockaddr *)&a, &len);
    s->port = ntohs(a.sin_port);
    if (!fn)
        return;
    listen(s->listener, 64);
    pthread_create(&s->thread, NULL, bad_thread, s);
}

static inline void bad_stop(struct bad_server *s) {
    atomic_store(&s->stop, true);
    if (s->fn)
        pthread_join(s->thread, NULL);
    while (atomic_load(&s->n_open) > 0) /* each looks at `stop` within 20 ms */
        poll(NULL, 0, 1);
    close(s->listener);
}

#endif
