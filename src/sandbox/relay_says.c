/* sandbox/relay_says.c - what the relay says for a server that is to be broken: an error in the
 * server's own protocol, or noise. */
#include "relay_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SAY_MS = 1000 }; /* how long a client may take to read it */

/* What the server itself would say when it cannot serve, in its own protocol. */
static size_t error_text(const struct gate *g, char *out, size_t size) {
    static const char starting[] = "E\0\0\0\x4cSFATAL\0VFATAL\0C57P03\0"
                                   "Mthe database system is not accepting connections\0";
    static const char pooler[] = "E\0\0\0\x58SFATAL\0VFATAL\0C08P01\0"
                                 "Mserver login has been failing, try again later\0";
    const char *fixed = g->service == SB_POSTGRES ? starting : pooler;
    size_t n = g->service == SB_POSTGRES ? sizeof starting : sizeof pooler;
    if (g->service == SB_REDIS) {
        return (size_t)snprintf(out, size, "-ERR max number of clients reached\r\n");
    }
    if (g->service == SB_POSTGRES || g->service == SB_PGBOUNCER) {
        memcpy(out, fixed, n);
        /* The length counts itself and all behind it, not the type byte. */
        out[3] = (char)((n - 1) >> 8);
        out[4] = (char)((n - 1) & 0xff);
        return n;
    }
    return (size_t)snprintf(out, size,
                            "HTTP/1.1 %d Injected\r\nContent-Type: text/plain\r\n"
                            "Content-Length: 15\r\nConnection: close\r\n\r\ninjected fault\n",
                            g->arg ? g->arg : 500);
}

/* Never by chance the start of a good answer. */
static size_t garbage_text(char *out, size_t size) {
    if (getrandom(out, size, 0) != (ssize_t)size) {
        return 0;
    }
    out[0] |= (char)0x80;
    return size;
}

/* libpq asks for encryption before it says who it is; a server's error comes after the refusal. */
static bool link_declines_ssl(struct link *l) {
    unsigned char ask[8];
    bool postgres = l->gate->service == SB_POSTGRES || l->gate->service == SB_PGBOUNCER;
    if (!postgres || l->gate->acts != FAULT_ERROR ||
        recv(l->fd[CLIENT], ask, sizeof ask, MSG_PEEK) != (ssize_t)sizeof ask ||
        memcmp(ask, "\0\0\0\10\4\322\26", 7) || (ask[7] != 47 && ask[7] != 48)) {
        return false;
    }
    return recv(l->fd[CLIENT], ask, sizeof ask, 0) == (ssize_t)sizeof ask &&
           send(l->fd[CLIENT], "N", 1, MSG_NOSIGNAL) == 1;
}

/* Says its piece, closes its half and drains: a close with unread bytes would reset the connection
 * and take the words with it. */
void link_say(struct link *l) {
    char text[512];
    if (link_declines_ssl(l)) {
        return;
    }
    size_t n = l->gate->acts == FAULT_GARBAGE ? garbage_text(text, 256)
                                              : error_text(l->gate, text, sizeof text);
    if (n && send(l->fd[CLIENT], text, n, MSG_NOSIGNAL) < 0) {
        link_kill(l);
        return;
    }
    shutdown(l->fd[CLIENT], SHUT_WR);
    l->saying = true;
    l->end_at = relay_now() + SAY_MS;
    link_watch(l, CLIENT, EPOLLIN);
}

void link_drain(struct link *l) {
    char waste[4096];
    ssize_t n = read(l->fd[CLIENT], waste, sizeof waste);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        link_kill(l);
    }
}
