/* sandbox/relay_links.c - the relay's links: bytes from a client to its server and back, late or
 * held where the gate says so. */
#include "relay_priv.h"

#include "loopback.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_LINKS = 1500 };

static struct {
    struct link *first;
    int n;
} links;

void link_watch(struct link *l, int side, uint32_t events) {
    if (l->fd[side] < 0 || l->flow[side].off || l->events[side] == events) {
        return;
    }
    l->events[side] = events;
    relay_watch(EPOLL_CTL_MOD, l->fd[side], events, &l->watch[side]);
}

static bool link_add_fd(struct link *l, int side, int fd) {
    int one = 1;
    l->fd[side] = fd;
    l->events[side] = 0;
    l->watch[side] = (struct watch){.link = l, .side = side};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return relay_watch(EPOLL_CTL_ADD, fd, 0, &l->watch[side]);
}

void link_kill(struct link *l) {
    for (int i = 0; i < 2; i++) {
        if (l->fd[i] >= 0) {
            close(l->fd[i]);
            l->fd[i] = -1;
        }
    }
    l->dead = true;
}

void links_bury(void) {
    for (struct link **at = &links.first; *at;) {
        struct link *l = *at;
        if (l->dead) {
            *at = l->next;
            free(l);
            links.n--;
        } else {
            at = &l->next;
        }
    }
}

static void link_read(struct link *l, int side) {
    struct flow *f = &l->flow[side];
    if (f->ended || f->to == RELAY_CHUNK || l->fd[side] < 0) {
        return;
    }
    ssize_t n = read(l->fd[side], f->data + f->to, RELAY_CHUNK - f->to);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        f->ended = true;
        return;
    }
    f->to += (size_t)n;
    if (side == CLIENT) {
        l->fresh = true;
    } else if (l->fresh && l->gate->acts == FAULT_SLOW) {
        /* Only the head of an answer is late; a long answer is not late once per piece. */
        f->due = relay_now() + (uint64_t)l->gate->arg;
        l->fresh = false;
    }
}

