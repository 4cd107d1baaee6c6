/* sandbox/loopback.c - sockets of 127.0.0.1: bound, dialled, asked whether somebody listens. */
#include "loopback.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

struct sockaddr_in loopback_address(uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int loopback_bind(uint16_t port, int flags) {
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    struct sockaddr_in a = loopback_address(port);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (const struct sockaddr *)&a, sizeof a) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

int loopback_dial(uint16_t port, int timeout_ms) {
    struct sockaddr_in a = loopback_address(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;
    socklen_t len = sizeof error;
    if (fd < 0) {
        return -1;
    }
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    bool ok = connect(fd, (const struct sockaddr *)&a, sizeof a) == 0 ||
              (errno == EINPROGRESS && poll(&p, 1, timeout_ms) == 1 &&
               getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && !error);
    if (!ok) {
        close(fd);
        return -1;
    }
    return fd;
}

bool loopback_accepts(uint16_t port, int timeout_ms) {
    int fd = loopback_dial(port, timeout_ms);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}
