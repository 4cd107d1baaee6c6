/* sandbox/relay.c - the published ports of the real servers: one thread that passes bytes between
 * clients and the servers' private ports, and that can be late, deaf, broken or shut on demand.
 * Also keeps the server processes in step (hang stops them) and runs the hog of pool-exhaustion. */
#include "lifecycle.h"

#include "loopback.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CHUNK = 16384,
    MAX_LINKS = 1500,
    TICK_MS = 100,
    ALIVE_MS = 500,
    FLAP_MS = 2000,
    SAY_MS = 1000, /* how long a client may take to read what an error or garbage fault says */
    HOG_RETRY_MS = 2000,
    CLIENT = 0,
    SERVER = 1,
};

/* What was read from one side and is still owed to the other. */
struct flow {
    char data[CHUNK];
    size_t from, to;
    bool ended;   /* the reading side has no more */
    bool shut;    /* the end was passed on */
    bool off;     /* the descriptor hung up and is no longer watched */
    uint64_t due; /* not to be passed on before */
};

struct gate;
struct link;

/* What an epoll event points to. */
struct watch {
    struct gate *gate; /* set: a listener */
    struct link *link;
    int side;
};

struct link {
    struct link *next;
    struct gate *gate;
    int fd[2];
    uint32_t events[2];
    struct watch watch[2];
    struct flow flow[2]; /* [CLIENT]: from the client to the server */
    bool connecting, dialled, saying, fresh, dead;
    uint64_t end_at; /* saying: closed then at the latest */
};

struct gate {
    int service;
    int listener; /* bound always, listening unless refused: the port cannot be lost */
    bool open;
    struct watch watch;
    enum sandbox_fault_mode mode; /* as asked */
    enum sandbox_fault_mode acts; /* as it acts now: flap is either up or stop */
    int arg;
    uint64_t since;
    struct proc proc;
    bool known, alive;
};

static struct {
    const struct platform *platform;
    struct sandbox sandbox;
    pthread_t thread;
    bool running;
    int epoll, wake;
    atomic_bool stopping;
    struct gate gates[SB_N_SERVICES];
    int n_gates;
    struct link *links;
    int n_links;
    uint64_t now, next_tick, next_alive;
    struct proc hog;
    bool hog_wanted;
    uint64_t hog_retry;
} relay = {.epoll = -1, .wake = -1};

/* ---- links ---- */

static void link_watch(struct link *l, int side, uint32_t events) {
    struct epoll_event e = {.events = events, .data.ptr = &l->watch[side]};
    if (l->fd[side] < 0 || l->flow[side].off || l->events[side] == events) {
        return;
    }
    l->events[side] = events;
    epoll_ctl(relay.epoll, EPOLL_CTL_MOD, l->fd[side], &e);
}