static void link_write(struct link *l, int side) {
    struct flow *f = &l->flow[side];
    int out = l->fd[!side];
    if (f->due > relay_now() && l->gate->acts == FAULT_SLOW) {
        return;
    }
    while (f->from < f->to) {
        ssize_t n = send(out, f->data + f->from, f->to - f->from, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (n <= 0) {
            link_kill(l);
            return;
        }
        f->from += (size_t)n;
    }
    f->from = f->to = 0;
    if (f->ended && !f->shut) {
        shutdown(out, SHUT_WR);
        f->shut = true;
    }
}

static bool flow_owes(const struct link *l, int side) {
    const struct flow *f = &l->flow[side];
    return f->from < f->to && !(l->gate->acts == FAULT_SLOW && f->due > relay_now());
}

static void link_interest(struct link *l) {
    if (l->gate->acts == FAULT_HANG) {
        link_watch(l, CLIENT, EPOLLRDHUP);
        link_watch(l, SERVER, 0);
        return;
    }
    for (int side = 0; side < 2; side++) {
        const struct flow *f = &l->flow[side];
        uint32_t events = 0;
        bool room = f->to < RELAY_CHUNK && !f->ended && f->due <= relay_now();
        events |= room && !(side == SERVER && l->connecting) ? EPOLLIN : 0;
        events |= flow_owes(l, !side) || (side == SERVER && l->connecting) ? EPOLLOUT : 0;
        link_watch(l, side, events);
    }
}

static void link_pump(struct link *l) {
    if (l->dead || l->saying || l->connecting || !l->dialled || l->gate->acts == FAULT_HANG) {
        return;
    }
    for (int side = 0; side < 2 && !l->dead; side++) {
        link_write(l, side);
        if (!l->dead && l->flow[side].off && !l->flow[side].ended) {
            /* Hung up with bytes still in the kernel: take them as room appears. */
            link_read(l, side);
            link_write(l, side);
        }
    }
    if (!l->dead && l->flow[CLIENT].shut && l->flow[SERVER].shut) {
        link_kill(l);
    }
}

static void link_dial(struct link *l) {
    struct sockaddr_in a = loopback_address(l->gate->platform->backend[l->gate->service]);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    l->dialled = true;
    if (fd < 0) {
        link_kill(l);
        return;
    }
    int r = connect(fd, (struct sockaddr *)&a, sizeof a), e = errno;
    if (!link_add_fd(l, SERVER, fd) || (r < 0 && e != EINPROGRESS)) {
        link_kill(l);
        return;
    }
    l->connecting = r < 0;
}

void link_new(struct gate *g, int fd) {
    struct link *l = links.n < MAX_LINKS ? calloc(1, sizeof *l) : NULL;
    if (!l) {
        close(fd);
        return;
    }
    l->gate = g;
    l->fd[SERVER] = -1;
    l->fresh = true; /* a greeting counts as an answer */
    l->next = links.first;
    links.first = l;
    links.n++;
    if (!link_add_fd(l, CLIENT, fd)) {
        link_kill(l);
        return;
    }
    if (g->acts == FAULT_ERROR || g->acts == FAULT_GARBAGE) {
        link_watch(l, CLIENT, EPOLLIN); /* the answer waits for the first words */
        l->saying = false;
        l->dialled = false;
        return;
    }
    if (g->acts != FAULT_HANG) {
        link_dial(l);
    }
    if (!l->dead) {
        link_interest(l);
    }
}

static void link_hangup(struct link *l, int side) {
    struct flow *f = &l->flow[side];
    if (l->gate->acts == FAULT_HANG || l->connecting || !l->dialled) {
        link_kill(l);
        return;
    }
    link_read(l, side);
    /* Nobody reads there any more: what was owed to it is lost. */
    l->flow[!side].from = l->flow[!side].to = 0;
    l->flow[!side].ended = l->flow[!side].shut = true;
    relay_watch(EPOLL_CTL_DEL, l->fd[side], 0, NULL);
    f->off = true;
}

void link_event(struct link *l, int side, uint32_t events) {
    enum sandbox_fault_mode acts = l->gate->acts;
    if (l->saying) {
        link_drain(l);
        return;
    }
    if (!l->dialled && (acts == FAULT_ERROR || acts == FAULT_GARBAGE)) {
        link_say(l);
        return;
    }
    if (acts == FAULT_HANG) {
        link_kill(l); /* all that is watched for now is the end */
        return;
    }
    if (side == SERVER && l->connecting) {
        int error = 0;
        socklen_t len = sizeof error;
        getsockopt(l->fd[SERVER], SOL_SOCKET, SO_ERROR, &error, &len);
        if (error) {
            link_kill(l);
            return;
        }
        l->connecting = false;
    } else if (events & (EPOLLHUP | EPOLLERR)) {
        link_hangup(l, side);
    } else if (events & EPOLLIN) {
        link_read(l, side);
    }
    link_pump(l);
    if (!l->dead) {
        link_interest(l);
    }
}

/* ---- all of a gate, all there are ---- */

void links_drop(const struct gate *g) {
    for (struct link *l = links.first; l; l = l->next) {
        if (l->gate == g && !l->dead) {
            link_kill(l);
        }
    }
}

void links_resume(const struct gate *g) {
    for (struct link *l = links.first; l; l = l->next) {
        if (l->gate != g || l->dead || l->saying) {
            continue;
        }
        if (!l->dialled) {
            link_dial(l);
        }
        link_pump(l);
        if (!l->dead) {
            link_interest(l);
        }
    }
}

void links_hold(const struct gate *g) {
    for (struct link *l = links.first; l; l = l->next) {
        if (l->gate == g && !l->dead) {
            link_interest(l);
        }
    }
}

uint64_t links_due(void) {
    uint64_t next = UINT64_MAX;
    for (struct link *l = links.first; l; l = l->next) {
        uint64_t due = l->saying ? l->end_at : l->flow[SERVER].due;
        if (l->dead || !due) {
            continue;
        }
        if (due > relay_now()) {
            next = due < next ? due : next;
        } else if (l->saying) {
            link_kill(l);
        } else {
            l->flow[SERVER].due = 0;
            link_pump(l);
            if (!l->dead) {
                link_interest(l);
            }
        }
    }
    return next;
}
