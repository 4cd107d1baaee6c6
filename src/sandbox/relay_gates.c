/* sandbox/relay_gates.c - the published ports of the real servers: open, shut or hanging as the
 * faults say, and shut where the server is dead. Hang stops the server's processes too. */
#include "relay_priv.h"

#include "loopback.h"
#include "say.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FLAP_MS = 2000, ACCEPTS_PER_ROUND = 64, BACKLOG = 512 };

static struct {
    struct gate gate[SB_N_SERVICES];
    int n;
} gates;

static int gate_bind(const struct gate *g) {
    return loopback_bind(g->platform->port[g->service], SOCK_NONBLOCK);
}

static bool gate_open(struct gate *g) {
    g->watch = (struct watch){.gate = g};
    if (g->listener < 0) {
        g->listener = gate_bind(g);
    }
    g->open = g->listener >= 0 && listen(g->listener, BACKLOG) == 0 &&
              relay_watch(EPOLL_CTL_ADD, g->listener, EPOLLIN, &g->watch);
    return g->open;
}

static void gate_shut(struct gate *g) {
    if (g->listener >= 0) {
        close(g->listener);
    }
    g->listener = gate_bind(g);
    g->open = false;
}

void gate_accept(struct gate *g) {
    for (int i = 0; i < ACCEPTS_PER_ROUND; i++) {
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
        links_drop(g);
    }
    if (acts == FAULT_STOP && g->open) {
        gate_shut(g);
    } else if (acts != FAULT_STOP && !g->open) {
        gate_open(g);
    }
    if (!breaks_links(acts) && acts != FAULT_HANG) {
        links_resume(g);
    } else if (acts == FAULT_HANG) {
        links_hold(g);
    }
}

static enum sandbox_fault_mode gate_due(const struct gate *g) {
    if (g->known && !g->alive) {
        return FAULT_STOP; /* a dead server refuses; its relay must not hide that */
    }
    if (g->mode == FAULT_FLAP) {
        return (relay_now() - g->since) / FLAP_MS % 2 ? FAULT_STOP : FAULT_NONE;
    }
    return g->mode;
}

static void gate_follow(struct gate *g, struct sandbox_fault fault, bool look_alive) {
    if (fault.mode != g->mode || fault.arg != g->arg) {
        g->mode = fault.mode;
        g->arg = fault.arg;
        g->since = relay_now();
    }
    /* One that was killed may have been started again, as another process. */
    if (!g->known || (look_alive && !(g->alive && proc_alive(&g->proc)))) {
        g->alive = proc_find(g->platform->dir, sandbox_service_names[g->service], &g->proc);
        g->known = g->known || g->alive;
    }
    gate_act(g, gate_due(g));
}

/* ---- all of them ---- */

bool gates_open(const struct platform *p) {
    for (int i = 0; i < SB_N_SERVICES; i++) {
        if (!p->port[i] || !p->backend[i]) {
            continue;
        }
        struct gate *g = &gates.gate[gates.n++];
        *g = (struct gate){.platform = p, .service = i, .listener = -1};
        if (!gate_open(g)) {
            say("port %u (%s) cannot be listened on: %s", (unsigned)p->port[i],
                sandbox_service_names[i], strerror(errno));
            return false;
        }
    }
    return true;
}

void gates_follow(const struct sandbox_fault faults[SB_N_SERVICES], bool look_alive) {
    for (int i = 0; i < gates.n; i++) {
        gate_follow(&gates.gate[i], faults[gates.gate[i].service], look_alive);
    }
}

void gates_close(void) {
    for (int i = 0; i < gates.n; i++) {
        const struct gate *g = &gates.gate[i];
        links_drop(g);
        if (g->listener >= 0) {
            close(g->listener);
        }
        if (g->acts == FAULT_HANG) {
            proc_signal_tree(&g->proc, SIGCONT);
        }
    }
}