static bool link_add_fd(struct link *l, int side, int fd) {
    int one = 1;
    struct epoll_event e = {.events = 0, .data.ptr = &l->watch[side]};
    l->fd[side] = fd;
    l->events[side] = 0;
    l->watch[side] = (struct watch){.link = l, .side = side};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return epoll_ctl(relay.epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

/* Freed after the round: later events of the same round may still point here. */
static void link_kill(struct link *l) {
    for (int i = 0; i < 2; i++) {
        if (l->fd[i] >= 0) {
            close(l->fd[i]);
            l->fd[i] = -1;
        }
    }
    l->dead = true;
}

static void links_bury(void) {
    for (struct link **at = &relay.links; *at;) {
        struct link *l = *at;
        if (l->dead) {
            *at = l->next;
            free(l);
            relay.n_links--;
        } else {
            at = &l->next;
        }
    }
}

static void link_read(struct link *l, int side) {
    struct flow *f = &l->flow[side];
    if (f->ended || f->to == CHUNK || l->fd[side] < 0) {
        return;
    }
    ssize_t n = read(l->fd[side], f->data + f->to, CHUNK - f->to);
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
        f->due = relay.now + (uint64_t)l->gate->arg;
        l->fresh = false;
    }
}

static void link_write(struct link *l, int side) {
    struct flow *f = &l->flow[side];
    int out = l->fd[!side];
    if (f->due > relay.now && l->gate->acts == FAULT_SLOW) {
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
    return f->from < f->to && !(l->gate->acts == FAULT_SLOW && f->due > relay.now);
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
        bool room = f->to < CHUNK && !f->ended && f->due <= relay.now;
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
    struct sockaddr_in a = loopback_address(relay.platform->backend[l->gate->service]);
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

/* Says its piece, closes its half and drains: a close with unread bytes would reset the connection
 * and take the words with it. */
static void link_say(struct link *l) {
    char text[512];
    size_t n;
    if (l->gate->acts == FAULT_GARBAGE) {
        n = 256;
        if (getrandom(text, n, 0) != (ssize_t)n) {
            n = 0;
        }
        text[0] |= (char)0x80; /* never by chance the start of a good answer */
    } else {
        n = error_text(l->gate, text, sizeof text);
    }
    if (n && send(l->fd[CLIENT], text, n, MSG_NOSIGNAL) < 0) {
        link_kill(l);
        return;
    }
    shutdown(l->fd[CLIENT], SHUT_WR);
    l->saying = true;
    l->end_at = relay.now + SAY_MS;
    link_watch(l, CLIENT, EPOLLIN);
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

static void link_drain(struct link *l) {
    char waste[4096];
    ssize_t n = read(l->fd[CLIENT], waste, sizeof waste);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        link_kill(l);
    }
}

static void link_new(struct gate *g, int fd) {
    struct link *l = relay.n_links < MAX_LINKS ? calloc(1, sizeof *l) : NULL;
    if (!l) {
        close(fd);
        return;
    }
    l->gate = g;
    l->fd[SERVER] = -1;
    l->fresh = true; /* a greeting counts as an answer */
    l->next = relay.links;
    relay.links = l;
    relay.n_links++;
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
    epoll_ctl(relay.epoll, EPOLL_CTL_DEL, l->fd[side], NULL);
    f->off = true;
}

static void link_event(struct link *l, int side, uint32_t events) {
    enum sandbox_fault_mode acts = l->gate->acts;
    if (l->saying) {
        link_drain(l);
        return;
    }
    if (!l->dialled && (acts == FAULT_ERROR || acts == FAULT_GARBAGE)) {
        if (!link_declines_ssl(l)) {
            link_say(l);
        }
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

/* ---- gates ---- */

static bool gate_open(struct gate *g) {
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &g->watch};
    g->watch = (struct watch){.gate = g};
    if (g->listener < 0) {
        g->listener = loopback_bind(relay.platform->port[g->service], SOCK_NONBLOCK);
    }
    g->open = g->listener >= 0 && listen(g->listener, 512) == 0 &&
              epoll_ctl(relay.epoll, EPOLL_CTL_ADD, g->listener, &e) == 0;
    return g->open;
}

static void gate_shut(struct gate *g) {
    if (g->listener >= 0) {
        close(g->listener);
    }
    g->listener = loopback_bind(relay.platform->port[g->service], SOCK_NONBLOCK);
    g->open = false;
}

static void gate_drop_links(struct gate *g) {
    for (struct link *l = relay.links; l; l = l->next) {
        if (l->gate == g && !l->dead) {
            link_kill(l);
        }
    }
}

static void gate_resume_links(struct gate *g) {
    for (struct link *l = relay.links; l; l = l->next) {
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

static void gate_accept(struct gate *g) {
    for (int i = 0; i < 64; i++) {
        int fd = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            return;
        }
        link_new(g, fd);
    }
}

static bool breaks_links(enum sandbox_fault_mode mode) {
    return mode == FAULT_STOP || mode == FAULT_ERROR || mode == FAULT_GARBAGE;
}

/* The one place where a gate changes its behaviour. */
static void gate_act(struct gate *g, enum sandbox_fault_mode acts) {
    enum sandbox_fault_mode was = g->acts;
    if (acts == was && (acts == FAULT_STOP) == !g->open) {
        return;
    }
    g->acts = acts;
    if ((was == FAULT_HANG) != (acts == FAULT_HANG) && g->known) {
        proc_signal_tree(&g->proc, acts == FAULT_HANG ? SIGSTOP : SIGCONT);
    }
    if (breaks_links(acts)) {
        gate_drop_links(g);
    }
    if (acts == FAULT_STOP && g->open) {
        gate_shut(g);
    } else if (acts != FAULT_STOP && !g->open) {
        gate_open(g);
    }
    if (!breaks_links(acts) && acts != FAULT_HANG) {
        gate_resume_links(g);
    } else if (acts == FAULT_HANG) {
        for (struct link *l = relay.links; l; l = l->next) {
            if (l->gate == g && !l->dead) {
                link_interest(l);
            }
        }
    }
}

static enum sandbox_fault_mode gate_due(const struct gate *g) {
    if (g->known && !g->alive) {
        return FAULT_STOP; /* a dead server refuses; its relay must not hide that */
    }
    if (g->mode == FAULT_FLAP) {
        return (relay.now - g->since) / FLAP_MS % 2 ? FAULT_STOP : FAULT_NONE;
    }
    return g->mode;
}

static void gate_follow(struct gate *g, struct sandbox_fault fault, bool look_alive) {
    if (fault.mode != g->mode || fault.arg != g->arg) {
        g->mode = fault.mode;
        g->arg = fault.arg;
        g->since = relay.now;
    }
    /* One that was killed may have been started again, as another process. */
    if (!g->known || (look_alive && !(g->alive && proc_alive(&g->proc)))) {
        g->alive = proc_find(relay.platform->dir, sandbox_service_names[g->service], &g->proc);
        g->known = g->known || g->alive;
    }
    gate_act(g, gate_due(g));
}

/* ---- the hog ---- */

static void hog_start(void) {
    struct why why;
    relay.hog_retry = relay.now + HOG_RETRY_MS;
    if (!spawn_self(&relay.sandbox, "hog", true, -1, &relay.hog, &why)) {
        fprintf(stderr, "goodgo-sandbox: %s\n", why.text);
        relay.hog.pid = 0;
    }
}

static void hog_follow(bool wanted) {
    bool alive = relay.hog.pid && proc_alive(&relay.hog);
    if (wanted && !alive && relay.now >= relay.hog_retry) {
        hog_start();
    } else if (!wanted && alive) {
        kill(relay.hog.pid, SIGKILL);
        relay.hog.pid = 0;
    }
}

/* ---- the thread ---- */

static void tick(void) {
    struct sandbox_fault faults[SB_N_SERVICES];
    struct sandbox_scenarios scenarios;
    bool look_alive = relay.now >= relay.next_alive;
    relay.next_tick = relay.now + TICK_MS;
    if (look_alive) {
        relay.next_alive = relay.now + ALIVE_MS;
    }
    platform_faults(relay.platform, faults, &scenarios);
    if (scenarios.redis_down) {
        faults[SB_REDIS] = (struct sandbox_fault){.mode = FAULT_STOP};
    }
    for (int i = 0; i < relay.n_gates; i++) {
        gate_follow(&relay.gates[i], faults[relay.gates[i].service], look_alive);
    }
    if (look_alive || scenarios.pool_exhaustion != relay.hog_wanted) {
        relay.hog_wanted = scenarios.pool_exhaustion;
        hog_follow(scenarios.pool_exhaustion);
    }
}

/* Late answers whose time has come, and clients that were told off and do not leave. */
static int links_due(void) {
    uint64_t next = relay.next_tick;
    for (struct link *l = relay.links; l; l = l->next) {
        uint64_t due = l->saying ? l->end_at : l->flow[SERVER].due;
        if (l->dead || !due) {
            continue;
        }
        if (due > relay.now) {
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
    return next > relay.now ? (int)(next - relay.now) : 0;
}

static void handle(const struct epoll_event *e) {
    struct watch *w = e->data.ptr;
    if (!w) {
        return; /* the wake-up of relay_stop() */
    }
    if (w->gate) {
        if (w->gate->open) {
            gate_accept(w->gate);
        }
    } else if (!w->link->dead) {
        link_event(w->link, w->side, e->events);
    }
}

static void *relay_main(void *arg) {
    struct epoll_event events[128];
    while (!atomic_load(&relay.stopping)) {
        relay.now = clock_mono_ms();
        if (relay.now >= relay.next_tick) {
            tick();
        }
        int wait_ms = links_due();
        links_bury();
        int n = epoll_wait(relay.epoll, events, 128, wait_ms);
        relay.now = clock_mono_ms();
        for (int i = 0; i < n; i++) {
            handle(&events[i]);
        }
        links_bury();
    }
    return arg;
}

static bool open_gates(void) {
    for (int i = 0; i < SB_N_SERVICES; i++) {
        if (!relay.platform->port[i] || !relay.platform->backend[i]) {
            continue;
        }
        struct gate *g = &relay.gates[relay.n_gates++];
        *g = (struct gate){.service = i, .listener = -1};
        if (!gate_open(g)) {
            fprintf(stderr, "goodgo-sandbox: port %u (%s) cannot be listened on: %s\n",
                    (unsigned)relay.platform->port[i], sandbox_service_names[i], strerror(errno));
            return false;
        }
    }
    return true;
}

static bool start_thread(void) {
    sigset_t all, old;
    /* Signals are the stand-ins' business: none may arrive here. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    relay.running = pthread_create(&relay.thread, NULL, relay_main, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return relay.running;
}

bool relay_start(const struct platform *p) {
    struct why why;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    relay.platform = p;
    if (!sandbox_load(&relay.sandbox, p->dir, &why)) {
        fprintf(stderr, "goodgo-sandbox: %s\n", why.text);
        return false;
    }
    relay.epoll = epoll_create1(EPOLL_CLOEXEC);
    relay.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return relay.epoll >= 0 && relay.wake >= 0 &&
           epoll_ctl(relay.epoll, EPOLL_CTL_ADD, relay.wake, &e) == 0 && open_gates() &&
           start_thread();
}

void relay_stop(void) {
    uint64_t one = 1;
    atomic_store(&relay.stopping, true);
    if (relay.running && write(relay.wake, &one, sizeof one) == sizeof one) {
        pthread_join(relay.thread, NULL);
        relay.running = false;
    }
    for (int i = 0; i < relay.n_gates; i++) {
        gate_drop_links(&relay.gates[i]);
        if (relay.gates[i].listener >= 0) {
            close(relay.gates[i].listener);
        }
        if (relay.gates[i].acts == FAULT_HANG) {
            proc_signal_tree(&relay.gates[i].proc, SIGCONT);
        }
    }
    links_bury();
    hog_follow(false);
}
